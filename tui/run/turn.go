package run

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"flowscope/engine"
	"flowscope/engine/trace"
	"flowscope/tui/qr"
	"flowscope/tui/screen"
	"flowscope/tui/widget"
)

// tickMsg redraws what counts down.
type tickMsg struct{}

// startTick lets the time left count down while the person has a turn.
func (r *Run) startTick() tea.Cmd {
	if r.state.Turn == nil || r.ticking {
		return nil
	}
	r.ticking = true
	return tea.Tick(time.Second, func(time.Time) tea.Msg { return tickMsg{} })
}

func (r *Run) tick() tea.Cmd {
	r.ticking = false
	r.version++
	return r.startTick()
}

// turnHere reports whether it is the person's turn in the selected step.
func (r *Run) turnHere() bool {
	return r.state.Turn != nil && r.ladder.Selected == r.state.Current
}

// takeTurn shows what to do when the turn begins, and leaves that when it ends.
func (r *Run) takeTurn(was *engine.Turn) {
	switch {
	case was == nil && r.turnHere():
		r.tab, r.scroll.Top = tabTurn, 0
		r.detail = r.detail || r.w < wide
	case r.state.Turn == nil && r.tab == tabTurn:
		r.pickTab()
	}
	if _, ok := r.over.(*code); ok && r.state.Turn == nil {
		r.over = nil
	}
}

// polls reports whether the run asks again and again.
func (r *Run) polls() bool {
	_, ok := r.plan.Step(trace.Poll)
	return ok && r.started() && !r.state.Done
}

// turnPolls lets polls through in a row, or holds them again.
func (r *Run) turnPolls() tea.Cmd {
	if !r.polls() {
		return screen.Notice("this run polls nobody right now")
	}
	r.passing = !r.passing
	run, on := r.run, r.passing
	held, isHeld := r.held()
	send := isHeld && on && held.Purpose == trace.Poll
	words := "polls go through in a row; p holds them again"
	if !on {
		words = "every poll waits for you again"
	}
	return tea.Batch(screen.Notice(words), func() tea.Msg {
		run.Pass(trace.Poll, on)
		if send {
			run.Send(held.N, nil)
		}
		return nil
	})
}

// turnLines says what the person does outside the program: the page, the code
// and the QR code of the page together where there is room.
func (r *Run) turnLines(w, h int) []string {
	st, turn := r.sh.Styles, r.state.Turn
	if turn == nil {
		return widget.Render(st.Muted, widget.Wrap("It is not your turn any more.", w))
	}
	out := widget.Render(st.Bright, widget.Wrap(trace.Plain(turn.What), w))
	if turn.URL != "" {
		out = append(out, "")
		out = append(out, widget.Render(st.Accent, widget.Wrap(trace.Plain(turn.URL), w))...)
	}
	var code []string
	if turn.Code != "" {
		code = append([]string{""}, r.large(trace.Plain(turn.Code), w)...)
	}
	if turn.URL == "" {
		return append(append(append(out, code...), ""), r.waiting(w)...)
	}
	picture, why := r.picture(turn.URL)
	if why != "" {
		out = append(append(append(out, code...), ""), r.waiting(w)...)
		return append(append(out, ""), widget.Render(st.Muted, widget.Wrap(why, w))...)
	}
	if lines, ok := r.turnBeside(slices.Concat(out, code), picture, w, h); ok {
		return lines
	}
	if lines, ok := r.turnBeside(out, picture, w, h); ok {
		return lines // the code stands beside the picture
	}
	out = append(append(append(out, code...), ""), r.waiting(w)...)
	if width := ansi.StringWidth(picture[0]); len(out)+1+len(picture) <= h && width <= w {
		return append(append(out, ""), widget.Indent(widget.Render(st.Bright, picture), (w-width)/2)...)
	}
	return append(out, "", st.Accent.Render("Q")+st.Muted.Render(" shows the URL as a QR code, alone"))
}

// besideQR is the least width of what stands right of a QR code: a code spaced out.
const besideQR = 18

// turnBeside sets the QR code under head, with what is waited for right of it. It
// fails where that does not fit.
func (r *Run) turnBeside(head, picture []string, w, h int) ([]string, bool) {
	width := ansi.StringWidth(picture[0])
	room := w - width - 2
	if room < besideQR || len(head)+1+len(picture) > h {
		return nil, false
	}
	right := r.waiting(room)
	if len(right) > len(picture) {
		return nil, false
	}
	out := append(slices.Clone(head), "")
	for i, l := range picture {
		line := r.sh.Styles.Bright.Render(l)
		if i > 0 && i <= len(right) {
			line += "  " + right[i-1]
		}
		out = append(out, line)
	}
	return out, true
}

// picture gives the QR code of a URL, or why there is none.
func (r *Run) picture(url string) (lines []string, why string) {
	if r.sh.Glyphs.Ellipsis != "…" {
		return nil, "A QR code needs more signs than ASCII has."
	}
	lines, err := qr.Lines(url, !r.sh.Styles.Dark)
	if err != nil {
		return nil, err.Error()
	}
	return lines, ""
}

// waiting says how long the wait is, when the next poll is due, and how many
// there were.
func (r *Run) waiting(w int) []string {
	turn, now := r.state.Turn, r.sh.Now()
	var fields []widget.Field
	if turn.Code != "" {
		fields = append(fields, widget.Field{Label: "code", Value: trace.Plain(turn.Code)})
	}
	if !turn.Until.IsZero() {
		fields = append(fields, widget.Field{Label: "time left", Value: left(turn.Until.Sub(now))})
	}
	next := ""
	held, isHeld := r.held()
	switch {
	case isHeld && held.Purpose == trace.Poll:
		next = "waits at the gate: enter sends it, p lets them all through"
	case !turn.Next.IsZero():
		next = "in " + left(turn.Next.Sub(now))
	}
	if next != "" {
		fields = append(fields, widget.Field{Label: "next poll", Value: next})
	}
	if turn.Asked > 0 || next != "" {
		fields = append(fields, widget.Field{Label: "polls", Value: fmt.Sprint(turn.Asked)})
	}
	if w >= 30 {
		return widget.Fields(r.sh, fields, w)
	}
	var out []string // too narrow for two columns: each value under its label
	for i, f := range fields {
		if i > 0 {
			out = append(out, "")
		}
		out = append(out, r.sh.Styles.Muted.Render(f.Label))
		out = append(out, widget.Render(r.sh.Styles.Bright, widget.Wrap(f.Value, w))...)
	}
	return out
}

// left writes a time to come in minutes and seconds.
func left(d time.Duration) string {
	s := int(max(0, d).Round(time.Second) / time.Second)
	if s >= 60 {
		return fmt.Sprintf("%d min %02d s", s/60, s%60)
	}
	return fmt.Sprintf("%d s", s)
}

// large writes a user code so that it can be read from afar: in letters of three
// lines where they fit, else spaced out.
func (r *Run) large(code string, w int) []string {
	st := r.sh.Styles
	if lines := widget.Large(r.sh, code); len(lines) > 0 && ansi.StringWidth(lines[0]) <= w {
		return widget.Render(st.Held.Bold(true), lines)
	}
	return []string{st.Held.Bold(true).Render(widget.Fit(strings.Join(strings.Split(code, ""), " "), min(w, 2*len(code)), ""))}
}

// code is the QR code alone, for a window where it does not fit beside the rest.
type code struct{ r *Run }

func (r *Run) openQR() tea.Cmd {
	if r.state.Turn == nil || r.state.Turn.URL == "" {
		return screen.Notice("there is no URL to show as a QR code right now")
	}
	r.open(&code{r})
	return nil
}

func (c *code) title() (string, string) { return "QR code", "" }
func (c *code) typing() bool            { return false }
func (c *code) back() bool              { return false }

func (c *code) keys() []key.Binding { return []key.Binding{screen.Bind("esc", "close", "esc")} }

func (c *code) key(k tea.KeyMsg) tea.Cmd {
	if k.String() == "Q" || k.String() == "enter" {
		c.r.over = nil
	}
	return nil
}

func (c *code) lines(w, h int) (lines []string, first, last int) {
	st := c.r.sh.Styles
	if c.r.state.Turn == nil {
		return nil, 0, 0
	}
	picture, why := c.r.picture(c.r.state.Turn.URL)
	switch {
	case why != "":
		return widget.Render(st.Muted, widget.Wrap(why, w)), 0, 0
	case len(picture) > h || ansi.StringWidth(picture[0]) > w:
		words := fmt.Sprintf("The QR code needs %d by %d cells here, and this pane has %d by %d. Make the window larger, or type the URL:", ansi.StringWidth(picture[0]), len(picture), w, h)
		out := widget.Render(st.Muted, widget.Wrap(words, w))
		return append(append(out, ""), widget.Render(st.Accent, widget.Wrap(trace.Plain(c.r.state.Turn.URL), w))...), 0, 0
	}
	return widget.Indent(widget.Render(st.Bright, picture), (w-ansi.StringWidth(picture[0]))/2), 0, 0
}
