package state

import (
	"net/url"
	"slices"
	"time"
)

// MaxAccounts is how many accounts one browser can be signed in with at once.
// A further one puts out the one that signed in longest ago.
const MaxAccounts = 8

// maxApps bounds the applications that are told of a sign-out.
const maxApps = 64

// Session is a browser in which people are signed in: single sign-on.
type Session struct {
	Accounts []Account // the one that signed in last is last
}

// Account is one account of a session.
type Account struct {
	Home Person // in the account's own tenant
	Auth Auth   // its SID is the session_state of responses: each account has its own
	Apps []Visited
}

// Visited is an application that was given something for an account, and the
// tenant that was signed in to.
type Visited struct{ ClientID, TenantID string }

// Has reports whether an account is among those of the session.
func (s Session) Has(home Person) (Account, bool) {
	i := slices.IndexFunc(s.Accounts, func(a Account) bool { return a.Home == home })
	if i < 0 {
		return Account{}, false
	}
	return s.Accounts[i], true
}

// With is the session after an account signed in, anew or for the first time.
func (s Session) With(a Account) Session {
	out := s.Without(a.Home)
	if old, ok := s.Has(a.Home); ok {
		a.Apps = old.Apps
	}
	out.Accounts = append(out.Accounts, a)
	if n := len(out.Accounts); n > MaxAccounts {
		out.Accounts = out.Accounts[n-MaxAccounts:]
	}
	return out
}

// Without is the session after an account signed out.
func (s Session) Without(home Person) Session {
	return Session{Accounts: slices.DeleteFunc(slices.Clone(s.Accounts), func(a Account) bool { return a.Home == home })}
}

// PutSession keeps a session under its cookie's value, for a time that counts
// from the given moment.
func (s *State) PutSession(cookie string, v Session, now time.Time) {
	s.sessions.put(cookie, v, now.Add(SessionLife))
}

// Session looks a session up by its cookie's value.
func (s *State) Session(cookie string, now time.Time) (Session, bool) {
	return s.sessions.get(cookie, now)
}

// DropSession ends a session.
func (s *State) DropSession(cookie string) { s.sessions.drop(cookie) }

// ChangeSession alters one account of a session. It is false when the session
// or the account is gone.
func (s *State) ChangeSession(cookie string, home Person, now time.Time, f func(*Account)) bool {
	return s.sessions.change(cookie, now, func(v *Session) bool {
		accounts := slices.Clone(v.Accounts) // others may be reading the old list
		i := slices.IndexFunc(accounts, func(a Account) bool { return a.Home == home })
		if i < 0 {
			return false
		}
		f(&accounts[i])
		v.Accounts = accounts
		return true
	})
}

// Visit notes that an application was given something for an account.
func (a *Account) Visit(app Visited) {
	if !slices.Contains(a.Apps, app) && len(a.Apps) < maxApps {
		a.Apps = append(slices.Clone(a.Apps), app)
	}
}

// What a sign-in under way is for.
const (
	ForAuthorize    = iota // an authorization request
	ForAdminConsent        // the consent of an administrator, asked for directly
	ForDevice              // a device code that was typed in
)

// SignIn is a request that waits for its person. It is bound to one browser by
// a cookie.
type SignIn struct {
	Browser   string // value of the cookie
	Kind      int
	Segment   string // tenant segment of the request
	V1        bool   // sent to a v1.0 endpoint
	Query     url.Values
	Device    string // device code, for ForDevice
	Requested time.Time

	Session string // value of the session's cookie once someone has signed in
	Home    Person // who it is
	Fresh   Person // who typed a right password for this very request
	Expired Person // who typed a right password that has expired
}

// PutSignIn keeps a sign-in under way.
func (s *State) PutSignIn(id string, v SignIn) { s.signIns.put(id, v, v.Requested.Add(SignInLife)) }

// SignIn looks a sign-in up that is still under way.
func (s *State) SignIn(id string, now time.Time) (SignIn, bool) { return s.signIns.get(id, now) }

// DropSignIn ends a sign-in.
func (s *State) DropSignIn(id string) { s.signIns.drop(id) }
