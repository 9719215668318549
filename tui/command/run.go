package command

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"flowscope/decision"
)

const runLong = `Runs a flow without a screen and prints each exchange, the tokens with their
checks, and why it failed when it did. The target is the lab; with --profile a
real tenant, with --issuer any OpenID Connect issuer. A scenario is run by its
name like a flow: all of its acts.

FLOW is one of
`

const runMore = `
The person of the flow is the lab's first user, or the one named with --user;
the lab knows their password. On a live target the sign-in happens in the
browser, and nothing is sent before its first request was shown. A token goes to
the API of the client, to those named with --call, or nowhere with --no-call.

No secret is a flag value. A refresh token or an assertion of your own comes by
standard input, or in FLOWSCOPE_REFRESH_TOKEN or FLOWSCOPE_ASSERTION; the client
secret for --issuer in FLOWSCOPE_CLIENT_SECRET, or it is asked for.`

// flowUses say in a few words what each flow is for, in the help of run.
var flowUses = map[decision.Flow]string{
	decision.AuthorizationCode: "a person signs in: web app, page, installed app",
	decision.ClientCredentials: "nobody is there: a daemon, a job",
	decision.DeviceCode:        "a person, and a device without a browser",
	decision.OnBehalfOf:        "an API calls on as the person who called it",
	decision.RefreshToken:      "new tokens without a page, forced or with yours",
	decision.Silent:            "as libraries do it: cache, refresh, else interaction",
	decision.Implicit:          "a warning: tokens in the address (the lab only)",
	decision.Password:          "a warning: the password in a program's hands",
	decision.ManagedIdentity:   "the machine's own identity, where it has one",
	decision.AdminConsent:      "an administrator grants for the whole tenant",
	decision.SignOut:           "sign out, and what that does not end",
	decision.TokenExchange:     "one token for another (RFC 8693), where offered",
}

// runExamples has one line or more for each flow.
const runExamples = `  flowscope run authorization-code --as web --credential certificate
  flowscope run authorization-code --fault verifier
  flowscope run authorization-code --fault verifier --compare
  flowscope run authorization-code --step --hold-answers
  flowscope run authorization-code --prompt none
  flowscope run authorization-code --v1
  flowscope run client-credentials --as workload --json
  flowscope run device-code
  flowscope run on-behalf-of --har run.har
  flowscope run refresh-token --as web
  flowscope run refresh-token --profile work < refresh-token.txt
  flowscope run silent --as spa
  flowscope run implicit
  flowscope run password --as cli
  flowscope run managed-identity
  flowscope run admin-consent --as web --user grace@contoso.example
  flowscope run sign-out --as web
  flowscope run token-exchange --issuer https://id.example --client-id app
  flowscope run authorization-code --call https://login.lab.example/orders/me
  flowscope run authorization-code --as everyone --tenant fabrikam`

// runFlags are the flags of flowscope run.
type runFlags struct {
	as, user, fault, prompt, claims    string
	profile, issuer, clientID, tenant  string
	credential, driver, given          string
	har                                string
	scopes, conditions, calls, exports []string
	v1, noCall, step, holdAnswers      bool
	browser, paste, decline, abandon   bool
	answerChallenge, compare           bool
	yes, force, noQR                   bool
}

// runUsage lists the flows with what each is for.
func runUsage() string {
	var b strings.Builder
	for _, f := range decision.Flows() {
		fmt.Fprintf(&b, "  %-20s%s\n", f, flowUses[f])
	}
	return runLong + b.String() + runMore
}

func runCommand(c *call) *cobra.Command {
	o := &runFlags{}
	cmd := &cobra.Command{
		Use:     "run FLOW|SCENARIO",
		Short:   "Run a flow",
		Long:    runUsage(),
		Example: runExamples,
		Args:    atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage(cmd, "say which flow, such as authorization-code or client-credentials")
			}
			app, err := c.application()
			if err != nil {
				return err
			}
			return c.runNamed(cmd, app, args[0], o)
		},
	}
	runTargetFlags(cmd, o)
	group(cmd, "What runs, and where")
	runBreakFlags(cmd, o)
	group(cmd, "What is broken, and what is called")
	runPersonFlags(cmd, o)
	group(cmd, "What the person does")
	runOutputFlags(cmd, c, o)
	group(cmd, "What is kept of it, and how it is shown")
	completeRun(cmd, c)
	return cmd
}

// flagGroup is the annotation that holds the heading of a flag in the help.
const flagGroup = "flowscope group"

// group puts all flags that have no heading yet under this one.
func group(cmd *cobra.Command, heading string) {
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Annotations[flagGroup] == nil {
			f.Annotations = map[string][]string{flagGroup: {heading}}
		}
	})
}

// runTargetFlags are those that say what runs, and where.
func runTargetFlags(cmd *cobra.Command, o *runFlags) {
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&o.as, "as", "", "`CLIENT` that runs it: web, spa, native, daemon and others (default the flow's usual one)")
	f.StringVar(&o.profile, "profile", "", "run it on the real tenant of this `PROFILE` of the configuration")
	f.StringVar(&o.issuer, "issuer", "", "run it on this OpenID Connect issuer, found by its discovery document: a `URL`")
	f.StringVar(&o.clientID, "client-id", "", "`ID` of the application at --issuer (or FLOWSCOPE_CLIENT_ID)")
	f.StringVar(&o.tenant, "tenant", "", "another tenant of the lab: `DOMAIN` or GUID")
	f.StringVar(&o.credential, "credential", "", "how the client proves itself: `KIND` secret, certificate or federated")
	f.StringVar(&o.driver, "driver", "", "`DRIVER` that builds the requests: msal or oidc")
	f.StringArrayVar(&o.scopes, "scope", nil, "`SCOPE` to ask for; may be repeated")
	f.StringVar(&o.claims, "claims", "", "claims request parameter, `JSON`")
	f.BoolVar(&o.v1, "v1", false, "the v1.0 endpoints, with resource in place of scope")
	f.StringVar(&o.given, "given", "", "begin with the refresh token or assertion in this `FILE`, - for standard input")
}

// runBreakFlags are those that break it, and those that call APIs.
func runBreakFlags(cmd *cobra.Command, o *runFlags) {
	f := cmd.Flags()
	f.StringVar(&o.fault, "fault", "", "break it: a `FAULT` of flowscope faults")
	f.BoolVar(&o.compare, "compare", false, "with --fault: run it clean too, and show the first differences")
	f.StringArrayVar(&o.conditions, "condition", nil, "switch this `ID[=VALUE]` of flowscope lab conditions on; may be repeated")
	f.StringArrayVar(&o.calls, "call", nil, "API `URL` to call with the access token; may be repeated")
	f.BoolVar(&o.noCall, "no-call", false, "call no API")
	f.BoolVar(&o.answerChallenge, "answer-challenge", false, "when the API asks for more claims, start again with them")
}

// runPersonFlags are those that say what the person does.
func runPersonFlags(cmd *cobra.Command, o *runFlags) {
	f := cmd.Flags()
	f.StringVar(&o.user, "user", "", "`USER` who signs in (default the lab's first)")
	f.StringVar(&o.prompt, "prompt", "", "prompt `VALUE`: none, login, consent or select_account")
	f.BoolVar(&o.browser, "browser", false, "sign in with the system browser")
	f.BoolVar(&o.paste, "paste", false, "no browser here: show the address, take the redirect as text")
	f.BoolVar(&o.decline, "decline", false, "the person declines the consent")
	f.BoolVar(&o.abandon, "abandon", false, "the person gives the sign-in up")
	f.BoolVar(&o.step, "step", false, "ask before each request is sent")
	f.BoolVar(&o.holdAnswers, "hold-answers", false, "with --step: ask before each answer is used, too")
	f.BoolVar(&o.yes, "yes", false, "send to a live target, or a token to a host outside the target, without asking")
}

// runOutputFlags are those that say what is kept of it.
func runOutputFlags(cmd *cobra.Command, c *call, o *runFlags) {
	f := cmd.Flags()
	f.StringVar(&o.har, "har", "", "write the trace as HAR 1.2 into this new `FILE`")
	f.StringArrayVar(&o.exports, "export", nil, "write the trace in another form, `FORMAT=FILE`; may be repeated")
	f.BoolVar(&o.force, "force", false, "write over a file that is there")
	f.BoolVar(&o.noQR, "no-qr", false, "draw no QR code")
	f.BoolVar(&c.withSecrets, "with-secrets", false, "print and write codes and secrets, and without --json whole tokens")
	jsonFlag(cmd, c)
}
