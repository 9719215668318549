package widget

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
)

// Grid is a field of cells to draw on: each holds one sign and the style it is
// drawn in. Signs of another width than one cell are replaced.
type Grid struct {
	w, h  int
	cells []cell
	rows  []int // background style of a row, as an index into styles
	set   []lipgloss.Style
}

type cell struct {
	sign  rune
	style int
}

// NewGrid makes an empty grid. Style 0 draws text as it is.
func NewGrid(w, h int) *Grid {
	g := &Grid{w: max(0, w), h: max(0, h), set: []lipgloss.Style{lipgloss.NewStyle()}}
	g.cells = make([]cell, g.w*g.h)
	g.rows = make([]int, g.h)
	for i := range g.cells {
		g.cells[i].sign = ' '
	}
	return g
}

// Style notes a style and gives the number by which cells refer to it.
func (g *Grid) Style(st lipgloss.Style) int {
	g.set = append(g.set, st)
	return len(g.set) - 1
}

// Row gives the empty cells of a row a style.
func (g *Grid) Row(y, style int) {
	if y >= 0 && y < g.h {
		g.rows[y] = style
	}
}

// Put draws one sign.
func (g *Grid) Put(x, y int, sign string, style int) {
	if x < 0 || y < 0 || x >= g.w || y >= g.h {
		return
	}
	r, _ := utf8.DecodeRuneInString(sign)
	if ansi.StringWidth(string(r)) != 1 {
		r = '?'
	}
	g.cells[y*g.w+x] = cell{r, style}
}

// Text draws text from x on, as far as the row goes.
func (g *Grid) Text(x, y int, text string, style int) {
	for _, r := range text {
		g.Put(x, y, string(r), style)
		x++
	}
}

// Line draws n equal signs.
func (g *Grid) Line(x, y, n int, sign string, style int) {
	for i := range n {
		g.Put(x+i, y, sign, style)
	}
}

// Lines renders the grid, one string for each row.
func (g *Grid) Lines() []string {
	out := make([]string, g.h)
	for y := range g.h {
		out[y] = g.line(y)
	}
	return out
}

func (g *Grid) line(y int) string {
	var b, run strings.Builder
	current := -1
	flush := func() {
		if run.Len() == 0 {
			return
		}
		if current == 0 {
			b.WriteString(run.String())
		} else {
			b.WriteString(g.set[current].Render(run.String()))
		}
		run.Reset()
	}
	for x := range g.w {
		c := g.cells[y*g.w+x]
		style := c.style
		if c.sign == ' ' {
			style = g.rows[y]
		}
		if style != current {
			flush()
			current = style
		}
		run.WriteRune(c.sign)
	}
	flush()
	return b.String()
}
