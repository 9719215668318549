package token

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"flowscope/engine/inspect"
	"flowscope/themes"
	"flowscope/tui/screen"
	"flowscope/validate"

	"flowscope/tui/tuitest/frame"
)

// withHeader signs claims under a header of the test's own.
func withHeader(t testing.TB, header string, claims map[string]any) string {
	t.Helper()
	body, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	enc := base64.RawURLEncoding.EncodeToString
	input := enc([]byte(header)) + "." + enc(body)
	sum := sha256.Sum256([]byte(input))
	sig, err := rsa.SignPKCS1v15(rand.Reader, signingKey(), crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + enc(sig)
}

// v1 turns the claims of a v2.0 token into those of a v1.0 token.
func v1(changes map[string]any) map[string]any {
	c := map[string]any{
		"ver": "1.0", "iss": "https://sts.windows.net/" + tenantID + "/", "azp": nil, "azpacr": nil, "preferred_username": nil,
		"appid": webID, "appidacr": "1", "unique_name": "ada@contoso.example", "acr": "1", "amr": []string{"pwd", "mfa"}, "ipaddr": "203.0.113.7",
	}
	for k, v := range changes {
		c[k] = v
	}
	return claimSet(c)
}

const graph = "https://graph.microsoft.com"

// kinds are tokens of every kind, as a person might paste them.
var kinds = []struct {
	name   string
	golden bool
	make   func(t testing.TB) *inspect.Report
}{
	{"valid", true, func(t testing.TB) *inspect.Report { return validReport(t) }},
	{"expired", true, func(t testing.TB) *inspect.Report {
		return report(t, sign(t, claimSet(map[string]any{"iat": now.Add(-3 * time.Hour).Unix(), "nbf": now.Add(-3 * time.Hour).Unix(), "exp": now.Add(-107 * time.Minute).Unix()})), expectations())
	}},
	{"wrong-audience", true, func(t testing.TB) *inspect.Report { return wrongAudience(t) }},
	{"graph", true, func(t testing.TB) *inspect.Report {
		raw := withHeader(t, `{"typ":"JWT","nonce":"q3mWlq7bGdO8yTn1cE4xHvAXQAi8TAAAAJ1Zs0l3hP0","alg":"RS256","x5t":"`+keyID+`","kid":"`+keyID+`"}`,
			v1(map[string]any{"aud": graph, "scp": "User.Read email openid profile", "app_displayname": "Orders web", "wids": []string{"b79fbf4d-3ef9-4689-8143-76b194e85509"}, "xms_tcdt": 1564500000}))
		return report(t, raw, validate.Expectations{})
	}},
	{"attack", true, func(t testing.TB) *inspect.Report {
		raw := withHeader(t, `{"typ":"JWT","alg":"none"}`, claimSet(map[string]any{"roles": []string{"Admin"}}))
		return report(t, raw[:strings.LastIndexByte(raw, '.')+1], expectations())
	}},
	{"hs256", false, func(t testing.TB) *inspect.Report {
		return report(t, withHeader(t, `{"typ":"JWT","alg":"HS256","kid":"`+keyID+`"}`, claimSet(nil)), expectations())
	}},
	{"id", false, func(t testing.TB) *inspect.Report { return idReport(t) }},
	{"refresh", false, func(t testing.TB) *inspect.Report { return report(t, refreshToken, validate.Expectations{}) }},
	{"opaque", false, func(t testing.TB) *inspect.Report {
		return report(t, "EwBwA8l6BAAU7p9QDpi/D7xJLwsTgCg3TskyTaQAAXu71AU9f4aS4rOK5xoO/SU5HZKSXtCsDe0Pj7uSc5Ug", validate.Expectations{})
	}},
	{"encrypted", false, func(t testing.TB) *inspect.Report {
		enc := base64.RawURLEncoding.EncodeToString
		return report(t, enc([]byte(`{"alg":"RSA-OAEP","enc":"A256GCM","kid":"orders-2026","typ":"JWT","cty":"JWT"}`))+"."+enc(make([]byte, 256))+"."+enc(make([]byte, 12))+"."+enc(make([]byte, 600))+"."+enc(make([]byte, 16)), validate.Expectations{})
	}},
	{"overage", false, func(t testing.TB) *inspect.Report {
		return report(t, sign(t, claimSet(map[string]any{
			"_claim_names":   map[string]any{"groups": "src1"},
			"_claim_sources": map[string]any{"src1": map[string]any{"endpoint": "https://graph.windows.net/" + tenantID + "/users/" + personID + "/getMemberObjects"}},
		})), expectations())
	}},
	{"guest", false, func(t testing.TB) *inspect.Report {
		r := report(t, sign(t, v1(map[string]any{
			"idp": "https://sts.windows.net/fab00000-2222-4333-8444-5555555555a2/", "upn": "bob_fabrikam.example#EXT#@contoso.onmicrosoft.com", "unique_name": "bob@fabrikam.example", "name": "Bob Fabrikam", "acct": 1,
			"iss": issuer, "ver": "2.0",
		})), expectations())
		r.Requested, r.Granted = []string{"Orders.Read", "Orders.ReadWrite", "Orders.Admin"}, []string{"Orders.Read", "Orders.ReadWrite"}
		return r
	}},
	{"managed-identity", false, func(t testing.TB) *inspect.Report {
		return report(t, sign(t, v1(map[string]any{
			"aud": "https://vault.azure.net", "scp": nil, "name": nil, "unique_name": nil, "amr": nil, "acr": nil, "ipaddr": nil, "appidacr": "2", "idtyp": "app", "sub": personID,
			"idp": "https://sts.windows.net/" + tenantID + "/", "exp": now.Add(23 * time.Hour).Unix(),
			"xms_mirid": "/subscriptions/0000/resourcegroups/orders/providers/Microsoft.ManagedIdentity/userAssignedIdentities/orders-mi",
		})), validate.Expectations{Audiences: []string{"https://vault.azure.net"}})
	}},
	{"hostile", false, func(t testing.TB) *inspect.Report {
		return report(t, sign(t, claimSet(map[string]any{
			"name": "\x1b[31mred\x1b]0;t\x07\u202egnp.exe\u200b", "roles": []string{strings.Repeat("日本語", 200), "a\nb"},
			strings.Repeat("claim", 60): strings.Repeat("x", 9000), "x\x1b[2J": map[string]any{"deep": []int{1, 2}}, "": "empty", "漢字": "漢字",
			"scp": strings.Repeat("Scope.Read ", 300), "exp": 253402300799, "iat": -5,
		})), expectations())
	}},
	{"many", false, func(t testing.TB) *inspect.Report { return manyClaims(t) }},
	{"mib", false, func(t testing.TB) *inspect.Report {
		return report(t, sign(t, claimSet(map[string]any{"padding": strings.Repeat("A", 700<<10)})), expectations())
	}},
	{"broken", false, func(t testing.TB) *inspect.Report {
		enc := base64.RawURLEncoding.EncodeToString
		return report(t, enc([]byte(`{"typ":"JWT","alg":"RS256","kid":"`+keyID+`"}`))+"."+enc([]byte(`{"aud":"`+ordersID+`","iss":"`+issuer+`","aud":"api://other","exp":"soon"}`))+"."+enc(make([]byte, 256)), expectations())
	}},
	{"early", false, func(t testing.TB) *inspect.Report {
		return report(t, sign(t, claimSet(map[string]any{"iat": now.Add(8 * time.Minute).Unix(), "nbf": now.Add(8 * time.Minute).Unix(), "exp": now.Add(80 * time.Minute).Unix()})), expectations())
	}},
	{"clock", false, func(t testing.TB) *inspect.Report {
		r := report(t, sign(t, claimSet(map[string]any{"exp": now.Add(-7 * time.Minute).Unix()})), expectations())
		r.Clock = inspect.Clock{Known: true, Ahead: 9 * time.Minute, Host: "login.microsoftonline.com"}
		return r
	}},
}

func manyClaims(t testing.TB) *inspect.Report {
	claims := claimSet(nil)
	for i := range 10000 {
		claims[fmt.Sprintf("extension_%05d", i)] = fmt.Sprintf("value %d", i)
	}
	return report(t, sign(t, claims), expectations())
}

// pasted makes the screen for a token that was pasted and checked.
func pasted(sh *screen.Shell, r *inspect.Report) *Token {
	s := New(sh, deps(), screen.OpenTokenMsg{Tokens: []*inspect.Report{r}})
	it := s.item()
	it.from, it.pasted = "pasted", true
	if stated(r.Expect) {
		it.origin = byHand
	}
	return s
}

// TestKindGoldens draws the tokens that people ask about most.
func TestKindGoldens(t *testing.T) {
	for _, k := range kinds {
		if !k.golden {
			continue
		}
		r := k.make(t)
		for _, size := range [][2]int{{80, 22}, {120, 34}, {200, 58}} {
			frame.Golden(t, fmt.Sprintf("kind-%s-%dx%d", k.name, size[0], size[1]), draw(t, pasted(shell(themes.Unicode(), nil), r), size[0], size[1]))
		}
	}
}
