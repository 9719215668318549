package har_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"flowscope/decision"
	"flowscope/engine/enginetest"
	"flowscope/engine/har"
	"flowscope/engine/trace"
)

// planted is a run with a secret of its own in every place that can hold one.
type planted struct {
	n       int
	secrets map[string]string // secret to the place
	trace   trace.Trace
}

// secret makes a secret for a place. It has a character that is spelled
// differently in URLs, JSON and HTML.
func (p *planted) secret(place string) string {
	p.n++
	s := fmt.Sprintf("SECRET~%03d&<x>\"y", p.n)
	p.secrets[s] = place
	return s
}

// token makes a signed token whose signature is the secret.
func (p *planted) token(place string) string {
	p.n++
	signature := fmt.Sprintf("SECRETsignature%03dabcdefghijklmnop", p.n)
	p.secrets[signature] = place
	return "eyJhbGciOiJSUzI1NiJ9." + base64.RawURLEncoding.EncodeToString([]byte(`{"name":"Ada","aud":"orders"}`)) + "." + signature
}

func (p *planted) add(e trace.Exchange) {
	e.N = len(p.trace.Exchanges) + 1
	p.trace.Exchanges = append(p.trace.Exchanges, e)
}

// plant is long because it is a list of places.
func plant() *planted {
	p := &planted{secrets: map[string]string{}}
	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	encoded := func(names []string, place string) string {
		var list []trace.Param
		for _, n := range names {
			list = append(list, trace.Param{Name: n, Value: p.secret(place + " " + n)})
		}
		return trace.EncodePairs(list)
	}
	names := []string{
		"code", "code_verifier", "client_secret", "client_assertion", "assertion", "refresh_token", "password", "passwd", "device_code", "state",
		"session_state", "id_token_hint", "subject_token", "actor_token", "token", "access_token", "id_token", "user_federated_identity_credential",
	}
	p.add(trace.Exchange{Purpose: trace.TokenCall, Request: trace.Request{Method: "POST", URL: "https://h/token?" + encoded(names, "query"), Header: form, Body: []byte(encoded(names, "form"))}})
	p.add(trace.Exchange{Purpose: trace.Redirect, Channel: trace.Front, Request: trace.Request{Method: "GET", URL: "http://localhost/back?x=1#" + encoded([]string{"access_token", "id_token", "code", "state"}, "fragment")}})
	moved := "http://localhost/back?" + encoded([]string{"code", "state"}, "Location query") + "#" + encoded([]string{"access_token", "state"}, "Location fragment")
	p.add(trace.Exchange{Purpose: trace.SignIn, Channel: trace.Front, Request: trace.Request{Method: "GET", URL: "https://h/login", Header: http.Header{"Cookie": {"sid=SECRETcookie1; other=SECRETcookie2"}}},
		Response: &trace.Response{Status: 302, Header: http.Header{"Location": {moved}, "Set-Cookie": {"sid=SECRETcookie3; Path=/; HttpOnly"}}}})
	for i := 1; i <= 3; i++ {
		p.secrets[fmt.Sprintf("SECRETcookie%d", i)] = "cookie"
	}
	var members []string
	for _, n := range names {
		members = append(members, fmt.Sprintf("%q:%q", n, p.secret("JSON "+n)))
	}
	nested := fmt.Sprintf(`"deep":{"list":[{"refresh_token":%q}]}`, p.secret("nested JSON"))
	p.add(trace.Exchange{Purpose: trace.Refresh, Request: trace.Request{Method: "POST", URL: "https://h/json", Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(fmt.Sprintf(`{"client_secret":%q}`, p.secret("JSON request")))},
		Response: &trace.Response{Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte("{" + strings.Join(members, ",") + "," + nested + "}")}})
	hidden := p.secret("hidden field")
	page := `<form method="post" action="http://localhost/"><input type="hidden" value="` + strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;").Replace(hidden) + `" name="code"></form>`
	p.add(trace.Exchange{Purpose: trace.SignIn, Request: trace.Request{Method: "GET", URL: "https://h/form_post"}, Response: &trace.Response{Status: 200, Header: http.Header{"Content-Type": {"text/html"}}, Body: []byte(page)}})
	p.add(trace.Exchange{Purpose: trace.ManagedIdentity, Request: trace.Request{Method: "GET", URL: "http://localhost/msi/token?resource=r", Header: http.Header{"X-Identity-Header": {p.secret("X-IDENTITY-HEADER")}, "Secret": {p.secret("Secret header")}}}})
	basicSecret := p.secret("Basic")
	basic := base64.StdEncoding.EncodeToString([]byte("client:" + url.QueryEscape(basicSecret)))
	p.secrets[basic] = "Basic credentials"
	p.add(trace.Exchange{Purpose: trace.Introspection, Request: trace.Request{Method: "POST", URL: "https://h/introspect", Header: http.Header{"Content-Type": form["Content-Type"], "Authorization": {"Basic " + basic}}, Body: []byte("token=" + p.token("introspection"))}})
	bearer := p.token("bearer")
	p.add(trace.Exchange{Purpose: trace.CallAPI, Request: trace.Request{Method: "GET", URL: "https://h/api", Header: http.Header{"Authorization": {"Bearer " + bearer}, "Proxy-Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte("u:SECRETproxy"))}}},
		Response: &trace.Response{Status: 200, Header: http.Header{"Content-Type": {"text/plain"}, "X-Echo": {bearer}}, Body: []byte("you sent " + bearer)}})
	p.secrets[base64.StdEncoding.EncodeToString([]byte("u:SECRETproxy"))] = "Proxy-Authorization"
	original := trace.Request{Method: "POST", URL: "https://h/token?" + encoded([]string{"state"}, "original query"), Header: form, Body: []byte(encoded([]string{"client_secret", "code_verifier"}, "original form"))}
	before := trace.Response{Status: 200, Header: http.Header{"Content-Type": {"application/json"}, "Set-Cookie": {"o=SECRETcookie4"}}, Body: []byte(fmt.Sprintf(`{"refresh_token":%q}`, p.secret("original answer")))}
	p.secrets["SECRETcookie4"] = "original answer's cookie"
	known := p.secret("words")
	p.add(trace.Exchange{Purpose: trace.TokenCall, Request: trace.Request{Method: "POST", URL: "https://h/token", Header: form, Body: []byte("client_secret=" + url.QueryEscape(known))}, Original: &original, OriginalResponse: &before,
		Response: &trace.Response{Status: 200}, Changes: []string{"the secret " + known}, AnswerChanges: []string{"the answer " + known}, Err: "broke at " + known, Note: "note " + known, Refused: "refused " + known, Break: known})
	p.trace.Tokens = []trace.Token{{Kind: trace.AccessToken, Value: p.token("token of the run")}, {Kind: trace.RefreshToken, Value: p.secret("refresh token of the run")}}
	p.trace.Failure = "failed with " + known
	p.trace.Refusal = &trace.Refusal{Check: "state", Expected: known, Found: known, Why: "it was " + known}
	p.trace.Library = &trace.Library{Name: "MSAL", Result: "returned " + known, Error: "said " + known}
	p.trace.Flow, p.trace.Target, p.trace.Outcome = decision.AuthorizationCode, "lab", trace.Failed
	return p
}

// base64Spelling is where in spellings the base64 of a secret stands.
const base64Spelling = 4

// spellings are the forms in which a secret could be left over.
func spellings(s string) []string {
	quoted := fmt.Sprintf("%q", s)
	return []string{
		s, url.QueryEscape(s), url.PathEscape(s), quoted[1 : len(quoted)-1], base64.StdEncoding.EncodeToString([]byte(s)),
		strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;").Replace(s), strings.ReplaceAll(s, "'", `'\''`),
	}
}

// TestNoSecretLeaves plants a secret in every place and searches every export for
// each of them, whole runs and single exchanges.
func TestNoSecretLeaves(t *testing.T) {
	p := plant()
	known := p.trace.Failure[len("failed with "):]
	o := har.Options{
		Title: "a run", Findings: []har.Finding{{Title: "found " + known, Lines: []string{"because of " + known}}},
		Steps: []har.Step{{N: 1, Title: "Ask", From: trace.App, To: trace.Entra}},
	}
	for _, f := range har.Formats() {
		for n := range len(p.trace.Exchanges) + 1 {
			o.Format, o.Exchange = f.ID, n
			text, receipt, err := har.Export(&p.trace, o)
			if err != nil {
				t.Fatal(err)
			}
			for secret, place := range p.secrets {
				for _, s := range spellings(secret) {
					if strings.Contains(string(text), s) {
						t.Errorf("%s of exchange %d holds the secret of %s as %q", f.ID, n, place, s)
					}
				}
			}
			if i := strings.Index(string(text), "SECRET"); i >= 0 && !strings.Contains("WITH SECRETS CLIENT_SECRET", string(text[max(0, i-7):i+6])) {
				around := string(text[max(0, i-60):min(len(text), i+60)])
				if !strings.Contains(around, "CLIENT_SECRET") && !strings.Contains(around, "$SECRET") && !strings.Contains(around, "SECRET=") && !strings.Contains(around, "{{SECRET") && !strings.Contains(around, "@SECRET") && !strings.Contains(around, "${SECRET:?") {
					t.Errorf("%s of exchange %d: %s", f.ID, n, around)
				}
			}
			if n == 0 && f.ID != har.MermaidFormat && receipt.Count() < 40 {
				t.Errorf("%s: only %d secrets are on the receipt", f.ID, receipt.Count())
			}
			for _, item := range receipt.Removed {
				if !strings.Contains(string(text), item.Kind) {
					t.Errorf("%s: the receipt at the end does not name the %s", f.ID, item.Kind)
				}
			}
		}
	}
}

// TestWithSecretsSaysSo: asked for, they are there, and the text says that they
// are.
func TestWithSecretsSaysSo(t *testing.T) {
	p := plant()
	for _, f := range har.Formats() {
		text, receipt, err := har.Export(&p.trace, har.Options{Format: f.ID, WithSecrets: true})
		if err != nil || !receipt.WithSecrets || !strings.Contains(string(text), "WITH SECRETS") {
			t.Errorf("%s does not say that secrets are in it: %v", f.ID, err)
		}
		if f.ID != har.MermaidFormat && !strings.Contains(string(text), "SECRETcookie1") {
			t.Errorf("%s has no secrets", f.ID)
		}
	}
}

// TestNoSecretOfTheLabLeaves searches the exports of real runs for what the lab
// and the run know.
func TestNoSecretOfTheLabLeaves(t *testing.T) {
	w := enginetest.New(t)
	for _, flow := range decision.Flows() {
		job, err := w.Target.Job(flow, "")
		if err != nil || w.Runner.Can(&job.Target, flow) != nil {
			continue
		}
		if _, err := w.Runner.Plan(job); err != nil {
			continue
		}
		s, o := ran(t, w, flow, job.Client.Key)
		var secrets []string
		for _, e := range s.Trace.Exchanges {
			for _, param := range e.Request.Params() {
				if trace.IsSecret(param.Name) && len(param.Value) > 8 {
					secrets = append(secrets, param.Value)
				}
			}
		}
		for _, tok := range s.Trace.Tokens {
			secrets = append(secrets, tok.Value[strings.LastIndexByte(tok.Value, '.')+1:])
		}
		for _, f := range har.Formats() {
			o.Format = f.ID
			text, _, err := har.Export(s.Trace, o)
			if err != nil {
				t.Fatal(err)
			}
			for _, secret := range secrets {
				for i, spelled := range spellings(secret) {
					// The session is a claim of the ID token too, and claims stay readable.
					if i != base64Spelling && strings.Contains(string(text), spelled) {
						t.Errorf("%s as %s holds %q", flow, f.ID, spelled)
					}
				}
			}
		}
	}
}

// TestLettersOfTheScreen: an export has the letters that the screen shows.
func TestLettersOfTheScreen(t *testing.T) {
	screen := trace.NewRedactor(nil)
	screen.Alias("something else")
	e := trace.Exchange{N: 1, Request: trace.Request{Method: "GET", URL: "https://h/?state=the-state"}}
	shown := screen.Exchange(e).Request.URL
	text, _, err := har.Export(&trace.Trace{Exchanges: []trace.Exchange{e}}, har.Options{Format: "har", Secrets: screen})
	if err != nil || !strings.Contains(string(text), shown) || !strings.HasSuffix(shown, "masked:B") {
		t.Errorf("the screen shows %s\n%s", shown, text)
	}
}
