package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"sync"
	"syscall"
	"time"

	"flowscope/engine/trace"
)

// Limits are how long each phase of a request may take. None of them counts the
// time that a request is held.
type Limits struct {
	Connect time.Duration // to look the name up and to connect
	TLS     time.Duration // to secure the connection
	Header  time.Duration // from the request to the head of the answer
	Body    time.Duration // from there to the end of the answer
}

// Usual are the limits of the program: two seconds are enough to notice that
// there is no network.
var Usual = Limits{Connect: 2 * time.Second, TLS: 5 * time.Second, Header: 10 * time.Second, Body: 15 * time.Second}

// maxHead bounds the head of an answer, in bytes.
const maxHead = 256 << 10

// Outside is the way to real servers. What goes wrong on it comes back as a
// *NetError, told from the structure of the error.
type Outside struct {
	limits Limits
	proxy  func(*http.Request) (*url.URL, error)
	inner  *http.Transport
	now    func() time.Time
}

// NewOutside makes a transport to real servers: roots are the certificates that
// it trusts (nil: those of this machine), proxy chooses the proxy of a request
// (nil: none), now dates the judging of certificates.
func NewOutside(roots *x509.CertPool, proxy func(*http.Request) (*url.URL, error), limits Limits, now func() time.Time) *Outside {
	o := &Outside{limits: limits, proxy: proxy, now: now}
	o.inner = &http.Transport{
		Proxy:                  proxy,
		DialContext:            (&net.Dialer{Timeout: limits.Connect, Resolver: resolver, ControlContext: judged}).DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    limits.TLS,
		MaxResponseHeaderBytes: maxHead,
		ForceAttemptHTTP2:      true,
		IdleConnTimeout:        30 * time.Second,
		OnProxyConnectResponse: func(_ context.Context, p *url.URL, _ *http.Request, resp *http.Response) error {
			if resp.StatusCode == http.StatusOK {
				return nil
			}
			return &proxyError{host: p.Host, status: resp.StatusCode}
		},
	}
	return o
}

type onlyTo struct{}

// OnlyTo lets the requests under ctx connect to those addresses alone for which
// judge gives nil, whatever name led to them; nil allows all. It does not bind a
// proxy, which is asked by name.
func OnlyTo(ctx context.Context, judge func(netip.Addr) error) context.Context {
	return context.WithValue(ctx, onlyTo{}, judge)
}

// judged keeps a connection from being made to an address that is not allowed: at
// the last moment, so that no answer of a name server comes in between.
func judged(ctx context.Context, _, address string, _ syscall.RawConn) error {
	judge, _ := ctx.Value(onlyTo{}).(func(netip.Addr) error)
	if judge == nil {
		return nil
	}
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if err := judge(to.Addr()); err != nil {
		return &RefusedError{Host: to.Addr().String(), Reason: err.Error()}
	}
	return nil
}

// resolver looks names up; nil is the machine's. Only tests set another one.
var resolver *net.Resolver

// CloseIdleConnections closes the connections that are kept for later.
func (o *Outside) CloseIdleConnections() { o.inner.CloseIdleConnections() }

// proxyError is a proxy's refusal to connect (RFC 9110 section 9.3.6).
type proxyError struct {
	host   string
	status int
}

func (e *proxyError) Error() string {
	return fmt.Sprintf("the proxy %s answered %d %s", e.host, e.status, http.StatusText(e.status))
}

// lateError ends a phase that has taken too long.
type lateError struct {
	phase trace.Phase
	limit time.Duration
}

func (e *lateError) Error() string {
	return fmt.Sprintf("no more than %s was waited for the %s of the answer", e.limit, e.phase)
}

// RoundTrip sends a request. Its answer's body ends with an error when it takes
// longer than it may, however it is fed.
func (o *Outside) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(req.Context())
	t := &travel{phase: trace.AtName, host: req.URL.Host, https: req.URL.Scheme == "https"}
	if o.proxy != nil {
		if u, err := o.proxy(req); err == nil && u != nil {
			t.proxy = u.Host
		}
	}
	waiting := &clock{cancel: cancel}
	defer waiting.stop()
	if t.proxy != "" {
		ctx = OnlyTo(ctx, nil) // the proxy is the person's own choice, and looks names up itself
	}
	sent := req.Clone(httptrace.WithClientTrace(ctx, t.hooks(func() { waiting.begin(trace.AtHeader, o.limits.Header) })))
	resp, err := o.inner.RoundTrip(sent)
	if err != nil {
		err = o.failure(ctx, req.Context(), t, 0, err)
		cancel(nil)
		return nil, err
	}
	waiting.stop()
	t.enter(trace.AtBody)
	reading := &clock{cancel: cancel}
	reading.begin(trace.AtBody, o.limits.Body)
	resp.Request = req
	resp.Body = &timedBody{ReadCloser: resp.Body, end: func() { reading.stop(); cancel(nil) }, why: func(err error) error {
		return o.failure(ctx, req.Context(), t, resp.StatusCode, err)
	}}
	return resp, nil
}

// failure says what broke: the person's own ending as it is, everything else as
// a *NetError.
func (o *Outside) failure(ctx, asked context.Context, t *travel, status int, err error) error {
	if asked.Err() != nil {
		return asked.Err()
	}
	var late *lateError
	if errors.As(context.Cause(ctx), &late) {
		err = late
	}
	return o.classify(t, status, err)
}

// clock ends a request when a phase takes too long.
type clock struct {
	cancel context.CancelCauseFunc
	mu     sync.Mutex
	timer  *time.Timer
	over   bool
}

func (c *clock) begin(p trace.Phase, limit time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.timer == nil && !c.over && limit > 0 {
		c.timer = time.AfterFunc(limit, func() { c.cancel(&lateError{p, limit}) })
	}
}

func (c *clock) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
	if c.timer != nil {
		c.timer.Stop()
	}
}

// timedBody is a body that explains why it ended early.
type timedBody struct {
	io.ReadCloser
	end func()
	why func(error) error
}

func (b *timedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = b.why(err)
	}
	return n, err
}

func (b *timedBody) Close() error {
	err := b.ReadCloser.Close()
	b.end()
	return err
}

// travel is how far a request has come.
type travel struct {
	host, proxy string
	https       bool
	mu          sync.Mutex
	phase       trace.Phase
}

func (t *travel) enter(p trace.Phase) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.phase = p
}

func (t *travel) at() trace.Phase {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.phase
}

func (t *travel) hooks(connected func()) *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSStart:          func(httptrace.DNSStartInfo) { t.enter(trace.AtName) },
		ConnectStart:      func(string, string) { t.enter(trace.AtConnect) },
		TLSHandshakeStart: func() { t.enter(trace.AtTLS) },
		GotConn: func(httptrace.GotConnInfo) {
			t.enter(trace.AtHeader)
			connected()
		},
	}
}
