package validatetest

import (
	"crypto/sha256"
	"strings"

	"flowscope/validate"
)

// encrypted is a compact JWE that nobody has to open (RFC 7516 section 7.1).
func encrypted(header string) string {
	return b64([]byte(header)) + "." + b64([]byte("an encrypted key")) + "." + b64([]byte("twelve bytes")) + "." +
		b64([]byte("cipher text that nobody reads")) + "." + b64([]byte("sixteen bytes...."[:16]))
}

// graph is a token for Microsoft Graph: its header nonce is hashed before it is signed.
func graph(nonce, body string) string {
	sum := sha256.Sum256([]byte(nonce))
	signed := Sign(Header("nonce", quote(b64(sum[:]))), body)
	sent := b64([]byte(Header("nonce", quote(nonce)))) + "." + b64([]byte(body))
	return sent + signed[strings.LastIndexByte(signed, '.'):]
}

// kinds are tokens to be recognised, most of them nothing that can be verified.
func kinds() []Case {
	want := WantUser()
	rest := validate.IDs()
	opaque := func(name, token string, kind validate.Kind, lesson string) Case {
		return Case{Name: name, Token: token, Want: want, Kind: kind, Verdict: validate.Unverified, NotRun: rest[:], Subject: unknown, Lesson: lesson}
	}
	graphBody := Claims(UserV1(), "aud", `"https://graph.microsoft.com"`, "scp", `"User.Read profile openid email"`, "app_displayname", `"Orders"`, "platf", `"3"`)
	return []Case{
		opaque("opaque", "ya29.a0AfB_byC1dQ5xZ", validate.KindOpaque, "An opaque token means something to its issuer alone."),
		opaque("opaque of a personal account", "EwB4A8l6BAAUO9chh8cJscQLmU-LSWpbnr0vmwwAAQ", validate.KindOpaque, "Access tokens of personal accounts for Microsoft's APIs are opaque."),
		opaque("opaque with a brace by chance", "exQ7mZ0pLw3vT9-aKc81XyBnUeRd5sGf2hJiOqNbVtE", validate.KindOpaque, "One opaque token in 256 begins like a brace."),
		opaque("refresh token, tenant", "1.AXQAERERESIiM0OERFVVVVVVVQ.AgABAwEAAAD--DLA3VO7Qrdd", validate.KindRefresh, "A refresh token is for the token endpoint alone."),
		opaque("refresh token, tenant, older form", "0.AXoAjtxxERERESIiM0OERFV.AgABAAEAAAD", validate.KindRefresh, "Older refresh tokens begin with 0.A."),
		opaque("refresh token, personal account", "M.C532_BAY.0.U.-CrPDGOvVnBWrZ", validate.KindRefresh, "Those of personal accounts begin with M."),
		opaque("encrypted", encrypted(`{"alg":"RSA-OAEP","enc":"A256GCM","kid":"`+EncKeyID+`"}`), validate.KindEncrypted, "Five segments are encrypted; only the holder of the key can look inside."),
		opaque("encrypted, a token inside", encrypted(`{"alg":"RSA-OAEP-256","enc":"A256CBC-HS512","cty":"JWT","zip":"DEF"}`), validate.KindEncrypted, "cty JWT says that a signed token is inside; it is checked after decryption."),
		opaque("encrypted with a password", encrypted(`{"alg":"PBES2-HS256+A128KW","enc":"A128GCM","p2c":2000000000,"p2s":"AA"}`), validate.KindEncrypted, "A count of two thousand million rounds is an attack on whoever decrypts; nothing is decrypted here."),
		{Name: "Graph", Token: graph("wxFnT9aP0Zs", graphBody), Want: aud(WantV1(), "https://graph.microsoft.com"), Verdict: validate.Unverified, Subject: user, NotRun: list("signature"), Says: "nobody but Graph",
			Lesson: "Graph changes the nonce of the header before it verifies, so nobody else can."},
		{Name: "Graph by its id", Token: graph("wxFnT9aP0Zs", Claims(graphBody, "aud", quote(Graph))), Want: aud(WantV1(), Graph), Verdict: validate.Unverified, Subject: user, NotRun: list("signature"),
			Lesson: "Graph's audience is its address or its application id."},
		{Name: "Graph, application", Token: graph("wxFnT9aP0Zs", Claims(AppV1(), "aud", `"https://graph.microsoft.com/"`, "roles", `["User.Read.All"]`)), Want: aud(WantV1(), "https://graph.microsoft.com/"), Verdict: validate.Unverified, Subject: app, NotRun: list("signature"),
			Lesson: "An application's Graph token is as closed as a person's."},
		{Name: "no keys at hand", Token: Sign(Header(), UserV2()), Want: want, offline: true, Verdict: validate.Unverified, Subject: user, NotRun: list("key", "signature"), Lesson: "Without keys nothing is verified, and nothing is called forged."},
		{Name: "issuer not to be asked", Token: Sign(Header(), UserV2()), Want: want, Keys: NoKey(validate.KeyNotAllowed), Verdict: validate.Unverified, NotRun: list("key", "signature"), Says: "may not make anybody ask", Lesson: "A token never causes a request by itself."},
		{Name: "issuer out of reach", Token: Sign(Header(), UserV2()), Want: want, Keys: NoKey(validate.KeyUnreachable), Verdict: validate.Unverified, NotRun: list("key", "signature"), Lesson: "An outage says nothing about the token."},
		{Name: "audience not stated", Token: Sign(Header(), UserV2()), Want: aud(want), Verdict: validate.Unverified, NotRun: list("audience"), Lesson: "Nobody can accept a token without saying who it is."},
		{Name: "issuer not stated", Token: Sign(Header(), UserV2()), Want: change(want, func(w *validate.Expectations) { w.Issuer = "" }), Verdict: validate.Unverified, NotRun: list("issuer"), Lesson: "The token's own word on its issuer counts for nothing."},
		{Name: "who came is not settled", Token: Sign(Header(), Claims(AppV2(), "sub", `"x"`)), Want: change(want, func(w *validate.Expectations) { w.Caller = app }), Verdict: validate.Unverified, Subject: unknown, NotRun: list("token-type"), Says: "idtyp",
			Lesson: "Without idtyp some tokens do not say whether a person came."},
	}
}
