package grants

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"time"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/state"
)

// authorizationCode redeems a code (RFC 6749 section 4.1.3, RFC 7636 section
// 4.6).
type authorizationCode struct {
	delegated
	looked, found bool
	code          state.Code
}

// look finds the code once; the rows before body need its platform.
func (g *authorizationCode) look() (state.Code, bool) {
	if !g.looked {
		g.code, g.found = g.State.Code(g.form("code"))
		g.looked = true
	}
	return g.code, g.found
}

func (g *authorizationCode) platform() string {
	code, ok := g.look()
	if !ok || code.ClientID != g.client.ClientID {
		return ""
	}
	return code.Platform
}

func (g *authorizationCode) credential() *aadsts.Error { return g.need(g.platform()) }

func (g *authorizationCode) body() *aadsts.Error {
	for _, name := range []string{"code", "redirect_uri"} {
		if _, err := g.required(name); err != nil {
			return err
		}
	}
	code, ok := g.look()
	switch {
	case !ok:
		return aadsts.New(9002313).Named(aadsts.InvalidGrant).Because("code", "no such code was issued")
	case code.ClientID != g.client.ClientID:
		return aadsts.New(70000).Because("code", "the code was issued to another client")
	case code.Authority != g.req.Authority.Key():
		return aadsts.New(700005).Because("tenant", "the code was asked for at /%s", code.Authority)
	case code.Redeemed:
		return aadsts.New(54005).Because("code", "the code was redeemed before")
	case g.Clock().Sub(code.Issued) >= state.CodeLife:
		return aadsts.New(70008, code.Issued.UTC().Format(time.RFC3339), state.CodeLife).Because("code", "the code is older than %s", state.CodeLife)
	case code.RedirectURI != g.form("redirect_uri"):
		return aadsts.New(500112, g.form("redirect_uri"), code.RedirectURI).Because("redirect_uri", "it differs from the one of the authorization request")
	}
	g.who, g.auth = code.Person, known(code.Auth, code.Issued, code.IP)
	if err := g.challenged(code.Claims); err != nil {
		return err
	}
	return g.proofKey(code)
}

// proofKey checks PKCE. Client libraries send an empty verifier where they
// have none, so that counts as absent.
func (g *authorizationCode) proofKey(code state.Code) *aadsts.Error {
	verifier := g.form("code_verifier")
	switch {
	case code.Challenge == "" && code.Platform == directory.PlatformSPA:
		return aadsts.New(9002325).Because("code_challenge", "a single-page app sent no code_challenge")
	case code.Challenge == "" && verifier == "":
		return nil
	case code.Challenge == "":
		return aadsts.New(501481).Because("code_verifier", "a verifier came, but the authorization request had no code_challenge")
	case verifier == "":
		return aadsts.New(501481).Because("code_verifier", "the authorization request had a code_challenge, and no verifier came")
	}
	derived := verifier
	if code.Method == "S256" {
		sum := sha256.Sum256([]byte(verifier))
		derived = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	if subtle.ConstantTimeCompare([]byte(derived), []byte(code.Challenge)) != 1 {
		return aadsts.New(501481).Because("code_verifier", "the verifier does not give the code_challenge by %s", code.Method)
	}
	return nil
}

func (g *authorizationCode) scope() *aadsts.Error {
	r, err := g.ask(g.before())
	if err != nil {
		return err
	}
	if len(r.Resources(g.Directory)) > 1 {
		return aadsts.New(28000, r.Text).Because("scope", "the scope names more than one API")
	}
	return g.resolve(r)
}

func (g *authorizationCode) respond() (Response, *aadsts.Error) {
	if !g.State.Redeem(g.form("code")) {
		return Response{}, aadsts.New(54005).Because("code", "another request redeemed the code just now")
	}
	return g.issue(issuance{nonce: g.code.Nonce, refresh: g.lasting(g.code.Platform, g.before())}), nil
}

// before is what the authorization request asked.
func (g *authorizationCode) before() asked {
	return asked{scope: g.code.Scope, resource: g.code.Resource, v1: g.code.V1}
}
