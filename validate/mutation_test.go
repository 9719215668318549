package validate_test

import (
	"testing"

	"flowscope/validate"
	"flowscope/validate/validatetest"
)

// Every byte of a good token matters: another one in its place, none, or the
// same twice, and it is no longer valid. No text but the one that was signed is.
func TestNoMutationIsValid(t *testing.T) {
	for _, name := range []string{"v2.0 for a person", "ES256 declared by the metadata", "PS256 declared by the metadata"} {
		c := validatetest.Find(name)
		token := c.Token
		for i := range len(token) {
			for _, mutant := range []string{
				token[:i] + token[i+1:],
				token[:i] + token[i:i+1] + token[i:],
				token[:i] + "A" + token[i+1:],
				token[:i] + "." + token[i+1:],
				token[:i] + "=" + token[i+1:],
				token[:i] + "\n" + token[i:],
				token[:i] + string(token[i]^1) + token[i+1:],
				token[:i] + string(token[i]^0x20) + token[i+1:],
				token[:i],
			} {
				if mutant == token {
					continue
				}
				if r := validate.Check(t.Context(), mutant, c.Keys, c.Want); r.Verdict == validate.Valid {
					t.Fatalf("%s, byte %d: %q is valid", name, i, mutant)
				}
			}
		}
	}
}

// A list that holds nothing but the empty name lets nobody in.
func TestEmptyNamesMatchNothing(t *testing.T) {
	bare := validatetest.Claims(validatetest.UserV2(), "aud", `""`, "tid", `""`, "scp", `""`, "roles", `[""]`, "azp", `""`, "nonce", `""`)
	token := validatetest.Sign(validatetest.Header("kid", `"`+validatetest.PlainKeyID+`"`), bare)
	want := validatetest.WantUser()
	want.Audiences, want.Tenants, want.Scopes, want.Roles = []string{""}, []string{""}, []string{""}, []string{""}
	r := validate.Check(t.Context(), token, validatetest.Source(), want)
	for _, id := range []string{"tenant", "scope", "roles", "audience"} {
		if s := r.Status(id); s == validate.StatusPass {
			t.Errorf("%s passes", id)
		}
	}
	if r.Verdict == validate.Valid {
		t.Error("valid")
	}
}
