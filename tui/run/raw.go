package run

import (
	"fmt"
	"net/http"
	"strings"

	"flowscope/engine"
	"flowscope/engine/har"
	"flowscope/engine/trace"
	"flowscope/tui/widget"
)

// requestLines is the request as it travels, secrets masked.
func (r *Run) requestLines(w int) []string {
	e, ok := r.exchange()
	if !ok {
		return widget.Render(r.sh.Styles.Muted, widget.Wrap(r.emptyWords(), w))
	}
	out := r.listLines(w)
	req, original, words := e.Request, e.Original, strings.Join(e.Changes, ", ")
	if r.pending != nil && r.waits(e) {
		req, words = *r.pending, "not sent yet; z takes it back"
		if original == nil {
			original = &e.Request
		}
	}
	if original != nil {
		out = append(out, widget.Render(r.sh.Styles.Warn, widget.Wrap("changed: "+trace.Plain(words), w))...)
		out = append(append(out, r.beside("original", "edited", requestPairs(*original, req), w)...), "")
		if w >= twoColumns {
			return out
		}
	}
	return append(out, r.rawRequest(req, w)...)
}

func (r *Run) rawRequest(req trace.Request, w int) []string {
	st := r.sh.Styles
	masked := r.sh.Secrets.Request(req)
	lines := widget.Wrap(trace.Plain(masked.URL), max(10, w-len(req.Method)-1))
	out := widget.Render(st.Text, lines)
	out[0] = st.Back.Bold(true).Render(req.Method) + " " + out[0]
	out = append(out, r.headerLines(masked.Header, w)...)
	if len(req.Body) > 0 {
		out = append(out, "")
		for _, p := range req.FormParams() {
			v, secret := r.sh.Secrets.Value(p.Name, p.Value)
			f := widget.Field{Label: trace.Plain(p.Name), Value: trace.Plain(v)}
			if secret {
				f.Style = &st.Secret
			}
			out = append(out, widget.Fields(r.sh, []widget.Field{f}, w)...)
		}
		if !req.IsForm() {
			out = append(out, widget.Plain(r.sh, string(masked.Body), w)...)
		}
	}
	return out
}

func (r *Run) headerLines(h http.Header, w int) []string {
	st := r.sh.Styles
	var out []string
	for _, p := range (trace.Request{Header: h}).HeaderParams() {
		name := trace.Plain(p.Name)
		for i, l := range widget.Wrap(trace.Plain(p.Value), max(10, w-len(name)-2)) {
			if i == 0 {
				out = append(out, st.Muted.Render(name+":")+" "+st.Text.Render(l))
			} else {
				out = append(out, strings.Repeat(" ", len(name)+2)+st.Text.Render(l))
			}
		}
	}
	return out
}

// responseLines is the answer: status, headers, and the body as a coloured tree.
func (r *Run) responseLines(w int) []string {
	e, ok := r.exchange()
	if !ok || e.Response == nil {
		return append(r.listLines(w), widget.Render(r.sh.Styles.Muted, widget.Wrap(trace.Plain(r.noAnswer()), w))...)
	}
	out := r.listLines(w)
	resp, original, words := *e.Response, e.OriginalResponse, strings.Join(e.AnswerChanges, ", ")
	if r.state.HeldAnswer && r.waits(e) {
		words = "not handed on yet; z takes it back"
		if r.answer != nil {
			resp = *r.answer
			if original == nil {
				original = e.Response
			}
		} else {
			out = append(out, widget.Render(r.sh.Styles.Held, widget.Wrap("This answer waits. The program has not seen it: e edits it, enter hands it on.", w))...)
			out = append(out, "")
		}
	}
	if original != nil {
		out = append(out, widget.Render(r.sh.Styles.Warn, widget.Wrap("changed: "+trace.Plain(words), w))...)
		out = append(append(out, r.beside("original", "edited", answerPairs(*original, resp), w)...), "")
	}
	return append(out, r.rawResponse(resp, w)...)
}

// noAnswer says why there is no answer to show.
func (r *Run) noAnswer() string {
	e, ok := r.exchange()
	switch {
	case !ok:
		return r.emptyWords()
	case e.Err != "" || e.Refused != "":
		return "There is no answer: " + r.sh.Secrets.Text(e.Err+e.Refused) + "."
	case e.Note != "":
		return "There is nothing to show: " + e.Note + "."
	}
	return "No answer yet."
}

func (r *Run) rawResponse(resp trace.Response, w int) []string {
	st := r.sh.Styles
	masked := r.sh.Secrets.Response(resp)
	style := st.Pass
	if masked.Status >= 400 {
		style = st.Fail
	}
	out := []string{style.Bold(true).Render(fmt.Sprint(masked.Status)) + " " + st.Text.Render(http.StatusText(masked.Status))}
	out = append(out, r.headerLines(masked.Header, w)...)
	out = append(out, "")
	out = append(out, widget.JSON(r.sh, masked.Body, w)...)
	if masked.Truncated {
		out = append(out, st.Warn.Render("cut: the body was longer than 8 MiB"))
	}
	return out
}

// codeLines shows the same call elsewhere: curl, and the MSALs.
func (r *Run) codeLines(w int) []string {
	st := r.sh.Styles
	var out []string
	add := func(title, code string) {
		if len(out) > 0 {
			out = append(out, "")
		}
		out = append(out, st.Accent.Render(title))
		for l := range strings.SplitSeq(strings.TrimRight(code, "\n"), "\n") {
			out = append(out, widget.Render(st.Text, widget.Wrap(trace.Plain(strings.ReplaceAll(l, "\t", "    ")), w))...)
		}
	}
	if e, ok := r.exchange(); ok {
		add("curl", r.curl(e))
	}
	for _, s := range har.Snippets(snippetCall(r.job)) {
		add(s.Language, s.Code)
	}
	return out
}

// curl is the command for an exchange. While the lab is served it names that
// address, so that it runs as it stands.
func (r *Run) curl(e trace.Exchange) string {
	at := r.served()
	if at == "" {
		return har.Curl(e.Request)
	}
	text, _, err := har.Export(r.state.Trace, har.Options{Format: har.CurlFormat, Exchange: e.N, Base: at, Secrets: r.sh.Secrets})
	if err != nil {
		return har.Curl(e.Request)
	}
	return string(text)
}

// served is the address of the lab for other programs, empty while it has none.
func (r *Run) served() string {
	if r.deps.Served == nil {
		return ""
	}
	return r.deps.Served()
}

// snippetCall is what the code of other libraries needs of a job.
func snippetCall(job engine.Job) har.Call {
	c, kind := job.Client, job.CredentialKind()
	return har.Call{
		Flow: job.Flow, Authority: job.Target.Authority, ClientID: c.Registration.ClientID, RedirectURI: c.RedirectURI, Scopes: job.Scopes,
		Confidential: kind != engine.NoCredential, SinglePage: c.Platform == "spa", Credential: string(kind),
		Downstream: c.Downstream, LogoutURI: c.LogoutURI, Username: job.User,
	}
}
