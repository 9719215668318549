package aadsts

// Values of the error member (RFC 6749 sections 4.1.2.1 and 5.2, OpenID
// Connect Core section 3.1.2.6, and Microsoft's own).
const (
	InvalidRequest          = "invalid_request"
	InvalidClient           = "invalid_client"
	InvalidGrant            = "invalid_grant"
	InvalidScope            = "invalid_scope"
	UnauthorizedClient      = "unauthorized_client"
	UnsupportedGrantType    = "unsupported_grant_type"
	UnsupportedResponseType = "unsupported_response_type"
	AccessDenied            = "access_denied"
	LoginRequired           = "login_required"
	ConsentRequired         = "consent_required"
	InteractionRequired     = "interaction_required"
	InvalidResource         = "invalid_resource"
	InvalidTenant           = "invalid_tenant"
	InvalidInstance         = "invalid_instance"
	ServerError             = "server_error"
	TemporarilyUnavailable  = "temporarily_unavailable"
	PermissionDenied        = "permission_denied"

	AuthorizationPending  = "authorization_pending"
	AuthorizationDeclined = "authorization_declined"
	BadVerificationCode   = "bad_verification_code"
	ExpiredToken          = "expired_token"
	SlowDown              = "slow_down"
)

// Values of the suberror member.
const (
	BasicAction         = "basic_action"
	AdditionalAction    = "additional_action"
	MessageOnly         = "message_only"
	BadToken            = "bad_token"
	TokenExpired        = "token_expired"
	UserPasswordExpired = "user_password_expired"
	ClientMismatch      = "client_mismatch"
)

type kind struct {
	oauth, words, suberror string
	noURI                  bool
}

// known is never written to.
var known = map[int]kind{
	// The request as such.
	900144:  {oauth: InvalidRequest, words: "The parameter '%s' is required here and is not in the request."},
	900561:  {oauth: InvalidRequest, words: "Only %s is answered at this address; a %s request came in."},
	901002:  {oauth: InvalidRequest, words: "At the v2.0 endpoint there is no parameter 'resource'; name the API in 'scope'."},
	9002313: {oauth: InvalidRequest, words: "The request can't be understood: it is malformed, or a value in it is none that was ever issued."},
	90015:   {oauth: InvalidRequest, words: "The query string is too long."},
	90023:   {oauth: InvalidRequest, words: "'%s' is no value that the parameter '%s' can have."},
	90013:   {oauth: InvalidRequest, words: "The form came without the cookie of the browser in which this sign-in was started."},
	50089:   {oauth: InvalidGrant, words: "This sign-in is over: it took too long, or was ended. Start again at the application."},
	50050:   {oauth: InvalidRequest, words: "The request to instance discovery is malformed."},
	50049:   {oauth: InvalidInstance, words: "Instance discovery does not know the authority host '%s'."},

	// Tenant.
	90002:   {oauth: InvalidTenant, words: "There is no tenant '%s'. Check the tenant ID or domain, and that the request went to the right cloud."},
	900023:  {oauth: InvalidRequest, words: "'%s' can't be a tenant: it is neither a domain name nor a GUID."},
	50194:   {oauth: InvalidRequest, words: "Application '%s'(%s) serves one tenant only and was used through an endpoint for all. Applications created after 10/15/2018 need the tenant in the address, unless they are made multi-tenant."},
	9002332: {oauth: InvalidRequest, words: "Application '%s'(%s) takes work and school accounts only, so the /consumers endpoint can't serve it."},
	9001023: {oauth: InvalidRequest, words: "This grant type can't be used at /common or /consumers. Put the tenant, or /organizations, in the address."},
	50059:   {oauth: InvalidRequest, words: "Nothing in the request or its credentials tells which tenant is meant."},

	// Client.
	700016:  {oauth: UnauthorizedClient, words: "No application with identifier '%s' is in the directory '%s'. Either nobody installed it there, or this is not the tenant you mean."},
	700038:  {oauth: UnauthorizedClient, words: "%s can't be the identifier of an application.", noURI: true},
	7000215: {oauth: InvalidClient, words: "The client secret is wrong. Use the secret's value, not its ID. Application: '%s'."},
	7000222: {oauth: InvalidClient, words: "The client secret that was sent for application '%s' has expired. Create a new one."},
	7000218: {oauth: InvalidClient, words: "A confidential client must put 'client_assertion' or 'client_secret' into the body."},
	7000216: {oauth: InvalidClient, words: "The grant 'client_credentials' works only with 'client_assertion', 'client_secret' or 'request'."},
	700025:  {oauth: InvalidClient, words: "This is a public client: it must send neither 'client_assertion' nor 'client_secret'."},
	700027:  {oauth: InvalidClient, words: "The client assertion could not be trusted. [Reason - %s. Thumbprint of the key that was used: '%s'. Application: '%s'. Compare it with the keys registered there.]"},

	// Redirect URI, response type and mode, PKCE.
	50011:  {oauth: InvalidRequest, words: "The redirect URI '%s' is not among those registered for the application '%s'."},
	500113: {oauth: InvalidRequest, words: "The application has no redirect URI registered at all."},
	900971: {oauth: InvalidRequest, words: "The request names no redirect URI."},
	500112: {oauth: InvalidClient, words: "The redirect URI '%s' is not the same as '%s', with which the code was requested."},
	70005:  {oauth: UnsupportedResponseType, words: "The application can't use response_type '%s'."},
	700051: {oauth: UnsupportedResponseType, words: "The application may not ask for response_type 'token'."},
	700054: {oauth: UnsupportedResponseType, words: "The application may not ask for response_type 'id_token'."},
	70007:  {oauth: InvalidRequest, words: "response_mode can't be '%s'."},
	50147:  {oauth: InvalidRequest, words: "The code challenge is missing, or its size is wrong."},
	501491: {oauth: InvalidRequest, words: "The code challenge has %d characters; 43 to 128 are allowed."},
	50149:  {oauth: InvalidRequest, words: "There is no code challenge method '%s'."},

	// Codes and refresh tokens.
	54005:   {oauth: InvalidGrant, words: "This authorization code has been redeemed before. Ask for a new one, or use the refresh token that it gave."},
	70008:   {oauth: InvalidGrant, words: "The authorization code is too old: issued at %s, it lived for %s."},
	70000:   {oauth: InvalidGrant, words: "The grant belongs to another client."},
	700005:  {oauth: InvalidGrant, words: "The authorization code was issued at another tenant address. Redeem it where it was asked for: both times /common, or both times the same tenant."},
	501481:  {oauth: InvalidGrant, words: "The code_verifier and the code_challenge of the authorization request do not belong together."},
	700082:  {oauth: InvalidGrant, words: "Nobody used the refresh token for too long, so it has expired. It was issued at %s and may rest for %s.", suberror: "bad_token"},
	700084:  {oauth: InvalidGrant, words: "The refresh token of a single-page app lives for %s from the sign-in and can't be prolonged; this one, issued at %s, is over. Send the user to sign in again."},
	9002325: {oauth: InvalidRequest, words: "A code that is redeemed across origins needs Proof Key for Code Exchange."},
	9002326: {oauth: InvalidRequest, words: "Only the client type 'Single-Page Application' may redeem tokens across origins. The request came from origin '%s'."},
	9002327: {oauth: InvalidRequest, words: "What was issued to the client type 'Single-Page Application' can be redeemed across origins only, that is, by a browser."},
	70003:   {oauth: UnsupportedGrantType, words: "There is no grant_type '%s' here.", noURI: true},

	// Scope and resource.
	70011:   {oauth: InvalidScope, words: "'%s' can't be a 'scope'."},
	700022:  {oauth: InvalidScope, words: "The scope '%s' spans several resources."},
	28000:   {oauth: InvalidRequest, words: "The scope '%s' spans several resources, while a token is for one."},
	1002012: {oauth: InvalidScope, words: "The scope '%s' does not suit client credentials, which take a resource followed by /.default, as in '%s/.default'."},
	500011:  {oauth: InvalidResource, words: "No resource named '%s' is in the tenant '%s'. Either nobody installed it there, or this is not the tenant you mean."},
	650053:  {oauth: InvalidClient, words: "Application '%s' wants the scope '%s', which the resource '%s' does not have."},
	650057:  {oauth: InvalidResource, words: "The registration of the client lists no permission for this resource. Client: %s(%s). Resource as requested: %s. Its application ID: %s. Resources that are listed: %s."},
	90009:   {oauth: InvalidRequest, words: "Application '%s'(%s) asks for a token for itself. That works only when the resource is named by its GUID."},
	501051:  {oauth: InvalidGrant, words: "Application '%s'(%s) holds no role of the application '%s'(%s), which gives tokens to assigned callers only."},

	// Person, consent, session.
	50034: {oauth: InvalidGrant, words: "There is no account '%s' in the directory '%s'."},
	50126: {oauth: InvalidGrant, words: "User name or password is wrong."},
	50057: {oauth: InvalidGrant, words: "This account is disabled."},
	50020: {oauth: InvalidGrant, words: "The account '%s' of identity provider '%s' is unknown in tenant '%s', so it can't use the application '%s'(%s) there. Invite it as a guest, or sign in with another account."},
	50105: {oauth: InteractionRequired, words: "'%s' has not been assigned to the application '%s'(%s), which lets in assigned users only."},
	16000: {oauth: InteractionRequired, words: "The account '%s' of identity provider '%s' is signed in, but can't be used in tenant '%s' for the application '%s'(%s)."},
	50058: {oauth: LoginRequired, words: "Nobody is signed in, and the request forbids asking."},
	65001: {oauth: InvalidGrant, words: "Neither the user nor an administrator has consented to the application '%s' named '%s'. Ask for it interactively, for this user and this resource.", suberror: ConsentRequired, noURI: true},
	65004: {oauth: AccessDenied, words: "The user did not consent."},
	90094: {oauth: AccessDenied, words: "Only an administrator can grant what the application '%s'(%s) asks for."},

	// Client assertions and federated credentials.
	700024:  {oauth: InvalidClient, words: "The client assertion is outside its time. Now: %s. Valid from: %s. Valid until: %s."},
	50048:   {oauth: InvalidClient, words: "In a client assertion 'sub' must be equal to 'iss'."},
	5002741: {oauth: InvalidClient, words: "The 'aud' of the client assertion holds %d values; one is allowed."},
	500181:  {oauth: InvalidClient, words: "The assertion names %d audiences; one is allowed."},
	5002730: {oauth: InvalidClient, words: "The client assertion is not meant for this authority: its audience is '%s'."},
	50012:   {oauth: InvalidClient, words: "The client assertion can't be used: %s."},
	50027:   {oauth: InvalidGrant, words: "The JWT is broken: %s."},
	700021:  {oauth: InvalidClient, words: "The client assertion names the application '%s', the request '%s'."},
	1000502: {oauth: InvalidClient, words: "The certificate that signed the client assertion is outside its time: %s to %s."},
	70021:   {oauth: InvalidRequest, words: "No federated credential of the application fits the assertion. Issuer: '%s'. Subject: '%s'. Audience: '%s'."},
	700211:  {oauth: InvalidClient, words: "No federated credential of the application has the issuer '%s' of the assertion."},
	700212:  {oauth: InvalidClient, words: "No federated credential of the application has the audience '%s' of the assertion."},
	700213:  {oauth: InvalidClient, words: "No federated credential of the application has the subject '%s' of the assertion."},
	7002138: {oauth: InvalidClient, words: "The subject '%s' of the assertion differs from that of a federated credential in letter case only."},
	7002137: {oauth: InvalidClient, words: "No federated credential of the application has the subject '%s' of this token, which Entra itself issued."},
	700229:  {oauth: InvalidClient, words: "Only a token of an application alone can serve as federated credential when Entra issued it."},
	7000110: {oauth: InvalidRequest, words: "The request is ambiguous: it names several applications, '%s' and '%s'."},
	7000112: {oauth: UnauthorizedClient, words: "Application '%s'(%s) is disabled."},
	5000225: {oauth: InvalidTenant, words: "The tenant '%s' has been shut because nobody used it."},

	// Device code.
	70016: {oauth: AuthorizationPending, words: "The user has not finished yet. Go on polling.", noURI: true},
	70018: {oauth: BadVerificationCode, words: "The device code is not one that was issued."},
	70019: {oauth: ExpiredToken, words: "The device code has expired. Start again."},
	70020: {oauth: ExpiredToken, words: "The device code was redeemed before, or is no longer valid."},
	90119: {oauth: InvalidRequest, words: "The user code is empty."},
	90120: {oauth: InvalidRequest, words: "This device code has been approved or declined before."},
	90055: {oauth: TemporarilyUnavailable, words: "Too many requests for this tenant. Wait and try again."},
	90033: {oauth: TemporarilyUnavailable, words: "The directory can't be reached at the moment. Try again later."},
	50196: {oauth: InvalidGrant, words: "The client sends the same request over and over. Keep the token you were given."},
	90010: {oauth: InvalidRequest, words: "This can't be done: %s."},

	// On-behalf-of.
	50013:   {oauth: InvalidGrant, words: "The assertion failed the signature check, or can't be trusted: %s."},
	500131:  {oauth: InvalidGrant, words: "The audience of the assertion, '%s', is not the application '%s' that presents it."},
	500133:  {oauth: InvalidGrant, words: "The assertion is outside its time. Now: %s. It expired at %s."},
	240002:  {oauth: InvalidGrant, words: "An ID token can't serve as assertion for the jwt-bearer grant; an access token is needed."},
	7000113: {oauth: InvalidGrant, words: "The assertion is the token of an application alone; on-behalf-of needs the token of a user."},
	50146:   {oauth: InvalidRequest, words: "A token signed with a key of its own application can't be exchanged on behalf of a user. Application: '%s'."},

	// Authorization request.
	500117: {oauth: InvalidRequest, words: "The redirect URI '%s' is plain http; that is allowed for localhost only."},
	500111: {oauth: InvalidRequest, words: "The redirect URI '%s' has a scheme that can't be used."},
	90102:  {oauth: InvalidRequest, words: "The value of '%s' must be an absolute URI."},
	90100:  {oauth: InvalidRequest, words: "The parameter '%s' is not valid: %s."},
	28003:  {oauth: InvalidRequest, words: "The scope is empty, and the code was asked for without a resource."},
	500014: {oauth: InvalidResource, words: "The resource '%s' is disabled."},
	90027:  {oauth: InvalidRequest, words: "The v1.0 endpoint makes no tokens for personal accounts."},
	500201: {oauth: InvalidRequest, words: "A v1.0 token can't be made for a personal account. Application: '%s'."},
	90130:  {oauth: InvalidRequest, words: "Application '%s'(%s) can't be used at /common or /consumers."},
	160021: {oauth: InteractionRequired, words: "The session that the request names, '%s', is not there."},
	16001:  {oauth: InteractionRequired, words: "The account that was chosen is no longer signed in."},
	16003:  {oauth: InteractionRequired, words: "The account '%s' was never added to the tenant '%s'."},
	50014:  {oauth: InteractionRequired, words: "The guest '%s' has not redeemed the invitation yet."},
	500021: {oauth: AccessDenied, words: "Access to the tenant '%s' is not among those that the network's tenant restrictions allow."},

	// Person and policy.
	50053:  {oauth: InvalidGrant, words: "The account is locked: too many wrong passwords."},
	50055:  {oauth: InvalidGrant, words: "The password has expired.", suberror: UserPasswordExpired},
	50056:  {oauth: InvalidGrant, words: "No password is stored for this account."},
	50074:  {oauth: InteractionRequired, words: "A second factor is needed, and the user did not pass it."},
	50076:  {oauth: InvalidGrant, words: "A policy of your administrator, or a new place, demands multi-factor authentication for '%s'.", suberror: BasicAction},
	50079:  {oauth: InvalidGrant, words: "A policy of your administrator, or a new place, demands that you register for multi-factor authentication for '%s'.", suberror: BasicAction},
	53000:  {oauth: InvalidGrant, words: "A Conditional Access policy demands a compliant device, and this one is none.", suberror: AdditionalAction},
	53003:  {oauth: InvalidGrant, words: "Conditional Access policies block access: the sign-in worked, but does not meet what is demanded.", suberror: MessageOnly},
	530035: {oauth: AccessDenied, words: "The security defaults of the tenant block this way to sign in."},
	530036: {oauth: InvalidGrant, words: "A policy on authentication flows refuses this refresh token: it came from the device code flow."},
	50173:  {oauth: InvalidGrant, words: "The grant is void since the sessions of the user were revoked. It was issued at %s; grants count from %s on. Sign in again."},
	70043:  {oauth: InvalidGrant, words: "The refresh token is too old by the sign-in frequency of Conditional Access. It was issued at %s and may live for %s.", suberror: BadToken},
	70044:  {oauth: InteractionRequired, words: "The session is too old by the sign-in frequency of Conditional Access."},
	500341: {oauth: InvalidGrant, words: "The account '%s' has been deleted from the directory '%s'."},
	90095:  {oauth: AccessDenied, words: "An administrator must approve the application '%s'(%s). You can ask for it."},
	90093:  {oauth: AccessDenied, words: "The application '%s' was refused: you may not grant for the organisation."},
	120000: {oauth: InvalidRequest, words: "The current password is wrong."},
	120002: {oauth: InvalidRequest, words: "The new password is too weak."},
	120003: {oauth: InvalidRequest, words: "The new password holds your name."},
	120018: {oauth: InvalidRequest, words: "The new password is too close to a common one."},
}
