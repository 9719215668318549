package inspect

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"flowscope/engine/trace"
	"flowscope/validate"
	"flowscope/validate/jwks"
	"flowscope/validate/middleware"
)

// Preset is a set of expectations under a name that a person knows: an API of
// the lab, a profile's API, a profile's client.
type Preset struct {
	Name string // "Orders API", "profile work: api://…"
	Want validate.Expectations
}

// CheckerOptions are what a Checker depends on.
type CheckerOptions struct {
	// Transport is the way out for requests for keys; nil: nobody is asked.
	Transport http.RoundTripper
	// Now is the clock, to judge tokens by and to time requests with.
	Now func() time.Time
	// MayAsk gives nil when an issuer may be asked for its keys without a word of
	// the person. Nil: jwks.EntraOnly.
	MayAsk func(issuer string) error
	// Wrap may stand between the checks and the keys; nil: nothing does.
	Wrap func(validate.KeySource) validate.KeySource
	// Presets gives the expectations that can be chosen by name; nil: none.
	Presets func() []Preset
}

// Checker checks the tokens that a person pastes. Its keys are kept as long as
// it lives; every request for them passes the gate and is in the report that it
// was made for. It is safe for concurrent use.
type Checker struct {
	o      CheckerOptions
	source *jwks.Source

	mu      sync.Mutex
	stated  map[string]bool  // issuers that somebody expected
	allowed map[string]bool  // issuers that the person let be asked
	given   *jwks.Source     // keys that the person handed in; nil: the issuers are asked
	took    []trace.Exchange // what it took to fetch them, until a report has it
	clocks  map[string]Clock // what hosts said of the clock
}

// NewChecker makes a Checker. It sends nothing.
func NewChecker(o CheckerOptions) *Checker {
	if o.MayAsk == nil {
		o.MayAsk = jwks.EntraOnly
	}
	c := &Checker{o: o, allowed: map[string]bool{}, stated: map[string]bool{}, clocks: map[string]Clock{}}
	options := jwks.Options{Clock: o.Now, MayAsk: c.mayAsk, MayFetch: c.mayFetch, Shared: shared}
	if o.Transport != nil {
		options.Client = recorded{c}
	}
	c.source = jwks.New(options)
	return c
}

func (c *Checker) mayAsk(issuer string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.allowed[issuer] {
		return nil
	}
	return c.o.MayAsk(issuer)
}

func (c *Checker) mayFetch(issuer, address string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.allowed[address] {
		return nil
	}
	return jwks.OwnSite(issuer, address)
}

// Allow lets an issuer, or the address of its keys that a report asks about, be
// asked from now on: the person said so, having seen its host.
func (c *Checker) Allow(issuer string) {
	c.mu.Lock()
	c.allowed[issuer] = true
	c.mu.Unlock()
	c.source.Again()
}

// Refresh asks an issuer for its keys now; errors are *validate.KeyError, or
// those of ctx. An issuer that may not be asked without the person's word is not.
// Its requests are in the next report.
func (c *Checker) Refresh(ctx context.Context, issuer string) error {
	d := &keyDesk{}
	ctx = d.at(ctx)
	c.mu.Lock()
	given, stated := c.given != nil, c.stated[issuer]
	c.mu.Unlock()
	if given {
		return &validate.KeyError{Reason: validate.KeyNoSource, Issuer: issuer, Err: errors.New("the keys that were handed in are used")}
	}
	if !stated && c.o.MayAsk(issuer) != nil {
		ctx = publicOnly(ctx)
	}
	err := c.source.Refresh(ctx, issuer)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.took = append(c.took, d.exchanges()...)
	c.took = c.took[max(0, len(c.took)-maxTook):]
	return err
}

// maxTook bounds the requests that wait for a report.
const maxTook = 16

// Presets are the expectations that can be chosen by name.
func (c *Checker) Presets() []Preset {
	if c.o.Presets == nil {
		return nil
	}
	return c.o.Presets()
}

// UseKeys checks all tokens with the keys in data from now on: a JWK Set or one
// JWK (RFC 7517), or a public key or certificates in PEM (RFC 7468). It gives how
// many of them can verify. Nil asks the issuers again. On an error nothing changes.
func (c *Checker) UseKeys(data []byte) (n int, err error) {
	if data == nil {
		c.use(nil, nil)
		return 0, nil
	}
	keys, err := jwks.Given(data)
	if err != nil {
		return 0, err
	}
	c.use(keys, nil)
	return keys.Len(), nil
}

// UseKeysAt fetches keys from an address that the person typed and uses them as
// UseKeys does. The request is in the next report.
func (c *Checker) UseKeysAt(ctx context.Context, address string) (n int, err error) {
	if c.o.Transport == nil {
		return 0, errors.New("offline")
	}
	d := &keyDesk{}
	body, err := jwks.Fetch(d.at(ctx), recorded{c}, address)
	if err != nil {
		return 0, err
	}
	keys, err := jwks.GivenFrom(body, address)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", trace.Plain(address), err)
	}
	c.use(keys, d.exchanges())
	return keys.Len(), nil
}

func (c *Checker) use(keys *jwks.Source, took []trace.Exchange) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.given, c.took = keys, took
}

// taken gives the requests that keys took which are used now, once.
func (c *Checker) taken() []trace.Exchange {
	c.mu.Lock()
	defer c.mu.Unlock()
	took := c.took
	c.took = nil
	return took
}

// isGiven reports whether keys are those that the person handed in.
func (c *Checker) isGiven(keys validate.KeySource) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.given != nil && keys == validate.KeySource(c.given)
}

func (c *Checker) keys() validate.KeySource { return c.keysOf(c.source) }

// keysOf gives the keys that the person handed in, else those of issuers.
func (c *Checker) keysOf(live validate.KeySource) validate.KeySource {
	c.mu.Lock()
	given := c.given
	c.mu.Unlock()
	if given != nil {
		return given
	}
	if c.o.Wrap != nil {
		return c.o.Wrap(live)
	}
	return live
}

// Check runs every check on a token at the present time. It may fetch keys; the
// report has the requests that this took, and the issuer that would have to be
// allowed where one would.
func (c *Checker) Check(ctx context.Context, raw string, want validate.Expectations) *Report {
	return c.CheckAt(ctx, raw, want, c.o.Now())
}

// CheckAt is Check at another time than the present one. Keys are fetched and kept
// by the clock all the same.
func (c *Checker) CheckAt(ctx context.Context, raw string, want validate.Expectations, at time.Time) *Report {
	d := &keyDesk{}
	ctx = d.at(ctx)
	stated := want.Issuer != ""
	switch {
	case stated:
		c.state(want.Issuer)
	case c.o.MayAsk(issuerOf(raw)) != nil: // nobody but the token names it
		ctx = publicOnly(ctx)
	}
	keys := c.keys()
	if c.isGiven(keys) {
		want = Resolve(ctx, keys, want)
	} else {
		want = Resolve(ctx, c.source, want)
	}
	want.Now = at
	r := Check(ctx, raw, keys, want)
	r.Requests = append(c.taken(), d.exchanges()...)
	for i := range r.Requests {
		r.Requests[i].N = i + 1
	}
	r.Ask = ask(r.KeyError(), stated)
	r.Clock = c.clock(r)
	return r
}

// issuerOf is the issuer that a token names, "" where it names none.
func issuerOf(raw string) string {
	t, _ := validate.Decode(raw) // what is wrong with it is for the check to say
	return t.Claims.String("iss")
}

// state notes an issuer that somebody stated, who may mean a private one.
func (c *Checker) state(issuer string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.stated) < maxStated {
		c.stated[issuer] = true
	}
}

// maxStated bounds the issuers that are remembered as stated.
const maxStated = 1024

// Resolve puts the tenant's GUID in place of a domain in the issuer that is
// expected: no token names a domain there (Entra: access tokens, iss). It may ask
// the issuer for its metadata; where that fails, Unresolved of the expectations
// says why.
func Resolve(ctx context.Context, keys validate.KeySource, want validate.Expectations) validate.Expectations {
	source, ok := keys.(*jwks.Source)
	if !ok || !jwks.NamesDomain(want.Issuer) {
		return want
	}
	issuer, err := source.Resolve(ctx, want.Issuer)
	if err == nil {
		want.Issuer, want.Unresolved = issuer, ""
		return want
	}
	var refused *validate.KeyError
	if errors.As(err, &refused) && refused.Err != nil {
		err = refused.Err // without the issuer, which is known
	}
	want.Unresolved = err.Error()
	return want
}

// clock compares the clocks by the requests of a report, else by what the host of
// its key said before.
func (c *Checker) clock(r *Report) Clock {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := clockIn(r.Requests)
	if now.Known {
		if len(c.clocks) > maxClocks {
			clear(c.clocks)
		}
		c.clocks[now.Host] = now
		return now
	}
	k, _ := r.Key()
	return c.clocks[sourceHost(k.Source)]
}

// maxClocks bounds the hosts whose clocks are remembered.
const maxClocks = 64

// Judge asks common middleware about a token that was checked. It goes by the keys
// that the check had, or that are at hand, and sends nothing: where the check asked
// nobody, this is no reason to.
func (c *Checker) Judge(ctx context.Context, r *Report) []middleware.Opinion {
	return middleware.Judge(ctx, r.Report, c.keysOf(c.source.AtHand()))
}

// ask gives what is not asked for keys without a word of the person, as Allow takes
// it: an issuer, or the address of its keys on another host. It is "" when there is
// nothing, when it is no address that could be asked, and where only a token names
// an issuer that a token must not name.
func ask(err error, stated bool) string {
	var e *validate.KeyError
	if !errors.As(err, &e) {
		return ""
	}
	address := e.Issuer
	var keys *jwks.ElsewhereError
	switch {
	case e.Reason == validate.KeyElsewhere && errors.As(e.Err, &keys):
		address = keys.Address
	case e.Reason != validate.KeyNotAllowed:
		return ""
	}
	if _, err := jwks.MetadataURL(e.Issuer); err != nil {
		return ""
	}
	if !stated && (jwks.FromToken(e.Issuer) != nil || keys != nil && jwks.FromToken(hostAddress(address)) != nil) {
		return ""
	}
	return address
}

// hostAddress is an address without what is behind its host.
func hostAddress(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
