package validate

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// wordLimit is how many characters of anything from outside a sentence takes in.
const wordLimit = 240

// Result is one check in words. Text from the token is free of control
// characters and bounded in length.
type Result struct {
	// ID is one of IDs.
	ID string `json:"id"`
	// Status is the outcome.
	Status Status `json:"status"`
	// Expected is what the rule asks for, Found what the token has; either may be "".
	Expected string `json:"expected"`
	Found    string `json:"found"`
	// Why is one sentence on the outcome. Fix says what to change, without a
	// full stop; it is "" where nothing has to be changed.
	Why string `json:"why"`
	Fix string `json:"fix"`
	// Source is where the rule is written.
	Source string `json:"source"`
}

// Checks returns all checks in the order of IDs. The words are put together
// at each call.
func (r *Report) Checks() []Result {
	out := make([]Result, checkCount)
	for i := range out {
		out[i] = r.words(i)
	}
	return out
}

func (r *Report) words(i int) Result {
	o := &r.outcomes[i]
	expected, found := r.Sides(i)
	note := printable(o.note, wordLimit)
	return Result{
		ID: ids[i], Status: o.status, Expected: expected, Found: found,
		Why: fill(o.why, note, found, expected), Fix: fill(o.fix, note, found, expected), Source: o.source,
	}
}

// sides returns what check i expects and what it found.
func (r *Report) sides(i int) (expected, found string) {
	t, c, want := r.Token, &r.Token.c, &r.want
	switch i {
	case ixFormat:
		return "three base64url segments: header, claims, signature", r.formatFound()
	case ixAlgorithm:
		return strings.Join(r.algorithms(), ", "), t.h.alg
	case ixKey:
		return r.keyExpected(), r.keyFound()
	case ixSignature:
		if r.given() {
			return "made with the key that was given over the first two segments", r.signatureFound()
		}
		return "made with the issuer's key over the first two segments", r.signatureFound()
	case ixIssuer:
		return expandIssuer(want.Issuer, c.tid), c.iss
	case ixAudience:
		return strings.Join(want.Audiences, " or "), strings.Join(words(c.aud, false), ", ")
	case ixExpiry, ixNotBefore, ixIssuedAt, ixLifetime:
		return r.timeSides(i)
	case ixTenant:
		return strings.Join(want.Tenants, " or "), c.tid
	case ixTokenType:
		return r.typeExpected(), r.typeFound()
	case ixNonce:
		return want.Nonce, c.nonce
	case ixScope:
		return strings.Join(want.Scopes, " "), strings.Join(words(c.scp, true), " ")
	case ixRoles:
		return strings.Join(want.Roles, ", "), strings.Join(words(c.roles, false), ", ")
	case ixAuthorizedParty:
		if r.outcomes[i].phrase == &azpDisagree {
			return want.ClientID, "azp " + c.azp + ", appid " + c.appid
		}
		return want.ClientID, c.client()
	case ixHash:
		return r.hashSides()
	}
	return r.versionExpected(), r.versionFound()
}

func (r *Report) formatFound() string {
	t := r.Token
	switch {
	case len(t.Faults) > 0:
		return t.Faults.Error()
	case t.Kind == KindEncrypted:
		return "an encrypted token of five segments"
	case t.Kind == KindRefresh:
		return "a refresh token, " + strconv.Itoa(len(t.Raw)) + " characters"
	case t.shape == shapeOpaque:
		return "an opaque string, " + strconv.Itoa(len(t.Raw)) + " characters"
	}
	return "three segments, " + strconv.Itoa(t.Header.Len()) + " header members, " + strconv.Itoa(t.Claims.Len()) + " claims"
}

func (r *Report) keyExpected() string {
	issuer := expandIssuer(r.want.Issuer, r.Token.c.tid)
	if issuer == "" {
		issuer = r.Token.c.iss
	}
	if issuer == "" {
		return "a signing key that the issuer publishes"
	}
	return "a signing key that " + printable(issuer, 120) + " publishes"
}

func (r *Report) keyFound() string {
	kid := printable(r.Token.h.kid, 80)
	if !r.hasKey {
		return kid
	}
	found := kid + ", " + keyName(r.key)
	if source := sourceWords(r.key.Source); source != "" {
		if plain, ok := strings.CutSuffix(source, " earlier"); ok && !r.key.Fetched.IsZero() {
			source = plain + " just now"
			if r.key.Age >= time.Second {
				source = plain + " " + span(r.key.Age) + " ago"
			}
		}
		found += ", " + source
	}
	return found
}

// sourceWords says where a key came from: "live URL" and "cache URL" in words,
// with the host alone, and anything else as it stands.
func sourceWords(source string) string {
	how, address, _ := strings.Cut(printable(source, 160), " ")
	host := ""
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		host = " from " + u.Host
	}
	switch how {
	case "live":
		return "fetched" + host + " just now"
	case "cache":
		return "fetched" + host + " earlier"
	case "file":
		return "from the key set given"
	}
	return printable(source, 160)
}

// keyName says type and size of a key.
func keyName(k Key) string {
	switch public := k.Public.(type) {
	case *rsa.PublicKey:
		if public.N == nil {
			return "a broken RSA key"
		}
		return "RSA " + strconv.Itoa(public.N.BitLen()) + " bits"
	case *ecdsa.PublicKey:
		if public.Curve == nil {
			return "a broken EC key"
		}
		return "EC " + public.Params().Name
	}
	return "a key of another type"
}

func (r *Report) signatureFound() string {
	switch o := r.outcomes[ixSignature]; {
	case o.status == StatusPass:
		return strconv.Itoa(len(r.Token.Signature)) + " bytes that fit"
	case o.phrase == &signatureWrong, o.phrase == &signatureWrongGiven, o.phrase == &signatureNonce, o.phrase == &signatureMicrosoft:
		return strconv.Itoa(len(r.Token.Signature)) + " bytes that do not fit"
	case o.phrase == &signatureShort:
		return strconv.Itoa(len(r.Token.Signature)) + " bytes"
	case o.phrase == &signatureEmpty:
		return "no signature"
	}
	return "not computed"
}

func (r *Report) typeExpected() string {
	text := "an access token or an ID token"
	switch r.want.Type {
	case KindAccess:
		text = "an access token"
	case KindID:
		text = "an ID token"
	}
	return text + of(r.want.Caller)
}

func (r *Report) typeFound() string {
	if r.Kind == KindOpaque && r.Token.shape == shapeSigned {
		return "" // a token whose claims could not be read
	}
	text := ""
	switch r.Kind {
	case KindAccess:
		text = "an access token"
	case KindID:
		text = "an ID token"
	case KindRefresh:
		text = "a refresh token"
	case KindEncrypted:
		text = "an encrypted token"
	case KindOpaque:
		text = "an opaque string"
	}
	return text + of(r.SubjectKind)
}

// of says for whom a token speaks, "" where that is open.
func of(subject string) string {
	switch subject {
	case SubjectUser:
		return " for a person"
	case SubjectApp:
		return " of an application as itself"
	}
	return ""
}

func (r *Report) hashSides() (expected, found string) {
	c := &r.Token.c
	h, ok := hashOf(r.Token.h.alg)
	var want, got []string
	if c.atHash != "" {
		got = append(got, "at_hash "+c.atHash)
	}
	if ok && r.want.AccessToken != "" && (c.atHash != "" || r.want.FrontChannel) {
		want = append(want, "at_hash "+halfHash(h, r.want.AccessToken))
	}
	if c.cHash != "" {
		got = append(got, "c_hash "+c.cHash)
	}
	if ok && r.want.Code != "" && (c.cHash != "" || r.want.FrontChannel) {
		want = append(want, "c_hash "+halfHash(h, r.want.Code))
	}
	return strings.Join(want, ", "), strings.Join(got, ", ")
}

func (r *Report) versionExpected() string {
	if form := r.Token.c.issVersion; form != "" {
		return form
	}
	return "1.0 or 2.0"
}

func (r *Report) versionFound() string {
	v, _ := r.Token.Claims.Get("ver")
	return v.Text()
}
