package validate

import (
	"net/netip"
	"net/url"
	"strings"
)

// ConsumerTenant is the tenant of all personal Microsoft accounts (Entra: access
// token claims, tid).
const ConsumerTenant = "9188040d-6c67-4c5b-b112-36a304b66dad"

// Guest reports a person who is a guest of the tenant that issued the token, and
// the tenant where that person is at home: a GUID in lower case, ConsumerTenant
// for a personal account, or "" where "idp" names no tenant. The claim "acct"
// decides where it is there (0 a member, 1 a guest); else an external name or an
// "idp" that is not the token's own tenant does. Applications, personal accounts
// in their own tenant and whoever comes from an issuer that is not Entra's,
// external tenants included, are never guests (Entra: optional claims reference,
// acct; access token claims, idp; B2B collaboration user properties).
func (t *Token) Guest() (guest bool, home string) {
	tid := t.c.tid
	if tid == "" {
		tid = t.c.issTenant
	}
	if t.Claims == nil || t.SubjectKind == SubjectApp || strings.EqualFold(tid, ConsumerTenant) || !guestIssuer(t.c.iss) {
		return false, ""
	}
	idp := t.Claims.String("idp")
	home = homeTenant(idp)
	if strings.EqualFold(home, tid) { // what vouches for the person is this very tenant
		idp, home = "", ""
	}
	acct, _ := t.Claims.Get("acct")
	switch acct.Text() {
	case "0":
		return false, ""
	case "1":
		return true, home
	}
	if t.externalName() || idp != "" && tid != "" && idp != t.c.iss {
		return true, home
	}
	return false, ""
}

// externalName reports a user name as Entra writes it for people from elsewhere.
func (t *Token) externalName() bool {
	for _, claim := range [...]string{"upn", "unique_name", "preferred_username"} {
		name := strings.ToLower(t.Claims.String(claim))
		if strings.Contains(name, "#ext#") || strings.HasPrefix(name, "live.com#") {
			return true
		}
	}
	return false
}

// homeTenant takes the tenant out of "idp": the GUID in an issuer's path, and
// ConsumerTenant for "live.com"; "" for mail codes and other providers.
func homeTenant(idp string) string {
	if strings.EqualFold(idp, "live.com") {
		return ConsumerTenant
	}
	if IsGUID(idp) {
		return strings.ToLower(idp)
	}
	u, err := url.Parse(idp)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	for part := range strings.SplitSeq(u.Path, "/") {
		if IsGUID(part) {
			return strings.ToLower(part)
		}
	}
	return ""
}

// guestIssuer reports an issuer whose tenants have guests: one of Entra's, an
// issuer on this machine that stands in for Entra, or none at all. Tenants for
// customers sign in at other hosts (ciamlogin.com, b2clogin.com), and there
// "idp" is just where a customer has an account.
func guestIssuer(iss string) bool {
	if iss == "" || entraIssuer(iss) {
		return true
	}
	u, err := url.Parse(iss)
	if err != nil {
		return false
	}
	host := u.Hostname()
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && ip.IsLoopback()
}
