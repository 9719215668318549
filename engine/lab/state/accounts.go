package state

import (
	"sync"
	"time"
)

// Smart lockout (Entra's default: ten wrong passwords, one minute).
const (
	lockAfter = 10
	lockFor   = time.Minute
)

// Accounts remembers what happened to people's accounts: wrong passwords,
// changed ones, second factors registered. It holds no more than there are
// people, since callers name only those in the directory. It is safe for
// concurrent use.
type Accounts struct {
	mu       sync.Mutex
	wrong    map[Person]int
	locked   map[Person]time.Time // until when
	password map[Person]string    // in place of the directory's
	factor   map[Person]bool
}

func newAccounts() Accounts {
	return Accounts{wrong: map[Person]int{}, locked: map[Person]time.Time{}, password: map[Person]string{}, factor: map[Person]bool{}}
}

// Locked reports whether too many wrong passwords came in a row.
func (a *Accounts) Locked(p Person, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return now.Before(a.locked[p])
}

// WrongPassword counts one.
func (a *Accounts) WrongPassword(p Person, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.wrong[p]++
	if a.wrong[p] >= lockAfter {
		a.locked[p], a.wrong[p] = now.Add(lockFor), 0
	}
}

// RightPassword forgets the wrong ones.
func (a *Accounts) RightPassword(p Person) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.wrong, p)
}

// SetPassword changes a password.
func (a *Accounts) SetPassword(p Person, password string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.password[p] = password
}

// Password is the changed password of a person, and whether there is one.
func (a *Accounts) Password(p Person) (string, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	v, ok := a.password[p]
	return v, ok
}

// RegisterFactor notes that a person registered a second factor.
func (a *Accounts) RegisterFactor(p Person) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.factor[p] = true
}

// Factor reports whether a second factor was registered.
func (a *Accounts) Factor(p Person) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.factor[p]
}
