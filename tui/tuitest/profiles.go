package tuitest

import (
	"crypto/tls"
	"errors"
	"net/http"
	"sync"

	"flowscope/engine"
	"flowscope/engine/profile"
	"flowscope/engine/trace"
	"flowscope/engine/wire"
)

// Profiles is a configuration file that is kept in memory. Its tenants are the
// lab under the names of Entra's clouds.
type Profiles struct {
	d    *Driver
	mu   sync.Mutex
	text []byte
}

func (d *Driver) profiles(text string) *Profiles {
	d.Profiles = &Profiles{d: d, text: []byte(text)}
	return d.Profiles
}

// Text gives the file as it is now.
func (p *Profiles) Text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return string(p.text)
}

// Path is a name that is the same everywhere.
func (p *Profiles) Path() string { return "~/.config/flowscope/config.toml" }

// Load reads the text.
func (p *Profiles) Load() (profile.Config, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return profile.Parse(p.text)
}

// Save writes a profile.
func (p *Profiles) Save(was, name string, saved profile.Profile) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := p.text
	c, err := profile.Parse(text)
	if err != nil {
		return err
	}
	if _, taken := c.Profiles[name]; taken && was != name {
		return profile.Problem{Key: "name", Text: "there is a profile of this name already"}
	}
	if was != "" && was != name {
		if text, err = profile.Remove(text, was); err != nil {
			return err
		}
	}
	if text, err = profile.Edit(text, name, saved); err == nil {
		p.text = text
	}
	return err
}

// Remove takes a profile out.
func (p *Profiles) Remove(name string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	text, err := profile.Remove(p.text, name)
	if err == nil {
		p.text = text
	}
	return err
}

// secured tells the lab that the request came by TLS, as it would to the cloud.
type secured struct{ http.Handler }

func (s secured) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.TLS = &tls.ConnectionState{}
	s.Handler.ServeHTTP(w, r)
}

// Env is the environment in which the credentials are.
var Env = map[string]string{"ORDERS_SECRET": "planted-in-the-environment"}

// Target makes a live target: the lab under the cloud's name.
func (p *Profiles) Target(name string, saved profile.Profile, told map[string]string) (engine.Target, error) {
	from := profile.Sources{Getenv: func(n string) string { return Env[n] }, Read: func(string) ([]byte, error) { return nil, errors.New("no such file") }, Told: told}
	secret, err := saved.Secret(name, from)
	if err != nil {
		return engine.Target{}, err
	}
	c := engine.Client{
		Key: saved.ClientType, RedirectURI: saved.RedirectURI, Secret: secret, Scopes: saved.Scopes, Flows: saved.Flows(),
		Registration: trace.Registration{Key: saved.ClientType, Name: name, ClientID: saved.ClientID},
	}
	if saved.ClientType == "spa" || saved.ClientType == "web" {
		c.Platform = saved.ClientType
	}
	return engine.Target{
		Name: name, Title: saved.Tenant, Live: true, Authority: saved.Authority(), Hosts: []string{saved.Host()}, Clients: []engine.Client{c},
		Transport: &wire.HandlerTransport{Host: saved.Host(), Handler: secured{p.d.World.Lab}},
	}, nil
}

// Ready looks for the credentials.
func (p *Profiles) Ready(name string, saved profile.Profile) error {
	_, err := p.Target(name, saved, nil)
	var ask *profile.AskError
	if errors.As(err, &ask) {
		return nil
	}
	return err
}
