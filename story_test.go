package main

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/muesli/termenv"

	"flowscope/engine/trace"
	"flowscope/tui/tuitest"
)

// TestStory is the main job from the first screen to the last word: the
// questions are answered, the single-page app's flow runs held step by step, the
// verdict is read, the verifier is broken, the error is explained, and the fix
// brings the tokens.
func TestStory(t *testing.T) {
	d := tuitest.New(t, tuitest.Options{Width: 120, Height: 36, Profile: termenv.Ascii})

	d.See("flowscope", "Find my flow")
	d.Press("enter")
	d.See("Is a person present at sign-in?", "7 of 7 rows left")
	d.Press("y", "n")
	d.See("3 of 7 rows left", "a person is present")
	d.Press("y")
	d.See("2 of 7 rows left", "Single-page app → authorization code + PKCE", "wrong turn")

	d.Press("enter")
	d.See("Before anything is sent", "Sequence", "nothing sent")
	runStepByStep(t, d)

	d.See("tokens received")
	d.Press("t")
	d.See("VALID", "access token", "access_as_user")
	d.Press("right")
	d.See("VALID", "ID token", "nonce")
	d.Press("esc")

	d.Press("b")
	d.See("Break it", "90002 at 1")
	for !strings.Contains(d.View(), "▸ Send another code verifier") {
		d.Press("down")
	}
	d.Press("enter")
	d.See("held · 5 of 8", "Redeem the code", "was ▒▒▒▒")
	d.Press("enter")
	d.See("AADSTS501481", "as predicted", "try the fix", "failed at 5 of 8")

	d.Press("enter")
	d.See("AADSTS501481", "What to change", "RFC 7636")
	d.Press("f")
	d.See("held · 5 of 8", "Redeem the code")
	if strings.Contains(d.View(), "was ▒") {
		t.Error("the retry still carries the broken verifier")
	}
	d.Press("a")
	d.See("tokens received")
	d.Press("t")
	d.See("VALID")
	d.Press("ctrl+c")
	d.WaitQuit()
}

// runStepByStep starts a run and goes through it with enter alone.
func runStepByStep(t *testing.T, d *tuitest.Driver) {
	t.Helper()
	d.Press("enter")
	d.See("held · 1 of 8", "Read the metadata")
	d.Press("enter")
	d.See("held · 2 of 8", "redirect_uri", "Send the person to sign in")
	d.Press("enter")
	d.See("Entra ID asks", "User name", "Sign in")
	d.Press("enter")
	d.See("Permissions requested", "Accept")
	d.Press("enter")
	d.See("held · 4 of 8", "Come back with a code")
	d.Press("enter")
	d.See("held · 5 of 8", "code_verifier", "▒▒▒▒")
	d.Press("enter")
	d.See("held · 7 of 8", "Fetch the signing keys")
	d.Press("enter")
	d.See("held · 7 of 8", "discovery/v2.0/keys")
	d.Press("enter")
	d.See("held · 8 of 8", "Call the API")
	d.Press("enter")
}

// TestNoSecretOnAnyScreen plants the secrets of a whole run and looks for them
// on every frame that was drawn.
func TestNoSecretOnAnyScreen(t *testing.T) {
	d := tuitest.New(t, tuitest.Options{Width: 200, Height: 60, Profile: termenv.Ascii})
	d.Press("down", "enter")
	d.See("Without a person")
	d.Press("enter")
	d.See("Before anything is sent")
	d.Press("left") // the web app: it has a secret
	d.See("with a client secret")
	runStepByStep(t, d)
	d.See("tokens received")
	for range 8 {
		for range 3 {
			d.Press("right")
		}
		d.Press("y")
		d.See("copied")
		for range 3 {
			d.Press("left")
		}
		d.Press("up")
	}
	d.Press("t")
	d.See("VALID")
	d.Press("v")
	d.Press("y", "enter")
	d.See("copied")

	secrets := plantedSecrets(t, d)
	clips := d.Clips()
	if len(clips) != 9 || len(strings.Join(clips, "")) < 2000 {
		t.Fatalf("%d texts were copied, %d bytes: the test copies next to nothing", len(clips), len(strings.Join(clips, "")))
	}
	frames := strings.Join(d.Frames(), "\n") + strings.Join(clips, "\n")
	joined := strings.NewReplacer("\n", "", " ", "", "│", "").Replace(frames)
	for _, name := range []string{"code of step 5", "code_verifier of step 5", "client_secret of step 5", "state of step 2", "password of step 3", "refresh token"} {
		if secrets[name] == "" {
			t.Errorf("no %s was planted", name)
		}
	}
	for name, secret := range secrets {
		if strings.Contains(frames, secret) || strings.Contains(joined, secret) {
			t.Errorf("the %s was on the screen", name)
		}
	}
}

// secretParams are the parameters that must never be shown. They are named here
// once more, so that a name missing from the redactor's own list is noticed.
var secretParams = []string{"code", "code_verifier", "client_secret", "refresh_token", "password", "state"}

// plantedSecrets gives what must never be shown: the lab's own secrets and
// passwords, and what the run itself sent and received.
func plantedSecrets(t *testing.T, d *tuitest.Driver) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, c := range d.World.Target.Clients {
		if c.Secret != "" {
			out["client secret of "+c.Key] = c.Secret
		}
	}
	for _, a := range d.World.Target.Accounts {
		if a.Password != "" { // one has none
			out["password of "+a.Username] = a.Password
		}
	}
	for _, s := range d.World.Seen() {
		for _, tok := range s.Tokens {
			switch tok.Kind {
			case trace.RefreshToken:
				out["refresh token"] = tok.Value
			default:
				out["signature of the "+string(tok.Kind)+" token"] = tok.Value[strings.LastIndexByte(tok.Value, '.')+1:]
			}
		}
		for _, e := range s.Exchanges {
			for _, p := range e.Request.Params() {
				if slices.Contains(secretParams, p.Name) && len(p.Value) > 8 {
					out[p.Name+" of step "+strconv.Itoa(e.Step)] = p.Value
				}
			}
		}
	}
	if len(out) < 10 {
		t.Fatalf("only %d secrets were planted: the test looks at the wrong run", len(out))
	}
	return out
}
