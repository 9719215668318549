package explain

// Documents that many entries lead to.
const (
	srcCodes     = "Entra: authentication error codes, learn.microsoft.com/entra/identity-platform/reference-error-codes"
	srcCodeFlow  = "Entra: authorization code flow, learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow"
	srcRedirect  = "Entra: redirect URI restrictions, learn.microsoft.com/entra/identity-platform/reply-url"
	srcScopes    = "Entra: scopes and permissions, learn.microsoft.com/entra/identity-platform/scopes-oidc"
	srcConsent   = "Entra: admin consent, learn.microsoft.com/entra/identity-platform/v2-admin-consent"
	srcDaemon    = "Entra: client credentials flow, learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow"
	srcCA        = "Entra: Conditional Access for developers, learn.microsoft.com/entra/identity-platform/v2-conditional-access-dev-guide"
	srcChallenge = "Entra: claims challenges, learn.microsoft.com/entra/identity-platform/claims-challenge"
	srcDevice    = "Entra: device code flow, learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code"
)

// signInEntries are the codes of the authorize endpoint and of the person who
// signs in. They are read and never written to.
var signInEntries = []Entry{
	{
		Code: "AADSTS16000", Name: "InteractionRequired", OAuthError: "interaction_required", Stage: atAuthorize, Who: User,
		What:    "The account that is signed in can't be used in this tenant, so the person has to choose another.",
		Why:     []string{"The browser holds a session of an account that is neither a member nor a guest of the tenant.", "With prompt=none nobody may be asked which account to use, so the answer is an error."},
		Fix:     []string{"Let the person choose: prompt=select_account.", "Or invite the account as a guest: Entra admin centre › Users › Invite external user."},
		Source:  []string{srcCodes, "OpenID Connect Core 1.0 section 3.1.2.6"},
		Related: []string{"AADSTS50058", "AADSTS50105", "interaction_required"},
	},
	{
		Code: "AADSTS50011", Name: "InvalidReplyTo", OAuthError: "invalid_request", Stage: atAuthorize, Who: Developer,
		What:    "The redirect URI is not one the application registered.",
		Why:     []string{"Entra compares scheme, host and path as text, in their letter case and with their slash at the end. Only the port of localhost is free.", "It does not redirect: a code must not go to an address that nobody vouched for."},
		Fix:     []string{"Send an address that is registered, letter for letter.", "Or register the address that is sent: App registrations › your application › Authentication."},
		Source:  []string{"RFC 6749 section 3.1.2.3", srcRedirect},
		Related: []string{"AADSTS500113", "AADSTS500112"},
	},
	{
		Code: "AADSTS500113", OAuthError: "invalid_request", Stage: atAuthorize, Who: Developer,
		What:    "The application has no redirect URI at all.",
		Why:     []string{"A code has to go somewhere, and nothing is registered to send it to.", "Often the address was added to another registration with a similar name."},
		Fix:     []string{"Add the address: App registrations › your application › Authentication › Add a platform."},
		Source:  []string{srcRedirect, "RFC 6749 section 3.1.2.2"},
		Related: []string{"AADSTS50011"},
	},
	{
		Code: "AADSTS50034", Name: "UserAccountNotFound", OAuthError: "invalid_grant", Stage: atAny, Who: User,
		What:    "The account does not exist in this directory.",
		Why:     []string{"The user name is misspelt, or it belongs to another tenant than the one that is asked."},
		Fix:     []string{"Look at the spelling, and at the tenant in the address.", "A guest has to be invited first: Entra admin centre › Users."},
		Source:  []string{srcCodes},
		Related: []string{"AADSTS50126", "AADSTS50057"},
	},
	{
		Code: "AADSTS50057", Name: "UserDisabled", OAuthError: "invalid_grant", Stage: atAny, Who: Administrator,
		What:    "The account is disabled.",
		Why:     []string{"An administrator has switched the account off, so it can neither sign in nor use a refresh token."},
		Fix:     []string{"Enable the account: Entra admin centre › Users › the person › Account status (az ad user update --id USER --account-enabled true)."},
		Source:  []string{srcCodes},
		Related: []string{"AADSTS50034"},
	},
	{
		Code: "AADSTS50058", Name: "UserInformationNotProvided", OAuthError: "login_required", Stage: atAuthorize, Who: Developer,
		What:    "Nobody is signed in, and the request allowed no sign-in page.",
		Why:     []string{"A request with prompt=none works only with a session in the browser.", "In an iframe the session's cookie is a third-party cookie, which browsers withhold."},
		Fix:     []string{"Send the person to the sign-in page: the same request without prompt=none.", "Take this answer for what it is: the normal signal that interaction is needed."},
		Source:  []string{"OpenID Connect Core 1.0 section 3.1.2.6", srcCodes},
		Related: []string{"login_required", "AADSTS16000"},
	},
	{
		Code: "AADSTS50076", Name: "UserStrongAuthClientAuthNRequired", OAuthError: "invalid_grant", Stage: atAny, Who: User,
		What:    "A second factor is needed for this API, and the sign-in had only one.",
		Why:     []string{"A policy of the tenant, or a new place or device, asks for multifactor authentication.", "A token request can't show a page, so the person has to come back to the browser."},
		Fix:     []string{"The person: sign in again in the browser and pass the second factor.", "In the program: pass the claims of the answer on unchanged, as the claims parameter of the authorization request.", "An API in the middle hands the claims to its client, which signs in."},
		Source:  []string{srcCA, srcChallenge},
		Related: []string{"AADSTS50079", "AADSTS53003", "interaction_required"},
	},
	{
		Code: "AADSTS50079", Name: "UserStrongAuthEnrollmentRequired", OAuthError: "invalid_grant", Stage: atAny, Who: User,
		What:    "The person has to register a second factor first.",
		Why:     []string{"A policy asks for multifactor authentication, and this account has no method registered.", "Registering needs a page, so it can't happen in a token request."},
		Fix:     []string{"The person: sign in in the browser and register a method.", "In the program: pass the claims of the answer on unchanged, as the claims parameter of the authorization request."},
		Source:  []string{srcCA, srcCodes},
		Related: []string{"AADSTS50076"},
	},
	{
		Code: "AADSTS50105", Name: "EntitlementGrantsNotFound", OAuthError: "interaction_required", Stage: atAuthorize, Who: Administrator,
		What:    "The person is not assigned to the application, and it asks for assignment.",
		Why:     []string{"The application lets in only people and groups that an administrator has assigned to it.", "Groups inside groups do not count."},
		Fix:     []string{"Assign the person or a group of theirs: Enterprise applications › your application › Users and groups.", "Or switch Assignment required off: Enterprise applications › your application › Properties."},
		Source:  []string{srcCodes},
		Related: []string{"AADSTS16000"},
	},
	{
		Code: "AADSTS50126", Name: "InvalidUserNameOrPassword", OAuthError: "invalid_grant", Stage: atAny, Who: User,
		What:    "The user name or the password is not right.",
		Why:     []string{"One of the two is mistyped, or the password was changed.", "With the password grant, a federated or passwordless account ends here too."},
		Fix:     []string{"Try again, or reset the password.", "If a program sent the password: use a flow in which the person signs in at Entra ID."},
		Source:  []string{srcCodes},
		Related: []string{"AADSTS50034", "AADSTS50057"},
	},
	{
		Code: "AADSTS50149", OAuthError: "invalid_request", Stage: atAuthorize, Who: Developer,
		What:    "The code_challenge_method is not one that Entra knows.",
		Why:     []string{"Two values exist, S256 and plain, and letter case counts."},
		Fix:     []string{"Send code_challenge_method=S256."},
		Source:  []string{"RFC 7636 section 4.3", srcCodeFlow},
		Related: []string{"AADSTS501491", "AADSTS501481"},
	},
	{
		Code: "AADSTS501491", Name: "InvalidCodeChallengeMethodInvalidSize", OAuthError: "invalid_request", Stage: atAuthorize, Who: Developer,
		What:    "The code_challenge has the wrong length.",
		Why:     []string{"A challenge has 43 to 128 characters; with S256 it is exactly 43.", "Often the hash was written in hexadecimal, or in base64 with its padding."},
		Fix:     []string{"Send the SHA-256 of the verifier as base64url without padding."},
		Source:  []string{"RFC 7636 section 4.2", srcCodeFlow},
		Related: []string{"AADSTS50149", "AADSTS501481"},
	},
	{
		Code: "AADSTS53003", Name: "BlockedByConditionalAccess", OAuthError: "invalid_grant", Stage: atAny, Who: Administrator,
		What: "A Conditional Access policy does not let this sign-in through.",
		Why:  []string{"The place, the device, the application or the flow is one that a policy of the tenant blocks.", "The application can't mend that, and asking again brings the same answer."},
		Fix: []string{
			"The administrator: find the policy under Entra admin centre › Monitoring › Sign-in logs › the sign-in › Conditional Access, and decide whether to change it.",
			"The person: meet what the policy asks for, such as another place, device or application, and sign in again.",
			"The application: show the message. Where the answer has claims, pass them on unchanged with that next sign-in.",
		},
		Source:  []string{srcCA, srcCodes},
		Related: []string{"AADSTS50076", "interaction_required"},
	},
	{
		Code: "AADSTS65001", Name: "DelegationDoesNotExist", OAuthError: "invalid_grant", Stage: atAny, Who: User,
		What:    "Nobody has consented to what the application asks for.",
		Why:     []string{"A permission of an API has to be granted by the person, or by an administrator for everybody.", "A token request and prompt=none can't show the consent page."},
		Fix:     []string{"Send the person through the authorize endpoint with these scopes.", "Or let an administrator consent for the tenant: App registrations › your application › API permissions › Grant admin consent."},
		Source:  []string{srcScopes, srcConsent},
		Related: []string{"AADSTS65004", "consent_required"},
	},
	{
		Code: "AADSTS65004", Name: "UserDeclinedConsent", OAuthError: "access_denied", Stage: atAuthorize, Who: User,
		What:    "The person declined the consent.",
		Why:     []string{"They pressed Cancel on the page that lists what the application wants.", "No is an answer: nothing is wrong with the request, and the program must not send it again by itself."},
		Fix:     []string{"Tell the person what the permissions are for, and let them start again.", "Ask for less: each scope only when it is needed."},
		Source:  []string{"RFC 6749 section 4.1.2.1", srcCodes},
		Related: []string{"access_denied", "AADSTS65001"},
	},
	{
		Code: "AADSTS70007", Name: "UnsupportedResponseMode", OAuthError: "invalid_request", Stage: atAuthorize, Who: Developer,
		What:    "The response_mode does not exist, or does not go with the response_type.",
		Why:     []string{"The modes are query, fragment and form_post.", "Tokens may not travel in a query, so query is refused for any response_type with a token in it."},
		Fix:     []string{"Send response_mode=query for a page's own server, fragment for a single-page app, or form_post."},
		Source:  []string{"OAuth 2.0 Multiple Response Type Encoding Practices section 2.1", srcCodeFlow},
		Related: []string{"AADSTS700054"},
	},
	{
		Code: "AADSTS700051", OAuthError: "unsupported_response_type", Stage: atAuthorize, Who: Developer,
		What:    "The application may not get access tokens from the authorize endpoint.",
		Why:     []string{"response_type=token is the implicit flow, and the registration does not allow it.", "That is as it should be: the token would stand in the address bar."},
		Fix:     []string{"Use response_type=code with PKCE.", "Only for an old program that can't be changed: App registrations › your application › Authentication › Access tokens."},
		Source:  []string{"RFC 9700 section 2.1.2", srcSeen},
		Related: []string{"AADSTS700054", "unsupported_response_type"},
	},
	{
		Code: "AADSTS700054", OAuthError: "unsupported_response_type", Stage: atAuthorize, Who: Developer,
		What:    "The application may not get ID tokens from the authorize endpoint.",
		Why:     []string{"A response_type with id_token in it is the implicit or hybrid flow, and the registration does not allow it."},
		Fix:     []string{"Use response_type=code with PKCE: the ID token comes from the token endpoint.", "For a web app that signs in with form_post and id_token: App registrations › your application › Authentication › ID tokens."},
		Source:  []string{"OpenID Connect Core 1.0 section 3.2", srcCodes},
		Related: []string{"AADSTS700051", "unsupported_response_type"},
	},
}
