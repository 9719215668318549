package command

import (
	"context"
	"fmt"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/explain"
	"flowscope/engine/fault"
	"flowscope/engine/trace"
)

// mainJobFault is what the main job breaks to show an explanation.
const mainJobFault = "verifier"

// mainJob is what flowscope does where there is no terminal to draw on: the
// decision for a single-page app, its flow on the lab, the same flow broken,
// why, and the same flow again with the change that mends it.
func (c *call) mainJob(ctx context.Context) error {
	app, err := c.application()
	if err != nil {
		return err
	}
	job, err := app.Target.Job(decision.AuthorizationCode, "spa")
	if err != nil {
		return err
	}
	p := newPage(c)
	p.line(p.st.Title.Render("flowscope"), "  ", p.st.Muted.Render("OAuth 2.0 and OpenID Connect on Entra ID, request by request"))
	p.gap()
	if row, ok := decision.RowByID("spa"); ok {
		p.text(0, p.st.Text, fmt.Sprintf("A person, no secret, a browser: %s %s %s", row.Client, p.g.Arrow, row.Flow.Title()))
		p.text(0, p.st.Muted, row.Reason)
	}
	p.head("1. It works", "")
	good, err := c.show(ctx, app, job, p)
	if err != nil {
		return err
	}
	p.tokens(&good)
	if code := good.status(); code != exitFine {
		return c.broke(ctx, p, &good)
	}
	f, err := fault.Find(mainJobFault, job)
	if err != nil {
		return err
	}
	p.head("2. It breaks", f.Says)
	bad, err := c.show(ctx, app, f.Apply(job), p)
	if err != nil {
		return err
	}
	if len(bad.findings) == 0 {
		return c.broke(ctx, p, &bad)
	}
	p.gap()
	p.finding(bad.findings[0])
	p.prediction(f, &bad)
	if err := c.retry(ctx, app, bad, p); err != nil {
		return err
	}
	p.gap()
	p.text(0, p.st.Muted, "Commands: decide, run, token, explain, faults, scenarios, lab, profiles, themes, version. flowscope COMMAND --help says more; on a terminal, flowscope alone opens its screens.")
	p.flush()
	return nil
}

// broke ends the main job where a run of it did not come out as it must.
func (c *call) broke(ctx context.Context, p *page, r *result) error {
	for _, f := range r.findings {
		p.gap()
		p.finding(f)
	}
	p.flush()
	if err := c.ended(ctx, r); err != nil {
		return err
	}
	return fmt.Errorf("the run was to fail, and it went through")
}

// retry runs the broken job again with the change that its explanation asks for.
func (c *call) retry(ctx context.Context, app *App, bad result, p *page) error {
	fix, ok := mendable(bad.findings)
	if !ok {
		return nil
	}
	p.head("3. It is mended", "")
	p.flush()
	job := bad.run.Job
	job.Changes, job.Fault = trace.Without(job.Changes, *fix.Change), ""
	r, err := c.execute(ctx, app, job, func(engine.State) {})
	if err != nil {
		return err
	}
	if r.status() != exitFine {
		return c.broke(ctx, p, &r)
	}
	p.signed(0, p.g.Pass, p.st.Pass, p.st.Text, c.clean(fmt.Sprintf("The first way out, tried: the same run goes through and brings %d tokens.", len(r.reports))))
	return nil
}

// mendable gives the first fix that a change of the request can apply.
func mendable(findings []explain.Finding) (explain.Fix, bool) {
	for _, f := range findings {
		if fix, ok := f.RetryFix(); ok {
			return fix, true
		}
	}
	return explain.Fix{}, false
}
