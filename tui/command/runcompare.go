package command

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"flowscope/engine/compare"
	"flowscope/engine/fault"
	"flowscope/engine/trace"
)

// mostDifferences bounds those that are printed; JSON has them all.
const mostDifferences = 9

// compareDocument is what run --compare --json prints.
type compareDocument struct {
	Schema      int             `json:"schema"`
	Clean       runDocument     `json:"clean"`
	Broken      runDocument     `json:"broken"`
	Differences []runDifference `json:"differences"`
	LeftOut     []string        `json:"left_out"` // names of what differs in every run
}

type runDifference struct {
	Purpose trace.Purpose `json:"purpose"`
	Clean   int           `json:"clean"` // number of the exchange there; 0: none
	Broken  int           `json:"broken"`
	Where   compare.Where `json:"where"`
	Name    string        `json:"name"`
	Before  *string       `json:"before"` // null: it is not there
	After   *string       `json:"after"`
	Says    string        `json:"says"`
}

// compare runs an order clean and broken, and shows what differs first. It ends
// as the broken run does.
func (c *call) compare(cmd *cobra.Command, app *App, ord order) error {
	ctx := cmd.Context()
	c.warn(ord)
	p := newPage(c)
	if !c.json {
		p.head("1. Clean", "")
	}
	good, err := c.cleanRun(cmd, app, ord, p)
	if err != nil {
		return err
	}
	if ctx.Err() != nil || good.unseen {
		return c.ended(ctx, &good)
	}
	if !c.json {
		p.head("2. Broken", c.clean(ord.fault.Says))
	}
	bad, err := c.once(ctx, app, ord, p)
	if err != nil {
		return err
	}
	if err := c.export(ord, &bad); err != nil {
		return err
	}
	diff := compare.Compare(good.state.Trace, bad.state.Trace)
	if c.json {
		if err := c.printJSON(compareOf(&good, &bad, diff)); err != nil {
			return err
		}
		return c.ended(ctx, &bad)
	}
	p.differences(diff)
	p.prediction(*ord.fault, &bad)
	for _, f := range bad.findings {
		p.gap()
		p.finding(f)
	}
	p.flush()
	return c.ended(ctx, &bad)
}

// cleanRun runs an order without its fault. On the lab that is a lab of its own,
// so that a consent which it leaves behind is no difference.
func (c *call) cleanRun(cmd *cobra.Command, app *App, ord order, p *page) (result, error) {
	clean := ord
	if !ord.job.Target.Live {
		fresh, err := c.d.New(c.set)
		if err != nil {
			return result{}, err
		}
		flags := *ord.flags
		flags.given = "" // it was read already
		if clean, err = c.remake(cmd, fresh, ord, &flags); err != nil {
			return result{}, err
		}
		app = fresh
	}
	clean.job, clean.fault = fault.Remove(clean.job), nil
	return c.once(cmd.Context(), app, clean, p)
}

// remake makes the same order for another lab.
func (c *call) remake(cmd *cobra.Command, app *App, ord order, o *runFlags) (order, error) {
	o.har, o.exports = "", nil
	next, err := c.orderWith(cmd, app, ord.job.Flow, o, ord.job.Given)
	if err != nil {
		return next, err
	}
	return next, c.conditions(cmd, app, next.job, o)
}

func compareOf(good, bad *result, diff compare.Result) compareDocument {
	doc := compareDocument{Schema: 1, Clean: document(good), Broken: document(bad), Differences: []runDifference{}, LeftOut: list(diff.Noise)}
	for _, d := range diff.Differences {
		x := runDifference{Purpose: d.Purpose, Clean: d.A, Broken: d.B, Where: d.Where, Name: d.Name, Says: d.Sentence}
		if d.HadA {
			x.Before = &d.Before
		}
		if d.HadB {
			x.After = &d.After
		}
		doc.Differences = append(doc.Differences, x)
	}
	return doc
}

// differences writes what differs, the first difference first.
func (p *page) differences(diff compare.Result) {
	p.head("3. What differs", "first what was sent, then what was answered because of it")
	shown := 0
	for _, d := range diff.Differences {
		if shown < mostDifferences && d.Sentence != "" {
			p.difference(d)
			shown++
		}
	}
	if more := len(diff.Differences) - shown; more > 0 && shown > 0 {
		p.text(2, p.st.Muted, fmt.Sprintf("and %d more, which follow from these; --json has them all", more))
	}
	if len(diff.Differences) == 0 {
		p.text(2, p.st.Text, "Nothing that says anything.")
	}
	if diff.LeftOut > 0 {
		p.text(2, p.st.Muted, "Left out, because it differs in every run: "+p.c.clean(strings.Join(diff.Noise, ", "))+".")
	}
}

func (p *page) difference(d compare.Difference) {
	at := "the run"
	if d.Purpose != "" {
		at = d.Purpose.Noun()
	}
	what := string(d.Where)
	if d.Name != "" && d.Where != compare.Run && d.Name != what {
		what += " " + d.Name
	} else if d.Name != "" {
		what = d.Name
	}
	style := p.st.Text
	if d.Where.Sent() {
		style = p.st.Warn
	}
	p.line("  ", style.Render(p.c.clean(at+", "+what)))
	if d.Where == compare.Missing {
		which := "in the clean run alone"
		if d.HadB || d.B != 0 {
			which = "in the broken run alone"
		}
		if d.HadA || d.HadB {
			p.text(4, p.st.Muted, which)
		}
	} else {
		p.labelled(4, "clean", 8, p.st.Text, p.side(d, d.Before, d.HadA))
		p.labelled(4, "broken", 8, p.st.Bright, p.side(d, d.After, d.HadB))
	}
	if d.Sentence != "" {
		p.text(4, p.st.Muted, p.c.clean(d.Sentence))
	}
}

// side is one of the two values, masked as its name asks.
func (p *page) side(d compare.Difference, value string, there bool) string {
	if !there {
		return "not there"
	}
	if value == "" {
		return "empty"
	}
	if !p.c.withSecrets {
		value, _ = p.c.redactor().Value(d.Name, value)
	}
	return p.c.clean(middle(value))
}
