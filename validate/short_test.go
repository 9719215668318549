package validate_test

import (
	"strings"
	"testing"

	"flowscope/validate"
	"flowscope/validate/jwks"
	"flowscope/validate/validatetest"
)

// A copy that misses its end says so, however much of it is missing; a token that
// is whole does not.
func TestCopyWithoutItsEnd(t *testing.T) {
	whole := sign(t, header, userClaims())
	dot := strings.LastIndexByte(whole, '.')
	first := strings.IndexByte(whole, '.')
	for _, c := range []struct {
		name, token, check, summary string
	}{
		{"a character", whole[:len(whole)-1], "format", "of the signature the end is missing: 255 bytes, 256 or more are needed; copy it again"},
		{"200 characters", whole[:len(whole)-200], "format", "of the signature the end is missing: 106 bytes, 256 or more are needed; copy it again"},
		{"whole groups", whole[:dot+1+200], "signature", "the signature is too short, the end is missing: 150 bytes, 256 are needed"},
		{"the signature", whole[:dot], "format", "the copy ends too early: the signature is missing; copy it again"},
		{"and some of the claims", whole[:dot-40], "format", "the copy ends too early: the signature is missing; copy it again"},
		{"all but the header", whole[:first], "format", "the copy ends too early: claims and signature are missing; copy it again"},
	} {
		r := check(t, c.token, expectations())
		if got := r.Summary(); r.Verdict != validate.Invalid || !strings.HasPrefix(got, "The API must refuse it: ") || !strings.Contains(got, c.summary) {
			t.Errorf("%s: %s: %s", c.name, r.Verdict, got)
		}
		got := result(t, r, c.check)
		if got.Status != validate.StatusFail || !strings.Contains(got.Fix, "Copy the token again") {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
	r := check(t, whole[:dot+1], expectations())
	if got := result(t, r, "signature"); got.Status != validate.StatusFail || !strings.Contains(got.Why, "or the copy ends too early") {
		t.Errorf("nothing after the dot: %+v", got)
	}
	spare := validatetest.Find("spare bits in the signature")
	if got := validate.Check(t.Context(), spare.Token, spare.Keys, spare.Want).Summary(); strings.Contains(got, "missing") {
		t.Errorf("spare bits at full length: %s", got)
	}
}

// Without a key the algorithm alone says how long a signature is at least.
func TestShortSignatureWithoutKeys(t *testing.T) {
	whole := sign(t, header, userClaims())
	dot := strings.LastIndexByte(whole, '.')
	r := validate.Check(t.Context(), whole[:dot+1+200], nil, expectations())
	if got := result(t, r, "signature"); got.Status != validate.StatusFail || !strings.Contains(got.Why, "150 bytes, 256 or more are needed") {
		t.Errorf("%+v", got)
	}
	if got := validate.Check(t.Context(), whole, nil, expectations()).Status("signature"); got != validate.StatusNotRun {
		t.Errorf("whole: %s", got)
	}
}

// Keys that somebody handed in may be the wrong ones.
func TestSignatureAgainstGivenKeys(t *testing.T) {
	given, err := jwks.Given([]byte(`{"keys":[` + validatetest.JWK(keyID, &keys().other.PublicKey, "") + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	token := sign(t, header, userClaims())
	r := validate.Check(t.Context(), token, given, expectations())
	if got := result(t, r, "signature"); got.Status != validate.StatusFail || !strings.Contains(got.Why, "or the keys that were given are not the issuer's") || !strings.HasSuffix(got.Found, "do not fit") {
		t.Errorf("given: %+v", got)
	}
	r = validate.Check(t.Context(), token, validatetest.Metadata{KeySource: given, Issuer: issuerV2}, expectations())
	if got := result(t, r, "signature"); got.Status != validate.StatusFail || strings.Contains(got.Why, "given") {
		t.Errorf("of the issuer: %+v", got)
	}
}

// Who must refuse a token is whoever was to take it.
func TestWhoMustRefuse(t *testing.T) {
	want := expectations()
	want.Type = validate.KindID
	if got := check(t, sign(t, header, userClaims()), want).Summary(); !strings.HasPrefix(got, "The client must refuse it: ") {
		t.Errorf("an ID token is wanted: %s", got)
	}
}

// No key is asked for where the header is refused for its algorithm.
func TestNoKeyForNone(t *testing.T) {
	for _, alg := range []string{"none", "nOnE", "HS256"} {
		token := validatetest.Unsigned(`{"alg":"`+alg+`","typ":"JWT"}`, userClaims())
		if r := check(t, token, expectations()); r.Status("key") != validate.StatusNotRun || r.Status("algorithm") != validate.StatusFail {
			t.Errorf("%s: key %s", alg, r.Status("key"))
		}
	}
	for _, h := range []string{`{"alg":"none","kid":"../x"}`, `{"alg":"none","jku":"https://evil.example/k"}`, `{"typ":"JWT"}`} {
		if r := check(t, validatetest.Unsigned(h, userClaims()), expectations()); r.Status("key") != validate.StatusFail {
			t.Errorf("%s: key %s", h, r.Status("key"))
		}
	}
}
