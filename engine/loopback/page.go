package loopback

import (
	"bytes"
	_ "embed" // the page's template
	"html/template"
	"io"
	"net/http"

	"flowscope/engine/trace"
)

//go:embed done.html
var doneHTML string

var doneTemplate = template.Must(template.New("done").Parse(doneHTML))

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
	data := struct{ Problem string }{}
	status := http.StatusOK
	if problem != nil {
		data.Problem, status = trace.Plain(problem.Error()), http.StatusBadRequest
	}
	var b bytes.Buffer
	if err := doneTemplate.Execute(&b, data); err != nil {
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
