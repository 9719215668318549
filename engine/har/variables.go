package har

import (
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
}

// source is a member of an answer's JSON body.
type source struct {
	exchange int
	member   string
}

// variables are the secrets of what is exported, in the order of their use.
type variables struct {
	x    *export
	list []*variable
}

// of gives the variable for a secret parameter. Equal secrets of one name share
// one; a second secret of the same name gets a number.
func (v *variables) of(name, secret string, encoded bool) *variable {
	base := upper(name)
	n := 1
	for _, have := range v.list {
		if have.value == secret && have.encoded == encoded && strings.HasPrefix(have.name, base) {
			v.x.count(name, secret)
			return have
		}
		if have.name == base || strings.HasPrefix(have.name, base+"_") && strings.Trim(have.name[len(base)+1:], "0123456789") == "" {
			n++
		}
	}
	out := &variable{name: base, kind: trace.KindOf(name), value: secret, encoded: encoded}
	if n > 1 {
		out.name += "_" + number(n)
	}
	out.from = v.x.bringer(secret)
	v.list = append(v.list, out)
	v.x.count(name, secret)
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

func number(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return number(n/10) + string(rune('0'+n%10))
}

// bringer finds the answer of an exported exchange that brings this value as a
// member of its JSON body.
func (x *export) bringer(secret string) source {
	for _, e := range x.shown {
		if e.Response == nil {
			continue
		}
		all := members(e.Response.Body)
		for _, name := range slices.Sorted(maps.Keys(all)) {
			if all[name] == secret && simpleName(name) {
				return source{e.N, name}
			}
		}
	}
	return source{}
}

func simpleName(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}
