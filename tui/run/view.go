package run

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"flowscope/engine"
	"flowscope/engine/trace"
	"flowscope/tui/widget"
)

// wide is the width from which ladder and detail stand side by side.
const wide = 100

// View draws the ladder and the detail of the selected step.
func (r *Run) View() string {
	if r.err != nil && len(r.plan.Steps) == 0 {
		return r.noPlan()
	}
	if r.w < wide {
		if r.detail || r.menu != nil || r.editor != nil {
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
	lines := append([]string{""}, widget.Render(st.Fail, widget.Wrap(trace.Plain(r.err.Error()), max(20, r.w-4)))...)
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
	}
	foot := r.ladderFoot(iw, ih)
	h := ih - len(foot)
	lines := r.ladder.Lines(r.sh, iw, h)
	for len(lines) < h {
		lines = append(lines, "")
	}
	return p.Render(r.sh, append(lines, foot...), w, r.h)
}

// ladderFoot is the legend, and in a narrow window the words of the step that
// waits in its place.
func (r *Run) ladderFoot(w, h int) []string {
	spare := h - 1 - 2*len(r.plan.Steps)
	st := r.sh.Styles
	if r.w < wide && spare >= 1 {
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
	case r.menu != nil:
		lines, first, last = r.menuLines(iw)
	case r.editor != nil:
		lines, first, last = r.editorLines(iw)
	case r.page != nil && r.state.Page != nil && r.ladder.Selected == r.state.Current:
		lines, first, last = r.pageLines(iw)
	case !r.started():
		lines = r.readyLines(iw)
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
	held, isHeld := r.held()
	if isHeld && held.Step == s.N {
		p.State = widget.HeldPane
	}
	switch {
	case r.menu != nil:
		p.Title, p.Accent, p.Summary = "Break it", "", "and what will come of it"
	case r.editor != nil:
		p.Title, p.Accent, p.Summary = "Edit the request", "", s.Title
	case r.page != nil && s.N == r.state.Current:
		p.Title, p.Accent, p.Summary, p.State = "Entra ID asks", r.sh.Styles.Held.Render(r.state.Page.Title), "", widget.HeldPane
	case !r.started():
		p.Title, p.Accent, p.Summary = "Before anything is sent", "", ""
	}
	return p
}

func (r *Run) channelWords(s engine.Step) string {
	st := r.sh.Styles
	method := ""
	if e, ok := r.exchange(); ok {
		method = e.Request.Method + " " + r.sh.Glyphs.Dot + " "
	}
	if s.Channel == trace.Front {
		return st.Front.Render(method + "front channel")
	}
	return st.Back.Render(method + "back channel")
}

// tabbed draws the tabs of the selected step and the chosen one beneath them.
func (r *Run) tabbed(p widget.Pane, w, iw, ih int) string {
	lines := r.tabLines(iw)
	head := widget.Tabs(r.sh, r.tabTitles(), r.tabIndex(), iw)
	if r.h >= 28 {
		head = append([]string{""}, append(head, "")...)
	}
	room := ih - len(head)
	visible, above, below := r.scroll.Window(lines, room)
	p.Above, p.More = above, below
	return p.Render(r.sh, append(head, visible...), w, r.h)
}

func (r *Run) tabTitles() []string {
	var out []string
	for _, t := range r.tabs() {
		out = append(out, [...]string{"Why it failed", "Explained", "Request", "Response", "Code"}[t])
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
	case tabRequest:
		return r.requestLines(w)
	case tabResponse:
		return r.responseLines(w)
	case tabCode:
		return r.codeLines(w)
	}
	return r.explainedLines(w)
}

// exchanges gives the exchanges of the selected step. The way back of a token
// call has none of its own: it shows the call's.
func (r *Run) exchanges() []trace.Exchange {
	if r.state.Trace == nil {
		return nil
	}
	step := r.ladder.Selected
	if r.step().Purpose == trace.Answer {
		step--
	}
	var out []trace.Exchange
	for _, e := range r.state.Trace.Exchanges {
		if e.Step == step {
			out = append(out, e)
		}
	}
	return out
}

// exchange is the newest exchange of the selected step.
func (r *Run) exchange() (trace.Exchange, bool) {
	list := r.exchanges()
	if len(list) == 0 {
		return trace.Exchange{}, false
	}
	return list[len(list)-1], true
}

func (r *Run) menuLines(w int) (lines []string, first, last int) {
	return r.menu.Lines(r.sh, w)
}

// readyLines says what will be done, before anything is.
func (r *Run) readyLines(w int) []string {
	st, c := r.sh.Styles, r.job.Client
	var out []string
	if r.err != nil {
		return append(out, widget.Render(st.Fail, widget.Wrap(trace.Plain(r.err.Error()), w))...)
	}
	out = append(out, "")
	fields := []widget.Field{
		{Label: "application", Value: c.Registration.Name, Note: c.Registration.ClientID},
		{Label: "proves itself", Value: proof(c)},
		{Label: "asks for", Value: strings.Join(r.job.Scopes, " ")},
	}
	if c.RedirectURI != "" {
		fields = append(fields, widget.Field{Label: "comes back to", Value: c.RedirectURI, Note: "platform " + c.Platform})
		who := "inside flowscope, page by page"
		if r.job.Browser {
			who = "in the system browser"
		}
		fields = append(fields, widget.Field{Label: "signs in", Value: who})
	}
	if r.job.Call != "" {
		fields = append(fields, widget.Field{Label: "then calls", Value: r.job.Call})
	}
	if r.fault != nil {
		fields = append(fields, widget.Field{Label: "broken", Value: r.fault.Title, Note: "predicts " + r.fault.Predicts, Style: &st.Warn})
	}
	out = append(out, widget.Fields(r.sh, fields, w)...)
	out = append(out, "")
	next := "enter starts. Every request then waits for you: look at it, edit it, break it, send it. a runs it all at once."
	return append(out, widget.Render(st.Text, widget.Wrap(next, w))...)
}

func proof(c engine.Client) string {
	if c.Secret != "" {
		return "with a client secret"
	}
	return "not at all: a public client"
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
