package validate

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// MaxDepth is how deep arrays and objects may be nested.
const MaxDepth = 64

// maxFaults bounds how many faults of one document are told.
const maxFaults = 16

// scanner reads one JSON document in one pass. Strings of the result are
// parts of the text, so that nothing is copied unless it holds escapes.
type scanner struct {
	text   string
	part   string
	pos    int
	depth  int
	plain  bool // no escape and no control character anywhere
	faults Faults
	names  []string // names of the nested objects that are open
}

func newScanner(text string) scanner {
	return scanner{text: text, plain: isPlain(text)}
}

// isPlain reports that text holds neither a backslash nor a control character,
// so that a string ends at the next quotation mark. It looks at eight bytes at
// a time and may say no where yes is true, which only costs time.
func isPlain(text string) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(text); i += 8 {
		w := uint64(text[i]) | uint64(text[i+1])<<8 | uint64(text[i+2])<<16 | uint64(text[i+3])<<24 |
			uint64(text[i+4])<<32 | uint64(text[i+5])<<40 | uint64(text[i+6])<<48 | uint64(text[i+7])<<56
		slash := w ^ ones*'\\'
		if ((w-ones*0x20)&^w|(slash-ones)&^slash)&highs != 0 {
			return false
		}
	}
	for ; i < len(text); i++ {
		if c := text[i]; c < 0x20 || c == '\\' {
			return false
		}
	}
	return true
}

// fail notes a fault and returns false, so that callers can return it.
func (s *scanner) fail(name, problem string) bool {
	if len(s.faults) < maxFaults {
		s.faults = append(s.faults, Fault{Part: s.part, Name: name, Problem: problem, Offset: s.pos})
	}
	return false
}

// document reads the whole text as one object into o.
func (s *scanner) document(o *Object) {
	if !utf8.ValidString(s.text) {
		s.fail("", "is not valid UTF-8")
		return
	}
	s.space()
	if s.pos == len(s.text) || s.text[s.pos] != '{' {
		s.fail("", "is not a JSON object")
		return
	}
	if o.cut = !s.object(o); o.cut {
		return
	}
	s.space()
	if s.pos < len(s.text) {
		s.fail("", "has more text after the JSON object")
	}
}

// elements reads the array that the text is.
func (s *scanner) elements() ([]Value, bool) {
	out := []Value{}
	s.pos = 1
	s.space()
	for s.pos < len(s.text) && s.text[s.pos] != ']' {
		var v Value
		if !s.value("", &v) {
			return nil, false
		}
		out = append(out, v)
		s.space()
		if s.pos < len(s.text) && s.text[s.pos] == ',' {
			s.pos++
			s.space()
		}
	}
	return out, true
}

func (s *scanner) space() {
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return
		}
	}
}

// nameSet notices a name that comes twice. A small filter answers for nearly
// every name; many names are kept in a map, so that the cost stays linear.
type nameSet struct {
	filter uint64
	count  int
	many   map[string]struct{}
}

// seen reports whether name is among the count names before it, which earlier
// returns one by one, and remembers it.
func (n *nameSet) seen(name string, earlier func(int) string) bool {
	bit := uint64(1)
	if l := len(name); l > 0 {
		bit <<= (uint(l)*5 + uint(name[0])*3 + uint(name[l-1])) & 63
	}
	count := n.count
	n.count++
	if n.many != nil {
		_, ok := n.many[name]
		n.many[name] = struct{}{}
		return ok
	}
	hit := n.filter&bit != 0
	n.filter |= bit
	if count == 48 {
		n.many = make(map[string]struct{}, 128)
		for i := range count {
			n.many[earlier(i)] = struct{}{}
		}
		_, ok := n.many[name]
		n.many[name] = struct{}{}
		return ok
	}
	if hit {
		for i := range count {
			if earlier(i) == name {
				return true
			}
		}
	}
	return false
}

// object reads an object. Its members go into o; without o only their names
// are looked at.
func (s *scanner) object(o *Object) bool {
	if s.depth++; s.depth > MaxDepth {
		return s.fail("", "is nested deeper than 64 levels")
	}
	base := len(s.names)
	earlier := func(i int) string {
		if o != nil {
			return o.members[i].Name
		}
		return s.names[base+i]
	}
	var set nameSet
	s.pos++
	s.space()
	if s.pos < len(s.text) && s.text[s.pos] == '}' {
		s.pos++
		s.depth--
		return true
	}
	for {
		var m Member
		if !s.member(&m) {
			return false
		}
		if set.seen(m.Name, earlier) {
			s.fail(m.Name, "stands there twice; readers differ in which one they take")
		}
		if o != nil {
			o.members = append(o.members, m)
		} else {
			s.names = append(s.names, m.Name)
		}
		more, ok := s.comma('}')
		if !ok {
			if o != nil { // 0x10 is not 0: where a value does not end, it is none
				o.members = o.members[:len(o.members)-1]
			}
			return false
		}
		if !more {
			s.names = s.names[:base]
			s.depth--
			return true
		}
	}
}

// member reads a name, the colon and the value.
func (s *scanner) member(m *Member) bool {
	if s.pos == len(s.text) || s.text[s.pos] != '"' {
		return s.fail("", "a member's name in quotation marks was expected")
	}
	var ok bool
	if m.Name, ok = s.string(""); !ok {
		return false
	}
	s.space()
	if s.pos == len(s.text) || s.text[s.pos] != ':' {
		return s.fail(m.Name, "no colon after the name")
	}
	s.pos++
	s.space()
	return s.value(m.Name, &m.Value)
}

// comma reads what follows an element: a comma (more) or the closing bracket.
func (s *scanner) comma(closing byte) (more, ok bool) {
	s.space()
	if s.pos == len(s.text) {
		return false, s.fail("", "ends in the middle")
	}
	switch s.text[s.pos] {
	case ',':
		s.pos++
		s.space()
		return true, true
	case closing:
		s.pos++
		return false, true
	}
	return false, s.fail("", "a comma or a closing bracket was expected")
}

func (s *scanner) array() bool {
	if s.depth++; s.depth > MaxDepth {
		return s.fail("", "is nested deeper than 64 levels")
	}
	s.pos++
	s.space()
	if s.pos < len(s.text) && s.text[s.pos] == ']' {
		s.pos++
		s.depth--
		return true
	}
	for {
		var v Value
		if !s.value("", &v) {
			return false
		}
		more, ok := s.comma(']')
		if !ok {
			return false
		}
		if !more {
			s.depth--
			return true
		}
	}
}

// value reads any value into v; name is the member it belongs to, for the words.
func (s *scanner) value(name string, v *Value) bool {
	if s.pos == len(s.text) {
		return s.fail(name, "ends where a value was expected")
	}
	start, ok := s.pos, false
	switch c := s.text[s.pos]; {
	case c == '"':
		v.Type = TypeString
		v.text, ok = s.string(name)
	case c == '{':
		v.Type = TypeObject
		ok = s.object(nil)
	case c == '[':
		v.Type = TypeArray
		ok = s.array()
	case c == '-' || c >= '0' && c <= '9':
		v.Type = TypeNumber
		ok = s.number(name)
	case c == 't':
		v.Type = TypeBool
		ok = s.literal(name, "true")
	case c == 'f':
		v.Type = TypeBool
		ok = s.literal(name, "false")
	case c == 'n':
		v.Type = TypeNull
		ok = s.literal(name, "null")
	default:
		ok = s.fail(name, "a value was expected")
	}
	v.Raw = s.text[start:s.pos]
	return ok
}

func (s *scanner) literal(name, word string) bool {
	if !strings.HasPrefix(s.text[s.pos:], word) {
		return s.fail(name, "a value was expected")
	}
	s.pos += len(word)
	return true
}

func (s *scanner) digits() bool {
	start := s.pos
	for s.pos < len(s.text) && s.text[s.pos]-'0' <= 9 {
		s.pos++
	}
	return s.pos > start
}

// number reads a number (RFC 8259 section 6) and keeps its digits.
func (s *scanner) number(name string) bool {
	if s.text[s.pos] == '-' {
		s.pos++
	}
	zero := s.pos < len(s.text) && s.text[s.pos] == '0'
	start := s.pos
	if !s.digits() || zero && s.pos > start+1 {
		return s.fail(name, "is not a number as JSON writes them")
	}
	if s.pos < len(s.text) && s.text[s.pos] == '.' {
		s.pos++
		if !s.digits() {
			return s.fail(name, "is not a number as JSON writes them")
		}
	}
	if s.pos < len(s.text) && s.text[s.pos]|0x20 == 'e' {
		s.pos++
		if s.pos < len(s.text) && (s.text[s.pos] == '+' || s.text[s.pos] == '-') {
			s.pos++
		}
		if !s.digits() {
			return s.fail(name, "is not a number as JSON writes them")
		}
	}
	return true
}

// string reads a string and resolves its escapes.
func (s *scanner) string(name string) (string, bool) {
	s.pos++
	if s.plain {
		end := strings.IndexByte(s.text[s.pos:], '"')
		if end < 0 {
			s.pos = len(s.text)
			return "", s.fail(name, "a string has no end")
		}
		text := s.text[s.pos : s.pos+end]
		s.pos += end + 1
		return text, true
	}
	for i := s.pos; i < len(s.text); i++ {
		switch c := s.text[i]; {
		case c == '"':
			text := s.text[s.pos:i]
			s.pos = i + 1
			return text, true
		case c == '\\':
			return s.escaped(name, i)
		case c < 0x20:
			s.pos = i
			return "", s.fail(name, "a string holds a bare control character")
		}
	}
	s.pos = len(s.text)
	return "", s.fail(name, "a string has no end")
}

// escaped reads the rest of a string whose first escape stands at i.
func (s *scanner) escaped(name string, i int) (string, bool) {
	out := append(make([]byte, 0, i-s.pos+32), s.text[s.pos:i]...)
	for i < len(s.text) {
		switch c := s.text[i]; {
		case c == '"':
			s.pos = i + 1
			return string(out), true
		case c < 0x20:
			s.pos = i
			return "", s.fail(name, "a string holds a bare control character")
		case c != '\\':
			out = append(out, c)
			i++
		default:
			r, size := unescape(s.text[i:])
			if size == 0 {
				s.pos = i
				return "", s.fail(name, "a string holds an escape that JSON does not know")
			}
			out = utf8.AppendRune(out, r)
			i += size
		}
	}
	s.pos = len(s.text)
	return "", s.fail(name, "a string has no end")
}

// unescape reads one escape and returns the character and how many bytes it
// took; 0 bytes when it is none. Half a surrogate pair is none.
func unescape(text string) (rune, int) {
	if len(text) < 2 {
		return 0, 0
	}
	if i := strings.IndexByte(`"\/bfnrt`, text[1]); i >= 0 {
		return rune("\"\\/\b\f\n\r\t"[i]), 2
	}
	r, ok := hex4(text)
	if !ok {
		return 0, 0
	}
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	low, ok := hex4(text[6:])
	if pair := utf16.DecodeRune(r, low); ok && pair != utf8.RuneError {
		return pair, 12
	}
	return 0, 0
}

// hex4 reads \uXXXX.
func hex4(text string) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	var r rune
	for i := 2; i < 6; i++ {
		c := text[i]
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
