package command

import (
	"context"
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"flowscope/engine"
	"flowscope/engine/trace"
)

// stepHelp are the words at a held request.
const stepHelp = `enter          sends it
e NAME=VALUE   gives a parameter another value, or adds it
               (query:, form: or header: before the name says where it stands)
d NAME         drops a parameter
u              undoes the last change
s              shows the request as it is now
p              sends it, and lets the polls of a device through from here on
a              sends it and all the rest
q              stops; nothing more is sent`

// answerHelp are the words at a held answer.
const answerHelp = `enter            hands it to the program
status NUMBER    gives it another status
set NAME=VALUE   sets a member of its JSON, a parameter of its redirect, or a
                 claim of a token in it (id_token.nonce=x); header:NAME=VALUE
drop NAME        leaves one out
u                undoes the last change
s                shows the answer as it is now
a                hands it over and sends all the rest
q                stops`

// stepper attends to a run that waits: it shows the request, the answer or the
// page on standard error and asks. An empty line goes on; a line with anything
// on it that is no word of the help does nothing.
type stepper struct {
	c      *call
	run    *engine.Run
	step   bool // the person wants to be asked at each request
	held   int  // N of the exchange that was asked about last
	answer bool // and whether it was about its answer
	page   int  // id of the page that was asked about last
	helped bool // the keys were named
	unseen bool // nobody was there to agree to the first request to a live target
}

// attend asks about what waits in this state, if anything does, and releases it
// or stops the run.
func (s *stepper) attend(ctx context.Context, st engine.State) {
	switch {
	case st.Done:
	case st.Held != 0 && (st.Held != s.held || st.HeldAnswer != s.answer):
		s.held, s.answer = st.Held, st.HeldAnswer
		e := st.Trace.Exchanges[st.Held-1]
		switch {
		case st.HeldAnswer:
			s.heldAnswer(ctx, e)
		case s.step:
			s.heldRequest(ctx, e)
		default:
			s.first(ctx, e)
		}
	case st.Page != nil && st.Page.ID != s.page:
		s.page = st.Page.ID
		s.fill(ctx, *st.Page)
	}
}

// first shows the first request to a live target and asks for a word before it
// is sent. Where nobody can be asked, --yes is that word.
func (s *stepper) first(ctx context.Context, e trace.Exchange) {
	s.c.say("")
	s.c.say("First request to " + s.run.Job.Target.Name + ", a live target:")
	s.describe(e, e.Request)
	switch {
	case s.c.yes:
		s.run.Send(e.N, nil)
	case !s.c.interactive():
		s.unseen = true
		s.run.Stop()
	default:
		answer, ok := s.c.asker().line(ctx, "enter sends it and goes on, q stops: ")
		if ok && answer == "" {
			s.run.Send(e.N, nil)
			return
		}
		s.run.Stop()
	}
}

// heldRequest asks about a request until it is sent or the run stopped.
func (s *stepper) heldRequest(ctx context.Context, e trace.Exchange) {
	now := e.Request
	var before []trace.Request
	s.c.say("")
	s.describe(e, now)
	s.keys("? names the keys: e edits, d drops, u undoes, a sends all")
	for {
		word, rest, ok := s.ask(ctx, "enter sends, q stops: ")
		if !ok {
			return
		}
		switch {
		case word == "":
			s.send(e.N, now, len(before) > 0)
			return
		case word == "a":
			s.run.SetStepping(false)
			s.run.HoldAnswers(false)
			s.step = false
			s.send(e.N, now, len(before) > 0)
			return
		case word == "p":
			s.run.Pass(trace.Poll, true)
			s.send(e.N, now, len(before) > 0)
			return
		case word == "s":
			s.describe(e, now)
		case word == "u" && len(before) > 0:
			now, before = before[len(before)-1], before[:len(before)-1]
			s.describe(e, now)
		case word == "u":
			s.c.say("there is nothing to undo")
		case word == "?":
			s.lines(stepHelp)
		case word == "e" || word == "d":
			next, err := edit(now, word, rest)
			if err != nil {
				s.c.say(err.Error())
				continue
			}
			now, before = next, append(before, now)
			s.describe(e, now)
		default:
			s.c.say("an empty line goes on; nothing was sent (? names the keys)")
		}
	}
}

func (s *stepper) send(n int, r trace.Request, edited bool) {
	if edited {
		s.run.Send(n, &r)
		return
	}
	s.run.Send(n, nil)
}

// heldAnswer asks about an answer until it is handed over or the run stopped.
func (s *stepper) heldAnswer(ctx context.Context, e trace.Exchange) {
	if e.Response == nil {
		s.run.Answer(e.N, nil)
		return
	}
	now := e.Response.Clone()
	var before []trace.Response
	s.c.say("")
	s.describeAnswer(e, now)
	s.keys("? names the keys: status, set, drop, u undoes, a sends all")
	for {
		word, rest, ok := s.ask(ctx, "enter hands it over, q stops: ")
		if !ok {
			return
		}
		switch word {
		case "", "a":
			if word == "a" {
				s.run.SetStepping(false)
				s.run.HoldAnswers(false)
				s.step = false
			}
			if len(before) > 0 {
				s.run.Answer(e.N, &now)
			} else {
				s.run.Answer(e.N, nil)
			}
			return
		case "s":
			s.describeAnswer(e, now)
		case "u":
			if len(before) == 0 {
				s.c.say("there is nothing to undo")
				continue
			}
			now, before = before[len(before)-1], before[:len(before)-1]
			s.describeAnswer(e, now)
		case "?":
			s.lines(answerHelp)
		case "status", "set", "drop":
			next, err := editAnswer(now, word, rest)
			if err != nil {
				s.c.say(err.Error())
				continue
			}
			now, before = next, append(before, now)
			s.describeAnswer(e, now)
		default:
			s.c.say("an empty line goes on; nothing was changed (? names the keys)")
		}
	}
}

// keys names the keys once in a run.
func (s *stepper) keys(words string) {
	if !s.helped {
		s.helped = true
		s.c.say("  " + words)
	}
}

func (s *stepper) lines(text string) {
	for l := range strings.SplitSeq(text, "\n") {
		s.c.say("  " + l)
	}
}

// ask waits for a line and splits its first word off. With q, at the end of the
// input, or when the program is interrupted, it stops the run and gives false.
func (s *stepper) ask(ctx context.Context, question string) (word, rest string, ok bool) {
	line, ok := s.c.asker().line(ctx, question)
	if !ok {
		if ctx.Err() == nil {
			s.c.say("the input has ended")
		}
		s.run.Stop()
		return "", "", false
	}
	word, rest, _ = strings.Cut(line, " ")
	if strings.EqualFold(word, "q") && rest == "" {
		s.run.Stop()
		return "", "", false
	}
	return word, strings.TrimSpace(rest), true
}

// describe says which request waits, why it is sent, and what was changed in it.
func (s *stepper) describe(e trace.Exchange, now trace.Request) {
	for _, step := range s.run.Plan.Steps {
		if step.N == e.Step {
			s.paragraph(fmt.Sprintf("step %d  ", step.N), step.Title+". "+step.Why)
		}
	}
	s.c.say("  " + now.Method + " " + s.masked(withoutQuery(now.URL)))
	old := e.Request
	if e.Original != nil {
		old = *e.Original
	}
	s.params(now.QueryParams(), old.QueryParams())
	s.params(now.FragmentParams(), old.FragmentParams())
	s.params(now.FormParams(), old.FormParams())
	s.params(shownHeaders(now), shownHeaders(old))
	for _, change := range e.Changes {
		s.c.say("  changed: " + change)
	}
}

// describeAnswer says which answer waits, and what was changed in it.
func (s *stepper) describeAnswer(e trace.Exchange, now trace.Response) {
	old := *e.Response
	if e.OriginalResponse != nil {
		old = *e.OriginalResponse
	}
	s.c.say(fmt.Sprintf("answer of step %d  %s", e.Step, e.Purpose.Noun()))
	s.c.say(fmt.Sprintf("  status = %d%s", now.Status, was(now.Status != old.Status, fmt.Sprint(old.Status))))
	s.params(now.LocationParams(), old.LocationParams())
	s.params(jsonParams(now.Body), jsonParams(old.Body))
	for _, name := range []string{"WWW-Authenticate", "Retry-After", "Content-Type"} {
		if v := now.Header.Get(name); v != "" || old.Header.Get(name) != "" {
			s.c.say("    " + name + ": " + s.masked(v) + was(v != old.Header.Get(name), s.masked(old.Header.Get(name))))
		}
	}
	if len(jsonParams(now.Body)) == 0 && len(now.Body) > 0 {
		s.c.say(fmt.Sprintf("    a body of %d bytes", len(now.Body)))
	}
	for _, change := range e.AnswerChanges {
		s.c.say("  changed: " + change)
	}
}

// params writes parameters with their values masked; beside one that was
// changed stands what it was.
func (s *stepper) params(now, old []trace.Param) {
	for _, p := range now {
		value, here := s.value(p), find(old, p.Name)
		note := ""
		switch {
		case here == nil:
			note = "  (added)"
		case here.Value != p.Value:
			note = was(true, s.value(*here))
		}
		s.c.say("    " + p.Name + sign(p) + value + note)
	}
	for _, p := range old {
		if find(now, p.Name) == nil {
			s.c.say("    " + p.Name + "  (dropped)")
		}
	}
}

func sign(p trace.Param) string {
	if p.Place == trace.Header {
		return ": "
	}
	return " = "
}

func was(changed bool, old string) string {
	if !changed {
		return ""
	}
	if old == "" {
		return "  (was empty)"
	}
	return "  (was " + old + ")"
}

// maxValue bounds a value at the prompt, in characters: a token is longer, and
// what tells it from another stands at its end.
const maxValue = 240

func (s *stepper) value(p trace.Param) string {
	if s.c.withSecrets {
		return p.Value
	}
	value, _ := s.c.redactor().Value(p.Name, p.Value)
	return middle(value)
}

// middle leaves the middle of a long value out.
func middle(value string) string {
	if r := []rune(value); len(r) > maxValue {
		return fmt.Sprintf("%s…%s  (%d characters)", string(r[:maxValue/6]), string(r[len(r)-maxValue/12:]), len(r))
	}
	return value
}

func (s *stepper) masked(text string) string { return s.c.mask(text) }

// paragraph writes a text behind a label, wrapped, its later lines under its
// first.
func (s *stepper) paragraph(label, text string) {
	for i, l := range wrap(s.c.clean(text), max(20, s.c.width()-ansi.StringWidth(label))) {
		if i > 0 {
			label = strings.Repeat(" ", ansi.StringWidth(label))
		}
		s.c.say(label + l)
	}
}
