package command_test

import (
	"strings"
	"testing"

	"flowscope/validate/validatetest"
)

// A secret that stands in a claim is in no report; the claims beside it are.
func TestSecretsInClaims(t *testing.T) {
	const secret = "0.AXoArefreshREFRESHrefresh1234567890"
	token := validatetest.Sign(validatetest.Header(), validatetest.Claims(validatetest.UserV2(), "refresh_token", `"`+secret+`"`, "deep", `{"client_secret":"`+secret+`x"}`, "name", `"Sam Miller"`))
	other := validatetest.Sign(validatetest.Header(), validatetest.Claims(validatetest.UserV2(), "password", `"`+secret+`y"`))
	for _, args := range [][]string{{"--json"}, {}, {"--batch", "-"}, {"--compare", "other.jwt"}, {"--compare", "other.jwt", "--json"}, {"--middleware"}} {
		b := newBench(t)
		b.files["other.jwt"] = other
		b.in = strings.NewReader(token + "\n")
		b.run(append([]string{"token", "--offline"}, args...)...)
		if out := b.out.String() + b.err.String(); strings.Contains(out, "refreshREFRESH") || !strings.Contains(out, "Sam Miller") {
			t.Errorf("%q: %s", args, out)
		}
	}
}
