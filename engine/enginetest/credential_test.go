package enginetest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/msal"
	"flowscope/engine/trace"
)

// valid fails unless the run obtained tokens of these kinds and all that can be
// checked are valid.
func valid(t *testing.T, s engine.State, kinds ...trace.TokenKind) {
	t.Helper()
	if s.Err != nil || s.Trace.Outcome != trace.Tokens {
		t.Fatalf("outcome %s: %v", s.Trace.Outcome, s.Err)
	}
	var got []trace.TokenKind
	for _, r := range s.Reports {
		got = append(got, r.Token.Kind)
		if r.Token.Kind != trace.RefreshToken && (r.Report == nil || r.Report.Outcome() != "valid") {
			t.Errorf("the %s token is %v", r.Token.Kind, r.Report)
		}
	}
	if len(got) != len(kinds) {
		t.Fatalf("tokens %v, want %v", got, kinds)
	}
	for i := range kinds {
		if got[i] != kinds[i] {
			t.Errorf("tokens %v, want %v", got, kinds)
		}
	}
}

// partOf decodes one part of a JWT.
func partOf(t *testing.T, jwt string, n int) map[string]any {
	t.Helper()
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 {
		t.Fatalf("no JWT: %q", jwt)
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[n])
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestEveryCredentialOfEveryConfidentialClient(t *testing.T) {
	for _, c := range []struct {
		flow   decision.Flow
		client string
		kind   engine.CredentialKind
		label  string
		proved string // azpacr (Entra: access token claims)
	}{
		{decision.AuthorizationCode, "web", engine.Secret, "code + verifier + secret", "1"},
		{decision.AuthorizationCode, "web", engine.Certificate, "code + verifier + assertion", "2"},
		{decision.ClientCredentials, "daemon", engine.Secret, "client id + secret", "1"},
		{decision.ClientCredentials, "daemon", engine.Certificate, "client id + assertion", "2"},
		{decision.ClientCredentials, "workload", engine.Federated, "client id + assertion", "2"},
		{decision.ClientCredentials, "workload", engine.NoCredential, "client id + assertion", "2"},
	} {
		t.Run(c.client+" "+string(c.kind), func(t *testing.T) {
			w := New(t)
			job := w.Job(t, c.flow, c.client)
			job.Credential = c.kind
			plan, err := w.Runner.Plan(job)
			if err != nil {
				t.Fatal(err)
			}
			if step, _ := plan.Step(trace.TokenCall); step.Label != c.label {
				t.Errorf("the arrow says %q, want %q", step.Label, c.label)
			}
			s := w.Run(t, job)
			if c.flow == decision.AuthorizationCode {
				valid(t, s, trace.AccessToken, trace.IDToken, trace.RefreshToken)
			} else {
				valid(t, s, trace.AccessToken)
			}
			e, _ := s.Trace.Last(trace.TokenCall)
			_, secret := e.Request.Get("client_secret")
			assertion, asserted := e.Request.Get("client_assertion")
			if secret != (c.proved == "1") || asserted == secret {
				t.Errorf("secret sent: %v, assertion sent: %v", secret, asserted)
			}
			access, _ := s.Trace.Token(trace.AccessToken)
			if got := partOf(t, access.Value, 1)["azpacr"]; got != c.proved {
				t.Errorf("azpacr is %v, want %s", got, c.proved)
			}
			if !asserted {
				return
			}
			r := trace.NewRedactor(nil)
			r.LearnAll(s.Trace)
			if strings.Contains(string(r.Request(e.Request).Body), assertion) {
				t.Error("the assertion is not masked")
			}
		})
	}
}

func TestACertificateSignsAsMSALDoesByTheClockOfTheRun(t *testing.T) {
	w := New(t)
	job := w.Job(t, decision.ClientCredentials, "daemon")
	job.Credential = engine.Certificate
	s := w.Run(t, job)
	valid(t, s, trace.AccessToken)
	e, _ := s.Trace.Last(trace.TokenCall)
	assertion, _ := e.Request.Get("client_assertion")
	header, claims := partOf(t, assertion, 0), partOf(t, assertion, 1)
	if header["alg"] != "PS256" || header["x5t#S256"] == nil || header["x5c"] != nil {
		t.Errorf("header %v", header)
	}
	if claims["nbf"] != float64(Instant.Unix()) || claims["exp"] != float64(Instant.Unix()+600) {
		t.Errorf("claims %v", claims)
	}
	again := w.Run(t, job)
	e, _ = again.Trace.Last(trace.TokenCall)
	if other, _ := e.Request.Get("client_assertion"); partOf(t, other, 1)["jti"] == claims["jti"] {
		t.Error("two assertions have the same id")
	}
}

func TestAChainOfCertificatesGoesAlong(t *testing.T) {
	w := New(t)
	job := w.Job(t, decision.ClientCredentials, "daemon")
	job.Credential = engine.Certificate
	web, _ := w.Target.Client("web")
	pair := *job.Client.Certificate
	pair.Chain = append(pair.Chain[:1:1], web.Certificate.Chain[0])
	job.Client.Certificate = &pair
	for _, v1 := range []bool{false, true} {
		job.V1 = v1
		s := w.Run(t, job)
		valid(t, s, trace.AccessToken)
		e, _ := s.Trace.Last(trace.TokenCall)
		assertion, _ := e.Request.Get("client_assertion")
		if chain, _ := partOf(t, assertion, 0)["x5c"].([]any); len(chain) != 2 {
			t.Errorf("v1.0 %v: x5c is %v", v1, chain)
		}
	}
}

func TestAMissingCredentialIsSaidBeforeAnythingIsSent(t *testing.T) {
	w := New(t)
	for _, c := range []struct {
		flow   decision.Flow
		client string
		kind   engine.CredentialKind
		says   string
	}{
		{decision.AuthorizationCode, "web", engine.Federated, "it has a client secret and a certificate"},
		{decision.AuthorizationCode, "spa", engine.Secret, "it has none at all"},
		{decision.ClientCredentials, "workload", engine.Secret, "it has an assertion of another issuer"},
		{decision.ClientCredentials, "daemon", "pigeon", "a credential pigeon"},
	} {
		job := w.Job(t, c.flow, c.client)
		job.Credential = c.kind
		_, err := w.Runner.Start(t.Context(), job)
		var missing *msal.CredentialError
		if !errors.As(err, &missing) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s with %s: %v", c.client, c.kind, err)
		}
	}
	if len(w.Seen()) != 0 {
		t.Error("a run began all the same")
	}
}

func TestAnIssuerThatGivesNoAssertion(t *testing.T) {
	for _, c := range []struct {
		assertion string
		err       error
		says      string
	}{{" \n", nil, "gave no assertion"}, {"", errors.New("the file is gone"), "the file is gone"}} {
		w := New(t)
		job := w.Job(t, decision.ClientCredentials, "workload")
		job.Client.Federated = func(context.Context) (string, error) { return c.assertion, c.err }
		s := w.Run(t, job)
		if s.Err == nil || !strings.Contains(s.Err.Error(), c.says) || len(s.Trace.Exchanges) != 1 {
			t.Errorf("%s: %v", moves(s), s.Err)
		}
	}
}

// TestClaimsGoAlong sends a claims request by each grant that has no page.
func TestClaimsGoAlong(t *testing.T) {
	w := New(t)
	for flow, at := range map[decision.Flow]trace.Purpose{
		decision.ClientCredentials: trace.TokenCall, decision.DeviceCode: trace.DeviceStart, decision.Password: trace.TokenCall,
	} {
		job := w.Job(t, flow, "")
		job.Claims = `{"access_token":{"xms_cc":{"values":["cp1"]}}}`
		s := w.Run(t, job)
		if s.Err != nil {
			t.Errorf("%s: %v", flow, s.Err)
		}
		e, _ := s.Trace.Last(at)
		if sent, _ := e.Request.Get("claims"); !strings.Contains(sent, "cp1") {
			t.Errorf("%s sent claims %q", flow, sent)
		}
	}
}

// TestAnAssertionIsTheSameInEveryRecording holds it to the run's own clock and
// randomness, the salt of its signature included.
func TestAnAssertionIsTheSameInEveryRecording(t *testing.T) {
	said := func() string {
		w := New(t)
		job := w.Job(t, decision.ClientCredentials, "daemon")
		job.Credential = engine.Certificate
		e, _ := w.Run(t, job).Trace.Last(trace.TokenCall)
		assertion, _ := e.Request.Get("client_assertion")
		return assertion
	}
	if a, b := said(), said(); a != b {
		t.Errorf("two runs of the same deterministic world sign\n%s\n%s", a, b)
	}
}
