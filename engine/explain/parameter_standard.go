package explain

import "flowscope/engine/trace"

// standardParameters are those that the standards have and Microsoft Entra ID
// does not send, or not at this place: what other issuers say of themselves, and
// the requests that only they answer.
func standardParameters(p trace.Purpose) []Parameter {
	switch p {
	case trace.Redirect:
		return []Parameter{
			{"iss", "the issuer that answers, by its own word: it must be the one that was asked", "a code of one issuer that is taken to another (mix-up)"},
		}
	case trace.Metadata:
		return standardMetadata
	case trace.Keys:
		return []Parameter{
			{"alg", "the one algorithm that the key is for", "a key that is used for another one"},
			{"crv", "the curve of an EC key", ""},
			{"x", "the key itself: a point of the curve, its first half", ""},
			{"y", "the key itself: a point of the curve, its second half", ""},
		}
	case trace.TokenExchange:
		return exchangeParameters
	case trace.Introspection, trace.Revocation:
		return introspectionParameters
	case trace.UserInfo:
		return userParameters
	case trace.SignOut, trace.SignedOut:
		return signOutParameters
	}
	return nil
}

// The tables below are read and never written to.

var standardMetadata = []Parameter{
	{"introspection_endpoint", "where an API asks what a token stands for; Entra ID has none, its tokens are read by the API", ""},
	{"revocation_endpoint", "where an application gives a token up", "a token that outlives its use"},
	{"code_challenge_methods_supported", "how a challenge may be made: S256 must be among them; Entra ID takes it without saying so", "an issuer that ignores the verifier"},
	{"grant_types_supported", "which grants the token endpoint takes; where it is missing, that is not said", ""},
	{"authorization_response_iss_parameter_supported", "redirects name the issuer (iss), so one that does not is refused", "a code of one issuer that is taken to another (mix-up)"},
	{"token_endpoint_auth_signing_alg_values_supported", "how a client's assertion may be signed", ""},
	{"pushed_authorization_request_endpoint", "where an application can lay down its authorization request beforehand", "a request that is changed in the browser"},
	{"registration_endpoint", "where an application can register itself", ""},
	{"check_session_iframe", "a page that tells whether the session has changed", ""},
	{"request_parameter_supported", "the authorization request may be a signed JWT", ""},
	{"request_uri_parameter_supported", "the authorization request may stand at an address of its own", ""},
	{"claims_parameter_supported", "single claims can be asked for", ""},
	{"acr_values_supported", "how strong sign-ins can be asked for", ""},
	{"dpop_signing_alg_values_supported", "tokens can be bound to a key of the client", "a stolen token"},
}

var exchangeParameters = []Parameter{
	{"subject_token", "the token that is handed in: whose rights the new one stands for", ""},
	{"subject_token_type", "what kind of token that is", "one kind that is taken for another"},
	{"actor_token", "who acts for the person, where that is somebody else", ""},
	{"actor_token_type", "what kind of token that is", ""},
	{"requested_token_type", "what kind of token is asked for", ""},
	{"issued_token_type", "what kind of token came", "a token that is taken for another kind"},
	{"audience", "for whom the new token is to be, by name", "a token that opens more than one door"},
	{"resource", "for whom the new token is to be, by address", "a token that opens more than one door"},
}

var introspectionParameters = []Parameter{
	{"token", "the token that is asked about, or given up", ""},
	{"token_type_hint", "where to look first; the answer does not depend on it", ""},
	{"active", "whether the token is good, now and for the asker; of one that is not, nothing more is told", "a revoked or expired token"},
	{"scope", "what the token may be used for", ""},
	{"username", "the person, in words for people", ""},
	{"sub", "whom the token stands for", ""},
	{"aud", "for whom the token is", "a token of another API"},
	{"iss", "who issued the token", ""},
	{"exp", "when the token ends, in seconds since 1970", ""},
	{"iat", "when the token was issued, in seconds since 1970", ""},
	{"nbf", "from when on the token is good, in seconds since 1970", ""},
	{"jti", "the token's own name", ""},
}

var userParameters = []Parameter{
	{"sub", "whom the answer is about: it must be the ID token's sub", "an access token that was swapped for another person's"},
	{"name", "the person's name, for people", ""},
	{"email", "an address of the person; it can change hands, so it identifies nobody", ""},
	{"email_verified", "whether the issuer has seen that the address is the person's", ""},
	{"preferred_username", "the name the person signs in with; it can change hands too", ""},
	{"given_name", "the person's first name", ""},
	{"family_name", "the person's last name", ""},
	{"picture", "the address of a picture", ""},
}

var signOutParameters = []Parameter{
	{"id_token_hint", "the ID token of the session that is to end: it says whose, and that it was ours", "a link that signs people out"},
	{"post_logout_redirect_uri", "where to come back to; must be registered", "a sign-out that leads to a stranger"},
	{"logout_hint", "whose session is to end", ""},
	{"state", "a random value that must come back unchanged", "a way back that somebody else began"},
}
