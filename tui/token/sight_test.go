package token

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/muesli/termenv"

	"flowscope/engine/inspect"
	"flowscope/themes"
	"flowscope/tui/screen"
	"flowscope/validate"

	"flowscope/tui/tuitest/frame"
)

func kind(t testing.TB, name string) *inspect.Report {
	for _, k := range kinds {
		if k.name == name {
			return k.make(t)
		}
	}
	t.Fatalf("no kind %q", name)
	return nil
}

// Every kind of token fills every window exactly, on every pane and under
// whatever lies over it, and nothing that a terminal obeys gets through.
func TestEveryKindFits(t *testing.T) {
	for _, k := range kinds {
		r := k.make(t)
		sizes, glyphs := [][2]int{{60, 16}, {80, 22}, {120, 34}, {200, 58}}, []themes.Glyphs{themes.Unicode(), themes.ASCII()}
		if len(r.Token.Raw) > 100_000 {
			sizes, glyphs = sizes[3:], glyphs[:1]
		}
		for _, glyphs := range glyphs {
			for _, keys := range [][]string{nil, {"tab"}, {"tab", "tab", "enter"}, {"+", "pgdown"}, {"y"}, {"v"}, {"v", "tab"}, {"o"}, {"/", "a"}, {"enter", "pgdown", "pgdown"}} {
				for _, size := range sizes { // one screen for each: nothing is left over from another size
					s := pasted(shell(glyphs, nil), r)
					s.Resize(size[0], size[1])
					s.View()
					press(t, s, keys...)
					noControls(t, draw(t, s, size[0], size[1]))
				}
			}
		}
	}
}

// tab goes through all three panes and shift+tab back; each is seen when it has
// the focus, and its neighbour is named where it is not seen.
func TestPanes(t *testing.T) {
	for _, size := range [][2]int{{80, 22}, {120, 34}, {200, 58}} {
		s := pasted(shell(themes.Unicode(), nil), kind(t, "overage"))
		tells := fmt.Sprintf("tab Explained !%d", s.warned(s.item()))
		for _, step := range []struct{ key, sees, names string }{
			{"", "─ Claims ─", "tab Checks"}, {"tab", "─ Checks ─", tells}, {"tab", "─ Explained ─", "tab Claims"},
			{"tab", "─ Claims ─", "tab Checks"}, {"shift+tab", "─ Explained ─", "tab Claims"}, {"shift+tab", "─ Checks ─", tells},
		} {
			if step.key != "" {
				press(t, s, step.key)
			}
			view := draw(t, s, size[0], size[1])
			has(t, view, step.sees)
			if size[0] == 80 {
				has(t, view, step.names)
			}
		}
	}
}

// What a token tells: warnings first, then permissions, the flow with its
// doubt, the rest; enter opens what it rests on.
func TestExplained(t *testing.T) {
	s := pasted(shell(themes.Unicode(), nil), kind(t, "guest"))
	press(t, s, "tab", "tab")
	view := draw(t, s, 200, 90)
	last := -1
	for _, part := range []string{"! ", "Permissions", "asked  granted  scp  roles", "Which flow made it", "authorization code + PKCE", "possible; several flows", "Home and guest"} {
		_, pane, _ := strings.Cut(view, "Explained")
		at := strings.Index(pane, part)
		if at <= last {
			t.Errorf("%q stands too early, or not at all\n%s", part, view)
		}
		last = at
	}
	if strings.Contains(view, "rests on") {
		t.Error("it is open already")
	}
	press(t, s, "enter")
	has(t, draw(t, s, 200, 90), "rests on", "written in")
	for range 30 {
		press(t, s, "down")
	}
	if n := len(s.found(s.item()).tells); s.tell != n-1 {
		t.Errorf("at %d of %d", s.tell, n)
	}
	has(t, draw(t, pasted(shell(themes.Unicode(), nil), kind(t, "refresh")), 200, 58), "Explained", "The token does not say")
}

// A search keeps what has all its words, in any pane, and esc shows everything
// again.
func TestSearch(t *testing.T) {
	s := pasted(shell(themes.Unicode(), nil), kind(t, "guest"))
	draw(t, s, 200, 58)
	press(t, s, "/")
	for _, r := range "Fabrikam" {
		press(t, s, string(r))
	}
	if !s.Typing() || s.query != "Fabrikam" {
		t.Fatalf("typing %v, %q", s.Typing(), s.query)
	}
	view := draw(t, s, 200, 58)
	has(t, view, "3 of 25", "unique_name", "Bob Fabrikam", "Nothing here has these words. Claims")
	if strings.Contains(view, "azp ") || strings.Contains(view, "not-before") {
		t.Errorf("what has not the words is still there\n%s", view)
	}
	press(t, s, "enter")
	if s.Typing() {
		t.Error("enter did not end the typing")
	}
	has(t, draw(t, s, 80, 22), "Fabrikam  / changes it, esc shows everything")
	press(t, s, "down", "enter")
	has(t, draw(t, s, 80, 22), "means")
	if !s.Back() || s.query != "" {
		t.Error("esc did not show everything")
	}
	press(t, s, "/")
	for _, r := range "hash" { // only a check has it, and the focus goes there
		press(t, s, string(r))
	}
	press(t, s, "enter")
	if s.focus != checksPane {
		t.Errorf("the focus is on %d", s.focus)
	}
	press(t, s, "/", "q", "q")
	has(t, draw(t, s, 80, 22), "Nothing here has these words.")
	if !s.Back() || s.search != nil || s.query == "" {
		t.Error("the first esc leaves the words")
	}
	press(t, s, "m") // a page over it is closed first
	if s.over == nil || !s.Back() || s.over != nil || s.query == "" {
		t.Error("esc did not close the page and nothing else")
	}
	press(t, s, "/")
	s.Update(frame.Paste(sign(t, claimSet(map[string]any{"name": "Bob"}))))
	if len(s.items) != 2 || s.search != nil {
		t.Error("a token that is pasted into a search is not taken")
	}
}

// y offers what can be copied where the cursor is.
func TestCopyMenu(t *testing.T) {
	var copied string
	copies := func(s *Token, title string) string {
		t.Helper()
		copied = ""
		press(t, s, "y")
		if s.menu == nil {
			t.Fatal("no menu")
		}
		for i, it := range s.menu.list.Items {
			if it.Title == title {
				for range i {
					press(t, s, "down")
				}
				has(t, draw(t, s, 80, 22), title)
				if n, ok := press(t, s, "enter").(screen.NoticeMsg); !ok || !strings.HasSuffix(n.Text, " copied") {
					t.Errorf("%s: notice %#v", title, n)
				}
				return copied
			}
		}
		t.Errorf("%q is not offered", title)
		return ""
	}
	s := pasted(shell(themes.Unicode(), &copied), kind(t, "overage"))
	if got := copies(s, "The value of aud"); got != ordersID {
		t.Errorf("copied %q", got)
	}
	var claims map[string]any
	if got := copies(s, "The claims, as JSON"); json.Unmarshal([]byte(got), &claims) != nil || claims["tid"] != tenantID || !strings.Contains(got, "\n  ") {
		t.Errorf("copied %q", got)
	}
	if got := copies(s, "The call that helps"); got != "POST https://graph.microsoft.com/v1.0/users/"+personID+"/getMemberObjects" {
		t.Errorf("copied %q", got)
	}
	s = pasted(shell(themes.Unicode(), &copied), wrongAudience(t))
	if got := copies(s, "The check audience"); !strings.HasPrefix(got, "audience: fail\nexpected: "+ordersID+"\nfound: api://inventory\n") {
		t.Errorf("copied %q", got)
	}
	if got := copies(s, "What to change"); !strings.HasPrefix(got, "Ask for a scope") {
		t.Errorf("copied %q", got)
	}
	press(t, s, "y")
	if !s.Back() || s.menu != nil {
		t.Error("esc does not close the menu")
	}
}

// What was expected by hand is expected of the next token of that kind, and the
// screen says so; c forgets it.
func TestMemory(t *testing.T) {
	session := &Session{}
	open := func() *Token {
		return New(shell(themes.Unicode(), nil), Deps{Checker: &checker{}, Session: session}, screen.OpenTokenMsg{})
	}
	paste := func(s *Token, claims map[string]any) {
		t.Helper()
		settle(s, s.Update(frame.Paste(sign(t, claims))))
	}
	s := open()
	paste(s, claimSet(nil))
	has(t, draw(t, s, 80, 22), "expected: nothing yet")
	press(t, s, "o")
	s.field("audience").SetValue(ordersID)
	s.field("nonce").SetValue("once")
	press(t, s, "ctrl+s")
	has(t, draw(t, s, 120, 34), "audience "+ordersID, "(set by hand)")
	s = open() // another screen of the same program
	paste(s, claimSet(map[string]any{"aud": "api://inventory"}))
	view := draw(t, s, 120, 34)
	has(t, view, "INVALID", "(from before; c forgets it)", "This was expected of a token")
	if want := s.item().report.Expect; want.Nonce != "" || !slices.Equal(want.Audiences, []string{ordersID}) {
		t.Errorf("kept %+v", want)
	}
	paste(s, map[string]any{"aud": webID, "iss": issuer, "nonce": "n", "sub": "s", "tid": tenantID, "exp": now.Add(time.Hour).Unix(), "iat": now.Unix(), "ver": "2.0"})
	if want := s.item().report.Expect; s.item().report.Kind != validate.KindID || len(want.Audiences) > 0 {
		t.Errorf("an ID token is expected to be for %v", want.Audiences)
	}
	press(t, s, "left", "c")
	has(t, draw(t, s, 80, 22), "UNVERIFIED", "expected: nothing yet")
	s = open()
	paste(s, claimSet(map[string]any{"aud": "api://other"}))
	has(t, draw(t, s, 80, 22), "UNVERIFIED", "expected: nothing yet")
}

// A preset fills the form; a change after that is by hand again.
func TestPresets(t *testing.T) {
	c := &checker{presets: []inspect.Preset{
		{Name: "ID tokens of the web app", Want: validate.Expectations{Audiences: []string{webID}, Type: validate.KindID}},
		{Name: "Orders API", Want: expectations()},
	}}
	s := New(shell(themes.Unicode(), nil), Deps{Checker: c}, screen.OpenTokenMsg{})
	settle(s, s.Update(frame.Paste(sign(t, claimSet(nil)))))
	press(t, s, "o")
	view := draw(t, s, 120, 34)
	has(t, view, "from", "by hand", "the token names the audience of", "Orders API")
	press(t, s, "right")
	if got := s.field("audience").Value(); got != ordersID {
		t.Errorf("audience %q", got)
	}
	press(t, s, "ctrl+s")
	has(t, draw(t, s, 120, 34), " VALID ", "(Orders API)")
	press(t, s, "o", "right", "down", "backspace")
	if got := s.field("from").Value(); got != ownHand {
		t.Errorf("after a change: from %q", got)
	}
}

// What can't be expected is said at its field, and nothing is checked.
func TestProblemsOfTheForm(t *testing.T) {
	for _, x := range []struct{ field, value, says string }{
		{"issuer", "contoso", "no address"}, {"issuer", "https://login.microsoftonline.com/{tenant}/v2.0", "only {tenantid}"},
		{"issuer", "https://login.microsoftonline.com/x/v2.0/.well-known/openid-configuration", "before /.well-known"},
		{"tenant", "contoso.onmicrosoft.com", "never a domain"}, {"tenant", "common", "a door for many"}, {"tenant", "12", "no GUID"},
		{"scope", "api://orders/Orders.Read", "Orders.Read"}, {"algorithms", "RS256 none", "never allowed"}, {"algorithms", "hs256", "shared secret"},
		{"algorithms", "RSA", "no such algorithm"}, {"skew", "soon", "no duration"}, {"skew", "-5m", "negative"}, {"skew", "48h", "more than a day"},
		{"client", "a b", "one client id"}, {"nonce", "a b", "no spaces"},
	} {
		s := pasted(shell(themes.Unicode(), nil), kind(t, "valid"))
		press(t, s, "o")
		s.field(x.field).SetValue(x.value)
		if msg := press(t, s, "ctrl+s"); s.form == nil || msg != nil {
			t.Fatalf("%s %q was taken", x.field, x.value)
		}
		if in := s.form.At(); in == nil || in.Name != x.field || !strings.Contains(in.Problem, x.says) {
			t.Errorf("%s %q: %+v", x.field, x.value, in)
		}
	}
	want, problems := readForm(map[string]string{"skew": "90", "algorithms": "rs256, ps256", "issuer": "https://h/{tenantid}/v2.0", "type": "id", "tenant": strings.ToUpper(tenantID)}, validate.Expectations{})
	if len(problems) > 0 || want.Skew != 90*time.Second || !slices.Equal(want.Algorithms, []string{"RS256", "PS256"}) || want.Type != validate.KindID {
		t.Errorf("%+v, %v", want, problems)
	}
	for text, d := range map[string]time.Duration{"": 0, "0": -1, "0s": -1, "5m": 5 * time.Minute, "1 h": time.Hour} {
		if got, problem := skewIn(text); got != d || problem != "" {
			t.Errorf("%q: %v %s", text, got, problem)
		}
	}
}

// The bar says where now is, be it before, in or after the life, or in the skew.
func TestTimebar(t *testing.T) {
	at := func(d time.Duration) int64 { return now.Add(d).Unix() }
	for _, x := range []struct {
		claims map[string]any
		want   validate.Expectations
		says   []string
	}{
		{nil, expectations(), []string{"09:12 issued", "expires 10:23 UTC  in 21 minutes", "now 10:02"}},
		{map[string]any{"exp": at(-2 * time.Minute)}, expectations(), []string{"over 2 minutes ago, inside the skew"}},
		{map[string]any{"exp": at(-2 * time.Minute)}, validate.Expectations{Skew: -1}, []string{"expired 2 minutes ago"}},
		{map[string]any{"exp": at(-2 * time.Hour), "iat": at(-3 * time.Hour), "nbf": at(-3 * time.Hour)}, expectations(), []string{"expired 2 hours ago"}},
		{map[string]any{"iat": at(10 * time.Minute), "nbf": at(10 * time.Minute), "exp": at(time.Hour)}, expectations(), []string{"begins in 10 minutes"}},
		{map[string]any{"nbf": at(3 * time.Minute)}, expectations(), []string{"10:05 begins", "begins in 3 minutes, inside the skew"}},
		{map[string]any{"exp": at(90 * 24 * time.Hour)}, expectations(), []string{"in 90 days, a long life"}},
		{map[string]any{"exp": at(-20 * time.Hour)}, expectations(), []string{"It ends before it begins"}},
		{map[string]any{"exp": 253402300799}, expectations(), []string{"the year 9999", "as good as never"}},
		{map[string]any{"exp": nil}, expectations(), []string{"It has no exp"}},
		{map[string]any{"exp": "soon"}, expectations(), []string{"Its exp is no date"}},
		{map[string]any{"iat": nil, "nbf": nil}, expectations(), []string{"no beginning is stated"}},
	} {
		s := pasted(shell(themes.Unicode(), nil), report(t, sign(t, claimSet(x.claims)), x.want))
		has(t, draw(t, s, 120, 34), x.says...)
		draw(t, s, 80, 22)
	}
	has(t, draw(t, pasted(shell(themes.Unicode(), nil), kind(t, "clock")), 120, 34), "This clock is 9 minutes ahead of login.microsoftonline.com's.", "set this", "clock first")
}

// All checks open and close with one key.
func TestOpenAll(t *testing.T) {
	s := pasted(shell(themes.Unicode(), nil), wrongAudience(t))
	count := func() int { return strings.Count(draw(t, s, 120, 300), "written in") }
	n := count()
	press(t, s, "+")
	all := count()
	press(t, s, "+")
	if n != 1 || all != len(s.item().checks) || count() != 0 {
		t.Errorf("open: %d, then %d of %d, then %d", n, all, len(s.item().checks), count())
	}
}

// Ten thousand claims can be walked through, searched and copied.
func TestManyClaims(t *testing.T) {
	s := pasted(shell(themes.Unicode(), nil), manyClaims(t))
	draw(t, s, 200, 58)
	if n := len(s.item().rows); n < 10000 {
		t.Fatalf("%d rows", n)
	}
	for range 40 {
		press(t, s, "pgdown")
	}
	draw(t, s, 200, 58)
	s.claim = len(s.item().rows) - 1
	press(t, s, "up", "down")
	last := s.item().rows[s.claim]
	has(t, draw(t, s, 200, 58), "▸ "+last.name)
	press(t, s, "enter")
	has(t, draw(t, s, 200, 58), "means")
	press(t, s, "/")
	for _, r := range "value 7777" {
		press(t, s, string(r))
	}
	has(t, draw(t, s, 200, 58), "extension_07777", "1 of 10,0")
}

// BenchmarkManyClaims is one key and the frame after it, on ten thousand claims.
func BenchmarkManyClaims(b *testing.B) {
	sh := frame.Shell(themes.Unicode(), termenv.TrueColor, "flowscope", now, nil)
	for _, keys := range [][]string{{"down"}, {"pgdown"}, {"tab"}, {"+"}, {"/", "v", "a", "esc", "esc"}} {
		b.Run(fmt.Sprint(keys), func(b *testing.B) {
			s := pasted(sh, manyClaims(b))
			s.Resize(200, 58)
			s.View()
			for b.Loop() {
				for _, k := range keys {
					press(b, s, k)
					if k == "esc" {
						s.Back()
					}
					s.View()
				}
			}
		})
	}
}

// The raw view marks the place of a fault, in the decoded text or among the
// characters of a segment, and names the five parts of an encrypted token.
func TestFaultsInTheRawView(t *testing.T) {
	view := func(r *inspect.Report) string {
		s := pasted(shell(themes.Unicode(), nil), r)
		press(t, s, "v")
		return draw(t, s, 120, 34)
	}
	broken := view(kind(t, "broken"))
	has(t, broken, `claims member "aud": stands there twice`, "▲ here, byte 149", `claims member "exp": is a string`)
	lines := strings.Split(broken, "\n")
	for i, l := range lines {
		if at := strings.Index(l, "▲ here, byte 149"); at >= 0 {
			column := len([]rune(l[:at]))
			if above := []rune(lines[i-1]); above[column] != ',' || above[column-1] != '"' {
				t.Errorf("points at %q in\n%s", string(above[column]), broken)
			}
		}
	}
	raw := sign(t, claimSet(nil))
	i := strings.IndexByte(raw, '.')
	has(t, view(report(t, raw[:i+10]+"="+raw[i+10:], expectations())), "▲ here, character 10", "✗ claims: ")
	encrypted := view(kind(t, "encrypted"))
	has(t, encrypted, "encrypted key  342 characters, masked: for one receiver", "initialization vector", "ciphertext  800", "authentication tag")
	if strings.Contains(encrypted, "signature") || strings.Contains(encrypted, "AAAAAAAA") {
		t.Errorf("an encrypted token has no signature, and its parts are masked\n%s", encrypted)
	}
	has(t, view(kind(t, "attack")), "signature  0 characters", "empty")
}
