package trace

import "slices"

// fewForms is how many forms are looked for one after the other. Of more, those
// are that may stand in a text by their beginnings.
const fewForms = 32

// beginnings are the forms by their first bytes, so that one pass over a text
// tells which of many may stand in it.
type beginnings struct {
	pairs [1 << 16 / 64]uint64 // the first two bytes of all
	forms map[[minSecret]byte][]string
}

func (b *beginnings) add(form string) {
	if len(form) < minSecret { // none is: shorter secrets have no form
		return
	}
	if b.forms == nil {
		b.forms = map[[minSecret]byte][]string{}
	}
	pair := uint16(form[0])<<8 | uint16(form[1])
	b.pairs[pair/64] |= 1 << (pair % 64)
	start := [minSecret]byte([]byte(form[:minSecret]))
	b.forms[start] = append(b.forms[start], form)
}

// within gives the forms that may stand in a text, in the order of known.
func (r *Redactor) within(s string) []string {
	if len(r.known) <= fewForms {
		return r.known
	}
	var seen map[[minSecret]byte]bool
	var out []string
	for i := 0; i+minSecret <= len(s); i++ {
		pair := uint16(s[i])<<8 | uint16(s[i+1])
		if r.begins.pairs[pair/64]>>(pair%64)&1 == 0 {
			continue
		}
		start := [minSecret]byte([]byte(s[i : i+minSecret]))
		if forms := r.begins.forms[start]; len(forms) > 0 && !seen[start] {
			if seen == nil {
				seen = map[[minSecret]byte]bool{}
			}
			seen[start] = true
			out = append(out, forms...)
		}
	}
	slices.SortFunc(out, byLength)
	return out
}
