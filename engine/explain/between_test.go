package explain

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"flowscope/engine/trace"
)

const hotel = "<!doctype html>\n<html><head><title>Hotel\n Belvedere</title></head><body>Room and last name, please.</body></html>"

func html200(status int, contentType string) *trace.Response {
	return &trace.Response{Status: status, Header: http.Header{"Content-Type": {contentType}}, Body: []byte(hotel)}
}

// TestIntercepted: a page in place of JSON is a captive portal or a proxy, and
// its body is not repeated.
func TestIntercepted(t *testing.T) {
	ask := trace.Exchange{Step: 1, Purpose: trace.Metadata, Channel: trace.Back, Request: trace.Request{Method: "GET", URL: host + "/v2.0/.well-known/openid-configuration"}}
	keys := ask
	keys.Purpose = trace.Keys
	want := map[string]string{"status": "200 OK", "Content-Type": "text/", "title of the page": "Hotel Belvedere", "x-ms-request-id": "not sent"}
	check(t, []diagnosis{
		{"discovery", traceOf("spa", answered(ask, html200(200, "text/html; charset=utf-8"))), "intercepted", Likely, want, -1, "", nil, "Let login.lab.example past the proxy"},
		{"keys", traceOf("spa", answered(keys, html200(200, "text/plain"))), "intercepted", Likely, want, -1, "", nil, "nslookup login.lab.example"},
		{"token", traceOf("web", authorize(nil, nil), answered(token(nil, nil), html200(200, "TEXT/HTML"))), "intercepted", Likely, map[string]string{"status": "200"}, -1, "", nil, "captive-portal"},
		{"bad gateway", traceOf("web", authorize(nil, nil), answered(token(nil, nil), html200(502, "text/html"))), "HTTP 502", Likely, map[string]string{"title of the page": "Hotel Belvedere", "x-ms-request-id": "not sent"}, -1, "", nil, "Wait"},
		{"too many", traceOf("web", authorize(nil, nil), answered(token(nil, nil), html200(429, "text/html"))), "HTTP 429", Likely, map[string]string{"title of the page": "Hotel Belvedere"}, -1, "", nil, "Wait"},
	})
	found := Diagnose(traceOf("spa", answered(ask, html200(200, "text/html"))), nil)
	if raw, err := json.Marshal(found); err != nil || strings.Contains(string(raw), "Room and last name") {
		t.Errorf("the body comes out: %s", raw)
	}
	live := traceOf("spa", answered(ask, html200(200, "text/html")))
	live.Live = true
	if found = Diagnose(live, nil); len(found) != 1 || len(found[0].Fix) != 3 {
		t.Errorf("a real tenant has no conditions: %+v", found)
	}
	json200 := &trace.Response{Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte("{}")}
	if f := Diagnose(traceOf("spa", answered(ask, json200)), nil); len(f) != 1 || f[0].Code != "run" {
		t.Errorf("JSON is no page: %+v", f)
	}
}

// TestPublicDaemon: client credentials of a public client have nothing to do
// with a code or an address, and without the secret they work no better.
func TestPublicDaemon(t *testing.T) {
	e := token(edit{"grant_type": "client_credentials", "code": "-", "redirect_uri": "-", "code_verifier": "-"}, nil)
	found := Diagnose(traceOf("daemon", answered(e, failure(401, 700025, "invalid_client"))), nil)
	if len(found) != 1 {
		t.Fatalf("%+v", found)
	}
	f := found[0]
	text := f.What + strings.Join(f.Why, " ")
	for _, x := range f.Fix {
		text += " " + x.Title
	}
	if strings.Contains(text, "code was issued") || !strings.Contains(text, "confidential client, such as the daemon's") || strings.Contains(text, "send no credential") {
		t.Errorf("%s", text)
	}
	if _, ok := f.RetryFix(); ok {
		t.Errorf("no change of this request helps: %+v", f.Fix)
	}
	noSecrets(t, found)
}

// TestRoleBeforeScope: where the API names no scope, a role is what is missing.
func TestRoleBeforeScope(t *testing.T) {
	for challenge, want := range map[string]string{
		`Bearer error="insufficient_scope", error_description="The role Orders.Admin is missing."`: "Assign the role Orders.Admin",
		`Bearer error="insufficient_scope", scope="Orders.Write"`:                                  "In the request: ask for Orders.Write",
	} {
		e := trace.Exchange{Step: 8, Purpose: trace.CallAPI, Channel: trace.Back, Request: trace.Request{Method: "GET", URL: "https://login.lab.example/orders", Header: http.Header{"Authorization": {"Bearer " + jwt(`{"scp":"a"}`)}}}}
		found := Diagnose(traceOf("web", answered(e, &trace.Response{Status: 403, Header: http.Header{"Www-Authenticate": {challenge}}})), nil)
		if len(found) != 1 || !strings.HasPrefix(found[0].Fix[0].Title, want) || len(found[0].Fix) == 0 {
			t.Fatalf("%s: %+v", challenge, found)
		}
		if found[0].Speaker() != "API's words" {
			t.Errorf("an API said it: %q", found[0].Speaker())
		}
	}
}

// TestPolicyOnTheLab: the lab keeps no sign-in logs; its conditions are named
// there and nowhere else.
func TestPolicyOnTheLab(t *testing.T) {
	for _, live := range []bool{false, true} {
		tr := traceOf("web", authorize(nil, nil), answered(token(nil, nil), failure(400, 53003, "invalid_grant")))
		tr.Live = live
		found := Diagnose(tr, nil)
		if len(found) != 1 || found[0].Speaker() != "Server's words" {
			t.Fatalf("%+v", found)
		}
		named := slices.ContainsFunc(found[0].Fix, func(x Fix) bool { return x.Command == "flowscope lab conditions" })
		if named == live {
			t.Errorf("live %v: %+v", live, found[0].Fix)
		}
	}
}

// TestSourcesAreNamedOnce holds for every code, and for a code that the
// catalogue does not hold, beside every error value.
func TestSourcesAreNamedOnce(t *testing.T) {
	judge := func(found []Finding) {
		for _, f := range found {
			list := slices.Clone(f.Source)
			slices.Sort(list)
			if len(slices.Compact(list)) != len(f.Source) {
				t.Errorf("%s: %q", f.Code, f.Source)
			}
		}
	}
	for _, e := range Entries() {
		judge(Read(e.Code))
		judge(Read(`{"error":"` + e.OAuthError + `","error_codes":[999998]}`))
	}
	if got := once([]string{"a", "b", "a"}); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("%q", got)
	}
}

// TestOrdinaryWordAsSecret: our own sentences stay whole when the secret that
// was tried is one of their words, and the secret itself does not come out.
func TestOrdinaryWordAsSecret(t *testing.T) {
	for _, secret := range []string{"application", "undefined", "password", "whatever", "wrong", "secret"} {
		found := Diagnose(traceOf("web", authorize(nil, nil), answered(token(edit{"client_secret": secret}, nil), failure(401, 7000215, "invalid_client", "error_description", "AADSTS7000215: Not '"+secret+"'."))), nil)
		if len(found) != 1 || !strings.Contains(found[0].Why[0], "It is not the value of any secret that is registered for the application.") {
			t.Fatalf("%s: %+v", secret, found)
		}
		if f := found[0]; !strings.HasPrefix(f.ServerWords, "AADSTS7000215: Not 'masked:") || !strings.HasPrefix(f.What, "The client secret is wrong") {
			t.Errorf("%s: %q, %q", secret, f.What, f.ServerWords)
		}
	}
}
