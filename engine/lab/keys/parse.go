package keys

import (
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // thumbprints are defined over SHA-1
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"sync"

	"flowscope/engine/lab/directory"
)

// Federation is the key of the lab's second issuer, which stands for a build
// service outside Entra. Its kid is the thumbprint of its certificate.
var Federation = sync.OnceValue(func() Key {
	cert, _ := pem.Decode([]byte(directory.FederationCertificate()))
	return Key{Private: private([]byte(directory.FederationKey()), "of the second issuer"), Cert: cert.Bytes, ID: thumbprint(cert.Bytes)}
})

// parsed keeps the encryption keys that were read, by their PEM text: one for
// each API of a directory that has one.
var parsed sync.Map

// Encryption is the key to which access tokens for an API are encrypted, and
// whether it has one. The directory keeps no certificate for it, so that its
// id is the base64url SHA-1 of the public key (SubjectPublicKeyInfo), which
// has the length of Entra's thumbprints.
func Encryption(a directory.App) (Key, bool) {
	if a.EncryptionKeyPEM == "" {
		return Key{}, false
	}
	if k, ok := parsed.Load(a.EncryptionKeyPEM); ok {
		return k.(Key), true
	}
	k := Key{Private: private([]byte(a.EncryptionKeyPEM), "of "+a.Name)}
	der, err := x509.MarshalPKIXPublicKey(&k.Private.PublicKey)
	if err != nil {
		panic(fmt.Sprintf("keys: the public key of %s: %v", a.Name, err))
	}
	k.ID = thumbprint(der)
	parsed.Store(a.EncryptionKeyPEM, k)
	return k, true
}

// private reads a PKCS #8 key out of our own data.
func private(text []byte, whose string) *rsa.PrivateKey {
	block, _ := pem.Decode(text)
	if block == nil {
		panic("keys: no PEM in the key " + whose)
	}
	any8, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		panic(fmt.Sprintf("keys: the key %s: %v", whose, err))
	}
	key, ok := any8.(*rsa.PrivateKey)
	if !ok {
		panic("keys: the key " + whose + " is not RSA")
	}
	return key
}

func thumbprint(der []byte) string {
	sum := sha1.Sum(der) //nolint:gosec // as above
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
