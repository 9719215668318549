// Package claims is the glossary of what stands in a token: for each claim and
// header member its meaning in plain words, who may read it, the trap in it,
// an example and where it is written.
//
// It explains names, never values: it does not judge a token, and a claim that
// is missing here is not wrong, only unknown.
package claims

import "flowscope/validate"

// Group is the heading under which a claim is shown.
type Group string

// The groups, in the words of a reader's questions.
const (
	// ForWhom holds what says who issued the token and who may take it.
	ForWhom Group = "For whom"
	// Who holds what says for whom and by which client it was asked for.
	Who Group = "Who"
	// WhatItMayDo holds permissions.
	WhatItMayDo Group = "What it may do"
	// When holds times.
	When Group = "When"
	// SignedBy holds the members of the header.
	SignedBy Group = "Signed by"
	// SignIn holds how the person or the client proved who they are.
	SignIn Group = "How they signed in"
	// Internal holds what only the issuer understands.
	Internal Group = "Internal"
)

// Groups returns the groups in the order in which a screen shows them.
func Groups() []Group {
	return []Group{ForWhom, Who, WhatItMayDo, When, SignedBy, SignIn, Internal}
}

// Entry explains one claim or header member.
type Entry struct {
	// Name is the member's name.
	Name string
	// Meaning is one short sentence that a person would say.
	Meaning string
	// Type is the JSON type, with the form of the value where it has one.
	Type string
	// Presence says when Entra writes it: "always", "optional claim" (to be switched
	// on in the registration), a version, a kind of token.
	Presence string
	// Detail says more: form, rules, differences between v1.0 and v2.0.
	Detail string
	// Reader says who may read or use it.
	Reader string
	// Trap is the mistake that people make with it; "" where none is known.
	Trap string
	// Example is a value as it looks in JSON.
	Example string
	// Source is where it is written.
	Source string
	// Group is the heading it belongs under.
	Group Group

	kind validate.Kind // only for this kind of token; "" for every kind
}

// Where claims are written.
const (
	accessRef   = "Entra: access token claims reference"
	idRef       = "Entra: ID token claims reference"
	optionalRef = "Entra: optional claims reference"
	oidcCore    = "OpenID Connect Core section 2"
	agentRef    = "Entra: agent identities, token claims"
)

// Who may read a claim.
const (
	byAPI      = "The API; the client must not look into an access token."
	byClient   = "The client."
	byReceiver = "Whoever the token is for: the API or the client."
	byIssuer   = "Entra alone."
)

// Lookup explains the claim called name as it is meant in a token of this
// kind; names are compared exactly. A kind other than access or ID, or "",
// gets the general meaning. It returns false for a name it does not know.
func Lookup(name string, kind validate.Kind) (Entry, bool) {
	var found Entry
	ok := false
	for _, table := range tables() {
		for i := range table {
			e := &table[i]
			if e.Name != name {
				continue
			}
			if e.kind == kind && kind != "" {
				return *e, true
			}
			if e.kind == "" || !ok {
				found, ok = *e, true
			}
		}
	}
	return found, ok
}

// Header explains the member of the JOSE header called name.
func Header(name string) (Entry, bool) {
	for i := range headers {
		if headers[i].Name == name {
			return headers[i], true
		}
	}
	return Entry{}, false
}

// All returns every claim and then every header member, each once per meaning.
func All() []Entry {
	var out []Entry
	for _, table := range tables() {
		out = append(out, table...)
	}
	return append(out, headers[:]...)
}

func tables() [3][]Entry { return [3][]Entry{core[:], people[:], internal[:]} }
