package grants

import (
	"strings"
	"time"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/scope"
	"flowscope/engine/lab/state"
	"flowscope/engine/lab/tokens"
)

// delegated is what all grants for a signed-in person have in common.
type delegated struct {
	*exchange
	who    state.Person
	user   directory.User
	target scope.Target
	first  scope.Request // what was asked at the sign-in
}

func (d *delegated) authority() *aadsts.Error { return nil }

// need asks nothing of clients that can keep nothing.
func (d *delegated) need(platform string) *aadsts.Error {
	if d.client.Public || platform == directory.PlatformSPA || platform == directory.PlatformNative {
		return nil
	}
	return aadsts.New(7000218).Because("client_secret", "%s is a confidential client and sent no credential", d.client.Name)
}

// ask reads the scope parameter, or takes what was asked at the sign-in.
func (d *delegated) ask(signedIn string) (scope.Request, *aadsts.Error) {
	if d.form("resource") != "" {
		return scope.Request{}, aadsts.New(901002).Because("resource", "resource belongs to the v1.0 endpoint")
	}
	first, err := scope.Parse(signedIn)
	if err != nil {
		return first, err
	}
	d.first = first
	if strings.TrimSpace(d.form("scope")) == "" {
		return first, nil
	}
	return scope.Parse(d.form("scope"))
}

// tenant is the one the person signed in to.
func (d *delegated) tenant() directory.Tenant {
	t, _ := d.Directory.Tenant(d.who.TenantID)
	return t
}

func (d *delegated) granted(resource, name string) bool {
	return d.State.Consents.Has(d.who, d.client.ClientID, resource, name)
}

func (d *delegated) resolve(r scope.Request) *aadsts.Error {
	t, err := scope.Resolve(d.Directory, d.tenant(), d.client, r)
	if err != nil {
		return err
	}
	d.target = t
	return t.Listed(d.Directory, d.client, d.granted)
}

// person judges account and consent. OpenID Connect scopes without consent are
// passed over, since client libraries add them to every request.
func (d *delegated) person() *aadsts.Error {
	u, ok := d.Directory.Person(d.who.TenantID, d.who.ObjectID)
	if !ok || u.Disabled {
		return aadsts.New(50057).Because("user", "the account is disabled")
	}
	d.user = u
	asked := d.target
	asked.Request = scope.Request{}
	missing := scope.Missing(asked.Wanted(d.Directory, d.client, d.granted, false), d.granted)
	if len(missing) == 0 {
		return nil
	}
	return aadsts.New(65001, d.client.ClientID, d.client.Name).
		Because("scope", "%s has not consented to %s on %s for %s", u.Username, missing[0].Scope.Name, missing[0].Resource.Name, d.client.Name)
}

// openID reports whether an OpenID Connect scope was asked, now or at the
// sign-in, and granted.
func (d *delegated) openID(name string, asked bool) bool {
	return asked && d.granted(directory.GraphAppID, name)
}

// issue makes the tokens. refresh is the refresh token's content; nil for
// none.
func (d *delegated) issue(nonce, ip string, refresh *state.Refresh) Response {
	life := time.Duration(d.Mint.IDs.Between(3600, 5400)) * time.Second
	held := d.target.Held(d.granted)
	now, then := d.target.Request, d.first
	profile := d.openID("profile", now.Profile || then.Profile)
	r := Response{
		TokenType: "Bearer", Scope: d.target.Echo(held),
		ExpiresIn: int(life/time.Second) - 1, ExtExpiresIn: int(life/time.Second) - 1,
		AccessToken: d.Mint.Access(tokens.Access{
			Base: d.req.Base, TenantID: d.who.TenantID, Region: d.tenant().Region,
			Resource: d.target.Resource, Audience: d.target.Audience, Client: d.client, Proof: d.proof,
			User: d.user, Profile: profile, Scopes: carried(held), Roles: d.user.Roles[d.target.Resource.ClientID], IP: ip, Life: life,
		}),
	}
	if refresh != nil {
		r.RefreshToken = d.Mint.Opaque()
		d.State.PutRefresh(r.RefreshToken, *refresh)
		if refresh.Platform == directory.PlatformSPA {
			r.RefreshExpiresIn = int(refresh.SignedIn.Add(state.SPARefreshLife).Sub(d.Clock()) / time.Second)
		}
	}
	if d.openID("openid", now.OpenID || then.OpenID) {
		r.IDToken = d.Mint.ID(tokens.ID{
			Base: d.req.Base, TenantID: d.who.TenantID, Client: d.client, User: d.user, Nonce: nonce,
			Profile: profile, Email: d.openID("email", now.Email || then.Email),
		})
	}
	if d.form("client_info") == "1" {
		r.ClientInfo = tokens.ClientInfo(d.user)
	}
	return r
}

// carried is what scp holds: everything granted but offline_access, which is
// about the refresh token alone.
func carried(held []string) []string {
	out := make([]string, 0, len(held))
	for _, name := range held {
		if name != "offline_access" {
			out = append(out, name)
		}
	}
	return out
}
