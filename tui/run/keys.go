package run

import (
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"flowscope/engine"
	"flowscope/engine/trace"
	"flowscope/tui/screen"
)

// overlay is what lies over the detail: a menu, a form, a question. It gets the
// keys while it is open.
type overlay interface {
	title() (title, summary string)
	// lines draws it in w by h cells and gives the first and last line that must
	// be seen.
	lines(w, h int) (lines []string, first, last int)
	key(tea.KeyMsg) tea.Cmd
	keys() []key.Binding
	typing() bool
	back() bool // closes something inside; false: it is to be closed itself
}

// The keys of this screen alone.
func callKey() key.Binding    { return screen.Bind("c", "call an API", "c") }
func compareKey() key.Binding { return screen.Bind("d", "compare", "d") }
func exportKey() key.Binding  { return screen.Bind("x", "export", "x") }

// open lays something over the detail.
func (r *Run) open(o overlay) {
	r.over, r.detail, r.scroll.Top = o, true, 0
}

// key sends a key to what is open, and to the run otherwise.
func (r *Run) key(k tea.KeyMsg) tea.Cmd {
	switch {
	case r.over != nil:
		r.version++
		return r.over.key(k)
	case r.onPage() && !(k.String() == "a" && !r.page.Typing()):
		r.version++
		return r.pageKey(k)
	case !r.started() && r.story != nil:
		if cmd, ok := r.storyKey(k); ok {
			return cmd
		}
	case !r.started():
		if cmd, ok := r.readyKey(k); ok {
			return cmd
		}
	}
	if cmd, ok := r.moveKey(k); ok {
		return cmd
	}
	r.version++
	return r.actKey(k)
}

// moveKey changes what is looked at.
func (r *Run) moveKey(k tea.KeyMsg) (tea.Cmd, bool) {
	switch {
	case key.Matches(k, screen.NextPane()):
		r.detail = !r.detail
	case key.Matches(k, screen.Down()):
		r.down(1)
	case key.Matches(k, screen.Up()):
		r.down(-1)
	case key.Matches(k, screen.PageDown()):
		r.scroll.Top += max(1, r.h-8)
	case key.Matches(k, screen.PageUp()):
		r.scroll.Top = max(0, r.scroll.Top-max(1, r.h-8))
	case key.Matches(k, screen.Left(), screen.Right()):
		if r.w < wide && !r.detail {
			r.detail = true // the tabs are in the pane behind
			return nil, true
		}
		r.turnTab(key.Matches(k, screen.Right()))
	default:
		return nil, false
	}
	return nil, true
}

func (r *Run) down(by int) {
	if r.detail {
		if !r.nextExchange(by) {
			r.scroll.Top = max(0, r.scroll.Top+by)
		}
		return
	}
	n := len(r.plan.Steps)
	if n == 0 {
		return
	}
	r.follow = false
	r.choose(max(1, min(r.ladder.Selected+by, n)))
}

// tabs gives the tabs of the selected step.
func (r *Run) tabs() []int {
	t := []int{tabExplained, tabRequest, tabResponse, tabCode}
	if r.turnHere() {
		t = append([]int{tabTurn}, t...)
	}
	if r.failed() && r.findings[0].Step == r.ladder.Selected {
		t = append([]int{tabWhy}, t...)
	}
	if r.actEnded() {
		t = append([]int{tabAct}, t...)
	}
	return t
}

func (r *Run) turnTab(right bool) {
	t := r.tabs()
	i := slices.Index(t, r.tab)
	if right {
		i++
	} else {
		i--
	}
	r.tab, r.scroll.Top = t[max(0, min(i, len(t)-1))], 0
}

// actKey does something to the run.
func (r *Run) actKey(k tea.KeyMsg) tea.Cmd {
	switch {
	case key.Matches(k, screen.Enter("")):
		return r.enter()
	case key.Matches(k, screen.All()):
		return r.sendAll()
	case key.Matches(k, screen.Restart()):
		return r.restart()
	case key.Matches(k, screen.Break()):
		return r.openFaults()
	case key.Matches(k, screen.Edit()):
		return r.openEditor()
	case k.String() == "z":
		return r.undo()
	case key.Matches(k, screen.Fix()):
		return r.tryFix()
	case key.Matches(k, screen.Tokens()):
		if !r.hasTokens() {
			return screen.Notice("there are no tokens yet")
		}
		return screen.Send(r.openTokens())
	case key.Matches(k, screen.Copy("")):
		return r.copy()
	}
	return r.moreKey(k)
}

// moreKey is actKey for the keys that this screen alone has.
func (r *Run) moreKey(k tea.KeyMsg) tea.Cmd {
	switch k.String() {
	case "u":
		return r.turnBrowser()
	case "H":
		return r.turnAnswers()
	case "p":
		return r.turnPolls()
	case "Q":
		return r.openQR()
	case "c":
		return r.openCall()
	case "d":
		return r.openCompare()
	case "x":
		return r.openExport()
	}
	return nil
}

// turnBrowser chooses between the sign-in in the program and the browser.
func (r *Run) turnBrowser() tea.Cmd {
	switch {
	case !signsIn(r.job.Flow):
		return screen.Notice("nobody signs in to a daemon")
	case r.started():
		return screen.Notice("the run has begun: u chooses before it starts")
	case len(r.ways()) < 2:
		return screen.Notice("there is no browser to open on this machine: the sign-in happens here")
	}
	r.setWay(turnIn(r.ways(), r.way(), 1))
	r.settle()
	return screen.Notice("its pages are shown " + r.way())
}

// turnAnswers switches the holding of answers.
func (r *Run) turnAnswers() tea.Cmd {
	r.job.Answers = !r.job.Answers
	if r.run != nil {
		r.run.HoldAnswers(r.job.Answers)
	}
	if r.job.Answers {
		return screen.Notice("answers are held from now on, before the program gets them: e edits one")
	}
	return screen.Notice("answers go straight on to the program")
}

// current is the held request with the edits made so far.
func (r *Run) current(held trace.Exchange) trace.Request {
	if r.pending != nil {
		return *r.pending
	}
	return held.Request
}

// enter goes on: starts, sends, answers, or opens what the run came to.
func (r *Run) enter() tea.Cmd {
	held, isHeld := r.held()
	answered, isAnswer := r.heldAnswer()
	switch {
	case r.err != nil:
		return screen.Notice("this can't be started: the pane says why")
	case !r.started():
		r.job.Step = true
		return r.begin()
	case isHeld:
		return r.send(held.N)
	case isAnswer:
		return r.handOn(answered.N)
	case r.page != nil:
		r.detail = true
	case r.actEnded() && r.tab != tabWhy:
		return r.nextAct()
	case r.failed():
		open := screen.OpenDiagnoseMsg{Findings: r.findings, Trace: r.state.Trace}
		if x, ok := r.fix(); ok && x.Change == nil {
			open.Retry = x.Title
		}
		return screen.Send(open)
	case r.state.Done && r.hasTokens():
		return screen.Send(r.openTokens())
	case r.state.Done:
		return screen.Notice("the run is over: r starts it again")
	default:
		return screen.Notice("nothing waits at the gate right now")
	}
	return nil
}

// send releases the held exchange. The engine is asked from a command, since it
// may have to wait for the run.
func (r *Run) send(n int) tea.Cmd {
	run, pending := r.run, r.pending
	r.follow, r.pending, r.job.Seen = true, nil, true
	return func() tea.Msg {
		run.Send(n, pending)
		return nil
	}
}

// handOn releases the held answer.
func (r *Run) handOn(n int) tea.Cmd {
	run, answer := r.run, r.answer
	r.follow, r.answer = true, nil
	return func() tea.Msg {
		run.Answer(n, answer)
		return nil
	}
}

// sendAll lets everything through from here on, the pages answered with the
// account of the lab. A live target gets nothing before its first request was
// seen.
func (r *Run) sendAll() tea.Cmd {
	switch {
	case r.err != nil:
		return screen.Notice("this can't be started: the pane says why")
	case !r.started() && r.job.Target.Live && !r.job.Seen:
		r.job.Step, r.job.HoldAt = true, "never" // the engine holds the first one all the same
		return tea.Batch(r.begin(), screen.Notice("a real tenant: look at the first request; enter sends it and all that follow"))
	case !r.started():
		r.job.Step = true
		r.job.HoldAt = "never"
		return r.begin()
	case r.state.Done:
		return screen.Notice("the run is over: r starts it again")
	}
	run, held, pending, answer := r.run, r.state.Held, r.pending, r.answer
	isAnswer := r.state.HeldAnswer
	var page *engine.Page
	var filled engine.PageAnswer
	if r.page != nil && r.state.Page != nil && len(r.state.Page.Buttons) > 0 {
		page = r.state.Page
		filled = engine.PageAnswer{Values: r.page.Values(), Button: page.Buttons[0].Label}
		r.detail = false
	}
	r.follow, r.pending, r.answer, r.job.Seen = true, nil, nil, true
	return func() tea.Msg {
		run.SetStepping(false)
		switch {
		case isAnswer:
			run.Answer(held, answer)
		case held != 0:
			run.Send(held, pending)
		}
		if page != nil {
			run.AnswerPage(page.ID, filled)
		}
		return nil
	}
}

func (r *Run) restart() tea.Cmd {
	if !r.started() {
		return screen.Notice("nothing has begun yet: enter starts")
	}
	if r.story != nil {
		return r.restartAct()
	}
	r.job.HoldAt, r.job.Pages = "", nil
	r.job.Step = true
	cmd := r.begin()
	if r.fault != nil {
		return tea.Batch(cmd, screen.Notice("still broken on purpose; b, Nothing mends it"))
	}
	return cmd
}

// undo takes the edits of what waits back.
func (r *Run) undo() tea.Cmd {
	switch {
	case r.pending != nil:
		r.pending = nil
		return screen.Notice("the request is as the program built it")
	case r.answer != nil:
		r.answer = nil
		return screen.Notice("the answer is as the server gave it")
	}
	return screen.Notice("there are no edits to undo")
}

// step is the selected step.
func (r *Run) step() engine.Step {
	if n := r.ladder.Selected; n > 0 && n <= len(r.plan.Steps) {
		return r.plan.Steps[n-1]
	}
	return engine.Step{}
}

// copy puts the shown tab, secrets masked, on the clipboard.
func (r *Run) copy() tea.Cmd {
	if !r.started() {
		return screen.Notice("there is nothing to copy before the run has begun")
	}
	var lines []string
	for _, l := range r.tabLines(100) {
		lines = append(lines, strings.TrimRight(plain(l), " "))
	}
	return r.sh.Copy(strings.Join(lines, "\n")+"\n", "this tab")
}
