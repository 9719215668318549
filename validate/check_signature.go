package validate

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"errors"
	"slices"
	"strings"
)

// minRSABits is the smallest modulus that may verify anything (RFC 7518 section 3.3).
const minRSABits = 2048

// supported lists the signature algorithms that can be allowed at all (RFC 7518 section 3.1).
var supported = [...]string{
	"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
}

func isSupported(alg string) bool { return slices.Contains(supported[:], alg) }

// algorithms returns the list of what may sign this token. It is made from
// what the caller and the issuer's metadata say, never from the token.
func (r *Report) algorithms() []string {
	out := make([]string, 0, 4)
	add := func(list []string) {
		for _, alg := range list {
			if isSupported(alg) && !slices.Contains(out, alg) {
				out = append(out, alg)
			}
		}
	}
	if r.want.Algorithms != nil {
		add(r.want.Algorithms)
		return out
	}
	add([]string{"RS256"})
	if r.hasKey {
		add(r.key.Declared)
	}
	return out
}

func (r *Report) allowed(alg string) bool {
	if alg == "RS256" && r.want.Algorithms == nil {
		return true
	}
	return slices.Contains(r.algorithms(), alg)
}

func (r *Report) checkAlgorithm() outcome {
	h := &r.Token.h
	switch {
	case r.Token.Header == nil, r.Token.Header.cut && !h.hasAlg:
		return outcome{phrase: &headerUnread}
	case !h.hasAlg || h.alg == "":
		return outcome{phrase: &algMissing}
	case isNone(h.alg):
		return outcome{phrase: &algNone}
	case isHMAC(h.alg):
		return outcome{phrase: &algHMAC}
	case isEdwards(h.alg):
		return outcome{phrase: &algEdwards}
	case !isSupported(h.alg):
		return outcome{phrase: &algUnknown}
	case !r.allowed(h.alg):
		// Without the issuer's metadata the list may be incomplete; Entra's is known.
		if r.want.Algorithms == nil && isSupported(h.alg) && !r.hasKey && !r.keyRefused() && !entraIssuer(r.Token.c.iss) {
			return outcome{phrase: &algListUnknown}
		}
		return outcome{phrase: &algNotListed}
	case r.hasKey && r.key.Algorithm != "" && r.key.Algorithm != h.alg:
		return outcome{phrase: &algKeyMember, note: r.key.Algorithm}
	case r.hasKey && !fits(h.alg, r.key.Public):
		return outcome{phrase: &algKeyType, note: keyName(r.key)}
	}
	return outcome{phrase: &algOK}
}

// isNone recognises the "algorithm" of no signature, in every spelling.
func isNone(alg string) bool { return strings.EqualFold(alg, "none") }

// isHMAC recognises the algorithms with a shared secret, in every spelling.
func isHMAC(alg string) bool { return len(alg) > 2 && strings.EqualFold(alg[:2], "HS") }

// isEdwards recognises the algorithms of Edwards curves (RFC 8037 section 3.1 and RFC 9864).
func isEdwards(alg string) bool { return len(alg) > 1 && strings.EqualFold(alg[:2], "Ed") }

// fits reports whether a key of this type and curve can verify alg at all.
func fits(alg string, public any) bool {
	switch k := public.(type) {
	case *rsa.PublicKey:
		return alg[0] == 'R' || alg[0] == 'P'
	case *ecdsa.PublicKey:
		size := map[string]int{"ES256": 256, "ES384": 384, "ES512": 521}[alg]
		return k.Curve != nil && k.Curve.Params().BitSize == size
	}
	return false
}

// keyRefused reports a key error that speaks against the token, so that the
// issuer's answer is known.
func (r *Report) keyRefused() bool {
	reason, ok := keyReason(r.keyErr)
	return ok && (reason == KeyUnknown || reason == KeyUnusable)
}

// checkKey judges how the token names its key and the key itself; kid is what
// is wrong with the "kid" alone.
func (r *Report) checkKey(kid *phrase) outcome {
	t := r.Token
	switch {
	case len(t.h.material) > 0:
		return outcome{phrase: &keyMaterial, note: strings.Join(t.h.material, ", ")}
	case kid != nil:
		return outcome{phrase: kid}
	case !r.hasKey:
		return r.noKey()
	case r.key.Use != "" && r.key.Use != "sig":
		return outcome{phrase: &keyUse, note: r.key.Use}
	case weak(r.key):
		return outcome{phrase: &keyWeak, note: keyName(r.key)}
	case r.key.CertificateMatches != nil && !*r.key.CertificateMatches:
		return outcome{phrase: &keyCertificate}
	case r.key.Cloud != "" && r.key.MetadataCloud != "" && r.key.Cloud != r.key.MetadataCloud:
		return outcome{phrase: &keyCloud, note: r.key.Cloud}
	case r.key.Issuer != "" && r.issuerUnread(r.key.Issuer):
		return outcome{phrase: &claimsUnread}
	case r.key.Issuer != "" && !r.keyIssuerHolds():
		return outcome{phrase: &keyIssuer, note: r.key.Issuer}
	}
	switch {
	case t.h.x5t != "" && t.h.x5t != t.h.kid && t.c.guidTid && t.Version != "":
		return outcome{phrase: &keyTwoNames, note: t.h.x5t}
	case !t.h.hasKid:
		return outcome{phrase: &keyOnly}
	case r.key.Trouble != "":
		return outcome{phrase: &keyOld, note: r.key.Trouble}
	case r.given():
		return outcome{phrase: &keyGiven}
	case r.key.Issuer == "" && strings.Contains(r.key.MetadataIssuer, tenantPlaceholder):
		return outcome{phrase: &keyShared}
	}
	return outcome{phrase: &keyOK}
}

func weak(k Key) bool {
	public, ok := k.Public.(*rsa.PublicKey)
	return ok && (public.N == nil || public.N.BitLen() < minRSABits || public.E < 3)
}

// keyIssuerHolds compares the key's own issuer with the token's. Entra's keys
// carry the v2.0 form, also where they sign v1.0 tokens. A token without "tid"
// is held to the tenant of its "iss".
func (r *Report) keyIssuerHolds() bool {
	c := &r.Token.c
	if c.fromIssuer(r.key.Issuer) {
		return true
	}
	tid := c.tid
	if !c.hasTid { // an ID token without the scope profile: the tenant is the one that "iss" names
		if tid = c.issTenant; expandIssuer(r.key.Issuer, tid) == c.iss && tid != "" {
			return true
		}
	}
	return c.issVersion == "1.0" && slices.Contains(v2Issuers(c.iss, c.issTenant), expandIssuer(r.key.Issuer, tid))
}

func (r *Report) noKey() outcome {
	note := "it gave no reason"
	if cause := errors.Unwrap(r.keyErr); cause != nil {
		note = cause.Error()
	} else if r.keyErr != nil {
		note = r.keyErr.Error()
	}
	reason, ok := keyReason(r.keyErr)
	if !ok {
		return outcome{phrase: &keyUnreachable, note: note}
	}
	p := &keyUnreachable
	switch reason {
	case KeyNoSource:
		p = &keyNoSource
	case KeyNotAllowed:
		if p = &keyNotAllowed; r.want.Issuer == "" && r.unread("iss") {
			p = &claimsUnread
		}
	case KeyElsewhere:
		p = &keyElsewhere
	case KeyMetadata:
		p = &keyMetadata
	case KeyUnknown:
		switch p = &keyUnknown; {
		case givenKeys(r.keyErr):
			p = &keyUnknownGiven
		case errors.Unwrap(r.keyErr) != nil:
			p = &keyUnknownYet
		}
	case KeyIncomplete:
		p = &keyIncomplete
	case KeyUnusable:
		p = &keyUnusable
	}
	return outcome{phrase: p, note: note}
}

func (r *Report) checkSignature(keys KeySource) outcome {
	t := r.Token
	algStatus := r.outcomes[ixAlgorithm].status
	need, exact := r.signatureSize()
	switch {
	case algStatus == StatusPass && len(t.Signature) > 0 && len(t.Signature) < need:
		return outcome{phrase: &signatureShort, note: missingEnd(len(t.Signature), need, exact)}
	case t.ForGraph():
		return outcome{phrase: &signatureGraph}
	case algStatus != StatusPass:
		return outcome{phrase: &signatureAlgorithm}
	case t.signed == nil, t.Header.cut, t.h.nonce != "" && t.c.cut && t.c.aud.Type == TypeNone:
		return outcome{phrase: &signatureUnread}
	case len(t.Signature) == 0:
		if t.segmentFault("signature") {
			return outcome{phrase: &signatureUnread}
		}
		return outcome{phrase: &signatureEmpty}
	case !r.hasKey:
		return outcome{phrase: &signatureNoKey}
	case weak(r.key), r.outcomes[ixKey].phrase == &keyUse, r.outcomes[ixKey].phrase == &keyCertificate:
		return outcome{phrase: &signatureNoKey}
	}
	if err := keys.Verify(t.h.alg, r.key, t.signed, t.Signature); err != nil {
		switch {
		case t.h.nonce != "" && t.forMicrosoft():
			return outcome{phrase: &signatureMicrosoft}
		case t.h.nonce != "":
			return outcome{phrase: &signatureNonce}
		}
		if r.given() {
			return outcome{phrase: &signatureWrongGiven}
		}
		return outcome{phrase: &signatureWrong}
	}
	switch {
	case r.given():
		return outcome{phrase: &signatureGiven}
	case r.key.Trouble != "":
		return outcome{phrase: &signatureLast}
	}
	return outcome{phrase: &signatureOK}
}

// given reports a key out of a set that somebody gave: no metadata led to it, so
// nothing says that it is the issuer's.
func (r *Report) given() bool { return r.hasKey && r.key.MetadataIssuer == "" }

// signatureSize is the least that the signature takes, in bytes, and with an RSA
// key of the issuer exactly its size (RFC 8017 section 8.1.2 and 8.2.2).
func (r *Report) signatureSize() (size int, exact bool) {
	if public, ok := r.key.Public.(*rsa.PublicKey); ok && r.hasKey && public.N != nil {
		return public.Size(), true
	}
	return signatureSize(r.Token.h.alg)
}

// segmentFault reports whether a part of the token could not be decoded.
func (t *Token) segmentFault(part string) bool {
	return slices.ContainsFunc(t.Faults, func(f Fault) bool { return f.Part == part || f.Part == "token" })
}
