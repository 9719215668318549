package compare_test

import (
	"testing"

	"flowscope/decision"
	"flowscope/engine/compare"
	"flowscope/engine/enginetest"
	"flowscope/engine/fault"
	"flowscope/engine/trace"
)

func run(t *testing.T, flow decision.Flow, client string, changes ...trace.Change) *trace.Trace {
	t.Helper()
	w := enginetest.New(t)
	job := w.Job(t, flow, client)
	job.Changes = changes
	return w.Run(t, job).Trace
}

func TestEqualRuns(t *testing.T) {
	a, b := run(t, decision.AuthorizationCode, "web"), run(t, decision.AuthorizationCode, "web")
	if d := compare.Traces(a, b); len(d) != 0 {
		t.Errorf("%+v", d)
	}
}

var _ = fault.Fault{}
