package tui_test

import (
	"strings"
	"testing"

	"github.com/muesli/termenv"

	"flowscope/engine/trace"
	"flowscope/tui/tuitest"
)

func wide(t *testing.T) *tuitest.Driver {
	t.Helper()
	return tuitest.New(t, tuitest.Options{Width: 140, Height: 44, Profile: termenv.Ascii})
}

// lastToken is the newest token request of the newest run.
func lastToken(t *testing.T, d *tuitest.Driver) trace.Exchange {
	t.Helper()
	runs := d.World.Seen()
	e, ok := runs[len(runs)-1].Last(trace.TokenCall)
	if !ok {
		t.Fatal("no token request was made")
	}
	return e
}

// TestEdit changes one value, leaves one out and adds one, and sends it.
func TestEdit(t *testing.T) {
	d := wide(t)
	sendTo(d, 5)
	d.Press("e")
	d.See("Edit the request", "client_id", "Use these")
	d.Press("down") // client_info
	d.Press("ctrl+d")
	d.See("left out")
	d.Press("down", "down", "down") // code, code_verifier, grant_type
	d.Press("end")
	d.Type("_x")
	d.Press("ctrl+s")
	d.See("changed; enter sends it", "authorization_code_x", "was authorization_code", "client_info", "left out")
	d.Press("e")
	d.See("Edit the request")
	for !strings.Contains(d.View(), "▸ Add one") {
		d.Press("tab")
	}
	d.Press("enter")
	d.See("new name")
	d.Type("extra")
	d.Press("down")
	d.Type("1")
	d.Press("ctrl+s")
	d.See("changed; enter sends it", "extra", "added")
	d.Press("enter")
	d.See("failed at 5 of 8", "AADSTS70003")

	e := lastToken(t, d)
	if v, _ := e.Request.Get("grant_type"); v != "authorization_code_x" {
		t.Errorf("grant_type %q was sent", v)
	}
	if _, ok := e.Request.Get("client_info"); ok {
		t.Error("client_info was sent")
	}
	if v, _ := e.Request.Get("extra"); v != "1" {
		t.Errorf("extra %q was sent", v)
	}
	if e.Original == nil {
		t.Fatal("the original is gone")
	}
	if v, _ := e.Original.Get("grant_type"); v != "authorization_code" {
		t.Errorf("the original says %q", v)
	}
}

// TestUndoEdits takes all edits back.
func TestUndoEdits(t *testing.T) {
	d := wide(t)
	sendTo(d, 5)
	d.Press("e")
	d.See("Edit the request")
	d.Type("x")
	d.Press("ctrl+s")
	d.See("send edited", "changed; enter sends it")
	d.Press("z")
	d.See("as the program built it")
	d.Press("enter")
	d.Match("held . 7 of 8")
	if e := lastToken(t, d); e.Original != nil {
		t.Errorf("the request went out changed: %s", e.Request.Body)
	}
}

// TestEscapeClosesTheEditorAndKeepsTheHold leaves the editor without a change.
func TestEscapeClosesTheEditorAndKeepsTheHold(t *testing.T) {
	d := wide(t)
	sendTo(d, 5)
	d.Press("e")
	d.See("Edit the request")
	d.Type("garbage")
	d.Press("esc")
	d.Match("held . 5 of 8")
	d.See("Redeem the code", "enter send")
}

// TestANewlineInAPasteSendsNothing pastes into a terminal without bracketed
// paste while a request is held: text comes as keys, a newline as enter.
func TestANewlineInAPasteSendsNothing(t *testing.T) {
	d := wide(t)
	sendTo(d, 2)
	d.Burst("some text that is pasted")
	d.Match("held . 2 of 8")
	d.Paste("a bracketed\npaste\n")
	d.Match("held . 2 of 8")
	if e, _ := d.World.Seen()[0].Last(trace.Authorize); e.Response != nil {
		t.Error("the held request was sent")
	}
}

// TestKeysSayWhyTheyCannot presses keys that can do nothing yet.
func TestKeysSayWhyTheyCannot(t *testing.T) {
	d := wide(t)
	ready(d)
	for key, words := range map[string]string{"e": "only a request that waits", "t": "there are no tokens yet", "f": "there is nothing to fix"} {
		d.Press(key)
		d.See(words)
	}
}

// TestDeclineAndTryAgain declines the consent, reads that no is an answer, and
// accepts on the second try.
func TestDeclineAndTryAgain(t *testing.T) {
	d := wide(t)
	sendTo(d, 3)
	d.Press("enter")
	d.See("Permissions requested")
	d.Press("right", "enter")
	d.Match("held . 4 of 8")
	d.Press("enter")
	d.See("AADSTS65004", "try the fix")
	d.Press("f")
	d.Match("held . 2 of 8")
	d.Press("enter")
	d.See("User name")
	d.Press("enter")
	d.See("Permissions requested", "Accept")
	d.Press("enter")
	d.Match("held . 4 of 8")
}

// TestAnotherClient turns through the three clients and runs as one of them.
func TestAnotherClient(t *testing.T) {
	d := wide(t)
	ready(d)
	d.Press("right")
	d.See("native app", "public client")
	d.Press("left", "left")
	d.See("web app", "with a client secret")
	d.Press("a")
	d.See("tokens received")
	if e := lastToken(t, d); e.Request.Header.Get("Origin") != "" {
		t.Error("a web app sent an Origin header")
	}
}

// TestThemeTurns goes through all themes and keeps the screen.
func TestThemeTurns(t *testing.T) {
	d := tuitest.New(t, tuitest.Options{Width: 100, Height: 30, Profile: termenv.TrueColor})
	seen := map[string]bool{d.Raw(): true}
	for range 3 {
		d.Press("T")
		d.See("theme ")
		seen[d.Raw()] = true
	}
	if len(seen) < 3 {
		t.Errorf("only %d looks were seen", len(seen))
	}
}

// TestTheEditorKeepsSecretsMasked goes through the form of a web app's token
// request, changes the secret and leaves it again.
func TestTheEditorKeepsSecretsMasked(t *testing.T) {
	d := wide(t)
	ready(d)
	d.Press("left")
	d.See("with a client secret")
	d.Press("enter")
	for _, want := range []string{"held . 1 of 8", "held . 2 of 8"} {
		d.Match(want)
		d.Press("enter")
	}
	d.See("User name")
	d.Press("enter")
	d.See("Permissions requested")
	d.Press("enter")
	d.Match("held . 4 of 8")
	d.Press("enter")
	d.Match("held . 5 of 8")
	d.Press("e")
	d.See("Edit the request")
	client, _ := d.World.Target.Client("web")
	before := len(d.Frames())
	for range 12 {
		if strings.Contains(d.View(), "▸ client_secret") {
			d.Type("x")
		}
		d.Press("down")
	}
	for _, frame := range d.Frames()[before:] {
		if strings.Contains(frame, client.Secret) {
			t.Fatal("the secret was shown without being asked for")
		}
	}
	for !strings.Contains(d.View(), "▸ client_secret") {
		d.Press("up")
	}
	d.Press("ctrl+r")
	d.See(client.Secret + "x")
	d.Press("down")
	if strings.Contains(d.View(), client.Secret) {
		t.Error("the secret stays on the screen after its field was left")
	}
}

// TestPastedControlCharactersAreNotDrawn pastes what a terminal would obey.
func TestPastedControlCharactersAreNotDrawn(t *testing.T) {
	d := wide(t)
	sendTo(d, 5)
	d.Press("e")
	d.See("Edit the request")
	d.Paste("\x1b[2J\u202eevil\u200b")
	for _, r := range d.View() {
		if r == 0x1b || r == 0x202e || r == 0x200b {
			t.Fatalf("%q is on the screen", r)
		}
	}
}
