package middleware

// Where the rules of go-oidc are written, and those of go-jose below it.
const (
	goOIDC     = "coreos/go-oidc v3.21.0 oidc/verify.go"
	goOIDCKeys = "coreos/go-oidc v3.21.0 oidc/jwks.go"
	goOIDCTime = "coreos/go-oidc v3.21.0 oidc/oidc.go"
	goJose     = "go-jose/go-jose v4.1.4 jws.go"
	goJoseSign = "go-jose/go-jose v4.1.4 signing.go"
)

var goOIDCRules = [...]rule{
	{kind: kindSegments, name: "compact JWS format must have three parts", why: "It wants three segments; this has {found}.", at: goJose},
	{kind: kindReadable, name: "malformed jwt", why: "A segment is no base64url.", at: goJose},
	{kind: kindHeader, name: "malformed jwt", why: "The header is no JSON object, or has a member twice.", at: goJose},
	{kind: kindKeyIDText, name: "malformed jwt", why: "kid is no string.", at: goJose},
	{kind: kindAlgorithm, mode: declared, name: "unexpected signature algorithm", why: "alg is {found}; the provider declares {want}.", at: goOIDC},
	{kind: kindKey, mode: freeKey, name: "failed to verify id token signature", why: "None of the provider's keys has this kid.", at: goOIDCKeys},
	{kind: kindFits, mode: typeOnly, name: "failed to verify id token signature", why: "The key is not one for {found}.", at: goOIDCKeys},
	{kind: kindCrit, mode: empty, name: "failed to verify id token signature", why: "crit names an extension that it does not know.", at: goJoseSign},
	{kind: kindB64, name: "failed to verify id token signature", why: "b64 is false: the signature would have to cover the bare payload.", at: goJose},
	{kind: kindSignature, mode: anySalt, name: "failed to verify id token signature", why: "The signature does not belong to the key and the text.", at: goOIDCKeys},
	{kind: kindClaims, name: "failed to unmarshal claims", why: "The claims do not read as a JSON object.", at: goOIDC},
	{kind: kindText, claim: "iss", name: "failed to unmarshal claims", why: "iss is no string.", at: goOIDC},
	{kind: kindText, claim: "sub", name: "failed to unmarshal claims", why: "sub is no string.", at: goOIDC},
	{kind: kindText, claim: "nonce", name: "failed to unmarshal claims", why: "nonce is no string.", at: goOIDC},
	{kind: kindText, claim: "at_hash", name: "failed to unmarshal claims", why: "at_hash is no string.", at: goOIDC},
	{kind: kindNumber, claim: "exp", name: "failed to unmarshal claims", why: "exp is no number.", at: goOIDCTime},
	{kind: kindNumber, claim: "iat", name: "failed to unmarshal claims", why: "iat is no number.", at: goOIDCTime},
	{kind: kindNumber, claim: "nbf", name: "failed to unmarshal claims", why: "nbf is no number.", at: goOIDCTime},
	{kind: kindIssuer, name: "issued by a different provider", why: "iss is {found}, not the provider's issuer.", fix: "a verifier for each tenant, chosen by tid from your own list", at: goOIDC},
	{kind: kindAudience, mode: wholly, name: "expected audience", why: "aud is {found}; ClientID is {want}.", fix: "ClientID: the audience that tokens carry", at: goOIDC},
	{kind: kindExpiry, claim: "exp", mode: required, edge: true, name: "TokenExpiredError", why: "exp is over, or there is none; no second is allowed.", fix: "Config.Now: a clock one minute behind, which leaves four of the five minutes for nbf", at: goOIDC},
	{kind: kindNotBefore, claim: "nbf", skew: 300, name: "before the nbf (not before) time", why: "nbf lies ahead by more than five minutes.", at: goOIDC},
}

var goOIDCGaps = [...]gap{
	{check: "algorithm", name: "algorithms of the provider", why: "It takes what the provider declares, whatever alg the key names.", fix: `SupportedSigningAlgs: []string{"RS256"}`, at: goOIDC},
	{check: "key", name: "key in the header ignored", why: "It uses no key from the header; without kid it tries every key.", fix: "refuse headers with jku, x5u, jwk or x5c", at: goOIDCKeys},
	{check: "signature", name: "key below 2048 bits", why: "The size of a key is not looked at, save for Go's own floor of 1024 bits.", fix: "refuse tokens of keys below 2048 bits", at: goJoseSign},
	{check: "expiry", part: partSkew, name: "exp before now", why: "In the very second of exp the token still passes.", fix: "nothing: it is one second", at: goOIDC},
	{check: "not-before", name: "five minutes before nbf", why: "It allows five minutes before nbf.", fix: "compare nbf yourself after Verify", at: goOIDC},
	{check: "tenant", name: "tid not checked", why: "It compares iss and knows nothing of tid.", fix: "compare tid with your tenants after Verify", at: goOIDC},
	{check: "token-type", name: "kind of token not checked", why: "Access and ID tokens pass by the same rules where the audience fits.", fix: "ask for scp or roles after Verify", at: goOIDC},
	{check: "format", part: partTwice, name: "encoding/json", why: "Of two members, also if case alone differs, it takes the last.", fix: "refuse such tokens before Verify", at: goOIDC},
	{check: "format", part: partBase64, name: "RawURLEncoding", why: "It drops white space and spare bits: one token has many texts.", fix: "never use the text of a token as its identity", at: goJose},
	{check: "format", part: partDate, name: "exp as text", why: "A string that reads as a number is a date to it.", fix: "refuse dates that are no numbers after Verify", at: goOIDCTime},
	{check: "format", part: partRange, name: "any number of 64 bits", why: "Any number of 64 bits is a date, however far: such a token never ends.", fix: "refuse dates beyond reason after Verify", at: goOIDCTime},
	{check: "format", name: "ParseSigned", why: "It takes JSON that a strict reader refuses, and the JSON serialization as well.", fix: "refuse what has not two dots before Verify", at: goJose},
}

var goOIDCProfile = profile{
	about: Profile{
		ID: "go-oidc", Name: "go-oidc", Setup: "Provider.Verifier: ClientID",
		Language: "Go", Version: "3.21.0, go-jose 4.1.4", Source: goOIDC,
	},
	how: mannerGo, rules: goOIDCRules[:], gaps: goOIDCGaps[:],
}
