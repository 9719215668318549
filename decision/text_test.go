package decision_test

import (
	"go/build"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"flowscope/decision"
)

func TestFlows(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range decision.Flows() {
		if f == decision.None {
			t.Error("none is listed as a flow that can be run")
		}
		got, err := decision.ParseFlow(strings.ToUpper(" " + string(f) + " "))
		if err != nil || got != f {
			t.Errorf("ParseFlow(%q) = %q, %v", f, got, err)
		}
		if title := f.Title(); title == "" || seen[title] {
			t.Errorf("%s: title %q is empty or taken", f, title)
		}
		seen[f.Title()] = true
	}
	if len(seen) != 12 {
		t.Errorf("%d flows, want 12", len(seen))
	}
	for f, want := range map[decision.Flow]string{
		decision.AuthorizationCode: "authorization code + PKCE",
		decision.ClientCredentials: "client credentials",
		decision.DeviceCode:        "device code",
		decision.OnBehalfOf:        "on-behalf-of",
	} {
		if got := f.Title(); got != want {
			t.Errorf("title of %s is %q, want %q", f, got, want)
		}
	}
}

func TestParseFlowRefuses(t *testing.T) {
	for _, s := range []string{"", "none", "authorization code", "authorization-code ;", strings.Repeat("x", 1<<16)} {
		f, err := decision.ParseFlow(s)
		if err == nil {
			t.Errorf("ParseFlow(%.20q) = %q, want an error", s, f)
			continue
		}
		if !strings.Contains(err.Error(), "client-credentials") {
			t.Errorf("the error does not list the names: %v", err)
		}
		if len(err.Error()) > 400 {
			t.Errorf("the error has %d bytes: it repeats its input", len(err.Error()))
		}
	}
}

// The texts must fit the places that the screens keep for them.
func TestTextsFit(t *testing.T) {
	limit := func(what, s string, n int) {
		t.Helper()
		if l := utf8.RuneCountInString(s); l == 0 || l > n {
			t.Errorf("%s has %d characters, want 1 to %d: %q", what, l, n, s)
		}
		if s != strings.TrimSpace(s) || strings.ContainsAny(s, "\n\t") || strings.Contains(s, "  ") {
			t.Errorf("%s is badly spaced: %q", what, s)
		}
	}
	for _, r := range decision.Table() {
		limit(r.ID+" client", r.Client, 28)
		limit(r.ID+" short", r.Short, 20)
		limit(r.ID+" detail", r.Detail, 28)
		limit(r.ID+" reason", r.Reason, 160)
		limit(r.ID+" wrong turn", r.WrongTurn+": "+r.WrongTurnCost, 180)
		if !strings.HasSuffix(r.Reason, ".") || !strings.HasSuffix(r.WrongTurnCost, ".") {
			t.Errorf("%s: reason and cost are sentences", r.ID)
		}
		if len(r.Gives) == 0 && r.Flow != decision.None {
			t.Errorf("%s gives nothing", r.ID)
		}
		for what, list := range map[string][]string{
			"gives": r.Gives, "never gives": r.NeverGives, "register": r.Register, "source": r.Sources,
		} {
			if len(list) == 0 && what != "gives" {
				t.Errorf("%s: nothing under %q", r.ID, what)
			}
			for _, item := range list {
				limit(r.ID+" "+what, item, 130)
			}
		}
	}
	for _, q := range decision.Questions() {
		limit(q.String(), q.Text(), 44)
		for _, a := range []decision.Answer{decision.Unknown, decision.Yes, decision.No} {
			limit(q.String()+" "+a.String(), q.Help(a), 64)
		}
	}
	for key := range leftFor {
		for _, e := range decision.Decide(answers(t, key)).Excluded {
			limit("why "+e.Row.ID+" is out", e.Why, 70)
		}
	}
}

// Facts that a reader acts on. They come from RFC 6749, RFC 8628 and Entra's
// documents, and are stated here apart from the table.
func TestFacts(t *testing.T) {
	for id, want := range map[string]struct{ platform, gives, never, register string }{
		"web":    {"web", "refresh token (90 days, sliding)", "application permissions", "platform Web"},
		"spa":    {"spa", "refresh token (24 hours, fixed)", "outlives the day", "platform SPA"},
		"native": {"publicClient", "refresh token (90 days, sliding)", "application permissions", "http://localhost"},
		"device": {"publicClient", "refresh token (90 days, sliding)", "managed", "Allow public client flows: yes"},
		"api":    {"", "access token for the next API", "consent", "Expose an API"},
		"daemon": {"", "access token", "refresh token", "application permissions, with admin consent"},
		"none":   {"", "", "any token", "managed identity"},
	} {
		row, ok := decision.RowByID(id)
		if !ok {
			t.Fatalf("no row %q", id)
		}
		if row.Platform != want.platform {
			t.Errorf("%s: platform %q, want %q", id, row.Platform, want.platform)
		}
		for _, c := range []struct {
			what, want string
			got        []string
		}{{"gives", want.gives, row.Gives}, {"never gives", want.never, row.NeverGives}, {"register", want.register, row.Register}} {
			if !strings.Contains(strings.Join(c.got, "\n"), c.want) {
				t.Errorf("%s %s %q, want %q in it", id, c.what, c.got, c.want)
			}
		}
	}
	daemon, _ := decision.RowByID("daemon")
	if s := strings.Join(daemon.Gives, " "); strings.Contains(s, "ID token") || strings.Contains(s, "refresh") {
		t.Errorf("a daemon gets no ID token and no refresh token, yet gives %q", s)
	}
}

func TestRecord(t *testing.T) {
	row, _ := decision.RowByID("spa")
	date := time.Date(2026, 11, 20, 10, 2, 0, 0, time.UTC)
	got := decision.Record(row, decision.Answers{Person: decision.Yes, Secret: decision.No}, date)
	want, err := os.ReadFile(filepath.Join("testdata", "spa.md"))
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the record is\n%s\nwant\n%s", got, want)
	}
	for _, r := range decision.Table() {
		rec := decision.Record(r, r.When, date)
		parts := []string{r.Client, r.Detail, r.Flow.Title(), string(r.Flow), r.Reason, r.WrongTurnCost, "2026-11-20"}
		parts = append(parts, r.Gives...)
		parts = append(parts, r.NeverGives...)
		parts = append(parts, r.Register...)
		parts = append(parts, r.Sources...)
		for _, q := range decision.Questions() {
			parts = append(parts, q.Text())
		}
		for _, part := range parts {
			if !strings.Contains(rec, part) {
				t.Errorf("%s: the record lacks %q", r.ID, part)
			}
		}
		if strings.Contains(rec, "\n\n\n") || !strings.HasSuffix(rec, ".\n") {
			t.Errorf("%s: the record is badly spaced:\n%s", r.ID, rec)
		}
	}
}

func TestImports(t *testing.T) {
	pkg, err := build.ImportDir(".", 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(pkg.Imports) == 0 {
		t.Fatal("no imports were found: the test looks in the wrong place")
	}
	for _, path := range pkg.Imports {
		first, _, _ := strings.Cut(path, "/")
		if strings.Contains(first, ".") || first == "flowscope" {
			t.Errorf("decision imports %s: it is the vocabulary that every package shares, "+
				"so whatever it imports, all of them import; the standard library alone is allowed", path)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"device-code", "none", "yes", "any", "", "Y", "\x00", "authorization-code\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if flow, err := decision.ParseFlow(s); err == nil {
			if again, err := decision.ParseFlow(string(flow)); err != nil || again != flow {
				t.Errorf("%q gave %q, which is not read back: %v", s, flow, err)
			}
		} else if flow != "" {
			t.Errorf("%q gave an error and %q", s, flow)
		}
		if a, err := decision.ParseAnswer(s); err != nil && a != decision.Unknown {
			t.Errorf("%q gave an error and %v", s, a)
		}
	})
}
