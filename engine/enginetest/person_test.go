package enginetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/inspect"
	"flowscope/engine/trace"
)

// sent lists what was sent, pages left out, the two documents of the keys as
// one.
func sent(s engine.State) string {
	var out []string
	for _, e := range s.Trace.Exchanges {
		if e.Purpose != trace.SignIn && (len(out) == 0 || e.Purpose != trace.Keys || out[len(out)-1] != string(trace.Keys)) {
			out = append(out, string(e.Purpose))
		}
	}
	return strings.Join(out, " ")
}

// states writes the states of the steps, one letter each.
func states(s engine.State) string {
	var b strings.Builder
	for _, st := range s.Steps {
		b.WriteByte(st[0])
	}
	return b.String()
}

// went fails when a run did not end as it should.
func went(t *testing.T, s engine.State, want, steps string) {
	t.Helper()
	if s.Trace.Outcome != trace.Tokens {
		t.Errorf("outcome %s: %v", s.Trace.Outcome, s.Err)
	}
	if got := sent(s); got != want {
		t.Errorf("sent\n%s, want\n%s", got, want)
	}
	if got := states(s); got != steps {
		t.Errorf("steps %s, want %s", got, steps)
	}
	for _, r := range inspect.All(s) {
		if r.Outcome() == "invalid" {
			t.Errorf("%s: %s", r.Kind, r.Summary())
		}
	}
}

func count(s engine.State, k trace.TokenKind) int {
	n := 0
	for _, t := range s.Trace.Tokens {
		if t.Kind == k {
			n++
		}
	}
	return n
}

func TestRefresh(t *testing.T) {
	for _, client := range []string{"web", "spa", "native"} {
		t.Run(client, func(t *testing.T) {
			w := New(t)
			s := w.Run(t, w.Job(t, decision.RefreshToken, client))
			went(t, s, "metadata authorize redirect token refresh keys api", "dddddddddd")
			if count(s, trace.AccessToken) != 2 || count(s, trace.IDToken) != 2 || count(s, trace.RefreshToken) != 2 {
				t.Errorf("tokens %+v", s.Trace.Tokens)
			}
			e, _ := s.Trace.Last(trace.Refresh)
			if grant, _ := e.Request.Get("grant_type"); grant != "refresh_token" || len(e.Request.Header["Origin"]) != map[string]int{"spa": 1}[client] {
				t.Errorf("%s, Origin %q", grant, e.Request.Header["Origin"])
			}
			if _, ok := e.Request.Get("claims"); ok {
				t.Error("the refresh was forced with claims")
			}
			// One of the person's own: no sign-in.
			job := w.Job(t, decision.RefreshToken, client)
			job.Given = s.Trace.Tokens[2].Value
			again := w.Run(t, job)
			went(t, again, "metadata refresh keys api", "ddddd")
			if e, _ := again.Trace.Last(trace.Refresh); !strings.Contains(string(e.Request.Body), "refresh_token="+job.Given) {
				t.Errorf("sent %s", e.Request.Body)
			}
			if new, _ := again.Trace.Token(trace.RefreshToken); new.Value == job.Given || new.Value == "" {
				t.Error("no new refresh token came")
			}
		})
	}
}

func TestARefreshTokenThatIsNoneIsRefused(t *testing.T) {
	w := New(t)
	job := w.Job(t, decision.RefreshToken, "native")
	job.Given = "0.AXoA-not-one"
	s := w.Run(t, job)
	var oauth *engine.OAuthError
	if !errors.As(s.Err, &oauth) || oauth.Code != "invalid_grant" {
		t.Errorf("ended with %v", s.Err)
	}
}

// revoked are the conditions that end a person's sessions before the refresh,
// a moment after the sign-in: the clock of the test stands still.
func revoked() []engine.Condition {
	return []engine.Condition{{ID: "clock", Value: "1s", At: trace.Refresh}, {ID: "sessions-revoked", At: trace.Refresh}}
}

func TestSessionsRevokedThenARefresh(t *testing.T) {
	w := New(t)
	job := w.Job(t, decision.RefreshToken, "web")
	job.Conditions = revoked()
	s := w.Run(t, job)
	e, _ := s.Trace.Last(trace.Refresh)
	if s.Trace.Outcome != trace.Failed || !strings.Contains(s.Err.Error(), "AADSTS50173") || e.Response.Status != 400 {
		t.Errorf("outcome %s, %v", s.Trace.Outcome, s.Err)
	}
	for _, c := range w.Lab.Conditions() {
		if c.On {
			t.Errorf("%s is still on", c.ID)
		}
	}
}

func TestSilent(t *testing.T) {
	for _, client := range []string{"web", "spa", "native"} {
		t.Run(client, func(t *testing.T) {
			w := New(t)
			s := w.Run(t, w.Job(t, decision.Silent, client))
			went(t, s, "metadata authorize redirect token refresh keys api", "dddddddddpppppdd")
			w = New(t)
			job := w.Job(t, decision.Silent, client)
			job.Conditions = revoked()
			s = w.Run(t, job)
			went(t, s, "metadata authorize redirect token refresh authorize redirect token keys api", "dddddddfpdddddd"+"d")
		})
	}
}

func TestRenewal(t *testing.T) {
	for _, client := range []string{"web", "spa", "native"} {
		t.Run(client, func(t *testing.T) {
			w := New(t)
			job := w.Job(t, decision.AuthorizationCode, client)
			job.Prompt = "none"
			s := w.Run(t, job)
			went(t, s, "metadata authorize redirect token authorize redirect token keys api", "dddddddddddd")
			pages := 0
			for _, e := range s.Trace.Exchanges[slices.IndexFunc(s.Trace.Exchanges, func(e trace.Exchange) bool { return e.Purpose == trace.TokenCall }):] {
				if e.Purpose == trace.SignIn {
					pages++
				}
			}
			if pages != 0 {
				t.Errorf("the second trip showed %d pages", pages)
			}
		})
	}
}

// TestRenewalWithoutASession withholds the cookie, as a browser does in a frame
// of another site.
func TestRenewalWithoutASession(t *testing.T) {
	w := New(t)
	job := w.Job(t, decision.AuthorizationCode, "spa")
	job.Prompt = "none"
	job.Changes = []trace.Change{{Purpose: trace.Authorize, Only: 2, Label: "no cookie", Ops: []trace.Op{{Verb: trace.Drop, Place: trace.Header, Name: "Cookie"}}}}
	s := w.Run(t, job)
	var oauth *engine.OAuthError
	if !errors.As(s.Err, &oauth) || oauth.Code != "login_required" || !strings.Contains(oauth.Description, "AADSTS50058") {
		t.Errorf("ended with %v", s.Err)
	}
}

func TestSignOut(t *testing.T) {
	for _, client := range []string{"web", "spa", "native"} {
		t.Run(client, func(t *testing.T) {
			w := New(t)
			s := w.Run(t, w.Job(t, decision.SignOut, client))
			went(t, s, "metadata authorize redirect token keys api sign-out signed-out api authorize redirect", "ddddddddddddd")
			e, _ := s.Trace.Last(trace.CallAPI)
			if e.Response == nil || e.Response.Status != 200 {
				t.Errorf("the old token: %+v", e.Response)
			}
			if e, _ = s.Trace.Last(trace.Redirect); !strings.Contains(e.Request.URL, "error=login_required") {
				t.Errorf("after the sign-out: %s", e.Request.URL)
			}
		})
	}
}

func TestAdminConsent(t *testing.T) {
	w := New(t)
	s := w.Run(t, w.Job(t, decision.AdminConsent, "partner"))
	went(t, s, "admin-consent redirect metadata authorize redirect token keys api", "ddddddddddd")
	job := w.Job(t, decision.AdminConsent, "partner")
	job.Scopes, job.Call = []string{"https://graph.microsoft.com/.default"}, ""
	s = w.Run(t, job)
	went(t, s, "admin-consent redirect metadata token keys", "ddddddd")
	if !strings.Contains(s.Reports[0].Report.(*inspect.Report).Summary(), "") {
		t.Error("no report")
	}
}

func TestImplicit(t *testing.T) {
	w := New(t)
	s := w.Run(t, w.Job(t, decision.Implicit, "legacy"))
	went(t, s, "authorize redirect keys api", "ddddd")
	e, _ := s.Trace.Last(trace.Redirect)
	if _, ok := e.Request.Get("access_token"); !ok {
		t.Errorf("the redirect is %s", e.Request.URL)
	}
}

// extend goes on with an ended run.
func extend(t *testing.T, w *World, run *engine.Run, x engine.Extra) *engine.Run {
	t.Helper()
	next, err := w.Runner.Extend(context.Background(), run, x)
	if err != nil {
		t.Fatal(err)
	}
	next.Wait()
	return next
}

// TestMoreStepsBehindASignIn refreshes, asks who it is, signs out and calls the API again,
// all behind one sign-in.
func TestMoreStepsBehindASignIn(t *testing.T) {
	w := New(t)
	job := w.Job(t, decision.AuthorizationCode, "web")
	job.Scopes, job.Call = []string{"https://graph.microsoft.com/User.Read"}, w.Target.Services[5].URL
	run, err := w.Runner.Start(context.Background(), job)
	if err != nil {
		t.Fatal(err)
	}
	went(t, run.Wait(), "metadata authorize redirect token keys api", "dddddddd")
	run = extend(t, w, run, engine.Extra{Purpose: trace.Refresh})
	went(t, run.State(), "metadata authorize redirect token keys api refresh keys", "ddddddddd")
	if s := run.State(); len(s.Reports) != 6 || s.Current != 9 {
		t.Errorf("%d reports, at step %d", len(s.Reports), s.Current)
	}
	run = extend(t, w, run, engine.Extra{Purpose: trace.UserInfo})
	if e, _ := run.State().Trace.Last(trace.UserInfo); e.Response == nil || e.Response.Status != 200 {
		t.Errorf("userinfo: %+v", e)
	}
	run = extend(t, w, run, engine.Extra{Purpose: trace.SignOut})
	e, _ := run.State().Trace.Last(trace.SignOut)
	if e.Response == nil || e.Response.Status != 200 || !strings.Contains(e.Request.Header.Get("Cookie"), "=") {
		t.Errorf("sign-out: %+v", e)
	}
	run = extend(t, w, run, engine.Extra{Purpose: trace.CallAPI, URL: job.Call})
	went(t, run.State(), "metadata authorize redirect token keys api refresh keys userinfo sign-out api", "dddddddddddd")
	if _, err := w.Runner.Extend(context.Background(), run, engine.Extra{Purpose: trace.Introspection}); !errors.Is(err, engine.ErrUnsupported) {
		t.Errorf("introspection: %v", err)
	}
}

// TestV1 runs what runs at the v1.0 endpoints, with every kind of credential.
func TestV1(t *testing.T) {
	for _, tt := range []struct {
		flow       decision.Flow
		client     string
		credential engine.CredentialKind
		sent       string
	}{
		{decision.AuthorizationCode, "web", engine.Secret, "metadata authorize redirect token keys api"},
		{decision.AuthorizationCode, "web", engine.Certificate, "metadata authorize redirect token keys api"},
		{decision.AuthorizationCode, "native", "", "metadata authorize redirect token keys api"},
		{decision.ClientCredentials, "daemon", engine.Secret, "metadata token keys api"},
		{decision.ClientCredentials, "daemon", engine.Certificate, "metadata token keys api"},
		{decision.ClientCredentials, "workload", engine.Federated, "metadata token keys api"},
		{decision.RefreshToken, "web", "", "metadata authorize redirect token refresh keys api"},
		{decision.DeviceCode, "cli", "", "metadata device-authorization device-page device-poll keys api"},
	} {
		t.Run(string(tt.flow)+" "+tt.client+" "+string(tt.credential), func(t *testing.T) {
			w := New(t)
			job := w.Job(t, tt.flow, tt.client)
			job.V1, job.Credential = true, tt.credential
			s := w.Run(t, job)
			went(t, s, tt.sent, strings.Repeat("d", len(s.Steps)))
			for _, e := range s.Trace.Exchanges {
				if strings.Contains(e.Request.URL, "v2.0") && e.Purpose != trace.Keys {
					t.Errorf("%s at %s", e.Purpose, e.Request.URL)
				}
			}
			e, _ := s.Trace.LastToken()
			if !strings.Contains(string(e.Response.Body), `"expires_in":"`) {
				t.Errorf("answered %s", e.Response.Body)
			}
			if s.Trace.Library != nil {
				t.Errorf("a library is named: %+v", s.Trace.Library)
			}
		})
	}
}

// TestAGivenTokenAtV1 redeems a refresh token of v2.0 at the v1.0 endpoint, with
// no sign-in before.
func TestAGivenTokenAtV1(t *testing.T) {
	w := New(t)
	s := w.Run(t, w.Job(t, decision.AuthorizationCode, "native"))
	job := w.Job(t, decision.RefreshToken, "native")
	job.V1, job.Given = true, s.Trace.Tokens[2].Value
	went(t, w.Run(t, job), "metadata refresh keys api", "ddddd")
}
