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
	g.who = old.Person
	return nil
}

// scope takes the first API of a longer list; several are no error here.
func (g *refreshToken) scope() *aadsts.Error {
	r, err := g.ask(g.old.Scope)
	if err != nil {
		return err
	}
	return g.resolve(r.FirstResource(g.Directory))
}

// person also refuses a tenant in which the person has no account.
func (g *refreshToken) person() *aadsts.Error {
	if err := g.delegated.person(); err != nil {
		return err
	}
	if t := g.req.Authority.Tenant; !g.req.Authority.Alias() && t.ID != g.who.TenantID {
		return aadsts.New(50020, g.user.Username, tokens.IssuerV1(g.req.Base, g.who.TenantID), t.Name, g.client.ClientID, g.client.Name).
			Because("tenant", "%s has no account in %s", g.user.Username, t.Name)
	}
	return nil
}

func (g *refreshToken) respond() (Response, *aadsts.Error) {
	next := g.old
	next.Issued = g.Clock()
	return g.issue("", g.old.IP, &next), nil
}
