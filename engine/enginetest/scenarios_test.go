package enginetest

import (
	"context"
	"slices"
	"testing"
	"unicode/utf8"

	"flowscope/engine"
	"flowscope/engine/scenario"
	"flowscope/engine/trace"
)

// wanted are the stories that have to be there by name.
var wanted = []string{
	"spa-implicit", "nightly-job", "headless-cli", "forbidden-403", "consent-for-everyone", "all-day", "daemon-refresh", "credentials-with-person",
	"redirect-uri-mismatch", "consent-required", "invalid-scope", "expired-credential", "wrong-credential", "audience-mismatch", "v1-token-at-v2-api",
	"key-rollover", "multi-tenant-walk", "sign-out-and-token", "revoked-then-refresh",
	"forged-state", "code-injection", "stolen-code", "mix-up", "look-alike-redirect", "replayed-id-token",
}

// TestScenariosComeTrue plays every story on a lab of its own, one act after the
// other: each prediction equals its outcome, and what was switched is put back.
func TestScenariosComeTrue(t *testing.T) {
	for _, id := range wanted {
		if _, ok := scenario.Find(id); !ok {
			t.Errorf("there is no scenario %s", id)
		}
	}
	for _, s := range scenario.All() {
		t.Run(s.ID, func(t *testing.T) {
			t.Parallel()
			w := New(t)
			if err := s.Fits(w.Target.Target); err != nil {
				t.Fatal(err)
			}
			for i, a := range s.Acts {
				state := w.act(t, a)
				first, checks := diagnosed(state)
				if got := a.Outcome(state.Trace, first.Code, checks...); !got.Match {
					t.Errorf("act %d, %s: predicted %s, came %s: %s; %v", i+1, a.Title, a.Predicts, got.Came, first.What, state.Err)
				}
			}
			for _, c := range w.Lab.Conditions() {
				if c.On {
					t.Errorf("the condition %s is left on", c.ID)
				}
			}
		})
	}
}

func (w *World) act(t *testing.T, a scenario.Act) engine.State {
	t.Helper()
	job, err := a.Job(w.Target.Target)
	if err != nil {
		t.Fatalf("%s: %v", a.Title, err)
	}
	run, err := w.Runner.Start(context.Background(), job)
	if err != nil {
		t.Fatalf("%s: %v", a.Title, err)
	}
	return run.Wait()
}

// TestScenariosAreTold holds every story to its words.
func TestScenariosAreTold(t *testing.T) {
	var ids []string
	for _, s := range scenario.All() {
		if s.ID == "" || s.Title == "" || s.About == "" || len(s.Acts) == 0 || slices.Contains(ids, s.ID) {
			t.Errorf("%q lacks something, or is there twice", s.ID)
		}
		if n := utf8.RuneCountInString(s.Title); n > 60 {
			t.Errorf("the title of %s has %d cells", s.ID, n)
		}
		ids = append(ids, s.ID)
		for i, a := range s.Acts {
			if a.Title == "" || a.Tells == "" || a.Predicts == "" || a.Lesson == "" || a.Job == nil {
				t.Errorf("act %d of %s is half told", i+1, s.ID)
			}
		}
	}
	for _, id := range []string{"forged-state", "code-injection", "stolen-code", "mix-up", "look-alike-redirect", "replayed-id-token"} {
		if s, _ := scenario.Find(id); len(s.Acts) == 0 || s.Acts[0].Attack == nil {
			t.Errorf("%s is not told from the attacker's side", id)
		}
	}
}

// TestScenarioClaims reads the tokens that some stories are about: what they say
// is what the story tells.
func TestScenarioClaims(t *testing.T) {
	play := func(id string, act int) *trace.Trace {
		w := New(t)
		s, _ := scenario.Find(id)
		var last engine.State
		for _, a := range s.Acts[:act] {
			last = w.act(t, a)
		}
		return last.Trace
	}
	claim := func(tr *trace.Trace, name string) any {
		token, ok := tr.Token(trace.AccessToken)
		if !ok {
			t.Fatal("no access token")
		}
		var claims map[string]any
		if err := engine.Peek(token.Value, &claims); err != nil {
			t.Fatal(err)
		}
		return claims[name]
	}
	t.Run("no refresh token for a daemon", func(t *testing.T) {
		if _, ok := play("daemon-refresh", 1).Token(trace.RefreshToken); ok {
			t.Error("there is one")
		}
	})
	t.Run("roles and no person", func(t *testing.T) {
		tr := play("credentials-with-person", 1)
		if claim(tr, "roles") == nil || claim(tr, "scp") != nil {
			t.Errorf("roles %v, scp %v", claim(tr, "roles"), claim(tr, "scp"))
		}
	})
	t.Run("tid is not the home tenant", func(t *testing.T) {
		at, home := claim(play("multi-tenant-walk", 4), "tid"), claim(play("multi-tenant-walk", 1), "tid")
		if at == nil || at == home {
			t.Errorf("tid %v at Contoso, %v at home", at, home)
		}
	})
	t.Run("implicit leaves the token in the address", func(t *testing.T) {
		e, ok := play("spa-implicit", 1).Last(trace.Redirect)
		if _, has := e.Request.Get("access_token"); !ok || !has {
			t.Error("there is no token in the redirect")
		}
	})
}
