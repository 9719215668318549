package engine

import (
	"fmt"
	"slices"
	"strings"

	"flowscope/decision"
	"flowscope/engine/trace"
)

// Job is what a run is asked to do.
type Job struct {
	Flow   decision.Flow
	Client Client
	Target Target
	Driver string   // id of the driver; empty: the target's, else the first that can
	Scopes []string // resource scopes; the OpenID ones are added by the plan
	User   string   // who signs in; empty: the target's first account
	Prompt string   // the authorize request's prompt parameter; empty: left out
	Claims string   // the claims request parameter, JSON (OpenID Connect Core 1.0 section 5.5); empty: left out
	V1     bool     // the v1.0 endpoints with resource= (Entra: v1.0 endpoints)
	// Credential is how a confidential client proves itself; empty: its first.
	Credential CredentialKind
	// Caller is the application that signs the person in, where Client is an API
	// in the middle (on-behalf-of); nil: the target's first that can.
	Caller *Client
	// Given is a token of the person's own to begin with: a refresh token, or the
	// token to exchange. The first hop is then left out.
	Given string

	Step    bool          // hold every request until it is released
	HoldAt  trace.Purpose // hold from the first request with this purpose on
	Answers bool          // hold answers too
	Browser bool          // the system browser instead of a sign-in in the program
	Paste   bool          // no browser here: the URL is shown, the redirect is pasted
	// Seen says that the person knows what goes to a live target. Without it, and
	// without Step, the first exchange there waits until it is released; the rest
	// then goes on by itself.
	Seen bool
	Call string // an API URL to call with the access token; empty: none
	// Confirmed are hosts outside the target that the person has agreed to send a
	// token to.
	Confirmed  []string
	Changes    []trace.Change
	Conditions []Condition  // of the lab, for the length of the run
	Fault      string       // id of the fault behind Changes, for the record
	Before     *Job         // the job before a fault was laid over it; nil: there is none
	Decline    bool         // the person declines what a page without fields asks for
	Abandon    bool         // the person gives the sign-in up at its first page
	Pages      []PageAnswer // answers to the sign-in pages, remembered from an earlier run
}

// Condition is a switch of the lab that a run sets and puts back at its end.
type Condition struct {
	ID    string
	Value string        // empty: switched on without a value
	At    trace.Purpose // switched before the first exchange of this purpose; empty: at the start
}

// CredentialKind gives how the job's client proves itself.
func (j Job) CredentialKind() CredentialKind {
	if j.Credential != NoCredential {
		return j.Credential
	}
	if kinds := j.Client.Credentials(); len(kinds) > 0 {
		return kinds[0]
	}
	return NoCredential
}

// Outside reports whether the person's part happens in a browser outside the
// program: the system's, or one of which the redirect is pasted.
func (j Job) Outside() bool { return j.Browser || j.Paste }

// InTurn reports whether the person's part of a flow with no way back (a device's)
// happens in the program, between two of its own requests: on the lab, with the
// sign-in inside.
func (j Job) InTurn() bool { return !j.Outside() && !j.Target.Live }

// SignsIn gives the application that signs the person in: the caller of an API in
// the middle (the job's own, else the target's single-page app, else the first
// that can), and the job's client in every other flow. False: there is none.
func (j Job) SignsIn() (Client, bool) {
	switch {
	case j.Flow != decision.OnBehalfOf:
		return j.Client, true
	case j.Caller != nil:
		return *j.Caller, true
	case j.Given != "":
		return Client{}, false
	}
	keys := j.Target.KeysFor(decision.AuthorizationCode)
	if slices.Contains(keys, "spa") {
		return j.Target.Client("spa")
	}
	if len(keys) == 0 {
		return Client{}, false
	}
	return j.Target.Client(keys[0])
}

// Job gives the job of a flow as one of the target's clients, ready to start.
// An empty key takes the client that the flow is usually shown with: a
// single-page app or a command line where one can run it, else the first. It fails when the target
// has no such client, or when the flow is not for it.
func (t Target) Job(flow decision.Flow, key string) (Job, error) {
	if key == "" {
		key = t.usual(flow)
	}
	if flow == decision.ManagedIdentity && (key == "" || key == Machine) {
		return t.machineJob(), nil
	}
	c, ok := t.Client(key)
	if !ok && key == "" {
		return Job{}, fmt.Errorf("%s has no client for %s", t.Name, flow.Title())
	}
	if !ok {
		return Job{}, fmt.Errorf("the target %s has no client %q; it has %s", t.Name, trace.Plain(key), strings.Join(t.keys(), ", "))
	}
	if !c.Runs(flow) {
		return Job{}, fmt.Errorf("%s is not for the client %q: it runs as %s", flow.Title(), key, strings.Join(t.KeysFor(flow), ", "))
	}
	return Job{Flow: flow, Client: c, Target: t, Scopes: append([]string(nil), c.Scopes...), Call: c.CallURL}, nil
}

// Machine is the key of the client that a managed identity stands for: nothing is
// registered that a person could choose, the identity is the machine's own.
const Machine = "machine"

// machineResource is what a managed identity is asked for where nothing else is
// named: the API of Azure itself (Entra: managed identities for Azure resources).
const machineResource = "https://management.azure.com/.default"

func (t Target) machineJob() Job {
	c := Client{Key: Machine, Registration: trace.Registration{Key: Machine, Name: "the managed identity of this machine"},
		Scopes: []string{machineResource}, Flows: []decision.Flow{decision.ManagedIdentity}}
	if len(t.Clients) > 0 {
		c.Registration.Resources = t.Clients[0].Registration.Resources // the APIs are the target's, whoever asks
	}
	return Job{Flow: decision.ManagedIdentity, Client: c, Target: t, Scopes: append([]string(nil), c.Scopes...)}
}

func (t Target) usual(flow decision.Flow) string {
	keys := t.KeysFor(flow)
	for _, k := range []string{"spa", "cli"} {
		if slices.Contains(keys, k) {
			return k
		}
	}
	if len(keys) == 0 {
		return ""
	}
	return keys[0]
}

func (t Target) keys() []string {
	var out []string
	for _, c := range t.Clients {
		out = append(out, c.Key)
	}
	return out
}

// KeysFor gives the keys of the clients that run a flow, in the target's order.
func (t Target) KeysFor(flow decision.Flow) []string {
	var out []string
	for _, c := range t.Clients {
		if c.Runs(flow) {
			out = append(out, c.Key)
		}
	}
	return out
}

// account is who signs in to the job.
func (j Job) account() (Account, bool) {
	if j.User != "" {
		return j.Target.Account(j.User)
	}
	if len(j.Target.Accounts) == 0 {
		return Account{}, false
	}
	return j.Target.Accounts[0], true
}
