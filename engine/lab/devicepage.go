package lab

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/pages"
	"flowscope/engine/lab/policy"
	"flowscope/engine/lab/scope"
	"flowscope/engine/lab/state"
)

// maxUserCode bounds a user code that is typed in, in bytes.
const maxUserCode = 32

// deviceAuth is the page on which the code of another device is typed in (RFC
// 8628 section 3.3). The form of the question behind it comes here too.
func (v *visit) deviceAuth() {
	a, err := v.authority(v.segment)
	if err != nil {
		v.failPage("Lab", err)
		return
	}
	if v.r.Method == http.MethodGet || v.r.Method == http.MethodHead {
		v.askDevice("", nil)
		return
	}
	if v.r.Method != http.MethodPost {
		v.failPage(place(a), aadsts.New(900561, "GET, POST", v.r.Method).Because("method", "the method is %s", v.r.Method))
		return
	}
	form, err := v.body()
	if err == nil {
		err = wellFormed(form)
	}
	if err != nil {
		v.failPage(place(a), err)
		return
	}
	if form.Has("ctx") {
		v.decideDevice(form.Get("ctx"), form.Get("action"))
		return
	}
	v.typed(form.Get("user_code"))
}

func (v *visit) askDevice(typed string, e *aadsts.Error) {
	p := pages.DeviceCode{Form: pages.Form{Action: "/" + v.segment + "/oauth2/deviceauth"}, Problem: v.told(e), UserCode: typed}
	v.draw(p.Write(v.w, "Work, school or personal account"))
}

// typed takes a user code: people type it in small letters, with spaces and
// dashes. From here on the tenant is the one that the device asked.
func (v *visit) typed(text string) {
	if len(text) > maxUserCode {
		text = text[:maxUserCode]
	}
	code := strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' {
			return c
		}
		return -1
	}, strings.ToUpper(text))
	if code == "" {
		v.askDevice("", aadsts.New(90119).Because("user_code", "no letter or digit was typed"))
		return
	}
	device, ok := v.state.DeviceCode(code, time.Time{}) // expired ones too: they get an error of their own
	if !ok {
		v.askDevice(code, aadsts.New(70018).Because("user_code", "no such user code was given out"))
		return
	}
	a, err := v.judgeDevice(device)
	if err != nil {
		v.askDevice(code, err)
		return
	}
	v.segment = a.authority.Segment
	v.enter(a)
}

// judgeDevice makes a request of a device code: 70018, 70019, 70020, 90120.
func (l *Lab) judgeDevice(code string) (authorization, *aadsts.Error) {
	a := authorization{kind: state.ForDevice, mode: modeQuery, maxAge: -1, device: code}
	d, ok := l.state.Device(code)
	switch {
	case !ok:
		return a, aadsts.New(70018).Because("user_code", "the device code was dropped")
	case d.Stage == state.DeviceRedeemed:
		return a, aadsts.New(70020).Because("user_code", "the device has its tokens already")
	case d.Stage != state.DevicePending:
		return a, aadsts.New(90120).Because("user_code", "the code was approved or declined before")
	case d.Expired(l.clock()):
		return a, aadsts.New(70019).Because("user_code", "the code is older than %s", state.DeviceLife)
	}
	a.v1 = d.V1
	if err := l.judgeTenant(&a, d.Authority); err != nil {
		return a, err
	}
	app, known := l.dir.Client(d.ClientID)
	if !known {
		return a, aadsts.New(700016, d.ClientID, place(a.authority)).Because("client_id", "no application has this id")
	}
	a.client = app
	if err := l.policies.App(app); err != nil {
		return a, err
	}
	return a, l.judgeDeviceScope(&a, d)
}

func (l *Lab) judgeDeviceScope(a *authorization, d state.Device) (err *aadsts.Error) {
	if a.claims, err = policy.ReadClaims(d.Claims); err != nil {
		return err
	}
	if d.V1 {
		a.query = url.Values{"resource": {d.Resource}, "scope": {d.Scope}}
		return l.judgeResource(a)
	}
	a.scope, err = scope.Parse(d.Scope)
	return err
}

// confirmDevice asks whether the person meant that device, before it is let
// in: whoever was sent a code by somebody else can still say no.
func (v *visit) confirmDevice(a authorization, p person, id string) {
	id, ok := v.hold(a, p, id)
	if !ok {
		return
	}
	page := pages.DeviceConfirm{Form: v.form(a, "oauth2/deviceauth", id), App: a.client.Name, Publisher: v.publisher(a.client), Username: p.home.Username}
	v.draw(page.Write(v.w, place(a.authority)))
}

// decideDevice takes the answer to that question.
func (v *visit) decideDevice(ctx, action string) {
	id, s, a, ok := v.resume(ctx)
	if !ok {
		return
	}
	if s.Kind != state.ForDevice {
		v.failPage(place(a.authority), aadsts.New(9002313).Because("ctx", "the sign-in is not for a device"))
		return
	}
	p, ok := v.holder(a, s, id)
	if !ok {
		return
	}
	if action == "continue" {
		// Once more: what was fine a page ago may have changed, and the form must
		// not be a way around a page before it.
		if p, ok = v.cleared(a, p, id); !ok {
			return
		}
		want, err := v.wanted(a, p)
		if err == nil && len(want.client) > 0 {
			v.consentNeeded(a, p, want, id)
			return
		}
		if err != nil {
			v.stop(a, id, err)
			return
		}
	}
	auth := p.account.Auth
	auth.DeviceCode = true
	if !v.state.DecideDevice(a.device, action == "continue", p.key(), auth) {
		v.stop(a, id, aadsts.New(90120).Because("user_code", "another window decided meanwhile"))
		return
	}
	v.state.DropSignIn(id)
	if action != "continue" {
		v.draw(pages.Notice(v.w, http.StatusOK, place(a.authority), "Sign-in declined", "The device was not signed in. You may close this window."))
		return
	}
	v.state.ChangeSession(p.cookie, p.account.Home, v.clock(), func(account *state.Account) {
		account.Visit(state.Visited{ClientID: a.client.ClientID, TenantID: p.tenant.ID})
	})
	v.draw(pages.Notice(v.w, http.StatusOK, place(a.authority), "You have signed in",
		"You are signed in to "+a.client.Name+" on your device. You may close this window now."))
}
