package trace

// purposeWords name an exchange: as a place where something happened, and as the
// thing that was sent.
var purposeWords = map[Purpose]struct{ at, noun string }{
	Metadata: {"metadata", "discovery document"}, Authorize: {"authorize", "authorization request"}, SignIn: {"sign-in pages", "sign-in page"},
	Redirect: {"redirect", "redirect"}, TokenCall: {"token endpoint", "token request"}, Answer: {"answer", "answer of the token endpoint"},
	Keys: {"signing keys", "key request"}, CallAPI: {"call of the API", "call of the API"},
	DeviceStart: {"device authorization endpoint", "device authorization request"}, DevicePage: {"page for the user code", "page for the user code"},
	Poll: {"token endpoint", "device poll"}, Refresh: {"token endpoint", "refresh request"}, Cached: {"token cache", "look into the cache"},
	CallMiddle: {"call of the API", "call of the API"}, OnBehalfOf: {"token endpoint", "on-behalf-of request"},
	CallDownstream: {"call of the API behind", "call of the API behind"}, TokenExchange: {"token endpoint", "token exchange request"},
	UserRealm: {"user realm", "user realm request"}, AdminConsent: {"admin consent", "admin consent request"}, SignOut: {"sign-out", "sign-out request"},
	SignedOut: {"way back from the sign-out", "redirect after the sign-out"}, UserInfo: {"userinfo endpoint", "userinfo request"},
	Introspection: {"introspection endpoint", "introspection request"}, Revocation: {"revocation endpoint", "revocation request"},
	ManagedIdentity: {"managed identity endpoint", "managed identity request"}, Event: {"elsewhere", "event"},
}

// At says where an exchange of this purpose happens: "token endpoint".
func (p Purpose) At() string {
	if w, ok := purposeWords[p]; ok {
		return w.at
	}
	return string(p)
}

// Noun says what an exchange of this purpose is: "token request".
func (p Purpose) Noun() string {
	if w, ok := purposeWords[p]; ok {
		return w.noun
	}
	return string(p)
}
