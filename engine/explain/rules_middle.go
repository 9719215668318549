package explain

import (
	"slices"
	"strings"

	"flowscope/engine/trace"
)

// middleConsent is the retry after an API in the middle found no consent: the
// application asks for .default of that API, and one page covers the API behind
// it too (Entra: knownClientApplications). Nothing where the run did not begin
// with a sign-in.
func (s scene) middleConsent() []Fix {
	auth, ok := s.authorizeOf()
	if !ok {
		return nil
	}
	asked, _ := auth.Request.Get("scope")
	var scopes []string
	for scope := range strings.FieldsSeq(asked) {
		if resource, _ := cutScope(scope); !isOIDC(scope) && resource != "" {
			scope = joinScope(resource, ".default")
		}
		if !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	right := strings.Join(scopes, " ")
	return []Fix{{
		Title: "In the authorization request: ask for .default of the API in the middle, with prompt=consent",
		Note:  "its registration has to name the application among knownClientApplications: one page then covers the API behind it too",
		Change: &trace.Change{Purpose: trace.Authorize, Label: "one consent for both APIs", Ops: []trace.Op{
			{Verb: trace.Set, Place: trace.Query, Name: "scope", Value: right},
			{Verb: trace.Set, Place: trace.Query, Name: "prompt", Value: "consent"},
		}},
	}}
}

// relayed is the retry that an application makes when the API in the middle
// hands it the claims of its error: it signs the person in again with them. Nil
// where the run did not begin with a sign-in.
func (s scene) relayed() *trace.Change {
	if _, ok := s.authorizeOf(); !ok || s.e.Purpose != trace.OnBehalfOf || s.a.claims == "" {
		return nil
	}
	return &trace.Change{Purpose: trace.Authorize, Label: "the claims that the API handed back", Ops: []trace.Op{
		{Verb: trace.Set, Place: trace.Query, Name: "claims", Value: s.a.claims},
	}}
}

// waits reports whether an exchange is a poll that was told to wait (RFC 8628
// section 3.5): no failure, but where nothing else ended the run.
func waits(e trace.Exchange) bool {
	if e.Purpose != trace.Poll || e.Response == nil {
		return false
	}
	a, ok := readJSON(e.Response.Body)
	return ok && (a.oauth == "authorization_pending" || a.oauth == "slow_down")
}

// ended reports whether a run ended otherwise than by the newest of its polls.
func ended(t *trace.Trace, i int) bool {
	return t.Outcome == trace.Stopped || slices.ContainsFunc(t.Exchanges[i+1:], func(e trace.Exchange) bool { return e.Purpose != trace.Poll })
}
