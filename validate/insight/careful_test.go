package insight_test

import (
	"slices"
	"strings"
	"testing"

	"flowscope/validate"
	"flowscope/validate/insight"
)

const (
	consumers = "9188040d-6c67-4c5b-b112-36a304b66dad"
	over      = `"_claim_names":{"groups":"src1"},"_claim_sources":{"src1":{"endpoint":"https://graph.windows.net/x"}},`
)

// TestCareful holds what is said to what is known: a sentence that must be there
// and, for each case, words that would be wrong; it is long because every such
// case stands here once.
func TestCareful(t *testing.T) {
	google := `"iss":"https://accounts.google.com","azp":"c.apps","aud":"c.apps","sub":"1","at_hash":"77QmUPtjPfzWtF2AnpK9RQ",`
	elsewhere := `"iss":"https://idp.example","aud":"c","azp":"c","sub":"s","nonce":"n","acr":"1","amr":["pwd"],"acrs":["c1"],"email":"x@y",`
	ciam := `"iss":"https://` + tid + `.ciamlogin.com/` + tid + `/v2.0","ver":"2.0","tid":"` + tid + `","aud":"` + client + `","nonce":"n","oid":"` + oid + `","sub":"s","idp":"google.com",`
	for _, c := range []struct {
		name, claims string
		must, never  string // parted by semicolons; "" for none
	}{
		{"the endpoint decides an ID token's version", strings.Replace(idV2, issV2, issV1, 1), "the endpoint decides it for ID tokens", "registration"},
		{"at_hash beside a code", google, "at_hash ties it to the access token that came with it. A client that compares", "There is no nonce;authorization endpoint;besides its audience"},
		{"another issuer's amr and acrs", elsewhere, "opens no API", "Conditional Access;acrs;(amr pwd);besides its audience"},
		{"a member from elsewhere", userV2 + `"acct":0,"idp":"https://sts.windows.net/` + home + `/",`, "A member of this tenant (acct 0)", "guest"},
		{"a customer is nobody's guest", ciam, "this client alone", "guest;vouch"},
		{"a customer of B2C", strings.Replace(ciam, tid+".ciamlogin.com", "contoso.b2clogin.com", 1), "", "guest;vouch"},
		{"a personal account in its own tenant", strings.ReplaceAll(userV2, tid, consumers) + `"idp":"live.com",`, "It is a personal Microsoft account", "guest"},
		{"a guest marked by acct and its own tenant", userV2 + `"acct":1,"idp":"https://sts.windows.net/` + tid + `/",`, "does not say where they are at home", "vouched"},
		{"a UPN's suffix is verified", userV1 + `"upn":"a@b","unique_name":"a@b",`, "can be changed and given to somebody else. Never", "elsewhere can write;! upn"},
		{"anybody can write into email", userV1 + `"email":"a@b",`, "an administrator elsewhere can write any address into email;! email", ""},
		{"a long life", userV2 + `"iat":1772366400,"exp":1772398800,`, "by a token lifetime policy, or by continuous access evaluation", "A policy made it so;nothing ends"},
		{"a day of an application", appV2 + `"roles":["R"],"iat":1772366100,"exp":1772452799,`, "Managed identities and workloads under continuous access evaluation get a day", "A policy made it so;nothing ends"},
		{"more than a policy can", userV2 + `"iat":1772366400,"exp":1772463900,`, "longer than any token lifetime policy allows", "A policy made it so;nothing ends"},
		{"groups of an application", appV2 + `"roles":["R"],` + over, "This application is in more than 200 groups;/v1.0/servicePrincipals/" + oid + "/getMemberObjects;Application.Read.All", "This person;/users/;/me/"},
		{"groups of a person", userV2 + over, "This person is in more than 200 groups;/v1.0/users/" + oid, "servicePrincipals"},
		{"groups elsewhere", `"iss":"https://idp.example","aud":"api","client_id":"c","sub":"s","scope":"r",` + over, "_claim_names says that it is kept elsewhere", "Graph;{graph}"},
		{"groups of an unknown Graph", strings.Replace(userV2, "login.microsoftonline.com", "localhost:8443", 1) + over, "Ask the Graph of the issuer's cloud", "{graph};POST"},
		{"groups that are there", userV2 + `"hasgroups":true,"groups":["` + oid + `"],`, "Only the API", "left out"},
		{"a device", issV2 + `"aud":"` + api + `","azp":"` + client + `","azpacr":"1","oid":"` + oid + `","sub":"z","idtyp":"device","deviceid":"` + oid + `",`, "A device came as itself", "whether a person;has no scp;has no roles;acts as itself;sub is this person"},
		{"a device whose oid is its sub", strings.Replace(appV2, `"azpacr"`, `"idtyp":"device","azpacr"`, 1), "A device came as itself", "An application;has no roles;refresh token"},
		{"a secret", strings.Replace(appV2, `"azpacr":"2"`, `"azpacr":"1"`, 1), "the key itself is never sent", "cannot be copied"},
		{"a federated credential", appV2 + `"xms_ficinfo":"x",`, "an assertion of another issuer", "kept anywhere"},
		{"Windows or more", userV1 + `"amr":["wiaormfa"],`, "", "second factor"},
		{"v1.0 and who refuses it", userV1, "knows the v2.0 issuer alone refuses it", "with v2.0 metadata refuses"},
		{"no roles", appV2, "Unless the API requires assignment", ""},
		{"another issuer's end", `"iss":"https://idp.example","aud":"api","client_id":"c","sub":"s","scope":"r","exp":1772366000,`, "It ended", "refresh token"},
	} {
		t.Run(c.name, func(t *testing.T) {
			list := insight.Of(token(t, plain, c.claims), insight.Context{Now: now})
			clean(t, list)
			var said strings.Builder
			for _, i := range list {
				if i.Warn {
					said.WriteString("! ")
				}
				said.WriteString(i.Text + " | " + i.Do + "\n")
			}
			for part := range strings.SplitSeq(c.must, ";") {
				if !strings.Contains(said.String(), part) {
					t.Errorf("nothing says %q:\n%s", part, said.String())
				}
			}
			for part := range strings.SplitSeq(c.never, ";") {
				if part != "" && strings.Contains(said.String(), part) {
					t.Errorf("something says %q:\n%s", part, said.String())
				}
			}
		})
	}
}

// Each of the clouds has a Graph of its own.
func TestGraphOfTheCloud(t *testing.T) {
	for host, graph := range map[string]string{
		"login.microsoftonline.com": "https://graph.microsoft.com", "login.microsoftonline.us": "https://graph.microsoft.us",
		"login.partner.microsoftonline.cn": "https://microsoftgraph.chinacloudapi.cn", "login.sovcloud-identity.fr": "", "evil.example": "",
	} {
		list := insight.Of(token(t, plain, strings.Replace(userV2, "login.microsoftonline.com", host, 1)+over), insight.Context{})
		i := slices.IndexFunc(list, func(i insight.Insight) bool { return i.Topic == insight.Groups && i.Warn })
		if i < 0 || graph == "" && strings.Contains(list[i].Do, "//") || graph != "" && !strings.HasPrefix(list[i].Do, "POST "+graph+"/v1.0/") {
			t.Errorf("%s: %+v", host, list)
		}
	}
	list := insight.Of(token(t, plain, userV2+over), insight.Context{Graph: "https://graph.lab.example"})
	if !slices.ContainsFunc(list, func(i insight.Insight) bool { return strings.HasPrefix(i.Do, "POST https://graph.lab.example/v1.0/") }) {
		t.Errorf("the Graph given is not used: %+v", list)
	}
}

// What the caller knows of the kind of a token decides for the table too.
func TestGrantsKnowTheKind(t *testing.T) {
	bare := `"iss":"https://idp.example","aud":"c","sub":"s","exp":1772370000,`
	for kind, want := range map[validate.Kind]string{validate.KindID: "This ID token is what it asked for", validate.KindAccess: "not only a permission"} {
		rows := insight.Grants(token(t, plain, bare), insight.Context{Kind: kind, Requested: []string{"openid"}})
		if len(rows) != 1 || !strings.Contains(rows[0].Says, want) {
			t.Errorf("%s: %+v", kind, rows)
		}
	}
}

// An ID token with no more than it must hold looks like an application's access
// token; whoever got it as an ID token knows better.
func TestOfKnowsTheKind(t *testing.T) {
	bare := token(t, plain, `"iss":"https://idp.example","aud":"c","sub":"c","client_id":"c","exp":1772366000,`)
	for kind, want := range map[validate.Kind]string{"": "401 invalid_token", validate.KindID: "client's own session"} {
		list := insight.Of(bare, insight.Context{Kind: kind, Now: now})
		if !slices.ContainsFunc(list, func(i insight.Insight) bool { return strings.Contains(i.Text, want) }) {
			t.Errorf("%q: nothing says %q: %+v", kind, want, list)
		}
	}
}

// A scope of OpenID Connect that stands in scp is not said to be absent from it.
func TestGrantsOfSignInScopes(t *testing.T) {
	for claims, want := range map[string]string{
		strings.Replace(userV2, "Orders.Read", "offline_access Orders.Read", 1):                       "It stands in scp",
		strings.Replace(strings.Replace(userV2, "Orders.Read", "offline_access", 1), api, graph, 1):   "Graph's tokens list it",
		`"iss":"https://idp.example","aud":"api","client_id":"c","sub":"s","scope":"offline_access",`: "mostly the response does not name it.",
	} {
		rows := insight.Grants(token(t, plain, claims), insight.Context{})
		if len(rows) == 0 || !rows[0].Scp || !strings.Contains(rows[0].Says, want) || strings.Contains(rows[0].Says, "never in scp") || strings.Contains(rows[0].Says, "not in scp") {
			t.Errorf("%s: %+v", want, rows)
		}
	}
}
