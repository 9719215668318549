package lab

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/state"
)

func (w *world) has(username, client, api, name string) bool {
	u, _ := w.dir.Account(username)
	return w.lab.state.Consents.Has(state.Person{TenantID: u.TenantID, ObjectID: u.ObjectID}, w.app(client).ClientID, w.app(api).ClientID, name)
}

// TestCombinedConsent accepts /.default of an API that knows the client: what
// the API needs for itself is on the same page.
func TestCombinedConsent(t *testing.T) {
	w := newWorld(t)
	a := w.enter(directory.ContosoID, w.request("spa", spaURI, "openid api://orders.contoso.example/.default"), "ada@contoso.example")
	p := read(t, a.body)
	if p.heading != "Permissions requested" || !strings.Contains(a.body, "Orders API works for this application") ||
		!slices.ContainsFunc(p.items, func(s string) bool { return strings.Contains(s, "Inventory API: stock.read") }) {
		t.Fatalf("the page lists %q", p.items)
	}
	if location(t, w.post(labBase+p.action, with(p.fields, "action", "accept"))).Query().Get("code") == "" {
		t.Fatal("no code")
	}
	if !w.has("ada@contoso.example", "orders-api", "inventory-api", "stock.read") || !w.has("ada@contoso.example", "spa", "orders-api", "access_as_user") {
		t.Error("the API's own consent was not kept")
	}
	if w.has("ben@contoso.example", "orders-api", "inventory-api", "stock.read") {
		t.Error("the consent reaches Ben")
	}
	// A client that asks for a single permission gets no more than that.
	w = newWorld(t)
	p = read(t, w.enter(directory.ContosoID, w.request("spa", spaURI, "openid "+ordersAs), "ada@contoso.example").body)
	if len(p.items) != 2 {
		t.Errorf("a single permission lists %q", p.items)
	}
}

// TestCombinedConsentWorks lets the API act on behalf of the person afterwards,
// which a consent to the API alone does not allow.
func TestCombinedConsentWorks(t *testing.T) {
	const inventory = "api://inventory.contoso.example/.default"
	for scope, want := range map[string]int{"openid api://orders.contoso.example/.default": http.StatusOK, "openid " + ordersAs: http.StatusBadRequest} {
		w := newWorld(t)
		form := w.redemption("native", nativeURI, w.code("native", nativeURI, scope))
		r, _ := object(t, w.post(endpoint(directory.ContosoID, "token"), form).body)
		token, _ := r["access_token"].(string)
		api := w.app("orders-api")
		a := w.post(endpoint(directory.ContosoID, "token"), url.Values{
			"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "requested_token_use": {"on_behalf_of"}, "assertion": {token},
			"client_id": {api.ClientID}, "client_secret": {api.Secrets[0].Value}, "scope": {inventory},
		})
		if a.status != want || want != http.StatusOK && !strings.Contains(a.body, "AADSTS65001") {
			t.Errorf("%s: on behalf of: %d %s", scope, a.status, a.body)
		}
	}
}

func TestPreAuthorizedClient(t *testing.T) {
	w := newWorld(t)
	a := w.enter(directory.ContosoID, w.request("cli", nativeURI, ordersAs), "ada@contoso.example")
	if location(t, a).Query().Get("code") == "" {
		t.Errorf("asked for consent: %s", a.body)
	}
	p := read(t, w.enter(directory.ContosoID, w.request("cli", nativeURI, "User.Read"), "ada@contoso.example").body)
	if p.heading != "Permissions requested" {
		t.Errorf("another API: %+v", p)
	}
}

func TestConsentByPolicy(t *testing.T) {
	q := func(w *world) url.Values { return w.request("web", webURI, "openid "+ordersAs) }
	w := newWorld(t)
	w.turn("user-consent-off", "on")
	w.checkErrorPage(w.enter(directory.ContosoID, q(w), "ada@contoso.example"), "AADSTS90094", "Contoso Orders Web")

	w.turn("consent-requests", "on")
	p := read(t, w.authorize(directory.ContosoID, q(w)).body)
	if p.heading != "Approval required" || p.code != "AADSTS90095" || !slices.Equal(p.buttons, []string{"Request approval", "Back"}) || len(p.items) != 2 {
		t.Fatalf("requests are on: %+v", p)
	}
	if sent := read(t, w.post(labBase+p.action, with(p.fields, "reason", "<b>I need it", "action", "request")).body); sent.heading != "Your request was sent" {
		t.Errorf("sent: %+v", sent)
	}
	if again := read(t, w.post(labBase+p.action, with(p.fields, "action", "request")).body); again.code != "AADSTS50089" {
		t.Errorf("sent twice: %+v", again)
	}
	p = read(t, w.authorize(directory.ContosoID, q(w)).body)
	w.checkErrorRedirect(location(t, w.post(labBase+p.action, with(p.fields, "action", "cancel"))), "AADSTS90095", "access_denied", "")
	// The form of the consent page is no way around.
	p = read(t, w.authorize(directory.ContosoID, q(w)).body)
	w.checkErrorPage(w.post(labBase+"/contoso.example/Consent/Set", with(p.fields, "action", "accept")), "AADSTS90095", "")
	if w.has("ada@contoso.example", "web", "orders-api", "access_as_user") {
		t.Error("the consent was kept")
	}
	if got := location(t, w.walk(w.enter(directory.ContosoID, q(w), "grace@contoso.example"), "grace@contoso.example")).Query(); got.Get("code") == "" {
		t.Errorf("an administrator: %v", got)
	}
}

func TestCancelledConsentSaysSo(t *testing.T) {
	w := newWorld(t)
	p := read(t, w.enter(directory.ContosoID, w.request("web", webURI, "openid"), "ada@contoso.example").body)
	got := location(t, w.post(labBase+p.action, with(p.fields, "action", "cancel"))).Query()
	if got.Get("error_subcode") != "cancel" || got.Get("error") != "access_denied" {
		t.Errorf("redirected with %v", got)
	}
}

// TestApplicationsThatAreOff asks for clients and APIs that are disabled, and
// for a tenant that is shut.
func TestApplicationsThatAreOff(t *testing.T) {
	w := newWorld(t)
	w.checkErrorPage(w.authorize(directory.ContosoID, w.request("retired", "http://localhost:3000/retired", "openid")), "AADSTS7000112", "Contoso Retired App")
	w.checkErrorPage(w.authorize("northwind.onmicrosoft.com", w.request("web", webURI, "openid")), "AADSTS5000225", directory.DormantID)
	a := w.enter(directory.ContosoID, w.request("web", webURI, "openid api://archive.contoso.example/archive.read"), "ada@contoso.example")
	w.checkErrorRedirect(location(t, a), "AADSTS500014", "invalid_resource", "archive")
	w.turn("app-disabled", "web")
	w.checkErrorPage(w.authorize(directory.ContosoID, w.request("web", webURI, "openid")), "AADSTS7000112", "Contoso Orders Web")
	w.turn("app-disabled", "orders-api")
	w.checkErrorRedirect(w.silent(directory.ContosoID, w.request("web", webURI, "openid "+ordersAs)), "AADSTS500014", "invalid_resource", "")
}

func TestAssigned(t *testing.T) {
	w := newWorld(t)
	q := w.request("payroll", "http://localhost:3000/payroll", "openid")
	w.checkErrorPage(w.enter(directory.ContosoID, q, "ada@contoso.example"), "AADSTS50105", "ada@contoso.example")
	if got := location(t, w.walk(w.enter(directory.ContosoID, q, "grace@contoso.example"), "grace@contoso.example")).Query(); got.Get("code") == "" {
		t.Errorf("who is assigned: %v", got)
	}
}

func (w *world) adminConsent(path, app, uri string, pairs ...string) answer {
	w.Helper()
	q := with(url.Values{"client_id": {w.app(app).ClientID}, "redirect_uri": {uri}, "state": {"s t&te"}}, pairs...)
	return w.get(labBase + "/" + path + "?" + q.Encode())
}

const graphDefault = "https://graph.microsoft.com/.default"

// TestAdminConsent walks the endpoint of v2.0 and that of v1.0, accepts and
// cancels, and wants the application permission to work afterwards.
func TestAdminConsent(t *testing.T) {
	const uri = "http://localhost:3000/auth/callback"
	for _, c := range []struct{ name, path, tenant, scope, username string }{
		{"v2.0", "contoso.example/v2.0/adminconsent", directory.ContosoID, graphDefault, "grace@contoso.example"},
		{"v2.0 organizations", "organizations/v2.0/adminconsent", directory.FabrikamID, graphDefault, "hugo@fabrikam.example"},
		{"v1.0", "contoso.example/adminconsent", directory.ContosoID, "", "grace@contoso.example"},
		{"v1.0 common", "common/adminconsent", directory.ContosoID, "", "grace@contoso.example"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			sign := func() page {
				a := w.adminConsent(c.path, "partner", uri, "scope", c.scope)
				p := read(t, a.body)
				if p.heading != "Sign in" {
					return p
				}
				u, _ := w.dir.Account(c.username)
				return read(t, w.post(labBase+p.action, with(p.fields, "username", c.username, "password", u.Password, "action", "signin")).body)
			}
			p := sign()
			if p.heading != "Permissions requested for your organisation" || !slices.ContainsFunc(p.items, func(s string) bool { return strings.Contains(s, "User.Read.All") }) {
				t.Fatalf("page %+v", p)
			}
			got := location(t, w.post(labBase+p.action, with(p.fields, "action", "cancel"))).Query()
			want := map[bool]string{true: "permission_denied", false: "access_denied"}[c.scope == ""]
			if got.Get("error") != want || got.Get("admin_consent") != "True" || got.Has("tenant") || got.Get("state") != "s t&te" || !strings.HasPrefix(got.Get("error_description"), "AADSTS65004:") {
				t.Errorf("cancelled: %v", got)
			}
			if a := w.post(endpoint(c.tenant, "token"), w.roleForm()); a.status == 200 && c.tenant == directory.ContosoID {
				t.Errorf("a token before the consent: %s", a.body)
			}
			p = sign()
			got = location(t, w.post(labBase+p.action, with(p.fields, "action", "accept"))).Query()
			if got.Get("admin_consent") != "True" || got.Get("tenant") != c.tenant || got.Get("state") != "s t&te" || got.Get("scope") != c.scope || got.Has("error") {
				t.Errorf("accepted: %v", got)
			}
			r, _ := object(t, w.post(endpoint(c.tenant, "token"), w.roleForm()).body)
			token, _ := r["access_token"].(string)
			if token == "" {
				t.Fatalf("no token afterwards: %v", r)
			}
			if roles, _ := decode(t, token).claims["roles"].([]any); len(roles) != 1 || roles[0] != "User.Read.All" {
				t.Errorf("roles %v", roles)
			}
			if code := w.silent(c.tenant, w.request("partner", uri, "User.Read")).Query().Get("code"); code == "" {
				t.Error("people are still asked")
			}
		})
	}
}

// roleForm asks for a token of the partner's application alone.
func (w *world) roleForm() url.Values {
	app := w.app("partner")
	return url.Values{"client_id": {app.ClientID}, "client_secret": {app.Secrets[0].Value}, "grant_type": {"client_credentials"}, "scope": {graphDefault}}
}

func TestAdminConsentErrors(t *testing.T) {
	for _, c := range []struct {
		name, path, app, uri, scope, code, oauth string
	}{
		{"common at v2.0", "common/v2.0/adminconsent", "partner", webURI, graphDefault, "AADSTS90130", ""},
		{"consumers", "consumers/v2.0/adminconsent", "everyone", nativeURI, graphDefault, "AADSTS90130", ""},
		{"unknown tenant", unknownID + "/v2.0/adminconsent", "partner", webURI, graphDefault, "AADSTS90002", ""},
		{"redirect", "contoso.example/v2.0/adminconsent", "partner", "https://evil.example/", graphDefault, "AADSTS50011", ""},
		{"no scope", "contoso.example/v2.0/adminconsent", "web", webURI, "", "AADSTS900144", "invalid_request"},
		{"bad scope", "contoso.example/v2.0/adminconsent", "web", webURI, "a\\b", "AADSTS70011", "invalid_scope"},
		{"single tenant", "organizations/v2.0/adminconsent", "web", webURI, graphDefault, "AADSTS50194", ""},
	} {
		w := newWorld(t)
		a := w.adminConsent(c.path, c.app, c.uri, "scope", c.scope)
		if c.oauth == "" {
			w.checkErrorPage(a, c.code, "")
			continue
		}
		w.checkErrorRedirect(location(t, a), c.code, c.oauth, "")
		if location(t, a).Query().Get("admin_consent") != "True" {
			t.Errorf("%s: %s", c.name, a.header.Get("Location"))
		}
	}
	w := newWorld(t)
	p := read(t, w.adminConsent("contoso.example/v2.0/adminconsent", "partner", webURI, "scope", graphDefault).body)
	form := with(p.fields, "username", "ada@contoso.example", "password", "Harbour-Lamp-42", "action", "signin")
	w.checkErrorPage(w.post(labBase+p.action, form), "AADSTS90093", "Fabrikam Insights")
	// Neither by the form behind it.
	w.checkErrorPage(w.post(labBase+"/contoso.example/Consent/Set", with(form, "action", "accept")), "AADSTS50089", "")
}
