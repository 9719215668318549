package command

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"flowscope/engine"
	"flowscope/engine/explain"
	"flowscope/engine/fault"
	"flowscope/engine/inspect"
	"flowscope/engine/trace"
	"flowscope/validate"
)

// outcome writes everything behind the exchanges: what was passed over, the
// tokens, what an API said, prediction and outcome, and what failed.
func (p *page) outcome(r *result) {
	p.notDone(r)
	p.tokens(r)
	p.apis(r)
	p.library(r)
	if r.fault != nil {
		p.prediction(*r.fault, r)
	}
	for _, f := range r.planned {
		p.gap()
		p.signed(0, p.g.Bullet, p.st.Muted, p.st.Text, p.c.clean(fmt.Sprintf("Step %d was answered with %s, and this flow is there to meet that. %s", f.Step, f.Code, f.What)))
	}
	for _, finding := range r.findings {
		p.gap()
		p.finding(finding)
	}
}

// notDone names the steps of the plan that did not happen.
func (p *page) notDone(r *result) {
	var turns, left []string
	for i, s := range r.run.Plan.Steps {
		if r.state.Steps[i] != engine.Planned || s.Purpose == trace.Answer {
			continue
		}
		words := fmt.Sprintf("%d %s", s.N, s.Title)
		if s.Maybe || r.state.Trace.Outcome == trace.Tokens {
			turns = append(turns, words)
		} else {
			left = append(left, words)
		}
	}
	for _, part := range []struct {
		label string
		steps []string
	}{{"Not needed", turns}, {"Not reached", left}} {
		if len(part.steps) > 0 {
			p.gap()
			p.labelled(0, part.label, 13, p.st.Muted, p.c.clean(strings.Join(part.steps, " "+p.g.Dot+" ")))
		}
	}
}

// tokens writes what was obtained, and every check that did not simply pass.
// Where several answers brought tokens, each has a line of its own above them.
func (p *page) tokens(r *result) {
	last, several := 0, false
	for _, t := range r.state.Trace.Tokens {
		several = several || last != 0 && t.Exchange != last
		last = t.Exchange
	}
	last = 0
	for i, report := range r.reports {
		if i == 0 {
			p.head("Tokens", "")
		}
		token := r.state.Trace.Tokens[i]
		if several && token.Exchange != last {
			last = token.Exchange
			p.line(p.st.Muted.Render("from " + p.c.clean(broughtBy(r, token))))
		}
		p.token(report, token)
	}
}

func (p *page) token(report *inspect.Report, token trace.Token) {
	kind := report.Kind
	if token.Kind == trace.RefreshToken {
		kind = validate.KindRefresh
	}
	if kind == validate.KindRefresh {
		p.line(p.st.Muted.Render(p.g.NotRun + " refresh token  for its issuer alone; there is nothing in it to check"))
	} else {
		p.verdict(report, kind)
		p.flow(report)
		if _, words := lasting(report.Token, report.Expect.Now); words != "" {
			p.text(2, p.st.Muted, words)
		}
	}
	if p.c.withSecrets {
		p.line("  ", trace.Plain(token.Value))
	}
	if kind == validate.KindRefresh {
		return
	}
	for _, s := range []validate.Status{validate.StatusFail, validate.StatusWarn} {
		for _, check := range report.Checks() {
			if check.Status == s {
				p.check(2, check)
			}
		}
	}
}

// broughtBy names the step whose answer brought a token.
func broughtBy(r *result, t trace.Token) string {
	for _, e := range r.state.Trace.Exchanges {
		if e.N != t.Exchange {
			continue
		}
		for _, s := range r.run.Plan.Steps {
			if s.N == e.Step {
				return fmt.Sprintf("step %d, %s", s.N, s.Title)
			}
		}
	}
	return "the cache"
}

// apis says what an API made of the token: for each call that was let in, whom
// the token is for and what it allows; for each that was not, its challenge.
func (p *page) apis(r *result) {
	headed := false
	defer func() {
		for i, host := range r.unsent {
			if i == 0 && !headed {
				p.head("API", "")
			}
			p.signed(0, p.g.NotRun, p.st.Muted, p.st.Text, "not sent to "+p.c.clean(host)+": nobody agreed to it")
		}
	}()
	for _, e := range r.state.Trace.Exchanges {
		if !e.Purpose.AtAPI() || e.Response == nil {
			continue
		}
		if !headed {
			p.head("API", "")
			headed = true
		}
		where := p.c.clean(address(e.Request.URL, p.g.Ellipsis)) + fmt.Sprintf(" at step %d", e.Step)
		if e.Response.Status < 400 {
			p.signed(0, p.g.Pass, p.st.Pass, p.st.Text, fmt.Sprintf("%d from %s%s", e.Response.Status, where, p.c.clean(allowed(r, e)))+outlives(r, e))
			continue
		}
		p.signed(0, p.g.Fail, p.st.Fail, p.st.Text, fmt.Sprintf("%d from %s: %s", e.Response.Status, where, refusalWords(e.Response.Status)))
		for _, v := range e.Response.Header.Values("WWW-Authenticate") {
			p.broken(2, "WWW-Authenticate", 18, p.st.Muted, p.c.clean(cutShort(v)))
		}
		if claims, ok := explain.ChallengeClaims(e); ok {
			p.broken(2, "it wants claims", 18, p.st.Bright, p.c.clean(cutShort(claims)))
			words := "The client starts a new sign-in with them: --answer-challenge does."
			if p.answering {
				words = "The client starts a new sign-in with them: that follows here."
			}
			p.text(2, p.st.Muted, words)
		}
	}
}

// outlives says why a call behind a sign-out is let in still (Entra: access token
// lifetime).
func outlives(r *result, e trace.Exchange) string {
	for _, x := range r.state.Trace.Exchanges {
		if x.Purpose == trace.SignOut && x.N < e.N {
			return ". An access token outlives the sign-out: the API checks the token and asks nobody, until it expires"
		}
	}
	return ""
}

// maxWords bounds what a server or a library wrote, in characters.
const maxWords = 600

// cutShort cuts what a server wrote to what a page can hold.
func cutShort(s string) string {
	if r := []rune(s); len(r) > maxWords {
		return string(r[:maxWords]) + "…"
	}
	return s
}

func refusalWords(status int) string {
	switch status {
	case 401:
		return "it does not accept this token"
	case 403:
		return "it knows who is calling, and that is not enough"
	case 404:
		return "it has no such address"
	case 429:
		return "too many calls, wait as long as Retry-After says"
	}
	if status >= 500 {
		return "the API itself is in trouble"
	}
	return "it refuses the call"
}

// allowed says from the token that was sent why the API let the call in.
func allowed(r *result, e trace.Exchange) string {
	_, sent, _ := strings.Cut(e.Request.Header.Get("Authorization"), " ")
	for i, t := range r.state.Trace.Tokens {
		if t.Value != sent || sent == "" || i >= len(r.reports) {
			continue
		}
		words := ": the token was accepted"
		if aud, ok := claimText(r.reports[i], "aud"); ok {
			words = ": the token is for it (aud " + aud + ")"
		}
		if scp, ok := claimText(r.reports[i], "scp"); ok {
			words += " and allows " + scp + " for the person"
		} else if roles, ok := claimText(r.reports[i], "roles"); ok {
			words += " and gives the application " + roles
		}
		return words
	}
	return ""
}

// claimText reads a claim that is a string or a list of strings.
func claimText(r *inspect.Report, name string) (string, bool) {
	if r.Token == nil || r.Token.Claims == nil {
		return "", false
	}
	if s := r.Token.Claims.String(name); s != "" {
		return s, true
	}
	all := r.Token.Claims.Strings(name)
	return strings.Join(all, ", "), len(all) > 0
}

// library writes what the client library made of it: a second exhibit beside the
// exchanges, which are what was sent.
func (p *page) library(r *result) {
	l := r.state.Trace.Library
	if l == nil || l.Result == "" && l.Error == "" {
		return
	}
	p.gap()
	name := p.c.clean(l.Name)
	column := ansi.StringWidth(name) + 2
	p.labelled(0, name, column, p.st.Text, p.c.clean(cutShort(l.Result)))
	p.labelled(0, name, column, p.st.Warn, p.c.clean(libraryError(l.Error)))
}

// libraryError is a library's error without the answer that it repeats: that
// stands among the findings.
func libraryError(s string) string {
	if i := strings.Index(s, "{"); i > 0 {
		s = strings.TrimRight(s[:i], " :\n") + ", and the whole answer"
	}
	return cutShort(s)
}

// prediction sets what the fault predicts beside what came.
func (p *page) prediction(f fault.Fault, r *result) {
	p.gap()
	o := outcomeOf(f, r)
	predicts := p.c.clean(predictWords(f.Predicts))
	if o.Match {
		p.signed(0, p.g.Pass, p.st.Pass, p.st.Text, fmt.Sprintf("The fault %s predicts %s, and that is what came. %s", f.ID, predicts, f.Lesson))
	} else {
		p.signed(0, p.g.Warn, p.st.Warn, p.st.Text, fmt.Sprintf("The fault %s predicts %s, and something else came: %s.", f.ID, predicts, p.c.clean(fault.Words(o.Came))))
	}
	p.attack(f.Attack, 15)
}

// predictWords name a predicted outcome inside a sentence.
func predictWords(outcome string) string {
	words := fault.Words(outcome)
	if what, ours := strings.CutPrefix(words, "refused by us: "); ours && what == outcome {
		return "that we refuse the " + what
	}
	return words
}

// outcomeOf compares what a run came to with what its fault predicts.
func outcomeOf(f fault.Fault, r *result) fault.Outcome {
	code, checks := firstFinding(r)
	return f.Outcome(r.state.Trace, code, checks...)
}

// firstFinding gives the code of the first finding, and the token checks that
// failed.
func firstFinding(r *result) (code string, checks []string) {
	if len(r.findings) > 0 {
		code = r.findings[0].Code
	}
	return code, inspect.Failed(r.reports)
}
