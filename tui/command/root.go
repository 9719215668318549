package command

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"flowscope/themes"
)

const rootLong = `Which OAuth 2.0 flow fits your client, what does it really send, what is in the
token, would an API accept it, and why did it fail? flowscope answers that on
Microsoft Entra ID, with a tenant of its own inside that needs no network.

Alone on a terminal it opens its screens. Without a terminal it does its main
job in plain text.

Exit status: 0 fine, 1 error, 2 usage, 3 the token is invalid or the run failed,
4 it could not be verified, 130 interrupted. Data goes to standard output, words
go to standard error. Secrets are masked, and none is taken as a flag value.`

// newRoot builds the commands of one invocation.
func newRoot(c *call) *cobra.Command {
	var version bool
	root := &cobra.Command{
		Use:   "flowscope",
		Short: "OAuth 2.0 and OpenID Connect on Entra ID, request by request",
		Long:  rootLong,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 && !version {
				return unknownCommand(cmd, args[0])
			}
			return nil
		},
		SilenceErrors: true, SilenceUsage: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if version { // it is told whatever else is wrong
				return nil
			}
			if c.twice != "" {
				return usage(cmd, "--%s is given twice, and there is only one of it", c.twice)
			}
			return c.settle()
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if version {
				c.print("flowscope " + c.d.Version + "\n")
				return nil
			}
			if c.d.Terminal {
				return c.d.Open(cmd.Context(), c.set)
			}
			return c.mainJob(cmd.Context())
		},
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetIn(c.d.In)
	root.SetOut(c)
	root.SetErr(c.d.Err)
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { c.help(cmd) })
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &usageError{cmd.CommandPath(), err.Error()}
	})
	f := root.PersistentFlags()
	f.SortFlags = false
	f.StringVar(&c.set.Theme, "theme", "", "theme `NAME`: "+strings.Join(themeNames(), ", "))
	f.StringVar(&c.set.Config, "config", "", "read this configuration `FILE`")
	f.BoolVar(&c.set.NoColor, "no-color", false, "no colours, as with NO_COLOR in the environment")
	f.BoolVar(&c.set.ASCII, "ascii", false, "draw with ASCII characters only")
	f.BoolVar(&c.set.Deterministic, "deterministic", false, "fixed clock, ids and keys (the lab only)")
	root.InitDefaultHelpFlag()
	versionFlag(root, &version)
	root.AddCommand(decideCommand(c), runCommand(c), profilesCommand(c), tokenCommand(c), explainCommand(c),
		labCommand(c), faultsCommand(c), scenariosCommand(c), themesCommand(c), versionCommand(c), completionCommand(c))
	root.SetHelpCommand(helpCommand(c))
	c.onlyOnce(root)
	return root
}

// onlyOnce notes which flag was given twice that takes one value: the last one
// would count, and nobody would be told. Switches and lists may be repeated.
func (c *call) onlyOnce(cmd *cobra.Command) {
	watch := func(f *pflag.Flag) {
		_, list := f.Value.(pflag.SliceValue)
		if _, watched := f.Value.(*onceValue); !watched && !list && f.Value.Type() != "bool" {
			f.Value = &onceValue{Value: f.Value, again: func() { c.twice = f.Name }}
		}
	}
	cmd.PersistentFlags().VisitAll(watch)
	cmd.Flags().VisitAll(watch)
	for _, sub := range cmd.Commands() {
		c.onlyOnce(sub)
	}
}

// onceValue is the value of a flag that may be given once.
type onceValue struct {
	pflag.Value
	given bool
	again func() // that it was given twice
}

// Set sets the value.
func (v *onceValue) Set(s string) error {
	if v.given {
		v.again()
	}
	v.given = true
	return v.Value.Set(s)
}

// versionFlag adds --version. Cobra's own is not used: the text it prints is a
// template, and a program that links those keeps every method of every type.
func versionFlag(root *cobra.Command, set *bool) {
	root.Flags().BoolVarP(set, "version", "v", false, "version for flowscope")
	// Nothing completes behind it, as behind cobra's own.
	_ = root.Flags().SetAnnotation("version", cobra.FlagSetByCobraAnnotation, []string{"true"})
}

// settle checks the global flags once they are read.
func (c *call) settle() error {
	c.set.NoColor = c.set.NoColor || c.d.Getenv("NO_COLOR") != ""
	if _, err := themes.Find(c.set.Theme); err != nil {
		return &usageError{"flowscope", oneLine(err.Error())}
	}
	return nil
}

// unknownCommand names the command that was perhaps meant.
func unknownCommand(cmd *cobra.Command, name string) error {
	text := fmt.Sprintf("unknown command %q", short(name))
	if near := cmd.Root().SuggestionsFor(name); len(near) > 0 {
		text += ", did you mean " + strings.Join(near, " or ") + "?"
	}
	return &usageError{cmd.CommandPath(), text}
}

// usage makes a usage error of a command.
func usage(cmd *cobra.Command, format string, args ...any) error {
	return &usageError{cmd.CommandPath(), fmt.Sprintf(format, args...)}
}

// atMost allows up to n arguments.
func atMost(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) <= n:
			return nil
		case n == 0:
			return usage(cmd, "%s takes no argument, and %q is one", cmd.Name(), short(args[0]))
		}
		return usage(cmd, "%s takes one argument, and there are %d", cmd.Name(), len(args))
	}
}

// oneOf checks the value of a flag against those that it may have.
func oneOf(cmd *cobra.Command, flag, value string, allowed ...string) error {
	if value == "" && !cmd.Flags().Changed(flag) || slices.Contains(allowed, value) {
		return nil
	}
	return usage(cmd, "--%s is %s, not %q", flag, strings.Join(allowed, " or "), short(value))
}

// short keeps an error readable when a whole file was pasted as one word, and
// free of what may be a secret.
func short(s string) string {
	if isSecretLike(s) {
		return notShown
	}
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "..."
	}
	return s
}

func jsonFlag(cmd *cobra.Command, c *call) {
	cmd.Flags().BoolVar(&c.json, "json", false, "print JSON")
}

func helpCommand(c *call) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Show how a command is used",
		RunE: func(cmd *cobra.Command, args []string) error {
			target, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return unknownCommand(cmd.Root(), strings.Join(args, " "))
			}
			c.help(target)
			return nil
		},
	}
}

func completionCommand(c *call) *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:       "completion SHELL",
		Short:     "Print a completion script",
		Long:      "Prints the script that completes flowscope's commands and flags in a shell:\n" + strings.Join(shells, ", ") + ".",
		Example:   "  source <(flowscope completion bash)\n  flowscope completion fish > ~/.config/fish/completions/flowscope.fish",
		ValidArgs: shells,
		Args:      atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage(cmd, "say for which shell: %s", strings.Join(shells, ", "))
			}
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(c, true)
			case "zsh":
				return root.GenZshCompletion(c)
			case "fish":
				return root.GenFishCompletion(c, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(c)
			}
			return usage(cmd, "no completion for %q: use one of %s", short(args[0]), strings.Join(shells, ", "))
		},
	}
}

// help writes how a command is used.
func (c *call) help(cmd *cobra.Command) {
	if err := c.settle(); err != nil {
		c.set.Theme = ""
	}
	cmd.InitDefaultHelpFlag()
	p := newPage(c)
	long := cmd.Long
	if long == "" {
		long = cmd.Short + "."
	}
	p.line(long)
	p.head("Usage", "")
	p.line("  ", cmd.UseLine())
	if cmd.HasExample() {
		p.head("Examples", "")
		p.line(strings.TrimRight(cmd.Example, "\n"))
	}
	if cmd.HasAvailableSubCommands() {
		p.head("Commands", "")
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() {
				p.line("  ", p.st.Accent.Render(pad(sub.Name(), 12)), sub.Short)
			}
		}
	}
	p.flags(cmd.LocalNonPersistentFlags())
	p.head("Flags of every command", "")
	p.line(strings.TrimRight(cmd.Root().PersistentFlags().FlagUsagesWrapped(p.width), "\n"))
	p.flush()
}

// flags writes the flags of a command, those that have a heading under it.
func (p *page) flags(local *pflag.FlagSet) {
	if !local.HasAvailableFlags() {
		return
	}
	var headings []string
	sets := map[string]*pflag.FlagSet{}
	local.SortFlags = false
	local.VisitAll(func(f *pflag.Flag) {
		heading := "Flags"
		if g := f.Annotations[flagGroup]; len(g) > 0 {
			heading = g[0]
		}
		if sets[heading] == nil {
			sets[heading] = pflag.NewFlagSet(heading, pflag.ContinueOnError)
			sets[heading].SortFlags = false
			headings = append(headings, heading)
		}
		sets[heading].AddFlag(f)
	})
	for _, heading := range headings {
		p.head(heading, "")
		p.line(strings.TrimRight(sets[heading].FlagUsagesWrapped(p.width), "\n"))
	}
}

// errEmpty says that nothing was given to look at.
var errEmpty = errors.New("there is nothing to read")
