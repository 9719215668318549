package lab

import (
	"net/url"
	"slices"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/grants"
	"flowscope/engine/lab/pages"
	"flowscope/engine/lab/scope"
	"flowscope/engine/lab/state"
)

// adminConsent is the endpoint on which an administrator consents for everyone
// (Entra: v2-admin-consent). At v1.0 it takes no scope and stands for all that
// is in the registration.
func (v *visit) adminConsent(v1 bool) {
	q, err := v.query()
	if err != nil {
		v.failPage("Lab", err)
		return
	}
	a, err := v.judgeAdmin(v.segment, q, v1)
	if err != nil {
		v.refuse(a, err)
		return
	}
	v.enter(a)
}

// judgeAdmin judges a request for an administrator's consent.
func (l *Lab) judgeAdmin(segment string, q url.Values, v1 bool) (authorization, *aadsts.Error) {
	a := authorization{kind: state.ForAdminConsent, v1: v1, query: q, mode: modeQuery, maxAge: -1}
	rows := []func() *aadsts.Error{
		func() *aadsts.Error { return wellFormed(q) },
		func() *aadsts.Error { return l.judgeTenant(&a, segment) },
		func() *aadsts.Error { return l.judgeClient(&a) },
		func() *aadsts.Error {
			// The v2.0 endpoint wants to know the tenant, or at least that it is
			// one; the v1.0 endpoint was always used at /common.
			if a.authority.Personal() || !v1 && a.authority.Segment == directory.Common {
				return aadsts.New(90130, a.client.ClientID, a.client.Name).Because("tenant", "/%s was asked", a.authority.Segment)
			}
			return nil
		},
		a.judgeRedirect,
		func() *aadsts.Error { return grants.Audience(a.client, a.authority) },
		func() *aadsts.Error { a.redirectable = true; return l.judgeAdminScope(&a) },
	}
	for _, row := range rows {
		if err := row(); err != nil {
			return a, err
		}
	}
	return a, nil
}

func (l *Lab) judgeAdminScope(a *authorization) *aadsts.Error {
	if a.v1 {
		return nil
	}
	return l.judgeScope(a)
}

// asks is what an administrator is asked to consent to.
type asks struct {
	delegated []scope.Permission
	roles     []role
}

// role is one application permission of an API.
type role struct {
	api  directory.App
	role directory.AppRole
}

// allOf lists what an administrator consents to: everything in the
// registration for /.default and at v1.0, single permissions otherwise.
func (v *visit) allOf(a authorization, p person) (asks, *aadsts.Error) {
	if !a.v1 {
		target, err := v.target(a, p)
		if err != nil {
			return asks{}, err
		}
		never := func(string, string) bool { return false }
		if err := target.Listed(v.dir, a.client, never); err != nil && len(rolesOf(v.dir, a.client)) == 0 {
			return asks{}, err
		}
		out := asks{delegated: target.Wanted(v.dir, a.client, never, true)}
		if target.Default {
			out.roles = rolesOf(v.dir, a.client)
		}
		return out, nil
	}
	out := asks{delegated: static(v.dir, a.client), roles: rolesOf(v.dir, a.client)}
	// Signing in and staying so go with every application at v1.0.
	graph, _ := v.dir.Client(directory.GraphAppID)
	for _, name := range (scope.Request{OpenID: true, Profile: true, Offline: true}).OpenIDNames() {
		if s, ok := graph.Scope(name); ok {
			out.delegated = append(out.delegated, scope.Permission{Resource: graph, Scope: s})
		}
	}
	return out, nil
}

// rolesOf lists the application permissions in a registration.
func rolesOf(d directory.Directory, client directory.App) []role {
	var out []role
	for _, p := range client.Permissions {
		api, _ := d.Client(p.ResourceAppID)
		for _, r := range api.AppRoles {
			if r.ForApps && slices.Contains(p.Roles, r.Value) {
				out = append(out, role{api, r})
			}
		}
	}
	return out
}

// administer shows an administrator what is asked. Anyone else gets 90093: only
// an administrator can grant for the organisation.
func (v *visit) administer(a authorization, p person, id string) {
	if !p.user.Admin {
		v.stop(a, id, aadsts.New(90093, a.client.Name).Because("username", "%s is no administrator of %s", p.home.Username, p.tenant.Name))
		return
	}
	all, err := v.allOf(a, p)
	if err != nil {
		v.state.DropSignIn(id)
		v.refuse(a, err)
		return
	}
	id, ok := v.hold(a, p, id)
	if !ok {
		return
	}
	page := pages.AdminConsent{
		Form: v.form(a, "Consent/Set", id), App: a.client.Name, Publisher: v.publisher(a.client), Username: p.home.Username, Tenant: p.tenant.Name,
	}
	for _, d := range all.delegated {
		page.Delegated = append(page.Delegated, pages.Permission{Title: d.Scope.AdminConsentTitle, Text: "(" + d.Resource.Name + ": " + d.Scope.Name + ")"})
	}
	for _, r := range all.roles {
		page.Application = append(page.Application, pages.Permission{Title: r.role.DisplayName, Text: "(" + r.api.Name + ": " + r.role.Value + ")"})
	}
	v.draw(page.Write(v.w, place(a.authority)))
}

// administered keeps what an administrator accepted. The application is
// installed in the tenant by it.
func (v *visit) administered(a authorization, p person, id string) {
	all, err := v.allOf(a, p)
	if !p.user.Admin {
		err = aadsts.New(90093, a.client.Name).Because("username", "%s is no administrator of %s any more", p.home.Username, p.tenant.Name)
	}
	if err != nil {
		v.stop(a, id, err)
		return
	}
	v.grant(p, a.client, all.delegated, true)
	for _, r := range all.roles {
		v.state.Consents.GrantRoles(p.tenant.ID, a.client.ClientID, r.api.ClientID, r.role.Value)
	}
	v.state.Consents.Install(p.tenant.ID, a.client.ClientID)
	if a.kind != state.ForAdminConsent {
		v.finish(a, p, id)
		return
	}
	v.state.DropSignIn(id)
	fields := []pages.Field{{Name: "admin_consent", Value: "True"}, {Name: "tenant", Value: p.tenant.ID}}
	if !a.v1 {
		fields = append(fields, pages.Field{Name: "scope", Value: a.scope.Text})
	}
	v.deliver(a, fields)
}
