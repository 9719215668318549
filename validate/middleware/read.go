package middleware

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"
)

// manner is how a library's platform reads text: its base64 and its JSON.
type manner uint8

const (
	// mannerAtob is jose's: atob of the text with the alphabet changed, UTF-8
	// strictly, the last of two members.
	mannerAtob manner = iota
	// mannerNode is jws's, below jsonwebtoken: letters of base64url and nothing
	// else, spare bits ignored, the last of two members.
	mannerNode
	// mannerPyJWT is mannerPython, and a byte order mark before the JSON is skipped.
	mannerPyJWT
	// mannerPython is urlsafe_b64decode: foreign characters are skipped, padding is
	// added; the last of two members.
	mannerPython
	// mannerGo is RawURLEncoding: spare bits and line ends are ignored; the last of
	// two members, whose names may differ in case.
	mannerGo
	// mannerNET is Base64UrlEncoder and JsonWebToken's reader.
	mannerNET
	// mannerJava is Nimbus's Base64 and Gson: foreign characters are skipped, two
	// members of one name are refused.
	mannerJava
	mannerCount
)

// maxText bounds what is read here; a larger token is refused by every web
// server long before a library sees it.
const maxText = 1 << 20

// object is a JSON object as one platform has it, after duplicates are settled.
type object struct {
	members map[string]json.RawMessage
	twice   string // a name that was there twice, "" where none was
}

func (o *object) get(name string) (json.RawMessage, bool) {
	if o == nil {
		return nil, false
	}
	v, ok := o.members[name]
	return v, ok
}

// text returns a member that is a string.
func (o *object) text(name string) (string, bool) {
	v, ok := o.get(name)
	return unquote(v, ok)
}

func unquote(v json.RawMessage, ok bool) (string, bool) {
	var s string
	if !ok || len(v) == 0 || v[0] != '"' || json.Unmarshal(v, &s) != nil {
		return "", false
	}
	return s, true
}

// reading is one token as one platform reads it. What it cannot read is nil.
type reading struct {
	segments       []string
	header, claims *object
	signature      []byte
	decoded        bool // the second segment could be decoded
	text           bool // it is JSON, and not null
	signed         bool // the third segment could be decoded
	input          string
}

// read takes a token apart in the manner of a platform.
func read(raw string, how manner) *reading {
	r := &reading{segments: strings.SplitN(raw, ".", 8)}
	if len(raw) > maxText {
		r.segments = nil
		return r
	}
	if how == mannerGo {
		raw = r.asGo(raw)
	}
	first, rest, _ := strings.Cut(raw, ".")
	second, third := rest, ""
	switch i := strings.LastIndexByte(raw, '.'); {
	case i < 0 || i == len(first):
		second = rest
	case how == mannerPython || how == mannerPyJWT: // the last segment is cut off first, then the first
		second, third = raw[len(first)+1:i], raw[i+1:]
	default:
		second, third, _ = strings.Cut(rest, ".")
	}
	r.header = how.object(first, false)
	r.claims = how.object(second, how == mannerGo)
	payload, ok := how.decode(second)
	r.decoded = ok
	r.text = json.Valid(payload) && string(bytes.TrimSpace(payload)) != "null"
	r.signature, r.signed = how.decode(third)
	r.input = raw[:min(len(raw), len(first)+1+len(second))]
	if how == mannerGo {
		r.foldGo(first, payload)
	}
	return r
}

// asGo is what go-jose does to a token first: white space goes, and a token in
// the JSON serialization becomes three segments.
func (r *reading) asGo(raw string) string {
	raw = strings.Map(func(c rune) rune {
		if unicode.IsSpace(c) {
			return -1
		}
		return c
	}, raw)
	if strings.HasPrefix(raw, "{") {
		var jws struct {
			Protected, Payload, Signature string
			Signatures                    []struct{ Protected, Signature string }
		}
		if json.Unmarshal([]byte(raw), &jws) == nil {
			if len(jws.Signatures) == 1 {
				jws.Protected, jws.Signature = jws.Signatures[0].Protected, jws.Signatures[0].Signature
			}
			raw = jws.Protected + "." + jws.Payload + "." + jws.Signature
		}
	}
	r.segments = strings.SplitN(raw, ".", 8)
	return raw
}

// foldGo finishes a reading in Go's manner: the signature covers header and
// payload encoded afresh, a header with a member twice is refused, and the
// names of claims are compared without regard to case.
func (r *reading) foldGo(first string, payload []byte) {
	if header, ok := mannerGo.decode(first); ok {
		r.input = loose.EncodeToString(header) + "." + loose.EncodeToString(payload)
	}
	if r.header != nil && r.header.twice != "" {
		r.header = nil
	}
}

// object reads one segment as a JSON object; fold makes its names small.
func (m manner) object(segment string, fold bool) *object {
	data, ok := m.decode(segment)
	if !ok {
		return nil
	}
	if !utf8.Valid(data) {
		if m != mannerNode && m != mannerGo && m != mannerJava {
			return nil
		}
		data = bytes.ToValidUTF8(data, []byte("\ufffd"))
	}
	switch m {
	case mannerAtob, mannerPyJWT:
		data = bytes.TrimPrefix(data, []byte("\ufeff"))
	}
	if (m == mannerPython || m == mannerPyJWT) && endless(data) {
		return nil
	}
	return parse(data, m.depth(), fold)
}

// endless reports a whole number of more digits than Python reads into an int.
func endless(data []byte) bool {
	const limit = 4300 // sys.int_info.default_max_str_digits
	n := 0
	for _, c := range data {
		if c < '0' || c > '9' {
			n = 0
		} else if n++; n > limit {
			return true
		}
	}
	return false
}

// depth is how deep a platform's reader goes at most.
func (m manner) depth() int {
	switch m {
	case mannerNET:
		return 64 // System.Text.Json's MaxDepth
	case mannerJava:
		return 255 // Gson's nesting limit
	case mannerPython, mannerPyJWT:
		return 990 // the interpreter's recursion limit, less the caller's frames
	}
	return 10000
}

// parse reads a JSON object leniently: members that come again take the place
// of the first. With fold, names that differ in case alone are one.
func parse(data []byte, depth int, fold bool) *object {
	if !json.Valid(data) || deeper(data, depth) {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil
	}
	o := &object{members: map[string]json.RawMessage{}}
	for d.More() {
		name, err := d.Token()
		key, ok := name.(string)
		var value json.RawMessage
		if err != nil || !ok || d.Decode(&value) != nil {
			return nil
		}
		if fold {
			key = strings.ToLower(strings.ToUpper(key))
		}
		if _, again := o.members[key]; again && o.twice == "" {
			o.twice = key
		}
		o.members[key] = value
	}
	return o
}

// deeper reports nesting beyond a limit in valid JSON.
func deeper(data []byte, limit int) bool {
	depth, quoted := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > limit {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}

// decode reads base64url as a platform does.
func (m manner) decode(s string) ([]byte, bool) {
	switch m {
	case mannerAtob:
		return decodeAtob(s)
	case mannerNode:
		return decodeLetters(s)
	case mannerPython, mannerPyJWT:
		return decodePython(s)
	case mannerNET:
		return decodeNET(s)
	case mannerJava:
		return decodeSkipping(s), true
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	return b, err == nil
}

// loose is base64url that ignores spare bits.
var loose = base64.RawURLEncoding

// decodeAtob is atob after "-" and "_" were replaced (WHATWG Infra, forgiving
// base64 decode): white space goes, padding may be there, spare bits are dropped.
func decodeAtob(s string) ([]byte, bool) {
	if strings.ContainsAny(s, "+/") {
		return nil, false
	}
	if strings.ContainsAny(s, " \t\r\n\f") {
		s = strings.NewReplacer(" ", "", "\t", "", "\r", "", "\n", "", "\f", "").Replace(s)
	}
	if len(s)%4 == 0 {
		s = strings.TrimSuffix(strings.TrimSuffix(s, "="), "=")
	}
	b, err := loose.DecodeString(s)
	return b, err == nil
}

// decodeLetters is Node's Buffer on text of base64url's letters alone; a last
// letter that stands alone is dropped.
func decodeLetters(s string) ([]byte, bool) {
	for i := 0; i < len(s); i++ {
		if !letter(s[i]) {
			return nil, false
		}
	}
	if len(s)%4 == 1 {
		s = s[:len(s)-1]
	}
	b, err := loose.DecodeString(s)
	return b, err == nil
}

func letter(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

// decodePython is base64.urlsafe_b64decode with padding added up to a multiple
// of four (binascii.a2b_base64 without strict_mode): characters of no meaning
// are skipped, and whatever follows full padding is not read.
func decodePython(s string) ([]byte, bool) {
	s += strings.Repeat("=", (4-len(s)%4)%4)
	kept := make([]byte, 0, len(s))
	pads := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '=':
			if n := len(kept) % 4; n >= 2 {
				if pads++; n+pads >= 4 {
					b, err := loose.DecodeString(string(kept))
					return b, err == nil
				}
			}
			continue
		case c == '+':
			c = '-'
		case c == '/':
			c = '_'
		}
		if letter(c) {
			kept = append(kept, c)
			pads = 0
		}
	}
	if len(kept)%4 != 0 {
		return nil, false // Incorrect padding
	}
	b, err := loose.DecodeString(string(kept))
	return b, err == nil
}

// decodeNET is Base64UrlEncoding.Decode: both alphabets, "=" skipped, a length
// of four times n plus one refused; its buffer leaves room for two "=" at the end.
func decodeNET(s string) ([]byte, bool) {
	if len(s)%4 == 1 {
		return nil, false
	}
	padding := 0
	for padding < 2 && strings.HasSuffix(s[:len(s)-padding], "=") {
		padding++
	}
	kept := strings.NewReplacer("+", "-", "/", "_", "=", "").Replace(s)
	for i := 0; i < len(kept); i++ {
		if !letter(kept[i]) {
			return nil, false
		}
	}
	b, err := loose.DecodeString(kept)
	return b, err == nil
}

// decodeSkipping is Nimbus's Base64Codec: both alphabets, everything else
// skipped, an unfinished last group dropped as far as it holds no byte.
func decodeSkipping(s string) []byte {
	kept := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '+':
			kept = append(kept, '-')
		case c == '/':
			kept = append(kept, '_')
		case letter(c):
			kept = append(kept, c)
		}
	}
	if len(kept)%4 == 1 {
		kept = kept[:len(kept)-1]
	}
	b, _ := loose.DecodeString(string(kept))
	return b
}
