package grants

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/policy"
	"flowscope/engine/lab/scope"
	"flowscope/engine/lab/state"
	"flowscope/engine/lab/tokens"
)

// delegated is what all grants for a signed-in person have in common.
type delegated struct {
	*exchange
	kind   string // the grant, as Conditional Access tells them apart
	who    state.Person
	user   directory.User
	auth   state.Auth // the sign-in
	claims policy.Claims
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

// publicFlows refuses a client that proves nothing where only public clients
// may: those with "Allow public client flows", and native ones.
func (x *exchange) publicFlows() *aadsts.Error {
	if x.client.AllowPublicClientFlows || x.client.Public && x.client.HasPlatform(directory.PlatformNative) {
		return nil
	}
	return aadsts.New(7000218).Because("client_id", "%s does not allow public client flows", x.client.Name)
}

// asked is what a sign-in asked for, or nothing where there was none before.
type asked struct {
	scope, resource string
	v1              bool
}

// ask reads what is wanted: the scope parameter or, at the v1.0 endpoint, the
// resource parameter; or else what the sign-in asked.
func (d *delegated) ask(signedIn asked) (scope.Request, *aadsts.Error) {
	var err *aadsts.Error
	switch {
	case d.req.V1:
		return d.askV1(signedIn)
	case d.form("resource") != "":
		return scope.Request{}, aadsts.New(901002).Because("resource", "resource belongs to the v1.0 endpoint")
	case signedIn.v1:
		d.first, err = scope.FromResource(signedIn.resource)
	case signedIn.scope != "":
		d.first, err = scope.Parse(signedIn.scope)
	}
	if err != nil {
		return d.first, err
	}
	text := d.form("scope")
	switch {
	case strings.TrimSpace(text) != "":
		return scope.Parse(text)
	case signedIn.v1 && signedIn.resource == "":
		return d.first, aadsts.New(28003).Because("scope", "the scope is empty, and the sign-in at the v1.0 endpoint named no resource")
	case signedIn.v1 || signedIn.scope != "":
		return d.first, nil
	}
	_, err = d.required("scope")
	return d.first, err
}

// askV1 takes the resource of the request or of the sign-in; scope is passed
// over. A refresh token of the v2.0 endpoint brings its scope instead.
func (d *delegated) askV1(signedIn asked) (scope.Request, *aadsts.Error) {
	resource := d.form("resource")
	if resource == "" {
		resource = signedIn.resource
	}
	if resource == "" && signedIn.scope != "" && !signedIn.v1 {
		r, err := scope.Parse(signedIn.scope)
		d.first = r
		return r, err
	}
	if resource == "" {
		return scope.Request{}, aadsts.New(900144, "resource").Because("resource", "neither this request nor the sign-in names a resource")
	}
	r, err := scope.FromResource(resource)
	d.first = r
	return r, err
}

// challenged reads the claims parameter, of this request and of the sign-in.
// Both count: client libraries send one of their own with the token request,
// which must not undo what the authorization request demanded.
func (d *delegated) challenged(signedIn string) *aadsts.Error {
	first, err := policy.ReadClaims(signedIn)
	if err != nil {
		return err
	}
	now, err := policy.ReadClaims(d.form("claims"))
	d.claims = first.And(now)
	return err
}

// tenant is the one the person signed in to.
func (d *delegated) tenant() directory.Tenant {
	t, _ := d.Directory.Tenant(d.who.TenantID)
	return t
}

// Granted tells what a client may do for a person: what the person or an
// administrator consented to, and every scope of an API that has
// pre-authorised the client.
func (s *Server) Granted(person state.Person, client directory.App) scope.Granted {
	return func(resource, name string) bool {
		if s.State.Consents.Has(person, client.ClientID, resource, name) {
			return true
		}
		api, ok := s.Directory.Client(resource)
		return ok && slices.Contains(api.PreAuthorized, client.ClientID)
	}
}

func (d *delegated) granted(resource, name string) bool {
	return d.Granted(d.who, d.client)(resource, name)
}

func (d *delegated) resolve(r scope.Request) *aadsts.Error {
	t, err := d.find(d.tenant(), r)
	if err != nil {
		return err
	}
	d.target = t
	return t.Listed(d.Directory, d.client, d.granted)
}

// find looks up the API asked for, and refuses one that is disabled.
func (x *exchange) find(tenant directory.Tenant, r scope.Request) (scope.Target, *aadsts.Error) {
	t, err := scope.Resolve(x.Directory, tenant, x.client, r)
	if err == nil && x.Policies.Disabled(t.Resource) {
		err = aadsts.New(500014, t.Audience).Because("scope", "%s is disabled", t.Resource.Name)
	}
	return t, err
}

// person judges account, consent and policies.
func (d *delegated) person() *aadsts.Error {
	for _, row := range []func() *aadsts.Error{d.account, d.consented, d.judged} {
		if err := row(); err != nil {
			return err
		}
	}
	return nil
}

// account judges whether the person may still be here at all: that the account
// is good, that the sign-in counts, and that the person is assigned.
func (d *delegated) account() *aadsts.Error {
	u, ok := d.Directory.Person(d.who.TenantID, d.who.ObjectID)
	if !ok {
		return aadsts.New(500341, d.who.ObjectID, d.who.TenantID).Because("user", "there is no such account any more")
	}
	d.user = u
	if err := d.Policies.Account(u); err != nil {
		return err
	}
	if err := d.Policies.Revoked(u, d.auth.At); err != nil {
		return err
	}
	if from := time.Unix(d.claims.NotBefore, 0); d.claims.NotBefore > 0 && d.auth.At.Before(from) {
		return aadsts.New(50173, d.auth.At.UTC().Format(time.RFC3339), from.UTC().Format(time.RFC3339)).
			Because("claims", "the claims parameter demands a sign-in after %s", from.UTC().Format(time.RFC3339))
	}
	switch {
	case u.Personal() && d.req.V1:
		return aadsts.New(500201, d.client.ClientID).Because("user", "%s is a personal account", u.Username)
	case u.Personal() && d.client.SignInAudience != directory.AudienceEveryone:
		return aadsts.New(50020, u.Username, "live.com", d.req.Authority.Segment, d.client.ClientID, d.client.Name).Because("user", "%s is a personal account", u.Username)
	}
	if _, assigned := u.Roles[d.client.ClientID]; d.client.AssignmentRequired && !assigned {
		return aadsts.New(50105, u.Username, d.client.ClientID, d.client.Name).
			Because("username", "%s requires an assignment, and %s has none", d.client.Name, u.Username)
	}
	return nil
}

// consented passes over OpenID Connect scopes without consent, since client
// libraries add them to every request; where nothing else is asked, they count.
func (d *delegated) consented() *aadsts.Error {
	wanted := d.target
	if len(wanted.Names) > 0 || wanted.Default || wanted.Request.V1 {
		wanted.Request = scope.Request{V1: d.target.Request.V1}
	}
	missing := scope.Missing(wanted.Wanted(d.Directory, d.client, d.granted, false), d.granted)
	if len(missing) == 0 {
		return nil
	}
	return aadsts.New(65001, d.client.ClientID, d.client.Name).
		Because("scope", "%s has not consented to %s on %s for %s", d.user.Username, missing[0].Scope.Name, missing[0].Resource.Name, d.client.Name)
}

// judged asks Conditional Access. What a person could do about it on a page is
// called interaction_required at the v1.0 endpoint and on behalf of; otherwise
// the suberror tells (Entra: claims-challenge, v2-oauth2-on-behalf-of-flow).
func (d *delegated) judged() *aadsts.Error {
	err := d.Policies.Judge(policy.SignIn{
		User: d.user, Resource: d.target.Resource, Grant: d.kind, Auth: d.auth, Contexts: d.claims.Contexts, V1: d.req.V1,
	})
	if err != nil && (d.req.V1 || d.kind == policy.GrantOnBehalfOf) {
		switch err.Code {
		case 50076, 50079, 53000, 53003:
			return err.Named(aadsts.InteractionRequired).Suffering("")
		}
	}
	return err
}

// openID reports whether an OpenID Connect scope was asked, now or at the
// sign-in, and granted. The v1.0 endpoint gives them to everyone.
func (d *delegated) openID(name string, asked bool) bool {
	return d.target.Request.V1 || asked && (d.granted(directory.GraphAppID, name) || d.unasked())
}

// unasked reports whether the grant has no page on which OpenID Connect scopes
// could have been consented to, while the person uses the client with some
// consent: the password grant and on-behalf-of then come with them, as client
// libraries expect.
func (d *delegated) unasked() bool {
	if d.kind != policy.GrantPassword && d.kind != policy.GrantOnBehalfOf {
		return false
	}
	return slices.Contains(d.target.Resource.PreAuthorized, d.client.ClientID) || d.State.Consents.Any(d.who, d.client.ClientID)
}

// offline reports whether a refresh token is due.
func (d *delegated) offline() bool {
	return d.openID("offline_access", d.target.Request.Offline || d.first.Offline)
}

// issuance is what goes into the tokens beside what the grant found out.
type issuance struct {
	nonce   string
	refresh *state.Refresh // content of the refresh token; nil for none
	front   bool           // sent through the browser
	code    string         // beside it there
	idOnly  bool           // no access token is wanted
}

// life is how long an access token lives: 60 to 90 minutes and, where client
// and API both know continuous access evaluation, 20 to 28 hours (Entra:
// access-tokens, app-resilience-continuous-access-evaluation).
func (d *delegated) life() time.Duration {
	low, high := 3600, 5400
	if evaluated(d.claims, d.target.Resource) {
		low, high = 20*3600, 28*3600
	}
	return time.Duration(d.Mint.IDs.Between(low, high)) * time.Second
}

// evaluated reports whether continuous access evaluation applies.
func evaluated(c policy.Claims, api directory.App) bool {
	return slices.Contains(c.Capabilities, "cp1") && slices.Contains(api.Optional.Access, "xms_cc")
}

// issue makes the tokens.
func (d *delegated) issue(i issuance) Response {
	life, held := d.life(), d.target.Held(d.granted)
	now, then := d.target.Request, d.first
	profile := d.openID("profile", now.Profile || then.Profile)
	access := ""
	if !i.idOnly {
		access = d.Mint.Access(tokens.Access{
			Base: d.req.Base, TenantID: d.who.TenantID, Region: d.tenant().Region,
			Resource: d.target.Resource, Audience: d.target.Audience, Client: d.client, Proof: d.proof,
			User: d.user, Profile: profile, Scopes: carried(held), Roles: d.user.Roles[d.target.Resource.ClientID], IP: d.auth.IP, Life: life,
			Methods: d.auth.Methods, AuthTime: d.auth.At, SID: d.auth.SID, FrontChannel: i.front,
			Capabilities: d.claims.Capabilities, Contexts: d.satisfied(),
		})
		d.State.PutIssued(hash(access), d.auth, d.Clock().Add(life))
	}
	r := d.response(access, life, d.target.Audience)
	r.Scope = d.target.Echo(held)
	if i.refresh != nil {
		r.RefreshToken = d.Mint.Opaque()
		d.State.PutRefresh(r.RefreshToken, *i.refresh)
		if i.refresh.Platform == directory.PlatformSPA {
			r.RefreshExpiresIn = int(i.refresh.SignedIn.Add(state.SPARefreshLife).Sub(d.Clock()) / time.Second)
		}
	}
	if d.openID("openid", now.OpenID || then.OpenID) {
		r.IDToken = d.Mint.ID(tokens.ID{
			Base: d.req.Base, TenantID: d.who.TenantID, Client: d.client, User: d.user, Nonce: i.nonce,
			Profile: profile, Email: d.openID("email", now.Email || then.Email), V1: d.req.V1,
			Methods: d.auth.Methods, AuthTime: d.auth.At, SID: d.auth.SID, Front: i.front, Code: i.code, AccessToken: besides(i, access),
		})
	}
	if d.form("client_info") == "1" {
		r.ClientInfo = tokens.ClientInfo(d.Directory.Home(d.user))
	}
	return r
}

// besides is the access token that at_hash is about: only one that travels
// through the browser together with the ID token.
func besides(i issuance, access string) string {
	if !i.front {
		return ""
	}
	return access
}

// satisfied lists the authentication contexts that were asked for and that the
// sign-in satisfies.
func (d *delegated) satisfied() []string {
	if !d.auth.MFA() || !slices.Contains(d.claims.Contexts, policy.StepUpContext) {
		return nil
	}
	return []string{policy.StepUpContext}
}

// lasting is the content of a refresh token; nil when none is due. It keeps
// the scope of the sign-in, or the resource of a v1.0 endpoint.
func (d *delegated) lasting(platform string, a asked) *state.Refresh {
	if !d.offline() {
		return nil
	}
	switch {
	case d.target.Request.V1:
		a = asked{resource: d.target.Audience}
	case a.v1: // a sign-in of the v1.0 endpoint, redeemed at v2.0 with a scope
		a = asked{scope: d.target.Request.Text}
	}
	now := d.Clock()
	return &state.Refresh{
		Person: d.who, ClientID: d.client.ClientID, Platform: platform, Scope: a.scope, Resource: a.resource,
		IP: d.auth.IP, Issued: now, SignedIn: now, Auth: d.auth,
	}
}

// now is what this request asked, for the refresh token of a grant that comes
// without a sign-in before it.
func (d *delegated) now() asked {
	if d.req.V1 {
		return asked{resource: d.form("resource"), v1: true}
	}
	return asked{scope: d.form("scope")}
}

// known fills in what an older sign-in did not tell: the time, and that it was
// by password.
func known(a state.Auth, at time.Time, ip string) state.Auth {
	if a.At.IsZero() {
		a.At = at
	}
	if len(a.Methods) == 0 {
		a.Methods = []string{"pwd"}
	}
	if a.IP == "" {
		a.IP = ip
	}
	return a
}

func hash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
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
