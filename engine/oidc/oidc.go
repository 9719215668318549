// Package oidc is the driver for any OpenID Connect issuer: it knows the issuer
// by its discovery document alone and speaks the standards, on golang.org/x/oauth2
// where that builds and sends a request, with requests of its own where it does
// not.
//
// The discovery document decides what is possible: which endpoints there are, how
// a client proves itself, which grants are offered. What the document does not
// offer is refused before anything is sent for it, and the missing field is named.
// It refuses a document of another issuer, a redirect with another state or
// issuer, an ID token with another nonce or subject; it speaks none of Microsoft's
// extensions.
package oidc

import (
	"context"
	"errors"
	"fmt"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/trace"
)

// Version is the version of golang.org/x/oauth2 that this driver is written for.
const Version = "0.37.0"

// Driver runs the flows of the table below against any issuer. Its zero value is
// ready.
type Driver struct{}

// ID is the driver's short name.
func (Driver) ID() string { return "oidc" }

// Name gives the library and its version.
func (Driver) Name() string { return "x/oauth2 " + Version }

// recipe is how one flow is planned and run.
type recipe struct {
	plan func(engine.Job) []engine.Step
	run  func(*client, context.Context) error
	// openID says that somebody signs in, so that the OpenID scopes are asked for.
	openID bool
}

// recipes are the flows that the driver runs.
func recipes() map[decision.Flow]recipe {
	return map[decision.Flow]recipe{
		decision.AuthorizationCode: {planCode, (*client).runCode, true},
		decision.ClientCredentials: {planCredentials, (*client).runCredentials, false},
		decision.DeviceCode:        {planDevice, (*client).runDevice, true},
		decision.RefreshToken:      {planRefresh, (*client).runRefresh, true},
		decision.Silent:            {planSilent, (*client).runSilent, true},
		decision.SignOut:           {planSignOut, (*client).runSignOut, true},
		decision.Password:          {planPassword, (*client).runPassword, true},
		decision.TokenExchange:     {planExchange, (*client).runExchange, true},
	}
}

// never says why a flow is not run with this driver, whatever the issuer.
var never = map[decision.Flow]string{
	decision.OnBehalfOf:      "on-behalf-of is an extension of Microsoft's (requested_token_use); the standard's way is token exchange (RFC 8693), and the driver msal runs on-behalf-of",
	decision.AdminConsent:    "admin consent is an endpoint of Microsoft Entra ID alone; the driver msal runs it",
	decision.ManagedIdentity: "a managed identity is given out by the machine, not by an issuer's token endpoint; the driver msal asks for it",
	decision.Implicit:        "the implicit grant puts tokens into addresses and is withdrawn (RFC 9700 section 2.1.2); this driver takes the code instead, which every issuer offers",
}

// Can gives nil for the flows of the driver, else why not. What only the
// discovery document can tell is found out when it has been read.
func (d Driver) Can(t *engine.Target, f decision.Flow) error {
	if why, ok := never[f]; ok {
		return d.cannot(f, why)
	}
	if _, ok := recipes()[f]; !ok {
		return d.cannot(f, "no standard describes it for any issuer")
	}
	if f == decision.Password && t.Live {
		return d.cannot(f, "it is run on the lab alone: the password of a real person is nothing for a program to have; authorization code + PKCE or device code takes its place")
	}
	if f == decision.TokenExchange && t.Is() == engine.Entra {
		return d.cannot(f, "Microsoft Entra ID has no token exchange (RFC 8693): its discovery document has no grant_types_supported, and the API in the middle goes on with on-behalf-of")
	}
	return nil
}

func (d Driver) cannot(f decision.Flow, why string) error {
	return &engine.CannotError{Driver: d.Name(), Flow: f, Why: why}
}

// Errors of a job that can't be planned.
var (
	errNoClient   = errors.New("no application is chosen")
	errNoScopes   = errors.New("no scope is asked for")
	errNoSecret   = errors.New("a confidential client needs a credential, and this one has none")
	errNoRedirect = errors.New("the application has no redirect URI")
	errV1         = errors.New("the v1.0 endpoints and resource= are Microsoft's own; the driver msal runs them")
)

// Plan gives the steps of the job, before the discovery document is known.
func (d Driver) Plan(job engine.Job) (engine.Plan, error) {
	if err := d.Can(&job.Target, job.Flow); err != nil {
		return engine.Plan{}, err
	}
	r := recipes()[job.Flow]
	if err := check(job, r); err != nil {
		return engine.Plan{}, err
	}
	steps := r.plan(job)
	if job.Flow != decision.SignOut { // whose plan has the rest in its middle
		steps = append(steps, tail(job)...)
	}
	return engine.Plan{
		Flow: job.Flow, Client: job.Client, Title: job.Flow.Title() + " · " + clientWords(job.Client.Key),
		Scopes: scopes(job, r.openID), Steps: engine.Number(steps),
	}, nil
}

// check refuses what can be known to fail before anything is sent.
func check(job engine.Job, r recipe) error {
	c := job.Client
	switch {
	case c.Registration.ClientID == "":
		return errNoClient
	case job.V1:
		return errV1
	case len(job.Scopes) == 0 && !r.openID && job.Target.Is() == engine.Entra:
		return errNoScopes
	case (c.Platform == "web" || !r.openID) && job.CredentialKind() == engine.NoCredential:
		return errNoSecret
	case signsIn(job) && c.RedirectURI == "":
		return errNoRedirect
	}
	if kind := job.Credential; kind != engine.NoCredential && !has(c, kind) {
		return fmt.Errorf("the client %s has no credential of the kind %s", c.Key, kind)
	}
	return nil
}

func has(c engine.Client, kind engine.CredentialKind) bool {
	for _, k := range c.Credentials() {
		if k == kind {
			return true
		}
	}
	return false
}

// signsIn reports whether the flow goes through a browser.
func signsIn(job engine.Job) bool {
	switch job.Flow {
	case decision.AuthorizationCode, decision.SignOut:
		return true
	case decision.RefreshToken, decision.Silent, decision.TokenExchange:
		return job.Given == "" && hop(job) == decision.AuthorizationCode
	}
	return false
}

// scopes are all that will be asked for: the OpenID ones where somebody signs in
// (OpenID Connect Core 1.0 sections 5.4 and 11), then the resource's.
func scopes(job engine.Job, openID bool) []string {
	var out []string
	if openID {
		out = []string{"openid", "profile", "offline_access"}
	}
	for _, s := range job.Scopes {
		if !contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// Run executes the flow of the session's job.
func (d Driver) Run(ctx context.Context, s *engine.Session) error {
	r, ok := recipes()[s.Job().Flow]
	if !ok {
		return d.cannot(s.Job().Flow, "there is no recipe for it")
	}
	c := newClient(s, d)
	s.Enter(trace.Metadata)
	if err := c.discover(ctx); err != nil {
		return err
	}
	return r.run(c, ctx)
}
