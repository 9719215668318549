package lab

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"flowscope/engine/lab/directory"
)

const legacyURI = "http://localhost:3000/portal"

// names lists the parameters of an encoded list in their order.
func names(encoded string) []string {
	var out []string
	for part := range strings.SplitSeq(encoded, "&") {
		name, _, _ := strings.Cut(part, "=")
		out = append(out, name)
	}
	return out
}

// TestFrontChannelTokens asks for every response type that is allowed, and
// looks at the members and where they travel.
func TestFrontChannelTokens(t *testing.T) {
	for _, c := range []struct {
		kinds, mode string
		members     []string
	}{
		{"id_token", "", []string{"id_token", "state", "session_state"}},
		{"token", "", []string{"access_token", "token_type", "expires_in", "scope", "state", "session_state"}},
		{"id_token token", "", []string{"access_token", "token_type", "expires_in", "scope", "id_token", "state", "session_state"}},
		{"token id_token", "fragment", []string{"access_token", "token_type", "expires_in", "scope", "id_token", "state", "session_state"}},
		{"code id_token", "", []string{"code", "client_info", "id_token", "state", "session_state"}},
		{"code id_token", "form_post", []string{"code", "client_info", "id_token", "state", "session_state"}},
	} {
		w := newWorld(t)
		q := w.request("legacy", legacyURI, "openid profile "+ordersAs, "response_type", c.kinds, "response_mode", c.mode, "client_info", "1")
		w.walk(w.enter(directory.ContosoID, w.request("legacy", legacyURI, "openid profile "+ordersAs), "ada@contoso.example"), "ada@contoso.example")
		a := w.authorize(directory.ContosoID, q)
		var got []string
		var values url.Values
		if c.mode == "form_post" {
			p := read(t, a.body)
			values = p.fields
			got = c.members
			for _, n := range got {
				if !p.fields.Has(n) {
					t.Errorf("%s: the form has no %s", c.kinds, n)
				}
			}
			if p.action != legacyURI {
				t.Errorf("posted to %q", p.action)
			}
		} else {
			u := location(t, a)
			if u.RawQuery != "" {
				t.Errorf("%s: something is in the query: %s", c.kinds, u)
			}
			got = names(u.EscapedFragment())
			values, _ = url.ParseQuery(u.EscapedFragment())
		}
		if !slices.Equal(got, c.members) || values.Get("state") != "s t&te" {
			t.Errorf("%s: members %q", c.kinds, got)
		}
		if values.Has("id_token") && decode(t, values.Get("id_token")).claims["nonce"] != "n-1" {
			t.Errorf("%s: ID token %v", c.kinds, decode(t, values.Get("id_token")).claims)
		}
		if values.Has("access_token") && (decode(t, values.Get("access_token")).claims["scp"] != "access_as_user" || values.Get("token_type") != "Bearer") {
			t.Errorf("%s: %v", c.kinds, values)
		}
		if values.Has("code") {
			if r := w.post(endpoint(directory.ContosoID, "token"), w.redemption("legacy", legacyURI, values.Get("code"))); r.status != 200 {
				t.Errorf("%s: the code gives %s", c.kinds, r.body)
			}
		}
	}
}

func TestFrontChannelErrors(t *testing.T) {
	for _, c := range []struct {
		name  string
		pairs []string
		code  string
		oauth string
	}{
		{"no nonce", []string{"response_type", "id_token", "nonce", ""}, "AADSTS900144", "invalid_request"},
		{"no openid", []string{"response_type", "id_token", "scope", ordersAs}, "AADSTS70005", "unsupported_response_type"},
		{"query", []string{"response_type", "id_token", "response_mode", "query"}, "AADSTS70007", "invalid_request"},
		{"code token", []string{"response_type", "code token"}, "AADSTS70005", "unsupported_response_type"},
		{"twice", []string{"response_type", "id_token id_token"}, "AADSTS70005", "unsupported_response_type"},
		{"silently", []string{"response_type", "token", "prompt", "none"}, "AADSTS50058", "login_required"},
	} {
		w := newWorld(t)
		u := location(t, w.authorize(directory.ContosoID, w.request("legacy", legacyURI, "openid "+ordersAs, c.pairs...)))
		if u.RawQuery != "" {
			t.Errorf("%s: the error is in the query", c.name)
		}
		u.RawQuery = u.EscapedFragment()
		w.checkErrorRedirect(u, c.code, c.oauth, "")
	}
}

func v1(tenant, name string) string { return labBase + "/" + tenant + "/oauth2/" + name }

func TestV1Authorize(t *testing.T) {
	w := newWorld(t)
	q := w.request("web", webURI, "", "resource", "api://inventory.contoso.example", "nonce", "")
	p := read(t, w.get(v1(directory.ContosoID, "authorize")+"?"+q.Encode()).body)
	a := w.post(labBase+p.action, with(p.fields, "username", "ada@contoso.example", "password", "Harbour-Lamp-42", "action", "signin"))
	p = read(t, a.body)
	// At v1.0 the whole registration is consented to.
	if p.heading != "Permissions requested" || !slices.ContainsFunc(p.items, func(s string) bool { return strings.Contains(s, "stock.read") }) ||
		!slices.ContainsFunc(p.items, func(s string) bool { return strings.Contains(s, "Orders.Read") }) {
		t.Fatalf("page %+v", p)
	}
	code := location(t, w.post(labBase+p.action, with(p.fields, "action", "accept"))).Query().Get("code")
	kept, ok := w.lab.state.Code(code)
	if !ok || !kept.V1 || kept.Resource != "api://inventory.contoso.example" || kept.Auth.SID == "" || kept.Auth.At.IsZero() {
		t.Errorf("the code stands for %+v", kept)
	}
	// Scope is tolerated, the resource may be left out.
	got := location(t, w.get(v1(directory.ContosoID, "authorize")+"?"+w.request("web", webURI, "openid "+ordersAs, "prompt", "none").Encode())).Query()
	if got.Get("code") == "" {
		t.Errorf("without a resource: %v", got)
	}
	for _, c := range []struct{ tenant, app, uri, code string }{
		{"consumers", "everyone", nativeURI, "AADSTS90027"}, {unknownID, "web", webURI, "AADSTS90002"},
	} {
		w.checkErrorPage(w.get(v1(c.tenant, "authorize")+"?"+w.request(c.app, c.uri, "openid").Encode()), c.code, "")
	}
	w.newBrowser()
	p = read(t, w.get(v1("common", "authorize")+"?"+w.request("everyone", nativeURI, "openid").Encode()).body)
	form := with(p.fields, "username", "pat@outlook.example", "password", "Sunny-Pebble-57", "action", "signin")
	w.checkErrorPage(w.post(labBase+p.action, form), "AADSTS90027", "")
}

func TestV1AdminConsentPrompt(t *testing.T) {
	w := newWorld(t)
	address := v1(directory.ContosoID, "authorize") + "?" + w.request("web", webURI, "", "resource", "api://orders.contoso.example", "prompt", "admin_consent").Encode()
	p := read(t, w.get(address).body)
	a := w.post(labBase+p.action, with(p.fields, "username", "ada@contoso.example", "password", "Harbour-Lamp-42", "action", "signin"))
	w.checkErrorPage(a, "AADSTS90093", "")
	w.newBrowser()
	p = read(t, w.get(address).body)
	p = read(t, w.post(labBase+p.action, with(p.fields, "username", "grace@contoso.example", "password", "Silver-Anchor-03", "action", "signin")).body)
	if p.heading != "Permissions requested for your organisation" {
		t.Fatalf("an administrator sees %+v", p)
	}
	got := location(t, w.post(labBase+p.action, with(p.fields, "action", "accept"))).Query()
	if got.Get("code") == "" || got.Get("admin_consent") != "True" {
		t.Errorf("redirected with %v", got)
	}
	if !w.has("ben@contoso.example", "web", "orders-api", "access_as_user") {
		t.Error("not granted for everyone")
	}
	// The v2.0 endpoint does not know the prompt.
	w.checkErrorRedirect(location(t, w.authorize(directory.ContosoID, w.request("web", webURI, "openid", "prompt", "admin_consent"))), "AADSTS90023", "invalid_request", "")
	w.checkErrorRedirect(location(t, w.authorize(directory.ContosoID, w.request("web", webURI, "openid", "prompt", "create"))), "AADSTS90023", "invalid_request", "")
}
