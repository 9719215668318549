// Package policy decides about people: whether a password is right, whether an
// account may be used in a tenant, whether sessions were revoked, who may
// consent, and what Conditional Access demands.
//
// It reads the directory, the lab's memory and the switches. It refuses to
// know HTTP: the same rules hold on the sign-in page and at the token endpoint,
// which present the errors in their own ways.
package policy

import (
	"crypto/subtle"
	"slices"
	"strings"
	"time"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/conditions"
	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/state"
)

// Policies are the rules of the lab. They are safe for concurrent use.
type Policies struct {
	Directory  directory.Directory // never written to
	State      *state.State
	Conditions *conditions.Set
	Clock      func() time.Time // the lab's time
}

// PersonOf is the key under which a person's account is remembered: the home
// account's, also for a guest.
func (p *Policies) PersonOf(u directory.User) state.Person {
	home := p.Directory.Home(u)
	return state.Person{TenantID: home.TenantID, ObjectID: home.ObjectID}
}

// Password finds the account of a user name and checks its password. place is
// the directory's name for the message. Errors, in this order: 50034 (nobody
// has the name), 50053 (locked), 50056 (no password is stored), 50126, 50057
// (disabled), 50055 (expired). The user is returned beside 50055 as well: the
// sign-in page goes on to a new password.
func (p *Policies) Password(username, password, place string) (directory.User, *aadsts.Error) {
	username = strings.TrimSpace(username)
	u, ok := p.Directory.Account(username)
	if ok {
		_, deleted := p.Conditions.Names(conditions.AccountDeleted, u.Username)
		ok = !deleted
	}
	if !ok {
		return directory.User{}, aadsts.New(50034, username, place).Because("username", "no one has this user name")
	}
	key, now := p.PersonOf(u), p.Clock()
	right, changed := p.State.Accounts.Password(key)
	if !changed {
		right = u.Password
	}
	switch {
	case p.State.Accounts.Locked(key, now):
		return u, aadsts.New(50053).Because("username", "too many wrong passwords came for %s", u.Username)
	case right == "" || password == "":
		err := aadsts.New(50056).Because("password", "%s has no password", u.Username)
		if right != "" {
			err = aadsts.New(50126).Because("password", "the password is empty")
		}
		return u, err
	case subtle.ConstantTimeCompare([]byte(right), []byte(password)) != 1:
		p.State.Accounts.WrongPassword(key, now)
		return u, aadsts.New(50126).Because("password", "the password is not the one of %s", u.Username)
	}
	p.State.Accounts.RightPassword(key)
	if err := p.Account(u); err != nil {
		return u, err
	}
	if u.PasswordExpired && !changed {
		return u, aadsts.New(50055).Because("password", "the password of %s has expired", u.Username)
	}
	return u, nil
}

// Account refuses a disabled account (50057) and one that was deleted (500341).
func (p *Policies) Account(u directory.User) *aadsts.Error {
	home := p.Directory.Home(u)
	if _, deleted := p.Conditions.Names(conditions.AccountDeleted, home.Username); deleted {
		t, _ := p.Directory.Tenant(home.TenantID)
		return aadsts.New(500341, home.ObjectID, t.ID).Because("user", "%s was deleted", home.Username)
	}
	_, switched := p.Conditions.Names(conditions.AccountDisabled, home.Username)
	if u.Disabled || home.Disabled || switched {
		return aadsts.New(50057).Because("username", "the account of %s is disabled", home.Username)
	}
	return nil
}

// Enter gives what a person is in a tenant: 50020 where the person has no
// account, 50014 for a guest who has not redeemed the invitation. homeIssuer is
// the v1.0 issuer of the person's own tenant, for the message.
func (p *Policies) Enter(person directory.User, tenant directory.Tenant, client directory.App, homeIssuer string) (directory.User, *aadsts.Error) {
	u, ok := p.Directory.In(tenant.ID, person)
	switch home := p.Directory.Home(person); {
	case !ok:
		return u, aadsts.New(50020, home.Username, homeIssuer, tenant.Name, client.ClientID, client.Name).
			Because("username", "%s has no account in %s", home.Username, tenant.Name)
	case u.Pending:
		return u, aadsts.New(50014, home.Username).Because("username", "%s was invited to %s and has not answered", home.Username, tenant.Name)
	}
	return u, nil
}

// Revoked refuses what came from a sign-in before the person's sessions were
// revoked, or the password was changed: 50173.
func (p *Policies) Revoked(u directory.User, signedIn time.Time) *aadsts.Error {
	from, ok := p.RevokedAt(u)
	if !ok || !signedIn.Before(from) {
		return nil
	}
	return aadsts.New(50173, signedIn.UTC().Format(time.RFC3339), from.UTC().Format(time.RFC3339)).
		Because("user", "the sessions of %s were revoked after this sign-in", u.Username)
}

// RevokedAt is the latest moment before which sign-ins of a person are void,
// and whether there is one.
func (p *Policies) RevokedAt(u directory.User) (time.Time, bool) {
	name := p.Directory.Home(u).Username
	a, revoked := p.Conditions.Names(conditions.SessionsRevoked, name)
	b, changed := p.Conditions.Names(conditions.PasswordChanged, name)
	if b.After(a) {
		a = b
	}
	return a, revoked || changed
}

// App refuses an application that is disabled for sign-in: 7000112.
func (p *Policies) App(a directory.App) *aadsts.Error {
	if !p.Disabled(a) {
		return nil
	}
	return aadsts.New(7000112, a.ClientID, a.Name).Because("client_id", "%s is disabled for sign-in", a.Name)
}

// Disabled reports whether an application's service principal is disabled.
func (p *Policies) Disabled(a directory.App) bool {
	_, switched := p.Conditions.Names(conditions.AppDisabled, a.Key)
	return a.Disabled || switched
}

// SecretsExpired reports whether all secrets of an application count as
// expired, whatever their dates say.
func (p *Policies) SecretsExpired(a directory.App) bool {
	_, switched := p.Conditions.Names(conditions.SecretExpired, a.Key)
	return switched
}

// AppRoles lists the application permissions that a client holds on an API in
// a tenant: those in the directory, and what an administrator consented to
// since.
func (p *Policies) AppRoles(client directory.App, tenantID, resource string) []string {
	roles := slices.Clone(client.GrantedRoles[resource])
	for _, r := range p.State.Consents.Roles(tenantID, client.ClientID, resource) {
		if !slices.Contains(roles, r) {
			roles = append(roles, r)
		}
	}
	return roles
}
