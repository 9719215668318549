package lab

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"flowscope/engine/lab/conditions"
	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/grants"
	"flowscope/engine/lab/ids"
	"flowscope/engine/lab/keys"
	"flowscope/engine/lab/policy"
	"flowscope/engine/lab/services"
	"flowscope/engine/lab/state"
	"flowscope/engine/lab/tokens"
)

// Host is the name under which the lab is always reached in the process. It is
// served as https there, whatever carried the request.
const Host = "login.lab.example"

// The lab's directory is plain data; see package directory for each field.
type (
	// Directory is everything registered in the lab.
	Directory = directory.Directory
	// Tenant is one company's directory.
	Tenant = directory.Tenant
	// User is one person with an account.
	User = directory.User
	// App is a registration with its service principal.
	App = directory.App
	// Platform is one platform of a registration with its redirect URIs.
	Platform = directory.Platform
	// Secret is one client secret.
	Secret = directory.Secret
	// Scope is one delegated permission that an API exposes.
	Scope = directory.Scope
	// AppRole is one application role that an API defines.
	AppRole = directory.AppRole
	// Permission is what a registration asks of one API.
	Permission = directory.Permission
	// Certificate is one certificate of a registration.
	Certificate = directory.Certificate
	// FederatedCredential trusts another issuer's tokens.
	FederatedCredential = directory.FederatedCredential
	// Condition is one switch of the lab and how it stands.
	Condition = conditions.Condition
)

// Options are what a lab is made with. The zero value is good.
type Options struct {
	Clock         func() time.Time // nil: time.Now
	Rand          io.Reader        // nil: crypto/rand; codes, ids and trace ids come from it, keys never do
	Deterministic bool             // fixed, public keys; and ids from a fixed seed unless Rand is set

	wait func(context.Context, time.Duration) error // nil: pause; tests do not wait
}

// Lab is one tenant world with its own memory. It is safe for concurrent use.
type Lab struct {
	dir      directory.Directory // never written to
	clock    func() time.Time    // the lab's own: it can be moved
	ids      *ids.Source
	keys     *keys.Set
	state    *state.State
	switches *conditions.Set
	policies *policy.Policies
	grants   *grants.Server
	apis     *services.Services
	wait     func(context.Context, time.Duration) error
	loops    loops

	mu      sync.Mutex
	reasons []Reason
}

// New makes a lab. It makes no keys: those are made when first needed, or by
// Warm.
func New(o Options) *Lab { return newLab(o, directory.Seed()) }

func newLab(o Options, dir directory.Directory) *Lab {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	source := ids.New(o.Rand)
	if o.Deterministic && o.Rand == nil {
		source = ids.Seeded()
	}
	switches := conditions.New()
	clock := func() time.Time { return o.Clock().Add(switches.Length(conditions.Clock)) }
	l := &Lab{dir: dir, clock: clock, ids: source, keys: keys.New(o.Deterministic, o.Clock, switches), state: state.New(), switches: switches, wait: o.wait}
	if l.wait == nil {
		l.wait = pause
	}
	l.policies = &policy.Policies{Directory: dir, State: l.state, Conditions: switches, Clock: clock}
	mint := &tokens.Mint{Keys: l.keys, IDs: source, Clock: clock}
	l.grants = &grants.Server{Directory: dir, State: l.state, Clock: clock, Policies: l.policies, Mint: mint}
	l.apis = services.New(l.policies, mint)
	return l
}

// Warm makes the keys, which takes some tens of milliseconds each. It may be
// called from any goroutine, and more than once.
func (l *Lab) Warm() { l.keys.Warm() }

// Directory returns a deep copy of what is registered.
func (l *Lab) Directory() Directory { return l.dir.Clone() }

// Conditions lists the switches of the lab and how they stand.
func (l *Lab) Conditions() []Condition { return l.switches.List() }

// Switch turns a condition "on" or "off", or on with a value, while the lab
// runs. It fails for a name that is none, for a value that the condition can't
// take, and for people and applications that are not in the directory.
func (l *Lab) Switch(id, value string) error {
	c, ok := l.switches.Find(id)
	if !ok {
		return fmt.Errorf("there is no condition %q", id)
	}
	named := c.Takes == conditions.TakesUsers || c.Takes == conditions.TakesApps
	if lower := strings.ToLower(strings.TrimSpace(value)); named && lower != "" && lower != "on" && lower != "off" {
		for name := range strings.SplitSeq(lower, ",") {
			name = strings.TrimSpace(name)
			if _, known := l.dir.Account(name); c.Takes == conditions.TakesUsers && !known {
				return fmt.Errorf("%s: the lab has no person %q", id, name)
			}
			if _, known := l.dir.App(name); c.Takes == conditions.TakesApps && !known {
				return fmt.Errorf("%s: the lab has no application %q", id, name)
			}
		}
	}
	return l.switches.Switch(id, value, l.clock())
}

// Now is the lab's time, which the condition "clock" moves.
func (l *Lab) Now() time.Time { return l.clock() }

// RevokeConsent takes away everything that a person granted to a client, named
// by its key such as "web". Unknown names do nothing.
func (l *Lab) RevokeConsent(username, clientKey string) {
	u, known := l.dir.User(username)
	app, registered := l.dir.App(clientKey)
	if known && registered {
		l.state.Consents.Revoke(state.Person{TenantID: u.TenantID, ObjectID: u.ObjectID}, app.ClientID)
	}
}

// Service holds the addresses of the APIs that the lab serves.
type Service struct {
	Orders    string // Orders API: /hello, /me, /recent, /tasks, /admin, /all
	Inventory string // Inventory API: /stock
	Vault     string // Vault API: /secrets
	Badges    string // Badges API, at the address itself
	Reports   string // Reports API, at the address itself, and /all
	Graph     string // Microsoft Graph v1.0: /me, /me/memberOf, /users
	UserInfo  string // OpenID Connect userinfo endpoint
}

// Services returns the addresses of the APIs under a base such as
// "https://login.lab.example".
func Services(base string) Service {
	base = strings.TrimSuffix(base, "/")
	return Service{
		Orders: base + "/orders", Inventory: base + "/inventory",
		Vault: base + "/vault", Badges: base + "/badges", Reports: base + "/reports",
		Graph: base + "/graph/v1.0", UserInfo: base + "/graph/oidc/userinfo",
	}
}

// ServeHTTP serves the whole lab. Issuers and endpoints follow the host that
// was asked.
func (l *Lab) ServeHTTP(w http.ResponseWriter, r *http.Request) { l.route(w, r) }
