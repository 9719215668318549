package command

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"flowscope/engine"
	"flowscope/engine/explain"
	"flowscope/engine/probe"
	"flowscope/engine/profile"
	"flowscope/engine/trace"
)

const profilesLong = `Saved targets: a tenant of Entra ID, or any OpenID Connect issuer, and an
application there. They stand in the configuration file, which may be written by
hand as well; changing one leaves everything else in it as it is, comments
included. A secret never stands there: only where one is, an environment
variable, a file, or that it is asked for.`

const profilesExample = `  flowscope profiles
  flowscope profiles --json
  flowscope profiles add work --tenant contoso.com --client-id GUID --client-type spa \
      --redirect-uri http://localhost:3000 --scopes User.Read
  flowscope profiles show work
  flowscope profiles try work
  flowscope run authorization-code --profile work
  flowscope profiles remove work`

const profilesAddExample = `  flowscope profiles add work --tenant contoso.com --client-id GUID --client-type spa \
      --redirect-uri http://localhost:3000 --scopes User.Read
  flowscope profiles add orders --tenant contoso.com --client-id GUID --client-type web \
      --redirect-uri http://localhost:3000/auth/callback --scopes api://orders/access_as_user --secret-env ORDERS_SECRET
  flowscope profiles add nightly --tenant contoso.com --client-id GUID --client-type daemon \
      --scopes api://orders/.default --certificate-file app.pfx --certificate-password-env PFX_PASSWORD
  flowscope profiles add gateway --tenant contoso.com --client-id GUID --client-type api \
      --secret-prompt yes --downstream https://graph.microsoft.com/User.Read
  flowscope profiles add idp --issuer https://idp.example.com --client-id me --client-type native \
      --redirect-uri http://localhost:8400/callback --scopes openid
  flowscope profiles add work --replace --scopes "User.Read Mail.Read"`

func profilesCommand(c *call) *cobra.Command {
	cmd := &cobra.Command{
		Use: "profiles", Short: "List, show, add, remove or try saved targets", Long: profilesLong, Example: profilesExample,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage(cmd, "there is no profiles %s: it is list, show, add, remove or try", short(args[0]))
			}
			return nil
		},
		RunE: func(*cobra.Command, []string) error { return c.listProfiles() },
	}
	jsonFlag(cmd, c)
	cmd.AddCommand(profilesList(c), profilesShow(c), profilesAdd(c), profilesRemove(c), profilesTry(c))
	return cmd
}

// profileDoc is a profile in JSON. It holds no secret: a profile has none.
type profileDoc struct {
	Name        string          `json:"name"`
	Kind        engine.Kind     `json:"kind"`
	Authority   string          `json:"authority"`
	ClientID    string          `json:"client_id"`
	ClientType  string          `json:"client_type"`
	RedirectURI string          `json:"redirect_uri,omitempty"`
	LogoutURI   string          `json:"logout_uri,omitempty"`
	Scopes      []string        `json:"scopes"`
	Call        string          `json:"call,omitempty"`
	Credentials []credentialDoc `json:"credentials"`
	Flows       []string        `json:"flows"`
	Ready       bool            `json:"ready"`
	Problem     string          `json:"problem,omitempty"`
}

type credentialDoc struct {
	Kind  string `json:"kind"`
	Where string `json:"where"`
}

func (c *call) profileDoc(app *App, name string, p profile.Profile) profileDoc {
	d := profileDoc{
		Name: name, Kind: engine.Entra, Authority: p.Authority(), ClientID: p.ClientID, ClientType: p.ClientType, RedirectURI: p.RedirectURI,
		LogoutURI: p.LogoutURI, Scopes: append([]string{}, p.Scopes...), Call: p.Call, Credentials: []credentialDoc{}, Flows: []string{}, Ready: true,
	}
	if p.Issuer != "" {
		d.Kind = engine.OIDC
	}
	for _, place := range p.Credentials() {
		d.Credentials = append(d.Credentials, credentialDoc(place))
	}
	for _, f := range p.Flows() {
		d.Flows = append(d.Flows, string(f))
	}
	if err := app.Profiles.Ready(name, p); err != nil {
		d.Ready, d.Problem = false, trace.Plain(err.Error())
	}
	return d
}

// saved gives the App with the profiles of the configuration.
func (c *call) saved() (*App, profile.Config, error) {
	app, err := c.application()
	if err != nil {
		return nil, profile.Config{}, err
	}
	if app.Profiles == nil {
		return nil, profile.Config{}, errors.New("there are no profiles here")
	}
	config, err := app.Profiles.Load()
	return app, config, err
}

func profilesList(c *call) *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "List the saved targets", Example: "  flowscope profiles list\n  flowscope profiles list --json", Args: atMost(0),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(*cobra.Command, []string) error { return c.listProfiles() },
	}
	jsonFlag(cmd, c)
	return cmd
}

func (c *call) listProfiles() error {
	app, config, err := c.saved()
	if err != nil {
		return err
	}
	docs := []profileDoc{}
	for _, name := range config.Names() {
		docs = append(docs, c.profileDoc(app, name, config.Profiles[name]))
	}
	if c.json {
		return c.printJSON(struct {
			Schema   int          `json:"schema"`
			Path     string       `json:"path"`
			Profiles []profileDoc `json:"profiles"`
		}{1, app.Profiles.Path(), docs})
	}
	p := newPage(c)
	p.head("Targets", c.clean(app.Profiles.Path()))
	width := len("lab")
	for _, d := range docs {
		width = max(width, len([]rune(d.Name)))
	}
	p.line("  ", p.st.Back.Render(p.g.BadgeLab+" "+pad("lab", width)), "  ", p.st.Muted.Render("inside this program, for every flow"))
	for _, d := range docs {
		p.line("  ", p.st.Warn.Render(p.g.BadgeLive+" "+pad(c.clean(d.Name), width)), "  ", c.clean(d.ClientType), "  ", p.st.Muted.Render(c.clean(d.Authority)))
		if !d.Ready {
			p.signed(6, p.g.Fail, p.st.Fail, p.st.Text, c.clean(d.Problem))
		}
	}
	if len(docs) == 0 {
		p.text(2, p.st.Muted, "There is no profile yet: flowscope profiles add NAME makes one.")
	}
	p.flush()
	return nil
}

func profilesShow(c *call) *cobra.Command {
	cmd := &cobra.Command{
		Use: "show NAME", Short: "Show a saved target: what it is, and whether its credential is there", Args: atMost(1),
		Example: "  flowscope profiles show work\n  flowscope profiles show work --json", ValidArgsFunction: argument(c.theProfiles),
		RunE: func(cmd *cobra.Command, args []string) error {
			app, name, p, err := c.one(cmd, args)
			if err != nil {
				return err
			}
			d := c.profileDoc(app, name, p)
			if c.json {
				return c.printJSON(struct {
					Schema  int        `json:"schema"`
					Profile profileDoc `json:"profile"`
				}{1, d})
			}
			c.showProfile(d, p)
			return nil
		},
	}
	jsonFlag(cmd, c)
	return cmd
}

// one finds the profile that an argument names.
func (c *call) one(cmd *cobra.Command, args []string) (*App, string, profile.Profile, error) {
	if len(args) == 0 {
		return nil, "", profile.Profile{}, usage(cmd, "say which profile")
	}
	app, config, err := c.saved()
	if err != nil {
		return nil, "", profile.Profile{}, err
	}
	p, err := config.Find(args[0])
	if err != nil {
		return nil, "", p, usage(cmd, "%v", err)
	}
	return app, args[0], p, nil
}

func (c *call) showProfile(d profileDoc, saved profile.Profile) {
	p := newPage(c)
	p.head(c.clean(d.Name), "live")
	row := func(label, value string) {
		if value != "" {
			p.labelled(2, label, 14, p.st.Text, c.clean(value))
		}
	}
	row("authority", d.Authority)
	for _, key := range profile.Keys() {
		if key != "cloud" && key != "tenant" && key != "issuer" {
			row(key, saved.Get(key))
		}
	}
	row("flows", strings.Join(d.Flows, ", "))
	for _, place := range d.Credentials {
		row(place.Kind, place.Where)
	}
	if d.Ready {
		p.signed(2, p.g.Pass, p.st.Pass, p.st.Text, "everything that it names is there")
	} else {
		p.signed(2, p.g.Fail, p.st.Fail, p.st.Text, c.clean(d.Problem))
	}
	p.flush()
}

// flagOf is the flag for a key: tenant_id becomes tenant-id.
func flagOf(key string) string { return strings.ReplaceAll(key, "_", "-") }

// keyWords say what each key is for.
var keyWords = map[string]string{
	"cloud": "`CLOUD` of Entra: public, us-gov or china", "tenant": "`TENANT`: its GUID or domain, or common, organizations, consumers",
	"issuer": "`URL` of an OpenID Connect issuer, in place of cloud and tenant", "client_id": "`ID` of the application",
	"client_type": "`TYPE` of the application: web, spa, native, daemon or api", "redirect_uri": "`URI` that a sign-in comes back to",
	"logout_uri": "`URI` that a sign-out comes back to", "scopes": "`SCOPES` to ask for, separated by spaces", "call": "`URL` of the API that its tokens are for",
	"secret_env": "environment `VARIABLE` with the client secret", "secret_file": "`FILE` with the client secret", "secret_prompt": "`yes`: ask for the client secret",
	"certificate_file": "`FILE` with certificate and private key, PEM or PFX", "certificate_password_env": "environment `VARIABLE` with the PFX's password",
	"certificate_password_file": "`FILE` with the PFX's password", "certificate_password_prompt": "`yes`: ask for the PFX's password",
	"assertion_file": "`FILE` with an assertion of another issuer (federated credential)", "assertion_env": "environment `VARIABLE` with such an assertion",
	"downstream": "of an api: `SCOPES` that it asks for on behalf of the user", "downstream_call": "of an api: `URL` of the API behind it",
	"ca_file": "`FILE` with a CA certificate that is trusted for this target too", "resources": "APIs whose tokens are checked: `uri=…,audience=…,version=…`",
}

func profilesAdd(c *call) *cobra.Command {
	values := map[string]*string{}
	replace := false
	cmd := &cobra.Command{
		Use: "add NAME", Short: "Save a target", Args: atMost(1),
		Long:    "Saves a target in the configuration file. No flag takes a secret: they say where\none is. With --replace the flags change a profile that is there; an empty value\ntakes a key away.",
		Example: profilesAddExample,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage(cmd, "say how the profile is called")
			}
			app, config, err := c.saved()
			if err != nil {
				return err
			}
			p, there := config.Profiles[args[0]]
			switch {
			case there && !replace:
				return usage(cmd, "there is a profile %q already; --replace changes it", short(args[0]))
			case !there && replace:
				return usage(cmd, "--replace: there is no profile %q", short(args[0]))
			}
			for _, key := range profile.Keys() {
				if cmd.Flags().Changed(flagOf(key)) {
					if err := p.Set(key, *values[key]); err != nil {
						return usage(cmd, "--%s: %v", flagOf(key), err)
					}
				}
			}
			return c.saveProfile(cmd, app, args[0], there, p)
		},
	}
	cmd.Flags().SortFlags = false
	for _, key := range profile.Keys() {
		values[key] = cmd.Flags().String(flagOf(key), "", keyWords[key])
	}
	cmd.Flags().BoolVar(&replace, "replace", false, "change the profile of this name")
	completeAdd(cmd, c)
	return cmd
}

func (c *call) saveProfile(cmd *cobra.Command, app *App, name string, there bool, p profile.Profile) error {
	if err := profile.CheckName(name); err != nil {
		return usage(cmd, "%v", err)
	}
	if problems := p.Check(); len(problems) > 0 {
		first := problems[0]
		return usage(cmd, "--%s: %s", flagOf(first.Key), first.Text)
	}
	was := ""
	if there {
		was = name
	}
	if err := app.Profiles.Save(was, name, p); err != nil {
		return err
	}
	c.say("written to " + app.Profiles.Path())
	if err := app.Profiles.Ready(name, p); err != nil {
		c.say("it can't be run yet: " + err.Error())
	}
	return nil
}

func profilesRemove(c *call) *cobra.Command {
	return &cobra.Command{
		Use: "remove NAME", Short: "Take a saved target out of the file", Args: atMost(1),
		Example: "  flowscope profiles remove work", ValidArgsFunction: argument(c.theProfiles),
		RunE: func(cmd *cobra.Command, args []string) error {
			app, name, _, err := c.one(cmd, args)
			if err != nil {
				return err
			}
			if err := app.Profiles.Remove(name); err != nil {
				return err
			}
			c.say("removed from " + app.Profiles.Path())
			return nil
		},
	}
}

func profilesTry(c *call) *cobra.Command {
	yes := false
	cmd := &cobra.Command{
		Use: "try NAME", Short: "Fetch a target's discovery document and say what it offers", Args: atMost(1),
		Example: "  flowscope profiles try work\n  flowscope profiles try work --yes --json", ValidArgsFunction: argument(c.theProfiles),
		Long: "Shows the one request that it sends, asks, sends it and says what the target\noffers. No credential, no code and no client id is in it. Without a terminal it\nis sent with --yes only.",
		RunE: func(cmd *cobra.Command, args []string) error {
			app, name, saved, err := c.one(cmd, args)
			if err != nil {
				return err
			}
			defer c.closeAsker()
			app.Ask = c.askSecret(cmd.Context())
			target, err := app.Profile(name)
			if err != nil {
				target, err = c.withoutCredential(app, name, saved, err)
			}
			if err != nil {
				return err
			}
			return c.tryTarget(cmd, app, target, yes)
		},
	}
	jsonFlag(cmd, c)
	cmd.Flags().BoolVar(&yes, "yes", false, "send it without asking")
	return cmd
}

// withoutCredential makes the target of a profile whose credential is not there:
// its discovery document needs none.
func (c *call) withoutCredential(app *App, name string, p profile.Profile, problem error) (engine.Target, error) {
	target, err := app.Profiles.Target(name, p.Bare(), nil)
	if err == nil {
		c.say("without its credential: " + problem.Error())
	}
	return target, err
}

type triedDoc struct {
	Schema   int          `json:"schema"`
	Name     string       `json:"name"`
	URL      string       `json:"url"`
	Works    bool         `json:"works"`
	Found    []foundDoc   `json:"found"`
	Findings []runFinding `json:"findings"`
}

type foundDoc struct {
	Good bool   `json:"good"`
	Text string `json:"text"`
}

func (c *call) tryTarget(cmd *cobra.Command, app *App, target engine.Target, yes bool) error {
	r := probe.Request(target)
	c.say(r.Method + " " + r.URL)
	switch {
	case yes:
	case !c.interactive():
		return usage(cmd, "nothing was sent: there is no terminal to ask on; --yes sends it")
	case !c.agree(cmd.Context(), "enter sends it, anything else does not: "):
		c.say("nothing was sent")
		return status(exitInterrupted)
	}
	res, err := probe.Try(cmd.Context(), target, app.Now)
	if err != nil {
		return err
	}
	findings := explain.Diagnose(res.Trace, nil)
	if c.json {
		d := triedDoc{Schema: 1, Name: target.Name, URL: r.URL, Works: res.Good(), Found: []foundDoc{}, Findings: []runFinding{}}
		for _, f := range findings {
			d.Findings = append(d.Findings, findingOf(f))
		}
		for _, l := range res.Lines {
			d.Found = append(d.Found, foundDoc(l))
		}
		if err := c.printJSON(d); err != nil {
			return err
		}
		return c.triedStatus(res)
	}
	p := newPage(c)
	for _, l := range res.Lines {
		sign, style := p.g.Pass, p.st.Pass
		if !l.Good {
			sign, style = p.g.NotRun, p.st.Muted
		}
		p.signed(0, sign, style, p.st.Text, c.clean(l.Text))
	}
	for _, f := range findings {
		p.finding(f)
	}
	p.flush()
	return c.triedStatus(res)
}

func (c *call) triedStatus(r probe.Result) error {
	if r.Good() {
		return nil
	}
	return status(exitError)
}

// agree asks on the terminal; an empty line agrees.
func (c *call) agree(ctx context.Context, question string) bool {
	line, ok := c.asker().line(ctx, question)
	return ok && line == ""
}
