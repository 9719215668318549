package explain

import (
	"encoding/json"

	"flowscope/engine/trace"
)

// ChallengeClaims gives the claims that an answer asks for (Entra: claims
// challenges): those of an API's WWW-Authenticate header, or the member claims of
// an error of the token endpoint. They are what the claims parameter of a new
// authorization request carries. It gives false when nothing is asked for, and
// for what is no JSON object.
func ChallengeClaims(e trace.Exchange) (string, bool) {
	if e.Response == nil || e.Response.Status < 400 {
		return "", false
	}
	for _, v := range e.Response.Header.Values("WWW-Authenticate") {
		if claims := decodeClaims(readChallenge(v).get("claims")); object(claims) {
			return claims, true
		}
	}
	var body struct {
		Claims string `json:"claims"`
	}
	if e.Purpose.AtTokenEndpoint() && json.Unmarshal(e.Response.Body, &body) == nil && object(body.Claims) {
		return body.Claims, true
	}
	return "", false
}

// object reports whether a text is a JSON object, and of a size to pass on.
func object(text string) bool {
	var m map[string]json.RawMessage
	return text != "" && len(text) <= maxText && json.Unmarshal([]byte(text), &m) == nil && m != nil
}
