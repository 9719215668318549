package widget

import (
	"strconv"
	"unicode/utf8"

	"github.com/charmbracelet/lipgloss"

	"flowscope/engine"
	"flowscope/engine/trace"
	"flowscope/tui/screen"
)

// Ladder is the sequence diagram of a run: five parties, one arrow for each
// step. A front-channel arrow is double and has a node on the browser's line; a
// back-channel arrow is single and passes behind that line.
type Ladder struct {
	Steps    []engine.Step
	States   []engine.StepState
	Selected int // step number, 0 for none
	Top      int // first row of the steps that is shown
}

// parties in drawing order, with their short names for narrow ladders.
var parties = []struct {
	party       trace.Party
	name, short string
}{
	{trace.You, "You", "You"}, {trace.App, "your app", "app"}, {trace.Browser, "Browser", "Brows."},
	{trace.Entra, "Entra ID", "Entra"}, {trace.API, "API", "API"},
}

const gutter = 8 // cells before the first line of life: state and number, 4 and 2 wide at most

// rowsFor gives the rows of one step: two, and up to five where there is room to
// breathe.
func (l *Ladder) rowsFor(h int) int {
	if len(l.Steps) == 0 {
		return 2
	}
	return max(2, min(5, (h-2)/len(l.Steps)))
}

// drawing is what one rendering of the ladder needs at hand.
type drawing struct {
	sh   *screen.Shell
	grid *Grid
	x    map[trace.Party]int

	life, name, muted, text, bright, front, back, held, pass, fail int
	lit, litBright, litHeld, litFront, litBack, litMuted, litFail  int
	litPass                                                        int
}

func (d *drawing) styles() {
	st := d.sh.Styles
	add := func(s lipgloss.Style) int { return d.grid.Style(s) }
	d.life, d.name, d.muted, d.text = add(st.Border), add(st.Bright.Bold(true)), add(st.Muted), add(st.Text)
	d.bright, d.front, d.back, d.held = add(st.Bright.Bold(true)), add(st.Front), add(st.Back), add(st.Held)
	d.pass, d.fail = add(st.Pass), add(st.Fail)
	d.lit, d.litBright = add(st.OnSelection(st.Border)), add(st.OnSelection(st.Bright).Bold(true))
	d.litHeld, d.litFront, d.litBack = add(st.OnSelection(st.Held)), add(st.OnSelection(st.Front)), add(st.OnSelection(st.Back))
	d.litMuted, d.litFail, d.litPass = add(st.OnSelection(st.Muted)), add(st.OnSelection(st.Fail)), add(st.OnSelection(st.Pass))
}

// Lines draws the ladder into w by h cells. It keeps the selected step visible.
func (l *Ladder) Lines(sh *screen.Shell, w, h int) []string {
	if w < 30 || h < 3 {
		return Wrap("The ladder needs more room.", w)
	}
	head := NewGrid(w, 1)
	rows := l.rowsFor(h)
	body := NewGrid(w, max(len(l.Steps)*rows+1, h-1))
	d := &drawing{sh: sh, grid: body, x: places(w)}
	d.styles()
	nameStyle := head.Style(sh.Styles.PaneTitle)
	for _, p := range parties {
		name := p.name
		if w < 50 {
			name = p.short
		}
		x := d.x[p.party] - utf8.RuneCountInString(name)/2
		head.Text(max(0, min(x, w-utf8.RuneCountInString(name))), 0, name, nameStyle)
	}
	for y := range body.h {
		for _, x := range d.x {
			body.Put(x, y, sh.Glyphs.LifeLine, d.life)
		}
	}
	for i, s := range l.Steps {
		l.step(d, s, i*rows+rows-2)
	}
	l.scroll(rows, h-1, body.h)
	lines := body.Lines()
	return append(head.Lines(), lines[l.Top:min(len(lines), l.Top+h-1)]...)
}

func (l *Ladder) scroll(rows, h, n int) {
	s := Scroll{l.Top}
	if l.Selected > 0 {
		first := (l.Selected - 1) * rows
		s.Show(first, first+rows-1, n, h)
	}
	s.Clip(n, h)
	l.Top = s.Top
}

// places spreads the lines of life over the width. The application and the
// browser are a little closer, as their labels are the shorter ones.
func places(w int) map[trace.Party]int {
	left, right := gutter+1, w-3
	out := map[trace.Party]int{}
	for i, p := range parties {
		out[p.party] = left + (right-left)*i/(len(parties)-1)
	}
	return out
}

func (l *Ladder) state(n int) engine.StepState {
	if n-1 < len(l.States) {
		return l.States[n-1]
	}
	return engine.Planned
}

func (l *Ladder) step(d *drawing, s engine.Step, y int) {
	state := l.state(s.N)
	lit := s.N == l.Selected
	if lit {
		d.grid.Row(y, d.lit)
		d.grid.Row(y+1, d.lit)
		for _, x := range d.x {
			d.grid.Put(x, y, d.sh.Glyphs.LifeLine, d.lit)
			d.grid.Put(x, y+1, d.sh.Glyphs.LifeLine, d.lit)
		}
	}
	d.gutter(s, state, lit, y+1)
	d.arrow(s, state, lit, y+1)
	d.label(s, state, lit, y)
}

func (d *drawing) gutter(s engine.Step, state engine.StepState, lit bool, y int) {
	g := d.sh.Glyphs
	glyph, style := g.Planned, pick(lit, d.litMuted, d.muted)
	number := pick(lit, d.litBright, d.muted)
	switch state {
	case engine.Done:
		glyph, style, number = g.Pass, pick(lit, d.litPass, d.pass), pick(lit, d.litBright, d.text)
	case engine.Broken:
		glyph, style, number = g.Fail, pick(lit, d.litFail, d.fail), pick(lit, d.litBright, d.bright)
	case engine.Held, engine.Active:
		glyph, style, number = g.Held, pick(lit, d.litHeld, d.held), pick(lit, d.litBright, d.bright)
	}
	d.grid.Text(0, y, glyph, style)
	d.grid.Text(d.sh.Glyphs.StatusWidth()+1, y, strconv.Itoa(s.N), number)
}

func (d *drawing) label(s engine.Step, state engine.StepState, lit bool, y int) {
	style := pick(lit, d.litBright, d.text)
	if state == engine.Planned && !lit {
		style = d.muted
	}
	from, to := d.x[s.From], d.x[s.To]
	x := from + 2
	if to < from {
		x = from - 1 - utf8.RuneCountInString(s.Label)
	}
	d.grid.Text(max(gutter, x), y, s.Label, style)
}

// arrow draws the shaft between the two lines of life, through or behind those
// in between.
func (d *drawing) arrow(s engine.Step, state engine.StepState, lit bool, y int) {
	g := d.sh.Glyphs
	shaft, style := g.BackLine, pick(lit, d.litBack, d.back)
	if s.Channel == trace.Front {
		shaft, style = g.FrontLine, pick(lit, d.litFront, d.front)
	}
	switch state {
	case engine.Planned:
		shaft, style = g.DashedLine, pick(lit, d.litMuted, d.muted)
	case engine.Held:
		style = pick(lit, d.litHeld, d.held)
	case engine.Broken:
		style = pick(lit, d.litFail, d.fail)
	}
	from, to := d.x[s.From], d.x[s.To]
	lo, hi := min(from, to), max(from, to)
	for x := lo + 1; x < hi; x++ {
		if !d.isLife(x) {
			d.grid.Put(x, y, shaft, style)
		}
	}
	if s.Channel == trace.Front && lo < d.x[trace.Browser] && d.x[trace.Browser] < hi {
		d.grid.Put(d.x[trace.Browser], y, g.Node, style)
	}
	if to > from {
		d.grid.Put(hi-1, y, g.ArrowRight, style)
	} else {
		d.grid.Put(lo+1, y, g.ArrowLeft, style)
	}
}

func (d *drawing) isLife(x int) bool {
	for _, l := range d.x {
		if l == x {
			return true
		}
	}
	return false
}

func pick(lit bool, a, b int) int {
	if lit {
		return a
	}
	return b
}

// Legend explains the two kinds of arrow in at most two lines of w cells.
func Legend(sh *screen.Shell, w int) []string {
	g, st := sh.Glyphs, sh.Styles
	front := st.Front.Render(g.FrontLine+g.Node+g.FrontLine) + " " + st.Front.Render("front channel")
	back := st.Back.Render(g.BackLine+g.LifeLine+g.BackLine) + " " + st.Back.Render("back channel ")
	return []string{
		Fit(front+st.Muted.Render("  through the browser: it sees this"), w, ""),
		Fit(back+st.Muted.Render("  past the browser: it does not"), w, ""),
	}
}
