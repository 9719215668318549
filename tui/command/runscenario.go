package command

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"flowscope/decision"
	"flowscope/engine/fault"
	"flowscope/engine/scenario"
	"flowscope/engine/trace"
	"flowscope/validate"
)

// scenarioFlags are the flags of run that a scenario takes; all others it says
// itself.
var scenarioFlags = []string{"profile", "issuer", "client-id", "browser", "step", "hold-answers", "yes", "no-qr", "with-secrets", "json"}

// actDocument is an act of run SCENARIO --json.
type actDocument struct {
	Title    string      `json:"title"`
	Tells    string      `json:"tells"`
	Predicts string      `json:"predicts"`
	Came     string      `json:"came"`
	Match    bool        `json:"match"`
	Lesson   string      `json:"lesson"`
	Attack   *attackSide `json:"attack"` // null: nobody attacks
	Run      runDocument `json:"run"`
}

// attackSide is an act or a fault from the attacker's side.
type attackSide struct {
	Does  string `json:"does"`
	Sees  string `json:"sees"`
	Stops string `json:"stops"`
}

func attackOf(a *fault.Attack) *attackSide {
	if a == nil {
		return nil
	}
	return &attackSide{a.Does, a.Sees, a.Stops}
}

// scenarioDocument is what run SCENARIO --json prints.
type scenarioDocument struct {
	Schema   int           `json:"schema"`
	Scenario string        `json:"scenario"`
	Title    string        `json:"title"`
	About    string        `json:"about"`
	Match    bool          `json:"match"` // every act came as predicted
	Acts     []actDocument `json:"acts"`
}

// runScenario runs all acts of a scenario, one after the other. It ends well when
// each came to what it predicts, even where that is an error.
func (c *call) runScenario(cmd *cobra.Command, app *App, s scenario.Scenario, o *runFlags) error {
	strange := ""
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if strange == "" && cmd.LocalNonPersistentFlags().Lookup(f.Name) != nil && !slices.Contains(scenarioFlags, f.Name) {
			strange = f.Name
		}
	})
	if strange != "" {
		return usage(cmd, "--%s belongs to a flow: a scenario says that itself", strange)
	}
	target, _, err := c.target(cmd, app, o)
	if err != nil {
		return err
	}
	play, err := scenario.Begin(s, target)
	if err != nil {
		return err
	}
	if c.withSecrets {
		c.say("The output holds secrets: keep it to yourself.")
	}
	p := newPage(c)
	if !c.json {
		p.line(p.st.Title.Render(s.Title))
		p.text(0, p.st.Muted, s.About)
	}
	doc := scenarioDocument{Schema: 1, Scenario: s.ID, Title: s.Title, About: s.About, Acts: []actDocument{}}
	for more := true; more; more = play.Next() {
		a := play.Act()
		job, err := play.Job()
		if err != nil {
			return err
		}
		job.Step, job.Answers = o.step, o.holdAnswers
		job.Browser = o.browser || job.Target.Live && !nobody(job)
		if !c.json {
			p.head(play.Head(), "")
			p.text(0, p.st.Text, a.Tells)
			p.gap()
		}
		r, err := c.once(cmd.Context(), app, order{job: job, flags: o}, p)
		if err != nil {
			return err
		}
		if r.unseen || cmd.Context().Err() != nil || r.state.Trace.Outcome == trace.Stopped && a.Predicts != fault.Stopped {
			p.flush()
			return c.ended(cmd.Context(), &r)
		}
		code, checks := firstFinding(&r)
		came := play.End(r.state.Trace, code, checks...)
		doc.Acts = append(doc.Acts, actDocument{a.Title, a.Tells, a.Predicts, came.Came, came.Match, a.Lesson, attackOf(a.Attack), document(&r)})
		if !c.json {
			p.act(a, &r, came)
			p.flush()
		}
	}
	doc.Match = play.Match()
	return c.scenarioEnds(p, play, doc)
}

// scenarioEnds prints the document, or the last line, and gives the status.
func (c *call) scenarioEnds(p *page, play *scenario.Play, doc scenarioDocument) error {
	code := status(exitFine)
	if !doc.Match {
		code = exitInvalid
	}
	if c.json {
		if err := c.printJSON(doc); err != nil {
			return err
		}
		return code.asError()
	}
	p.gap()
	if doc.Match {
		p.signed(0, p.g.Pass, p.st.Pass, p.st.Text, play.Verdict())
	} else {
		p.signed(0, p.g.Warn, p.st.Warn, p.st.Text, play.Verdict())
	}
	p.flush()
	return code.asError()
}

// act writes what came of an act: the tokens in a line, what failed in a line,
// prediction and outcome, and what it teaches.
func (p *page) act(a scenario.Act, r *result, came fault.Outcome) {
	p.gap()
	column := 15
	var tokens []string
	for i, report := range r.reports {
		words := string(r.state.Trace.Tokens[i].Kind)
		if report.Kind != validate.KindRefresh && r.state.Trace.Tokens[i].Kind != trace.RefreshToken {
			words += " " + string(report.Verdict)
		}
		tokens = append(tokens, words)
	}
	if len(tokens) > 0 {
		p.labelled(0, "tokens", column, p.st.Text, strings.Join(tokens, ", "))
	}
	for _, f := range r.findings {
		p.labelled(0, "failed", column, p.st.Text, p.c.clean(f.Code+"  "+f.What))
	}
	p.labelled(0, "predicted", column, p.st.Text, p.c.clean(fault.Words(a.Predicts)))
	style, words := p.st.Pass, fault.Words(came.Came)
	if !came.Match {
		style = p.st.Warn
	}
	p.labelled(0, "came", column, style, p.c.clean(words))
	p.attack(a.Attack, column)
	p.labelled(0, "lesson", column, p.st.Bright, a.Lesson)
}

// attack writes the attacker's side, where there is one.
func (p *page) attack(a *fault.Attack, column int) {
	if a == nil {
		return
	}
	p.labelled(0, "the attacker", column, p.st.Text, a.Does)
	p.labelled(0, "gets to see", column, p.st.Text, a.Sees)
	p.labelled(0, "is stopped by", column, p.st.Pass, a.Stops)
}

// listedScenario is one scenario of scenarios --json.
type listedScenario struct {
	ID    string      `json:"id"`
	Title string      `json:"title"`
	About string      `json:"about"`
	Acts  []listedAct `json:"acts"`
}

type listedAct struct {
	Title    string        `json:"title"`
	Tells    string        `json:"tells"`
	Flow     decision.Flow `json:"flow"`
	Predicts string        `json:"predicts"`
	Lesson   string        `json:"lesson"`
}

func scenariosCommand(c *call) *cobra.Command {
	cmd := &cobra.Command{
		Use:               "scenarios",
		Short:             "List the situations that can be run by name",
		Long:              "Lists situations of practice, each as one or more acts with their predictions:\nmigrations, mistakes, sessions, tokens, attacks. flowscope run NAME plays one; it\nends well when every act came as predicted, even where that is an error. With\n--step each request waits, with --json the acts come as one document.",
		Example:           "  flowscope scenarios\n  flowscope scenarios --json\n  flowscope run nightly-job\n  flowscope run headless-cli --step",
		ValidArgsFunction: cobra.NoFileCompletions,
		Args:              atMost(0),
		RunE: func(*cobra.Command, []string) error {
			app, err := c.application()
			if err != nil {
				return err
			}
			all := []listedScenario{}
			for _, s := range scenario.All() {
				one := listedScenario{s.ID, s.Title, s.About, []listedAct{}}
				for _, a := range s.Acts {
					job, err := a.Job(app.Target)
					if err != nil {
						return err
					}
					one.Acts = append(one.Acts, listedAct{a.Title, a.Tells, job.Flow, a.Predicts, a.Lesson})
				}
				all = append(all, one)
			}
			if c.json {
				return c.printJSON(struct {
					Schema    int              `json:"schema"`
					Scenarios []listedScenario `json:"scenarios"`
				}{1, all})
			}
			c.scenarioList(all)
			return nil
		},
	}
	jsonFlag(cmd, c)
	return cmd
}

func (c *call) scenarioList(all []listedScenario) {
	p := newPage(c)
	for _, s := range all {
		p.gap()
		p.line(p.st.Accent.Render(pad(s.ID, 26)), p.st.Title.Render(s.Title))
		p.text(2, p.st.Muted, s.About)
		for i, a := range s.Acts {
			p.labelled(2, fmt.Sprintf("%d", i+1), 3, p.st.Text, c.clean(a.Title+" "+p.g.Arrow+" "+fault.Words(a.Predicts)))
		}
	}
	p.gap()
	p.text(0, p.st.Muted, "flowscope run NAME plays one.")
	p.flush()
}
