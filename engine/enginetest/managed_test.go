package enginetest

import (
	"encoding/json"
	"errors"
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
