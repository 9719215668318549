package engine

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"sync"
	"time"

	"flowscope/decision"
	"flowscope/engine/trace"
	"flowscope/engine/wire"
)

// longDeadline is the deadline of every run. MSAL Go gives each request 30
// seconds when its context has none, and a held request would die of that.
const longDeadline = 24 * time.Hour

// Runner starts runs. Its fields are set once, before the first run.
type Runner struct {
	Drivers  []Driver
	Verifier func() Verifier // makes the token check of one run
	Agent    Agent           // the sign-in inside the program
	Browser  Agent           // the system browser
	Now      func() time.Time
	Rand     io.Reader // nil: crypto/rand
	// Pin, when set, is laid over every request before it is shown: it fixes
	// what would differ from run to run (deterministic mode).
	Pin func(http.Header)
	// Outside is the way to hosts outside the target that the person has agreed
	// to; nil: there is none.
	Outside http.RoundTripper
	// Paste is the user agent where no browser can be opened: it shows the URL and
	// takes the redirect as text.
	Paste Agent
	// Wait lets time pass between two requests, such as the polls of a device; nil:
	// a timer of the system.
	Wait func(context.Context, time.Duration) error
	// Started, when set, is told of every run that begins.
	Started func(*Run)
}

// Plan gives the plan of a job. It fails with ErrUnsupported when no driver
// runs the flow, and with the driver's reason when the job can't be planned.
func (r *Runner) Plan(job Job) (Plan, error) {
	d, err := r.driver(job)
	if err != nil {
		return Plan{}, err
	}
	return r.planned(d, job)
}

func (r *Runner) planned(d Driver, job Job) (Plan, error) {
	p, err := d.Plan(job)
	p.Driver = d.Name()
	return p, err
}

// Can gives nil when a driver runs this flow against the target, else the reason
// of the one that the target is for.
func (r *Runner) Can(t *Target, flow decision.Flow) error {
	_, err := r.driver(Job{Flow: flow, Target: *t})
	return err
}

// driver chooses who runs a job: the one that job or target name, else the first
// that can.
func (r *Runner) driver(job Job) (Driver, error) {
	wanted := cmp.Or(job.Driver, job.Target.Driver)
	var first error
	for _, d := range r.Drivers {
		if wanted != "" && d.ID() != wanted {
			continue
		}
		err := d.Can(&job.Target, job.Flow)
		if err == nil {
			return d, nil
		}
		if first == nil {
			first = err
		}
	}
	switch {
	case first != nil:
		return nil, first
	case wanted != "":
		return nil, fmt.Errorf("there is no driver %q", trace.Plain(wanted))
	}
	return nil, fmt.Errorf("%s: %w", job.Flow.Title(), ErrUnsupported)
}

// Event says that a run has moved on. The states it carries are cumulative:
// when the reader is slow, an older one is replaced by a newer one; the last
// one (Done) always arrives, and the channel closes after it.
type Event struct {
	RunID string
	State State
}

// State is everything there is to show of a run at one moment. It shares
// nothing with the run.
type State struct {
	Trace   *trace.Trace
	Steps   []StepState // one for each step of the plan
	Current int         // step that is under way, from 1; 0 before the first
	Held    int         // N of the exchange that waits at the gate; 0: none
	// HeldAnswer says that it is the answer of that exchange which waits.
	HeldAnswer bool
	Turn       *Turn // what the person does outside the program; nil: nothing
	Page       *Page // page that waits for the person; nil: none
	Reports    []TokenReport
	Done       bool
	Err        error // why it ended early; nil when it went through
}

// TokenReport is a token of the run with its check.
type TokenReport struct {
	Token  trace.Token
	Report Report
}

// Run is one execution of a job: one goroutine, one context, one id.
type Run struct {
	ID   string
	Plan Plan
	Job  Job

	events   chan Event
	cancel   context.CancelFunc
	done     chan struct{}
	release  chan release
	answered chan answered
	answers  chan pageAnswer

	mu        sync.Mutex
	state     State
	behind    bool          // the reader has an older state to read first; a goroutine has the next one ready
	stale     bool          // that next one is not the newest any more
	ending    chan struct{} // closed when the last state is due
	caught    sync.WaitGroup
	trace     *trace.Trace
	stepping  bool
	unseen    bool                   // of a live target nothing has been shown yet: the first exchange waits
	answering bool                   // answers are held too
	passing   map[trace.Purpose]bool // let through in a row, though requests are held
	pages     []PageAnswer           // the answers given, to be remembered
	sent      int                    // the exchange that was last released
	handed    int                    // N of the exchange whose answer was released last
	paged     int                    // id of the page that was answered last
	cookies   http.CookieJar         // what the user agent holds, for a run that goes on from here
	admitted  []string               // hosts that the issuer's discovery document added to the target's
}

type answered struct {
	n      int
	edited *trace.Response
}

type release struct {
	n      int
	edited *trace.Request
}

type pageAnswer struct {
	id     int
	answer PageAnswer
}

// Start plans the job and begins it in a goroutine of its own. The run ends
// with ctx, with Stop, or by itself; whoever starts it reads Events until the
// channel closes or calls Stop.
func (r *Runner) Start(ctx context.Context, job Job) (*Run, error) {
	d, err := r.driver(job)
	if err != nil {
		return nil, err
	}
	plan, err := r.planned(d, job)
	if err != nil {
		return nil, err
	}
	reg := job.Client.Registration
	t := &trace.Trace{
		Flow: job.Flow, As: job.Client.Key, Target: job.Target.Name,
		Live: job.Target.Live, Foreign: job.Target.Foreign(), Registration: &reg, Driver: d.Name(),
	}
	for _, api := range job.Target.Services {
		t.APIs = append(t.APIs, trace.Service(api))
	}
	if caller, ok := job.SignsIn(); ok && job.Flow == decision.OnBehalfOf {
		t.Caller = &caller.Registration
	}
	steps := make([]StepState, len(plan.Steps))
	for i := range steps {
		steps[i] = Planned
	}
	run, err := r.prepare(job, plan, t, steps)
	if err != nil {
		return nil, err
	}
	r.launch(ctx, run, func(ctx context.Context, s *Session) error {
		if err := d.Run(ctx, s); err != nil {
			s.checkReceived(ctx, err)
			return err
		}
		return s.after(ctx)
	})
	return run, nil
}

// prepare makes a run that has not begun.
func (r *Runner) prepare(job Job, plan Plan, t *trace.Trace, steps []StepState) (*Run, error) {
	id, err := r.randomHex(8)
	if err != nil {
		return nil, err
	}
	t.RunID = id
	run := &Run{
		ID: id, Plan: plan, Job: job,
		events: make(chan Event, 1), done: make(chan struct{}), ending: make(chan struct{}),
		release: make(chan release), answers: make(chan pageAnswer), answered: make(chan answered),
		stepping: job.Step && job.HoldAt == "", answering: job.Answers, passing: map[trace.Purpose]bool{},
		unseen: job.Target.Live && !job.Seen && len(t.Exchanges) == 0,
		trace:  t,
	}
	run.state.Steps = steps
	return run, nil
}

// launch begins a run: one goroutine, one context.
func (r *Runner) launch(ctx context.Context, run *Run, do func(context.Context, *Session) error) {
	ctx, run.cancel = context.WithTimeout(ctx, longDeadline)
	s := r.session(run)
	if r.Started != nil {
		r.Started(run)
	}
	go run.work(ctx, s, do)
}

func (r *Runner) session(run *Run) *Session {
	s := &Session{run: run, runner: r}
	if r.Verifier != nil {
		s.verifier = r.Verifier()
	}
	s.gate = &wire.Gate{
		Next: run.Job.Target.Transport, Desk: (*desk)(s), Now: r.Now,
		Allow: run.allow,
	}
	return s
}

func (r *Runner) randomHex(n int) (string, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(r.random(), b); err != nil {
		return "", fmt.Errorf("no randomness: %w", err)
	}
	return hex.EncodeToString(b), nil
}

// FixedRandom gives the same bytes in every process: for recordings, goldens and
// tests, on the lab only.
func FixedRandom() io.Reader {
	return mathrand.NewChaCha8([32]byte([]byte("flowscope, always the same bytes")))
}

func (r *Runner) random() io.Reader {
	if r.Rand != nil {
		return r.Rand
	}
	return rand.Reader
}

// work is the goroutine of a run.
func (run *Run) work(ctx context.Context, s *Session, do func(context.Context, *Session) error) {
	defer run.cancel()
	defer close(run.done)
	defer close(run.events)
	defer s.gate.CloseIdleConnections()
	err := run.guard(func() error {
		defer s.switchBack()
		if err := s.switchOn(); err != nil {
			return err
		}
		return do(ctx, s)
	})
	run.finish(err)
}

// guard turns a panic of a driver or a library into an error of the run: the
// terminal stays whole and the trace can still be read.
func (run *Run) guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the run broke off: %v", p)
		}
	}()
	return f()
}

func (run *Run) finish(err error) {
	run.mu.Lock()
	t := run.trace
	var abandoned *AbandonedError
	switch {
	case errors.As(err, &abandoned):
		t.Outcome, t.Failure = trace.Stopped, trace.Plain(err.Error())
	case err == nil:
		t.Outcome = trace.Tokens
	case errors.Is(err, wire.ErrStopped), errors.Is(err, context.Canceled):
		t.Outcome, t.Failure = trace.Stopped, "stopped"
	default:
		t.Outcome, t.Failure = trace.Failed, trace.Plain(err.Error())
		var refused *RefusedError
		if errors.As(err, &refused) {
			t.Refusal = &refused.Refusal
		}
	}
	if i := run.state.Current - 1; i >= 0 {
		if err != nil {
			run.state.Steps[i] = Broken
		} else if run.state.Steps[i] == Active {
			run.state.Steps[i] = Done
		}
	}
	run.state.Held, run.state.HeldAnswer, run.state.Page, run.state.Turn = 0, false, nil, nil
	run.state.Done, run.state.Err = true, err
	run.mu.Unlock()
	run.emitLast()
}

func (run *Run) snapshot() State {
	st := run.state
	st.Trace = run.trace.Clone()
	st.Steps = append([]StepState(nil), st.Steps...)
	st.Reports = append([]TokenReport(nil), st.Reports...)
	if st.Turn != nil {
		turn := *st.Turn
		st.Turn = &turn
	}
	return st
}

// Events is the one channel on which the run tells how far it is.
func (run *Run) Events() <-chan Event { return run.events }

// State gives the state at this moment.
func (run *Run) State() State {
	run.mu.Lock()
	defer run.mu.Unlock()
	return run.snapshot()
}

// Send releases the exchange n that is held; edited, when given, goes out in
// place of it. It reports whether that exchange was still waiting.
func (run *Run) Send(n int, edited *trace.Request) bool {
	run.mu.Lock()
	waiting := run.state.Held == n && n != 0 && !run.state.HeldAnswer && run.sent != n
	if waiting {
		run.sent = n // a second word for the same exchange comes too late
	}
	run.mu.Unlock()
	if !waiting {
		return false
	}
	select {
	case run.release <- release{n, edited}:
		return true
	case <-run.done:
		return false
	}
}

// Answer releases the answer of exchange n that is held; edited, when given, is
// what the program gets in its place. It reports whether that answer was still
// waiting.
func (run *Run) Answer(n int, edited *trace.Response) bool {
	run.mu.Lock()
	waiting := run.state.Held == n && n != 0 && run.state.HeldAnswer && run.handed != n
	if waiting {
		run.handed = n
	}
	run.mu.Unlock()
	if !waiting {
		return false
	}
	select {
	case run.answered <- answered{n, edited}:
		return true
	case <-run.done:
		return false
	}
}

// HoldAnswers switches the holding of answers on or off, for a run whose requests
// are held.
func (run *Run) HoldAnswers(on bool) {
	run.mu.Lock()
	run.answering = on
	run.mu.Unlock()
}

// Pass lets requests of this purpose through in a row though others are held:
// the polls of a device, which would else stop at every one.
func (run *Run) Pass(p trace.Purpose, on bool) {
	run.mu.Lock()
	run.passing[p] = on
	run.mu.Unlock()
}

// SetStepping switches the holding of requests on or off from the next one on.
func (run *Run) SetStepping(on bool) {
	run.mu.Lock()
	run.stepping = on
	run.mu.Unlock()
}

// AnswerPage answers the page with this id. It reports whether that page was
// still waiting.
func (run *Run) AnswerPage(id int, a PageAnswer) bool {
	run.mu.Lock()
	waiting := run.state.Page != nil && run.state.Page.ID == id && run.paged != id
	if waiting {
		run.paged = id
	}
	run.mu.Unlock()
	if !waiting {
		return false
	}
	select {
	case run.answers <- pageAnswer{id, a}:
		return true
	case <-run.done:
		return false
	}
}

// PageAnswers gives the answers given to the pages so far, so that a retry need
// not ask again.
func (run *Run) PageAnswers() []PageAnswer {
	run.mu.Lock()
	defer run.mu.Unlock()
	return append([]PageAnswer(nil), run.pages...)
}

// Stop ends the run: a held request is not sent, a listener is closed. It
// returns when the run's goroutine has ended.
func (run *Run) Stop() {
	run.cancel()
	<-run.done
}

// Wait returns the final state when the run has ended by itself or by Stop.
func (run *Run) Wait() State {
	<-run.done
	return run.State()
}
