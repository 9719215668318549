package wire

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// HandlerTransport answers requests for one host from an http.Handler in this
// process: no socket, no port, no network.
type HandlerTransport struct {
	Host    string
	Handler http.Handler
	Else    http.RoundTripper // for other hosts; nil refuses them
}

// RoundTrip hands the request to the handler. The answer is complete when it
// returns. It fails for other hosts when there is no transport for them, and
// with the context's error when the request is cancelled.
func (t *HandlerTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if !strings.EqualFold(req.URL.Host, t.Host) {
		if t.Else != nil {
			return t.Else.RoundTrip(req)
		}
		return nil, &RefusedError{Host: req.URL.Host, Reason: "only " + t.Host + " can be reached from here"}
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	in := req.Clone(req.Context())
	in.Host, in.RequestURI = req.URL.Host, req.URL.RequestURI()
	in.RemoteAddr = "127.0.0.1:0"
	if in.Body == nil {
		in.Body = http.NoBody
	}
	rec := &recorder{header: http.Header{}}
	t.Handler.ServeHTTP(rec, in)
	rec.WriteHeader(http.StatusOK)
	return &http.Response{
		Status:     fmt.Sprintf("%d %s", rec.status, http.StatusText(rec.status)),
		StatusCode: rec.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: rec.sent, Body: io.NopCloser(&rec.body), ContentLength: int64(rec.body.Len()), Request: req,
	}, nil
}

// recorder is the ResponseWriter behind HandlerTransport; net/http/httptest
// has one, but brings test flags into the program.
type recorder struct {
	header, sent http.Header
	status       int
	body         bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status, r.sent = status, r.header.Clone()
	}
}

func (r *recorder) Write(p []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(p)
}
