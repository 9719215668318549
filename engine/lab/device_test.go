package lab

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/grants"
	"flowscope/engine/lab/state"
)

func (w *world) deviceForm(app string, pairs ...string) url.Values {
	return with(url.Values{"client_id": {w.app(app).ClientID}, "scope": {"openid profile offline_access " + ordersAs}}, pairs...)
}

// device asks for a device code at Contoso and gives the form of a poll.
func (w *world) device(app string, pairs ...string) url.Values {
	w.Helper()
	a := w.post(endpoint(directory.ContosoID, "devicecode"), w.deviceForm(app, pairs...))
	r, _ := object(w, a.body)
	code, ok := r["device_code"].(string)
	if !ok {
		w.Fatalf("no device code: %s", a.body)
	}
	return url.Values{"client_id": {w.app(app).ClientID}, "grant_type": {deviceGrant}, "device_code": {code}}
}

// decide is what the page does once someone has signed in.
func (w *world) decide(form url.Values, username string, approve bool, methods ...string) {
	w.Helper()
	a := state.Auth{At: w.now, Methods: append([]string{"pwd"}, methods...), SID: "0f2a0a58-6d8c-4a54-9f0a-1d3c9a6f2b11", IP: "127.0.0.1"}
	if !w.lab.state.DecideDevice(form.Get("device_code"), approve, w.person(username), a) {
		w.Fatal("the device code can't be decided")
	}
	for _, name := range []string{"openid", "profile", "offline_access"} {
		w.grant(username, "cli", "graph", name)
	}
}

func TestDeviceResponse(t *testing.T) {
	w := newWorld(t)
	a := w.post(endpoint("organizations", "devicecode")+"?mkt=de-DE", w.deviceForm("native"))
	r, order := object(t, a.body)
	if want := []string{"user_code", "device_code", "verification_uri", "expires_in", "interval", "message"}; a.status != 200 || !slices.Equal(order, want) {
		t.Fatalf("members %v, want %v: %s", order, want, a.body)
	}
	code := r["user_code"].(string)
	if len(code) != 9 || strings.Trim(code, "BCDFGHJKLMNPQRSTVWXZ") != "" || r["expires_in"] != 900.0 || r["interval"] != 5.0 || r["verification_uri"] != labBase+"/common/oauth2/deviceauth" {
		t.Errorf("answer %s", a.body)
	}
	if m := r["message"].(string); !strings.Contains(m, code) || !strings.Contains(m, r["verification_uri"].(string)) {
		t.Errorf("message %q", m)
	}
	a = w.post(endpointV1(directory.ContosoID, "devicecode"), url.Values{"client_id": {w.app("cli").ClientID}, "resource": {orders}})
	r, order = object(t, a.body)
	if want := []string{"user_code", "device_code", "verification_url", "expires_in", "interval", "message"}; !slices.Equal(order, want) || r["expires_in"] != "900" || r["interval"] != "5" {
		t.Errorf("v1.0: %s", a.body)
	}
}

func TestDeviceRequestErrors(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		name, address string
		form          url.Values
		want          failure
	}{
		{"tenant", endpoint(unknownID, "devicecode"), w.deviceForm("cli"), failure{400, "invalid_tenant", 90002, "", ""}},
		{"shut tenant", endpoint(directory.DormantID, "devicecode"), w.deviceForm("cli"), failure{400, "invalid_tenant", 5000225, "", ""}},
		{"client missing", endpoint("common", "devicecode"), w.deviceForm("native", "client_id", ""), failure{400, "invalid_request", 900144, "", ""}},
		{"client unknown", endpoint("common", "devicecode"), w.deviceForm("native", "client_id", unknownID), failure{400, "unauthorized_client", 700016, "", ""}},
		{"client disabled", endpoint(directory.ContosoID, "devicecode"), w.deviceForm("retired"), failure{400, "unauthorized_client", 7000112, "", ""}},
		{"web application", endpoint(directory.ContosoID, "devicecode"), w.deviceForm("web"), failure{401, "invalid_client", 7000218, "", ""}},
		{"page", endpoint(directory.ContosoID, "devicecode"), w.deviceForm("spa"), failure{401, "invalid_client", 7000218, "", ""}},
		{"single tenant at common", endpoint("common", "devicecode"), w.deviceForm("cli"), failure{400, "invalid_request", 50194, "", ""}},
		{"scope missing", endpoint("common", "devicecode"), w.deviceForm("native", "scope", ""), failure{400, "invalid_request", 900144, "", ""}},
		{"scope grammar", endpoint("common", "devicecode"), w.deviceForm("native", "scope", "a,b"), failure{400, "invalid_scope", 70011, "", ""}},
		{"two APIs", endpoint("common", "devicecode"), w.deviceForm("native", "scope", ordersAs+" User.Read"), failure{400, "invalid_scope", 700022, "", ""}},
		{"resource at v2.0", endpoint("common", "devicecode"), w.deviceForm("native", "resource", orders), failure{400, "invalid_request", 901002, "", ""}},
		{"no resource at v1.0", endpointV1("common", "devicecode"), w.deviceForm("native"), failure{400, "invalid_request", 900144, "", ""}},
		{"claims", endpoint("common", "devicecode"), w.deviceForm("native", "claims", "x"), failure{400, "invalid_request", 90100, "", ""}},
		{"twice", endpoint("common", "devicecode"), url.Values{"client_id": {"a", "b"}}, failure{400, "invalid_request", 9002313, "", ""}},
		{"personal accounts at v1.0", endpointV1("consumers", "devicecode"), w.deviceForm("everyone"), failure{400, "invalid_request", 90027, "", ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inner := &world{TB: t, lab: w.lab, now: w.now, browser: w.browser, dir: w.dir}
			inner.fails(inner.post(c.address, c.form), c.want)
		})
	}
	w.fails(w.get(endpoint("common", "devicecode")), failure{400, "invalid_request", 900561, "", ""})
	if a := w.post(endpoint("common", "devicecode"), w.deviceForm("everyone", "scope", "openid User.Read")); a.status != 200 {
		t.Errorf("an application for everyone: %s", a.body)
	}
}

// TestDevicePolls is long because it is a table.
func TestDevicePolls(t *testing.T) {
	const ada = "ada@contoso.example"
	bad := func(oauth string, code int) failure { return failure{400, oauth, code, "", ""} }
	for _, c := range []struct {
		name string
		poll func(w *world) (url.Values, string)
		want failure
	}{
		{"pending", func(w *world) (url.Values, string) { return w.device("cli"), "" }, bad("authorization_pending", 70016)},
		{"slow down", func(w *world) (url.Values, string) { w.turn("slow-down", "on"); return w.device("cli"), "" }, bad("slow_down", 70016)},
		{"declined", func(w *world) (url.Values, string) { f := w.device("cli"); w.decide(f, ada, false); return f, "" }, bad("authorization_declined", 65004)},
		{"unknown", func(w *world) (url.Values, string) { return with(w.device("cli"), "device_code", "x"), "" }, bad("bad_verification_code", 70018)},
		{"missing", func(w *world) (url.Values, string) { return with(w.device("cli"), "device_code", ""), "" }, bad("invalid_request", 900144)},
		{"expired", func(w *world) (url.Values, string) {
			f := w.device("cli")
			w.decide(f, ada, true)
			w.now = w.now.Add(15 * time.Minute)
			return f, ""
		}, bad("expired_token", 70019)},
		{"redeemed", func(w *world) (url.Values, string) {
			f := w.device("cli")
			w.decide(f, ada, true)
			w.succeeds(w.tokens(f))
			return f, ""
		}, bad("expired_token", 70020)},
		{"other client", func(w *world) (url.Values, string) {
			return with(w.device("cli"), "client_id", w.app("native").ClientID), ""
		}, bad("invalid_grant", 70000)},
		{"other authority", func(w *world) (url.Values, string) { return w.device("native"), "organizations" }, bad("invalid_grant", 700005)},
		{"web application", func(w *world) (url.Values, string) {
			return with(w.device("cli"), "client_id", w.app("web").ClientID), ""
		}, failure{401, "invalid_client", 7000218, "", ""}},
		{"secret", func(w *world) (url.Values, string) { return with(w.device("cli"), "client_secret", "x"), "" }, failure{401, "invalid_client", 700025, "", ""}},
		{"blocked", func(w *world) (url.Values, string) {
			f := w.device("cli")
			w.decide(f, ada, true)
			w.turn("device-code-blocked", "on")
			return f, ""
		}, failure{400, "invalid_grant", 53003, "message_only", ""}},
		{"MFA", func(w *world) (url.Values, string) {
			f := w.device("cli")
			w.decide(f, "mia@contoso.example", true)
			return f, ""
		}, failure{400, "invalid_grant", 50076, "basic_action", "capolids"}},
		{"consent", func(w *world) (url.Values, string) {
			f := w.device("native")
			w.decide(f, ada, true)
			return f, ""
		}, failure{400, "invalid_grant", 65001, "consent_required", ""}},
		{"refreshed after the flow was blocked", func(w *world) (url.Values, string) {
			f := w.device("cli")
			w.decide(f, ada, true)
			r := w.succeeds(w.tokens(f))
			w.turn("device-code-blocked", "on")
			return url.Values{"client_id": f["client_id"], "grant_type": {"refresh_token"}, "refresh_token": {r["refresh_token"].(string)}}, ""
		}, bad("invalid_grant", 530036)},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			form, tenant := c.poll(w)
			if tenant == "" {
				tenant = directory.ContosoID
			}
			w.fails(w.post(endpoint(tenant, "token"), form), c.want)
		})
	}
}

// TestDeviceFlow takes both spellings of the grant, and the v1.0 endpoint.
func TestDeviceFlow(t *testing.T) {
	w := newWorld(t)
	for _, grant := range []string{deviceGrant, "device_code"} {
		form := with(w.device("cli"), "grant_type", grant, "client_info", "1")
		for range 3 { // faster than the interval, and never throttled
			w.fails(w.tokens(form), failure{400, "authorization_pending", 70016, "", ""})
		}
		w.decide(form, "mia@contoso.example", true, "mfa")
		r := w.succeeds(w.tokens(form))
		if r["refresh_token"] == nil || r["id_token"] == nil || r["client_info"] == nil || r["scope"] == "" {
			t.Errorf("%s: %v", grant, r)
		}
		if j := decode(t, r["access_token"].(string)); j.claims["azpacr"] != "0" || j.claims["azp"] != w.app("cli").ClientID {
			t.Errorf("token %v", j.claims)
		}
	}
	a := w.post(endpointV1(directory.ContosoID, "devicecode"), url.Values{"client_id": {w.app("cli").ClientID}, "resource": {orders}})
	r, _ := object(t, a.body)
	form := url.Values{"client_id": {w.app("cli").ClientID}, "grant_type": {"device_code"}, "device_code": {r["device_code"].(string)}}
	w.decide(form, "ada@contoso.example", true)
	form.Set("code", form.Get("device_code")) // as ADAL sent it
	form.Del("device_code")
	if r := w.succeeds(w.post(endpointV1(directory.ContosoID, "token"), form)); r["resource"] != orders || r["refresh_token"] == nil {
		t.Errorf("v1.0: %v", r)
	}
}

// TestThousandsOfDeviceCodes: the oldest goes when there are too many, and the
// newest can still be used.
func TestThousandsOfDeviceCodes(t *testing.T) {
	w := newWorld(t)
	first := w.device("cli")
	seen := map[string]bool{}
	for i := range 5000 {
		rec := serve(w.lab, http.MethodPost, "/contoso.example/oauth2/v2.0/devicecode", "", formType, w.deviceForm("cli").Encode())
		r, _ := object(t, rec.body.String())
		code, _ := r["user_code"].(string)
		if rec.status != 200 || seen[code] {
			t.Fatalf("request %d: %d, user code %q", i, rec.status, code)
		}
		seen[code] = true
	}
	last := w.device("cli")
	w.fails(w.tokens(first), failure{400, "bad_verification_code", 70018, "", ""})
	w.decide(last, "ada@contoso.example", true)
	w.succeeds(w.tokens(last))
}

// TestOneRedemptionWins: of many requests at once exactly one gets tokens.
func TestOneRedemptionWins(t *testing.T) {
	w := newWorld(t)
	w.lab.Warm()
	device := w.device("cli")
	w.decide(device, "ada@contoso.example", true)
	code := w.signedIn("ada@contoso.example", "web", webURI, directory.PlatformWeb, nil)
	for name, form := range map[string]url.Values{"device code": device, "code": code} {
		body := form.Encode()
		var wg sync.WaitGroup
		answers := make(chan string, 16)
		for range cap(answers) {
			wg.Go(func() {
				rec := serve(w.lab, http.MethodPost, "/"+directory.ContosoID+"/oauth2/v2.0/token", "", formType, body)
				answers <- fmt.Sprint(rec.status)
			})
		}
		wg.Wait()
		close(answers)
		count := map[string]int{}
		for a := range answers {
			count[a]++
		}
		if count["200"] != 1 || count["400"] != 15 {
			t.Errorf("%s: %v", name, count)
		}
	}
}

// TestRedemptionIsDecidedOnce holds all requests back until each has found the
// code good, so that only the last step can tell them apart.
func TestRedemptionIsDecidedOnce(t *testing.T) {
	w := newWorld(t)
	w.lab.Warm()
	device := w.device("cli")
	w.decide(device, adaName, true)
	code := w.signedIn(adaName, "web", webURI, directory.PlatformWeb, nil)
	authority, _ := w.dir.Authority(directory.ContosoID)
	for name, c := range map[string]struct {
		form url.Values
		lost int
	}{"device code": {device, 70020}, "code": {code, 54005}} {
		const many = 8
		var calls atomic.Int32
		var ready, done sync.WaitGroup
		ready.Add(many)
		server := *w.lab.grants
		server.Clock = func() time.Time { // first asked when the code was looked up
			if calls.Add(1) <= many {
				ready.Done()
				ready.Wait()
			}
			return w.now
		}
		var won atomic.Int32
		for range many {
			done.Go(func() {
				_, _, err := server.Token(grants.Request{Base: labBase, Authority: authority, Form: c.form})
				switch {
				case err == nil:
					won.Add(1)
				case err.Code != c.lost:
					t.Errorf("%s: %v", name, err)
				}
			})
		}
		done.Wait()
		if won.Load() != 1 {
			t.Errorf("%s: %d requests won", name, won.Load())
		}
	}
}
