package jwks

import (
	"context"
	"errors"
	"fmt"
	"time"

	"flowscope/validate"
)

// need says why an issuer is to be asked.
type need uint8

const (
	needSet need = iota // no keys yet, or old ones
	needKey             // a key that is not among those known
	byHand              // somebody pressed the key for it
)

// fetch asks the issuer unless it was asked a moment ago, one caller at a
// time: those who wait take what the first one got. It returns the keys to
// use, perhaps the last good ones; on an error with needKey there is nothing
// new.
func (s *Source) fetch(ctx context.Context, e *entry, n need) (*keySet, error) {
	before := e.set.Load()
	waited, err := e.take(ctx)
	if err != nil {
		return nil, s.unreachable(e, err)
	}
	defer func() { <-e.turn }()
	now := s.clock()
	current := e.set.Load()
	if waited && n != byHand && s.shared != nil && e.leader != nil {
		s.shared(e.leader, ctx)
	}
	if current != before && n != byHand {
		return current, nil // somebody else asked while this caller waited
	}
	again := e.again.Swap(false) || n == byHand
	if !again && e.wait(now, n, current) {
		if current == nil || n == needKey && e.err != nil {
			return nil, e.err
		}
		return current, nil
	}
	e.leader = ctx
	if again {
		s.up(e.url)
	}
	fresh, err := s.ask(ctx, e)
	if err == nil {
		fresh.stamp(now, s.clock())
		e.asked, e.failed, e.err = now, time.Time{}, nil
		e.trouble.Store(nil)
		e.set.Store(fresh)
		return fresh, nil
	}
	if ctx.Err() == nil {
		e.fail(now, err)
	}
	if current != nil && n == needSet {
		return current, nil // the last keys known to be good
	}
	return nil, err
}

// take waits for the caller's turn with an issuer. Waited says that somebody else
// had it.
func (e *entry) take(ctx context.Context) (waited bool, err error) {
	select {
	case e.turn <- struct{}{}:
		return false, nil
	default:
	}
	select {
	case e.turn <- struct{}{}:
		return true, nil
	case <-ctx.Done():
		return true, ctx.Err()
	}
}

// fail notes that the issuer gave no keys, and since when it gives none.
func (e *entry) fail(now time.Time, err error) {
	if e.failed.IsZero() || now.Before(e.failed) {
		e.failed = now
	}
	e.asked, e.err = now, err
	if cause := errors.Unwrap(err); cause != nil {
		err = cause
	}
	words := e.failed.UTC().Format("2006-01-02 15:04 UTC") + " the issuer gives no keys (" + clip(err.Error()) + ")"
	e.trouble.Store(&words)
}

// wait reports whether the issuer was asked too short a while ago.
func (e *entry) wait(now time.Time, n need, current *keySet) bool {
	if n == byHand || e.asked.IsZero() || now.Before(e.asked) {
		return false
	}
	gap := refreshEvery
	if current == nil || n == needSet {
		gap = retryEvery
	}
	return now.Sub(e.asked) < gap
}

func (s *Source) unreachable(e *entry, err error) error {
	return &validate.KeyError{Reason: validate.KeyUnreachable, Issuer: e.id.issuer, Err: err}
}

// ask fetches metadata and key set.
func (s *Source) ask(ctx context.Context, e *entry) (*keySet, error) {
	at, body, err := s.document(ctx, e)
	if err != nil {
		return nil, s.unreachable(e, err)
	}
	m, err := readMetadata(body)
	if err != nil {
		return nil, s.unreachable(e, fmt.Errorf("metadata of %s: %w", at, err))
	}
	if !sameIssuer(m.issuer, e.id.issuer) {
		return nil, &validate.KeyError{
			Reason: validate.KeyMetadata, Issuer: e.id.issuer,
			Err: fmt.Errorf("metadata at %s is that of %q", at, clip(m.issuer)),
		}
	}
	address := ownKeys(m.jwksURI, at)
	if err := plainFetch(address, at); err != nil {
		return nil, s.unreachable(e, err)
	}
	if err := s.mayFetch(e.id.issuer, address); err != nil {
		return nil, &validate.KeyError{Reason: validate.KeyElsewhere, Issuer: e.id.issuer, Err: err}
	}
	if body, err = s.from(ctx, address); err != nil {
		return nil, s.unreachable(e, err)
	}
	set, err := parseSet(body, origin{
		issuer: m.issuer, cloud: m.cloud, declared: m.declared,
		live: "live " + address, cached: "cache " + address,
	})
	if err != nil {
		return nil, s.unreachable(e, fmt.Errorf("keys of %s: %w", address, err))
	}
	return set, nil
}

// document fetches the metadata of an issuer, and says from where. A v1.0 issuer
// of Entra does not tell in which cloud its tenant is: where the public one does
// not know it, that of the US Government is asked (Entra: national clouds).
func (s *Source) document(ctx context.Context, e *entry) (at string, body []byte, err error) {
	body, err = s.from(ctx, e.url)
	var refused *answerError
	if other := otherCloud(e.id.issuer, e.url); other != "" && errors.As(err, &refused) && (refused.status == 400 || refused.status == 404) {
		if found, otherErr := s.from(ctx, other); otherErr == nil {
			return other, found, nil
		}
	}
	return e.url, body, err
}

// outage is a host that could not be reached.
type outage struct {
	at  time.Time
	err error
}

// from fetches a document, unless its host could not be reached a moment ago: many
// issuers share one host, and need not find out one after the other.
func (s *Source) from(ctx context.Context, address string) ([]byte, error) {
	host, now := hostOf(address), s.clock()
	s.mu.Lock()
	o, down := s.down[host]
	s.mu.Unlock()
	if down && now.Sub(o.at) < retryEvery && !now.Before(o.at) {
		return nil, o.err
	}
	body, err := get(ctx, s.client, address)
	var broken *wayError
	if errors.As(err, &broken) && ctx.Err() == nil {
		s.mu.Lock()
		if len(s.down) >= maxIssuers {
			clear(s.down)
		}
		s.down[host] = outage{now, err}
		s.mu.Unlock()
	} else if down {
		s.up(address)
	}
	return body, err
}

// up forgets that the host of an address could not be reached.
func (s *Source) up(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.down, hostOf(address))
}
