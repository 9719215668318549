package main

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"slices"
	"time"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/profile"
	"flowscope/engine/trace"
	"flowscope/engine/wire"
	"flowscope/themes"
	"flowscope/tui/command"
)

// targets are the saved targets of the configuration file.
type targets struct {
	settings command.Settings
	now      func() time.Time
}

// path is the configuration file: the one that --config names, else the one in
// its usual place.
func (t *targets) path() string {
	return cmp.Or(t.settings.Config, profile.Path(os.Getenv))
}

// config reads the configuration file.
func config(s command.Settings) (profile.Config, error) {
	path := cmp.Or(s.Config, profile.Path(os.Getenv))
	c, err := profile.Load(path, s.Config != "", readFile)
	if err != nil {
		return c, err
	}
	if _, unknown := themes.Find(c.Theme); unknown != nil {
		data, err := readFile(path)
		if err != nil {
			return c, fmt.Errorf("configuration: %w", err)
		}
		return c, fmt.Errorf("%s: %w", path, profile.AtLine(data, []string{"theme"}, fmt.Errorf("theme: %w", unknown)))
	}
	return c, nil
}

// Path gives where the file is, or would be.
func (t *targets) Path() string { return t.path() }

// Load reads the file.
func (t *targets) Load() (profile.Config, error) { return config(t.settings) }

// Save puts a profile into the file, in place of the one called was when that has
// another name. An empty was adds one.
func (t *targets) Save(was, name string, p profile.Profile) error {
	return t.change(func(data []byte) ([]byte, error) {
		var err error
		c, err := profile.Load(t.path(), false, func(string) ([]byte, error) { return data, nil })
		if err != nil {
			return nil, err
		}
		if _, taken := c.Profiles[name]; taken && was != name {
			return nil, fmt.Errorf("there is a profile %q already", name)
		}
		if was != "" && was != name {
			if data, err = profile.Remove(data, was); err != nil {
				return nil, err
			}
		}
		return profile.Edit(data, name, p)
	})
}

// Remove takes a profile out of the file.
func (t *targets) Remove(name string) error {
	return t.change(func(data []byte) ([]byte, error) { return profile.Remove(data, name) })
}

// change reads the file, changes its text and writes it back, unless somebody
// else has written it meanwhile.
func (t *targets) change(edit func([]byte) ([]byte, error)) error {
	was, err := readFile(t.path())
	if errors.Is(err, fs.ErrNotExist) {
		was, err = nil, nil
	}
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	now, err := edit(was)
	if err != nil {
		return fmt.Errorf("%s: %w", t.path(), err)
	}
	return profile.Write(t.path(), was, now)
}

// Target makes the target of a profile. It fails with *profile.AskError when a
// credential has to be typed and told has no answer.
func (t *targets) Target(name string, p profile.Profile, told map[string]string) (engine.Target, error) {
	return liveTarget(name, p, sources(told, nil), t.now, nil)
}

// Ready says whether the credentials of a profile are where it says.
func (t *targets) Ready(name string, p profile.Profile) error {
	_, err := t.Target(name, p, nil)
	var ask *profile.AskError
	if errors.As(err, &ask) {
		return nil // it is there when it is asked for
	}
	return err
}

// named makes the target of a profile of the file.
func (t *targets) named(name string, from profile.Sources) (engine.Target, error) {
	c, err := t.Load()
	if err != nil {
		return engine.Target{}, err
	}
	saved, err := c.Find(name)
	if err != nil {
		return engine.Target{}, err
	}
	return liveTarget(name, saved, from, t.now, nil)
}

// sources are the environment, the files and the questions of this process.
func sources(told map[string]string, ask func(string) (string, error)) profile.Sources {
	return profile.Sources{Getenv: os.Getenv, Read: readFile, Told: told, Ask: ask}
}

// liveTarget is the real tenant or issuer of a profile, with the one client it
// names. What an administrator could read of it beyond the profile is unknown. A
// nil transport makes one that trusts what the profile says.
func liveTarget(name string, p profile.Profile, from profile.Sources, now func() time.Time, transport http.RoundTripper) (engine.Target, error) {
	c, err := liveClient(name, p, from)
	if err != nil {
		return engine.Target{}, fmt.Errorf("profiles.%s.%w", name, err)
	}
	roots, err := p.Roots(from)
	if err != nil {
		return engine.Target{}, fmt.Errorf("profiles.%s.%w", name, err)
	}
	if transport == nil {
		transport = outsideTrusting(roots, now)
	}
	t := engine.Target{
		Name: name, Title: p.Tenant, Live: true, Kind: engine.Entra, Authority: p.Authority(), TenantID: p.TenantID(),
		Transport: transport, Clients: []engine.Client{c},
	}
	if p.Issuer != "" {
		return issuerOf(t, p.Issuer)
	}
	t.Driver = "msal"
	t.Hosts = []string{p.Host(), p.GraphHost()}
	t.Services = []engine.Service{
		{Name: "Graph: me", URL: "https://" + p.GraphHost() + "/v1.0/me", Audience: "https://" + p.GraphHost(), Scope: "https://" + p.GraphHost() + "/User.Read"},
		{Name: "UserInfo", URL: "https://" + p.GraphHost() + "/oidc/userinfo", Audience: "https://" + p.GraphHost(), Scope: "openid profile email"},
	}
	if p.Call != "" {
		t.Services = append([]engine.Service{callOf(p)}, t.Services...)
	}
	return t, nil
}

// issuerOf makes a target an OpenID Connect issuer's: its own host alone is known,
// and further ones by its discovery document.
func issuerOf(t engine.Target, issuer string) (engine.Target, error) {
	if err := profile.CheckIssuer(issuer); err != nil {
		return engine.Target{}, fmt.Errorf("issuer: %w", err)
	}
	u, err := url.Parse(issuer)
	if err != nil {
		return engine.Target{}, fmt.Errorf("issuer: %w", err)
	}
	t.Kind, t.Driver, t.Issuer, t.Authority, t.TenantID = engine.OIDC, "oidc", issuer, issuer, ""
	t.Title, t.Hosts, t.Services = u.Host, []string{u.Host}, nil
	return t, nil
}

// callOf is the API of a profile as a service.
func callOf(p profile.Profile) engine.Service {
	s := engine.Service{Name: "API of the profile", URL: p.Call}
	if len(p.Scopes) > 0 {
		s.Scope = p.Scopes[0]
	}
	return s
}

// liveClient is the application of a profile with its credentials.
func liveClient(name string, p profile.Profile, from profile.Sources) (engine.Client, error) {
	reg := trace.Registration{Key: clientKey(p), Name: name, ClientID: p.ClientID, TenantID: p.Tenant, Public: !p.Confidential()}
	for _, r := range p.Resources {
		reg.Resources = append(reg.Resources, trace.Resource{
			Name: cmp.Or(r.URI, r.Audience), ClientID: cmp.Or(r.Audience, r.URI), URI: cmp.Or(r.URI, r.Audience), Version: cmp.Or(r.Version, "2.0"),
		})
	}
	c := engine.Client{
		Key: clientKey(p), Registration: reg, RedirectURI: p.RedirectURI, LogoutURI: p.LogoutURI, Scopes: slices.Clone(p.Scopes), CallURL: p.Call,
		Flows: p.Flows(), Downstream: slices.Clone(p.Downstream), DownstreamURL: p.DownstreamCall,
	}
	switch p.ClientType {
	case "web", "spa":
		c.Platform = p.ClientType
	case "native":
		c.Platform = "publicClient"
	}
	if c.Platform != "" && p.RedirectURI != "" {
		c.Registration.Platforms = []trace.Platform{{Type: c.Platform, RedirectURIs: []string{p.RedirectURI}}}
	}
	if c.Platform == "spa" {
		u, err := url.Parse(p.RedirectURI)
		if err != nil {
			return c, err
		}
		c.Origin = u.Scheme + "://" + u.Host
	}
	return c, credentials(&c, name, p, from)
}

// clientKey is the key of a profile's client: its type.
func clientKey(p profile.Profile) string { return p.ClientType }

// credentials reads what the client proves itself with.
func credentials(c *engine.Client, name string, p profile.Profile, from profile.Sources) error {
	var err error
	if c.Secret, err = p.Secret(name, from); err != nil {
		return err
	}
	pair, err := p.Certificate(name, from)
	if err != nil {
		return err
	}
	if pair != nil {
		c.Certificate = &engine.KeyPair{Chain: pair.Chain, Key: pair.Key, Name: p.CertificateFile}
	}
	if p.HasAssertion() {
		if _, err := p.Assertion(from); err != nil {
			return err
		}
		c.Federated = func(context.Context) (string, error) { return p.Assertion(from) }
	}
	return nil
}

// outside is the way to real issuers for whoever has no profile.
func outside(now func() time.Time) *wire.Outside { return outsideTrusting(nil, now) }

// outsideTrusting is the way to real servers: proxies from the environment, and
// limits that notice when there is no network.
func outsideTrusting(roots *x509.CertPool, now func() time.Time) *wire.Outside {
	return wire.NewOutside(roots, http.ProxyFromEnvironment, wire.Usual, now)
}

// loopbackRedirect is where a client of an issuer without a profile is come back
// to, unless the environment says otherwise.
const loopbackRedirect = "http://localhost:8400/callback"

// issuer makes a target of an issuer that was named on the command line. Its
// client comes from the flags or from the environment; with a secret it is
// confidential.
func (t *targets) issuer(o command.IssuerOptions, from profile.Sources) (engine.Target, error) {
	if err := profile.CheckIssuer(o.Issuer); err != nil {
		return engine.Target{}, fmt.Errorf("--issuer: %w", err)
	}
	id := cmp.Or(o.ClientID, from.Getenv("FLOWSCOPE_CLIENT_ID"))
	if id == "" {
		return engine.Target{}, errors.New("--issuer needs a client: --client-id, or FLOWSCOPE_CLIENT_ID in the environment")
	}
	secret := from.Getenv("FLOWSCOPE_CLIENT_SECRET")
	if secret == "" && o.AskSecret {
		var err error
		if secret, err = from.Ask("Client secret of " + trace.Plain(id)); err != nil {
			return engine.Target{}, err
		}
	}
	redirect := cmp.Or(o.RedirectURI, from.Getenv("FLOWSCOPE_REDIRECT_URI"), loopbackRedirect)
	target := engine.Target{Name: o.Issuer, Live: true, Transport: outside(t.now)}
	types := []string{"native", "spa"}
	if secret != "" {
		types = []string{"web", "daemon"}
	}
	for _, kind := range types {
		p := profile.Profile{Issuer: o.Issuer, ClientID: id, ClientType: kind, RedirectURI: redirect, Scopes: o.Scopes}
		if kind == "daemon" {
			p.RedirectURI = ""
		}
		c, err := liveClient(o.Issuer, p, from)
		if err != nil {
			return engine.Target{}, err
		}
		c.Secret = secret
		c.Flows = slices.DeleteFunc(c.Flows, func(f decision.Flow) bool { return f == decision.OnBehalfOf })
		if !slices.Contains(c.Flows, decision.TokenExchange) {
			c.Flows = append(c.Flows, decision.TokenExchange) // a public client may ask too (RFC 8693 section 2.1)
		}
		target.Clients = append(target.Clients, c)
	}
	return issuerOf(target, o.Issuer)
}
