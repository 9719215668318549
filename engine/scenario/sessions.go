package scenario

import (
	"flowscope/decision"
	"flowscope/engine/fault"
	"flowscope/engine/trace"
)

// sessions are stories about how long a sign-in lasts. It is long because it is
// a table.
func sessions() []Scenario {
	return []Scenario{
		{
			ID: "all-day", Title: "A session kept all day by refresh",
			About: "People sign in in the morning and work until the evening, though an access token lives for about an hour.",
			Acts: []Act{
				{
					Title: "Fifty minutes later", Tells: "The person signed in fifty minutes ago. The application refreshes, and calls the API with the new token.",
					Job:      run(decision.RefreshToken, "web", while("clock", "-50m", ""), while("clock", "0s", trace.Refresh)),
					Predicts: "200", Lesson: "No page, no person: one request to the token endpoint.",
				},
				{
					Title: "Ten hours later", Tells: "The person signed in ten hours ago. The access token of the morning is long over, as its check says; the refreshed one is good.",
					Job:      run(decision.RefreshToken, "web", while("clock", "-10h", ""), while("clock", "0s", trace.Refresh)),
					Predicts: "200", Lesson: "The refresh token carries the session through the day: ninety days, and each use gives a new one.",
				},
				{
					Title: "In a browser, the next day", Tells: "A single-page app tries the same after twenty-five hours.",
					Job: run(decision.RefreshToken, "spa", broken("refresh-expired")), Predicts: "AADSTS700084",
					Lesson: "In a browser it ends 24 hours after the sign-in; then one redirect, mostly without a page, begins the next day.",
				},
			},
		},
		{
			ID: "sign-out-and-token", Title: "Sign-out, and the old token still works",
			About: "The person signs out. A minute later the API is called with the token from before.",
			Acts: []Act{{
				Title: "The old token, after the sign-out", Tells: "The session is gone, as prompt=none shows, and the API answers the old token.",
				Job: run(decision.SignOut, "web"), Predicts: "200",
				Lesson: "A sign-out ends the session in the browser. An access token is good until it expires, for the API asks nobody: drop it at the sign-out, and keep it short-lived.",
			}},
		},
		{
			ID: "revoked-then-refresh", Title: "Sessions revoked, then a refresh",
			About: "A laptop is stolen, and an administrator revokes the person's sessions.",
			Acts: []Act{
				{
					Title: "The refresh", Tells: "The application on the laptop tries to refresh.",
					Job: run(decision.RefreshToken, "native", broken("sessions-revoked")), Predicts: "AADSTS50173",
					Lesson: "Whoever has the laptop has to sign in, and can't. Access tokens of before go on for up to an hour, except at APIs with continuous access evaluation.",
				},
				{
					Title: "The person's new machine", Tells: "The same happens to an application that falls back as it should.",
					Job: run(decision.Silent, "native", broken("sessions-revoked")), Predicts: fault.Works,
					Lesson: "The refusal is the signal to show the sign-in page: the person signs in, and goes on.",
				},
			},
		},
		{
			ID: "key-rollover", Title: "The signing keys change",
			About: "Entra ID signs with the next key, as it does every few weeks.",
			Acts: []Act{
				{
					Title: "Before", Tells: "The API checks the signature with the key that it fetched.",
					Job: run(decision.AuthorizationCode, "web"), Predicts: "200",
					Lesson: "kid in the header names the key; the key comes from the issuer's document, never from the token.",
				},
				{
					Title: "After, with keys fetched when needed", Tells: "Tokens are signed with the next key, which was published all along.",
					Job: run(decision.AuthorizationCode, "web", while("key-rollover", "", "")), Predicts: "200",
					Lesson: "Who looks a new kid up notices nothing.",
				},
				{
					Title: "After, with keys kept for ever", Tells: "The API has the first key in its configuration.",
					Job: run(decision.AuthorizationCode, "web", broken("stale-key-cache")), Predicts: "401",
					Lesson: "Good tokens are refused, for everybody, at the same moment: the sign of a stale key cache.",
				},
			},
		},
	}
}
