package labtarget

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"flowscope/engine/lab"
	"flowscope/engine/labinfo"
	"flowscope/engine/labserver"
	"flowscope/engine/observe"
	"flowscope/engine/trace"
)

// Lab is the lab as other programs reach it: served on loopback on demand, its
// requests watched, its conditions switched.
type Lab struct {
	lab      *lab.Lab
	requests *observe.Log
	handler  http.Handler
	now      func() time.Time
	// expired is when client secrets were made to expire by a condition last.
	expired atomic.Pointer[time.Time]

	mu     sync.Mutex
	server *labserver.Server
	before *labserver.Server // the last one that was started: its ports and its CA stay
}

// NewLab makes it. Nothing is served yet and no certificate is made.
func NewLab(l *lab.Lab, now func() time.Time) *Lab {
	if now == nil {
		now = time.Now
	}
	out := &Lab{lab: l, now: now}
	var once sync.Once
	var registrations map[string]trace.Registration
	out.requests = observe.New(func(clientID string) (trace.Registration, bool) {
		once.Do(func() { registrations = allRegistrations(l.Directory()) })
		reg, ok := registrations[clientID]
		return out.asItStands(reg), ok
	}, now)
	out.requests.On = out.on
	out.handler = out.requests.Handler(l)
	return out
}

func allRegistrations(dir lab.Directory) map[string]trace.Registration {
	out := map[string]trace.Registration{}
	for _, a := range dir.Apps {
		t, _ := dir.Tenant(a.TenantID)
		out[a.ClientID] = registration(dir, t, a)
	}
	return out
}

// asItStands is a registration with what conditions change of it: secrets that
// count as expired end when that was switched on.
func (l *Lab) asItStands(reg trace.Registration) trace.Registration {
	at := l.expired.Load()
	if at == nil || len(reg.Secrets) == 0 {
		return reg
	}
	for _, c := range l.lab.Conditions() {
		if c.ID != lab.SecretExpired || !slices.Contains(strings.Split(strings.ToLower(c.Value), ","), strings.ToLower(reg.Key)) {
			continue
		}
		reg.Secrets = slices.Clone(reg.Secrets)
		for i := range reg.Secrets {
			if s := &reg.Secrets[i]; s.Expires.IsZero() || s.Expires.After(*at) {
				s.Expires = *at
			}
		}
	}
	return reg
}

// on lists the conditions that are on, each with its value.
func (l *Lab) on() []string {
	var out []string
	for _, c := range l.lab.Conditions() {
		if c.On {
			out = append(out, strings.TrimSpace(c.ID+" "+c.Value))
		}
	}
	return out
}

// Handler is the lab, watched.
func (l *Lab) Handler() http.Handler { return l.handler }

// Requests is what other programs have asked so far.
func (l *Lab) Requests() *observe.Log { return l.requests }

// Describe gives the lab as it is served now; while it is not, the addresses
// are those inside this process and there is no CA.
func (l *Lab) Describe() labinfo.Description {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.description()
}

func (l *Lab) description() labinfo.Description {
	if l.server == nil {
		return Describe(l.lab, "https://"+lab.Host, "https://"+lab.Host, "")
	}
	return Describe(l.lab, l.server.HTTPS(), l.server.HTTP(), l.server.CA())
}

// Conditions lists all switches, in a fixed order.
func (l *Lab) Conditions() []labinfo.Condition {
	var out []labinfo.Condition
	for _, c := range l.lab.Conditions() {
		out = append(out, labinfo.Condition{
			ID: c.ID, Group: c.Group, Title: c.Title, About: c.About, Takes: c.Takes, Default: c.Default, On: c.On, Value: c.Value,
		})
	}
	return out
}

// Switch turns a condition "on" or "off", or on with a value.
func (l *Lab) Switch(id, value string) error {
	if id == lab.SecretExpired {
		at := l.now().Add(-time.Millisecond) // over already, for a request of this moment
		l.expired.Store(&at)
	}
	return l.lab.Switch(id, value)
}

// Share serves the lab on loopback, by plain HTTP and by TLS; a second call
// changes nothing. After Unshare it is served where it was, with the same CA, so
// that clients go on. It fails for addresses that are not loopback or are taken.
func (l *Lab) Share(ctx context.Context, at labinfo.Addresses) (labinfo.Description, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.server == nil {
		plain, secure := "", ""
		if l.before != nil {
			plain, secure = l.before.Addresses()
		}
		server, err := labserver.Start(ctx, labserver.Options{
			Handler: l.handler, HTTP: cmp.Or(at.HTTP, plain, labserver.Any), HTTPS: cmp.Or(at.HTTPS, secure, labserver.Any),
			Again: l.before, Trouble: l.requests.Trouble,
		})
		if l.before != nil && errors.Is(err, syscall.EADDRINUSE) {
			return labinfo.Description{}, fmt.Errorf("another program has taken a port of the lab meanwhile; end it, or start flowscope anew for other ports: %w", err)
		}
		if err != nil {
			return labinfo.Description{}, err
		}
		l.server, l.before = server, server
	}
	return l.description(), nil
}

// Unshare ends that. It returns when nothing is served any more.
func (l *Lab) Unshare() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.server != nil {
		l.server.Stop()
		l.server = nil
	}
}
