package enginetest

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/inspect"
	"flowscope/engine/oidc"
	"flowscope/engine/signin"
	"flowscope/engine/trace"
)

// providerVariable names the issuer of an independent provider that runs on this
// machine (.ci/clients/node/provider.mjs).
const providerVariable = "FLOWSCOPE_PROVIDER"

// provider is a target of a provider that is not ours, with its clients.
func provider(t *testing.T) (*engine.Runner, engine.Target) {
	t.Helper()
	issuer := os.Getenv(providerVariable)
	if issuer == "" {
		t.Skip("no independent provider is named by " + providerVariable + ": .ci/clients/run starts one")
	}
	u, err := url.Parse(issuer)
	if err != nil {
		t.Fatal(err)
	}
	signsIn := []decision.Flow{decision.AuthorizationCode, decision.RefreshToken, decision.Silent, decision.SignOut}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	target := engine.Target{
		Name: "provider", Title: "provider · " + u.Host, Kind: engine.OIDC, Driver: "oidc", Issuer: issuer, Hosts: []string{u.Host},
		Transport: transport,
		Accounts:  []engine.Account{{Username: "ada", Password: "correct horse"}},
		Services:  []engine.Service{{Name: "Orders", URL: "urn:orders", Audience: "urn:orders"}},
		Clients: []engine.Client{
			{
				Key: "native", Platform: "publicClient", RedirectURI: "http://127.0.0.1/callback", LogoutURI: "http://127.0.0.1/signed-out",
				Registration: trace.Registration{ClientID: "native", Public: true}, Flows: signsIn,
			},
			{
				Key: "web", Platform: "web", RedirectURI: "http://127.0.0.1:3000/callback", LogoutURI: "http://127.0.0.1:3000/signed-out",
				Registration: trace.Registration{ClientID: "web"}, Secret: "a secret with a / and a :",
				Flows: append([]decision.Flow{decision.ClientCredentials, decision.TokenExchange, decision.Password}, signsIn...),
			},
			{
				Key: "daemon", Registration: trace.Registration{ClientID: "posting"}, Secret: "another secret",
				Flows: []decision.Flow{decision.ClientCredentials},
			},
			{
				Key: "device", Platform: "publicClient", Registration: trace.Registration{ClientID: "device", Public: true},
				Flows: []decision.Flow{decision.DeviceCode, decision.RefreshToken},
			},
		},
	}
	return &engine.Runner{
		Drivers:  []engine.Driver{oidc.Driver{}},
		Verifier: func() engine.Verifier { return inspect.Verifier{Now: time.Now}.Run() },
		Agent:    signin.Agent{},
		Now:      time.Now,
	}, target
}

// TestAnIndependentProvider runs the driver for any issuer against a certified
// provider that shares no line with ours, every request held and released by
// hand, the tokens checked against the provider's live keys.
func TestAnIndependentProvider(t *testing.T) {
	r, target := provider(t)
	for _, c := range []struct {
		flow     decision.Flow
		client   string
		outcomes string // of the tokens, in order: v valid, u unverified
	}{
		// Access tokens of people are opaque there, and so are refresh tokens.
		{decision.AuthorizationCode, "native", "u v u"},
		{decision.AuthorizationCode, "web", "u v u"},
		{decision.ClientCredentials, "web", "v"},
		{decision.DeviceCode, "device", "u v u"},
		{decision.RefreshToken, "native", "u v u u v u"},
		{decision.RefreshToken, "web", "u v u u v u"},
		{decision.RefreshToken, "device", "u v u u v u"},
		{decision.Silent, "native", "u v u u v u"},
		{decision.SignOut, "native", "u v u"},
		{decision.SignOut, "web", "u v u"},
		{decision.TokenExchange, "web", "u v u v"},
	} {
		t.Run(string(c.flow)+" "+c.client, func(t *testing.T) {
			s := byHand(t, r, job(t, target, c.flow, c.client))
			if s.Trace.Outcome != trace.Tokens {
				t.Fatalf("outcome %s: %v\n%s", s.Trace.Outcome, s.Err, exchanges(s.Trace))
			}
			var got []string
			for _, report := range inspect.All(s) {
				got = append(got, report.Outcome()[:1])
			}
			if strings.Join(got, " ") != c.outcomes {
				t.Errorf("the tokens are %v, want %s", got, c.outcomes)
				for i, report := range inspect.All(s) {
					t.Logf("%d %s: %s", i+1, s.Trace.Tokens[i].Kind, report.Summary())
					for _, check := range report.Checks() {
						if check.Status != "pass" {
							t.Logf("   %-18s %-8s %s | %s", check.ID, check.Status, check.Expected, check.Found)
						}
					}
				}
			}
			for i, state := range s.Steps {
				if state != engine.Done && state != engine.Planned {
					t.Errorf("step %d is %s", i+1, state)
				}
			}
		})
	}
}

func job(t *testing.T, target engine.Target, flow decision.Flow, client string) engine.Job {
	t.Helper()
	job, err := target.Job(flow, client)
	if err != nil {
		t.Fatal(err)
	}
	if flow == decision.ClientCredentials || flow == decision.TokenExchange {
		job.Call, job.Scopes = "", []string{}
	}
	return job
}

// byHand runs a job with every request held and released by hand.
func byHand(t *testing.T, r *engine.Runner, job engine.Job) engine.State {
	t.Helper()
	job.Step = true
	run, err := r.Start(context.Background(), job)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(run.Stop)
	return drive(run, func(_ engine.State, e trace.Exchange) bool {
		run.Send(e.N, nil)
		return true
	})
}
