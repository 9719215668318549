// Package labinfo is the lab as other programs see it, as plain data: where it
// is served, who can sign in, which applications are registered, what can be
// switched, and the configuration that points a client at it.
//
// It knows neither the lab nor a screen: package labtarget fills it in, commands
// and screens show it. It sends nothing and decides nothing.
package labinfo

import (
	"context"
	"fmt"
)

// Description is what flowscope lab --json prints: everything that a program
// must know of the lab. All secrets in it are public by intent.
type Description struct {
	Schema          int             `json:"schema"`
	Authority       string          `json:"authority"`      // https
	HTTPAuthority   string          `json:"http_authority"` // the same by plain HTTP
	TenantID        string          `json:"tenant_id"`
	CAPEM           string          `json:"ca_pem"` // certificate of the throw-away authority, PEM
	Discovery       string          `json:"discovery"`
	JWKSURI         string          `json:"jwks_uri"`
	Users           []User          `json:"users"`
	Apps            []App           `json:"apps"`
	FederatedIssuer FederatedIssuer `json:"federated_issuer"`
	Services        Services        `json:"services"`
}

// Served reports whether the lab can be reached by other programs.
func (d Description) Served() bool { return d.CAPEM != "" }

// User is one person. A guest is listed with the name to sign in with, which is
// that of the account at home, and with the object id in this tenant.
type User struct {
	Username string   `json:"username"`
	Password string   `json:"password"`
	OID      string   `json:"oid"`
	Roles    []string `json:"roles"` // app roles, of all applications

	Name     string `json:"name"`
	TenantID string `json:"tenant_id"`
	Tenant   string `json:"tenant"` // its name
	Guest    bool   `json:"guest"`
	Admin    bool   `json:"admin"`
	Groups   int    `json:"groups"` // how many the person is in
	About    string `json:"about"`
}

// App is one application. Secret and certificate are the first that have not
// expired; where all secrets have, the secret is the one that did last.
type App struct {
	Name           string   `json:"name"` // short: web, spa, orders-api
	ClientID       string   `json:"client_id"`
	ClientType     string   `json:"client_type"` // public or confidential (RFC 6749 section 2.1)
	ClientSecret   string   `json:"client_secret"`
	CertificatePEM string   `json:"certificate_pem"`
	PrivateKeyPEM  string   `json:"private_key_pem"`
	RedirectURIs   []string `json:"redirect_uris"`
	AppIDURI       string   `json:"app_id_uri"`
	Scopes         []string `json:"scopes"`    // with the App ID URI before them, as they are asked for
	AppRoles       []string `json:"app_roles"` // values

	SecretExpired      bool `json:"client_secret_expired"` // it was good once: AADSTS7000222
	AccessTokenVersion int  `json:"access_token_version"`  // 1 or 2, of the tokens that are made for it

	DisplayName string     `json:"display_name"`
	TenantID    string     `json:"tenant_id"`
	About       string     `json:"about"`
	Platforms   []Platform `json:"platforms"`
	Permissions []string   `json:"permissions"` // what it asks of APIs: scopes and roles, as they are asked for
}

// Audience is what access tokens for an API carry in aud: the client id in those
// of version 2.0, else the App ID URI (Entra: access-token-claims-reference).
func (a App) Audience() string {
	if a.AccessTokenVersion == 2 {
		return a.ClientID
	}
	return a.AppIDURI
}

// Platform is one platform of an application (Entra manifest: web, spa,
// publicClient).
type Platform struct {
	Type         string   `json:"type"`
	RedirectURIs []string `json:"redirect_uris"`
}

// FederatedIssuer is the lab's second issuer, whose tokens one application
// trusts in place of a secret (workload identity federation). Who has its key
// can make them.
type FederatedIssuer struct {
	Issuer        string `json:"issuer"`
	JWKSURI       string `json:"jwks_uri"`
	Subject       string `json:"subject"`
	Audience      string `json:"audience"`
	PrivateKeyPEM string `json:"private_key_pem"`
	KID           string `json:"kid"`
	ClientID      string `json:"client_id"` // the application that trusts it
}

// Services are the addresses of the lab's APIs.
type Services struct {
	Orders    string `json:"orders"`
	Inventory string `json:"inventory"`
	Graph     string `json:"graph"`
}

// App finds an application by its short name.
func (d Description) App(name string) (App, bool) {
	for _, a := range d.Apps {
		if a.Name == name {
			return a, true
		}
	}
	return App{}, false
}

// Condition is one switch of the lab and how it stands.
type Condition struct {
	ID      string `json:"id"`
	Group   string `json:"group"`
	Title   string `json:"title"`
	About   string `json:"about"`
	Takes   string `json:"takes"`   // duration, users, apps; empty: on or off
	Default string `json:"default"` // taken for a bare "on"
	On      bool   `json:"on"`
	Value   string `json:"value"` // while it is on
}

// Addresses say where the lab is served. Each is host and port on loopback; the
// empty one takes a free port of localhost.
type Addresses struct{ HTTP, HTTPS string }

// AddressError says that an address can't be served on.
type AddressError struct {
	Address string
	Reason  string
}

// Error gives the address and the reason in one line.
func (e *AddressError) Error() string { return fmt.Sprintf("%q: %s", e.Address, e.Reason) }

// Lab is what may be done with the lab from outside. It is safe for concurrent
// use.
type Lab interface {
	// Describe gives the lab as it is served now; while it is not, the
	// addresses are those inside this process and there is no CA.
	Describe() Description
	// Conditions lists all switches, in a fixed order.
	Conditions() []Condition
	// Switch turns a condition "on" or "off", or on with a value.
	Switch(id, value string) error
	// Share serves the lab on loopback, once: a second call changes nothing. It
	// fails with an *AddressError for an address that is not loopback.
	Share(ctx context.Context, at Addresses) (Description, error)
	// Unshare ends that. It returns when nothing is served any more.
	Unshare()
}
