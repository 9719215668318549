package run

import (
	"fmt"
	"slices"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"flowscope/engine/trace"
	"flowscope/tui/screen"
	"flowscope/tui/widget"
)

// maxPast is how many earlier runs are kept to be compared with.
const maxPast = 8

// past is an earlier run of this screen.
type past struct {
	title string
	trace *trace.Trace
	ended string // what it came to
}

// keep notes what the run came to before another one begins.
func (r *Run) keep() {
	if r.run == nil || r.state.Trace == nil || len(r.state.Trace.Exchanges) == 0 {
		return
	}
	ended := "not finished"
	if r.state.Done {
		ended = r.endWords()
	}
	r.past = append(r.past, past{title: r.Subject(), trace: r.state.Trace, ended: ended})
	if len(r.past) > maxPast {
		r.past = r.past[1:]
	}
}

// compare sets this run and an earlier one side by side, the first difference
// first.
type compare struct {
	r     *Run
	index int // into past
}

func (r *Run) openCompare() tea.Cmd {
	switch {
	case len(r.past) == 0:
		return screen.Notice("there is no earlier run on this screen: r runs it again, b breaks it, then d compares")
	case r.state.Trace == nil || len(r.state.Trace.Exchanges) == 0:
		return screen.Notice("this run has sent nothing yet")
	}
	r.open(&compare{r: r, index: len(r.past) - 1})
	return nil
}

func (c *compare) title() (string, string) {
	return "Compare", "with run " + of(c.index+1, len(c.r.past))
}
func (c *compare) typing() bool { return false }
func (c *compare) back() bool   { return false }

func (c *compare) keys() []key.Binding {
	return []key.Binding{screen.When(screen.Sides("another run"), len(c.r.past) > 1), screen.Bind("↑↓", "scroll", "down", "up"), screen.Bind("esc", "close", "esc")}
}

func (c *compare) key(k tea.KeyMsg) tea.Cmd {
	r := c.r
	switch {
	case key.Matches(k, screen.Left()):
		c.index = max(0, c.index-1)
	case key.Matches(k, screen.Right()):
		c.index = min(c.index+1, len(r.past)-1)
	case key.Matches(k, screen.Down()):
		r.scroll.Top++
	case key.Matches(k, screen.Up()):
		r.scroll.Top = max(0, r.scroll.Top-1)
	case key.Matches(k, screen.PageDown()):
		r.scroll.Top += max(1, r.h-8)
	case key.Matches(k, screen.PageUp()):
		r.scroll.Top = max(0, r.scroll.Top-max(1, r.h-8))
	case key.Matches(k, compareKey()):
		r.over = nil
	}
	return nil
}

func (c *compare) lines(w, _ int) (lines []string, first, last int) {
	st, r := c.r.sh.Styles, c.r
	before := r.past[c.index]
	now := "under way"
	if r.state.Done {
		now = r.endWords()
	}
	lines = widget.Fields(r.sh, []widget.Field{
		{Label: "before", Value: before.title + " " + r.sh.Glyphs.Arrow + " " + before.ended},
		{Label: "now", Value: r.Subject() + " " + r.sh.Glyphs.Arrow + " " + now},
	}, w)
	n := 0
	for _, m := range matched(before.trace, r.state.Trace) {
		out := c.exchange(m, w)
		if len(out) == 0 {
			continue
		}
		if n++; n == 1 {
			lines = append(lines, "", st.Warn.Render("The first difference"))
		}
		lines = append(append(lines, ""), out...)
	}
	if n == 0 {
		lines = append(lines, "")
		lines = append(lines, widget.Render(st.Text, widget.Wrap("Nothing differs but what differs every time: states, nonces, codes, tokens and times.", w))...)
	}
	return lines, -1, -1
}

// match is the same exchange in two runs; nil where one has none.
type match struct{ was, now *trace.Exchange }

// matched pairs the exchanges of two runs: by purpose, and by their order among
// those of that purpose.
func matched(was, now *trace.Trace) []match {
	var out []match
	used := map[int]bool{}
	for i := range was.Exchanges {
		m := match{was: &was.Exchanges[i]}
		j := slices.IndexFunc(now.Exchanges, func(e trace.Exchange) bool { return e.Purpose == m.was.Purpose && !used[e.N] })
		if j >= 0 {
			m.now = &now.Exchanges[j]
			used[m.now.N] = true
		}
		out = append(out, m)
	}
	for i := range now.Exchanges {
		if !used[now.Exchanges[i].N] {
			out = append(out, match{now: &now.Exchanges[i]})
		}
	}
	return out
}

// fresh are the names of what is another in every run.
var fresh = []string{"state", "nonce", "code", "code_challenge", "code_verifier", "session_state", "client_assertion", "client-request-id",
	"x-client-last-telemetry", "x-client-current-telemetry", "access_token", "id_token", "refresh_token", "client_info", "Set-Cookie", "Cookie", "Date",
	"timestamp", "trace_id", "correlation_id", "X-Ms-Request-Id", "X-Ms-Ests-Server", "Content-Length", "Authorization", "device_code", "user_code"}

// telltales keeps of the pairs those that say something.
func telltales(list []pair) []pair {
	var out []pair
	for _, p := range list {
		if p.changed() && !(p.had && p.has && slices.Contains(fresh, p.name)) {
			out = append(out, p)
		}
	}
	return out
}

// exchange draws what differs in one exchange: request, then answer.
func (c *compare) exchange(m match, w int) []string {
	st, r := c.r.sh.Styles, c.r
	switch {
	case m.now == nil:
		return []string{st.Warn.Render("-") + " " + st.Bright.Render(widget.Fit("the "+m.was.Purpose.Noun()+": only before", w-2, r.sh.Glyphs.Ellipsis))}
	case m.was == nil:
		return []string{st.Warn.Render("+") + " " + st.Bright.Render(widget.Fit("the "+m.now.Purpose.Noun()+": only now", w-2, r.sh.Glyphs.Ellipsis))}
	}
	var out []string
	title := func(words string) string { return st.Title.Render(fmt.Sprintf("step %d: %s", m.now.Step, words)) }
	if list := telltales(requestPairs(m.was.Request, m.now.Request)); len(list) > 0 {
		out = append(append(out, title("the "+m.now.Purpose.Noun())), r.beside("before", "now", list, w)...)
	}
	if m.was.Response != nil && m.now.Response != nil {
		if list := telltales(answerPairs(*m.was.Response, *m.now.Response)); len(list) > 0 {
			out = append(append(out, title("its answer")), r.beside("before", "now", list, w)...)
		}
	}
	return out
}
