package lab

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/grants"
	"flowscope/engine/lab/state"
)

var membersV1 = []string{"token_type", "scope", "expires_in", "ext_expires_in", "expires_on", "not_before", "resource", "access_token", "refresh_token", "id_token"}

// codeV1 is a code from the v1.0 authorization endpoint, with a resource or
// without, for ada, who accepts what is asked.
func (w *world) codeV1(resource string) url.Values {
	w.Helper()
	q := w.request("web", webURI, "", "scope", "", "resource", resource)
	a := w.walk(w.get(endpointV1(directory.ContosoID, "authorize")+"?"+q.Encode()), adaName)
	return w.redemption("web", webURI, location(w, a).Query().Get("code"))
}

func (w *world) tokensV1(form url.Values) answer {
	w.Helper()
	return w.post(endpointV1(directory.ContosoID, "token"), form)
}

func TestTokenEndpointV1(t *testing.T) {
	w := newWorld(t)
	a := w.tokensV1(w.codeV1(orders))
	r, order := object(t, a.body)
	if !slices.Equal(order, membersV1) {
		t.Fatalf("members %v: %s", order, a.body)
	}
	for name, v := range r {
		if _, isText := v.(string); !isText {
			t.Errorf("%s is no string: %v", name, v)
		}
	}
	life, _ := strconv.Atoi(r["expires_in"].(string))
	on, _ := strconv.ParseInt(r["expires_on"].(string), 10, 64)
	if j := decode(t, r["access_token"].(string)); j.claims["exp"] != float64(on) || j.claims["scp"] != "access_as_user Orders.Read" || on-w.now.Unix() != int64(life)+1 {
		t.Errorf("answer %v, token %v", r, j.claims)
	}
	if r["scope"] != "access_as_user Orders.Read" || r["resource"] != orders {
		t.Errorf("scope %q, resource %q", r["scope"], r["resource"])
	}
	if id := decode(t, r["id_token"].(string)); id.claims["ver"] != "1.0" || id.claims["upn"] != adaName {
		t.Errorf("ID token %v", id.claims)
	}
	// The refresh token serves every API of the registration, and both
	// versions of the endpoint.
	again := url.Values{
		"client_id": {w.app("web").ClientID}, "client_secret": {w.app("web").Secrets[0].Value},
		"grant_type": {"refresh_token"}, "refresh_token": {r["refresh_token"].(string)}, "resource": {directory.GraphURI + "/"},
	}
	r = w.succeeds(w.tokensV1(again))
	if c := decode(t, r["access_token"].(string)).claims; c["aud"] != directory.GraphURI+"/" || r["scope"] != "User.Read" || r["resource"] != directory.GraphURI+"/" {
		t.Errorf("Graph: %v %v", r, c)
	}
	again.Del("resource")
	if r = w.succeeds(w.tokensV1(again)); r["resource"] != orders {
		t.Errorf("without a resource: %v", r["resource"])
	}
	if r = w.succeeds(w.tokens(again)); r["expires_in"].(float64) == 0 || decode(t, r["access_token"].(string)).claims["aud"] != w.app("orders-api").ClientID {
		t.Errorf("at v2.0: %v", r)
	}
	// The resource may come with the code alone, and a scope beside it does
	// not matter.
	r = w.succeeds(w.tokensV1(with(w.codeV1(""), "resource", "api://inventory.contoso.example", "scope", "openid")))
	if r["scope"] != "stock.read" {
		t.Errorf("scope %v", r["scope"])
	}
	// A refresh token of the v2.0 endpoint tells its API by its scope.
	form := w.refreshed(w.signedIn(adaName, "web", webURI, directory.PlatformWeb, nil))
	if r = w.succeeds(w.tokensV1(form)); r["resource"] != orders || r["scope"] == "" {
		t.Errorf("from v2.0: %v", r)
	}
}

func TestClientCredentialsV1(t *testing.T) {
	w := newWorld(t)
	a := w.tokensV1(daemonForm("scope", "openid", "resource", orders)(w))
	want := slices.DeleteFunc(slices.Clone(membersV1), func(n string) bool { return n == "scope" || n == "refresh_token" || n == "id_token" })
	r, order := object(t, a.body)
	if !slices.Equal(order, want) || r["expires_in"] != "3599" || r["not_before"] != strconv.FormatInt(w.now.Add(-5*time.Minute).Unix(), 10) {
		t.Errorf("members %v: %s", order, a.body)
	}
}

// TestErrorsV1 is long because it is a table.
func TestErrorsV1(t *testing.T) {
	for _, c := range []struct {
		name, tenant string
		form         func(w *world) url.Values
		want         failure
		holds        string
	}{
		{"no resource", "", func(w *world) url.Values { return w.codeV1("") }, failure{400, "invalid_request", 900144, "", ""}, "'resource'"},
		{"no resource for an application", "", daemonForm(), failure{400, "invalid_request", 900144, "", ""}, "'resource'"},
		{"resource unknown", "", daemonForm("resource", "api://nowhere"), failure{400, "invalid_resource", 500011, "", ""}, ""},
		{"resource no URI", "", daemonForm("resource", "a b"), failure{400, "invalid_scope", 70011, "", ""}, ""},
		{"resource disabled", "", daemonForm("resource", "api://archive.contoso.example"), failure{400, "invalid_resource", 500014, "", ""}, ""},
		{"not listed", "", func(w *world) url.Values {
			return with(w.codeV1(""), "resource", "api://vault.contoso.example")
		}, failure{400, "invalid_resource", 650057, "", ""}, ""},
		{"consent", "", func(w *world) url.Values {
			f := w.codeV1("api://inventory.contoso.example")
			w.lab.RevokeConsent(adaName, "web")
			return f
		}, failure{400, "invalid_grant", 65001, "consent_required", ""}, ""},
		{"MFA", "", func(w *world) url.Values { f := w.codeV1(orders); w.turn("mfa-required", "on"); return f }, failure{400, "interaction_required", 50076, "", `"polids"`}, ""},
		{"MFA to register", "", func(w *world) url.Values {
			return w.passwordForm("cli", "omar@contoso.example", "resource", orders)
		}, failure{400, "interaction_required", 50079, "", `"polids"`}, ""},
		{"place", "", func(w *world) url.Values { f := w.codeV1(orders); w.turn("location-blocked", "on"); return f }, failure{400, "interaction_required", 53003, "", ""}, ""},
		{"password expired", "", func(w *world) url.Values {
			return w.passwordForm("cli", "paula@contoso.example", "resource", orders)
		}, failure{400, "invalid_grant", 50055, "user_password_expired", ""}, `"password_change_url":"` + labBase + `/ChangePassword.aspx"`},
		{"personal accounts", "consumers", func(w *world) url.Values {
			return url.Values{"client_id": {w.app("everyone").ClientID}, "grant_type": {"refresh_token"}}
		}, failure{400, "invalid_request", 90027, "", ""}, ""},
		{"a personal account", "common", func(w *world) url.Values {
			return w.signedIn("pat@outlook.example", "everyone", "http://localhost", directory.PlatformNative, func(c *state.Code) {
				c.Authority, c.V1, c.Scope, c.Resource = "common", true, "", directory.GraphURI
			})
		}, failure{400, "invalid_request", 500201, "", ""}, ""},
		{"on behalf of", "", func(w *world) url.Values { return w.exchange("orders-api", w.incoming(adaName)) }, failure{400, "invalid_request", 900144, "", ""}, "'resource'"},
		{"shut tenant", directory.DormantID, daemonForm(), failure{400, "invalid_tenant", 5000225, "", ""}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			tenant := directory.ContosoID
			if c.tenant != "" {
				tenant = c.tenant
			}
			a := w.post(endpointV1(tenant, "token"), c.form(w))
			w.fails(a, c.want)
			if !strings.Contains(a.body, c.holds) {
				t.Errorf("%s does not hold %q", a.body, c.holds)
			}
		})
	}
}

// TestCodeV1AtV2: a code of the v1.0 endpoint needs a scope at v2.0 when no
// resource was named.
func TestCodeV1AtV2(t *testing.T) {
	w := newWorld(t)
	w.fails(w.tokens(w.codeV1("")), failure{400, "invalid_request", 28003, "", ""})
	w.succeeds(w.tokens(w.codeV1(orders)))
	r := w.succeeds(w.tokens(with(w.codeV1(""), "scope", ordersAs)))
	if r["scope"] != ordersAs+" api://orders.contoso.example/Orders.Read" || r["refresh_token"] != nil {
		t.Errorf("nobody consented to offline_access: %v", r)
	}
}

// TestResourceIsRemembered: where the resource came with the code alone, the
// refresh token knows it, whatever the scope of the sign-in said.
func TestResourceIsRemembered(t *testing.T) {
	w := newWorld(t)
	code := w.signedIn(adaName, "web", webURI, directory.PlatformWeb, func(c *state.Code) { c.V1, c.Scope = true, "openid" })
	r := w.succeeds(w.tokensV1(with(code, "resource", orders)))
	r = w.succeeds(w.tokensV1(url.Values{
		"client_id": {w.app("web").ClientID}, "client_secret": {w.app("web").Secrets[0].Value},
		"grant_type": {"refresh_token"}, "refresh_token": {r["refresh_token"].(string)},
	}))
	if r["resource"] != orders || r["id_token"] == nil {
		t.Errorf("refreshed: %v", r)
	}
}

// TestPersonalAccounts: an application for everyone serves them, any other
// does not.
func TestPersonalAccounts(t *testing.T) {
	w := newWorld(t)
	form := w.signedIn("pat@outlook.example", "everyone", "http://localhost", directory.PlatformNative, func(c *state.Code) {
		c.Authority, c.Scope = directory.ConsumersTenantID, "openid profile User.Read"
	})
	w.grant("pat@outlook.example", "everyone", "graph", "User.Read")
	w.succeeds(w.post(endpoint("consumers", "token"), form))
	form = w.signedIn("pat@outlook.example", "native", "http://localhost", directory.PlatformNative, func(c *state.Code) { c.Authority, c.Scope = "common", "openid User.Read" })
	w.fails(w.post(endpoint("common", "token"), form), failure{400, "invalid_grant", 50020, "", ""})
	w.fails(w.post(endpoint("consumers", "token"), form), failure{400, "invalid_request", 9002332, "", ""})
}

// TestFrontV1 makes tokens for the browser from a resource.
func TestFrontV1(t *testing.T) {
	w := newWorld(t)
	w.codeV1("")
	authority, _ := w.dir.Authority(directory.ContosoID)
	front, err := w.lab.grants.Front(grants.FrontRequest{
		Base: labBase, V1: true, Authority: authority, Client: w.app("web"), Person: w.person(adaName), Resource: orders, Nonce: "n", IDToken: true,
		Auth: state.Auth{At: w.now, Methods: []string{"pwd"}},
	})
	if err != nil || front.IDToken == "" || front.AccessToken != "" {
		t.Fatalf("%+v %v", front, err)
	}
	if j := decode(t, front.IDToken); j.claims["ver"] != "1.0" || j.claims["nonce"] != "n" {
		t.Errorf("ID token %v", j.claims)
	}
}
