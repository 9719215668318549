package profile

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io/fs"
	"math/big"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"
)

func selfSigned(t *testing.T, name string, key crypto.Signer) *x509.Certificate {
	t.Helper()
	c := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: name}, NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<31, 0), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func pemOf(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func pkcs8(t *testing.T, key crypto.PrivateKey) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// keyFiles are good and bad files with certificates and keys, and the certificate
// that the good ones hold.
func keyFiles(t *testing.T) (map[string][]byte, *x509.Certificate) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	mine, other, curve := selfSigned(t, "mine", key), selfSigned(t, "issuer", ec), selfSigned(t, "curve", ec)
	cert, issuer := pemOf("CERTIFICATE", mine.Raw), pemOf("CERTIFICATE", other.Raw)
	private := pemOf("PRIVATE KEY", pkcs8(t, key))
	pfx, err := pkcs12.Modern.Encode(key, mine, []*x509.Certificate{other}, "hunter2")
	if err != nil {
		t.Fatal(err)
	}
	legacy, err := pkcs12.LegacyDES.Encode(key, mine, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{
		"good.pem": append(bytes.Clone(private), cert...), "chain.pem": bytes.Join([][]byte{issuer, cert, private}, nil),
		"pkcs1.pem": append(pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key)), cert...),
		"good.pfx":  pfx, "open.pfx": legacy, "nokey.pem": cert, "nocert.pem": private, "noise.bin": []byte("hello"),
		"encrypted.pem": append(pemOf("ENCRYPTED PRIVATE KEY", []byte("x")), cert...),
		"wrong.pem":     append(bytes.Clone(private), issuer...),
		"curve.pem":     append(pemOf("PRIVATE KEY", pkcs8(t, ec)), pemOf("CERTIFICATE", curve.Raw)...),
	}, mine
}

// TestCertificate opens PEM and PFX, puts the certificate first that belongs to
// the key, and says what is wrong with others.
func TestCertificate(t *testing.T) {
	files, mine := keyFiles(t)
	from := Sources{
		Getenv: func(n string) string { return map[string]string{"PW": "hunter2", "BAD": "hunter3"}[n] },
		Read: func(n string) ([]byte, error) {
			if data, ok := files[n]; ok {
				return data, nil
			}
			return nil, fs.ErrNotExist
		},
	}
	for _, tt := range []struct {
		p     Profile
		chain int
		says  string
	}{
		{Profile{CertificateFile: "good.pem"}, 1, ""}, {Profile{CertificateFile: "chain.pem"}, 2, ""}, {Profile{CertificateFile: "pkcs1.pem"}, 1, ""},
		{Profile{CertificateFile: "good.pfx", CertificatePasswordEnv: "PW"}, 2, ""}, {Profile{CertificateFile: "open.pfx"}, 1, ""}, {Profile{}, 0, ""},
		{Profile{CertificateFile: "good.pfx"}, 0, "the profile names none"}, {Profile{CertificateFile: "good.pfx", CertificatePasswordEnv: "BAD"}, 0, "does not open it (certificate_password_env)"},
		{Profile{CertificateFile: "good.pfx", CertificatePasswordPrompt: true}, 0, "has to be typed"}, {Profile{CertificateFile: "gone.pem"}, 0, "certificate_file: "},
		{Profile{CertificateFile: "nokey.pem"}, 0, "no private key"}, {Profile{CertificateFile: "nocert.pem"}, 0, "no certificate"},
		{Profile{CertificateFile: "noise.bin"}, 0, "neither PEM nor PFX"}, {Profile{CertificateFile: "encrypted.pem"}, 0, "is encrypted"},
		{Profile{CertificateFile: "wrong.pem"}, 0, "does not belong"}, {Profile{CertificateFile: "curve.pem"}, 0, "no RSA key"},
	} {
		pair, err := tt.p.Certificate("work", from)
		if tt.says != "" {
			if err == nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "hunter") {
				t.Errorf("%+v: %v, want %q", tt.p, err, tt.says)
			}
			continue
		}
		if err != nil || (pair != nil) != (tt.chain > 0) {
			t.Errorf("%+v: %v, %v", tt.p, pair, err)
			continue
		}
		if pair != nil && (len(pair.Chain) != tt.chain || !pair.Chain[0].Equal(mine)) {
			t.Errorf("%+v: the chain is %d long and begins with %s", tt.p, len(pair.Chain), pair.Chain[0].Subject)
		}
	}
	var ask *AskError
	p := Profile{CertificateFile: "good.pfx", CertificatePasswordPrompt: true}
	if _, err := p.Certificate("work", from); !errors.As(err, &ask) || ask.Key != "certificate_password_prompt" {
		t.Errorf("got %v", err)
	}
	from.Told = map[string]string{"certificate_password_prompt": "hunter2"}
	if pair, err := p.Certificate("work", from); err != nil || pair == nil {
		t.Errorf("told: %v", err)
	}
}

// TestAssertion is read anew each time: whoever issues it replaces the file.
func TestAssertion(t *testing.T) {
	n := 0
	from := Sources{Getenv: func(string) string { return "" }, Read: func(string) ([]byte, error) { n++; return []byte("assertion-" + string(rune('0'+n)) + "\n"), nil }}
	p := Profile{AssertionFile: "/var/run/token"}
	one, err := p.Assertion(from)
	two, err2 := p.Assertion(from)
	if err != nil || err2 != nil || one != "assertion-1" || two != "assertion-2" || !p.HasAssertion() {
		t.Errorf("%s, %s, %v, %v", one, two, err, err2)
	}
	if _, err := (Profile{AssertionEnv: "NONE"}).Assertion(from); err == nil {
		t.Error("a missing variable is no error")
	}
}

// TestRoots takes a CA beside those of the machine.
func TestRoots(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ca := selfSigned(t, "ca", key)
	files := map[string][]byte{"ca.pem": pemOf("CERTIFICATE", ca.Raw), "no.pem": []byte("no")}
	from := Sources{Read: func(n string) ([]byte, error) { return files[n], nil }}
	pool, err := (Profile{CAFile: "ca.pem"}).Roots(from)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ca.Verify(x509.VerifyOptions{Roots: pool, CurrentTime: time.Unix(1000, 0)}); err != nil {
		t.Error(err)
	}
	if pool, err := (Profile{}).Roots(from); pool != nil || err != nil {
		t.Errorf("got %v, %v", pool, err)
	}
	if _, err := (Profile{CAFile: "no.pem"}).Roots(from); err == nil || !strings.Contains(err.Error(), "ca_file") {
		t.Errorf("got %v", err)
	}
}
