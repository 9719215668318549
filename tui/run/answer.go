package run

import (
	"encoding/base64"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"flowscope/engine/trace"
	"flowscope/tui/screen"
)

// currentAnswer is the held answer with the edits made so far.
func (r *Run) currentAnswer(held trace.Exchange) trace.Response {
	if r.answer != nil {
		return *r.answer
	}
	return *held.Response
}

// telltale are the claims of a token in an answer that are worth another value:
// what the client that gets it has to check.
var telltale = []string{"iss", "aud", "nonce", "sub", "tid", "exp", "azp", "scp", "roles"}

// newAnswerEditor opens a held answer as a form: status, parameters of the
// redirect, members and claims, headers, and the whole body as text.
func newAnswerEditor(r *Run, n int, resp trace.Response) *editor {
	e := &editor{r: r, n: n, answer: true, response: resp}
	e.add(trace.Param{Place: trace.Status, Name: "status", Value: strconv.Itoa(resp.Status)})
	for _, p := range resp.LocationParams() {
		e.add(p)
	}
	list := members(resp.Body)
	for _, m := range list {
		e.add(trace.Param{Place: trace.JSON, Name: m.Name, Value: m.Value})
	}
	for _, m := range list {
		for _, c := range claimsIn(m) {
			e.add(c)
		}
	}
	for _, p := range (trace.Request{Header: resp.Header}).HeaderParams() {
		e.add(p)
	}
	e.add(trace.Param{Place: trace.Body, Name: "body", Value: string(resp.Body)})
	return e.built()
}

// claimsIn gives the telling claims of a token that is a member of an answer.
func claimsIn(m trace.Param) []trace.Param {
	parts := strings.Split(m.Value, ".")
	if len(parts) != 3 || !strings.HasPrefix(m.Value, "ey") {
		return nil
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil
	}
	var out []trace.Param
	for _, c := range members(payload) {
		if slices.Contains(telltale, c.Name) {
			out = append(out, trace.Param{Place: trace.Claim, Name: m.Name + "." + c.Name, Value: c.Value})
		}
	}
	return out
}

// editedAnswer is the answer as the form leaves it: only what was touched is
// changed, so that everything else stays as the server wrote it.
func (e *editor) editedAnswer() trace.Response {
	change := trace.Change{Answer: true}
	for _, p := range e.params {
		op := trace.Op{Verb: trace.Set, Place: p.Place, Name: p.Name, Value: p.Value}
		switch {
		case p.Place == trace.Header:
			continue
		case p.dropped:
			op.Verb = trace.Drop
		case !p.added && p.Value == p.first:
			continue
		}
		change.Ops = append(change.Ops, op)
	}
	// the whole body first: what else was changed is changed in the new one
	slices.SortStableFunc(change.Ops, func(a, b trace.Op) int { return rank(a) - rank(b) })
	resp := e.response.Clone()
	if header, touched := e.header(); touched {
		resp.Header = header // first: the parameters of Location are changed in the new one
	}
	return change.ApplyAnswer(resp)
}

func rank(op trace.Op) int {
	if op.Place == trace.Body {
		return 0
	}
	return 1
}

// useAnswer keeps the edited answer until it is handed on.
func (r *Run) useAnswer(resp trace.Response) tea.Cmd {
	r.over, r.scroll.Top = nil, 0
	held, ok := r.heldAnswer()
	if !ok {
		return screen.Notice("the program has the answer already")
	}
	r.choose(held.Step)
	r.tab = tabResponse
	if sameAnswer(resp, *held.Response) {
		r.answer = nil
		return screen.Notice("nothing was changed")
	}
	r.answer = &resp
	return screen.Notice("changed; enter hands it on to the program, z undoes it")
}

func sameAnswer(a, b trace.Response) bool {
	return a.Status == b.Status && string(a.Body) == string(b.Body) && reflect.DeepEqual(a.Header, b.Header)
}

// answerPairs sets two answers side by side: status, headers, parameters of the
// redirect, members of the body and claims of their tokens.
func answerPairs(was, now trace.Response) []pair {
	out := []pair{{place: "status", name: "status", was: statusLine(was), now: statusLine(now), had: true, has: true}}
	out = append(out, paramPairs(was.LocationParams(), now.LocationParams())...)
	a, b := members(was.Body), members(now.Body)
	if len(a) == 0 || len(b) == 0 {
		if string(was.Body) != string(now.Body) {
			out = append(out, pair{place: "body", name: "body", was: string(was.Body), now: string(now.Body), had: true, has: true})
		}
	} else {
		out = append(out, memberPairs(a, b)...)
	}
	location := func(h http.Header) []trace.Param {
		return slices.DeleteFunc((trace.Request{Header: h}).HeaderParams(), func(p trace.Param) bool { return p.Name == "Location" })
	}
	return append(out, paramPairs(location(was.Header), location(now.Header))...)
}

// memberPairs compares members; of a token that changed, its claims.
func memberPairs(a, b []trace.Param) []pair {
	var out []pair
	for _, p := range paramPairs(a, b) {
		out = append(out, p)
		if p.was == p.now || !p.had || !p.has {
			continue
		}
		before, after := claimsIn(trace.Param{Name: p.name, Value: p.was}), claimsIn(trace.Param{Name: p.name, Value: p.now})
		for _, c := range paramPairs(before, after) {
			if c.changed() {
				out = append(out, c)
			}
		}
	}
	return out
}

func statusLine(r trace.Response) string {
	return strings.TrimSpace(strconv.Itoa(r.Status) + " " + http.StatusText(r.Status))
}
