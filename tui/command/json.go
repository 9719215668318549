package command

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"flowscope/engine/trace"
)

// longName is the length from which the name of a member may be somebody's
// secret; no name of ours is as long.
const longName = 20

// encode writes a document as JSON on one line, without escaping what only
// HTML would need.
func encode(doc any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(doc); err != nil {
		return nil, fmt.Errorf("JSON: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// sealJSON makes a document fit to leave the program: every string in it goes
// through the Redactor, one by one so that nothing but strings can change, and
// characters that a terminal would obey or hide are escaped (RFC 8259 section
// 7). Without a Redactor nothing is masked.
func sealJSON(doc []byte, red *trace.Redactor) ([]byte, error) {
	out := make([]byte, 0, len(doc)+len(doc)/16)
	for i := 0; i < len(doc); {
		if doc[i] != '"' {
			out = append(out, doc[i])
			i++
			continue
		}
		end := stringEnd(doc, i)
		literal := doc[i:end]
		isName := end < len(doc) && doc[end] == ':'
		if red != nil && (!isName || len(literal) > longName) {
			masked, err := maskLiteral(literal, red)
			if err != nil {
				return nil, err
			}
			literal = masked
		}
		out = appendSafe(out, literal)
		i = end
	}
	return out, nil
}

// stringEnd gives the index behind the string literal that begins at i.
func stringEnd(doc []byte, i int) int {
	for i++; i < len(doc); i++ {
		switch doc[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(doc)
}

func maskLiteral(literal []byte, red *trace.Redactor) ([]byte, error) {
	if len(literal) < 6 { // no secret of fewer than four characters is looked for
		return literal, nil
	}
	text := string(literal[1 : len(literal)-1])
	if strings.IndexByte(text, '\\') >= 0 {
		if err := json.Unmarshal(literal, &text); err != nil {
			return nil, fmt.Errorf("JSON: %w", err)
		}
	}
	masked := red.Text(text)
	if masked == text {
		return literal, nil
	}
	return encode(masked)
}

// appendSafe copies JSON text and escapes what trace.Plain would take out.
func appendSafe(out, s []byte) []byte {
	plain := true
	for _, c := range s {
		if c >= 0x7f {
			plain = false
			break
		}
	}
	if plain {
		return append(out, s...)
	}
	for len(s) > 0 {
		r, size := utf8.DecodeRune(s)
		switch {
		case r == utf8.RuneError && size == 1:
			out = append(out, `\ufffd`...)
		case r < 0x7f || trace.Plain(string(r)) == string(r):
			out = append(out, s[:size]...)
		case r > 0xffff:
			high, low := 0xd800+(r-0x10000)>>10, 0xdc00+(r-0x10000)&0x3ff
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		s = s[size:]
	}
	return out
}
