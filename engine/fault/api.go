package fault

import (
	"strings"

	"flowscope/engine"
	"flowscope/engine/trace"
)

// apiFaults are about the token that is sent to an API (RFC 6750). It
// is long because it is a table.
func apiFaults() []Fault {
	return []Fault{
		{
			ID: "id-token-as-bearer", Title: "Send the ID token to the API", Group: API, Flows: onCode, When: calls, Purpose: trace.CallAPI,
			Changes: ops(trace.CallAPI, "the ID token as bearer", bearer("Bearer {id_token}")),
			Says:    "sends the ID token in the place of the access token", Predicts: "401",
			Lesson: "An ID token tells the application who signed in; it is for no API, and its audience says so.",
		},
		{
			ID: "refresh-token-as-bearer", Title: "Send the refresh token to the API", Group: API, Flows: onCode, When: calls, Purpose: trace.CallAPI,
			Changes: ops(trace.CallAPI, "the refresh token as bearer", bearer("Bearer {refresh_token}")),
			Says:    "sends the refresh token in the place of the access token", Predicts: "401",
			Lesson: "A refresh token is for the token endpoint alone; at an API it is a long-lived secret given away.",
		},
		{
			ID: "token-garbled", Title: "Change one letter of the access token", Group: API, Flows: onEither, When: calls, Purpose: trace.CallAPI,
			Changes: ops(trace.CallAPI, "another access token", garble(trace.Header, "Authorization")),
			Says:    "changes one letter in the middle of the token", Predicts: "401",
			Lesson: "The signature covers every letter: a token can be read by all and changed by nobody.",
		},
		{
			ID: "token-missing", Title: "Call the API without a token", Group: API, Flows: onEither, When: calls, Purpose: trace.CallAPI,
			Changes: ops(trace.CallAPI, "no Authorization header", drop(trace.Header, "Authorization")),
			Says:    "drops the Authorization header", Predicts: "401",
			Lesson: "Without a token the API says 401 and no error code: it was not told anything to judge (RFC 6750 section 3.1).",
		},
		{
			ID: "scheme-missing", Title: "Forget the word Bearer", Group: API, Flows: onEither, When: hasRoute("/tasks"), Purpose: trace.CallAPI,
			Changes: ops(trace.CallAPI, "no scheme before the token", bearer("{access_token}")),
			Says:    "sends the token without the scheme before it", Predicts: "400",
			Lesson: "The header is Authorization: Bearer TOKEN; the token alone is a scheme that nobody knows (RFC 6750 section 2.1).",
		},
		{
			ID: "token-in-query", Title: "Put the access token into the address", Group: API, Flows: onEither, When: calls, Purpose: trace.CallAPI,
			Changes: ops(trace.CallAPI, "the token in the query", drop(trace.Header, "Authorization"),
				trace.Op{Verb: trace.Bring, Place: trace.Query, Name: "access_token", Value: "{access_token}"}),
			Says: "moves the token from the header to the query", Predicts: "401",
			Lesson: "Addresses end up in logs and histories; APIs take tokens from the header (RFC 9700 section 4.3.2).",
		},
		{
			ID: "token-expired", Title: "Call the API with an expired token", Group: API, Flows: onEither, When: calls, Purpose: trace.CallAPI,
			Conditions: condition("clock", "3h", trace.CallAPI),
			Says:       "lets three hours pass before the call", Predicts: "401",
			Lesson: "An access token lives for about an hour; on 401 with invalid_token a client refreshes and tries once more.",
		},
		{
			ID: "cors-refused", Title: "Call an API that allows no other origin", Group: API, Flows: onCode, Clients: []string{"spa"}, When: calls, Purpose: trace.CallAPI,
			Changes: func(job engine.Job) []trace.Change {
				return ops(trace.CallAPI, "Origin, as a browser sends it", set(trace.Header, "Origin", job.Client.Origin))(job)
			},
			Conditions: condition("api-cors-off", "", ""),
			Says:       "calls across origins an API that sends no Access-Control-Allow-Origin", Predicts: "cors",
			Lesson: "The API answered 200 and the page sees nothing: CORS is enforced by the browser, so the mistake is the API's.",
		},
		{
			ID: "stale-key-cache", Title: "Meet an API with an old key cache", Group: API, Flows: onEither, When: hasRoute("/tasks"), Purpose: trace.CallAPI,
			Conditions: func(engine.Job) []engine.Condition {
				return []engine.Condition{{ID: "key-rollover"}, {ID: "api-stale-keys"}}
			},
			Says: "signs with the next key, while the API keeps the first for ever", Predicts: "401",
			Lesson: "The token is good: an API must fetch the keys again when it meets a kid that it does not know.",
		},
	}
}

// routeFaults are good tokens at the wrong place. All need an API with several
// routes, and so the lab. It is long because it is a table.
func routeFaults() []Fault {
	return []Fault{
		{
			ID: "other-api", Title: "Replay the token at another API", Group: API, Flows: onCode, When: hasRoute("/stock"), Purpose: trace.CallAPI,
			Changes: route("/stock"),
			Says:    "sends the token for one API to another one", Predicts: "401",
			Lesson: "aud names the one API that a token is for; whoever takes another's token lets every API impersonate its callers.",
			Attack: &Attack{
				Does:  "An API that the person uses is in the attacker's hands. It takes the token that it was sent and plays it at another API.",
				Sees:  "401: the audience is not that API.",
				Stops: "The check of aud in the API, besides signature and issuer, which are right.",
			},
		},
		{
			ID: "graph-token", Title: "Send a Graph token to your own API", Group: API, Flows: onCode, When: ownAPI, Purpose: trace.CallAPI,
			Shape: func(job *engine.Job) { job.Scopes = []string{graphScope} },
			Says:  "asks for a scope of Microsoft Graph and calls the own API with that token", Predicts: "401",
			Lesson: "A token for Graph is Graph's alone, its signature can't even be checked by others: ask for a scope of your own API.",
		},
		{
			ID: "app-token-person-route", Title: "Call a person's route as an application", Group: API, Flows: onCredentials, When: hasRoute("/tasks"), Purpose: trace.CallAPI,
			Changes: route("/tasks"),
			Says:    "calls a route that is about a person with a token in which there is none", Predicts: "403",
			Lesson: "scp means a person stands behind the token, roles without scp means nobody does; an API must tell them apart.",
		},
		{
			ID: "person-token-app-route", Title: "Call an application's route as a person", Group: API, Flows: onCode, When: hasRoute("/all"), Purpose: trace.CallAPI,
			Changes: route("/all"),
			Says:    "calls a route for applications with the token of a person", Predicts: "403",
			Lesson: "What a daemon may see, all data of all people, is not for whoever is signed in.",
		},
		{
			ID: "scope-missing", Title: "Call a route that needs another scope", Group: API, Flows: onCode, When: hasRoute("/tasks"), Purpose: trace.CallAPI,
			Changes: route("/recent"),
			Says:    "calls a route whose scope was not asked for", Predicts: "403",
			Lesson: "401 is about the token, 403 about what it may do: the sign-in was clean, a scope is missing.",
		},
		{
			ID: "role-missing", Title: "Call a route that needs a role", Group: API, Flows: onCode, When: hasRoute("/admin"), Purpose: trace.CallAPI,
			Changes: route("/admin"),
			Says:    "calls a route for administrators as somebody who is none", Predicts: "403",
			Lesson: "A scope says what the application may do, a role what the person may: a call needs both.",
		},
		{
			ID: "step-up", Title: "Call a route that asks for more proof", Group: API, Flows: onCode, When: hasRoute("/admin"), Purpose: trace.CallAPI,
			Changes:    route("/admin"),
			Conditions: condition("step-up", "", ""),
			Shape:      func(job *engine.Job) { job.User = administrator(*job) },
			Says:       "calls a route that demands an authentication context", Predicts: "401",
			Lesson: "A 401 with claims is a question, not a refusal: sign in again with these claims, and the call works.",
		},
		{
			ID: "api-audience-off", Title: "Find an API that checks no audience", Group: API, Flows: onCode, Clients: []string{"web"}, When: hasRoute("/stock"), Purpose: trace.CallAPI,
			Shape: func(job *engine.Job) {
				if s, ok := service(*job, "/stock"); ok {
					job.Scopes = []string{s.Scope}
				}
			},
			Changes:    route("/hello"),
			Conditions: condition("api-audience-off", "", ""),
			Says:       "sends another API's token to one that does not look at aud", Predicts: "200",
			Lesson: "200 is the fault: every token of the tenant opens this API, whatever the person consented to.",
			Attack: &Attack{
				Does:  "The attacker gets a token for any API of the tenant, as many applications may, and sends it here.",
				Sees:  "Everything that this API gives to the person in the token.",
				Stops: "Nothing. Check aud, at every call.",
			},
		},
	}
}

// onLab reports whether the run calls an API of the lab.
func onLab(job engine.Job) bool { return calls(job) && job.Target.Switch != nil }

// ownAPI reports whether the run calls an API other than Microsoft Graph.
func ownAPI(job engine.Job) bool { return calls(job) && namesResource(job) }

// service finds a service of the target by the end of its address.
func service(job engine.Job, path string) (engine.Service, bool) {
	for _, s := range job.Target.Services {
		if strings.HasSuffix(s.URL, path) {
			return s, true
		}
	}
	return engine.Service{}, false
}

func hasRoute(path string) func(engine.Job) bool {
	return func(job engine.Job) bool {
		_, ok := service(job, path)
		return ok && onLab(job) && ownAPI(job)
	}
}

// route sends the call to another path: one of the target's services, or one
// beside the path that the run calls.
func route(path string) func(engine.Job) []trace.Change {
	return func(job engine.Job) []trace.Change {
		s, ok := service(job, path)
		if !ok {
			s.URL = job.Call[:strings.LastIndexByte(job.Call, '/')] + path
		}
		return ops(trace.CallAPI, "another address", set(trace.Address, "", s.URL))(job)
	}
}

// administrator gives an account of the target that is one.
func administrator(job engine.Job) string {
	for _, a := range job.Target.Accounts {
		if strings.Contains(a.About, "administrator") {
			return a.Username
		}
	}
	return user(job)
}
