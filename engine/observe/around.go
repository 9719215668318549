package observe

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"flowscope/engine/trace"
)

// Waiting reports whether the answer is the ordinary one to a device code poll
// that came before the person was done (RFC 8628 section 3.5,
// authorization_pending): no failure, although its status is 400.
func (e Entry) Waiting() bool {
	x := e.Exchange
	if x.Purpose != trace.TokenCall || x.Response == nil || x.Response.Status != http.StatusBadRequest {
		return false
	}
	return members(x.Response.Body)["error"] == "authorization_pending"
}

// Poll is the device code that a token request was sent with, which all polls of
// one sign-in have in common; empty for other requests. It is a secret: to be
// compared, and not to be shown.
func (e Entry) Poll() string {
	if e.Exchange.Purpose != trace.TokenCall {
		return ""
	}
	for _, name := range []string{"device_code", "code"} { // v1.0 clients send code
		if v, ok := e.Exchange.Request.Get(name); ok && strings.Contains(e.What, "device_code") {
			return v
		}
	}
	return ""
}

// Circumstances says which conditions were on when the request came, and, where
// it failed, that they are switches of this lab: nobody has to look for the cause
// in a tenant. It is empty where none was on.
func (e Entry) Circumstances() string {
	switch {
	case len(e.While) == 0:
		return ""
	case e.Failed():
		return "while " + strings.Join(e.While, ", ") + ": switched on in this lab, not in a tenant"
	}
	return "while " + strings.Join(e.While, ", ")
}

// withAuthorize gives an entry that redeems a code the newest authorization
// request of the same application, so that the two can be compared: of that only
// the request, which is all that matters. The caller holds the lock.
func (l *Log) withAuthorize(e Entry) Entry {
	x := e.Exchange
	if grant, _ := x.Request.Get("grant_type"); x.Purpose != trace.TokenCall || grant != "authorization_code" || e.Client == "" {
		return e
	}
	for i := len(l.entries) - 1; i >= 0; i-- {
		if a := l.entries[i]; a.Client == e.Client && a.Exchange.Purpose == trace.Authorize && strings.HasPrefix(a.What, "authorization request") {
			e.before = &trace.Exchange{
				Purpose: a.Exchange.Purpose, Channel: a.Exchange.Channel, From: a.Exchange.From, To: a.Exchange.To,
				Request: a.Exchange.Request, Started: a.Exchange.Started, Took: a.Exchange.Took,
			}
			return e
		}
	}
	return e
}

// got says in a few words what an answer brought, and for whom: of a token
// answer the scope or the audience, of a redirect where it goes, without its
// parameters. It gives nothing for other answers.
func (l *Log) got(e trace.Exchange) (words, person string) {
	if e.Response == nil {
		return "", ""
	}
	if location := e.Response.Header.Get("Location"); location != "" && e.Response.Status >= 300 && e.Response.Status < 400 {
		return "to " + place(location), ""
	}
	if e.Purpose != trace.TokenCall || e.Response.Status != http.StatusOK {
		return "", ""
	}
	m := members(e.Response.Body)
	for _, name := range []string{"id_token", "access_token"} {
		c := claims(m[name])
		for _, claim := range []string{"preferred_username", "upn", "unique_name"} {
			if person == "" {
				person = short(c[claim])
			}
		}
	}
	if scope := m["scope"]; scope != "" {
		return "scope " + bounded(scope, maxGot), person
	}
	aud := claims(m["access_token"])["aud"]
	if aud == "" {
		return "", person
	}
	if l.Client != nil {
		if reg, known := l.Client(aud); known {
			return "audience " + reg.Key, person
		}
	}
	return "audience " + short(aud), person
}

// maxGot bounds a scope that is shown, in characters.
const maxGot = 160

// place is host and path of an address, or the path alone; the scheme is told
// where it is an application's own.
func place(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "an address that can't be read"
	}
	parts := strings.Split(u.Path, "/")
	for i, p := range parts {
		if len(p) == 36 && strings.Count(p, "-") == 4 {
			parts[i] = p[:4] + "…"
		}
	}
	out := u.Host + strings.Join(parts, "/")
	switch u.Scheme {
	case "", "http", "https":
	default:
		out = u.Scheme + "://" + out
	}
	return bounded(out, maxGot)
}

// members reads the text members of a JSON answer, nothing of another one.
func members(body []byte) map[string]string {
	if body = bytes.TrimSpace(body); len(body) == 0 || body[0] != '{' {
		return nil
	}
	var all map[string]json.RawMessage
	if json.Unmarshal(body, &all) != nil {
		return nil
	}
	out := map[string]string{}
	for _, name := range []string{"error", "scope", "access_token", "id_token"} {
		var s string
		if json.Unmarshal(all[name], &s) == nil {
			out[name] = s
		}
	}
	return out
}
