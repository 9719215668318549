package middleware

// Where the rules of jose are written.
const (
	joseVersion = "6.2.17"
	joseVerify  = "panva/jose v6.2.17 src/lib/jws_verify.ts"
	joseHeader  = "panva/jose v6.2.17 src/lib/validate.ts"
	joseKeys    = "panva/jose v6.2.17 src/jwks/local.ts"
	joseAlg     = "panva/jose v6.2.17 src/lib/jws_algorithms.ts"
	joseClaims  = "panva/jose v6.2.17 src/lib/jwt_claims_set.ts"
)

const (
	joseIss = `ERR_JWT_CLAIM_VALIDATION_FAILED "iss"`
	joseAud = `ERR_JWT_CLAIM_VALIDATION_FAILED "aud"`
)

var joseRules = [...]rule{
	{kind: kindSegments, name: "ERR_JWS_INVALID", why: "It wants three segments; this has {found}.", at: joseVerify},
	{kind: kindHeader, name: "ERR_JWS_INVALID", why: "The header does not read as a JSON object.", at: joseHeader},
	{kind: kindCrit, name: "ERR_JOSE_NOT_SUPPORTED", odd: "ERR_JWS_INVALID", why: "crit names an extension that it does not know.", at: joseHeader},
	{kind: kindAlgorithm, name: "ERR_JOSE_ALG_NOT_ALLOWED", odd: "ERR_JWS_INVALID", why: "alg is {found}; algorithms allows {want}.", fix: "algorithms: name each algorithm that the issuer declares", at: joseVerify},
	{kind: kindKey, mode: oneKey, name: "ERR_JWKS_NO_MATCHING_KEY", odd: "ERR_JWKS_MULTIPLE_MATCHING_KEYS", why: "The key set has no key for it.", at: joseKeys},
	{kind: kindFits, name: "ERR_JWKS_NO_MATCHING_KEY", why: "The key of that name is not one for {found}.", at: joseKeys},
	{kind: kindKeySize, skew: 2048, name: "TypeError", why: "An RSA key below 2048 bits verifies nothing.", at: joseAlg},
	{kind: kindSignature, name: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED", why: "The signature does not belong to the key and the text.", at: joseVerify},
	{kind: kindClaims, name: "ERR_JWT_INVALID", why: "The claims do not read as a JSON object.", at: joseClaims},
	{kind: kindPresent, claim: "iss", name: joseIss, why: "issuer is set, and the token has no iss.", at: joseClaims},
	{kind: kindPresent, claim: "aud", name: joseAud, why: "audience is set, and the token has no aud.", at: joseClaims},
	{kind: kindIssuer, name: joseIss, why: "iss is {found}, which is not the text that issuer names.", fix: "issuer: list every exact value; {tenantid} is not filled in", at: joseClaims},
	{kind: kindAudience, name: joseAud, why: "aud is {found}, which audience does not name.", at: joseClaims},
	{kind: kindNumber, claim: "iat", name: `ERR_JWT_CLAIM_VALIDATION_FAILED "iat"`, why: "iat is no number.", at: joseClaims},
	{kind: kindNotBefore, claim: "nbf", name: `ERR_JWT_CLAIM_VALIDATION_FAILED "nbf"`, why: "nbf lies ahead, and without clockTolerance no second is allowed.", fix: `clockTolerance: "5 minutes"`, at: joseClaims},
	{kind: kindExpiry, claim: "exp", name: "ERR_JWT_EXPIRED", odd: `ERR_JWT_CLAIM_VALIDATION_FAILED "exp"`, why: "exp is over, and without clockTolerance no second is allowed.", fix: `clockTolerance: "5 minutes"`, at: joseClaims},
}

var joseGaps = [...]gap{
	{check: "algorithm", name: "no list of algorithms", why: "Without algorithms it takes whatever the key can verify: RS, PS of any length.", fix: `algorithms: ["RS256"]`, at: joseVerify},
	{check: "key", name: "key in the header ignored", why: "It does not use a key from the header, and does not refuse the token for it.", fix: "refuse headers with jku, x5u, jwk or x5c before verifying", at: joseKeys},
	{check: "expiry", name: "exp only where it is there", why: "A token without exp never ends; requiredClaims asks for none by itself.", fix: `requiredClaims: ["exp"]`, at: joseClaims},
	{check: "tenant", name: "tid not checked", why: "It knows nothing of tid; compare it with your tenants after verifying.", fix: "compare payload.tid with your tenants", at: joseClaims},
	{check: "token-type", name: "kind of token not checked", why: "An ID token passes as well as an access token where the audience fits.", fix: "ask for scp or roles after verifying", at: joseClaims},
	{check: "format", part: partTwice, name: "JSON.parse", why: "Of two members of one name it takes the last; another reader may take the first.", fix: "refuse such tokens before verifying", at: joseClaims},
	{check: "format", part: partBase64, name: "atob", why: "It reads padding, white space and spare bits: one token has many texts.", fix: "never use the text of a token as its identity", at: joseHeader},
	{check: "format", part: partRange, name: "exp typeof number", why: "Any number is a date: 1e400 is Infinity, and such a token never ends.", fix: `maxTokenAge: "1 day"`, at: joseClaims},
	{check: "format", name: "JSON.parse", why: "It takes JSON that a strict reader refuses.", fix: "refuse such tokens before verifying", at: joseHeader},
}

var jose = profile{
	about: Profile{
		ID: "jose", Name: "jose", Setup: `algorithms ["RS256"], issuer, audience`,
		Language: "Node", Version: joseVersion, Source: joseVerify,
	},
	how: mannerAtob, rules: joseRules[:], gaps: joseGaps[:],
}

var joseAny = profile{
	about: Profile{
		ID: "jose-any-algorithm", Name: "jose", Setup: "no algorithms: issuer, audience",
		Language: "Node", Version: joseVersion, Source: joseKeys,
	},
	how: mannerAtob, rules: joseRules[:], gaps: joseGaps[:],
	instead: []rule{
		{kind: kindAlgorithm, mode: modern, name: "ERR_JOSE_NOT_SUPPORTED", odd: "ERR_JWS_INVALID", why: "alg is {found}; a JWKS serves RS, PS and ES alone.", at: joseKeys},
	},
}

// Where the rules of jsonwebtoken are written.
const (
	jwtVerify9 = "auth0/node-jsonwebtoken v9.0.3 verify.js"
	jwtKey9    = "auth0/node-jsonwebtoken v9.0.3 lib/validateAsymmetricKey.js"
	jwtVerify8 = "auth0/node-jsonwebtoken v8.5.1 verify.js"
	jwsDecode  = "auth0/node-jws v4.0.1 lib/verify-stream.js"
	jwksRSA    = "auth0/node-jwks-rsa v4.1.0 src/JwksClient.js"
)

var jsonwebtokenRules = [...]rule{
	{kind: kindSegments, name: "jwt malformed", why: "It wants three segments; this has {found}.", at: jwtVerify9},
	{kind: kindReadable, name: "invalid token", why: "A segment is no base64url.", at: jwsDecode},
	{kind: kindHeader, name: "invalid token", why: "The header does not read as a JSON object.", at: jwsDecode},
	{kind: kindClaims, mode: loosely, name: "SyntaxError", why: "The claims do not read as a JSON object.", at: jwsDecode},
	{kind: kindKey, mode: onlyKey, name: "error in secret or public key callback", why: "jwks-rsa finds no key for it.", at: jwksRSA},
	{kind: kindSigned, name: "jwt signature is required", why: "There is a key, and no signature.", at: jwtVerify9},
	{kind: kindAlgorithm, name: "invalid algorithm", why: "alg is {found}; algorithms allows {want}.", fix: "algorithms: name each algorithm that the issuer declares", at: jwtVerify9},
	{kind: kindNoMAC, name: "must be a symmetric key", why: "Version 9 takes no public key for the secret of HS256, HS384 or HS512.", at: jwtVerify9},
	{kind: kindFits, mode: typeOnly, name: `"alg" parameter`, why: "The key is not one for {found}.", at: jwtKey9},
	{kind: kindSignature, name: "invalid signature", why: "The signature does not belong to the key and the text.", at: jwtVerify9},
	{kind: kindNotBefore, claim: "nbf", name: "jwt not active", odd: "invalid nbf value", why: "nbf lies ahead, and without clockTolerance no second is allowed.", fix: "clockTolerance: 300", at: jwtVerify9},
	{kind: kindExpiry, claim: "exp", name: "jwt expired", odd: "invalid exp value", why: "exp is over, and without clockTolerance no second is allowed.", fix: "clockTolerance: 300", at: jwtVerify9},
	{kind: kindAudience, name: "jwt audience invalid", why: "aud is {found}, which audience does not name.", at: jwtVerify9},
	{kind: kindIssuer, name: "jwt issuer invalid", why: "iss is {found}, which is not the text that issuer names.", fix: "issuer: list every exact value; {tenantid} is not filled in", at: jwtVerify9},
}

var jsonwebtokenGaps = [...]gap{
	{check: "algorithm", part: partMAC, name: "HS with the public key", why: "alg says HS, so the text of the public key is the secret: anybody can make such a token.", fix: `algorithms: ["RS256"], and version 9`, at: jwtVerify8},
	{check: "algorithm", name: "algorithms: [header.alg]", why: "The token chooses: whatever it names is allowed.", fix: `algorithms: ["RS256"]`, at: jwtVerify9},
	{check: "key", name: "key in the header ignored", why: "It does not use a key from the header, and does not refuse the token for it.", fix: "refuse headers with jku, x5u, jwk or x5c before verifying", at: jwtVerify9},
	{check: "issuer", name: "issuer not set", why: "Without issuer any tenant's token passes: all tenants share the keys.", fix: "issuer: the exact iss of your tenant", at: jwtVerify9},
	{check: "audience", name: "audience not set", why: "Without audience a token for any other API passes.", fix: "audience: your API's client id", at: jwtVerify9},
	{check: "expiry", name: "exp only where it is there", why: "A token without exp never ends.", fix: "refuse a payload without exp, or set maxAge", at: jwtVerify9},
	{check: "tenant", name: "tid not checked", why: "It knows nothing of tid; compare it with your tenants after verifying.", fix: "compare payload.tid with your tenants", at: jwtVerify9},
	{check: "token-type", name: "kind of token not checked", why: "An ID token passes as well as an access token where the audience fits.", fix: "ask for scp or roles after verifying", at: jwtVerify9},
	{check: "format", part: partTwice, name: "JSON.parse", why: "Of two members of one name it takes the last; another reader may take the first.", fix: "refuse such tokens before verifying", at: jwsDecode},
	{check: "format", part: partBase64, name: "Buffer.from base64", why: "It reads spare bits in the last character: one token has many texts.", fix: "never use the text of a token as its identity", at: jwsDecode},
	{check: "format", part: partRange, name: "exp typeof number", why: "Any number is a date: 1e400 is Infinity, and such a token never ends.", fix: `maxAge: "1d"`, at: jwtVerify9},
	{check: "format", name: "crit and b64 not looked at", why: "It takes headers and JSON that a strict reader refuses.", fix: "refuse headers with crit before verifying", at: jwtVerify9},
}

// keyAlgIgnored is left out by every setup with a list of algorithms.
var keyAlgIgnored = [...]gap{
	{check: "algorithm", name: "alg of the key not looked at", why: "The alg that the key set gives to the key is not compared.", fix: "nothing, as long as algorithms is a list of one", at: jwksRSA},
}

var jsonwebtoken = profile{
	about: Profile{
		ID: "jsonwebtoken", Name: "jsonwebtoken", Setup: `algorithms ["RS256"], issuer, audience`,
		Language: "Node", Version: "9.0.3", Source: jwtVerify9,
	},
	how: mannerNode, rules: jsonwebtokenRules[:], gaps: jsonwebtokenGaps[:], here: keyAlgIgnored[:],
}

var jsonwebtokenHeader9 = profile{
	about: Profile{
		ID: "jsonwebtoken-9-header-alg", Name: "jsonwebtoken", Setup: "alg from the token: algorithms [header.alg], nothing else",
		Language: "Node", Version: "9.0.3", Source: jwtVerify9,
	},
	how: mannerNode, rules: jsonwebtokenRules[:], gaps: jsonwebtokenGaps[:],
	instead: []rule{
		{kind: kindAlgorithm, mode: fromToken, name: "invalid algorithm", why: "The header names no algorithm.", at: jwtVerify9},
		{kind: kindAudience, mode: never},
		{kind: kindIssuer, mode: never},
	},
}

var jsonwebtokenHeader8 = profile{
	about: Profile{
		ID: "jsonwebtoken-8-header-alg", Name: "jsonwebtoken", Setup: "alg from the token: algorithms [header.alg], nothing else",
		Language: "Node", Version: "8.5.1", Source: jwtVerify8,
	},
	how: mannerNode, rules: jsonwebtokenRules[:], gaps: jsonwebtokenGaps[:],
	instead: []rule{
		{kind: kindAlgorithm, mode: fromToken, name: "invalid algorithm", why: "The header names no algorithm.", at: jwtVerify8},
		{kind: kindNoMAC, mode: never},
		{kind: kindFits, mode: orMAC, name: "signatures must be", why: "The key is not one for {found}.", at: jwtVerify8},
		{kind: kindSignature, mode: publicMAC, name: "invalid signature", why: "The signature does not belong to the key and the text.", at: jwtVerify8},
		{kind: kindAudience, mode: never},
		{kind: kindIssuer, mode: never},
	},
}

const passportJWTSource = "mikenicholson/passport-jwt v4.0.1 lib/strategy.js, lib/verify_jwt.js"

var passportJWT = profile{
	about: Profile{
		ID: "passport-jwt", Name: "passport-jwt", Setup: `algorithms ["RS256"], jwks-rsa, issuer, audience`,
		Language: "Node", Version: "4.0.1, jsonwebtoken 9.0.3", Source: passportJWTSource,
	},
	how: mannerNode, rules: jsonwebtokenRules[:], gaps: jsonwebtokenGaps[:], here: keyAlgIgnored[:],
}

var passportJWTAny = profile{
	about: Profile{
		ID: "passport-jwt-any-algorithm", Name: "passport-jwt", Setup: "no algorithms: jwks-rsa, issuer, audience",
		Language: "Node", Version: "4.0.1, jsonwebtoken 9.0.3", Source: passportJWTSource,
	},
	how: mannerNode, rules: jsonwebtokenRules[:], gaps: jsonwebtokenGaps[:],
	here: []gap{
		{check: "algorithm", name: "no list of algorithms", why: "Without algorithms it takes whatever the key can verify: RS and PS of any length.", fix: `algorithms: ["RS256"]`, at: jwtVerify9},
	},
	instead: []rule{
		{kind: kindAlgorithm, mode: fitsKey, name: "invalid algorithm", why: "alg is {found}; for this key it takes RS and PS, or ES.", at: jwtVerify9},
	},
}

// Where the rules of passport-azure-ad are written.
const (
	azureAD    = "AzureAD/passport-azure-ad v4.3.5 lib/jsonWebToken.js"
	azureADKey = "AzureAD/passport-azure-ad v4.3.5 lib/bearerstrategy.js, lib/metadata.js"
)

var azureADRules = [...]rule{
	{kind: kindReadable, name: "Invalid JWT token", why: "A segment is no base64url.", at: jwsDecode},
	{kind: kindHeader, name: "Invalid JWT token", why: "The header does not read as a JSON object.", at: azureADKey},
	{kind: kindKey, mode: thumbprint, name: "not a token we know how to validate", why: "Neither x5t nor kid names a key of the metadata.", at: azureADKey},
	{kind: kindSegments, name: "jwtString is malformed", why: "It wants three segments; this has {found}.", at: azureAD},
	{kind: kindSigned, name: "signature is missing in jwtString", why: "There is no signature.", at: azureAD},
	{kind: kindAlgorithm, mode: declared, name: "invalid algorithm", why: "alg is {found}; the metadata declares {want}.", at: azureAD},
	{kind: kindSignature, name: "invalid signature", why: "The signature does not belong to the key and the text.", at: azureAD},
	{kind: kindType, mode: exactly, name: "invalid iss value in payload", why: "Without typ JWT the claims are not read at all.", at: jwsDecode},
	{kind: kindIssuer, name: "jwt issuer is invalid", why: "iss is {found}, not the issuer of the metadata.", fix: "use the metadata of the token's version; for several tenants list the issuers", at: azureAD},
	{kind: kindAudience, mode: spn, name: "jwt audience is invalid", why: "aud is {found}, neither the client id nor spn: before it.", fix: "audience: every form that tokens may carry", at: azureAD},
	{kind: kindOneAudience, name: "jwt azp is invalid", why: "aud names several, and azp is compared with a setting that is never made.", at: azureAD},
	{kind: kindExpiry, claim: "exp", mode: required, skew: 300, name: "jwt is expired", odd: "invalid exp value in payload", why: "exp is over, or there is none; 300 seconds are allowed.", at: azureAD},
	{kind: kindOrder, edge: true, name: "nbf value in payload is not before", why: "nbf is not before exp.", at: azureAD},
	{kind: kindNotBefore, claim: "nbf", skew: 300, edge: true, name: "jwt is not active", odd: "nbf value in payload is not a number", why: "nbf lies ahead by more than 300 seconds.", at: azureAD},
}

var azureADGaps = [...]gap{
	{check: "algorithm", name: "alg of the key not looked at", why: "It takes what the metadata declares, whatever alg the key names.", fix: "nothing: Entra's keys name no alg", at: azureADKey},
	{check: "key", name: "key in the header ignored", why: "It does not use a key from the header, and does not refuse the token for it.", fix: "refuse headers with jku, x5u, jwk or x5c, and move to jose: this library is retired", at: azureADKey},
	{check: "expiry", part: partSkew, name: "clockSkew 300", why: "It allows 300 seconds after exp unless clockSkew says less.", fix: "clockSkew: 1", at: azureADKey},
	{check: "not-before", name: "clockSkew 300", why: "It allows 300 seconds before nbf unless clockSkew says less.", fix: "clockSkew: 1", at: azureADKey},
	{check: "tenant", name: "tid not checked", why: "It knows nothing of tid; compare it with your tenants after verifying.", fix: "compare token.tid with your tenants", at: azureAD},
	{check: "token-type", name: "kind of token not checked", why: "Without the option scope an ID token passes where the audience fits.", fix: `scope: ["access_as_user"]`, at: azureADKey},
	{check: "format", part: partTwice, name: "JSON.parse", why: "Of two members of one name it takes the last; another reader may take the first.", fix: "refuse such tokens before verifying", at: jwsDecode},
	{check: "format", part: partBase64, name: "Buffer.from base64", why: "It reads spare bits in the last character: one token has many texts.", fix: "never use the text of a token as its identity", at: jwsDecode},
	{check: "format", part: partRange, name: "exp typeof number", why: "Any number is a date: 1e400 is Infinity, and such a token never ends.", fix: "refuse dates beyond reason after verifying", at: azureAD},
	{check: "format", name: "crit and b64 not looked at", why: "It takes headers and JSON that a strict reader refuses.", fix: "refuse headers with crit before verifying", at: azureAD},
}

var passportAzureADListed = profile{
	about: Profile{
		ID: "passport-azure-ad", Name: "passport-azure-ad", Setup: "BearerStrategy: identityMetadata of the tenant, clientID, audience as stated",
		Language: "Node", Version: "4.3.5 (retired)", Source: azureAD,
	},
	how: mannerNode, rules: azureADRules[:], gaps: azureADGaps[:],
	instead: []rule{
		{kind: kindAudience, name: "jwt audience is invalid", why: "aud is {found}, which audience does not name.", at: azureAD},
	},
}

var passportAzureAD = profile{
	about: Profile{
		ID: "passport-azure-ad", Name: "passport-azure-ad", Setup: "BearerStrategy: identityMetadata of the tenant, clientID",
		Language: "Node", Version: "4.3.5 (retired)", Source: azureAD,
	},
	how: mannerNode, rules: azureADRules[:], gaps: azureADGaps[:], listed: &passportAzureADListed,
	here: []gap{
		{check: "audience", name: "spn: before the client id", why: "Where no audience is configured it takes spn: with the client id as well.", fix: "audience: the client id", at: azureADKey},
	},
}
