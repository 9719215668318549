// Package signin is a user agent without a browser: it walks the sign-in,
// consent and error pages of an authorization server as plain HTML forms, asks
// the person for what a form wants, and carries the redirect to the application.
//
// It runs no script and renders nothing, so it is for servers whose pages work
// without (the lab's do). It keeps cookies for one run only.
package signin

import (
	"context"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"flowscope/engine"
	"flowscope/engine/loopback"
	"flowscope/engine/trace"
)

// maxHops bounds the pages and redirects of one sign-in.
const maxHops = 24

// Agent walks pages. Its zero value is ready; it keeps nothing between sign-ins.
type Agent struct{}

// walk is one trip through the pages.
type walk struct {
	s     *engine.Session
	jar   http.CookieJar
	first trace.Purpose // of the first request
	leg   engine.Leg
	visit *engine.Visit // a trip without a redirect; nil: there is one
	back  string        // the redirect URI as the request asked for it
	asked bool          // the person has answered a page
}

// Authorize sends the authorization request and follows what comes back until
// the redirect was handed to the leg. It fails with *engine.PageError when a
// page says an error, and with what the gate or the person's answer ended it.
func (Agent) Authorize(ctx context.Context, s *engine.Session, leg engine.Leg) error {
	purpose := leg.Purpose
	if purpose == "" {
		purpose = trace.Authorize
	}
	w, err := newWalk(s, purpose)
	if err != nil {
		return err
	}
	w.leg, w.back = leg, leg.RedirectURI
	return w.walk(ctx, leg.AuthorizeURL)
}

// Visit walks pages until one asks for nothing more. It fails with
// *engine.PageError when a page says an error.
func (Agent) Visit(ctx context.Context, s *engine.Session, v engine.Visit) error {
	w, err := newWalk(s, v.Purpose)
	if err != nil {
		return err
	}
	w.visit = &v
	return w.walk(ctx, v.URL)
}

func newWalk(s *engine.Session, first trace.Purpose) (*walk, error) {
	jar, err := jarOf(s)
	return &walk{s: s, jar: jar, first: first}, err
}

// jarOf gives the cookies of the run: a second trip of the same run finds the
// session that the first one left behind, as it would in a browser.
func jarOf(s *engine.Session) (http.CookieJar, error) {
	if jar := s.Cookies(); jar != nil {
		return jar, nil
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	s.SetCookies(jar)
	return jar, nil
}

// walk follows pages and redirects from an address on.
func (w *walk) walk(ctx context.Context, address string) error {
	w.s.Enter(w.first)
	next := trace.Request{Method: http.MethodGet, URL: address}
	for range maxHops {
		resp, sent, err := w.fetch(ctx, next)
		if err != nil {
			return err
		}
		w.learnRedirect()
		done, follow, err := w.turn(ctx, resp, sent)
		if done || err != nil {
			return err
		}
		next = follow
	}
	return fmt.Errorf("the sign-in went round in circles: %d pages and no redirect", maxHops)
}

// learnRedirect notes the redirect URI that really went out: the person may
// have changed it on the way.
func (w *walk) learnRedirect() {
	if w.visit != nil {
		return
	}
	if e, ok := w.s.Exchange(w.first); ok {
		for _, name := range []string{"redirect_uri", "post_logout_redirect_uri"} {
			if uri, ok := e.Request.Get(name); ok {
				w.back = uri
			}
		}
	}
}

// fetch sends one request with the cookies of this sign-in and gives the answer
// and the URL that was really asked.
func (w *walk) fetch(ctx context.Context, r trace.Request) (*trace.Response, *url.URL, error) {
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, strings.NewReader(string(r.Body)))
	if err != nil {
		return nil, nil, fmt.Errorf("address of the page: %w", err)
	}
	if len(r.Body) > 0 {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("Accept", "text/html")
	for _, c := range w.jar.Cookies(req.URL) {
		req.AddCookie(c)
	}
	resp, err := w.s.Client().Do(req)
	if err != nil {
		return nil, nil, err
	}
	_ = resp.Body.Close()
	w.jar.SetCookies(req.URL, resp.Cookies())
	e, ok := w.last()
	if !ok || e.Response == nil {
		return nil, nil, fmt.Errorf("%s gave no answer", req.URL.Host)
	}
	sent, err := url.Parse(e.Request.URL)
	if err != nil {
		sent = req.URL
	}
	return e.Response, sent, nil
}

// last is the exchange that was just sent.
func (w *walk) last() (trace.Exchange, bool) {
	t := w.s.Trace()
	if len(t.Exchanges) == 0 {
		return trace.Exchange{}, false
	}
	return t.Exchanges[len(t.Exchanges)-1], true
}

// turn decides what an answer asks for: deliver the redirect, follow a
// redirect inside the server, answer a form, or stop at an error page.
func (w *walk) turn(ctx context.Context, resp *trace.Response, at *url.URL) (done bool, next trace.Request, err error) {
	if location := onward(resp); location != "" {
		target, err := at.Parse(location)
		if err != nil {
			return false, next, fmt.Errorf("redirect address: %w", err)
		}
		if w.visit == nil && isRedirect(target, w.back) {
			_, err := loopback.Deliver(ctx, w.s, trace.Request{Method: http.MethodGet, URL: target.String(), Header: http.Header{"Accept": {"text/html"}}}, w.leg)
			return true, next, err
		}
		w.s.Enter(trace.SignIn)
		return false, trace.Request{Method: http.MethodGet, URL: target.String()}, nil
	}
	p := parse(resp.Body, at)
	if w.visit != nil {
		if p.form == nil && p.Code == "" && p.Error == "" && resp.Status == http.StatusOK {
			return true, next, nil
		}
		p.fill(w.visit.Fill)
	}
	if p.form == nil && p.Code == "" && p.Error == "" && resp.Status == http.StatusOK && w.asked {
		return false, next, &engine.AbandonedError{Text: words(p)}
	}
	if p.form == nil {
		return false, next, pageError(p, resp)
	}
	if w.visit == nil && p.autoPost(w.back) {
		_, err := loopback.Deliver(ctx, w.s, p.request(engine.PageAnswer{}), w.leg)
		return true, next, err
	}
	w.s.Enter(trace.SignIn)
	w.asked = true
	answer, err := w.s.Ask(ctx, p.Page)
	if err != nil {
		return false, next, err
	}
	return false, p.request(answer), nil
}

// onward is the address that a browser goes on to by itself: at once, or, from a
// page with a Refresh header, after a moment (the page of a sign-out, which tells
// other applications first).
func onward(resp *trace.Response) string {
	if resp.Status >= 300 && resp.Status < 400 {
		return resp.Header.Get("Location")
	}
	_, address, ok := strings.Cut(resp.Header.Get("Refresh"), ";")
	address = strings.TrimSpace(address)
	if !ok || resp.Status != http.StatusOK || len(address) < 4 || !strings.EqualFold(address[:4], "url=") {
		return ""
	}
	return address[4:]
}

// words is what a page says, title first.
func words(p *page) string {
	parts := []string{p.Title}
	for _, t := range p.Text {
		parts = append(parts, t.Text)
	}
	return strings.Join(parts, ". ")
}

func pageError(p *page, resp *trace.Response) error {
	text := p.Error
	if text == "" {
		text = words(p)
	}
	if text = trace.Plain(strings.TrimSpace(text)); text == "" {
		text = fmt.Sprintf("status %d and no page that can be read", resp.Status)
	}
	if len(text) > 400 {
		text = text[:400] + "…"
	}
	return &engine.PageError{Code: p.Code, Text: text}
}

// isRedirect reports whether target is the redirect URI, query and fragment
// aside. A URI without a path comes back with a slash (Entra: redirect URI
// restrictions).
func isRedirect(target *url.URL, redirectURI string) bool {
	u, err := url.Parse(redirectURI)
	if err != nil {
		return false
	}
	same := target.Scheme == u.Scheme && strings.EqualFold(target.Host, u.Host)
	return same && strings.TrimSuffix(target.EscapedPath(), "/") == strings.TrimSuffix(u.EscapedPath(), "/")
}
