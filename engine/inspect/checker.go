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
	"flowscope/engine/wire"
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
	allowed map[string]bool  // issuers that the person let be asked
	given   *jwks.Source     // keys that the person handed in; nil: the issuers are asked
	took    []trace.Exchange // what it took to fetch them, until a report has it
}

// NewChecker makes a Checker. It sends nothing.
func NewChecker(o CheckerOptions) *Checker {
	if o.MayAsk == nil {
		o.MayAsk = jwks.EntraOnly
	}
	c := &Checker{o: o, allowed: map[string]bool{}}
	options := jwks.Options{Clock: o.Now, MayAsk: c.mayAsk}
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

// Allow lets an issuer be asked for its keys from now on: the person said so,
// having seen its host.
func (c *Checker) Allow(issuer string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.allowed[issuer] = true
}

// Refresh asks an issuer for its keys now; errors are *validate.KeyError, or
// those of ctx.
func (c *Checker) Refresh(ctx context.Context, issuer string) error {
	return c.source.Refresh(ctx, issuer)
}

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
	body, err := jwks.Fetch(context.WithValue(ctx, deskKey{}, d), recorded{c}, address)
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

func (c *Checker) keys() validate.KeySource {
	c.mu.Lock()
	given := c.given
	c.mu.Unlock()
	if given != nil {
		return given
	}
	if c.o.Wrap != nil {
		return c.o.Wrap(c.source)
	}
	return c.source
}

// Check runs every check on a token at the present time. It may fetch keys; the
// report has the requests that this took, and the issuer that would have to be
// allowed where one would.
func (c *Checker) Check(ctx context.Context, raw string, want validate.Expectations) *Report {
	d := &keyDesk{}
	want.Now = c.o.Now()
	r := Check(context.WithValue(ctx, deskKey{}, d), raw, c.keys(), want)
	r.Requests = append(c.taken(), d.exchanges()...)
	r.Ask = blocked(r)
	return r
}

// Judge asks common middleware about a token that was checked; it may fetch keys.
func (c *Checker) Judge(ctx context.Context, r *Report) []middleware.Opinion {
	return middleware.Judge(ctx, r.Report, c.keys())
}

// blocked gives the issuer whose keys were not asked for without a word of the
// person; "" when there is none, or when it is no address that could be asked.
func blocked(r *Report) string {
	var e *validate.KeyError
	if !errors.As(r.KeyError(), &e) || e.Reason != validate.KeyNotAllowed {
		return ""
	}
	if _, err := jwks.MetadataURL(e.Issuer); err != nil {
		return ""
	}
	return e.Issuer
}

type deskKey struct{}

// recorded sends requests through a gate that records them for the check that
// they are made for.
type recorded struct{ c *Checker }

func (r recorded) Do(req *http.Request) (*http.Response, error) {
	d, ok := req.Context().Value(deskKey{}).(*keyDesk)
	if !ok {
		d = &keyDesk{}
	}
	g := &wire.Gate{Next: r.c.o.Transport, Desk: d, Allow: func(*url.URL) error { return nil }, Now: r.c.o.Now}
	return g.Do(req)
}

// keyDesk takes the exchanges of one check and holds nothing.
type keyDesk struct {
	mu   sync.Mutex
	list []trace.Exchange
}

func (d *keyDesk) exchanges() []trace.Exchange {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]trace.Exchange(nil), d.list...)
}

func (d *keyDesk) Open(e *trace.Exchange) {
	d.mu.Lock()
	defer d.mu.Unlock()
	e.N, e.Purpose, e.Channel, e.From, e.To = len(d.list)+1, trace.Keys, trace.Back, trace.App, trace.Entra
	if len(d.list) == 0 {
		e.Purpose = trace.Metadata
	}
	d.list = append(d.list, *e)
}

func (d *keyDesk) Hold(ctx context.Context, _ *trace.Exchange) error { return ctx.Err() }
func (d *keyDesk) Answered(context.Context, *trace.Exchange) error   { return nil }

func (d *keyDesk) Changed(e *trace.Exchange) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.list[e.N-1] = *e
}
