package explain

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// claimAsked is one claim of a claims challenge.
type claimAsked struct {
	Value  json.RawMessage `json:"value"`
	Values []string        `json:"values"`
}

// seeClaims shows the policies that a claims challenge names, and what the
// client does with it: it passes the text on as it is (Entra: claims
// challenges).
func (s scene) seeClaims(f *Finding) {
	if s.a.claims == "" || len(s.a.claims) > maxText {
		return
	}
	var asked map[string]json.RawMessage
	if json.Unmarshal([]byte(s.a.claims), &asked) != nil {
		f.see("claims", "a claims challenge that can't be read", "")
		return
	}
	var access map[string]claimAsked
	if json.Unmarshal(asked["access_token"], &access) != nil {
		if asked["access_token"] != nil {
			f.see("claims", "a claims challenge that can't be read", "")
		}
		return
	}
	names := make([]string, 0, len(access))
	for name := range access {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names[:min(len(names), 6)] {
		c := access[name]
		values := slices.Clone(c.Values)
		note := claimsNote(name)
		if v := (members{"value": c.Value}).text("value"); v != "" {
			values = append(values, v)
			note = strings.TrimSpace(note + momentNote(name, v))
		}
		f.see("claims: "+name, strings.Join(values, " "), note)
	}
	if len(names) > 0 {
		_, context := access["acrs"]
		f.Fix = append(f.Fix, s.sendClaims(f.Code, context))
	}
}

// sendClaims is what a client does with a claims challenge. Where a policy
// blocks, that helps only when the policy is met. Context: an authentication
// context is asked for.
func (s scene) sendClaims(code string, context bool) Fix {
	x := Fix{
		Title: "In the program: sign in again and send the claims along",
		Note:  "pass the value of claims on unchanged, as the claims parameter of the authorization request; an API in the middle hands it to its client",
	}
	x.Change = s.relayed()
	if context { // a claims parameter of the token request replaces that of the authorization request
		x.Note += "; in the token request too, where the client library sends a claims parameter of its own"
	}
	if code == "AADSTS53003" || code == "AADSTS53000" || code == "AADSTS530036" {
		x.Title = "In the program, once the policy is met: sign in again and send the claims along"
	}
	if escaped := url.QueryEscape(s.a.claims); len(escaped) <= maxValue {
		x.Code = "claims=" + escaped + "   // in the authorization request"
	}
	return x
}

func claimsNote(name string) string {
	switch name {
	case "capolids", "polids":
		return "the Conditional Access policy"
	case "acrs":
		return "an authentication context"
	case "nbf":
		return "a token made after this time"
	}
	return ""
}

// momentNote writes the time of nbf, which is in seconds since 1970.
func momentNote(name, v string) string {
	n, err := strconv.ParseInt(v, 10, 64)
	if name != "nbf" || err != nil || n < 0 || n > lastSecond {
		return ""
	}
	return ", " + time.Unix(n, 0).UTC().Format(time.RFC3339)
}
