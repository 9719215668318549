package jwks

import (
	"crypto"
	"crypto/rsa"
	_ "crypto/sha256" // the hashes behind PS256, PS384 and PS512
	_ "crypto/sha512"
	"errors"
	"math/big"
)

// rsaTrouble says why nothing may be verified with an RSA key, whatever its
// length; nil where nothing speaks against it.
func rsaTrouble(public *rsa.PublicKey) error {
	switch {
	case public.N.BitLen() > maxBits || public.E < 3 || public.E%2 == 0:
		return errors.New("its modulus or exponent is out of bounds")
	case fromFaultyChip(public.N):
		return errors.New("its primes come from a faulty generator, so that the private key can be computed (CVE-2017-15361)")
	}
	return nil
}

// fromFaultyChip recognises the moduli of the smart cards and TPMs of
// CVE-2017-15361 ("ROCA"): their primes are powers of 65537 by the product of
// the first small primes, so the modulus is one by each of them, too. These are
// the primes up to 167 by which not every number is such a power; any other
// modulus passes all of them once in two hundred million times.
func fromFaultyChip(n *big.Int) bool {
	var rest, prime big.Int
	for _, p := range [...]int64{11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157} {
		if !isPower(rest.Mod(n, prime.SetInt64(p)).Int64(), p) {
			return false
		}
	}
	return true
}

// isPower reports whether n is a power of 65537 modulo p.
func isPower(n, p int64) bool {
	x := int64(1)
	for range p {
		if x == n {
			return true
		}
		x = x * 65537 % p
	}
	return false
}

// verifyPSS verifies with the salt as long as the hash, as RFC 7518 section 3.5
// demands; jwx takes any length.
func verifyPSS(alg string, public *rsa.PublicKey, signingInput, signature []byte) error {
	h := crypto.SHA256
	switch alg {
	case "PS384":
		h = crypto.SHA384
	case "PS512":
		h = crypto.SHA512
	}
	sum := h.New()
	_, _ = sum.Write(signingInput) // a hash never fails to write
	return rsa.VerifyPSS(public, h, sum.Sum(nil), signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
}
