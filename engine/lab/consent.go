package lab

import (
	"net/http"
	"slices"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/pages"
	"flowscope/engine/lab/scope"
	"flowscope/engine/lab/state"
)

// proceed goes on with a request once it is known who signed in: it is cleared,
// consented to and answered. id is the sign-in under way, if there is one.
func (v *visit) proceed(a authorization, p person, id string) {
	p, ok := v.cleared(a, p, id)
	if !ok {
		return
	}
	if a.administers() {
		v.administer(a, p, id)
		return
	}
	want, err := v.wanted(a, p)
	if err != nil {
		v.state.DropSignIn(id)
		v.refuse(a, err)
		return
	}
	if len(want.client) == 0 {
		v.finish(a, p, id)
		return
	}
	v.consentNeeded(a, p, want, id)
}

// administers reports whether an administrator is to consent for everyone.
func (a authorization) administers() bool {
	return a.kind == state.ForAdminConsent || a.prompt == "admin_consent"
}

// cleared judges a person who signed in: tenant, age of the sign-in,
// Conditional Access, assignment. It has answered when the last value is false:
// with a page that asks for what is missing, or with the error.
func (v *visit) cleared(a authorization, p person, id string) (person, bool) {
	p, err := v.member(a, p)
	if err == nil {
		err = v.restricted(p.tenant)
	}
	if err != nil {
		v.stop(a, id, err)
		return p, false
	}
	if v.tooOld(a, p) {
		if a.silent() {
			v.failRedirect(a, aadsts.New(50058).Because("prompt", "the sign-in of %s is older than the request allows", p.home.Username))
			return p, false
		}
		v.askAnew(a, p, id)
		return p, false
	}
	if !v.admitted(a, p, id) {
		return p, false
	}
	if _, assigned := p.user.Roles[a.client.ClientID]; a.client.AssignmentRequired && !assigned && !a.administers() {
		v.stop(a, id, aadsts.New(50105, p.user.Username, a.client.ClientID, a.client.Name).
			Because("username", "%s requires an assignment, and %s has none", a.client.Name, p.user.Username))
		return p, false
	}
	return p, true
}

// consentNeeded asks for consent, or says why it can't be asked.
func (v *visit) consentNeeded(a authorization, p person, want wanted, id string) {
	if a.silent() {
		v.failRedirect(a, aadsts.New(65001, a.client.ClientID, a.client.Name).Named(aadsts.ConsentRequired).
			Because("scope", "%s has not consented to %s on %s", p.user.Username, want.client[0].Scope.Name, want.client[0].Resource.Name))
		return
	}
	switch err := v.policies.MayConsent(p.user, a.client, want.forAdministrators()); {
	case err == nil:
		v.askConsent(a, p, want, id)
	case err.Code == 90095:
		v.askRequest(a, p, want, id, err)
	default:
		v.stop(a, id, err)
	}
}

// wanted are the permissions that a consent page lists.
type wanted struct {
	client []scope.Permission // for the client
	api    directory.App      // an API that is consented to at once; zero for none
	own    []scope.Permission // what that API asks for itself
}

func (w wanted) forAdministrators() bool {
	adminOnly := func(p scope.Permission) bool { return p.Scope.AdminOnly }
	return slices.ContainsFunc(w.client, adminOnly) || slices.ContainsFunc(w.own, adminOnly)
}

// target looks up the API that is asked for.
func (v *visit) target(a authorization, p person) (scope.Target, *aadsts.Error) {
	t, err := scope.Resolve(v.dir, p.tenant, a.client, a.scope)
	if err == nil && v.policies.Disabled(t.Resource) {
		err = aadsts.New(500014, t.Audience).Because("scope", "%s is disabled", t.Resource.Name)
	}
	return t, err
}

// wanted lists the permissions that must be consented to: those not granted
// yet, or all that are asked with prompt=consent. Where /.default of an API is
// asked that knows the client, the API's own permissions are among them
// (knownClientApplications), so that it can work on behalf of the person.
func (v *visit) wanted(a authorization, p person) (wanted, *aadsts.Error) {
	target, err := v.target(a, p)
	if err != nil {
		return wanted{}, err
	}
	granted := v.grants.Granted(p.key(), a.client)
	if err := target.Listed(v.dir, a.client, granted); err != nil {
		return wanted{}, err
	}
	again := a.prompt == "consent"
	out := wanted{client: target.Wanted(v.dir, a.client, granted, again)}
	if !again {
		out.client = scope.Missing(out.client, granted)
	}
	api := target.Resource
	if target.Default && len(out.client) > 0 && slices.Contains(api.KnownClients, a.client.ClientID) {
		out.own = static(v.dir, api)
		if !again {
			out.own = scope.Missing(out.own, v.grants.Granted(p.key(), api))
		}
		if len(out.own) > 0 {
			out.api = api
		}
	}
	return out, nil
}

// static lists all delegated permissions of a registration.
func static(d directory.Directory, client directory.App) []scope.Permission {
	var out []scope.Permission
	for _, p := range client.Permissions {
		api, _ := d.Client(p.ResourceAppID)
		for _, name := range p.Scopes {
			if s, ok := api.Scope(name); ok {
				out = append(out, scope.Permission{Resource: api, Scope: s})
			}
		}
	}
	return out
}

// lines writes permissions as consent pages show them.
func lines(permissions []scope.Permission) []pages.Permission {
	var out []pages.Permission
	for _, w := range permissions {
		out = append(out, pages.Permission{
			Title: w.Scope.UserConsentTitle, Text: w.Scope.UserConsentText + " (" + w.Resource.Name + ": " + w.Scope.Name + ")",
		})
	}
	return out
}

func (v *visit) publisher(app directory.App) string {
	home, _ := v.dir.Tenant(app.TenantID)
	return home.Domain
}

// askConsent shows the consent page and remembers who is looking at it.
func (v *visit) askConsent(a authorization, p person, want wanted, id string) {
	id, ok := v.hold(a, p, id)
	if !ok {
		return
	}
	page := pages.Consent{
		Form: v.form(a, "Consent/Set", id), App: a.client.Name, Publisher: v.publisher(a.client), Username: p.home.Username,
		Permissions: lines(want.client), Admin: p.user.Admin, API: want.api.Name, Own: lines(want.own),
	}
	v.draw(page.Write(v.w, place(a.authority)))
}

// askRequest shows the page on which an administrator can be asked.
func (v *visit) askRequest(a authorization, p person, want wanted, id string, e *aadsts.Error) {
	id, ok := v.hold(a, p, id)
	if !ok {
		return
	}
	page := pages.ConsentRequest{
		Form: v.form(a, "Consent/Request", id), Problem: v.told(e), App: a.client.Name, Publisher: v.publisher(a.client),
		Username: p.home.Username, Permissions: lines(append(slices.Clone(want.client), want.own...)),
	}
	v.draw(page.Write(v.w, place(a.authority)))
}

// requestConsent takes the form that asks an administrator. Back sends the
// application an error.
func (v *visit) requestConsent() {
	form, id, a, p, ok := v.answered()
	if !ok {
		return
	}
	if p, ok = v.cleared(a, p, id); !ok {
		return
	}
	v.state.DropSignIn(id)
	if form.Get("action") != "request" {
		v.refuse(a, aadsts.New(90095, a.client.ClientID, a.client.Name).Because("", "%s went back without asking", p.home.Username))
		return
	}
	v.draw(pages.Notice(v.w, http.StatusOK, place(a.authority), "Your request was sent",
		"An administrator of "+p.tenant.Name+" can approve "+a.client.Name+" now. In the lab, sign in as one and accept for the organisation.",
		"You may close this window, and start again at the application once it is approved."))
}

// consent takes the consent form.
func (v *visit) consent() {
	form, id, a, p, ok := v.answered()
	if !ok {
		return
	}
	switch form.Get("action") {
	case "cancel":
		v.declined(a, p, id)
		return
	case "accept":
	default:
		v.failPage(place(a.authority), aadsts.New(9002313).Because("action", "neither accept nor cancel"))
		return
	}
	// Once more: policies may have been switched since the page was shown, and
	// the form must not be a way around a page before it.
	if p, ok = v.cleared(a, p, id); !ok {
		return
	}
	if a.administers() {
		v.administered(a, p, id)
		return
	}
	want, err := v.wanted(a, p)
	if err != nil {
		v.state.DropSignIn(id)
		v.refuse(a, err)
		return
	}
	if err := v.policies.MayConsent(p.user, a.client, want.forAdministrators()); err != nil && len(want.client) > 0 {
		v.stop(a, id, err)
		return
	}
	v.grant(p, a.client, want.client, form.Get("organisation") == "1")
	v.grant(p, want.api, want.own, form.Get("organisation") == "1")
	v.finish(a, p, id)
}

// grant keeps what was consented to: for the person or, where an administrator
// wants it so, for everyone.
func (v *visit) grant(p person, client directory.App, permissions []scope.Permission, everyone bool) {
	for _, w := range permissions {
		if everyone && p.user.Admin {
			v.state.Consents.GrantAll(p.user.TenantID, client.ClientID, w.Resource.ClientID, w.Scope.Name)
			continue
		}
		v.state.Consents.Grant(p.key(), client.ClientID, w.Resource.ClientID, w.Scope.Name)
	}
}

// declined ends a request whose person pressed Cancel on a consent page.
func (v *visit) declined(a authorization, p person, id string) {
	v.state.DropSignIn(id)
	err := aadsts.New(65004).Because("", "%s pressed Cancel on the consent page", p.home.Username)
	switch {
	case a.kind == state.ForDevice:
		v.state.DecideDevice(a.device, false, state.Person{}, state.Auth{})
		v.failPage(place(a.authority), err)
	case a.kind == state.ForAdminConsent && a.v1:
		v.failRedirect(a, err.Named(aadsts.PermissionDenied))
	default:
		v.failRedirect(a, err)
	}
}
