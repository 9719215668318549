// Package tokens shapes the JWTs of the lab exactly as Entra shapes its own:
// v1.0 and v2.0 access tokens for people and for applications, tokens for
// Graph, ID tokens, and the opaque strings beside them.
//
// It decides nothing: who may have which token is settled before. It refuses
// to sign with anything but RS256.
package tokens

import (
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/ids"
	"flowscope/engine/lab/keys"
)

// backdate is how far iat and nbf lie in the past (tokens reference: a token
// of 3600 seconds has exp - iat = 3900).
const backdate = 5 * time.Minute

// How the client proved itself: azpacr and appidacr.
const (
	ProofNone      = "0"
	ProofSecret    = "1"
	ProofAssertion = "2" // certificate or federated assertion
)

// Directory role templates of the wids claim.
const (
	widUser        = "b79fbf4d-3ef9-4689-8143-76b194e85509"
	widGlobalAdmin = "62e90394-69f5-4237-9190-012177145e10"
)

// Mint makes tokens. It is safe for concurrent use.
type Mint struct {
	Keys  *keys.Set
	IDs   *ids.Source
	Clock func() time.Time
}

// Access says what an access token is to carry.
type Access struct {
	Base     string // scheme and host of the authority
	TenantID string
	Region   string // tenant_region_scope, for Graph
	Resource directory.App
	Audience string // as asked; a v2.0 token ignores it and names the GUID
	Client   directory.App
	Proof    string
	User     directory.User // zero for a token of an application alone
	Profile  bool           // profile was granted: v2.0 tokens name the person
	Scopes   []string       // delegated permissions
	Roles    []string
	IP       string
	Life     time.Duration
	ClientOf string // object id of the client's service principal, for an application alone

	Methods      []string  // amr of the sign-in: pwd, mfa
	AuthTime     time.Time // when the person signed in
	SID          string    // session id
	Capabilities []string  // client capabilities asked by the claims parameter (xms_cc)
	Contexts     []string  // authentication contexts that were asked for and are satisfied (acrs)
	FrontChannel bool      // sent through the browser: group overage is told by hasgroups
}

// IssuerV2 is the issuer of v2.0 tokens of a tenant: no slash at the end.
func IssuerV2(base, tenantID string) string { return base + "/" + tenantID + "/v2.0" }

// IssuerV1 is the issuer of v1.0 tokens of a tenant: with a slash at the end.
// Entra's own is on another host, sts.windows.net.
func IssuerV1(base, tenantID string) string { return base + "/" + tenantID + "/" }

// Access makes an access token. The resource decides the version.
func (m *Mint) Access(a Access) string {
	graph := a.Resource.ClientID == directory.GraphAppID
	var c *claims
	switch {
	case a.Resource.AccessTokenVersion == 2 && a.User.ObjectID == "":
		c = m.appV2(a)
	case a.Resource.AccessTokenVersion == 2:
		c = m.userV2(a)
	case a.User.ObjectID == "":
		c = m.appV1(a)
	default:
		c = m.userV1(a, graph)
	}
	return m.seal(a.TenantID, c.bytes(), a.Resource.AccessTokenVersion != 2, graph)
}

// start adds the five members that come first in every token.
func (m *Mint) start(aud, iss string, life time.Duration) *claims {
	now := m.Clock()
	from := now.Add(-backdate).Unix()
	return new(claims).str("aud", aud).str("iss", iss).num("iat", from).num("nbf", from).num("exp", now.Add(life).Unix())
}

func (m *Mint) userV2(a Access) *claims {
	c := m.start(a.Resource.ClientID, IssuerV2(a.Base, a.TenantID), a.Life)
	c.str("aio", m.aio()).str("azp", a.Client.ClientID).str("azpacr", a.Proof)
	if a.Profile {
		c.str("name", a.User.Name)
	}
	c.str("oid", a.User.ObjectID)
	if a.Profile {
		c.str("preferred_username", a.User.Username)
	}
	return c.str("rh", m.rh()).list("roles", a.Roles).str("scp", strings.Join(a.Scopes, " ")).
		str("sub", Pairwise(a.TenantID, a.User.ObjectID, a.Resource.ClientID)).str("tid", a.TenantID).
		str("uti", m.IDs.Opaque(16)).str("ver", "2.0")
}

func (m *Mint) appV2(a Access) *claims {
	return m.start(a.Resource.ClientID, IssuerV2(a.Base, a.TenantID), a.Life).
		str("aio", m.aio()).str("azp", a.Client.ClientID).str("azpacr", a.Proof).str("oid", a.ClientOf).
		str("rh", m.rh()).list("roles", a.Roles).str("sub", a.ClientOf).str("tid", a.TenantID).
		str("uti", m.IDs.Opaque(16)).str("ver", "2.0").str("xms_ftd", m.IDs.Opaque(33))
}

func (m *Mint) userV1(a Access, graph bool) *claims {
	c := m.start(a.Audience, IssuerV1(a.Base, a.TenantID), a.Life)
	c.str("acr", "1").str("aio", m.aio()).list("amr", []string{"pwd"})
	if graph {
		c.str("app_displayname", a.Client.Name)
	}
	c.str("appid", a.Client.ClientID).str("appidacr", a.Proof).
		strIf("family_name", a.User.Surname).strIf("given_name", a.User.GivenName).
		str("ipaddr", a.IP).str("name", a.User.Name).str("oid", a.User.ObjectID).str("rh", m.rh()).
		list("roles", a.Roles).str("scp", strings.Join(a.Scopes, " ")).
		str("sub", Pairwise(a.TenantID, a.User.ObjectID, a.Resource.ClientID))
	if graph {
		c.strIf("tenant_region_scope", a.Region)
	}
	c.str("tid", a.TenantID).str("unique_name", a.User.Username).str("upn", a.User.Username).
		str("uti", m.IDs.Opaque(16)).str("ver", "1.0")
	if graph {
		c.list("wids", wids(a.User))
		c.object("xms_st", new(claims).str("sub", Pairwise(a.TenantID, a.User.ObjectID, a.Client.ClientID)))
	}
	return c
}

func (m *Mint) appV1(a Access) *claims {
	return m.start(a.Audience, IssuerV1(a.Base, a.TenantID), a.Life).
		str("aio", m.aio()).str("appid", a.Client.ClientID).str("appidacr", a.Proof).
		str("idp", IssuerV1(a.Base, a.TenantID)).str("oid", a.ClientOf).str("rh", m.rh()).
		list("roles", a.Roles).str("sub", a.ClientOf).str("tid", a.TenantID).
		str("uti", m.IDs.Opaque(16)).str("ver", "1.0")
}

func wids(u directory.User) []string {
	if u.Admin {
		return []string{widGlobalAdmin, widUser}
	}
	return []string{widUser}
}

// ID says what an ID token is to carry.
type ID struct {
	Base, TenantID string
	Client         directory.App
	User           directory.User
	Nonce          string
	Profile, Email bool

	V1          bool      // made by a v1.0 endpoint
	Methods     []string  // amr of the sign-in
	AuthTime    time.Time // when the person signed in
	SID         string    // session id
	Code        string    // the code beside it in a front-channel response: c_hash
	AccessToken string    // the access token beside it in a front-channel response: at_hash
	Front       bool      // sent through the browser
}

// ID makes a v2.0 ID token, good for one hour. oid, tid and the names need
// the scope profile, the address needs email (Entra: id-token-claims-reference).
func (m *Mint) ID(i ID) string {
	c := m.start(i.Client.ClientID, IssuerV2(i.Base, i.TenantID), time.Hour)
	c.str("aio", m.aio())
	if i.Email {
		c.strIf("email", i.User.Email)
	}
	if i.Profile {
		c.str("name", i.User.Name)
	}
	c.strIf("nonce", i.Nonce)
	if i.Profile {
		c.str("oid", i.User.ObjectID).str("preferred_username", i.User.Username)
	}
	c.str("rh", m.rh()).list("roles", i.User.Roles[i.Client.ClientID]).
		str("sub", Pairwise(i.TenantID, i.User.ObjectID, i.Client.ClientID))
	if i.Profile {
		c.str("tid", i.TenantID)
	}
	c.str("uti", m.IDs.Opaque(16)).str("ver", "2.0")
	return m.seal(i.TenantID, c.bytes(), false, false)
}

// seal signs. v1.0 headers carry x5t. A token for Graph carries a nonce, and
// is signed over a header in which that nonce is replaced by its SHA-256, so
// that nobody but Graph can verify what it was sent.
func (m *Mint) seal(tenantID string, payload []byte, v1, graph bool) string {
	key := m.Keys.Signing(tenantID)
	header := func(nonce string) []byte {
		c := new(claims).str("typ", "JWT").strIf("nonce", nonce).str("alg", "RS256")
		if v1 {
			c.str("x5t", key.ID)
		}
		return c.str("kid", key.ID).bytes()
	}
	body := base64.RawURLEncoding.AppendEncode([]byte{'.'}, payload)
	with := func(h []byte) []byte { return append(base64.RawURLEncoding.AppendEncode(nil, h), body...) }
	if !graph {
		shown := with(header(""))
		return key.Sign(shown, shown)
	}
	nonce := m.IDs.Opaque(32)
	return key.Sign(with(header(nonce)), with(header(NonceHash(nonce))))
}

// NonceHash is what a Graph token is signed over in place of its nonce.
func NonceHash(nonce string) string {
	sum := sha256.Sum256([]byte(nonce))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Pairwise is the sub of a person for one application: the same on every
// call, and of no use for recognising the person elsewhere (OpenID Connect
// Core section 8.1).
func Pairwise(tenantID, objectID, appID string) string {
	sum := sha256.Sum256([]byte("flowscope lab\x00" + tenantID + "\x00" + objectID + "\x00" + appID))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// ClientInfo is the client_info member: home object id and home tenant.
func ClientInfo(u directory.User) string {
	c := new(claims).str("uid", u.ObjectID).str("utid", u.TenantID)
	return base64.RawURLEncoding.EncodeToString(c.bytes())
}

func (m *Mint) aio() string { return base64.StdEncoding.EncodeToString(m.IDs.Bytes(48)) }

func (m *Mint) rh() string { return "1.A" + m.IDs.Opaque(30) + "." }

// Opaque is an authorization code or a refresh token: random, and of no
// meaning to anyone but the lab.
func (m *Mint) Opaque() string { return "1.A" + m.IDs.Opaque(96) }

// Span writes a lifetime as Entra's error messages do: d.hh:mm:ss.
func Span(d time.Duration) string {
	days := int(d / (24 * time.Hour))
	at := time.Time{}.Add(d % (24 * time.Hour))
	return strconv.Itoa(days) + "." + at.Format("15:04:05")
}

// LoginHint is the login_hint claim of a person: opaque, the same every time,
// and the same for a guest as for its account at home. Who is meant is found by
// making it for everyone.
func LoginHint(u directory.User) string {
	tenantID, objectID := u.TenantID, u.ObjectID
	if u.Guest() {
		tenantID, objectID = u.HomeTenantID, u.HomeObjectID
	}
	sum := sha256.Sum256([]byte("flowscope lab login hint\x00" + tenantID + "\x00" + objectID))
	return "O." + base64.RawURLEncoding.EncodeToString(append(sum[:], objectID...))
}
