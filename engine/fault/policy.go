package fault

import (
	"flowscope/engine"
	"flowscope/engine/trace"
)

// policyFaults are what the person or the tenant decides.
func policyFaults() []Fault {
	return []Fault{
		{
			ID: "consent-declined", Title: "Decline the consent", Group: Policy, Flows: onFront, Purpose: trace.SignIn, Decline: true,
			Says: "presses Cancel where the page asks for consent", Predicts: "AADSTS65004", At: trace.Redirect,
			Lesson: "No is an answer: the application must cope with it and not ask again at once.",
		},
		{
			ID: "abandoned", Title: "Give the sign-in up", Group: Policy, Flows: onFront, Purpose: trace.SignIn, Abandon: true,
			Says: "closes the page on which to sign in", Predicts: Stopped,
			Lesson: "Nobody comes back, and no error says so: end the wait by a time limit, and offer to begin again.",
		},
		{
			ID: "user-consent-off", Title: "Let nobody consent but administrators", Group: Policy, Flows: onFront, Clients: []string{"web", "spa", "native"}, Purpose: trace.SignIn,
			Conditions: condition("user-consent-off", "", ""),
			Says:       "forbids users to consent", Predicts: "AADSTS90094", At: trace.SignIn,
			Lesson: "In many tenants an administrator consents once for all; nothing in the request can change that.",
		},
		{
			ID: "location-blocked", Title: "Sign in from a blocked place", Group: Policy, Flows: onFront, Purpose: trace.SignIn,
			Conditions: condition("location-blocked", "", ""),
			Says:       "blocks the place by Conditional Access", Predicts: "AADSTS53003", At: trace.SignIn,
			Lesson: "The password was right and the sign-in is refused all the same: policies are judged last.",
		},
		{
			ID: "device-required", Title: "Sign in from an unmanaged device", Group: Policy, Flows: onFront, Purpose: trace.SignIn,
			Conditions: condition("device-required", "", ""),
			Says:       "demands a compliant device", Predicts: "AADSTS53000", At: trace.SignIn,
			Lesson: "Only a broker or the browser of a managed device can prove the device; a request can't.",
		},
		{
			ID: "account-disabled", Title: "Sign in with a disabled account", Group: Policy, Flows: onFront, Purpose: trace.SignIn,
			Conditions: func(job engine.Job) []engine.Condition {
				return []engine.Condition{{ID: "account-disabled", Value: user(job)}}
			},
			Says: "blocks the person's sign-in", Predicts: "AADSTS50057", At: trace.SignIn,
			Lesson: "The directory decides who may sign in, at every sign-in; the application learns nothing but no.",
		},
		{
			ID: "app-disabled", Title: "Sign in to a disabled application", Group: Policy, Flows: onFront, Purpose: trace.Authorize,
			Conditions: func(job engine.Job) []engine.Condition {
				return []engine.Condition{{ID: "app-disabled", Value: signer(job).Key}}
			},
			Says: "disables the application for sign-in", Predicts: "AADSTS7000112",
			Lesson: "An administrator can switch an application off for the whole tenant, under Enterprise applications.",
		},
		{
			ID: "workload-blocked", Title: "Be blocked as an application", Group: Policy, Flows: onCredentials, Purpose: trace.TokenCall,
			Conditions: condition("workload-blocked", "", ""),
			Says:       "blocks workload identities by Conditional Access", Predicts: "AADSTS53003",
			Lesson: "Policies for workload identities exist as well: a daemon can be held to its own network.",
		},
	}
}
