package widget

import (
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"flowscope/tui/screen"
)

// Field is a label with its value and a sentence under it.
type Field struct {
	Label string
	Value string // plain text
	Style *lipgloss.Style
	Note  string // muted, under the value
	Whole bool   // a value that is too long is wrapped, never elided
	Mark  string // one glyph before the label, already styled
}

// Fields draws labels in one column and values in another: label muted, value
// bright, the sentence under the value. Values are elided in the middle when
// they are identifiers too long for a line, and wrapped when they hold spaces.
func Fields(sh *screen.Shell, fields []Field, w int) []string {
	col := 0
	for _, f := range fields {
		col = max(col, ansi.StringWidth(f.Label))
	}
	col = min(col, labelRoom(w))
	var out []string
	for _, f := range fields {
		out = append(out, field(sh, f, col, w)...)
	}
	return out
}

// labelRoom is how wide a column of labels may be in w cells.
func labelRoom(w int) int {
	if w >= 50 {
		return max(20, w/3) // the longest names of parameters fit
	}
	return max(10, w/3)
}

func field(sh *screen.Shell, f Field, col, w int) []string {
	st := sh.Styles.Bright
	if f.Style != nil {
		st = *f.Style
	}
	pad := col + 2
	room := max(8, w-pad)
	label := Fit(f.Label, col, sh.Glyphs.Ellipsis)
	values := []string{f.Value}
	if f.Whole || strings.Contains(f.Value, " ") {
		values = Wrap(f.Value, room)
	} else if ansi.StringWidth(f.Value) > room {
		values = []string{Elide(f.Value, room, sh.Glyphs.Ellipsis)}
	}
	out := []string{sh.Styles.Muted.Render(label) + "  " + st.Render(values[0])}
	out = append(out, Indent(Render(st, values[1:]), pad)...)
	if f.Note != "" {
		out = append(out, Indent(Render(sh.Styles.Muted, Wrap(f.Note, room)), pad)...)
	}
	return out
}

// Columns gives the widths of two panes side by side: left takes num/den of w.
func Columns(w, num, den int) (left, right int) {
	left = w * num / den
	return left, w - left
}
