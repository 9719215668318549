package trace

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

const (
	cookieKind    = "cookie"
	signatureKind = "signature of a token"
)

// kindNames are the kinds of secrets in words, by the name of what holds them.
// A name that is missing here is its own kind.
var kindNames = map[string]string{
	"code": "authorization code", "code_verifier": "code verifier", "client_secret": "client secret",
	"client_assertion": "client assertion", "assertion": "assertion", "refresh_token": "refresh token",
	"password": "password", "passwd": "password", "current": "password", "new": "password", "again": "password",
	"device_code": "device code", "state": "state", "session_state": "session state",
	"x-identity-header": "managed identity header", "identity_header": "managed identity header", "secret": "managed identity header",
	"access_token": "access token", "id_token": "ID token", "id_token_hint": "ID token", "token": "token",
	"subject_token": "subject token", "actor_token": "actor token", "authorization": "credential",
}

// KindOf says what kind of secret a parameter, JSON member or header of this name
// holds: "client secret".
func KindOf(name string) string {
	lower := strings.ToLower(name)
	if kind, ok := kindNames[lower]; ok {
		return kind
	}
	return lower
}

// Removed is one kind of secret in a Receipt.
type Removed struct {
	Kind    string   // "client secret"
	Places  int      // how many times it was masked
	Aliases []string // the letters of the secrets, in order; "A", "B"
}

// Receipt says what was taken out of a text before it was handed on.
type Receipt struct {
	WithSecrets bool      // nothing was: the person asked for the secrets
	Removed     []Removed // by kind, in alphabetical order
}

// Receipt gives what this Redactor has masked since it was made or since Forget.
func (r *Redactor) Receipt() Receipt {
	r.mu.Lock()
	defer r.mu.Unlock()
	byKind := map[string]*Removed{}
	for alias, n := range r.used {
		kind := r.kinds[alias]
		if kind == "" {
			kind = "secret"
		}
		if byKind[kind] == nil {
			byKind[kind] = &Removed{Kind: kind}
		}
		byKind[kind].Places += n
		byKind[kind].Aliases = append(byKind[kind].Aliases, alias)
	}
	var out Receipt
	for _, item := range byKind {
		slices.SortFunc(item.Aliases, func(a, b string) int {
			if n := len(a) - len(b); n != 0 {
				return n
			}
			return strings.Compare(a, b)
		})
		out.Removed = append(out.Removed, *item)
	}
	slices.SortFunc(out.Removed, func(a, b Removed) int { return strings.Compare(a.Kind, b.Kind) })
	return out
}

// Replaced puts a secret on the receipt that the caller has left out itself: a
// variable stands in its place. The name is its parameter's.
func (r *Redactor) Replaced(name, secret string) {
	if secret == "" {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.used[r.alias(secret, KindOf(name))]++
}

// Forget empties the receipt; letters and secrets stay known.
func (r *Redactor) Forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.used)
}

// Writing gives a Redactor that knows the same secrets under the same letters and
// writes its masks as block says: what is exported has the letters of the screen.
// A nil block writes "masked:A". What one of the two learns later, the other does
// not.
func (r *Redactor) Writing(block func(alias string) string) *Redactor {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := NewRedactor(block)
	out.capital, out.small, out.known = r.capital, r.small, slices.Clone(r.known)
	maps.Copy(out.aliases, r.aliases)
	maps.Copy(out.kinds, r.kinds)
	maps.Copy(out.forms, r.forms)
	for form := range r.forms {
		out.begins.add(form)
	}
	maps.Copy(out.around, r.around)
	return out
}

// Count gives the number of different secrets that were masked.
func (r Receipt) Count() int {
	n := 0
	for _, item := range r.Removed {
		n += len(item.Aliases)
	}
	return n
}

// Lines gives the receipt in words, one fact a line.
func (r Receipt) Lines() []string {
	switch {
	case r.WithSecrets:
		return []string{"WITH SECRETS: nothing was removed. Whoever reads this can use what is in it."}
	case len(r.Removed) == 0:
		return []string{"Nothing was removed: no secret was found."}
	}
	out := []string{fmt.Sprintf("Removed: %s. Equal letters stand for equal secrets.", counted(r.Count(), "secret"))}
	for _, item := range r.Removed {
		out = append(out, fmt.Sprintf("%s: %s, in %s", item.Kind, shortList(item.Aliases), counted(item.Places, "place")))
	}
	return out
}

// shortList keeps a receipt readable where a long run has hundreds of letters.
func shortList(list []string) string {
	const most = 12
	if len(list) > most {
		return strings.Join(list[:most], ", ") + fmt.Sprintf(" and %d more", len(list)-most)
	}
	return strings.Join(list, ", ")
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
