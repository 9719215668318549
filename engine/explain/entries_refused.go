package explain

// refusedEntries are answers that the application itself refuses, beyond those of
// a sign-in: what other issuers than Entra bring with them.
var refusedEntries = []Entry{
	{
		Code: "sub", Name: "refused by the application", Stage: atAny, Who: Developer,
		What:   "The answer is about another person than the ID token.",
		Why:    []string{"Whoever swaps an access token or a refresh token for their own would appear under somebody else's name. The subject of every further answer must be that of the first."},
		Fix:    []string{"Look for the place where the tokens of two sessions are mixed up, then sign in again."},
		Source: []string{"OpenID Connect Core 1.0 section 5.3.2", "OpenID Connect Core 1.0 section 12.2"}, Related: []string{"nonce"},
	},
	{
		Code: "verification_uri", Name: "refused by the application", Stage: atDevice, Who: Developer,
		What:   "The page for the user code is at no address that a person should open.",
		Why:    []string{"The person is sent there and types a code and a password. It must be an https page of the issuer."},
		Fix:    []string{"Look at what the device authorization endpoint really answered, and at who stands in between."},
		Source: []string{"RFC 8628 section 3.2", "RFC 8628 section 5.4"}, Related: []string{"metadata"},
	},
	{
		Code: "code_challenge_methods_supported", Name: "refused by the application", Stage: atAny, Who: Developer,
		What:   "The issuer takes no S256 challenge, and this client has nothing else to protect its code.",
		Why:    []string{"A public client proves nothing at the token endpoint: whoever sees its code can redeem it. The challenge plain gives the verifier away with the request."},
		Fix:    []string{"Ask the issuer's administrators for S256.", "Or move the sign-in to a server that keeps a credential."},
		Source: []string{"RFC 7636 section 4.2", "RFC 9700 section 2.1.1"}, Related: []string{"metadata"},
	},
}
