package enginetest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/trace"
)

func TestAnAnswerIsHeldAndEdited(t *testing.T) {
	w := New(t)
	job := w.Job(t, decision.ClientCredentials, "daemon")
	job.Step, job.Answers = true, true
	run, err := w.Runner.Start(context.Background(), job)
	if err != nil {
		t.Fatal(err)
	}
	defer run.Stop()
	for {
		st := until(t, run, "something held", func(s engine.State) bool { return s.Held != 0 || s.Done })
		if st.Done {
			break
		}
		if !st.HeldAnswer {
			if run.Answer(st.Held, nil) {
				t.Fatal("a request was released as an answer")
			}
			run.Send(st.Held, nil)
			continue
		}
		if run.Send(st.Held, nil) {
			t.Fatal("an answer was released as a request")
		}
		e := st.Trace.Exchanges[st.Held-1]
		if e.Purpose != trace.TokenCall {
			run.Answer(st.Held, nil)
			continue
		}
		edited := e.Response.Clone()
		edited.Status, edited.Body = 400, []byte(`{"error":"invalid_client","error_description":"edited"}`)
		run.Answer(st.Held, &edited)
	}
	end := run.Wait()
	e, _ := end.Trace.Last(trace.TokenCall)
	if end.Trace.Outcome != trace.Failed || e.Response.Status != 400 || e.OriginalResponse == nil || e.OriginalResponse.Status != 200 || len(e.AnswerChanges) != 1 {
		t.Errorf("outcome %s, answer %d, original %+v, changes %v", end.Trace.Outcome, e.Response.Status, e.OriginalResponse != nil, e.AnswerChanges)
	}
	var oauth *engine.OAuthError
	if !errors.As(end.Err, &oauth) || oauth.Code != "invalid_client" {
		t.Errorf("the run ended with %v, not with the error of the edited answer", end.Err)
	}
}

func TestPreparedChangesOfAnAnswer(t *testing.T) {
	w := New(t)
	job := w.Job(t, decision.ClientCredentials, "daemon")
	job.Changes = []trace.Change{{Purpose: trace.TokenCall, Answer: true, Label: "no token_type", Ops: []trace.Op{
		{Verb: trace.Drop, Place: trace.JSON, Name: "access_token"},
	}}}
	end := w.Run(t, job)
	e, _ := end.Trace.Last(trace.TokenCall)
	if strings.Contains(string(e.Response.Body), "access_token") || !strings.Contains(string(e.OriginalResponse.Body), "access_token") {
		t.Errorf("answer %s", e.Response.Body)
	}
	if end.Trace.Outcome != trace.Failed {
		t.Errorf("outcome %s", end.Trace.Outcome)
	}
}

func TestConditionsArePutBack(t *testing.T) {
	w := New(t)
	job := w.Job(t, decision.ClientCredentials, "daemon")
	job.Conditions = []engine.Condition{{ID: "secret-expired", Value: "daemon", At: trace.TokenCall}}
	end := w.Run(t, job)
	if end.Trace.Outcome != trace.Failed || !strings.Contains(end.Trace.Failure, "AADSTS7000222") {
		t.Errorf("outcome %s: %s", end.Trace.Outcome, end.Trace.Failure)
	}
	for _, c := range w.Lab.Conditions() {
		if c.On {
			t.Errorf("%s is still on", c.ID)
		}
	}
	if end := w.Run(t, w.Job(t, decision.ClientCredentials, "daemon")); end.Trace.Outcome != trace.Tokens {
		t.Errorf("the next run came to %s", end.Trace.Outcome)
	}
	live := w.Job(t, decision.ClientCredentials, "daemon")
	live.Conditions, live.Target.Switch = job.Conditions, nil
	if end := w.Run(t, live); end.Trace.Outcome != trace.Failed || len(end.Trace.Exchanges) != 0 {
		t.Errorf("a target without conditions: %s after %d exchanges", end.Trace.Outcome, len(end.Trace.Exchanges))
	}
}

func TestARunGoesOn(t *testing.T) {
	w := New(t)
	first, err := w.Runner.Start(context.Background(), w.Job(t, decision.AuthorizationCode, "spa"))
	if err != nil {
		t.Fatal(err)
	}
	before := first.Wait()
	service := w.Target.Services[1]
	more, err := w.Runner.Extend(context.Background(), first, engine.Extra{Purpose: trace.CallAPI, URL: service.URL})
	if err != nil {
		t.Fatal(err)
	}
	end := more.Wait()
	last := end.Trace.Exchanges[len(end.Trace.Exchanges)-1]
	if len(end.Trace.Exchanges) != len(before.Trace.Exchanges)+1 || last.Request.URL != service.URL || last.Response == nil || last.Response.Status != 200 {
		t.Errorf("%d exchanges after %d, the last %s", len(end.Trace.Exchanges), len(before.Trace.Exchanges), last.Request.URL)
	}
	if last.Step != len(more.Plan.Steps) || len(more.Plan.Steps) != len(first.Plan.Steps)+1 || len(first.State().Trace.Exchanges) != len(before.Trace.Exchanges) {
		t.Errorf("step %d of %d, the first run has %d", last.Step, len(more.Plan.Steps), len(first.Plan.Steps))
	}
	// The ID token is no key to an API.
	wrong, err := w.Runner.Extend(context.Background(), more, engine.Extra{Purpose: trace.CallAPI, URL: service.URL, Token: trace.IDToken})
	if err != nil {
		t.Fatal(err)
	}
	end = wrong.Wait()
	if e, _ := end.Trace.Last(trace.CallAPI); e.Response == nil || e.Response.Status != 401 || end.Steps[len(end.Steps)-1] != engine.Broken {
		t.Errorf("an ID token was answered with %+v", e.Response)
	}
}

func TestATokenGoesElsewhereOnlyWhenConfirmed(t *testing.T) {
	w := New(t)
	asked := 0
	w.Runner.Outside = transport(func() { asked++ })
	first, err := w.Runner.Start(context.Background(), w.Job(t, decision.ClientCredentials, "daemon"))
	if err != nil {
		t.Fatal(err)
	}
	first.Wait()
	for _, c := range []struct {
		url, confirm string
		asked        int
	}{
		{"https://api.example/x", "", 0},
		{"https://api.example/x", "other.example", 0},
		{"http://api.example/x", "api.example", 0}, // in the clear, and not this machine
		{"https://api.example/x", "api.example", 1},
		{"http://localhost:3001/x", "localhost:3001", 1},
	} {
		asked = 0
		run, err := w.Runner.Extend(context.Background(), first, engine.Extra{Purpose: trace.CallAPI, URL: c.url, Confirm: c.confirm})
		if err != nil {
			t.Fatal(err)
		}
		end := run.Wait()
		e, _ := end.Trace.Last(trace.CallAPI)
		if asked != c.asked || (e.Refused == "") != (c.asked == 1) {
			t.Errorf("%s confirmed for %q: asked %d times, refused %q", c.url, c.confirm, asked, e.Refused)
		}
	}
}

// transport answers every request with 200 and an empty object.
type transport func()

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) {
	f()
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}")), Request: r}, nil
}

// TestASecondWordComesTooLate: who releases the same answer or answers the same
// page twice is told so at once, and does not wait for the next.
func TestASecondWordComesTooLate(t *testing.T) {
	w := New(t)
	job := w.Job(t, decision.AuthorizationCode, "spa")
	job.Step, job.Answers = true, true
	run, err := w.Runner.Start(context.Background(), job)
	if err != nil {
		t.Fatal(err)
	}
	defer run.Stop()
	answers, pages := 0, 0
	until(t, run, "the end", func(s engine.State) bool {
		switch {
		case s.Page != nil:
			if a := (engine.PageAnswer{Values: map[string]string{"username": w.Target.Accounts[0].Username, "password": w.Target.Accounts[0].Password}, Button: s.Page.Buttons[0].Label}); run.AnswerPage(s.Page.ID, a) {
				pages++
				if run.AnswerPage(s.Page.ID, a) {
					t.Error("a page was answered twice")
				}
			}
		case s.HeldAnswer:
			if run.Answer(s.Held, nil) {
				answers++
				if run.Answer(s.Held, nil) {
					t.Error("an answer was released twice")
				}
			}
		case s.Held != 0:
			if run.Send(s.Held, nil) {
				if run.Send(s.Held, nil) {
					t.Error("a request was sent twice")
				}
			}
		}
		return s.Done
	})
	if answers < 3 || pages < 1 {
		t.Errorf("%d answers and %d pages were released", answers, pages)
	}
}
