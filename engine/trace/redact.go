package trace

import (
	"encoding/json"
	"html"
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
	"x-identity-header": true, "secret": true, // headers to the endpoint of a managed identity
	"current": true, "new": true, "again": true, // of a page on which a password is changed
}

// tokenNames are those whose value is a token: its claims stay readable, its
// signature is masked.
var tokenNames = map[string]bool{"access_token": true, "id_token": true, "id_token_hint": true, "token": true}

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
	known   []string          // the forms to look for in text, longest first
	forms   map[string]string // form to letter
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
	return &Redactor{block: block, aliases: map[string]string{}, forms: map[string]string{}, around: map[string]around{}}
}

// Alias gives the letter of a secret, a new one for a new secret.
func (r *Redactor) Alias(secret string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.alias(secret, false)
}

func (r *Redactor) alias(secret string, cookie bool) string {
	if a, ok := r.aliases[secret]; ok {
		return a
	}
	a := ""
	if cookie {
		a = strings.ToLower(letters(r.small))
		r.small++
	} else {
		a = letters(r.capital)
		r.capital++
	}
	r.aliases[secret] = a
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
	a := r.alias(secret, false)
	r.addPlace(`"`+name+`":"`, secret, `"`, a)
	r.addPlace(`"`+name+`": "`, secret, `"`, a)
}

// addForms notes the spellings in which a secret may appear in other text: as
// it is, percent-encoded, and escaped for JSON and HTML.
func (r *Redactor) addForms(secret, alias string) {
	quoted, err := json.Marshal(secret)
	if err != nil {
		quoted = []byte(`""`)
	}
	for _, form := range []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret),
		strings.Trim(string(quoted), `"`), html.EscapeString(secret),
	} {
		r.addForm(form, alias)
	}
}

func (r *Redactor) addForm(form, alias string) {
	if _, ok := r.forms[form]; ok || form == "" {
		return
	}
	r.forms[form] = alias
	i, _ := slices.BinarySearchFunc(r.known, form, func(a, b string) int {
		if n := len(b) - len(a); n != 0 {
			return n
		}
		return strings.Compare(a, b)
	})
	r.known = slices.Insert(r.known, i, form)
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
func (r *Redactor) Mask(secret string) string {
	if secret == "" {
		return ""
	}
	return r.block(r.Alias(secret))
}

// Token masks the signature of a token and leaves header and claims readable.
// A value that is not a signed token is masked whole.
func (r *Redactor) Token(value string) string {
	i := strings.LastIndexByte(value, '.')
	if strings.Count(value, ".") != 2 || !strings.HasPrefix(value, "ey") {
		return r.Mask(value)
	}
	if i == len(value)-1 {
		return value // an unsigned token: there is nothing to mask
	}
	return value[:i+1] + r.Mask(value[i+1:])
}

// Value masks a parameter as its name asks and reports whether it did.
func (r *Redactor) Value(name, value string) (string, bool) {
	switch {
	case value == "":
		return value, false
	case IsSecret(name):
		r.named(name, value)
		return r.Mask(value), true
	case IsToken(name):
		return r.Token(value), true
	case strings.EqualFold(name, "authorization"):
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
		return r.Mask(value)
	}
	if strings.EqualFold(scheme, "bearer") {
		return scheme + " " + r.Token(strings.TrimSpace(rest))
	}
	return scheme + " " + r.Mask(rest)
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
		r.mu.Lock()
		a := r.alias(v, true)
		r.mu.Unlock()
		parts[i] = name + "=" + r.block(a)
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

// Learn takes note of every secret in an exchange, so that Text finds it
// wherever else it turns up.
func (r *Redactor) Learn(e Exchange) {
	for _, req := range []*Request{&e.Request, e.Original} {
		if req == nil {
			continue
		}
		r.learnRequest(*req)
	}
	if e.Response == nil {
		return
	}
	r.learnHeader(e.Response.Header)
	r.learnBody(e.Response.Body)
}

// LearnAll takes note of every secret in a trace: its exchanges and its tokens.
func (r *Redactor) LearnAll(t *Trace) {
	for _, e := range t.Exchanges {
		r.Learn(e)
	}
	for _, tok := range t.Tokens {
		r.Token(tok.Value)
	}
}

func (r *Redactor) learnRequest(req Request) {
	r.learnParams(req.Params())
	rest, fragment, _ := strings.Cut(req.URL, "#")
	_, query, _ := strings.Cut(rest, "?")
	r.learnRaw(query)
	r.learnRaw(fragment)
	if req.IsForm() {
		r.learnRaw(string(req.Body))
	}
	r.learnHeader(req.Header)
}

func (r *Redactor) learnParams(params []Param) {
	for _, p := range params {
		if IsSecret(p.Name) || IsToken(p.Name) {
			r.Value(p.Name, p.Value)
		}
	}
}

// learnRaw notes how secrets are spelled in a query or a form as it travels:
// percent-encoding is not the same everywhere.
func (r *Redactor) learnRaw(pairs string) {
	for pair := range strings.SplitSeq(pairs, "&") {
		name, value, _ := strings.Cut(pair, "=")
		plain := unescape(value)
		if !IsSecret(unescape(name)) || len(plain) < minSecret {
			continue
		}
		r.mu.Lock()
		if alias := r.alias(plain, false); word(plain) {
			r.addPlace(name+"=", value, "", alias) // known by its name alone
		} else {
			r.addForm(value, alias)
		}
		r.mu.Unlock()
	}
}

func (r *Redactor) learnHeader(h http.Header) {
	for _, name := range []string{"Authorization", "Cookie", "Set-Cookie", "X-Identity-Header", "Secret"} {
		for _, v := range h.Values(name) {
			r.Value(name, v)
		}
	}
	for _, v := range h.Values("Location") {
		target := Request{URL: strings.Replace(v, "#", "?", 1)}
		r.learnParams(target.QueryParams())
	}
}

func (r *Redactor) learnBody(body []byte) {
	if len(body) == 0 || body[0] != '{' {
		return
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil {
		return
	}
	for name, raw := range members {
		var s string
		if (IsSecret(name) || IsToken(name)) && json.Unmarshal(raw, &s) == nil {
			r.Value(name, s)
		}
	}
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
	for _, form := range r.known {
		if strings.Contains(s, form) {
			s = strings.ReplaceAll(s, form, r.around[form].before+r.block(r.forms[form])+r.around[form].behind)
		}
	}
	return s
}

// URL masks the secrets in a URL's query and fragment and leaves the rest as
// it is written.
func (r *Redactor) URL(raw string) string {
	r.learnRequest(Request{URL: strings.Replace(raw, "#", "?", 1)})
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

// Response gives a copy of the response with its secrets masked.
func (r *Redactor) Response(resp Response) Response {
	r.learnHeader(resp.Header)
	r.learnBody(resp.Body)
	resp.Header = resp.Header.Clone()
	r.header(resp.Header)
	resp.Body = []byte(r.Text(string(resp.Body)))
	return resp
}

func (r *Redactor) header(h http.Header) {
	for name, values := range h {
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
	e.Err = r.Text(e.Err)
	e.Note = r.Text(e.Note)
	for i, c := range e.Changes {
		if i == 0 {
			e.Changes = append([]string(nil), e.Changes...)
		}
		e.Changes[i] = r.Text(c)
	}
	return e
}
