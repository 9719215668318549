package validate_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"flowscope/validate"
	"flowscope/validate/jwks"
	"flowscope/validate/validatetest"
)

// The parties of all test tokens.
const (
	tenant    = "11111111-2222-4333-8444-555555555555"
	otherTid  = "99999999-2222-4333-8444-555555555555"
	apiID     = "aaaaaaaa-0000-4000-8000-000000000001"
	clientID  = "bbbbbbbb-0000-4000-8000-000000000002"
	userOID   = "cccccccc-0000-4000-8000-000000000003"
	issuerV2  = "https://login.microsoftonline.com/" + tenant + "/v2.0"
	issuerV1  = "https://sts.windows.net/" + tenant + "/"
	keyID     = "WJf0nXhnjHkGl6xaVxQ8SPkOFyE"
	ecKeyID   = "ec-key-1"
	weakKeyID = "weak-key"
	encKeyID  = "enc-key"
	fakeKeyID = "fake-cert"
)

// now is the moment of all tests; issued is Entra's iat, five minutes back.
var (
	now    = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
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

// rsaJWK writes a public key as its issuer would; extra members follow.
func rsaJWK(kid string, k *rsa.PublicKey, extra string) string {
	return fmt.Sprintf(`{"kty":"RSA","kid":%q,"n":%q,"e":%q%s}`,
		kid, b64(k.N.Bytes()), b64(big.NewInt(int64(k.E)).Bytes()), extra)
}

// keySet is the set that most tests check against.
func keySet() string {
	k := keys()
	point, err := k.ec.PublicKey.Bytes() // 4, then x, then y
	if err != nil {
		panic(err)
	}
	x, y := point[1:33], point[33:]
	return `{"keys":[` + strings.Join([]string{
		`{"kty":"OKP","crv":"Unheard-of","kid":"odd","x":"AAAA"}`,
		rsaJWK(keyID, &k.rsa.PublicKey, `,"use":"sig","issuer":"https://login.microsoftonline.com/{tenantid}/v2.0"`),
		rsaJWK(weakKeyID, &k.weak.PublicKey, `,"use":"sig"`),
		rsaJWK(encKeyID, &k.rsa.PublicKey, `,"use":"enc"`),
		rsaJWK("rs512-only", &k.rsa.PublicKey, `,"alg":"RS512"`),
		rsaJWK("consumers", &k.rsa.PublicKey, `,"issuer":"https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0"`),
		rsaJWK(fakeKeyID, &k.rsa.PublicKey, `,"x5c":["AAAA"]`),
		fmt.Sprintf(`{"kty":"EC","crv":"P-256","kid":%q,"x":%q,"y":%q}`, ecKeyID, b64(x), b64(y)),
	}, ",") + `]}`
}

var sharedSource = sync.OnceValue(func() *jwks.Source {
	s, err := jwks.FromJSON([]byte(keySet()))
	if err != nil {
		panic(err)
	}
	return s
})

// header is the header of a v2.0 token.
const header = `{"typ":"JWT","alg":"RS256","kid":"` + keyID + `"}`

// userClaims are the sixteen claims of a v2.0 access token for a person.
func userClaims() string {
	return fmt.Sprintf(`{"aud":%q,"iss":%q,"iat":%d,"nbf":%d,"exp":%d,`+
		`"aio":"AXQAi/8TAAAAJ1Zs0l3hP0kLk2fJrS9pV5u3mWlq7bGdO8yTn1cE4xHvRzUaQw6KtYfXoBiNsMjDgPeLhCuIvAyZrS2",`+
		`"azp":%q,"azpacr":"1","name":"Ada Lovelace","oid":%q,"preferred_username":"ada@contoso.example",`+
		`"rh":"1.AXQAERERESIiM0OERFVVVVVVVQAAAAAAAAAAwAAAAAAAAAB0AAA.","scp":"Orders.Read Orders.ReadWrite",`+
		`"sub":"HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ","tid":%q,"uti":"fqiBqXLPj0eQa82S-IYFAA","ver":"2.0"}`,
		apiID, issuerV2, issued, issued, issued+4200, clientID, userOID, tenant)
}

// claims changes members of a JSON object: a value of "" takes one away. New
// members go to the end.
func claims(t testing.TB, object string, changes ...string) string {
	t.Helper()
	o, err := validate.ParseObject([]byte(object))
	if err != nil {
		t.Fatalf("fixture: %v", err)
	}
	change := map[string]string{}
	for i := 0; i < len(changes); i += 2 {
		change[changes[i]] = changes[i+1]
	}
	var parts []string
	add := func(name, raw string) {
		if raw != "" {
			parts = append(parts, fmt.Sprintf("%q:%s", name, raw))
		}
	}
	for _, m := range o.Members() {
		raw, changed := change[m.Name]
		if !changed {
			raw = m.Value.Raw
		}
		add(m.Name, raw)
		delete(change, m.Name)
	}
	for i := 0; i < len(changes); i += 2 {
		if raw, left := change[changes[i]]; left {
			add(changes[i], raw)
		}
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// sign makes a token with the first key, whatever the header says.
func sign(t testing.TB, header, claims string) string {
	t.Helper()
	return signWith(t, keys().rsa, header, claims)
}

func signWith(t testing.TB, key *rsa.PrivateKey, header, claims string) string {
	t.Helper()
	input := b64([]byte(header)) + "." + b64([]byte(claims))
	sum := sha256.Sum256([]byte(input))
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + b64(sig)
}

func signES256(t testing.TB, header, claims string) string {
	t.Helper()
	input := b64([]byte(header)) + "." + b64([]byte(claims))
	sum := sha256.Sum256([]byte(input))
	r, s, err := ecdsa.Sign(rand.Reader, keys().ec, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + b64(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...))
}

// expectations fit the token of userClaims.
func expectations() validate.Expectations {
	return validate.Expectations{Issuer: issuerV2, Audiences: []string{apiID}, Now: now}
}

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
