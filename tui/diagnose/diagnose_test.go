package diagnose

import (
	"fmt"
	"go/build"
	"regexp"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/muesli/termenv"

	"flowscope/engine/explain"
	"flowscope/engine/trace"
	"flowscope/themes"
	"flowscope/tui/screen"

	"flowscope/tui/tuitest/frame"
)

func TestGoldens(t *testing.T) {
	for _, size := range [][2]int{{80, 22}, {120, 34}, {200, 58}} {
		name := fmt.Sprintf("%dx%d", size[0], size[1])
		frame.Golden(t, "redirect-"+name, draw(t, New(shell(themes.Unicode(), nil), failed(redirectFinding(), secretFinding())), size[0], size[1]))
		frame.Golden(t, "empty-"+name, draw(t, New(shell(themes.Unicode(), nil), screen.OpenDiagnoseMsg{}), size[0], size[1]))
	}
	d := New(shell(themes.Unicode(), nil), failed(redirectFinding()))
	d.Resize(80, 22)
	press(t, d, "tab")
	frame.Golden(t, "change-80x22", draw(t, d, 80, 22))
	press(t, d, "tab")
	frame.Golden(t, "evidence-80x22", draw(t, d, 80, 22))
	ascii := draw(t, New(shell(themes.ASCII(), nil), failed(redirectFinding())), 120, 34)
	frame.Golden(t, "ascii-120x34", ascii)
	for _, r := range ascii {
		if r > 0x7e {
			t.Fatalf("%q is no ASCII", r)
		}
	}
}

// hostileFinding holds what a terminal would obey, very long words and wide
// characters in every field.
func hostileFinding() explain.Finding {
	evil := "\x1b[31mred\x1b]0;t\x07\u202e" + strings.Repeat("日本語", 40) + strings.Repeat("x", 500)
	f := explain.Finding{
		Code: evil, Name: evil, OAuthError: evil + "!", Stage: evil, Step: 2, Exchange: 2, What: evil, Why: []string{evil, evil}, FlowRight: evil, Source: []string{evil},
		ServerWords: evil, Who: evil, Confidence: explain.Certain, Support: explain.Support{TraceID: evil, CorrelationID: evil, Timestamp: evil},
		Fix: []explain.Fix{{Title: evil, Where: evil, Command: evil, Note: evil, Code: "a\n\tb" + evil, Change: &trace.Change{}}},
	}
	other := strings.Replace(evil, "x", "y", 1)
	at := strings.IndexByte(evil, 'x')
	f.Evidence = []explain.Evidence{
		{Label: evil, Value: evil, Compare: other, At: len([]rune(evil[:at])), Note: evil}, {Label: "l", Value: other, Compare: evil, At: at},
		{Label: "beyond", Value: "ab", Compare: "abc", At: 900}, {Label: "there", Value: "abc", Compare: "ab", At: 900},
		{Label: evil, Value: evil, At: -1}, {Label: "", Value: "", At: 0},
	}
	return f
}

func TestSizes(t *testing.T) {
	opens := []screen.OpenDiagnoseMsg{
		{}, failed(redirectFinding(), secretFinding()), failed(hostileFinding(), redirectFinding()),
		{Findings: []explain.Finding{{}}}, {Findings: []explain.Finding{hostileFinding()}, Trace: &trace.Trace{}},
	}
	for _, glyphs := range []themes.Glyphs{themes.Unicode(), themes.ASCII()} {
		for _, open := range opens {
			for _, keys := range [][]string{nil, {"tab", "pgdown"}, {"tab", "tab", "down"}, {"right"}, {"/"}} {
				for _, size := range [][2]int{{60, 16}, {61, 17}, {79, 21}, {80, 22}, {99, 30}, {100, 27}, {101, 28}, {132, 43}, {200, 58}, {300, 90}} {
					d := New(shell(glyphs, nil), open)
					d.Resize(size[0], size[1])
					press(t, d, keys...)
					for _, r := range draw(t, d, size[0], size[1]) {
						if r < 0x20 && r != '\n' || r >= 0x7f && r <= 0x9f || r == 0x202e {
							t.Fatalf("%U reaches the terminal", r)
						}
					}
				}
			}
		}
	}
}

// The difference stays in sight, however long the values are, and the caret
// points at it.
func TestCompared(t *testing.T) {
	long := strings.Repeat("a", 300)
	for name, c := range map[string]struct {
		a, b string
		at   int
	}{
		"in the middle": {"http://localhost/Callback", "http://localhost/callback", 17},
		"far behind":    {long + "X" + long, long + "Y" + long, 300},
		"at the start":  {"X" + long, "Y" + long, 0},
		"one is longer": {"abc/", "abc", 3},
		"wide runes":    {strings.Repeat("語", 80) + "X", strings.Repeat("語", 80) + "Y", 80},
	} {
		for _, w := range []int{50, 70, 120} {
			d := New(shell(themes.Unicode(), nil), failed(redirectFinding()))
			lines := d.compared(explain.Evidence{Label: "sent", Value: c.a, Compare: c.b, At: c.at, Note: "n"}, explain.Evidence{Label: "registered", Value: c.b, Compare: c.a, At: c.at}, 12, w)
			column := cellsBefore(lines[2], "▲")
			x, y := cellAt(lines[0], column), cellAt(lines[1], column)
			if x == y {
				t.Errorf("%s in %d: the caret stands under %q and %q\n%s", name, w, x, y, strings.Join(lines, "\n"))
			}
		}
	}
}

func TestRetry(t *testing.T) {
	f := redirectFinding()
	d := New(shell(themes.Unicode(), nil), failed(f))
	msg, ok := press(t, d, "f").(screen.RetryMsg)
	if !ok || msg.Change.Purpose != trace.Authorize || msg.Change.Ops[0].Value != registeredURI {
		t.Errorf("got %#v", msg)
	}
	if k := d.Keys()[0]; k.Help().Key != "f" || !k.Enabled() {
		t.Error("the footer does not offer f first")
	}
	for name, open := range map[string]screen.OpenDiagnoseMsg{
		"nothing in the request mends it": failed(secretFinding()),
		"there is no run":                 {Findings: []explain.Finding{f}},
	} {
		d := New(shell(themes.Unicode(), nil), open)
		if _, ok := press(t, d, "f").(screen.NoticeMsg); !ok || d.Keys()[0].Enabled() {
			t.Errorf("%s, and f is offered", name)
		}
	}
}

// typed sends text one key at a time, without waiting for anything.
func typed(d *Diagnose, text string) {
	for _, r := range text {
		d.Update(frame.Key(string(r)))
	}
}

func TestPasteAndType(t *testing.T) {
	body := `{"error":"invalid_grant","error_description":"AADSTS54005: OAuth2 Authorization code was already redeemed.\r\nTrace ID: 5c1e0000-1111-4222-8333-444444449d00","error_codes":[54005]}`
	for name, c := range map[string]struct {
		do   func(*Diagnose)
		want string
	}{
		"a JSON body": {func(d *Diagnose) { d.Update(frame.Paste(body)); d.Update(d.line.Settled()) }, "AADSTS54005"},
		"a long log":  {func(d *Diagnose) { d.Update(frame.Paste(strings.Repeat("info: all is well\n", 40) + body)) }, "AADSTS54005"},
		"a burst": {func(d *Diagnose) {
			d.Update(frame.Key("AADSTS50011: no"))
			d.Update(frame.Key("enter"))
			d.Update(d.line.Settled())
		}, "AADSTS50011"},
		"a redirect": {func(d *Diagnose) {
			d.Update(frame.Paste("http://localhost/?error=access_denied"))
			d.Update(d.line.Settled())
		}, "access_denied"},
		"a number":              {func(d *Diagnose) { typed(d, "50011"); d.Update(d.line.Settled()); press(t, d, "enter") }, "AADSTS50011"},
		"a number, typed fast":  {func(d *Diagnose) { typed(d, "50011"); d.Update(frame.Key("enter")); d.Update(d.line.Settled()) }, "AADSTS50011"},
		"an unknown number":     {func(d *Diagnose) { d.Update(frame.Paste("AADSTS987654321")); d.Update(d.line.Settled()) }, "AADSTS987654321"},
		"a word":                {func(d *Diagnose) { typed(d, "invalid_grant"); d.Update(d.line.Settled()); press(t, d, "enter") }, "invalid_grant"},
		"one chosen in a list":  {func(d *Diagnose) { typed(d, "redirect"); press(t, d, "down", "up", "enter") }, explain.Search("redirect")[0].Code},
		"the first of the list": {func(d *Diagnose) { press(t, d, "/", "enter") }, explain.Entries()[0].Code},
	} {
		d := New(shell(themes.Unicode(), nil), screen.OpenDiagnoseMsg{})
		d.Resize(120, 34)
		c.do(d)
		f, ok := d.finding()
		if !ok || f.Code != c.want {
			t.Errorf("%s: %q, want %q", name, f.Code, c.want)
			continue
		}
		if view := draw(t, d, 120, 34); !strings.Contains(view, c.want) {
			t.Errorf("%s: not shown\n%s", name, view)
		}
		if !d.Back() || !d.asking {
			t.Errorf("%s: esc does not lead back to the field", name)
		}
	}
}

func TestUnknownText(t *testing.T) {
	d := New(shell(themes.Unicode(), nil), failed(redirectFinding()))
	d.Update(frame.Paste("lorem ipsum dolor"))
	d.Update(d.line.Settled())
	if view := draw(t, d, 80, 22); !strings.Contains(view, "No error in that") {
		t.Errorf("\n%s", view)
	}
	if !d.Back() {
		t.Fatal("esc does not close the field")
	}
	if f, _ := d.finding(); f.Code != "AADSTS50011" {
		t.Errorf("esc leads to %q", f.Code)
	}
}

func TestSearch(t *testing.T) {
	d := New(shell(themes.Unicode(), nil), failed(redirectFinding()))
	if press(t, d, "/"); !d.Typing() || len(d.list) != len(explain.Entries()) {
		t.Fatalf("%d codes listed", len(d.list))
	}
	typed(d, "q50011")
	if len(d.list) != 0 || !strings.Contains(draw(t, d, 80, 22), "Nothing in the catalogue") {
		t.Error("a search without a hit says nothing")
	}
	for range 6 {
		d.Update(frame.Key("backspace"))
	}
	if len(d.list) != len(explain.Entries()) {
		t.Error("the list did not come back")
	}
	press(t, d, "pgdown", "pgdown", "enter")
	f, _ := d.finding()
	if !d.entry || f.Code != explain.Entries()[d.menu].Code || d.menu == 0 {
		t.Errorf("opened %q", f.Code)
	}
	if _, ok := d.fix(); ok {
		t.Error("an entry of the catalogue offers a retry")
	}
	if !d.Back() || !d.asking || !d.Back() || d.asking || d.Back() {
		t.Error("esc closes the entry, the list, and then the screen")
	}
}

func TestSeveral(t *testing.T) {
	d := New(shell(themes.Unicode(), nil), failed(redirectFinding(), secretFinding()))
	if view := draw(t, d, 120, 34); !strings.Contains(view, "1 of 2") || d.Status() != "failed at step 2" {
		t.Errorf("status %q\n%s", d.Status(), view)
	}
	press(t, d, "right", "right")
	if view := draw(t, d, 120, 34); !strings.Contains(view, "2 of 2") || !strings.Contains(view, "AADSTS7000215") || d.Status() != "failed at step 5" {
		t.Errorf("status %q\n%s", d.Status(), view)
	}
	press(t, d, "left")
	if d.at != 0 {
		t.Errorf("finding %d", d.at)
	}
}

// No secret is drawn or copied.
func TestSecrets(t *testing.T) {
	var copied string
	f := redirectFinding()
	f.Why = append(f.Why, "It was sent with "+stateValue+".")
	d := New(shell(themes.Unicode(), &copied), failed(f))
	press(t, d, "y")
	if view := draw(t, d, 200, 58); !strings.Contains(view, "▒▒▒▒▒▒▒▒") || strings.Contains(view, stateValue) {
		t.Errorf("the state is not masked\n%s", view)
	}
	if strings.Contains(copied, stateValue) {
		t.Error("the state was copied")
	}
	for _, want := range []string{"# AADSTS50011 InvalidReplyTo", "- sent: `" + sentURI + "`", "az ad app update --id", "## Written in", "trace id"} {
		if !strings.Contains(copied, want) {
			t.Errorf("%q is missing in\n%s", want, copied)
		}
	}
}

func BenchmarkView(b *testing.B) {
	d := New(frame.Shell(themes.Unicode(), termenv.TrueColor, "flowscope", now, nil), failed(redirectFinding(), secretFinding()))
	d.Resize(200, 58)
	for b.Loop() {
		d.View()
	}
}

func TestUnknownMessage(t *testing.T) {
	d := New(shell(themes.Unicode(), nil), screen.OpenDiagnoseMsg{})
	var msg tea.Msg = "something else"
	if d.Update(msg) != nil || d.Init() != nil {
		t.Error("an unknown message led to something")
	}
	d.Close()
}

var banned = regexp.MustCompile(`^flowscope/(tui/(home|decide|run|token|lab|targets|settings)|engine/(msal|oidc|lab|wire)|validate)`)

func TestImports(t *testing.T) {
	pkg, err := build.ImportDir(".", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range pkg.Imports {
		if banned.MatchString(path) {
			t.Errorf("the screen imports %s: screens know neither each other nor drivers nor the lab", path)
		}
	}
}

// A label that does not fit stands above its value and is never cut.
func TestLongLabels(t *testing.T) {
	const made, sent = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cX"
	f := secretFinding()
	f.Evidence = []explain.Evidence{
		{Label: "SHA-256 of the verifier sent", Value: made, Compare: sent, At: 42, Note: "must be equal"},
		{Label: "challenge sent at step 2", Value: sent, Compare: made, At: 42},
		{Label: "permissions of the registration", Value: "a, b and c", At: -1},
	}
	for _, size := range [][2]int{{80, 22}, {120, 34}} {
		d := New(shell(themes.Unicode(), nil), failed(f))
		view := draw(t, d, size[0], size[1])
		for _, want := range []string{" SHA-256 of the verifier sent ", "   " + made, " challenge sent at step 2 ", "   " + sent, " permissions of the registration ", "   a, b and c"} {
			if !strings.Contains(view, want) {
				t.Errorf("%v: %q is missing in\n%s", size, want, view)
			}
		}
	}
}

// What the catalogue advises stands there as in a run: without a full stop.
func TestEntryAsFinding(t *testing.T) {
	for _, e := range explain.Entries() {
		for _, x := range fromEntry(e).Fix {
			if strings.HasSuffix(x.Title, ".") {
				t.Errorf("%s: %q", e.Code, x.Title)
			}
		}
	}
}
