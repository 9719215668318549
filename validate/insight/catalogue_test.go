package insight_test

import (
	"slices"
	"strings"
	"testing"

	"flowscope/validate"
	"flowscope/validate/insight"
	"flowscope/validate/validatetest"
)

// Whatever the token is, what is said of it can be shown.
func TestCatalogue(t *testing.T) {
	for _, c := range validatetest.Catalogue() {
		tok, _ := validate.Decode(c.Token)
		for _, i := range insight.Of(tok, insight.Context{Now: validatetest.Now()}) {
			if s := i.Text + i.Do; s != validate.Printable(s, 600) || i.Text == "" || i.Source == "" {
				t.Errorf("%s: %+v", c.Name, i)
			}
		}
		for _, g := range insight.Grants(tok, insight.Context{Requested: []string{"openid", "api://orders/Orders.Read"}}) {
			if s := g.Name + g.Says; s != validate.Printable(s, 400) {
				t.Errorf("%s: %+v", c.Name, g)
			}
		}
	}
}

// Good tokens of each kind, and the one thing about them that has to be said.
func TestGoodTokens(t *testing.T) {
	for _, c := range []struct{ name, says, never string }{
		{"v2.0 for a person", "acts for a person", "guest"},
		{"v1.0 for a person", "refuses this token", "v2.0: aud is"},
		{"v1.0 with the client id as audience", "must accept both", "refuses this token"},
		{"v2.0 application with a role", "application permissions here", "Never let people"},
		{"v2.0 application without a role", "has no roles", ""},
		{"v2.0 application with idtyp", "acts as itself", "idtyp is not there"},
		{"delegated with roles of the user", "roles what the person is", ""},
		{"guest", "A guest, at home in tenant " + validatetest.OtherTenant, "does not say where"},
		{"guest with a personal account", "personal Microsoft account (idp)", ""},
		{"personal account", "all of them share this tid", "A guest"},
		{"managed identity, system-assigned", "system-assigned identity", "idtyp is not there"},
		{"managed identity, user-assigned", "user-assigned identity", ""},
		{"group overage", "more than 200 groups", ""},
		{"continuous access evaluation", "continuous access evaluation", "A policy made it so"},
		{"step-up", "A stronger sign-in", ""},
		{"federated credential", "federated credential", ""},
		{"agent identity", "agent identity came", "agent's user"},
		{"agent user", "agent's user", "agent identity came"},
		{"proof of possession", "bound to a key", ""},
		{"client shares the API's registration", "share one registration", ""},
		{"ID token, code flow", "opens no API", "tie it to"},
		{"ID token, hybrid", "c_hash and at_hash tie it", ""},
		{"ID token, implicit", "at_hash ties it to the access token", ""},
		{"ID token, v1.0", "the endpoint decides it for ID tokens", "registration"},
		{"ID token with group overage", "travelled in an address", ""},
		{"ID token without a person's claims", "There is no oid", ""},
		{"Graph", "Graph alone can verify", "requestedAccessTokenVersion"},
		{"Graph, application", "Graph alone can verify", ""},
		{"opaque", "no JSON Web Token", ""},
		{"opaque of a personal account", "personal account", ""},
		{"refresh token, tenant", "refresh token", ""},
		{"encrypted", "encrypted", ""},
	} {
		tok, _ := validate.Decode(validatetest.Find(c.name).Token)
		list := insight.Of(tok, insight.Context{Now: validatetest.Now()})
		clean(t, list)
		if !slices.ContainsFunc(list, func(i insight.Insight) bool { return strings.Contains(i.Text, c.says) }) {
			t.Errorf("%s: nothing says %q: %+v", c.name, c.says, list)
		}
		for _, i := range list {
			if c.never != "" && strings.Contains(i.Text, c.never) {
				t.Errorf("%s: %s", c.name, i.Text)
			}
		}
	}
}
