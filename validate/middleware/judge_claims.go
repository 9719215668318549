package middleware

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"flowscope/validate"
)

// put puts one rule to the token.
func (t *trial) put(r *rule) finding {
	switch r.kind {
	case kindSegments, kindHeader, kindReadable, kindClaims, kindSigned, kindKeyIDText, kindCrit, kindB64, kindType:
		return t.text(r)
	case kindAlgorithm:
		return t.algorithm(r)
	case kindKey:
		return t.findKey(r)
	case kindNoMAC, kindNoPSS, kindNotNone:
		return t.family(r)
	case kindFits:
		return t.fits(r)
	case kindKeySize:
		return t.keySize(r)
	case kindSignature:
		return t.verify(r)
	case kindKeyIssuer:
		return t.keyIssuer()
	case kindOneTenant:
		return t.oneTenant()
	case kindOneAudience:
		var list []json.RawMessage
		v, there := t.t.claims.get("aud")
		return when(!there || json.Unmarshal(v, &list) != nil || len(list) < 2)
	case kindOrder:
		return t.order(r)
	}
	return t.claim(r)
}

// text judges the shape of the token and the header.
func (t *trial) text(r *rule) finding {
	n := len(t.t.segments)
	switch r.kind {
	case kindSegments:
		if len(t.report.Token.Raw) > maxText {
			return finding{outcome: breaks, why: "No web server hands on a header of this size."}
		}
		if n == 3 || r.mode == atLeast && n > 3 {
			return holding
		}
		return broken(strconv.Itoa(n), "3")
	case kindHeader:
		return when(t.t.header != nil && (!t.p.how.refusesTwice() || t.t.header.twice == ""))
	case kindClaims:
		if typ, _ := t.t.header.text("typ"); r.mode == loosely && (typ != "JWT" || t.t.text) {
			return holding
		}
		return when(t.t.claims != nil && (!t.p.how.refusesTwice() || t.t.claims.twice == ""))
	case kindReadable:
		return when(t.t.decoded && t.t.signed)
	case kindSigned:
		return when(n > 2 && strings.TrimSpace(t.t.segments[n-1]) != "")
	case kindKeyIDText:
		_, there := t.t.header.get("kid")
		_, ok := t.t.header.text("kid")
		return when(!there || ok)
	case kindCrit:
		return t.crit(r)
	case kindB64:
		v, _ := t.t.header.get("b64")
		return when(string(v) != "false")
	}
	return t.typ(r)
}

// refusesTwice says that a platform's reader takes no object with two members
// of one name.
func (m manner) refusesTwice() bool { return m == mannerJava }

func when(ok bool) finding {
	if ok {
		return holding
	}
	return broken("", "")
}

// crit judges "crit": it must be a list of extensions that are understood, and
// "b64" is the only one that anybody understands.
func (t *trial) crit(r *rule) finding {
	v, there := t.t.header.get("crit")
	if !there {
		return holding
	}
	var names []string
	if json.Unmarshal(v, &names) != nil || len(names) == 0 && r.mode != empty {
		return finding{outcome: breaks, odd: true, why: "crit is no list of names."}
	}
	for _, name := range names {
		if _, there := t.t.header.get(name); name != "b64" || !there {
			return broken(name, "")
		}
	}
	// A JWT never has its payload unencoded (RFC 7797 section 7).
	b64, _ := t.t.header.get("b64")
	return when(string(b64) == "true" || len(names) == 0)
}

// typ judges "typ": JWT in any case, or nothing, save where it is needed exactly.
func (t *trial) typ(r *rule) finding {
	v, there := t.t.header.get("typ")
	typ, ok := t.t.header.text("typ")
	if r.mode == exactly {
		return when(typ == "JWT")
	}
	if !there || ok && (strings.TrimSpace(typ) == "" || strings.EqualFold(typ, "JWT")) {
		return holding
	}
	return broken(string(v), "JWT")
}

// claim judges one claim.
func (t *trial) claim(r *rule) finding {
	v, there := t.t.claims.get(r.claim)
	switch r.kind {
	case kindPresent:
		return when(there && (r.mode != notNull || string(v) != "null"))
	case kindText:
		_, ok := unquote(v, there)
		return when(!there || ok)
	case kindNumber, kindExpiry, kindNotBefore, kindIssuedAt:
		return t.date(r)
	case kindIssuer:
		return t.issuer(r)
	case kindAudience:
		return t.audience(r)
	case kindScopeOrRoles:
		return t.scopeOrRoles()
	}
	return when(!there) // kindNoHash
}

// date judges a date. The libraries count in floating point, as here.
func (t *trial) date(r *rule) finding {
	v, there := t.t.claims.get(r.claim)
	if !there || t.p.how.absent(v) {
		if r.mode == required {
			return finding{outcome: breaks, odd: true}
		}
		return holding
	}
	at, ok := t.p.how.seconds(v)
	if !ok {
		return finding{outcome: breaks, odd: true, found: r.claim + " " + string(v), why: "{found} is no date to this library."}
	}
	now := t.p.how.clock(t.want.Now)
	skew := float64(r.skew)
	switch r.kind {
	case kindExpiry:
		return when(now < at+skew || r.edge && now <= at+skew)
	case kindNotBefore, kindIssuedAt:
		return when(at < now+skew || !r.edge && at <= now+skew)
	}
	return holding
}

// issuer judges "iss".
func (t *trial) issuer(r *rule) finding {
	v, there := t.t.claims.get("iss")
	iss, text := unquote(v, there)
	if !there && r.mode == ifThere {
		return holding
	}
	if there && !text {
		return broken(string(v), t.want.Issuer)
	}
	if !there || iss == "" {
		return broken("none", t.want.Issuer)
	}
	if t.want.Issuer == "" {
		return open("It accepts the token if the issuer is the one that it is set up for.")
	}
	if r.mode == entra {
		return t.entraIssuer(iss)
	}
	if iss == t.want.Issuer {
		return holding
	}
	f := broken(iss, t.want.Issuer)
	if tid, _ := t.t.claims.text("tid"); tid != "" && strings.ReplaceAll(t.want.Issuer, placeholder, tid) == iss {
		f.why = "It compares text and fills in no {tenantid}: set up for many tenants, it refuses them all."
	}
	return f
}

// entraIssuer accepts the v1.0 and the v2.0 issuer of the tenant that is set
// up, or of the token's own where the application is open to several.
func (t *trial) entraIssuer(iss string) finding {
	tid, _ := t.t.claims.text("tid")
	host, tenant, ok := entraParts(t.want.Issuer)
	if !ok {
		return finding{outcome: settles, why: "It is made for Entra; the issuer that is expected is none of Entra's."}
	}
	if tid == "" {
		_, tid, _ = entraParts(iss)
	}
	if tid == "" {
		return broken(iss, "a tid")
	}
	if tenant == placeholder {
		tenant = tid
	}
	v2 := host + "/" + tenant + "/v2.0"
	switch iss {
	case v2, host + "/" + tenant + "/", "https://sts.windows.net/" + tenant + "/", "https://sts.chinacloudapi.cn/" + tenant + "/":
		return holding
	}
	return broken(iss, v2)
}

// placeholder stands for the tenant in Entra's metadata for several tenants.
const placeholder = "{tenantid}"

// entraParts splits an issuer of Entra's form into scheme with host, and
// tenant. The hosts of v1.0 issuers are those of v2.0 then.
func entraParts(issuer string) (host, tenant string, ok bool) {
	scheme, rest, found := strings.Cut(issuer, "://")
	name, path, more := strings.Cut(rest, "/")
	if !found || !more {
		return "", "", false
	}
	tenant, tail, _ := strings.Cut(path, "/")
	if tenant != placeholder && !validate.IsGUID(tenant) || tail != "" && strings.TrimSuffix(tail, "/") != "v2.0" {
		return "", "", false
	}
	switch name {
	case "sts.windows.net":
		name = "login.microsoftonline.com"
	case "sts.chinacloudapi.cn":
		name = "login.partner.microsoftonline.cn"
	}
	return scheme + "://" + name, tenant, true
}

// keyIssuer compares Entra's "issuer" of the key with the token's issuer, and
// with the issuer of the metadata for the token's tenant: v1.0 tokens are
// signed by keys that carry the v2.0 form.
func (t *trial) keyIssuer() finding {
	k, ok := t.candidate()
	if !ok || k.Issuer == "" {
		return holding
	}
	tid, _ := t.t.claims.text("tid")
	iss, _ := t.t.claims.text("iss")
	if tid == "" || iss != "" && !strings.Contains(iss, tid) {
		return broken(iss, k.Issuer)
	}
	effective := strings.ReplaceAll(k.Issuer, placeholder, tid)
	for _, metadata := range [...]string{t.want.Issuer, k.MetadataIssuer} {
		if host, tenant, ok := entraParts(metadata); ok {
			metadata = host + "/" + tenant + "/v2.0"
		}
		if strings.ReplaceAll(metadata, placeholder, tid) == effective {
			return holding
		}
	}
	if effective == iss {
		return holding
	}
	return broken(iss, effective)
}

// oneTenant looks for a second spelling of "tid", where the key names an issuer.
func (t *trial) oneTenant() finding {
	k, ok := t.candidate()
	if !ok || k.Issuer == "" || t.t.claims == nil {
		return holding
	}
	n := 0
	for name := range t.t.claims.members {
		if strings.EqualFold(name, "tid") {
			n++
		}
	}
	return when(n < 2)
}

// order judges "nbf" against "exp".
func (t *trial) order(r *rule) finding {
	exp, hasExp := t.t.claims.get("exp")
	nbf, hasNbf := t.t.claims.get("nbf")
	if !hasExp || !hasNbf {
		return holding
	}
	end, ok := t.p.how.seconds(exp)
	start, fine := t.p.how.seconds(nbf)
	if r.edge {
		return when(!ok || !fine || start < end)
	}
	return when(!ok || !fine || start <= end)
}

// audience judges "aud".
func (t *trial) audience(r *rule) finding {
	v, there := t.t.claims.get("aud")
	if !there && r.mode == firstOnly {
		return holding
	}
	named, ok := t.named(v, r)
	if !there || !ok {
		return broken("none that it can read", "")
	}
	want := t.stated()
	if len(want) == 0 {
		return open("It accepts the token if the audience is the one that it is set up for.")
	}
	switch r.mode {
	case entra:
		if want = t.byVersion(want[0]); len(want) == 0 {
			return finding{outcome: breaks, why: "The token has no ver of Entra's, by which the audience would be chosen."}
		}
	case spn:
		want = append(want, "spn:"+want[0])
	case firstOnly:
		want = want[:1]
	}
	for _, a := range named {
		if slices.Contains(want, a) {
			return holding
		}
		if r.slash && slices.ContainsFunc(want, func(w string) bool { return a+"/" == w || a == w+"/" }) {
			return holding
		}
	}
	return broken(strings.Join(named, ", "), strings.Join(want, " or "))
}

// named returns the audiences that a token names. Some libraries refuse a list
// that holds more than strings.
func (t *trial) named(v json.RawMessage, r *rule) ([]string, bool) {
	if s, ok := unquote(v, len(v) > 0); ok {
		return []string{s}, true
	}
	var list []json.RawMessage
	if json.Unmarshal(v, &list) != nil {
		return nil, false
	}
	out := make([]string, 0, len(list))
	for _, e := range list {
		s, ok := unquote(e, true)
		if !ok && (r.mode == wholly || r.mode == firstOnly || r.slash) {
			return nil, false
		}
		if ok {
			out = append(out, s)
		}
	}
	return out, true
}

// stated are the audiences that are expected.
func (j *judge) stated() []string {
	return slices.DeleteFunc(slices.Clone(j.want.Audiences), func(a string) bool { return a == "" })
}

// clientAlone reports that nothing but a client identifier is configured for the
// audience: what is stated is one GUID, or nothing.
func (j *judge) clientAlone() bool {
	stated := j.stated()
	return len(stated) == 0 || len(stated) == 1 && validate.IsGUID(stated[0])
}

// byVersion is Microsoft.Identity.Web's choice of audience where only the client
// identifier is configured: the identifier for version 2.0, "api://" before it
// for 1.0, and none for a token of no version.
func (t *trial) byVersion(clientID string) []string {
	switch ver, _ := t.t.claims.text("ver"); ver {
	case "2.0":
		return []string{clientID}
	case "1.0":
		return []string{"api://" + clientID}
	}
	return nil
}

// scopeOrRoles looks for "scp" or "roles" with at least one value in it.
func (t *trial) scopeOrRoles() finding {
	for _, name := range [...]string{"scp", "roles", "role", "http://schemas.microsoft.com/identity/claims/scope"} {
		v, there := t.t.claims.get(name)
		if there && !bytes.Equal(bytes.TrimSpace(v), []byte("[]")) {
			return holding
		}
	}
	return broken("", "")
}

// absent says that a platform takes a value for no value.
func (m manner) absent(v json.RawMessage) bool {
	return string(v) == "null" && m == mannerJava
}

// clock is the present as a platform counts it: most cut the fraction off.
func (m manner) clock(now time.Time) float64 {
	if m == mannerGo || m == mannerNET || m == mannerJava {
		return float64(now.UnixNano()) / 1e9
	}
	return float64(now.Unix())
}

// seconds reads a date as a platform does.
func (m manner) seconds(v json.RawMessage) (float64, bool) {
	s := string(v)
	switch m {
	case mannerPython, mannerPyJWT:
		return pythonInt(v)
	case mannerGo, mannerNET:
		if text, ok := unquote(v, true); ok {
			s = text
		}
	}
	if s == "" || s[0] != '-' && (s[0] < '0' || s[0] > '9') {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	switch {
	case m == mannerAtob || m == mannerNode:
		return f, true // out of range is Infinity, which is a number there
	case m == mannerNET:
		return math.RoundToEven(f), err == nil && math.Abs(f) < 1<<63
	case math.Abs(f) >= 1<<63, m == mannerJava && math.Abs(f) >= 1<<53:
		return math.Inf(-1), err == nil // it wraps around into the past
	}
	return math.Trunc(f), err == nil
}

// pythonInt is int(): it takes strings of digits and booleans, cuts fractions
// off, and has no value for infinity.
func pythonInt(v json.RawMessage) (float64, bool) {
	if text, ok := unquote(v, true); ok {
		text = strings.ReplaceAll(strings.TrimSpace(text), "_", "")
		n, err := strconv.ParseInt(text, 10, 64)
		return float64(n), err == nil
	}
	switch string(v) {
	case "true":
		return 1, true
	case "false":
		return 0, true
	}
	f, err := strconv.ParseFloat(string(v), 64)
	// A whole number of any length is one; infinity is none.
	return math.Trunc(f), err == nil || math.IsInf(f, 0) && !bytes.ContainsAny(v, ".eE")
}
