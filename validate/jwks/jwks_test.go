package jwks_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"flowscope/validate"
	"flowscope/validate/jwks"
)

func TestLiveThenCache(t *testing.T) {
	srv := newServer()
	src, clk := source(srv)
	k, err := src.Key(t.Context(), query("k1"))
	if err != nil || !strings.HasPrefix(k.Source, "live https://") || k.MetadataIssuer != issuer || k.Bits != 2048 {
		t.Fatalf("first: %+v, %v", k, err)
	}
	if fmt.Sprint(k.Declared) != "[RS256 ES256]" {
		t.Errorf("declared %v; none and HS must be left out", k.Declared)
	}
	for range 3 {
		if k, err = src.Key(t.Context(), query("k1")); err != nil || !strings.HasPrefix(k.Source, "cache ") {
			t.Fatalf("again: %s, %v", k.Source, err)
		}
	}
	if srv.count() != 2 {
		t.Errorf("%d requests, want metadata and keys once: %v", srv.count(), srv.requests)
	}
	clk.add(25 * time.Hour)
	if k, _ = src.Key(t.Context(), query("k1")); !strings.HasPrefix(k.Source, "live ") || srv.count() != 4 {
		t.Errorf("after a day: %s, %d requests", k.Source, srv.count())
	}
}

func TestUnknownKeyAsksOnceInFiveMinutes(t *testing.T) {
	srv := newServer()
	src, clk := source(srv)
	for i := range 50 {
		if _, err := src.Key(t.Context(), query(fmt.Sprintf("no%d", i))); reason(err) != validate.KeyUnknown {
			t.Fatal(err)
		}
	}
	if srv.count() != 2 {
		t.Fatalf("%d requests for a flood of unknown keys, want 2", srv.count())
	}
	srv.setKeys(jwkOf("k1", keys()[0], ""), jwkOf("k2", keys()[1], ""))
	clk.add(299 * time.Second)
	if _, err := src.Key(t.Context(), query("k2")); reason(err) != validate.KeyUnknown {
		t.Fatalf("before five minutes: %v", err)
	}
	clk.add(time.Second)
	k, err := src.Key(t.Context(), query("k2"))
	if err != nil || !strings.HasPrefix(k.Source, "live ") || srv.count() != 4 {
		t.Fatalf("after the rollover: %v, %s, %d requests", err, k.Source, srv.count())
	}
}

func TestRefreshByHand(t *testing.T) {
	srv := newServer()
	src, _ := source(srv)
	if _, err := src.Key(t.Context(), query("k2")); reason(err) != validate.KeyUnknown {
		t.Fatal(err)
	}
	srv.setKeys(jwkOf("k2", keys()[1], ""))
	if err := src.Refresh(t.Context(), issuer); err != nil {
		t.Fatal(err)
	}
	if _, err := src.Key(t.Context(), query("k2")); err != nil {
		t.Error(err)
	}
	if _, err := src.Key(t.Context(), query("k1")); reason(err) != validate.KeyUnknown {
		t.Errorf("a key that was withdrawn: %v", err)
	}
	if err := src.Refresh(t.Context(), "https://evil.example"); reason(err) != validate.KeyNotAllowed {
		t.Errorf("refresh of an issuer that may not be asked: %v", err)
	}
}

func TestLastGoodKeysStay(t *testing.T) {
	srv := newServer()
	src, clk := source(srv)
	if _, err := src.Key(t.Context(), query("k1")); err != nil {
		t.Fatal(err)
	}
	srv.fail(errors.New("no route to host"))
	clk.add(48 * time.Hour)
	for range 5 {
		if _, err := src.Key(t.Context(), query("k1")); err != nil {
			t.Fatalf("the last good keys are gone: %v", err)
		}
	}
	if srv.count() != 3 {
		t.Errorf("%d requests, want one attempt after the first two", srv.count())
	}
	clk.add(6 * time.Minute)
	if _, err := src.Key(t.Context(), query("k9")); reason(err) != validate.KeyUnreachable {
		t.Errorf("unknown key while the issuer is away: %v", err)
	}
}

func TestUnreachableIsNotAskedOverAndOver(t *testing.T) {
	srv := newServer()
	srv.fail(errors.New("no route to host"))
	src, clk := source(srv)
	for range 10 {
		if _, err := src.Key(t.Context(), query("k1")); reason(err) != validate.KeyUnreachable {
			t.Fatal(err)
		}
	}
	if srv.count() != 1 {
		t.Errorf("%d requests, want 1", srv.count())
	}
	srv.fail(nil)
	clk.add(31 * time.Second)
	if _, err := src.Key(t.Context(), query("k1")); err != nil {
		t.Error(err)
	}
}

// Callers that come together share one request, and none waits longer than its context.
func TestSingleFlight(t *testing.T) {
	srv := newServer()
	srv.gate = make(chan struct{})
	src, _ := source(srv)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	errs := make(chan error, 20)
	var wg sync.WaitGroup
	for range 20 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			_, err := src.Key(t.Context(), query("k1"))
			errs <- err
		}()
	}
	if _, err := src.Key(ctx, query("k1")); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller that gave up: %v", err)
	}
	srv.gate <- struct{}{}
	srv.gate <- struct{}{}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	if srv.count() != 2 {
		t.Errorf("%d requests, want 2", srv.count())
	}
}

func TestWhoMayBeAsked(t *testing.T) {
	srv := newServer()
	src, _ := source(srv)
	for _, iss := range []string{
		"", "https://evil.example/" + tenant + "/v2.0", "http://login.microsoftonline.com/" + tenant + "/v2.0",
		"https://login.microsoftonline.com.evil.example/x", "https://user@login.microsoftonline.com/x",
		"https://login.microsoftonline.com:8443/x", "https://login.microsoftonline.com/x?y=z", "file:///etc/passwd",
		"https://169.254.169.254/", "login.microsoftonline.com", "https://login.microsoftonline.com@evil.example/",
	} {
		q := query("k1")
		q.Issuer = iss
		if _, err := src.Key(t.Context(), q); reason(err) != validate.KeyNotAllowed {
			t.Errorf("%q: %v", iss, err)
		}
	}
	if srv.count() != 0 {
		t.Errorf("requests were made: %v", srv.requests)
	}
	offline := jwks.New(jwks.Options{})
	if _, err := offline.Key(t.Context(), query("k1")); reason(err) != validate.KeyUnreachable {
		t.Errorf("offline: %v", err)
	}
}

func TestMetadataIssuerIsCompared(t *testing.T) {
	for _, c := range []struct {
		asked, page, found string
		want               validate.KeyReason
	}{
		{issuer, issuer, issuer, ""},
		{issuer, issuer, host + "{tenantid}/v2.0", ""},
		{issuer, issuer, issuer + "/", validate.KeyMetadata},
		{issuer, issuer, host + "22222222-2222-4333-8444-555555555555/v2.0", validate.KeyMetadata},
		{issuer, issuer, "https://evil.example/{tenantid}/v2.0", validate.KeyMetadata},
		{host + "{tenantid}/v2.0", host + "common/v2.0", host + "{tenantid}/v2.0", ""},
		{host + "common/v2.0", host + "common/v2.0", host + "{tenantid}/v2.0", validate.KeyMetadata},
		{"https://sts.windows.net/" + tenant + "/", host + tenant, "https://sts.windows.net/" + tenant + "/", ""},
	} {
		srv := newServer()
		srv.pages[c.page+"/.well-known/openid-configuration"] = document(c.found, host+tenant+"/discovery/v2.0/keys")
		src, _ := source(srv)
		q := query("k1")
		q.Issuer = c.asked
		if _, err := src.Key(t.Context(), q); reason(err) != c.want {
			t.Errorf("asked %s, found %s: %v; want %q", c.asked, c.found, err, c.want)
		}
	}
}

func TestAnswersThatAreRefused(t *testing.T) {
	const keysAt = host + tenant + "/discovery/v2.0/keys"
	for name, change := range map[string]func(*tenantServer){
		"no metadata":    func(s *tenantServer) { clear(s.pages) },
		"no keys":        func(s *tenantServer) { delete(s.pages, keysAt) },
		"keys are HTML":  func(s *tenantServer) { s.pages[keysAt] = "<html>" },
		"keys no array":  func(s *tenantServer) { s.pages[keysAt] = `{"keys":1}` },
		"keys twice":     func(s *tenantServer) { s.pages[keysAt] = `{"keys":[],"keys":[]}` },
		"keys too large": func(s *tenantServer) { s.pages[keysAt] = `{"keys":[],"x":"` + strings.Repeat("x", 1<<20) + `"}` },
		"keys without TLS": func(s *tenantServer) {
			s.pages[issuer+"/.well-known/openid-configuration"] = document(issuer, "http://x/k")
		},
		"no jwks_uri": func(s *tenantServer) { s.pages[issuer+"/.well-known/openid-configuration"] = `{"issuer":"x"}` },
	} {
		srv := newServer()
		change(srv)
		src, _ := source(srv)
		if _, err := src.Key(t.Context(), query("k1")); reason(err) != validate.KeyUnreachable {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An application with signing keys of its own is found by the id that the user stated.
func TestOwnSigningKeys(t *testing.T) {
	const app = "aaaaaaaa-0000-4000-8000-000000000001"
	srv := newServer()
	srv.pages[issuer+"/.well-known/openid-configuration?appid="+app] = document(issuer, host+tenant+"/discovery/v2.0/keys?appid="+app)
	srv.pages[host+tenant+"/discovery/v2.0/keys?appid="+app] = `{"keys":[` + jwkOf("own", keys()[1], "") + `]}`
	src, _ := source(srv)
	q := query("own")
	q.AppID = app
	if k, err := src.Key(t.Context(), q); err != nil || k.ID != "own" {
		t.Errorf("%+v, %v", k, err)
	}
}

func TestKeysOfASet(t *testing.T) {
	k := keys()[0]
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	cert := func(k *rsa.PrivateKey) string {
		der, err := x509.CreateCertificate(rand.Reader, template, template, &k.PublicKey, k)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf(`,"x5c":[%q]`, base64.StdEncoding.EncodeToString(der))
	}
	set := `{"keys":[{"kty":"unheard-of","kid":"u"},7,{"kty":"oct","kid":"o","k":"AAAA"},` + strings.Join([]string{
		jwkOf("good", k, cert(k)), jwkOf("swapped", k, cert(keys()[1])), jwkOf("garbage", k, `,"x5c":["AAAA"]`),
		jwkOf("list", k, `,"x5c":"AAAA"`), `{"kty":"RSA","kid":"broken","n":1,"e":"AQAB"}`, `{"kty":"RSA","kid":"even","n":"AQAB","e":"Ag"}`,
		`{"kty":"EC","kid":"off","crv":"P-256","x":"AAAA","y":"AAAA"}`, jwkOf("ops", k, `,"key_ops":["encrypt"]`),
		jwkOf("private", k, `,"d":"AAAA"`), jwkOf("good", keys()[1], ""),
	}, ",") + `]}`
	src, err := jwks.FromJSON([]byte(set))
	if err != nil {
		t.Fatal(err)
	}
	for kid, want := range map[string]validate.KeyReason{
		"good": "", "swapped": "", "garbage": "", "private": "", "u": validate.KeyUnknown, "o": validate.KeyUnknown,
		"broken": validate.KeyUnusable, "even": validate.KeyUnusable, "off": validate.KeyUnusable,
		"list": validate.KeyUnusable, "ops": validate.KeyUnusable,
	} {
		if _, err := src.Key(t.Context(), query(kid)); reason(err) != want {
			t.Errorf("%s: %v, want %q", kid, err, want)
		}
	}
	for kid, matches := range map[string]bool{"good": true, "swapped": false, "garbage": false} {
		got, _ := src.Key(t.Context(), query(kid))
		if got.CertificateMatches == nil || *got.CertificateMatches != matches || got.Source != "file" {
			t.Errorf("%s: certificate %v, source %q", kid, got.CertificateMatches, got.Source)
		}
	}
	for _, data := range []string{"", "[]", "{}", `{"keys":[]}`, `{"keys":[{"kty":"oct","kid":"k"}]}`, `{"kty":"RSA"}`} {
		if _, err := jwks.FromJSON([]byte(data)); err == nil {
			t.Errorf("%q is a key set", data)
		}
	}
	if _, err := jwks.FromJSON([]byte(jwkOf("one", k, ""))); err != nil {
		t.Errorf("a single key: %v", err)
	}
}

func TestVerify(t *testing.T) {
	src, err := jwks.FromJSON([]byte(jwkOf("k", keys()[0], "")))
	if err != nil {
		t.Fatal(err)
	}
	k, err := src.Key(t.Context(), query("k"))
	if err != nil {
		t.Fatal(err)
	}
	input := []byte("a.b")
	sum := sha256.Sum256(input)
	sig, err := rsa.SignPKCS1v15(rand.Reader, keys()[0], crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	if err := src.Verify("RS256", k, input, sig); err != nil {
		t.Error(err)
	}
	for _, alg := range []string{"RS384", "PS256"} {
		if err := src.Verify(alg, k, input, sig); !errors.Is(err, validate.ErrSignature) {
			t.Errorf("%s: %v", alg, err)
		}
	}
	for _, alg := range []string{"none", "HS256", "ES256", "EdDSA", ""} {
		if err := src.Verify(alg, k, input, sig); err == nil || errors.Is(err, validate.ErrSignature) {
			t.Errorf("%s is not refused: %v", alg, err)
		}
	}
	weak := k
	weak.Public = &rsa.PublicKey{N: big.NewInt(65537), E: 3}
	if err := src.Verify("RS256", weak, input, sig); err == nil {
		t.Error("a weak key verifies")
	}
	if err := src.Verify("RS256", validate.Key{}, input, sig); err == nil {
		t.Error("no key verifies")
	}
}

// FuzzKeySet: no key set makes the reader panic, and every key that it hands
// out can be handed to the verifier.
func FuzzKeySet(f *testing.F) {
	f.Add([]byte(`{"keys":[` + jwkOf("k", keys()[0], "") + `]}`))
	f.Add([]byte(`{"kty":"EC","kid":"k","crv":"P-256","x":"AAAA","y":"AAAA"}`))
	f.Add([]byte(`{"keys":[{"kty":"RSA","kid":"k","n":"","e":""},{"kty":"EC","kid":"k","crv":"P-521"}]}`))
	f.Add([]byte(`{"keys":[{"kty":"RSA","kid":"k","n":"AQAB","e":"AQAB","x5c":["AAAA",1]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		src, err := jwks.FromJSON(data)
		if err != nil {
			return
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

// BenchmarkKeyFromCache is what each token of a batch pays for its key.
func BenchmarkKeyFromCache(b *testing.B) {
	src := jwks.New(jwks.Options{Client: newServer()})
	q := query("k1")
	if _, err := src.Key(context.Background(), q); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := src.Key(context.Background(), q); err != nil {
				b.Error(err)
			}
		}
	})
}
