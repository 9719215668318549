package scenario

import (
	"flowscope/decision"
	"flowscope/engine/fault"
)

// attacks are stories from the attacker's side, each with the run in which
// nobody attacks for comparison.
func attacks() []Scenario {
	const code = decision.AuthorizationCode
	return []Scenario{
		attacked("forged-state", "Login CSRF: the attacker's sign-in in your browser",
			"Whoever types a card number into somebody else's account gives it away. state is what keeps the two sign-ins apart.",
			stopped(code, "web", "forged-state"), honest("web", "The state that comes back is the one that was sent, for this browser.")),
		attacked("code-injection", "A stolen code, slipped into a sign-in of one's own",
			"The code is good and the state fits, for the attacker began this sign-in. Only the verifier and the nonce know better.",
			stopped(code, "web", "code-injection"), honest("web", "The verifier gives the challenge that the code was made for.")),
		attacked("stolen-code", "A code read out of a log, redeemed first",
			"Codes pass through the browser, and browsers keep histories. A native app has no secret to hold against it.",
			stopped(code, "native", "stolen-code"), honest("native", "Only the application that sent the challenge has the verifier.")),
		attacked("mix-up", "Two issuers, and the wrong one answers",
			"An application that offers several issuers is led to bring one issuer's code to another.",
			stopped(code, "web", "mix-up"), honest("web", "Entra ID sends no iss: an application with several issuers takes a redirect URI of its own for each.")),
		attacked("look-alike-redirect", "The code is sent to a look-alike address",
			"A link to the real sign-in page of the real application, with a small difference in redirect_uri.",
			stopped(code, "web", "look-alike-redirect"), honest("web", "The address is one of those registered, letter for letter.")),
		attacked("replayed-id-token", "An ID token of yesterday signs in today",
			"The token is rightly signed and still valid. It was only made for another sign-in.",
			stopped(code, "web", "replayed-id-token"), honest("web", "The nonce in the token is the one that this sign-in sent.")),
	}
}

// honest is the same run without an attacker.
func honest(client, lesson string) Act {
	return Act{
		Title: "Nobody attacks", Tells: "The same sign-in as it is meant to be.",
		Job: run(decision.AuthorizationCode, client), Predicts: fault.Works, Lesson: lesson,
	}
}
