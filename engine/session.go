package engine

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"flowscope/engine/trace"
	"flowscope/engine/wire"
)

// Session is a run as its driver sees it: the job, the gate to send through,
// and the places to put what was obtained.
type Session struct {
	run      *Run
	runner   *Runner
	gate     *wire.Gate
	verifier Verifier
	step     Step
	reached  int // the furthest step so far
	page     int
	cookies  http.CookieJar
	user     string      // who signs in, when that is not the job's account
	checked  int         // tokens that have their report
	switched []Condition // conditions that this run has set, to be put back
	due      []Condition // conditions that wait for their purpose
	annotate func(trace.Exchange) string
}

// desk is the Session as the gate sees it, kept apart so that drivers can't
// call the gate's half.
type desk Session

// Job gives the job of the run.
func (s *Session) Job() Job { return s.run.Job }

// Plan gives the plan of the run.
func (s *Session) Plan() Plan { return s.run.Plan }

// Client is the HTTP client of the run. It has the methods that MSAL Go asks
// of one.
func (s *Session) Client() *wire.Gate { return s.gate }

// Via gives a client whose requests are recorded and held like all others, but
// delivered by next: how the redirect reaches the application.
func (s *Session) Via(next http.RoundTripper) *wire.Gate {
	g := *s.gate
	g.Next, g.Allow = next, func(*url.URL) error { return nil }
	return &g
}

// Guarded gives a client that refuses hosts outside the target like Client, but
// delivers by next: how a request is handed to the system browser.
func (s *Session) Guarded(next http.RoundTripper) *wire.Gate {
	g := *s.gate
	g.Next = next
	return &g
}

// Agent gives the user agent that the job asks for.
func (s *Session) Agent() Agent {
	switch {
	case s.run.Job.Paste:
		return s.runner.Paste
	case s.run.Job.Browser:
		return s.runner.Browser
	}
	return s.runner.Agent
}

// Enter begins the step with this purpose; the step before it is done. Where a
// plan has several, it is the next one from the furthest step that was reached;
// when that is the current step itself, nothing happens. A move that the plan has
// no step ahead for belongs to an earlier one and does not set the flow back. A step that the flow passes over (no
// page was shown, say) stays planned: it did not happen.
func (s *Session) Enter(p trace.Purpose) {
	if step, ok := s.run.Plan.from(p, s.reached); ok && step.N != s.step.N {
		s.begin(step)
	}
}

// EnterNext begins the next step with this purpose after the current one: how a
// second request of the same purpose gets a step of its own.
func (s *Session) EnterNext(p trace.Purpose) {
	if step, ok := s.run.Plan.from(p, s.step.N+1); ok && step.N != s.step.N {
		s.begin(step)
	}
}

func (s *Session) begin(step Step) {
	s.run.mu.Lock()
	defer s.run.mu.Unlock()
	st := &s.run.state
	for i := range st.Steps {
		if i != step.N-1 && st.Steps[i] == Active {
			st.Steps[i] = Done
		}
	}
	s.step, s.reached = step, max(s.reached, step.N)
	st.Current, st.Steps[step.N-1] = step.N, Active
	s.run.emit()
}

// Turn tells that the person has something to do outside the program; nil ends
// it.
func (s *Session) Turn(t *Turn) {
	s.run.mu.Lock()
	defer s.run.mu.Unlock()
	s.run.state.Turn = t
	s.run.emit()
}

// Trace gives what was recorded so far.
func (s *Session) Trace() *trace.Trace {
	s.run.mu.Lock()
	defer s.run.mu.Unlock()
	return s.run.trace.Clone()
}

// Now gives the run's time.
func (s *Session) Now() time.Time { return s.runner.Now() }

// Cookies gives what the run's user agent keeps between its trips, nil at first.
func (s *Session) Cookies() http.CookieJar { return s.cookies }

// SetCookies keeps a user agent's cookies for the length of the run, and of the
// runs that go on from it.
func (s *Session) SetCookies(jar http.CookieJar) {
	s.cookies = jar
	s.run.mu.Lock()
	s.run.cookies = jar
	s.run.mu.Unlock()
}

// SignInAs says who answers the sign-in pages from here on, where a flow needs
// another person than the job's; empty: the job's again. Another person sits at
// another browser: what was kept of the session is forgotten.
func (s *Session) SignInAs(username string) { s.user, s.cookies = username, nil }

// Mark sets the state of the current step without ending the run.
func (s *Session) Mark(state StepState) {
	s.run.mu.Lock()
	defer s.run.mu.Unlock()
	if s.step.N > 0 {
		s.run.state.Steps[s.step.N-1] = state
		s.run.emit()
	}
}

// AddToken records a token that the run obtained.
func (s *Session) AddToken(t trace.Token) {
	s.run.mu.Lock()
	defer s.run.mu.Unlock()
	s.run.trace.Tokens = append(s.run.trace.Tokens, t)
	s.run.emit()
}

// SetLibrary records what the client library made of the exchange.
func (s *Session) SetLibrary(l trace.Library) {
	s.run.mu.Lock()
	defer s.run.mu.Unlock()
	s.run.trace.Library = &l
}

// Exchange gives the newest exchange with this purpose.
func (s *Session) Exchange(p trace.Purpose) (trace.Exchange, bool) {
	s.run.mu.Lock()
	defer s.run.mu.Unlock()
	return s.run.trace.Last(p)
}

// Random gives n random bytes as base64url without padding: state, nonce and
// code verifier are made of it (32 bytes are 43 characters, RFC 7636 section 4.1).
func (s *Session) Random(n int) (string, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(s.runner.random(), b); err != nil {
		return "", fmt.Errorf("no randomness: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// Step gives the number of the step that is under way.
func (s *Session) Step() int { return s.step.N }

// Ask shows a page and waits for the person's answer. Where nobody is asked (a
// run that is not stepped, a retry that remembers) the answer is made from the
// job. It fails when the page reports an error that the same answer would only
// bring about again.
func (s *Session) Ask(ctx context.Context, p Page) (PageAnswer, error) {
	s.page++
	p.ID = s.page
	if a, ok := s.account(); ok {
		p.User = a.Username
	}
	if a, ok := s.autoAnswer(p); ok {
		s.remember(a)
		return a, nil
	}
	if !s.run.Job.Step && !p.Person {
		return PageAnswer{}, &PageError{Code: p.Code, Text: pageWords(p)}
	}
	s.run.mu.Lock()
	page := p
	s.run.state.Page = &page
	s.run.emit()
	s.run.mu.Unlock()
	defer func() {
		s.run.mu.Lock()
		s.run.state.Page = nil
		s.run.emit()
		s.run.mu.Unlock()
	}()
	for {
		select {
		case a := <-s.run.answers:
			if a.id == p.ID {
				s.remember(a.answer)
				return a.answer, nil
			}
		case <-ctx.Done():
			return PageAnswer{}, ctx.Err()
		}
	}
}

func (s *Session) remember(a PageAnswer) {
	s.run.mu.Lock()
	defer s.run.mu.Unlock()
	s.run.pages = append(s.run.pages, a)
}

// autoAnswer answers a page without asking: with what an earlier run was told,
// or, in a run that is not stepped, with the job's account and a consent.
func (s *Session) autoAnswer(p Page) (PageAnswer, bool) {
	if p.Person {
		return PageAnswer{}, false
	}
	if i := p.ID - 1; i < len(s.run.Job.Pages) && p.Error == "" && p.offers(s.run.Job.Pages[i]) {
		return s.run.Job.Pages[i].with(p.Fields), true
	}
	s.run.mu.Lock()
	stepping := s.run.stepping
	s.run.mu.Unlock()
	acts := s.run.Job.Abandon || s.run.Job.Decline && p.AsksConsent()
	if (s.run.Job.Step && stepping && !acts) || p.Error != "" || len(p.Buttons) == 0 {
		return PageAnswer{}, false
	}
	return s.DefaultAnswer(p)
}

// DefaultAnswer fills a page in with the job's account and presses its first
// button, or the last where the person gives up; false when the job knows no account for a page that asks for one.
func (s *Session) DefaultAnswer(p Page) (PageAnswer, bool) {
	a := PageAnswer{Values: map[string]string{}, Button: p.Buttons[0].Label}
	for _, f := range p.Fields {
		a.Values[f.Name] = f.Value
	}
	if s.run.Job.Abandon {
		a.Button = p.Buttons[len(p.Buttons)-1].Label
		return a, true
	}
	if !p.HasField("username") && !p.HasField("password") {
		if s.run.Job.Decline && p.AsksConsent() {
			a.Button = p.Buttons[len(p.Buttons)-1].Label
		}
		return a, true
	}
	account, ok := s.account()
	if !ok {
		return a, false
	}
	a.Values["username"], a.Values["password"] = account.Username, account.Password
	return a, true
}

func (s *Session) account() (Account, bool) {
	if s.user != "" {
		return s.run.Job.Target.Account(s.user)
	}
	return s.run.Job.account()
}

func pageWords(p Page) string {
	if p.Error != "" {
		return p.Error
	}
	return p.Title
}

// after does what follows once the tokens are there: the signing keys are
// fetched and the tokens checked, then the API is called.
func (s *Session) after(ctx context.Context) error {
	if err := s.verify(ctx); err != nil {
		return err
	}
	return s.callAPI(ctx)
}

// verify checks the tokens where the plan says so. A driver whose plan has the
// keys in its middle has checked them.
func (s *Session) verify(ctx context.Context) error {
	if step, ok := s.run.Plan.from(trace.Keys, s.step.N); !ok || step.N < s.step.N {
		return nil
	}
	s.Enter(trace.Keys)
	return s.Check(ctx)
}

// Check checks the tokens that have no report yet, in the current step.
func (s *Session) Check(ctx context.Context) error {
	if s.verifier == nil {
		return nil
	}
	s.run.mu.Lock()
	tokens := append([]trace.Token(nil), s.run.trace.Tokens[s.checked:]...)
	s.checked = len(s.run.trace.Tokens)
	s.run.mu.Unlock()
	for _, t := range tokens {
		report := s.verifier.Verify(ctx, s.gate, s.run.bound(t), s.run.target())
		if err := ctx.Err(); err != nil {
			return err
		}
		s.run.mu.Lock()
		s.run.state.Reports = append(s.run.state.Reports, TokenReport{t, report})
		s.run.emit()
		s.run.mu.Unlock()
	}
	return nil
}

// bound adds to what is expected of an ID token what came with it.
func (run *Run) bound(t trace.Token) trace.Token {
	if t.Kind != trace.IDToken {
		return t
	}
	run.mu.Lock()
	defer run.mu.Unlock()
	for _, e := range run.trace.Exchanges {
		if e.N == t.Exchange {
			t.Expect.Code, _ = e.Request.Get("code")
			t.Expect.FrontChannel = e.Channel == trace.Front
		}
	}
	for _, other := range run.trace.Tokens {
		if other.Kind == trace.AccessToken && other.Exchange == t.Exchange {
			t.Expect.AccessToken = other.Value
		}
	}
	return t
}

// checkReceived checks the tokens that came before a later answer was an error: the
// first hop's, where the API in the middle gets none. The failed step stays the
// one at which the run ended. Where the program itself refused what came, or a
// request broke, nothing more is sent.
func (s *Session) checkReceived(ctx context.Context, failure error) {
	var oauth *OAuthError
	failed := s.step
	step, ok := s.run.Plan.from(trace.Keys, failed.N)
	if !ok || step.N < failed.N || ctx.Err() != nil || !errors.As(failure, &oauth) || len(s.Trace().Tokens) == s.checked {
		return
	}
	s.Mark(Broken)
	s.begin(step)
	if s.Check(ctx) == nil {
		s.Mark(Done)
	} else {
		s.Mark(Planned)
	}
	s.run.mu.Lock()
	s.step, s.run.state.Current = failed, failed.N
	s.run.mu.Unlock()
}

// callAPI sends the access token to the job's API (RFC 6750 section 2.1). A
// refusal by the API does not take the tokens away: the step is marked, the run
// went through. A driver whose plan has the call in its middle has made it.
func (s *Session) callAPI(ctx context.Context) error {
	step, ok := s.run.Plan.Step(trace.CallAPI)
	if !ok || s.run.Job.Call == "" || s.step.N >= step.N {
		return nil
	}
	s.run.mu.Lock()
	token, ok := s.run.trace.Token(trace.AccessToken)
	s.run.mu.Unlock()
	if !ok {
		return fmt.Errorf("there is nothing to call the API with: %w", ErrNoToken)
	}
	s.Enter(trace.CallAPI)
	_, err := s.Bearer(ctx, s.run.Job.Call, token.Value)
	return err
}

// Bearer sends a GET with a token in the Authorization header (RFC 6750 section
// 2.1) as the exchange of the current step, and gives the answer. An answer that
// refuses marks the step and is no error.
func (s *Session) Bearer(ctx context.Context, address, token string) (*http.Response, error) {
	if _, err := CheckAddress(address); err != nil {
		return nil, fmt.Errorf("API address: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("API address: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "application/json")
	resp, err := s.outward(req).Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= 400 {
		s.Mark(Broken)
	}
	return resp, nil
}

// outward gives the gate for a request: the target's, or, for a host that the
// person has agreed to, one that leads there and nowhere else.
func (s *Session) outward(req *http.Request) *wire.Gate {
	host := req.URL.Host
	if t := s.run.target(); t.has(host) || !slices.ContainsFunc(s.run.Job.Confirmed, func(h string) bool { return strings.EqualFold(h, host) }) || s.runner.Outside == nil {
		return s.gate
	}
	g := *s.gate
	g.Next, g.Allow = s.runner.Outside, allowConfirmed(host)
	return &g
}

// allowConfirmed lets requests out to one host: by https, or in the clear where
// it is this machine.
func allowConfirmed(host string) func(*url.URL) error {
	https := wire.AllowHosts(host)
	return func(u *url.URL) error {
		name := u.Hostname()
		if u.Scheme == "http" && strings.EqualFold(u.Host, host) && (name == "localhost" || name == "127.0.0.1" || name == "::1") {
			return nil
		}
		return https(u)
	}
}
