package widget

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"flowscope/tui/screen"
)

// Item is one line of a menu.
type Item struct {
	Title string
	Note  string // muted, beside or under the title
	Right string // at the right end
}

// Menu is a list to choose one thing from.
type Menu struct {
	Items []Item
	Index int
}

// Move changes the choice by d and stops at the ends.
func (m *Menu) Move(d int) { m.Index = max(0, min(m.Index+d, len(m.Items)-1)) }

// Lines draws the menu in w cells: title and note of each item in two lines, or
// in one where notes are empty. It gives the first and last line of the choice.
func (m *Menu) Lines(sh *screen.Shell, w int) (lines []string, first, last int) {
	st, g := sh.Styles, sh.Glyphs
	for i, it := range m.Items {
		chosen := i == m.Index
		mark, title, note := "  ", st.Bright, st.Muted
		if chosen {
			mark = st.OnSelection(st.Accent).Render(g.Pointer + " ")
			title, note = st.Selection, st.OnSelection(st.Muted)
			first = len(lines)
		}
		right := ""
		if it.Right != "" {
			right = note.Render(it.Right)
		}
		lines = append(lines, m.row(chosen, mark, title.Render(it.Title), right, w, sh))
		for _, n := range Wrap(it.Note, max(8, w-4)) {
			if n != "" {
				lines = append(lines, m.row(chosen, pad(chosen, 4, sh), note.Render(n), "", w, sh))
			}
		}
		if chosen {
			last = len(lines) - 1
		}
	}
	return lines, first, last
}

func (m *Menu) row(chosen bool, mark, text, right string, w int, sh *screen.Shell) string {
	room := w - ansi.StringWidth(mark) - ansi.StringWidth(right)
	line := mark + fill(text, room, chosen, sh) + right
	return Fit(line, w, sh.Glyphs.Ellipsis)
}

func pad(chosen bool, n int, sh *screen.Shell) string {
	s := strings.Repeat(" ", n)
	if chosen {
		return sh.Styles.Selection.Render(s)
	}
	return s
}

// fill pads styled text to w cells, in the colour of the selection when it is one.
func fill(text string, w int, chosen bool, sh *screen.Shell) string {
	n := w - ansi.StringWidth(text)
	if n <= 0 {
		return Fit(text, w, sh.Glyphs.Ellipsis)
	}
	return text + pad(chosen, n, sh)
}
