package explain

// Documents about passwords, refresh tokens and restrictions.
const (
	srcPassword = "Entra: password grant, learn.microsoft.com/entra/identity-platform/v2-oauth-ropc"
	srcRefresh  = "Entra: refresh tokens, learn.microsoft.com/entra/identity-platform/refresh-tokens"
)

// policyEntries are the codes with which a rule of the tenant, or of the
// network, stands in the way: Conditional Access, security defaults, consent
// by administrators, assignment. Each says who acts. They are read and never
// written to.
var policyEntries = []Entry{
	{
		Code: "AADSTS50074", Name: "UserStrongAuthClientAuthNRequiredInterrupt", OAuthError: "interaction_required", Stage: atAny, Who: User,
		What:    "A second factor is needed, and the person has not passed it.",
		Why:     []string{"The request on the telephone was declined, or nobody answered it.", "A request that can't show a page can't ask for the factor either."},
		Fix:     []string{"The person: sign in again in the browser and pass the second factor.", "In the program: where the answer has claims, pass them on unchanged, as the claims parameter of the authorization request."},
		Source:  []string{srcCodes, srcCA},
		Related: []string{"AADSTS50076", "AADSTS50079"},
	},
	{
		Code: "AADSTS53000", Name: "DeviceNotCompliant", OAuthError: "invalid_grant", Stage: atAny, Who: User,
		What: "A Conditional Access policy asks for a device that the organisation manages and finds in order, and this one is not.",
		Why: []string{
			"The device is not enrolled, or it is enrolled and breaks a rule, for instance on updates or encryption.",
			"Or the browser does not show Entra the device: a private window, or a browser without the extension.",
		},
		Fix: []string{
			"The person: use a device of the organisation, or enrol this one and mend what its company portal names; then sign in again.",
			"The administrator: see the policy and the device under Entra admin centre › Monitoring › Sign-in logs › the sign-in › Conditional Access.",
			"The application can't mend it; where the answer has claims, it passes them on unchanged with the next authorization request.",
		},
		Source:  []string{srcCodes, srcCA},
		Related: []string{"AADSTS53003", "AADSTS50076"},
	},
	{
		Code: "AADSTS530035", Name: "BlockedBySecurityDefaults", Stage: atAny, Who: Developer,
		What: "The security defaults of the tenant block this way to sign in.",
		Why:  []string{"The program signs in by an old or unsafe way that can't ask for a second factor, such as the password grant."},
		Fix: []string{
			"In the program: use a flow in which the person signs in at Entra ID, such as authorization code + PKCE or device code.",
			"The administrator, only with Conditional Access in their place: Entra admin centre › Overview › Properties › Manage security defaults.",
		},
		Source:  []string{srcCodes},
		Related: []string{"AADSTS53003", "AADSTS50076"},
	},
	{
		Code: "AADSTS530036", OAuthError: "invalid_grant", Stage: atToken, Who: Administrator,
		What: "A Conditional Access policy on authentication flows refuses this refresh token, which came from the device code flow.",
		Why:  []string{"The policy blocks the device code flow, and a refresh token stays marked with the flow that it came from.", "Microsoft documents this outside its list of codes."},
		Fix: []string{
			"In the program: drop the refresh token and let the person sign in in the browser, by authorization code + PKCE.",
			"The administrator: exclude the application or the person from the policy, Entra admin centre › Protection › Conditional Access › Policies.",
		},
		Source:  []string{"Entra: authentication flows as a condition, learn.microsoft.com/entra/identity/conditional-access/concept-authentication-flows"},
		Related: []string{"AADSTS53003", "AADSTS70043"},
	},
	{
		Code: "AADSTS70043", Name: "BadTokenDueToSignInFrequency", OAuthError: "invalid_grant", Stage: atToken, Who: User,
		What:    "The refresh token is older than the tenant lets a sign-in count.",
		Why:     []string{"A Conditional Access policy sets how often people sign in (sign-in frequency), and the last sign-in lies further back."},
		Fix:     []string{"In the program: drop the refresh token and send the person to sign in again.", "The administrator can set another frequency: Entra admin centre › Protection › Conditional Access › Policies › Session."},
		Source:  []string{srcCodes, srcRefresh},
		Related: []string{"AADSTS70044", "AADSTS700082", "AADSTS50173"},
	},
	{
		Code: "AADSTS70044", OAuthError: "invalid_grant", Stage: atAuthorize, Who: User,
		What:    "The session in the browser is older than the tenant lets a sign-in count.",
		Why:     []string{"A Conditional Access policy sets how often people sign in (sign-in frequency), and the last sign-in lies further back."},
		Fix:     []string{"The person: sign in again.", "In the program: send the same request without prompt=none."},
		Source:  []string{srcSeen, srcCA},
		Related: []string{"AADSTS70043", "AADSTS50058"},
	},
	{
		Code: "AADSTS500021", Stage: atAuthorize, Who: Administrator,
		What:    "The network that the person is in does not allow this tenant.",
		Why:     []string{"A proxy adds the header Restrict-Access-To-Tenants with the tenants that may be used, and this one is not on its list."},
		Fix:     []string{"The administrator of the network: add the tenant to the list that the proxy sends.", "Look at the tenant in the address: it may be another one than you meant."},
		Source:  []string{srcCodes, "Entra: tenant restrictions, learn.microsoft.com/entra/identity/enterprise-apps/tenant-restrictions"},
		Related: []string{"AADSTS90002"},
	},
	{
		Code: "AADSTS501051", OAuthError: "invalid_grant", Stage: atToken, Who: Administrator,
		What: "The application holds no role of the API, and the API gives tokens to assigned callers only.",
		Why: []string{
			"Assignment required is switched on at the API, and no application role of it was granted to the caller.",
			"Microsoft's documents say invalid_client here; answers that were seen say invalid_grant.",
		},
		Fix: []string{
			"Grant a role: App registrations › your application › API permissions › Application permissions, then Grant admin consent.",
			"Or by command: az rest --method POST --url https://graph.microsoft.com/v1.0/servicePrincipals/CALLER_OBJECT_ID/appRoleAssignments with principalId, resourceId and appRoleId.",
			"Or let every caller in, at the API: az ad sp update --id API --set appRoleAssignmentRequired=false.",
		},
		Source:  []string{srcSeen, srcDaemon},
		Related: []string{"AADSTS50105", "AADSTS65001"},
	},
	{
		Code: "AADSTS90093", Name: "GraphUserUnauthorized", Stage: atAuthorize, Who: Administrator,
		What:    "The person may not consent for the organisation.",
		Why:     []string{"The page for administrators was opened by somebody without a role that allows it, or the role was taken away meanwhile."},
		Fix:     []string{"Let an administrator open the page, or grant it: Enterprise applications › your application › Permissions › Grant admin consent.", "By command, as an administrator: az ad app permission admin-consent --id APP."},
		Source:  []string{srcCodes, srcConsent},
		Related: []string{"AADSTS90094", "AADSTS65001"},
	},
	{
		Code: "AADSTS90094", Name: "AdminConsentRequired", Stage: atAuthorize, Who: Administrator,
		What: "Only an administrator can grant what the application asks for.",
		Why: []string{
			"A permission among them always needs an administrator, or the tenant lets people consent to nothing, or to little.",
			"A tenant may refuse consent to applications whose publisher is not verified.",
		},
		Fix: []string{
			"The administrator: App registrations › your application › API permissions › Grant admin consent, or az ad app permission admin-consent --id APP.",
			"In another tenant: open https://login.microsoftonline.com/TENANT/v2.0/adminconsent with client_id, scope and redirect_uri.",
			"In the program: ask for less, and for each permission only when it is needed.",
		},
		Source:  []string{srcCodes, srcConsent},
		Related: []string{"AADSTS90095", "AADSTS90093", "AADSTS65001"},
	},
	{
		Code: "AADSTS90095", Name: "AdminConsentRequiredRequestAccess", Stage: atAuthorize, Who: Administrator,
		What:    "An administrator has to approve the application, and the person can ask for it.",
		Why:     []string{"The tenant takes requests for consent: the person sends one from the page, and nothing is granted until somebody decides."},
		Fix:     []string{"The person: send the request from the page, with a reason.", "The administrator: Entra admin centre › Enterprise applications › Admin consent requests."},
		Source:  []string{srcCodes, srcConsent},
		Related: []string{"AADSTS90094", "AADSTS65001"},
	},
}
