package command

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"flowscope/engine"
	"flowscope/engine/trace"
)

// fill shows a page of the sign-in and asks how it is answered: with the account
// of the job where that is known, else field by field.
func (s *stepper) fill(ctx context.Context, page engine.Page) {
	s.showPage(page)
	account, known := s.account(page)
	asksAccount := page.HasField("username") || page.HasField("password")
	if len(page.Buttons) == 0 {
		s.c.say("  it can't be answered from here")
		s.run.Stop()
		return
	}
	answer := engine.PageAnswer{Values: map[string]string{}, Button: page.Buttons[0].Label}
	for _, f := range page.Fields {
		answer.Values[f.Name] = f.Value
	}
	if asksAccount && !known || page.Person {
		s.fields(ctx, page, answer)
		return
	}
	if asksAccount {
		answer.Values["username"], answer.Values["password"] = account.Username, account.Password
	} else if s.run.Job.Decline && page.AsksConsent() {
		answer.Button = page.Buttons[len(page.Buttons)-1].Label
	}
	question := fmt.Sprintf("enter presses %q, q stops: ", trace.Plain(answer.Button))
	switch {
	case asksAccount:
		question = fmt.Sprintf("enter signs in as %s, f fills in the fields, q stops: ", trace.Plain(account.Username))
	case len(page.Fields) > 0:
		question = fmt.Sprintf("enter presses %q, f fills in the fields, q stops: ", trace.Plain(answer.Button))
	case len(page.Buttons) > 1:
		question = fmt.Sprintf("enter presses %q, a number presses another, q stops: ", trace.Plain(answer.Button))
	}
	for {
		word, rest, ok := s.ask(ctx, question)
		if !ok {
			return
		}
		n, err := strconv.Atoi(word)
		switch {
		case word == "":
			s.run.AnswerPage(page.ID, answer)
			return
		case word == "f" && len(page.Fields) > 0:
			s.fields(ctx, page, answer)
			return
		case rest == "" && err == nil && n >= 1 && n <= len(page.Buttons):
			answer.Button = page.Buttons[n-1].Label
			s.run.AnswerPage(page.ID, answer)
			return
		}
		s.c.say("an empty line goes on; nothing was sent")
	}
}

// showPage writes what a page says, with its buttons.
func (s *stepper) showPage(page engine.Page) {
	s.c.say("")
	s.c.say("page  " + page.Title)
	for _, t := range page.Text {
		switch {
		case t.Item && t.Strong != "":
			s.c.say("  " + s.c.glyphs().Bullet + " " + t.Strong)
		case t.Item:
			s.paragraph("  "+s.c.glyphs().Bullet+" ", t.Text)
		}
	}
	if page.Error != "" {
		s.paragraph("  it says: ", page.Error)
	}
	var buttons []string
	for i, b := range page.Buttons {
		buttons = append(buttons, fmt.Sprintf("%d %s", i+1, trace.Plain(b.Label)))
	}
	if len(buttons) > 1 {
		s.c.say("  buttons: " + strings.Join(buttons, ", "))
	}
}

// fields asks for each field of a page, passwords without an echo, and sends
// the page. An empty line keeps what stands there.
func (s *stepper) fields(ctx context.Context, page engine.Page, answer engine.PageAnswer) {
	if page.Person {
		s.c.say("  q gives up")
	}
	for _, f := range page.Fields {
		ask, there := s.c.asker().line, trace.Plain(answer.Values[f.Name])
		if f.Secret {
			ask = s.c.asker().hidden
			if there != "" {
				there = "as the lab knows it"
			}
		}
		label := trace.Plain(strings.TrimSpace(f.Label))
		if label == "" {
			label = trace.Plain(f.Name)
		}
		if there != "" {
			label += " [" + there + "]"
		}
		value, ok := ask(ctx, "  "+label+": ")
		if !ok || page.Person && strings.EqualFold(value, "q") {
			s.run.Stop()
			return
		}
		if value != "" {
			if f.Secret {
				s.c.redactor().Mask(value)
			}
			answer.Values[f.Name] = value
		}
	}
	if len(page.Buttons) > 1 && !page.Person && !slices.ContainsFunc(page.Fields, func(f engine.PageField) bool { return f.Secret }) {
		word, _, ok := s.ask(ctx, fmt.Sprintf("enter presses %q, a number presses another, q stops: ", trace.Plain(answer.Button)))
		if !ok {
			return
		}
		if n, err := strconv.Atoi(word); err == nil && n >= 1 && n <= len(page.Buttons) {
			answer.Button = page.Buttons[n-1].Label
		}
	}
	s.run.AnswerPage(page.ID, answer)
}

// account is who signs in, as far as flow and target tell.
func (s *stepper) account(page engine.Page) (engine.Account, bool) {
	job := s.run.Job
	if user := cmp.Or(page.User, job.User); user != "" {
		return job.Target.Account(user)
	}
	if len(job.Target.Accounts) == 0 {
		return engine.Account{}, false
	}
	return job.Target.Accounts[0], true
}
