package lab

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"flowscope/engine/lab/directory"
)

const (
	labBase  = "https://" + Host
	verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	ordersAs = "api://orders.contoso.example/access_as_user"
	webURI   = "http://localhost:3000/auth/callback"
	spaURI   = "http://localhost:3000"
)

// recorder takes what a handler writes.
type recorder struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *recorder) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(b)
}

// inProcess carries requests to a handler without a socket.
type inProcess struct{ http.Handler }

func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	rec := &recorder{header: http.Header{}}
	in := r.Clone(r.Context())
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	in.RequestURI = r.URL.RequestURI()
	p.ServeHTTP(rec, in)
	return &http.Response{
		StatusCode: rec.status, Status: http.StatusText(rec.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: rec.header, Body: io.NopCloser(&rec.body), ContentLength: int64(rec.body.Len()), Request: r,
	}, nil
}

// world is a lab with a clock that can be moved, and one browser.
type world struct {
	testing.TB
	lab     *Lab
	now     time.Time
	browser *http.Client
	dir     Directory
}

func newWorld(t testing.TB) *world { return newWorldOf(t, directory.Seed()) }

func newWorldOf(t testing.TB, d Directory) *world {
	w := &world{TB: t, now: time.Date(2026, time.March, 4, 10, 0, 0, 0, time.UTC), dir: d}
	w.lab = newLab(Options{Clock: func() time.Time { return w.now }, Deterministic: true}, d)
	w.newBrowser()
	return w
}

func (w *world) newBrowser() {
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.Fatal(err)
	}
	w.browser = &http.Client{
		Transport: inProcess{w.lab}, Jar: jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// turn switches a condition.
func (w *world) turn(id, value string) {
	w.Helper()
	if err := w.lab.Switch(id, value); err != nil {
		w.Fatal(err)
	}
}

func (w *world) app(key string) App {
	a, ok := w.dir.App(key)
	if !ok {
		w.Fatalf("no application %q", key)
	}
	return a
}

// answer is a response, read.
type answer struct {
	status int
	header http.Header
	body   string
}

func (w *world) do(r *http.Request) answer {
	w.Helper()
	resp, err := w.browser.Do(r)
	if err != nil {
		w.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		w.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(body)}
}

func (w *world) get(address string) answer {
	w.Helper()
	r, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		w.Fatal(err)
	}
	return w.do(r)
}

func (w *world) post(address string, form url.Values, headers ...string) answer {
	w.Helper()
	r, err := http.NewRequest(http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		w.Fatal(err)
	}
	r.Header.Set("Content-Type", formType)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return w.do(r)
}

func endpoint(tenant, name string) string { return labBase + "/" + tenant + "/oauth2/v2.0/" + name }

func challenge() string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// request is an authorization request as a careful client sends it; pairs
// change it, an empty value takes a parameter out.
func (w *world) request(app, redirect, scope string, pairs ...string) url.Values {
	q := url.Values{
		"client_id": {w.app(app).ClientID}, "response_type": {"code"}, "redirect_uri": {redirect}, "scope": {scope},
		"state": {"s t&te"}, "nonce": {"n-1"}, "code_challenge": {challenge()}, "code_challenge_method": {"S256"},
	}
	return with(q, pairs...)
}

func with(q url.Values, pairs ...string) url.Values {
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
		if pairs[i+1] == "" {
			q.Del(pairs[i])
		}
	}
	return q
}

func (w *world) authorize(tenant string, q url.Values) answer {
	w.Helper()
	return w.get(endpoint(tenant, "authorize") + "?" + q.Encode())
}

// walk signs in with the lab's pages until there is a redirect.
func (w *world) walk(a answer, username string) answer {
	w.Helper()
	u, ok := w.dir.Account(username)
	if !ok {
		w.Fatalf("no user %q", username)
	}
	for range 5 {
		if a.status == http.StatusFound {
			return a
		}
		p := read(w, a.body)
		switch {
		case p.heading == "Sign in":
			p.fields.Set("username", u.Username)
			p.fields.Set("password", u.Password)
			p.fields.Set("action", "signin")
		case strings.HasPrefix(p.heading, "Permissions requested"):
			p.fields.Set("action", "accept")
		case p.heading == "Approve sign-in":
			p.fields.Set("action", "approve")
		case p.heading == "More information needed":
			p.fields.Set("action", "register")
		default:
			w.Fatalf("stopped at %q: %s %s", p.heading, p.code, p.problem)
		}
		a = w.post(labBase+p.action, p.fields)
	}
	w.Fatalf("no redirect after five pages: %s", a.body)
	return a
}

// code runs a whole authorization request for ada and returns the code.
func (w *world) code(app, redirect, scope string, pairs ...string) string {
	w.Helper()
	a := w.walk(w.authorize(directory.ContosoID, w.request(app, redirect, scope, pairs...)), "ada@contoso.example")
	code := location(w, a).Query().Get("code")
	if code == "" {
		w.Fatalf("no code in %s", a.header.Get("Location"))
	}
	return code
}

// redemption is the token request for a code; credentials are added where the
// application has them.
func (w *world) redemption(app, redirect, code string, pairs ...string) url.Values {
	f := url.Values{
		"client_id": {w.app(app).ClientID}, "grant_type": {"authorization_code"}, "code": {code},
		"redirect_uri": {redirect}, "code_verifier": {verifier},
	}
	if s := w.app(app).Secrets; len(s) > 0 {
		f.Set("client_secret", s[0].Value)
	}
	return with(f, pairs...)
}

func location(t testing.TB, a answer) *url.URL {
	t.Helper()
	u, err := url.Parse(a.header.Get("Location"))
	if err != nil || a.status != http.StatusFound {
		t.Fatalf("no redirect: %d %v %s", a.status, err, a.body)
	}
	return u
}

// object reads a JSON object and the order of its members.
func object(t testing.TB, text string) (map[string]any, []string) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	var order []string
	members := map[string]any{}
	if _, err := d.Token(); err != nil {
		t.Fatalf("no JSON: %v: %s", err, text)
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		var value any
		if err := d.Decode(&value); err != nil {
			t.Fatal(err)
		}
		order = append(order, name.(string))
		members[name.(string)] = value
	}
	return members, order
}

// page is a page of the lab as a program reads it.
type page struct {
	title, heading, action, problem, code, details string
	fields                                         url.Values
	items, buttons, frames                         []string
	accounts                                       map[string]string // of an account choice: user name to value
}

func read(t testing.TB, text string) page {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	p := page{fields: url.Values{}, accounts: map[string]string{}}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			p.take(n)
		}
	}
	return p
}

func (p *page) take(n *html.Node) {
	switch n.Data {
	case "title":
		p.title = words(n)
	case "h1":
		p.heading = words(n)
	case "form":
		p.action = attr(n, "action")
	case "li":
		p.items = append(p.items, words(n))
	case "button":
		p.buttons = append(p.buttons, words(n))
		for field := range strings.FieldsSeq(words(n)) {
			if attr(n, "name") == "account" && strings.Contains(field, "@") {
				p.accounts[field] = attr(n, "value")
			}
		}
	case "iframe":
		p.frames = append(p.frames, attr(n, "src"))
	case "pre":
		p.details = words(n)
	case "input":
		if attr(n, "type") != "checkbox" {
			p.fields.Set(attr(n, "name"), attr(n, "value"))
		}
	}
	switch attr(n, "class") {
	case "error":
		p.problem = words(n)
	case "code":
		p.code = words(n)
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func words(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.TrimSpace(b.String())
}

// jwt is a token taken apart for tests.
type jwt struct {
	header, claims map[string]any
	order          []string
	signed, sig    []byte
	rawHeader      []byte
}

func decode(t testing.TB, token string) jwt {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("no JWT: %q", token)
	}
	var raw [3][]byte
	for i, p := range parts {
		b, err := base64.RawURLEncoding.Strict().DecodeString(p)
		if err != nil {
			t.Fatal(err)
		}
		raw[i] = b
	}
	j := jwt{signed: []byte(parts[0] + "." + parts[1]), sig: raw[2], rawHeader: raw[0]}
	j.header, _ = object(t, string(raw[0]))
	j.claims, j.order = object(t, string(raw[1]))
	return j
}
