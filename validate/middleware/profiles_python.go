package middleware

// Where the rules of PyJWT are written.
const (
	pyjwtLoad   = "jpadilla/pyjwt 2.12.1 jwt/api_jws.py"
	pyjwtClaims = "jpadilla/pyjwt 2.12.1 jwt/api_jwt.py"
	pyjwtKeys   = "jpadilla/pyjwt 2.12.1 jwt/jwks_client.py"
	pyjwtKey    = "jpadilla/pyjwt 2.12.1 jwt/api_jwk.py"
)

var pyjwtRules = [...]rule{
	{kind: kindSegments, mode: atLeast, name: "DecodeError: Not enough segments", why: "It wants three segments; this has {found}.", at: pyjwtLoad},
	{kind: kindHeader, name: "DecodeError: Invalid header", why: "The header does not read as a JSON object.", at: pyjwtLoad},
	{kind: kindReadable, name: "DecodeError: Invalid padding", why: "The claims or the signature are no base64.", at: pyjwtLoad},
	{kind: kindKeyIDText, name: "InvalidTokenError", why: "kid is no string.", at: pyjwtLoad},
	{kind: kindCrit, name: "InvalidTokenError: Unsupported critical", why: "crit names an extension that it does not know.", at: pyjwtLoad},
	{kind: kindB64, name: "DecodeError: detached_payload", why: "b64 is false, and no detached_payload is given.", at: pyjwtLoad},
	{kind: kindClaims, name: "DecodeError: Invalid payload string", why: "The claims do not read as a JSON object.", at: pyjwtClaims},
	{kind: kindKey, name: "PyJWKClientError", why: "The key set has no signing key of this kid.", at: pyjwtKeys},
	{kind: kindAlgorithm, name: "InvalidAlgorithmError", why: "alg is {found}; algorithms allows {want}.", fix: "algorithms: name each algorithm that the issuer declares", at: pyjwtLoad},
	{kind: kindSignature, mode: keyAlg, name: "InvalidSignatureError", why: "The signature does not belong to the key, by the key's own algorithm.", at: pyjwtKey},
	{kind: kindIssuedAt, claim: "iat", name: "ImmatureSignatureError (iat)", odd: "int(iat): the value is no integer", why: "iat lies ahead, and leeway is 0.", fix: "leeway=300", at: pyjwtClaims},
	{kind: kindNotBefore, claim: "nbf", name: "ImmatureSignatureError (nbf)", odd: "int(nbf): the value is no integer", why: "nbf lies ahead, and leeway is 0.", fix: "leeway=300", at: pyjwtClaims},
	{kind: kindExpiry, claim: "exp", name: "ExpiredSignatureError", odd: "int(exp): the value is no integer", why: "exp is over, and leeway is 0.", fix: "leeway=300", at: pyjwtClaims},
	{kind: kindPresent, claim: "iss", name: "MissingRequiredClaimError (iss)", why: "issuer is given, and the token has no iss.", at: pyjwtClaims},
	{kind: kindIssuer, name: "InvalidIssuerError", why: "iss is {found}, not the text given as issuer.", fix: "issuer=[…] lists exact values; {tenantid} is not filled in", at: pyjwtClaims},
	{kind: kindPresent, claim: "aud", name: "MissingRequiredClaimError (aud)", why: "audience is given, and the token has no aud.", at: pyjwtClaims},
	{kind: kindAudience, mode: wholly, name: "InvalidAudienceError", why: "aud is {found}, which audience does not name.", at: pyjwtClaims},
	{kind: kindText, claim: "sub", name: "InvalidSubjectError", why: "sub is no string.", at: pyjwtClaims},
	{kind: kindText, claim: "jti", name: "InvalidJTIError", why: "jti is no string.", at: pyjwtClaims},
}

var pyjwtGaps = [...]gap{
	{check: "algorithm", name: "the key's own algorithm", why: "The signature is verified by the algorithm of the key, whatever alg says.", fix: `algorithms=["RS256"]`, at: pyjwtKey},
	{check: "signature", name: "the key's own algorithm", why: "The signature is verified by the algorithm of the key, whatever alg says.", fix: `algorithms=["RS256"]`, at: pyjwtKey},
	{check: "key", name: "key in the header ignored", why: "It does not use a key from the header, and does not refuse the token for it.", fix: "refuse headers with jku, x5u, jwk or x5c before verifying", at: pyjwtKeys},
	{check: "issuer", name: "verify_iss without issuer", why: "verify_iss is true and checks nothing without issuer: any tenant's token passes.", fix: "issuer=the exact iss of your tenant", at: pyjwtClaims},
	{check: "expiry", name: "exp only where it is there", why: "A token without exp never ends.", fix: `options={"require": ["exp"]}`, at: pyjwtClaims},
	{check: "tenant", name: "tid not checked", why: "It knows nothing of tid; compare it with your tenants after verifying.", fix: "compare claims[\"tid\"] with your tenants", at: pyjwtClaims},
	{check: "token-type", name: "kind of token not checked", why: "An ID token passes as well as an access token where the audience fits.", fix: "ask for scp or roles after verifying", at: pyjwtClaims},
	{check: "format", part: partTwice, name: "json.loads", why: "Of two members of one name it takes the last; another reader may take the first.", fix: "refuse such tokens before verifying", at: pyjwtClaims},
	{check: "format", part: partBase64, name: "urlsafe_b64decode", why: "It reads padding, foreign characters and spare bits: one token has many texts.", fix: "never use the text of a token as its identity", at: pyjwtLoad},
	{check: "format", part: partDate, name: "int(exp)", why: "Whatever int() makes a number of is a date: text of digits, too.", fix: "refuse dates that are no numbers after verifying", at: pyjwtClaims},
	{check: "format", part: partRange, name: "int(exp)", why: "Any whole number is a date, however far: such a token never ends.", fix: "refuse dates beyond reason after verifying", at: pyjwtClaims},
	{check: "format", name: "json.loads", why: "It takes JSON that a strict reader refuses.", fix: "refuse such tokens before verifying", at: pyjwtLoad},
}

var pyjwt = profile{
	about: Profile{
		ID: "pyjwt", Name: "PyJWT", Setup: `issuer, audience, algorithms ["RS256"], PyJWKClient`,
		Language: "Python", Version: "2.12.1", Source: pyjwtClaims,
	},
	how: mannerPyJWT, rules: pyjwtRules[:], gaps: pyjwtGaps[:],
}

var pyjwtNoIssuer = profile{
	about: Profile{
		ID: "pyjwt-no-issuer", Name: "PyJWT", Setup: `no issuer: audience, algorithms ["RS256"], PyJWKClient`,
		Language: "Python", Version: "2.12.1", Source: pyjwtClaims,
	},
	how: mannerPyJWT, rules: pyjwtRules[:], gaps: pyjwtGaps[:],
	instead: []rule{{kind: kindPresent, claim: "iss", mode: never}, {kind: kindIssuer, mode: never}},
}

// Where the rules of python-jose are written.
const (
	pyJoseLoad   = "mpdavis/python-jose 3.5.0 jose/jws.py"
	pyJoseClaims = "mpdavis/python-jose 3.5.0 jose/jwt.py"
	pyJoseKey    = "mpdavis/python-jose 3.5.0 jose/jwk.py, jose/backends/cryptography_backend.py"
)

var pythonJoseRules = [...]rule{
	{kind: kindSegments, mode: atLeast, name: "JWTError: Error decoding token headers", why: "It wants three segments; this has {found}.", at: pyJoseLoad},
	{kind: kindHeader, name: "JWTError: Error decoding token headers", why: "The header does not read as a JSON object.", at: pyJoseLoad},
	{kind: kindReadable, name: "JWTError: Error decoding token headers", why: "The claims or the signature are no base64.", at: pyJoseLoad},
	{kind: kindKey, mode: anyUse, name: "KeyError, or no key found", why: "No key of the set has this kid, by which the code picks one.", at: pyJoseLoad},
	{kind: kindAlgorithm, name: "JWTError: The specified alg value", why: "alg is {found}; algorithms allows {want}.", fix: "algorithms: name each algorithm that the issuer declares", at: pyJoseLoad},
	{kind: kindNoPSS, name: "JWKError: Unable to find an algorithm", why: "It knows RS and ES, and no {found}.", at: pyJoseKey},
	{kind: kindFits, mode: kindOnly, name: "JWKError", why: "A JWK of another type is no key for {found}.", at: pyJoseKey},
	{kind: kindSignature, name: "JWTError: Signature verification failed", why: "The signature does not belong to the key and the text.", at: pyJoseLoad},
	{kind: kindClaims, name: "JWTError: Invalid payload string", why: "The claims do not read as a JSON object.", at: pyJoseClaims},
	{kind: kindNumber, claim: "iat", name: "JWTClaimsError: iat must be an integer", odd: "int(iat): the value is no integer", why: "int() makes no number of iat.", at: pyJoseClaims},
	{kind: kindNotBefore, claim: "nbf", name: "JWTClaimsError (nbf)", odd: "int(nbf): the value is no integer", why: "nbf lies ahead, and leeway is 0.", fix: `options={"leeway": 300}`, at: pyJoseClaims},
	{kind: kindExpiry, claim: "exp", edge: true, name: "ExpiredSignatureError", odd: "int(exp): the value is no integer", why: "exp is over, and leeway is 0.", fix: `options={"leeway": 300}`, at: pyJoseClaims},
	{kind: kindAudience, mode: firstOnly, name: "JWTClaimsError: Invalid audience", why: "aud is {found}; audience is one string, here {want}.", fix: "audience: the form that the tokens carry; only one can be given", at: pyJoseClaims},
	{kind: kindIssuer, name: "JWTClaimsError: Invalid issuer", why: "iss is {found}, not the text given as issuer.", fix: "issuer=(…) lists exact values; {tenantid} is not filled in", at: pyJoseClaims},
	{kind: kindText, claim: "sub", name: "JWTClaimsError: Subject", why: "sub is no string.", at: pyJoseClaims},
	{kind: kindText, claim: "jti", name: "JWTClaimsError: JWT ID", why: "jti is no string.", at: pyJoseClaims},
	{kind: kindNoHash, claim: "at_hash", name: "JWTClaimsError: No access_token provided", why: "The token has an at_hash, and no access_token is given to compare.", fix: "access_token: the access token whose hash it is; a token for an API has none", at: pyJoseClaims},
}

var pythonJoseGaps = [...]gap{
	{check: "algorithm", name: "algorithms=[header[\"alg\"]]", why: "The token chooses: whatever it names is allowed.", fix: `algorithms=["RS256"]`, at: pyJoseLoad},
	{check: "key", name: "key in the header ignored", why: "It does not use a key from the header, and does not refuse the token for it.", fix: "refuse headers with jku, x5u, jwk or x5c before verifying", at: pyJoseLoad},
	{check: "audience", name: "aud only where it is there", why: "A token without aud passes although audience is given.", fix: `options={"require_aud": True}`, at: pyJoseClaims},
	{check: "expiry", part: partSkew, name: "exp < now", why: "In the very second of exp the token still passes.", fix: "nothing: it is one second", at: pyJoseClaims},
	{check: "expiry", name: "exp only where it is there", why: "A token without exp never ends.", fix: `options={"require_exp": True}`, at: pyJoseClaims},
	{check: "tenant", name: "tid not checked", why: "It knows nothing of tid; compare it with your tenants after verifying.", fix: "compare claims[\"tid\"] with your tenants", at: pyJoseClaims},
	{check: "token-type", name: "kind of token not checked", why: "An ID token passes as well as an access token where the audience fits.", fix: "ask for scp or roles after verifying", at: pyJoseClaims},
	{check: "format", part: partTwice, name: "json.loads", why: "Of two members of one name it takes the last; another reader may take the first.", fix: "refuse such tokens before verifying", at: pyJoseClaims},
	{check: "format", part: partBase64, name: "urlsafe_b64decode", why: "It reads padding, foreign characters and spare bits: one token has many texts.", fix: "never use the text of a token as its identity", at: pyJoseLoad},
	{check: "format", part: partDate, name: "int(exp)", why: "Whatever int() makes a number of is a date: text of digits, too.", fix: "refuse dates that are no numbers after verifying", at: pyJoseClaims},
	{check: "format", part: partRange, name: "int(exp)", why: "Any whole number is a date, however far: such a token never ends.", fix: "refuse dates beyond reason after verifying", at: pyJoseClaims},
	{check: "format", name: "crit and b64 not looked at", why: "It takes headers and JSON that a strict reader refuses.", fix: "refuse headers with crit before verifying", at: pyJoseLoad},
}

var pythonJose = profile{
	about: Profile{
		ID: "python-jose", Name: "python-jose", Setup: `algorithms ["RS256"], audience, issuer, JWK by kid`,
		Language: "Python", Version: "3.5.0", Source: pyJoseClaims,
	},
	how: mannerPython, rules: pythonJoseRules[:], gaps: pythonJoseGaps[:],
	here: []gap{
		{check: "algorithm", name: "alg and curve of the key", why: "Neither the alg nor the curve of the key is compared with the token's alg.", fix: "nothing, as long as algorithms is a list of one", at: pyJoseKey},
	},
}

var pythonJoseHeader = profile{
	about: Profile{
		ID: "python-jose-header-alg", Name: "python-jose", Setup: "alg from the token: algorithms [header alg], audience, issuer, JWK by kid",
		Language: "Python", Version: "3.5.0", Source: pyJoseClaims,
	},
	how: mannerPython, rules: pythonJoseRules[:], gaps: pythonJoseGaps[:],
	instead: []rule{
		{kind: kindAlgorithm, mode: fromToken, name: "JWTError: No algorithm was specified", why: "The header names no algorithm.", at: pyJoseLoad},
	},
}
