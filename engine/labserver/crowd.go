package labserver

import (
	"net"
	"net/http"
	"slices"
	"sync"
)

// crowd bounds the open connections of one listener. When all places are taken
// and another client comes, the connection that has been idle longest is
// closed for it: clients that keep connections must never shut others out.
// Where none is idle the newcomer waits.
type crowd struct {
	net.Listener
	limit int

	mu     sync.Mutex
	change *sync.Cond // a place was left, or the listener closed
	open   int
	idle   []net.Conn // as the server knows them, the longest idle first
	closed bool
}

func newCrowd(l net.Listener, limit int) *crowd {
	c := &crowd{Listener: l, limit: limit}
	c.change = sync.NewCond(&c.mu)
	return c
}

// Accept takes the next connection once there is a place for it.
func (c *crowd) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if !c.enter() {
		_ = conn.Close()
		return nil, net.ErrClosed
	}
	return &guest{Conn: conn, leave: sync.OnceFunc(c.left)}, nil
}

// enter takes a place; it is false when the listener was closed meanwhile.
func (c *crowd) enter() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.open >= c.limit && !c.closed {
		if len(c.idle) == 0 {
			c.change.Wait()
			continue
		}
		oldest := c.idle[0]
		c.idle = c.idle[1:]
		c.mu.Unlock()
		_ = oldest.Close()
		c.mu.Lock()
	}
	if c.closed {
		return false
	}
	c.open++
	return true
}

func (c *crowd) left() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open--
	c.change.Broadcast()
}

// Close ends the listener, and the wait of a newcomer.
func (c *crowd) Close() error {
	c.mu.Lock()
	c.closed = true
	c.change.Broadcast()
	c.mu.Unlock()
	return c.Listener.Close()
}

// state follows the connections of the server (http.Server.ConnState).
func (c *crowd) state(conn net.Conn, s http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle = slices.DeleteFunc(c.idle, func(other net.Conn) bool { return other == conn })
	if s == http.StateIdle {
		c.idle = append(c.idle, conn)
		c.change.Broadcast()
	}
}

// guest is a connection that has a place.
type guest struct {
	net.Conn
	leave func()
}

// Close ends the connection and leaves its place.
func (g *guest) Close() error {
	defer g.leave()
	return g.Conn.Close()
}
