package oidc

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/url"
	"slices"

	"golang.org/x/oauth2"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/trace"
)

// errNoRefresh says that the sign-in brought nothing to renew with.
var errNoRefresh = errors.New("the issuer gave no refresh token: it was not asked for offline_access, or it does not offer it")

// hop is the flow with which a run gets the tokens that it goes on with: the
// client's own.
func hop(job engine.Job) decision.Flow {
	if job.Client.RedirectURI == "" && job.Client.Runs(decision.DeviceCode) {
		return decision.DeviceCode
	}
	return decision.AuthorizationCode
}

// first signs the person in, as the first hop of a longer flow.
func (c *client) first(ctx context.Context) (grant, trace.Purpose, error) {
	if hop(c.job) == decision.DeviceCode {
		g, err := c.deviceSignIn(ctx)
		return g, trace.Poll, err
	}
	g, err := c.signIn(ctx)
	return g, trace.TokenCall, err
}

// runRefresh redeems a refresh token (RFC 6749 section 6): the person's own, or
// that of a sign-in.
func (c *client) runRefresh(ctx context.Context) error {
	old := grant{TokenAnswer: engine.TokenAnswer{RefreshToken: c.job.Given}}
	if c.job.Given == "" {
		g, p, err := c.first(ctx)
		if err != nil {
			return err
		}
		if err := c.keep(g, p); err != nil {
			return err
		}
		old = g
	}
	g, err := c.refresh(ctx, old)
	if err != nil {
		return err
	}
	return c.keep(g, trace.Refresh)
}

// refresh redeems a refresh token and checks that the ID token is the same
// person's as before (OpenID Connect Core 1.0 section 12.2).
func (c *client) refresh(ctx context.Context, old grant) (grant, error) {
	if old.RefreshToken == "" {
		return grant{}, errNoRefresh
	}
	if _, err := c.need(fieldToken, c.meta.Token, "refresh token"); err != nil {
		return grant{}, err
	}
	c.s.Enter(trace.Refresh)
	source := c.config(nil).TokenSource(c.library(ctx, trace.Refresh), &oauth2.Token{RefreshToken: old.RefreshToken})
	_, libErr := source.Token()
	answer, err := c.collect(trace.Refresh, "TokenSource", libErr)
	if err != nil {
		return grant{}, err
	}
	return grant{TokenAnswer: answer}, c.samePerson(old.IDToken, answer.IDToken)
}

// samePerson compares the subjects of two ID tokens, where there are two.
func (c *client) samePerson(before, after string) error {
	if before == "" || after == "" {
		return nil
	}
	return c.sameSubject(before, subjectOf(after), "the renewed ID token is about another person")
}

// sameSubject compares an ID token's subject with another statement of it.
func (c *client) sameSubject(idToken, found, why string) error {
	want := subjectOf(idToken)
	if want != "" && subtle.ConstantTimeCompare([]byte(want), []byte(found)) == 1 {
		return nil
	}
	return &engine.RefusedError{Refusal: trace.Refusal{
		Check: "sub", Step: c.s.Step(), Expected: clip(want), Found: clip(found), Why: why,
	}}
}

func subjectOf(token string) string {
	var claims struct {
		Subject string `json:"sub"`
	}
	if engine.Peek(token, &claims) != nil {
		return ""
	}
	return claims.Subject
}

// offered refuses a grant that the document does not list. Where it lists none,
// authorization code and implicit are meant (OpenID Connect Discovery 1.0 section
// 3), but many issuers leave the list out and offer more, so they are asked.
func (c *client) offered(grantType string) error {
	if len(c.meta.GrantTypes) == 0 || slices.Contains(c.meta.GrantTypes, grantType) {
		return nil
	}
	return &engine.CannotError{
		Driver: c.driver.Name(), Flow: c.job.Flow,
		Why: c.server() + " does not offer it: " + fieldGrants + " of its discovery document has no " + grantType,
	}
}

// runSilent is what an application does all day: it asks its token source, which
// answers from memory as long as the token is good and renews it behind its back.
func (c *client) runSilent(ctx context.Context) error {
	old := grant{TokenAnswer: engine.TokenAnswer{RefreshToken: c.job.Given}}
	if c.job.Given == "" {
		g, p, err := c.first(ctx)
		if err != nil {
			return err
		}
		if err := c.keep(g, p); err != nil {
			return err
		}
		if err := c.fromMemory(ctx, g); err != nil {
			return err
		}
		old = g
	}
	g, err := c.whenExpired(ctx, old)
	var said *engine.OAuthError
	if errors.As(err, &said) && c.job.Given == "" && hop(c.job) == decision.AuthorizationCode && slices.Contains(interactive, said.Code) {
		c.s.Mark(engine.Broken)
		again, err := c.signIn(ctx)
		if err != nil {
			return err
		}
		return c.keep(again, trace.TokenCall)
	}
	if err != nil {
		return err
	}
	return c.keep(g, trace.Refresh)
}

// interactive are the errors after which only the person can help (OpenID Connect
// Core 1.0 section 3.1.2.6, RFC 6749 section 5.2).
var interactive = []string{"invalid_grant", "interaction_required", "login_required", "consent_required", "account_selection_required"}

// renewal is a token source that x/oauth2's cache asks when its token has run out.
type renewal func() (*oauth2.Token, error)

// Token renews.
func (r renewal) Token() (*oauth2.Token, error) { return r() }

// errSent says that a cache hit sent something.
var errSent = errors.New("the token source sent a request though its token was good")

// fromMemory asks the token source while its token is good: nothing is sent.
func (c *client) fromMemory(_ context.Context, g grant) error {
	c.s.Enter(trace.Cached)
	if err := c.s.SwitchDue(trace.Cached); err != nil {
		return err
	}
	// Without an end the token is good by any clock: the run's decides, not the
	// system's.
	source := oauth2.ReuseTokenSource(&oauth2.Token{AccessToken: g.AccessToken}, renewal(func() (*oauth2.Token, error) { return nil, errSent }))
	if _, err := source.Token(); err != nil {
		return err
	}
	c.s.SetLibrary(trace.Library{Name: c.driver.Name(), Result: "ReuseTokenSource gave the token that it had; nothing was sent"})
	return nil
}

// whenExpired asks the token source for a token that has run out: it renews it.
func (c *client) whenExpired(ctx context.Context, old grant) (grant, error) {
	var fresh grant
	var failed error
	// No token at all is what a token past its end is to the cache.
	source := oauth2.ReuseTokenSource(nil, renewal(func() (*oauth2.Token, error) {
		if fresh, failed = c.refresh(ctx, old); failed != nil {
			return nil, failed
		}
		return &oauth2.Token{AccessToken: fresh.AccessToken, RefreshToken: fresh.RefreshToken}, nil
	}))
	_, err := source.Token()
	return fresh, or(failed, err)
}

// exchangeGrant is the grant type of a token exchange (RFC 8693 section 2.1).
const exchangeGrant = "urn:ietf:params:oauth:grant-type:token-exchange"

// accessTokenType names an access token as what is exchanged (RFC 8693 section 3).
const accessTokenType = "urn:ietf:params:oauth:token-type:access_token"

// runExchange trades one access token for another (RFC 8693).
func (c *client) runExchange(ctx context.Context) error {
	if err := c.mustOffer(exchangeGrant); err != nil {
		return err
	}
	subject := c.job.Given
	if subject == "" {
		g, p, err := c.first(ctx)
		if err != nil {
			return err
		}
		if err := c.keep(g, p); err != nil {
			return err
		}
		subject = g.AccessToken
	}
	form := url.Values{
		"grant_type": {exchangeGrant}, "subject_token": {subject}, "subject_token_type": {accessTokenType},
		"requested_token_type": {accessTokenType},
	}
	if len(c.job.Client.Downstream) > 0 {
		form.Set("scope", join(c.job.Client.Downstream))
	}
	if c.job.Client.DownstreamURL != "" {
		form.Set("resource", c.job.Client.DownstreamURL)
	}
	if _, err := c.post(ctx, trace.TokenExchange, c.meta.Token, form); err != nil {
		return err
	}
	answer, err := c.collect(trace.TokenExchange, "", nil)
	if err != nil {
		return err
	}
	return c.keep(grant{TokenAnswer: answer}, trace.TokenExchange)
}

// mustOffer refuses a grant that the document does not name, even where it names
// none: it is too rare to be tried.
func (c *client) mustOffer(grantType string) error {
	if len(c.meta.GrantTypes) == 0 {
		return &engine.CannotError{
			Driver: c.driver.Name(), Flow: c.job.Flow,
			Why: c.server() + " does not offer it: its discovery document has no " + fieldGrants,
		}
	}
	return c.offered(grantType)
}
