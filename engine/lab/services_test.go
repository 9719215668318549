package lab

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"flowscope/engine/lab/conditions"
	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/tokens"
)

// minted makes a token for web without asking anybody: what the token endpoint
// gives to whom is tested elsewhere.
func (w *world) minted(username, api, scopes string, change ...func(*tokens.Access)) string {
	w.Helper()
	var u User
	for _, one := range w.dir.Users {
		if one.Username == username {
			u = one
		}
	}
	a := tokens.Access{
		Base: labBase, TenantID: u.TenantID, Resource: w.app(api), Audience: w.app(api).AppIDURI, Client: w.app("web"), Proof: tokens.ProofSecret,
		User: u, Profile: true, Scopes: strings.Fields(scopes), Roles: u.Roles[w.app(api).ClientID], IP: "127.0.0.1", Life: time.Hour, AuthTime: w.now,
	}
	for _, c := range change {
		c(&a)
	}
	return w.lab.grants.Mint.Access(a)
}

func alone(roles ...string) func(*tokens.Access) {
	return func(a *tokens.Access) {
		a.TenantID, a.User, a.Scopes, a.Roles, a.ClientOf = directory.ContosoID, User{}, nil, roles, a.Client.ServicePrincipalID
	}
}

func capable(a *tokens.Access) { a.Capabilities = []string{"cp1"} }

const (
	ada     = "ada@contoso.example"
	gus     = "gus@contoso.example"
	pat     = "pat@outlook.example"
	grace   = "grace@contoso.example"
	dimitri = "dimitri@contoso.example"
)

// TestMoreAPIs calls the APIs beside Orders API, with tokens for them and with
// others.
func TestMoreAPIs(t *testing.T) {
	w := newWorld(t)
	s := Services(labBase)
	vault, badges := w.minted(ada, "vault-api", "secrets.read"), w.minted(ada, "badges-api", "badges.read")
	reports := w.minted(ada, "reports-api", "reports.read")
	for _, c := range []struct {
		name, address, token string
		status               int
		holds                string
	}{
		{"encrypted", s.Vault + "/secrets", vault, 200, "compass"},
		{"encrypted, changed", s.Vault + "/secrets", vault[:600] + "AA" + vault[602:], 401, "not encrypted to this API"},
		{"signed only", s.Vault + "/secrets", reports, 401, "not encrypted to this API"},
		{"scope lacking", s.Vault + "/secrets", w.minted(ada, "vault-api", "other"), 403, "secrets.read"},
		{"encrypted elsewhere", s.Reports, vault, 401, "three parts"},
		{"own key", s.Badges, badges, 200, "first order"},
		{"usual key where its own is expected", s.Badges, reports, 401, "own"},
		{"own key elsewhere", s.Reports, badges, 401, "not published"},
		{"reports", s.Reports, reports, 200, "2026-01"},
		{"reports of an application", s.Reports + "/all", w.minted(ada, "reports-api", "", alone("Reports.Read.All")), 200, "2026-01"},
		{"reports of an application without role", s.Reports + "/all", w.minted(ada, "reports-api", "", alone()), 403, "lacks the role"},
		{"people where applications are expected", s.Reports + "/all", reports, 403, "without a user"},
		{"applications where people are expected", s.Reports, w.minted(ada, "reports-api", "", alone("Reports.Read.All")), 403, "needs a signed-in user"},
		{"hello for people", s.Orders + "/hello", w.minted(ada, "orders-api", "x"), 200, `"caller":"user"`},
		{"hello for applications", s.Orders + "/hello", w.minted(ada, "orders-api", "", alone()), 200, `"caller":"application"`},
	} {
		if a := w.call("GET", c.address, c.token, ""); a.status != c.status || !strings.Contains(a.body, c.holds) {
			t.Errorf("%s: %d %s", c.name, a.status, a.body)
		}
	}
}

// TestEncryptedByTheTokenEndpoint goes the whole way for the two APIs with keys
// of their own.
func TestEncryptedByTheTokenEndpoint(t *testing.T) {
	w := newWorld(t)
	if token := w.userToken(ada, "api://vault.contoso.example/secrets.read"); strings.Count(token, ".") != 4 || w.call("GET", Services(labBase).Vault+"/secrets", token, "").status != http.StatusOK {
		t.Errorf("Vault API: %q", token)
	}
	token := w.userToken(ada, "api://badges.contoso.example/badges.read")
	if a := w.call("GET", Services(labBase).Badges, token, ""); a.status != http.StatusOK {
		t.Errorf("Badges API: %s", a.body)
	}
	usual, _ := object(t, w.get(labBase+"/"+directory.ContosoID+"/discovery/v2.0/keys").body)
	for path, want := range map[string]string{
		"/discovery/v2.0/keys": "/v2.0/.well-known/openid-configuration", "/discovery/keys": "/.well-known/openid-configuration",
	} {
		query := "?appid=" + w.app("badges-api").ClientID
		doc, _ := object(t, w.get(labBase+"/"+directory.ContosoID+want+query).body)
		at := labBase + "/" + directory.ContosoID + path + query
		if doc["jwks_uri"] != at {
			t.Errorf("jwks_uri %v, want %s", doc["jwks_uri"], at)
		}
		keys, _ := object(t, w.get(at).body)
		list := keys["keys"].([]any)
		if len(list) != 1 || list[0].(map[string]any)["kid"] != decode(t, token).header["kid"] {
			t.Errorf("%s: %v", at, keys)
		}
		checkKey(t, list[0].(map[string]any))
		ordinary, _ := object(t, w.get(labBase+"/"+directory.ContosoID+"/discovery/v2.0/keys?appid="+w.app("web").ClientID).body)
		if len(ordinary["keys"].([]any)) != len(usual["keys"].([]any)) {
			t.Error("?appid= of an ordinary application changes the keys")
		}
	}
	for _, k := range usual["keys"].([]any) {
		if k.(map[string]any)["kid"] == decode(t, token).header["kid"] {
			t.Error("the application's own key is published among the usual ones")
		}
	}
}

func TestKeyRollover(t *testing.T) {
	w := newWorld(t)
	orders := Services(labBase).Orders + "/hello"
	before := w.minted(ada, "orders-api", "x")
	w.turn(conditions.KeyRollover, "on")
	after := w.minted(ada, "orders-api", "x")
	if decode(t, before).header["kid"] == decode(t, after).header["kid"] {
		t.Fatal("the key did not change")
	}
	for _, token := range []string{before, after} {
		j := decode(t, token)
		if !w.verifies(j, j.signed) || w.call("GET", orders, token, "").status != http.StatusOK {
			t.Error("a token of either key must verify with the published keys")
		}
	}
	w.turn(conditions.APIStaleKeys, "on")
	if a := w.call("GET", orders, before, ""); a.status != http.StatusOK {
		t.Errorf("stale keys, old token: %s", a.body)
	}
	if a := w.call("GET", orders, after, ""); a.status != http.StatusUnauthorized || !strings.Contains(a.body, "not read yet") {
		t.Errorf("stale keys, new token: %d %s", a.status, a.body)
	}
	w.turn(conditions.KeyRollover, "off")
	if decode(t, w.minted(ada, "orders-api", "x")).header["kid"] != decode(t, before).header["kid"] {
		t.Error("the first key does not sign again")
	}
}

func TestStaleDocuments(t *testing.T) {
	w := newWorld(t)
	for _, roll := range []string{"off", "on"} {
		w.turn(conditions.KeyRollover, roll)
		w.turn(conditions.StaleDiscovery, "on")
		for tenant, user := range map[string]string{directory.ContosoID: ada, "consumers": pat, "common": ada} {
			for _, path := range []string{"/discovery/v2.0/keys", "/discovery/keys"} {
				a := w.get(labBase + "/" + tenant + path)
				kid := decode(t, w.minted(user, "reports-api", "x")).header["kid"].(string)
				if a.header.Get("Age") != "172800" || strings.Contains(a.body, kid) || !strings.Contains(a.body, `"kid"`) {
					t.Errorf("rollover %s, %s: Age %q, %s", roll, tenant+path, a.header.Get("Age"), a.body)
				}
			}
		}
		if a := w.get(labBase + "/common/v2.0/.well-known/openid-configuration"); a.header.Get("Age") != "172800" {
			t.Error("discovery without Age")
		}
		w.turn(conditions.StaleDiscovery, "off")
		if a := w.get(labBase + "/common/discovery/keys"); a.header.Get("Age") != "" {
			t.Error("Age on a fresh document")
		}
	}
}

// insufficientClaims reads a claims challenge out of its header, whose shape
// must be exact.
func insufficientClaims(t *testing.T, a answer, clientID string) string {
	t.Helper()
	head := `Bearer realm="", authorization_uri="` + labBase + `/common/oauth2/authorize", client_id="` + clientID + `", error="insufficient_claims", claims="`
	rest, ok := strings.CutPrefix(a.header.Get("WWW-Authenticate"), head)
	text, closed := strings.CutSuffix(rest, `"`)
	claims, err := base64.StdEncoding.DecodeString(text)
	if a.status != http.StatusUnauthorized || !ok || !closed || err != nil {
		t.Fatalf("no claims challenge: %d %q %v", a.status, a.header.Get("WWW-Authenticate"), err)
	}
	return string(claims)
}

func TestStepUpAtTheAPI(t *testing.T) {
	w := newWorld(t)
	admin := Services(labBase).Orders + "/admin"
	plain := w.minted(grace, "orders-api", "access_as_user")
	strong := w.minted(grace, "orders-api", "access_as_user", func(a *tokens.Access) { a.Contexts = []string{"c1"} })
	if a := w.call("GET", admin, plain, ""); a.status != http.StatusOK {
		t.Fatalf("without the condition: %s", a.body)
	}
	w.turn(conditions.StepUp, "on")
	if got := insufficientClaims(t, w.call("GET", admin, plain, ""), w.app("orders-api").ClientID); got != `{"access_token":{"acrs":{"essential":true,"value":"c1"}}}` {
		t.Errorf("challenge %s", got)
	}
	if a := w.call("GET", admin, strong, ""); a.status != http.StatusOK {
		t.Errorf("with acrs: %s", a.body)
	}
	if a := w.call("GET", admin, w.minted(ada, "orders-api", "access_as_user"), ""); a.status != http.StatusForbidden {
		t.Errorf("without the role: %d", a.status)
	}
}

func TestContinuousAccessEvaluationAtTheAPI(t *testing.T) {
	for _, c := range []struct{ condition, value string }{
		{conditions.SessionsRevoked, ada},
		{conditions.PasswordChanged, ada},
		{conditions.AccountDisabled, ada},
		{conditions.AccountDeleted, ada},
		{conditions.LocationBlocked, "on"},
	} {
		t.Run(c.condition, func(t *testing.T) {
			w := newWorld(t)
			s := Services(labBase)
			aware, plain := w.minted(ada, "orders-api", "access_as_user", capable), w.minted(ada, "orders-api", "access_as_user")
			graph := w.minted(ada, "graph", "User.Read", capable)
			w.now = w.now.Add(100 * time.Millisecond) // the same second
			w.turn(c.condition, c.value)
			want := `{"access_token":{"nbf":{"essential":true,"value":"` + strconv.FormatInt(w.now.Unix(), 10) + `"}}}`
			if got := insufficientClaims(t, w.call("GET", s.Orders+"/me", aware, ""), w.app("orders-api").ClientID); got != want {
				t.Errorf("Orders API: challenge %s, want %s", got, want)
			}
			if got := insufficientClaims(t, w.call("GET", s.Graph+"/me", graph, ""), directory.GraphAppID); got != want {
				t.Errorf("Graph: challenge %s", got)
			}
			if a := w.call("GET", s.Orders+"/me", plain, ""); a.status != http.StatusOK {
				t.Errorf("a token without cp1 must stay good: %d %s", a.status, a.body)
			}
			w.now = w.now.Add(100 * time.Millisecond) // a new sign-in in the same second
			again := w.minted(ada, "orders-api", "access_as_user", capable)
			passes := c.condition == conditions.SessionsRevoked || c.condition == conditions.PasswordChanged
			if a := w.call("GET", s.Orders+"/me", again, ""); (a.status == http.StatusOK) != passes {
				t.Errorf("after a new sign-in: %d %s", a.status, a.body)
			}
			w.now = w.now.Add(5 * time.Second)
			if got := insufficientClaims(t, w.call("GET", s.Orders+"/me", aware, ""), w.app("orders-api").ClientID); (got == want) != passes {
				t.Errorf("later: challenge %s; a revocation keeps its moment", got)
			}
			w.turn(c.condition, "off")
			if a := w.call("GET", s.Orders+"/me", aware, ""); a.status != http.StatusOK {
				t.Errorf("switched off: %d %s", a.status, a.body)
			}
		})
	}
	w := newWorld(t)
	if token := w.minted(dimitri, "orders-api", "access_as_user", capable); w.call("GET", Services(labBase).Orders+"/me", token, "").status != http.StatusUnauthorized {
		t.Error("a person who is disabled in the directory gets through")
	}
}

func TestCarelessOrdersAPI(t *testing.T) {
	w := newWorld(t)
	s := Services(labBase)
	stock, vera := w.minted(ada, "inventory-api", "stock.read"), w.minted(ada, "reports-api", "access_as_user")
	for _, token := range []string{stock, vera} {
		if a := w.call("GET", s.Orders+"/hello", token, ""); a.status != http.StatusUnauthorized {
			t.Errorf("audience checked: %d", a.status)
		}
	}
	w.turn(conditions.APIAudienceOff, "on")
	for _, token := range []string{stock, vera} {
		if a := w.call("GET", s.Orders+"/hello", token, ""); a.status != http.StatusOK {
			t.Errorf("audience not checked: %d %s", a.status, a.body)
		}
	}
	if a := w.call("GET", s.Orders+"/me", vera, ""); a.status != http.StatusOK || w.call("GET", s.Inventory+"/stock", vera, "").status != http.StatusUnauthorized {
		t.Errorf("audience not checked: %d %s", a.status, a.body)
	}
	if a := w.call("GET", s.Orders+"/hello", tampered(stock), ""); a.status != http.StatusUnauthorized {
		t.Error("even a careless API checks signatures")
	}
	w.turn(conditions.APICorsOff, "on")
	for method, want := range map[string]int{"GET": 200, "OPTIONS": 405} {
		a := w.call(method, s.Orders+"/hello", stock, "", "Origin", spaURI)
		for name := range a.header {
			if strings.HasPrefix(name, "Access-Control-") {
				t.Errorf("%s: header %s", method, name)
			}
		}
		if a.status != want {
			t.Errorf("%s: status %d", method, a.status)
		}
	}
	if a := w.call("OPTIONS", s.Inventory+"/stock", "", "", "Origin", spaURI); a.header.Get("Access-Control-Allow-Origin") != spaURI {
		t.Error("Inventory API lost CORS as well")
	}
}

func TestGraphGroups(t *testing.T) {
	w := newWorld(t)
	u, _ := w.dir.User(gus)
	token := w.minted(gus, "graph", "User.Read")
	next, ids, pages := Services(labBase).Graph+"/me/memberOf", []any{}, 0
	for next != "" {
		doc, order := object(t, w.call("GET", next, token, "").body)
		pages++
		if order[0] != "@odata.context" || doc["@odata.context"] != Services(labBase).Graph+"/$metadata#directoryObjects" {
			t.Fatalf("members %v", order)
		}
		for _, g := range doc["value"].([]any) {
			g := g.(map[string]any)
			ids = append(ids, g["id"])
			if g["displayName"] == "" || g["@odata.type"] != "#microsoft.graph.group" {
				t.Errorf("group %v", g)
			}
		}
		next, _ = doc["@odata.nextLink"].(string)
	}
	if pages != 3 || len(ids) != 250 || ids[249] != u.Groups[249] {
		t.Errorf("%d groups on %d pages", len(ids), pages)
	}
	few, _ := object(t, w.call("GET", Services(labBase).Graph+"/me/memberOf?$top=2&$skiptoken=f9", token, "").body)
	if list := few["value"].([]any); len(list) != 1 || few["@odata.nextLink"] != nil {
		t.Errorf("the last page %v", few)
	}
	for _, of := range []string{"/me", "/users/" + u.ObjectID} {
		doc, _ := object(t, w.call("POST", Services(labBase).Graph+of+"/getMemberObjects", token, `{"securityEnabledOnly":true}`).body)
		if list, ok := doc["value"].([]any); !ok || len(list) != 250 || !slices.Equal(list, ids) {
			t.Errorf("%s: %v", of, doc)
		}
	}
}

func TestGraphRefusals(t *testing.T) {
	w := newWorld(t)
	g := Services(labBase).Graph
	u, _ := w.dir.User(ada)
	v, _ := w.dir.User(gus)
	own, opaque := w.minted(ada, "graph", "User.Read"), w.minted(pat, "graph", "openid profile email User.Read")
	readAll := w.minted(ada, "graph", "", alone("User.Read.All"))
	for _, c := range []struct {
		name, method, path, token, body string
		status                          int
		holds                           string
	}{
		{"opaque token", "GET", "/me", opaque, "", 200, `"userPrincipalName":"pat@outlook.example"`},
		{"opaque token, changed", "GET", "/me", opaque[:100] + "x" + opaque[101:], "", 401, "InvalidAuthenticationToken"},
		{"photo", "GET", "/me/photo/$value", own, "", 404, "ImageNotFound"},
		{"photo without permission", "GET", "/me/photo/$value", w.minted(ada, "graph", "openid"), "", 403, "Authorization_RequestDenied"},
		{"memberOf of an application", "GET", "/me/memberOf", readAll, "", 400, "delegated"},
		{"memberOf without permission", "GET", "/me/memberOf", w.minted(gus, "graph", "openid"), "", 403, "Authorization_RequestDenied"},
		{"no groups", "GET", "/me/memberOf", own, "", 200, `"value":[]`},
		{"bad $top", "GET", "/me/memberOf?$top=0", own, "", 400, "$top"},
		{"bad $skiptoken", "GET", "/me/memberOf?$skiptoken=-1", own, "", 400, "skiptoken"},
		{"$skiptoken beyond", "GET", "/me/memberOf?$skiptoken=7fffffff", own, "", 400, "skiptoken"},
		{"no body", "POST", "/me/getMemberObjects", own, "", 400, "securityEnabledOnly"},
		{"large body", "POST", "/me/getMemberObjects", own, strings.Repeat(" ", 70<<10), 413, "too large"},
		{"someone else's groups", "POST", "/users/" + v.ObjectID + "/getMemberObjects", own, `{"securityEnabledOnly":false}`, 403, "Authorization_RequestDenied"},
		{"groups for an application", "POST", "/users/" + gus + "/getMemberObjects", readAll, `{"securityEnabledOnly":false}`, 200, v.Groups[0]},
		{"nobody's groups", "POST", "/users/nobody/getMemberObjects", readAll, `{"securityEnabledOnly":false}`, 404, "Request_ResourceNotFound"},
		{"users", "GET", "/users", readAll, "", 200, u.ObjectID},
		{"users without role", "GET", "/users", w.minted(ada, "graph", "", alone()), "", 403, "Authorization_RequestDenied"},
		{"users for a person", "GET", "/users", own, "", 403, "Authorization_RequestDenied"},
		{"users with Directory.Read.All", "GET", "/users", w.minted(grace, "graph", "Directory.Read.All"), "", 200, u.ObjectID},
		{"method", "DELETE", "/me", own, "", 405, "GET"},
		{"nothing", "GET", "/groups", own, "", 404, "ResourceNotFound"},
	} {
		if a := w.call(c.method, g+c.path, c.token, c.body); a.status != c.status || !strings.Contains(a.body, c.holds) || a.header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: %d %s", c.name, a.status, a.body)
		}
	}
	if a := w.call("GET", Services(labBase).Orders+"/hello", opaque, ""); a.status != http.StatusUnauthorized {
		t.Errorf("an opaque token at another API: %d", a.status)
	}
	if a := w.call("GET", g+"/users", readAll, ""); strings.Contains(a.body, "noor@fabrikam.example") {
		t.Error("people of another tenant are listed")
	}
	if a := w.call("GET", Services(labBase).UserInfo, opaque, ""); a.status != http.StatusOK || !strings.Contains(a.body, `"email":"pat@outlook.example"`) {
		t.Errorf("userinfo of a personal account: %s", a.body)
	}
	a := w.call("OPTIONS", labBase+"/common/openid/userinfo", "", "", "Origin", spaURI)
	if a.status != http.StatusNoContent || a.header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("preflight of the v1.0 userinfo endpoint: %d", a.status)
	}
	w.now = w.now.Add(2 * time.Hour)
	if a := w.call("GET", g+"/me", opaque, ""); a.status != http.StatusUnauthorized || !strings.Contains(a.body, "expired") {
		t.Errorf("an opaque token after two hours: %d %s", a.status, a.body)
	}
}
