package command_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"flowscope/engine/lab"
	"flowscope/validate"
)

const ordersID = "f4f9cdd6-0c3f-428f-94f5-b424da1d3acb"

// issuer is the issuer of the lab's v2.0 tokens.
const issuer = "https://" + lab.Host + "/c0f75a3e-4a12-4f0e-9d0c-3a700c302009/v2.0"

// tokens runs a flow on the lab of b and gives its tokens as they are.
func tokens(t testing.TB, b *bench, args ...string) []string {
	t.Helper()
	var out []string
	for line := range strings.SplitSeq(b.must(t, 0, append(append([]string{"run"}, args...), "--with-secrets")...), "\n") {
		if s := strings.TrimSpace(line); len(s) > 100 && strings.Contains(s, ".") && !strings.ContainsAny(s, " /") {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		t.Fatalf("no token in %s", b.out.String())
	}
	return out
}

// jwksOf gives the key set of the lab.
func jwksOf(t *testing.T, l *lab.Lab) string {
	t.Helper()
	rec := httptest.NewRecorder()
	l.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, strings.TrimSuffix(issuer, "/v2.0")+"/discovery/v2.0/keys", nil))
	return rec.Body.String()
}

// garble changes one character in the middle of the signature.
func garble(token string) string {
	i := (strings.LastIndexByte(token, '.') + len(token)) / 2
	c := "A"
	if token[i] == 'A' {
		c = "B"
	}
	return token[:i] + c + token[i+1:]
}

// TestToken is long because it is a table.
func TestToken(t *testing.T) {
	b := newBench(t)
	all := tokens(t, b, "authorization-code", "--as", "web")
	access, id, refresh := all[0], all[1], all[2]
	expect := "--issuer " + issuer + " --audience " + ordersID + " "
	for name, test := range map[string]struct {
		in, args string
		want     int
		verdict  string
		failed   string // id of a check that fails
	}{
		"valid":            {access, expect, 0, "valid", ""},
		"all stated":       {access, expect + "--scope access_as_user --caller user --type access --alg RS256 --tenant c0f75a3e-4a12-4f0e-9d0c-3a700c302009", 0, "valid", ""},
		"keys from a file": {access, expect + "--jwks keys.json", 0, "valid", ""},
		"header line":      {"Authorization: Bearer " + access + "\n", expect, 0, "valid", ""},
		"token response":   {`{"token_type":"Bearer","access_token":"` + access + `"}`, expect, 0, "valid", ""},
		"ID token":         {id, "--type id --issuer " + issuer + " --audience 899990f6-2476-4365-85b4-827f8587cb91", 0, "valid", ""},
		"nothing stated":   {access, "", 4, "unverified", ""},
		"one of two":       {access, expect + "--audience other", 0, "valid", ""},
		"audience":         {access, "--issuer " + issuer + " --audience other", 3, "invalid", "audience"},
		"signature":        {garble(access), expect, 3, "invalid", "signature"},
		"scope":            {access, expect + "--scope access_as_user --scope Orders.Delete", 3, "invalid", "scope"},
		"role":             {access, expect + "--role Emperor", 3, "invalid", "roles"},
		"caller":           {access, expect + "--caller app", 3, "invalid", "token-type"},
		"type":             {access, expect + "--type id", 3, "invalid", "token-type"},
		"tenant":           {access, expect + "--tenant fab81c70-2342-4d72-9f9a-9f024e53991e", 3, "invalid", "tenant"},
		"algorithm":        {access, expect + "--alg PS256", 3, "invalid", "algorithm"},
		"nonce":            {id, "--nonce other", 3, "invalid", "nonce"},
		"later":            {access, expect + "--now 2026-11-21T10:00:00Z", 3, "invalid", "expiry"},
		"later in seconds": {access, expect + fmt.Sprintf("--now %d", instant.Add(24*time.Hour).Unix()), 3, "invalid", "expiry"},
		"within the skew":  {access, expect + "--now 2026-11-20T09:53:00Z --skew 300", 0, "valid", ""},
		"without skew":     {access, expect + "--now 2026-11-20T09:53:00Z --skew 0", 3, "invalid", "not-before"},
		"refresh token":    {refresh, "", 4, "unverified", ""},
		"opaque":           {"correct-horse-battery", "", 4, "unverified", ""},
		"too large":        {"eyJ" + strings.Repeat("A", 2<<20), "", 3, "invalid", "format"},
	} {
		t.Run(name, func(t *testing.T) {
			b := &bench{in: strings.NewReader(test.in), env: map[string]string{}, ctx: t.Context(), lab: b.lab}
			b.files = map[string]string{"keys.json": jwksOf(t, b.lab)}
			var doc tokenShape
			read(t, b.must(t, test.want, append([]string{"token", "--json"}, strings.Fields(test.args)...)...), &doc)
			if doc.Schema != 1 || doc.Verdict != test.verdict {
				t.Errorf("verdict %s, want %s", doc.Verdict, test.verdict)
			}
			failed := ""
			for i, check := range doc.Checks {
				if check.ID != validate.IDs()[i] {
					t.Errorf("check %d is %s", i+1, check.ID)
				}
				if check.Status == "fail" && (failed == "" || check.ID == test.failed) {
					failed = check.ID
				}
			}
			if failed != test.failed {
				t.Errorf("failed: %q, want %q", failed, test.failed)
			}
			b.in = strings.NewReader(test.in)
			text := b.must(t, test.want, append([]string{"token"}, strings.Fields(test.args)...)...)
			if !strings.Contains(strings.SplitN(text, "\n", 2)[0], test.verdict) {
				t.Errorf("the text begins %q", strings.SplitN(text, "\n", 2)[0])
			}
			if test.failed != "" && !strings.Contains(text, "✗ "+test.failed) {
				t.Errorf("the text does not say that %s failed:\n%s", test.failed, text)
			}
		})
	}
}

func TestTokenFromAnArgumentAndAFile(t *testing.T) {
	b := newBench(t)
	access := tokens(t, b, "client-credentials")[0]
	b.files["file"] = access + "\n"
	expect := []string{"--issuer", issuer, "--audience", ordersID}
	for _, arg := range []string{access, "file", "-"} {
		b.in = strings.NewReader(access)
		if out := b.must(t, 0, append([]string{"token", arg}, expect...)...); !strings.Contains(out, "access token · application · v2.0") {
			t.Errorf("%s: %s", arg, out)
		}
	}
	if len(b.asked) != 3 || b.asked[0].Issuer != issuer || b.asked[0].Offline || b.asked[0].Context == nil {
		t.Errorf("keys were asked for with %+v", b.asked)
	}
	b.in = strings.NewReader(access)
	b.must(t, 0, append([]string{"token", "--jwks", "https://keys.example/k"}, expect...)...)
	if last := b.asked[3]; last.JWKSURL != "https://keys.example/k" || last.JWKS != nil {
		t.Errorf("keys were asked for with %+v", last)
	}
	b.in = strings.NewReader(access)
	b.run("token", "--offline")
	if last := b.asked[4]; !last.Offline {
		t.Errorf("keys were asked for with %+v", last)
	}
}

func TestTokenPromptsOnATerminal(t *testing.T) {
	b := newBench(t)
	b.terminal, b.env["TERM"] = true, "dumb"
	b.in = strings.NewReader("correct-horse-battery")
	b.must(t, 4, "token")
	if got := b.err.String(); got != "Paste the token, then press ctrl+d.\n" {
		t.Errorf("standard error is %q", got)
	}
}

func TestTokenTextShowsClaims(t *testing.T) {
	b := newBench(t)
	b.in = strings.NewReader(tokens(t, b, "authorization-code")[0])
	out := b.must(t, 4, "token")
	for _, want := range []string{
		"For whom", "Who made this token, tenant included.", "What it may do", "access_as_user",
		"2026-11-20 09:57:00 UTC", "Ada Moreau", "Checks  10 pass · 8 not run", "--audience",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the report does not say %q:\n%s", want, out)
		}
	}
}

// A token whose claims hold what a terminal would obey, and another token.
func TestHostileClaims(t *testing.T) {
	const inner = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2VjcmV0c2lnbmF0dXJlc2VjcmV0"
	claims := "{\"sub\":\"a\u009b31mb\",\"name\":\"\\u001b]0;x\\u0007\u202eevil\",\"carried\":\"" + inner + "\",\"\u0065scaped\":\"\\u0065" + inner[1:] + "\"}"
	raw := encode64(`{"alg":"RS256","kid":"k"}`) + "." + encode64(claims) + "." + encode64("signature")
	for _, args := range [][]string{{"token"}, {"token", "--json"}, {"token", "--batch", "-"}} {
		b := newBench(t)
		b.in = strings.NewReader(raw)
		out := b.must(t, 3, args...)
		for _, bad := range []string{"\u009b", "\x1b", "\x07", "\u202e", "c2VjcmV0c2ln"} {
			if strings.Contains(out, bad) {
				t.Errorf("%v prints %q: %s", args, bad, out)
			}
		}
		if len(args) == 1 {
			continue
		}
		var doc tokenShape
		if err := json.Unmarshal([]byte(out), &doc); err != nil {
			t.Fatal(err)
		}
		if doc.Claims["sub"] != "a\u009b31mb" {
			t.Errorf("%v: sub is %q", args, doc.Claims["sub"])
		}
	}
}

func TestDuplicateMembersAreKept(t *testing.T) {
	raw := encode64(`{"alg":"RS256","kid":"k"}`) + "." + encode64(`{"aud":"a","aud":"b","n":1.50e1}`) + "." + encode64("signature")
	b := newBench(t)
	b.in = strings.NewReader(raw)
	if out := b.must(t, 3, "token", "--json"); !strings.Contains(out, `"claims":{"aud":"a","aud":"b","n":1.50e1}`) {
		t.Errorf("the claims are not as received: %s", out)
	}
}

// What is stated but empty, and a time out of range, is a slip and no statement.
func TestTokenFlagsThatSayNothing(t *testing.T) {
	for _, args := range [][]string{
		{"--audience", ""}, {"--audience", "a", "--audience", " "}, {"--tenant", ""}, {"--scope", ""}, {"--role", "\t"},
		{"--issuer", ""}, {"--nonce", ""}, {"--caller", ""}, {"--type", ""}, {"--now", ""}, {"--jwks", ""}, {"--batch", ""},
		{"--now", "0000-01-01T00:00:00Z"}, {"--now", "1969-12-31T23:59:59Z"}, {"--now", "9999-12-31T23:59:59-23:59"},
		{"--now", "1970-01-01T00:00:00+00:01"}, {"--now", "-1"}, {"--now", "253402300800"},
	} {
		b := newBench(t)
		b.in = strings.NewReader("correct-horse-battery")
		b.must(t, 2, append([]string{"token"}, args...)...)
		if got := b.err.String(); !strings.Contains(got, args[0]) {
			t.Errorf("%q: %q", args, got)
		}
	}
	for _, now := range []string{"1970-01-01T00:00:00Z", "9999-12-31T23:59:59.9Z", "253402300799"} {
		b := newBench(t)
		b.in = strings.NewReader("correct-horse-battery")
		b.must(t, 4, "token", "--now", now)
	}
}
