package middleware_test

import (
	"context"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"flowscope/validate"
	"flowscope/validate/middleware"
	"flowscope/validate/validatetest"
)

// opinions are all answers to one case of the catalogue.
func opinions(t testing.TB, c validatetest.Case) (*validate.Report, []middleware.Opinion) {
	t.Helper()
	r := validate.Check(t.Context(), c.Token, c.Keys, c.Want)
	return r, middleware.Judge(t.Context(), r, c.Keys)
}

// fitsTable says what is wrong with the words of an opinion, "" where nothing is.
func fitsTable(o middleware.Opinion) string {
	switch {
	case o.Answer != middleware.Accepts && o.Answer != middleware.Rejects && o.Answer != middleware.Open:
		return "an answer of another kind"
	case o.Rule == "" || utf8.RuneCountInString(o.Rule) > 40:
		return "a rule of no or too many characters"
	case o.Why == "" || utf8.RuneCountInString(o.Why) > 110:
		return "a sentence of no or too many characters"
	case o.Source == "":
		return "no source"
	case o.Harm == middleware.HarmAccepts && o.Answer != middleware.Accepts, o.Harm != "" && o.Harm != middleware.HarmAccepts && o.Answer != middleware.Rejects:
		return "a harm that is not the answer's"
	case strings.ContainsFunc(o.Rule+o.Why+o.Fix+o.Source, func(r rune) bool { return !unicode.IsPrint(r) }):
		return "characters that are not to be shown"
	case strings.Contains(o.Why, "{found}") || strings.Contains(o.Why, "{want}"):
		return "a place that was not filled in"
	}
	return ""
}

// TestWords puts the whole catalogue before every profile: the words fit the
// table, nothing is let in wrongly without the rule that is missing and what to
// set, nobody is blamed for refusing an ID token, and no token brings a second
// answer from one library.
func TestWords(t *testing.T) {
	for _, c := range validatetest.Catalogue() {
		r, got := opinions(t, c)
		if len(got) != len(middleware.Profiles()) {
			t.Fatalf("%s: %d answers", c.Name, len(got))
		}
		for i, o := range got {
			if o.Profile.ID != middleware.Profiles()[i].ID {
				t.Errorf("%s: the order is not that of the profiles", c.Name)
			}
			if fault := fitsTable(o); fault != "" {
				t.Errorf("%s, %s: %s: %+v", c.Name, o.Profile.ID, fault, o)
			}
			if r.Kind == validate.KindID && o.Answer == middleware.Rejects && o.Harm != "" {
				t.Errorf("%s, %s: refusing an ID token is called %q", c.Name, o.Profile.ID, o.Harm)
			}
			if o.Harm == middleware.HarmAccepts && (strings.HasPrefix(o.Rule, "no rule for") || o.Fix == "") {
				t.Errorf("%s, %s: let in by %q with fix %q", c.Name, o.Profile.ID, o.Rule, o.Fix)
			}
		}
	}
}

func TestProfiles(t *testing.T) {
	seen, twins := map[string]bool{}, map[string][][2]string{}
	for _, p := range middleware.Profiles() {
		if p.ID == "" || p.Name == "" || p.Setup == "" || p.Language == "" || p.Version == "" || p.Source == "" || seen[p.ID] {
			t.Errorf("%+v", p)
		}
		seen[p.ID] = true
		word, _, _ := strings.Cut(p.Setup, " ")
		twins[p.Name] = append(twins[p.Name], [2]string{p.ID, word + " " + p.Version})
	}
	// The set-ups of one library are told apart by the first word of the set-up,
	// or by the version, and by what stands behind the bare name in the ID.
	for name, list := range twins {
		firsts := map[string]bool{}
		for _, twin := range list {
			if firsts[twin[1]] || !strings.HasPrefix(twin[0], list[0][0]) {
				t.Errorf("%s: %v", name, list)
			}
			firsts[twin[1]] = true
		}
	}
}

// counting counts what is asked of a source of keys.
type counting struct {
	validate.KeySource
	keys int
}

func (c *counting) Key(ctx context.Context, q validate.KeyQuery) (validate.Key, error) {
	c.keys++
	return c.KeySource.Key(ctx, q)
}

// TestOneLookUp holds Judge to one look-up for all profiles, and to none for a
// name that cannot be a key's or where the report looked already.
func TestOneLookUp(t *testing.T) {
	for name, want := range map[string]int{
		"v2.0 for a person": 0, "HS256 with the public key as PEM": 1, "kid is a path": 0, "kid is missing": 0, "opaque": 0, "alg none": 1, "jku": 1,
	} {
		c := validatetest.Find(name)
		r := validate.Check(t.Context(), c.Token, c.Keys, c.Want)
		source := &counting{KeySource: c.Keys}
		middleware.Judge(t.Context(), r, source)
		if source.keys != want {
			t.Errorf("%s: %d look-ups, want %d", name, source.keys, want)
		}
	}
}

// TestOpen covers what hangs on something that is not known.
func TestOpen(t *testing.T) {
	good, over := validatetest.Find("v2.0 for a person"), validatetest.Find("expired")
	for _, c := range []struct {
		name, token, profile string
		keys                 validate.KeySource
		want                 validate.Expectations
		answer               middleware.Answer
		says                 string
	}{
		{"no audience stated", good.Token, "jose", good.Keys, validate.Expectations{Issuer: good.Want.Issuer, Now: good.Want.Now}, middleware.Open, "if the audience"},
		{"no audience stated", good.Token, "spring-security-no-audiences", good.Keys, validate.Expectations{Issuer: good.Want.Issuer, Now: good.Want.Now}, middleware.Accepts, ""},
		{"no issuer stated", good.Token, "go-oidc", good.Keys, validate.Expectations{Audiences: good.Want.Audiences, Now: good.Want.Now}, middleware.Open, "if the issuer"},
		{"no issuer stated", good.Token, "pyjwt-no-issuer", good.Keys, validate.Expectations{Audiences: good.Want.Audiences, Now: good.Want.Now}, middleware.Accepts, ""},
		{"no keys", good.Token, "pyjwt", nil, good.Want, middleware.Open, "signature"},
		{"no keys, and over", over.Token, "pyjwt", nil, over.Want, middleware.Rejects, "exp is over"},
		{"not allowed to ask", good.Token, "jose", validatetest.NoKey(validate.KeyNotAllowed), good.Want, middleware.Open, "may not be asked"},
		{"out of reach", good.Token, "jose", validatetest.NoKey(validate.KeyUnreachable), good.Want, middleware.Open, "could not be had"},
		{"no such key", good.Token, "jose", validatetest.NoKey(validate.KeyUnknown), good.Want, middleware.Rejects, "no key"},
		{"Graph, no keys", validatetest.Find("Graph").Token, "go-oidc", nil, validate.Expectations{Now: good.Want.Now}, middleware.Rejects, "nonce"},
	} {
		t.Run(c.name+"/"+c.profile, func(t *testing.T) {
			o := ask(t, c.profile, c.token, c.keys, c.want)
			if o.Answer != c.answer || !strings.Contains(o.Why, c.says) || o.Answer == middleware.Open && o.Wrong() {
				t.Errorf("%s by %q: %s", o.Answer, o.Rule, o.Why)
			}
		})
	}
}
