package wire_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"testing"
	"time"

	"flowscope/engine/wire"
)

// TestOnlyTo: an address that is refused gets no connection, whatever name leads
// to it, and a proxy is asked all the same.
func TestOnlyTo(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer server.Close()
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	noLoopback := func(a netip.Addr) error {
		if a.IsLoopback() {
			return errors.New("it is this machine")
		}
		return nil
	}
	get := func(o *wire.Outside, address string, judge func(netip.Addr) error) error {
		req, err := http.NewRequestWithContext(wire.OnlyTo(t.Context(), judge), http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := o.RoundTrip(req)
		if err == nil {
			err = resp.Body.Close()
		}
		return err
	}
	limits := wire.Limits{Connect: 5 * time.Second, TLS: 5 * time.Second, Header: 5 * time.Second, Body: 5 * time.Second}
	var refused *wire.RefusedError
	for _, host := range []string{"127.0.0.1", "localhost"} {
		o := wire.NewOutside(nil, nil, limits, time.Now)
		if err := get(o, "http://"+host+":"+u.Port(), noLoopback); !errors.As(err, &refused) {
			t.Errorf("%s: %v", host, err)
		}
		o.CloseIdleConnections()
	}
	if asked != 0 {
		t.Fatalf("%d requests came through", asked)
	}
	o := wire.NewOutside(nil, nil, limits, time.Now)
	defer o.CloseIdleConnections()
	if err := get(o, server.URL, nil); err != nil {
		t.Error(err)
	}
	proxied := wire.NewOutside(nil, http.ProxyURL(u), limits, time.Now)
	defer proxied.CloseIdleConnections()
	if err := get(proxied, "http://issuer.example/", noLoopback); err != nil {
		t.Errorf("by a proxy: %v", err)
	}
	if asked != 2 {
		t.Errorf("%d requests came through, want 2", asked)
	}
}
