package lab

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/pages"
	"flowscope/engine/lab/tokens"
)

// logout ends sessions of this browser (OpenID Connect RP-Initiated Logout
// 1.0): that of the account hinted at, or of the only one. Where it is open
// which account is meant, the person is asked. It goes on to
// post_logout_redirect_uri only when an application has registered that
// address.
func (v *visit) logout() {
	q, err := parse(v.r.URL.RawQuery)
	switch v.r.Method {
	case http.MethodGet:
	case http.MethodPost:
		if err == nil {
			q, err = v.signOutForm(q)
		}
	default: // a method that only looks must not end a session
		err = aadsts.New(900561, "GET, POST", v.r.Method).Because("method", "the method is %s", v.r.Method)
	}
	if err == nil {
		err = wellFormed(q)
	}
	a, unknown := v.authority(v.segment)
	if err == nil {
		err = unknown
	}
	if err != nil {
		v.failPage("Lab", err)
		return
	}
	leaving, asked := v.leaving(q)
	if asked {
		p := pages.Accounts{Form: pages.Form{Action: v.r.URL.Path + "?" + q.Encode()}, Accounts: v.lines(leaving)}
		v.draw(p.Write(v.w, place(a)))
		return
	}
	rest := v.rest(leaving)
	v.signOut(leaving)
	v.signedOut(a, q, leaving, rest)
}

// signOutForm joins the form of the account choice, or of a client that
// posts, with the query.
func (v *visit) signOutForm(q url.Values) (url.Values, *aadsts.Error) {
	form, err := v.body()
	for name, values := range form {
		if name != "ctx" {
			q[name] = append(q[name], values...)
		}
	}
	return q, err
}

// leaving finds who signs out. asked is true when that must be asked first; the
// people are then the ones to choose from.
func (v *visit) leaving(q url.Values) (leaving []person, asked bool) {
	all := v.people()
	switch picked := q.Get("account"); {
	case v.r.Method != http.MethodPost || picked == "":
	case picked == "all":
		return all, false
	default:
		return keep(all, func(p person) bool { return p.account.Auth.SID == picked }), false
	}
	if len(all) < 2 {
		return all, false
	}
	hint := q.Get("logout_hint")
	sid := ""
	if hint == "" {
		hint, sid = tokenHint(q.Get("id_token_hint"))
	}
	some := keep(all, func(p person) bool {
		return hint != "" && hinted(p.home, hint) || sid != "" && p.account.Auth.SID == sid
	})
	if len(some) == 0 {
		return all, true
	}
	return some, false
}

// tokenHint reads who an ID token is about. It is a hint and no more, so its
// signature does not matter: it only picks among those who are signed in here.
func tokenHint(token string) (hint, sid string) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 || len(token) > maxQuery {
		return "", ""
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return "", ""
	}
	var c struct {
		SID      string `json:"sid"`
		Hint     string `json:"login_hint"`
		Username string `json:"preferred_username"`
		UPN      string `json:"upn"`
	}
	if json.Unmarshal(raw, &c) != nil {
		return "", ""
	}
	for _, h := range []string{c.Hint, c.Username, c.UPN} {
		if h != "" {
			return h, c.SID
		}
	}
	return "", c.SID
}

// signOut takes accounts out of the session. Everyone leaving ends it.
func (v *visit) signOut(leaving []person) {
	cookie, ok := v.sessionValue()
	if !ok {
		return
	}
	s, _ := v.state.Session(cookie, v.clock())
	for _, p := range leaving {
		s = s.Without(p.account.Home)
	}
	v.state.DropSession(cookie)
	if len(leaving) == 0 || len(s.Accounts) == 0 {
		v.cookie(sessionCookie, "", -1)
		return
	}
	// The rest goes on under another value: forms of the time before are void.
	value := v.ids.Opaque(48)
	latest := s.Accounts[len(s.Accounts)-1].Auth.At
	v.state.PutSession(value, s, latest)
	v.cookie(sessionCookie, value, 0)
}

// signedOut says so to the person, to the applications that were signed in to
// (OpenID Connect Front-Channel Logout 1.0), and goes on where it is asked to.
func (v *visit) signedOut(a directory.Authority, q url.Values, left []person, rest []string) {
	uri := q.Get("post_logout_redirect_uri")
	next := ""
	if uri != "" && slices.ContainsFunc(v.dir.Apps, func(app directory.App) bool { _, ok := app.Redirect(uri); return ok }) {
		var fields []pages.Field
		if q.Has("state") {
			fields = append(fields, pages.Field{Name: "state", Value: q.Get("state")})
		}
		next = withFields(uri, modeQuery, fields)
	}
	page := pages.SignedOut{Next: next}
	page.Frames, page.Origin = v.frames(left)
	if next != "" && len(page.Frames) == 0 {
		v.redirect(next)
		return
	}
	page.Lines = []string{
		"Your session with the lab in this browser has ended.",
		"Applications keep their own sessions, and tokens that were issued stay good until they expire.",
	}
	if len(rest) > 0 {
		page.Lines[0] = "Your session with the lab in this browser has ended. Still signed in: " + strings.Join(rest, ", ") + "."
	}
	switch {
	case next != "":
		page.Lines = append(page.Lines, "The applications you used are told now; then your browser goes on.")
		// Time for the frames to load, without a script.
		v.w.Header().Set("Refresh", "2; url="+next)
	case uri != "":
		v.keepAside(v.trace, aadsts.New(50011, uri, "").Because("post_logout_redirect_uri", "no application has registered this address"))
		page.Lines = append(page.Lines, "The application asked to send you to an address that is not registered, so you stay here.")
	}
	v.draw(page.Write(v.w, place(a)))
}

// rest lists who is still signed in after some people left.
func (v *visit) rest(gone []person) []string {
	var out []string
	for _, p := range v.people() {
		if !slices.ContainsFunc(gone, func(g person) bool { return g.account.Home == p.account.Home }) {
			out = append(out, p.home.Username)
		}
	}
	return out
}

// frames lists the addresses at which applications are told of a sign-out, and
// their origins.
func (v *visit) frames(left []person) (addresses, origins []string) {
	for _, p := range left {
		for _, visited := range p.account.Apps {
			app, _ := v.dir.Client(visited.ClientID)
			u, err := url.Parse(app.LogoutURL)
			if app.LogoutURL == "" || err != nil {
				continue
			}
			q := u.Query()
			q.Set("sid", p.account.Auth.SID)
			q.Set("iss", tokens.IssuerV2(v.base, visited.TenantID))
			u.RawQuery = q.Encode()
			addresses = append(addresses, u.String())
			if origin := u.Scheme + "://" + u.Host; !slices.Contains(origins, origin) {
				origins = append(origins, origin)
			}
		}
	}
	return addresses, origins
}
