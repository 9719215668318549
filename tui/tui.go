// Package tui is the program on the screen: the root model, which keeps the
// stack of screens, draws the header and the footer around the one on top, and
// sends every message to whom it is for; and Run, which gives it a terminal.
//
// It is the only tea.Model. It knows the screens and nothing of drivers or of
// the lab: those come ready-made in Deps.
package tui

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/labinfo"
	"flowscope/engine/observe"
	"flowscope/themes"
	"flowscope/tui/decide"
	"flowscope/tui/diagnose"
	"flowscope/tui/flows"
	"flowscope/tui/home"
	"flowscope/tui/lab"
	"flowscope/tui/run"
	"flowscope/tui/screen"
	"flowscope/tui/targets"
	"flowscope/tui/token"
	"flowscope/validate"
)

// The smallest window that the screens are made for.
const (
	MinWidth  = 60
	MinHeight = 18
)

// noticeTime is how long a notice stays in the footer.
const noticeTime = 5 * time.Second

// Deps is what the program needs from outside.
type Deps struct {
	Shell   *screen.Shell
	Runner  *engine.Runner
	Target  engine.Target // the lab
	Browser bool          // this machine can open a browser
	// Targets are the saved targets; nil: there is no configuration.
	Targets targets.Store
	// Lab and Requests are the lab as other programs reach it.
	Lab      labinfo.Lab
	Requests *observe.Log
	// AtLab opens the program on the lab's screen, over the first one.
	AtLab bool
	// Checker checks the tokens that are pasted; it may fetch keys.
	Checker token.Checker
	// Restyle gives the styles for the theme's other half, or another theme.
	Restyle func(theme themes.Theme, dark bool) *themes.Styles
	Theme   themes.Theme
	Dark    bool
	// Ask puts the question for the background colour to the terminal, after
	// the first frame. Nil: it is known already, or can't be asked.
	Ask func() error
	// KeyTime is the clock that keys are timed by; it runs even where the
	// program's clock stands still. Nil: time.Now.
	KeyTime func() time.Time
	// Context ends the runs that are still going when the program ends.
	Context context.Context
}

// Model is the root of the program.
type Model struct {
	deps   Deps
	sh     *screen.Shell
	stack  []screen.Screen
	w, h   int
	help   bool
	notice screen.NoticeMsg
	shown  int // number of the notice, so that an old timer does not clear a new one
	theme  themes.Theme
	dark   bool
	asked  bool
	burst  burst
	target engine.Target // what runs use
	recent []string      // names of the targets that were used, the newest first
	ca     string        // file that the certificate of the lab's CA was written to
	tokens token.Session // what the token screens share
}

// DarkMsg says what the terminal answered to the question for its background.
type DarkMsg bool

type noticeOverMsg int

// New makes the model with the home screen.
func New(deps Deps) *Model {
	if deps.KeyTime == nil {
		deps.KeyTime = time.Now
	}
	m := &Model{deps: deps, sh: deps.Shell, theme: deps.Theme, dark: deps.Dark, target: deps.Target}
	m.stack = []screen.Screen{home.New(m.sh)}
	if deps.AtLab {
		m.stack = append(m.stack, m.lab())
	}
	return m
}

// Init starts nothing, save what the lab's screen needs where the program opens
// on it: the first frame waits for nothing but its own drawing.
func (m *Model) Init() tea.Cmd { return m.Top().Init() }

func (m *Model) lab() screen.Screen {
	return lab.New(m.sh, lab.Deps{Lab: m.deps.Lab, Requests: m.deps.Requests, CA: &m.ca, Context: m.deps.Context})
}

// Top is the screen that is shown.
func (m *Model) Top() screen.Screen { return m.stack[len(m.stack)-1] }

// Update sends a message to whom it is for.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h = msg.Width, msg.Height
		m.resize()
		return m, m.ask()
	case tea.KeyMsg:
		return m, m.key(msg)
	case DarkMsg:
		m.restyle(m.theme, bool(msg))
	case screen.NoticeMsg:
		return m, m.say(msg)
	case noticeOverMsg:
		if int(msg) == m.shown {
			m.notice = screen.NoticeMsg{}
		}
	case screen.BackMsg:
		return m, m.back()
	case screen.RetryMsg:
		return m, m.retry(msg)
	case screen.UseTargetMsg:
		return m, m.use(msg.Target)
	default:
		if cmd, ok := m.open(msg); ok {
			return m, cmd
		}
		return m, m.toAll(msg)
	}
	return m, nil
}

// toAll hands a result to every screen: each knows what it asked for.
func (m *Model) toAll(msg tea.Msg) tea.Cmd {
	var cmds []tea.Cmd
	for _, s := range m.stack {
		cmds = append(cmds, s.Update(msg))
	}
	return tea.Batch(cmds...)
}

// ask puts the question for the background colour once the first frame is out.
func (m *Model) ask() tea.Cmd {
	if m.asked || m.deps.Ask == nil {
		return nil
	}
	m.asked = true
	question := m.deps.Ask
	return tea.Tick(60*time.Millisecond, func(time.Time) tea.Msg {
		if err := question(); err != nil {
			return nil // the terminal can't be asked: dark it stays
		}
		return nil
	})
}

func (m *Model) restyle(theme themes.Theme, dark bool) {
	m.theme, m.dark = theme, dark
	*m.sh.Styles = *m.deps.Restyle(theme, dark)
}

func (m *Model) say(n screen.NoticeMsg) tea.Cmd {
	m.notice = n
	m.shown++
	id := m.shown
	return tea.Tick(noticeTime, func(time.Time) tea.Msg { return noticeOverMsg(id) })
}

// tokenDeps is what a token screen works with: the applications of the lab and of
// the target that is used have names there.
func (m *Model) tokenDeps() token.Deps {
	names := map[string]string{}
	for _, target := range []engine.Target{m.deps.Target, m.target} {
		for _, c := range target.Clients {
			names[c.Registration.ClientID] = c.Registration.Name
			for _, r := range c.Registration.Resources {
				names[r.ClientID], names[r.URI] = r.Name, r.Name
			}
		}
	}
	delete(names, "")
	return token.Deps{Checker: m.deps.Checker, Session: &m.tokens, Names: names, Graph: m.graph}
}

// graph is the address of the lab's Graph for an issuer of the lab, "" for any
// other.
func (m *Model) graph(issuer string) string {
	u, err := url.Parse(issuer)
	if err != nil || !slices.Contains(m.deps.Target.Hosts, u.Host) {
		return ""
	}
	for _, s := range m.deps.Target.Services {
		if base, _, ok := strings.Cut(s.URL, "/v1.0/"); ok && validate.IsGraph(s.Audience) {
			return base
		}
	}
	return ""
}

// open answers the wish for another screen.
func (m *Model) open(msg tea.Msg) (tea.Cmd, bool) {
	var s screen.Screen
	switch msg := msg.(type) {
	case screen.OpenDecideMsg:
		s = decide.New(m.sh, m.runs)
	case screen.OpenFlowsMsg:
		s = flows.New(m.sh, m.target, m.runs)
	case screen.OpenRunMsg:
		s = run.New(m.sh, m.runDeps(), msg.Flow, msg.Client)
	case screen.OpenScenarioMsg:
		s = run.NewStory(m.sh, m.runDeps(), msg.ID)
	case screen.OpenTokenMsg:
		s = token.New(m.sh, m.tokenDeps(), msg)
	case screen.OpenDiagnoseMsg:
		s = diagnose.New(m.sh, msg)
	case screen.OpenLabMsg:
		s = m.lab()
	case screen.OpenTargetsMsg:
		s = targets.New(m.sh, targets.Deps{
			Store: m.deps.Targets, Lab: m.deps.Target, Context: m.deps.Context,
			Current: func() string { return m.target.Name }, Recent: func() []string { return m.recent },
		})
	default:
		return nil, false
	}
	return m.push(s), true
}

// runDeps is what a run needs on the target that is chosen. While the lab is
// served, a command for it names the address at which other programs reach it.
func (m *Model) runDeps() run.Deps {
	served := func() string {
		if d := m.deps.Lab; d != nil && !m.target.Live {
			if info := d.Describe(); info.Served() {
				return base(info.HTTPAuthority)
			}
		}
		return ""
	}
	switched := func() []string {
		var on []string
		if m.deps.Lab == nil {
			return nil
		}
		for _, c := range m.deps.Lab.Conditions() {
			if c.On {
				on = append(on, c.ID)
			}
		}
		return on
	}
	return run.Deps{Runner: m.deps.Runner, Target: m.target, Context: m.deps.Context, Browser: m.deps.Browser, Served: served, Switched: switched}
}

// base is scheme and host of an address.
func base(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

func (m *Model) runs(f decision.Flow) error { return m.deps.Runner.Can(&m.target, f) }

// use makes a target the one of all runs from now on.
func (m *Model) use(t engine.Target) tea.Cmd {
	m.target = t
	m.recent = append([]string{t.Name}, slices.DeleteFunc(m.recent, func(name string) bool { return name == t.Name })...)
	words := "runs go to the lab again"
	if t.Live {
		words = "runs go to " + t.Title + " now; nothing is sent before you have seen the first request"
	}
	return tea.Batch(m.toAll(home.TargetMsg{Target: t}), screen.Notice(words))
}

func (m *Model) push(s screen.Screen) tea.Cmd {
	m.stack = append(m.stack, s)
	m.resize()
	return s.Init()
}

// back closes the top screen, unless it is the first.
func (m *Model) back() tea.Cmd {
	if len(m.stack) == 1 {
		return nil
	}
	top := m.Top()
	m.stack = m.stack[:len(m.stack)-1]
	m.notice = screen.NoticeMsg{}
	left, atLab := top.(*lab.Lab)
	return func() tea.Msg {
		top.Close()
		if atLab {
			return home.ServedMsg{At: left.Served()}
		}
		return nil
	}
}

// retry closes what lies over the run and hands it the change.
func (m *Model) retry(msg screen.RetryMsg) tea.Cmd {
	for i := len(m.stack) - 1; i >= 0; i-- {
		if r, ok := m.stack[i].(*run.Run); ok {
			for _, s := range m.stack[i+1:] {
				s.Close()
			}
			m.stack = m.stack[:i+1]
			return r.Update(msg)
		}
	}
	return screen.Notice("there is no run to try this in")
}

// Close ends whatever the screens have started.
func (m *Model) Close() {
	for _, s := range m.stack {
		s.Close()
	}
}

func (m *Model) resize() {
	for _, s := range m.stack {
		s.Resize(m.w, max(0, m.h-2))
	}
}
