package har

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"flowscope/engine/trace"
)

// partyName is a party as the ladder calls it.
func (x *export) partyName(p trace.Party) string {
	return cmp.Or(p.Name(x.trace.Foreign), string(p))
}

// mermaid draws the run as a sequence diagram: front-channel messages go through
// the browser, back-channel ones past it.
func (x *export) mermaid() (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "---\ntitle: %s\n---\nsequenceDiagram\n", titleText(x.title()))
	for _, p := range x.parties() {
		kind := "participant"
		if p == trace.You {
			kind = "actor"
		}
		fmt.Fprintf(&b, "  %s %s as %s\n", kind, p, mermaidText(x.partyName(p)))
	}
	drawn := map[int]bool{}
	redirected := false
	for _, e := range x.shown {
		x.skipped(&b, e.Step, drawn)
		drawn[e.Step] = true
		x.drawExchange(&b, e, redirected && e.Purpose == trace.Redirect)
		redirected = e.Channel == trace.Front && e.Response != nil && e.Response.Header.Get("Location") != ""
	}
	if r := x.trace.Refusal; r != nil {
		fmt.Fprintf(&b, "  Note over app: refused: %s\n", mermaidText(r.Check+": "+x.line(r.Why)))
	}
	if x.trace.Outcome != "" {
		fmt.Fprintf(&b, "  Note over app: %s\n", mermaidText(x.outcome()))
	}
	for _, l := range x.receipt().Lines() {
		fmt.Fprintf(&b, "%%%% %s\n", trace.Plain(l))
	}
	return b.String(), nil
}

// skipped draws the steps before this one that sent nothing of their own: what
// happens inside, or the way back of an exchange.
func (x *export) skipped(b *strings.Builder, before int, drawn map[int]bool) {
	if x.o.Exchange != 0 {
		return
	}
	for _, s := range x.o.Steps {
		if s.N >= before || drawn[s.N] || s.State != "done" || s.From != s.To {
			continue
		}
		drawn[s.N] = true
		fmt.Fprintf(b, "  Note over %s: %d %s\n", party(s.From), s.N, mermaidText(s.Title))
	}
}

// parties gives those who take part, in the order of the ladder.
func (x *export) parties() []trace.Party {
	seen := map[trace.Party]bool{trace.App: true}
	front := func(c trace.Channel) {
		if c == trace.Front {
			seen[trace.Browser] = true
		}
	}
	for _, s := range x.o.Steps {
		seen[party(s.From)], seen[party(s.To)] = true, true
		front(s.Channel)
	}
	for _, e := range x.shown {
		seen[party(e.From)], seen[party(e.To)] = true, true
		front(e.Channel)
	}
	all := []trace.Party{trace.You, trace.App, trace.Browser, trace.Entra, trace.API, trace.Downstream}
	return slices.DeleteFunc(all, func(p trace.Party) bool { return !seen[p] })
}

// party gives a party of the ladder, the application for what is none.
func party(p trace.Party) trace.Party {
	if p.Name(false) == "" {
		return trace.App
	}
	return p
}

// text on an arrow, masked.
func (x *export) arrowText(s string) string { return mermaidText(x.text(s)) }

// drawExchange draws an exchange: a message there and one back. After a redirect
// the browser has what it carries on already.
func (x *export) drawExchange(b *strings.Builder, e trace.Exchange, redirected bool) {
	from, to := party(e.From), party(e.To)
	send := func(from, to trace.Party, arrow, text string) {
		fmt.Fprintf(b, "  %s%s%s: %s\n", from, arrow, to, x.arrowText(text))
	}
	line := fmt.Sprintf("%d %s %s", e.N, trace.Plain(e.Request.Method), wherePath(e.Request.URL))
	asker := from
	if e.Channel == trace.Front && from != trace.Browser && to != trace.Browser {
		if !redirected {
			send(from, trace.Browser, "->>", x.label(e))
		}
		asker = trace.Browser
	}
	arrow := "->>"
	if e.Refused != "" || e.Err != "" {
		arrow = "-x"
	}
	send(asker, to, arrow, line)
	for _, c := range e.Changes {
		fmt.Fprintf(b, "  Note over %s: changed: %s\n", from, x.arrowText(c))
	}
	switch {
	case e.Refused != "":
		fmt.Fprintf(b, "  Note over %s: not sent: %s\n", asker, x.arrowText(e.Refused))
	case e.Err != "":
		fmt.Fprintf(b, "  Note over %s: no answer: %s\n", asker, x.arrowText(e.Err))
	case e.Response != nil && asker != to:
		send(to, asker, "-->>", answerLine(e))
	case e.Note != "":
		fmt.Fprintf(b, "  Note over %s: %s\n", asker, x.arrowText(e.Note))
	}
	for _, c := range e.AnswerChanges {
		fmt.Fprintf(b, "  Note over %s: answer changed: %s\n", asker, x.arrowText(c))
	}
}

// label is the word on the arrow of an exchange's step.
func (x *export) label(e trace.Exchange) string {
	if s, ok := x.stepOf(e); ok && s.Label != "" {
		return s.Label
	}
	return e.Purpose.Noun()
}

var guid = regexp.MustCompile(`([0-9a-f]{4})[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{8}([0-9a-f]{4})`)

// wherePath is the path of a URL, without its query and with a short tenant.
func wherePath(raw string) string {
	if u, err := url.Parse(raw); err == nil && u.Host != "" {
		return guid.ReplaceAllString(u.EscapedPath(), "$1…$2")
	}
	path, _, _ := strings.Cut(raw, "?")
	return path
}

// answerLine says what came: the status, and what the answer holds.
func answerLine(e trace.Exchange) string {
	out := fmt.Sprint(e.Response.Status)
	body := members(e.Response.Body)
	var has []string
	for _, name := range []string{"access_token", "id_token", "refresh_token", "device_code", "error"} {
		if v := body[name]; name == "error" && v != "" {
			has = append(has, trace.Plain(v))
		} else if v != "" {
			has = append(has, strings.ReplaceAll(name, "_", " "))
		}
	}
	for _, p := range e.Response.LocationParams() {
		switch p.Name {
		case "code", "state", "id_token", "access_token":
			has = append(has, strings.ReplaceAll(p.Name, "_", " "))
		case "error":
			has = append(has, trace.Plain(p.Value))
		}
	}
	if len(has) == 0 {
		return out
	}
	return out + " " + strings.Join(has, ", ")
}

// maxLabel is how long a text on an arrow may be.
const maxLabel = 120

// mermaidText writes text so that Mermaid reads none of it as its own: whatever
// is not plainly harmless becomes a character code.
func mermaidText(s string) string {
	runes := []rune(strings.TrimSpace(trace.Plain(s)))
	if len(runes) > maxLabel {
		runes = append(runes[:maxLabel-1], '…')
	}
	text := string(runes)
	var b strings.Builder
	for i, r := range text {
		switch {
		case strings.ContainsRune(" .,/_()=?'·…-", r), r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			if strings.EqualFold(word(text, i), "end") { // ends a block wherever it stands
				fmt.Fprintf(&b, "#%d;", r)
				continue
			}
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "#%d;", r)
		}
	}
	if b.Len() == 0 {
		return "#32;"
	}
	return b.String()
}

// word gives the word of letters around byte i of s.
func word(s string, i int) string {
	letter := func(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
	from, to := i, i
	for from > 0 && letter(s[from-1]) {
		from--
	}
	for to < len(s) && letter(s[to]) {
		to++
	}
	return s[from:to]
}

// titleText is a title in the front matter, which Mermaid searches for directives
// too: of what is not a letter or a digit only a few signs stay.
func titleText(s string) string {
	return `"` + strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" .,+-·/()", r) {
			return r
		}
		return ' '
	}, trace.Plain(s)) + `"`
}
