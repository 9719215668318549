package validate

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

// outcome is what a check came to. The words are kept apart, in the phrase,
// and only put together when somebody reads them.
type outcome struct {
	*phrase
	note string
}

// Report is the result of all checks on one token.
type Report struct {
	// Verdict follows from the checks: any failure makes the token invalid; if
	// nothing failed but something needed could not run, it is unverified.
	Verdict Verdict
	// Kind is what the token is.
	Kind Kind
	// SubjectKind is SubjectUser, SubjectApp or SubjectUnknown.
	SubjectKind string
	// Version is the token's version, "1.0" or "2.0", or "" where it names none.
	Version string
	// Token is the decoded token; never nil.
	Token *Token

	want     Expectations
	now      time.Time
	skew     time.Duration
	key      Key
	keyErr   error
	hasKey   bool
	outcomes [checkCount]outcome
}

// needed lists the checks that have to run before a token may be called valid.
var needed = [...]int{
	ixFormat, ixAlgorithm, ixKey, ixSignature, ixIssuer, ixAudience, ixExpiry, ixTokenType,
}

// Check decodes raw and puts every check to it. Keys may be nil: then key and
// signature are not run. It never fails and never panics; what is wrong is in
// the report. Errors of ctx end a key lookup and leave the token unverified.
func Check(ctx context.Context, raw string, keys KeySource, want Expectations) *Report {
	t, _ := Decode(raw) // the faults are in the token, and become the format check
	if want.ClientID != "" && len(want.Audiences) == 0 && (t.Kind == KindID || want.Type == KindID) {
		want.Audiences = []string{want.ClientID} // OpenID Connect Core 1.0 section 3.1.3.7, rule 3
	}
	if want.Type == KindID && t.bareID(want.Audiences) {
		t.Kind, t.SubjectKind = KindID, SubjectUser
	}
	r := &Report{
		Kind: t.Kind, SubjectKind: t.SubjectKind, Version: t.Version, Token: t,
		want: want, now: want.Now, skew: want.Skew,
	}
	if r.now.IsZero() {
		r.now = time.Now()
	}
	if r.skew == 0 {
		r.skew = DefaultSkew
	} else if r.skew < 0 {
		r.skew = 0
	}
	r.run(ctx, keys)
	r.Verdict = r.verdict()
	return r
}

// run puts the checks in order, save that the key is looked up first: the
// algorithms allowed depend on the metadata that comes with it.
func (r *Report) run(ctx context.Context, keys KeySource) {
	o := &r.outcomes
	o[ixFormat] = r.checkFormat()
	if r.Token.shape != shapeSigned {
		for i := ixAlgorithm; i < checkCount; i++ {
			o[i] = outcome{phrase: r.unreadable()}
		}
		return
	}
	kid := r.findKey(ctx, keys)
	o[ixAlgorithm] = r.checkAlgorithm()
	o[ixKey] = r.checkKey(kid)
	o[ixSignature] = r.checkSignature(keys)
	if r.Token.Claims == nil {
		for i := ixIssuer; i < checkCount; i++ {
			o[i] = outcome{phrase: &claimsUnread}
		}
		return
	}
	o[ixIssuer] = r.checkIssuer()
	o[ixAudience] = r.checkAudience()
	o[ixExpiry] = r.checkExpiry()
	o[ixNotBefore] = r.checkNotBefore()
	o[ixIssuedAt] = r.checkIssuedAt()
	o[ixTenant] = r.checkTenant()
	o[ixTokenType] = r.checkTokenType()
	o[ixNonce] = r.checkNonce()
	o[ixScope] = r.checkScope()
	o[ixRoles] = r.checkRoles()
	o[ixAuthorizedParty] = r.checkAuthorizedParty()
	o[ixHash] = r.checkHash()
	o[ixVersion] = r.checkVersion()
	o[ixLifetime] = r.checkLifetime()
}

// verdict applies the rule of the whole report.
func (r *Report) verdict() Verdict {
	for i := range r.outcomes {
		if r.outcomes[i].status == StatusFail {
			return Invalid
		}
	}
	for _, i := range needed {
		if r.outcomes[i].status == StatusNotRun {
			return Unverified
		}
	}
	return Valid
}

// Status returns the status of the check called id without building its
// words; "" for an id that does not exist.
func (r *Report) Status(id string) Status {
	for i, name := range ids {
		if name == id {
			return r.outcomes[i].status
		}
	}
	return ""
}

// Key returns the key that the signature was checked with and whether there was one.
func (r *Report) Key() (Key, bool) { return r.key, r.hasKey }

// KeyError is why there was no key to check the signature with, a *KeyError or
// an error of the context; nil where there was one, or where none was looked for.
func (r *Report) KeyError() error { return r.keyErr }

// Expectations returns what the report was made with, its Now filled in. The
// lists are shared: they must not be changed.
func (r *Report) Expectations() Expectations {
	want := r.want
	want.Now = r.now
	return want
}

// unreadable explains why nothing but the format can be said of a string.
func (r *Report) unreadable() *phrase {
	switch {
	case r.Token.Kind == KindEncrypted:
		return &encryptedUnread
	case r.Token.Kind == KindRefresh:
		return &refreshUnread
	}
	return &opaqueUnread
}

// largeToken is the size, in bytes, from which on common servers refuse a
// request: Node reads 16 KiB of headers in all, many proxies less.
const largeToken = 16 << 10

func (r *Report) checkFormat() outcome {
	t := r.Token
	switch {
	case t.short != "":
		return outcome{phrase: &formatCut}
	case len(t.Faults) > 0:
		return outcome{phrase: &formatFaults}
	case t.Kind == KindEncrypted:
		return outcome{phrase: &formatEncrypted}
	case t.Kind == KindRefresh:
		return outcome{phrase: &formatRefresh}
	case t.shape == shapeOpaque:
		return outcome{phrase: &formatOpaque}
	case t.c.exp.odd || t.c.nbf.odd || t.c.iat.odd:
		return outcome{phrase: &formatFraction}
	case len(t.Raw) > largeToken:
		return outcome{phrase: &formatLarge}
	}
	return outcome{phrase: &formatOK}
}

// findKey looks the key up. It returns a phrase when the "kid" itself is at
// fault or the header is refused whatever the key is; nothing is asked of
// anybody then.
func (r *Report) findKey(ctx context.Context, keys KeySource) *phrase {
	t := r.Token
	switch {
	case t.Header == nil, t.Header.cut && !t.h.hasKid:
		return &headerUnread
	case !t.h.hasKid && (isNone(t.h.alg) || isHMAC(t.h.alg)):
		return &keyNotAsked // nothing would be looked up with it
	case !t.h.hasKid && r.ofEntra():
		return &kidMissing
	case t.h.hasKid && !isKeyID(t.h.kid) && (r.ofEntra() || !plainKeyID(t.h.kid)):
		return &kidAbused
	case t.h.refused:
		return &keyNotAsked
	case keys == nil:
		r.keyErr = &KeyError{Reason: KeyNoSource}
		return r.kidAlone()
	}
	q := KeyQuery{Issuer: r.want.Issuer, Version: t.Version, KeyID: t.h.kid, Algorithm: t.h.alg}
	if q.Issuer == "" {
		q.Issuer = t.c.iss
	}
	if t.c.guidTid {
		q.TenantID = t.c.tid
	}
	if t.c.aud.Type == TypeString && slices.Contains(r.want.Audiences, t.c.aud.text) {
		for _, aud := range r.want.Audiences {
			if IsGUID(aud) && (q.AppID == "" || aud == t.c.aud.text) {
				q.AppID = aud
			}
		}
	}
	r.key, r.keyErr = keys.Key(ctx, q)
	r.hasKey = r.keyErr == nil && r.key.Public != nil
	if r.keyErr == nil && !r.hasKey {
		r.keyErr = &KeyError{Reason: KeyUnusable, Issuer: q.Issuer, Err: errors.New("it holds no public key")}
	}
	return r.kidAlone()
}

// ofEntra reports that the issuer is one of Entra's, or of that form: its
// identifiers of keys are thumbprints, and every token names one.
func (r *Report) ofEntra() bool {
	issuer := r.want.Issuer
	if issuer == "" {
		issuer = r.Token.c.iss
	}
	version, _ := issuerForm(expandIssuer(issuer, r.Token.c.tid))
	return version != "" || entraIssuer(issuer)
}

// kidAlone is what is wrong with the "kid" of an issuer that is not Entra, once its
// keys were looked at: it may be any text that names a key (RFC 7515 section
// 4.1.4), and may be left out where there is but one (OpenID Connect Core 10.1).
func (r *Report) kidAlone() *phrase {
	refused := r.keyRefused()
	switch kid := r.Token.h.kid; {
	case r.hasKey:
	case !r.Token.h.hasKid && refused:
		return &kidMissing
	case r.Token.h.hasKid && !isKeyID(kid) && (refused || looksAbused(kid)):
		return &kidAbused
	}
	return nil
}

// plainKeyID bounds a "kid" of an issuer that is not Entra: printable ASCII.
func plainKeyID(kid string) bool {
	return kid != "" && len(kid) <= 256 && !strings.ContainsFunc(kid, func(c rune) bool { return c < ' ' || c > '~' })
}

// looksAbused recognises a path, a query, an address or a command.
func looksAbused(kid string) bool {
	return strings.Contains(kid, "..") || strings.Contains(kid, "//") || strings.HasPrefix(kid, "/") || strings.ContainsAny(kid, " '\"`;|&<>(){}$\\%*?#")
}

// isKeyID bounds the "kid" to what key identifiers are made of, so that it
// can be a selector and nothing else: never a path, a query or an URL.
func isKeyID(kid string) bool {
	if kid == "" || len(kid) > 64 {
		return false
	}
	for i := 0; i < len(kid); i++ {
		c := kid[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return true
}
