package middleware_test

import (
	"testing"

	"flowscope/validate"
	"flowscope/validate/middleware"
	"flowscope/validate/validatetest"
)

// FuzzJudge holds Judge to an answer in clean words from every profile, and to
// one that does not panic, whatever the token is.
func FuzzJudge(f *testing.F) {
	for _, name := range []string{
		"v2.0 for a person", "alg none", "HS256 with the public key as PEM", "kid is missing", "kid is a path", "crit unknown",
		"exp 1e400", "exp as a string", "padding on the signature", "JSON serialisation, flattened", "Graph", "opaque", "encrypted",
	} {
		f.Add(validatetest.Find(name).Token)
	}
	f.Fuzz(func(t *testing.T, token string) {
		want := validatetest.WantUser()
		for _, keys := range []validate.KeySource{validatetest.Source(), nil} {
			r := validate.Check(t.Context(), token, keys, want)
			got := middleware.Judge(t.Context(), r, keys)
			if len(got) != len(middleware.Profiles()) {
				t.Fatalf("%d answers", len(got))
			}
			for _, o := range got {
				if fault := fitsTable(o); fault != "" {
					t.Errorf("%s: %s: %+v", o.Profile.ID, fault, o)
				}
			}
		}
	})
}
