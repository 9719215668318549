package lab

import (
	"crypto/subtle"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/pages"
	"flowscope/engine/lab/state"
)

// Cookies. The names are Entra's; the values are opaque.
const (
	sessionCookie = "ESTSAUTH" // single sign-on
	browserCookie = "esctx"    // binds sign-ins under way to a browser
)

// authorize is the authorization endpoint. It takes POST as GET (OpenID
// Connect Core section 3.1.2.1).
func (v *visit) authorize(v1 bool) {
	q, err := v.query()
	if err != nil {
		v.failPage("Lab", err)
		return
	}
	a, err := v.judge(v.segment, q, v1)
	if err != nil {
		v.refuse(a, err)
		return
	}
	v.enter(a)
}

// query reads the parameters of a GET, or of a form.
func (v *visit) query() (url.Values, *aadsts.Error) {
	switch v.r.Method {
	case http.MethodGet, http.MethodHead:
		return parse(v.r.URL.RawQuery)
	case http.MethodPost:
		return v.body()
	}
	return nil, aadsts.New(900561, "GET, POST", v.r.Method).Because("method", "the method is %s", v.r.Method)
}

// begin keeps the request while someone signs in, and returns its id.
func (v *visit) begin(a authorization) string {
	browser := ""
	if c, err := v.r.Cookie(browserCookie); err == nil && len(c.Value) == 32 {
		browser = c.Value
	} else {
		browser = v.ids.Opaque(24)
		v.cookie(browserCookie, browser, 0)
	}
	id := v.ids.Opaque(24)
	v.state.PutSignIn(id, state.SignIn{
		Browser: browser, Kind: a.kind, Segment: v.segment, V1: a.v1, Query: a.query, Device: a.device, Requested: v.clock(),
	})
	return id
}

// form is where the form of a page goes.
func (v *visit) form(a authorization, path, id string) pages.Form {
	return pages.Form{Action: "/" + a.authority.Segment + "/" + path, Context: id}
}

// told is an error as a page shows it beside its form. The true reason is kept
// aside.
func (v *visit) told(e *aadsts.Error) pages.Problem {
	if e == nil {
		return pages.Problem{}
	}
	v.keepAside(v.trace, e)
	return pages.Problem{Code: fmt.Sprintf("AADSTS%d", e.Code), Message: e.Message}
}

// ask shows the sign-in page, with the error of the last try if there was one.
func (v *visit) ask(a authorization, id, username string, e *aadsts.Error) {
	if hinted, ok := v.whose(username); ok {
		username = hinted
	}
	p := pages.SignIn{Form: v.form(a, "login", id), Problem: v.told(e), App: a.client.Name, Username: username}
	v.draw(p.Write(v.w, place(a.authority)))
}

// whose finds the user name that belongs to the value of a login_hint claim.
func (v *visit) whose(hint string) (string, bool) {
	if !strings.HasPrefix(hint, "O.") {
		return "", false
	}
	for _, u := range v.dir.Users {
		if !u.Guest() && hinted(u, hint) {
			return u.Username, true
		}
	}
	return "", false
}

// underWay finds the sign-in that a form belongs to; it has answered when the
// last value is false.
func (v *visit) underWay() (form url.Values, id string, s state.SignIn, a authorization, ok bool) {
	if v.r.Method != http.MethodPost {
		v.failPage("Lab", aadsts.New(900561, "POST", v.r.Method).Because("method", "the method is %s", v.r.Method))
		return
	}
	form, err := v.body()
	if err == nil {
		err = wellFormed(form)
	}
	if err != nil {
		v.failPage("Lab", err)
		return
	}
	id, s, a, ok = v.resume(form.Get("ctx"))
	return form, id, s, a, ok
}

// resume finds a sign-in under way by its id and judges its request anew; it
// has answered when the last value is false.
func (v *visit) resume(id string) (string, state.SignIn, authorization, bool) {
	s, ok := v.state.SignIn(id, v.clock())
	if !ok {
		v.failPage("Lab", aadsts.New(50089).Because("ctx", "no sign-in of that id is under way"))
		return id, s, authorization{}, false
	}
	c, err := v.r.Cookie(browserCookie)
	if err != nil || subtle.ConstantTimeCompare([]byte(c.Value), []byte(s.Browser)) != 1 {
		v.failPage("Lab", aadsts.New(90013).Because("Cookie", "the form came from another browser than the request"))
		return id, s, authorization{}, false
	}
	v.segment = s.Segment
	a, wrong := v.again(s)
	if wrong != nil {
		v.refuse(a, wrong)
		return id, s, a, false
	}
	return id, s, a, true
}

// again judges the request of a sign-in under way once more: what it rests on
// may have changed.
func (v *visit) again(s state.SignIn) (authorization, *aadsts.Error) {
	switch s.Kind {
	case state.ForAdminConsent:
		return v.judgeAdmin(s.Segment, s.Query, s.V1)
	case state.ForDevice:
		return v.judgeDevice(s.Device)
	}
	return v.judge(s.Segment, s.Query, s.V1)
}

// login takes the sign-in form.
func (v *visit) login() {
	form, id, s, a, ok := v.underWay()
	if !ok {
		return
	}
	if form.Get("action") == "cancel" {
		v.cancelled(a, id)
		return
	}
	home, err := v.policies.Password(form.Get("username"), form.Get("password"), place(a.authority))
	switch {
	case err != nil && err.Code == 50055:
		s.Expired = v.policies.PersonOf(home)
		v.state.PutSignIn(id, s)
		v.askPassword(a, id, home, err)
	case err != nil:
		v.ask(a, id, form.Get("username"), err)
	default:
		v.recognised(a, id, s, home)
	}
}

// cancelled ends a sign-in before anyone signed in.
func (v *visit) cancelled(a authorization, id string) {
	v.state.DropSignIn(id)
	v.draw(pages.Notice(v.w, http.StatusOK, place(a.authority), "Sign-in cancelled",
		"Nothing was sent to "+a.client.Name+". You may close this window, or start again at the application."))
}

// recognised starts a session for someone whose password was right, unless the
// account can't be used where the request signs in to.
func (v *visit) recognised(a authorization, id string, s state.SignIn, home directory.User) {
	p, err := v.member(a, person{home: home, fresh: true})
	if err != nil {
		v.stop(a, id, err)
		return
	}
	s.Fresh = v.policies.PersonOf(home)
	v.state.PutSignIn(id, s)
	signed := v.signIn(home)
	p.cookie, p.account = signed.cookie, signed.account
	v.proceed(a, p, id)
}

// signIn adds an account to the session of this browser. The cookie gets a new
// value, so that whoever knew the old one gains nothing by the sign-in.
func (v *visit) signIn(home directory.User) person {
	var s state.Session
	if old, ok := v.sessionValue(); ok {
		s, _ = v.state.Session(old, v.clock())
		v.state.DropSession(old)
	}
	account := state.Account{Home: v.policies.PersonOf(home), Auth: state.Auth{
		At: v.clock(), Methods: []string{"pwd"}, SID: v.ids.GUID(), IP: v.ip(),
	}}
	value := v.ids.Opaque(48)
	s = s.With(account)
	account, _ = s.Has(account.Home)
	v.state.PutSession(value, s, v.clock())
	v.cookie(sessionCookie, value, 0)
	return person{cookie: value, account: account, home: home, fresh: true}
}

// hold remembers in a sign-in under way whose it has become, before a page is
// shown to that person. It has answered when the last value is false.
func (v *visit) hold(a authorization, p person, id string) (string, bool) {
	if id == "" {
		id = v.begin(a)
	}
	s, ok := v.state.SignIn(id, v.clock())
	if !ok {
		v.failPage(place(a.authority), aadsts.New(50089).Because("ctx", "the sign-in expired just now"))
		return id, false
	}
	s.Session, s.Home = p.cookie, p.account.Home
	v.state.PutSignIn(id, s)
	return id, true
}

// holder finds the person of a sign-in under way. The form must come from the
// session in which its page was shown: neither a sign-out nor a sign-in may
// have happened since. It has answered when the last value is false.
func (v *visit) holder(a authorization, s state.SignIn, id string) (person, bool) {
	cookie, _ := v.sessionValue()
	fits := s.Session != "" && subtle.ConstantTimeCompare([]byte(cookie), []byte(s.Session)) == 1
	for _, p := range v.people() {
		if !fits || p.account.Home != s.Home {
			continue
		}
		p.fresh = s.Fresh == p.account.Home
		p, err := v.member(a, p)
		if err != nil {
			v.stop(a, id, err)
			return p, false
		}
		return p, true
	}
	v.state.DropSignIn(id)
	v.failPage(place(a.authority), aadsts.New(50089).Because("Cookie", "the person whose page this was is not signed in, or the session has changed since"))
	return person{}, false
}

// answered takes a form of a page behind the sign-in, with the person it was
// shown to. It has answered when the last value is false.
func (v *visit) answered() (form url.Values, id string, a authorization, p person, ok bool) {
	form, id, s, a, ok := v.underWay()
	if ok {
		p, ok = v.holder(a, s, id)
	}
	return form, id, a, p, ok
}

// stop ends a request that can't go on: by redirect where nobody may be asked,
// as a page otherwise (Entra: flows, errors by step).
func (v *visit) stop(a authorization, id string, e *aadsts.Error) {
	v.state.DropSignIn(id)
	if a.silent() {
		v.failRedirect(a, e)
		return
	}
	v.failPage(place(a.authority), e)
}

// cookie sets or, with a negative age, ends a cookie. Over https it also
// travels in frames of other sites, as silent renewal needs.
func (v *visit) cookie(name, value string, age int) {
	c := &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: age, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if strings.HasPrefix(v.base, "https:") {
		c.Secure, c.SameSite = true, http.SameSiteNoneMode
	}
	http.SetCookie(v.w, c)
}
