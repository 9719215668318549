package oidc_test

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/trace"
)

func count(t *trace.Trace, p trace.Purpose) int {
	n := 0
	for _, e := range t.Exchanges {
		if e.Purpose == p {
			n++
		}
	}
	return n
}

// TestSilent: a good token costs nothing, one past its end one refresh.
func TestSilent(t *testing.T) {
	w := newWorld()
	w.answers["/token"] = []string{tokens(""), tokens("")}
	s := w.run(t, w.job(decision.Silent, native))
	if s.Trace.Outcome != trace.Tokens || count(s.Trace, trace.Refresh) != 1 || len(w.forms["/token"]) != 2 {
		t.Fatalf("outcome %s, %v; %d refreshes", s.Trace.Outcome, s.Err, count(s.Trace, trace.Refresh))
	}
	if got := w.forms["/token"][1]; got.Get("grant_type") != "refresh_token" || got.Get("refresh_token") != "renew" {
		t.Errorf("the refresh sends %v", got)
	}
	for i, step := range s.Steps {
		if s.Trace.Exchanges != nil && step != engine.Done && step != engine.Planned {
			t.Errorf("step %d is %s", i+1, step)
		}
	}
}

// TestSilentFallsBack: when only the person can help, the person is asked.
func TestSilentFallsBack(t *testing.T) {
	w := newWorld()
	w.answers["/token"] = []string{tokens(""), `{"error":"interaction_required","error_description":"sign in again"}`, tokens("")}
	s := w.run(t, w.job(decision.Silent, native))
	if s.Trace.Outcome != trace.Tokens || count(s.Trace, trace.TokenCall) != 2 {
		t.Errorf("outcome %s, %v; %d codes redeemed", s.Trace.Outcome, s.Err, count(s.Trace, trace.TokenCall))
	}
	w = newWorld()
	w.answers["/token"] = []string{tokens(""), `{"error":"invalid_client"}`, tokens("")}
	var said *engine.OAuthError
	if s := w.run(t, w.job(decision.Silent, native)); !errors.As(s.Err, &said) || said.Code != "invalid_client" {
		t.Errorf("no person can help with %v", s.Err)
	}
}

// TestGiven: a refresh token of the person's own, with no sign-in before it.
func TestGiven(t *testing.T) {
	for _, flow := range []decision.Flow{decision.RefreshToken, decision.Silent} {
		w := newWorld()
		w.answers["/token"] = []string{tokens("")}
		job := w.job(flow, native)
		job.Given = "mine"
		s := w.run(t, job)
		if s.Trace.Outcome != trace.Tokens || w.agent.sent != nil || len(w.forms["/token"]) != 1 || w.forms["/token"][0].Get("refresh_token") != "mine" {
			t.Errorf("%s: outcome %s, %v; sent %v", flow, s.Trace.Outcome, s.Err, w.forms["/token"])
		}
	}
}

// TestAnotherPerson: a renewed ID token and userinfo must be about the same person
// as before (OpenID Connect Core 1.0 sections 12.2 and 5.3.2).
func TestAnotherPerson(t *testing.T) {
	w := newWorld()
	signedIn := func() string { // with the nonce of the request that is under way
		return tokens(`,"id_token":"` + idToken(map[string]any{"sub": "ada", "nonce": w.agent.sent.Get("nonce")}) + `"`)
	}
	w.agent.with = nil
	w.answers["/token"] = []string{"", tokens(`,"id_token":"` + idToken(map[string]any{"sub": "eve"}) + `"`)}
	w.runner.Agent = before{w.agent, func() { w.answers["/token"][0] = signedIn() }}
	var refused *engine.RefusedError
	if s := w.run(t, w.job(decision.RefreshToken, native)); !errors.As(s.Err, &refused) || refused.Refusal.Check != "sub" {
		t.Errorf("a renewed ID token about somebody else: %v", s.Err)
	}
	w.answers["/token"] = []string{""}
	run, err := w.runner.Start(context.Background(), w.job(decision.AuthorizationCode, native))
	if err != nil {
		t.Fatal(err)
	}
	if s := run.Wait(); s.Trace.Outcome != trace.Tokens {
		t.Fatal(s.Err)
	}
	for answer, good := range map[string]bool{
		`{"sub":"ada"}`: true, `{"sub":"eve"}`: false, `{}`: false,
		idToken(map[string]any{"sub": "ada"}): true, idToken(map[string]any{"sub": "eve"}): false,
	} {
		w.answers["/userinfo"] = []string{answer}
		more, err := w.runner.Extend(context.Background(), run, engine.Extra{Purpose: trace.UserInfo})
		if err != nil {
			t.Fatal(err)
		}
		s := more.Wait()
		if (s.Err == nil) != good {
			t.Errorf("%s: %v", answer, s.Err)
		}
		if e, _ := s.Trace.Last(trace.UserInfo); strings.HasPrefix(answer, "ey") && !strings.Contains(e.Note, "is a JWT") {
			t.Errorf("nothing is said of an answer that is a JWT: %q", e.Note)
		}
	}
}

// before is an agent that first lets the issuer prepare its answer.
type before struct {
	*agent
	prepare func()
}

func (b before) Authorize(ctx context.Context, s *engine.Session, leg engine.Leg) error {
	err := b.agent.Authorize(ctx, s, leg)
	b.prepare()
	return err
}

// TestExtrasNeedTheirEndpoint names the field that the document lacks.
func TestExtrasNeedTheirEndpoint(t *testing.T) {
	w := newWorld()
	w.answers["/token"] = []string{tokens("")}
	run, err := w.runner.Start(context.Background(), w.job(decision.AuthorizationCode, native))
	if err != nil {
		t.Fatal(err)
	}
	run.Wait()
	for p, field := range map[trace.Purpose]string{
		trace.Introspection: "introspection_endpoint", trace.Revocation: "revocation_endpoint", trace.SignOut: "end_session_endpoint", trace.OnBehalfOf: "on-behalf-of",
	} {
		var cannot *engine.CannotError
		if _, err := w.runner.Extend(context.Background(), run, engine.Extra{Purpose: p}); !errors.As(err, &cannot) || !strings.Contains(cannot.Why, field) {
			t.Errorf("%s: %v", p, err)
		}
	}
}

// TestOpaqueTokensAreTold: nothing is wrong with a token that only its issuer can
// read; it is said beside the answer that brought it.
func TestOpaqueTokensAreTold(t *testing.T) {
	w := newWorld()
	w.answers["/token"] = []string{tokens("")}
	s := w.run(t, w.job(decision.AuthorizationCode, native))
	if e, _ := s.Trace.Last(trace.TokenCall); !strings.Contains(e.Note, "opaque") || !strings.Contains(e.Note, "introspection") {
		t.Errorf("the note is %q", e.Note)
	}
	if got := w.agent.sent.Get("prompt"); got != "consent" {
		t.Errorf("offline_access is asked for with the prompt %q", got)
	}
}

// TestBasic sends a secret with letters that an address must escape (RFC 6749
// section 2.3.1).
func TestBasic(t *testing.T) {
	w := newWorld()
	w.answers["/token"] = []string{`{"token_type":"Bearer","access_token":"opaque"}`}
	s := w.run(t, w.job(decision.ClientCredentials, engine.Client{Key: "daemon", Secret: "a b:c/d"}))
	if s.Trace.Outcome != trace.Tokens {
		t.Fatal(s.Err)
	}
	want := "Basic " + base64.StdEncoding.EncodeToString([]byte("client:a+b%3Ac%2Fd"))
	if got := w.headers["/token"][0].Get("Authorization"); got != want {
		t.Errorf("the header is %q, want %q", got, want)
	}
	if form := w.forms["/token"][0]; form.Has("client_secret") || form.Get("scope") != "orders.read" {
		t.Errorf("the form is %v", form)
	}
}

// TestPagesInPlaceOfJSON: what a network puts in the way is told, not repeated.
func TestPagesInPlaceOfJSON(t *testing.T) {
	w := newWorld()
	w.answers["/token"] = []string{"<html><body>please log in to the network</body></html>"}
	s := w.run(t, w.job(decision.ClientCredentials, engine.Client{Key: "daemon", Secret: "s"}))
	if s.Err == nil || strings.Contains(s.Err.Error(), "please log in") || !strings.Contains(s.Err.Error(), "page in place of JSON") {
		t.Errorf("got %v", s.Err)
	}
	if strings.Contains(s.Trace.Library.Error, "please log in") {
		t.Errorf("the library's words repeat the page: %s", s.Trace.Library.Error)
	}
}
