// Package home is the first screen: what do you want to do?
//
// It opens other screens and does nothing itself.
package home

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"flowscope/engine"
	"flowscope/engine/trace"
	"flowscope/tui/screen"
	"flowscope/tui/widget"
)

// Home is the screen.
type Home struct {
	sh    *screen.Shell
	w, h  int
	menu  widget.Menu
	open  []tea.Msg
	enter key.Binding
	move  key.Binding

	live   string // the real target that runs use; empty: the lab
	served string // where other programs reach the lab; empty: nowhere
}

// ServedMsg tells where other programs reach the lab from now on; nowhere when
// it is empty.
type ServedMsg struct{ At string }

// TargetMsg tells what runs talk to from now on.
type TargetMsg struct{ Target engine.Target }

// runItem is where the run stands in the menu.
const runItem = 1

// aim says in the menu where a run goes.
func (h *Home) aim(t engine.Target) {
	note := labRun
	if t.Live {
		note = "any of them on " + trace.Plain(t.Title) + ", live; nothing is sent before you have seen it"
	}
	h.menu.Items[runItem].Note = note
	h.live = ""
	if t.Live {
		h.live = trace.Plain(t.Title)
	}
}

// labRun says what a run on the lab is.
const labRun = "any of them, one request at a time; on the lab without tenant or network"

// New makes the screen.
func New(sh *screen.Shell) *Home {
	h := &Home{sh: sh, enter: screen.Enter("open"), move: screen.Move("choose")}
	h.add("Find my flow", "three questions about your client, one row of the table, one flow", screen.OpenDecideMsg{})
	h.add("Run a flow", labRun, screen.OpenFlowsMsg{})
	h.add("Inspect a token", "paste one or more: what it is, who may accept it, and what is wrong", screen.OpenTokenMsg{})
	h.add("Explain an error", "a code, a JSON body, a redirect URL, a log line: why, and what to change", screen.OpenDiagnoseMsg{})
	h.add("The lab", "its people, applications and switches; serve it to your own application", screen.OpenLabMsg{})
	h.add("Targets", "the lab, your tenants, any OpenID Connect issuer: what runs talk to", screen.OpenTargetsMsg{})
	return h
}

func (h *Home) add(title, note string, open tea.Msg) {
	h.menu.Items = append(h.menu.Items, widget.Item{Title: title, Note: note})
	h.open = append(h.open, open)
}

// Init starts nothing.
func (h *Home) Init() tea.Cmd { return nil }

// Resize tells the size of the body.
func (h *Home) Resize(w, hh int) { h.w, h.h = w, hh }

// Update moves the choice or opens what is chosen.
func (h *Home) Update(msg tea.Msg) tea.Cmd {
	if served, ok := msg.(ServedMsg); ok {
		h.served = served.At
		return nil
	}
	if aimed, ok := msg.(TargetMsg); ok {
		h.aim(aimed.Target)
		return nil
	}
	k, ok := msg.(tea.KeyMsg)
	if !ok {
		return nil
	}
	switch {
	case key.Matches(k, h.enter):
		return screen.Send(h.open[h.menu.Index])
	case key.Matches(k, screen.Down()):
		h.menu.Move(1)
	case key.Matches(k, screen.Up()):
		h.menu.Move(-1)
	}
	return nil
}

// View draws a title, the menu, and a line for whoever is here for the first time.
func (h *Home) View() string {
	st := h.sh.Styles
	w := min(h.w-4, 76)
	var lines []string
	title := []string{
		st.Title.Render("flowscope"),
		st.Muted.Render("Which flow fits, what it sends, what is in the token, and why it failed."),
	}
	lines = append(lines, title...)
	lines = append(lines, "", "")
	items, _, _ := h.menuLines(w)
	lines = append(lines, items...)
	first := "New here? Press enter. The lab is inside this program: nothing leaves it."
	if h.live != "" {
		first = "Runs go to " + h.live + ", a real tenant: nothing is sent before you have seen the first request. Targets leads back to the lab."
	}
	lines = append(lines, "", "")
	lines = append(lines, widget.Render(st.Muted, widget.Wrap(first, w))...)
	if h.served != "" {
		words := widget.Fit("The lab is served to other programs: "+h.served, max(1, w-2), h.sh.Glyphs.Ellipsis)
		lines = append(lines, "", st.Pass.Render(h.sh.Glyphs.RadioOn)+" "+st.Text.Render(words))
	}
	return h.centre(lines, w)
}

// menuLines draws the menu with air between the items where there is room.
func (h *Home) menuLines(w int) ([]string, int, int) {
	lines, first, last := h.menu.Lines(h.sh, w)
	if h.h < len(lines)+len(h.menu.Items)+8 {
		return lines, first, last
	}
	var airy []string
	for i, it := range h.menu.Items { // an item may take more lines than the others
		one := widget.Menu{Items: []widget.Item{it}, Index: -1}
		if i == h.menu.Index {
			one.Index = 0
		}
		if i > 0 {
			airy = append(airy, "")
		}
		drawn, _, _ := one.Lines(h.sh, w)
		airy = append(airy, drawn...)
	}
	return airy, first, last
}

func (h *Home) centre(lines []string, w int) string {
	left := max(0, (h.w-w)/2)
	top := max(0, (h.h-len(lines))/2)
	out := make([]string, 0, top+len(lines))
	for range top {
		out = append(out, "")
	}
	for _, l := range lines {
		out = append(out, strings.Repeat(" ", left)+ansi.Truncate(l, max(0, h.w-left), ""))
	}
	return widget.Block(out, h.w, h.h, "")
}

// Crumb is empty: this is where all paths begin.
func (h *Home) Crumb() string { return "" }

// Subject is what the program is about.
func (h *Home) Subject() string { return "the flow follows from the client" }

// Status is empty.
func (h *Home) Status() string { return "" }

// Keys are the screen's bindings.
func (h *Home) Keys() []key.Binding { return []key.Binding{h.enter, h.move} }

// Typing is never the case here.
func (h *Home) Typing() bool { return false }

// Back leaves the closing to the root.
func (h *Home) Back() bool { return false }

// Close ends nothing.
func (h *Home) Close() {}
