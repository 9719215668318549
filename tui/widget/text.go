// Package widget holds the parts that screens are put together from: panes,
// the ladder, tabs, forms, the JSON view, the time bar. A widget takes the shell
// and a size and gives back text of exactly that size.
//
// It knows how things look, never what they mean: no widget starts a run,
// checks a token or reads a file.
package widget

import (
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
)

// Fit cuts or pads a styled line to exactly w cells; what is cut ends in the
// ellipsis.
func Fit(line string, w int, ellipsis string) string {
	if w <= 0 {
		return ""
	}
	n := ansi.StringWidth(line)
	if n > w {
		line = ansi.Truncate(line, w, ellipsis)
		n = ansi.StringWidth(line)
	}
	return line + strings.Repeat(" ", w-n)
}

// Block gives exactly h lines of exactly w cells.
func Block(lines []string, w, h int, ellipsis string) string {
	var b strings.Builder
	for i := range h {
		if i > 0 {
			b.WriteByte('\n')
		}
		if i < len(lines) {
			b.WriteString(Fit(lines[i], w, ellipsis))
		} else {
			b.WriteString(strings.Repeat(" ", max(0, w)))
		}
	}
	return b.String()
}

// Wrap breaks plain text into lines of at most w cells: at line breaks, at
// spaces where there are any, inside a word where there are none. A line's
// indentation is kept.
func Wrap(text string, w int) []string {
	if w < 1 {
		return nil
	}
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		rest := strings.TrimLeft(line, " ")
		indent := min(len(line)-len(rest), w/2)
		out = append(out, Indent(Prose(rest, w-indent), indent)...)
	}
	return out
}

// breakWord breaks one word that is longer than a line: after a sign that parts
// an address, where it has some.
func breakWord(word string, w int) []string {
	parts := strings.Split(ansi.Wrap(word, w, "/?&="), "\n")
	for _, p := range parts {
		if ansi.StringWidth(p) > w { // a sign at the very end of a line is left hanging over it
			return strings.Split(ansi.Hardwrap(word, w, false), "\n")
		}
	}
	return parts
}

// Elide shortens plain text to w cells by leaving out its middle, so that both
// ends, by which identifiers are told apart, stay readable.
func Elide(s string, w int, ellipsis string) string {
	if ansi.StringWidth(s) <= w {
		return s
	}
	e := ansi.StringWidth(ellipsis)
	if w <= e+1 {
		return ansi.Truncate(s, w, "")
	}
	head := (w - e + 1) / 2
	tail := w - e - head
	return ansi.Truncate(s, head, "") + ellipsis + ansi.TruncateLeft(s, ansi.StringWidth(s)-tail, "")
}

// Render styles each line by itself, so that colours never run over a line's end.
func Render(st lipgloss.Style, lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = st.Render(l)
	}
	return out
}

// Indent puts n spaces before every line.
func Indent(lines []string, n int) []string {
	pad := strings.Repeat(" ", n)
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = pad + l
	}
	return out
}

// Beside joins blocks of the same height side by side.
func Beside(blocks ...string) string {
	split := make([][]string, len(blocks))
	for i, b := range blocks {
		split[i] = strings.Split(b, "\n")
	}
	var b strings.Builder
	for row := range split[0] {
		if row > 0 {
			b.WriteByte('\n')
		}
		for _, lines := range split {
			if row < len(lines) {
				b.WriteString(lines[row])
			}
		}
	}
	return b.String()
}
