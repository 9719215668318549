package claims_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"flowscope/validate"
	"flowscope/validate/claims"
)

// value reads a JSON text as the value of a claim.
func value(t *testing.T, raw string) validate.Value {
	t.Helper()
	o, err := validate.ParseObject([]byte(`{"x":` + raw + `}`))
	if err != nil {
		t.Fatal(err)
	}
	v, _ := o.Get("x")
	return v
}

func TestValue(t *testing.T) {
	for _, c := range []struct{ name, raw, means string }{
		{"amr", `["pwd","mfa"]`, "pwd a password; mfa more than one factor"},
		{"amr", `["fido"]`, "a passkey"},
		{"amr", `["pwd","unheard"]`, "pwd a password"},
		{"azpacr", `"0"`, "a public client, which proves nothing"},
		{"appidacr", `"2"`, "a certificate, a federated credential or a managed identity"},
		{"acct", `1`, "a guest of the tenant"},
		{"idtyp", `"app"`, "an application as itself"},
		{"aud", `"00000003-0000-0000-C000-000000000000"`, "Microsoft Graph"},
		{"aud", `"https://graph.microsoft.com/"`, "Microsoft Graph"},
		{"aud", `"https://contoso.sharepoint.com"`, "SharePoint Online"},
		{"aud", `"https://evil.example/.sharepoint.com"`, ""},
		{"aud", `"api://orders"`, ""},
		{"appid", `"04b07795-8ddb-461a-bbee-02f9e1bf7b46"`, "Azure CLI"},
		{"tid", `"9188040D-6C67-4C5B-B112-36A304B66DAD"`, "personal Microsoft accounts"},
		{"wids", `["b79fbf4d-3ef9-4689-8143-76b194e85509"]`, "an ordinary user"},
		{"scp", `"openid User.Read offline_access"`, "openid signs in; a refresh token"},
		{"xms_idrel", `"7 10"`, "7 a service principal"},
		{"xms_sub_fct", `"9 3 13"`, "13 an agent's user"},
		{"acrs", `["c1","p1"]`, "c1 an authentication context that the tenant defined; p1 not documented"},
		{"acrs", `["c123"]`, ""},
		{"ver", `"2.0"`, "the format of v2.0 tokens"},
		{"xms_edov", `true`, "the domain's owner is verified"},
		{"xms_cc", `["cp1"]`, "takes claims challenges"},
		{"amr", `{"a":1}`, ""}, {"amr", `[1]`, ""}, {"amr", `null`, ""}, {"unheard", `"pwd"`, ""}, {"azpacr", `"00"`, ""},
		{"typ", `"JWT"`, ""}, // that is a member of the header
	} {
		if got := claims.Value(c.name, value(t, c.raw)); got != c.means {
			t.Errorf("%s %s: %q, want %q", c.name, c.raw, got, c.means)
		}
	}
	if got := claims.HeaderValue("typ", value(t, `"JWT"`)); got == "" {
		t.Error("typ JWT means nothing")
	}
}

// What is said of a value never brings the value's own text along.
func FuzzValue(f *testing.F) {
	for _, name := range []string{"amr", "scp", "aud", "acrs", "wids", "xms_idrel"} {
		f.Add(name, `["pwd","`+name+`"]`)
		f.Add(name, `"https://x.sharepoint.com openid 1"`)
	}
	f.Fuzz(func(t *testing.T, name, raw string) {
		tok, _ := validate.Decode("e30." + base64.RawURLEncoding.EncodeToString([]byte(`{"x":`+raw+`}`)) + ".c2ln")
		v, _ := tok.Claims.Get("x")
		if s := claims.Value(name, v); s != validate.Printable(s, 600) || strings.Contains(s, "\n") {
			t.Fatalf("%q", s)
		}
	})
}

// The glossary claims nothing that is not documented.
func TestGlossaryIsCareful(t *testing.T) {
	for name, never := range map[string]string{
		"acct": "surest", "groups": "not none", "xms_ssm": "can be ended", "ver": "endpoint of",
	} {
		e, ok := claims.Lookup(name, validate.KindAccess)
		if said := e.Meaning + e.Detail + e.Trap; !ok || strings.Contains(said, never) {
			t.Errorf("%s says %q: %s", name, never, said)
		}
	}
	if e, _ := claims.Header("nonce"); strings.Contains(e.Meaning, "readable") {
		t.Errorf("the nonce makes nothing readable: %s", e.Meaning)
	}
	if got := claims.Value("acrs", value(t, `["p1"]`)); got != "not documented" {
		t.Errorf("p1: %q", got)
	}
	for _, v := range []string{`"1.0"`, `"2.0"`} {
		if got := claims.Value("ver", value(t, v)); strings.Contains(got, "endpoint") {
			t.Errorf("ver %s: %q", v, got)
		}
	}
}

// Whose claims they are is told by the tenant or by the issuer's form.
func TestFromEntra(t *testing.T) {
	const id = "11111111-2222-4333-8444-555555555555"
	for iss, want := range map[string]bool{
		"https://login.microsoftonline.com/" + id + "/v2.0": true, "https://sts.windows.net/" + id + "/": true,
		"https://localhost:8443/" + id + "/v2.0": true, "https://" + id + ".ciamlogin.com/" + id + "/v2.0": true,
		"https://idp.example": false, "https://accounts.google.com": false, "http://login.microsoftonline.com/x/v2.0": false,
		"https://evil.example/login.microsoftonline.com/v2.0": false, "https://evil.example/x": false, "": false, "\x1b": false,
	} {
		if got := claims.EntraIssuer(iss); got != want {
			t.Errorf("%q: %v", iss, got)
		}
		tok, _ := validate.Decode("e30." + base64.RawURLEncoding.EncodeToString([]byte(`{"iss":"`+strings.ReplaceAll(iss, "\x1b", "")+`","sub":"s"}`)) + ".c2ln")
		if got := claims.FromEntra(tok); got != want {
			t.Errorf("a token of %q: %v", iss, got)
		}
	}
	if claims.FromEntra(nil) {
		t.Error("no token is Entra's")
	}
	for scope, want := range map[string]bool{"openid": true, "OpenID": true, "offline_access": true, "User.Read": false, "": false} {
		if claims.SignInScope(scope) != want {
			t.Errorf("%q: %v", scope, !want)
		}
	}
}
