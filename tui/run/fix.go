package run

import (
	tea "github.com/charmbracelet/bubbletea"

	"flowscope/engine/explain"
	"flowscope/engine/fault"
	"flowscope/engine/trace"
	"flowscope/tui/screen"
)

// fix is the first fix that a key can apply.
func (r *Run) fix() (explain.Fix, bool) {
	if !r.failed() || r.story != nil { // the next act of a story is what mends it
		return explain.Fix{}, false
	}
	for _, f := range r.findings {
		if x, ok := f.RetryFix(); ok {
			return x, true
		}
	}
	if claims, ok := r.challenged(); ok {
		return explain.Fix{Title: "Sign in again with the claims that the API asks for: " + claims}, true
	}
	return explain.Fix{}, false
}

func (r *Run) tryFix() tea.Cmd {
	x, ok := r.fix()
	switch {
	case ok && x.Change != nil:
		return r.retry(*x.Change)
	case ok:
		return r.answerChallenge()
	case r.failed() && r.story != nil:
		return screen.Notice("a story goes wrong on purpose: enter goes on")
	case r.failed():
		return screen.Notice("nothing in the request can mend this: enter shows what to change")
	}
	return screen.Notice("there is nothing to fix")
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
