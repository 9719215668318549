package token

import (
	"context"
	"fmt"
	"go/build"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/muesli/termenv"

	"flowscope/engine/inspect"
	"flowscope/themes"
	"flowscope/tui/screen"
	"flowscope/validate"

	"flowscope/tui/tuitest/frame"
)

// open makes the screen for tokens of a run.
func open(sh *screen.Shell, reports ...*inspect.Report) *Token {
	return New(sh, deps(), screen.OpenTokenMsg{Tokens: reports, From: "from this run", Flow: "authorization-code"})
}

func validReport(t testing.TB) *inspect.Report {
	return report(t, sign(t, claimSet(nil)), expectations())
}

func wrongAudience(t testing.TB) *inspect.Report {
	return report(t, sign(t, claimSet(map[string]any{"aud": "api://inventory"})), expectations())
}

const refreshToken = "1.AXQAERERESIiM0OERFVVVVVVVQAAAAAAAAAAwAAAAAAAAAB0AAA.AgABAwEAAAD"

func TestGoldens(t *testing.T) {
	for _, size := range [][2]int{{80, 22}, {120, 34}, {200, 58}} {
		name := fmt.Sprintf("%dx%d", size[0], size[1])
		frame.Golden(t, "valid-"+name, draw(t, open(shell(themes.Unicode(), nil), validReport(t)), size[0], size[1]))
		several := open(shell(themes.Unicode(), nil), wrongAudience(t), validReport(t), report(t, refreshToken, validate.Expectations{}))
		frame.Golden(t, "invalid-"+name, draw(t, several, size[0], size[1]))
		frame.Golden(t, "empty-"+name, draw(t, open(shell(themes.Unicode(), nil)), size[0], size[1]))
	}
	ascii := draw(t, open(shell(themes.ASCII(), nil), wrongAudience(t)), 120, 34)
	frame.Golden(t, "ascii-120x34", ascii)
	for _, r := range ascii {
		if r > 0x7e {
			t.Fatalf("%q is no ASCII", r)
		}
	}
}

// Text that a terminal would obey, very long words and wide characters: every
// size is filled exactly, and nothing of it reaches the terminal.
func TestSizes(t *testing.T) {
	hostile := map[string]any{
		"name": "\x1b[31mred\x1b]0;t\x07\u202egnp.exe\u200b", "roles": []string{strings.Repeat("日本語", 200), "a\nb"},
		strings.Repeat("claim", 60): strings.Repeat("x", 9000), "x\x1b[2J": map[string]any{"deep": []int{1, 2}}, "": "empty",
		"漢字": "漢字", "scp": strings.Repeat("Scope.Read ", 300), "exp": 253402300799, "iat": -5,
	}
	tokens := []*inspect.Report{
		validReport(t), wrongAudience(t), report(t, sign(t, claimSet(hostile)), expectations()), report(t, refreshToken, validate.Expectations{}),
		report(t, "eyJhbGciOiJub25lIn0..", expectations()), report(t, "\x1b[31mno token\x07", validate.Expectations{}),
		report(t, sign(t, claimSet(map[string]any{"iat": nil, "nbf": nil})), expectations()),
	}
	for _, glyphs := range []themes.Glyphs{themes.Unicode(), themes.ASCII()} {
		for i := range tokens {
			for _, keys := range [][]string{nil, {"tab", "enter"}, {"enter", "down", "enter", "pgdown"}, {"v"}, {"v", "tab", "pgdown"}, {"o"}} {
				for _, size := range [][2]int{{60, 16}, {61, 17}, {79, 21}, {80, 22}, {99, 30}, {100, 27}, {101, 28}, {132, 43}, {200, 58}, {300, 90}} {
					s := open(shell(glyphs, nil), tokens...)
					s.show(i)
					s.Resize(size[0], size[1])
					s.View()
					press(t, s, keys...)
					noControls(t, draw(t, s, size[0], size[1]))
				}
			}
		}
	}
	s := open(shell(themes.Unicode(), nil))
	for w := 60; w < 130; w += 7 {
		noControls(t, draw(t, s, w, 16+w%9))
	}
}

func noControls(t testing.TB, view string) {
	t.Helper()
	for _, r := range view {
		if r < 0x20 && r != '\n' || r >= 0x7f && r <= 0x9f || r == 0x202e || r == 0x200b {
			t.Fatalf("%U reaches the terminal", r)
		}
	}
}

// A token is taken as soon as it is pasted: its claims before the keys are
// there, its verdict when they are.
func TestPaste(t *testing.T) {
	raw := sign(t, claimSet(nil))
	s := open(shell(themes.Unicode(), nil))
	cmd := s.Update(frame.Paste("Authorization: Bearer " + raw + "\n"))
	if cmd == nil || s.item() == nil || s.item().busy == 0 {
		t.Fatal("the paste was not taken at once")
	}
	if got := s.Status(); got != "asking login.microsoftonline.com for its keys…" {
		t.Errorf("status %q", got)
	}
	if view := draw(t, s, 120, 34); !strings.Contains(view, "CHECKING") || !strings.Contains(view, "ada@conto") {
		t.Errorf("before the keys:\n%s", view)
	}
	s.Update(cmd())
	if view := draw(t, s, 120, 34); !strings.Contains(view, "UNVERIFIED") || !strings.Contains(view, "✓ signature") {
		t.Errorf("after the keys:\n%s", view)
	}
	if got := s.Status(); got != fmt.Sprintf("1,%03d characters", len(raw)-1000) {
		t.Errorf("status %q for %d characters", got, len(raw))
	}
}

// Without bracketed paste a token comes in bursts, its line breaks as enter
// keys, and its last letters one by one.
func TestBursts(t *testing.T) {
	raw := sign(t, claimSet(nil))
	s := open(shell(themes.Unicode(), nil), wrongAudience(t))
	for i := 0; i < len(raw); i += 200 {
		s.Update(frame.Key(raw[i:min(i+200, len(raw))]))
		s.Update(frame.Key("enter"))
		if !s.Typing() || len(s.items) != 1 {
			t.Fatal("a newline of a paste acted as enter")
		}
	}
	if !strings.Contains(s.Status(), " characters taken") || !strings.Contains(draw(t, s, 80, 22), "characters") {
		t.Errorf("status %q", s.Status())
	}
	if cmd := s.Update(s.line.Settled()); cmd == nil || len(s.items) != 2 || s.item().report.Token.Raw != raw {
		t.Fatal("the paste was not taken when it was over")
	}
}

// A terminal may even deliver single runes: "ey" opens the line.
func TestTyped(t *testing.T) {
	raw := sign(t, claimSet(nil))
	s := open(shell(themes.Unicode(), nil))
	for _, r := range raw {
		s.Update(frame.Key(string(r)))
	}
	if !s.Typing() || s.line.Text() != raw {
		t.Fatalf("taken: %d of %d", s.line.Len(), len(raw))
	}
	if strings.Contains(draw(t, s, 80, 22), raw[len(raw)-20:]) {
		t.Error("the signature is shown while it is typed")
	}
	s.Update(s.line.Settled())
	settle(s, s.Update(frame.Key("enter")))
	if s.item() == nil || s.item().report.Token.Raw != raw || s.Typing() {
		t.Error("enter did not check what was typed")
	}
	s = open(shell(themes.Unicode(), nil), validReport(t))
	press(t, s, "e", "x", "y")
	if s.Typing() {
		t.Error("e and y opened the line though another key came in between")
	}
}

func TestNoToken(t *testing.T) {
	s := open(shell(themes.Unicode(), nil))
	s.Update(frame.Paste("hello"))
	msg := settle(s, s.Update(s.line.Settled()))
	if n, ok := msg.(screen.NoticeMsg); !ok || !strings.Contains(n.Text, "no token") || s.item() != nil {
		t.Errorf("got %#v", msg)
	}
}

// A late result belongs to the tab of its own token; that of an older check of
// one token is dropped, and its check is told to end. So are the checks of a tab
// and of a screen that are closed.
func TestLateResult(t *testing.T) {
	first, second := sign(t, claimSet(nil)), sign(t, claimSet(map[string]any{"name": "Bob"}))
	var contexts []context.Context
	d := Deps{Checker: &checker{check: func(ctx context.Context, raw string, want validate.Expectations) *inspect.Report {
		contexts = append(contexts, ctx)
		return deps().Checker.Check(ctx, raw, want)
	}}}
	s := New(shell(themes.Unicode(), nil), d, screen.OpenTokenMsg{})
	one := s.Update(frame.Paste(first))
	two := s.Update(frame.Paste(second))
	s.Update(one())
	if s.item().report.Token.Raw != second || s.item().busy == 0 || s.items[0].busy != 0 {
		t.Error("a late result went to another token than its own")
	}
	again := s.run(s.item(), second, validate.Expectations{})
	late := two()
	if contexts[1].Err() == nil {
		t.Error("the older check of the same token was not told to end")
	}
	if s.Update(late); s.item().busy == 0 {
		t.Error("the result of an older check was taken")
	}
	if s.Update(again()); s.item().busy != 0 || len(s.items) != 2 {
		t.Error("the newest result was not taken")
	}
	for i, leave := range []func(){func() { press(t, s, "delete") }, s.Close} {
		pending := s.Update(frame.Paste(sign(t, claimSet(map[string]any{"name": "Carol"}))))
		leave()
		pending()
		if contexts[3+i].Err() == nil {
			t.Errorf("closing %d did not end the check", i)
		}
	}
}

// What is expected can be stated, and decides.
func TestExpectations(t *testing.T) {
	raw := sign(t, claimSet(nil))
	s := open(shell(themes.Unicode(), nil), report(t, raw, validate.Expectations{Issuer: issuer}))
	if v := s.item().report.Verdict; v != validate.Unverified {
		t.Fatalf("verdict %s", v)
	}
	press(t, s, "o")
	if !s.Typing() {
		t.Fatal("the form does not take text")
	}
	s.form.Inputs[0].SetValue("api://other, " + ordersID)
	s.form.Inputs[3].SetValue("Orders.Read Orders.ReadWrite")
	s.form.Inputs[5].SetValue("user")
	s.form.Leave()
	press(t, s, "enter")
	want := s.item().report.Expect
	if v := s.item().report.Verdict; v != validate.Valid || s.Typing() {
		t.Errorf("verdict %s, expecting %+v", v, want)
	}
	if !slices.Equal(want.Audiences, []string{"api://other", ordersID}) || !slices.Equal(want.Scopes, []string{"Orders.Read", "Orders.ReadWrite"}) || want.Caller != "user" {
		t.Errorf("read from the form: %+v", want)
	}
	press(t, s, "o")
	s.form.Leave()
	press(t, s, "right", "enter")
	if v := s.item().report.Verdict; v != validate.Unverified {
		t.Errorf("expecting nothing: %s", v)
	}
	press(t, s, "o")
	s.Update(frame.Paste(sign(t, claimSet(map[string]any{"name": "Bob"}))))
	if s.form != nil || len(s.items) != 2 {
		t.Error("a token that was pasted into the form was not taken")
	}
}

func TestCheckOrder(t *testing.T) {
	r := report(t, sign(t, claimSet(map[string]any{"aud": "api://inventory", "exp": now.Add(time.Minute).Unix()})), validate.Expectations{Audiences: []string{ordersID}})
	rank := -1
	for _, c := range newItem(r, "", "", nil).checks {
		n := map[validate.Status]int{validate.StatusFail: 0, validate.StatusWarn: 1, validate.StatusNotRun: 2, validate.StatusPass: 3}[c.Status]
		if c.Status == validate.StatusNotRun && !validate.Needed(c.ID) {
			n = 4
		}
		if n < rank {
			t.Errorf("%s (%s) stands too late", c.ID, c.Status)
		}
		rank = max(rank, n)
	}
	if rank != 4 {
		t.Errorf("the last rank is %d", rank)
	}
}

func TestOpenAndClose(t *testing.T) {
	s := open(shell(themes.Unicode(), nil), wrongAudience(t), validReport(t))
	see := func(what string, want bool) {
		t.Helper()
		if strings.Contains(draw(t, s, 120, 50), what) != want {
			t.Errorf("%q seen: %v", what, !want)
		}
	}
	see("written in", true) // a failure is open
	press(t, s, "enter")
	see("written in", false)
	press(t, s, "down", "enter")
	see("written in", true) // so is a check that was opened
	press(t, s, "shift+tab", "enter")
	see("Compare it whole", false)
	see("read by", true)
	press(t, s, "down", "enter")
	see("Compare it whole", true)
	press(t, s, "right")
	see("VALID", true)
	if s.at != 1 || s.Subject() != "access token · from this run" {
		t.Errorf("token %d, subject %q", s.at, s.Subject())
	}
	press(t, s, "right", "left", "left")
	if s.at != 0 {
		t.Errorf("token %d", s.at)
	}
	press(t, s, "v")
	see("signature  342 characters, masked", true)
	if !s.Back() || s.Back() {
		t.Error("esc closes the raw view and then the screen")
	}
}

// The cursor can reach every row, and the row is seen.
func TestScroll(t *testing.T) {
	for _, size := range [][2]int{{60, 16}, {80, 22}, {120, 34}} {
		s := open(shell(themes.Unicode(), nil), validReport(t))
		s.Resize(size[0], size[1])
		for i := range s.item().rows {
			name := s.item().rows[i].name
			if s.claim != i || !strings.Contains(draw(t, s, size[0], size[1]), "▸ "+name[:min(len(name), 12)]) {
				t.Fatalf("%v: row %d is not seen", size, i)
			}
			press(t, s, "down")
		}
	}
}

// No secret is drawn or copied: neither a signature nor an opaque token.
func TestSecrets(t *testing.T) {
	var copied string
	raw := sign(t, claimSet(nil))
	signature := raw[strings.LastIndexByte(raw, '.')+1:]
	s := open(shell(themes.Unicode(), &copied), report(t, raw, expectations()), report(t, refreshToken, validate.Expectations{}))
	for range 2 {
		press(t, s, "y", "enter")
		views := copied + draw(t, s, 200, 58)
		press(t, s, "v")
		views += draw(t, s, 200, 58)
		press(t, s, "v", "right")
		for _, secret := range []string{signature[:20], refreshToken[10:30]} {
			if strings.Contains(strings.ReplaceAll(views, "\n", ""), secret) {
				t.Errorf("%s is shown", secret)
			}
		}
	}
	if !strings.HasPrefix(copied, "# UNVERIFIED: refresh token") {
		t.Errorf("copied: %s", copied)
	}
}

func TestMarkdown(t *testing.T) {
	var copied string
	s := open(shell(themes.Unicode(), &copied), report(t, sign(t, claimSet(map[string]any{"aud": "api://inventory", "name": "a|b`c\n# d"})), expectations()))
	msg := press(t, s, "y", "y")
	if n, ok := msg.(screen.NoticeMsg); !ok || n.Text != "the report copied" {
		t.Errorf("notice %#v", msg)
	}
	for _, want := range []string{"# INVALID: access token", "| audience | fail | `" + ordersID + "` | `api://inventory` |", "`a\\|b'c # d`", "### For whom"} {
		if !strings.Contains(copied, want) {
			t.Errorf("%q is missing in\n%s", want, copied)
		}
	}
}

func BenchmarkView(b *testing.B) {
	sh := frame.Shell(themes.Unicode(), termenv.TrueColor, "flowscope", now, nil)
	for name, keys := range map[string][]string{"claims": nil, "raw": {"v"}} {
		b.Run(name, func(b *testing.B) {
			s := open(sh, wrongAudience(b), validReport(b))
			s.Resize(200, 58)
			press(b, s, keys...)
			for b.Loop() {
				s.View()
			}
		})
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Second: "1 second", 90 * time.Second: "90 seconds", 21 * time.Minute: "21 minutes", 90 * time.Minute: "90 minutes",
		3 * time.Hour: "3 hours", 50 * time.Hour: "2 days", 3 * 365 * 24 * time.Hour: "3 years",
	} {
		if got := span(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

// Every key that the footer offers does something, and none is offered twice.
func TestKeys(t *testing.T) {
	s := open(shell(themes.Unicode(), nil), validReport(t), wrongAudience(t))
	for _, keys := range [][]string{nil, {"v"}, {"o"}} {
		press(t, s, keys...)
		seen := map[string]bool{}
		for _, b := range s.Keys() {
			if seen[b.Help().Key] {
				t.Errorf("%s twice", b.Help().Key)
			}
			seen[b.Help().Key] = true
		}
		for s.Back() {
		}
	}
	var none tea.Msg = "something else"
	if s.Update(none) != nil {
		t.Error("an unknown message led to something")
	}
}

var banned = regexp.MustCompile(`^flowscope/(tui/(home|decide|run|diagnose|lab|targets|settings)|engine/(msal|oidc|lab|wire)|validate/jwks)`)

func TestImports(t *testing.T) {
	pkg, err := build.ImportDir(".", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range pkg.Imports {
		if banned.MatchString(path) || path == "net/http" {
			t.Errorf("the screen imports %s: screens know neither each other nor drivers, and ask nobody themselves", path)
		}
	}
}
