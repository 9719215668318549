// Package engine runs an OAuth 2.0 or OpenID Connect flow one request at a
// time. It knows the plan before anything is sent, holds each request at the
// gate until it is released, records what travels as a trace, and says over one
// channel what has happened so far.
//
// It knows no terminal, no lab and no library that speaks the protocol: drivers
// bring the protocol, the caller brings target, clock, randomness and transport.
// It never writes to disk and never sends anything to a host outside the target.
package engine

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"flowscope/decision"
	"flowscope/engine/trace"
)

// Target is what a run talks to.
type Target struct {
	Name      string // "lab" or the profile's name
	Title     string // "lab · contoso", for the header
	Live      bool   // true: a real tenant
	Authority string // https://HOST/TENANT, without a version
	TenantID  string // the tenant's GUID
	Hosts     []string
	Transport http.RoundTripper // the way to those hosts
	Clients   []Client
	Accounts  []Account
	// BrowserBase gives the base URL at which the system browser reaches the
	// authority, when that is another than the authority itself (the lab lives
	// inside this process and is shared on loopback on demand). Nil: the same.
	BrowserBase func(context.Context) (string, error)
}

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

// Client is an application that can be run against a target.
type Client struct {
	Key          string // web, spa, native, daemon
	Registration trace.Registration
	Platform     string // web, spa, publicClient; empty for a daemon
	RedirectURI  string
	Origin       string // what a browser would send with the token request (RFC 6454); SPA only
	Secret       string // client secret; empty for a public client
	Scopes       []string
	CallURL      string // an API this client's token is for; empty when none is known
}

// Account is a person who can sign in, as far as the target tells: on the lab
// all of it, on a live target none.
type Account struct {
	Username string
	Password string
	Name     string
	About    string
}

// Job is what a run is asked to do.
type Job struct {
	Flow    decision.Flow
	Client  Client
	Target  Target
	Scopes  []string // resource scopes; the OpenID ones are added by the plan
	User    string   // who signs in; empty: the target's first account
	Prompt  string   // the authorize request's prompt parameter; empty: left out
	Step    bool     // hold every request until it is released
	HoldAt  trace.Purpose
	Browser bool   // the system browser instead of a sign-in in the program
	Call    string // an API URL to call with the access token; empty: none
	Changes []trace.Change
	Fault   string       // id of the fault behind Changes, for the record
	Decline bool         // the person declines what a page without fields asks for
	Pages   []PageAnswer // answers to the sign-in pages, remembered from an earlier run
}

// ErrUnsupported says that no driver runs a flow.
var ErrUnsupported = errors.New("this flow can't be run yet")

// Driver brings a flow's protocol: the plan, and its execution through a
// Session. A driver is used by one run after another and keeps nothing between
// them.
type Driver interface {
	// Name is what the driver is called on screen, library and version included.
	Name() string
	// Supports reports whether it runs this flow.
	Supports(decision.Flow) bool
	// Plan gives the steps of the job, before anything is sent.
	Plan(Job) (Plan, error)
	// Run executes the flow until the tokens are there. What it sends goes
	// through the session's client; nil means that tokens were added to it.
	Run(context.Context, *Session) error
}

// Report is what a token check came to. The package that checks tokens gives
// the whole of it; the engine only carries it.
type Report interface {
	// Outcome is valid, invalid or unverified.
	Outcome() string
}

// Doer sends a request and gives its answer: the run's gate, as a Verifier needs
// it.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

// Verifier checks a token against its issuer's keys, which it fetches through
// the run's own gate.
type Verifier interface {
	Verify(ctx context.Context, client Doer, token trace.Token, target Target) Report
}

// Agent is the user agent: it carries the front channel of a run.
type Agent interface {
	// Authorize opens the authorization request in the user agent and returns
	// when the redirect was handed to receive, or with what ended it before.
	Authorize(ctx context.Context, s *Session, leg Leg) error
}

// Leg is one trip through the front channel.
type Leg struct {
	AuthorizeURL string
	RedirectURI  string
	// Receive gets the request that arrives at the redirect URI and gives the
	// page that the browser shows for it.
	Receive func(trace.Request) trace.Response
}

// PageError is a page of the authorization server that says an error and does
// not redirect (RFC 6749 section 4.1.2.1).
type PageError struct {
	Code string // AADSTS code when the page names one
	Text string
}

// Error gives the code and the text of the page in one line.
func (e *PageError) Error() string {
	if e.Code == "" {
		return "an error page: " + e.Text
	}
	return e.Code + ": " + e.Text
}

// AbandonedError says that the person gave the sign-in up on a page that leads
// nowhere. It is no failure: the run is stopped.
type AbandonedError struct{ Text string }

// Error gives what the last page said.
func (e *AbandonedError) Error() string { return "the sign-in was given up: " + e.Text }

// RefusedError says that we did not accept what came back.
type RefusedError struct{ Refusal trace.Refusal }

// Error gives what was refused and why in one line.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s refused: %s", e.Refusal.Check, e.Refusal.Why)
}

// OAuthError is an error that the authorization server put into the redirect
// (RFC 6749 section 4.1.2.1).
type OAuthError struct {
	Code        string
	Description string
}

// Error gives the code and the server's own words.
func (e *OAuthError) Error() string { return e.Code + ": " + e.Description }
