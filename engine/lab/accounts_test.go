package lab

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/tokens"
)

const nativeURI = "http://localhost"

// enter signs someone in with a password, in the browser of the world, and
// returns what comes after the password.
func (w *world) enter(tenant string, q url.Values, username string, pairs ...string) answer {
	w.Helper()
	p := read(w, w.authorize(tenant, with(q, "prompt", "login")).body)
	if p.heading != "Sign in" {
		w.Fatalf("no sign-in page: %+v", p)
	}
	u, _ := w.dir.Account(username)
	q.Del("prompt")
	return w.post(labBase+p.action, with(p.fields, append([]string{"username", username, "password", u.Password, "action", "signin"}, pairs...)...))
}

// silent asks without a question and gives the redirect.
func (w *world) silent(tenant string, q url.Values, pairs ...string) *url.URL {
	w.Helper()
	return location(w, w.authorize(tenant, with(with(q, pairs...), "prompt", "none")))
}

// TestSingleSignOn signs two people in and asks in every way whose account is
// used.
func TestSingleSignOn(t *testing.T) {
	w := newWorld(t)
	w.code("web", webURI, "openid")
	ask := func(pairs ...string) url.Values { return w.request("web", webURI, "openid", pairs...) }
	first := location(t, w.authorize(directory.ContosoID, ask())).Query()
	if first.Get("code") == "" || !directory.IsGUID(first.Get("session_state")) {
		t.Fatalf("single sign-on: %v", first)
	}
	w.walk(w.enter(directory.ContosoID, ask(), "grace@contoso.example"), "grace@contoso.example")
	p := read(t, w.authorize(directory.ContosoID, ask()).body)
	if p.heading != "Pick an account" || len(p.accounts) != 2 {
		t.Fatalf("two accounts: %+v", p)
	}
	w.checkErrorRedirect(w.silent(directory.ContosoID, ask()), "AADSTS16000", "interaction_required", "")
	ada, _ := w.dir.Account("ada@contoso.example")
	for _, pairs := range [][]string{
		{"sid", first.Get("session_state")}, {"login_hint", "ADA@contoso.example"}, {"login_hint", tokens.LoginHint(ada)},
	} {
		for _, prompt := range []string{"none", ""} {
			got := location(t, w.authorize(directory.ContosoID, ask(append(pairs, "prompt", prompt)...))).Query()
			if got.Get("session_state") != first.Get("session_state") || got.Get("code") == "" {
				t.Errorf("%v: %v", pairs, got)
			}
		}
	}
	w.checkErrorRedirect(w.silent(directory.ContosoID, ask("sid", unknownID)), "AADSTS160021", "interaction_required", unknownID)
	w.checkErrorRedirect(w.silent(directory.ContosoID, ask("login_hint", "ben@contoso.example")), "AADSTS50058", "login_required", "")
	if p := read(t, w.authorize(directory.ContosoID, ask("login_hint", tokens.LoginHint(ada), "prompt", "login")).body); p.fields.Get("username") != "ada@contoso.example" {
		t.Errorf("the claim as hint fills in %q", p.fields.Get("username"))
	}
}

func TestPickedAccount(t *testing.T) {
	w := newWorld(t)
	q := w.request("native", nativeURI, "openid")
	w.walk(w.enter("organizations", q, "noor@fabrikam.example"), "noor@fabrikam.example")
	p := read(t, w.authorize(directory.ContosoID, w.request("web", webURI, "openid")).body)
	if p.heading != "Pick an account" {
		t.Fatalf("an account of another tenant: %+v", p)
	}
	w.checkErrorPage(w.post(labBase+p.action, with(p.fields, "account", p.accounts["noor@fabrikam.example"])), "AADSTS16003", "Contoso")
	w.checkErrorRedirect(w.silent(directory.ContosoID, w.request("web", webURI, "openid")), "AADSTS16000", "interaction_required", "noor@fabrikam.example")
	p = read(t, w.authorize(directory.ContosoID, w.request("web", webURI, "openid")).body)
	if again := read(t, w.post(labBase+p.action, with(p.fields, "account", "other")).body); again.heading != "Sign in" || again.fields.Get("username") != "" {
		t.Errorf("another account: %+v", again)
	}
	p = read(t, w.authorize(directory.ContosoID, w.request("web", webURI, "openid")).body)
	if again := read(t, w.post(labBase+p.action, with(p.fields, "account", "cancel")).body); again.heading != "Sign-in cancelled" {
		t.Errorf("cancelled: %+v", again)
	}
}

// TestWhoMayEnter signs people in where they have no account, and where they do.
func TestWhoMayEnter(t *testing.T) {
	for _, c := range []struct{ name, tenant, app, uri, username, code string }{
		{"another company", directory.ContosoID, "web", webURI, "noor@fabrikam.example", "AADSTS50020"},
		{"a pending guest", directory.ContosoID, "web", webURI, "rita@fabrikam.example", "AADSTS50014"},
		{"a guest", directory.ContosoID, "web", webURI, "gina@fabrikam.example", ""},
		{"a guest at home", "organizations", "native", nativeURI, "gina@fabrikam.example", ""},
		{"a personal account, app for companies", "common", "native", nativeURI, "pat@outlook.example", "AADSTS50020"},
		{"a personal account at organizations", "organizations", "everyone", nativeURI, "pat@outlook.example", "AADSTS50020"},
		{"a personal account at common", "common", "everyone", nativeURI, "pat@outlook.example", ""},
		{"a personal account at consumers", "consumers", "everyone", nativeURI, "pat@outlook.example", ""},
		{"a work account at consumers", "consumers", "everyone", nativeURI, "ada@contoso.example", "AADSTS50020"},
		{"a work account at common", "common", "everyone", nativeURI, "ada@contoso.example", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			q := w.request(c.app, c.uri, "openid profile")
			a := w.enter(c.tenant, q, c.username)
			if c.code != "" {
				w.checkErrorPage(a, c.code, c.username)
				return
			}
			if location(t, w.walk(a, c.username)).Query().Get("code") == "" {
				t.Fatalf("no code: %s", a.body)
			}
			// The session is used without a question from now on.
			if got := w.silent(c.tenant, q); got.Query().Get("code") == "" {
				t.Errorf("not silently: %v", got)
			}
		})
	}
}

// TestGuestObject checks that a guest's code stands for the guest's object in
// the tenant, not for the one at home.
func TestGuestObject(t *testing.T) {
	w := newWorld(t)
	a := w.walk(w.enter(directory.ContosoID, w.request("web", webURI, "openid profile"), "gina@fabrikam.example"), "gina@fabrikam.example")
	form := w.redemption("web", webURI, location(t, a).Query().Get("code"))
	r, _ := object(t, w.post(endpoint(directory.ContosoID, "token"), form).body)
	id, _ := r["id_token"].(string)
	if c := decode(t, id).claims; c["tid"] != directory.ContosoID || c["oid"] != "550767ec-b455-4da6-ad54-402e84e93362" {
		t.Errorf("claims %v", c)
	}
}

// TestSessionsThatDoNotCount voids sessions in every way there is.
func TestSessionsThatDoNotCount(t *testing.T) {
	for _, c := range []struct {
		name  string
		do    func(w *world)
		pairs []string
		code  string
	}{
		{"sessions revoked", func(w *world) { w.turn("sessions-revoked", "ada@contoso.example") }, nil, "AADSTS50058"},
		{"password changed", func(w *world) { w.turn("password-changed", "ada@contoso.example") }, nil, "AADSTS50058"},
		{"disabled", func(w *world) { w.turn("account-disabled", "ada@contoso.example") }, nil, "AADSTS50058"},
		{"deleted", func(w *world) { w.turn("account-deleted", "ada@contoso.example") }, nil, "AADSTS50058"},
		{"older than max_age", nil, []string{"max_age", "59"}, "AADSTS50058"},
		{"max_age=0", nil, []string{"max_age", "0"}, "AADSTS50058"},
		{"claims want a newer one", nil, []string{"claims", `{"access_token":{"nbf":{"essential":true,"value":"1772618430"}}}`}, "AADSTS50058"},
		{"sign-in frequency", func(w *world) { w.turn("sign-in-frequency", "30s") }, nil, "AADSTS70044"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.code("web", webURI, "openid")
			w.now = w.now.Add(time.Minute)
			if c.do != nil {
				c.do(w)
			}
			q := w.request("web", webURI, "openid", c.pairs...)
			got := w.silent(directory.ContosoID, q).Query()
			if !strings.HasPrefix(got.Get("error_description"), c.code+":") {
				t.Errorf("silently: %v", got)
			}
			q.Del("prompt")
			a := w.authorize(directory.ContosoID, q)
			if p := read(t, a.body); p.heading != "Sign in" {
				t.Fatalf("not asked again: %+v", p)
			}
			if c.name == "disabled" || c.name == "deleted" {
				return
			}
			if got := location(t, w.walk(a, "ada@contoso.example")).Query(); got.Get("code") == "" {
				t.Errorf("signed in anew: %v", got)
			}
		})
	}
	w := newWorld(t)
	w.code("web", webURI, "openid")
	if got := w.silent(directory.ContosoID, w.request("web", webURI, "openid", "max_age", "60")).Query(); got.Get("code") == "" {
		t.Errorf("a young session: %v", got)
	}
	w.checkErrorRedirect(location(t, w.authorize(directory.ContosoID, w.request("web", webURI, "openid", "max_age", "-1"))), "AADSTS90023", "invalid_request", "'-1'")
}

// TestSessionIsBounded signs in more people than a session holds.
func TestSessionIsBounded(t *testing.T) {
	w := newWorld(t)
	names := []string{"ada", "ben", "vera", "grace", "mia", "omar", "gus"}
	for _, n := range names {
		w.walk(w.enter(directory.ContosoID, w.request("web", webURI, "openid"), n+"@contoso.example"), n+"@contoso.example")
	}
	for _, n := range []string{"noor", "hugo", "gina"} {
		w.walk(w.enter("organizations", w.request("native", nativeURI, "openid"), n+"@fabrikam.example"), n+"@fabrikam.example")
	}
	p := read(t, w.authorize(directory.ContosoID, w.request("web", webURI, "openid", "prompt", "select_account")).body)
	if len(p.accounts) != 8 || p.accounts["ada@contoso.example"] != "" || p.accounts["gina@fabrikam.example"] == "" {
		t.Errorf("%d accounts: %v", len(p.accounts), p.accounts)
	}
}

func TestTenantRestrictions(t *testing.T) {
	for header, allowed := range map[string]bool{
		"fabrikam.example": false, "nix": false, " contoso.example ": true, directory.FabrikamID + "," + directory.ContosoID: true, "*": true, "": true,
	} {
		for _, tenant := range []string{directory.ContosoID, "organizations"} {
			w := newWorld(t)
			w.walk(w.enter("organizations", w.request("native", nativeURI, "openid"), "ada@contoso.example"), "ada@contoso.example")
			r, err := http.NewRequest(http.MethodGet, endpoint(tenant, "authorize")+"?"+w.request("native", nativeURI, "openid").Encode(), nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Restrict-Access-To-Tenants", header)
			a := w.do(r)
			if !allowed {
				w.checkErrorPage(a, "AADSTS500021", "Contoso")
			} else if location(t, a).Query().Get("code") == "" {
				t.Errorf("%q: %s", header, a.body)
			}
		}
	}
}
