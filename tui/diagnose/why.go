package diagnose

import (
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"flowscope/engine/explain"
	"flowscope/engine/trace"
	"flowscope/tui/widget"
)

// maxBeside is how many values without a comparison stand in the pane of the
// reasons; further ones stand with the evidence.
const maxBeside = 3

// pairAt reports whether a value of the evidence is followed by the one that it
// is compared with.
func pairAt(list []explain.Evidence, i int) bool {
	return i+1 < len(list) && list[i].At >= 0 && list[i].Compare != "" &&
		list[i+1].Value == list[i].Compare && list[i+1].Compare == list[i].Value
}

// sorted splits the evidence: comparisons, each two in a row, a few values for
// the reasons, and the rest.
func sorted(f explain.Finding) (pairs, beside, rest []explain.Evidence) {
	for i := 0; i < len(f.Evidence); i++ {
		e := f.Evidence[i]
		switch {
		case pairAt(f.Evidence, i):
			pairs = append(pairs, e, f.Evidence[i+1])
			i++
		case len(beside) < maxBeside:
			beside = append(beside, e)
		default:
			rest = append(rest, e)
		}
	}
	return pairs, beside, rest
}

// whyLines are the comparisons, the values that matter, the reasons in
// sentences, and the server's own words.
func (d *Diagnose) whyLines(f explain.Finding, w int) []string {
	st := d.sh.Styles
	pairs, beside, _ := sorted(f)
	col := 0
	for _, list := range [][]explain.Evidence{pairs, beside} {
		for _, e := range list {
			col = max(col, ansi.StringWidth(d.say(e.Label)))
		}
	}
	col = min(col, max(8, w/3)) + 2
	var out []string
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, d.compared(pairs[i], pairs[i+1], col, w)...)
		out = append(out, "")
	}
	for _, e := range beside {
		out = append(out, d.seen(e, col, w, st.Bright)...)
	}
	if len(beside) > 0 {
		out = append(out, "")
	}
	for _, s := range f.Why {
		out = append(out, widget.Render(st.Text, widget.Prose(d.say(s), w))...)
	}
	if f.ServerWords != "" {
		if len(f.Why) > 0 {
			out = append(out, "")
		}
		out = append(out, st.Muted.Render(f.Speaker()+":"))
		out = append(out, widget.Indent(widget.Render(st.Muted, widget.Prose(d.plain(f.ServerWords), max(8, w-2))), 2)...)
	}
	return out
}

// seen draws one value with what is odd about it.
func (d *Diagnose) seen(e explain.Evidence, col, w int, style lipgloss.Style) []string {
	st := d.sh.Styles
	if !d.fits(e.Label, col) {
		label := e.Label
		e.Label = ""
		return append(d.ownLine(label, w), d.seen(e, indent, w, style)...)
	}
	room := max(8, w-col)
	values := widget.Prose(d.plain(e.Value), room)
	out := make([]string, 0, len(values)+1)
	for i, v := range values {
		label := ""
		if i == 0 {
			label = d.say(e.Label)
		}
		out = append(out, st.Muted.Render(widget.Fit(label, col, d.sh.Glyphs.Ellipsis))+style.Render(v))
	}
	note := d.say(e.Note)
	switch {
	case note == "":
	case len(values) == 1 && ansi.StringWidth(values[0])+2+ansi.StringWidth(note) <= room:
		out[0] += "  " + st.Muted.Render(note)
	default:
		out = append(out, widget.Indent(widget.Render(st.Muted, widget.Prose(note, room)), col)...)
	}
	return out
}

// compared draws two values one above the other, the first character in which
// they differ marked in both and by a caret below them.
func (d *Diagnose) compared(a, b explain.Evidence, col, w int) []string {
	st, g := d.sh.Styles, d.sh.Glyphs
	longest := max(ansi.StringWidth(trace.Plain(a.Value)), ansi.StringWidth(trace.Plain(b.Value)))
	if !d.fits(a.Label, col) || !d.fits(b.Label, col) || longest > w-col && longest <= w-indent {
		return d.stacked(a, b, w)
	}
	room := max(12, w-col)
	first, second := []rune(trace.Plain(a.Value)), []rune(trace.Plain(b.Value))
	at := min(a.At, len(first), len(second))
	from := windowOf(first, second, at, room)
	line := func(label string, value []rune, mark lipgloss.Style) string {
		text, cut := d.window(value, from, at, room, mark)
		return st.Muted.Render(widget.Fit(d.say(label), col, g.Ellipsis)) + text + strings.Repeat(" ", max(0, cut))
	}
	out := []string{line(a.Label, first, st.Fail.Bold(true)), line(b.Label, second, st.Pass.Bold(true))}
	caret := col + ansi.StringWidth(string(first[from:at]))
	if from > 0 {
		caret += ansi.StringWidth(g.Ellipsis)
	}
	note := a.Note
	if note == "" {
		note = b.Note
	}
	return append(out, d.caret(caret, d.say(note), w)...)
}

// indent is how far a value stands in below a label that has its own line.
const indent = 2

// fits reports whether a label leaves a space in its column.
func (d *Diagnose) fits(label string, col int) bool {
	return label == "" || ansi.StringWidth(d.say(label)) < col
}

// ownLine draws a label above its value.
func (d *Diagnose) ownLine(label string, w int) []string {
	return widget.Render(d.sh.Styles.Muted, widget.Prose(d.say(label), w))
}

// stacked draws a comparison with each label above its value.
func (d *Diagnose) stacked(a, b explain.Evidence, w int) []string {
	first, second := a.Label, b.Label
	a.Label, b.Label = "", ""
	lines := d.compared(a, b, indent, w)
	out := append(d.ownLine(first, w), lines[0])
	out = append(out, d.ownLine(second, w)...)
	return append(out, lines[1:]...)
}

// windowOf gives the index from which on both values are shown, so that the
// difference stays in sight with something before and behind it.
func windowOf(a, b []rune, at, room int) int {
	longest := max(ansi.StringWidth(string(a)), ansi.StringWidth(string(b)))
	if longest <= room {
		return 0
	}
	from := at
	for before := 0; from > 0; from-- {
		before += max(1, ansi.StringWidth(string(a[from-1])))
		if before > room/2 {
			break
		}
	}
	if from < 4 {
		return 0
	}
	return from
}

// window draws what fits of a value from an index on. Spare is how many cells
// are left.
func (d *Diagnose) window(value []rune, from, at, room int, mark lipgloss.Style) (text string, spare int) {
	st, g := d.sh.Styles, d.sh.Glyphs
	var b strings.Builder
	if from > 0 {
		b.WriteString(st.Muted.Render(g.Ellipsis))
		room -= ansi.StringWidth(g.Ellipsis)
	}
	rest := value[min(from, len(value)):]
	tail := ""
	if ansi.StringWidth(string(rest)) > room {
		keep := ansi.Truncate(string(rest), max(1, room-ansi.StringWidth(g.Ellipsis)), "")
		rest, tail = []rune(keep), g.Ellipsis
	}
	n := min(max(0, at-from), len(rest))
	b.WriteString(st.Bright.Render(string(rest[:n])))
	if n < len(rest) {
		b.WriteString(mark.Render(string(rest[n])) + st.Bright.Render(string(rest[n+1:])))
	}
	b.WriteString(st.Muted.Render(tail))
	return b.String(), room - ansi.StringWidth(string(rest)) - ansi.StringWidth(tail)
}

// caret points at the difference, with the note beside it where it fits.
func (d *Diagnose) caret(at int, note string, w int) []string {
	st, g := d.sh.Styles, d.sh.Glyphs
	n := ansi.StringWidth(note)
	mark := st.Fail.Bold(true).Render(g.Caret)
	switch {
	case note == "":
		return []string{strings.Repeat(" ", at) + mark}
	case at+ansi.StringWidth(g.Caret)+2+n <= w:
		return []string{strings.Repeat(" ", at) + mark + "  " + st.Fail.Render(note)}
	case n+2 <= at:
		return []string{strings.Repeat(" ", at-n-2) + st.Fail.Render(note) + "  " + mark}
	}
	return append([]string{strings.Repeat(" ", at) + mark}, widget.Render(st.Fail, widget.Prose(note, w))...)
}
