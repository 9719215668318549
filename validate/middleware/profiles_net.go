package middleware

// Where the rules of Microsoft.IdentityModel are written, which both middlewares use.
const (
	netRead     = "AzureAD/azure-activedirectory-identitymodel-extensions-for-dotnet 8.2.0 JsonWebToken.cs"
	netClaims   = "AzureAD/azure-activedirectory-identitymodel-extensions-for-dotnet 8.2.0 JsonWebToken.PayloadClaimSet.cs"
	netVerify   = "AzureAD/azure-activedirectory-identitymodel-extensions-for-dotnet 8.2.0 JsonWebTokenHandler.ValidateToken.cs"
	netRules    = "AzureAD/azure-activedirectory-identitymodel-extensions-for-dotnet 8.2.0 Validators.cs"
	netLifetime = "AzureAD/azure-activedirectory-identitymodel-extensions-for-dotnet 8.2.0 ValidatorUtilities.cs"
	netIssuer   = "AzureAD/azure-activedirectory-identitymodel-extensions-for-dotnet 8.2.0 AadIssuerValidator.cs"
	netKey      = "AzureAD/azure-activedirectory-identitymodel-extensions-for-dotnet 8.2.0 AadTokenValidationParametersExtension.cs"
	netSize     = "AzureAD/azure-activedirectory-identitymodel-extensions-for-dotnet 8.2.0 AsymmetricSignatureProvider.cs"
	idwAudience = "AzureAD/microsoft-identity-web 4.14.2 Resource/RegisterValidAudience.cs"
	idwSetup    = "AzureAD/microsoft-identity-web 4.14.2 MicrosoftIdentityWebApiAuthenticationBuilderExtensions.cs"
	aspnet      = "dotnet/aspnetcore JwtBearer/src/JwtBearerPostConfigureOptions.cs, JwtBearerHandler.cs"
)

var identityWebRules = [...]rule{
	{kind: kindSegments, name: "IDX14100, IDX14120 or IDX14121", why: "It wants three segments; this has {found}.", at: netRead},
	{kind: kindHeader, name: "IDX14102", why: "The header does not read as a JSON object.", at: netRead},
	{kind: kindClaims, name: "IDX14101", why: "The claims do not read as a JSON object.", at: netRead},
	{kind: kindNumber, claim: "exp", name: "IDX14101", why: "exp is no number.", at: netClaims},
	{kind: kindNumber, claim: "nbf", name: "IDX14101", why: "nbf is no number.", at: netClaims},
	{kind: kindNumber, claim: "iat", name: "IDX14101", why: "iat is no number.", at: netClaims},
	{kind: kindText, claim: "iss", name: "IDX14101", why: "iss is no string.", at: netClaims},
	{kind: kindSigned, name: "IDX10504", why: "There is no signature, and RequireSignedTokens is true.", at: netVerify},
	{kind: kindKey, mode: everyKey, name: "IDX10503 or IDX10517", why: "None of the issuer's keys verifies it; it tries them all.", at: netVerify},
	{kind: kindAlgorithm, mode: fitsKey, name: "IDX10511", why: "No key of the issuer verifies {found}.", at: netVerify},
	{kind: kindFits, mode: typeOnly, name: "IDX10511", why: "The key is not one for {found}.", at: netVerify},
	{kind: kindKeySize, skew: 1024, name: "IDX10631", why: "An RSA key below 1024 bits verifies nothing.", at: netSize},
	{kind: kindSignature, name: "IDX10511", why: "The signature does not belong to the key and the text.", at: netVerify},
	{kind: kindOneTenant, name: "IDX40011", why: "tid stands there in more than one spelling.", at: netKey},
	{kind: kindKeyIssuer, name: "IDX40005 (or 40004, 40009)", why: "The key is published for another issuer than the token's.", at: netKey},
	{kind: kindPresent, claim: "exp", name: "IDX10225", why: "There is no exp, and RequireExpirationTime is true.", at: netLifetime},
	{kind: kindOrder, name: "IDX10224", why: "nbf is later than exp.", at: netLifetime},
	{kind: kindNotBefore, claim: "nbf", skew: 300, name: "IDX10222", why: "nbf lies ahead by more than ClockSkew, 5 minutes.", at: netLifetime},
	{kind: kindExpiry, claim: "exp", skew: 300, edge: true, name: "IDX10223", why: "exp is over by more than ClockSkew, 5 minutes.", at: netLifetime},
	{kind: kindAudience, mode: entra, slash: true, name: "IDX10214 (or 10206, 10208)", why: "aud is {found}; for its ver it wants {want}.", fix: "TokenValidationParameters.ValidAudiences: every form that tokens may carry", at: idwAudience},
	{kind: kindIssuer, mode: entra, name: "IDX40001 (or 40003)", why: "iss is {found}, neither the v1.0 nor the v2.0 issuer.", at: netIssuer},
	{kind: kindScopeOrRoles, name: "IDW10201", strict: true, why: "Neither scp nor roles: the token grants nothing here.", fix: "a scope or an app role for the caller; AllowWebApiToBeAuthorizedByACL only where a list of azp is the rule on purpose", at: idwSetup},
}

var identityWebGaps = [...]gap{
	{check: "algorithm", name: "ValidAlgorithms not set", why: "It takes whatever the key can verify: RS and PS of any length.", fix: `TokenValidationParameters.ValidAlgorithms = ["RS256"]`, at: netVerify},
	{check: "key", name: "key in the header ignored", why: "It uses no key from the header, needs no kid, and tries every key of the issuer.", fix: "TryAllIssuerSigningKeys = false; refuse jku, jwk and x5c", at: netVerify},
	{check: "signature", name: "key below 2048 bits", why: "RSA keys from 1024 bits on may verify.", fix: "refuse tokens of keys below 2048 bits", at: netSize},
	{check: "issuer", name: "both issuers of the tenant", why: "It takes v1.0 and v2.0 issuers of the tenant alike.", fix: "TokenValidationParameters.IssuerValidator for one version alone", at: netIssuer},
	{check: "audience", name: "audience by ver", why: "It takes the client id or api:// before it, by the token's own ver, and a slash more.", fix: "TokenValidationParameters.ValidAudiences", at: idwAudience},
	{check: "expiry", name: "ClockSkew 5 minutes", why: "It allows 5 minutes after exp unless ClockSkew says less.", fix: "TokenValidationParameters.ClockSkew = TimeSpan.Zero", at: netLifetime},
	{check: "not-before", name: "ClockSkew 5 minutes", why: "It allows 5 minutes before nbf unless ClockSkew says less.", fix: "TokenValidationParameters.ClockSkew = TimeSpan.Zero", at: netLifetime},
	{check: "tenant", name: "no list of tenants", why: "With several tenants it takes any: the issuer follows the token's own tid.", fix: "compare tid with your tenants in OnTokenValidated", at: netIssuer},
	{check: "token-type", name: "kind of token not checked", why: "Whatever has scp or roles passes, whoever it speaks for.", fix: "RequiredScope or RequiredScopeOrAppPermission on the route", at: idwSetup},
	{check: "format", part: partTwice, name: "JsonWebToken payload", why: "Of two members of one name it takes the last; another reader may take the first.", fix: "refuse such tokens in OnMessageReceived", at: netClaims},
	{check: "format", part: partBase64, name: "Base64UrlEncoder", why: "It reads both alphabets, padding and spare bits: one token has many texts.", fix: "never use the text of a token as its identity", at: netRead},
	{check: "format", part: partDate, name: "exp as text", why: "A string that reads as a number is a date to it.", fix: "refuse such tokens in OnTokenValidated", at: netClaims},
	{check: "format", part: partRange, name: "any number of 64 bits", why: "Any number of 64 bits is a date, however far: such a token never ends.", fix: "refuse dates beyond reason in OnTokenValidated", at: netClaims},
	{check: "format", name: "crit and b64 not looked at", why: "It takes headers and JSON that a strict reader refuses.", fix: "refuse headers with crit in OnTokenValidated", at: netVerify},
}

var identityWebListed = profile{
	about: Profile{
		ID: "microsoft-identity-web", Name: "Microsoft.Identity.Web", Setup: "AddMicrosoftIdentityWebApi: TenantId, ClientId, ValidAudiences as stated",
		Language: ".NET", Version: "4.14.2, IdentityModel 8.2.0", Source: idwSetup,
	},
	how: mannerNET, rules: identityWebRules[:], gaps: identityWebGaps[:],
	instead: []rule{
		{kind: kindAudience, slash: true, name: "IDX10214 (or 10206)", why: "aud is {found}, which ValidAudiences does not name.", at: idwAudience},
	},
	here: []gap{
		{check: "audience", name: "slash at the end ignored", why: "IgnoreTrailingSlashWhenValidatingAudience is true.", fix: "IgnoreTrailingSlashWhenValidatingAudience = false", at: netRules},
	},
}

var identityWeb = profile{
	about: Profile{
		ID: "microsoft-identity-web", Name: "Microsoft.Identity.Web", Setup: "AddMicrosoftIdentityWebApi: TenantId, ClientId",
		Language: ".NET", Version: "4.14.2, IdentityModel 8.2.0", Source: idwSetup,
	},
	how: mannerNET, rules: identityWebRules[:], gaps: identityWebGaps[:], listed: &identityWebListed,
}

var jwtBearer = profile{
	about: Profile{
		ID: "aspnet-jwtbearer", Name: "JwtBearer", Setup: "AddJwtBearer: Authority, Audience",
		Language: ".NET", Version: "ASP.NET Core, IdentityModel 8.2.0", Source: aspnet,
	},
	how: mannerNET, rules: identityWebRules[:], gaps: jwtBearerGaps[:],
	instead: []rule{
		{kind: kindOneTenant, mode: never},
		{kind: kindKeyIssuer, mode: never},
		{kind: kindAudience, slash: true, name: "IDX10214 (or 10206)", why: "aud is {found}, which Audience does not name.", fix: "TokenValidationParameters.ValidAudiences: every form that tokens may carry", at: netRules},
		{kind: kindIssuer, name: "IDX10205 (or 10211)", why: "iss is {found}, not the issuer of the metadata.", fix: "TokenValidationParameters.ValidIssuers, or AadIssuerValidator for several tenants", at: netRules},
		{kind: kindScopeOrRoles, mode: never},
	},
}

var jwtBearerGaps = [...]gap{
	{check: "algorithm", name: "ValidAlgorithms not set", why: "It takes whatever the key can verify: RS and PS of any length.", fix: `TokenValidationParameters.ValidAlgorithms = ["RS256"]`, at: netVerify},
	{check: "key", name: "key in the header ignored", why: "It uses no key from the header, needs no kid, and does not compare the key's own issuer.", fix: "EnableAadSigningKeyIssuerValidation()", at: netKey},
	{check: "signature", name: "key below 2048 bits", why: "RSA keys from 1024 bits on may verify.", fix: "refuse tokens of keys below 2048 bits", at: netSize},
	{check: "audience", name: "slash at the end ignored", why: "IgnoreTrailingSlashWhenValidatingAudience is true.", fix: "IgnoreTrailingSlashWhenValidatingAudience = false", at: netRules},
	{check: "expiry", name: "ClockSkew 5 minutes", why: "It allows 5 minutes after exp unless ClockSkew says less.", fix: "TokenValidationParameters.ClockSkew = TimeSpan.Zero", at: netLifetime},
	{check: "not-before", name: "ClockSkew 5 minutes", why: "It allows 5 minutes before nbf unless ClockSkew says less.", fix: "TokenValidationParameters.ClockSkew = TimeSpan.Zero", at: netLifetime},
	{check: "tenant", name: "tid not checked", why: "It compares iss and knows nothing of tid.", fix: "compare tid with your tenants in OnTokenValidated", at: netRules},
	{check: "token-type", name: "kind of token not checked", why: "An ID token passes as well as an access token where the audience fits.", fix: "require the claim scp or roles in a policy", at: netRules},
	{check: "format", part: partTwice, name: "JsonWebToken payload", why: "Of two members of one name it takes the last; another reader may take the first.", fix: "refuse such tokens in OnMessageReceived", at: netClaims},
	{check: "format", part: partBase64, name: "Base64UrlEncoder", why: "It reads both alphabets, padding and spare bits: one token has many texts.", fix: "never use the text of a token as its identity", at: netRead},
	{check: "format", part: partDate, name: "exp as text", why: "A string that reads as a number is a date to it.", fix: "refuse such tokens in OnTokenValidated", at: netClaims},
	{check: "format", part: partRange, name: "any number of 64 bits", why: "Any number of 64 bits is a date, however far: such a token never ends.", fix: "refuse dates beyond reason in OnTokenValidated", at: netClaims},
	{check: "format", name: "crit and b64 not looked at", why: "It takes headers and JSON that a strict reader refuses.", fix: "refuse headers with crit in OnTokenValidated", at: netVerify},
}
