package command_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"flowscope/validate/validatetest"
)

// paste is a bench with the labelled tokens' keys, and flags that go with them.
func paste(t *testing.T) (*bench, []string) {
	t.Helper()
	b := newBench(t)
	b.files["keys"] = string(validatetest.KeySet())
	return b, []string{"--jwks", "keys", "--now", fmt.Sprint(validatetest.Now().Unix()), "--issuer", validatetest.IssuerV2}
}

// judged runs flowscope token on a text and gives the verdict of each token, with
// the checks that failed, by where it stood.
func judged(t *testing.T, b *bench, in string, args ...string) (verdicts []string, doc tokensShape, exit int) {
	t.Helper()
	b.in = strings.NewReader(in)
	exit = b.run(append([]string{"token", "--json"}, args...)...)
	out := strings.TrimSpace(b.out.String())
	if !strings.HasPrefix(out, `{"schema":1,"tokens":[`) {
		out = `{"tokens":[` + out + `]}`
	}
	if err := json.Unmarshal([]byte(out), &doc); err != nil {
		t.Fatalf("%v: %s%s", err, out, b.err.String())
	}
	for _, one := range doc.Tokens {
		words := one.Place + " " + one.Verdict
		for _, c := range one.Checks {
			if c.Status == "fail" {
				words += " " + c.ID
			}
		}
		verdicts = append(verdicts, words)
	}
	return verdicts, doc, exit
}

const (
	opaqueRefresh = "1.AXoAU-9ZFQ4rlUOy7zbxAAAAAAAAAAAAAAAAlKs0mKd8Q2"
	clientID      = validatetest.Client
	apiID         = validatetest.API
)

// TestStatedForOneOfSeveral is long because it is a table: what is stated is put
// to the tokens that it is meant for, and to a token that is judged alone always.
func TestStatedForOneOfSeveral(t *testing.T) {
	access := validatetest.Sign(validatetest.Header(), validatetest.UserV2())
	id := validatetest.Sign(validatetest.Header(), validatetest.IDV2())
	both := `{"access_token":"` + access + `","id_token":"` + id + `","refresh_token":"` + opaqueRefresh + `"}`
	idOnly := `{"id_token":"` + id + `","refresh_token":"` + opaqueRefresh + `"}`
	for name, test := range map[string]struct {
		in, args string
		want     string
		exit     int
	}{
		"alone":                       {id, "--type id --audience WRONG", " invalid audience", 3},
		"picked":                      {both, "--type id --audience WRONG", "id_token invalid audience", 3},
		"beside a refresh token":      {idOnly, "--audience WRONG", "id_token invalid audience,refresh_token unverified", 3},
		"scope alone":                 {id, "--type id --audience C --caller app --scope S", " invalid token-type scope", 3},
		"scope, picked":               {both, "--type id --audience C --caller app --scope S", "id_token invalid token-type scope", 3},
		"role beside a refresh token": {idOnly, "--audience C --role R", "id_token invalid roles,refresh_token unverified", 3},
		"nonce, picked":               {both, "--type access --audience A --nonce zzz", "access_token invalid nonce", 3},
		"each its own":                {both, "--audience A --client C --scope Orders.Read --nonce n1", "access_token valid,id_token valid,refresh_token unverified", 0},
		"one of the two":              {both, "--audience A", "access_token valid,id_token unverified,refresh_token unverified", 4},
		"the wrong API":               {both, "--audience WRONG --client C", "access_token invalid audience,id_token valid,refresh_token unverified", 3},
		"a refresh token alone":       {`{"refresh_token":"` + opaqueRefresh + `"}`, "", "refresh_token unverified", 4},
	} {
		t.Run(name, func(t *testing.T) {
			b, args := paste(t)
			stated := strings.NewReplacer(" A", " "+apiID, " C", " "+clientID).Replace(test.args)
			got, doc, exit := judged(t, b, test.in, append(args, strings.Fields(stated)...)...)
			if all := strings.Join(got, ","); all != test.want || exit != test.exit {
				t.Errorf("%s, exit %d; want %s, exit %d", all, exit, test.want, test.exit)
			}
			for _, one := range doc.Tokens {
				for _, c := range one.Checks {
					flag := map[string]string{"audience": "--audience", "scope": "--scope", "roles": "--role", "nonce": "--nonce"}[c.ID]
					if flag != "" && strings.Contains(test.args, flag+" ") && strings.HasPrefix(c.Why, "Nobody said") {
						t.Errorf("%s: %s was stated, and the report says: %s", one.Place, flag, c.Why)
					}
				}
			}
		})
	}
}

// What is put to other tokens of the input has words of its own, in text as in JSON.
func TestStatedElsewhere(t *testing.T) {
	both := validatetest.Sign(validatetest.Header(), validatetest.UserV2()) + "\n" + validatetest.Sign(validatetest.Header(), validatetest.IDV2())
	b, args := paste(t)
	b.in = strings.NewReader(both)
	text := b.must(t, 4, append(append([]string{"token"}, args...), "--audience", apiID, "--scope", "Orders.Read", "--nonce", "n1")...)
	text = strings.Join(strings.Fields(text), " ")
	for _, want := range []string{
		"expected: no audience of its own yet; say --client",
		"The audience stated is put to the access token of this paste, and this ID token is not for it.",
		"The scope stated is put to the access token of this paste: ID tokens grant none.",
		"The nonce stated is put to the ID token of this paste: access tokens carry none.",
	} {
		if strings.Count(text, want) != 1 {
			t.Errorf("the text does not say once %q", want)
		}
	}
}

// A word in the text takes no check away: one that says another thing than the
// token is no reason to leave it out, or to judge it less.
func TestLabelsAreNoProof(t *testing.T) {
	good := validatetest.Sign(validatetest.Header(), validatetest.Claims(validatetest.UserV2(), "roles", `["Admin"]`))
	bad := validatetest.Sign(validatetest.Header(), validatetest.UserV2())
	bareID := validatetest.Sign(validatetest.Header(), fmt.Sprintf(`{"iss":%q,"sub":"s","aud":%q,"exp":%d,"iat":%d}`,
		validatetest.IssuerV2, clientID, validatetest.Now().Unix()+600, validatetest.Now().Unix()))
	pair := func(name, token string) string {
		return `{"access_token":"` + good + `","` + name + `":"` + token + `"}`
	}
	for name, test := range map[string]struct {
		in, args string
		want     string
		exit     int
	}{
		"called an ID token":           {pair("id_token", bad), "--audience A --role Admin", "access_token valid,id_token invalid roles", 3},
		"called one, picked":           {pair("id_token", garble(good)), "--audience A --role Admin --type access", "access_token valid,id_token invalid signature", 3},
		"called an assertion":          {pair("client_assertion", garble(good)), "--audience A --role Admin", "access_token valid,client_assertion invalid signature", 3},
		"called one, client stated":    {pair("id_token", bad), "--audience A --role Admin --client C", "access_token valid,id_token invalid roles", 3},
		"an ID token without a mark":   {pair("id_token", bareID), "--audience A --role Admin --client C", "access_token valid,id_token valid", 0},
		"called a refresh token":       {pair("refresh_token", garble(good)), "--audience A --role Admin", "access_token valid,refresh_token invalid signature", 3},
		"called one, an access token?": {pair("refresh_token", garble(good)), "--audience A --type access", "access_token valid,refresh_token invalid signature", 3},
	} {
		t.Run(name, func(t *testing.T) {
			b, args := paste(t)
			stated := strings.NewReplacer(" Admin", " Admin", " A", " "+apiID, " C", " "+clientID).Replace(test.args)
			got, _, exit := judged(t, b, test.in, append(args, strings.Fields(stated)...)...)
			if all := strings.Join(got, ","); all != test.want || exit != test.exit {
				t.Errorf("%s, exit %d; want %s, exit %d", all, exit, test.want, test.exit)
			}
		})
	}
}

// A line of a batch is judged as the same token alone.
func TestBatchAgreesWithOne(t *testing.T) {
	id := validatetest.Sign(validatetest.Header(), validatetest.IDV2())
	for _, stated := range [][]string{{"--client", clientID}, {"--client", "other"}, {"--audience", clientID}, {"--type", "id", "--client", clientID}} {
		b, args := paste(t)
		args = append(args, stated...)
		_, _, want := judged(t, b, id, args...)
		b.files["lines"] = id + "\n"
		if got := b.run(append([]string{"token", "--batch", "lines"}, args...)...); got != want {
			t.Errorf("%q: exit %d in a batch, %d alone: %s", stated, got, want, b.out.String())
		}
	}
}

// A flag that takes one value is given once, in every command.
func TestFlagsGivenTwice(t *testing.T) {
	for _, args := range [][]string{
		{"token", "--issuer", "https://a.example", "--issuer", "https://b.example"},
		{"token", "--type", "id", "--type=access"}, {"token", "--theme", "dark", "--theme", "dark"},
		{"run", "client-credentials", "--as", "web", "--as", "daemon"}, {"--config", "a", "--config", "b", "themes"},
	} {
		b := newBench(t)
		b.in = strings.NewReader("correct-horse-battery")
		b.must(t, 2, args...)
		if got := b.err.String(); !strings.Contains(got, "is given twice") || strings.Contains(got, "example") {
			t.Errorf("%q: %q", args, got)
		}
	}
	b, args := paste(t)
	b.in = strings.NewReader(validatetest.Sign(validatetest.Header(), validatetest.UserV2()))
	b.must(t, 0, append([]string{"token", "--json", "--json", "--audience", "other", "--audience", apiID}, args...)...)
	for _, name := range []string{"--help", "--version"} { // those are told whatever else is wrong
		b.must(t, 0, "--theme", "dark", "--theme", "dark", name)
	}
}

// A flag that nothing is done with is told, and so is what can't be meant.
func TestFlagsWithoutUse(t *testing.T) {
	access := validatetest.Sign(validatetest.Header(), validatetest.UserV2())
	id := validatetest.Sign(validatetest.Header(), validatetest.IDV2())
	for name, test := range map[string]struct {
		in, args, want string
	}{
		"access token": {access, "--access-token one", "--access-token is for at_hash of an ID token"},
		"code":         {access, "--code-file one", "--code-file is for c_hash of an ID token"},
		"opaque":       {opaqueRefresh, "--middleware", "--middleware is for tokens that can be read"},
		"first of two": {`{"access_token":"` + access + `","id_token":"` + id + `"}`, "--compare one", "--compare takes the first of these 2 tokens (access_token)"},
		"of two there": {access, "--compare two", "of the 2 tokens there one is taken: access token"},
		"common":       {access, "--tenant common", "no tenant, but a door for many"},
		"domain":       {access, "--tenant contoso.example", "a GUID and never a domain"},
		"no GUID":      {access, "--tenant contoso", "no GUID: it looks like"},
		"wide":         {access, "--skew 2h", "until 2 h after they expired"},
		"in a batch":   {"", "--batch one --tenant common", "no tenant, but a door for many"},
		"nothing":      {access, "--skew 1h --tenant " + validatetest.Tenant, ""},
		"of use":       {id, "--access-token one --code-file one --middleware", ""},
	} {
		t.Run(name, func(t *testing.T) {
			b, args := paste(t)
			b.in = strings.NewReader(test.in)
			b.files["one"], b.files["two"] = access, access+"\n"+id
			b.run(append(append([]string{"token"}, args...), strings.Fields(test.args)...)...)
			if got := b.err.String(); test.want == "" && got != "" || !strings.Contains(got, test.want) {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
	b := newBench(t)
	b.in = strings.NewReader(access)
	b.must(t, 2, "token", "--skew", "25h")
	b.must(t, 2, "token", "--skew", "87600h")
}

// The summary of a batch tells the lines that hold no token, or more than one.
func TestBatchCountsTokens(t *testing.T) {
	token := validatetest.Sign(validatetest.Header(), validatetest.UserV2())
	b, args := paste(t)
	b.files["lines"] = token + "\n\nhello world\n# comment\n" + token + " " + token[:len(token)-5] + "\n"
	out := b.must(t, 3, append([]string{"token", "--batch", "lines", "--audience", apiID}, args...)...)
	if n := strings.Count(out, `"tokens":0}`); n != 3 {
		t.Errorf("%d reports say that there was no token", n)
	}
	for _, want := range []string{"no token on 3 lines", "1 line held more than one token"} {
		if !strings.Contains(b.err.String(), want) {
			t.Errorf("%q lacks %q", b.err.String(), want)
		}
	}
}

// Dates that are ages apart are told, and one that is now.
func TestDatesFarApart(t *testing.T) {
	at := func(now int64, exp string) string {
		b, args := paste(t)
		b.in = strings.NewReader(validatetest.Sign(validatetest.Header(), validatetest.Claims(validatetest.UserV2(), "exp", exp)))
		b.run(append([]string{"token", "--issuer", validatetest.IssuerV2, "--now", fmt.Sprint(now)}, args[:2]...)...)
		return strings.Join(strings.Fields(b.out.String()), " ")
	}
	for text, want := range map[string]string{
		at(253402300799, "1772371200"): "expired 2026-03-01 13:20:00 UTC, 7973 years ago",
		at(1772371200, "253402300799"): "expires 9999-12-31 23:59:59 UTC, in 7973 years; exp is 7973 years after iat",
		at(1772371200, "1772371200"):   "expired 2026-03-01 13:20:00 UTC, just now",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%.900s\nlacks %q", text, want)
		}
	}
}

// The day on which a tenant was made is a date as others are.
func TestTenantDate(t *testing.T) {
	b, args := paste(t)
	b.in = strings.NewReader(validatetest.Sign(validatetest.Header(), validatetest.Claims(validatetest.UserV2(), "xms_tcdt", "1495560000")))
	if text := b.must(t, 4, append([]string{"token"}, args...)...); !strings.Contains(text, "1495560000  2017-05-23 17:20:00 UTC") {
		t.Errorf("xms_tcdt is no date:\n%s", text)
	}
}
