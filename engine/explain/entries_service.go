package explain

// srcAudience says which accounts an application takes.
const srcAudience = "Entra: supported account types, learn.microsoft.com/entra/identity-platform/supported-accounts-validation"

// serviceEntries are the codes about the tenant that is asked, whom the
// application is for, and the service itself. They are read and never written
// to.
var serviceEntries = []Entry{
	{
		Code: "AADSTS50059", Name: "MissingTenantRealmAndNoUserInformationProvided", OAuthError: "invalid_request", Stage: atAny, Who: Developer,
		What:    "Nothing in the request tells which tenant is meant.",
		Why:     []string{"The address has /common or /organizations where nobody signs in: an application alone has no home tenant to go by."},
		Fix:     []string{"Put the tenant's id or domain into the address in place of common or organizations: Entra admin centre › Overview › Tenant ID."},
		Source:  []string{srcCodes, srcDaemon},
		Related: []string{"AADSTS9001023", "AADSTS90002"},
	},
	{
		Code: "AADSTS50194", OAuthError: "invalid_request", Stage: atAny, Who: Developer,
		What:    "The application is for one tenant, and it was used through an address for all.",
		Why:     []string{"The address has /common or /organizations, which is also what many libraries take when no tenant is set.", "Or the application is meant for several tenants and is not registered so. Applications from before 15 October 2018 are not held to this."},
		Fix:     []string{"Put the tenant's id into the authority.", "Or open the application to other tenants: App registrations › your application › Authentication › Supported account types, or az ad app update --id APP --sign-in-audience AzureADMultipleOrgs."},
		Source:  []string{srcCodes, srcAudience},
		Related: []string{"AADSTS50020", "AADSTS90130", "AADSTS700016"},
	},
	{
		Code: "AADSTS50196", Name: "LoopDetected", OAuthError: "invalid_grant", Stage: atAny, Who: Developer,
		What:    "The client sends the same request over and over.",
		Why:     []string{"It does not keep the tokens that it gets, and asks for each call anew.", "Or the page redirects to the sign-in whenever it finds nobody, though the person has just come back from it."},
		Fix:     []string{"In the program: keep the tokens, and ask the cache first (acquireTokenSilent in MSAL).", "Break the loop: after an error of the sign-in show a page, and do not send the person off again.", "Wait a few minutes before the next request."},
		Source:  []string{srcCodes},
		Related: []string{"AADSTS90055"},
	},
	{
		Code: "AADSTS90027", OAuthError: "invalid_request", Stage: atAny, Who: Developer,
		What:    "The v1.0 endpoint makes no tokens for personal accounts.",
		Why:     []string{"The address is /oauth2/ without v2.0, and the account or the tenant asked is one of personal accounts."},
		Fix:     []string{"Use the v2.0 endpoint: /oauth2/v2.0/authorize and /oauth2/v2.0/token, with scope in place of resource.", "Or sign in with a work or school account."},
		Source:  []string{srcCodes},
		Related: []string{"AADSTS500201", "AADSTS901002"},
	},
	{
		Code: "AADSTS500201", Stage: atAny, Who: Developer,
		What:    "A v1.0 token can't be made for a personal account.",
		Why:     []string{"The v1.0 endpoint was used, or the API takes v1.0 tokens only, and the person signed in with a personal account."},
		Fix:     []string{"Use the v2.0 endpoint.", "At the API: set requestedAccessTokenVersion to 2, App registrations › the API › Manifest."},
		Source:  []string{srcSeen},
		Related: []string{"AADSTS90027"},
	},
	{
		Code: "AADSTS90033", Name: "MsodsServiceUnavailable", OAuthError: "temporarily_unavailable", Stage: atAny, Who: Nobody, Retry: true,
		What:    "The directory behind Entra can't be reached at the moment.",
		Why:     []string{"The service is out of order for a while. Nothing is wrong with the request."},
		Fix:     []string{"Wait as long as the header Retry-After says, then send the same request; without that header, wait longer after each try.", "Look at the state of the service: Microsoft 365 admin centre › Health › Service health."},
		Source:  []string{srcCodes, "RFC 9110 section 10.2.3"},
		Related: []string{"AADSTS90055", "temporarily_unavailable"},
	},
	{
		Code: "AADSTS90055", Name: "TenantThrottlingError", OAuthError: "temporarily_unavailable", Stage: atAny, Who: Developer, Retry: true,
		What:    "Too many requests came for this tenant, so this one was not served.",
		Why:     []string{"A program asks for a new token with each call, or many of its copies start at once.", "Which status and header come with it is unconfirmed; 429 or 503 with Retry-After is usual."},
		Fix:     []string{"Wait as long as the header Retry-After says, then send the same request.", "In the program: keep each token until it ends, in one cache for all copies."},
		Source:  []string{srcCodes, "RFC 6585 section 4"},
		Related: []string{"AADSTS90033", "AADSTS50196"},
	},
	{
		Code: "AADSTS90130", Name: "NonConvergedAppV2GlobalEndpointNotSupported", Stage: atAny, Who: Developer,
		What:    "The application can't be used through /common or /consumers.",
		Why:     []string{"It is registered for work and school accounts, and these addresses may lead to a personal one.", "The page for administrators needs a tenant, too: only its administrator can consent for it."},
		Fix:     []string{"Put the tenant's id, or organizations, into the address.", "Or take personal accounts as well: az ad app update --id APP --sign-in-audience AzureADandPersonalMicrosoftAccount."},
		Source:  []string{srcCodes, srcAudience},
		Related: []string{"AADSTS50194", "AADSTS9002332"},
	},
	{
		Code: "AADSTS500014", Name: "InvalidResourceServicePrincipalDisabled", OAuthError: "invalid_resource", Stage: atAny, Who: Administrator,
		What:    "The API that is asked for is disabled in this tenant.",
		Why:     []string{"An administrator has switched its service principal off.", "Or the subscription behind it has ended."},
		Fix:     []string{"Enable it: Enterprise applications › the API › Properties › Enabled for users to sign in, or az ad sp update --id API --set accountEnabled=true.", "Look at the subscription of the service."},
		Source:  []string{srcCodes},
		Related: []string{"AADSTS500011", "AADSTS7000112"},
	},
	{
		Code: "AADSTS5000225", Stage: atAny, Who: Administrator,
		What:    "The tenant has been shut because nobody used it.",
		Why:     []string{"Entra closes tenants in which nothing happens for a long time, such as those made for a test.", unconfirmed},
		Fix:     []string{"The administrator: ask Microsoft's support to open it again.", "Or use another tenant, and register the application there."},
		Source:  []string{srcSeen},
		Related: []string{"AADSTS90002"},
	},
	{
		Code: "AADSTS7000112", Name: "UnauthorizedClientApplicationDisabled", OAuthError: "unauthorized_client", Stage: atAny, Who: Administrator,
		What:    "The application is disabled in this tenant.",
		Why:     []string{"An administrator has switched off that people sign in to it, and no token is made for it."},
		Fix:     []string{"Enable it: Enterprise applications › your application › Properties › Enabled for users to sign in, or az ad sp update --id APP --set accountEnabled=true."},
		Source:  []string{srcCodes},
		Related: []string{"AADSTS700016", "AADSTS500014"},
	},
	{
		Code: "AADSTS9001023", OAuthError: "invalid_request", Stage: atToken, Who: Developer,
		What:    "This grant can't be used at /common or /consumers.",
		Why:     []string{"The password grant and client credentials show no page, so Entra can't ask which tenant is meant; and the password grant knows no personal accounts."},
		Fix:     []string{"Put the tenant's id into the address; for the password grant organizations will do as well."},
		Source:  []string{srcCodes, srcPassword, srcDaemon},
		Related: []string{"AADSTS50059", "AADSTS50194"},
	},
	{
		Code: "AADSTS9002332", OAuthError: "invalid_request", Stage: atAny, Who: Developer,
		What:    "The application takes work and school accounts only, and it was used through /consumers.",
		Why:     []string{"The address /consumers is that of personal accounts, and the registration does not admit them."},
		Fix:     []string{"Use the tenant's id, or organizations, in the address.", "Or take personal accounts as well: App registrations › your application › Authentication › Supported account types, or az ad app update --id APP --sign-in-audience AzureADandPersonalMicrosoftAccount."},
		Source:  []string{srcCodes, srcAudience},
		Related: []string{"AADSTS90130", "AADSTS50194"},
	},
}
