package msal

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
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
	if e, ok := s.Exchange(trace.Metadata); err != nil && ok && (e.Failed() || engine.IsPage(e)) {
		return answerError(s, trace.Metadata, err)
	}
	want := ask{purpose: trace.TokenCall, client: job.Client, scopes: job.Scopes, caller: "app"}
	_, err = collect(s, want, exhibit{call: "AcquireTokenByCredential", scopes: r.GrantedScopes}, err)
	return err
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

// collect takes the tokens from the captured answer, and gives it. The answer
// counts, not MSAL's opinion of it: MSAL refuses a good answer when the granted
// scopes are not those it asked for, which an edit of the request brings about.
func collect(s *engine.Session, want ask, result exhibit, libErr error) (engine.TokenAnswer, error) {
	e, _ := s.Exchange(want.purpose)
	lib := trace.Library{Name: Driver{}.Name()}
	if libErr != nil {
		libErr = engine.WithoutPage(e, libErr)
		lib.Error = libErr.Error()
	} else {
		lib.Result = result.words()
	}
	if !want.own {
		s.SetLibrary(lib)
	}
	if libErr != nil && (e.Response == nil || e.Response.Status != http.StatusOK) {
		return engine.TokenAnswer{}, engine.AnswerError(e, libErr)
	}
	body, err := engine.ReadTokenAnswer(e)
	if err != nil {
		return body, err
	}
	if !want.stay {
		s.Enter(trace.Answer)
	}
	if want.caller == "user" {
		if err := s.JudgeIdentity(body.IDToken, cmp.Or(want.issuer, tenantOf(s).issuer), want.client.Registration.ClientID); err != nil {
			return body, err
		}
	}
	addTokens(s, e.N, want, body)
	return body, nil
}

func addTokens(s *engine.Session, exchange int, want ask, body engine.TokenAnswer) {
	known := tenantOf(s)
	var tenants []string
	if known.id != "" {
		tenants = []string{known.id}
	}
	s.AddToken(trace.Token{Kind: trace.AccessToken, Value: body.AccessToken, Exchange: exchange, Expect: expectAccess(s.Job(), known, want)})
	if body.IDToken != "" && want.caller == "user" {
		s.AddToken(trace.Token{Kind: trace.IDToken, Value: body.IDToken, Exchange: exchange, Expect: trace.Expect{
			Issuer: cmp.Or(want.issuer, known.issuer), Audiences: []string{want.client.Registration.ClientID},
			Tenants: tenants, Nonce: want.nonce, Caller: "user", ClientID: want.client.Registration.ClientID,
		}})
	}
	if body.RefreshToken != "" {
		s.AddToken(trace.Token{Kind: trace.RefreshToken, Value: body.RefreshToken, Exchange: exchange})
	}
}

// answerError prefers the error that the newest answer of this purpose holds (RFC
// 6749 section 5.2) to what MSAL made of it.
func answerError(s *engine.Session, p trace.Purpose, libErr error) error {
	e, _ := s.Exchange(p)
	return engine.AnswerError(e, libErr)
}
