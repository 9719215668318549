package dark

import (
	"os/exec"
	"reflect"
	"strings"
	"testing"

	"github.com/charmbracelet/lipgloss"
)

func TestGuess(t *testing.T) {
	for in, want := range map[string][2]bool{
		"15;0":                   {true, true},
		"0;15":                   {false, true},
		"15;default;0":           {true, true},
		"0;default;7":            {false, true},
		"7;8":                    {true, true},
		"0;6":                    {true, true},
		"0;9":                    {false, true},
		"":                       {false, false},
		"15":                     {false, false},
		"0;default":              {false, false},
		"0;16":                   {false, false},
		"0;-1":                   {false, false},
		"0;+1":                   {false, false},
		"0; 7":                   {false, false},
		"0;99999999999999999999": {false, false},
	} {
		dark, known := Guess(func(name string) string {
			if name != "COLORFGBG" {
				t.Errorf("asked for %s", name)
			}
			return in
		})
		if got := [2]bool{dark, known}; got != want {
			t.Errorf("COLORFGBG=%q: dark, known = %v, want %v", in, got, want)
		}
	}
}

func TestCanAsk(t *testing.T) {
	for _, c := range []struct {
		goos, term string
		want       bool
	}{
		{"linux", "xterm-256color", true},
		{"darwin", "xterm-256color", true},
		{"linux", "tmux-256color", true},
		{"linux", "screen-256color", true},
		{"linux", "xterm-kitty", true},
		{"windows", "xterm-256color", false},
		{"linux", "linux", false},
		{"linux", "dumb", false},
		{"linux", "", false},
		{"linux", "vt100", false},
		{"linux", "eterm-color", false},
	} {
		if got := canAsk(c.goos, c.term); got != c.want {
			t.Errorf("%s on %s: %v, want %v", c.term, c.goos, got, c.want)
		}
	}
}

func TestIsDark(t *testing.T) {
	for spec, want := range map[string]bool{
		"rgb:0000/0000/0000":       true,
		"rgb:ffff/ffff/ffff":       false,
		"rgb:0/0/0":                true,
		"rgb:f/f/f":                false,
		"rgb:16/16/1e":             true,  // our own dark paper
		"rgb:fa/fa/fa":             false, // our own light paper
		"rgb:0000/2b2b/3636":       true,  // Solarized dark
		"rgb:fdfd/f6f6/e3e3":       false, // Solarized light
		"rgb:000/000/fff":          true,  // pure blue is dark
		"rgb:000/FFF/000":          false, // pure green is not
		"rgba:1e1e/1e1e/1e1e/ffff": true,
		"rgba:ffff/ffff/ffff/0":    false,
		"rgb:7/7/7":                false, // middle grey by eye: black stands out more
		"rgb:6/6/6":                true,
	} {
		if got := isDark([]byte("\x1b]11;" + spec)); got != want {
			t.Errorf("%s: dark %v, want %v", spec, got, want)
		}
		if got := isDark([]byte("\x1b]11;" + spec + "\x1b")); got != want {
			t.Errorf("%s ended by ST: dark %v, want %v", spec, got, want)
		}
	}
}

func TestInit(t *testing.T) {
	if !lipgloss.HasDarkBackground() {
		t.Error("Lip Gloss does not hold the answer that init gave it")
	}
}

// The two things that make the trick work.
func TestComesBeforeBubbleTea(t *testing.T) {
	const tea = "github.com/charmbracelet/bubbletea"
	self := reflect.TypeOf(Filter{}).PkgPath()
	if self >= tea {
		t.Errorf("%s sorts after %s: Go would initialise Bubble Tea first, which asks the "+
			"terminal for its colour and waits five seconds for an answer", self, tea)
	}
	out, err := exec.Command("go", "list", "-deps", self).Output()
	if err != nil {
		t.Skipf("no go command to list the dependencies with: %v", err)
	}
	deps := strings.Fields(string(out))
	if len(deps) < 10 {
		t.Fatalf("only %d dependencies are listed", len(deps))
	}
	for _, dep := range deps {
		if dep == tea || strings.HasPrefix(dep, tea+"/") {
			t.Errorf("%s depends on %s, which is then initialised first and asks the terminal "+
				"for its colour, waiting five seconds for an answer", self, dep)
		}
		if strings.HasPrefix(dep, "flowscope/") && dep != self {
			t.Errorf("%s depends on %s: it must be ready early, so Lip Gloss is all it may import", self, dep)
		}
	}
}
