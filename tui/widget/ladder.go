package widget

import (
	"strconv"
	"unicode/utf8"

	"github.com/charmbracelet/lipgloss"

	"flowscope/engine"
	"flowscope/engine/trace"
	"flowscope/tui/screen"
)

// Ladder is the sequence diagram of a run: the parties, one arrow for each step.
// A front-channel arrow is double and has a node on the browser's line; a
// back-channel arrow is single and passes behind that line. A step between
// nobody (a look into the cache, an event elsewhere) is a note on a line of life.
type Ladder struct {
	Steps    []engine.Step
	States   []engine.StepState
	Parties  []trace.Party          // who takes part, in drawing order; none: the first five
	Names    map[trace.Party]string // other names than the usual ones
	Foreign  bool                   // the issuer is another one than Entra ID
	Selected int                    // step number, 0 for none
	Top      int                    // first row of the steps that is shown
	Ended    bool                   // the run went through: what it left out was not needed

	below bool
}

// short are the names of the parties in narrow ladders, where the usual ones are
// too long.
var short = map[trace.Party]string{trace.App: "app", trace.Browser: "Brows.", trace.Entra: "Entra", trace.Downstream: "behind"}

// name is what a party is called over its line of life.
func (l *Ladder) name(p trace.Party, narrow bool) string {
	switch s := short[p]; {
	case narrow && s != "" && !(p == trace.Entra && l.Foreign):
		return s
	case !narrow && l.Names[p] != "":
		return l.Names[p]
	}
	return p.Name(l.Foreign)
}

const gutter = 8 // cells before the first line of life: state and number, 4 and 2 wide at most

// More reports whether there are steps above and below what was drawn last.
func (l *Ladder) More() (above, below bool) { return l.Top > 0, l.below }

// rowsFor gives the rows of one step: two, and up to five where there is room to
// breathe.
func (l *Ladder) rowsFor(h int) int {
	if len(l.Steps) == 0 {
		return 2
	}
	return max(2, min(5, (h-2)/len(l.Steps)))
}

func (l *Ladder) parties() []trace.Party {
	if len(l.Parties) > 0 {
		return l.Parties
	}
	return engine.Plan{}.Parties()
}

// drawing is what one rendering of the ladder needs at hand.
type drawing struct {
	ended bool
	sh    *screen.Shell
	grid  *Grid
	order []trace.Party
	x     map[trace.Party]int
	top   int // first row that is drawn

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

// Lines draws the ladder into w by h cells. It keeps the selected step visible
// and draws no step that is not.
func (l *Ladder) Lines(sh *screen.Shell, w, h int) []string {
	if w < 30 || h < 3 {
		return Wrap("The ladder needs more room.", w)
	}
	rows := l.rowsFor(h)
	n := max(len(l.Steps)*rows+1, h-1)
	l.scroll(rows, h-1, n)
	l.below = l.Top+h-1 < len(l.Steps)*rows
	d := &drawing{sh: sh, grid: NewGrid(w, min(h-1, n)), order: l.parties(), top: l.Top, ended: l.Ended}
	d.x = places(w, d.order)
	d.styles()
	for y := range d.grid.h {
		for _, x := range d.x {
			d.grid.Put(x, y, sh.Glyphs.LifeLine, d.life)
		}
	}
	for i := max(0, l.Top/rows-1); i < len(l.Steps) && i*rows <= l.Top+h; i++ {
		l.step(d, l.Steps[i], i*rows+rows-2-d.top)
	}
	return append(l.head(d, w), d.grid.Lines()...)
}

// head names the parties over their lines of life.
func (l *Ladder) head(d *drawing, w int) []string {
	head := NewGrid(w, 1)
	style := head.Style(d.sh.Styles.PaneTitle)
	end := 0
	for _, p := range d.order {
		name := l.name(p, w < 10*len(d.order))
		x := d.x[p] - utf8.RuneCountInString(name)/2
		x = max(end, min(x, w-utf8.RuneCountInString(name)))
		head.Text(x, 0, name, style)
		end = x + utf8.RuneCountInString(name) + 1
	}
	return head.Lines()
}

func (l *Ladder) scroll(rows, h, n int) {
	s := Scroll{l.Top}
	if l.Selected > 0 {
		first := (l.Selected - 1) * rows
		s.Show(first, first+rows-1, n, h)
	}
	s.Clip(n, h)
	l.Top = (s.Top + rows - 1) / rows * rows // no half of a step at the top
}

// places spreads the lines of life over the width.
func places(w int, order []trace.Party) map[trace.Party]int {
	left, right := gutter+1, w-3
	if len(order) > 5 {
		right = w - 5 // the last name is longer than the API's
	}
	out := map[trace.Party]int{}
	for i, p := range order {
		out[p] = left + (right-left)*i/(len(order)-1)
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
	if at, ok := d.note(s); ok {
		d.noteOn(at, s, state, lit, y+1)
		return
	}
	d.arrow(s, state, lit, y+1)
	d.label(s, state, lit, y)
}

// note gives the line of life that a step without an arrow stands on.
func (d *drawing) note(s engine.Step) (trace.Party, bool) {
	switch {
	case s.Purpose == trace.Cached && s.From == "":
		return trace.App, true
	case s.From == "" || d.x[s.From] == 0:
		return trace.Entra, true
	case s.Purpose == trace.Cached, s.Purpose == trace.Event, s.From == s.To, s.To == "":
		return s.From, true
	}
	return "", false
}

// noteOn draws what nobody sends to anybody: a node on the line of life, with
// its label beside it.
func (d *drawing) noteOn(at trace.Party, s engine.Step, state engine.StepState, lit bool, y int) {
	style := pick(lit, d.litBright, d.text)
	switch state {
	case engine.Planned:
		style = pick(lit, d.litMuted, d.muted)
	case engine.Broken:
		style = pick(lit, d.litFail, d.fail)
	case engine.Held, engine.Active:
		style = pick(lit, d.litHeld, d.held)
	}
	x := d.x[at]
	d.grid.Put(x, y, d.sh.Glyphs.Node, style)
	label := " " + s.Label + " "
	n := utf8.RuneCountInString(label)
	from := x + 1
	if from+n > d.grid.w {
		from = max(gutter, x-n)
	}
	d.grid.Text(from, y, label, style)
}

func (d *drawing) gutter(s engine.Step, state engine.StepState, lit bool, y int) {
	g := d.sh.Glyphs
	glyph, style := g.Planned, pick(lit, d.litMuted, d.muted)
	number := pick(lit, d.litBright, d.muted)
	switch {
	case s.Maybe && d.ended:
		glyph = g.NotRun
	case s.Maybe:
		glyph = "?"
	}
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
	label := s.Label
	if s.Maybe && state == engine.Planned {
		label = "(" + label + ")"
		if d.ended {
			label = "not needed"
		}
	}
	n := utf8.RuneCountInString(label)
	from, to := d.x[s.From], d.x[s.To]
	x := from + 2
	if to < from {
		x = from - 1 - n
	}
	d.grid.Text(max(gutter, min(x, d.grid.w-n)), y, label, style)
}

// arrow draws the shaft between the two lines of life, through or behind those
// in between. Of a step that may happen every second cell is drawn while it is
// planned.
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
		if d.isLife(x) || (s.Maybe && state == engine.Planned && (x-lo)%2 == 0) {
			continue
		}
		d.grid.Put(x, y, shaft, style)
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
