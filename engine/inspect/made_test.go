package inspect

import (
	"testing"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/trace"
	"flowscope/validate"
	"flowscope/validate/infer"
)

// TestMadeBy: one run may hold tokens of several flows, and knows each.
func TestMadeBy(t *testing.T) {
	form := func(n int, p trace.Purpose, body string) trace.Exchange {
		h := map[string][]string{"Content-Type": {"application/x-www-form-urlencoded"}}
		return trace.Exchange{N: n, Purpose: p, Request: trace.Request{Method: "POST", URL: "https://x/token", Header: h, Body: []byte(body)}}
	}
	run := &trace.Trace{Flow: decision.SignOut, Exchanges: []trace.Exchange{
		form(1, trace.TokenCall, "grant_type=authorization_code&code=a"), form(2, trace.Refresh, "grant_type=refresh_token"),
		form(3, trace.Poll, "grant_type=device_code"), form(4, trace.OnBehalfOf, "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer"),
		{N: 5, Purpose: trace.Redirect}, form(6, trace.TokenCall, "grant_type=of-another-world"),
	}}
	guess := infer.Guess{Name: "guessed", Confidence: infer.Likely}
	for n, want := range map[int]string{
		1: "authorization-code", 2: "refresh-token", 3: "device-code", 4: "on-behalf-of", 5: "implicit", 6: "guessed", 9: "guessed",
	} {
		own := &Report{Report: &validate.Report{}, Flow: guess}
		got := All(engine.State{Trace: run, Reports: []engine.TokenReport{{Token: trace.Token{Exchange: n}, Report: own}}})[0]
		if got.Flow.Name != want || got.Made != (want != "guessed") || got.Made != (got.Flow.Confidence == infer.Certain) {
			t.Errorf("exchange %d: %+v, made by the run %v", n, got.Flow, got.Made)
		}
		if own.Flow.Name != "guessed" {
			t.Error("the run's own report was changed")
		}
	}
}
