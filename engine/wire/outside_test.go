package wire

import (
	"compress/gzip"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"flowscope/engine/trace"
)

// quick are limits that a test can wait for.
var quick = Limits{Connect: 300 * time.Millisecond, TLS: 150 * time.Millisecond, Header: 150 * time.Millisecond, Body: 200 * time.Millisecond}

// ask sends one GET through a gate and gives the exchange.
func ask(t *testing.T, o *Outside, address string) trace.Exchange {
	t.Helper()
	d := &table{}
	g := &Gate{Next: o, Desk: d, Now: time.Now, Allow: func(*url.URL) error { return nil }}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := g.Do(req)
	if err == nil {
		_ = resp.Body.Close()
	}
	return d.changed[len(d.changed)-1]
}

func plain(limits Limits) *Outside { return NewOutside(nil, nil, limits, time.Now) }

// raw is a server that says these bytes to whoever connects, and closes.
func raw(t *testing.T, says string) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				if says == "" { // say nothing, and wait for the other side to go
					_, _ = io.Copy(io.Discard, c)
					return
				}
				_, _ = c.Read(make([]byte, 4096))
				_, _ = io.WriteString(c, says)
			}()
		}
	}()
	return ln.Addr().String()
}

func server(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// silenced keeps a server's own complaints out of the test's output.
func silenced(t *testing.T, s *httptest.Server) *httptest.Server {
	t.Helper()
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(s.Close)
	return s
}

func closedPort(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	return ln.Addr().String()
}

// TestTrouble asks servers that misbehave, each in its own way.
func TestTrouble(t *testing.T) {
	stuck := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	trickle := func(w http.ResponseWriter, r *http.Request) {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				_, _ = io.WriteString(w, " ")
				_ = http.NewResponseController(w).Flush()
			case <-r.Context().Done():
				return
			}
		}
	}
	for _, tt := range []struct {
		name, address string
		kind          trace.ErrKind
		phase         trace.Phase
	}{
		{"refused", "http://" + closedPort(t) + "/", trace.NoListener, trace.AtConnect},
		{"no TLS there", "https://" + raw(t, "HTTP/1.1 400 Bad Request\r\n\r\n") + "/", trace.NoTLS, trace.AtTLS},
		{"TLS that never answers", "https://" + raw(t, "") + "/", trace.TimedOut, trace.AtTLS},
		{"no answer", server(t, stuck), trace.TimedOut, trace.AtHeader},
		{"a trickle", server(t, trickle), trace.TimedOut, trace.AtBody},
		{"no HTTP", "http://" + raw(t, "SSH-2.0-OpenSSH_9.6\r\n"), trace.BadAnswer, trace.AtHeader},
		{"hung up", "http://" + raw(t, "HTTP/1.1 200 OK\r\nServer: x\r\n"), trace.CutOff, trace.AtHeader},
		{"half a body", "http://" + raw(t, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"), trace.CutOff, trace.AtBody},
		{"no gzip", server(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(w, "this is no gzip at all")
		}), trace.BadAnswer, trace.AtBody},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := plain(quick)
			defer o.CloseIdleConnections()
			e := ask(t, o, tt.address)
			if e.Net == nil || e.Net.Kind != tt.kind || e.Net.Phase != tt.phase {
				t.Fatalf("got %+v, %s", e.Net, e.Err)
			}
			if (e.Net.Kind == trace.TimedOut) != (e.Net.Limit > 0) {
				t.Errorf("limit %s", e.Net.Limit)
			}
			if e.Response != nil || e.Err == "" {
				t.Errorf("an answer is there: %+v", e)
			}
		})
	}
}

// certificate makes a certificate for these names that is valid between two times,
// and a pool that trusts it.
func certificate(t *testing.T, from, until time.Time, names ...string) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Corner Shop CA"}, NotBefore: from, NotAfter: until, DNSNames: names,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// TestCertificates asks servers whose certificate is not to be accepted, and one
// whose CA is trusted for this target.
func TestCertificates(t *testing.T) {
	now := time.Now()
	for _, tt := range []struct {
		name        string
		from, until time.Time
		names       []string
		trusts      bool
		kind        trace.ErrKind
	}{
		{"trusted", now.Add(-time.Hour), now.Add(time.Hour), []string{"localhost"}, true, ""},
		{"untrusted", now.Add(-time.Hour), now.Add(time.Hour), []string{"localhost"}, false, trace.Untrusted},
		{"wrong name", now.Add(-time.Hour), now.Add(time.Hour), []string{"login.example.com"}, true, trace.WrongName},
		{"expired", now.Add(-2 * time.Hour), now.Add(-time.Hour), []string{"localhost"}, true, trace.OutOfTime},
		{"not yet", now.Add(time.Hour), now.Add(2 * time.Hour), []string{"localhost"}, true, trace.OutOfTime},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cert, pool := certificate(t, tt.from, tt.until, tt.names...)
			s := httptest.NewUnstartedServer(http.HandlerFunc(echo))
			s.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
			silenced(t, s).StartTLS()
			if !tt.trusts {
				pool = nil
			}
			o := NewOutside(pool, nil, Usual, time.Now)
			defer o.CloseIdleConnections()
			_, port, _ := net.SplitHostPort(s.Listener.Addr().String())
			e := ask(t, o, "https://localhost:"+port+"/")
			if tt.kind == "" {
				if e.Net != nil || e.Response == nil {
					t.Fatalf("got %+v, %s", e.Net, e.Err)
				}
				return
			}
			if e.Net == nil || e.Net.Kind != tt.kind || e.Net.Phase != trace.AtTLS {
				t.Fatalf("got %+v, %s", e.Net, e.Err)
			}
			if !slices.Equal(e.Net.Names, tt.names) || e.Net.Signer != "CN=Corner Shop CA" || !e.Net.NotAfter.Equal(tt.until.UTC().Truncate(time.Second)) {
				t.Errorf("of the certificate: %+v", e.Net)
			}
		})
	}
}

// TestProxy goes through a proxy of this machine, and fails at ones that refuse.
func TestProxy(t *testing.T) {
	target := httptest.NewTLSServer(http.HandlerFunc(echo))
	defer target.Close()
	pool := x509.NewCertPool()
	pool.AddCert(target.Certificate())
	var tunnels atomic.Int32
	works := server(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			http.Error(w, "CONNECT only", http.StatusMethodNotAllowed)
			return
		}
		tunnels.Add(1)
		tunnel(w, r.Host)
	})
	denies := func(status int) string {
		return server(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
	}
	for _, tt := range []struct {
		name, proxy string
		kind        trace.ErrKind
		status      int
	}{
		{"works", works, "", 0}, {"wants a sign-in", denies(407), trace.ProxyDenied, 407}, {"refuses", denies(403), trace.ProxyDenied, 403},
		{"is not there", "http://" + closedPort(t), trace.NoProxy, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			u, err := url.Parse(tt.proxy)
			if err != nil {
				t.Fatal(err)
			}
			o := NewOutside(pool, http.ProxyURL(u), Usual, time.Now)
			defer o.CloseIdleConnections()
			e := ask(t, o, target.URL)
			switch {
			case tt.kind == "":
				if e.Response == nil || e.Response.Status != 200 || tunnels.Load() != 1 {
					t.Fatalf("got %+v, %s, %d tunnels", e.Net, e.Err, tunnels.Load())
				}
			case e.Net == nil || e.Net.Kind != tt.kind || e.Net.Status != tt.status || e.Net.Host != u.Host:
				t.Fatalf("got %+v, %s", e.Net, e.Err)
			}
		})
	}
}

// tunnel joins a CONNECT to its host.
func tunnel(w http.ResponseWriter, host string) {
	up, err := net.Dial("tcp", host)
	if err != nil {
		http.Error(w, "no way", http.StatusBadGateway)
		return
	}
	down, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		_ = up.Close()
		return
	}
	_, _ = io.WriteString(down, "HTTP/1.1 200 Connection established\r\n\r\n")
	go func() { _, _ = io.Copy(up, down); _ = up.Close() }()
	go func() { _, _ = io.Copy(down, up); _ = down.Close() }()
}

// TestNames asks name servers of this machine: one that knows nothing, one that
// never answers.
func TestNames(t *testing.T) {
	defer func() { resolver = nil }()
	for name, tt := range map[string]struct {
		answers bool
		kind    trace.ErrKind
	}{"not found": {true, trace.NoName}, "no name service": {false, trace.TimedOut}} {
		t.Run(name, func(t *testing.T) {
			pc, err := net.ListenPacket("udp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = pc.Close() }()
			if tt.answers {
				go knowNothing(pc)
			}
			resolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, "udp", pc.LocalAddr().String())
			}}
			limits := quick
			if tt.answers {
				limits = Usual
			}
			o := plain(limits)
			before := time.Now()
			e := ask(t, o, "https://login.nowhere.example./")
			if e.Net == nil || e.Net.Kind != tt.kind || e.Net.Phase != trace.AtName || e.Net.Host != "login.nowhere.example." {
				t.Fatalf("got %+v, %s", e.Net, e.Err)
			}
			if took := time.Since(before); took > 2*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// knowNothing answers every question with NXDOMAIN (RFC 1035 section 4.1.1).
func knowNothing(pc net.PacketConn) {
	b := make([]byte, 1500)
	for {
		n, from, err := pc.ReadFrom(b)
		if err != nil {
			return
		}
		answer := slices.Clone(b[:n])
		answer[2], answer[3] = 0x81, 0x83
		_, _ = pc.WriteTo(answer, from)
	}
}

// TestABombIsCut unpacks no more than is kept.
func TestABombIsCut(t *testing.T) {
	o := plain(Usual)
	defer o.CloseIdleConnections()
	e := ask(t, o, server(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		zeros := make([]byte, 1<<20)
		for range 64 {
			if _, err := z.Write(zeros); err != nil {
				return
			}
		}
		_ = z.Close()
	}))
	if e.Response == nil || !e.Response.Truncated || len(e.Response.Body) != MaxBody {
		t.Fatalf("got %+v", e.Net)
	}
}

// TestAnEndlessBodyIsCut reads what it may and closes the connection.
func TestAnEndlessBodyIsCut(t *testing.T) {
	ended := make(chan struct{})
	o := plain(Usual)
	e := ask(t, o, server(t, func(w http.ResponseWriter, _ *http.Request) {
		defer close(ended)
		block := make([]byte, 1<<20)
		for {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	}))
	if e.Response == nil || !e.Response.Truncated {
		t.Fatalf("got %+v, %s", e.Net, e.Err)
	}
	<-ended
}

// TestThePersonEndsARequest within 100 ms, in every phase, and nothing is left.
func TestThePersonEndsARequest(t *testing.T) {
	reached := make(chan struct{}, 1)
	tell := func() { reached <- struct{}{} }
	for name, address := range map[string]string{
		"waiting": server(t, func(_ http.ResponseWriter, r *http.Request) { tell(); <-r.Context().Done() }),
		"reading": server(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, strings.Repeat(" ", 10))
			_ = http.NewResponseController(w).Flush()
			tell()
			<-r.Context().Done()
		}),
	} {
		t.Run(name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			ctx, cancel := context.WithCancel(t.Context())
			o := plain(Usual)
			g := &Gate{Next: o, Desk: &table{}, Now: time.Now, Allow: func(*url.URL) error { return nil }}
			done := make(chan error, 1)
			go func() {
				req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
				if err == nil {
					_, err = g.Do(req)
				}
				done <- err
			}()
			<-reached
			at := time.Now()
			cancel()
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			if took := time.Since(at); took > 100*time.Millisecond {
				t.Errorf("it took %s", took)
			}
			o.CloseIdleConnections()
			for end := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before+2 && time.Now().Before(end); {
				runtime.Gosched() // the server's own end a moment later
			}
			if n := runtime.NumGoroutine(); n > before+2 {
				t.Errorf("%d goroutines before, %d after", before, n)
			}
		})
	}
}
