package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/muesli/termenv"

	"flowscope/tui/tuitest"
)

var (
	typeLine = regexp.MustCompile(`^Type "(.*)"$`)
	waitLine = regexp.MustCompile(`^Wait\+Screen /(.*)/$`)
)

// tapeKeys are the lines of a tape that are a key of their own.
var tapeKeys = map[string]string{"Enter": "enter", "Tab": "tab", "Escape": "esc", "Up": "up", "Down": "down", "Left": "left", "Right": "right", "Ctrl+C": "ctrl+c"}

// TestTapePlays presses the keys of demo.tape and waits for what it waits for,
// so that the recording can't show a program that is no more.
func TestTapePlays(t *testing.T) {
	tape, err := os.ReadFile("demo.tape")
	if err != nil {
		t.Fatal(err)
	}
	d := tuitest.New(t, tuitest.Options{Width: 130, Height: 38, Profile: termenv.Ascii})
	started, waits := false, 0
	for n, line := range strings.Split(string(tape), "\n") {
		line = strings.TrimSpace(line)
		word, _, _ := strings.Cut(line, " ")
		switch {
		case line == "" || strings.HasPrefix(line, "#") || word == "Output" || word == "Require" || word == "Set" || word == "Sleep":
		case typeLine.MatchString(line) && !started:
			// the command that starts the program; its Enter follows
		case line == "Enter" && !started:
			started = true
		case typeLine.MatchString(line):
			d.Type(typeLine.FindStringSubmatch(line)[1])
		case waitLine.MatchString(line):
			d.Match(waitLine.FindStringSubmatch(line)[1])
			waits++
		case tapeKeys[line] != "":
			d.Press(tapeKeys[line])
		default:
			t.Fatalf("line %d: the test does not know %q", n+1, line)
		}
	}
	if waits < 15 {
		t.Errorf("the tape waits only %d times: it shows next to nothing", waits)
	}
	d.WaitQuit()
}
