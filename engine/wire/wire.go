// Package wire is the gate that every request of a run passes: it records the
// request, lets prepared changes and the person's own edits be laid over it,
// holds it until it is released, refuses hosts outside the target, sends it,
// and records the answer.
//
// It refuses to follow redirects, to keep cookies and to retry: what a library
// or a browser would do out of sight is for the caller to do in the open.
package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"flowscope/engine/trace"
)

// MaxBody is the number of bytes of a response that are kept; what is longer
// is cut and marked as cut.
const MaxBody = 8 << 20

// ErrStopped is what a request that was held ends with when the person stops
// the run instead of sending it.
var ErrStopped = errors.New("stopped before it was sent")

// ErrElsewhere is what a transport ends with that handed the request on without
// seeing its answer: the system browser keeps what it gets. The exchange is then
// recorded without a response, and Do gives this error back.
var ErrElsewhere = errors.New("the answer stays in the browser")

// BrokenError is a transport failure that was brought about on purpose.
type BrokenError struct{ Words string }

// Error gives the words of the failure.
func (e *BrokenError) Error() string { return e.Words }

// RefusedError says that the gate did not let a request out.
type RefusedError struct {
	Host   string // the host it was for
	Reason string // why not, in words
}

// Error gives the host and the reason in one line.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("request to %s refused: %s", e.Host, e.Reason)
}

// Desk is where a run looks at its exchanges. Its methods are called one after
// the other from the goroutine that sends the request.
type Desk interface {
	// Open names a new exchange: its number, step, purpose and parties. It may
	// lay prepared changes over the request and note them.
	Open(e *trace.Exchange)
	// Hold returns when the request may leave. It may replace e.Request; an
	// error keeps the request from leaving and is handed to the caller.
	Hold(ctx context.Context, e *trace.Exchange) error
	// Answered gets the answer before the caller does. It may replace e.Response;
	// it returns when the caller may have it, or with what keeps it from that.
	Answered(ctx context.Context, e *trace.Exchange) error
	// Changed is told after every change of the exchange: sent, answered, failed.
	Changed(e *trace.Exchange)
}

// Gate is the one way out of a run. It implements the interface that MSAL Go
// wants of an HTTP client, so that nothing is followed or stored unseen.
type Gate struct {
	Next  http.RoundTripper
	Desk  Desk
	Allow func(*url.URL) error // nil error: this host belongs to the target
	Now   func() time.Time
}

// CloseIdleConnections closes what the transport behind the gate keeps open.
func (g *Gate) CloseIdleConnections() {
	if c, ok := g.Next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// RoundTrip lets the gate stand in for a transport; it is Do.
func (g *Gate) RoundTrip(req *http.Request) (*http.Response, error) { return g.Do(req) }

// Do records, holds and sends one request and gives its answer. Redirects are
// answers like any other. It fails with a *RefusedError for a host outside the
// target, with ErrStopped when the person stops the run, with the context's
// error when that ends, and with the transport's error.
func (g *Gate) Do(req *http.Request) (*http.Response, error) {
	out, err := capture(req)
	if err != nil {
		return nil, err
	}
	e := &trace.Exchange{Request: out, Started: g.Now()}
	g.Desk.Open(e)
	if err := g.release(req.Context(), e); err != nil {
		return nil, err
	}
	return g.send(req.Context(), e)
}

// release holds the exchange and then asks whether its host may be asked: in
// this order, because the person may have changed the host.
func (g *Gate) release(ctx context.Context, e *trace.Exchange) error {
	if err := g.Desk.Hold(ctx, e); err != nil {
		e.Err = err.Error()
		g.Desk.Changed(e)
		return err
	}
	u, err := url.Parse(e.Request.URL)
	if err == nil && (u.Host == "" || (u.Scheme != "http" && u.Scheme != "https")) {
		err = errors.New("not an absolute http or https URL")
	}
	if err == nil {
		err = g.Allow(u)
	}
	if err != nil {
		refused := &RefusedError{Host: e.Host(), Reason: err.Error()}
		e.Refused = refused.Reason
		g.Desk.Changed(e)
		return refused
	}
	return nil
}

func (g *Gate) send(ctx context.Context, e *trace.Exchange) (*http.Response, error) {
	e.Started = g.Now()
	if e.Break != "" {
		err := &BrokenError{Words: e.Break}
		e.Err = err.Error()
		g.Desk.Changed(e)
		return nil, err
	}
	if e.Repeat {
		if _, err := g.once(ctx, e.Request); err != nil {
			e.Err, e.Net = err.Error(), NetOf(err)
			g.Desk.Changed(e)
			return nil, err
		}
	}
	resp, err := g.once(ctx, e.Request)
	e.Took = g.Now().Sub(e.Started)
	if errors.Is(err, ErrElsewhere) {
		e.Note = err.Error()
		g.Desk.Changed(e)
		return nil, err
	}
	if err != nil {
		e.Err, e.Net = err.Error(), NetOf(err)
		g.Desk.Changed(e)
		return nil, err
	}
	e.Response = resp
	err = g.Desk.Answered(ctx, e)
	g.Desk.Changed(e)
	if err != nil {
		return nil, err
	}
	resp = e.Response
	return &http.Response{
		Status:     fmt.Sprintf("%d %s", resp.Status, http.StatusText(resp.Status)),
		StatusCode: resp.Status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: resp.Header.Clone(), Body: io.NopCloser(bytes.NewReader(resp.Body)),
		ContentLength: int64(len(resp.Body)),
		Request:       (&http.Request{Method: e.Request.Method, Header: e.Request.Header}).WithContext(ctx),
	}, nil
}

// once sends a captured request and reads its answer to the end.
func (g *Gate) once(ctx context.Context, r trace.Request) (*trace.Response, error) {
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return nil, err
	}
	req.Header = r.Header.Clone()
	if len(r.Body) == 0 {
		req.Body, req.ContentLength = http.NoBody, 0
	}
	resp, err := g.Next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxBody+1))
	if err != nil {
		return nil, fmt.Errorf("answer broken off: %w", err)
	}
	out := &trace.Response{Status: resp.StatusCode, Header: resp.Header, Body: body}
	if len(body) > MaxBody {
		out.Body, out.Truncated = body[:MaxBody], true
	}
	return out, nil
}

// capture reads a request whole, so that it can be shown, changed and sent later.
func capture(req *http.Request) (trace.Request, error) {
	out := trace.Request{Method: req.Method, URL: req.URL.String(), Header: req.Header.Clone()}
	if out.Header == nil {
		out.Header = http.Header{}
	}
	if out.Method == "" {
		out.Method = http.MethodGet
	}
	if req.Body == nil {
		return out, nil
	}
	defer func() { _ = req.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(req.Body, MaxBody))
	if err != nil {
		return out, fmt.Errorf("request body: %w", err)
	}
	out.Body = body
	return out, nil
}

// AllowHosts gives an Allow that knows these exact hosts (with their port when
// they have one), by https alone, and nothing else: a token must not travel in
// the clear. Letter case does not count (RFC 9110 section 4.2.3).
func AllowHosts(hosts ...string) func(*url.URL) error {
	return func(u *url.URL) error {
		if u.Scheme != "https" {
			return fmt.Errorf("%s is not https", trace.Plain(u.Scheme))
		}
		for _, h := range hosts {
			if strings.EqualFold(h, u.Host) {
				return nil
			}
		}
		return fmt.Errorf("%s is not a host of this target (%s)", trace.Plain(u.Host), strings.Join(hosts, ", "))
	}
}
