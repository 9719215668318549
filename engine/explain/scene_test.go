package explain

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"flowscope/decision"
	"flowscope/engine/trace"
)

// Secrets that are planted in every trace and must never come out.
const (
	plantedSecret   = "planted-secret-Xq81vTz"
	plantedVerifier = "planted-verifier-0123456789-0123456789-0123456789"
	plantedCode     = "0.planted-code-AbCdEf"
	plantedState    = "planted-state-77xyz"
	plantedNonce    = "planted-nonce-88abc"
	webAppID        = "899990f6-2476-4365-85b4-827f8587cb91"
	tenantID        = "c0f75a3e-4a12-4f0e-9d0c-3a700c302009"
	ordersID        = "f4f9cdd6-0c3f-428f-94f5-b424da1d3acb"
	ordersURI       = "api://orders.contoso.example"
	host            = "https://login.lab.example/" + tenantID
	callback        = "http://localhost:3000/auth/callback"
	otherCallback   = "https://app.contoso.example/auth/callback"
	secretID        = "c707c588-2988-4a65-8655-91b49faff115"
)

var started = time.Date(2026, 11, 20, 10, 2, 11, 0, time.UTC)

func registration() *trace.Registration {
	return &trace.Registration{
		Known: true, Key: "web", Name: "Contoso Orders Web", ClientID: webAppID, TenantID: tenantID, TenantName: "Contoso",
		Platforms: []trace.Platform{{Type: "web", RedirectURIs: []string{callback, otherCallback}}},
		Secrets: []trace.Credential{
			{ID: secretID, Hint: "pla", Expires: time.Date(2099, 12, 31, 0, 0, 0, 0, time.UTC)},
			{ID: "ecc62363-db5b-4889-9679-0b44efecfb34", Hint: "old", Expires: time.Date(2020, 12, 31, 0, 0, 0, 0, time.UTC)},
		},
		Permissions: []string{ordersURI + "/access_as_user", ordersURI + "/Orders.Read"},
		Resources: []trace.Resource{
			{Name: "Orders API", ClientID: ordersID, URI: ordersURI, Scopes: []string{"access_as_user", "Orders.Read"}, Version: "2.0"},
		},
	}
}

// edit changes parameters of a request: a value sets, "-" drops.
type edit map[string]string

func (e edit) over(params []trace.Param) []trace.Param {
	var out []trace.Param
	seen := map[string]bool{}
	for _, p := range params {
		v, changed := e[p.Name]
		seen[p.Name] = true
		switch {
		case changed && v == "-":
			continue
		case changed:
			p.Value = v
		}
		out = append(out, p)
	}
	for name, v := range e {
		if !seen[name] && v != "-" {
			out = append(out, trace.Param{Name: name, Value: v})
		}
	}
	return out
}

func authorizeRequest(e edit) trace.Request {
	r := trace.Request{Method: http.MethodGet, URL: host + "/oauth2/v2.0/authorize", Header: http.Header{}}
	return r.WithQuery(e.over([]trace.Param{
		{Name: "client_id", Value: webAppID}, {Name: "response_type", Value: "code"}, {Name: "redirect_uri", Value: callback},
		{Name: "response_mode", Value: "query"}, {Name: "scope", Value: "openid profile " + ordersURI + "/access_as_user"},
		{Name: "state", Value: plantedState}, {Name: "nonce", Value: plantedNonce},
		{Name: "code_challenge", Value: s256(plantedVerifier)}, {Name: "code_challenge_method", Value: "S256"},
	}))
}

func tokenRequest(e edit) trace.Request {
	r := trace.Request{Method: http.MethodPost, URL: host + "/oauth2/v2.0/token", Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}}
	return r.WithForm(e.over([]trace.Param{
		{Name: "grant_type", Value: "authorization_code"}, {Name: "client_id", Value: webAppID}, {Name: "client_secret", Value: plantedSecret},
		{Name: "code", Value: plantedCode}, {Name: "code_verifier", Value: plantedVerifier}, {Name: "redirect_uri", Value: callback},
		{Name: "scope", Value: "openid profile " + ordersURI + "/access_as_user"},
	}))
}

func authorize(now, before edit) trace.Exchange {
	e := trace.Exchange{Step: 2, Purpose: trace.Authorize, Channel: trace.Front, Request: authorizeRequest(now)}
	if before != nil {
		o := authorizeRequest(before)
		e.Original, e.Changes = &o, []string{"changed"}
	}
	return e
}

func token(now, before edit) trace.Exchange {
	e := trace.Exchange{Step: 5, Purpose: trace.TokenCall, Channel: trace.Back, Request: tokenRequest(now)}
	if before != nil {
		o := tokenRequest(before)
		e.Original, e.Changes = &o, []string{"changed"}
	}
	return e
}

// with sets a header on the request as sent, or on the original.
func with(e trace.Exchange, name, now, before string) trace.Exchange {
	o := e.Request.Clone()
	if now != "" {
		e.Request = e.Request.WithHeader(name, now, false)
	}
	if before != "" {
		o = o.WithHeader(name, before, false)
	}
	if now != before {
		e.Original = &o
	}
	return e
}

const trailers = " Trace ID: 5c1e0d52-77a1-4c32-9f3a-1b2c3d4e9d00 Correlation ID: 0b7a2f0e-1111-4222-8333-44445555aaee Timestamp: 2026-11-20 10:02:11Z"

func page(code int) *trace.Response {
	return &trace.Response{Status: 200, Header: http.Header{"Content-Type": {"text/html"}}, Body: []byte(fmt.Sprintf(
		`<html><head><title>Sign in</title></head><body><h1>Sorry</h1><pre class="details">AADSTS%d: The words &amp; more.%s</pre></body></html>`, code, trailers))}
}

func failure(status, code int, oauth string, extra ...string) *trace.Response {
	body := map[string]any{
		"error": oauth, "error_description": fmt.Sprintf("AADSTS%d: The server's words.%s", code, trailers), "error_codes": []int{code},
		"timestamp": "2026-11-20 10:02:11Z", "trace_id": "5c1e0d52-77a1-4c32-9f3a-1b2c3d4e9d00", "correlation_id": "0b7a2f0e-1111-4222-8333-44445555aaee",
	}
	for i := 0; i+1 < len(extra); i += 2 {
		body[extra[i]] = extra[i+1]
	}
	raw, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return &trace.Response{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: raw}
}

func answered(e trace.Exchange, r *trace.Response) trace.Exchange {
	e.Response, e.Started = r, started
	return e
}

// backWith is a redirect that carries an error.
func backWith(code int, oauth string) trace.Exchange {
	r := trace.Request{Method: http.MethodGet, URL: callback, Header: http.Header{}}
	params := []trace.Param{{Name: "error", Value: oauth}, {Name: "state", Value: plantedState}}
	if code > 0 {
		params = append(params, trace.Param{Name: "error_description", Value: fmt.Sprintf("AADSTS%d: No.%s", code, trailers)})
	}
	return trace.Exchange{Step: 4, Purpose: trace.Redirect, Channel: trace.Front, Request: r.WithQuery(params), Response: &trace.Response{Status: 400}}
}

func traceOf(as string, exchanges ...trace.Exchange) *trace.Trace {
	t := &trace.Trace{Flow: decision.AuthorizationCode, As: as, Target: "lab", Outcome: trace.Failed, Failure: "failed", Registration: registration()}
	if as == "daemon" {
		t.Flow = decision.ClientCredentials
	}
	switch as {
	case "spa":
		t.Registration.Public, t.Registration.Platforms[0].Type = true, "spa"
	case "native":
		t.Registration.Public, t.Registration.Platforms[0].Type = true, "publicClient"
	}
	for i := range exchanges {
		exchanges[i].N = i + 1
	}
	t.Exchanges = exchanges
	return t
}

func jwt(claims string) string {
	b := base64.RawURLEncoding
	return b.EncodeToString([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + b.EncodeToString([]byte(claims)) + "." + b.EncodeToString([]byte("planted-signature-0123456789"))
}

func noSecrets(t *testing.T, v any) {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{plantedSecret, plantedVerifier, plantedCode, plantedState, plantedNonce, base64.RawURLEncoding.EncodeToString([]byte("planted-signature-0123456789")), secretID} {
		if strings.Contains(string(raw), s) {
			t.Errorf("%q comes out in %s", s, raw)
		}
	}
}

func evidenceOf(f Finding, label string) (Evidence, bool) {
	for _, e := range f.Evidence {
		if e.Label == label {
			return e, true
		}
	}
	return Evidence{}, false
}
