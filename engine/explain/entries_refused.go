package explain

// refusedEntries are what an application refuses though no server has said an
// error. Read and never written to.
var refusedEntries = []Entry{
	{
		Code: "at_hash", Name: "refused by the application", Stage: atAuthorize, Who: Developer,
		What:   "The access token is not the one that the ID token was issued with.",
		Why:    []string{"Both came through the browser, where a script, an extension or a stranger's link can put another access token in its place. at_hash in the signed ID token names the right one."},
		Fix:    []string{"Refuse both tokens and start the sign-in again.", "Move to authorization code + PKCE: the tokens then never travel through the browser."},
		Source: []string{"OpenID Connect Core 1.0 section 3.2.2.9", "RFC 9700 section 2.1.2"}, Related: []string{"state", "nonce"},
	},
	{
		Code: "access_token", Name: "refused by the application", Stage: atAuthorize, Who: Developer,
		What:   "The redirect does not bring the tokens that were asked for.",
		Why:    []string{"response_type=id_token token is answered with both tokens, or with an error. What lacks one of them was not written by the authorization server."},
		Fix:    []string{"Start the sign-in again.", "Move to authorization code + PKCE, whose answer is one code."},
		Source: []string{"OpenID Connect Core 1.0 section 3.2.2.5"}, Related: []string{"at_hash"},
	},
	{
		Code: "admin_consent", Name: "refused by the application", Stage: atAuthorize, Who: Developer,
		What:   "The redirect brings neither a consent nor an error.",
		Why:    []string{"An administrator's answer is admin_consent=True with the tenant, or an error. Anything else was written by somebody else, or changed on the way."},
		Fix:    []string{"Do not take it for a consent: ask for a token and see.", "Send the administrator to the page again."},
		Source: []string{"Entra: admin consent endpoint, learn.microsoft.com/entra/identity-platform/v2-admin-consent"}, Related: []string{"AADSTS90093"},
	},
	{
		Code: "sub", Name: "refused by the application", Stage: atAny, Who: Developer,
		What:   "The answer is about another person than the one who signed in.",
		Why:    []string{"sub in the answer must be sub in the ID token. Where it is not, an access token of somebody else was put in the place of this one's."},
		Fix:    []string{"Throw the answer away and start the sign-in again."},
		Source: []string{"OpenID Connect Core 1.0 section 5.3.2", "OpenID Connect Core 1.0 section 12.2"}, Related: []string{"nonce"},
	},
	{
		Code: "verification_uri", Name: "refused by the application", Stage: atDevice, Who: Developer,
		What:   "The page for the user code is at no address that a person should open.",
		Why:    []string{"The person is sent there and types a code and a password. It must be an https page of the issuer."},
		Fix:    []string{"Look at what the device authorization endpoint really answered, and at who stands in between."},
		Source: []string{"RFC 8628 section 3.2", "RFC 8628 section 5.4"}, Related: []string{"issuer"},
	},
	{
		Code: "code_challenge_methods_supported", Name: "refused by the application", Stage: atAny, Who: Developer,
		What:   "The issuer takes no S256 challenge, and this client has nothing else to protect its code.",
		Why:    []string{"A public client proves nothing at the token endpoint: whoever sees its code can redeem it. The challenge plain gives the verifier away with the request."},
		Fix:    []string{"Ask the issuer's administrators for S256.", "Or move the sign-in to a server that keeps a credential."},
		Source: []string{"RFC 7636 section 4.2", "RFC 9700 section 2.1.1"}, Related: []string{"issuer"},
	},
	{
		Code: "aud", Name: "refused by the application", Stage: atToken, Who: Developer,
		What:   "The ID token was issued to another application.",
		Why:    []string{"aud must name the client that asked. A token of another client must not sign anyone in here."},
		Fix:    []string{"Compare the client ID with the registration at the issuer."},
		Source: []string{"OpenID Connect Core 1.0 section 3.1.3.7"}, Related: []string{"nonce"},
	},
	{
		Code: "azp", Name: "refused by the application", Stage: atToken, Who: Developer,
		What:   "The ID token was issued on request of another application.",
		Why:    []string{"azp names the one that asked for it, and must be this client where it is stated."},
		Fix:    []string{"Compare the client ID with the registration at the issuer."},
		Source: []string{"OpenID Connect Core 1.0 section 3.1.3.7"}, Related: []string{"nonce"},
	},
	{
		Code: "exp", Name: "refused by the application", Stage: atToken, Who: Developer,
		What:   "The ID token has ended.",
		Why:    []string{"An ID token counts until exp. An old one may have been played in again, or a clock is wrong."},
		Fix:    []string{"Compare the clocks of this machine and of the issuer, then sign in again."},
		Source: []string{"OpenID Connect Core 1.0 section 3.1.3.7"}, Related: []string{"nonce"},
	},
	{
		Code: "alg", Name: "refused by the application", Stage: atToken, Who: Developer,
		What:   "The ID token is signed by nobody.",
		Why:    []string{"With alg none anyone can have written it."},
		Fix:    []string{"Have the issuer sign ID tokens, with RS256 where nothing else is agreed."},
		Source: []string{"OpenID Connect Core 1.0 section 3.1.3.7"}, Related: []string{"nonce"},
	},
}
