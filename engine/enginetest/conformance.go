package enginetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/inspect"
	"flowscope/engine/trace"
)

// Trial is one flow as one client with one credential: what a driver has to show
// on the lab.
type Trial struct {
	Flow       decision.Flow
	Client     string
	Credential engine.CredentialKind
}

func (tr Trial) name() string {
	parts := []string{string(tr.Flow), tr.Client}
	if tr.Credential != engine.NoCredential {
		parts = append(parts, string(tr.Credential))
	}
	return strings.Join(parts, " ")
}

// job makes the trial's job for a driver, on a world of its own.
func (tr Trial) job(t testing.TB, w *World, d engine.Driver) engine.Job {
	t.Helper()
	job := w.Job(t, tr.Flow, tr.Client)
	job.Driver, job.Credential = d.ID(), tr.Credential
	if tr.Flow == decision.Password {
		consented(t, w, job)
	}
	return job
}

// consented lets the person consent in a browser, for a grant that has no page to
// ask on. A client that signs nobody in with a browser has its consent already.
func consented(t testing.TB, w *World, job engine.Job) {
	t.Helper()
	if !job.Client.Runs(decision.AuthorizationCode) {
		return
	}
	job.Flow = decision.AuthorizationCode
	if s := w.Run(t, job); s.Trace.Outcome != trace.Tokens {
		t.Fatalf("the consent before it: outcome %s: %v", s.Trace.Outcome, s.Err)
	}
}

// Row is a flow in the table of the suite.
type Row struct {
	Flow   decision.Flow
	Trials int
	Why    string // why the driver does not run it; empty: it does
}

// Words gives the row's cell in the table.
func (r Row) Words() string {
	switch {
	case r.Why != "":
		return "no: " + r.Why
	case r.Trials == 0:
		return "yes, though the lab has no client for it"
	case r.Trials == 1:
		return "yes, 1 trial"
	}
	return fmt.Sprintf("yes, %d trials", r.Trials)
}

// Conformance holds a driver to what every driver owes, for every flow that it
// says it runs, as every client of the lab and with every credential; and to its
// word for the flows that it does not. It gives a row for each flow.
func Conformance(t *testing.T, d engine.Driver) []Row {
	t.Helper()
	w := New(t)
	var rows []Row
	for _, flow := range decision.Flows() {
		row := Row{Flow: flow}
		if err := d.Can(&w.Target.Target, flow); err != nil {
			row.Why = refusal(t, w, d, flow, err)
			rows = append(rows, row)
			continue
		}
		for _, tr := range trials(w, flow) {
			row.Trials++
			t.Run(tr.name(), func(t *testing.T) { conforms(t, d, tr) })
		}
		rows = append(rows, row)
	}
	return rows
}

// trials are the clients that run a flow, each with each of its credentials.
func trials(w *World, flow decision.Flow) []Trial {
	var out []Trial
	for _, key := range w.Target.KeysFor(flow) {
		c, _ := w.Target.Client(key)
		kinds := c.Credentials()
		if len(kinds) == 0 {
			kinds = []engine.CredentialKind{engine.NoCredential}
		}
		for _, kind := range kinds {
			out = append(out, Trial{flow, key, kind})
		}
	}
	return out
}

// refusal checks that what a driver does not run can be neither planned nor
// started with it, and that it says why.
func refusal(t *testing.T, w *World, d engine.Driver, flow decision.Flow, err error) string {
	t.Helper()
	var cannot *engine.CannotError
	if !errors.As(err, &cannot) || cannot.Why == "" || cannot.Flow != flow || cannot.Driver != d.Name() {
		t.Errorf("%s is refused with %v: a capability is declared with driver, flow and reason", flow, err)
		return "no reason"
	}
	if !errors.Is(err, engine.ErrUnsupported) {
		t.Errorf("%s: the refusal is no ErrUnsupported", flow)
	}
	job := engine.Job{Flow: flow, Target: w.Target.Target, Driver: d.ID()}
	if tr := trials(w, flow); len(tr) > 0 {
		job = tr[0].job(t, w, d)
	}
	if _, err := w.Runner.Plan(job); !errors.Is(err, engine.ErrUnsupported) {
		t.Errorf("%s was planned: %v", flow, err)
	}
	if run, err := w.Runner.Start(context.Background(), job); !errors.Is(err, engine.ErrUnsupported) {
		t.Errorf("%s was started: %v", flow, err)
		if run != nil {
			run.Stop()
		}
	}
	return cannot.Why
}

// conforms puts everything to one trial.
func conforms(t *testing.T, d engine.Driver, tr Trial) {
	w := New(t)
	job := tr.job(t, w, d)
	plan, err := w.Runner.Plan(job)
	if err != nil {
		t.Fatal(err)
	}
	straight := w.Run(t, job)
	if straight.Trace.Outcome != trace.Tokens {
		t.Fatalf("outcome %s: %v\n%s", straight.Trace.Outcome, straight.Err, exchanges(straight.Trace))
	}
	t.Run("steps", func(t *testing.T) { inOrder(t, plan, straight) })
	t.Run("tokens", func(t *testing.T) { areValid(t, straight) })
	t.Run("requests", func(t *testing.T) { demands(t, job, straight.Trace) })
	t.Run("held", func(t *testing.T) { oneByOne(t, d, tr, straight.Trace) })
	t.Run("edited", func(t *testing.T) { goesOutEdited(t, d, tr, plan) })
	t.Run("stopped", func(t *testing.T) { stopsAtOnce(t, d, tr, straight.Trace) })
	t.Run("elsewhere", func(t *testing.T) { staysInside(t, d, tr, plan) })
	t.Run("refused", func(t *testing.T) { refusesForgeries(t, d, tr, plan) })
	t.Run("errors", func(t *testing.T) { surfaces(t, d, tr, plan) })
}

// inOrder checks the way through the plan: every step that must happen did, no
// exchange goes back, save from a device's poll to the person's own part, and
// each travels as its step says.
func inOrder(t *testing.T, plan engine.Plan, s engine.State) {
	for i, step := range plan.Steps {
		if step.N != i+1 || step.Title == "" || step.Why == "" || step.Purpose == "" {
			t.Errorf("step %d is not told: %+v", i+1, step)
		}
		if state := s.Steps[i]; state != engine.Done && (!step.Maybe || state != engine.Planned) {
			t.Errorf("step %d (%s) is %s", step.N, step.Title, state)
		}
	}
	last := 0
	for i, e := range s.Trace.Exchanges {
		if last > 0 && plan.Steps[last-1].Purpose == trace.Poll && e.Step < last && (e.Purpose == trace.DevicePage || e.Purpose == trace.SignIn) {
			last = e.Step
		}
		if e.N != i+1 || e.Step < last || e.Step > len(plan.Steps) || e.Step == 0 {
			t.Errorf("exchange %d belongs to step %d, after step %d", e.N, e.Step, last)
			continue
		}
		last = e.Step
		step := plan.Steps[e.Step-1]
		if e.Purpose != step.Purpose || e.Channel != step.Channel || e.From != step.From || e.To != step.To {
			t.Errorf("exchange %d is %s over %s from %s to %s, its step %s over %s from %s to %s", e.N,
				e.Purpose, e.Channel, e.From, e.To, step.Purpose, step.Channel, step.From, step.To)
		}
		if e.Response == nil && e.Note == "" {
			t.Errorf("exchange %d has no answer", e.N)
		}
	}
}

// areValid checks the tokens by what the plan says of them. Nobody but Graph can
// verify a token for Graph, and nobody but the issuer a refresh token.
func areValid(t *testing.T, s engine.State) {
	reports := inspect.All(s)
	if len(s.Trace.Tokens) == 0 || len(reports) != len(s.Trace.Tokens) {
		t.Fatalf("%d tokens have %d reports", len(s.Trace.Tokens), len(reports))
	}
	for i, r := range reports {
		token, want := s.Trace.Tokens[i], "valid"
		if token.Kind == trace.RefreshToken || r.Token != nil && r.Token.ForGraph() {
			want = "unverified"
		}
		if token.Exchange < 1 || token.Exchange > len(s.Trace.Exchanges) {
			t.Errorf("the %s token comes from exchange %d", token.Kind, token.Exchange)
		}
		if r.Outcome() == want {
			continue
		}
		t.Errorf("%s token %d is %s, want %s: %s", token.Kind, i+1, r.Outcome(), want, r.Summary())
		for _, c := range r.Checks() {
			if c.Status != "pass" {
				t.Logf("%-18s %-8s %s | %s | %s", c.ID, c.Status, c.Expected, c.Found, c.Why)
			}
		}
	}
}

// exchanges lists a trace for a failing test.
func exchanges(t *trace.Trace) string {
	var b strings.Builder
	for _, e := range t.Exchanges {
		status := 0
		if e.Response != nil {
			status = e.Response.Status
		}
		address, _, _ := strings.Cut(e.Request.URL, "?")
		fmt.Fprintf(&b, "%2d step %d %-20s %-4s %-90s %d %s%s\n", e.N, e.Step, e.Purpose, e.Request.Method, address, status, e.Err, e.Refused)
	}
	return b.String()
}
