package lab

import (
	"bytes"
	"crypto/sha256"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"flowscope/engine/lab/aadsts"
)

// Limits of identical requests that fail. UNCONFIRMED: Entra says that there is
// a limit, not which; it counts successes as well, which the lab lets pass.
const (
	loopLimit    = 20
	loopTime     = 5 * time.Minute
	maxLoopsKept = 1024
)

// loops counts token requests that fail and are sent again as they were. It is
// safe for concurrent use.
type loops struct {
	mu     sync.Mutex
	failed map[[sha256.Size]byte]loop
}

type loop struct {
	count int
	since time.Time
}

// many reports whether a request failed too often already.
func (l *loops) many(key [sha256.Size]byte, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	seen, ok := l.failed[key]
	if ok && now.Sub(seen.since) >= loopTime {
		delete(l.failed, key)
		return false
	}
	return seen.count >= loopLimit
}

// done takes the outcome of a request.
func (l *loops) done(key [sha256.Size]byte, now time.Time, failed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !failed {
		delete(l.failed, key)
		return
	}
	if len(l.failed) >= maxLoopsKept {
		l.failed = nil // whoever sends so many different ones is not in a loop
	}
	if l.failed == nil {
		l.failed = map[[sha256.Size]byte]loop{}
	}
	seen, again := l.failed[key]
	if !again {
		seen.since = now
	}
	seen.count++
	l.failed[key] = seen
}

// unlooped runs the token endpoint, and answers 50196 in its place to a client
// that sends the same failing request over and over: for the application's own
// grant and for refresh tokens, where no person can change the outcome. Polling
// for a device code is no loop.
func (v *visit) unlooped(serve func()) {
	key, ok := v.sameness()
	if !ok {
		serve()
		return
	}
	now := v.clock()
	if v.loops.many(key, now) {
		v.allow(v.r.Header.Get("Origin"))
		v.failJSON(aadsts.New(50196).Because("", "the same request failed %d times within %s", loopLimit, loopTime))
		return
	}
	w := &watched{ResponseWriter: v.w}
	v.w = w
	serve()
	v.loops.done(key, now, w.status >= http.StatusBadRequest)
}

// sameness is equal for two requests that ask the same. It is false for those
// that are not counted. The body is there again afterwards.
func (v *visit) sameness() ([sha256.Size]byte, bool) {
	none := [sha256.Size]byte{}
	if v.r.Method != http.MethodPost || !v.isForm() {
		return none, false
	}
	body, err := io.ReadAll(io.LimitReader(v.r.Body, maxBody+1))
	read := io.Reader(bytes.NewReader(body))
	if err != nil || len(body) > maxBody {
		read = io.MultiReader(read, v.r.Body)
	}
	v.r = v.r.WithContext(v.r.Context()) // the request belongs to whoever sent it
	v.r.Body = io.NopCloser(read)
	text := string(body)
	if err != nil || len(body) > maxBody || !strings.Contains(text, "grant_type=client_credentials") && !strings.Contains(text, "grant_type=refresh_token") {
		return none, false
	}
	return sha256.Sum256([]byte(v.r.URL.Path + "\x00" + v.r.Header.Get("Authorization") + "\x00" + v.r.Header.Get("Origin") + "\x00" + text)), true
}

// watched remembers the status.
type watched struct {
	http.ResponseWriter
	status int
}

// WriteHeader writes the status and remembers it.
func (w *watched) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}
