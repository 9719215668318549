package validate_test

import (
	"strings"
	"testing"

	"flowscope/validate"
	"flowscope/validate/jwks"
	vt "flowscope/validate/validatetest"
)

// Other issuers than Entra name their keys as they like, or, of one key, not at all;
// what names no key is held to the form of an identifier.
func TestKeyIDsOfOtherIssuers(t *testing.T) {
	public := &vt.RSA().PublicKey
	for _, c := range []struct {
		kid, set   string // kid as JSON, "" for none; set: further keys
		found, not validate.Status
		words      string
	}{
		{`"HyYvsCXFHHSsjvMYyZ3fKvLh9cqVRmEXAMPLE="`, "", "pass", "fail", ""},
		{`"a+b/c="`, "", "pass", "fail", ""},
		{`"2024.01"`, "", "pass", "fail", ""},
		{`"https://idp.example/keys/1"`, "", "pass", "fail", "looks like a path"},
		{`"../../etc/passwd"`, "", "pass", "fail", "looks like a path"},
		{`"key 1"`, "", "pass", "fail", "looks like a path"},
		{`""`, "", "fail", "fail", "looks like a path"},
		{`"a\u0000b"`, "", "fail", "fail", "looks like a path"},
		{`"` + strings.Repeat("k", 300) + `"`, "", "fail", "fail", "looks like a path"},
		{"", "", "warn", "warn", ""},
		{"", "," + vt.JWK("second", &vt.SecondRSA().PublicKey, ""), "fail", "fail", "names no key"},
	} {
		token := vt.Sign(vt.Header("kid", c.kid), vt.Plain())
		name := strings.Trim(c.kid, `"`)
		for _, kid := range []string{name, "another"} {
			if kid == "" || strings.ContainsRune(kid, '\\') {
				kid = "x"
			}
			keys, err := jwks.Given([]byte(`{"keys":[` + vt.JWK(kid, public, "") + c.set + `]}`))
			if err != nil {
				t.Fatal(err)
			}
			want := c.found
			if kid == "another" {
				want = c.not
			}
			r := validate.Check(t.Context(), token, keys, vt.WantPlain())
			if got := result(t, r, "key"); got.Status != want || want == "fail" && kid == "another" && !strings.Contains(got.Why, c.words) {
				t.Errorf("%.40s in a set of %.40s: %s, want %s: %s", c.kid, kid, got.Status, want, got.Why)
			}
		}
	}
}

// Without keys a plain identifier is neither right nor wrong, and one that looks
// like an attack is one; Entra's identifiers have their form in any case.
func TestKeyIDsWithoutKeys(t *testing.T) {
	for kid, want := range map[string]validate.Status{`"2024.01"`: "not-run", `"a="`: "not-run", `"../x"`: "fail", `"x' OR 1=1"`: "fail", `"https://evil.example/k"`: "fail"} {
		r := validate.Check(t.Context(), vt.Sign(vt.Header("kid", kid), vt.Plain()), nil, vt.WantPlain())
		if got := r.Status("key"); got != want {
			t.Errorf("%s: %s, want %s", kid, got, want)
		}
		keys, err := jwks.Given([]byte(`{"keys":[` + vt.JWK(strings.Trim(kid, `"`), &vt.RSA().PublicKey, "") + `]}`))
		if err != nil {
			t.Fatal(err)
		}
		if r := validate.Check(t.Context(), vt.Sign(vt.Header("kid", kid), vt.UserV2()), keys, vt.WantUser()); r.Status("key") != validate.StatusFail {
			t.Errorf("%s of Entra: %s", kid, r.Status("key"))
		}
	}
}
