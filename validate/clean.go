package validate

import "strings"

// Clean takes a token out of what people paste, as Find does. It returns the
// access token, else the ID token, else the first of those that stand there. Of
// a text without any it returns the first word, so that it can be shown as it
// is; "" when there is none. It does not judge the token.
func Clean(raw string) string {
	if isBare(raw) {
		return raw
	}
	s := strings.TrimSpace(strings.TrimPrefix(raw, "\ufeff"))
	if len(s) > maxText {
		s = s[:maxText]
	}
	if isBare(s) {
		return s
	}
	if token, ok := fromJSON(s); ok {
		return token
	}
	if token := first(Find(s)); token != "" {
		return token
	}
	s = strings.TrimSpace(strings.Trim(s, "\"'`,;<>"))
	if end := strings.IndexAny(s, " \t\r\n"); end > 0 && s[0] != '{' {
		s = s[:end]
	}
	return s
}

// fromJSON takes the token out of a JSON object exactly as it stands there,
// even where it holds what no token may.
func fromJSON(s string) (string, bool) {
	if len(s) < 2 || s[0] != '{' || len(s) > 2*MaxToken {
		return "", false
	}
	var o Object
	scanner := newScanner(s)
	scanner.document(&o)
	for _, name := range [...]string{"access_token", "id_token", "token", "refresh_token", "accessToken", "idToken"} {
		if token := strings.TrimSpace(o.String(name)); token != "" && !strings.ContainsAny(token, " \t\r\n\"") {
			return token, true
		}
	}
	return "", false
}
