// Package observe watches the requests that other programs send to a handler:
// what each was, what came back, and why it failed, as a run of our own would
// have it explained.
//
// It keeps a bounded number of exchanges in memory and nothing on disk. It
// changes no request and no answer, and never makes the server wait. Values are
// kept whole; whoever shows them sends them through a trace.Redactor first.
package observe

import (
	"strings"
	"sync"
	"time"

	"flowscope/engine/explain"
	"flowscope/engine/trace"
)

// Bounds of what is kept.
const (
	maxEntries = 200
	maxBody    = 1 << 20  // bytes of a body
	maxTotal   = 32 << 20 // bytes of all exchanges
)

// Entry is one request of another program.
type Entry struct {
	N        int      // from 1, in the order in which they were answered
	What     string   // "token request, grant client_credentials"
	Client   string   // short name of the application, or its client id; empty: not told
	Person   string   // user name in a token that came along or was handed out; empty: none
	Got      string   // what the answer brought, in a few words: scope or audience, or where it redirects to
	From     string   // address and port of the program
	While    []string // conditions of the lab that were on when it came, with their values
	Exchange trace.Exchange

	reg    trace.Registration
	before *trace.Exchange // the authorization request whose code this one redeems, as far as is known
	bytes  int
}

// Failed reports whether the request did not bring what it was sent for: an
// error status, an error in a redirect or on a page, or no request at all.
func (e Entry) Failed() bool {
	return !e.Waiting() && (e.Exchange.Failed() || len(e.Findings()) > 0)
}

// Findings explain a failure; there are none where nothing failed.
func (e Entry) Findings() []explain.Finding {
	if e.Handshake() || e.Waiting() {
		return nil
	}
	return explain.Diagnose(e.Trace(), nil)
}

// Handshake reports whether no request came through at all.
func (e Entry) Handshake() bool { return e.Exchange.Request.Method == "" }

// Hint says what to do about a connection on which no request came through.
func (e Entry) Hint() string {
	for _, words := range []string{"does not look like a TLS handshake", "client sent an HTTP request to an HTTPS server"} {
		if strings.Contains(e.Exchange.Err, words) {
			return "The client spoke plain HTTP to the TLS address: write https in front of it, or take the plain HTTP address, which has another port."
		}
	}
	return "Most often the client does not trust the lab's certificate. Give it the CA (flowscope lab --ca FILE writes it; then NODE_EXTRA_CA_CERTS, verify, SSL_CERT_FILE or RootCAs), or use plain HTTP."
}

// Trace is the entry as a trace, for what reads traces: this one exchange, and
// as step 1 before it the authorization request where a code was redeemed.
func (e Entry) Trace() *trace.Trace {
	x := e.Exchange
	x.N = 1
	t := &trace.Trace{Target: "lab", Exchanges: []trace.Exchange{x}}
	if e.before != nil {
		first := *e.before
		first.N, first.Step = 1, 1
		x.N, x.Step = 2, 2
		t.Exchanges = []trace.Exchange{first, x}
	}
	if e.reg.ClientID != "" {
		reg := e.reg
		t.Registration, t.As = &reg, reg.Key
	}
	return t
}

// Log keeps the newest entries. It is safe for concurrent use.
type Log struct {
	// Client finds a registration by client id. Nil: none is known. It is set
	// before the first request and not after.
	Client func(clientID string) (trace.Registration, bool)
	// On tells the conditions of the lab that are on now, with their values. Nil:
	// none is. It is set before the first request and not after.
	On func() []string
	// Now is the clock that exchanges are timed by. Nil: time.Now.
	Now func() time.Time

	mu      sync.Mutex
	n       int
	total   int
	entries []Entry
	bells   map[chan struct{}]bool
}

// New makes an empty log.
func New(client func(clientID string) (trace.Registration, bool), now func() time.Time) *Log {
	return &Log{Client: client, Now: now}
}

// Trouble notes a connection on which no request came through, such as a client
// that does not trust the certificate. The text begins with its address.
func (l *Log) Trouble(text string) {
	l.add(Entry{What: "TLS handshake", Exchange: trace.Exchange{Err: text, Started: l.now()}})
}

// Since gives the entries that are newer than entry n, the oldest first, as far
// as they are still kept.
func (l *Log) Since(n int) []Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, e := range l.entries {
		if e.N > n {
			return append([]Entry(nil), l.entries[i:]...)
		}
	}
	return nil
}

// Subscribe gives a channel on which there is something to read when entries
// have come since it was read last, and a function that ends it.
func (l *Log) Subscribe() (bell <-chan struct{}, end func()) {
	c := make(chan struct{}, 1)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.bells == nil {
		l.bells = map[chan struct{}]bool{}
	}
	l.bells[c] = true
	return c, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.bells, c)
	}
}

func (l *Log) add(e Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e = l.withAuthorize(e)
	e.bytes = size(e.Exchange)
	if e.before != nil {
		e.bytes += size(*e.before)
	}
	l.n++
	e.N = l.n
	l.entries = append(l.entries, e)
	l.total += e.bytes
	drop := 0
	for len(l.entries)-drop > 1 && (len(l.entries)-drop > maxEntries || l.total > maxTotal) {
		l.total -= l.entries[drop].bytes
		drop++
	}
	if drop > 0 {
		l.entries = append([]Entry(nil), l.entries[drop:]...)
	}
	for c := range l.bells {
		select {
		case c <- struct{}{}:
		default: // it has not been read yet, and says as much
		}
	}
}

func (l *Log) on() []string {
	if l.On == nil {
		return nil
	}
	return l.On()
}

func (l *Log) now() time.Time {
	if l.Now == nil {
		return time.Now()
	}
	return l.Now()
}

// size is about how much memory an exchange takes.
func size(e trace.Exchange) int {
	n := 512 + len(e.Request.URL) + len(e.Request.Body) + len(e.Err)
	headers := []map[string][]string{e.Request.Header}
	if e.Response != nil {
		n += len(e.Response.Body)
		headers = append(headers, e.Response.Header)
	}
	for _, h := range headers {
		for name, values := range h {
			n += len(name)
			for _, v := range values {
				n += len(v)
			}
		}
	}
	return n
}
