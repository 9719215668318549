package jwks

import (
	"context"
	"errors"
	"slices"
	"strings"

	"flowscope/validate"
)

// Keys returns the keys at hand of the issuer that q names, by their names and
// without those that cannot be read. Libraries that try every key need them.
// It asks nobody: where nothing was fetched yet, it gives a *validate.KeyError.
func (s *Source) Keys(_ context.Context, q validate.KeyQuery) ([]validate.Key, error) {
	set := s.fixed
	if set == nil {
		e, err := s.entry(q.Issuer, "")
		if err != nil {
			return nil, err
		}
		if set = e.set.Load(); set == nil {
			return nil, &validate.KeyError{Reason: validate.KeyUnreachable, Issuer: q.Issuer}
		}
	}
	keys := make([]validate.Key, 0, len(set.keys))
	seen := map[*stored]bool{} // a key may have several names
	add := func(k *stored) {
		if k != nil && k.err == nil && !seen[k] {
			seen[k] = true
			keys = append(keys, k.key)
		}
	}
	add(set.only)
	for _, k := range set.keys {
		for ; k != nil; k = k.other {
			add(k)
		}
	}
	slices.SortFunc(keys, func(a, b validate.Key) int { return strings.Compare(a.ID, b.ID) })
	return keys, nil
}

// AtHand gives the keys that are there: the source asks nobody, and has no key
// where nothing was fetched yet.
func (s *Source) AtHand() validate.KeySource { return atHand{s} }

type atHand struct{ *Source }

// Key returns the key for q from the keys at hand. Errors are *validate.KeyError.
func (a atHand) Key(_ context.Context, q validate.KeyQuery) (validate.Key, error) {
	if a.fixed != nil {
		return a.fixed.pick(q)
	}
	issuer := q.Issuer
	if isV1(issuer) { // as the keys of v1.0 are fetched: from the tenant itself
		issuer = strings.Replace(issuer, tenantPlaceholder, q.TenantID, 1)
	}
	for _, app := range [...]string{"", q.AppID} {
		e := (*a.entries.Load())[entryID{issuer, app}]
		if e == nil {
			continue
		}
		if set := e.set.Load(); set != nil {
			if k, err := set.pick(q); err == nil {
				return k, nil
			}
		}
	}
	return validate.Key{}, &validate.KeyError{Reason: validate.KeyUnreachable, Issuer: q.Issuer, Err: errors.New("its keys are not at hand")}
}
