package inspect_test

import (
	"strings"
	"testing"

	"flowscope/engine/inspect"
	"flowscope/engine/trace"
	"flowscope/validate"
	vt "flowscope/validate/validatetest"
)

// Secrets in claims are found by their names, however deep; the rest is left.
func TestSecretsInClaims(t *testing.T) {
	const secret = "0.AXoArefreshREFRESH1234567890"
	for value, want := range map[string]bool{
		`{"refresh_token":"` + secret + `"}`: true, `{"a":[{"clientSecret":"` + secret + `"}]}`: true, `{"a":{"b":{"api-key":["` + secret + `"]}}}`: true,
		`{"password":"` + secret + `","password":"x"}`: true, `{"code":"DE"}`: false, `{"barcode":"` + secret + `"}`: false, `["` + secret + `"]`: false, `{"password":{"hint":"` + secret + `"}}`: false,
	} {
		token, _ := validate.Decode(vt.Sign(vt.Header(), vt.Claims(vt.UserV2(), "deep", value)))
		if got := inspect.Secrets(token); (len(got) > 0) != want {
			t.Errorf("%s: %q", value, got)
		}
		r := trace.NewRedactor(nil)
		inspect.Conceal(r, token)
		if hidden := !strings.Contains(r.Text("x "+secret), secret); hidden != want {
			t.Errorf("%s: hidden: %t", value, hidden)
		}
	}
}
