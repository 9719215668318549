// Package middleware answers "what would my API do?": it judges one token by the
// rules of common libraries, as their documentation and their defaults have
// them, and says by which rule each accepts or rejects it, and where one accepts
// what it must not.
//
// The rules are data with their source and the version they were read in. Those
// of the libraries of Node, Python and Go were measured besides: each library
// was run over the labelled tokens of package validatetest, and the tests hold
// every answer to what it said. Those of .NET and Java were only read. For the
// token at hand no library is run, and what a source leaves open is said to be
// open. It refuses to fetch anything on a token's word: at most one key is asked
// for, from the source that the checks use, and that source alone decides who
// may be asked. It never advises an API to take an ID token.
package middleware

import (
	"context"

	"flowscope/validate"
)

// Profile is one library as it is commonly set up.
type Profile struct {
	// ID is a short name for scripts: "microsoft-identity-web". Of several set-ups of
	// one library the careful one has the bare name; the others say what differs:
	// "pyjwt-no-issuer".
	ID string
	// Name is the library's own name, Setup how it is set up here in a few words;
	// what differs from its other set-ups comes first.
	Name, Setup string
	// Language is the platform: ".NET", "Node", "Python", "Java", "Go".
	Language string
	// Version is the version whose rules these are, Source where they are written.
	Version, Source string
}

// Answer is what an API behind a library does with a token.
type Answer string

// The answers.
const (
	// Accepts lets the request through.
	Accepts Answer = "accepts"
	// Rejects answers 401 or 403.
	Rejects Answer = "rejects"
	// Open means that the answer hangs on something that is not known here.
	Open Answer = "open"
)

// Harm is how an answer differs from that of a careful API.
type Harm string

// The ways in which an answer differs; "" is none.
const (
	// HarmAccepts lets in what must be refused.
	HarmAccepts Harm = "accepts"
	// HarmRefuses turns away what is good.
	HarmRefuses Harm = "refuses"
	// HarmStricter refuses what the checks here let pass with a warning, or what the
	// library refuses on purpose: stricter, and not wrong.
	HarmStricter Harm = "stricter"
)

// Opinion is one library's answer. Its words are free of control characters;
// Rule is no longer than 40 characters, Why no longer than 110.
type Opinion struct {
	// Profile is the library.
	Profile Profile
	// Answer is what it does.
	Answer Answer
	// Rule is the rule that decided, as the library calls it. Where a token is let
	// in that must be refused, it is the rule that is missing.
	Rule string
	// Why is one sentence on it.
	Why string
	// Harm is "" where the answer is the one that a careful API gives.
	Harm Harm
	// Fix is what to set, "" where nothing has to be changed. Where the answer is
	// merely stricter, it is what an API sets that means to let such tokens in.
	Fix string
	// Source is where the rule is written.
	Source string
}

// Wrong says that the answer is not the one that a careful API gives: it accepts
// what must be refused, or refuses what is good.
func (o Opinion) Wrong() bool { return o.Harm == HarmAccepts || o.Harm == HarmRefuses }

// Profiles returns all profiles in the order in which they are shown, each as it
// is set up where the client identifier alone is configured.
func Profiles() []Profile {
	var out []Profile
	for _, p := range all() {
		out = append(out, p.about)
	}
	return out
}

// Judge asks every profile about one report, in the order of Profiles. The
// libraries expect what the report was made with; one that is set up otherwise
// for it than by default says so in Setup. keys is where they get their
// keys, nil for nowhere. It looks up one key at most, and none where the report
// has looked one up already; errors of ctx leave the signature open.
func Judge(ctx context.Context, r *validate.Report, keys validate.KeySource) []Opinion {
	j := newJudge(ctx, r, keys)
	profiles := all()
	out := make([]Opinion, 0, len(profiles))
	for _, p := range profiles {
		out = append(out, j.opinion(p))
	}
	return out
}

// all lists the profiles in the order in which they are shown.
func all() []*profile {
	return []*profile{
		&identityWeb, &jwtBearer,
		&jose, &joseAny, &passportJWT, &passportJWTAny, &passportAzureAD,
		&jsonwebtoken, &jsonwebtokenHeader9, &jsonwebtokenHeader8,
		&pyjwt, &pyjwtNoIssuer, &pythonJose, &pythonJoseHeader,
		&springAudience, &springNoAudience,
		&goOIDCProfile,
	}
}
