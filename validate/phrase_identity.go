package validate

// Where the rules are written.
const (
	srcIss       = "RFC 7519 section 4.1.1"
	srcIssEntra  = "Entra: claims validation, issuer"
	srcVersion   = "Entra: access tokens, token formats"
	srcAud       = "RFC 7519 section 4.1.3"
	srcAudEntra  = "Entra: access token claims, aud"
	srcTid       = "Entra: claims validation, tenant"
	srcTokenType = "RFC 8725 section 3.12"
	srcCaller    = "Entra: claims validation, actor and subject"
	srcIDToken   = "Entra: ID tokens"
)

// Words of the issuer check.
var (
	issOK = phrase{StatusPass,
		"The token names exactly the issuer expected.", "", srcIss}
	issTemplate = phrase{StatusPass,
		"With the token's own tenant in the place of {tenantid} the issuer is exactly the one expected; which tenants may come in is the tenant check's business.",
		"", srcIssEntra}
	issNotStated = phrase{StatusNotRun,
		"Nobody said which issuer to expect, and the token's own word counts for nothing.",
		"Say it with --issuer", srcIss}
	issMissing = phrase{StatusFail,
		"The token does not say who issued it.",
		"Take a token from the issuer; \"iss\" is always there", srcIss}
	issMetadata = phrase{StatusFail,
		"The keys belong to {note}, but the token names another issuer.",
		"Take metadata and keys from the issuer that the token has to come from", srcIssEntra}
	issWrong = phrase{StatusFail,
		"Another issuer made this token; issuers are compared character by character.",
		"Ask for the token at the authority expected, or correct the issuer that your API expects", srcIss}
	issSlash = phrase{StatusFail,
		"The issuers differ by a slash at the end, and that counts: v1.0 issuers end with one, v2.0 issuers do not.",
		"Copy the issuer exactly as the metadata writes it", srcIssEntra}
	issVersionID = phrase{StatusFail,
		"Same tenant, other token version: an ID token has the version of the endpoint that was asked.",
		"Sign in at the endpoint of the version expected (/oauth2/v2.0/authorize for v2.0, /oauth2/authorize for v1.0), or expect the issuer of the one that is asked", srcIDToken}
	issVersion = phrase{StatusFail,
		"Same tenant, other token version: the API's registration decides whether it gets v1.0 or v2.0 tokens, not the endpoint that was asked.",
		"Set requestedAccessTokenVersion in the API's manifest, or expect the issuer of the version it gets", srcVersion}
	issTenant = phrase{StatusFail,
		"The token comes from another tenant; keys are shared among tenants, so only this check keeps it out.",
		"Sign in at the tenant expected; if others may come in, expect {tenantid} in the issuer and list the tenants", srcIssEntra}
	issAuthority = phrase{StatusFail,
		"What is expected is an authority for many tenants; no token ever names it as its issuer.",
		"Expect the issuer with {tenantid} in the place of \"common\" or \"organizations\", and list the tenants", srcIssEntra}
	issLiteral = phrase{StatusFail,
		"The token carries the template for many tenants as it stands in the metadata; an issuer puts its tenant there.",
		"Refuse it; a genuine token names its tenant", srcIssEntra}
	issDomain = phrase{StatusFail,
		"What is expected names the tenant by a domain name or not at all; in an issuer the tenant is named by GUID.",
		"Copy the issuer from the tenant's discovery document, which accepts the domain name and answers with the GUID", srcIssEntra}
	issUnresolved = phrase{StatusNotRun,
		"Could not look up the tenant's GUID, by which a token names it: {note}.",
		"Try again with a connection, or state the issuer with the tenant's GUID in the place of its domain", srcIssEntra}
	issNoTenant = phrase{StatusFail,
		"The issuer expected depends on the tenant, and the token names no tenant that is a GUID.",
		"Accept only tokens with \"tid\", or expect one fixed issuer", srcIssEntra}
)

// Words of the audience check.
var (
	audOK = phrase{StatusPass,
		"The token was made for the audience expected.", "", srcAud}
	audSlash = phrase{StatusWarn,
		"The audience differs by a slash at the end; a v1.0 token repeats the resource as it was asked for, and most libraries compare exactly.",
		"List both spellings in your API's settings, or ask for the resource as the registration writes it", srcAudEntra}
	audNotStated = phrase{StatusNotRun,
		"Nobody said for whom the token should be, and a token for somebody else is worth nothing.",
		"Say it with --audience", srcAud}
	audMissing = phrase{StatusFail,
		"The token does not say for whom it is, so nobody may take it.",
		"Take a token from the issuer; \"aud\" is always there", srcAud}
	audWrong = phrase{StatusFail,
		"One token serves one API, and this one is for {found}, not for {expected}.",
		"Ask for a scope of the API that is called; the scope decides the audience", srcAudEntra}
	audGraph = phrase{StatusFail,
		"This is a token for Microsoft Graph; no other API may take it, however good it looks.",
		"Ask for a scope of your own API (api://…); one token serves one resource", srcGraph}
	audForm = phrase{StatusFail,
		"One token serves one API, and this one is for {found}, not for {expected}; unless both name the same API, since v2.0 tokens carry its client id and v1.0 tokens may carry its App ID URI.",
		"Ask for a scope of the API that is called; if it is the same API, expect its client id for v2.0 tokens and list both for v1.0 tokens", srcAudEntra}
	audSpelling = phrase{StatusFail,
		"It is the same API in another spelling, and spelling counts: v2.0 tokens carry the API's client id, v1.0 tokens may carry its App ID URI.",
		"Expect the client id for v2.0 tokens; for v1.0 tokens list both", srcAudEntra}
	audSpellingID = phrase{StatusFail,
		"It is the same application in another spelling, and spelling counts: the audience of an ID token is the client id, without api://.",
		"Expect the client id", srcIDToken}
	audClient = phrase{StatusFail,
		"An ID token is for one client, and this one is for {found}, not for {expected}.",
		"Read the id_token that this client itself got", srcIDToken}
	audCase = phrase{StatusFail,
		"The audiences differ in case alone, and case counts.",
		"Write the audience exactly as the registration does", srcAud}
)

// Words of the tenant check.
var (
	tidOK = phrase{StatusPass,
		"The token comes from a tenant on the list.", "", srcTid}
	tidNotStated = phrase{StatusNotRun,
		"Nobody said which tenants may come in.",
		"Say it with --tenant", srcTid}
	tidAny = phrase{StatusNotRun,
		"Nobody said which tenants may come in, and the issuer expected holds {tenantid}: every tenant of the world passes.",
		"Say it with --tenant, once for each tenant that may come in", srcTid}
	tidAnyPersonal = phrase{StatusNotRun,
		"Nobody said which tenants may come in, and the issuer expected holds {tenantid}: every tenant of the world passes, and this is a personal Microsoft account.",
		"Say it with --tenant, once for each tenant that may come in", srcTid}
	tidMissing = phrase{StatusFail,
		"The token names no tenant, so it cannot be held against the list.",
		"Ask for the scope profile where an ID token lacks it; access tokens of Entra always have \"tid\"", srcTid}
	tidWrong = phrase{StatusFail,
		"The tenant is not on the list; a signature of Entra alone says nothing about which company it is.",
		"Sign in with an account of a listed tenant, or add this tenant after you have agreed to it", srcTid}
	tidPersonal = phrase{StatusFail,
		"This is the tenant of personal Microsoft accounts, and it is not on the list.",
		"Sign in with a work or school account, or list this tenant if personal accounts may come in", srcTid}
	tidIssuer = phrase{StatusFail,
		"The issuer names tenant {note}, \"tid\" another one; a genuine token agrees with itself.",
		"Refuse it", srcTid}
	tidForm = phrase{StatusFail,
		"The tenant is no GUID, and Entra's always is.",
		"Take a token from Entra", srcTid}
	tidExpected = phrase{StatusFail,
		"Tokens name their tenant by GUID; a domain name never matches.",
		"State the tenant's GUID; the tenant's discovery document shows it in its issuer", srcTid}
)

// Words of the token-type check.
var (
	typeAccess = phrase{StatusPass,
		"It is an access token: it names a client and what that client may do.", "", srcTokenType}
	typeID = phrase{StatusPass,
		"It is an ID token: proof of a sign-in, for the client itself and for no API.", "", srcIDToken}
	typeHeader = phrase{StatusFail,
		"The header says \"{note}\": that kind of token is made for another purpose.",
		"Send an access token to an API and read an ID token in the client; nothing else fits here", srcTokenType}
	typeIDForAccess = phrase{StatusFail,
		"This is an ID token; it tells the client who signed in and opens no API.",
		"Send the access token of the same response; ask for a scope of the API to get one", srcIDToken}
	typeAccessForID = phrase{StatusFail,
		"This is an access token; it proves nothing about a sign-in to the client.",
		"Read the id_token of the response; add openid to the scopes to get one", srcIDToken}
	typeAppForUser = phrase{StatusFail,
		"An application came as itself, and a person is wanted here.",
		"Use a flow with a person (authorization code, device code, on-behalf-of), or let applications in by role", srcCaller}
	typeUserForApp = phrase{StatusFail,
		"A client came for a person, and only applications as themselves are wanted here.",
		"Use client credentials and an application permission, or let people in by scope", srcCaller}
	typeBoth = phrase{StatusFail,
		"\"idtyp\" says application, but \"scp\" is for people; no genuine token says both.",
		"Refuse it", srcCaller}
	typeAppSubject = phrase{StatusWarn,
		"\"idtyp\" says application, but \"sub\" is not its \"oid\"; in tokens of Entra they are the same.",
		"Check that the token comes from Entra, and know the application by \"oid\"", srcCaller}
	typeBothWarn = phrase{StatusWarn,
		"\"idtyp\" says application, but \"scp\" is for people; no token of Entra says both.",
		"State whom you expect with --caller", srcCaller}
	typeCallerUnknown = phrase{StatusNotRun,
		"The claims do not settle whether a person or an application came.",
		"Switch on the optional claim idtyp in the API's registration", srcCaller}
	typeBare = phrase{StatusWarn,
		"It is an access token that grants nothing: it has neither scopes nor roles.",
		"Grant the client a permission of the API, and refuse callers without one", srcCaller}
)
