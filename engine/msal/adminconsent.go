package msal

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"flowscope/engine"
	"flowscope/engine/loopback"
	"flowscope/engine/trace"
)

// unattended reports whether what is granted is for the application itself: it
// asks for all of an API by .default and can prove itself.
func unattended(job engine.Job) bool {
	for _, s := range job.Scopes {
		if !strings.HasSuffix(s, "/.default") {
			return false
		}
	}
	return len(job.Scopes) > 0 && len(job.Client.Credentials()) > 0
}

// planAdminConsent is Entra's endpoint for an administrator's consent, and then
// the tokens that it makes possible: a person's, or the application's own.
func planAdminConsent(job engine.Job) (engine.Plan, error) {
	if job.Client.RedirectURI == "" {
		return engine.Plan{}, errNoRedirect
	}
	plan := planCode
	if unattended(job) {
		plan = planCredentials
	}
	p, err := plan(job)
	if err != nil {
		return p, err
	}
	for i, st := range p.Steps {
		p.Steps[i].Fault = "" // a fault would change the administrator's part first
		if st.Purpose == trace.SignIn {
			p.Steps[i].Title, p.Steps[i].Label = "Somebody else signs in, with no consent page", "sign in"
			p.Steps[i].Why = "Another person, at another browser. Nothing is asked of them: the administrator has answered for everyone in the tenant."
		}
	}
	p.Steps = append(grantSteps(job), p.Steps...)
	number(p.Steps)
	return p, nil
}

// grantSteps are the administrator's (Entra: admin consent endpoint).
func grantSteps(job engine.Job) []engine.Step {
	what := "what everybody may then do through this application"
	if unattended(job) {
		what = "what the application may then do by itself, with no person present"
	}
	return []engine.Step{
		{
			Title: "Ask an administrator", Label: "adminconsent", From: trace.App, To: trace.Entra, Channel: trace.Front, Purpose: trace.AdminConsent,
			Why:    "Not an authorization request: no code comes of it and no token. The page names the application and the permissions.",
			Guards: "The tenant stands in the address, so that an administrator of another one grants nothing here.",
		},
		{
			Title: "The administrator accepts", Label: "sign in, consent", From: trace.You, To: trace.Entra, Channel: trace.Front, Purpose: trace.SignIn,
			Why:    "Granted once, for the whole tenant: " + what + ".",
			Guards: "Only an administrator can: anybody else gets AADSTS90093.",
		},
		{
			Title: "Come back with the answer", Label: "admin_consent, tenant", From: trace.Entra, To: trace.App, Channel: trace.Front, Purpose: trace.Redirect,
			Why:    "admin_consent=True says that somebody answered, tenant says for which tenant. It is no proof of anything: tokens are.",
			Guards: "The state must be the one that was sent. A refusal comes back as error=access_denied.",
		},
	}
}

func (d Driver) runAdminConsent(ctx context.Context, s *engine.Session) error {
	if err := grant(ctx, s); err != nil {
		return err
	}
	if unattended(s.Job()) {
		return d.runCredentials(ctx, s)
	}
	job := s.Job()
	s.SignInAs(ordinary(job))
	job.User, job.Prompt = ordinary(job), ""
	if job.Browser || job.Paste {
		job.Prompt = "select_account" // the browser still has the administrator's session
	}
	h, err := newHop(s, job)
	if err != nil {
		return err
	}
	return h.signIn(ctx)
}

// grant takes an administrator through the consent.
func grant(ctx context.Context, s *engine.Session) error {
	job := s.Job()
	if admin, ok := job.Target.Administrator(); ok && job.User == "" {
		s.SignInAs(admin.Username)
	}
	a, err := newAttempt(ctx, s, job)
	if err != nil {
		return err
	}
	address, err := a.adminConsentURL(job)
	if err != nil {
		return err
	}
	var judged error
	leg := engine.Leg{AuthorizeURL: address, RedirectURI: a.RedirectURI, Purpose: trace.AdminConsent}
	leg.Receive = func(r trace.Request) trace.Response {
		judged = granted(s.Step(), r, a.State)
		return loopback.Page(judged)
	}
	if err := s.Agent().Authorize(ctx, s, leg); err != nil {
		return err
	}
	return judged
}

// adminConsentURL is the v2.0 endpoint; the discovery document does not name it.
func (a *attempt) adminConsentURL(job engine.Job) (string, error) {
	u, err := url.Parse(job.Target.Authority + "/v2.0/adminconsent")
	if err != nil {
		return "", err
	}
	u.RawQuery = trace.EncodePairs([]trace.Param{
		{Name: "client_id", Value: job.Client.Registration.ClientID},
		{Name: "redirect_uri", Value: a.RedirectURI},
		{Name: "scope", Value: strings.Join(grantScopes(job), " ")},
		{Name: "state", Value: a.State},
	})
	return u.String(), nil
}

// grantScopes are what is asked for: with a person's permissions those that every
// sign-in asks for as well, else the people would still be asked for them.
func grantScopes(job engine.Job) []string {
	if unattended(job) {
		return job.Scopes
	}
	return slices.Concat(oidcScopes, job.Scopes)
}

// granted judges what comes back: the state first, then an error, then whether
// it says that consent was given.
func granted(step int, r trace.Request, state string) error {
	if err := engine.SameState(step, r, state, "the redirect does not carry the state that this request sent, so nobody knows who answered what"); err != nil {
		return err
	}
	if err := engine.RedirectError(r); err != nil {
		return err
	}
	if yes, _ := r.Get("admin_consent"); !strings.EqualFold(yes, "true") {
		return &engine.RefusedError{Refusal: trace.Refusal{
			Check: "admin_consent", Step: step, Expected: "True", Found: yes,
			Why: "the redirect carries neither a consent nor an error",
		}}
	}
	return nil
}

// ordinary is a person who is no administrator, as far as the target tells.
func ordinary(job engine.Job) string {
	for _, a := range job.Target.Accounts {
		if !a.Admin && a.Username != job.User {
			return a.Username
		}
	}
	return ""
}
