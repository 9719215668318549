package token

import (
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"flowscope/tui/widget"
)

// piece is a piece of a row in its style.
type piece struct {
	style lipgloss.Style
	text  string
}

// painted joins the pieces of a row to w cells, on the background of the
// selection when it is lit.
func (t *Token) painted(lit bool, w int, parts ...piece) string {
	var b strings.Builder
	room := w
	for _, p := range parts {
		text := p.text
		if n := ansi.StringWidth(text); n > room {
			text = ansi.Truncate(text, room, t.sh.Glyphs.Ellipsis)
		}
		room -= ansi.StringWidth(text)
		b.WriteString(t.on(lit, p.style).Render(text))
	}
	if room > 0 {
		b.WriteString(t.on(lit, t.sh.Styles.Text).Render(strings.Repeat(" ", room)))
	}
	return b.String()
}

// on gives the style as it is on a selected row, when it is one.
func (t *Token) on(lit bool, st lipgloss.Style) lipgloss.Style {
	if lit {
		return t.sh.Styles.OnSelection(st)
	}
	return st
}

// labelled draws a muted label and a text beside it, wrapped; long words are
// broken and never cut, since the difference may be at their end.
func (t *Token) labelled(label, text string, style lipgloss.Style, col, w int) []string {
	lines := widget.Prose(text, max(8, w-col))
	out := make([]string, len(lines))
	for i, l := range lines {
		head := ""
		if i == 0 {
			head = label
		}
		out[i] = t.sh.Styles.Muted.Render(widget.Fit(head, col, "")) + style.Render(l)
	}
	return out
}

// say writes words with the signs that this terminal has.
func (t *Token) say(text string) string { return widget.Say(t.sh, text) }
