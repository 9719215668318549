package run

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"flowscope/engine"
	"flowscope/engine/explain"
	"flowscope/engine/har"
	"flowscope/engine/trace"
	"flowscope/tui/widget"
)

// longToken is the length from which a token is shortened among other fields.
const longToken = 120

// explainedLines says what the step does, and each parameter's meaning.
func (r *Run) explainedLines(w int) []string {
	st, s := r.sh.Styles, r.step()
	out := widget.Render(st.Text, widget.Wrap(s.Why, w))
	list := r.exchanges()
	if len(list) == 0 {
		out = append(out, "")
		return append(append(out, widget.Render(st.Muted, widget.Wrap(r.emptyWords(), w))...), r.guardLines(w)...)
	}
	for i, e := range list {
		out = append(out, "")
		if len(list) > 1 {
			out = append(out, st.Muted.Render(of(i+1, len(list))))
		}
		out = append(out, r.explainExchange(e, w)...)
	}
	return append(out, r.guardLines(w)...)
}

// emptyWords says what will fill the pane.
func (r *Run) emptyWords() string {
	switch {
	case r.state.Done:
		return "The run ended before this step."
	case r.step().Purpose == trace.Answer:
		return "What comes back stands here once the step before it is sent."
	case r.job.Browser && r.step().Purpose == trace.SignIn:
		return "The browser has the pages. What is typed there stays between it and Entra ID."
	}
	return "Not sent yet. Its request stands here as soon as it waits at the gate."
}

// guardLines closes the tab with what watches over the step.
func (r *Run) guardLines(w int) []string {
	s := r.step()
	if s.Guards == "" {
		return nil
	}
	st := r.sh.Styles
	out := append([]string{""}, widget.Render(st.Text, widget.Wrap(s.Guards, w))...)
	if s.Fault != "" {
		out = append(out, st.Accent.Render("b")+st.Muted.Render(" tries it."))
	}
	return out
}

func (r *Run) explainExchange(e trace.Exchange, w int) []string {
	if r.step().Purpose == trace.Answer {
		return r.explainAnswer(e, w)
	}
	req, original := e.Request, e.Original
	if r.pending != nil && e.N == r.state.Held {
		if original == nil {
			original = &e.Request
		}
		req = *r.pending
	}
	out := r.addressLine(req, w)
	if original != nil && path(original.URL) != path(req.URL) {
		was := widget.Elide(trace.Plain(path(original.URL)), max(20, w-4), r.sh.Glyphs.Ellipsis)
		out = append(out, r.sh.Styles.Warn.Render("was "+was))
	}
	changed := map[string]change{}
	var dropped []change
	if original != nil {
		for _, c := range differences(*original, req) {
			if c.Place == trace.Path {
				continue // said beside the address
			}
			if c.Has {
				changed[string(c.Place)+c.Name] = c
			} else {
				dropped = append(dropped, c)
			}
		}
	}
	var fields []widget.Field
	for _, p := range telling(req) {
		if p.Name == "Accept" {
			continue
		}
		fields = append(fields, r.paramField(e.Purpose, p, changed))
	}
	for _, c := range dropped {
		was, _ := r.sh.Secrets.Value(c.Name, c.Was)
		fields = append(fields, widget.Field{Label: c.Name, Value: "left out", Style: &r.sh.Styles.Warn, Note: "was " + trace.Plain(was)})
	}
	if len(fields) > 0 {
		out = append(out, "")
		out = append(out, widget.Fields(r.sh, fields, w)...)
	}
	return append(out, r.outcomeLines(e, w)...)
}

// addressLine is method, host and path; the query stands below, explained.
func (r *Run) addressLine(req trace.Request, w int) []string {
	st := r.sh.Styles
	where := path(req.URL)
	if u, err := url.Parse(where); err == nil && u.Host != "" {
		where = u.Host + r.shortPath(u.Path)
	}
	lines := widget.Wrap(trace.Plain(where), max(10, w-len(req.Method)-1))
	lines = widget.Render(st.Text, lines)
	lines[0] = st.Back.Bold(true).Render(req.Method) + " " + lines[0]
	return lines
}

// shortPath elides the GUIDs in a path, so that its end stays on the line.
func (r *Run) shortPath(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if len(p) == 36 && strings.Count(p, "-") == 4 {
			parts[i] = widget.Elide(p, 9, r.sh.Glyphs.Ellipsis)
		}
	}
	return strings.Join(parts, "/")
}

func (r *Run) paramField(p trace.Purpose, param trace.Param, changed map[string]change) widget.Field {
	st := r.sh.Styles
	value, secret := r.sh.Secrets.Value(param.Name, param.Value)
	f := widget.Field{Label: trace.Plain(param.Name), Value: trace.Plain(value)}
	if len(f.Value) > longToken && strings.Contains(f.Value, "ey") {
		f.Value = widget.Elide(f.Value, 32, r.sh.Glyphs.Ellipsis) // the token screen has all of it
	}
	if f.Value == "" {
		f.Value = "(empty)"
	}
	if secret {
		f.Style = &st.Secret
	}
	if x, ok := explain.Explain(p, param.Name); ok {
		f.Note = x.Meaning
	}
	if c, ok := changed[string(param.Place)+param.Name]; ok {
		f.Style = &st.Warn
		f.Note = "added"
		if c.Had {
			was, _ := r.sh.Secrets.Value(c.Name, c.Was)
			f.Note = "was " + trace.Plain(was)
		}
	}
	return f
}

// outcomeLines says in one line what came of the exchange.
func (r *Run) outcomeLines(e trace.Exchange, w int) []string {
	st, g := r.sh.Styles, r.sh.Glyphs
	var text string
	style := st.Muted
	switch {
	case e.Refused != "":
		text, style = g.Fail+" not let out: "+e.Refused, st.Fail
	case e.Err != "":
		text, style = g.Fail+" "+r.sh.Secrets.Text(e.Err), st.Fail
	case e.Response != nil:
		text = fmt.Sprintf("%s %d %s, %s", g.Arrow, e.Response.Status, statusWords(e), e.Took.Round(1e5))
		if e.Response.Status >= 400 {
			style = st.Fail
		}
	case e.Note != "":
		text = g.Arrow + " " + e.Note
	default:
		return nil
	}
	if e.Repeat {
		text += "; sent twice, this is the second answer"
	}
	return append([]string{""}, widget.Render(style, widget.Wrap(trace.Plain(text), w))...)
}

func statusWords(e trace.Exchange) string {
	switch {
	case e.Response.Status >= 300 && e.Response.Status < 400:
		return "a redirect"
	case strings.HasPrefix(e.Response.Header.Get("Content-Type"), "text/html"):
		return "a page"
	}
	return strings.ToLower(http.StatusText(e.Response.Status))
}

// explainAnswer explains the members of the token response.
func (r *Run) explainAnswer(e trace.Exchange, w int) []string {
	if e.Response == nil {
		return widget.Render(r.sh.Styles.Muted, widget.Wrap(r.emptyWords(), w))
	}
	var fields []widget.Field
	for _, p := range members(e.Response.Body) {
		fields = append(fields, r.paramField(trace.Answer, p, nil))
	}
	out := []string{r.sh.Styles.Text.Render(fmt.Sprintf("%d %s", e.Response.Status, http.StatusText(e.Response.Status))), ""}
	out = append(out, widget.Fields(r.sh, fields, w)...)
	if lib := r.state.Trace.Library; lib != nil {
		words := lib.Result
		if lib.Error != "" {
			words = lib.Error
		}
		out = append(out, "", r.sh.Styles.Muted.Render(lib.Name+" says"))
		out = append(out, widget.Render(r.sh.Styles.Text, widget.Wrap(trace.Plain(r.sh.Secrets.Text(words)), w))...)
	}
	return out
}

// members reads the members of a flat JSON object in their order.
func members(body []byte) []trace.Param {
	dec := json.NewDecoder(strings.NewReader(string(body)))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	var out []trace.Param
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return out
		}
		var raw json.RawMessage
		if dec.Decode(&raw) != nil {
			return out
		}
		value := string(raw)
		var s string
		if json.Unmarshal(raw, &s) == nil {
			value = s
		}
		out = append(out, trace.Param{Name: fmt.Sprint(name), Value: value})
	}
	return out
}

// requestLines is the request as it travels, secrets masked.
func (r *Run) requestLines(w int) []string {
	list := r.exchanges()
	if len(list) == 0 {
		return widget.Render(r.sh.Styles.Muted, widget.Wrap(r.emptyWords(), w))
	}
	var out []string
	for i, e := range list {
		if i > 0 {
			out = append(out, "")
		}
		req := e.Request
		if r.pending != nil && e.N == r.state.Held {
			req = *r.pending
		}
		out = append(out, r.rawRequest(req, w)...)
		if e.Original != nil {
			out = append(out, "", r.sh.Styles.Warn.Render("changed: "+trace.Plain(strings.Join(e.Changes, ", "))))
		}
	}
	return out
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
	st := r.sh.Styles
	var out []string
	for _, e := range r.exchanges() {
		if e.Response == nil {
			continue
		}
		if len(out) > 0 {
			out = append(out, "")
		}
		masked := r.sh.Secrets.Response(*e.Response)
		style := st.Pass
		if masked.Status >= 400 {
			style = st.Fail
		}
		out = append(out, style.Bold(true).Render(fmt.Sprint(masked.Status))+" "+st.Text.Render(http.StatusText(masked.Status)))
		out = append(out, r.headerLines(masked.Header, w)...)
		out = append(out, "")
		out = append(out, widget.JSON(r.sh, masked.Body, w)...)
		if masked.Truncated {
			out = append(out, st.Warn.Render("cut: the body was longer than 8 MiB"))
		}
	}
	if len(out) == 0 {
		words := r.emptyWords()
		if e, ok := r.exchange(); ok && e.Response == nil {
			words = "No answer yet."
			if e.Note != "" {
				words = "There is nothing to show: " + e.Note + "."
			}
			if e.Err != "" || e.Refused != "" {
				words = "There is no answer: " + r.sh.Secrets.Text(e.Err+e.Refused) + "."
			}
		}
		return widget.Render(st.Muted, widget.Wrap(trace.Plain(words), w))
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
		add("curl", har.Curl(e.Request))
	}
	for _, s := range har.Snippets(call(r.job)) {
		add(s.Language, s.Code)
	}
	return out
}

// whyLines is the diagnosis in short; enter opens all of it.
func (r *Run) whyLines(w int) []string {
	if len(r.findings) == 0 {
		return nil
	}
	st, f := r.sh.Styles, r.findings[0]
	out := []string{st.Fail.Bold(true).Render(f.Code) + "  " + st.Text.Render(f.Name)}
	out = append(out, widget.Render(st.Bright, widget.Wrap(f.What, w))...)
	out = append(out, r.predictionLines(f, w)...)
	out = append(out, "")
	for _, why := range f.Why {
		out = append(out, widget.Render(st.Text, widget.Wrap(why, w))...)
	}
	if len(f.Evidence) > 0 {
		out = append(out, "")
		out = append(out, r.evidenceLines(f, w)...)
	}
	out = append(out, "")
	if x, ok := r.fix(); ok {
		lines := widget.Wrap(x.Title, w-3)
		out = append(out, st.Accent.Render("f")+"  "+st.Bright.Render(lines[0]))
		out = append(out, widget.Indent(widget.Render(st.Bright, lines[1:]), 3)...)
	} else if len(f.Fix) > 0 {
		out = append(out, widget.Render(st.Bright, widget.Wrap(f.Fix[0].Title, w))...)
	}
	if f.FlowRight != "" {
		out = append(out, "")
		out = append(out, widget.Render(st.Muted, widget.Wrap(f.FlowRight, w))...)
	}
	out = append(out, "", st.Accent.Render("enter")+st.Muted.Render(" reads it whole, with what to change"))
	return out
}

// predictionLines sets what a fault predicted beside what came.
func (r *Run) predictionLines(f explain.Finding, w int) []string {
	if r.fault == nil {
		return nil
	}
	st, g := r.sh.Styles, r.sh.Glyphs
	if r.fault.Predicts == f.Code {
		return append([]string{""}, widget.Render(st.Pass, widget.Wrap(g.Pass+" as predicted: it "+r.fault.Says, w))...)
	}
	return append([]string{""}, widget.Render(st.Warn, widget.Wrap(g.Warn+" predicted: "+r.fault.Predicts+"; came: "+f.Code, w))...)
}

// evidenceLines sets each value under its label, with a sign under the first
// character that differs from what it is compared with.
func (r *Run) evidenceLines(f explain.Finding, w int) []string {
	st, g := r.sh.Styles, r.sh.Glyphs
	var out []string
	for _, e := range f.Evidence {
		label := trace.Plain(e.Label)
		if e.Note != "" {
			label += " " + g.Dot + " " + trace.Plain(e.Note)
		}
		value := trace.Plain(r.sh.Secrets.Text(e.Value))
		out = append(out, widget.Render(st.Muted, widget.Wrap(label, w))...)
		if e.Compare != "" && e.At >= 0 && e.At < w-2 {
			out = append(out, "  "+st.Bright.Render(ansi.Truncate(value, w-2, g.Ellipsis)), "  "+strings.Repeat(" ", e.At)+st.Fail.Render(g.Caret))
			continue
		}
		out = append(out, widget.Indent(widget.Render(st.Bright, widget.Wrap(value, w-2)), 2)...)
	}
	return out
}

// call is what the code of other libraries needs of a job.
func call(job engine.Job) har.Call {
	return har.Call{
		Flow: job.Flow, Authority: job.Target.Authority, ClientID: job.Client.Registration.ClientID,
		RedirectURI: job.Client.RedirectURI, Scopes: job.Scopes, Confidential: job.Client.Secret != "", SinglePage: job.Client.Platform == "spa",
	}
}
