package main

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"flowscope/engine/inspect"
	"flowscope/engine/lab"
	"flowscope/engine/labtarget"
	"flowscope/engine/wire"
	"flowscope/tui/command"
	"flowscope/validate"
	"flowscope/validate/jwks"
)

// reach is a client for key requests that follows no redirect.
func reach(next http.RoundTripper) jwks.Client {
	return inspect.Worded(&http.Client{Transport: next, Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}})
}

// keys says where `flowscope token --batch` gets its keys. A lab whose keys are
// made anew by every process can't answer for a token of another one; the fixed
// keys of deterministic mode can.
func keys(p *parts, t *targets, o command.KeyOptions) (validate.KeySource, error) {
	way := t.keyWay(p)
	if o.JWKS != nil {
		return jwks.Given(o.JWKS)
	}
	if o.JWKSURL != "" {
		body, err := jwks.Fetch(o.Context, reach(way), o.JWKSURL)
		if err != nil {
			return nil, err
		}
		return jwks.GivenFrom(body, o.JWKSURL)
	}
	return jwks.New(jwks.Options{Client: reach(way), Clock: p.now, MayAsk: t.mayAsk(o)}), nil
}

// mayAsk says which issuers a command may ask: those of Entra's clouds and of
// profiles, the one that was stated, and the lab where its keys are known.
func (t *targets) mayAsk(o command.KeyOptions) func(issuer string) error {
	saved := sync.OnceValue(t.issuers)
	return func(issuer string) error {
		inLab := strings.HasPrefix(issuer, "https://"+lab.Host+"/")
		switch {
		case inLab && t.settings.Deterministic:
			return nil
		case inLab:
			return errOtherLab
		}
		err := jwks.EntraOnly(issuer)
		if err != nil && (o.Issuer != "" && issuer == o.Issuer || saved()[issuer]) {
			err = nil
		}
		if err == nil && o.Offline {
			return jwks.ErrOffline
		}
		return err
	}
}

// checkerFor makes what checks the tokens of a command.
func checkerFor(p *parts, t *targets, o command.KeyOptions) (*inspect.Checker, error) {
	c := inspect.NewChecker(inspect.CheckerOptions{Transport: t.keyWay(p), Now: p.now, MayAsk: t.mayAsk(o), Presets: t.allPresets(p)})
	var err error
	switch {
	case o.JWKS != nil:
		_, err = c.UseKeys(o.JWKS)
	case o.JWKSURL != "":
		_, err = c.UseKeysAt(o.Context, o.JWKSURL)
	}
	return c, err
}

// checker checks pasted tokens: keys of the lab inside this process, keys of
// Entra's clouds and of profiles' issuers from the network. The cache lives as long
// as the program.
func checker(p *parts, t *targets) *inspect.Checker {
	return inspect.NewChecker(inspect.CheckerOptions{
		Transport: t.keyWay(p), Now: p.now, Presets: t.allPresets(p),
		MayAsk: func(issuer string) error {
			if strings.HasPrefix(issuer, "https://"+lab.Host+"/") {
				return nil
			}
			err := jwks.EntraOnly(issuer)
			if err != nil && t.issuers()[issuer] {
				return nil
			}
			return err
		},
		Wrap: func(k validate.KeySource) validate.KeySource { return labKeys{k} },
	})
}

// issuers are those that a profile names; none while the file can't be read.
func (t *targets) issuers() map[string]bool {
	out := map[string]bool{}
	for _, p := range t.sound().Profiles {
		if p.Issuer != "" {
			out[p.Issuer] = true
		}
	}
	return out
}

// keyWay is the way to issuers: the lab's inside this process, and to hosts of a
// profile with a CA of its own one that trusts it.
func (t *targets) keyWay(p *parts) http.RoundTripper {
	usual := outside(p.now)
	return labtarget.Transport(p.lab, wayOut(func(req *http.Request) (*http.Response, error) {
		if own := t.trusting(req.URL.Host); own != nil {
			return own.RoundTrip(req)
		}
		return usual.RoundTrip(req)
	}))
}

// trusting gives a way that trusts the CA of the profile whose host this is, nil
// when there is no such profile.
func (t *targets) trusting(host string) *wire.Outside {
	c := t.sound()
	for _, name := range c.Names() {
		p := c.Profiles[name]
		u, err := url.Parse(p.Authority())
		if err != nil || p.CAFile == "" || !strings.EqualFold(u.Host, host) {
			continue
		}
		if roots, err := p.Roots(sources(nil, nil)); err == nil {
			return outsideTrusting(roots, t.now)
		}
	}
	return nil
}

// wayOut is a transport that is a function.
type wayOut func(*http.Request) (*http.Response, error)

// RoundTrip calls it.
func (f wayOut) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// errOtherLab says why a token of the lab can't be checked in another process.
var errOtherLab = &jwks.OutOfReach{Why: "the lab that signed it lived in another process, and its keys ended with it (the same --deterministic on both sides keeps them)"}

// labKeys answers for the lab of this process alone: a lab's token with a key
// that it does not know comes from the lab of another one, and can't be judged.
type labKeys struct{ validate.KeySource }

// Key finds a key, or says that it can't be had here.
func (l labKeys) Key(ctx context.Context, q validate.KeyQuery) (validate.Key, error) {
	k, err := l.KeySource.Key(ctx, q)
	var unknown *validate.KeyError
	if errors.As(err, &unknown) && unknown.Reason == validate.KeyUnknown && strings.HasPrefix(q.Issuer, "https://"+lab.Host+"/") {
		return k, &validate.KeyError{Reason: validate.KeyUnreachable, Issuer: q.Issuer, Err: errOtherLab}
	}
	return k, err
}
