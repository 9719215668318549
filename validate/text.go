package validate

import (
	"strings"
	"unicode/utf8"
)

// printable makes text from outside fit for a sentence: control characters,
// direction marks and line separators are dropped, and no more than max
// characters stay.
func printable(s string, max int) string {
	if len(s) <= max && isShown(s) {
		return s
	}
	var b strings.Builder
	n := 0
	for _, r := range s {
		if unsafeRune(r) {
			continue
		}
		if n == max {
			b.WriteString("…")
			break
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}

// isShown reports text of nothing but ASCII that can be seen, and spaces. It
// looks at eight bytes at a time.
func isShown(s string) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(s); i += 8 {
		w := uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
			uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
		if (w|(w+ones)|(w-ones*0x20))&highs != 0 {
			return false
		}
	}
	for ; i < len(s); i++ {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// unsafeRune reports characters that can move the cursor or turn text around:
// C0, DEL, C1, bidirectional marks, embeddings and isolates, line and
// paragraph separators, invisible joiners and the byte order mark.
func unsafeRune(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r <= 0x9f, r == utf8.RuneError:
		return true
	case r == 0x061c, r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e:
		return true
	case r >= 0x2060 && r <= 0x206f, r == 0xfeff:
		return true
	}
	return r >= 0xfff9 && r <= 0xfffb || r >= 0xe0000 && r <= 0xe007f
}
