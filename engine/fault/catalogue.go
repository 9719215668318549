package fault

import (
	"strings"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/trace"
)

// Values that belong to nobody, for requests that should be refused.
const (
	unknownTenant = "b2c4f1d6-93a5-4e0b-8d5a-3f7e6c21a9d4"
	unknownClient = "4be9d3a7-1f62-4c8e-b0d9-86a2f5c3e7d1"
)

// ops gives a fault's changes when they don't depend on the job.
func ops(p trace.Purpose, label string, list ...trace.Op) func(engine.Job) []trace.Change {
	return func(engine.Job) []trace.Change {
		return []trace.Change{{Purpose: p, Ops: list, Label: label}}
	}
}

// Catalogue gives all faults, in the order in which their flows meet them.
func Catalogue() []Fault {
	return append(codeFaults(), credentialFaults()...)
}

// codeFaults is long because it is a table.
func codeFaults() []Fault {
	const flow = decision.AuthorizationCode
	return []Fault{
		{
			ID: "tenant", Title: "Ask a tenant that does not exist", Flow: flow, Purpose: trace.Metadata,
			Changes: ops(trace.Metadata, "another tenant in the address", trace.Op{Verb: trace.Set, Place: trace.Path, Name: "tenant", Value: unknownTenant}),
			Says:    "puts another tenant into the metadata address", Predicts: "AADSTS90002",
			Lesson: "The tenant is part of every address; a wrong one fails before anybody signs in.",
		},
		{
			ID: "client-id", Title: "Name an application that is not there", Flow: flow, Purpose: trace.Authorize,
			Changes: ops(trace.Authorize, "another client_id", trace.Op{Verb: trace.Set, Place: trace.Query, Name: "client_id", Value: unknownClient}),
			Says:    "sends a client_id that this tenant does not know", Predicts: "AADSTS700016",
			Lesson: "An application exists in a tenant only when it is registered or installed there.",
		},
		{
			ID: "redirect-uri", Title: "Come back to an address that is not registered", Flow: flow, Purpose: trace.Authorize,
			Changes: misspellRedirect,
			Says:    "changes the path of redirect_uri", Predicts: "AADSTS50011",
			Lesson: "The address must be registered, letter for letter, or a code could go to a stranger.",
		},
		{
			ID: "nonce", Title: "Ask for an ID token with another nonce", Flow: flow, Purpose: trace.Authorize,
			Changes: ops(trace.Authorize, "another nonce", trace.Op{Verb: trace.Garble, Place: trace.Query, Name: "nonce"}),
			Says:    "changes one letter of nonce on its way out", Predicts: "nonce", At: trace.Answer,
			Lesson: "The nonce ties the ID token to this sign-in; an ID token of another one is refused (OpenID Connect Core section 3.1.3.7).",
		},
		{
			ID: "scope-grammar", Title: "Write the scopes with a comma", Flow: flow, Purpose: trace.Authorize,
			Changes: commaScope,
			Says:    "joins the scopes with commas instead of spaces", Predicts: "AADSTS70011", At: trace.Redirect,
			Lesson: "Scopes are a list with spaces (RFC 6749 section 3.3).",
		},
		{
			ID: "scope-unknown", Title: "Ask for a scope that the API does not have", Flow: flow, Purpose: trace.Authorize,
			Changes: unknownScope,
			Says:    "asks the API for a scope that it never declared", Predicts: "AADSTS650053", At: trace.Redirect,
			Lesson: "A scope exists when the API exposes it, under exactly that name.",
		},
		{
			ID: "consent-declined", Title: "Decline the consent", Flow: flow, Purpose: trace.SignIn, Decline: true,
			Says: "presses Cancel where the page asks for consent", Predicts: "AADSTS65004", At: trace.Redirect,
			Lesson: "No is an answer: the application must cope with it and not ask again at once.",
		},
		{
			ID: "state", Title: "Bring back another state", Flow: flow, Purpose: trace.Redirect,
			Changes: ops(trace.Redirect, "another state", trace.Op{Verb: trace.Garble, Place: trace.Query, Name: "state"}),
			Says:    "changes one letter of state in the redirect", Predicts: "state",
			Lesson: "Without this check a stranger could finish their sign-in in your browser (RFC 6749 section 10.12).",
		},
		{
			ID: "verifier", Title: "Send another code verifier", Flow: flow, Purpose: trace.TokenCall,
			Changes: ops(trace.TokenCall, "another code_verifier", trace.Op{Verb: trace.Garble, Place: trace.Form, Name: "code_verifier"}),
			Says:    "changes one letter of code_verifier", Predicts: "AADSTS501481",
			Lesson: "A stolen code is worthless without the verifier: this is all of PKCE.",
		},
		{
			ID: "verifier-missing", Title: "Leave the code verifier out", Flow: flow, Purpose: trace.TokenCall,
			Changes: ops(trace.TokenCall, "no code_verifier", trace.Op{Verb: trace.Drop, Place: trace.Form, Name: "code_verifier"}),
			Says:    "drops code_verifier", Predicts: "AADSTS501481",
			Lesson: "Once a challenge was sent, the verifier is owed.",
		},
		{
			ID: "code-twice", Title: "Redeem the code twice", Flow: flow, Purpose: trace.TokenCall,
			Changes: ops(trace.TokenCall, "sent twice", trace.Op{Verb: trace.Twice, Place: trace.Form, Name: "code"}),
			Says:    "sends the same request a second time", Predicts: "AADSTS54005",
			Lesson: "A code is good for one redemption; a page that reloads its callback meets this.",
		},
		{
			ID: "consent-missing", Title: "Redeem for a permission nobody consented to", Flow: flow, Purpose: trace.TokenCall,
			Changes: otherScope,
			Says:    "asks the token endpoint for another API's scope", Predicts: "AADSTS65001",
			Lesson: "Consent is for what the page showed; anything else has to be asked for interactively.",
		},
		{
			ID: "origin-missing", Title: "Leave the Origin header out", Flow: flow, Clients: []string{"spa"}, Purpose: trace.TokenCall,
			Changes: ops(trace.TokenCall, "no Origin", trace.Op{Verb: trace.Drop, Place: trace.Header, Name: "Origin"}),
			Says:    "drops Origin, as a server or a native app would", Predicts: "AADSTS9002327",
			Lesson: "A code for a single-page app can only be redeemed by a browser, across origins.",
		},
		{
			ID: "origin-sent", Title: "Send an Origin header", Flow: flow, Clients: []string{"web", "native"}, Purpose: trace.TokenCall,
			Changes: ops(trace.TokenCall, "an Origin header", trace.Op{Verb: trace.Set, Place: trace.Header, Name: "Origin", Value: "http://localhost:3000"}),
			Says:    "adds Origin, as a browser would", Predicts: "AADSTS9002326",
			Lesson: "Redeeming across origins is for redirect URIs of the platform type SPA.",
		},
		{
			ID: "secret-public", Title: "Send a secret from a public client", Flow: flow, Clients: []string{"spa", "native"}, Purpose: trace.TokenCall,
			Changes: ops(trace.TokenCall, "a client_secret", trace.Op{Verb: trace.Set, Place: trace.Form, Name: "client_secret", Value: "not-a-secret-once-it-is-shipped"}),
			Says:    "adds client_secret", Predicts: "AADSTS700025",
			Lesson: "What ships to the user can keep no secret, so Entra takes none from it.",
		},
		secretWrong(flow), secretMissing(flow), secretID(flow),
	}
}

func credentialFaults() []Fault {
	const flow = decision.ClientCredentials
	return []Fault{
		{
			ID: "tenant", Title: "Ask a tenant that does not exist", Flow: flow, Purpose: trace.Metadata,
			Changes: ops(trace.Metadata, "another tenant in the address", trace.Op{Verb: trace.Set, Place: trace.Path, Name: "tenant", Value: unknownTenant}),
			Says:    "puts another tenant into the metadata address", Predicts: "AADSTS90002",
			Lesson: "The tenant is part of every address; a wrong one fails before anything else.",
		},
		{
			ID: "client-id", Title: "Name an application that is not there", Flow: flow, Purpose: trace.TokenCall,
			Changes: ops(trace.TokenCall, "another client_id", trace.Op{Verb: trace.Set, Place: trace.Form, Name: "client_id", Value: unknownClient}),
			Says:    "sends a client_id that this tenant does not know", Predicts: "AADSTS700016",
			Lesson: "An application exists in a tenant only when it is registered or installed there.",
		},
		secretWrong(flow), secretMissing(flow), secretID(flow),
		{
			ID: "scope-default", Title: "Ask for one scope instead of .default", Flow: flow, Purpose: trace.TokenCall,
			Changes: namedScope,
			Says:    "asks for a single permission", Predicts: "AADSTS1002012",
			Lesson: "Without a person there is nothing to choose: an application gets all that was granted, RESOURCE/.default.",
		},
		{
			ID: "resource", Title: "Ask for an API that is not there", Flow: flow, Purpose: trace.TokenCall,
			Changes: ops(trace.TokenCall, "another resource", trace.Op{Verb: trace.Set, Place: trace.Form, Name: "scope", Value: "api://nowhere.contoso.example/.default"}),
			Says:    "names an API that this tenant does not know", Predicts: "AADSTS500011",
			Lesson: "The part before /.default is the App ID URI of a registered API.",
		},
	}
}

func secretWrong(flow decision.Flow) Fault {
	return Fault{
		ID: "secret", Title: "Send a wrong secret", Flow: flow, Clients: []string{"web", "daemon"}, Purpose: trace.TokenCall,
		Changes: ops(trace.TokenCall, "another client_secret", trace.Op{Verb: trace.Garble, Place: trace.Form, Name: "client_secret"}),
		Says:    "changes one letter of client_secret", Predicts: "AADSTS7000215",
		Lesson: "The secret is the application's whole proof; one letter off is nobody.",
	}
}

func secretMissing(flow decision.Flow) Fault {
	predicts := "AADSTS7000218"
	if flow == decision.ClientCredentials {
		predicts = "AADSTS7000216" // the same fault, under this grant's own number
	}
	return Fault{
		ID: "secret-missing", Title: "Leave the secret out", Flow: flow, Clients: []string{"web", "daemon"}, Purpose: trace.TokenCall,
		Changes: ops(trace.TokenCall, "no client_secret", trace.Op{Verb: trace.Drop, Place: trace.Form, Name: "client_secret"}),
		Says:    "drops client_secret", Predicts: predicts,
		Lesson: "A confidential client proves itself at every token request.",
	}
}

func secretID(flow decision.Flow) Fault {
	return Fault{
		ID: "secret-id", Title: "Paste the secret's ID instead of its value", Flow: flow, Clients: []string{"web", "daemon"}, Purpose: trace.TokenCall,
		Changes: func(job engine.Job) []trace.Change {
			id := unknownClient
			if s := job.Client.Registration.Secrets; len(s) > 0 {
				id = s[0].ID
			}
			return ops(trace.TokenCall, "the secret's ID as client_secret", trace.Op{Verb: trace.Set, Place: trace.Form, Name: "client_secret", Value: id})(job)
		},
		Says: "sends the ID that the portal shows beside the value", Predicts: "AADSTS7000215",
		Lesson: "The portal shows an ID and, once only, a value. The value is the secret.",
	}
}

// misspellRedirect changes one letter of the path, or of the host when there is
// no path: the mistake that is hardest to see.
func misspellRedirect(job engine.Job) []trace.Change {
	uri := job.Client.RedirectURI
	wrong := strings.TrimSuffix(uri, "/") + "/callback"
	if i := strings.LastIndexByte(uri, '/'); i > len("https://") && i+1 < len(uri) {
		wrong = uri[:i+1] + strings.ToUpper(uri[i+1:i+2]) + uri[i+2:]
	}
	return []trace.Change{{Purpose: trace.Authorize, Label: "another redirect_uri", Ops: []trace.Op{
		{Verb: trace.Set, Place: trace.Query, Name: "redirect_uri", Value: wrong},
	}}}
}

func allScopes(job engine.Job) []string {
	return append([]string{"openid", "offline_access", "profile"}, job.Scopes...)
}

func commaScope(job engine.Job) []trace.Change {
	return scopeChange(trace.Authorize, trace.Query, "commas between the scopes", strings.Join(allScopes(job), ","))
}

func unknownScope(job engine.Job) []trace.Change {
	scopes := allScopes(job)
	last := scopes[len(scopes)-1]
	if i := strings.LastIndexByte(last, '/'); i >= 0 {
		last = last[:i]
	}
	scopes[len(scopes)-1] = last + "/Orders.Shred"
	return scopeChange(trace.Authorize, trace.Query, "a scope that does not exist", strings.Join(scopes, " "))
}

// otherScope asks for a scope of an API that the job does not ask for.
func otherScope(job engine.Job) []trace.Change {
	scope := "https://graph.microsoft.com/Mail.Send"
	for _, res := range job.Client.Registration.Resources {
		if len(res.Scopes) > 0 && !asksFor(job, res) {
			scope = res.URI + "/" + res.Scopes[0]
			break
		}
	}
	return scopeChange(trace.TokenCall, trace.Form, "another API's scope", "openid offline_access profile "+scope)
}

func asksFor(job engine.Job, res trace.Resource) bool {
	for _, s := range job.Scopes {
		if r, ok := job.Client.Registration.ResourceOf(s); ok && r.ClientID == res.ClientID {
			return true
		}
	}
	return false
}

func namedScope(job engine.Job) []trace.Change {
	scope := strings.TrimSuffix(job.Scopes[0], "/.default") + "/Orders.Read.All"
	return scopeChange(trace.TokenCall, trace.Form, "one scope instead of .default", scope)
}

func scopeChange(p trace.Purpose, place trace.Place, label, value string) []trace.Change {
	return []trace.Change{{Purpose: p, Label: label, Ops: []trace.Op{{Verb: trace.Set, Place: place, Name: "scope", Value: value}}}}
}
