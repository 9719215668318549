package state

import "time"

// PutIssued remembers the sign-in behind an access token until it expires, so
// that a token on behalf of the person can tell the same. key is a hash: the
// token itself is not kept.
func (s *State) PutIssued(key string, a Auth, expires time.Time) { s.issued.put(key, a, expires) }

// Issued finds the sign-in behind an access token.
func (s *State) Issued(key string, now time.Time) (Auth, bool) { return s.issued.get(key, now) }
