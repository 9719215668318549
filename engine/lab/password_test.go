package lab

import (
	"net/url"
	"testing"
	"time"

	"flowscope/engine/lab/directory"
)

func (w *world) passwordForm(app, username string, pairs ...string) url.Values {
	u, _ := w.dir.User(username)
	f := url.Values{
		"client_id": {w.app(app).ClientID}, "grant_type": {"password"}, "username": {username}, "password": {u.Password},
		"scope": {"openid profile offline_access " + ordersAs},
	}
	return with(f, pairs...)
}

func TestPasswordGrant(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"openid", "profile", "offline_access"} {
		for _, app := range []string{"cli", "native", "legacy", "web"} {
			w.grant(adaName, app, "graph", name)
			w.grant(adaName, app, "orders-api", "access_as_user")
		}
	}
	for _, c := range []struct{ app, tenant, secret, proof string }{
		{"cli", directory.ContosoID, "", "0"}, {"native", "organizations", "", "0"},
		{"legacy", directory.ContosoID, "", "0"}, {"legacy", directory.ContosoID, w.app("legacy").Secrets[0].Value, "1"},
		{"web", directory.ContosoID, w.app("web").Secrets[0].Value, "1"},
	} {
		r := w.succeeds(w.post(endpoint(c.tenant, "token"), w.passwordForm(c.app, adaName, "client_secret", c.secret)))
		if got := decode(t, r["access_token"].(string)).claims["azpacr"]; got != c.proof || r["refresh_token"] == nil || r["id_token"] == nil {
			t.Errorf("%s: azpacr %v, %v", c.app, got, r)
		}
		// Who proved itself must go on doing so, and nobody else need.
		again := url.Values{"client_id": {w.app(c.app).ClientID}, "grant_type": {"refresh_token"}, "refresh_token": {r["refresh_token"].(string)}}
		a := w.post(endpoint(c.tenant, "token"), again)
		if c.secret == "" {
			w.succeeds(a)
			continue
		}
		w.fails(a, failure{401, "invalid_client", 7000218, "", ""})
	}
}

// TestPasswordErrors is long because it is a table.
func TestPasswordErrors(t *testing.T) {
	const mia, omar, paula, nils, dimitri, noor, rita, pat = "mia@contoso.example", "omar@contoso.example", "paula@contoso.example", "nils@contoso.example",
		"dimitri@contoso.example", "noor@fabrikam.example", "rita@fabrikam.example", "pat@outlook.example"
	bad := func(code int) failure { return failure{400, "invalid_grant", code, "", ""} }
	for _, c := range []struct {
		name, app, user, tenant string
		turn, value             string
		pairs                   []string
		want                    failure
	}{
		{name: "common", app: "native", tenant: "common", want: failure{400, "invalid_request", 9001023, "", ""}},
		{name: "consumers", app: "everyone", tenant: "consumers", user: pat, want: failure{400, "invalid_request", 9001023, "", ""}},
		{name: "web application", app: "web", want: failure{401, "invalid_client", 7000218, "", ""}},
		{name: "page", app: "spa", want: failure{401, "invalid_client", 7000218, "", ""}},
		{name: "no name", pairs: []string{"username", ""}, want: failure{400, "invalid_request", 900144, "", ""}},
		{name: "no password", pairs: []string{"password", ""}, want: failure{400, "invalid_request", 900144, "", ""}},
		{name: "no scope", pairs: []string{"scope", ""}, want: failure{400, "invalid_request", 900144, "", ""}},
		{name: "two APIs", pairs: []string{"scope", ordersAs + " User.Read"}, want: failure{400, "invalid_request", 28000, "", ""}},
		{name: "API unknown", pairs: []string{"scope", "api://nowhere/x", "password", "wrong"}, want: failure{400, "invalid_resource", 500011, "", ""}},
		{name: "nobody", pairs: []string{"username", "nobody@contoso.example"}, want: bad(50034)},
		{name: "personal account", app: "everyone", tenant: "organizations", user: pat, want: bad(50034)},
		{name: "deleted", turn: "account-deleted", value: adaName, want: bad(50034)},
		{name: "wrong password", pairs: []string{"password", "wrong"}, want: bad(50126)},
		{name: "none stored", user: nils, pairs: []string{"password", "x"}, want: bad(50056)},
		{name: "disabled", user: dimitri, want: bad(50057)},
		{name: "disabled now", turn: "account-disabled", value: adaName, want: bad(50057)},
		{name: "expired", user: paula, want: failure{400, "invalid_grant", 50055, "user_password_expired", ""}},
		{name: "no account there", app: "native", user: noor, want: bad(50020)},
		{name: "invitation not redeemed", app: "native", user: rita, want: bad(50014)},
		{name: "consent", app: "native", want: failure{400, "invalid_grant", 65001, "consent_required", ""}},
		{name: "MFA", user: mia, want: failure{400, "invalid_grant", 50076, "basic_action", "capolids"}},
		{name: "MFA to register", user: omar, want: failure{400, "invalid_grant", 50079, "basic_action", "capolids"}},
		{name: "place", turn: "location-blocked", value: "on", want: failure{400, "invalid_grant", 53003, "message_only", ""}},
		{name: "grant blocked", turn: "password-grant-blocked", value: "on", want: failure{400, "invalid_grant", 53003, "message_only", ""}},
		{name: "security defaults", turn: "security-defaults", value: "on", want: failure{400, "access_denied", 530035, "", ""}},
		{name: "claims", pairs: []string{"claims", "1"}, want: failure{400, "invalid_request", 90100, "", ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			app, user, tenant := "cli", adaName, directory.ContosoID
			if c.app != "" {
				app = c.app
			}
			if c.user != "" {
				user = c.user
			}
			if c.tenant != "" {
				tenant = c.tenant
			}
			if c.turn != "" {
				w.turn(c.turn, c.value)
			}
			w.fails(w.post(endpoint(tenant, "token"), w.passwordForm(app, user, c.pairs...)), c.want)
		})
	}
}

func TestPasswordLockout(t *testing.T) {
	w := newWorld(t)
	wrong := w.passwordForm("cli", adaName, "password", "wrong")
	for range 10 {
		w.fails(w.tokens(wrong), failure{400, "invalid_grant", 50126, "", ""})
	}
	w.fails(w.tokens(w.passwordForm("cli", adaName)), failure{400, "invalid_grant", 50053, "", ""})
	w.now = w.now.Add(time.Minute)
	w.succeeds(w.tokens(w.passwordForm("cli", adaName)))
}
