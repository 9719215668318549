package enginetest

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/explain"
	"flowscope/engine/inspect"
	"flowscope/engine/trace"
)

// findings are the codes that a run is explained with.
func findings(s engine.State) string {
	var out []string
	for _, f := range explain.Diagnose(s.Trace, inspect.Checks(s)) {
		out = append(out, f.Code)
	}
	return strings.Join(out, " ")
}

// textClaim reads one claim of text of a token.
func textClaim(t *testing.T, token, name string) string {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("%q is no token", token)
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(raw, &claims); err != nil {
		t.Fatal(err)
	}
	text, _ := claims[name].(string)
	return text
}

// in gives the world's target in another tenant.
func in(t *testing.T, w *World, domain string) engine.Target {
	t.Helper()
	target, ok := w.Target.In(domain)
	if !ok {
		t.Fatalf("there is no tenant %s", domain)
	}
	return target
}

// TestAnotherCompanysApplication walks a multi-tenant application: at home it
// works, in the other company it is stopped until that one's administrator
// consents, and then it works there too. tid is where the person is, not where
// the application was made.
func TestAnotherCompanysApplication(t *testing.T) {
	w := New(t)
	run := func(domain string, flow decision.Flow, conditions ...engine.Condition) engine.State {
		target := in(t, w, domain)
		job, err := target.Job(flow, "partner")
		if err != nil {
			t.Fatal(err)
		}
		job.Conditions = conditions
		return w.Run(t, job)
	}
	fabrikam, contoso := in(t, w, "fabrikam.onmicrosoft.com"), in(t, w, "contoso.onmicrosoft.com")
	s := run(fabrikam.Domain, decision.AuthorizationCode)
	went(t, s, "metadata authorize redirect token keys api", "dddddddd")
	if tid := textClaim(t, s.Trace.Tokens[0].Value, "tid"); tid != fabrikam.TenantID {
		t.Errorf("at home: tid %s", tid)
	}
	closed := engine.Condition{ID: "user-consent-off"}
	s = run(contoso.Domain, decision.AuthorizationCode, closed)
	if s.Trace.Outcome == trace.Tokens || findings(s) != "AADSTS90094" {
		t.Errorf("in the other company: %s, %v, %s", s.Trace.Outcome, s.Err, findings(s))
	}
	s = run(contoso.Domain, decision.AdminConsent, closed)
	went(t, s, "admin-consent redirect metadata authorize redirect token keys api", "ddddddddddd")
	e, _ := s.Trace.Last(trace.Authorize)
	if strings.Contains(e.Request.Header.Get("Cookie"), "ESTSAUTH") {
		t.Error("the administrator's session signs the other person in")
	}
	s = run(contoso.Domain, decision.AuthorizationCode, closed)
	went(t, s, "metadata authorize redirect token keys api", "dddddddd")
	if tid := textClaim(t, s.Trace.Tokens[0].Value, "tid"); tid != contoso.TenantID || tid == fabrikam.TenantID {
		t.Errorf("in the other company: tid %s", tid)
	}
	if _, ok := w.Target.In("nowhere.example"); ok {
		t.Error("a tenant that is not there was found")
	}
}

// TestAdminConsentIsRefused: by an administrator who declines, and by the server
// to somebody who is none.
func TestAdminConsentIsRefused(t *testing.T) {
	w := New(t)
	job := w.Job(t, decision.AdminConsent, "partner")
	job.Decline = true
	s := w.Run(t, job)
	if s.Trace.Outcome != trace.Failed || findings(s) != "AADSTS65004" {
		t.Errorf("declined: %s, %v, %s", s.Trace.Outcome, s.Err, findings(s))
	}
	job.Decline, job.User = false, w.Target.Accounts[0].Username
	s = w.Run(t, job)
	if s.Trace.Outcome != trace.Failed || findings(s) != "AADSTS90093" {
		t.Errorf("no administrator: %s, %v, %s", s.Trace.Outcome, s.Err, findings(s))
	}
}

// TestClaimsChallenge answers the API that wants more: the claims of its refusal
// go into a new run, which gets in.
func TestClaimsChallenge(t *testing.T) {
	for _, client := range []string{"web", "spa", "native"} {
		t.Run(client, func(t *testing.T) {
			w := New(t)
			job := w.Job(t, decision.AuthorizationCode, client)
			job.Conditions, job.User, job.Call = []engine.Condition{{ID: "step-up"}}, "grace@contoso.example", w.Target.Services[2].URL
			s := w.Run(t, job)
			e, _ := s.Trace.Last(trace.CallAPI)
			if e.Response == nil {
				t.Fatalf("the API gave no answer: %v", s.Err)
			}
			claims, ok := trace.ClaimsChallenge(*e.Response)
			if e.Response.Status != 401 || !ok {
				t.Fatalf("%d, %v", e.Response.Status, e.Response.Header)
			}
			job.Claims = claims
			s = w.Run(t, job)
			e, _ = s.Trace.Last(trace.CallAPI)
			if e.Response == nil || e.Response.Status != 200 {
				t.Errorf("with the claims: %v, %+v", s.Err, e.Response)
			}
			for _, p := range []trace.Purpose{trace.Authorize, trace.TokenCall} {
				e, _ := s.Trace.Last(p)
				if got, _ := e.Request.Get("claims"); !strings.Contains(got, `"acrs"`) {
					t.Errorf("%s carries claims %q", p, got)
				}
			}
		})
	}
}
