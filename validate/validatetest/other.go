package validatetest

import (
	"crypto"
	"fmt"
	"strings"

	"flowscope/validate"
)

// declared is the shared key set as the metadata of OtherIssuer would lead to it.
func declared(algs ...string) validate.KeySource {
	return Metadata{KeySource: Source(), Issuer: OtherIssuer, Declared: algs}
}

// others are tokens of other issuers, and odd forms that are legal.
//
// long because every such form stands here once.
func others() []Case {
	want, plain := WantPlain(), Header("kid", quote(PlainKeyID))
	p256, p384, p521 := EC()
	var out []Case
	add := func(name, token, lesson string) *Case {
		out = append(out, Case{Name: name, Token: token, Want: want, Lesson: lesson})
		return &out[len(out)-1]
	}
	add("RFC 9068", Sign(Claims(plain, "typ", `"at+jwt"`), Plain()), "Elsewhere the header says at+jwt.").Subject = user
	add("RFC 9068, media type in full", Sign(Claims(plain, "typ", `"application/at+jwt"`), Plain()), "The prefix may stand there.")
	add("RFC 9068, application", Sign(Claims(plain, "typ", `"at+jwt"`), Claims(Plain(), "sub", `"s6BhdRkqt3"`)), "Where sub is the client, an application came.").Subject = app
	add("no typ", Sign(Claims(plain, "typ", ""), Plain()), "typ may be left out (RFC 7519 section 5.1).")
	add("several audiences", Sign(plain, Claims(Plain(), "aud", `["https://other.example","https://api.example"]`)), "An audience of several names contains the one expected.")
	add("scope as an array", Sign(plain, Claims(Plain(), "scope", "", "scp", `["orders.read"]`)), "Elsewhere scp is an array.").Want.Scopes = []string{"orders.read"}
	add("version as a number", Sign(plain, Claims(Plain(), "ver", "1")), "Elsewhere ver is anything.")
	add("dates with fractions", Sign(plain, Claims(Plain(), "iat", "1772366000.25", "exp", "1.7723706e9")), "Legal, read exactly, remarked.").Warn = list("format", "expiry")
	add("white space in the JSON", Sign(plain, strings.NewReplacer(",", " ,\r\n\t", ":1", " : 1").Replace(Plain())), "JSON may be laid out as one likes.")
	add("escapes in names", Sign(plain, strings.Replace(Plain(), `"aud"`, `"\u0061\u0075d"`, 1)), "An escaped name is the same name.")
	for _, a := range []struct {
		alg, kid string
		key      crypto.Signer
	}{
		{"RS384", PlainKeyID, RSA()}, {"RS512", RS512KeyID, RSA()}, {"PS256", PlainKeyID, RSA()}, {"PS384", PlainKeyID, RSA()}, {"PS512", PlainKeyID, RSA()},
		{"ES256", ECKeyID, p256}, {"ES384", EC384KeyID, p384}, {"ES512", EC521KeyID, p521},
	} {
		token := SignWith(a.key, a.alg, Header("alg", quote(a.alg), "kid", quote(a.kid)), Plain())
		add(a.alg+" declared by the metadata", token, "What an issuer's metadata declares among RS, PS and ES is on the list.").Keys = declared(a.alg)
	}
	es := SignWith(p256, "ES256", Header("alg", `"ES256"`, "kid", quote(ECKeyID)), Plain())
	c := add("ES256 declared by nobody", es, "Without a word of the issuer only RS256 is on the list.")
	c.Fails = list("algorithm")
	c = add("HS256 declared by the metadata", SignHMAC([]byte("secret"), Claims(plain, "alg", `"HS256"`), Plain()), "A shared secret is refused, declared or not.")
	c.Keys, c.Fails, c.Says = declared("HS256", "none"), list("algorithm"), "shared secret"
	c = add("ES256, metadata not at hand", es, "What the issuer may use stands in its metadata.")
	c.offline, c.Verdict, c.NotRun = true, validate.Unverified, list("algorithm", "key", "signature")
	c = add("ES256K", SignWith(p256, "ES256", Header("alg", `"ES256K"`, "kid", quote(ECKeyID)), Plain()), "An algorithm that is not known here is not guessed at.")
	c.Keys, c.Fails, c.Says = declared("ES256K"), list("algorithm"), "not on the list"
	c = add("ES256 for RS256 pinned", es, "A list of one's own replaces the metadata's.")
	c.Keys, c.Want.Algorithms, c.Fails = declared("ES256"), []string{"RS256"}, list("algorithm")
	add("ID token elsewhere", Sign(plain, Claims(Plain(), "scope", "", "client_id", "", "jti", "", "email", `"ada@contoso.example"`, "email_verified", "true")), "A person's claims and no client make an ID token.").Kind = validate.KindID
	c = add("issuer of a trailing slash", Sign(plain, Claims(Plain(), "iss", quote(OtherIssuer+"/"))), "Some issuers end in a slash; copy them as they are.")
	c.Fails, c.Says = list("issuer"), "slash"
	many := make([]string, 0, 20_000)
	for i := range 10_000 {
		many = append(many, fmt.Sprintf("x%05d", i), fmt.Sprint(i))
	}
	c = add("10,000 claims", Sign(plain, Claims(Plain(), many...)), "Many claims take time in proportion and no more.")
	c.Warn, c.Says = list("format"), "16 KiB"
	add("an enormous number", Sign(plain, Claims(Plain(), "x", strings.Repeat("9", 5000), "y", "1e999999")), "A number that nobody reads does no harm.")
	add("nested 60 levels deep", Sign(plain, Claims(Plain(), "x", strings.Repeat("[", 60)+strings.Repeat("]", 60))), "Deep, but within the bound.")
	add("escape sequences in names and values", Sign(plain, Claims(Plain(), "\x1b[2J\u202e\u2066evil\x00\u009b", `"\u001b]0;evil\u0007\u202e\u2066\u0000\u009b31m\u2028"`, "sub", `"\u001b[31m\u202egnp.exe"`)), "What is legal in JSON must not steer a terminal.")
	c = add("escape sequences where it fails", Sign(plain, Claims(Plain(), "aud", `"\u001b[2J\u202eevil\u2066\u0000"`, "iss", `"https://\u001b[31m\u009b/"`, "scope", `"\u001b[2J"`, "client_id", `"\u202e"`)), "Nor where it is quoted in a sentence.")
	c.Fails = list("issuer", "audience", "scope", "authorized-party")
	c.Want.Scopes, c.Want.ClientID = []string{"orders.read"}, "s6BhdRkqt3"
	c = add("escape sequences in the header", Sign(Claims(plain, "alg", `"\u001b[2JRS256"`, "typ", `"\u202eJWT"`, "kid", `"\u001b[0m"`), Plain()), "Nor in the header.")
	c.Fails = list("algorithm", "key", "token-type")
	return out
}
