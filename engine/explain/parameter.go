package explain

import (
	"strings"

	"flowscope/engine/trace"
)

// Parameter is what a request parameter, a header or a member of an answer
// means, in plain words.
type Parameter struct {
	Name     string
	Meaning  string // one short sentence, without a full stop
	Protects string // what it guards against; empty where it guards nothing
}

// Explain gives the meaning of a parameter or a telling header of an exchange
// with this purpose, and false when it knows none. Names of headers are known
// in any letter case. What the purpose does not settle is the same everywhere:
// client_id means one thing wherever it stands.
func Explain(p trace.Purpose, name string) (Parameter, bool) {
	for _, list := range [][]Parameter{parametersOf(p), standardParameters(p), everywhere, headers} {
		for _, x := range list {
			if x.Name == name || strings.EqualFold(x.Name, name) && isHeader(x.Name) {
				return x, true
			}
		}
	}
	return Parameter{}, false
}

func isHeader(name string) bool { return strings.ToLower(name) != name || strings.Contains(name, "-") }

func parametersOf(p trace.Purpose) []Parameter {
	switch p {
	case trace.Authorize:
		return authorizeParameters
	case trace.SignIn:
		return pageParameters
	case trace.AdminConsent:
		return adminParameters
	case trace.Redirect:
		return redirectParameters
	case trace.Poll:
		return pollParameters
	case trace.DeviceStart, trace.DevicePage:
		return deviceParameters
	case trace.UserRealm:
		return realmParameters
	case trace.ManagedIdentity:
		return machineParameters
	case trace.TokenCall, trace.Answer, trace.Refresh, trace.OnBehalfOf, trace.TokenExchange:
		return tokenParameters
	case trace.Metadata:
		return metadataParameters
	case trace.Keys:
		return keyParameters
	}
	return nil
}

// The tables below are read and never written to.

var authorizeParameters = []Parameter{
	{"response_type", "what shall come back: code means a code, and no token through the browser", "a token in the address bar and the history"},
	{"redirect_uri", "where to come back to; must be registered, letter for letter, save the port of localhost", "a code that is sent to a stranger"},
	{"response_mode", "how the answer comes back: query, fragment or form_post", "form_post keeps the code out of addresses and logs"},
	{"scope", "what the application asks for; openid adds the ID token, offline_access the refresh token", "more power than the person was shown"},
	{"state", "a random value that must come back unchanged", "a sign-in that somebody else began"},
	{"nonce", "a random value that must stand in the ID token", "an old ID token, played in again"},
	{"code_challenge", "the SHA-256 of a secret that only this sign-in knows; it is shown when the code is redeemed", "a stolen code"},
	{"code_challenge_method", "how the challenge was made: S256 is SHA-256, plain is no protection", "a challenge that gives the verifier away"},
	{"prompt", "which pages to show: login, consent, select_account, or none at all", ""},
	{"login_hint", "who is expected to sign in; fills in the user name", ""},
	{"domain_hint", "whose sign-in page to go to at once", ""},
	{"max_age", "how many seconds old the sign-in may be", "a session that somebody left open"},
	{"claims", "claims that are asked for, as JSON; answers a claims challenge", ""},
	{"sid", "which session of the browser is meant", ""},
	{"ui_locales", "the language for the pages", ""},
	{"acr_values", "how strong a sign-in is asked for", ""},
	{"resource", "the API the token is for, at the v1.0 endpoints", "a token that two APIs would take"},
	{"haschrome", "a remark of MSAL about how the page is shown", ""},
	{"instance_aware", "the person may come from another cloud", ""},
}

var redirectParameters = []Parameter{
	{"code", "a ticket for tokens: single use, about ten minutes, worth nothing without the verifier", "tokens in the address bar"},
	{"state", "must be the value that was sent, or the answer is not ours", "a sign-in that somebody else began"},
	{"session_state", "names the session at the issuer, without opening it", ""},
	{"id_token", "a proof of the sign-in, here through the browser: only in hybrid and implicit flows", ""},
	{"access_token", "a token in the address: the implicit flow, seen by every script of the page", ""},
	{"token_type", "Bearer: whoever reads this address may use the token", ""},
	{"expires_in", "how many seconds the access token lives", "a stolen token that is good for ever"},
	{"scope", "what the token may be used for, or what an administrator granted", ""},
	{"admin_consent", "True when an administrator answered the consent", ""},
	{"tenant", "the tenant for which consent was given", ""},
	{"error_subcode", "more about the error: cancel means that the person pressed Cancel", ""},
}

var tokenParameters = []Parameter{
	{"grant_type", "which grant this is", ""},
	{"code", "of the redirect: single use, about ten minutes", "a token for whoever saw the address twice"},
	{"redirect_uri", "must equal the one sent to authorize, letter for letter", "a code that was led to another address"},
	{"code_verifier", "shows that we began this: its SHA-256 must equal the challenge that was sent", "a stolen code"},
	{"client_secret", "the application's proof of itself; only a server can keep it", "anybody who knows the client_id"},
	{"client_assertion", "a short-lived JWT, signed with the application's own key or by an issuer that it trusts: no key and no secret travels", "a secret that can be read in a log; its aud names this one endpoint, and it soon ends"},
	{"client_assertion_type", "says that client_assertion is a JWT: urn:ietf:params:oauth:client-assertion-type:jwt-bearer, always", ""},
	{"client_info", "asks for, and brings, the ids of account and tenant that MSAL files the tokens under", ""},
	{"scope", "what the tokens may be used for; one API for each token", "a token that opens more than one door"},
	{"refresh_token", "gets new tokens without a page; whoever has it is the person, to this application", "asking the person again each hour"},
	{"device_code", "names the sign-in that the person finishes on another device", ""},
	{"assertion", "the token that the API in the middle received, handed on as proof of the person", ""},
	{"requested_token_use", "on_behalf_of: the API goes on as the person, not as itself", ""},
	{"resource", "the API the token is for, at the v1.0 endpoint", ""},
	{"username", "the person's user name, in a program's hands", ""},
	{"password", "the person's password, in a program's hands: what the other flows are there to avoid", ""},
	{"claims", "claims that are asked for, or in an answer: what is still missing, to be sent along with a new sign-in", ""},
	{"token_type", "Bearer: whoever has the token may use it", ""},
	{"expires_in", "how many seconds the access token lives", "a stolen token that is good for ever"},
	{"ext_expires_in", "how many seconds it may be used while Entra ID can't be reached", ""},
	{"expires_on", "when the access token ends, in seconds since 1970", ""},
	{"not_before", "from when on the access token is good, in seconds since 1970", ""},
	{"refresh_in", "when a library should renew the token, before it ends", ""},
	{"refresh_token_expires_in", "how many seconds the refresh token lives: a day in a single-page app", ""},
	{"access_token", "the key to the API, and for the API alone to read", ""},
	{"id_token", "tells the application who signed in; no API takes it", ""},
	{"foci", "the refresh token serves a family of Microsoft's own applications", ""},
}

var metadataParameters = []Parameter{
	{"issuer", "the name of the token service: iss of its tokens must equal it", "tokens of another service"},
	{"authorization_endpoint", "where to send the person", ""},
	{"token_endpoint", "where codes are redeemed", ""},
	{"device_authorization_endpoint", "where a device asks for its code", ""},
	{"jwks_uri", "where the signing keys are", "a key that somebody put into a token"},
	{"userinfo_endpoint", "where to ask about the person, with an access token", ""},
	{"end_session_endpoint", "where to send the person to sign out", ""},
	{"response_types_supported", "what may come back from authorize", ""},
	{"response_modes_supported", "how it may come back", ""},
	{"scopes_supported", "the OpenID scopes; those of APIs are not listed", ""},
	{"id_token_signing_alg_values_supported", "how ID tokens are signed: nothing else may be accepted", "a token that says none"},
	{"token_endpoint_auth_methods_supported", "how a confidential client may prove itself", ""},
	{"subject_types_supported", "pairwise: sub differs from application to application", "programs that compare notes about a person"},
	{"claims_supported", "claims that a token may hold", ""},
	{"tenant_region_scope", "the part of the world the tenant is in", ""},
	{"cloud_instance_name", "the cloud the tenant is in", ""},
	{"api-version", "the version of the document that is asked for", ""},
	{"appid", "asks for the keys of one application, for those that have keys of their own", ""},
}

var keyParameters = []Parameter{
	{"keys", "the public keys, several at once so that a change goes unnoticed", ""},
	{"kid", "the key's name: a token's header says which one signed it", ""},
	{"kty", "the kind of key: RSA or EC", ""},
	{"use", "sig: for signatures", "a key for encryption, used to sign"},
	{"n", "the key itself: the RSA modulus", ""},
	{"e", "the key itself: the RSA exponent", ""},
	{"x5t", "the SHA-1 of the certificate, another name for the key", ""},
	{"x5c", "the certificate that holds the same key", ""},
	{"issuer", "whose tokens this key may sign", "a key of another tenant's issuer"},
	{"cloud_instance_name", "the cloud the key belongs to", ""},
	{"appid", "asks for the keys of one application", ""},
}

// everywhere are parameters that mean the same wherever they stand.
var everywhere = []Parameter{
	{"client_id", "which application this is; a name and no secret", ""},
	{"scope", "what is asked for", "more power than is needed"},
	{"error", "what went wrong, as one of the words of the standard", ""},
	{"error_description", "the server's own words, for people and not for programs", ""},
	{"error_codes", "the AADSTS numbers: what to match on", ""},
	{"error_uri", "a page about the code", ""},
	{"suberror", "what the application can do about it", ""},
	{"trace_id", "names this one request in the server's logs: for support", ""},
	{"correlation_id", "names all requests of this sign-in: for support", ""},
	{"timestamp", "when the server answered, for support", ""},
	{"claims", "what is still missing, to be sent along with a new sign-in", ""},
	{"client_info", "the ids of account and tenant that MSAL files the tokens under", ""},
	{"client-request-id", "an id of the program's own, which comes back as correlation_id", ""},
	{"x-client-sku", "which library this is", ""},
	{"x-client-ver", "the version of the library", ""},
}

var headers = []Parameter{
	{"Origin", "a single-page app must send it, others must not; the browser writes it, no script can", "a page of another site that redeems codes"},
	{"Authorization", "the access token, for this API and nobody else; at the token endpoint the client's own proof", "a token in an address or a log"},
	{"WWW-Authenticate", "why the API refused, in a form that programs read", ""},
	{"Content-Type", "how the body is written: token requests are forms, answers are JSON", ""},
	{"Accept", "the form of answer that is wanted", ""},
	{"Location", "where the browser is sent next", ""},
	{"Cache-Control", "no-store: an answer with tokens must not be kept", "tokens in a cache"},
	{"Pragma", "the same as no-store, for old caches", ""},
	{"Cookie", "the session at the issuer; the application never sees it", ""},
	{"Set-Cookie", "begins or renews the session at the issuer", ""},
	{"Referrer-Policy", "keeps this address out of the next request", "a code in the Referer header"},
	{"Return-Client-Request-Id", "whether the id of the program shall come back", ""},
	{"X-Client-OS", "which system the library runs on", ""},
	{"X-Client-CPU", "which processor the library runs on", ""},
	{"X-AnchorMailbox", "a hint to which servers hold the account", ""},
	{"X-Ms-Request-Id", "the same as trace_id: for support", ""},
	{"X-Ms-Ests-Server", "which server answered: for support", ""},
	{"X-Ms-Clitelem", "remarks for the library's telemetry", ""},
	{"Retry-After", "how many seconds to wait before the next try", ""},
	{"Strict-Transport-Security", "this host is only ever asked over TLS", "a first request in the clear"},
	{"X-Content-Type-Options", "the browser must not guess what the body is", ""},
	{"Content-Security-Policy", "which scripts and frames a page may have", "a script that was smuggled in"},
	{"Access-Control-Allow-Origin", "which page may read this answer", "a page of another site that reads tokens"},
	{"Date", "the server's clock: compare it with your own", "tokens that seem too young or too old"},
	{"User-Agent", "which program this is", ""},
	{"Host", "which host is asked", ""},
}
