package fault

import (
	"net/url"
	"strings"

	"flowscope/engine"
	"flowscope/engine/trace"
)

// authorizeFaults is long because it is a table.
func authorizeFaults() []Fault {
	return []Fault{
		{
			ID: "tenant", Title: "Ask a tenant that does not exist", Group: Authorize, Flows: onMetadata, Purpose: trace.Metadata,
			Changes: ops(trace.Metadata, "another tenant in the address", set(trace.Path, "tenant", unknownTenant)),
			Says:    "puts another tenant into the metadata address", Predicts: "AADSTS90002",
			Lesson: "The tenant is part of every address; a wrong one fails before anybody signs in.",
		},
		{
			ID: "single-tenant", Title: "Use /common with a single-tenant app", Group: Authorize, Flows: onSignIn, Clients: []string{"web", "spa"}, Purpose: trace.Authorize,
			Changes: ops(trace.Authorize, "common in place of the tenant", set(trace.Path, "tenant", "common")),
			Says:    "puts common into the authorize address", Predicts: "AADSTS50194",
			Lesson: "Who may sign in is a property of the registration; /common is for applications that serve several tenants.",
		},
		{
			ID: "client-id", Title: "Name an application that is not there", Group: Authorize, Flows: onFront, Purpose: trace.Authorize,
			Changes: ops(trace.Authorize, "another client_id", set(trace.Query, "client_id", unknownClient)),
			Says:    "sends a client_id that this tenant does not know", Predicts: "AADSTS700016",
			Lesson: "An application exists in a tenant only when it is registered or installed there.",
		},
		{
			ID: "redirect-uri", Title: "Come back to an address not registered", Group: Authorize, Flows: onSignIn, Purpose: trace.Authorize,
			Changes: misspellRedirect,
			Says:    "changes the path of redirect_uri", Predicts: "AADSTS50011",
			Lesson: "The address must be registered, letter for letter, or a code could go to a stranger.",
		},
		{
			ID: "redirect-slash", Title: "Add a slash to the redirect URI", Group: Authorize, Flows: onSignIn, When: redirectHasPath, Purpose: trace.Authorize,
			Changes: func(job engine.Job) []trace.Change { return otherRedirect(signer(job).RedirectURI + "/") },
			Says:    "adds a slash to the end of redirect_uri", Predicts: "AADSTS50011",
			Lesson: "Redirect URIs are compared as text: a slash at the end makes another address.",
		},
		{
			ID: "redirect-http", Title: "Come back over plain http", Group: Authorize, Flows: onFront, Purpose: trace.Authorize,
			Changes: func(job engine.Job) []trace.Change { return otherRedirect("http://app.contoso.example/auth/callback") },
			Says:    "sends a redirect_uri with http to another machine", Predicts: "AADSTS500117",
			Lesson: "Over plain http anybody on the way reads the code; only this very machine is exempt (RFC 8252 section 8.3).",
		},
		{
			ID: "look-alike-redirect", Title: "Send the code to a look-alike address", Group: Authorize, Flows: onFront, Purpose: trace.Authorize,
			Changes: lookAlike,
			Says:    "puts a host into redirect_uri that only looks like the application's", Predicts: "AADSTS50011",
			Lesson: "Because the whole address is compared, a host that begins like the real one gains nothing (RFC 9700 section 4.1).",
			Attack: &Attack{
				Does:  "The attacker sends the victim a sign-in link of the real application, with redirect_uri on a host of the attacker's own that begins with the real host's name.",
				Sees:  "Nothing: the victim stays on an error page of Entra ID, and no code is made.",
				Stops: "The comparison of redirect_uri with the registered addresses, before anybody signs in. A wildcard or a comparison by prefix would have let the code out.",
			},
		},
		{
			ID: "response-type", Title: "Misspell the response type", Group: Authorize, Flows: onSignIn, Purpose: trace.Authorize,
			Changes: ops(trace.Authorize, "response_type cod", set(trace.Query, "response_type", "cod")),
			Says:    "sends response_type=cod", Predicts: "AADSTS70005", At: trace.Redirect,
			Lesson: "response_type says what comes back; the values are fixed (RFC 6749 section 3.1.1).",
		},
		{
			ID: "implicit", Title: "Ask for a token in the front channel", Group: Authorize, Flows: onSignIn, Purpose: trace.Authorize,
			Changes: ops(trace.Authorize, "response_type token", set(trace.Query, "response_type", "token")),
			Says:    "sends response_type=token, as the implicit flow does", Predicts: "AADSTS700051", At: trace.Redirect,
			Lesson: "Tokens in the address bar leak into history, logs and referrers; the implicit flow is off unless somebody ticks it (RFC 9700 section 2.1.2).",
		},
		{
			ID: "response-mode", Title: "Ask for a response mode that is none", Group: Authorize, Flows: onFront, Purpose: trace.Authorize,
			Changes: ops(trace.Authorize, "another response_mode", set(trace.Query, "response_mode", "cookie")),
			Says:    "sends response_mode=cookie", Predicts: "AADSTS70007", At: trace.Redirect,
			Lesson: "The answer travels in the query, in the fragment or in a posted form, and in no other way.",
		},
		{
			ID: "scope-grammar", Title: "Write the scopes with a comma", Group: Authorize, Flows: onFront, Purpose: trace.Authorize,
			Changes: commaScope,
			Says:    "joins the scopes with commas instead of spaces", Predicts: "AADSTS70011", At: trace.Redirect,
			Lesson: "Scopes are a list with spaces (RFC 6749 section 3.3).",
		},
		{
			ID: "scope-unknown", Title: "Ask for a scope that the API does not have", Group: Authorize, Flows: onFront, Purpose: trace.Authorize, When: namesResource,
			Changes: unknownScope,
			Says:    "asks the API for a scope that it never declared", Predicts: "AADSTS650053", At: trace.Redirect,
			Lesson: "A scope exists when the API exposes it, under exactly that name.",
		},
		{
			ID: "scope-two-apis", Title: "Ask for two APIs in one request", Group: Authorize, Flows: onSignIn, Purpose: trace.TokenCall, When: namesResource,
			Changes: func(job engine.Job) []trace.Change {
				scopes := strings.Join(append(allScopes(job), graphScope), " ")
				return scopeChange(trace.TokenCall, trace.Form, "scopes of two APIs", scopes)
			},
			Says: "adds a scope of Microsoft Graph to those of the API", Predicts: "AADSTS28000",
			Lesson: "A token is for one API; for two APIs ask twice, with the same refresh token.",
		},
		{
			ID: "scope-default-mixed", Title: "Mix .default with single scopes", Group: Authorize, Flows: onCode, Purpose: trace.Authorize, When: namesResource,
			Changes: func(job engine.Job) []trace.Change {
				scopes := append(allScopes(job), resourceOf(job)+"/.default")
				return scopeChange(trace.Authorize, trace.Query, ".default beside a scope", strings.Join(scopes, " "))
			},
			Says: "adds RESOURCE/.default to single scopes", Predicts: "AADSTS70011", At: trace.Redirect,
			Lesson: ".default stands for all that the registration lists; beside it there is nothing to choose.",
		},
		{
			ID: "prompt-none", Title: "Forbid the sign-in page without a session", Group: Authorize, Flows: onFront, Purpose: trace.Authorize,
			Changes: ops(trace.Authorize, "prompt none", set(trace.Query, "prompt", "none")),
			Says:    "sends prompt=none, though nobody is signed in", Predicts: "AADSTS50058", At: trace.Redirect,
			Lesson: "prompt=none works only while a session is there; login_required means: now ask the person.",
		},
		{
			ID: "prompt-unknown", Title: "Send a prompt that is none", Group: Authorize, Flows: onFront, Purpose: trace.Authorize,
			Changes: ops(trace.Authorize, "prompt always", set(trace.Query, "prompt", "always")),
			Says:    "sends prompt=always", Predicts: "AADSTS90023", At: trace.Redirect,
			Lesson: "prompt takes none, login, consent and select_account (OpenID Connect Core section 3.1.2.1).",
		},
		{
			ID: "nonce", Title: "Ask for an ID token with another nonce", Group: Authorize, Flows: onSignIn, Purpose: trace.Authorize,
			Changes: ops(trace.Authorize, "another nonce", garble(trace.Query, "nonce")),
			Says:    "changes one letter of nonce on its way out", Predicts: "nonce", At: trace.Answer,
			Lesson: "The nonce ties the ID token to this sign-in; an ID token of another one is refused (OpenID Connect Core section 3.1.3.7).",
		},
		{
			ID: "state-missing", Title: "Send no state", Group: Authorize, Flows: onFront, Purpose: trace.Authorize,
			Changes: ops(trace.Authorize, "no state", drop(trace.Query, "state")),
			Says:    "drops state on its way out", Predicts: "state", At: trace.Redirect,
			Lesson: "The server gives back what it was given: without a state of its own the application can't tell its sign-in from a stranger's.",
		},
		{
			ID: "client-id-missing", Title: "Leave client_id out", Group: Authorize, Flows: onFront, Purpose: trace.Authorize,
			Changes: ops(trace.Authorize, "no client_id", drop(trace.Query, "client_id")),
			Says:    "drops client_id", Predicts: "AADSTS900144",
			Lesson: "Before the server knows whom it talks to it trusts no address: the error stays on a page.",
		},
	}
}

// graphScope is a scope of another API than the run's own.
const graphScope = "https://graph.microsoft.com/User.Read"

// proofKeyFaults are the mistakes with PKCE that begin at the authorization
// request (RFC 7636 section 4.3).
func proofKeyFaults() []Fault {
	noChallenge := ops(trace.Authorize, "no code_challenge", drop(trace.Query, "code_challenge"), drop(trace.Query, "code_challenge_method"))
	return []Fault{
		{
			ID: "challenge-missing", Title: "Send no code challenge", Group: Authorize, Flows: onSignIn, Clients: []string{"spa", "everyone"}, Purpose: trace.Authorize,
			Changes: noChallenge,
			Says:    "drops code_challenge", Predicts: "AADSTS9002325", At: trace.TokenCall,
			Lesson: "A single-page app must use PKCE: it has nothing else to show that the code is its own.",
		},
		{
			ID: "challenge-missing", Title: "Send no code challenge", Group: Authorize, Flows: onSignIn, Clients: []string{"web", "native"}, Purpose: trace.Authorize,
			Changes: noChallenge,
			Says:    "drops code_challenge", Predicts: "AADSTS501481", At: trace.TokenCall,
			Lesson: "A verifier without a challenge is refused, so that nobody can take PKCE out of a request on its way.",
		},
		{
			ID: "challenge-plain", Title: "Say that the challenge is plain", Group: Authorize, Flows: onSignIn, Purpose: trace.Authorize,
			Changes: ops(trace.Authorize, "code_challenge_method plain", set(trace.Query, "code_challenge_method", "plain")),
			Says:    "sends code_challenge_method=plain with a challenge by S256", Predicts: "AADSTS501481", At: trace.TokenCall,
			Lesson: "With plain the challenge is the verifier itself, readable in the front channel; use S256 (RFC 7636 section 4.2).",
		},
		{
			ID: "challenge-method", Title: "Name a challenge method that is none", Group: Authorize, Flows: onSignIn, Purpose: trace.Authorize,
			Changes: ops(trace.Authorize, "code_challenge_method S512", set(trace.Query, "code_challenge_method", "S512")),
			Says:    "sends code_challenge_method=S512", Predicts: "AADSTS50149", At: trace.Redirect,
			Lesson: "There are two methods, S256 and plain, in exactly these letters.",
		},
		{
			ID: "challenge-short", Title: "Send a challenge that is too short", Group: Authorize, Flows: onSignIn, Purpose: trace.Authorize,
			Changes: ops(trace.Authorize, "a short code_challenge", set(trace.Query, "code_challenge", "short-challenge")),
			Says:    "sends a code_challenge of 15 characters", Predicts: "AADSTS501491", At: trace.Redirect,
			Lesson: "43 characters are 256 bits; what is shorter could be guessed (RFC 7636 section 7.1).",
		},
	}
}

func redirectHasPath(job engine.Job) bool {
	u, err := url.Parse(signer(job).RedirectURI)
	return err == nil && len(u.Path) > 1 && !strings.HasSuffix(u.Path, "/")
}

// misspellRedirect changes one letter of the path, or adds a path when there is
// none: the mistake that is hardest to see.
func misspellRedirect(job engine.Job) []trace.Change {
	uri := signer(job).RedirectURI
	wrong := strings.TrimSuffix(uri, "/") + "/callback"
	if i := strings.LastIndexByte(uri, '/'); i > len("https://") && i+1 < len(uri) {
		wrong = uri[:i+1] + strings.ToUpper(uri[i+1:i+2]) + uri[i+2:]
	}
	return otherRedirect(wrong)
}

// lookAlike puts a host into the redirect URI that begins with the right one.
func lookAlike(job engine.Job) []trace.Change {
	host := "app.contoso.example"
	if u, err := url.Parse(signer(job).RedirectURI); err == nil && u.Hostname() != "" && u.Hostname() != "localhost" {
		host = u.Hostname()
	}
	return otherRedirect("https://" + host + ".attacker.example/auth/callback")
}

func otherRedirect(uri string) []trace.Change {
	return []trace.Change{{Purpose: trace.Authorize, Label: "another redirect_uri", Ops: []trace.Op{set(trace.Query, "redirect_uri", uri)}}}
}

func allScopes(job engine.Job) []string {
	return append([]string{"openid", "offline_access", "profile"}, job.Scopes...)
}

// resourceOf gives the API of the job's last scope, empty for one that names none.
func resourceOf(job engine.Job) string {
	if len(job.Scopes) == 0 {
		return ""
	}
	last := job.Scopes[len(job.Scopes)-1]
	if i := strings.LastIndexByte(last, '/'); i > 0 {
		return last[:i]
	}
	return ""
}

// namesResource reports whether the job asks for an API of one's own.
func namesResource(job engine.Job) bool {
	r := resourceOf(job)
	return r != "" && r != "https://graph.microsoft.com"
}

func commaScope(job engine.Job) []trace.Change {
	return scopeChange(trace.Authorize, trace.Query, "commas between the scopes", strings.Join(allScopes(job), ","))
}

func unknownScope(job engine.Job) []trace.Change {
	scopes := allScopes(job)
	scopes[len(scopes)-1] = resourceOf(job) + "/Orders.Shred"
	return scopeChange(trace.Authorize, trace.Query, "a scope that does not exist", strings.Join(scopes, " "))
}

func scopeChange(p trace.Purpose, place trace.Place, label, value string) []trace.Change {
	return []trace.Change{{Purpose: p, Label: label, Ops: []trace.Op{set(place, "scope", value)}}}
}
