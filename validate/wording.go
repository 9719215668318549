package validate

import (
	"slices"
	"strings"
)

// Wording is the fixed part of a check's words, which many reports share. Two
// of them are equal when they are the same words; whoever writes many reports
// can keep what it made of one. It holds nothing of any token.
type Wording struct{ p *phrase }

// Fixed reports that status, why, fix and source are these words alone, the
// same for every token; else something of the token is filled in.
func (w Wording) Fixed() bool { return !hasBlank(w.p.why) && !hasBlank(w.p.fix) }

// Wording returns the fixed part of the words of the check at index i of IDs.
func (r *Report) Wording(i int) Wording { return Wording{r.outcomes[i].phrase} }

// StatusAt returns the status of the check at index i of IDs.
func (r *Report) StatusAt(i int) Status { return r.outcomes[i].status }

// Open reports that the check at index i of IDs was not run, and has to be
// before a token may be called valid.
func (r *Report) Open(i int) bool {
	return r.outcomes[i].status == StatusNotRun && slices.Contains(needed[:], i)
}

// Needed reports that the check called id has to run before a token may be
// called valid.
func Needed(id string) bool {
	return slices.ContainsFunc(needed[:], func(i int) bool { return ids[i] == id })
}

// Result returns the check at index i of IDs in words, as Checks lists it.
func (r *Report) Result(i int) Result { return r.words(i) }

// Sides returns what the check at index i of IDs expects and what it found,
// each as its Result has it.
func (r *Report) Sides(i int) (expected, found string) {
	expected, found = r.sides(i)
	return printable(expected, wordLimit), printable(found, wordLimit)
}

// Blanks are the places in a phrase that are filled in from the token.
const (
	blankNote     = "{note}"
	blankFound    = "{found}"
	blankExpected = "{expected}"
)

func hasBlank(s string) bool {
	return strings.IndexByte(s, '{') >= 0 &&
		(strings.Contains(s, blankNote) || strings.Contains(s, blankFound) || strings.Contains(s, blankExpected))
}

// fill puts words in the blanks of s, in one pass over it: what is filled in is
// never looked into.
func fill(s, note, found, expected string) string {
	if !hasBlank(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + len(note) + len(found) + len(expected))
	for {
		i := strings.IndexByte(s, '{')
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		s = s[i:]
		switch {
		case strings.HasPrefix(s, blankNote):
			b.WriteString(note)
			s = s[len(blankNote):]
		case strings.HasPrefix(s, blankFound):
			b.WriteString(found)
			s = s[len(blankFound):]
		case strings.HasPrefix(s, blankExpected):
			b.WriteString(expected)
			s = s[len(blankExpected):]
		default:
			b.WriteByte('{')
			s = s[1:]
		}
	}
}
