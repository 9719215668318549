// Package tokens shapes the JWTs of the lab exactly as Entra shapes its own:
// v1.0 and v2.0 access tokens for people and for applications, tokens for
// Graph, encrypted tokens, ID tokens of both versions, and the opaque strings
// beside them.
//
// It decides nothing: who may have which token is settled before. It refuses
// to sign with anything but RS256.
package tokens

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strconv"
	"time"

	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/ids"
	"flowscope/engine/lab/keys"
)

// backdate is how far iat and nbf lie in the past (tokens reference: a token
// of 3600 seconds has exp - iat = 3900).
const backdate = 5 * time.Minute

// fixed is how many members come first in every token: aud, iss, iat, nbf,
// exp. The others follow in alphabetical order.
const fixed = 5

// How the client proved itself: azpacr and appidacr.
const (
	ProofNone      = "0"
	ProofSecret    = "1"
	ProofAssertion = "2" // certificate or federated assertion
)

// Mint makes tokens. It is safe for concurrent use.
type Mint struct {
	Keys  *keys.Set
	IDs   *ids.Source
	Clock func() time.Time

	memory memory
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

// graph reports whether the token is for Microsoft Graph.
func (a Access) graph() bool { return a.Resource.ClientID == directory.GraphAppID }

// alone reports whether the token is of an application without a person.
func (a Access) alone() bool { return a.User.ObjectID == "" }

// ContinuousAccess reports whether a token is one of continuous access
// evaluation: the client declared the capability cp1, and the API opts in by
// the optional claim xms_cc. Graph always does. Such a token lives for up to 28
// hours, and the API refuses it as soon as sessions are revoked (Entra:
// app-resilience-continuous-access-evaluation).
func ContinuousAccess(resource directory.App, capabilities []string) bool {
	return slices.Contains(capabilities, "cp1") &&
		(resource.ClientID == directory.GraphAppID || slices.Contains(resource.Optional.Access, "xms_cc"))
}

// IssuerV2 is the issuer of v2.0 tokens of a tenant: no slash at the end.
func IssuerV2(base, tenantID string) string { return base + "/" + tenantID + "/v2.0" }

// IssuerV1 is the issuer of v1.0 tokens of a tenant: with a slash at the end.
// Entra's own is on another host, sts.windows.net.
func IssuerV1(base, tenantID string) string { return base + "/" + tenantID + "/" }

// Access makes an access token. The resource decides the version. For Graph
// and a personal account it is opaque; for an API with an encryption key it is
// encrypted.
func (m *Mint) Access(a Access) string {
	v1 := a.Resource.AccessTokenVersion != 2
	var c *claims
	switch {
	case a.alone() && v1:
		c = m.appV1(a)
	case a.alone():
		c = m.appV2(a)
	case v1:
		c = m.userV1(a)
	default:
		c = m.userV2(a)
	}
	uti := m.IDs.Opaque(16)
	if a.alone() && !v1 {
		c.str("xms_ftd", m.IDs.Opaque(33))
	}
	payload := c.str("uti", uti).alphabetical(fixed).bytes()
	if ContinuousAccess(a.Resource, a.Capabilities) && !a.alone() {
		m.memory.sinceOf(uti, a.AuthTime, m.Clock())
	}
	if a.graph() && a.User.Personal() {
		return m.memory.opaque("EwB"+m.IDs.Opaque(420), payload)
	}
	token := m.seal(m.Keys.For(a.TenantID, a.Resource), payload, v1, a.graph())
	if key, ok := keys.Encryption(a.Resource); ok {
		return encrypt(&key.Private.PublicKey, key.ID, m.IDs, []byte(token))
	}
	return token
}

// start adds the five members that come first in every token.
func (m *Mint) start(aud, iss string, life time.Duration) *claims {
	now := m.Clock()
	from := now.Add(-backdate).Unix()
	return new(claims).str("aud", aud).str("iss", iss).num("iat", from).num("nbf", from).num("exp", now.Add(life).Unix()).
		str("aio", base64.StdEncoding.EncodeToString(m.IDs.Bytes(48))).str("rh", "1.A"+m.IDs.Opaque(30)+".")
}

// seal signs. v1.0 headers carry x5t. A token for Graph carries a nonce, and
// is signed over a header in which that nonce is replaced by its SHA-256, so
// that nobody but Graph can verify what it was sent.
func (m *Mint) seal(key keys.Key, payload []byte, v1, graph bool) string {
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

// home is tenant and object id of a person's own account: a guest's is
// elsewhere.
func home(u directory.User) (tenantID, objectID string) {
	if u.Guest() {
		return u.HomeTenantID, u.HomeObjectID
	}
	return u.TenantID, u.ObjectID
}

// ClientInfo is the client_info member: home object id and home tenant.
func ClientInfo(u directory.User) string {
	tenantID, objectID := home(u)
	c := new(claims).str("uid", objectID).str("utid", tenantID)
	return base64.RawURLEncoding.EncodeToString(c.bytes())
}

// LoginHint is the login_hint claim of a person: opaque, the same every time,
// and the same for a guest as for its account at home. Who is meant is found by
// making it for everyone.
func LoginHint(u directory.User) string {
	tenantID, objectID := home(u)
	sum := sha256.Sum256([]byte("flowscope lab login hint\x00" + tenantID + "\x00" + objectID))
	return "O." + base64.RawURLEncoding.EncodeToString(append(sum[:], objectID...))
}

// Opaque is an authorization code or a refresh token: random, and of no
// meaning to anyone but the lab.
func (m *Mint) Opaque() string { return "1.A" + m.IDs.Opaque(96) }

// Span writes a lifetime as Entra's error messages do: d.hh:mm:ss.
func Span(d time.Duration) string {
	days := int(d / (24 * time.Hour))
	at := time.Time{}.Add(d % (24 * time.Hour))
	return strconv.Itoa(days) + "." + at.Format("15:04:05")
}
