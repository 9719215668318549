package probe_test

import (
	"compress/gzip"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"flowscope/engine"
	"flowscope/engine/explain"
	"flowscope/engine/probe"
	"flowscope/engine/wire"
)

// quick are limits that a test can wait for.
var quick = wire.Limits{Connect: time.Second, TLS: time.Second, Header: 1500 * time.Millisecond, Body: 5 * time.Second}

// issuerAt is a target whose issuer is a server of this machine.
func issuerAt(issuer string, roots *x509.CertPool) engine.Target {
	_, host, _ := strings.Cut(issuer, "://")
	host, _, _ = strings.Cut(host, "/")
	return engine.Target{
		Name: "test", Live: true, Kind: engine.OIDC, Issuer: issuer, Hosts: []string{host},
		Transport: wire.NewOutside(roots, nil, quick, time.Now), Clients: []engine.Client{{Key: "native", Platform: "publicClient"}},
	}
}

// TestMisbehaviour asks servers that misbehave, each in its own way, and reads
// what is said about it: the name of the trouble, evidence, and a way out.
func TestMisbehaviour(t *testing.T) {
	says := func(status int, kind, body string, headers ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			for i := 0; i < len(headers); i += 2 {
				w.Header().Set(headers[i], headers[i+1])
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	for _, tt := range []struct {
		name     string
		serve    http.HandlerFunc
		code     string
		title    string
		evidence string // label=value
		fix      string
	}{
		{"too many requests", says(429, "application/json", `{}`, "Retry-After", "17"), "HTTP 429", "Too Many Requests", "Retry-After=17", "Wait 17 seconds"},
		{"out of order", says(503, "text/plain", "no"), "HTTP 503", "Service Unavailable", "address=", "Wait"},
		{"a page", says(200, "text/html", "<html><title>Guest network</title></html>"), "intercepted", "captive portal or proxy", "title of the page=Guest network", "Sign in to the network"},
		{"half of it", says(200, "application/json", `{"issuer":"http`), "json", "truncated JSON", "length=15 bytes", "Try again"},
		{"nothing", says(200, "application/json", ""), "json", "empty", "length=0 bytes", "Try again"},
		{"no JSON", says(200, "application/json", "issuer: me"), "json", "no JSON", "Content-Type=application/json", "Try again"},
		{"a redirect", says(302, "text/plain", "", "Location", "https://elsewhere.example/x?secret=1"), "redirect", "redirect at a back-channel address", "leads to=https://elsewhere.example/x", "Use the address"},
		{"another issuer", says(200, "application/json", `{"issuer":"https://evil.example"}`), "issuer", "issuer mismatch", "issuer in the document=https://evil.example", "write the issuer as the document has it"},
		{"a bomb", bomb, "json", "too long", "length=8388608 bytes", "If the server is yours"},
		{"no answer", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "transport", "timeout", "waited=1.5s", "Try again"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := httptest.NewServer(tt.serve)
			defer s.Close()
			f := failure(t, issuerAt(s.URL, nil))
			if f.Code != tt.code || f.Name != tt.title {
				t.Fatalf("%s, %s: %s", f.Code, f.Name, f.What)
			}
			read(t, f, tt.evidence, tt.fix)
		})
	}
}

func bomb(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Encoding", "gzip")
	w.Header().Set("Content-Type", "application/json")
	z := gzip.NewWriter(w)
	spaces := []byte(strings.Repeat(" ", 1<<20))
	for range 32 {
		if _, err := z.Write(spaces); err != nil {
			return
		}
	}
	_ = z.Close()
}

// TestTransportIsExplained covers what keeps an answer from coming at all, by TLS.
func TestTransportIsExplained(t *testing.T) {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	for _, tt := range []struct {
		name, issuer  string
		roots         *x509.CertPool
		title         string
		evidence, fix string
	}{
		{"untrusted", s.URL, nil, "certificate not trusted", "signed by=O=Acme Co", "ca_file"},
		{"wrong name", strings.Replace(s.URL, "127.0.0.1", "localhost", 1), pool, "wrong host in the certificate", "certificate for=example.com, *.example.com, 127.0.0.1, ::1", "Use a name"},
		{"refused", gone.URL, nil, "connection refused", "broke while=connecting", "Look at host and port"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := failure(t, issuerAt(tt.issuer, tt.roots))
			if f.Code != "transport" || f.Name != tt.title {
				t.Fatalf("%s, %s: %s", f.Code, f.Name, f.What)
			}
			read(t, f, tt.evidence, tt.fix)
		})
	}
}

func failure(t *testing.T, target engine.Target) explain.Finding {
	t.Helper()
	r, err := probe.Try(t.Context(), target, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	found := explain.Diagnose(r.Trace, nil)
	if r.Good() || len(found) == 0 {
		t.Fatalf("nothing failed: %+v", r)
	}
	return found[0]
}

// read looks for evidence and for a way out.
func read(t *testing.T, f explain.Finding, evidence, fix string) {
	t.Helper()
	label, value, _ := strings.Cut(evidence, "=")
	seen := false
	for _, e := range f.Evidence {
		seen = seen || e.Label == label && strings.HasPrefix(e.Value, value)
		if strings.Contains(e.Value, "secret=1") {
			t.Errorf("a query comes out: %s", e.Value)
		}
	}
	if !seen {
		t.Errorf("%q is not in %+v", evidence, f.Evidence)
	}
	offered := false
	for _, x := range f.Fix {
		offered = offered || strings.Contains(x.Title, fix)
	}
	if !offered || len(f.Why) == 0 || len(f.Source) == 0 {
		t.Errorf("%q is not among %+v; why %q, source %q", fix, f.Fix, f.Why, f.Source)
	}
}

// TestTry reads what an issuer offers, and asks for nothing else.
func TestTry(t *testing.T) {
	asked := 0
	var s *httptest.Server
	s = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if r.URL.Path != "/.well-known/openid-configuration" || r.URL.RawQuery != "" || r.Method != http.MethodGet {
			t.Errorf("asked for %s %s", r.Method, r.URL)
		}
		_, _ = io.WriteString(w, `{"issuer":"`+s.URL+`","authorization_endpoint":"x","token_endpoint":"x","jwks_uri":"x"}`)
	}))
	defer s.Close()
	r, err := probe.Try(t.Context(), issuerAt(s.URL, nil), time.Now)
	if err != nil || !r.Good() || asked != 1 {
		t.Fatalf("%+v, %v, asked %d times", r, err, asked)
	}
	want := map[string]bool{"offers sign-in (authorization code)": true, "offers no sign-out": false, "offers no device code": false, "offers keys to check tokens with": true}
	for _, l := range r.Lines {
		if good, ok := want[l.Text]; ok && good == l.Good {
			delete(want, l.Text)
		}
	}
	if len(want) > 0 {
		t.Errorf("not said: %v, in %+v", want, r.Lines)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := probe.Try(ctx, issuerAt(s.URL, nil), time.Now); !errors.Is(err, context.Canceled) || asked != 1 {
		t.Errorf("got %v", err)
	}
	if r := probe.Request(engine.Target{Authority: "https://login.example/t"}); r.URL != "https://login.example/t/v2.0/.well-known/openid-configuration" {
		t.Errorf("asks %s", r.URL)
	}
}
