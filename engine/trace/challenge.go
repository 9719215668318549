package trace

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
)

// maxChallenge bounds a claims challenge, encoded, in bytes.
const maxChallenge = 16 << 10

// ClaimsChallenge reads the claims that an API demands with its refusal: the
// claims parameter of a Bearer challenge with error="insufficient_claims",
// base64 of a JSON object (Entra: claims challenge). The JSON is what the next
// sign-in sends as its claims parameter (OpenID Connect Core 1.0 section 5.5).
// The base64 is read with padding or without, in either alphabet; what is longer
// than 16 KiB, or no JSON object, is no challenge.
func ClaimsChallenge(r Response) (string, bool) {
	if r.Status != http.StatusUnauthorized && r.Status != http.StatusForbidden {
		return "", false
	}
	for _, header := range r.Header.Values("WWW-Authenticate") {
		if len(header) > 2*maxChallenge {
			continue
		}
		params := bearerParams(header)
		if !strings.EqualFold(params["error"], "insufficient_claims") || len(params["claims"]) > maxChallenge {
			continue
		}
		if claims, ok := decodeClaims(params["claims"]); ok {
			return claims, true
		}
	}
	return "", false
}

func decodeClaims(text string) (string, bool) {
	text = strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimSpace(text)), "=")
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || !json.Valid(raw) {
		return "", false
	}
	claims := strings.TrimSpace(string(raw))
	return claims, strings.HasPrefix(claims, "{")
}

// bearerParams reads the parameters of a Bearer challenge (RFC 9110 section
// 11.6.1, RFC 6750 section 3), names in small letters. What is no Bearer
// challenge gives nothing.
func bearerParams(header string) map[string]string {
	scheme, rest, _ := strings.Cut(strings.TrimSpace(header), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return nil
	}
	out := map[string]string{}
	for rest = strings.TrimLeft(rest, " \t,"); rest != ""; rest = strings.TrimLeft(rest, " \t,") {
		name, value, ok := strings.Cut(rest, "=")
		if !ok {
			break
		}
		value, rest = authValue(strings.TrimLeft(value, " \t"))
		name = strings.ToLower(strings.TrimSpace(name))
		if _, twice := out[name]; !twice {
			out[name] = value
		}
	}
	return out
}

// authValue reads a token or a quoted string and gives what is left behind it.
func authValue(s string) (value, rest string) {
	if !strings.HasPrefix(s, `"`) {
		if i := strings.IndexAny(s, ", \t"); i >= 0 {
			return s[:i], s[i:]
		}
		return s, ""
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return b.String(), s[i+1:]
		case c == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), ""
}
