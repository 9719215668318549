package explain

// Standards that many entries lead to.
const (
	rfcAuthorize = "RFC 6749 section 4.1.2.1"
	rfcToken     = "RFC 6749 section 5.2"
	rfcBearer    = "RFC 6750 section 3.1"
	rfcDevice    = "RFC 8628 section 3.5"
	oidcErrors   = "OpenID Connect Core 1.0 section 3.1.2.6"
)

// standardEntries are the error values of OAuth 2.0 and OpenID Connect, with
// Microsoft's own beside them. They are read and never written to.
var standardEntries = []Entry{
	{
		Code: "invalid_request", OAuthError: "invalid_request", Stage: atAny, Who: Developer,
		What:   "The request lacks a parameter, repeats one, or holds a value that is not allowed.",
		Why:    []string{"The server could not make a valid request of what it got. The AADSTS code beside it says which part."},
		Fix:    []string{"Compare the request with the flow's list of parameters, and send each once."},
		Source: []string{rfcAuthorize, rfcToken}, Related: []string{"AADSTS900144", "AADSTS50011"},
	},
	{
		Code: "unauthorized_client", OAuthError: "unauthorized_client", Stage: atAny, Who: Developer,
		What:   "This client may not use this way of getting a token.",
		Why:    []string{"The tenant does not know the client, or the client is not allowed this grant."},
		Fix:    []string{"Look at the client_id and at the tenant in the address.", "Look at Allow public client flows under Authentication, for flows without a credential."},
		Source: []string{rfcAuthorize, rfcToken}, Related: []string{"AADSTS700016", "AADSTS700038"},
	},
	{
		Code: "access_denied", OAuthError: "access_denied", Stage: atAuthorize, Who: User,
		What:   "The person, or the server, said no.",
		Why:    []string{"Most often the person declined the consent."},
		Fix:    []string{"Tell the person what the permissions are for, and let them start again."},
		Source: []string{rfcAuthorize}, Related: []string{"AADSTS65004"},
	},
	{
		Code: "unsupported_response_type", OAuthError: "unsupported_response_type", Stage: atAuthorize, Who: Developer,
		What:   "The application may not use this response_type.",
		Why:    []string{"It is mistyped, or it is one of the implicit flow, which the registration does not allow."},
		Fix:    []string{"Send response_type=code, with PKCE."},
		Source: []string{rfcAuthorize, "RFC 9700 section 2.1.2"}, Related: []string{"AADSTS700051", "AADSTS700054"},
	},
	{
		Code: "invalid_scope", OAuthError: "invalid_scope", Stage: atAny, Who: Developer,
		What:   "The scope is malformed, unknown, or more than may be asked for.",
		Why:    []string{"Scopes are separated by spaces, and each names a permission that its API exposes."},
		Fix:    []string{"Copy the scopes from the API's registration, with spaces between them."},
		Source: []string{rfcToken, "RFC 6749 section 3.3"}, Related: []string{"AADSTS70011", "AADSTS1002012"},
	},
	{
		Code: "server_error", OAuthError: "server_error", Stage: atAny, Who: Nobody, Retry: true,
		What:   "The server met a condition that it did not expect.",
		Why:    []string{"In a redirect no HTTP status can be given, so this value stands for 500."},
		Fix:    []string{"Wait, then try again; if it stays, give the ids of the answer to support."},
		Source: []string{rfcAuthorize}, Related: []string{"temporarily_unavailable"},
	},
	{
		Code: "temporarily_unavailable", OAuthError: "temporarily_unavailable", Stage: atAny, Who: Nobody, Retry: true,
		What:   "The server is busy or under maintenance.",
		Why:    []string{"In a redirect no HTTP status can be given, so this value stands for 503."},
		Fix:    []string{"Wait as long as Retry-After says, else longer each time, then try again."},
		Source: []string{rfcAuthorize}, Related: []string{"server_error"},
	},
	{
		Code: "invalid_client", OAuthError: "invalid_client", Stage: atToken, Who: Developer,
		What:   "The client could not be authenticated.",
		Why:    []string{"Its secret or assertion is wrong, expired, missing, or not wanted from a public client."},
		Fix:    []string{"Look at the credential and at the platform of the redirect URI; the AADSTS code says which."},
		Source: []string{rfcToken}, Related: []string{"AADSTS7000215", "AADSTS7000218", "AADSTS7000222", "AADSTS700025"},
	},
	{
		Code: "invalid_grant", OAuthError: "invalid_grant", Stage: atToken, Who: Developer,
		What:   "The code, the refresh token or the assertion is not good for a token.",
		Why:    []string{"It is expired, used, revoked, or belongs to another client, address or verifier.", "Entra says invalid_grant also when the person has to come back: for a second factor, a consent or a policy. The AADSTS code and suberror tell."},
		Fix:    []string{"Look at the AADSTS code; if there is none, send the person through a new sign-in."},
		Source: []string{rfcToken}, Related: []string{"AADSTS54005", "AADSTS70008", "AADSTS501481", "AADSTS65001", "AADSTS50076"},
	},
	{
		Code: "unsupported_grant_type", OAuthError: "unsupported_grant_type", Stage: atToken, Who: Developer,
		What:   "The token endpoint does not offer this grant_type.",
		Why:    []string{"The value is mistyped or unknown. Letter case counts."},
		Fix:    []string{"Send the grant_type of the flow, such as authorization_code."},
		Source: []string{rfcToken}, Related: []string{"AADSTS70003"},
	},
	{
		Code: "invalid_resource", OAuthError: "invalid_resource", Stage: atAny, Who: Developer,
		What:   "The API that is asked for is unknown here, or not listed by the application.",
		Why:    []string{"The part of the scope before the last slash, or the parameter resource, names no API that the tenant knows."},
		Fix:    []string{"Copy the App ID URI of the API, and add the API under API permissions."},
		Source: []string{srcCodes}, Related: []string{"AADSTS500011", "AADSTS650057"},
	},
	{
		Code: "invalid_tenant", OAuthError: "invalid_tenant", Stage: atAny, Who: Developer,
		What:   "There is no such tenant.",
		Why:    []string{"The tenant in the address is mistyped, or belongs to another cloud."},
		Fix:    []string{"Copy the tenant's id: Entra admin centre › Overview."},
		Source: []string{srcCodes}, Related: []string{"AADSTS90002"},
	},
	{
		Code: "invalid_instance", OAuthError: "invalid_instance", Stage: atAny, Who: Developer,
		What:   "Instance discovery does not know this authority host.",
		Why:    []string{"Libraries ask Microsoft whether a host is one of its clouds; a private host is not."},
		Fix:    []string{"For a host of your own: switch instance discovery off in the library, or list the host as known.", "Else look at the spelling of the host."},
		Source: []string{"Entra: national clouds, learn.microsoft.com/entra/identity-platform/authentication-national-cloud"}, Related: []string{"invalid_tenant"},
	},
	{
		Code: "invalid_target", OAuthError: "invalid_target", Stage: atToken, Who: Developer,
		What:   "The server will not issue a token for this resource or audience.",
		Why:    []string{"The parameter resource or audience names a service that is unknown or not allowed. Entra itself says invalid_resource or invalid_scope."},
		Fix:    []string{"Name a resource that the server knows and the client may ask for."},
		Source: []string{"RFC 8693 section 2.2.2", "RFC 8707 section 2"}, Related: []string{"invalid_resource"},
	},
	{
		Code: "permission_denied", OAuthError: "permission_denied", Stage: atAuthorize, Who: Administrator, Retry: true,
		What:   "The administrator declined the consent.",
		Why:    []string{"Cancel was pressed on the page for admin consent, or the account may not consent for the tenant."},
		Fix:    []string{"Let an administrator who may consent accept what is listed."},
		Source: []string{srcConsent}, Related: []string{"access_denied"},
	},
	{
		Code: "user_password_expired", OAuthError: "user_password_expired", Stage: atToken, Who: User,
		What:   "The person's password has expired.",
		Why:    []string{"A password that must be changed opens nothing but the page on which to change it."},
		Fix:    []string{"Let the person sign in in the browser and change the password."},
		Source: []string{srcCodes}, Related: []string{"AADSTS50126"},
	},
	{
		Code: "interaction_required", OAuthError: "interaction_required", Stage: atAny, Who: User,
		What:   "The person has to do something on a page first.",
		Why:    []string{"A second factor, a policy, a choice of account or a consent is wanted, and this request could show no page."},
		Fix:    []string{"Send the person through the authorize endpoint without prompt=none, with the claims of the answer if there are any."},
		Source: []string{oidcErrors, srcCA}, Related: []string{"AADSTS50076", "AADSTS16000", "login_required"},
	},
	{
		Code: "login_required", OAuthError: "login_required", Stage: atAuthorize, Who: User,
		What:   "Nobody is signed in, and the request allowed no sign-in page.",
		Why:    []string{"prompt=none works only with a session in the browser."},
		Fix:    []string{"Send the same request without prompt=none."},
		Source: []string{oidcErrors}, Related: []string{"AADSTS50058"},
	},
	{
		Code: "consent_required", OAuthError: "consent_required", Stage: atAny, Who: User,
		What:   "The person, or an administrator, has to consent first.",
		Why:    []string{"The request could show no consent page, and nobody has consented before."},
		Fix:    []string{"Send the person through the authorize endpoint without prompt=none, or let an administrator consent for the tenant."},
		Source: []string{oidcErrors, srcConsent}, Related: []string{"AADSTS65001"},
	},
	{
		Code: "account_selection_required", OAuthError: "account_selection_required", Stage: atAuthorize, Who: User,
		What:   "Several accounts are signed in, and the person has to choose one.",
		Why:    []string{"prompt=none allows no page on which to choose. Entra says interaction_required instead."},
		Fix:    []string{"Send login_hint, or let the person choose with prompt=select_account."},
		Source: []string{oidcErrors}, Related: []string{"AADSTS16000"},
	},
	{
		Code: "invalid_request_uri", OAuthError: "invalid_request_uri", Stage: atAuthorize, Who: Developer,
		What:   "The request_uri can't be fetched or holds no valid request.",
		Why:    []string{"The server could not read a request object at that address. Entra does not take request_uri at all."},
		Fix:    []string{"Send the parameters in the address itself."},
		Source: []string{oidcErrors}, Related: []string{"request_uri_not_supported"},
	},
	{
		Code: "invalid_request_object", OAuthError: "invalid_request_object", Stage: atAuthorize, Who: Developer,
		What:   "The request object is not valid.",
		Why:    []string{"The JWT in the parameter request can't be read, or its signature or claims do not hold."},
		Fix:    []string{"Send the parameters in the address itself, or mend the JWT."},
		Source: []string{oidcErrors}, Related: []string{"request_not_supported"},
	},
	{
		Code: "request_not_supported", OAuthError: "request_not_supported", Stage: atAuthorize, Who: Developer,
		What:   "The server does not take the parameter request.",
		Why:    []string{"Request objects are optional in OpenID Connect, and this server has none."},
		Fix:    []string{"Send the parameters in the address itself."},
		Source: []string{oidcErrors}, Related: []string{"request_uri_not_supported"},
	},
	{
		Code: "request_uri_not_supported", OAuthError: "request_uri_not_supported", Stage: atAuthorize, Who: Developer,
		What:   "The server does not take the parameter request_uri.",
		Why:    []string{"Requests by reference are optional in OpenID Connect, and this server has none."},
		Fix:    []string{"Send the parameters in the address itself."},
		Source: []string{oidcErrors}, Related: []string{"request_not_supported"},
	},
	{
		Code: "registration_not_supported", OAuthError: "registration_not_supported", Stage: atAuthorize, Who: Developer,
		What:   "The server does not take the parameter registration.",
		Why:    []string{"It belongs to self-issued identity providers; here applications are registered beforehand."},
		Fix:    []string{"Leave the parameter out, and register the application."},
		Source: []string{oidcErrors}, Related: []string{"invalid_request"},
	},
}
