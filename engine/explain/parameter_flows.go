package explain

// What the exchanges of single flows carry. Read and never written to.

// pageParameters are the fields of the pages between the authorization request
// and the redirect: they go from the person to Entra ID, past the application.
var pageParameters = append([]Parameter{
	{"username", "who signs in", ""},
	{"password", "the person's password, for the issuer alone: the application never sees it", "a program that keeps passwords"},
	{"user_code", "the code from the device, which says whose sign-in this is", ""},
	{"action", "which button the person pressed", ""},
	{"account", "which of the signed-in accounts is meant", ""},
	{"ctx", "names the sign-in that is under way on the pages", "a page of another site that answers in the person's name"},
}, authorizeParameters...)

// deviceParameters are those of the device flow's first exchange and of its page
// (RFC 8628 sections 3.1 to 3.3).
var deviceParameters = []Parameter{
	{"user_code", "what the person types on the page: short, and good for this one sign-in", "nothing: whoever talks somebody into typing it gets their tokens"},
	{"device_code", "names the sign-in that the person finishes on another device; the device alone knows it", "somebody else who collects the tokens"},
	{"verification_uri", "the page to open, on whichever device has a browser", ""},
	{"verification_url", "the page to open, as the v1.0 endpoint calls it", ""},
	{"verification_uri_complete", "the page with the code in its address, for a QR code; Entra ID sends none", ""},
	{"expires_in", "how many seconds both codes are good: fifteen minutes", "a code that is found in an old message"},
	{"interval", "how many seconds to wait between two polls; MSAL Go passes it over", "a server that is asked without a pause"},
	{"message", "what to show the person, written by the server", ""},
	{"scope", "what the device will ask for; the person sees it on the consent page", "more power than the person was shown"},
	{"action", "which button the person pressed", ""},
	{"ctx", "names the sign-in that is under way on the pages", ""},
}

// pollParameters are those that mean something else in a poll than in other
// token requests (RFC 8628 sections 3.4 and 3.5).
var pollParameters = append([]Parameter{
	{"grant_type", "urn:ietf:params:oauth:grant-type:device_code, or device_code as older clients and MSAL Go write it", ""},
	{"error", "authorization_pending and slow_down mean: ask again; everything else ends it", ""},
}, tokenParameters...)

// realmParameters are those of the question who manages a user name (Entra:
// user realm; MSAL's source).
var realmParameters = []Parameter{
	{"api-version", "the version of the answer that is asked for", ""},
	{"account_type", "Managed: Entra ID checks the password itself. Federated: another service does", "a password that is sent to the wrong service"},
	{"domain_name", "the domain of the user name", ""},
	{"ver", "the version of the answer", ""},
	{"cloud_instance_name", "the cloud the domain is in", ""},
	{"cloud_audience_urn", "for whom a federated service would have to make its assertion", ""},
	{"federation_metadata_url", "where a federated service says what it can do", ""},
	{"federation_protocol", "how a federated service is spoken to", ""},
}

// machineParameters are those of a managed identity's own endpoint (Entra:
// managed identities for Azure resources).
var machineParameters = []Parameter{
	{"api-version", "the version of the endpoint; each kind of machine has its own", ""},
	{"resource", "the API the token is for, without /.default", "a token that two APIs would take"},
	{"client_id", "which of the machine's identities is meant; left out: its system-assigned one", ""},
	{"clientid", "the same, as Azure Machine Learning writes it", ""},
	{"object_id", "which identity is meant, by its object id", ""},
	{"msi_res_id", "which identity is meant, by its resource id", ""},
	{"mi_res_id", "which identity is meant, by its resource id, as App Service writes it", ""},
	{"X-Identity-Header", "a value that the machine gave to this program alone, in IDENTITY_HEADER", "a request that another program was talked into (SSRF)"},
	{"Secret", "a value that the machine gave to this program alone, in MSI_SECRET", "a request that another program was talked into (SSRF)"},
	{"Metadata", "must be true: a browser or a proxy does not set it by mistake", "a request that another program was talked into (SSRF)"},
	{"Authorization", "what stands in a file that only this machine's administrators can read: Azure Arc's second request shows it", "a program without those rights"},
	{"Www-Authenticate", "names the file whose content has to be shown (Azure Arc)", ""},
	{"access_token", "a token of the application alone, good for up to a day", ""},
	{"expires_on", "when it ends, in seconds since 1970, as text", ""},
	{"expires_in", "how many seconds it lives, as text", ""},
	{"refresh_token", "always empty: the machine is asked again", ""},
	{"token_type", "Bearer: whoever has the token may use it", ""},
}
