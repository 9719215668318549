package trace

import (
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"
)

func form(body string) Request {
	return Request{Method: "POST", URL: "https://host/t/token?x=1#f", Body: []byte(body), Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded; charset=utf-8"}}}
}

func TestParamsKeepOrderAndRepetition(t *testing.T) {
	got := form("b=2&a=1&b=3%20x&c").Params()
	want := []Param{{Query, "x", "1"}, {Form, "b", "2"}, {Form, "a", "1"}, {Form, "b", "3 x"}, {Form, "c", ""}}
	if len(got) != len(want) {
		t.Fatalf("got %v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%d: got %v, want %v", i, got[i], want[i])
		}
	}
}

func TestWithQueryKeepsTheFragment(t *testing.T) {
	r := form("").WithQuery([]Param{{Query, "a b", "ü&"}})
	if r.URL != "https://host/t/token?a+b=%C3%BC%26#f" {
		t.Errorf("got %s", r.URL)
	}
	if r = r.WithQuery(nil); r.URL != "https://host/t/token#f" {
		t.Errorf("got %s", r.URL)
	}
}

func TestChangeApply(t *testing.T) {
	base := form("code=abc&code_verifier=abcdef&scope=x")
	for _, tt := range []struct {
		name string
		op   Op
		body string
		url  string
	}{
		{"set", Op{Set, Form, "scope", "y z"}, "code=abc&code_verifier=abcdef&scope=y+z", ""},
		{"add", Op{Set, Form, "client_secret", "s"}, "code=abc&code_verifier=abcdef&scope=x&client_secret=s", ""},
		{"drop", Op{Drop, Form, "code_verifier", ""}, "code=abc&scope=x", ""},
		{"drop what is not there", Op{Drop, Form, "nothing", ""}, "code=abc&code_verifier=abcdef&scope=x", ""},
		{"garble", Op{Garble, Form, "code_verifier", ""}, "code=abc&code_verifier=abcaef&scope=x", ""},
		{"query", Op{Set, Query, "x", "2"}, "code=abc&code_verifier=abcdef&scope=x", "https://host/t/token?x=2#f"},
		{"tenant", Op{Set, Path, "tenant", "other"}, "code=abc&code_verifier=abcdef&scope=x", "https://host/other/token?x=1#f"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := Change{Ops: []Op{tt.op}}.Apply(base)
			if string(got.Body) != tt.body {
				t.Errorf("body %s, want %s", got.Body, tt.body)
			}
			if tt.url != "" && got.URL != tt.url {
				t.Errorf("URL %s, want %s", got.URL, tt.url)
			}
		})
	}
	if string(base.Body) != "code=abc&code_verifier=abcdef&scope=x" {
		t.Error("the original was changed")
	}
	h := Change{Ops: []Op{{Set, Header, "Origin", "http://x"}}}.Apply(base)
	if h.Header.Get("Origin") != "http://x" || base.Header.Get("Origin") != "" {
		t.Error("header not set, or set on the original")
	}
}

func TestGarbleTextDiffersAndKeepsItsLength(t *testing.T) {
	for _, s := range []string{"a", "aaaa", "abcdef", "b"} {
		if g := GarbleText(s); g == s || len(g) != len(s) {
			t.Errorf("%q became %q", s, g)
		}
	}
}

func TestWithoutRestores(t *testing.T) {
	changes := []Change{{Purpose: TokenCall, Ops: []Op{{Garble, Form, "code_verifier", ""}, {Set, Form, "scope", "x"}}}}
	left := Without(changes, Change{Purpose: TokenCall, Ops: []Op{{Restore, Form, "code_verifier", ""}}})
	if len(left) != 1 || len(left[0].Ops) != 1 || left[0].Ops[0].Name != "scope" {
		t.Errorf("got %v", left)
	}
	left = Without(left, Change{Purpose: TokenCall, Ops: []Op{{Restore, Form, "scope", ""}}})
	if len(left) != 0 {
		t.Errorf("got %v", left)
	}
	left = Without(changes, Change{Purpose: Authorize, Ops: []Op{{Set, Query, "scope", "y"}}})
	if len(left) != 2 {
		t.Errorf("a fix of another exchange must come on top: %v", left)
	}
}

const jwtLike = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJlLXRoYXQtaXMtbG9uZw"

func TestRedactorMasksEverySecretInAnExchange(t *testing.T) {
	e := Exchange{
		Request: Request{Method: "POST", URL: "https://h/cb?code=SECRET-code/+&state=SECRET-state", Header: http.Header{
			"Content-Type": {"application/x-www-form-urlencoded"}, "Authorization": {"Bearer " + jwtLike}, "Cookie": {"a=SECRET-cookie; b=SECRET-other"},
		}, Body: []byte("client_secret=SECRET%7Eclient&code_verifier=SECRET-verifier&refresh_token=SECRET-refresh")},
		Response: &Response{Status: 302, Header: http.Header{"Location": {"http://localhost/?code=SECRET-second"}, "Set-Cookie": {"sid=SECRET-sid; Path=/; HttpOnly"}},
			Body: []byte(`{"access_token":"` + jwtLike + `","refresh_token":"SECRET-\"quoted","note":"SECRET~client said SECRET-verifier"}`)},
		Err: "broke at SECRET-verifier",
	}
	r := NewRedactor(nil)
	m := r.Exchange(e)
	all := m.Request.URL + string(m.Request.Body) + m.Err + string(m.Response.Body)
	for _, h := range []http.Header{m.Request.Header, m.Response.Header} {
		for _, v := range h {
			all += strings.Join(v, "\n")
		}
	}
	if i := strings.Index(all, "SECRET"); i >= 0 {
		t.Errorf("a secret is left: %s", all[i:])
	}
	if strings.Contains(all, "c2lnbmF0dXJl") {
		t.Error("a signature is left")
	}
	if !strings.Contains(all, "eyJzdWIiOiJhZGEifQ.") {
		t.Error("the claims of the token are gone")
	}
	if !strings.Contains(string(e.Request.Body), "SECRET-verifier") {
		t.Error("the exchange itself was changed")
	}
}

func TestEqualSecretsGetEqualLetters(t *testing.T) {
	r := NewRedactor(func(a string) string { return "<" + a + ">" })
	first, _ := r.Value("code", "one")
	second, _ := r.Value("code_verifier", "two")
	again, _ := r.Value("code", "one")
	if first != "<A>" || second != "<B>" || again != "<A>" {
		t.Errorf("got %s %s %s", first, second, again)
	}
	cookie, _ := r.Value("Cookie", "sid=three")
	if cookie != "sid=<a>" {
		t.Errorf("cookies have letters of their own: %s", cookie)
	}
}

func TestTokenWithoutSignatureIsShownAsItIs(t *testing.T) {
	r := NewRedactor(nil)
	unsigned := "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0."
	if got := r.Token(unsigned); got != unsigned {
		t.Errorf("got %s", got)
	}
	if got := r.Token("opaque-refresh-token"); strings.Contains(got, "opaque") {
		t.Errorf("got %s", got)
	}
}

func TestPlain(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"plain text", "plain text"},
		{"red \x1b[31m text", "red \uFFFD[31m text"},
		{"\x9b31m", "\uFFFD31m"},
		{"a\nb\tc", "a b c"},
		{"abc\u202edef", "abc\uFFFDdef"},
		{"zero\u200bwidth", "zero\uFFFDwidth"},
		{"fill\u3164er", "fill\uFFFDer"},
		{"blank\u2800\U000E0041\u034f", "blank\uFFFD\uFFFD\uFFFD"},
		{"bad \xff byte", "bad \uFFFD byte"},
		{"Zoë 日本", "Zoë 日本"},
	} {
		if got := Plain(tt.in); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.in, got, tt.want)
		}
	}
	if got := PlainLines("a\r\nb\rc\nd\x1b"); got != "a\nb\nc\nd\uFFFD" {
		t.Errorf("got %q", got)
	}
}

func FuzzPlain(f *testing.F) {
	f.Add("\x1b]11;?\x07")
	f.Add("\u202e\u2066x")
	f.Fuzz(func(t *testing.T, s string) {
		got := PlainLines(s)
		for _, r := range got {
			if r != '\n' && (unsafeRune(r) || r < 0x20) {
				t.Fatalf("%q is left in %q", r, got)
			}
		}
		if !utf8.ValidString(got) {
			t.Fatalf("%q is no valid text", got)
		}
	})
}

func FuzzRequest(f *testing.F) {
	f.Add("https://h/p?a=1&b=%zz#x", "code=abc&state=1")
	f.Fuzz(func(t *testing.T, url, body string) {
		r := form(body)
		r.URL = url
		again := r.WithForm(r.FormParams())
		if a, b := r.FormParams(), again.FormParams(); len(a) != len(b) {
			t.Fatalf("%v became %v", a, b)
		}
		red := NewRedactor(nil)
		for _, p := range r.Params() {
			if IsSecret(p.Name) && len(p.Value) > 12 && strings.Contains(string(red.Request(r).Body), "="+p.Value+"&") {
				t.Fatalf("%q of %s is left in %q", p.Value, p.Name, red.Request(r).Body)
			}
		}
		Change{Ops: []Op{{Garble, Query, "a", ""}, {Set, Path, "tenant", "x"}, {Drop, Form, "code", ""}}}.Apply(r)
	})
}
