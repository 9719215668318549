package run

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"flowscope/engine/fault"
	"flowscope/engine/trace"
	"flowscope/tui/screen"
	"flowscope/tui/widget"
)

// faults is the list of what can be made to go wrong, by group, with a search.
type faults struct {
	r      *Run
	all    []fault.Fault
	shown  []int // indexes into all; -1 is "Nothing"
	index  int   // into shown
	search *widget.Form
	query  string
}

func (r *Run) openFaults() tea.Cmd {
	if r.err != nil {
		return screen.Notice("there is no plan to break")
	}
	if r.story != nil {
		return screen.Notice("an act says itself what goes wrong: run its flow from the list to break it")
	}
	f := &faults{r: r, all: fault.For(r.job)}
	f.filter()
	for i, n := range f.shown {
		if n >= 0 && f.all[n].ID == r.step().Fault {
			f.index = i
		}
	}
	r.open(f)
	return nil
}

// groupOf names the group of a fault on screen.
func groupOf(f fault.Fault) string {
	switch f.Group {
	case fault.Authorize:
		return "In the authorization request"
	case fault.Redirect:
		return "In the redirect"
	case fault.Token:
		return "In the token request"
	case fault.Answer:
		return "In an answer"
	case fault.API:
		return "At the API"
	case fault.Network:
		return "In the network"
	case fault.Policy:
		return "By policy, and by what people do"
	}
	return string(f.Group)
}

// filter keeps the faults that hold every word of the query.
func (f *faults) filter() {
	words := strings.Fields(strings.ToLower(f.query))
	f.shown, f.index = nil, 0
	if len(words) == 0 {
		f.shown = []int{-1}
	}
	for i, x := range f.all {
		text := strings.ToLower(strings.Join([]string{x.ID, x.Title, x.Says, x.Predicts, x.Lesson, groupOf(x), attackWords(x)}, " "))
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
			f.shown = append(f.shown, i)
		}
	}
	for i, n := range f.shown { // whose title or id says it is meant before those that only mention it
		if n >= 0 && len(words) > 0 && strings.Contains(strings.ToLower(f.all[n].ID+" "+f.all[n].Title), strings.Join(words, " ")) {
			f.index = i
			return
		}
	}
}

func (f *faults) chosen() (fault.Fault, bool) {
	if f.index >= len(f.shown) || f.shown[f.index] < 0 {
		return fault.Fault{}, false
	}
	return f.all[f.shown[f.index]], true
}

func (f *faults) title() (string, string) {
	if f.query != "" {
		return "Break it", fmt.Sprintf("%q: %s", f.query, plural(len(f.shown), "fault"))
	}
	return "Break it", plural(len(f.all), "fault") + " for this flow and client"
}

func (f *faults) typing() bool { return f.search != nil }

func (f *faults) back() bool {
	switch {
	case f.search != nil:
		f.search = nil
	case f.query != "":
		f.query = ""
		f.filter()
	default:
		return false
	}
	return true
}

func (f *faults) keys() []key.Binding {
	if f.search != nil {
		return []key.Binding{screen.Enter("search"), screen.Bind("esc", "leave it", "esc")}
	}
	return []key.Binding{screen.When(screen.Enter("break it so"), len(f.shown) > 0), screen.Move("fault"), screen.Search(), screen.Bind("esc", "close", "esc")}
}

func (f *faults) key(k tea.KeyMsg) tea.Cmd {
	if f.search != nil {
		if k.String() == "enter" {
			f.search = nil
			return nil
		}
		f.search.Update(k)
		f.query = strings.TrimSpace(f.search.Inputs[0].Value())
		f.filter()
		return nil
	}
	switch {
	case key.Matches(k, screen.Down()):
		f.index = min(f.index+1, len(f.shown)-1)
	case key.Matches(k, screen.Up()):
		f.index = max(0, f.index-1)
	case key.Matches(k, screen.PageDown()):
		f.index = min(f.index+8, len(f.shown)-1)
	case key.Matches(k, screen.PageUp()):
		f.index = max(0, f.index-8)
	case key.Matches(k, screen.Search()):
		in := widget.NewInput(f.r.sh, "query", "search", f.query, false)
		f.search = widget.NewForm([]*widget.Input{in}, "Search")
		f.search.Focus("query")
	case key.Matches(k, screen.Break()):
		f.r.over = nil
	case key.Matches(k, screen.Enter("")):
		if len(f.shown) == 0 {
			return screen.Notice("no fault matches: esc shows them all")
		}
		f.r.over = nil
		x, ok := f.chosen()
		return f.r.breakIt(x, ok)
	}
	return nil
}

// lines draws the list, and under it what the chosen fault does.
func (f *faults) lines(w, h int) (lines []string, first, last int) {
	about := f.about(w)
	list, at := f.list(w)
	room := max(4, h-len(about)-1)
	if f.search != nil {
		form, _, _ := f.search.Lines(f.r.sh, w)
		lines = append(lines, form[0])
		room--
	}
	s := widget.Scroll{Top: max(0, at-room/2)}
	s.Show(max(0, at-1), at, len(list), room)
	visible, _, _ := s.Window(list, room)
	lines = append(lines, visible...)
	for len(lines) < h-len(about)-1 {
		lines = append(lines, "")
	}
	return append(append(lines, f.r.sh.Styles.Border.Render(strings.Repeat(f.r.sh.Glyphs.Horizontal, w))), about...), 0, 0
}

// list draws a line for each fault and one for each group, and gives the line of
// the chosen one.
func (f *faults) list(w int) (out []string, at int) {
	st, g := f.r.sh.Styles, f.r.sh.Glyphs
	group := ""
	if len(f.shown) == 0 {
		return widget.Render(st.Muted, widget.Wrap("No fault holds these words. esc shows them all again.", w)), 0
	}
	for i, n := range f.shown {
		name, right := "Nothing: run it as it should be", ""
		if n >= 0 {
			x := f.all[n]
			if gr := groupOf(x); gr != group {
				group = gr
				out = append(out, st.Title.Render(widget.Fit(gr, w, g.Ellipsis)))
			}
			name, right = x.Title, f.where(x)
		}
		mark, title, note := "  ", st.Text, st.Muted
		if i == f.index {
			mark, title, note = st.OnSelection(st.Accent).Render(g.Pointer+" "), st.Selection, st.OnSelection(st.Muted)
			at = len(out)
		}
		room := max(8, w-2-len([]rune(right))-1)
		out = append(out, mark+title.Render(widget.Fit(name, room, g.Ellipsis)+" ")+note.Render(right))
	}
	return out, at
}

// where says what a fault predicts, in few words.
func (f *faults) where(x fault.Fault) string {
	code := strings.TrimPrefix(x.Predicts, "AADSTS")
	switch {
	case x.Predicts == fault.Works:
		code = "works"
	case x.Predicts == fault.Stopped:
		code = "stops"
	case len(code) == 3 && strings.Trim(code, "0123456789") == "":
		code = "HTTP " + code
	}
	if n := x.Step(f.r.plan); n > 0 {
		return fmt.Sprintf("%s at %d", code, n)
	}
	return code
}

// about says what the chosen fault changes, predicts and teaches.
func (f *faults) about(w int) []string {
	st := f.r.sh.Styles
	x, ok := f.chosen()
	if !ok {
		return widget.Render(st.Muted, widget.Wrap("The flow as it should be. Each fault below makes one particular thing go wrong, and says beforehand what will come of it.", w))
	}
	predicts := fault.Words(x.Predicts)
	if n := x.Step(f.r.plan); n > 0 {
		predicts += fmt.Sprintf(", at step %d", n)
	}
	fields := []widget.Field{
		{Label: "changes", Value: x.Says, Style: &st.Text}, {Label: "predicts", Value: predicts, Style: &st.Warn}, {Label: "teaches", Value: x.Lesson, Style: &st.Text},
	}
	if x.Attack != nil {
		fields = append(fields, widget.Field{Label: "attacker", Value: x.Attack.Does, Style: &st.Text},
			widget.Field{Label: "stopped by", Value: x.Attack.Stops, Style: &st.Pass})
	}
	return widget.Fields(f.r.sh, fields, w)
}

// attackWords are what a search for an attack finds.
func attackWords(f fault.Fault) string {
	if f.Attack == nil {
		return ""
	}
	return "attack attacker " + f.Attack.Does + " " + f.Attack.Sees + " " + f.Attack.Stops
}

// breakIt lays a fault over the run, or none. When the exchange it changes is the
// one that waits, it is changed in place; otherwise the run begins again and
// goes through to that exchange.
func (r *Run) breakIt(f fault.Fault, some bool) tea.Cmd {
	r.job = fault.Remove(r.job)
	r.job.HoldAt, r.retried = "", false
	r.job.Step = true
	if !some {
		r.fault = nil
		if !r.started() {
			return nil
		}
		return r.begin()
	}
	r.fault = &f
	broken := f.Apply(r.job)
	if held, ok := r.held(); ok && held.Purpose == f.Purpose && inPlace(f, broken.Changes) {
		req := r.current(held)
		for _, c := range broken.Changes {
			req = c.Apply(req)
		}
		r.pending, r.detail = &req, true
		r.tab, r.scroll.Top = tabExplained, 0
		r.choose(held.Step)
		return nil
	}
	if r.run != nil && !f.Decline && !f.Abandon && f.Shape == nil {
		broken.Pages = r.run.PageAnswers()
	}
	broken.HoldAt = f.Purpose
	r.job = broken
	n := f.Step(r.plan)
	if s, ok := r.plan.Step(f.Purpose); ok && !f.Decline {
		n = s.N
	}
	if n == 0 {
		return r.begin()
	}
	return tea.Batch(r.begin(), screen.Notice(fmt.Sprintf("straight on to step %d, signing in on the way", n)))
}

// inPlace reports whether a fault is nothing but changes to the request that
// waits.
func inPlace(f fault.Fault, changes []trace.Change) bool {
	return !f.Decline && !f.Abandon && f.Shape == nil && f.Conditions == nil && len(changes) > 0 && !slices.ContainsFunc(changes, func(c trace.Change) bool {
		_, fails := c.Fails()
		return c.Twice() || c.Answer || fails || c.Purpose != f.Purpose || c.Only != 0
	})
}
