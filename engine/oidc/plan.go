package oidc

import (
	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/trace"
)

// back and front are steps between the application and the issuer.
func back(p trace.Purpose, title, label, why, guards, fault string) engine.Step {
	return engine.Step{
		Title: title, Label: label, From: trace.App, To: trace.Entra, Channel: trace.Back, Purpose: p,
		Why: why, Guards: guards, Fault: fault,
	}
}

// entra gives a fault of the catalogue for targets that are Entra: its
// predictions are Entra's codes.
func entra(job engine.Job, fault string) string {
	if job.Target.Is() == engine.Entra {
		return fault
	}
	return ""
}

func metadataStep(job engine.Job) engine.Step {
	return back(trace.Metadata, "Read the metadata", "metadata",
		"One address, the issuer's, tells the rest: the endpoints, the keys, how a client may prove itself and which grants there are.",
		"The document's issuer must equal the one that was asked, else it is somebody else's.", entra(job, "tenant"))
}

// signInSteps are authorization code with PKCE up to the tokens.
func signInSteps(job engine.Job) []engine.Step {
	redeem := "code + verifier"
	if kind := job.CredentialKind(); kind != engine.NoCredential {
		redeem += " + " + string(kind)
	}
	return []engine.Step{
		{
			Title: "Send the person to sign in", Label: "authorize", From: trace.App, To: trace.Entra, Channel: trace.Front, Purpose: trace.Authorize,
			Why:    "The browser carries the request. It names the application, where to come back to and what is asked for.",
			Guards: "A redirect URI that is not registered stops here, so that no code goes to a stranger.",
			Fault:  entra(job, "redirect-uri"),
		},
		{
			Title: "Sign in and consent", Label: "sign in, consent", From: trace.You, To: trace.Entra, Channel: trace.Front, Purpose: trace.SignIn,
			Why:    "The person proves who they are to the issuer alone. The application never sees the password.",
			Guards: "Nothing is granted that the person was not shown.",
			Fault:  entra(job, "consent-missing"),
		},
		{
			Title: "Come back with a code", Label: "code, state", From: trace.Entra, To: trace.App, Channel: trace.Front, Purpose: trace.Redirect,
			Why:    "The code travels through the browser, where it can be seen. That is why it is worth nothing alone.",
			Guards: "The state must be the one that was sent, and iss, where the issuer sends it, must name the issuer that was asked.",
			Fault:  entra(job, "state"),
		},
		back(trace.TokenCall, "Redeem the code", redeem,
			"Past the browser, the application trades the code for tokens and shows the verifier that only it knows.",
			"Whoever steals the code alone gets nothing: without the verifier, no tokens.", entra(job, "verifier")),
		answerStep("Receive the tokens", "tokens",
			"The access token is for the API, the ID token for the application, the refresh token for the issuer again.",
			"The ID token's nonce must be the one that was sent, else it was made for another sign-in.", entra(job, "nonce")),
	}
}

func answerStep(title, label, why, guards, fault string) engine.Step {
	return engine.Step{
		Title: title, Label: label, From: trace.Entra, To: trace.App, Channel: trace.Back, Purpose: trace.Answer,
		Why: why, Guards: guards, Fault: fault,
	}
}

func planCode(job engine.Job) []engine.Step {
	return append([]engine.Step{metadataStep(job)}, signInSteps(job)...)
}

func planCredentials(job engine.Job) []engine.Step {
	return []engine.Step{
		metadataStep(job),
		back(trace.TokenCall, "Ask as the application itself", "client id + "+string(job.CredentialKind()),
			"Nobody is there to sign in. The application proves itself with its credential and asks for what it was granted.",
			"The credential is the whole proof: whoever has it is the application.", secretFault(job)),
		answerStep("Receive the token", "access token",
			"One access token. No ID token, because nobody signed in; no refresh token, because the credential is still there.",
			"What it may do was granted to the application, not to a person.", ""),
	}
}

func secretFault(job engine.Job) string {
	if job.CredentialKind() == engine.Secret {
		return entra(job, "secret")
	}
	return ""
}

func planPassword(job engine.Job) []engine.Step {
	return []engine.Step{
		metadataStep(job),
		back(trace.TokenCall, "Send the person's password", "user name + password",
			"The program takes the password and sends it on. This grant is withdrawn (RFC 9700 section 2.4): it is here to be seen.",
			"Nothing: the program holds the password, and no second factor can be asked for.", ""),
		answerStep("Receive the tokens", "tokens", "The tokens are like those of any other flow; how they were got does not show.", "", ""),
	}
}

// deviceSteps are the device authorization grant up to the tokens (RFC 8628).
func deviceSteps(job engine.Job) []engine.Step {
	return []engine.Step{
		back(trace.DeviceStart, "Ask for a code to show", "scope",
			"The program has no browser. It gets two codes: one to show to the person, one to keep.",
			"The person sees which application asks; a code that somebody else began looks the same, so never type one that was sent to you.", ""),
		{
			Title: "Type the code elsewhere", Label: "user code, sign in", From: trace.You, To: trace.Entra, Channel: trace.Front, Purpose: trace.DevicePage,
			Why:    "On any device with a browser the person opens the page, types the code and signs in.",
			Guards: "The code lives for minutes and works once.",
		},
		{
			Title: "Sign in and consent", Label: "sign in, consent", From: trace.You, To: trace.Entra, Channel: trace.Front, Purpose: trace.SignIn,
			Why:    "The person proves who they are to the issuer alone, on a device that they trust.",
			Guards: "Nothing is granted that the person was not shown.", Maybe: true,
		},
		back(trace.Poll, "Ask whether the person is through", "device code",
			"The program asks again and again, no faster than the issuer allows: authorization_pending means not yet.",
			"slow_down adds five seconds to the wait, for good.", ""),
		answerStep("Receive the tokens", "tokens", "The same tokens as with a browser of one's own.",
			"No nonce ties them to a request of ours: the device code, which only the program knows, does.", ""),
	}
}

func planDevice(job engine.Job) []engine.Step {
	return append([]engine.Step{metadataStep(job)}, deviceSteps(job)...)
}

// firstHop are the steps with which a longer flow gets its tokens; none where the
// person has given one.
func firstHop(job engine.Job) []engine.Step {
	steps := []engine.Step{metadataStep(job)}
	switch {
	case job.Given != "":
		return steps
	case hop(job) == decision.DeviceCode:
		return append(steps, deviceSteps(job)...)
	}
	return append(steps, signInSteps(job)...)
}

func renewSteps() []engine.Step {
	return []engine.Step{
		back(trace.Refresh, "Redeem the refresh token", "refresh token",
			"New tokens without a page: the refresh token stands for what the person agreed to.",
			"It goes to the token endpoint alone, and with the client's credential where there is one.", ""),
		answerStep("Receive new tokens", "tokens",
			"A fresh access token, and often a new refresh token in place of the old one.",
			"An ID token among them must be about the same person as before.", ""),
	}
}

func planRefresh(job engine.Job) []engine.Step { return append(firstHop(job), renewSteps()...) }

func planSilent(job engine.Job) []engine.Step {
	steps := firstHop(job)
	if job.Given == "" {
		steps = append(steps, engine.Step{
			Title: "Ask the token source again", Label: "from memory", From: trace.App, To: trace.App, Channel: trace.Back, Purpose: trace.Cached,
			Why:    "The application asks for a token each time that it needs one. While the one it has is good, nothing is sent.",
			Guards: "Without a cache every call of the API would cost a call of the issuer.",
		})
	}
	steps = append(steps, renewSteps()...)
	if job.Given != "" || hop(job) != decision.AuthorizationCode {
		return steps
	}
	for _, s := range signInSteps(job) {
		s.Maybe = true
		s.Fault = ""
		steps = append(steps, s)
	}
	return steps
}

func planExchange(job engine.Job) []engine.Step {
	return append(firstHop(job),
		back(trace.TokenExchange, "Trade the token for another", "subject token",
			"The application hands in the token that it has and asks for one that is good elsewhere, for the same person.",
			"The issuer decides who may trade what: the token must be good, and the asker proves itself.", ""),
		answerStep("Receive the other token", "access token", "issued_token_type says what it is.", "It is for another audience than the first.", ""))
}

func planSignOut(job engine.Job) []engine.Step {
	steps := append(planCode(job), tail(job)...)
	steps = append(steps, engine.Step{
		Title: "Sign out", Label: "end session", From: trace.App, To: trace.Entra, Channel: trace.Front, Purpose: trace.SignOut,
		Why:    "The browser's session at the issuer ends, so that the next sign-in asks again. The ID token says whose session it is.",
		Guards: "Without the ID token anybody's link could sign people out, so the issuer asks first.",
	}, engine.Step{
		Title: "Come back signed out", Label: "state", From: trace.Entra, To: trace.App, Channel: trace.Front, Purpose: trace.SignedOut,
		Why:    "The issuer sends the browser back to the address that the application has registered for it.",
		Guards: "The state must be that of the sign-out.", Maybe: true,
	})
	if job.Call == "" {
		return steps
	}
	again := callStep(job)
	again.Title = "Call the API once more"
	again.Why = "With the access token of before. The API looks at the token, not at the session: it takes the token until that expires."
	again.Guards = "Short lifetimes, or an API that asks the issuer by introspection: a sign-out alone closes no door here."
	return append(steps, again)
}

// tail is what follows once the tokens are there.
func tail(job engine.Job) []engine.Step {
	steps := []engine.Step{back(trace.Keys, "Fetch the signing keys", "signing keys",
		"Whoever receives a token checks its signature with the issuer's public keys, fetched from the issuer and never from the token.",
		"A token that anybody else signed fails here.", "")}
	if job.Call == "" {
		return steps
	}
	return append(steps, callStep(job))
}

func callStep(job engine.Job) engine.Step {
	return engine.Step{
		Title: "Call the API", Label: "GET " + engine.PathOf(job.Call), From: trace.App, To: trace.API, Channel: trace.Back, Purpose: trace.CallAPI,
		Why:    "The access token goes to the API it was issued for, in the Authorization header and nowhere else.",
		Guards: "The API checks signature, issuer, audience, time and permission by itself, at every call, or asks the issuer by introspection.",
	}
}

func clientWords(key string) string {
	switch key {
	case "web":
		return "web app"
	case "spa":
		return "single-page app"
	case "native":
		return "native app"
	}
	return key
}
