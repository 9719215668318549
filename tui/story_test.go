package tui_test

import (
	"strings"
	"testing"

	"flowscope/engine/scenario"
	"flowscope/tui/tuitest"
)

// playStory opens a story from the list, before its first act.
func playStory(d *tuitest.Driver, id string) {
	s, _ := scenario.Find(id)
	openFlows(d)
	d.Press("tab", "tab", "tab", "tab")
	d.See("Stories")
	for range scenario.All() {
		if strings.Contains(d.View(), "▸ "+s.Title[:min(20, len(s.Title))]) {
			break
		}
		d.Press("down")
	}
	d.Press("enter")
	d.See("Act 1 of", "nothing sent")
}

// TestAStoryIsPlayedActByAct runs both acts of a story: each is told before it
// starts, prediction and outcome stand side by side at its end, and the last one
// says what was learned. What an act switched is put back.
func TestAStoryIsPlayedActByAct(t *testing.T) {
	d := wide(t)
	playStory(d, "headless-cli")
	d.See("Act 1 of 2: Device code", "shows a code", "predicts", "it works: tokens", "act 1 of 2")
	d.Press("enter")
	d.Match("held . 1 of 8")
	d.Press("a")
	d.See("The act", "predicted", "came", "as predicted", "Two devices, two codes", "goes on to act 2: In a company that blocks it")
	d.Press("enter")
	d.See("Act 2 of 2: In a company", "Conditional Access", "AADSTS53003", "nothing sent", "act 2 of 2")
	d.Press("a")
	d.See("What was learned", "Two devices, two codes", "The flow can be used for phishing", "2 acts, each as predicted")
	for _, c := range d.World.Lab.Conditions() {
		if c.On {
			t.Errorf("%s is still on", c.ID)
		}
	}
	d.Press("enter")
	d.See("that was the last act")
	d.Press("b")
	d.See("an act says itself what goes wrong")
	d.Press("r")
	d.Match("held . 1 of 8")
	d.See("act 2 of 2")
	d.Press("esc")
	d.See("esc again leaves this run")
	d.Press("esc")
	d.See("Stories", "can be run here")
}

// TestActsShareTheLab plays the multi-tenant walk: the other company's consent,
// given in one act, counts in the next.
func TestActsShareTheLab(t *testing.T) {
	d := wide(t)
	playStory(d, "multi-tenant-walk")
	s, _ := scenario.Find("multi-tenant-walk")
	for i := range s.Acts {
		d.Press("a")
		d.See("The act", "as predicted")
		if v := d.View(); strings.Contains(v, "not as predicted") {
			t.Fatalf("act %d\n%s", i+1, v)
		}
		if i < len(s.Acts)-1 {
			d.Press("enter")
			d.See("nothing sent")
		}
	}
	d.See("What was learned", "each as predicted")
}

// TestEveryStoryEndsAsPredicted plays every story from the list to its end.
func TestEveryStoryEndsAsPredicted(t *testing.T) {
	for _, s := range scenario.All() {
		t.Run(s.ID, func(t *testing.T) {
			t.Parallel()
			d := tuitest.New(t, tuitest.Options{Width: 200, Height: 60})
			playStory(d, s.ID)
			for i := range s.Acts {
				d.Press("a")
				d.See("The act", "as predicted")
				if i < len(s.Acts)-1 {
					d.Press("enter")
					d.See("nothing sent")
				}
			}
			d.See("What was learned", "as predicted.")
		})
	}
}

// TestTheCodeItsPageAndItsPictureStandTogether looks at what is on the screen at
// once; without the signs for a picture a line says so.
func TestTheCodeItsPageAndItsPictureStandTogether(t *testing.T) {
	for _, size := range sizes[1:] {
		d := tuitest.New(t, tuitest.Options{Width: size.w, Height: size.h})
		device(d)
		d.See("/common/oauth2/deviceauth", "██ ▄▄▄▄▄ ██", "time left", "polls")
		d.Match(`code *[A-Z0-9]{0,9}`)
	}
	d := tuitest.New(t, tuitest.Options{Width: 120, Height: 36, ASCII: true})
	device(d)
	d.See("A QR code needs more signs than ASCII has", "time left")
}

// TestACommandNamesTheServedLab exports curl before and after the lab is served.
func TestACommandNamesTheServedLab(t *testing.T) {
	d := wide(t)
	done(d)
	d.Press("x")
	d.See("The lab is not served yet")
	d.Press("right", "enter")
	d.See("written to")
	for range 4 {
		d.Press("esc")
	}
	d.See("Find my flow")
	d.Press("up")
	lab(d)
	d.Press("esc")
	d.See("Find my flow")
	for range 4 {
		d.Press("up")
	}
	done(d)
	d.Press("x")
	d.See("The lab is served", "http://localhost:8080")
	d.Press("right", "enter")
	d.See("written to")
	with := 0
	for _, text := range d.Files {
		if strings.Contains(text, "http://localhost:8080/") && !strings.Contains(text, "LAB=") {
			with++
		}
	}
	if with != 1 {
		t.Errorf("%d of %d commands name the served lab", with, len(d.Files))
	}
}

// TestATargetIsPickedFromTheTable opens the targets from the decision.
func TestATargetIsPickedFromTheTable(t *testing.T) {
	d := wide(t)
	table(d)
	d.See("p pick a target")
	d.Press("p")
	d.See("targets")
	d.Press("esc")
	d.See("Decision table")
}
