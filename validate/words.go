package validate

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"fmt"
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
	o := r.outcomes[i]
	expected, found := r.sides(i)
	expected, found = printable(expected, wordLimit), printable(found, wordLimit)
	out := Result{
		ID: ids[i], Status: o.status, Expected: expected, Found: found,
		Why: o.why, Fix: o.fix, Source: o.source,
	}
	if strings.Contains(o.why, "{") || strings.Contains(o.fix, "{") {
		// One pass over the fixed text: what is filled in is never looked into.
		fill := strings.NewReplacer("{note}", printable(o.note, wordLimit), "{found}", found, "{expected}", expected)
		out.Why, out.Fix = fill.Replace(o.why), fill.Replace(o.fix)
	}
	return out
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
	return fmt.Sprintf("three segments, %d header members, %d claims", t.Header.Len(), t.Claims.Len())
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
			source = plain + " " + span(max(0, r.key.Age)) + " ago"
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
	case o.phrase == &signatureWrong, o.phrase == &signatureNonce:
		return strconv.Itoa(len(r.Token.Signature)) + " bytes that do not fit"
	case o.phrase == &signatureEmpty:
		return "no signature"
	}
	return "not computed"
}

// stamp writes a date with its distance from now.
func (r *Report) stamp(d numericDate) string {
	if !d.ok {
		return ""
	}
	at := d.time()
	text := at.Format("2006-01-02 15:04:05.999999999 UTC")
	switch gap := at.Sub(r.now).Round(time.Second); {
	case gap > 0:
		return text + ", in " + span(gap)
	case gap < 0:
		return text + ", " + span(-gap) + " ago"
	}
	return text + ", now"
}

// span writes a duration in at most two units.
func span(d time.Duration) string {
	units := [...]struct {
		size time.Duration
		name string
	}{{24 * time.Hour, " d"}, {time.Hour, " h"}, {time.Minute, " min"}, {time.Second, " s"}}
	for i, u := range units[:3] {
		if d < u.size || i == 0 && d < 2*u.size {
			continue
		}
		text := strconv.Itoa(int(d/u.size)) + u.name
		if next := units[i+1]; d%u.size >= next.size {
			text += " " + strconv.Itoa(int(d%u.size/next.size)) + next.name
		}
		return text
	}
	return strconv.Itoa(int(d/time.Second)) + " s"
}

func (r *Report) timeSides(i int) (expected, found string) {
	c := &r.Token.c
	now := r.now.UTC().Format("2006-01-02 15:04:05 UTC")
	switch i {
	case ixExpiry:
		return "later than " + now + " less " + span(r.skew), r.rawDate("exp", c.exp)
	case ixNotBefore:
		return "no later than " + now + " plus " + span(r.skew), r.rawDate("nbf", c.nbf)
	case ixIssuedAt:
		return "no later than " + now + " plus " + span(r.skew), r.rawDate("iat", c.iat)
	}
	start, ok := c.start()
	if ok && c.exp.ok {
		if life := c.exp.time().Sub(start); life >= 0 {
			found = span(life)
		} else {
			found = "minus " + span(-life)
		}
	}
	return "up to 28 h, and more than 5 min left", found
}

// rawDate shows a date, or the text that is none.
func (r *Report) rawDate(name string, d numericDate) string {
	if d.ok {
		return r.stamp(d)
	}
	v, _ := r.Token.Claims.Get(name)
	return v.Raw
}

func (r *Report) typeExpected() string {
	text := "an access token or an ID token"
	switch r.want.Type {
	case KindAccess:
		text = "an access token"
	case KindID:
		text = "an ID token"
	}
	switch r.want.Caller {
	case SubjectUser:
		text += " for a person"
	case SubjectApp:
		text += " of an application as itself"
	}
	return text
}

func (r *Report) typeFound() string {
	if r.Kind == KindOpaque && r.Token.shape == shapeSigned {
		return "" // a token whose claims could not be read
	}
	text := map[Kind]string{
		KindAccess: "an access token", KindID: "an ID token", KindRefresh: "a refresh token",
		KindEncrypted: "an encrypted token", KindOpaque: "an opaque string",
	}[r.Kind]
	switch r.SubjectKind {
	case SubjectUser:
		text += " for a person"
	case SubjectApp:
		text += " of an application as itself"
	}
	return text
}

func (r *Report) hashSides() (expected, found string) {
	c := &r.Token.c
	h, ok := hashOf(r.Token.h.alg)
	var want, got []string
	if c.atHash != "" {
		got = append(got, "at_hash "+c.atHash)
		if ok && r.want.AccessToken != "" {
			want = append(want, "at_hash "+halfHash(h, r.want.AccessToken))
		}
	}
	if c.cHash != "" {
		got = append(got, "c_hash "+c.cHash)
		if ok && r.want.Code != "" {
			want = append(want, "c_hash "+halfHash(h, r.want.Code))
		}
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
