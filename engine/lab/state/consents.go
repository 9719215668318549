package state

import (
	"slices"
	"sync"
)

// consent names one grant of delegated permissions. An empty user is the whole
// organisation.
type consent struct{ tenant, user, client, resource string }

// Consents remembers which delegated permissions were granted, by whom, to
// which client, on which API, and where applications were installed by a
// consent. It is safe for concurrent use.
type Consents struct {
	mu        sync.RWMutex
	granted   map[consent]map[string]bool
	installed map[[2]string]bool
	roles     map[consent]map[string]bool // application permissions, for a tenant
}

// Grant adds permissions that one person gave.
func (c *Consents) Grant(p Person, client, resource string, names ...string) {
	c.add(consent{p.TenantID, p.ObjectID, client, resource}, names)
}

// GrantAll adds permissions that an administrator gave for everyone in a
// tenant.
func (c *Consents) GrantAll(tenantID, client, resource string, names ...string) {
	c.add(consent{tenantID, "", client, resource}, names)
}

func (c *Consents) add(k consent, names []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.installed[[2]string{k.tenant, k.client}] = true
	if c.granted[k] == nil {
		c.granted[k] = map[string]bool{}
	}
	for _, n := range names {
		c.granted[k][n] = true
	}
}

// GrantRoles adds application permissions that an administrator gave to a
// client on an API, and installs the client in the tenant.
func (c *Consents) GrantRoles(tenantID, client, resource string, roles ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.installed[[2]string{tenantID, client}] = true
	k := consent{tenantID, "", client, resource}
	if c.roles[k] == nil {
		c.roles[k] = map[string]bool{}
	}
	for _, r := range roles {
		c.roles[k][r] = true
	}
}

// Roles lists the application permissions that an administrator gave, sorted.
func (c *Consents) Roles(tenantID, client, resource string) []string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var out []string
	for r := range c.roles[consent{tenantID, "", client, resource}] {
		out = append(out, r)
	}
	slices.Sort(out)
	return out
}

// Install notes that an application has a service principal in a tenant.
func (c *Consents) Install(tenantID, client string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.installed[[2]string{tenantID, client}] = true
}

// Has reports whether a permission was granted by the person or for everyone.
func (c *Consents) Has(p Person, client, resource, name string) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.granted[consent{p.TenantID, p.ObjectID, client, resource}][name] ||
		c.granted[consent{p.TenantID, "", client, resource}][name]
}

// Any reports whether a person, or an administrator for everyone, has consented
// to anything for the client.
func (c *Consents) Any(p Person, client string) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for k, names := range c.granted {
		if k.tenant == p.TenantID && (k.user == p.ObjectID || k.user == "") && k.client == client && len(names) > 0 {
			return true
		}
	}
	return false
}

// Installed reports whether a consent brought the client into the tenant.
func (c *Consents) Installed(tenantID, client string) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.installed[[2]string{tenantID, client}]
}

// Revoke takes away all that one person granted to a client.
func (c *Consents) Revoke(p Person, client string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for k := range c.granted {
		if k.tenant == p.TenantID && k.user == p.ObjectID && k.client == client {
			delete(c.granted, k)
		}
	}
}
