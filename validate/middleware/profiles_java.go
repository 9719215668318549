package middleware

// Where the rules of Spring Security are written, and those of Nimbus below it.
const (
	springDecode = "spring-projects/spring-security 7.2.0-M1 oauth2-jose NimbusJwtDecoder.java"
	springAlg    = "spring-projects/spring-security 7.2.0-M1 oauth2-jose JwtDecoderProviderConfigurationUtils.java"
	springRules  = "spring-projects/spring-security 7.2.0-M1 oauth2-jose JwtValidators.java"
	springTime   = "spring-projects/spring-security 7.2.0-M1 oauth2-jose JwtTimestampValidator.java"
	springType   = "spring-projects/spring-security 7.2.0-M1 oauth2-jose JwtTypeValidator.java"
	springIssuer = "spring-projects/spring-security 7.2.0-M1 oauth2-jose JwtIssuerValidator.java"
	springBoot   = "spring-projects/spring-boot 4.2.0-M1 resource-server JwtDecoderConfiguration.java"
	nimbus       = "connect2id/nimbus-jose-jwt DefaultJWTProcessor.java"
	nimbusJSON   = "connect2id/nimbus-jose-jwt (2026-03-01) JSONObjectUtils.java"
	nimbusBase64 = "connect2id/nimbus-jose-jwt Base64Codec.java"
	nimbusVerify = "connect2id/nimbus-jose-jwt RSASSAVerifier.java, CriticalHeaderParamsDeferral.java"
	nimbusKeys   = "connect2id/nimbus-jose-jwt JWKMatcher.java"
)

var springSecurityRules = [...]rule{
	{kind: kindSegments, name: "Malformed token", why: "It wants three segments; this has {found}.", at: nimbus},
	{kind: kindHeader, name: "Malformed token", why: "The header is no JSON object, or has a member twice.", at: nimbusJSON},
	{kind: kindNotNone, name: "Unsupported algorithm of none", why: "The token is not signed.", at: springDecode},
	{kind: kindB64, name: "Malformed payload", why: "b64 is false: then the segment itself is the payload, and no JSON.", at: nimbus},
	{kind: kindClaims, name: "Malformed payload", why: "The claims are no JSON object, or have a member twice.", at: nimbusJSON},
	{kind: kindNumber, claim: "exp", name: "Malformed payload", why: "exp is no number.", at: nimbusJSON},
	{kind: kindNumber, claim: "nbf", name: "Malformed payload", why: "nbf is no number.", at: nimbusJSON},
	{kind: kindNumber, claim: "iat", name: "Malformed payload", why: "iat is no number.", at: nimbusJSON},
	{kind: kindText, claim: "iss", name: "Malformed payload", why: "iss is no string.", at: nimbusJSON},
	{kind: kindText, claim: "sub", name: "Malformed payload", why: "sub is no string.", at: nimbusJSON},
	{kind: kindAlgorithm, mode: fitsKey, name: "no matching key(s) found", why: "alg is {found}; the keys of the issuer stand for RS and PS, or ES.", at: springAlg},
	{kind: kindKey, mode: anyKey, name: "no matching key(s) found", why: "The key set has no key for it.", at: nimbusKeys},
	{kind: kindFits, name: "no matching key(s) found", why: "The key is not one for {found}.", at: nimbusKeys},
	{kind: kindCrit, name: "Invalid signature", why: "crit names an extension that it does not know.", at: nimbusVerify},
	{kind: kindSignature, name: "Invalid signature", why: "The signature does not belong to the key and the text.", at: nimbus},
	{kind: kindType, name: "the given typ value needs to be", why: "typ is {found}; only JWT, or none, is taken.", fix: "a JwtTypeValidator for at+jwt, if the issuer writes it", at: springType},
	{kind: kindExpiry, claim: "exp", skew: 60, edge: true, name: "Jwt expired at", why: "exp is over by more than 60 seconds.", fix: "new JwtTimestampValidator(Duration.ofMinutes(5))", at: springTime},
	{kind: kindNotBefore, claim: "nbf", skew: 60, name: "Jwt used before", why: "nbf lies ahead by more than 60 seconds.", fix: "new JwtTimestampValidator(Duration.ofMinutes(5))", at: springTime},
	{kind: kindIssuer, name: "The iss claim is not valid", why: "iss is {found}, not the text of issuer-uri.", fix: "JwtIssuerAuthenticationManagerResolver for several issuers", at: springIssuer},
	{kind: kindAudience, mode: wholly, name: "The aud claim is not valid", why: "aud is {found}, which audiences does not name.", fix: "name every form in spring.security.oauth2.resourceserver.jwt.audiences", at: springBoot},
}

var springSecurityGaps = [...]gap{
	{check: "algorithm", name: "algorithms from the key set", why: "With issuer-uri every algorithm that the keys can verify is trusted: Entra's name no alg.", fix: "jwk-set-uri, where jws-algorithms is RS256, beside issuer-uri", at: springAlg},
	{check: "key", name: "key in the header ignored", why: "It uses no key from the header, and without kid it tries every key.", fix: "refuse headers with jku, x5u, jwk or x5c", at: nimbusKeys},
	{check: "signature", name: "key below 2048 bits", why: "The size of a key is not looked at.", fix: "refuse tokens of keys below 2048 bits", at: nimbusVerify},
	{check: "audience", name: "audience not checked by default", why: "Without audiences a token for any other API passes.", fix: springSettingText, at: springBoot},
	{check: "expiry", name: "exp only where it is there", why: "A token without exp never ends.", fix: "JwtTimestampValidator.setAllowEmptyExpiryClaim(false)", at: springTime},
	{check: "expiry", part: partSkew, name: "60 seconds of clock skew", why: "It allows 60 seconds after exp.", fix: "new JwtTimestampValidator(Duration.ZERO)", at: springTime},
	{check: "not-before", name: "60 seconds of clock skew", why: "It allows 60 seconds before nbf.", fix: "new JwtTimestampValidator(Duration.ZERO)", at: springTime},
	{check: "format", part: partDate, name: "null counts as absent", why: "A date that is null counts as none, and a token without exp never ends.", fix: "JwtTimestampValidator.setAllowEmptyExpiryClaim(false)", at: nimbusJSON},
	{check: "format", part: partRange, name: "any number", why: "Any number is a date, however far: such a token never ends.", fix: "a validator that refuses dates beyond reason", at: nimbusJSON},
	{check: "tenant", name: "tid not checked", why: "It compares iss and knows nothing of tid.", fix: "add a JwtClaimValidator for tid", at: springRules},
	{check: "token-type", name: "kind of token not checked", why: "An ID token passes as well as an access token.", fix: "require an authority SCOPE_… on every route", at: springRules},
	{check: "format", part: partBase64, name: "Base64Codec", why: "It skips foreign characters and spare bits: one token has many texts.", fix: "never use the text of a token as its identity", at: nimbusBase64},
	{check: "format", name: "Gson", why: "It takes names that differ in case alone, and any size.", fix: "refuse such tokens in a filter before", at: nimbusJSON},
}

const springSettingText = "spring.security.oauth2.resourceserver.jwt.audiences=<client id of the API>"

var springNoAudience = profile{
	about: Profile{
		ID: "spring-security-no-audiences", Name: "Spring Security", Setup: "no audiences: oauth2ResourceServer, issuer-uri",
		Language: "Java", Version: "7.2.0-M1, Boot 4.2.0-M1", Source: springRules,
	},
	how: mannerJava, rules: springSecurityRules[:], gaps: springSecurityGaps[:],
	instead: []rule{{kind: kindAudience, mode: never}},
}

var springAudience = profile{
	about: Profile{
		ID: "spring-security", Name: "Spring Security", Setup: "audiences, issuer-uri: oauth2ResourceServer",
		Language: "Java", Version: "7.2.0-M1, Boot 4.2.0-M1", Source: springBoot,
	},
	how: mannerJava, rules: springSecurityRules[:], gaps: springSecurityGaps[:],
}
