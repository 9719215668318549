package tokens

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestClaimsKeepTheirOrder(t *testing.T) {
	c := new(claims).str("z", `a"\`+"\n").num("a", -3).list("m", []string{"1", "2"}).list("none", nil).strIf("empty", "").object("o", new(claims).str("x", "y"))
	if got, want := string(c.bytes()), `{"z":"a\"\\\u000a","a":-3,"m":["1","2"],"o":{"x":"y"}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := string(new(claims).bytes()); got != "{}" {
		t.Errorf("no claims give %s", got)
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{90 * 24 * time.Hour: "90.00:00:00", 25*time.Hour + 61*time.Second: "1.01:01:01"} {
		if got := Span(d); got != want {
			t.Errorf("%s is written %s, want %s", d, got, want)
		}
	}
}

func TestPairwise(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range []string{Pairwise("t", "o", "a"), Pairwise("t", "o", "b"), Pairwise("t", "p", "a"), Pairwise("u", "o", "a"), Pairwise("to", "", "a")} {
		if len(s) != 43 || seen[s] {
			t.Errorf("sub %q comes twice or has the wrong length", s)
		}
		seen[s] = true
	}
}

// FuzzQuoted checks our JSON strings against the standard library's reader.
func FuzzQuoted(f *testing.F) {
	f.Add("a\"\\\x00\u2028\xff")
	f.Fuzz(func(t *testing.T, s string) {
		var got string
		if err := json.Unmarshal(appendQuoted(nil, s), &got); err != nil {
			t.Fatal(err)
		}
		want := s
		if !utf8.ValidString(s) {
			want = ""
			for _, r := range s {
				want += string(r)
			}
		}
		if got != want || strings.ContainsRune(got, 0) != strings.ContainsRune(want, 0) {
			t.Fatalf("%q came back as %q", s, got)
		}
	})
}
