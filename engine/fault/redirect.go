package fault

import "flowscope/engine/trace"

// Values of an attacker's own sign-in, made up as the application makes its own.
const (
	attackerState     = "Zq3mB0fJ9sW1xkTuYc7RvEo2nHd5gLpA6iKtXb8QyMw"
	attackerCode      = "1.AXoAattackersOwnCodeFromTheirOwnSignInAtTheSameApplication"
	attackerNonce     = "Hn4vT8aLq0ZrPw6eXc2uJd9sKf1yBm5gRi7oEtNx3kA"
	attackerVerifier  = "attackers-own-verifier-0123456789-abcdefghijklmnop"
	attackerChallenge = "0nUu_1tYd4gYl2m9rS5cXk8pQ7wEaVbZfHjJiLoNtKM"
)

// redirectFaults are about what comes back to the application through the
// browser. The table is long because it tells attacks from both sides.
func redirectFaults() []Fault {
	return []Fault{
		{
			ID: "state", Title: "Bring back another state", Group: Redirect, Flows: onSignIn, Purpose: trace.Redirect,
			Changes: ops(trace.Redirect, "another state", garble(trace.Query, "state")),
			Says:    "changes one letter of state in the redirect", Predicts: "state",
			Lesson: "Without this check a stranger could finish their sign-in in your browser (RFC 6749 section 10.12).",
		},
		{
			ID: "forged-state", Title: "Finish the attacker's sign-in", Group: Redirect, Flows: onSignIn, Purpose: trace.Redirect,
			Changes: ops(trace.Redirect, "the attacker's code and state", set(trace.Query, "code", attackerCode), set(trace.Query, "state", attackerState)),
			Says:    "brings code and state of a sign-in that the attacker began", Predicts: "state",
			Lesson: "state ties the redirect to the browser that began the sign-in; another one is login CSRF (RFC 6749 section 10.12).",
			Attack: &Attack{
				Does:  "The attacker signs in with an own account, keeps the redirect with its code, and makes the victim's browser open it.",
				Sees:  "What the victim would later write into the attacker's account, if the application took the code.",
				Stops: "The application compares state with the one it keeps for this browser, before it looks at the code.",
			},
		},
		{
			ID: "code-injection", Title: "Slip a stolen code into a sign-in", Group: Redirect, Flows: onSignIn, Purpose: trace.Authorize,
			Changes: ops(trace.Authorize, "a request with another challenge", set(trace.Query, "code_challenge", attackerChallenge)),
			Says:    "lets a code come back that was made for a request with another code_challenge", Predicts: "AADSTS501481", At: trace.TokenCall,
			Lesson: "PKCE ties the code to the one application instance that asked for it; where PKCE is not used, the nonce does it (RFC 9700 section 4.5).",
			Attack: &Attack{
				Does:  "The attacker has got hold of somebody's code, begins an own sign-in, and replaces the code in the own redirect by the stolen one. The state fits, for it is the attacker's own.",
				Sees:  "An error, in place of the other person's data.",
				Stops: "The token endpoint: the verifier that the application sends does not give the challenge that the code was made for.",
			},
		},
		{
			ID: "mix-up", Title: "Answer in another issuer's name", Group: Redirect, Flows: onSignIn, Purpose: trace.Redirect,
			Changes: ops(trace.Redirect, "iss of another issuer", set(trace.Query, "iss", "https://login.attacker.example/tenant/v2.0")),
			Says:    "adds iss of another issuer to the redirect", Predicts: "iss",
			Lesson: "An application with several issuers must know which of them answered, or it brings one's code to the other (RFC 9207). Entra itself sends no iss.",
			Attack: &Attack{
				Does:  "The attacker runs one of the issuers that the application offers. The person chooses it, and the attacker passes the request on to the honest issuer.",
				Sees:  "The honest issuer's code, at the attacker's own token endpoint, if the application takes the answer for the attacker's.",
				Stops: "iss in the redirect names who answered. It differs from the issuer that was asked, and the code goes nowhere.",
			},
		},
		{
			ID: "redirect-error", Title: "Come back with an error", Group: Redirect, Flows: onSignIn, Purpose: trace.Redirect,
			Changes: ops(trace.Redirect, "an error in place of the code", drop(trace.Query, "code"), set(trace.Query, "error", "temporarily_unavailable")),
			Says:    "puts error=temporarily_unavailable in the place of the code", Predicts: "temporarily_unavailable",
			Lesson: "The redirect URI is where errors arrive as well; a callback that looks for code alone shows a crash (RFC 6749 section 4.1.2.1).",
		},
		{
			ID: "code-missing", Title: "Come back without a code", Group: Redirect, Flows: onSignIn, Purpose: trace.Redirect,
			Changes: ops(trace.Redirect, "no code", drop(trace.Query, "code")),
			Says:    "drops code from the redirect", Predicts: "code",
			Lesson: "Anybody can open the redirect URI by hand: what comes in is checked before it is used.",
		},
	}
}
