package claims

const ignoreIt = "Nothing in it is promised; it can change any day."

// internal holds what only the issuer understands, and what joins tokens with logs.
var internal = [...]Entry{
	{Name: "uti", Group: Internal, Meaning: "This token's own number.",
		Detail: "The same as in the sign-in logs (unique token identifier); what other issuers call jti.", Reader: "Anybody who writes a log.",
		Trap: "Log this, never the token.", Example: `"fqiBqXLPj0eQa82S-IYFAA"`, Source: accessRef},
	{Name: "jti", Group: Internal, Meaning: "This token's own number (other issuers).",
		Detail: "Entra writes uti instead.", Reader: "Anybody who writes a log.", Example: `"a1b2c3"`, Source: "RFC 7519 section 4.1.7"},
	{Name: "aio", Group: Internal, Meaning: "A note of Entra to itself.", Detail: "Opaque; for reusing tokens.",
		Reader: byIssuer, Trap: ignoreIt, Example: `"AXQAi/8TAAAA…"`, Source: accessRef},
	{Name: "rh", Group: Internal, Meaning: "A note of Entra to itself.", Detail: "Opaque; for checking tokens again.",
		Reader: byIssuer, Trap: ignoreIt, Example: `"1.AXQA…"`, Source: accessRef},
	{Name: "platf", Group: Internal, Meaning: "The kind of device, as a number.", Detail: "Seen in tokens for Graph.",
		Reader: "Microsoft's own APIs.", Trap: ignoreIt, Example: `"3"`, Source: accessRef},
	{Name: "puid", Group: Internal, Meaning: "An older id of the person.", Detail: "Seen in tokens for Graph.",
		Reader: "Microsoft's own APIs.", Trap: ignoreIt, Example: `"10032000A1B2C3D4"`, Source: accessRef},
	{Name: "ztdid", Group: Internal, Meaning: "A device's number for automatic set-up.", Detail: "An optional claim of ID tokens.",
		Reader: "Microsoft's own APIs.", Example: `"…"`, Source: optionalRef},
	{Name: "xms_tcdt", Group: Internal, Meaning: "When the tenant was created.", Detail: "Observed: seconds since 1970.",
		Reader: byIssuer, Trap: ignoreIt, Example: `1502140000`, Source: accessRef},
	{Name: "xms_tdbr", Group: Internal, Meaning: "The boundary of the tenant's data.", Detail: "Observed: EU, for example.",
		Reader: byIssuer, Trap: ignoreIt, Example: `"EU"`, Source: accessRef},
	{Name: "xms_ftd", Group: Internal, Meaning: "A note of Entra to itself.", Detail: "Opaque.", Reader: byIssuer, Trap: ignoreIt, Example: `"…"`, Source: accessRef},
	{Name: "xms_rd", Group: Internal, Meaning: "A note of Entra to itself.", Detail: "Opaque.", Reader: byIssuer, Trap: ignoreIt, Example: `"…"`, Source: accessRef},
	{Name: "xms_acd", Group: Internal, Meaning: "A note of Entra to itself.", Detail: "Opaque.", Reader: byIssuer, Trap: ignoreIt, Example: `"…"`, Source: accessRef},
	{Name: "xms_pftexp", Group: Internal, Meaning: "A note of Entra to itself.", Detail: "Opaque.", Reader: byIssuer, Trap: ignoreIt, Example: `1772370600`, Source: accessRef},
	{Name: "xms_spcu", Group: Internal, Meaning: "A note of Entra to itself.", Detail: "Opaque.", Reader: byIssuer, Trap: ignoreIt, Example: `"true"`, Source: accessRef},
	{Name: "xms_idrel", Group: Internal, Meaning: "How the caller relates to the tenant, in numbers.",
		Detail: "Observed: 7 28 for applications, 1 12 or 7 10 for people.", Reader: byIssuer, Trap: ignoreIt, Example: `"1 12"`, Source: accessRef},
	{Name: "xms_st", Group: Internal, Meaning: "The person's sub at the client before.",
		Detail: "Observed after on-behalf-of and in Microsoft's own clients.", Reader: byIssuer, Trap: ignoreIt, Example: `{"sub":"…"}`, Source: accessRef},
	{Name: "xms_ficinfo", Group: Internal, Meaning: "Which federated credential was used.",
		Detail: "Observed where the client came with a federated credential.", Reader: byIssuer, Trap: ignoreIt, Example: `"…"`, Source: accessRef},
}
