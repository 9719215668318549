package enginetest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/lab"
	"flowscope/engine/loopback"
	"flowscope/engine/trace"
)

// redirectFrom walks the lab's pages like a browser on another machine, and gives
// the address that it ends at, which nobody answers there.
func redirectFrom(t *testing.T, address string) string {
	t.Helper()
	ended := ""
	client := &http.Client{Transport: &noteRedirect{ended: &ended}}
	_ = browse(client, address, firstUser())
	if ended == "" {
		t.Fatal("the browser was not sent back")
	}
	return ended
}

func firstUser() string {
	return lab.New(lab.Options{Clock: Clock, Deterministic: true}).Directory().Users[0].Username
}

// noteRedirect keeps cookies' place simple: it notes requests to the application's
// own address and answers them itself.
type noteRedirect struct {
	ended *string
	jar   http.CookieJar
}

func (n *noteRedirect) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/callback") {
		*n.ended = r.URL.String()
		return nil, errors.New("nobody listens there")
	}
	if n.jar == nil {
		n.jar, _ = cookiejar.New(nil)
	}
	for _, c := range n.jar.Cookies(r.URL) {
		if _, err := r.Cookie(c.Name); err != nil {
			r.AddCookie(c)
		}
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err == nil {
		n.jar.SetCookies(r.URL, resp.Cookies())
	}
	return resp, err
}

func pastePageOf(t *testing.T, run *engine.Run) engine.State {
	t.Helper()
	return until(t, run, "a page for the redirect", func(s engine.State) bool { return s.Page != nil && s.Page.Person })
}

// TestTheRedirectIsPasted signs in without any browser on this machine: the
// address is shown, and what the browser elsewhere ended at is pasted. What is no
// redirect is explained and asked for again.
func TestTheRedirectIsPasted(t *testing.T) {
	w := New(t)
	job := w.Job(t, decision.AuthorizationCode, "web")
	job.Paste = true
	run, err := w.Runner.Start(context.Background(), job)
	if err != nil {
		t.Fatal(err)
	}
	defer run.Stop()
	s := pastePageOf(t, run)
	if s.Turn == nil || s.Turn.URL != s.Page.URL || !strings.Contains(s.Page.URL, "code_challenge=") {
		t.Fatalf("turn %+v, page %+v", s.Turn, s.Page)
	}
	redirect := redirectFrom(t, s.Page.URL)
	for _, tt := range []struct{ paste, says string }{
		{"", "nothing was pasted"},
		{s.Page.URL, "that is the address to open"},
		{"https://login.lab.example/kmsi?x=1", "that leads to"},
		{job.Client.RedirectURI, "neither a code nor an error"},
		{"a b c", "there are spaces in it"},
		{strings.Repeat("x", 70_000), "longer than 64 KiB"},
		{redirect, ""},
	} {
		id := s.Page.ID
		run.AnswerPage(id, engine.PageAnswer{Values: map[string]string{"redirect": tt.paste}, Button: "Go on"})
		if tt.says == "" {
			break
		}
		s = until(t, run, tt.says, func(s engine.State) bool { return s.Page != nil && s.Page.ID > id })
		if !strings.Contains(s.Page.Error, tt.says) {
			t.Errorf("%.40q: %q, want %q", tt.paste, s.Page.Error, tt.says)
		}
	}
	if s := run.Wait(); s.Trace.Outcome != trace.Tokens {
		t.Fatalf("%s: %v", s.Trace.Outcome, s.Err)
	}
}

// TestAPastedRedirectOfAnotherSignInIsRefused by its state, as a redirect that
// arrives would be.
func TestAPastedRedirectOfAnotherSignInIsRefused(t *testing.T) {
	w := New(t)
	job := w.Job(t, decision.AuthorizationCode, "web")
	job.Paste = true
	run, err := w.Runner.Start(context.Background(), job)
	if err != nil {
		t.Fatal(err)
	}
	defer run.Stop()
	s := pastePageOf(t, run)
	run.AnswerPage(s.Page.ID, engine.PageAnswer{Values: map[string]string{"redirect": "code=abc&state=of-another"}, Button: "Go on"})
	if s := run.Wait(); s.Trace.Refusal == nil || s.Trace.Refusal.Check != "state" {
		t.Fatalf("%s: %v", s.Trace.Outcome, s.Err)
	}
}

// TestGivingUpThePaste is no failure.
func TestGivingUpThePaste(t *testing.T) {
	w := New(t)
	job := w.Job(t, decision.AuthorizationCode, "spa")
	job.Paste = true
	run, err := w.Runner.Start(context.Background(), job)
	if err != nil {
		t.Fatal(err)
	}
	defer run.Stop()
	s := pastePageOf(t, run)
	run.AnswerPage(s.Page.ID, engine.PageAnswer{Button: "Give up"})
	if s := run.Wait(); s.Trace.Outcome != trace.Stopped {
		t.Fatalf("%s: %v", s.Trace.Outcome, s.Err)
	}
}

// TestABrowserThatWillNotOpen: the address is shown, and the redirect may arrive
// or be pasted.
func TestABrowserThatWillNotOpen(t *testing.T) {
	for _, pasted := range []bool{true, false} {
		w := New(t)
		w.Runner.Browser = &loopback.Browser{Open: func(string) error { return errors.New("no display") }, Paste: true}
		job := w.Job(t, decision.AuthorizationCode, "web")
		job.Browser = true
		job.Client.RedirectURI = onFreePort(t, job.Client.RedirectURI)
		run, err := w.Runner.Start(context.Background(), job)
		if err != nil {
			t.Fatal(err)
		}
		s := pastePageOf(t, run)
		if s.Turn == nil || !strings.Contains(s.Turn.What, "can't be opened") {
			t.Errorf("turn %+v", s.Turn)
		}
		if e, ok := s.Trace.Last(trace.Authorize); !ok || e.Err != "" || !strings.Contains(e.Note, "no display") {
			t.Errorf("exchange %+v", e)
		}
		state, _ := lastRequest(t, s, trace.Authorize).Get("state")
		answer := "?error=access_denied&state=" + state
		if pasted {
			run.AnswerPage(s.Page.ID, engine.PageAnswer{Values: map[string]string{"redirect": answer}, Button: "Go on"})
		} else if resp, err := http.Get(job.Client.RedirectURI + answer); err == nil {
			_ = resp.Body.Close()
		}
		if s := run.Wait(); s.Trace.Outcome != trace.Failed || s.Page != nil || s.Turn != nil {
			t.Errorf("pasted %v: %s, %v", pasted, s.Trace.Outcome, s.Err)
		}
		portIsFree(t, job.Client.RedirectURI)
	}
}

func lastRequest(t *testing.T, s engine.State, p trace.Purpose) trace.Request {
	t.Helper()
	e, ok := s.Trace.Last(p)
	if !ok {
		t.Fatalf("no %s", p)
	}
	return e.Request
}

// onFreePort moves a redirect URI to a port that is free now.
func onFreePort(t *testing.T, uri string) string {
	t.Helper()
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	u, err := url.Parse(uri)
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	u.Host = net.JoinHostPort("localhost", port)
	return u.String()
}

func portIsFree(t *testing.T, uri string) {
	t.Helper()
	u, err := url.Parse(uri)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp4", "127.0.0.1:"+u.Port())
	if err != nil {
		t.Fatalf("the listener is left: %v", err)
	}
	_ = ln.Close()
}

// TestARedirectThatNeverComes: ending the run takes less than 100 ms and leaves
// neither listener nor goroutine.
func TestARedirectThatNeverComes(t *testing.T) {
	for _, opens := range []bool{true, false} {
		before := runtime.NumGoroutine()
		w := New(t)
		w.Runner.Browser = &loopback.Browser{Paste: true, Open: func(string) error {
			if opens {
				return nil
			}
			return errors.New("no display")
		}}
		job := w.Job(t, decision.AuthorizationCode, "web")
		job.Browser = true
		job.Client.RedirectURI = onFreePort(t, job.Client.RedirectURI)
		run, err := w.Runner.Start(context.Background(), job)
		if err != nil {
			t.Fatal(err)
		}
		until(t, run, "the person's turn", func(s engine.State) bool { return s.Turn != nil })
		if opens { // a browser that connects ahead and says nothing
			u, _ := url.Parse(job.Client.RedirectURI)
			c, err := net.Dial("tcp4", "127.0.0.1:"+u.Port())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = c.Close() }()
		}
		at := time.Now()
		run.Stop()
		if took := time.Since(at); took > 100*time.Millisecond {
			t.Errorf("it took %s", took)
		}
		if s := run.State(); s.Trace.Outcome != trace.Stopped {
			t.Errorf("%s: %v", s.Trace.Outcome, s.Err)
		}
		portIsFree(t, job.Client.RedirectURI)
		w.Target.Close() // the lab's own listener
		for end := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before && time.Now().Before(end); {
			runtime.Gosched()
		}
		if n := runtime.NumGoroutine(); n > before {
			t.Errorf("opens %v: %d goroutines before, %d after", opens, before, n)
		}
	}
}

// TestALiveTargetIsSeenFirst: nothing leaves for a live target before the person
// has seen the first request; then it goes on by itself.
func TestALiveTargetIsSeenFirst(t *testing.T) {
	for _, tt := range []struct {
		name                string
		live, step, seen    bool
		holds, holdsTheNext bool
	}{
		{"live", true, false, false, true, false},
		{"live, seen", true, false, true, false, false},
		{"live, stepped", true, true, false, true, true},
		{"the lab", false, false, false, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := New(t)
			job := w.Job(t, decision.ClientCredentials, "daemon")
			job.Target.Live, job.Step, job.Seen = tt.live, tt.step, tt.seen
			run, err := w.Runner.Start(context.Background(), job)
			if err != nil {
				t.Fatal(err)
			}
			defer run.Stop()
			held := map[int]bool{}
			for ev := range run.Events() {
				if n := ev.State.Held; n != 0 && !held[n] {
					if e := ev.State.Trace.Exchanges[n-1]; e.Response != nil {
						t.Errorf("%s has been answered", e.Purpose)
					}
					held[n] = true
					run.Send(n, nil)
				}
			}
			if held[1] != tt.holds || held[2] != tt.holdsTheNext {
				t.Errorf("held %v", held)
			}
			if s := run.State(); s.Trace.Outcome != trace.Tokens {
				t.Errorf("%s: %v", s.Trace.Outcome, s.Err)
			}
		})
	}
}

// TestASecondRedirectIsGone: the listener takes one answer (410 for the next).
func TestASecondRedirectIsGone(t *testing.T) {
	w := New(t)
	held := make(chan string, 1)
	w.Runner.Browser = &loopback.Browser{Open: func(address string) error {
		held <- address
		return nil
	}}
	job := w.Job(t, decision.AuthorizationCode, "web")
	job.Browser, job.Step = true, true
	job.Client.RedirectURI = onFreePort(t, job.Client.RedirectURI)
	run, err := w.Runner.Start(context.Background(), job)
	if err != nil {
		t.Fatal(err)
	}
	defer run.Stop()
	go func() {
		<-held
		resp, err := http.Get(job.Client.RedirectURI + "?code=one&state=wrong")
		if err == nil {
			_ = resp.Body.Close()
		}
	}()
	until(t, run, "the redirect", func(s engine.State) bool {
		if s.Held != 0 && s.Trace.Exchanges[s.Held-1].Purpose == trace.Redirect {
			return true
		}
		if s.Held != 0 {
			run.Send(s.Held, nil)
		}
		return false
	})
	resp, err := http.Get(job.Client.RedirectURI + "?code=two&state=other")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusGone {
		t.Errorf("the second redirect got %d", resp.StatusCode)
	}
	run.Send(run.State().Held, nil)
	if s := run.Wait(); s.Trace.Refusal == nil || s.Trace.Refusal.Check != "state" {
		t.Errorf("a wrong state: %s, %v", s.Trace.Outcome, s.Err)
	}
}
