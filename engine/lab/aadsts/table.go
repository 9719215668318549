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
	700027:  {oauth: InvalidClient, words: "The client assertion could not be trusted. [Reason - no registered key fits. Thumbprint of the key that was used: '%s'. Application: '%s'. Compare it with the keys registered there.]"},

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
}
