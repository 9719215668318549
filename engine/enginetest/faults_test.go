package enginetest

import (
	"testing"

	"flowscope/decision"
	"flowscope/engine/explain"
	"flowscope/engine/fault"
	"flowscope/engine/inspect"
	"flowscope/engine/trace"
)

// jobs are all that the faults can be laid over.
var jobs = []struct {
	flow   decision.Flow
	client string
}{
	{decision.AuthorizationCode, "web"}, {decision.AuthorizationCode, "spa"}, {decision.AuthorizationCode, "native"}, {decision.ClientCredentials, "daemon"},
}

// TestFaultsComeTrue runs every fault on every client it fits: the outcome is
// the predicted one, at the predicted step, and the fix of the diagnosis, where
// it has one, ends with tokens.
func TestFaultsComeTrue(t *testing.T) {
	w := New(t)
	for _, j := range jobs {
		base := w.Job(t, j.flow, j.client)
		for _, f := range fault.For(base) {
			t.Run(j.client+" "+f.ID, func(t *testing.T) {
				job := f.Apply(base)
				s := w.Run(t, job)
				findings := explain.Diagnose(s.Trace, inspect.Checks(s))
				if len(findings) == 0 {
					t.Fatalf("no finding; outcome %s, %v", s.Trace.Outcome, s.Err)
				}
				got := findings[0]
				if got.Code != f.Predicts {
					t.Fatalf("predicted %s, came %s: %s", f.Predicts, got.Code, got.What)
				}
				plan, err := w.Runner.Plan(job)
				if err != nil {
					t.Fatal(err)
				}
				if want := f.Step(plan); got.Step != want {
					t.Errorf("predicted step %d, came step %d", want, got.Step)
				}
				fix, ok := got.RetryFix()
				if !ok {
					t.Fatal("the finding offers no retry")
				}
				job.Changes = trace.Without(job.Changes, *fix.Change)
				job.Decline = false
				again := w.Run(t, job)
				if again.Trace.Outcome != trace.Tokens {
					t.Errorf("with the fix %q the run still ends as %s: %v", fix.Title, again.Trace.Outcome, again.Err)
				}
			})
		}
	}
}

// TestPlansNameRealFaults holds every step that offers to be broken to a fault
// that there is.
func TestPlansNameRealFaults(t *testing.T) {
	w := New(t)
	for _, j := range jobs {
		job := w.Job(t, j.flow, j.client)
		plan, err := w.Runner.Plan(job)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range plan.Steps {
			if s.Fault == "" {
				continue
			}
			if _, err := fault.Find(s.Fault, job); err != nil {
				t.Errorf("step %d of %s as %s: %v", s.N, j.flow, j.client, err)
			}
		}
	}
}
