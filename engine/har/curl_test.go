package har_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"flowscope/decision"
	"flowscope/engine/enginetest"
	"flowscope/engine/har"
	"flowscope/engine/lab"
	"flowscope/engine/labinfo"
	"flowscope/engine/trace"
)

// shells are those that a copied command has to work in, as far as they are here.
func shells(t *testing.T) []string {
	t.Helper()
	if _, err := exec.LookPath("curl"); err != nil {
		if os.Getenv("FLOWSCOPE_NEEDS_CURL") != "" {
			t.Fatal("curl is not installed")
		}
		t.Skip("curl is not installed")
	}
	var out []string
	for _, s := range []string{"sh", "bash", "zsh"} {
		if _, err := exec.LookPath(s); err == nil {
			out = append(out, s)
		}
	}
	return out
}

// runs runs a script in a shell with these variables and gives what it says.
func runs(t *testing.T, shell, script string, env ...string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, shell)
	cmd.Stdin = strings.NewReader(script)
	cmd.Dir = t.TempDir()
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + cmd.Dir, "NO_PROXY=*"}, env...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s\n%s", shell, err, errs.String(), script)
	}
	return out
}

// TestLabHost: the host that exports take for the lab's is the lab's.
func TestLabHost(t *testing.T) {
	if har.LabHost != lab.Host {
		t.Errorf("%s is not %s", har.LabHost, lab.Host)
	}
}

// TestAScriptTakesItsTokens runs a whole run's script: the secret is all that is
// set, and the call of the API has the token that the token request brought.
func TestAScriptTakesItsTokens(t *testing.T) {
	found := shells(t)
	w := enginetest.New(t)
	served, err := w.Shared.Share(t.Context(), labinfo.Addresses{})
	if err != nil {
		t.Fatal(err)
	}
	base, _, _ := strings.Cut(served.HTTPAuthority, "/"+served.TenantID)
	s, o := ran(t, w, decision.ClientCredentials, "daemon")
	e, _ := s.Trace.LastToken()
	secret, _ := e.Request.Get("client_secret")
	o.Format, o.Base = har.CurlFormat, base
	text, _, err := har.Export(s.Trace, o)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "?'") {
		t.Errorf("an address ends in a stray question mark:\n%s", text)
	}
	for _, shell := range found {
		if out := runs(t, shell, string(text), "CLIENT_SECRET="+secret); !strings.Contains(string(out), "access_token") || !strings.Contains(string(out), "orders") || strings.Contains(string(out), "invalid_token") {
			t.Errorf("%s: %s\n%s", shell, out, text)
		}
	}
}

// TestCurlGetsAToken runs client credentials on the lab, takes the token request
// away as curl and sends it to the same lab as it is served: a token comes. The
// secret is not in the command; it is in the environment.
func TestCurlGetsAToken(t *testing.T) {
	found := shells(t)
	w := enginetest.New(t)
	served, err := w.Shared.Share(t.Context(), labinfo.Addresses{})
	if err != nil {
		t.Fatal(err)
	}
	base, _, _ := strings.Cut(served.HTTPAuthority, "/"+served.TenantID)
	s, o := ran(t, w, decision.ClientCredentials, "daemon")
	e, ok := s.Trace.LastToken()
	if !ok {
		t.Fatal(s.Err)
	}
	o.Format, o.Exchange, o.Base = har.CurlFormat, e.N, base
	text, receipt, err := har.Export(s.Trace, o)
	if err != nil {
		t.Fatal(err)
	}
	secret, _ := e.Request.Get("client_secret")
	if strings.Contains(string(text), secret) || receipt.Count() != 1 || receipt.Removed[0].Kind != "client secret" {
		t.Fatalf("%+v\n%s", receipt, text)
	}
	for _, shell := range found {
		t.Run(shell, func(t *testing.T) {
			var answer struct {
				AccessToken string `json:"access_token"`
			}
			out := runs(t, shell, string(text), "CLIENT_SECRET="+secret)
			if err := json.Unmarshal(out, &answer); err != nil || strings.Count(answer.AccessToken, ".") != 2 {
				t.Errorf("%v\n%s\n%s", err, out, text)
			}
			c := exec.CommandContext(t.Context(), shell, "-c", string(text))
			c.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
			if out, err := c.CombinedOutput(); err == nil || !strings.Contains(string(out), "set CLIENT_SECRET to the client secret") || strings.Contains(string(out), "AADSTS") {
				t.Errorf("without the secret it did not stop: %v %s", err, out)
			}
		})
	}
	o.WithSecrets = true
	text, _, err = har.Export(s.Trace, o)
	if err != nil || !strings.Contains(string(text), secret) || !strings.Contains(string(text), "WITH SECRETS") {
		t.Fatalf("%v\n%s", err, text)
	}
	if out := runs(t, "sh", string(text)); !strings.Contains(string(out), "access_token") {
		t.Errorf("with secrets: %s", out)
	}
	o.Base, o.WithSecrets = "", false
	if text, _, _ = har.Export(s.Trace, o); !strings.Contains(string(text), "flowscope lab") {
		t.Errorf("it does not say that the lab has to be served:\n%s", text)
	}
	if out := runs(t, "sh", string(text), "LAB="+base, "CLIENT_SECRET="+secret); !strings.Contains(string(out), "access_token") {
		t.Errorf("with the address of the lab: %s\n%s", out, text)
	}
}

// TestCurlSendsTheSame lets shells run the curl of hostile requests: what arrives
// is what was recorded, and nothing else happens.
func TestCurlSendsTheSame(t *testing.T) {
	found := shells(t)
	var got *http.Request
	var body []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
	}))
	defer server.Close()
	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	for _, tt := range []struct {
		name string
		r    trace.Request
		env  []string
	}{
		{"a query", trace.Request{Method: "GET", URL: "/a?x=1&y=b%20c&x=2"}, nil},
		{"a query with a secret", trace.Request{Method: "GET", URL: "/a?x=1&state=s%26t&y=%C3%BC"}, []string{"STATE=s&t"}},
		{"a post with a secret in its query", trace.Request{Method: "POST", URL: "/a?code=c&x=1", Header: form, Body: []byte("a=b")}, []string{"CODE=c"}},
		{"quotes and dollars", trace.Request{Method: "POST", URL: "/a", Header: form, Body: []byte("a=" + "%27%22%24%28touch+x%29%60touch+x%60%5C%21&b%27=1")}, nil},
		{"values that name files", trace.Request{Method: "POST", URL: "/a", Header: form, Body: []byte("a=%40%2Fetc%2Fpasswd&%40b=c&=d&e=")}, nil},
		{"control characters", trace.Request{Method: "POST", URL: "/a", Header: form, Body: []byte("a=%1B%5B31m&b=1%0A2")}, nil},
		{"braces", trace.Request{Method: "GET", URL: "/a?x=[1-3]&y={a,b}"}, nil},
		{"a header", trace.Request{Method: "GET", URL: "/a", Header: http.Header{"X-It": {"it's $HOME"}, "Origin": {"http://localhost:3000"}}}, nil},
		{"json", trace.Request{Method: "PUT", URL: "/a", Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte("@{\"a\": \"it's\"}\n")}, nil},
		{"no body", trace.Request{Method: "POST", URL: "/a"}, nil},
		{"delete", trace.Request{Method: "DELETE", URL: "/a"}, nil},
		{"a bearer token", trace.Request{Method: "GET", URL: "/a", Header: http.Header{"Authorization": {"Bearer opaque-token"}}}, []string{"ACCESS_TOKEN=opaque-token"}},
		{"basic", trace.Request{Method: "POST", URL: "/a", Header: http.Header{"Content-Type": form["Content-Type"], "Authorization": {"Basic YSUyMGI6cyUzQXQ="}}, Body: []byte("a=b")}, []string{"CLIENT_SECRET=s%3At"}},
		{"a cookie", trace.Request{Method: "GET", URL: "/a", Header: http.Header{"Cookie": {"a=1; b=2"}}}, []string{"COOKIE=a=1; b=2"}},
		{"managed identity", trace.Request{Method: "GET", URL: "/a?resource=r", Header: http.Header{"X-Identity-Header": {"the-header"}}}, []string{"X_IDENTITY_HEADER=the-header"}},
		{"a long body", trace.Request{Method: "POST", URL: "/a", Header: http.Header{"Content-Type": {"text/plain"}}, Body: bytes.Repeat([]byte("x"), 300<<10)}, nil},
	} {
		r := tt.r
		r.URL = server.URL + r.URL
		text, _, err := har.Export(&trace.Trace{Exchanges: []trace.Exchange{{N: 1, Request: r}}}, har.Options{Format: "curl"})
		if err != nil {
			t.Fatal(err)
		}
		for _, shell := range found {
			t.Run(tt.name+" in "+shell, func(t *testing.T) {
				got, body = nil, nil
				runs(t, shell, string(text), tt.env...)
				if got == nil {
					t.Fatalf("nothing arrived\n%s", text)
				}
				arrived := trace.Request{Method: got.Method, URL: server.URL + got.RequestURI, Header: got.Header, Body: body}
				same(t, r, arrived, string(text))
			})
		}
	}
}

// same compares a request with what arrived: parameters, the headers that it has,
// and a body that is no form byte for byte.
func same(t *testing.T, want, got trace.Request, text string) {
	t.Helper()
	if got.Method != want.Method {
		t.Errorf("method %s, want %s", got.Method, want.Method)
	}
	if !slices.Equal(got.QueryParams(), want.QueryParams()) || !slices.Equal(got.FormParams(), want.FormParams()) {
		t.Errorf("parameters %q, want %q\n%s", got.Params(), want.Params(), text)
	}
	if !want.IsForm() && string(got.Body) != string(want.Body) {
		t.Errorf("%d bytes of a body, want %d", len(got.Body), len(want.Body))
	}
	for name, values := range want.Header {
		if !slices.Equal(got.Header[name], values) {
			t.Errorf("%s is %q, want %q\n%s", name, got.Header[name], values, text)
		}
	}
}

// TestCurlOfAHostileAddress never reads a file, whatever the address says.
func TestCurlOfAHostileAddress(t *testing.T) {
	found := shells(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "private")
	if err := os.WriteFile(file, []byte("private words"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"file://" + file, "-K" + file, "--config=" + file, "@" + file} {
		text, _, err := har.Export(&trace.Trace{Exchanges: []trace.Exchange{{N: 1, Request: trace.Request{Method: "GET", URL: address, Header: http.Header{"@" + file: {"x"}}}}}}, har.Options{Format: "curl"})
		if err != nil {
			t.Fatal(err)
		}
		for _, shell := range found {
			cmd := exec.CommandContext(t.Context(), shell)
			cmd.Stdin = strings.NewReader(string(text))
			out, _ := cmd.CombinedOutput() // curl fails, and has to
			if strings.Contains(string(out), "private words") {
				t.Errorf("%s in %s reads a file:\n%s", address, shell, text)
			}
		}
	}
}
