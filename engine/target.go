package engine

import (
	"context"
	"crypto"
	"crypto/x509"
	"net/http"
	"slices"

	"flowscope/decision"
	"flowscope/engine/trace"
)

// Kind is what sort of authorization server a target is.
type Kind string

// The kinds of targets.
const (
	Entra Kind = "entra" // Microsoft Entra ID, or the lab in its place
	OIDC  Kind = "oidc"  // any other OpenID Connect issuer, known by its discovery
)

// Target is what a run talks to.
type Target struct {
	Name      string // "lab" or the profile's name
	Title     string // "lab · contoso", for the header
	Live      bool   // true: a real tenant or issuer
	Kind      Kind   // empty: Entra
	Driver    string // id of the driver that its runs use unless the job says otherwise; empty: the first that can
	Authority string // https://HOST/TENANT, without a version
	Issuer    string // of an OIDC target: the issuer identifier, whose discovery document is asked
	TenantID  string // the tenant's GUID; empty where it is not known
	Domain    string // the tenant's first domain; empty where it is not known
	Hosts     []string
	Transport http.RoundTripper // the way to those hosts
	Clients   []Client
	Accounts  []Account
	Services  []Service // APIs that can be called with a token of this target
	// Elsewhere are the same lab's other tenants, each a target of its own: what
	// a multi-tenant application meets. Empty on a live target.
	Elsewhere []Target
	// BrowserBase gives the base URL at which the system browser reaches the
	// authority, when that is another than the authority itself (the lab lives
	// inside this process and is shared on loopback on demand). Nil: the same.
	BrowserBase func(context.Context) (string, error)
	// Switch sets a condition of the lab ("off" switches it off). Nil on a live
	// target: its administrators decide.
	Switch func(id, value string) error
}

// Is gives the kind of the target.
func (t *Target) Is() Kind {
	if t.Kind == "" {
		return Entra
	}
	return t.Kind
}

// Foreign reports whether the target's issuer is another one than Microsoft Entra
// ID or the lab.
func (t *Target) Foreign() bool { return t.Is() != Entra }

// Client gives the client with this key (web, spa, native, daemon).
func (t *Target) Client(key string) (Client, bool) {
	for _, c := range t.Clients {
		if c.Key == key {
			return c, true
		}
	}
	return Client{}, false
}

// Account gives the account with this user name.
func (t *Target) Account(username string) (Account, bool) {
	for _, a := range t.Accounts {
		if a.Username == username {
			return a, true
		}
	}
	return Account{}, false
}

// Administrator gives an account that may consent for everyone, and false when
// the target tells of none.
func (t *Target) Administrator() (Account, bool) {
	for _, a := range t.Accounts {
		if a.Admin {
			return a, true
		}
	}
	return Account{}, false
}

// In gives the target in the tenant of this domain: itself, or one of the lab's
// other tenants. A multi-tenant application is met there by other people.
func (t *Target) In(domain string) (Target, bool) {
	if t.Domain == domain {
		return *t, true
	}
	for _, other := range t.Elsewhere {
		if other.Domain == domain {
			return other, true
		}
	}
	return Target{}, false
}

// Service is an API that a token can be sent to.
type Service struct {
	Name     string // "Orders API: my tasks"
	URL      string
	Audience string // what its tokens carry in aud, as far as it is known
	Scope    string // what to ask for to get one
}

// CredentialKind is how a confidential client proves itself (RFC 6749 section
// 2.3; RFC 7523 section 2.2 for the two kinds of assertion).
type CredentialKind string

// The kinds of credentials.
const (
	NoCredential CredentialKind = ""
	Secret       CredentialKind = "secret"
	Certificate  CredentialKind = "certificate" // an assertion signed with its private key
	Federated    CredentialKind = "federated"   // an assertion of another issuer (Entra: workload identity federation)
)

// KeyPair is a certificate with its private key.
type KeyPair struct {
	Chain []*x509.Certificate // the certificate first
	Key   crypto.PrivateKey
	Name  string // what it is called where it is kept
}

// Client is an application that can be run against a target.
type Client struct {
	Key          string // web, spa, native, daemon
	Registration trace.Registration
	Platform     string // web, spa, publicClient; empty for a daemon
	RedirectURI  string
	Origin       string // what a browser would send with the token request (RFC 6454); SPA only
	Secret       string // client secret; empty where there is none
	Certificate  *KeyPair
	// Federated gives an assertion of another issuer that the application trusts.
	// It is asked once for each token request.
	Federated     func(context.Context) (string, error)
	Scopes        []string
	CallURL       string          // an API this client's token is for; empty when none is known
	Flows         []decision.Flow // what it can run
	LogoutURI     string          // where a sign-out may come back to; empty: the redirect URI
	Downstream    []string        // scopes of the API behind it that it asks for on behalf of the user
	DownstreamURL string          // that API; empty when none is known
}

// Runs reports whether the client is for this flow.
func (c Client) Runs(f decision.Flow) bool { return slices.Contains(c.Flows, f) }

// Credentials gives the kinds of credentials that the client has, the one that
// is used by default first.
func (c Client) Credentials() []CredentialKind {
	var out []CredentialKind
	if c.Secret != "" {
		out = append(out, Secret)
	}
	if c.Certificate != nil {
		out = append(out, Certificate)
	}
	if c.Federated != nil {
		out = append(out, Federated)
	}
	return out
}

// Account is a person who can sign in, as far as the target tells: on the lab
// all of it, on a live target none.
type Account struct {
	Username string
	Password string
	Name     string
	About    string
	Admin    bool // may consent for everyone in the tenant
}
