// Package trace is the record of a run as plain data: who sent what to whom,
// over which channel, what was changed by hand, what came back, and what is
// known of the application's registration. Screens, exports and explanations
// are all made from it.
//
// It holds no behaviour beyond reading its own data: it sends nothing, decides
// nothing and keeps nothing on disk. Values are kept whole; what leaves the
// process goes through a Redactor first.
package trace

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"flowscope/decision"
)

// Party is one of those who take part in a flow.
type Party string

// The parties in the order in which the ladder draws them.
const (
	You     Party = "you"
	App     Party = "app"
	Browser Party = "browser"
	Entra   Party = "entra"
	API     Party = "api"
	// Downstream is the API that another API calls as the signed-in user; only
	// flows with a middle tier have one.
	Downstream Party = "downstream"
)

// Name is what screens and exports call a party; empty for what is none. Another
// issuer than Microsoft Entra ID is called by what it is.
func (p Party) Name(foreign bool) string {
	switch p {
	case You:
		return "You"
	case App:
		return "your app"
	case Browser:
		return "Browser"
	case Entra:
		if foreign {
			return "issuer"
		}
		return "Entra ID"
	case API:
		return "API"
	case Downstream:
		return "API behind"
	}
	return ""
}

// Channel says which way a message travels (RFC 6749 section 1.2 draws both):
// through the browser, or from server to server past it.
type Channel string

// The two channels.
const (
	Front Channel = "front"
	Back  Channel = "back"
)

// Purpose says what an exchange is for. It is how faults, fixes and
// explanations name an exchange without counting steps.
type Purpose string

// The purposes of the exchanges of a run.
const (
	Metadata  Purpose = "metadata"  // OpenID Connect Discovery 1.0 section 4
	Authorize Purpose = "authorize" // RFC 6749 section 3.1
	SignIn    Purpose = "sign-in"   // the pages between authorize and the redirect
	Redirect  Purpose = "redirect"  // RFC 6749 section 4.1.2
	TokenCall Purpose = "token"     // RFC 6749 section 3.2
	Answer    Purpose = "answer"    // the way back of a token call; never an exchange of its own
	Keys      Purpose = "keys"      // RFC 7517 section 5
	CallAPI   Purpose = "api"       // RFC 6750 section 2.1

	DeviceStart     Purpose = "device-authorization" // RFC 8628 section 3.1
	DevicePage      Purpose = "device-page"          // RFC 8628 section 3.3: the person types the user code
	Poll            Purpose = "device-poll"          // RFC 8628 section 3.4
	Refresh         Purpose = "refresh"              // RFC 6749 section 6
	Cached          Purpose = "cache"                // the client's own cache is asked; never an exchange
	CallMiddle      Purpose = "middle-tier"          // the client calls the API that will call on
	OnBehalfOf      Purpose = "on-behalf-of"         // RFC 7523 section 2.1 with requested_token_use
	CallDownstream  Purpose = "downstream-api"       // the middle tier calls on, with its own token
	TokenExchange   Purpose = "token-exchange"       // RFC 8693 section 2.1
	UserRealm       Purpose = "user-realm"           // MSAL asks who manages a user name (Entra: user realm)
	AdminConsent    Purpose = "admin-consent"        // Entra: admin consent endpoint
	SignOut         Purpose = "sign-out"             // OpenID Connect RP-Initiated Logout 1.0 section 2
	SignedOut       Purpose = "signed-out"           // the way back from it, section 3
	UserInfo        Purpose = "userinfo"             // OpenID Connect Core 1.0 section 5.3
	Introspection   Purpose = "introspection"        // RFC 7662
	Revocation      Purpose = "revocation"           // RFC 7009
	ManagedIdentity Purpose = "managed-identity"     // Entra: managed identities, the machine's own endpoint
	Event           Purpose = "event"                // something happens beside the protocol; never an exchange
)

// AtTokenEndpoint reports whether an exchange of this purpose is a token request
// (RFC 6749 section 3.2), whichever grant it brings.
func (p Purpose) AtTokenEndpoint() bool {
	switch p {
	case TokenCall, Poll, Refresh, OnBehalfOf, TokenExchange:
		return true
	}
	return false
}

// AtAPI reports whether an exchange of this purpose carries a token to a resource
// server (RFC 6750 section 2).
func (p Purpose) AtAPI() bool {
	switch p {
	case CallAPI, CallMiddle, CallDownstream, UserInfo:
		return true
	}
	return false
}

// Request is one HTTP request, whole, as it leaves or would leave.
type Request struct {
	Method string
	URL    string
	Header http.Header
	Body   []byte
}

// Response is one HTTP response, its body read to the end or to the limit.
type Response struct {
	Status    int
	Header    http.Header
	Body      []byte
	Truncated bool // the body was longer than the limit and is cut
}

// Exchange is one request and its response, tied to a step of the plan.
type Exchange struct {
	N       int // position in the trace, from 1
	Step    int // step of the plan, from 1
	Purpose Purpose
	Channel Channel
	From    Party
	To      Party

	Request  Request   // as sent, or as it waits
	Original *Request  // as the program built it, when it was changed before it left
	Changes  []string  // what was changed, in words, in order
	Response *Response // nil until it is here, and for good when the browser keeps it
	// OriginalResponse is the answer as the server gave it, when it was changed
	// before the program got it; AnswerChanges says how, in words, in order.
	OriginalResponse *Response
	AnswerChanges    []string
	Err              string    // transport failure, in words; empty when an answer came
	Net              *NetError // what is known of that failure; nil: nothing beyond the words
	Refused          string    // why the gate refused to send it; empty when it did not
	Note             string    // a remark on how it travelled
	Break            string    // it is to break before it leaves, with these words; empty: it is not
	Repeat           bool      // sent twice in a row; the second answer is the one kept

	Started time.Time
	Took    time.Duration
}

// Failed reports whether the exchange did not bring what it was sent for: it
// was refused, broke, or was answered with an error status.
func (e *Exchange) Failed() bool {
	return e.Refused != "" || e.Err != "" || (e.Response != nil && e.Response.Status >= 400)
}

// Host gives the host of the request, with its port when it has one, and the
// empty string when the URL can't be read.
func (e *Exchange) Host() string {
	u, err := url.Parse(e.Request.URL)
	if err != nil {
		return ""
	}
	return u.Host
}

// TokenKind is what a token was handed out as.
type TokenKind string

// The kinds of token of a token response (RFC 6749 section 5.1, OpenID Connect
// Core 1.0 section 3.1.3.3).
const (
	AccessToken  TokenKind = "access"
	IDToken      TokenKind = "id"
	RefreshToken TokenKind = "refresh"
)

// Token is a token that the run obtained, with what the plan says it must hold.
type Token struct {
	Kind     TokenKind
	Value    string
	Exchange int    // N of the exchange that brought it
	Expect   Expect // learned from the plan, not from the token
}

// Expect is what the run's own plan says a token must hold. Empty fields are
// not stated.
type Expect struct {
	Issuer    string
	Audiences []string // alternatives
	Tenants   []string // alternatives
	Scopes    []string // all required
	Roles     []string // all required
	Caller    string   // "user" or "app"
	Nonce     string
	ClientID  string
	// AccessToken and Code are what came with an ID token in the same exchange, as
	// at_hash and c_hash are made of them (OpenID Connect Core 3.1.3.6, 3.3.2.11).
	AccessToken, Code string
	// FrontChannel says that the ID token came through the browser, where those
	// hashes have to be (OpenID Connect Core 3.2.2.9 and 3.3.2.11).
	FrontChannel bool
}

// Refusal is an answer that we did not accept: the state, the nonce or the
// shape of the redirect was not what the request of this run asked for.
type Refusal struct {
	Check    string // state, nonce, code, address
	Step     int
	Expected string
	Found    string
	Why      string
}

// Library is what the client library made of the exchange: a second exhibit
// beside the captured one, never the truth.
type Library struct {
	Name   string // "MSAL Go 1.10.1"
	Result string // what it returned, in words
	Error  string // its error text, when it failed
}

// Outcome says how a run ended.
type Outcome string

// The outcomes of a run.
const (
	Tokens  Outcome = "tokens"
	Failed  Outcome = "error"
	Stopped Outcome = "stopped"
)

// Trace is everything one run did.
type Trace struct {
	RunID        string
	Flow         decision.Flow
	As           string // web, spa, native, daemon
	Target       string // "lab" or the profile's name
	Live         bool   // false on the lab
	Foreign      bool   // the issuer is another one than Microsoft Entra ID or the lab
	Exchanges    []Exchange
	Tokens       []Token
	Refusal      *Refusal
	Library      *Library
	Registration *Registration
	APIs         []Service // what the target knows of the APIs that its tokens are sent to
	// Caller is the application that signs the person in, where the run's own
	// client is an API in the middle; nil elsewhere.
	Caller  *Registration
	Driver  string // name of the library that built the requests
	Outcome Outcome
	Failure string // one line when the run ended otherwise than by an answer
}

// LastToken gives the newest token request, of whichever grant, and false when
// there is none.
func (t *Trace) LastToken() (Exchange, bool) {
	for i := len(t.Exchanges) - 1; i >= 0; i-- {
		if t.Exchanges[i].Purpose.AtTokenEndpoint() {
			return t.Exchanges[i], true
		}
	}
	return Exchange{}, false
}

// Last gives the newest exchange with this purpose, and false when there is none.
func (t *Trace) Last(p Purpose) (Exchange, bool) {
	for i := len(t.Exchanges) - 1; i >= 0; i-- {
		if t.Exchanges[i].Purpose == p {
			return t.Exchanges[i], true
		}
	}
	return Exchange{}, false
}

// Token gives the newest token of this kind, and false when there is none.
func (t *Trace) Token(k TokenKind) (Token, bool) {
	for i := len(t.Tokens) - 1; i >= 0; i-- {
		if t.Tokens[i].Kind == k {
			return t.Tokens[i], true
		}
	}
	return Token{}, false
}

// Clone gives a copy whose slices are its own, so that one goroutine may read
// it while another goes on recording.
func (t *Trace) Clone() *Trace {
	c := *t
	c.Exchanges = append([]Exchange(nil), t.Exchanges...)
	c.Tokens = append([]Token(nil), t.Tokens...)
	return &c
}

// Registration is what an administrator could read of the application: plain
// facts, without secrets. For a live target most of it is unknown unless the
// profile says it.
type Registration struct {
	Known        bool // false: only ClientID is certain
	Key          string
	Name         string
	ClientID     string
	TenantID     string
	TenantName   string
	Public       bool
	Platforms    []Platform
	Secrets      []Credential
	Certificates []Certificate // whose keys may sign client assertions
	Federated    []Federated   // whose assertions count as the application's own
	Permissions  []string      // resource/scope and resource/role, as the portal lists them
	Resources    []Resource
}

// Platform is one platform of a registration with its redirect URIs (Entra:
// redirect URI restrictions).
type Platform struct {
	Type         string // web, spa, publicClient
	RedirectURIs []string
}

// Credential is what the portal shows of a client secret: never its value.
type Credential struct {
	ID      string
	Hint    string
	Expires time.Time
}

// Certificate is what the portal shows of a certificate (Entra: certificate
// credentials).
type Certificate struct {
	SHA1    string // thumbprint in capital hexadecimal digits, as in the portal
	SHA256  string // the same by SHA-256
	Expires time.Time
}

// Federated is a federated credential (Entra: workload identity federation).
// An assertion has to be like it in all three, letter by letter.
type Federated struct {
	Name     string
	Issuer   string // "{base}" at its start stands for scheme and host of the endpoint that is asked
	Subject  string
	Audience string
}

// IssuerAt gives the issuer with scheme and host of the endpoint filled in.
func (f Federated) IssuerAt(base string) string { return strings.Replace(f.Issuer, "{base}", base, 1) }

// Service is an address that takes access tokens, as far as the target tells.
type Service struct {
	Name     string
	URL      string
	Audience string // what its tokens carry in aud; empty where it is not known
	Scope    string // what to ask for to get one; empty where it is not known
}

// Resource is an API that the application may ask a token for.
type Resource struct {
	Name     string
	ClientID string
	URI      string // App ID URI
	Scopes   []string
	Roles    []string
	Version  string // of its access tokens: 1.0 or 2.0
}

// RedirectURIs gives all redirect URIs of all platforms, in order.
func (r *Registration) RedirectURIs() []string {
	var all []string
	for _, p := range r.Platforms {
		all = append(all, p.RedirectURIs...)
	}
	return all
}

// PlatformOf gives the platform type that holds this redirect URI, and the
// empty string when none does.
func (r *Registration) PlatformOf(uri string) string {
	for _, p := range r.Platforms {
		for _, u := range p.RedirectURIs {
			if u == uri {
				return p.Type
			}
		}
	}
	return ""
}

// ResourceOf finds the resource that a scope string names, by App ID URI or by
// client id. A scope without a resource belongs to Microsoft Graph and finds
// nothing here.
func (r *Registration) ResourceOf(scope string) (Resource, bool) {
	for _, res := range r.Resources {
		for _, id := range []string{res.URI, res.ClientID, "api://" + res.ClientID} {
			if id != "" && (scope == id || strings.HasPrefix(scope, id+"/")) {
				return res, true
			}
		}
	}
	return Resource{}, false
}
