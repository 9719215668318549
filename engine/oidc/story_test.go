package oidc_test

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/trace"
)

var native = engine.Client{Key: "native", Platform: "publicClient", RedirectURI: "http://127.0.0.1/callback"}

const device = `{"device_code":"kept","user_code":"ABCD-EFGH","verification_uri":"https://issuer.example/go","verification_uri_complete":"https://issuer.example/go?user_code=ABCD-EFGH","expires_in":60,"interval":"3"}`

// TestDevicePolls holds the waiting to RFC 8628 section 3.5: the interval of the
// answer, five seconds more after slow_down and for good.
func TestDevicePolls(t *testing.T) {
	w := newWorld()
	w.answers["/device"] = []string{device}
	pending, slow := `{"error":"authorization_pending"}`, `{"error":"slow_down"}`
	w.answers["/token"] = []string{pending, slow, pending, tokens("")}
	s := w.run(t, w.job(decision.DeviceCode, native))
	if s.Trace.Outcome != trace.Tokens || s.Turn != nil {
		t.Fatalf("outcome %s: %v, turn %v", s.Trace.Outcome, s.Err, s.Turn)
	}
	if want := []time.Duration{3 * time.Second, 8 * time.Second, 8 * time.Second}; !slices.Equal(w.waits, want) {
		t.Errorf("waited %v, want %v", w.waits, want)
	}
	if len(w.agent.visited) != 1 || w.agent.visited[0].URL != "https://issuer.example/go" || w.agent.visited[0].Fill["user_code"] != "ABCD-EFGH" {
		t.Errorf("the person was sent to %+v", w.agent.visited)
	}
	for _, form := range w.forms["/token"] {
		if form.Get("device_code") != "kept" || form.Get("client_id") != "client" || form.Has("client_secret") {
			t.Errorf("a poll sends %v", form)
		}
	}
}

// TestDeviceTurn looks at what the person is told while the run waits.
func TestDeviceTurn(t *testing.T) {
	w := newWorld()
	w.answers["/device"] = []string{device}
	w.answers["/token"] = []string{`{"error":"authorization_pending"}`}
	var seen []engine.Turn
	var run *engine.Run
	ready := make(chan struct{})
	before := w.runner.Wait
	w.runner.Wait = func(ctx context.Context, d time.Duration) error {
		<-ready
		seen = append(seen, *run.State().Turn)
		return before(ctx, d)
	}
	var err error
	run, err = w.runner.Start(context.Background(), w.job(decision.DeviceCode, native))
	if err != nil {
		t.Fatal(err)
	}
	close(ready)
	s := run.Wait()
	var said *engine.OAuthError
	if !errors.As(s.Err, &said) || said.Code != "expired_token" {
		t.Errorf("past its end the code brings %v", s.Err)
	}
	if len(seen) == 0 || len(w.waits) > 20 {
		t.Fatalf("%d turns, %d waits in 60 seconds", len(seen), len(w.waits))
	}
	first := seen[0]
	if first.Code != "ABCD-EFGH" || !strings.HasSuffix(first.URL, "user_code=ABCD-EFGH") || first.Asked != 1 ||
		!first.Until.Equal(start.Add(time.Minute)) || !first.Next.Equal(start.Add(3*time.Second)) {
		t.Errorf("the first turn is %+v", first)
	}
}

// TestDeviceStops stops a run that waits: it ends at once.
func TestDeviceStops(t *testing.T) {
	w := newWorld()
	w.answers["/device"], w.answers["/token"] = []string{device}, []string{`{"error":"authorization_pending"}`}
	w.runner.Wait = nil // the system's timer
	run, err := w.runner.Start(context.Background(), w.job(decision.DeviceCode, native))
	if err != nil {
		t.Fatal(err)
	}
	for ev := range run.Events() {
		if turn := ev.State.Turn; turn != nil && !turn.Next.IsZero() {
			break
		}
	}
	began := time.Now()
	run.Stop()
	if took := time.Since(began); took > 100*time.Millisecond || run.State().Trace.Outcome != trace.Stopped {
		t.Errorf("stopped after %s as %s", took, run.State().Trace.Outcome)
	}
}

func TestDeviceEnds(t *testing.T) {
	for answer, code := range map[string]string{`{"error":"access_denied"}`: "access_denied", `{"error":"expired_token"}`: "expired_token"} {
		w := newWorld()
		w.answers["/device"], w.answers["/token"] = []string{device}, []string{answer}
		s := w.run(t, w.job(decision.DeviceCode, native))
		var said *engine.OAuthError
		if !errors.As(s.Err, &said) || said.Code != code || len(w.waits) != 0 {
			t.Errorf("%s: %v after %v", answer, s.Err, w.waits)
		}
	}
	w := newWorld()
	w.answers["/device"] = []string{strings.Replace(device, "https://issuer.example/go\"", "javascript:alert(1)\"", 1)}
	var refused *engine.RefusedError
	if s := w.run(t, w.job(decision.DeviceCode, native)); !errors.As(s.Err, &refused) || refused.Refusal.Check != "verification_uri" {
		t.Errorf("a page that is no web address: %v", s.Err)
	}
}

// TestRedirectsAreJudged is RFC 6749 section 10.12 and RFC 9207 section 2.4.
func TestRedirectsAreJudged(t *testing.T) {
	for _, c := range []struct {
		name  string
		names bool // the issuer announces iss
		with  func(url.Values)
		check string // empty: tokens
	}{
		{"as it should be", false, nil, ""},
		{"iss that nobody announced", false, func(q url.Values) { q.Set("iss", issuer) }, ""},
		{"announced iss", true, func(q url.Values) { q.Set("iss", issuer) }, ""},
		{"announced and missing", true, nil, "iss"},
		{"another issuer", false, func(q url.Values) { q.Set("iss", "https://evil.example") }, "iss"},
		{"another issuer's error", false, func(q url.Values) { q.Set("iss", "https://evil.example"); q.Set("error", "x") }, "iss"},
		{"another state", false, func(q url.Values) { q.Set("state", "x") }, "state"},
		{"no code", false, func(q url.Values) { q.Del("code") }, "code"},
	} {
		w := newWorld()
		w.metadata["authorization_response_iss_parameter_supported"] = c.names
		w.agent.with = c.with
		w.answers["/token"] = []string{tokens("")}
		s := w.run(t, w.job(decision.AuthorizationCode, native))
		var refused *engine.RefusedError
		switch {
		case c.check == "" && s.Trace.Outcome != trace.Tokens:
			t.Errorf("%s: %v", c.name, s.Err)
		case c.check != "" && (!errors.As(s.Err, &refused) || refused.Refusal.Check != c.check || len(w.forms["/token"]) != 0):
			t.Errorf("%s: %v, and %d codes were redeemed", c.name, s.Err, len(w.forms["/token"]))
		}
	}
}

// TestDocuments holds the driver to what a discovery document says and leaves out.
func TestDocuments(t *testing.T) {
	web := native
	web.Platform, web.Secret = "web", "s"
	for _, c := range []struct {
		name   string
		flow   decision.Flow
		client engine.Client
		member string
		value  any // nil: left out
		check  string
		words  string // of the error, or of the remark beside the document
	}{
		{"another issuer", decision.AuthorizationCode, native, "issuer", "https://evil.example", "issuer", ""},
		{"the issuer with a slash", decision.AuthorizationCode, native, "issuer", issuer + "/", "issuer", ""},
		{"no token endpoint", decision.AuthorizationCode, native, "token_endpoint", nil, "", "has no token_endpoint"},
		{"no device endpoint", decision.DeviceCode, native, "device_authorization_endpoint", nil, "", "has no device_authorization_endpoint"},
		{"no end of a session", decision.SignOut, native, "end_session_endpoint", nil, "", "has no end_session_endpoint"},
		{"no exchange", decision.TokenExchange, native, "grant_types_supported", nil, "", "has no grant_types_supported"},
		{"another grant", decision.ClientCredentials, web, "grant_types_supported", []string{"authorization_code"}, "", "has no client_credentials"},
		{"plain alone, nothing else to protect", decision.AuthorizationCode, native, "code_challenge_methods_supported", []string{"plain"}, "code_challenge_methods_supported", ""},
		{"plain alone, with a secret", decision.AuthorizationCode, web, "code_challenge_methods_supported", []string{"plain"}, "", "has no S256"},
		{"nothing about PKCE", decision.AuthorizationCode, native, "code_challenge_methods_supported", nil, "", "no code_challenge_methods_supported"},
		{"no secret taken", decision.AuthorizationCode, web, "token_endpoint_auth_methods_supported", []string{"private_key_jwt"}, "", "token_endpoint_auth_methods_supported lists private_key_jwt"},
		{"EdDSA alone", decision.AuthorizationCode, native, "id_token_signing_alg_values_supported", []string{"EdDSA"}, "", "EdDSA alone"},
		{"no offline access", decision.AuthorizationCode, native, "scopes_supported", []string{"openid", "profile"}, "", "has no offline_access"},
		{"endpoints elsewhere", decision.AuthorizationCode, native, "token_endpoint", "https://tokens.example/token", "", "further hosts of its own, which may be asked now: tokens.example"},
		{"endpoints in the clear", decision.AuthorizationCode, native, "token_endpoint", "http://tokens.example/token", "", "not https"},
	} {
		w := newWorld()
		w.metadata[c.member] = c.value
		if c.value == nil {
			delete(w.metadata, c.member)
		}
		w.answers["/token"] = []string{tokens("")}
		s := w.run(t, w.job(c.flow, c.client))
		e, _ := s.Trace.Last(trace.Metadata)
		said := e.Note
		if s.Err != nil {
			said += s.Err.Error()
		}
		var refused *engine.RefusedError
		if c.check != "" && (!errors.As(s.Err, &refused) || refused.Refusal.Check != c.check) {
			t.Errorf("%s: want a refusal of %s, got %v", c.name, c.check, s.Err)
		}
		if !strings.Contains(said, c.words) {
			t.Errorf("%s: want the words %q, got %q", c.name, c.words, said)
		}
	}
}

// TestLongDocumentsAreCut: a document may be large; what is said of it is not.
func TestLongDocumentsAreCut(t *testing.T) {
	w := newWorld()
	w.metadata["issuer"] = "https://" + strings.Repeat("x", 1<<20)
	s := w.run(t, w.job(decision.AuthorizationCode, native))
	if s.Err == nil || len(s.Err.Error()) > 2000 || len(s.Trace.Refusal.Found) > 2000 {
		t.Error("the whole of a long issuer is repeated")
	}
}

// TestAChangedDocumentOpensNoDoor: hosts are taken from the issuer's own words, not
// from words that were changed on the way.
func TestAChangedDocumentOpensNoDoor(t *testing.T) {
	w := newWorld()
	job := w.job(decision.AuthorizationCode, native)
	job.Changes = []trace.Change{{Purpose: trace.Metadata, Answer: true, Label: "mix-up", Ops: []trace.Op{
		{Verb: trace.Set, Place: trace.JSON, Name: "token_endpoint", Value: "https://evil.example/token"},
	}}}
	s := w.run(t, job)
	if e, ok := s.Trace.Last(trace.TokenCall); !ok || e.Refused == "" {
		t.Errorf("the code was sent to a stranger: %+v, %v", e, s.Err)
	}
}
