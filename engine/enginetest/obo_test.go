package enginetest

import (
	"errors"
	"strings"
	"testing"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/explain"
	"flowscope/engine/inspect"
	"flowscope/engine/trace"
)

// six are the tokens of both hops.
var six = []trace.TokenKind{trace.AccessToken, trace.IDToken, trace.RefreshToken, trace.AccessToken, trace.IDToken, trace.RefreshToken}

func TestOnBehalfOf(t *testing.T) {
	for _, kind := range []engine.CredentialKind{engine.Secret, engine.Certificate} {
		t.Run(string(kind), func(t *testing.T) {
			w := New(t)
			job := w.Job(t, decision.OnBehalfOf, "")
			job.Credential = kind
			s := w.Run(t, job)
			valid(t, s, six...)
			want := "1 metadata, 2 authorize, 3 sign-in, 3 sign-in, 4 redirect, 5 token, 7 middle-tier, 8 metadata, 9 on-behalf-of, 11 downstream-api, 12 keys, 12 keys, 12 keys, 12 keys"
			if got := moves(s); got != want {
				t.Errorf("moves %s\n want %s", got, want)
			}
			for i, state := range s.Steps {
				if state != engine.Done {
					t.Errorf("step %d is %s", i+1, state)
				}
			}
			hop, _ := s.Trace.Last(trace.OnBehalfOf)
			if hop.From != trace.API || hop.To != trace.Entra || hop.Channel != trace.Back {
				t.Errorf("the exchange goes from %s to %s by the %s channel", hop.From, hop.To, hop.Channel)
			}
			first, second := s.Trace.Tokens[0], s.Trace.Tokens[3]
			if assertion, _ := hop.Request.Get("assertion"); assertion != first.Value {
				t.Error("another token was handed in than the one that was obtained")
			}
			if use, _ := hop.Request.Get("requested_token_use"); use != "on_behalf_of" {
				t.Errorf("requested_token_use %q", use)
			}
			if last, _ := s.Trace.Last(trace.CallDownstream); last.To != trace.Downstream || last.Request.Header.Get("Authorization") != "Bearer "+second.Value {
				t.Errorf("the API behind was called with another token, at %s", last.To)
			}
			claims := partOf(t, second.Value, 1)
			proved := map[engine.CredentialKind]string{engine.Secret: "1", engine.Certificate: "2"}[kind]
			if claims["aud"] != "api://inventory.contoso.example" || claims["ver"] != "1.0" || claims["appid"] != job.Client.Registration.ClientID || claims["appidacr"] != proved {
				t.Errorf("claims %v", claims)
			}
			if partOf(t, first.Value, 1)["oid"] != claims["oid"] {
				t.Error("the two tokens are about two people")
			}
		})
	}
}

func TestBothHopsAreCheckedByWhatTheyAskedFor(t *testing.T) {
	w := New(t)
	job := w.Job(t, decision.OnBehalfOf, "orders-api")
	s := w.Run(t, job)
	spa, _ := w.Target.Client("spa")
	if s.Trace.Caller == nil || s.Trace.Caller.ClientID != spa.Registration.ClientID || s.Trace.Registration.Key != "orders-api" {
		t.Errorf("caller %+v", s.Trace.Caller)
	}
	first, id, second := s.Trace.Tokens[0].Expect, s.Trace.Tokens[1].Expect, s.Trace.Tokens[3].Expect
	if first.ClientID != spa.Registration.ClientID || first.Audiences[0] != job.Client.Registration.ClientID || !strings.HasSuffix(first.Issuer, "/v2.0") {
		t.Errorf("the first hop's access token is expected as %+v", first)
	}
	if id.Audiences[0] != spa.Registration.ClientID || id.Nonce == "" {
		t.Errorf("the first hop's ID token is expected as %+v", id)
	}
	if second.ClientID != job.Client.Registration.ClientID || second.Audiences[1] != "api://inventory.contoso.example" || second.Scopes[0] != "stock.read" || strings.HasSuffix(second.Issuer, "v2.0") {
		t.Errorf("the second hop's access token is expected as %+v", second)
	}
}

func TestOnBehalfOfCalledByAWebApp(t *testing.T) {
	w := New(t)
	job := w.Job(t, decision.OnBehalfOf, "orders-api")
	web, _ := w.Target.Client("web")
	job.Caller = &web
	s := w.Run(t, job)
	valid(t, s, six...)
	redeem, _ := s.Trace.Last(trace.TokenCall)
	if secret, _ := redeem.Request.Get("client_secret"); secret != web.Secret || s.Trace.Caller.Key != "web" {
		t.Errorf("the caller proved itself with %q", secret)
	}
}

// given runs on-behalf-of with a token of the person's own.
func given(t *testing.T, w *World, token string) engine.State {
	t.Helper()
	job := w.Job(t, decision.OnBehalfOf, "orders-api")
	job.Given = token
	return w.Run(t, job)
}

func TestOnBehalfOfWithAGivenToken(t *testing.T) {
	w := New(t)
	before := w.Run(t, w.Job(t, decision.OnBehalfOf, "orders-api"))
	s := given(t, w, before.Trace.Tokens[0].Value)
	valid(t, s, six[:3]...)
	if got, want := moves(s), "1 middle-tier, 2 metadata, 3 on-behalf-of, 5 downstream-api, 6 keys, 6 keys"; !strings.HasPrefix(got, want) {
		t.Errorf("moves %s", got)
	}
	if s.Trace.Caller != nil {
		t.Errorf("nobody signed in here, and the caller is %+v", s.Trace.Caller)
	}
}

func TestWhatTheMiddleTierIsRefused(t *testing.T) {
	w := New(t)
	before := w.Run(t, w.Job(t, decision.OnBehalfOf, "orders-api"))
	id, stock := before.Trace.Tokens[1].Value, before.Trace.Tokens[3].Value
	app, _ := w.Run(t, w.Job(t, decision.ClientCredentials, "daemon")).Trace.Token(trace.AccessToken)
	for _, c := range []struct{ name, token, code string }{
		{"a token for another API", stock, "500131"},
		{"an ID token", id, "240002"},
		{"a token of an application alone", app.Value, "7000113"},
		{"no token", "nonsense", "50027"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := given(t, w, c.token)
			var oauth *engine.OAuthError
			if !errors.As(s.Err, &oauth) || !strings.Contains(oauth.Description, "AADSTS"+c.code) || s.Trace.Outcome != trace.Failed {
				t.Fatalf("outcome %s: %v", s.Trace.Outcome, s.Err)
			}
			explained(t, s, c.code)
			if state := s.Steps[2]; state != engine.Broken {
				t.Errorf("the exchange is %s", state)
			}
		})
	}
}

func TestTheMiddleTierCanShowNoPage(t *testing.T) {
	for _, c := range []struct {
		name, code, oauth string
		job               func(*engine.Job)
	}{
		{"consent missing", "65001", "invalid_grant", func(j *engine.Job) { j.Scopes = []string{"api://orders.contoso.example/access_as_user"} }},
		{"a second factor is asked for", "50076", "interaction_required", func(j *engine.Job) {
			j.Conditions = []engine.Condition{{ID: "mfa-required", At: trace.OnBehalfOf}}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := New(t)
			job := w.Job(t, decision.OnBehalfOf, "orders-api")
			c.job(&job)
			s := w.Run(t, job)
			var oauth *engine.OAuthError
			if !errors.As(s.Err, &oauth) || oauth.Code != c.oauth || !strings.Contains(oauth.Description, "AADSTS"+c.code) {
				t.Fatalf("%v\n%s", s.Err, moves(s))
			}
			e, _ := s.Trace.Last(trace.OnBehalfOf)
			if claims := strings.Contains(string(e.Response.Body), `"claims":`); claims != (c.code == "50076") {
				t.Errorf("claims to be handed on: %v\n%s", claims, e.Response.Body)
			}
			explained(t, s, c.code)
			firstHop(t, s)
			for _, fix := range explain.Diagnose(s.Trace, nil)[0].Fix {
				if fix.Change != nil {
					job.Changes = append(job.Changes, *fix.Change)
				}
			}
			valid(t, w.Run(t, job), six...)
		})
	}
}

// firstHop holds the tokens of the person's own sign-in to their checks, though
// the API in the middle got none.
func firstHop(t *testing.T, s engine.State) {
	t.Helper()
	reports := inspect.All(s)
	if len(reports) != 3 || reports[0].Outcome() != "valid" || reports[1].Outcome() != "valid" {
		t.Errorf("%d reports: %v", len(reports), s.Reports)
	}
	last := len(s.Steps) - 1
	if s.Steps[s.Current-1] != engine.Broken || s.Steps[last] != engine.Done || s.Current > last {
		t.Errorf("it ended at step %d: %v", s.Current, s.Steps)
	}
}

func TestOnBehalfOfStepByStep(t *testing.T) {
	w := New(t)
	job := w.Job(t, decision.OnBehalfOf, "orders-api")
	job.Step = true
	var held []string
	s := watch(t, w, job, func(run *engine.Run, s engine.State) {
		if s.Page != nil {
			run.AnswerPage(s.Page.ID, answerAs(w, s.Page))
		}
		if s.Held != 0 && run.Send(s.Held, nil) {
			held = append(held, string(s.Trace.Exchanges[s.Held-1].Purpose))
		}
	})
	valid(t, s, six...)
	if got, want := strings.Join(held, ", "), "metadata, authorize, redirect, token, middle-tier, metadata, on-behalf-of, downstream-api, keys, keys, keys, keys"; got != want {
		t.Errorf("held %s\nwant %s", got, want)
	}
}

func TestAMiddleTierThatCantBePlanned(t *testing.T) {
	w := New(t)
	for name, change := range map[string]func(*engine.Job){
		"no credential":  func(j *engine.Job) { j.Client.Secret, j.Client.Certificate = "", nil },
		"nothing behind": func(j *engine.Job) { j.Client.Downstream = nil },
		"no caller":      func(j *engine.Job) { j.Target.Clients = nil },
		"no way back":    func(j *engine.Job) { j.Caller = &engine.Client{Key: "x"} },
	} {
		job := w.Job(t, decision.OnBehalfOf, "orders-api")
		change(&job)
		if _, err := w.Runner.Plan(job); err == nil {
			t.Errorf("%s: it was planned", name)
		}
	}
}
