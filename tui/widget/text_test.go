package widget

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// No line of a text is wider than it may be, whatever sign stands at its end.
func TestLinesAreNoWiderThanTheyMay(t *testing.T) {
	for _, word := range []string{
		"https://sts.windows.net/c0f7a1de-2222-4333-8444-5555555555a2/", "https://login.microsoftonline.com/c0f7a1de-2222-4333-8444-5555555555a2/v2.0",
		strings.Repeat("/", 90), strings.Repeat("a=b&", 40), strings.Repeat("日本/", 30), "one two " + strings.Repeat("x", 70) + "/ three",
	} {
		for w := 4; w < 90; w++ {
			for _, l := range append(Prose(word, w), Wrap(word, w)...) {
				if ansi.StringWidth(l) > w {
					t.Fatalf("%d cells for %d: %q", ansi.StringWidth(l), w, l)
				}
			}
			if joined := strings.ReplaceAll(strings.Join(Prose(word, w), ""), " ", ""); joined != strings.ReplaceAll(word, " ", "") {
				t.Fatalf("%d cells: %q lost something: %q", w, word, joined)
			}
		}
	}
}
