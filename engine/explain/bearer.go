package explain

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"flowscope/engine/trace"
)

// challenge is a WWW-Authenticate header of the scheme Bearer (RFC 6750
// section 3).
type challenge struct {
	bearer bool
	params []trace.Param
}

func (c challenge) get(name string) string {
	for _, p := range c.params {
		if strings.EqualFold(p.Name, name) {
			return p.Value
		}
	}
	return ""
}

// readChallenge reads the parameters of a challenge, quoted or not. What it
// can't read it leaves out.
func readChallenge(s string) challenge {
	s = strings.TrimSpace(bound(s, 8<<10))
	scheme, rest, _ := strings.Cut(s, " ")
	c := challenge{bearer: strings.EqualFold(scheme, "Bearer")}
	for len(c.params) < 20 {
		rest = strings.TrimLeft(rest, ", \t")
		name, tail, ok := strings.Cut(rest, "=")
		if !ok {
			break
		}
		var value string
		value, rest = challengeValue(strings.TrimLeft(tail, " \t"))
		name = strings.TrimSpace(name[strings.LastIndex(name, ",")+1:])
		if strings.ContainsAny(name, " \t") {
			break // another scheme's challenge begins (RFC 9110 section 11.6.1)
		}
		if name != "" {
			c.params = append(c.params, trace.Param{Place: trace.Header, Name: name, Value: value})
		}
	}
	return c
}

func challengeValue(s string) (value, rest string) {
	if !strings.HasPrefix(s, `"`) {
		value, rest, _ = strings.Cut(s, ",")
		return strings.TrimSpace(value), rest
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case s[i] == '"':
			return b.String(), s[i+1:]
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), ""
}

// bearerOf gives the token of an Authorization header, empty when there is none.
func bearerOf(r trace.Request) string {
	scheme, token, ok := strings.Cut(strings.TrimSpace(r.Header.Get("Authorization")), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// claimsOf reads the claims of a token without trusting any of them.
func claimsOf(token string) members { return partOf(token, 1) }

// partOf reads the header of a token, part 0, or its claims, part 1. It gives
// nil for what is no signed JWT.
func partOf(token string, n int) members {
	parts := strings.Split(token, ".")
	if len(parts) != 3 || len(token) > maxText*4 {
		return nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[n])
	if err != nil {
		return nil
	}
	var m members
	if json.Unmarshal(raw, &m) != nil {
		return nil
	}
	return m
}

// values reads a claim that is a string or an array of strings, as a list.
func (m members) values(name string) []string {
	var all []string
	if json.Unmarshal(m[name], &all) == nil {
		return all
	}
	if v := m.text(name); v != "" {
		return []string{v}
	}
	return nil
}

// lastSecond is the end of the year 9999, beyond which no time is shown.
const lastSecond = 253402300799

// at reads a NumericDate (RFC 7519 section 2); false when there is none.
func (m members) at(name string) (time.Time, bool) {
	var n float64
	if m[name] == nil || json.Unmarshal(m[name], &n) != nil || n < 0 || n > lastSecond {
		return time.Time{}, false
	}
	return time.Unix(int64(n), 0).UTC(), true
}

// list reads a claim that is a string or an array of strings.
func (m members) list(name string) string {
	var all []string
	if json.Unmarshal(m[name], &all) == nil {
		return strings.Join(all, " ")
	}
	return m.text(name)
}

// Challenge reads the parameters of a WWW-Authenticate header of the scheme Bearer
// (RFC 6750 section 3), as far as they can be read; nothing for another scheme.
func Challenge(header string) []trace.Param {
	c := readChallenge(header)
	if !c.bearer {
		return nil
	}
	return c.params
}
