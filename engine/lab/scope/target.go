package scope

import (
	"slices"
	"strings"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/directory"
)

// Target is the one API that a request is about, looked up.
type Target struct {
	Request  Request
	Resource directory.App
	Audience string   // the resource as a v1.0 token names it: the form asked, or the GUID
	Names    []string // permissions asked, as the API spells them; without the OpenID Connect ones
	Default  bool     // /.default is asked
}

// Resolve looks up what a client asks in a tenant. Errors: 70011 (/.default
// mixed with other permissions), 90009, 500011, 650053. The request must name
// one API at most; none means Graph.
func Resolve(d directory.Directory, tenant directory.Tenant, client directory.App, r Request) (Target, *aadsts.Error) {
	t := Target{Request: r}
	form := ""
	if len(r.Items) > 0 {
		form = r.Items[0].Resource
	}
	app, ok := resource(d, form)
	if !ok || !app.PresentIn(tenant.ID) {
		return t, aadsts.New(500011, form, tenant.Name).Because("scope", "no API of tenant %s is called %q", tenant.Name, form)
	}
	t.Resource, t.Audience = app, form
	if form == "" || strings.EqualFold(form, app.ClientID) {
		t.Audience = app.ClientID
	}
	if app.ClientID == client.ClientID && !strings.EqualFold(form, app.ClientID) {
		return t, aadsts.New(90009, client.ClientID, client.Name).Because("scope", "the client asks for itself by its App ID URI")
	}
	for _, i := range r.Items {
		if i.Name == Default {
			t.Default = true
			continue
		}
		s, ok := app.Scope(i.Name)
		if !ok {
			return t, aadsts.New(650053, client.Name, i.Name, app.ClientID).Because("scope", "%s exposes no scope %q", app.Name, i.Name)
		}
		if !slices.Contains(t.Names, s.Name) {
			t.Names = append(t.Names, s.Name)
		}
	}
	if t.Default && len(t.Names) > 0 {
		return t, aadsts.New(70011, r.Text).Because("scope", "/.default is mixed with single permissions of the same API")
	}
	return t, nil
}

func resource(d directory.Directory, form string) (directory.App, bool) {
	if form == "" {
		form = directory.GraphAppID
	}
	return d.Resource(form)
}

// Echo writes the scope member of a response: the granted permissions in the
// form in which they were asked, /.default itself where it was asked, and the
// OpenID Connect scopes only when the API is Graph. offline_access is never
// echoed (Entra: scopes-oidc).
//
// A v1.0 response has bare names, and none of the OpenID Connect scopes.
func (t Target) Echo(granted []string) string {
	form := Item{}
	if len(t.Request.Items) > 0 {
		form = t.Request.Items[0]
	}
	var out []string
	for _, name := range granted {
		i := slices.IndexFunc(t.Request.Items, func(i Item) bool { return strings.EqualFold(i.Name, name) })
		switch {
		case t.Request.V1 && (name == "openid" || name == "profile" || name == "email"):
		case t.Request.V1 && name != "offline_access":
			out = append(out, name)
		case name == "openid" || name == "profile" || name == "email":
			out = append(out, name)
		case name == "offline_access":
		case i >= 0:
			out = append(out, t.Request.Items[i].Text)
		default:
			out = append(out, form.Form(name))
		}
	}
	for _, i := range t.Request.Items {
		if i.Name == Default && !t.Request.V1 {
			out = append(out, i.Text)
			break
		}
	}
	return strings.Join(out, " ")
}
