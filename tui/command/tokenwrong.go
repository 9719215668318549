package command

import (
	"encoding/base64"
	"errors"
	"strings"
	"unicode/utf8"

	"flowscope/validate"
)

// errNoToken says that a text holds none.
var errNoToken = errors.New("there is no token in that: a token begins with eyJ, or stands behind a name such as access_token")

// errBinary says that it was no text at all.
var errBinary = errors.New("that is no text, and there is no token in it")

// notToken says what a text is that people take for a token; nil where it could
// be one. The text is never shown again: it may be a secret.
func notToken(text string) error {
	text = strings.TrimSpace(text)
	word := strings.Trim(text, "\"'`,;<>")
	for _, is := range [...]struct {
		it    func(text, word string) bool
		words string
	}{
		{isPrivateKey, "that is a private key and no token: whoever has it can sign in as its owner. It was not kept; replace it where others may have seen it"},
		{isPublicKey, "that is a key or a certificate and no token: to check a token with it, name its file with --jwks"},
		{isClientSecret, "that is a client secret and no token: replace it where others may have seen it"},
		{isAssertion, "that is a SAML assertion or response: it is XML with a signature of its own, and only JSON Web Tokens are read here"},
		{isBasic, "that is a client's id and secret (Basic, RFC 7617) and no token"},
		{isError, "that is an error and no token: flowscope explain tells what it means"},
		{isRedirect, "that is a redirect with an authorization code: the code is no token, and the client has to redeem it at the token endpoint first"},
		{isRunReport, "that is the report of a run, and the tokens in it are decoded: flowscope run --with-secrets prints them as they are"},
		{isMetadata, "that is the metadata of an issuer and no token: it says where its keys are, which --issuer finds by itself"},
		{isClaims, "those are claims that somebody decoded: without the token itself its signature can't be checked"},
		{isGUID, "that is an identifier, of a client, a tenant or a person, and no token"},
		{isAddress, "that is an address without a token in it"},
	} {
		if is.it(text, word) {
			return errors.New(is.words)
		}
	}
	if !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0 {
		return errBinary
	}
	return nil
}

func isPrivateKey(text, _ string) bool {
	if strings.Contains(text, "-----BEGIN ") && strings.Contains(text, "PRIVATE KEY-----") {
		return true
	}
	return strings.Contains(text, `"kty"`) && (strings.Contains(text, `"d"`) || strings.Contains(text, `"k"`))
}

func isPublicKey(text, _ string) bool {
	return strings.Contains(text, "-----BEGIN CERTIFICATE") || strings.Contains(text, "PUBLIC KEY-----") || strings.Contains(text, `"kty"`)
}

// isClientSecret recognises the secrets that Entra makes: 40 characters with "Q~"
// after a digit.
func isClientSecret(text, word string) bool {
	if i := strings.Index(word, "Q~"); len(word) >= 34 && len(word) <= 48 && i > 0 && i < 8 && word[i-1] >= '0' && word[i-1] <= '9' {
		return true
	}
	return len(text) < 4096 && (strings.Contains(text, "client_secret=") || strings.Contains(text, `"client_secret"`))
}

// isAssertion recognises SAML as XML and as it travels in a form (SAML 2.0
// bindings, section 3.5).
func isAssertion(text, word string) bool {
	const name = "urn:oasis:names:tc:SAML"
	if strings.Contains(text, name) || strings.Contains(text, "SAMLResponse=") {
		return true
	}
	word = strings.Join(strings.Fields(word), "")
	head := word[:min(len(word), 1024)&^3]
	for _, alphabet := range [...]*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		xml, _ := alphabet.DecodeString(strings.TrimRight(head, "="))
		if len(xml) > 40 && xml[0] == '<' && strings.Contains(string(xml), "SAML") {
			return true
		}
	}
	return false
}

func isBasic(text, _ string) bool {
	for _, before := range [...]string{"Basic ", "Authorization: Basic "} {
		if len(text) > len(before) && strings.EqualFold(text[:len(before)], before) {
			return true
		}
	}
	return false
}

func isError(text, word string) bool {
	return strings.HasPrefix(word, "AADSTS") || strings.Contains(text, `"error_description"`) || strings.Contains(text, "error_description=") ||
		strings.Contains(text, "AADSTS") && len(text) < 64<<10
}

func isRedirect(text, word string) bool {
	if strings.ContainsAny(word, " \n") {
		return false
	}
	for _, before := range [...]string{"?code=", "&code=", "#code="} {
		if strings.Contains(word, before) {
			return true
		}
	}
	return strings.HasPrefix(word, "code=")
}

func isRunReport(text, _ string) bool {
	return strings.HasPrefix(text, `{"schema":1,"flow":`) && strings.Contains(text, `"exchanges":`)
}

// isMetadata recognises a discovery document (OpenID Connect Discovery 1.0 section 3).
func isMetadata(text, _ string) bool {
	return strings.HasPrefix(text, "{") && strings.Contains(text, `"issuer"`) && strings.Contains(text, `"jwks_uri"`)
}

func isClaims(text, _ string) bool {
	return strings.HasPrefix(text, "{") && strings.Contains(text, `"iss"`) && strings.Contains(text, `"aud"`)
}

func isGUID(_, word string) bool { return validate.IsGUID(word) }

func isAddress(_, word string) bool {
	return (strings.HasPrefix(word, "https://") || strings.HasPrefix(word, "http://") || strings.HasPrefix(word, "api://")) && !strings.ContainsAny(word, " \n")
}
