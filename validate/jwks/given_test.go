package jwks_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"

	"flowscope/validate"
	"flowscope/validate/jwks"
)

func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func publicPEM(t testing.TB, public any) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return block("PUBLIC KEY", der)
}

// certificate is one of the n-th key, of an authority or not.
func certificate(t testing.TB, n int, authority bool) (text, kid string) {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(int64(n + 1)), IsCA: authority, BasicConstraintsValid: authority}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &keys()[n].PublicKey, keys()[n])
	if err != nil {
		t.Fatal(err)
	}
	sum := sha1.Sum(der)
	return block("CERTIFICATE", der), base64.RawURLEncoding.EncodeToString(sum[:])
}

func hexOf(t *testing.T, kid string) string {
	t.Helper()
	sum, err := base64.RawURLEncoding.DecodeString(kid)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ToUpper(hex.EncodeToString(sum))
}

// One key without an identifier serves every token; several certificates go by
// their thumbprints.
func TestGivenKeys(t *testing.T) {
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	first, firstID := certificate(t, 0, false)
	second, secondID := certificate(t, 1, false)
	authority, _ := certificate(t, 1, true)
	rsaPEM := publicPEM(t, &keys()[0].PublicKey)
	set := `{"keys":[` + jwkOf("a", keys()[0], "") + `,` + jwkOf("b", keys()[1], "") + `]}`
	alone := strings.Replace(jwkOf("x", keys()[0], ""), `"kid":"x",`, "", 1)
	for name, c := range map[string]struct {
		data string
		n    int
		kids map[string]bool
	}{
		"set":                 {set, 2, map[string]bool{"a": true, "b": true, "c": false}},
		"set with a mark":     {"\ufeff\r\n" + set, 2, map[string]bool{"a": true}},
		"JWK":                 {jwkOf("a", keys()[0], ""), 1, map[string]bool{"a": true, "b": false}},
		"JWK without kid":     {alone, 1, map[string]bool{"a": true, "anything": true}},
		"public key":          {rsaPEM, 1, map[string]bool{"a": true, "anything": true}},
		"EC key":              {publicPEM(t, &ec.PublicKey), 1, map[string]bool{"a": true}},
		"PKCS 1":              {block("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&keys()[0].PublicKey)), 1, map[string]bool{"a": true}},
		"certificate":         {"Bag Attributes\n  friendlyName: x\n" + first, 1, map[string]bool{firstID: true, "anything": true}},
		"two certificates":    {first + second, 2, map[string]bool{firstID: true, secondID: true, hexOf(t, secondID): true, "anything": false}},
		"with its authority":  {first + authority, 1, map[string]bool{firstID: true, "anything": true}},
		"an authority alone":  {authority, 1, map[string]bool{"anything": true}},
		"key and certificate": {first + rsaPEM, 1, map[string]bool{firstID: true, "anything": true}},
		"key of another":      {first + publicPEM(t, &keys()[1].PublicKey), 2, map[string]bool{firstID: true, "anything": true}},
		"set of one":          {`{"keys":[` + alone + `]}`, 1, map[string]bool{"a": true, "anything": true}},
		"with something else": {block("X509 CRL", []byte("x")) + rsaPEM, 1, map[string]bool{"a": true}},
	} {
		src, err := jwks.Given([]byte(c.data))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if src.Len() != c.n {
			t.Errorf("%s: %d keys, want %d", name, src.Len(), c.n)
		}
		for kid, ok := range c.kids {
			k, err := src.Key(t.Context(), query(kid))
			if (err == nil) != ok || !ok && reason(err) != validate.KeyUnknown || ok && (k.Source != "file" || k.MetadataIssuer != "") {
				t.Errorf("%s: %s: %+v, %v", name, kid, k, err)
			}
		}
	}
	src, err := jwks.GivenFrom([]byte(rsaPEM), "https://keys.example/x")
	if err != nil {
		t.Fatal(err)
	}
	if k, err := src.Key(t.Context(), query("a")); err != nil || k.Source != "live https://keys.example/x" {
		t.Errorf("%+v, %v", k, err)
	}
}

// What can't be used says why, and a private key never finds its way into an error.
func TestGivenNothing(t *testing.T) {
	private := block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(keys()[0]))
	public := publicPEM(t, &keys()[0].PublicKey)
	for data, want := range map[string]string{
		"": "empty", " \n": "empty", "hello": "neither a JWK Set", "<html>": "a page of HTML", `{"keys":1}`: "no array", `{}`: "neither keys nor kty",
		`{"keys":[{"kty":"oct","kid":"k","k":"AAAA"}]}`: "no public RSA or EC key", `{"kty":"OKP","crv":"Ed25519","x":"AAAA"}`: "no public RSA or EC key",
		private: "this is a private key", public + private: "this is a private key", public + publicPEM(t, &keys()[1].PublicKey): "no identifiers to choose by",
		block("PUBLIC KEY", []byte("x")): "can't be read", block("X509 CRL", []byte("x")): "neither a public key nor a certificate",
		"-----BEGIN PUBLIC KEY-----": "neither a public key nor a certificate", "{" + strings.Repeat("x", 1<<20): "larger than 1 MiB",
	} {
		_, err := jwks.Given([]byte(data))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "MII") {
			t.Errorf("%.60q: %v, want %q", data, err, want)
		}
	}
}

// FuzzGiven: nothing that somebody pastes makes the reader panic, and every key
// that it hands out can be handed to the verifier.
func FuzzGiven(f *testing.F) {
	text, _ := certificate(f, 0, false)
	f.Add([]byte(text))
	f.Add([]byte(publicPEM(f, &keys()[0].PublicKey)))
	f.Add([]byte(`{"keys":[` + jwkOf("k", keys()[0], "") + `]}`))
	f.Add([]byte(strings.Replace(jwkOf("k", keys()[0], ""), `"kid":"k",`, "", 1)))
	f.Fuzz(func(t *testing.T, data []byte) {
		src, err := jwks.Given(data)
		if err != nil {
			return
		}
		if src.Len() == 0 {
			t.Fatal("a set of no keys")
		}
		k, err := src.Key(context.Background(), query("k"))
		if err != nil {
			return
		}
		for _, alg := range []string{"RS256", "PS384", "ES256", "ES512"} {
			if src.Verify(alg, k, []byte("a.b"), make([]byte, 64)) == nil {
				t.Fatalf("%s: zeros are a signature", alg)
			}
		}
	})
}

// FuzzMetadata: no discovery document sends a request anywhere but to the issuer's
// own site or Entra's, and none makes the reader panic.
func FuzzMetadata(f *testing.F) {
	const iss = "https://issuer.example"
	f.Add(document(iss, iss+"/keys"))
	f.Add(document(iss, "https://issuer.example.evil.example/keys"))
	f.Add(document(iss, "https://issuer.example@evil.example/keys"))
	f.Add(document(iss, "http://issuer.example/keys"))
	f.Add("\ufeff" + document(iss, "//evil.example/keys"))
	f.Add(`{"issuer":"https://issuer.example","jwks_uri":"https:/\\evil.example"}`)
	f.Fuzz(func(t *testing.T, page string) {
		srv := &tenantServer{pages: map[string]string{iss + wellKnown: page}}
		src := jwks.New(jwks.Options{Client: srv, MayAsk: func(string) error { return nil }})
		if _, err := src.Key(context.Background(), validate.KeyQuery{Issuer: iss, KeyID: "k1"}); err == nil {
			t.Fatal("a key out of nothing")
		}
		for _, address := range srv.hosts() {
			if host := strings.ToLower(address); host != "issuer.example" && !strings.HasSuffix(host, ".issuer.example") {
				t.Fatalf("%q was asked", address)
			}
		}
	})
}

// Keys of two types may have one identifier; the algorithm tells which is meant.
func TestTwoTypesUnderOneIdentifier(t *testing.T) {
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b := base64.RawURLEncoding.EncodeToString
	point, err := ec.PublicKey.Bytes() // 4, then x, then y
	if err != nil {
		t.Fatal(err)
	}
	ecJWK := `{"kty":"EC","crv":"P-256","kid":"a","x":"` + b(point[1:33]) + `","y":"` + b(point[33:]) + `"}`
	for _, list := range []string{jwkOf("a", keys()[0], "") + "," + ecJWK, ecJWK + "," + jwkOf("a", keys()[0], "")} {
		src, err := jwks.Given([]byte(`{"keys":[` + list + `]}`))
		if err != nil || src.Len() != 2 {
			t.Fatalf("%d keys, %v", src.Len(), err)
		}
		for alg, want := range map[string]any{"RS256": &keys()[0].PublicKey, "PS256": &keys()[0].PublicKey, "ES256": &ec.PublicKey} {
			q := query("a")
			q.Algorithm = alg
			k, err := src.Key(t.Context(), q)
			if err != nil || !k.Public.(interface{ Equal(crypto.PublicKey) bool }).Equal(want) {
				t.Errorf("%s: %T, %v", alg, k.Public, err)
			}
		}
	}
}

// What is private, or for no signature, is refused in whatever form it comes.
func TestGivenKeysThatAreNotForThis(t *testing.T) {
	for data, want := range map[string]string{
		jwkOf("a", keys()[0], `,"d":"AAAA"`):                                    "private key",
		`{"keys":[` + jwkOf("a", keys()[0], `,"d":"AAAA"`) + `]}`:               "private key",
		`{"keys":[` + jwkOf("a", keys()[0], `,"use":"enc"`) + `]}`:              "no public RSA or EC key",
		publicPEM(t, &keys()[0].PublicKey) + publicPEM(t, &keys()[1].PublicKey): "no identifiers",
	} {
		if _, err := jwks.Given([]byte(data)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
