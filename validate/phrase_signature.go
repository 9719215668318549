package validate

// phrase is the fixed part of an outcome's words. "{note}", "{found}" and
// "{expected}" are filled in when a report is read.
type phrase struct {
	status           Status
	why, fix, source string
}

// Where the rules are written.
const (
	srcCompact   = "RFC 7515 section 7.1"
	srcClaimsSet = "RFC 7519 sections 2 and 4"
	srcAlg       = "RFC 8725 sections 3.1 and 3.2"
	srcAlgs      = "RFC 7518 section 3"
	srcKid       = "RFC 7515 section 4.1.4"
	srcKeyInTok  = "RFC 8725 section 3.10"
	srcJWK       = "RFC 7517 section 4"
	srcKeys      = "Entra: signing key rollover"
	srcKeyIssuer = "Entra: claims validation, signing key issuer"
	srcSignature = "RFC 7515 section 5.2"
	srcGraph     = "Entra: access tokens, token ownership"
	srcJWE       = "RFC 7516 section 7.1"
	srcRefresh   = "Entra: refresh tokens"
	srcOpaque    = "RFC 6749 section 1.4"
)

// Words for what could not be looked into.
var (
	headerUnread = phrase{StatusNotRun,
		"Not run: the format is broken.",
		"Repair what the format check names first", srcCompact}
	claimsUnread = phrase{StatusNotRun,
		"Not run: the format is broken.",
		"Repair what the format check names first", srcCompact}
	encryptedUnread = phrase{StatusNotRun,
		"The token is encrypted; only the holder of the decryption key can look inside.",
		"Decrypt it where the key is, then check the token inside", srcJWE}
	refreshUnread = phrase{StatusNotRun,
		"A refresh token is for the issuer alone; nobody else can read it.",
		"Redeem it at the token endpoint and check the tokens that come back", srcRefresh}
	opaqueUnread = phrase{StatusNotRun,
		"The string is no JSON Web Token; only its issuer can say what it stands for.",
		"Give the access token or the ID token of the same response", srcOpaque}
	valueRefused = phrase{StatusNotRun,
		"\"{note}\" has a type that the format check refused, so its value is not read.",
		"Repair what the format check names first", srcClaimsSet}
	dateRefused = phrase{StatusNotRun,
		"\"{note}\" is no date that can be read; the format check says why.",
		"Write \"{note}\" as a plain number of seconds since 1970", "RFC 7519 section 2"}
	dateFraction = phrase{StatusWarn,
		"The time holds, but \"{note}\" is written with a fraction or an exponent; it was read exactly, and other readers may cut or refuse it.",
		"Issue \"{note}\" as a whole number of seconds", "RFC 7519 section 2"}
)

// Words of the format check.
var (
	formatOK = phrase{StatusPass,
		"Three clean base64url segments, and every member stands there once and with the right type.",
		"", srcCompact}
	formatFaults = phrase{StatusFail,
		"The text breaks the rules, and readers that overlook it may see another token than you do: {found}.",
		"Take the token again from the response, untouched; if it comes like this, its issuer has to repair it", srcClaimsSet}
	formatCut = phrase{StatusFail,
		"The copy ends too early: {found}.",
		"Copy the token again, to its very end", srcCompact}
	formatFraction = phrase{StatusWarn,
		"The token is well formed, but a date has a fraction or an exponent; that is legal, and some libraries cannot read it.",
		"Issue whole seconds", "RFC 7519 section 2"}
	formatLarge = phrase{StatusWarn,
		"The token is well formed, but larger than 16 KiB; many servers refuse a request with so large a header.",
		"Let the token carry fewer claims: groups assigned to the application instead of all, or roles in their place", "RFC 9110 section 5.4"}
	formatOpaque  = opaqueUnread
	formatRefresh = refreshUnread

	formatEncrypted = encryptedUnread
)

// Words of the algorithm check.
var (
	algOK = phrase{StatusPass,
		"The algorithm is on the list of what may sign here; the list does not come from the token.",
		"", srcAlg}
	algMissing = phrase{StatusFail,
		"The header names no algorithm, so nothing says how it was signed.",
		"Take a token from the issuer; Entra always writes \"alg\": \"RS256\"", "RFC 7515 section 4.1.1"}
	algNone = phrase{StatusFail,
		"The token says that it is not signed at all; anybody could have written it.",
		"Refuse \"none\" in every spelling, and pin the algorithm in your API's settings", "RFC 8725 section 2.1"}
	algHMAC = phrase{StatusFail,
		"{found} signs with a shared secret; whoever accepts it with a public key lets anybody sign.",
		"Pin RS256 in your API's settings and never take the algorithm from the token", "RFC 8725 section 2.1"}
	algNotListed = phrase{StatusFail,
		"{found} is not on the list of what may sign here ({expected}).",
		"If the issuer really signs with it, say so with --alg; Entra signs with RS256 only", srcAlg}
	algUnknown = phrase{StatusFail,
		"{found} is not on the list of what may sign here ({expected}), and is none of those that can be put there: RS, PS and ES of RFC 7518, in capitals.",
		"Ask the issuer for a token signed with RS256, or with another of those", srcAlgs}
	algEdwards = phrase{StatusFail,
		"{found} signs on an Edwards curve (RFC 8037); it is not on the list of what may sign here ({expected}), and Entra does not use it.",
		"Ask the issuer for a token signed with RS256, or with another algorithm that can be allowed with --alg (RS, PS or ES)", srcAlg}
	algListUnknown = phrase{StatusNotRun,
		"RS256 is always allowed; whether this issuer may use {found} stands in its metadata, which is not at hand.",
		"Say it with --alg; or let the issuer's metadata be fetched", srcAlg}
	algKeyMember = phrase{StatusFail,
		"The token says {found}, but the key is published for {note} only.",
		"Sign with the algorithm that the key is for", "RFC 7517 section 4.4"}
	algKeyType = phrase{StatusFail,
		"The token says {found}, which {note} cannot verify.",
		"Look at which key the \"kid\" names; algorithm and key have to belong together", srcAlgs}
)

// Words of the key check.
var (
	keyOK = phrase{StatusPass,
		"The issuer publishes this key, it is strong enough and it may sign for this issuer.",
		"", srcKeys}
	keyGiven = phrase{StatusPass,
		"The key set that was given holds this key, and it is strong enough; whether the set is really the issuer's is for whoever gave it to know.",
		"", srcKeys}
	keyTwoNames = phrase{StatusWarn,
		"\"kid\" and \"x5t\" name different keys ({note} is the other one); the one of \"kid\" was taken, and a reader that goes by \"x5t\" takes another.",
		"Check that the token comes from Entra, where both are the same", srcKid}
	keyShared = phrase{StatusWarn,
		"The key stands in a set for many tenants and does not say for which issuer it signs, so the issuer and tenant checks alone keep other tenants out.",
		"Take the keys from the tenant's own metadata", srcKeyIssuer}
	keyMaterial = phrase{StatusFail,
		"The header brings its own key along ({note}); a forger would do the same.",
		"Take keys only from the issuer's metadata, and refuse tokens with such headers", srcKeyInTok}
	keyOnly = phrase{StatusWarn,
		"The header names no key; there is but one, and it was taken.",
		"Let the issuer write \"kid\": a second key makes such tokens unreadable", srcKid}
	kidMissing = phrase{StatusFail,
		"The header names no key, and guessing among the issuer's keys is not safe.",
		"Take a token from the issuer; Entra always writes \"kid\"", srcKid}
	kidAbused = phrase{StatusFail,
		"The key identifier is not what identifiers are made of (up to 64 letters, digits, \"-\" and \"_\"); it looks like a path, a query or an address.",
		"Use \"kid\" only to pick a key out of the issuer's set, never to build a path, a query or an address", srcKeyInTok}
	keyUnknown = phrase{StatusFail,
		"None of the issuer's keys has this identifier.",
		"Check that the token comes from this issuer and cloud; an application with its own signing keys needs \"?appid=\" on the metadata address", srcKeys}
	keyUnknownGiven = phrase{StatusFail,
		"None of the keys that were given has this identifier.",
		"Check that they are the issuer's and that the token comes from this issuer and cloud; or let the issuer itself be asked", srcKeys}
	keyUnknownYet = phrase{StatusFail,
		"None of the issuer's keys has this identifier; {note}.",
		"Check that the token comes from this issuer and cloud; an application with its own signing keys needs \"?appid=\" on the metadata address", srcKeys}
	keyOld = phrase{StatusWarn,
		"The key is the issuer's, as far as is known: these are its last known keys, since {note}.",
		"Ask the issuer again when it can be reached; a key that was withdrawn meanwhile would not be noticed", srcKeys}
	keyIncomplete = phrase{StatusNotRun,
		"The key set is larger than what is read of it, and none of the keys read has this identifier: {note}.",
		"Give the keys of this issuer alone with --jwks", srcKeys}
	keyNotAsked = phrase{StatusNotRun,
		"The header is refused whatever the key is, so no key was looked for.",
		"See the format check and the algorithm check", srcKeyInTok}
	keyUnusable = phrase{StatusFail,
		"There is an entry for this identifier, but nothing may be verified with it: {note}.",
		"The issuer has to publish a proper signing key", srcJWK}
	keyUse = phrase{StatusFail,
		"The key is published for use \"{note}\"; only \"sig\" may verify signatures.",
		"Sign with a key that is published for signing", "RFC 7517 section 4.2"}
	keyWeak = phrase{StatusFail,
		"The key is too weak ({note}); RSA needs 2048 bits at least.",
		"The issuer has to sign with a key of 2048 bits or more", "RFC 7518 section 3.3"}
	keyCertificate = phrase{StatusFail,
		"The certificate published with the key holds another key.",
		"Do not trust this key set; fetch it again from the issuer itself", "RFC 7517 section 4.7"}
	keyCloud = phrase{StatusFail,
		"The key belongs to the cloud {note}, the metadata to another one.",
		"Take metadata and keys from the cloud that issued the token", srcKeyIssuer}
	keyIssuer = phrase{StatusFail,
		"The key may sign for {note} only, and the token names another issuer.",
		"Compare the key's own \"issuer\" with \"iss\"; without that any tenant or personal account could pass", srcKeyIssuer}
	keyNoSource = phrase{StatusNotRun,
		"No keys are at hand to check against.",
		"Give a key set with --jwks, or the issuer with --issuer so that it may be asked", srcKeys}
	keyNotAllowed = phrase{StatusNotRun,
		"A token may not make anybody ask its issuer; this one is not among the issuers that may be asked.",
		"If you trust it, name it with --issuer, add it to a profile, or give its keys with --jwks", "RFC 8725 section 3.10"}
	keyElsewhere = phrase{StatusNotRun,
		"The issuer keeps its keys at {note}; metadata may not send anybody to another host.",
		"If you trust that host, let it be asked, or give its keys with --jwks", "RFC 8725 section 3.10"}
	keyUnreachable = phrase{StatusNotRun,
		"The issuer's keys could not be had: {note}.",
		"Try again with a connection, or give the keys with --jwks", srcKeys}
	keyMetadata = phrase{StatusNotRun,
		"The metadata found there belongs to another issuer, so its keys prove nothing: {note}.",
		"Name the issuer exactly as its metadata does, trailing slash included", "OpenID Connect Discovery 4.3"}
)

// Words of the signature check.
var (
	signatureOK = phrase{StatusPass,
		"The signature was made with the issuer's key, and nobody changed header or claims since.",
		"", srcSignature}
	signatureGiven = phrase{StatusPass,
		"The signature was made with the key that was given, and nobody changed header or claims since.",
		"", srcSignature}
	signatureLast = phrase{StatusPass,
		"The signature was made with one of the issuer's last known keys, and nobody changed header or claims since.",
		"", srcSignature}
	signatureWrong = phrase{StatusFail,
		"The signature does not fit: header or claims were changed, or somebody else signed.",
		"Take the token again from the response, whole; if it still fails, refuse it", srcSignature}
	signatureWrongGiven = phrase{StatusFail,
		"The signature does not fit: header or claims were changed, somebody else signed, or the keys that were given are not the issuer's.",
		"Check that the keys are those of the issuer, then take the token again from the response, whole; if it still fails, refuse it", srcSignature}
	signatureShort = phrase{StatusFail,
		"The signature is too short, {note}.",
		"Copy the token again, to its very end; if it comes like this, refuse it", srcAlgs}
	signatureNonce = phrase{StatusFail,
		"The signature does not fit. The header carries a \"nonce\", which some of Microsoft's own APIs change before they verify; only such an API could tell.",
		"If this token is for one of Microsoft's APIs, ask for a token for your own API; else refuse it", srcGraph}
	signatureEmpty = phrase{StatusFail,
		"The third segment is empty: the token is not signed, or the copy ends too early.",
		"Take a signed token from the issuer, whole; if it comes like this, refuse it", srcSignature}
	signatureGraph = phrase{StatusNotRun,
		"This is a token for Microsoft Graph; its header \"nonce\" is changed before Graph verifies, so nobody but Graph can check the signature.",
		"Send it to Graph and nowhere else; ask for a token for your own API to check one here", srcGraph}
	signatureMicrosoft = phrase{StatusNotRun,
		"This is a token for one of Microsoft's own APIs, and its header carries a \"nonce\", which such APIs change before they verify; nobody else can check the signature.",
		"Send it to that API and nowhere else; ask for a token for your own API to check one here", srcGraph}
	signatureNoKey = phrase{StatusNotRun,
		"Without a trusted key there is nothing to verify with.",
		"See the key check", srcSignature}
	signatureAlgorithm = phrase{StatusNotRun,
		"The algorithm is not accepted, so the signature is not even computed.",
		"See the algorithm check", srcSignature}
	signatureUnread = phrase{StatusNotRun,
		"Not run: the format is broken.",
		"Repair what the format check names first", srcSignature}
)
