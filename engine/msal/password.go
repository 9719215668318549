package msal

import (
	"context"
	"errors"
	"slices"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"

	"flowscope/engine"
	"flowscope/engine/trace"
)

// planPassword is resource owner password credentials (RFC 6749 section 4.3),
// shown as a warning: RFC 9700 section 2.4 forbids it.
func planPassword(job engine.Job) (engine.Plan, error) {
	if !job.Client.Registration.Public && job.Client.Registration.Known {
		return engine.Plan{}, errPasswordPublic
	}
	if _, err := whose(job); err != nil {
		return engine.Plan{}, err
	}
	p := engine.Plan{
		Flow: job.Flow, Client: job.Client, Title: title(job, engine.NoCredential) + " · a warning",
		Scopes: append(slices.Clone(oidcScopes), job.Scopes...),
	}
	p.Steps = append([]engine.Step{
		metadataStep("The application learns where tokens are handed out and who signs them."),
		{
			Title: "Ask who manages the user name", Label: "user name", From: trace.App, To: trace.Entra, Channel: trace.Back, Purpose: trace.UserRealm,
			Why:    "MSAL asks whether the domain is Entra ID's own or another service's, where the password would have to go instead.",
			Guards: "Nobody has proved anything yet: the answer depends on the domain alone.",
		},
		{
			Title: "Send name and password", Label: "user name + password", From: trace.App, To: trace.Entra, Channel: trace.Back, Purpose: trace.TokenCall,
			Why: "The program has the person's password and hands it on. Don't: it trains people to type it anywhere, a second factor can't be asked for, " +
				"and a program that may read one mailbox now holds the key to all the person has.",
			Guards: "Nothing. RFC 9700 forbids the grant, MSAL marks it as deprecated, MFA and most policies end it (AADSTS50076, AADSTS53003). Use authorization code + PKCE, or device code where there is no browser.",
		},
		{
			Title: "Receive the tokens", Label: "tokens", From: trace.Entra, To: trace.App, Channel: trace.Back, Purpose: trace.Answer,
			Why:    "The tokens look like those of a real sign-in: no API can tell that no person was there.",
			Guards: "The password stays good when the tokens have ended, and whoever has it needs no token at all.",
		},
	}, tail(job)...)
	engine.Number(p.Steps)
	return p, nil
}

// Errors of a job that sends a password.
var (
	errPasswordPublic = errors.New("the password grant is shown with a public client, and this one is confidential: choose a command line or a native app")
	errNoPassword     = errors.New("no password is known for the account that is to sign in: this grant is run with the lab's people alone")
)

// whose gives the person whose password is sent.
func whose(job engine.Job) (engine.Account, error) {
	who, ok := job.Target.Account(job.User)
	if job.User == "" && len(job.Target.Accounts) > 0 {
		who, ok = job.Target.Accounts[0], true
	}
	if !ok || who.Password == "" {
		return who, errNoPassword
	}
	return who, nil
}

func (d Driver) runPassword(ctx context.Context, s *engine.Session) error {
	job := s.Job()
	who, err := whose(job)
	if err != nil {
		return err
	}
	client, err := public.New(job.Client.Registration.ClientID, public.WithAuthority(job.Target.Authority),
		public.WithHTTPClient(&doer{s: s}), public.WithInstanceDiscovery(false))
	if err != nil {
		return err
	}
	s.Enter(trace.Metadata)
	//lint:ignore SA1019 that MSAL advises against it is what this flow shows
	r, err := client.AcquireTokenByUsernamePassword(ctx, job.Scopes, who.Username, who.Password, public.WithClaims(job.Claims))
	if _, sent := s.Exchange(trace.TokenCall); !sent && err != nil {
		return startError(s, err)
	}
	want := ask{purpose: trace.TokenCall, client: job.Client, scopes: job.Scopes, caller: "user"}
	_, err = collect(s, want, exhibit{"AcquireTokenByUsernamePassword", r.GrantedScopes, r.Account.PreferredUsername}, err)
	return err
}
