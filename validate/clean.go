package validate

import (
	"bytes"
	"encoding/json"
	"strings"
)

// Clean takes a token out of what people paste: quotation marks, line breaks
// within, "Authorization:" and "Bearer" before it, a token response in JSON
// (its access_token, else its id_token) or in a query or fragment. It returns
// the first token and "" where there is none. It does not judge the token.
func Clean(raw string) string {
	s := strings.TrimSpace(strings.TrimPrefix(raw, "\ufeff"))
	if len(s) > 2*MaxToken {
		s = s[:2*MaxToken]
	}
	if token, ok := fromJSON(s); ok {
		return token
	}
	if token, ok := fromForm(s); ok {
		return token
	}
	s = unwrap(s)
	return join(s)
}

// fromJSON takes the token out of a JSON object or a JSON string.
func fromJSON(s string) (string, bool) {
	if !strings.HasPrefix(s, "{") {
		return "", false
	}
	var object map[string]json.RawMessage
	if json.NewDecoder(bytes.NewReader([]byte(s))).Decode(&object) != nil {
		return "", false
	}
	for _, name := range []string{"access_token", "id_token", "token", "refresh_token", "accessToken", "idToken"} {
		var token string
		if json.Unmarshal(object[name], &token) == nil && token != "" {
			return strings.TrimSpace(token), true
		}
	}
	return "", false
}

// fromForm takes the token out of a query, a fragment or a form.
func fromForm(s string) (string, bool) {
	for _, name := range []string{"access_token=", "id_token="} {
		i := strings.Index(s, name)
		if i < 0 || i > 0 && !strings.ContainsRune("?#& \t\n", rune(s[i-1])) {
			continue
		}
		token := s[i+len(name):]
		if end := strings.IndexAny(token, "&# \t\r\n\"'"); end >= 0 {
			token = token[:end]
		}
		if token != "" {
			return token, true
		}
	}
	return "", false
}

// unwrap takes away what stands around a token.
func unwrap(s string) string {
	for {
		before := s
		s = strings.TrimSpace(strings.Trim(s, "\"'`,;<>"))
		for _, word := range []string{"Authorization:", "\"Authorization\":", "Bearer ", "Bearer:", "access_token:", "id_token:", "access_token\":", "id_token\":"} {
			if len(s) >= len(word) && strings.EqualFold(s[:len(word)], word) {
				s = strings.TrimSpace(s[len(word):])
			}
		}
		if s == before {
			return s
		}
	}
}

// join puts the pieces of a wrapped token together and cuts what follows it.
// While a token has fewer than three segments, any white space may have come
// in between; after that only a line that can be the rest of a wrapped line.
func join(s string) string {
	var b strings.Builder
	last, dots := "", 0
	for n, line := range strings.Split(s, "\n") {
		fields := strings.Fields(line)
		for i, f := range fields {
			f = strings.Trim(f, "\"'`\\,")
			if !isTokenText(f) {
				return b.String() + firstPiece(&b, f)
			}
			wrapped := n > 0 && i == 0 && len(fields) == 1 && len(f) <= len(last) && len(last) >= 20
			switch whole := dots >= 2 && !strings.HasSuffix(last, "."); {
			case b.Len() == 0:
			case whole && (!wrapped || startsToken(f)):
				return b.String()
			case dots == 0 && !wrapped && f[0] != '.':
				return b.String()
			}
			b.WriteString(f)
			last = f
			dots += strings.Count(f, ".")
		}
	}
	return b.String()
}

// firstPiece keeps text that is no token at all, so that it can be shown as it is.
func firstPiece(b *strings.Builder, f string) string {
	if b.Len() > 0 {
		return ""
	}
	return f
}

// startsToken recognises the start of a JSON Web Token of its own.
func startsToken(s string) bool {
	return strings.HasPrefix(s, "eyJ") && strings.Contains(s, ".")
}

// isTokenText reports text of the characters that tokens are made of (RFC 6750 section 2.1).
func isTokenText(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~+/=", c) >= 0) {
			return false
		}
	}
	return s != ""
}
