// Package loopback ends a sign-in on this machine: it listens for the redirect
// on the loopback interface (RFC 8252 section 7.3), opens the system browser,
// and writes the page that the person sees when the sign-in is over.
//
// It refuses to bind anything but loopback, takes one redirect and closes. It
// does not judge what arrives: that is for the caller of the redirect.
package loopback

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"flowscope/engine"
	"flowscope/engine/trace"
	"flowscope/engine/wire"
)

// ErrPortTaken says that another program listens on the redirect URI's port.
var ErrPortTaken = errors.New("the port of the redirect URI is taken by another program")

// maxRedirect bounds the request that is taken as a redirect, in bytes.
const maxRedirect = 64 << 10

// Browser is the user agent that uses the system's browser.
type Browser struct {
	// Open shows a URL in the browser. It returns at once.
	Open func(url string) error
	// Paste asks for the redirect too where the browser will not open: the person
	// may sign in on another machine, from where the redirect does not come here.
	Paste bool
}

// Authorize opens the authorization request in the system browser, waits for
// the redirect on the loopback interface and hands it to the leg. Where the
// browser will not open, the address is shown instead. The listener is closed when
// it returns. It fails with ErrPortTaken when the port is not free, and when the
// redirect URI does not lead to this machine.
func (b *Browser) Authorize(ctx context.Context, s *engine.Session, leg engine.Leg) error {
	l, err := Listen(ctx, leg.RedirectURI)
	if err != nil {
		return err
	}
	defer l.Close()
	shown, opened, err := b.show(ctx, s, purposeOr(leg.Purpose, trace.Authorize), leg.AuthorizeURL)
	if err != nil {
		return err
	}
	if s.Job().Abandon {
		return &engine.AbandonedError{Text: "nobody came back from the browser"}
	}
	s.Enter(trace.SignIn)
	s.Turn(turnOf(shown, opened))
	defer s.Turn(nil)
	if !opened && b.Paste {
		return l.waitOrPaste(ctx, s, leg, shown)
	}
	return l.Wait(ctx, s, leg)
}

// Visit opens a page in the system browser and does not wait for what the person
// does there. Where the browser will not open, the address is shown instead.
func (b *Browser) Visit(ctx context.Context, s *engine.Session, v engine.Visit) error {
	shown, opened, err := b.show(ctx, s, v.Purpose, v.URL)
	if err == nil && !opened {
		t := turnOf(shown, false)
		t.Code = v.Fill["user_code"]
		s.Turn(t)
	}
	return err
}

// turnOf says what the person does now.
func turnOf(shown string, opened bool) *engine.Turn {
	if opened {
		return &engine.Turn{What: "Sign in with the browser", URL: shown}
	}
	return &engine.Turn{What: "The browser can't be opened: open this address by hand", URL: shown}
}

// show hands a request to the browser through the gate, and reports whether the
// browser took it.
func (b *Browser) show(ctx context.Context, s *engine.Session, p trace.Purpose, address string) (shown string, opened bool, err error) {
	opened = true
	shown, err = hand(ctx, s, p, address, func(target string) error {
		if err := b.Open(target); err != nil {
			opened = false
			return fmt.Errorf("%w; it could not be opened here, so the address is shown: %s", wire.ErrElsewhere, trace.Plain(err.Error()))
		}
		return nil
	})
	return shown, opened, err
}

func purposeOr(p, usual trace.Purpose) trace.Purpose {
	if p == "" {
		return usual
	}
	return p
}

// browserURL is the address at which the browser reaches the authority: on the
// lab it is served on loopback, while the rest of the run stays in the process.
func browserURL(ctx context.Context, t engine.Target, u *url.URL) (string, error) {
	if t.BrowserBase == nil {
		return u.String(), nil
	}
	base, err := t.BrowserBase(ctx)
	if err != nil {
		return "", err
	}
	b, err := url.Parse(base)
	if err != nil {
		return "", fmt.Errorf("the lab's own address: %w", err)
	}
	moved := *u
	moved.Scheme, moved.Host = b.Scheme, b.Host
	return moved.String(), nil
}

// Listener waits on the loopback interface for one redirect.
type Listener struct {
	path     string
	base     string
	server   *http.Server
	got      chan arrival
	taken    atomic.Bool
	handed   atomic.Bool   // the run has the redirect, and answers the browser
	answered chan struct{} // closed when the browser has its page
	open     []net.Listener
	serving  sync.WaitGroup
	errs     chan error
}

type arrival struct {
	request trace.Request
	page    chan trace.Response
}

// Listen binds the loopback addresses of a redirect URI such as
// http://localhost:3000/callback. Port 0, or none, takes a free one.
func Listen(ctx context.Context, redirectURI string) (*Listener, error) {
	u, err := url.Parse(redirectURI)
	if err != nil {
		return nil, fmt.Errorf("redirect URI: %w", err)
	}
	if u.Scheme != "http" || (u.Hostname() != "localhost" && u.Hostname() != "127.0.0.1") {
		return nil, fmt.Errorf("the redirect URI %s does not lead to this machine: a browser sign-in needs http://localhost", trace.Plain(redirectURI))
	}
	port := u.Port()
	if port == "" {
		port = "80"
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp4", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		return nil, fmt.Errorf("%w: port %s, %s (stop that program, or sign in inside flowscope, which needs no port)", ErrPortTaken, port, err)
	}
	l := &Listener{path: u.EscapedPath(), base: u.Scheme + "://" + u.Host, got: make(chan arrival), answered: make(chan struct{}), errs: make(chan error, 1)}
	l.server = &http.Server{Handler: l, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: maxRedirect}
	l.open = append(l.open, ln)
	l.serving.Go(func() { l.errs <- l.server.Serve(ln) })
	if err := l.alsoIPv6(ctx, port); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// alsoIPv6 listens on [::1] too, where some browsers look for localhost first. A
// machine without IPv6 does not need it; another program there would get the
// code.
func (l *Listener) alsoIPv6(ctx context.Context, port string) error {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp6", net.JoinHostPort("::1", port))
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%w: port %s of [::1], %s (stop that program, or sign in inside flowscope, which needs no port)", ErrPortTaken, port, err)
	}
	if err != nil {
		return nil
	}
	l.open = append(l.open, ln)
	l.serving.Go(func() { _ = l.server.Serve(ln) })
	return nil
}

// isAnswer reports whether a request is the redirect (RFC 6749 section 4.1.2)
// and not what a browser, a scanner or another page asks for by the way: that
// must not use the one answer up.
func isAnswer(r trace.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		return false
	}
	for _, name := range []string{"code", "error", "state"} {
		if _, ok := r.Get(name); ok {
			return true
		}
	}
	return false
}

// lastWord is how long the browser's page may take to be written when the sign-in
// is over.
const lastWord = time.Second

// Close stops listening and cuts connections that are still open, but for the page
// that ends a sign-in: that is written first. Nothing is left of the listener when
// it returns.
func (l *Listener) Close() {
	for _, ln := range l.open {
		_ = ln.Close() // the server may not have got to it yet
	}
	if l.handed.Load() {
		timer := time.NewTimer(lastWord)
		defer timer.Stop()
		select {
		case <-l.answered:
		case <-timer.C:
		}
	}
	_ = l.server.Close()
	l.serving.Wait()
}

// ServeHTTP takes the redirect. Anything else that a browser asks for (the
// icon, say) is not found, and a second redirect is gone.
func (l *Listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.EscapedPath()
	if path != l.path && (path != "/" || l.path != "") {
		http.NotFound(w, r)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRedirect))
	if err != nil {
		http.Error(w, "the redirect broke off", http.StatusBadRequest)
		return
	}
	request := trace.Request{Method: r.Method, URL: l.base + r.URL.RequestURI(), Header: r.Header.Clone(), Body: body}
	if !isAnswer(request) {
		http.Error(w, "flowscope waits here for the end of a sign-in", http.StatusBadRequest)
		return
	}
	if !l.taken.CompareAndSwap(false, true) {
		http.Error(w, "this sign-in is over", http.StatusGone)
		return
	}
	a := arrival{request, make(chan trace.Response, 1)}
	select {
	case l.got <- a:
	case <-r.Context().Done():
		l.taken.Store(false) // nobody has it: the browser may try again
		return
	}
	defer close(l.answered)
	select {
	case page := <-a.page:
		write(w, page)
	case <-r.Context().Done():
	}
}

func write(w http.ResponseWriter, page trace.Response) {
	for name, values := range page.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(page.Status)
	_, _ = w.Write(page.Body)
	_ = http.NewResponseController(w).Flush() // the connection is cut soon
}

// Wait returns when the redirect has arrived and was handed to the leg, through
// the gate, so that it is recorded and can be held like every other exchange.
func (l *Listener) Wait(ctx context.Context, s *engine.Session, leg engine.Leg) error {
	select {
	case a := <-l.got:
		return l.take(ctx, s, a, leg)
	case err := <-l.errs:
		return fmt.Errorf("the listener for the redirect ended: %w", err)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// waitOrPaste is Wait where the redirect may be pasted as well: what comes first
// counts.
func (l *Listener) waitOrPaste(ctx context.Context, s *engine.Session, leg engine.Leg, shown string) error {
	asking, cancel := context.WithCancel(ctx)
	type pasted struct {
		r   trace.Request
		err error
	}
	got := make(chan pasted, 1)
	go func() {
		r, err := askRedirect(asking, s, shown, redirectOf(s, leg))
		got <- pasted{r, err}
	}()
	asked := false
	defer func() {
		cancel()
		if !asked {
			<-got
		}
	}()
	select {
	case a := <-l.got:
		cancel()
		<-got
		asked = true
		return l.take(ctx, s, a, leg)
	case p := <-got:
		asked = true
		if p.err != nil {
			return p.err
		}
		_, err := Deliver(ctx, s, p.r, leg)
		return err
	case err := <-l.errs:
		return fmt.Errorf("the listener for the redirect ended: %w", err)
	}
}

// take hands a redirect that has arrived to the leg and answers the browser.
func (l *Listener) take(ctx context.Context, s *engine.Session, a arrival, leg engine.Leg) error {
	l.handed.Store(true)
	s.Turn(nil)
	page, err := Deliver(ctx, s, a.request, leg)
	if err != nil {
		page = Page(err)
	}
	a.page <- page
	return err
}

// Deliver hands a redirect to the application through the gate of the run.
func Deliver(ctx context.Context, s *engine.Session, r trace.Request, leg engine.Leg) (trace.Response, error) {
	s.Enter(purposeOr(leg.Back, trace.Redirect))
	var page trace.Response
	app := roundTrip(func(req *http.Request) (*http.Response, error) {
		sent := trace.Request{Method: req.Method, URL: req.URL.String(), Header: req.Header, Body: r.Body}
		page = leg.Receive(sent)
		return response(req, page.Status, page.Header.Get("Content-Type"), page.Body), nil
	})
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, nil)
	if err != nil {
		return page, fmt.Errorf("redirect address: %w", err)
	}
	if accept := r.Header.Get("Accept"); accept != "" {
		req.Header.Set("Accept", accept)
	}
	resp, err := s.Via(app).Do(req)
	if err != nil {
		return page, err
	}
	_ = resp.Body.Close()
	return page, nil
}
