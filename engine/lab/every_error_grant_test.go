package lab

import (
	"encoding/base64"
	"net/url"
	"strings"
	"time"

	"flowscope/engine/lab/directory"
)

// certified sends a client assertion of the daemon, changed as said.
func certified(cert int, header []any, claims []any) func(*world) answer {
	return func(w *world) answer {
		s, h, c := w.proof("daemon", cert)
		changed(h, "x5t#S256", s.x5t256())
		return w.tokens(w.asserted(s.sign(changed(h, header...), changed(c, claims...))))
	}
}

// federated sends a token of the second issuer as assertion of the workload.
func federated(claims ...any) func(*world) answer {
	return func(w *world) answer {
		s, h, c := w.identity()
		return w.tokens(w.asserted(s.sign(h, changed(c, claims...)), "client_id", w.app("workload").ClientID))
	}
}

// assertionErrors are those of clients that prove themselves by a signed
// assertion.
func assertionErrors() []failing {
	bad := func(code int, do func(*world) answer) failing {
		return failing{code: code, where: inJSON, oauth: "invalid_client", status: 401, do: do}
	}
	own := func(pairs ...any) func(*world) answer {
		return func(w *world) answer {
			key := w.lab.keys.Signing(directory.ContosoID)
			f := w.app("workload").FederatedCredentials[1]
			c := map[string]any{"iss": f.IssuerAt(labBase), "sub": f.Subject, "oid": f.Subject, "aud": f.Audience, "nbf": w.now.Unix(), "exp": w.now.Add(time.Hour).Unix()}
			s := signer{w, key.Private, key.Cert}
			return w.tokens(w.asserted(s.sign(map[string]any{"typ": "JWT", "alg": "RS256", "kid": key.ID}, changed(c, pairs...)), "client_id", w.app("workload").ClientID))
		}
	}
	return []failing{
		bad(50027, func(w *world) answer { return w.tokens(w.asserted("abc")) }),
		bad(700027, func(w *world) answer {
			s, h, c := w.proof("daemon", 0)
			return w.tokens(w.asserted(tampered(s.sign(h, c))))
		}),
		bad(1000502, certified(1, nil, nil)),
		bad(50048, certified(0, nil, []any{"sub", unknownID})),
		bad(700021, func(w *world) answer {
			s, h, c := w.proof("daemon", 0)
			return w.tokens(w.asserted(s.sign(h, changed(c, "iss", unknownID, "sub", unknownID))))
		}),
		bad(5002730, certified(0, nil, []any{"aud", "https://elsewhere.example/token"})),
		bad(5002741, certified(0, nil, []any{"aud", []string{endpoint(directory.ContosoID, "token"), "x"}})),
		bad(700024, certified(0, nil, []any{"exp", 1772618399})),
		bad(50012, func(w *world) answer {
			s, h, c := w.identity()
			return w.tokens(w.asserted(tampered(s.sign(h, c)), "client_id", w.app("workload").ClientID))
		}),
		{code: 70021, where: inJSON, oauth: "invalid_request", do: func(w *world) answer {
			s, h, c := w.identity()
			return w.tokens(w.asserted(s.sign(h, c)))
		}},
		bad(700211, federated("iss", labBase+"/Federation")),
		bad(700212, federated("aud", "api://azureadtokenexchange")),
		bad(700213, federated("sub", "repo:contoso/orders:ref:refs/heads/dev")),
		bad(7002138, federated("sub", "repo:Contoso/orders:ref:refs/heads/main")),
		bad(500181, federated("aud", []string{"api://AzureADTokenExchange", "x"})),
		bad(7002137, own("sub", unknownID)),
		bad(700229, own("scp", "user_impersonation")),
		{code: 7000110, where: inJSON, oauth: "invalid_request", do: func(w *world) answer {
			return w.tokens(daemonForm()(w), "Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(w.app("web").ClientID+":x")))
		}},
	}
}

// called is a token for Orders API of someone who signed in by the pages.
func called(w *world, scope string) string {
	w.Helper()
	code := w.code("web", webURI, scope)
	return w.succeeds(w.tokens(w.redemption("web", webURI, code)))["access_token"].(string)
}

// exchanged sends a token on behalf of its person.
func exchanged(token func(*world) string, pairs ...string) func(*world) answer {
	return func(w *world) answer { return w.tokens(w.exchange("orders-api", token(w), pairs...)) }
}

// exchangeErrors are those of the grants that bring something: device codes
// and tokens on behalf of a person.
func exchangeErrors() []failing {
	bad := func(code int, do func(*world) answer) failing {
		return failing{code: code, where: inJSON, oauth: "invalid_grant", do: do}
	}
	good := func(w *world) string { return called(w, "openid "+ordersAs) }
	return []failing{
		{code: 70016, where: inJSON, oauth: "authorization_pending", do: polled(nil)},
		{code: 65004, where: inJSON, oauth: "authorization_declined", do: polled(approved("cancel"))},
		{code: 70018, where: inJSON, oauth: "bad_verification_code", do: func(w *world) answer {
			return w.tokens(url.Values{"client_id": {w.app("cli").ClientID}, "grant_type": {"device_code"}, "device_code": {"x"}})
		}},
		{code: 70019, where: inJSON, oauth: "expired_token", do: polled(func(w *world, _ string) { w.now = w.now.Add(15 * time.Minute) })},
		{code: 70020, where: inJSON, oauth: "expired_token", do: func(w *world) answer {
			code, userCode := deviceAsked(w)
			approved("continue")(w, userCode)
			form := url.Values{"client_id": {w.app("cli").ClientID}, "grant_type": {deviceGrant}, "device_code": {code}}
			w.succeeds(w.tokens(form))
			return w.tokens(form)
		}},
		{code: 90119, where: onPage, do: func(w *world) answer { return w.post(devicePage, url.Values{"user_code": {" "}}) }},
		{code: 90120, where: onPage, do: func(w *world) answer {
			_, userCode := deviceAsked(w)
			approved("continue")(w, userCode)
			return w.post(devicePage, url.Values{"user_code": {userCode}})
		}},
		bad(50013, exchanged(func(w *world) string { return tampered(good(w)) })),
		bad(500131, exchanged(func(w *world) string { return called(w, "openid api://inventory.contoso.example/stock.read") })),
		bad(500133, func(w *world) answer {
			token := good(w)
			w.now = w.now.Add(2 * time.Hour)
			return w.tokens(w.exchange("orders-api", token))
		}),
		bad(240002, exchanged(func(w *world) string {
			return w.succeeds(w.tokens(w.redemption("web", webURI, w.code("web", webURI, "openid "+ordersAs))))["id_token"].(string)
		})),
		bad(7000113, exchanged(func(w *world) string { return w.appToken() })),
		{code: 50146, where: inJSON, oauth: "invalid_request", do: func(w *world) answer {
			return w.tokens(w.exchange("badges-api", called(w, "openid api://badges.contoso.example/badges.read")))
		}},
		{code: 28003, where: inJSON, oauth: "invalid_request", do: func(w *world) answer { return w.tokens(w.codeV1("")) }},
		{code: 500201, where: inJSON, oauth: "invalid_request", do: func(w *world) answer {
			a := w.walk(w.authorize("common", w.request("everyone", nativeURI, "openid offline_access User.Read")), "pat@outlook.example")
			form := w.redemption("everyone", nativeURI, location(w, a).Query().Get("code"))
			r := w.succeeds(w.post(endpoint("common", "token"), form))
			return w.post(endpointV1("common", "token"), url.Values{
				"client_id": form["client_id"], "grant_type": {"refresh_token"}, "refresh_token": {r["refresh_token"].(string)}, "resource": {directory.GraphURI},
			})
		}},
		bad(50027, exchanged(func(*world) string { return strings.Repeat("x", 20) })),
		{code: 90010, where: inJSON, oauth: "invalid_request", do: exchanged(good, "requested_token_type", "urn:ietf:params:oauth:token-type:saml2")},
	}
}

// refreshed signs ada in by the pages, lets something happen, and refreshes.
func refreshed(between func(*world), pairs ...string) func(*world) answer {
	return func(w *world) answer {
		code := w.code("web", webURI, "openid offline_access "+ordersAs)
		form := w.refreshed(w.redemption("web", webURI, code))
		w.now = w.now.Add(2 * time.Hour)
		if between != nil {
			between(w)
		}
		return w.tokens(with(form, pairs...))
	}
}

// policyErrors are those of accounts, policies and troubles of the service.
func policyErrors() []failing {
	bad := func(code int, do func(*world) answer) failing {
		return failing{code: code, where: inJSON, oauth: "invalid_grant", do: do}
	}
	typed := func(user string, pairs ...string) func(*world) answer {
		return func(w *world) answer { return w.tokens(w.passwordForm("cli", user, pairs...)) }
	}
	return []failing{
		bad(50173, refreshed(turned("sessions-revoked", adaName))),
		bad(50057, refreshed(turned("account-disabled", adaName))),
		bad(500341, refreshed(turned("account-deleted", adaName))),
		{code: 70043, where: inJSON, oauth: "invalid_grant", suberror: "bad_token", do: refreshed(turned("sign-in-frequency", "1h"))},
		{code: 50076, where: inJSON, oauth: "invalid_grant", suberror: "basic_action", claims: true, do: refreshed(turned("mfa-required", "on"))},
		{code: 53000, where: inJSON, oauth: "invalid_grant", suberror: "additional_action", claims: true, do: refreshed(turned("device-required", "on"))},
		{code: 53003, where: inJSON, oauth: "invalid_grant", suberror: "message_only", do: refreshed(turned("location-blocked", "on"))},
		{code: 7000222, where: inJSON, oauth: "invalid_client", status: 401, do: refreshed(turned("secret-expired", "web"))},
		{code: 7000112, where: inJSON, oauth: "unauthorized_client", do: refreshed(turned("app-disabled", "web"))},
		{code: 500014, where: inJSON, oauth: "invalid_resource", do: refreshed(turned("app-disabled", "orders-api"))},
		bad(530036, func(w *world) answer {
			code, userCode := deviceAsked(w)
			approved("continue")(w, userCode)
			r := w.succeeds(w.tokens(url.Values{"client_id": {w.app("cli").ClientID}, "grant_type": {deviceGrant}, "device_code": {code}}))
			w.turn("device-code-blocked", "on")
			return w.tokens(url.Values{"client_id": {w.app("cli").ClientID}, "grant_type": {"refresh_token"}, "refresh_token": {r["refresh_token"].(string)}})
		}),
		{code: 700082, where: inJSON, oauth: "invalid_grant", suberror: "bad_token", do: refreshed(func(w *world) { w.now = w.now.Add(90 * 24 * time.Hour) })},
		bad(700084, func(w *world) answer {
			code := w.code("spa", spaURI, "openid offline_access "+ordersAs)
			r := w.succeeds(w.tokens(w.redemption("spa", spaURI, code), "Origin", spaURI))
			w.now = w.now.Add(24 * time.Hour)
			return w.tokens(url.Values{"client_id": {w.app("spa").ClientID}, "grant_type": {"refresh_token"}, "refresh_token": {r["refresh_token"].(string)}}, "Origin", spaURI)
		}),
		bad(50034, typed("nobody@contoso.example", "password", "x")),
		bad(50126, typed(adaName, "password", "wrong")),
		{code: 50055, where: inJSON, oauth: "invalid_grant", suberror: "user_password_expired", do: typed("paula@contoso.example")},
		{code: 50079, where: inJSON, oauth: "invalid_grant", suberror: "basic_action", claims: true, do: typed("omar@contoso.example")},
		{code: 530035, where: inJSON, oauth: "access_denied", do: switched("security-defaults", "on", typed(adaName))},
		{code: 501051, where: inJSON, oauth: "invalid_grant", do: sent(daemonForm("scope", "api://reports.contoso.example/.default"))},
		{code: 90027, where: inJSON, oauth: "invalid_request", do: func(w *world) answer {
			return w.post(endpointV1("consumers", "token"), url.Values{"client_id": {w.app("everyone").ClientID}, "grant_type": {"refresh_token"}})
		}},
		bad(50196, func(w *world) answer {
			form := daemonForm("client_secret", "wrong")(w)
			for range 20 {
				w.tokens(form)
			}
			return w.tokens(form)
		}),
		{code: 90055, where: inJSON, oauth: "temporarily_unavailable", status: 429, do: switched("throttled", "3s", sent(daemonForm()))},
		{code: 90033, where: inJSON, oauth: "temporarily_unavailable", status: 503, do: switched("outage", "on", sent(daemonForm()))},
	}
}
