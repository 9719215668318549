package diagnose

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"flowscope/engine/explain"
	"flowscope/engine/trace"
	"flowscope/tui/widget"
)

// Bounds of what is drawn of a request.
const (
	maxParams = 40
	maxShown  = 600 // bytes of one value
)

func (d *Diagnose) evidencePane(f explain.Finding, w, h int) string {
	iw, _ := widget.Inner(w, h)
	summary := ""
	switch {
	case f.Step > 0 && d.read == nil:
		summary = fmt.Sprintf("step %d", f.Step)
	case d.entry:
		summary = "catalogue"
	}
	return d.scrolled(evidencePane, d.frame(evidencePane, "Evidence", summary), d.evidenceLines(f, iw), w, h)
}

// evidenceLines are the request that failed, its answer, the ids that support
// asks for, and where it is written.
func (d *Diagnose) evidenceLines(f explain.Finding, w int) []string {
	var out []string
	add := func(lines []string) {
		if len(lines) > 0 && len(out) > 0 {
			out = append(out, "")
		}
		out = append(out, lines...)
	}
	_, _, rest := sorted(f)
	var fields []string
	for _, e := range rest {
		fields = append(fields, d.seen(e, 16, w, d.sh.Styles.Bright)...)
	}
	add(fields)
	if e, ok := d.exchange(f); ok {
		add(d.requestLines(f, e, w))
		add(d.answerLines(f, e, w))
	} else {
		add(d.noExchange(f, w))
	}
	add(d.supportLines(f, w))
	add(d.listed("Easily taken for it, or next", d.related, w))
	add(d.listed("Written in", f.Source, w))
	return out
}

// noExchange is what stands for the request where there is none to show.
func (d *Diagnose) noExchange(f explain.Finding, w int) []string {
	st := d.sh.Styles
	switch {
	case d.entry:
		return widget.Render(st.Muted, widget.Prose("This is what the catalogue says of the code. In a run the request and its answer stand here, and the reason is this very case's.", w))
	case d.read != nil:
		out := widget.Render(st.Muted, widget.Prose("This was read from the text alone; the request that led to it was not seen.", w))
		if f.OAuthError != "" && f.OAuthError != f.Code {
			out = append(out, "")
			out = append(out, d.value("error", f.OAuthError, st.Bright, w)...)
		}
		return out
	}
	return nil
}

func (d *Diagnose) requestLines(f explain.Finding, e trace.Exchange, w int) []string {
	st := d.sh.Styles
	style := st.Back
	if e.Channel == trace.Front {
		style = st.Front
	}
	out := []string{st.Muted.Render(trace.Plain(e.Request.Method) + " " + trace.Plain(e.Host()))}
	out = append(out, widget.Indent(widget.Render(style, widget.Prose(d.path(e.Request.URL), max(8, w-2))), 2)...)
	params := e.Request.Params()
	for i, p := range params {
		if i == maxParams {
			out = append(out, st.Muted.Render(count(len(params)-i, "parameter")+" more"))
			break
		}
		shown, masked := d.sh.Secrets.Value(p.Name, p.Value)
		style := st.Bright
		switch {
		case masked:
			style = st.Secret
		case blamed(f, p):
			style = st.Fail
		}
		out = append(out, d.value(trace.Plain(p.Name), trace.Plain(bounded(shown, maxShown)), style, w)...)
	}
	return out
}

// blamed reports whether a parameter is the value that was compared and found
// to differ.
func blamed(f explain.Finding, p trace.Param) bool {
	for i, e := range f.Evidence {
		if pairAt(f.Evidence, i) && e.Value == p.Value && p.Value != "" {
			return true
		}
	}
	return false
}

// value draws a name, and its value below it where the pane is narrow.
func (d *Diagnose) value(name, value string, style lipgloss.Style, w int) []string {
	if w >= 60 {
		return d.seen(explain.Evidence{Label: name, Value: value}, 22, w, style)
	}
	lines := widget.Prose(value, max(8, w-2))
	if len(lines) > 6 {
		lines = append(lines[:5:5], d.sh.Glyphs.Ellipsis)
	}
	out := []string{d.sh.Styles.Muted.Render(widget.Fit(name, min(w, 40), d.sh.Glyphs.Ellipsis))}
	return append(out, widget.Indent(widget.Render(style, lines), 2)...)
}

// path is a URL without scheme, host and parameters; a long segment such as a
// tenant is cut in its middle.
func (d *Diagnose) path(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return widget.Elide(trace.Plain(bounded(raw, maxShown)), 60, d.sh.Glyphs.Ellipsis)
	}
	parts := strings.Split(d.sh.Secrets.Text(u.Path), "/")
	for i, p := range parts {
		parts[i] = widget.Elide(trace.Plain(p), 14, d.sh.Glyphs.Ellipsis)
	}
	return strings.Join(parts, "/")
}

// answerLines say what came back.
func (d *Diagnose) answerLines(f explain.Finding, e trace.Exchange, w int) []string {
	st := d.sh.Styles
	var out []string
	switch {
	case e.Refused != "":
		out = widget.Render(st.Fail, widget.Prose("not sent: "+d.say(d.sh.Secrets.Text(e.Refused)), w))
	case e.Err != "":
		out = widget.Render(st.Fail, widget.Prose("no answer: "+d.say(d.sh.Secrets.Text(e.Err)), w))
	case e.Response == nil:
		out = widget.Render(st.Muted, widget.Prose("The answer stayed in the browser.", w))
	default:
		style := st.Fail
		if e.Response.Status < 400 {
			style = st.Text
		}
		out = []string{style.Bold(true).Render(fmt.Sprint(e.Response.Status)) + " " + st.Muted.Render(answerWords(e))}
	}
	if f.OAuthError != "" && f.OAuthError != f.Code {
		out = append(out, d.value("error", trace.Plain(f.OAuthError), st.Bright, w)...)
	}
	return out
}

// answerWords says what kind of answer it is.
func answerWords(e trace.Exchange) string {
	r := e.Response
	kind := strings.ToLower(r.Header.Get("Content-Type"))
	switch {
	case e.Purpose == trace.Redirect:
		return "the application's own page"
	case r.Status >= 300 && r.Status < 400:
		return "a redirect"
	case strings.HasPrefix(kind, "text/html") && len(r.Body) > 0:
		return "an HTML page, not a redirect"
	case strings.Contains(kind, "json"):
		return http.StatusText(r.Status) + ", in JSON"
	}
	return http.StatusText(r.Status)
}

// supportLines are the ids to give to support.
func (d *Diagnose) supportLines(f explain.Finding, w int) []string {
	var out []string
	for _, x := range []struct{ label, value string }{
		{"trace id", f.Support.TraceID}, {"correlation id", f.Support.CorrelationID}, {"time", f.Support.Timestamp},
	} {
		if x.value == "" {
			continue
		}
		room := max(8, w-16)
		value := widget.Elide(trace.Plain(x.value), room, d.sh.Glyphs.Ellipsis)
		out = append(out, d.sh.Styles.Muted.Render(widget.Fit(x.label, 16, ""))+d.sh.Styles.Text.Render(value))
	}
	return out
}

// listed draws a heading and its entries.
func (d *Diagnose) listed(title string, entries []string, w int) []string {
	if len(entries) == 0 {
		return nil
	}
	out := []string{d.sh.Styles.Muted.Render(title)}
	for _, e := range entries {
		out = append(out, widget.Indent(widget.Render(d.sh.Styles.Text, widget.Prose(d.say(e), max(8, w-2))), 2)...)
	}
	return out
}

// bounded cuts a text to n bytes, not inside a character.
func bounded(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
