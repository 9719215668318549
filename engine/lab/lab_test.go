package lab

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"flowscope/engine/lab/directory"
)

// TestDependencies keeps the lab apart from what judges its tokens: two
// readings of a standard expose each other's mistakes only when they share
// nothing.
func TestDependencies(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "./...").Output()
	if err != nil {
		t.Skipf("no go command: %v", err)
	}
	for path := range strings.FieldsSeq(string(out)) {
		if strings.HasPrefix(path, "flowscope/") && path != "flowscope/engine/lab" && !strings.HasPrefix(path, "flowscope/engine/lab/") {
			t.Errorf("the lab depends on %s", path)
		}
		if strings.HasPrefix(path, "github.com/charmbracelet/") || strings.HasPrefix(path, "github.com/AzureAD/") {
			t.Errorf("the lab depends on %s: it knows neither a terminal nor a client library", path)
		}
	}
}

func TestDirectoryIsACopy(t *testing.T) {
	l := New(Options{Deterministic: true})
	d := l.Directory()
	d.Apps[0].Secrets[0].Value = "changed"
	d.Apps[0].Platforms[0].RedirectURIs[0] = "changed"
	orders, _ := d.App("orders-api")
	d.Users[0].Roles[orders.ClientID][0] = "changed"
	again := l.Directory()
	if again.Apps[0].Secrets[0].Value == "changed" || again.Apps[0].Platforms[0].RedirectURIs[0] == "changed" || again.Users[0].Roles[orders.ClientID][0] == "changed" {
		t.Error("a change of the copy reached the lab")
	}
}

func TestSeedIsComplete(t *testing.T) {
	d := New(Options{}).Directory()
	seen := map[string]bool{}
	unique := func(id string) {
		t.Helper()
		if !directory.IsGUID(id) || seen[id] {
			t.Errorf("%q is no GUID, or comes twice", id)
		}
		seen[id] = true
	}
	for _, key := range []string{"web", "spa", "native", "daemon", "cli", "orders-api", "inventory-api", "graph"} {
		if _, ok := d.App(key); !ok {
			t.Errorf("no application %q", key)
		}
	}
	keys := map[string]bool{}
	for _, a := range d.Apps {
		if keys[a.Key] || a.Key == "" {
			t.Errorf("the key %q of %s is missing or comes twice", a.Key, a.Name)
		}
		keys[a.Key] = true
		for _, id := range []string{a.ClientID, a.ObjectID, a.ServicePrincipalID} {
			unique(id)
		}
		for _, s := range a.Secrets {
			unique(s.ID)
		}
		for _, s := range a.Scopes {
			unique(s.ID)
		}
		for _, r := range a.AppRoles {
			unique(r.ID)
		}
	}
	for _, u := range d.Users {
		unique(u.ObjectID)
		if own := !u.Guest() && u.GivenName != "Nils"; own != (u.Password != "") || u.About == "" {
			t.Errorf("user %q is not complete", u.Username)
		}
	}
	if first := d.Users[0]; first.Admin || first.Disabled || !strings.HasSuffix(first.Username, "@contoso.example") {
		t.Errorf("the first user is %+v", first)
	}
}

func TestReasonsAreBounded(t *testing.T) {
	w := newWorld(t)
	for range maxReasons + 10 {
		serve(w.lab, http.MethodGet, "/nix/discovery/keys", "", "", "")
	}
	if n := len(w.lab.Reasons()); n != maxReasons {
		t.Errorf("%d reasons are kept", n)
	}
}

// TestDeterministic asks two labs the same and wants the same, ids and
// signatures included.
func TestDeterministic(t *testing.T) {
	run := func() string {
		w := newWorld(t)
		code := w.code("web", webURI, "openid profile offline_access "+ordersAs)
		return code + w.post(endpoint(directory.ContosoID, "token"), w.redemption("web", webURI, code)).body
	}
	if first, second := run(), run(); first != second {
		t.Error("two deterministic labs differ")
	}
}

// TestConcurrency is for the race detector: many browsers, clients and a
// change of consent at once, on keys that are made meanwhile.
func TestConcurrency(t *testing.T) {
	l := New(Options{Clock: time.Now})
	var wg sync.WaitGroup
	wg.Go(l.Warm)
	for i := range 8 {
		wg.Go(func() {
			w := &world{TB: t, lab: l, now: time.Now(), dir: l.Directory()}
			w.newBrowser()
			a := w.walk(w.authorize(directory.ContosoID, w.request("web", webURI, "openid "+ordersAs)), w.dir.Users[i%3].Username)
			form := w.redemption("web", webURI, location(t, a).Query().Get("code"))
			var inner sync.WaitGroup
			won := make(chan int, 4)
			for range cap(won) {
				inner.Go(func() { won <- w.post(endpoint(directory.ContosoID, "token"), form).status })
			}
			inner.Wait()
			close(won)
			good := 0
			for status := range won {
				if status == http.StatusOK {
					good++
				}
			}
			if good > 1 {
				t.Errorf("a code was redeemed %d times", good)
			}
			w.appToken()
			l.RevokeConsent("vera@contoso.example", "web")
			_ = l.Reasons()
		})
	}
	wg.Wait()
}

// TestPagePolicy checks that the policy allows exactly the style and the
// script that the pages hold.
func TestPagePolicy(t *testing.T) {
	w := newWorld(t)
	w.code("spa", spaURI, "openid")
	for name, a := range map[string]answer{
		"sign-in":   w.authorize(directory.ContosoID, w.request("web", webURI, "openid", "prompt", "login")),
		"consent":   w.authorize(directory.ContosoID, w.request("web", webURI, "openid")),
		"failure":   w.authorize("nix", w.request("web", webURI, "openid")),
		"form_post": w.authorize(directory.ContosoID, w.request("spa", spaURI, "openid", "response_mode", "form_post")),
		"notice":    w.get(labBase + "/"),
		"device":    w.get(devicePage),
		"logout":    w.get(endpoint("common", "logout")),
	} {
		policy := a.header.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'; ") || !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("%s: policy %q", name, policy)
		}
		for _, tag := range []string{"style", "script"} {
			_, after, found := strings.Cut(a.body, "<"+tag+">")
			text, _, _ := strings.Cut(after, "</"+tag+">")
			sum := sha256.Sum256([]byte(text))
			allowed := strings.Contains(policy, fmt.Sprintf("%s-src 'sha256-%s'", tag, base64.StdEncoding.EncodeToString(sum[:])))
			if found != allowed || (tag == "script") == found && name != "form_post" {
				t.Errorf("%s: %s there %v, allowed %v", name, tag, found, allowed)
			}
		}
		if p := read(t, a.body); p.title == "" || p.heading == "" {
			t.Errorf("%s: no title or heading", name)
		}
	}
}

func TestNothingElseIsServed(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/contoso.example/oauth2/v2.0/nothing", "/contoso.example", "/favicon.ico", "/orders"} {
		if a := w.get(labBase + path); a.status != http.StatusNotFound {
			t.Errorf("%s: status %d", path, a.status)
		}
	}
}

// TestOutgoingRequests hands over requests as a client makes them, without a
// host or a body of their own, the way a round tripper in the process may.
func TestOutgoingRequests(t *testing.T) {
	w := newWorld(t)
	for method, path := range map[string]string{http.MethodGet: "/contoso.example/discovery/keys", http.MethodPost: "/contoso.example/oauth2/v2.0/token"} {
		r, err := http.NewRequest(method, labBase+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = ""
		rec := &recorder{header: http.Header{}}
		w.lab.ServeHTTP(rec, r)
		if want := map[string]int{http.MethodGet: 200, http.MethodPost: 400}[method]; rec.status != want {
			t.Errorf("%s %s: status %d", method, path, rec.status)
		}
	}
}
