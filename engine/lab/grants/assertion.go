package grants

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // x5t is defined over SHA-1 (RFC 7515 section 4.1.7)
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
	"time"

	"flowscope/engine/lab/aadsts"
)

// assertionType is the only value of client_assertion_type (RFC 7523 section
// 2.2).
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// maxAssertion is how far ahead a client may date the end of its assertion.
// Entra recommends five to ten minutes; its limit is not documented.
const maxAssertion = 24 * time.Hour

// assertion judges a client assertion. One whose issuer is an address comes
// from another issuer, which the client must trust by a federated credential;
// every other one is signed by the client itself.
func (x *exchange) assertion(sent string) *aadsts.Error {
	kind, err := x.required("client_assertion_type")
	if err != nil {
		return err
	}
	if kind != assertionType {
		return aadsts.New(90023, kind, "client_assertion_type").Because("client_assertion_type", "it must be %s", assertionType)
	}
	t, broken := readJWT(sent)
	if broken != nil {
		return malformed(broken)
	}
	if issuer := strings.ToLower(text(t.claims, "iss")); strings.HasPrefix(issuer, "https://") || strings.HasPrefix(issuer, "http://") {
		return x.federated(t)
	}
	return x.certified(t)
}

// malformed is 50027 as it looks where the client fails to prove itself.
func malformed(broken error) *aadsts.Error {
	err := aadsts.New(50027, broken).Named(aadsts.InvalidClient).Because("client_assertion", "%v", broken)
	err.Status = http.StatusUnauthorized
	return err
}

// certified judges an assertion that the client signed with the key of a
// registered certificate (Entra: certificate-credentials).
func (x *exchange) certified(t jwt) *aadsts.Error {
	named := thumbprint(t)
	untrusted := func(format string, args ...any) *aadsts.Error {
		why := fmt.Sprintf(format, args...)
		return aadsts.New(700027, why, named, x.client.ClientID).Because("client_assertion", "%s", why)
	}
	cert, ok := x.certificate(t)
	if !ok {
		return untrusted("no key registered for the application fits the one in the header")
	}
	if alg := text(t.header, "alg"); alg != "PS256" && alg != "RS256" {
		return aadsts.New(50012, "its algorithm is neither PS256 nor RS256").Because("client_assertion", "the header has alg %q", alg)
	}
	if key, rsaKey := cert.PublicKey.(*rsa.PublicKey); !rsaKey || !t.verify(key) {
		return untrusted("the signature does not fit the registered key")
	}
	if now := x.Clock(); now.Before(cert.NotBefore) || now.After(cert.NotAfter) {
		return aadsts.New(1000502, cert.NotBefore.UTC().Format(time.RFC3339), cert.NotAfter.UTC().Format(time.RFC3339)).
			Because("client_assertion", "the certificate is good from %s to %s", cert.NotBefore, cert.NotAfter)
	}
	return x.selfMade(t)
}

// selfMade judges the claims of an assertion that the client signed. iat may
// be absent, and whether jti came before is not looked at: MSAL for Go sends
// no iat, and no capture shows that Entra refuses a jti that it knows.
func (x *exchange) selfMade(t jwt) *aadsts.Error {
	issuer, subject, audiences := text(t.claims, "iss"), text(t.claims, "sub"), t.audiences()
	switch {
	case !strings.EqualFold(issuer, subject):
		return aadsts.New(50048).Because("client_assertion", "iss is %q and sub is %q", issuer, subject)
	case !strings.EqualFold(issuer, x.client.ClientID):
		return aadsts.New(700021, issuer, x.client.ClientID).Because("client_assertion", "iss names another application")
	case len(audiences) > 1:
		return aadsts.New(5002741, len(audiences)).Because("client_assertion", "aud has several values")
	case len(audiences) == 0 || !x.meant(audiences[0]):
		return aadsts.New(5002730, strings.Join(audiences, " ")).Because("client_assertion", "aud is not the token endpoint of the tenant asked")
	}
	return x.inTime(t, maxAssertion)
}

// meant reports whether an audience is this authority: its token endpoint of
// either version, or its issuer, under any name of the tenant. The issuer is
// unconfirmed, and client libraries send it.
func (x *exchange) meant(audience string) bool {
	rest, ok := strings.CutPrefix(audience, x.req.Base+"/")
	segment, path, slash := strings.Cut(rest, "/")
	if !ok || !slash {
		return false
	}
	a, known := x.Directory.Authority(segment)
	if !known || a.Key() != x.req.Authority.Key() {
		return false
	}
	switch path {
	case "oauth2/v2.0/token", "oauth2/token", "v2.0", "":
		return true
	}
	return false
}

// aheadBy is how far in the future an assertion may begin. Entra's tolerance is
// not documented; five minutes are usual. Some there must be: msal-node rounds
// the time it signs up to the next second.
const aheadBy = 5 * time.Minute

// inTime judges nbf, with some tolerance, and exp, to the second. limit is how
// far ahead exp may lie; 0 for no limit.
func (x *exchange) inTime(t jwt, limit time.Duration) *aadsts.Error {
	now, from, until := x.Clock(), t.at("nbf"), t.at("exp")
	if !now.Before(from.Add(-aheadBy)) && now.Before(until) && (limit == 0 || until.Sub(now) <= limit) {
		return nil
	}
	return aadsts.New(700024, now.UTC().Format(time.RFC3339), from.Format(time.RFC3339), until.Format(time.RFC3339)).
		Because("client_assertion", "nbf is %s and exp is %s", from.Format(time.RFC3339), until.Format(time.RFC3339))
}

// certificate finds the registered certificate that the header names: by x5t
// (SHA-1) or x5t#S256, or by a chain in x5c that starts with it. All that are
// there must mean the same one. kid is passed over: that it would do is
// unconfirmed.
func (x *exchange) certificate(t jwt) (*x509.Certificate, bool) {
	_, sha1Named := t.header["x5t"]
	_, sha256Named := t.header["x5t#S256"]
	_, chained := t.header["x5c"]
	if !sha1Named && !sha256Named && !chained {
		return nil, false
	}
	var chain [][]byte // standard base64, as encoding/json reads bytes
	if chained && (json.Unmarshal(t.header["x5c"], &chain) != nil || len(chain) == 0) {
		return nil, false
	}
	for _, c := range x.client.Certificates {
		block, _ := pem.Decode([]byte(c.CertPEM))
		if block == nil {
			continue
		}
		short, long := sha1.Sum(block.Bytes), sha256.Sum256(block.Bytes) //nolint:gosec // as above
		if sha1Named && !bytes.Equal(short[:], digest(text(t.header, "x5t"))) ||
			sha256Named && !bytes.Equal(long[:], digest(text(t.header, "x5t#S256"))) ||
			chained && !bytes.Equal(block.Bytes, chain[0]) {
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		return cert, err == nil
	}
	return nil, false
}

// digest reads a thumbprint, in base64url or in standard base64, with padding
// or without: MSAL for Go sends the standard form.
func digest(s string) []byte {
	sum, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(s), "="))
	if err != nil || len(sum) > sha256.Size {
		return nil
	}
	return sum
}

// thumbprint is the key that an assertion's header names, in the hexadecimal
// form of Entra's message; empty when it names none.
func thumbprint(t jwt) string {
	named := text(t.header, "x5t")
	if named == "" {
		named = text(t.header, "x5t#S256")
	}
	return fmt.Sprintf("%X", digest(named))
}
