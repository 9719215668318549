package validate_test

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strings"
	"testing"

	"flowscope/validate"
	"flowscope/validate/validatetest"
)

// attack is a forged or mangled token and the check that has to stop it.
type attack struct {
	name, token, id string
	why             string
}

// hmacTokens sign with the public key as a shared secret, in each of the
// forms in which a careless verifier holds it.
func hmacTokens(t *testing.T) []attack {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(&keys().rsa.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	input := b64([]byte(claims(t, header, "alg", q("HS256")))) + "." + b64([]byte(userClaims()))
	var out []attack
	for name, secret := range map[string][]byte{
		"DER": der, "PEM": text, "PEM without its last newline": text[:len(text)-1],
	} {
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(input))
		out = append(out, attack{"HS256 with the public key, " + name, input + "." + b64(mac.Sum(nil)), "algorithm", "shared secret"})
	}
	return out
}

// tamper changes one byte in the middle of the signature.
func tamper(t *testing.T, token string) string {
	t.Helper()
	dot := strings.LastIndexByte(token, '.')
	sig, err := base64.RawURLEncoding.DecodeString(token[dot+1:])
	if err != nil {
		t.Fatal(err)
	}
	sig[len(sig)/2] ^= 0x40
	return token[:dot+1] + b64(sig)
}

// raw makes a token of JSON that no encoder would write.
func (a attack) raw(t *testing.T, header, claims string) attack {
	t.Helper()
	a.token = sign(t, header, claims)
	return a
}

func attacks(t *testing.T) []attack {
	t.Helper()
	good := sign(t, header, userClaims())
	parts := strings.Split(good, ".")
	body := userClaims()
	with := func(name, raw string) string { return claims(t, header, name, raw) }
	unsigned := func(alg string) string {
		return b64([]byte(claims(t, header, "alg", q(alg)))) + "." + parts[1] + "."
	}
	out := []attack{
		{"none", unsigned("none"), "algorithm", "not signed"},
		{"None", unsigned("None"), "algorithm", "not signed"},
		{"RS256 without a signature", parts[0] + "." + parts[1] + ".", "signature", "empty"},
		{"signature changed", tamper(t, good), "signature", "does not fit"},
		{"claims changed", parts[0] + "." + b64([]byte(claims(t, body, "oid", q(otherTid)))) + "." + parts[2], "signature", "does not fit"},
		{"another key signed", signWith(t, keys().other, header, body), "signature", "does not fit"},
		{"header nonce for another API", tamper(t, sign(t, with("nonce", q("x")), body)), "signature", `"nonce"`},
		{"padding", good + "==", "format", "padded"},
		{"a line break", parts[0] + "." + parts[1][:40] + "\n" + parts[1][40:] + "." + parts[2], "format", "white space"},
		{"standard alphabet", parts[0] + "." + parts[1] + ".+/" + parts[2][2:], "format", "standard base64"},
		{"cut off", parts[0] + "." + parts[1] + "." + parts[2][:len(parts[2])-1], "format", "cut off"},
		{"four segments", good + ".x", "format", "4 segments"},
		{"two segments", parts[0] + "." + parts[1], "format", "2 segments"},
		{"JSON serialisation", `{"payload":"` + parts[1] + `"}`, "format", "compact form"},
		{"deep", "", "format", "64 levels"},
	}
	// The last character of 256 bytes has spare bits; another one decodes to the same bytes.
	last := parts[2][len(parts[2])-1]
	spare := map[byte]byte{'A': 'B', 'Q': 'R', 'g': 'h', 'w': 'x'}[last]
	out = append(out, attack{"spare bits", good[:len(good)-1] + string(spare), "format", "spare bits"})
	out[14].token = sign(t, header, claims(t, body, "x", strings.Repeat("[", 70)+strings.Repeat("]", 70)))

	for _, c := range []struct{ name, body, why string }{
		{"aud twice", strings.Replace(body, `{"aud"`, `{"aud":"x","aud"`, 1), "twice"},
		{"tid twice", strings.Replace(body, `"tid"`, `"tid":"x","tid"`, 1), "twice"},
		{"exp twice, escaped", strings.Replace(body, `"exp"`, `"\u0065xp":9,"exp"`, 1), "twice"},
		{"a name twice further down", strings.Replace(body, `{"aud"`, `{"x":{"a":1,"b":[{"c":1,"c":2}]},"aud"`, 1), "twice"},
		{"tid and Tid", strings.Replace(body, `"tid"`, `"Tid":"x","tid"`, 1), "case alone"},
		{"a long s", strings.Replace(body, `"iss"`, `"iſs":"x","iss"`, 1), "case alone"},
		{"text after the object", body + " {}", "more text"},
		{"not UTF-8", strings.Replace(body, "Ada", "A\xffa", 1), "UTF-8"},
		{"half a surrogate pair", strings.Replace(body, "Ada", `\ud800`, 1), "escape"},
		{"a control character", strings.Replace(body, "Ada", "A\x01", 1), "control character"},
		{"no object", `["iss"]`, "not a JSON object"},
	} {
		out = append(out, attack{name: c.name, id: "format", why: c.why}.raw(t, header, c.body))
	}
	return append(out, hmacTokens(t)...)
}

func TestAttacks(t *testing.T) {
	for _, a := range attacks(t) {
		t.Run(a.name, func(t *testing.T) {
			r := check(t, a.token, expectations())
			got := result(t, r, a.id)
			if r.Verdict != validate.Invalid || got.Status != validate.StatusFail {
				t.Fatalf("verdict %s, %s %s: %s", r.Verdict, a.id, got.Status, got.Why)
			}
			if !strings.Contains(got.Why, a.why) {
				t.Errorf("words do not say %q: %s", a.why, got.Why)
			}
		})
	}
}

// Header and signature that disagree on the algorithm must not pass, listed or not.
func TestAlgorithmsDisagree(t *testing.T) {
	want := expectations()
	want.Algorithms = []string{"RS256", "RS384", "PS256"}
	for _, alg := range []string{"RS384", "PS256"} {
		r := check(t, sign(t, claims(t, header, "alg", q(alg)), userClaims()), want)
		if s := r.Status("signature"); s != validate.StatusFail {
			t.Errorf("%s over an RS256 signature: %s", alg, s)
		}
	}
}

func TestOtherAlgorithms(t *testing.T) {
	want := expectations()
	input := b64([]byte(claims(t, header, "alg", q("PS512")))) + "." + b64([]byte(userClaims()))
	sum := sha512.Sum512([]byte(input))
	sig, err := rsa.SignPSS(rand.Reader, keys().rsa, crypto.SHA512, sum[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
	if err != nil {
		t.Fatal(err)
	}
	es := signES256(t, claims(t, header, "alg", q("ES256"), "kid", q(validatetest.ECKeyID)), userClaims())
	for _, c := range []struct {
		token string
		algs  []string
		is    validate.Verdict
	}{
		{input + "." + b64(sig), []string{"PS512"}, validate.Valid},
		{input + "." + b64(sig), nil, validate.Invalid},
		{es, []string{"ES256"}, validate.Valid},
		{es, []string{"RS256"}, validate.Invalid},
		{es, []string{}, validate.Invalid},
		{tamper(t, es), []string{"ES256"}, validate.Invalid},
	} {
		want.Algorithms = c.algs
		if r := check(t, c.token, want); r.Verdict != c.is {
			t.Errorf("with %q: %s, want %s: %s", c.algs, r.Verdict, c.is, r.Summary())
		}
	}
}

// Without metadata nobody knows what an issuer other than Entra may sign with.
func TestAlgorithmListUnknown(t *testing.T) {
	h := claims(t, header, "alg", q("ES256"))
	foreign := sign(t, h, claims(t, userClaims(), "iss", q("https://issuer.example")))
	want := expectations()
	if s := validate.Check(t.Context(), foreign, nil, want).Status("algorithm"); s != validate.StatusNotRun {
		t.Errorf("another issuer, no metadata: %s", s)
	}
	if s := validate.Check(t.Context(), sign(t, h, userClaims()), nil, want).Status("algorithm"); s != validate.StatusFail {
		t.Errorf("Entra signs with RS256 only: %s", s)
	}
}

// Text from a token must not reach a terminal as it is.
func TestWordsAreHarmless(t *testing.T) {
	nasty := `"\u001b[2J\u009b31m\u202eevil\u2066\u0000` + strings.Repeat("x", 5000) + `{note}"`
	body := claims(t, userClaims(), "aud", nasty, "iss", nasty, "ver", nasty, "scp", nasty, "azp", nasty)
	want := expectations()
	want.Scopes, want.ClientID = []string{"a"}, clientID
	r := check(t, sign(t, claims(t, header, "alg", nasty, "kid", nasty, "typ", nasty), body), want)
	for _, c := range r.Checks() {
		for _, text := range []string{c.Expected, c.Found, c.Why, c.Fix, r.Summary()} {
			if strings.ContainsAny(text, "\x1b\u009b\u202e\u2066\x00") {
				t.Errorf("%s: control characters in %q", c.ID, text)
			}
			if len(text) > 2000 {
				t.Errorf("%s: %d bytes of text", c.ID, len(text))
			}
		}
	}
}

// A token that carries the template itself is nobody's.
func TestLiteralTemplate(t *testing.T) {
	const template = "https://login.microsoftonline.com/{tenantid}/v2.0"
	want := expectations()
	want.Issuer = template
	for _, tid := range []string{q(tenant), q("{tenantid}"), ""} {
		r := check(t, sign(t, header, claims(t, userClaims(), "iss", q(template), "tid", tid)), want)
		if s := r.Status("issuer"); s != validate.StatusFail {
			t.Errorf("tid %s: issuer %s", tid, s)
		}
	}
}
