package token

import (
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"flowscope/engine/inspect"
	"flowscope/themes"
	"flowscope/tui/screen"
	"flowscope/validate"

	"flowscope/tui/tuitest/frame"
)

func idReport(t testing.TB) *inspect.Report {
	raw := sign(t, claimSet(map[string]any{"aud": webID, "scp": nil, "azp": nil, "azpacr": nil, "nonce": "n"}))
	return report(t, raw, validate.Expectations{Issuer: issuer, Audiences: []string{webID}, Type: validate.KindID})
}

func has(t *testing.T, view string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(view, p) {
			t.Errorf("%q is missing in\n%s", p, view)
		}
	}
}

// Words are wrapped and never cut, and all names stand in one column.
func TestWordsOfTheChecks(t *testing.T) {
	s := open(shell(themes.Unicode(), nil), idReport(t))
	press(t, s, "tab")
	view := draw(t, s, 120, 44)
	has(t, view, "▸ ✓ format ", "scope             access tokens only", "tenant            say which tenant: o", "authorized-party  say which client: o",
		"The ID token carries", "neither at_hash nor", "them out ")
	column := -1
	for _, l := range strings.Split(view, "\n") {
		_, check, _ := strings.Cut(l, "││")
		for _, c := range []string{"✓ algorithm", "– tenant", "– authorized-party"} {
			before, rest, ok := strings.Cut(check, c+" ")
			if !ok {
				continue
			}
			at := ansi.StringWidth(before+c) + len(rest) - len(strings.TrimLeft(rest, " "))
			if column >= 0 && at != column {
				t.Errorf("%s: the words begin at %d, others at %d", c, at, column)
			}
			column = at
		}
	}
}

// The zone is named once, and it is the clock's.
func TestZone(t *testing.T) {
	for _, size := range [][2]int{{60, 16}, {80, 22}, {120, 34}} {
		s := open(shell(themes.Unicode(), nil), validReport(t))
		s.sh.Now = func() time.Time { return now.In(time.FixedZone("CET", 3600)) }
		view := draw(t, s, size[0], size[1])
		if strings.Count(view, "CET") != 1 {
			t.Errorf("%v: the zone is named %d times\n%s", size, strings.Count(view, "CET"), view)
		}
		if size[0] > 60 {
			has(t, view, "expires 11:23 CET")
		}
	}
}

// A token that is cut off says once where it breaks.
func TestHalfToken(t *testing.T) {
	raw, _, _ := strings.Cut(sign(t, claimSet(nil)), ".")
	s := open(shell(themes.Unicode(), nil), report(t, raw, validate.Expectations{}))
	view := draw(t, s, 200, 58)
	has(t, view, "The API must refuse it: the copy ends too early: claims and signature are missing", "has 1 segment", "16 more checks are not run: the format is")
	if n := strings.Count(view, "1 segment"); n != 1 {
		t.Errorf("said %d times\n%s", n, view)
	}
}

// A run knows its flow; a token that was pasted does not say it for sure.
func TestMadeBy(t *testing.T) {
	s := open(shell(themes.Unicode(), nil), validReport(t))
	has(t, draw(t, s, 150, 34), " made by authorization code + PKCE (from this run)")
	if view := draw(t, s, 150, 34); strings.Contains(view, "perhaps made") || strings.Contains(view, "likely made") {
		t.Errorf("a doubt about a run\n%s", view)
	}
	settle(s, s.Update(frame.Paste(sign(t, claimSet(map[string]any{"name": "Bob"})))))
	has(t, draw(t, s, 150, 34), "perhaps made by authorization code + PKCE (pasted)")
}

// ctrl+s checks at once, from whatever field, with the client too.
func TestCheckFromTheForm(t *testing.T) {
	s := open(shell(themes.Unicode(), nil), validReport(t))
	press(t, s, "o")
	for _, in := range s.form.Inputs {
		if in.Name == "client" {
			in.SetValue(personID)
		}
	}
	offered := false
	for _, k := range s.Keys() {
		offered = offered || k.Help().Key == "ctrl+s"
	}
	settle(s, s.Update(tea.KeyMsg{Type: tea.KeyCtrlS}))
	r := s.item().report
	if s.form != nil || !offered || r.Expect.ClientID != personID || r.Status("authorized-party") != validate.StatusFail {
		t.Errorf("offered %v, expecting %q: %s", offered, r.Expect.ClientID, r.Status("authorized-party"))
	}
	press(t, s, "o")
	for _, in := range s.form.Inputs {
		if in.Name == "client" && in.Value() != personID {
			t.Errorf("the form forgot the client: %q", in.Value())
		}
	}
}

// A fix that a flag makes on the command line is made by o here.
func TestFixHere(t *testing.T) {
	for fix, want := range map[string]string{
		"Say it with --tenant":                                                            "Say it here: o",
		"State whom you expect with --caller":                                             "State whom you expect here: o",
		"If it really signs with it, say so with --alg":                                   "If it really signs with it, say so here: o",
		"Say it with --tenant, once for each":                                             "Say it here (o), once for each",
		"Give a key set with --jwks, or the issuer with --issuer so that it may be asked": "Give a key set by a paste, or the issuer here (o) so that it may be asked",
		"only --caller keeps the two apart; take --jwks":                                  "only caller (o) keeps the two apart; take a key set that is pasted",
		"a -- b, c--d and -----BEGIN":                                                     "a -- b, c--d and -----BEGIN",
	} {
		if got := fixHere(fix); got != want {
			t.Errorf("%q: %q, want %q", fix, got, want)
		}
	}
}

// Where nothing can be opened or expected, no key offers it.
func TestKeysOfARefreshToken(t *testing.T) {
	s := open(shell(themes.Unicode(), nil), report(t, refreshToken, validate.Expectations{}))
	for _, k := range s.Keys() {
		if name := k.Help().Key; (name == "enter" || name == "o") && k.Enabled() {
			t.Errorf("%s %s is offered", name, k.Help().Desc)
		}
	}
	if _, ok := press(t, s, "o").(screen.NoticeMsg); !ok || s.form != nil {
		t.Error("o opened the form")
	}
}

// An error that is pasted where a token should be goes to the diagnosis.
func TestPasteOfAnError(t *testing.T) {
	s := open(shell(themes.Unicode(), nil))
	body := `{"error":"invalid_grant","error_description":"AADSTS54005: The code was redeemed."}`
	s.Update(frame.Paste(body))
	msg, ok := settle(s, s.Update(s.line.Settled())).(screen.OpenDiagnoseMsg)
	if !ok || len(msg.Findings) != 1 || msg.Findings[0].Code != "AADSTS54005" || s.item() != nil {
		t.Fatalf("%#v", msg)
	}
	if got := s.sh.Secrets.Text(body); got != body {
		t.Errorf("the error is masked as a token: %s", got)
	}
	s.Update(frame.Paste("kT9-opaque-handle-of-a-personal-account"))
	if settle(s, s.Update(s.line.Settled())); s.item() == nil {
		t.Error("an opaque string was taken for an error")
	}
}
