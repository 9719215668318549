package insight_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"flowscope/validate"
	"flowscope/validate/insight"
)

const (
	tid    = "11111111-2222-4333-8444-555555555555"
	home   = "99999999-2222-4333-8444-555555555555"
	oid    = "cccccccc-0000-4000-8000-000000000003"
	api    = "aaaaaaaa-0000-4000-8000-000000000001"
	client = "bbbbbbbb-0000-4000-8000-000000000002"
	graph  = "00000003-0000-0000-c000-000000000000"

	issV2 = `"iss":"https://login.microsoftonline.com/` + tid + `/v2.0","ver":"2.0","tid":"` + tid + `",`
	issV1 = `"iss":"https://sts.windows.net/` + tid + `/","ver":"1.0","tid":"` + tid + `",`
	plain = `{"alg":"RS256","kid":"k","typ":"JWT"}`

	userV2 = issV2 + `"aud":"` + api + `","azp":"` + client + `","azpacr":"1","oid":"` + oid + `","sub":"s","scp":"Orders.Read",`
	userV1 = issV1 + `"aud":"api://orders","appid":"` + client + `","appidacr":"0","oid":"` + oid + `","sub":"s","scp":"Orders.Read",`
	appV2  = issV2 + `"aud":"` + api + `","azp":"` + client + `","azpacr":"2","oid":"` + oid + `","sub":"` + oid + `",`
	idV2   = issV2 + `"aud":"` + client + `","oid":"` + oid + `","sub":"s",`
)

var now = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

func token(t testing.TB, header, claims string) *validate.Token {
	t.Helper()
	e := base64.RawURLEncoding.EncodeToString
	tok, err := validate.Decode(e([]byte(header)) + "." + e([]byte("{"+strings.TrimSuffix(claims, ",")+"}")) + ".c2ln")
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// clean holds every sentence to what a screen can take.
func clean(t testing.TB, list []insight.Insight) {
	t.Helper()
	topics := []insight.Topic{insight.Audience, insight.Caller, insight.Tenant, insight.Version, insight.Groups, insight.Permission, insight.Time, insight.Clock}
	last := 0
	for _, i := range list {
		for _, s := range []string{i.Text, i.Do, i.Source} {
			if s != validate.Printable(s, len(s)+1) || !utf8.ValidString(s) {
				t.Errorf("not fit to be shown: %q", s)
			}
		}
		if n := utf8.RuneCountInString(i.Text); n > 220 || strings.HasSuffix(i.Text, "…") {
			t.Errorf("%d characters: %s", n, i.Text)
		}
		if i.Text == "" || !strings.HasSuffix(i.Text, ".") || i.Source == "" {
			t.Errorf("no sentence with a source: %+v", i)
		}
		if strings.HasSuffix(i.Do, ".") {
			t.Errorf("what to do ends in a full stop: %s", i.Do)
		}
		at := slices.Index(topics, i.Topic)
		if at < last {
			t.Errorf("%s stands after %s", i.Topic, topics[last])
		}
		last = at
	}
}

// TestOf looks for each sentence where its cause is; it is long because every
// cause stands here once.
func TestOf(t *testing.T) {
	life := `"iat":1772366400,"nbf":1772366400,"exp":1772370900,` // 12:00 to 13:15
	for _, c := range []struct {
		name, header, claims string
		topic                insight.Topic
		warn                 bool
		text, do             string // "" where there is nothing to look for
	}{
		{"Graph", `{"alg":"RS256","kid":"k","nonce":"n"}`, strings.Replace(userV1, "api://orders", "https://graph.microsoft.com", 1), insight.Audience, true, "Graph alone can verify", "nowhere else"},
		{"Graph by id, no nonce", plain, strings.Replace(userV1, "api://orders", graph, 1), insight.Audience, true, "Microsoft Graph, an API of Microsoft", "Send it to Microsoft Graph"},
		{"Azure management", plain, strings.Replace(userV1, "api://orders", "https://management.azure.com/", 1), insight.Audience, true, "Azure Service Management", "Azure Service Management alone"},
		{"one registration", plain, strings.Replace(userV2, api, client, 1), insight.Audience, true, "share one registration", "Register the API apart"},
		{"one registration by its URI", plain, strings.Replace(userV1, "api://orders", "api://"+client, 1), insight.Audience, true, "aud and appid name one application", ""},
		{"a retired API", plain, strings.Replace(userV1, "api://orders", "https://graph.windows.net/", 1), insight.Audience, true, "retired", "Microsoft Graph instead"},
		{"an API of one's own", plain, userV2, insight.Audience, false, "Only the API " + api, ""},
		{"two audiences", plain, strings.Replace(userV2, `"`+api+`"`, `["a","b"]`, 1), insight.Audience, true, "a, b as audiences", ""},
		{"bound to a key", plain, userV2 + `"cnf":{"kid":"x"},`, insight.Audience, false, "bound to a key", "proof of possession"},
		{"ID token", plain, idV2 + `"nonce":"n",`, insight.Audience, false, "opens no API", "never this one"},
		{"ID token with hashes", plain, idV2 + `"nonce":"n","c_hash":"x","at_hash":"y",`, insight.Audience, false, "c_hash and at_hash tie it to the code and the access token", ""},
		{"ID token through the browser without nonce", plain, idV2 + `"at_hash":"y",`, insight.Audience, true, "There is no nonce", ""},
		{"a person", plain, userV2, insight.Caller, false, "acts for a person", ""},
		{"an application", plain, appV2 + `"roles":["R"],"idtyp":"app",`, insight.Caller, false, "acts as itself", ""},
		{"an application without idtyp", plain, appV2 + `"roles":["R"],`, insight.Caller, false, "idtyp is not there", "Switch on"},
		{"managed identity of a machine", plain, appV2 + `"xms_mirid":"/subscriptions/s/resourcegroups/g/providers/Microsoft.Compute/virtualMachines/vm1",`, insight.Caller, false, "system-assigned identity of vm1", ""},
		{"managed identity of its own", plain, appV2 + `"xms_mirid":"/subscriptions/s/resourcegroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/mi1","xms_az_rid":"/subscriptions/s/virtualMachines/vm2",`, insight.Caller, false, "user-assigned identity mi1, used on vm2", ""},
		{"public client", plain, userV1, insight.Caller, false, "public and proved nothing (appidacr 0)", ""},
		{"federated client", plain, appV2 + `"xms_ficinfo":"x",`, insight.Caller, false, "federated credential", ""},
		{"a program of Microsoft's", plain, strings.Replace(userV2, client, "04b07795-8ddb-461a-bbee-02f9e1bf7b46", 1), insight.Caller, false, "The client is Azure CLI", ""},
		{"agent's user", plain, userV2 + `"xms_sub_fct":"3 13",`, insight.Caller, true, "agent's user", ""},
		{"agent identity", plain, appV2 + `"xms_act_fct":"3 9 11",`, insight.Caller, false, "agent identity came", ""},
		{"names", plain, userV2 + `"email":"a@b","preferred_username":"a@b",`, insight.Caller, true, "an administrator elsewhere can write any address into email", "tid and oid"},
		{"pairwise", plain, userV2, insight.Caller, false, "this API alone", ""},
		{"ID token without oid", plain, issV2 + `"aud":"c","nonce":"n","sub":"s",`, insight.Caller, false, "There is no oid", "openid profile"},
		{"password alone", plain, userV1 + `"amr":["pwd"],`, insight.Caller, false, "a password and nothing else", "acrs"},
		{"two factors", plain, userV1 + `"amr":["pwd","mfa"],`, insight.Caller, false, "second factor", ""},
		{"step-up", plain, userV2 + `"acrs":["c1","c7"],`, insight.Caller, false, "acrs c1, c7", ""},
		{"challenges", plain, userV2 + `"xms_cc":["CP1"],`, insight.Caller, false, "claims challenges", ""},
		{"guest by idp", plain, userV2 + `"idp":"https://sts.windows.net/` + home + `/",`, insight.Tenant, false, "at home in tenant " + home, ""},
		{"guest by acct", plain, userV2 + `"acct":1,`, insight.Tenant, false, "does not say where", ""},
		{"guest by name", plain, userV1 + `"upn":"a_b.com#EXT#@c.com",`, insight.Tenant, false, "A guest of this tenant", ""},
		{"guest, keep out", plain, userV2 + `"acct":1,`, insight.Tenant, false, "lets its guests in too", "acct"},
		{"guest with a personal account", plain, userV2 + `"idp":"live.com",`, insight.Tenant, false, "personal Microsoft account", ""},
		{"guest by mail", plain, userV2 + `"idp":"mail",`, insight.Tenant, false, "code sent by mail", ""},
		{"guest of another provider", plain, userV2 + `"idp":"google.com",`, insight.Tenant, false, "google.com vouched", ""},
		{"personal account", plain, strings.ReplaceAll(userV2, tid, "9188040d-6c67-4c5b-b112-36a304b66dad"), insight.Tenant, true, "personal Microsoft account", "list of the tenants"},
		{"unverified domain", plain, userV2 + `"email":"a@b","xms_edov":0,`, insight.Tenant, true, "nobody verified", ""},
		{"v1.0", plain, userV1, insight.Version, true, "v1.0, because", "requestedAccessTokenVersion"},
		{"v1.0 audience", plain, userV1, insight.Version, true, "(api://orders)", "accept its App ID URI"},
		{"v1.0 audience by GUID", plain, strings.Replace(userV1, "api://orders", api, 1), insight.Version, false, "must accept both", ""},
		{"v1.0 names", plain, userV1 + `"unique_name":"a","upn":"a@b",`, insight.Version, false, "azp (here appid) and preferred_username (here unique_name and upn)", ""},
		{"v2.0 audience", plain, userV2, insight.Version, false, "never its App ID URI", ""},
		{"v2.0 names", plain, userV2, insight.Version, false, "misses appid, amr, acr and upn", ""},
		{"names that are only mutable", plain, userV2 + `"preferred_username":"a@b",`, insight.Caller, false, "can be changed and given to somebody else", "tid and oid"},
		{"Graph without roles", plain, strings.Replace(appV2, api, graph, 1), insight.Permission, true, "nearly every call with 403", "admin consent"},
		{"Azure without roles", plain, strings.Replace(appV2, api, "https://vault.azure.net", 1), insight.Permission, false, "which no token shows", ""},
		{"secret", plain, strings.Replace(appV2, `"azpacr":"2"`, `"azpacr":"1"`, 1), insight.Caller, false, "proved itself with a secret", ""},
		{"v1.0 ID token", plain, strings.Replace(idV2, issV2, issV1, 1) + `"nonce":"n",`, insight.Version, false, "the endpoint decides it for ID tokens", "/oauth2/v2.0/authorize"},
		{"groups left out", plain, userV2 + `"_claim_names":{"groups":"src1"},"_claim_sources":{"src1":{"endpoint":"https://evil.example"}},`, insight.Groups, true, "more than 200 groups", "POST https://graph.microsoft.com/v1.0/users/" + oid + "/getMemberObjects"},
		{"groups left out, the old address", plain, userV2 + `"_claim_names":{"groups":"src1"},"_claim_sources":{"src1":{"endpoint":"https://graph.windows.net/x"}},`, insight.Groups, true, "of a retired API", "POST https://graph.microsoft.com"},
		{"groups left out, any other address", plain, userV2 + `"_claim_names":{"groups":"src1"},"_claim_sources":{"src1":{"endpoint":"https://evil.example"}},`, insight.Groups, true, "not at an address that a token brings", ""},
		{"groups left out of an address", plain, userV2 + `"hasgroups":true,`, insight.Groups, true, "travelled in an address", "/me/transitiveMemberOf"},
		{"groups left out, permission", plain, userV2 + `"hasgroups":true,`, insight.Groups, false, "GroupMember.Read.All", ""},
		{"groups in China", plain, strings.Replace(userV2, "login.microsoftonline.com", "login.partner.microsoftonline.cn", 1) + `"hasgroups":true,`, insight.Groups, true, "", "POST https://microsoftgraph.chinacloudapi.cn/"},
		{"groups in US Government", plain, strings.Replace(userV2, "login.microsoftonline.com", "login.microsoftonline.us", 1) + `"hasgroups":true,`, insight.Groups, true, "", "POST https://graph.microsoft.us/"},
		{"groups by name", plain, userV2 + `"groups":["CONTOSO\\Staff"],`, insight.Groups, false, `CONTOSO\Staff`, ""},
		{"many groups", plain, userV2 + `"groups":[` + strings.TrimSuffix(strings.Repeat(`"`+oid+`",`, 160), ",") + `],`, insight.Groups, true, "160 groups", "app roles"},
		{"application without roles", plain, appV2, insight.Permission, true, "has no roles", "demand a role"},
		{"application with roles", plain, appV2 + `"roles":["Orders.All"],`, insight.Permission, false, "application permissions here (Orders.All)", ""},
		{"scp and roles", plain, userV2 + `"roles":["Editor"],`, insight.Permission, false, "scp says what the client may do", ""},
		{"a person without scp", plain, issV2 + `"aud":"` + api + `","azp":"c","azpacr":"1","oid":"` + oid + `","sub":"s","name":"A",`, insight.Permission, true, "has no scp", ""},
		{"groups as roles", plain, userV2 + `"roles":["` + oid + `"],`, insight.Permission, false, "1 of the roles are object ids", ""},
		{"letters of another scope", plain, strings.Replace(userV2, "Orders.Read", "Orders.Read Orders.ReadWrite", 1), insight.Permission, false, "Orders.ReadWrite holds the letters", ""},
		{"roles in the tenant", plain, userV2 + `"wids":["62e90394-69f5-4237-9190-012177145e10"],`, insight.Permission, false, "roles in the tenant itself", ""},
		{"usual life", plain, userV2 + life, insight.Time, false, "It lives 1 h 10 min: Entra picks", ""},
		{"long life", plain, userV2 + `"iat":1772366400,"exp":1772398800,`, insight.Time, false, "longer than the usual", ""},
		{"endless life", plain, userV2 + `"iat":1772366400,"exp":99999999999,`, insight.Time, true, "more than 28 hours", ""},
		{"continuous access", plain, userV2 + `"xms_cc":["cp1"],"iat":1772366400,"exp":1772466400,`, insight.Time, false, "continuous access evaluation", ""},
		{"managed identity's life", plain, appV2 + `"xms_mirid":"/x/y","iat":1772366400,"exp":1772453100,`, insight.Time, false, "kept for a day", ""},
		{"ended", plain, userV2 + `"exp":1772366000,`, insight.Time, true, "refresh token", "silently"},
		{"ended, application", plain, appV2 + `"exp":1772366000,`, insight.Time, true, "no refresh token", "another"},
		{"ended, ID token", plain, idV2 + `"nonce":"n","exp":1772366000,`, insight.Time, false, "client's own session", ""},
		{"ends soon", plain, userV2 + `"exp":1772366500,`, insight.Time, true, "It ends in 1 min 40 s", ""},
		{"old sign-in", plain, userV2 + life + `"auth_time":1772280000,`, insight.Time, false, "24 h before", "max_age"},
		{"from the future", plain, userV2 + `"iat":1772368000,"exp":1772371000,`, insight.Clock, true, "26 min 40 s in the future", "NTP"},
	} {
		t.Run(c.name, func(t *testing.T) {
			list := insight.Of(token(t, c.header, c.claims), insight.Context{Now: now})
			clean(t, list)
			if !slices.ContainsFunc(list, func(i insight.Insight) bool {
				return i.Topic == c.topic && i.Warn == c.warn && strings.Contains(i.Text, c.text) && strings.Contains(i.Do, c.do)
			}) {
				for _, i := range list {
					t.Logf("%s %v %s | %s", i.Topic, i.Warn, i.Text, i.Do)
				}
				t.Errorf("nothing of %s (warn %v) says %q, %q", c.topic, c.warn, c.text, c.do)
			}
		})
	}
}

// What has no meaning for this token is not said.
func TestOfSaysNothingWithoutCause(t *testing.T) {
	for _, c := range []struct{ name, claims, never string }{
		{"another issuer", `"iss":"https://idp.example","aud":"api","client_id":"c","sub":"s","scope":"read","exp":1772370000,`, "Entra"},
		{"another issuer's application", `"iss":"https://idp.example","aud":"api","client_id":"c","sub":"c",`, "roles"},
		{"another issuer's application, nothing to switch on", `"iss":"https://idp.example","aud":"api","client_id":"c","sub":"c",`, "idtyp"},
		{"another issuer's versions", `"iss":"https://idp.example","aud":"api","client_id":"c","sub":"s","scope":"read","ver":"1.0",`, "v1.0"},
		{"an application is no guest", appV2 + `"roles":["R"],"idp":"https://sts.windows.net/` + home + `/",`, "guest"},
		{"a member is no guest", userV2 + `"acct":0,"idp":"https://sts.windows.net/` + tid + `/",`, "guest"},
		{"no groups were left out", userV2 + `"_claim_names":{"other":"src1"},`, "group"},
		{"an application is no person", appV2 + `"roles":["R"],`, "Never let people"},
		{"an ordinary user", userV2 + `"wids":["b79fbf4d-3ef9-4689-8143-76b194e85509"],`, "directory"},
		{"Graph's versions are Graph's", strings.Replace(userV1, "api://orders", graph, 1), "requestedAccessTokenVersion"},
		{"one scope", userV2, "holds the letters"},
	} {
		for _, i := range insight.Of(token(t, plain, c.claims), insight.Context{Now: now}) {
			if strings.Contains(i.Text+i.Do, c.never) {
				t.Errorf("%s: %s", c.name, i.Text)
			}
		}
	}
	if insight.Of(nil, insight.Context{}) != nil {
		t.Error("no token says something")
	}
}

func TestWhatWasAskedForIsMissed(t *testing.T) {
	for requested, missing := range map[string]string{
		"openid api://orders/Orders.Read": "", "openid api://orders/.default": "",
		"api://orders/Orders.Read api://orders/Orders.Write": "Orders.Write", "https://graph.microsoft.com/User.Read": "User.Read",
	} {
		said := ""
		list := insight.Of(token(t, plain, userV2), insight.Context{Requested: strings.Fields(requested)})
		clean(t, list)
		for _, i := range list {
			if strings.HasPrefix(i.Text, "Asked for") {
				said = i.Text
			}
		}
		if (said != "") != (missing != "") || !strings.Contains(said, missing) {
			t.Errorf("%s: %q", requested, said)
		}
	}
}

func TestOfWhatCannotBeRead(t *testing.T) {
	encrypted := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RSA-OAEP","enc":"A256GCM"}`)) + ".a.b.c.d"
	for _, c := range []struct {
		name, raw, text string
		kind            validate.Kind
	}{
		{"refresh token", "1.AXoAU-9ZFQ4rlUOy7zbx", "Only the issuer can read a refresh token", ""},
		{"refresh token of another issuer", "abcdefgh", "Only the issuer can read a refresh token", validate.KindRefresh},
		{"opaque", "abcdefgh", "no JSON Web Token", ""},
		{"personal account", "EwBwA8l6BAAU", "personal account", ""},
		{"encrypted", encrypted, "encrypted", ""},
	} {
		tok, _ := validate.Decode(c.raw)
		list := insight.Of(tok, insight.Context{Kind: c.kind, Now: now})
		clean(t, list)
		if len(list) == 0 || !strings.Contains(list[0].Text, c.text) {
			t.Errorf("%s: %+v", c.name, list)
		}
	}
}

func TestClocks(t *testing.T) {
	for _, c := range []struct {
		ahead time.Duration
		warn  bool
		text  string // "" for nothing
	}{
		{0, false, ""}, {3 * time.Second, false, ""}, {-9 * time.Second, false, ""},
		{2 * time.Minute, false, "2 min ahead of login.lab.example's: tokens look expired before they are"},
		{-2 * time.Minute, false, "2 min behind login.lab.example's: new tokens look as if they were not valid yet"},
		{7 * time.Minute, true, "beyond the usual allowance"},
		{-3 * time.Hour, true, "3 h behind"},
	} {
		list := insight.Of(token(t, plain, userV2), insight.Context{Now: now, Measured: true, Ahead: c.ahead, Host: "login.lab.example"})
		clean(t, list)
		var said []insight.Insight
		for _, i := range list {
			if i.Topic == insight.Clock {
				said = append(said, i)
			}
		}
		switch {
		case c.text == "" && len(said) > 0:
			t.Errorf("%s: %s", c.ahead, said[0].Text)
		case c.text != "" && (len(said) < 1 || said[0].Warn != c.warn || !strings.Contains(said[0].Text, c.text)):
			t.Errorf("%s: %+v", c.ahead, said)
		}
	}
}

// Where the clocks disagree on the token itself, that is said first.
func TestClocksDisagree(t *testing.T) {
	for _, c := range []struct {
		ahead  time.Duration
		claims string
		text   string
	}{
		{10 * time.Minute, `"exp":1772366100,`, "By this clock the token has ended; by the issuer's it is good for another 5 min."},
		{-10 * time.Minute, `"exp":1772366700,`, "still good; by the issuer's it ended 5 min ago"},
		{-10 * time.Minute, `"nbf":1772366700,"exp":1772370000,`, "not valid yet; by the issuer's it is."},
		{10 * time.Minute, `"exp":1772370000,`, ""},
	} {
		said := ""
		list := insight.Of(token(t, plain, userV2+c.claims), insight.Context{Now: now, Measured: true, Ahead: c.ahead})
		clean(t, list)
		for _, i := range list {
			if strings.HasPrefix(i.Text, "By this clock") {
				said = i.Text
			}
		}
		if (said == "") != (c.text == "") || !strings.Contains(said, c.text) {
			t.Errorf("%s %s: %q", c.ahead, c.claims, said)
		}
	}
}

// Text from the token neither moves the cursor nor fills the screen.
func TestHostileTextIsCleaned(t *testing.T) {
	evil := `\u001b[2J\u202e` + strings.Repeat("x", 4000) + `\u0007`
	claims := `"iss":"https://login.microsoftonline.com/` + evil + `","tid":"` + evil + `","ver":"1.0","aud":["` + evil + `","b"],"appid":"` + evil +
		`","appidacr":"1","oid":"` + evil + `","sub":"s","scp":"` + evil + ` ` + evil + `y","roles":["` + evil + `"],"idp":"` + evil +
		`","acrs":["` + evil + `"],"amr":["mfa","` + evil + `"],"hasgroups":true,"groups":["` + evil + `"],"xms_mirid":"` + evil + `"`
	tok, _ := validate.Decode(base64.RawURLEncoding.EncodeToString([]byte(plain)) + "." + base64.RawURLEncoding.EncodeToString([]byte("{"+claims+"}")) + ".c2ln")
	for _, i := range insight.Of(tok, insight.Context{Now: now, Measured: true, Ahead: time.Hour, Host: "\x1b[1m"}) {
		for _, s := range []string{i.Text, i.Do} {
			if s != validate.Printable(s, 400) {
				t.Errorf("%q", s)
			}
		}
	}
	for _, g := range insight.Grants(tok, insight.Context{Requested: []string{"\x1b[2Jy"}, Granted: []string{"api://\x07/z"}}) {
		if s := g.Name + g.Resource + g.Says; s != validate.Printable(s, 500) {
			t.Errorf("%q", s)
		}
	}
}

func FuzzOf(f *testing.F) {
	for _, s := range []string{userV2, userV1, appV2, idV2, `"aud":[1],"scp":["a"],"_claim_names":{"groups":{}}`, `"exp":1e3,"iat":-1,"amr":{},"xms_edov":null`} {
		f.Add(plain, "{"+strings.TrimSuffix(s, ",")+"}", "openid api://x/Y", int64(3))
	}
	f.Fuzz(func(t *testing.T, header, claims, scopes string, ahead int64) {
		e := base64.RawURLEncoding.EncodeToString
		tok, _ := validate.Decode(e([]byte(header)) + "." + e([]byte(claims)) + ".c2ln")
		c := insight.Context{
			Now: now, Requested: strings.Split(scopes, " "), Granted: strings.Split(scopes, "/"),
			Measured: ahead%2 == 0, Ahead: time.Duration(ahead), Host: scopes,
		}
		for _, i := range insight.Of(tok, c) {
			for _, s := range []string{i.Text, i.Do} {
				if s != validate.Printable(s, 400) {
					t.Fatalf("%q", s)
				}
			}
		}
		for _, g := range insight.Grants(tok, c) {
			if s := g.Name + g.Resource + g.Says; s != validate.Printable(s, 500) {
				t.Fatalf("%q", s)
			}
		}
	})
}
