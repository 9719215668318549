package loopback

import (
	"bytes"
	_ "embed" // the page's style
	"io"
	"net/http"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"flowscope/engine/trace"
)

//go:embed done.css
var doneStyle string

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func response(req *http.Request, status int, contentType string, body []byte) *http.Response {
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {contentType}}, Body: io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)), Request: req,
	}
}

// Page is what the browser shows when the sign-in is over: that it went well,
// or, when problem is set, what went wrong, in the place where the person is
// looking.
func Page(problem error) trace.Response {
	status, text := http.StatusOK, ""
	if problem != nil {
		status, text = http.StatusBadRequest, trace.Plain(problem.Error())
	}
	var b bytes.Buffer
	if err := done(text).Render(&b); err != nil {
		b.Reset()
		b.WriteString("The sign-in is over. Go back to flowscope.")
	}
	return trace.Response{Status: status, Body: b.Bytes(), Header: http.Header{
		"Content-Type":            {"text/html; charset=utf-8"},
		"Cache-Control":           {"no-store"},
		"Content-Security-Policy": {"default-src 'none'; style-src 'unsafe-inline'"},
		"Referrer-Policy":         {"no-referrer"},
	}}
}

// done is the page's document; problem is empty when all went well.
func done(problem string) g.Node {
	said := g.Group{
		h.H1(g.Text("The code has arrived")), line,
		h.P(g.Text("The application redeems it now, past the browser. You can close this tab and go back to flowscope.")), line,
	}
	if problem != "" {
		said = g.Group{
			h.H1(g.Text("The application did not accept this redirect")), line,
			h.P(h.Class("error"), g.Text(problem)), line,
			h.P(g.Text("flowscope shows why. You can close this tab.")), line,
		}
	}
	return g.Group{
		g.Raw("<!doctype html>\n"),
		h.HTML(h.Lang("en"), line,
			h.Head(line,
				h.Meta(h.Charset("utf-8")), line,
				h.Meta(h.Name("viewport"), h.Content("width=device-width, initial-scale=1")), line,
				h.TitleEl(g.Text("flowscope")), line,
				h.StyleEl(g.Raw("\n"+doneStyle)), line,
			), line,
			h.Body(h.Main(line, said), line), line,
		), line,
	}
}

// line ends a line: the page is read in the recorded exchange too.
var line = g.Raw("\n")
