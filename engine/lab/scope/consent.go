package scope

import (
	"slices"
	"strings"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/directory"
)

// Granted answers whether a delegated permission of an API was granted to the
// client, by the person or for the whole organisation.
type Granted func(resourceAppID, name string) bool

// Permission is one delegated permission of one API.
type Permission struct {
	Resource directory.App
	Scope    directory.Scope
}

// Wanted lists the permissions that the request needs, OpenID Connect ones
// included. For /.default these are all that the registration asks of any API
// (Entra: scopes-oidc), and nothing more once the API has been consented to,
// unless again is set.
func (t Target) Wanted(d directory.Directory, client directory.App, granted Granted, again bool) []Permission {
	var out []Permission
	add := func(resource directory.App, names ...string) {
		for _, n := range names {
			if s, ok := resource.Scope(n); ok && !slices.ContainsFunc(out, func(p Permission) bool { return p.Scope.ID == s.ID }) {
				out = append(out, Permission{resource, s})
			}
		}
	}
	add(t.Resource, t.Names...)
	if t.Default && (again || len(t.Held(granted)) == 0) {
		for _, p := range client.Permissions {
			if resource, ok := d.Client(p.ResourceAppID); ok {
				add(resource, p.Scopes...)
			}
		}
	}
	if graph, ok := d.Client(directory.GraphAppID); ok && !t.Request.V1 {
		add(graph, t.Request.OpenIDNames()...)
	}
	return out
}

// Held lists the permissions of the target's API that were granted, in the
// API's own order. A token carries all of them, not only those asked.
func (t Target) Held(granted Granted) []string {
	held := []string{}
	for _, s := range t.Resource.Scopes {
		if granted(t.Resource.ClientID, s.Name) {
			held = append(held, s.Name)
		}
	}
	return held
}

// Missing keeps the permissions that were not granted.
func Missing(wanted []Permission, granted Granted) []Permission {
	return slices.DeleteFunc(slices.Clone(wanted), func(p Permission) bool { return granted(p.Resource.ClientID, p.Scope.Name) })
}

// Listed refuses /.default (650057) on an API that neither the registration
// lists nor anyone has consented to. Single permissions need not be listed:
// they are consented to as they come.
func (t Target) Listed(d directory.Directory, client directory.App, granted Granted) *aadsts.Error {
	p, listed := client.PermissionsOn(t.Resource.ClientID)
	if !t.Default || t.Resource.ClientID == client.ClientID || listed && len(p.Scopes) > 0 || len(t.Held(granted)) > 0 {
		return nil
	}
	var valid []string
	for _, p := range client.Permissions {
		if r, ok := d.Client(p.ResourceAppID); ok {
			valid = append(valid, r.ClientID)
		}
	}
	return aadsts.New(650057, client.ClientID, client.Name, t.Audience, t.Resource.ClientID, strings.Join(valid, ", ")).
		Because("scope", "the registration of %s lists no permission of %s", client.Name, t.Resource.Name)
}
