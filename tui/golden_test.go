package tui_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/muesli/termenv"

	"flowscope/tui/tuitest"
	"flowscope/tui/tuitest/frame"
)

// scenes lead to every screen that is worth a golden.
var scenes = []struct {
	name string
	play func(*tuitest.Driver)
}{
	{"home", func(*tuitest.Driver) {}},
	{"help", func(d *tuitest.Driver) { d.Press("?") }},
	{"decide", func(d *tuitest.Driver) { table(d); d.Press("y", "n") }},
	{"decided", func(d *tuitest.Driver) { table(d); d.Press("n", "y") }},
	{"flows", openFlows},
	{"ready", ready},
	{"authorize", func(d *tuitest.Driver) { sendTo(d, 2) }},
	{"sign-in", func(d *tuitest.Driver) { sendTo(d, 3) }},
	{"consent", func(d *tuitest.Driver) { sendTo(d, 3); d.Press("enter"); d.See("Permissions requested") }},
	{"redeem", func(d *tuitest.Driver) { sendTo(d, 5); d.Press("tab"); d.See("client_info") }},
	{"faults", func(d *tuitest.Driver) { sendTo(d, 5); d.Press("b"); d.See("Break it") }},
	{"edit", func(d *tuitest.Driver) { sendTo(d, 5); d.Press("e"); d.See("Edit the request") }},
	{"failed", failed},
	{"diagnosis", func(d *tuitest.Driver) { failed(d); d.Press("enter"); d.See("What to change") }},
	{"tokens", func(d *tuitest.Driver) { tokens(d) }},
	{"id-token", func(d *tuitest.Driver) { tokens(d); d.Press("right") }},
	{"paste", func(d *tuitest.Driver) { d.Press("down", "down", "enter"); d.See("token") }},
	{"lab", lab},
	{"lab-app", func(d *tuitest.Driver) {
		lab(d)
		for range 18 {
			d.Press("down")
		}
		d.Press("enter")
		d.See("lab-web-secret")
	}},
	{"lab-conditions", func(d *tuitest.Driver) {
		lab(d)
		d.Press("tab", "down", "enter")
		d.See("on  Device code blocked")
		d.Press("down", "down", "down", "down", "e")
		d.See("1h")
	}},
	{"lab-requests", func(d *tuitest.Driver) {
		lab(d)
		d.Press("tab", "tab")
		d.See("Nothing has come yet")
		visit(d)
		d.See("4 requests")
		d.Press("down", "right")
		d.See("▒▒▒▒", "AADSTS7000215")
	}},
	{"lab-diagnosis", func(d *tuitest.Driver) {
		lab(d)
		d.Press("tab", "tab")
		visit(d)
		d.See("4 requests")
		d.Press("down", "down", "enter")
		d.See("AADSTS50011", "Why")
	}},
	{"lab-connect", func(d *tuitest.Driver) {
		lab(d)
		d.Press("shift+tab", "down", "down", "down", "enter")
		d.See("authorityMetadata")
	}},
	{"lab-empty", func(d *tuitest.Driver) {
		openLab(d)
		d.Press("shift+tab")
		d.See("How to point MSAL")
	}},
	{"explain", func(d *tuitest.Driver) {
		d.Press("down", "down", "down", "enter")
		d.See("log line")
		d.Paste("AADSTS50011: The redirect URI 'http://localhost:3000/x' does not match.")
		d.See("AADSTS50011")
	}},
}

func openFlows(d *tuitest.Driver) {
	d.Press("down", "enter")
	d.See("With a person", "can be run here")
}

func openLab(d *tuitest.Driver) {
	d.Press("down", "down", "down", "down", "enter")
	d.See("Ada Moreau", "not served")
}

func lab(d *tuitest.Driver) {
	openLab(d)
	d.Press("s")
	d.See("served  https://localhost:8443")
}

// visit is another program that asks the lab, and fails at two of its requests.
// The screen sees each before the next comes: secrets get their letters in the
// order in which they are drawn.
func visit(d *tuitest.Driver) {
	for i, r := range []struct{ method, path, body string }{
		{"GET", "/v2.0/.well-known/openid-configuration", ""},
		{"GET", "/oauth2/v2.0/authorize?response_type=code&scope=openid&redirect_uri=http%3A%2F%2Flocalhost%3A9999%2Fback&client_id=6334ecbf-b113-4222-ab81-0e919b045902&state=My0wnState", ""},
		{"POST", "/oauth2/v2.0/token", "grant_type=client_credentials&client_id=b2f3c456-3023-41f3-b4c9-19c5826715e0&client_secret=My0wnTermin4l&scope=api%3A%2F%2Forders.contoso.example%2F.default"},
		{"GET", "/discovery/v2.0/keys", ""},
	} {
		req := httptest.NewRequest(r.method, "http://localhost:8080/c0f75a3e-4a12-4f0e-9d0c-3a700c302009"+r.path, strings.NewReader(r.body))
		req.Header.Set("User-Agent", "orders/1.0")
		if r.body != "" {
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		req.RemoteAddr = "127.0.0.1:50123"
		d.World.Shared.Handler().ServeHTTP(httptest.NewRecorder(), req)
		d.See(fmt.Sprintf("· %d request", i+1))
	}
}

func table(d *tuitest.Driver) {
	d.Press("enter")
	d.See("Decision table")
}

func ready(d *tuitest.Driver) {
	openFlows(d)
	d.Press("enter")
	d.See("nothing sent")
}

// sendTo goes through the single-page app's flow until this step waits.
func sendTo(d *tuitest.Driver, step int) {
	ready(d)
	d.Press("enter")
	d.Match("held . 1 of 8")
	d.Press("enter")
	d.Match("held . 2 of 8")
	if step == 2 {
		return
	}
	d.Press("enter")
	d.See("User name")
	if step == 3 {
		return
	}
	d.Press("enter")
	d.See("Permissions requested")
	d.Press("enter")
	d.Match("held . 4 of 8")
	d.Press("enter")
	d.Match("held . 5 of 8")
}

func failed(d *tuitest.Driver) {
	sendTo(d, 5)
	d.Press("b", "enter")
	d.See("send edited")
	d.Press("enter")
	d.See("failed at 5 of 8", "Why it failed")
}

func tokens(d *tuitest.Driver) {
	ready(d)
	d.Press("a")
	d.See("tokens received")
	d.Press("t")
	d.See("VALID")
}

var sizes = []struct{ w, h int }{{80, 24}, {120, 36}, {200, 60}}

// TestGoldens draws every scene at three sizes, and checks that each frame fills
// its window exactly.
func TestGoldens(t *testing.T) {
	for _, sc := range scenes {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s %dx%d", sc.name, size.w, size.h), func(t *testing.T) {
				t.Parallel()
				d := tuitest.New(t, tuitest.Options{Width: size.w, Height: size.h, Profile: termenv.Ascii})
				sc.play(d)
				frame.Fills(t, d.Raw(), size.w, size.h)
				frame.Golden(t, fmt.Sprintf("%s-%dx%d", sc.name, size.w, size.h), d.View())
			})
		}
	}
}

// TestFlowGoldens draws each flow held at its most instructive step.
func TestFlowGoldens(t *testing.T) {
	for _, sc := range flowScenes {
		for _, size := range sizes[sc.from:sc.to] {
			t.Run(fmt.Sprintf("%s %dx%d", sc.name, size.w, size.h), func(t *testing.T) {
				t.Parallel()
				d := tuitest.New(t, tuitest.Options{Width: size.w, Height: size.h, Profile: termenv.Ascii})
				sc.play(d)
				frame.Fills(t, d.Raw(), size.w, size.h)
				frame.Golden(t, fmt.Sprintf("flow-%s-%dx%d", sc.name, size.w, size.h), d.View())
			})
		}
	}
}

// TestGoldenLooks holds the colours of the dark and the light theme, the theme
// without colours, and the ASCII glyphs, on the signature screen.
func TestGoldenLooks(t *testing.T) {
	for _, look := range []struct {
		name string
		o    tuitest.Options
	}{
		{"dark", tuitest.Options{Profile: termenv.TrueColor}},
		{"light", tuitest.Options{Profile: termenv.TrueColor, Light: true}},
		{"mono", tuitest.Options{Profile: termenv.TrueColor, Theme: "mono"}},
		{"ascii", tuitest.Options{Profile: termenv.Ascii, ASCII: true}},
	} {
		t.Run(look.name, func(t *testing.T) {
			t.Parallel()
			look.o.Width, look.o.Height = 120, 36
			d := tuitest.New(t, look.o)
			sendTo(d, 5)
			frame.Fills(t, d.Raw(), 120, 36)
			frame.Golden(t, "look-"+look.name, d.Raw())
			if look.name == "ascii" {
				for i, r := range d.View() {
					if r > 0x7e {
						t.Fatalf("%q at %d is not ASCII", r, i)
					}
				}
			}
		})
	}
}

// TestEveryFrameFitsEveryWindow plays the story at odd sizes.
func TestEveryFrameFitsEveryWindow(t *testing.T) {
	sizes := []struct{ w, h int }{{60, 18}, {61, 19}, {79, 23}, {99, 27}, {100, 28}, {101, 29}, {140, 20}, {141, 61}, {250, 80}}
	for _, sc := range scenes {
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			d := tuitest.New(t, tuitest.Options{Width: 120, Height: 36, Profile: termenv.Ascii})
			sc.play(d)
			for _, size := range sizes {
				d.Resize(size.w, size.h)
				frame.Fills(t, d.Raw(), size.w, size.h)
			}
		})
	}
	d := tuitest.New(t, tuitest.Options{Width: 20, Height: 5, Profile: termenv.Ascii})
	frame.Fills(t, d.Raw(), 20, 5)
	d.See("flowscope needs")
}

// TestLeavingEveryScene leaves by ctrl+c and by esc from everywhere: no panic,
// no run that goes on.
func TestLeavingEveryScene(t *testing.T) {
	for _, sc := range scenes {
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			d := tuitest.New(t, tuitest.Options{Width: 80, Height: 24, Profile: termenv.Ascii})
			sc.play(d)
			d.Press("ctrl+c")
			d.WaitQuit()
			for _, tr := range d.World.Seen() {
				if tr.Outcome == "" {
					t.Error("a run goes on after the end")
				}
			}
			e := tuitest.New(t, tuitest.Options{Width: 80, Height: 24, Profile: termenv.Ascii})
			sc.play(e)
			for range 6 {
				e.Press("esc")
			}
			e.See("Find my flow")
		})
	}
}
