package msal

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"

	"flowscope/engine"
	"flowscope/engine/loopback"
	"flowscope/engine/trace"
)

// codeClient is what the authorization code flow needs of MSAL's two client
// types.
type codeClient interface {
	url(ctx context.Context, redirectURI string, scopes []string) (string, error)
	redeem(ctx context.Context, a *attempt, job engine.Job) (exhibit, error)
	silent(ctx context.Context, scopes []string, account public.Account) (exhibit, error)
}

// attempt is one sign-in through the front channel, with what MSAL does not know
// of it.
type attempt struct {
	*engine.Attempt
	client  engine.Client
	scopes  []string // resource scopes
	address string   // the authorization request
}

func (d Driver) runCode(ctx context.Context, s *engine.Session) error {
	h, err := newHop(s, s.Job())
	if err != nil {
		return err
	}
	return h.signIn(ctx)
}

func newAttempt(ctx context.Context, s *engine.Session, job engine.Job) (*attempt, error) {
	a, err := engine.NewAttempt(ctx, s, job.Client)
	return &attempt{Attempt: a, client: job.Client, scopes: job.Scopes}, err
}

// authorizeURL adds to MSAL's URL what MSAL leaves out: state, nonce, the S256
// challenge (RFC 7636 section 4.2), the OpenID scopes and the response mode.
func (a *attempt) authorizeURL(base string, job engine.Job) (string, error) {
	u, err := url.Parse(base)
	if err != nil {
		return "", fmt.Errorf("MSAL's authorize address: %w", err)
	}
	scopes := strings.Join(append(append([]string{}, oidcScopes...), a.scopes...), " ")
	params := []trace.Param{
		{Name: "client_id", Value: a.client.Registration.ClientID},
		{Name: "response_type", Value: "code"},
		{Name: "redirect_uri", Value: a.RedirectURI},
		{Name: "response_mode", Value: "query"},
		{Name: "scope", Value: scopes},
		{Name: "state", Value: a.State},
		{Name: "nonce", Value: a.Nonce},
		{Name: "code_challenge", Value: a.Challenge()},
		{Name: "code_challenge_method", Value: "S256"},
	}
	if job.Prompt != "" {
		params = append(params, trace.Param{Name: "prompt", Value: job.Prompt})
	}
	if job.User != "" {
		params = append(params, trace.Param{Name: "login_hint", Value: job.User})
	}
	if job.Claims != "" {
		params = append(params, trace.Param{Name: "claims", Value: job.Claims})
	}
	u.RawQuery = trace.EncodePairs(params)
	return u.String(), nil
}

// signIn carries the front channel and checks what comes back.
func (a *attempt) signIn(ctx context.Context, s *engine.Session) error {
	var judged error
	leg := engine.Leg{AuthorizeURL: a.address, RedirectURI: a.RedirectURI}
	leg.Receive = func(r trace.Request) trace.Response {
		judged = a.Judge(s.Step(), r)
		return loopback.Page(judged)
	}
	if err := s.Agent().Authorize(ctx, s, leg); err != nil {
		return err
	}
	return judged
}

// newCodeClient makes the MSAL client of a sign-in: confidential where the
// client proves itself, public where it has nothing to do so with.
func newCodeClient(job engine.Job, http *doer) (codeClient, error) {
	c, kind := job.Client, job.CredentialKind()
	if kind == engine.NoCredential {
		p, err := public.New(c.Registration.ClientID, public.WithAuthority(job.Target.Authority),
			public.WithHTTPClient(http), public.WithInstanceDiscovery(false), public.WithCache(http.cache))
		return publicClient{p, c.Registration.ClientID}, err
	}
	p, err := newConfidential(job, c, kind, http, confidential.WithCache(http.cache))
	return confidentialClient{p, c.Registration.ClientID}, err
}

type publicClient struct {
	c  public.Client
	id string
}

func (p publicClient) url(ctx context.Context, redirectURI string, scopes []string) (string, error) {
	return p.c.AuthCodeURL(ctx, p.id, redirectURI, scopes)
}

func (p publicClient) redeem(ctx context.Context, a *attempt, job engine.Job) (exhibit, error) {
	opts := []public.AcquireByAuthCodeOption{public.WithChallenge(a.Verifier)}
	if job.Claims != "" {
		opts = append(opts, public.WithClaims(job.Claims))
	}
	r, err := p.c.AcquireTokenByAuthCode(ctx, a.Code, a.RedirectURI, job.Scopes, opts...)
	return exhibit{"AcquireTokenByAuthCode", r.GrantedScopes, r.Account.PreferredUsername}, err
}

func (p publicClient) silent(ctx context.Context, scopes []string, account public.Account) (exhibit, error) {
	r, err := p.c.AcquireTokenSilent(ctx, scopes, public.WithSilentAccount(account))
	return exhibit{"AcquireTokenSilent", r.GrantedScopes, r.Account.PreferredUsername}, err
}

type confidentialClient struct {
	c  confidential.Client
	id string
}

func (p confidentialClient) url(ctx context.Context, redirectURI string, scopes []string) (string, error) {
	return p.c.AuthCodeURL(ctx, p.id, redirectURI, scopes)
}

func (p confidentialClient) redeem(ctx context.Context, a *attempt, job engine.Job) (exhibit, error) {
	opts := []confidential.AcquireByAuthCodeOption{confidential.WithChallenge(a.Verifier)}
	if job.Claims != "" {
		opts = append(opts, confidential.WithClaims(job.Claims))
	}
	r, err := p.c.AcquireTokenByAuthCode(ctx, a.Code, a.RedirectURI, job.Scopes, opts...)
	return exhibit{"AcquireTokenByAuthCode", r.GrantedScopes, r.Account.PreferredUsername}, err
}

func (p confidentialClient) silent(ctx context.Context, scopes []string, account public.Account) (exhibit, error) {
	r, err := p.c.AcquireTokenSilent(ctx, scopes, confidential.WithSilentAccount(account))
	return exhibit{"AcquireTokenSilent", r.GrantedScopes, r.Account.PreferredUsername}, err
}
