package validate_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"flowscope/validate"
)

// bare takes out of a text what may stand between the pieces of a token and
// what is decoded around it.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=!*$", r) {
			return r
		}
		return -1
	}, s)
}

// within reports whether all of part stands in a text, in order, with or without
// something between.
func within(part, text string) bool {
	for i := 0; i < len(text) && part != ""; i++ {
		if text[i] == part[0] {
			part = part[1:]
		}
	}
	return part == ""
}

// FuzzFind: tokens are made of what tokens are made of and stand in the text;
// each alone is found again, and nothing else with it.
func FuzzFind(f *testing.F) {
	a, id := sign(f, header, userClaims()), sign(f, header, idClaims())
	for _, group := range [][]paste{bareTokens(a, id, "eyJlbmMiOiJBIn0.a.b.c.d"), wrapped(a, id, "eyJlbmMiOiJBIn0.a.b.c.d"), headers(a, id), responses(a, id), nothing()} {
		for _, p := range group {
			f.Add(p.text)
		}
	}
	f.Add(`{"content":{"text":"eyJhY2Nlc3NfdG9rZW4iOiIwLkFYb0F1Rm9PaDF6UTBrR3RKOFFtNHk2YjduT0dxMW4ifQ==","encoding":"base64"}}`)
	f.Fuzz(func(t *testing.T, text string) {
		_ = validate.Clean(text)
		found := validate.Find(text)
		encoded := strings.ContainsAny(text, "\\%&\x1b\x00") || !utf8.ValidString(text) || strings.Contains(text, `"base64"`)
		for i, one := range found {
			if bare(one.Raw) != one.Raw || len(one.Raw) < 8 {
				t.Fatalf("token %d: %q", i, one.Raw)
			}
			if !encoded && !within(one.Raw, text) {
				t.Fatalf("token %d does not stand in the text: %q", i, one.Raw)
			}
			for _, other := range found[:i] {
				if other.Raw == one.Raw {
					t.Fatalf("twice: %q", one.Raw)
				}
			}
			if again := validate.Find(one.Raw); len(again) != 1 || again[0].Raw != one.Raw {
				t.Fatalf("%q alone gives %q", one.Raw, again)
			}
		}
	})
}

// large are texts of 4 MiB that take long when anything is read again and again.
func large() map[string]string {
	const size = 4 << 20
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	return map[string]string{
		"openings": fill("eyJhIjox"), "openings on lines": fill("eyJhbGciOiJSUzI1NiIsIng\n"), "two segments": fill("eyJhIjox.eyJhIjox "),
		"tokens": fill("eyJhIjox.eyJhIjox.AAAA "), "tokens on lines": fill("eyJhIjox.eyJhIjox.AAAA\n"), "headers on lines": fill("eyJhbGciOiJSUzI1NiJ9.\n"),
		"tokens in a path": fill("/eyJhIjox.eyJhIjox.AAAA"), "padded": fill("eyJhIjox=.eyJhIjox=.AAAA="), "names": fill("token="), "names and colons": fill("access_token: "),
		"names in a list": fill("token,\""), "schemes": fill("Bearer "), "braces": fill("{"), "objects": fill("{scope=a}"), "lines": fill("\n"), "scopes": fill("scope=\"a b "),
		"scopes in arrays": fill("scope:["), "quotation marks": fill(`"`), "backslashes": fill(`\`), "percent signs": fill("%25"), "references": fill("&amp;"), "escapes": fill("\x1b["),
		"cookies": "Cookie: " + fill("aC1=eyJhIjox.b; aC2=x; "), "cookie pieces": "Cookie: aC1=eyJhIjox.b; " + fill("aC2=x; aC3=y; "), "dots": fill("."), "hyphens": fill("-"), "equals signs": fill("="),
		"words": fill("hello world "), "one word": fill("a"), "zero width": fill("\u200b"), "bytes": fill("\xff\xfe\x80"), "wrapped": fill("eyJhbGciOiJSUzI1NiIsIngiOiJ5In0\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"),
		"a long token in lines": "eyJhbGciOiJSUzI1NiJ9.eyJ\n" + fill(strings.Repeat("A", 23)+"\n"), "a long header in lines": "eyJhbGciOiJSUzI1NiIs\n" + fill(strings.Repeat("A", 20)+"\n"),
		"encrypted in lines": "eyJlbmMiOiJSUzI1NiJ9.eyJ.A\n" + fill(strings.Repeat("A", 25)+"\n"), "backslashes behind": fill("eyJhIjox\nAAAA" + strings.Repeat("|", 100)),
		"signs": fill("+/"), "spaces": fill(" "), "tags": fill("<token>"),
	}
}

// BenchmarkFind shows what each of those costs; none may stand out.
func BenchmarkFind(b *testing.B) {
	for name, text := range large() {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				_ = validate.Find(text)
			}
		})
	}
}

// BenchmarkClean is what one plain token costs before it is checked.
func BenchmarkClean(b *testing.B) {
	token := sign(b, header, userClaims())
	b.SetBytes(int64(len(token)))
	b.ReportAllocs()
	for b.Loop() {
		if validate.Clean(token) != token {
			b.Fatal("another token")
		}
	}
}

// A plain token is handed back without a copy of it.
func TestCleanAllocates(t *testing.T) {
	token := sign(t, header, userClaims())
	for _, raw := range []string{token, token + "\n", " " + token} {
		if n := testing.AllocsPerRun(100, func() { _ = validate.Clean(raw) }); n > 0 {
			t.Errorf("%v allocations", n)
		}
	}
}

// Twice the text takes no more than about twice the work; it is counted in
// tokens and bounded in number.
func TestFindIsBounded(t *testing.T) {
	var b strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&b, "%s.%s.AAAA\n", b64([]byte(`{"alg":"none"}`)), b64(fmt.Appendf(nil, `{"n":%d}`, i)))
	}
	if n := len(validate.Find(b.String())); n != 1000 {
		t.Errorf("%d tokens", n)
	}
}
