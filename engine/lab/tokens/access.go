package tokens

import (
	"slices"
	"strings"
	"time"

	"flowscope/engine/lab/directory"
)

// Directory role templates of the wids claim.
const (
	widUser        = "b79fbf4d-3ef9-4689-8143-76b194e85509"
	widGlobalAdmin = "62e90394-69f5-4237-9190-012177145e10"
)

// Limits of the groups claim (Entra: optional claims, group overage): what a
// JWT holds, and what an address does.
const (
	maxGroups      = 200
	maxGroupsFront = 6
)

// userV1 is a person's token of version 1.0.
func (m *Mint) userV1(a Access) *claims {
	c := m.start(a.Audience, IssuerV1(a.Base, a.TenantID), a.Life)
	c.str("acr", "1").list("amr", methods(a.Methods)).str("appid", a.Client.ClientID).str("appidacr", a.Proof).
		strIf("family_name", a.User.Surname).strIf("given_name", a.User.GivenName).
		str("ipaddr", a.IP).str("name", a.User.Name).str("ver", "1.0")
	names(c, a.User)
	m.person(c, a)
	opt := optional(a.Resource.Optional.Access)
	if opt("email") || a.User.Guest() { // as in the published sample
		c.strIf("email", a.User.Email)
	}
	if opt("preferred_username") {
		c.str("preferred_username", address(a.User))
	}
	if a.graph() {
		c.str("app_displayname", a.Client.Name).list("wids", wids(a.User))
		c.object("xms_st", new(claims).str("sub", Pairwise(a.TenantID, a.User.ObjectID, a.Client.ClientID)))
	}
	return c
}

// userV2 is a person's token of version 2.0.
func (m *Mint) userV2(a Access) *claims {
	c := m.start(a.Resource.ClientID, IssuerV2(a.Base, a.TenantID), a.Life)
	c.str("azp", a.Client.ClientID).str("azpacr", a.Proof).str("ver", "2.0")
	opt := optional(a.Resource.Optional.Access)
	if a.Profile {
		c.str("name", a.User.Name).str("preferred_username", address(a.User))
		profile(c, a.User, opt)
	}
	if opt("email") {
		c.strIf("email", a.User.Email)
	}
	if opt("ipaddr") {
		c.strIf("ipaddr", a.IP)
	}
	m.person(c, a)
	return c
}

// person adds what tokens of people have in both versions.
func (m *Mint) person(c *claims, a Access) {
	c.strIf("idp", provider(a.User, a.Base)).str("oid", a.User.ObjectID).list("roles", a.Roles).
		strIf("scp", strings.Join(a.Scopes, " ")).str("sub", Pairwise(a.TenantID, a.User.ObjectID, a.Resource.ClientID)).
		str("tid", a.TenantID)
	opt := optional(a.Resource.Optional.Access)
	session(c, a.User, a.AuthTime, a.SID, opt)
	if opt("wids") && !a.graph() {
		c.list("wids", wids(a.User))
	}
	if a.graph() || opt("tenant_region_scope") {
		c.strIf("tenant_region_scope", a.Region)
	}
	if opt("acrs") {
		c.list("acrs", a.Contexts)
	}
	if ContinuousAccess(a.Resource, a.Capabilities) {
		c.list("xms_cc", []string{"cp1"})
	}
	if a.Resource.GroupMembershipClaims != "" {
		groups(c, a.TenantID, a.User, a.FrontChannel)
	}
}

func (m *Mint) appV2(a Access) *claims {
	c := m.start(a.Resource.ClientID, IssuerV2(a.Base, a.TenantID), a.Life).
		str("azp", a.Client.ClientID).str("azpacr", a.Proof).str("ver", "2.0")
	return application(c, a)
}

func (m *Mint) appV1(a Access) *claims {
	c := m.start(a.Audience, IssuerV1(a.Base, a.TenantID), a.Life).
		str("appid", a.Client.ClientID).str("appidacr", a.Proof).str("idp", IssuerV1(a.Base, a.TenantID)).str("ver", "1.0")
	return application(c, a)
}

// application adds what tokens of an application alone have in both versions.
func application(c *claims, a Access) *claims {
	if slices.Contains(a.Resource.Optional.Access, "idtyp") {
		c.str("idtyp", "app")
	}
	return c.str("oid", a.ClientOf).list("roles", a.Roles).str("sub", a.ClientOf).str("tid", a.TenantID)
}

// optional tells which optional claims a registration has switched on.
func optional(names []string) func(string) bool {
	return func(name string) bool { return slices.Contains(names, name) }
}

// methods is the amr list; a sign-in that tells nothing was by password.
func methods(list []string) []string {
	if len(list) == 0 {
		return []string{"pwd"}
	}
	return list
}

// session adds the optional claims about the sign-in.
func session(c *claims, u directory.User, at time.Time, sid string, opt func(string) bool) {
	if opt("acct") {
		guest := int64(0)
		if u.Guest() {
			guest = 1
		}
		c.num("acct", guest)
	}
	if opt("auth_time") && !at.IsZero() {
		c.num("auth_time", at.Unix())
	}
	if opt("sid") {
		c.strIf("sid", sid)
	}
}

// profile adds the optional claims of v2.0 that need the scope profile.
func profile(c *claims, u directory.User, opt func(string) bool) {
	if opt("family_name") {
		c.strIf("family_name", u.Surname)
	}
	if opt("given_name") {
		c.strIf("given_name", u.GivenName)
	}
	if opt("upn") {
		c.str("upn", u.Username)
	}
}

// names adds the two readable names of v1.0. A guest's upn is that of the guest
// object, and unique_name the address at home; of a personal account it starts
// with its provider.
func names(c *claims, u directory.User) {
	unique := address(u)
	if u.HomeTenantID == directory.ConsumersTenantID {
		unique = "live.com#" + unique
	}
	c.str("unique_name", unique).str("upn", u.Username)
}

// address is the name under which a person signs in: a guest's at home.
func address(u directory.User) string {
	if u.Guest() {
		return u.Email
	}
	return u.Username
}

// provider is the idp claim of a guest; members have none.
func provider(u directory.User, base string) string {
	switch u.HomeTenantID {
	case "":
		return ""
	case directory.ConsumersTenantID:
		return "live.com"
	}
	return IssuerV1(base, u.HomeTenantID)
}

// groups adds the groups claim. When the list does not fit, it says where the
// list is: at an address of the old Graph, or, in a token that goes through the
// browser, nowhere.
func groups(c *claims, tenantID string, u directory.User, front bool) {
	switch n := len(u.Groups); {
	case front && n > maxGroupsFront:
		c.yes("hasgroups")
	case n > maxGroups:
		at := "https://graph.windows.net/" + tenantID + "/users/" + u.ObjectID + "/getMemberObjects"
		c.object("_claim_names", new(claims).str("groups", "src1"))
		c.object("_claim_sources", new(claims).object("src1", new(claims).str("endpoint", at)))
	default:
		c.list("groups", u.Groups)
	}
}

func wids(u directory.User) []string {
	if u.Admin {
		return []string{widGlobalAdmin, widUser}
	}
	return []string{widUser}
}
