package enginetest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/loopback"
	"flowscope/engine/trace"
)

// start begins a stepped run.
func start(t *testing.T, w *World, job engine.Job) *engine.Run {
	t.Helper()
	job.Step = true
	run, err := w.Runner.Start(context.Background(), job)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(run.Stop)
	return run
}

// until reads states until one fits; it fails when the run ends before.
func until(t *testing.T, run *engine.Run, what string, fits func(engine.State) bool) engine.State {
	t.Helper()
	for ev := range run.Events() {
		if fits(ev.State) {
			return ev.State
		}
	}
	s := run.State()
	t.Fatalf("the run ended without %s: %s, %v", what, s.Trace.Outcome, s.Err)
	return s
}

func held(p trace.Purpose) func(engine.State) bool {
	return func(s engine.State) bool { return s.Held != 0 && s.Trace.Exchanges[s.Held-1].Purpose == p }
}

// walk sends what is held and answers the pages until an exchange with this
// purpose is held.
func walk(t *testing.T, w *World, run *engine.Run, p trace.Purpose) engine.State {
	t.Helper()
	return until(t, run, string(p), func(s engine.State) bool {
		if held(p)(s) {
			return true
		}
		if s.Held != 0 {
			run.Send(s.Held, nil)
		}
		if s.Page != nil {
			answer := engine.PageAnswer{Values: map[string]string{"username": w.Target.Accounts[0].Username, "password": w.Target.Accounts[0].Password}, Button: s.Page.Buttons[0].Label}
			run.AnswerPage(s.Page.ID, answer)
		}
		return false
	})
}

func TestEveryRequestIsHeldAndEditable(t *testing.T) {
	w := New(t)
	run := start(t, w, w.Job(t, decision.AuthorizationCode, "spa"))
	s := walk(t, w, run, trace.TokenCall)
	e := s.Trace.Exchanges[s.Held-1]
	if e.Response != nil {
		t.Fatal("the held request has an answer already")
	}
	if got := e.Request.Header.Get("Origin"); got != "http://localhost:3000" {
		t.Errorf("Origin is %q", got)
	}
	edited := trace.Change{Ops: []trace.Op{{Verb: trace.Garble, Place: trace.Form, Name: "code_verifier"}}}.Apply(e.Request)
	if !run.Send(s.Held, &edited) {
		t.Fatal("the request was not waiting any more")
	}
	end := run.Wait()
	last, _ := end.Trace.Last(trace.TokenCall)
	if last.Original == nil || string(last.Original.Body) == string(last.Request.Body) {
		t.Error("original and edited do not stand side by side")
	}
	if end.Trace.Outcome != trace.Failed || !strings.Contains(string(last.Response.Body), "501481") {
		t.Errorf("outcome %s: %s", end.Trace.Outcome, last.Response.Body)
	}
	if run.Send(s.Held, nil) {
		t.Error("a request was released after the end")
	}
}

func TestStopDuringAHold(t *testing.T) {
	w := New(t)
	for _, p := range []trace.Purpose{trace.Metadata, trace.Authorize, trace.TokenCall} {
		t.Run(string(p), func(t *testing.T) {
			run := start(t, w, w.Job(t, decision.AuthorizationCode, "web"))
			walk(t, w, run, p)
			run.Stop()
			s := run.State()
			if s.Trace.Outcome != trace.Stopped || !s.Done || s.Held != 0 {
				t.Errorf("outcome %s, done %v, held %d", s.Trace.Outcome, s.Done, s.Held)
			}
			last := s.Trace.Exchanges[len(s.Trace.Exchanges)-1]
			if last.Response != nil {
				t.Error("the held request was sent")
			}
		})
	}
}

func TestStopWhileAPageWaits(t *testing.T) {
	w := New(t)
	run := start(t, w, w.Job(t, decision.AuthorizationCode, "native"))
	until(t, run, "a page", func(s engine.State) bool {
		if s.Held != 0 {
			run.Send(s.Held, nil)
		}
		return s.Page != nil
	})
	run.Stop()
	if s := run.State(); s.Trace.Outcome != trace.Stopped || s.Page != nil {
		t.Errorf("outcome %s, page %v", s.Trace.Outcome, s.Page)
	}
}

func TestAWrongPasswordIsAskedAgain(t *testing.T) {
	w := New(t)
	run := start(t, w, w.Job(t, decision.AuthorizationCode, "spa"))
	wrong := false
	s := until(t, run, "the page with the error", func(s engine.State) bool {
		if s.Held != 0 {
			run.Send(s.Held, nil)
		}
		if s.Page != nil && !wrong {
			wrong = true
			run.AnswerPage(s.Page.ID, engine.PageAnswer{Values: map[string]string{"username": w.Target.Accounts[0].Username, "password": "not this"}, Button: s.Page.Buttons[0].Label})
		}
		return s.Page != nil && s.Page.Error != ""
	})
	if s.Page.Code != "AADSTS50126" {
		t.Errorf("the page says %q, code %q", s.Page.Error, s.Page.Code)
	}
}

func TestTheBrowserRoad(t *testing.T) {
	for _, client := range []string{"native", "spa"} {
		t.Run(client, func(t *testing.T) {
			w := New(t)
			job := w.Job(t, decision.AuthorizationCode, client)
			job.Browser = true
			if client == "spa" && taken("3000") {
				t.Skip("port 3000 is in use on this machine")
			}
			s := w.Run(t, job)
			if s.Trace.Outcome != trace.Tokens {
				t.Fatalf("outcome %s: %v", s.Trace.Outcome, s.Err)
			}
			if e, ok := s.Trace.Last(trace.Authorize); !ok || e.Response != nil || e.Note == "" {
				t.Errorf("the authorization request is recorded as %+v: its answer was never seen", e)
			}
			if e, ok := s.Trace.Last(trace.Redirect); !ok || e.Response == nil {
				t.Errorf("the redirect is recorded as %+v", e)
			}
		})
	}
}

func taken(port string) bool {
	ln, err := net.Listen("tcp4", "127.0.0.1:"+port)
	if err != nil {
		return true
	}
	_ = ln.Close()
	return false
}

func TestAPortThatIsTaken(t *testing.T) {
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	_, err = loopback.Listen(context.Background(), "http://localhost:"+ln.Addr().String()[len("127.0.0.1:"):])
	if !errors.Is(err, loopback.ErrPortTaken) {
		t.Fatalf("got %v", err)
	}
}

func TestAListenerIsForLoopbackOnly(t *testing.T) {
	for _, uri := range []string{"http://example.com:8080", "https://localhost:3000", "http://0.0.0.0:3000", "http://localhost.example:1"} {
		if l, err := loopback.Listen(context.Background(), uri); err == nil {
			l.Close()
			t.Errorf("%s was bound", uri)
		}
	}
}

func TestDeclinedConsentIsAnAnswer(t *testing.T) {
	w := New(t)
	job := w.Job(t, decision.AuthorizationCode, "spa")
	job.Decline = true
	s := w.Run(t, job)
	var oauth *engine.OAuthError
	if !errors.As(s.Err, &oauth) || oauth.Code != "access_denied" {
		t.Errorf("got %v", s.Err)
	}
}

// TestPeople runs the flow headless for people of every kind: the second factor
// is approved or registered, a guest signs in with the account at home; what
// can't be answered for a person ends the run with its code.
func TestPeople(t *testing.T) {
	for user, code := range map[string]string{
		"mia@contoso.example": "", "omar@contoso.example": "", "gina@fabrikam.example": "", "gus@contoso.example": "",
		"paula@contoso.example": "AADSTS50055", "boris@contoso.example": "AADSTS53003", "rita@fabrikam.example": "AADSTS50014",
		"nils@contoso.example": "AADSTS50056", "dimitri@contoso.example": "AADSTS50057",
	} {
		for _, road := range []string{"web", "native in a browser"} {
			if road != "web" && code != "" {
				continue // a browser waits for its person for ever
			}
			t.Run(user+" "+road, func(t *testing.T) {
				w := New(t)
				client, _, browser := strings.Cut(road, " ")
				job := w.Job(t, decision.AuthorizationCode, client)
				job.User, job.Browser = user, browser
				w.Runner.Browser = &loopback.Browser{Open: FakeBrowser(user)}
				s := w.Run(t, job)
				var page *engine.PageError
				switch {
				case code == "" && s.Trace.Outcome != trace.Tokens:
					t.Errorf("outcome %s: %v", s.Trace.Outcome, s.Err)
				case code != "" && (!errors.As(s.Err, &page) || page.Code != code):
					t.Errorf("ended with %v, want %s", s.Err, code)
				}
			})
		}
	}
}

func TestHostsOutsideTheTargetAreRefused(t *testing.T) {
	w := New(t)
	job := w.Job(t, decision.ClientCredentials, "daemon")
	job.Call = "https://attacker.example/collect"
	s := w.Run(t, job)
	last, ok := s.Trace.Last(trace.CallAPI)
	if !ok || last.Refused == "" || last.Response != nil {
		t.Errorf("the token was let out: %+v", last)
	}
}

func TestCancelAtTheSignInStopsTheRun(t *testing.T) {
	w := New(t)
	run := start(t, w, w.Job(t, decision.AuthorizationCode, "spa"))
	s := until(t, run, "the end", func(s engine.State) bool {
		if s.Held != 0 {
			run.Send(s.Held, nil)
		}
		if s.Page != nil {
			run.AnswerPage(s.Page.ID, engine.PageAnswer{Button: "Cancel"})
		}
		return s.Done
	})
	var abandoned *engine.AbandonedError
	if s.Trace.Outcome != trace.Stopped || !errors.As(s.Err, &abandoned) {
		t.Errorf("outcome %s, %v", s.Trace.Outcome, s.Err)
	}
}

// TestStrayRequestsDoNotEndASignIn sends the listener what is no redirect, then
// the redirect.
func TestStrayRequestsDoNotEndASignIn(t *testing.T) {
	w := New(t)
	signIn := FakeBrowser("")
	w.Runner.Browser = &loopback.Browser{Open: func(address string) error {
		u, err := url.Parse(address)
		if err != nil {
			return err
		}
		back := u.Query().Get("redirect_uri")
		for _, method := range []string{"GET", "HEAD", "OPTIONS", "DELETE"} {
			req, err := http.NewRequest(method, back, nil)
			if err != nil {
				return err
			}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				return err
			}
			_ = resp.Body.Close()
			if resp.StatusCode != http.StatusBadRequest {
				return fmt.Errorf("%s got %d", method, resp.StatusCode)
			}
		}
		return signIn(address)
	}}
	job := w.Job(t, decision.AuthorizationCode, "native")
	job.Browser = true
	if s := w.Run(t, job); s.Trace.Outcome != trace.Tokens {
		t.Errorf("outcome %s: %v", s.Trace.Outcome, s.Err)
	}
}

func TestAPortThatIsTakenOnIPv6(t *testing.T) {
	ln, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Skip("this machine has no IPv6")
	}
	defer func() { _ = ln.Close() }()
	_, port, err := net.SplitHostPort(ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if l, err := loopback.Listen(context.Background(), "http://localhost:"+port); !errors.Is(err, loopback.ErrPortTaken) {
		if l != nil {
			l.Close()
		}
		t.Fatalf("got %v", err)
	}
}
