// Package fault is the catalogue of prepared edits that make one particular
// thing go wrong ("break it"), each with the outcome it predicts, so that a
// screen can set prediction and outcome side by side.
//
// A fault only changes requests of our own, or what the person answers. It
// never reaches into an authorization server, so it works against a real tenant
// as it does against the lab.
package fault

import (
	"fmt"
	"slices"
	"strings"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/trace"
)

// Fault is one thing that can be made to go wrong.
type Fault struct {
	ID       string
	Title    string        // "Send another code verifier"
	Flow     decision.Flow // the flow it belongs to
	Clients  []string      // client keys it makes sense for; empty: all of the flow's
	Purpose  trace.Purpose // the exchange it changes
	Changes  func(engine.Job) []trace.Change
	Decline  bool          // the person declines the consent
	Says     string        // what it changes, in words
	Predicts string        // the outcome: an AADSTS code, or what we refuse ourselves
	At       trace.Purpose // where the outcome shows; empty: at Purpose
	Lesson   string        // what it teaches, one sentence
}

// Fits reports whether the fault can be laid over this job.
func (f Fault) Fits(job engine.Job) bool {
	return f.Flow == job.Flow && (len(f.Clients) == 0 || slices.Contains(f.Clients, job.Client.Key))
}

// Step gives the number of the step at which the outcome shows in this plan,
// 0 when the plan has no such step.
func (f Fault) Step(p engine.Plan) int {
	at := f.At
	if at == "" {
		at = f.Purpose
	}
	s, _ := p.Step(at)
	return s.N
}

// Apply gives the job with the fault laid over it in place of an earlier one.
func (f Fault) Apply(job engine.Job) engine.Job {
	job.Fault, job.Decline, job.Changes = f.ID, f.Decline, nil
	job.Prompt = ""
	if f.Decline {
		job.Pages, job.Prompt = nil, "consent" // the page is shown even where consent was given before
	}
	if f.Changes != nil {
		job.Changes = f.Changes(job)
	}
	return job
}

// Find gives the fault with this id for this job. It fails when no fault has
// the id, or when it does not fit, and names those that do.
func Find(id string, job engine.Job) (Fault, error) {
	var fitting []string
	var found *Fault
	for _, f := range Catalogue() {
		if f.Fits(job) {
			fitting = append(fitting, f.ID)
			if f.ID == id {
				return f, nil
			}
		} else if f.ID == id {
			found = &f
		}
	}
	if found != nil {
		return Fault{}, fmt.Errorf("the fault %q is not for this flow and client; these are: %s", id, strings.Join(fitting, ", "))
	}
	return Fault{}, fmt.Errorf("there is no fault %q; these fit: %s", trace.Plain(id), strings.Join(fitting, ", "))
}

// For gives the faults that fit a job, in the order of the flow.
func For(job engine.Job) []Fault {
	var out []Fault
	for _, f := range Catalogue() {
		if f.Fits(job) {
			out = append(out, f)
		}
	}
	return out
}
