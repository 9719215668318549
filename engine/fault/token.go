package fault

import (
	"slices"
	"strings"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/trace"
)

// codeFaults are about the redemption of a code (RFC 6749 section 4.1.3). It
// is long because it is a table.
func codeFaults() []Fault {
	return []Fault{
		{
			ID: "verifier", Title: "Send another code verifier", Group: Token, Flows: onSignIn, Purpose: trace.TokenCall,
			Changes: ops(trace.TokenCall, "another code_verifier", garble(trace.Form, "code_verifier")),
			Says:    "changes one letter of code_verifier", Predicts: "AADSTS501481",
			Lesson: "A stolen code is worthless without the verifier: this is all of PKCE.",
		},
		{
			ID: "verifier-missing", Title: "Leave the code verifier out", Group: Token, Flows: onSignIn, Purpose: trace.TokenCall,
			Changes: ops(trace.TokenCall, "no code_verifier", drop(trace.Form, "code_verifier")),
			Says:    "drops code_verifier", Predicts: "AADSTS501481",
			Lesson: "Once a challenge was sent, the verifier is owed.",
		},
		{
			ID: "verifier-short", Title: "Send a verifier that is too short", Group: Token, Flows: onSignIn, Purpose: trace.TokenCall,
			Changes: ops(trace.TokenCall, "a short code_verifier", set(trace.Form, "code_verifier", "short-verifier")),
			Says:    "sends a code_verifier of 14 characters", Predicts: "AADSTS501481",
			Lesson: "A verifier has 43 to 128 characters; a library that cuts it breaks every sign-in (RFC 7636 section 4.1).",
		},
		{
			ID: "stolen-code", Title: "Redeem a code that was stolen", Group: Token, Flows: onSignIn, Clients: []string{"native", "spa", "everyone"}, Purpose: trace.TokenCall,
			Changes: ops(trace.TokenCall, "the attacker's own verifier", set(trace.Form, "code_verifier", attackerVerifier)),
			Says:    "redeems the code with a verifier of the attacker's own", Predicts: "AADSTS501481",
			Lesson: "Everything that travels through the browser can be stolen; the verifier never did (RFC 7636 section 1).",
			Attack: &Attack{
				Does:  "The attacker reads the code out of a log, of the browser's history, or with an app that answers to the same custom scheme, and redeems it before the application does.",
				Sees:  "All of the request but the verifier: client_id, redirect_uri and the challenge are no secrets.",
				Stops: "The token endpoint. From the challenge nobody computes the verifier, for SHA-256 goes one way.",
			},
		},
		{
			ID: "code-wrong", Title: "Redeem a code that nobody issued", Group: Token, Flows: onSignIn, Purpose: trace.TokenCall,
			Changes: ops(trace.TokenCall, "another code", garble(trace.Form, "code")),
			Says:    "changes one letter of code", Predicts: "AADSTS9002313",
			Lesson: "A code is opaque: take it as it came, decode it once, and change nothing.",
		},
		{
			ID: "code-twice", Title: "Redeem the code twice", Group: Token, Flows: onSignIn, Purpose: trace.TokenCall,
			Changes: ops(trace.TokenCall, "sent twice", trace.Op{Verb: trace.Twice, Place: trace.Form, Name: "code"}),
			Says:    "sends the same request a second time", Predicts: "AADSTS54005",
			Lesson: "A code is good for one redemption; a page that reloads its callback meets this.",
		},
		{
			ID: "code-expired", Title: "Wait too long with the code", Group: Token, Flows: onSignIn, Purpose: trace.TokenCall,
			Conditions: condition("clock", "15m", trace.TokenCall),
			Says:       "lets 15 minutes pass before the code is redeemed", Predicts: "AADSTS70008",
			Lesson: "A code lives for about ten minutes, and is meant to be redeemed within the second (RFC 6749 section 4.1.2).",
		},
		{
			ID: "code-other-tenant", Title: "Redeem the code at another address", Group: Token, Flows: onSignIn, Clients: []string{"native"}, Purpose: trace.TokenCall,
			Changes: ops(trace.TokenCall, "organizations in place of the tenant", set(trace.Path, "tenant", "organizations")),
			Says:    "redeems at /organizations what was asked for at the tenant's own address", Predicts: "AADSTS700005",
			Lesson: "Authorize and token endpoint belong together: take both from one metadata document.",
		},
		{
			ID: "code-other-client", Title: "Redeem the code of another client", Group: Token, Flows: onSignIn, Clients: []string{"native", "spa"}, When: hasSibling, Purpose: trace.TokenCall,
			Changes: func(job engine.Job) []trace.Change {
				return ops(trace.TokenCall, "another application's client_id", set(trace.Form, "client_id", sibling(job).Registration.ClientID))(job)
			},
			Says: "sends the client_id of another public application", Predicts: "AADSTS70000",
			Lesson: "A code is bound to the client it was issued to (RFC 6749 section 4.1.3).",
		},
		{
			ID: "redirect-uri-token", Title: "Redeem with another redirect URI", Group: Token, Flows: onSignIn, Purpose: trace.TokenCall,
			Changes: ops(trace.TokenCall, "another redirect_uri", garble(trace.Form, "redirect_uri")),
			Says:    "changes one letter of redirect_uri in the token request", Predicts: "AADSTS500112",
			Lesson: "The token request repeats the redirect_uri of the authorization request, letter for letter.",
		},
		{
			ID: "grant-type", Title: "Misspell the grant type", Group: Token, Flows: onStart, Purpose: trace.TokenCall,
			Changes: ops(trace.TokenCall, "another grant_type", garble(trace.Form, "grant_type")),
			Says:    "changes one letter of grant_type", Predicts: "AADSTS70003",
			Lesson: "grant_type says what the request brings; the endpoint reads it first.",
		},
		{
			ID: "grant-type-missing", Title: "Leave the grant type out", Group: Token, Flows: onStart, Purpose: trace.TokenCall,
			Changes: ops(trace.TokenCall, "no grant_type", drop(trace.Form, "grant_type")),
			Says:    "drops grant_type", Predicts: "AADSTS900144",
			Lesson: "A missing parameter is often a form that was sent as JSON, or not encoded at all.",
		},
		{
			ID: "consent-missing", Title: "Redeem for what nobody consented to", Group: Token, Flows: onSignIn, Purpose: trace.TokenCall,
			Changes: otherScope,
			Says:    "asks the token endpoint for another API's scope", Predicts: "AADSTS65001",
			Lesson: "Consent is for what the page showed; anything else has to be asked for interactively.",
		},
	}
}

// clientFaults are about who asks, and what an application without a person asks
// for.
func clientFaults() []Fault {
	return []Fault{
		{
			ID: "client-id", Title: "Name an application that is not there", Group: Token, Flows: onCredentials, Purpose: trace.TokenCall,
			Changes: ops(trace.TokenCall, "another client_id", set(trace.Form, "client_id", unknownClient)),
			Says:    "sends a client_id that this tenant does not know", Predicts: "AADSTS700016",
			Lesson: "An application exists in a tenant only when it is registered or installed there.",
		},
		{
			ID: "origin-missing", Title: "Leave the Origin header out", Group: Token, Flows: onSignIn, Clients: []string{"spa", "everyone"}, Purpose: trace.TokenCall,
			Changes: ops(trace.TokenCall, "no Origin", drop(trace.Header, "Origin")),
			Says:    "drops Origin, as a server or a native app would", Predicts: "AADSTS9002327",
			Lesson: "A code for a single-page app can only be redeemed by a browser, across origins.",
		},
		{
			ID: "origin-sent", Title: "Send an Origin header", Group: Token, Flows: onSignIn, Clients: []string{"web", "native"}, Purpose: trace.TokenCall,
			Changes: ops(trace.TokenCall, "an Origin header", set(trace.Header, "Origin", "http://localhost:3000")),
			Says:    "adds Origin, as a browser would", Predicts: "AADSTS9002326",
			Lesson: "Redeeming across origins is for redirect URIs of the platform type SPA.",
		},
		{
			ID: "secret-public", Title: "Send a secret from a public client", Group: Token, Flows: onSignIn, Clients: []string{"spa", "native", "everyone"}, Purpose: trace.TokenCall,
			Changes: ops(trace.TokenCall, "a client_secret", set(trace.Form, "client_secret", "not-a-secret-once-it-is-shipped")),
			Says:    "adds client_secret", Predicts: "AADSTS700025",
			Lesson: "What ships to the user can keep no secret, so Entra takes none from it.",
		},
		{
			ID: "scope-default", Title: "Ask for one scope instead of .default", Group: Token, Flows: onCredentials, Purpose: trace.TokenCall,
			Changes: namedScope,
			Says:    "asks for a single permission", Predicts: "AADSTS1002012",
			Lesson: "Without a person there is nothing to choose: an application gets all that was granted, RESOURCE/.default.",
		},
		{
			ID: "resource", Title: "Ask for an API that is not there", Group: Token, Flows: onCredentials, Purpose: trace.TokenCall,
			Changes: ops(trace.TokenCall, "another resource", set(trace.Form, "scope", "api://nowhere.contoso.example/.default")),
			Says:    "names an API that this tenant does not know", Predicts: "AADSTS500011",
			Lesson: "The part before /.default is the App ID URI of a registered API.",
		},
		{
			ID: "single-tenant", Title: "Use /common with a single-tenant app", Group: Token, Flows: onCredentials, Purpose: trace.TokenCall,
			Changes: ops(trace.TokenCall, "common in place of the tenant", set(trace.Path, "tenant", "common")),
			Says:    "asks at /common, where nobody signs in who could name a tenant", Predicts: "AADSTS50194",
			Lesson: "Without a person nothing tells the tenant but the address: a daemon needs the tenant's own.",
		},
	}
}

// secretFaults are about the client secret, wherever it is sent.
func secretFaults() []Fault {
	signs := func(job engine.Job) bool { return secretOf(job, signer(job)) }
	own := func(job engine.Job) bool { return secretOf(job, job.Client) }
	front := slices.DeleteFunc(slices.Clone(onSignIn), func(f decision.Flow) bool { return f == decision.OnBehalfOf })
	return slices.Concat(
		secretsAt(trace.TokenCall, front, signs, "AADSTS7000218"),
		secretsAt(trace.TokenCall, onCredentials, own, "AADSTS7000216"), // the same fault, under this grant's own number
		secretsAt(trace.OnBehalfOf, onBehalfOf, own, "AADSTS7000218"),
	)
}

// secretOf reports whether the client proves itself with a secret.
func secretOf(job engine.Job, c engine.Client) bool {
	job.Client = c
	return job.CredentialKind() == engine.Secret
}

// secretsAt are those at one token request.
func secretsAt(p trace.Purpose, flows []decision.Flow, when func(engine.Job) bool, missing string) []Fault {
	return []Fault{
		{
			ID: "secret", Title: "Send a wrong secret", Group: Token, Flows: flows, When: when, Purpose: p,
			Changes: ops(p, "another client_secret", garble(trace.Form, "client_secret")),
			Says:    "changes one letter of client_secret", Predicts: "AADSTS7000215",
			Lesson: "The secret is the application's whole proof; one letter off is nobody.",
		},
		{
			ID: "secret-missing", Title: "Leave the secret out", Group: Token, Flows: flows, When: when, Purpose: p,
			Changes: ops(p, "no client_secret", drop(trace.Form, "client_secret")),
			Says:    "drops client_secret", Predicts: missing,
			Lesson: "A confidential client proves itself at every token request.",
		},
		{
			ID: "secret-id", Title: "Paste the secret's ID instead of its value", Group: Token, Flows: flows, When: when, Purpose: p,
			Changes: func(job engine.Job) []trace.Change {
				id := unknownClient
				if s := job.Client.Registration.Secrets; len(s) > 0 {
					id = s[0].ID
				}
				return ops(p, "the secret's ID as client_secret", set(trace.Form, "client_secret", id))(job)
			},
			Says: "sends the ID that the portal shows beside the value", Predicts: "AADSTS7000215",
			Lesson: "The portal shows an ID and, once only, a value. The value is the secret.",
		},
		{
			ID: "secret-expired", Title: "Go on with a secret that has expired", Group: Token, Flows: flows, When: when, Purpose: p,
			Conditions: func(job engine.Job) []engine.Condition {
				return []engine.Condition{{ID: "secret-expired", Value: job.Client.Key}}
			},
			Says: "lets all secrets of the application expire", Predicts: "AADSTS7000222",
			Lesson: "Secrets end on a day that nobody remembers: rotate them before, or use a certificate or a federated credential.",
		},
	}
}

// otherScope asks for a scope of an API that the job does not ask for.
func otherScope(job engine.Job) []trace.Change {
	scope := "https://graph.microsoft.com/Mail.Send"
	for _, res := range signer(job).Registration.Resources {
		if len(res.Scopes) > 0 && !asksFor(job, res) && res.URI != "https://graph.microsoft.com" {
			scope = res.URI + "/" + res.Scopes[0]
			break
		}
	}
	return scopeChange(trace.TokenCall, trace.Form, "another API's scope", "openid offline_access profile "+scope)
}

func asksFor(job engine.Job, res trace.Resource) bool {
	reg := signer(job).Registration
	for _, s := range job.Scopes {
		if r, ok := reg.ResourceOf(s); ok && r.ClientID == res.ClientID {
			return true
		}
	}
	return false
}

func namedScope(job engine.Job) []trace.Change {
	scope := strings.TrimSuffix(job.Scopes[0], "/.default") + "/Orders.Read.All"
	return scopeChange(trace.TokenCall, trace.Form, "one scope instead of .default", scope)
}

// sibling gives another public client of the target, of the same platform.
func sibling(job engine.Job) engine.Client {
	for _, c := range job.Target.Clients {
		if c.Key != signer(job).Key && c.Registration.Public && c.Platform == signer(job).Platform && c.RedirectURI != "" {
			return c
		}
	}
	return engine.Client{}
}

func hasSibling(job engine.Job) bool { return sibling(job).Key != "" }
