package explain

import (
	"fmt"
	"time"
)

// Member is one member of an assertion: what it says, and what it means there.
type Member struct {
	Header  bool // of the header, else of the claims
	Name    string
	Value   string
	Meaning string // one short sentence, without a full stop; empty where none is known
}

// assertionMembers say what the members of a client assertion mean (RFC 7523
// section 3; Entra: certificate-credentials). In the order in which they are
// shown, the header first. Read and never written to.
var assertionMembers = []Member{
	{true, "alg", "", "how it is signed: PS256 or RS256 by a certificate, RS256 by another issuer"},
	{true, "typ", "", "that it is a JWT"},
	{true, "kid", "", "which key of the other issuer signed it"},
	{true, "x5t#S256", "", "the SHA-256 of the certificate: which registered key to check it with"},
	{true, "x5t", "", "the SHA-1 of the certificate: which registered key to check it with"},
	{true, "x5c", "", "the certificate and those above it: trusted by subject name and issuer, so that a renewal needs no upload"},
	{false, "iss", "", "who made it: the application itself, or the issuer that it trusts"},
	{false, "sub", "", "whom it speaks for: the application, or what runs at the other issuer"},
	{false, "aud", "", "for whom it is: this token endpoint, or what the federated credential names"},
	{false, "jti", "", "its own number, a new one each time"},
	{false, "iat", "", "when it was made"},
	{false, "nbf", "", "from when on it is good"},
	{false, "exp", "", "when it ends: minutes later, so that a copy is soon worth nothing"},
}

// Assertion reads header and claims of a client assertion, which may be shown:
// what must not be is the whole, for whoever has that is the application until it
// ends. False: the value is no signed JWT.
func Assertion(value string) ([]Member, bool) {
	var out []Member
	header, claims := partOf(value, 0), partOf(value, 1)
	if header == nil || claims == nil {
		return nil, false
	}
	for _, m := range assertionMembers {
		part := claims
		if m.Header {
			part = header
		}
		if part[m.Name] == nil {
			continue
		}
		switch at, ok := part.at(m.Name); {
		case m.Name == "x5c":
			m.Value = fmt.Sprintf("%d certificates", len(part.values(m.Name)))
		case ok:
			m.Value = at.Format(time.RFC3339)
		default:
			m.Value = shown(part.list(m.Name))
		}
		out = append(out, m)
	}
	return out, true
}
