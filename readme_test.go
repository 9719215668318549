package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/muesli/termenv"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/fault"
	"flowscope/engine/msal"
	"flowscope/engine/oidc"
	"flowscope/engine/profile"
	"flowscope/engine/scenario"
	"flowscope/tui/tuitest"
)

var (
	block   = regexp.MustCompile("(?s)```(\\w+)\n(.*?)```")
	cmdLine = regexp.MustCompile(`(?m)^flowscope (.*)$`)
)

// readme gives the text of the README.
func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// blocks gives the blocks of the README in a language.
func blocks(t *testing.T, language string) []string {
	t.Helper()
	var out []string
	for _, b := range block.FindAllStringSubmatch(readme(t), -1) {
		if b[1] == language {
			out = append(out, b[2])
		}
	}
	return out
}

// TestReadme runs every command line of the README, one after the other: what it
// promises, it keeps.
func TestReadme(t *testing.T) {
	ran, home := 0, t.TempDir()
	for _, b := range blocks(t, "sh") {
		for _, m := range cmdLine.FindAllStringSubmatch(strings.ReplaceAll(b, "\\\n", " "), -1) {
			ran++
			want := 0
			if strings.Contains(m[1], "--fault") {
				want = 3
			}
			cmd := program(t, strings.Fields(m[1])...)
			cmd.Env = append(cmd.Env, "XDG_CONFIG_HOME="+home) // profiles are saved there
			if strings.HasPrefix(m[1], "lab ") {
				cmd.Stdin = strings.NewReader("quit\n") // ends the serving
			}
			out, err := cmd.CombinedOutput()
			if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != want {
				t.Errorf("flowscope %s: %v\n%s", m[1], err, out)
			}
			if strings.HasPrefix(m[1], "profiles show") && !strings.Contains(readme(t), string(out)) {
				t.Errorf("flowscope %s prints another text than the README has:\n%s", m[1], out)
			}
		}
	}
	if ran < 20 {
		t.Errorf("%d commands were found", ran)
	}
}

// TestReadmeConfiguration reads the example of a configuration, and wants every
// key in it.
func TestReadmeConfiguration(t *testing.T) {
	examples := blocks(t, "toml")
	if len(examples) != 1 {
		t.Fatalf("%d configurations were found", len(examples))
	}
	c, err := profile.Parse([]byte(examples[0]))
	if err != nil {
		t.Fatalf("the example of a configuration: %v", err)
	}
	if _, err := c.Find("orders"); err != nil {
		t.Error(err)
	}
	for _, key := range profile.Keys() {
		if !strings.Contains(examples[0], key) {
			t.Errorf("the example of a configuration says nothing of %s", key)
		}
	}
}

// TestReadmeDrivers holds the table of flows to what the drivers say of
// themselves.
func TestReadmeDrivers(t *testing.T) {
	row := regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\| (yes|no) \\| (yes|no) \\|")
	says := map[string][]string{}
	for _, m := range row.FindAllStringSubmatch(readme(t), -1) {
		says[m[1]] = m[2:]
	}
	entra, other := &engine.Target{Kind: engine.Entra}, &engine.Target{Kind: engine.OIDC}
	machine := func(key string) string {
		return map[string]string{"IDENTITY_ENDPOINT": "http://127.0.0.1:1/token", "IDENTITY_HEADER": "h"}[key]
	}
	for _, f := range decision.Flows() {
		if says[string(f)] == nil {
			t.Errorf("the table says nothing of %s", f)
			continue
		}
		for i, d := range []engine.Driver{msal.Driver{Getenv: machine}, oidc.Driver{}} {
			can := d.Can(entra, f) == nil || d.Can(other, f) == nil
			if can != (says[string(f)][i] == "yes") {
				t.Errorf("%s by %s: the table says %s", f, d.ID(), says[string(f)][i])
			}
		}
	}
	for _, f := range []decision.Flow{decision.Implicit, decision.Password} {
		for _, d := range []engine.Driver{msal.Driver{}, oidc.Driver{}} {
			for _, kind := range []engine.Kind{engine.Entra, engine.OIDC} {
				if d.Can(&engine.Target{Kind: kind, Live: true}, f) == nil {
					t.Errorf("%s is for the lab only, and %s runs it on a live target", f, d.ID())
				}
			}
		}
	}
}

// TestReadmeKeys holds the keys that the README lists for a run to the screen's
// own list of keys.
func TestReadmeKeys(t *testing.T) {
	_, list, ok := strings.Cut(readme(t), "On the\nscreen of a run:\n")
	list, _, ok2 := strings.Cut(list, "\n## ")
	if !ok || !ok2 {
		t.Fatal("the README lists no keys of a run")
	}
	d := tuitest.New(t, tuitest.Options{Width: 130, Height: 50, Profile: termenv.Ascii})
	d.Match("Find my flow")
	d.Press("down", "enter")
	d.Match("authorization code")
	d.Press("enter")
	d.Match("Before anything is sent")
	starts := keysOn(d)
	d.Press("enter")
	d.Match("held . 1 of 8")
	held := keysOn(d)
	n := 0
	for _, m := range regexp.MustCompile("`([A-Za-z])`").FindAllStringSubmatch(list, -1) {
		n++
		if key := regexp.MustCompile(`(?m)(^|\s)` + m[1] + `\s{2,}\w`); !key.MatchString(held) && !key.MatchString(starts) {
			t.Errorf("the README tells of the key %s, and the screen does not:\n%s", m[1], held)
		}
	}
	if n < 10 {
		t.Errorf("only %d keys were found in the README", n)
	}
	d.Press("ctrl+c")
	d.WaitQuit()
}

// keysOn opens and closes the list of keys of a screen.
func keysOn(d *tuitest.Driver) string {
	d.Press("?")
	d.Match("any key closes this")
	text := d.View()
	d.Press("esc")
	return text
}

// TestReadmeCounts counts what the README counts.
func TestReadmeCounts(t *testing.T) {
	ids := map[string]bool{}
	for _, f := range fault.Catalogue() {
		ids[f.ID] = true
	}
	for _, want := range []string{fmt.Sprintf("%d faults", len(ids)), fmt.Sprintf("%d situations of practice", len(scenario.All()))} {
		if !strings.Contains(readme(t), want) {
			t.Errorf("the README does not say %q", want)
		}
	}
}

// TestReadmePicture holds the picture of the README to the screen as it is.
func TestReadmePicture(t *testing.T) {
	golden, err := os.ReadFile("tui/testdata/redeem-120x36.golden")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(readme(t), strings.TrimRight(string(golden), "\n")) {
		t.Error("the picture in README.md is not what the program shows: copy tui/testdata/redeem-120x36.golden")
	}
}
