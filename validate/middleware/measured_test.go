package middleware_test

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"flowscope/validate/middleware"
	"flowscope/validate/validatetest"
)

//go:embed testdata/measured.tsv
var measuredText string

//go:embed testdata/otherwords.tsv
var otherText string

// otherWords are the refusals that a library is known to word otherwise: rule,
// the library's word and profile, and whether a token needed it.
func otherWords() map[[3]string]bool {
	out := map[[3]string]bool{}
	for line := range strings.Lines(otherText) {
		if f := strings.Split(strings.TrimSuffix(line, "\n"), "\t"); len(f) == 3 {
			for _, id := range strings.Fields(f[2]) {
				out[[3]string{f[0], f[1], id}] = false
			}
		}
	}
	return out
}

// measured is what the libraries themselves said: per token with what they were
// to expect, by its hash, and per profile the word of the refusal, or "+".
func measured(t *testing.T) map[string]map[string]string {
	t.Helper()
	var libraries []string
	words, out := map[string]string{}, map[string]map[string]string{}
	for line := range strings.Lines(measuredText) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		switch {
		case strings.HasPrefix(line, "#"):
		case f[0] == "libraries":
			libraries = strings.Fields(f[1])
		case f[0] == "word":
			words[f[1]] = f[2]
		default:
			said := map[string]string{}
			for i, code := range strings.Fields(f[1]) {
				said[libraries[i]] = code
				if code != "+" {
					said[libraries[i]] = words[code]
				}
			}
			out[f[0]] = said
		}
	}
	return out
}

var ends = regexp.MustCompile(`: | \(| or |, or `)

// sameRule tells whether a rule is what the library called its refusal.
func sameRule(rule, said string) bool {
	rule, said = strings.ToLower(rule), strings.ToLower(said)
	return strings.Contains(said, strings.TrimSpace(ends.Split(rule, 2)[0])) || strings.Contains(rule, said)
}

// TestAgainstTheLibraries compares every answer with what the library itself
// said of the same token, and the rule that decided with its word for it. Where
// the words differ, the difference is listed.
func TestAgainstTheLibraries(t *testing.T) {
	said, listed := measured(t), otherWords()
	tokens, refusals, other := 0, 0, 0
	for _, c := range validatetest.Catalogue() {
		sum := sha256.Sum256([]byte(strings.Join([]string{
			c.Token, c.Want.Issuer, strings.Join(c.Want.Audiences, " "), strings.Join(algorithms(c), " "), fmt.Sprint(c.Want.Now.Unix()),
		}, "\n")))
		real, ok := said[hex.EncodeToString(sum[:6])]
		if !ok || !forReal(c) {
			continue
		}
		tokens++
		_, got := opinions(t, c)
		for _, o := range got {
			word, ok := real[o.Profile.ID]
			if !ok || o.Answer == middleware.Open && c.Name == "EdDSA" { // keys of that type are not read here
				continue
			}
			if want := map[bool]middleware.Answer{true: middleware.Accepts, false: middleware.Rejects}[word == "+"]; o.Answer != want {
				t.Errorf("%s, %s: %s by %q (%s); the library %s: %s", c.Name, o.Profile.ID, o.Answer, o.Rule, o.Why, want, word)
				continue
			}
			if o.Answer == middleware.Rejects {
				refusals++
				if sameRule(o.Rule, word) {
					continue
				}
				other++
				name := [3]string{o.Rule, word, o.Profile.ID}
				if _, ok := listed[name]; !ok {
					t.Errorf("%s: rule, word and profile %q are not listed", c.Name, name)
				}
				listed[name] = true
			}
		}
	}
	if tokens < 250 {
		t.Errorf("only %d tokens of the catalogue are still those that were measured: measure again", tokens)
	}
	t.Logf("%d tokens, %d refusals, %d of them in other words", tokens, refusals, other)
	for name, needed := range listed {
		if !needed {
			t.Errorf("%q is listed, and no token needs it", name)
		}
	}
}
