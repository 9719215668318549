package diff

import (
	"slices"
	"strings"

	"flowscope/validate"
)

// settle compares the values of a row and says what the difference means.
func (p *pair) settle(r *Row) {
	if r.State == Changed {
		p.compare(r)
	}
	if s := p.says(r); s != "" {
		r.Says, r.Matters = s, true
	}
}

// lists are claims whose order means nothing.
var lists = [...]string{"scp", "scope", "roles", "groups", "wids", "aud", "amr", "acrs", "xms_cc", "signin_state"}

// compare decides between same and changed; lists are compared as sets.
func (p *pair) compare(r *Row) {
	if r.Left.Type == r.Right.Type && r.Left.Text() == r.Right.Text() {
		r.State = Same
		return
	}
	if r.Header || !slices.Contains(lists[:], r.Name) {
		return
	}
	left, right := wordsOf(r.Left, r.Name), wordsOf(r.Right, r.Name)
	r.Added, r.Removed = minus(right, left), minus(left, right)
	if len(r.Added)+len(r.Removed) == 0 {
		r.State = Same
	}
}

func wordsOf(v validate.Value, name string) []string {
	switch {
	case v.Type == validate.TypeString && (name == "scp" || name == "scope"):
		return strings.Fields(v.Text())
	case v.Type == validate.TypeString:
		return []string{v.Text()}
	}
	list, _ := v.Strings()
	return list
}

// minus gives the words of a that b lacks, fit to be shown.
func minus(a, b []string) []string {
	has := map[string]bool{}
	for _, w := range b {
		has[w] = true
	}
	var out []string
	for _, w := range a {
		if !has[w] {
			has[w] = true
			out = append(out, validate.Printable(w, 100))
		}
	}
	return out
}

func (p *pair) what() string {
	switch p.rel {
	case identical:
		return "The same token twice."
	case resigned:
		return "The same claims, signed twice."
	case unreadable:
		return "One of the two cannot be read, so there are no claims to compare."
	case signIn:
		return "The access token and the ID token of one person at one client."
	case accessID:
		return "An access token and an ID token, not of one person and one client."
	case renewed:
		return "Two tokens of one client for one API: before and after."
	case versions:
		return "The same person and client in v1.0 and v2.0."
	case onBehalf:
		return "On-behalf-of: the API that one token is for is the client of the other, for the same person."
	case apis:
		return "One client with tokens for two APIs."
	case clients:
		return "Two clients of one API."
	case people:
		return "The tokens of two people."
	case apps:
		return "The tokens of two applications."
	case tenants:
		return "Tokens of two tenants."
	case personApp:
		return "A person's token beside one of an application as itself."
	case twoIDs:
		return "Two ID tokens of one person."
	}
	return "Two tokens with little in common."
}

func (p *pair) notes() []string { return nil }

// says is the sentence for a row; "" where there is nothing to say.
func (p *pair) says(r *Row) string {
	if r.Header || r.State == Same {
		return ""
	}
	switch r.Name {
	case "aud":
		switch p.rel {
		case signIn, accessID:
			return "The ID token is for the client, the access token for the API: neither accepts the other's."
		case onBehalf:
			return "Each token serves one API: the API in the middle must not hand its own on, it gets another."
		case versions:
			return "v1.0 carries the App ID URI as it was asked for, v2.0 the API's client id."
		}
		return "Each token is good at its own audience alone."
	case "sub":
		if p.samePerson && p.left.oid != "" {
			return "The same person (oid). sub is made for each application apart, so across applications only tid and oid match."
		}
	case "scp":
		return "What the client may do changed with it."
	}
	return ""
}
