package command

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/explain"
	"flowscope/engine/fault"
	"flowscope/engine/inspect"
	"flowscope/engine/trace"
	"flowscope/validate"
)

const runLong = `Runs a flow on the lab without a screen and prints each exchange, the tokens
with their checks, and why it failed when it did. Flows: authorization-code and
client-credentials. With --profile they run on a real tenant, and the sign-in
happens in the browser.

The person of the flow is the lab's first user, or the one named with --user;
the lab knows their password. A token goes to the API of the client, to the one
named with --call, or nowhere with --no-call.`

const runExample = `  flowscope run authorization-code --as spa
  flowscope run authorization-code --fault verifier
  flowscope run client-credentials --json`

// runFlags are the flags of flowscope run.
type runFlags struct {
	as, user, fault, call string
	profile               string
	scopes, conditions    []string
	noCall, step, browser bool
}

func runCommand(c *call) *cobra.Command {
	var o runFlags
	cmd := &cobra.Command{
		Use:       "run FLOW",
		Short:     "Run a flow on the lab",
		Long:      runLong,
		Example:   runExample,
		ValidArgs: []string{string(decision.AuthorizationCode), string(decision.ClientCredentials)},
		Args:      atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage(cmd, "say which flow, such as authorization-code or client-credentials")
			}
			app, err := c.application()
			if err != nil {
				return err
			}
			job, f, err := c.job(cmd, app, args[0], o)
			if err != nil {
				return err
			}
			if err := c.conditions(cmd, app, job, o); err != nil {
				return err
			}
			return c.run(cmd.Context(), app, job, f)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&o.as, "as", "", "`CLIENT` that runs it: web, spa or native (default spa)")
	f.StringVar(&o.profile, "profile", "", "run it on the real tenant of this `PROFILE` of the configuration")
	f.StringVar(&o.user, "user", "", "`USER` who signs in (default the lab's first)")
	f.StringArrayVar(&o.scopes, "scope", nil, "`SCOPE` to ask for; may be repeated")
	f.StringVar(&o.fault, "fault", "", "break it: a `FAULT` of flowscope faults")
	f.StringArrayVar(&o.conditions, "condition", nil, "switch this `ID[=VALUE]` of flowscope lab conditions on; may be repeated")
	f.StringVar(&o.call, "call", "", "API `URL` to call with the access token")
	f.BoolVar(&o.noCall, "no-call", false, "call no API")
	f.BoolVar(&o.step, "step", false, "ask before each request is sent")
	f.BoolVar(&o.browser, "browser", false, "sign in with the system browser")
	f.BoolVar(&c.withSecrets, "with-secrets", false, "print codes and secrets, and without --json whole tokens")
	jsonFlag(cmd, c)
	return cmd
}

// conditions switches those of the flags on: the lab's alone.
func (c *call) conditions(cmd *cobra.Command, app *App, job engine.Job, o runFlags) error {
	if len(o.conditions) == 0 {
		return nil
	}
	if job.Target.Live {
		return usage(cmd, "--condition switches the lab; a real tenant has none")
	}
	c.switched = o.conditions
	if err := switchOn(cmd, app.Lab, o.conditions); err != nil {
		return err
	}
	if hint := stepUpHint(job, o.conditions); hint != "" {
		c.say(hint)
	}
	return nil
}

// stepUpHint says where step-up shows, when the run does not go there: all
// other calls stay as they are.
func stepUpHint(job engine.Job, conditions []string) string {
	const id = "step-up"
	on := slices.ContainsFunc(conditions, func(s string) bool {
		name, value, _ := strings.Cut(s, "=")
		return name == id && value != "off"
	})
	u, err := url.Parse(job.Client.CallURL)
	if !on || err != nil || u.Host == "" || strings.HasSuffix(strings.TrimSuffix(job.Call, "/"), "/admin") {
		return ""
	}
	return "step-up changes calls of /orders/admin alone: add --call " + u.Scheme + "://" + u.Host + "/orders/admin"
}

// job makes the job that the flags ask for. A flow that nothing runs yet is an
// error; all others are usage errors.
func (c *call) job(cmd *cobra.Command, app *App, name string, o runFlags) (engine.Job, *fault.Fault, error) {
	flow, err := decision.ParseFlow(name)
	if err != nil {
		return engine.Job{}, nil, usage(cmd, "unknown flow %q: use one of %s", short(name), runnable(app))
	}
	if err := app.Runner.Can(&app.Target, flow); err != nil {
		return engine.Job{}, nil, err
	}
	for _, flag := range []string{"as", "user", "fault", "call", "profile"} {
		if f := cmd.Flags().Lookup(flag); f.Changed && f.Value.String() == "" {
			return engine.Job{}, nil, usage(cmd, "--%s is empty", flag)
		}
	}
	target, key, err := o.target(app)
	if err != nil {
		return engine.Job{}, nil, err
	}
	job, err := target.Job(flow, key)
	if err != nil {
		return job, nil, usage(cmd, "%v", err)
	}
	for _, set := range []func(*cobra.Command, *engine.Job, *App) error{o.setPerson, o.setScopes, o.setCall} {
		if err := set(cmd, &job, app); err != nil {
			return job, nil, err
		}
	}
	if o.step && !c.d.Terminal {
		return job, nil, usage(cmd, "--step asks on the terminal, and there is none")
	}
	job.Step = o.step
	if o.fault == "" {
		return job, nil, nil
	}
	f, err := fault.Find(o.fault, job)
	if err != nil {
		return job, nil, usage(cmd, "--fault: %v", err)
	}
	return f.Apply(job), &f, nil
}

// runnable lists the flows that something here can run.
func runnable(app *App) string {
	var names []string
	for _, f := range decision.Flows() {
		if app.Runner.Can(&app.Target, f) == nil {
			names = append(names, string(f))
		}
	}
	return strings.Join(names, ", ")
}

// target is the lab, or the tenant of a profile with its one client.
func (o runFlags) target(app *App) (engine.Target, string, error) {
	if o.profile == "" {
		return app.Target, o.as, nil
	}
	t, err := app.Profile(o.profile)
	if err != nil {
		return t, "", err
	}
	if o.as == "" && len(t.Clients) > 0 {
		return t, t.Clients[0].Key, nil
	}
	return t, o.as, nil
}

// setPerson says who signs in, and with what.
func (o runFlags) setPerson(cmd *cobra.Command, job *engine.Job, app *App) error {
	if job.Client.Platform == "" && (o.user != "" || o.browser) {
		return usage(cmd, "nobody signs in with %s: --user and --browser have no meaning there", job.Flow.Title())
	}
	if o.browser && app.Runner.Browser == nil {
		return errors.New("there is no browser to open here")
	}
	job.Browser = o.browser || (job.Target.Live && job.Client.Platform != "") // real pages need a real browser
	if o.user == "" {
		return nil
	}
	if _, ok := job.Target.Account(o.user); !ok && len(job.Target.Accounts) > 0 {
		if a, ok := elsewhere(app, o.user); ok && !job.Target.Live {
			job.Target.Accounts = append(slices.Clone(job.Target.Accounts), a)
			job.User = o.user
			return nil
		}
		var names []string
		for _, a := range job.Target.Accounts {
			names = append(names, a.Username)
		}
		return usage(cmd, "--user: nobody is called %q; there are %s", short(o.user), strings.Join(names, ", "))
	}
	job.User = o.user
	return nil
}

// elsewhere finds a person of another tenant of the lab: what the lab says of a
// stranger is worth seeing.
func elsewhere(app *App, name string) (engine.Account, bool) {
	if app.Lab == nil {
		return engine.Account{}, false
	}
	for _, u := range app.Lab.Describe().Users {
		if u.Username == name {
			return engine.Account{Username: u.Username, Password: u.Password, Name: u.Name, About: u.About}, true
		}
	}
	return engine.Account{}, false
}

// setScopes says what is asked for. The scopes of OpenID Connect are added by
// the plan, so they are left out beside others.
func (o runFlags) setScopes(cmd *cobra.Command, job *engine.Job, _ *App) error {
	if len(o.scopes) == 0 {
		return nil
	}
	all := strings.Fields(strings.Join(o.scopes, " "))
	if len(all) == 0 {
		return usage(cmd, "--scope is empty")
	}
	scopes := slices.DeleteFunc(slices.Clone(all), func(s string) bool {
		return s == "openid" || s == "profile" || s == "offline_access"
	})
	if len(scopes) == 0 {
		scopes = all
	}
	if !o.noCall && o.call == "" && !sameResource(job, scopes) {
		job.Call = "" // the client's own API could only refuse this token
	}
	job.Scopes = scopes
	return nil
}

// sameResource reports whether the scopes are for the API that the client
// usually asks for: one token is for one API.
func sameResource(job *engine.Job, scopes []string) bool {
	if len(job.Client.Scopes) == 0 {
		return false
	}
	own, ok := job.Client.Registration.ResourceOf(job.Client.Scopes[0])
	res, known := job.Client.Registration.ResourceOf(scopes[0])
	return ok && known && own.ClientID == res.ClientID
}

// setCall says where the access token goes.
func (o runFlags) setCall(cmd *cobra.Command, job *engine.Job, _ *App) error {
	switch {
	case o.noCall && o.call != "":
		return usage(cmd, "--call and --no-call contradict each other")
	case o.noCall:
		job.Call = ""
	case o.call != "":
		u, err := url.Parse(o.call)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			return usage(cmd, "--call: %q is no address of an API", short(o.call))
		}
		job.Call = o.call
	}
	return nil
}

// result is a run that has ended, with everything that is printed of it.
type result struct {
	run      *engine.Run
	state    engine.State
	reports  []*inspect.Report
	findings []explain.Finding
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
	r.findings = explain.Diagnose(state.Trace, inspect.Checks(state))
	return r
}

// status gives the exit status of the run.
func (r *result) status() status {
	t := r.state.Trace
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

// learn takes note of every secret that the run has shown so far, and at its
// end of those that it was given, so that they get their letters in order.
func (c *call) learn(job engine.Job, st engine.State) {
	r := c.redactor()
	r.LearnAll(st.Trace)
	if !st.Done {
		return
	}
	r.Mask(job.Client.Secret)
	for _, a := range job.Target.Accounts {
		r.Mask(a.Password)
	}
}

// run executes a job and prints what came of it.
func (c *call) run(ctx context.Context, app *App, job engine.Job, f *fault.Fault) error {
	if c.withSecrets {
		c.say("The output holds secrets: keep it to yourself.")
	}
	if job.Browser {
		c.say("The sign-in goes on in the browser.")
	}
	if c.json {
		r, err := c.execute(ctx, app, job, func(engine.State) {})
		if err != nil {
			return err
		}
		if err := c.printJSON(document(&r)); err != nil {
			return err
		}
		return c.ended(ctx, &r)
	}
	p := newPage(c)
	r, err := c.show(ctx, app, job, p)
	if err != nil {
		return err
	}
	p.tokens(&r)
	if f != nil {
		p.prediction(*f, r.findings)
	}
	for _, finding := range r.findings {
		p.gap()
		p.finding(finding)
	}
	p.flush()
	return c.ended(ctx, &r)
}

// ended gives the run's status, and says why when nothing printed says it.
func (c *call) ended(ctx context.Context, r *result) error {
	code := r.status()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case code == exitInterrupted:
		c.say("flowscope: stopped")
	case code == exitError:
		return errors.New(r.state.Trace.Failure)
	}
	return code.asError()
}

// execute starts a run and follows it to its end.
func (c *call) execute(ctx context.Context, app *App, job engine.Job, on func(engine.State)) (result, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	run, err := app.Runner.Start(ctx, job)
	if err != nil {
		return result{}, err
	}
	var s *stepper
	if job.Step {
		s = newStepper(c, run)
		defer s.close()
	}
	var last engine.State
	for ev := range run.Events() {
		last = ev.State
		c.learn(job, last)
		on(last)
		if s != nil {
			s.attend(ctx, last)
		}
	}
	return finish(ctx, app, run, last), nil
}
