package command

import (
	"io"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"flowscope/themes"
)

// page is text for people on its way to standard output: indented, wrapped at
// the width of the terminal, in the theme's styles where colours are shown.
type page struct {
	c       *call
	b       strings.Builder
	st      *themes.Styles
	g       themes.Glyphs
	width   int
	party   int    // width of a party's name in the lines of exchanges
	foreign bool   // the issuer is another one than Entra ID
	tail    string // the last two characters that were flushed
	words   bool   // it goes to standard error
}

func newPage(c *call) *page {
	return &page{c: c, st: c.styles(), g: c.glyphs(), width: c.width(), party: partyColumn}
}

// flush writes what is on the page and empties it.
func (p *page) flush() {
	s := p.c.fold(p.b.String())
	if p.words {
		_, _ = io.WriteString(p.c.d.Err, p.c.mask(s))
	} else {
		p.c.print(s)
	}
	p.tail = lastTwo(p.tail + s)
	p.b.Reset()
}

func lastTwo(s string) string { return s[max(0, len(s)-2):] }

// gap writes an empty line, where there is not one already.
func (p *page) gap() {
	if s := lastTwo(p.tail + p.b.String()); s != "" && s != "\n\n" {
		p.b.WriteByte('\n')
	}
}

// line writes one line as it is: the parts have their styles already.
func (p *page) line(parts ...string) {
	p.b.WriteString(strings.TrimRight(strings.Join(parts, ""), " "))
	p.b.WriteByte('\n')
}

// head writes a heading with a remark behind it.
func (p *page) head(title, remark string) {
	p.gap()
	if remark != "" {
		remark = "  " + p.st.Muted.Render(remark)
	}
	p.line(p.st.Title.Render(title), remark)
}

// text writes a paragraph, indented, wrapped between words. A value from
// outside is cleaned by the caller.
func (p *page) text(indent int, style lipgloss.Style, s string) {
	p.labelled(indent, "", 0, style, s)
}

// labelled writes a paragraph behind a label in a column of its own; the
// paragraph's later lines stand under its first.
func (p *page) labelled(indent int, label string, column int, style lipgloss.Style, s string) {
	left := strings.Repeat(" ", indent)
	room := max(20, p.width-indent-column)
	for i, l := range wrap(s, room) {
		if i > 0 || label == "" {
			p.line(left, strings.Repeat(" ", column), style.Render(l))
			continue
		}
		p.line(left, p.st.Muted.Render(pad(label, column)), style.Render(l))
	}
}

// signed writes a paragraph behind a sign that has its own style.
func (p *page) signed(indent int, sign string, signStyle lipgloss.Style, style lipgloss.Style, s string) {
	column := p.g.StatusWidth() + 1
	left := strings.Repeat(" ", indent)
	for i, l := range wrap(s, max(20, p.width-indent-column)) {
		if i > 0 {
			sign = ""
		}
		p.line(left, signStyle.Render(sign), strings.Repeat(" ", column-ansi.StringWidth(sign)), style.Render(l))
	}
}

// wrap breaks a text between words. A word that is longer than a line, such as
// an address or a command, stays whole, so that it can be copied.
func wrap(s string, room int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		switch {
		case line == "":
			line = word
		case ansi.StringWidth(line)+1+ansi.StringWidth(word) > room:
			lines = append(lines, line)
			line = word
		default:
			line += " " + word
		}
	}
	if line == "" && len(lines) == 0 {
		return nil
	}
	return append(lines, line)
}

// pad fills s with spaces to n columns; a longer one gets one space.
func pad(s string, n int) string {
	return s + strings.Repeat(" ", max(1, n-ansi.StringWidth(s)))
}
