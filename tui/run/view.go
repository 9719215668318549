package run

import (
	"fmt"

	"github.com/charmbracelet/x/ansi"

	"flowscope/engine"
	"flowscope/engine/trace"
	"flowscope/tui/widget"
)

// wide is the width from which ladder and detail stand side by side.
const wide = 100

// View draws the ladder and the detail of the selected step.
func (r *Run) View() string {
	if r.job.Client.Key == "" {
		return r.noPlan()
	}
	if r.w < wide {
		if r.detail || r.over != nil {
			return r.detailPane(r.w)
		}
		return r.ladderPane(r.w)
	}
	left := r.w / 2
	if r.w > 140 {
		left = r.w * 48 / 100
	}
	return widget.Beside(r.ladderPane(left), r.detailPane(r.w-left))
}

func (r *Run) noPlan() string {
	st := r.sh.Styles
	words := "no client runs this flow"
	if r.err != nil {
		words = r.err.Error()
	}
	lines := append([]string{""}, widget.Render(st.Fail, widget.Wrap(trace.Plain(words), max(20, r.w-4)))...)
	lines = append(lines, "", st.Muted.Render("esc goes back."))
	return widget.Pane{Title: "This can't be run"}.Render(r.sh, lines, r.w, r.h)
}

func (r *Run) ladderPane(w int) string {
	iw, ih := widget.Inner(w, r.h)
	p := widget.Pane{Title: "Sequence", Summary: plural(len(r.plan.Steps), "step")}
	if !r.detail {
		p.State = widget.Focused
	}
	if r.w < wide {
		p.Summary = "tab: what step " + fmt.Sprint(r.ladder.Selected) + " says"
		if !r.started() {
			p.Summary = "tab: choose how"
			if r.story != nil {
				p.Summary = "tab: what is told"
			}
		}
	}
	if len(r.plan.Steps) == 0 {
		words := "There is no plan for what is chosen: tab shows why, and what else to choose."
		return p.Render(r.sh, append([]string{""}, widget.Render(r.sh.Styles.Muted, widget.Wrap(words, iw))...), w, r.h)
	}
	foot := r.ladderFoot(iw, ih)
	h := ih - len(foot)
	lines := r.ladder.Lines(r.sh, iw, h)
	for len(lines) < h {
		lines = append(lines, "")
	}
	p.Above, p.More = r.ladder.More()
	return p.Render(r.sh, append(lines, foot...), w, r.h)
}

// ladderFoot is the legend, and in a narrow window the words of the step that
// waits in its place.
func (r *Run) ladderFoot(w, h int) []string {
	spare := h - 1 - 2*len(r.plan.Steps)
	st := r.sh.Styles
	if r.w < wide && (spare >= 1 || len(r.plan.Steps) > h/2) {
		s := r.step()
		line := st.Bright.Render(fmt.Sprintf("%d  %s", s.N, s.Title))
		if held, ok := r.held(); ok && held.Step == s.N {
			line += st.Held.Render("  waits; enter sends it")
		}
		return []string{widget.Fit(line, w, r.sh.Glyphs.Ellipsis)}
	}
	if spare >= 3 {
		return append([]string{""}, widget.Legend(r.sh, w)...)
	}
	return nil
}

func (r *Run) detailPane(w int) string {
	iw, ih := widget.Inner(w, r.h)
	p := r.detailFrame()
	var lines []string
	first, last := -1, -1
	switch {
	case r.over != nil:
		lines, first, last = r.over.lines(iw, ih)
	case r.page != nil && r.state.Page != nil && r.ladder.Selected == r.state.Current:
		lines, first, last = r.pageLines(iw)
	case !r.started() && r.story != nil:
		lines = r.beforeLines(iw)
	case !r.started():
		lines, first, last = r.readyLines(iw)
	default:
		return r.tabbed(p, w, iw, ih)
	}
	if first >= 0 {
		r.scroll.Show(first, last, len(lines), ih)
	}
	visible, above, below := r.scroll.Window(lines, ih)
	p.Above, p.More = above, below
	return p.Render(r.sh, visible, w, r.h)
}

// detailFrame is the pane with the title of what it shows.
func (r *Run) detailFrame() widget.Pane {
	s := r.step()
	p := widget.Pane{Title: fmt.Sprintf("%d  %s", s.N, s.Title), Accent: r.channelWords(s)}
	if r.detail {
		p.State = widget.Focused
	}
	e, _ := r.exchange()
	waits := r.waits(e) && e.Step == s.N
	if waits {
		p.State = widget.HeldPane
	}
	switch {
	case r.over != nil:
		p.Title, p.Summary = r.over.title()
		p.Accent = ""
	case r.page != nil && s.N == r.state.Current:
		p.Title, p.Accent, p.Summary, p.State = trace.Entra.Name(r.job.Target.Foreign())+" asks", r.sh.Styles.Held.Render(trace.Plain(r.state.Page.Title)), "", widget.HeldPane
	case !r.started() && r.story != nil:
		p.Title, p.Accent, p.Summary = r.story.play.Head(), "", ""
	case !r.started():
		p.Title, p.Accent, p.Summary = "Before anything is sent", "", ""
	case waits && r.job.Target.Live:
		p.State = widget.LivePane
		p.Accent = r.sh.Styles.Warn.Bold(true).Render("live "+r.sh.Glyphs.Dot+" ") + p.Accent
	}
	return p
}

func (r *Run) channelWords(s engine.Step) string {
	st, dot := r.sh.Styles, " "+r.sh.Glyphs.Dot+" "
	method := ""
	if e, ok := r.exchange(); ok {
		method = e.Request.Method + dot
	}
	switch {
	case s.Purpose == trace.Cached:
		return st.Muted.Render("nothing is sent")
	case s.Purpose == trace.Event:
		return st.Muted.Render("beside the protocol")
	case s.Channel == trace.Front:
		return st.Front.Render(method + "front channel")
	}
	return st.Back.Render(method + "back channel")
}

// drawing identifies what the tabs were drawn for.
type drawing struct {
	version, step, tab, nth, w, h int
	dark, focus                   bool
	theme                         string
}

// drawn keeps the lines of a tab while only the window on them moves.
type drawn struct {
	key   drawing
	lines []string
}

// tabbed draws the tabs of the selected step and the chosen one beneath them.
func (r *Run) tabbed(p widget.Pane, w, iw, ih int) string {
	head := widget.Tabs(r.sh, r.tabTitles(), r.tabIndex(), iw)
	if r.h >= 28 {
		head = append([]string{""}, append(head, "")...)
	}
	room := ih - len(head)
	st := r.sh.Styles
	now := drawing{r.version, r.ladder.Selected, r.tab, r.nth, iw, room, st.Dark, r.detail, st.Name}
	if r.drawn.key != now || len(r.drawn.lines) == 0 {
		r.drawn = drawn{now, r.tabLines(iw)}
	}
	if r.tab == tabTurn {
		r.drawn.lines = r.turnLines(iw, room)
	}
	visible, above, below := r.scroll.Window(r.drawn.lines, room)
	p.Above, p.More = above, below
	return p.Render(r.sh, append(head, visible...), w, r.h)
}

func (r *Run) tabTitles() []string {
	var out []string
	for _, t := range r.tabs() {
		if t == tabWhy && r.actEnded() {
			out = append(out, "Why") // there is one tab more
			continue
		}
		out = append(out, [...]string{"Why it failed", "Your turn", "The act", "Explained", "Request", "Response", "Code"}[t])
	}
	return out
}

func (r *Run) tabIndex() int {
	for i, t := range r.tabs() {
		if t == r.tab {
			return i
		}
	}
	return 0
}

// tabLines is the text of the chosen tab of the selected step.
func (r *Run) tabLines(w int) []string {
	switch r.tab {
	case tabWhy:
		return r.whyLines(w)
	case tabTurn:
		return r.turnLines(w, r.h)
	case tabAct:
		return r.actLines(w)
	case tabRequest:
		return r.requestLines(w)
	case tabResponse:
		return r.responseLines(w)
	case tabCode:
		return r.codeLines(w)
	}
	return r.explainedLines(w)
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

func of(n, all int) string { return fmt.Sprintf("%d of %d", n, all) }

// plain takes the colours away.
func plain(s string) string { return ansi.Strip(s) }
