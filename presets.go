package main

import (
	"cmp"

	"flowscope/engine/inspect"
	"flowscope/engine/profile"
	"flowscope/validate"
)

// expectations gives what a profile of the file expects of tokens.
func (t *targets) expectations(name string) ([]inspect.Preset, error) {
	c, err := t.Load()
	if err != nil {
		return nil, err
	}
	saved, err := c.Find(name)
	if err != nil {
		return nil, err
	}
	return profilePresets(name, saved), nil
}

// presets gives those of all profiles; none while the file can't be read.
func (t *targets) presets() []inspect.Preset {
	c, err := t.Load()
	if err != nil {
		return nil
	}
	var out []inspect.Preset
	for _, name := range c.Names() {
		out = append(out, profilePresets(name, c.Profiles[name])...)
	}
	return out
}

// profilePresets are those of one profile: of each of its APIs, and of the ID
// tokens of its client.
func profilePresets(name string, p profile.Profile) []inspect.Preset {
	var out []inspect.Preset
	for _, r := range p.Resources {
		want := validate.Expectations{Issuer: p.TokenIssuer(r.Version), Audiences: []string{cmp.Or(r.Audience, r.URI)}, Type: validate.KindAccess}
		out = append(out, inspect.Preset{Name: "profile " + name + ": " + cmp.Or(r.URI, r.Audience), Want: tenanted(want, p)})
	}
	want := validate.Expectations{Issuer: p.TokenIssuer("2.0"), Audiences: []string{p.ClientID}, Type: validate.KindID}
	return append(out, inspect.Preset{Name: "profile " + name + ": ID tokens", Want: tenanted(want, p)})
}

// tenanted adds the tenant of a profile that names one.
func tenanted(want validate.Expectations, p profile.Profile) validate.Expectations {
	if id := p.TenantID(); id != "" && p.Issuer == "" {
		want.Tenants = []string{id}
	}
	return want
}
