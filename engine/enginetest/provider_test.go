package enginetest

import (
	"context"
	"errors"
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
		Services:  []engine.Service{{Name: "Orders", URL: "urn:orders", Audience: "urn:orders", Scope: "orders.read"}},
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
		Wait:     instantly,
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
		{decision.ClientCredentials, "daemon", "v"},
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
	switch flow {
	case decision.ClientCredentials:
		job.Scopes = []string{"orders.read"}
	case decision.TokenExchange:
		job.Client.Downstream, job.Client.DownstreamURL = []string{"orders.read"}, "urn:orders"
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

// TestAnIndependentProviderAfterwards goes on with a run: userinfo, introspection,
// revocation, what introspection and a refresh say then, sign-out.
func TestAnIndependentProviderAfterwards(t *testing.T) {
	r, target := provider(t)
	run, err := r.Start(context.Background(), job(t, target, decision.AuthorizationCode, "web"))
	if err != nil {
		t.Fatal(err)
	}
	if s := run.Wait(); s.Trace.Outcome != trace.Tokens {
		t.Fatalf("outcome %s: %v", s.Trace.Outcome, s.Err)
	}
	more := func(p trace.Purpose) engine.State {
		t.Helper()
		next, err := r.Extend(context.Background(), run, engine.Extra{Purpose: p})
		if err != nil {
			t.Fatalf("%s: %v", p, err)
		}
		s := next.Wait()
		if s.Trace.Outcome == trace.Tokens {
			run = next
		}
		return s
	}
	says := func(p trace.Purpose, what string) {
		t.Helper()
		s := more(p)
		e, _ := s.Trace.Last(p)
		if s.Trace.Outcome != trace.Tokens || e.Response == nil || !strings.Contains(string(e.Response.Body)+e.Note, what) {
			t.Errorf("%s: outcome %s, %v; want %q in %q", p, s.Trace.Outcome, s.Err, what, e.Note)
		}
	}
	says(trace.UserInfo, `"name":"Ada Moreau"`)
	says(trace.Introspection, "the token is active")
	says(trace.Refresh, `"refresh_token"`)
	says(trace.Revocation, "")
	says(trace.Introspection, "the token is not active")
	var said *engine.OAuthError
	if s := more(trace.Refresh); !errors.As(s.Err, &said) || said.Code != "invalid_grant" {
		t.Errorf("a revoked refresh token: %s, %v", s.Trace.Outcome, s.Err)
	}
	if s := more(trace.SignOut); s.Trace.Outcome != trace.Tokens {
		t.Errorf("sign-out: %s, %v", s.Trace.Outcome, s.Err)
	}
}

// TestAnIndependentProviderIsNotImpersonated changes what comes back on the way:
// each forgery is refused by the check that is there for it.
func TestAnIndependentProviderIsNotImpersonated(t *testing.T) {
	r, target := provider(t)
	set := func(p trace.Purpose, answer bool, place trace.Place, name, value string) trace.Change {
		op := trace.Op{Verb: trace.Set, Place: place, Name: name, Value: value}
		if value == "" {
			op.Verb = trace.Drop
		}
		return trace.Change{Purpose: p, Answer: answer, Label: "forged", Ops: []trace.Op{op}}
	}
	for check, change := range map[string]trace.Change{
		"issuer":     set(trace.Metadata, true, trace.JSON, "issuer", "https://elsewhere.example"),
		"state":      set(trace.Redirect, false, trace.Query, "state", "another"),
		"iss":        set(trace.Redirect, false, trace.Query, "iss", "https://elsewhere.example"),
		"nonce":      set(trace.TokenCall, true, trace.Claim, "id_token.nonce", "another"),
		"token_type": set(trace.TokenCall, true, trace.JSON, "token_type", "DPoP"),
	} {
		j := job(t, target, decision.AuthorizationCode, "native")
		j.Changes = []trace.Change{change}
		run, err := r.Start(context.Background(), j)
		if err != nil {
			t.Fatal(err)
		}
		expectRefusal(t, run.Wait(), check)
	}
	j := job(t, target, decision.AuthorizationCode, "native")
	j.Changes = []trace.Change{set(trace.Redirect, false, trace.Query, "iss", "")}
	run, err := r.Start(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	expectRefusal(t, run.Wait(), "iss")
}
