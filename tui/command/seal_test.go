package command

import (
	"bufio"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"flowscope/engine/trace"
)

func TestSealJSON(t *testing.T) {
	red := trace.NewRedactor(nil)
	red.Mask("1763")
	red.Mask("sec\"ret")
	red.Mask("a-name-that-is-a-secret")
	for _, test := range []struct{ in, want string }{
		{`{"n":1763612340,"s":"at 1763"}`, `{"n":1763612340,"s":"at masked:A"}`},
		{`{"s":"sec\"ret"}`, `{"s":"masked:B"}`},
		{`{"s":"sec\u0022ret"}`, `{"s":"masked:B"}`},
		{`{"1763":true}`, `{"1763":true}`},
		{`{"a-name-that-is-a-secret":1}`, `{"masked:C":1}`},
		{"[\"\u009b\",\"\u202e\",\"\U000e0041\",\"é→\"]", `["\u009b","\u202e","\udb40\udc41","é→"]`},
		{"[\"\xff\"]", `["\ufffd"]`},
		{`["a\\","b"]`, `["a\\","b"]`},
	} {
		got, err := sealJSON([]byte(test.in), red)
		if err != nil || string(got) != test.want {
			t.Errorf("sealJSON(%s) = %s, %v, want %s", test.in, got, err, test.want)
		}
	}
}

func FuzzSealJSON(f *testing.F) {
	for _, s := range []string{`{"a":"b\\\"c","\u0041":[1,2.5e3,null,true]}`, "[\"\u009b\u2028\"]", `"eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2VjcmV0c2lnbmF0dXJl"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		var before, after any
		if json.Unmarshal(doc, &before) != nil {
			return
		}
		out, err := sealJSON(doc, nil)
		if err != nil || json.Unmarshal(out, &after) != nil || !reflect.DeepEqual(before, after) {
			t.Fatalf("%s became %s, %v", doc, out, err)
		}
		if s := string(out); strings.ContainsAny(s, "\u009b\u202e\u200b\x7f") {
			t.Fatalf("%q is still obeyed by a terminal", s)
		}
		masked, err := sealJSON(doc, trace.NewRedactor(nil))
		if err != nil || !json.Valid(masked) {
			t.Fatalf("%s became %s, %v", doc, masked, err)
		}
	})
}

func FuzzRedactorFor(f *testing.F) {
	f.Add([]byte(`{"a":"key-eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2VjcmV0c2lnbmF0dXJl"}`))
	f.Add([]byte("eyeyey_.eyJ0"))
	f.Fuzz(func(t *testing.T, doc []byte) {
		if redactorFor(doc) == nil && trace.NewRedactor(nil).Text(string(doc)) != string(doc) {
			t.Fatalf("%q holds a token and gets no Redactor", doc)
		}
	})
}

func FuzzReadTime(f *testing.F) {
	f.Add("2026-11-20T10:02:00Z", "5m")
	f.Add("253402300799", "0")
	f.Fuzz(func(t *testing.T, now, skew string) {
		if at, err := readTime(now); err == nil && !at.IsZero() && (at.Year() < 0 || at.Year() > 9999) {
			t.Errorf("%q is in the year %d", now, at.Year())
		}
		if d, err := readSkew(skew); err == nil && (d == 0 || d < -1) {
			t.Errorf("%q is %v", skew, d)
		}
	})
}

func TestLineReader(t *testing.T) {
	long := strings.Repeat("x", maxLine+100)
	r := &lineReader{r: bufio.NewReader(strings.NewReader("a\r\n\n" + long + "\nlast"))}
	var sizes []int
	for {
		var text strings.Builder
		line, err := r.line(&text)
		if err != nil {
			break
		}
		sizes = append(sizes, line.end-line.begin)
	}
	if want := []int{1, 0, maxLine, 4}; !reflect.DeepEqual(sizes, want) {
		t.Errorf("lines of %v bytes, want %v", sizes, want)
	}
}

func TestWrap(t *testing.T) {
	got := wrap("one two  three https://a.example/very/long/address four", 12)
	want := []string{"one two", "three", "https://a.example/very/long/address", "four"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("wrap gives %q, want %q", got, want)
	}
	if wrap(" \n", 10) != nil {
		t.Error("nothing became a line")
	}
}

func TestReadSkew(t *testing.T) {
	for in, want := range map[string]time.Duration{"5m": 5 * time.Minute, "300": 5 * time.Minute, "0": -1, "0s": -1, "1h2s": time.Hour + 2*time.Second} {
		if got, err := readSkew(in); err != nil || got != want {
			t.Errorf("readSkew(%q) = %v, %v, want %v", in, got, err, want)
		}
	}
}

func TestAddress(t *testing.T) {
	for in, want := range map[string]string{
		"https://login.lab.example/c0f75a3e-4a12-4f0e-9d0c-3a700c302009/oauth2/v2.0/token?code=x#y": "login.lab.example/c0f7.../oauth2/v2.0/token",
		"http://localhost:3000":      "localhost:3000",
		"::not a url?code=secret":    "::not a url",
		"::not a url#code=secret":    "::not a url",
		"https://a.example/%2e%2e/b": "a.example/%2e%2e/b",
	} {
		if got := address(in, "..."); got != want {
			t.Errorf("address(%q) = %q, want %q", in, got, want)
		}
	}
}
