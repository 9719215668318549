package grants

import (
	"strings"
	"time"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/state"
)

// onBehalfOf exchanges the access token that an API was called with for one to
// the next API (RFC 7523 section 2.1; Entra: v2-oauth2-on-behalf-of-flow).
type onBehalfOf struct{ delegated }

func (g *onBehalfOf) credential() *aadsts.Error {
	return aadsts.New(7000218).Because("client_secret", "an API must prove itself, and %s did not", g.client.Name)
}

func (g *onBehalfOf) platform() string { return directory.PlatformWeb }

func (g *onBehalfOf) body() *aadsts.Error {
	use, err := g.required("requested_token_use")
	if err != nil {
		return err
	}
	if use != "on_behalf_of" {
		return aadsts.New(90023, use, "requested_token_use").Because("requested_token_use", "it must be on_behalf_of")
	}
	if kind := g.form("requested_token_type"); strings.Contains(kind, ":saml") {
		return aadsts.New(90010, "SAML assertions are not made here").Because("requested_token_type", "the lab makes no SAML assertions")
	}
	sent, err := g.required("assertion")
	if err != nil {
		return err
	}
	t, broken := readJWT(sent)
	if broken != nil {
		return aadsts.New(50027, broken).Because("assertion", "%v", broken)
	}
	if err := g.genuine(t); err != nil {
		return err
	}
	if err := g.fit(t); err != nil {
		return err
	}
	auth, remembered := g.State.Issued(hash(sent), g.Clock())
	if !remembered {
		auth = state.Auth{}
	}
	g.auth = known(auth, t.at("iat"), g.req.IP)
	g.who = state.Person{TenantID: text(t.claims, "tid"), ObjectID: text(t.claims, "oid")}
	return g.challenged("")
}

// genuine judges that the lab itself made the assertion: issuer, key and
// signature.
func (g *onBehalfOf) genuine(t jwt) *aadsts.Error {
	issuer := text(t.claims, "iss")
	own, tenantID := g.ownIssuer(issuer)
	a := g.req.Authority
	switch {
	case !own:
		return aadsts.New(50013, "its issuer is not this authority").Because("assertion", "the issuer is %q", issuer)
	case !a.Alias() && a.Tenant.ID != tenantID:
		return aadsts.New(50013, "its issuer is another tenant").Because("tenant", "the assertion is of tenant %s", tenantID)
	case g.client.CustomSigningKey && g.names(t.audiences()):
		return aadsts.New(50146, g.client.ClientID).Because("assertion", "tokens for %s are signed with a key of its own", g.client.Name)
	case text(t.header, "alg") != "RS256":
		return aadsts.New(50013, "its algorithm is not RS256").Because("assertion", "the header has alg %q", text(t.header, "alg"))
	}
	key, ok := g.Mint.Keys.Public(tenantID, text(t.header, "kid"))
	if !ok || !t.asSigned().verify(key) {
		return aadsts.New(50013, "its signature does not fit a key of the issuer").Because("assertion", "kid %q", text(t.header, "kid"))
	}
	return nil
}

// fit judges whether a genuine token may be exchanged by this client.
func (g *onBehalfOf) fit(t jwt) *aadsts.Error {
	now, until, audiences := g.Clock(), t.at("exp"), t.audiences()
	_, v1 := t.claims["appid"]
	_, v2 := t.claims["azp"]
	switch {
	case !now.Before(until):
		return aadsts.New(500133, now.UTC().Format(time.RFC3339), until.Format(time.RFC3339)).Because("assertion", "it expired at %s", until.Format(time.RFC3339))
	case !v1 && !v2:
		return aadsts.New(240002).Because("assertion", "it is an ID token: it names no client")
	case !g.names(audiences):
		all := strings.Join(audiences, " ")
		return aadsts.New(500131, all, g.client.ClientID).Because("assertion", "it was made for %q, not for %s", all, g.client.Name)
	case appOnly(t):
		return aadsts.New(7000113).Because("assertion", "it is the token of an application alone")
	}
	return nil
}

// names reports whether an audience is the client, by GUID or App ID URI.
func (g *onBehalfOf) names(audiences []string) bool {
	if len(audiences) != 1 {
		return false
	}
	app, ok := g.Directory.Resource(audiences[0])
	return ok && app.ClientID == g.client.ClientID
}

func (g *onBehalfOf) scope() *aadsts.Error {
	r, err := g.ask(asked{})
	if err != nil {
		return err
	}
	if len(r.Resources(g.Directory)) > 1 {
		return aadsts.New(28000, r.Text).Because("scope", "the scope names more than one API")
	}
	return g.resolve(r)
}

func (g *onBehalfOf) respond() (Response, *aadsts.Error) {
	return g.issue(issuance{refresh: g.lasting(directory.PlatformWeb, g.now())}), nil
}
