package enginetest

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"testing"
	"time"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/trace"
)

// stepped begins a run that holds every request, on a world of its own.
func stepped(t *testing.T, d engine.Driver, tr Trial) *engine.Run {
	t.Helper()
	w := New(t)
	job := tr.job(t, w, d)
	job.Step = true
	run, err := w.Runner.Start(context.Background(), job)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(run.Stop)
	return run
}

// answerPage gives what a person does with a page: signs in and presses the first
// button.
func answerPage(run *engine.Run, s engine.State) {
	a := engine.PageAnswer{Values: map[string]string{}}
	for _, f := range s.Page.Fields {
		a.Values[f.Name] = f.Value
	}
	if who, ok := person(run.Job, s.Trace); ok {
		a.Values["username"], a.Values["password"] = who.Username, who.Password
	}
	if len(s.Page.Buttons) > 0 {
		a.Button = s.Page.Buttons[0].Label
	}
	run.AnswerPage(s.Page.ID, a)
}

// person is who sits at the browser: the target's first account, save that an
// administrator consents for everyone and somebody else then signs in.
func person(job engine.Job, t *trace.Trace) (engine.Account, bool) {
	if job.Flow == decision.AdminConsent {
		_, asked := t.Last(trace.Authorize)
		for _, a := range job.Target.Accounts {
			if a.Admin != asked {
				return a, true
			}
		}
	}
	if len(job.Target.Accounts) == 0 {
		return engine.Account{}, false
	}
	return job.Target.Accounts[0], true
}

// drive goes through a stepped run: at decides about every held exchange and
// reports whether to go on. It gives the last state seen.
func drive(run *engine.Run, at func(engine.State, trace.Exchange) bool) engine.State {
	var last engine.State
	for ev := range run.Events() {
		last = ev.State
		if last.Page != nil {
			answerPage(run, last)
		}
		if last.Held == 0 {
			continue
		}
		if !at(last, last.Trace.Exchanges[last.Held-1]) {
			return last
		}
	}
	return last
}

// oneByOne releases every held request by hand: the run is the same as without.
func oneByOne(t *testing.T, d engine.Driver, tr Trial, straight *trace.Trace) {
	run := stepped(t, d, tr)
	seen := map[int]bool{}
	end := drive(run, func(s engine.State, e trace.Exchange) bool {
		if e.Response != nil || e.Err != "" {
			t.Errorf("exchange %d is held and has an answer already", e.N)
		}
		if s.Current != e.Step || s.Steps[e.Step-1] != engine.Held {
			t.Errorf("exchange %d is held in step %d, the run is in step %d, which is %s", e.N, e.Step, s.Current, s.Steps[e.Step-1])
		}
		seen[e.N] = true
		run.Send(e.N, nil)
		return true
	})
	if end.Trace.Outcome != trace.Tokens {
		t.Fatalf("outcome %s: %v\n%s", end.Trace.Outcome, end.Err, exchanges(end.Trace))
	}
	for _, e := range end.Trace.Exchanges {
		if !seen[e.N] && e.Purpose != trace.SignIn {
			t.Errorf("exchange %d (%s) was not held", e.N, e.Purpose)
		}
	}
	if a, b := purposes(straight), purposes(end.Trace); !slices.Equal(a, b) {
		t.Errorf("held, the run makes other exchanges:\n%v\n%v", a, b)
	}
}

func purposes(t *trace.Trace) []trace.Purpose {
	var out []trace.Purpose
	for _, e := range t.Exchanges {
		out = append(out, e.Purpose)
	}
	return out
}

// lastGrant is the purpose of the last token request that the plan is sure to
// make.
func lastGrant(p engine.Plan) (trace.Purpose, bool) {
	for _, s := range slices.Backward(p.Steps) {
		if s.Purpose.AtTokenEndpoint() && !s.Maybe {
			return s.Purpose, true
		}
	}
	return "", false
}

// goesOutEdited edits the last token request: what goes out is the edit, and the
// original stands beside it.
func goesOutEdited(t *testing.T, d engine.Driver, tr Trial, plan engine.Plan) {
	p, ok := lastGrant(plan)
	if !ok {
		t.Skip("the flow makes no token request")
	}
	run := stepped(t, d, tr)
	edited := 0
	end := drive(run, func(_ engine.State, e trace.Exchange) bool {
		if e.Purpose != p || edited != 0 {
			run.Send(e.N, nil)
			return true
		}
		edited = e.N
		r := e.Request.WithHeader("X-Edited", "yes", false)
		run.Send(e.N, &r)
		return true
	})
	if edited == 0 || end.Trace.Outcome != trace.Tokens {
		t.Fatalf("exchange %d was edited, outcome %s: %v", edited, end.Trace.Outcome, end.Err)
	}
	e := end.Trace.Exchanges[edited-1]
	if e.Original == nil || e.Original.Header.Get("X-Edited") != "" || e.Request.Header.Get("X-Edited") != "yes" || len(e.Changes) != 1 {
		t.Errorf("original and edited do not stand side by side: %+v", e)
	}
}

// promptly is how soon a stop must have ended a run.
const promptly = 100 * time.Millisecond

// stopsAtOnce stops a run at every kind of held exchange: it ends within the
// tenth of a second, the held request stays unsent, nothing is left running.
func stopsAtOnce(t *testing.T, d engine.Driver, tr Trial, straight *trace.Trace) {
	done := map[trace.Purpose]bool{trace.SignIn: true}
	for _, p := range purposes(straight) {
		if done[p] {
			continue
		}
		done[p] = true
		took := stopAt(t, d, tr, p)
		for range 2 { // a busy machine may stall a test once, but not every time
			if took > promptly {
				took = min(took, stopAt(t, d, tr, p))
			}
		}
		if took > promptly {
			t.Errorf("stopped at %s after %s", p, took)
		}
	}
}

// stopAt stops a run at the first exchange of a purpose, and gives how long that
// took.
func stopAt(t *testing.T, d engine.Driver, tr Trial, p trace.Purpose) time.Duration {
	t.Helper()
	before := runtime.NumGoroutine()
	run := stepped(t, d, tr)
	at := 0
	drive(run, func(_ engine.State, e trace.Exchange) bool {
		if e.Purpose == p {
			at = e.N
			return false
		}
		run.Send(e.N, nil)
		return true
	})
	began := time.Now()
	run.Stop()
	took := time.Since(began)
	s := run.State()
	switch {
	case at == 0:
		t.Errorf("%s was never held", p)
	case s.Trace.Outcome != trace.Stopped || !s.Done || s.Held != 0:
		t.Errorf("stopped at %s: outcome %s, done %v, held %d, %v", p, s.Trace.Outcome, s.Done, s.Held, s.Err)
	case s.Trace.Exchanges[at-1].Response != nil:
		t.Errorf("stopped at %s, and the request was sent", p)
	}
	if left := settled(before); left > before {
		t.Errorf("stopped at %s: %d goroutines before, %d after", p, before, left)
	}
	return took
}

// settled waits until no more goroutines run than before, and gives how many do
// when it stops waiting.
func settled(before int) int {
	end := time.Now().Add(10 * time.Second)
	n := runtime.NumGoroutine()
	for ; n > before && time.Now().Before(end); n = runtime.NumGoroutine() {
		runtime.Gosched()
	}
	return n
}

// changed runs a trial with prepared changes.
func changed(t *testing.T, d engine.Driver, tr Trial, changes ...trace.Change) engine.State {
	t.Helper()
	w := New(t)
	job := tr.job(t, w, d)
	job.Changes = changes
	return w.Run(t, job)
}

// staysInside leads the last token request to a stranger: the gate refuses it.
func staysInside(t *testing.T, d engine.Driver, tr Trial, plan engine.Plan) {
	p, ok := lastGrant(plan)
	if !ok {
		t.Skip("the flow makes no token request")
	}
	s := changed(t, d, tr, trace.Change{Purpose: p, Label: "to a stranger", Ops: []trace.Op{{Verb: trace.Set, Place: trace.Address, Value: "https://attacker.example/token"}}})
	e, ok := s.Trace.Last(p)
	if !ok || e.Refused == "" || e.Response != nil || s.Trace.Outcome != trace.Failed {
		t.Errorf("outcome %s, %v; the exchange: refused %q, answer %v", s.Trace.Outcome, s.Err, e.Refused, e.Response != nil)
	}
}

// refusesForgeries brings back a wrong state and a wrong nonce: both are refused
// before anything comes of them.
func refusesForgeries(t *testing.T, d engine.Driver, tr Trial, plan engine.Plan) {
	if _, ok := plan.Step(trace.Redirect); !ok {
		t.Skip("the flow has no redirect")
	}
	s := changed(t, d, tr, trace.Change{Purpose: trace.Redirect, Label: "another state", Ops: []trace.Op{
		{Verb: trace.Garble, Place: trace.Query, Name: "state"}, {Verb: trace.Garble, Place: trace.Form, Name: "state"},
		{Verb: trace.Garble, Place: trace.Fragment, Name: "state"},
	}})
	if e, _ := s.Trace.Last(trace.Redirect); e.Original == nil {
		t.Error("the redirect was not changed: it carries no state")
	}
	expectRefusal(t, s, "state")
	if _, sent := s.Trace.Last(trace.TokenCall); sent {
		t.Error("the code of a forged redirect was used")
	}
	if _, ok := plan.Step(trace.TokenCall); !ok {
		return
	}
	s = changed(t, d, tr, trace.Change{Purpose: trace.TokenCall, Only: 1, Answer: true, Label: "another nonce", Ops: []trace.Op{
		{Verb: trace.Set, Place: trace.Claim, Name: "id_token.nonce", Value: "of-another-sign-in"},
	}})
	if e, _ := s.Trace.Last(trace.TokenCall); e.OriginalResponse != nil {
		expectRefusal(t, s, "nonce")
	} else {
		t.Error("the answer was not changed: it holds no ID token")
	}
}

func expectRefusal(t *testing.T, s engine.State, check string) {
	t.Helper()
	var refused *engine.RefusedError
	if !errors.As(s.Err, &refused) || refused.Refusal.Check != check || refused.Refusal.Why == "" || refused.Refusal.Step == 0 {
		t.Errorf("want a refusal of the %s, got %v", check, s.Err)
	}
	if s.Trace.Refusal == nil {
		t.Errorf("the refusal of the %s is not in the trace", check)
	}
}

// surfaces asks for a grant that there is not: the server's error comes out as it
// is, with its code.
func surfaces(t *testing.T, d engine.Driver, tr Trial, plan engine.Plan) {
	p, ok := lastGrant(plan)
	if !ok {
		t.Skip("the flow makes no token request")
	}
	s := changed(t, d, tr, trace.Change{Purpose: p, Label: "another grant", Ops: []trace.Op{{Verb: trace.Set, Place: trace.Form, Name: "grant_type", Value: "none-such"}}})
	e, _ := s.Trace.Last(p)
	want := member(e, "error")
	var said *engine.OAuthError
	if !errors.As(s.Err, &said) || want == "" || said.Code != want || said.Description == "" {
		t.Errorf("the server said %q, the run ended with %v (%s)", want, s.Err, s.Trace.Outcome)
	}
	if n := e.Step; n == 0 || s.Steps[n-1] != engine.Broken {
		t.Errorf("the step of the error is not marked: %v", s.Steps)
	}
}
