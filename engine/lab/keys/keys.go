// Package keys holds the lab's signing keys: it makes them when first needed,
// signs with them (RS256 only) and publishes them as Entra's key documents do.
//
// Work and school tenants share one row of keys, as they do in Entra; personal
// accounts have their own, and so has an application with a signing key of its
// own. The conditions for rollover and for an old cache act here. The package
// refuses every other algorithm, and never publishes an application's own key
// among the usual ones.
package keys

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
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

	"flowscope/engine/lab/conditions"
	"flowscope/engine/lab/directory"
)

// fixed holds six keys and certificates that are public by intent: everyone
// who has this program has them. They serve recordings, and sign nothing that
// anyone should trust.
//
//go:embed public_lab_keys.pem
var fixed []byte

// The places of the keys. The first signs for work and school tenants, and
// after a rollover the second; the three are always published together (Entra
// publishes a key before its use and for some time after). The fourth signs
// for personal accounts, the fifth did so once and is left in old caches alone.
// The last is the own key of an application that has one.
const (
	workKeys    = 3
	consumer    = 3
	consumerOld = 4
	own         = 5
	total       = 6
)

// Key is one RSA-2048 key with its certificate.
type Key struct {
	Private *rsa.PrivateKey
	Cert    []byte // DER
	ID      string // kid and x5t: base64url SHA-1 of the certificate (RFC 7515 section 4.1.7)
}

// slot is one key that is made when it is first asked for.
type slot struct {
	once sync.Once
	key  Key
}

// Set is the row of keys. It is safe for concurrent use.
type Set struct {
	deterministic bool
	clock         func() time.Time
	switches      *conditions.Set
	slots         [total]slot

	mu     sync.Mutex
	others map[string]*slot // own keys beside the last slot, by application id
	first  string           // application id that has the last slot
}

// New returns a set that has made no key yet. Deterministic sets use the
// fixed, public keys, and one for all applications with a key of their own.
func New(deterministic bool, clock func() time.Time, switches *conditions.Set) *Set {
	return &Set{deterministic: deterministic, clock: clock, switches: switches, others: map[string]*slot{}}
}

// Warm makes all keys and returns when they are there.
func (s *Set) Warm() { s.warm(total) }

// warm makes the first n keys side by side.
func (s *Set) warm(n int) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { s.key(i) })
	}
	wg.Wait()
}

func (s *Set) key(i int) Key { return s.made(&s.slots[i], i) }

func (s *Set) made(at *slot, i int) Key {
	at.once.Do(func() {
		if s.deterministic {
			at.key = load(i)
			return
		}
		at.key = generate(int64(i+1), s.clock())
	})
	return at.key
}

// signs is the place of the key that signs for work and school tenants now.
func (s *Set) signs() int {
	if s.switches.On(conditions.KeyRollover) {
		return 1
	}
	return 0
}

// Stale reports whether documents come out of an old cache.
func (s *Set) Stale() bool { return s.switches.On(conditions.StaleDiscovery) }

// Signing returns the key that signs for a tenant.
func (s *Set) Signing(tenantID string) Key {
	if tenantID == directory.ConsumersTenantID {
		return s.key(consumer)
	}
	return s.key(s.signs())
}

// For returns the key that signs what is made for an application: its own
// where it has one (Entra: claims mapping with a custom signing key), that of
// the tenant otherwise.
func (s *Set) For(tenantID string, a directory.App) Key {
	if a.CustomSigningKey {
		return s.own(a.ClientID)
	}
	return s.Signing(tenantID)
}

// own keeps a key for each application of the directory that has one, which
// bounds their number.
func (s *Set) own(clientID string) Key {
	s.mu.Lock()
	if s.first == "" {
		s.first = clientID
	}
	at := &s.slots[own]
	if s.first != clientID && !s.deterministic {
		if s.others[clientID] == nil {
			s.others[clientID] = &slot{}
		}
		at = s.others[clientID]
	}
	s.mu.Unlock()
	return s.made(at, own)
}

// First returns the first key of work and school tenants, which is all that an
// API knows that read the document once and never again.
func (s *Set) First() Key { return s.key(0) }

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
	s.warm(workKeys)
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
	cert, _ := pem.Decode(rest)
	return Key{Private: private(pem.EncodeToMemory(block), fmt.Sprintf("at place %d", i)), Cert: cert.Bytes, ID: thumbprint(cert.Bytes)}
}
