// Package diff lays two tokens side by side, claim by claim, and says what each
// difference means: an access token beside the ID token of the same sign-in,
// v1.0 beside v2.0, before and after a refresh, on-behalf-of or a consent.
//
// It reads both without checking either. That they are of one person or one
// sign-in is told from their claims, and said with doubt where there is some.
package diff

import (
	"slices"

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
	// Added and Removed are the words that only the right and only the left token
	// has, where the claim is a list (scp, roles, groups, wids, amr and the like).
	// They are bounded in length and number, and free of control characters.
	Added, Removed []string
	// Matters says that the difference is worth a sentence. One value under two
	// names is a difference too.
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
	// Notes are sentences about the two as a pair, beyond single claims.
	Notes []string
	// Rows are the members in the order of the glossary, claims that nobody knows
	// after them, those of the header last.
	Rows []Row
}

// Tokens compares two decoded tokens. Neither may be nil. Sentences hold no more
// than bounded pieces of the tokens, free of control characters; names and
// values of the rows are as the tokens have them.
func Tokens(left, right *validate.Token) Comparison {
	p := pairOf(left, right)
	c := Comparison{What: p.what(), Notes: p.notes()}
	c.Rows = append(rows(left.Claims, right.Claims, false, p), rows(left.Header, right.Header, true, p)...)
	return c
}

// twins are claims that v1.0 and v2.0 call by two names, v1.0's first (Entra:
// access token claims reference).
var twins = [...][2]string{
	{"appid", "azp"}, {"appidacr", "azpacr"}, {"unique_name", "preferred_username"}, {"upn", "preferred_username"},
}

// rows pairs the members of two objects and puts them in order. Of a name that
// stands twice the first counts.
func rows(left, right *validate.Object, header bool, p *pair) []Row {
	var out []Row
	at := map[string]int{}
	for _, m := range left.Members() {
		if _, twice := at[m.Name]; !twice {
			at[m.Name] = len(out)
			out = append(out, Row{Name: m.Name, Other: m.Name, Header: header, Left: m.Value, State: OnlyLeft})
		}
	}
	seen := map[string]bool{}
	for _, m := range right.Members() {
		if seen[m.Name] {
			continue
		}
		seen[m.Name] = true
		if i, ok := at[m.Name]; ok {
			out[i].Right, out[i].State = m.Value, Changed
			continue
		}
		out = append(out, Row{Name: m.Name, Other: m.Name, Header: header, Right: m.Value, State: OnlyRight})
	}
	if !header {
		out = pairTwins(out)
	}
	for i := range out {
		p.settle(&out[i])
	}
	order(out, p)
	return out
}

// pairTwins joins two rows, each on one side alone, that are one thing by two names.
func pairTwins(in []Row) []Row {
	find := func(name string, s State) int {
		return slices.IndexFunc(in, func(r Row) bool { return r.Name == name && r.State == s })
	}
	for _, t := range twins {
		for _, names := range [...][2]string{{t[0], t[1]}, {t[1], t[0]}} {
			l, r := find(names[0], OnlyLeft), find(names[1], OnlyRight)
			if l < 0 || r < 0 {
				continue
			}
			in[l].Other, in[l].Right, in[l].State = in[r].Name, in[r].Right, Changed
			in = slices.Delete(in, r, r+1)
		}
	}
	return in
}

// order sorts rows as the glossary has them.
func order(out []Row, p *pair) {
	place := map[string]int{}
	for i, e := range claims.All() {
		key := string(e.Group) + "\x00" + e.Name
		if _, ok := place[key]; !ok {
			place[key] = i
		}
	}
	group := map[claims.Group]int{"": len(claims.Groups())}
	for i, g := range claims.Groups() {
		group[g] = i
	}
	for i := range out {
		e, ok := claims.Lookup(out[i].Name, p.kindOf(out[i]))
		if out[i].Header {
			e, ok = claims.Header(out[i].Name)
		}
		if ok {
			out[i].Group = e.Group
		}
	}
	slices.SortStableFunc(out, func(a, b Row) int {
		if d := group[a.Group] - group[b.Group]; d != 0 {
			return d
		}
		return place[string(a.Group)+"\x00"+a.Name] - place[string(b.Group)+"\x00"+b.Name]
	})
}

// kindOf is the kind of the token that a row is of; "" where it is of both and
// they differ.
func (p *pair) kindOf(r Row) validate.Kind {
	switch {
	case r.State == OnlyLeft:
		return p.left.Kind
	case r.State == OnlyRight, p.left.Kind == p.right.Kind:
		return p.right.Kind
	}
	return validate.KindAccess
}
