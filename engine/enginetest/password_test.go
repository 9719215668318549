package enginetest

import (
	"errors"
	"strings"
	"testing"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/explain"
	"flowscope/engine/msal"
	"flowscope/engine/trace"
)

func TestPassword(t *testing.T) {
	w := New(t)
	job := w.Job(t, decision.Password, "cli")
	s := w.Run(t, job)
	valid(t, s, trace.AccessToken, trace.IDToken, trace.RefreshToken)
	if got, want := moves(s), "1 metadata, 2 user-realm, 3 token, 5 keys, 5 keys, 6 api"; got != want {
		t.Errorf("moves %s\n want %s", got, want)
	}
	secret := w.Target.Accounts[0].Password
	e, _ := s.Trace.Last(trace.TokenCall)
	if sent, _ := e.Request.Get("password"); sent != secret || e.Channel != trace.Back {
		t.Errorf("the password sent is %q", sent)
	}
	r := trace.NewRedactor(nil)
	r.LearnAll(s.Trace)
	for _, e := range s.Trace.Exchanges {
		if e = r.Exchange(e); strings.Contains(string(e.Request.Body)+e.Request.URL, secret) {
			t.Errorf("the password can be read in the %s", e.Purpose.Noun())
		}
	}
}

func TestPasswordIsAWarning(t *testing.T) {
	w := New(t)
	plan, err := w.Runner.Plan(w.Job(t, decision.Password, "cli"))
	if err != nil {
		t.Fatal(err)
	}
	step, _ := plan.Step(trace.TokenCall)
	if !strings.Contains(plan.Title, "warning") || !strings.Contains(step.Why, "Don't") || !strings.Contains(step.Guards, "RFC 9700") {
		t.Errorf("%s: %s %s", plan.Title, step.Why, step.Guards)
	}
}

func TestWhatAPasswordCantDo(t *testing.T) {
	wrong := trace.Change{Purpose: trace.TokenCall, Ops: []trace.Op{{Verb: trace.Garble, Place: trace.Form, Name: "password"}}, Label: "another password"}
	for _, c := range []struct {
		name, client, code string
		job                func(*engine.Job)
	}{
		{"a wrong password", "cli", "50126", func(j *engine.Job) { j.Changes = []trace.Change{wrong} }},
		{"consent can't be asked for", "native", "65001", func(*engine.Job) {}},
		{"a second factor can't be asked for", "cli", "50076", func(j *engine.Job) { j.Conditions = []engine.Condition{{ID: "mfa-required"}} }},
		{"a policy blocks the grant", "cli", "53003", func(j *engine.Job) { j.Conditions = []engine.Condition{{ID: "password-grant-blocked"}} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := New(t)
			job := w.Job(t, decision.Password, c.client)
			c.job(&job)
			s := w.Run(t, job)
			var oauth *engine.OAuthError
			if !errors.As(s.Err, &oauth) || !strings.Contains(oauth.Description, "AADSTS"+c.code) {
				t.Fatalf("%v", s.Err)
			}
			explained(t, s, c.code)
			if found := explain.Diagnose(s.Trace, nil)[0]; !strings.HasPrefix(found.FlowRight, "The flow is the trouble") {
				t.Errorf("the reminder is %q", found.FlowRight)
			}
		})
	}
}

func TestNoPasswordOfAStranger(t *testing.T) {
	w := New(t)
	job := w.Job(t, decision.Password, "cli")
	job.User = "nobody@contoso.example"
	if _, err := w.Runner.Plan(job); err == nil {
		t.Error("a password that nobody knows was planned")
	}
	job.Client, _ = w.Target.Client("web")
	if _, err := w.Runner.Plan(job); err == nil {
		t.Error("the grant was planned for a confidential client")
	}
	live := w.Target.Target
	live.Live = true
	var cannot *engine.CannotError
	if err := (msal.Driver{}).Can(&live, decision.Password); !errors.As(err, &cannot) {
		t.Errorf("on a real tenant: %v", err)
	}
}

// TestAnUnknownRealmGetsNoPassword ends where MSAL asks who manages the
// name: no password is sent.
func TestAnUnknownRealmGetsNoPassword(t *testing.T) {
	w := New(t)
	job := w.Job(t, decision.Password, "cli")
	job.Changes = []trace.Change{{Purpose: trace.UserRealm, Answer: true, Ops: []trace.Op{{Verb: trace.Set, Place: trace.JSON, Name: "account_type", Value: "Unknown"}}, Label: "an unknown domain"}}
	s := w.Run(t, job)
	if s.Trace.Outcome != trace.Failed || strings.Contains(moves(s), "token") {
		t.Errorf("%s: %s, %v", s.Trace.Outcome, moves(s), s.Err)
	}
}
