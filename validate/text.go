package validate

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// printable makes text from outside fit for a sentence: control characters are
// dropped, and what can't be seen is written as an escape, so that two values
// which differ in nothing else don't look the same. No more than max characters
// stay.
func printable(s string, max int) string {
	if len(s) <= max && isShown(s) {
		return s
	}
	var b strings.Builder
	n := 0
	for _, r := range s {
		if isControl(r) {
			continue
		}
		text := string(r)
		switch {
		case r > 0xffff && isInvisible(r):
			text = `\u{` + strconv.FormatInt(int64(r), 16) + "}"
		case isInvisible(r):
			text = `\u` + strconv.FormatInt(0x10000+int64(r), 16)[1:]
		}
		if n += utf8.RuneCountInString(text); n > max {
			b.WriteString("…")
			break
		}
		b.WriteString(text)
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

// isControl reports characters that can move the cursor, C0, DEL and C1, and what
// is no character.
func isControl(r rune) bool {
	return r < 0x20 || r >= 0x7f && r <= 0x9f || r == utf8.RuneError
}

// isInvisible reports characters that show nothing, or turn around what stands
// behind them: those that Unicode ignores by default (UCD 16.0,
// DerivedCoreProperties: Default_Ignorable_Code_Point, the fillers of Hangul
// among them), line and paragraph separators, the marks of annotations and the
// empty pattern of Braille.
func isInvisible(r rune) bool {
	switch {
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
