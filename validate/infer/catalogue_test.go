package infer_test

import (
	"testing"

	"flowscope/validate"
	"flowscope/validate/infer"
	"flowscope/validate/validatetest"
)

// The flow behind each good token is known; the guess may be unsure, never sure and wrong.
func TestCatalogue(t *testing.T) {
	for name, flows := range map[string][2]string{ // the truth, and the confidence that is due
		"v2.0 for a person":                 {"authorization-code", "possible"},
		"v2.0 application with a role":      {"client-credentials", "certain"},
		"v2.0 application without a role":   {"client-credentials", "certain"},
		"v1.0 application with a role":      {"client-credentials", "certain"},
		"v2.0 application with idtyp":       {"client-credentials", "certain"},
		"federated credential":              {"client-credentials", "certain"},
		"managed identity, system-assigned": {"managed-identity", "certain"},
		"managed identity, user-assigned":   {"managed-identity", "certain"},
		"ID token, code flow":               {"authorization-code", "likely"},
		"ID token, hybrid":                  {"authorization-code", "certain"},
		"ID token, implicit":                {"implicit", "likely"},
		"ID token with group overage":       {"implicit", "likely"},
		"opaque":                            {infer.Unknown, "possible"},
		"refresh token, tenant":             {infer.Unknown, "possible"},
		"encrypted":                         {infer.Unknown, "possible"},
	} {
		tok, _ := validate.Decode(validatetest.Find(name).Token)
		g := infer.Flow(tok)
		if g.Name != flows[0] || g.Confidence != flows[1] {
			t.Errorf("%s: %s (%s), want %s (%s)", name, g.Name, g.Confidence, flows[0], flows[1])
		}
	}
	for _, c := range validatetest.Catalogue() {
		tok, _ := validate.Decode(c.Token)
		g := infer.Flow(tok)
		if g.Name == "" || len(g.Because) == 0 || g.Confidence == infer.Certain && tok.Claims == nil {
			t.Errorf("%s: %+v", c.Name, g)
		}
	}
}
