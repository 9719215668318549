package command

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"flowscope/engine"
	"flowscope/engine/trace"
)

// maxTyped bounds a line that is typed at a prompt, in bytes.
const maxTyped = 64 << 10

// stepper asks on standard error before each request leaves. An empty line
// sends; a line with anything on it does not, so that a paste sends nothing.
type stepper struct {
	c     *call
	run   *engine.Run
	lines chan string // closed at the end of the input
	done  chan struct{}
	held  int // N of the exchange that was asked about last
	page  int // id of the page that was asked about last
}

// newStepper begins to read lines. The reading ends with close, save that a
// read which is waiting for input ends with that input.
func newStepper(c *call, run *engine.Run) *stepper {
	s := &stepper{c: c, run: run, lines: make(chan string), done: make(chan struct{})}
	go s.read(c.d.In)
	return s
}

func (s *stepper) read(in io.Reader) {
	defer close(s.lines)
	scanner := bufio.NewScanner(in)
	scanner.Buffer(make([]byte, 0, 256), maxTyped)
	for scanner.Scan() {
		select {
		case s.lines <- scanner.Text():
		case <-s.done:
			return
		}
	}
}

func (s *stepper) close() { close(s.done) }

// attend asks about what waits in this state, if anything does, and releases it
// or stops the run.
func (s *stepper) attend(ctx context.Context, st engine.State) {
	switch {
	case st.Done:
	case st.Held != 0 && st.Held != s.held:
		s.held = st.Held
		s.describe(st)
		if s.goesOn(ctx, "enter sends, q stops: ") {
			s.run.Send(st.Held, nil)
		}
	case st.Page != nil && st.Page.ID != s.page:
		s.page = st.Page.ID
		s.answer(ctx, *st.Page)
	}
}

// describe says which request waits, and why it is sent.
func (s *stepper) describe(st engine.State) {
	for _, e := range st.Trace.Exchanges {
		if e.N != st.Held {
			continue
		}
		for _, step := range s.run.Plan.Steps {
			if step.N == e.Step {
				s.c.say("")
				s.c.say(fmt.Sprintf("step %d  %s. %s", step.N, step.Title, step.Why))
			}
		}
		s.c.say("  " + e.Request.Method + " " + e.Request.URL)
		for _, p := range e.Request.FormParams() {
			value, _ := s.c.redactor().Value(p.Name, p.Value)
			if s.c.withSecrets {
				value = p.Value
			}
			s.c.say("    " + p.Name + " = " + value)
		}
		for _, change := range e.Changes {
			s.c.say("  changed: " + change)
		}
	}
}

// answer fills a page of the sign-in in with the account of the job.
func (s *stepper) answer(ctx context.Context, page engine.Page) {
	s.c.say("")
	s.c.say("page  " + page.Title)
	for _, t := range page.Text {
		switch {
		case t.Item && t.Strong != "":
			s.c.say("  " + s.c.glyphs().Bullet + " " + t.Strong)
		case t.Item:
			s.c.say("  " + s.c.glyphs().Bullet + " " + t.Text)
		}
	}
	if page.Error != "" {
		s.c.say("  it says: " + page.Error)
	}
	account, known := s.account()
	if len(page.Buttons) == 0 || page.HasField("password") && !known {
		s.c.say("  it can't be answered from here")
		s.run.Stop()
		return
	}
	press, values := page.Buttons[0].Label, map[string]string{}
	question := fmt.Sprintf("enter presses %q, q stops: ", trace.Plain(press))
	if page.HasField("username") || page.HasField("password") {
		values["username"], values["password"] = account.Username, account.Password
		question = fmt.Sprintf("enter signs in as %s, q stops: ", trace.Plain(account.Username))
	} else if s.run.Job.Decline && page.AsksConsent() {
		press = page.Buttons[len(page.Buttons)-1].Label
		question = fmt.Sprintf("enter presses %q, q stops: ", trace.Plain(press))
	}
	if s.goesOn(ctx, question) {
		s.run.AnswerPage(page.ID, engine.PageAnswer{Values: values, Button: press})
	}
}

func (s *stepper) account() (engine.Account, bool) {
	job := s.run.Job
	if job.User != "" {
		return job.Target.Account(job.User)
	}
	if len(job.Target.Accounts) == 0 {
		return engine.Account{}, false
	}
	return job.Target.Accounts[0], true
}

// goesOn asks and waits for an empty line. With q, at the end of the input, or
// when the program is interrupted, it stops the run.
func (s *stepper) goesOn(ctx context.Context, question string) bool {
	for {
		_, _ = fmt.Fprint(s.c.d.Err, s.c.mask(question))
		select {
		case line, ok := <-s.lines:
			switch word := strings.TrimSpace(line); {
			case !ok:
				s.c.say("")
				s.c.say("the input has ended")
				s.run.Stop()
				return false
			case word == "":
				return true
			case strings.EqualFold(word, "q"):
				s.run.Stop()
				return false
			}
			s.c.say("an empty line goes on; nothing was sent")
		case <-ctx.Done():
			s.run.Stop()
			return false
		}
	}
}
