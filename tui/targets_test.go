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
	{"targets-home", saved, func(d *tuitest.Driver) { useWork(d); d.Press("esc"); d.See("Run a flow on contoso.onmicrosoft.com") }},
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
