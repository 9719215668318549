package enginetest

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/loopback"
	"flowscope/engine/trace"
)

// garble changes a parameter of the nth exchange with this purpose.
func garble(p trace.Purpose, n int, place trace.Place, name string) trace.Change {
	return trace.Change{Purpose: p, Only: n, Label: name, Ops: []trace.Op{{Verb: trace.Garble, Place: place, Name: name}}}
}

// TestSecondTripsAreJudgedToo forges what comes back of a second trip: each one
// is refused, with the check that refused it.
func TestSecondTripsAreJudgedToo(t *testing.T) {
	renewal := func(j *engine.Job) { j.Prompt = "none" }
	again := func(j *engine.Job) { j.Conditions = revoked() }
	for _, tt := range []struct {
		name   string
		flow   decision.Flow
		client string
		set    func(*engine.Job)
		change trace.Change
		check  string
	}{
		{"renewal, state", decision.AuthorizationCode, "spa", renewal, garble(trace.Redirect, 2, trace.Query, "state"), "state"},
		{"renewal, nonce", decision.AuthorizationCode, "spa", renewal, garble(trace.Authorize, 2, trace.Query, "nonce"), "nonce"},
		{"renewal, the first answer again", decision.AuthorizationCode, "web", renewal, trace.Change{Purpose: trace.Redirect, Only: 2, Label: "no code", Ops: []trace.Op{{Verb: trace.Drop, Place: trace.Query, Name: "code"}}}, "code"},
		{"interaction, state", decision.Silent, "native", again, garble(trace.Redirect, 2, trace.Query, "state"), "state"},
		{"interaction, nonce", decision.Silent, "web", again, garble(trace.Authorize, 2, trace.Query, "nonce"), "nonce"},
		{"sign-out, state", decision.SignOut, "web", nil, garble(trace.SignedOut, 0, trace.Query, "state"), "state"},
		{"after the sign-out, state", decision.SignOut, "spa", nil, garble(trace.Redirect, 2, trace.Query, "state"), "state"},
		{"admin consent, state", decision.AdminConsent, "partner", nil, garble(trace.Redirect, 1, trace.Query, "state"), "state"},
		{"admin consent, not given", decision.AdminConsent, "partner", nil, garble(trace.Redirect, 1, trace.Query, "admin_consent"), "admin_consent"},
		{"implicit, state", decision.Implicit, "legacy", nil, garble(trace.Redirect, 0, trace.Fragment, "state"), "state"},
		{"implicit, nonce", decision.Implicit, "legacy", nil, garble(trace.Authorize, 0, trace.Query, "nonce"), "nonce"},
		{"implicit, access token", decision.Implicit, "legacy", nil, garble(trace.Redirect, 0, trace.Fragment, "access_token"), "at_hash"},
		{"implicit, no ID token", decision.Implicit, "legacy", nil, trace.Change{Purpose: trace.Redirect, Label: "no ID token", Ops: []trace.Op{{Verb: trace.Drop, Place: trace.Fragment, Name: "id_token"}}}, "access_token"},
		{"v1.0, state", decision.AuthorizationCode, "web", func(j *engine.Job) { j.V1 = true }, garble(trace.Redirect, 0, trace.Query, "state"), "state"},
		{"v1.0, nonce", decision.AuthorizationCode, "web", func(j *engine.Job) { j.V1 = true }, garble(trace.Authorize, 0, trace.Query, "nonce"), "nonce"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := New(t)
			job := w.Job(t, tt.flow, tt.client)
			if tt.set != nil {
				tt.set(&job)
			}
			job.Changes = []trace.Change{tt.change}
			s := w.Run(t, job)
			if s.Trace.Outcome != trace.Failed || s.Trace.Refusal == nil || s.Trace.Refusal.Check != tt.check {
				t.Errorf("outcome %s, %v, refusal %+v", s.Trace.Outcome, s.Err, s.Trace.Refusal)
			}
			if found := findings(s); found == "" {
				t.Error("nothing explains it")
			}
		})
	}
}

// TestGivenUp: a person who gives up, or says no, is an answer; nothing is tried
// again.
func TestGivenUp(t *testing.T) {
	for _, flow := range []decision.Flow{decision.AuthorizationCode, decision.RefreshToken, decision.Silent, decision.SignOut} {
		w := New(t)
		job := w.Job(t, flow, "spa")
		job.Abandon = true
		s := w.Run(t, job)
		var given *engine.AbandonedError
		if s.Trace.Outcome != trace.Stopped || !errors.As(s.Err, &given) || findings(s) != "" {
			t.Errorf("%s given up: %s, %v, %s", flow, s.Trace.Outcome, s.Err, findings(s))
		}
		job.Abandon, job.Decline = false, true
		s = w.Run(t, job)
		if s.Trace.Outcome != trace.Failed || findings(s) != "AADSTS65004" {
			t.Errorf("%s declined: %s, %v, %s", flow, s.Trace.Outcome, s.Err, findings(s))
		}
	}
}

// TestGivenUpInABrowser: nobody comes back, and no listener is left.
func TestGivenUpInABrowser(t *testing.T) {
	w := New(t)
	w.Runner.Browser = &loopback.Browser{Open: func(string) error { return nil }}
	job := w.Job(t, decision.AuthorizationCode, "native")
	job.Browser, job.Abandon = true, true
	if s := w.Run(t, job); s.Trace.Outcome != trace.Stopped {
		t.Errorf("outcome %s, %v", s.Trace.Outcome, s.Err)
	}
}

// TestInteractionCarriesTheClaims: what the refusal of a refresh demands goes
// into the sign-in that follows.
func TestInteractionCarriesTheClaims(t *testing.T) {
	w := New(t)
	job := w.Job(t, decision.Silent, "web")
	job.User, job.Conditions = "ada@contoso.example", []engine.Condition{{ID: "mfa-required", At: trace.Refresh}}
	s := w.Run(t, job)
	e, _ := s.Trace.Last(trace.Refresh)
	asked, _ := s.Trace.Last(trace.Authorize)
	claims, _ := asked.Request.Get("claims")
	if e.Response == nil || e.Response.Status != 400 || !strings.Contains(string(e.Response.Body), "claims") {
		t.Fatalf("refresh: %+v", e.Response)
	}
	if asked.N < e.N || !strings.Contains(claims, "access_token") {
		t.Errorf("the sign-in carries the claims %q: %v", claims, s.Err)
	}
}

// TestBrowserRoads runs the flows of a person with a system browser, whose
// redirects arrive on loopback.
func TestBrowserRoads(t *testing.T) {
	for _, tt := range []struct {
		flow   decision.Flow
		client string
		sent   string
	}{
		{decision.RefreshToken, "native", "metadata authorize redirect token refresh keys api"},
		{decision.Silent, "native", "metadata authorize redirect token refresh keys api"},
		{decision.SignOut, "native", "metadata authorize redirect token keys api sign-out signed-out api authorize redirect"},
		{decision.AdminConsent, "partner", "admin-consent redirect metadata authorize redirect token keys api"},
	} {
		t.Run(string(tt.flow), func(t *testing.T) {
			if tt.client != "native" && taken("3000") {
				t.Skip("port 3000 is in use on this machine")
			}
			w := New(t)
			admin, _ := w.Target.Administrator()
			ordinary := FakeBrowser("")
			w.Runner.Browser = &loopback.Browser{Open: func(address string) error {
				if strings.Contains(address, "/adminconsent") {
					return FakeBrowser(admin.Username)(address)
				}
				return ordinary(address)
			}}
			job := w.Job(t, tt.flow, tt.client)
			job.Browser = true
			s := w.Run(t, job)
			if s.Trace.Outcome != trace.Tokens || sent(s) != tt.sent {
				t.Errorf("outcome %s, %v, sent\n%s", s.Trace.Outcome, s.Err, sent(s))
			}
		})
	}
	w := New(t)
	job := w.Job(t, decision.Implicit, "legacy")
	job.Browser = true
	if _, err := w.Runner.Plan(job); err == nil {
		t.Error("the implicit flow was planned for a browser whose fragment no listener sees")
	}
}

// TestNothingIsLeftRunning stops each flow at each of its holds: the run ends at
// once and its goroutines with it.
func TestNothingIsLeftRunning(t *testing.T) {
	w := New(t)
	before := runtime.NumGoroutine()
	for _, tt := range []struct {
		flow   decision.Flow
		client string
		at     trace.Purpose
		set    func(*engine.Job)
	}{
		{decision.RefreshToken, "web", trace.Refresh, nil},
		{decision.Silent, "native", trace.Refresh, nil},
		{decision.SignOut, "spa", trace.SignOut, nil},
		{decision.SignOut, "spa", trace.SignedOut, nil},
		{decision.AdminConsent, "partner", trace.AdminConsent, nil},
		{decision.Implicit, "legacy", trace.Redirect, nil},
		{decision.DeviceCode, "cli", trace.Poll, func(j *engine.Job) { j.V1 = true }},
		{decision.RefreshToken, "web", trace.Refresh, func(j *engine.Job) { j.V1 = true }},
	} {
		job := w.Job(t, tt.flow, tt.client)
		job.HoldAt = tt.at
		if tt.set != nil {
			tt.set(&job)
		}
		job.Step = true
		run, err := w.Runner.Start(context.Background(), job)
		if err != nil {
			t.Fatal(err)
		}
		until(t, run, "a hold at "+string(tt.at), held(tt.at))
		began := time.Now()
		run.Stop()
		if took := time.Since(began); took > 100*time.Millisecond {
			t.Errorf("%s at %s: stopping took %s", tt.flow, tt.at, took)
		}
		if s := run.State(); s.Trace.Outcome != trace.Stopped {
			t.Errorf("%s at %s: outcome %s, %v", tt.flow, tt.at, s.Trace.Outcome, s.Err)
		}
	}
	if n := settled(before); n > before {
		buf := make([]byte, 1<<16)
		t.Errorf("%d goroutines, %d before\n%s", n, before, buf[:runtime.Stack(buf, true)])
	}
}
