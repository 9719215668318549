package lab

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/state"
)

const devicePage = labBase + "/common/oauth2/deviceauth"

// pending puts a device code in place, as POST devicecode would.
func (w *world) pending(app, authority, scope string) (code, userCode string) {
	code, userCode = w.lab.ids.Opaque(24), "B4RKLMN7Q"
	w.lab.state.PutDevice(code, state.Device{UserCode: userCode, ClientID: w.app(app).ClientID, Authority: authority, Scope: scope, Issued: w.now})
	return code, userCode
}

// typed types a user code and signs in up to the question.
func (w *world) typed(userCode, username string) answer {
	w.Helper()
	a := w.post(devicePage, url.Values{"user_code": {userCode}})
	u, _ := w.dir.Account(username)
	for range 5 {
		p := read(w, a.body)
		switch p.heading {
		case "Sign in":
			p.fields = with(p.fields, "username", username, "password", u.Password, "action", "signin")
		case "Approve sign-in":
			p.fields.Set("action", "approve")
		case "Permissions requested":
			p.fields.Set("action", "accept")
		default:
			return a
		}
		a = w.post(labBase+p.action, p.fields)
	}
	w.Fatal("the pages went round in circles")
	return a
}

func (w *world) stage(code string) state.Device {
	d, _ := w.lab.state.Device(code)
	return d
}

func TestDevicePage(t *testing.T) {
	for _, c := range []struct{ name, app, authority, scope, username, action string }{
		{"approved", "native", directory.ContosoID, "openid " + ordersAs, "ada@contoso.example", "continue"},
		{"declined", "native", directory.ContosoID, "openid " + ordersAs, "ada@contoso.example", "cancel"},
		{"second factor", "cli", directory.ContosoID, ordersAs, "mia@contoso.example", "continue"},
		{"another tenant", "native", "organizations", "User.Read", "noor@fabrikam.example", "continue"},
		{"personal", "everyone", "common", "openid User.Read", "pat@outlook.example", "continue"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			if p := read(t, w.get(devicePage).body); p.heading != "Enter code" || !p.fields.Has("user_code") {
				t.Fatalf("page %+v", p)
			}
			code, userCode := w.pending(c.app, c.authority, c.scope)
			p := read(t, w.typed(" "+strings.ToLower(userCode[:4])+"-"+userCode[4:]+" ", c.username).body)
			if p.heading != "Are you trying to sign in to "+w.app(c.app).Name+"?" {
				t.Fatalf("no question: %+v", p)
			}
			if w.stage(code).Stage != state.DevicePending {
				t.Fatal("decided before the question")
			}
			done := read(t, w.post(labBase+p.action, with(p.fields, "action", c.action)).body)
			d, want := w.stage(code), map[string]int{"continue": state.DeviceApproved, "cancel": state.DeviceDeclined}[c.action]
			if d.Stage != want || done.problem != "" || !strings.Contains(done.heading, map[string]string{"continue": "You have signed in", "cancel": "declined"}[c.action]) {
				t.Errorf("stage %d, page %+v", d.Stage, done)
			}
			if u, _ := w.dir.Account(c.username); c.action == "continue" && (d.Person.ObjectID != u.ObjectID || !d.Auth.DeviceCode || d.Auth.SID == "") {
				t.Errorf("approved by %+v", d)
			}
			if again := read(t, w.post(devicePage, url.Values{"user_code": {userCode}}).body); again.code != "AADSTS90120" {
				t.Errorf("typed again: %+v", again)
			}
		})
	}
}

func TestDevicePageErrors(t *testing.T) {
	w := newWorld(t)
	code, userCode := w.pending("native", directory.ContosoID, ordersAs)
	try := func(text string) page { return read(t, w.post(devicePage, url.Values{"user_code": {text}}).body) }
	for text, want := range map[string]string{
		"": "AADSTS90119", " - ": "AADSTS90119", "NOSUCHONE": "AADSTS70018", `"><script>`: "AADSTS70018", strings.Repeat("A", 9999): "AADSTS70018",
	} {
		if p := try(text); p.code != want || p.heading != "Enter code" {
			t.Errorf("%.20q: %+v", text, p)
		}
	}
	w.now = w.now.Add(state.DeviceLife)
	if p := try(userCode); p.code != "AADSTS70019" {
		t.Errorf("expired: %+v", p)
	}
	w.now = w.now.Add(-time.Minute)
	w.lab.state.DecideDevice(code, true, state.Person{}, state.Auth{})
	w.lab.state.RedeemDevice(code)
	if p := try(userCode); p.code != "AADSTS70020" {
		t.Errorf("redeemed: %+v", p)
	}
	w.checkErrorPageCode(w.get(labBase+"/nix/oauth2/deviceauth"), "AADSTS900023")
}

func (w *world) checkErrorPageCode(a answer, code string) {
	w.Helper()
	if p := read(w, a.body); a.status != 200 || p.code != code {
		w.Errorf("got %d %+v, want %s", a.status, p, code)
	}
}

func TestDevicePageByPolicy(t *testing.T) {
	w := newWorld(t)
	w.turn("device-code-blocked", "on")
	code, userCode := w.pending("native", directory.ContosoID, ordersAs)
	w.checkErrorPageCode(w.typed(userCode, "ada@contoso.example"), "AADSTS53003")
	if w.stage(code).Stage != state.DevicePending {
		t.Error("decided all the same")
	}
	// The ordinary sign-in is not blocked.
	w.code("web", webURI, "openid")

	w = newWorld(t)
	_, userCode = w.pending("native", directory.ContosoID, ordersAs)
	w.checkErrorPageCode(w.typed(userCode, "noor@fabrikam.example"), "AADSTS50020")
	_, userCode = w.pending("retired", directory.ContosoID, ordersAs)
	w.checkErrorPageCode(w.typed(userCode, "ada@contoso.example"), "AADSTS7000112")
	// Whoever declines the consent declines the device.
	code, userCode = w.pending("native", directory.ContosoID, ordersAs)
	p := read(t, w.post(devicePage, url.Values{"user_code": {userCode}}).body)
	p = read(t, w.post(labBase+p.action, with(p.fields, "username", "ada@contoso.example", "password", "Harbour-Lamp-42", "action", "signin")).body)
	w.checkErrorPageCode(w.post(labBase+p.action, with(p.fields, "action", "cancel")), "AADSTS65004")
	if w.stage(code).Stage != state.DeviceDeclined {
		t.Error("the device still waits")
	}
}

// TestDeviceIsBoundToItsBrowser lets another browser answer the question, and
// another kind of sign-in.
func TestDeviceIsBoundToItsBrowser(t *testing.T) {
	w := newWorld(t)
	code, userCode := w.pending("native", directory.ContosoID, "openid "+ordersAs)
	p := read(t, w.typed(userCode, "ada@contoso.example").body)
	own := w.browser
	w.newBrowser()
	w.checkErrorPageCode(w.post(labBase+p.action, with(p.fields, "action", "continue")), "AADSTS90013")
	w.code("web", webURI, "openid")
	w.checkErrorPageCode(w.post(labBase+p.action, with(p.fields, "action", "continue")), "AADSTS90013")
	w.browser = own
	q := read(t, w.enter(directory.ContosoID, w.request("spa", spaURI, "openid User.Read"), "ben@contoso.example").body)
	w.checkErrorPageCode(w.post(labBase+p.action, with(q.fields, "action", "continue")), "AADSTS9002313")
	w.checkErrorPageCode(w.post(labBase+p.action, with(p.fields, "action", "continue")), "AADSTS50089") // Ben signed in since
	if w.stage(code).Stage != state.DevicePending {
		t.Error("decided all the same")
	}
}
