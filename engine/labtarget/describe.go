package labtarget

import (
	"cmp"
	"crypto/sha1" //nolint:gosec // kid is the SHA-1 thumbprint, as Entra's are (RFC 7515 section 4.1.7)
	"encoding/base64"
	"encoding/pem"
	"slices"
	"time"

	"flowscope/engine/lab"
	"flowscope/engine/labinfo"
)

// workload is the application that trusts the lab's second issuer.
const workload = "workload"

// Describe writes the lab down as it is reached under an https base, a plain
// one and a CA.
func Describe(l *lab.Lab, https, http, ca string) labinfo.Description {
	dir := l.Directory()
	home, _ := tenant(dir)
	authority := https + "/" + home.ID
	services := lab.Services(https)
	d := labinfo.Description{
		Schema: 1, Authority: authority, HTTPAuthority: http + "/" + home.ID, TenantID: home.ID, CAPEM: ca,
		Discovery: authority + "/v2.0/.well-known/openid-configuration", JWKSURI: authority + "/discovery/v2.0/keys",
		Users: []labinfo.User{}, Apps: []labinfo.App{},
		FederatedIssuer: federated(dir, https),
		Services:        labinfo.Services{Orders: services.Orders, Inventory: services.Inventory, Graph: services.Graph},
	}
	for _, u := range dir.Users {
		d.Users = append(d.Users, user(dir, u))
	}
	for _, a := range dir.Apps {
		d.Apps = append(d.Apps, app(dir, a, l.Now()))
	}
	return d
}

func user(dir lab.Directory, u lab.User) labinfo.User {
	home := dir.Home(u) // a guest signs in with the account at home
	t, _ := dir.Tenant(u.TenantID)
	out := labinfo.User{
		Username: home.Username, Password: home.Password, OID: u.ObjectID, Roles: []string{},
		Name: u.Name, TenantID: u.TenantID, Tenant: t.Name, Guest: u.Guest(), Admin: u.Admin, Groups: len(u.Groups), About: u.About,
	}
	for _, a := range dir.Apps {
		for _, role := range u.Roles[a.ClientID] {
			if !slices.Contains(out.Roles, role) {
				out.Roles = append(out.Roles, role)
			}
		}
	}
	return out
}

func app(dir lab.Directory, a lab.App, now time.Time) labinfo.App {
	out := labinfo.App{
		Name: a.Key, ClientID: a.ClientID, ClientType: "confidential", AppIDURI: a.AppIDURI,
		RedirectURIs: []string{}, Scopes: []string{}, AppRoles: []string{},
		DisplayName: a.Name, TenantID: a.TenantID, About: a.About, Platforms: []labinfo.Platform{}, Permissions: []string{},
		AccessTokenVersion: max(1, a.AccessTokenVersion),
	}
	if a.Public {
		out.ClientType = "public"
	}
	out.ClientSecret, out.SecretExpired = secretOf(a, now)
	for _, c := range a.Certificates {
		if out.CertificatePEM == "" && c.Expires.After(now) {
			out.CertificatePEM, out.PrivateKeyPEM = c.CertPEM, c.KeyPEM
		}
	}
	for _, p := range a.Platforms {
		out.Platforms = append(out.Platforms, labinfo.Platform{Type: p.Type, RedirectURIs: append([]string{}, p.RedirectURIs...)})
		out.RedirectURIs = append(out.RedirectURIs, p.RedirectURIs...)
	}
	for _, s := range a.Scopes {
		out.Scopes = append(out.Scopes, a.AppIDURI+"/"+s.Name)
	}
	for _, r := range a.AppRoles {
		out.AppRoles = append(out.AppRoles, r.Value)
	}
	for _, p := range a.Permissions {
		api, _ := dir.Client(p.ResourceAppID)
		for _, name := range append(append([]string{}, p.Scopes...), p.Roles...) {
			out.Permissions = append(out.Permissions, cmp.Or(api.AppIDURI, p.ResourceAppID)+"/"+name)
		}
	}
	return out
}

// secretOf is the first secret that is good, else the one that expired last:
// what comes of that is a lesson too.
func secretOf(a lab.App, now time.Time) (value string, expired bool) {
	var ended time.Time
	for _, s := range a.Secrets {
		if s.Expires.After(now) {
			return s.Value, false
		}
		if value == "" || s.Expires.After(ended) {
			value, expired, ended = s.Value, true, s.Expires
		}
	}
	return value, expired
}

// federated is the lab's second issuer, with the first subject that the
// workload trusts it for.
func federated(dir lab.Directory, base string) labinfo.FederatedIssuer {
	out := labinfo.FederatedIssuer{
		Issuer: base + lab.FederationPath, JWKSURI: base + lab.FederationPath + "/keys", PrivateKeyPEM: lab.FederationKey(),
	}
	if cert, _ := pem.Decode([]byte(lab.FederationCertificate())); cert != nil {
		sum := sha1.Sum(cert.Bytes) //nolint:gosec // as above
		out.KID = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	a, ok := dir.App(workload)
	if !ok {
		return out
	}
	out.ClientID = a.ClientID
	for _, f := range a.FederatedCredentials {
		if f.IssuerAt(base) == out.Issuer {
			out.Subject, out.Audience = f.Subject, f.Audience
			break
		}
	}
	return out
}
