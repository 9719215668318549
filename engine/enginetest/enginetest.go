// Package enginetest is what tests of the engine and of the whole program stand
// on: a deterministic lab as a target, a runner with the drivers of the program,
// and a fake browser. Only tests import it. Its own tests run every flow and
// every fault on the lab.
//
// It asserts nothing by itself, save in Conformance, which every driver is put to,
// and it never leaves this machine.
package enginetest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/inspect"
	"flowscope/engine/lab"
	"flowscope/engine/labtarget"
	"flowscope/engine/loopback"
	"flowscope/engine/msal"
	"flowscope/engine/oidc"
	"flowscope/engine/signin"
	"flowscope/engine/trace"
	"flowscope/validate/jwks"
)

// Instant is the time at which the clock of every test stands.
var Instant = time.Date(2026, time.November, 20, 10, 2, 0, 0, time.UTC)

// Clock stands still at Instant.
func Clock() time.Time { return Instant }

// instantly lets time pass without waiting, since the clock of every test stands.
func instantly(ctx context.Context, _ time.Duration) error { return ctx.Err() }

// World is a lab with a runner that runs against it.
type World struct {
	Lab    *lab.Lab
	Target *labtarget.Target
	Shared *labtarget.Lab
	Runner *engine.Runner

	mu   sync.Mutex
	runs []*engine.Run
}

// Seen gives the traces of all runs so far, secrets and all: what a test looks
// for where it must not be.
func (w *World) Seen() []*trace.Trace {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []*trace.Trace
	for _, r := range w.runs {
		out = append(out, r.State().Trace)
	}
	return out
}

// New makes a world whose keys are fixed and whose clock stands still. What is
// open at the end of the test is closed.
func New(t testing.TB) *World {
	t.Helper()
	l := lab.New(lab.Options{Clock: Clock, Deterministic: true})
	target, err := labtarget.New(l)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(target.Close)
	w := &World{Lab: l, Target: target, Shared: labtarget.NewLab(l, Clock)}
	t.Cleanup(w.Shared.Unshare)
	w.Runner = &engine.Runner{
		Drivers:  []engine.Driver{msal.Driver{}, oidc.Driver{}},
		Verifier: func() engine.Verifier { return inspect.Verifier{Now: Clock}.Run() },
		Agent:    signin.Agent{},
		Browser:  &loopback.Browser{Open: FakeBrowser("")},
		Paste:    loopback.Paste{},
		Now:      Clock,
		Wait:     instantly,
		Rand:     engine.FixedRandom(),
		Pin:      msal.Pin,
		Started: func(r *engine.Run) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.runs = append(w.runs, r)
		},
	}
	return w
}

// Job gives a job of the world, ready to start.
func (w *World) Job(t testing.TB, flow decision.Flow, client string) engine.Job {
	t.Helper()
	job, err := w.Target.Job(flow, client)
	if err != nil {
		t.Fatal(err)
	}
	return job
}

// Keys gives a source of the lab's keys, fetched live without a gate.
func (w *World) Keys() *jwks.Source {
	return jwks.New(jwks.Options{
		Client: &http.Client{Transport: labtarget.Transport(w.Lab, nil)}, Clock: Clock, MayAsk: inspect.MayAsk(w.Target.Target),
	})
}

// Run runs a job to its end without holding anything.
func (w *World) Run(t testing.TB, job engine.Job) engine.State {
	t.Helper()
	run, err := w.Runner.Start(context.Background(), job)
	if err != nil {
		t.Fatal(err)
	}
	return run.Wait()
}

var (
	hiddenInput = regexp.MustCompile(`<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"`)
	firstButton = regexp.MustCompile(`<button[^>]*name="([^"]+)"[^>]*value="([^"]*)"`)
	formAction  = regexp.MustCompile(`<form[^>]*action="([^"]*)"`)
)

// FakeBrowser gives an opener that behaves like a person with a browser: it
// signs in as user (the lab's first when empty) and presses the first button of
// every page: it accepts the consent and approves the second factor. It returns
// at once, as an opener does, and goes on by itself.
func FakeBrowser(user string) func(string) error {
	return func(address string) error {
		jar, err := cookiejar.New(nil)
		if err != nil {
			return err
		}
		client := &http.Client{Jar: jar}
		if user == "" {
			user = lab.New(lab.Options{Clock: Clock, Deterministic: true}).Directory().Users[0].Username
		}
		go func() { _ = browse(client, address, user) }()
		return nil
	}
}

// browse walks the pages until none asks for anything any more.
func browse(client *http.Client, address, user string) error {
	resp, err := client.Get(address)
	if err != nil {
		return err
	}
	return walkPages(client, resp, user)
}

// walkPages goes on from a page.
func walkPages(client *http.Client, resp *http.Response, user string) error {
	for range 8 {
		body, readErr := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
		_ = resp.Body.Close()
		if readErr != nil {
			return readErr
		}
		page := string(body)
		action := formAction.FindStringSubmatch(page)
		if action == nil {
			return nil
		}
		form := url.Values{}
		for _, m := range hiddenInput.FindAllStringSubmatch(page, -1) {
			form.Set(m[1], m[2])
		}
		if strings.Contains(page, `name="password"`) {
			form.Set("username", user)
			form.Set("password", password(user))
		}
		if b := firstButton.FindStringSubmatch(page); b != nil {
			form.Set(b[1], b[2])
		}
		target, parseErr := resp.Request.URL.Parse(strings.ReplaceAll(action[1], "&amp;", "&"))
		if parseErr != nil {
			return parseErr
		}
		next, err := client.PostForm(target.String(), form)
		if err != nil {
			return err
		}
		resp = next
	}
	return fmt.Errorf("the pages went round in circles")
}

func password(user string) string {
	u, _ := lab.New(lab.Options{Clock: Clock, Deterministic: true}).Directory().Account(user)
	return u.Password
}
