package profile

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"flowscope/engine/trace"
)

// Get gives what stands under a key as text for a form: lists separated by
// spaces, yes or nothing for a switch, resources as uri=…,audience=…,version=….
func (p Profile) Get(key string) string {
	switch v := p.value(key).Interface().(type) {
	case string:
		return v
	case bool:
		if v {
			return "yes"
		}
	case []string:
		return strings.Join(v, " ")
	case []Resource:
		var out []string
		for _, r := range v {
			var members []string
			for _, m := range [][2]string{{"uri", r.URI}, {"audience", r.Audience}, {"version", r.Version}} {
				if m[1] != "" {
					members = append(members, m[0]+"="+m[1])
				}
			}
			out = append(out, strings.Join(members, ","))
		}
		return strings.Join(out, " ")
	}
	return ""
}

// Set puts text under a key; it is the reverse of Get. It fails for a key that
// there is none of, and for text that is not in the key's form.
func (p *Profile) Set(key, text string) error {
	i := slices.Index(Keys(), key)
	if i < 0 {
		return fmt.Errorf("there is no key %s", trace.Plain(key))
	}
	text = strings.TrimSpace(text)
	switch v := reflect.ValueOf(p).Elem().Field(i).Addr().Interface().(type) {
	case *string:
		*v = text
	case *bool:
		switch strings.ToLower(text) {
		case "yes", "true":
			*v = true
		case "", "no", "false":
			*v = false
		default:
			return Problem{key, fmt.Sprintf("%s is neither yes nor no", quoted(text))}
		}
	case *[]string:
		*v = strings.Fields(text)
	case *[]Resource:
		var err error
		*v, err = resources(key, text)
		return err
	}
	return nil
}

func resources(key, text string) ([]Resource, error) {
	var out []Resource
	for item := range strings.FieldsSeq(text) {
		var r Resource
		for member := range strings.SplitSeq(item, ",") {
			name, value, _ := strings.Cut(member, "=")
			switch name {
			case "uri":
				r.URI = value
			case "audience":
				r.Audience = value
			case "version":
				r.Version = value
			default:
				return nil, Problem{key, fmt.Sprintf("%s: a resource is uri=…,audience=…,version=…", quoted(item))}
			}
		}
		out = append(out, r)
	}
	return out, nil
}

// Bare gives the profile without its credentials: enough to ask for the discovery
// document, which needs none.
func (p Profile) Bare() Profile {
	p.SecretEnv, p.SecretFile, p.SecretPrompt = "", "", false
	p.CertificateFile, p.CertificatePasswordEnv, p.CertificatePasswordFile, p.CertificatePasswordPrompt = "", "", "", false
	p.AssertionFile, p.AssertionEnv = "", ""
	return p
}

// Place says what a client proves itself with and where that is: never its value.
type Place struct {
	Kind  string // secret, certificate or assertion
	Where string // "environment variable ORDERS_SECRET"
}

// Credentials lists what the client proves itself with.
func (p Profile) Credentials() []Place {
	var out []Place
	add := func(kind, env, file string, asked bool) {
		switch {
		case env != "":
			out = append(out, Place{kind, "environment variable " + env})
		case file != "":
			out = append(out, Place{kind, "file " + file})
		case asked:
			out = append(out, Place{kind, "asked for"})
		}
	}
	add("secret", p.SecretEnv, p.SecretFile, p.SecretPrompt)
	add("certificate", "", p.CertificateFile, false)
	add("assertion", p.AssertionEnv, p.AssertionFile, false)
	return out
}
