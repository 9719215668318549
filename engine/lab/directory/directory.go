// Package directory is what the lab knows by heart: tenants, people and
// applications, as plain data, with the look-ups that the endpoints need.
//
// It holds no state: who consented, who is signed in and what was issued live
// in package state. It refuses to decide anything about a request.
package directory

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Fixed identities of Microsoft's own that the lab shares with every tenant.
const (
	// GraphAppID is the application id of Microsoft Graph.
	GraphAppID = "00000003-0000-0000-c000-000000000000"
	// GraphURI is the App ID URI of Microsoft Graph in the public cloud.
	GraphURI = "https://graph.microsoft.com"
	// ConsumersTenantID is the tenant of all personal accounts.
	ConsumersTenantID = "9188040d-6c67-4c5b-b112-36a304b66dad"
	// MicrosoftTenantID is the tenant in which Microsoft Graph is registered.
	// No one of the lab signs in there, so it is not among the tenants.
	MicrosoftTenantID = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"
)

// Values of App.SignInAudience, as the application manifest writes them.
const (
	AudienceMyOrg        = "AzureADMyOrg"
	AudienceMultipleOrgs = "AzureADMultipleOrgs"
	AudienceEveryone     = "AzureADandPersonalMicrosoftAccount"
)

// Values of App.GroupMembershipClaims and User.Factor.
const (
	GroupsSecurity = "SecurityGroup" // the groups claim is emitted

	FactorRegistered = "registered" // a second factor is there, and asked for at every sign-in
	FactorMissing    = "missing"    // a second factor is demanded, and none is registered yet
)

// Platform types of a registration (Entra manifest: web, spa, publicClient).
const (
	PlatformWeb    = "web"
	PlatformSPA    = "spa"
	PlatformNative = "publicClient"
)

// Directory is everything that is registered, as plain data.
type Directory struct {
	Tenants []Tenant
	Users   []User
	Apps    []App
}

// Tenant is one company's directory, or the one of all personal accounts.
type Tenant struct {
	ID           string   // GUID
	Name         string   // as shown to people
	Domain       string   // initial domain, such as contoso.onmicrosoft.com
	OtherDomains []string // further verified domains
	Region       string   // tenant_region_scope of the discovery document: EU, NA; empty for null
	Blocked      bool     // nobody used it for long, and the service has shut it
}

// User is one person with an account.
type User struct {
	TenantID  string
	ObjectID  string
	Username  string // user principal name; of a guest, with #EXT#
	Password  string // empty for a guest, who proves it at home, and for someone who has none
	Name      string
	GivenName string
	Surname   string
	Email     string
	Roles     map[string][]string // application id to the app roles assigned; a key with no roles is an assignment
	About     string              // one line for a list of accounts
	Admin     bool                // Global Administrator: may consent for the organisation
	Disabled  bool                // sign-in blocked

	Factor          string   // second factor: empty (not asked), FactorRegistered or FactorMissing
	Blocked         bool     // a Conditional Access policy blocks every sign-in
	PasswordExpired bool     // must be changed at the next sign-in
	Pending         bool     // a guest who has not redeemed the invitation
	Groups          []string // object ids of security groups
	HomeTenantID    string   // a guest's own tenant; empty for members
	HomeObjectID    string   // a guest's object id there
}

// Guest reports whether the account is a guest's in its tenant.
func (u User) Guest() bool { return u.HomeTenantID != "" }

// Personal reports whether it is a personal Microsoft account.
func (u User) Personal() bool { return u.TenantID == ConsumersTenantID }

// Platform is one platform of a registration with its redirect URIs.
type Platform struct {
	Type         string // web, spa or publicClient
	RedirectURIs []string
}

// Secret is one client secret. Hint is the start of the value, which is all
// that the portal shows later on.
type Secret struct {
	ID, Value, Hint string
	Expires         time.Time
}

// Certificate is one certificate of a registration. The lab also keeps its
// private key, which is public by intent: clients under test must sign with it.
type Certificate struct {
	Name    string
	CertPEM string // PEM, CERTIFICATE
	KeyPEM  string // PEM, PKCS #8 PRIVATE KEY
	Expires time.Time
}

// FederatedCredential trusts the tokens of another issuer in place of a secret
// (workload identity federation). All three values are compared exactly, with
// letter case.
type FederatedCredential struct {
	Name     string
	Issuer   string // "{base}" at its start stands for scheme and host of the lab
	Subject  string
	Audience string
}

// IssuerAt is the issuer with scheme and host of the lab filled in.
func (f FederatedCredential) IssuerAt(base string) string {
	return strings.Replace(f.Issuer, "{base}", base, 1)
}

// OptionalClaims names the optional claims that tokens of a registration carry
// (Entra: optional-claims-reference): access tokens made for the API, and ID
// tokens made for the client.
type OptionalClaims struct{ Access, ID []string }

// Scope is one delegated permission that an API exposes.
type Scope struct {
	Name, ID                                             string
	AdminOnly                                            bool
	AdminConsentTitle, UserConsentTitle, UserConsentText string
}

// AppRole is one application role that an API defines.
type AppRole struct {
	Value, ID         string
	ForUsers, ForApps bool
	DisplayName       string
}

// Permission is what a registration asks of one API (requiredResourceAccess).
type Permission struct {
	ResourceAppID string
	Scopes        []string // delegated
	Roles         []string // application
}

// App is a registration together with its service principal.
type App struct {
	TenantID               string // where it is registered
	Name                   string // display name
	Key                    string // a short name: web, spa, native, daemon, cli, orders-api, inventory-api, graph and others
	About                  string // one line: what it is there to show
	ClientID               string
	ObjectID               string
	ServicePrincipalID     string // in its own tenant
	InstalledIn            []string
	Public                 bool // has no credential and can keep none
	Platforms              []Platform
	Secrets                []Secret
	AppIDURI               string
	Scopes                 []Scope
	AppRoles               []AppRole
	Permissions            []Permission
	GrantedRoles           map[string][]string // resource application id to application permissions granted by an administrator
	AccessTokenVersion     int                 // 1 or 2: version of the tokens made for this API
	AssignmentRequired     bool
	SignInAudience         string
	AllowPublicClientFlows bool

	Disabled              bool // the service principal is disabled for sign-in
	ImplicitAccessTokens  bool // "Access tokens" is ticked under implicit grant
	ImplicitIDTokens      bool // "ID tokens" is ticked
	Certificates          []Certificate
	FederatedCredentials  []FederatedCredential
	Optional              OptionalClaims
	GroupMembershipClaims string   // GroupsSecurity, or empty for no groups claim
	KnownClients          []string // application ids whose consent page also covers this API (knownClientApplications)
	PreAuthorized         []string // application ids that need no consent for this API's scopes
	LogoutURL             string   // front-channel sign-out
	EncryptionKeyPEM      string   // PEM, PKCS #8: access tokens for this API are encrypted to its public half; empty for none
	CustomSigningKey      bool     // tokens are signed with a key of its own, which only ?appid= publishes
}

// App returns the application with that key, such as "web".
func (d Directory) App(key string) (App, bool) {
	i := slices.IndexFunc(d.Apps, func(a App) bool { return a.Key == key })
	if i < 0 {
		return App{}, false
	}
	return d.Apps[i], true
}

// User returns the person with that user name; case does not matter.
func (d Directory) User(username string) (User, bool) {
	i := slices.IndexFunc(d.Users, func(u User) bool { return strings.EqualFold(u.Username, username) })
	if i < 0 {
		return User{}, false
	}
	return d.Users[i], true
}

// Account returns the member, not a guest, with that user name or, for a
// guest's own account, that address; case does not matter.
func (d Directory) Account(username string) (User, bool) {
	i := slices.IndexFunc(d.Users, func(u User) bool { return !u.Guest() && strings.EqualFold(u.Username, username) })
	if i < 0 {
		return User{}, false
	}
	return d.Users[i], true
}

// In returns what a person is in a tenant: the member itself at home, the
// guest elsewhere. It is false where the person has no account.
func (d Directory) In(tenantID string, person User) (User, bool) {
	home := d.Home(person)
	if home.TenantID == tenantID {
		return home, true
	}
	i := slices.IndexFunc(d.Users, func(u User) bool {
		return u.TenantID == tenantID && u.HomeTenantID == home.TenantID && u.HomeObjectID == home.ObjectID
	})
	if i < 0 {
		return User{}, false
	}
	return d.Users[i], true
}

// Home returns a person's own account: the person itself but for guests.
func (d Directory) Home(person User) User {
	if !person.Guest() {
		return person
	}
	if home, ok := d.Person(person.HomeTenantID, person.HomeObjectID); ok {
		return home
	}
	return person
}

// Tenant returns the tenant with that GUID or verified domain; case does not
// matter.
func (d Directory) Tenant(name string) (Tenant, bool) {
	i := slices.IndexFunc(d.Tenants, func(t Tenant) bool {
		return strings.EqualFold(t.ID, name) || strings.EqualFold(t.Domain, name) ||
			slices.ContainsFunc(t.OtherDomains, func(o string) bool { return strings.EqualFold(o, name) })
	})
	if i < 0 {
		return Tenant{}, false
	}
	return d.Tenants[i], true
}

// Client returns the application with that client id; case does not matter.
func (d Directory) Client(id string) (App, bool) {
	i := slices.IndexFunc(d.Apps, func(a App) bool { return strings.EqualFold(a.ClientID, id) })
	if i < 0 {
		return App{}, false
	}
	return d.Apps[i], true
}

// Person returns the user with that object id in that tenant.
func (d Directory) Person(tenantID, objectID string) (User, bool) {
	i := slices.IndexFunc(d.Users, func(u User) bool { return u.TenantID == tenantID && u.ObjectID == objectID })
	if i < 0 {
		return User{}, false
	}
	return d.Users[i], true
}

// Resource returns the API with that application id or App ID URI. One slash
// at the end of the URI does not matter; case does not either.
func (d Directory) Resource(name string) (App, bool) {
	bare := strings.TrimSuffix(name, "/")
	i := slices.IndexFunc(d.Apps, func(a App) bool {
		return strings.EqualFold(a.ClientID, name) || a.AppIDURI != "" && strings.EqualFold(a.AppIDURI, bare)
	})
	if i < 0 {
		return App{}, false
	}
	return d.Apps[i], true
}

// Clone returns a deep copy.
func (d Directory) Clone() Directory {
	out := Directory{Tenants: slices.Clone(d.Tenants), Users: slices.Clone(d.Users), Apps: slices.Clone(d.Apps)}
	for i := range out.Tenants {
		out.Tenants[i].OtherDomains = slices.Clone(out.Tenants[i].OtherDomains)
	}
	for i := range out.Users {
		out.Users[i].Roles = cloneRoles(out.Users[i].Roles)
		out.Users[i].Groups = slices.Clone(out.Users[i].Groups)
	}
	for i := range out.Apps {
		a := &out.Apps[i]
		a.InstalledIn, a.Secrets = slices.Clone(a.InstalledIn), slices.Clone(a.Secrets)
		a.Scopes, a.AppRoles = slices.Clone(a.Scopes), slices.Clone(a.AppRoles)
		a.Platforms, a.Permissions = slices.Clone(a.Platforms), slices.Clone(a.Permissions)
		a.GrantedRoles = cloneRoles(a.GrantedRoles)
		a.Certificates, a.FederatedCredentials = slices.Clone(a.Certificates), slices.Clone(a.FederatedCredentials)
		a.Optional = OptionalClaims{Access: slices.Clone(a.Optional.Access), ID: slices.Clone(a.Optional.ID)}
		a.KnownClients, a.PreAuthorized = slices.Clone(a.KnownClients), slices.Clone(a.PreAuthorized)
		for j := range a.Platforms {
			a.Platforms[j].RedirectURIs = slices.Clone(a.Platforms[j].RedirectURIs)
		}
		for j := range a.Permissions {
			a.Permissions[j].Scopes = slices.Clone(a.Permissions[j].Scopes)
			a.Permissions[j].Roles = slices.Clone(a.Permissions[j].Roles)
		}
	}
	return out
}

func cloneRoles(m map[string][]string) map[string][]string {
	out := maps.Clone(m)
	for k, v := range out {
		out[k] = slices.Clone(v)
	}
	return out
}

// HasPlatform reports whether the registration has redirect URIs of a type.
func (a App) HasPlatform(kind string) bool {
	return slices.ContainsFunc(a.Platforms, func(p Platform) bool { return p.Type == kind && len(p.RedirectURIs) > 0 })
}

// Scope returns a delegated permission of the API by name; Entra compares
// scope names without regard to case.
func (a App) Scope(name string) (Scope, bool) {
	i := slices.IndexFunc(a.Scopes, func(s Scope) bool { return strings.EqualFold(s.Name, name) })
	if i < 0 {
		return Scope{}, false
	}
	return a.Scopes[i], true
}

// PermissionsOn returns what the registration asks of one API.
func (a App) PermissionsOn(resourceAppID string) (Permission, bool) {
	i := slices.IndexFunc(a.Permissions, func(p Permission) bool { return p.ResourceAppID == resourceAppID })
	if i < 0 {
		return Permission{}, false
	}
	return a.Permissions[i], true
}

// PresentIn reports whether the application has a service principal in a
// tenant by registration; Microsoft Graph has one everywhere.
func (a App) PresentIn(tenantID string) bool {
	return a.TenantID == tenantID || a.ClientID == GraphAppID || slices.Contains(a.InstalledIn, tenantID)
}

// SingleTenant reports whether only people of its own tenant may sign in.
func (a App) SingleTenant() bool { return a.SignInAudience == AudienceMyOrg }
