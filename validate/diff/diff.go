// Package diff lays two tokens side by side, claim by claim, and says what each
// difference means: an access token beside the ID token of the same sign-in,
// v1.0 beside v2.0, before and after a refresh, on-behalf-of or a consent.
//
// It reads both without checking either. That they are of one person or one
// sign-in is told from their claims, and said with doubt where there is some.
package diff

import (
	"flowscope/validate"
	"flowscope/validate/claims"
)

// State is how a claim stands on the two sides.
type State string

// The states of a row.
const (
	// Same means that both tokens carry it with the same value.
	Same State = "same"
	// Changed means that both carry it and the values differ.
	Changed State = "changed"
	// OnlyLeft and OnlyRight mean that one token lacks it.
	OnlyLeft  State = "only left"
	OnlyRight State = "only right"
)

// Row is one claim, or one member of the header, of either token.
type Row struct {
	// Name is the member's name as the tokens write it; where v1.0 and v2.0 call
	// the same thing by two names, Name is the left token's and Other the right's.
	Name, Other string
	// Header says that it is a member of the header.
	Header bool
	// Group is the heading it belongs under; "" for a claim that nobody knows.
	Group claims.Group
	// Left and Right are the values; of Type TypeNone where there is none.
	Left, Right validate.Value
	// State is how the two stand to each other.
	State State
	// Matters says that the difference is worth a sentence.
	Matters bool
	// Says is what the difference means; "" where there is nothing to say.
	Says string
	// Source is where that is written.
	Source string
}

// Comparison is two tokens side by side.
type Comparison struct {
	// What says in one sentence what the two are to each other.
	What string
	// Rows are the members in the order of the glossary, those of the header last.
	Rows []Row
}

// Tokens compares two decoded tokens. Neither may be nil.
func Tokens(left, right *validate.Token) Comparison {
	var c Comparison
	for _, m := range left.Claims.Members() {
		other, ok := right.Claims.Get(m.Name)
		row := Row{Name: m.Name, Other: m.Name, Left: m.Value, Right: other, State: Changed}
		switch {
		case !ok:
			row.State = OnlyLeft
		case other.Raw == m.Value.Raw:
			row.State = Same
		}
		c.Rows = append(c.Rows, row)
	}
	for _, m := range right.Claims.Members() {
		if !left.Claims.Has(m.Name) {
			c.Rows = append(c.Rows, Row{Name: m.Name, Other: m.Name, Right: m.Value, State: OnlyRight})
		}
	}
	return c
}
