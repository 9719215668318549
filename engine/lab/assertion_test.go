package lab

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"flowscope/engine/lab/directory"
)

// signer makes JWTs as a client or another issuer does.
type signer struct {
	testing.TB
	key *rsa.PrivateKey
	der []byte
}

func newSigner(t testing.TB, keyPEM, certPEM string) signer {
	t.Helper()
	block, _ := pem.Decode([]byte(keyPEM))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	cert, _ := pem.Decode([]byte(certPEM))
	return signer{t, key.(*rsa.PrivateKey), cert.Bytes}
}

// sign makes a JWT; a header without alg is signed as RS256.
func (s signer) sign(header, claims map[string]any) string {
	s.Helper()
	part := func(v any) string {
		raw, err := json.Marshal(v)
		if err != nil {
			s.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	signed := part(header) + "." + part(claims)
	sum := sha256.Sum256([]byte(signed))
	var sig []byte
	var err error
	if header["alg"] == "PS256" {
		sig, err = rsa.SignPSS(rand.Reader, s.key, crypto.SHA256, sum[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
	} else {
		sig, err = rsa.SignPKCS1v15(nil, s.key, crypto.SHA256, sum[:])
	}
	if err != nil {
		s.Fatal(err)
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(sig)
}

func (s signer) x5t() string {
	sum := sha1.Sum(s.der)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (s signer) x5t256() string {
	sum := sha256.Sum256(s.der)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// changed sets members; nil takes one out.
func changed(m map[string]any, pairs ...any) map[string]any {
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1]
		if pairs[i+1] == nil {
			delete(m, pairs[i].(string))
		}
	}
	return m
}

// proof is a good client assertion of an application, before it is signed.
func (w *world) proof(app string, cert int) (signer, map[string]any, map[string]any) {
	a := w.app(app)
	s := newSigner(w, a.Certificates[cert].KeyPEM, a.Certificates[cert].CertPEM)
	return s, map[string]any{"typ": "JWT", "alg": "PS256", "x5t#S256": s.x5t256()}, map[string]any{
		"iss": a.ClientID, "sub": a.ClientID, "aud": endpoint(directory.ContosoID, "token"), "jti": "9b6a1f3a-5c1d-4a41-8a0f-3c6d9c0b7e55",
		"nbf": w.now.Unix(), "exp": w.now.Add(10 * time.Minute).Unix(),
	}
}

func (w *world) asserted(assertion string, pairs ...string) url.Values {
	return with(daemonForm("client_secret", "", "client_assertion_type", assertionType, "client_assertion", assertion)(w), pairs...)
}

func TestCertificateAssertions(t *testing.T) {
	for _, c := range []struct {
		name   string
		header func(s signer) []any
		claims []any
		tenant string
	}{
		{"PS256", nil, nil, ""},
		{"thumbprint in padded standard base64", func(s signer) []any {
			sum := sha256.Sum256(s.der)
			return []any{"x5t#S256", base64.StdEncoding.EncodeToString(sum[:])}
		}, nil, ""},
		{"RS256", func(s signer) []any { return []any{"alg", "RS256", "x5t", s.x5t(), "x5t#S256", nil} }, nil, ""},
		{"both thumbprints", func(s signer) []any { return []any{"x5t", s.x5t()} }, nil, ""},
		{"chain", func(s signer) []any { return []any{"x5c", []string{base64.StdEncoding.EncodeToString(s.der)}} }, nil, ""},
		{"chain alone", func(s signer) []any {
			return []any{"x5t#S256", nil, "x5c", []string{base64.StdEncoding.EncodeToString(s.der)}}
		}, nil, ""},
		{"v1.0 endpoint as audience", nil, []any{"aud", endpointV1(directory.ContosoID, "token")}, ""},
		{"domain in the audience", nil, []any{"aud", endpoint("contoso.example", "token")}, "contoso.onmicrosoft.com"},
		{"issuer as audience", nil, []any{"aud", labBase + "/" + directory.ContosoID + "/v2.0"}, ""},
		{"v1.0 issuer as audience", nil, []any{"aud", labBase + "/" + directory.ContosoID + "/"}, ""},
		{"a list of one audience", nil, []any{"aud", []string{endpoint(directory.ContosoID, "token")}}, ""},
		{"begins in five minutes", nil, []any{"nbf", 1772618700}, ""},
		{"no nbf", nil, []any{"nbf", nil}, ""},
		{"times with a fraction", nil, []any{"exp", 1772618500.25}, ""},
		{"jti twice", nil, []any{"jti", "again"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			s, header, claims := w.proof("daemon", 0)
			if c.header != nil {
				changed(header, c.header(s)...)
			}
			assertion := s.sign(header, changed(claims, c.claims...))
			tenant := directory.ContosoID
			if c.tenant != "" {
				tenant = c.tenant
			}
			for range 2 {
				r := w.succeeds(w.post(endpoint(tenant, "token"), w.asserted(assertion)))
				if got := decode(t, r["access_token"].(string)).claims["azpacr"]; got != "2" {
					t.Errorf("azpacr %v", got)
				}
			}
		})
	}
}

// TestCertificateForPeople: a client proves itself the same way for a code and
// for a refresh token, and the tokens say how.
func TestCertificateForPeople(t *testing.T) {
	w := newWorld(t)
	s, header, claims := w.proof("web", 0)
	proof := []string{"client_secret", "", "client_assertion_type", assertionType, "client_assertion", s.sign(header, claims)}
	form := with(w.signedIn(adaName, "web", webURI, directory.PlatformWeb, nil), proof...)
	r := w.succeeds(w.tokens(form))
	again := w.succeeds(w.tokens(with(form, "grant_type", "refresh_token", "refresh_token", r["refresh_token"].(string))))
	for _, token := range []string{r["access_token"].(string), again["access_token"].(string)} {
		if got := decode(t, token).claims["azpacr"]; got != "2" {
			t.Errorf("azpacr %v", got)
		}
	}
	other, header, claims := w.proof("daemon", 0)
	w.fails(w.tokens(with(form, "client_assertion", other.sign(header, claims))), failure{401, "invalid_client", 700027, "", ""})
}

// TestCertificateAssertionErrors is long because it is a table.
func TestCertificateAssertionErrors(t *testing.T) {
	bad := func(code int) failure { return failure{401, "invalid_client", code, "", ""} }
	for _, c := range []struct {
		name           string
		header, claims []any
		cert           int
		change         func(string) string
		pairs          []string
		want           failure
		says           string
	}{
		{name: "no type", pairs: []string{"client_assertion_type", ""}, want: failure{400, "invalid_request", 900144, "", ""}, says: "client_assertion_type"},
		{name: "type of SAML", pairs: []string{"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"}, want: failure{400, "invalid_request", 90023, "", ""}},
		{name: "no JWT", change: func(string) string { return "abc" }, want: bad(50027)},
		{name: "header no JSON", change: func(a string) string { return "YWJj" + a[strings.IndexByte(a, '.'):] }, want: bad(50027)},
		{name: "too long", change: func(a string) string { return a + strings.Repeat("A", 40<<10) }, want: bad(50027)},
		{name: "critical header", header: []any{"crit", []string{"b64"}, "b64", false}, want: bad(50027)},
		{name: "signature", change: tampered, want: bad(700027), says: "does not fit"},
		{name: "signature cut off", change: func(a string) string { return a[:strings.LastIndexByte(a, '.')+1] }, want: bad(700027)},
		{name: "payload exchanged", change: func(a string) string {
			p := strings.Split(a, ".")
			return p[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"iss":"x"}`)) + "." + p[2]
		}, want: bad(700027)},
		{name: "key of another application", header: []any{"x5t#S256", "AAEC"}, want: bad(700027), says: "'000102'"},
		{name: "no key named", header: []any{"x5t#S256", nil, "kid", "x"}, want: bad(700027), says: directory.Seed().Apps[3].ClientID},
		{name: "thumbprints of two keys", header: []any{"x5t", "AAEC"}, want: bad(700027)},
		{name: "chain no list", header: []any{"x5c", "AAEC"}, want: bad(700027)},
		{name: "thumbprint no base64", header: []any{"x5t#S256", "!"}, want: bad(700027), says: "''"},
		{name: "chain of a stranger", header: []any{"x5c", []string{"AAEC"}}, want: bad(700027)},
		{name: "algorithm none", header: []any{"alg", "none"}, want: bad(50012)},
		{name: "algorithm HS256", header: []any{"alg", "HS256"}, want: bad(50012)},
		{name: "algorithm exchanged", header: []any{"alg", "RS512"}, want: bad(50012)},
		{name: "certificate expired", cert: 1, want: bad(1000502), says: "2020-12-31"},
		{name: "sub differs", claims: []any{"sub", "someone"}, want: bad(50048)},
		{name: "no iss", claims: []any{"iss", nil}, want: bad(50048)},
		{name: "names another application", claims: []any{"iss", unknownID, "sub", unknownID}, want: bad(700021), says: unknownID},
		{name: "audience missing", claims: []any{"aud", nil}, want: bad(5002730)},
		{name: "audience of another tenant", claims: []any{"aud", endpoint(directory.FabrikamID, "token")}, want: bad(5002730), says: directory.FabrikamID},
		{name: "audience on another host", claims: []any{"aud", "https://login.microsoftonline.com/" + directory.ContosoID + "/oauth2/v2.0/token"}, want: bad(5002730)},
		{name: "audience is another endpoint", claims: []any{"aud", endpoint(directory.ContosoID, "authorize")}, want: bad(5002730)},
		{name: "two audiences", claims: []any{"aud", []string{endpoint(directory.ContosoID, "token"), "x"}}, want: bad(5002741), says: "2 values"},
		{name: "expired", claims: []any{"exp", 1772618400}, want: bad(700024), says: "Now: 2026-03-04T10:00:00Z. Valid from: 2026-03-04T10:00:00Z. Valid until: 2026-03-04T10:00:00Z"},
		{name: "no exp and no nbf", claims: []any{"exp", nil, "nbf", nil}, want: bad(700024), says: "Valid from: 1970-01-01"},
		{name: "not yet", claims: []any{"nbf", 1772618701}, want: bad(700024)},
		{name: "for a year", claims: []any{"exp", 1804000000}, want: bad(700024)},
		{name: "absurd time", claims: []any{"exp", 1e300}, want: bad(700024)},
		{name: "with a secret", pairs: []string{"client_secret", "x"}, want: failure{400, "invalid_request", 9002313, "", ""}},
		{name: "public client", pairs: []string{"client_id", directory.Seed().Apps[2].ClientID}, want: bad(700025)},
		{name: "application without certificates", pairs: []string{"client_id", directory.Seed().Apps[11].ClientID}, want: failure{401, "invalid_client", 700027, "", ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			s, header, claims := w.proof("daemon", c.cert)
			assertion := s.sign(changed(header, c.header...), changed(claims, c.claims...))
			if c.change != nil {
				assertion = c.change(assertion)
			}
			a := w.tokens(w.asserted(assertion, c.pairs...))
			w.fails(a, c.want)
			if !strings.Contains(a.body, c.says) {
				t.Errorf("%s does not hold %q", a.body, c.says)
			}
		})
	}
}

// TestAmbiguousClient: body and Authorization header name two clients.
func TestAmbiguousClient(t *testing.T) {
	w := newWorld(t)
	form := daemonForm("client_secret", "")(w)
	basic := base64.StdEncoding.EncodeToString([]byte(w.app("web").ClientID + ":x"))
	w.fails(w.tokens(form, "Authorization", "Basic "+basic), failure{400, "invalid_request", 7000110, "", ""})
}

// identity is a good token of the lab's second issuer, before it is signed.
func (w *world) identity() (signer, map[string]any, map[string]any) {
	s := newSigner(w, directory.FederationKey(), directory.FederationCertificate())
	f := w.app("workload").FederatedCredentials[0]
	return s, map[string]any{"typ": "JWT", "alg": "RS256", "kid": s.x5t()}, map[string]any{
		"iss": f.IssuerAt(labBase), "sub": f.Subject, "aud": f.Audience, "iat": w.now.Unix(), "nbf": w.now.Unix(), "exp": w.now.Add(5 * time.Minute).Unix(),
	}
}

func TestFederatedAssertions(t *testing.T) {
	bad := func(code int) failure { return failure{401, "invalid_client", code, "", ""} }
	for _, c := range []struct {
		name           string
		header, claims []any
		app            string
		change         func(string) string
		want           failure
	}{
		{name: "good"},
		{name: "a list of one audience", claims: []any{"aud", []string{"api://AzureADTokenExchange"}}},
		{name: "no credential", app: "daemon", want: failure{400, "invalid_request", 70021, "", ""}},
		{name: "issuer", claims: []any{"iss", labBase + "/federation/"}, want: bad(700211)},
		{name: "issuer in capitals", claims: []any{"iss", labBase + "/Federation"}, want: bad(700211)},
		{name: "subject", claims: []any{"sub", "repo:contoso/orders:ref:refs/heads/dev"}, want: bad(700213)},
		{name: "subject in capitals", claims: []any{"sub", "repo:Contoso/orders:ref:refs/heads/main"}, want: bad(7002138)},
		{name: "subject missing", claims: []any{"sub", nil}, want: bad(700213)},
		{name: "audience", claims: []any{"aud", "api://azureadtokenexchange"}, want: bad(700212)},
		{name: "audience missing", claims: []any{"aud", nil}, want: bad(700212)},
		{name: "two audiences", claims: []any{"aud", []string{"api://AzureADTokenExchange", "x"}}, want: bad(500181)},
		{name: "algorithm", header: []any{"alg", "PS256"}, want: bad(50012)},
		{name: "key unknown", header: []any{"kid", "x"}, want: bad(50012)},
		{name: "signature", change: tampered, want: bad(50012)},
		{name: "expired", claims: []any{"exp", 1772618399}, want: bad(700024)},
		{name: "no exp", claims: []any{"exp", nil}, want: bad(700024)},
		{name: "not yet", claims: []any{"nbf", 1772618701}, want: bad(700024)},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			s, header, claims := w.identity()
			assertion := s.sign(changed(header, c.header...), changed(claims, c.claims...))
			if c.change != nil {
				assertion = c.change(assertion)
			}
			app := "workload"
			if c.app != "" {
				app = c.app
			}
			a := w.tokens(w.asserted(assertion, "client_id", w.app(app).ClientID))
			if c.want.code != 0 {
				w.fails(a, c.want)
				return
			}
			if got := decode(t, w.succeeds(a)["access_token"].(string)).claims; got["azpacr"] != "2" || got["roles"] == nil {
				t.Errorf("token %v", got)
			}
		})
	}
}

// TestOwnTokenAsFederatedAssertion: a token of the lab's own Entra serves as
// long as it is one of an application alone.
func TestOwnTokenAsFederatedAssertion(t *testing.T) {
	w := newWorld(t)
	key := w.lab.keys.Signing(directory.ContosoID)
	s := signer{t, key.Private, key.Cert}
	header := map[string]any{"typ": "JWT", "alg": "RS256", "kid": key.ID}
	f := w.app("workload").FederatedCredentials[1]
	claims := func(pairs ...any) map[string]any {
		return changed(map[string]any{
			"iss": f.IssuerAt(labBase), "sub": f.Subject, "oid": f.Subject, "aud": f.Audience, "nbf": w.now.Unix(), "exp": w.now.Add(time.Hour).Unix(),
		}, pairs...)
	}
	ask := func(m map[string]any) answer {
		return w.tokens(w.asserted(s.sign(header, m), "client_id", w.app("workload").ClientID))
	}
	w.succeeds(ask(claims()))
	w.fails(ask(claims("sub", unknownID)), failure{401, "invalid_client", 7002137, "", ""})
	w.fails(ask(claims("sub", strings.ToUpper(f.Subject))), failure{401, "invalid_client", 7002138, "", ""})
	w.fails(ask(claims("scp", "user_impersonation")), failure{401, "invalid_client", 700229, "", ""})
	w.fails(ask(claims("oid", unknownID)), failure{401, "invalid_client", 700229, "", ""})
}

// FuzzAssertion: no text is taken for a proof. The seeds are signed by the
// right keys and too old, so that no change makes them good.
func FuzzAssertion(f *testing.F) {
	w := newWorld(f)
	w.lab.Warm()
	s, header, claims := w.proof("daemon", 0)
	f.Add(s.sign(header, changed(claims, "exp", 1)))
	s, header, claims = w.identity()
	f.Add(s.sign(header, changed(claims, "exp", 1)))
	f.Add("e30.e30.")
	f.Add("....")
	f.Add("eyJ4NXQjUzI1NiI6W119.eyJhdWQiOnt9LCJleHAiOiJ4In0.AA")
	f.Fuzz(func(t *testing.T, assertion string) {
		for _, app := range []string{"daemon", "workload"} {
			form := w.asserted(assertion, "client_id", w.app(app).ClientID)
			rec := serve(w.lab, http.MethodPost, "/contoso.example/oauth2/v2.0/token", "", formType, form.Encode())
			sound(t, rec.status, rec.header)
			if rec.status == http.StatusOK {
				t.Fatalf("%q was taken for a proof of %s", assertion, app)
			}
		}
		form := url.Values{
			"client_id": {w.app("orders-api").ClientID}, "client_secret": {w.app("orders-api").Secrets[0].Value}, "grant_type": {onBehalfGrant},
			"requested_token_use": {"on_behalf_of"}, "assertion": {assertion}, "scope": {stockDefault},
		}
		rec := serve(w.lab, http.MethodPost, "/contoso.example/oauth2/v2.0/token", "", formType, form.Encode())
		sound(t, rec.status, rec.header)
		if rec.status == http.StatusOK {
			t.Fatalf("%q was exchanged", assertion)
		}
	})
}
