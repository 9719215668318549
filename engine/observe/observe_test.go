package observe_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"flowscope/engine/observe"
	"flowscope/engine/trace"
)

const id = "b2f3c456-3023-41f3-b4c9-19c5826715e0"

var at = time.Date(2026, time.November, 20, 10, 2, 0, 0, time.UTC)

func newLog() *observe.Log {
	return observe.New(func(client string) (trace.Registration, bool) {
		return trace.Registration{Known: true, Key: "daemon", ClientID: id}, client == id
	}, func() time.Time { return at })
}

// ask sends one request through a log to a handler.
func ask(t *testing.T, l *observe.Log, next http.HandlerFunc, r *http.Request) observe.Entry {
	t.Helper()
	l.Handler(next).ServeHTTP(httptest.NewRecorder(), r)
	all := l.Since(0)
	return all[len(all)-1]
}

func form(path, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func fine(_ http.ResponseWriter, r *http.Request) { _, _ = io.ReadAll(r.Body) }

func unsigned(claims string) string {
	return "eyJhbGciOiJSUzI1NiJ9." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"
}

// TestWhat names the requests that a client sends.
func TestWhat(t *testing.T) {
	basic := form("/t/oauth2/v2.0/token", "grant_type=client_credentials")
	basic.SetBasicAuth(id, "secret")
	called := httptest.NewRequest(http.MethodGet, "/orders/tasks", nil)
	called.Header.Set("Authorization", "Bearer "+unsigned(`{"azp":"`+id+`","preferred_username":"ada@contoso.example"}`))
	for _, c := range []struct {
		r                    *http.Request
		what, client, person string
	}{
		{httptest.NewRequest("GET", "/t/oauth2/v2.0/authorize?client_id="+id, nil), "authorization request", "daemon", ""},
		{httptest.NewRequest("GET", "/t/oauth2/authorize?client_id=unknown", nil), "authorization request (v1.0)", "unknown", ""},
		{form("/t/oauth2/v2.0/token", "grant_type=client_credentials&client_id="+id), "token request, grant client_credentials", "daemon", ""},
		{form("/t/oauth2/v2.0/token", "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&client_id="+id), "token request, grant device_code", "daemon", ""},
		{form("/t/oauth2/token", "grant_type=refresh_token&client_id="+id), "token request, grant refresh_token (v1.0)", "daemon", ""},
		{form("/t/oauth2/v2.0/token", "client_assertion="+unsigned(`{"sub":"`+id+`"}`)), "token request", "daemon", ""},
		{basic, "token request, grant client_credentials", "daemon", ""},
		{form("/t/oauth2/v2.0/devicecode", "client_id="+id), "device code request", "daemon", ""},
		{httptest.NewRequest("GET", "/t/v2.0/.well-known/openid-configuration", nil), "discovery document", "", ""},
		{httptest.NewRequest("GET", "/common/discovery/instance", nil), "instance discovery", "", ""},
		{httptest.NewRequest("GET", "/t/discovery/v2.0/keys", nil), "signing keys", "", ""},
		{httptest.NewRequest("OPTIONS", "/t/oauth2/v2.0/token", nil), "preflight, token request", "", ""},
		{called, "call of Orders API", "daemon", "ada@contoso.example"},
		{httptest.NewRequest("GET", "/graph/v1.0/me", nil), "call of Microsoft Graph", "", ""},
		{form("/t/login", "username=ada&password=x"), "sign-in page", "", ""},
		{form("/t/proofup", ""), "second factor page", "", ""},
		{httptest.NewRequest("GET", "/common/userrealm/ada@contoso.example", nil), "account discovery", "", ""},
		{httptest.NewRequest("GET", "/t/oauth2/v2.0/tokens", nil), "an address that the lab does not serve", "", ""},
		{form("/t/oauth2/v2.0/token", "grant_type="+strings.Repeat("x", 500)+"%1b[31m&client_id=%1b[2J"), "token request, grant " + strings.Repeat("x", 47) + "…", "\ufffd[2J", ""},
	} {
		e := ask(t, newLog(), fine, c.r)
		if e.What != c.what || e.Client != c.client || e.Person != c.person {
			t.Errorf("%s: %q of %q for %q, want %q of %q for %q", c.r.URL, e.What, e.Client, e.Person, c.what, c.client, c.person)
		}
	}
}

// TestExplains gives the finding that a run of our own would have.
func TestExplains(t *testing.T) {
	refuse := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"error":"invalid_client","error_description":"AADSTS7000215: wrong","error_codes":[7000215]}`)
	}
	e := ask(t, newLog(), refuse, form("/t/oauth2/v2.0/token", "grant_type=client_credentials&client_id="+id+"&client_secret=abc"))
	f := e.Findings()
	if !e.Failed() || len(f) != 1 || f[0].Code != "AADSTS7000215" || len(f[0].Evidence) == 0 {
		t.Fatalf("%+v", f)
	}
	page := func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `<html><body><p class="details">AADSTS50011: no match</p></body></html>`)
	}
	e = ask(t, newLog(), page, httptest.NewRequest("GET", "/t/oauth2/v2.0/authorize?client_id="+id+"&redirect_uri=http://localhost:1", nil))
	if f = e.Findings(); len(f) != 1 || f[0].Code != "AADSTS50011" {
		t.Errorf("a page: %+v", f)
	}
	moved := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "http://localhost:3000/?error=access_denied&error_description=AADSTS65004%3A+declined")
		w.WriteHeader(http.StatusFound)
	}
	e = ask(t, newLog(), moved, form("/t/Consent/Set", "action=cancel"))
	if f = e.Findings(); len(f) != 1 || f[0].Code != "AADSTS65004" {
		t.Errorf("a redirect: %+v", f)
	}
	if e = ask(t, newLog(), fine, httptest.NewRequest("GET", "/t/discovery/v2.0/keys", nil)); e.Failed() {
		t.Error("what went well failed")
	}
}

// TestPassesOn changes nothing of request and answer.
func TestPassesOn(t *testing.T) {
	big := strings.Repeat("a", 3<<20)
	l := newLog()
	server := httptest.NewServer(l.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Length", fmt.Sprint(len(body)))
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write(body)
	})))
	defer server.Close()
	resp, err := http.Post(server.URL+"/x?y=1", "text/plain", strings.NewReader(big))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	got, err := io.ReadAll(resp.Body)
	if err != nil || string(got) != big || resp.StatusCode != http.StatusTeapot || resp.Header.Get("X-Length") != fmt.Sprint(len(big)) {
		t.Fatalf("%d, %d bytes, %v", resp.StatusCode, len(got), err)
	}
	e := l.Since(0)[0].Exchange
	if len(e.Request.Body) != 1<<20 || len(e.Response.Body) != 1<<20 || !e.Response.Truncated || e.Response.Status != http.StatusTeapot {
		t.Errorf("%d, %d, %v", len(e.Request.Body), len(e.Response.Body), e.Response.Truncated)
	}
	if e.Request.URL != server.URL+"/x?y=1" || e.Started != at {
		t.Errorf("%s at %s", e.Request.URL, e.Started)
	}
}

// TestPasswordsAreMasked holds that whoever shows an entry by way of a Redactor
// shows no password that a person typed on a page.
func TestPasswordsAreMasked(t *testing.T) {
	for _, r := range []*http.Request{
		form("/t/login", "username=ada&password=Planted-Word-1"),
		form("/t/changepassword", "current=Planted-Word-1&new=Planted-Word-2&again=Planted-Word-2"),
	} {
		e := ask(t, newLog(), fine, r)
		red := trace.NewRedactor(nil)
		if body := string(red.Request(e.Exchange.Request).Body); strings.Contains(body, "Planted") {
			t.Errorf("%s", body)
		}
	}
}

// TestBounds keeps the newest requests, by number and by size.
func TestBounds(t *testing.T) {
	l := newLog()
	for range 300 {
		ask(t, l, fine, httptest.NewRequest("GET", "/t/login", nil))
	}
	all := l.Since(0)
	if len(all) != 200 || all[0].N != 101 || all[199].N != 300 {
		t.Errorf("%d entries, %d to %d", len(all), all[0].N, all[len(all)-1].N)
	}
	if rest := l.Since(298); len(rest) != 2 || rest[0].N != 299 {
		t.Errorf("since 298: %d", len(rest))
	}
	body := strings.Repeat("b", 1<<20)
	for range 60 {
		ask(t, l, fine, form("/t/oauth2/v2.0/token", body))
	}
	if n := len(l.Since(0)); n > 32 || n < 25 {
		t.Errorf("%d large entries are kept", n)
	}
}

// TestNobodyListens goes on when a subscriber does not read, and tells one that
// does.
func TestNobodyListens(t *testing.T) {
	l := newLog()
	bell, end := l.Subscribe()
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			l.Handler(http.HandlerFunc(fine)).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
		})
	}
	wg.Wait()
	<-bell
	if len(l.Since(0)) != 50 {
		t.Error("requests were lost")
	}
	end()
	l.Trouble("127.0.0.1:5: remote error: tls: bad certificate")
	select {
	case <-bell:
		t.Error("it was told after the end")
	default:
	}
	e := l.Since(50)[0]
	if !e.Handshake() || !e.Failed() || e.Findings() != nil || !strings.Contains(e.Hint(), "CA") {
		t.Errorf("%+v", e)
	}
}

// TestPanic keeps what broke off, and lets the server know.
func TestPanic(t *testing.T) {
	l := newLog()
	defer func() {
		if recover() == nil {
			t.Error("the panic was swallowed")
		}
		if e := l.Since(0)[0]; !e.Failed() || e.Exchange.Err == "" {
			t.Errorf("%+v", e)
		}
	}()
	ask(t, l, func(http.ResponseWriter, *http.Request) { panic("x") }, httptest.NewRequest("GET", "/", nil))
}

// pending answers a device code poll before the person is done.
func pending(w http.ResponseWriter, r *http.Request) {
	_, _ = io.ReadAll(r.Body)
	w.WriteHeader(http.StatusBadRequest)
	_, _ = io.WriteString(w, `{"error":"authorization_pending","error_description":"AADSTS70016: wait","error_codes":[70016]}`)
}

// TestWaiting takes the poll of a device code for what it is: no failure.
func TestWaiting(t *testing.T) {
	const poll = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=D1&client_id=" + id
	e := ask(t, newLog(), pending, form("/t/oauth2/v2.0/token", poll))
	if !e.Waiting() || e.Failed() || e.Findings() != nil || e.Poll() != "D1" {
		t.Errorf("%v, %v, %+v, %q", e.Waiting(), e.Failed(), e.Findings(), e.Poll())
	}
	declined := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":"authorization_declined"}`)
	}
	if e = ask(t, newLog(), declined, form("/t/oauth2/v2.0/token", poll)); e.Waiting() || !e.Failed() {
		t.Error("a refusal was taken for waiting")
	}
	if e = ask(t, newLog(), pending, form("/t/orders", "x=y")); e.Waiting() {
		t.Error("another request was taken for a poll")
	}
}

// TestComparesWithTheAuthorizationRequest explains the redemption of a code by
// the newest authorization request of the same application.
func TestComparesWithTheAuthorizationRequest(t *testing.T) {
	l := newLog()
	const challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
	for _, c := range []string{"older-challenge", challenge} {
		ask(t, l, fine, httptest.NewRequest("GET", "/t/oauth2/v2.0/authorize?client_id="+id+"&code_challenge_method=S256&code_challenge="+c, nil))
	}
	ask(t, l, fine, httptest.NewRequest("GET", "/t/oauth2/v2.0/authorize?client_id=another&code_challenge_method=S256&code_challenge=not-this", nil))
	refuse := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":"invalid_grant","error_description":"AADSTS501481: no match","error_codes":[501481]}`)
	}
	e := ask(t, l, refuse, form("/t/oauth2/v2.0/token", "grant_type=authorization_code&code=C&code_verifier=wrong&client_id="+id))
	f := e.Findings()
	if len(f) != 1 || f[0].Code != "AADSTS501481" || f[0].Confidence != "certain" {
		t.Fatalf("%+v", f)
	}
	all := fmt.Sprint(f[0].Evidence)
	if !strings.Contains(all, challenge) || strings.Contains(all, "not seen") || strings.Contains(all, "step 0") || strings.Contains(all, "not-this") {
		t.Errorf("%s", all)
	}
	e = ask(t, l, refuse, form("/t/oauth2/v2.0/token", "grant_type=refresh_token&refresh_token=R&client_id="+id))
	if n := len(e.Trace().Exchanges); n != 1 {
		t.Errorf("%d exchanges for a refresh", n)
	}
}

// TestGot says what an answer brought and where a redirect goes, without what
// is secret in either.
func TestGot(t *testing.T) {
	answers := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.ReadAll(r.Body)
			_, _ = io.WriteString(w, body)
		}
	}
	to := func(where string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", where)
			w.WriteHeader(http.StatusFound)
		}
	}
	token := func() *http.Request { return form("/t/oauth2/v2.0/token", "client_id="+id) }
	for _, c := range []struct {
		next        http.HandlerFunc
		r           *http.Request
		got, person string
	}{
		{answers(`{"scope":"openid api://orders/read","id_token":"` + unsigned(`{"preferred_username":"ada@contoso.example"}`) + `"}`), token(), "scope openid api://orders/read", "ada@contoso.example"},
		{answers(`{"access_token":"` + unsigned(`{"aud":"`+id+`"}`) + `"}`), token(), "audience daemon", ""},
		{answers(`{"access_token":"` + unsigned(`{"aud":"api://elsewhere"}`) + `"}`), token(), "audience api://elsewhere", ""},
		{answers(`not JSON`), token(), "", ""},
		{to("http://localhost:3000/auth/callback?code=0.Secret&state=s"), form("/t/login", ""), "to localhost:3000/auth/callback", ""},
		{to("/" + id + "/login?ctx=Secret"), form("/t/login", ""), "to /b2f3…/login", ""},
		{to("myapp://done/#code=Secret"), form("/t/login", ""), "to myapp://done/", ""},
	} {
		if e := ask(t, newLog(), c.next, c.r); e.Got != c.got || e.Person != c.person {
			t.Errorf("%q for %q, want %q for %q", e.Got, e.Person, c.got, c.person)
		}
	}
}

// TestHint tells plain HTTP at the TLS address from a certificate that is not
// trusted.
func TestHint(t *testing.T) {
	for text, want := range map[string]string{
		"127.0.0.1:5: client sent an HTTP request to an HTTPS server":   "https",
		"127.0.0.1:5: remote error: tls: unknown certificate authority": "NODE_EXTRA_CA_CERTS",
	} {
		l := newLog()
		l.Trouble(text)
		if hint := l.Since(0)[0].Hint(); !strings.Contains(hint, want) {
			t.Errorf("%s: %s", text, hint)
		}
	}
}
