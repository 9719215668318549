package engine

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

	"flowscope/engine/trace"
)

// Attempt is one sign-in through the front channel with the values that only it
// knows. Libraries build the requests; these values, and what they guard, are
// ours.
type Attempt struct {
	RedirectURI string
	State       string // RFC 6749 section 10.12
	Nonce       string // OpenID Connect Core 1.0 section 3.1.2.1
	Verifier    string // RFC 7636 section 4.1
	Code        string // of the redirect, once it has been judged
	// Issuer is what iss of the redirect must be where it is sent (RFC 9207
	// section 2.4); empty: not compared.
	Issuer string
	// MustName says that the server announces iss, so that a redirect without it
	// is refused.
	MustName bool
	// Wanted is an error that is the aim of the trip, such as login_required;
	// empty: a code is.
	Wanted string
}

// NewAttempt makes the values of a sign-in of this client, which need not be the
// session's: a flow may have an application before it that signs people in.
func NewAttempt(ctx context.Context, s *Session, c Client) (*Attempt, error) {
	a := &Attempt{RedirectURI: c.RedirectURI}
	for _, p := range []*string{&a.State, &a.Nonce, &a.Verifier} {
		v, err := s.Random(32)
		if err != nil {
			return nil, err
		}
		*p = v
	}
	if s.Job().Browser && c.Platform == "publicClient" {
		return a, a.takePort(ctx)
	}
	return a, nil
}

// takePort gives a native app's redirect URI a port that is free now: the port
// of a loopback redirect is not compared (RFC 8252 section 7.3).
func (a *Attempt) takePort(ctx context.Context) error {
	u, err := url.Parse(a.RedirectURI)
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
	a.RedirectURI = u.String()
	return nil
}

// Challenge gives the S256 challenge of the verifier (RFC 7636 section 4.2).
func (a *Attempt) Challenge() string {
	sum := sha256.Sum256([]byte(a.Verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Judge checks the redirect before its code is used: the state first (RFC 6749
// section 10.12), then who answers (RFC 9207 section 2.4), then whether it brings
// an error or a code. It fails with *RefusedError or *OAuthError.
func (a *Attempt) Judge(step int, r trace.Request) error {
	if err := a.judgeSender(step, r); err != nil {
		return err
	}
	err := RedirectError(r)
	var oauth *OAuthError
	if a.Wanted != "" && errors.As(err, &oauth) && oauth.Code == a.Wanted {
		return nil
	}
	if err != nil {
		return err
	}
	code, ok := r.Get("code")
	if !ok || code == "" {
		return refused("code", step, "a code", "none", "the redirect carries neither a code nor an error")
	}
	a.Code = code
	return nil
}

// JudgeTokens checks a redirect that brings the tokens themselves, in its fragment
// (RFC 6749 section 4.2.2): state and issuer, the nonce, and that the access token
// is the one that the ID token speaks of (OpenID Connect Core 1.0 section
// 3.2.2.9). It gives both. The signature is for the checks of the token.
func (a *Attempt) JudgeTokens(step int, r trace.Request) (access, id string, err error) {
	if err := a.judgeSender(step, r); err != nil {
		return "", "", err
	}
	if err := RedirectError(r); err != nil {
		return "", "", err
	}
	access, _ = r.Get("access_token")
	id, _ = r.Get("id_token")
	if access == "" || id == "" {
		return "", "", refused("access_token", step, "an access token and an ID token", "not both", "the redirect carries neither the two tokens that were asked for nor an error")
	}
	if err := a.JudgeNonce(step, id); err != nil {
		return "", "", err
	}
	var claims struct {
		Hash string `json:"at_hash"`
	}
	_ = Peek(id, &claims) // what can't be read holds no hash
	sum := sha256.Sum256([]byte(access))
	want := base64.RawURLEncoding.EncodeToString(sum[:len(sum)/2])
	if subtle.ConstantTimeCompare([]byte(claims.Hash), []byte(want)) != 1 {
		return "", "", refused("at_hash", step, want, trace.Plain(claims.Hash),
			"the access token is not the one that the ID token was issued with: it may have been swapped on its way through the browser")
	}
	return access, id, nil
}

// judgeSender checks who sends the redirect: the one that this sign-in went to.
func (a *Attempt) judgeSender(step int, r trace.Request) error {
	if err := SameState(step, r, a.State, "the redirect does not carry the state that this sign-in sent, so somebody else may have begun it"); err != nil {
		return err
	}
	return a.judgeIssuer(step, r)
}

// SameState compares the state of what came back with the one that was sent (RFC
// 6749 section 10.12). It fails with *RefusedError, for the reason why.
func SameState(step int, r trace.Request, sent, why string) error {
	found, _ := r.Get("state")
	if subtle.ConstantTimeCompare([]byte(found), []byte(sent)) == 1 {
		return nil
	}
	return refused("state", step, sent, found, why)
}

// RedirectError is the *OAuthError that a redirect brings (RFC 6749 section
// 4.1.2.1), nil where it brings none.
func RedirectError(r trace.Request) error {
	code, ok := r.Get("error")
	if !ok {
		return nil
	}
	description, _ := r.Get("error_description")
	return &OAuthError{Code: trace.Plain(code), Description: trace.Plain(description)}
}

func (a *Attempt) judgeIssuer(step int, r trace.Request) error {
	iss, sent := r.Get("iss")
	switch {
	case a.Issuer == "" || sent && iss == a.Issuer:
		return nil
	case strings.Contains(a.Issuer, "{"): // Entra's placeholder for the tenant of whoever signs in
		return nil
	case sent:
		return refused("iss", step, a.Issuer, trace.Plain(iss), "another issuer answers than the one that was asked: the code must not go to the wrong token endpoint")
	case a.MustName:
		return refused("iss", step, a.Issuer, "none", "the issuer announces that its redirects name it, and this one does not: it may come from another issuer")
	}
	return nil
}

// JudgeNonce compares the ID token's nonce with the one that was sent (OpenID
// Connect Core 1.0 section 3.1.3.7, item 11). An answer without an ID token has
// nothing to compare.
func (a *Attempt) JudgeNonce(step int, idToken string) error {
	if idToken == "" {
		return nil
	}
	var claims struct {
		Nonce string `json:"nonce"`
	}
	_ = Peek(idToken, &claims) // what can't be read holds no nonce
	if subtle.ConstantTimeCompare([]byte(claims.Nonce), []byte(a.Nonce)) == 1 {
		return nil
	}
	return refused("nonce", step, a.Nonce, trace.Plain(claims.Nonce), "the ID token was made for another sign-in: its nonce is not the one that this one sent")
}

func refused(check string, step int, expected, found, why string) error {
	return &RefusedError{Refusal: trace.Refusal{Check: check, Step: step, Expected: expected, Found: found, Why: why}}
}

// Peek reads the claims of a token into v without trusting anything in it. It
// fails when the token is no JWS in compact form (RFC 7515 section 3.1).
func Peek(token string, v any) error {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return fmt.Errorf("%d parts are no signed token", len(parts))
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return fmt.Errorf("claims of the token: %w", err)
	}
	return json.Unmarshal(raw, v)
}
