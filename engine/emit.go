package engine

// A state is a copy of everything recorded so far, so that it costs more the
// longer a run is. A copy that nobody reads is therefore not made: while the
// reader has an older state before it, the newest one is only noted, and made
// when there is room for it. The gate never waits for the reader.

// emit hands the newest state to the reader, or notes that there is one. The
// caller holds the lock.
func (run *Run) emit() {
	switch {
	case run.state.Done: // the last one is on its way
	case run.behind:
		run.stale = true
	case len(run.events) == 0: // there is one sender, so that it stays empty
		run.events <- Event{RunID: run.ID, State: run.snapshot()}
	default:
		run.behind = true
		run.caught.Add(1)
		go run.catchUp()
	}
}

// catchUp hands over states while the reader is behind. It ends with the run at
// the latest.
func (run *Run) catchUp() {
	defer run.caught.Done()
	for {
		run.mu.Lock()
		run.stale = false
		ev := Event{RunID: run.ID, State: run.snapshot()}
		run.mu.Unlock()
		select {
		case run.events <- ev:
		case <-run.ending:
			return
		}
		run.mu.Lock()
		if !run.stale {
			run.behind = false
			run.mu.Unlock()
			return
		}
		run.mu.Unlock()
	}
}

// emitLast puts the final state in place of one that was not read. Nothing is
// emitted after it.
func (run *Run) emitLast() {
	close(run.ending)
	run.caught.Wait()
	run.mu.Lock()
	defer run.mu.Unlock()
	select {
	case <-run.events:
	default:
	}
	run.events <- Event{RunID: run.ID, State: run.snapshot()}
}
