package trace

import (
	"strings"
	"unicode/utf8"
)

// Plain makes text from outside safe to draw: C0 and C1 control characters
// (terminal escape sequences begin with one), bidirectional overrides and
// invisible format characters are replaced, line breaks and tabs become a
// space. What can be read stays as it is.
func Plain(s string) string { return plain(s, false) }

// PlainLines is Plain, but keeps line breaks (CRLF and CR become LF).
func PlainLines(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return plain(strings.ReplaceAll(s, "\r", "\n"), true)
}

func plain(s string, lines bool) string {
	clean := true
	for _, r := range s {
		if unsafeRune(r) || r == utf8.RuneError {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		switch {
		case r == '\n' && lines:
			b.WriteRune('\n')
		case r == '\n' || r == '\t' || r == '\r':
			b.WriteByte(' ')
		case unsafeRune(r), r == utf8.RuneError:
			b.WriteRune('\uFFFD')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// unsafeRune names what a terminal would obey or hide rather than show:
// controls, all that Unicode ignores by default (UCD 16.0, DerivedCoreProperties:
// Default_Ignorable_Code_Point: the bidirectional marks, embeddings and isolates,
// zero-width and other format characters, fillers, variation selectors, tags),
// line and paragraph separators, the marks of annotations and the empty pattern
// of Braille.
func unsafeRune(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r <= 0x9f:
		return true
	case r < 0xad:
		return false
	case r == 0xad, r == 0x34f, r == 0x61c, r == 0x115f, r == 0x1160, r == 0x17b4, r == 0x17b5:
		return true
	case r >= 0x180b && r <= 0x180f, r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x206f:
		return true
	case r == 0x2800, r == 0x3164, r >= 0xfe00 && r <= 0xfe0f, r == 0xfeff, r == 0xffa0, r >= 0xfff0 && r <= 0xfffb:
		return true
	}
	return r >= 0x1bca0 && r <= 0x1bca3 || r >= 0x1d173 && r <= 0x1d17a || r >= 0xe0000 && r <= 0xe0fff
}
