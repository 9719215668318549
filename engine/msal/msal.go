// Package msal is the driver on Microsoft's own library for Go: it lets real
// MSAL clients build and send the requests of a flow, through the run's gate.
//
// The authorization request is built and checked here (MSAL's AuthCodeURL adds
// neither state nor nonce nor code challenge), and so is the ID token's nonce,
// which MSAL never looks at. One fresh client serves one run: two calls on one
// client wait for each other, and a held request would hold the other too. The
// captured exchange decides what a run came to; what MSAL returns is kept as a
// second exhibit.
package msal

import (
	"bytes"
	"cmp"
	"context"
	"crypto"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/trace"
)

// Version is the version of MSAL Go that this driver is written for.
const Version = "1.10.1"

// Driver runs the flows of the table below. Its zero value is ready, and offers
// no managed identity.
type Driver struct {
	// Getenv reads the environment in which a managed identity is offered; nil:
	// there is none. MSAL reads the process's own besides.
	Getenv func(string) string
	// Machine is the way to the managed identity's endpoint; nil: directly, past
	// any proxy.
	Machine http.RoundTripper
}

// ID is the driver's short name.
func (Driver) ID() string { return "msal" }

// Name gives the library and its version.
func (Driver) Name() string { return "MSAL Go " + Version }

// recipe is how one flow is planned and run.
type recipe struct {
	plan func(engine.Job) (engine.Plan, error)
	run  func(Driver, context.Context, *engine.Session) error
}

// recipes are the flows that the driver runs.
func (d Driver) recipes() map[decision.Flow]recipe {
	return map[decision.Flow]recipe{
		decision.AuthorizationCode: {planCode, Driver.runCode},
		decision.ClientCredentials: {planCredentials, Driver.runCredentials},
		decision.RefreshToken:      {planRefresh, Driver.runRefresh},
		decision.Silent:            {planSilent, Driver.runSilent},
		decision.SignOut:           {planSignOut, Driver.runSignOut},
		decision.AdminConsent:      {planAdminConsent, Driver.runAdminConsent},
		decision.Implicit:          {planImplicit, Driver.runImplicit},
		decision.DeviceCode:        {planDevice, Driver.runDevice},
		decision.Password:          {planPassword, Driver.runPassword},
		decision.OnBehalfOf:        {planOnBehalfOf, Driver.runOnBehalfOf},
		decision.ManagedIdentity:   {d.planManaged, Driver.runManaged},
	}
}

// recipeOf gives the recipe of a job: its flow's, or that of a way of running it
// that differs from the first step on.
func (d Driver) recipeOf(job engine.Job) (recipe, bool) {
	if job.V1 {
		r, ok := recipesV1()[job.Flow]
		return r, ok
	}
	if job.Flow == decision.AuthorizationCode && job.Prompt == "none" {
		return recipe{planRenew, Driver.runRenew}, true
	}
	r, ok := d.recipes()[job.Flow]
	return r, ok
}

// Can gives nil for the flows of the driver on an Entra target, else why not.
func (d Driver) Can(t *engine.Target, f decision.Flow) error {
	if t.Is() != engine.Entra {
		return d.cannot(f, "MSAL speaks to Microsoft Entra ID alone; other issuers are for the driver oidc")
	}
	if f == decision.Implicit && t.Live {
		return d.cannot(f, "it is run on the lab alone, to show where the token ends up; authorization code + PKCE does the same without that")
	}
	if f == decision.Password && t.Live {
		return d.cannot(f, "it is run on the lab alone: the password of a real person is nothing for a program to have; authorization code + PKCE or device code takes its place")
	}
	if f == decision.ManagedIdentity {
		if _, err := d.machine(); err != nil {
			return d.cannot(f, err.Error())
		}
	}
	if _, ok := d.recipes()[f]; ok {
		return nil
	}
	return d.cannot(f, "Microsoft Entra ID does not offer it")
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
)

// Plan gives the steps of the job.
func (d Driver) Plan(job engine.Job) (engine.Plan, error) {
	if err := d.Can(&job.Target, job.Flow); err != nil {
		return engine.Plan{}, err
	}
	if job.Client.Registration.ClientID == "" && job.Flow != decision.ManagedIdentity {
		return engine.Plan{}, errNoClient
	}
	if len(job.Scopes) == 0 {
		return engine.Plan{}, errNoScopes
	}
	r, ok := d.recipeOf(job)
	if !ok {
		return engine.Plan{}, d.cannot(job.Flow, "it is not run at the v1.0 endpoints")
	}
	p, err := r.plan(job)
	if !breakable(job) {
		for i := range p.Steps {
			p.Steps[i].Fault = ""
		}
	}
	return p, err
}

// breakable reports whether the faults that the steps of a sign-in name are told
// for this flow: not where the same steps are the first hop of another.
func breakable(job engine.Job) bool {
	switch job.Flow {
	case decision.RefreshToken, decision.Silent, decision.SignOut, decision.AdminConsent, decision.Implicit:
		return false
	}
	return !job.V1
}

// Run executes the flow of the session's job.
func (d Driver) Run(ctx context.Context, s *engine.Session) error {
	r, ok := d.recipeOf(s.Job())
	if !ok {
		return d.cannot(s.Job().Flow, "there is no recipe for it")
	}
	return r.run(d, ctx, s)
}

// oidcScopes are what MSAL adds to every request for tokens.
var oidcScopes = []string{"openid", "offline_access", "profile"}

// doer is the HTTP client that MSAL gets: the gate, with the step entered that
// the request belongs to and, for a single-page app, the Origin header that a
// browser would add by itself.
type doer struct {
	s       *engine.Session
	origin  string
	cache   *kept             // what the library's client keeps; nil: nothing is carried on
	purpose trace.Purpose     // of the next token request; empty: the redemption of a code or the like
	known   *trace.Response   // the metadata, where the run has read it before; nil: it is asked for
	key     crypto.PrivateKey // what the client's assertions are signed with; nil: nothing
}

// Do sends one request of MSAL's through the gate.
func (d *doer) Do(req *http.Request) (*http.Response, error) {
	p := d.purposeOf(req.URL.Path)
	if p == trace.Metadata && d.known != nil {
		return again(d.known, req), nil
	}
	d.s.Enter(p)
	if d.origin != "" && p.AtTokenEndpoint() {
		req.Header.Set("Origin", d.origin)
	}
	if err := d.redate(req); err != nil {
		return nil, err
	}
	resp, err := d.s.Client().Do(req)
	if err == nil && p == trace.Metadata {
		if err := checkIssuer(d.s.Step(), req, resp); err != nil {
			return nil, err
		}
	}
	return resp, err
}

// again gives a recorded answer once more, without sending anything.
func again(r *trace.Response, req *http.Request) *http.Response {
	return &http.Response{
		StatusCode: r.Status, Status: http.StatusText(r.Status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: r.Header.Clone(), Body: io.NopCloser(bytes.NewReader(r.Body)), ContentLength: int64(len(r.Body)), Request: req,
	}
}

// purposeOf tells by its path what a request of MSAL's is for. MSAL makes the
// device authorization endpoint's address of the token endpoint's.
func (d *doer) purposeOf(path string) trace.Purpose {
	switch {
	case strings.HasSuffix(path, "/.well-known/openid-configuration"):
		return trace.Metadata
	case strings.HasSuffix(path, "/devicecode"):
		return trace.DeviceStart
	case strings.Contains(strings.ToLower(path), "/userrealm/"):
		return trace.UserRealm
	}
	return cmp.Or(d.purpose, trace.TokenCall)
}

// CloseIdleConnections closes what the transport keeps open.
func (d *doer) CloseIdleConnections() { d.s.Client().CloseIdleConnections() }

// pinnedID is the request id of every request in deterministic mode.
const pinnedID = "6f1c2f6e-3d0a-4f5e-9b1d-0c8a7e5b4d21"

// Pin fixes what MSAL makes anew for every request, and hides what depends on
// the machine, so that a recording is the same everywhere.
func Pin(h http.Header) {
	for name := range h {
		switch lower := strings.ToLower(name); {
		case lower == "client-request-id":
			h[name] = []string{pinnedID}
		case strings.HasPrefix(lower, "x-client-"):
			delete(h, name)
		}
	}
}

// tenant is what the discovery document says of the tenant: a profile may name
// it by a domain, but tokens carry the GUID behind it.
type tenant struct {
	id     string // GUID, empty when it is not known
	issuer string // of v2.0 tokens
}

// tenantOf reads the tenant from the metadata that this run fetched (OpenID
// Connect Discovery 1.0 section 4.3), and takes the target's word without it.
func tenantOf(s *engine.Session) tenant {
	target := s.Job().Target
	known := tenant{target.TenantID, target.Authority + "/v2.0"}
	e, ok := s.Exchange(trace.Metadata)
	if !ok || e.Response == nil || !target.Live {
		return known
	}
	var doc struct {
		Issuer string `json:"issuer"`
	}
	if json.Unmarshal(e.Response.Body, &doc) != nil {
		return known
	}
	u, err := url.Parse(doc.Issuer)
	if err != nil || u.Host != parseHost(target.Authority) {
		return known
	}
	known.issuer = doc.Issuer
	if id := strings.Split(strings.Trim(u.Path, "/"), "/")[0]; known.id == "" && strings.Count(id, "-") == 4 {
		known.id = id
	}
	return known
}

func parseHost(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return u.Host
}

// expectAccess says what the access token must hold, from the plan alone. One of a
// managed identity names the resource as it was asked for, and any tenant: the
// machine's own.
func expectAccess(job engine.Job, known tenant, a ask) trace.Expect {
	asked := engine.Asked{
		Client: a.client, Scopes: a.scopes, Caller: a.caller,
		Authority: job.Target.Authority, TenantID: known.id, Issuer: known.issuer,
	}
	if a.purpose != trace.ManagedIdentity {
		return engine.ExpectAccess(asked)
	}
	asked.TenantID = ""
	want := engine.ExpectAccess(asked)
	if len(want.Audiences) == 0 {
		resource := strings.TrimSuffix(a.scopes[0], "/.default")
		want.Audiences = []string{resource, resource + "/"}
	}
	return want
}
