package msal

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
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

// attempt is one sign-in with the values that only it knows.
type attempt struct {
	client                 engine.Client
	scopes                 []string // resource scopes
	redirectURI            string
	issuer                 string // of the metadata; empty: not known
	state, nonce, verifier string
	code                   string
	address                string // the authorization request
	expect                 string // an error that is the aim of the trip: "login_required"; empty: a code is
}

func (d Driver) runCode(ctx context.Context, s *engine.Session) error {
	h, err := newHop(s, s.Job())
	if err != nil {
		return err
	}
	return h.signIn(ctx)
}

func newAttempt(ctx context.Context, s *engine.Session, job engine.Job) (*attempt, error) {
	a := &attempt{client: job.Client, scopes: job.Scopes, redirectURI: job.Client.RedirectURI}
	for _, p := range []*string{&a.state, &a.nonce, &a.verifier} {
		v, err := s.Random(32)
		if err != nil {
			return nil, err
		}
		*p = v
	}
	if job.Browser && job.Client.Platform == "publicClient" {
		return a, a.takePort(ctx)
	}
	return a, nil
}

// takePort gives a native app's redirect URI a port that is free now: the port
// of a loopback redirect is not compared (RFC 8252 section 7.3).
func (a *attempt) takePort(ctx context.Context) error {
	u, err := url.Parse(a.redirectURI)
	if err != nil {
		return fmt.Errorf("redirect URI: %w", err)
	}
	if u.Port() != "" || u.Scheme != "http" {
		return nil
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("no free port: %w", err)
	}
	defer func() { _ = ln.Close() }()
	_, port, err := net.SplitHostPort(ln.Addr().String())
	if err != nil {
		return err
	}
	u.Host = net.JoinHostPort(u.Hostname(), port)
	a.redirectURI = u.String()
	return nil
}

// authorizeURL adds to MSAL's URL what MSAL leaves out: state, nonce, the S256
// challenge (RFC 7636 section 4.2), the OpenID scopes and the response mode.
func (a *attempt) authorizeURL(base string, job engine.Job) (string, error) {
	u, err := url.Parse(base)
	if err != nil {
		return "", fmt.Errorf("MSAL's authorize address: %w", err)
	}
	scopes := strings.Join(append(append([]string{}, oidcScopes...), a.scopes...), " ")
	sum := sha256.Sum256([]byte(a.verifier))
	params := []trace.Param{
		{Name: "client_id", Value: a.client.Registration.ClientID},
		{Name: "response_type", Value: "code"},
		{Name: "redirect_uri", Value: a.redirectURI},
		{Name: "response_mode", Value: "query"},
		{Name: "scope", Value: scopes},
		{Name: "state", Value: a.state},
		{Name: "nonce", Value: a.nonce},
		{Name: "code_challenge", Value: base64.RawURLEncoding.EncodeToString(sum[:])},
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
	leg := engine.Leg{AuthorizeURL: a.address, RedirectURI: a.redirectURI}
	leg.Receive = func(r trace.Request) trace.Response {
		judged = a.judge(s.Step(), r)
		var oauth *engine.OAuthError
		if a.expect != "" && errors.As(judged, &oauth) && oauth.Code == a.expect {
			judged = nil
		}
		return loopback.Page(judged)
	}
	if err := s.Agent().Authorize(ctx, s, leg); err != nil {
		return err
	}
	return judged
}

// judge checks the redirect before its code is used: the state first (RFC 6749
// section 10.12), then whether it brings an error or a code.
func (a *attempt) judge(step int, r trace.Request) error {
	if err := sameState(step, r, a.state, "the redirect does not carry the state that this sign-in sent, so somebody else may have begun it"); err != nil {
		return err
	}
	if err := checkResponseIssuer(step, a.issuer, r); err != nil {
		return err
	}
	if err := oauthError(r); err != nil {
		return err
	}
	code, ok := r.Get("code")
	if !ok || code == "" {
		return &engine.RefusedError{Refusal: trace.Refusal{
			Check: "code", Step: step, Expected: "a code", Found: "none",
			Why: "the redirect carries neither a code nor an error",
		}}
	}
	a.code = code
	return nil
}

// sameState compares the state of what came back with the one that was sent (RFC
// 6749 section 10.12).
func sameState(step int, r trace.Request, sent, why string) error {
	found, _ := r.Get("state")
	if subtle.ConstantTimeCompare([]byte(found), []byte(sent)) == 1 {
		return nil
	}
	return &engine.RefusedError{Refusal: trace.Refusal{Check: "state", Step: step, Expected: sent, Found: found, Why: why}}
}

// oauthError is the error that a redirect brings (RFC 6749 section 4.1.2.1).
func oauthError(r trace.Request) error {
	code, ok := r.Get("error")
	if !ok {
		return nil
	}
	description, _ := r.Get("error_description")
	return &engine.OAuthError{Code: trace.Plain(code), Description: trace.Plain(description)}
}

// checkNonce compares the ID token's nonce with the one that was sent (OpenID
// Connect Core 1.0 section 3.1.3.7, item 11). MSAL does not.
func (a *attempt) checkNonce(s *engine.Session) error {
	e, ok := s.Exchange(trace.TokenCall)
	if !ok || e.Response == nil {
		return nil
	}
	var body struct {
		IDToken string `json:"id_token"`
	}
	if err := json.Unmarshal(e.Response.Body, &body); err != nil || body.IDToken == "" {
		return nil
	}
	return a.sameNonce(s.Step(), body.IDToken)
}

// sameNonce compares the nonce of an ID token with the one that was sent.
func (a *attempt) sameNonce(step int, token string) error {
	found := claimOf(token, "nonce")
	if subtle.ConstantTimeCompare([]byte(found), []byte(a.nonce)) == 1 {
		return nil
	}
	return &engine.RefusedError{Refusal: trace.Refusal{
		Check: "nonce", Step: step, Expected: a.nonce, Found: found,
		Why: "the ID token was made for another sign-in: its nonce is not the one that this one sent",
	}}
}

// claimOf reads a claim of text of a token without trusting anything in it.
func claimOf(token, name string) string {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return ""
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return ""
	}
	var claims map[string]json.RawMessage
	var value string
	if json.Unmarshal(raw, &claims) != nil || json.Unmarshal(claims[name], &value) != nil {
		return ""
	}
	return value
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
	opts := []public.AcquireByAuthCodeOption{public.WithChallenge(a.verifier)}
	if job.Claims != "" {
		opts = append(opts, public.WithClaims(job.Claims))
	}
	r, err := p.c.AcquireTokenByAuthCode(ctx, a.code, a.redirectURI, job.Scopes, opts...)
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
	opts := []confidential.AcquireByAuthCodeOption{confidential.WithChallenge(a.verifier)}
	if job.Claims != "" {
		opts = append(opts, confidential.WithClaims(job.Claims))
	}
	r, err := p.c.AcquireTokenByAuthCode(ctx, a.code, a.redirectURI, job.Scopes, opts...)
	return exhibit{"AcquireTokenByAuthCode", r.GrantedScopes, r.Account.PreferredUsername}, err
}

func (p confidentialClient) silent(ctx context.Context, scopes []string, account public.Account) (exhibit, error) {
	r, err := p.c.AcquireTokenSilent(ctx, scopes, confidential.WithSilentAccount(account))
	return exhibit{"AcquireTokenSilent", r.GrantedScopes, r.Account.PreferredUsername}, err
}
