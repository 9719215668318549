package jwks_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"math/big"
	"strings"
	"testing"

	"flowscope/validate"
	"flowscope/validate/jwks"
)

// A modulus as the chips of CVE-2017-15361 make them is refused by name, and
// no ordinary one is taken for it.
func TestFaultyChip(t *testing.T) {
	product := big.NewInt(1)
	for p := int64(2); p <= 167; p++ {
		if big.NewInt(p).ProbablyPrime(8) {
			product.Mul(product, big.NewInt(p))
		}
	}
	n := new(big.Int).Exp(big.NewInt(65537), big.NewInt(123456789), product)
	n.Add(n, new(big.Int).Lsh(product, uint(2048-product.BitLen())))
	faulty := jwkOf("k", &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: n, E: 65537}}, "")
	s, err := jwks.FromJSON([]byte(`{"keys":[` + faulty + `,` + jwkOf("good", keys()[0], "") + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Key(t.Context(), validate.KeyQuery{KeyID: "k"})
	var refused *validate.KeyError
	if !errors.As(err, &refused) || refused.Reason != validate.KeyUnusable || !strings.Contains(err.Error(), "CVE-2017-15361") {
		t.Errorf("faulty: %v", err)
	}
	if _, err := s.Key(t.Context(), validate.KeyQuery{KeyID: "good"}); err != nil {
		t.Errorf("good: %v", err)
	}
}

// The salt of PS256 is as long as its hash (RFC 7518 section 3.5).
func TestSaltLength(t *testing.T) {
	s, err := jwks.FromJSON([]byte(jwkOf("k", keys()[0], "")))
	if err != nil {
		t.Fatal(err)
	}
	k, err := s.Key(t.Context(), validate.KeyQuery{KeyID: "k"})
	if err != nil {
		t.Fatal(err)
	}
	input := []byte("header.claims")
	sum := sha256.Sum256(input)
	for length, fits := range map[int]bool{32: true, 0: false, 20: false, 33: false, 64: false} {
		options := &rsa.PSSOptions{SaltLength: length}
		if length == 0 {
			options.SaltLength = rsa.PSSSaltLengthAuto // as long as it can be
		}
		sig, err := rsa.SignPSS(rand.Reader, keys()[0], crypto.SHA256, sum[:], options)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Verify("PS256", k, input, sig); (err == nil) != fits || err != nil && !errors.Is(err, validate.ErrSignature) {
			t.Errorf("a salt of %d bytes: %v", length, err)
		}
	}
}
