package lab

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"flowscope/engine/lab/directory"
)

// sound fails on what no input may cause: a status of 500 and above, or an
// address with a control character.
func sound(t *testing.T, status int, header http.Header) {
	t.Helper()
	if status >= 500 || status == 0 {
		t.Fatalf("status %d", status)
	}
	if strings.ContainsFunc(header.Get("Location"), func(r rune) bool { return r < 0x20 || r == 0x7f }) {
		t.Fatalf("location %q", header.Get("Location"))
	}
}

func serve(l *Lab, method, path, query, kind, body string) *recorder {
	r := &http.Request{
		Method: method, Host: Host, URL: &url.URL{Path: path, RawQuery: query}, Header: http.Header{"Content-Type": {kind}},
		Body: http.NoBody,
	}
	if body != "" {
		r.Body = readCloser{strings.NewReader(body)}
	}
	rec := &recorder{header: http.Header{}}
	l.ServeHTTP(rec, r)
	return rec
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }

func FuzzAuthorizeQuery(f *testing.F) {
	w := newWorld(f)
	w.lab.Warm()
	f.Add(w.request("web", webURI, "openid "+ordersAs).Encode())
	f.Add(w.request("spa", spaURI, "openid", "response_mode", "form_post", "prompt", "none").Encode())
	f.Add(w.request("native", "http://localhost:1/%0d%0aX: y", "openid", "prompt", "none").Encode())
	f.Add(w.request("legacy", "http://localhost:3000/portal", "openid", "response_type", "code id_token", "max_age", "0", "claims", "{}").Encode())
	f.Add("client_id=%zz&;;&scope=")
	f.Fuzz(func(t *testing.T, query string) {
		rec := serve(w.lab, http.MethodGet, "/contoso.example/oauth2/v2.0/authorize", query, "", "")
		sound(t, rec.status, rec.header)
		if rec.status != http.StatusFound {
			return
		}
		q, err := url.ParseQuery(query)
		if err != nil {
			t.Fatalf("a query that can't be read led to a redirect: %q", query)
		}
		app, ok := w.dir.Client(q.Get("client_id"))
		if !ok {
			t.Fatalf("redirected without a client: %q", query)
		}
		target, _, _ := strings.Cut(rec.header.Get("Location"), "?")
		target, _, _ = strings.Cut(target, "#")
		if _, ok := app.Redirect(target); !ok {
			t.Fatalf("redirected to %q, which is not registered", target)
		}
	})
}

func FuzzTokenForm(f *testing.F) {
	w := newWorld(f)
	w.lab.Warm()
	f.Add(directory.ContosoID, daemonForm()(w).Encode(), formType)
	f.Add("common", webForm()(w).Encode(), formType+"; charset=utf-8")
	f.Add("\x00", "grant_type=refresh_token&refresh_token=%ff", "text/plain")
	f.Fuzz(func(t *testing.T, tenant, form, kind string) {
		rec := serve(w.lab, http.MethodPost, "/"+tenant+"/oauth2/v2.0/token", "", kind, form)
		sound(t, rec.status, rec.header)
	})
}

func FuzzPages(f *testing.F) {
	w := newWorld(f)
	f.Add("POST", "/common/login", "ctx=x&username=y&action=signin")
	f.Add("POST", "/contoso.example/Consent/Set", "ctx=&action=accept")
	f.Add("POST", "/common/oauth2/deviceauth", "user_code=B4RK-LMN7Q")
	f.Add("POST", "/common/reprocess", "ctx=x&account=y")
	f.Add("POST", "/contoso.example/changepassword", "ctx=x&current=a&new=b&again=c")
	f.Add("GET", "/organizations/v2.0/adminconsent", "client_id=x&scope=y")
	f.Add("GET", "/contoso.example/oauth2/logout", "id_token_hint=a.e30.c&state=x")
	f.Add("GET", "/orders/tasks", "")
	f.Add("PUT", "//", "a")
	f.Fuzz(func(t *testing.T, method, path, body string) {
		rec := serve(w.lab, method, path, body, formType, body)
		sound(t, rec.status, rec.header)
	})
}

func FuzzBearer(f *testing.F) {
	w := newWorld(f)
	f.Add("Bearer " + w.appToken())
	f.Add("Bearer e30.e30.e30")
	f.Add("bearer ..")
	f.Fuzz(func(t *testing.T, authorization string) {
		for _, path := range []string{"/orders/all", "/graph/v1.0/me"} {
			rec := &recorder{header: http.Header{}}
			w.lab.ServeHTTP(rec, &http.Request{
				Method: http.MethodGet, Host: Host, URL: &url.URL{Path: path}, Body: http.NoBody,
				Header: http.Header{"Authorization": {authorization}},
			})
			sound(t, rec.status, rec.header)
		}
	})
}
