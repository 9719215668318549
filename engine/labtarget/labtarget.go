// Package labtarget makes an engine.Target of the embedded lab: its directory
// becomes registrations and accounts, its handler the way to reach it.
//
// It is the one place where the engine and the lab meet. The reasons that the
// lab keeps aside never pass through here.
package labtarget

import (
	"context"
	"crypto/sha1" //nolint:gosec // x5t is defined over SHA-1
	"crypto/sha256"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"flowscope/engine"
	"flowscope/engine/lab"
	"flowscope/engine/labserver"
	"flowscope/engine/trace"
	"flowscope/engine/wire"
)

// home is the domain of the tenant in which everything is run.
const home = "contoso.onmicrosoft.com"

// Target is the lab as a target, with the listener that browsers reach it by.
type Target struct {
	engine.Target
	lab *lab.Lab

	mu   sync.Mutex
	base string
	stop func()
}

// New makes the target. It opens no socket.
func New(l *lab.Lab) (*Target, error) {
	dir := l.Directory()
	t := &Target{lab: l}
	tenant, ok := tenant(dir)
	if !ok {
		return nil, fmt.Errorf("the lab has no tenant %s", home)
	}
	t.Target = engine.Target{
		Name: "lab", Title: "lab · contoso", Authority: "https://" + lab.Host + "/" + tenant.ID, TenantID: tenant.ID, Domain: tenant.Domain,
		Hosts:     []string{lab.Host},
		Transport: Transport(l, nil),
		Accounts:  accounts(dir, tenant.ID),
	}
	t.BrowserBase, t.Switch, t.Services = t.serve, l.Switch, services(dir)
	var err error
	if t.Clients, err = t.clients(dir, tenant); err != nil {
		return nil, err
	}
	t.Elsewhere, err = t.elsewhere(dir, tenant)
	return t, err
}

func tenant(dir lab.Directory) (lab.Tenant, bool) {
	for _, t := range dir.Tenants {
		if t.Domain == home {
			return t, true
		}
	}
	return lab.Tenant{}, false
}

func accounts(dir lab.Directory, tenantID string) []engine.Account {
	var out []engine.Account
	for _, u := range dir.Users {
		if u.TenantID == tenantID {
			home := dir.Home(u) // a guest signs in with the account at home
			out = append(out, engine.Account{Username: home.Username, Password: home.Password, Name: u.Name, About: u.About, Admin: u.Admin})
		}
	}
	return out
}

// origin is scheme, host and port of a URL (RFC 6454 section 4).
func origin(raw string) string {
	scheme, rest, _ := strings.Cut(raw, "://")
	host, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + host
}

func registration(dir lab.Directory, tenant lab.Tenant, app lab.App) trace.Registration {
	r := trace.Registration{
		Known: true, Key: app.Key, Name: app.Name, ClientID: app.ClientID, TenantID: tenant.ID, TenantName: tenant.Name, Public: app.Public,
	}
	for _, p := range app.Platforms {
		r.Platforms = append(r.Platforms, trace.Platform{Type: p.Type, RedirectURIs: append([]string(nil), p.RedirectURIs...)})
	}
	for _, s := range app.Secrets {
		r.Secrets = append(r.Secrets, trace.Credential{ID: s.ID, Hint: s.Hint, Expires: s.Expires})
	}
	for _, c := range app.Certificates {
		if block, _ := pem.Decode([]byte(c.CertPEM)); block != nil {
			r.Certificates = append(r.Certificates, trace.Certificate{
				SHA1: fmt.Sprintf("%X", sha1.Sum(block.Bytes)), SHA256: fmt.Sprintf("%X", sha256.Sum256(block.Bytes)), Expires: c.Expires, //nolint:gosec // x5t is defined over SHA-1
			})
		}
	}
	for _, f := range app.FederatedCredentials {
		r.Federated = append(r.Federated, trace.Federated(f))
	}
	for _, api := range dir.Apps {
		if api.AppIDURI == "" {
			continue
		}
		res := trace.Resource{Name: api.Name, ClientID: api.ClientID, URI: api.AppIDURI, Version: fmt.Sprintf("%d.0", max(1, api.AccessTokenVersion))}
		for _, s := range api.Scopes {
			res.Scopes = append(res.Scopes, s.Name)
		}
		for _, role := range api.AppRoles {
			res.Roles = append(res.Roles, role.Value)
		}
		r.Resources = append(r.Resources, res)
	}
	for _, p := range app.Permissions {
		for _, s := range append(append([]string(nil), p.Scopes...), p.Roles...) {
			r.Permissions = append(r.Permissions, resourceName(dir, p.ResourceAppID)+"/"+s)
		}
	}
	return r
}

func resourceName(dir lab.Directory, clientID string) string {
	for _, a := range dir.Apps {
		if a.ClientID == clientID {
			return a.Name
		}
	}
	return clientID
}

// serve puts the lab on a free loopback port, once, and gives its base URL: the
// system browser can't reach a handler inside this process. It is http, so that
// no certificate has to be trusted.
func (t *Target) serve(ctx context.Context) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.base != "" {
		return t.base, nil
	}
	server, err := labserver.Start(ctx, labserver.Options{Handler: t.lab, HTTP: labserver.Any})
	if err != nil {
		return "", err
	}
	t.base, t.stop = server.HTTP(), server.Stop
	return t.base, nil
}

// Close ends the loopback listener, when there is one.
func (t *Target) Close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stop != nil {
		t.stop()
		t.base, t.stop = "", nil
	}
}

// Transport reaches the lab inside this process, and other hosts by next; a nil
// next refuses them.
func Transport(l *lab.Lab, next http.RoundTripper) http.RoundTripper {
	return &wire.HandlerTransport{Host: lab.Host, Handler: l, Else: next}
}
