package trace

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
)

// jwt makes a token in compact form whose signature is a row of letters.
func jwt(claims string) string {
	b := base64.RawURLEncoding
	return b.EncodeToString([]byte(`{"alg":"RS256"}`)) + "." + b.EncodeToString([]byte(claims)) + "." + strings.Repeat("s", 86)
}

// TestFilled: values bring the newest token of the run, or the first, and an op
// whose token is not there is left out.
func TestFilled(t *testing.T) {
	run := &Trace{Tokens: []Token{{Kind: AccessToken, Value: "first"}, {Kind: IDToken, Value: "who"}, {Kind: AccessToken, Value: "second"}}}
	for _, c := range []struct{ template, want string }{
		{"Bearer {access_token}", "Bearer second"}, {"Bearer {first_access_token}", "Bearer first"}, {"{id_token}", "who"}, {"Bearer {refresh_token}", ""},
	} {
		change := Change{Ops: []Op{{Verb: Bring, Place: Header, Name: "Authorization", Value: c.template}}}
		got := change.Filled(run).Apply(Request{Header: http.Header{}}).Header.Get("Authorization")
		if got != c.want {
			t.Errorf("%s becomes %q, want %q", c.template, got, c.want)
		}
		if change.Ops[0].Verb != Bring {
			t.Error("the change itself was written to")
		}
	}
}

// TestGarbleSigned: of a signed token only the signature changes, in its middle,
// also behind a scheme; other texts change in their own middle.
func TestGarbleSigned(t *testing.T) {
	for _, s := range []string{jwt(`{"sub":"ada"}`), "Bearer " + jwt(`{"sub":"ada"}`)} {
		got := GarbleText(s)
		dot := strings.LastIndexByte(s, '.')
		if got[:dot+1] != s[:dot+1] || got == s || got[len(got)-8:] != s[len(s)-8:] || len(got) != len(s) {
			t.Errorf("%s became %s", s, got)
		}
	}
	if got := GarbleText("a.b.c"); got != "a.a.c" {
		t.Errorf("a.b.c became %s", got)
	}
}

// TestClaimOfAForm changes one claim of an assertion and leaves the rest, and a
// fix that takes the assertion back takes that change back.
func TestClaimOfAForm(t *testing.T) {
	r := Request{Method: "POST", Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}}.
		WithForm([]Param{{Form, "grant_type", "client_credentials"}, {Form, "client_assertion", jwt(`{"sub":"repo:a","aud":"x"}`)}})
	change := Change{Purpose: TokenCall, Ops: []Op{{Verb: Set, Place: Claim, Name: "client_assertion.sub", Value: "repo:A"}}}
	got, _ := change.Apply(r).Get("client_assertion")
	if got != jwt(`{"sub":"repo:A","aud":"x"}`) {
		t.Errorf("the assertion became %s", got)
	}
	for _, odd := range []string{"client_assertion", "nobody.sub", "grant_type.sub"} {
		change.Ops[0].Name = odd
		if string(change.Apply(r).Body) != string(r.Body) {
			t.Errorf("%s changed something", odd)
		}
	}
	change.Ops[0].Name = "client_assertion.sub"
	if left := Without([]Change{change}, Change{Purpose: TokenCall, Ops: []Op{{Verb: Restore, Place: Form, Name: "client_assertion"}}}); len(left) != 0 {
		t.Errorf("%+v is left", left)
	}
}

// TestWithoutAnswer: a fix of an answer takes changes of that answer back and no
// request's, and what breaks is let out again.
func TestWithoutAnswer(t *testing.T) {
	request := Change{Purpose: TokenCall, Ops: []Op{{Verb: Drop, Place: Form, Name: "code"}}}
	answer := Change{Purpose: TokenCall, Answer: true, Ops: []Op{{Verb: Set, Place: Status, Value: "503"}}}
	left := Without([]Change{request, answer}, Change{Purpose: TokenCall, Answer: true, Ops: []Op{{Verb: Restore, Place: Body}}})
	if len(left) != 1 || left[0].Answer {
		t.Errorf("%+v is left", left)
	}
	broken := Change{Purpose: TokenCall, Ops: []Op{{Verb: Fail, Name: "refused", Value: "connection refused"}}}
	if left := Without([]Change{broken}, Change{Purpose: TokenCall, Ops: []Op{{Verb: Restore}}}); len(left) != 0 {
		t.Errorf("%+v is left", left)
	}
}
