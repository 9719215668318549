// Package jwks fetches, keeps and chooses the signing keys of issuers, and
// verifies signatures with them.
//
// It asks only issuers that its owner allows: a token never causes a request
// by itself. It compares the issuer of the metadata exactly, bounds every
// answer, asks for an unknown key at most once in five minutes, and keeps the
// last good keys when an issuer cannot be reached.
//
// It refuses keys that are no public RSA or EC signing keys, and it never
// takes an algorithm or a key from a token.
package jwks

import (
	"context"
	"crypto/ecdsa"
	"crypto/rsa"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jws"

	"flowscope/validate"
)

const (
	// keepFor is how long keys are taken from the cache without asking again.
	keepFor = 24 * time.Hour
	// refreshEvery is the least time between two requests that an unknown key causes.
	refreshEvery = 5 * time.Minute
	// retryEvery is the least time between two attempts at an issuer that gives no answer.
	retryEvery = 30 * time.Second
	// maxIssuers bounds how many issuers are asked and kept: a file of tokens, each
	// of another tenant, does not make any number of requests.
	maxIssuers = 1024
)

// Client sends requests; *http.Client is one.
type Client interface {
	Do(*http.Request) (*http.Response, error)
}

// Options are what a Source depends on.
type Options struct {
	// Client sends the requests. Nil means that nobody is ever asked.
	Client Client
	// Clock tells the time; nil means time.Now.
	Clock func() time.Time
	// MayAsk returns nil when the issuer may be asked for its keys, else the
	// reason why not. Nil means EntraOnly.
	MayAsk func(issuer string) error
	// MayFetch returns nil when the keys of an issuer may be fetched from the
	// address that its metadata names, else the reason why not. Nil means OwnSite.
	MayFetch func(issuer, address string) error
	// Shared is told when a caller takes what another one fetched while it waited,
	// with the contexts of both; nil: nobody is.
	Shared func(asked, waited context.Context)
}

// Source finds keys, live or in a fixed set. It implements
// validate.KeySource and is safe for concurrent use.
type Source struct {
	client    Client
	clock     func() time.Time
	mayAsk    func(string) error
	mayFetch  func(issuer, address string) error
	shared    func(asked, waited context.Context)
	verifiers map[string]jws.Verifier
	fixed     *keySet

	mu      sync.Mutex // guards the replacement of entries, and down
	down    map[string]outage
	entries atomic.Pointer[map[entryID]*entry]
}

var _ validate.KeySource = (*Source)(nil)

// New returns a Source that asks issuers by their discovery documents
// (OpenID Connect Discovery 4) and keeps what they say in memory.
func New(o Options) *Source {
	s := &Source{client: o.Client, clock: o.Clock, mayAsk: o.MayAsk, mayFetch: o.MayFetch, shared: o.Shared, verifiers: verifiers()}
	if s.clock == nil {
		s.clock = time.Now
	}
	if s.mayAsk == nil {
		s.mayAsk = EntraOnly
	}
	if s.mayFetch == nil {
		s.mayFetch = OwnSite
	}
	s.down = map[string]outage{}
	s.entries.Store(&map[entryID]*entry{})
	return s
}

// FromJSON is Given for a JWK Set or one JWK alone.
func FromJSON(data []byte) (*Source, error) {
	set, err := parseSet(data, origin{live: "file", cached: "file"})
	if err != nil {
		return nil, err
	}
	if len(set.keys) == 0 && set.only == nil {
		return nil, errors.New("the key set holds no public RSA or EC key with a key identifier")
	}
	return &Source{fixed: set, verifiers: verifiers()}, nil
}

// verifiers holds one verifier for each algorithm that can be allowed; they
// have no state.
func verifiers() map[string]jws.Verifier {
	out := make(map[string]jws.Verifier, 9)
	for _, alg := range []jwa.SignatureAlgorithm{
		jwa.RS256, jwa.RS384, jwa.RS512, jwa.PS256, jwa.PS384, jwa.PS512, jwa.ES256, jwa.ES384, jwa.ES512,
	} {
		if v, err := jws.NewVerifier(alg); err == nil {
			out[alg.String()] = v
		}
	}
	return out
}

// OutOfReach is what MayAsk returns for an issuer that may be asked, and would give
// no keys: they can't be had then, and are not refused.
type OutOfReach struct{ Why string }

// Error says why.
func (e *OutOfReach) Error() string { return e.Why }

// ErrOffline is for issuers that may be asked where nobody is.
var ErrOffline = &OutOfReach{"nobody was asked: offline"}

// EntraOnly allows the issuers of Entra's clouds over https, in the forms that
// Entra gives them, and no other.
func EntraOnly(issuer string) error {
	u, err := parseIssuer(issuer)
	if err != nil {
		return err
	}
	if u.Scheme != "https" || u.Port() != "" || !validate.EntraHost(u.Hostname()) {
		return fmt.Errorf("%s is not a sign-in host of Entra", u.Host)
	}
	return entraShape(issuer)
}

// Verify checks a signature with exactly alg and the raw key of k. A mismatch
// is validate.ErrSignature; a key too weak or of the wrong type is another error.
func (s *Source) Verify(alg string, k validate.Key, signingInput, signature []byte) error {
	v, ok := s.verifiers[alg]
	if !ok {
		return fmt.Errorf("algorithm %q is not supported", alg)
	}
	switch public := k.Public.(type) {
	case *rsa.PublicKey:
		if alg[0] == 'E' || public.N == nil || public.N.BitLen() < minBits {
			return fmt.Errorf("this RSA key may not verify %s", alg)
		}
		if alg[0] == 'P' {
			if err := verifyPSS(alg, public, signingInput, signature); err != nil {
				return fmt.Errorf("%w: %w", validate.ErrSignature, err)
			}
			return nil
		}
	case *ecdsa.PublicKey:
		// RFC 7518 section 3.4 binds each algorithm to one curve.
		if alg[0] != 'E' || curves[alg] != k.Bits {
			return fmt.Errorf("this EC key may not verify %s", alg)
		}
	default:
		return fmt.Errorf("a key of type %T may not verify %s", k.Public, alg)
	}
	if err := v.Verify(signingInput, signature, k.Public); err != nil {
		return fmt.Errorf("%w: %w", validate.ErrSignature, err)
	}
	return nil
}

var curves = map[string]int{"ES256": 256, "ES384": 384, "ES512": 521}

// Key returns the key for q, from the cache where it can. An unknown key makes
// the issuer be asked once more, not more often than once in five minutes.
// Errors are *validate.KeyError, or those of ctx.
func (s *Source) Key(ctx context.Context, q validate.KeyQuery) (validate.Key, error) {
	if s.fixed != nil {
		return s.fixed.pick(q)
	}
	issuer := q.Issuer
	if strings.Contains(issuer, tenantPlaceholder) && isV1(issuer) {
		// The keys of v1.0 name no issuer: only those of the tenant itself will do.
		if issuer = strings.Replace(issuer, tenantPlaceholder, q.TenantID, 1); q.TenantID == "" {
			return validate.Key{}, noTenant(q)
		}
	}
	k, err := s.inSets(ctx, issuer, q)
	if err != nil || k.Issuer != "" || !strings.Contains(k.MetadataIssuer, tenantPlaceholder) {
		return k, err
	}
	// The keys of all tenants, and this one does not say whose it is: then only the
	// tenant's own set tells (Entra: signing key issuer validation).
	if q.TenantID == "" {
		return validate.Key{}, noTenant(q)
	}
	return s.inSets(ctx, strings.Replace(k.MetadataIssuer, tenantPlaceholder, q.TenantID, 1), q)
}

func noTenant(q validate.KeyQuery) error {
	return &validate.KeyError{
		Reason: validate.KeyUnreachable, Issuer: q.Issuer,
		Err: errors.New("the token names no tenant, and keys that name no issuer are taken from the tenant's own set alone"),
	}
}

// inSets looks among the keys of an issuer and, where these do not hold the one
// that is wanted, among those that the application of q publishes apart (Entra:
// signing key rollover; "?appid="). The id was stated by the user.
func (s *Source) inSets(ctx context.Context, issuer string, q validate.KeyQuery) (validate.Key, error) {
	e, err := s.entry(issuer, "")
	if err != nil {
		return validate.Key{}, err
	}
	k, err := s.find(ctx, e, q, q.AppID == "")
	if err == nil || q.AppID == "" || !isUnknown(err) {
		return k, err
	}
	own, ownErr := s.entry(issuer, q.AppID)
	if ownErr == nil {
		if found, ownErr := s.find(ctx, own, q, false); ownErr == nil {
			return found, nil
		}
	}
	if k, err = s.find(ctx, e, q, true); err == nil || ownErr != nil || !isUnknown(err) {
		return k, err
	}
	if found, ownErr := s.find(ctx, own, q, true); ownErr == nil {
		return found, nil
	}
	return k, err
}

// find looks in the cache first and asks the issuer where that does not do; for a
// key that is not in the cache only with again.
func (s *Source) find(ctx context.Context, e *entry, q validate.KeyQuery, again bool) (validate.Key, error) {
	now := s.clock()
	set := e.set.Load()
	live := false
	if set == nil || set.old(now) {
		fresh, err := s.fetch(ctx, e, needSet)
		if fresh == nil {
			return validate.Key{}, err
		}
		live, set = fresh != set, fresh
	}
	k, err := set.pick(q)
	if err != nil && isUnknown(err) && again && !live {
		fresh, fetchErr := s.fetch(ctx, e, needKey)
		if fetchErr != nil {
			return validate.Key{}, fetchErr
		}
		live, set = fresh != set, fresh
		k, err = set.pick(q)
	}
	if err != nil {
		return k, set.until(err, live, now)
	}
	k.Age = max(0, now.Sub(set.fetched))
	if live {
		k.Source, k.Age = set.from.live, 0
	} else if set.old(now) {
		if words := e.trouble.Load(); words != nil {
			k.Trouble = *words
		}
	}
	return k, nil
}

// Refresh asks the issuer for its keys now, by hand: the limit of one request
// in five minutes does not hold for it. Errors are *validate.KeyError, or
// those of ctx; the keys known before stay.
func (s *Source) Refresh(ctx context.Context, issuer string) error {
	if s.fixed != nil {
		return &validate.KeyError{Reason: validate.KeyNoSource, Issuer: issuer, Err: errors.New("the key set is fixed")}
	}
	e, err := s.entry(issuer, "")
	if err != nil {
		return err
	}
	_, err = s.fetch(ctx, e, byHand)
	return err
}

// Resolve gives an issuer as its metadata names it: with the tenant's GUID where
// issuer has the tenant's domain. It asks where nobody has asked yet. Errors are
// those of Key.
func (s *Source) Resolve(ctx context.Context, issuer string) (string, error) {
	if !NamesDomain(issuer) {
		return issuer, nil
	}
	if s.fixed != nil {
		return issuer, &validate.KeyError{Reason: validate.KeyNoSource, Issuer: issuer, Err: errors.New("the keys were given, so nobody was asked")}
	}
	e, err := s.entry(issuer, "")
	if err != nil {
		return issuer, err
	}
	set := e.set.Load()
	if set == nil {
		if set, err = s.fetch(ctx, e, needSet); set == nil {
			return issuer, err
		}
	}
	return set.from.issuer, nil
}

// Again lets issuers that gave no keys be asked at once: what kept them from it
// may have changed.
func (s *Source) Again() {
	if s.fixed != nil {
		return
	}
	for _, e := range *s.entries.Load() {
		e.again.Store(true)
	}
}

// entryID tells the documents that are kept apart.
type entryID struct{ issuer, app string }

// entry is one issuer with what is known of its keys.
type entry struct {
	id   entryID
	url  string // of the metadata
	set  atomic.Pointer[keySet]
	turn chan struct{} // holds one element while somebody asks

	trouble atomic.Pointer[string] // since when and why it gives no keys
	again   atomic.Bool            // it may be asked whenever it was asked last

	// Guarded by turn.
	asked  time.Time // for the last time, whatever came of it
	failed time.Time // since when it gives no keys
	err    error
	leader context.Context // of the caller who asked last
}

// entry returns the entry of an issuer that may be asked.
func (s *Source) entry(issuer, app string) (*entry, error) {
	id := entryID{issuer, app}
	if e := (*s.entries.Load())[id]; e != nil {
		return e, nil
	}
	refuse := func(reason validate.KeyReason, err error) error {
		return &validate.KeyError{Reason: reason, Issuer: issuer, Err: err}
	}
	if issuer == "" {
		return nil, refuse(validate.KeyNotAllowed, errors.New("no issuer is known"))
	}
	if err := s.mayAsk(issuer); err != nil {
		if _, ok := errors.AsType[*OutOfReach](err); ok {
			return nil, refuse(validate.KeyUnreachable, err)
		}
		return nil, refuse(validate.KeyNotAllowed, err)
	}
	if err := entraShape(issuer); err != nil {
		return nil, refuse(validate.KeyNotAllowed, err)
	}
	if s.client == nil {
		return nil, refuse(validate.KeyUnreachable, ErrOffline)
	}
	address, err := MetadataURL(issuer)
	if err != nil {
		return nil, refuse(validate.KeyNotAllowed, err)
	}
	if app != "" {
		address += "?appid=" + url.QueryEscape(app)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old := *s.entries.Load()
	if e := old[id]; e != nil {
		return e, nil
	}
	e := &entry{id: id, url: address, turn: make(chan struct{}, 1)}
	if len(old) >= maxIssuers {
		return nil, refuse(validate.KeyUnreachable, fmt.Errorf("%d issuers have been asked, and no more are", maxIssuers))
	}
	entries := make(map[entryID]*entry, len(old)+1)
	maps.Copy(entries, old)
	entries[id] = e
	s.entries.Store(&entries)
	return e, nil
}
