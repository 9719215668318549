package grants

import (
	"time"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/policy"
	"flowscope/engine/lab/scope"
	"flowscope/engine/lab/tokens"
)

// How long a token of an application alone lives, without and with continuous
// access evaluation for workload identities.
const (
	appLife          = time.Hour
	evaluatedAppLife = 24 * time.Hour
)

// clientCredentials is a token for the application itself (RFC 6749 section
// 4.4): no person, no ID token, no refresh token.
type clientCredentials struct {
	*exchange
	target scope.Target
	claims policy.Claims
}

func (g *clientCredentials) authority() *aadsts.Error {
	switch a := g.req.Authority; {
	case a.Segment == directory.Common || a.Personal():
		return aadsts.New(9001023).Because("tenant", "client credentials need the tenant in the authority")
	case a.Alias():
		return aadsts.New(50059).Because("tenant", "an application has no home in /%s", a.Segment)
	}
	return nil
}

func (g *clientCredentials) credential() *aadsts.Error {
	return aadsts.New(7000216).Because("client_secret", "no credential came")
}

func (g *clientCredentials) platform() string { return directory.PlatformWeb }

func (g *clientCredentials) body() (err *aadsts.Error) {
	g.claims, err = policy.ReadClaims(g.form("claims"))
	return err
}

// scope takes exactly RESOURCE/.default. OpenID Connect scopes beside it are
// passed over: MSAL for Go adds them to every request.
func (g *clientCredentials) scope() *aadsts.Error {
	if g.req.V1 {
		return g.resource()
	}
	if g.form("resource") != "" {
		return aadsts.New(901002).Because("resource", "resource belongs to the v1.0 endpoint")
	}
	text, err := g.required("scope")
	if err != nil {
		return err
	}
	r, err := scope.Parse(text)
	if err != nil {
		return err
	}
	if len(r.Items) == 0 {
		return aadsts.New(1002012, text, directory.GraphURI).Because("scope", "no resource is named")
	}
	for _, i := range r.Items {
		if i.Name != scope.Default {
			form := i.Resource
			if form == "" {
				form = directory.GraphURI
			}
			return aadsts.New(1002012, text, form).Because("scope", "%q is a single permission; an application gets what was granted, by /.default", i.Text)
		}
	}
	if len(r.Resources(g.Directory)) > 1 {
		return aadsts.New(28000, text).Because("scope", "the scope names more than one API")
	}
	g.target, err = g.find(g.req.Authority.Tenant, r)
	return err
}

// resource is what the v1.0 endpoint has in place of the scope.
func (g *clientCredentials) resource() *aadsts.Error {
	name, err := g.required("resource")
	if err != nil {
		return err
	}
	r, err := scope.FromResource(name)
	if err != nil {
		return err
	}
	g.target, err = g.find(g.req.Authority.Tenant, r)
	return err
}

func (g *clientCredentials) person() *aadsts.Error {
	if err := g.Policies.Workload(g.client); err != nil {
		return err
	}
	api := g.target.Resource
	if api.AssignmentRequired && len(g.Policies.AppRoles(g.client, g.req.Authority.Tenant.ID, api.ClientID)) == 0 {
		return aadsts.New(501051, g.client.ClientID, g.client.Name, api.ClientID, api.Name).
			Because("client_id", "%s has no app role on %s, which requires one", g.client.Name, api.Name)
	}
	return nil
}

func (g *clientCredentials) respond() (Response, *aadsts.Error) {
	life := appLife
	if evaluated(g.claims, g.target.Resource) {
		life = evaluatedAppLife
	}
	token := g.Mint.Access(tokens.Access{
		Base: g.req.Base, TenantID: g.req.Authority.Tenant.ID,
		Resource: g.target.Resource, Audience: g.target.Audience, Client: g.client, Proof: g.proof,
		Roles: g.Policies.AppRoles(g.client, g.req.Authority.Tenant.ID, g.target.Resource.ClientID), Life: life, ClientOf: g.client.ServicePrincipalID,
		Capabilities: g.claims.Capabilities,
	})
	return g.response(token, life, g.target.Audience), nil
}
