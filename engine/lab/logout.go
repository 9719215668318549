package lab

import (
	"net/http"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/pages"
)

// logout ends the session of this browser (OpenID Connect RP-Initiated Logout
// 1.0). It goes on to post_logout_redirect_uri only when an application of the
// tenant has registered that address.
func (v *visit) logout() {
	q, err := parse(v.r.URL.RawQuery)
	if err == nil && v.r.Method == http.MethodPost {
		q, err = v.body()
	}
	a, unknown := v.authority(v.segment)
	if err == nil {
		err = unknown
	}
	if err != nil {
		v.failPage("Lab", err)
		return
	}
	if c, none := v.r.Cookie(sessionCookie); none == nil {
		v.state.DropSession(c.Value)
	}
	v.cookie(sessionCookie, "", -1)
	uri := q.Get("post_logout_redirect_uri")
	for _, app := range v.dir.Apps {
		if _, ok := app.Redirect(uri); uri == "" || !ok {
			continue
		}
		var fields []pages.Field
		if q.Has("state") {
			fields = append(fields, pages.Field{Name: "state", Value: q.Get("state")})
		}
		v.redirect(withFields(uri, modeQuery, fields))
		return
	}
	lines := []string{
		"Your session with the lab in this browser has ended.",
		"Applications keep their own sessions, and tokens that were issued stay good until they expire.",
	}
	if uri != "" {
		v.keepAside(v.trace, aadsts.New(50011, uri, "").Because("post_logout_redirect_uri", "no application has registered this address"))
		lines = append(lines, "The application asked to send you to an address that is not registered, so you stay here.")
	}
	v.draw(pages.Notice(v.w, http.StatusOK, place(a), "You signed out", lines...))
}
