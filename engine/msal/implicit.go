package msal

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"flowscope/engine"
	"flowscope/engine/loopback"
	"flowscope/engine/trace"
)

// errInside says where the implicit flow is shown: only a script of the page
// reads a fragment, and a listener is no page.
var errInside = errors.New("the implicit flow is shown with the sign-in inside the program: a fragment never reaches a server, only the scripts of the page")

// planImplicit is the implicit flow (RFC 6749 section 4.2; OpenID Connect Core
// 1.0 section 3.2), to show where its token ends up. RFC 9700 section 2.1.2
// says not to use it.
func planImplicit(job engine.Job) (engine.Plan, error) {
	switch {
	case job.Client.RedirectURI == "":
		return engine.Plan{}, errNoRedirect
	case job.Browser || job.Paste:
		return engine.Plan{}, errInside
	}
	p := engine.Plan{
		Flow: job.Flow, Client: job.Client, Title: "warning: implicit, the old way · " + clientWords(job.Client.Key),
		Scopes: append([]string{"openid", "profile"}, job.Scopes...),
	}
	p.Steps = []engine.Step{
		{
			Title: "Send the person to sign in", Label: "authorize, id_token token", From: trace.App, To: trace.Entra, Channel: trace.Front, Purpose: trace.Authorize,
			Why:    "response_type=id_token token asks for the tokens themselves, through the browser. Do not build this: authorization code + PKCE does the same from a page, and is what to move to.",
			Guards: "There is no code, so nothing can be bound to a verifier: PKCE has nothing to protect here.",
		},
		{
			Title: "Sign in and consent", Label: "sign in, consent", From: trace.You, To: trace.Entra, Channel: trace.Front, Purpose: trace.SignIn,
			Why:    "The person proves who they are to Entra ID alone. That part is as it should be.",
			Guards: "Nothing is granted that the person was not shown.",
		},
		{
			Title: "The access token comes through the browser", Label: "#access_token, id_token", From: trace.Entra, To: trace.App, Channel: trace.Front, Purpose: trace.Redirect,
			Why:    "The token stands in the address, behind the #. No server sees it there, but the history does, and so does every script of the page, every extension, and whoever reads over a shoulder.",
			Guards: "The state and the nonce must be those of step 1, and at_hash ties the access token to the ID token: that is all there is. Nothing ties the tokens to the one who asked for them, as PKCE ties a code.",
		},
	}
	p.Steps = append(p.Steps, tail(job)...)
	for i, st := range p.Steps {
		if st.Purpose == trace.Keys {
			p.Steps[i].Guards = "Here the application must check the ID token's signature by itself: it came through the browser, where anybody could have changed it."
		}
	}
	engine.Number(p.Steps)
	return p, nil
}

func (d Driver) runImplicit(ctx context.Context, s *engine.Session) error {
	job := s.Job()
	a, err := newAttempt(ctx, s, job)
	if err != nil {
		return err
	}
	address, err := a.implicitURL(job)
	if err != nil {
		return err
	}
	var access, id string
	var judged error
	leg := engine.Leg{AuthorizeURL: address, RedirectURI: a.RedirectURI}
	leg.Receive = func(r trace.Request) trace.Response {
		access, id, judged = a.JudgeTokens(s.Step(), r)
		return loopback.Page(judged)
	}
	if err := s.Agent().Authorize(ctx, s, leg); err != nil {
		return err
	}
	if judged != nil {
		return judged
	}
	e, _ := s.Exchange(trace.Redirect)
	want := ask{purpose: trace.Redirect, client: job.Client, scopes: job.Scopes, caller: "user", nonce: a.Nonce}
	addTokens(s, e.N, want, engine.TokenAnswer{AccessToken: access, IDToken: id})
	return nil
}

// implicitURL is the authorization request of RFC 6749 section 4.2.1 with the
// response type of OpenID Connect.
func (a *attempt) implicitURL(job engine.Job) (string, error) {
	u, err := url.Parse(job.Target.Authority + "/oauth2/v2.0/authorize")
	if err != nil {
		return "", err
	}
	params := []trace.Param{
		{Name: "client_id", Value: job.Client.Registration.ClientID},
		{Name: "response_type", Value: "id_token token"},
		{Name: "redirect_uri", Value: a.RedirectURI},
		{Name: "response_mode", Value: "fragment"},
		{Name: "scope", Value: strings.Join(slices.Concat([]string{"openid", "profile"}, job.Scopes), " ")},
		{Name: "state", Value: a.State},
		{Name: "nonce", Value: a.Nonce},
	}
	if job.Prompt != "" {
		params = append(params, trace.Param{Name: "prompt", Value: job.Prompt})
	}
	if job.User != "" {
		params = append(params, trace.Param{Name: "login_hint", Value: job.User})
	}
	u.RawQuery = trace.EncodePairs(params)
	return u.String(), nil
}
