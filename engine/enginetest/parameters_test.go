package enginetest

import (
	"encoding/json"
	"testing"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/explain"
	"flowscope/engine/trace"
)

// TestEveryParameterOfTheseFlowsIsExplained holds the words about parameters to
// what really travels.
func TestEveryParameterOfTheseFlowsIsExplained(t *testing.T) {
	w := New(t)
	certificate := w.Job(t, decision.ClientCredentials, "daemon")
	certificate.Credential = engine.Certificate
	for _, job := range []engine.Job{
		certificate,
		w.Job(t, decision.ClientCredentials, "workload"),
		w.Job(t, decision.DeviceCode, "cli"),
		w.Job(t, decision.OnBehalfOf, ""),
		w.Job(t, decision.Password, "cli"),
	} {
		for _, e := range w.Run(t, job).Trace.Exchanges {
			if e.Purpose.AtAPI() || e.Purpose == trace.Keys {
				continue
			}
			for _, p := range e.Request.Params() {
				known(t, e.Purpose, p.Name)
			}
			var members map[string]json.RawMessage
			if e.Purpose == trace.Metadata || e.Response == nil || json.Unmarshal(e.Response.Body, &members) != nil {
				continue
			}
			for name := range members {
				known(t, e.Purpose, name)
			}
		}
	}
}

func known(t *testing.T, p trace.Purpose, name string) {
	t.Helper()
	if x, ok := explain.Explain(p, name); !ok || x.Meaning == "" {
		t.Errorf("%s in a %s is not explained", name, p.Noun())
	}
}
