package command

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"flowscope/engine/observe"
)

// maxLearned is the number of requests after which the secrets are forgotten
// that were seen so far, so that a lab that serves for days stays small.
const maxLearned = 500

// maxPolls bounds the device codes that are remembered as being waited for.
const maxPolls = 64

// repeats is what was written already, so that it is not written twice.
type repeats struct {
	polls []string // device codes that a poll was told of
	last  string   // kind of the failure that was written last; empty when something else was
	times int      // how often in a row
}

// waiting reports whether a poll is the first of its device code.
func (r *repeats) waiting(code string) bool {
	if slices.Contains(r.polls, code) {
		return false
	}
	r.polls = append(r.polls, code)
	if len(r.polls) > maxPolls {
		r.polls = slices.Delete(r.polls, 0, 1)
	}
	return true
}

// count says how often in a row a failure of this kind has come now; the empty
// kind ends a row.
func (r *repeats) count(kind string) int {
	if kind == "" || kind != r.last {
		r.last, r.times = kind, 0
	}
	r.times++
	return r.times
}

// show writes the requests that have come since the last time.
func (s *labServing) show() {
	for _, e := range s.app.Requests.Since(s.shown) {
		if s.since++; s.since > maxLearned {
			s.c.red, s.since = nil, 0
		}
		if s.shown > 0 && e.N > s.shown+1 {
			s.page.text(0, s.page.st.Muted, "some requests came too fast to be shown")
		}
		s.shown = e.N
		s.c.redactor().Learn(e.Exchange)
		s.request(e)
		s.page.flush()
	}
}

// request writes one request of another program: a line of what it was and what
// it got, and why it failed. Of polls that wait for a person the first is
// written, of a row of equal failures the first is explained.
func (s *labServing) request(e observe.Entry) {
	if e.Waiting() {
		if s.said.waiting(e.Poll()) {
			s.page.came(e, s.page.g.Bullet, s.page.st.Muted, "still waiting for the person")
		}
		return
	}
	p, x := s.page, e.Exchange
	if e.Handshake() {
		n := s.said.count(e.What + "\n" + e.Hint())
		if n > 1 {
			p.line(p.when(e), p.st.Fail.Render(p.g.Fail+" "+e.What), "  ", p.st.Muted.Render(fmt.Sprintf("as before (%d)", n)))
			return
		}
		p.line(p.when(e), p.st.Fail.Render(p.g.Fail+" "+e.What), "  ", p.st.Text.Render(p.c.clean(x.Err)))
		p.text(10, p.st.Muted, e.Hint())
		return
	}
	sign, style := p.g.Pass, p.st.Pass
	findings := e.Findings()
	kind := ""
	if e.Failed() {
		sign, style = p.g.Fail, p.st.Fail
		kind = strings.Join(append([]string{e.Client, e.Person, e.What, e.Status()}, e.While...), "\n")
		for _, f := range findings {
			kind += "\n" + f.Code
		}
	}
	if n := s.said.count(kind); kind != "" && n > 1 {
		p.came(e, sign, style, fmt.Sprintf("as before (%d)", n))
		return
	}
	p.came(e, sign, style, "")
	left := strings.Repeat(" ", 10)
	p.line(left, p.st.Muted.Render(p.c.clean(x.Request.Method+" "+p.fit(address(x.Request.URL, p.g.Ellipsis), 120)+"  from "+e.From)))
	if e.Got != "" {
		p.text(10, p.st.Text, p.c.clean(e.Got))
	}
	if words := e.Circumstances(); words != "" {
		p.text(10, p.st.Warn, p.c.clean(words))
	}
	for _, f := range findings {
		f.FlowRight = "" // our own runs say that of their plan; here there is none
		p.finding(f)
		p.gap()
	}
}

// came is the first line of a request: when it came, what it was, and a remark.
func (p *page) came(e observe.Entry, sign string, style lipgloss.Style, remark string) {
	what := e.What
	if e.Client != "" {
		what += " of " + e.Client
	}
	if e.Person != "" {
		what += " for " + e.Person
	}
	if remark != "" {
		remark = "  " + p.st.Muted.Render(remark)
	}
	p.line(p.when(e), style.Render(sign+" "+e.Status()), "  ", p.st.Title.Render(p.c.clean(what)), remark)
}

// when is the time of a request, as each of its lines begins.
func (p *page) when(e observe.Entry) string {
	return p.st.Muted.Render(e.Exchange.Started.Format("15:04:05") + "  ")
}
