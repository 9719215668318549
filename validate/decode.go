package validate

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// MaxToken is the largest token, in bytes, that is looked into: 1 MiB.
const MaxToken = 1 << 20

// shape is how a string is built, whatever it says.
type shape uint8

const (
	shapeOpaque    shape = iota // no JSON Web Token
	shapeSigned                 // three segments (RFC 7515 section 7.1), or meant to be
	shapeEncrypted              // five segments (RFC 7516 section 7.1)
)

// Token is a decoded token. What could not be read is missing, and Faults says why.
type Token struct {
	// Raw is the token as handed in.
	Raw string
	// Kind is told from the shape and the claims.
	Kind Kind
	// Header is the JOSE header; nil when it could not be read at all.
	Header *Object
	// Claims is the JWT Claims Set; nil when it could not be read at all.
	Claims *Object
	// HeaderText and ClaimsText are the decoded JSON texts as received.
	HeaderText, ClaimsText string
	// Signature is the decoded third segment.
	Signature []byte
	// SigningInput is what the signature covers: the first two segments with their dot.
	SigningInput string
	// SubjectKind is SubjectUser, SubjectApp or SubjectUnknown.
	SubjectKind string
	// Version is "1.0" or "2.0" from "ver", else "".
	Version string
	// Faults lists what is wrong with the text, in the order found.
	Faults Faults

	shape          shape
	short          string // what is missing of a copy that ends too early
	signed         []byte
	header, claims Object
	h              headerFacts
	c              claimFacts
}

// Decode reads a token strictly: exactly three base64url segments without
// padding or spare bits (RFC 7515 sections 2 and 7.1), JSON objects without
// duplicate members, claims of the right types. The token is never nil and
// holds what could be read; the error is a Faults, the same as Token.Faults.
// Opaque and encrypted tokens are no error: Kind tells them.
func Decode(raw string) (*Token, error) {
	t := &Token{Raw: raw, Kind: KindOpaque, SubjectKind: SubjectUnknown}
	t.decode()
	if len(t.Faults) > 0 {
		return t, t.Faults
	}
	return t, nil
}

// fault notes something wrong with the text of the token.
func (t *Token) fault(part, name, problem string) {
	if len(t.Faults) < maxFaults {
		t.Faults = append(t.Faults, Fault{Part: part, Name: name, Problem: problem, Offset: -1})
	}
}

func (t *Token) decode() {
	raw := t.Raw
	switch {
	case raw == "":
		t.fault("token", "", "is empty")
		return
	case len(raw) > MaxToken:
		t.fault("token", "", "is larger than 1 MiB; Entra's stay below 16 KiB")
		return
	case raw[0] == '{':
		t.fault("token", "", "is JSON; the compact form of three segments is needed")
		return
	}
	dots := strings.Count(raw, ".")
	switch {
	case dots == 2 && !isRefresh(raw):
		t.shape = shapeSigned
	case dots == 4 && opensObject(raw):
		t.shape = shapeEncrypted
	case opensObject(raw) && opensMember(raw):
		t.shape = shapeSigned
		switch {
		case dots == 0:
			t.cutOff("claims and signature are missing")
		case dots == 1:
			t.cutOff("the signature is missing")
		}
		if t.short == "" {
			t.fault("token", "", "has "+segments(dots+1)+"; header, claims and signature make three")
		} else {
			t.fault("token", "", "has "+segments(dots+1)+"; "+t.short)
		}
	default:
		t.opaque()
		return
	}
	if t.shape == shapeEncrypted {
		t.encrypted()
		return
	}
	t.signedToken()
}

// cutOff notes that a copy misses its end, and what is missing.
func (t *Token) cutOff(what string) { t.short = what }

// signatureSize is the least that a signature takes, in bytes: a modulus of 2048
// bits (RFC 7518 section 3.3), or r and s, each as long as the order (section
// 3.4). It is 0 for algorithms that can't be allowed. Exact says that no other
// size will do.
func signatureSize(alg string) (size int, exact bool) {
	switch {
	case !isSupported(alg):
		return 0, false
	case alg[0] != 'E':
		return minRSABits / 8, false
	case alg == "ES256":
		return 64, true
	case alg == "ES384":
		return 96, true
	}
	return 132, true
}

// missingEnd says how much of a signature is there and how much there has to be.
func missingEnd(have, need int, exact bool) string {
	text := "the end is missing: " + strconv.Itoa(have) + " bytes, " + strconv.Itoa(need)
	if !exact {
		text += " or more"
	}
	return text + " are needed"
}

// readSignature decodes the third segment into buf. What is no base64url at its
// very end alone, and too short for its algorithm, was cut off on its way.
func (t *Token) readSignature(src, buf []byte) {
	n, err := strict.Decode(buf, src)
	if err == nil && n == strict.DecodedLen(len(src)) {
		t.Signature = buf[:n:n]
		return
	}
	problem := base64Problem(src)
	need, exact := signatureSize(t.h.alg)
	if have := len(src) * 3 / 4; have < need && (problem == problemLength || problem == problemSpare) {
		problem = missingEnd(have, need, exact)
		t.cutOff("of the signature " + problem)
		problem = "is cut off, " + problem + "; copy it again"
	}
	t.fault("signature", "", problem)
}

func segments(n int) string {
	if n == 1 {
		return "1 segment"
	}
	return strconv.Itoa(n) + " segments"
}

// opensObject reports whether the first segment decodes to text that begins
// with a brace, told from its first two characters.
func opensObject(raw string) bool {
	if len(raw) < 2 || raw[0] != 'e' {
		return false
	}
	c := raw[1]
	return c >= 'w' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

// opensMember reports whether the brace is followed by what JSON allows there: of
// the opaque tokens of other issuers one in 256 begins like a brace by chance.
func opensMember(raw string) bool {
	first, _, _ := strings.Cut(raw, ".")
	text, _ := strict.DecodeString(first[:min(len(first), 16)&^3]) // whole groups of four characters
	for i, c := range text {
		switch {
		case i == 0 || c == ' ' || c == '\t' || c == '\r' || c == '\n':
		default:
			return c == '"' || c == '}'
		}
	}
	return false
}

// isRefresh reports the look of Entra's refresh tokens and codes: "0.A…" and
// "1.A…" of tenants, "M.…" of personal accounts.
func isRefresh(raw string) bool {
	if len(raw) < 4 {
		return false
	}
	return (raw[0] == '0' || raw[0] == '1') && raw[1] == '.' && raw[2] == 'A' ||
		strings.HasPrefix(raw, "M.C") || strings.HasPrefix(raw, "M.R")
}

func (t *Token) opaque() {
	if isRefresh(t.Raw) {
		t.Kind = KindRefresh
	}
	for i := 0; i < len(t.Raw); i++ {
		if c := t.Raw[i]; c <= ' ' || c >= 0x7f {
			t.Faults = append(t.Faults, Fault{
				Part: "token", Offset: i,
				Problem: "holds white space or characters that no token has",
			})
			return
		}
	}
}

// encrypted reads the only readable part of a JSON Web Encryption.
func (t *Token) encrypted() {
	t.Kind = KindEncrypted
	first, _, _ := strings.Cut(t.Raw, ".")
	src := []byte(first)
	text, ok := t.segment("header", src, make([]byte, len(src)))
	t.HeaderText = string(text)
	t.Header = t.parse("header", t.HeaderText, ok, &t.header)
	if t.Header.String("enc") == "" && len(t.Faults) == 0 {
		t.fault("header", "enc", "is missing; five segments are an encrypted token (RFC 7516)")
	}
}

// Members that the header and the claims of a usual token have, at most.
const (
	headerMembers = 4
	claimMembers  = 20
)

// signedToken reads header, claims and signature, each as far as it goes. The
// three live in one piece of memory, and so do the two texts.
func (t *Token) signedToken() {
	header, rest, _ := strings.Cut(t.Raw, ".")
	claims, signature, _ := strings.Cut(rest, ".")
	h, c := len(header), len(claims)
	size := len(t.Raw)
	src := make([]byte, size+strict.DecodedLen(size)+1)
	copy(src, t.Raw)
	src, buf := src[:size:size], src[size:]

	headerText, headerOK := t.segment("header", src[:h], buf)
	var claimsText []byte
	claimsOK := false
	if rest != "" {
		claimsText, claimsOK = t.segment("claims", src[h+1:h+1+c], buf[len(headerText):])
	}
	decoded := len(headerText) + len(claimsText)
	text := string(buf[:decoded])
	t.HeaderText, t.ClaimsText = text[:len(headerText)], text[len(headerText):]
	members := make([]Member, headerMembers+claimMembers)
	t.header.members = members[:0:headerMembers]
	t.claims.members = members[headerMembers:headerMembers]
	t.Header = t.parse("header", t.HeaderText, headerOK, &t.header)
	t.Claims = t.parse("claims", t.ClaimsText, claimsOK, &t.claims)

	if h+1+c < size {
		t.signed = src[:h+1+c]
		t.SigningInput = t.Raw[:h+1+c]
	}
	t.readHeader()
	if signature != "" && !strings.Contains(signature, ".") {
		t.readSignature(src[h+c+2:], buf[decoded:])
	}
	t.readClaims()
	t.Kind, t.SubjectKind = t.classify()
}

// strict is base64url without padding that refuses spare bits.
var strict = base64.RawURLEncoding.Strict()

// segment decodes one segment into buf, which is large enough, and returns the
// part of buf that it took; on a fault it returns nil and false.
func (t *Token) segment(part string, src, buf []byte) ([]byte, bool) {
	n, err := strict.Decode(buf, src)
	if err == nil && n == strict.DecodedLen(len(src)) {
		return buf[:n:n], true
	}
	problem := base64Problem(src)
	if t.short != "" && problem == problemSpare {
		problem = "is cut off" // the end of what is left
	}
	t.fault(part, "", problem)
	return nil, false
}

// What can be wrong with the end of a segment.
const (
	problemLength = "is cut off: no base64url text has this length"
	problemSpare  = "has spare bits set in its last character: another text for the same bytes"
)

// base64Problem says why src is not strict base64url.
func base64Problem(src []byte) string {
	for i, c := range src {
		switch {
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '_':
		case c == '=':
			return "is padded with \"=\"; base64url in a token has no padding"
		case c == '+' || c == '/':
			return "uses the standard base64 alphabet; tokens use base64url, with \"-\" and \"_\""
		case c == '\r' || c == '\n' || c == ' ' || c == '\t':
			return "holds white space at character " + strconv.Itoa(i)
		default:
			return "holds a character at " + strconv.Itoa(i) + " that base64url does not have"
		}
	}
	if len(src)%4 == 1 {
		return problemLength
	}
	return problemSpare
}

// parse reads the JSON object of a segment into o. Decoded says that the
// segment was base64url; it returns nil when nothing could be read.
func (t *Token) parse(part, text string, decoded bool, o *Object) *Object {
	if text == "" {
		if decoded {
			t.fault(part, "", "is empty")
		}
		return nil
	}
	if strings.HasPrefix(text, "eyJ") {
		t.fault(part, "", "is a token itself (nested, RFC 7519 section 5.2); take it out and check it alone")
		return nil
	}
	s := newScanner(text)
	s.part = part
	s.document(o)
	for _, f := range s.faults {
		if len(t.Faults) < maxFaults {
			t.Faults = append(t.Faults, f)
		}
	}
	if len(s.faults) > 0 && len(o.members) == 0 {
		return nil
	}
	return o
}
