package lab

import (
	"slices"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/pages"
	"flowscope/engine/lab/scope"
	"flowscope/engine/lab/state"
)

// proceed goes on with a request once it is known who signed in: assignment,
// resource, consent, code. id is the sign-in under way, if there is one.
func (v *visit) proceed(a authorization, session state.Session, user directory.User, id string) {
	silent := a.prompt == "none"
	if _, assigned := user.Roles[a.client.ClientID]; a.client.AssignmentRequired && !assigned {
		err := aadsts.New(50105, user.Username, a.client.ClientID, a.client.Name).
			Because("username", "%s requires an assignment, and %s has none", a.client.Name, user.Username)
		if silent {
			v.failRedirect(a, err)
			return
		}
		v.failPage(place(a.authority), err)
		return
	}
	wanted, err := v.wanted(a, session.Person)
	if err != nil {
		v.failRedirect(a, err)
		return
	}
	switch {
	case len(wanted) == 0:
		v.finish(a, session, id)
	case silent:
		v.failRedirect(a, aadsts.New(65001, a.client.ClientID, a.client.Name).Named(aadsts.ConsentRequired).
			Because("scope", "%s has not consented to %s on %s", user.Username, wanted[0].Scope.Name, wanted[0].Resource.Name))
	case forAdministrators(wanted) && !user.Admin:
		v.failPage(place(a.authority), aadsts.New(90094, a.client.ClientID, a.client.Name).
			Because("scope", "a permission asked is for administrators only, and %s is none", user.Username))
	default:
		v.askConsent(a, session, user, wanted, id)
	}
}

// wanted lists the permissions that must be consented to: those not granted
// yet, or all that are asked with prompt=consent.
func (v *visit) wanted(a authorization, who state.Person) ([]scope.Permission, *aadsts.Error) {
	tenant, _ := v.dir.Tenant(who.TenantID)
	target, err := scope.Resolve(v.dir, tenant, a.client, a.scope)
	if err != nil {
		return nil, err
	}
	granted := func(resource, name string) bool {
		return v.state.Consents.Has(who, a.client.ClientID, resource, name)
	}
	if err := target.Listed(v.dir, a.client, granted); err != nil {
		return nil, err
	}
	again := a.prompt == "consent"
	all := target.Wanted(v.dir, a.client, granted, again)
	if again {
		return all, nil
	}
	return scope.Missing(all, granted), nil
}

func forAdministrators(wanted []scope.Permission) bool {
	return slices.ContainsFunc(wanted, func(p scope.Permission) bool { return p.Scope.AdminOnly })
}

// askConsent shows the consent page and remembers who is looking at it.
func (v *visit) askConsent(a authorization, session state.Session, user directory.User, wanted []scope.Permission, id string) {
	if id == "" {
		id = v.begin(a, "")
	}
	s, ok := v.state.SignIn(id, v.clock())
	if !ok {
		v.failPage(place(a.authority), aadsts.New(50089).Because("ctx", "the sign-in expired just now"))
		return
	}
	s.Session = session
	v.state.PutSignIn(id, s)
	home, _ := v.dir.Tenant(a.client.TenantID)
	p := pages.Consent{
		Action: "/" + a.authority.Segment + "/Consent/Set", Context: id, App: a.client.Name,
		Publisher: home.Domain, Username: user.Username, Admin: user.Admin,
	}
	for _, w := range wanted {
		p.Permissions = append(p.Permissions, pages.Permission{
			Title: w.Scope.UserConsentTitle, Text: w.Scope.UserConsentText + " (" + w.Resource.Name + ": " + w.Scope.Name + ")",
		})
	}
	v.draw(p.Write(v.w, place(a.authority)))
}

// consent takes the consent form.
func (v *visit) consent() {
	form, id, s, a, ok := v.underWay()
	if !ok {
		return
	}
	user, known := v.dir.Person(s.Session.Person.TenantID, s.Session.Person.ObjectID)
	if !known || user.Disabled {
		v.failPage(place(a.authority), aadsts.New(50089).Because("ctx", "no one has signed in yet"))
		return
	}
	if now, _, signedIn := v.session(); !signedIn || now.ID != s.Session.ID {
		v.state.DropSignIn(id)
		v.failPage(place(a.authority), aadsts.New(50089).Because("Cookie", "the session of %s in this browser has ended", user.Username))
		return
	}
	switch form.Get("action") {
	case "cancel":
		v.state.DropSignIn(id)
		v.failRedirect(a, aadsts.New(65004).Because("", "%s pressed Cancel on the consent page", user.Username))
		return
	case "accept":
	default:
		v.failPage(place(a.authority), aadsts.New(9002313).Because("action", "neither accept nor cancel"))
		return
	}
	wanted, err := v.wanted(a, s.Session.Person)
	if err != nil {
		v.failRedirect(a, err)
		return
	}
	if forAdministrators(wanted) && !user.Admin {
		v.failPage(place(a.authority), aadsts.New(90094, a.client.ClientID, a.client.Name).Because("scope", "only an administrator may accept this"))
		return
	}
	for _, w := range wanted {
		if user.Admin && form.Get("organisation") == "1" {
			v.state.Consents.GrantAll(user.TenantID, a.client.ClientID, w.Resource.ClientID, w.Scope.Name)
			continue
		}
		v.state.Consents.Grant(s.Session.Person, a.client.ClientID, w.Resource.ClientID, w.Scope.Name)
	}
	v.finish(a, s.Session, id)
}

// finish issues a code and sends it to the application.
func (v *visit) finish(a authorization, session state.Session, id string) {
	v.state.DropSignIn(id)
	code := v.grants.Mint.Opaque()
	v.state.PutCode(code, state.Code{
		Person: session.Person, Authority: a.authority.Key(), ClientID: a.client.ClientID,
		RedirectURI: a.redirect, Platform: a.platform,
		Challenge: a.query.Get("code_challenge"), Method: a.method(), Nonce: a.query.Get("nonce"),
		Scope: a.scope.Text, IP: v.ip(), Issued: v.clock(),
	})
	v.deliver(a, []pages.Field{{Name: "code", Value: code}, {Name: "session_state", Value: session.ID}})
}
