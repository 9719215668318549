package msal

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/managedidentity"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/trace"
)

// imds is the instance metadata service of a virtual machine of Azure (Entra:
// how managed identities work with virtual machines).
const imds = "http://169.254.169.254"

// machine is a place that hands out tokens of a managed identity to what runs on
// it.
type machine struct {
	source   managedidentity.Source // as MSAL names it
	name     string
	endpoint *url.URL
}

// machine finds the managed identity of the place this program runs at, by the
// environment that it was handed. The error says why there is none.
func (d Driver) machine() (machine, error) {
	if d.Getenv == nil {
		return machine{}, errors.New(noMachine)
	}
	identity, header, msi := d.Getenv("IDENTITY_ENDPOINT"), d.Getenv("IDENTITY_HEADER"), d.Getenv("MSI_ENDPOINT")
	m, raw := machine{}, ""
	switch {
	case identity != "" && header != "" && d.Getenv("IDENTITY_SERVER_THUMBPRINT") != "":
		return m, errors.New("on Service Fabric MSAL checks the endpoint's certificate in an HTTP client of its own, which would pass this program by")
	case identity != "" && header != "":
		m.source, m.name, raw = managedidentity.AppService, "App Service, Functions or Container Apps", identity
	case msi != "" && d.Getenv("MSI_SECRET") != "":
		m.source, m.name, raw = managedidentity.AzureML, "Azure Machine Learning", msi
	case msi != "":
		m.source, m.name, raw = managedidentity.CloudShell, "Azure Cloud Shell", msi
	case identity != "" && d.Getenv("IMDS_ENDPOINT") != "":
		m.source, m.name, raw = managedidentity.AzureArc, "a server with Azure Arc", identity
	case d.Getenv("IMDS_ENDPOINT") != "":
		m.source, m.name, raw = managedidentity.DefaultToIMDS, "a virtual machine of Azure", imds
	default:
		return m, errors.New(noMachine)
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return m, fmt.Errorf("the environment names %q as the endpoint of its managed identity, and that is no address", trace.Plain(raw))
	}
	m.endpoint = u
	return m, nil
}

// noMachine says what to do where there is no managed identity.
const noMachine = "this machine hands out no managed identity: the variables IDENTITY_ENDPOINT and IDENTITY_HEADER are not set. " +
	"Run it on App Service, Functions or Container Apps with an identity switched on (az webapp identity assign), " +
	"or on a virtual machine of Azure with IMDS_ENDPOINT=" + imds + ", where nothing else tells. " +
	"On a laptop take client credentials with a certificate, or with a federated credential, in its place"

// planManaged is a token from the machine the code runs on (Entra: managed
// identities for Azure resources).
func (d Driver) planManaged(job engine.Job) (engine.Plan, error) {
	m, err := d.machine()
	if err != nil {
		return engine.Plan{}, d.cannot(job.Flow, err.Error())
	}
	if len(job.Scopes) != 1 {
		return engine.Plan{}, errOneResource
	}
	p := engine.Plan{Flow: job.Flow, Client: job.Client, Title: title(job, engine.NoCredential), Scopes: job.Scopes}
	p.Steps = append([]engine.Step{
		{
			Title: "Ask the machine", Label: "resource", From: trace.App, To: trace.Entra, Channel: trace.Back, Purpose: trace.ManagedIdentity,
			Why: "The code has no credential at all. It asks an endpoint that only this machine can reach (" + m.name + "); that one proves itself to Entra ID with a certificate that Azure keeps and renews. " +
				"MSAL keeps one cache for the whole process; it is asked past that cache, so that the request is really sent.",
			Guards: "Who can run code here, or make it fetch an address of their choice, is the identity. That is what the header is for: a mere GET by another program's mistake can't set it.",
		},
		{
			Title: "Receive the token", Label: "access token", From: trace.Entra, To: trace.App, Channel: trace.Back, Purpose: trace.Answer,
			Why:    "One access token of the application alone, for one API, good for up to a day. No refresh token: the machine is asked again.",
			Guards: "What it may do stands in roles. There is no secret to lose, and nothing to carry to another machine but the token itself.",
		},
	}, tail(job)...)
	engine.Number(p.Steps)
	return p, nil
}

var errOneResource = errors.New("a managed identity gives a token for one API at a time: ask for one scope, RESOURCE/.default")

func (d Driver) runManaged(ctx context.Context, s *engine.Session) error {
	m, err := d.machine()
	if err != nil {
		return d.cannot(decision.ManagedIdentity, err.Error())
	}
	if source, err := managedidentity.GetSource(); err != nil || source != m.source {
		return fmt.Errorf("MSAL takes this machine for %s, the environment says %s: it reads the variables of the process, and they differ", source, m.source)
	}
	way, done := d.way()
	defer done()
	id := managedidentity.SystemAssigned()
	if own := s.Job().Client.Registration.ClientID; own != "" {
		id = managedidentity.UserAssignedClientID(own)
	}
	gate := *s.Client()
	gate.Next, gate.Allow = way, m.allows
	client, err := managedidentity.New(id, managedidentity.WithRetryPolicyDisabled(),
		managedidentity.WithHTTPClient(&machineDoer{s: s, do: gate.Do, idle: gate.CloseIdleConnections}))
	if err != nil {
		return err
	}
	// MSAL's cache of managed identities belongs to the process and can't be
	// emptied: claims make MSAL go past it. None of the endpoints is sent them.
	r, err := client.AcquireToken(ctx, s.Job().Scopes[0], managedidentity.WithClaims(`{"access_token":{}}`))
	if ctx.Err() != nil {
		return ctx.Err()
	}
	want := ask{purpose: trace.ManagedIdentity, client: s.Job().Client, scopes: s.Job().Scopes, caller: "app"}
	_, err = collect(s, want, exhibit{call: "AcquireToken", scopes: r.GrantedScopes}, err)
	return err
}

// allows lets requests out to the machine's own endpoint and nowhere else, in
// the clear where that is how it is reached.
func (m machine) allows(u *url.URL) error {
	if u.Scheme == m.endpoint.Scheme && strings.EqualFold(u.Host, m.endpoint.Host) {
		return nil
	}
	return fmt.Errorf("%s is not the endpoint of this machine's managed identity (%s)", trace.Plain(u.Host), trace.Plain(m.endpoint.Host))
}

// reach is how long the machine's own endpoint may take to be reached: where it
// exists it is near.
const reach = 2 * time.Second

// way is the way to the machine's own endpoint, never by a proxy, and what closes
// it.
func (d Driver) way() (http.RoundTripper, func()) {
	if d.Machine != nil {
		return d.Machine, func() {}
	}
	t := &http.Transport{DialContext: (&net.Dialer{Timeout: reach}).DialContext, DisableKeepAlives: true}
	return t, t.CloseIdleConnections
}

// machineDoer is MSAL's HTTP client for a managed identity.
type machineDoer struct {
	s    *engine.Session
	do   func(*http.Request) (*http.Response, error)
	idle func()
}

// Do sends one request to the machine's endpoint through the gate.
func (d *machineDoer) Do(req *http.Request) (*http.Response, error) {
	d.s.Enter(trace.ManagedIdentity)
	return d.do(req)
}

// CloseIdleConnections closes what the transport keeps open.
func (d *machineDoer) CloseIdleConnections() { d.idle() }
