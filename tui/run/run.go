// Package run is the centre of the program: the plan of a flow as a ladder, the
// requests that wait at the gate one by one, the pages to answer, and for each
// step what it carries, what it means, and how it would be written in code.
//
// The run itself belongs to package engine; the screen shows its states and
// answers its holds. It sends nothing by itself.
package run

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/explain"
	"flowscope/engine/fault"
	"flowscope/engine/inspect"
	"flowscope/engine/trace"
	"flowscope/tui/screen"
	"flowscope/tui/widget"
)

// Deps is what the screen needs from outside.
type Deps struct {
	// Job makes the job of a flow as a client of the target.
	Job func(flow decision.Flow, client string) (engine.Job, error)
	// Plan gives the plan of a job.
	Plan func(engine.Job) (engine.Plan, error)
	// Start begins a run that ends with the program.
	Start func(engine.Job) (*engine.Run, error)
	// Browser reports whether this machine has a browser to open.
	Browser bool
}

// The tabs of the detail.
const (
	tabWhy = iota // why it failed; there only after a failure
	tabExplained
	tabRequest
	tabResponse
	tabCode
)

// Run is the screen.
type Run struct {
	sh   *screen.Shell
	deps Deps
	w, h int

	job   engine.Job
	plan  engine.Plan
	err   error // why there is no plan, or why the run did not start
	run   *engine.Run
	state engine.State

	ladder widget.Ladder
	follow bool // the selection goes with the run
	detail bool // the focus is on the detail
	tab    int
	scroll widget.Scroll

	page     *widget.Form // the page that waits
	pageID   int
	editor   *editor
	pending  *trace.Request // the held request as edited
	menu     *widget.Menu   // the list of faults
	faults   []fault.Fault
	fault    *fault.Fault // the one that is laid over this run
	findings []explain.Finding
	retried  bool // this run tries a fix
}

// New makes the screen for a flow as a client.
func New(sh *screen.Shell, deps Deps, flow decision.Flow, client string) *Run {
	r := &Run{sh: sh, deps: deps, follow: true, tab: tabExplained}
	r.job, r.err = deps.Job(flow, client)
	r.replan()
	return r
}

// replan draws the plan of the job again, with nothing sent.
func (r *Run) replan() {
	if r.err == nil {
		r.plan, r.err = r.deps.Plan(r.job)
	}
	r.ladder = widget.Ladder{Steps: r.plan.Steps, Selected: 1}
	r.state = engine.State{}
	r.run, r.page, r.editor, r.pending, r.menu = nil, nil, nil, nil, nil
	r.findings, r.follow, r.tab = nil, true, tabExplained
	r.scroll.Top = 0
}

// Init starts nothing: the plan is shown before anything is sent.
func (r *Run) Init() tea.Cmd { return nil }

// Resize tells the size of the body.
func (r *Run) Resize(w, h int) { r.w, r.h = w, h }

// Crumb is the screen's word in the header.
func (r *Run) Crumb() string { return "run" }

// Subject is the flow and the client.
func (r *Run) Subject() string {
	title := r.plan.Title
	if title == "" {
		title = r.job.Flow.Title()
	}
	if r.fault != nil {
		title = "broken on purpose " + r.sh.Glyphs.Dot + " " + title
	} else if r.retried {
		title = "with the fix " + r.sh.Glyphs.Dot + " " + title
	}
	return title
}

// Typing reports whether an input has the focus.
func (r *Run) Typing() bool {
	return (r.page != nil && r.page.Typing() && r.onPage()) || (r.editor != nil && r.editor.form.Typing())
}

// onPage reports whether keys go to the page that waits.
func (r *Run) onPage() bool { return r.page != nil && r.editor == nil && r.menu == nil && r.detail }

// Back closes what is open inside the screen.
func (r *Run) Back() bool {
	switch {
	case r.editor != nil:
		r.editor = nil
	case r.menu != nil:
		r.menu = nil
	case r.page != nil && r.detail && r.page.Typing():
		r.page.Leave()
	default:
		return false
	}
	return true
}

// Close ends the run.
func (r *Run) Close() {
	if r.run != nil {
		r.run.Stop()
	}
}

// held is the exchange that waits at the gate.
func (r *Run) held() (trace.Exchange, bool) {
	if r.state.Held == 0 || r.state.Trace == nil {
		return trace.Exchange{}, false
	}
	return r.state.Trace.Exchanges[r.state.Held-1], true
}

func (r *Run) started() bool { return r.run != nil }

func (r *Run) failed() bool { return r.state.Done && len(r.findings) > 0 }

// eventMsg is a state of a run; more is false when it was the last.
type eventMsg struct {
	id   string
	ev   engine.Event
	more bool
}

// startedMsg says that a run began, or why it did not.
type startedMsg struct {
	run *engine.Run
	err error
}

// waitCmd waits for the next state of a run.
func waitCmd(run *engine.Run) tea.Cmd {
	return func() tea.Msg {
		ev, ok := <-run.Events()
		return eventMsg{run.ID, ev, ok}
	}
}

// startCmd ends the old run, whatever it is doing, and begins the new one.
func (r *Run) startCmd() tea.Cmd {
	old, job, start := r.run, r.job, r.deps.Start
	return func() tea.Msg {
		if old != nil {
			old.Stop()
		}
		run, err := start(job)
		return startedMsg{run, err}
	}
}

// begin starts the job from the plan on.
func (r *Run) begin() tea.Cmd {
	cmd := r.startCmd()
	r.replan()
	if r.err != nil {
		return nil
	}
	return cmd
}

// Update takes states of the run and keys.
func (r *Run) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case startedMsg:
		if msg.err != nil {
			r.err = msg.err
			return nil
		}
		r.run = msg.run
		return waitCmd(msg.run)
	case eventMsg:
		return r.event(msg)
	case screen.RetryMsg:
		return r.retry(msg.Change)
	case tea.KeyMsg:
		return r.key(msg)
	}
	return nil
}

// event takes a newer state of this run and drops those of an older one.
func (r *Run) event(msg eventMsg) tea.Cmd {
	if r.run == nil || msg.id != r.run.ID {
		return nil
	}
	if !msg.more {
		return nil
	}
	wasHeld := r.state.Held
	r.state = msg.ev.State
	r.ladder.States = r.state.Steps
	r.sh.Secrets.LearnAll(r.state.Trace)
	if r.state.Held != wasHeld {
		r.pending, r.editor = nil, nil
	}
	if r.follow && r.state.Current > 0 {
		r.choose(r.state.Current)
	}
	r.takePage()
	if r.state.Done {
		r.ended()
	}
	return waitCmd(r.run)
}

// ended reads what the run came to.
func (r *Run) ended() {
	r.findings = explain.Diagnose(r.state.Trace, inspect.Checks(r.state))
	r.page, r.editor, r.menu = nil, nil, nil
	if r.state.Trace.Outcome == trace.Stopped {
		r.findings = nil
	}
	if len(r.findings) > 0 && r.state.Trace.Outcome != trace.Stopped {
		if s := r.findings[0].Step; s > 0 {
			r.choose(s)
		}
		r.tab = tabWhy
		r.detail = r.detail || r.w < wide // where there is one pane, it turns to the diagnosis
	}
}

// choose selects a step and shows it from its top.
func (r *Run) choose(step int) {
	if step == r.ladder.Selected {
		return
	}
	r.ladder.Selected, r.scroll.Top = step, 0
	r.pickTab()
}

// pickTab chooses the tab that a newly selected step opens with.
func (r *Run) pickTab() {
	r.tab = tabExplained
	if r.failed() && r.findings[0].Step == r.ladder.Selected {
		r.tab = tabWhy
		r.detail = r.detail || r.w < wide // where there is one pane, it turns to the diagnosis
	}
}

// takePage makes a form of the page that waits, and drops it when it is gone.
func (r *Run) takePage() {
	p := r.state.Page
	if p == nil {
		r.page, r.pageID = nil, 0
		return
	}
	if r.page != nil && p.ID == r.pageID {
		return
	}
	r.pageID, r.page = p.ID, pageForm(r.sh, p, r.job)
	r.detail, r.scroll.Top = true, 0
}

// Status says where the run stands.
func (r *Run) Status() string {
	n := len(r.plan.Steps)
	switch {
	case r.err != nil:
		return "no plan"
	case !r.started():
		return plural(n, "step") + ", nothing sent"
	case r.state.Done:
		return r.endWords()
	case r.page != nil:
		return "your turn " + r.sh.Glyphs.Dot + " " + of(r.state.Current, n)
	case r.state.Held != 0:
		return "held " + r.sh.Glyphs.Dot + " " + of(r.state.Current, n)
	}
	if r.job.Browser && r.state.Current > 0 {
		return "waiting for the browser " + r.sh.Glyphs.Dot + " " + of(r.state.Current, n)
	}
	return "under way " + r.sh.Glyphs.Dot + " " + of(r.state.Current, n)
}

func (r *Run) endWords() string {
	switch r.state.Trace.Outcome {
	case trace.Tokens:
		for _, rep := range inspect.All(r.state) {
			if rep.Outcome() == "invalid" {
				return "a token is invalid"
			}
		}
		return "tokens received"
	case trace.Stopped:
		return "given up at " + of(r.state.Current, len(r.plan.Steps))
	}
	return "failed at " + of(r.state.Current, len(r.plan.Steps))
}

// Keys are the bindings that make sense now.
func (r *Run) Keys() []key.Binding {
	switch {
	case r.menu != nil:
		return []key.Binding{screen.Enter("break it so"), screen.Move("fault"), screen.Bind("esc", "close", "esc")}
	case r.editor != nil:
		return r.editor.keys()
	case r.onPage():
		return []key.Binding{screen.Enter("go on"), screen.Move("field"), screen.Sides("choose"), screen.Bind("tab", "next field", "tab"), screen.When(screen.All(), !r.page.Typing())}
	}
	return r.runKeys()
}

func (r *Run) runKeys() []key.Binding {
	waits, held := r.held()
	enter := screen.Enter("start")
	switch {
	case held && (r.pending != nil || waits.Original != nil):
		enter = screen.Enter("send edited")
	case held:
		enter = screen.Enter("send")
	case r.page != nil:
		enter = screen.Enter("answer the page")
	case r.failed():
		enter = screen.Enter("read it whole")
	case r.state.Done:
		enter = screen.Enter("open the tokens")
	case r.started():
		enter = screen.When(enter, false)
	}
	_, fixable := r.fix()
	idle := !r.started()
	all := screen.When(screen.All(), idle || held || r.page != nil)
	if idle {
		all = screen.Bind("a", "run it all", "a")
	}
	return []key.Binding{
		screen.When(screen.Fix(), fixable), screen.When(enter, r.err == nil && enter.Enabled()), screen.When(screen.Edit(), held), screen.When(screen.Break(), r.err == nil), all,
		screen.When(screen.Restart(), r.started()), screen.When(screen.Tokens(), r.hasTokens()), screen.NextPane(),
		screen.When(screen.Sides("client"), idle && r.job.Flow == decision.AuthorizationCode),
		screen.When(screen.Bind("u", "use the browser", "u"), idle && r.deps.Browser && r.job.Flow == decision.AuthorizationCode),
		screen.When(screen.Copy("this tab"), r.started()), screen.Move("step"), screen.When(screen.Sides("tab"), !idle),
		screen.When(screen.Bind("z", "undo edits", "z"), r.pending != nil),
	}
}

func (r *Run) hasTokens() bool { return len(r.state.Reports) > 0 }
