package validate

import (
	"strings"
	"unicode/utf8"
)

// maxText bounds the text in which tokens are looked for, in bytes.
const maxText = 4 << 20

// plainText takes out of a text what copying puts in: escapes of JSON and of
// source code, percent signs of addresses, references of HTML, colours of a
// terminal, marks without width. None of it can stand within a token, so that
// what remains of a token is a part of the text as it was. A text without any
// of that is returned as it is.
func plainText(s string) string {
	if len(s) > maxText {
		s = s[:maxText]
	}
	i := 0
	for i < len(s) && !coded(s[i]) {
		i++
	}
	if i == len(s) {
		return s
	}
	b := append(make([]byte, 0, len(s)), s[:i]...)
	for i < len(s) {
		if c := s[i]; !coded(c) {
			b = append(b, c)
			i++
			continue
		}
		var n int
		b, n = decodeOne(b, s[i:])
		i += n
	}
	return string(b)
}

// coded reports a byte with which something begins that is not text itself.
func coded(c byte) bool {
	return c >= 0x7f || c < ' ' && c != '\n' && c != '\t' || c == '\\' || c == '%' || c == '&'
}

// decodeOne appends what stands for the text at the beginning of s, and tells
// how many bytes that took, at least one.
func decodeOne(b []byte, s string) ([]byte, int) {
	switch s[0] {
	case '\\':
		return backslash(b, s)
	case '%':
		return percent(b, s)
	case '&':
		return reference(b, s)
	case '\r':
		if len(s) > 1 && s[1] == '\n' {
			return b, 1
		}
		return append(b, '\n'), 1
	case 0x1b:
		return b, escapeLength(s)
	}
	if s[0] < ' ' || s[0] == 0x7f { // text of two bytes a character has a NUL in each
		return b, 1
	}
	r, size := utf8.DecodeRuneInString(s)
	switch {
	case r == 0xfeff, r == 0xad, r == 0x2060, r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e:
		return b, size
	case r == 0xa0, r == 0x202f, r >= 0x2000 && r <= 0x200a, r == 0x3000:
		return append(b, ' '), size
	case r == 0x2028, r == 0x2029, r == 0x85:
		return append(b, '\n'), size
	case r == 0x2018, r == 0x2019, r == 0x201a:
		return append(b, '\''), size
	case r == 0x201c, r == 0x201d, r == 0x201e, r == 0xab, r == 0xbb:
		return append(b, '"'), size
	case r == 0x2502: // the border of a pane
		return append(b, '|'), size
	case r == utf8.RuneError && size == 1 && (s[0] == 0xff || s[0] == 0xfe):
		return b, 1 // the mark of a byte order
	}
	return append(b, s[:size]...), size
}

// backslash decodes an escape of JSON or of source code, however many
// backslashes it has: each level of strings in strings doubles them.
func backslash(b []byte, s string) ([]byte, int) {
	n := 1
	for n < len(s) && s[n] == '\\' {
		n++
	}
	if n == len(s) {
		return append(b, ' '), n
	}
	switch c := s[n]; c {
	case '"', '\'', '/', '`':
		return append(b, c), n + 1
	case 'n', 'r':
		return append(b, '\n'), n + 1
	case 't':
		return append(b, ' '), n + 1
	case '\n', '\r', ' ', '\t': // the line goes on
		return b, n
	case 'u':
		if r, ok := hex4(s[n-1:]); ok {
			return append(b, visible(byte(min(r, 0x7f)))), n + 5
		}
	case 'x':
		if c, ok := hex2(s[n+1:]); ok {
			return append(b, visible(c)), n + 3
		}
	}
	return append(b, '\\'), n
}

// percent decodes a byte of an address, encoded once or more than once.
func percent(b []byte, s string) ([]byte, int) {
	n := 1
	for strings.HasPrefix(s[n:], "25") {
		n += 2
	}
	c, ok := hex2(s[n:])
	if !ok || c == '%' || c >= utf8.RuneSelf || c < ' ' && c != '\n' && c != '\r' {
		return append(b, '%'), 1
	}
	return append(b, visible(c)), n + 2
}

// visible gives white space for what no text shows.
func visible(c byte) byte {
	switch {
	case c == '\n' || c == '\r':
		return '\n'
	case c < ' ' || c >= 0x7f:
		return ' '
	}
	return c
}

func hex2(s string) (byte, bool) {
	if len(s) < 2 {
		return 0, false
	}
	high, ok := hexDigit(s[0])
	low, ok2 := hexDigit(s[1])
	return high<<4 | low, ok && ok2
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}

// references are the references of HTML that stand beside tokens.
var references = [...]struct {
	name string
	c    byte
}{
	{"&amp;", '&'}, {"&quot;", '"'}, {"&#34;", '"'}, {"&#x22;", '"'}, {"&apos;", '\''}, {"&#39;", '\''}, {"&#x27;", '\''},
	{"&lt;", '<'}, {"&gt;", '>'}, {"&nbsp;", ' '}, {"&#61;", '='}, {"&#x3D;", '='},
}

func reference(b []byte, s string) ([]byte, int) {
	for i := range references {
		if r := &references[i]; strings.HasPrefix(s, r.name) {
			return append(b, r.c), len(r.name)
		}
	}
	return append(b, '&'), 1
}

// escapeLength gives the length of the sequence that a terminal would obey at
// the beginning of s (ECMA-48 section 5.4), at most a hundred bytes.
func escapeLength(s string) int {
	if len(s) < 2 || s[1] != '[' {
		return 1
	}
	for i := 2; i < min(len(s), 100); i++ {
		if s[i] >= 0x40 && s[i] <= 0x7e {
			return i + 1
		}
	}
	return 1
}
