package jwks_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"flowscope/validate"
	"flowscope/validate/jwks"
)

// weakJWK is a key of 1024 bits.
func weakJWK(t *testing.T, kid string) string {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	e := base64.RawURLEncoding.EncodeToString
	return fmt.Sprintf(`{"kty":"RSA","kid":%q,"n":%q,"e":%q}`, kid, e(k.N.Bytes()), e(big.NewInt(int64(k.E)).Bytes()))
}

// Of several keys with one identifier the one that can verify is taken,
// wherever it stands.
func TestBetterKeyOfOneIdentifier(t *testing.T) {
	good := jwkOf("k", keys()[0], "")
	for name, bad := range map[string]string{
		"weak":                    weakJWK(t, "k"),
		"certificate of another":  jwkOf("k", keys()[1], `,"x5c":["AAAA"]`),
		"encryption":              jwkOf("k", keys()[1], `,"use":"enc"`),
		"broken":                  `{"kty":"RSA","kid":"k","n":"","e":""}`,
		"use no string":           jwkOf("k", keys()[1], `,"use":["enc"]`),
		"issuer no string":        jwkOf("k", keys()[1], `,"issuer":7`),
		"key_ops without verify":  jwkOf("k", keys()[1], `,"key_ops":["encrypt"]`),
		"key_ops of another type": jwkOf("k", keys()[1], `,"key_ops":7`),
	} {
		for _, order := range [][]string{{bad, good}, {good, bad}} {
			src, err := jwks.FromJSON([]byte(`{"keys":[` + strings.Join(order, ",") + `]}`))
			if err != nil {
				t.Fatal(err)
			}
			k, err := src.Key(t.Context(), query("k"))
			if err != nil || !keys()[0].PublicKey.Equal(k.Public) {
				t.Errorf("%s: another key than the good one, %v", name, err)
			}
		}
	}
	src, err := jwks.FromJSON([]byte(`{"keys":[` + good + `,` + jwkOf("k", keys()[1], "") + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	if k, err := src.Key(t.Context(), query("k")); err != nil || !keys()[0].PublicKey.Equal(k.Public) {
		t.Errorf("of two as good the first stays: %v", err)
	}
}

// A limit on a key that cannot be read is not lifted.
func TestMembersOfAnotherType(t *testing.T) {
	for _, extra := range []string{`,"use":7`, `,"alg":null`, `,"issuer":["x"]`, `,"cloud_instance_name":{}`, `,"key_ops":"sign"`, `,"key_ops":[]`} {
		src, err := jwks.FromJSON([]byte(`{"keys":[` + jwkOf("k", keys()[0], extra) + `]}`))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := src.Key(t.Context(), query("k")); reason(err) != validate.KeyUnusable {
			t.Errorf("%s: %v", extra, err)
		}
	}
	if _, err := jwks.FromJSON([]byte(strings.Replace(jwkOf("k", keys()[0], `,"x5t":"t"`), `"kid":"k"`, `"kid":7`, 1))); err == nil {
		t.Error("a kid that is no string counts as absent")
	}
}

func TestByteOrderMark(t *testing.T) {
	if _, err := jwks.FromJSON([]byte("\xef\xbb\xbf {\"keys\":[" + jwkOf("k", keys()[0], "") + "]}\r\n")); err != nil {
		t.Error(err)
	}
}

// A set may be large; one that is larger than what is read makes no token invalid.
func TestManyKeys(t *testing.T) {
	many := func(n int) string {
		return strings.Repeat(`{"kty":"oct","kid":"x"},`, n)
	}
	src, err := jwks.FromJSON([]byte(`{"keys":[` + many(1999) + jwkOf("k", keys()[0], "") + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := src.Key(t.Context(), query("k")); err != nil {
		t.Errorf("the 2000th key: %v", err)
	}
	if _, err := src.Key(t.Context(), query("none")); reason(err) != validate.KeyUnknown {
		t.Errorf("no such key: %v", err)
	}
	src, err = jwks.FromJSON([]byte(`{"keys":[` + jwkOf("first", keys()[1], "") + `,` + many(1999) + jwkOf("k", keys()[0], "") + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := src.Key(t.Context(), query("first")); err != nil {
		t.Errorf("the first of many: %v", err)
	}
	_, err = src.Key(t.Context(), query("k"))
	if reason(err) != validate.KeyIncomplete || !strings.Contains(err.Error(), "2001 keys") {
		t.Errorf("a key that was not read: %v", err)
	}
	head := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","kid":"k"}`))
	body := base64.RawURLEncoding.EncodeToString([]byte(fmt.Sprintf(`{"iss":%q,"aud":"a","scp":"s","exp":%d}`, issuer, 1<<33)))
	r := validate.Check(t.Context(), head+"."+body+"."+strings.Repeat("A", 342), src, validate.Expectations{Issuer: issuer, Audiences: []string{"a"}})
	if r.Verdict != validate.Unverified || r.Status("key") != validate.StatusNotRun || !strings.Contains(r.Checks()[2].Why, "2001 keys") {
		t.Errorf("%s: %+v", r.Verdict, r.Checks()[2])
	}
}

// A token picks no path on Entra's hosts, whoever allows the issuer.
func TestIssuerOfEntraHasItsForm(t *testing.T) {
	srv := newServer()
	src := jwks.New(jwks.Options{Client: srv, MayAsk: func(string) error { return nil }})
	for _, iss := range []string{
		host + "x", host, host + "v2.0", host + tenant + "/v3.0", host + tenant + "/oauth2/v2.0", host + "../" + tenant + "/v2.0",
		host + tenant + "/../v2.0", host + tenant + "/./v2.0", host + "a b.example/v2.0", host + "%2e%2e/v2.0", host + "-a.example/v2.0",
		host + "a..example/v2.0", host + "x{tenantid}y/v2.0", host + strings.Repeat("a", 100_000) + ".example/v2.0", host + "/" + tenant + "/v2.0",
		"https://sts.windows.net/" + tenant + "/x", "https://LOGIN.microsoftonline.com/x/y/v2.0", host + tenant + "/v2.0//", host + "a\n.example/v2.0",
		host + strings.Repeat("a", 64) + ".example/v2.0",
	} {
		for _, source := range []*jwks.Source{src, jwks.New(jwks.Options{Client: srv})} {
			if _, err := source.Key(t.Context(), validate.KeyQuery{Issuer: iss, KeyID: "k1"}); reason(err) != validate.KeyNotAllowed {
				t.Errorf("%.90q: %v", iss, err)
			}
		}
		if jwks.EntraOnly(iss) == nil {
			t.Errorf("%.90q is let through", iss)
		}
	}
	if srv.count() != 0 {
		t.Errorf("asked %v", srv.requests)
	}
	for _, iss := range []string{
		issuer, host + "{tenantid}/v2.0", host + "common/v2.0", host + "organizations/v2.0", host + "consumers/v2.0",
		host + "contoso.onmicrosoft.com/v2.0", "https://sts.windows.net/" + tenant + "/", host + tenant + "/v2.0/", host + "contoso.com",
	} {
		if err := jwks.EntraOnly(iss); err != nil {
			t.Error(err)
		}
	}
	for _, iss := range []string{"https://issuer.example/a/b", "https://issuer.example"} {
		if _, err := src.Key(t.Context(), validate.KeyQuery{Issuer: iss, KeyID: "k1"}); reason(err) != validate.KeyUnreachable {
			t.Errorf("%q: %v", iss, err)
		}
	}
}
