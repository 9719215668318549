package command

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"flowscope/engine/inspect"
	"flowscope/validate"
	"flowscope/validate/validatetest"
)

// ordinary writes a report as encoding/json does and seals it, as token --json
// does with its own.
func ordinary(t *testing.T, line int, r *inspect.Report) string {
	t.Helper()
	doc, err := encode(batchDocument{1, line, reportOf(r), 1})
	if err != nil {
		t.Fatal(err)
	}
	if red := redactorFor(doc); red != nil || !isASCII(doc) {
		if doc, err = sealJSON(doc, red); err != nil {
			t.Fatal(err)
		}
	}
	return string(doc) + "\n"
}

// sameReport holds the fast writing of a report to the ordinary one.
func sameReport(t *testing.T, w *reportWriter, name string, line int, r *inspect.Report) {
	t.Helper()
	w.out = append(w.out[:0], "before"...)
	if err := w.document(line, 1, r); err != nil {
		t.Fatal(err)
	}
	got, want := strings.TrimPrefix(string(w.out), "before"), ordinary(t, line, r)
	if got == want {
		return
	}
	i := 0
	for i < min(len(got), len(want)) && got[i] == want[i] {
		i++
	}
	t.Errorf("%s: reports differ at byte %d\n got …%.200s\nwant …%.200s", name, i, got[max(0, i-40):], want[max(0, i-40):])
}

func segment(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func unsigned(header, claims string) string {
	return segment(header) + "." + segment(claims) + "." + segment("signature")
}

// oddTokens hold what JSON, a terminal or the redaction has to treat in its own way.
func oddTokens() []string {
	const head = `{"alg":"RS256","kid":"k"}`
	const inner = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2VjcmV0c2lnbmF0dXJlc2VjcmV0"
	out := []string{
		"", "abc", "0.AXXXXXXXXX", inner, "eyJ.eyJ.x", strings.Repeat("x", 1<<21), "é\x00\u202e",
		unsigned(`{}`, `{}`), unsigned(head, `[]`), unsigned(head, `{"a":1,"a":2}`), unsigned(head, `{"a":`), unsigned(head, "\xff"),
		unsigned(`{"alg":"none","jwk":{ "a" : [ 1 , 2 ] }}`, `{}`), unsigned(`{"alg":"RS256","kid":"../../etc/passwd"}`, `{}`),
		unsigned(head, ` { "aud" : [ "a" , "b" ] , "n" : 1.50e1 } `), unsigned(head, `{"o":{"k":[null,true]},"s":"a b"}`),
		strings.Repeat("a.", 4) + "b", "eyJhbGciOiJSUzI1NiJ9.", inner + "." + inner,
	}
	for _, v := range []string{
		"Jürgen", "\u009b31m", "a\u202eb", "\u2028", "\U000e0041", "\x7f", "<script>&", `\"\\\/\b\f\n\r\t`, `\u0041`, `\u001b]0;x\u0007`,
		`\ud83d\ude00`, inner, "key " + inner, `\u0065` + inner[1:], "they. ey. eyes are not tokens.", "eyJhbGciOiJub25lIn0.", "{note}", "{found} {expected}",
		strings.Repeat("long ", 100), strings.Repeat("ü", 300),
	} {
		out = append(out, unsigned(head, `{"iss":"`+v+`","aud":"`+v+`","scp":"`+v+`","ver":"`+v+`","tid":"`+v+`"}`),
			unsigned(head, `{"`+v+`":1}`), unsigned(`{"alg":"`+v+`","kid":"`+v+`"}`, `{}`))
	}
	return out
}

func TestBatchWritesTheOrdinaryReport(t *testing.T) {
	now := time.Date(2026, 11, 20, 10, 2, 0, 0, time.UTC)
	w := newReportWriter()
	line := 0
	for _, want := range []validate.Expectations{
		{Now: now}, {Now: now.Add(time.Nanosecond), Skew: -1, Issuer: "https://é.example/{tenantid}", Audiences: []string{"Jürgen", "b"}, Scopes: []string{"<a>"}},
	} {
		for _, raw := range oddTokens() {
			for _, token := range []string{raw, firstIn(raw)} {
				line++
				sameReport(t, w, fmt.Sprintf("%.60q", raw), line, inspect.Check(t.Context(), token, nil, want))
			}
		}
	}
}

// TestBatchWritesTheCatalogue: one writer for all of it, as a batch has it.
func TestBatchWritesTheCatalogue(t *testing.T) {
	w := newReportWriter()
	for i, c := range validatetest.Catalogue() {
		sameReport(t, w, c.Name, i+1, inspect.Check(t.Context(), c.Token, c.Keys, c.Want))
		sameReport(t, w, c.Name+", nothing stated", i+1, inspect.Check(t.Context(), c.Token, c.Keys, validate.Expectations{Now: c.Want.Now}))
	}
}

func FuzzBatchReport(f *testing.F) {
	f.Add(`{"alg":"RS256"}`, `{"aud":"a"}`, "iss")
	f.Add(`{"alg":"none" , "x":[ 1 ]}`, "{\"a\u202e\":\"\\u0065yJ\"}", "é")
	w := newReportWriter()
	f.Fuzz(func(t *testing.T, header, claims, issuer string) {
		want := validate.Expectations{Now: time.Unix(1763632920, 0), Issuer: issuer}
		sameReport(t, w, "fuzz", 7, inspect.Check(context.Background(), unsigned(header, claims), nil, want))
	})
}

func firstIn(line string) string {
	first, _ := tokenIn(line)
	return first
}

// TestTokensOnALine counts what a line holds, so that neither a line without a
// token nor a second token is passed over in silence.
func TestTokensOnALine(t *testing.T) {
	token := validatetest.Sign(validatetest.Header(), validatetest.UserV2())
	check := func(token string) *inspect.Report {
		return inspect.Check(context.Background(), token, nil, validate.Expectations{Now: time.Unix(1763632920, 0)})
	}
	for line, want := range map[string]int{
		"": 0, "  ": 0, "hello world": 0, "# comment": 0, `{"foo":1}`: 0, "abc": 1, token: 1, " " + token + ",": 1, "Bearer " + token: 1,
		token + " " + token + "x": 2, `{"access_token":"` + token + `","id_token":"` + token + `"}`: 2, `{"id":1,"token":"abc"}`: 1,
	} {
		if _, got := look(line, check); got != want {
			t.Errorf("%d tokens in %.40q, want %d", got, line, want)
		}
	}
}

func FuzzTokenIn(f *testing.F) {
	f.Add("eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2VjcmV0")
	f.Add(`{"id":1,"token":" a.b.c ","x":"access_token=q"}`)
	f.Add(`{"token":5}`)
	f.Add(`Bearer eyJ.eyJ.x`)
	f.Add("eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2Vj cmV0")
	check := func(token string) *inspect.Report {
		return inspect.Check(context.Background(), token, nil, validate.Expectations{Now: time.Unix(1763632920, 0)})
	}
	f.Fuzz(func(t *testing.T, line string) {
		r, _ := look(line, check)
		if got, want := r.Token.Raw, validate.Clean(line); got != want {
			t.Fatalf("in %q is %q, and validate.Clean finds %q", line, got, want)
		}
	})
}

func TestIsASCII(t *testing.T) {
	for c := range 256 {
		for n := 1; n < 20; n++ {
			doc := []byte(strings.Repeat("a", n))
			doc[n/2] = byte(c)
			if got, want := isASCII(doc), c < 0x7f; got != want {
				t.Fatalf("isASCII(%q) = %v", doc, got)
			}
		}
	}
}
