package token

import (
	"context"
	"net/url"
	"time"

	"flowscope/decision"
	"flowscope/engine/inspect"
	"flowscope/engine/trace"
	"flowscope/validate"
	"flowscope/validate/infer"
)

// item is one token with everything about it that does not change from frame to
// frame.
type item struct {
	made    infer.Guess     // the flow that the token's run knows of; empty: to be told from the token
	secrets *trace.Redactor // masks what is secret in claims
	report  *inspect.Report
	checks  []validate.Result // in the order in which they are shown
	hidden  int               // checks that would all say that nothing can be read
	rows    []row
	left    int // claims that are not shown because there are too many
	summary string
	from    string // "from this run", "pasted"
	title   string // of its tab
	name    string // what tells it from others of its kind on the tab; may be empty
	pasted  bool
	origin  string // where its expectations come from, "" where nobody set them here
	told    bool
	tells   []tell // what it tells, once told
	hits    found  // what the search shows of it
	layout  layout // of the claims
	// checkWords are what a search looks through, one for each check; nil before
	// the first search.
	checkWords []string
	found      validate.Found // the paste that it came in
	given      bool           // it was checked with keys that were pasted

	at    time.Time // to be judged at; the zero time is now
	busy  int       // number of the check under way, 0 when none is
	host  string    // whom that check asks
	stop  context.CancelFunc
	whole drawn // the token as it travels
	json  drawn // header and claims
}

// drawn keeps the lines of a pane of the raw view, which can be many, from one
// frame to the next.
type drawn struct {
	key   string // the look and the width that they were drawn for
	lines []string
}

func newItem(r *inspect.Report, from string, flow decision.Flow, secrets *trace.Redactor) *item {
	it := &item{from: from, secrets: secrets}
	switch {
	case flow == "":
	case r.Made:
		it.made = r.Flow // of the request that brought it, which may be another than the run's
	default:
		it.made = infer.Guess{Name: string(flow), Confidence: infer.Certain, Because: []string{"This run made it."}}
	}
	it.take(r)
	return it
}

// take puts a report in the place of the one before.
func (it *item) take(r *inspect.Report) {
	if it.made.Name != "" && r.Flow.Name != "" { // a run knows what it ran
		known := *r
		known.Flow = it.made
		r = &known
	}
	it.report, it.summary = r, r.Summary()
	it.checks, it.hidden = arrange(r)
	it.rows, it.left = rowsOf(r)
	if it.secrets != nil {
		inspect.Conceal(it.secrets, r.Token)
		for i := range it.rows {
			it.rows[i].text = masked(it.secrets, it.rows[i].value)
		}
	}
	it.entitle()
	it.whole, it.json, it.layout = drawn{}, drawn{}, layout{}
	it.told, it.tells, it.hits, it.checkWords = false, nil, found{}, nil
}

// entitle writes the word on its tab.
func (it *item) entitle() { it.title = it.named(tabWords(it.report)) }

// end cancels the check under way.
func (it *item) end() {
	if it.stop != nil {
		it.stop()
	}
	it.busy, it.stop = 0, nil
}

// readable reports whether there are claims, which alone can be expected to
// hold something.
func (it *item) readable() bool { return it.report.Token.Claims != nil }

// opens reports whether there is a claim or a check to open.
func (it *item) opens() bool { return len(it.rows)+len(it.checks) > 0 }

// askedHost is the host that keys come from, when the token's issuer is one of
// Entra's: no other is asked on a token's word.
func askedHost(r *inspect.Report) string {
	issuer := r.Expect.Issuer
	if issuer == "" {
		issuer = r.Token.Claims.String("iss")
	}
	u, err := url.Parse(issuer)
	if err != nil || !validate.EntraHost(u.Hostname()) {
		return ""
	}
	return u.Hostname()
}

// arrange puts the failures first, then what deserves a look, what should have
// run and did not, what passed, and the rest. Of a token that can't be read only
// the checks that ran are given, and the number of the others.
func arrange(r *inspect.Report) (shown []validate.Result, hidden int) {
	all := r.Checks()
	for rank := range 5 {
		for _, c := range all {
			if rankOf(c) != rank {
				continue
			}
			if r.Token.Claims == nil && c.Status == validate.StatusNotRun {
				hidden++
				continue
			}
			shown = append(shown, c)
		}
	}
	return shown, hidden
}

func rankOf(c validate.Result) int {
	switch c.Status {
	case validate.StatusFail:
		return 0
	case validate.StatusWarn:
		return 1
	case validate.StatusPass:
		return 3
	}
	if validate.Needed(c.ID) {
		return 2
	}
	return 4
}
