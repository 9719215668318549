package state

import (
	"sync"
	"time"
)

// bounded keeps values for a time and never more than a number of them: when
// it is full, the oldest goes. It is safe for concurrent use. Keys are random,
// and never come back once they were dropped.
type bounded[V any] struct {
	mu    sync.Mutex
	limit int
	byKey map[string]*entry[V]
	order []string // oldest first; may still name keys that are gone
}

type entry[V any] struct {
	value  V
	forget time.Time // zero: only when room is needed
}

func newBounded[V any](limit int) bounded[V] {
	return bounded[V]{limit: limit, byKey: map[string]*entry[V]{}}
}

func (b *bounded[V]) put(key string, v V, forget time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, again := b.byKey[key]; !again {
		b.order = append(b.order, key)
	}
	b.byKey[key] = &entry[V]{value: v, forget: forget}
	for len(b.byKey) > b.limit {
		delete(b.byKey, b.order[0])
		b.order = b.order[1:]
	}
	if len(b.order) > 2*b.limit {
		b.compact()
	}
}

// compact drops the names of keys that were taken out.
func (b *bounded[V]) compact() {
	kept := make([]string, 0, b.limit+1)
	for _, k := range b.order {
		if _, ok := b.byKey[k]; ok {
			kept = append(kept, k)
		}
	}
	b.order = kept
}

func (e *entry[V]) gone(now time.Time) bool { return !e.forget.IsZero() && !now.Before(e.forget) }

func (b *bounded[V]) get(key string, now time.Time) (V, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e, ok := b.byKey[key]
	if !ok || e.gone(now) {
		var none V
		return none, false
	}
	return e.value, true
}

// change lets f alter a value under the lock. It returns f's answer, and false
// when there is no such value.
func (b *bounded[V]) change(key string, now time.Time, f func(*V) bool) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	e, ok := b.byKey[key]
	return ok && !e.gone(now) && f(&e.value)
}

func (b *bounded[V]) drop(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.byKey, key)
}
