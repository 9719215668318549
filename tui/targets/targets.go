// Package targets is the screen of the targets: the lab and the saved profiles,
// what each is and whether its credential is there; they are made, changed,
// copied, removed and tried here, and one of them is chosen for the runs.
//
// It shows where a credential is, never what it is. It reads and writes the
// configuration through what it is handed, and sends nothing but the one request
// of a try, which it shows first.
package targets

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"flowscope/engine"
	"flowscope/engine/explain"
	"flowscope/engine/probe"
	"flowscope/engine/profile"
	"flowscope/tui/screen"
	"flowscope/tui/widget"
)

// Store is the configuration file as the screen works with it.
type Store interface {
	// Path gives where the file is, or would be.
	Path() string
	// Load reads and checks the file.
	Load() (profile.Config, error)
	// Save writes a profile; was is its name so far, empty for a new one.
	Save(was, name string, p profile.Profile) error
	// Remove takes a profile out.
	Remove(name string) error
	// Target makes the target of a profile; told are answers to what it asks.
	Target(name string, p profile.Profile, told map[string]string) (engine.Target, error)
	// Ready gives nil when the credentials of a profile are where it says.
	Ready(name string, p profile.Profile) error
}

// Deps is what the screen works with.
type Deps struct {
	Store Store // nil: there is no configuration
	Lab   engine.Target
	// Current gives the name of the target that runs use.
	Current func() string
	// Recent gives the names of the targets that were used, the newest first.
	Recent func() []string
	// Context ends a try that is under way. Nil: never.
	Context context.Context
}

// entry is a target of the list.
type entry struct {
	name    string
	lab     bool
	saved   profile.Profile
	problem string // why its credential is not there; empty when it is
}

// mode is what the screen is doing beside the list.
type mode int

const (
	looking  mode = iota
	editing       // the form of a profile
	asking        // a credential is typed
	removing      // are you sure?
	showing       // the request of a try, before it is sent
	trying        // it is under way
	tried         // what came of it
)

// Targets is the screen.
type Targets struct {
	sh   *screen.Shell
	deps Deps
	w, h int

	list   []entry
	loaded bool
	fault  string // why the configuration can't be read
	index  int
	scroll widget.Scroll // of the list
	detail widget.Scroll

	mode     mode
	form     *editor
	secret   *widget.Form
	told     map[string]string
	asked    string // key of the credential that is typed
	question string // what it is called
	after    func(map[string]string) tea.Cmd

	target   engine.Target // that is tried
	result   probe.Result
	findings []explain.Finding

	ctx  context.Context
	stop context.CancelFunc
	once sync.Once
	goTo string // name to choose when the list is read again
}

// New makes the screen.
func New(sh *screen.Shell, deps Deps) *Targets {
	if deps.Context == nil {
		deps.Context = context.Background()
	}
	t := &Targets{sh: sh, deps: deps, list: []entry{{name: deps.Lab.Name, lab: true}}}
	t.ctx, t.stop = context.WithCancel(deps.Context)
	t.goTo = deps.Current()
	return t
}

// The results of the screen's own commands.
type (
	loadedMsg struct {
		of   *Targets
		list []entry
		err  error
	}
	changedMsg struct {
		of   *Targets
		name string
		says string
		err  error
	}
	madeMsg struct {
		of     *Targets
		target engine.Target
		try    bool
		err    error
	}
	triedMsg struct {
		of     *Targets
		result probe.Result
		err    error
	}
)

// Init reads the configuration.
func (t *Targets) Init() tea.Cmd { return t.load() }

// load reads the file and looks whether the credentials are there.
func (t *Targets) load() tea.Cmd {
	if t.deps.Store == nil {
		t.loaded = true
		return nil
	}
	store, recent, lab := t.deps.Store, t.deps.Recent(), t.deps.Lab.Name
	return func() tea.Msg {
		c, err := store.Load()
		list := []entry{{name: lab, lab: true}}
		names := c.Names()
		slices.SortStableFunc(names, func(a, b string) int { return rank(recent, a) - rank(recent, b) })
		for _, name := range names {
			e := entry{name: name, saved: c.Profiles[name]}
			if problem := store.Ready(name, e.saved); problem != nil {
				e.problem = problem.Error()
			}
			list = append(list, e)
		}
		return loadedMsg{t, list, err}
	}
}

// rank puts what was used lately before everything else.
func rank(recent []string, name string) int {
	if i := slices.Index(recent, name); i >= 0 {
		return i
	}
	return len(recent)
}

// Resize tells the size of the body.
func (t *Targets) Resize(w, h int) { t.w, t.h = w, h }

// Crumb is the screen's word in the header.
func (t *Targets) Crumb() string { return "targets" }

// Subject says what runs use.
func (t *Targets) Subject() string {
	if t.mode == editing {
		return t.form.title()
	}
	return "runs go to " + t.deps.Current()
}

// Status counts the profiles.
func (t *Targets) Status() string {
	switch n := len(t.list) - 1; {
	case t.mode == trying:
		return "trying"
	case t.fault != "":
		return "the configuration can't be read"
	case n == 1:
		return "1 profile"
	default:
		return fmt.Sprintf("%d profiles", n)
	}
}

// Typing reports whether something is being typed.
func (t *Targets) Typing() bool { return t.mode == editing || t.mode == asking }

// Back closes what is open inside the screen.
func (t *Targets) Back() bool {
	if t.mode == looking {
		return false
	}
	if t.mode == trying { // what is under way ends; the answer is dropped
		t.stop()
		t.ctx, t.stop = context.WithCancel(t.deps.Context)
	}
	t.mode, t.form, t.secret = looking, nil, nil
	t.detail.Top = 0
	return true
}

// Close ends a try that is under way.
func (t *Targets) Close() { t.once.Do(t.stop) }

// chosen is the target under the cursor.
func (t *Targets) chosen() entry { return t.list[min(t.index, len(t.list)-1)] }

// Keys are the bindings that make sense now.
func (t *Targets) Keys() []key.Binding {
	e := t.chosen()
	switch t.mode {
	case editing:
		return []key.Binding{screen.Bind("ctrl+s", "save", "ctrl+s"), screen.Enter("next"), screen.Move("field"), screen.Sides("choose"), screen.Bind("esc", "close without saving", "esc")}
	case asking:
		return []key.Binding{screen.Enter("go on"), screen.Bind("ctrl+r", "show it", "ctrl+r"), screen.Bind("esc", "close", "esc")}
	case removing:
		return []key.Binding{screen.Enter("remove it"), screen.Bind("esc", "keep it", "esc")}
	case showing:
		return []key.Binding{screen.Enter("send it"), screen.Bind("esc", "do not send", "esc")}
	case trying:
		return []key.Binding{screen.Bind("esc", "stop", "esc")}
	}
	writes := t.deps.Store != nil && t.fault == ""
	return []key.Binding{
		screen.When(screen.Enter("use for runs"), e.name != t.deps.Current()), screen.When(screen.Bind("n", "new", "n"), writes),
		screen.When(screen.Edit(), writes && !e.lab), screen.When(screen.Bind("c", "copy", "c"), writes && !e.lab),
		screen.When(screen.Bind("x", "remove", "x"), writes && !e.lab), screen.When(screen.Bind("t", "try", "t"), !e.lab),
		screen.When(screen.Move("choose"), len(t.list) > 1), screen.PageDown(), screen.PageUp(),
	}
}

// Update takes keys and the results of the screen's own commands.
func (t *Targets) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case loadedMsg:
		if msg.of == t {
			t.take(msg)
		}
	case changedMsg:
		if msg.of == t {
			return t.changed(msg)
		}
	case madeMsg:
		if msg.of == t {
			return t.made(msg)
		}
	case triedMsg:
		if msg.of == t && t.mode == trying && msg.err == nil {
			t.mode, t.result = tried, msg.result
			t.findings = explain.Diagnose(msg.result.Trace, nil)
		}
	case tea.KeyMsg:
		return t.key(msg)
	}
	return nil
}

func (t *Targets) take(msg loadedMsg) {
	t.loaded, t.fault, t.list = true, "", msg.list
	if msg.err != nil {
		t.fault = msg.err.Error()
	}
	for i, e := range t.list {
		if e.name == t.goTo {
			t.index = i
		}
	}
	t.index, t.goTo = min(t.index, len(t.list)-1), ""
}

// changed follows a change of the file, and shows why it was not made.
func (t *Targets) changed(msg changedMsg) tea.Cmd {
	var problem profile.Problem
	if msg.err != nil {
		if t.mode == editing && errors.As(msg.err, &problem) {
			t.form.say(problem)
		}
		return screen.Send(screen.NoticeMsg{Text: msg.err.Error(), Bad: true})
	}
	t.mode, t.form, t.goTo = looking, nil, msg.name
	return tea.Batch(t.load(), screen.Notice(msg.says))
}

// made has the target of a profile, for the runs or for a try; or a question for
// its credential.
func (t *Targets) made(msg madeMsg) tea.Cmd {
	var ask *profile.AskError
	switch {
	case errors.As(msg.err, &ask):
		t.mode, t.asked, t.question = asking, ask.Key, ask.Question
		t.secret = widget.NewForm([]*widget.Input{widget.NewSecret(t.sh, ask.Key, "value", "", t.sh.Mask)}, "Go on")
		t.after = func(told map[string]string) tea.Cmd { return t.make(told, msg.try) }
		return nil
	case msg.err != nil:
		return screen.Send(screen.NoticeMsg{Text: msg.err.Error(), Bad: true})
	case msg.try:
		t.mode, t.target = showing, msg.target
		t.detail.Top = 0
		return nil
	}
	t.mode, t.secret, t.told = looking, nil, nil
	return screen.Send(screen.UseTargetMsg{Target: msg.target})
}

// make builds the target under the cursor. A try needs no credential, so one that
// is not there does not keep from it.
func (t *Targets) make(told map[string]string, try bool) tea.Cmd {
	e, store := t.chosen(), t.deps.Store
	return func() tea.Msg {
		p := e.saved
		if try {
			p = p.Bare()
		}
		target, err := store.Target(e.name, p, told)
		return madeMsg{t, target, try, err}
	}
}

// try sends the request that was shown.
func (t *Targets) try() tea.Cmd {
	t.mode = trying
	ctx, target, now := t.ctx, t.target, t.sh.Now
	return func() tea.Msg {
		r, err := probe.Try(ctx, target, now)
		return triedMsg{t, r, err}
	}
}
