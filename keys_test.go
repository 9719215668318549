package main

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"flowscope/decision"
	"flowscope/engine/enginetest"
	"flowscope/engine/inspect"
	"flowscope/engine/trace"
	"flowscope/tui/command"
	"flowscope/validate"
)

// provider is an OpenID Connect issuer on loopback, by TLS with a certificate that
// nobody trusts by itself.
type provider struct {
	*httptest.Server
	key   *rsa.PrivateKey
	asked []string
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i := &provider{key: key}
	i.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.asked = append(i.asked, r.URL.Path)
		enc := base64.RawURLEncoding.EncodeToString
		switch r.URL.Path {
		case "/.well-known/openid-configuration":
			_, _ = fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q}`, i.URL, i.URL+"/keys")
		case "/keys":
			_, _ = fmt.Fprintf(w, `{"keys":[{"kty":"RSA","kid":"k","n":%q,"e":%q}]}`, enc(key.N.Bytes()), enc(big.NewInt(int64(key.E)).Bytes()))
		}
	}))
	i.Config.ErrorLog = nil
	t.Cleanup(i.Close)
	return i
}

// ca writes the certificate down and gives the name of the file.
func (i *provider) ca(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// token signs an ID token for a client.
func (i *provider) token(t *testing.T, client string) string {
	t.Helper()
	now := time.Now().Unix()
	body, err := json.Marshal(map[string]any{"iss": i.URL, "aud": client, "sub": "s", "iat": now, "exp": now + 600, "nonce": "n"})
	if err != nil {
		t.Fatal(err)
	}
	enc := base64.RawURLEncoding.EncodeToString
	input := enc([]byte(`{"alg":"RS256","kid":"k"}`)) + "." + enc(body)
	sum := sha256.Sum256([]byte(input))
	sig, err := rsa.SignPKCS1v15(rand.Reader, i.key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + enc(sig)
}

func preset(t *testing.T, list []inspect.Preset, name string) validate.Expectations {
	t.Helper()
	at := slices.IndexFunc(list, func(p inspect.Preset) bool { return p.Name == name })
	if at < 0 {
		t.Fatalf("no preset %q among %v", name, list)
	}
	return list[at].Want
}

// The issuer of a profile may be asked without a word, over its own CA, for the
// profile's own client; without the profile it is asked about.
func TestKeysOfAProfile(t *testing.T) {
	i := newProvider(t)
	s := newShelf(t)
	s.write(fmt.Sprintf("[profiles.sso]\nissuer = %q\nclient_id = \"portal\"\nclient_type = \"native\"\nredirect_uri = \"http://localhost/cb\"\nscopes = [\"openid\"]\nca_file = %q\n", i.URL, i.ca(t)))
	for _, screen := range []bool{false, true} {
		c := checkerOf(t, screen, command.KeyOptions{Context: t.Context()})
		want := preset(t, c.Presets(), "profile sso: ID tokens")
		r := c.Check(t.Context(), i.token(t, "portal"), want)
		if r.Verdict != validate.Valid || len(r.Requests) != 2 || r.Ask != "" {
			t.Errorf("screen %v: %s, ask %q: %s", screen, r.Verdict, r.Ask, r.Summary())
		}
	}
	i.asked = nil
	s.write("")
	c := checkerOf(t, true, command.KeyOptions{Context: t.Context()})
	want := validate.Expectations{Issuer: i.URL, Audiences: []string{"portal"}}
	r := c.Check(t.Context(), i.token(t, "portal"), want)
	if r.Verdict != validate.Unverified || r.Ask != i.URL || len(i.asked) != 0 {
		t.Errorf("without the profile: %s, ask %q", r.Verdict, r.Ask)
	}
	c.Allow(r.Ask)
	r = c.Check(t.Context(), i.token(t, "portal"), want)
	if why := r.Checks()[2].Why; r.Verdict != validate.Unverified || !strings.Contains(why, "nobody who is trusted here signed the certificate") {
		t.Errorf("without its CA: %s, %s", r.Verdict, why)
	}
}

func checkerOf(t *testing.T, screen bool, o command.KeyOptions) *inspect.Checker {
	t.Helper()
	if screen {
		p, err := build(false)
		if err != nil {
			t.Fatal(err)
		}
		return checker(p, &targets{now: p.now})
	}
	app, err := newApp(command.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := app.Checker(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Each preset of the lab fits the tokens that it is for.
func TestPresetsOfTheLab(t *testing.T) {
	newShelf(t)
	app, err := newApp(command.Settings{Deterministic: true})
	if err != nil {
		t.Fatal(err)
	}
	c, err := app.Checker(command.KeyOptions{Context: t.Context()})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range c.Presets() {
		if p.Name == "Vault API" || p.Name == "Archive API" {
			t.Errorf("%s: nothing of its tokens can be checked", p.Name)
		}
	}
	w := enginetest.New(t)
	for scope, api := range map[string]string{
		"api://orders.contoso.example/access_as_user": "Orders API", "api://inventory.contoso.example/stock.read": "Inventory API",
		"api://badges.contoso.example/badges.read": "Badges API",
	} {
		job := w.Job(t, decision.AuthorizationCode, "web")
		job.Scopes = []string{scope}
		s := w.Run(t, job)
		for kind, name := range map[trace.TokenKind]string{trace.AccessToken: api, trace.IDToken: job.Client.Registration.Name + ": ID tokens"} {
			token, ok := s.Trace.Token(kind)
			if !ok {
				t.Fatalf("%s: no %s token: %v", scope, kind, s.Err)
			}
			want := preset(t, c.Presets(), name)
			if r := c.Check(t.Context(), token.Value, want); r.Verdict != validate.Valid || want.Tenants == nil || want.Type == "" {
				t.Errorf("%s by %s: %s, %s", kind, name, r.Verdict, r.Summary())
			}
			other := preset(t, c.Presets(), "Reports API")
			if r := c.Check(t.Context(), token.Value, other); r.Verdict != validate.Invalid || r.Status("audience") != validate.StatusFail {
				t.Errorf("%s by another API: %s", kind, r.Verdict)
			}
		}
	}
}

// threeProfiles takes a tenant and a client.
const threeProfiles = `
[profiles.work]
tenant = %[1]q
client_id = %[2]q
client_type = "native"
scopes = ["openid"]
[[profiles.work.resources]]
uri = "api://orders"
audience = "7d1e0c44-0000-4000-8000-0000000051ab"
[[profiles.work.resources]]
uri = "api://old"
version = "1.0"
[profiles.many]
tenant = "organizations"
client_id = %[2]q
client_type = "native"
scopes = ["openid"]
[profiles.china]
cloud = "china"
tenant = "contoso.partner.onmschina.cn"
client_id = %[2]q
client_type = "daemon"
secret_env = "X"
scopes = ["api://cn/.default"]
[[profiles.china.resources]]
uri = "api://cn"
version = "1.0"
`

// What a profile expects follows from what it says of tenant, cloud and APIs.
func TestExpectationsOfAProfile(t *testing.T) {
	const tenantID = "11111111-2222-4333-8444-555555555555"
	s := newShelf(t)
	s.write(fmt.Sprintf(threeProfiles, tenantID, appID))
	app, err := newApp(command.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	v2 := "https://login.microsoftonline.com/" + tenantID + "/v2.0"
	for name, want := range map[string][]validate.Expectations{
		"work": {
			{Issuer: v2, Audiences: []string{"7d1e0c44-0000-4000-8000-0000000051ab"}, Tenants: []string{tenantID}, Type: validate.KindAccess},
			{Issuer: "https://sts.windows.net/" + tenantID + "/", Audiences: []string{"api://old"}, Tenants: []string{tenantID}, Type: validate.KindAccess},
			{Issuer: v2, Audiences: []string{appID}, Tenants: []string{tenantID}, Type: validate.KindID},
		},
		"many":  {{Issuer: "https://login.microsoftonline.com/{tenantid}/v2.0", Audiences: []string{appID}, Type: validate.KindID}},
		"china": {{Issuer: "https://sts.chinacloudapi.cn/contoso.partner.onmschina.cn/", Audiences: []string{"api://cn"}, Type: validate.KindAccess}},
	} {
		got, err := app.Expectations(name)
		if err != nil || len(got) != len(want) {
			t.Errorf("%s: %v, %v", name, got, err)
			continue
		}
		for i := range want {
			if fmt.Sprint(got[i].Want) != fmt.Sprint(want[i]) {
				t.Errorf("%s, %s: %+v, want %+v", name, got[i].Name, got[i].Want, want[i])
			}
		}
	}
	if _, err := app.Expectations("nobody"); err == nil || !strings.Contains(err.Error(), "work") {
		t.Errorf("a profile that is not there: %v", err)
	}
	s.write("[profiles.work]\ntenant = \"contoso.com\"\nclient_id = \"" + appID + "\"\nclient_type = \"web\"\nscopes = [\"openid\"]\n[profiles.other]\ntenant = \"?\"\n")
	if got, err := app.Expectations("work"); err != nil || len(got) != 1 || got[0].Want.Issuer != "https://login.microsoftonline.com/contoso.com/v2.0" {
		t.Errorf("a profile that nobody can sign in with: %v, %v", got, err)
	}
	if _, err := app.Expectations("other"); err == nil || !strings.Contains(err.Error(), "tenant: ") || !strings.Contains(err.Error(), "line 7") {
		t.Errorf("a profile of no tenant: %v", err)
	}
	preset(t, checkerOf(t, true, command.KeyOptions{}).Presets(), "profile work: ID tokens")
	s.write("[profiles.broken")
	if _, err := app.Expectations("work"); err == nil {
		t.Error("a file that can't be read has expectations")
	}
	c := checkerOf(t, true, command.KeyOptions{})
	preset(t, c.Presets(), "Orders API") // those of the lab stay
}
