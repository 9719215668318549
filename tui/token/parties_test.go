package token

import (
	"regexp"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"flowscope/engine/inspect"
	"flowscope/themes"
	"flowscope/tui/screen"
	"flowscope/tui/tuitest/frame"
	"flowscope/validate"
	"flowscope/validate/insight"
	"flowscope/validate/validatetest"
)

const labIssuer = "https://login.lab.example/" + tenantID + "/v2.0"

// known are presets as the program has them: the lab's before a profile's.
func known() []inspect.Preset {
	return []inspect.Preset{
		{Name: "Lab orders", Want: validate.Expectations{Issuer: labIssuer, Audiences: []string{"api://orders"}, Type: validate.KindAccess}},
		{Name: "Lab app: ID tokens", Want: validate.Expectations{Issuer: labIssuer, Audiences: []string{"lab-app"}, Type: validate.KindID}},
		{Name: "profile work: api://other", Want: validate.Expectations{Issuer: issuer, Audiences: []string{"api://other"}, Type: validate.KindAccess}},
		{Name: "profile work: api://orders", Want: validate.Expectations{Issuer: issuer, Audiences: []string{"api://orders", ordersID}, Type: validate.KindAccess}},
		{Name: "Single-page app: ID tokens", Want: validate.Expectations{Issuer: issuer, Audiences: []string{webID}, Type: validate.KindID}},
	}
}

// knowing is a screen with one pasted token, and what is known by name.
func knowing(t testing.TB, claims map[string]any) *Token {
	t.Helper()
	s := New(shell(themes.Unicode(), nil), Deps{Checker: &checker{presets: known()}, Names: map[string]string{"orders-app": "Orders API"}}, screen.OpenTokenMsg{})
	settle(s, s.Init())
	paste(t, s, sign(t, claims))
	return s
}

// The first line says for whom the token is, by name where one is known, and who
// comes with it; what there is no room for gives way, the API last.
func TestForWhom(t *testing.T) {
	id := map[string]any{"aud": webID, "azp": nil, "azpacr": nil, "scp": nil, "nonce": "n"}
	app := map[string]any{"name": nil, "preferred_username": nil, "scp": nil, "sub": personID, "roles": []string{"A"}, "idtyp": "app"}
	long := strings.Repeat("long name ", 9)
	for _, c := range []struct {
		changes map[string]any
		w       int
		want    string
	}{
		{nil, 160, "access token for api://orders · Ada Contoso by Single-page app · delegated · v2.0 · perhaps made by"},
		{nil, 80, "access token for api://orders · Ada Contoso by Single-page app"},
		{map[string]any{"aud": "orders-app"}, 120, "access token for Orders API · Ada Contoso by Single-page app · v2.0"},
		{map[string]any{"aud": graph}, 80, "access token for Microsoft Graph · Ada Contoso"},
		{map[string]any{"aud": "00000003-0000-0000-c000-000000000000"}, 80, "access token for Microsoft Graph · "},
		{map[string]any{"aud": webID, "azp": webID}, 120, "access token for 3f0c2a71-0…000009be1 · Ada Contoso by Single-page app"},
		{map[string]any{"aud": "api://somebody/else"}, 80, "access token for api://somebody/else · Ada Contoso"},
		{map[string]any{"aud": []string{"orders-app", "b"}}, 120, "access token for Orders API and 1 more · Ada"},
		{map[string]any{"aud": nil}, 120, "access token · Ada Contoso by Single-page app"},
		{map[string]any{"name": nil, "preferred_username": nil}, 120, "for api://orders · a person by Single-page app"},
		{map[string]any{"name": "\x1b[31m\u202eAda"}, 120, " · [31mAda by"},
		{id, 120, "ID token for Single-page app · Ada Contoso · v2.0"},
		{app, 120, "access token for api://orders · application Single-page app · v2.0"},
		{map[string]any{"aud": "api://" + long, "name": long}, 60, "access token for api://long"},
	} {
		view := draw(t, knowing(t, claimSet(c.changes)), c.w, 22)
		first, _, _ := strings.Cut(view, "\n")
		if strings.ContainsAny(first, "\x1b\u202e") {
			t.Errorf("control characters in %q", first)
		}
		if !strings.Contains(first, c.want) && !(strings.HasPrefix(c.want, " · [31m") && strings.Contains(first, "Ada by")) {
			t.Errorf("%v at %d: %q\n%s", c.changes, c.w, c.want, first)
		}
	}
}

// An invalid token opens on what fails, also when that is known only after the
// keys came; a pane that the person chose for a token stays.
func TestOpensOnWhatFails(t *testing.T) {
	s := open(shell(themes.Unicode(), nil), validReport(t))
	press(t, s, "tab", "tab")
	paste(t, s, sign(t, claimSet(map[string]any{"exp": now.Add(-2 * time.Hour).Unix()})))
	has(t, draw(t, s, 80, 22), "─ Checks ─", "✗ expiry", "fix ")
	paste(t, s, sign(t, claimSet(nil)))
	has(t, draw(t, s, 80, 22), "─ Claims ─")
	s = open(shell(themes.Unicode(), nil))
	raw := sign(t, claimSet(nil))
	paste(t, s, raw[:len(raw)-40]+"AAAA"+raw[len(raw)-36:]) // known with the key only
	has(t, draw(t, s, 80, 22), "INVALID", "─ Checks ─", "✗ signature")
	press(t, s, "tab", "tab", "left", "right")
	if s.focus != claimsPane {
		t.Errorf("the pane that was chosen is left for %d", s.focus)
	}
}

// The most useful keys come first where the footer is narrow, and ? lists them all.
func TestNarrowKeys(t *testing.T) {
	s := knowing(t, claimSet(nil))
	s.Resize(80, 22)
	var words string
	for _, k := range s.Keys() {
		if k.Enabled() {
			words += k.Help().Key + " "
		}
	}
	if !strings.HasPrefix(words, "tab enter o d m v y ") {
		t.Errorf("%q", words)
	}
	for _, want := range []string{"c expect nothing", "+ open all checks", "/ search", "del close this token"} {
		found := false
		for _, k := range s.Keys() {
			found = found || k.Help().Key+" "+k.Help().Desc == want
		}
		if !found {
			t.Errorf("? does not list %q", want)
		}
	}
}

// The preset that the token names is the first choice, and the field has the focus
// until something is typed; the lab's come after those of the token's issuer.
func TestPresetThatFits(t *testing.T) {
	s := knowing(t, claimSet(nil))
	press(t, s, "o")
	if at := s.form.At(); at == nil || at.Name != "from" {
		t.Fatalf("the focus is on %v", at)
	}
	has(t, draw(t, s, 120, 34), "the token names the audience of", "right chooses")
	press(t, s, "right")
	if got := s.field("from").Value(); got != "profile work: api://orders" {
		t.Errorf("right chooses %q", got)
	}
	if got := s.field("from").Choices; got[2] != "profile work: api://other" {
		t.Errorf("then %q", got)
	}
	s = knowing(t, claimSet(map[string]any{"aud": "api://nobody"}))
	press(t, s, "o")
	if got, at := s.field("from").Choices[1], s.form.At(); strings.HasPrefix(got, "Lab") || at.Name != "audience" {
		t.Errorf("%q is offered first, and the focus is on %s", got, at.Name)
	}
	s = knowing(t, claimSet(nil))
	cmd := s.Update(frame.Key("o"))
	s.Update(frame.Key("x"))
	settle(s, cmd)
	if s.form.At().Name != "audience" || s.field("audience").Value() != "x" {
		t.Error("the focus went away under the fingers")
	}
}

// What was typed outlives a paste, and is said to.
func TestDraft(t *testing.T) {
	s := knowing(t, claimSet(nil))
	press(t, s, "o")
	s.form.Focus("audience")
	for _, k := range strings.Split("api://mine", "") {
		press(t, s, k)
	}
	note, ok := settle(s, s.Update(frame.Paste(sign(t, claimSet(map[string]any{"name": "Bob"}))))).(screen.NoticeMsg)
	if !ok || !strings.Contains(note.Text, "kept") || s.form != nil {
		t.Errorf("%#v", note)
	}
	press(t, s, "o")
	if got := s.field("audience").Value(); got != "api://mine" {
		t.Errorf("audience %q", got)
	}
	has(t, draw(t, s, 200, 58), "you typed before the paste", "for the access tokens")
	s.Back()
	press(t, s, "o")
	if got := s.field("audience").Value(); got != "" {
		t.Errorf("esc keeps %q", got)
	}
	paste(t, s, sign(t, claimSet(map[string]any{"name": "Carol"})))
	if press(t, s, "o"); s.field("audience").Value() != "" {
		t.Error("nothing was typed and something is kept")
	}
}

// A token is judged at another time, which the head says, until c forgets it.
func TestJudgedAt(t *testing.T) {
	s := knowing(t, claimSet(nil))
	for _, c := range [][2]string{{"2026-11-20T08:00:00Z", ""}, {"1795161600", ""}, {"2026-11-20t09:00:00+01:00", ""}, {"", ""}, {"-5", "seconds"}, {"yesterday", "RFC 3339"}, {"999999999999999999999", "no time"}} {
		at, problem := timeIn(c[0])
		if (problem == "") != (c[1] == "") || !strings.Contains(problem, c[1]) || c[0] != "" && problem == "" && at.Unix() != 1795161600 {
			t.Errorf("%q: %v, %q", c[0], at, problem)
		}
	}
	press(t, s, "o")
	s.field("at").SetValue("2026-11-21T00:00:00Z")
	press(t, s, "ctrl+s")
	r := s.item().report
	if r.Status("expiry") != validate.StatusFail {
		t.Errorf("expiry %s", r.Status("expiry"))
	}
	has(t, draw(t, s, 120, 34), "judged at 21 Nov 00:00 UTC, not now", "expired 13 hours ago")
	has(t, draw(t, s, 80, 22), "judged at 21 Nov 00:00 UTC, not now")
	press(t, s, "o")
	if got := s.field("at").Value(); got != "2026-11-21T00:00:00Z" {
		t.Errorf("the form has %q", got)
	}
	s.Back()
	paste(t, s, sign(t, claimSet(map[string]any{"name": "Bob"})))
	if view := draw(t, s, 120, 34); strings.Contains(view, "judged at") {
		t.Errorf("the time is taken for another token\n%s", view)
	}
	press(t, s, "left", "c")
	if view := draw(t, s, 120, 34); strings.Contains(view, "judged at") || s.item().report.Status("expiry") != validate.StatusPass {
		t.Errorf("c does not forget the time\n%s", view)
	}
}

// A life that is long over is drawn apart from now, which has its date.
func TestLongOver(t *testing.T) {
	at := func(d time.Duration) any { return now.Add(d).Unix() }
	s := knowing(t, claimSet(map[string]any{"iat": at(-49 * time.Hour), "nbf": at(-49 * time.Hour), "exp": at(-48 * time.Hour)}))
	has(t, draw(t, s, 120, 34), "expires 18 Nov 10:02 UTC // ●", "now 20 Nov 10:02", "expired 2 days ago")
	s = knowing(t, claimSet(map[string]any{"iat": at(49 * time.Hour), "nbf": at(49 * time.Hour), "exp": at(50 * time.Hour)}))
	has(t, draw(t, s, 120, 34), "● // 22 Nov 11:02", "now 20 Nov 10:02", "begins in 2 days")
	s = knowing(t, claimSet(map[string]any{"exp": at(-6 * time.Minute)}))
	if view := draw(t, s, 120, 34); strings.Contains(view, " // ●") {
		t.Errorf("a gap of a minute is drawn as one\n%s", view)
	}
}

// A comparison marks what is surprising, and not what always differs.
func TestWhatIsSurprising(t *testing.T) {
	access, id := claimSet(nil), claimSet(map[string]any{"aud": webID, "azp": nil, "azpacr": nil, "scp": nil, "nonce": "n", "sub": "other", "uti": "another", "exp": now.Add(25 * time.Minute).Unix()})
	s := knowing(t, access)
	press(t, s, "d")
	paste(t, s, sign(t, id))
	c := s.over.(*comparison)
	for _, r := range c.result.Rows {
		if r.Matters && c.surprising(r) {
			t.Errorf("%s of an access token and an ID token is marked", r.Name)
		}
	}
	has(t, draw(t, s, 120, 50), "• aud", "• exp")
	s = knowing(t, access)
	press(t, s, "d")
	paste(t, s, sign(t, claimSet(map[string]any{"aud": "api://other", "exp": now.Add(90 * 24 * time.Hour).Unix(), "uti": "another"})))
	view := draw(t, s, 120, 50)
	has(t, view, "! aud", "! exp")
	if strings.Contains(view, "! uti") {
		t.Errorf("uti is marked\n%s", view)
	}
}

// Which other flows leave the same signs is said.
func TestOtherFlows(t *testing.T) {
	s := knowing(t, claimSet(map[string]any{"azpacr": "0"}))
	press(t, s, "tab", "tab")
	has(t, draw(t, s, 200, 90), "look the same.", "device code")
}

// Of keys on another host than the issuer's, the question says who named them.
func TestKeysElsewhere(t *testing.T) {
	r := report(t, sign(t, claimSet(nil)), validate.Expectations{})
	r.Ask = "https://keys.example/jwks"
	s := open(shell(themes.Unicode(), nil), r)
	press(t, s, "K")
	view := draw(t, s, 120, 34)
	has(t, view, "Fetch the keys of login.microsoftonline.com from keys.example?", "the discovery document of login.microsoftonline.com")
	if strings.Contains(view, "the token itself") {
		t.Errorf("the token is said to name it\n%s", view)
	}
}

// A token is for the Graph of its issuer.
func TestGraphOfTheIssuer(t *testing.T) {
	over := claimSet(map[string]any{"iss": labIssuer, "_claim_names": map[string]any{"groups": "src1"}, "_claim_sources": map[string]any{"src1": map[string]any{"endpoint": "https://x.example/"}}})
	s := New(shell(themes.Unicode(), nil), Deps{Checker: &checker{}, Graph: func(issuer string) string {
		if issuer == labIssuer {
			return "https://login.lab.example/graph"
		}
		return ""
	}}, screen.OpenTokenMsg{})
	paste(t, s, sign(t, over))
	s.warned(s.item())
	calls := ""
	for _, x := range s.item().tells {
		if x.insight != nil && x.insight.Topic == insight.Groups {
			calls += x.insight.Do
		}
	}
	if !strings.Contains(calls, "https://login.lab.example/graph/v1.0/") {
		t.Errorf("%s", calls)
	}
}

// No flag of the command line is named on the screen: it has keys.
func TestNoFlags(t *testing.T) {
	flag := regexp.MustCompile(`(^|[^-\w])--[a-z]`)
	d := &checker{check: nil}
	for _, c := range validatetest.Catalogue() {
		if len(c.Token) > 32<<10 || strings.Contains(c.Token, "--") {
			continue
		}
		r := validate.Check(t.Context(), c.Token, c.Keys, c.Want)
		s := New(shell(themes.Unicode(), nil), Deps{Checker: d}, screen.OpenTokenMsg{Tokens: []*inspect.Report{{Report: r, Expect: c.Want}}})
		for _, x := range s.item().checks {
			s.open[x.ID] = true
		}
		s.Resize(200, 400)
		view := s.View()
		if x := s.item(); x.report.Token.Header != nil {
			s.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("K")})
			view += s.View()
		}
		if m := flag.FindString(view); m != "" {
			i := flag.FindStringIndex(view)[0]
			t.Errorf("%s: %s", c.Name, view[max(0, i-60):min(len(view), i+60)])
		}
	}
}

// The answers follow the token: while it is checked again, the old ones are not
// taken for those of the new check, and leaving ends the question.
func TestMiddlewareFollows(t *testing.T) {
	s := judging(nil)
	check := s.Update(frame.Paste(sign(t, claimSet(nil))))
	judge := s.Update(frame.Key("m"))
	late := judge()
	again := s.Update(check()) // the check is over: the libraries are asked anew
	s.Update(late)
	if s.over.(*libraries).asked {
		t.Error("an answer to an older question was taken")
	}
	settle(s, again)
	if !s.over.(*libraries).asked {
		t.Error("no answer came")
	}
	s.Back()
	if s.Update(late); s.over != nil {
		t.Error("a late answer opened something")
	}
}
