package trace

import (
	"net/http"
	"net/url"
	"sort"
	"strings"
)

// Place says where in a request or an answer a parameter stands.
type Place string

// The places of a parameter.
const (
	Query   Place = "query"   // of a request; of the Location header in an answer
	Form    Place = "form"    // a field of a form body
	Header  Place = "header"  // a header field
	Path    Place = "path"    // the tenant, the first segment of the path
	Address Place = "address" // the whole URL of a request
	// Fragment is behind the # of a redirect (OAuth 2.0 Multiple Response Type
	// Encoding Practices section 2.1): it reaches the scripts of a page, never a server.
	Fragment Place = "fragment"

	JSON   Place = "json"   // a member at the top of an answer's JSON body
	Claim  Place = "claim"  // a claim of a token in an answer's JSON body: "id_token.nonce"
	Status Place = "status" // the status code of an answer
	Body   Place = "body"   // the whole body of an answer
)

// Param is one parameter of a request, decoded.
type Param struct {
	Place Place
	Name  string
	Value string
}

// Clone gives a copy that shares nothing with r.
func (r Request) Clone() Request {
	r.Header = r.Header.Clone()
	r.Body = append([]byte(nil), r.Body...)
	return r
}

// IsForm reports whether the body is a form (RFC 6749 appendix B).
func (r Request) IsForm() bool {
	return len(r.Body) > 0 && strings.HasPrefix(strings.ToLower(r.Header.Get("Content-Type")), "application/x-www-form-urlencoded")
}

// QueryParams gives the parameters of the query in the order in which they stand.
func (r Request) QueryParams() []Param {
	_, query, _ := strings.Cut(strings.SplitN(r.URL, "#", 2)[0], "?")
	return parsePairs(Query, query)
}

// FormParams gives the fields of a form body in order, nothing for other bodies.
func (r Request) FormParams() []Param {
	if !r.IsForm() {
		return nil
	}
	return parsePairs(Form, string(r.Body))
}

// HeaderParams gives the headers by name, one Param for each value.
func (r Request) HeaderParams() []Param {
	names := make([]string, 0, len(r.Header))
	for name := range r.Header {
		names = append(names, name)
	}
	sort.Strings(names)
	var out []Param
	for _, name := range names {
		for _, v := range r.Header[name] {
			out = append(out, Param{Header, name, v})
		}
	}
	return out
}

// FragmentParams gives the parameters of the fragment in the order in which they
// stand.
func (r Request) FragmentParams() []Param {
	_, fragment, _ := strings.Cut(r.URL, "#")
	if !strings.Contains(fragment, "=") {
		return nil // the name of a place on a page
	}
	return parsePairs(Fragment, fragment)
}

// Params gives query, fragment and form parameters, in that order.
func (r Request) Params() []Param {
	return append(append(r.QueryParams(), r.FragmentParams()...), r.FormParams()...)
}

// Get gives the first query, fragment or form value with this name.
func (r Request) Get(name string) (string, bool) {
	for _, p := range r.Params() {
		if p.Name == name {
			return p.Value, true
		}
	}
	return "", false
}

// parsePairs reads name=value pairs and keeps their order and repetitions,
// which net/url's Values does not. What can't be unescaped is kept as it stands.
func parsePairs(place Place, s string) []Param {
	if s == "" {
		return nil
	}
	var out []Param
	for pair := range strings.SplitSeq(s, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		out = append(out, Param{place, unescape(name), unescape(value)})
	}
	return out
}

func unescape(s string) string {
	if u, err := url.QueryUnescape(s); err == nil {
		return u
	}
	return s
}

// EncodePairs writes parameters as name=value pairs, percent-encoded, in order.
func EncodePairs(params []Param) string {
	var b strings.Builder
	for i, p := range params {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(p.Name))
		b.WriteByte('=')
		b.WriteString(url.QueryEscape(p.Value))
	}
	return b.String()
}

// WithQuery gives the request with these query parameters in place of its own.
func (r Request) WithQuery(params []Param) Request {
	rest, fragment, hasFragment := strings.Cut(r.URL, "#")
	base, _, _ := strings.Cut(rest, "?")
	r.URL = base
	if len(params) > 0 {
		r.URL += "?" + EncodePairs(params)
	}
	if hasFragment {
		r.URL += "#" + fragment
	}
	return r
}

// WithFragment gives the request with these parameters in place of its fragment.
func (r Request) WithFragment(params []Param) Request {
	r.URL, _, _ = strings.Cut(r.URL, "#")
	if len(params) > 0 {
		r.URL += "#" + EncodePairs(params)
	}
	return r
}

// WithForm gives the request with these form fields in place of its body.
func (r Request) WithForm(params []Param) Request {
	r.Body = []byte(EncodePairs(params))
	return r
}

// WithHeader gives the request with one header set, or dropped when value is
// empty and drop is true. The receiver's header is not touched.
func (r Request) WithHeader(name, value string, drop bool) Request {
	r.Header = r.Header.Clone()
	if r.Header == nil {
		r.Header = http.Header{}
	}
	if drop {
		r.Header.Del(name)
	} else {
		r.Header.Set(name, value)
	}
	return r
}
