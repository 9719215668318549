package scenario

import (
	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/fault"
)

// mistakes are stories about what is registered and what is sent. It
// is long because it is a table.
func mistakes() []Scenario {
	return []Scenario{
		{
			ID: "redirect-uri-mismatch", Title: "The redirect URI is not the registered one",
			About: "It worked on the developer's machine. Somewhere a letter or a slash differs, and Entra ID stays on its own page.",
			Acts: []Act{
				{
					Title: "One letter", Tells: "The path begins with a capital letter.",
					Job: run(decision.AuthorizationCode, "web", broken("redirect-uri")), Predicts: "AADSTS50011",
					Lesson: "The error stays on the page: an address that is not trusted gets nothing, not even an error.",
				},
				{
					Title: "One slash", Tells: "A framework has added a slash at the end.",
					Job: run(decision.AuthorizationCode, "web", broken("redirect-slash")), Predicts: "AADSTS50011",
					Lesson: "Addresses are compared as text.",
				},
				{
					Title: "Letter for letter", Tells: "The registered address is sent.",
					Job: run(decision.AuthorizationCode, "web"), Predicts: fault.Works,
					Lesson: "Copy the address from the registration, or register the one that is sent.",
				},
			},
		},
		{
			ID: "consent-required", Title: "Nobody has consented",
			About: "The sign-in went well, then a token for another API is asked for behind the scenes.",
			Acts: []Act{
				{
					Title: "Behind the scenes", Tells: "The token endpoint is asked for a scope that no page has shown.",
					Job: run(decision.AuthorizationCode, "web", broken("consent-missing")), Predicts: "AADSTS65001",
					Lesson: "invalid_grant with suberror consent_required: the token endpoint can show no page.",
				},
				{
					Title: "In front of the person", Tells: "The same scope is asked for at the authorize endpoint, and the person accepts.",
					Job: run(decision.AuthorizationCode, "web", asking(stockScope), calling(stock)), Predicts: "200",
					Lesson: "Ask for a scope when it is needed, where a page can be shown; then it stays granted.",
				},
			},
		},
		{
			ID: "consent-for-everyone", Title: "A consent prompt for every user, silenced",
			About: "Each of three hundred people is asked for consent, and calls the help desk. An administrator answers once, for all.",
			Acts: []Act{
				{
					Title: "The page that everybody sees", Tells: "Ada signs in for the first time and accepts what the page lists.",
					Job: run(decision.AuthorizationCode, "web", as(ada)), Predicts: fault.Works,
					Lesson: "This consent is Ada's. The next person sees the same page.",
				},
				{
					Title: "Where people may not consent", Tells: "The company forbids users to consent. Vera is stopped.",
					Job: run(decision.AuthorizationCode, "web", as(vera), while("user-consent-off", "", "")), Predicts: "AADSTS90094",
					Lesson: "Nothing in the request can change that. An administrator has to decide.",
				},
				{
					Title: "The administrator's answer", Tells: "Grace, an administrator, accepts for the whole tenant.",
					Job: run(decision.AdminConsent, "web"), Predicts: fault.Works,
					Lesson: "The admin consent endpoint lists all that the registration asks for, statically, and grants it to everybody.",
				},
				{
					Title: "Nobody is asked", Tells: "Vera signs in again, and users still may not consent.",
					Job: run(decision.AuthorizationCode, "web", as(vera), while("user-consent-off", "", "")), Predicts: fault.Works,
					Lesson: "No page, no call to the help desk.",
				},
			},
		},
		{
			ID: "invalid-scope", Title: "The scope is refused",
			About: "invalid_scope can mean the list is written wrongly, or that it asks for what is not there.",
			Acts: []Act{
				{
					Title: "Commas", Tells: "The scopes are joined with commas.",
					Job: run(decision.AuthorizationCode, "spa", broken("scope-grammar")), Predicts: "AADSTS70011",
					Lesson: "Spaces separate scopes.",
				},
				{
					Title: "A name that is not there", Tells: "The API never exposed the scope.",
					Job: run(decision.AuthorizationCode, "spa", broken("scope-unknown")), Predicts: "AADSTS650053",
					Lesson: "Look at Expose an API of the API's registration.",
				},
				{
					Title: "A single scope without a person", Tells: "A daemon asks for one permission by name.",
					Job: run(decision.ClientCredentials, "daemon", broken("scope-default")), Predicts: "AADSTS1002012",
					Lesson: "Without a person it is RESOURCE/.default, always.",
				},
				{
					Title: "As the API names it", Tells: "The scope is copied from the API's registration.",
					Job: run(decision.AuthorizationCode, "spa"), Predicts: "200",
					Lesson: "App ID URI, slash, name of the scope.",
				},
			},
		},
		{
			ID: "expired-credential", Title: "The secret has expired",
			About: "It worked for two years. This morning no sign-in goes through, and nobody changed anything.",
			Acts: []Act{
				{
					Title: "The morning", Tells: "All secrets of the application have expired.",
					Job: run(decision.AuthorizationCode, "web", broken("secret-expired")), Predicts: "AADSTS7000222",
					Lesson: "People still see the sign-in page: the failure is behind it, at the token endpoint, and in the server's log.",
				},
				{
					Title: "A certificate instead", Tells: "The same application proves itself with its certificate.",
					Job: run(decision.AuthorizationCode, "web", with(engine.Certificate), while("secret-expired", "web", "")), Predicts: fault.Works,
					Lesson: "Two credentials can stand beside each other: add the new one, switch, remove the old.",
				},
			},
		},
		{
			ID: "wrong-credential", Title: "The secret is wrong",
			About: "A secret was copied into the settings of a new environment.",
			Acts: []Act{
				{
					Title: "The ID instead of the value", Tells: "The portal shows both, and the wrong one was copied.",
					Job: run(decision.ClientCredentials, "daemon", broken("secret-id")), Predicts: "AADSTS7000215",
					Lesson: "The finding tells it from other wrong secrets: the ID is known, and it was sent.",
				},
				{
					Title: "One letter", Tells: "A letter got lost in a settings file.",
					Job: run(decision.ClientCredentials, "daemon", broken("secret")), Predicts: "AADSTS7000215",
					Lesson: "The value is shown once only: when in doubt make a new one.",
				},
				{
					Title: "The value", Tells: "The right value is sent.",
					Job: run(decision.ClientCredentials, "daemon"), Predicts: "200",
					Lesson: "Better: no secret at all, but a managed identity or a federated credential.",
				},
			},
		},
		{
			ID: "multi-tenant-walk", Title: "A multi-tenant application meets another company",
			About: "Fabrikam's application serves other companies. It works at home; at Contoso it is a stranger.",
			Acts: []Act{
				{
					Title: "At home", Tells: "Noor of Fabrikam signs in to Fabrikam's own application.",
					Job: elsewhere(fabrikam, run(decision.AuthorizationCode, "partner", as(noor))), Predicts: fault.Works,
					Lesson: "The registration lives here, and so does its service principal.",
				},
				{
					Title: "At Contoso", Tells: "Ada of Contoso tries it. The company does not let its people consent.",
					Job: run(decision.AuthorizationCode, "partner", as(ada), while("user-consent-off", "", "")), Predicts: "AADSTS90094",
					Lesson: "In another tenant the application does not exist until somebody there consents.",
				},
				{
					Title: "Contoso's administrator consents", Tells: "Grace accepts for Contoso: a service principal is made there.",
					Job: run(decision.AdminConsent, "partner"), Predicts: fault.Works,
					Lesson: "Each company decides for itself, and can take it back under Enterprise applications.",
				},
				{
					Title: "At Contoso, again", Tells: "Ada signs in, with no page for consent.",
					Job: run(decision.AuthorizationCode, "partner", as(ada), while("user-consent-off", "", "")), Predicts: fault.Works,
					Lesson: "tid in the token is Contoso's, not the home tenant's: keep customers apart by tid, and check the issuer for each.",
				},
			},
		},
	}
}
