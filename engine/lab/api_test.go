package lab

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"flowscope/engine/lab/directory"
)

// userToken gets an access token for ada's web application and scope.
func (w *world) userToken(username, scope string) string {
	w.Helper()
	w.newBrowser()
	a := w.walk(w.authorize(directory.ContosoID, w.request("web", webURI, scope)), username)
	r, _ := object(w, w.post(endpoint(directory.ContosoID, "token"), w.redemption("web", webURI, location(w, a).Query().Get("code"))).body)
	token, ok := r["access_token"].(string)
	if !ok {
		w.Fatalf("no access token: %v", r)
	}
	return token
}

func (w *world) appToken() string {
	w.Helper()
	r, _ := object(w, w.post(endpoint(directory.ContosoID, "token"), daemonForm()(w)).body)
	return r["access_token"].(string)
}

func (w *world) call(method, address, token, body string, headers ...string) answer {
	w.Helper()
	r, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return w.do(r)
}

// tampered changes one character in the middle of the signature.
func tampered(token string) string {
	at := strings.LastIndexByte(token, '.') + 150
	c := byte('A')
	if token[at] == c {
		c = 'B'
	}
	return token[:at] + string(c) + token[at+1:]
}

func TestAPIs(t *testing.T) {
	w := newWorld(t)
	s := Services(labBase)
	ada := w.userToken("ada@contoso.example", "openid profile "+ordersAs)
	grace := w.userToken("grace@contoso.example", "openid "+ordersAs)
	readOnly := w.userToken("vera@contoso.example", "openid api://orders.contoso.example/Orders.Read")
	stock := w.userToken("ada@contoso.example", "api://inventory.contoso.example/stock.read")
	graph := w.userToken("ada@contoso.example", "openid profile email User.Read")
	bare := w.userToken("ben@contoso.example", "openid")
	daemon := w.appToken()
	for _, c := range []struct {
		name, method, address, token, body string
		status                             int
		holds, challenge                   string
	}{
		{"me", "GET", s.Orders + "/me", ada, "", 200, `"name":"Ada Moreau"`, ""},
		{"no token", "GET", s.Orders + "/me", "", "", 401, "", `Bearer realm="", authorization_uri="` + endpoint(directory.ContosoID, "authorize") + `"`},
		{"garbage", "GET", s.Orders + "/me", "a.b", "", 401, "invalid_token", `error="invalid_token", error_description="the token is not a JWT of three parts"`},
		{"signature", "GET", s.Orders + "/me", tampered(ada), "", 401, "invalid_token", "the signature does not fit"},
		{"other audience", "GET", s.Orders + "/me", stock, "", 401, "invalid_token", "issuer"},
		{"Graph token", "GET", s.Orders + "/me", graph, "", 401, "invalid_token", "signature"},
		{"application for people", "GET", s.Orders + "/me", daemon, "", 403, "insufficient_scope", `scope="` + ordersAs + `"`},
		{"scope lacking", "GET", s.Orders + "/me", readOnly, "", 403, "insufficient_scope", `scope="` + ordersAs + `"`},
		{"recent", "GET", s.Orders + "/recent", readOnly, "", 200, "Fourth Coffee", ""},
		{"admin", "GET", s.Orders + "/admin", grace, "", 200, "administer", ""},
		{"no admin", "GET", s.Orders + "/admin", ada, "", 403, "insufficient_scope", "lacks the role Admin"},
		{"all", "GET", s.Orders + "/all", daemon, "", 200, "Tailspin", ""},
		{"people on all", "GET", s.Orders + "/all", grace, "", 403, "insufficient_scope", "applications"},
		{"task", "POST", s.Orders + "/tasks", ada, `{"title":"call <Tailspin>"}`, 201, `"title":"call <Tailspin>"`, ""},
		{"task without title", "POST", s.Orders + "/tasks", ada, `{"title":" "}`, 400, "invalid_request", ""},
		{"task no JSON", "POST", s.Orders + "/tasks", ada, `{`, 400, "invalid_request", ""},
		{"own tasks", "GET", s.Orders + "/tasks", ada, "", 200, "Tailspin", ""},
		{"other's tasks", "GET", s.Orders + "/tasks", grace, "", 200, `{"tasks":[]}`, ""},
		{"method", "DELETE", s.Orders + "/tasks", ada, "", 405, "", ""},
		{"path", "GET", s.Orders + "/nothing", ada, "", 404, "", ""},
		{"stock", "GET", s.Inventory + "/stock", stock, "", 200, "lantern", ""},
		{"stock with v2.0", "GET", s.Inventory + "/stock", ada, "", 401, "invalid_token", "version 1.0"},
		{"graph me", "GET", s.Graph + "/me", graph, "", 200, `"userPrincipalName":"ada@contoso.example"`, ""},
		{"graph without scope", "GET", s.Graph + "/me", bare, "", 403, "Authorization_RequestDenied", ""},
		{"graph, other token", "GET", s.Graph + "/me", ada, "", 401, "InvalidAuthenticationToken", `client_id="` + directory.GraphAppID + `"`},
		{"graph, no token", "GET", s.Graph + "/me", "", "", 401, "InvalidAuthenticationToken", "authorization_uri"},
		{"graph tampered", "GET", s.Graph + "/me", tampered(graph), "", 401, "InvalidAuthenticationToken", ""},
		{"userinfo", "GET", s.UserInfo, graph, "", 200, `"email":"ada@contoso.example"`, ""},
		{"userinfo v1.0", "POST", labBase + "/common/openid/userinfo", graph, "", 200, `"given_name":"Ada"`, ""},
	} {
		a := w.call(c.method, c.address, c.token, c.body)
		if a.status != c.status || !strings.Contains(a.body, c.holds) || !strings.Contains(a.header.Get("WWW-Authenticate"), c.challenge) {
			t.Errorf("%s: %d %s %q", c.name, a.status, a.body, a.header.Get("WWW-Authenticate"))
		}
		if c.name == "no token" && strings.Contains(a.header.Get("WWW-Authenticate"), "error=") {
			t.Errorf("a request without a token is told an error: %q", a.header.Get("WWW-Authenticate"))
		}
	}
	w.now = w.now.Add(3 * time.Hour)
	if a := w.call("GET", s.Orders+"/me", ada, ""); a.status != 401 || !strings.Contains(a.header.Get("WWW-Authenticate"), "expired") {
		t.Errorf("after three hours: %d %s", a.status, a.body)
	}
}

func TestUserInfoSubject(t *testing.T) {
	w := newWorld(t)
	code := w.code("web", webURI, "openid profile")
	r, _ := object(t, w.post(endpoint(directory.ContosoID, "token"), w.redemption("web", webURI, code)).body)
	info, _ := object(t, w.call("GET", Services(labBase).UserInfo, r["access_token"].(string), "").body)
	if id := decode(t, r["id_token"].(string)); info["sub"] != id.claims["sub"] {
		t.Errorf("userinfo sub %v, ID token sub %v", info["sub"], id.claims["sub"])
	}
	if r["scope"] != "openid profile" {
		t.Errorf("scope %v", r["scope"])
	}
}

func TestIDTokenAtAPI(t *testing.T) {
	w := newWorld(t)
	code := w.code("web", webURI, "openid profile "+ordersAs)
	r, _ := object(t, w.post(endpoint(directory.ContosoID, "token"), w.redemption("web", webURI, code)).body)
	if a := w.call("GET", Services(labBase).Orders+"/me", r["id_token"].(string), ""); a.status != 401 || !strings.Contains(a.body, "audience") {
		t.Errorf("ID token: %d %s", a.status, a.body)
	}
}

func TestAPICORS(t *testing.T) {
	w := newWorld(t)
	for origin, want := range map[string]string{spaURI: spaURI, "http://localhost:5173": "http://localhost:5173", "https://evil.example": ""} {
		a := w.call("OPTIONS", Services(labBase).Orders+"/me", "", "", "Origin", origin, "Access-Control-Request-Headers", "authorization")
		if got := a.header.Get("Access-Control-Allow-Origin"); a.status != 204 || got != want {
			t.Errorf("%s: %d, allowed %q", origin, a.status, got)
		}
	}
}
