// Package fault is the catalogue of prepared mistakes and attacks that make one
// particular thing go wrong ("break it"), each with the outcome it predicts, so
// that a screen can set prediction and outcome side by side.
//
// A fault changes requests of our own, answers on their way to us, or what the
// person does. It never reaches into an authorization server, so it works
// against a real tenant as it does against the lab; only those that need a
// condition of the lab fit nothing else, and say so.
package fault

import (
	"fmt"
	"slices"
	"strings"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/trace"
)

// Group is the part of a run that a fault is about.
type Group string

// The groups, in the order in which a menu shows them.
const (
	Authorize Group = "authorize"
	Redirect  Group = "redirect"
	Token     Group = "token request"
	Answer    Group = "answer"
	API       Group = "API"
	Network   Group = "network"
	Policy    Group = "policy"
)

// Groups gives all groups in order. The slice is the caller's own.
func Groups() []Group { return []Group{Authorize, Redirect, Token, Answer, API, Network, Policy} }

// Outcomes that are no error.
const (
	Works   = "tokens"  // the run goes through all the same: that is the lesson
	Stopped = "stopped" // the person gave up, which is no failure
)

// Attack tells a fault from the attacker's side.
type Attack struct {
	Does  string // what the attacker does, one sentence
	Sees  string // what the attacker gets to see
	Stops string // what stops it, and where
}

// Fault is one thing that can be made to go wrong.
type Fault struct {
	ID      string
	Title   string // "Send another code verifier"; at most 44 cells
	Group   Group
	Flows   []decision.Flow // the flows it fits; entries with the same ID are one fault
	Clients []string        // client keys it makes sense for; empty: all of the flow's
	// When says whether it fits a job whose flow and client do; nil: it does.
	When    func(engine.Job) bool
	Purpose trace.Purpose // the exchange it changes
	Changes func(engine.Job) []trace.Change
	// Conditions of the lab that it needs; it then fits only a target that has some.
	Conditions func(engine.Job) []engine.Condition
	// Shape changes what the run asks for: scopes, person, API; nil: nothing.
	Shape    func(*engine.Job)
	Decline  bool   // the person declines the consent
	Abandon  bool   // the person gives the sign-in up
	Says     string // what it changes, in words
	Predicts string // an AADSTS code, an OAuth error, what we refuse ourselves, a failed token check, the API's HTTP status, Works or Stopped
	At       trace.Purpose
	Lesson   string  // what it teaches, one sentence
	Attack   *Attack // nil: a mistake and no attack
}

// Fits reports whether the fault can be laid over this job.
func (f Fault) Fits(job engine.Job) bool {
	who, ok := job.SignsIn() // what a fault is about is the application that meets the person
	switch {
	case !slices.Contains(f.Flows, job.Flow), len(f.Clients) > 0 && (!ok || !slices.Contains(f.Clients, who.Key)):
		return false
	case f.Conditions != nil && job.Target.Switch == nil:
		return false
	}
	_, known := f.at(job)
	return known && (f.When == nil || f.When(Remove(job)))
}

// Shows gives the purpose of the step at which the outcome shows.
func (f Fault) Shows() trace.Purpose {
	if f.At != "" {
		return f.At
	}
	return f.Purpose
}

// Step gives the number of the step at which the outcome shows in this plan,
// 0 when the plan has no such step.
func (f Fault) Step(p engine.Plan) int {
	s, _ := p.Step(f.Shows())
	return s.N
}

// Apply gives the job with the fault laid over it in place of an earlier one.
func (f Fault) Apply(job engine.Job) engine.Job {
	job = Remove(job)
	before := job
	job.Before = &before
	job.Fault, job.Decline, job.Abandon = f.ID, f.Decline, f.Abandon
	if f.Decline || f.Abandon {
		job.Pages = nil
	}
	if f.Decline {
		job.Prompt = "consent" // the page is shown even where consent was given before
	}
	if f.Shape != nil {
		f.Shape(&job)
	}
	if f.Changes != nil {
		job.Changes = f.Changes(job)
	}
	if f.Conditions != nil {
		job.Conditions = append(slices.Clone(job.Conditions), f.Conditions(job)...)
	}
	return job
}

// Remove gives the job as it was before a fault was laid over it. How it is run
// (held, in which browser) stays as it is now. A job without a fault comes back
// as it is, without prepared changes.
func Remove(job engine.Job) engine.Job {
	if b := job.Before; b != nil {
		job.Scopes, job.User, job.Call, job.Prompt, job.Conditions = b.Scopes, b.User, b.Call, b.Prompt, b.Conditions
		job.Claims, job.V1, job.Given, job.Credential, job.Caller = b.Claims, b.V1, b.Given, b.Credential, b.Caller
		job.Decline, job.Abandon = b.Decline, b.Abandon
	}
	job.Before, job.Fault, job.Changes = nil, "", nil
	return job
}

// Outcome is what came of a run with a fault, in the words of the prediction.
type Outcome struct {
	Came  string
	Step  int  // step at which it shows; 0: not known
	Match bool // it is what the fault predicted
}

// Outcome compares what came with what the fault predicts. Code is the code of
// the run's first finding, empty when there is none; checks are the token checks
// that failed, when the finding is about a token.
func (f Fault) Outcome(t *trace.Trace, code string, checks ...string) Outcome {
	o := Outcome{Came: code}
	switch {
	case status(f.Predicts):
		if e, ok := t.Last(f.Shows()); ok && e.Response != nil {
			o.Came, o.Step = fmt.Sprint(e.Response.Status), e.Step
		}
	case f.Predicts == Stopped && t.Outcome == trace.Stopped && len(t.Exchanges) > 0:
		o.Came, o.Step = Stopped, t.Exchanges[len(t.Exchanges)-1].Step
	case slices.Contains(checks, f.Predicts):
		o.Came = f.Predicts
	case code == "token" && len(checks) > 0:
		o.Came = checks[0]
	}
	if o.Came == "" {
		o.Came = string(t.Outcome)
	}
	o.Match = o.Came == f.Predicts
	return o
}

// status reports whether a prediction is the HTTP status of an API.
func status(s string) bool { return len(s) == 3 && strings.Trim(s, "0123456789") == "" }

// Words says an outcome, predicted or come, so that a person understands it.
func Words(outcome string) string {
	switch {
	case status(outcome):
		return "HTTP " + outcome + " from the API"
	case outcome == Works:
		return "it works: tokens"
	case outcome == Stopped:
		return "the run ends, without an error"
	}
	if w, ok := words[outcome]; ok {
		return w
	}
	return outcome
}

// words are for outcomes that no server names.
var words = map[string]string{
	"state": "refused by us: state", "nonce": "refused by us: nonce", "code": "refused by us: no code", "iss": "refused by us: iss",
	"issuer": "refused by us: issuer", "token_type": "refused by us: token_type", "at_hash": "refused by us: at_hash",
	"signature": "failed check: signature", "audience": "failed check: audience", "answer": "an answer that can't be read",
	"intercepted": "a page in place of an answer", "transport": "no answer at all", "cors": "hidden by the browser (CORS)",
	"token": "a token that is not valid", "run": "the run ends outside any request",
}

// Find gives the fault with this id for this job, with the prediction for its
// target: other servers than Entra answer in the words of the standards. It fails when no fault has
// the id, or when it does not fit, and names those that do.
func Find(id string, job engine.Job) (Fault, error) {
	var fitting []string
	found := false
	for _, f := range Catalogue() {
		if f.Fits(job) {
			fitting = append(fitting, f.ID)
			if f.ID == id {
				f, _ = f.at(job)
				return f, nil
			}
		}
		found = found || f.ID == id
	}
	if found {
		return Fault{}, fmt.Errorf("the fault %q is not for this flow and client; these are: %s", id, strings.Join(fitting, ", "))
	}
	return Fault{}, fmt.Errorf("there is no fault %q; these fit: %s", trace.Plain(id), strings.Join(fitting, ", "))
}

// For gives the faults that fit a job, by group, with the predictions for its
// target.
func For(job engine.Job) []Fault {
	var out []Fault
	for _, g := range Groups() {
		for _, f := range Catalogue() {
			if f.Group == g && f.Fits(job) {
				f, _ = f.at(job)
				out = append(out, f)
			}
		}
	}
	return out
}

// IDs gives the ids of the whole catalogue, each once, in order.
func IDs() []string {
	var out []string
	for _, f := range Catalogue() {
		if !slices.Contains(out, f.ID) {
			out = append(out, f.ID)
		}
	}
	return out
}
