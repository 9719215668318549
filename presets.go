package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"flowscope/engine"
	"flowscope/engine/inspect"
	"flowscope/engine/lab"
	"flowscope/engine/profile"
	"flowscope/engine/trace"
	"flowscope/validate"
)

// expected reads the file for what its profiles expect of tokens: that is all that
// has to be right in them.
func (t *targets) expected() (profile.Config, error) {
	return profile.Read(t.path(), t.settings.Config != "", readFile)
}

// sound gives the profiles of the file whose expectations are in order, none while
// it can't be read.
func (t *targets) sound() profile.Config {
	c, err := t.expected()
	if err != nil {
		return profile.Config{}
	}
	maps.DeleteFunc(c.Profiles, func(_ string, p profile.Profile) bool { return len(p.CheckExpected()) > 0 })
	return c
}

// expectations gives what a profile of the file expects of tokens.
func (t *targets) expectations(name string) ([]inspect.Preset, error) {
	c, err := t.expected()
	if err != nil {
		return nil, err
	}
	saved, err := c.Find(name)
	if err != nil {
		return nil, err
	}
	if problems := saved.CheckExpected(); len(problems) > 0 {
		err := fmt.Errorf("profiles.%s.%w", trace.Plain(name), problems[0])
		if data, readErr := readFile(t.path()); readErr == nil {
			err = profile.AtLine(data, []string{"profiles", name, problems[0].Key}, err)
		}
		return nil, fmt.Errorf("%s: %w", t.path(), err)
	}
	return profilePresets(name, saved), nil
}

// allPresets gives, when they are asked for, those of the lab and of all profiles;
// none of the profiles while the file can't be read.
func (t *targets) allPresets(p *parts) func() []inspect.Preset {
	return func() []inspect.Preset {
		out := labPresets(p.target.Target, ofNoUse(p.lab.Directory()))
		c := t.sound()
		for _, name := range c.Names() {
			out = append(out, profilePresets(name, c.Profiles[name])...)
		}
		return out
	}
}

// ofNoUse are the APIs of the lab, by client id, of whose tokens nothing can be
// checked: since they are encrypted, or since there are none.
func ofNoUse(dir lab.Directory) map[string]bool {
	out := map[string]bool{}
	for _, app := range dir.Apps {
		if app.Disabled || app.EncryptionKeyPEM != "" {
			out[app.ClientID] = true
		}
	}
	return out
}

// labPresets are the APIs of the lab but those that are left out, and its clients
// with their ID tokens.
func labPresets(t engine.Target, left map[string]bool) []inspect.Preset {
	var out []inspect.Preset
	seen := map[string]bool{}
	for _, c := range t.Clients {
		for _, r := range c.Registration.Resources {
			if seen[r.ClientID] || left[r.ClientID] || strings.HasPrefix(r.URI, "https://graph.") {
				continue // nobody but Graph can check a token for Graph
			}
			seen[r.ClientID] = true
			out = append(out, inspect.Preset{Name: r.Name, Want: labWant(t, r)})
		}
	}
	for _, c := range t.Clients {
		if c.Platform == "" {
			continue
		}
		out = append(out, inspect.Preset{Name: c.Registration.Name + ": ID tokens", Want: validate.Expectations{
			Issuer: t.Authority + "/v2.0", Audiences: []string{c.Registration.ClientID}, Tenants: []string{t.TenantID}, Type: validate.KindID,
		}})
	}
	return out
}

// labWant is what an API of the lab expects: by the version of its tokens, since
// issuer and audience have another form in each.
func labWant(t engine.Target, r trace.Resource) validate.Expectations {
	want := validate.Expectations{Issuer: t.Authority + "/v2.0", Audiences: []string{r.ClientID}, Tenants: []string{t.TenantID}, Type: validate.KindAccess}
	if r.Version == "1.0" {
		want.Issuer, want.Audiences = t.Authority+"/", []string{r.URI, r.ClientID}
	}
	return want
}

// profilePresets are those of one profile: of each of its APIs, and of the ID
// tokens of its client, where it signs people in.
func profilePresets(name string, p profile.Profile) []inspect.Preset {
	var out []inspect.Preset
	begin := "profile " + trace.Plain(name) + ": "
	for _, r := range p.Resources {
		audiences := []string{cmp.Or(r.Audience, r.URI)}
		if r.Version == "1.0" && r.URI != "" && !slices.Contains(audiences, r.URI) {
			audiences = append(audiences, r.URI) // v1.0 tokens name an API as it was asked for
		}
		want := validate.Expectations{Issuer: p.TokenIssuer(r.Version), Audiences: audiences, Type: validate.KindAccess}
		out = append(out, inspect.Preset{Name: begin + trace.Plain(cmp.Or(r.URI, r.Audience)), Want: tenanted(want, p)})
	}
	if p.ClientID == "" || p.ClientType == "daemon" || p.ClientType == "api" {
		return out
	}
	want := validate.Expectations{Issuer: p.TokenIssuer("2.0"), Audiences: []string{p.ClientID}, Type: validate.KindID}
	return append(out, inspect.Preset{Name: begin + "ID tokens", Want: tenanted(want, p)})
}

// tenanted adds the tenant of a profile that names one by its GUID. The tenant of a
// domain is learned from discovery, with the issuer.
func tenanted(want validate.Expectations, p profile.Profile) validate.Expectations {
	if id := p.TenantID(); id != "" && p.Issuer == "" {
		want.Tenants = []string{id}
	}
	return want
}
