package run

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"flowscope/engine/explain"
	"flowscope/engine/trace"
	"flowscope/tui/widget"
)

// longToken is the length from which a token is shortened among other fields.
const longToken = 120

// explainedLines says what the step does, and each parameter's meaning.
func (r *Run) explainedLines(w int) []string {
	st, s := r.sh.Styles, r.step()
	out := widget.Render(st.Text, widget.Wrap(s.Why, w))
	if len(r.findings) == 0 {
		out = append(out, r.predictionLines(w)...)
	}
	e, ok := r.exchange()
	if !ok {
		out = append(out, "")
		return append(append(out, widget.Render(st.Muted, widget.Wrap(r.emptyWords(), w))...), r.guardLines(w)...)
	}
	out = append(out, "")
	out = append(out, r.listLines(w)...)
	out = append(out, r.explainExchange(e, w)...)
	out = append(out, r.apiLines(e, w)...)
	return append(out, r.guardLines(w)...)
}

// emptyWords says what will fill the pane.
func (r *Run) emptyWords() string {
	switch {
	case r.state.Done:
		return "The run ended before this step."
	case r.step().Purpose == trace.Answer:
		return "What comes back stands here once the step before it is sent."
	case r.step().Purpose == trace.Cached:
		return "Nothing is sent here: the library looks into its own cache. Step by step it says what it found."
	case r.step().Purpose == trace.Event:
		return "Nothing is sent here: this happens elsewhere, beside the protocol."
	case r.job.Browser && r.step().Purpose == trace.SignIn:
		return "The browser has the pages. What is typed there stays between it and the issuer."
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
	shown := telling(req)
	for _, h := range req.HeaderParams() {
		if _, touched := changed[string(h.Place)+h.Name]; touched && !tellingHeader(h.Name) {
			shown = append(shown, h)
		}
	}
	for _, p := range shown {
		fields = append(fields, r.paramField(e.Purpose, p, changed))
		if p.Name == "client_assertion" {
			fields = append(fields, r.assertionFields(p.Value)...)
		}
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

// assertionFields opens a client assertion: what its header and claims say, and
// its signature, without which nobody else can use them.
func (r *Run) assertionFields(value string) []widget.Field {
	inside, ok := explain.Assertion(value)
	if !ok {
		return nil
	}
	st, g := r.sh.Styles, r.sh.Glyphs
	var out []widget.Field
	for _, m := range inside {
		label := m.Name
		if m.Header {
			label = "header " + m.Name
		}
		out = append(out, widget.Field{Label: g.Vertical + " " + trace.Plain(label), Value: trace.Plain(r.sh.Secrets.Text(m.Value)), Style: &st.Text, Note: m.Meaning})
	}
	parts := strings.Split(value, ".")
	return append(out, widget.Field{Label: g.Vertical + " signature", Value: r.sh.Mask(parts[len(parts)-1]), Style: &st.Secret, Note: "who has the key alone can make it"})
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
