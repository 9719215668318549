package explain

import (
	"encoding/base64"
	"strings"
	"testing"
)

func jwtOf(header, claims string) string {
	b := base64.RawURLEncoding
	return b.EncodeToString([]byte(header)) + "." + b.EncodeToString([]byte(claims)) + ".c2lnbmF0dXJl"
}

func TestAssertionIsReadMemberByMember(t *testing.T) {
	list, ok := Assertion(jwtOf(`{"typ":"JWT","alg":"PS256","x5t#S256":"abc","x5c":["a","b"],"zip":"no"}`,
		`{"aud":["x","y"],"iss":"me\u001b[31m","exp":1795168920,"nbf":"soon","jti":"`+strings.Repeat("j", 5000)+`"}`))
	if !ok {
		t.Fatal("a JWT was not read")
	}
	got := map[string]string{}
	var order []string
	for _, m := range list {
		got[m.Name] = m.Value
		order = append(order, m.Name)
		if m.Meaning == "" {
			t.Errorf("%s has no meaning", m.Name)
		}
	}
	if o := strings.Join(order, " "); o != "alg typ x5t#S256 x5c iss aud jti nbf exp" {
		t.Errorf("order %s", o)
	}
	if got["x5c"] != "2 certificates" || got["aud"] != "x y" || got["exp"] != "2026-11-20T10:02:00Z" || got["nbf"] != "soon" {
		t.Errorf("%v", got)
	}
	if strings.Contains(got["iss"], "\x1b") || len(got["jti"]) > maxValue+4 {
		t.Errorf("not tame: %q, %d bytes", got["iss"], len(got["jti"]))
	}
	for _, no := range []string{"", "a.b", "a.b.c", jwtOf("[]", "{}"), jwtOf("{}", "1")} {
		if _, ok := Assertion(no); ok {
			t.Errorf("%q was read", no)
		}
	}
}
