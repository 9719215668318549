package diff_test

import (
	"strings"
	"testing"

	"flowscope/validate"
	"flowscope/validate/diff"
	"flowscope/validate/validatetest"
)

// Any two tokens can be compared, and what is said of them can be shown.
func TestCatalogue(t *testing.T) {
	all := validatetest.Catalogue()
	var good []*validate.Token
	for _, c := range all {
		if c.Group == validatetest.Good {
			good = append(good, decode(c.Token))
		}
	}
	for i, c := range all {
		if len(c.Token) > 64<<10 {
			continue
		}
		tok := decode(c.Token)
		for _, g := range []*validate.Token{tok, good[i%len(good)], good[(i+7)%len(good)]} {
			clean(t, diff.Tokens(tok, g))
			clean(t, diff.Tokens(g, tok))
		}
	}
}

func TestCataloguePairs(t *testing.T) {
	for _, c := range []struct{ left, right, what string }{
		{"v2.0 for a person", "ID token, code flow", "ID token"},
		{"v2.0 for a person", "v1.0 for a person", "v1.0 beside v2.0"},
		{"v2.0 application with a role", "v1.0 application with a role", "v1.0 beside v2.0"},
		{"v2.0 for a person", "v2.0 application with a role", "an application as itself"},
		{"v2.0 application with a role", "v2.0 application without a role", "The same application at the same API"},
		{"v2.0 for a person", "delegated with roles of the user", "The same client, API and person"},
		{"v2.0 for a person", "multi-tenant, listed tenant", "Two tenants"},
		{"v2.0 for a person", "opaque", "cannot be read"},
		{"v2.0 for a person", "with the issuer's metadata", "same token twice"},
		{"v2.0 for a person", "second key", "The same claims, signed twice"},
	} {
		got := diff.Tokens(decode(validatetest.Find(c.left).Token), decode(validatetest.Find(c.right).Token))
		clean(t, got)
		if !strings.Contains(got.What, c.what) {
			t.Errorf("%s beside %s: %s", c.left, c.right, got.What)
		}
	}
}
