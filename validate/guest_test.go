package validate_test

import (
	"strings"
	"testing"

	"flowscope/validate"
	glossary "flowscope/validate/claims"
	"flowscope/validate/validatetest"
)

// decoded reads claims as a token of them would be read; nothing checks it.
func decoded(t testing.TB, claims string) *validate.Token {
	t.Helper()
	tok, faults := validate.Decode(b64([]byte(header)) + "." + b64([]byte(claims)) + ".c2ln")
	if faults != nil {
		t.Fatalf("fixture: %v", faults)
	}
	return tok
}

// The rule for guests is one (Entra: optional claims reference, acct; access
// token claims, idp).
func TestGuest(t *testing.T) {
	const sts = "https://sts.windows.net/"
	elsewhere, here := `"`+sts+otherTid+`/"`, `"`+sts+tenant+`/"`
	for _, c := range []struct {
		name    string
		changes []string
		guest   bool
		home    string
	}{
		{"nothing speaks for it", nil, false, ""},
		{"acct 1", []string{"acct", "1"}, true, ""},
		{"acct 1 as text", []string{"acct", `"1"`}, true, ""},
		{"acct 1 and a home", []string{"acct", "1", "idp", elsewhere}, true, otherTid},
		{"acct 0 wins over idp", []string{"acct", "0", "idp", elsewhere}, false, ""},
		{"acct 0 wins over the name", []string{"acct", "0", "upn", `"a_b#EXT#@c.example"`}, false, ""},
		{"another tenant's idp", []string{"idp", elsewhere}, true, otherTid},
		{"another tenant's idp in capitals", []string{"idp", strings.Replace(elsewhere, otherTid, strings.ToUpper("abababab-2222-4333-8444-555555555555"), 1)}, true, "abababab-2222-4333-8444-555555555555"},
		{"the own tenant's idp", []string{"idp", here}, false, ""},
		{"the own tenant's idp in the form of v2.0", []string{"idp", `"` + issuerV2 + `"`}, false, ""},
		{"live.com", []string{"idp", `"live.com"`}, true, validate.ConsumerTenant},
		{"personal accounts' tenant as idp", []string{"idp", `"` + sts + validate.ConsumerTenant + `/"`}, true, validate.ConsumerTenant},
		{"a code by mail", []string{"idp", `"mail"`}, true, ""},
		{"#EXT# in upn", []string{"upn", `"a_b#EXT#@c.example"`}, true, ""},
		{"#ext# in unique_name", []string{"unique_name", `"a_b#ext#@c.example"`}, true, ""},
		{"#EXT# in preferred_username", []string{"preferred_username", `"a_b#EXT#@c.example"`}, true, ""},
		{"live.com# in unique_name", []string{"unique_name", `"Live.com#a@b.example"`}, true, ""},
		{"personal accounts' own tenant", []string{"tid", `"` + validate.ConsumerTenant + `"`, "iss", `"https://login.microsoftonline.com/` + validate.ConsumerTenant + `/v2.0"`, "idp", `"live.com"`}, false, ""},
		{"an application", []string{"scp", "", "name", "", "preferred_username", "", "idtyp", `"app"`, "roles", `["R"]`, "idp", elsewhere}, false, ""},
		{"without tid, the tenant of the issuer", []string{"tid", "", "idp", here}, false, ""},
		{"without tid, another home", []string{"tid", "", "idp", elsewhere}, true, otherTid},
		{"a customer of an external tenant", []string{"iss", `"https://` + tenant + `.ciamlogin.com/` + tenant + `/v2.0"`, "idp", `"google.com"`}, false, ""},
		{"a customer of an external tenant, acct and all", []string{"iss", `"https://` + tenant + `.ciamlogin.com/` + tenant + `/v2.0"`, "acct", "1"}, false, ""},
		{"a customer of B2C", []string{"iss", `"https://contoso.b2clogin.com/` + tenant + `/v2.0/"`, "idp", `"facebook.com"`}, false, ""},
		{"another issuer", []string{"iss", `"https://issuer.example"`, "idp", elsewhere}, false, ""},
		{"an issuer that ends in Entra's name", []string{"iss", `"https://login.microsoftonline.com.issuer.example/` + tenant + `/v2.0"`, "idp", elsewhere}, false, ""},
		{"a stand-in on this machine", []string{"iss", `"http://127.0.0.1:8080/` + tenant + `/v2.0"`, "idp", elsewhere}, true, otherTid},
		{"a stand-in by name", []string{"iss", `"https://localhost:8080/` + tenant + `/v2.0"`, "acct", "1"}, true, ""},
	} {
		guest, home := decoded(t, claims(t, userClaims(), c.changes...)).Guest()
		if guest != c.guest || home != c.home {
			t.Errorf("%s: guest %v of %q, want %v of %q", c.name, guest, home, c.guest, c.home)
		}
	}
	if tok, _ := validate.Decode("opaque"); tok != nil {
		if guest, home := tok.Guest(); guest || home != "" {
			t.Error("an opaque token has a guest")
		}
	}
}

// What is needed is told once: a token without it is never called valid.
func TestNeeded(t *testing.T) {
	r := check(t, sign(t, header, userClaims()), expectations())
	unread := check(t, "opaque", validate.Expectations{Now: now})
	n := 0
	for i, id := range validate.IDs() {
		if validate.Needed(id) {
			n++
		}
		if unread.Open(i) != (validate.Needed(id) && unread.StatusAt(i) == validate.StatusNotRun) || r.Open(i) {
			t.Errorf("%s: needed %v, and open %v and %v", id, validate.Needed(id), unread.Open(i), r.Open(i))
		}
	}
	if n != 8 || validate.Needed("lifetime") || validate.Needed("") {
		t.Errorf("%d checks are needed, and lifetime: %v", n, validate.Needed("lifetime"))
	}
}

// One rule says what Microsoft Graph is.
func TestIsGraph(t *testing.T) {
	for audience, want := range map[string]bool{
		validatetest.Graph: true, strings.ToUpper(validatetest.Graph): true, validatetest.Graph + "/": true,
		"https://graph.microsoft.com": true, "https://graph.microsoft.com/": true, "HTTPS://Graph.Microsoft.com": true,
		"https://graph.microsoft.us": true, "https://dod-graph.microsoft.us/": true, "https://microsoftgraph.chinacloudapi.cn": true,
		"": false, "/": false, "https://graph.microsoft.com//": false, "https://graph.microsoft.example": false,
		"https://graph.microsoft.com.issuer.example": false, "https://graph.windows.net": false, "graph.microsoft.com": false,
		"00000002-0000-0000-c000-000000000000": false, "https://graph.microsoft.com/User.Read": false,
	} {
		if got := validate.IsGraph(audience); got != want {
			t.Errorf("%q is Microsoft Graph: %v", audience, got)
		}
		if name, _ := glossary.Resource(audience); (name == "Microsoft Graph") != want {
			t.Errorf("%q is called %q", audience, name)
		}
	}
}
