package claims

import (
	"net/url"
	"strings"

	"flowscope/validate"
)

// FromEntra reports a token whose claims are to be read as Entra means them: it
// names a tenant, or an issuer on one of Entra's hosts or of the form that
// Entra's have. It proves nothing of who made the token.
func FromEntra(t *validate.Token) bool {
	return t != nil && (t.Claims.Has("tid") || EntraIssuer(t.Claims.String("iss")))
}

// EntraIssuer reports an issuer on one of Entra's hosts, or one of the form
// "https://host/{tenant}/v2.0", which External ID writes too (Entra: access
// tokens, token formats).
func EntraIssuer(iss string) bool {
	u, err := url.Parse(iss)
	if err != nil || u.Scheme != "https" || u.RawQuery != "" {
		return false
	}
	tenant, ok := strings.CutSuffix(strings.TrimPrefix(u.Path, "/"), "/v2.0")
	return validate.EntraHost(u.Hostname()) || ok && validate.IsGUID(tenant)
}

// SignInScope reports the scopes of OpenID Connect (Core 1.0 sections 3.1.2.1,
// 5.4 and 11), which ask for a sign-in and are permissions at no API. Entra
// reads them in any case, so they are known in any.
func SignInScope(name string) bool {
	switch strings.ToLower(name) {
	case "openid", "profile", "email", "offline_access":
		return true
	}
	return false
}

// Facet reports a number in the list of numbers of xms_act_fct, xms_sub_fct or
// xms_tnt_fct (Entra: agent identities, token claims).
func Facet(list, number string) bool {
	for f := range strings.FieldsSeq(list) {
		if f == number {
			return true
		}
	}
	return false
}
