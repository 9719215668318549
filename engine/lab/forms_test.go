package lab

import (
	"net/http"
	"net/url"
	"testing"

	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/state"
)

// TestPickOnlyWhereOffered picks an account, also by a form that the page does
// not have: prompt=login always needs the password, and an account must still
// be signed in.
func TestPickOnlyWhereOffered(t *testing.T) {
	anew := func(username string) func(w *world) {
		return func(w *world) {
			w.walk(w.authorize(directory.ContosoID, w.request("web", webURI, "openid", "prompt", "login")), username)
		}
	}
	for _, c := range []struct {
		name  string
		pairs []string
		leave func(w *world) // what happens between the page and the form
		code  string         // empty: it goes on
	}{
		{"offered", []string{"prompt", "select_account"}, nil, ""},
		{"offered to the one hinted at", []string{"prompt", "select_account", "login_hint", "ada@contoso.example"}, nil, ""},
		{"another signed in since", []string{"prompt", "select_account"}, anew("grace@contoso.example"), ""},
		{"prompt=login", []string{"prompt", "login"}, nil, "password"},
		{"prompt=login, hint at the same", []string{"prompt", "login", "login_hint", "ada@contoso.example"}, nil, "password"},
		{"signed out since", []string{"prompt", "select_account"}, func(w *world) { w.get(endpoint(directory.ContosoID, "logout")) }, "AADSTS16001"},
		{"signed in anew since", []string{"prompt", "select_account"}, anew("ada@contoso.example"), "AADSTS16001"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.code("web", webURI, "openid")
			choice := read(t, w.authorize(directory.ContosoID, w.request("web", webURI, "openid", "prompt", "select_account")).body)
			sid := choice.accounts["ada@contoso.example"]
			p := read(t, w.authorize(directory.ContosoID, w.request("web", webURI, "openid", c.pairs...)).body)
			if c.code != "password" && p.accounts["ada@contoso.example"] != sid || sid == "" {
				t.Fatalf("not offered: %+v", p)
			}
			if c.leave != nil {
				c.leave(w)
			}
			a := w.post(labBase+"/contoso.example/reprocess", with(p.fields, "account", sid))
			switch again := read(t, a.body); {
			case c.code == "":
				if location(t, a).Query().Get("code") == "" {
					t.Errorf("no code: %s", a.header.Get("Location"))
				}
			case c.code != "password":
				w.checkErrorPage(a, c.code, "")
			case a.status != http.StatusOK || again.heading != "Sign in" || len(again.buttons) != 2:
				t.Fatalf("went on: %d %s %+v", a.status, a.header.Get("Location"), again)
			default:
				// The password still opens the door.
				if a = w.walk(a, "ada@contoso.example"); location(t, a).Query().Get("code") == "" {
					t.Errorf("no code with the password: %s", a.header.Get("Location"))
				}
			}
		})
	}
}

// TestFreshIsPersonal signs in as one person and then picks another, who did
// not type a password for this request.
func TestFreshIsPersonal(t *testing.T) {
	w := newWorld(t)
	w.code("web", webURI, "openid")
	choice := read(t, w.authorize(directory.ContosoID, w.request("web", webURI, "openid", "prompt", "select_account")).body)
	p := read(t, w.authorize(directory.ContosoID, w.request("spa", spaURI, "openid "+ordersAs, "prompt", "login")).body)
	ctx := p.fields.Get("ctx")
	p = read(t, w.post(labBase+p.action, with(p.fields, "username", "ben@contoso.example", "password", "Copper-Kettle-17", "action", "signin")).body)
	if p.heading != "Permissions requested" {
		t.Fatalf("Ben sees %+v", p)
	}
	p = read(t, w.post(labBase+"/contoso.example/reprocess", url.Values{"ctx": {ctx}, "account": {choice.accounts["ada@contoso.example"]}}).body)
	if p.heading != "Sign in" || p.fields.Get("username") != "ada@contoso.example" {
		t.Errorf("Ada went on with Ben's password: %+v", p)
	}
}

// toConsent signs ada in and stops at the consent page.
func (w *world) toConsent() page {
	w.Helper()
	p := read(w, w.authorize(directory.ContosoID, w.request("web", webURI, "openid "+ordersAs)).body)
	form := with(p.fields, "username", "ada@contoso.example", "password", "Harbour-Lamp-42", "action", "signin")
	p = read(w, w.post(labBase+p.action, form).body)
	if p.heading != "Permissions requested" {
		w.Fatalf("no consent page: %+v", p)
	}
	return p
}

func TestFormParameterTwice(t *testing.T) {
	for _, actions := range [][]string{{"accept", "cancel"}, {"cancel", "accept"}, {"accept", "accept"}} {
		w := newWorld(t)
		p := w.toConsent()
		form := url.Values{"ctx": p.fields["ctx"], "action": actions}
		w.checkErrorPage(w.post(labBase+p.action, form), "AADSTS9002313", "")
		if last := w.lab.Reasons(); last[len(last)-1].Field != "action" {
			t.Errorf("%v: kept aside %+v", actions, last[len(last)-1])
		}
		silent := w.authorize(directory.ContosoID, w.request("web", webURI, "openid "+ordersAs, "prompt", "none"))
		w.checkErrorRedirect(location(t, silent), "AADSTS65001", "consent_required", "")
		if a := w.post(labBase+p.action, with(form, "action", "accept")); location(t, a).Query().Get("code") == "" {
			t.Errorf("%v: no code for a form that says it once", actions)
		}
	}
	w := newWorld(t)
	p := read(t, w.authorize(directory.ContosoID, w.request("web", webURI, "openid")).body)
	form := with(p.fields, "username", "ada@contoso.example", "action", "signin")
	form["password"] = []string{"Harbour-Lamp-42", "x"}
	w.checkErrorPage(w.post(labBase+p.action, form), "AADSTS9002313", "")
}

// TestConsentNeedsItsSession presses Accept after the session is gone.
func TestConsentNeedsItsSession(t *testing.T) {
	for name, leave := range map[string]func(w *world){
		"signed out": func(w *world) { w.get(endpoint(directory.ContosoID, "logout")) },
		"another signed in": func(w *world) {
			w.walk(w.authorize(directory.ContosoID, w.request("web", webURI, "openid", "prompt", "login")), "grace@contoso.example")
		},
		"signed in anew": func(w *world) {
			w.walk(w.authorize(directory.ContosoID, w.request("spa", spaURI, "openid", "prompt", "login")), "ada@contoso.example")
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			p := w.toConsent()
			leave(w)
			w.checkErrorPage(w.post(labBase+p.action, with(p.fields, "action", "accept")), "AADSTS50089", "")
			ada, _ := w.dir.User("ada@contoso.example")
			orders, web := w.app("orders-api").ClientID, w.app("web").ClientID
			if w.lab.state.Consents.Has(state.Person{TenantID: ada.TenantID, ObjectID: ada.ObjectID}, web, orders, "access_as_user") {
				t.Error("the consent was kept")
			}
		})
	}
}

// TestRedirectIsASCII asks with hosts that only Unicode would take for the
// registered ones, and with ports that are none.
func TestRedirectIsASCII(t *testing.T) {
	for _, uri := range []string{
		"http://localho\u017ft:3000/auth/callback", "http://localho%C5%BFt:3000/auth/callback",
		"https://app.conto\u017fo.example/auth/callback", "https://app.conto%c5%bfo.example/auth/callback",
		"http://localhost:99999999/auth/callback", "http://localhost:0/auth/callback", "http://localhost:/auth/callback",
	} {
		w := newWorld(t)
		w.checkErrorPage(w.authorize(directory.ContosoID, w.request("web", uri, "openid")), "AADSTS50011", "")
		a := w.get(endpoint(directory.ContosoID, "logout") + "?post_logout_redirect_uri=" + url.QueryEscape(uri))
		if p := read(t, a.body); a.status != http.StatusOK || p.heading != "You signed out" || a.header.Get("Location") != "" {
			t.Errorf("%q: signed out to %q", uri, a.header.Get("Location"))
		}
	}
}

// TestTwoCredentials sends the secret in two ways, or a secret and an
// assertion: an error even if one of them is right (RFC 6749 section 2.3).
func TestTwoCredentials(t *testing.T) {
	w := newWorld(t)
	daemon := w.app("daemon")
	right := daemon.Secrets[0].Value
	for _, c := range []struct {
		name, body, assertion, basic string
		status, code                 int
	}{
		{"body alone", right, "", "", 200, 0},
		{"header alone", "", "", right, 200, 0},
		{"right in the body, wrong in the header", right, "", "wrong", 400, 9002313},
		{"wrong in the body, right in the header", "wrong", "", right, 400, 9002313},
		{"both right", right, "", right, 400, 9002313},
		{"assertion and header", "", "e30.e30.x", right, 400, 9002313},
		{"assertion and secret", right, "e30.e30.x", "", 400, 9002313},
	} {
		form := daemonForm("client_secret", c.body, "client_assertion", c.assertion)(w)
		var headers []string
		if c.basic != "" {
			r := http.Request{Header: http.Header{}}
			r.SetBasicAuth(daemon.ClientID, url.QueryEscape(c.basic))
			headers = []string{"Authorization", r.Header.Get("Authorization")}
		}
		a := w.post(endpoint(directory.ContosoID, "token"), form, headers...)
		e, _ := object(t, a.body)
		if a.status != c.status || codeOf(e) != c.code || c.code != 0 && e["error"] != "invalid_request" {
			t.Errorf("%s: %d %v", c.name, a.status, e)
		}
	}
}

func TestHostIsAHost(t *testing.T) {
	w := newWorld(t)
	for host, want := range map[string]int{
		"localhost": 200, "localhost:8123": 200, "127.0.0.1:1": 200, "[::1]": 200, "[::1]:65535": 200, "Login.Example": 200, "a-b.c1": 200,
		"[": 400, "]": 400, ":": 400, "a:b:c": 400, "a:b": 400, "a:": 400, ":80": 400, "a:0": 400, "a:080": 400, "a:65536": 400, "a:99999999": 400,
		"[]": 400, "[a]": 400, "[::1": 400, "::1": 400, "[::1]x": 400, "[127.0.0.1]": 400, "a..b": 400, ".": 400, "a.": 400, "-a": 400, "a-": 400,
		"1.2.3.4.5": 400, "999.1.1.1": 400, "a b": 400, "localho\u017ft": 400,
	} {
		r, err := http.NewRequest(http.MethodGet, labBase+"/contoso.example/v2.0/.well-known/openid-configuration", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = host
		if a := w.do(r); a.status != want {
			t.Errorf("host %q: status %d, want %d", host, a.status, want)
		}
	}
}
