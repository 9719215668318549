package grants

import (
	"time"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/state"
	"flowscope/engine/lab/tokens"
)

// refreshToken redeems a refresh token (RFC 6749 section 6). The old one
// stays good: Entra does not revoke it on use.
type refreshToken struct {
	delegated
	looked, found bool
	old           state.Refresh
}

func (g *refreshToken) look() (state.Refresh, bool) {
	if !g.looked {
		g.old, g.found = g.State.Refresh(g.form("refresh_token"))
		g.looked = true
	}
	return g.old, g.found
}

func (g *refreshToken) platform() string {
	old, ok := g.look()
	if !ok || old.ClientID != g.client.ClientID {
		return ""
	}
	return old.Platform
}

func (g *refreshToken) credential() *aadsts.Error { return g.need(g.platform()) }

func (g *refreshToken) body() *aadsts.Error {
	if _, err := g.required("refresh_token"); err != nil {
		return err
	}
	old, ok := g.look()
	now := g.Clock()
	switch {
	case !ok:
		return aadsts.New(9002313).Named(aadsts.InvalidGrant).Because("refresh_token", "no such refresh token was issued")
	case old.ClientID != g.client.ClientID:
		return aadsts.New(70000).Because("refresh_token", "the refresh token was issued to another client")
	case old.Platform == directory.PlatformSPA && now.Sub(old.SignedIn) >= state.SPARefreshLife:
		return aadsts.New(700084, tokens.Span(state.SPARefreshLife), old.SignedIn.UTC().Format(time.RFC3339)).
			Because("refresh_token", "a single-page app's refresh token ends a day after the sign-in")
	case now.Sub(old.Issued) >= state.RefreshLife:
		return aadsts.New(700082, old.Issued.UTC().Format(time.RFC3339), tokens.Span(state.RefreshLife)).
			Because("refresh_token", "the refresh token was not used for 90 days")
	}
	g.who, g.auth = old.Person, known(old.Auth, old.SignedIn, old.IP)
	if err := g.enter(); err != nil {
		return err
	}
	return g.challenged("")
}

// enter finds what the person is in the tenant of the request: a refresh token
// is bound to person and client, not to the tenant (Entra: refresh-tokens).
func (g *refreshToken) enter() *aadsts.Error {
	t := g.req.Authority.Tenant
	u, ok := g.Directory.Person(g.who.TenantID, g.who.ObjectID)
	if !ok || g.req.Authority.Alias() || t.ID == g.who.TenantID {
		return nil
	}
	here, err := g.Policies.Enter(u, t, g.client, tokens.IssuerV1(g.req.Base, g.Directory.Home(u).TenantID))
	if err != nil {
		return err.Named(aadsts.InvalidGrant)
	}
	g.who = state.Person{TenantID: here.TenantID, ObjectID: here.ObjectID}
	return nil
}

// scope takes the first API of a longer list; several are no error here. At
// the v1.0 endpoint any API may be named that was consented to.
func (g *refreshToken) scope() *aadsts.Error {
	r, err := g.ask(asked{scope: g.old.Scope, resource: g.old.Resource, v1: g.old.Scope == ""})
	if err != nil {
		return err
	}
	return g.resolve(r.FirstResource(g.Directory))
}

func (g *refreshToken) respond() (Response, *aadsts.Error) {
	next := g.old
	next.Issued = g.Clock()
	return g.issue(issuance{refresh: &next}), nil
}
