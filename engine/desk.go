package engine

import (
	"context"
	"net/http"
	"reflect"

	"flowscope/engine/trace"
)

// Open gives the exchange its number, step and parties, pins what must not
// vary, and lays the job's prepared changes over the request.
func (d *desk) Open(e *trace.Exchange) {
	s := (*Session)(d)
	e.Step, e.Purpose, e.Channel = s.step.N, s.step.Purpose, s.step.Channel
	e.From, e.To = s.step.From, s.step.To
	if s.runner.Pin != nil {
		if e.Request.Header == nil {
			e.Request.Header = http.Header{}
		}
		s.runner.Pin(e.Request.Header)
	}
	for _, c := range s.run.Job.Changes {
		if c.Purpose != e.Purpose {
			continue
		}
		changed := c.Apply(e.Request)
		if sameRequest(changed, e.Request) && !c.Twice() {
			continue
		}
		keepOriginal(e)
		e.Request = changed
		e.Changes = append(e.Changes, c.Label)
		e.Repeat = e.Repeat || c.Twice()
	}
	s.run.mu.Lock()
	defer s.run.mu.Unlock()
	e.N = len(s.run.trace.Exchanges) + 1
	s.run.trace.Exchanges = append(s.run.trace.Exchanges, *e)
	s.run.emit()
}

func keepOriginal(e *trace.Exchange) {
	if e.Original == nil {
		o := e.Request.Clone()
		e.Original = &o
	}
}

func sameRequest(a, b trace.Request) bool {
	return a.Method == b.Method && a.URL == b.URL && string(a.Body) == string(b.Body) && reflect.DeepEqual(a.Header, b.Header)
}

// holds reports whether this exchange waits for the person. The pages of a
// sign-in don't: the person has just answered one.
func (d *desk) holds(e *trace.Exchange) bool {
	s := (*Session)(d)
	s.run.mu.Lock()
	defer s.run.mu.Unlock()
	if s.run.Job.Step && s.run.Job.HoldAt != "" && e.Purpose == s.run.Job.HoldAt {
		s.run.stepping = true
	}
	return s.run.stepping && e.Purpose != trace.SignIn
}

// Hold waits until the person releases the exchange or ends the run.
func (d *desk) Hold(ctx context.Context, e *trace.Exchange) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if d.holds(e) {
		return d.wait(ctx, e)
	}
	return nil
}

func (d *desk) wait(ctx context.Context, e *trace.Exchange) error {
	s := (*Session)(d)
	d.setHeld(e.N, Held)
	defer d.setHeld(0, Active)
	for {
		select {
		case r := <-s.run.release:
			if r.n != e.N {
				continue
			}
			if r.edited != nil && !sameRequest(*r.edited, e.Request) {
				keepOriginal(e)
				e.Request = r.edited.Clone()
				e.Changes = append(e.Changes, "edited by hand")
				d.Changed(e)
			}
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (d *desk) setHeld(n int, state StepState) {
	s := (*Session)(d)
	s.run.mu.Lock()
	defer s.run.mu.Unlock()
	s.run.state.Held = n
	if s.step.N > 0 {
		s.run.state.Steps[s.step.N-1] = state
	}
	s.run.emit()
}

// Changed puts the exchange as it is now into the trace.
func (d *desk) Changed(e *trace.Exchange) {
	s := (*Session)(d)
	s.run.mu.Lock()
	defer s.run.mu.Unlock()
	s.run.trace.Exchanges[e.N-1] = *e
	s.run.emit()
}
