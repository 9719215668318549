package oidc

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"

	"flowscope/engine"
	"flowscope/engine/loopback"
	"flowscope/engine/trace"
)

// runSignOut signs in and out again (OpenID Connect RP-Initiated Logout 1.0), so
// that what a sign-out does not end can be seen afterwards.
func (c *client) runSignOut(ctx context.Context) error {
	if _, err := c.need(fieldEndSession, c.meta.EndSession, "sign-out"); err != nil {
		return err
	}
	g, err := c.signIn(ctx)
	if err != nil {
		return err
	}
	if err := c.keep(g, trace.TokenCall); err != nil {
		return err
	}
	c.s.Enter(trace.Keys)
	if err := c.s.Check(ctx); err != nil {
		return err
	}
	if err := c.call(ctx, g.AccessToken); err != nil {
		return err
	}
	if err := c.signOut(ctx, g.IDToken); err != nil {
		return err
	}
	return c.call(ctx, g.AccessToken)
}

// call sends the access token to the job's API, as a step of its own each time.
func (c *client) call(ctx context.Context, token string) error {
	if c.job.Call == "" {
		return nil
	}
	c.s.EnterNext(trace.CallAPI)
	resp, err := c.s.Bearer(ctx, c.job.Call, token)
	if err == nil {
		_ = resp.Body.Close()
	}
	return err
}

// signOut sends the browser to the end session endpoint, and takes the redirect
// back where the client has an address for it.
func (c *client) signOut(ctx context.Context, idToken string) error {
	u, err := url.Parse(c.meta.EndSession)
	if err != nil {
		return fmt.Errorf("%s: %w", fieldEndSession, err)
	}
	q := u.Query()
	if idToken != "" {
		q.Set("id_token_hint", idToken)
	}
	q.Set("client_id", c.job.Client.Registration.ClientID)
	back := cmp.Or(c.job.Client.LogoutURI, c.job.Client.RedirectURI)
	if back == "" {
		u.RawQuery = q.Encode()
		return c.s.Agent().Visit(ctx, c.s, engine.Visit{URL: u.String(), Purpose: trace.SignOut})
	}
	state, err := c.s.Random(32)
	if err != nil {
		return err
	}
	q.Set("post_logout_redirect_uri", back)
	q.Set("state", state)
	u.RawQuery = q.Encode()
	var judged error
	leg := engine.Leg{AuthorizeURL: u.String(), RedirectURI: back, Purpose: trace.SignOut, Back: trace.SignedOut}
	leg.Receive = func(r trace.Request) trace.Response {
		judged = c.judgeReturn(r, state)
		return loopback.Page(judged)
	}
	err = c.s.Agent().Authorize(ctx, c.s, leg)
	if c.stays(err) {
		c.s.Remark(trace.SignOut, "the issuer stays on a page of its own: the address to come back to is none that it knows for a sign-out")
		return nil
	}
	return or(err, judged)
}

// stays reports whether the sign-out ended on a page of the issuer's own, which
// is what happens with an address that is not registered (section 3.1).
func (c *client) stays(err error) bool {
	var page *engine.PageError
	if !errors.As(err, &page) || page.Code != "" {
		return false
	}
	t := c.s.Trace()
	e := t.Exchanges[len(t.Exchanges)-1]
	return e.Response != nil && e.Response.Status == 200
}

// judgeReturn checks that the way back answers this sign-out (section 3).
func (c *client) judgeReturn(r trace.Request, want string) error {
	found, _ := r.Get("state")
	if subtle.ConstantTimeCompare([]byte(found), []byte(want)) == 1 {
		return nil
	}
	return &engine.RefusedError{Refusal: trace.Refusal{
		Check: "state", Step: c.s.Step(), Expected: want, Found: found, Why: "the way back does not carry the state of this sign-out",
	}}
}
