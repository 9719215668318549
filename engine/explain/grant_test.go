package explain

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"flowscope/decision"
	"flowscope/engine/trace"
)

func TestVerifier(t *testing.T) {
	run := func(code int, auth, tok trace.Exchange) *trace.Trace {
		return traceOf("web", auth, answered(tok, failure(400, code, "invalid_grant")))
	}
	garbled := edit{"code_verifier": trace.GarbleText(plantedVerifier)}
	restore := op(trace.Restore, trace.Form, "code_verifier", "")
	plain := edit{"code_challenge": plantedVerifier, "code_challenge_method": "plain"}
	cut := firstDifference(s256(garbled["code_verifier"]), s256(plantedVerifier))
	check(t, []diagnosis{
		{"wrong", run(501481, authorize(nil, nil), token(garbled, edit{})), "AADSTS501481", Certain, map[string]string{"SHA-256 of the verifier sent": s256(garbled["code_verifier"]), "challenge sent at step 2": s256(plantedVerifier)}, cut, trace.TokenCall, restore, ""},
		{"older code", run(50148, authorize(nil, nil), token(garbled, nil)), "AADSTS50148", Certain, map[string]string{"challenge sent at step 2": s256(plantedVerifier)}, cut, "", nil, "keep the verifier with the state"},
		{"missing", run(501481, authorize(nil, nil), token(edit{"code_verifier": "-"}, edit{})), "AADSTS501481", Certain, map[string]string{"code_verifier": "not sent"}, -1, trace.TokenCall, restore, "the verifier behind it"},
		{"challenge changed", run(501481, authorize(edit{"code_challenge": s256("x")}, edit{}), token(nil, nil)), "AADSTS501481", Certain, map[string]string{"challenge sent at step 2": s256("x")}, 0, trace.Authorize, op(trace.Restore, trace.Query, "code_challenge", ""), ""},
		{"too short", run(501481, authorize(nil, nil), token(edit{"code_verifier": "short"}, nil)), "AADSTS501481", Certain, map[string]string{"SHA-256 of the verifier sent": "5 characters, 43 to 128"}, firstDifference(s256("short"), s256(plantedVerifier)), "", nil, ""},
		{"plain shows nothing", run(501481, authorize(plain, nil), token(garbled, nil)), "AADSTS501481", Likely, map[string]string{"code_verifier": "characters"}, -1, "", nil, ""},
		{"no challenge", run(9002325, authorize(edit{"code_challenge": "-", "code_challenge_method": "-"}, edit{}), token(nil, nil)), "AADSTS9002325", Certain, map[string]string{"code_challenge": "not sent"}, -1, trace.Authorize, []trace.Op{{Verb: trace.Restore, Place: trace.Query, Name: "code_challenge"}, {Verb: trace.Restore, Place: trace.Query, Name: "code_challenge_method"}}, ""},
		{"challenge cut", traceOf("web", authorize(edit{"code_challenge": "abc"}, edit{}), backWith(501491, "invalid_request")), "AADSTS501491", Certain, map[string]string{"code_challenge": "3 characters"}, -1, trace.Authorize, op(trace.Restore, trace.Query, "code_challenge", ""), ""},
		{"method misspelt", traceOf("web", authorize(edit{"code_challenge_method": "s256"}, nil), backWith(50149, "invalid_request")), "AADSTS50149", Certain, map[string]string{"code_challenge_method": "s256"}, -1, trace.Authorize, op(trace.Set, trace.Query, "code_challenge_method", "S256"), ""},
	})
}

func TestCode(t *testing.T) {
	twice := answered(token(nil, nil), failure(400, 54005, "invalid_grant"))
	twice.Repeat = true
	redirect := trace.Exchange{Step: 4, Purpose: trace.Redirect, Channel: trace.Front, Started: started.Add(-11 * time.Minute), Request: trace.Request{Method: "GET", URL: callback + "?code=" + plantedCode + "&state=" + plantedState}}
	differs := edit{"redirect_uri": "http://localhost:3000/auth"}
	check(t, []diagnosis{
		{"used twice", traceOf("web", authorize(nil, nil), twice), "AADSTS54005", Certain, map[string]string{"code": "sent twice"}, -1, trace.TokenCall, op(trace.Restore, trace.Form, "code", ""), "redeem each code once"},
		{"expired", traceOf("web", authorize(nil, nil), redirect, answered(token(nil, nil), failure(400, 70008, "invalid_grant"))), "AADSTS70008", Likely, map[string]string{"between redirect and redemption": "11m0s"}, -1, "", nil, "Start the sign-in again"},
		{"garbled", traceOf("web", authorize(nil, nil), answered(token(edit{"code": "0.planted-code-AbCdEx "}, edit{}), failure(400, 9002313, "invalid_grant"))), "AADSTS9002313", Likely, map[string]string{"code": "white space"}, -1, trace.TokenCall, op(trace.Restore, trace.Form, "code", ""), ""},
		{"another redirect_uri", traceOf("web", authorize(nil, nil), answered(token(differs, edit{}), failure(401, 500112, "invalid_client"))), "AADSTS500112", Certain, map[string]string{"sent at step 2": callback}, 26, trace.TokenCall, op(trace.Restore, trace.Form, "redirect_uri", ""), "behind a proxy"},
		{"another redirect_uri, built so", traceOf("web", authorize(nil, nil), answered(token(differs, nil), failure(401, 500112, "invalid_client"))), "AADSTS500112", Certain, nil, 26, trace.TokenCall, op(trace.Set, trace.Form, "redirect_uri", callback), ""},
		{"parameter missing", traceOf("web", answered(token(edit{"grant_type": "-"}, edit{}), failure(400, 900144, "invalid_request"))), "AADSTS900144", Certain, map[string]string{"grant_type": "not sent"}, -1, trace.TokenCall, op(trace.Restore, trace.Form, "grant_type", ""), ""},
		{"client_id missing", traceOf("web", answered(authorize(edit{"client_id": "-"}, nil), page(900144))), "AADSTS900144", Certain, map[string]string{"client_id": "required"}, -1, trace.Authorize, op(trace.Set, trace.Query, "client_id", webAppID), ""},
		{"grant type", traceOf("web", answered(token(edit{"grant_type": "code"}, nil), failure(400, 70003, "unsupported_grant_type"))), "AADSTS70003", Certain, map[string]string{"sent": "code"}, 0, trace.TokenCall, op(trace.Set, trace.Form, "grant_type", "authorization_code"), ""},
		{"response type", traceOf("web", authorize(edit{"response_type": "token"}, nil), backWith(700051, "unsupported_response_type")), "AADSTS700051", Certain, map[string]string{"sent": "token"}, 0, trace.Authorize, op(trace.Set, trace.Query, "response_type", "code"), ""},
		{"response mode", traceOf("web", authorize(edit{"response_mode": "post"}, edit{}), backWith(70007, "invalid_request")), "AADSTS70007", Certain, map[string]string{"sent": "post"}, 0, trace.Authorize, op(trace.Restore, trace.Query, "response_mode", ""), ""},
	})
}

func TestScope(t *testing.T) {
	auth := func(code int, oauth, scope string, before edit) *trace.Trace {
		return traceOf("web", authorize(edit{"scope": scope}, before), backWith(code, oauth))
	}
	good := "openid " + ordersURI + "/access_as_user"
	set := func(v string) []trace.Op { return op(trace.Set, trace.Query, "scope", v) }
	daemon := func(code int, oauth, scope string, before edit) *trace.Trace {
		return traceOf("daemon", answered(token(edit{"grant_type": "client_credentials", "scope": scope}, before), failure(400, code, oauth)))
	}
	check(t, []diagnosis{
		{"misspelt", auth(650053, "invalid_client", "openid "+ordersURI+"/access_as_usr", nil), "AADSTS650053", Certain, map[string]string{"asked": "access_as_usr", "Orders API has": "access_as_user and Orders.Read"}, 41, trace.Authorize, set(good), "Orders API exposes access_as_user and Orders.Read"},
		{"not there, changed", auth(650053, "invalid_client", ordersURI+"/Orders.Shred", edit{}), "AADSTS650053", Certain, map[string]string{"Orders API has": "Orders.Read"}, 36, trace.Authorize, op(trace.Restore, trace.Query, "scope", ""), ""},
		{"comma", auth(70011, "invalid_scope", "openid,"+ordersURI+"/access_as_user", nil), "AADSTS70011", Certain, map[string]string{"sent": "comma"}, 6, trace.Authorize, set(good), "There is a comma"},
		{"no api://", auth(70011, "invalid_scope", "openid orders.contoso.example/access_as_user", nil), "AADSTS70011", Certain, map[string]string{"sent": "api:// is missing"}, 7, trace.Authorize, set(good), ""},
		{"trailing slash", auth(70011, "invalid_scope", "openid "+ordersURI+"/access_as_user/", nil), "AADSTS70011", Certain, map[string]string{"sent": "a slash at the end"}, 51, trace.Authorize, set("openid " + ordersURI + "/access_as_user/.default"), ""},
		{"no permission", auth(70011, "invalid_scope", "openid "+ordersURI, nil), "AADSTS70011", Certain, map[string]string{"sent": "an API, and no scope of it"}, 35, trace.Authorize, set("openid " + ordersURI + "/.default"), ""},
		{"one scope without a person", daemon(1002012, "invalid_scope", ordersURI+"/Orders.Read.All", nil), "AADSTS1002012", Certain, map[string]string{"right here": ordersURI + "/.default"}, 29, trace.TokenCall, op(trace.Set, trace.Form, "scope", ordersURI+"/.default"), ""},
		{"no such API", daemon(500011, "invalid_resource", "api://nowhere.contoso.example/.default", nil), "AADSTS500011", Certain, map[string]string{"API asked": "api://nowhere.contoso.example", "an API that is there": ordersURI}, 6, trace.TokenCall, op(trace.Set, trace.Form, "scope", ordersURI+"/.default"), ""},
		{"no such API, changed", daemon(500011, "invalid_resource", "api://nowhere/.default", edit{}), "AADSTS500011", Certain, nil, 6, trace.TokenCall, op(trace.Restore, trace.Form, "scope", ""), ""},
		{"comma, read as an API", auth(500011, "invalid_resource", "openid,"+ordersURI+"/access_as_user", edit{}), "AADSTS500011", Certain, map[string]string{"sent": "comma"}, 6, trace.Authorize, op(trace.Restore, trace.Query, "scope", ""), "There is a comma"},
		{"two APIs", traceOf("web", authorize(nil, nil), answered(token(edit{"scope": good + " https://graph.microsoft.com/User.Read"}, nil), failure(400, 28000, "invalid_request"))), "AADSTS28000", Certain, map[string]string{"APIs named": "Orders API and https://graph.microsoft.com"}, -1, trace.TokenCall, op(trace.Set, trace.Form, "scope", good), "a token for each API"},
		{"empty", traceOf("web", authorize(nil, nil), answered(token(edit{"scope": ""}, nil), failure(400, 28003, "invalid_request"))), "AADSTS28003", Likely, map[string]string{"scope": "empty"}, -1, trace.TokenCall, op(trace.Set, trace.Form, "scope", "openid profile "+ordersURI+"/access_as_user"), ""},
		{"not listed", auth(650057, "invalid_resource", "api://inventory.contoso.example/stock.read", nil), "AADSTS650057", Likely, map[string]string{"permissions of the registration": "Orders.Read"}, -1, "", nil, "az ad app permission add --id " + webAppID},
	})
}

func TestConsentAndPolicy(t *testing.T) {
	mail := "openid https://graph.microsoft.com/Mail.Send"
	missing := func(e trace.Exchange, auth edit) *trace.Trace {
		return traceOf("web", authorize(auth, nil), answered(e, failure(400, 65001, "invalid_grant", "suberror", "consent_required")))
	}
	challenge := `{"access_token":{"capolids":{"essential":true,"values":["9b1d2c3e-0000-4000-8000-000000000001"]}}}`
	check(t, []diagnosis{
		{"consent missing", missing(token(nil, nil), nil), "AADSTS65001", Certain, map[string]string{"asked for": "access_as_user"}, -1, trace.Authorize, op(trace.Set, trace.Query, "prompt", "consent"), "https://login.lab.example/" + tenantID + "/v2.0/adminconsent?client_id=" + webAppID},
		{"consent missing, changed", missing(token(edit{"scope": mail}, edit{}), nil), "AADSTS65001", Certain, map[string]string{"not among its permissions": "Mail.Send"}, -1, trace.TokenCall, op(trace.Restore, trace.Form, "scope", ""), "admin-consent --id " + webAppID},
		{"consent missing, silent", traceOf("web", authorize(edit{"prompt": "none"}, nil), backWith(65001, "consent_required")), "AADSTS65001", Certain, nil, -1, trace.Authorize, op(trace.Drop, trace.Query, "prompt", ""), ""},
		{"declined", traceOf("web", authorize(nil, nil), backWith(65004, "access_denied")), "AADSTS65004", Certain, map[string]string{"asked for": "access_as_user"}, -1, "", nil, "No is an answer"},
		{"declined, no code", traceOf("web", authorize(nil, nil), backWith(0, "access_denied")), "access_denied", Likely, map[string]string{"asked for": "access_as_user"}, -1, "", nil, ""},
		{"nobody signed in", traceOf("web", authorize(edit{"prompt": "none"}, edit{}), backWith(50058, "login_required")), "AADSTS50058", Certain, map[string]string{"prompt": "none"}, -1, trace.Authorize, op(trace.Restore, trace.Query, "prompt", ""), "forbids every page"},
		{"second factor", traceOf("web", authorize(nil, nil), answered(token(nil, nil), failure(400, 50076, "invalid_grant", "suberror", "basic_action", "claims", challenge))), "AADSTS50076", Likely, map[string]string{"suberror": "an interactive sign-in mends it", "claims: capolids": "9b1d2c3e"}, -1, "", nil, "send the claims along"},
		{"blocked", traceOf("web", authorize(nil, nil), answered(token(nil, nil), failure(400, 53003, "invalid_grant", "suberror", "message_only"))), "AADSTS53003", Likely, map[string]string{"suberror": "nothing the application can do"}, -1, "", nil, "Sign-in logs"},
		{"not assigned", traceOf("web", authorize(edit{"login_hint": "ben@contoso.example"}, nil), backWith(50105, "interaction_required")), "AADSTS50105", Likely, map[string]string{"user name": "ben@contoso.example"}, -1, "", nil, "appRoleAssignmentRequired=false"},
	})
}

func TestAPI(t *testing.T) {
	call := func(status int, authorization, challenge string) *trace.Trace {
		e := trace.Exchange{Step: 8, Purpose: trace.CallAPI, Channel: trace.Back, Request: trace.Request{Method: "GET", URL: "https://login.lab.example/orders", Header: http.Header{}}}
		if authorization != "" {
			e.Request.Header.Set("Authorization", authorization)
		}
		resp := &trace.Response{Status: status, Header: http.Header{}}
		if challenge != "" {
			resp.Header.Set("WWW-Authenticate", challenge)
		}
		tr := traceOf("web", authorize(nil, nil), answered(token(nil, nil), &trace.Response{Status: 200}), answered(e, resp))
		tr.Outcome, tr.Failure = trace.Tokens, ""
		tr.Tokens = []trace.Token{{Kind: trace.IDToken, Value: jwt(`{"aud":"` + webAppID + `"}`)}}
		return tr
	}
	access := "Bearer " + jwt(`{"aud":"`+ordersID+`","scp":"access_as_user","roles":["Viewer"]}`)
	changed := call(401, "Bearer x", "Bearer")
	changed.Exchanges[2] = with(changed.Exchanges[2], "Authorization", "Bearer x", access)
	check(t, []diagnosis{
		{"wrong token", call(401, access, `Bearer realm="", error="invalid_token", error_description="audience, issuer"`), "invalid_token", Likely, map[string]string{"aud": ordersID, "WWW-Authenticate: error_description": "audience, issuer"}, -1, "", nil, "a scope of this very API"},
		{"ID token", call(401, "Bearer "+jwt(`{"aud":"`+webAppID+`"}`), "Bearer"), "HTTP 401", Certain, map[string]string{"sent": "the ID token"}, -1, "", nil, "an API takes the access token"},
		{"no token", call(401, "", "Bearer"), "HTTP 401", Certain, map[string]string{"Authorization": "no Bearer token"}, -1, "", nil, "send the access token with the call"},
		{"another scheme", call(401, "Basic x", "Bearer"), "HTTP 401", Certain, nil, -1, "", nil, "not of the scheme Bearer"},
		{"not allowed", call(403, access, `Bearer error="insufficient_scope", scope="Orders.Write"`), "insufficient_scope", Likely, map[string]string{"scp": "access_as_user", "roles": "Viewer", "WWW-Authenticate: scope": "Orders.Write"}, -1, "", nil, ""},
		{"silent refusal", call(403, access, ""), "HTTP 403", Likely, map[string]string{"WWW-Authenticate": "not sent"}, -1, "", nil, ""},
		{"claims challenge", call(401, access, `Bearer error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnsiYWNycyI6eyJlc3NlbnRpYWwiOnRydWUsInZhbHVlIjoiYzEifX19"`), "insufficient_claims", Likely, map[string]string{"claims: acrs": "c1"}, -1, "", nil, "in the token request too"},
		{"changed on the way", changed, "HTTP 401", Likely, map[string]string{"sent": "can't be read"}, -1, trace.CallAPI, op(trace.Restore, trace.Header, "Authorization", ""), ""},
	})
}

func TestNoAnswer(t *testing.T) {
	gate := authorize(nil, edit{})
	gate.Request.URL = "https://evil.example/authorize"
	gate.Refused = "evil.example is not a host of this target (login.lab.example)"
	broken := token(nil, nil)
	broken.Err = errors.New("dial tcp: lookup login.lab.example: no such host").Error()
	broken.Net = &trace.NetError{Kind: trace.NoName, Phase: trace.AtName, Host: "login.lab.example"}
	unopened := authorize(nil, nil)
	unopened.N, unopened.Err = 2, "the browser can't be opened: exec: \"xdg-open\": executable file not found in $PATH"
	offline := with(authorize(nil, nil), "Accept", "text/html", "")
	offline.N, offline.Err, offline.Net = 2, broken.Err, broken.Net
	metadata := trace.Exchange{N: 1, Step: 1, Purpose: trace.Metadata, Channel: trace.Back, Response: &trace.Response{Status: 200}}
	dead := metadata
	dead.Response, dead.Err, dead.Net = nil, broken.Err, broken.Net
	busy := &trace.Response{Status: 503, Header: http.Header{"Retry-After": {"7"}}, Body: []byte("busy")}
	check(t, []diagnosis{
		{"gate", traceOf("web", gate), "gate", Certain, map[string]string{"host": "evil.example", "as the program built it": "login.lab.example"}, -1, "", nil, "evil.example is not a host"},
		{"transport", traceOf("web", authorize(nil, nil), broken), "transport", Certain, map[string]string{"error": "no such host", "broke while": "looking the name up"}, -1, "", nil, "can't be resolved"},
		{"no browser", traceOf("spa", metadata, unopened), "browser", Likely, map[string]string{"error": "xdg-open"}, -1, "", nil, "press u"},
		{"no browser, nothing before", traceOf("spa", unopened), "browser", Likely, map[string]string{"error": "xdg-open"}, -1, "", nil, "BROWSER"},
		{"no network, sign-in in the program", traceOf("spa", metadata, offline), "transport", Certain, map[string]string{"error": "no such host", "broke while": "looking the name up"}, -1, "", nil, "can't be resolved"},
		{"no network before the browser", traceOf("spa", dead, unopened), "transport", Likely, map[string]string{}, -1, "", nil, ""},
		{"busy", traceOf("web", authorize(nil, nil), answered(token(nil, nil), busy)), "HTTP 503", Likely, map[string]string{"Retry-After": "7"}, -1, "", nil, "Wait"},
	})
}

func TestRefusal(t *testing.T) {
	refusal := func(check, expected, found string, exchanges ...trace.Exchange) *trace.Trace {
		tr := traceOf("web", exchanges...)
		tr.Refusal = &trace.Refusal{Check: check, Step: 4, Expected: expected, Found: found, Why: "it is not the one that was sent"}
		return tr
	}
	redirect := func(changed bool) trace.Exchange {
		e := trace.Exchange{Step: 4, Purpose: trace.Redirect, Channel: trace.Front, Response: &trace.Response{Status: 400},
			Request: trace.Request{Method: "GET", URL: callback + "?code=" + plantedCode + "&state=planted-state-7axyz", Header: http.Header{}}}
		if changed {
			o := e.Request
			o.URL = callback + "?code=" + plantedCode + "&state=" + plantedState
			e.Original = &o
		}
		return e
	}
	check(t, []diagnosis{
		{"state", refusal("state", plantedState, "planted-state-7axyz", authorize(nil, nil), redirect(true)), "state", Certain, map[string]string{"expected": "19 characters", "found": "differs from character 16 on"}, -1, trace.Redirect, op(trace.Restore, trace.Query, "state", ""), "finish their sign-in"},
		{"state missing", refusal("state", plantedState, "", authorize(nil, nil), redirect(false)), "state", Certain, map[string]string{"found": "none"}, -1, "", nil, ""},
		{"nonce", refusal("nonce", plantedNonce, "other-nonce", authorize(edit{"nonce": "other-nonce"}, edit{}), token(nil, nil)), "nonce", Certain, map[string]string{"found": "11 characters"}, -1, trace.Authorize, op(trace.Restore, trace.Query, "nonce", ""), "played in again"},
		{"no code", refusal("code", "a code", "none", authorize(nil, nil), redirect(false)), "code", Certain, map[string]string{"expected": "a code"}, -1, "", nil, "response_mode"},
	})
}

func TestNothingFailed(t *testing.T) {
	good := traceOf("web", authorize(nil, nil), answered(token(nil, nil), &trace.Response{Status: 200, Body: []byte(`{"access_token":"x"}`)}))
	good.Outcome = trace.Tokens
	held := token(nil, nil)
	held.Err = "stopped before it was sent"
	stopped := traceOf("web", authorize(nil, nil), held)
	stopped.Outcome = trace.Stopped
	wrongPassword := answered(trace.Exchange{Step: 3, Purpose: trace.SignIn, Channel: trace.Front}, page(50126))
	mended := traceOf("web", authorize(nil, nil), wrongPassword, answered(token(nil, nil), &trace.Response{Status: 200}))
	mended.Outcome = trace.Tokens
	retried := traceOf("web", answered(token(nil, nil), &trace.Response{Status: 503}), answered(token(nil, nil), &trace.Response{Status: 200}))
	retried.Outcome = trace.Tokens
	for name, tr := range map[string]*trace.Trace{"good": good, "stopped": stopped, "answered a page with an error": mended, "retried": retried, "nil": nil} {
		if found := Diagnose(tr, nil); len(found) != 0 {
			t.Errorf("%s: %+v", name, found)
		}
	}
}

func TestRunFailure(t *testing.T) {
	tr := traceOf("web", authorize(nil, nil))
	tr.Failure = "the port of the redirect URI is taken by another program"
	found := Diagnose(tr, nil)
	if len(found) != 1 || found[0].Code != "run" || !strings.HasPrefix(found[0].Why[0], "The port of the redirect URI") {
		t.Errorf("%+v", found)
	}
}

func TestFlowRight(t *testing.T) {
	for _, c := range []struct {
		as   string
		flow decision.Flow
		want string
	}{
		{"spa", decision.AuthorizationCode, "The flow is right. A single-page app runs authorization code + PKCE. Only its request needs a hand."},
		{"web", decision.AuthorizationCode, "The flow is right. A web app with a backend runs authorization code + PKCE. Only its request needs a hand."},
		{"daemon", decision.ClientCredentials, "The flow is right. A daemon runs client credentials. Only its request needs a hand."},
		{"daemon", decision.DeviceCode, "Look at the flow first. A daemon runs client credentials, and this was device code."},
		{"web", decision.RefreshToken, "The flow is right. Only its request needs a hand."},
		{"spa", decision.Implicit, "The flow is the trouble."},
		{"", "", ""},
	} {
		got := flowRight(&trace.Trace{As: c.as, Flow: c.flow}, needRequest)
		if !strings.HasPrefix(got, c.want) || (c.want == "") != (got == "") {
			t.Errorf("%s %s: %q", c.as, c.flow, got)
		}
	}
}
