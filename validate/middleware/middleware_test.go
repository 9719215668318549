package middleware_test

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"flowscope/validate"
	"flowscope/validate/jwks"
	"flowscope/validate/middleware"
)

const (
	tenant = "11111111-2222-4333-8444-555555555555"
	apiID  = "aaaaaaaa-0000-4000-8000-000000000001"
	issuer = "https://login.microsoftonline.com/" + tenant + "/v2.0"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var key = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func keys(t testing.TB) *jwks.Source {
	t.Helper()
	k := key()
	s, err := jwks.FromJSON([]byte(fmt.Sprintf(`{"keys":[{"kty":"RSA","kid":"k1","use":"sig","n":%q,"e":%q,"issuer":"https://login.microsoftonline.com/{tenantid}/v2.0"}]}`,
		b64(k.N.Bytes()), b64(big.NewInt(int64(k.E)).Bytes()))))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// claims are those of an access token; changes replace text in them.
func claims(changes ...string) string {
	s := fmt.Sprintf(`{"aud":%q,"iss":%q,"iat":%d,"nbf":%d,"exp":%d,"azp":"bbbbbbbb-0000-4000-8000-000000000002","azpacr":"1","oid":"cccccccc-0000-4000-8000-000000000003","scp":"Orders.Read","sub":"HKZpfaHyWadeOouYlitjrI","tid":%q,"ver":"2.0"}`,
		apiID, issuer, now.Unix()-600, now.Unix()-600, now.Unix()+3600, tenant)
	return strings.NewReplacer(changes...).Replace(s)
}

func sign(t testing.TB, header, claims string) string {
	t.Helper()
	input := b64([]byte(header)) + "." + b64([]byte(claims))
	sum := sha256.Sum256([]byte(input))
	sig, err := rsa.SignPKCS1v15(rand.Reader, key(), crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + b64(sig)
}

const header = `{"typ":"JWT","alg":"RS256","kid":"k1"}`

// forge makes an HS256 token with the text of the public key for a secret.
func forge(t testing.TB) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(&key().PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	input := b64([]byte(`{"typ":"JWT","alg":"HS256","kid":"k1"}`)) + "." + b64([]byte(claims()))
	m := hmac.New(sha256.New, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	m.Write([]byte(input))
	return input + "." + b64(m.Sum(nil))
}

func want() validate.Expectations {
	return validate.Expectations{Issuer: issuer, Audiences: []string{apiID}, Now: now}
}

// ask gives the opinion of one library.
func ask(t testing.TB, id, token string, keys validate.KeySource, want validate.Expectations) middleware.Opinion {
	t.Helper()
	r := validate.Check(t.Context(), token, keys, want)
	for _, o := range middleware.Judge(t.Context(), r, keys) {
		if o.Profile.ID == id {
			return o
		}
	}
	t.Fatalf("no profile %q", id)
	return middleware.Opinion{}
}

func TestOneToken(t *testing.T) {
	exp := fmt.Sprint(now.Unix() + 3600)
	for _, c := range []struct {
		name, token, profile string
		answer               middleware.Answer
		harm                 middleware.Harm
		rule                 string
	}{
		{"good", sign(t, header, claims()), "jose", middleware.Accepts, "", "every rule holds"},
		{"over for a minute", sign(t, header, claims(exp, fmt.Sprint(now.Unix()-60))), "jose", middleware.Rejects, middleware.HarmStricter, "ERR_JWT_EXPIRED"},
		{"over for an hour", sign(t, header, claims(exp, fmt.Sprint(now.Unix()-3600))), "jose", middleware.Rejects, "", "ERR_JWT_EXPIRED"},
		{"no end", sign(t, header, claims(exp, "1e400")), "jose", middleware.Accepts, middleware.HarmAccepts, "exp typeof number"},
		{"another API", sign(t, header, claims(apiID, "dddddddd-0000-4000-8000-000000000004")), "jsonwebtoken-9-header-alg", middleware.Accepts, middleware.HarmAccepts, "audience not set"},
		{"MAC with the public key", forge(t), "jsonwebtoken-8-header-alg", middleware.Accepts, middleware.HarmAccepts, "HS with the public key"},
		{"MAC with the public key", forge(t), "jsonwebtoken-9-header-alg", middleware.Rejects, "", "must be a symmetric key"},
		{"MAC with the public key", forge(t), "jose-any-algorithm", middleware.Rejects, "", "ERR_JOSE_NOT_SUPPORTED"},
	} {
		t.Run(c.profile+"/"+c.name, func(t *testing.T) {
			o := ask(t, c.profile, c.token, keys(t), want())
			if o.Answer != c.answer || o.Harm != c.harm || o.Rule != c.rule {
				t.Errorf("%s by %q (%s), harm %q; want %s by %q, harm %q", o.Answer, o.Rule, o.Why, o.Harm, c.answer, c.rule, c.harm)
			}
		})
	}
}

// TestManyTenants: a library that compares text is told apart from one that knows
// Entra's issuers of many tenants.
func TestManyTenants(t *testing.T) {
	many := want()
	many.Issuer = strings.Replace(issuer, tenant, "{tenantid}", 1)
	token := sign(t, header, claims())
	if o := ask(t, "jose", token, keys(t), many); o.Answer != middleware.Rejects || !strings.Contains(o.Why, "fills in no {tenantid}") {
		t.Errorf("jose %s: %s", o.Answer, o.Why)
	}
	if o := ask(t, "microsoft-identity-web", token, keys(t), many); o.Answer != middleware.Accepts {
		t.Errorf("Identity.Web %s: %s", o.Answer, o.Why)
	}
	other := claims(tenant+"/v2.0", "99999999-2222-4333-8444-555555555555/v2.0")
	if o := ask(t, "jose", sign(t, header, other), keys(t), many); strings.Contains(o.Why, "fills in no") {
		t.Errorf("of another tenant than its tid: %s", o.Why)
	}
}
