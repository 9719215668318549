// Package keys holds the lab's signing keys: it makes them when first needed,
// signs with them (RS256 only) and publishes them as Entra's key documents do.
//
// Work and school tenants share one row of keys, as they do in Entra; personal
// accounts have their own. The package refuses every other algorithm.
package keys

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // x5t is defined over SHA-1 (RFC 7515 section 4.1.7)
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	_ "embed" // the fixed keys
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"sync"
	"time"

	"flowscope/engine/lab/directory"
)

// fixed holds four keys and certificates that are public by intent: everyone
// who has this program has them. They serve recordings, and sign nothing that
// anyone should trust.
//
//go:embed public_lab_keys.pem
var fixed []byte

// The places of the keys: the first signs for work and school tenants, the
// next two are published beside it (Entra publishes a key before its use and
// for some time after), the last signs for personal accounts.
const (
	workKeys = 3
	consumer = 3
	total    = 4
)

// Key is one RSA-2048 key with its certificate.
type Key struct {
	Private *rsa.PrivateKey
	Cert    []byte // DER
	ID      string // kid and x5t: base64url SHA-1 of the certificate
}

// Set is the row of keys. It is safe for concurrent use.
type Set struct {
	deterministic bool
	clock         func() time.Time
	slots         [total]struct {
		once sync.Once
		key  Key
	}
}

// New returns a set that has made no key yet. Deterministic sets use the
// fixed, public keys.
func New(deterministic bool, clock func() time.Time) *Set {
	return &Set{deterministic: deterministic, clock: clock}
}

// Warm makes all keys and returns when they are there.
func (s *Set) Warm() {
	var wg sync.WaitGroup
	for i := range s.slots {
		wg.Go(func() { s.key(i) })
	}
	wg.Wait()
}

func (s *Set) key(i int) Key {
	slot := &s.slots[i]
	slot.once.Do(func() {
		if s.deterministic {
			slot.key = load(i)
			return
		}
		slot.key = generate(int64(i+1), s.clock())
	})
	return slot.key
}

// Signing returns the key that signs for a tenant.
func (s *Set) Signing(tenantID string) Key {
	if tenantID == directory.ConsumersTenantID {
		return s.key(consumer)
	}
	return s.key(0)
}

// Public returns the public key with that id, out of those published for a
// tenant.
func (s *Set) Public(tenantID, id string) (*rsa.PublicKey, bool) {
	for _, k := range s.published(tenantID) {
		if k.ID == id {
			return &k.Private.PublicKey, true
		}
	}
	return nil, false
}

func (s *Set) published(tenantID string) []Key {
	if tenantID == directory.ConsumersTenantID {
		return []Key{s.key(consumer)}
	}
	s.Warm()
	all := make([]Key, workKeys)
	for i := range all {
		all[i] = s.key(i)
	}
	return all
}

// Sign appends the RS256 signature over signed to a token (RFC 7515 section
// 5.1). shown is what the token carries, signed what the signature is over:
// they are the same in all tokens but those for Graph.
func (k Key) Sign(shown, signed []byte) string {
	digest := sha256.Sum256(signed)
	sig, err := rsa.SignPKCS1v15(nil, k.Private, crypto.SHA256, digest[:])
	if err != nil {
		panic(fmt.Sprintf("keys: a sound RSA-2048 key can't sign: %v", err))
	}
	out := make([]byte, 0, len(shown)+1+base64.RawURLEncoding.EncodedLen(len(sig)))
	out = append(append(out, shown...), '.')
	return string(base64.RawURLEncoding.AppendEncode(out, sig))
}

func generate(serial int64, now time.Time) Key {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(fmt.Sprintf("keys: no RSA key: %v", err))
	}
	start := now.UTC().Truncate(24*time.Hour).AddDate(0, -1, 0)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "accounts.accesscontrol.windows.net"},
		NotBefore: start, NotAfter: start.AddDate(5, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, SignatureAlgorithm: x509.SHA256WithRSA,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		panic(fmt.Sprintf("keys: no certificate: %v", err))
	}
	return Key{Private: private, Cert: der, ID: thumbprint(der)}
}

func load(i int) Key {
	rest := fixed
	var block *pem.Block
	for range 2*i + 1 {
		block, rest = pem.Decode(rest)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		panic(fmt.Sprintf("keys: embedded key %d: %v", i, err))
	}
	private, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		panic(fmt.Sprintf("keys: embedded key %d is not RSA", i))
	}
	cert, _ := pem.Decode(rest)
	return Key{Private: private, Cert: cert.Bytes, ID: thumbprint(cert.Bytes)}
}

func thumbprint(der []byte) string {
	sum := sha1.Sum(der) //nolint:gosec // as above
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
