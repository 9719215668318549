package tokens

import (
	"sync"
	"time"
)

// maxRemembered bounds what is kept of each kind; the oldest goes first.
const maxRemembered = 4096

// memory is what the lab keeps of tokens whose text does not say enough: what
// an opaque one stands for, and when exactly a sign-in was that a token of
// continuous access evaluation came from (iat has whole seconds only, which is
// too coarse for a sign-in that follows a revocation at once).
type memory struct {
	mu      sync.Mutex
	opaques kept[[]byte]
	sinces  kept[time.Time]
}

// kept is a bounded map. Keys are random and come once.
type kept[V any] struct {
	byKey map[string]V
	order []string // a ring, once it is full
	next  int
}

func (k *kept[V]) put(key string, v V) {
	if k.byKey == nil {
		k.byKey = map[string]V{}
	}
	k.byKey[key] = v
	if len(k.order) < maxRemembered {
		k.order = append(k.order, key)
		return
	}
	delete(k.byKey, k.order[k.next])
	k.order[k.next] = key
	k.next = (k.next + 1) % maxRemembered
}

func (m *memory) opaque(token string, claims []byte) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.opaques.put(token, claims)
	return token
}

// sinceOf keeps the moment of the sign-in, or, where it is not told, of the
// token.
func (m *memory) sinceOf(uti string, signedIn, now time.Time) {
	if signedIn.IsZero() {
		signedIn = now
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sinces.put(uti, signedIn)
}

// Opened gives the claims for which an opaque access token stands, a JSON
// object, and whether the token is one that was issued. The caller must not
// change them.
func (m *Mint) Opened(token string) ([]byte, bool) {
	m.memory.mu.Lock()
	defer m.memory.mu.Unlock()
	claims, ok := m.memory.opaques.byKey[token]
	return claims, ok
}

// Since is the moment of the sign-in behind a token of continuous access
// evaluation, by its uti claim; iat is what the token says, and the answer when
// nothing better is known any more.
func (m *Mint) Since(uti string, iat int64) time.Time {
	m.memory.mu.Lock()
	defer m.memory.mu.Unlock()
	if at, ok := m.memory.sinces.byKey[uti]; ok {
		return at
	}
	return time.Unix(iat, 0).Add(backdate)
}
