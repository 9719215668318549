package trace

import (
	"html"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// note takes note of a secret without masking anything.
func (r *Redactor) note(name, value string) {
	if value == "" {
		return
	}
	switch {
	case IsSecret(name):
		r.named(name, value)
		r.know(value, KindOf(name))
	case IsToken(name):
		r.noteToken(value, KindOf(name))
	}
}

func (r *Redactor) know(secret, kind string) {
	if secret == "" {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.alias(secret, kind)
}

func (r *Redactor) noteToken(value, kind string) {
	if _, signature, ok := splitToken(value); ok {
		r.know(signature, signatureKind)
		return
	}
	r.know(value, kind)
}

// Learn takes note of every secret in an exchange, so that Text finds it
// wherever else it turns up.
func (r *Redactor) Learn(e Exchange) {
	for _, req := range []*Request{&e.Request, e.Original} {
		if req != nil {
			r.learnRequest(*req)
		}
	}
	for _, resp := range []*Response{e.Response, e.OriginalResponse} {
		if resp != nil {
			r.learnResponse(*resp)
		}
	}
}

// LearnAll takes note of every secret in a trace: its exchanges and its tokens.
func (r *Redactor) LearnAll(t *Trace) {
	for _, e := range t.Exchanges {
		r.Learn(e)
	}
	for _, tok := range t.Tokens {
		r.noteToken(tok.Value, string(tok.Kind)+" token")
	}
}

func (r *Redactor) learnRequest(req Request) {
	r.learnParams(req.Params())
	rest, fragment, _ := strings.Cut(req.URL, "#")
	address, query, _ := strings.Cut(rest, "?")
	r.learnUser(address)
	r.learnRaw(query)
	r.learnRaw(fragment)
	if req.IsForm() {
		r.learnRaw(string(req.Body))
	} else {
		r.learnBody(req.Body)
	}
	r.learnHeader(req.Header)
}

func (r *Redactor) learnResponse(resp Response) {
	r.learnHeader(resp.Header)
	r.learnBody(resp.Body)
}

func (r *Redactor) learnParams(params []Param) {
	for _, p := range params {
		r.note(p.Name, p.Value)
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
		if alias := r.alias(plain, KindOf(unescape(name))); word(plain) {
			r.addPlace(name+"=", value, "", alias) // known by its name alone
		} else {
			r.addForm(value, alias)
		}
		r.mu.Unlock()
	}
}

func (r *Redactor) learnHeader(h http.Header) {
	for _, name := range slices.Sorted(maps.Keys(h)) { // letters are given in order
		for _, v := range h[name] {
			switch strings.ToLower(name) {
			case "authorization", "proxy-authorization":
				r.learnAuthorization(v)
			case "cookie", "set-cookie":
				r.learnCookies(v)
			case "location":
				r.learnRequest(Request{URL: v})
			default:
				r.note(name, v)
			}
		}
	}
}

func (r *Redactor) learnAuthorization(value string) {
	if _, secret, basic := BasicCredentials(value); basic {
		r.note("client_secret", secret)
		r.note("client_secret", unescape(secret))
	}
	scheme, rest, ok := strings.Cut(value, " ")
	switch {
	case !ok:
		r.know(value, KindOf("authorization"))
	case strings.EqualFold(scheme, "bearer"):
		r.noteToken(strings.TrimSpace(rest), KindOf("access_token"))
	default:
		r.know(rest, KindOf("authorization"))
	}
}

func (r *Redactor) learnCookies(value string) {
	for p := range strings.SplitSeq(value, ";") {
		if name, v, ok := strings.Cut(p, "="); ok && !isCookieAttribute(strings.TrimSpace(name)) {
			r.know(v, cookieKind)
		}
	}
}

// learnBody takes note of the secrets in a body of any kind. It reports whether all
// of them are known now: a body can hold more than can be looked for.
func (r *Redactor) learnBody(body []byte) bool {
	text := strings.TrimPrefix(string(body), "\ufeff")
	all := strings.IndexByte(text, '<') < 0 || r.learnPage(text)
	hits, over := secretsIn(text)
	for _, h := range hits {
		r.learnFound(h)
	}
	return all && !over
}

// learnFound takes note of a secret with its spelling in the body.
func (r *Redactor) learnFound(h found) {
	r.note(h.name, h.value)
	if _, _, signed := splitToken(h.value); signed && h.raw == h.value && IsToken(h.name) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	alias := r.alias(h.value, KindOf(h.name))
	if word(h.value) || len(h.value) < minSecret {
		r.addPlace(h.before, h.raw, h.behind, alias)
	} else {
		r.addForm(h.raw, alias)
	}
}

var (
	inputTag       = regexp.MustCompile(`(?i)<input\b[^>]*>?`)
	inputAttribute = regexp.MustCompile(`(?i)\b(name|value)\s*=\s*(?:"([^"]*)"?|'([^']*)'?|([^\s"'>]+))`)
)

// learnPage notes what the fields of a page hold: with response_mode=form_post
// the answer is one (OAuth 2.0 Form Post Response Mode). It reports whether it
// noted them all.
func (r *Redactor) learnPage(page string) bool {
	noted := 0
	for _, tag := range inputTag.FindAllString(page, -1) {
		var name, value string
		for _, m := range inputAttribute.FindAllStringSubmatch(tag, -1) {
			text := html.UnescapeString(m[2] + m[3] + m[4])
			if strings.EqualFold(m[1], "name") {
				name = text
			} else {
				value = text
			}
		}
		if !IsSecret(name) && !IsToken(name) || value == "" {
			continue
		}
		if noted++; noted > maxFound {
			return false
		}
		r.note(name, value)
	}
	return true
}

// learnUser learns the user name and password of an address (RFC 3986 section
// 3.2.1): either may be the secret.
func (r *Redactor) learnUser(address string) {
	_, rest, ok := strings.Cut(address, "//")
	authority, _, _ := strings.Cut(rest, "/")
	at := strings.LastIndexByte(authority, '@')
	if !ok || at <= 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.addPlace("//", authority[:at], "@", r.alias(unescape(authority[:at]), KindOf("password")))
}

// BasicCredentials reads the value of an Authorization header of the scheme
// Basic, as the pair is written there: OAuth 2.0 form-encodes client id and secret
// first (RFC 6749 section 2.3.1). False for anything else.
func BasicCredentials(value string) (id, secret string, ok bool) {
	req := http.Request{Header: http.Header{"Authorization": {value}}}
	return req.BasicAuth()
}
