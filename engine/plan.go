package engine

import (
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
}

// Plan is the steps of a flow for one target, known before anything is sent.
type Plan struct {
	Flow   decision.Flow
	Client Client
	Title  string // "authorization code + PKCE · single-page app"
	Steps  []Step
	Scopes []string // all that will be asked for, the OpenID ones included
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
