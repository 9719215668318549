// Package compare sets two runs of one flow side by side and says what differs,
// the first difference first: what was sent otherwise, and what was answered
// otherwise because of it.
//
// It reads what was recorded and nothing else, and it judges nothing: which of
// the two runs is right is for the reader. What differs in every run (random
// values, times, ids, signatures) is counted and left out. Secrets pass through
// unmasked, as they stand in the traces: whoever shows a Difference masks it.
package compare

import (
	"fmt"
	"slices"
	"strings"

	"flowscope/engine/trace"
)

// Where says in which part of an exchange a difference stands.
type Where string

// The places of a difference.
const (
	Run     Where = "run"     // of the run as a whole: how it ended
	Missing Where = "missing" // the exchange is in one run alone
	Method  Where = "method"
	Address Where = "address" // scheme, host and path
	Query   Where = "query"
	Form    Where = "form"
	Header  Where = "header" // of the request
	Body    Where = "body"   // of a request that is no form
	Status  Where = "status"
	Answer  Where = "answer header"
	Moved   Where = "redirect" // a parameter of the Location header
	Member  Where = "JSON member"
	Page    Where = "page" // an answer's body that is no JSON
	Claim   Where = "token claim"
	Broken  Where = "transport" // no answer in one of them
)

// Sent reports whether the difference is in what was sent; else it is in what
// came back.
func (w Where) Sent() bool {
	switch w {
	case Method, Address, Query, Form, Header, Body:
		return true
	}
	return false
}

// Difference is one thing that differs between two runs.
type Difference struct {
	Purpose  trace.Purpose // of the exchange; empty for the run as a whole
	A, B     int           // numbers of the exchange in each run; 0: it is not there
	Where    Where
	Name     string // of the parameter, header, member ("error") or claim ("access_token.scp")
	Before   string // in the first run; empty with HadBefore false: it is not there
	After    string // in the second
	HadA     bool   // the first run has it
	HadB     bool   // the second run has it
	Sentence string // where it matters, one sentence; else empty
	changed  bool   // by hand or by a fault
}

// Result is what a comparison came to.
type Result struct {
	Differences []Difference // the first in time first; what was sent before what was answered
	LeftOut     int          // values that differ in every run and say nothing
	Noise       []string     // their names, each once, in alphabetical order
	SameFlow    bool
}

// Traces compares two runs and gives what differs, the first difference first.
func Traces(a, b *trace.Trace) []Difference { return Compare(a, b).Differences }

// Compare is Traces with what was left out.
func Compare(a, b *trace.Trace) Result {
	c := &comparison{noise: map[string]bool{}}
	for _, p := range pair(a.Exchanges, b.Exchanges) {
		c.pair(p.a, p.b)
	}
	c.pages(a, b)
	c.run(a, b)
	out := Result{Differences: append(slices.Clip(c.found), c.late...), LeftOut: c.left, SameFlow: a.Flow == b.Flow}
	for name := range c.noise {
		out.Noise = append(out.Noise, name)
	}
	slices.Sort(out.Noise)
	return out
}

// comparison collects what differs.
type comparison struct {
	at    Difference // purpose and numbers of the exchange under way
	found []Difference
	late  []Difference // what comes after everything else
	noise map[string]bool
	left  int
	// edited are the values that were changed by hand or by a fault in either of
	// the two exchanges, with what that change is called: they are no noise.
	edited map[spot]string
	strict bool // nothing is noise
}

// pages puts what differs in the pages of the sign-in last, in one line: whether
// somebody is asked for a consent depends on what the issuer remembers. What was
// answered on a page, what was changed there, and a sign-in that a run did not
// get past count as everything else.
func (c *comparison) pages(a, b *trace.Trace) {
	if endsAtSignIn(a) || endsAtSignIn(b) {
		return
	}
	var rest, pages []Difference
	words := "The pages of the sign-in differ: the issuer remembers what was answered before."
	for _, d := range c.found {
		if d.Purpose != trace.SignIn || d.Where.Sent() || d.changed {
			rest = append(rest, d)
			continue
		}
		pages = append(pages, d)
		if strings.Contains(strings.ToLower(d.Before+d.After), "consent") {
			words = "Consent was already given in one of the runs: its page is not shown again."
		}
	}
	c.found = rest
	if len(pages) == 0 {
		return
	}
	c.at = Difference{Purpose: trace.SignIn, A: pages[0].A, B: pages[0].B}
	c.add(Missing, trace.SignIn.Noun(), nil, nil, words)
	c.late = []Difference{c.found[len(c.found)-1]}
	c.found = c.found[:len(c.found)-1]
}

// endsAtSignIn reports whether a run got no further than the pages.
func endsAtSignIn(t *trace.Trace) bool {
	n := len(t.Exchanges)
	return n > 0 && t.Exchanges[n-1].Purpose == trace.SignIn
}

// spot is a place in an exchange.
type spot struct {
	where Where
	name  string
}

func (c *comparison) add(where Where, name string, before, after *string, sentence string) {
	d := c.at
	d.Where, d.Name, d.Sentence = where, name, sentence
	_, d.changed = c.edited[spot{where, name}]
	if label := c.edited[spot{where, name}]; d.Sentence == "" && label != "" {
		d.Sentence = "It was changed: " + label + "."
	}
	if before != nil {
		d.Before, d.HadA = *before, true
	}
	if after != nil {
		d.After, d.HadB = *after, true
	}
	c.found = append(c.found, d)
}

func (c *comparison) leave(name string) {
	c.left++
	c.noise[name] = true
}

// run compares how the runs ended.
func (c *comparison) run(a, b *trace.Trace) {
	c.at = Difference{}
	if a.Flow != b.Flow {
		before, after := string(a.Flow), string(b.Flow)
		c.add(Run, "flow", &before, &after, fmt.Sprintf("These are two flows: %s and %s.", a.Flow.Title(), b.Flow.Title()))
	}
	if a.Outcome != b.Outcome {
		before, after := string(a.Outcome), string(b.Outcome)
		c.add(Run, "outcome", &before, &after, fmt.Sprintf("The first run %s, the second %s.", ended(a.Outcome), ended(b.Outcome)))
	}
	before, after := refused(a), refused(b)
	if before != after {
		c.add(Run, "refused by us", optional(before), optional(after), refusalWords(before, after))
	}
}

func ended(o trace.Outcome) string {
	switch o {
	case trace.Tokens:
		return "went through"
	case trace.Failed:
		return "failed"
	case trace.Stopped:
		return "was stopped"
	}
	return "is under way"
}

func refused(t *trace.Trace) string {
	if t.Refusal == nil {
		return ""
	}
	return t.Refusal.Check
}

func refusalWords(before, after string) string {
	switch {
	case before == "":
		return "We refused the answer because of its " + after + "."
	case after == "":
		return "We no longer refuse the answer because of its " + before + "."
	}
	return ""
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
