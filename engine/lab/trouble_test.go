package lab

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwk"

	"flowscope/engine/lab/conditions"
	"flowscope/engine/lab/directory"
)

func (w *world) preflight(address string) answer {
	w.Helper()
	r, err := http.NewRequest(http.MethodOptions, address, nil)
	if err != nil {
		w.Fatal(err)
	}
	r.Header.Set("Origin", spaURI)
	return w.do(r)
}

func TestOutage(t *testing.T) {
	w := newWorld(t)
	orders := w.minted(ada, "orders-api", "x")
	w.turn(conditions.Outage, "on")
	tenant := labBase + "/" + directory.ContosoID
	token := w.post(tenant+"/oauth2/v2.0/token", daemonForm()(w), "Origin", spaURI)
	for name, a := range map[string]answer{
		"token": token, "devicecode": w.post(tenant+"/oauth2/devicecode", url.Values{}), "discovery": w.get(tenant + "/v2.0/.well-known/openid-configuration"),
		"keys": w.get(labBase + "/common/discovery/keys"), "instance": w.get(labBase + "/common/discovery/instance"),
		"realm": w.get(labBase + "/common/UserRealm/a@b.example?api-version=1.0"), "unknown tenant": w.get(labBase + "/nix/discovery/keys"),
	} {
		e, _ := object(t, a.body)
		if a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") != "10" || e["error"] != "temporarily_unavailable" || codeOf(e) != 90033 ||
			!strings.HasPrefix(fmt.Sprint(e["error_description"]), "AADSTS90033: ") {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if token.header.Get("Access-Control-Allow-Origin") != spaURI {
		t.Error("a page can't read the outage")
	}
	for _, path := range []string{"/oauth2/v2.0/authorize", "/oauth2/v2.0/logout", "/login"} {
		a := w.get(tenant + path)
		if p := read(t, a.body); a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") != "10" || p.code != "AADSTS90033" {
			t.Errorf("%s: %d %+v", path, a.status, p)
		}
	}
	if a := w.preflight(tenant + "/oauth2/v2.0/token"); a.status != http.StatusNoContent {
		t.Errorf("preflight: %d", a.status)
	}
	for _, other := range []string{"/", "/federation/keys"} {
		if a := w.get(labBase + other); a.status != http.StatusOK {
			t.Errorf("%s is another service: %d", other, a.status)
		}
	}
	if a := w.call("GET", Services(labBase).Orders+"/hello", orders, ""); a.status != http.StatusOK {
		t.Errorf("Orders API needs no authority to judge a token: %d", a.status)
	}
	w.turn(conditions.Outage, "off")
	if a := w.post(tenant+"/oauth2/v2.0/token", daemonForm()(w)); a.status != http.StatusOK {
		t.Errorf("after the outage: %d", a.status)
	}
}

func TestThrottled(t *testing.T) {
	w := newWorld(t)
	w.turn(conditions.Throttled, "1500ms")
	tenant := labBase + "/" + directory.ContosoID
	for _, path := range []string{"/oauth2/v2.0/token", "/oauth2/token", "/oauth2/v2.0/devicecode", "/oauth2/devicecode"} {
		a := w.post(tenant+path, daemonForm()(w), "Origin", spaURI)
		e, _ := object(t, a.body)
		if a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") != "2" || codeOf(e) != 90055 || e["error"] != "temporarily_unavailable" ||
			a.header.Get("Access-Control-Allow-Origin") != spaURI {
			t.Errorf("%s: %d %v %s", path, a.status, a.header, a.body)
		}
	}
	for _, path := range []string{"/discovery/v2.0/keys", "/v2.0/.well-known/openid-configuration"} {
		if a := w.get(tenant + path); a.status != http.StatusOK {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	if a := w.authorize(directory.ContosoID, w.request("web", webURI, "openid")); a.status != http.StatusOK {
		t.Errorf("authorize: %d", a.status)
	}
}

func TestSlow(t *testing.T) {
	w := newWorld(t)
	var waited time.Duration
	off := time.Hour // after so long a wait the condition is switched off
	w.lab.wait = func(ctx context.Context, d time.Duration) error {
		if waited += d; waited >= off {
			w.turn(conditions.Slow, "off")
		}
		return ctx.Err()
	}
	keys := labBase + "/common/discovery/keys"
	w.get(keys)
	w.turn(conditions.Slow, "7s")
	if a := w.get(keys); a.status != http.StatusOK {
		t.Errorf("slow: %d", a.status)
	}
	w.get(Services(labBase).Orders + "/hello")
	if waited != 7*time.Second {
		t.Errorf("waited %v", waited)
	}
	form := daemonForm()(w)
	if a := w.post(endpoint(directory.ContosoID, "token"), form); a.status != http.StatusOK || waited != 14*time.Second {
		t.Errorf("a form: %d after %v", a.status, waited)
	}
	w.turn(conditions.Slow, "90s")
	if off = waited + time.Second; w.get(keys).status != http.StatusOK || waited > off {
		t.Errorf("switched off at %v, answered at %v", off, waited)
	}
	w.turn(conditions.Slow, "7s")
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	rec := &recorder{header: http.Header{}}
	w.lab.ServeHTTP(rec, (&http.Request{Method: http.MethodGet, Host: Host, URL: &url.URL{Path: "/common/discovery/keys"}, Header: http.Header{}}).WithContext(gone))
	if strings.Contains(rec.body.String(), "kid") {
		t.Error("an answer for nobody")
	}
}

func TestPause(t *testing.T) {
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := pause(gone, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("a request that ended: %v", err)
	}
	if err := pause(t.Context(), time.Nanosecond); err != nil {
		t.Error(err)
	}
}

func TestCaptivePortal(t *testing.T) {
	w := newWorld(t)
	w.turn(conditions.CaptivePortal, "on")
	for _, path := range []string{"/", "/common/v2.0/.well-known/openid-configuration", "/" + directory.ContosoID + "/oauth2/v2.0/token", "/orders/me", "/graph/v1.0/me", "/federation/keys", "/nothing"} {
		for _, a := range []answer{w.get(labBase + path), w.post(labBase+path, url.Values{"a": {"b"}})} {
			if a.status != http.StatusOK || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") || !strings.Contains(a.body, "guest network") {
				t.Errorf("%s: %d %s", path, a.status, a.body)
			}
			for name := range a.header {
				if name != "Content-Type" && name != "Cache-Control" {
					t.Errorf("%s: header %s tells who is there", path, name)
				}
			}
		}
	}
	w.turn(conditions.CaptivePortal, "off")
	if a := w.get(labBase + "/common/discovery/keys"); !strings.HasPrefix(a.header.Get("Content-Type"), "application/json") {
		t.Error("the portal stays")
	}
}

func TestFederation(t *testing.T) {
	w := newWorld(t)
	a := w.get(labBase + "/federation/.well-known/openid-configuration")
	doc, _ := object(t, a.body)
	if doc["issuer"] != labBase+"/federation" || doc["jwks_uri"] != labBase+"/federation/keys" || a.header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("document %v", doc)
	}
	if f := w.app("workload").FederatedCredentials[0]; f.IssuerAt(labBase) != doc["issuer"] {
		t.Errorf("the federated credential names %q", f.IssuerAt(labBase))
	}
	block, _ := pem.Decode([]byte(directory.FederationKey()))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("h.p"))
	sig, err := rsa.SignPKCS1v15(nil, key.(*rsa.PrivateKey), crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	set, err := jwk.Parse([]byte(w.get(labBase + "/federation/keys").body))
	if err != nil || set.Len() != 1 {
		t.Fatalf("%v, %d keys", err, set.Len())
	}
	published, _ := set.Key(0)
	var public rsa.PublicKey
	if err := published.Raw(&public); err != nil {
		t.Fatal(err)
	}
	if err := rsa.VerifyPKCS1v15(&public, crypto.SHA256, sum[:], sig); err != nil || len(published.KeyID()) != 27 || published.Algorithm().String() != "RS256" {
		t.Errorf("%v, kid %q", err, published.KeyID())
	}
	for path, want := range map[string]int{"/federation": 404, "/federation/token": 404} {
		if got := w.get(labBase + path).status; got != want {
			t.Errorf("%s: %d", path, got)
		}
	}
	if got := w.post(labBase+"/federation/keys", nil).status; got != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", got)
	}
	if a := w.preflight(labBase + "/federation/keys"); a.status != http.StatusNoContent {
		t.Errorf("preflight: %d", a.status)
	}
}

func TestUserRealm(t *testing.T) {
	w := newWorld(t)
	const tail = `,"cloud_instance_name":"microsoftonline.com","cloud_audience_urn":"urn:federation:MicrosoftOnline"}`
	for path, want := range map[string]string{
		"/common/UserRealm/ada@contoso.example?api-version=1.0":             `{"ver":"1.0","account_type":"Managed","domain_name":"contoso.example"` + tail,
		"/common/userrealm/Noor%40Fabrikam.Example?api-version=1.0":         `{"ver":"1.0","account_type":"Managed","domain_name":"Fabrikam.Example"` + tail,
		"/common/UserRealm/x@nowhere.example?api-version=1.0":               `{"ver":"1.0","account_type":"Unknown","domain_name":"nowhere.example"` + tail,
		"/common/UserRealm/nobody?api-version=1.0":                          `{"ver":"1.0","account_type":"Unknown","domain_name":""` + tail,
		"/common/UserRealm/a@" + directory.ContosoID + "?api-version=1.0":   `{"ver":"1.0","account_type":"Unknown","domain_name":"` + directory.ContosoID + `"` + tail,
		"/common/UserRealm/a@%22%3Cscript%3E/..%2f.example?api-version=1.0": `{"ver":"1.0","account_type":"Unknown","domain_name":"\"<script>/../.example"` + tail,
	} {
		if a := w.get(labBase + path); a.status != http.StatusOK || a.body != want {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	for path, code := range map[string]int{"/common/UserRealm/ada@contoso.example": 900144} {
		if e, _ := object(t, w.get(labBase+path).body); codeOf(e) != code {
			t.Errorf("%s: %v", path, e)
		}
	}
}

func TestInstanceDiscovery(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		host, ask, version, want string
		code                     int
	}{
		{labBase, "https://login.lab.example/common/oauth2/v2.0/authorize", "1.1", "https://login.lab.example/common/v2.0/.well-known/openid-configuration", 0},
		{"http://localhost:8080", "http://localhost:8080/contoso.example/oauth2/v2.0/authorize", "1.0", "http://localhost:8080/" + directory.ContosoID + "/v2.0/.well-known/openid-configuration", 0},
		{"http://localhost:8080", "https://LOGIN.lab.example/common/oauth2/authorize", "1.1", "https://login.lab.example/common/v2.0/.well-known/openid-configuration", 0},
		{labBase, "https://login.microsoftonline.com/common/oauth2/v2.0/authorize", "1.1", "", 50049},
		{labBase, "login.lab.example/common", "1.1", "", 50050},
		{labBase, "ftp://login.lab.example/common", "1.1", "", 50050},
		{labBase, "https://%zz", "1.1", "", 50050},
		{labBase, "https://login.lab.example/nowhere.example/x", "1.1", "", 90002},
		{labBase, "https://login.lab.example/common/x", "", "", 900144},
	} {
		q := url.Values{"authorization_endpoint": {c.ask}}
		if c.version != "" {
			q.Set("api-version", c.version)
		}
		a := w.get(c.host + "/common/discovery/instance?" + q.Encode())
		doc, order := object(t, a.body)
		if c.code != 0 {
			if a.status != http.StatusBadRequest || codeOf(doc) != c.code {
				t.Errorf("%s: %d %s", c.ask, a.status, a.body)
			}
			continue
		}
		host := strings.Split(c.want, "/")[2]
		meta, err := json.Marshal(doc["metadata"])
		want := `[{"aliases":["` + host + `"],"preferred_cache":"` + host + `","preferred_network":"` + host + `"}]`
		if err != nil || fmt.Sprint(order) != "[tenant_discovery_endpoint api-version metadata]" || doc["tenant_discovery_endpoint"] != c.want || doc["api-version"] != c.version || string(meta) != want {
			t.Errorf("%s: %s", c.ask, a.body)
		}
	}
}

// FuzzDocuments asks for documents with whatever comes.
func FuzzDocuments(f *testing.F) {
	w := newWorld(f)
	w.lab.Warm()
	f.Add("GET", "/common/discovery/instance", "api-version=1.1&authorization_endpoint=https://login.lab.example/", "login.lab.example")
	f.Add("GET", "/common/UserRealm/a@b", "api-version=1.0", "[::1]:1")
	f.Add("PUT", "/federation/keys", "", "localhost")
	f.Add("GET", "/common/discovery/keys", "appid=8f7c22bb-8290-4320-937a-d2533b97ed5e", "127.0.0.1:65536")
	f.Fuzz(func(t *testing.T, method, path, query, host string) {
		rec := &recorder{header: http.Header{}}
		w.lab.ServeHTTP(rec, &http.Request{
			Method: method, Host: host, URL: &url.URL{Path: path, RawQuery: query}, Body: http.NoBody,
			Header: http.Header{"Authorization": {"Bearer " + query}, "Client-Request-Id": {path}, "Origin": {spaURI}},
		})
		sound(t, rec.status, rec.header)
		for name, values := range rec.header {
			if strings.ContainsAny(name+strings.Join(values, ""), "\r\n") {
				t.Fatalf("header %s: %q", name, values)
			}
		}
	})
}

// TestHugeHeaders sends headers of a megabyte to every kind of endpoint.
func TestHugeHeaders(t *testing.T) {
	w := newWorld(t)
	huge := string(bytes.Repeat([]byte("A."), 1<<19))
	for _, path := range []string{"/orders/me", "/vault/secrets", "/graph/v1.0/me", "/common/discovery/keys", "/common/oauth2/v2.0/token", "/common/oauth2/v2.0/authorize", "/federation/keys", "/"} {
		for _, name := range []string{"Authorization", "Origin", "Cookie", "Client-Request-Id", "Content-Type"} {
			rec := &recorder{header: http.Header{}}
			w.lab.ServeHTTP(rec, &http.Request{Method: http.MethodPost, Host: Host, URL: &url.URL{Path: path}, Body: http.NoBody, Header: http.Header{name: {"Bearer " + huge}}})
			sound(t, rec.status, rec.header)
			for header, values := range rec.header {
				if len(strings.Join(values, "")) > 8<<10 && name != "Origin" {
					t.Errorf("%s, %s: header %s of %d bytes comes back", path, name, header, len(values[0]))
				}
			}
		}
	}
}

// TestLoopDetected sends a failing request again and again, as it was.
func TestLoopDetected(t *testing.T) {
	w := newWorld(t)
	at := endpoint(directory.ContosoID, "token")
	bad := daemonForm("client_secret", "wrong")(w)
	for i := range loopLimit {
		if e, _ := object(t, w.post(at, bad).body); codeOf(e) != 7000215 {
			t.Fatalf("request %d: %v", i, e)
		}
	}
	a := w.post(at, bad, "Origin", "")
	if e, _ := object(t, a.body); a.status != http.StatusBadRequest || codeOf(e) != 50196 || e["error"] != "invalid_grant" {
		t.Errorf("once more: %d %s", a.status, a.body)
	}
	if a := w.post(at, daemonForm()(w)); a.status != http.StatusOK {
		t.Errorf("another request of the same client: %s", a.body)
	}
	if e, _ := object(t, w.post(at, daemonForm("client_secret", "other")(w)).body); codeOf(e) != 7000215 {
		t.Errorf("a different failing request: %v", e)
	}
	w.now = w.now.Add(loopTime)
	if e, _ := object(t, w.post(at, bad).body); codeOf(e) != 7000215 {
		t.Errorf("after five minutes: %v", e)
	}
	for range 2 * loopLimit {
		if a := w.post(at, daemonForm()(w)); a.status != http.StatusOK {
			t.Fatalf("a request that works: %s", a.body)
		}
	}
	poll := url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}, "client_id": {w.app("cli").ClientID}, "device_code": {"x"}}
	for range 2 * loopLimit {
		if e, _ := object(t, w.post(at, poll).body); codeOf(e) == 50196 {
			t.Fatal("polling is no loop")
		}
	}
	for i := range 2 * maxLoopsKept {
		w.lab.loops.done([32]byte{byte(i), byte(i >> 8)}, w.now, true)
	}
	if n := len(w.lab.loops.failed); n > maxLoopsKept {
		t.Errorf("%d are kept", n)
	}
}
