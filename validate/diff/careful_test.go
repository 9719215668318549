package diff_test

import (
	"strings"
	"testing"

	"flowscope/validate/diff"
)

// TestCareful holds what is said of two tokens to what they can tell; it is
// long because every case stands here once.
func TestCareful(t *testing.T) {
	const (
		again  = `"u1"`
		other2 = `"iss":"https://idp.example","aud":"api","client_id":"c","sub":"s",`
		google = `"iss":"https://accounts.google.com","azp":"c","aud":"c","sub":"1","at_hash":"h",`
		idp    = `"iss":"https://idp.example","aud":"c","azp":"c","sub":"s","nonce":"n","acr":"1","amr":["pwd"],`
		over   = `"_claim_names":{"groups":"src1"},"_claim_sources":{"src1":{"endpoint":"https://graph.windows.net/x"}},`
	)
	forged := with(user, "https://login.microsoftonline.com/"+tid+"/v2.0", "https://evil.example/x")
	mimic := with(user, "login.microsoftonline.com", "evil.example")
	v1own := with(v1, "api://stock", api)
	for _, c := range []struct {
		name, left, right, what string
		says                    string // "claim: part", parted by semicolons; "claim: -" for nothing said
		never                   string // parted by semicolons
	}{
		{"another issuer with the same tenant", user, forged, "Two issuers. Each signs for itself", "iss: Another issuer signed it", "two forms;same client;The same person"},
		{"another issuer, and a v1.0 token", with(v1, again, `"u2"`), forged, "Two issuers", "iss: Another issuer signed it;amr: -;appid: -;scp: -", "two forms;v1.0"},
		{"another issuer of Entra's form", user, mimic, "Two issuers", "iss: proves nothing", "two forms;same client"},
		{"another issuer of the other version's form", v1, mimic, "Two issuers", "iss: proves nothing;sub: -", "two forms;The same person"},
		{"another issuer's ID token", user, with(id, "login.microsoftonline.com", "evil.example"), "Two issuers", "aud: its own audience", "one sign-in;The same person"},
		{"a tenant's issuer with another tid", user, with(user, "microsoftonline.com/"+tid, "microsoftonline.com/"+other), "Two tenants", "iss: Another issuer", "two forms;same client"},
		{"a list left out beside a list", user + `"groups":["A","B"],`, user + over, "same second", "groups: no sign that membership was lost;_claim_names: right token the list of groups is left out", "Membership changed;gone"},
		{"both lists left out", user + over, with(user, again, `"u7"`) + with(over, "/x", "/y"), "same second", "_claim_sources: In both tokens", "right token the"},
		{"a list on one side", user + `"groups":["A"],`, user + `"xms_cc":["cp1"],`, "same second", "groups: or the registration's setting", "gone"},
		{"ID tokens of two clients", id + `"groups":["A"],"roles":["R"],`, with(id, client, api2, "SUB-CLIENT", "SUB-2") + `"groups":["B"],"roles":["S"],`, "of two clients", "aud: for its own client alone;groups: Each registration says;sub: made for each client apart;roles: its own audience", "Membership changed;each API;Assignments;an API must"},
		{"acct on one side", user, user + `"acct":0,`, "same second", "acct: Only the right token says whether", "guest on the other"},
		{"acct on both", user + `"acct":1,`, user + `"acct":0,`, "same second", "acct: A member on one side", ""},
		{"both bound", user + `"cnf":{"kid":"a"},`, user + `"cnf":{"kid":"b"},`, "same second", "cnf: Both are bound", "whoever holds"},
		{"one bound", user, user + `"cnf":{"kid":"b"},`, "same second", "cnf: Only the right token is bound", "Both are"},
		{"two versions of one API", v1own, user, "v1.0 beside v2.0", "sub: not issued by one rule", "at two APIs"},
		{"two versions of one API by its URI", with(v1, "api://stock", "api://"+api), user, "v1.0 beside v2.0", "sub: not issued by one rule", "at two APIs"},
		{"one API by its URI and its id", with(v1own, api, "api://"+api, "SUB-V1", "S"), with(v1own, "SUB-V1", "S"), "same second", "", "Two APIs"},
		{"a person and an application of one object", user, with(app, oid2, oid), "an application as itself", "sub: -", "forged;The same person"},
		{"a person and an application", user, app, "an application as itself", "oid: application's service principal", "Two people"},
		{"another issuer's narrower scope", other2 + `"scope":"read write","iat":1772366100,`, other2 + `"scope":"read","iat":1772366200,`, "as by a refresh", "scope: gone write", "onsent"},
		{"Entra beside another issuer", id, idp, "Two issuers", "amr: -;tid: -;oid: -", "v2.0;scope profile"},
		{"another issuer's two tokens", other2 + `"scope":"r",`, idp, "", "azp: -;amr: -", "Only an access token;v2.0 leaves"},
		{"two other issuers", other2 + `"scope":"r",`, google, "Two issuers", "azp: -;at_hash: -", "Only an access token;token endpoint"},
		{"another issuer's hash", idp, idp + `"at_hash":"h",`, "", "at_hash: ties an ID token", "token endpoint"},
		{"another issuer's sign-in methods", idp, with(idp, `"amr":["pwd"],`, ""), "", "amr: -", "v2.0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := diff.Tokens(token(t, plain, c.left), token(t, plain, c.right))
			clean(t, got)
			said := got.What + " " + strings.Join(got.Notes, " ")
			for _, r := range got.Rows {
				said += "\n" + r.Name + ": " + r.Says
			}
			if !strings.Contains(got.What, c.what) {
				t.Errorf("want %q of:\n%s", c.what, said)
			}
			for want := range strings.SplitSeq(c.says, ";") {
				name, part, ok := strings.Cut(want, ": ")
				if !ok {
					continue
				}
				if r := row(t, got, name); part == "-" && r.Says != "" || part != "-" && !strings.Contains(r.Says, part) {
					t.Errorf("%s says %q, want %q", name, r.Says, part)
				}
			}
			for part := range strings.SplitSeq(c.never, ";") {
				if part != "" && strings.Contains(said, part) {
					t.Errorf("something says %q:\n%s", part, said)
				}
			}
		})
	}
}

// Two tokens for Graph are both nobody else's to verify.
func TestNonceOfTheHeader(t *testing.T) {
	for _, c := range []struct{ left, right, want string }{
		{`{"alg":"RS256","kid":"k","nonce":"a"}`, `{"alg":"RS256","kid":"k","nonce":"b"}`, "Both are for Graph"},
		{`{"alg":"RS256","kid":"k","nonce":"a"}`, `{"alg":"RS256","kid":"k"}`, "Only the left token is for Graph"},
	} {
		got := diff.Tokens(token(t, c.left, with(user, api, "https://graph.microsoft.com")), token(t, c.right, user))
		for _, r := range got.Rows {
			if r.Header && r.Name == "nonce" && !strings.Contains(r.Says, c.want) {
				t.Errorf("%q, want %q", r.Says, c.want)
			}
		}
	}
}
