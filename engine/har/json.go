package har

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// members gives the members of a JSON object that are strings, nothing for
// anything else.
func members(body []byte) map[string]string {
	if len(body) == 0 || body[0] != '{' {
		return nil
	}
	var all map[string]json.RawMessage
	if json.Unmarshal(body, &all) != nil {
		return nil
	}
	out := map[string]string{}
	for name, raw := range all {
		var s string
		if json.Unmarshal(raw, &s) == nil {
			out[name] = s
		}
	}
	return out
}

// isText reports whether a body can be shown as text.
func isText(body []byte) bool { return utf8.Valid(body) && bytes.IndexByte(body, 0) < 0 }

// pretty sets a JSON document on several lines; anything else stays as it is.
func pretty(body string) string {
	var b bytes.Buffer
	if json.Indent(&b, []byte(body), "", "  ") != nil {
		return body
	}
	return strings.TrimSpace(b.String())
}

// encodeJSON writes a document without escaping what is harmless outside HTML.
func encodeJSON(doc any) (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(doc)
	return b.String(), err
}
