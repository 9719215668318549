package tui_test

import (
	"strings"
	"testing"

	"github.com/muesli/termenv"

	"flowscope/tui/tuitest"
)

// TestKeysInANarrowWindow: the footer has the most useful keys of a token, and the
// list has all of them in whole words, though it is longer than the window.
func TestKeysInANarrowWindow(t *testing.T) {
	d := tuitest.New(t, tuitest.Options{Width: 80, Height: 24, Profile: termenv.Ascii})
	tokens(d)
	lines := strings.Split(strings.TrimRight(d.View(), "\n"), "\n")
	if got := strings.Join(strings.Fields(lines[len(lines)-1]), " "); got != "tab pane enter open o expect d diff m libs v raw y copy ? keys" {
		t.Errorf("the footer is %q", got)
	}
	d.Press("?")
	d.See("o          expectations", "m          middleware", "c          expect nothing", "+          open all checks", "pgup       page up")
	d.Resize(80, 18)
	d.See("c          expect nothing", "+          open all checks", "pgup       page up", "ctrl+c     leave at once")
}
