package lab

import (
	"crypto/subtle"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/pages"
)

// Sizes of a new password, in characters.
const (
	minPassword = 8
	maxPassword = 256
)

// banned are words that no new password may hold (Entra: password protection).
var banned = []string{"password", "passwort", "qwerty", "12345678", "letmein", "contoso", "fabrikam", "microsoft"}

// askPassword shows the page on which an expired password is changed.
func (v *visit) askPassword(a authorization, id string, home directory.User, e *aadsts.Error) {
	p := pages.NewPassword{Form: v.form(a, "changepassword", id), Problem: v.told(e), Username: home.Username}
	v.draw(p.Write(v.w, place(a.authority)))
}

// changePassword takes the form with the new password. Only the person who
// typed the right, expired one before gets here.
func (v *visit) changePassword() {
	form, id, s, a, ok := v.underWay()
	if !ok {
		return
	}
	home, known := v.dir.Person(s.Expired.TenantID, s.Expired.ObjectID)
	if !known {
		v.failPage(place(a.authority), aadsts.New(50089).Because("ctx", "no one has to change a password here"))
		return
	}
	if form.Get("action") == "cancel" {
		v.cancelled(a, id)
		return
	}
	if err := v.newPassword(home, form.Get("current"), form.Get("new"), form.Get("again")); err != nil {
		v.askPassword(a, id, home, err)
		return
	}
	v.state.Accounts.SetPassword(s.Expired, form.Get("new"))
	s.Expired.ObjectID = ""
	v.recognised(a, id, s, home)
}

// newPassword judges a change of password: 50053, 120000, 120002, 120003, 120018.
// Entra's page compares the two new ones by script; the lab says 120002, which
// stands for a new password that does not meet what is asked.
func (v *visit) newPassword(home directory.User, current, fresh, again string) *aadsts.Error {
	key, now := v.policies.PersonOf(home), v.clock()
	right, changed := v.state.Accounts.Password(key)
	if !changed {
		right = home.Password
	}
	lower, size := strings.ToLower(fresh), utf8.RuneCountInString(fresh)
	switch {
	case v.state.Accounts.Locked(key, now):
		return aadsts.New(50053).Because("current", "too many wrong passwords came for %s", home.Username)
	case subtle.ConstantTimeCompare([]byte(right), []byte(current)) != 1:
		v.state.Accounts.WrongPassword(key, now)
		return aadsts.New(120000).Because("current", "the current password is not the one of %s", home.Username)
	case fresh != again:
		return aadsts.New(120002).Because("again", "the new password was typed in two ways")
	case size < minPassword || size > maxPassword || kinds(fresh) < 2 || fresh == current:
		return aadsts.New(120002).Because("new", "it has %d characters of %d kinds, or is the old one", size, kinds(fresh))
	case holdsName(lower, home):
		return aadsts.New(120003).Because("new", "it holds the name of %s", home.Username)
	case slices.ContainsFunc(banned, func(word string) bool { return strings.Contains(lower, word) }):
		return aadsts.New(120018).Because("new", "it holds a banned word")
	}
	return nil
}

func holdsName(lower string, home directory.User) bool {
	alias, _, _ := strings.Cut(home.Username, "@")
	return slices.ContainsFunc([]string{alias, home.GivenName, home.Surname}, func(name string) bool {
		return name != "" && strings.Contains(lower, strings.ToLower(name))
	})
}

// kinds counts the kinds of characters: small letters, capitals, digits, and
// all others.
func kinds(s string) int {
	var found [4]bool
	for _, c := range s {
		switch {
		case unicode.IsLower(c):
			found[0] = true
		case unicode.IsUpper(c):
			found[1] = true
		case unicode.IsDigit(c):
			found[2] = true
		default:
			found[3] = true
		}
	}
	n := 0
	for _, there := range found {
		if there {
			n++
		}
	}
	return n
}
