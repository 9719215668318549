package enginetest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"flowscope/engine/lab"
)

// looks is called with every page that the browser shows in these tests.
var looks = func(*surfer, string) {}

// surfer is a person with Chromium in front of the lab, and an application that
// takes the answers.
type surfer struct {
	*chromium
	t    *testing.T
	lab  *lab.Lab
	base string
	app  string     // redirect URI
	got  url.Values // what the application was sent last
	way  string     // how: GET or POST
	dir  lab.Directory
}

func newSurfer(t *testing.T) *surfer {
	t.Helper()
	w := New(t)
	base, err := w.Target.BrowserBase(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	s := &surfer{chromium: startChromium(t), t: t, lab: w.Lab, base: base, dir: w.Lab.Directory()}
	app := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(rw, r)
			return
		}
		_ = r.ParseForm()
		s.got, s.way = r.Form, r.Method
		rw.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(rw, "<h1>The application</h1>")
	}))
	t.Cleanup(app.Close)
	s.app = strings.Replace(app.URL, "127.0.0.1", "localhost", 1)
	s.must(s.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": true}))
	return s
}

func (s *surfer) must(_ json.RawMessage, err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *surfer) js(script string) string {
	s.t.Helper()
	out, err := s.eval(script)
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

// request is the address of an authorization request.
func (s *surfer) request(tenant, key string, pairs ...string) string {
	app, ok := s.dir.App(key)
	if !ok {
		s.t.Fatalf("no application %q", key)
	}
	q := url.Values{"client_id": {app.ClientID}, "response_type": {"code"}, "redirect_uri": {s.app}, "scope": {"openid User.Read"}, "state": {"s1"}}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return s.base + "/" + tenant + "/oauth2/v2.0/authorize?" + q.Encode()
}

// open goes to an address and wants a heading.
func (s *surfer) open(address, heading string) {
	s.t.Helper()
	if err := s.visit("Page.navigate", map[string]any{"url": address}); err != nil {
		s.t.Fatal(err)
	}
	s.see(heading)
}

// see wants a heading, no scrolling sideways on a phone, and a page that says
// whose it is.
func (s *surfer) see(heading string) {
	s.t.Helper()
	if got := s.js(`(document.querySelector("h1")||{}).textContent`); got != heading {
		s.t.Fatalf("the browser shows %q, want %q: %s", got, heading, s.js(`document.body.innerText`))
	}
	if heading == "The application" {
		return
	}
	if got := s.js(`document.documentElement.scrollWidth<=innerWidth`); got != "true" {
		s.t.Errorf("%s: %s wide in %s", heading, s.js(`document.documentElement.scrollWidth`), s.js(`innerWidth`))
	}
	if got := s.js(`document.querySelector(".band").innerText`); got != "flowscope lab: not Microsoft" {
		s.t.Errorf("%s: the band says %q", heading, got)
	}
	looks(s, heading)
}

// press presses the button with these words, and wants a heading.
func (s *surfer) press(words, heading string) {
	s.t.Helper()
	script := fmt.Sprintf(`[...document.querySelectorAll("button")].find(b=>b.textContent.includes(%q)).click()`, words)
	if err := s.visit("Runtime.evaluate", map[string]any{"expression": script}); err != nil {
		s.t.Fatal(err)
	}
	s.see(heading)
}

// fill fills fields in, by name.
func (s *surfer) fill(pairs ...string) {
	s.t.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		s.js(fmt.Sprintf(`document.querySelector("[name=%s]").value=%q`, pairs[i], pairs[i+1]))
	}
}

// signIn fills the sign-in page in, and wants a heading after it.
func (s *surfer) signIn(username, heading string) {
	s.t.Helper()
	u, _ := s.dir.Account(username)
	s.fill("username", username, "password", u.Password)
	s.press("Sign in", heading)
}

func (s *surfer) typeText(text string) {
	s.must(s.call("Input.insertText", map[string]any{"text": text}))
}

var keyCodes = map[string]int{"Tab": 9, "Enter": 13, " ": 32}

func key(kind, name, text string) map[string]any {
	return map[string]any{"type": kind, "key": name, "code": strings.Replace(name, " ", "Space", 1), "windowsVirtualKeyCode": keyCodes[name], "text": text}
}

func (s *surfer) tab() {
	s.must(s.call("Input.dispatchKeyEvent", key("keyDown", "Tab", "")))
	s.must(s.call("Input.dispatchKeyEvent", key("keyUp", "Tab", "")))
}

// enter presses Enter, which leads to another page.
func (s *surfer) enter(heading string) {
	s.t.Helper()
	if err := s.visit("Input.dispatchKeyEvent", key("keyDown", "Enter", "\r")); err != nil {
		s.t.Fatal(err)
	}
	s.see(heading)
}

func (s *surfer) focused() string {
	return s.js(`(e=>e.name+" "+e.textContent.trim())(document.activeElement)`)
}

// outlined reports whether the focus can be seen.
func (s *surfer) outlined() bool {
	return s.js(`getComputedStyle(document.activeElement).outlineStyle`) == "solid"
}

const contoso = "contoso.example"

// TestPagesInARealBrowser goes through all pages of the lab at the width of a
// phone.
func TestPagesInARealBrowser(t *testing.T) {
	s := newSurfer(t)
	ask := s.request(contoso, "native")
	s.open(ask, "Sign in")
	s.fill("username", "mia@contoso.example", "password", "wrong")
	s.press("Sign in", "Sign in")
	s.signIn("mia@contoso.example", "Approve sign-in")
	s.press("Deny", "Approve sign-in")
	s.press("Approve", "Permissions requested")
	s.press("Accept", "The application")
	if s.got.Get("code") == "" || s.got.Get("state") != "s1" || s.way != "GET" {
		t.Fatalf("the application got %s %v", s.way, s.got)
	}
}

// TestAccountsInARealBrowser picks an account, and signs out of one.
func TestAccountsInARealBrowser(t *testing.T) {
	s := newSurfer(t)
	for _, name := range []string{"ada@contoso.example", "gina@fabrikam.example"} {
		s.open(s.request(contoso, "native", "prompt", "login"), "Sign in")
		s.signIn(name, "Permissions requested")
		s.press("Accept", "The application")
	}
	s.open(s.request(contoso, "native"), "Pick an account")
	s.press("gina@fabrikam.example", "The application")
	if s.got.Get("code") == "" {
		t.Errorf("the application got %v", s.got)
	}
	s.open(s.base+"/"+contoso+"/oauth2/v2.0/logout?post_logout_redirect_uri="+url.QueryEscape(s.app)+"&state=bye", "Sign out")
	s.press("ada@contoso.example", "The application")
	if s.got.Get("state") != "bye" {
		t.Errorf("after the sign-out the application got %v", s.got)
	}
	s.open(s.request(contoso, "native"), "The application")
	s.open(s.base+"/"+contoso+"/oauth2/v2.0/logout", "You signed out")
	s.open(s.request(contoso, "native", "client_id", "nobody"), "Sign-in did not work")
}

// TestAdministratorInARealBrowser consents for everyone.
func TestAdministratorInARealBrowser(t *testing.T) {
	s := newSurfer(t)
	partner, _ := s.dir.App("native")
	q := url.Values{"client_id": {partner.ClientID}, "redirect_uri": {s.app}, "scope": {"api://orders.contoso.example/.default"}, "state": {"s2"}}
	s.open(s.base+"/"+contoso+"/v2.0/adminconsent?"+q.Encode(), "Sign in")
	s.signIn("grace@contoso.example", "Permissions requested for your organisation")
	s.press("Accept", "The application")
	if s.got.Get("admin_consent") != "True" || s.got.Get("state") != "s2" {
		t.Errorf("the application got %v", s.got)
	}
}

// TestOtherPagesInARealBrowser looks at the pages that few people meet.
func TestOtherPagesInARealBrowser(t *testing.T) {
	s := newSurfer(t)
	s.open(s.request(contoso, "native"), "Sign in")
	s.signIn("paula@contoso.example", "Update your password")
	s.fill("current", "Rusty-Compass-26", "new", "Brave-Teapot-77", "again", "Brave-Teapot-77")
	s.press("Change password", "Permissions requested")
	s.press("Cancel", "The application")
	if s.got.Get("error") != "access_denied" || s.got.Get("error_subcode") != "cancel" {
		t.Errorf("the application got %v", s.got)
	}
	s.open(s.request(contoso, "native", "prompt", "login"), "Sign in")
	s.signIn("omar@contoso.example", "More information needed")
	s.press("Register", "Permissions requested")
	for _, id := range []string{"user-consent-off", "consent-requests"} {
		if err := s.lab.Switch(id, "on"); err != nil {
			t.Fatal(err)
		}
	}
	s.open(s.request(contoso, "native", "login_hint", "omar@contoso.example"), "Approval required")
	s.fill("reason", "for the orders")
	s.press("Request approval", "Your request was sent")
	s.open(s.base+"/common/oauth2/deviceauth", "Enter code")
	s.fill("user_code", "nosuch")
	s.press("Next", "Enter code")
	s.open(s.base+"/", "This is a lab")
}

// TestFormPostInARealBrowser lets the script of the form_post page run: the
// policy of the page must allow it.
func TestFormPostInARealBrowser(t *testing.T) {
	s := newSurfer(t)
	s.open(s.request(contoso, "native", "response_mode", "form_post", "login_hint", "ada@contoso.example"), "Sign in")
	s.signIn("ada@contoso.example", "Permissions requested")
	accept := `[...document.querySelectorAll("button")].find(b=>b.textContent=="Accept").click()`
	if err := s.visit("Runtime.evaluate", map[string]any{"expression": accept}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the page with the form may count as loaded before it is left
		if s.js(`document.querySelector("h1").textContent`) == "The application" {
			break
		}
		if _, err := s.until(func(m message) bool { return m.Method == "Page.loadEventFired" }); err != nil {
			t.Fatal(err)
		}
	}
	if s.way != "POST" || s.got.Get("code") == "" || s.got.Get("state") != "s1" {
		t.Errorf("the application got %s %v", s.way, s.got)
	}
}

// TestKeyboardAlone signs in, approves and accepts without a pointer.
func TestKeyboardAlone(t *testing.T) {
	s := newSurfer(t)
	s.open(s.request(contoso, "native"), "Sign in")
	if s.focused() != "username " {
		t.Fatalf("the focus is on %q", s.focused())
	}
	s.typeText("mia@contoso.example")
	s.tab()
	if s.focused() != "password " || !s.outlined() {
		t.Fatalf("the focus is on %q, seen %v", s.focused(), s.outlined())
	}
	s.typeText("Velvet-Lantern-35")
	s.enter("Approve sign-in")
	if s.focused() != "action Approve" {
		t.Errorf("the focus is on %q", s.focused())
	}
	s.enter("Permissions requested")
	for range 5 {
		s.tab()
		if s.focused() == "action Accept" {
			break
		}
	}
	if s.focused() != "action Accept" || !s.outlined() {
		t.Fatalf("the focus is on %q, seen %v", s.focused(), s.outlined())
	}
	s.enter("The application")
	if s.got.Get("code") == "" {
		t.Errorf("the application got %v", s.got)
	}
	s.open(s.request(contoso, "native", "login_hint", "ada@contoso.example"), "Sign in")
	if s.focused() != "password " {
		t.Errorf("with a user name filled in, the focus is on %q", s.focused())
	}
}

// TestDeviceInARealBrowser types the code of a device in small letters, and the
// device gets its tokens.
func TestDeviceInARealBrowser(t *testing.T) {
	s := newSurfer(t)
	native, _ := s.dir.App("native")
	post := func(name string, form url.Values) map[string]any {
		t.Helper()
		form.Set("client_id", native.ClientID)
		resp, err := http.PostForm(s.base+"/"+contoso+"/oauth2/v2.0/"+name, form)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		var out map[string]any
		if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	device := post("devicecode", url.Values{"scope": {"openid api://orders.contoso.example/access_as_user"}})
	userCode, _ := device["user_code"].(string)
	poll := url.Values{"grant_type": {"device_code"}, "device_code": {fmt.Sprint(device["device_code"])}}
	s.open(fmt.Sprint(device["verification_uri"]), "Enter code")
	if s.focused() != "user_code " {
		t.Errorf("the focus is on %q", s.focused())
	}
	s.typeText(strings.ToLower(userCode))
	s.enter("Sign in")
	s.signIn("mia@contoso.example", "Approve sign-in")
	s.press("Approve", "Permissions requested")
	s.press("Accept", "Are you trying to sign in to Contoso Orders Desktop?")
	if got := post("token", poll); got["error"] != "authorization_pending" {
		t.Errorf("before the answer the device got %v", got)
	}
	s.press("Continue", "You have signed in")
	if got := post("token", poll); got["access_token"] == nil {
		t.Errorf("the device got %v", got)
	}
}
