package command

import (
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/fault"
	"flowscope/themes"
)

// listed is one fault of faults --json.
type listed struct {
	ID       string        `json:"id"`
	Flow     decision.Flow `json:"flow"`
	Step     int           `json:"step"`
	Changes  string        `json:"changes"`
	Predicts string        `json:"predicts"`
	Lesson   string        `json:"lesson"`
}

func faultsCommand(c *call) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "faults [FLOW]",
		Short: "List what can be broken, and what that predicts",
		Long:  "Lists the prepared mistakes and attacks that make one particular thing go wrong,\nby flow, each with the step it breaks, the outcome that it predicts and what it\nteaches. flowscope run FLOW --fault ID lays one over a run; with --compare the\nflow is run clean beside it. On the screen of a run, b does.",
		Example: `  flowscope faults
  flowscope faults client-credentials
  flowscope faults authorization-code --json
  flowscope run authorization-code --fault verifier --compare`,
		ValidArgsFunction: argument(justFlows),
		Args:              atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			flows := decision.Flows()
			if len(args) == 1 {
				flow, err := decision.ParseFlow(args[0])
				if err != nil {
					return usage(cmd, "there is no flow %q%s; the flows are %s", short(args[0]), meant(args[0], allFlows()), strings.Join(allFlows(), ", "))
				}
				flows = []decision.Flow{flow}
			}
			faults, err := c.faults(flows)
			if err != nil {
				return err
			}
			if c.json {
				return c.printJSON(struct {
					Schema int      `json:"schema"`
					Faults []listed `json:"faults"`
				}{1, faults})
			}
			c.faultList(faults)
			return nil
		},
	}
	jsonFlag(cmd, c)
	return cmd
}

// faults gives the catalogue with the step of each in its flow's plan.
func (c *call) faults(flows []decision.Flow) ([]listed, error) {
	app, err := c.application()
	if err != nil {
		return nil, err
	}
	out := []listed{}
	for _, flow := range flows {
		seen := map[string]bool{}
		for _, f := range fault.Catalogue() {
			job, ok := fitting(app, f, flow)
			if !ok || seen[f.ID] {
				continue
			}
			seen[f.ID] = true
			plan, err := app.Runner.Plan(f.Apply(job))
			if err != nil {
				return nil, err
			}
			out = append(out, listed{f.ID, flow, f.Step(plan), f.Says, f.Predicts, f.Lesson})
		}
	}
	return out, nil
}

// fitting gives a job of the flow that the fault fits, as the first of the
// target's clients that it does.
func fitting(app *App, f fault.Fault, flow decision.Flow) (engine.Job, bool) {
	if app.Runner.Can(&app.Target, flow) != nil {
		return engine.Job{}, false
	}
	for _, key := range app.Target.KeysFor(flow) {
		if job, err := app.Target.Job(flow, key); err == nil && f.Fits(job) {
			return job, true
		}
	}
	return engine.Job{}, false
}

// faultList writes each fault once, under the first flow that it fits, with the
// others that it fits too.
func (c *call) faultList(faults []listed) {
	p := newPage(c)
	if len(faults) == 0 {
		p.text(0, p.st.Muted, "No fault is prepared for this flow here.")
	}
	also := map[string][]string{}
	for _, f := range faults {
		also[f.ID] = append(also[f.ID], string(f.Flow))
	}
	flow := decision.Flow("")
	for _, f := range faults {
		flows := also[f.ID]
		if flows[0] != string(f.Flow) {
			continue
		}
		if f.Flow != flow {
			flow = f.Flow
			p.head(flow.Title(), "flowscope run "+string(flow)+" --fault ID")
		}
		step := "step " + strconv.Itoa(f.Step)
		p.line("  ", p.st.Accent.Render(pad(f.ID, 26)), p.st.Muted.Render(pad(step, 9)), p.st.Fail.Render(c.clean(fault.Words(f.Predicts))))
		p.text(4, p.st.Text, f.Changes)
		p.text(4, p.st.Muted, f.Lesson)
		if len(flows) > 1 {
			p.text(4, p.st.Muted, "also: "+strings.Join(flows[1:], ", "))
		}
	}
	p.flush()
}

func themesCommand(c *call) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "themes",
		Short: "List the themes",
		Args:  atMost(0),
		RunE: func(*cobra.Command, []string) error {
			if c.json {
				return c.printJSON(struct {
					Schema int      `json:"schema"`
					Themes []string `json:"themes"`
				}{1, themeNames()})
			}
			c.print(strings.Join(themeNames(), "\n") + "\n")
			return nil
		},
	}
	jsonFlag(cmd, c)
	return cmd
}

func themeNames() []string {
	var names []string
	for _, t := range themes.Builtin() {
		names = append(names, t.Name)
	}
	return names
}

func versionCommand(c *call) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  atMost(0),
		RunE: func(*cobra.Command, []string) error {
			lines := []string{"flowscope " + c.d.Version, pad("Go", 10) + strings.TrimPrefix(runtime.Version(), "go")}
			if info, ok := debug.ReadBuildInfo(); ok {
				lines = append(lines, modules(info)...)
			}
			c.print(strings.Join(lines, "\n") + "\n")
			return nil
		},
	}
}

// modules gives the versions of the libraries that speak the protocol and
// verify signatures.
func modules(info *debug.BuildInfo) []string {
	var out []string
	for _, m := range [][2]string{
		{"MSAL Go", "github.com/AzureAD/microsoft-authentication-library-for-go"},
		{"jwx", "github.com/lestrrat-go/jwx/v2"},
	} {
		for _, dep := range info.Deps {
			if dep.Path == m[1] {
				out = append(out, pad(m[0], 10)+strings.TrimPrefix(dep.Version, "v"))
			}
		}
	}
	return out
}
