package lab

import (
	"slices"
	"strings"
	"time"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/pages"
	"flowscope/engine/lab/state"
	"flowscope/engine/lab/tokens"
)

// person is someone who is signed in in this browser, as one request sees it.
type person struct {
	cookie  string // value of the session's cookie
	account state.Account
	home    directory.User
	fresh   bool // the password was typed for this very request

	user   directory.User // in the tenant that is signed in to; zero before enter
	tenant directory.Tenant
}

// key names the person in the tenant that is signed in to.
func (p person) key() state.Person {
	return state.Person{TenantID: p.user.TenantID, ObjectID: p.user.ObjectID}
}

// people lists who is signed in in this browser. Accounts that were disabled or
// deleted since, and sign-ins that are too old or were revoked, count for
// nothing.
func (v *visit) people() []person {
	cookie, ok := v.sessionValue()
	if !ok {
		return nil
	}
	s, _ := v.state.Session(cookie, v.clock())
	var out []person
	for _, a := range s.Accounts {
		if home, ok := v.counts(a); ok {
			out = append(out, person{cookie: cookie, account: a, home: home})
		}
	}
	slices.Reverse(out) // who signed in last comes first
	return out
}

func (v *visit) sessionValue() (string, bool) {
	c, err := v.r.Cookie(sessionCookie)
	if err != nil {
		return "", false
	}
	return c.Value, true
}

func (v *visit) counts(a state.Account) (directory.User, bool) {
	home, ok := v.dir.Person(a.Home.TenantID, a.Home.ObjectID)
	if !ok || v.clock().Sub(a.Auth.At) >= state.SessionLife {
		return home, false
	}
	return home, v.policies.Account(home) == nil && v.policies.Revoked(home, a.Auth.At) == nil
}

// enter finds whose account a request is for. One account that can be used is
// used without a question: single sign-on.
func (v *visit) enter(a authorization) {
	if err := v.restricted(a.authority.Tenant); err != nil {
		v.stop(a, "", err)
		return
	}
	all := v.people()
	some := all
	if sid := a.query.Get("sid"); sid != "" {
		some = keep(some, func(p person) bool { return p.account.Auth.SID == sid })
		if len(some) == 0 && a.silent() {
			v.failRedirect(a, aadsts.New(160021, sid).Because("sid", "no account of this browser has the session id"))
			return
		}
	}
	if a.loginHint != "" {
		some = keep(some, func(p person) bool { return hinted(p.home, a.loginHint) })
	}
	usable := keep(some, func(p person) bool { _, err := v.member(a, p); return err == nil })
	switch {
	case a.silent():
		v.silently(a, some, usable)
	case a.prompt == "login" || a.prompt != "select_account" && len(some) == 0 && a.loginHint != "" || len(all) == 0:
		v.ask(a, v.begin(a), a.loginHint, nil)
	case a.prompt != "select_account" && len(usable) == 1:
		v.proceed(a, usable[0], "")
	case a.prompt == "select_account" && len(some) == 0:
		v.ask(a, v.begin(a), a.loginHint, nil)
	case len(some) == 0:
		v.choose(a, v.begin(a), all)
	default:
		v.choose(a, v.begin(a), some)
	}
}

// silently answers prompt=none as far as it is about the account.
func (v *visit) silently(a authorization, some, usable []person) {
	switch {
	case len(some) == 0:
		v.failRedirect(a, aadsts.New(50058).Because("prompt", "the browser has no session that could be used"))
	case len(usable) == 1:
		v.proceed(a, usable[0], "")
	case len(usable) > 1:
		v.failRedirect(a, v.notUsable(a, usable[0], "several accounts are signed in, and the request does not say which is meant"))
	default:
		_, err := v.member(a, some[0]) // good again where a condition was switched just now
		if err == nil || err.Code != 50014 {
			err = v.notUsable(a, some[0], "the session is of another tenant")
		}
		v.failRedirect(a, err)
	}
}

func (v *visit) notUsable(a authorization, p person, why string) *aadsts.Error {
	return aadsts.New(16000, p.home.Username, tokens.IssuerV1(v.base, p.home.TenantID), place(a.authority), a.client.ClientID, a.client.Name).
		Because("tenant", "%s", why)
}

func keep(people []person, f func(person) bool) []person {
	return slices.DeleteFunc(slices.Clone(people), func(p person) bool { return !f(p) })
}

// hinted reports whether a login_hint means a person: a user name, or the
// value of the login_hint claim.
func hinted(home directory.User, hint string) bool {
	return strings.EqualFold(home.Username, hint) || home.Email != "" && strings.EqualFold(home.Email, hint) || hint == tokens.LoginHint(home)
}

// member gives what a person is where the request signs in to: the tenant that
// it names, or the person's own (50020, 50014, 90027).
func (v *visit) member(a authorization, p person) (person, *aadsts.Error) {
	tenant := a.authority.Tenant
	if a.authority.Alias() {
		tenant, _ = v.dir.Tenant(p.home.TenantID)
	}
	issuer := tokens.IssuerV1(v.base, p.home.TenantID)
	if p.home.Personal() && a.v1 {
		return p, aadsts.New(90027).Because("username", "%s is a personal account", p.home.Username)
	}
	everyone := a.client.SignInAudience == directory.AudienceEveryone && a.authority.Segment != directory.Organizations
	if a.authority.Alias() && p.home.Personal() && !everyone {
		return p, aadsts.New(50020, p.home.Username, issuer, place(a.authority), a.client.ClientID, a.client.Name).
			Because("username", "%s is a personal account, and work or school accounts alone may sign in here", p.home.Username)
	}
	user, err := v.policies.Enter(p.home, tenant, a.client, issuer)
	p.user, p.tenant = user, tenant
	if err == nil {
		err = v.policies.Account(user) // a guest may be disabled here and not at home
	}
	return p, err
}

// restricted applies the tenant restrictions that a company's proxy adds to
// requests (Entra: tenant-restrictions): 500021 for a tenant that is not in
// the list.
func (v *visit) restricted(t directory.Tenant) *aadsts.Error {
	list := v.r.Header.Get("Restrict-Access-To-Tenants")
	if list == "" || t.ID == "" {
		return nil
	}
	for name := range strings.SplitSeq(list, ",") {
		name = strings.TrimSpace(name)
		if allowed, ok := v.dir.Tenant(name); name == "*" || ok && allowed.ID == t.ID {
			return nil
		}
	}
	return aadsts.New(500021, t.Name).Because("Restrict-Access-To-Tenants", "the header allows %q", list)
}

// choose shows the account choice.
func (v *visit) choose(a authorization, id string, people []person) {
	p := pages.Accounts{Form: v.form(a, "reprocess", id), App: a.client.Name, Accounts: v.lines(people)}
	v.draw(p.Write(v.w, place(a.authority)))
}

func (v *visit) lines(people []person) []pages.Account {
	var out []pages.Account
	for _, p := range people {
		t, _ := v.dir.Tenant(p.home.TenantID)
		out = append(out, pages.Account{ID: p.account.Auth.SID, Username: p.home.Username, Name: p.home.Name, Place: t.Name})
	}
	return out
}

// picked takes the account choice.
func (v *visit) picked() {
	form, id, s, a, ok := v.underWay()
	if !ok {
		return
	}
	switch sid := form.Get("account"); sid {
	case "cancel":
		v.cancelled(a, id)
	case "other":
		v.ask(a, id, "", nil)
	default:
		people := keep(v.people(), func(p person) bool { return p.account.Auth.SID == sid })
		if len(people) == 0 {
			v.stop(a, id, aadsts.New(16001).Because("account", "no account of this browser has the session id"))
			return
		}
		p, err := v.member(a, people[0])
		p.fresh = s.Fresh == p.account.Home
		if err != nil && err.Code == 50020 && !a.authority.Alias() {
			err = aadsts.New(16003, p.home.Username, a.authority.Tenant.Name).Because("account", "%s has no account in %s", p.home.Username, a.authority.Tenant.Name)
		}
		switch {
		case err != nil:
			v.stop(a, id, err)
		case a.prompt == "login" && !p.fresh:
			v.ask(a, id, p.home.Username, nil)
		default:
			v.proceed(a, p, id)
		}
	}
}

// tooOld reports whether a person must sign in anew for a request: by max_age,
// or by a claims challenge that voids older sign-ins. It is moot for someone
// who just did.
func (v *visit) tooOld(a authorization, p person) bool {
	at := p.account.Auth.At
	return !p.fresh && (a.maxAge >= 0 && v.clock().Sub(at) > a.maxAge || at.Before(time.Unix(a.claims.NotBefore, 0)))
}
