package lab

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"flowscope/engine/lab/directory"
)

// tokenCase is one faulty token request.
type tokenCase struct {
	name    string
	tenant  string // Contoso unless set
	form    func(w *world) url.Values
	headers []string
	status  int
	oauth   string
	code    int
	says    string // variable part that the message must carry
	field   string // of the kept-aside reason
	cors    string
}

const unknownID = "11d3a1f0-3c1c-4a53-9a6e-0a4f4a2b9c11"

func daemonForm(pairs ...string) func(*world) url.Values {
	return func(w *world) url.Values {
		return with(url.Values{
			"client_id": {w.app("daemon").ClientID}, "client_secret": {w.app("daemon").Secrets[0].Value},
			"grant_type": {"client_credentials"}, "scope": {"api://orders.contoso.example/.default"},
		}, pairs...)
	}
}

func webForm(pairs ...string) func(*world) url.Values {
	return func(w *world) url.Values {
		return w.redemption("web", webURI, w.code("web", webURI, "openid "+ordersAs), pairs...)
	}
}

func appForm(app, redirect string, pairs ...string) func(*world) url.Values {
	return func(w *world) url.Values {
		return w.redemption(app, redirect, w.code(app, redirect, "openid "+ordersAs), pairs...)
	}
}

func later(d time.Duration, form func(*world) url.Values) func(*world) url.Values {
	return func(w *world) url.Values {
		f := form(w)
		w.now = w.now.Add(d)
		return f
	}
}

func used(form func(*world) url.Values) func(*world) url.Values {
	return func(w *world) url.Values {
		f := form(w)
		if a := w.post(endpoint(directory.ContosoID, "token"), f); a.status != http.StatusOK {
			w.Fatalf("first redemption: %s", a.body)
		}
		return f
	}
}

func noChallenge(app, redirect string, pairs ...string) func(*world) url.Values {
	return func(w *world) url.Values {
		code := w.code(app, redirect, "openid "+ordersAs, "code_challenge", "", "code_challenge_method", "")
		return w.redemption(app, redirect, code, pairs...)
	}
}

func repeated(form func(*world) url.Values, name string) func(*world) url.Values {
	return func(w *world) url.Values {
		f := form(w)
		f.Add(name, f.Get(name))
		return f
	}
}

// tokenCases is long because it is a table.
func tokenCases() []tokenCase {
	web, secretID := directory.Seed().Apps[0].ClientID, directory.Seed().Apps[0].Secrets[0].ID
	expired := directory.Seed().Apps[0].Secrets[1].Value
	spaOrigin := []string{"Origin", spaURI}
	return []tokenCase{
		{name: "unknown tenant GUID", tenant: unknownID, form: daemonForm(), status: 400, oauth: "invalid_tenant", code: 90002, says: unknownID, field: "tenant"},
		{name: "unknown tenant domain", tenant: "nowhere.example", form: daemonForm(), status: 400, oauth: "invalid_tenant", code: 90002, says: "nowhere.example", field: "tenant"},
		{name: "no tenant at all", tenant: "no!tenant", form: daemonForm(), status: 400, oauth: "invalid_request", code: 900023, says: "no!tenant", field: "tenant"},
		{name: "grant_type missing", form: daemonForm("grant_type", ""), status: 400, oauth: "invalid_request", code: 900144, says: "'grant_type'", field: "grant_type"},
		{name: "grant unknown", form: daemonForm("grant_type", "magic"), status: 400, oauth: "unsupported_grant_type", code: 70003, says: "'magic'", field: "grant_type"},
		{name: "grant unknown before client unknown", form: daemonForm("grant_type", "magic", "client_id", unknownID), status: 400, oauth: "unsupported_grant_type", code: 70003},
		{name: "parameter twice", form: repeated(daemonForm(), "scope"), status: 400, oauth: "invalid_request", code: 9002313, field: "scope"},
		{name: "client_id missing", form: daemonForm("client_id", ""), status: 400, oauth: "invalid_request", code: 900144, says: "'client_id'", field: "client_id"},
		{name: "client unknown", form: daemonForm("client_id", unknownID), status: 400, oauth: "unauthorized_client", code: 700016, says: unknownID, field: "client_id"},
		{name: "client no GUID", form: daemonForm("client_id", "daemon"), status: 400, oauth: "unauthorized_client", code: 700016, says: "Contoso"},
		{name: "client all zeros", form: daemonForm("client_id", "00000000-0000-0000-0000-000000000000"), status: 400, oauth: "unauthorized_client", code: 700038},
		{name: "client of another tenant", tenant: directory.FabrikamID, form: daemonForm(), status: 400, oauth: "unauthorized_client", code: 700016, says: "Fabrikam"},
		{name: "client unknown before secret wrong", form: daemonForm("client_id", unknownID, "client_secret", "x"), status: 400, oauth: "unauthorized_client", code: 700016},
		{name: "single tenant at common", tenant: "common", form: daemonForm(), status: 400, oauth: "invalid_request", code: 50194, field: "tenant"},
		{name: "work application at consumers", tenant: "consumers", form: daemonForm(), status: 400, oauth: "invalid_request", code: 9002332, field: "tenant"},
		{name: "client credentials at common", tenant: "common", form: daemonForm("client_id", directory.Seed().Apps[2].ClientID), status: 400, oauth: "invalid_request", code: 9001023},
		{name: "client credentials at organizations", tenant: "organizations", form: daemonForm("client_id", directory.Seed().Apps[2].ClientID), status: 400, oauth: "invalid_request", code: 50059},
		{name: "secret missing for client credentials", form: daemonForm("client_secret", ""), status: 401, oauth: "invalid_client", code: 7000216},
		{name: "secret missing for a code", form: webForm("client_secret", ""), status: 401, oauth: "invalid_client", code: 7000218, field: "client_secret"},
		{name: "secret wrong", form: webForm("client_secret", "not-it"), status: 401, oauth: "invalid_client", code: 7000215, says: web, field: "client_secret"},
		{name: "secret ID for its value", form: webForm("client_secret", secretID), status: 401, oauth: "invalid_client", code: 7000215, says: "not its ID"},
		{name: "secret expired", form: webForm("client_secret", expired), status: 401, oauth: "invalid_client", code: 7000222, says: web},
		{name: "secret from a public client", form: appForm("native", "http://localhost", "client_secret", "x"), status: 401, oauth: "invalid_client", code: 700025},
		{name: "assertion without a certificate", form: daemonForm("client_secret", "", "client_assertion_type", assertionType, "client_assertion", "eyJ4NXQiOiJBQUVDIn0.e30.x"), status: 401, oauth: "invalid_client", code: 700027, says: "'000102'"},
		{name: "code missing", form: webForm("code", ""), status: 400, oauth: "invalid_request", code: 900144, says: "'code'"},
		{name: "redirect_uri missing", form: webForm("redirect_uri", ""), status: 400, oauth: "invalid_request", code: 900144, says: "'redirect_uri'"},
		{name: "code garbage", form: webForm("code", "garbage"), status: 400, oauth: "invalid_grant", code: 9002313, field: "code"},
		{name: "code of another client", form: appForm("native", "http://localhost", "client_id", web, "client_secret", directory.Seed().Apps[0].Secrets[0].Value), status: 400, oauth: "invalid_grant", code: 70000, field: "code"},
		{name: "code at another tenant", tenant: "fabrikam.example", form: appForm("native", "http://localhost"), status: 400, oauth: "invalid_grant", code: 700005, field: "tenant"},
		{name: "code at organizations", tenant: "organizations", form: appForm("native", "http://localhost"), status: 400, oauth: "invalid_grant", code: 700005},
		{name: "code used twice", form: used(webForm()), status: 400, oauth: "invalid_grant", code: 54005, field: "code"},
		{name: "code expired", form: later(10*time.Minute, webForm()), status: 400, oauth: "invalid_grant", code: 70008, says: "2026-03-04T10:00:00Z", field: "code"},
		{name: "redirect_uri differs", form: webForm("redirect_uri", webURI+"/"), status: 401, oauth: "invalid_client", code: 500112, says: webURI + "/", field: "redirect_uri"},
		{name: "verifier wrong", form: webForm("code_verifier", verifier[1:]+"x"), status: 400, oauth: "invalid_grant", code: 501481, field: "code_verifier"},
		{name: "verifier missing", form: webForm("code_verifier", ""), status: 400, oauth: "invalid_grant", code: 501481},
		{name: "verifier without challenge", form: noChallenge("web", webURI), status: 400, oauth: "invalid_grant", code: 501481},
		{name: "page without PKCE", form: noChallenge("spa", spaURI, "code_verifier", ""), headers: spaOrigin, status: 400, oauth: "invalid_request", code: 9002325, cors: spaURI},
		{name: "page without Origin", form: appForm("spa", spaURI), status: 400, oauth: "invalid_request", code: 9002327, field: "Origin"},
		{name: "web with Origin", form: webForm(), headers: spaOrigin, status: 400, oauth: "invalid_request", code: 9002326, says: spaURI},
		{name: "native with Origin", form: appForm("native", "http://localhost"), headers: spaOrigin, status: 400, oauth: "invalid_request", code: 9002326},
		{name: "page, code garbage", form: appForm("spa", spaURI, "code", "garbage"), headers: spaOrigin, status: 400, oauth: "invalid_grant", code: 9002313, cors: spaURI},
		{name: "scope of two APIs", form: webForm("scope", ordersAs+" User.Read"), status: 400, oauth: "invalid_request", code: 28000, says: ordersAs},
		{name: "scope grammar", form: webForm("scope", "a\"b"), status: 400, oauth: "invalid_scope", code: 70011, field: "scope"},
		{name: "scope names no permission", form: webForm("scope", "api://orders.contoso.example"), status: 400, oauth: "invalid_scope", code: 70011},
		{name: "default mixed", form: webForm("scope", ordersAs+" api://orders.contoso.example/.default"), status: 400, oauth: "invalid_scope", code: 70011},
		{name: "scope unknown on a known API", form: webForm("scope", "api://orders.contoso.example/Orders.Eat"), status: 401, oauth: "invalid_client", code: 650053, says: "'Orders.Eat'"},
		{name: "resource unknown", form: webForm("scope", "api://nowhere/x"), status: 400, oauth: "invalid_resource", code: 500011, says: "api://nowhere"},
		{name: "resource on v2.0", form: webForm("resource", "api://orders.contoso.example"), status: 400, oauth: "invalid_request", code: 901002},
		{name: "default of an unlisted API", form: appForm("spa", spaURI, "scope", "api://inventory.contoso.example/.default"), headers: spaOrigin, status: 400, oauth: "invalid_resource", code: 650057, says: "Contoso Orders Page", cors: spaURI},
		{name: "scope without consent", form: webForm("scope", "User.Read"), status: 400, oauth: "invalid_grant", code: 65001, says: web, field: "scope"},
		{name: "application asks one permission", form: daemonForm("scope", ordersAs), status: 400, oauth: "invalid_scope", code: 1002012, says: "api://orders.contoso.example/.default"},
		{name: "application asks no API", form: daemonForm("scope", "openid"), status: 400, oauth: "invalid_scope", code: 1002012},
		{name: "application asks nothing", form: daemonForm("scope", ""), status: 400, oauth: "invalid_request", code: 900144, says: "'scope'"},
		{name: "application asks two APIs", form: daemonForm("scope", "api://orders.contoso.example/.default https://graph.microsoft.com/.default"), status: 400, oauth: "invalid_request", code: 28000},
		{name: "application, API unknown", form: daemonForm("scope", "api://nowhere/.default"), status: 400, oauth: "invalid_resource", code: 500011},
		{name: "token for itself by URI", form: daemonForm("client_id", directory.Seed().Apps[5].ClientID, "client_secret", directory.Seed().Apps[5].Secrets[0].Value), status: 400, oauth: "invalid_request", code: 90009},
		{name: "refresh token garbage", form: webForm("grant_type", "refresh_token", "refresh_token", "garbage"), status: 400, oauth: "invalid_grant", code: 9002313, field: "refresh_token"},
		{name: "refresh token missing", form: webForm("grant_type", "refresh_token"), status: 400, oauth: "invalid_request", code: 900144, says: "'refresh_token'"},
	}
}

func TestTokenErrors(t *testing.T) {
	for _, c := range tokenCases() {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			form := c.form(w)
			tenant := c.tenant
			if tenant == "" {
				tenant = directory.ContosoID
			}
			const correlation = "9f2a4a86-1a54-4bd2-a7b1-b8a8f4f2f5aa"
			a := w.post(endpoint(tenant, "token"), form, append([]string{"client-request-id", correlation}, c.headers...)...)
			w.checkError(a, c, correlation)
		})
	}
}

// checkError checks the whole shape of an error body.
func (w *world) checkError(a answer, c tokenCase, correlation string) {
	w.Helper()
	e, order := object(w, a.body)
	if a.status != c.status || e["error"] != c.oauth || codeOf(e) != c.code {
		w.Fatalf("got %d %v %v, want %d %s %d: %v", a.status, e["error"], e["error_codes"], c.status, c.oauth, c.code, e["error_description"])
	}
	want := []string{"error", "error_description", "error_codes", "timestamp", "trace_id", "correlation_id", "error_uri", "suberror"}
	if c.code != 65001 {
		want = want[:7]
	}
	if c.code == 65001 || c.code == 70003 || c.code == 700038 {
		want = slices.DeleteFunc(slices.Clone(want), func(n string) bool { return n == "error_uri" })
	}
	if !slices.Equal(order, want) {
		w.Errorf("members %v, want %v", order, want)
	}
	stamp := aTimestamp(w.now)
	trailers := fmt.Sprintf(" Trace ID: %s Correlation ID: %s Timestamp: %s", e["trace_id"], correlation, stamp)
	text := e["error_description"].(string)
	if !strings.HasPrefix(text, fmt.Sprintf("AADSTS%d: ", c.code)) || !strings.HasSuffix(text, trailers) || !strings.Contains(text, c.says) {
		w.Errorf("description %q; must hold %q and end in %q", text, c.says, trailers)
	}
	if e["timestamp"] != stamp || e["correlation_id"] != correlation || !strings.HasSuffix(e["trace_id"].(string), "00") {
		w.Errorf("ids %v", e)
	}
	for name, want := range map[string]string{
		"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store, no-cache", "Pragma": "no-cache",
		"X-Ms-Request-Id": e["trace_id"].(string), "X-Content-Type-Options": "nosniff", "Access-Control-Allow-Origin": c.cors,
		"Date": w.now.Format(http.TimeFormat), "X-Ms-Clitelem": fmt.Sprintf("1,%d,0,,", c.code),
	} {
		if got := a.header.Get(name); got != want {
			w.Errorf("header %s is %q, want %q", name, got, want)
		}
	}
	reasons := w.lab.Reasons()
	last := reasons[len(reasons)-1]
	if last.TraceID != e["trace_id"] || last.Code != c.code || last.Reason == "" || c.field != "" && last.Field != c.field {
		w.Errorf("kept aside %+v, want field %q", last, c.field)
	}
}

// codeOf is the one number in error_codes, and 0 when there is not exactly one.
func codeOf(e map[string]any) int {
	if list, ok := e["error_codes"].([]any); ok && len(list) == 1 {
		if n, ok := list[0].(float64); ok {
			return int(n)
		}
	}
	return 0
}

func aTimestamp(at time.Time) string { return at.Format("2006-01-02 15:04:05") + "Z" }

func TestTokenMethodAndContent(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		method, kind string
		code         int
		field        string
	}{
		{http.MethodGet, "", 900561, "method"},
		{http.MethodPut, formType, 900561, "method"},
		{http.MethodPost, "application/json", 900144, "Content-Type"},
		{http.MethodPost, "", 900144, "Content-Type"},
	} {
		r, err := http.NewRequest(c.method, endpoint(directory.ContosoID, "token"), strings.NewReader(daemonForm()(w).Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", c.kind)
		a := w.do(r)
		e, _ := object(t, a.body)
		reasons := w.lab.Reasons()
		if a.status != http.StatusBadRequest || e["error"] != "invalid_request" || codeOf(e) != c.code || reasons[len(reasons)-1].Field != c.field {
			t.Errorf("%s %q: %d %s", c.method, c.kind, a.status, a.body)
		}
	}
}

func TestTokenPreflightAndBasic(t *testing.T) {
	w := newWorld(t)
	r, err := http.NewRequest(http.MethodOptions, endpoint(directory.ContosoID, "token"), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Origin", spaURI)
	r.Header.Set("Access-Control-Request-Headers", "content-type")
	if a := w.do(r); a.status != http.StatusNoContent || a.header.Get("Access-Control-Allow-Origin") != spaURI || a.header.Get("Access-Control-Allow-Headers") != "content-type" {
		t.Errorf("preflight %d %v", a.status, a.header)
	}
	form := daemonForm("client_id", "", "client_secret", "")(w)
	r, err = http.NewRequest(http.MethodPost, endpoint(directory.ContosoID, "token"), strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", formType)
	r.SetBasicAuth(w.app("daemon").ClientID, url.QueryEscape(w.app("daemon").Secrets[0].Value))
	if a := w.do(r); a.status != http.StatusOK {
		t.Errorf("client_secret_basic: %s", a.body)
	}
}

func TestRefreshTokenErrors(t *testing.T) {
	refresh := func(w *world, app, redirect string, headers ...string) url.Values {
		code := w.code(app, redirect, "openid offline_access User.Read")
		r, _ := object(t, w.post(endpoint(directory.ContosoID, "token"), w.redemption(app, redirect, code), headers...).body)
		return w.redemption(app, redirect, "", "grant_type", "refresh_token", "refresh_token", r["refresh_token"].(string))
	}
	for _, c := range []struct {
		name, app, redirect, tenant string
		origin                      []string
		change                      func(w *world, f url.Values) url.Values
		code                        int
	}{
		{"other client", "web", webURI, directory.ContosoID, nil, func(w *world, f url.Values) url.Values {
			return with(f, "client_id", w.app("native").ClientID, "client_secret", "")
		}, 70000},
		{"no credential", "web", webURI, directory.ContosoID, nil, func(_ *world, f url.Values) url.Values { return with(f, "client_secret", "") }, 7000218},
		{"90 days", "web", webURI, directory.ContosoID, nil, func(w *world, f url.Values) url.Values { w.now = w.now.Add(90 * 24 * time.Hour); return f }, 700082},
		{"page without Origin", "spa", spaURI, directory.ContosoID, []string{"Origin", spaURI}, func(_ *world, f url.Values) url.Values { return f }, 9002327},
		{"no account there", "native", "http://localhost", directory.FabrikamID, nil, func(_ *world, f url.Values) url.Values { return f }, 50020},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			f := c.change(w, refresh(w, c.app, c.redirect, c.origin...))
			e, _ := object(t, w.post(endpoint(c.tenant, "token"), f).body)
			if codeOf(e) != c.code {
				t.Errorf("got %v %v, want %d", e["error_codes"], e["error_description"], c.code)
			}
			if c.code == 700082 && (e["suberror"] != "bad_token" || !strings.Contains(e["error_description"].(string), "90.00:00:00")) {
				t.Errorf("700082: %v", e)
			}
		})
	}
}

func TestAssignmentOfApplication(t *testing.T) {
	d := directory.Seed()
	for i := range d.Apps {
		if d.Apps[i].Key == "inventory-api" {
			d.Apps[i].AssignmentRequired = true
		}
	}
	w := newWorldOf(t, d)
	e, _ := object(t, w.post(endpoint(directory.ContosoID, "token"), daemonForm("scope", "api://inventory.contoso.example/.default")(w)).body)
	if codeOf(e) != 501051 || e["error"] != "invalid_grant" {
		t.Errorf("got %v", e)
	}
}
