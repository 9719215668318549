package trace

import (
	"encoding/json"
	"html"
	"slices"
	"strconv"
	"strings"
)

// maxFound bounds the secrets that are learned from one body: every one of them is
// looked for in every text. A body that holds more is not shown at all.
const maxFound = 128

// maxSecretName is beyond the longest name that a secret has, in bytes.
const maxSecretName = 64

// proseNames are also words of ordinary sentences and programs: they are names of
// secrets where they are written like one only.
var proseNames = map[string]bool{
	"code": true, "state": true, "current": true, "new": true, "again": true, "token": true, "secret": true, "assertion": true,
}

// found is a secret in a text, with its spelling there.
type found struct {
	name, raw, value string
	before, behind   string // what stands around it, for a word that is masked in its place only
}

// scanner finds secrets by their names in any text: whole JSON, JSON that was cut
// off, forms, scripts, plain words. It trusts no structure, goes forward only, and
// so takes linear time.
type scanner struct {
	text string
	hits []found
	over bool // there are more than maxFound
	seen map[string]bool
}

// secretsIn gives the secrets that stand behind a name in a text, and in the text
// that its percent and HTML escapes stand for; over says that there are too many.
func secretsIn(text string) (hits []found, over bool) {
	s := &scanner{seen: map[string]bool{}}
	s.scan(text)
	if strings.Contains(text, "&quot;") || strings.Contains(text, "&#") || strings.Contains(text, "&amp;") {
		s.scan(html.UnescapeString(text))
	}
	if strings.IndexByte(text, '%') >= 0 {
		s.scan(percentDecoded(text))
	}
	slices.SortStableFunc(s.hits, func(a, b found) int { return strings.Compare(a.name, b.name) }) // letters are given in order
	return s.hits, s.over
}

// scan goes through a text from name to name.
func (s *scanner) scan(text string) {
	s.text = text
	for i := 0; i < len(text) && !s.over; {
		n := nameByte(text, i)
		if n == 0 {
			if _, ok := escapedAt(text, i); ok {
				i += 5
			} else if text[i] == '\\' {
				i++ // the letter of \n is no part of a name
			}
			i++
			continue
		}
		start, name := i, make([]byte, 0, maxSecretName)
		for ; n > 0; n = nameByte(text, i) {
			if len(name) < maxSecretName {
				name = append(name, letterAt(text, i, n))
			}
			i += n
		}
		if word := string(name); IsSecret(word) || IsToken(word) {
			i = max(i, s.value(word, start, i))
		}
	}
}

// nameByte gives how many bytes a letter of a name takes at i, 0 where there is
// none: one, or six as \u005f.
func nameByte(text string, i int) int {
	if i >= len(text) {
		return 0
	}
	if isNameByte(text[i]) {
		return 1
	}
	if c, ok := escapedAt(text, i); ok && c < 0x80 && isNameByte(byte(c)) {
		return 6
	}
	return 0
}

func letterAt(text string, i, n int) byte {
	if n == 1 {
		return text[i]
	}
	c, _ := escapedAt(text, i)
	return byte(c)
}

// escapedAt reads \uXXXX.
func escapedAt(text string, i int) (uint64, bool) {
	if i+6 > len(text) || text[i] != '\\' || text[i+1] != 'u' {
		return 0, false
	}
	c, err := strconv.ParseUint(text[i+2:i+6], 16, 32)
	return c, err == nil
}

func isNameByte(c byte) bool {
	return c == '_' || c == '-' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// value takes note of what stands behind a name, and gives where it ends; end is
// where the name does. A name without a value ends there.
func (s *scanner) value(name string, start, end int) int {
	i, quoted := end, false
	if _, _, after := quoteAt(s.text, i); after > i {
		_, _, before := quoteAt(s.text, max(start-1, 0))
		i, quoted = after, start > 0 && before > start-1
	}
	separator := skipBlank(s.text, i)
	if separator >= len(s.text) {
		return end
	}
	prose := proseNames[strings.ToLower(name)]
	c, wide := s.text[separator], 1
	if u, ok := escapedAt(s.text, separator); ok && (u == '=' || u == ':') {
		c, wide = byte(u), 6
	}
	switch {
	case c == '>' && start > 0 && s.text[start-1] == '<' && !strings.EqualFold(name, "code"): // an element, as XML has it
		return s.note(name, start, separator+1, until(s.text, separator+1, "<"), "")
	case c != ':' && c != '=':
		return end
	case prose && !quoted && (c == ':' || separator != end):
		return end // words of a sentence, or of a program
	}
	i = skipBlank(s.text, separator+wide)
	if i >= len(s.text) || s.text[i] != '[' {
		return s.one(name, start, i, c == '=', prose)
	}
	for i < len(s.text) && !s.over && strings.IndexByte("[], \t\r\n", s.text[i]) >= 0 { // all values of a list
		for i < len(s.text) && strings.IndexByte("[], \t\r\n", s.text[i]) >= 0 {
			i++
		}
		if _, _, after := quoteAt(s.text, i); after == i {
			break
		}
		i = s.one(name, i, i, false, prose)
		if _, _, after := quoteAt(s.text, i); after > i {
			i = after
		}
	}
	return i
}

// one takes note of one value that begins at i.
func (s *scanner) one(name string, start, i int, pair, prose bool) int {
	if i >= len(s.text) {
		return i
	}
	if quote, slashes, after := quoteAt(s.text, i); after > i {
		last := closing(s.text, after, quote, slashes)
		return s.note(name, start, after, last, s.text[last:min(last+1, len(s.text))])
	}
	if s.text[i] == '{' {
		return i
	}
	ends := "&<>\"'` \t\r\n"
	if !pair {
		ends += ",;}])"
	}
	last := until(s.text, i, ends)
	if at := strings.Index(s.text[i:last], `\u0026`); at >= 0 {
		last = i + at
	}
	raw := s.text[i:last]
	if prose && (strings.Trim(raw, "0123456789.,-") == "" || raw == "true" || raw == "false" || raw == "null") || raw == "null" {
		return last // a number of an error is no code
	}
	s.note(name, start, i, last, "")
	if cut := strings.IndexAny(raw, `,;}])\`); pair && cut > 0 { // it may end there
		s.note(name, start, i, i+cut, "")
	}
	return last
}

// note keeps the value from i to last, and gives last.
func (s *scanner) note(name string, start, i, last int, behind string) int {
	raw := s.text[i:last]
	if len(raw) < minSecret {
		return last
	}
	if s.seen[name+"="+raw] {
		return last
	}
	if len(s.hits) == maxFound {
		s.over = true
		return last
	}
	s.seen[name+"="+raw] = true
	s.hits = append(s.hits, found{name, raw, unquoted(raw), s.text[max(start, i-2*maxSecretName):i], behind})
	return last
}

// unquoted is what the escapes of JSON in a value stand for, the value itself
// where they can't be read.
func unquoted(raw string) string {
	if strings.IndexByte(raw, '\\') < 0 {
		return raw
	}
	var v string
	if json.Unmarshal([]byte(`"`+raw+`"`), &v) == nil {
		return v
	}
	return raw
}

// quoteAt gives the quote at i with the backslashes before it, and where it ends:
// i where there is none.
func quoteAt(text string, i int) (quote byte, slashes, after int) {
	j := i
	for j < len(text) && text[j] == '\\' && j-i < 8 {
		j++
	}
	if j < len(text) && (text[j] == '"' || text[j] == '\'') {
		return text[j], j - i, j + 1
	}
	return 0, 0, i
}

// closing finds the end of a quoted value: its quote, with no more backslashes
// than the first one had. A value that was cut off goes to the end of the text.
func closing(text string, i int, quote byte, slashes int) int {
	run := 0
	for ; i < len(text); i++ {
		switch {
		case text[i] == '\\':
			run++
			continue
		case text[i] == quote && (slashes == 0 && run%2 == 0 || slashes > 0 && run <= slashes):
			return i - min(run, slashes)
		}
		run = 0
	}
	return len(text)
}

func until(text string, i int, ends string) int {
	if n := strings.IndexAny(text[i:], ends); n >= 0 {
		return i + n
	}
	return len(text)
}

func skipBlank(text string, i int) int {
	for i < len(text) && strings.IndexByte(" \t\r\n", text[i]) >= 0 {
		i++
	}
	return i
}

// percentDecoded decodes what is percent-encoded in a text, and leaves the rest.
func percentDecoded(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) {
			if c, err := strconv.ParseUint(text[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(c))
				i += 2
				continue
			}
		}
		b.WriteByte(text[i])
	}
	return b.String()
}
