package inspect

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"

	"flowscope/engine/trace"
	"flowscope/engine/wire"
	"flowscope/validate/jwks"
)

type deskKey struct{}

// deskOf gives the desk of the check that a context belongs to, nil when it
// belongs to none.
func deskOf(ctx context.Context) *keyDesk {
	d, _ := ctx.Value(deskKey{}).(*keyDesk)
	return d
}

// at gives a context whose requests are recorded on a desk.
func (d *keyDesk) at(ctx context.Context) context.Context {
	return context.WithValue(ctx, deskKey{}, d)
}

// recorded sends requests through a gate that records them for the check that
// they are made for. Which hosts may be asked has been decided by then.
type recorded struct{ c *Checker }

func (r recorded) Do(req *http.Request) (*http.Response, error) {
	d := deskOf(req.Context())
	if d == nil {
		d = &keyDesk{}
	}
	g := &wire.Gate{Next: r.c.o.Transport, Desk: d, Allow: func(*url.URL) error { return nil }, Now: r.c.o.Now}
	resp, err := g.Do(req)
	var refused *wire.RefusedError
	if errors.As(err, &refused) {
		d.refused(refused)
	}
	return resp, worded(err)
}

// publicOnly keeps the requests under a context from this machine and its network:
// they go to a host that only a token names.
func publicOnly(ctx context.Context) context.Context {
	return wire.OnlyTo(ctx, func(a netip.Addr) error {
		if jwks.PublicAddress(a) {
			return nil
		}
		return errors.New("its name leads to an address that is not public, and only the token names it; state the issuer if you mean it")
	})
}

// keyDesk takes the exchanges of one check and holds nothing.
type keyDesk struct {
	mu   sync.Mutex
	list []trace.Exchange
	from []*keyDesk // of the checks whose requests this one waited for
}

// elsewhere is the remark on a request that was made for another check.
const elsewhere = "sent by another check at the same time, which this one waited for"

// exchanges gives the requests that a check took: its own, and those of others that
// it waited for, with a remark.
func (d *keyDesk) exchanges() []trace.Exchange {
	d.mu.Lock()
	out := append([]trace.Exchange(nil), d.list...)
	from := slices.Clone(d.from)
	d.mu.Unlock()
	for _, other := range from {
		other.mu.Lock()
		list := append([]trace.Exchange(nil), other.list...)
		other.mu.Unlock()
		for _, e := range list {
			e.Note = elsewhere
			out = append(out, e)
		}
	}
	for i := range out {
		out[i].N = i + 1
	}
	return out
}

// shared notes that one check took what another one fetched.
func shared(asked, waited context.Context) {
	from, to := deskOf(asked), deskOf(waited)
	if from == nil || to == nil || from == to {
		return
	}
	to.mu.Lock()
	defer to.mu.Unlock()
	if !slices.Contains(to.from, from) {
		to.from = append(to.from, from)
	}
}

// purposeOf tells the discovery document from the keys by its well-known address
// (OpenID Connect Discovery 4).
func purposeOf(address string) trace.Purpose {
	path, _, _ := strings.Cut(address, "?")
	if strings.HasSuffix(path, "/.well-known/openid-configuration") {
		return trace.Metadata
	}
	return trace.Keys
}

// Open takes a new exchange in.
func (d *keyDesk) Open(e *trace.Exchange) {
	d.mu.Lock()
	defer d.mu.Unlock()
	e.N, e.Purpose, e.Channel, e.From, e.To = len(d.list)+1, purposeOf(e.Request.URL), trace.Back, trace.App, trace.Entra
	d.list = append(d.list, *e)
}

// Hold holds nothing.
func (d *keyDesk) Hold(ctx context.Context, _ *trace.Exchange) error { return ctx.Err() }

// Answered lets every answer through.
func (d *keyDesk) Answered(context.Context, *trace.Exchange) error { return nil }

// Changed takes what has become of an exchange.
func (d *keyDesk) Changed(e *trace.Exchange) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.list[e.N-1] = *e
}

// refused marks the last exchange as one that was not let out.
func (d *keyDesk) refused(why *wire.RefusedError) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if n := len(d.list); n > 0 {
		d.list[n-1].Refused, d.list[n-1].Err = why.Reason, ""
	}
}

// Worded lets the failures of a client say in plain words what went wrong on the
// way.
func Worded(client jwks.Client) jwks.Client { return wordedClient{client} }

type wordedClient struct{ jwks.Client }

func (w wordedClient) Do(req *http.Request) (*http.Response, error) {
	resp, err := w.Client.Do(req)
	return resp, worded(err)
}

// wayError is a failure on the way, in words.
type wayError struct {
	words string
	err   error
}

// Error gives the words.
func (e *wayError) Error() string { return e.words }

// Unwrap gives what the network said.
func (e *wayError) Unwrap() error { return e.err }

func worded(err error) error {
	if e := wire.NetOf(err); e != nil {
		if words := netWords(e); words != "" {
			var refused *wire.RefusedError
			if errors.As(err, &refused) {
				words = refused.Error()
			}
			return &wayError{words, err}
		}
	}
	return err
}

// netWords says what went wrong on the way to an issuer.
func netWords(e *trace.NetError) string {
	host := trace.Plain(e.Host)
	switch e.Kind {
	case trace.NoName:
		return "the name " + host + " can't be looked up; there may be no network, or the name is wrong"
	case trace.NoListener:
		return "nothing listens at " + host
	case trace.NoRoute:
		return "there is no way to " + host + "; there may be no network"
	case trace.Untrusted:
		return "nobody who is trusted here signed the certificate of " + host + "; a proxy that looks into TLS does this" + by(e.Signer)
	case trace.WrongName:
		return "the certificate of " + host + " is for other names" + of(e.Names)
	case trace.OutOfTime:
		return "the certificate of " + host + " has expired or is not valid yet; look at this machine's clock, too"
	case trace.NoTLS:
		return "no TLS could be agreed on with " + host
	case trace.TimedOut:
		return host + " took longer than " + e.Limit.String() + " (" + string(e.Phase) + ")"
	case trace.NoProxy:
		return "the proxy " + host + " can't be reached"
	case trace.ProxyDenied:
		return "the proxy " + host + " refused to connect"
	case trace.CutOff:
		return "the connection to " + host + " ended before the answer did"
	case trace.BadAnswer:
		return "what " + host + " answered can't be read as HTTP"
	}
	return ""
}

func by(signer string) string {
	if signer == "" {
		return ""
	}
	return " (it is signed by " + signer + ")"
}

func of(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return ": " + strings.Join(names[:min(len(names), 3)], ", ")
}
