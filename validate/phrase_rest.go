package validate

// Where the rules are written.
const (
	srcExp      = "RFC 7519 section 4.1.4"
	srcNbf      = "RFC 7519 section 4.1.5"
	srcIat      = "RFC 7519 section 4.1.6"
	srcLifetime = "Entra: configurable token lifetimes"
	srcNonce    = "OpenID Connect Core 3.1.3.7"
	srcScp      = "Entra: access token claims, scp"
	srcRoles    = "Entra: access token claims, roles"
	srcAzp      = "Entra: access token claims, azp and appid"
	srcAzpID    = "OpenID Connect Core 3.1.3.7"
	srcHash     = "OpenID Connect Core 3.1.3.6 and 3.3.2.11"
)

// Words of the checks on time.
var (
	expOK = phrase{StatusPass, "The token has not expired.", "", srcExp}

	expMissing = phrase{StatusFail,
		"The token never ends, and a token without an end must not be accepted.",
		"Take a token from the issuer; \"exp\" is always there", srcExp}
	expOver = phrase{StatusFail,
		"The token has expired, the allowance for clocks included.",
		"Get a new one with the refresh token or by signing in again; if it is new, compare your clock", srcExp}
	expOverApp = phrase{StatusFail,
		"The token has expired, the allowance for clocks included.",
		"Let the application ask for a new one as it asked for this one (client credentials, managed identity); if it is new, compare your clock", srcExp}
	expOverID = phrase{StatusFail,
		"The token has expired, the allowance for clocks included.",
		"Sign in again; if it is new, compare your clock", srcExp}
	expOverUnknown = phrase{StatusFail,
		"The token has expired, the allowance for clocks included.",
		"Get a new one in the way in which this one was got; if it is new, compare your clock", srcExp}
	expWide = phrase{StatusPass,
		"The token has not expired; the allowance for clocks is {note}, though, and it will be taken for so long after its end.", "", srcExp}
	expSkewWide = phrase{StatusWarn,
		"The token has expired; only the allowance of {note} keeps it, and no clocks stand that far apart.",
		"Allow minutes for clocks, as Entra's own libraries do, and renew the token", srcExp}
	expSkew = phrase{StatusWarn,
		"The token has expired, but by less than the allowance for clocks.",
		"Renew it; a reader with a stricter clock refuses it already", srcExp}
	nbfOK = phrase{StatusPass, "The token may be used already.", "", srcNbf}

	nbfMissing = phrase{StatusNotRun,
		"The token does not say from when on it holds; it need not.",
		"Nothing to change; Entra writes it always", srcNbf}
	nbfEarly = phrase{StatusFail,
		"The token may not be used yet, the allowance for clocks included.",
		"Set your clock by a time server, or wait until then", srcNbf}
	nbfSkew = phrase{StatusWarn,
		"By this clock the token starts a moment from now, within the allowance.",
		"Set your clock by a time server", srcNbf}
	iatOK = phrase{StatusPass, "The token was issued in the past.", "", srcIat}

	iatMissing = phrase{StatusNotRun,
		"The token does not say when it was issued.",
		"Nothing to change; Entra writes it always", srcIat}
	iatMissingID = phrase{StatusWarn,
		"An ID token has to say when it was issued, and this one does not.",
		"Take the ID token from the issuer again", "OpenID Connect Core 2"}
	iatFuture = phrase{StatusFail,
		"The token claims to be issued in the future, the allowance for clocks included.",
		"Set your clock by a time server; if it is right, refuse the token", srcIat}
	iatSkew = phrase{StatusWarn,
		"By this clock the token is issued a moment from now, within the allowance.",
		"Set your clock by a time server", srcIat}
	lifeOK = phrase{StatusPass,
		"The token lives {found}; 60 to 90 minutes are usual.", "", srcLifetime}
	lifeID = phrase{StatusPass,
		"The ID token lives {found}; an hour is usual, and a day with personal accounts.", "", srcLifetime}
	lifeDay = phrase{StatusPass,
		"The token lives {found}; with Entra 60 to 90 minutes are usual, up to 24 hours by a policy or for a managed identity, and up to 28 hours with continuous access evaluation.",
		"", srcLifetime}
	lifeEvaluated = phrase{StatusPass,
		"The token lives {found}; 60 to 90 minutes are usual, 24 hours for a managed identity, and with Entra only continuous access evaluation gives more, up to 28 hours.",
		"", "Entra: continuous access evaluation"}
	lifeLong = phrase{StatusWarn,
		"The token lives longer than 28 hours; whoever gets hold of it has all that time.",
		"Let tokens live for an hour or so; whoever needs one longer asks for another", srcLifetime}
	lifeSoon = phrase{StatusWarn,
		"The token ends within five minutes; a request may still be on its way by then.",
		"Renew it before you use it", srcLifetime}
	lifeBackwards = phrase{StatusWarn,
		"The token ends before it begins, so there is no moment at which it holds.",
		"Look at the settings of whoever issued it", srcExp}
	lifeUnknown = phrase{StatusNotRun,
		"Begin or end of the token is not known.",
		"Nothing here; see the checks on time", srcLifetime}
)

// Words of the version check.
var (
	versionOne = phrase{StatusPass,
		"It is a v1.0 token, as the API's registration asks for, and the issuer has that form.", "", srcVersion}
	versionOneID = phrase{StatusPass,
		"It is a v1.0 ID token, as the v1.0 endpoint gives it, and the issuer has that form.", "", srcIDToken}
	versionTwo = phrase{StatusPass,
		"It is a v2.0 token, and the issuer has that form.", "", srcVersion}
	versionMissing = phrase{StatusNotRun,
		"The token names no version; only Entra's tokens do.",
		"Nothing to change, unless it should come from Entra", srcVersion}
	versionUnknown = phrase{StatusWarn,
		"Entra writes \"1.0\" or \"2.0\" and nothing else.",
		"Check that the token comes from Entra", srcVersion}
	versionForeign = phrase{StatusWarn,
		"\"ver\" says {found}, as Entra's tokens do, but the issuer has none of the forms of Entra's: HOST/GUID/v2.0, or HOST/GUID/ for v1.0.",
		"Check that the token comes from Entra; another issuer's \"ver\" means nothing here", srcVersion}
	versionIssuer = phrase{StatusWarn,
		"\"ver\" says {found}, but the issuer has the form of v{note}.",
		"Check that your settings and the token speak of the same version; the API's registration decides it", srcVersion}
	versionIssuerID = phrase{StatusWarn,
		"\"ver\" says {found}, but the issuer has the form of v{note}.",
		"Check that your settings and the token speak of the same version; for an ID token the endpoint that was asked decides it", srcIDToken}
)

// Words of the nonce check.
var (
	nonceOK = phrase{StatusPass,
		"The token answers the very request that was made.", "", srcNonce}
	nonceNotStated = phrase{StatusNotRun,
		"Nobody said which nonce was sent.",
		"Say it with --nonce", srcNonce}
	nonceMissing = phrase{StatusFail,
		"A nonce was sent, and the ID token does not carry it; it may belong to another sign-in.",
		"Refuse it and sign in again", srcNonce}
	nonceAccess = phrase{StatusFail,
		"A nonce was stated, but access tokens carry none; it comes back in the ID token.",
		"Check the id_token of the same response", srcNonce}
	nonceElsewhere = phrase{StatusNotRun,
		"A nonce was stated, and access tokens carry none: it comes back in the ID token.",
		"Check the id_token of the same response; where an ID token must come, say it with --type id", srcNonce}
	nonceWrong = phrase{StatusFail,
		"The token carries another nonce than the one stated: it belongs to another sign-in, or that nonce is not the one sent for it.",
		"Refuse it and sign in again; keep the nonce with the browser session that sent it", srcNonce}
	nonceHashed = phrase{StatusFail,
		"The token carries the SHA-256 of the nonce stated: MSAL for Python sends that instead of the value it was given.",
		"State the value that was really sent in the authorization request", srcNonce}
)

// Words of the scope check.
var (
	scopeOK = phrase{StatusPass,
		"Every scope required is granted.", "", srcScp}
	scopeNotStated = phrase{StatusNotRun,
		"Nobody said which scope is required.",
		"Say it with --scope", srcScp}
	scopeElsewhere = phrase{StatusNotRun,
		"This is an ID token; only access tokens grant scopes.",
		"Nothing to change", srcIDToken}
	scopeID = phrase{StatusFail,
		"This is an ID token, and ID tokens grant no scopes.",
		"Send the access token", srcScp}
	scopeApp = phrase{StatusFail,
		"An application came as itself; it has roles, never scopes.",
		"Ask for an application permission in \"roles\" instead, or use a flow with a person", srcScp}
	scopeMissing = phrase{StatusFail,
		"The token grants no scope at all.",
		"Ask for a scope of the API and consent to it", srcScp}
	scopeLacking = phrase{StatusFail,
		"Not granted: {note}. Scopes are compared word by word, so User.ReadWrite is not User.Read.",
		"Ask for it in the request and have it consented to, by the user or by an administrator", srcScp}
	scopeFull = phrase{StatusFail,
		"\"scp\" holds short names; the address before the last slash is for requests only.",
		"Require {note}", srcScp}
	scopeDefault = phrase{StatusFail,
		"\".default\" asks for everything that is granted already; it stands in requests and never in a token.",
		"Require the scopes themselves, as the API's registration names them", srcScp}
	scopeCase = phrase{StatusFail,
		"{note} is there in another spelling; case counts.",
		"Write the scope exactly as the API's registration does", srcScp}
)

// Words of the roles check.
var (
	rolesOK = phrase{StatusPass,
		"Every role required is there.", "", srcRoles}
	rolesPerson = phrase{StatusPass,
		"Every role required is there, as the person's own; an application's permissions stand in \"roles\" as well, and only --caller keeps the two apart.",
		"", srcRoles}
	rolesNotStated = phrase{StatusNotRun,
		"Nobody said which role is required.",
		"Say it with --role", srcRoles}
	rolesApp = phrase{StatusFail,
		"The application has no role; Entra gives a token to an application without any permission, too.",
		"Grant it the application permission and the administrator's consent, then ask with /.default", srcRoles}
	rolesMissing = phrase{StatusFail,
		"The token holds no roles.",
		"Assign the role to the person or the group in the enterprise application, then get a new token", srcRoles}
	rolesMissingUnknown = phrase{StatusFail,
		"The token holds no roles.",
		"Assign the role to the person or the group, or grant the application permission to the application with the administrator's consent; then get a new token", srcRoles}
	rolesLacking = phrase{StatusFail,
		"Missing: {note}. Roles are compared exactly.",
		"Assign the role in the enterprise application, then get a new token", srcRoles}
	rolesLackingApp = phrase{StatusFail,
		"Missing: {note}. Roles are compared exactly.",
		"Grant it the application permission and the administrator's consent, then ask with /.default", srcRoles}
	rolesLackingUnknown = phrase{StatusFail,
		"Missing: {note}. Roles are compared exactly.",
		"Assign the role to the person or the group, or grant the application permission to the application with the administrator's consent; then get a new token", srcRoles}
)

// Words of the authorized-party check.
var (
	azpOK = phrase{StatusPass,
		"The token was issued to the client expected.", "", srcAzp}
	azpNotStated = phrase{StatusNotRun,
		"Nobody said which client the token should have been issued to.",
		"State the client that is expected", srcAzp}
	azpMissingWarn = phrase{StatusWarn,
		"Every access token of Entra names its client, and this one does not.",
		"Check that the token comes from Entra; v2.0 writes \"azp\", v1.0 \"appid\"", srcAzp}
	azpMissing = phrase{StatusFail,
		"The token does not say to which client it was issued.",
		"Take a token from Entra; v2.0 writes \"azp\", v1.0 \"appid\"", srcAzp}
	azpWrong = phrase{StatusFail,
		"The token was issued to another client.",
		"Use the client expected, or add this one to the clients that you let in", srcAzp}
	azpDisagree = phrase{StatusFail,
		"\"azp\" and \"appid\" name different clients; a genuine token agrees with itself.",
		"Refuse it", srcAzp}
	azpAudience = phrase{StatusPass,
		"The ID token names no authorized party, and need not: the client is its audience.", "", srcAzpID}
	azpAudienceWrong = phrase{StatusFail,
		"The ID token is not made for this client.",
		"Read the id_token that this client itself got", srcAzpID}
	azpMany = phrase{StatusFail,
		"The ID token has several audiences and does not say to which client it was issued.",
		"Refuse it", srcAzpID}
	azpManyWarn = phrase{StatusWarn,
		"The ID token has several audiences and does not say to which client it was issued.",
		"Refuse it, unless you know why", srcAzpID}
)

// Words of the hash check.
var (
	hashOK = phrase{StatusPass,
		"What came with the ID token is what the ID token was made with.", "", srcHash}
	hashAccess = phrase{StatusNotRun,
		"Only ID tokens carry such hashes.",
		"Nothing to change", srcHash}
	hashNone = phrase{StatusNotRun,
		"The ID token carries neither at_hash nor c_hash; from the token endpoint Entra leaves them out.",
		"Nothing to change in the code flow; an ID token straight from the authorization endpoint needs them", srcHash}
	hashNotStated = phrase{StatusNotRun,
		"The ID token carries a hash, but what it was made of is not at hand.",
		"Check it together with the access token (at_hash) and the code (c_hash) of the same response", srcHash}
	hashMissing = phrase{StatusFail,
		"The ID token came straight from the authorization endpoint without {note}, so what came beside it could be anybody's.",
		"Refuse the whole response; an issuer has to write {note} there", "OpenID Connect Core 3.2.2.9 and 3.3.2.11"}
	hashAlgorithm = phrase{StatusNotRun,
		"Which hash was used follows from the algorithm, and that one is not accepted.",
		"See the algorithm check", srcHash}
	hashWrong = phrase{StatusFail,
		"{note} does not fit: the access token or the code was exchanged for another on its way, or is not the one that came with this ID token.",
		"Compare with what came in the same response; if it did come so, refuse the whole response and sign in again", srcHash}
)
