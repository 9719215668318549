package explain

import (
	"net/http"
	"reflect"
	"strings"
	"testing"

	"flowscope/engine/trace"
)

type diagnosis struct {
	name       string
	trace      *trace.Trace
	code       string
	confidence Confidence
	evidence   map[string]string // label to a part of its value or note
	at         int               // of the first evidence that is compared; -1: none is
	purpose    trace.Purpose     // of the first retry
	ops        []trace.Op        // of the first retry; nil: there is none
	says       string            // part of the first sentence of why, or of the fixes
}

func op(v trace.Verb, p trace.Place, name, value string) []trace.Op {
	return []trace.Op{{Verb: v, Place: p, Name: name, Value: value}}
}

func check(t *testing.T, cases []diagnosis) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			found := Diagnose(c.trace, nil)
			if len(found) != 1 {
				t.Fatalf("%d findings, want 1: %+v", len(found), found)
			}
			c.judge(t, found[0])
			noSecrets(t, found)
		})
	}
}

func (c diagnosis) judge(t *testing.T, f Finding) {
	t.Helper()
	if f.Code != c.code || f.Confidence != c.confidence {
		t.Errorf("code %s, %s; want %s, %s", f.Code, f.Confidence, c.code, c.confidence)
	}
	for label, part := range c.evidence {
		if e, ok := evidenceOf(f, label); !ok || !strings.Contains(e.Value+" "+e.Note, part) {
			t.Errorf("evidence %q is %+v, want %q in it; all: %+v", label, e, part, f.Evidence)
		}
	}
	at := -1
	for _, e := range f.Evidence {
		if e.Compare != "" {
			at = e.At
			break
		}
	}
	if at != c.at {
		t.Errorf("first difference at %d, want %d", at, c.at)
	}
	fix, ok := f.RetryFix()
	switch {
	case c.code == "AADSTS65004" || c.code == "access_denied": // nothing in the request changes: the page is asked again
		if !ok || fix.Change.Purpose != trace.SignIn || len(fix.Change.Ops) != 0 {
			t.Errorf("retry %+v, want the page again", fix.Change)
		}
	case ok != (c.ops != nil):
		t.Errorf("retry: %v, want ops %v; fixes %+v", ok, c.ops, f.Fix)
	case ok && (!reflect.DeepEqual(fix.Change.Ops, c.ops) || fix.Change.Purpose != c.purpose || fix.Change.Label == ""):
		t.Errorf("retry %+v, want %s %v", *fix.Change, c.purpose, c.ops)
	}
	text := strings.Join(f.Why, " ")
	for _, s := range append([]string{f.What, f.FlowRight}, f.Why...) {
		if !strings.HasSuffix(s, ".") {
			t.Errorf("%q is no sentence", s)
		}
	}
	for _, x := range f.Fix {
		if strings.HasSuffix(x.Title, ".") || strings.HasSuffix(x.Note, ".") {
			t.Errorf("a fix ends with a full stop: %+v", x)
		}
		text += " " + x.Title + " " + x.Command + " " + x.Note
	}
	if !strings.Contains(text, c.says) {
		t.Errorf("%q is not in: %s", c.says, text)
	}
	if f.What == "" || len(f.Why) == 0 || len(f.Fix) == 0 || f.Who == "" || f.Stage == "" || f.FlowRight == "" || f.Exchange == 0 {
		t.Errorf("incomplete: %+v", f)
	}
}

func TestRedirectURI(t *testing.T) {
	send := func(uri string, before edit) *trace.Trace {
		return traceOf("web", answered(authorize(edit{"redirect_uri": uri}, before), page(50011)))
	}
	set := op(trace.Set, trace.Query, "redirect_uri", callback)
	check(t, []diagnosis{
		{"letter case", send("http://localhost:3000/auth/Callback", nil), "AADSTS50011", Certain, map[string]string{"sent": "letter case of the path counts", "registered": callback, "also there": otherCallback}, 27, trace.Authorize, set, "Only the port of localhost is free."},
		{"changed on the way", send("http://localhost:3000/auth/Callback", edit{}), "AADSTS50011", Certain, map[string]string{"sent": "letter case"}, 27, trace.Authorize, op(trace.Restore, trace.Query, "redirect_uri", ""), "--web-redirect-uris " + callback + " " + otherCallback + " http://localhost:3000/auth/Callback"},
		{"changed, but wrong before", send("http://localhost:3000/auth/x", edit{"redirect_uri": "http://localhost:3000/auth/y"}), "AADSTS50011", Certain, map[string]string{"sent": "another path"}, 27, trace.Authorize, set, ""},
		{"trailing slash", send(callback+"/", nil), "AADSTS50011", Certain, map[string]string{"sent": "the slash at the end counts"}, len(callback), trace.Authorize, set, "the two of today are in it"},
		{"scheme", send("http://app.contoso.example/auth/callback", nil), "AADSTS50011", Certain, map[string]string{"sent": "http is not https"}, 4, trace.Authorize, op(trace.Set, trace.Query, "redirect_uri", otherCallback), "can't be added, http is allowed for localhost only"},
		{"port", send("https://app.contoso.example:8443/auth/callback", nil), "AADSTS50011", Certain, map[string]string{"sent": "the port counts here"}, 27, trace.Authorize, op(trace.Set, trace.Query, "redirect_uri", otherCallback), ""},
		{"loopback name", send("http://127.0.0.1:3000/auth/callback", nil), "AADSTS50011", Certain, map[string]string{"sent": "127.0.0.1 is not localhost"}, 7, trace.Authorize, set, "Entra compares text"},
		{"port is not the reason", send("http://localhost:5000/auth/Callback", nil), "AADSTS50011", Certain, map[string]string{"sent": "letter case"}, 27, trace.Authorize, set, "5000 is not the reason."},
		{"a port that is no number", send("http://localhost:3000xyz", nil), "AADSTS50011", Certain, map[string]string{"sent": "the port is not a number"}, 21, trace.Authorize, set, "3000xyz is none."},
		{"quoted for the shell", send("http://localhost/a?x=1&y=$(id)", nil), "AADSTS50011", Certain, map[string]string{"sent": "another path"}, 16, trace.Authorize, set, "can't be added, it holds a character"},
	})
}

func TestRedirectURIOfOtherPlatforms(t *testing.T) {
	for _, c := range []struct{ as, want string }{
		{"native", "--public-client-redirect-uris " + callback + " " + otherCallback + " http://localhost/x"},
		{"spa", `--body '{"spa":{"redirectUris":["` + callback + `","` + otherCallback + `","http://localhost/x"]}}'`},
	} {
		found := Diagnose(traceOf(c.as, answered(authorize(edit{"redirect_uri": "http://localhost/x"}, nil), page(50011))), nil)
		if len(found) != 1 || !strings.Contains(found[0].Fix[1].Command, c.want) {
			t.Errorf("%s: %+v", c.as, found)
		}
	}
	unknown := traceOf("web", answered(authorize(nil, nil), page(50011)))
	unknown.Registration = &trace.Registration{ClientID: webAppID}
	found := Diagnose(unknown, nil)
	if len(found) != 1 || found[0].Confidence != Likely || !strings.Contains(found[0].Fix[0].Note, "add the addresses of today") {
		t.Errorf("unknown registration: %+v", found)
	}
}

func TestClient(t *testing.T) {
	const stranger = "4be9d3a7-1f62-4c8e-b0d9-86a2f5c3e7d1"
	tenant := func(original bool) *trace.Trace {
		e := trace.Exchange{Step: 1, Purpose: trace.Metadata, Channel: trace.Back, Request: trace.Request{Method: "GET", URL: "https://login.lab.example/nowhere/v2.0/.well-known/openid-configuration", Header: http.Header{}}}
		if original {
			o := e.Request
			o.URL = host + "/v2.0/.well-known/openid-configuration"
			e.Original = &o
		}
		return traceOf("web", answered(e, failure(400, 90002, "invalid_tenant")))
	}
	otherTenant := token(nil, nil)
	otherTenant.Request.URL = "https://login.lab.example/common/oauth2/v2.0/token"
	check(t, []diagnosis{
		{"unknown application", traceOf("web", answered(authorize(edit{"client_id": stranger}, nil), page(700016))), "AADSTS700016", Certain, map[string]string{"sent": stranger, "registered": webAppID}, 0, trace.Authorize, op(trace.Set, trace.Query, "client_id", webAppID), "az ad sp create --id " + webAppID},
		{"unknown application, changed", traceOf("web", answered(authorize(edit{"client_id": stranger}, edit{}), page(700016))), "AADSTS700016", Certain, nil, 0, trace.Authorize, op(trace.Restore, trace.Query, "client_id", ""), ""},
		{"at the token endpoint", traceOf("daemon", answered(token(edit{"client_id": stranger}, edit{}), failure(400, 700016, "unauthorized_client"))), "AADSTS700016", Certain, nil, 0, trace.TokenCall, op(trace.Restore, trace.Form, "client_id", ""), ""},
		{"not a GUID", traceOf("web", answered(authorize(edit{"client_id": "my-app"}, nil), page(700038))), "AADSTS700038", Certain, map[string]string{"sent": "is not a GUID"}, 0, trace.Authorize, op(trace.Set, trace.Query, "client_id", webAppID), ""},
		{"unknown tenant", tenant(false), "AADSTS90002", Certain, map[string]string{"tenant asked": "nowhere"}, 0, trace.Metadata, op(trace.Set, trace.Path, "tenant", tenantID), "az account tenant list"},
		{"unknown tenant, changed", tenant(true), "AADSTS90002", Certain, map[string]string{"registered in": tenantID}, 0, trace.Metadata, op(trace.Restore, trace.Path, "tenant", ""), ""},
		{"redeemed at another tenant", traceOf("web", authorize(nil, nil), answered(otherTenant, failure(400, 700005, "invalid_grant"))), "AADSTS700005", Certain, map[string]string{"asked here": "common"}, 1, trace.TokenCall, op(trace.Set, trace.Path, "tenant", tenantID), ""},
	})
}

func TestCredential(t *testing.T) {
	bad := func(now, before edit, code int) *trace.Trace {
		return traceOf("web", authorize(nil, nil), answered(token(now, before), failure(401, code, "invalid_client")))
	}
	restore := op(trace.Restore, trace.Form, "client_secret", "")
	public := func(now, before edit) *trace.Trace {
		return traceOf("spa", authorize(nil, nil), answered(token(now, before), failure(401, 700025, "invalid_client")))
	}
	without := edit{"client_secret": "-"}
	check(t, []diagnosis{
		{"wrong secret", bad(edit{"client_secret": "planted-secret-Xa81vTz"}, edit{}, 7000215), "AADSTS7000215", Certain, map[string]string{"client_secret": "22 characters", "registered": "begins with pla"}, -1, trace.TokenCall, restore, "credential reset --id " + webAppID + " --append"},
		{"the secret's ID", bad(edit{"client_secret": secretID}, edit{}, 7000215), "AADSTS7000215", Certain, map[string]string{"client_secret": "the ID of a registered secret"}, -1, trace.TokenCall, restore, "the Value is the secret"},
		{"a GUID", bad(edit{"client_secret": "4be9d3a7-1f62-4c8e-b0d9-86a2f5c3e7d1"}, nil, 7000215), "AADSTS7000215", Likely, map[string]string{"client_secret": "the shape of a GUID"}, -1, "", nil, ""},
		{"white space", bad(edit{"client_secret": plantedSecret + "\n"}, nil, 7000215), "AADSTS7000215", Certain, map[string]string{"client_secret": "white space"}, -1, "", nil, "line break from a file"},
		{"expired", bad(nil, nil, 7000222), "AADSTS7000222", Certain, map[string]string{"registered": "2099-12-31"}, -1, "", nil, "Make a new secret"},
		{"missing", bad(without, edit{}, 7000218), "AADSTS7000218", Certain, map[string]string{"client_secret": "not sent", "redirect_uri": "registered as Web"}, -1, trace.TokenCall, restore, ""},
		{"missing, never there", bad(without, nil, 7000218), "AADSTS7000218", Certain, map[string]string{"client_assertion": "not sent"}, -1, "", nil, "give the client its secret"},
		{"from a public client", public(nil, nil), "AADSTS700025", Certain, map[string]string{"client_secret": "a public client sends none"}, -1, trace.TokenCall, op(trace.Drop, trace.Form, "client_secret", ""), ""},
		{"added on the way", public(nil, without), "AADSTS700025", Certain, map[string]string{"redirect_uri": "Single-page application"}, -1, trace.TokenCall, op(trace.Restore, trace.Form, "client_secret", ""), ""},
	})
}

func TestBasicSecretStaysInside(t *testing.T) {
	e := token(edit{"client_secret": "-"}, nil)
	e.Request.Header.Set("Authorization", "Basic d2ViOnBsYW50ZWQtc2VjcmV0LVhxODF2VHo=") // web:plantedSecret
	found := Diagnose(traceOf("web", answered(e, failure(401, 7000215, "invalid_client"))), nil)
	if len(found) != 1 || found[0].Evidence[0].Value != "22 characters" {
		t.Fatalf("%+v", found)
	}
	noSecrets(t, found)
}

func TestOrigin(t *testing.T) {
	spa := func(e trace.Exchange) *trace.Trace {
		return traceOf("spa", authorize(nil, nil), answered(e, failure(400, 9002327, "invalid_request")))
	}
	web := func(as string, e trace.Exchange) *trace.Trace {
		return traceOf(as, authorize(nil, nil), answered(e, failure(400, 9002326, "invalid_request")))
	}
	const origin = "http://localhost:3000"
	check(t, []diagnosis{
		{"missing", spa(token(nil, nil)), "AADSTS9002327", Certain, map[string]string{"Origin": "not sent", "redirect_uri": "Single-page application"}, -1, trace.TokenCall, op(trace.Set, trace.Header, "Origin", origin), `"spa":{"redirectUris":["` + otherCallback + `"]},"web":{"redirectUris":["` + callback + `"]}`},
		{"dropped on the way", spa(with(token(nil, nil), "Origin", "", origin)), "AADSTS9002327", Certain, nil, -1, trace.TokenCall, op(trace.Restore, trace.Header, "Origin", ""), ""},
		{"sent by a web app", web("web", with(token(nil, nil), "Origin", origin, origin)), "AADSTS9002326", Certain, map[string]string{"Origin": origin, "redirect_uri": "registered as Web"}, -1, trace.TokenCall, op(trace.Drop, trace.Header, "Origin", ""), "register its address as a single-page app"},
		{"added on the way", web("native", with(token(nil, nil), "Origin", origin, "")), "AADSTS9002326", Certain, map[string]string{"redirect_uri": "Mobile and desktop"}, -1, trace.TokenCall, op(trace.Restore, trace.Header, "Origin", ""), ""},
	})
}

// Nobody may use client credentials without a credential: the way out is never
// another platform.
func TestMissingCredentialOfADaemon(t *testing.T) {
	for _, code := range []int{7000216, 7000218} {
		e := token(edit{"client_secret": "-", "grant_type": "client_credentials", "code": "-", "redirect_uri": "-"}, edit{})
		found := Diagnose(traceOf("daemon", answered(e, failure(401, code, "invalid_client"))), nil)
		if len(found) != 1 || len(found[0].Fix) != 2 {
			t.Fatalf("%d: %+v", code, found)
		}
		for _, x := range found[0].Fix {
			if text := x.Title + x.Note + x.Command; strings.Contains(text, "public") || strings.Contains(text, "platform") {
				t.Errorf("%d: %+v", code, x)
			}
		}
	}
}

// What MSAL adds for a person is not part of the advice to a daemon, though the
// retry sends again what the program had built.
func TestScopeOfADaemon(t *testing.T) {
	for code, sent := range map[int]string{1002012: ordersURI + "/Orders.Read", 500011: "api://nowhere/.default"} {
		built := ordersURI + "/.default"
		e := token(edit{"scope": sent, "grant_type": "client_credentials"}, edit{"scope": built + " openid offline_access profile"})
		found := Diagnose(traceOf("daemon", answered(e, failure(400, code, "invalid_scope"))), nil)
		if len(found) != 1 {
			t.Fatalf("%d: %+v", code, found)
		}
		fix, ok := found[0].RetryFix()
		if !ok || fix.Note != "scope = "+built || fix.Change.Ops[0].Verb != trace.Restore {
			t.Errorf("%d: %+v", code, fix)
		}
	}
}

func TestConsentIsSaidOnce(t *testing.T) {
	found := Diagnose(traceOf("web", authorize(nil, nil), answered(token(nil, nil), failure(400, 65001, "invalid_grant"))), nil)
	if len(found) != 1 || !strings.HasPrefix(found[0].Why[0], "The person, or an administrator for everybody, has to allow Contoso Orders Web to use ") {
		t.Fatalf("%+v", found)
	}
	if n := strings.Count(strings.Join(found[0].Why, " "), "administrator"); n != 1 {
		t.Errorf("an administrator is named %d times: %q", n, found[0].Why)
	}
}
