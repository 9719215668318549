// Package validatetest is a catalogue of labelled tokens for tests: good ones of
// every kind, and every attack and mistake that a token can carry, each with
// the verdict and the exact set of checks that have to fail.
//
// Everything in it is fixed: the keys are embedded and public, the clock stands
// still at [Now], and the same case is the same token in every run, save that
// signatures with PSS carry fresh salt.
//
// It refuses to be part of a program: only tests import it. A broken fixture
// panics, so that no test goes on with half a token.
package validatetest

import (
	"flowscope/validate"
)

// Group says what a case is there for.
type Group string

// The groups of cases.
const (
	// Good is a token that its reader may accept.
	Good Group = "good"
	// Kinds are tokens that are to be recognised as what they are, be it nothing that can be verified.
	Kinds Group = "kind"
	// Attack is a forged or mangled token.
	Attack Group = "attack"
	// Mistake is a genuine token in the wrong place, or a wrong expectation.
	Mistake Group = "mistake"
	// Time is about dates and clocks.
	Time Group = "time"
	// Other is what fits nowhere else: other issuers, odd but legal forms.
	Other Group = "other"
)

// Case is one labelled token.
type Case struct {
	// Name is unique in the catalogue.
	Name string
	// Group says what the case is there for.
	Group Group
	// Token is the token as it is pasted.
	Token string
	// Keys are what it is checked with; nil where no keys are at hand on purpose.
	Keys validate.KeySource
	// Want is what the reader expects.
	Want validate.Expectations
	// Verdict is the verdict that must come out.
	Verdict validate.Verdict
	// Fails is the exact set of checks that fail, in the order of validate.IDs.
	Fails []string
	// NotRun and Warn name checks with that status, where they are the point of
	// the case; other checks may have it, too.
	NotRun, Warn []string
	// Kind is what the token is.
	Kind validate.Kind
	// Subject is validate.SubjectUser, SubjectApp or SubjectUnknown; "" where it does not matter.
	Subject string
	// Says is a part of the words of the checks in Fails, Warn or NotRun; "" where any will do.
	Says string
	// Lesson says in one sentence what the case teaches.
	Lesson string

	offline bool // no keys on purpose
}
