package validatetest_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"unicode"

	"flowscope/validate"
	"flowscope/validate/validatetest"
)

// least is how many cases the catalogue has to have.
const least = 150

// TestCatalogue judges every token of the catalogue: the verdict, exactly the
// checks that fail, the kind, and words that a terminal may show.
func TestCatalogue(t *testing.T) {
	cases := validatetest.Catalogue()
	t.Logf("%d cases", len(cases))
	if len(cases) < least {
		t.Errorf("%d cases, want %d at least", len(cases), least)
	}
	seen := map[string]bool{}
	for _, c := range cases {
		if seen[c.Name] {
			t.Errorf("two cases are called %q", c.Name)
		}
		seen[c.Name] = true
		if c.Lesson == "" || !strings.HasSuffix(c.Lesson, ".") {
			t.Errorf("%s: its lesson is no sentence: %q", c.Name, c.Lesson)
		}
		t.Run(string(c.Group)+"/"+c.Name, func(t *testing.T) { judge(t, c) })
	}
}

// by returns the checks of r with a status.
func by(r *validate.Report, s validate.Status) []string {
	var out []string
	for _, id := range validate.IDs() {
		if r.Status(id) == s {
			out = append(out, id)
		}
	}
	return out
}

func judge(t *testing.T, c validatetest.Case) {
	r := validate.Check(context.Background(), c.Token, c.Keys, c.Want)
	checks := r.Checks()
	if r.Verdict != c.Verdict {
		t.Errorf("verdict %s, want %s: %s", r.Verdict, c.Verdict, r.Summary())
	}
	if got := by(r, validate.StatusFail); !slices.Equal(got, c.Fails) {
		t.Errorf("failing: %q, want %q", got, c.Fails)
		for _, k := range checks {
			if k.Status == validate.StatusFail {
				t.Logf("%s: %s (expected %q, found %.200q)", k.ID, k.Why, k.Expected, k.Found)
			}
		}
	}
	if r.Kind != c.Kind || c.Subject != "" && r.SubjectKind != c.Subject {
		t.Errorf("kind %s of %s, want %s of %s", r.Kind, r.SubjectKind, c.Kind, c.Subject)
	}
	for _, id := range c.NotRun {
		if got := r.Status(id); got != validate.StatusNotRun {
			t.Errorf("%s is %s, want not-run", id, got)
		}
	}
	for _, id := range c.Warn {
		if got := r.Status(id); got != validate.StatusWarn {
			t.Errorf("%s is %s, want warn", id, got)
		}
	}
	said := ""
	for _, k := range checks {
		if slices.Contains(c.Fails, k.ID) || slices.Contains(c.Warn, k.ID) || slices.Contains(c.NotRun, k.ID) {
			said += k.Why + " " + k.Fix + "\n"
		}
		if k.Source == "" || k.Why == "" || (k.Fix == "") != (k.Status == validate.StatusPass) {
			t.Errorf("words are not whole: %+v", k)
		}
		harmless(t, k.ID, k.Expected, k.Found, k.Why, k.Fix)
	}
	if !strings.Contains(said, c.Says) {
		t.Errorf("words do not say %q:\n%s", c.Says, said)
	}
	harmless(t, "summary", r.Summary())
	for _, f := range r.Token.Faults {
		harmless(t, "fault", f.Error())
	}
	harmless(t, "faults", r.Token.Faults.Error())
}

// harmless reports text that could move a terminal's cursor or turn text around.
func harmless(t *testing.T, where string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		for _, r := range text {
			if unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Bidi_Control, r) || r == unicode.ReplacementChar || r == 0x2028 || r == 0x2029 {
				t.Errorf("%s: %U in %.100q", where, r, text)
			}
		}
		if len(text) > 4000 {
			t.Errorf("%s: %d bytes of text", where, len(text))
		}
	}
}
