package fault

import (
	"strings"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/trace"
)

var onDevice = []decision.Flow{decision.DeviceCode}

// deviceFaults are about the device authorization grant (RFC 8628). It
// is long because it is a table.
func deviceFaults() []Fault {
	return []Fault{
		{
			ID: "client-id", Title: "Name an application that is not there", Group: Authorize, Flows: onDevice, Purpose: trace.DeviceStart,
			Changes: ops(trace.DeviceStart, "another client_id", set(trace.Form, "client_id", unknownClient)),
			Says:    "sends a client_id that this tenant does not know", Predicts: "AADSTS700016",
			Lesson: "An application exists in a tenant only when it is registered or installed there.",
		},
		{
			ID: "scope-grammar", Title: "Write the scopes with a comma", Group: Authorize, Flows: onDevice, Purpose: trace.DeviceStart,
			Changes: func(job engine.Job) []trace.Change {
				return scopeChange(trace.DeviceStart, trace.Form, "commas between the scopes", strings.Join(allScopes(job), ","))
			},
			Says: "joins the scopes with commas instead of spaces", Predicts: "AADSTS70011",
			Lesson: "Scopes are a list with spaces (RFC 6749 section 3.3).",
		},
		{
			ID: "device-declined", Title: "Decline on the other device", Group: Policy, Flows: onDevice, Purpose: trace.SignIn, Decline: true,
			Says: "presses Cancel on the page for the device", Predicts: "AADSTS65004", At: trace.SignIn,
			Lesson: "The device learns of the no with its next question, as authorization_declined; it stops asking and says so (RFC 8628 section 3.5).",
		},
		{
			ID: "device-expired", Title: "Let the code expire before anybody signs in", Group: Token, Flows: onDevice, Purpose: trace.Poll,
			Conditions: condition("clock", "20m", trace.Poll),
			Says:       "lets twenty minutes pass before the device asks", Predicts: "AADSTS70019",
			Lesson: "A user code lives for fifteen minutes: show the time that is left, and offer a new code when it is over.",
		},
		{
			ID: "device-code-wrong", Title: "Ask with another device code", Group: Token, Flows: onDevice, Purpose: trace.Poll,
			Changes: ops(trace.Poll, "another device_code", garble(trace.Form, "device_code")),
			Says:    "changes one letter of device_code", Predicts: "AADSTS70018",
			Lesson: "Two codes, two holders: the person types the user code, the device keeps the device code to itself.",
		},
		{
			ID: "device-blocked", Title: "Phish with a device code", Group: Policy, Flows: onDevice, Purpose: trace.SignIn,
			Conditions: condition("device-code-blocked", "", ""),
			Says:       "blocks the device code flow by Conditional Access", Predicts: "AADSTS53003", At: trace.SignIn,
			Lesson: "Nothing ties the page to the device, so a stranger's code signs the stranger's device in: block the flow where nobody needs it.",
			Attack: &Attack{
				Does:  "The attacker starts the flow, sends the user code to the victim in a mail that looks like an invitation, and waits.",
				Sees:  "Without the policy: tokens of the victim, from a sign-in on Entra ID's own page with every factor passed.",
				Stops: "A Conditional Access policy on authentication flows, and a person who asks whose device this is.",
			},
		},
		{
			ID: "slow-down", Title: "Ask faster than the interval", Group: Token, Flows: onDevice, Purpose: trace.Poll,
			Changes: func(engine.Job) []trace.Change {
				return []trace.Change{
					// The question must not be answered with tokens that nobody gets.
					{Purpose: trace.Poll, Only: 1, Label: "device_code altered, so that no tokens are lost with the answer", Ops: []trace.Op{garble(trace.Form, "device_code")}},
					{Purpose: trace.Poll, Only: 1, Answer: true, Label: "slow_down", Ops: []trace.Op{
						set(trace.Status, "", "400"), set(trace.Body, "", `{"error":"slow_down","error_description":"asked too fast"}`),
					}},
				}
			},
			Says: "answers the first question with slow_down", Predicts: Works,
			Lesson: "slow_down is no end: five seconds more between two questions, and the flow goes on (RFC 8628 section 3.5). Entra ID never says it.",
		},
	}
}
