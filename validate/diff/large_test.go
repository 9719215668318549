package diff_test

import (
	"fmt"
	"strings"
	"testing"

	"flowscope/validate/diff"
)

// A token as large as tokens may be gives a comparison that is bounded.
func TestLargeTokens(t *testing.T) {
	var members, scopes strings.Builder
	for i := range 12000 {
		fmt.Fprintf(&members, `"m%d":%d,`, i, i)
		fmt.Fprintf(&scopes, "s%d ", i)
	}
	left := token(t, plain, strings.Replace(user, "Orders.Read", scopes.String(), 1)+members.String())
	right := token(t, plain, user)
	for _, c := range []diff.Comparison{diff.Tokens(left, right), diff.Tokens(right, left)} {
		r := row(t, c, "scp")
		if n := len(r.Added) + len(r.Removed); n > 301 || n == 0 || len(r.Says) > 300 {
			t.Errorf("%d words, %d bytes said", n, len(r.Says))
		}
		if len(c.Rows) < 12000 {
			t.Errorf("%d rows", len(c.Rows))
		}
	}
}
