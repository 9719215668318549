package lab

import (
	"net/http"
	"net/url"
	"time"

	"flowscope/engine/lab/directory"
)

const mfaClaims = `{"access_token":{"acrs":{"essential":true,"value":"c1"}}}`

// entered signs someone in at the web app's request, up to what comes after
// the password.
func entered(username string, pairs ...string) func(*world) answer {
	return func(w *world) answer {
		return w.enter(directory.ContosoID, w.request("web", webURI, "openid "+ordersAs, pairs...), username)
	}
}

// answered goes on from a page by its form.
func answered(page func(*world) answer, pairs ...string) func(*world) answer {
	return func(w *world) answer {
		p := read(w, page(w).body)
		return w.post(labBase+p.action, with(p.fields, pairs...))
	}
}

// quietly signs someone in and asks again with prompt=none. between may change
// the world.
func quietly(username string, between func(*world), pairs ...string) func(*world) answer {
	return func(w *world) answer {
		w.enter(directory.ContosoID, w.request("web", webURI, "openid"), username)
		if between != nil {
			between(w)
		}
		return w.authorize(directory.ContosoID, w.request("web", webURI, "openid "+ordersAs, append([]string{"prompt", "none"}, pairs...)...))
	}
}

func turned(id, value string) func(*world) { return func(w *world) { w.turn(id, value) } }

// accepted signs ada in and accepts the consent.
func accepted(w *world) { w.code("web", webURI, "openid offline_access "+ordersAs) }

// pageErrors are those that someone meets who signs in, and what prompt=none
// makes of them.
//
// It is long because it is a table.
func pageErrors() []failing {
	retyped := func(fresh string, current string) func(*world) answer {
		return answered(entered("paula@contoso.example"), "current", current, "new", fresh, "again", fresh, "action", "change")
	}
	const old = "Rusty-Compass-26"
	picked := func(between func(*world)) func(*world) answer {
		return func(w *world) answer {
			w.walk(w.enter("organizations", w.request("native", nativeURI, "openid"), "noor@fabrikam.example"), "noor@fabrikam.example")
			p := read(w, asked()(w).body)
			between(w)
			return w.post(labBase+p.action, with(p.fields, "account", p.accounts["noor@fabrikam.example"]))
		}
	}
	administered := func(path, app, uri, username string) func(*world) answer {
		return func(w *world) answer {
			a := w.adminConsent(path, app, uri, "scope", graphDefault)
			if username == "" {
				return a
			}
			u, _ := w.dir.Account(username)
			p := read(w, a.body)
			return w.post(labBase+p.action, with(p.fields, "username", username, "password", u.Password, "action", "signin"))
		}
	}
	return []failing{
		{code: 16003, where: onPage, do: picked(func(*world) {})},
		{code: 16001, where: onPage, do: picked(func(w *world) { w.get(endpoint(directory.ContosoID, "logout")) })},
		{code: 90093, where: onPage, do: administered("contoso.example/v2.0/adminconsent", "partner", webURI, adaName)},
		{code: 90130, where: onPage, do: administered("common/v2.0/adminconsent", "partner", webURI, "")},
		{code: 50034, where: onPage, do: answered(asked(), "username", "nobody@contoso.example", "password", "x", "action", "signin")},
		{code: 50126, where: onPage, do: answered(asked(), "username", adaName, "password", "wrong", "action", "signin")},
		{code: 50056, where: onPage, do: answered(asked(), "username", "nils@contoso.example", "password", "x", "action", "signin")},
		{code: 50057, where: onPage, do: entered("dimitri@contoso.example")},
		{code: 50053, where: onPage, do: func(w *world) answer {
			for range 10 {
				answered(asked(), "username", adaName, "password", "wrong", "action", "signin")(w)
			}
			return entered(adaName)(w)
		}},
		{code: 50055, where: onPage, do: entered("paula@contoso.example")},
		{code: 120000, where: onPage, do: retyped("Brave-Teapot-77", "wrong")},
		{code: 120002, where: onPage, do: retyped("short", old)},
		{code: 120003, where: onPage, do: retyped("Brave-Winter-77", old)},
		{code: 120018, where: onPage, do: retyped("My-Password-77", old)},
		{code: 50074, where: onPage, do: answered(entered("mia@contoso.example"), "action", "deny")},
		{code: 53003, where: onPage, do: entered("boris@contoso.example")},
		{code: 53000, where: onPage, do: switched("device-required", "on", entered(adaName))},
		{code: 50020, where: onPage, do: entered("noor@fabrikam.example")},
		{code: 50014, where: onPage, do: entered("rita@fabrikam.example")},
		{code: 50105, where: onPage, do: func(w *world) answer {
			return w.enter(directory.ContosoID, w.request("payroll", "http://localhost:3000/payroll", "openid"), adaName)
		}},
		{code: 90094, where: onPage, do: switched("user-consent-off", "on", entered(adaName))},
		{code: 90095, where: onPage, do: func(w *world) answer {
			w.turn("consent-requests", "on")
			return switched("user-consent-off", "on", entered(adaName))(w)
		}},
		{code: 65004, where: inRedirect, oauth: "access_denied", do: answered(entered(adaName), "action", "cancel")},
		{code: 500011, where: inRedirect, oauth: "invalid_resource", do: entered(adaName, "scope", "api://nowhere/x")},
		{code: 500014, where: inRedirect, oauth: "invalid_resource", do: entered(adaName, "scope", "api://archive.contoso.example/archive.read")},
		{code: 650053, where: inRedirect, oauth: "invalid_client", do: entered(adaName, "scope", "api://orders.contoso.example/Eat")},
		{code: 650057, where: inRedirect, oauth: "invalid_resource", do: entered(adaName, "scope", "api://vault.contoso.example/.default")},
		{code: 50089, where: onPage, do: func(w *world) answer {
			p := read(w, asked()(w).body)
			w.now = w.now.Add(time.Hour)
			return w.post(labBase+p.action, p.fields)
		}},
		{code: 90013, where: onPage, do: func(w *world) answer {
			p := read(w, asked()(w).body)
			w.newBrowser()
			return w.post(labBase+p.action, p.fields)
		}},
		{code: 500021, where: onPage, do: func(w *world) answer {
			r, err := http.NewRequest(http.MethodGet, endpoint(directory.ContosoID, "authorize")+"?"+w.request("web", webURI, "openid").Encode(), nil)
			if err != nil {
				w.Fatal(err)
			}
			r.Header.Set("Restrict-Access-To-Tenants", "fabrikam.example")
			return w.do(r)
		}},
		{code: 65001, where: inRedirect, oauth: "consent_required", suberror: "consent_required", do: quietly(adaName, nil)},
		{code: 50076, where: inRedirect, oauth: "interaction_required", suberror: "basic_action", claims: true, do: quietly(adaName, accepted, "claims", mfaClaims)},
		{code: 50079, where: inRedirect, oauth: "interaction_required", suberror: "basic_action", claims: true, do: quietly("omar@contoso.example", nil)},
		{code: 53003, where: inRedirect, oauth: "interaction_required", suberror: "message_only", do: quietly(adaName, turned("location-blocked", "on"))},
		{code: 70044, where: inRedirect, oauth: "interaction_required", do: quietly(adaName, func(w *world) {
			w.turn("sign-in-frequency", "1h")
			w.now = w.now.Add(2 * time.Hour)
		})},
		{code: 160021, where: inRedirect, oauth: "interaction_required", do: quietly(adaName, nil, "sid", unknownID)},
		{code: 16000, where: inRedirect, oauth: "interaction_required", do: quietly(adaName, func(w *world) {
			w.enter(directory.ContosoID, w.request("web", webURI, "openid"), "grace@contoso.example")
		})},
	}
}

// deviceAsked asks for a device code as the command line does.
func deviceAsked(w *world) (code, userCode string) {
	w.Helper()
	r, _ := object(w, w.post(endpoint(directory.ContosoID, "devicecode"), w.deviceForm("cli")).body)
	return r["device_code"].(string), r["user_code"].(string)
}

// polled asks for a device code, lets something happen, and polls.
func polled(between func(w *world, userCode string)) func(*world) answer {
	return func(w *world) answer {
		code, userCode := deviceAsked(w)
		if between != nil {
			between(w, userCode)
		}
		return w.tokens(url.Values{"client_id": {w.app("cli").ClientID}, "grant_type": {deviceGrant}, "device_code": {code}})
	}
}

// approved answers the device page to its end, "continue" or "cancel".
func approved(action string) func(*world, string) {
	return func(w *world, userCode string) {
		p := read(w, w.typed(userCode, adaName).body)
		w.post(labBase+p.action, with(p.fields, "action", action))
	}
}
