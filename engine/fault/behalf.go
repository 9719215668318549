package fault

import (
	"strings"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/trace"
)

var onBehalfOf = []decision.Flow{decision.OnBehalfOf}

// behalfFaults are about an API that calls on as the signed-in user (RFC 7523
// section 2.1, Entra: on-behalf-of flow). It is long because it is a table.
func behalfFaults() []Fault {
	assertion := func(label, template string) func(engine.Job) []trace.Change {
		return ops(trace.OnBehalfOf, label, trace.Op{Verb: trace.Bring, Place: trace.Form, Name: "assertion", Value: template})
	}
	return []Fault{
		{
			ID: "obo-id-token", Title: "Exchange the ID token", Group: Token, Flows: onBehalfOf, When: signsIn, Purpose: trace.OnBehalfOf,
			Changes: assertion("the ID token as assertion", "{id_token}"),
			Says:    "sends the ID token as assertion", Predicts: "AADSTS240002",
			Lesson: "The assertion is the access token that the API was called with; an ID token proves no call.",
		},
		{
			ID: "obo-graph-token", Title: "Exchange a Graph token", Group: Token, Flows: onBehalfOf, When: signsIn, Purpose: trace.OnBehalfOf,
			Shape: func(job *engine.Job) { job.Scopes = []string{graphScope} },
			Says:  "lets the application get a token for Microsoft Graph and call the API with that", Predicts: "AADSTS500131",
			Lesson: "Only the API that a token is for may exchange it: ask for a scope of the API in the middle.",
		},
		{
			ID: "obo-expired", Title: "Exchange a token that has expired", Group: Token, Flows: onBehalfOf, Purpose: trace.OnBehalfOf,
			Conditions: condition("clock", "3h", trace.OnBehalfOf),
			Says:       "lets three hours pass before the exchange", Predicts: "AADSTS500133",
			Lesson: "The API can't wait with the person's token: for long work keep the refresh token of the exchange.",
		},
		{
			ID: "obo-garbled", Title: "Change one letter of the assertion", Group: Token, Flows: onBehalfOf, Purpose: trace.OnBehalfOf,
			Changes: ops(trace.OnBehalfOf, "another assertion", garble(trace.Form, "assertion")),
			Says:    "changes one letter of the assertion's signature", Predicts: "AADSTS50013",
			Lesson: "Entra ID checks its own signature again: an API can't make a person up.",
		},
		{
			ID: "obo-no-consent", Title: "Call on without a consent", Group: Token, Flows: onBehalfOf, Purpose: trace.OnBehalfOf,
			Changes: ops(trace.OnBehalfOf, "a scope that nobody consented to", set(trace.Form, "scope", "openid offline_access profile https://graph.microsoft.com/Directory.Read.All")),
			Says:    "asks for a scope of the API behind that nobody consented to", Predicts: "AADSTS65001",
			Lesson: "The API has no page to ask on: consent is collected in front, or an administrator gives it.",
		},
		{
			ID: "obo-use-missing", Title: "Leave requested_token_use out", Group: Token, Flows: onBehalfOf, Purpose: trace.OnBehalfOf,
			Changes: ops(trace.OnBehalfOf, "no requested_token_use", drop(trace.Form, "requested_token_use")),
			Says:    "drops requested_token_use", Predicts: "AADSTS900144",
			Lesson: "The grant type says that an assertion is brought, requested_token_use=on_behalf_of what for.",
		},
		{
			ID: "other-api", Title: "Pass the first token on", Group: API, Flows: onBehalfOf, When: signsIn, Purpose: trace.CallDownstream,
			Changes: ops(trace.CallDownstream, "the token of the first hop", trace.Op{Verb: trace.Bring, Place: trace.Header, Name: "Authorization", Value: "Bearer {first_access_token}"}),
			Says:    "calls the API behind with the token that the API in the middle was called with", Predicts: "401",
			Lesson: "A token is for one API; passing it on is what on-behalf-of is there to replace.",
		},
	}
}

// signsIn reports whether the run begins with a sign-in.
func signsIn(job engine.Job) bool { return job.Given == "" }

// assertionFaults are about a client that proves itself with an assertion (RFC
// 7523 section 2.2).
func assertionFaults() []Fault {
	certificate := func(job engine.Job) bool { return job.Client.Certificate != nil }
	federated := func(job engine.Job) bool { return job.Client.Federated != nil }
	as := func(kind engine.CredentialKind) func(*engine.Job) {
		return func(job *engine.Job) { job.Credential = kind }
	}
	claim := func(label, name, value string) func(engine.Job) []trace.Change {
		return ops(trace.TokenCall, label, set(trace.Claim, "client_assertion."+name, value))
	}
	return []Fault{
		{
			ID: "assertion-signature", Title: "Sign the assertion with another key", Group: Token, Flows: onCredentials, When: certificate, Shape: as(engine.Certificate), Purpose: trace.TokenCall,
			Changes: ops(trace.TokenCall, "another signature", garble(trace.Form, "client_assertion")),
			Says:    "changes one letter of the assertion's signature", Predicts: "AADSTS700027",
			Lesson: "The private key is the proof: a signature that the registered certificate does not check is nobody's.",
		},
		{
			ID: "assertion-expired", Title: "Send an assertion that has expired", Group: Token, Flows: onCredentials, When: certificate, Shape: as(engine.Certificate), Purpose: trace.TokenCall,
			Conditions: condition("clock", "30m", trace.TokenCall),
			Says:       "lets half an hour pass after the assertion was signed", Predicts: "AADSTS700024",
			Lesson: "An assertion lives for minutes: sign one for each request, and keep the machine's clock right.",
		},
		{
			ID: "assertion-audience", Title: "Write the assertion for another endpoint", Group: Token, Flows: onCredentials, When: certificate, Shape: as(engine.Certificate), Purpose: trace.TokenCall,
			Changes: otherEndpoint,
			Says:    "names another token endpoint in the metadata, so that the assertion is written for that one", Predicts: "AADSTS5002730",
			Lesson: "The audience ties the assertion to one token endpoint, so that nobody who gets it can present it elsewhere.",
		},
		{
			ID: "federated-subject", Title: "Write the subject in other letters", Group: Token, Flows: onCredentials, When: federated, Shape: as(engine.Federated), Purpose: trace.TokenCall,
			Changes: claim("another letter case in the subject", "sub", "repo:Contoso/orders:ref:refs/heads/main"),
			Says:    "writes one letter of the subject as a capital", Predicts: "AADSTS7002138",
			Lesson: "Issuer, subject and audience are compared letter for letter: a repository that was renamed is another subject.",
		},
		{
			ID: "federated-audience", Title: "Bring an assertion for somebody else", Group: Token, Flows: onCredentials, When: federated, Shape: as(engine.Federated), Purpose: trace.TokenCall,
			Changes: claim("another audience", "aud", "api://SomebodyElse"),
			Says:    "writes another audience into the assertion of the other issuer", Predicts: "AADSTS700212",
			Lesson: "The audience api://AzureADTokenExchange says that the token was meant to be exchanged at Entra ID, and for nothing else.",
		},
		{
			ID: "federated-issuer", Title: "Add a slash to the issuer", Group: Token, Flows: onCredentials, When: federated, Shape: as(engine.Federated), Purpose: trace.TokenCall,
			Changes: func(job engine.Job) []trace.Change {
				issuer := "https://issuer.example/"
				if f := job.Client.Registration.Federated; len(f) > 0 {
					issuer = f[0].IssuerAt(strings.TrimSuffix(job.Target.Authority, "/"+tenantOf(job))) + "/"
				}
				return claim("a slash behind the issuer", "iss", issuer)(job)
			},
			Says: "adds a slash to the end of the assertion's issuer", Predicts: "AADSTS700211",
			Lesson: "An issuer is an identifier, not an address: the slash counts.",
		},
	}
}

// otherEndpoint lets the client sign its assertion for another token endpoint,
// and sends it to the right one all the same.
func otherEndpoint(job engine.Job) []trace.Change {
	host := strings.TrimSuffix(job.Target.Authority, "/"+tenantOf(job))
	return []trace.Change{
		{Purpose: trace.Metadata, Only: 1, Answer: true, Label: "another token endpoint", Ops: []trace.Op{set(trace.JSON, "token_endpoint", host+"/"+unknownTenant+"/oauth2/v2.0/token")}},
		{Purpose: trace.TokenCall, Label: "sent to the right endpoint", Ops: []trace.Op{set(trace.Path, "tenant", tenantOf(job))}},
	}
}

// tenantOf is the tenant as the authority's address names it.
func tenantOf(job engine.Job) string {
	return job.Target.Authority[strings.LastIndexByte(job.Target.Authority, '/')+1:]
}

// implicitFaults are about tokens that come through the browser. It
// is long because it is a table.
func implicitFaults() []Fault {
	flow := []decision.Flow{decision.Implicit}
	return []Fault{
		{
			ID: "state", Title: "Bring back another state", Group: Redirect, Flows: flow, Purpose: trace.Redirect,
			Changes: ops(trace.Redirect, "another state", garble(trace.Fragment, "state")),
			Says:    "changes one letter of state in the fragment", Predicts: "state",
			Lesson: "Without this check a stranger could finish their sign-in in your browser (RFC 6749 section 10.12).",
		},
		{
			ID: "forged-state", Title: "Finish the attacker's sign-in", Group: Redirect, Flows: flow, Purpose: trace.Redirect,
			Changes: ops(trace.Redirect, "the attacker's state", set(trace.Fragment, "state", attackerState)),
			Says:    "brings the redirect of a sign-in that the attacker began", Predicts: "state",
			Lesson: "state ties the redirect to the browser that began the sign-in; another one is login CSRF (RFC 6749 section 10.12).",
			Attack: &Attack{
				Does:  "The attacker signs in with an own account, keeps the redirect with its tokens, and makes the victim's browser open it.",
				Sees:  "What the victim would later write into the attacker's account, if the page took the tokens.",
				Stops: "The page compares state with the one it keeps for this browser, before it looks at the tokens.",
			},
		},
		{
			ID: "token-swapped", Title: "Swap the access token on its way", Group: Redirect, Flows: flow, Purpose: trace.Redirect,
			Changes: ops(trace.Redirect, "another access token", garble(trace.Fragment, "access_token")),
			Says:    "puts another access token beside the ID token", Predicts: "at_hash",
			Lesson: "In the front channel anybody may swap a token; only at_hash in the ID token tells (OpenID Connect Core section 3.2.2.9).",
			Attack: &Attack{
				Does:  "The attacker has an access token of the victim's, issued to an application of the attacker's own, and puts it into the redirect of the application under attack.",
				Sees:  "The application as the victim, if it takes any access token for a sign-in.",
				Stops: "at_hash, in a page that checks it. With authorization code + PKCE no token is in the browser's address at all.",
			},
		},
		{
			ID: "implicit", Title: "Ask for tokens that are not ticked", Group: Authorize, Flows: flow, Purpose: trace.Authorize,
			Changes: ops(trace.Authorize, "tokens in the query", set(trace.Query, "response_mode", "query")),
			Says:    "asks for the tokens in the query", Predicts: "AADSTS70007", At: trace.Redirect,
			Lesson: "A query is sent to servers and written into their logs: tokens may come in a fragment or a posted form alone.",
		},
		{
			ID: "nonce", Title: "Ask for an ID token with another nonce", Group: Authorize, Flows: flow, Purpose: trace.Authorize,
			Changes: ops(trace.Authorize, "another nonce", garble(trace.Query, "nonce")),
			Says:    "changes one letter of nonce on its way out", Predicts: "nonce", At: trace.Redirect,
			Lesson: "In the implicit flow nonce is not optional: it is all that keeps an old ID token out (OpenID Connect Core section 3.2.2.1).",
		},
		{
			ID: "redirect-uri", Title: "Come back to an address not registered", Group: Authorize, Flows: flow, Purpose: trace.Authorize,
			Changes: misspellRedirect,
			Says:    "changes the path of redirect_uri", Predicts: "AADSTS50011",
			Lesson: "Here it is the tokens themselves that would go to a stranger.",
		},
	}
}

// adminFaults are about the consent of an administrator for everybody. It is long because it is a table.
func adminFaults() []Fault {
	flow := []decision.Flow{decision.AdminConsent}
	return []Fault{
		{
			ID: "not-an-administrator", Title: "Consent for everybody as an ordinary user", Group: Policy, Flows: flow, When: hasAccounts, Purpose: trace.SignIn,
			Shape: func(job *engine.Job) { job.User = job.Target.Accounts[0].Username },
			Says:  "signs in to the consent page as somebody who is no administrator", Predicts: "AADSTS90093",
			Lesson: "What counts for everybody is an administrator's to grant; the page says so and leads nowhere.",
		},
		{
			ID: "state", Title: "Bring back another state", Group: Redirect, Flows: flow, Purpose: trace.Redirect,
			Changes: ops(trace.Redirect, "another state", garble(trace.Query, "state")),
			Says:    "changes one letter of state in the redirect", Predicts: "state",
			Lesson: "admin_consent=True in an address is no proof of anything; the state at least says who asked.",
		},
		{
			ID: "tenant", Title: "Ask a tenant that does not exist", Group: Authorize, Flows: flow, Purpose: trace.AdminConsent,
			Changes: administered("another tenant in the address", set(trace.Path, "tenant", unknownTenant)),
			Says:    "puts another tenant into the address of the consent page", Predicts: "AADSTS90002",
			Lesson: "An administrator consents for one tenant: the one in the address.",
		},
		{
			ID: "client-id", Title: "Name an application that is not there", Group: Authorize, Flows: flow, Purpose: trace.AdminConsent,
			Changes: administered("another client_id", set(trace.Query, "client_id", unknownClient)),
			Says:    "sends a client_id that nobody has registered", Predicts: "AADSTS700016",
			Lesson: "The link for the administrator carries client_id and tenant: check both before it is mailed.",
		},
		{
			ID: "redirect-uri", Title: "Come back to an address not registered", Group: Authorize, Flows: flow, Purpose: trace.AdminConsent,
			Changes: administered("another redirect_uri", garble(trace.Query, "redirect_uri")),
			Says:    "changes one letter of redirect_uri", Predicts: "AADSTS50011",
			Lesson: "The consent page goes back to a registered address alone, as every other page does.",
		},
		{
			ID: "consent-declined", Title: "Decline the consent", Group: Policy, Flows: flow, Purpose: trace.SignIn, Decline: true,
			Says: "lets the administrator press Cancel", Predicts: "AADSTS65004", At: trace.Redirect,
			Lesson: "The application learns of the no by its redirect, and nothing has been granted.",
		},
	}
}

// administered gives the changes of the request for an administrator's consent.
func administered(label string, list ...trace.Op) func(engine.Job) []trace.Change {
	return ops(trace.AdminConsent, label, list...)
}

func hasAccounts(job engine.Job) bool { return len(job.Target.Accounts) > 0 }
