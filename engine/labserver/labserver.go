// Package labserver serves one http.Handler on loopback, by plain HTTP and by
// TLS at once, with a certificate from a throw-away authority that is made at
// the start and lives in memory alone.
//
// It refuses every address that is not loopback, and every request whose Host
// is not: a page in a browser could otherwise reach the handler by a name that
// is made to resolve to this machine (DNS rebinding). It writes nothing to
// disk.
package labserver

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"flowscope/engine/labinfo"
)

// Bounds on what a client may take of the server.
const (
	headerTimeout  = 10 * time.Second
	readTimeout    = 30 * time.Second
	writeTimeout   = 3 * time.Minute // answers may be slow on purpose
	idleTimeout    = time.Minute
	maxHeader      = 64 << 10 // bytes
	maxConnections = 256      // open at once, for each listener
	stopTimeout    = time.Second
	portTries      = 20 // free ports that are tried until one is free for both families
)

// Any is the address that takes a free port of localhost.
const Any = "localhost:0"

// Options are what a server is made with.
type Options struct {
	Handler http.Handler
	// HTTP and HTTPS are the addresses, such as "localhost:8080", "127.0.0.1:0"
	// or "[::1]:0"; localhost means both families. Empty: not served.
	HTTP, HTTPS string
	// Again is a stopped server whose certificate authority is taken once more,
	// so that who trusts it need not be told again; for an address that its
	// certificate is not for, or once that has expired, there is a new one. Nil:
	// a new one.
	Again *Server
	// Now is the time by which certificates are made: the machine's own, since
	// clients judge them by theirs. Nil means time.Now.
	Now func() time.Time
	// Trouble is told what a client did wrong before any request came through:
	// mostly that it does not trust the certificate. It may be called from
	// several goroutines. Nil: nobody is told.
	Trouble func(text string)
}

// Server is a running server.
type Server struct {
	http, https   string // base URLs
	plain, secure string // addresses that are listened on
	authority     *authority
	servers       []*http.Server
	running       sync.WaitGroup
}

// Start listens and serves until Stop. It fails with a *labinfo.AddressError for an
// address that is not loopback, and with the system's error for one that is
// taken.
func Start(ctx context.Context, o Options) (*Server, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{}
	plain, err := listen(ctx, o.HTTP)
	if err != nil {
		return nil, err
	}
	secure, err := listen(ctx, o.HTTPS)
	if err != nil {
		plain.close()
		return nil, err
	}
	handler := OnlyLoopback(o.Handler)
	if plain != nil {
		s.http, s.plain = "http://"+plain.host, plain.address()
		s.serve(plain, server(handler, nil, o.Trouble))
	}
	if secure != nil {
		if s.authority, err = authorityFor(o, secure.ips); err != nil {
			secure.close()
			s.Stop()
			return nil, err
		}
		s.https, s.secure = "https://"+secure.host, secure.address()
		s.serve(secure, server(handler, s.authority.config(), o.Trouble))
	}
	return s, nil
}

// HTTP is the base URL of the plain listener, such as http://localhost:40001;
// empty when there is none.
func (s *Server) HTTP() string { return s.http }

// HTTPS is the base URL of the TLS listener; empty when there is none.
func (s *Server) HTTPS() string { return s.https }

// CA is the certificate of the throw-away authority (PEM), which clients of the
// TLS listener have to trust; empty when there is none.
func (s *Server) CA() string {
	if s.authority == nil {
		return ""
	}
	return string(s.authority.pem)
}

// Addresses are those that are listened on, with their ports, by plain HTTP and
// by TLS, as Options take them; empty for what is not served.
func (s *Server) Addresses() (http, https string) { return s.plain, s.secure }

// Stop ends the listeners and all connections, and returns when nothing of the
// server runs any more. Requests on their way get a second to end.
func (s *Server) Stop() {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	for _, server := range s.servers {
		if err := server.Shutdown(ctx); err != nil {
			_ = server.Close()
		}
	}
	s.running.Wait()
}

func (s *Server) serve(l *listening, server *http.Server) {
	s.servers = append(s.servers, server)
	secure := server.TLSConfig != nil // asked before Serve, which sets it by itself
	var crowds []*crowd
	for _, ln := range l.listeners {
		crowds = append(crowds, newCrowd(ln, maxConnections))
	}
	server.ConnState = func(conn net.Conn, state http.ConnState) {
		for _, c := range crowds {
			if c.Addr().String() == conn.LocalAddr().String() {
				c.state(conn, state)
			}
		}
	}
	for _, ln := range crowds {
		s.running.Go(func() {
			if secure {
				_ = server.ServeTLS(ln, "", "")
				return
			}
			_ = server.Serve(ln)
		})
	}
}

func server(handler http.Handler, config *tls.Config, trouble func(string)) *http.Server {
	return &http.Server{
		Handler: handler, TLSConfig: config,
		ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeader, ErrorLog: log.New(troubleWriter{trouble}, "", 0),
	}
}

// troubleWriter hands on what the standard library logs about a TLS handshake,
// without its prefix; other lines are about clients that went away.
type troubleWriter struct{ tell func(string) }

// Write takes one line of the log.
func (w troubleWriter) Write(p []byte) (int, error) {
	text, handshake := strings.CutPrefix(strings.TrimSpace(string(p)), "http: TLS handshake error from ")
	if handshake && w.tell != nil && !strings.HasSuffix(text, ": EOF") {
		w.tell(text)
	}
	return len(p), nil
}

// listening is one address that is listened on.
type listening struct {
	host      string // host and port as clients write them
	ips       []net.IP
	listeners []net.Listener
}

// address is what listen opens the same listeners for.
func (l *listening) address() string {
	if len(l.ips) > 1 {
		return l.host
	}
	return net.JoinHostPort(l.ips[0].String(), portOf(l.listeners[0]))
}

func (l *listening) close() {
	if l == nil {
		return
	}
	for _, ln := range l.listeners {
		_ = ln.Close()
	}
}

// listen opens the listeners of an address; none for the empty address.
func listen(ctx context.Context, address string) (*listening, error) {
	if address == "" {
		return nil, nil
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, &labinfo.AddressError{Address: address, Reason: "it must be host and port, such as localhost:8080"}
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(n, 10) != port {
		return nil, &labinfo.AddressError{Address: address, Reason: "the port must be a number from 0 to 65535; 0 takes a free one"}
	}
	if strings.EqualFold(host, "localhost") {
		return listenBoth(ctx, port)
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || ip.Zone() != "" || !ip.Unmap().IsLoopback() {
		return nil, &labinfo.AddressError{Address: address, Reason: "the lab is served on loopback only: localhost, 127.0.0.1 or [::1]; its passwords and secrets are public"}
	}
	ln, err := listenOn(ctx, ip.Unmap(), port)
	if err != nil {
		return nil, err
	}
	l := &listening{ips: []net.IP{ip.Unmap().AsSlice()}, listeners: []net.Listener{ln}}
	l.host = net.JoinHostPort(ip.Unmap().String(), portOf(ln))
	if ip.Unmap() == v4 {
		l.host = "localhost:" + portOf(ln)
	}
	return l, nil
}

var (
	v4 = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	v6 = netip.IPv6Loopback()
)

// listenBoth listens on both families under one port, since clients differ in
// which of the two they take localhost for. A machine without IPv6 has one.
func listenBoth(ctx context.Context, port string) (*listening, error) {
	var last error
	for range portTries {
		first, err := listenOn(ctx, v4, port)
		if err != nil {
			return nil, err
		}
		l := &listening{host: "localhost:" + portOf(first), ips: []net.IP{v4.AsSlice(), v6.AsSlice()}, listeners: []net.Listener{first}}
		second, err := listenOn(ctx, v6, portOf(first))
		switch {
		case err == nil:
			l.listeners = append(l.listeners, second)
			return l, nil
		case !taken(err):
			return l, nil // there is no IPv6 here
		}
		// Somebody else has it under IPv6 and would get half of our requests.
		last = err
		l.close()
		if port != "0" {
			break
		}
	}
	return nil, last
}

func listenOn(ctx context.Context, ip netip.Addr, port string) (net.Listener, error) {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", net.JoinHostPort(ip.String(), port))
	if err != nil {
		return nil, fmt.Errorf("the lab can't listen on loopback: %w", err)
	}
	return ln, nil
}

func portOf(ln net.Listener) string {
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	return port
}

// OnlyLoopback lets requests through whose Host is this machine's loopback, and
// answers all others with 421 (RFC 9110 section 15.5.20).
func OnlyLoopback(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isLoopback(r.Host) {
			http.Error(w, "the lab answers under localhost, 127.0.0.1 and [::1] only", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// isLoopback reports whether a Host header names loopback, with any port.
func isLoopback(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	} else if inner, ok := strings.CutPrefix(host, "["); ok {
		if name, ok = strings.CutSuffix(inner, "]"); !ok {
			return false
		}
	}
	if strings.EqualFold(name, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(name)
	return err == nil && ip.Zone() == "" && !ip.Is4In6() && ip.IsLoopback()
}

// taken reports whether a port is another program's.
func taken(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }
