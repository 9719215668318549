package lab

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"flowscope/engine/lab/directory"
)

// published finds a key in the served key document, by kid.
func (w *world) published(tenant, kid string) *rsa.PublicKey {
	w.Helper()
	doc, _ := object(w, w.get(labBase+"/"+tenant+"/discovery/v2.0/keys").body)
	for _, k := range doc["keys"].([]any) {
		k := k.(map[string]any)
		if k["kid"] != kid {
			continue
		}
		n, err := base64.RawURLEncoding.DecodeString(k["n"].(string))
		if err != nil {
			w.Fatal(err)
		}
		e, err := base64.RawURLEncoding.DecodeString(k["e"].(string))
		if err != nil {
			w.Fatal(err)
		}
		return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
	}
	w.Fatalf("no key %q is published", kid)
	return nil
}

func (w *world) verifies(j jwt, signed []byte) bool {
	w.Helper()
	sum := sha256.Sum256(signed)
	return rsa.VerifyPKCS1v15(w.published(directory.ContosoID, j.header["kid"].(string)), crypto.SHA256, sum[:], j.sig) == nil
}

func TestAuthorizationCode(t *testing.T) {
	const scopes = "openid profile email offline_access " + ordersAs
	for _, c := range []struct {
		app, redirect, origin, proof string
		members                      []string
	}{
		{"web", webURI, "", "1", []string{"token_type", "scope", "expires_in", "ext_expires_in", "access_token", "refresh_token", "id_token", "client_info"}},
		{"spa", spaURI, "http://localhost:3000", "0", []string{"token_type", "scope", "expires_in", "ext_expires_in", "access_token", "refresh_token", "refresh_token_expires_in", "id_token", "client_info"}},
		{"native", "http://localhost:51234", "", "0", []string{"token_type", "scope", "expires_in", "ext_expires_in", "access_token", "refresh_token", "id_token", "client_info"}},
	} {
		t.Run(c.app, func(t *testing.T) {
			w := newWorld(t)
			code := w.code(c.app, c.redirect, scopes)
			headers := []string{}
			if c.origin != "" {
				headers = []string{"Origin", c.origin}
			}
			a := w.post(endpoint(directory.ContosoID, "token"), w.redemption(c.app, c.redirect, code, "client_info", "1"), headers...)
			if a.status != http.StatusOK || a.header.Get("Access-Control-Allow-Origin") != c.origin {
				t.Fatalf("status %d, CORS %q: %s", a.status, a.header.Get("Access-Control-Allow-Origin"), a.body)
			}
			r, order := object(t, a.body)
			if !slices.Equal(order, c.members) {
				t.Errorf("members %v, want %v", order, c.members)
			}
			if r["scope"] != ordersAs {
				t.Errorf("scope %q", r["scope"])
			}
			if in := r["expires_in"].(float64); in < 3599 || in > 5399 || in != r["ext_expires_in"] {
				t.Errorf("expires_in %v, ext_expires_in %v", in, r["ext_expires_in"])
			}
			w.checkUserAccess(decode(t, r["access_token"].(string)), c.app, c.proof, r["expires_in"].(float64))
			w.checkID(decode(t, r["id_token"].(string)), c.app)
			want := `{"uid":"71710605-4b43-4661-98ab-3173cd3be2ef","utid":"` + directory.ContosoID + `"}`
			if got, err := base64.RawURLEncoding.DecodeString(r["client_info"].(string)); err != nil || string(got) != want {
				t.Errorf("client_info %s, %v", got, err)
			}
		})
	}
}

func (w *world) checkUserAccess(j jwt, app, proof string, expiresIn float64) {
	w.Helper()
	order := []string{"aud", "iss", "iat", "nbf", "exp", "aio", "azp", "azpacr", "name", "oid", "preferred_username", "rh", "roles", "scp", "sub", "tid", "uti", "ver"}
	if !slices.Equal(j.order, order) {
		w.Errorf("access token members %v, want %v", j.order, order)
	}
	if !w.verifies(j, j.signed) {
		w.Error("the access token's signature does not fit the published key")
	}
	if _, has := j.header["x5t"]; has || j.header["alg"] != "RS256" || j.header["typ"] != "JWT" {
		w.Errorf("v2.0 header %v", j.header)
	}
	if life := j.claims["exp"].(float64) - j.claims["iat"].(float64); life != expiresIn+1+300 || j.claims["nbf"] != j.claims["iat"] {
		w.Errorf("exp-iat is %v with expires_in %v", life, expiresIn)
	}
	for name, want := range map[string]any{
		"aud": w.app("orders-api").ClientID, "iss": labBase + "/" + directory.ContosoID + "/v2.0", "azp": w.app(app).ClientID,
		"azpacr": proof, "name": "Ada Moreau", "preferred_username": "ada@contoso.example", "scp": "access_as_user",
		"tid": directory.ContosoID, "ver": "2.0", "oid": "71710605-4b43-4661-98ab-3173cd3be2ef",
	} {
		if j.claims[name] != want {
			w.Errorf("access token %s is %v, want %v", name, j.claims[name], want)
		}
	}
	if roles := j.claims["roles"].([]any); len(roles) != 1 || roles[0] != "Editor" {
		w.Errorf("roles %v", roles)
	}
	if len(j.claims["uti"].(string)) != 22 {
		w.Errorf("uti %q", j.claims["uti"])
	}
}

func (w *world) checkID(j jwt, app string) {
	w.Helper()
	order := []string{"aud", "iss", "iat", "nbf", "exp", "aio", "email", "name", "nonce", "oid", "preferred_username", "rh", "sub", "tid", "uti", "ver"}
	for _, name := range w.app(app).Optional.ID { // optional claims take their place in the alphabet
		if _, has := j.claims[name]; has {
			order = append(order, name)
		}
	}
	slices.Sort(order[5:])
	if !slices.Equal(j.order, order) {
		w.Errorf("ID token members %v, want %v", j.order, order)
	}
	if !w.verifies(j, j.signed) {
		w.Error("the ID token's signature does not fit the published key")
	}
	if j.claims["aud"] != w.app(app).ClientID || j.claims["nonce"] != "n-1" || j.claims["exp"].(float64)-j.claims["iat"].(float64) != 3900 {
		w.Errorf("ID token %v", j.claims)
	}
}

func TestRedirectCarriesCodeStateSession(t *testing.T) {
	w := newWorld(t)
	a := w.walk(w.authorize("contoso.example", w.request("spa", spaURI, "openid "+ordersAs)), "ada@contoso.example")
	if got := a.header.Get("Location"); !strings.HasPrefix(got, "http://localhost:3000/?code=1.A") || !strings.Contains(got, "&state=s+t%26te&session_state=") {
		t.Errorf("redirect %q", got)
	}
	// The session and the consent stand, so no page comes any more.
	a = w.authorize(directory.ContosoID, w.request("spa", spaURI, "openid "+ordersAs, "response_mode", "fragment", "prompt", "none"))
	if got := a.header.Get("Location"); !strings.HasPrefix(got, "http://localhost:3000/#code=") {
		t.Errorf("silent redirect %q", got)
	}
	a = w.authorize(directory.ContosoID, w.request("spa", spaURI, "openid "+ordersAs, "response_mode", "form_post"))
	if p := read(t, a.body); p.action != spaURI || p.fields.Get("code") == "" || p.fields.Get("state") != "s t&te" {
		t.Errorf("form_post page %+v", p)
	}
}

// TestTokenShapes checks v1.0 tokens, for an API and for Graph, and tokens of
// an application alone.
func TestTokenShapes(t *testing.T) {
	w := newWorld(t)
	redeem := func(scope string) jwt {
		t.Helper()
		code := w.code("web", webURI, scope)
		r, _ := object(t, w.post(endpoint(directory.ContosoID, "token"), w.redemption("web", webURI, code)).body)
		return decode(t, r["access_token"].(string))
	}
	stock := redeem("openid api://inventory.contoso.example/stock.read")
	want := []string{"aud", "iss", "iat", "nbf", "exp", "acr", "aio", "amr", "appid", "appidacr", "family_name", "given_name", "ipaddr", "name", "oid", "rh", "scp", "sub", "tid", "unique_name", "upn", "uti", "ver"}
	if !slices.Equal(stock.order, want) {
		t.Errorf("v1.0 members %v, want %v", stock.order, want)
	}
	if stock.claims["aud"] != "api://inventory.contoso.example" || stock.claims["iss"] != labBase+"/"+directory.ContosoID+"/" || stock.header["x5t"] != stock.header["kid"] || stock.claims["ver"] != "1.0" {
		t.Errorf("v1.0 token %v %v", stock.header, stock.claims)
	}
	if byID := redeem("openid " + w.app("inventory-api").ClientID + "/stock.read"); byID.claims["aud"] != w.app("inventory-api").ClientID {
		t.Errorf("aud %v when asked by GUID", byID.claims["aud"])
	}
	graph := redeem("openid profile https://graph.microsoft.com/User.Read")
	if w.verifies(graph, graph.signed) {
		t.Error("a Graph token verifies as it was received; only Graph may be able to")
	}
	nonce := graph.header["nonce"].(string)
	sum := sha256.Sum256([]byte(nonce))
	header := strings.Replace(string(graph.rawHeader), nonce, base64.RawURLEncoding.EncodeToString(sum[:]), 1)
	_, payload, _ := strings.Cut(string(graph.signed), ".")
	if !w.verifies(graph, []byte(base64.RawURLEncoding.EncodeToString([]byte(header))+"."+payload)) {
		t.Error("a Graph token does not verify over the hashed nonce either")
	}
	if graph.claims["aud"] != "https://graph.microsoft.com" || graph.claims["scp"] != "openid profile User.Read" || graph.claims["app_displayname"] != w.app("web").Name {
		t.Errorf("Graph token %v", graph.claims)
	}
}

func TestClientCredentials(t *testing.T) {
	w := newWorld(t)
	form := url.Values{
		"client_id": {w.app("daemon").ClientID}, "client_secret": {w.app("daemon").Secrets[0].Value}, "grant_type": {"client_credentials"},
		"scope": {"api://orders.contoso.example/.default openid offline_access profile"}, "client_info": {"1"},
	}
	a := w.post(endpoint(directory.ContosoID, "token"), form)
	r, order := object(t, a.body)
	if want := []string{"token_type", "expires_in", "ext_expires_in", "access_token"}; !slices.Equal(order, want) {
		t.Fatalf("members %v, want %v: %s", order, want, a.body)
	}
	if r["expires_in"] != 3599.0 {
		t.Errorf("expires_in %v", r["expires_in"])
	}
	j := decode(t, r["access_token"].(string))
	if want := []string{"aud", "iss", "iat", "nbf", "exp", "aio", "azp", "azpacr", "oid", "rh", "roles", "sub", "tid", "uti", "ver", "xms_ftd"}; !slices.Equal(j.order, want) {
		t.Errorf("members %v, want %v", j.order, want)
	}
	if sp := w.app("daemon").ServicePrincipalID; j.claims["oid"] != sp || j.claims["sub"] != sp || j.claims["azpacr"] != "1" || !w.verifies(j, j.signed) {
		t.Errorf("token %v", j.claims)
	}
	form.Set("scope", "https://graph.microsoft.com/.default")
	r, _ = object(t, w.post(endpoint("contoso.onmicrosoft.com", "token"), form).body)
	j = decode(t, r["access_token"].(string))
	if want := []string{"aud", "iss", "iat", "nbf", "exp", "aio", "appid", "appidacr", "idp", "oid", "rh", "sub", "tid", "uti", "ver"}; !slices.Equal(j.order, want) {
		t.Errorf("v1.0 members %v, want %v", j.order, want)
	}
}

func TestRefresh(t *testing.T) {
	w := newWorld(t)
	code := w.code("web", webURI, "openid offline_access "+ordersAs)
	first, _ := object(t, w.post(endpoint(directory.ContosoID, "token"), w.redemption("web", webURI, code)).body)
	form := url.Values{
		"client_id": {w.app("web").ClientID}, "client_secret": {w.app("web").Secrets[0].Value},
		"grant_type": {"refresh_token"}, "refresh_token": {first["refresh_token"].(string)},
	}
	w.now = w.now.Add(2 * time.Hour)
	second, _ := object(t, w.post(endpoint(directory.ContosoID, "token"), form).body)
	if second["refresh_token"] == first["refresh_token"] || second["refresh_token"] == nil || second["id_token"] == nil || second["scope"] != ordersAs {
		t.Fatalf("refreshed %v", second)
	}
	if again, _ := object(t, w.post(endpoint(directory.ContosoID, "token"), form).body); again["access_token"] == nil {
		t.Errorf("the old refresh token no longer works: %v", again)
	}
	// At /common, for another API that was not consented to.
	form.Set("scope", "https://graph.microsoft.com/User.Read")
	if e, _ := object(t, w.post(endpoint(directory.ContosoID, "token"), form).body); e["suberror"] != "consent_required" {
		t.Errorf("unconsented API: %v", e)
	}
	w.lab.RevokeConsent("ada@contoso.example", "web")
	form.Del("scope")
	if e, _ := object(t, w.post(endpoint(directory.ContosoID, "token"), form).body); e["error"] != "invalid_grant" || e["suberror"] != "consent_required" {
		t.Errorf("after the consent was revoked: %v", e)
	}
}

func TestSPARefreshEndsADayAfterSignIn(t *testing.T) {
	w := newWorld(t)
	code := w.code("spa", spaURI, "openid offline_access "+ordersAs)
	r, _ := object(t, w.post(endpoint(directory.ContosoID, "token"), w.redemption("spa", spaURI, code), "Origin", spaURI).body)
	if r["refresh_token_expires_in"] != 86400.0 {
		t.Errorf("refresh_token_expires_in %v at first", r["refresh_token_expires_in"])
	}
	form := url.Values{"client_id": {w.app("spa").ClientID}, "grant_type": {"refresh_token"}, "refresh_token": {r["refresh_token"].(string)}}
	w.now = w.now.Add(23 * time.Hour)
	r, _ = object(t, w.post(endpoint(directory.ContosoID, "token"), form, "Origin", spaURI).body)
	if r["refresh_token_expires_in"] != 3600.0 {
		t.Errorf("refresh_token_expires_in %v after 23 hours", r["refresh_token_expires_in"])
	}
	form.Set("refresh_token", r["refresh_token"].(string))
	w.now = w.now.Add(time.Hour)
	e, _ := object(t, w.post(endpoint(directory.ContosoID, "token"), form, "Origin", spaURI).body)
	if codes, ok := e["error_codes"].([]any); !ok || codes[0] != 700084.0 {
		t.Errorf("after 24 hours: %v", e)
	}
}
