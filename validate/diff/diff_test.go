package diff_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"flowscope/validate"
	"flowscope/validate/claims"
	"flowscope/validate/diff"
)

const (
	tid    = "11111111-2222-4333-8444-555555555555"
	other  = "99999999-2222-4333-8444-555555555555"
	oid    = "cccccccc-0000-4000-8000-000000000003"
	oid2   = "dddddddd-0000-4000-8000-000000000004"
	api    = "aaaaaaaa-0000-4000-8000-000000000001"
	api2   = "aaaaaaaa-0000-4000-8000-000000000009"
	client = "bbbbbbbb-0000-4000-8000-000000000002"

	plain = `{"alg":"RS256","kid":"k","typ":"JWT"}`
	iss   = `"iss":"https://login.microsoftonline.com/` + tid + `/v2.0","ver":"2.0","tid":"` + tid + `",`
	times = `"iat":1772366100,"nbf":1772366100,"exp":1772370600,`
	user  = iss + times + `"aud":"` + api + `","azp":"` + client + `","azpacr":"0","oid":"` + oid + `","sub":"SUB-API","scp":"Orders.Read","preferred_username":"ada@c","uti":"u1",`
	id    = iss + times + `"aud":"` + client + `","nonce":"n","oid":"` + oid + `","sub":"SUB-CLIENT","preferred_username":"ada@c","uti":"u2",`
	v1    = `"iss":"https://sts.windows.net/` + tid + `/","ver":"1.0","tid":"` + tid + `",` + times + `"aud":"api://stock","appid":"` + client + `","appidacr":"0","oid":"` + oid + `","sub":"SUB-V1","scp":"Stock.Read","unique_name":"ada@c","upn":"ada@c","amr":["pwd"],"uti":"u3",`
	app   = iss + times + `"aud":"` + api + `","azp":"` + client + `","azpacr":"1","oid":"` + oid2 + `","sub":"` + oid2 + `","roles":["A"],"uti":"u4",`
)

func token(t testing.TB, header, claims string) *validate.Token {
	t.Helper()
	e := base64.RawURLEncoding.EncodeToString
	tok, _ := validate.Decode(e([]byte(header)) + "." + e([]byte("{"+strings.TrimSuffix(claims, ",")+"}")) + ".c2ln")
	return tok
}

// with changes texts of a token's claims, in pairs.
func with(claims string, pairs ...string) string {
	return strings.NewReplacer(pairs...).Replace(claims)
}

func row(t *testing.T, c diff.Comparison, name string) diff.Row {
	t.Helper()
	i := slices.IndexFunc(c.Rows, func(r diff.Row) bool { return r.Name == name && !r.Header })
	if i < 0 {
		t.Fatalf("no row %s", name)
	}
	return c.Rows[i]
}

// clean holds every sentence to what a screen can take.
func clean(t testing.TB, c diff.Comparison) {
	t.Helper()
	check := func(s string) {
		if s != validate.Printable(s, 400) || s == "" || !strings.HasSuffix(s, ".") {
			t.Errorf("no clean sentence: %q", s)
		}
		if n := utf8.RuneCountInString(s); n > 260 {
			t.Errorf("%d characters: %s", n, s)
		}
	}
	check(c.What)
	for _, n := range c.Notes {
		check(n)
	}
	for _, r := range c.Rows {
		if r.Says != "" {
			check(r.Says)
		}
		if r.Matters != (r.Says != "") || r.Matters && (r.Source == "" || r.State == diff.Same && r.Name == r.Other) {
			t.Errorf("%s: matters %v, says %q, source %q, state %s", r.Name, r.Matters, r.Says, r.Source, r.State)
		}
		for _, w := range slices.Concat(r.Added, r.Removed) {
			if w != validate.Printable(w, 101) {
				t.Errorf("%s: %q", r.Name, w)
			}
		}
	}
}

// TestTokens puts every relation of two tokens and its sentences to the test; it
// is long because each stands here once.
func TestTokens(t *testing.T) {
	later := []string{"1772366100", "1772369700", "1772370600", "1772374200", `"u1"`, `"u9"`}
	behind := with(user, api, api2, client, api, `"azpacr":"0"`, `"azpacr":"1"`, "Orders.Read", "Stock.Read", "SUB-API", "SUB-STOCK", `"u1"`, `"u7"`)
	for _, c := range []struct {
		name, left, right, what string
		says                    string // "claim: part of its sentence", parted by semicolons
	}{
		{"one token", user, user, "same token twice", ""},
		{"one sign-in", user, id, "of one sign-in", "aud: Neither accepts;sub: here for the client and for the API;scp: opens no API;nonce: Only the ID token;azp: audience of the ID token is the client"},
		{"access and ID token of two sign-ins", user, with(id, "1772366100", "1772369100"), "of the same person and client", ""},
		{"access and ID token of two people", user, with(id, oid, oid2), "do not belong together", "oid: Two people"},
		{"an ID token without profile", user, with(id, `"oid":"`+oid+`",`, "", `"tid":"`+tid+`",`, ""), "issued together: of one sign-in by all signs", "oid: scope profile;tid: scope profile"},
		{"an ID token without profile, another time", user, with(id, `"oid":"`+oid+`",`, "", "1772366100", "1772369999"), "nothing tells whether", ""},
		{"one registration for client and API", with(user, client, api), with(user, client, api, `"aud":"`+api+`"`, `"aud":"`+api2+`"`), "Two APIs, one client", ""},
		{"two issuers with one sub", `"iss":"https://a.example","aud":"x","client_id":"c","sub":"1","scope":"r",`, `"iss":"https://b.example","aud":"x","client_id":"c","sub":"1","scope":"r",`, "Two issuers", "iss: Another issuer"},
		{"another issuer's refresh", `"iss":"https://a.example","aud":"x","client_id":"c","sub":"1","scope":"r","iat":1772366100,`, `"iss":"https://a.example","aud":"x","client_id":"c","sub":"1","scope":"r w","iat":1772369100,`, "more was granted", "scope: added w"},
		{"a refresh", user, with(user, later...), "as by a refresh", "iat: 1 h later;exp: ends 1 h later;uti: a number of its own"},
		{"a refresh the other way round", with(user, later...), user, "after (left) and before (right)", "iat: 1 h earlier"},
		{"a consent", user, with(user, append(later, "Orders.Read", "Orders.Read Orders.Write")...), "more was consented to", "scp: More was consented to between the two (Orders.Write)"},
		{"a consent the other way round", with(user, append(later, "Orders.Read", "Orders.Write Orders.Read")...), user, "after more was consented to (left)", "scp: More was consented to between the two (Orders.Write)"},
		{"consent taken back", with(user, "Orders.Read", "Orders.Read Orders.Write"), with(user, later...), "as by a refresh", "scp: taken back between the two (Orders.Write)"},
		{"new roles", user + `"roles":["A","B"],`, with(user+`"roles":["C","B"],`, later...), "as by a refresh", "roles: added C, gone A"},
		{"new groups", user + `"groups":["A"],`, with(user+`"groups":["A","B"],`, later...), "as by a refresh", "groups: added B"},
		{"groups left out", user + `"groups":["A"],`, with(user+`"_claim_names":{"groups":"src1"},`, later...), "as by a refresh", "_claim_names: the right token the list of groups is left out"},
		{"two versions", v1, with(user, api, api2), "v1.0 beside v2.0", "iss: two forms of its issuer;appid: v1.0 calls it appid;unique_name: unique_name and upn;aud: v2.0 always;amr: v2.0 leaves out amr;sub: same person (same oid) at two APIs;ver: requestedAccessTokenVersion"},
		{"on-behalf-of", user, behind, "On-behalf-of, by all signs: the API that the left token is for", "aud: the right one;azp: API in the middle;scp: at the API behind;sub: no API can follow;azpacr: right by a secret"},
		{"on-behalf-of the other way round", behind, user, "the right token is for is the client of the left", "aud: The right token is for the API in the middle"},
		{"on-behalf-of to v1.0", user, with(v1, client, api), "On-behalf-of", "azp: API in the middle"},
		{"two APIs", user, with(user, api, api2, "SUB-API", "SUB-2"), "Two APIs, one client", "aud: its own audience alone;sub: no API can follow"},
		{"two clients", user, with(user, client, api2), "Two clients of one API", "azp: Another client"},
		{"two people", user, with(user, oid, oid2, "SUB-API", "SUB-2"), "Two people", "oid: Two people"},
		{"two tenants", user, with(user, tid, other, oid, oid2), "Two tenants", "tid: know both;oid: still be one human;iss: Another issuer"},
		{"two applications", app, with(app, oid2, other), "Two applications", "oid: Two people, or two applications"},
		{"an application again", app, with(app, "1772366100", "1772369700"), "The same application at the same API", ""},
		{"a person and an application", user, app, "an application as itself", "scp: application as itself;roles: for an application what"},
		{"two ID tokens", id, with(id, `"n"`, `"m"`), "Two ID tokens", "nonce: a nonce of its own"},
		{"one person, two subs at one API", user, with(user, "SUB-API", "FORGED"), "same second", "sub: one of them, not by one rule"},
		{"known clients", with(user, client, "04b07795-8ddb-461a-bbee-02f9e1bf7b46"), with(user, client, "1950a258-227b-4e31-a9cf-717495945fc2"), "Two clients", "azp: (Azure CLI and Azure PowerShell)"},
		{"stepped up", user, user + `"acrs":["c1"],`, "same second", "acrs: added c1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := diff.Tokens(token(t, plain, c.left), token(t, plain, c.right))
			clean(t, got)
			if !strings.Contains(got.What, c.what) {
				t.Errorf("what: %s, want %q", got.What, c.what)
			}
			for want := range strings.SplitSeq(c.says, ";") {
				name, part, ok := strings.Cut(want, ": ")
				if !ok {
					continue
				}
				if part == "one of them, not by one rule" {
					part = "not issued by one rule"
				}
				if r := row(t, got, name); !strings.Contains(r.Says, part) {
					t.Errorf("%s says %q, want %q", name, r.Says, part)
				}
			}
		})
	}
}

// Lists are compared as sets, and v1.0's names are paired with v2.0's.
func TestRows(t *testing.T) {
	c := diff.Tokens(token(t, plain, user+`"odd":1,"roles":["A","B"],`), token(t, plain, with(user, "Orders.Read", "Orders.Write Orders.Read")+`"roles":["B","A"],"odder":2,`))
	if r := row(t, c, "scp"); r.State != diff.Changed || !slices.Equal(r.Added, []string{"Orders.Write"}) || r.Removed != nil {
		t.Errorf("scp: %+v", r)
	}
	if r := row(t, c, "roles"); r.State != diff.Same || r.Matters {
		t.Errorf("roles in another order: %+v", r)
	}
	if r := row(t, c, "odd"); r.State != diff.OnlyLeft || r.Right.Type != validate.TypeNone || r.Group != "" {
		t.Errorf("odd: %+v", r)
	}
	if r := row(t, c, "odder"); r.State != diff.OnlyRight {
		t.Errorf("odder: %+v", r)
	}
	groups := append(claims.Groups(), "")
	last := 0
	for i, r := range c.Rows {
		if r.Header {
			if i != len(c.Rows)-3 && c.Rows[i-1].Header == false {
				t.Errorf("the header begins at %d of %d", i, len(c.Rows))
			}
			continue
		}
		at := slices.Index(groups, r.Group)
		if at < last {
			t.Errorf("%s of %q stands after %q", r.Name, r.Group, groups[last])
		}
		last = at
	}
	c = diff.Tokens(token(t, plain, v1), token(t, plain, user))
	for name, twin := range map[string]string{"appid": "azp", "appidacr": "azpacr", "unique_name": "preferred_username", "upn": "upn"} {
		if r := row(t, c, name); r.Other != twin {
			t.Errorf("%s is paired with %s", name, r.Other)
		}
	}
	if r := row(t, c, "appid"); r.State != diff.Same || !r.Matters {
		t.Errorf("one client by two names: %+v", r)
	}
}

func TestNotes(t *testing.T) {
	resigned, _ := validate.Decode(strings.TrimSuffix(token(t, plain, user).Raw, "c2ln") + "b3RoZXI")
	for _, c := range []struct {
		name        string
		left, right *validate.Token
		what, note  string
	}{
		{"another signature", token(t, plain, user), resigned, "signed twice", "not what it was"},
		{"one uti", token(t, plain, user), token(t, plain, with(user, "Orders.Read", "Orders.All")), "", "Both carry one uti"},
		{"a refresh", token(t, plain, user), token(t, plain, with(user, "1772366100", "1772369700", `"u1"`, `"u9"`)), "", "stays good to its end"},
		{"opaque", token(t, plain, user), decode("abc"), "cannot be read", ""},
		{"twice", token(t, plain, user+`"uti":"x",`), token(t, plain, id), "", "stands twice"},
		{"Graph", token(t, `{"alg":"RS256","kid":"k","nonce":"n"}`, with(user, api, "https://graph.microsoft.com")), token(t, plain, user), "", "for Graph"},
	} {
		got := diff.Tokens(c.left, c.right)
		clean(t, got)
		if !strings.Contains(got.What, c.what) || c.note != "" && !strings.Contains(strings.Join(got.Notes, " "), c.note) {
			t.Errorf("%s: %s %q", c.name, got.What, got.Notes)
		}
	}
}

func decode(raw string) *validate.Token {
	tok, _ := validate.Decode(raw)
	return tok
}

func FuzzTokens(f *testing.F) {
	for _, s := range []string{user, id, v1, app} {
		f.Add(plain, "{"+strings.TrimSuffix(s, ",")+"}", "{"+strings.TrimSuffix(user, ",")+"}")
	}
	f.Add(`{"alg":1}`, `{"scp":["a\u001b"],"aud":[],"roles":"x","iat":1e9}`, `{"scp":"a\u202e b","aud":"x","roles":{},"iat":2e9}`)
	f.Fuzz(func(t *testing.T, header, left, right string) {
		e := base64.RawURLEncoding.EncodeToString
		c := diff.Tokens(decode(e([]byte(header))+"."+e([]byte(left))+".c2ln"), decode(e([]byte(plain))+"."+e([]byte(right))+".c2ln"))
		clean(t, c)
	})
}
