package explain

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"flowscope/decision"
	"flowscope/engine/trace"
)

// placeOf says where an exchange carries its parameters.
func placeOf(e trace.Exchange) trace.Place {
	if e.Request.IsForm() || (e.Request.Method == http.MethodPost && e.Purpose.AtTokenEndpoint()) {
		return trace.Form
	}
	return trace.Query
}

// valueOf reads one value of a request.
func valueOf(r trace.Request, place trace.Place, name string) (string, bool) {
	switch place {
	case trace.Header:
		v := r.Header.Values(name)
		if len(v) == 0 {
			return "", false
		}
		return v[0], true
	case trace.Path:
		t := tenantOf(r.URL)
		return t, t != ""
	case trace.Form:
		return first(r.FormParams(), name)
	}
	return first(r.QueryParams(), name)
}

func first(params []trace.Param, name string) (string, bool) {
	for _, p := range params {
		if p.Name == name {
			return p.Value, true
		}
	}
	return "", false
}

// tenantOf gives the first segment of the path: the tenant of every Entra
// endpoint.
func tenantOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	tenant, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	return tenant
}

// put gives the op that brings the right value into a request: taken back when
// the request was changed on its way and was good before, else set to the value
// that is known right. False: neither is possible.
func put(e trace.Exchange, place trace.Place, name, right string, good func(string) bool) (trace.Op, bool) {
	now, has := valueOf(e.Request, place, name)
	if e.Original != nil {
		was, had := valueOf(*e.Original, place, name)
		if had && (!has || was != now) && (good == nil || good(was)) {
			return trace.Op{Verb: trace.Restore, Place: place, Name: name}, true
		}
	}
	if right == "" || (has && right == now) {
		return trace.Op{}, false
	}
	return trace.Op{Verb: trace.Set, Place: place, Name: name, Value: right}, true
}

// leaveOut gives the op that takes a value out of a request; false when it is
// not in it.
func leaveOut(e trace.Exchange, place trace.Place, name string) (trace.Op, bool) {
	if _, has := valueOf(e.Request, place, name); !has {
		return trace.Op{}, false
	}
	if e.Original != nil {
		if _, had := valueOf(*e.Original, place, name); !had {
			return trace.Op{Verb: trace.Restore, Place: place, Name: name}, true
		}
	}
	return trace.Op{Verb: trace.Drop, Place: place, Name: name}, true
}

// changeOf makes the retry of one exchange; nil when there is nothing to do.
func changeOf(p trace.Purpose, label string, ops ...trace.Op) *trace.Change {
	if len(ops) == 0 {
		return nil
	}
	return &trace.Change{Purpose: p, Ops: ops, Label: label}
}

// mend makes a fix of the request out of one op. It gives no fix when there is
// no op.
func mend(title, note string, e trace.Exchange, label string, op trace.Op, ok bool) []Fix {
	if !ok {
		return nil
	}
	return []Fix{{Title: title, Note: note, Change: changeOf(e.Purpose, label, op)}}
}

// restored takes back what was done to one value on the way, when something was.
func restored(e trace.Exchange, place trace.Place, name, title string) []Fix {
	op, ok := put(e, place, name, "", nil)
	return mend(title, "", e, name+" as the program built it", op, ok)
}

// portal is a path in the admin centre, to a page of the application's
// registration.
func (s scene) portal(page string) string {
	name := s.reg.Name
	if name == "" {
		name = "your application"
	}
	return "Entra admin centre › App registrations › " + shown(name) + " › " + page
}

// enterprise is a path to a page of the application's service principal.
func (s scene) enterprise(page string) string {
	name := s.reg.Name
	if name == "" {
		name = "your application"
	}
	return "Entra admin centre › Enterprise applications › " + shown(name) + " › " + page
}

// appID is the client id for a command, as one shell word.
func (s scene) appID() string { return quote(s.rawAppID()) }

func (s scene) rawAppID() string {
	for _, id := range []string{s.reg.ClientID, s.sent("client_id")} {
		if guidPattern.MatchString(id) {
			return id
		}
	}
	return "APP"
}

// sent gives a parameter of the request that is to be mended.
func (s scene) sent(name string) string {
	v, _ := s.ask.Request.Get(name)
	return v
}

// quote makes one shell word of a value from outside. Characters that a
// terminal obeys are gone before; what a POSIX shell obeys is quoted.
func quote(s string) string {
	s = trace.Plain(s)
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:/@%+=") == "" && !strings.HasPrefix(s, "-") {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func quoteAll(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = quote(s)
	}
	return strings.Join(out, " ")
}

// basicOf reads client credentials of the HTTP Basic scheme (RFC 6749 section
// 2.3.1).
func basicOf(r trace.Request) (id, secret string) {
	scheme, rest, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Basic") {
		return "", ""
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(rest))
	if err != nil {
		return "", ""
	}
	id, secret, _ = strings.Cut(string(raw), ":")
	if s, err := url.QueryUnescape(secret); err == nil {
		secret = s
	}
	return id, secret
}

// What a failure asks for: the sentence behind the reminder that the flow is right.
const (
	needRequest      = "Only its request needs a hand."
	needRegistration = "Only its registration needs a hand."
	needCredential   = "Only its credential needs a hand."
	needConsent      = "Only the consent needs a hand."
	needAccount      = "Only the account that signs in needs a hand."
	needPolicy       = "A policy of the tenant stands in between."
	needConfig       = "Only its configuration needs a hand."
	needAgain        = "It only has to be started again."
	needCheck        = "Refusing this answer is a part of it."
)

// needOf is what a failure asks for when its rule does not say.
func needOf(f Finding) string {
	switch f.Who {
	case Administrator:
		return needConfig
	case User:
		return needAccount
	case Developer:
		return needRequest
	}
	return ""
}

// clientWords name the client of a run in a sentence.
var clientWords = map[string]string{
	"web":    "A web app with a backend",
	"spa":    "A single-page app",
	"native": "A native app",
	"device": "A command line, TV or device",
	"api":    "An API that calls on as the signed-in user",
	"daemon": "A daemon",
}

// right is the reminder that the flow is right, when it is.
func (s scene) right(need string) string {
	return flowRight(s.t, need)
}

func flowRight(t *trace.Trace, need string) string {
	switch t.Flow {
	case decision.Implicit:
		return "The flow is the trouble. Implicit puts tokens into the address bar; authorization code + PKCE takes its place."
	case decision.Password:
		return "The flow is the trouble. With the user's password no second factor and no policy can be met; let the person sign in at Entra ID."
	case decision.None, "":
		return ""
	}
	words := "The flow is right."
	if row, ok := decision.RowByID(t.As); ok && !t.Foreign && clientWords[t.As] != "" {
		if t.Flow == row.Flow {
			words = fmt.Sprintf("The flow is right. %s runs %s.", clientWords[t.As], t.Flow.Title())
		} else if grants[t.Flow] {
			return fmt.Sprintf("Look at the flow first. %s runs %s, and this was %s.", clientWords[t.As], row.Flow.Title(), t.Flow.Title())
		}
	}
	if need == "" {
		return words
	}
	return words + " " + need
}

// grants are the flows that a client is chosen by; the others are moves that
// belong to one of them.
var grants = map[decision.Flow]bool{
	decision.AuthorizationCode: true, decision.ClientCredentials: true,
	decision.DeviceCode: true, decision.OnBehalfOf: true,
}
