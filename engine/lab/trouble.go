package lab

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/conditions"
)

const (
	// outageWait is the Retry-After of an outage (RFC 9110 section 10.2.3).
	outageWait = 10 * time.Second
	// breath is how often a slow answer looks whether it must still wait.
	breath = 250 * time.Millisecond
)

// pause waits, and ends early when the request does.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// portal is the log-in page of a network that lets nothing through.
const portal = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Hotel Belvedere guest network</title></head>
<body><h1>Welcome to the guest network</h1><p>Please log in with your room number to use the Internet.</p>
<form method="post" action="/guest/login"><label>Room <input name="room"></label> <label>Last name <input name="name"></label> <button>Log in</button></form>
</body></html>
`

// captive answers in place of everything while the condition is on, with
// nothing that would tell the lab from a router.
func (l *Lab) captive(w http.ResponseWriter, r *http.Request) bool {
	if !l.switches.On(conditions.CaptivePortal) {
		return false
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write([]byte(portal)) // the client went away: nobody to tell
	}
	return true
}

// face is how an endpoint of the authority shows an error.
type face int

const (
	asPage face = iota
	asJSON
	asToken // JSON, readable across origins, and throttled
)

// face tells by the path below the tenant segment. What is for people gets a
// page; everything else gets JSON.
func (v *visit) face(path string) face {
	switch strings.ToLower(path) {
	case "oauth2/v2.0/token", "oauth2/token", "oauth2/v2.0/devicecode", "oauth2/devicecode":
		return asToken
	case "v2.0/.well-known/openid-configuration", ".well-known/openid-configuration", "discovery/v2.0/keys", "discovery/keys",
		"discovery/instance", "openid/userinfo":
		return asJSON
	}
	if strings.HasPrefix(strings.ToLower(path), realmPath) {
		return asJSON
	}
	return asPage
}

// trouble lets the conditions about the service act on a request to the
// authority, that is, on everything below a tenant segment, the pages for
// people included. The APIs, Graph, the second issuer and the start page are
// other services and go on. It reports whether the request is answered.
func (v *visit) trouble(path string) bool {
	if !v.slowly() {
		v.w.WriteHeader(http.StatusServiceUnavailable) // the client has gone: for the log alone
		return true
	}
	if v.r.Method == http.MethodOptions { // or else a browser hides the answer to the request itself
		return false
	}
	throttle := v.switches.Length(conditions.Throttled)
	switch f := v.face(path); {
	case v.switches.On(conditions.Outage):
		v.suffer(f, aadsts.New(90033).After(http.StatusServiceUnavailable, outageWait).Because("", "the condition outage is on"))
	case throttle > 0 && f == asToken:
		v.suffer(f, aadsts.New(90055).After(http.StatusTooManyRequests, throttle).Because("", "the condition throttled is on"))
	default:
		return false
	}
	return true
}

// slowly waits as long as the condition slow says, and no longer than it is
// on. It is false when the client has gone. The body is read first: only then
// does a server notice that a client hangs up.
func (v *visit) slowly() bool {
	if v.switches.Length(conditions.Slow) == 0 {
		return true
	}
	raw, err := io.ReadAll(io.LimitReader(v.r.Body, maxBody+1))
	if err != nil {
		return false
	}
	v.r = v.r.WithContext(v.r.Context())
	v.r.Body = io.NopCloser(bytes.NewReader(raw))
	for waited := time.Duration(0); ; {
		d := min(v.switches.Length(conditions.Slow)-waited, breath)
		if d <= 0 {
			return true
		}
		if v.wait(v.r.Context(), d) != nil {
			return false
		}
		waited += d
	}
}

// suffer shows an error of the service by the face of the endpoint.
func (v *visit) suffer(f face, e *aadsts.Error) {
	switch f {
	case asPage:
		v.w.Header().Set("Retry-After", retryAfter(e.Delay))
		v.w = &restated{v.w, e.Status}
		v.failPage("Lab", e)
		return
	case asToken:
		v.allow(v.r.Header.Get("Origin"))
	default:
		v.w.Header().Set("Access-Control-Allow-Origin", "*")
	}
	v.failJSON(e)
}

// restated writes another status than the one that it is given: pages of
// failures are drawn with 200.
type restated struct {
	http.ResponseWriter
	status int
}

// WriteHeader writes the other status.
func (r *restated) WriteHeader(int) { r.ResponseWriter.WriteHeader(r.status) }
