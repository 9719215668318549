package tui_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/muesli/termenv"

	"flowscope/engine/enginetest"
	"flowscope/engine/trace"
	"flowscope/tui/tuitest"
	"flowscope/validate/validatetest"
)

// shop is an issuer that nobody vouches for. It counts what it is asked.
type shop struct{ asked []string }

const shopIssuer = "https://issuer.example/realms/shop"

// RoundTrip answers for the issuer inside this process.
func (s *shop) RoundTrip(r *http.Request) (*http.Response, error) {
	s.asked = append(s.asked, r.Method+" "+r.URL.String())
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", "application/json")
	switch r.URL.Path {
	case "/realms/shop/.well-known/openid-configuration":
		_, _ = fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":"https://issuer.example/keys","id_token_signing_alg_values_supported":["RS256"]}`, shopIssuer)
	case "/keys":
		_, _ = w.WriteString(shopKeys())
	default:
		w.WriteHeader(http.StatusNotFound)
	}
	return w.Result(), nil
}

func shopKeys() string {
	return `{"keys":[` + validatetest.JWK("shop-1", &validatetest.RSA().PublicKey, `,"use":"sig"`) + `]}`
}

// shopToken is an access token of that issuer.
func shopToken(name string) string {
	at := enginetest.Instant.Unix()
	return validatetest.Sign(`{"typ":"at+jwt","alg":"RS256","kid":"shop-1"}`, fmt.Sprintf(
		`{"iss":%q,"aud":"api://orders","sub":"u-1","client_id":"c-1","scope":"orders.read","name":%q,"iat":%d,"exp":%d,"jti":"j"}`, shopIssuer, name, at-60, at+3000))
}

// TestTwoPastedTokensComparedAndJudged goes through what can be done with two
// tokens that were pasted: tabs, the comparison, the libraries, a copy of each.
func TestTwoPastedTokensComparedAndJudged(t *testing.T) {
	d := wide(t)
	d.Paste(shopToken("Ada"))
	d.See("UNVERIFIED", "token · pasted")
	d.Paste("  Authorization: Bearer " + shopToken("Bob") + "\n")
	d.See("Bob", "access, pasted")
	d.Press("left")
	d.See("Ada")
	d.Press("d")
	d.See("1 difference", "Ada", "Bob")
	d.Press("s", "y")
	d.See("the comparison copied")
	d.Press("esc", "m")
	d.See("What would my API do?", "set-ups")
	d.Press("y")
	d.See("the answers copied")
	d.Press("esc", "esc")
	d.See("Find my flow")
	clips := d.Clips()
	if len(clips) != 2 || !strings.HasPrefix(clips[0], "# Two tokens compared") || !strings.HasPrefix(clips[1], "# What would my API do?") {
		t.Errorf("copied %q", clips)
	}
	for _, token := range []string{shopToken("Ada"), shopToken("Bob")} {
		signature := token[strings.LastIndexByte(token, '.')+1:]
		if strings.Contains(strings.Join(clips, ""), signature[:20]) {
			t.Error("a signature was copied")
		}
	}
}

// TestAnUnknownIssuerIsAskedOnTheWordOfThePerson: a token causes no request by
// itself; once the person has seen the host and said yes, its keys decide.
func TestAnUnknownIssuerIsAskedOnTheWordOfThePerson(t *testing.T) {
	s := &shop{}
	d := tuitest.New(t, tuitest.Options{Width: 80, Height: 24, Profile: termenv.Ascii, Elsewhere: s})
	d.Paste(shopToken("Ada"))
	d.See("UNVERIFIED", "issuer.example may be asked for its keys, if you say so: K")
	d.Press("K")
	d.See("Ask issuer.example for its keys?")
	d.Burst("pasted text ends with a newline")
	d.Press("esc")
	d.See("UNVERIFIED")
	if len(s.asked) != 0 {
		t.Fatalf("asked without a word: %q", s.asked)
	}
	d.Press("K", "enter")
	d.See("The key is the issuer's", "GET https://issuer.example/keys", "200")
	d.Press("enter")
	d.See("answer 200")
	d.Press("esc", "tab")
	d.Match(`signature +holds`)
	if want := []string{"GET " + shopIssuer + "/.well-known/openid-configuration", "GET https://issuer.example/keys"}; fmt.Sprint(s.asked) != fmt.Sprint(want) {
		t.Errorf("asked %q", s.asked)
	}
	d.Press("K", "r")
	d.See("Fetched anew.")
	if len(s.asked) != 4 {
		t.Errorf("asked %q", s.asked)
	}
	d.Paste(shopToken("Bob"))
	d.See("access, pasted 2")
	d.Match(`signature +holds`)
	if len(s.asked) != 4 {
		t.Errorf("asked again for keys that are known: %q", s.asked)
	}
}

// TestAPastedKeySetChecksWithoutAsking: the keys may come from the person.
func TestAPastedKeySetChecksWithoutAsking(t *testing.T) {
	s := &shop{}
	d := tuitest.New(t, tuitest.Options{Width: 80, Height: 24, Profile: termenv.Ascii, Elsewhere: s})
	d.Paste(shopToken("Ada"))
	d.See("UNVERIFIED", "may be asked")
	d.Paste(shopKeys())
	d.See("Checked with the key you pasted")
	d.Press("tab")
	d.Match(`signature +holds`)
	d.Press("K")
	d.See("The key is one that you pasted")
	d.Press("L")
	d.See("Ask issuer.example for its keys?")
	if len(s.asked) != 0 {
		t.Errorf("asked %q", s.asked)
	}
	d.Press("esc", "esc")
	d.See("Find my flow")
	d.Paste(shopKeys())
	d.See("Paste a token.", "checked with the key you pasted from now on")
	d.Paste(shopToken("Ada"))
	d.See("Checked with the key you pasted")
}

// TestPasteFromAnywhere pastes a token on every kind of screen: the token screen
// opens over it, and esc comes back to it as it was.
func TestPasteFromAnywhere(t *testing.T) {
	token := shopToken("Ada")
	for _, sc := range []struct {
		name, back string
		play       func(*tuitest.Driver)
	}{
		{"home", "Find my flow", func(*tuitest.Driver) {}},
		{"decide", "Decision table", table},
		{"flows", "With a person", openFlows},
		{"held", `held . 5 of 8`, func(d *tuitest.Driver) { sendTo(d, 5) }},
		{"faults", "Break it", func(d *tuitest.Driver) { sendTo(d, 5); d.Press("b"); d.See("Break it") }},
		{"diagnosis", "What to change", func(d *tuitest.Driver) { failed(d); d.Press("enter"); d.See("What to change") }},
		{"explain", "Paste", func(d *tuitest.Driver) { d.Press("down", "down", "down", "enter"); d.See("It is read at once") }},
		{"lab", "Ada Moreau", openLab},
		{"targets", "targets", func(d *tuitest.Driver) {
			d.Press("up", "down", "down", "down", "down", "down", "enter")
			d.See("targets")
		}},
		{"help", "Find my flow", func(d *tuitest.Driver) { d.Press("?", "?") }},
	} {
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			d := wide(t)
			sc.play(d)
			d.Paste("{\n \"token_type\": \"Bearer\",\n \"access_token\": \"" + token + "\"\n}\n")
			d.See("UNVERIFIED", "Ada", "pasted")
			d.Press("esc")
			d.Match(sc.back)
			if strings.Contains(d.View(), "UNVERIFIED") {
				t.Error("esc does not come back")
			}
			for _, run := range d.World.Seen() {
				if e, ok := run.Last(trace.TokenCall); ok && sc.name == "held" && e.Response != nil {
					t.Error("the held request was sent")
				}
			}
		})
	}
}

// TestAPasteInAnInputStaysThere: where an input has the focus, it takes the paste.
func TestAPasteInAnInputStaysThere(t *testing.T) {
	d := wide(t)
	sendTo(d, 5)
	d.Press("e")
	d.See("Edit the request")
	d.Paste(shopToken("Ada"))
	d.See("Edit the request")
	if strings.Contains(d.View(), "UNVERIFIED") {
		t.Error("the token screen opened over an input")
	}
}

// TestErrorsAndSecretsFromAnywhere: an error goes to the diagnosis, what nobody
// should paste is said and kept nowhere, and anything else is said to be neither.
func TestErrorsAndSecretsFromAnywhere(t *testing.T) {
	d := wide(t)
	d.Paste("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC\n-----END PRIVATE KEY-----\n")
	d.See("that is a private key: it was not kept")
	d.Paste("abC8Q~0123456789abcdefghijklmnopqrstuvwx")
	d.See("that is a client secret and no token")
	d.Paste("client_id=x&client_secret=0123456789abcdefghij")
	d.See("that is a client secret and no token")
	d.Paste("neither of them")
	d.See("neither a token nor an error")
	d.Paste("AADSTS50011: The redirect URI does not match.")
	d.See("AADSTS50011", "What to change")
	d.Paste("abC8Q~0123456789abcdefghijklmnopqrstuvwx")
	d.See("that is a client secret and no token", "AADSTS50011")
	d.Paste("AADSTS7000218: The request body must contain the following parameter: 'client_assertion' or 'client_secret'.")
	d.See("AADSTS7000218", "The client sent no credential")
	d.Paste("AADSTS700016: Application was not found.")
	d.See("AADSTS700016")
	d.Paste(shopToken("Ada"))
	d.See("UNVERIFIED", "Ada")
	d.Paste("abC8Q~0123456789abcdefghijklmnopqrstuvwx")
	d.See("that is a client secret and no token")
	d.Paste("AADSTS50011: The redirect URI does not match.")
	d.See("AADSTS50011", "What to change")
	d.Press("esc")
	d.See("UNVERIFIED", "Ada")
	d.Press("esc")
	d.See("AADSTS700016")
	for _, f := range d.Frames() {
		if strings.Contains(f, "0123456789abcdefghij") || strings.Contains(f, "MIIEvQIBADANBgkq") {
			t.Fatal("a secret was drawn")
		}
	}
}

// TestPasteOverTheTokensOfARun: a token that is pasted there gets a tab beside
// the run's own, and can be compared with them.
func TestPasteOverTheTokensOfARun(t *testing.T) {
	d := wide(t)
	tokens(d)
	d.Paste(shopToken("Ada"))
	d.See("access, pasted", "ID", "UNVERIFIED")
	d.Press("d")
	d.See("Compare this one with which?")
	d.Press("down", "enter")
	d.See("What matters")
	d.Press("esc", "delete", "left", "left")
	d.See("VALID")
	d.Press("delete")
	d.See("it belongs to the run and stays")
	d.Press("d")
	d.See("The access token and the ID token", "differences")
	d.Press("esc", "esc")
	d.See("tokens received")
}

// TestABurstIsReadAsOneText: in a terminal without bracketed paste a token comes as
// keys and its newline as enter; the newline is a part of the text, and a question
// that is open is not answered by it.
func TestABurstIsReadAsOneText(t *testing.T) {
	s := &shop{}
	d := tuitest.New(t, tuitest.Options{Width: 80, Height: 24, Profile: termenv.Ascii, Elsewhere: s})
	d.Press("down", "down", "enter")
	d.See("Paste a token.")
	d.Burst(shopToken("Ada"))
	d.See("UNVERIFIED", "may be asked")
	d.Press("K")
	d.See("Ask issuer.example for its keys?")
	d.Burst(shopToken("Bob"))
	d.See("access, pasted 2", "may be asked")
	if len(s.asked) != 0 {
		t.Errorf("asked %q", s.asked)
	}
}
