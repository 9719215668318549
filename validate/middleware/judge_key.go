package middleware

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"hash"
	"slices"
	"strings"

	"flowscope/validate"
)

var strictBase64 = base64.RawURLEncoding.Strict()

// known are the algorithms that at least one library verifies with a public key.
var known = [...]string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"}

// algorithm judges "alg".
func (t *trial) algorithm(r *rule) finding {
	alg, ok := t.t.header.text("alg")
	list := t.want.Algorithms
	switch {
	case !ok || alg == "":
		return broken("none", "an algorithm")
	case r.mode == fromToken:
		return holding
	case r.mode == fitsKey:
		if slices.Contains(known[:], alg) {
			return holding
		}
		return broken(alg, "RS, PS or ES")
	case len(list) == 0 && r.mode == declared:
		if k, ok := t.found(); ok {
			list = k.Declared
		}
	}
	if len(list) == 0 {
		list = []string{"RS256"}
	}
	if slices.Contains(list, alg) {
		return holding
	}
	return broken(alg, strings.Join(list, ", "))
}

// found returns the one key that is shared by all profiles. It is the report's
// where the report looked; else it is asked for once.
func (j *judge) found() (validate.Key, bool) {
	if j.asked {
		return j.key, j.hasKey
	}
	j.asked = true
	j.kid = j.report.Token.Header.String("kid")
	if j.key, j.hasKey = j.report.Key(); j.hasKey {
		return j.key, true
	}
	if j.keyErr = j.report.KeyError(); j.keyErr != nil {
		return j.key, false
	}
	switch {
	case j.keys == nil:
		j.keyErr = &validate.KeyError{Reason: validate.KeyNoSource}
	case !selector(j.kid):
		// No publisher of keys has one of such a name: nobody is asked.
		j.keyErr = &validate.KeyError{Reason: validate.KeyUnknown}
	default:
		j.key, j.keyErr = j.keys.Key(j.ctx, j.query())
		j.hasKey = j.keyErr == nil && j.key.Public != nil
	}
	return j.key, j.hasKey
}

// query names the key of this token. The issuer is the one that was stated;
// without one the source decides whether the token's may be asked.
func (j *judge) query() validate.KeyQuery {
	t := j.report.Token
	q := validate.KeyQuery{Issuer: j.want.Issuer, Version: t.Version, KeyID: j.kid}
	if q.Issuer == "" {
		q.Issuer = t.Claims.String("iss")
	}
	if tid := t.Claims.String("tid"); isGUID(tid) {
		q.TenantID = tid
	}
	return q
}

// selector reports a "kid" that can name a key and nothing else.
func selector(kid string) bool {
	for i := 0; i < len(kid); i++ {
		if !letter(kid[i]) {
			return false
		}
	}
	return kid != "" && len(kid) <= 64
}

// findKey judges whether the library finds a key for the token.
func (t *trial) findKey(r *rule) finding {
	kid, ok := t.t.header.text("kid")
	if !ok || kid == "" {
		return t.withoutKeyID(r)
	}
	k, has := t.found()
	if kid != t.kid {
		return open("It takes the second kid of two; the key of that name was not asked for.")
	}
	if has {
		if k.Use != "" && k.Use != "sig" && r.mode != anyUse {
			return broken(kid, "a key for signatures")
		}
		return holding
	}
	return t.noKey(kid)
}

// noKey tells a key that does not exist from one that could not be had.
func (t *trial) noKey(kid string) finding {
	var e *validate.KeyError
	if !errors.As(t.keyErr, &e) {
		return open("It accepts the token if the signature holds; no key could be had to see that.")
	}
	switch e.Reason {
	case validate.KeyUnknown, validate.KeyUnusable:
		return broken(kid, "a key that the issuer publishes")
	case validate.KeyNotAllowed:
		return open("It hangs on the signature; the issuer may not be asked for keys yet.")
	}
	return open("It hangs on the signature; the issuer's keys could not be had.")
}

// withoutKeyID is what becomes of a token that names no key.
func (t *trial) withoutKeyID(r *rule) finding {
	if r.mode != anyKey && r.mode != oneKey {
		return broken("no kid", "a kid")
	}
	return open("It has no kid: the library tries the issuer's keys, which was not done here.")
}

// fits judges whether the key can verify the algorithm at all.
func (t *trial) fits(*rule) finding {
	alg, _ := t.t.header.text("alg")
	k, ok := t.found()
	if !ok || len(alg) < 2 {
		return holding // the rule for the key has spoken
	}
	if k.Algorithm != "" && k.Algorithm != alg {
		return broken(alg, k.Algorithm)
	}
	switch public := k.Public.(type) {
	case *rsa.PublicKey:
		if alg[:2] == "RS" || alg[:2] == "PS" {
			return holding
		}
		return broken(alg, "RS or PS")
	case *ecdsa.PublicKey:
		want := map[int]string{256: "ES256", 384: "ES384", 521: "ES512"}[public.Params().BitSize]
		if alg == want {
			return holding
		}
		return broken(alg, want)
	}
	return holding
}

// keySize judges the size of an RSA key.
func (t *trial) keySize(r *rule) finding {
	k, ok := t.found()
	if public, rsaKey := k.Public.(*rsa.PublicKey); ok && rsaKey && public.N.BitLen() < r.skew {
		return broken("", "")
	}
	return holding
}

// verify judges the signature.
func (t *trial) verify(r *rule) finding {
	alg, _ := t.t.header.text("alg")
	k, ok := t.found()
	switch {
	case t.report.Token.ForGraph():
		return finding{outcome: breaks, why: "Graph's tokens carry a nonce that only Graph can undo: no signature check of others holds."}
	case !t.t.signed:
		return broken("", "")
	case r.mode == publicMAC && strings.HasPrefix(alg, "HS"):
		return t.mac(alg, k, ok)
	case !slices.Contains(known[:], alg):
		return broken(alg, "")
	case !ok:
		return holding // the rule for the key has spoken: it is open
	case t.same():
		if t.report.Status("signature") == validate.StatusPass {
			return holding
		}
	}
	if t.keys == nil {
		return open("It hangs on the signature; there is nothing here to verify it with.")
	}
	if err := t.check(alg, k); err != nil {
		return broken("", "")
	}
	return holding
}

// same reports that the platform reads the same bytes as the report does.
func (t *trial) same() bool {
	token := t.report.Token
	return t.t.input == token.SigningInput && string(t.t.signature) == string(token.Signature)
}

// check verifies with the key. A key too short for the source of keys is one
// that some libraries take nevertheless.
func (t *trial) check(alg string, k validate.Key) error {
	if public, ok := k.Public.(*rsa.PublicKey); ok && public.N.BitLen() < 2048 && strings.HasPrefix(alg, "RS") {
		h := hashOf(alg)
		sum := h.New()
		sum.Write([]byte(t.t.input))
		return rsa.VerifyPKCS1v15(public, h, sum.Sum(nil), t.t.signature)
	}
	return t.keys.Verify(alg, k, []byte(t.t.input), t.t.signature)
}

func hashOf(alg string) crypto.Hash {
	switch {
	case strings.HasSuffix(alg, "384"):
		return crypto.SHA384
	case strings.HasSuffix(alg, "512"):
		return crypto.SHA512
	}
	return crypto.SHA256
}

// mac computes what a verifier computes that takes "HS" from the token and holds
// the public key as text.
func (t *trial) mac(alg string, k validate.Key, ok bool) finding {
	if !ok {
		return t.noKey(t.kid)
	}
	make := map[string]func() hash.Hash{"HS256": sha256.New, "HS384": sha512.New384, "HS512": sha512.New}[alg]
	if make == nil {
		return broken(alg, "")
	}
	for _, secret := range texts(k.Public) {
		m := hmac.New(make, secret)
		m.Write([]byte(t.t.input))
		if hmac.Equal(m.Sum(nil), t.t.signature) {
			return holding
		}
	}
	return broken(alg, "")
}

// texts are the forms in which code holds a public key: SubjectPublicKeyInfo
// and PKCS #1, as PEM with and without the last line end, and as DER.
func texts(public crypto.PublicKey) [][]byte {
	var out [][]byte
	add := func(name string, der []byte) {
		text := pem.EncodeToMemory(&pem.Block{Type: name, Bytes: der})
		out = append(out, text, []byte(strings.TrimSpace(string(text))), der)
	}
	if der, err := x509.MarshalPKIXPublicKey(public); err == nil {
		add("PUBLIC KEY", der)
	}
	if k, ok := public.(*rsa.PublicKey); ok {
		add("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(k))
	}
	return out
}

func isGUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i] | 0x20
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash && s[i] != '-' || !dash && (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
