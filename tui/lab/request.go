package lab

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"flowscope/engine/explain"
	"flowscope/engine/trace"
	"flowscope/tui/widget"
)

// maxShown bounds how much of a body is drawn, in bytes; it is masked before it
// is cut.
const maxShown = 16 << 10

// cache is the masked text of the request that was looked at last: a body may be
// long, and is masked once and not for every frame.
type cache struct {
	n        int
	request  trace.Request
	response *trace.Response
}

// masks gives the request and the answer without their secrets.
func (l *Lab) masks(r request) cache {
	if l.masked.n == r.N {
		return l.masked
	}
	x := r.Exchange
	l.sh.Secrets.Learn(x)
	l.masked = cache{n: r.N, request: l.sh.Secrets.Request(x.Request)}
	if x.Response != nil {
		resp := l.sh.Secrets.Response(*x.Response)
		l.masked.response = &resp
	}
	return l.masked
}

func (l *Lab) requestLines(r request, w int) []string {
	st, x := l.sh.Styles, r.Exchange
	if r.Handshake() {
		out := append(widget.Render(st.Fail, widget.Prose(l.plain(x.Err), w)), "")
		return append(out, l.prose(st.Text, r.Hint(), w)...)
	}
	m := l.masks(r)
	who := "from " + r.From
	if r.Client != "" {
		who = "of " + r.Client + ", " + who
	}
	if r.Person != "" {
		who += ", for " + r.Person
	}
	out := l.prose(st.Muted, fmt.Sprintf("%s, at %s, in %s ms", l.plain(who), x.Started.Format("15:04:05"), widget.Thousands(int(x.Took.Milliseconds()))), w)
	if r.Waiting() {
		words := "Still waiting for the person, as is usual while a device code is polled."
		if r.times > 1 {
			words = fmt.Sprintf("Still waiting for the person, as is usual while a device code is polled: %d times so far.", r.times)
		}
		out = append(out, l.prose(st.Text, words, w)...)
	}
	if r.Got != "" {
		out = append(out, l.prose(st.Text, "It got: "+l.plain(r.Got), w)...)
	}
	if words := r.Circumstances(); words != "" {
		out = append(out, l.prose(st.Warn, l.plain(words), w)...)
	}
	out = append(out, l.whyLines(r, w)...)
	out = append(out, "", l.heading("Request"))
	out = append(out, l.addressLine(m.request, w)...)
	var fields []widget.Field
	for _, p := range append(x.Request.Params(), told(x.Request.Header)...) {
		value, _ := l.sh.Secrets.Value(p.Name, p.Value)
		fields = append(fields, widget.Field{Label: trace.Plain(p.Name), Value: trace.Plain(value), Whole: p.Name == "claims"})
	}
	out = append(out, widget.Fields(l.sh, bounded(fields), w)...)
	if m.response == nil {
		return append(out, "", l.heading("No answer"), st.Fail.Render(l.plain(x.Err)))
	}
	return append(out, l.responseLines(*m.response, w)...)
}

// maxFields bounds the parameters that are drawn.
const maxFields = 100

func bounded(fields []widget.Field) []widget.Field { return fields[:min(len(fields), maxFields)] }

// told are the headers that matter to a flow.
func told(h http.Header) []trace.Param {
	var out []trace.Param
	for _, name := range []string{"Authorization", "Origin", "Content-Type", "Cookie", "User-Agent"} {
		if v := h.Get(name); v != "" {
			out = append(out, trace.Param{Place: trace.Header, Name: name, Value: v})
		}
	}
	return out
}

// addressLine is method, host and path; the query stands below as fields.
func (l *Lab) addressLine(r trace.Request, w int) []string {
	st := l.sh.Styles
	where, _, _ := strings.Cut(r.URL, "?")
	if u, err := url.Parse(where); err == nil {
		parts := strings.Split(u.Path, "/")
		for i, p := range parts {
			if len(p) == 36 && strings.Count(p, "-") == 4 {
				parts[i] = widget.Elide(p, 9, l.sh.Glyphs.Ellipsis)
			}
		}
		where = u.Host + strings.Join(parts, "/")
	}
	lines := widget.Render(st.Text, widget.Wrap(l.plain(where), max(10, w-len(r.Method)-1)))
	lines[0] = st.Back.Bold(true).Render(trace.Plain(r.Method)) + " " + lines[0]
	return lines
}

// whyLines explain a failure in short; the diagnosis has the rest.
func (l *Lab) whyLines(r request, w int) []string {
	st := l.sh.Styles
	var out []string
	for _, f := range r.findings {
		out = append(out, "", st.Fail.Bold(true).Render(l.sh.Glyphs.Fail+" "+l.plain(f.Code))+"  "+st.Muted.Render(l.plain(f.Name)))
		out = append(out, l.prose(st.Bright, l.plain(f.What), w)...)
		for _, why := range f.Why {
			out = append(out, l.prose(st.Text, l.plain(why), w)...)
		}
		out = append(out, l.evidenceLines(f.Evidence, w)...)
		if len(f.Fix) > 0 {
			fix := l.prose(st.Pass, "To change: "+l.plain(f.Fix[0].Title)+".", w)
			out = append(out, fix...)
		}
	}
	if len(r.findings) > 0 {
		out = append(out, st.Accent.Bold(true).Render("enter")+st.Muted.Render(" opens the whole diagnosis"))
	}
	return out
}

// evidenceLines draws evidence; what was read out of one header stands under the
// header's name.
func (l *Lab) evidenceLines(all []explain.Evidence, w int) []string {
	var out []string
	var fields []widget.Field
	heading := ""
	flush := func() {
		out = append(out, widget.Fields(l.sh, fields, w)...)
		fields = nil
	}
	for _, e := range all[:min(len(all), maxFields)] {
		under, label, split := strings.Cut(e.Label, ": ")
		if !split {
			under, label = "", e.Label
		}
		if under != heading {
			flush()
			if heading = under; under != "" {
				out = append(out, l.sh.Styles.Muted.Render(l.plain(under)))
			}
		}
		fields = append(fields, widget.Field{Label: l.plain(label), Value: l.plain(e.Value), Note: l.plain(e.Note), Whole: label == "claims"})
	}
	flush()
	return out
}

var titlePattern = regexp.MustCompile(`(?is)<title>([^<]{1,200})</title>`)

func (l *Lab) responseLines(m trace.Response, w int) []string {
	st := l.sh.Styles
	style := st.Pass
	if m.Status >= 400 {
		style = st.Fail
	}
	out := []string{"", l.heading("Response") + "  " + style.Render(fmt.Sprintf("%d %s", m.Status, http.StatusText(m.Status)))}
	var fields []widget.Field
	for _, name := range []string{"Location", "Www-Authenticate", "Access-Control-Allow-Origin", "Retry-After", "Content-Type"} {
		if v := m.Header.Get(name); v != "" {
			fields = append(fields, widget.Field{Label: name, Value: trace.Plain(v)})
		}
	}
	out = append(out, widget.Fields(l.sh, fields, w)...)
	switch kind := m.Header.Get("Content-Type"); {
	case len(m.Body) == 0:
		return out
	case strings.Contains(kind, "json"):
		if len(m.Body) > maxShown {
			return append(out, l.prose(st.Muted, widget.Thousands(len(m.Body))+" bytes of JSON: too much to be shown here.", w)...)
		}
		return append(append(out, ""), widget.JSON(l.sh, m.Body, w)...)
	}
	// A page may carry a code in a form that posts itself: it is named, not shown.
	words := "a page of " + widget.Thousands(len(m.Body)) + " bytes"
	if t := titlePattern.FindSubmatch(m.Body); t != nil {
		words += ", “" + trace.Plain(strings.TrimSpace(string(t[1]))) + "”"
	}
	return append(out, l.prose(st.Muted, sentence(words), w)...)
}

// requestText writes a request down for a ticket or a chat, secrets masked.
func (l *Lab) requestText(r request) string {
	var b strings.Builder
	if r.Handshake() {
		fmt.Fprintf(&b, "TLS handshake: %s\n%s\n", l.plain(r.Exchange.Err), r.Hint())
		return b.String()
	}
	m := l.masks(r)
	fmt.Fprintf(&b, "%s %s\n", trace.Plain(m.request.Method), trace.Plain(m.request.URL))
	for _, p := range m.request.FormParams() {
		fmt.Fprintf(&b, "  %s = %s\n", trace.Plain(p.Name), trace.Plain(p.Value))
	}
	if m.response != nil {
		fmt.Fprintf(&b, "%d %s\n", m.response.Status, http.StatusText(m.response.Status))
		if strings.Contains(m.response.Header.Get("Content-Type"), "json") {
			fmt.Fprintf(&b, "%s\n", trace.PlainLines(string(m.response.Body)))
		}
	}
	if words := r.Circumstances(); words != "" {
		fmt.Fprintf(&b, "%s\n", l.plain(words))
	}
	for _, f := range r.findings {
		fmt.Fprintf(&b, "%s: %s\n", l.plain(f.Code), l.plain(f.What))
		for _, x := range f.Fix {
			fmt.Fprintf(&b, "- %s\n", l.plain(x.Title))
		}
	}
	return b.String()
}
