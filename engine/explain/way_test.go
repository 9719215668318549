package explain

import (
	"slices"
	"strings"
	"testing"

	"flowscope/engine/trace"
	"flowscope/validate"
)

// TestNoWordOnTheFlow: what broke on the way, or before the flow began, says
// nothing of the flow; and another issuer's client is not named by a guess.
func TestNoWordOnTheFlow(t *testing.T) {
	for _, kind := range []trace.ErrKind{trace.NoName, trace.NoListener, trace.Untrusted, trace.TimedOut} {
		if words := wayWords(&trace.NetError{Kind: kind}); strings.Contains(words, "flow is right") || strings.Contains(words, "started again") {
			t.Errorf("%v: %q", kind, words)
		}
	}
	if words := flowRight(&trace.Trace{As: "spa", Flow: "authorization-code", Foreign: true}, needRequest); strings.Contains(words, "single-page") {
		t.Errorf("%q", words)
	}
}

// TestWhoRefuses: an ID token is for the application, which must refuse it.
func TestWhoRefuses(t *testing.T) {
	if mustRefuse(validate.KindID) != "the application must refuse it" || !strings.Contains(mustRefuse(validate.KindAccess), "API") {
		t.Error(mustRefuse(validate.KindID), mustRefuse(validate.KindAccess))
	}
}

func TestNearest(t *testing.T) {
	all := []string{"nonce", "state", "redirect-uri", "redirect-http"}
	if got := Nearest("redirect", all, 2); !slices.Equal(got, []string{"redirect-uri", "redirect-http"}) {
		t.Error(got)
	}
	if got := Nearest("zzzzzzzzz", all, 4); len(got) != 0 {
		t.Error(got)
	}
}
