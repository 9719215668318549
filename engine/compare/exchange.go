package compare

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"flowscope/engine/trace"
)

// pair compares an exchange of each run.
func (c *comparison) pair(a, b *trace.Exchange) {
	c.at = Difference{}
	switch {
	case a == nil:
		c.at.Purpose, c.at.B = b.Purpose, b.N
		what := b.Request.Method + " " + base(b.Request.URL)
		c.add(Missing, b.Purpose.Noun(), nil, &what, "Only the second run sends the "+b.Purpose.Noun()+".")
		return
	case b == nil:
		c.at.Purpose, c.at.A = a.Purpose, a.N
		what := a.Request.Method + " " + base(a.Request.URL)
		c.add(Missing, a.Purpose.Noun(), &what, nil, "The second run does not come to the "+a.Purpose.Noun()+".")
		return
	}
	c.at.Purpose, c.at.A, c.at.B = a.Purpose, a.N, b.N
	c.edited = map[spot]string{}
	c.edits(a)
	c.edits(b)
	c.request(a.Request, b.Request)
	c.answer(a, b)
}

// edits notes what was changed in an exchange.
func (c *comparison) edits(e *trace.Exchange) {
	sub := &comparison{noise: map[string]bool{}, strict: true}
	if e.Original != nil {
		sub.request(*e.Original, e.Request)
	}
	sent := len(sub.found)
	if e.OriginalResponse != nil && e.Response != nil {
		before := *e
		before.Response = e.OriginalResponse
		sub.answer(&before, e)
	}
	for i, d := range sub.found {
		labels := e.Changes
		if i >= sent {
			labels = e.AnswerChanges
		}
		c.edited[spot{d.Where, d.Name}] = strings.Join(labels, "; ")
	}
}

// quiet reports whether a value that differs may be left out here.
func (c *comparison) quiet(where Where, name string) bool {
	_, edited := c.edited[spot{where, name}]
	return !c.strict && !edited
}

func (c *comparison) request(a, b trace.Request) {
	c.plain(Method, "method", a.Method, b.Method, "")
	c.plain(Address, "address", base(a.URL), base(b.URL), "The second run asks another address.")
	c.params(Query, append(a.QueryParams(), a.FragmentParams()...), append(b.QueryParams(), b.FragmentParams()...))
	if a.IsForm() || b.IsForm() {
		c.params(Form, a.FormParams(), b.FormParams())
	} else {
		c.plain(Body, "body", string(a.Body), string(b.Body), "")
	}
	c.headers(Header, a.Header, b.Header)
}

// base is a URL without its query and fragment.
func base(raw string) string {
	raw, _, _ = strings.Cut(raw, "#")
	raw, _, _ = strings.Cut(raw, "?")
	return raw
}

func (c *comparison) plain(where Where, name, a, b, sentence string) {
	if a != b {
		c.add(where, name, &a, &b, sentence)
	}
}

// params compares parameters by name; those that are repeated, in order.
func (c *comparison) params(where Where, a, b []trace.Param) {
	var names []string
	group := func(list []trace.Param) map[string][]string {
		out := map[string][]string{}
		for _, p := range list {
			if !slices.Contains(names, p.Name) {
				names = append(names, p.Name)
			}
			out[p.Name] = append(out[p.Name], p.Value)
		}
		return out
	}
	before, after := group(a), group(b)
	for _, name := range names {
		for i := range max(len(before[name]), len(after[name])) {
			c.value(where, name, at(before[name], i), at(after[name], i))
		}
	}
}

func at(list []string, i int) *string {
	if i < len(list) {
		return &list[i]
	}
	return nil
}

// value compares one value; nil says that it is not there. A random value counts
// when it is there in one run alone, or when it has another shape.
func (c *comparison) value(where Where, name string, a, b *string) {
	switch {
	case a == nil && b == nil, a != nil && b != nil && *a == *b:
		return
	case a != nil && b != nil && c.quiet(where, name) && random(name) && alike(*a, *b):
		c.leave(name)
		return
	case a != nil && b != nil && c.quiet(where, name) && strings.HasSuffix(name, "expires_in") && ordinary(*a) && ordinary(*b):
		c.leave(name)
		return
	}
	c.add(where, name, a, b, sentence(where, name, a, b))
}

// ordinary reports whether a lifetime in seconds is one of those that Entra
// chooses at random (Entra: access token lifetime, 60 to 90 minutes).
func ordinary(seconds string) bool {
	n, err := strconv.Atoi(seconds)
	return err == nil && n > 3000 && n <= 5400
}

// random reports whether a parameter or member is made anew for each run.
func random(name string) bool {
	switch strings.ToLower(name) {
	case "state", "nonce", "code", "code_verifier", "code_challenge", "session_state", "client_assertion", "assertion",
		"refresh_token", "access_token", "id_token", "id_token_hint", "subject_token", "device_code", "user_code", "ctx", "client_info",
		"client-request-id", "correlation_id", "trace_id", "timestamp", "message", "verification_uri_complete",
		"token", "token_1", "canary", "flowtoken", "sid", "logout_hint":
		return true
	}
	return false
}

// alike reports whether two random values can be told apart only by being other
// ones: neither is empty, and both are about as long.
func alike(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	return tokenish(a) == tokenish(b)
}

func tokenish(s string) bool { return strings.HasPrefix(s, "ey") && strings.Count(s, ".") == 2 }

func (c *comparison) headers(where Where, a, b http.Header) {
	names := slices.Sorted(maps.Keys(joined(a, b)))
	for _, name := range names {
		before, after := a[name], b[name]
		if slices.Equal(before, after) {
			continue
		}
		if quietHeader(name) && c.quiet(where, name) {
			if len(before) > 0 && len(after) > 0 || strings.EqualFold(name, "content-length") || strings.EqualFold(name, "set-cookie") || where == Answer && name == "Location" {
				c.leave(name)
				continue
			}
		}
		if strings.EqualFold(name, "authorization") && len(before) == 1 && len(after) == 1 && c.quiet(where, name) && c.bearer(before[0], after[0]) {
			continue
		}
		c.add(where, name, list(before), list(after), sentence(where, name, list(before), list(after)))
	}
}

// bearer compares two bearer tokens by their claims; false where they are none.
func (c *comparison) bearer(a, b string) bool {
	_, before, ok := strings.Cut(a, " ")
	_, after, ok2 := strings.Cut(b, " ")
	if !ok || !ok2 || !tokenish(before) || !tokenish(after) {
		return false
	}
	c.leave("authorization")
	c.claims("authorization", before, after)
	return true
}

func joined(a, b http.Header) map[string]bool {
	out := map[string]bool{}
	for name := range a {
		out[name] = true
	}
	for name := range b {
		out[name] = true
	}
	return out
}

func list(values []string) *string {
	if values == nil {
		return nil
	}
	s := strings.Join(values, ", ")
	return &s
}

// quietHeader names headers that say nothing of the flow.
func quietHeader(name string) bool {
	switch lower := strings.ToLower(name); lower {
	case "date", "set-cookie", "cookie", "content-length", "x-ms-request-id", "x-ms-ests-server", "client-request-id", "x-ms-srs", "etag", "expires",
		"age", "via", "report-to", "request-id", "x-ms-correlation-request-id", "last-modified", "content-security-policy", "x-ms-clitelem", "location":
		return true
	default:
		return strings.HasPrefix(lower, "x-client-")
	}
}

func (c *comparison) answer(a, b *trace.Exchange) {
	before, after := trouble(a), trouble(b)
	if before != after {
		c.add(Broken, "answer", optional(before), optional(after), "")
	}
	if a.Response == nil || b.Response == nil {
		return
	}
	ra, rb := a.Response, b.Response
	sa, sb := fmt.Sprint(ra.Status), fmt.Sprint(rb.Status)
	if sa != sb {
		c.add(Status, "status", &sa, &sb, statusWords(ra, rb))
	}
	c.params(Moved, ra.LocationParams(), rb.LocationParams())
	c.plain(Moved, "location", location(ra), location(rb), "The browser is sent elsewhere.")
	c.body(ra, rb)
	c.headers(Answer, ra.Header, rb.Header)
}

func location(r *trace.Response) string { return base(r.Header.Get("Location")) }

// trouble says in words why there is no answer.
func trouble(e *trace.Exchange) string {
	switch {
	case e.Refused != "":
		return "not sent: " + e.Refused
	case e.Err != "":
		return e.Err
	}
	return ""
}

func (c *comparison) body(a, b *trace.Response) {
	before, okA := object(a.Body)
	after, okB := object(b.Body)
	if !okA || !okB {
		c.page(a, b, okA, okB)
		return
	}
	names := map[string]bool{}
	for name := range before {
		names[name] = true
	}
	for name := range after {
		names[name] = true
	}
	for _, name := range slices.SortedFunc(maps.Keys(names), memberOrder) {
		va, vb := before[name], after[name]
		if va != nil && vb != nil && tokenish(*va) && tokenish(*vb) && *va != *vb {
			c.token(name, *va, *vb)
			continue
		}
		if name == "error_description" && va != nil && vb != nil && settled(*va) == settled(*vb) {
			if *va != *vb {
				c.leave(name)
			}
			continue
		}
		c.value(Member, name, va, vb)
	}
}

// settled is an error description without its ids and time, which differ each
// time (Entra: error response).
func settled(s string) string {
	head, _, _ := strings.Cut(s, " Trace ID:")
	return head
}

// memberOrder puts what tells most first.
func memberOrder(a, b string) int {
	rank := func(s string) int {
		if i := slices.Index([]string{"error", "error_codes", "suberror", "error_description", "scope"}, s); i >= 0 {
			return i
		}
		return 9
	}
	if n := rank(a) - rank(b); n != 0 {
		return n
	}
	return strings.Compare(a, b)
}

// page compares bodies of which at least one is no JSON object.
func (c *comparison) page(a, b *trace.Response, jsonA, jsonB bool) {
	switch {
	case jsonA != jsonB && (len(a.Body) > 0 || len(b.Body) > 0):
		before, after := kind(a, jsonA), kind(b, jsonB)
		c.plain(Page, "body", before, after, "")
	case string(a.Body) == string(b.Body):
	default:
		before, after := code(string(a.Body)), code(string(b.Body))
		if before != after {
			c.add(Page, "error", optional(before), optional(after), errorWords(before, after))
			return
		}
		c.leave("page")
	}
}

func kind(r *trace.Response, isJSON bool) string {
	switch {
	case len(r.Body) == 0:
		return "nothing"
	case isJSON:
		return "JSON"
	}
	media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if media == "" {
		return "no JSON"
	}
	return media
}

// object reads the members of a JSON object as text.
func object(body []byte) (map[string]*string, bool) {
	var all map[string]json.RawMessage
	if len(body) == 0 || json.Unmarshal(body, &all) != nil || all == nil {
		return nil, false
	}
	out := map[string]*string{}
	for name, raw := range all {
		var s string
		if json.Unmarshal(raw, &s) != nil {
			s = string(raw)
		}
		out[name] = &s
	}
	return out, true
}

// token compares two tokens that differ. Where nothing but the signature does, it
// is worth saying only when somebody changed it.
func (c *comparison) token(name, a, b string) {
	n := len(c.found)
	c.claims(name, a, b)
	if len(c.found) == n && !c.quiet(Member, name) {
		c.add(Member, name, &a, &b, "")
		return
	}
	c.leave(name)
}

// claims compares two tokens, header and claims; the signature says nothing.
func (c *comparison) claims(name, a, b string) {
	for part := range 2 {
		before, okA := segment(a, part)
		after, okB := segment(b, part)
		if !okA || !okB {
			continue
		}
		names := map[string]bool{}
		for claim := range before {
			names[claim] = true
		}
		for claim := range after {
			names[claim] = true
		}
		for _, claim := range slices.Sorted(maps.Keys(names)) {
			va, vb := before[claim], after[claim]
			if va != nil && vb != nil && *va != *vb && fleeting(claim) && c.quiet(Claim, name+"."+claim) {
				c.leave(claim)
				continue
			}
			if va == nil || vb == nil || *va != *vb {
				c.add(Claim, name+"."+claim, va, vb, sentence(Claim, claim, va, vb))
			}
		}
	}
}

func segment(token string, i int) (map[string]*string, bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, false
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[i])
	if err != nil {
		return nil, false
	}
	return object(raw)
}

// fleeting names claims that differ in every token.
func fleeting(claim string) bool {
	switch claim {
	case "iat", "nbf", "exp", "auth_time", "uti", "rh", "aio", "nonce", "at_hash", "c_hash", "s_hash", "sid", "jti", "xms_st", "xms_tcdt":
		return true
	}
	return false
}

// host gives the host of a URL, the whole where it can't be read.
func host(raw string) string {
	if u, err := url.Parse(raw); err == nil && u.Host != "" {
		return u.Host
	}
	return raw
}
