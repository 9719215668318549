package validatetest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	_ "crypto/sha512" // SHA-384 and SHA-512 behind crypto.Hash
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"time"

	"flowscope/validate"
)

// The parties of all tokens, and where they come from.
const (
	Tenant      = "11111111-2222-4333-8444-555555555555"
	OtherTenant = "99999999-2222-4333-8444-555555555555"
	// Consumers is the tenant of all personal Microsoft accounts.
	Consumers = validate.ConsumerTenant
	// API is the client id of the API that most access tokens are for.
	API = "aaaaaaaa-0000-4000-8000-000000000001"
	// APIURI is its App ID URI.
	APIURI = "api://" + API
	// OtherAPI is an API further down.
	OtherAPI = "aaaaaaaa-0000-4000-8000-000000000009"
	Client   = "bbbbbbbb-0000-4000-8000-000000000002"
	// OtherClient is a client that nobody let in.
	OtherClient = "bbbbbbbb-0000-4000-8000-00000000000b"
	// User is the object id of the person, Service that of the client's service principal.
	User    = "cccccccc-0000-4000-8000-000000000003"
	Service = "dddddddd-0000-4000-8000-000000000004"
	// Graph is Microsoft Graph's application id.
	Graph = "00000003-0000-0000-c000-000000000000"

	// IssuerV2 and IssuerV1 are the tenant's issuers of v2.0 and v1.0 tokens.
	IssuerV2 = "https://login.microsoftonline.com/" + Tenant + "/v2.0"
	IssuerV1 = "https://sts.windows.net/" + Tenant + "/"
	// IssuerTemplate is the issuer of the metadata for many tenants.
	IssuerTemplate = "https://login.microsoftonline.com/{tenantid}/v2.0"
	// DomainIssuer names the tenant by its domain, which no token does.
	DomainIssuer = "https://login.microsoftonline.com/contoso.example/v2.0"
	// OtherIssuer is an issuer that is not Entra.
	OtherIssuer = "https://issuer.example"
)

// Now is the moment at which every case is judged, unless it says otherwise.
func Now() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// issued is "iat" of the tokens, in seconds: five minutes back, as Entra does it.
func issued() int64 { return Now().Add(-10 * time.Minute).Unix() }

func quote(s string) string {
	text, err := json.Marshal(s)
	must(err)
	return string(text)
}

// seconds writes a moment as a NumericDate.
func seconds(t time.Time) string { return fmt.Sprint(t.Unix()) }

// Header returns the header of a token of Entra with some members changed: name
// and raw JSON value by turns, as Claims takes them.
func Header(changes ...string) string {
	return Claims(`{"typ":"JWT","alg":"RS256","kid":"`+KeyID+`"}`, changes...)
}

// Claims changes members of a JSON object: name and raw JSON value by turns. A
// value of "" takes a member away; new members go to the end.
func Claims(object string, changes ...string) string {
	o, err := validate.ParseObject([]byte(object))
	must(err)
	change := make(map[string]string, len(changes)/2)
	for i := 0; i < len(changes); i += 2 {
		change[changes[i]] = changes[i+1]
	}
	var parts []string
	add := func(name, raw string) {
		if raw != "" {
			parts = append(parts, quote(name)+":"+raw)
		}
	}
	for _, m := range o.Members() {
		raw, changed := change[m.Name]
		if !changed {
			raw = m.Value.Raw
		}
		add(m.Name, raw)
		delete(change, m.Name)
	}
	for i := 0; i < len(changes); i += 2 {
		if raw, left := change[changes[i]]; left {
			add(changes[i], raw)
			delete(change, changes[i])
		}
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// Sign makes a token with the key behind KeyID and RS256, whatever the header says.
func Sign(header, claims string) string { return SignWith(RSA(), "RS256", header, claims) }

// SignWith makes a token with key by alg (RFC 7518 section 3, or EdDSA of RFC
// 8037), whatever the header says.
func SignWith(key crypto.Signer, alg, header, claims string) string {
	return SignInput(key, alg, b64([]byte(header))+"."+b64([]byte(claims)))
}

// SignInput puts the signature behind a signing input that may be anything.
func SignInput(key crypto.Signer, alg, input string) string {
	return input + "." + b64(signature(key, alg, input))
}

func signature(key crypto.Signer, alg, input string) []byte {
	if k, ok := key.(ed25519.PrivateKey); ok {
		return ed25519.Sign(k, []byte(input))
	}
	hash := map[string]crypto.Hash{"256": crypto.SHA256, "384": crypto.SHA384, "512": crypto.SHA512}[alg[2:]]
	h := hash.New()
	_, _ = h.Write([]byte(input)) // a hash never fails to write
	digest := h.Sum(nil)
	switch k := key.(type) {
	case *rsa.PrivateKey:
		if alg[0] == 'P' {
			sig, err := rsa.SignPSS(rand.Reader, k, hash, digest, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
			must(err)
			return sig
		}
		sig, err := rsa.SignPKCS1v15(nil, k, hash, digest)
		must(err)
		return sig
	case *ecdsa.PrivateKey:
		der, err := k.Sign(nil, digest, hash) // without a source of chance: RFC 6979
		must(err)
		size := (k.Params().BitSize + 7) / 8
		r, s := splitDER(der)
		return append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...)
	}
	panic(fmt.Sprintf("validatetest: a key of type %T", key))
}

// shortSalt makes a PS256 signature with a salt of 20 bytes.
func shortSalt(header, claims string) string {
	input := b64([]byte(header)) + "." + b64([]byte(claims))
	digest := sha256.Sum256([]byte(input))
	sig, err := rsa.SignPSS(rand.Reader, RSA(), crypto.SHA256, digest[:], &rsa.PSSOptions{SaltLength: 20})
	must(err)
	return input + "." + b64(sig)
}

// splitDER takes the two numbers out of a signature in DER.
func splitDER(der []byte) (r, s *big.Int) {
	n := int(der[1])
	body := der[2:]
	if n == 0x81 { // P-521 needs the long form
		body = der[3:]
	}
	rLen := int(body[1])
	r = new(big.Int).SetBytes(body[2 : 2+rLen])
	rest := body[2+rLen:]
	return r, new(big.Int).SetBytes(rest[2 : 2+int(rest[1])])
}

// SignHMAC makes a token with a shared secret and HS256 (RFC 7518 section 3.2).
func SignHMAC(secret []byte, header, claims string) string {
	input := b64([]byte(header)) + "." + b64([]byte(claims))
	mac := hmac.New(sha256.New, secret)
	_, _ = mac.Write([]byte(input)) // a hash never fails to write
	return input + "." + b64(mac.Sum(nil))
}

// Unsigned makes a token with an empty third segment.
func Unsigned(header, claims string) string {
	return b64([]byte(header)) + "." + b64([]byte(claims)) + "."
}

// WithSignature puts another third segment, in bytes, behind a token.
func WithSignature(token string, sig []byte) string {
	return token[:strings.LastIndexByte(token, '.')+1] + b64(sig)
}

// hashed is the nonce that MSAL for Python sends for one it was given.
func hashed(nonce string) string {
	sum := sha256.Sum256([]byte(nonce))
	return quote(hex.EncodeToString(sum[:]))
}

// half is at_hash or c_hash over text for an algorithm of 256 bits (OpenID Connect Core 3.1.3.6).
func half(text string) string {
	sum := sha256.Sum256([]byte(text))
	return quote(b64(sum[:16]))
}
