package har

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"flowscope/engine/trace"
)

// variable stands in a text in place of a secret.
type variable struct {
	name    string // CLIENT_SECRET
	kind    string // "client secret"
	value   string // the secret
	encoded bool   // it stands in a URL, and has to be percent-encoded
	from    source // an earlier answer that brings it
	taken   bool   // a script takes it from there
}

// source is a member of an answer's JSON body.
type source struct {
	exchange int
	member   string
}

// variables are the secrets of what is exported, in the order of their use.
type variables struct {
	x     *export
	list  []*variable
	known map[string]*variable // by name, secret and spelling
	names map[string]int       // how many there are of a name
	from  map[string]source    // which answer brings a value
}

// of gives the variable for a secret parameter. Equal secrets of one name share
// one; a second secret of the same name gets a number.
func (v *variables) of(name, secret string, encoded bool) *variable {
	if v.known == nil {
		v.known, v.names, v.from = map[string]*variable{}, map[string]int{}, v.x.bringers()
	}
	base := upper(name)
	key := fmt.Sprintf("%s %v %s", base, encoded, secret)
	v.x.count(name, secret)
	if have, ok := v.known[key]; ok {
		return have
	}
	out := &variable{name: base, kind: trace.KindOf(name), value: secret, encoded: encoded, from: v.from[secret]}
	v.names[base]++
	if n := v.names[base]; n > 1 {
		out.name = fmt.Sprintf("%s_%d", base, n)
	}
	v.known[key] = out
	v.list = append(v.list, out)
	return out
}

// basic gives the variable for the secret of a Basic header, which is written
// there in form encoding.
func (v *variables) basic(raw string) *variable {
	if plain, err := url.QueryUnescape(raw); err == nil && url.QueryEscape(plain) == raw {
		return v.of("client_secret", plain, plain != raw)
	}
	return v.of("client_secret", raw, false)
}

// count puts a secret that a variable stands for on the receipt.
func (x *export) count(name, secret string) {
	if !x.o.WithSecrets {
		x.red.Replaced(name, secret)
	}
}

// literal is what the variable is set to: the secret where it was asked for.
func (v *variable) literal() string {
	if v.encoded {
		return url.QueryEscape(v.value)
	}
	return v.value
}

// hint says what to put there.
func (v *variable) hint() string {
	s := "put the " + v.kind + " here"
	if v.encoded {
		s += ", percent-encoded"
	}
	return s
}

// isSecret reports whether a parameter becomes a variable.
func isSecret(p trace.Param) bool {
	return p.Value != "" && (trace.IsSecret(p.Name) || trace.IsToken(p.Name))
}

// upper makes the name of a shell variable of the name of a parameter.
func upper(name string) string {
	var b strings.Builder
	for _, r := range strings.ToUpper(name) {
		if (r >= 'A' && r <= 'Z') || (r >= '0' && r <= '9' && b.Len() > 0) {
			b.WriteRune(r)
		} else {
			b.WriteByte('_')
		}
	}
	switch b.String() {
	case "PATH", "HOME", "IFS", "PWD", "":
		return "VALUE_" + b.String()
	}
	return b.String()
}

// bringers finds the answers of exported exchanges that bring a value as a member
// of their JSON body, the first for each value.
func (x *export) bringers() map[string]source {
	out := map[string]source{}
	for _, e := range x.shown {
		if e.Response == nil {
			continue
		}
		all := members(e.Response.Body)
		for _, name := range slices.Sorted(maps.Keys(all)) {
			if _, ok := out[all[name]]; !ok && simpleName(name) {
				out[all[name]] = source{e.N, name}
			}
		}
	}
	return out
}

func simpleName(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}
