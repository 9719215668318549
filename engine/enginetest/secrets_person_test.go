package enginetest

import (
	"net/url"
	"strings"
	"testing"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/har"
	"flowscope/engine/trace"
)

// secretsOf are what may not leave the process: signatures and opaque tokens,
// states and codes, wherever they travelled.
func secretsOf(tr *trace.Trace) []string {
	var out []string
	for _, tok := range tr.Tokens {
		out = append(out, tok.Value[strings.LastIndexByte(tok.Value, '.')+1:])
	}
	for _, e := range tr.Exchanges {
		for _, p := range e.Request.Params() {
			switch p.Name {
			case "state", "code", "code_verifier", "refresh_token", "device_code", "client_secret":
				out = append(out, p.Value, url.QueryEscape(p.Value))
			case "access_token", "id_token", "id_token_hint", "client_assertion":
				out = append(out, p.Value[strings.LastIndexByte(p.Value, '.')+1:])
			}
		}
	}
	return out
}

// TestNothingLeaksBehindASignIn exports runs of every kind that a person has, and
// looks for their secrets: in fragments, hints and second token sets too.
func TestNothingLeaksBehindASignIn(t *testing.T) {
	for _, tt := range []struct {
		flow   decision.Flow
		client string
		set    func(*engine.Job)
	}{
		{decision.Implicit, "legacy", nil},
		{decision.SignOut, "web", nil},
		{decision.Silent, "spa", nil},
		{decision.AdminConsent, "partner", nil},
		{decision.RefreshToken, "web", func(j *engine.Job) { j.V1, j.Credential = true, engine.Certificate }},
		{decision.DeviceCode, "cli", func(j *engine.Job) { j.V1 = true }},
	} {
		w := New(t)
		job := w.Job(t, tt.flow, tt.client)
		if tt.set != nil {
			tt.set(&job)
		}
		s := w.Run(t, job)
		secrets := secretsOf(s.Trace)
		if s.Trace.Outcome != trace.Tokens || len(secrets) < 4 {
			t.Fatalf("%s: outcome %s, %v, %d secrets", tt.flow, s.Trace.Outcome, s.Err, len(secrets))
		}
		for _, f := range har.Formats() {
			text, _, err := har.Export(s.Trace, har.Options{Format: f.ID})
			if err != nil {
				t.Fatal(err)
			}
			for _, secret := range secrets {
				if len(secret) > 8 && strings.Contains(string(text), secret) {
					t.Errorf("%s of %s shows %s", f.Name, tt.flow, secret)
				}
			}
		}
		red := trace.NewRedactor(nil)
		for _, e := range s.Trace.Exchanges {
			masked := red.Exchange(e)
			for _, secret := range secrets {
				if len(secret) > 8 && strings.Contains(masked.Request.URL+string(masked.Request.Body), secret) {
					t.Errorf("exchange %d of %s shows %s", e.N, tt.flow, secret)
				}
			}
		}
	}
}
