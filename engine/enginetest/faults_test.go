package enginetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/explain"
	"flowscope/engine/fault"
	"flowscope/engine/inspect"
	"flowscope/engine/trace"
)

// atLeast is how many different faults the catalogue has to hold.
const atLeast = 40

// fitting are the flows and clients that a world can run a fault on: all of them
// with the first driver, and one client of each flow with the others. Where a
// silent acquisition or a sign-out only begins with the same sign-in, one client
// of each stands for all.
func fitting(t testing.TB, w *World, f fault.Fault) []engine.Job {
	t.Helper()
	var out []engine.Job
	for _, flow := range f.Flows {
		if w.Runner.Can(&w.Target.Target, flow) != nil {
			continue
		}
		seen := map[string]bool{}
		for _, key := range w.Target.KeysFor(flow) {
			if flow == decision.Password && key == "native" {
				continue // nobody has consented to it in the lab, so it ends the same way without a fault
			}
			for i, d := range w.Runner.Drivers {
				job := w.Job(t, flow, key)
				job.Driver = d.ID()
				once := i > 0 || (flow == decision.Silent || flow == decision.SignOut) && slices.Contains(f.Flows, decision.AuthorizationCode)
				if d.Can(&job.Target, flow) != nil || !f.Fits(job) || (once && seen[d.ID()]) {
					continue
				}
				if _, err := w.Runner.Plan(f.Apply(job)); err == nil {
					seen[d.ID()], out = true, append(out, job)
				}
			}
		}
	}
	return out
}

// TestFaultsComeTrue runs every fault on every flow and client it fits: the
// outcome is the predicted one, at the predicted step, the diagnosis agrees, and
// its fix, where it has one, ends with tokens.
func TestFaultsComeTrue(t *testing.T) {
	var mu sync.Mutex
	ran, mended := map[string]int{}, map[string]int{}
	here := New(t)
	t.Run("all", func(t *testing.T) {
		for _, f := range fault.Catalogue() {
			for _, job := range fitting(t, here, f) {
				t.Run(strings.Join([]string{f.ID, job.Driver, string(job.Flow), job.Client.Key}, " "), func(t *testing.T) {
					t.Parallel()
					fixed := comesTrue(t, f, job.Flow, job.Client.Key, job.Driver)
					mu.Lock()
					defer mu.Unlock()
					ran[f.ID]++
					if fixed {
						mended[f.ID]++
					}
				})
			}
		}
	})
	runs := 0
	for _, id := range fault.IDs() {
		runs += ran[id]
		if ran[id] == 0 {
			t.Errorf("%s was never run: it fits nothing", id)
		}
	}
	if len(ran) < atLeast {
		t.Errorf("%d faults ran, where at least %d are due", len(ran), atLeast)
	}
	t.Logf("%d faults, %d runs, %d of them mended by a retry", len(ran), runs, len(mended))
}

// comesTrue runs one fault on a lab of its own, and reports whether the diagnosis
// offered a fix that mends it.
func comesTrue(t *testing.T, f fault.Fault, flow decision.Flow, client, driver string) bool {
	t.Helper()
	w := New(t)
	w.Runner.Wait = func(ctx context.Context, _ time.Duration) error { return ctx.Err() } // between two polls
	base := w.Job(t, flow, client)
	base.Driver = driver
	job := f.Apply(base)
	plan, err := w.Runner.Plan(job)
	if err != nil {
		t.Fatal(err)
	}
	s := w.Run(t, job)
	first, checks := diagnosed(s)
	got := f.Outcome(s.Trace, first.Code, checks...)
	if !got.Match {
		t.Fatalf("predicted %s, came %s (%s): %s; %v", f.Predicts, got.Came, s.Trace.Outcome, first.What, s.Err)
	}
	step := first.Step
	if got.Step != 0 {
		step = got.Step
	}
	if want := f.Step(plan); step != want && f.Predicts != fault.Works {
		t.Errorf("predicted step %d, came step %d", want, step)
	}
	fix, ok := first.RetryFix()
	if !ok {
		return false
	}
	job.Changes, job.Decline = trace.Without(job.Changes, *fix.Change), false
	again := w.Run(t, job)
	if again.Trace.Outcome != trace.Tokens {
		t.Errorf("with the fix %q the run still ends as %s: %v", fix.Title, again.Trace.Outcome, again.Err)
	}
	if found, _ := diagnosed(again); found.Code != "" {
		t.Errorf("with the fix %q there is still %s: %s", fix.Title, found.Code, found.What)
	}
	return true
}

// diagnosed gives the first failure of a run, empty when nothing failed, and the
// token checks that failed when it is about a token.
func diagnosed(s engine.State) (explain.Finding, []string) {
	findings := slices.DeleteFunc(explain.Diagnose(s.Trace, inspect.Checks(s)), func(f explain.Finding) bool { return f.Planned })
	if len(findings) == 0 {
		return explain.Finding{}, nil
	}
	var checks []string
	if findings[0].Code == "token" {
		for _, e := range findings[0].Evidence {
			checks = append(checks, e.Label)
		}
	}
	return findings[0], checks
}

// TestFaultsAreTold holds every entry to what a menu and a report need of it.
func TestFaultsAreTold(t *testing.T) {
	attacks := 0
	for _, f := range fault.Catalogue() {
		if f.ID == "" || f.Title == "" || f.Says == "" || f.Lesson == "" || f.Predicts == "" || len(f.Flows) == 0 || f.Purpose == "" {
			t.Errorf("%s lacks something: %+v", f.ID, f)
		}
		if n := utf8.RuneCountInString(f.Title); n > 44 {
			t.Errorf("the title of %s has %d cells", f.ID, n)
		}
		if !slices.Contains(fault.Groups(), f.Group) {
			t.Errorf("%s is in the group %q, which is none", f.ID, f.Group)
		}
		if f.Changes == nil && f.Conditions == nil && f.Shape == nil && !f.Decline && !f.Abandon {
			t.Errorf("%s changes nothing", f.ID)
		}
		if a := f.Attack; a != nil {
			attacks++
			if a.Does == "" || a.Sees == "" || a.Stops == "" {
				t.Errorf("the attack %s is half told", f.ID)
			}
		}
	}
	if attacks < 6 {
		t.Errorf("%d attacks are told, where at least 6 are due", attacks)
	}
}

// TestFaultsAreTakenBack lays a fault that changes what is asked for over a job,
// and another one over that: nothing of the first is left.
func TestFaultsAreTakenBack(t *testing.T) {
	w := New(t)
	base := w.Job(t, decision.AuthorizationCode, "web")
	base.User = base.Target.Accounts[1].Username
	for _, first := range fault.For(base) {
		job := fault.Remove(first.Apply(base))
		if !slices.Equal(job.Scopes, base.Scopes) || job.User != base.User || job.Call != base.Call || job.Prompt != base.Prompt ||
			job.Decline || job.Abandon || job.Fault != "" || len(job.Changes)+len(job.Conditions) > 0 || job.Before != nil {
			t.Errorf("%s leaves something behind: %+v", first.ID, job)
		}
	}
}

// TestFaultsShowNoToken: a fault that moves a token to another place, or sends
// another one, shows none of them where the trace leaves the program.
func TestFaultsShowNoToken(t *testing.T) {
	for _, id := range []string{"token-in-query", "scheme-missing", "id-token-as-bearer", "refresh-token-as-bearer", "token-garbled", "replayed-id-token", "token-swapped"} {
		w := New(t)
		job := w.Job(t, decision.AuthorizationCode, "web")
		f, err := fault.Find(id, job)
		if err != nil {
			t.Fatal(err)
		}
		s := w.Run(t, f.Apply(job))
		r := trace.NewRedactor(nil)
		r.LearnAll(s.Trace)
		shown := fmt.Sprintf("%+v", *r.Trace(s.Trace))
		for _, e := range r.Trace(s.Trace).Exchanges {
			shown += fmt.Sprintf("%s %v %s", e.Request.URL, e.Request.Header, e.Request.Body)
			if e.Response != nil {
				shown += fmt.Sprintf("%v %s", e.Response.Header, e.Response.Body)
			}
		}
		for _, token := range s.Trace.Tokens {
			signature := token.Value[strings.LastIndexByte(token.Value, '.')+1:]
			if strings.Contains(shown, token.Value) || strings.Contains(shown, signature) {
				t.Errorf("%s shows the %s token", id, token.Kind)
			}
		}
	}
}

// TestOutcomes sets outcomes beside predictions that did not come true.
func TestOutcomes(t *testing.T) {
	answered := func(status int) *trace.Trace {
		return &trace.Trace{Outcome: trace.Tokens, Exchanges: []trace.Exchange{{N: 1, Step: 8, Purpose: trace.CallAPI, Response: &trace.Response{Status: status}}}}
	}
	for _, c := range []struct {
		name, predicts string
		t              *trace.Trace
		code           string
		checks         []string
		came           string
		match          bool
	}{
		{"another code", "AADSTS50011", &trace.Trace{Outcome: trace.Failed}, "AADSTS700016", nil, "AADSTS700016", false},
		{"the code", "AADSTS50011", &trace.Trace{Outcome: trace.Failed}, "AADSTS50011", nil, "AADSTS50011", true},
		{"nothing went wrong", "AADSTS50011", answered(200), "", nil, "tokens", false},
		{"another status", "401", answered(200), "", nil, "200", false},
		{"the status, whatever the finding", "403", answered(403), "insufficient_scope", nil, "403", true},
		{"never called", "401", &trace.Trace{Outcome: trace.Failed}, "AADSTS65001", nil, "AADSTS65001", false},
		{"one check of several", "signature", answered(401), "token", []string{"audience", "signature"}, "signature", true},
		{"another check", "signature", answered(401), "token", []string{"expiry"}, "expiry", false},
		{"works", fault.Works, answered(200), "", nil, "tokens", true},
		{"does not work", fault.Works, &trace.Trace{Outcome: trace.Failed}, "run", nil, "run", false},
		{"given up", fault.Stopped, &trace.Trace{Outcome: trace.Stopped, Exchanges: []trace.Exchange{{Step: 3}}}, "", nil, "stopped", true},
	} {
		f := fault.Fault{Predicts: c.predicts, Purpose: trace.CallAPI}
		if got := f.Outcome(c.t, c.code, c.checks...); got.Came != c.came || got.Match != c.match {
			t.Errorf("%s: came %q, match %t", c.name, got.Came, got.Match)
		}
	}
	for _, f := range fault.Catalogue() {
		if w := fault.Words(f.Predicts); w == "" || w == f.Predicts && !strings.HasPrefix(w, "AADSTS") && !strings.Contains(w, "_") && !strings.HasPrefix(w, "HTTP ") {
			t.Errorf("the prediction %q of %s has no words", f.Predicts, f.ID)
		}
	}
}

// TestFaultsOfALiveTarget: without conditions of its own a target gets edits only.
func TestFaultsOfALiveTarget(t *testing.T) {
	w := New(t)
	job := w.Job(t, decision.AuthorizationCode, "web")
	all := len(fault.For(job))
	job.Target.Switch, job.Target.Live, job.Target.Services, job.Target.Accounts = nil, true, nil, nil
	edits := fault.For(job)
	for _, f := range edits {
		if f.Conditions != nil {
			t.Errorf("%s needs a condition, which a live target has not", f.ID)
		}
		f.Apply(job) // needs nothing that a live target has not
	}
	if len(edits) == all || len(edits) < 25 {
		t.Errorf("%d of %d faults fit a live target", len(edits), all)
	}
}

// TestFaultsOfAnotherIssuer: who is not Entra gives no code of Entra's.
func TestFaultsOfAnotherIssuer(t *testing.T) {
	w := New(t)
	job := w.Job(t, decision.AuthorizationCode, "web")
	job.Target.Kind, job.Target.Switch, job.Target.Services = engine.OIDC, nil, nil
	faults := fault.For(job)
	for _, f := range faults {
		if strings.HasPrefix(f.Predicts, "AADSTS") || f.Predicts == "" {
			t.Errorf("%s predicts %q", f.ID, f.Predicts)
		}
	}
	if len(faults) < 25 {
		t.Errorf("only %d faults fit another issuer", len(faults))
	}
	if f, err := fault.Find("verifier", job); err != nil || f.Predicts != "invalid_grant" {
		t.Errorf("verifier: %v, %v", f.Predicts, err)
	}
	if _, err := fault.Find("single-tenant", job); err == nil {
		t.Error("single-tenant fits a server that has no tenants")
	}
}

// TestPlansNameRealFaults holds every step that offers to be broken to a fault
// that there is.
func TestPlansNameRealFaults(t *testing.T) {
	w := New(t)
	for _, flow := range decision.Flows() {
		if w.Runner.Can(&w.Target.Target, flow) != nil {
			continue
		}
		for _, key := range w.Target.KeysFor(flow) {
			job := w.Job(t, flow, key)
			plan, err := w.Runner.Plan(job)
			if err != nil {
				t.Fatalf("%s as %s: %v", flow, key, err)
			}
			for _, s := range plan.Steps {
				if s.Fault == "" {
					continue
				}
				if _, err := fault.Find(s.Fault, job); err != nil {
					t.Errorf("step %d of %s as %s: %v", s.N, flow, key, err)
				}
			}
		}
	}
}
