package command

import (
	"cmp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/fault"
	"flowscope/engine/har"
	"flowscope/engine/profile"
	"flowscope/engine/scenario"
	"flowscope/engine/trace"
)

// completion gives what a word on the command line could become. It reads the
// lab and the configuration, sends nothing, and asks nobody: where something
// can't be read, nothing is offered.
type completion func(cmd *cobra.Command, args []string) []string

// argument completes the first argument alone, and no file name.
func argument(of completion) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return of(cmd, args), cobra.ShellCompDirectiveNoFileComp
	}
}

// completes gives flags their values.
func completes(cmd *cobra.Command, then cobra.ShellCompDirective, values map[string]completion) {
	for name, of := range values {
		err := cmd.RegisterFlagCompletionFunc(name, func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			return of(cmd, args), then
		})
		if err != nil {
			panic(err) // there is no such flag: a mistake in this program
		}
	}
}

// these completes to fixed words.
func these(words ...string) completion {
	return func(*cobra.Command, []string) []string { return words }
}

// flowsAndScenarios are what run runs, each with what it is for.
func flowsAndScenarios(cmd *cobra.Command, args []string) []string {
	out := justFlows(cmd, args)
	for _, s := range scenario.All() {
		out = append(out, cobra.CompletionWithDesc(s.ID, s.Title))
	}
	return out
}

// justFlows are the flows, each with what it is for.
func justFlows(*cobra.Command, []string) []string {
	var out []string
	for _, f := range decision.Flows() {
		out = append(out, cobra.CompletionWithDesc(string(f), flowUses[f]))
	}
	return out
}

// flowOf gives the flow that stands on the command line.
func flowOf(args []string) (decision.Flow, bool) {
	if len(args) == 0 {
		return "", false
	}
	f, err := decision.ParseFlow(args[0])
	return f, err == nil
}

// theFaults are those of the flow on the command line, without one all of them.
func (c *call) theFaults(_ *cobra.Command, args []string) []string {
	var out []string
	f, ok := flowOf(args)
	if !ok {
		for _, f := range fault.Catalogue() {
			out = append(out, cobra.CompletionWithDesc(f.ID, f.Says))
		}
		slices.Sort(out)
		return slices.CompactFunc(out, func(a, b string) bool { return word(a) == word(b) })
	}
	faults, err := c.faults([]decision.Flow{f})
	if err != nil {
		return nil
	}
	for _, f := range faults {
		out = append(out, cobra.CompletionWithDesc(f.ID, trace.Plain(f.Changes)))
	}
	return out
}

// word is a completion without its description.
func word(s string) string {
	w, _, _ := strings.Cut(s, "\t")
	return w
}

// theProfiles are the saved targets.
func (c *call) theProfiles(*cobra.Command, []string) []string {
	_, config, err := c.saved()
	if err != nil {
		return nil
	}
	var out []string
	for _, name := range config.Names() {
		p := config.Profiles[name]
		out = append(out, cobra.CompletionWithDesc(name, p.ClientType+" at "+trace.Plain(p.Authority())))
	}
	return out
}

// theAPIs are those of the profile that --profile names.
func (c *call) theAPIs(cmd *cobra.Command, _ []string) []string {
	_, config, err := c.saved()
	if err != nil {
		return nil
	}
	name, _ := cmd.Flags().GetString("profile")
	var out []string
	for _, r := range config.Profiles[name].Resources {
		out = append(out, cmp.Or(r.URI, r.Audience))
	}
	return out
}

// theClients are those of the target that run the flow on the command line: the
// type of the profile that it names, else those of the lab.
func (c *call) theClients(cmd *cobra.Command, args []string) []string {
	if name, err := cmd.Flags().GetString("profile"); err == nil && name != "" {
		_, config, err := c.saved()
		if err != nil {
			return nil
		}
		p, err := config.Find(name)
		if err != nil {
			return nil
		}
		return []string{p.ClientType}
	}
	app, err := c.application()
	if err != nil {
		return nil
	}
	keys := []string{}
	if f, ok := flowOf(args); ok {
		keys = app.Target.KeysFor(f)
	} else {
		for _, client := range app.Target.Clients {
			keys = append(keys, client.Key)
		}
	}
	var out []string
	for _, key := range keys {
		if client, ok := app.Target.Client(key); ok {
			out = append(out, cobra.CompletionWithDesc(key, trace.Plain(client.Registration.Name)))
		}
	}
	return out
}

// theConditions are those that the lab can be switched to.
func (c *call) theConditions(*cobra.Command, []string) []string {
	app, err := c.application()
	if err != nil || app.Lab == nil {
		return nil
	}
	var out []string
	for _, x := range app.Lab.Conditions() {
		out = append(out, cobra.CompletionWithDesc(x.ID, x.Title))
	}
	return out
}

// completeRun gives the arguments and flags of run their values.
func completeRun(cmd *cobra.Command, c *call) {
	cmd.ValidArgsFunction = argument(flowsAndScenarios)
	exports := []string{}
	for _, f := range har.Formats() {
		exports = append(exports, f.ID+"=")
	}
	completes(cmd, cobra.ShellCompDirectiveNoFileComp, map[string]completion{
		"as": c.theClients, "profile": c.theProfiles, "fault": c.theFaults, "condition": c.theConditions,
		"credential": these(string(engine.Secret), string(engine.Certificate), string(engine.Federated)),
		"driver":     these("msal", "oidc"),
		"prompt":     these("none", "login", "consent", "select_account"),
	})
	// a file's name follows the equals sign
	completes(cmd, cobra.ShellCompDirectiveNoSpace, map[string]completion{"export": these(exports...)})
}

// completeAdd gives the flags of profiles add their values.
func completeAdd(cmd *cobra.Command, c *call) {
	cmd.ValidArgsFunction = argument(func(cmd *cobra.Command, args []string) []string {
		if on, err := cmd.Flags().GetBool("replace"); err != nil || !on {
			return nil // a new name
		}
		return c.theProfiles(cmd, args)
	})
	completes(cmd, cobra.ShellCompDirectiveNoFileComp, map[string]completion{
		flagOf("cloud"): these(profile.Clouds()...), flagOf("client_type"): these(profile.ClientTypes()...),
		flagOf("secret_prompt"): these("yes"), flagOf("certificate_password_prompt"): these("yes"),
	})
}
