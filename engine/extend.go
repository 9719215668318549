package engine

import (
	"context"
	"errors"
	"fmt"

	"flowscope/engine/trace"
)

// Extra is one more move of a run that has ended: another call of an API, a
// refresh, an introspection.
type Extra struct {
	Purpose trace.Purpose
	URL     string          // for a call of an API
	Token   trace.TokenKind // what is sent to it; empty: the access token
	Changes []trace.Change  // prepared changes of this move alone
	Step    bool            // hold its request
	Confirm string          // host outside the target that the person has agreed to
}

// ErrNoToken says that the run has no token of the kind that is needed.
var ErrNoToken = errors.New("the run has no such token")

// Extend begins a run that goes on where an ended one stopped: the same plan with
// one more step, the same trace with more exchanges. The ended run is left as it
// is.
func (r *Runner) Extend(ctx context.Context, prev *Run, x Extra) (*Run, error) {
	before := prev.State()
	if !before.Done {
		return nil, errors.New("the run is still under way")
	}
	job := prev.Job
	job.Changes, job.Conditions, job.Fault, job.Step, job.HoldAt = x.Changes, nil, "", x.Step, ""
	if x.Confirm != "" {
		job.Confirmed = append(append([]string(nil), job.Confirmed...), x.Confirm)
	}
	d, err := r.driver(job)
	if err != nil {
		return nil, err
	}
	step, do, err := r.extra(d, job, before.Trace, x)
	if err != nil {
		return nil, err
	}
	plan := prev.Plan
	step.N = len(plan.Steps) + 1
	plan.Steps = append(append([]Step(nil), plan.Steps...), step)
	t := before.Trace
	t.Refusal, t.Failure, t.Outcome = nil, "", ""
	run, err := r.prepare(job, plan, t, append(before.Steps, Planned))
	if err != nil {
		return nil, err
	}
	run.state.Reports = before.Reports
	prev.mu.Lock()
	cookies := prev.cookies
	prev.mu.Unlock()
	run.admitted = prev.target().Hosts[len(prev.Job.Target.Hosts):]
	r.launch(ctx, run, func(ctx context.Context, s *Session) error {
		s.checked = len(t.Tokens)
		s.SetCookies(cookies)
		s.begin(step)
		if err := do(ctx, s); err != nil {
			return err
		}
		// The keys are fetched in this step, and are a key request all the same.
		s.step.Purpose, s.step.From, s.step.To, s.step.Channel = trace.Keys, trace.App, trace.Entra, trace.Back
		return s.Check(ctx)
	})
	return run, nil
}

// extra gives the step of a move and what executes it: the engine itself for a
// call of an API, the driver for what needs its protocol.
func (r *Runner) extra(d Driver, job Job, t *trace.Trace, x Extra) (Step, func(context.Context, *Session) error, error) {
	if x.Purpose != trace.CallAPI {
		e, ok := d.(Extender)
		if !ok {
			return Step{}, nil, fmt.Errorf("%s adds nothing to a run: %w", d.Name(), ErrUnsupported)
		}
		step, err := e.Extra(job, t, x.Purpose)
		return step, func(ctx context.Context, s *Session) error { return e.Extend(ctx, s, x.Purpose) }, err
	}
	kind := x.Token
	if kind == "" {
		kind = trace.AccessToken
	}
	token, ok := t.Token(kind)
	if !ok {
		return Step{}, nil, fmt.Errorf("%s token: %w", kind, ErrNoToken)
	}
	step := Step{
		Title: "Call an API", Label: "GET " + PathOf(x.URL), From: trace.App, To: trace.API, Channel: trace.Back, Purpose: trace.CallAPI,
		Why:    "A token is good for the API it was issued for; any other one must refuse it.",
		Guards: "The API checks signature, issuer, audience, time and permission by itself, at every call.",
	}
	return step, func(ctx context.Context, s *Session) error {
		resp, err := s.Bearer(ctx, x.URL, token.Value)
		if err == nil {
			_ = resp.Body.Close()
		}
		return err
	}, nil
}

// CanExtend gives nil when an ended run can go on with a step of this purpose,
// else why not.
func (r *Runner) CanExtend(prev *Run, p trace.Purpose) error {
	d, err := r.driver(prev.Job)
	if err != nil {
		return err
	}
	_, _, err = r.extra(d, prev.Job, prev.State().Trace, Extra{Purpose: p})
	return err
}
