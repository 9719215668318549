package grants

import (
	"crypto/subtle"
	"fmt"
	"strings"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/tokens"
)

const zeroGUID = "00000000-0000-0000-0000-000000000000"

// identify finds the client and whether it may be used with this authority.
func (x *exchange) identify() *aadsts.Error {
	if x.req.V1 && x.req.Authority.Personal() {
		return aadsts.New(90027).Because("tenant", "the v1.0 endpoint was asked at the tenant of personal accounts")
	}
	id := x.form("client_id")
	if x.req.BasicID != "" {
		if id != "" && !strings.EqualFold(id, x.req.BasicID) {
			return aadsts.New(7000110, id, x.req.BasicID).Because("client_id", "body and Authorization header name different clients")
		}
		id = x.req.BasicID
	}
	if id == "" {
		_, err := x.required("client_id")
		return err
	}
	app, err := x.Client(x.req.Authority, id)
	if err != nil {
		return err
	}
	x.client = app
	if err := x.Policies.App(app); err != nil {
		return err
	}
	return Audience(app, x.req.Authority)
}

// Client finds the application that a client_id names at an authority, or
// says 700016, and 700038 for the GUID of all zeros.
func (s *Server) Client(a directory.Authority, id string) (directory.App, *aadsts.Error) {
	if id == zeroGUID {
		return directory.App{}, aadsts.New(700038, id).Because("client_id", "the GUID is all zeros")
	}
	app, ok := s.Directory.Client(id)
	known := ok && (a.Alias() || a.Personal() || app.PresentIn(a.Tenant.ID) || s.State.Consents.Installed(a.Tenant.ID, app.ClientID))
	if known {
		return app, nil
	}
	name := a.Tenant.Name
	if a.Alias() {
		name = a.Segment
	}
	reason := "no application has this id"
	if ok {
		reason = fmt.Sprintf("%s is registered in another tenant and not installed here", app.Name)
	}
	return directory.App{}, aadsts.New(700016, id, name).Because("client_id", "%s", reason)
}

// Audience refuses an application whose supported account types do not go
// with the authority: 50194, 9002332.
func Audience(app directory.App, a directory.Authority) *aadsts.Error {
	if a.Personal() && app.SignInAudience != directory.AudienceEveryone {
		return aadsts.New(9002332, app.ClientID, app.Name).Because("tenant", "%s takes no personal accounts", app.Name)
	}
	if a.Alias() && app.SingleTenant() {
		return aadsts.New(50194, app.ClientID, app.Name).Because("tenant", "%s is single-tenant and was used through /%s", app.Name, a.Segment)
	}
	return nil
}

// authenticate judges the client's credential, and that there is one where
// the grant needs it. Two ways to authenticate at once are refused, whatever
// they hold (RFC 6749 section 2.3); an empty parameter counts as absent.
func (x *exchange) authenticate(g grant) *aadsts.Error {
	secret, assertion := x.form("client_secret"), x.form("client_assertion")
	basic := x.req.BasicID != "" || x.req.BasicKey != ""
	switch {
	case basic && (secret != "" || assertion != ""):
		return aadsts.New(9002313).Because("Authorization", "a credential came in the body beside the Authorization header")
	case secret != "" && assertion != "":
		return aadsts.New(9002313).Because("client_assertion", "client_secret and client_assertion came together")
	case basic:
		secret = x.req.BasicKey
	}
	if secret == "" && assertion == "" {
		return g.credential()
	}
	if p := g.platform(); x.client.Public || p == directory.PlatformSPA || p == directory.PlatformNative {
		return aadsts.New(700025).Because("client_secret", "a credential came with a public client")
	}
	if assertion != "" {
		x.proof = tokens.ProofAssertion
		return x.assertion(assertion)
	}
	x.proof = tokens.ProofSecret
	return x.secret(secret)
}

func (x *exchange) secret(sent string) *aadsts.Error {
	err := aadsts.New(7000215, x.client.ClientID).Because("client_secret", "the secret is none of those of %s", x.client.Name)
	for _, s := range x.client.Secrets {
		switch {
		case subtle.ConstantTimeCompare([]byte(s.Value), []byte(sent)) == 1:
			if x.Clock().Before(s.Expires) && !x.Policies.SecretsExpired(x.client) {
				return nil
			}
			err = aadsts.New(7000222, x.client.ClientID).Because("client_secret", "the secret counts as expired; it ends on %s", aadsts.Timestamp(s.Expires))
		case strings.EqualFold(s.ID, sent):
			err = err.Because("client_secret", "the ID of a secret of %s was sent in place of its value", x.client.Name)
		}
	}
	return err
}

// crossOrigin holds single-page apps to their browser, and keeps all others
// out of it (Entra: reference-breaking-changes, May 2020).
func (x *exchange) crossOrigin(platform string) *aadsts.Error {
	switch {
	case platform == directory.PlatformSPA:
		if x.req.Origin == "" {
			return aadsts.New(9002327).Because("Origin", "the redirect URI is of type spa, and the request has no Origin header")
		}
	case x.req.Origin != "" && (platform != "" || !x.client.HasPlatform(directory.PlatformSPA)):
		return aadsts.New(9002326, x.req.Origin).Because("Origin", "an Origin header came, and the redirect URI is not of type spa")
	}
	return nil
}
