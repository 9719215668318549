package lab

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"flowscope/engine/lab/directory"
)

func TestSecondFactor(t *testing.T) {
	w := newWorld(t)
	q := w.request("web", webURI, "openid")
	a := w.enter(directory.ContosoID, q, "mia@contoso.example")
	p := read(t, a.body)
	if p.heading != "Approve sign-in" || len(p.buttons) != 2 {
		t.Fatalf("after Mia's password: %+v", p)
	}
	got := w.silent(directory.ContosoID, q).Query()
	if got.Get("error") != "interaction_required" || got.Get("suberror") != "basic_action" || !strings.HasPrefix(got.Get("error_description"), "AADSTS50076:") ||
		!strings.HasPrefix(got.Get("claims"), `{"access_token":{"capolids":`) {
		t.Errorf("silently without the factor: %v", got)
	}
	denied := read(t, w.post(labBase+p.action, with(p.fields, "action", "deny")).body)
	if denied.heading != "Approve sign-in" || denied.code != "AADSTS50074" {
		t.Errorf("denied: %+v", denied)
	}
	a = w.walk(w.post(labBase+denied.action, with(denied.fields, "action", "approve")), "mia@contoso.example")
	if location(t, a).Query().Get("code") == "" {
		t.Fatalf("approved: %s", a.header.Get("Location"))
	}
	got = w.silent(directory.ContosoID, q).Query()
	if kept, ok := w.lab.state.Code(got.Get("code")); !ok || !kept.Auth.MFA() || kept.Auth.SID != got.Get("session_state") {
		t.Errorf("silently with the factor: %v, %+v", got, kept.Auth)
	}
}

// TestFactorIsNoDetour tries every form behind the MFA page without passing it.
func TestFactorIsNoDetour(t *testing.T) {
	for _, path := range []string{"Consent/Set", "Consent/Request", "reprocess", "proofup", "oauth2/deviceauth", "changepassword"} {
		w := newWorld(t)
		p := read(t, w.enter(directory.ContosoID, w.request("web", webURI, "openid"), "mia@contoso.example").body)
		sid := read(t, w.authorize(directory.ContosoID, w.request("spa", spaURI, "openid", "prompt", "select_account")).body).accounts["mia@contoso.example"]
		for _, action := range []string{"accept", "continue", "register", "approve!"} {
			a := w.post(labBase+"/contoso.example/"+path, with(p.fields, "action", action, "account", sid))
			if strings.Contains(a.header.Get("Location"), "code=") {
				t.Errorf("%s %s: a code without the second factor", path, action)
			}
		}
	}
}

func TestFactorRegistration(t *testing.T) {
	w := newWorld(t)
	q := w.request("web", webURI, "openid")
	p := read(t, w.enter(directory.ContosoID, q, "omar@contoso.example").body)
	if p.heading != "More information needed" {
		t.Fatalf("after Omar's password: %+v", p)
	}
	got := w.silent(directory.ContosoID, q).Query()
	if !strings.HasPrefix(got.Get("error_description"), "AADSTS50079:") || got.Get("suberror") != "basic_action" || got.Get("claims") == "" {
		t.Errorf("silently: %v", got)
	}
	// Without a factor there is nothing to approve.
	if again := read(t, w.post(labBase+"/contoso.example/SAS/ProcessAuth", with(p.fields, "action", "approve")).body); again.heading != "More information needed" {
		t.Errorf("approved without a factor: %+v", again)
	}
	a := w.walk(w.post(labBase+p.action, with(p.fields, "action", "register")), "omar@contoso.example")
	if location(t, a).Query().Get("code") == "" {
		t.Fatalf("registered: %s", a.body)
	}
	// From now on it is asked for, and can't be registered once more.
	w.newBrowser()
	p = read(t, w.enter(directory.ContosoID, q, "omar@contoso.example").body)
	if p.heading != "Approve sign-in" {
		t.Errorf("at the next sign-in: %+v", p)
	}
	if again := read(t, w.post(labBase+"/contoso.example/proofup", with(p.fields, "action", "register")).body); again.heading != "Approve sign-in" {
		t.Errorf("registered a second one: %+v", again)
	}
	w = newWorld(t)
	p = read(t, w.enter(directory.ContosoID, w.request("web", webURI, "openid"), "omar@contoso.example").body)
	if p = read(t, w.post(labBase+p.action, with(p.fields, "action", "cancel")).body); p.heading != "Sign-in cancelled" {
		t.Errorf("cancelled: %+v", p)
	}
}

// TestConditionalAccess switches each policy on and looks at page and redirect.
func TestConditionalAccess(t *testing.T) {
	for _, c := range []struct{ condition, username, page, code, suberror string }{
		{"mfa-required", "ada@contoso.example", "Approve sign-in", "AADSTS50076", "basic_action"},
		{"location-blocked", "ada@contoso.example", "", "AADSTS53003", "message_only"},
		{"device-required", "ada@contoso.example", "", "AADSTS53000", "additional_action"},
		{"", "boris@contoso.example", "", "AADSTS53003", "message_only"},
	} {
		w := newWorld(t)
		if c.condition != "" {
			w.turn(c.condition, "on")
		}
		q := w.request("web", webURI, "openid")
		a := w.enter(directory.ContosoID, q, c.username)
		if c.page != "" {
			if p := read(t, a.body); p.heading != c.page {
				t.Errorf("%s: %+v", c.condition, p)
			}
		} else {
			w.checkErrorPage(a, c.code, "")
		}
		got := w.silent(directory.ContosoID, q).Query()
		if got.Get("error") != "interaction_required" || got.Get("suberror") != c.suberror || !strings.HasPrefix(got.Get("error_description"), c.code+":") {
			t.Errorf("%s silently: %v", c.condition, got)
		}
	}
}

func TestStepUpByClaims(t *testing.T) {
	w := newWorld(t)
	w.code("web", webURI, "openid")
	q := w.request("web", webURI, "openid", "claims", `{"access_token":{"acrs":{"essential":true,"value":"c1"}}}`)
	got := w.silent(directory.ContosoID, q).Query()
	if !strings.HasPrefix(got.Get("error_description"), "AADSTS50076:") || !strings.Contains(got.Get("claims"), `"acrs"`) {
		t.Errorf("silently: %v", got)
	}
	q.Del("prompt")
	a := w.authorize(directory.ContosoID, q)
	if p := read(t, a.body); p.heading != "Approve sign-in" {
		t.Fatalf("step-up asks %+v", p)
	}
	if got := location(t, w.walk(a, "ada@contoso.example")).Query(); got.Get("code") == "" {
		t.Errorf("stepped up: %v", got)
	}
	w.checkErrorRedirect(location(t, w.authorize(directory.ContosoID, w.request("web", webURI, "openid", "claims", "{"))), "AADSTS90100", "invalid_request", "claims")
}

func TestExpiredPassword(t *testing.T) {
	w := newWorld(t)
	q := w.request("web", webURI, "openid")
	p := read(t, w.enter(directory.ContosoID, q, "paula@contoso.example").body)
	if p.heading != "Update your password" || p.code != "AADSTS50055" {
		t.Fatalf("after Paula's password: %+v", p)
	}
	const old = "Rusty-Compass-26"
	for _, c := range []struct{ current, fresh, again, code string }{
		{"wrong", "Brave-Teapot-77", "Brave-Teapot-77", "AADSTS120000"},
		{old, "Short-1", "Short-1", "AADSTS120002"},
		{old, "onlysmallletters", "onlysmallletters", "AADSTS120002"},
		{old, old, old, "AADSTS120002"},
		{old, "Brave-Teapot-77", "Brave-Teapot-78", "AADSTS120002"},
		{old, "Brave-Winter-77", "Brave-Winter-77", "AADSTS120003"},
		{old, "My-Password-77", "My-Password-77", "AADSTS120018"},
	} {
		p = read(t, w.post(labBase+p.action, with(p.fields, "current", c.current, "new", c.fresh, "again", c.again, "action", "change")).body)
		if p.heading != "Update your password" || p.code != c.code || p.fields.Get("new") != "" {
			t.Errorf("%q to %q: %+v", c.current, c.fresh, p)
		}
	}
	a := w.post(labBase+p.action, with(p.fields, "current", old, "new", "Brave-Teapot-77", "again", "Brave-Teapot-77", "action", "change"))
	if location(t, w.walk(a, "paula@contoso.example")).Query().Get("code") == "" {
		t.Fatalf("changed: %s", a.body)
	}
	if again := read(t, w.post(labBase+p.action, with(p.fields, "current", "Brave-Teapot-77", "action", "change")).body); again.code != "AADSTS50089" {
		t.Errorf("a second change: %+v", again)
	}
	w.newBrowser()
	p = read(t, w.enter(directory.ContosoID, q, "paula@contoso.example").body)
	if p.code != "AADSTS50126" {
		t.Errorf("with the old password: %+v", p)
	}
	a = w.post(labBase+p.action, with(p.fields, "password", "Brave-Teapot-77"))
	if location(t, w.walk(a, "paula@contoso.example")).Query().Get("code") == "" {
		t.Errorf("with the new password: %s", a.body)
	}
}

// TestNewPasswordNeedsTheOld posts the form without having typed the old one.
func TestNewPasswordNeedsTheOld(t *testing.T) {
	w := newWorld(t)
	p := read(t, w.authorize(directory.ContosoID, w.request("web", webURI, "openid")).body)
	form := with(p.fields, "current", "Rusty-Compass-26", "new", "Brave-Teapot-77", "again", "Brave-Teapot-77", "username", "paula@contoso.example", "action", "change")
	w.checkErrorPage(w.post(labBase+"/contoso.example/changepassword", form), "AADSTS50089", "")
}

func TestLockout(t *testing.T) {
	w := newWorld(t)
	p := read(t, w.authorize(directory.ContosoID, w.request("web", webURI, "openid")).body)
	try := func(username, password string) page {
		return read(t, w.post(labBase+p.action, url.Values{"ctx": p.fields["ctx"], "username": {username}, "password": {password}, "action": {"signin"}}).body)
	}
	for range 10 {
		if got := try("ada@contoso.example", "wrong"); got.code != "AADSTS50126" {
			t.Fatalf("a wrong password: %+v", got)
		}
	}
	if got := try("ada@contoso.example", "Harbour-Lamp-42"); got.code != "AADSTS50053" {
		t.Errorf("the eleventh try: %+v", got)
	}
	if got := try("nils@contoso.example", "x"); got.code != "AADSTS50056" {
		t.Errorf("no password: %+v", got)
	}
	w.now = w.now.Add(time.Minute)
	if got := try("ada@contoso.example", "Harbour-Lamp-42"); got.code != "" {
		t.Errorf("after the lock: %+v", got)
	}
}
