package oidc

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/oauth2"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/loopback"
	"flowscope/engine/trace"
)

// grant is what a token request of a person brought, kept for what follows it.
type grant struct {
	engine.TokenAnswer
	nonce string // the ID token must carry it; empty: not compared
}

// runCode is authorization code with PKCE (RFC 6749 section 4.1, RFC 7636).
func (c *client) runCode(ctx context.Context) error {
	g, err := c.signIn(ctx)
	if err != nil {
		return err
	}
	return c.keep(g, trace.TokenCall)
}

// signIn goes through the browser and redeems the code.
func (c *client) signIn(ctx context.Context) (grant, error) {
	if _, err := c.need(fieldAuthorization, c.meta.Authorization, "authorization code"); err != nil {
		return grant{}, err
	}
	if _, err := c.need(fieldToken, c.meta.Token, "authorization code"); err != nil {
		return grant{}, err
	}
	a, err := engine.NewAttempt(ctx, c.s, c.job.Client)
	if err != nil {
		return grant{}, err
	}
	a.Issuer, a.MustName = c.meta.Issuer, c.meta.NamesItself
	cfg := c.config(c.scopes(true))
	cfg.RedirectURL = a.RedirectURI
	if err := c.trip(ctx, a, cfg); err != nil {
		return grant{}, err
	}
	c.s.Enter(trace.TokenCall)
	_, libErr := cfg.Exchange(c.library(ctx, trace.TokenCall), a.Code, oauth2.VerifierOption(a.Verifier))
	answer, err := c.collect(trace.TokenCall, "Exchange", libErr)
	if err != nil {
		return grant{}, err
	}
	return grant{answer, a.Nonce}, a.JudgeNonce(c.s.Step(), answer.IDToken)
}

// trip carries the front channel: the authorization request out, the redirect
// back, checked before its code is used.
func (c *client) trip(ctx context.Context, a *engine.Attempt, cfg *oauth2.Config) error {
	options := []oauth2.AuthCodeOption{
		oauth2.SetAuthURLParam("nonce", a.Nonce), oauth2.S256ChallengeOption(a.Verifier),
	}
	for name, value := range map[string]string{"prompt": c.prompt(cfg.Scopes), "claims": c.job.Claims, "login_hint": c.job.User} {
		if value != "" {
			options = append(options, oauth2.SetAuthURLParam(name, value))
		}
	}
	var judged error
	leg := engine.Leg{AuthorizeURL: cfg.AuthCodeURL(a.State, options...), RedirectURI: a.RedirectURI}
	leg.Receive = func(r trace.Request) trace.Response {
		judged = a.Judge(c.s.Step(), r)
		return loopback.Page(judged)
	}
	if err := c.s.Agent().Authorize(ctx, c.s, leg); err != nil {
		return err
	}
	return judged
}

// prompt is the job's, and consent where a refresh token is asked for: without it
// an issuer leaves the refresh token out (OpenID Connect Core 1.0 section 11).
// Entra asks by itself when consent is missing.
func (c *client) prompt(scopes []string) string {
	if c.job.Prompt == "" && c.job.Target.Is() != engine.Entra && slices.Contains(scopes, "offline_access") {
		return "consent"
	}
	return c.job.Prompt
}

// scopes are those of the plan, without the OpenID ones that the issuer does not
// offer: asking for an unknown scope is an error at some.
func (c *client) scopes(openID bool) []string {
	left := leftOut(c.job, c.meta)
	return slices.DeleteFunc(scopes(c.job, openID), func(s string) bool { return slices.Contains(left, s) })
}

// leftOut are the OpenID scopes of a sign-in that the document does not list and
// that nobody asked for by name.
func leftOut(job engine.Job, m metadata) []string {
	if len(m.Scopes) == 0 || !recipes()[job.Flow].openID {
		return nil
	}
	var out []string
	for _, s := range []string{"profile", "offline_access"} {
		if !slices.Contains(m.Scopes, s) && !slices.Contains(job.Scopes, s) {
			out = append(out, s)
		}
	}
	return out
}

// keep hands the tokens of an answer to the run, with what the plan says of them.
func (c *client) keep(g grant, p trace.Purpose) error {
	e, _ := c.s.Exchange(p)
	c.s.AddToken(trace.Token{Kind: trace.AccessToken, Value: g.AccessToken, Exchange: e.N, Expect: c.expectAccess(g)})
	if g.IDToken != "" {
		want := trace.Expect{
			Issuer: c.meta.Issuer, Audiences: []string{c.job.Client.Registration.ClientID}, Nonce: g.nonce, Caller: "user",
			ClientID: c.job.Client.Registration.ClientID, // azp, where aud names several
		}
		if id := c.tenantID(); id != "" {
			want.Tenants = []string{id}
		}
		c.s.AddToken(trace.Token{Kind: trace.IDToken, Value: g.IDToken, Exchange: e.N, Expect: want})
	}
	if g.RefreshToken != "" {
		c.s.AddToken(trace.Token{Kind: trace.RefreshToken, Value: g.RefreshToken, Exchange: e.N})
	}
	return nil
}

// expectAccess says what the access token must hold: at Entra what the scopes and
// the registration tell, elsewhere the issuer alone, since no standard ties a
// scope to an audience.
func (c *client) expectAccess(g grant) trace.Expect {
	caller := "user"
	if c.job.Flow == decision.ClientCredentials {
		caller = "app"
	}
	if c.job.Target.Is() == engine.Entra {
		return engine.ExpectAccess(engine.Asked{
			Client: c.job.Client, Scopes: c.job.Scopes, Caller: caller,
			Authority: c.job.Target.Authority, TenantID: c.tenantID(), Issuer: c.meta.Issuer,
		})
	}
	if !readable(g.AccessToken) {
		return trace.Expect{}
	}
	want := trace.Expect{Issuer: c.meta.Issuer, ClientID: c.job.Client.Registration.ClientID}
	call, asked := c.job.Call, c.job.Scopes
	if c.job.Flow == decision.TokenExchange {
		call, asked = c.job.Client.DownstreamURL, c.job.Client.Downstream
	}
	for _, service := range c.job.Target.Services {
		if service.Audience != "" && (service.URL != "" && service.URL == call || slices.Contains(asked, service.Scope)) {
			want.Audiences = []string{service.Audience}
		}
	}
	return want
}

// tenantID is the tenant's GUID at Entra: the target's, else that of the
// document's issuer.
func (c *client) tenantID() string {
	if c.job.Target.Is() != engine.Entra || c.job.Target.TenantID != "" {
		return c.job.Target.TenantID
	}
	parts := strings.Split(strings.TrimPrefix(c.meta.Issuer, "https://"), "/")
	if len(parts) == 3 && strings.Count(parts[1], "-") == 4 {
		return parts[1]
	}
	return ""
}
