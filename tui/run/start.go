package run

import (
	"sync"

	tea "github.com/charmbracelet/bubbletea"

	"flowscope/engine"
)

// starts keeps at most one run of a screen alive. Runs begin in commands, beside
// the screen: two may be under way at once, and the screen may be gone before
// either is heard of. Only the newest is let live, and none once the screen is
// closed.
type starts struct {
	mu     sync.Mutex
	newest int
	closed bool
	live   *engine.Run // the newest that began
}

// next gives the number of a run that is to begin; those before it are stale.
func (s *starts) next() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.newest++
	return s.newest
}

// stands reports whether a number is still the newest one of an open screen.
func (s *starts) stands(n int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return n == s.newest && !s.closed
}

// admit takes a run that began; false: it came too late, and has to end.
func (s *starts) admit(n int, run *engine.Run) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n != s.newest || s.closed {
		return false
	}
	s.live = run
	return true
}

// take gives the run that lives and lets go of it.
func (s *starts) take() *engine.Run {
	s.mu.Lock()
	defer s.mu.Unlock()
	run := s.live
	s.live = nil
	return run
}

// close keeps every run that is still to begin from living.
func (s *starts) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
}

// startedMsg says that a run began, or why it did not.
type startedMsg struct {
	n       int // its number among the starts of this screen
	of      *Run
	run     *engine.Run
	err     error
	further bool // it goes on where an ended one stopped
}

// starting is the command that makes a run, ends the one before it, whatever it
// is doing, and ends the new one too when it is wanted no more. What goes on from
// an ended run leaves that one as it is.
func (r *Run) starting(from *engine.Run, make func() (*engine.Run, error)) tea.Cmd {
	n, s, further := r.starts.next(), &r.starts, from != nil
	return func() tea.Msg {
		if !s.stands(n) {
			return nil
		}
		if old := s.take(); old != from {
			stop(old)
		}
		run, err := make()
		if err != nil {
			return startedMsg{n: n, of: r, err: err, further: further}
		}
		if !s.admit(n, run) {
			run.Stop()
			return nil
		}
		return startedMsg{n: n, of: r, run: run, further: further}
	}
}

func stop(run *engine.Run) {
	if run != nil {
		run.Stop()
	}
}

// startCmd begins the job as it stands now.
func (r *Run) startCmd() tea.Cmd {
	job, deps := r.job, r.deps
	return r.starting(nil, func() (*engine.Run, error) { return deps.Runner.Start(deps.Context, job) })
}

// Close ends the run, and those that are about to begin.
func (r *Run) Close() {
	r.starts.close()
	stop(r.starts.take())
	stop(r.run)
}
