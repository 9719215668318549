package run

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/muesli/termenv"

	"flowscope/engine/trace"
	"flowscope/themes"
	"flowscope/tui/tuitest/frame"
)

func testRun() *Run {
	return &Run{sh: frame.Shell(themes.Unicode(), termenv.Ascii, "", time.Unix(0, 0), nil)}
}

// TestOneOfSeveralHeaders changes one of two headers of the same name, in a
// request and in an answer: the other stays.
func TestOneOfSeveralHeaders(t *testing.T) {
	h := http.Header{"Set-Cookie": {"a=1", "b=2"}, "Content-Type": {"application/json"}}
	e := newAnswerEditor(testRun(), 1, trace.Response{Status: 200, Header: h, Body: []byte(`{"expires_in":3600,"access_token":"x"}`)})
	for i, p := range e.params {
		switch {
		case p.Value == "b=2":
			e.params[i].Value = "b=3"
		case p.Name == "expires_in":
			e.params[i].Value = "7200"
		case p.Name == "status":
			e.params[i].Value = "418"
		}
	}
	got := e.editedAnswer()
	if c := got.Header.Values("Set-Cookie"); strings.Join(c, ";") != "a=1;b=3" {
		t.Errorf("cookies %q", c)
	}
	if string(got.Body) != `{"expires_in":7200,"access_token":"x"}` || got.Status != 418 {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	if h.Values("Set-Cookie")[1] != "b=2" {
		t.Error("the original was changed")
	}
	q := newEditor(testRun(), 1, trace.Request{Method: "GET", URL: "https://a.example/x?b=1&b=2", Header: http.Header{"Accept": {"a", "b"}}})
	for i, p := range q.params {
		if p.Place == trace.Header && p.Value == "a" {
			q.params[i].dropped = true
		}
		if p.Place == trace.Query && p.Value == "2" {
			q.params[i].Value = "3"
		}
	}
	req := q.edited()
	if v := req.Header.Values("Accept"); len(v) != 1 || v[0] != "b" || req.URL != "https://a.example/x?b=1&b=3" {
		t.Errorf("%s %q", req.URL, v)
	}
}

// TestAround keeps the first difference of two long values in sight.
func TestAround(t *testing.T) {
	long := strings.Repeat("same-", 30)
	for _, tt := range []struct{ a, b string }{
		{long + "one", long + "two"}, {"one" + long, "two" + long}, {long, long + "x"}, {"short", "shorn"},
	} {
		a, b := around(tt.a, tt.b, 24, "…")
		if a == b || len([]rune(a)) > 24 || len([]rune(b)) > 24 {
			t.Errorf("around(%q, %q) = %q, %q", tt.a, tt.b, a, b)
		}
	}
}

// TestPairs tells repeated, added and dropped parameters apart.
func TestPairs(t *testing.T) {
	p := func(name, value string) trace.Param { return trace.Param{Place: trace.Query, Name: name, Value: value} }
	got := paramPairs([]trace.Param{p("a", "1"), p("a", "2"), p("gone", "x")}, []trace.Param{p("a", "1"), p("a", "3"), p("new", "y")})
	var changed []string
	for _, x := range got {
		if x.changed() {
			changed = append(changed, x.name+":"+x.was+">"+x.now)
		}
	}
	if s := strings.Join(changed, " "); s != "a:2>3 new:>y gone:x>" {
		t.Errorf("changed: %s", s)
	}
}
