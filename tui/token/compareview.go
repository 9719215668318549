package token

import (
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"flowscope/engine/trace"
	"flowscope/tui/widget"
	"flowscope/validate/claims"
	"flowscope/validate/diff"
)

// maxCell is how many lines a value takes in the table; opened, it has all.
const maxCell = 3

func (c *comparison) view(w, h int) string {
	if c.right == nil {
		return c.choosing(w, h)
	}
	t := c.t
	st := t.sh.Styles
	var head []string
	if h >= tall {
		head = append(head, "")
	}
	if c.result.What != "" {
		head = append(head, widget.Indent(widget.Render(st.Bright, widget.Prose(t.say(c.result.What), w-4)), 2)...)
	}
	if h >= tall {
		head = append(head, "")
	}
	return t.under(append(head, c.searchLine(w)...), w, h, c.pane)
}

// searchLine is the line over the table while words are typed, and what to do
// with the result after that.
func (c *comparison) searchLine(w int) []string {
	t := c.t
	st := t.sh.Styles
	switch {
	case c.search != nil:
		lines, _, _ := c.search.Lines(t.sh, w)
		return lines[:1]
	case c.query != "":
		return []string{"  " + st.Muted.Render("search  ") + st.Bright.Render(widget.Elide(c.query, max(8, w-40), t.sh.Glyphs.Ellipsis)) +
			st.Muted.Render("  / changes it, esc shows everything")}
	}
	return nil
}

// choosing asks for the other token.
func (c *comparison) choosing(w, h int) string {
	t := c.t
	st := t.sh.Styles
	iw, ih := widget.Inner(w, h)
	lines := []string{""}
	if len(c.others) == 0 {
		lines = append(lines, widget.Render(st.Title, widget.Prose("Paste the other token.", iw))...)
		lines = append(lines, "")
		for _, p := range []string{
			"It is set beside this one, claim by claim, with a sentence for each difference that matters: an access token beside the ID token of the same sign-in, v1.0 beside v2.0, before and after a refresh or a consent.",
			"It becomes a tab of its own, and is checked like every token.",
		} {
			lines = append(lines, widget.Render(st.Muted, widget.Prose(p, min(iw, 90)))...)
			lines = append(lines, "")
		}
		return widget.Pane{Title: "Compare", Summary: c.left.title, State: widget.Focused}.Render(t.sh, lines, w, h)
	}
	lines = append(lines, widget.Render(st.Text, widget.Prose("Compare this one with which? Or paste another.", iw))...)
	lines = append(lines, "")
	menu, first, last := c.menu.Lines(t.sh, iw)
	c.menuScroll.Show(first+len(lines), last+len(lines), len(lines)+len(menu), ih)
	if c.menu.Index == 0 {
		c.menuScroll.Top = 0
	}
	lines = append(lines, menu...)
	p := widget.Pane{Title: "Compare", Summary: c.left.title, State: widget.Focused}
	var visible []string
	visible, p.Above, p.More = c.menuScroll.Window(lines, ih)
	return p.Render(t.sh, visible, w, h)
}

func (c *comparison) pane(w, h int) string {
	iw, _ := widget.Inner(w, h)
	lines, first, last := c.table(iw)
	p := widget.Pane{Title: "Compare", Summary: differences(c.differing())}
	if n := c.equal; n > 0 {
		p.Summary += " " + c.t.sh.Glyphs.Dot + " " + widget.Thousands(n) + " equal"
	}
	return c.render(c.t, p, lines, first, last, w, h)
}

// widths of the columns; says is 0 where the meaning stands under the values.
type sides struct{ name, value, says int }

func (c *comparison) sidesOf(w int) sides {
	s := sides{name: 8}
	for _, p := range c.parts {
		for _, r := range p.rows {
			for _, n := range tableNames(r) {
				s.name = max(s.name, min(ansi.StringWidth(n), 20))
			}
		}
	}
	if w < wide-4 {
		s.name = min(s.name, 16)
		s.value = max(6, (w-s.name-7)/2)
		return s
	}
	s.value = min(40, (w-s.name-9)*3/10)
	s.says = w - s.name - 2*s.value - 9
	return s
}

// table draws the table and gives the lines of the row under the cursor.
func (c *comparison) table(w int) (lines []string, first, last int) {
	t := c.t
	st := t.sh.Styles
	s := c.sidesOf(w)
	for _, n := range c.result.Notes {
		note := widget.Prose(t.say(trace.Plain(n)), max(10, w-2))
		for i, l := range note {
			sign := "  "
			if i == 0 {
				sign = t.sh.Glyphs.Bullet + " "
			}
			lines = append(lines, st.Muted.Render(sign)+st.Text.Render(l))
		}
	}
	if len(lines) > 0 {
		lines = append(lines, "")
	}
	head := st.Accent.Render(widget.Fit("", s.name+5, "")+widget.Fit(t.titleOf(c.left), s.value+2, t.sh.Glyphs.Ellipsis)) + st.Accent.Render(t.titleOf(c.right))
	lines = append(lines, head)
	n := 0
	for i, p := range c.parts {
		if i > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, st.Accent.Bold(true).Render(p.title))
		for _, r := range p.rows {
			if n == c.at {
				first = len(lines)
			}
			lines = append(lines, c.list.lines(t, n, w, func(lit bool) []string { return c.row(r, s, lit, w) }, func() []string { return c.detail(r, w) })...)
			if n == c.at {
				last = len(lines) - 1
			}
			n++
		}
		if p.left > 0 {
			lines = append(lines, st.Muted.Render("and "+widget.Thousands(p.left)+" more"))
		}
	}
	if c.at == 0 {
		first = 0
	}
	if n == 0 && c.query != "" {
		lines = append(lines, "", st.Muted.Render("No member has these words."))
	}
	if !c.showing && c.equal > 0 && c.query == "" {
		lines = append(lines, "", st.Muted.Render(equalWords(c.equal)))
	}
	if c.at == n-1 {
		last = len(lines) - 1
	}
	return lines, first, last
}

func equalWords(n int) string {
	if n == 1 {
		return "1 member is the same in both: = shows it"
	}
	return widget.Thousands(n) + " members are the same in both: = shows them"
}

// tableNames are the names as the table has them: a member of the header says so.
func tableNames(r diff.Row) []string {
	names := namesOf(r)
	if r.Header {
		names[0] += " (header)"
	}
	return names
}

// row draws a member on both sides and what the difference means: beside the
// values, or under them where there is little room.
func (c *comparison) row(r diff.Row, s sides, lit bool, w int) []string {
	t := c.t
	st, g := t.sh.Styles, t.sh.Glyphs
	mark, style, name := " ", st.Text, st.Text
	switch {
	case r.Matters && c.surprising(r):
		mark, style, name = g.Warn, st.Warn, st.Bright
	case r.Matters:
		mark, style, name = g.Bullet, st.Muted, st.Bright
	}
	point := " "
	if lit {
		point = g.Pointer
	}
	left, right := c.cells(r, s.value)
	names := tableNames(r)
	var says []string
	if s.says > 0 && r.Says != "" {
		says = widget.Prose(t.say(r.Says), s.says)
	}
	var out []string
	for i := range max(len(left.lines), len(right.lines), len(says), len(names)) {
		parts := []piece{{st.Accent, "  "}, {style, "  "}}
		if i == 0 {
			parts = []piece{{st.Accent, widget.Fit(point, 2, "")}, {style, widget.Fit(mark, 2, "")}}
		}
		word := ""
		if i < len(names) {
			word = widget.Elide(names[i], s.name, g.Ellipsis)
		}
		parts = append(parts, piece{name, widget.Fit(word, s.name, "")})
		parts = append(parts, piece{st.Text, " "}, left.at(i, s.value), piece{st.Text, "  "}, right.at(i, s.value))
		if i < len(says) {
			parts = append(parts, piece{st.Text, "  "}, piece{st.Muted, says[i]})
		}
		out = append(out, t.painted(lit, w, parts...))
	}
	if s.says == 0 && r.Says != "" {
		for _, l := range widget.Prose(t.say(r.Says), max(10, w-6)) {
			out = append(out, t.painted(lit, w, piece{st.Muted, "      " + l}))
		}
	}
	return out
}

// cell is one value in the table.
type cell struct {
	lines []string
	style lipgloss.Style
}

// at is the i-th line of the cell, w cells wide.
func (x cell) at(i, w int) piece {
	text := ""
	if i < len(x.lines) {
		text = x.lines[i]
	}
	return piece{x.style, widget.Fit(text, w, "")}
}

// cells are the two values of a row. Values that would look alike when they are
// shortened are written in full.
func (c *comparison) cells(r diff.Row, w int) (left, right cell) {
	st, g := c.t.sh.Styles, c.t.sh.Glyphs
	texts := [2]string{c.valueOf(r, r.Left), c.valueOf(r, r.Right)}
	whole := r.State == diff.Changed && shortened(texts[0], w, g.Ellipsis) == shortened(texts[1], w, g.Ellipsis)
	var out [2]cell
	for i, text := range texts {
		absent := r.State == diff.OnlyRight && i == 0 || r.State == diff.OnlyLeft && i == 1
		switch {
		case absent:
			out[i] = cell{[]string{g.NotRun + " not there"}, st.Muted}
		case text == "":
			out[i] = cell{[]string{"(empty)"}, st.Muted}
		case whole && ansi.StringWidth(text) <= 4*w:
			out[i] = cell{widget.Prose(text, w), st.Bright}
		case strings.Contains(text, " "):
			lines := widget.Prose(text, w)
			if len(lines) > maxCell {
				lines = append(lines[:maxCell-1:maxCell-1], ansi.Truncate(strings.Join(lines[maxCell-1:], " "), w, g.Ellipsis))
			}
			out[i] = cell{lines, st.Bright}
		default:
			out[i] = cell{[]string{widget.Elide(text, w, g.Ellipsis)}, st.Bright}
		}
	}
	if r.State == diff.Same {
		out[0].style, out[1].style = st.Text, st.Muted
	}
	return out[0], out[1]
}

// detail opens a row: both values in full, what the member is, and the source.
func (c *comparison) detail(r diff.Row, w int) []string {
	t := c.t
	st := t.sh.Styles
	iw := max(10, w-8)
	var out []string
	add := func(label, text string, style lipgloss.Style) {
		if text != "" {
			out = append(out, t.labelled(label, t.say(text), style, 12, iw)...)
		}
	}
	if names := namesOf(r); len(names) > 1 {
		add("names", names[0]+" on the left, "+names[1]+" on the right", st.Text)
	}
	add("left", masked(c.t.sh.Secrets, r.Left), st.Bright)
	add("right", masked(c.t.sh.Secrets, r.Right), st.Bright)
	add("only left", trace.Plain(strings.Join(r.Removed, ", ")), st.Warn)
	add("only right", trace.Plain(strings.Join(r.Added, ", ")), st.Warn)
	if e, ok := c.entry(r); ok {
		add("means", e.Meaning, st.Text)
		add("trap", e.Trap, st.Warn)
	}
	add("written in", r.Source, st.Muted)
	return widget.Indent(append(out, ""), 6)
}

// entry is what the glossary has on a row's member.
func (c *comparison) entry(r diff.Row) (claims.Entry, bool) {
	if r.Header {
		return claims.Header(r.Name)
	}
	if e, ok := claims.Lookup(r.Name, c.left.report.Kind); ok {
		return e, true
	}
	return claims.Lookup(r.Other, c.right.report.Kind)
}
