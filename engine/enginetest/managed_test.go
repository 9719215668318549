package enginetest

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/msal"
	"flowscope/engine/trace"
)

// appService stands in for the endpoint of App Service (Entra: managed
// identities, App Service), which hands out this token.
func appService(t *testing.T, w *World, token string) *[]*http.Request {
	t.Helper()
	seen := &[]*http.Request{}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		*seen = append(*seen, r)
		rw.Header().Set("Content-Type", "application/json")
		if r.Header.Get("X-Identity-Header") != identityHeader {
			rw.WriteHeader(http.StatusUnauthorized)
			_, _ = rw.Write([]byte(`{"statusCode":401,"message":"the header is missing"}`))
			return
		}
		_ = json.NewEncoder(rw).Encode(map[string]string{
			"access_token": token, "expires_on": "1795168920", "resource": r.URL.Query().Get("resource"), "token_type": "Bearer", "client_id": "7c5b3942-0000-4b57-9f98-5647c393e006",
		})
	}))
	t.Cleanup(server.Close)
	t.Setenv("IDENTITY_ENDPOINT", server.URL+"/msi/token")
	t.Setenv("IDENTITY_HEADER", identityHeader)
	w.Runner.Drivers = []engine.Driver{msal.Driver{Getenv: os.Getenv}}
	return seen
}

const identityHeader = "853b9a84-5bfa-4b22-a3f3-0b9a43d9ad8a"

func TestManagedIdentityWhereTheMachineOffersIt(t *testing.T) {
	w := New(t)
	daemon := w.Job(t, decision.ClientCredentials, "daemon")
	minted, _ := w.Run(t, daemon).Trace.Token(trace.AccessToken)
	seen := appService(t, w, minted.Value)
	job := w.Job(t, decision.ManagedIdentity, "")
	orders, _ := daemon.Client.Registration.ResourceOf(daemon.Scopes[0])
	job.Scopes = []string{orders.ClientID + "/.default"}
	for range 2 {
		valid(t, w.Run(t, job), trace.AccessToken)
	}
	if len(*seen) != 2 {
		t.Errorf("%d requests arrived for two runs: the cache of the process answered", len(*seen))
	}
	s := w.Run(t, job)
	e := s.Trace.Exchanges[0]
	if e.Purpose != trace.ManagedIdentity || e.Step != 1 || e.Channel != trace.Back {
		t.Errorf("the exchange is %s at step %d", e.Purpose, e.Step)
	}
	if resource, _ := e.Request.Get("resource"); resource != orders.ClientID {
		t.Errorf("resource %q", resource)
	}
	if masked := trace.NewRedactor(nil).Exchange(e); strings.Contains(masked.Request.Header.Get("X-Identity-Header"), identityHeader) {
		t.Error("the header of the machine is not masked")
	}
}

func TestManagedIdentityWhereItIsNot(t *testing.T) {
	for name, d := range map[string]msal.Driver{
		"no environment": {}, "an empty one": {Getenv: func(string) string { return "" }},
	} {
		w := New(t)
		w.Runner.Drivers = []engine.Driver{d}
		_, err := w.Runner.Start(t.Context(), w.Job(t, decision.ManagedIdentity, ""))
		var cannot *engine.CannotError
		if !errors.As(err, &cannot) || !strings.Contains(cannot.Why, "IDENTITY_ENDPOINT") || !strings.Contains(cannot.Why, "federated credential") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestManagedIdentityAsksNobodyElse(t *testing.T) {
	w := New(t)
	seen := appService(t, w, "x")
	job := w.Job(t, decision.ManagedIdentity, "")
	job.Changes = []trace.Change{{Purpose: trace.ManagedIdentity, Ops: []trace.Op{{Verb: trace.Set, Place: trace.Address, Value: "http://127.0.0.1:1/elsewhere"}}, Label: "another host"}}
	s := w.Run(t, job)
	if e := s.Trace.Exchanges[0]; e.Refused == "" || len(*seen) != 0 {
		t.Errorf("the request left: %+v", e)
	}
}

// answers is a machine's endpoint that says one thing to everybody.
type answers struct {
	status int
	body   string
	seen   []*http.Request
}

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	a.seen = append(a.seen, r)
	return &http.Response{StatusCode: a.status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(a.body)), Request: r}, nil
}

func TestManagedIdentityOfAVirtualMachine(t *testing.T) {
	t.Setenv("IMDS_ENDPOINT", "http://169.254.169.254")
	w := New(t)
	at := &answers{status: http.StatusBadRequest, body: `{"error":"invalid_request","error_description":"Identity not found"}`}
	w.Runner.Drivers = []engine.Driver{msal.Driver{Getenv: os.Getenv, Machine: at}}
	job := w.Job(t, decision.ManagedIdentity, "")
	job.Client.Registration.ClientID = "7c5b3942-0000-4b57-9f98-5647c393e006"
	s := w.Run(t, job)
	var oauth *engine.OAuthError
	if !errors.As(s.Err, &oauth) || oauth.Description != "Identity not found" || len(at.seen) != 1 {
		t.Errorf("%d requests: %v", len(at.seen), s.Err)
	}
	e := s.Trace.Exchanges[0]
	if id, _ := e.Request.Get("client_id"); e.Host() != "169.254.169.254" || e.Request.Header.Get("Metadata") != "true" || id != job.Client.Registration.ClientID {
		t.Errorf("asked %s %v", e.Request.URL, e.Request.Header)
	}
	if resource, _ := e.Request.Get("resource"); resource != "https://management.azure.com" {
		t.Errorf("resource %q", resource)
	}
}

func TestWhatAMachineMustNotSay(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
	}{
		"no token":      {200, `{"expires_in":"60"}`},
		"a page":        {200, `<html>log in</html>`},
		"nothing":       {200, ``},
		"other words":   {400, `{"statusCode":400,"message":"no identity"}`},
		"broken object": {200, `{"access_token":`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("MSI_ENDPOINT", "http://localhost:50342/oauth2/token")
			w := New(t)
			at := &answers{status: c.status, body: c.body}
			w.Runner.Drivers = []engine.Driver{msal.Driver{Getenv: os.Getenv, Machine: at}}
			s := w.Run(t, w.Job(t, decision.ManagedIdentity, ""))
			if s.Trace.Outcome != trace.Failed || s.Err == nil || len(at.seen) != 1 || strings.Contains(s.Trace.Failure, "<html>") {
				t.Errorf("%s after %d requests: %v", s.Trace.Outcome, len(at.seen), s.Err)
			}
		})
	}
}

func TestTheEnvironmentThatIsHandedInHasToBeTheProcesss(t *testing.T) {
	w := New(t)
	env := map[string]string{"IDENTITY_ENDPOINT": "http://127.0.0.1:1/", "IDENTITY_HEADER": "x"}
	at := &answers{status: 200, body: `{}`}
	w.Runner.Drivers = []engine.Driver{msal.Driver{Getenv: func(name string) string { return env[name] }, Machine: at}}
	if s := w.Run(t, w.Job(t, decision.ManagedIdentity, "")); s.Err == nil || len(at.seen) != 0 {
		t.Errorf("MSAL asked another place than the plan says: %v", s.Err)
	}
	for name, value := range map[string]string{"IDENTITY_ENDPOINT": "no address", "IDENTITY_SERVER_THUMBPRINT": "ab"} {
		env[name] = value
		if err := w.Runner.Can(&w.Target.Target, decision.ManagedIdentity); err == nil {
			t.Errorf("%s = %s was taken", name, value)
		}
		env["IDENTITY_ENDPOINT"] = "http://127.0.0.1:1/"
	}
}

func TestAHeldManagedIdentityCanBeStopped(t *testing.T) {
	w := New(t)
	seen := appService(t, w, "x")
	run := start(t, w, w.Job(t, decision.ManagedIdentity, ""))
	until(t, run, "the request", held(trace.ManagedIdentity))
	run.Stop()
	if s := run.State(); s.Trace.Outcome != trace.Stopped || len(*seen) != 0 {
		t.Errorf("%s, %d requests: %v", s.Trace.Outcome, len(*seen), s.Err)
	}
}
