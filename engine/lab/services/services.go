// Package services is what tokens are for: Orders API and four more APIs, a
// small Microsoft Graph and the userinfo endpoint. Each judges the token it is
// sent as a careful API does, and answers 401 or 403 in the words of RFC 6750.
//
// It refuses a token that is not for it, however well signed, and never trusts
// the token's own word for key or issuer; the conditions for Orders API, which
// show what a careless one does, are the exception and off at the start.
package services

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"flowscope/engine/lab/conditions"
	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/ids"
	"flowscope/engine/lab/policy"
	"flowscope/engine/lab/tokens"
)

// ordersKey is the key of Orders API, to which the conditions of group "Orders
// API" apply.
const ordersKey = "orders-api"

// Services serves the APIs. It is safe for concurrent use.
type Services struct {
	dir      directory.Directory // never written to
	mint     *tokens.Mint        // its keys, and what it alone knows of tokens
	ids      *ids.Source
	clock    func() time.Time
	policies *policy.Policies
	switches *conditions.Set

	mu    sync.Mutex
	tasks map[[2]string][]task // by tenant and object id: the only pair that names one person
}

// New returns the APIs of the directory that the policies are for.
func New(p *policy.Policies, mint *tokens.Mint) *Services {
	return &Services{
		dir: p.Directory, mint: mint, ids: mint.IDs, clock: p.Clock, policies: p, switches: p.Conditions, tasks: map[[2]string][]task{},
	}
}

// who may call a route.
type kind int

const (
	people kind = iota
	apps
	anyone // people and applications
)

// route is one path of an API and what a caller must bring.
type route struct {
	method, path string
	kind         kind
	scope, role  string // both must be there when both are named
	context      string // authentication context demanded while the condition step-up is on
	serve        func(w http.ResponseWriter, r *http.Request, c caller)
}

// Orders serves Orders API under base; path is what follows /orders.
func (s *Services) Orders(w http.ResponseWriter, r *http.Request, base, path string) {
	s.serve(w, r, base, ordersKey, path, []route{
		{http.MethodGet, "/hello", anyone, "", "", "", s.hello},
		{http.MethodGet, "/me", people, "access_as_user", "", "", s.me},
		{http.MethodGet, "/recent", people, "Orders.Read", "", "", s.recent},
		{http.MethodGet, "/tasks", people, "access_as_user", "", "", s.listTasks},
		{http.MethodPost, "/tasks", people, "access_as_user", "", "", s.addTask},
		{http.MethodGet, "/admin", people, "access_as_user", "Admin", policy.StepUpContext, s.admin},
		{http.MethodGet, "/all", apps, "", "Orders.Read.All", "", s.recent},
	})
}

// Inventory serves Inventory API under base; path is what follows /inventory.
func (s *Services) Inventory(w http.ResponseWriter, r *http.Request, base, path string) {
	s.serve(w, r, base, "inventory-api", path, []route{
		{http.MethodGet, "/stock", people, "stock.read", "", "", s.stock},
	})
}

// Vault serves Vault API, whose tokens are encrypted; path is what follows
// /vault.
func (s *Services) Vault(w http.ResponseWriter, r *http.Request, base, path string) {
	s.serve(w, r, base, "vault-api", path, []route{
		{http.MethodGet, "/secrets", people, "secrets.read", "", "", s.secrets},
	})
}

// Badges serves Badges API, whose tokens are signed with a key of its own;
// path is what follows /badges.
func (s *Services) Badges(w http.ResponseWriter, r *http.Request, base, path string) {
	s.serve(w, r, base, "badges-api", path, []route{
		{http.MethodGet, "/", people, "badges.read", "", "", s.badges},
	})
}

// Reports serves Reports API; path is what follows /reports.
func (s *Services) Reports(w http.ResponseWriter, r *http.Request, base, path string) {
	s.serve(w, r, base, "reports-api", path, []route{
		{http.MethodGet, "/", people, "reports.read", "", "", s.reports},
		{http.MethodGet, "/all", apps, "", "Reports.Read.All", "", s.reports},
	})
}

func (s *Services) serve(w http.ResponseWriter, r *http.Request, base, key, path string, routes []route) {
	api, _ := s.dir.App(key)
	if misconfigured := key == ordersKey && s.switches.On(conditions.APICorsOff); !misconfigured && s.cors(w, r) {
		return
	}
	var allow []string
	for _, rt := range routes {
		if rt.path != path {
			continue
		}
		if rt.method != r.Method {
			allow = append(allow, rt.method)
			continue
		}
		s.guarded(w, r, base, api, rt)
		return
	}
	if allow != nil {
		w.Header().Set("Allow", strings.Join(allow, ", "))
		respond(w, http.StatusMethodNotAllowed, failure{"method_not_allowed", "this path takes " + strings.Join(allow, ", ")})
		return
	}
	respond(w, http.StatusNotFound, failure{"not_found", "no such path"})
}

func (s *Services) guarded(w http.ResponseWriter, r *http.Request, base string, api directory.App, rt route) {
	c, no := s.caller(r, base, api)
	if no == nil {
		no = rt.permits(c, api)
	}
	if no == nil && rt.context != "" && s.switches.On(conditions.StepUp) && !c.satisfies(rt.context) {
		no = stepUp(rt.context)
	}
	if no != nil {
		no.write(w, base, api)
		return
	}
	rt.serve(w, r, c)
}

// permits decides by scope and role. A role of a person and a permission of an
// application are never taken for each other.
func (rt route) permits(c caller, api directory.App) *refusal {
	switch {
	case rt.kind == apps && !c.app():
		return forbidden("", "this path is for applications without a user")
	case rt.kind == people && c.app():
		return forbidden(api.AppIDURI+"/"+rt.scope, "this path needs a signed-in user; the token is of an application alone")
	case rt.scope != "" && !c.hasScope(rt.scope):
		return forbidden(api.AppIDURI+"/"+rt.scope, "the token lacks the scope "+rt.scope)
	case rt.role != "" && !c.hasRole(rt.role):
		return forbidden("", "the caller lacks the role "+rt.role)
	}
	return nil
}

// cors allows the origins of the registered single-page apps, on any port of
// localhost. It reports whether the request was a preflight and is answered.
func (s *Services) cors(w http.ResponseWriter, r *http.Request) bool {
	origin := r.Header.Get("Origin")
	w.Header().Add("Vary", "Origin")
	if origin != "" && s.known(origin) {
		w.Header().Set("Access-Control-Allow-Origin", origin)
		w.Header().Set("Access-Control-Expose-Headers", "WWW-Authenticate")
	}
	if r.Method != http.MethodOptions {
		return false
	}
	w.Header().Set("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
	w.Header().Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
	w.WriteHeader(http.StatusNoContent)
	return true
}

func (s *Services) known(origin string) bool {
	o, err := url.Parse(origin)
	if err != nil {
		return false
	}
	for _, a := range s.dir.Apps {
		for _, p := range a.Platforms {
			for _, uri := range p.RedirectURIs {
				u, err := url.Parse(uri)
				if err == nil && p.Type == directory.PlatformSPA && u.Scheme == o.Scheme && u.Hostname() == o.Hostname() &&
					(u.Hostname() == "localhost" || u.Port() == o.Port()) {
					return true
				}
			}
		}
	}
	return false
}

type failure struct {
	Error       string `json:"error,omitempty"` // empty for a request without any token
	Description string `json:"error_description"`
}

func respond(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // the client went away: nothing is left to tell it
}
