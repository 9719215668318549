package fault

import "flowscope/engine/trace"

// answerFaults change what the program gets: what a client has to look at before
// it takes an answer for good. It is long because it is a table.
func answerFaults() []Fault {
	return []Fault{
		{
			ID: "replayed-id-token", Title: "Play in an ID token of another sign-in", Group: Answer, Flows: onSignIn, Purpose: trace.TokenCall,
			Changes: answers(trace.TokenCall, "an ID token with another nonce", set(trace.Claim, "id_token.nonce", attackerNonce)),
			Says:    "gives the ID token the nonce of another sign-in", Predicts: "nonce", At: trace.Answer,
			Lesson: "A signature says who made a token, the nonce for which sign-in: without it an old ID token signs its owner in again.",
			Attack: &Attack{
				Does:  "The attacker has got hold of an ID token of the victim's, still valid and rightly signed, and plays it into a sign-in of the attacker's own.",
				Sees:  "A refusal; without the check, the application as the victim.",
				Stops: "The application compares the nonce in the token with the one that it sent for this sign-in.",
			},
		},
		{
			ID: "claim-changed", Title: "Change a claim of the ID token", Group: Answer, Flows: onSignIn, Purpose: trace.TokenCall,
			Changes: answers(trace.TokenCall, "another name in the ID token", set(trace.Claim, "id_token.preferred_username", "administrator@contoso.example")),
			Says:    "writes another user name into the ID token", Predicts: "signature",
			Lesson: "Claims can be read and written by everybody; the signature is what makes them true.",
			Attack: &Attack{
				Does:  "Somebody between the token endpoint and the application writes an administrator's name into the ID token.",
				Sees:  "A token that no check lets pass.",
				Stops: "The signature, checked with the issuer's published key.",
			},
		},
		{
			ID: "token-swapped", Title: "Swap the access token for a forged one", Group: Answer, Flows: onCode, When: ownAPI, Purpose: trace.TokenCall,
			Changes: answers(trace.TokenCall, "another access token", garble(trace.JSON, "access_token")),
			Says:    "changes one letter of the access token's signature in the answer", Predicts: "signature",
			Lesson: "A client passes its access token on unread; it is the API that checks the signature, at every call.",
		},
		{
			ID: "answer-truncated", Title: "Cut the answer off", Group: Answer, Flows: onStart, Purpose: trace.TokenCall,
			Changes: answers(trace.TokenCall, "half an answer", set(trace.Body, "", `{"token_type":"Bearer","expires_in":3599,"access_tok`)),
			Says:    "lets the answer end in the middle of a word", Predicts: "answer",
			Lesson: "Status 200 says that an answer came, not that it is whole.",
		},
		{
			ID: "answer-page", Title: "Answer with a page instead of JSON", Group: Answer, Flows: onStart, Purpose: trace.TokenCall,
			Changes: answers(trace.TokenCall, "a page of the network", set(trace.Header, "Content-Type", "text/html; charset=utf-8"),
				set(trace.Body, "", "<!doctype html><html><head><title>Guest network</title></head><body><h1>Please log in</h1></body></html>")),
			Says: "puts the log-in page of a guest network in the place of the answer", Predicts: "intercepted",
			Lesson: "What is not JSON was not sent by the token endpoint: look at the network, not at the request.",
		},
		{
			ID: "error-200", Title: "Answer an error with status 200", Group: Answer, Flows: onStart, Purpose: trace.TokenCall,
			Changes: answers(trace.TokenCall, "an error with status 200", set(trace.Body, "", `{"error":"invalid_grant","error_description":"the grant is not good"}`)),
			Says:    "answers 200 with an error in the body", Predicts: "invalid_grant",
			Lesson: "Whether there are tokens is told by the body: no access_token, no success.",
		},
		{
			ID: "token-type", Title: "Answer with an unknown token type", Group: Answer, Flows: onStart, Purpose: trace.TokenCall,
			Changes: answers(trace.TokenCall, "token_type mac", set(trace.JSON, "token_type", "mac")),
			Says:    "says token_type=mac", Predicts: "token_type",
			Lesson: "A client must not use a token of a type that it does not understand (RFC 6749 section 7.1).",
		},
		{
			ID: "metadata-issuer", Title: "Answer with another issuer's metadata", Group: Answer, Flows: onMetadata, Purpose: trace.Metadata,
			Changes: answers(trace.Metadata, "another issuer in the metadata", set(trace.JSON, "issuer", "https://login.attacker.example/tenant/v2.0")),
			Says:    "names another issuer in the discovery document", Predicts: "issuer",
			Lesson: "The issuer in the document must be the one that was asked, or its endpoints lead to a stranger (OpenID Connect Discovery section 4.3).",
			Attack: &Attack{
				Does:  "The attacker answers the request for the discovery document, in a network where the name service or a proxy obeys them.",
				Sees:  "Codes and secrets, if the application used the token endpoint of that document.",
				Stops: "The issuer is compared with the address that was asked, before any endpoint is used.",
			},
		},
		{
			ID: "token-redirect", Title: "Redirect the token request elsewhere", Group: Answer, Flows: onStart, Purpose: trace.TokenCall,
			Changes: answers(trace.TokenCall, "a redirect", set(trace.Status, "", "307"), set(trace.Header, "Location", "https://login.attacker.example/token"), set(trace.Body, "", "")),
			Says:    "answers 307 with the address of another host", Predicts: "HTTP 307",
			Lesson: "307 repeats the form, secret and code included, at another address: a token request follows no redirect.",
			Attack: &Attack{
				Does:  "Somebody who can answer for the token endpoint sends the client on, to a host of their own.",
				Sees:  "The code, the verifier and the secret, if the client followed.",
				Stops: "The client: it follows no redirect of the token endpoint.",
			},
		},
	}
}
