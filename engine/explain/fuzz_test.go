package explain

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"flowscope/engine/trace"
)

// FuzzChallenge: a WWW-Authenticate header of any kind gives names and values, and
// claims only where they are a JSON object that can be passed on.
func FuzzChallenge(f *testing.F) {
	for _, h := range []string{
		`Bearer realm="", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ=="`, `Bearer`, `Basic realm="x"`, `bearer a=b,c="d\"e",=f,,"g`,
		`Bearer claims="bnVsbA"`, `Bearer error=invalid_token error_description="` + "\x1b[31m" + `"`, `DPoP algs="ES256", Bearer scope=x`,
	} {
		f.Add(h, []byte(`{"error":"interaction_required","claims":"{\"access_token\":{}}"}`))
		f.Add(h, []byte(`{"claims":"null"}`))
	}
	f.Fuzz(func(t *testing.T, header string, body []byte) {
		for _, p := range Challenge(header) {
			if p.Name == "" || strings.ContainsAny(p.Name, " \t=,") {
				t.Errorf("%q holds a parameter %q", header, p.Name)
			}
		}
		e := trace.Exchange{Purpose: trace.TokenCall, Response: &trace.Response{Status: 401, Header: http.Header{"Www-Authenticate": {header}}, Body: body}}
		claims, ok := ChallengeClaims(e)
		var m map[string]json.RawMessage
		if ok != (claims != "") || ok && (json.Unmarshal([]byte(claims), &m) != nil || m == nil) {
			t.Errorf("claims %q, %v", claims, ok)
		}
		e.Response.Status = 200
		if claims, ok := ChallengeClaims(e); ok {
			t.Errorf("a success asks for %q", claims)
		}
	})
}
