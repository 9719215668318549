package explain

// Documents about tokens that a client or an API presents.
const (
	srcCertificate = "Entra: certificate credentials, learn.microsoft.com/entra/identity-platform/certificate-credentials"
	srcFederation  = "Entra: workload identity federation, in the documentation of Microsoft Entra Workload ID"
	srcOnBehalf    = "Entra: on-behalf-of flow, learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow"
	rfcAssertion   = "RFC 7523 section 3"
)

// srcSeen stands in place of Microsoft's list of codes where that list does
// not have the code: what is said of it comes from answers that were seen.
const srcSeen = "seen in answers of Entra ID; Microsoft's list of codes does not have it"

// unconfirmed is the last reason of a code whose exact meaning is not settled.
const unconfirmed = "This is unconfirmed: Microsoft does not document the code, and the answers that were seen leave room."

// assertionEntries are the codes about a JWT that proves who calls: signed by
// the client or by another issuer, or received by an API and passed on. They
// are read and never written to.
var assertionEntries = []Entry{
	{
		Code: "AADSTS50012", Name: "AuthenticationFailed", OAuthError: "invalid_client", Stage: atToken, Who: Developer,
		What: "The client assertion, or the certificate behind it, can't be trusted.",
		Why: []string{
			"The signature does not fit the key, or the chain of the certificate is not trusted.",
			"Or it is signed with another algorithm than PS256 or RS256; an assertion of another issuer has to be RS256. That this very code answers it is unconfirmed.",
		},
		Fix: []string{
			"Sign with the private key of a certificate that is registered: App registrations › your application › Certificates & secrets.",
			"Use alg PS256 with x5t#S256 in the header, or RS256 with x5t.",
			"For a federated credential: see that the issuer publishes the key at an address that anybody can read over https.",
		},
		Source:  []string{srcCodes, srcCertificate},
		Related: []string{"AADSTS700027", "AADSTS700021", "AADSTS50027"},
	},
	{
		Code: "AADSTS50013", Name: "InvalidAssertion", OAuthError: "invalid_grant", Stage: atToken, Who: Developer,
		What: "The token in assertion is not one that can be exchanged on behalf of its user.",
		Why: []string{
			"It was made for another API than the one that presents it.",
			"It is expired or malformed, or its signature does not fit.",
			"It is of another issuer or another tenant than the one that is asked.",
		},
		Fix: []string{
			"Send the access token exactly as the API received it, without the word Bearer.",
			"Let the client ask for a token of this API: scope = App ID URI of the API followed by /SCOPE.",
			"Ask the tenant in the tid claim of that token.",
		},
		Source:  []string{srcCodes, srcOnBehalf},
		Related: []string{"AADSTS500131", "AADSTS500133", "AADSTS240002", "AADSTS7000113"},
	},
	{
		Code: "AADSTS50027", Name: "InvalidJwtToken", OAuthError: "invalid_grant", Stage: atToken, Who: Developer,
		What: "The JWT in the request is broken.",
		Why: []string{
			"It was cut or changed on its way: a JWT has three parts of base64url with a point between them.",
			"A claim is missing or of the wrong kind, or its issuer, audience, time or signature is wrong.",
		},
		Fix:     []string{"Send the token as it was made or received: no quotation marks, no line break, no padding.", "Decode its header and its claims, and look at iss, aud, nbf and exp."},
		Source:  []string{srcCodes, "RFC 7519 section 7.2"},
		Related: []string{"AADSTS50013", "AADSTS50012"},
	},
	{
		Code: "AADSTS50048", Name: "SubjectMismatchesIssuer", OAuthError: "invalid_client", Stage: atToken, Who: Developer,
		What:    "The sub of the client assertion differs from its iss.",
		Why:     []string{"In an assertion that the client signs itself both are its client_id.", "A user name, an object id or a name of the service was put into one of them."},
		Fix:     []string{"In the program: set iss and sub of the assertion to the client_id."},
		Source:  []string{srcCodes, srcCertificate, rfcAssertion},
		Related: []string{"AADSTS700021", "AADSTS5002730"},
	},
	{
		Code: "AADSTS50146", Name: "MissingCustomSigningKey", Stage: atAny, Who: Developer,
		What: "The application needs a signing key of its own, and has none that can be used here.",
		Why: []string{
			"The key that was set up for its tokens is missing, has expired or is not valid yet.",
			"A token that is signed with such a key can't be the assertion of an on-behalf-of request; that this very code answers it is unconfirmed.",
		},
		Fix: []string{
			"Give the service principal of the application a valid signing key.",
			"For on-behalf-of: call an API whose tokens are signed with the tenant's keys, that is, one without a signing key of its own.",
		},
		Source:  []string{srcCodes, srcOnBehalf},
		Related: []string{"AADSTS50013"},
	},
	{
		Code: "AADSTS500131", OAuthError: "invalid_grant", Stage: atToken, Who: Developer,
		What: "The token in assertion was made for another API than the one that presents it.",
		Why: []string{
			"Its aud has to be the API in the middle, as GUID or App ID URI. The client asked for a token of the API behind it, or of Microsoft Graph.",
			"Or the API presents itself with the client_id of another registration.",
		},
		Fix: []string{
			"In the client: ask for a scope of the API in the middle; that API asks for the next one.",
			"In the API: send the client_id of the registration that the token is for.",
		},
		Source:  []string{srcSeen, srcOnBehalf},
		Related: []string{"AADSTS50013", "AADSTS240002"},
	},
	{
		Code: "AADSTS500133", OAuthError: "invalid_grant", Stage: atToken, Who: Developer,
		What:    "The token in assertion is outside its time.",
		Why:     []string{"It has expired: the API kept it, or the work took longer than the token lives.", "Or a clock is wrong."},
		Fix:     []string{"In the API: exchange the token while the call that brought it runs, and keep the refresh token for later work.", "Answer 401, so that the client gets a new token and calls again."},
		Source:  []string{srcCodes, srcOnBehalf},
		Related: []string{"AADSTS50013", "AADSTS700024"},
	},
	{
		Code: "AADSTS240002", Name: "RequiredClaimIsMissing", OAuthError: "invalid_grant", Stage: atToken, Who: Developer,
		What:    "An ID token was sent as assertion, and it has to be an access token.",
		Why:     []string{"An ID token tells the client who signed in; it allows nothing and can't be exchanged.", "The client sent the API the wrong one of the two tokens that it got."},
		Fix:     []string{"In the client: call the API with the access token.", "Ask for a scope of the API, so that there is an access token for it."},
		Source:  []string{srcCodes, srcOnBehalf},
		Related: []string{"AADSTS500131", "AADSTS7000113"},
	},
	{
		Code: "AADSTS7000113", OAuthError: "invalid_grant", Stage: atToken, Who: Developer,
		What:    "The token of an application alone was sent as assertion, and on-behalf-of needs one of a person.",
		Why:     []string{"The caller got its token by client credentials, so nobody is there on whose behalf the API could call.", unconfirmed},
		Fix:     []string{"In the API: call on with client credentials of its own when the caller is an application.", "Or let a person sign in at the caller."},
		Source:  []string{srcSeen, srcOnBehalf},
		Related: []string{"AADSTS240002", "AADSTS500131"},
	},
	{
		Code: "AADSTS500181", OAuthError: "invalid_client", Stage: atToken, Who: Developer,
		What:    "The assertion names several audiences, and one is allowed.",
		Why:     []string{"The aud claim is a list with more than one value.", "Some issuers put in every audience that they were configured with."},
		Fix:     []string{"Make aud one string. For a federated credential: the audience of the credential, as a rule api://AzureADTokenExchange."},
		Source:  []string{srcSeen, srcFederation},
		Related: []string{"AADSTS5002741", "AADSTS700212"},
	},
	{
		Code: "AADSTS5002741", OAuthError: "invalid_client", Stage: atToken, Who: Developer,
		What:    "The client assertion names several audiences, and one is allowed.",
		Why:     []string{"The aud claim is a list with more than one value."},
		Fix:     []string{"In the program: set aud to one string, the token endpoint of the tenant."},
		Source:  []string{srcSeen, srcCertificate},
		Related: []string{"AADSTS500181", "AADSTS5002730"},
	},
	{
		Code: "AADSTS5002730", OAuthError: "invalid_client", Stage: atToken, Who: Developer,
		What:    "The client assertion is not meant for the endpoint that it was sent to.",
		Why:     []string{"Its aud has to be the token endpoint of the tenant that is asked. It is of another tenant, of another host, or the resource was put there.", unconfirmed},
		Fix:     []string{"In the program: set aud to the very address that the request goes to, https://login.microsoftonline.com/TENANT/oauth2/v2.0/token."},
		Source:  []string{srcSeen, srcCertificate, rfcAssertion},
		Related: []string{"AADSTS5002741", "AADSTS50048"},
	},
	{
		Code: "AADSTS700021", OAuthError: "invalid_client", Stage: atToken, Who: Developer,
		What:    "The client assertion names another application than the request.",
		Why:     []string{"iss and sub of the assertion have to be the client_id that is sent. Two settings hold two applications.", unconfirmed},
		Fix:     []string{"In the program: take client_id, iss and sub from one setting."},
		Source:  []string{srcSeen, srcCertificate},
		Related: []string{"AADSTS50048", "AADSTS70021"},
	},
	{
		Code: "AADSTS700024", OAuthError: "invalid_client", Stage: atToken, Who: Developer,
		What: "The client assertion is outside its time.",
		Why: []string{
			"It has expired: it was made once and kept, and each should be made for its own request.",
			"The clock of this machine is wrong.",
			"Its exp lies too far ahead, or nbf and exp are not in seconds since 1970.",
		},
		Fix: []string{
			"Set the clock by the network.",
			"In the program: make a new assertion for each request, with nbf now and exp five to ten minutes later, in seconds.",
			"For a federated credential: read the token from its file or its issuer again; a pod or a job gets a fresh one.",
		},
		Source:  []string{srcSeen, srcCertificate},
		Related: []string{"AADSTS700027", "AADSTS1000502"},
	},
	{
		Code: "AADSTS700027", OAuthError: "invalid_client", Stage: atToken, Who: Developer,
		What: "The signature of the client assertion fits no certificate of the application.",
		Why: []string{
			"The certificate was renewed in the program, and the new one was not uploaded; or it was uploaded to another registration.",
			"The header names the wrong key: x5t is the SHA-1 of the certificate, x5t#S256 its SHA-256, both of the DER form in base64url.",
			"It was signed with another private key than the one of the certificate that the header names.",
		},
		Fix: []string{
			"Upload the certificate: App registrations › your application › Certificates & secrets, or az ad app credential reset --id APP --cert @c.pem --append, which keeps those that are there.",
			"Compare the thumbprint of the answer with those in the portal.",
		},
		Source:  []string{srcCodes, srcCertificate},
		Related: []string{"AADSTS50012", "AADSTS1000502", "AADSTS700024"},
	},
	{
		Code: "AADSTS1000502", OAuthError: "invalid_client", Stage: atToken, Who: Developer,
		What: "The certificate that signed the client assertion is outside its time.",
		Why:  []string{"It has expired, or it is not valid yet."},
		Fix: []string{
			"Make a new certificate and upload it: App registrations › your application › Certificates & secrets, or az ad app credential reset --id APP --create-cert --append, which keeps those that are there.",
			"Then let the program sign with it, and remove the old one.",
		},
		Source:  []string{srcSeen, srcCertificate},
		Related: []string{"AADSTS700027", "AADSTS7000222"},
	},
	{
		Code: "AADSTS70021", OAuthError: "invalid_request", Stage: atToken, Who: Developer, Retry: true,
		What: "No federated credential of the application fits the assertion.",
		Why: []string{
			"The application has no federated credential, or issuer, subject and audience of the assertion are those of none.",
			"A credential that was made a moment ago is not known everywhere yet.",
		},
		Fix: []string{
			"See what is there: App registrations › your application › Certificates & secrets › Federated credentials, or az ad app federated-credential list --id APP.",
			"Add the one that is missing: az ad app federated-credential create --id APP --parameters F.json, which leaves the others as they are.",
			"After a change: wait a few minutes, then try again.",
		},
		Source:  []string{srcSeen, srcFederation},
		Related: []string{"AADSTS700211", "AADSTS700212", "AADSTS700213"},
	},
	{
		Code: "AADSTS700211", OAuthError: "invalid_client", Stage: atToken, Who: Developer,
		What:    "No federated credential of the application has the issuer of the assertion.",
		Why:     []string{"The issuer is compared letter by letter, with its slash at the end.", "The assertion comes from another cluster, server or tenant than the one that was set up, or the client_id is the one of another application."},
		Fix:     []string{"Correct the issuer of the credential, or add one: App registrations › your application › Certificates & secrets › Federated credentials.", "See what is there: az ad app federated-credential list --id APP."},
		Source:  []string{srcSeen, srcFederation},
		Related: []string{"AADSTS700212", "AADSTS700213", "AADSTS70021"},
	},
	{
		Code: "AADSTS700212", OAuthError: "invalid_client", Stage: atToken, Who: Developer,
		What:    "No federated credential of the application has the audience of the assertion.",
		Why:     []string{"The audience is compared letter by letter; as a rule it is api://AzureADTokenExchange.", "The issuer was asked for a token without naming that audience, so it put in its own."},
		Fix:     []string{"Ask the issuer for a token with the audience api://AzureADTokenExchange.", "Or correct the audience of the credential: App registrations › your application › Certificates & secrets › Federated credentials."},
		Source:  []string{srcSeen, srcFederation},
		Related: []string{"AADSTS700211", "AADSTS700213", "AADSTS500181"},
	},
	{
		Code: "AADSTS700213", OAuthError: "invalid_client", Stage: atToken, Who: Developer,
		What:    "No federated credential of the application has the subject of the assertion.",
		Why:     []string{"The subject is compared letter by letter; only a flexible credential, which is a preview, matches a pattern.", "The job runs on another branch, tag or environment, or the pod under another service account, than the one that was set up."},
		Fix:     []string{"Correct the subject of the credential, or add one for this subject: App registrations › your application › Certificates & secrets › Federated credentials.", "See what is there: az ad app federated-credential list --id APP."},
		Source:  []string{srcSeen, srcFederation},
		Related: []string{"AADSTS7002138", "AADSTS7002137", "AADSTS700211"},
	},
	{
		Code: "AADSTS7002138", OAuthError: "invalid_client", Stage: atToken, Who: Developer,
		What:    "The subject of the assertion differs from that of a federated credential in letter case only.",
		Why:     []string{"Capital and small letters of the subject are different letters. An organisation, a repository or an environment was written another way."},
		Fix:     []string{"Write the subject of the credential as the issuer writes it: App registrations › your application › Certificates & secrets › Federated credentials."},
		Source:  []string{srcSeen, srcFederation},
		Related: []string{"AADSTS700213"},
	},
	{
		Code: "AADSTS7002137", OAuthError: "invalid_client", Stage: atToken, Who: Developer,
		What:    "The assertion is a token of Entra itself, and no federated credential has its subject.",
		Why:     []string{"The subject of such a token is the object id of a service principal, and the credential holds another one.", "Often the client_id was written down in place of the object id."},
		Fix:     []string{"Put the object id of the service principal, or of the managed identity, into the subject: az ad sp show --id CALLER --query id.", "See what is there: az ad app federated-credential list --id APP."},
		Source:  []string{srcSeen, srcFederation},
		Related: []string{"AADSTS700213", "AADSTS700229"},
	},
	{
		Code: "AADSTS700229", Name: "ForbiddenTokenType", Stage: atToken, Who: Developer,
		What:    "The assertion is a token of a person, and only one of an application alone can serve as federated credential.",
		Why:     []string{"When Entra itself issued the assertion, it has to come from client credentials or from a managed identity."},
		Fix:     []string{"Get the assertion by client credentials or from the managed identity, for the audience api://AzureADTokenExchange."},
		Source:  []string{srcCodes, srcFederation},
		Related: []string{"AADSTS7002137"},
	},
}
