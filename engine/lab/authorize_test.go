package lab

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"flowscope/engine/lab/directory"
)

// TestAuthorizeErrors checks where each error goes: a page for what concerns
// client and redirect URI, a redirect for the rest.
//
// It is long because it is a table.
func TestAuthorizeErrors(t *testing.T) {
	long := strings.Repeat("a", 129)
	for _, c := range []struct {
		name, tenant, app string
		pairs             []string
		code, oauth, says string // no oauth: a page
	}{
		{"unknown tenant", unknownID, "web", nil, "AADSTS90002", "", unknownID},
		{"no tenant", "nix", "web", nil, "AADSTS900023", "", "nix"},
		{"client missing", "", "web", []string{"client_id", ""}, "AADSTS900144", "", "'client_id'"},
		{"client unknown", "", "web", []string{"client_id", unknownID}, "AADSTS700016", "", unknownID},
		{"client zeros", "", "web", []string{"client_id", "00000000-0000-0000-0000-000000000000"}, "AADSTS700038", "", ""},
		{"client of another tenant", "fabrikam.example", "web", nil, "AADSTS700016", "", "Fabrikam"},
		{"redirect not registered", "", "web", []string{"redirect_uri", "https://evil.example/cb"}, "AADSTS50011", "", "https://evil.example/cb"},
		{"redirect path case", "", "web", []string{"redirect_uri", "http://localhost:3000/Auth/callback"}, "AADSTS50011", "", ""},
		{"redirect with user", "", "native", []string{"redirect_uri", "http://localhost:1@evil.example/"}, "AADSTS50011", "", ""},
		{"redirect with fragment", "", "native", []string{"redirect_uri", "http://localhost/#x"}, "AADSTS50011", "", ""},
		{"redirect missing of several", "", "web", []string{"redirect_uri", ""}, "AADSTS900971", "", ""},
		{"none registered", "", "daemon", nil, "AADSTS500113", "", ""},
		{"single tenant at common", "common", "web", nil, "AADSTS50194", "", "10/15/2018"},
		{"work at consumers", "consumers", "web", nil, "AADSTS9002332", "", ""},
		{"too long", "", "web", []string{"x", strings.Repeat("y", maxQuery)}, "AADSTS90015", "", ""},
		{"response type missing", "", "web", []string{"response_type", ""}, "AADSTS900144", "invalid_request", "'response_type'"},
		{"response type unknown", "", "web", []string{"response_type", "magic"}, "AADSTS70005", "unsupported_response_type", "'magic'"},
		{"token not enabled", "", "web", []string{"response_type", "id_token token", "response_mode", "query"}, "AADSTS700051", "unsupported_response_type", ""},
		{"id_token not enabled", "", "web", []string{"response_type", "code id_token", "response_mode", "query"}, "AADSTS700054", "unsupported_response_type", ""},
		{"response mode", "", "web", []string{"response_mode", "smoke"}, "AADSTS70007", "invalid_request", "'smoke'"},
		{"scope missing", "", "web", []string{"scope", ""}, "AADSTS900144", "invalid_request", "'scope'"},
		{"scope grammar", "", "web", []string{"scope", "a\\b"}, "AADSTS70011", "invalid_scope", ""},
		{"scope of two APIs", "", "web", []string{"scope", ordersAs + " User.Read"}, "AADSTS700022", "invalid_scope", ""},
		{"resource on v2.0", "", "web", []string{"resource", "x"}, "AADSTS901002", "invalid_request", ""},
		{"prompt", "", "web", []string{"prompt", "now"}, "AADSTS90023", "invalid_request", "'now'"},
		{"challenge short", "", "web", []string{"code_challenge", "abc"}, "AADSTS501491", "invalid_request", "3 characters"},
		{"challenge long", "", "web", []string{"code_challenge", long}, "AADSTS501491", "invalid_request", "129"},
		{"challenge missing", "", "web", []string{"code_challenge", ""}, "AADSTS50147", "invalid_request", ""},
		{"challenge characters", "", "web", []string{"code_challenge", strings.Repeat("a", 42) + "+"}, "AADSTS50147", "invalid_request", ""},
		{"max_age", "", "web", []string{"max_age", "soon"}, "AADSTS90023", "invalid_request", "'soon'"},
		{"claims", "", "web", []string{"claims", "[1]"}, "AADSTS90100", "invalid_request", "'claims'"},
		{"challenge method", "", "web", []string{"code_challenge_method", "S512"}, "AADSTS50149", "invalid_request", "'S512'"},
		{"nobody signed in", "", "web", []string{"prompt", "none"}, "AADSTS50058", "login_required", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			if c.tenant == "" {
				c.tenant = directory.ContosoID
			}
			redirect := map[string]string{"web": webURI, "native": "http://localhost"}[c.app]
			a := w.authorize(c.tenant, w.request(c.app, redirect, "openid "+ordersAs, c.pairs...))
			if c.oauth == "" {
				w.checkErrorPage(a, c.code, c.says)
				return
			}
			w.checkErrorRedirect(location(t, a), c.code, c.oauth, c.says)
		})
	}
}

// TestOddRedirectURIs checks the codes of addresses that could never be
// registered.
func TestOddRedirectURIs(t *testing.T) {
	for _, c := range []struct{ name, uri, code, says string }{
		{"plain http", "http://app.contoso.example/auth/callback", "AADSTS500117", "http://app.contoso.example"},
		{"plain http, address", "http://192.0.2.1/auth/callback", "AADSTS500117", ""},
		{"script", "javascript:alert(1)", "AADSTS500111", "javascript:"},
		{"data", "data:text/html,x", "AADSTS500111", ""},
		{"file", "FILE:///etc/passwd", "AADSTS500111", ""},
		{"relative", "/auth/callback", "AADSTS90102", "'redirect_uri'"},
		{"other scheme", "myapp://auth", "AADSTS50011", ""},
	} {
		w := newWorld(t)
		w.checkErrorPage(w.authorize(directory.ContosoID, w.request("web", c.uri, "openid")), c.code, c.says)
	}
}

func (w *world) checkErrorPage(a answer, code, says string) {
	w.Helper()
	p := read(w, a.body)
	if a.status != http.StatusOK || a.header.Get("Location") != "" || p.code != code || !strings.Contains(p.problem, says) {
		w.Fatalf("got %d %s %q, want a page with %s and %q", a.status, p.code, p.problem, code, says)
	}
	lines := strings.Split(p.details, "\n")
	if len(lines) != 4 || lines[0] != "Request Id: "+a.header.Get("X-Ms-Request-Id") || !strings.HasPrefix(lines[1], "Correlation Id: ") ||
		lines[2] != "Timestamp: 2026-03-04T10:00:00Z" || lines[3] != "Message: "+code+": "+p.problem {
		w.Errorf("details %q", lines)
	}
}

func (w *world) checkErrorRedirect(u *url.URL, code, oauth, says string) {
	w.Helper()
	q := u.Query()
	if q.Get("error") != oauth || !strings.HasPrefix(q.Get("error_description"), code+": ") || !strings.Contains(q.Get("error_description"), says) || q.Get("state") != "s t&te" {
		w.Errorf("redirected with %v, want %s %s", q, oauth, code)
	}
	if uri := q.Get("error_uri"); (uri == "") != (code == "AADSTS65001") {
		w.Errorf("error_uri %q for %s", uri, code)
	}
}

func TestPKCEWithoutMethodIsPlain(t *testing.T) {
	w := newWorld(t)
	code := w.code("web", webURI, "openid "+ordersAs, "code_challenge", verifier, "code_challenge_method", "")
	if a := w.post(endpoint(directory.ContosoID, "token"), w.redemption("web", webURI, code)); a.status != http.StatusOK {
		t.Errorf("plain challenge: %s", a.body)
	}
}

func TestResourceErrorsComeAfterSignIn(t *testing.T) {
	for scope, want := range map[string][2]string{
		"openid api://nowhere/x":                                        {"AADSTS500011", "invalid_resource"},
		"openid api://orders.contoso.example/Eat":                       {"AADSTS650053", "invalid_client"},
		"openid api://inventory.contoso.example/.default":               {"AADSTS650057", "invalid_resource"},
		"openid " + ordersAs + " api://orders.contoso.example/.default": {"AADSTS70011", "invalid_scope"},
	} {
		w := newWorld(t)
		a := w.authorize(directory.ContosoID, w.request("spa", spaURI, scope))
		if p := read(t, a.body); p.heading != "Sign in" {
			t.Fatalf("%s: %q comes before the sign-in", scope, p.heading)
		}
		w.checkErrorRedirect(location(t, w.walk(a, "ada@contoso.example")), want[0], want[1], "")
	}
}

func TestSignInErrors(t *testing.T) {
	for _, c := range []struct{ username, password, code string }{
		{"ada@contoso.example", "wrong", "AADSTS50126"},
		{"dimitri@contoso.example", "Quiet-Meadow-61", "AADSTS50057"},
		{"dimitri@contoso.example", "wrong", "AADSTS50126"},
		{"nobody@contoso.example", "x", "AADSTS50034"},
		{`"><script>alert(1)</script>`, "x", "AADSTS50034"},
	} {
		w := newWorld(t)
		p := read(t, w.authorize(directory.ContosoID, w.request("web", webURI, "openid", "login_hint", "hint@contoso.example")).body)
		if p.fields.Get("username") != "hint@contoso.example" || !slices.Equal(p.buttons, []string{"Sign in", "Cancel"}) {
			t.Errorf("first page %+v", p)
		}
		a := w.post(labBase+p.action, with(p.fields, "username", c.username, "password", c.password, "action", "signin"))
		p = read(t, a.body)
		if a.status != http.StatusOK || p.heading != "Sign in" || p.code != c.code || p.problem == "" || p.fields.Get("username") != c.username {
			t.Errorf("%s: %d %+v", c.username, a.status, p)
		}
		if strings.Contains(a.body, "<script") {
			t.Errorf("%s: the page holds a script", c.username)
		}
		if last := w.lab.Reasons(); last[len(last)-1].Reason == "" {
			t.Error("no reason kept aside")
		}
		if a = w.walk(a, "ada@contoso.example"); location(t, a).Query().Get("code") == "" {
			t.Errorf("no code after a second try")
		}
	}
}

func TestSignInCancelled(t *testing.T) {
	w := newWorld(t)
	p := read(t, w.authorize(directory.ContosoID, w.request("web", webURI, "openid")).body)
	a := w.post(labBase+p.action, with(p.fields, "action", "cancel"))
	if got := read(t, a.body); a.status != http.StatusOK || got.heading != "Sign-in cancelled" {
		t.Errorf("cancelled: %d %+v", a.status, got)
	}
	if got := read(t, w.post(labBase+p.action, p.fields).body); got.code != "AADSTS50089" {
		t.Errorf("a cancelled sign-in went on: %+v", got)
	}
}

func TestSignInIsBoundToItsBrowser(t *testing.T) {
	w := newWorld(t)
	p := read(t, w.authorize(directory.ContosoID, w.request("web", webURI, "openid")).body)
	form := with(p.fields, "username", "ada@contoso.example", "password", "Harbour-Lamp-42", "action", "signin")
	own := w.browser
	w.newBrowser()
	if got := read(t, w.post(labBase+p.action, form).body); got.code != "AADSTS90013" {
		t.Errorf("another browser went on: %+v", got)
	}
	w.browser = own
	w.now = w.now.Add(15 * time.Minute)
	if got := read(t, w.post(labBase+p.action, form).body); got.code != "AADSTS50089" {
		t.Errorf("a late sign-in went on: %+v", got)
	}
}

func TestGuestOfNoTenant(t *testing.T) {
	w := newWorld(t)
	p := read(t, w.authorize(directory.ContosoID, w.request("web", webURI, "openid")).body)
	a := w.post(labBase+p.action, with(p.fields, "username", "noor@fabrikam.example", "password", "Golden-Ferry-29", "action", "signin"))
	w.checkErrorPage(a, "AADSTS50020", "noor@fabrikam.example")
	// The multi-tenant application takes her at /organizations.
	a = w.walk(w.authorize("organizations", w.request("native", "http://localhost", "openid profile User.Read")), "noor@fabrikam.example")
	form := w.redemption("native", "http://localhost", location(t, a).Query().Get("code"))
	r, _ := object(t, w.post(endpoint("organizations", "token"), form).body)
	if id := decode(t, r["id_token"].(string)); id.claims["tid"] != directory.FabrikamID || id.claims["iss"] != labBase+"/"+directory.FabrikamID+"/v2.0" {
		t.Errorf("ID token %v", id.claims)
	}
}

func TestConsent(t *testing.T) {
	w := newWorld(t)
	q := w.request("web", webURI, "openid offline_access "+ordersAs)
	p := read(t, w.authorize(directory.ContosoID, q).body)
	a := w.post(labBase+p.action, with(p.fields, "username", "ADA@contoso.example", "password", "Harbour-Lamp-42", "action", "signin"))
	p = read(t, a.body)
	if p.heading != "Permissions requested" || !strings.Contains(a.body, "Contoso Orders Web") || !strings.Contains(a.body, "contoso.onmicrosoft.com") ||
		len(p.items) != 3 || !strings.Contains(p.items[0], "Use Orders API as you") || !slices.Equal(p.buttons, []string{"Accept", "Cancel"}) {
		t.Fatalf("consent page %+v", p)
	}
	silent := w.authorize(directory.ContosoID, with(q, "prompt", "none"))
	w.checkErrorRedirect(location(t, silent), "AADSTS65001", "consent_required", w.app("web").ClientID)
	if p := read(t, w.post(labBase+p.action, with(p.fields, "action", "maybe")).body); p.code != "AADSTS9002313" {
		t.Errorf("neither accept nor cancel: %+v", p)
	}
	w.checkErrorRedirect(location(t, w.post(labBase+p.action, with(p.fields, "action", "cancel"))), "AADSTS65004", "access_denied", "")

	a = w.authorize(directory.ContosoID, with(q, "prompt", ""))
	p = read(t, a.body)
	if a = w.post(labBase+p.action, with(p.fields, "action", "accept")); location(t, a).Query().Get("code") == "" {
		t.Error("no code after consent")
	}
	if a = w.authorize(directory.ContosoID, with(q, "prompt", "none")); location(t, a).Query().Get("code") == "" {
		t.Error("silent request refused after consent")
	}
	if p = read(t, w.authorize(directory.ContosoID, with(q, "prompt", "consent")).body); len(p.items) != 3 {
		t.Errorf("prompt=consent asks %+v", p)
	}
	w.lab.RevokeConsent("ada@contoso.example", "web")
	if p = read(t, w.authorize(directory.ContosoID, with(q, "prompt", "")).body); p.heading != "Permissions requested" {
		t.Errorf("after the consent was revoked: %+v", p)
	}
}

func TestAdministratorConsent(t *testing.T) {
	w := newWorld(t)
	q := w.request("web", webURI, "openid Directory.Read.All")
	p := read(t, w.authorize(directory.ContosoID, q).body)
	a := w.post(labBase+p.action, with(p.fields, "username", "ben@contoso.example", "password", "Copper-Kettle-17", "action", "signin"))
	w.checkErrorPage(a, "AADSTS90094", "Contoso Orders Web")
	p = read(t, w.authorize(directory.ContosoID, with(q, "prompt", "login")).body)
	p = read(t, w.post(labBase+p.action, with(p.fields, "username", "grace@contoso.example", "password", "Silver-Anchor-03", "action", "signin")).body)
	a = w.post(labBase+p.action, with(p.fields, "action", "accept", "organisation", "1"))
	if location(t, a).Query().Get("code") == "" {
		t.Fatalf("no code for the administrator: %s", a.body)
	}
	w.newBrowser()
	p = read(t, w.authorize(directory.ContosoID, with(q, "prompt", "")).body)
	a = w.post(labBase+p.action, with(p.fields, "username", "ben@contoso.example", "password", "Copper-Kettle-17", "action", "signin"))
	if location(t, a).Query().Get("code") == "" {
		t.Errorf("Ben is still asked after consent for everyone: %s", a.body)
	}
}

func TestPrompts(t *testing.T) {
	w := newWorld(t)
	w.code("web", webURI, "openid")
	q := w.request("web", webURI, "openid")
	if p := read(t, w.authorize(directory.ContosoID, with(q, "prompt", "login")).body); p.heading != "Sign in" || len(p.buttons) != 2 {
		t.Errorf("prompt=login: %+v", p)
	}
	p := read(t, w.authorize(directory.ContosoID, with(q, "prompt", "select_account")).body)
	if p.heading != "Pick an account" || p.accounts["ada@contoso.example"] == "" {
		t.Fatalf("prompt=select_account: %+v", p)
	}
	if a := w.post(labBase+p.action, with(p.fields, "account", p.accounts["ada@contoso.example"])); location(t, a).Query().Get("code") == "" {
		t.Errorf("going on: %s", a.body)
	}
	a := w.authorize(directory.ContosoID, with(q, "prompt", "none", "login_hint", "ben@contoso.example"))
	w.checkErrorRedirect(location(t, a), "AADSTS50058", "login_required", "")
	a = w.authorize(directory.FabrikamID, w.request("native", "http://localhost", "openid", "prompt", "none"))
	w.checkErrorRedirect(location(t, a), "AADSTS16000", "interaction_required", "Fabrikam")
	w.now = w.now.Add(24 * time.Hour)
	a = w.authorize(directory.ContosoID, with(q, "prompt", "none", "login_hint", ""))
	w.checkErrorRedirect(location(t, a), "AADSTS50058", "login_required", "")
}

func TestAssignmentOfPeople(t *testing.T) {
	d := directory.Seed()
	d.Apps[0].AssignmentRequired = true
	w := newWorldOf(t, d)
	q := w.request("web", webURI, "openid")
	p := read(t, w.authorize(directory.ContosoID, q).body)
	a := w.post(labBase+p.action, with(p.fields, "username", "ada@contoso.example", "password", "Harbour-Lamp-42", "action", "signin"))
	w.checkErrorPage(a, "AADSTS50105", "ada@contoso.example")
	w.checkErrorRedirect(location(t, w.authorize(directory.ContosoID, with(q, "prompt", "none"))), "AADSTS50105", "interaction_required", "")
}

func TestLogout(t *testing.T) {
	w := newWorld(t)
	w.code("web", webURI, "openid")
	a := w.get(endpoint(directory.ContosoID, "logout") + "?post_logout_redirect_uri=" + url.QueryEscape("https://evil.example/"))
	if p := read(t, a.body); a.status != http.StatusOK || p.heading != "You signed out" {
		t.Errorf("unregistered address: %d %+v", a.status, p)
	}
	a = w.authorize(directory.ContosoID, w.request("web", webURI, "openid", "prompt", "none"))
	w.checkErrorRedirect(location(t, a), "AADSTS50058", "login_required", "")
	a = w.get(endpoint(directory.ContosoID, "logout") + "?state=s1&post_logout_redirect_uri=" + url.QueryEscape(webURI))
	if got := location(t, a).String(); got != webURI+"?state=s1" {
		t.Errorf("signed out to %q", got)
	}
}
