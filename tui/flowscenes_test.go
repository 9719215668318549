package tui_test

import (
	"strings"

	"flowscope/tui/tuitest"
)

// flowScene is a flow at the step that teaches most, at sizes[from:to].
type flowScene struct {
	name     string
	from, to int
	play     func(*tuitest.Driver)
}

// flowScenes has every flow, and what this screen adds to a run.
var flowScenes = []flowScene{
	{"choose", 0, 3, func(d *tuitest.Driver) {
		ready(d)
		d.Press("left", "tab", "down", "down")
		d.See("with a client secret", "proves itself")
	}},
	{"device-code", 0, 3, device},
	{"device-polls", 1, 2, func(d *tuitest.Driver) {
		flowAt(d, deviceLine)
		d.Press("a")
		d.See("tokens received")
		d.Press("up", "up", "up", "tab")
		d.See("poll 2")
	}},
	{"on-behalf-of", 0, 3, func(d *tuitest.Driver) {
		flowAt(d, onBehalfLine)
		walk(d, "12", "1", "2", "User name", "Permissions requested", "4", "5", "7", "8", "9")
		d.Press("tab", "pgdown")
	}},
	{"client-credentials", 1, 2, func(d *tuitest.Driver) {
		flowAt(d, credentialsLine)
		walk(d, "5", "1", "2")
	}},
	{"refresh-token", 1, 2, func(d *tuitest.Driver) {
		flowAt(d, refreshLine)
		walk(d, "10", "1", "2", "User name", "Permissions requested", "4", "5", "7")
	}},
	{"silent", 0, 2, func(d *tuitest.Driver) {
		flowAt(d, silentLine)
		walk(d, "16", "1", "2", "User name", "Permissions requested", "4", "5", "8")
		d.Press("up")
		d.See("from the cache")
	}},
	{"sign-out", 1, 2, func(d *tuitest.Driver) {
		flowAt(d, signOutLine)
		d.Press("a")
		d.See("tokens received")
		d.Press("up", "up")
		d.See("let in")
	}},
	{"admin-consent", 1, 2, func(d *tuitest.Driver) {
		flowAt(d, adminLine)
		walk(d, "11", "1")
	}},
	{"implicit", 1, 2, func(d *tuitest.Driver) {
		flowAt(d, implicitLine)
		walk(d, "5", "1", "User name", "Permissions requested", "3")
	}},
	{"password", 1, 2, func(d *tuitest.Driver) {
		flowAt(d, passwordLine)
		walk(d, "6", "1", "2", "3")
	}},
	{"answer-held", 1, 3, func(d *tuitest.Driver) { answerHeld(d); d.Press("e"); d.See("Edit the answer") }},
	{"answer-edited", 0, 3, func(d *tuitest.Driver) {
		answerHeld(d)
		d.Press("e")
		d.See("Edit the answer")
		for !strings.Contains(d.View(), "▸ expires_in") {
			d.Press("down")
		}
		d.Press("end")
		d.Type("0")
		d.Press("ctrl+s")
		d.See("changed; enter hands it on")
	}},
	{"request-edited", 1, 3, func(d *tuitest.Driver) {
		sendTo(d, 5)
		d.Press("e")
		d.See("Edit the request")
		d.Type("x")
		d.Press("down", "ctrl+d", "ctrl+s")
		d.See("changed; enter sends it")
		d.Press("right")
		d.See("original")
	}},
	{"go-on", 0, 3, func(d *tuitest.Driver) { done(d); d.Press("c"); d.See("Go on") }},
	{"outside", 0, 2, func(d *tuitest.Driver) {
		done(d)
		d.Press("c")
		for !strings.Contains(d.View(), "▸ Another URL") {
			d.Press("down")
		}
		d.Press("enter")
		d.Type("https://api.elsewhere.example/me")
		d.Press("enter")
		d.See("would go to")
	}},
	{"forbidden", 1, 2, func(d *tuitest.Driver) {
		done(d)
		d.Press("c", "down", "down", "enter")
		d.Match("held . 9 of 9")
		d.Press("enter")
		d.See("insufficient_scope", "Why it failed")
		d.Press("right")
		d.See("403: the token is good")
	}},
	{"compare", 0, 3, func(d *tuitest.Driver) {
		failed(d)
		d.Press("f")
		d.Match("held . 5 of 8")
		d.Press("a")
		d.See("tokens received")
		d.Press("d")
		d.See("The first difference")
	}},
	{"export", 0, 2, func(d *tuitest.Driver) { done(d); d.Press("x"); d.See("HAR 1.2") }},
	{"story", 0, 2, func(d *tuitest.Driver) { playStory(d, "headless-cli") }},
	{"story-act", 0, 2, func(d *tuitest.Driver) {
		playStory(d, "headless-cli")
		d.Press("a")
		d.See("as predicted", "goes on to act 2")
	}},
	{"story-learned", 0, 2, func(d *tuitest.Driver) {
		playStory(d, "headless-cli")
		d.Press("a")
		d.See("goes on to act 2")
		d.Press("enter")
		d.See("Act 2 of 2")
		d.Press("a")
		d.See("What was learned")
	}},
	{"stories", 0, 3, func(d *tuitest.Driver) {
		openFlows(d)
		d.Press("tab", "tab", "tab", "tab")
		d.See("acts")
	}},
	{"assertion", 1, 2, func(d *tuitest.Driver) {
		flowAt(d, credentialsLine)
		d.Press("tab")
		d.See("client id", "proves itself")
		for !strings.Contains(d.View(), "with a certificate") {
			d.Press("down", "right")
		}
		walk(d, "5", "1", "2")
	}},
	{"predicted", 1, 2, func(d *tuitest.Driver) { failed(d); d.See("as predicted") }},
}

// walk presses enter at each stop: a step at which a request is held, or the
// words of a page; it stays at the last.
func walk(d *tuitest.Driver, steps string, stops ...string) {
	d.Press("enter")
	for i, stop := range stops {
		if i > 0 {
			d.Press("enter")
		}
		if strings.Trim(stop, "0123456789") == "" {
			d.Match("held . " + stop + " of " + steps)
		} else {
			d.See(stop)
		}
	}
}

func answerHeld(d *tuitest.Driver) {
	sendTo(d, 5)
	d.Press("H", "enter")
	d.Match("answer held . 5 of 8")
}
