package enginetest

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"net/http"
	"strings"
	"testing"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/inspect"
	"flowscope/engine/oidc"
	"flowscope/engine/trace"
	"flowscope/engine/wire"
)

// TestWhatEntraHasNot: what the lab's discovery document does not offer is refused
// with the reason, as it would be at Microsoft Entra ID.
func TestWhatEntraHasNot(t *testing.T) {
	w := New(t)
	job := w.Job(t, decision.AuthorizationCode, "web")
	job.Driver = "oidc"
	run, err := w.Runner.Start(context.Background(), job)
	if err != nil {
		t.Fatal(err)
	}
	s := run.Wait()
	if e, _ := s.Trace.Last(trace.Metadata); !strings.Contains(e.Note, "code_challenge_methods_supported") {
		t.Errorf("nothing is said of the challenge methods that Entra does not list: %q", e.Note)
	}
	for p, words := range map[trace.Purpose]string{trace.Introspection: "has no introspection endpoint: its access tokens are JWTs", trace.Revocation: "has no revocation endpoint"} {
		var cannot *engine.CannotError
		if _, err := w.Runner.Extend(context.Background(), run, engine.Extra{Purpose: p}); !errors.As(err, &cannot) || !strings.Contains(cannot.Why, words) {
			t.Errorf("%s: %v", p, err)
		}
	}
	for _, p := range []trace.Purpose{trace.Refresh, trace.UserInfo, trace.SignOut} {
		more, err := w.Runner.Extend(context.Background(), run, engine.Extra{Purpose: p})
		if err != nil {
			t.Fatalf("%s: %v", p, err)
		}
		s := more.Wait()
		e, ok := s.Trace.Last(p)
		if s.Trace.Outcome != trace.Tokens || !ok || e.Response == nil {
			t.Errorf("%s: outcome %s, %v", p, s.Trace.Outcome, s.Err)
		}
		if p == trace.UserInfo && e.Response.Status != http.StatusUnauthorized {
			t.Errorf("userinfo takes a token for Orders: %d", e.Response.Status)
		}
	}
}

// TestUserInfoOfTheLab asks with the one token that Entra's userinfo takes.
func TestUserInfoOfTheLab(t *testing.T) {
	w := New(t)
	job := w.Job(t, decision.AuthorizationCode, "web")
	job.Driver, job.Scopes, job.Call = "oidc", []string{"https://graph.microsoft.com/User.Read"}, ""
	run, err := w.Runner.Start(context.Background(), job)
	if err != nil {
		t.Fatal(err)
	}
	run.Wait()
	more, err := w.Runner.Extend(context.Background(), run, engine.Extra{Purpose: trace.UserInfo})
	if err != nil {
		t.Fatal(err)
	}
	s := more.Wait()
	e, _ := s.Trace.Last(trace.UserInfo)
	if s.Trace.Outcome != trace.Tokens || e.Response == nil || e.Response.Status != http.StatusOK || member(e, "sub") == "" {
		t.Errorf("outcome %s, %v\n%s", s.Trace.Outcome, s.Err, exchanges(s.Trace))
	}
}

// scattered is an issuer whose token endpoint and keys are on hosts of their own,
// as large ones have them.
func scattered(t *testing.T) engine.Target {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	enc := base64.RawURLEncoding
	text := func(v any) string {
		raw, err := json.Marshal(v)
		if err != nil {
			t.Error(err)
		}
		return string(raw)
	}
	token := func() string {
		input := enc.EncodeToString([]byte(`{"alg":"RS256","kid":"one","typ":"at+jwt"}`)) + "." + enc.EncodeToString([]byte(text(map[string]any{
			"iss": "https://issuer.example", "aud": "urn:orders", "sub": "job", "client_id": "job", "scope": "orders.read",
			"iat": Instant.Unix(), "exp": Instant.Unix() + 3600, "jti": "1",
		})))
		sum := sha256.Sum256([]byte(input))
		sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
		if err != nil {
			t.Error(err)
		}
		return input + "." + enc.EncodeToString(sig)
	}
	answer := func(v func() any) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(text(v())))
		}
	}
	main := answer(func() any {
		return map[string]any{"issuer": "https://issuer.example", "token_endpoint": "https://tokens.example/token", "jwks_uri": "https://keys.example/jwks"}
	})
	tokens := answer(func() any { return map[string]any{"token_type": "Bearer", "access_token": token(), "expires_in": 3600} })
	keys := answer(func() any {
		return map[string]any{"keys": []any{map[string]any{
			"kty": "RSA", "kid": "one", "use": "sig", "n": enc.EncodeToString(key.N.Bytes()), "e": enc.EncodeToString(big.NewInt(int64(key.E)).Bytes()),
		}}}
	})
	return engine.Target{
		Name: "scattered", Kind: engine.OIDC, Issuer: "https://issuer.example", Hosts: []string{"issuer.example"},
		Transport: &wire.HandlerTransport{Host: "issuer.example", Handler: main, Else: &wire.HandlerTransport{
			Host: "tokens.example", Handler: tokens, Else: &wire.HandlerTransport{Host: "keys.example", Handler: keys},
		}},
		Services: []engine.Service{{Audience: "urn:orders", Scope: "orders.read"}},
		Clients:  []engine.Client{{Key: "job", Registration: trace.Registration{ClientID: "job"}, Secret: "s", Scopes: []string{"orders.read"}, Flows: []decision.Flow{decision.ClientCredentials}}},
	}
}

// TestEndpointsOnOtherHosts: the hosts that the issuer's own document names may be
// asked, for tokens and for keys, and the document says so; no others.
func TestEndpointsOnOtherHosts(t *testing.T) {
	w := New(t)
	w.Runner.Drivers = []engine.Driver{oidc.Driver{}}
	job, err := scattered(t).Job(decision.ClientCredentials, "job")
	if err != nil {
		t.Fatal(err)
	}
	s := w.Run(t, job)
	if !s.Trace.Foreign {
		t.Error("the trace takes the issuer for Entra ID")
	}
	reports := inspect.All(s)
	if s.Trace.Outcome != trace.Tokens || len(reports) != 1 || reports[0].Outcome() != "valid" {
		t.Fatalf("outcome %s, %v\n%s", s.Trace.Outcome, s.Err, exchanges(s.Trace))
	}
	e := s.Trace.Exchanges[0]
	if !strings.Contains(e.Note, "tokens.example, keys.example") {
		t.Errorf("the note is %q", e.Note)
	}
	job.Call = "https://elsewhere.example/"
	if last, ok := w.Run(t, job).Trace.Last(trace.CallAPI); !ok || last.Refused == "" {
		t.Errorf("a host that nobody named was asked: %+v", last)
	}
}
