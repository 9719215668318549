package scenario

import (
	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/fault"
)

// tokens are stories about what an API sees of a token. It is long because it is
// a table.
func tokens() []Scenario {
	return []Scenario{
		{
			ID: "forbidden-403", Title: "403, although the sign-in was clean",
			About: "The person has signed in, the token is valid, and the API still says no.",
			Acts: []Act{
				{
					Title: "The scope is missing", Tells: "The route needs Orders.Read, and the token has access_as_user alone.",
					Job: run(decision.AuthorizationCode, "web", broken("scope-missing")), Predicts: "403",
					Lesson: "401 asks for another token, 403 for another permission: signing in again with the same scopes changes nothing.",
				},
				{
					Title: "With the scope", Tells: "The application asks for Orders.Read as well; the person consents once more.",
					Job: run(decision.AuthorizationCode, "web", asking(ordersScope, ordersRead), beside("/recent")), Predicts: "200",
					Lesson: "Ask for what the route needs, and look for it in scp.",
				},
				{
					Title: "The person may not", Tells: "Another route is for administrators, and Ada is none.",
					Job: run(decision.AuthorizationCode, "web", as(ada), broken("role-missing")), Predicts: "403",
					Lesson: "No scope helps here: a scope lets the application ask, the role is the person's.",
				},
			},
		},
		{
			ID: "audience-mismatch", Title: "The token is for another API",
			About: "The application has one token and calls two APIs with it.",
			Acts: []Act{
				{
					Title: "The other API", Tells: "The token for Orders API is sent to Inventory API.",
					Job: run(decision.AuthorizationCode, "web", broken("other-api")), Predicts: "401",
					Lesson: "aud names one API. The other one must refuse.",
				},
				{
					Title: "A Graph token", Tells: "The application asks for User.Read, and calls Orders API.",
					Job: run(decision.AuthorizationCode, "web", broken("graph-token")), Predicts: "401",
					Lesson: "The commonest form of it: without a scope of the own API one gets a token for Microsoft Graph.",
				},
				{
					Title: "An API that does not look", Tells: "Orders API checks no audience, and takes Inventory API's token.",
					Job: run(decision.AuthorizationCode, "web", broken("api-audience-off")), Predicts: "200",
					Lesson: "It works, and that is the hole: any token of the tenant would do.",
				},
				{
					Title: "Two tokens", Tells: "For the second API the application asks for a second token.",
					Job: run(decision.AuthorizationCode, "web", asking(stockScope), calling(stock)), Predicts: "200",
					Lesson: "The same refresh token gets one for each API.",
				},
			},
		},
		{
			ID: "v1-token-at-v2-api", Title: "A v1.0 token at an API that expects v2.0",
			About: "The version of a token is the API's choice (requestedAccessTokenVersion), not the endpoint's.",
			Acts: []Act{
				{
					Title: "v1.0 at the wrong place", Tells: "Inventory API takes v1.0 tokens. One of them is sent to Orders API, which takes v2.0.",
					Job: run(decision.AuthorizationCode, "web", asking(stockScope), calling(myTasks)), Predicts: "401",
					Lesson: "Issuer sts.windows.net or without /v2.0, aud as App ID URI, appid in place of azp: a check written for v2.0 refuses all of it.",
				},
				{
					Title: "v1.0 where it belongs", Tells: "The same token at Inventory API.",
					Job: run(decision.AuthorizationCode, "web", asking(stockScope), calling(stock)), Predicts: "200",
					Lesson: "Set requestedAccessTokenVersion in the API's manifest, and check for that version and no other.",
				},
			},
		},
		{
			ID: "step-up", Title: "The API asks for more proof",
			About: "A route for administrators demands an authentication context: a second factor, passed for this very action.",
			Acts: []Act{
				{
					Title: "401 with a question", Tells: "Grace calls the route with an ordinary token.",
					Job: run(decision.AuthorizationCode, "web", broken("step-up")), Predicts: "401",
					Lesson: "The header WWW-Authenticate carries claims: what the next sign-in has to satisfy.",
				},
				{
					Title: "The answer", Tells: "Grace signs in again, with these claims in the authorization request.",
					Job: run(decision.AuthorizationCode, "web", as(grace), calling("Orders API: administration"), while("step-up", "", ""),
						func(job *engine.Job) error {
							job.Claims = `{"access_token":{"acrs":{"essential":true,"value":"c1"}}}`
							return nil
						}), Predicts: "200",
					Lesson: "acrs in the new token says that the context is satisfied.",
				},
				{
					Title: "Everybody else", Tells: "Ada, who is no administrator, sends the same claims.",
					Job: run(decision.AuthorizationCode, "web", as(ada), broken("role-missing")), Predicts: "403",
					Lesson: "Proof of who one is gives no permission.",
				},
			},
		},
	}
}

// attacked tells one fault of the catalogue from the attacker's side.
func attacked(id, title, about string, acts ...Act) Scenario { return Scenario{id, title, about, acts} }

// stopped is the act in which an attack is stopped: the fault's own words.
func stopped(flow decision.Flow, client, id string) Act {
	a := Act{Job: run(flow, client, broken(id))}
	for _, f := range fault.Catalogue() {
		if f.ID == id && f.Attack != nil {
			a.Title, a.Tells, a.Predicts, a.At, a.Lesson, a.Attack = f.Title, f.Attack.Does, f.Predicts, f.At, f.Lesson, f.Attack
			break
		}
	}
	return a
}
