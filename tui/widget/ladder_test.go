package widget

import (
	"strings"
	"testing"

	"flowscope/engine/trace"
)

// TestLadderNames: another issuer than Entra ID is called by what it is, however
// narrow the ladder is.
func TestLadderNames(t *testing.T) {
	for _, c := range []struct {
		ladder Ladder
		narrow bool
		want   string
	}{
		{Ladder{}, false, "You, your app, Browser, Entra ID, API"},
		{Ladder{}, true, "You, app, Brows., Entra, API"},
		{Ladder{Foreign: true}, false, "You, your app, Browser, issuer, API"},
		{Ladder{Foreign: true}, true, "You, app, Brows., issuer, API"},
		{Ladder{Names: map[trace.Party]string{trace.API: "your API"}}, false, "You, your app, Browser, Entra ID, your API"},
	} {
		var got []string
		for _, p := range c.ladder.parties() {
			got = append(got, c.ladder.name(p, c.narrow))
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%v, narrow %v: %v", c.ladder, c.narrow, got)
		}
	}
}
