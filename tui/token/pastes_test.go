package token

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"testing"

	"crypto/x509"

	"flowscope/engine/inspect"
	"flowscope/themes"
	"flowscope/tui/screen"
	"flowscope/tui/tuitest/frame"
	"flowscope/validate"
)

// paste puts a text into the screen, in one bracketed paste that is over.
func paste(t testing.TB, s *Token, text string) {
	t.Helper()
	settle(s, s.Update(frame.Paste(text)))
	settle(s, s.Update(s.line.Settled()))
}

// named is a token that differs from others by a name.
func named(t testing.TB, name string) string {
	return sign(t, claimSet(map[string]any{"name": name}))
}

// response is the answer of a token endpoint.
func response(t testing.TB, access, id string) string {
	t.Helper()
	b, err := json.MarshalIndent(map[string]any{
		"token_type": "Bearer", "scope": "Orders.Read openid", "expires_in": 3599,
		"access_token": access, "id_token": id, "refresh_token": refreshToken,
	}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Every token of a response gets a tab under its name and is checked at once, as
// what the response says it is; at_hash of the ID token with the access token.
func TestPasteOfAResponse(t *testing.T) {
	access := sign(t, claimSet(nil))
	id := sign(t, claimSet(map[string]any{"aud": webID, "scp": nil, "azp": nil, "azpacr": nil, "nonce": "n", "at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}))
	for name, text := range map[string]string{"lines": response(t, access, id), "windows": strings.ReplaceAll(response(t, access, id), "\n", "\r\n")} {
		s := open(shell(themes.Unicode(), nil))
		paste(t, s, text)
		titles := s.titles()
		slices.Sort(titles)
		if !slices.Equal(titles, []string{"ID", "access", "refresh"}) {
			t.Fatalf("%s: tabs %q", name, s.titles())
		}
		for _, it := range s.items {
			switch it.title {
			case "ID":
				if it.report.Status("hash") != validate.StatusFail || it.report.Expect.AccessToken != access {
					t.Errorf("%s: at_hash was not compared with the access token beside it: %s", name, it.report.Status("hash"))
				}
			case "access":
				if !slices.Equal(it.report.Granted, []string{"Orders.Read", "openid"}) {
					t.Errorf("%s: granted %q", name, it.report.Granted)
				}
				fallthrough
			default:
				if it.busy != 0 || it.report.Expect.AccessToken != "" {
					t.Errorf("%s: %s: busy %d", name, it.title, it.busy)
				}
			}
		}
	}
}

// Two tokens that are pasted bare say nothing of each other: no hash is compared.
func TestPasteOfTwoBareTokens(t *testing.T) {
	id := sign(t, claimSet(map[string]any{"aud": webID, "scp": nil, "azp": nil, "azpacr": nil, "nonce": "n", "at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}))
	s := open(shell(themes.Unicode(), nil))
	paste(t, s, sign(t, claimSet(nil))+"\n\n"+id+"\n")
	if len(s.items) != 2 || s.items[1].report.Status("hash") == validate.StatusFail {
		t.Errorf("%d tokens, hash %s", len(s.items), s.items[len(s.items)-1].report.Status("hash"))
	}
}

// Pastes stay as tabs; the same token turns to its own; the oldest leave when
// there are too many; one paste keeps all of its own, up to a bound, and the rest
// is said.
func TestPastesStay(t *testing.T) {
	s := open(shell(themes.Unicode(), nil), validReport(t))
	for i := range maxPasted + 3 {
		paste(t, s, named(t, fmt.Sprint("n", i)))
		if want := min(i+2, maxPasted+1); len(s.items) != want || s.at != want-1 {
			t.Fatalf("paste %d: %d tabs, the %d. shown", i, len(s.items), s.at)
		}
	}
	if s.items[0].pasted || s.items[1].report.Token.Claims.String("name") != "n3" {
		t.Errorf("the oldest paste is %q", s.items[1].report.Token.Claims.String("name"))
	}
	s.show(3)
	raw := s.item().report.Token.Raw
	s.show(0)
	if paste(t, s, raw); s.at != 3 || len(s.items) != maxPasted+1 {
		t.Errorf("the same token again: the %d. of %d", s.at, len(s.items))
	}
	if paste(t, s, s.items[0].report.Token.Raw); s.at != 0 {
		t.Errorf("a token of the run: the %d. is shown", s.at)
	}
	var many []string
	for i := range maxFound + 7 {
		many = append(many, named(t, fmt.Sprint("m", i)))
	}
	s = open(shell(themes.Unicode(), nil))
	settle(s, s.Update(frame.Paste(strings.Join(many, "\n")))) // long enough to be read beside the screen
	if len(s.items) != maxFound || s.at != 0 {
		t.Fatalf("%d tabs, the %d. shown", len(s.items), s.at)
	}
	for _, size := range [][2]int{{60, 16}, {80, 22}, {120, 34}} {
		for _, at := range []int{0, 25, maxFound - 1} {
			s.show(at)
			has(t, draw(t, s, size[0], size[1]), s.titles()[at])
		}
	}
	if view := draw(t, s, 80, 22); !strings.Contains(view, "< ") {
		t.Errorf("nothing says that there are tabs before\n%s", view)
	}
}

// A tab that was pasted can be closed; the run's own stays, and says so.
func TestCloseTab(t *testing.T) {
	s := open(shell(themes.Unicode(), nil), validReport(t))
	if msg, ok := press(t, s, "delete").(screen.NoticeMsg); !ok || len(s.items) != 1 {
		t.Errorf("the run's token was closed: %#v", msg)
	}
	paste(t, s, named(t, "a"))
	paste(t, s, named(t, "b"))
	press(t, s, "left", "backspace")
	if len(s.items) != 2 || s.item().report.Token.Claims.String("name") != "b" {
		t.Errorf("%d tabs, %q is shown", len(s.items), s.item().report.Token.Claims.String("name"))
	}
	press(t, s, "delete")
	if len(s.items) != 1 || s.at != 0 {
		t.Errorf("%d tabs", len(s.items))
	}
	s = open(shell(themes.Unicode(), nil))
	paste(t, s, named(t, "a"))
	press(t, s, "delete")
	has(t, draw(t, s, 80, 22), "Paste a token.")
}

// What nobody should paste is recognised, said and let go.
func TestSecretsArePastedInVain(t *testing.T) {
	key, err := x509.MarshalPKCS8PrivateKey(signingKey())
	if err != nil {
		t.Fatal(err)
	}
	private := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
	for text, words := range map[string]string{
		private: "private key",
		"some text\n" + strings.ReplaceAll(private, "PRIVATE KEY", "RSA PRIVATE KEY"):       "private key",
		`{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB","d":"c2VjcmV0","kid":"a"}]}`:           "private key",
		`{"kty":"oct","k":"c2VjcmV0c2VjcmV0"}`:                                              "private key",
		"abC8Q~0123456789abcdefghijklmnopqrstuvwx":                                          "client secret",
		"grant_type=client_credentials&client_id=x&client_secret=0123456789abcdefghijklmno": "client secret",
	} {
		s := open(shell(themes.Unicode(), nil))
		s.Update(frame.Paste(text))
		msg := settle(s, s.Update(s.line.Settled()))
		if s.line.Len() == 0 && msg == nil { // it was complete at once
			s = open(shell(themes.Unicode(), nil))
			msg = settle(s, s.Update(frame.Paste(text)))
		}
		n, ok := msg.(screen.NoticeMsg)
		if !ok || !strings.Contains(n.Text, words) || len(s.items) != 0 || s.line.Len() != 0 {
			t.Errorf("%.40q: %#v, %d tabs", text, msg, len(s.items))
		}
		if Reads(text) || !strings.Contains(Unkept(text), words) {
			t.Errorf("%.40q: read %v, %q", text, Reads(text), Unkept(text))
		}
	}
	for _, text := range []string{"", "hello", "AADSTS50011", "https://host/path", `{"error":"invalid_grant"}`} {
		if Reads(text) || Unkept(text) != "" {
			t.Errorf("%q: read %v, %q", text, Reads(text), Unkept(text))
		}
	}
}

// keySet is the JWK Set of the signing key, and its public half in PEM.
func keySet(t testing.TB) (set, public string) {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(&signingKey().PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	n := json.RawMessage(fmt.Sprintf(`{"keys":[{"kty":"RSA","use":"sig","kid":%q,"n":%q,"e":"AQAB"}]}`, keyID, base64url(signingKey().N.Bytes())))
	return string(n), string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// A key set that is pasted is what tokens are checked with from then on, on every
// screen of the session, and it is said; one key goes back.
func TestPasteOfKeys(t *testing.T) {
	set, public := keySet(t)
	for _, text := range []string{set, public, "here it is:\n" + public} {
		c := &checker{}
		session := &Session{}
		s := New(shell(themes.Unicode(), nil), Deps{Checker: c, Session: session}, screen.OpenTokenMsg{})
		paste(t, s, named(t, "a"))
		paste(t, s, text)
		if len(c.given) != 1 || session.given != 1 || len(s.items) != 1 {
			t.Fatalf("given %d, %d keys, %d tabs", len(c.given), session.given, len(s.items))
		}
		has(t, draw(t, s, 80, 22), "Checked with the key you pasted, not with the issuer's: K")
		press(t, s, "K")
		has(t, draw(t, s, 80, 22), "the key you pasted, for every token here; L goes back")
		if msg, ok := press(t, s, "r").(screen.NoticeMsg); !ok || len(c.asked) != 0 {
			t.Errorf("the issuer was asked for other keys: %v, %v", c.asked, msg)
		}
		again := New(shell(themes.Unicode(), nil), Deps{Checker: c, Session: session}, screen.OpenTokenMsg{})
		paste(t, again, named(t, "b"))
		has(t, draw(t, again, 120, 34), "Checked with the key you pasted")
		press(t, s, "L")
		if len(c.given) != 2 || c.given[1] != nil || session.given != 0 {
			t.Errorf("given %q", c.given)
		}
		if msg, ok := press(t, s, "L").(screen.NoticeMsg); !ok || !strings.Contains(msg.Text, "already") {
			t.Errorf("L again: %#v", msg)
		}
	}
	s := open(shell(themes.Unicode(), nil))
	s.Update(frame.Paste(`{"keys":[{"kty":"EC"}]}`))
	if msg, ok := settle(s, s.Update(s.line.Settled())).(screen.NoticeMsg); !ok || !msg.Bad || s.session.given != 0 {
		t.Errorf("a set without a usable key: %#v", msg)
	}
}

// Two tokens are checked side by side, each for its own tab.
func TestPasteWhileOneIsChecked(t *testing.T) {
	s := open(shell(themes.Unicode(), nil))
	first := s.Update(frame.Paste(named(t, "a")))
	second := s.Update(frame.Paste(named(t, "b")))
	settle(s, second)
	if s.items[0].busy == 0 || s.items[1].busy != 0 {
		t.Fatal("the checks are not apart")
	}
	settle(s, first)
	if s.items[0].busy != 0 || s.at != 1 {
		t.Error("the first result did not go to its own tab")
	}
}

func TestTitles(t *testing.T) {
	s := open(shell(themes.Unicode(), nil), validReport(t))
	paste(t, s, named(t, "a"))
	paste(t, s, named(t, "b"))
	paste(t, s, "Cookie: session="+named(t, "c")+"; other=1")
	want := []string{"access", "access, pasted 1", "access, pasted 2"}
	if got := s.titles(); !slices.Equal(got[:3], want) || !strings.Contains(got[3], "session") {
		t.Errorf("titles %q", got)
	}
	s.items[3].take(s.items[3].report)
	if !strings.Contains(s.titles()[3], "session") {
		t.Error("another check lost the name")
	}
}

// A token of a run that is checked again keeps the name of its API.
func TestNameStays(t *testing.T) {
	sh := shell(themes.Unicode(), nil)
	s := New(sh, deps(), screen.OpenTokenMsg{Tokens: []*inspect.Report{validReport(t), wrongAudience(t)}, Names: []string{"Orders API", "Inventory API"}})
	want := []string{"access · Orders API", "access · Inventory API"}
	settle(s, s.run(s.item(), s.item().report.Token.Raw, expectations()))
	if got := s.titles(); !slices.Equal(got, want) {
		t.Errorf("titles %q", got)
	}
}

// A secret that is pasted into an input is recognised before anything draws it.
func TestSecretsInInputs(t *testing.T) {
	secrets := []string{"abc8Q~SECRETsecretSECRETsecretSECRET12", "-----BEGIN PRIVATE KEY-----\nMIIEvSECRETSECRET\n-----END PRIVATE KEY-----", "client_secret=SECRETsecret"}
	for _, open1 := range []string{"/", "o"} {
		for _, secret := range secrets {
			s := open(shell(themes.Unicode(), nil))
			s.Resize(120, 36)
			paste(t, s, named(t, "a"))
			press(t, s, open1)
			msg := settle(s, s.Update(frame.Paste(secret)))
			if _, ok := msg.(screen.NoticeMsg); !ok {
				t.Errorf("%s: %.12q: nothing was said", open1, secret)
			}
			if view := s.View(); strings.Contains(view, "SECRET") {
				t.Errorf("%s: %.12q is drawn", open1, secret)
			}
		}
	}
}

// A long paste is read beside the screen and then taken as any other.
func TestLongPaste(t *testing.T) {
	s := open(shell(themes.Unicode(), nil))
	text := strings.Repeat("scope=", atOnce/6+1) + "\n" + named(t, "a")
	cmd := s.paste(text)
	if len(s.items) != 0 || cmd == nil {
		t.Fatal("it was read while the screen waited")
	}
	if settle(s, cmd); len(s.items) != 1 {
		t.Errorf("%d tokens", len(s.items))
	}
}

// A secret that stands in a claim is masked wherever claims are shown.
func TestSecretsInClaims(t *testing.T) {
	const secret = "0.AXoArefreshREFRESHrefresh1234567890"
	s := open(shell(themes.Unicode(), nil))
	paste(t, s, named(t, "other"))
	paste(t, s, sign(t, claimSet(map[string]any{"refresh_token": secret + strings.Repeat("x", maxValue), "deep": map[string]any{"client_secret": secret}, "name": "Sam"})))
	for _, keys := range [][]string{nil, {"enter"}, {"v"}, {"tab", "down"}, {"esc"}, {"d"}, {"enter"}} {
		press(t, s, keys...)
		if view := draw(t, s, 200, 120); strings.Contains(view, "refreshREFRESH") {
			t.Fatalf("after %q the secret is drawn:\n%s", keys, view)
		}
	}
	it := s.items[len(s.items)-1]
	if text := s.markdown(it); strings.Contains(text, "refreshREFRESH") || !strings.Contains(text, "Sam") {
		t.Error("it is in what is copied")
	}
}
