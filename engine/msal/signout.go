package msal

import (
	"cmp"
	"context"
	"errors"
	"net/url"

	"flowscope/engine"
	"flowscope/engine/loopback"
	"flowscope/engine/trace"
)

// errNoCall says that a sign-out has nothing to show its lesson with.
var errNoCall = errors.New("a sign-out is shown with an API that is called before and after it, and none is known: say which one to call")

// planSignOut is a sign-in, a call, a sign-out (OpenID Connect RP-Initiated
// Logout 1.0), and the same call with the old token.
func planSignOut(job engine.Job) (engine.Plan, error) {
	if job.Call == "" {
		return engine.Plan{}, errNoCall
	}
	p, err := planCode(job)
	if err != nil {
		return p, err
	}
	call := "GET " + engine.PathOf(job.Call)
	p.Steps = append(p.Steps,
		engine.Step{
			Title: "Sign out", Label: "logout", From: trace.App, To: trace.Entra, Channel: trace.Front, Purpose: trace.SignOut,
			Why:    "The application forgets its own session and its tokens, and then sends the browser to Entra ID, which ends the session there. id_token_hint says whose.",
			Guards: "Without it the next sign-in of this browser goes through with no page: whoever sits down next is you.",
		},
		engine.Step{
			Title: "Come back signed out", Label: "state", From: trace.Entra, To: trace.App, Channel: trace.Front, Purpose: trace.SignedOut,
			Why:    "Entra ID goes on to post_logout_redirect_uri only when the application has registered it. It brings no token and no code.",
			Guards: "The state must be the one that was sent, else somebody else sent this browser here.",
		},
		engine.Step{
			Title: "Call the API with the old token", Label: call, From: trace.App, To: trace.API, Channel: trace.Back, Purpose: trace.CallAPI,
			Why:    "200, after the sign-out. An access token is good until it expires: the API checks it by itself and asks nobody. The sign-out ended the browser's session, not the token.",
			Guards: "So drop the tokens at the sign-out, and keep access tokens short-lived. To cut a person off at once, an administrator revokes the sessions, and APIs with continuous access evaluation notice.",
		})
	if !job.Paste {
		p.Steps = append(p.Steps, goneSteps()...)
	}
	number(p.Steps)
	return p, nil
}

// goneSteps show that the browser's session has ended.
func goneSteps() []engine.Step {
	return []engine.Step{
		{
			Title: "Ask for the session", Label: "authorize, prompt=none", From: trace.App, To: trace.Entra, Channel: trace.Front, Purpose: trace.Authorize,
			Why:    "prompt=none asks for tokens without a page. Before the sign-out it would have worked.",
			Guards: "Entra ID has no session for this browser any more.",
		},
		{
			Title: "It is gone", Label: "login_required", From: trace.Entra, To: trace.App, Channel: trace.Front, Purpose: trace.Redirect,
			Why:    "login_required is the answer that is wanted here: nobody is signed in.",
			Guards: "The state must be the one of this request.",
		},
	}
}

func (d Driver) runSignOut(ctx context.Context, s *engine.Session) error {
	h, err := newHop(s, s.Job())
	if err != nil {
		return err
	}
	if err := h.signIn(ctx); err != nil {
		return err
	}
	s.Enter(trace.Keys)
	if err := s.Check(ctx); err != nil {
		return err
	}
	if err := h.call(ctx); err != nil {
		return err
	}
	if err := h.signOut(ctx); err != nil {
		return err
	}
	if err := h.call(ctx); err != nil || h.job.Paste {
		return err
	}
	return h.gone(ctx)
}

// call sends the access token to the API in a step of its own.
func (h *hop) call(ctx context.Context) error {
	token, ok := h.s.Trace().Token(trace.AccessToken)
	if !ok {
		return engine.ErrNoToken
	}
	h.s.EnterNext(trace.CallAPI)
	resp, err := h.s.Bearer(ctx, h.job.Call, token.Value)
	if err == nil {
		_ = resp.Body.Close()
	}
	return err
}

// signOut sends the browser to the logout endpoint and judges the way back. A
// server that stays on a page of its own has signed out too.
func (h *hop) signOut(ctx context.Context) error {
	back := cmp.Or(h.job.Client.LogoutURI, h.back)
	state, err := h.s.Random(16)
	if err != nil {
		return err
	}
	address, err := logoutURL(h.s, back, state)
	if err != nil {
		return err
	}
	var judged error
	leg := engine.Leg{AuthorizeURL: address, RedirectURI: back, Purpose: trace.SignOut, Back: trace.SignedOut}
	leg.Receive = func(r trace.Request) trace.Response {
		judged = engine.SameState(h.s.Step(), r, state, "the way back does not carry the state that this sign-out sent, so somebody else sent the browser here")
		return loopback.Page(judged)
	}
	err = h.s.Agent().Authorize(ctx, h.s, leg)
	if stays(h.s, err) {
		return nil
	}
	return cmp.Or(err, judged)
}

// stays reports whether the sign-out ended on a page of the server's own: the
// address to go on to was not one that it knows.
func stays(s *engine.Session, err error) bool {
	var page *engine.PageError
	e, ok := s.Exchange(trace.SignOut)
	return errors.As(err, &page) && page.Code == "" && ok && e.Response != nil && e.Response.Status == 200
}

// logoutURL is OpenID Connect RP-Initiated Logout 1.0 section 2.
func logoutURL(s *engine.Session, back, state string) (string, error) {
	u, err := url.Parse(endpoint(s, "end_session_endpoint", s.Job().Target.Authority+"/oauth2/v2.0/logout"))
	if err != nil {
		return "", err
	}
	var params []trace.Param
	if t, ok := s.Trace().Token(trace.IDToken); ok {
		params = append(params, trace.Param{Name: "id_token_hint", Value: t.Value})
	}
	if back != "" {
		params = append(params, trace.Param{Name: "post_logout_redirect_uri", Value: back}, trace.Param{Name: "state", Value: state})
	}
	u.RawQuery = trace.EncodePairs(params)
	return u.String(), nil
}

// gone asks for the session with prompt=none, and is content when there is none.
func (h *hop) gone(ctx context.Context) error {
	h.quietly()
	a, err := h.begin(ctx)
	if err != nil {
		return err
	}
	a.Wanted = "login_required"
	if err := a.signIn(ctx, h.s); err != nil {
		return err
	}
	if a.Code != "" { // another session of this browser, say
		h.s.Mark(engine.Broken)
	}
	return nil
}
