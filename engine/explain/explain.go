// Package explain says why a sign-in failed and what to change. It reads the
// trace of a run, or an error that somebody pasted, and answers with findings:
// what happened, why, with the values that were sent beside those that were
// expected, what mends it, and where it is written.
//
// It matches on numeric codes, on the error values of the standards and on the
// structure of an answer, never on prose. What it does not know it does not
// guess: an unknown code keeps the server's own words and its ids. It sends
// nothing, reads no clock and keeps nothing; secrets, verifiers, codes, states
// and tokens never appear in what it writes.
package explain

import (
	"flowscope/engine/trace"
)

// Confidence says how sure a finding is.
type Confidence string

// The degrees of confidence.
const (
	// Certain: both values were seen, and they settle it.
	Certain Confidence = "certain"
	// Likely: the server's answer says it, but what it was compared with was not seen.
	Likely Confidence = "likely"
	// Possible: one of several causes.
	Possible Confidence = "possible"
)

// Who can mend a failure.
const (
	Developer     = "developer"
	Administrator = "administrator"
	User          = "user"
	Nobody        = "nobody"
)

// Evidence is one observed value.
type Evidence struct {
	Label   string // "sent", "registered", "client_id"
	Value   string
	Note    string // what is odd about it, a few words; may be empty
	Compare string // the value it is compared with, when it is
	At      int    // rune index of the first difference between Value and Compare; -1: none
}

// Fix is one way out.
type Fix struct {
	Title   string        // "In the request: send the registered address"
	Where   string        // path in the portal; may be empty
	Command string        // az command; one that replaces a list carries the values of today too
	Note    string        // a remark on the fix; may be empty
	Change  *trace.Change // the retry that applies it; nil when nothing in the request can mend it
	Code    string        // change of the program's code; may be empty
}

// Support holds what Microsoft's support asks for (Entra: error handling).
type Support struct {
	TraceID       string
	CorrelationID string
	Timestamp     string // as the server wrote it
}

// Finding is one explained cause of a failure.
type Finding struct {
	// Code is "AADSTS50011", an OAuth error value, "HTTP 403", or what we
	// found ourselves: "state", "nonce", "code", "address" for an answer that
	// was refused, "token" for one that failed its checks, "gate" for a request
	// that was not let out, "transport" for one without an answer, "browser"
	// for one that no browser could be opened for, "intercepted" for an answer
	// that is not the authorization server's, "run" for
	// what ended the run outside any request.
	Code       string
	Name       string // Entra's symbolic name, such as "InvalidReplyTo"; may be empty
	OAuthError string // value of "error" (RFC 6749 sections 4.1.2.1 and 5.2)
	Stage      string // where it happened, over which channel, in which form the answer came
	Step       int    // step of the plan; 0 when there is no run
	Exchange   int    // N of the exchange; 0 when there is none
	What       string // what happened, one sentence
	Why        []string
	Evidence   []Evidence
	Fix        []Fix  // in order; the first with a Change is what a retry applies
	FlowRight  string // whether the flow itself is right, in words; empty when that can't be said
	Source     []string
	Confidence Confidence
	Who        string // Developer, Administrator, User or Nobody
	Planned    bool   // the flow is there to meet this: nothing failed
	Retry      bool   // the same request again may help
	Support    Support
	// ServerWords are the server's own words, cleaned and bounded.
	ServerWords string
	// API reports that an API gave the answer, not the authorization server.
	API bool
}

// Speaker names whose the ServerWords are, as a label: the lab and other
// authorization servers speak for themselves, and so does an API.
func (f Finding) Speaker() string {
	if f.API {
		return "API's words"
	}
	return "Server's words"
}

// RetryFix gives the first fix that a change of the request can apply, and false
// when there is none.
func (f Finding) RetryFix() (Fix, bool) {
	for _, x := range f.Fix {
		if x.Change != nil {
			return x, true
		}
	}
	return Fix{}, false
}

// Known reports whether the catalogue holds the finding's code.
func (f Finding) Known() bool {
	_, ok := Lookup(f.Code)
	return ok
}
