package tui_test

import (
	"fmt"
	"strings"
	"testing"

	"flowscope/engine/trace"
	"flowscope/tui/tuitest"
)

// flowAt opens the flow on this line of the list, counted from 0.
func flowAt(d *tuitest.Driver, n int) {
	openFlows(d)
	for range n {
		d.Press("down")
	}
	d.Press("enter")
	d.See("nothing sent")
}

// The lines of the list of flows.
const (
	deviceLine      = 1
	onBehalfLine    = 2
	credentialsLine = 3
	refreshLine     = 5
	silentLine      = 6
	signOutLine     = 7
	adminLine       = 8
	implicitLine    = 10
	passwordLine    = 11
)

// newest is the newest run of the program.
func newest(d *tuitest.Driver) *trace.Trace {
	runs := d.World.Seen()
	return runs[len(runs)-1]
}

// device goes through the device flow until the person has a turn.
func device(d *tuitest.Driver) {
	flowAt(d, deviceLine)
	d.Press("enter")
	for i := 1; i <= 2; i++ {
		d.Match(fmt.Sprintf("held . %d of 8", i))
		d.Press("enter")
	}
	d.Match("held . 5 of 8")
	d.See("Your turn", "Open the page in a browser")
}

// TestDeviceCode shows the code while the person is to type it, lets the polls
// through and lists them.
func TestDeviceCode(t *testing.T) {
	d := wide(t)
	device(d)
	d.See("time left", "15 min", "deviceauth", "let polls through")
	d.Match(`code +[A-Z0-9]{9}`)
	d.Press("p")
	d.See("hold polls")
	d.Match("held . 3 of 8")
	d.Press("enter")
	d.See("Type the code that your device", "Next")
	d.Press("a")
	d.See("tokens received")
	d.Press("up", "up", "up", "tab")
	d.See("poll 1", "authorization_pending", "poll 2", "200 tokens", "2 of 2")
	d.Press("up")
	d.See("1 of 2")
}

// TestQRCode shows the code alone, and closes it.
func TestQRCode(t *testing.T) {
	d := wide(t)
	device(d)
	d.Press("Q")
	d.See("▀", "QR code")
	d.Press("esc")
	d.See("Your turn", "time left")
}

// TestOnBehalfOf runs both hops in one ladder with six lines of life.
func TestOnBehalfOf(t *testing.T) {
	d := wide(t)
	flowAt(d, onBehalfLine)
	d.See("behind", "your API", "called by", "proves itself")
	d.Press("a")
	d.See("tokens received")
	if _, ok := newest(d).Last(trace.CallDownstream); !ok {
		t.Error("the API behind was not called")
	}
}

// TestEditAnswer holds the answer with the tokens, changes the nonce in it, and
// sees that the program refuses it; both answers then stand side by side.
func TestEditAnswer(t *testing.T) {
	d := tuitest.New(t, tuitest.Options{Width: 200, Height: 60})
	sendTo(d, 5)
	d.Press("H")
	d.See("answers are held from now on")
	d.Press("enter")
	d.Match("answer held . 5 of 8")
	d.See("This answer waits")
	d.Press("e")
	d.See("Edit the answer", "Members of the body", "id_token.nonce", "The whole body")
	for !strings.Contains(d.View(), "▸ id_token.nonce") {
		d.Press("down")
	}
	d.Press("end")
	d.Type("x")
	d.Press("ctrl+s")
	d.See("changed; enter hands it on", "original", "edited", "! id_token.nonce")
	d.Press("enter")
	d.See("failed at", "nonce")
	e, _ := newest(d).Last(trace.TokenCall)
	if e.OriginalResponse == nil || string(e.OriginalResponse.Body) == string(e.Response.Body) {
		t.Error("the original answer is gone")
	}
}

// TestUndoOne takes one of two edits back.
func TestUndoOne(t *testing.T) {
	d := wide(t)
	sendTo(d, 5)
	d.Press("e")
	d.See("Edit the request")
	d.Type("x")
	d.Press("down")
	d.Press("ctrl+d")
	d.See("left out; ctrl+d puts it back")
	d.Press("up", "ctrl+z", "ctrl+s")
	d.See("changed; enter sends it", "client_info")
	d.Press("enter")
	d.Match("held . 7 of 8")
	e := lastToken(t, d)
	if _, ok := e.Request.Get("client_info"); ok {
		t.Error("client_info was sent")
	}
	if v, _ := e.Request.Get("client_id"); strings.HasSuffix(v, "x") {
		t.Error("the edit that was taken back was sent")
	}
}

// TestAddAHeader adds one in a place that is chosen.
func TestAddAHeader(t *testing.T) {
	d := wide(t)
	sendTo(d, 5)
	d.Press("e", "ctrl+n")
	d.See("new name", "in the")
	d.Press("up", "left")
	d.See("header")
	d.Press("down")
	d.Type("X-Tenant")
	d.Press("down")
	d.Type("42")
	d.Press("ctrl+s")
	d.See("X-Tenant", "added")
	d.Press("enter")
	d.Match("held . 7 of 8")
	if v := lastToken(t, d).Request.Header.Get("X-Tenant"); v != "42" {
		t.Errorf("X-Tenant %q was sent", v)
	}
}

func done(d *tuitest.Driver) {
	ready(d)
	d.Press("a")
	d.See("tokens received")
}

// TestCallAPI calls a route that the person may not use, then one with an ID
// token.
func TestCallAPI(t *testing.T) {
	d := tuitest.New(t, tuitest.Options{Width: 140, Height: 60})
	done(d)
	d.Press("c")
	d.See("Go on", "Orders API: my tasks", "access token", "Another URL")
	d.Press("down", "down", "enter")
	d.Match("held . 9 of 9")
	d.Press("enter")
	d.See("insufficient_scope", "lacks the role Admin", "Why it failed")
	d.Press("right")
	d.See("403: the token is good", "WWW-Authenticate says")
	d.Press("c", "right")
	d.See("ID token", "sent here to see that")
	d.Press("enter")
	d.Match("held . 10 of 10")
	d.Press("enter")
	d.See("invalid_token", "The ID token was sent", "Why it failed")
	if runs := d.World.Seen(); len(runs) != 3 {
		t.Errorf("%d runs, want one and two that go on", len(runs))
	}
}

// TestATokenLeavesTheTargetOnlyWhenAsked types a URL elsewhere: a question names
// audience and host, and no sends nothing.
func TestATokenLeavesTheTargetOnlyWhenAsked(t *testing.T) {
	d := wide(t)
	done(d)
	d.Press("c")
	d.See("Another URL")
	for !strings.Contains(d.View(), "▸ Another URL") {
		d.Press("down")
	}
	d.Press("enter")
	d.See("URL")
	d.Type("http://api.elsewhere.example/me")
	d.Press("enter")
	d.See("in the clear")
	d.Press("ctrl+u")
	d.Type("https://api.elsewhere.example/me")
	d.Press("enter")
	d.See("Send a token outside the target?", "api.elsewhere.example", "made for", "f4f9cdd6-0c3f-428f-94f5-b424da1d3acb")
	d.Press("enter")
	d.See("y sends the token there")
	d.Press("n")
	d.See("nothing was sent")
	if len(d.World.Seen()) != 1 {
		t.Fatal("something was sent")
	}
	d.Press("enter")
	d.See("Send a token outside the target?")
	d.Press("y")
	d.Match("held . 9 of 9")
}

// TestCompare sets a broken run beside the one before it.
func TestCompare(t *testing.T) {
	d := tuitest.New(t, tuitest.Options{Width: 200, Height: 60})
	ready(d)
	d.Press("a")
	d.See("tokens received")
	d.Press("d")
	d.See("there is no earlier run")
	d.Press("b")
	d.See("Break it")
	d.Press("/")
	d.Type("send another code verifier")
	d.Press("enter", "enter")
	d.Match("held . 5 of 8")
	d.Press("a")
	d.See("failed at 5 of 8")
	d.Press("d")
	d.See("Compare", "The first difference", "code_verifier", "before", "now", "AADSTS501481")
	d.Press("esc")
	d.See("failed at 5 of 8", "as predicted")
}

// TestALiveTargetSeesNothingUnseen presses send all on a real tenant: the first
// request waits all the same, in the colour and the word of a live target.
func TestALiveTargetSeesNothingUnseen(t *testing.T) {
	d := tuitest.New(t, tuitest.Options{Width: 140, Height: 44, Live: true})
	ready(d)
	d.See("is a real tenant", "in the system browser")
	d.Press("a")
	d.See("live · GET · back channel", "look at the first request")
	d.Press("down", "up")
	d.Match("held . 1 of 8")
	if e := newest(d).Exchanges[0]; e.Response != nil {
		t.Error("a request went out unseen")
	}
	d.Press("esc")
	d.See("esc again leaves this run")
	d.Press("esc")
	d.See("can be run here")
}

// TestANarrowWindowShowsTheLiveRequest: where there is one pane, the request to a
// real tenant is in it before enter sends it.
func TestANarrowWindowShowsTheLiveRequest(t *testing.T) {
	d := tuitest.New(t, tuitest.Options{Width: 80, Height: 24, Live: true})
	ready(d)
	d.Press("enter")
	d.Match("held . 1 of 8")
	d.See("live · GET · back channel", "openid-configuration")
	if e := newest(d).Exchanges[0]; e.Response != nil {
		t.Error("a request went out unseen")
	}
}

// TestAClaimsChallengeIsAnsweredInOneKey calls an API that demands more than the
// sign-in gave, and signs in again with what it asks for.
func TestAClaimsChallengeIsAnsweredInOneKey(t *testing.T) {
	d := wide(t)
	if err := d.World.Target.Switch("step-up", ""); err != nil {
		t.Fatal(err)
	}
	ready(d)
	d.Press("tab")
	for !strings.Contains(d.View(), "▸ signs in") {
		d.Press("down")
	}
	for !strings.Contains(d.View(), "Admin") {
		d.Press("right")
	}
	d.Press("a")
	d.See("tokens received")
	d.Press("c", "down", "down", "enter")
	d.Match("held . 9 of 9")
	d.Press("enter")
	d.See("Why it failed", "try the fix")
	d.Press("f")
	d.See("again, with claims=", "Send the person to sign in", "enter send")
	if e, _ := newest(d).Last(trace.Authorize); !strings.Contains(e.Request.URL, "claims=") {
		t.Errorf("the sign-in does not ask for the claims: %s", e.Request.URL)
	}
	d.Press("a")
	d.See("tokens received")
	if e, _ := newest(d).Last(trace.CallAPI); e.Response == nil || e.Response.Status != 200 || !strings.Contains(e.Request.URL, "admin") {
		t.Errorf("the API was not called again, or refused: %+v", e.Response)
	}
}

// TestExport copies a redacted form, writes a file, and asks before secrets.
func TestExport(t *testing.T) {
	d := wide(t)
	done(d)
	d.Press("x")
	d.See("Export", "HAR 1.2", "Mermaid", "masked, with a receipt")
	d.Press("enter")
	d.See("copied")
	d.Press("x", "o", "down", "down", "right", "enter")
	d.See("written to flowscope-authorization-code")
	for name, text := range d.Files {
		for _, tok := range newest(d).Tokens {
			if strings.Contains(text, tok.Value) {
				t.Errorf("%s holds the %s token", name, tok.Kind)
			}
		}
	}
	d.Press("x", "s", "enter")
	d.See("Export with secrets?")
	d.Press("n")
	d.See("nothing was exported")
}

// TestFlowsThatCantBeRun are listed with the driver's reason.
func TestFlowsThatCantBeRun(t *testing.T) {
	d := wide(t)
	openFlows(d)
	for range 9 {
		d.Press("down")
	}
	d.See("RFC 8693", "can't be run here")
	d.Press("enter")
	d.See("MSAL Go", "token exchange")
}

// TestEveryFlowRuns runs every flow that can be, from the list, to its end.
func TestEveryFlowRuns(t *testing.T) {
	for _, n := range []int{0, deviceLine, onBehalfLine, credentialsLine, refreshLine, silentLine, signOutLine, adminLine, implicitLine, passwordLine} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			d := wide(t)
			flowAt(d, n)
			d.Press("a")
			d.Match("tokens received|done|a token is invalid|failed at|given up")
			if v := d.View(); strings.Contains(v, "failed at") || strings.Contains(v, "given up") {
				t.Errorf("it did not go through\n%s", v)
			}
		})
	}
}
