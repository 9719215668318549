// Package flows is the list of all flows, grouped by who takes part, each with
// the clients that can run it on the current target, and of the stories that are
// made of them. What can't be run there is listed all the same, with the reason.
//
// It opens a run and starts nothing itself.
package flows

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/scenario"
	"flowscope/engine/trace"
	"flowscope/tui/screen"
	"flowscope/tui/widget"
)

// group is a part of the list.
type group struct {
	title string
	flows []decision.Flow
}

// groups give every flow of package decision one place.
func groups() []group {
	return []group{
		{"With a person", []decision.Flow{decision.AuthorizationCode, decision.DeviceCode, decision.OnBehalfOf}},
		{"Without a person", []decision.Flow{decision.ClientCredentials, decision.ManagedIdentity}},
		{"Moves of a session", []decision.Flow{decision.RefreshToken, decision.Silent, decision.SignOut, decision.AdminConsent, decision.TokenExchange}},
		{"Warnings", []decision.Flow{decision.Implicit, decision.Password}},
	}
}

// about says in one sentence what a flow is for.
func about(f decision.Flow) string {
	switch f {
	case decision.AuthorizationCode:
		return "A person signs in with a browser: web apps, single-page apps, native apps."
	case decision.DeviceCode:
		return "A person signs in on another device: command lines without a browser, televisions."
	case decision.OnBehalfOf:
		return "An API calls another API as the person who called it."
	case decision.ClientCredentials:
		return "A program asks as itself: nightly jobs, services. Nobody signs in."
	case decision.ManagedIdentity:
		return "The machine the program runs on vouches for it: no secret to keep."
	case decision.RefreshToken:
		return "New tokens without a page, as long as the refresh token is good."
	case decision.Silent:
		return "How applications ask for a token: from the cache, else by refresh, else the person is needed."
	case decision.SignOut:
		return "Ends the session in the browser. What it does not do is the lesson."
	case decision.AdminConsent:
		return "An administrator consents for everybody in the tenant, so that nobody else is asked."
	case decision.TokenExchange:
		return "A token is traded for another one (RFC 8693). Entra ID does not offer it; others do."
	case decision.Implicit:
		return "Tokens through the address bar. Not to be used: shown to see where they end up."
	case decision.Password:
		return "The program takes the person's password. Not to be used: shown to see what it costs."
	}
	return ""
}

// entry is a flow or a story as it is listed.
type entry struct {
	flow    decision.Flow
	story   scenario.Scenario // of a story; without an ID: it is a flow
	group   string            // set on the first of a group
	clients []string
	client  string // the one that is chosen
	why     string // why it can't be run here; empty when it can
}

func (e entry) isStory() bool { return e.story.ID != "" }

func (e entry) title() string {
	if e.isStory() {
		return e.story.Title
	}
	return e.flow.Title()
}

// Flows is the screen.
type Flows struct {
	sh     *screen.Shell
	target engine.Target
	w, h   int
	list   []entry
	index  int
	scroll widget.Scroll
}

// New makes the list for a target; can gives nil for a flow that a driver runs
// there, else the reason.
func New(sh *screen.Shell, target engine.Target, can func(decision.Flow) error) *Flows {
	f := &Flows{sh: sh, target: target}
	for _, g := range groups() {
		for i, flow := range g.flows {
			e := entry{flow: flow, clients: target.KeysFor(flow)}
			if i == 0 {
				e.group = g.title
			}
			job, err := target.Job(flow, "")
			if err != nil {
				e.why = err.Error()
			}
			e.client = job.Client.Key
			if err := can(flow); err != nil {
				e.why = err.Error()
			}
			f.list = append(f.list, e)
		}
	}
	for i, s := range scenario.All() {
		e := entry{story: s}
		if i == 0 {
			e.group = "Stories"
		}
		if err := s.Fits(target); err != nil {
			e.why = err.Error()
		}
		f.list = append(f.list, e)
	}
	f.index = max(0, slices.IndexFunc(f.list, func(e entry) bool { return e.why == "" }))
	return f
}

// Init starts nothing.
func (f *Flows) Init() tea.Cmd { return nil }

// Resize tells the size of the body.
func (f *Flows) Resize(w, h int) { f.w, f.h = w, h }

// Update moves the choice, turns the client or opens the run.
func (f *Flows) Update(msg tea.Msg) tea.Cmd {
	k, ok := msg.(tea.KeyMsg)
	if !ok {
		return nil
	}
	e := &f.list[f.index]
	switch {
	case key.Matches(k, screen.Down()):
		f.index = min(f.index+1, len(f.list)-1)
	case key.Matches(k, screen.Up()):
		f.index = max(0, f.index-1)
	case key.Matches(k, screen.PageDown()):
		f.index = min(f.index+8, len(f.list)-1)
	case key.Matches(k, screen.PageUp()):
		f.index = max(0, f.index-8)
	case key.Matches(k, nextGroup()):
		f.index = f.next()
		f.scroll.Top = len(f.list) * 2 // its title is the first line then
	case key.Matches(k, screen.Left(), screen.Right()):
		if len(e.clients) < 2 {
			return screen.Notice("there is no other client for this flow here")
		}
		by := 1
		if key.Matches(k, screen.Left()) {
			by = len(e.clients) - 1
		}
		e.client = e.clients[(max(0, slices.Index(e.clients, e.client))+by)%len(e.clients)]
	case key.Matches(k, screen.Enter("")):
		if e.why != "" {
			return screen.Notice(e.why)
		}
		if e.isStory() {
			return screen.Send(screen.OpenScenarioMsg{ID: e.story.ID})
		}
		return screen.Send(screen.OpenRunMsg{Flow: e.flow, Client: e.client})
	}
	return nil
}

// nextGroup goes to the first line of the next group.
func nextGroup() key.Binding { return screen.Bind("tab", "next group", "tab") }

func (f *Flows) next() int {
	for i := 1; i < len(f.list); i++ {
		if at := (f.index + i) % len(f.list); f.list[at].group != "" {
			return at
		}
	}
	return f.index
}

// View draws the groups with their flows, and beneath what the chosen one is for.
func (f *Flows) View() string {
	iw, ih := widget.Inner(f.w, f.h)
	detail := f.detail(iw)
	lines, at := f.lines(iw, ih-len(detail))
	room := max(3, ih-len(detail))
	f.scroll.Show(max(0, at-1), at, len(lines), room)
	visible, above, below := f.scroll.Window(lines, room)
	visible = slices.Clone(visible)
	for len(visible) < room {
		visible = append(visible, "")
	}
	p := widget.Pane{Title: "Flows", Summary: "on " + f.target.Title, State: widget.Focused, Above: above, More: below}
	return p.Render(f.sh, append(visible, detail...), f.w, f.h)
}

// lines draws the list and gives the line of the choice.
func (f *Flows) lines(w, h int) (out []string, at int) {
	st, g := f.sh.Styles, f.sh.Glyphs
	airy := h >= 24
	col := 0
	for _, e := range f.list {
		if !e.isStory() {
			col = max(col, ansi.StringWidth(e.title()))
		}
	}
	for i, e := range f.list {
		if e.group != "" {
			if airy && i > 0 {
				out = append(out, "")
			}
			out = append(out, st.Title.Render(e.group))
		}
		mark, title, note := "  ", st.Text, st.Muted
		if e.why != "" {
			title = st.Muted
		}
		if i == f.index {
			mark, title, note, at = st.OnSelection(st.Accent).Render(g.Pointer+" "), st.Selection, st.OnSelection(st.Text), len(out)
		}
		right, room := "can't be run here", col+2
		switch {
		case e.isStory():
			room = max(col+2, w-24)
			if w > 100 {
				room = col + 36
			}
			if e.why == "" {
				right = acts(e.story)
			}
		case e.why == "":
			right = f.clients(e, i == f.index)
		}
		out = append(out, mark+title.Render(widget.Fit(e.title(), room, g.Ellipsis))+note.Render(widget.Fit(right, max(1, w-room-2), g.Ellipsis)))
	}
	return out, at
}

func acts(s scenario.Scenario) string {
	if len(s.Acts) == 1 {
		return "1 act"
	}
	return fmt.Sprintf("%d acts", len(s.Acts))
}

// clients names the chosen client, and how many others there are.
func (f *Flows) clients(e entry, chosen bool) string {
	if !chosen || len(e.clients) < 2 {
		return strings.Join(e.clients, " "+f.sh.Glyphs.Dot+" ")
	}
	var out []string
	for _, c := range e.clients {
		if c == e.client {
			c = "[" + c + "]"
		}
		out = append(out, c)
	}
	return strings.Join(out, " ")
}

// detail says what the chosen flow is for, as whom it runs, or why it can't.
func (f *Flows) detail(w int) []string {
	st, e := f.sh.Styles, f.list[f.index]
	out := []string{st.Border.Render(strings.Repeat(f.sh.Glyphs.Horizontal, w))}
	words := about(e.flow)
	if e.isStory() {
		words = e.story.About
	}
	out = append(out, widget.Render(st.Bright, widget.Wrap(words, w))...)
	if e.why != "" {
		return append(out, widget.Render(st.Warn, widget.Wrap(f.sh.Glyphs.Warn+" "+trace.Plain(e.why), w))...)
	}
	if e.isStory() {
		var titles []string
		for i, a := range e.story.Acts {
			titles = append(titles, fmt.Sprintf("%d %s", i+1, a.Title))
		}
		return append(out, widget.Render(st.Muted, widget.Wrap(strings.Join(titles, " "+f.sh.Glyphs.Dot+" "), w))...)
	}
	if c, ok := f.target.Client(e.client); ok {
		words := "As " + c.Registration.Name + " (" + c.Key + ")"
		if len(e.clients) > 1 {
			words += "; left and right choose another client"
		}
		out = append(out, widget.Render(st.Muted, widget.Wrap(trace.Plain(words)+".", w))...)
	}
	return out
}

// Crumb is the screen's word in the header.
func (f *Flows) Crumb() string { return "flows" }

// Subject is what the list is for.
func (f *Flows) Subject() string { return "run any flow, one request at a time" }

// Status counts what can be run: the flows, or among the stories those.
func (f *Flows) Status() string {
	n, all, stories := 0, 0, f.list[f.index].isStory()
	for _, e := range f.list {
		if e.isStory() != stories {
			continue
		}
		all++
		if e.why == "" {
			n++
		}
	}
	return fmt.Sprintf("%d of %d can be run here", n, all)
}

// Keys are the screen's bindings.
func (f *Flows) Keys() []key.Binding {
	e := f.list[f.index]
	does, move := "run it", "flow"
	if e.isStory() {
		does, move = "play it", "story"
	}
	return []key.Binding{screen.When(screen.Enter(does), e.why == ""), screen.Move(move), nextGroup(), screen.When(screen.Sides("client"), len(e.clients) > 1 && e.why == "")}
}

// Typing is never the case here.
func (f *Flows) Typing() bool { return false }

// Back leaves the closing to the root.
func (f *Flows) Back() bool { return false }

// Close ends nothing.
func (f *Flows) Close() {}
