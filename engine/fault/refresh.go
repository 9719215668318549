package fault

import (
	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/trace"
)

var (
	onRefresh = []decision.Flow{decision.RefreshToken}
	onSilent  = []decision.Flow{decision.Silent}
)

// happens gives a condition that is about the person who signs in.
func happens(id string, at trace.Purpose) func(engine.Job) []engine.Condition {
	return func(job engine.Job) []engine.Condition {
		// A grant counts from its second on, so the event has to be a later one.
		return []engine.Condition{{ID: "clock", Value: "1m", At: at}, {ID: id, Value: user(job), At: at}}
	}
}

// refreshFaults are about the refresh token (RFC 6749 section 6). It
// is long because it is a table.
func refreshFaults() []Fault {
	return []Fault{
		{
			ID: "sessions-revoked", Title: "Revoke the person's sessions", Group: Policy, Flows: onRefresh, Purpose: trace.Refresh,
			Conditions: happens("sessions-revoked", trace.Refresh),
			Says:       "revokes all sessions of the person before the refresh", Predicts: "AADSTS50173",
			Lesson: "A refresh asks Entra ID again, so it is where a revocation is felt first; access tokens go on until they expire.",
		},
		{
			ID: "sessions-revoked", Title: "Revoke the person's sessions", Group: Policy, Flows: onSilent, Purpose: trace.Refresh,
			Conditions: happens("sessions-revoked", trace.Refresh),
			Says:       "revokes all sessions of the person before the refresh", Predicts: Works,
			Lesson: "interaction required is a signal, not a failure: the application shows the sign-in page and goes on.",
		},
		{
			ID: "password-changed", Title: "Change the person's password", Group: Policy, Flows: onRefresh, Purpose: trace.Refresh,
			Conditions: happens("password-changed", trace.Refresh),
			Says:       "changes the person's password before the refresh", Predicts: "AADSTS50173",
			Lesson: "What was granted with the old password ends with it: send the person to sign in.",
		},
		{
			ID: "account-deleted", Title: "Delete the person's account", Group: Policy, Flows: onRefresh, Purpose: trace.Refresh,
			Conditions: happens("account-deleted", trace.Refresh),
			Says:       "deletes the account before the refresh", Predicts: "AADSTS500341",
			Lesson: "A refresh is how an application learns that somebody has left: when the access token ends, after 60 to 90 minutes.",
		},
		{
			ID: "sign-in-frequency", Title: "Ask for a fresh sign-in every hour", Group: Policy, Flows: onRefresh, Purpose: trace.Refresh,
			Conditions: func(engine.Job) []engine.Condition {
				return []engine.Condition{{ID: "sign-in-frequency", Value: "1h"}, {ID: "clock", Value: "2h", At: trace.Refresh}}
			},
			Says: "demands a sign-in within the last hour, and lets two pass", Predicts: "AADSTS70043",
			Lesson: "A policy can end refresh tokens long before their own time: be ready for a page at any refresh.",
		},
		{
			ID: "refresh-garbled", Title: "Change one letter of the refresh token", Group: Token, Flows: onRefresh, Purpose: trace.Refresh,
			Changes: ops(trace.Refresh, "another refresh_token", garble(trace.Form, "refresh_token")),
			Says:    "changes one letter of refresh_token", Predicts: "AADSTS9002313",
			Lesson: "A refresh token is opaque: keep it whole, and expect no length that a column might cut.",
		},
		{
			ID: "refresh-other-client", Title: "Refresh as another application", Group: Token, Flows: onRefresh, Clients: []string{"native", "spa", "cli"}, When: hasSibling, Purpose: trace.Refresh,
			Changes: func(job engine.Job) []trace.Change {
				return ops(trace.Refresh, "another application's client_id", set(trace.Form, "client_id", sibling(job).Registration.ClientID))(job)
			},
			Says: "sends the client_id of another public application", Predicts: "AADSTS70000",
			Lesson: "A refresh token is bound to the client it was issued to: stolen by one application, it is worthless to another.",
		},
		{
			ID: "refresh-scope", Title: "Refresh for a scope nobody consented to", Group: Token, Flows: onRefresh, Purpose: trace.Refresh,
			Changes: func(job engine.Job) []trace.Change {
				c := otherScope(job)
				c[0].Purpose = trace.Refresh
				return c
			},
			Says: "asks for another API's scope with the refresh token", Predicts: "AADSTS65001",
			Lesson: "A refresh token serves every API, but only for what was consented to.",
		},
		{
			ID: "refresh-expired", Title: "Come back after too long a pause", Group: Token, Flows: onRefresh, Clients: []string{"web", "native", "cli", "partner"}, Purpose: trace.Refresh,
			Conditions: condition("clock", "2400h", trace.Refresh),
			Says:       "lets a hundred days pass without a refresh", Predicts: "AADSTS700082",
			Lesson: "A refresh token that nobody uses for ninety days is over; each use gives a new one with new ninety days.",
		},
		{
			ID: "refresh-expired", Title: "Come back after too long a pause", Group: Token, Flows: onRefresh, Clients: []string{"spa", "everyone"}, Purpose: trace.Refresh,
			Conditions: condition("clock", "25h", trace.Refresh),
			Says:       "lets twenty-five hours pass since the sign-in", Predicts: "AADSTS700084",
			Lesson: "In a browser a refresh token lives for 24 hours from the sign-in, however often it is used: then the person signs in again.",
		},
	}
}

// signOutFaults are about the way out (OpenID Connect RP-Initiated Logout).
func signOutFaults() []Fault {
	flow := []decision.Flow{decision.SignOut}
	return []Fault{
		{
			ID: "sign-out-state", Title: "Come back signed out with another state", Group: Redirect, Flows: flow, Clients: []string{"web"}, Purpose: trace.SignedOut,
			Changes: ops(trace.SignedOut, "another state", garble(trace.Query, "state")),
			Says:    "changes one letter of state on the way back", Predicts: "state",
			Lesson: "A way back is a redirect like any other: without its state somebody else may have sent the browser here.",
		},
		{
			ID: "sign-out-address", Title: "Sign out to an address not registered", Group: Redirect, Flows: flow, Purpose: trace.SignOut,
			Changes: ops(trace.SignOut, "another post_logout_redirect_uri", set(trace.Query, "post_logout_redirect_uri", "https://app.contoso.example.attacker.example/")),
			Says:    "puts a look-alike host into post_logout_redirect_uri", Predicts: Works,
			Lesson: "The session ends all the same, and the browser stays on Entra ID's page: a sign-out is no open redirect.",
		},
	}
}

// passwordFaults are about the password grant (RFC 6749 section 4.3), which
// RFC 9700 forbids.
func passwordFaults() []Fault {
	flow := []decision.Flow{decision.Password}
	return []Fault{
		{
			ID: "password-wrong", Title: "Send a wrong password", Group: Token, Flows: flow, Clients: []string{"cli"}, Purpose: trace.TokenCall,
			Changes: ops(trace.TokenCall, "another password", garble(trace.Form, "password")),
			Says:    "changes one letter of password", Predicts: "AADSTS50126",
			Lesson: "The program sees the password, right or wrong: that alone is the reason not to use this grant.",
		},
		{
			ID: "mfa-required", Title: "Demand a second factor", Group: Policy, Flows: flow, Clients: []string{"cli"}, Purpose: trace.TokenCall,
			Conditions: condition("mfa-required", "", ""),
			Says:       "demands multi-factor authentication", Predicts: "AADSTS50076",
			Lesson: "A form of name and password has no place for a second factor: the flow ends here.",
		},
		{
			ID: "password-grant-blocked", Title: "Block the password grant", Group: Policy, Flows: flow, Clients: []string{"cli"}, Purpose: trace.TokenCall,
			Conditions: condition("password-grant-blocked", "", ""),
			Says:       "blocks the grant by Conditional Access", Predicts: "AADSTS53003",
			Lesson: "Most tenants block this grant, and are right.",
		},
	}
}
