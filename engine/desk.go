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
	for _, c := range d.changes(e) {
		if words, ok := c.Fails(); ok {
			e.Break, e.Changes = words, append(e.Changes, c.Label)
			if kind := c.FailKind(); kind != "" {
				e.Net = &trace.NetError{Kind: kind, Phase: trace.AtHeader, Host: e.Host()}
			}
			continue
		}
		if c.Answer {
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

// changes gives the prepared changes of an exchange: those for all of its
// purpose, and those for this very one.
func (d *desk) changes(e *trace.Exchange) []trace.Change {
	s := (*Session)(d)
	if len(s.run.Job.Changes) == 0 {
		return nil
	}
	nth := 1
	s.run.mu.Lock()
	for _, x := range s.run.trace.Exchanges {
		if x.Purpose == e.Purpose && (e.N == 0 || x.N < e.N) {
			nth++
		}
	}
	s.run.mu.Unlock()
	t := s.Trace()
	var out []trace.Change
	for _, c := range s.run.Job.Changes {
		if c.Purpose == e.Purpose && (c.Only == 0 || c.Only == nth) {
			out = append(out, c.Filled(t))
		}
	}
	return out
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
// sign-in don't: the person has just answered one. The first one of a live target
// does, unless the person has seen it: nothing is sent there unseen.
func (d *desk) holds(e *trace.Exchange) bool {
	s := (*Session)(d)
	s.run.mu.Lock()
	defer s.run.mu.Unlock()
	if s.run.Job.Step && s.run.Job.HoldAt != "" && e.Purpose == s.run.Job.HoldAt {
		s.run.stepping = true
	}
	if s.run.unseen {
		return true
	}
	return s.run.stepping && e.Purpose != trace.SignIn && !s.run.passing[e.Purpose]
}

// Hold waits until the person releases the exchange or ends the run. A condition
// that is due is switched before that: what happens elsewhere has happened when
// the request is looked at.
func (d *desk) Hold(ctx context.Context, e *trace.Exchange) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := (*Session)(d).SwitchDue(e.Purpose); err != nil {
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
			s.run.mu.Lock()
			s.run.unseen = false
			s.run.mu.Unlock()
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Answered lets the answer be changed and held before the program gets it, and
// then notes what the driver has to say of it.
func (d *desk) Answered(ctx context.Context, e *trace.Exchange) error {
	err := d.answered(ctx, e)
	if s := (*Session)(d); err == nil && s.annotate != nil {
		e.Note = trace.Plain(s.annotate(*e))
	}
	return err
}

// answered lays the job's prepared changes over an answer, and holds it where
// answers are held.
func (d *desk) answered(ctx context.Context, e *trace.Exchange) error {
	s := (*Session)(d)
	for _, c := range d.changes(e) {
		if c.Answer {
			replaceAnswer(e, c.ApplyAnswer(*e.Response), c.Label)
		}
	}
	s.run.mu.Lock()
	holds := s.run.stepping && s.run.answering && e.Purpose != trace.SignIn
	s.run.mu.Unlock()
	if !holds {
		return nil
	}
	d.Changed(e)
	d.setHeldAnswer(e.N)
	defer d.setHeldAnswer(0)
	for {
		select {
		case a := <-s.run.answered:
			if a.n != e.N {
				continue
			}
			if a.edited != nil {
				replaceAnswer(e, *a.edited, "edited by hand")
			}
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func replaceAnswer(e *trace.Exchange, r trace.Response, label string) {
	if sameAnswer(r, *e.Response) {
		return
	}
	if e.OriginalResponse == nil {
		o := e.Response.Clone()
		e.OriginalResponse = &o
	}
	changed := r.Clone()
	e.Response = &changed
	e.AnswerChanges = append(e.AnswerChanges, label)
}

func sameAnswer(a, b trace.Response) bool {
	return a.Status == b.Status && string(a.Body) == string(b.Body) && reflect.DeepEqual(a.Header, b.Header)
}

func (d *desk) setHeldAnswer(n int) {
	s := (*Session)(d)
	s.run.mu.Lock()
	s.run.state.HeldAnswer = n != 0
	s.run.mu.Unlock()
	state := Active
	if n != 0 {
		state = Held
	}
	d.setHeld(n, state)
}

func (d *desk) setHeld(n int, state StepState) {
	s := (*Session)(d)
	s.run.mu.Lock()
	defer s.run.mu.Unlock()
	s.run.state.Held, s.run.sent = n, 0
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
