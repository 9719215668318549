package widget

import (
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"flowscope/tui/screen"
)

// PaneState says how a pane is drawn.
type PaneState int

// The states of a pane.
const (
	Resting PaneState = iota
	Focused
	HeldPane // what it shows waits at the gate
	LivePane // the same, on its way to a real tenant
)

// Pane is a rounded box with its title in the border on the left and a summary
// on the right.
type Pane struct {
	Title   string
	Summary string // plain text, muted
	Accent  string // already styled summary, in place of Summary
	State   PaneState
	More    bool // there is more below what is shown
	Above   bool // there is more above
}

// Inner gives the cells inside a pane of this outer size: two columns of
// padding and the border are taken off.
func Inner(w, h int) (int, int) { return max(0, w-4), max(0, h-2) }

// Render draws the pane around lines, to exactly w by h cells.
func (p Pane) Render(sh *screen.Shell, lines []string, w, h int) string {
	if w < 4 || h < 2 {
		return Block(nil, w, h, "")
	}
	g := sh.Glyphs
	border := sh.Styles.Border
	switch p.State {
	case Focused:
		border = sh.Styles.BorderFocused
	case HeldPane:
		border = sh.Styles.BorderHeld
	case LivePane:
		border = sh.Styles.Warn
	}
	iw, ih := Inner(w, h)
	var b strings.Builder
	b.WriteString(p.top(sh, border, w))
	side := border.Render(g.Vertical)
	for i := range ih {
		line := ""
		if i < len(lines) {
			line = lines[i]
		}
		b.WriteByte('\n')
		b.WriteString(side)
		b.WriteByte(' ')
		b.WriteString(Fit(line, iw, g.Ellipsis))
		b.WriteByte(' ')
		b.WriteString(side)
	}
	b.WriteByte('\n')
	b.WriteString(p.bottom(sh, border, w))
	return b.String()
}

func (p Pane) top(sh *screen.Shell, border lipgloss.Style, w int) string {
	g, st := sh.Glyphs, sh.Styles
	title := st.PaneTitle
	if p.State != Resting {
		title = st.PaneTitleFocused
	}
	room := w - 4 // corners and one line cell beside each
	right, rightWidth := "", 0
	if p.Accent != "" || p.Summary != "" {
		right = p.Accent
		if right == "" {
			right = st.Muted.Render(p.Summary)
		}
		rightWidth = ansi.StringWidth(right) + 2
	}
	name := ansi.Truncate(p.Title, max(0, room-2), g.Ellipsis)
	left, leftWidth := "", 0
	if name != "" {
		left, leftWidth = " "+title.Render(name)+" ", ansi.StringWidth(name)+2
	}
	if leftWidth+rightWidth+1 > room {
		right, rightWidth = "", 0
	}
	fill := strings.Repeat(g.Horizontal, max(0, room-leftWidth-rightWidth))
	out := border.Render(g.TopLeft+g.Horizontal) + left + border.Render(fill)
	if rightWidth > 0 {
		out += " " + right + " "
	}
	return out + border.Render(g.Horizontal+g.TopRight)
}

// bottom is the lower border, with signs where more is to be scrolled to.
func (p Pane) bottom(sh *screen.Shell, border lipgloss.Style, w int) string {
	g := sh.Glyphs
	mark := ""
	if p.Above {
		mark += g.Up
	}
	if p.More {
		mark += g.Down
	}
	if mark != "" {
		mark = " " + mark + " more "
	}
	if n := ansi.StringWidth(mark); n > 0 && w > n+6 {
		return border.Render(g.BottomLeft+strings.Repeat(g.Horizontal, w-4-n)) + sh.Styles.Muted.Render(mark) +
			border.Render(strings.Repeat(g.Horizontal, 2)+g.BottomRight)
	}
	return border.Render(g.BottomLeft + strings.Repeat(g.Horizontal, w-2) + g.BottomRight)
}
