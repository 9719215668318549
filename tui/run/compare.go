package run

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"flowscope/engine/compare"
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
	r.past = append(r.past, past{title: r.subject, trace: r.state.Trace, ended: ended})
	if len(r.past) > maxPast {
		r.past = r.past[1:]
	}
}

// comparison sets this run and an earlier one side by side, the first difference
// first.
type comparison struct {
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
	r.open(&comparison{r: r, index: len(r.past) - 1})
	return nil
}

func (c *comparison) title() (string, string) {
	return "Compare", "with run " + of(c.index+1, len(c.r.past))
}
func (c *comparison) typing() bool { return false }
func (c *comparison) back() bool   { return false }

func (c *comparison) keys() []key.Binding {
	return []key.Binding{screen.When(screen.Sides("another run"), len(c.r.past) > 1), screen.Bind("↑↓", "scroll", "down", "up"), screen.Bind("esc", "close", "esc")}
}

func (c *comparison) key(k tea.KeyMsg) tea.Cmd {
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

func (c *comparison) lines(w, _ int) (lines []string, first, last int) {
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
	result := compare.Compare(before.trace, r.state.Trace)
	if len(result.Differences) == 0 {
		lines = append(lines, "")
		return append(lines, widget.Render(st.Text, widget.Wrap("Nothing differs but what differs every time.", w))...), -1, -1
	}
	for i, part := range parts(result.Differences) {
		lines = append(lines, "")
		if i == 0 {
			lines = append(lines, st.Warn.Bold(true).Render("The first difference"))
		}
		lines = append(lines, c.part(part, w)...)
	}
	return append(lines, c.leftOut(result, w)...), -1, -1
}

// parts groups differences that follow each other by exchange and direction.
func parts(list []compare.Difference) [][]compare.Difference {
	var out [][]compare.Difference
	for i, d := range list {
		if i > 0 && d.A == list[i-1].A && d.B == list[i-1].B && d.Where.Sent() == list[i-1].Where.Sent() {
			out[len(out)-1] = append(out[len(out)-1], d)
			continue
		}
		out = append(out, []compare.Difference{d})
	}
	return out
}

// mostSentences is how many differences of one request or answer are put into
// words: the first ones say it.
const mostSentences = 4

// part draws what differs in one request, or in one answer.
func (c *comparison) part(list []compare.Difference, w int) []string {
	st, r, d := c.r.sh.Styles, c.r, list[0]
	words := "The run as a whole"
	if d.Purpose != "" {
		words = "The " + d.Purpose.Noun()
		if !d.Where.Sent() {
			words = "The answer to the " + d.Purpose.Noun()
		}
		if n := c.step(d); n > 0 {
			words += fmt.Sprintf(", step %d", n)
		}
	}
	out := []string{st.Title.Render(widget.Fit(words, w, r.sh.Glyphs.Ellipsis))}
	var pairs []pair
	for i, d := range list {
		if d.Sentence != "" && i < mostSentences {
			out = append(out, widget.Render(st.Bright, widget.Wrap(capital(trace.Plain(r.sh.Secrets.Text(d.Sentence))), w))...)
		}
	}
	for _, d := range list {
		if d.Where == compare.Missing && !d.HadA && !d.HadB {
			continue // its sentence says it
		}
		if d.Where == compare.Missing {
			where := "only before"
			if d.HadB {
				where = "only now"
			}
			out = append(out, st.Warn.Render(r.sh.Glyphs.Warn)+" "+st.Text.Render(where))
			continue
		}
		name := d.Name
		if name == "" {
			name = string(d.Where)
		}
		pairs = append(pairs, pair{name: name, was: d.Before, now: d.After, had: d.HadA, has: d.HadB, absent: "not there"})
	}
	if len(pairs) > 0 {
		out = append(out, r.beside("before", "now", pairs, w)...)
	}
	return out
}

// capital begins a sentence with a capital letter.
func capital(s string) string {
	first, _, _ := strings.Cut(s, " ")
	if s == "" || strings.ContainsAny(first, "_[:") {
		return s // it begins with a name, which is written as it is
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// step gives the step of this run in which a difference stands, 0 when it has
// none.
func (c *comparison) step(d compare.Difference) int {
	if all := c.r.state.Trace.Exchanges; d.B > 0 && d.B <= len(all) {
		return all[d.B-1].Step
	}
	return 0
}

// leftOut says how much differs in every run, and is not shown.
func (c *comparison) leftOut(result compare.Result, w int) []string {
	if result.LeftOut == 0 {
		return nil
	}
	words := fmt.Sprintf("Left out, since they differ in every run: %s (%s).", plural(result.LeftOut, "value"), strings.Join(result.Noise, ", "))
	return append([]string{""}, widget.Render(c.r.sh.Styles.Muted, widget.Wrap(trace.Plain(words), w))...)
}
