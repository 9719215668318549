package grants

import (
	"crypto/rsa"
	"slices"
	"strings"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/keys"
	"flowscope/engine/lab/tokens"
)

// federated judges an assertion of another issuer: it must be like one of the
// federated credentials of the client in issuer, subject and audience, letter
// by letter (Entra: workload-identity-federation).
func (x *exchange) federated(t jwt) *aadsts.Error {
	issuer := text(t.claims, "iss")
	own, tenantID := x.ownIssuer(issuer)
	if err := x.trusted(t, own); err != nil {
		return err
	}
	if alg := text(t.header, "alg"); alg != "RS256" {
		return aadsts.New(50012, "its algorithm is not RS256").Because("client_assertion", "the header has alg %q", alg)
	}
	key, ok := x.issuerKey(t, own, tenantID)
	if !ok || !t.verify(key) {
		return aadsts.New(50012, "its signature does not fit a key of the issuer").Because("client_assertion", "kid %q of %s", text(t.header, "kid"), issuer)
	}
	if own && !appOnly(t) {
		return aadsts.New(700229).Because("client_assertion", "the token is one of a person")
	}
	return x.inTime(t, 0)
}

// trusted compares the assertion with the federated credentials of the client.
func (x *exchange) trusted(t jwt, own bool) *aadsts.Error {
	issuer, subject, audiences := text(t.claims, "iss"), text(t.claims, "sub"), t.audiences()
	all := strings.Join(audiences, " ")
	left := slices.Clone(x.client.FederatedCredentials)
	if len(left) == 0 {
		return aadsts.New(70021, issuer, subject, all).Because("client_assertion", "%s has no federated credential", x.client.Name)
	}
	keep := func(fits func(directory.FederatedCredential) bool) bool {
		left = slices.DeleteFunc(left, func(f directory.FederatedCredential) bool { return !fits(f) })
		return len(left) > 0
	}
	if !keep(func(f directory.FederatedCredential) bool { return f.IssuerAt(x.req.Base) == issuer }) {
		return aadsts.New(700211, issuer).Because("client_assertion", "no federated credential has the issuer %q", issuer)
	}
	folded := slices.ContainsFunc(left, func(f directory.FederatedCredential) bool { return strings.EqualFold(f.Subject, subject) })
	if !keep(func(f directory.FederatedCredential) bool { return f.Subject == subject }) {
		code := 700213
		switch {
		case folded:
			code = 7002138
		case own:
			code = 7002137
		}
		return aadsts.New(code, subject).Because("client_assertion", "no federated credential of that issuer has the subject %q", subject)
	}
	if len(audiences) > 1 {
		return aadsts.New(500181, len(audiences)).Because("client_assertion", "aud has several values")
	}
	if len(audiences) == 0 || !keep(func(f directory.FederatedCredential) bool { return f.Audience == audiences[0] }) {
		return aadsts.New(700212, all).Because("client_assertion", "no federated credential of that issuer and subject has the audience %q", all)
	}
	return nil
}

// ownIssuer reports whether an issuer is the lab's own Entra, and of which
// tenant.
func (x *exchange) ownIssuer(issuer string) (bool, string) {
	for _, t := range x.Directory.Tenants {
		if issuer == tokens.IssuerV2(x.req.Base, t.ID) || issuer == tokens.IssuerV1(x.req.Base, t.ID) {
			return true, t.ID
		}
	}
	return false, ""
}

// issuerKey finds the key that the header names among those of the issuer: the
// lab's signing keys, or the one of its second issuer.
func (x *exchange) issuerKey(t jwt, own bool, tenantID string) (*rsa.PublicKey, bool) {
	kid := text(t.header, "kid")
	if own {
		return x.Mint.Keys.Public(tenantID, kid)
	}
	key := keys.Federation()
	return &key.Private.PublicKey, text(t.claims, "iss") == x.req.Base+directory.FederationPath && kid == key.ID
}

// appOnly reports whether an access token is one of an application alone.
func appOnly(t jwt) bool {
	return text(t.claims, "scp") == "" && text(t.claims, "oid") != "" && text(t.claims, "oid") == text(t.claims, "sub")
}
