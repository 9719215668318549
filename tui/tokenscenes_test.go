package tui_test

import (
	"fmt"
	"testing"

	"github.com/muesli/termenv"

	"flowscope/engine/trace"
	"flowscope/tui/tuitest"
	"flowscope/tui/tuitest/frame"
)

// tokenScenes are the token screen with what lies in it and over it, at
// sizes[from:to].
var tokenScenes = []struct {
	name     string
	from, to int
	play     func(*tuitest.Driver)
}{
	{"explained", 0, 3, func(d *tuitest.Driver) {
		tokens(d)
		d.Press("tab", "tab")
		d.See("Permissions")
	}},
	{"raw", 0, 2, func(d *tuitest.Driver) { tokens(d); d.Press("v"); d.See("Raw", "header") }},
	{"expectations", 0, 3, func(d *tuitest.Driver) { tokens(d); d.Press("o"); d.See("Expectations", "check again") }},
	{"search", 0, 2, func(d *tuitest.Driver) {
		tokens(d)
		d.Press("/")
		d.Type("ada")
		d.See("2 of 21")
	}},
	{"copy", 0, 2, func(d *tuitest.Driver) { tokens(d); d.Press("y"); d.See("The claims, as JSON") }},
	{"remembered", 0, 2, func(d *tuitest.Driver) { remembered(d) }},
}

// TestTokenGoldens draws them.
func TestTokenGoldens(t *testing.T) {
	for _, sc := range tokenScenes {
		for _, size := range sizes[sc.from:sc.to] {
			t.Run(fmt.Sprintf("%s %dx%d", sc.name, size.w, size.h), func(t *testing.T) {
				t.Parallel()
				d := tuitest.New(t, tuitest.Options{Width: size.w, Height: size.h, Profile: termenv.Ascii})
				sc.play(d)
				frame.Fills(t, d.Raw(), size.w, size.h)
				frame.Golden(t, fmt.Sprintf("token-%s-%dx%d", sc.name, size.w, size.h), d.View())
			})
		}
	}
}

// ofRun runs the single-page app's flow and gives a token of it; the program is
// at its first screen again.
func ofRun(d *tuitest.Driver, kind trace.TokenKind) string {
	tokens(d)
	raw := ""
	for _, tr := range d.World.Seen() {
		for _, tok := range tr.Tokens {
			if tok.Kind == kind {
				raw = tok.Value
			}
		}
	}
	for range 4 {
		d.Press("esc")
	}
	d.See("Inspect a token")
	return raw
}

// remembered sets an audience by hand, leaves, and pastes a token of another API.
func remembered(d *tuitest.Driver) {
	raw := ofRun(d, trace.AccessToken)
	d.Paste(raw)
	d.See("UNVERIFIED", "expected: nothing yet")
	d.Press("o")
	d.Type("api://inventory")
	d.Press("ctrl+s")
	d.See("INVALID", "set by hand")
	d.Press("esc")
	d.See("Inspect a token")
	d.Paste(raw)
	d.See("INVALID", "from before")
}

// TestExpectationsAreRememberedAndForgotten walks it: what was set by hand holds
// for the next paste, which says so, until c drops it.
func TestExpectationsAreRememberedAndForgotten(t *testing.T) {
	d := wide(t)
	remembered(d)
	d.See("audience api://inventory", "c forgets it", "This was expected of a token before")
	d.Press("c")
	d.See("UNVERIFIED", "expected: nothing yet")
	d.Press("o")
	d.Type("contoso")
	d.Press("down")
	d.Type("no address")
	d.Press("ctrl+s")
	d.See("no address: an issuer looks like")
	d.Press("esc", "/")
	d.Type("ada@")
	d.See("preferred_username")
	d.Press("enter", "esc", "y", "y")
	d.See("the report copied")
}
