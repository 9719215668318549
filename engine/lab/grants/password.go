package grants

import (
	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/scope"
	"flowscope/engine/lab/state"
	"flowscope/engine/lab/tokens"
)

// password is the grant of the resource owner's password (RFC 6749 section
// 4.3). Entra advises against it: it knows no second factor and no personal
// account.
type password struct {
	delegated
	wanted scope.Request
}

func (g *password) authority() *aadsts.Error {
	if a := g.req.Authority; a.Segment == directory.Common || a.Personal() {
		return aadsts.New(9001023).Because("tenant", "the password grant works with a tenant or /organizations only")
	}
	return nil
}

func (g *password) credential() *aadsts.Error { return g.publicFlows() }

func (g *password) platform() string { return "" }

func (g *password) body() *aadsts.Error {
	for _, name := range []string{"username", "password"} {
		if _, err := g.required(name); err != nil {
			return err
		}
	}
	return g.challenged("")
}

// scope looks the API up where the tenant is known already; at /organizations
// it takes the person to know.
func (g *password) scope() (err *aadsts.Error) {
	if g.wanted, err = g.ask(asked{}); err != nil {
		return err
	}
	if len(g.wanted.Resources(g.Directory)) > 1 {
		return aadsts.New(28000, g.wanted.Text).Because("scope", "the scope names more than one API")
	}
	if g.req.Authority.Alias() {
		return nil
	}
	_, err = g.find(g.req.Authority.Tenant, g.wanted)
	return err
}

func (g *password) person() *aadsts.Error {
	place, tenant := g.req.Authority.Tenant.Name, g.req.Authority.Tenant
	if g.req.Authority.Alias() {
		place = g.req.Authority.Segment
	}
	home, err := g.Policies.Password(g.form("username"), g.form("password"), place)
	if home.Personal() {
		return aadsts.New(50034, home.Username, place).Because("username", "%s is a personal account", home.Username)
	}
	if err != nil {
		return err
	}
	if g.req.Authority.Alias() {
		tenant, _ = g.Directory.Tenant(home.TenantID)
	}
	user, err := g.Policies.Enter(home, tenant, g.client, tokens.IssuerV1(g.req.Base, home.TenantID))
	if err != nil {
		return err.Named(aadsts.InvalidGrant)
	}
	g.who = state.Person{TenantID: user.TenantID, ObjectID: user.ObjectID}
	g.auth = state.Auth{At: g.Clock(), Methods: []string{"pwd"}, SID: g.Mint.IDs.GUID(), IP: g.req.IP}
	if err := g.resolve(g.wanted); err != nil {
		return err
	}
	return g.delegated.person()
}

func (g *password) respond() (Response, *aadsts.Error) {
	return g.issue(issuance{refresh: g.lasting(g.kept(), g.now())}), nil
}

// kept is the platform of a refresh token that came without a redirect URI: a
// client that proved itself must go on doing so.
func (x *exchange) kept() string {
	if x.proof == tokens.ProofNone {
		return directory.PlatformNative
	}
	return directory.PlatformWeb
}
