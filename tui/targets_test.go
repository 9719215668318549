package tui_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/muesli/termenv"

	"flowscope/tui/tuitest"
	"flowscope/tui/tuitest/frame"
)

// saved is a configuration with one profile of each sort.
const saved = `# what I work with
theme = "flowscope"

[profiles.nightly] # runs at two
tenant = "fabrikam.onmicrosoft.com"
client_id = "b2f3c456-3023-41f3-b4c9-19c5826715e0"
client_type = "daemon"
scopes = ["api://orders.contoso.example/.default"]
secret_env = "NOT_THERE"

[profiles.portal]
tenant = "contoso.onmicrosoft.com"
client_id = "6334ecbf-b113-4222-ab81-0e919b045902"
client_type = "web"
redirect_uri = "http://localhost:3000/auth/callback"
scopes = ["api://orders.contoso.example/access_as_user"]
secret_prompt = true

[profiles.work]
tenant = "contoso.onmicrosoft.com"
client_id = "b2f3c456-3023-41f3-b4c9-19c5826715e0"
client_type = "daemon"
scopes = ["api://orders.contoso.example/.default"]
secret_env = "ORDERS_SECRET"
`

// targetScenes lead to everything that the screen of the targets shows.
var targetScenes = []struct {
	name string
	text string
	play func(*tuitest.Driver)
}{
	{"targets", saved, func(d *tuitest.Driver) { openTargets(d); d.Press("down", "down", "down") }},
	{"targets-empty", "", openNone},
	{"targets-broken", strings.Replace(saved, `"daemon"`, `"robot"`, 1), func(d *tuitest.Driver) { d.Press("down", "down", "down", "down", "down", "enter"); d.See("line 7") }},
	{"targets-used", saved, func(d *tuitest.Driver) { useWork(d) }},
	{"targets-edit", saved, func(d *tuitest.Driver) {
		openTargets(d)
		d.Press("down", "down", "down", "e", "down", "down")
		d.Type("!")
		d.See("is neither a")
	}},
	{"targets-new", saved, func(d *tuitest.Driver) { openTargets(d); d.Press("n", "ctrl+s"); d.See("a profile needs a name") }},
	{"targets-remove", saved, func(d *tuitest.Driver) { openTargets(d); d.Press("down", "x"); d.See("Remove nightly") }},
	{"targets-secret", saved, func(d *tuitest.Driver) {
		openTargets(d)
		d.Press("down", "down", "enter")
		d.See("Client secret of portal")
	}},
	{"targets-try", saved, func(d *tuitest.Driver) { openTargets(d); d.Press("down", "t"); d.See("openid-configuration") }},
	{"targets-tried", saved, func(d *tuitest.Driver) {
		openTargets(d)
		d.Press("down", "down", "down", "t")
		d.See("openid-configuration")
		d.Press("enter")
		d.See("it answers as")
	}},
	{"targets-home", saved, func(d *tuitest.Driver) { useWork(d); d.Press("esc"); d.See("any of them on contoso.onmicrosoft.com") }},
}

func openNone(d *tuitest.Driver) {
	d.Press("down", "down", "down", "down", "down", "enter")
	d.See("0 profiles", "n makes")
}

func openTargets(d *tuitest.Driver) {
	d.Press("down", "down", "down", "down", "down", "enter")
	d.See("nightly", "work", "in use")
}

func useWork(d *tuitest.Driver) {
	openTargets(d)
	d.Press("down", "down", "down", "enter")
	d.See("live · contoso.onmicrosoft.com")
}

// TestTargetGoldens draws every scene of the targets at three sizes.
func TestTargetGoldens(t *testing.T) {
	for _, sc := range targetScenes {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s %dx%d", sc.name, size.w, size.h), func(t *testing.T) {
				t.Parallel()
				d := tuitest.New(t, tuitest.Options{Width: size.w, Height: size.h, Profile: termenv.Ascii, Config: sc.text})
				sc.play(d)
				frame.Fills(t, d.Raw(), size.w, size.h)
				frame.Golden(t, fmt.Sprintf("%s-%dx%d", sc.name, size.w, size.h), d.View())
			})
		}
	}
}

// TestTargetFramesFit plays every scene and then changes the size of the window.
func TestTargetFramesFit(t *testing.T) {
	for _, sc := range targetScenes {
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			d := tuitest.New(t, tuitest.Options{Width: 120, Height: 36, Profile: termenv.Ascii, Config: sc.text})
			sc.play(d)
			for _, size := range []struct{ w, h int }{{60, 18}, {79, 23}, {99, 27}, {100, 28}, {141, 61}, {250, 80}} {
				d.Resize(size.w, size.h)
				frame.Fills(t, d.Raw(), size.w, size.h)
			}
			for range 6 {
				d.Press("esc")
			}
			d.See("Find my flow")
		})
	}
}

// TestASecretIsNeverShown looks for what is in the environment and for what is
// typed in every frame, and in the file.
func TestASecretIsNeverShown(t *testing.T) {
	d := tuitest.New(t, tuitest.Options{Width: 120, Height: 36, Profile: termenv.Ascii, Config: saved})
	openTargets(d)
	d.Press("down", "down", "enter")
	d.See("Client secret of portal")
	d.Type("typed-by-hand-77")
	d.Press("enter")
	d.See("live · contoso.onmicrosoft.com")
	useWorkFrom(d)
	for _, f := range append(d.Frames(), d.Profiles.Text()) {
		for _, secret := range []string{"typed-by-hand-77", tuitest.Env["ORDERS_SECRET"]} {
			if strings.Contains(f, secret) {
				t.Fatalf("a secret is shown:\n%s", f)
			}
		}
	}
}

func useWorkFrom(d *tuitest.Driver) {
	d.Press("down", "enter")
	d.See("runs go to work")
}

// TestProfilesAreMadeAndChanged by the form: the file stays as it was written but
// for the profile.
func TestProfilesAreMadeAndChanged(t *testing.T) {
	d := tuitest.New(t, tuitest.Options{Width: 120, Height: 36, Profile: termenv.Ascii, Config: saved})
	openTargets(d)
	d.Press("n")
	d.See("a new profile")
	d.Type("phone")
	d.Press("down", "down")
	d.Type("contoso.com")
	d.Press("down", "down")
	d.Type("6334ecbf-b113-4222-ab81-0e919b045902")
	d.Press("down", "right") // spa to native
	d.See("native")
	d.Press("down")
	d.Type("http://localhost")
	d.Press("down", "down")
	d.Type("User.Read")
	d.Press("ctrl+s")
	d.See("phone saved")
	d.See("● phone")
	want := saved + `
[profiles.phone]
tenant = "contoso.com"
client_id = "6334ecbf-b113-4222-ab81-0e919b045902"
client_type = "native"
redirect_uri = "http://localhost"
scopes = ["User.Read"]
`
	if got := d.Profiles.Text(); got != want {
		t.Fatalf("the file is\n%s", got)
	}
	d.Press("c")
	d.See("phone-2")
	d.Press("ctrl+s")
	d.See("▸ ● phone-2")
	d.Press("x")
	d.See("Remove phone-2")
	d.Press("enter")
	d.See("phone-2 removed")
	d.Match("(?s)● phone .*● portal")
	if got := d.Profiles.Text(); got != want+"\n" && got != want {
		t.Fatalf("the file is\n%s", got)
	}
	d.Press("n", "ctrl+s")
	d.See("not saved")
	d.See("a profile needs a name")
	d.Type("work")
	d.Press("ctrl+s", "esc")
	d.See("4 profiles")
}

// TestALiveRunIsSeenFirst: all of it may be run at once, and still the first
// request waits until it was seen.
func TestALiveRunIsSeenFirst(t *testing.T) {
	d := tuitest.New(t, tuitest.Options{Width: 120, Height: 36, Profile: termenv.Ascii, Config: saved})
	useWork(d)
	d.Press("esc")
	d.See("any of them on contoso.onmicrosoft.com")
	d.Press("up", "up", "up", "up", "up", "up", "down", "enter")
	d.See("▸ client credentials", "can be run here")
	d.Press("enter")
	d.See("nothing sent", "live · contoso")
	d.Press("a")
	d.See("look at the first request", "live · GET")
	for _, tr := range d.World.Seen() {
		for _, e := range tr.Exchanges {
			if e.Response != nil {
				t.Errorf("%s was sent before it was seen", e.Purpose)
			}
		}
	}
	d.Press("enter")
	d.Match("failed at|tokens received")
}
