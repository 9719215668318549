package tokens

import (
	"crypto/sha256"
	"encoding/base64"
	"time"

	"flowscope/engine/lab/directory"
)

// Lifetimes of ID tokens: of personal accounts a day, as in published samples.
const (
	idLife         = time.Hour
	idLifePersonal = 24 * time.Hour
)

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
	IP          string    // ipaddr of v1.0, or where it is an optional claim
	Code        string    // the code beside it in a front-channel response: c_hash
	AccessToken string    // the access token beside it in a front-channel response: at_hash
	Front       bool      // sent through the browser
}

// ID makes an ID token. In version 2.0 oid, tid and the names need the scope
// profile, the address needs email (Entra: id-token-claims-reference).
func (m *Mint) ID(i ID) string {
	issuer, life := IssuerV2(i.Base, i.TenantID), idLife
	if i.V1 {
		issuer = IssuerV1(i.Base, i.TenantID)
	}
	if i.User.Personal() {
		life = idLifePersonal
	}
	c := m.start(i.Client.ClientID, issuer, life)
	opt := optional(i.Client.Optional.ID)
	if i.V1 {
		idV1(c, i, opt)
	} else {
		idV2(c, i, opt)
	}
	c.strIf("nonce", i.Nonce).list("roles", i.User.Roles[i.Client.ClientID]).
		strIf("idp", provider(i.User, i.Base)).
		str("sub", Pairwise(i.TenantID, i.User.ObjectID, i.Client.ClientID)).str("uti", m.IDs.Opaque(16))
	session(c, i.User, i.AuthTime, i.SID, opt)
	if opt("login_hint") {
		c.str("login_hint", LoginHint(i.User))
	}
	if i.Code != "" {
		c.str("c_hash", half(i.Code))
	}
	if i.AccessToken != "" {
		c.str("at_hash", half(i.AccessToken))
	}
	if i.Client.GroupMembershipClaims != "" {
		groups(c, i.TenantID, i.User, i.Front)
	}
	return m.seal(m.Keys.For(i.TenantID, i.Client), c.alphabetical(fixed).bytes(), i.V1, false)
}

func idV2(c *claims, i ID, opt func(string) bool) {
	c.str("ver", "2.0")
	if i.Email || opt("email") {
		c.strIf("email", i.User.Email)
	}
	if opt("ipaddr") {
		c.strIf("ipaddr", i.IP)
	}
	if i.Profile {
		c.str("name", i.User.Name).str("oid", i.User.ObjectID).str("preferred_username", address(i.User)).str("tid", i.TenantID)
		profile(c, i.User, opt)
	}
}

// idV1 holds the members that v1.0 ID tokens are known to have. UNCONFIRMED
// that these and no others are the default: the references list v1.0 claims
// without saying which of them come unasked.
func idV1(c *claims, i ID, opt func(string) bool) {
	c.list("amr", methods(i.Methods)).strIf("family_name", i.User.Surname).strIf("given_name", i.User.GivenName).
		strIf("ipaddr", i.IP).str("name", i.User.Name).str("oid", i.User.ObjectID).str("tid", i.TenantID).str("ver", "1.0")
	names(c, i.User)
	if opt("email") || i.User.Guest() {
		c.strIf("email", i.User.Email)
	}
	if opt("preferred_username") {
		c.str("preferred_username", address(i.User))
	}
}

// half is at_hash and c_hash: the left half of the SHA-256 (OpenID Connect Core
// sections 3.1.3.6 and 3.3.2.11).
func half(value string) string {
	sum := sha256.Sum256([]byte(value))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}
