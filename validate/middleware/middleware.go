// Package middleware answers "what would my API do?": it judges one token by the
// rules of common libraries, as their documentation and their defaults have
// them, and says by which rule each accepts or rejects it, and where one accepts
// what it must not.
//
// The rules are data with their source and the version they were read in. No
// library is run here, so an answer is what the documentation promises and not
// a measurement; what a source leaves open is said to be open.
package middleware

import (
	"context"

	"flowscope/validate"
)

// Profile is one library as it is commonly set up.
type Profile struct {
	// ID is a short name for scripts: "microsoft-identity-web".
	ID string
	// Name is the library's own name, Setup how it is set up here in a few words.
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

// Opinion is one library's answer.
type Opinion struct {
	// Profile is the library.
	Profile Profile
	// Answer is what it does.
	Answer Answer
	// Rule is the rule that decided, as the library calls it.
	Rule string
	// Why is one sentence on it.
	Why string
	// Wrong says that the answer is not the one a careful API gives: it accepts
	// what must be refused, or refuses what is good.
	Wrong bool
	// Fix is what to set, "" where nothing has to be changed.
	Fix string
	// Source is where the rule is written.
	Source string
}

// Profiles returns all profiles in the order in which they are shown.
func Profiles() []Profile { return nil }

// Judge asks every profile about one report. The libraries expect what the
// report was made with; keys is where they get their keys, nil for nowhere.
func Judge(ctx context.Context, r *validate.Report, keys validate.KeySource) []Opinion { return nil }
