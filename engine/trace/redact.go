package trace

import (
	"encoding/json"
	"html"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// secretNames are the parameters, JSON members and form fields whose value
// opens something: it is masked wherever it is shown or exported. The state is
// among them because whoever knows it can forge a redirect.
var secretNames = map[string]bool{
	"code": true, "code_verifier": true, "client_secret": true, "client_assertion": true,
	"assertion": true, "refresh_token": true, "password": true, "passwd": true,
	"device_code": true, "state": true, "session_state": true,
	"user_federated_identity_credential": true, "registration_access_token": true,
	"x-identity-header": true, "identity_header": true, "secret": true, // what a machine shows its own managed identity endpoint
	"api_key": true, "apikey": true, "api-key": true, "x-api-key": true, // keys of APIs and their gateways
	"subscription-key": true, "ocp-apim-subscription-key": true, "x-functions-key": true,
	"current": true, "new": true, "again": true, // of a page on which a password is changed
}

// tokenNames are those whose value is a token: its claims stay readable, its
// signature is masked.
var tokenNames = map[string]bool{
	"access_token": true, "id_token": true, "id_token_hint": true, "token": true,
	"subject_token": true, "actor_token": true, // RFC 8693 section 2.1
}

// minSecret is the length from which a secret is also looked for inside other
// text: shorter ones would mask ordinary words.
const minSecret = 4

var jwtPattern = regexp.MustCompile(`\b(ey[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{2,})\.([A-Za-z0-9_-]{16,})`)

// IsSecret reports whether a parameter of this name is masked whole.
func IsSecret(name string) bool { return secretNames[strings.ToLower(name)] }

// IsToken reports whether a parameter of this name holds a token, of which
// only the signature is masked.
func IsToken(name string) bool { return tokenNames[strings.ToLower(name)] }

// Redactor masks secrets in everything that is shown or exported. Equal
// secrets get equal letters, so that one can be followed from step to step. It
// learns secrets from the exchanges it is shown and then finds them in any
// text. It is safe for use by several goroutines.
type Redactor struct {
	mu      sync.Mutex
	block   func(alias string) string
	aliases map[string]string // secret to letter
	capital int               // letters given to parameters and tokens
	small   int               // letters given to cookies, which nobody follows by eye
	kinds   map[string]string // letter to the kind of secret behind it
	used    map[string]int    // letter to the number of masks written
	known   []string          // the forms to look for in text, longest first
	forms   map[string]string // form to letter
	begins  beginnings        // of the forms
	around  map[string]around // what of a form stays readable: the name of a parameter
}

// around is what stands before and behind the secret in a form.
type around struct{ before, behind string }

// NewRedactor makes a Redactor; block writes the mask for a letter. A nil
// block writes "masked:A", which is safe inside URLs and JSON.
func NewRedactor(block func(alias string) string) *Redactor {
	if block == nil {
		block = func(alias string) string { return "masked:" + alias }
	}
	return &Redactor{
		block: block, aliases: map[string]string{}, kinds: map[string]string{}, used: map[string]int{},
		forms: map[string]string{}, around: map[string]around{},
	}
}

// Alias gives the letter of a secret, a new one for a new secret.
func (r *Redactor) Alias(secret string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.alias(secret, "")
}

// alias gives the letter of a secret and takes note of its kind, as far as that
// is not known yet.
func (r *Redactor) alias(secret, kind string) string {
	if a, ok := r.aliases[secret]; ok {
		if r.kinds[a] == "" {
			r.kinds[a] = kind
		}
		return a
	}
	a := ""
	if kind == cookieKind {
		a = strings.ToLower(letters(r.small))
		r.small++
	} else {
		a = letters(r.capital)
		r.capital++
	}
	r.aliases[secret], r.kinds[a] = a, kind
	switch {
	case len(secret) < minSecret:
	case word(secret):
		r.addPlace("'", secret, "'", a) // as a server quotes a value in its words
		r.addPlace(`value="`, secret, `"`, a)
	default:
		r.addForms(secret, a)
	}
	return a
}

// maxWord is the length up to which lower-case letters alone are taken for a
// word. Longer ones are not found inside ordinary sentences.
const maxWord = 12

// word reports whether a value is so plain that it would be found inside
// ordinary sentences: someone who tries a client secret "wrong" or
// "application" must still be able to read what is said about it. It is masked
// in its own place only: behind its name, in a field of a page and in quotes.
func word(secret string) bool {
	return len(secret) <= maxWord && strings.Trim(secret, "abcdefghijklmnopqrstuvwxyz") == ""
}

// addPlace notes a word in its own place: what is around it stays readable.
func (r *Redactor) addPlace(before, secret, behind, alias string) {
	form := before + secret + behind
	r.addForm(form, alias)
	r.around[form] = around{before, behind}
}

// named notes a word behind its name, as JSON and forms have it.
func (r *Redactor) named(name, secret string) {
	if !word(secret) || len(secret) < minSecret {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	a := r.alias(secret, KindOf(name))
	r.addPlace(`"`+name+`":"`, secret, `"`, a)
	r.addPlace(`"`+name+`": "`, secret, `"`, a)
}

// addForms notes the spellings in which a secret may appear in other text: as
// it is, percent-encoded, and escaped for JSON and HTML.
func (r *Redactor) addForms(secret, alias string) {
	quoted := inJSON(secret)
	unescaped := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(quoted) // as most programs write JSON
	for _, form := range []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret),
		quoted, unescaped, strings.ReplaceAll(unescaped, "/", `\/`), html.EscapeString(secret),
	} {
		r.addForm(form, alias)
	}
}

// inJSON is a text as it stands between quotes in JSON, the empty string where it
// can't.
func inJSON(s string) string {
	quoted, err := json.Marshal(s)
	if err != nil {
		return ""
	}
	return string(quoted[1 : len(quoted)-1])
}

func (r *Redactor) addForm(form, alias string) {
	if _, ok := r.forms[form]; ok || form == "" {
		return
	}
	r.forms[form] = alias
	r.begins.add(form)
	i, _ := slices.BinarySearchFunc(r.known, form, byLength)
	r.known = slices.Insert(r.known, i, form)
}

// byLength orders forms, the longest first.
func byLength(a, b string) int {
	if n := len(b) - len(a); n != 0 {
		return n
	}
	return strings.Compare(a, b)
}

func letters(n int) string {
	s := ""
	for {
		s = string(rune('A'+n%26)) + s
		n = n/26 - 1
		if n < 0 {
			return s
		}
	}
}

// Mask gives the mask of a secret.
func (r *Redactor) Mask(secret string) string { return r.mask(secret, "") }

func (r *Redactor) mask(secret, kind string) string {
	if secret == "" {
		return ""
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	a := r.alias(secret, kind)
	r.used[a]++
	return r.block(a)
}

// Token masks the signature of a token and leaves header and claims readable.
// A value that is not a signed token is masked whole.
func (r *Redactor) Token(value string) string { return r.token(value, "token") }

func (r *Redactor) token(value, kind string) string {
	head, signature, ok := splitToken(value)
	switch {
	case !ok:
		return r.mask(value, kind)
	case signature == "":
		return value // an unsigned token: there is nothing to mask
	}
	return head + r.mask(signature, signatureKind)
}

// splitToken cuts a signed token before its signature.
func splitToken(value string) (head, signature string, ok bool) {
	if strings.Count(value, ".") != 2 || !strings.HasPrefix(value, "ey") {
		return "", "", false
	}
	i := strings.LastIndexByte(value, '.')
	return value[:i+1], value[i+1:], true
}

// Value masks a parameter as its name asks and reports whether it did.
func (r *Redactor) Value(name, value string) (string, bool) {
	switch {
	case value == "":
		return value, false
	case IsSecret(name):
		r.named(name, value)
		return r.mask(value, KindOf(name)), true
	case IsToken(name):
		return r.token(value, KindOf(name)), true
	case strings.EqualFold(name, "authorization"), strings.EqualFold(name, "proxy-authorization"):
		return r.authorization(value), true
	case strings.EqualFold(name, "cookie") || strings.EqualFold(name, "set-cookie"):
		return r.cookie(value), true
	}
	masked := r.Text(value)
	return masked, masked != value
}

func (r *Redactor) authorization(value string) string {
	scheme, rest, ok := strings.Cut(value, " ")
	if !ok {
		return r.mask(value, KindOf("authorization"))
	}
	if strings.EqualFold(scheme, "bearer") {
		return scheme + " " + r.token(strings.TrimSpace(rest), KindOf("access_token"))
	}
	return scheme + " " + r.mask(rest, KindOf("authorization"))
}

// cookie masks the value of the first pair and keeps names and attributes; in
// a Cookie header every pair is a cookie, in Set-Cookie the later ones are
// attributes and are known by name.
func (r *Redactor) cookie(value string) string {
	parts := strings.Split(value, ";")
	for i, p := range parts {
		name, v, ok := strings.Cut(p, "=")
		if !ok || v == "" || isCookieAttribute(strings.TrimSpace(name)) {
			continue
		}
		parts[i] = name + "=" + r.mask(v, cookieKind)
	}
	return strings.Join(parts, ";")
}

func isCookieAttribute(name string) bool {
	switch strings.ToLower(name) {
	case "path", "domain", "expires", "max-age", "samesite":
		return true
	}
	return false
}

// Text masks every secret it knows in s, and the signature of anything in it
// that looks like a signed token.
func (r *Redactor) Text(s string) string {
	if s == "" {
		return s
	}
	s = jwtPattern.ReplaceAllStringFunc(s, r.Token)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, form := range r.within(s) {
		if n := strings.Count(s, form); n > 0 {
			r.used[r.forms[form]] += n
			s = strings.ReplaceAll(s, form, r.around[form].before+r.block(r.forms[form])+r.around[form].behind)
		}
	}
	return s
}

// URL masks the secrets in a URL's query and fragment and leaves the rest as
// it is written.
func (r *Redactor) URL(raw string) string {
	r.learnRequest(Request{URL: raw})
	return r.Text(raw)
}

// Request gives a copy of the request with its secrets masked.
func (r *Redactor) Request(req Request) Request {
	req = req.Clone()
	r.learnRequest(req)
	req.URL = r.Text(req.URL)
	req.Body = []byte(r.Text(string(req.Body)))
	r.header(req.Header)
	return req
}

// tooMany stands in place of a body with more secrets than can be looked for.
const tooMany = "This body holds more secrets than flowscope can mask, and is not shown."

// Response gives a copy of the response with its secrets masked.
func (r *Redactor) Response(resp Response) Response {
	r.learnHeader(resp.Header)
	all := r.learnBody(resp.Body)
	resp.Header = resp.Header.Clone()
	r.header(resp.Header)
	if !all {
		resp.Body = []byte(tooMany)
		return resp
	}
	resp.Body = []byte(r.Text(string(resp.Body)))
	return resp
}

func (r *Redactor) header(h http.Header) {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		values := h[name]
		for i, v := range values {
			values[i], _ = r.Value(name, v)
		}
	}
}

// Exchange gives a copy of the exchange with its secrets masked.
func (r *Redactor) Exchange(e Exchange) Exchange {
	r.Learn(e)
	e.Request = r.Request(e.Request)
	if e.Original != nil {
		o := r.Request(*e.Original)
		e.Original = &o
	}
	if e.Response != nil {
		resp := r.Response(*e.Response)
		e.Response = &resp
	}
	if e.OriginalResponse != nil {
		resp := r.Response(*e.OriginalResponse)
		e.OriginalResponse = &resp
	}
	for _, text := range []*string{&e.Err, &e.Note, &e.Refused, &e.Break} {
		*text = r.Text(*text)
	}
	e.Changes, e.AnswerChanges = r.texts(e.Changes), r.texts(e.AnswerChanges)
	return e
}

func (r *Redactor) texts(list []string) []string {
	out := slices.Clone(list)
	for i := range out {
		out[i] = r.Text(out[i])
	}
	return out
}

// Trace gives a copy of the trace with its secrets masked. What the registration
// says holds none.
func (r *Redactor) Trace(t *Trace) *Trace {
	r.LearnAll(t)
	out := t.Clone()
	for i := range out.Exchanges {
		out.Exchanges[i] = r.Exchange(out.Exchanges[i])
	}
	for i := range out.Tokens {
		out.Tokens[i].Value = r.token(out.Tokens[i].Value, string(out.Tokens[i].Kind)+" token")
	}
	if t.Refusal != nil {
		refusal := *t.Refusal
		for _, text := range []*string{&refusal.Expected, &refusal.Found, &refusal.Why} {
			*text = r.Text(*text)
		}
		out.Refusal = &refusal
	}
	if t.Library != nil {
		library := *t.Library
		library.Result, library.Error = r.Text(library.Result), r.Text(library.Error)
		out.Library = &library
	}
	out.Failure = r.Text(t.Failure)
	return out
}
