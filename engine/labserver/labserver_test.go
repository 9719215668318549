package labserver_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"flowscope/engine/labinfo"
	"flowscope/engine/labserver"
)

// echo says under which address and protocol it was asked.
var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	_, _ = io.WriteString(w, r.Proto+" "+r.Host)
})

func start(t *testing.T, o labserver.Options) *labserver.Server {
	t.Helper()
	if o.Handler == nil {
		o.Handler = echo
	}
	s, err := labserver.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// trusting is a client that trusts the server's CA and nothing else.
func trusting(t *testing.T, s *labserver.Server, http2 bool) *http.Client {
	t.Helper()
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(s.CA())) {
		t.Fatal("the CA is no certificate")
	}
	tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: http2}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

func get(t *testing.T, c *http.Client, url string) (int, string) {
	t.Helper()
	resp, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestServesBothWays(t *testing.T) {
	s := start(t, labserver.Options{HTTP: labserver.Any, HTTPS: labserver.Any})
	if !strings.HasPrefix(s.HTTP(), "http://localhost:") || !strings.HasPrefix(s.HTTPS(), "https://localhost:") {
		t.Fatalf("%s and %s", s.HTTP(), s.HTTPS())
	}
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(s.HTTPS(), "https://"))
	for _, c := range []struct {
		url, proto string
		client     *http.Client
	}{
		{s.HTTP(), "HTTP/1.1", http.DefaultClient},
		{s.HTTPS(), "HTTP/2.0", trusting(t, s, true)},
		{s.HTTPS(), "HTTP/1.1", trusting(t, s, false)},
		{"https://127.0.0.1:" + port, "HTTP/2.0", trusting(t, s, true)},
	} {
		if status, body := get(t, c.client, c.url); status != 200 || !strings.HasPrefix(body, c.proto) {
			t.Errorf("%s: %d %s, want %s", c.url, status, body, c.proto)
		}
	}
}

// TestBothFamilies asks under both addresses of localhost, again and again:
// which of the two listeners begins first is chance.
func TestBothFamilies(t *testing.T) {
	for range 40 {
		s := start(t, labserver.Options{HTTP: labserver.Any, HTTPS: labserver.Any})
		client := trusting(t, s, false)
		client.Timeout = 10 * time.Second
		for _, base := range []string{s.HTTP(), s.HTTPS()} {
			for _, host := range []string{"127.0.0.1", "[::1]"} {
				resp, err := client.Get(strings.Replace(base, "localhost", host, 1))
				if err != nil {
					if host == "[::1]" && errors.Is(err, syscall.ECONNREFUSED) {
						continue // there is no IPv6 here
					}
					t.Fatal(err)
				}
				_ = resp.Body.Close()
			}
		}
		client.CloseIdleConnections()
		s.Stop()
	}
}

func TestRefusesWhatIsNotLoopback(t *testing.T) {
	for _, address := range []string{
		"0.0.0.0:0", ":0", "[::]:0", "192.168.1.4:8080", "example.com:80", "localhost.example.com:80", "8.8.8.8:0",
		"[fe80::1%lo]:0", "localhost", "127.0.0.1", "localhost:http", "localhost:70000", "localhost:-1", "2130706433:0", "[::ffff:8.8.8.8]:0",
	} {
		for _, o := range []labserver.Options{{HTTP: address}, {HTTPS: address}, {HTTP: labserver.Any, HTTPS: address}} {
			o.Handler = echo
			s, err := labserver.Start(t.Context(), o)
			var bad *labinfo.AddressError
			if !errors.As(err, &bad) || bad.Address != address {
				t.Errorf("%+v: %v", o, err)
			}
			if s != nil {
				s.Stop()
			}
		}
	}
	for _, address := range []string{"127.0.0.1:0", "[::1]:0", "LOCALHOST:0", "127.0.0.2:0"} {
		s, err := labserver.Start(t.Context(), labserver.Options{Handler: echo, HTTPS: address})
		if err != nil {
			if runtime.GOOS == "linux" && address != "[::1]:0" {
				t.Errorf("%s: %v", address, err)
			}
			continue
		}
		if status, _ := get(t, trusting(t, s, true), s.HTTPS()); status != 200 {
			t.Errorf("%s: %d", s.HTTPS(), status)
		}
		s.Stop()
	}
}

// TestRebinding asks under a name that leads here but is not ours.
func TestRebinding(t *testing.T) {
	s := start(t, labserver.Options{HTTP: labserver.Any})
	for host, want := range map[string]int{
		"evil.example": 421, "evil.example:80": 421, "localhost.evil.example": 421, "127.0.0.1.evil.example": 421, "10.0.0.1": 421,
		"[::]": 421, "[::1": 421, "0.0.0.0": 421, "login.lab.example": 421,
		"localhost": 200, "LocalHost:1": 200, "127.0.0.1:99": 200, "[::1]": 200, "[::1]:8080": 200,
	} {
		req, err := http.NewRequest(http.MethodGet, s.HTTP(), nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != want && (want != 421 || resp.StatusCode != 400) {
			t.Errorf("Host %s: %d, want %d", host, resp.StatusCode, want)
		}
	}
}

// TestCertificates looks at the throw-away authority and what it can't do.
func TestCertificates(t *testing.T) {
	now := time.Now()
	s := start(t, labserver.Options{HTTPS: labserver.Any, Now: func() time.Time { return now }})
	block, rest := pem.Decode([]byte(s.CA()))
	if block == nil || len(rest) != 0 || strings.Contains(s.CA(), "KEY") {
		t.Fatalf("CA is %q", s.CA())
	}
	ca, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if ca.Subject.CommonName != "flowscope lab throw-away CA" || ca.NotAfter.Sub(ca.NotBefore) != 7*24*time.Hour || !ca.IsCA || !ca.MaxPathLenZero {
		t.Errorf("%s, %s to %s", ca.Subject, ca.NotBefore, ca.NotAfter)
	}
	if !ca.PermittedDNSDomainsCritical || len(ca.PermittedDNSDomains) != 1 || len(ca.PermittedIPRanges) != 2 {
		t.Error("the authority could speak for other names")
	}
	for _, o := range []*tls.Config{{MaxVersion: tls.VersionTLS11}, {}} {
		o.InsecureSkipVerify = o.MaxVersion != 0 // else the CA is not trusted
		if conn, err := tls.Dial("tcp", strings.TrimPrefix(s.HTTPS(), "https://"), o); err == nil {
			_ = conn.Close()
			t.Errorf("a handshake with %d went through", o.MaxVersion)
		}
	}
	if other := start(t, labserver.Options{HTTPS: labserver.Any}); other.CA() == s.CA() {
		t.Error("two servers have one authority")
	}
}

// TestTrouble hears of a client that does not trust the certificate.
func TestTrouble(t *testing.T) {
	told := make(chan string, 8)
	s := start(t, labserver.Options{HTTPS: labserver.Any, Trouble: func(text string) { told <- text }})
	resp, err := http.Get(s.HTTPS())
	if err == nil {
		_ = resp.Body.Close()
		t.Fatal("an unknown authority was trusted")
	}
	select {
	case text := <-told:
		if !strings.Contains(text, "tls:") || strings.Contains(text, "http:") {
			t.Errorf("told %q", text)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("nobody was told")
	}
}

// TestStopEndsEverything leaves no goroutine and no port, idle connections and
// half a request notwithstanding.
func TestStopEndsEverything(t *testing.T) {
	before := runtime.NumGoroutine()
	s, err := labserver.Start(context.Background(), labserver.Options{Handler: echo, HTTP: labserver.Any, HTTPS: labserver.Any})
	if err != nil {
		t.Fatal(err)
	}
	address := strings.TrimPrefix(s.HTTP(), "http://")
	var conns []net.Conn
	for range 5 {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow"); err != nil {
			t.Fatal(err)
		}
		conns = append(conns, conn)
	}
	began := time.Now()
	s.Stop()
	s.Stop() // twice does no harm
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("stopping took %s", took)
	}
	for _, c := range conns {
		if _, err := c.Read(make([]byte, 1)); err == nil {
			t.Error("a connection is still open")
		}
		_ = c.Close()
	}
	if conn, err := net.Dial("tcp", address); err == nil {
		_ = conn.Close()
		t.Error("the port is still open")
	}
	for until := time.Now().Add(5 * time.Second); time.Now().Before(until); runtime.Gosched() {
		if runtime.NumGoroutine() <= before {
			return
		}
	}
	t.Errorf("%d goroutines before, %d after", before, runtime.NumGoroutine())
}

// TestTakenPort says so.
func TestTakenPort(t *testing.T) {
	s := start(t, labserver.Options{HTTP: labserver.Any})
	_, err := labserver.Start(t.Context(), labserver.Options{Handler: echo, HTTP: strings.TrimPrefix(s.HTTP(), "http://")})
	var bad *labinfo.AddressError
	if err == nil || errors.As(err, &bad) {
		t.Errorf("a taken port: %v", err)
	}
}

// TestManyConnections holds more connections open than there may be: the later
// ones wait, and the server goes on when some are gone.
func TestManyConnections(t *testing.T) {
	s := start(t, labserver.Options{HTTP: "127.0.0.1:0"})
	address := strings.TrimPrefix(s.HTTP(), "http://")
	var conns []net.Conn
	for range 300 {
		conn, err := net.Dial("tcp4", strings.Replace(address, "localhost", "127.0.0.1", 1))
		if err != nil {
			t.Fatal(err)
		}
		conns = append(conns, conn)
	}
	for _, c := range conns {
		_ = c.Close()
	}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			resp, err := http.Get(s.HTTP())
			if err != nil {
				t.Error(err)
				return
			}
			_ = resp.Body.Close()
		})
	}
	wg.Wait()
}

// TestHugeHeader is answered with 431.
func TestHugeHeader(t *testing.T) {
	s := start(t, labserver.Options{HTTP: labserver.Any})
	req, err := http.NewRequest(http.MethodGet, s.HTTP(), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Much", strings.Repeat("a", 100<<10))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("status %d", resp.StatusCode)
	}
}
