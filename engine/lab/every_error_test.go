package lab

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/directory"
)

// Where an error appears.
const (
	inJSON     = "json"     // the body of the token endpoint and of the documents
	inRedirect = "redirect" // parameters at the redirect URI
	onPage     = "page"     // an error page, or the message on a form
)

// failing is one way to an error, through the public endpoints alone.
type failing struct {
	code     int
	where    string
	oauth    string // of a page: empty, since no page shows it
	status   int    // 0: 400 in JSON, 302 by redirect, 200 on a page
	suberror string
	claims   bool // a claims challenge comes with it
	do       func(w *world) answer
}

// check compares an answer with what was to be reached. The lab's own reason
// must be kept aside under the trace id of the answer.
func (f failing) check(w *world, a answer) {
	w.Helper()
	status := map[string]int{inJSON: http.StatusBadRequest, inRedirect: http.StatusFound, onPage: http.StatusOK}[f.where]
	if f.status != 0 {
		status = f.status
	}
	if a.status != status {
		w.Errorf("status %d, want %d: %s", a.status, status, a.body)
		return
	}
	trace, code := a.header.Get("X-Ms-Request-Id"), fmt.Sprintf("AADSTS%d", f.code)
	switch f.where {
	case inJSON:
		f.checkJSON(w, a, trace, code)
	case inRedirect:
		f.checkRedirect(w, a, code)
	case onPage:
		if p := read(w, a.body); p.code != code || p.problem == "" {
			w.Errorf("the page says %q %q, want %s", p.code, p.problem, code)
		}
	}
	if !slices.ContainsFunc(w.lab.Reasons(), func(r Reason) bool { return r.Code == f.code && r.TraceID == trace && r.Reason != "" }) {
		w.Errorf("no true reason is kept aside for %s of %s: %+v", code, trace, w.lab.Reasons())
	}
}

func (f failing) checkJSON(w *world, a answer, trace, code string) {
	w.Helper()
	var body struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
		Codes       []int  `json:"error_codes"`
		TraceID     string `json:"trace_id"`
		Suberror    string `json:"suberror"`
		Claims      string `json:"claims"`
	}
	if err := json.Unmarshal([]byte(a.body), &body); err != nil {
		w.Errorf("%v: %s", err, a.body)
		return
	}
	if body.Error != f.oauth || !strings.HasPrefix(body.Description, code+": ") || !slices.Contains(body.Codes, f.code) ||
		body.TraceID != trace || body.Suberror != f.suberror || json.Valid([]byte(body.Claims)) != f.claims {
		w.Errorf("got %s, want %s %s suberror %q claims %v", a.body, f.oauth, code, f.suberror, f.claims)
	}
}

func (f failing) checkRedirect(w *world, a answer, code string) {
	w.Helper()
	u := location(w, a)
	q := u.Query()
	if u.Fragment != "" {
		var err error
		if q, err = url.ParseQuery(u.EscapedFragment()); err != nil {
			w.Error(err)
		}
	}
	if q.Get("error") != f.oauth || !strings.HasPrefix(q.Get("error_description"), code+": ") ||
		q.Get("suberror") != f.suberror || json.Valid([]byte(q.Get("claims"))) != f.claims {
		w.Errorf("redirected with %v, want %s %s suberror %q claims %v", q, f.oauth, code, f.suberror, f.claims)
	}
}

// TestEveryError reaches every code of the lab's table by doing what causes
// it, and fails for a code that nothing reaches.
func TestEveryError(t *testing.T) {
	reached := map[int]bool{}
	for _, f := range slices.Concat(requestErrors(), frontErrors(), pageErrors(), tokenErrors(), assertionErrors(), exchangeErrors(), policyErrors()) {
		name := fmt.Sprintf("%d %s", f.code, f.where)
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			f.check(w, f.do(w))
		})
		reached[f.code] = true
	}
	for _, code := range aadsts.Codes() {
		if !reached[code] {
			t.Errorf("AADSTS%d is in the table, and nothing here reaches it", code)
		}
	}
	if len(reached) < 90 {
		t.Errorf("%d codes are reached, 90 are wanted", len(reached))
	}
	t.Logf("%d AADSTS codes reached: %v", len(reached), slices.Sorted(maps.Keys(reached)))
}

// sent posts a token request to Contoso, or to the tenant named.
func sent(form func(*world) url.Values, tenantAndHeaders ...string) func(*world) answer {
	return func(w *world) answer {
		tenant := directory.ContosoID
		if len(tenantAndHeaders) > 0 {
			tenant = tenantAndHeaders[0]
			tenantAndHeaders = tenantAndHeaders[1:]
		}
		return w.post(endpoint(tenant, "token"), form(w), tenantAndHeaders...)
	}
}

// asked sends an authorization request of the web app to Contoso.
func asked(pairs ...string) func(*world) answer {
	return func(w *world) answer {
		return w.authorize(directory.ContosoID, w.request("web", webURI, "openid "+ordersAs, pairs...))
	}
}

// askedAt sends an authorization request of an application to a tenant.
func askedAt(tenant, app, redirect string, pairs ...string) func(*world) answer {
	return func(w *world) answer {
		return w.authorize(tenant, w.request(app, redirect, "openid "+ordersAs, pairs...))
	}
}

// then goes on after a condition was switched.
func switched(id, value string, do func(*world) answer) func(*world) answer {
	return func(w *world) answer {
		if err := w.lab.Switch(id, value); err != nil {
			w.Fatal(err)
		}
		return do(w)
	}
}
