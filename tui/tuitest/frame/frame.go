// Package frame is what tests of screens share: keys by name, the size of a
// frame, its golden, and a shell to draw with. Only tests import it, those inside
// a screen's package too; so it knows no screen.
package frame

import (
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"flowscope/engine/trace"
	"flowscope/themes"
	"flowscope/tui/screen"
)

var update = flag.Bool("update", false, "write the goldens anew")

var named = map[string]tea.KeyType{
	"enter": tea.KeyEnter, "tab": tea.KeyTab, "esc": tea.KeyEsc, "up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft,
	"right": tea.KeyRight, "pgdown": tea.KeyPgDown, "pgup": tea.KeyPgUp, "backspace": tea.KeyBackspace, "space": tea.KeySpace,
	"ctrl+c": tea.KeyCtrlC, "ctrl+d": tea.KeyCtrlD, "ctrl+s": tea.KeyCtrlS, "ctrl+u": tea.KeyCtrlU, "ctrl+r": tea.KeyCtrlR, "ctrl+z": tea.KeyCtrlZ, "ctrl+n": tea.KeyCtrlN,
	"shift+tab": tea.KeyShiftTab, "end": tea.KeyEnd, "home": tea.KeyHome, "delete": tea.KeyDelete,
}

// Key is the message of a key, by Bubble Tea's names; any other name is typed.
func Key(name string) tea.KeyMsg {
	if t, ok := named[name]; ok {
		return tea.KeyMsg{Type: t}
	}
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(name)}
}

// Paste is the message of a bracketed paste.
func Paste(text string) tea.KeyMsg {
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(text), Paste: true}
}

// Fills checks that a frame is exactly as large as its window.
func Fills(t testing.TB, frame string, w, h int) {
	t.Helper()
	lines := strings.Split(frame, "\n")
	if len(lines) != h {
		t.Errorf("%dx%d: %d lines", w, h, len(lines))
	}
	for i, l := range lines {
		if n := ansi.StringWidth(l); n != w {
			t.Errorf("%dx%d: line %d is %d cells wide: %q", w, h, i+1, n, ansi.Strip(l))
		}
	}
}

// Golden compares text with testdata/NAME.golden. With -update it writes the
// file instead; read the difference before you keep it. Escape sequences are
// written as \e, so that a golden can be read.
func Golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	lines := strings.Split(strings.ReplaceAll(got, "\x1b", `\e`), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " ")
	}
	got = strings.Join(lines, "\n") + "\n"
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (write it with -update)", err)
	}
	if got != string(want) {
		t.Errorf("%s differs from its golden; got\n%s\nwant\n%s", name, got, want)
	}
}

// Shell is a dark shell whose clock stands at now. What is copied goes to copied,
// unless that is nil; nothing can be written.
func Shell(glyphs themes.Glyphs, profile termenv.Profile, theme string, now time.Time, copied *string) *screen.Shell {
	r := lipgloss.NewRenderer(io.Discard, termenv.WithProfile(profile))
	r.SetColorProfile(profile)
	r.SetHasDarkBackground(true)
	th, err := themes.Find(theme)
	if err != nil {
		panic(err) // the test names a theme that is not there
	}
	return &screen.Shell{
		Styles: themes.NewStyles(r, th, true), Glyphs: glyphs, Now: func() time.Time { return now },
		Secrets: trace.NewRedactor(func(alias string) string { return strings.Repeat(glyphs.Mask, 8) + "  " + alias }),
		Clip: func(text string) error {
			if copied != nil {
				*copied = text
			}
			return nil
		},
	}
}
