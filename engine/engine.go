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

// ErrUnsupported says that no driver runs a flow.
var ErrUnsupported = errors.New("this flow can't be run here")

// CannotError is a driver's word on a flow that it does not run: a declared
// capability, shown and not hidden.
type CannotError struct {
	Driver string // its name, library and version included
	Flow   decision.Flow
	Why    string // one sentence
}

// Error gives flow, driver and reason in one line.
func (e *CannotError) Error() string {
	return e.Flow.Title() + " can't be run with " + e.Driver + ": " + e.Why
}

// Unwrap makes it an ErrUnsupported.
func (e *CannotError) Unwrap() error { return ErrUnsupported }

// Driver brings a flow's protocol: the plan, and its execution through a
// Session. A driver is used by one run after another and keeps nothing between
// them.
type Driver interface {
	// ID is the driver's short name: msal or oidc.
	ID() string
	// Name is what the driver is called on screen, library and version included.
	Name() string
	// Can gives nil when the driver runs this flow against this target, else a
	// *CannotError with the reason.
	Can(*Target, decision.Flow) error
	// Plan gives the steps of the job, before anything is sent.
	Plan(Job) (Plan, error)
	// Run executes the flow until the tokens are there. What it sends goes
	// through the session's client; nil means that tokens were added to it.
	Run(context.Context, *Session) error
}

// Extender is a driver that can add a step to a run that has its tokens, by
// purpose: a refresh, introspection, revocation, a sign-out.
type Extender interface {
	// Extra gives the step that a purpose adds to a run. It fails with a
	// *CannotError when driver or target have no such thing.
	Extra(Job, *trace.Trace, trace.Purpose) (Step, error)
	// Extend executes the step that was entered last.
	Extend(context.Context, *Session, trace.Purpose) error
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
	// Visit opens a page that ends on a page: the place for a device's user
	// code, or a sign-out that leads nowhere. It returns when the person is
	// through, or, where the pages are shown elsewhere, as soon as they are open.
	Visit(ctx context.Context, s *Session, v Visit) error
}

// Visit is a trip to pages that hand nothing to the application.
type Visit struct {
	URL     string
	Purpose trace.Purpose     // of the first request; the pages behind it are the sign-in's
	Fill    map[string]string // what is known of the fields: the user code
}

// Leg is one trip through the front channel.
type Leg struct {
	AuthorizeURL string
	RedirectURI  string
	Purpose      trace.Purpose // of the first request; empty: an authorization request
	Back         trace.Purpose // of the redirect; empty: one that answers an authorization request
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
