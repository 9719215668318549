// Package decision answers one question: which flow fits my client?
//
// It holds the names of the flows, the three questions about a client, the
// table that leads from their answers to one row and one flow, and the record
// of that decision. The flow follows from the client; nothing else is asked.
//
// It refuses to know more: it sends nothing, reads no clock, keeps no state,
// and imports the standard library alone, so that every other package may
// speak its words.
package decision

import (
	"fmt"
	"strings"
)

// Flow is a grant flow, or a move that belongs to one, by its standard name.
// Its value is the name used on the command line and in JSON.
type Flow string

// The flows. RFC 6749 names the first grants; the rest come from the document
// given beside each.
const (
	// AuthorizationCode is RFC 6749 section 4.1, always with PKCE (RFC 7636).
	AuthorizationCode Flow = "authorization-code"
	// ClientCredentials is RFC 6749 section 4.4.
	ClientCredentials Flow = "client-credentials"
	// DeviceCode is RFC 8628.
	DeviceCode Flow = "device-code"
	// OnBehalfOf is Entra's use of RFC 7523 section 2.1 with
	// requested_token_use=on_behalf_of.
	OnBehalfOf Flow = "on-behalf-of"
	// RefreshToken is RFC 6749 section 6.
	RefreshToken Flow = "refresh-token"
	// Silent is acquisition as libraries do it: from the cache, else by a
	// refresh token, else interaction is required.
	Silent Flow = "silent"
	// Implicit is RFC 6749 section 4.2. RFC 9700 section 2.1.2 says not to
	// use it; it is here as a warning.
	Implicit Flow = "implicit"
	// Password is RFC 6749 section 4.3. RFC 9700 section 2.4 forbids it; it
	// is here as a warning.
	Password Flow = "password"
	// ManagedIdentity is a token from the endpoint of the machine the code
	// runs on (Entra: managed identities for Azure resources).
	ManagedIdentity Flow = "managed-identity"
	// AdminConsent is Entra's adminconsent endpoint: a tenant-wide grant.
	AdminConsent Flow = "admin-consent"
	// SignOut is OpenID Connect RP-Initiated Logout 1.0.
	SignOut Flow = "sign-out"
	// TokenExchange is RFC 8693.
	TokenExchange Flow = "token-exchange"
	// None says that no flow fits. It is a result and can't be run.
	None Flow = "none"
)

// Flows returns every flow that can be run, in the order in which help texts
// list them. None is not among them. The slice is the caller's own.
func Flows() []Flow {
	return []Flow{
		AuthorizationCode, ClientCredentials, DeviceCode, OnBehalfOf,
		RefreshToken, Silent, Implicit, Password, ManagedIdentity,
		AdminConsent, SignOut, TokenExchange,
	}
}

// Title returns the flow's name as a person reads it, such as
// "authorization code + PKCE". A value that is no flow is returned as it is.
func (f Flow) Title() string {
	switch f {
	case AuthorizationCode:
		return "authorization code + PKCE"
	case ClientCredentials:
		return "client credentials"
	case DeviceCode:
		return "device code"
	case RefreshToken:
		return "refresh token"
	case Silent:
		return "silent acquisition"
	case ManagedIdentity:
		return "managed identity"
	case AdminConsent:
		return "admin consent"
	case TokenExchange:
		return "token exchange"
	case None:
		return "none: stop here"
	}
	return string(f) // on-behalf-of, sign-out, implicit and password read well as they are
}

// ParseFlow reads the name of a flow that can be run, in any letter case and
// with spaces around it. "none" is a result, not something to run, and is
// refused like any other unknown name; the error lists the names.
func ParseFlow(s string) (Flow, error) {
	name := strings.ToLower(strings.TrimSpace(s))
	flows := Flows()
	names := make([]string, len(flows))
	for i, f := range flows {
		if name == string(f) {
			return f, nil
		}
		names[i] = string(f)
	}
	return "", fmt.Errorf("unknown flow %q: use one of %s", shorten(s), strings.Join(names, ", "))
}

// shorten keeps an error readable when a whole file is given as one word.
func shorten(s string) string {
	const limit = 40
	if r := []rune(s); len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return s
}
