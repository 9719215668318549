package validate

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// harBodies puts the bodies of a HAR that are written in base64 (HAR 1.2,
// content.encoding) in their place as they were. Browsers write some answers of
// token endpoints so. The text never becomes longer; one without such a body is
// returned as it is.
func harBodies(s string) string {
	if len(s) > maxText {
		s = s[:maxText]
	}
	const mark = `"base64"`
	if !strings.Contains(s, mark) {
		return s
	}
	var b strings.Builder
	done := 0
	for {
		at := strings.Index(s[done:], mark)
		if at < 0 {
			break
		}
		at += done
		end := strings.IndexByte(s[at:], '}')
		if end < 0 {
			break
		}
		end += at
		begin := done + max(0, strings.LastIndexByte(s[done:at], '{'))
		_, _ = b.WriteString(s[done:begin]) // a Builder takes everything
		_, _ = b.WriteString(harBody(s[begin:end]))
		done = end
	}
	_, _ = b.WriteString(s[done:])
	return b.String()
}

// harBody gives the members of one content object, its text decoded where it is
// base64 of text.
func harBody(object string) string {
	if _, ok := memberValue(object, "encoding"); !ok {
		return object
	}
	at, ok := memberValue(object, "text")
	if !ok {
		return object
	}
	end := strings.IndexByte(object[at:], '"')
	if end < 0 {
		return object
	}
	coded := strings.ReplaceAll(object[at:at+end], `\/`, "/")
	body, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(coded, "="))
	if err != nil || !utf8.Valid(body) {
		return object
	}
	return object[:at-1] + string(body) + object[at+end+1:]
}

// memberValue gives where the string begins that a member of an object has.
func memberValue(object, name string) (at int, ok bool) {
	_, rest, ok := strings.Cut(object, `"`+name+`"`)
	if !ok {
		return 0, false
	}
	if rest, ok = strings.CutPrefix(strings.TrimLeft(rest, " \t\r\n"), ":"); !ok {
		return 0, false
	}
	if rest, ok = strings.CutPrefix(strings.TrimLeft(rest, " \t\r\n"), `"`); !ok {
		return 0, false
	}
	return len(object) - len(rest), true
}
