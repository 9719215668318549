package lab

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/tokens"
)

// two signs ada in to the web app, and then grace.
func (w *world) two() (ada, grace string) {
	w.Helper()
	for _, n := range []string{"ada@contoso.example", "grace@contoso.example"} {
		a := w.walk(w.enter(directory.ContosoID, w.request("web", webURI, "openid"), n), n)
		ada, grace = grace, location(w, a).Query().Get("session_state")
	}
	return ada, grace
}

func (w *world) accountsHere() map[string]string {
	w.Helper()
	return read(w, w.authorize(directory.ContosoID, w.request("web", webURI, "openid", "prompt", "select_account")).body).accounts
}

// TestLookingIsNoSignOut asks the logout endpoint by methods that only look.
func TestLookingIsNoSignOut(t *testing.T) {
	w := newWorld(t)
	w.code("web", webURI, "openid")
	for _, method := range []string{http.MethodHead, http.MethodOptions, http.MethodPut, http.MethodDelete} {
		r, err := http.NewRequest(method, endpoint(directory.ContosoID, "logout"), nil)
		if err != nil {
			t.Fatal(err)
		}
		w.do(r)
		if got := w.silent(directory.ContosoID, w.request("web", webURI, "openid")).Query(); got.Get("code") == "" {
			t.Errorf("%s ended the session: %v", method, got)
		}
	}
}

// TestSignOutOfOne signs out of one of two accounts, in every way to say which.
func TestSignOutOfOne(t *testing.T) {
	ada, _ := directory.Seed().Account("ada@contoso.example")
	token := func(claims string) string {
		return "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".x"
	}
	for name, query := range map[string]string{
		"user name":     "logout_hint=ada@contoso.example",
		"claim":         "logout_hint=" + url.QueryEscape(tokens.LoginHint(ada)),
		"ID token":      "id_token_hint=" + token(`{"preferred_username":"ada@contoso.example"}`),
		"ID token hint": "id_token_hint=" + token(`{"login_hint":"`+tokens.LoginHint(ada)+`"}`),
		"session":       "id_token_hint=" + token(`{"sid":"SID"}`),
	} {
		for _, version := range []string{"/oauth2/v2.0/logout?", "/oauth2/logout?"} {
			w := newWorld(t)
			sid, other := w.two()
			q := query
			if name == "session" {
				q = "id_token_hint=" + token(`{"sid":"`+sid+`"}`)
			}
			a := w.get(labBase + "/contoso.example" + version + q)
			p := read(t, a.body)
			if p.heading != "You signed out" || !strings.Contains(a.body, "Still signed in: grace@contoso.example.") {
				t.Fatalf("%s: %+v", name, p)
			}
			if got := w.silent(directory.ContosoID, w.request("web", webURI, "openid")).Query(); got.Get("session_state") != other {
				t.Errorf("%s: who is left: %v", name, got)
			}
		}
	}
}

func TestSignOutChoice(t *testing.T) {
	for pick, left := range map[string]int{"ada@contoso.example": 1, "all": 0} {
		w := newWorld(t)
		w.two()
		address := endpoint(directory.ContosoID, "logout") + "?state=s1&post_logout_redirect_uri=" + url.QueryEscape(webURI)
		p := read(t, w.get(address).body)
		if p.heading != "Sign out" || len(p.accounts) != 2 {
			t.Fatalf("no choice: %+v", p)
		}
		value := p.accounts[pick]
		if pick == "all" {
			value = "all"
		}
		a := w.post(labBase+p.action, with(p.fields, "account", value))
		if done := read(t, a.body); done.heading != "You signed out" || a.header.Get("Refresh") != "2; url="+webURI+"?state=s1" {
			t.Errorf("%s: %+v, then %q", pick, done, a.header.Get("Refresh"))
		}
		if got := w.accountsHere(); len(got) != left {
			t.Errorf("%s: still signed in: %v", pick, got)
		}
	}
}

// TestFrontChannelSignOut looks for the frame of the application that was
// signed in to, and for the policy that allows it and nothing else.
func TestFrontChannelSignOut(t *testing.T) {
	w := newWorld(t)
	a := w.walk(w.authorize(directory.ContosoID, w.request("web", webURI, "openid")), "ada@contoso.example")
	sid := location(t, a).Query().Get("session_state")
	w.walk(w.authorize(directory.ContosoID, w.request("spa", spaURI, "openid")), "ada@contoso.example")
	a = w.get(endpoint(directory.ContosoID, "logout"))
	want := "https://app.contoso.example/auth/signed-out?" + url.Values{"iss": {labBase + "/" + directory.ContosoID + "/v2.0"}, "sid": {sid}}.Encode()
	p := read(t, a.body)
	if !slices.Equal(p.frames, []string{want}) {
		t.Errorf("frames %q, want %q", p.frames, want)
	}
	if policy := a.header.Get("Content-Security-Policy"); !strings.HasSuffix(policy, "; frame-src https://app.contoso.example") {
		t.Errorf("policy %q", policy)
	}
	// Once only: the session is over.
	if p := read(t, w.get(endpoint(directory.ContosoID, "logout")).body); len(p.frames) != 0 {
		t.Errorf("frames after the end: %q", p.frames)
	}
}

// TestSignOutWithOddInput sends what can't be read.
func TestSignOutWithOddInput(t *testing.T) {
	w := newWorld(t)
	w.two()
	for _, q := range []string{"id_token_hint=x", "id_token_hint=a.%21.c", "id_token_hint=a.e30.c", "logout_hint=nobody@contoso.example", "post_logout_redirect_uri=javascript:alert(1)"} {
		if p := read(t, w.get(endpoint(directory.ContosoID, "logout")+"?"+q).body); p.heading != "Sign out" {
			t.Errorf("%s: %+v", q, p)
		}
	}
	w.checkErrorPage(w.get(endpoint(directory.ContosoID, "logout")+"?state=a&state=b"), "AADSTS9002313", "")
	w.checkErrorPage(w.get(endpoint("nix", "logout")), "AADSTS900023", "")
	if got := w.accountsHere(); len(got) != 2 {
		t.Errorf("still signed in: %v", got)
	}
}

func TestCheckSession(t *testing.T) {
	w := newWorld(t)
	a := w.get(labBase + "/contoso.example/oauth2/checksession")
	if a.status != 200 || a.header.Get("X-Frame-Options") != "" || !strings.HasPrefix(a.header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("%d %v", a.status, a.header)
	}
}

const nasty = `"><script>alert(1)</script><img src=x onerror=alert(2)>`

// TestNothingIsReflected puts markup wherever a request reaches a page.
func TestNothingIsReflected(t *testing.T) {
	d := directory.Seed()
	for i := range d.Apps {
		if d.Apps[i].Key == "web" {
			d.Apps[i].Name = nasty
		}
	}
	for i := range d.Users {
		if d.Users[i].GivenName == "Ada" || d.Users[i].GivenName == "Grace" {
			d.Users[i].Name = nasty
		}
	}
	w := newWorldOf(t, d)
	clean := func(name string, a answer) page {
		t.Helper()
		for _, bad := range []string{"<script>alert", "<img"} {
			if strings.Contains(a.body, bad) {
				t.Errorf("%s: %q is in the page", name, bad)
			}
		}
		return read(t, a.body)
	}
	q := w.request("web", webURI, "openid "+ordersAs, "state", nasty, "response_mode", "form_post", "login_hint", nasty)
	clean("sign-in", w.authorize(directory.ContosoID, q))
	clean("tenant", w.get(labBase+"/"+url.PathEscape(nasty)+"/oauth2/v2.0/authorize?"+q.Encode()))
	clean("redirect", w.authorize(directory.ContosoID, w.request("web", nasty, "openid")))
	clean("client", w.authorize(directory.ContosoID, w.request("web", webURI, "openid", "client_id", nasty)))
	q.Del("login_hint")
	p := clean("consent", w.enter(directory.ContosoID, q, "ada@contoso.example"))
	a := w.post(labBase+p.action, with(p.fields, "action", "accept"))
	if p = clean("form_post", a); p.fields.Get("state") != nasty {
		t.Errorf("state came back as %q", p.fields.Get("state"))
	}
	p = clean("cancelled", w.authorize(directory.ContosoID, with(q, "prompt", "consent")))
	clean("form_post of an error", w.post(labBase+p.action, with(p.fields, "action", "cancel")))
	q.Del("prompt")
	clean("admin", w.adminConsent("contoso.example/v2.0/adminconsent", "web", webURI, "scope", ordersAs))
	w.enter(directory.ContosoID, q, "grace@contoso.example")
	clean("choice", w.authorize(directory.ContosoID, q))
	clean("sign-out choice", w.get(endpoint(directory.ContosoID, "logout")+"?state="+url.QueryEscape(nasty)))
	clean("signed out", w.post(endpoint(directory.ContosoID, "logout"), url.Values{"account": {"all"}, "state": {nasty}, "post_logout_redirect_uri": {nasty}}))
	clean("device", w.post(devicePage, url.Values{"user_code": {nasty}}))
	w.turn("user-consent-off", "on")
	w.turn("consent-requests", "on")
	w.turn("mfa-required", "on")
	w.newBrowser()
	p = clean("factor", w.enter(directory.ContosoID, w.request("web", webURI, "openid User.Read"), "ben@contoso.example"))
	p = clean("request", w.post(labBase+p.action, with(p.fields, "action", "approve")))
	clean("requested", w.post(labBase+p.action, with(p.fields, "action", "request", "reason", nasty)))
}
