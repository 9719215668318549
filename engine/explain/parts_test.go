package explain

import (
	"context"
	"strings"
	"testing"

	"flowscope/engine/trace"
	"flowscope/validate"
)

func TestExplainParameters(t *testing.T) {
	for p, names := range map[trace.Purpose]string{
		trace.Authorize: "client_id response_type redirect_uri response_mode scope state nonce code_challenge code_challenge_method prompt login_hint domain_hint claims client-request-id x-client-SKU",
		trace.Redirect:  "code state session_state error error_description error_subcode admin_consent tenant client_info error_uri",
		trace.TokenCall: "grant_type client_id code code_verifier client_secret client_assertion client_assertion_type redirect_uri scope refresh_token client_info Origin Authorization token_type expires_in ext_expires_in access_token id_token error error_description error_codes suberror claims trace_id correlation_id timestamp error_uri",
		trace.Metadata:  "issuer authorization_endpoint token_endpoint jwks_uri",
		trace.Keys:      "keys kid kty use n e x5t x5c issuer",
		trace.CallAPI:   "Authorization WWW-Authenticate authorization www-authenticate",
	} {
		for name := range strings.FieldsSeq(names) {
			got, ok := Explain(p, name)
			if !ok || got.Meaning == "" || strings.HasSuffix(got.Meaning, ".") || len(got.Meaning) > 120 {
				t.Errorf("%s %s: %+v", p, name, got)
			}
		}
	}
	if _, ok := Explain(trace.TokenCall, "no_such_thing"); ok {
		t.Error("an unknown parameter is explained")
	}
	if a, _ := Explain(trace.Authorize, "redirect_uri"); !strings.Contains(a.Meaning, "registered") {
		t.Errorf("authorize redirect_uri: %s", a.Meaning)
	}
	if b, _ := Explain(trace.TokenCall, "redirect_uri"); !strings.Contains(b.Meaning, "equal the one sent to authorize") {
		t.Errorf("token redirect_uri: %s", b.Meaning)
	}
}

func TestRedirectParts(t *testing.T) {
	for _, c := range []struct{ sent, registered, want string }{
		{callback, callback, ""},
		{"http://localhost:5000/auth/callback", callback, ""},
		{"http://127.0.0.1:1/x", "http://127.0.0.1/x", ""},
		{"http://LOCALHOST:3000/auth/callback", callback, ""},
		{"https://h", "https://h/", ""},
		{"https://h:443/", "https://h/", ""},
		{"https://h:444/", "https://h/", "port"},
		{"https://h/A", "https://h/a", "letter case"},
		{"https://h/a/", "https://h/a", "trailing slash"},
		{"https://h/b", "https://h/a", "path"},
		{"https://h/a?x=1", "https://h/a", "query"},
		{"https://h/a#f", "https://h/a", "fragment"},
		{"https://u@h/a", "https://h/a", "user"},
		{"https://g/a", "https://h/a", "host"},
		{"http://127.0.0.1/a", "http://localhost/a", "host"},
		{"http://h/a", "https://h/a", "scheme port"},
		{" https://h/a", "https://h/a", "space"},
		{"h/a", "https://h/a", "form"},
		{"://", "https://h/a", "form"},
	} {
		var names []string
		for _, p := range redirectParts(c.sent, c.registered) {
			names = append(names, p.name)
			if p.note == "" || p.why == "" {
				t.Errorf("%s: %+v", c.sent, p)
			}
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%s beside %s: %q, want %q", c.sent, c.registered, got, c.want)
		}
	}
}

func TestFirstDifference(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", -1}, {"a", "a", -1}, {"é1", "é2", 1}, {"ab", "abc", 2}, {"", "x", 0}} {
		if got := firstDifference(c.a, c.b); got != c.want {
			t.Errorf("%q %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestQuote(t *testing.T) {
	for in, want := range map[string]string{
		"https://h/a": "https://h/a", "a b": "'a b'", "$(id)": "'$(id)'", "it's": `'it'\''s'`, "-rf": "'-rf'", "": "''", "a\x1b[b": "'a\uFFFD[b'", "a;b": "'a;b'", "a\nb": "'a b'",
	} {
		if got := quote(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func TestChallengeHeader(t *testing.T) {
	c := readChallenge(`Bearer realm="a \"b\"", error=invalid_token , error_description="x, y=z", claims="e30="`)
	for name, want := range map[string]string{"realm": `a "b"`, "error": "invalid_token", "Error_Description": "x, y=z", "claims": "e30=", "none": ""} {
		if got := c.get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for _, s := range []string{"", "Bearer", "Basic x", `Bearer a="`, `Bearer ="",,,=`} {
		_ = readChallenge(s)
	}
	if !readChallenge("bearer x=1").bearer || readChallenge("Basic x=1").bearer {
		t.Error("the scheme is not told")
	}
}

func TestTokenReport(t *testing.T) {
	value := jwt(`{"aud":"` + ordersID + `","iss":"https://login.lab.example/x/v2.0","ver":"2.0","scp":"access_as_user","exp":1,"azp":"` + webAppID + `"}`)
	report := validate.Check(context.Background(), value, nil, validate.Expectations{Audiences: []string{"api://other"}, Now: started})
	tr := traceOf("web", authorize(nil, nil), answered(token(nil, nil), &trace.Response{Status: 200}))
	tr.Outcome, tr.Tokens = trace.Tokens, []trace.Token{{Kind: trace.AccessToken, Value: value, Exchange: 2}}
	found := Diagnose(tr, []*validate.Report{report, nil})
	if len(found) != 1 || found[0].Code != "token" || found[0].Exchange != 2 || found[0].Step != 5 {
		t.Fatalf("%+v", found)
	}
	for _, id := range []string{"audience", "expiry"} {
		if e, ok := evidenceOf(found[0], id); !ok || e.Compare == "" {
			t.Errorf("%s: %+v", id, found[0].Evidence)
		}
	}
	noSecrets(t, found)
}

// Findings are masked whatever the server puts into its words.
func TestServerWordsAreMasked(t *testing.T) {
	r := failure(400, 9002313, "invalid_grant", "error_description", "AADSTS9002313: bad code "+plantedCode+" and "+plantedSecret+" and "+jwt(`{}`))
	found := Diagnose(traceOf("web", authorize(nil, nil), answered(token(nil, nil), r)), nil)
	if len(found) != 1 || !strings.Contains(found[0].ServerWords, "masked:") {
		t.Fatalf("%+v", found)
	}
	noSecrets(t, found)
}

// The order is: what ended the run, then the tokens, then the API.
func TestOrder(t *testing.T) {
	call := trace.Exchange{Step: 8, Purpose: trace.CallAPI, Channel: trace.Back, Request: trace.Request{Method: "GET", URL: "https://login.lab.example/orders"}}
	keys := trace.Exchange{Step: 7, Purpose: trace.Keys, Channel: trace.Back, Request: trace.Request{Method: "GET", URL: host + "/discovery/v2.0/keys"}}
	tr := traceOf("web", authorize(nil, nil), answered(keys, &trace.Response{Status: 500}), answered(call, &trace.Response{Status: 401}))
	report := validate.Check(context.Background(), "a.b.c", nil, validate.Expectations{Now: started})
	var got []string
	for _, f := range Diagnose(tr, []*validate.Report{report}) {
		got = append(got, f.Code)
	}
	if s := strings.Join(got, ", "); s != "HTTP 500, token, HTTP 401" {
		t.Errorf("order: %s", s)
	}
}
