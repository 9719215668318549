package scenario

import (
	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/fault"
	"flowscope/engine/trace"
)

// choices are stories about the flow itself: which one fits the client. It
// is long because it is a table.
func choices() []Scenario {
	return []Scenario{
		{
			ID: "spa-implicit", Title: "A single-page app still on implicit, moved to PKCE",
			About: "The page asks for its tokens in the front channel, as was usual before 2020. It moves to authorization code + PKCE.",
			Acts: []Act{
				{
					Title: "As it is: implicit", Tells: "The tokens come back in the fragment of the redirect, in the address bar.",
					Job: run(decision.Implicit, "legacy"), Predicts: fault.Works,
					Lesson: "It works, and every script, extension and history of this browser can read the tokens. There is no refresh token either.",
				},
				{
					Title: "As it should be: code + PKCE", Tells: "The same page asks for a code and redeems it by itself, across origins, with a verifier.",
					Job: run(decision.AuthorizationCode, "spa"), Predicts: fault.Works,
					Lesson: "Only a code passes through the browser, worthless without the verifier. For this the redirect URI has to be of the platform type SPA.",
				},
				{
					Title: "And nobody goes back", Tells: "An old copy of the page still asks for a token in the front channel.",
					Job: run(decision.AuthorizationCode, "spa", broken("implicit")), Predicts: "AADSTS700051",
					Lesson: "Once the two ticks under Authentication are gone, implicit is over for this application.",
				},
			},
		},
		{
			ID: "nightly-job", Title: "A nightly job with no person",
			About: "An export runs at two in the morning. Nobody is there to sign in, so the application acts for itself.",
			Acts: []Act{
				{
					Title: "With a secret", Tells: "The job sends its client id and its secret, and calls the API with the token.",
					Job: run(decision.ClientCredentials, "daemon", with(engine.Secret)), Predicts: "200",
					Lesson: "What it may do stands in roles. An administrator granted it; nobody is asked at night.",
				},
				{
					Title: "With a certificate", Tells: "The job signs an assertion with its private key instead.",
					Job: run(decision.ClientCredentials, "daemon", with(engine.Certificate)), Predicts: "200",
					Lesson: "The key never travels. An assertion that somebody reads is over in minutes.",
				},
				{
					Title: "Without any secret", Tells: "A build pipeline brings the token of its own platform.",
					Job: run(decision.ClientCredentials, "workload"), Predicts: "200",
					Lesson: "A federated credential leaves nothing to keep, to rotate or to lose.",
				},
			},
		},
		{
			ID: "headless-cli", Title: "A command line on a server without a browser",
			About: "A tool runs over SSH. It can open no browser and receive no redirect, and a person sits in front of it.",
			Acts: []Act{
				{
					Title: "Device code", Tells: "The tool shows a code; the person types it on a page on any other device.",
					Job: run(decision.DeviceCode, "cli"), Predicts: fault.Works,
					Lesson: "Two devices, two codes: the short one is typed, the long one never leaves the tool.",
				},
				{
					Title: "In a company that blocks it", Tells: "A Conditional Access policy blocks the flow, as many companies do.",
					Job: run(decision.DeviceCode, "cli", broken("device-blocked")), Predicts: "AADSTS53003",
					Lesson: "The flow can be used for phishing, so expect this, and offer authorization code on a loopback redirect where there is a browser.",
				},
			},
		},
		{
			ID: "daemon-refresh", Title: "A daemon that wants a refresh token",
			About: "The job asks for offline_access, because a guide for web apps says so, and waits for a refresh token.",
			Acts: []Act{
				{
					Title: "Ask for offline_access", Tells: "The scope offline_access travels beside RESOURCE/.default.",
					Job: run(decision.ClientCredentials, "daemon"), Predicts: fault.Works,
					Lesson: "An access token and nothing else: a refresh token stands for a person who has gone, and here nobody was.",
				},
				{
					Title: "Refresh all the same", Tells: "The job sends grant_type=refresh_token with what it has: its access token.",
					Job: run(decision.ClientCredentials, "daemon", edited(trace.Change{Purpose: trace.TokenCall, Label: "a refresh without a refresh token", Ops: []trace.Op{
						{Verb: trace.Set, Place: trace.Form, Name: "grant_type", Value: "refresh_token"},
						{Verb: trace.Set, Place: trace.Form, Name: "refresh_token", Value: "there-is-none"},
					}})), Predicts: "AADSTS9002313",
					Lesson: "There is nothing to refresh with.",
				},
				{
					Title: "Just ask again", Tells: "When the token has ended, the job sends its first request once more.",
					Job: run(decision.ClientCredentials, "daemon"), Predicts: "200",
					Lesson: "The credential is still there: it is the refresh token. MSAL keeps the access token and asks only when it is over.",
				},
			},
		},
		{
			ID: "credentials-with-person", Title: "Client credentials used where a person is present",
			About: "A web app lets people sign in, and then calls its API with a token of the application, because that needs no consent.",
			Acts: []Act{
				{
					Title: "The application for itself", Tells: "A token by client credentials calls the route for applications.",
					Job: run(decision.ClientCredentials, "daemon"), Predicts: "200",
					Lesson: "Look at the token: roles, no scp, sub equal to oid. The API sees the application and all orders, whoever sits in front of it.",
				},
				{
					Title: "A person's own tasks", Tells: "The same token calls the route that lists a person's tasks.",
					Job: run(decision.ClientCredentials, "daemon", broken("app-token-person-route")), Predicts: "403",
					Lesson: "Whose tasks? The token does not say. An API that takes a name from a parameter instead gives everybody everything.",
				},
				{
					Title: "With the person", Tells: "Authorization code: the token says who is there and what the application may do for them.",
					Job: run(decision.AuthorizationCode, "web"), Predicts: "200",
					Lesson: "scp and the person's oid: the API answers for this person alone.",
				},
			},
		},
	}
}
