package msal

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"

	"flowscope/engine"
	"flowscope/engine/trace"
)

// exhibit is what an MSAL call returned, as far as it is shown.
type exhibit struct {
	call    string
	scopes  []string
	account string
}

func (e exhibit) words() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s returned a token", e.call)
	if e.account != "" {
		fmt.Fprintf(&b, ", account %s", trace.Plain(e.account))
	}
	if len(e.scopes) > 0 {
		fmt.Fprintf(&b, ", granted %s", trace.Plain(strings.Join(e.scopes, " ")))
	}
	return b.String()
}

func (d Driver) runCredentials(ctx context.Context, s *engine.Session) error {
	job := s.Job()
	client, err := newConfidential(job, job.Client, job.CredentialKind(), &doer{s: s})
	if err != nil {
		return err
	}
	s.Enter(trace.Metadata)
	r, err := client.AcquireTokenByCredential(ctx, job.Scopes, confidential.WithClaims(job.Claims))
	if e, ok := s.Exchange(trace.Metadata); err != nil && ok && (e.Failed() || isPage(e)) {
		return answerError(s, trace.Metadata, err)
	}
	want := ask{purpose: trace.TokenCall, client: job.Client, scopes: job.Scopes, caller: "app"}
	return collect(s, want, exhibit{call: "AcquireTokenByCredential", scopes: r.GrantedScopes}, err)
}

// ask is what one token request is for: whose answer to look at, and what its
// tokens have to be.
type ask struct {
	purpose trace.Purpose
	client  engine.Client // who asks
	scopes  []string      // resource scopes
	caller  string        // whom the tokens are for: "user" or "app"
	nonce   string        // of the ID token; empty: none was sent
	stay    bool          // the answer has no step of its own
	issuer  string        // of the ID token; empty: that of v2.0
	own     bool          // no library has sent it
}

// tokenResponse is RFC 6749 section 5.1 with OpenID Connect's id_token.
type tokenResponse struct {
	TokenType    string `json:"token_type"`
	AccessToken  string `json:"access_token"`
	IDToken      string `json:"id_token"`
	RefreshToken string `json:"refresh_token"`
}

// collect takes the tokens from the captured answer. The answer counts, not
// MSAL's opinion of it: MSAL refuses a good answer when the granted scopes are
// not those it asked for, which an edit of the request brings about.
func collect(s *engine.Session, want ask, result exhibit, libErr error) error {
	lib := trace.Library{Name: Driver{}.Name()}
	if libErr != nil {
		libErr = withoutPage(s, want.purpose, libErr)
		lib.Error = libErr.Error()
	} else {
		lib.Result = result.words()
	}
	if !want.own {
		s.SetLibrary(lib)
	}
	e, ok := s.Exchange(want.purpose)
	if !ok || e.Response == nil || e.Response.Status != 200 {
		if libErr == nil {
			libErr = fmt.Errorf("the token endpoint gave no answer")
		}
		return answerError(s, want.purpose, libErr)
	}
	var body tokenResponse
	if err := json.Unmarshal(e.Response.Body, &body); err != nil || body.AccessToken == "" {
		return answerError(s, want.purpose, fmt.Errorf("the answer of the token endpoint holds no access token"))
	}
	if err := checkType(e, body.TokenType); err != nil {
		return err
	}
	if !want.stay {
		s.Enter(trace.Answer)
	}
	addTokens(s, e.N, want, body)
	return nil
}

func addTokens(s *engine.Session, exchange int, want ask, body tokenResponse) {
	known := tenantOf(s)
	var tenants []string
	if known.id != "" {
		tenants = []string{known.id}
	}
	s.AddToken(trace.Token{Kind: trace.AccessToken, Value: body.AccessToken, Exchange: exchange, Expect: expectAccess(s.Job(), known, want)})
	if body.IDToken != "" && want.caller == "user" {
		s.AddToken(trace.Token{Kind: trace.IDToken, Value: body.IDToken, Exchange: exchange, Expect: trace.Expect{
			Issuer: cmp.Or(want.issuer, known.issuer), Audiences: []string{want.client.Registration.ClientID},
			Tenants: tenants, Nonce: want.nonce, Caller: "user",
		}})
	}
	if body.RefreshToken != "" {
		s.AddToken(trace.Token{Kind: trace.RefreshToken, Value: body.RefreshToken, Exchange: exchange})
	}
}

// withoutPage takes the page out of MSAL's words: it repeats the whole body of
// an answer that is no JSON, such as the log-in page of a network.
func withoutPage(s *engine.Session, p trace.Purpose, libErr error) error {
	e, ok := s.Exchange(p)
	if !ok || !isPage(e) {
		return libErr
	}
	return fmt.Errorf("the %s was answered with a page in place of JSON: HTTP %d, Content-Type %q",
		p.Noun(), e.Response.Status, e.Response.Header.Get("Content-Type"))
}

func isPage(e trace.Exchange) bool {
	return e.Response != nil && bytes.HasPrefix(bytes.TrimSpace(e.Response.Body), []byte("<"))
}

// answerError prefers the error that the server's answer holds (RFC 6749
// section 5.2) to what MSAL made of it.
func answerError(s *engine.Session, p trace.Purpose, libErr error) error {
	var refused *engine.RefusedError
	e, ok := s.Exchange(p)
	if !ok || e.Response == nil || len(e.Response.Body) == 0 || errors.As(libErr, &refused) {
		return libErr
	}
	libErr = withoutPage(s, p, libErr)
	var body struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if json.Unmarshal(e.Response.Body, &body) != nil || body.Error == "" {
		return libErr
	}
	return &engine.OAuthError{Code: trace.Plain(body.Error), Description: trace.Plain(body.Description)}
}
