package msal

import (
	"slices"

	"flowscope/engine"
	"flowscope/engine/trace"
)

// planCode is authorization code with PKCE (RFC 6749 section 4.1, RFC 7636).
func planCode(job engine.Job) (engine.Plan, error) {
	if job.Client.RedirectURI == "" {
		return engine.Plan{}, errNoRedirect
	}
	kind, err := credentialOf(job.Client, job.Credential)
	if err == nil && job.Client.Platform == "web" {
		kind, err = needCredential(job.Client, job.Credential)
	}
	if err != nil {
		return engine.Plan{}, err
	}
	p := engine.Plan{
		Flow: job.Flow, Client: job.Client, Title: title(job, kind),
		Scopes: append(slices.Clone(oidcScopes), job.Scopes...),
	}
	p.Steps = append(codeSteps(kind), tail(job)...)
	engine.Number(p.Steps)
	return p, nil
}

// title names flow, client and, where it is not the usual one, credential.
func title(job engine.Job, kind engine.CredentialKind) string {
	t := job.Flow.Title() + " · " + clientWords(job.Client.Key)
	if kind == engine.Certificate || kind == engine.Federated {
		t += " · " + string(kind)
	}
	return t
}

// codeSteps are the steps from the metadata to the tokens for a client that
// proves itself in this way.
func codeSteps(kind engine.CredentialKind) []engine.Step {
	how := proofs[kind]
	redeem, why, guards := "code + verifier", "Past the browser, the application trades the code for tokens and shows the verifier that only it knows.",
		"Whoever steals the code alone gets AADSTS501481: without the verifier, no tokens."
	if how.sent != "" {
		redeem, why, guards = redeem+" + "+how.sent, why+" "+how.why, guards+" "+how.guards
	}
	return []engine.Step{
		{
			Title: "Read the metadata", Label: "metadata", From: trace.App, To: trace.Entra, Channel: trace.Back, Purpose: trace.Metadata,
			Why:    "The application learns where to send people, where to redeem codes and who signs.",
			Guards: "A tenant that does not exist is noticed here, before anybody has signed in.",
			Fault:  "tenant",
		},
		{
			Title: "Send the person to sign in", Label: "authorize", From: trace.App, To: trace.Entra, Channel: trace.Front, Purpose: trace.Authorize,
			Why:    "The browser carries the request. It names the application, where to come back to and what is asked for.",
			Guards: "A redirect URI that is not registered stops here, so that no code goes to a stranger.",
			Fault:  "redirect-uri",
		},
		{
			Title: "Sign in and consent", Label: "sign in, consent", From: trace.You, To: trace.Entra, Channel: trace.Front, Purpose: trace.SignIn,
			Why:    "The person proves who they are to Entra ID alone. The application never sees the password.",
			Guards: "Nothing is granted that the person was not shown.",
			Fault:  "consent-missing",
		},
		{
			Title: "Come back with a code", Label: "code, state", From: trace.Entra, To: trace.App, Channel: trace.Front, Purpose: trace.Redirect,
			Why:    "The code travels through the browser, where it can be seen. That is why it is worth nothing alone.",
			Guards: "The state must be the one of step 2, else somebody else began this sign-in.",
			Fault:  "state",
		},
		{
			Title: "Redeem the code", Label: redeem, From: trace.App, To: trace.Entra, Channel: trace.Back, Purpose: trace.TokenCall,
			Why:    why,
			Guards: guards,
			Fault:  "verifier",
		},
		{
			Title: "Receive the tokens", Label: "tokens", From: trace.Entra, To: trace.App, Channel: trace.Back, Purpose: trace.Answer,
			Why:    "The access token is for the API, the ID token for the application, the refresh token for Entra ID again.",
			Guards: "The ID token's nonce must be the one of step 2, else it was made for another sign-in.",
			Fault:  "nonce",
		},
	}
}

// planCredentials is client credentials (RFC 6749 section 4.4).
func planCredentials(job engine.Job) (engine.Plan, error) {
	kind, err := needCredential(job.Client, job.Credential)
	if err != nil {
		return engine.Plan{}, err
	}
	how := proofs[kind]
	p := engine.Plan{
		Flow: job.Flow, Client: job.Client, Title: title(job, kind),
		Scopes: append(slices.Clone(job.Scopes), oidcScopes...),
	}
	p.Steps = []engine.Step{
		{
			Title: "Read the metadata", Label: "metadata", From: trace.App, To: trace.Entra, Channel: trace.Back, Purpose: trace.Metadata,
			Why:    "The application learns where tokens are handed out and who signs them.",
			Guards: "A tenant that does not exist is noticed here.",
			Fault:  "tenant",
		},
		{
			Title: "Ask as the application itself", Label: "client id + " + how.sent, From: trace.App, To: trace.Entra, Channel: trace.Back, Purpose: trace.TokenCall,
			Why:    "Nobody is there to sign in. The application asks for what an administrator has granted. " + how.why,
			Guards: how.guards,
			Fault:  how.fault,
		},
		{
			Title: "Receive the token", Label: "access token", From: trace.Entra, To: trace.App, Channel: trace.Back, Purpose: trace.Answer,
			Why:    "One access token, for one API. No ID token, because nobody signed in; no refresh token, because the credential is still there.",
			Guards: "What it may do stands in roles, not in scp.",
		},
	}
	p.Steps = append(p.Steps, tail(job)...)
	engine.Number(p.Steps)
	return p, nil
}

// tail is what follows once the tokens are there.
func tail(job engine.Job) []engine.Step {
	steps := []engine.Step{{
		Title: "Fetch the signing keys", Label: "signing keys", From: trace.App, To: trace.Entra, Channel: trace.Back, Purpose: trace.Keys,
		Why:    "Whoever receives a token checks its signature with the issuer's public keys, fetched from the issuer and never from the token.",
		Guards: "A token that anybody else signed fails here.",
	}}
	if job.Call != "" {
		steps = append(steps, engine.Step{
			Title: "Call the API", Label: "GET " + engine.PathOf(job.Call), From: trace.App, To: trace.API, Channel: trace.Back, Purpose: trace.CallAPI,
			Why:    "The access token goes to the API it was issued for, in the Authorization header and nowhere else.",
			Guards: "The API checks signature, issuer, audience, time and permission by itself, at every call.",
		})
	}
	return steps
}

func clientWords(key string) string {
	switch key {
	case "web":
		return "web app"
	case "spa":
		return "single-page app"
	case "native":
		return "native app"
	case "daemon":
		return "daemon"
	case "cli":
		return "command line"
	case "orders-api":
		return "API in the middle"
	case "partner":
		return "web app of another company"
	case "legacy":
		return "old web app"
	case "workload":
		return "build pipeline"
	case "everyone":
		return "app for every kind of account"
	case engine.Machine:
		return "this machine"
	}
	return key
}
