package engine

import (
	"net/url"

	"flowscope/decision"
	"flowscope/engine/trace"
)

// Step is one planned move: who speaks to whom, over which channel, and why.
type Step struct {
	N       int
	Title   string // "Redeem the code"
	Label   string // on the arrow: "code + verifier"
	From    trace.Party
	To      trace.Party
	Channel trace.Channel
	Purpose trace.Purpose
	Why     string // why the step exists, one sentence
	Guards  string // what goes wrong without it, or what watches over it
	Fault   string // id of the fault that shows that; may be empty
	Maybe   bool   // happens only when the flow takes that turn
}

// Plan is the steps of a flow for one target, known before anything is sent.
type Plan struct {
	Flow   decision.Flow
	Client Client
	Title  string // "authorization code + PKCE · single-page app"
	Steps  []Step
	Scopes []string // all that will be asked for, the OpenID ones included
	Driver string   // name of the driver that runs it
}

// Step gives the first step with this purpose, and false when the plan has none.
func (p Plan) Step(purpose trace.Purpose) (Step, bool) {
	for _, s := range p.Steps {
		if s.Purpose == purpose {
			return s, true
		}
	}
	return Step{}, false
}

// from gives the step with this purpose at n or after it, else the last one
// before.
func (p Plan) from(purpose trace.Purpose, n int) (Step, bool) {
	var before Step
	for _, s := range p.Steps {
		switch {
		case s.Purpose != purpose:
		case s.N >= n:
			return s, true
		default:
			before = s
		}
	}
	return before, before.N != 0
}

// Parties gives those who take part in the plan, in the order of the ladder.
func (p Plan) Parties() []trace.Party {
	out := []trace.Party{trace.You, trace.App, trace.Browser, trace.Entra, trace.API}
	for _, s := range p.Steps {
		if s.From == trace.Downstream || s.To == trace.Downstream {
			return append(out, trace.Downstream)
		}
	}
	return out
}

// Number counts the steps through, from 1.
func Number(steps []Step) []Step {
	for i := range steps {
		steps[i].N = i + 1
	}
	return steps
}

// PathOf is the path of a URL, for the label of an arrow; the whole of what has
// none.
func PathOf(raw string) string {
	if u, err := url.Parse(raw); err == nil && u.Host != "" {
		return u.RequestURI()
	}
	return raw
}

// StepState is how far a step has come.
type StepState string

// The states of a step.
const (
	Planned StepState = "planned"
	Active  StepState = "active"
	Held    StepState = "held"
	Done    StepState = "done"
	Broken  StepState = "failed"
)
