package run

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"flowscope/engine"
	"flowscope/engine/explain"
	"flowscope/engine/fault"
	"flowscope/engine/trace"
	"flowscope/tui/screen"
	"flowscope/tui/widget"
)

// key sends a key to what is open, and to the run otherwise.
func (r *Run) key(k tea.KeyMsg) tea.Cmd {
	switch {
	case r.menu != nil:
		return r.menuKey(k)
	case r.editor != nil:
		return r.editorKey(k)
	case r.onPage() && !(k.String() == "a" && !r.page.Typing()):
		return r.pageKey(k)
	}
	if cmd, ok := r.moveKey(k); ok {
		return cmd
	}
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
		if !r.started() {
			return nil, r.turnClient(key.Matches(k, screen.Right()))
		}
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
		r.scroll.Top = max(0, r.scroll.Top+by)
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
	if r.failed() && r.findings[0].Step == r.ladder.Selected {
		t = append([]int{tabWhy}, t...)
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

// turnClient plans the flow as another client, before anything is sent.
func (r *Run) turnClient(right bool) bool {
	keys := []string{"web", "spa", "native"}
	i := slices.Index(keys, r.job.Client.Key)
	if i < 0 {
		return false
	}
	d := 1
	if !right {
		d = len(keys) - 1
	}
	job, err := r.deps.Job(r.job.Flow, keys[(i+d)%len(keys)])
	job.Browser = r.job.Browser
	r.job, r.err, r.fault, r.retried = job, err, nil, false
	r.replan()
	return true
}

// actKey does something to the run.
func (r *Run) actKey(k tea.KeyMsg) tea.Cmd {
	held, isHeld := r.held()
	switch {
	case key.Matches(k, screen.Enter("")):
		return r.enter()
	case key.Matches(k, screen.All()):
		return r.sendAll()
	case key.Matches(k, screen.Restart()):
		return r.restart()
	case key.Matches(k, screen.Break()) && r.err == nil:
		r.openMenu()
	case key.Matches(k, screen.Edit()):
		if !isHeld {
			return screen.Notice("only a request that waits can be edited: enter starts, then e")
		}
		r.editor, r.detail, r.scroll.Top = newEditor(r.sh, r.current(held)), true, 0
	case k.String() == "z":
		if r.pending == nil {
			return screen.Notice("there are no edits to undo")
		}
		r.pending = nil
		return screen.Notice("the request is as the program built it")
	case key.Matches(k, screen.Fix()):
		return r.tryFix()
	case key.Matches(k, screen.Tokens()):
		if !r.hasTokens() {
			return screen.Notice("there are no tokens yet")
		}
		return screen.Send(screen.OpenTokenOf(r.state, 0))
	case k.String() == "u":
		return r.turnBrowser()
	case key.Matches(k, screen.Copy("")):
		return r.copy()
	}
	return nil
}

// turnBrowser chooses between the sign-in in the program and the browser.
func (r *Run) turnBrowser() tea.Cmd {
	switch {
	case r.job.Client.Platform == "":
		return screen.Notice("nobody signs in to a daemon")
	case !r.deps.Browser:
		return screen.Notice("there is no browser to open on this machine: the sign-in happens here")
	case r.started():
		return screen.Notice("the run has begun: u chooses before it starts")
	}
	r.job.Browser = !r.job.Browser
	return nil
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
	switch {
	case r.err != nil:
		return nil
	case !r.started():
		r.job.Step = true
		return r.begin()
	case isHeld:
		return r.send(held.N)
	case r.page != nil:
		r.detail = true
	case r.failed():
		return screen.Send(screen.OpenDiagnoseMsg{Findings: r.findings, Trace: r.state.Trace})
	case r.state.Done && r.hasTokens():
		return screen.Send(screen.OpenTokenOf(r.state, 0))
	case r.state.Done:
		return screen.Notice("the run is over: r starts it again")
	}
	return nil
}

// send releases the held exchange. The engine is asked from a command, since it
// may have to wait for the run.
func (r *Run) send(n int) tea.Cmd {
	run, pending := r.run, r.pending
	r.follow, r.pending = true, nil
	return func() tea.Msg {
		run.Send(n, pending)
		return nil
	}
}

// sendAll lets everything through from here on, the pages answered with the
// account of the lab.
func (r *Run) sendAll() tea.Cmd {
	switch {
	case r.err != nil:
		return nil
	case !r.started():
		r.job.Step = true
		r.job.HoldAt = "never"
		cmd := r.begin()
		return cmd
	case r.state.Done:
		return screen.Notice("the run is over: r starts it again")
	}
	run, held, pending := r.run, r.state.Held, r.pending
	var page *engine.Page
	var answer engine.PageAnswer
	if r.page != nil && r.state.Page != nil {
		page = r.state.Page
		answer = engine.PageAnswer{Values: r.page.Values(), Button: page.Buttons[0].Label}
	}
	r.follow, r.pending = true, nil
	return func() tea.Msg {
		run.SetStepping(false)
		if held != 0 {
			run.Send(held, pending)
		}
		if page != nil {
			run.AnswerPage(page.ID, answer)
		}
		return nil
	}
}

func (r *Run) restart() tea.Cmd {
	if !r.started() {
		return nil
	}
	r.job.HoldAt, r.job.Pages = "", nil
	r.job.Step = true
	cmd := r.begin()
	if r.fault != nil {
		return tea.Batch(cmd, screen.Notice("still broken on purpose; b, Nothing mends it"))
	}
	return cmd
}

// fix is the first fix that a key can apply.
func (r *Run) fix() (explain.Fix, bool) {
	if !r.failed() {
		return explain.Fix{}, false
	}
	for _, f := range r.findings {
		if x, ok := f.RetryFix(); ok {
			return x, true
		}
	}
	return explain.Fix{}, false
}

func (r *Run) tryFix() tea.Cmd {
	x, ok := r.fix()
	if !ok {
		if r.failed() {
			return screen.Notice("nothing in the request can mend this: enter shows what to change")
		}
		return screen.Notice("there is nothing to fix")
	}
	return r.retry(*x.Change)
}

// retry runs the job again with one change, through to the exchange that failed,
// which then waits so that the change can be seen before it is sent.
func (r *Run) retry(change trace.Change) tea.Cmd {
	r.retried = true
	if r.run != nil {
		r.job.Pages = r.run.PageAnswers()
	}
	r.job.Changes = trace.Without(r.job.Changes, change)
	r.job.Decline = false
	if len(r.job.Changes) == 0 {
		r.fault, r.job = nil, fault.Remove(r.job)
	}
	r.job.Step, r.job.HoldAt = true, change.Purpose
	if change.Purpose == trace.SignIn { // pages are asked once requests are held
		r.job.Pages, r.job.HoldAt = nil, trace.Authorize
	}
	return r.begin()
}

func (r *Run) openMenu() {
	r.faults = fault.For(r.job)
	r.menu = &widget.Menu{Items: []widget.Item{{Title: "Nothing", Note: "run it as it should be"}}}
	for i, f := range r.faults {
		note := f.Predicts
		if !strings.HasPrefix(note, "AADSTS") {
			note = "refused by us"
		}
		if n := f.Step(r.plan); n > 0 {
			note = fmt.Sprintf("%s at step %d", note, n)
		}
		r.menu.Items = append(r.menu.Items, widget.Item{Title: f.Title, Note: note + ". " + f.Lesson})
		if s := r.step(); s.Fault == f.ID {
			r.menu.Index = i + 1
		}
	}
	r.detail, r.scroll.Top = true, 0
}

// step is the selected step.
func (r *Run) step() engine.Step {
	if n := r.ladder.Selected; n > 0 && n <= len(r.plan.Steps) {
		return r.plan.Steps[n-1]
	}
	return engine.Step{}
}

func (r *Run) menuKey(k tea.KeyMsg) tea.Cmd {
	switch {
	case key.Matches(k, screen.Down()):
		r.menu.Move(1)
	case key.Matches(k, screen.Up()):
		r.menu.Move(-1)
	case key.Matches(k, screen.Break()):
		r.menu = nil
	case key.Matches(k, screen.Enter("")):
		i := r.menu.Index
		r.menu = nil
		return r.breakIt(i)
	}
	return nil
}

// breakIt lays a fault over the run. When the exchange it changes is the one
// that waits, it is changed in place; otherwise the run begins again and goes
// through to that exchange.
func (r *Run) breakIt(i int) tea.Cmd {
	r.job = fault.Remove(r.job)
	r.job.HoldAt, r.retried = "", false
	r.job.Step = true
	if i == 0 {
		r.fault = nil
		if !r.started() {
			return nil
		}
		return r.begin()
	}
	f := r.faults[i-1]
	r.fault = &f
	broken := f.Apply(r.job)
	if held, ok := r.held(); ok && held.Purpose == f.Purpose && !f.Decline && !slices.ContainsFunc(broken.Changes, trace.Change.Twice) {
		req := r.current(held)
		for _, c := range broken.Changes {
			req = c.Apply(req)
		}
		r.pending, r.detail = &req, true
		r.tab, r.scroll.Top = tabExplained, 0
		r.choose(held.Step)
		return nil
	}
	if r.run != nil && !f.Decline {
		broken.Pages = r.run.PageAnswers()
	}
	broken.HoldAt = f.Purpose
	r.job = broken
	n := f.Step(r.plan)
	if s, ok := r.plan.Step(f.Purpose); ok && !f.Decline {
		n = s.N
	}
	return tea.Batch(r.begin(), screen.Notice(fmt.Sprintf("straight on to step %d, signing in on the way", n)))
}

// copy puts the shown tab, secrets masked, on the clipboard.
func (r *Run) copy() tea.Cmd {
	var lines []string
	for _, l := range r.tabLines(100) {
		lines = append(lines, strings.TrimRight(plain(l), " "))
	}
	return r.sh.Copy(strings.Join(lines, "\n")+"\n", "this tab")
}
