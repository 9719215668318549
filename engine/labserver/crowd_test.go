package labserver

import (
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

// TestCrowd keeps all places taken by idle connections: the next client gets
// its answer all the same, and every one after it.
func TestCrowd(t *testing.T) {
	inner, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := newCrowd(inner, 3)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "here") }), ConnState: c.state, ReadHeaderTimeout: time.Minute}
	var running sync.WaitGroup
	running.Go(func() { _ = server.Serve(c) })
	var clients []*http.Client
	for range 10 {
		client := &http.Client{Transport: &http.Transport{}, Timeout: 20 * time.Second}
		clients = append(clients, client)
		resp, err := client.Get("http://" + inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(resp.Body); err != nil || string(body) != "here" {
			t.Errorf("%q, %v", body, err)
		}
		_ = resp.Body.Close()
	}
	// Whose connection was closed simply makes another.
	if resp, err := clients[0].Get("http://" + inner.Addr().String()); err != nil {
		t.Error(err)
	} else {
		_ = resp.Body.Close()
	}
	c.mu.Lock()
	open := c.open
	c.mu.Unlock()
	if open > 3 {
		t.Errorf("%d connections are open", open)
	}
	_ = server.Close()
	running.Wait()
}

// TestCrowdEnds closes the listener while a newcomer waits for a place.
func TestCrowdEnds(t *testing.T) {
	inner, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := newCrowd(inner, 1)
	for range 2 {
		conn, err := net.Dial("tcp4", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
	}
	first, err := c.Accept()
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() {
		_, err := c.Accept()
		ended <- err
	}()
	_ = c.Close()
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("the newcomer got %v", err)
	}
	_ = first.Close()
	_ = first.Close()
	if c.open != 0 {
		t.Errorf("%d places are taken", c.open)
	}
}
