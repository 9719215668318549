package insight

import (
	"net/url"
	"strings"
	"time"

	"flowscope/validate"
	"flowscope/validate/claims"
)

// Bounds of what is said: a whole sentence, and one value within it.
const (
	textLimit  = 220
	valueLimit = 60
)

// reader gathers once what the sentences rest on.
type reader struct {
	t    *validate.Token
	c    Context
	kind validate.Kind
	o    *validate.Object
	out  []Insight

	aud, scp, roles          []string
	client, party            string // the client, and the claim that names it
	iss, host, tid, oid, sub string
	acr, acrName             string
	entra, user, app, device bool
	v1, v2                   bool
	resource                 string // Microsoft's own name of the audience; "" for anybody else's
}

func read(t *validate.Token, c Context) *reader {
	r := &reader{t: t, c: c, kind: t.Kind, o: t.Claims,
		aud: t.Audiences(), scp: t.Scopes(), roles: t.Roles(), client: t.Client(),
		iss: t.Claims.String("iss"), tid: t.Claims.String("tid"), oid: t.Claims.String("oid"), sub: t.Claims.String("sub"),
		app: t.SubjectKind == validate.SubjectApp, user: t.SubjectKind == validate.SubjectUser,
		v1: t.Version == "1.0", v2: t.Version == "2.0",
	}
	if c.Kind != "" {
		r.kind = c.Kind
	}
	if r.kind == validate.KindID { // whatever its text looks like, a person signed in
		r.app, r.user = false, true
	}
	if t.Claims.String("idtyp") == "device" {
		r.device, r.app, r.user = true, false, false
	}
	for _, name := range []string{"client_id", "appid", "azp"} {
		if r.client != "" && t.Claims.String(name) == r.client {
			r.party = name
		}
	}
	for _, name := range []string{"appidacr", "azpacr"} {
		if v := t.Claims.String(name); v != "" {
			r.acr, r.acrName = v, name
		}
	}
	if u, err := url.Parse(r.iss); err == nil && u.Scheme == "https" {
		r.host = strings.ToLower(u.Hostname())
	}
	r.entra = claims.FromEntra(t)
	for _, aud := range r.aud {
		if name, ok := claims.Resource(aud); ok && r.resource == "" && r.entra {
			r.resource = name
		}
	}
	return r
}

// say adds an insight; a text longer than its bound is cut.
func (r *reader) say(topic Topic, source, text string, names ...string) *Insight {
	r.out = append(r.out, Insight{Topic: topic, Text: validate.Printable(text, textLimit), Source: source, Claims: names})
	return &r.out[len(r.out)-1]
}

// warn adds an insight that somebody is likely to be caught by.
func (r *reader) warn(topic Topic, source, text string, names ...string) *Insight {
	i := r.say(topic, source, text, names...)
	i.Warn = true
	return i
}

// shown makes a value from the token fit for a sentence.
func shown(s string) string { return validate.Printable(s, valueLimit) }

// date reads a claim that is a time.
func (r *reader) date(name string) (time.Time, bool) {
	v, _ := r.o.Get(name)
	return v.Date()
}

// text gives the text of a claim of any type.
func (r *reader) text(name string) string {
	v, _ := r.o.Get(name)
	return v.Text()
}

// has reports which of the claims named are there.
func (r *reader) has(names ...string) []string {
	var out []string
	for _, name := range names {
		if r.o.Has(name) {
			out = append(out, name)
		}
	}
	return out
}

// list joins names as a sentence does.
func list(names []string, last string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " " + last + " " + names[len(names)-1]
}

// some joins the first few of many values from outside.
func some(values []string, n int) string {
	var out []string
	for i, v := range values {
		if i == n {
			return strings.Join(out, ", ") + ", …"
		}
		out = append(out, validate.Printable(v, 40))
	}
	return strings.Join(out, ", ")
}
