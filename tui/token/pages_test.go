package token

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"flowscope/engine/inspect"
	"flowscope/engine/trace"
	"flowscope/themes"
	"flowscope/tui/screen"
	"flowscope/tui/tuitest/frame"
	"flowscope/validate"
	"flowscope/validate/middleware"
)

var frames = [][2]int{{80, 22}, {120, 34}, {200, 58}}

// opinions are answers of each sort.
var opinions = []middleware.Opinion{
	{Profile: middleware.Profile{ID: "jose", Name: "jose", Setup: `algorithms ["RS256"], issuer, audience`, Language: "Node", Version: "6.2.17", Source: "jose: jwtVerify"},
		Answer: middleware.Rejects, Rule: "unexpected \"aud\" claim value", Why: "The audience is not the one that was stated.", Source: "jose: jwtVerify"},
	{Profile: middleware.Profile{ID: "jsonwebtoken-8-header-alg", Name: "jsonwebtoken", Setup: "alg from the token: algorithms [header.alg], nothing else", Language: "Node", Version: "8.5.1"},
		Answer: middleware.Accepts, Rule: "nothing is compared", Harm: middleware.HarmAccepts, Why: "Without the option audience the claim is never looked at, so a token for any other API is taken.", Fix: "state the option audience", Source: "jsonwebtoken 8.5.1: verify.js"},
	{Profile: middleware.Profile{ID: "pyjwt", Name: "PyJWT", Setup: "as the FastAPI tutorials have it", Language: "Python", Version: "2.10.1"},
		Answer: middleware.Rejects, Harm: middleware.HarmRefuses, Rule: "MissingRequiredClaimError", Why: "It wants a claim that no token has to carry."},
	{Profile: middleware.Profile{ID: "go-oidc", Name: "go-oidc", Setup: "Verifier with a client id", Language: "Go", Version: "3.11.0"},
		Answer: middleware.Open, Rule: "keys", Why: "Its answer hangs on keys that are not known here."},
}

// judging is a screen whose libraries answer with the opinions above.
func judging(copied *string) *Token {
	sh := shell(themes.Unicode(), copied)
	return New(sh, Deps{Checker: &checker{judged: opinions}}, screen.OpenTokenMsg{})
}

func TestPageGoldens(t *testing.T) {
	for _, size := range frames {
		name := fmt.Sprintf("%dx%d", size[0], size[1])
		s := open(shell(themes.Unicode(), nil), wrongAudience(t), idReport(t))
		press(t, s, "d")
		frame.Golden(t, "compare-"+name, draw(t, s, size[0], size[1]))
		s = New(shell(themes.Unicode(), nil), Deps{Checker: &checker{judged: opinions}}, screen.OpenTokenMsg{Tokens: []*inspect.Report{wrongAudience(t)}})
		press(t, s, "m")
		frame.Golden(t, "middleware-"+name, draw(t, s, size[0], size[1]))
		frame.Golden(t, "ask-"+name, draw(t, unknownIssuer(t, &checker{}), size[0], size[1]))
		frame.Golden(t, "keys-"+name, draw(t, withRequests(t), size[0], size[1]))
	}
	s := open(shell(themes.ASCII(), nil), wrongAudience(t), idReport(t))
	press(t, s, "d", "enter")
	for _, r := range draw(t, s, 120, 34) {
		if r > 0x7e {
			t.Fatalf("%q is no ASCII", r)
		}
	}
}

// unknownIssuer is the question that a token of an issuer raises which nobody
// vouches for.
func unknownIssuer(t testing.TB, c *checker) *Token {
	t.Helper()
	allowed := func() bool { return len(c.allowed) > 0 }
	c.check = func(ctx context.Context, raw string, want validate.Expectations) *inspect.Report {
		var r *inspect.Report
		if allowed() {
			r = inspect.Check(ctx, raw, oneKey{signingKey()}, want)
			r.Requests = fetched()
			return r
		}
		r = inspect.Check(ctx, raw, nil, want)
		r.Ask = "https://issuer.example/realms/shop"
		return r
	}
	s := New(shell(themes.Unicode(), nil), Deps{Checker: c}, screen.OpenTokenMsg{})
	paste(t, s, sign(t, claimSet(map[string]any{"iss": "https://issuer.example/realms/shop"})))
	press(t, s, "K")
	return s
}

// fetched are the two requests that fetching keys takes.
func fetched() []trace.Exchange {
	at := now.Add(-90 * time.Second)
	answer := func(body string) *trace.Response {
		return &trace.Response{Status: 200, Header: map[string][]string{"Content-Type": {"application/json"}}, Body: []byte(body)}
	}
	return []trace.Exchange{
		{N: 1, Purpose: trace.Metadata, Request: trace.Request{Method: "GET", URL: "https://issuer.example/realms/shop/.well-known/openid-configuration"},
			Response: answer(`{"issuer":"https://issuer.example/realms/shop","jwks_uri":"https://issuer.example/keys"}`), Started: at, Took: 43 * time.Millisecond},
		{N: 2, Purpose: trace.Keys, Request: trace.Request{Method: "GET", URL: "https://issuer.example/keys"},
			Response: answer(`{"keys":[]}`), Started: at.Add(50 * time.Millisecond), Took: 12 * time.Millisecond},
	}
}

// withRequests shows the keys that were fetched on the person's word.
func withRequests(t testing.TB) *Token {
	s := unknownIssuer(t, &checker{})
	press(t, s, "enter")
	return s
}

// Nothing is asked before the person says so, having seen the host; then the
// token is checked, and the requests can be read.
func TestAskForAnIssuer(t *testing.T) {
	c := &checker{}
	s := unknownIssuer(t, c)
	has(t, draw(t, s, 80, 22), "Ask issuer.example for its keys?", "Nothing of the token is sent")
	if press(t, s, "r"); len(c.allowed)+len(c.asked) != 0 {
		t.Fatal("something was asked without a word of the person")
	}
	if !s.Back() || s.over != nil {
		t.Fatal("esc is not no")
	}
	has(t, draw(t, s, 80, 22), "issuer.example may be asked for its keys, if you say so: K")
	press(t, s, "enter", "enter")
	if len(c.allowed) != 0 {
		t.Fatal("enter outside the question counts as a word")
	}
	press(t, s, "K", "enter")
	if len(c.allowed) != 1 || c.allowed[0] != "https://issuer.example/realms/shop" {
		t.Fatalf("allowed %q", c.allowed)
	}
	has(t, draw(t, s, 120, 34), "Requests", "GET https://issuer.example/keys", "200  12ms")
	press(t, s, "down", "enter")
	has(t, draw(t, s, 120, 58), `"jwks_uri"`)
	press(t, s, "r")
	if len(c.asked) != 1 {
		t.Errorf("asked %q", c.asked)
	}
	has(t, draw(t, s, 120, 34), "Fetched anew.")
	c.refresh = &validate.KeyError{Reason: validate.KeyUnreachable, Err: errors.New("no \x1b[31mroute")}
	press(t, s, "r")
	view := draw(t, s, 120, 34)
	has(t, view, "Not fetched: no ", "The keys known before stay")
	noControls(t, view)
	press(t, s, "K")
	if s.over != nil {
		t.Error("K does not close what it opened")
	}
}

// With two tokens the other one is there at once; with more there is a choice;
// with one the other is pasted.
func TestCompareWithWhich(t *testing.T) {
	s := open(shell(themes.Unicode(), nil), validReport(t), idReport(t), report(t, refreshToken, validate.Expectations{}))
	press(t, s, "d")
	has(t, draw(t, s, 80, 22), "What matters", "aud")
	if s.over.(*comparison).right != s.items[1] {
		t.Fatal("not the other token")
	}
	press(t, s, "d")
	press(t, s, "right", "right", "d")
	if s.over != nil {
		t.Fatal("a token that can't be read is compared")
	}
	press(t, s, "left", "left")
	paste(t, s, named(t, "Bob"))
	s.show(0)
	press(t, s, "d")
	has(t, draw(t, s, 80, 22), "Compare this one with which?", "ID", "access, pasted")
	press(t, s, "down", "enter")
	has(t, draw(t, s, 120, 34), "Ada Contoso", "Bob")
	press(t, s, "right")
	if s.over.(*comparison).right != s.items[1] {
		t.Error("right does not turn to another token")
	}
	s = open(shell(themes.Unicode(), nil), validReport(t))
	press(t, s, "d")
	has(t, draw(t, s, 80, 22), "Paste the other token.")
	if s.Status() != "waiting for the other token" {
		t.Errorf("status %q", s.Status())
	}
	press(t, s, "enter", "down", "s")
	paste(t, s, named(t, "Bob"))
	has(t, draw(t, s, 120, 34), "Ada Contoso", "Bob", "1 difference")
	if s.at != 0 || len(s.items) != 2 {
		t.Errorf("the %d. of %d is shown beneath", s.at, len(s.items))
	}
	paste(t, s, refreshToken)
	if s.over.(*comparison).right != s.items[1] {
		t.Error("an unreadable token took the right side")
	}
	if !s.Back() || s.over != nil || s.at != 0 {
		t.Error("esc leads elsewhere than back")
	}
}

// What matters is first, what is equal is folded, sides can be swapped, rows be
// opened, and all of it be copied.
func TestCompare(t *testing.T) {
	var copied string
	s := open(shell(themes.Unicode(), &copied), validReport(t), report(t, sign(t, claimSet(map[string]any{
		"aud": "api://inventory", "scp": "Orders.Read Stock.Write", "uti": "other", "note\x1b[2J": "a|b",
	})), validate.Expectations{}))
	s.items[1].name = " · Inventory API"
	s.items[1].entitle()
	press(t, s, "d")
	view := draw(t, s, 120, 34)
	has(t, view, "What matters", "Other differences", "are the same in both: = shows them", "access · Inventory API")
	noControls(t, view)
	if strings.Index(view, "aud") > strings.Index(view, "uti") || strings.Contains(view, "preferred_username") {
		t.Errorf("the order\n%s", view)
	}
	press(t, s, "=")
	for range 40 {
		press(t, s, "down")
	}
	has(t, draw(t, s, 120, 34), "kid")
	press(t, s, "=", "enter")
	has(t, draw(t, s, 120, 34), "left ", "right ", "api://inventory")
	c := s.over.(*comparison)
	if press(t, s, "s"); c.left != s.items[1] || c.right != s.items[0] {
		t.Error("the sides are as they were")
	}
	if msg, ok := press(t, s, "right").(screen.NoticeMsg); !ok || !strings.Contains(msg.Text, "no third") {
		t.Errorf("right with two: %#v", msg)
	}
	press(t, s, "y")
	for _, want := range []string{"# Two tokens compared: access · Inventory API, access\n", "| member |", "| `aud` | `api://inventory` | `" + ordersID + "` |", "`a\\|b`", "members are the same in both"} {
		if !strings.Contains(copied, want) {
			t.Errorf("%q is missing in\n%s", want, copied)
		}
	}
	noControls(t, copied)
	raw := s.items[0].report.Token.Raw
	if strings.Contains(copied, raw[strings.LastIndexByte(raw, '.')+1:][:16]) {
		t.Error("a signature was copied")
	}
}

// What accepts and must not stands first, in words and not only in colour.
func TestMiddleware(t *testing.T) {
	var copied string
	s := judging(&copied)
	paste(t, s, sign(t, claimSet(map[string]any{"exp": now.Add(-time.Hour).Unix()})))
	cmd := s.Update(frame.Key("m"))
	has(t, draw(t, s, 120, 34), "Putting the token to the rules of each library")
	if msg, ok := press(t, s, "y").(screen.NoticeMsg); !ok || copied != "" {
		t.Errorf("copied before it was there: %#v", msg)
	}
	settle(s, cmd)
	view := draw(t, s, 80, 22)
	has(t, view, "Your API must refuse this token; 1 of 4 set-ups accepts it.", "✗ jsonwebtoken 8", "ACCEPTS, wrongly", "! PyJWT 2", "rejects, wrongly",
		"– go-oidc 3", "depends", "✓ jose 6", "rejects", "No audience is stated")
	if strings.Index(view, "ACCEPTS") > strings.Index(view, "jose 6") {
		t.Errorf("the order\n%s", view)
	}
	press(t, s, "enter")
	has(t, draw(t, s, 80, 40), "fix ", "state the option audience", "8.5.1 for Node", "jsonwebtoken 8.5.1: verify.js")
	press(t, s, "y")
	for _, want := range []string{"# What would my API do?", "| jsonwebtoken 8.5.1 |", "| ACCEPTS, wrongly |", "No library is run"} {
		if !strings.Contains(copied, want) {
			t.Errorf("%q is missing in\n%s", want, copied)
		}
	}
	press(t, s, "o")
	if s.form == nil || !strings.Contains(draw(t, s, 120, 34), "Expectations") {
		t.Error("o does not state what is expected")
	}
	s.Back()
	if s.over == nil {
		t.Error("esc does not go back to the answers, where o was pressed")
	}
	asked := s.over.(*libraries).seq
	press(t, s, "o", "ctrl+s")
	if p, ok := s.over.(*libraries); !ok || s.form != nil || !p.asked || p.seq == asked {
		t.Error("after ctrl+s the answers are not there, or not new")
	}
	press(t, s, "m")
	if s.over != nil {
		t.Error("m does not close what it opened")
	}
	s = open(shell(themes.Unicode(), nil), report(t, refreshToken, validate.Expectations{}))
	if msg, ok := press(t, s, "m").(screen.NoticeMsg); !ok || s.over != nil {
		t.Errorf("an opaque string is judged: %#v", msg)
	}
}

// What is stricter stands apart from what is wrong, in words and in colour, and
// its fix is an offer.
func TestMiddlewareStricter(t *testing.T) {
	stricter := []middleware.Opinion{{
		Profile: middleware.Profile{ID: "jose", Name: "jose", Setup: "no algorithms: issuer, audience", Version: "6.2.17"},
		Answer:  middleware.Rejects, Harm: middleware.HarmStricter, Rule: "ERR_JWT_EXPIRED", Why: "exp is over.", Fix: "clockTolerance", Source: "jose",
	}}
	sh := frame.Shell(themes.Unicode(), termenv.TrueColor, "flowscope", now, nil)
	s := New(sh, Deps{Checker: &checker{judged: stricter}}, screen.OpenTokenMsg{Tokens: []*inspect.Report{wrongAudience(t)}})
	press(t, s, "m", "enter")
	s.Resize(80, 30)
	has(t, ansi.Strip(s.View()), "✓ jose 6, no algorithms", "rejects, stricter", "to allow it", "clockTolerance")
	mark, style := s.over.(*libraries).answerStyle(stricter[0])
	if _, right := s.over.(*libraries).answerStyle(middleware.Opinion{Answer: middleware.Rejects}); mark != "✓" || style.GetForeground() == right.GetForeground() {
		t.Errorf("mark %q, drawn as what is right: %v", mark, style.GetForeground())
	}
}

// The name of a rule is broken where its words end.
func TestRuleLines(t *testing.T) {
	for _, c := range []struct {
		name, want string
		w          int
	}{
		{"InvalidAudienceError", "InvalidAudienceError", 20},
		{"InvalidAudienceError", "InvalidAudience|Error", 19},
		{`ERR_JWT_CLAIM_VALIDATION_FAILED "iss"`, `ERR_JWT_CLAIM_VALIDATION_|FAILED "iss"`, 26},
		{"TokenExpiredError", "TokenExpiredError", 26},
		{"MissingRequiredClaimError (aud)", "MissingRequiredClaim|Error (aud)", 20},
		{"before the nbf (not before) time", "before the nbf (not|before) time", 20},
		{"", "", 20},
	} {
		if got := strings.Join(ruleLines(c.name, c.w), "|"); got != c.want {
			t.Errorf("%q in %d: %q, want %q", c.name, c.w, got, c.want)
		}
	}
}

// With no audience stated the sentence says whose word is missing.
func TestMiddlewareWithoutAudience(t *testing.T) {
	s := open(shell(themes.Unicode(), nil), report(t, sign(t, claimSet(nil)), validate.Expectations{Issuer: issuer}))
	press(t, s, "m")
	p := s.over.(*libraries)
	has(t, strings.Join(strings.Fields(p.sentence()), " "), "Nobody said what your API's audience is. A token for another API must be refused; ", "accept this one whoever it is for.")
}

// An ID token that is good for its client is judged as what an API must refuse.
func TestMiddlewareOfAnIDToken(t *testing.T) {
	s := New(shell(themes.Unicode(), nil), deps(), screen.OpenTokenMsg{Tokens: []*inspect.Report{idReport(t)}})
	if v := s.item().report.Verdict; v != validate.Valid {
		t.Fatalf("verdict %s", v)
	}
	press(t, s, "m")
	p := s.over.(*libraries)
	if p.report.Status("token-type") != validate.StatusFail || s.item().report.Verdict != validate.Valid {
		t.Errorf("token-type %s, the token itself %s", p.report.Status("token-type"), s.item().report.Verdict)
	}
	has(t, draw(t, s, 80, 22), "refuse it; ")
	wrong := 0
	for _, o := range p.opinions {
		if o.Answer == middleware.Accepts && !o.Wrong() || o.Answer == middleware.Rejects && o.Harm != "" {
			t.Errorf("%s: %s, wrong %v", o.Profile.ID, o.Answer, o.Wrong())
		}
		if o.Wrong() {
			wrong++
		}
	}
	if wrong == 0 {
		t.Error("no set-up takes an ID token for an access token")
	}
}

// Whatever the token holds and however small the window is, every page fills it.
func TestPageSizes(t *testing.T) {
	hostile := sign(t, claimSet(map[string]any{
		"name": "\x1b[31mred\u202e", "roles": []string{strings.Repeat("日本語", 200), "a\nb"}, strings.Repeat("claim", 60): strings.Repeat("x", 9000),
		"scp": strings.Repeat("Scope.Read ", 300), "iss": "https://" + strings.Repeat("h", 300) + ".example", "exp": 5,
	}))
	for _, keys := range [][]string{{"d"}, {"d", "enter", "down", "enter", "="}, {"m"}, {"m", "enter", "down", "enter"}, {"K"}, {"K", "enter", "pgdown"}} {
		for _, glyphs := range []themes.Glyphs{themes.Unicode(), themes.ASCII()} {
			for _, size := range [][2]int{{60, 16}, {61, 17}, {79, 21}, {99, 30}, {100, 27}, {132, 43}, {200, 58}, {300, 90}} {
				s := New(shell(glyphs, nil), Deps{Checker: &checker{judged: opinions}}, screen.OpenTokenMsg{})
				s.Resize(size[0], size[1])
				paste(t, s, sign(t, claimSet(nil)))
				paste(t, s, hostile)
				press(t, s, keys...)
				noControls(t, draw(t, s, size[0], size[1]))
				s.Update(frame.Key("e"))
				s.Update(frame.Key("y"))
				noControls(t, draw(t, s, size[0], size[1]))
			}
		}
	}
}

// Every key that a page offers does something or says why not.
func TestPageKeys(t *testing.T) {
	for _, open := range []string{"d", "m", "K"} {
		s := New(shell(themes.Unicode(), nil), Deps{Checker: &checker{judged: opinions}}, screen.OpenTokenMsg{})
		s.Resize(120, 34)
		paste(t, s, named(t, "a"))
		paste(t, s, named(t, "b"))
		press(t, s, open)
		if s.over == nil {
			t.Fatalf("%s opens nothing", open)
		}
		seen := map[string]bool{}
		for _, b := range s.Keys() {
			if seen[b.Help().Key] {
				t.Errorf("%s: %s twice", open, b.Help().Key)
			}
			seen[b.Help().Key] = true
		}
	}
}

// The words of a search narrow the rows, equal ones included; esc takes them back.
func TestSearchInTheComparison(t *testing.T) {
	s := open(shell(themes.Unicode(), nil), validReport(t), wrongAudience(t))
	press(t, s, "d", "/")
	for _, r := range "tid" {
		s.Update(frame.Key(string(r)))
	}
	if !s.Typing() {
		t.Error("the words are taken for keys")
	}
	for _, size := range frames {
		view := draw(t, s, size[0], size[1])
		has(t, view, "tid", tenantID[:8])
		if strings.Contains(view, "preferred_username") {
			t.Errorf("rows without the word\n%s", view)
		}
	}
	press(t, s, "enter")
	has(t, draw(t, s, 120, 34), "/ changes it")
	press(t, s, "/", "e", "y", "z")
	has(t, draw(t, s, 80, 22), "No member has these words.")
	s.Back()
	s.Back()
	if has(t, draw(t, s, 120, 34), "are the same in both"); s.over == nil {
		t.Error("esc left the comparison before the search")
	}
	press(t, s, "/")
	paste(t, s, named(t, "Bob"))
	has(t, draw(t, s, 120, 34), "Bob")
}

// v1.0 and v2.0 call one thing by two names: it is one row with both.
func TestTwinNames(t *testing.T) {
	s := open(shell(themes.Unicode(), nil), report(t, sign(t, v1(nil)), validate.Expectations{}), validReport(t))
	press(t, s, "d")
	for _, size := range frames {
		view := draw(t, s, size[0], 58)
		if size[0] > 80 {
			has(t, view, "appid", "azp", "unique_name", "preferred_username")
		}
	}
	count := map[string]int{}
	for _, r := range s.over.(*comparison).result.Rows {
		for _, n := range namesOf(r) {
			count[n]++
		}
	}
	for _, n := range []string{"appid", "azp", "unique_name", "preferred_username"} {
		if count[n] != 1 {
			t.Errorf("%s stands in %d rows", n, count[n])
		}
	}
}

// A token with very many claims is compared within bounds, and the rest counted.
func TestCompareManyClaims(t *testing.T) {
	many := map[string]any{}
	for i := range 2000 {
		many[fmt.Sprint("c", i)] = i
	}
	s := open(shell(themes.Unicode(), nil), validReport(t), report(t, sign(t, claimSet(many)), validate.Expectations{}))
	press(t, s, "d")
	s.Resize(120, 34)
	for range 60 {
		press(t, s, "pgdown")
	}
	has(t, draw(t, s, 120, 34), "and 1,700 more")
}

func BenchmarkPages(b *testing.B) {
	sh := frame.Shell(themes.Unicode(), termenv.TrueColor, "flowscope", now, nil)
	for name, keys := range map[string][]string{"compare": {"d", "="}, "middleware": {"m"}, "keys": {"K"}} {
		b.Run(name, func(b *testing.B) {
			s := open(sh, wrongAudience(b), idReport(b))
			s.Resize(200, 58)
			press(b, s, keys...)
			for b.Loop() {
				s.View()
			}
		})
	}
}
