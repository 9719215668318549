package lab

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"flowscope/engine/lab/directory"
)

// TestCrowd is for the race detector, and for the line between people: many
// clients run every grant at once while keys roll over and someone else's
// sessions are revoked. Nobody ever gets what is another person's.
func TestCrowd(t *testing.T) {
	l := New(Options{Clock: time.Now})
	l.Warm()
	people := []string{adaName, "vera@contoso.example", "mia@contoso.example", "gina@fabrikam.example", "ben@contoso.example", "grace@contoso.example"}
	stop := make(chan struct{})
	var switching, crowd sync.WaitGroup
	switching.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			value := []string{"on", "off"}[i%2]
			for _, id := range []string{"key-rollover", "api-cors-off", "stale-discovery"} {
				if err := l.Switch(id, value); err != nil {
					t.Error(err)
				}
			}
			if err := l.Switch("sessions-revoked", "paula@contoso.example"); err != nil {
				t.Error(err)
			}
			l.Conditions()
		}
	})
	for _, name := range people {
		crowd.Go(func() {
			w := &world{TB: t, lab: l, now: time.Now(), dir: l.Directory()}
			for range 3 {
				w.newBrowser()
				w.everyGrant(name)
			}
		})
	}
	crowd.Wait()
	close(stop)
	switching.Wait()
}

// everyGrant runs all grants for one person and calls APIs with what it got.
func (w *world) everyGrant(username string) {
	w.Helper()
	u, _ := w.dir.Account(username)
	u, _ = w.dir.In(directory.ContosoID, u)
	mine := func(token any) string {
		w.Helper()
		text, _ := token.(string)
		if c := decode(w, text).claims; c["oid"] != u.ObjectID || c["tid"] != directory.ContosoID {
			w.Errorf("%s got a token of %v in %v", username, c["oid"], c["tid"])
		}
		return text
	}
	a := w.walk(w.authorize(directory.ContosoID, w.request("web", webURI, "openid profile offline_access api://orders.contoso.example/.default", "prompt", "consent")), username)
	r := w.succeeds(w.tokens(w.redemption("web", webURI, location(w, a).Query().Get("code"))))
	token := mine(r["access_token"])
	again := url.Values{"client_id": {w.app("web").ClientID}, "client_secret": {w.app("web").Secrets[0].Value}, "grant_type": {"refresh_token"}, "refresh_token": {r["refresh_token"].(string)}}
	mine(w.succeeds(w.tokens(again))["access_token"])

	title := "task of " + username
	if got := w.call(http.MethodPost, labBase+"/orders/tasks", token, `{"title":"`+title+`"}`, "Content-Type", "application/json"); got.status != http.StatusCreated {
		w.Errorf("a task of %s: %d %s", username, got.status, got.body)
	}
	list := w.call(http.MethodGet, labBase+"/orders/tasks", token, "").body
	if n := strings.Count(list, "task of "); n == 0 || n != strings.Count(list, title) {
		w.Errorf("%s sees %s", username, list)
	}

	mine(w.succeeds(w.tokens(w.exchange("orders-api", token)))["access_token"])

	poll, asked := w.deviceForm("cli"), ""
	d, _ := object(w, w.post(endpoint(directory.ContosoID, "devicecode"), poll).body)
	asked, _ = d["user_code"].(string)
	p := read(w, w.typed(asked, username).body)
	w.post(labBase+p.action, with(p.fields, "action", "continue"))
	mine(w.succeeds(w.tokens(url.Values{"client_id": {w.app("cli").ClientID}, "grant_type": {deviceGrant}, "device_code": {d["device_code"].(string)}}))["access_token"])

	s, h, c := w.proof("daemon", 0)
	w.succeeds(w.tokens(w.asserted(s.sign(h, c))))
	w.get(labBase + "/" + directory.ContosoID + "/discovery/v2.0/keys")
	if u.Factor == "" && !u.Guest() {
		mine(w.succeeds(w.tokens(w.passwordForm("cli", username)))["access_token"])
	}
}
