package jwks

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"

	"flowscope/validate"
)

// maxGiven bounds a key set that somebody hands in, in bytes.
const maxGiven = 1 << 20

// Given returns a Source with keys that somebody handed in: a JWK Set or one JWK
// (RFC 7517 sections 4 and 5), or public keys or certificates in PEM (RFC 7468
// sections 5 and 13). It asks nobody and takes its keys to be those of whatever
// issuer is expected. Keys that cannot verify signatures are left out; it is an
// error when none is left, and when a private key is handed in as PEM.
//
// A single certificate, and the only key without an identifier, serve whatever "kid"
// a token names that no other key has: whoever gave it has chosen. Several
// certificates go by their thumbprints, which is what Entra's identifiers are (RFC
// 7515 sections 4.1.7 and 4.1.8).
func Given(data []byte) (*Source, error) { return given(data, "file") }

// GivenFrom is Given for keys that were fetched from an address that a person named.
func GivenFrom(data []byte, address string) (*Source, error) { return given(data, "live "+address) }

func given(data []byte, from string) (*Source, error) {
	data = plainText(data)
	if len(data) > maxGiven {
		return nil, errors.New("the key set is larger than 1 MiB")
	}
	if len(data) == 0 {
		return nil, errors.New("the key set is empty")
	}
	o := origin{live: from, cached: from}
	var set *keySet
	var err error
	switch {
	case data[0] == '{':
		if set, err = parseSet(data, o); err == nil && set.private {
			err = errPrivate
		}
	case bytes.Contains(data, []byte("-----BEGIN ")):
		set, err = parsePEM(data, o)
	case data[0] == '<':
		err = errors.New("this is a page of HTML; a JWK Set, a JWK or PEM is needed")
	default:
		err = errors.New("this is neither a JWK Set, nor a JWK, nor a public key or certificate in PEM")
	}
	if err != nil {
		return nil, err
	}
	if set.usable() == 0 {
		return nil, errors.New("it holds no public RSA or EC key that could verify anything")
	}
	return &Source{fixed: set, verifiers: verifiers()}, nil
}

// Len gives how many keys of a fixed set can verify signatures; 0 for a Source
// that asks issuers.
func (s *Source) Len() int {
	if s.fixed == nil {
		return 0
	}
	return s.fixed.usable()
}

// verifies reports a key that can be read and is for signatures.
func (e *stored) verifies() bool { return e.err == nil && (e.key.Use == "" || e.key.Use == "sig") }

// usable counts the keys that can verify, each once however many names it has.
func (s *keySet) usable() int {
	seen := map[*stored]bool{}
	for _, k := range s.keys {
		for ; k != nil; k = k.other {
			if k.verifies() {
				seen[k] = true
			}
		}
	}
	if s.only != nil && s.only.verifies() {
		seen[s.only] = true
	}
	return len(seen)
}

// errPrivate refuses what nobody should hand around.
var errPrivate = errors.New("this is a private key, which belongs nowhere but where it signs: give the public key or the certificate")

// maxBlocks bounds how many blocks of a PEM text are looked at.
const maxBlocks = 64

// parsePEM reads public keys and certificates (RFC 7468). Certificates of
// authorities sign certificates and no tokens: they are passed over, where there
// is another key.
func parsePEM(data []byte, from origin) (*keySet, error) {
	set := &keySet{from: from, keys: map[string]*stored{}}
	var plain, nameless, authorities []*stored
	for range maxBlocks {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			break
		}
		if strings.Contains(block.Type, "PRIVATE KEY") {
			return nil, errPrivate
		}
		k, names, authority, err := readBlock(block)
		if err != nil {
			return nil, err
		}
		if k == nil {
			continue
		}
		k.key.Source = from.cached
		if authority {
			authorities = append(authorities, k)
			continue
		}
		plain = append(plain, k)
		if len(names) == 0 {
			nameless = append(nameless, k)
		}
		for _, name := range names {
			if set.keys[name] == nil {
				set.keys[name] = k
			}
		}
	}
	// A public key beside its own certificate is one key.
	again := func(k *stored) bool {
		return k.key.ID == "" && slices.ContainsFunc(plain, func(c *stored) bool { return c.key.ID != "" && samePublic(c.key.Public, k.key.Public) })
	}
	nameless = slices.DeleteFunc(nameless, again)
	plain = slices.DeleteFunc(plain, again)
	if len(plain) == 0 {
		plain = authorities
	}
	switch {
	case len(plain) == 0:
		return nil, errors.New("the PEM text holds neither a public key nor a certificate")
	case len(plain) == 1:
		set.only = plain[0]
	case len(nameless) == 1:
		set.only = nameless[0]
	case len(nameless) > 1:
		return nil, fmt.Errorf("these %d keys have no identifiers to choose by: give one of them, or a JWK Set", len(nameless))
	}
	set.total = len(plain)
	return set, nil
}

// samePublic compares two public keys.
func samePublic(a, b crypto.PublicKey) bool {
	k, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && k.Equal(b)
}

// readBlock reads one block with the names that a token may call its key by; nil
// for a block of another kind.
func readBlock(block *pem.Block) (k *stored, names []string, authority bool, err error) {
	var public any
	switch block.Type {
	case "PUBLIC KEY":
		public, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		public, err = x509.ParsePKCS1PublicKey(block.Bytes)
	case "CERTIFICATE":
		var cert *x509.Certificate
		if cert, err = x509.ParseCertificate(block.Bytes); err == nil {
			public, authority, names = cert.PublicKey, cert.BasicConstraintsValid && cert.IsCA, thumbprints(cert.Raw)
		}
	default:
		return nil, nil, false, nil
	}
	if err != nil {
		return nil, nil, false, fmt.Errorf("the %s block can't be read", strings.ToLower(block.Type))
	}
	k = &stored{}
	switch p := public.(type) {
	case *rsa.PublicKey:
		k.key = validate.Key{Public: p, Bits: p.N.BitLen()}
		k.err = rsaTrouble(p)
	case *ecdsa.PublicKey:
		k.key = validate.Key{Public: p, Bits: p.Curve.Params().BitSize}
		if _, bad := p.ECDH(); bad != nil {
			k.err = errors.New("it is no point on a curve that tokens use")
		}
	default:
		return nil, nil, false, nil
	}
	if len(names) > 0 {
		k.key.ID = names[0]
	}
	return k, names, authority, nil
}

// thumbprints are the names by which tokens call a certificate: base64url of its
// SHA-1 and SHA-256 (RFC 7515 sections 4.1.7 and 4.1.8), and the SHA-1 in capital
// hexadecimal digits, as older tokens of Entra write it.
func thumbprints(der []byte) []string {
	short, long := sha1.Sum(der), sha256.Sum256(der)
	return []string{
		base64.RawURLEncoding.EncodeToString(short[:]), base64.RawURLEncoding.EncodeToString(long[:]),
		strings.ToUpper(hex.EncodeToString(short[:])),
	}
}
