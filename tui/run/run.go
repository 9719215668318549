// Package run is the centre of the program: the plan of a flow as a ladder, the
// requests that wait at the gate one by one, the pages to answer, and for each
// step what it carries, what it means, and how it would be written in code.
//
// The run itself belongs to package engine; the screen shows its states and
// answers its holds. It sends nothing by itself.
package run

import (
	"context"
	"errors"
	"slices"

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
	Runner *engine.Runner
	Target engine.Target // what the screen was opened for
	// Context ends the runs that are still going when the program ends.
	Context context.Context
	// Browser reports whether this machine has a browser to open.
	Browser bool
	// Served gives the address at which other programs reach the lab
	// ("http://localhost:8080"), empty while it is not served. Nil: there is none.
	Served func() string
	// Switched gives the conditions of the lab that are on. Nil: there is no lab.
	Switched func() []string
}

// The tabs of the detail.
const (
	tabWhy  = iota // why it failed; there only after a failure
	tabTurn        // what the person does outside the program; there only meanwhile
	tabAct         // what came of an act of a story; there only at its end
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

	job    engine.Job
	plan   engine.Plan
	err    error // why there is no plan, or why the run did not start
	run    *engine.Run
	starts starts
	state  engine.State

	ladder widget.Ladder
	follow bool // the selection goes with the run
	detail bool // the focus is on the detail
	tab    int
	scroll widget.Scroll
	nth    int // exchange that is looked at inside the step, by N; 0: the newest

	row     int    // of the choices before the start
	typing  *typed // the choice that is being typed
	over    overlay
	page    *widget.Form // the page that waits
	pageID  int
	pending *trace.Request  // the held request as edited
	answer  *trace.Response // the held answer as edited

	fault    *fault.Fault // the one that is laid over this run
	story    *story       // the scenario that is played; nil: a run by itself
	findings []explain.Finding
	retried  bool // this run tries a fix
	passing  bool // polls are let through in a row
	ticking  bool
	leaving  bool // esc was pressed: the next one leaves

	subject string // what the run was begun as
	past    []past // earlier runs of this screen, the newest last
	drawn   drawn
	version int // of what is shown, so that a drawing can be kept
	listed  listed
	learned map[int]bool
}

// New makes the screen for a flow as a client.
func New(sh *screen.Shell, deps Deps, flow decision.Flow, client string) *Run {
	r := &Run{sh: sh, deps: deps, follow: true, tab: tabExplained}
	if !slices.Contains(deps.Target.KeysFor(flow), client) {
		client = "" // the table's row is no key of this target: the usual one
	}
	r.job, r.err = deps.Target.Job(flow, client)
	r.job.Flow = flow
	if ways := r.ways(); deps.Target.Live && r.job.Client.Platform != "" && len(ways) > 0 {
		r.setWay(ways[0]) // the pages of a real tenant need scripts: the program can't show them
	}
	r.replan()
	return r
}

// replan draws the plan of the job again, with nothing sent.
func (r *Run) replan() {
	r.plan = engine.Plan{}
	if r.job.Client.Key != "" {
		r.plan, r.err = r.deps.Runner.Plan(r.job)
	}
	r.adopt(r.plan)
	r.ladder.Selected = 1
	r.state = engine.State{}
	r.run, r.page, r.over, r.pending, r.answer, r.typing = nil, nil, nil, nil, nil, nil
	r.findings, r.follow, r.tab, r.nth = nil, true, tabExplained, 0
	r.passing, r.learned = false, map[int]bool{}
	r.scroll.Top = 0
	r.version++
}

// adopt takes a plan over into the ladder.
func (r *Run) adopt(p engine.Plan) {
	r.plan = p
	r.ladder = widget.Ladder{Steps: p.Steps, Parties: p.Parties(), Foreign: r.job.Target.Foreign(), Selected: r.ladder.Selected, Top: r.ladder.Top}
	if r.job.Flow == decision.OnBehalfOf {
		r.ladder.Names = map[trace.Party]string{trace.API: "your API"}
	}
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
	if r.story != nil && r.story.play != nil {
		title = r.story.subject() + " " + r.sh.Glyphs.Dot + " " + title
	}
	return title
}

// Typing reports whether an input has the focus.
func (r *Run) Typing() bool {
	switch {
	case r.over != nil:
		return r.over.typing()
	case r.typing != nil:
		return true
	}
	return r.page != nil && r.page.Typing() && r.onPage()
}

// onPage reports whether keys go to the page that waits.
func (r *Run) onPage() bool { return r.page != nil && r.over == nil && r.detail }

// Back closes what is open inside the screen.
func (r *Run) Back() bool {
	r.version++
	switch {
	case r.over != nil:
		if !r.over.back() {
			r.over = nil
		}
	case r.typing != nil:
		r.typing = nil
	case r.page != nil && r.detail && r.page.Typing():
		r.page.Leave()
	default:
		return r.stay()
	}
	return true
}

// stay keeps the screen once when leaving it would end a run that waits, or lose
// one that has tokens; the next esc leaves.
func (r *Run) stay() bool {
	waits := r.started() && !r.state.Done && (r.state.Held != 0 || r.page != nil || r.state.Turn != nil)
	if r.leaving || !waits && !r.hasTokens() {
		return false
	}
	r.leaving = true
	return true
}

// Said is what the footer says after esc was taken and the screen stayed.
func (r *Run) Said() string {
	switch {
	case !r.leaving:
		return ""
	case r.hasTokens():
		return "esc again leaves this run and its tokens"
	}
	return "esc again leaves this run"
}

// held is the exchange whose request waits at the gate.
func (r *Run) held() (trace.Exchange, bool) {
	if r.state.Held == 0 || r.state.HeldAnswer || r.state.Trace == nil {
		return trace.Exchange{}, false
	}
	return r.state.Trace.Exchanges[r.state.Held-1], true
}

// heldAnswer is the exchange whose answer waits at the gate.
func (r *Run) heldAnswer() (trace.Exchange, bool) {
	if r.state.Held == 0 || !r.state.HeldAnswer || r.state.Trace == nil {
		return trace.Exchange{}, false
	}
	e := r.state.Trace.Exchanges[r.state.Held-1]
	return e, e.Response != nil
}

// waits reports whether a request or an answer of this exchange waits.
func (r *Run) waits(e trace.Exchange) bool { return r.state.Held == e.N && e.N != 0 }

func (r *Run) started() bool { return r.run != nil }

func (r *Run) failed() bool { return r.state.Done && len(r.findings) > 0 }

// eventMsg is a state of a run; more is false when it was the last.
type eventMsg struct {
	id   string
	ev   engine.Event
	more bool
}

// waitCmd waits for the next state of a run.
func waitCmd(run *engine.Run) tea.Cmd {
	return func() tea.Msg {
		ev, ok := <-run.Events()
		return eventMsg{run.ID, ev, ok}
	}
}

// begin starts the job from the plan on. What the run before came to is kept to
// be compared with.
func (r *Run) begin() tea.Cmd {
	r.keep()
	cmd := r.startCmd()
	r.replan()
	if r.err != nil {
		r.starts.next()
		old := r.starts.take()
		return func() tea.Msg {
			stop(old)
			return nil
		}
	}
	r.detail, r.subject = false, r.Subject()
	return cmd
}

// Update takes states of the run and keys.
func (r *Run) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case startedMsg:
		return r.begun(msg)
	case eventMsg:
		return r.event(msg)
	case tickMsg:
		return r.tick()
	case screen.RetryMsg:
		if msg.Own {
			return r.tryFix()
		}
		return r.retry(msg.Change)
	case tea.KeyMsg:
		r.leaving = false
		return r.key(msg)
	}
	return nil
}

// begun takes a run over, or says why there is none.
func (r *Run) begun(msg startedMsg) tea.Cmd {
	if msg.of != r || !r.starts.stands(msg.n) {
		return nil // another run has begun since, or belongs to another screen
	}
	r.version++
	if msg.err != nil && msg.further {
		return screen.Send(screen.NoticeMsg{Text: msg.err.Error(), Bad: true})
	}
	if msg.err != nil {
		r.err = msg.err
		return nil
	}
	r.run = msg.run
	if msg.further {
		r.findings, r.follow = nil, true
		r.adopt(msg.run.Plan)
	}
	return waitCmd(msg.run)
}

// event takes a newer state of this run and drops those of an older one.
func (r *Run) event(msg eventMsg) tea.Cmd {
	if r.run == nil || msg.id != r.run.ID || !msg.more {
		return nil
	}
	was := r.state
	r.state = msg.ev.State
	r.version++
	r.ladder.States = r.state.Steps
	r.ladder.Ended = r.state.Done && r.state.Trace.Outcome == trace.Tokens
	r.learn()
	if r.state.Held != was.Held || r.state.HeldAnswer != was.HeldAnswer {
		r.pending, r.answer = nil, nil
		if o, ok := r.over.(*editor); ok && !o.stands() {
			r.over = nil
		}
	}
	if r.follow && r.state.Current > 0 {
		r.choose(r.state.Current)
	}
	if r.state.HeldAnswer && !was.HeldAnswer {
		r.tab, r.nth = tabResponse, 0
	}
	if r.state.Held != was.Held && r.state.Held != 0 && r.job.Target.Live && r.w < wide {
		r.detail = true // nothing goes to a real tenant unseen: where there is one pane, it shows the request
	}
	r.takePage()
	r.takeTurn(was.Turn)
	if r.state.Done {
		r.ended()
	}
	return tea.Batch(waitCmd(r.run), r.startTick())
}

// learn shows the redactor what it has not seen yet. An exchange is learned anew
// until its answer is there.
func (r *Run) learn() {
	for _, e := range r.state.Trace.Exchanges {
		if r.learned[e.N] {
			continue
		}
		r.sh.Secrets.Learn(e)
		r.learned[e.N] = e.Failed() || e.Response != nil && !r.waits(e)
	}
	for _, t := range r.state.Trace.Tokens {
		r.sh.Secrets.Token(t.Value)
	}
}

// ended reads what the run came to.
func (r *Run) ended() {
	r.findings = slices.DeleteFunc(explain.Diagnose(r.state.Trace, inspect.Checks(r.state)), func(f explain.Finding) bool { return f.Planned })
	r.page = nil
	if _, ok := r.over.(*editor); ok {
		r.over = nil
	}
	if r.state.Trace.Outcome == trace.Stopped {
		r.findings = nil
	}
	if len(r.findings) > 0 {
		if s := r.findings[0].Step; s > 0 {
			r.choose(s)
		}
		r.tab = tabWhy
		r.detail = r.detail || r.w < wide // where there is one pane, it turns to the diagnosis
	}
	r.endAct()
}

// choose selects a step and shows it from its top.
func (r *Run) choose(step int) {
	if step == r.ladder.Selected {
		return
	}
	r.ladder.Selected, r.scroll.Top, r.nth = step, 0, 0
	r.pickTab()
}

// pickTab chooses the tab that a newly selected step opens with.
func (r *Run) pickTab() {
	r.tab = tabExplained
	switch {
	case r.failed() && r.findings[0].Step == r.ladder.Selected:
		r.tab = tabWhy
		r.detail = r.detail || r.w < wide
	case r.turnHere():
		r.tab = tabTurn
	case r.actEnded() && r.ladder.Selected == r.state.Current:
		r.tab = tabAct
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

// errNotYet says that a run has to end before it can go on.
var errNotYet = errors.New("the run is still under way")
