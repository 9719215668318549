package lab

import (
	"strings"

	"flowscope/engine/lab/directory"
)

// requestErrors are those of requests that are wrong as such: addresses,
// methods, documents.
func requestErrors() []failing {
	get := func(path string) func(*world) answer {
		return func(w *world) answer { return w.get(labBase + path) }
	}
	return []failing{
		{code: 90002, where: inJSON, oauth: "invalid_tenant", do: get("/" + unknownID + "/v2.0/.well-known/openid-configuration")},
		{code: 900023, where: inJSON, oauth: "invalid_request", do: get("/no!tenant/discovery/v2.0/keys")},
		{code: 900561, where: inJSON, oauth: "invalid_request", do: get("/" + directory.ContosoID + "/oauth2/v2.0/token")},
		{code: 50049, where: inJSON, oauth: "invalid_instance", do: get("/common/discovery/instance?api-version=1.1&authorization_endpoint=https%3A%2F%2Fevil.example%2Fcommon%2Foauth2%2Fv2.0%2Fauthorize")},
		{code: 50050, where: inJSON, oauth: "invalid_request", do: get("/common/discovery/instance?api-version=1.1&authorization_endpoint=common")},
		{code: 5000225, where: inJSON, oauth: "invalid_tenant", do: sent(daemonForm(), directory.DormantID)},
	}
}

// frontErrors are those of the authorization request that need nobody signed
// in: a page while client and redirect URI are in doubt, a redirect after that.
func frontErrors() []failing {
	at := askedAt
	return []failing{
		{code: 90002, where: onPage, do: at(unknownID, "web", webURI)},
		{code: 900023, where: onPage, do: at("nix", "web", webURI)},
		{code: 5000225, where: onPage, do: at(directory.DormantID, "native", "http://localhost")},
		{code: 900144, where: onPage, do: asked("client_id", "")},
		{code: 700016, where: onPage, do: asked("client_id", unknownID)},
		{code: 700038, where: onPage, do: asked("client_id", "00000000-0000-0000-0000-000000000000")},
		{code: 7000112, where: onPage, do: at(directory.ContosoID, "retired", "http://localhost:3000/retired")},
		{code: 50011, where: onPage, do: asked("redirect_uri", "https://evil.example/cb")},
		{code: 500113, where: onPage, do: at(directory.ContosoID, "daemon", "http://localhost")},
		{code: 900971, where: onPage, do: asked("redirect_uri", "")},
		{code: 500117, where: onPage, do: asked("redirect_uri", "http://app.contoso.example/auth/callback")},
		{code: 500111, where: onPage, do: asked("redirect_uri", "javascript:alert(1)")},
		{code: 90102, where: onPage, do: asked("redirect_uri", "auth/callback")},
		{code: 50194, where: onPage, do: at("common", "web", webURI)},
		{code: 9002332, where: onPage, do: at("consumers", "web", webURI)},
		{code: 90015, where: onPage, do: asked("x", strings.Repeat("y", maxQuery))},
		{code: 9002313, where: onPage, do: func(w *world) answer {
			q := w.request("web", webURI, "openid")
			q.Add("state", "twice")
			return w.authorize(directory.ContosoID, q)
		}},
		{code: 70005, where: inRedirect, oauth: "unsupported_response_type", do: asked("response_type", "magic")},
		{code: 700051, where: inRedirect, oauth: "unsupported_response_type", do: asked("response_type", "id_token token")},
		{code: 700054, where: inRedirect, oauth: "unsupported_response_type", do: asked("response_type", "code id_token")},
		{code: 70007, where: inRedirect, oauth: "invalid_request", do: asked("response_mode", "smoke")},
		{code: 70011, where: inRedirect, oauth: "invalid_scope", do: asked("scope", `a\b`)},
		{code: 700022, where: inRedirect, oauth: "invalid_scope", do: asked("scope", ordersAs+" User.Read")},
		{code: 901002, where: inRedirect, oauth: "invalid_request", do: asked("resource", "x")},
		{code: 90023, where: inRedirect, oauth: "invalid_request", do: asked("prompt", "now")},
		{code: 90100, where: inRedirect, oauth: "invalid_request", do: asked("claims", "{not json")},
		{code: 501491, where: inRedirect, oauth: "invalid_request", do: asked("code_challenge", "abc")},
		{code: 50147, where: inRedirect, oauth: "invalid_request", do: asked("code_challenge", "")},
		{code: 50149, where: inRedirect, oauth: "invalid_request", do: asked("code_challenge_method", "S512")},
		{code: 50058, where: inRedirect, oauth: "login_required", do: asked("prompt", "none")},
	}
}

// tokenErrors are the faulty token requests of TestTokenErrors, which looks at
// the whole shape of each answer.
func tokenErrors() []failing {
	var all []failing
	for _, c := range tokenCases() {
		suberror := ""
		if c.code == 65001 {
			suberror = "consent_required"
		}
		all = append(all, failing{code: c.code, where: inJSON, oauth: c.oauth, status: c.status, suberror: suberror, do: func(w *world) answer {
			tenant := c.tenant
			if tenant == "" {
				tenant = directory.ContosoID
			}
			return w.post(endpoint(tenant, "token"), c.form(w), c.headers...)
		}})
	}
	return all
}
