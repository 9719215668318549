package validatetest

import (
	"slices"
	"sync"

	"flowscope/validate"
)

// Catalogue returns all cases, group by group. The tokens are made once; the
// slice is the caller's own.
func Catalogue() []Case { return slices.Clone(catalogue()) }

// Find returns the case called name and panics where there is none.
func Find(name string) Case {
	for _, c := range catalogue() {
		if c.Name == name {
			return c
		}
	}
	panic("validatetest: no case called " + name)
}

var catalogue = sync.OnceValue(func() []Case {
	var all []Case
	add := func(g Group, cases []Case) {
		for _, c := range cases {
			c.Group = g
			all = append(all, c.complete())
		}
	}
	add(Good, goodAccess())
	add(Good, goodID())
	add(Kinds, kinds())
	add(Attack, attackHeader())
	add(Attack, attackText())
	add(Mistake, mistakeIssuer())
	add(Mistake, mistakeAudience())
	add(Mistake, mistakeCaller())
	add(Time, times())
	add(Other, others())
	return all
})

// complete fills in what most cases have in common.
func (c Case) complete() Case {
	switch {
	case c.Verdict != "":
	case len(c.Fails) > 0:
		c.Verdict = validate.Invalid
	default:
		c.Verdict = validate.Valid
	}
	if c.Kind == "" {
		c.Kind = validate.KindAccess
	}
	if c.Keys == nil && !c.offline {
		c.Keys = Source()
	}
	if c.Want.Now.IsZero() {
		c.Want.Now = Now()
	}
	return c
}

// change is an expectation with something else in it.
func change(w validate.Expectations, how func(*validate.Expectations)) validate.Expectations {
	how(&w)
	return w
}

// aud is an expectation of other audiences.
func aud(w validate.Expectations, audiences ...string) validate.Expectations {
	w.Audiences = audiences
	return w
}

// list is a shorter way to write the names of checks.
func list(names ...string) []string { return names }
