package enginetest

import (
	"testing"

	"flowscope/decision"
	"flowscope/engine/trace"
)

func TestOnBehalfOf(t *testing.T) {
	w := New(t)
	for _, key := range []string{"orders-api"} {
		s := w.Run(t, w.Job(t, decision.OnBehalfOf, key))
		for _, e := range s.Trace.Exchanges {
			st := 0
			if e.Response != nil {
				st = e.Response.Status
			}
			t.Log(e.N, e.Step, e.Purpose, e.Channel, e.From, e.To, e.Request.Method, e.Request.URL, st)
		}
		t.Log(s.Steps, s.Err)
		valid(t, s, trace.AccessToken, trace.IDToken, trace.RefreshToken, trace.AccessToken, trace.IDToken, trace.RefreshToken)
	}
}
