package lab

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/state"
)

// incoming is a token that Orders API was called with, of a person who signed
// in with these methods.
func (w *world) incoming(username string, methods ...string) string {
	w.Helper()
	form := w.signedIn(username, "web", webURI, directory.PlatformWeb, func(c *state.Code) { c.Auth.Methods = append([]string{"pwd"}, methods...) })
	return w.succeeds(w.tokens(form))["access_token"].(string)
}

// exchange is the form with which an API exchanges a token for Inventory API.
func (w *world) exchange(api, assertion string, pairs ...string) url.Values {
	return with(url.Values{
		"client_id": {w.app(api).ClientID}, "client_secret": {w.app(api).Secrets[0].Value}, "grant_type": {onBehalfGrant},
		"assertion": {assertion}, "scope": {stockDefault + " openid profile offline_access"}, "requested_token_use": {"on_behalf_of"},
	}, pairs...)
}

const adaName = "ada@contoso.example"

func TestOnBehalfOf(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"openid", "profile", "offline_access"} {
		w.grant(adaName, "orders-api", "graph", name)
	}
	w.grant(adaName, "orders-api", "inventory-api", "stock.read")
	r := w.succeeds(w.tokens(w.exchange("orders-api", w.incoming(adaName))))
	if r["refresh_token"] == nil || r["id_token"] == nil || !strings.Contains(r["scope"].(string), "stock.read") {
		t.Errorf("answer %v", r)
	}
	j := decode(t, r["access_token"].(string))
	if j.claims["appid"] != w.app("orders-api").ClientID || j.claims["appidacr"] != "1" || j.claims["oid"] != w.person(adaName).ObjectID || j.claims["scp"] != "stock.read" {
		t.Errorf("token %v", j.claims)
	}
	// The refresh token is the API's.
	again := url.Values{
		"client_id": {w.app("orders-api").ClientID}, "client_secret": {w.app("orders-api").Secrets[0].Value},
		"grant_type": {"refresh_token"}, "refresh_token": {r["refresh_token"].(string)},
	}
	w.succeeds(w.tokens(again))
	// At the v1.0 endpoint, and by its GUID.
	form := w.exchange("orders-api", w.incoming(adaName), "scope", "", "resource", w.app("inventory-api").ClientID)
	if r := w.succeeds(w.post(endpointV1(directory.ContosoID, "token"), form)); r["resource"] != w.app("inventory-api").ClientID || r["expires_on"] == nil {
		t.Errorf("v1.0: %v", r)
	}
	// At /organizations the assertion tells the tenant; Orders API is for one.
	w.fails(w.post(endpoint("organizations", "token"), w.exchange("orders-api", w.incoming(adaName))), failure{400, "invalid_request", 50194, "", ""})
}

// TestOnBehalfOfV1Token: an API with v1.0 tokens may be the middle one too, by
// whichever name the token's audience has.
func TestOnBehalfOfV1Token(t *testing.T) {
	d := directory.Seed()
	for i := range d.Apps {
		if d.Apps[i].Key == "inventory-api" {
			d.Apps[i].Secrets = []Secret{{ID: "0f8e2a3f-57f7-4f0b-bb6e-3d5b7c9f1f22", Value: "inventory-secret", Expires: time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)}}
			d.Apps[i].Permissions = []directory.Permission{{ResourceAppID: directory.GraphAppID, Scopes: []string{"User.Read"}}}
		}
	}
	w := newWorldOf(t, d)
	w.grant(adaName, "web", "inventory-api", "stock.read")
	w.grant(adaName, "inventory-api", "graph", "User.Read")
	for _, scope := range []string{stockDefault, w.app("inventory-api").ClientID + "/.default"} {
		form := w.signedIn(adaName, "web", webURI, directory.PlatformWeb, nil)
		token := w.succeeds(w.tokens(with(form, "scope", scope)))["access_token"].(string)
		w.succeeds(w.tokens(w.exchange("inventory-api", token, "scope", "https://graph.microsoft.com/.default")))
	}
}

// TestOnBehalfOfErrors is long because it is a table.
func TestOnBehalfOfErrors(t *testing.T) {
	bad := func(code int) failure { return failure{400, "invalid_grant", code, "", ""} }
	good := func(w *world) string { return w.incoming(adaName) }
	for _, c := range []struct {
		name  string
		token func(w *world) string
		after func(w *world)
		pairs []string
		want  failure
	}{
		{name: "no use", token: good, pairs: []string{"requested_token_use", ""}, want: failure{400, "invalid_request", 900144, "", ""}},
		{name: "other use", token: good, pairs: []string{"requested_token_use", "x"}, want: failure{400, "invalid_request", 90023, "", ""}},
		{name: "SAML", token: good, pairs: []string{"requested_token_type", "urn:ietf:params:oauth:token-type:saml2"}, want: failure{400, "invalid_request", 90010, "", ""}},
		{name: "no assertion", token: good, pairs: []string{"assertion", ""}, want: failure{400, "invalid_request", 900144, "", ""}},
		{name: "no credential", token: good, pairs: []string{"client_secret", ""}, want: failure{401, "invalid_client", 7000218, "", ""}},
		{name: "public client", token: good, pairs: []string{"client_secret", "", "client_id", directory.Seed().Apps[4].ClientID}, want: failure{401, "invalid_client", 7000218, "", ""}},
		{name: "no scope", token: good, pairs: []string{"scope", ""}, want: failure{400, "invalid_request", 900144, "", ""}},
		{name: "two APIs", token: good, pairs: []string{"scope", stockDefault + " User.Read"}, want: failure{400, "invalid_request", 28000, "", ""}},
		{name: "no JWT", token: func(*world) string { return "x.y" }, want: bad(50027)},
		{name: "encrypted", token: func(*world) string { return "e30.AA.AA.AA.AA" }, want: bad(50027)},
		{name: "signature", token: func(w *world) string { return tampered(w.incoming(adaName)) }, want: bad(50013)},
		{name: "not ours", token: func(w *world) string {
			s, header, claims := w.identity()
			return s.sign(header, claims)
		}, want: bad(50013)},
		{name: "algorithm", token: func(w *world) string {
			s, header, claims := w.proof("web", 0)
			return s.sign(header, changed(claims, "iss", labBase+"/"+directory.ContosoID+"/v2.0"))
		}, want: bad(50013)},
		{name: "audience", token: func(w *world) string {
			w.grant(adaName, "web", "inventory-api", "stock.read")
			form := w.signedIn(adaName, "web", webURI, directory.PlatformWeb, nil)
			return w.succeeds(w.tokens(with(form, "scope", stockDefault)))["access_token"].(string)
		}, want: bad(500131)},
		{name: "Graph token", token: func(w *world) string {
			w.grant(adaName, "web", "graph", "User.Read")
			form := w.signedIn(adaName, "web", webURI, directory.PlatformWeb, nil)
			return w.succeeds(w.tokens(with(form, "scope", "User.Read")))["access_token"].(string)
		}, want: bad(500131)},
		{name: "expired", token: good, after: func(w *world) { w.now = w.now.Add(2 * time.Hour) }, want: bad(500133)},
		{name: "ID token", token: func(w *world) string {
			return w.succeeds(w.tokens(w.signedIn(adaName, "web", webURI, directory.PlatformWeb, nil)))["id_token"].(string)
		}, want: bad(240002)},
		{name: "application alone", token: func(w *world) string { return w.appToken() }, want: bad(7000113)},
		{name: "no consent", token: good, want: failure{400, "invalid_grant", 65001, "consent_required", ""}},
		{name: "revoked", token: good, after: func(w *world) { w.now = w.now.Add(time.Minute); w.turn("sessions-revoked", adaName) }, want: bad(50173)},
		{name: "disabled", token: good, after: func(w *world) { w.turn("account-disabled", adaName) }, want: bad(50057)},
		{name: "MFA", token: good, after: func(w *world) {
			w.turn("mfa-required", "on")
			w.grant(adaName, "orders-api", "inventory-api", "stock.read")
		}, want: failure{400, "interaction_required", 50076, "", "capolids"}},
		{name: "place", token: good, after: func(w *world) {
			w.turn("location-blocked", "on")
			w.grant(adaName, "orders-api", "inventory-api", "stock.read")
		}, want: failure{400, "interaction_required", 53003, "", ""}},
		{name: "claims", token: good, pairs: []string{"claims", "no"}, want: failure{400, "invalid_request", 90100, "", ""}},
		{name: "API unknown", token: good, pairs: []string{"scope", "api://nowhere/.default"}, want: failure{400, "invalid_resource", 500011, "", ""}},
		{name: "API not listed", token: good, pairs: []string{"scope", "api://vault.contoso.example/.default"}, want: failure{400, "invalid_resource", 650057, "", ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			token := c.token(w)
			if c.after != nil {
				c.after(w)
			}
			w.fails(w.tokens(w.exchange("orders-api", token, c.pairs...)), c.want)
		})
	}
}

// TestSecondFactorCarriesOver: what the person did for the first token counts
// for the second one.
func TestSecondFactorCarriesOver(t *testing.T) {
	const mia = "mia@contoso.example"
	w := newWorld(t)
	w.grant(mia, "orders-api", "inventory-api", "stock.read")
	r := w.succeeds(w.tokens(w.exchange("orders-api", w.incoming(mia, "mfa"))))
	if amr := decode(t, r["access_token"].(string)).claims["amr"]; fmt.Sprint(amr) != "[pwd mfa]" {
		t.Errorf("amr %v", amr)
	}
}

// TestCustomSigningKeyOnBehalfOf: tokens signed with an application's own key
// are no source.
func TestCustomSigningKeyOnBehalfOf(t *testing.T) {
	d := directory.Seed()
	for i := range d.Apps {
		if d.Apps[i].Key == "badges-api" {
			d.Apps[i].Secrets = []Secret{{ID: "0f8e2a3f-57f7-4f0b-bb6e-3d5b7c9f1f22", Value: "badges-secret", Expires: time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)}}
		}
	}
	w := newWorldOf(t, d)
	w.grant(adaName, "web", "badges-api", "badges.read")
	form := w.signedIn(adaName, "web", webURI, directory.PlatformWeb, nil)
	token := w.succeeds(w.tokens(with(form, "scope", "api://badges.contoso.example/badges.read")))["access_token"].(string)
	w.fails(w.tokens(w.exchange("badges-api", token)), failure{400, "invalid_request", 50146, "", ""})
}

// TestOnBehalfOfAcrossTenants: a token is exchanged in its own tenant only,
// which /organizations leaves to the token.
func TestOnBehalfOfAcrossTenants(t *testing.T) {
	d := directory.Seed()
	for i := range d.Apps {
		if d.Apps[i].Key == "orders-api" {
			d.Apps[i].InstalledIn, d.Apps[i].SignInAudience = []string{directory.FabrikamID}, directory.AudienceMultipleOrgs
		}
	}
	w := newWorldOf(t, d)
	w.grant(adaName, "orders-api", "inventory-api", "stock.read")
	form := w.exchange("orders-api", w.incoming(adaName))
	w.fails(w.post(endpoint(directory.FabrikamID, "token"), form), failure{400, "invalid_grant", 50013, "", ""})
	w.succeeds(w.post(endpoint("organizations", "token"), form))
}
