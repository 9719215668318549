package lab

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/state"
)

const (
	assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	deviceGrant   = "urn:ietf:params:oauth:grant-type:device_code"
	onBehalfGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
	ordersDefault = "api://orders.contoso.example/.default"
	stockDefault  = "api://inventory.contoso.example/.default"
	orders        = "api://orders.contoso.example"
)

// failure is an error body as it must be. claims is a part that the claims
// challenge must hold; empty when there must be none.
type failure struct {
	status   int
	oauth    string
	code     int
	suberror string
	claims   string
}

// fails checks an error body: values, order of members, and that the true
// reason was kept aside.
func (w *world) fails(a answer, want failure) {
	w.Helper()
	e, order := object(w, a.body)
	claims, _ := e["claims"].(string)
	suberror, _ := e["suberror"].(string)
	if a.status != want.status || e["error"] != want.oauth || codeOf(e) != want.code || suberror != want.suberror {
		w.Fatalf("got %d %v %v %q, want %d %s %d %q: %v", a.status, e["error"], e["error_codes"], suberror, want.status, want.oauth, want.code, want.suberror, e["error_description"])
	}
	if want.claims == "" && claims != "" || !strings.Contains(claims, want.claims) {
		w.Errorf("claims %q, want %q in it", claims, want.claims)
	}
	full := []string{"error", "error_description", "error_codes", "timestamp", "trace_id", "correlation_id", "error_uri", "suberror", "claims", "password_change_url"}
	in := slices.DeleteFunc(full, func(name string) bool { _, there := e[name]; return !there })
	if !slices.Equal(order, in) {
		w.Errorf("members %v", order)
	}
	reasons := w.lab.Reasons()
	if last := reasons[len(reasons)-1]; last.Code != want.code || last.Reason == "" {
		w.Errorf("kept aside %+v", last)
	}
}

// succeeds returns the members of a token response.
func (w *world) succeeds(a answer) map[string]any {
	w.Helper()
	r, _ := object(w, a.body)
	if a.status != http.StatusOK || r["access_token"] == nil {
		w.Fatalf("no token: %d %s", a.status, a.body)
	}
	return r
}

func (w *world) tokens(form url.Values, headers ...string) answer {
	w.Helper()
	return w.post(endpoint(directory.ContosoID, "token"), form, headers...)
}

func endpointV1(tenant, name string) string { return labBase + "/" + tenant + "/oauth2/" + name }

func (w *world) person(username string) state.Person {
	u, ok := w.dir.User(username)
	if !ok {
		w.Fatalf("no user %q", username)
	}
	return state.Person{TenantID: u.TenantID, ObjectID: u.ObjectID}
}

// grant consents for a person, to scopes of an API or of Graph.
func (w *world) grant(username, app, api string, names ...string) {
	w.lab.state.Consents.Grant(w.person(username), w.app(app).ClientID, w.app(api).ClientID, names...)
}

// signedIn puts a code into the lab's memory, as the sign-in page does, for
// sign-ins that the page itself would not let through.
func (w *world) signedIn(username, app, redirect, platform string, change func(*state.Code)) url.Values {
	w.Helper()
	c := state.Code{
		Person: w.person(username), Authority: directory.ContosoID, ClientID: w.app(app).ClientID, RedirectURI: redirect, Platform: platform,
		Challenge: challenge(), Method: "S256", Scope: "openid offline_access " + ordersAs, Issued: w.now, IP: "127.0.0.1",
		Auth: state.Auth{At: w.now, Methods: []string{"pwd"}, SID: "0f2a0a58-6d8c-4a54-9f0a-1d3c9a6f2b11"},
	}
	if change != nil {
		change(&c)
	}
	value := w.lab.grants.Mint.Opaque()
	w.lab.state.PutCode(value, c)
	for _, name := range []string{"openid", "profile", "offline_access"} {
		w.grant(username, app, "graph", name)
	}
	w.grant(username, app, "orders-api", "access_as_user")
	return w.redemption(app, redirect, value)
}

// refreshed redeems a code form and gives the form of its refresh token.
func (w *world) refreshed(form url.Values) url.Values {
	w.Helper()
	r := w.succeeds(w.tokens(form))
	return url.Values{
		"client_id": form["client_id"], "client_secret": form["client_secret"],
		"grant_type": {"refresh_token"}, "refresh_token": {r["refresh_token"].(string)},
	}
}

// TestPoliciesAtTheTokenEndpoint reaches what policies and account events
// answer to codes and refresh tokens.
func TestPoliciesAtTheTokenEndpoint(t *testing.T) {
	const ada, mia, omar, boris = "ada@contoso.example", "mia@contoso.example", "omar@contoso.example", "boris@contoso.example"
	bad := func(code int, suberror, claims string) failure {
		return failure{400, "invalid_grant", code, suberror, claims}
	}
	for _, c := range []struct {
		name, user string
		refresh    bool
		before     string // condition switched on after the sign-in
		value      string
		pairs      []string
		want       failure
	}{
		{"MFA demanded", ada, true, "mfa-required", "on", nil, bad(50076, "basic_action", `"capolids"`)},
		{"MFA of the person", mia, false, "", "", nil, bad(50076, "basic_action", `"capolids"`)},
		{"MFA to register", omar, false, "", "", nil, bad(50079, "basic_action", `"capolids"`)},
		{"authentication context", ada, true, "", "", []string{"claims", `{"access_token":{"acrs":{"essential":true,"value":"c1"}}}`}, bad(50076, "basic_action", `"acrs":{"essential":true,"value":"c1"}`)},
		{"blocked by policy", boris, false, "", "", nil, bad(53003, "message_only", "")},
		{"place blocked", ada, true, "location-blocked", "on", nil, bad(53003, "message_only", "")},
		{"device demanded", ada, true, "device-required", "on", nil, bad(53000, "additional_action", `"capolids"`)},
		{"sign-in frequency", ada, true, "sign-in-frequency", "1h", nil, bad(70043, "bad_token", "")},
		{"sessions revoked", ada, true, "sessions-revoked", ada, nil, bad(50173, "", "")},
		{"password changed", ada, true, "password-changed", ada, nil, bad(50173, "", "")},
		{"evaluation demands a new sign-in", ada, true, "", "", []string{"claims", `{"access_token":{"nbf":{"essential":true,"value":"1772619000"}}}`}, bad(50173, "", "")},
		{"account disabled", ada, true, "account-disabled", ada, nil, bad(50057, "", "")},
		{"account deleted", ada, true, "account-deleted", ada, nil, bad(500341, "", "")},
		{"application disabled", ada, true, "app-disabled", "web", nil, failure{400, "unauthorized_client", 7000112, "", ""}},
		{"API disabled", ada, true, "app-disabled", "orders-api", nil, failure{400, "invalid_resource", 500014, "", ""}},
		{"secrets expired", ada, true, "secret-expired", "web", nil, failure{401, "invalid_client", 7000222, "", ""}},
		{"claims no JSON", ada, false, "", "", []string{"claims", "{"}, failure{400, "invalid_request", 90100, "", ""}},
		{"API disabled in the directory", ada, true, "", "", []string{"scope", "api://archive.contoso.example/archive.read"}, failure{400, "invalid_resource", 500014, "", ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			form := w.signedIn(c.user, "web", webURI, directory.PlatformWeb, nil)
			if c.refresh {
				form = w.refreshed(form)
			}
			w.now = w.now.Add(time.Hour)
			if c.before != "" {
				w.turn(c.before, c.value)
			}
			if !c.refresh {
				w.now = w.now.Add(-time.Hour)
			}
			w.fails(w.tokens(with(form, c.pairs...)), c.want)
		})
	}
}

// TestAssignmentAtTheTokenEndpoint: a code for an application that requires an
// assignment, of someone who has none.
func TestAssignmentAtTheTokenEndpoint(t *testing.T) {
	w := newWorld(t)
	form := w.signedIn("ada@contoso.example", "payroll", "http://localhost:3000/payroll", directory.PlatformWeb, nil)
	w.fails(w.tokens(form), failure{400, "interaction_required", 50105, "", ""})
}

// TestLifetimeUnderEvaluation: tokens live long where client and API both know
// continuous access evaluation.
func TestLifetimeUnderEvaluation(t *testing.T) {
	w := newWorld(t)
	const capable = `{"access_token":{"xms_cc":{"values":["cp1"]}}}`
	form := w.signedIn("ada@contoso.example", "web", webURI, directory.PlatformWeb, func(c *state.Code) { c.Claims = capable })
	r := w.succeeds(w.tokens(form))
	if s := r["expires_in"].(float64); s < 20*3600-1 || s > 28*3600 || r["refresh_in"] == nil {
		t.Errorf("a token under continuous access evaluation lives for %v s, refresh_in %v", s, r["refresh_in"])
	}
	again := url.Values{
		"client_id": form["client_id"], "client_secret": form["client_secret"],
		"grant_type": {"refresh_token"}, "refresh_token": {r["refresh_token"].(string)},
	}
	if r := w.succeeds(w.tokens(again)); r["expires_in"].(float64) > 5400 || r["refresh_in"] != nil {
		t.Errorf("without the capability it lives for %v s", r["expires_in"])
	}
	w.grant("ada@contoso.example", "web", "inventory-api", "stock.read")
	again.Set("claims", capable)
	if r := w.succeeds(w.tokens(again)); r["expires_in"].(float64) < 20*3600-1 {
		t.Errorf("with it, it lives for %v s", r["expires_in"])
	}
	again.Set("scope", stockDefault)
	if r := w.succeeds(w.tokens(again)); r["expires_in"].(float64) > 5400 {
		t.Errorf("at an API that does not ask for it, it lives for %v s", r["expires_in"])
	}
	w.turn("workload-blocked", "on")
	w.fails(w.tokens(daemonForm()(w)), failure{400, "invalid_grant", 53003, "message_only", ""})
	w.turn("workload-blocked", "off")
	if r := w.succeeds(w.tokens(daemonForm("claims", capable)(w))); r["expires_in"] != 86399.0 {
		t.Errorf("a workload's token lives for %v s", r["expires_in"])
	}
	w.fails(w.tokens(daemonForm("claims", "[")(w)), failure{400, "invalid_request", 90100, "", ""})
}

// TestContextSatisfied: a sign-in with a second factor satisfies the context
// asked, and what the client can do reaches the token of an API that asks.
func TestContextSatisfied(t *testing.T) {
	const mia = "mia@contoso.example"
	w := newWorld(t)
	form := w.signedIn(mia, "web", webURI, directory.PlatformWeb, func(c *state.Code) {
		c.Auth.Methods = []string{"pwd", "mfa"}
		c.Claims = `{"access_token":{"acrs":{"essential":true,"value":"c1"},"xms_cc":{"values":["cp1"]}}}`
	})
	j := decode(t, w.succeeds(w.tokens(form))["access_token"].(string))
	if fmt.Sprint(j.claims["acrs"], j.claims["xms_cc"]) != "[c1] [cp1]" {
		t.Errorf("acrs %v, xms_cc %v", j.claims["acrs"], j.claims["xms_cc"])
	}
	w.grant(mia, "web", "inventory-api", "stock.read")
	form = w.signedIn(mia, "web", webURI, directory.PlatformWeb, func(c *state.Code) { c.Auth.Methods = []string{"pwd", "mfa"} })
	r := w.succeeds(w.tokens(with(form, "scope", stockDefault)))
	if j := decode(t, r["access_token"].(string)); fmt.Sprint(j.claims["amr"]) != "[pwd mfa]" || j.claims["acrs"] != nil {
		t.Errorf("v1.0 token %v", j.claims)
	}
	if j := decode(t, r["id_token"].(string)); j.claims["sid"] != "0f2a0a58-6d8c-4a54-9f0a-1d3c9a6f2b11" {
		t.Errorf("ID token %v", j.claims)
	}
}

// TestRefreshInAnotherTenant: a refresh token is bound to person and client,
// not to the tenant, but consent is.
func TestRefreshInAnotherTenant(t *testing.T) {
	const gina, rita = "gina@fabrikam.example", "rita@fabrikam.example"
	start := func(w *world, who string) url.Values {
		form := w.signedIn(who, "native", "http://localhost", directory.PlatformNative, func(c *state.Code) {
			c.Authority, c.Scope = directory.FabrikamID, "openid profile offline_access User.Read"
		})
		w.grant(who, "native", "graph", "User.Read")
		r := w.succeeds(w.post(endpoint(directory.FabrikamID, "token"), form))
		return url.Values{"client_id": form["client_id"], "grant_type": {"refresh_token"}, "refresh_token": {r["refresh_token"].(string)}, "client_info": {"1"}}
	}
	w := newWorld(t)
	form := start(w, gina)
	w.fails(w.tokens(form), failure{400, "invalid_grant", 65001, "consent_required", ""})
	guest, _ := w.dir.In(directory.ContosoID, w.dir.Users[slices.IndexFunc(w.dir.Users, func(u User) bool { return u.Username == gina })])
	w.grant(guest.Username, "native", "graph", "openid", "profile", "offline_access", "User.Read")
	r := w.succeeds(w.tokens(form))
	if c := decode(t, r["access_token"].(string)).claims; c["tid"] != directory.ContosoID || c["oid"] != guest.ObjectID {
		t.Errorf("token of %v in %v", c["oid"], c["tid"])
	}
	if home := w.succeeds(w.post(endpoint(directory.FabrikamID, "token"), form)); home["client_info"] != r["client_info"] {
		t.Error("client_info does not name the home account in both tenants")
	}
	// What was refreshed abroad still works at home.
	form.Set("refresh_token", r["refresh_token"].(string))
	w.succeeds(w.post(endpoint(directory.FabrikamID, "token"), form))
	w = newWorld(t)
	w.fails(w.tokens(start(w, rita)), failure{400, "invalid_grant", 50014, "", ""})
	w = newWorld(t)
	w.fails(w.tokens(start(w, "noor@fabrikam.example")), failure{400, "invalid_grant", 50020, "", ""})
}

// TestPreAuthorized: an API may do without consent for a client it knows.
func TestPreAuthorized(t *testing.T) {
	w := newWorld(t)
	form := url.Values{"client_id": {w.app("cli").ClientID}, "grant_type": {"password"}, "username": {"ada@contoso.example"}, "password": {"Harbour-Lamp-42"}, "scope": {ordersAs}}
	w.succeeds(w.tokens(form))
	w.fails(w.tokens(with(form, "client_id", w.app("native").ClientID)), failure{400, "invalid_grant", 65001, "consent_required", ""})
}
