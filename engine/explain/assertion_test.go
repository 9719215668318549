package explain

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"flowscope/engine/trace"
)

// signed is a JWT with the header and the claims given.
func signed(header, claims string) string {
	b := base64.RawURLEncoding
	return b.EncodeToString([]byte(header)) + "." + b.EncodeToString([]byte(claims)) + "." + b.EncodeToString([]byte("planted-signature-0123456789"))
}

// proves is a daemon's token request with a client assertion, and its refusal.
func proves(code int, assertion string, before edit) *trace.Trace {
	e := token(edit{"grant_type": "client_credentials", "client_secret": "-", "code": "-", "code_verifier": "-", "redirect_uri": "-", "client_assertion": assertion}, before)
	return traceOf("daemon", answered(e, failure(401, code, "invalid_client")))
}

const goodHeader = `{"alg":"PS256","typ":"JWT","x5t#S256":"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA"}`

func selfMade(change string) string {
	claims := fmt.Sprintf(`{"iss":%q,"sub":%q,"aud":%q,"nbf":%d,"exp":%d}`, webAppID, webAppID, host+"/oauth2/v2.0/token", started.Add(-time.Minute).Unix(), started.Add(9*time.Minute).Unix())
	from, to, _ := strings.Cut(change, " -> ")
	return strings.Replace(claims, from, to, 1)
}

func TestClientAssertion(t *testing.T) {
	const sum = "0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20"
	registered := func(tr *trace.Trace, thumbprint string) *trace.Trace {
		tr.Registration.Certificates = []trace.Certificate{{SHA1: "FFEE", SHA256: thumbprint, Expires: time.Date(2030, 1, 2, 0, 0, 0, 0, time.UTC)}}
		return tr
	}
	good := signed(goodHeader, selfMade(""))
	other := "11112222-3333-4444-8555-666677778888"
	restore := op(trace.Restore, trace.Form, "client_assertion", "")
	exp := fmt.Sprintf(`"exp":%d`, started.Add(9*time.Minute).Unix())
	check(t, []diagnosis{
		{"key unknown here", proves(700027, good, nil), "AADSTS700027", Likely, map[string]string{"x5t#S256 of the assertion": sum, "alg of the assertion": "PS256", "aud of the assertion": host + "/oauth2/v2.0/token", "iss of the assertion": webAppID}, -1, "", nil, "--append, which keeps those that are there"},
		{"key not registered", registered(proves(700027, good, nil), strings.Repeat("AB", 32)), "AADSTS700027", Certain, map[string]string{"x5t#S256 of the assertion": "not registered", "registered": "good until 2030-01-02"}, -1, "", nil, ""},
		{"key registered", registered(proves(700027, good, nil), sum), "AADSTS700027", Likely, map[string]string{"x5t#S256 of the assertion": "is registered"}, -1, "", nil, "signed with another private key"},
		{"thumbprint in hexadecimal", proves(700027, signed(`{"alg":"RS256","x5t":"0102030405060708090A0B0C0D0E0F1011121314"}`, selfMade("")), nil), "AADSTS700027", Certain, map[string]string{"x5t of the assertion": "has 20 bytes behind it, this has 30"}, -1, "", nil, "Hexadecimal digits, as in the portal, are not that."},
		{"no key named", proves(700027, signed(`{"alg":"PS256","kid":"k"}`, selfMade("")), nil), "AADSTS700027", Likely, map[string]string{"x5t#S256 of the assertion": "the header names no key", "kid of the assertion": "k"}, -1, "", nil, "unconfirmed"},
		{"wrong algorithm", proves(50012, signed(`{"alg":"ES256"}`, selfMade("")), nil), "AADSTS50012", Certain, map[string]string{"alg of the assertion": "PS256 or RS256"}, -1, "", nil, ""},
		{"changed on the way", proves(700027, signed(goodHeader, selfMade("")), edit{"client_assertion": "x.y.z"}), "AADSTS700027", Likely, nil, -1, trace.TokenCall, restore, ""},
		{"expired", proves(700024, signed(goodHeader, selfMade(exp+" -> "+fmt.Sprintf(`"exp":%d`, started.Add(-90*time.Second).Unix()))), nil), "AADSTS700024", Certain, map[string]string{"exp of the assertion": "1m30s before the request", "request sent": "2026-11-20T10:02:11Z"}, -1, "", nil, "make a new assertion for each request"},
		{"exp in milliseconds", proves(700024, signed(goodHeader, selfMade(exp+` -> "exp":1795169531000000`)), nil), "AADSTS700024", Certain, map[string]string{"exp of the assertion": "a number of seconds since 1970 is needed"}, -1, "", nil, ""},
		{"in time by our clock", proves(700024, good, nil), "AADSTS700024", Likely, map[string]string{"nbf of the assertion": "2026-11-20T10:01:11Z"}, -1, "", nil, "that clock may be wrong"},
		{"sub is another", proves(50048, signed(goodHeader, selfMade(`"sub":"`+webAppID+`" -> "sub":"me"`)), nil), "AADSTS50048", Certain, map[string]string{"sub of the assertion": "me", "iss of the assertion": webAppID}, 0, "", nil, ""},
		{"iss is another", proves(700021, signed(goodHeader, strings.ReplaceAll(selfMade(""), webAppID, other)), nil), "AADSTS700021", Certain, map[string]string{"iss of the assertion": other, "client_id sent": webAppID}, 0, "", nil, "from one setting"},
		{"aud is another", proves(5002730, signed(goodHeader, selfMade(tenantID+" -> common")), nil), "AADSTS5002730", Certain, map[string]string{"aud of the assertion": "https://login.lab.example/common/oauth2/v2.0/token", "asked": host + "/oauth2/v2.0/token"}, 27, "", nil, ""},
		{"several aud", proves(5002741, signed(goodHeader, `{"iss":"a","aud":["https://one","https://two"]}`), nil), "AADSTS5002741", Certain, map[string]string{"aud of the assertion": "2 values; one is allowed"}, -1, "", nil, ""},
		{"cut", proves(50027, "a.b ", nil), "AADSTS50027", Likely, map[string]string{"client_assertion": "white space"}, -1, "", nil, ""},
		{"begins a little later", proves(700024, signed(goodHeader, selfMade(`"nbf":`+fmt.Sprint(started.Add(-time.Minute).Unix())+` -> "nbf":`+fmt.Sprint(started.Add(time.Minute).Unix()))), nil), "AADSTS700024", Likely, map[string]string{"nbf of the assertion": "1m0s after the request"}, -1, "", nil, ""},
		{"begins tomorrow", proves(700024, signed(goodHeader, selfMade(`"nbf":`+fmt.Sprint(started.Add(-time.Minute).Unix())+` -> "nbf":`+fmt.Sprint(started.Add(24*time.Hour).Unix()))), nil), "AADSTS700024", Certain, map[string]string{"nbf of the assertion": "24h0m0s after the request"}, -1, "", nil, ""},
		{"no JWT", proves(700027, "not-a-token", nil), "AADSTS700027", Likely, map[string]string{"client_assertion": "can't be read as a JWT"}, -1, "", nil, ""},
		{"none at all", proves(700027, "-", nil), "AADSTS700027", Likely, map[string]string{"client_assertion": "not sent"}, -1, "", nil, ""},
	})
}

func TestFederatedAssertion(t *testing.T) {
	const subject, audience = "repo:contoso/orders:ref:refs/heads/main", "api://AzureADTokenExchange"
	issuer := "https://login.lab.example/federation"
	send := func(code int, iss, sub, aud string, trusts ...trace.Federated) *trace.Trace {
		tr := proves(code, signed(`{"alg":"RS256"}`, fmt.Sprintf(`{"iss":%q,"sub":%q,"aud":%s}`, iss, sub, aud)), nil)
		tr.Registration.Federated = trusts
		return tr
	}
	own := trace.Federated{Name: "main", Issuer: "{base}/federation", Subject: subject, Audience: audience}
	far := trace.Federated{Name: "far", Issuer: "https://token.example", Subject: "pod", Audience: audience}
	one := `"` + audience + `"`
	check(t, []diagnosis{
		{"unknown here", send(700213, issuer, "repo:x", one), "AADSTS700213", Likely, map[string]string{"issuer sent": issuer, "subject sent": "letter case counts", "audience sent": audience}, -1, "", nil, `az ad app federated-credential create --id ` + webAppID + ` --parameters '{"audiences":["` + audience + `"]`},
		{"issuer", send(700211, issuer+"/", subject, one, own), "AADSTS700211", Certain, map[string]string{"issuer sent": "the slash at the end counts", "issuer registered": issuer, "the same in both": "subject and audience"}, len(issuer), "", nil, ""},
		{"subject", send(700213, issuer, subject+"-2", one, far, own), "AADSTS700213", Certain, map[string]string{"subject registered": subject, "compared with": "the nearest of 2"}, len(subject), "", nil, "can act as the application"},
		{"letter case", send(7002138, issuer, "repo:Contoso/orders:ref:refs/heads/main", one, far, own), "AADSTS7002138", Certain, map[string]string{"subject sent": "differs in letter case only", "compared with": "main"}, 5, "", nil, ""},
		{"audience", send(700212, issuer, subject, `"https://github.com/contoso"`, own), "AADSTS700212", Certain, map[string]string{"audience sent": "https://github.com/contoso", "audience registered": audience}, 0, "", nil, ""},
		{"several audiences", send(500181, issuer, subject, `["`+audience+`","x"]`), "AADSTS500181", Likely, map[string]string{"audience sent": "2 values; one is allowed"}, -1, "", nil, ""},
		{"none fits, all agree", send(70021, issuer, subject, one, own), "AADSTS70021", Possible, map[string]string{"the same in both": "issuer, subject and audience"}, -1, "", nil, "added a moment ago"},
		{"not readable", proves(700213, "x", nil), "AADSTS700213", Likely, map[string]string{"client_assertion": "1 characters"}, -1, "", nil, ""},
	})
}

// What an assertion presents is quoted before it stands in a command, and one
// that is odd is not offered at all.
func TestTrustIsQuoted(t *testing.T) {
	s := scene{t: &trace.Trace{}, reg: *registration()}
	fixes := s.trust(trace.Federated{Issuer: "https://i", Subject: "a'; rm -rf $(x) \x1b[2J", Audience: "y"})
	if len(fixes) != 1 || !strings.Contains(fixes[0].Command, `a\u0027; rm -rf $(x) \u001b[2J`) && !strings.Contains(fixes[0].Command, `a'\''; rm -rf`) || strings.ContainsRune(fixes[0].Command, 0x1b) {
		t.Fatalf("%+v", fixes)
	}
	for _, bad := range []trace.Federated{{}, {Issuer: "i", Subject: "s", Audience: "a b"}, {Issuer: "i", Subject: strings.Repeat("s", 2*maxValue), Audience: "a"}} {
		if fixes := s.trust(bad); fixes != nil {
			t.Errorf("%+v", fixes)
		}
	}
}

func TestUserAssertion(t *testing.T) {
	pass := func(code int, claims string, before edit) *trace.Trace {
		e := token(edit{"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "client_id": ordersID, "code": "-", "code_verifier": "-", "redirect_uri": "-", "assertion": jwt(claims)}, before)
		return traceOf("api", answered(e, failure(400, code, "invalid_grant")))
	}
	own := `{"aud":"` + ordersURI + `","iss":"https://issuer.example","azp":"x","scp":"access_as_user"`
	check(t, []diagnosis{
		{"for another", pass(500131, `{"aud":"`+webAppID+`"}`, nil), "AADSTS500131", Certain, map[string]string{"aud of the assertion": webAppID, "client_id sent": ordersID}, 0, "", nil, "ask for a scope of the API in the middle"},
		{"by its address", pass(50013, own+`}`, nil), "AADSTS50013", Likely, map[string]string{"aud of the assertion": "is this API", "iss of the assertion": "https://issuer.example"}, -1, "", nil, ""},
		{"expired", pass(500133, own+fmt.Sprintf(`,"exp":%d}`, started.Add(-time.Hour).Unix()), nil), "AADSTS500133", Certain, map[string]string{"exp of the assertion": "1h0m0s before the request"}, -1, "", nil, ""},
		{"an ID token", pass(240002, `{"aud":"`+ordersID+`"}`, nil), "AADSTS240002", Certain, map[string]string{"azp or appid of the assertion": "none"}, -1, "", nil, "call the API with the access token"},
		{"nobody's", pass(7000113, `{"aud":"`+ordersID+`","azp":"x"}`, nil), "AADSTS7000113", Certain, map[string]string{"scp of the assertion": "nobody signed in"}, -1, "", nil, "unconfirmed"},
		{"changed on the way", pass(500131, `{"aud":"z"}`, edit{"assertion": jwt(own + "}")}), "AADSTS500131", Certain, nil, 0, trace.TokenCall, op(trace.Restore, trace.Form, "assertion", ""), ""},
	})
}

func TestAnyTenant(t *testing.T) {
	ask := func(code int, tenant string) *trace.Trace {
		e := token(edit{"grant_type": "client_credentials"}, nil)
		e.Request.URL = "https://login.lab.example/" + tenant + "/oauth2/v2.0/token"
		return traceOf("daemon", answered(e, failure(400, code, "invalid_request")))
	}
	set := op(trace.Set, trace.Path, "tenant", tenantID)
	check(t, []diagnosis{
		{"common", ask(9001023, "common"), "AADSTS9001023", Certain, map[string]string{"tenant asked": "stands for no single tenant", "registered in": tenantID}, 1, trace.TokenCall, set, "organizations will do as well"},
		{"organizations", ask(50059, "organizations"), "AADSTS50059", Certain, nil, 0, trace.TokenCall, set, ""},
		{"single-tenant", ask(50194, "common"), "AADSTS50194", Certain, nil, 1, trace.TokenCall, set, "--sign-in-audience AzureADMultipleOrgs"},
		{"the right one", ask(50194, tenantID), "AADSTS50194", Likely, map[string]string{"tenant asked": tenantID}, -1, "", nil, ""},
	})
}

func TestRedirectScheme(t *testing.T) {
	send := func(code int, uri string) *trace.Trace {
		return traceOf("web", answered(authorize(edit{"redirect_uri": uri}, nil), page(code)))
	}
	check(t, []diagnosis{
		{"plain http", send(500117, "http://app.contoso.example/auth/callback"), "AADSTS500117", Certain, map[string]string{"sent": "http is not https", "registered": otherCallback}, 4, trace.Authorize, op(trace.Set, trace.Query, "redirect_uri", otherCallback), "A code that travels over plain http"},
		{"a script", send(500111, "javascript:alert(1)"), "AADSTS500111", Certain, map[string]string{"sent": "not an address"}, 0, trace.Authorize, op(trace.Set, trace.Query, "redirect_uri", callback), "unconfirmed"},
		{"data", send(500111, "data:text/html,x"), "AADSTS500111", Certain, map[string]string{"sent": "not an address"}, 0, trace.Authorize, op(trace.Set, trace.Query, "redirect_uri", callback), "can't be added, "},
		{"a file", send(500111, "file:///x"), "AADSTS500111", Certain, nil, 0, trace.Authorize, op(trace.Set, trace.Query, "redirect_uri", callback), "its scheme can't be used"},
	})
}

func TestBusy(t *testing.T) {
	run := func(status, code int, after string) *trace.Trace {
		r := failure(status, code, "temporarily_unavailable")
		if after != "" {
			r.Header.Set("Retry-After", after)
		}
		return traceOf("web", authorize(nil, nil), answered(token(nil, nil), r))
	}
	check(t, []diagnosis{
		{"throttled", run(http.StatusTooManyRequests, 90055, "17"), "AADSTS90055", Certain, map[string]string{"Retry-After": "17 seconds", "status": "429"}, -1, "", nil, "keep each token until it ends"},
		{"outage", run(http.StatusServiceUnavailable, 90033, "Fri, 20 Nov 2026 10:03:00 GMT"), "AADSTS90033", Certain, map[string]string{"Retry-After": "20 Nov 2026"}, -1, "", nil, ""},
		{"without a word", run(http.StatusServiceUnavailable, 90033, ""), "AADSTS90033", Likely, map[string]string{"Retry-After": "not sent"}, -1, "", nil, ""},
	})
}

// A policy's refusal says who acts, and what the client does with the claims.
func TestClaimsArePassedOn(t *testing.T) {
	const claims = `{"access_token":{"capolids":{"essential":true,"values":["policy-1"]},"nbf":{"essential":true,"value":1795169531}}}`
	for code, words := range map[int]string{50076: "sign in again and send the claims along", 53003: "once the policy is met", 53000: "once the policy is met"} {
		found := Diagnose(traceOf("web", authorize(nil, nil), answered(token(nil, nil), failure(400, code, "invalid_grant", "claims", claims, "suberror", "basic_action"))), nil)
		if len(found) != 1 {
			t.Fatalf("%d: %+v", code, found)
		}
		f := found[0]
		last := f.Fix[len(f.Fix)-1]
		if !strings.Contains(last.Title, words) || !strings.Contains(last.Note, "unchanged, as the claims parameter") || !strings.HasPrefix(last.Code, "claims=%7B%22access_token%22") {
			t.Errorf("%d: %+v", code, last)
		}
		if e, ok := evidenceOf(f, "claims: capolids"); !ok || e.Value != "policy-1" {
			t.Errorf("%d: %+v", code, f.Evidence)
		}
		if e, ok := evidenceOf(f, "claims: nbf"); !ok || e.Value != "1795169531" || !strings.Contains(e.Note, "2026-11-20T") {
			t.Errorf("%d: %+v", code, f.Evidence)
		}
		acts := false
		for _, x := range f.Fix {
			acts = acts || strings.HasPrefix(x.Title, "The person: ") || strings.HasPrefix(x.Title, "The administrator: ")
		}
		if !acts {
			t.Errorf("%d: nobody acts: %+v", code, f.Fix)
		}
	}
}

// The claims of an API's challenge that are no base64 are shown as they came.
func TestClaimsThatAreNoBase64(t *testing.T) {
	e := trace.Exchange{Step: 8, Purpose: trace.CallAPI, Channel: trace.Back, Request: trace.Request{Method: "GET", URL: "https://login.lab.example/orders", Header: http.Header{}}}
	r := &trace.Response{Status: 401, Header: http.Header{"Www-Authenticate": {`Bearer error="insufficient_claims", claims="{not base64}"`}}}
	found := Diagnose(traceOf("web", answered(e, r)), nil)
	if len(found) != 1 {
		t.Fatalf("%+v", found)
	}
	if ev, ok := evidenceOf(found[0], "WWW-Authenticate: claims"); !ok || ev.Value != "{not base64}" || ev.Note == "" {
		t.Errorf("%+v", found[0].Evidence)
	}
}
