package command

import (
	"encoding/json"
	"errors"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/explain"
	"flowscope/engine/fault"
	"flowscope/engine/scenario"
	"flowscope/engine/trace"
)

// order is everything that one flowscope run is asked to do.
type order struct {
	job   engine.Job
	fault *fault.Fault // nil: nothing is broken
	calls []string     // APIs that are called once the run has ended
	files []exportFile
	flags *runFlags
}

// runNamed runs the flow or the scenario of this name.
func (c *call) runNamed(cmd *cobra.Command, app *App, name string, o *runFlags) error {
	if err := c.runFlagsFit(cmd, o); err != nil {
		return err
	}
	c.noQR, c.yes, app.Ask = o.noQR, o.yes, c.askSecret(cmd.Context())
	defer c.closeAsker()
	flow, err := decision.ParseFlow(name)
	if err != nil || flow == decision.None {
		if s, ok := scenario.Find(name); ok {
			return c.runScenario(cmd, app, s, o)
		}
		return usage(cmd, "unknown flow %q%s; the flows are %s; flowscope scenarios lists the scenarios", short(name), meant(name, append(scenarioNames(), allFlows()...)), strings.Join(allFlows(), ", "))
	}
	ord, err := c.order(cmd, app, flow, o)
	if err != nil {
		return err
	}
	if err := c.conditions(cmd, app, ord.job, o); err != nil {
		return err
	}
	if o.compare {
		return c.compare(cmd, app, ord)
	}
	return c.run(cmd.Context(), app, ord)
}

// runFlagsFit checks what can be said of the flags without a target.
func (c *call) runFlagsFit(cmd *cobra.Command, o *runFlags) error {
	for _, flag := range []string{"as", "user", "fault", "profile", "issuer", "client-id", "tenant", "credential", "driver", "prompt", "claims", "given", "har"} {
		if f := cmd.Flags().Lookup(flag); f.Changed && f.Value.String() == "" {
			return usage(cmd, "--%s is empty", flag)
		}
	}
	for _, test := range []struct {
		flag, value string
		allowed     []string
	}{
		{"credential", o.credential, []string{"secret", "certificate", "federated"}},
		{"driver", o.driver, []string{"msal", "oidc"}},
		{"prompt", o.prompt, []string{"none", "login", "consent", "select_account", "create"}},
	} {
		if err := oneOf(cmd, test.flag, test.value, test.allowed...); err != nil {
			return err
		}
	}
	for _, pair := range []struct {
		both bool
		a, b string
	}{
		{o.noCall && len(o.calls) > 0, "call", "no-call"}, {o.profile != "" && o.issuer != "", "profile", "issuer"},
		{o.browser && o.paste, "browser", "paste"}, {o.decline && o.abandon, "decline", "abandon"},
		{o.compare && o.step, "compare", "step"}, {o.noCall && o.answerChallenge, "no-call", "answer-challenge"},
		{o.compare && o.answerChallenge, "compare", "answer-challenge"},
	} {
		if pair.both {
			return usage(cmd, "--%s and --%s contradict each other", pair.a, pair.b)
		}
	}
	switch {
	case o.compare && o.fault == "":
		return usage(cmd, "--compare sets a broken run beside a clean one: it needs --fault")
	case o.holdAnswers && !o.step:
		return usage(cmd, "--hold-answers belongs to --step")
	case o.step && !c.interactive():
		return usage(cmd, "--step asks on the terminal, and there is none")
	case o.clientID != "" && o.issuer == "":
		return usage(cmd, "--client-id belongs to --issuer; a profile and the lab know theirs")
	case o.claims != "":
		var claims map[string]any
		if json.Unmarshal([]byte(o.claims), &claims) != nil {
			return usage(cmd, "--claims is no JSON object (OpenID Connect Core 1.0 section 5.5)")
		}
	}
	return nil
}

// interactive reports whether somebody can be asked: what is asked goes to
// standard error.
func (c *call) interactive() bool {
	return c.d.Terminal || isTerminal(c.d.In) && isTerminal(c.d.Err)
}

// order makes what the flags ask for. A flow that nothing runs here is an error;
// all others are usage errors.
func (c *call) order(cmd *cobra.Command, app *App, flow decision.Flow, o *runFlags) (order, error) {
	given, err := c.given(cmd, flow, o)
	if err != nil {
		return order{flags: o}, err
	}
	return c.orderWith(cmd, app, flow, o, given)
}

// orderWith is order with the token that the flow begins with, empty for none.
func (c *call) orderWith(cmd *cobra.Command, app *App, flow decision.Flow, o *runFlags, given string) (order, error) {
	ord := order{flags: o}
	target, key, err := c.target(cmd, app, o)
	if err != nil {
		return ord, err
	}
	if o.driver != "" {
		target.Driver = o.driver
	}
	if err := app.Runner.Can(&target, flow); err != nil {
		return ord, err
	}
	if ord.job, err = target.Job(flow, key); err != nil {
		return ord, usage(cmd, "%v", err)
	}
	ord.job.Driver = o.driver
	for _, set := range []func(*cobra.Command, *engine.Job, *App) error{o.setPerson, o.setScopes, o.setRequest} {
		if err := set(cmd, &ord.job, app); err != nil {
			return ord, err
		}
	}
	if err := c.setCalls(cmd, &ord, o); err != nil {
		return ord, err
	}
	if ord.files, err = c.exportFiles(cmd, o); err != nil {
		return ord, err
	}
	ord.job.Step, ord.job.Answers, ord.job.Given = o.step, o.holdAnswers, given
	if o.fault == "" {
		return ord, nil
	}
	f, err := fault.Find(o.fault, ord.job)
	if err != nil {
		return ord, usage(cmd, "--fault: %s", unknownFault(o.fault, ord.job))
	}
	ord.job, ord.fault = f.Apply(ord.job), &f
	return ord, nil
}

// maxMeant bounds how many names are offered for a misspelt one.
const maxMeant = 4

// meant offers the names that a misspelt one may stand for, as the end of a
// sentence; nothing where it is like none.
func meant(name string, candidates []string) string {
	near := explain.Nearest(trace.Plain(name), candidates, maxMeant)
	if len(near) == 0 {
		return ""
	}
	return " (did you mean " + strings.Join(near, ", ") + "?)"
}

// allFlows are the names of all flows.
func allFlows() []string {
	var names []string
	for _, f := range decision.Flows() {
		names = append(names, string(f))
	}
	return names
}

// scenarioNames are the names of all scenarios.
func scenarioNames() []string {
	var names []string
	for _, s := range scenario.All() {
		names = append(names, s.ID)
	}
	return names
}

// unknownFault says that a fault does not exist, or does not fit, and which may
// have been meant.
func unknownFault(id string, job engine.Job) string {
	var fit []string
	for _, f := range fault.For(job) {
		fit = append(fit, f.ID)
	}
	words := "there is no fault " + strconv.Quote(short(id))
	if slices.Contains(fault.IDs(), id) {
		words = "the fault " + id + " is not for this flow and client, " + job.Flow.Title() + " as " + job.Client.Key
	}
	return words + meant(id, fit) + "; flowscope faults " + string(job.Flow) + " lists those of this flow"
}

// target is the lab or another tenant of it, the tenant of a profile with its
// one client, or an OpenID Connect issuer.
func (c *call) target(cmd *cobra.Command, app *App, o *runFlags) (engine.Target, string, error) {
	var t engine.Target
	var err error
	switch {
	case o.profile != "":
		t, err = app.Profile(o.profile)
	case o.issuer != "":
		t, err = c.issuer(cmd, app, o)
	case o.tenant != "":
		t, err = tenantOf(cmd, app.Target, o.tenant)
		return t, o.as, err
	default:
		return app.Target, o.as, nil
	}
	if err != nil {
		return t, "", err
	}
	if o.tenant != "" {
		return t, "", usage(cmd, "--tenant chooses among the lab's; a live target has its own")
	}
	if o.as == "" && len(t.Clients) == 1 {
		return t, t.Clients[0].Key, nil
	}
	return t, o.as, nil
}

// tenantOf finds a tenant of the lab by its GUID, its domain or the first word
// of that.
func tenantOf(cmd *cobra.Command, lab engine.Target, name string) (engine.Target, error) {
	var names []string
	for _, t := range append([]engine.Target{lab}, lab.Elsewhere...) {
		_, title, _ := strings.Cut(t.Title, "· ")
		word, _, _ := strings.Cut(name, ".")
		if strings.EqualFold(name, t.TenantID) || strings.EqualFold(word, title) {
			return t, nil
		}
		names = append(names, title)
	}
	return engine.Target{}, usage(cmd, "--tenant: the lab has no tenant %q; it has %s", short(name), strings.Join(names, ", "))
}

// setPerson says who signs in, and how.
func (o *runFlags) setPerson(cmd *cobra.Command, job *engine.Job, app *App) error {
	if nobody(*job) && (o.user != "" || o.browser || o.paste || o.decline || o.abandon) {
		return usage(cmd, "nobody signs in with %s: --user, --browser, --paste, --decline and --abandon have no meaning there", job.Flow.Title())
	}
	if o.browser && app.Runner.Browser == nil {
		return errors.New("there is no browser to open here")
	}
	job.Paste, job.Decline, job.Abandon = o.paste, o.decline, o.abandon
	job.Browser = !o.paste && (o.browser || job.Target.Live && !nobody(*job)) // real pages need a real browser
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

// nobody reports whether a flow has no person in it.
func nobody(job engine.Job) bool {
	return job.Flow == decision.ClientCredentials || job.Flow == decision.ManagedIdentity
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
func (o *runFlags) setScopes(cmd *cobra.Command, job *engine.Job, _ *App) error {
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
	if !o.noCall && len(o.calls) == 0 && !sameResource(job, scopes) {
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

// setRequest says what the requests of the flow carry beside the scopes.
func (o *runFlags) setRequest(cmd *cobra.Command, job *engine.Job, _ *App) error {
	job.Prompt, job.Claims, job.V1 = o.prompt, o.claims, o.v1
	if o.decline && job.Prompt == "" && asksByPrompt(job.Flow) {
		job.Prompt = "consent" // the page is shown even where consent was given before
	}
	if o.prompt != "" && !asksByPrompt(job.Flow) {
		return usage(cmd, "--prompt belongs to an authorization request, and %s has none of its own", job.Flow.Title())
	}
	if o.credential == "" {
		return nil
	}
	job.Credential = engine.CredentialKind(o.credential)
	kinds := job.Client.Credentials()
	if slices.Contains(kinds, job.Credential) {
		return nil
	}
	if len(kinds) == 0 {
		return usage(cmd, "--credential: %s has no credential: it is a public client", job.Client.Key)
	}
	var words []string
	for _, k := range kinds {
		words = append(words, string(k))
	}
	return usage(cmd, "--credential: %s has no %s; it has %s", job.Client.Key, o.credential, strings.Join(words, ", "))
}

// asksByPrompt reports whether a flow begins with an authorization request that
// takes a prompt (OpenID Connect Core 1.0 section 3.1.2.1).
func asksByPrompt(f decision.Flow) bool {
	switch f {
	case decision.AuthorizationCode, decision.Implicit, decision.Silent:
		return true
	}
	return false
}

// setCalls says where the access token goes. The first call is part of the plan;
// the others follow, each as one more exchange.
func (c *call) setCalls(cmd *cobra.Command, ord *order, o *runFlags) error {
	if o.noCall {
		ord.job.Call = ""
		return nil
	}
	for i, named := range o.calls {
		address := serviceAt(ord.job.Target, named)
		u, err := engine.CheckAddress(address)
		if err != nil { // what was typed is not repeated: a password may be in it
			return usage(cmd, "--call: %v%s", err, servicesOf(ord.job.Target))
		}
		if !slices.ContainsFunc(ord.job.Target.Hosts, func(h string) bool { return strings.EqualFold(h, u.Host) }) {
			if o.yes {
				ord.job.Confirmed = append(ord.job.Confirmed, u.Host)
			} else if c.interactive() { // asked once the token is there and its audience is known
				if i == 0 {
					ord.job.Call = ""
				}
				ord.calls = append(ord.calls, address)
				continue
			}
		}
		if i == 0 {
			ord.job.Call = address
			continue
		}
		ord.calls = append(ord.calls, address)
	}
	return nil
}

// serviceAt gives the address of a service that is named by its path, such as
// /orders/me, or by its name, such as userinfo; else what was given.
func serviceAt(t engine.Target, named string) string {
	for _, s := range t.Services {
		u, err := url.Parse(s.URL)
		if err == nil && (u.Path == "/"+strings.TrimPrefix(named, "/") || strings.EqualFold(s.Name, named) || strings.EqualFold(path.Base(u.Path), named)) {
			return s.URL
		}
	}
	if strings.HasPrefix(named, "/") && !strings.HasPrefix(named, "//") && !t.Live && len(t.Hosts) > 0 {
		return "https://" + t.Hosts[0] + named
	}
	return named
}

// servicesOf lists the services of a target, as the end of a sentence.
func servicesOf(t engine.Target) string {
	var list []string
	for _, s := range t.Services {
		list = append(list, s.URL+" ("+s.Name+")")
	}
	if len(list) == 0 {
		return ""
	}
	return "; there are " + strings.Join(list, ", ")
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

// conditions switches those of the flags on: the lab's alone.
func (c *call) conditions(cmd *cobra.Command, app *App, job engine.Job, o *runFlags) error {
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

// hostOf is the host of an address, with its port when it has one.
func hostOf(address string) string {
	e := trace.Exchange{Request: trace.Request{URL: address}}
	return e.Host()
}
