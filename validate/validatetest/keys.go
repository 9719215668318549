package validatetest

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	_ "embed" // the test keys are kept as PEM text
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"sync"

	"flowscope/validate"
	"flowscope/validate/jwks"
)

// Identifiers of the keys in KeySet.
const (
	// KeyID is the RSA key that signs unless something else is said; its own issuer holds {tenantid}.
	KeyID = "WJf0nXhnjHkGl6xaVxQ8SPkOFyE"
	// SecondKeyID is the other good RSA key, of the same issuer.
	SecondKeyID = "5PPjgJBgm9VcWVnvL2YbtCXpGpk"
	// ECKeyID, EC384KeyID and EC521KeyID are the keys on the curves P-256, P-384 and P-521.
	ECKeyID, EC384KeyID, EC521KeyID = "ec-key-1", "ec-key-384", "ec-key-521"
	// WeakKeyID is an RSA key of 1024 bits.
	WeakKeyID = "weak-key"
	// EncKeyID is the first key, published for encryption.
	EncKeyID = "enc-key"
	// RS512KeyID is the first key, published for RS512 alone.
	RS512KeyID = "rs512-only"
	// ConsumersKeyID is the first key, published for personal accounts.
	ConsumersKeyID = "consumers"
	// OtherTenantKeyID is the first key, published for OtherTenant alone.
	OtherTenantKeyID = "other-tenant"
	// PlainKeyID is the first key without an issuer of its own, as v1.0 key sets have it.
	PlainKeyID = "plain-key"
	// FakeCertKeyID is the first key with a certificate that is not its own.
	FakeCertKeyID = "fake-cert"
	// EdKeyID is an Ed25519 key (RFC 8037), which no check uses.
	EdKeyID = "ed-key"
)

//go:embed public_test_keys.pem
var keyText []byte

// keyRing holds the private keys of the embedded text in its order.
type keyRing struct {
	rsa, second, weak *rsa.PrivateKey
	p256, p384, p521  *ecdsa.PrivateKey
	ed                ed25519.PrivateKey
}

var ring = sync.OnceValue(func() (k keyRing) {
	var all []any
	for rest := keyText; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		must(err)
		all = append(all, key)
	}
	k.rsa, k.second, k.weak = all[0].(*rsa.PrivateKey), all[1].(*rsa.PrivateKey), all[2].(*rsa.PrivateKey)
	k.p256, k.p384, k.p521 = all[3].(*ecdsa.PrivateKey), all[4].(*ecdsa.PrivateKey), all[5].(*ecdsa.PrivateKey)
	k.ed = all[6].(ed25519.PrivateKey)
	return k
})

func must(err error) {
	if err != nil {
		panic("validatetest: " + err.Error())
	}
}

// RSA returns the private key behind KeyID, RSA of 2048 bits.
func RSA() *rsa.PrivateKey { return ring().rsa }

// SecondRSA returns the private key behind SecondKeyID, RSA of 2048 bits.
func SecondRSA() *rsa.PrivateKey { return ring().second }

// WeakRSA returns the private key behind WeakKeyID, RSA of 1024 bits.
func WeakRSA() *rsa.PrivateKey { return ring().weak }

// EC returns the private keys on P-256, P-384 and P-521.
func EC() (p256, p384, p521 *ecdsa.PrivateKey) { return ring().p256, ring().p384, ring().p521 }

// Ed returns the private key behind EdKeyID.
func Ed() ed25519.PrivateKey { return ring().ed }

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// JWK writes a public RSA, EC or Ed25519 key as its issuer would (RFC 7518
// section 6); extra is JSON text of further members, beginning with a comma, or "".
func JWK(kid string, public crypto.PublicKey, extra string) string {
	switch k := public.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf(`{"kty":"RSA","kid":%q,"n":%q,"e":%q%s}`, kid, b64(k.N.Bytes()), b64(big.NewInt(int64(k.E)).Bytes()), extra)
	case *ecdsa.PublicKey:
		point, err := k.Bytes() // 4, then x, then y
		must(err)
		half := (len(point) - 1) / 2
		return fmt.Sprintf(`{"kty":"EC","crv":%q,"kid":%q,"x":%q,"y":%q%s}`, k.Params().Name, kid, b64(point[1:1+half]), b64(point[1+half:]), extra)
	case ed25519.PublicKey:
		return fmt.Sprintf(`{"kty":"OKP","crv":"Ed25519","kid":%q,"x":%q%s}`, kid, b64(k), extra)
	}
	panic(fmt.Sprintf("validatetest: a key of type %T", public))
}

// KeySet returns the key set that the catalogue is checked against, as a JWK
// Set (RFC 7517 section 5).
func KeySet() []byte {
	k := ring()
	const template = `,"issuer":"https://login.microsoftonline.com/{tenantid}/v2.0"`
	return []byte(`{"keys":[` + strings.Join([]string{
		`{"kty":"OKP","crv":"Unheard-of","kid":"odd","x":"AAAA"}`,
		JWK(KeyID, &k.rsa.PublicKey, `,"use":"sig"`+template),
		JWK(SecondKeyID, &k.second.PublicKey, `,"use":"sig"`+template),
		JWK(WeakKeyID, &k.weak.PublicKey, `,"use":"sig"`),
		JWK(EncKeyID, &k.rsa.PublicKey, `,"use":"enc"`),
		JWK(RS512KeyID, &k.rsa.PublicKey, `,"alg":"RS512"`),
		JWK(ConsumersKeyID, &k.rsa.PublicKey, `,"issuer":"https://login.microsoftonline.com/`+Consumers+`/v2.0"`),
		JWK(OtherTenantKeyID, &k.rsa.PublicKey, `,"issuer":"https://login.microsoftonline.com/`+OtherTenant+`/v2.0"`),
		JWK(PlainKeyID, &k.rsa.PublicKey, `,"use":"sig"`),
		JWK(FakeCertKeyID, &k.rsa.PublicKey, `,"x5c":["AAAA"]`),
		JWK(ECKeyID, &k.p256.PublicKey, ""),
		JWK(EC384KeyID, &k.p384.PublicKey, ""),
		JWK(EC521KeyID, &k.p521.PublicKey, ""),
		JWK(EdKeyID, k.ed.Public(), ""),
	}, ",") + `]}`)
}

var source = sync.OnceValue(func() *jwks.Source {
	s, err := jwks.FromJSON(KeySet())
	must(err)
	return s
})

// Source returns KeySet as a source that all tests may share.
func Source() validate.KeySource { return source() }

// Metadata is a key source whose keys came with an issuer's metadata.
type Metadata struct {
	// KeySource finds the keys.
	validate.KeySource
	// Issuer and Cloud are those of the metadata; KeyCloud is the cloud that the key itself names.
	Issuer, Cloud, KeyCloud string
	// Declared lists the algorithms that the metadata declares.
	Declared []string
}

// Key adds what the metadata says to the key.
func (m Metadata) Key(ctx context.Context, q validate.KeyQuery) (validate.Key, error) {
	k, err := m.KeySource.Key(ctx, q)
	k.MetadataIssuer, k.MetadataCloud, k.Cloud, k.Declared = m.Issuer, m.Cloud, m.KeyCloud, m.Declared
	return k, err
}

// NoKey is a key source that has no key, for one reason.
type NoKey validate.KeyReason

// Key returns a *validate.KeyError with the reason.
func (n NoKey) Key(_ context.Context, q validate.KeyQuery) (validate.Key, error) {
	return validate.Key{}, &validate.KeyError{Reason: validate.KeyReason(n), Issuer: q.Issuer}
}

// Verify is never reached.
func (NoKey) Verify(string, validate.Key, []byte, []byte) error { return validate.ErrSignature }
