package validate_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"testing"
	"time"

	"flowscope/validate"
	"flowscope/validate/jwks"
	"flowscope/validate/validatetest"
)

// The parties of all test tokens are those of the catalogue.
const (
	tenant   = validatetest.Tenant
	otherTid = validatetest.OtherTenant
	apiID    = validatetest.API
	clientID = validatetest.Client
	userOID  = validatetest.User
	issuerV2 = validatetest.IssuerV2
	issuerV1 = validatetest.IssuerV1
	keyID    = validatetest.KeyID
)

// now is the moment of all tests; issued is Entra's iat, five minutes back.
var (
	now    = validatetest.Now()
	issued = now.Add(-10 * time.Minute).Unix()
)

// keyRing holds the keys of the tests.
type keyRing struct {
	rsa, other, weak *rsa.PrivateKey
	ec               *ecdsa.PrivateKey
}

// keys are the public test keys of the catalogue: making keys takes a second.
func keys() keyRing {
	ec, _, _ := validatetest.EC()
	return keyRing{validatetest.RSA(), validatetest.SecondRSA(), validatetest.WeakRSA(), ec}
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// sharedSource is the source of the set that most tests check against, one for
// all tests.
func sharedSource() *jwks.Source { return validatetest.Source().(*jwks.Source) }

// header is the header of a v2.0 token.
const header = `{"typ":"JWT","alg":"RS256","kid":"` + keyID + `"}`

// userClaims are the sixteen claims of a v2.0 access token for a person.
func userClaims() string { return validatetest.UserV2() }

// claims changes members of a JSON object: a value of "" takes one away. New
// members go to the end.
func claims(t testing.TB, object string, changes ...string) string {
	t.Helper()
	return validatetest.Claims(object, changes...)
}

// sign makes a token with the first key, whatever the header says.
func sign(t testing.TB, header, claims string) string {
	t.Helper()
	return validatetest.Sign(header, claims)
}

func signWith(t testing.TB, key *rsa.PrivateKey, header, claims string) string {
	t.Helper()
	return validatetest.SignWith(key, "RS256", header, claims)
}

func signES256(t testing.TB, header, claims string) string {
	t.Helper()
	return validatetest.SignWith(keys().ec, "ES256", header, claims)
}

// expectations fit the token of userClaims.
func expectations() validate.Expectations { return validatetest.WantUser() }

// check runs all checks against the shared key set.
func check(t testing.TB, token string, want validate.Expectations) *validate.Report {
	t.Helper()
	return validate.Check(t.Context(), token, sharedSource(), want)
}

// result returns one check in words.
func result(t testing.TB, r *validate.Report, id string) validate.Result {
	t.Helper()
	for _, c := range r.Checks() {
		if c.ID == id {
			return c
		}
	}
	t.Fatalf("no check called %q", id)
	return validate.Result{}
}

// compact takes the white space out of JSON.
func compact(t testing.TB, b []byte) string {
	t.Helper()
	var out bytes.Buffer
	if err := json.Compact(&out, b); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
