package oidc

import (
	"encoding/json"
	"slices"
	"testing"

	"flowscope/engine"
	"flowscope/engine/trace"
)

// FuzzMetadata: a discovery document of any kind is read as its JSON says, and
// what is said of it can be shown.
func FuzzMetadata(f *testing.F) {
	for _, doc := range []string{
		`{"issuer":"https://id.example","token_endpoint":"https://id.example/token","jwks_uri":"https://keys.example/jwks"}`,
		`{"issuer":7,"grant_types_supported":"password","token_endpoint":null}`, `[]`, `null`, `{"grant_types_supported":["a",1]}`,
		`{"issuer":"https://id.example","code_challenge_methods_supported":["plain"],"authorization_response_iss_parameter_supported":true}`,
		`{"issuer":"https://id.example","token_endpoint":"http://169.254.169.254/","id_token_signing_alg_values_supported":["EdDSA\u001b[31m"]}`,
	} {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := readMetadata(body)
		var members map[string]any
		if valid := json.Unmarshal(body, &members) == nil; valid != (err == nil) {
			t.Fatalf("an object: %v, read: %v", valid, err)
		}
		if err != nil {
			return
		}
		for name, got := range map[string]string{"issuer": m.Issuer, fieldToken: m.Token, fieldAuthorization: m.Authorization, fieldDevice: m.Device, "jwks_uri": m.JWKS} {
			if want, _ := members[name].(string); got != want {
				t.Errorf("%s is %q, not %q", name, got, want)
			}
		}
		for name, got := range map[string][]string{fieldGrants: m.GrantTypes, fieldAuth: m.AuthMethods, fieldPKCE: m.PKCE} {
			list, _ := members[name].([]any)
			for _, g := range got {
				if g != "" && !slices.Contains(list, any(g)) {
					t.Errorf("%s holds %q, which the document does not", name, g)
				}
			}
		}
		target := engine.Target{Kind: engine.OIDC, Issuer: "https://id.example"}
		if issuerFits(target, m.Issuer) != (m.Issuer == "https://id.example") {
			t.Errorf("the issuer %q is taken for another", m.Issuer)
		}
		for _, words := range []string{clip(join(m.PKCE)), clip(join(m.IDTokenAlgs)), clip(m.Issuer)} {
			if trace.Plain(words) != words || len([]rune(words)) > maxShown+1 {
				t.Errorf("unsafe words: %q", words)
			}
		}
		a, err := chooseAuth(engine.Job{Target: target, Client: engine.Client{Secret: "s"}}, m)
		if err == nil && len(m.AuthMethods) > 0 && !slices.Contains(m.AuthMethods, a.method) {
			t.Errorf("%s is chosen, and the issuer takes %q", a.method, m.AuthMethods)
		}
		if err != nil && trace.Plain(err.Error()) != err.Error() {
			t.Errorf("unsafe words: %q", err)
		}
	})
}
