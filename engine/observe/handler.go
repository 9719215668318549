package observe

import (
	"bytes"
	"fmt"
	"io"
	"net/http"

	"flowscope/engine/trace"
)

// Handler is next, watched.
func (l *Log) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started, on := l.now(), l.on()
		out := &answer{ResponseWriter: w}
		in := &body{from: r.Body}
		req := trace.Request{Method: r.Method, URL: address(r), Header: r.Header.Clone()}
		if r.Body != nil && r.Body != http.NoBody {
			r = r.WithContext(r.Context()) // the server's own request is not to be changed
			r.Body = in
		}
		defer func() {
			panicked := recover()
			req.Body = in.seen.Bytes()
			e := trace.Exchange{Request: req, Response: out.response(), Started: started, Took: l.now().Sub(started)}
			if panicked != nil {
				e.Err = "the lab broke off"
				if out.status == 0 {
					e.Response = nil
				}
			}
			told := l.tell(e, r.RemoteAddr)
			told.While = on
			l.add(told)
			if panicked != nil {
				panic(panicked)
			}
		}()
		next.ServeHTTP(out, r)
	})
}

// address is the URL that was asked, as the client wrote it.
func address(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host + r.URL.RequestURI()
}

// body passes a request's body on and keeps its beginning.
type body struct {
	from io.ReadCloser
	seen bytes.Buffer
}

// Read reads on.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.from.Read(p)
	if n > 0 {
		b.seen.Write(p[:min(n, maxBody-b.seen.Len())])
	}
	return n, err
}

// Close closes what it reads from.
func (b *body) Close() error { return b.from.Close() }

// answer passes an answer on and keeps its beginning.
type answer struct {
	http.ResponseWriter
	status int
	header http.Header
	seen   bytes.Buffer
	cut    bool
}

// WriteHeader passes the status on; the first one counts.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 && status >= 200 {
		a.status, a.header = status, a.Header().Clone()
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write passes a part of the body on.
func (a *answer) Write(p []byte) (int, error) {
	if a.status == 0 {
		a.status, a.header = http.StatusOK, a.Header().Clone()
	}
	room := min(len(p), maxBody-a.seen.Len())
	a.seen.Write(p[:room])
	a.cut = a.cut || room < len(p)
	return a.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the writer below.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *answer) response() *trace.Response {
	if a.status == 0 {
		a.status, a.header = http.StatusOK, a.Header().Clone()
	}
	return &trace.Response{Status: a.status, Header: a.header, Body: a.seen.Bytes(), Truncated: a.cut}
}

// Status is the status as it is shown: "200", or what kept an answer away.
func (e Entry) Status() string {
	if e.Exchange.Response == nil {
		return "none"
	}
	return fmt.Sprint(e.Exchange.Response.Status)
}
