package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/muesli/termenv"

	"flowscope/engine/labinfo"
	"flowscope/tui/tuitest"
)

// toLab opens the lab's screen from the first one.
func toLab(t *testing.T, o tuitest.Options) *tuitest.Driver {
	t.Helper()
	o.Profile = termenv.Ascii
	d := tuitest.New(t, o)
	d.Press("down", "down", "down", "down", "enter")
	d.See("Ada Moreau", "Harbour-Lamp-42", "not served")
	return d
}

// goDown goes down a list until the screen shows these words.
func goDown(t *testing.T, d *tuitest.Driver, words string) {
	t.Helper()
	for range 60 {
		if strings.Contains(d.View(), words) {
			return
		}
		d.Press("down")
	}
	t.Fatalf("no %q in\n%s", words, d.View())
}

// TestConditionStory moves the lab's clock on its screen, runs a flow and sees
// what comes of it: tokens that are not good yet.
func TestConditionStory(t *testing.T) {
	d := toLab(t, tuitest.Options{Width: 120, Height: 36})
	d.Press("tab")
	goDown(t, d, "▸ ○ off Clock moved")
	d.Press("e")
	d.See("duration")
	d.Press("ctrl+u")
	d.Type("soon")
	d.Press("enter")
	d.See("takes a duration such as 10m", "○ off Clock moved")
	d.Press("e", "ctrl+u")
	d.Type("48h")
	d.Press("enter")
	d.See("● on  Clock moved", "48h", "1 on")
	d.Press("esc", "up", "up", "up", "enter")
	d.See("Without a person")
	d.Press("enter")
	d.See("Before anything is sent")
	d.Press("a")
	d.See("a token is invalid")
	d.Press("t")
	d.See("INVALID", "not-before")

	d.Press("esc", "esc")
	d.See("esc again leaves this run")
	d.Press("esc", "esc", "down", "down", "down", "enter")
	d.See("Ada Moreau")
	d.Press("tab")
	goDown(t, d, "▸ ● on  Clock moved")
	d.Press("enter")
	d.See("○ off Clock moved", "0 on")
}

// TestServingStory serves the lab on the screen, sends it another program's
// requests over a real socket, and reads why one failed; the program's secrets
// are on no frame and in no copy.
func TestServingStory(t *testing.T) {
	d := toLab(t, tuitest.Options{Width: 120, Height: 36, Sockets: true})
	d.Press("s")
	d.See("served  https://localhost:", "stop serving")
	authority := d.World.Shared.Describe().HTTPAuthority
	const secret, code = "My0wnTermin4lSecret", "0.MyOwnAuthorizationCode"
	for _, form := range []url.Values{
		{"grant_type": {"client_credentials"}, "client_id": {"b2f3c456-3023-41f3-b4c9-19c5826715e0"}, "client_secret": {secret}},
		{"grant_type": {"authorization_code"}, "client_id": {"6334ecbf-b113-4222-ab81-0e919b045902"}, "code": {code}, "redirect_uri": {"http://localhost:3000"}},
	} {
		resp, err := http.PostForm(authority+"/oauth2/v2.0/token", form)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
	d.Press("tab", "tab")
	d.See("2 requests", "token, authorization_code", "code  ", "▒▒▒▒▒▒▒▒")
	d.Press("y")
	d.See("request copied")
	d.Press("down")
	d.See("client_secret  ▒▒▒▒▒▒▒▒", "enter opens the whole diagnosis")
	d.Press("y")
	d.See("request copied")
	d.Press("enter")
	d.See("What to change", "lab › diagnosis")
	if strings.Contains(d.View(), "try the fix") {
		t.Error("a fix is offered where there is no run to try it in")
	}
	d.Press("f")
	d.See("another program's request")
	d.Press("y")
	d.See("the diagnosis copied")
	d.Press("esc", "w")
	d.See("written to flowscope-lab-ca.pem")
	if !strings.HasPrefix(d.Files["flowscope-lab-ca.pem"], "-----BEGIN CERTIFICATE-----") || len(d.Files) != 1 {
		t.Errorf("files: %v", d.Files)
	}
	writeAgain(t, d)
	all := strings.Join(d.Frames(), "\n") + strings.Join(d.Clips(), "\n")
	for _, s := range []string{secret, code} {
		if strings.Contains(all, s) {
			t.Errorf("%s was shown", s)
		}
	}
	d.Press("s")
	d.See("not served")
	if _, err := http.Get(authority + "/discovery/v2.0/keys"); err == nil {
		t.Error("it is served still")
	}
	serveAgain(t, d, authority)
}

// writeAgain writes the CA once more: no second file comes of it, and its pane
// names the first.
func writeAgain(t *testing.T, d *tuitest.Driver) {
	t.Helper()
	d.Press("w")
	d.See("flowscope-lab-ca.pem is already there")
	if len(d.Files) != 1 {
		t.Errorf("files pile up: %v", d.Files)
	}
	d.Press("tab", "down")
	d.See("it is written to", "flowscope-lab-ca.pem.")
}

// serveAgain serves the lab where it was, and sees on the first screen whether it
// is served.
func serveAgain(t *testing.T, d *tuitest.Driver, authority string) {
	t.Helper()
	d.Press("s")
	d.See("served  https://localhost:", "stop serving")
	if again := d.World.Shared.Describe().HTTPAuthority; again != authority {
		t.Errorf("served at %s before and at %s now", authority, again)
	}
	d.Press("esc")
	d.See("Find my flow", "The lab is served to other programs: https://localhost:")
	d.Press("enter")
	d.See("Ada Moreau", "stop serving")
	d.Press("s")
	d.See("not served")
	d.Press("esc")
	d.Match(`(?s)nothing leaves it\.\s+enter`) // and no line on the serving between
}

// TestWaitingStory polls for a device code before the person is done: one row
// that is no failure. What conditions were on stands beside each request, and a
// client that speaks plain HTTP to the TLS address is told so.
func TestWaitingStory(t *testing.T) {
	d := tuitest.New(t, tuitest.Options{Width: 120, Height: 36, Sockets: true, Profile: termenv.Ascii})
	info, err := d.World.Shared.Share(t.Context(), labinfo.Addresses{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.World.Shared.Unshare)
	d.Press("down", "down", "down", "down", "enter")
	d.See("served  https://localhost:")
	cli, _ := info.App("cli")
	post := func(path string, form url.Values) string {
		resp, err := http.PostForm(info.HTTPAuthority+path, form)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		var answer struct {
			DeviceCode string `json:"device_code"`
		}
		_ = json.NewDecoder(resp.Body).Decode(&answer)
		return answer.DeviceCode
	}
	if err := d.World.Shared.Switch("slow", "1ms"); err != nil {
		t.Fatal(err)
	}
	code := post("/oauth2/v2.0/devicecode", url.Values{"client_id": {cli.ClientID}, "scope": {"openid"}})
	d.Press("tab", "tab")
	d.See("1 request", "while slow 1ms")
	if strings.Contains(d.View(), "1 requests") {
		t.Error("1 requests")
	}
	for range 3 {
		post("/oauth2/v2.0/token", url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}, "client_id": {cli.ClientID}, "device_code": {code}})
	}
	d.See("waiting (3 times)", "Still waiting for the person", "2 requests")
	if strings.Contains(d.View(), "✗") || strings.Contains(d.View(), "enter opens the whole diagnosis") {
		t.Errorf("waiting is shown as a failure:\n%s", d.View())
	}
	resp, err := http.Get(strings.Replace(info.Authority, "https:", "http:", 1))
	if err == nil {
		_ = resp.Body.Close()
	}
	d.See("The client spoke plain HTTP")
	d.Press("enter")
	if strings.Contains(d.View(), "nothing failed in it") {
		t.Error("a connection that failed is said to be fine")
	}
}
