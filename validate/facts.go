package validate

import "strings"

// headerFacts is what the checks read of the header, gathered in one pass.
type headerFacts struct {
	alg, kid, x5t, typ, nonce string
	hasAlg, hasKid            bool
	material                  []string // names of members that bring a key along
	refused                   bool     // no key can save it: none, HS, an unknown algorithm, material, crit or b64
}

// claimFacts is what the checks read of the claims, gathered in one pass.
type claimFacts struct {
	iss, sub, tid, oid, ver, azp, appid, clientID, nonce, idtyp string
	atHash, cHash                                               string
	aud, scp, roles                                             Value
	exp, nbf, iat                                               numericDate
	hasTid, person, proof, idOnly                               bool
	cut                                                         bool // not read to the end: what is missing may have been there
	managedIdentity, plainAccess                                bool
	guidTid                                                     bool   // tid is a GUID
	issVersion, issTenant                                       string // from the form of iss
}

// checked names the members whose spelling decides something. A member that
// differs from one of them in case alone makes readers disagree.
var checked = [...]string{
	"iss", "sub", "aud", "exp", "nbf", "iat", "tid", "oid", "ver", "azp", "appid", "azpacr", "appidacr",
	"client_id", "nonce", "idtyp", "scp", "scope", "roles", "groups", "wids", "at_hash", "c_hash",
	"alg", "kid", "typ", "crit", "b64", "jku", "jwk", "x5u", "x5c", "x5t", "enc", "zip",
}

// lookalike reports a second spelling of a checked member beside the first.
func (t *Token) lookalike(part string, o *Object, name string) {
	plain := true
	for i := 0; plain && i < len(name); i++ {
		c := name[i]
		plain = c < 0x80 && (c < 'A' || c > 'Z')
	}
	if plain {
		return
	}
	for _, known := range checked {
		if strings.EqualFold(name, known) && o.Has(known) {
			t.fault(part, name, "differs from \""+known+"\" in case alone; readers differ in which one they take")
		}
	}
}

// text puts the string of m into dst, or notes that it is none.
func (t *Token) text(part string, m *Member, dst *string) {
	if m.Value.Type != TypeString {
		t.fault(part, m.Name, "is "+m.Value.Type.String()+"; a string is needed")
		return
	}
	if *dst == "" {
		*dst = m.Value.text
	}
}

// readHeader gathers the facts of the header and finds what no reader may accept.
func (t *Token) readHeader() {
	if t.Header == nil {
		return
	}
	for i := range t.Header.members {
		m := &t.Header.members[i]
		switch m.Name {
		case "alg":
			t.h.hasAlg = true
			t.text("header", m, &t.h.alg)
			t.h.refused = t.h.refused || !isSupported(t.h.alg)
		case "kid":
			t.h.hasKid = true
			t.text("header", m, &t.h.kid)
		case "x5t":
			t.text("header", m, &t.h.x5t)
		case "typ":
			t.text("header", m, &t.h.typ)
		case "nonce":
			t.text("header", m, &t.h.nonce)
		case "crit":
			t.h.refused = true
			t.fault("header", "crit", "demands extensions that are not understood here (RFC 7515 section 4.1.11)")
		case "b64":
			t.h.refused = true
			t.fault("header", "b64", "changes what the signature covers (RFC 7797); no token may use it")
		case "enc", "zip":
			t.fault("header", m.Name, "belongs to encrypted tokens; this one is signed")
		case "jku", "x5u", "jwk", "x5c":
			t.h.refused = true
			t.h.material = append(t.h.material, m.Name)
		default:
			t.lookalike("header", t.Header, m.Name)
		}
	}
}

// readClaims gathers the facts of the claims and finds wrong types.
func (t *Token) readClaims() {
	t.c.cut = !t.Claims.Whole()
	if t.Claims == nil {
		return
	}
	for i := range t.Claims.members {
		m := &t.Claims.members[i]
		if !t.readText(m) && !t.readMark(m) {
			t.lookalike("claims", t.Claims, m.Name)
		}
	}
	c := &t.c
	c.guidTid = IsGUID(c.tid)
	c.issVersion, c.issTenant = issuerForm(c.iss)
	t.Version = c.ver
	if c.ver != "1.0" && c.ver != "2.0" {
		t.Version = ""
	}
	if c.hasTid && c.scp.Type == TypeArray {
		t.fault("claims", "scp", "is an array; Entra writes one string with spaces")
	}
}

// readText reads the claims that are values by themselves; false when m is none of them.
func (t *Token) readText(m *Member) bool {
	c := &t.c
	switch m.Name {
	case "iss":
		t.text("claims", m, &c.iss)
	case "sub":
		t.text("claims", m, &c.sub)
	case "oid":
		t.text("claims", m, &c.oid)
	case "azp":
		t.text("claims", m, &c.azp)
	case "appid":
		t.text("claims", m, &c.appid)
	case "client_id":
		t.text("claims", m, &c.clientID)
	case "nonce":
		t.text("claims", m, &c.nonce)
	case "at_hash":
		t.text("claims", m, &c.atHash)
	case "c_hash":
		t.text("claims", m, &c.cHash)
	case "idtyp":
		t.text("claims", m, &c.idtyp)
	case "tid":
		c.hasTid = true
		t.text("claims", m, &c.tid)
	case "ver":
		// Entra writes a string; other issuers are free to write a number.
		if m.Value.Type == TypeString || t.Claims.Has("tid") {
			t.text("claims", m, &c.ver)
		}
	case "exp":
		t.date(m, &c.exp)
	case "nbf":
		t.date(m, &c.nbf)
	case "iat":
		t.date(m, &c.iat)
	case "aud":
		t.list(m, &c.aud)
	case "roles":
		t.list(m, &c.roles)
	case "scp":
		t.list(m, &c.scp)
	default:
		return false
	}
	return true
}

// readMark reads the claims whose presence tells the kind of a token.
func (t *Token) readMark(m *Member) bool {
	c := &t.c
	switch m.Name {
	case "scope":
		if c.scp.Type == TypeNone && m.Value.Type == TypeString {
			c.scp = m.Value
		}
	case "azpacr", "appidacr":
		c.proof = true
	case "name", "preferred_username", "upn", "unique_name", "given_name", "family_name", "email":
		c.person = true
	case "xms_mirid":
		c.managedIdentity = true
	case "auth_time", "acr", "amr", "sid", "login_hint", "picture", "email_verified":
		c.idOnly = true
	case "cid", "cnf":
		c.plainAccess = true
	default:
		return false
	}
	return true
}

// date reads a NumericDate.
func (t *Token) date(m *Member, dst *numericDate) {
	if dst.ok || dst.bad {
		return
	}
	if m.Value.Type != TypeNumber {
		dst.bad = true
		t.fault("claims", m.Name, "is "+m.Value.Type.String()+"; a number of seconds is needed (RFC 7519 section 2)")
		return
	}
	var problem string
	if *dst, problem = parseDate(m.Value.Raw); problem != "" {
		t.fault("claims", m.Name, problem)
	}
}

// list reads a string or an array of strings. Entra's "roles" is always an array.
func (t *Token) list(m *Member, dst *Value) {
	if dst.Type != TypeNone && m.Name != "scp" {
		return
	}
	switch m.Value.Type {
	case TypeString:
		if m.Name == "roles" && t.Claims.Has("tid") {
			t.fault("claims", m.Name, "is a string; Entra writes an array of strings")
			return
		}
	case TypeArray:
		if _, ok := m.Value.Strings(); !ok {
			t.fault("claims", m.Name, "is an array that holds more than strings")
			return
		}
	default:
		t.fault("claims", m.Name, "is "+m.Value.Type.String()+"; a string or an array of strings is needed")
		return
	}
	*dst = m.Value
}

// words returns the strings of a list claim: the elements of an array, or the
// words of a string where spaces part them.
func words(v Value, split bool) []string {
	switch {
	case v.Type == TypeString && split:
		return strings.FieldsFunc(v.text, func(r rune) bool { return r == ' ' })
	case v.Type == TypeString:
		return []string{v.text}
	}
	out, _ := v.Strings()
	return out
}
