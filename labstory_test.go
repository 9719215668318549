package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/muesli/termenv"

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
	d.See("Before anything is sent")
	d.Press("a")
	d.See("a token is invalid")
	d.Press("t")
	d.See("INVALID", "not-before")

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
}
