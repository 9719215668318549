package middleware

import (
	"context"
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
	"math/big"
	"slices"
	"strings"

	"flowscope/validate"
)

var strictBase64 = base64.RawURLEncoding.Strict()

// known are the algorithms that at least one library verifies with a public key.
var known = [...]string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"}

// octets are algorithms for keys of types that no source of keys here reads.
var octets = [...]string{"EdDSA", "Ed25519", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87"}

// algorithm judges "alg".
func (t *trial) algorithm(r *rule) finding {
	alg, ok := t.t.header.text("alg")
	list := t.want.Algorithms
	switch {
	case !ok || alg == "":
		return finding{outcome: breaks, odd: true, found: "none", want: strings.Join(list, ", ")}
	case r.mode == fromToken:
		return holding
	case r.mode == modern && slices.Contains(octets[:], alg):
		return finding{outcome: settles, why: "It verifies " + alg + " with a key of type OKP or AKP, which is not read here."}
	case r.mode == fitsKey, r.mode == modern:
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
	if j.report.Token.Header == nil { // another reader may make more of the text
		for _, how := range [...]manner{mannerGo, mannerPyJWT, mannerJava} {
			if kid, ok := j.reading(how).header.text("kid"); ok && j.kid == "" {
				j.kid = kid
			}
		}
	}
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
	tid := t.Claims.String("tid")
	if t.Claims == nil {
		claims := j.reading(mannerGo).claims
		tid, _ = claims.text("tid")
		if q.Issuer == "" {
			q.Issuer, _ = claims.text("iss")
		}
	}
	if validate.IsGUID(tid) {
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

// lister is what a source of keys may be able to do besides: name every key
// that it knows of an issuer, for libraries that try them all.
type lister interface {
	Keys(ctx context.Context, q validate.KeyQuery) ([]validate.Key, error)
}

// listed returns all keys of the issuer. False says that nobody can tell.
func (j *judge) listed() ([]validate.Key, bool) {
	if !j.listAsked {
		j.listAsked = true
		if l, ok := j.keys.(lister); ok {
			list, err := l.Keys(j.ctx, j.query())
			j.list, j.hasList = list, err == nil
		}
	}
	return j.list, j.hasList
}

// findKey judges whether the library finds keys to try for the token.
func (t *trial) findKey(r *rule) finding {
	kid, ok := t.t.header.text("kid")
	if x5t, there := t.t.header.text("x5t"); there && r.mode == thumbprint {
		kid, ok = x5t, true
	}
	if !ok || kid == "" {
		return t.withoutKeyID(r)
	}
	k, has := t.found()
	if kid != t.kid {
		return t.another(r, kid)
	}
	switch {
	case has && usable(k, r):
		t.tried = []validate.Key{k}
		return holding
	case has:
		return broken(kid, "a key for signatures")
	}
	f := t.noKey(kid)
	if r.mode == everyKey && f.outcome == breaks {
		return t.every(r, func(validate.Key) bool { return true })
	}
	return f
}

// another looks for a key of a name that was not asked for: of two names in the
// header another reader took the first.
func (t *trial) another(r *rule, kid string) finding {
	f := t.every(r, func(k validate.Key) bool { return k.ID == kid })
	if f.outcome == breaks && r.mode == everyKey {
		return t.every(r, func(validate.Key) bool { return true })
	}
	return f
}

// usable reports a key that the library does not pass over for its "use" or its type.
func usable(k validate.Key, r *rule) bool {
	if _, isRSA := k.Public.(*rsa.PublicKey); r.mode == thumbprint {
		return isRSA
	}
	return k.Use == "" || k.Use == "sig" || r.mode == anyUse || r.mode == freeKey
}

// noKey tells a key that does not exist from one that could not be had.
func (t *trial) noKey(kid string) finding {
	var e *validate.KeyError
	if !errors.As(t.keyErr, &e) {
		return open("It hangs on the signature; no key could be had.")
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
	alg, _ := t.t.header.text("alg")
	switch r.mode {
	case oneKey:
		if _, empty := t.t.header.text("kid"); empty {
			return broken("", "a kid") // no key has the empty name
		}
		return t.every(r, func(k validate.Key) bool { return fits(alg, k, plain) })
	case onlyKey, anyKey, freeKey, everyKey:
		return t.every(r, func(validate.Key) bool { return true })
	}
	return broken("no kid", "a kid")
}

// every tries all keys of the issuer that fit.
func (t *trial) every(r *rule, fit func(validate.Key) bool) finding {
	list, ok := t.listed()
	if !ok {
		return open("It tries all keys of the issuer, which was not done here.")
	}
	for _, k := range list {
		if usable(k, r) && fit(k) {
			t.tried = append(t.tried, k)
		}
	}
	if len(t.tried) == 0 {
		return broken("no kid", "a kid")
	}
	if (r.mode == oneKey || r.mode == onlyKey) && len(t.tried) > 1 {
		t.tried = nil
		return finding{outcome: breaks, odd: true, why: "The token has no kid, and the key set holds more than one key."}
	}
	return holding
}

// candidate returns the key that is tried first.
func (t *trial) candidate() (validate.Key, bool) {
	if len(t.tried) == 0 {
		return validate.Key{}, false
	}
	return t.tried[0], true
}

// fits judges whether a key can verify the algorithm at all, and keeps those.
func (t *trial) fits(r *rule) finding {
	alg, _ := t.t.header.text("alg")
	if len(t.tried) == 0 {
		return holding // the rule for the key has spoken
	}
	if r.mode == orMAC { // version 8 does not mind small letters
		if alg = strings.ToUpper(alg); strings.HasPrefix(alg, "HS") {
			return holding
		}
	}
	t.tried = slices.DeleteFunc(t.tried, func(k validate.Key) bool { return !fits(alg, k, r.mode) })
	if len(t.tried) == 0 {
		return broken(alg, "")
	}
	return holding
}

// fits reports whether a key can verify alg; how says what is looked at.
func fits(alg string, k validate.Key, how mode) bool {
	if k.Algorithm != "" && k.Algorithm != alg && how == plain {
		return false
	}
	switch public := k.Public.(type) {
	case *rsa.PublicKey:
		return strings.HasPrefix(alg, "RS") || strings.HasPrefix(alg, "PS")
	case *ecdsa.PublicKey:
		if how == kindOnly {
			return strings.HasPrefix(alg, "ES")
		}
		bits := public.Params().BitSize
		return bits < len(curves) && alg == curves[bits]
	}
	return false
}

// keySize judges the size of an RSA key.
func (t *trial) keySize(r *rule) finding {
	for _, k := range t.tried {
		if public, ok := k.Public.(*rsa.PublicKey); !ok || public.N.BitLen() >= r.skew {
			return holding
		}
	}
	return when(len(t.tried) == 0)
}

// family judges which kind of algorithm "alg" is.
func (t *trial) family(r *rule) finding {
	alg, _ := t.t.header.text("alg")
	refused := map[kind]string{kindNoMAC: "HS", kindNoPSS: "PS", kindNotNone: "none"}[r.kind]
	if strings.HasPrefix(alg, refused) {
		return broken(alg, "")
	}
	return holding
}

// verify judges the signature.
func (t *trial) verify(r *rule) finding {
	alg, _ := t.t.header.text("alg")
	if r.mode == publicMAC { // version 8 does not mind small letters
		alg = strings.ToUpper(alg)
	}
	switch {
	case t.report.Token.ForGraph():
		return finding{outcome: breaks, why: "Graph's tokens carry a nonce that only Graph can undo: no signature check of others holds."}
	case !t.t.signed:
		return broken("", "")
	case len(t.tried) == 0:
		return holding // the rule for the key has spoken: it is open
	case r.mode == publicMAC && strings.HasPrefix(alg, "HS"):
		return t.mac(alg)
	case !slices.Contains(known[:], alg):
		return broken(alg, "")
	case r.mode != keyAlg && t.same() && t.tried[0].ID == t.key.ID && t.report.Status("signature") == validate.StatusPass:
		return holding
	case t.keys == nil:
		return open("It hangs on the signature; there is nothing here to verify it with.")
	}
	for _, k := range t.tried {
		if r.mode == keyAlg {
			alg = algorithmOf(k)
		}
		if t.check(alg, k, r.mode) == nil {
			t.tried = []validate.Key{k}
			return holding
		}
	}
	return broken("", "")
}

// same reports that the platform reads the same bytes as the report does.
func (t *trial) same() bool {
	token := t.report.Token
	return t.t.input == token.SigningInput && string(t.t.signature) == string(token.Signature)
}

// check verifies with the key. A key too short for the source of keys, or on
// another curve, is one that some libraries take nevertheless.
func (t *trial) check(alg string, k validate.Key, how mode) error {
	h := hashOf(alg)
	switch public := k.Public.(type) {
	case *rsa.PublicKey:
		if public.N.BitLen() < 2048 && strings.HasPrefix(alg, "RS") {
			return rsa.VerifyPKCS1v15(public, h, t.digest(h), t.t.signature)
		}
		if how == anySalt && strings.HasPrefix(alg, "PS") {
			return rsa.VerifyPSS(public, h, t.digest(h), t.t.signature, nil)
		}
	case *ecdsa.PublicKey:
		if !fits(alg, k, typeOnly) {
			half := len(t.t.signature) / 2
			r, s := new(big.Int).SetBytes(t.t.signature[:half]), new(big.Int).SetBytes(t.t.signature[half:])
			if !ecdsa.Verify(public, t.digest(h), r, s) {
				return validate.ErrSignature
			}
			return nil
		}
	}
	return t.keys.Verify(alg, k, []byte(t.t.input), t.t.signature)
}

// algorithmOf is the algorithm that a key stands for: the one that it names, else
// RS256, or the one of its curve.
func algorithmOf(k validate.Key) string {
	if k.Algorithm != "" {
		return k.Algorithm
	}
	if public, ok := k.Public.(*ecdsa.PublicKey); ok {
		if bits := public.Params().BitSize; bits < len(curves) {
			return curves[bits]
		}
	}
	return "RS256"
}

// curves binds sizes of curves to algorithms (RFC 7518 section 3.4).
var curves = [...]string{256: "ES256", 384: "ES384", 521: "ES512"}

// digest is the hash of what the signature covers.
func (t *trial) digest(h crypto.Hash) []byte {
	sum := h.New()
	_, _ = sum.Write([]byte(t.t.input)) // a hash never fails to write
	return sum.Sum(nil)
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
func (t *trial) mac(alg string) finding {
	sum := map[string]func() hash.Hash{"HS256": sha256.New, "HS384": sha512.New384, "HS512": sha512.New}[alg]
	if sum == nil {
		return broken(alg, "")
	}
	for _, secret := range texts(t.tried[0].Public) {
		m := hmac.New(sum, secret)
		_, _ = m.Write([]byte(t.t.input)) // a hash never fails to write
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
