package widget

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"flowscope/tui/screen"
)

// Say writes our own words with the signs that the terminal has: where the
// glyphs are ASCII, so are dots, dashes, quotation marks and arrows in a text.
func Say(sh *screen.Shell, text string) string {
	g := sh.Glyphs
	if g.Ellipsis == "…" {
		return text
	}
	return strings.NewReplacer(
		"…", g.Ellipsis, "·", g.Dot, "›", g.Crumb, "→", g.Arrow, "–", "-", "—", "-",
		"“", `"`, "”", `"`, "‘", "'", "’", "'", "§", "section ",
	).Replace(text)
}

// Prose breaks plain text into lines of at most w cells at its spaces. A word
// is broken only when it is longer than a line: identifiers stay whole, hyphens
// and all. Such a word is broken at a hyphen where that leaves no short line.
func Prose(text string, w int) []string {
	if w < 1 {
		return nil
	}
	var out []string
	line, n := "", 0
	for word := range strings.FieldsSeq(text) {
		m := ansi.StringWidth(word)
		if n > 0 && n+1+m <= w {
			line, n = line+" "+word, n+1+m
			continue
		}
		if n > 0 {
			out = append(out, line)
		}
		if m > w {
			parts := breakWord(word, w)
			if ansi.StringWidth(parts[0]) < w/2 {
				parts = strings.Split(ansi.Hardwrap(word, w, false), "\n")
			}
			out = append(out, parts[:len(parts)-1]...)
			word = parts[len(parts)-1]
			m = ansi.StringWidth(word)
		}
		line, n = word, m
	}
	return append(out, line)
}
