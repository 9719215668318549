package enginetest

import (
	"testing"

	"flowscope/decision"
	"flowscope/engine/inspect"
	"flowscope/engine/trace"
)

func TestFlowsEndWithValidTokens(t *testing.T) {
	for _, tt := range []struct {
		flow   decision.Flow
		client string
		tokens []trace.TokenKind
	}{
		{decision.AuthorizationCode, "spa", []trace.TokenKind{trace.AccessToken, trace.IDToken, trace.RefreshToken}},
		{decision.AuthorizationCode, "web", []trace.TokenKind{trace.AccessToken, trace.IDToken, trace.RefreshToken}},
		{decision.AuthorizationCode, "native", []trace.TokenKind{trace.AccessToken, trace.IDToken, trace.RefreshToken}},
		{decision.ClientCredentials, "daemon", []trace.TokenKind{trace.AccessToken}},
	} {
		t.Run(string(tt.flow)+" "+tt.client, func(t *testing.T) {
			w := New(t)
			s := w.Run(t, w.Job(t, tt.flow, tt.client))
			if s.Trace.Outcome != trace.Tokens {
				t.Fatalf("outcome %s: %v", s.Trace.Outcome, s.Err)
			}
			if len(s.Trace.Tokens) != len(tt.tokens) {
				t.Fatalf("got %d tokens, want %d", len(s.Trace.Tokens), len(tt.tokens))
			}
			for i, rep := range inspect.All(s) {
				if s.Trace.Tokens[i].Kind != tt.tokens[i] {
					t.Errorf("token %d is %s, want %s", i, s.Trace.Tokens[i].Kind, tt.tokens[i])
				}
				want := "valid"
				if tt.tokens[i] == trace.RefreshToken {
					want = "unverified"
				}
				if rep.Outcome() != want {
					t.Errorf("%s token is %s, want %s: %s", tt.tokens[i], rep.Outcome(), want, rep.Summary())
					for _, c := range rep.Checks() {
						t.Logf("%-18s %-8s %s | %s | %s", c.ID, c.Status, c.Expected, c.Found, c.Why)
					}
				}
			}
			for _, e := range s.Trace.Exchanges {
				t.Logf("%d step %d %s %s %s", e.N, e.Step, e.Purpose, e.Request.Method, e.Request.URL[:min(80, len(e.Request.URL))])
			}
			for i, st := range s.Steps {
				if st != "done" {
					t.Errorf("step %d is %s", i+1, st)
				}
			}
		})
	}
}
