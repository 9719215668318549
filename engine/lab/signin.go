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
	"flowscope/engine/lab/tokens"
)

// Cookies. The names are Entra's; the values are opaque.
const (
	sessionCookie = "ESTSAUTH" // single sign-on
	browserCookie = "esctx"    // binds sign-ins under way to a browser
)

// authorize is the authorization endpoint. It takes POST as GET (OpenID
// Connect Core section 3.1.2.1).
func (v *visit) authorize() {
	var q url.Values
	var err *aadsts.Error
	switch v.r.Method {
	case http.MethodGet, http.MethodHead:
		q, err = parse(v.r.URL.RawQuery)
	case http.MethodPost:
		q, err = v.body()
	default:
		err = aadsts.New(900561, "GET, POST", v.r.Method).Because("method", "the method is %s", v.r.Method)
	}
	if err != nil {
		v.failPage("Lab", err)
		return
	}
	a, err := v.judge(v.segment, q)
	if err != nil {
		v.refuse(a, err)
		return
	}
	v.enter(a)
}

// enter decides whether someone must sign in.
func (v *visit) enter(a authorization) {
	session, user, ok := v.session()
	wrongTenant := ok && !a.authority.Alias() && a.authority.Tenant.ID != user.TenantID
	other := ok && a.loginHint != "" && !strings.EqualFold(a.loginHint, user.Username)
	usable := ok && !wrongTenant && !other
	switch {
	case a.prompt == "none" && wrongTenant:
		v.failRedirect(a, aadsts.New(16000, user.Username, tokens.IssuerV1(v.base, user.TenantID), a.authority.Tenant.Name, a.client.ClientID, a.client.Name).
			Because("tenant", "the session is of another tenant"))
	case a.prompt == "none" && !usable:
		v.failRedirect(a, aadsts.New(50058).Because("prompt", "the browser has no session that could be used"))
	case usable && a.prompt != "login" && a.prompt != "select_account":
		v.proceed(a, session, user, "")
	case usable && a.prompt == "select_account":
		v.ask(a, v.begin(a, session.ID), user.Username, "", nil)
	default:
		v.ask(a, v.begin(a, ""), "", a.loginHint, nil)
	}
}

// session finds who is signed in in this browser. A session of a person who
// was disabled since counts for nothing.
func (v *visit) session() (state.Session, directory.User, bool) {
	c, err := v.r.Cookie(sessionCookie)
	if err != nil {
		return state.Session{}, directory.User{}, false
	}
	s, ok := v.state.Session(c.Value, v.clock())
	if !ok {
		return s, directory.User{}, false
	}
	u, ok := v.dir.Person(s.Person.TenantID, s.Person.ObjectID)
	return s, u, ok && !u.Disabled
}

// begin keeps the request while someone signs in, and returns its id. The page
// offers to go on with the session of the id offered; none when it is empty.
func (v *visit) begin(a authorization, offered string) string {
	browser := ""
	if c, err := v.r.Cookie(browserCookie); err == nil && len(c.Value) == 32 {
		browser = c.Value
	} else {
		browser = v.ids.Opaque(24)
		v.cookie(browserCookie, browser, 0)
	}
	id := v.ids.Opaque(24)
	v.state.PutSignIn(id, state.SignIn{Browser: browser, Segment: v.segment, Query: a.query, Offered: offered, Requested: v.clock()})
	return id
}

// ask shows the sign-in page, with the error of the last try if there was one.
func (v *visit) ask(a authorization, id, signedIn, username string, e *aadsts.Error) {
	p := pages.SignIn{Action: "/" + a.authority.Segment + "/login", Context: id, App: a.client.Name, Username: username, SignedIn: signedIn}
	if e != nil {
		v.keepAside(v.trace, e)
		p.Code, p.Message = fmt.Sprintf("AADSTS%d", e.Code), e.Message
	}
	v.draw(p.Write(v.w, place(a.authority)))
}

// underWay finds the sign-in that a form belongs to; it has answered when the
// last value is false.
func (v *visit) underWay() (form url.Values, id string, s state.SignIn, a authorization, ok bool) {
	if v.r.Method != http.MethodPost {
		v.failPage("Lab", aadsts.New(900561, "POST", v.r.Method).Because("method", "the method is %s", v.r.Method))
		return
	}
	form, err := v.body()
	if err != nil {
		v.failPage("Lab", err)
		return
	}
	if err = wellFormed(form); err != nil {
		v.failPage("Lab", err)
		return
	}
	id = form.Get("ctx")
	s, ok = v.state.SignIn(id, v.clock())
	if !ok {
		v.failPage("Lab", aadsts.New(50089).Because("ctx", "no sign-in of that id is under way"))
		return
	}
	c, cookieErr := v.r.Cookie(browserCookie)
	if cookieErr != nil || subtle.ConstantTimeCompare([]byte(c.Value), []byte(s.Browser)) != 1 {
		v.failPage("Lab", aadsts.New(90013).Because("Cookie", "the form came from another browser than the request"))
		return form, id, s, a, false
	}
	v.segment = s.Segment
	if a, err = v.judge(s.Segment, s.Query); err != nil {
		v.refuse(a, err)
		return form, id, s, a, false
	}
	return form, id, s, a, true
}

// login takes the sign-in form.
func (v *visit) login() {
	form, id, s, a, ok := v.underWay()
	if !ok {
		return
	}
	switch form.Get("action") {
	case "cancel":
		v.state.DropSignIn(id)
		v.draw(pages.Notice(v.w, http.StatusOK, place(a.authority), "Sign-in cancelled",
			"Nothing was sent to "+a.client.Name+". You may close this window, or start again at the application."))
		return
	case "continue":
		// Only the page that offered a session may go on with it: prompt=login
		// and a login_hint of someone else offer none.
		if session, user, ok := v.session(); ok && session.ID == s.Offered {
			v.proceed(a, session, user, id)
			return
		}
		v.ask(a, id, "", a.loginHint, nil)
		return
	}
	user, err := v.recognise(form.Get("username"), form.Get("password"), a)
	if err != nil {
		v.ask(a, id, "", form.Get("username"), err)
		return
	}
	if t := a.authority.Tenant; !a.authority.Alias() && t.ID != user.TenantID {
		v.state.DropSignIn(id)
		v.failPage(place(a.authority), aadsts.New(50020, user.Username, tokens.IssuerV1(v.base, user.TenantID), t.Name, a.client.ClientID, a.client.Name).
			Because("username", "%s has no account in %s", user.Username, t.Name))
		return
	}
	v.proceed(a, v.signIn(user), user, id)
}

// recognise checks user name and password: 50034, 50126, 50057.
func (v *visit) recognise(username, password string, a authorization) (directory.User, *aadsts.Error) {
	username = strings.TrimSpace(username)
	user, ok := v.dir.User(username)
	switch {
	case !ok:
		return user, aadsts.New(50034, username, place(a.authority)).Because("username", "no one has this user name")
	case subtle.ConstantTimeCompare([]byte(user.Password), []byte(password)) != 1:
		return user, aadsts.New(50126).Because("password", "the password is not the one of %s", user.Username)
	case user.Disabled:
		return user, aadsts.New(50057).Because("username", "the account of %s is disabled", user.Username)
	}
	return user, nil
}

// signIn starts a session in this browser.
func (v *visit) signIn(user directory.User) state.Session {
	s := state.Session{Person: state.Person{TenantID: user.TenantID, ObjectID: user.ObjectID}, ID: v.ids.GUID(), SignedIn: v.clock()}
	value := v.ids.Opaque(48)
	v.state.PutSession(value, s)
	v.cookie(sessionCookie, value, 0)
	return s
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
