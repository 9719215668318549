package explain

// devicePageEntries are the codes of the device flow, of its polling and of its
// page. They are read and never written to.
var devicePageEntries = []Entry{
	{
		Code: "AADSTS70016", Name: "AuthorizationPending", OAuthError: "authorization_pending", Stage: atToken, Who: Nobody, Retry: true,
		What:   "The person has not finished signing in on the other device yet.",
		Why:    []string{"This is the normal answer while the program polls and the person types the code. It is no failure."},
		Fix:    []string{"Wait as many seconds as interval says, then ask again, until expires_in is over."},
		Source: []string{srcCodes, rfcDevice, srcDevice}, Related: []string{"authorization_pending", "AADSTS70019"},
	},
	{
		Code: "AADSTS70018", Name: "BadVerificationCode", OAuthError: "bad_verification_code", Stage: atAny, Who: User,
		What:   "The code is not one that was given out.",
		Why:    []string{"On the page: the person mistyped the user code, or typed one of an earlier start.", "At the token endpoint: another value than the device_code was sent, most often the user_code."},
		Fix:    []string{"Type the code that the program shows now.", "In the program: send the device_code of the device response, unchanged."},
		Source: []string{srcCodes, srcDevice}, Related: []string{"bad_verification_code", "AADSTS70019", "AADSTS90119"},
	},
	{
		Code: "AADSTS70019", Name: "CodeExpired", OAuthError: "expired_token", Stage: atAny, Who: User,
		What:   "The device code has expired before the person finished.",
		Why:    []string{"A device code lives for about fifteen minutes.", "Some clients see the error value code_expired in place of expired_token."},
		Fix:    []string{"Start again: ask for a new device code, and show the new user code."},
		Source: []string{srcCodes, rfcDevice, srcDevice}, Related: []string{"expired_token", "code_expired", "AADSTS70020"},
	},
	{
		Code: "AADSTS70020", OAuthError: "expired_token", Stage: atAny, Who: Developer,
		What:   "The device code is no longer good: it was redeemed before, or has expired.",
		Why:    []string{"Two polls ran at once, or the program goes on polling after it has its tokens.", "Some clients see the error value code_expired in place of expired_token."},
		Fix:    []string{"In the program: stop polling at the first answer with tokens, and poll in one place only.", "Start again: ask for a new device code."},
		Source: []string{srcSeen, srcDevice}, Related: []string{"AADSTS70019", "expired_token"},
	},
	{
		Code: "AADSTS90119", Name: "InvalidUserCode", Stage: atDevice, Who: User,
		What:   "The user code is empty.",
		Why:    []string{"The page of the device flow was sent without a code in its field."},
		Fix:    []string{"Type the code that the program shows."},
		Source: []string{srcCodes, srcDevice}, Related: []string{"AADSTS70018"},
	},
	{
		Code: "AADSTS90120", Name: "InvalidDeviceFlowRequest", Stage: atDevice, Who: User,
		What:   "This device code has been approved or declined before.",
		Why:    []string{"Each code is decided once; another window or another person has done it already."},
		Fix:    []string{"Look at the program: it has its tokens, or it says that somebody declined.", "Otherwise start again, with a new code."},
		Source: []string{srcCodes, srcDevice}, Related: []string{"AADSTS70020", "authorization_declined"},
	},
}

// deviceEntries are the values of the device flow, of APIs, and the names of
// what an application refuses itself. They are read and never written to.
var deviceEntries = []Entry{
	{
		Code: "authorization_pending", OAuthError: "authorization_pending", Stage: atToken, Who: Nobody, Retry: true,
		What:   "The person has not finished signing in on the other device yet.",
		Why:    []string{"This is the normal answer while the program polls and the person types the code."},
		Fix:    []string{"Wait as many seconds as interval says, then ask again."},
		Source: []string{rfcDevice, srcDevice}, Related: []string{"slow_down", "expired_token"},
	},
	{
		Code: "slow_down", OAuthError: "slow_down", Stage: atToken, Who: Developer, Retry: true,
		What:   "The program polls too often.",
		Why:    []string{"The sign-in is still pending, and the requests come faster than the interval allows."},
		Fix:    []string{"Add five seconds to the interval, for this and all later requests."},
		Source: []string{rfcDevice}, Related: []string{"authorization_pending"},
	},
	{
		Code: "expired_token", OAuthError: "expired_token", Stage: atToken, Who: User, Retry: true,
		What:   "The device code has expired before the person signed in.",
		Why:    []string{"A device code lives for about fifteen minutes."},
		Fix:    []string{"Ask for a new device code and show the new user code."},
		Source: []string{rfcDevice, srcDevice}, Related: []string{"code_expired", "authorization_pending"},
	},
	{
		Code: "code_expired", OAuthError: "code_expired", Stage: atToken, Who: User, Retry: true,
		What:   "The device code has expired before the person signed in.",
		Why:    []string{"Entra says this in place of expired_token in some answers."},
		Fix:    []string{"Ask for a new device code and show the new user code."},
		Source: []string{srcDevice}, Related: []string{"expired_token"},
	},
	{
		Code: "authorization_declined", OAuthError: "authorization_declined", Stage: atToken, Who: User,
		What:   "The person declined the sign-in on the other device.",
		Why:    []string{"Entra's own word for what RFC 8628 calls access_denied."},
		Fix:    []string{"Stop polling; start again only when the person wants to."},
		Source: []string{srcDevice}, Related: []string{"access_denied"},
	},
	{
		Code: "bad_verification_code", OAuthError: "bad_verification_code", Stage: atToken, Who: Developer,
		What:   "The device_code is not one that was issued.",
		Why:    []string{"Another value was sent, most often the user_code, which is for the person."},
		Fix:    []string{"Send the device_code of the device response, unchanged."},
		Source: []string{srcDevice}, Related: []string{"expired_token"},
	},
	{
		Code: "invalid_token", OAuthError: "invalid_token", Stage: atAPI, Who: Developer,
		What:   "The API does not accept the access token.",
		Why:    []string{"It is expired, made for another API, of another issuer, or not an access token at all."},
		Fix:    []string{"Check the token: audience, issuer, time and kind.", "Ask for a token with a scope of this very API."},
		Source: []string{rfcBearer}, Related: []string{"insufficient_scope", "insufficient_claims"},
	},
	{
		Code: "insufficient_scope", OAuthError: "insufficient_scope", Stage: atAPI, Who: Developer,
		What:   "The token is good, but it does not allow this.",
		Why:    []string{"The API asks for a scope or a role that is not in the token.", "Or the person themselves may not do it: a scope lets the application ask, it does not make the person more powerful."},
		Fix:    []string{"Ask for the scope that the API's documentation names, and consent to it.", "For roles: assign them to the person or the application, then get a new token."},
		Source: []string{rfcBearer, srcScopes}, Related: []string{"invalid_token", "AADSTS65001"},
	},
	{
		Code: "insufficient_claims", OAuthError: "insufficient_claims", Stage: atAPI, Who: User,
		What:   "The API wants a fresher or a stronger sign-in behind the token.",
		Why:    []string{"A session was revoked, the place changed, or the action needs another factor. The header carries what is wanted, as claims."},
		Fix:    []string{"Decode the claims of the header and send them with a new authorization request, past the token cache."},
		Source: []string{srcChallenge}, Related: []string{"AADSTS50076"},
	},
	{
		Code: "state", Name: "refused by the application", Stage: atAuthorize, Who: Developer,
		What:   "The state is not the one that was sent.",
		Why:    []string{"Without this check a stranger could have you finish their sign-in, and your data would land in their account.", "A second tab, a page from the history or an old link brings another state too."},
		Fix:    []string{"Start the sign-in again, and keep each state with the sign-in it belongs to."},
		Source: []string{"RFC 6749 section 10.12", "RFC 9700 section 4.7"}, Related: []string{"nonce"},
	},
	{
		Code: "nonce", Name: "refused by the application", Stage: atToken, Who: Developer,
		What:   "The nonce in the ID token is not the one that was sent.",
		Why:    []string{"The nonce ties the ID token to the request that asked for it, so that an old one can't be played in again.", "A library that keeps one nonce for two sign-ins ends here too."},
		Fix:    []string{"Start the sign-in again, and keep each nonce with the sign-in it belongs to."},
		Source: []string{"OpenID Connect Core 1.0 section 3.1.3.7", "OpenID Connect Core 1.0 section 15.5.2"}, Related: []string{"state"},
	},
	{
		Code: "code", Name: "refused by the application", Stage: atAuthorize, Who: Developer,
		What:   "The redirect brings neither a code nor an error.",
		Why:    []string{"An authorization response has one of the two. A fragment never reaches a server, and form_post comes in the body."},
		Fix:    []string{"Look at response_mode: query or form_post for a server, fragment for a page.", "Start the sign-in again."},
		Source: []string{"RFC 6749 section 4.1.2"}, Related: []string{"state"},
	},
	{
		Code: "iss", Name: "refused by the application", Stage: atAuthorize, Who: Developer,
		What:   "Another issuer answered than the one that was asked.",
		Why:    []string{"An application with several issuers can be led to bring the code of one to the token endpoint of another: the mix-up attack. The parameter iss in the redirect says who answers."},
		Fix:    []string{"Start the sign-in again, and keep with each state the issuer that was asked."},
		Source: []string{"RFC 9207 section 2.4", "RFC 9700 section 4.4"}, Related: []string{"state"},
	},
	{
		Code: "token_type", Name: "refused by the application", Stage: atToken, Who: Developer,
		What:   "The answer holds a token of a type that this client does not understand.",
		Why:    []string{"Each type is sent to an API in a way of its own. A client that sends an unknown one as Bearer may give away what it should have kept."},
		Fix:    []string{"Look at what the token endpoint really answered, and at who stands in between."},
		Source: []string{"RFC 6749 section 7.1"}, Related: []string{"answer"},
	},
	{
		Code: "issuer", Name: "refused by the application", Stage: atAny, Who: Developer,
		What:   "The discovery document is another issuer's.",
		Why:    []string{"Its endpoints would get the codes and the secret. The issuer in the document must be the one that was asked for it."},
		Fix:    []string{"Look at the authority's address, and at a proxy that answers in its place."},
		Source: []string{"OpenID Connect Discovery 1.0 section 4.3", "RFC 8414 section 3.3"}, Related: []string{"iss"},
	},
	{
		Code: "answer", Name: "an answer that can't be read", Stage: atToken, Who: Developer, Retry: true,
		What:   "The token endpoint said 200, and its answer holds no access token.",
		Why:    []string{"It was cut off on its way, or something that is no token endpoint gave it."},
		Fix:    []string{"Try again; then look at the proxy in between, and at the limits of the program's own reader."},
		Source: []string{"RFC 6749 section 5.1"}, Related: []string{"token_type"},
	},
	{
		Code: "cors", Name: "hidden by the browser", Stage: atAPI, Who: Developer,
		What:   "The API answered, and a browser would not let the page read it.",
		Why:    []string{"A page may read an answer of another origin only when that answer allows it with Access-Control-Allow-Origin. The API sent none for this origin.", "The token is good, and so is the request: tools without a browser see nothing wrong."},
		Fix:    []string{"In the API: allow the origin of the page, and the header Authorization in the preflight."},
		Source: []string{"Fetch standard, section 3.3 (CORS protocol)"}, Related: []string{"AADSTS9002326"},
	},
	{
		Code: "address", Name: "refused by the application", Stage: atAuthorize, Who: Developer,
		What:   "The answer came to another address than the redirect URI.",
		Why:    []string{"A code that arrives elsewhere may have been led astray."},
		Fix:    []string{"Look at the redirect_uri of the request, and start the sign-in again."},
		Source: []string{"RFC 6749 section 4.1.2", "RFC 9700 section 4.1"}, Related: []string{"AADSTS50011"},
	},
}
