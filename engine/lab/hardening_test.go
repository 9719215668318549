package lab

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"flowscope/engine/lab/directory"
)

const capable1 = `{"access_token":{"xms_cc":{"values":["cp1"]}}}`

// TestClaimsOfBothRequestsCount: client libraries send claims of their own with
// the token request; what the authorization request demanded stays.
func TestClaimsOfBothRequestsCount(t *testing.T) {
	for _, own := range []string{"", capable1, `{"id_token":{"signin_state":null}}`} {
		w := newWorld(t)
		code := w.code("web", webURI, "openid "+ordersAs, "claims", mfaClaims)
		r := w.succeeds(w.tokens(w.redemption("web", webURI, code, "claims", own)))
		c := decode(t, r["access_token"].(string)).claims
		if list, _ := c["acrs"].([]any); len(list) != 1 || list[0] != "c1" {
			t.Errorf("with the claims %q: acrs %v", own, c["acrs"])
		}
		if _, cc := c["xms_cc"]; cc != (own == capable1) {
			t.Errorf("with the claims %q: xms_cc %v", own, c["xms_cc"])
		}
	}
}

// TestPersonWithoutScopes: a person's token that holds no permission is still a
// person's, for the routes and for continuous access evaluation.
func TestPersonWithoutScopes(t *testing.T) {
	w := newWorld(t)
	const vera = "vera@contoso.example"
	code := location(t, w.walk(w.authorize(directory.ContosoID, w.request("web", webURI, "openid api://orders.contoso.example/.default", "prompt", "consent")), vera)).Query().Get("code")
	first := w.succeeds(w.tokens(w.redemption("web", webURI, code)))["access_token"].(string)
	r := w.succeeds(w.tokens(w.exchange("orders-api", first, "scope", w.app("orders-api").ClientID+"/.default", "claims", capable1)))
	token := r["access_token"].(string)
	if c := decode(t, token).claims; c["scp"] != nil || c["oid"] != w.person(vera).ObjectID {
		t.Fatalf("token %v", c)
	}
	hello := Services(labBase).Orders + "/hello"
	if a := w.call(http.MethodGet, hello, token, ""); a.status != http.StatusOK || strings.Contains(a.body, "application") {
		t.Errorf("hello: %d %s", a.status, a.body)
	}
	w.now = w.now.Add(1e9)
	w.turn("sessions-revoked", vera)
	if a := w.call(http.MethodGet, hello, token, ""); a.status != http.StatusUnauthorized || !strings.Contains(a.header.Get("WWW-Authenticate"), "insufficient_claims") {
		t.Errorf("after the revocation: %d %v", a.status, a.header)
	}
}

// TestGrantsWithoutAPage: the password grant and on-behalf-of have no page to
// ask on. Without any consent nothing comes; with some, ID token and refresh
// token come as well.
func TestGrantsWithoutAPage(t *testing.T) {
	w := newWorld(t)
	w.fails(w.tokens(w.passwordForm("everyone", "ben@contoso.example", "scope", "openid")), failure{400, "invalid_grant", 65001, "consent_required", ""})
	r := w.succeeds(w.tokens(w.passwordForm("cli", adaName)))
	if r["id_token"] == nil || r["refresh_token"] == nil {
		t.Errorf("a pre-authorised client: %v", r)
	}
	a := w.walk(w.authorize(directory.ContosoID, w.request("web", webURI, "openid api://orders.contoso.example/.default", "prompt", "consent")), adaName)
	token := w.succeeds(w.tokens(w.redemption("web", webURI, location(t, a).Query().Get("code"))))["access_token"].(string)
	r = w.succeeds(w.tokens(w.exchange("orders-api", token)))
	if r["id_token"] == nil || r["refresh_token"] == nil {
		t.Errorf("on behalf of, after the combined consent: %v", r)
	}
}

// TestLongScopesAreNotKept bounds what a request without any proof can leave in
// memory.
func TestLongScopesAreNotKept(t *testing.T) {
	w := newWorld(t)
	long := strings.Repeat("openid ", 1000)
	w.fails(w.post(endpoint(directory.ContosoID, "devicecode"), w.deviceForm("cli", "scope", long)), failure{400, "invalid_scope", 70011, "", ""})
	w.fails(w.post(endpointV1(directory.ContosoID, "devicecode"), w.deviceForm("cli", "resource", strings.Repeat("a", 5000))), failure{400, "invalid_scope", 70011, "", ""})
}

// TestSwitchedMeanwhile switches an account off and on while it is asked for
// silently: every answer is a redirect.
func TestSwitchedMeanwhile(t *testing.T) {
	w := newWorld(t)
	w.code("web", webURI, "openid")
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				if err := w.lab.Switch("account-disabled", []string{adaName, "off"}[i%2]); err != nil {
					t.Error(err)
				}
			}
		}
	})
	q := w.request("web", webURI, "openid", "prompt", "none").Encode()
	for range 2000 {
		if a := w.get(endpoint(directory.ContosoID, "authorize") + "?" + q); a.status != http.StatusFound {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	close(stop)
	wg.Wait()
}

// TestRequestIsNoDetour: who has not passed the second factor can't ask for an
// administrator's approval either.
func TestRequestIsNoDetour(t *testing.T) {
	w := newWorld(t)
	p := read(t, w.enter(directory.ContosoID, w.request("web", webURI, "openid"), "mia@contoso.example").body)
	if got := read(t, w.post(labBase+"/contoso.example/Consent/Request", with(p.fields, "action", "request")).body); got.heading != "Approve sign-in" {
		t.Errorf("after the form: %+v", got)
	}
}

// TestNonceOfAnAssertion: only tokens for Graph are signed over a hash of their
// nonce; a client's assertion with a nonce in its header is signed as it stands.
func TestNonceOfAnAssertion(t *testing.T) {
	w := newWorld(t)
	s, h, c := w.proof("daemon", 0)
	w.succeeds(w.tokens(w.asserted(s.sign(changed(h, "nonce", "abc"), c))))
}
