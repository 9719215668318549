package fault

import (
	"slices"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/trace"
)

// Values that belong to nobody, for requests that should be refused.
const (
	unknownTenant = "b2c4f1d6-93a5-4e0b-8d5a-3f7e6c21a9d4"
	unknownClient = "4be9d3a7-1f62-4c8e-b0d9-86a2f5c3e7d1"
)

// Catalogue gives all faults by group, in the order in which their flows meet
// them. An id that needs another change, or has another outcome, in another flow
// has an entry for each.
func Catalogue() []Fault {
	return slices.Concat(
		authorizeFaults(), proofKeyFaults(), redirectFaults(), codeFaults(), clientFaults(), secretFaults(),
		deviceFaults(), refreshFaults(), signOutFaults(), passwordFaults(), behalfFaults(), assertionFaults(), implicitFaults(), adminFaults(),
		answerFaults(), apiFaults(), routeFaults(), networkFaults(), policyFaults(),
	)
}

// The flows that a fault fits.
var (
	onCode        = []decision.Flow{decision.AuthorizationCode}
	onCredentials = []decision.Flow{decision.ClientCredentials}
	onEither      = []decision.Flow{decision.AuthorizationCode, decision.ClientCredentials}
	// onSignIn are the flows that begin with a sign-in by authorization code.
	onSignIn = []decision.Flow{decision.AuthorizationCode, decision.RefreshToken, decision.Silent, decision.SignOut, decision.OnBehalfOf}
	// onFront are all in which a person meets an authorization request.
	onFront = append([]decision.Flow{decision.Implicit}, onSignIn...)
	// onStart are the flows that begin with the metadata, and with a token request
	// behind it.
	onStart = append([]decision.Flow{decision.ClientCredentials}, onSignIn...)
	// onMetadata are all that read the metadata first.
	onMetadata = append([]decision.Flow{decision.DeviceCode, decision.Password}, onStart...)
)

// ops gives a fault's changes when they don't depend on the job.
func ops(p trace.Purpose, label string, list ...trace.Op) func(engine.Job) []trace.Change {
	return func(engine.Job) []trace.Change {
		return []trace.Change{{Purpose: p, Ops: list, Label: label}}
	}
}

// answers gives changes of an answer.
func answers(p trace.Purpose, label string, list ...trace.Op) func(engine.Job) []trace.Change {
	return func(engine.Job) []trace.Change {
		return []trace.Change{{Purpose: p, Ops: list, Label: label, Answer: true}}
	}
}

// set, drop and garble write the ops that most faults are made of.
func set(place trace.Place, name, value string) trace.Op {
	return trace.Op{Verb: trace.Set, Place: place, Name: name, Value: value}
}

func drop(place trace.Place, name string) trace.Op {
	return trace.Op{Verb: trace.Drop, Place: place, Name: name}
}

func garble(place trace.Place, name string) trace.Op {
	return trace.Op{Verb: trace.Garble, Place: place, Name: name}
}

// bearer writes the op that sends something else as the Authorization header.
func bearer(template string) trace.Op {
	return trace.Op{Verb: trace.Bring, Place: trace.Header, Name: "Authorization", Value: template}
}

// condition gives one condition of the lab.
func condition(id, value string, at trace.Purpose) func(engine.Job) []engine.Condition {
	return func(engine.Job) []engine.Condition { return []engine.Condition{{ID: id, Value: value, At: at}} }
}

// user is who signs in to a job.
func user(job engine.Job) string {
	if job.User == "" && len(job.Target.Accounts) > 0 {
		return job.Target.Accounts[0].Username
	}
	return job.User
}

// signer is the application that meets the person, and the job's own where
// nobody does.
func signer(job engine.Job) engine.Client {
	if c, ok := job.SignsIn(); ok {
		return c
	}
	return job.Client
}

// calls reports whether the run calls an API.
func calls(job engine.Job) bool { return job.Call != "" }
