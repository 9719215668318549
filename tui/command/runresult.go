package command

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/explain"
	"flowscope/engine/fault"
	"flowscope/engine/inspect"
	"flowscope/engine/trace"
	"flowscope/validate"
)

// result is a run that has ended, with everything that is printed of it.
type result struct {
	run      *engine.Run
	state    engine.State
	reports  []*inspect.Report
	findings []explain.Finding
	planned  []explain.Finding // errors that the flow is there to meet
	fault    *fault.Fault
	turns    []engine.Turn // what the person was asked to do elsewhere
	unseen   bool          // it was stopped because nobody agreed to its first request
	unsent   []string      // hosts that no token was sent to, because nobody agreed
}

// finish puts the result of an ended run together. A token that was not checked
// before the run ended is checked without keys.
func finish(ctx context.Context, app *App, run *engine.Run, state engine.State) result {
	r := result{run: run, state: state, reports: inspect.All(state)}
	for _, t := range state.Trace.Tokens[min(len(r.reports), len(state.Trace.Tokens)):] {
		want := inspect.Expectations(t.Expect)
		want.Now = app.Now()
		r.reports = append(r.reports, inspect.Check(ctx, t.Value, nil, want))
	}
	for _, f := range explain.Diagnose(state.Trace, inspect.Checks(state)) {
		switch {
		case f.Exchange >= 1 && f.Exchange <= len(state.Trace.Exchanges) && notReady(state.Trace.Exchanges[f.Exchange-1]):
			// that the person was not ready yet is no failure of its own
		case f.Planned || asPlanned(run, state, f):
			r.planned = append(r.planned, f)
		default:
			r.findings = append(r.findings, f)
		}
	}
	if len(r.planned) == 0 {
		r.planned = met(run, state)
	}
	return r
}

// met gives the errors in redirects that the run went on from: the flow was there
// to meet them.
func met(run *engine.Run, st engine.State) []explain.Finding {
	var out []explain.Finding
	for _, e := range st.Trace.Exchanges {
		if e.Purpose != trace.Redirect {
			continue
		}
		words, _ := e.Request.Get("error_description")
		if _, failed := e.Request.Get("error"); !failed {
			continue
		}
		for _, f := range explain.Read(words) {
			if f.Step, f.Exchange = e.Step, e.N; asPlanned(run, st, f) {
				out = append(out, f)
				break
			}
		}
	}
	return out
}

// asPlanned reports whether an error is where the flow goes: its step was done,
// and the run went through. That nobody is signed in after a sign-out is one.
func asPlanned(run *engine.Run, st engine.State, f explain.Finding) bool {
	if f.Code == "token" { // nothing is there to meet a token that fails its checks
		return false
	}
	if st.Trace.Outcome != trace.Tokens || run.Job.Fault != "" || f.Exchange < 1 || f.Exchange > len(st.Trace.Exchanges) || f.API {
		return false
	}
	e := st.Trace.Exchanges[f.Exchange-1]
	return !e.Purpose.AtAPI() && e.Refused == "" && e.Err == "" && e.Step >= 1 && e.Step <= len(st.Steps) && st.Steps[e.Step-1] == engine.Done
}

// merge lays a run that went on over the one it began with: what failed before
// is still a finding.
func (r *result) merge(next result) {
	for _, f := range r.findings {
		if !slices.ContainsFunc(next.findings, func(g explain.Finding) bool { return g.Exchange == f.Exchange && g.Code == f.Code }) {
			next.findings = append(next.findings, f)
		}
	}
	next.turns = append(slices.Clone(r.turns), next.turns...)
	next.fault, next.unsent = r.fault, r.unsent
	*r = next
}

// status gives the exit status of the run.
func (r *result) status() status {
	t := r.state.Trace
	if r.unseen {
		return exitUsage
	}
	if t.Outcome == trace.Stopped {
		return exitInterrupted
	}
	if len(r.findings) > 0 && (t.Outcome == trace.Tokens || t.Refusal != nil || failed(t) || answered(r.state.Err)) {
		return exitInvalid
	}
	if t.Outcome == trace.Failed {
		return exitError // it broke off outside the protocol
	}
	worst := status(exitFine)
	for _, report := range r.reports {
		if report.Kind == validate.KindRefresh || report.Token.ForGraph() && report.Verdict == validate.Unverified {
			continue // for its issuer or for Graph alone
		}
		worst = worse(worst, verdictStatus(report.Verdict))
	}
	return worst
}

// failed reports whether an exchange was answered with an error or not let out.
// One without an answer is no OAuth error.
func failed(t *trace.Trace) bool {
	return slices.ContainsFunc(t.Exchanges, func(e trace.Exchange) bool { return e.Failed() && e.Err == "" })
}

// answered reports whether an error is the server's answer.
func answered(err error) bool {
	var page *engine.PageError
	var oauth *engine.OAuthError
	return errors.As(err, &page) || errors.As(err, &oauth)
}

// declined reports whether the person said no: an answer, and no failure that
// another try would mend.
func (r *result) declined() bool {
	return slices.ContainsFunc(r.findings, func(f explain.Finding) bool {
		return f.Code == "AADSTS65004" || f.OAuthError == "access_denied" || f.OAuthError == "authorization_declined" || f.OAuthError == "consent_declined"
	})
}

// abandoned reports whether the person gave the sign-in up.
func (r *result) abandoned() bool {
	var gone *engine.AbandonedError
	return errors.As(r.state.Err, &gone)
}

// learn takes note of every secret that the run has shown so far, and at its
// end of those that it was given, so that they get their letters in order.
func (c *call) learn(job engine.Job, st engine.State) {
	r := c.redactor()
	r.LearnAll(st.Trace)
	if !st.Done {
		return
	}
	for _, secret := range []string{job.Client.Secret, job.Given} {
		r.Mask(secret)
	}
	if job.Caller != nil {
		r.Mask(job.Caller.Secret)
	}
	for _, a := range job.Target.Accounts {
		r.Mask(a.Password)
	}
}

// run executes an order and prints what came of it.
func (c *call) run(ctx context.Context, app *App, ord order) error {
	c.warn(ord)
	p := newPage(c)
	r, err := c.perform(ctx, app, ord, p)
	if err != nil {
		return err
	}
	if err := c.export(ord, &r); err != nil {
		return err
	}
	if c.json {
		if err := c.printJSON(document(&r)); err != nil {
			return err
		}
		return c.ended(ctx, &r)
	}
	p.outcome(&r)
	p.flush()
	return c.ended(ctx, &r)
}

// warn says what should be known before anything runs.
func (c *call) warn(ord order) {
	if c.withSecrets {
		c.say("The output holds secrets: keep it to yourself.")
	}
	if words := flowWarning(ord.job.Flow); words != "" && !c.json {
		c.say(words)
	}
	for _, host := range ord.job.Confirmed {
		c.say("The access token goes to " + host + ", outside the target, because of --yes.")
	}
}

// flowWarning says why a flow is shown as a warning, and what to use instead; it
// is empty for all others (RFC 9700 sections 2.1.2 and 2.4).
func flowWarning(f decision.Flow) string {
	switch f {
	case decision.Implicit:
		return "A warning: implicit puts the tokens into the address, where history, logs and other code of the page can read them. Use authorization code + PKCE instead: flowscope run authorization-code"
	case decision.Password:
		return "A warning: the program sees the person's password, and no second factor or policy can be met. Use a flow where the person signs in at Entra ID: flowscope run authorization-code, or device-code without a browser"
	}
	return ""
}

// perform runs an order to its end: the flow, the calls behind it, and once more
// with the claims that an API asked for. Without JSON it prints the exchanges.
func (c *call) perform(ctx context.Context, app *App, ord order, p *page) (result, error) {
	r, err := c.once(ctx, app, ord, p)
	if err != nil || !ord.flags.answerChallenge {
		return r, err
	}
	claims, ok := challenged(&r)
	if !ok {
		return r, nil
	}
	if !c.json {
		p.answering = true
		p.apis(&r)
		p.answering = false
		p.head("Again, with what the API asks for", "")
		p.broken(0, "claims", 8, p.st.Muted, c.clean(claims))
	}
	c.say("The API asks for more: the flow starts again with claims=" + claims)
	ord.job.Claims, ord.job.Prompt, ord.job.Changes, ord.job.Fault = claims, "", nil, ""
	ord.fault = nil
	return c.once(ctx, app, ord, p)
}

// once runs the flow and the calls behind it.
func (c *call) once(ctx context.Context, app *App, ord order, p *page) (result, error) {
	r, err := c.show(ctx, app, ord.job, p)
	if err != nil {
		return r, err
	}
	r.fault = ord.fault
	for _, address := range ord.calls {
		if _, ok := r.state.Trace.Token(trace.AccessToken); !ok || r.state.Trace.Outcome != trace.Tokens {
			c.say("There is no access token, so nothing was called at " + hostOf(address) + ".")
			break
		}
		confirm, ok := c.confirmHost(ctx, ord.job, &r, address)
		if !ok {
			r.unsent = append(r.unsent, hostOf(address))
			c.say("Not sent: the access token did not go to " + hostOf(address) + ".")
			continue
		}
		extra := engine.Extra{Purpose: trace.CallAPI, URL: address, Step: ord.flags.step, Confirm: confirm}
		next, err := c.extend(ctx, app, &r, extra, p)
		if err != nil {
			return r, err
		}
		r.merge(next)
	}
	return r, nil
}

// confirmHost asks whether the token may go to a host outside the target, and
// gives the host when it may. Hosts of the target need no word.
func (c *call) confirmHost(ctx context.Context, job engine.Job, r *result, address string) (string, bool) {
	host := hostOf(address)
	same := func(h string) bool { return strings.EqualFold(h, host) }
	if slices.ContainsFunc(job.Target.Hosts, same) || slices.ContainsFunc(job.Confirmed, same) || !c.interactive() {
		return "", true // outside, unasked: the gate refuses it and the refusal is shown
	}
	question := fmt.Sprintf("Send the access token, which is for %s, to %s outside the target? y or yes sends, enter does not: ", audience(r), host)
	answer, _ := c.asker().line(ctx, question)
	return host, agreed(answer)
}

// agreed reports whether a typed answer is a yes.
func agreed(answer string) bool {
	answer = strings.ToLower(strings.TrimSpace(answer))
	return answer == "y" || answer == "yes"
}

// audience says whom the newest access token is for, as far as it can be read.
func audience(r *result) string {
	for i := len(r.reports) - 1; i >= 0; i-- {
		if r.state.Trace.Tokens[i].Kind != trace.AccessToken {
			continue
		}
		if m, ok := claimText(r.reports[i], "aud"); ok {
			return m
		}
	}
	return "an API that can't be read from it"
}

// ended gives the run's status, and says why when nothing printed says it.
func (c *call) ended(ctx context.Context, r *result) error {
	code := r.status()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case r.unseen:
		c.say("flowscope: nothing was sent: add --yes to send this to " + r.run.Job.Target.Name + " without being asked")
	case code == exitInterrupted && r.abandoned():
		c.say("flowscope: stopped: the person gave the sign-in up. That is no error, and nothing to try again by itself.")
	case code == exitInterrupted:
		c.say("flowscope: stopped")
	case code == exitError && len(r.findings) > 0 && !c.json:
		return code.asError() // a finding has explained it
	case code == exitError:
		return errors.New(r.state.Trace.Failure)
	case r.declined():
		c.say("flowscope: the person said no. That is an answer, and nothing to try again by itself.")
	}
	return code.asError()
}

// execute starts a run and follows it to its end.
func (c *call) execute(ctx context.Context, app *App, job engine.Job, on func(engine.State)) (result, error) {
	return c.follow(ctx, app, job.Step, func(ctx context.Context) (*engine.Run, error) { return app.Runner.Start(ctx, job) }, on)
}

// follow begins a run and attends to it until it has ended.
func (c *call) follow(ctx context.Context, app *App, step bool, begin func(context.Context) (*engine.Run, error), on func(engine.State)) (result, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	run, err := begin(ctx)
	if err != nil {
		return result{}, err
	}
	s := &stepper{c: c, run: run, step: step}
	w := &turns{c: c, app: app, run: run}
	var last engine.State
	for ev := range run.Events() {
		last = ev.State
		c.learn(run.Job, last)
		w.clear()
		on(last)
		w.show(last)
		s.attend(ctx, last)
	}
	w.clear()
	r := finish(ctx, app, run, last)
	r.turns, r.unseen = w.seen, s.unseen
	return r, nil
}
