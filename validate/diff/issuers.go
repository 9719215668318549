package diff

import (
	"net/url"
	"strings"

	"flowscope/validate"
	"flowscope/validate/claims"
)

// issuer is what its text tells of an issuer of Entra's form (Entra: access
// tokens, token formats): v1.0 is https://host/{tenant}/, v2.0 is
// https://host/{tenant}/v2.0.
type issuer struct{ host, tenant, version string }

func issuerOf(iss string) issuer {
	u, err := url.Parse(iss)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return issuer{}
	}
	tenant, tail, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	i := issuer{host: strings.ToLower(u.Host), tenant: strings.ToLower(tenant)}
	switch {
	case !validate.IsGUID(tenant):
		return issuer{}
	case tail == "v2.0":
		i.version = "2.0"
	case tail == "":
		i.version = "1.0"
	}
	return i
}

// related reports two issuers that one service is behind: at one host, or both
// at hosts of Entra's.
func (i issuer) related(o issuer) bool {
	return i.tenant != "" && o.tenant != "" && (i.host == o.host || validate.EntraHost(i.host) && validate.EntraHost(o.host))
}

// formsOf reports one tenant's issuer in its two forms.
func formsOf(l, r issuer) bool {
	return l.related(r) && l.tenant == r.tenant && l.version != "" && r.version != "" && l.version != r.version
}

// strangers reports two tokens of issuers that have nothing to do with each
// other, so that nothing in one says anything about the other.
func (p *pair) strangers() bool {
	l, r := &p.left, &p.right
	if l.iss == "" || r.iss == "" || l.iss == r.iss {
		return false
	}
	a, b := issuerOf(l.iss), issuerOf(r.iss)
	return !a.related(b) || a.tenant == b.tenant && !formsOf(a, b)
}

// tenantsDiffer reports that the issuers are of two tenants, by their own text or
// by tid.
func (p *pair) tenantsDiffer() bool {
	l, r := &p.left, &p.right
	a, b := issuerOf(l.iss), issuerOf(r.iss)
	return l.tid != "" && r.tid != "" && !strings.EqualFold(l.tid, r.tid) || a.tenant != "" && b.tenant != "" && a.tenant != b.tenant
}

// meant reports whether both tokens' claims are to be read as Entra means them.
func (p *pair) meant() bool {
	l, r := claims.FromEntra(p.left.Token), claims.FromEntra(p.right.Token)
	return l && r || (l || r) && p.left.iss == p.right.iss
}

// foreign says what a difference means where two issuers signed: hardly ever
// anything.
func (p *pair) foreign(r *Row) (text, source string) {
	switch r.Name {
	case "iss":
		return "Another issuer signed it. What the two have in common (tid, oid, aud) proves nothing: every issuer can write what it likes. Only comparing iss whole tells them apart.", validation
	case "aud":
		return p.audiences(r)
	}
	if r.Name == "auth_time" { // another sign-in, of somebody else perhaps
		return "", ""
	}
	return p.times(r)
}

// general says what a difference means in tokens of an issuer that is not
// Entra: what the standards say of the claim, and nothing else.
func (p *pair) general(r *Row) (text, source string) {
	switch r.Name {
	case "aud":
		if p.rel == signIn || p.rel == accessID {
			return "The ID token is for the client, the access token for the API. Neither accepts the other's.", "OpenID Connect Core section 2"
		}
		if text, source = p.audiences(r); text != "" {
			return text, source
		}
		return "Without aud nobody can tell whom the token is for.", "RFC 7519 section 4.1.3"
	case "scp", "scope":
		if p.left.Kind != p.right.Kind {
			return "An ID token grants no scope: it says who signed in and opens no API.", "OpenID Connect Core section 2"
		}
		return p.moved(r, "The scope differs.") + " What was granted goes by the request, the issuer and the person.", "RFC 6749 section 3.3"
	case "nonce":
		if p.left.Kind != p.right.Kind {
			return "Only the ID token answers the nonce that the client sent.", "OpenID Connect Core section 2"
		}
		return "Each sign-in has a nonce of its own.", "OpenID Connect Core section 2"
	case "at_hash", "c_hash":
		return "It ties an ID token to the access token or the code that came with it.", "OpenID Connect Core section 3.3.2.11"
	case "azp", "client_id":
		if r.State == Changed && p.left.client != p.right.client {
			return "Another client asked; what it may do is decided for each client apart.", "RFC 9068 section 2.2"
		}
	case "cnf":
		return p.bound(r)
	case "jti":
		if r.State == Changed {
			return "Each token has a number of its own.", "RFC 7519 section 4.1.7"
		}
	case "amr", "acr":
		if r.State == Changed {
			return p.moved(r, "The person signed in in another way."), "OpenID Connect Core section 2"
		}
	}
	if text, source = p.times(r); text != "" {
		return text, source
	}
	return p.rest(r)
}

// audiences speaks of two audiences, whoever issued the tokens.
func (p *pair) audiences(r *Row) (text, source string) {
	const doc = "RFC 7519 section 4.1.3"
	switch {
	case r.State != Changed:
		return "", ""
	case p.left.Kind == validate.KindID && p.right.Kind == validate.KindID:
		return "Each ID token is for its own client alone; another client must refuse it.", doc
	}
	return "Each token is good at its own audience alone; whoever else gets it must refuse it.", doc
}

// bound speaks of tokens that are bound to a key.
func (p *pair) bound(r *Row) (text, source string) {
	const doc = "RFC 7800 section 3"
	if r.State == Changed {
		return "Both are bound to a key, each to another: neither works with the other's proof.", doc
	}
	return "Only the " + one(r) + " token is bound to a key; the other one works for whoever holds it.", doc
}
