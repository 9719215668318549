package insight

import (
	"strings"

	"flowscope/validate"
)

const (
	accessDoc  = "Entra: access tokens"
	accessRef  = "Entra: access token claims reference"
	idRef      = "Entra: ID token claims reference"
	validation = "Entra: claims validation"
	graphName  = "Microsoft Graph"
)

// unreadable says what a string is whose claims nobody here can read.
func (r *reader) unreadable() {
	raw := r.t.Raw
	switch {
	case r.kind == validate.KindRefresh:
		r.say(Audience, "Entra: refresh tokens", "Only the issuer can read a refresh token (an authorization code looks alike). Whoever holds it gets new tokens, so keep it as you keep a password.").
			Do = "Send it to the token endpoint alone; show and log the access token's uti instead"
	case r.kind == validate.KindEncrypted:
		i := r.say(Audience, "RFC 7516 section 3", "The token is encrypted: only the API that holds the private key can read it. What is inside is checked after it was decrypted.", "alg", "enc")
		i.Do = "Decrypt it where the key is, and look at the signed token inside"
	case r.t.Header != nil:
		// A token whose claims are broken: its faults are the checks' matter.
	case strings.HasPrefix(raw, "Ew"):
		r.say(Audience, accessDoc, "It looks like an access token of a personal account for an API of Microsoft. Those are opaque by design; only that API can read them.")
	case raw != "":
		r.say(Audience, "RFC 6749 section 1.4", "This is no JSON Web Token. Only its issuer can say what it is worth, by introspection or by answering a call.").
			Do = "Use it as it is; an API that gets such tokens asks the issuer (RFC 7662)"
	}
}

// audience says who can verify the token, and who not.
func (r *reader) audience() {
	switch {
	case r.kind == validate.KindID:
		r.idToken()
	case r.t.ForGraph():
		r.warn(Audience, accessDoc+", token ownership", "This token is for Microsoft Graph, and Graph alone can verify it: the nonce in the header is changed before it is signed, so anybody else's signature check fails.", "aud", "nonce").
			Do = "Send it to Graph and nowhere else; ask for a token with your own API's scope for your own API"
	case r.resource != "":
		i := r.warn(Audience, accessDoc+", token ownership", "This token is for "+r.resource+", an API of Microsoft. Its form is that API's own business and can change any day: treat it as opaque.", "aud")
		i.Do = "Send it to " + r.resource + " alone; ask for a token with your own API's scope for your own API"
		if strings.Contains(r.resource, "retired") {
			i.Do = "Ask for scopes of Microsoft Graph instead: Azure AD Graph answers no more"
		}
		if r.t.Header.Has("nonce") {
			i.Text = "This token is for " + r.resource + ", an API of Microsoft. With the nonce in its header nobody else can verify it."
			i.Claims = []string{"aud", "nonce"}
		}
	case len(r.aud) > 1:
		r.warn(Audience, "RFC 7519 section 4.1.3", "It names "+some(r.aud, 3)+" as audiences: each of them may use it at the others. Entra writes one alone.", "aud")
	case len(r.aud) == 1 && r.client != "" && (r.aud[0] == r.client || strings.TrimRight(r.aud[0], "/") == "api://"+r.client):
		r.warn(Audience, validation, "Client and API share one registration: aud and "+r.party+" name one application. ID tokens of that client have this aud too, so the signature and aud alone do not make an access token.", "aud", r.party).
			Do = "Register the API apart from its clients; until then let the API demand scp or roles"
	case len(r.aud) == 1 && r.entra:
		r.say(Audience, accessDoc+", validate tokens", "Only the API "+shown(r.aud[0])+" may accept it. A token serves one API; another needs one of its own.", "aud")
	}
	if r.o.Has("cnf") {
		r.say(Audience, "RFC 7800 section 3", "It is bound to a key (cnf): without a signature made with that key it is worth nothing, if the API asks for the proof.", "cnf").
			Do = "Let the API check the proof of possession, not the token alone"
	}
}

// idToken says what an ID token is for, and what ties it to its sign-in.
func (r *reader) idToken() {
	if len(r.aud) > 0 {
		r.say(Audience, "OpenID Connect Core section 2", "An ID token tells the client "+shown(r.aud[0])+" who signed in. It opens no API: it is proof of a sign-in, for that client alone.", "aud").
			Do = "Send an access token to APIs, and never this one"
	}
	r.hashes()
	if r.o.Has("nonce") {
		r.say(Audience, "OpenID Connect Core section 3.1.3.7", "Its nonce must be the value that this browser session sent. Compared with nothing, it proves nothing.", "nonce")
	}
}

// hashes says what the hashes of an ID token tie it to. Entra writes them at the
// authorization endpoint alone; elsewhere at_hash may come with a code too
// (OpenID Connect Core section 3.1.3.6).
func (r *reader) hashes() {
	hashes := r.has("c_hash", "at_hash")
	if len(hashes) == 0 {
		return
	}
	what := map[string]string{"c_hash": "the code", "at_hash": "the access token"}
	var with []string
	for _, h := range hashes {
		with = append(with, what[h])
	}
	tie := list(hashes, "and") + " ties it to "
	if len(hashes) > 1 {
		tie = list(hashes, "and") + " tie it to "
	}
	tie += list(with, "and") + " that came with it"
	if !r.entra && !r.o.Has("c_hash") {
		r.say(Audience, "OpenID Connect Core section 3.1.3.6", tie+". A client that compares them notices a token that was swapped.", hashes...)
		return
	}
	r.say(Audience, "OpenID Connect Core section 3.3.2.11", tie+" from the authorization endpoint. A client of these flows refuses what does not fit, or has no hash.", hashes...)
	if !r.o.Has("nonce") {
		r.warn(Audience, "OpenID Connect Core section 3.2.2.11", "There is no nonce although it came through the browser: nothing ties it to the session that asked.", "nonce")
	}
}
