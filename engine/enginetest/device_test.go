package enginetest

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/explain"
	"flowscope/engine/loopback"
	"flowscope/engine/trace"
)

// moves writes the exchanges of a run down, each as step and purpose.
func moves(s engine.State) string {
	var out []string
	for _, e := range s.Trace.Exchanges {
		out = append(out, fmt.Sprintf("%d %s", e.Step, e.Purpose))
	}
	return strings.Join(out, ", ")
}

// watch gives all states of a run to its end, as a screen would get them that
// is quick enough.
func watch(t *testing.T, w *World, job engine.Job, see func(*engine.Run, engine.State)) engine.State {
	t.Helper()
	run, err := w.Runner.Start(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(run.Stop)
	for ev := range run.Events() {
		see(run, ev.State)
	}
	return run.Wait()
}

func TestDeviceCode(t *testing.T) {
	for _, key := range []string{"cli", "native"} {
		t.Run(key, func(t *testing.T) {
			w := New(t)
			var turns []engine.Turn
			s := watch(t, w, w.Job(t, decision.DeviceCode, key), func(_ *engine.Run, s engine.State) {
				if s.Turn != nil && !slices.Contains(turns, *s.Turn) {
					turns = append(turns, *s.Turn)
				}
			})
			valid(t, s, trace.AccessToken, trace.IDToken, trace.RefreshToken)
			want := "1 metadata, 2 device-authorization, 5 device-poll, 3 device-page, 4 sign-in, 4 sign-in, 4 sign-in, 4 sign-in, 5 device-poll, 7 keys, 7 keys, 8 api"
			if got := moves(s); got != want {
				t.Errorf("moves %s\n want %s", got, want)
			}
			if s.Turn != nil {
				t.Errorf("after the end it is still the person's turn: %+v", s.Turn)
			}
			first := turns[0]
			if len(first.Code) != 9 || !strings.HasSuffix(first.URL, "/common/oauth2/deviceauth") || first.Until != Instant.Add(15*time.Minute) {
				t.Errorf("turn %+v", first)
			}
			pauses := []time.Duration{50 * time.Millisecond, 150 * time.Millisecond, 450 * time.Millisecond}
			for _, turn := range turns {
				if turn.Next.Sub(Instant) != pauses[turn.Asked] {
					t.Errorf("turn %+v", turn)
				}
			}
			if turns[len(turns)-1].Asked == 0 {
				t.Error("the polls are not counted")
			}
		})
	}
}

func TestChannelsAndPartiesOfTheDeviceFlow(t *testing.T) {
	w := New(t)
	s := w.Run(t, w.Job(t, decision.DeviceCode, "cli"))
	for _, e := range s.Trace.Exchanges {
		front := e.Purpose == trace.DevicePage || e.Purpose == trace.SignIn
		if front != (e.Channel == trace.Front) || front != (e.From == trace.You) || (e.Purpose == trace.Poll && e.To != trace.Entra) {
			t.Errorf("%s goes by the %s channel from %s to %s", e.Purpose, e.Channel, e.From, e.To)
		}
	}
	poll, _ := s.Trace.Last(trace.Poll)
	if grant, _ := poll.Request.Get("grant_type"); grant != "device_code" {
		t.Errorf("MSAL Go sends grant_type %q: the text of the step says otherwise", grant)
	}
	start, _ := s.Trace.Last(trace.DeviceStart)
	r := trace.NewRedactor(nil)
	r.LearnAll(s.Trace)
	device, _ := poll.Request.Get("device_code")
	if body := string(r.Response(*start.Response).Body); strings.Contains(body, device) || !strings.Contains(body, `"user_code":"`) || strings.Contains(body, `"user_code":"masked`) {
		t.Errorf("the device code is a secret, the user code is for reading: %s", body)
	}
}

func TestEndsOfTheDeviceFlow(t *testing.T) {
	for _, c := range []struct {
		name   string
		job    func(*engine.Job)
		code   string // error of the last poll
		aadsts string
		polls  int
	}{
		{"expired", func(j *engine.Job) {
			j.Conditions = []engine.Condition{{ID: "clock", Value: "20m", At: trace.Poll}}
		}, "expired_token", "70019", 1},
		{"another device code", func(j *engine.Job) {
			j.Changes = []trace.Change{{Purpose: trace.Poll, Ops: []trace.Op{{Verb: trace.Garble, Place: trace.Form, Name: "device_code"}}, Label: "another device code"}}
		}, "bad_verification_code", "70018", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := New(t)
			job := w.Job(t, decision.DeviceCode, "cli")
			c.job(&job)
			s := w.Run(t, job)
			var oauth *engine.OAuthError
			if !errors.As(s.Err, &oauth) || oauth.Code != c.code || !strings.Contains(oauth.Description, "AADSTS"+c.aadsts) || s.Trace.Outcome != trace.Failed {
				t.Fatalf("outcome %s: %v\n%s", s.Trace.Outcome, s.Err, moves(s))
			}
			if got := strings.Count(moves(s), string(trace.Poll)); got != c.polls {
				t.Errorf("%d polls, want %d: %s", got, c.polls, moves(s))
			}
			if len(s.Trace.Tokens) != 0 || s.Turn != nil {
				t.Errorf("tokens %d, turn %v", len(s.Trace.Tokens), s.Turn)
			}
			explained(t, s, c.aadsts, c.code)
		})
	}
}

// TestADeviceIsDeclined says no on the last page, after the consent was given
// once, and then to the consent itself: the second ends on the page, and the
// device hears nothing of it.
func TestADeviceIsDeclined(t *testing.T) {
	w := New(t)
	job := w.Job(t, decision.DeviceCode, "cli")
	declined := job
	declined.Decline = true
	s := w.Run(t, declined)
	var page *engine.PageError
	if !errors.As(s.Err, &page) || page.Code != "AADSTS65004" || s.Trace.Outcome != trace.Failed {
		t.Errorf("the consent was declined: %s, %v", s.Trace.Outcome, s.Err)
	}
	valid(t, w.Run(t, job), trace.AccessToken, trace.IDToken, trace.RefreshToken)
	s = w.Run(t, declined)
	var oauth *engine.OAuthError
	if !errors.As(s.Err, &oauth) || oauth.Code != "authorization_declined" || s.Trace.Outcome != trace.Failed {
		t.Fatalf("the device was declined: %s, %v", s.Trace.Outcome, s.Err)
	}
	if got := strings.Count(moves(s), string(trace.Poll)); got != 2 || len(s.Trace.Tokens) != 0 {
		t.Errorf("%d polls and %d tokens: %s", got, len(s.Trace.Tokens), moves(s))
	}
	explained(t, s, "authorization_declined")
}

func TestAPersonWhoGivesUpStopsTheDevice(t *testing.T) {
	w := New(t)
	job := w.Job(t, decision.DeviceCode, "cli")
	job.Abandon = true
	s := w.Run(t, job)
	var gone *engine.AbandonedError
	if !errors.As(s.Err, &gone) || s.Trace.Outcome != trace.Stopped {
		t.Errorf("%s: %v", s.Trace.Outcome, s.Err)
	}
	if found := explain.Diagnose(s.Trace, nil); len(found) != 0 {
		t.Errorf("nothing failed, and the findings are %+v", found)
	}
}

// TestARetryTypesTheNewCode remembers what the pages were told, all but the code
// of the first run.
func TestARetryTypesTheNewCode(t *testing.T) {
	w := New(t)
	job := w.Job(t, decision.DeviceCode, "cli")
	run, err := w.Runner.Start(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	valid(t, run.Wait(), trace.AccessToken, trace.IDToken, trace.RefreshToken)
	job.Pages = run.PageAnswers()
	valid(t, w.Run(t, job), trace.AccessToken, trace.IDToken, trace.RefreshToken)
}

func TestADeviceAnswerThatNobodyCanUse(t *testing.T) {
	for name, op := range map[string]trace.Op{
		"no code":            {Verb: trace.Drop, Place: trace.JSON, Name: "user_code"},
		"an endless code":    {Verb: trace.Set, Place: trace.JSON, Name: "user_code", Value: strings.Repeat("B", 65)},
		"no address":         {Verb: trace.Drop, Place: trace.JSON, Name: "verification_uri"},
		"a script":           {Verb: trace.Set, Place: trace.JSON, Name: "verification_uri", Value: "javascript:alert(1)"},
		"an endless one":     {Verb: trace.Set, Place: trace.JSON, Name: "verification_uri", Value: "https://login.lab.example/" + strings.Repeat("a", 2048)},
		"no JSON":            {Verb: trace.Set, Place: trace.Body, Value: "<html>"},
		"a server's refusal": {Verb: trace.Set, Place: trace.Status, Value: "500"},
	} {
		w := New(t)
		job := w.Job(t, decision.DeviceCode, "cli")
		job.Changes = []trace.Change{{Purpose: trace.DeviceStart, Answer: true, Ops: []trace.Op{op}, Label: name}}
		if s := w.Run(t, job); s.Trace.Outcome != trace.Failed || strings.Contains(moves(s), "poll") {
			t.Errorf("%s: %s, %s", name, s.Trace.Outcome, moves(s))
		}
	}
}

func TestACodeThatIsOverBeforeAnybodyCame(t *testing.T) {
	w := New(t)
	job := w.Job(t, decision.DeviceCode, "cli")
	job.Changes = []trace.Change{{Purpose: trace.DeviceStart, Answer: true, Label: "a code that is over", Ops: []trace.Op{{
		Verb: trace.Set, Place: trace.Body,
		Value: `{"user_code":"BCDFGHJKL","device_code":"x","verification_uri":"https://login.lab.example/common/oauth2/deviceauth","expires_in":0,"interval":5}`,
	}}}}
	if s := w.Run(t, job); s.Trace.Outcome != trace.Failed || !strings.Contains(s.Err.Error(), "nobody signed in") {
		t.Errorf("%s: %v", s.Trace.Outcome, s.Err)
	}
}

func TestAskingIsNotDoneWhileThePersonSignsIn(t *testing.T) {
	w := New(t)
	run := start(t, w, w.Job(t, decision.DeviceCode, "cli"))
	s := until(t, run, "the page for the code", func(s engine.State) bool {
		if s.Held != 0 && !held(trace.DevicePage)(s) {
			run.Send(s.Held, nil)
		}
		return held(trace.DevicePage)(s)
	})
	if s.Steps[2] != engine.Held || s.Steps[4] != engine.Planned || s.Turn == nil || s.Turn.Asked != 1 {
		t.Errorf("steps %v, turn %+v", s.Steps, s.Turn)
	}
}

func TestSlowDownIsNoFailure(t *testing.T) {
	w := New(t)
	job := w.Job(t, decision.DeviceCode, "cli")
	job.Conditions = []engine.Condition{{ID: "slow-down"}}
	s := w.Run(t, job)
	valid(t, s, trace.AccessToken, trace.IDToken, trace.RefreshToken)
	for _, e := range s.Trace.Exchanges {
		if e.Purpose == trace.Poll {
			if !strings.Contains(string(e.Response.Body), `"slow_down"`) {
				t.Errorf("the first poll was answered %s", e.Response.Body)
			}
			break
		}
	}
}

func TestADeviceCodeThatPolicyBlocks(t *testing.T) {
	w := New(t)
	job := w.Job(t, decision.DeviceCode, "cli")
	job.Conditions = []engine.Condition{{ID: "device-code-blocked"}}
	s := w.Run(t, job)
	var page *engine.PageError
	if !errors.As(s.Err, &page) || page.Code != "AADSTS53003" {
		t.Fatalf("%v\n%s", s.Err, moves(s))
	}
	explained(t, s, "53003")
}

func TestEachPollIsHeldUnlessPassed(t *testing.T) {
	for _, passed := range []bool{false, true} {
		w := New(t)
		job := w.Job(t, decision.DeviceCode, "cli")
		job.Step = true
		polls := 0
		s := watch(t, w, job, func(run *engine.Run, s engine.State) {
			if s.Page != nil {
				run.AnswerPage(s.Page.ID, answerAs(w, s.Page))
			}
			if s.Held == 0 {
				return
			}
			e := s.Trace.Exchanges[s.Held-1]
			if e.Purpose == trace.Poll {
				polls++
			}
			if e.Purpose == trace.DeviceStart && passed {
				run.Pass(trace.Poll, true)
			}
			run.Send(s.Held, nil)
		})
		valid(t, s, trace.AccessToken, trace.IDToken, trace.RefreshToken)
		if want := map[bool]int{false: 2, true: 0}[passed]; polls != want {
			t.Errorf("passed %v: %d polls were held, want %d", passed, polls, want)
		}
	}
}

// answerAs fills a page in as the lab's first person.
func answerAs(w *World, p *engine.Page) engine.PageAnswer {
	a := engine.PageAnswer{Values: map[string]string{}, Button: p.Buttons[0].Label}
	for _, f := range p.Fields {
		a.Values[f.Name] = f.Value
	}
	if p.HasField("password") {
		a.Values["username"], a.Values["password"] = w.Target.Accounts[0].Username, w.Target.Accounts[0].Password
	}
	return a
}

func TestStoppedWhilePolling(t *testing.T) {
	w := New(t)
	before := runtime.NumGoroutine()
	job := w.Job(t, decision.DeviceCode, "cli")
	job.Paste = true // nobody comes
	run, err := w.Runner.Start(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	for ev := range run.Events() {
		if ev.State.Turn != nil && ev.State.Turn.Asked == 2 {
			break
		}
	}
	began := time.Now()
	run.Stop()
	if took := time.Since(began); took > 100*time.Millisecond {
		t.Errorf("it took %v to stop", took)
	}
	s := run.State()
	if s.Trace.Outcome != trace.Stopped || s.Turn != nil {
		t.Errorf("outcome %s, turn %v: %v", s.Trace.Outcome, s.Turn, s.Err)
	}
	w.Target.Close()
	if n := settled(before); n > before {
		buf := make([]byte, 1<<16)
		t.Errorf("%d goroutines, %d before\n%s", n, before, buf[:runtime.Stack(buf, true)])
	}
}

// TestTheSystemBrowserAndADevice lets somebody sign in in a browser, while the
// run does nothing but ask.
func TestTheSystemBrowserAndADevice(t *testing.T) {
	w := New(t)
	opened := make(chan string, 1)
	w.Runner.Browser = &loopback.Browser{Open: func(address string) error { opened <- address; return nil }}
	job := w.Job(t, decision.DeviceCode, "cli")
	job.Browser = true
	typed := false
	s := watch(t, w, job, func(_ *engine.Run, s engine.State) {
		if s.Turn == nil || s.Turn.Asked != 1 || typed {
			return
		}
		typed = true
		if address := <-opened; address != s.Turn.URL || !strings.HasPrefix(address, "http://localhost:") {
			t.Errorf("opened %s, the person is told %s", address, s.Turn.URL)
		}
		if err := typeCode(s.Turn.URL, s.Turn.Code, w.Target.Accounts[0].Username); err != nil {
			t.Error(err)
		}
	})
	valid(t, s, trace.AccessToken, trace.IDToken, trace.RefreshToken)
	if page, _ := s.Trace.Last(trace.DevicePage); page.Response != nil || page.Note == "" {
		t.Errorf("the page stays in the browser: %+v", page)
	}
	if strings.Contains(moves(s), "sign-in") {
		t.Errorf("pages were walked all the same: %s", moves(s))
	}
}

// typeCode is a person with a browser who types a user code and signs in.
func typeCode(address, code, user string) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	client := &http.Client{Jar: jar}
	resp, err := client.PostForm(address, url.Values{"user_code": {code}})
	if err != nil {
		return err
	}
	return walkPages(client, resp, user)
}

// explained fails unless the first finding is about one of these codes.
func explained(t *testing.T, s engine.State, codes ...string) {
	t.Helper()
	found := explain.Diagnose(s.Trace, nil)
	if len(found) == 0 || !slices.Contains(codes, strings.TrimPrefix(found[0].Code, "AADSTS")) {
		t.Errorf("the findings are %+v", found)
	}
}
