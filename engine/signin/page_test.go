package signin

import (
	"net/url"
	"strings"
	"testing"

	"flowscope/engine"
)

func at(t testing.TB) *url.URL {
	t.Helper()
	u, err := url.Parse("https://login.lab.example/t/login?x=1")
	if err != nil {
		t.Fatal(err)
	}
	return u
}

const form = `<html><head><title>no</title><style>p{}</style></head><body><h1>Sign  in</h1><p>to <b>Orders</b></p>
<p class="error">Wrong <span class="code">AADSTS50126</span></p>
<form method="post" action="/t/post?y=2"><input type="hidden" name="flow" value="a&amp;b"><label for="username">User name</label>
<input name="username" value="ada"><input type="password" name="password"><ul><li><strong>Read</strong> your orders</li></ul>
<button name="action" value="go">Sign in</button><button name="action" value="cancel">Cancel</button></form></body></html>`

func TestParseAndAnswer(t *testing.T) {
	p := parse([]byte(form), at(t))
	if p.Title != "Sign in" || p.Code != "AADSTS50126" || !strings.HasPrefix(p.Error, "Wrong") {
		t.Errorf("title %q, code %q, error %q", p.Title, p.Code, p.Error)
	}
	if len(p.Fields) != 2 || p.Fields[0].Value != "ada" || !p.Fields[1].Secret || p.Fields[0].Label != "User name" {
		t.Errorf("fields %+v", p.Fields)
	}
	r := p.request(engine.PageAnswer{Values: map[string]string{"password": "p w"}, Button: "Cancel"})
	if r.URL != "https://login.lab.example/t/post?y=2" || string(r.Body) != "flow=a%26b&username=ada&password=p+w&action=cancel" {
		t.Errorf("%s %s", r.URL, r.Body)
	}
}

// TestParseChoice reads an account choice and a form with a larger field: two
// buttons of one name are told apart by their words.
func TestParseChoice(t *testing.T) {
	p := parse([]byte(`<h1>Pick</h1><form method="post" action="/x"><label for="reason">Why?</label><textarea id="reason" name="reason">so
far</textarea>
<button name="account" value="1"><strong>Ada</strong> <span>ada@x</span></button><button name="account" value="2"><strong>Ada</strong> <span>ada@y</span></button></form>`), at(t))
	if len(p.Fields) != 1 || p.Fields[0].Label != "Why?" || p.Fields[0].Value != "so far" || len(p.Buttons) != 2 {
		t.Fatalf("fields %+v, buttons %+v", p.Fields, p.Buttons)
	}
	if r := p.request(engine.PageAnswer{Values: map[string]string{"reason": "b"}, Button: "Ada ada@y"}); string(r.Body) != "reason=b&account=2" {
		t.Errorf("sent %s", r.Body)
	}
}

func TestIsRedirect(t *testing.T) {
	for _, tt := range []struct {
		target, uri string
		want        bool
	}{
		{"http://localhost:3000/?code=1", "http://localhost:3000", true},
		{"http://localhost:3000/cb?code=1", "http://localhost:3000/cb", true},
		{"http://localhost:3000/CB?code=1", "http://localhost:3000/cb", false},
		{"http://localhost:3001/cb", "http://localhost:3000/cb", false},
		{"https://localhost:3000/cb", "http://localhost:3000/cb", false},
	} {
		u, err := url.Parse(tt.target)
		if err != nil {
			t.Fatal(err)
		}
		if got := isRedirect(u, tt.uri); got != tt.want {
			t.Errorf("%s at %s: %v", tt.target, tt.uri, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(form)
	f.Add("<form><input name=x type=password><button>\x1b[2J</button></form>")
	u := at(f)
	f.Fuzz(func(t *testing.T, html string) {
		p := parse([]byte(html), u)
		p.request(engine.PageAnswer{Values: map[string]string{"username": "x"}})
		for _, s := range []string{p.Title, p.Error} {
			if strings.ContainsAny(s, "\x1b\x07\n") {
				t.Fatalf("a control character is left in %q", s)
			}
		}
	})
}
