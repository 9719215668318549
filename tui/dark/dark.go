// Package dark settles whether the terminal is dark, without ever waiting for
// the terminal.
//
// Bubble Tea v1 asks for the background colour in an init function, and waits
// five seconds where nothing answers (a bare pty, a recorder, some consoles).
// Importing this package prevents that: its own init gives Lip Gloss an answer
// first. Go initialises packages that are ready in the order of their import
// paths, so this works because the package imports Lip Gloss but not Bubble
// Tea, and because "flowscope/tui/dark" sorts before "github.com/…". A test
// holds both.
//
// The true answer comes later, in one of these ways: the user's setting, which
// is not this package's business; Guess, from COLORFGBG; or a question to the
// terminal (Query) whose answer Filter takes out of the input before anybody
// can read it as typing. Until then the program is drawn dark.
//
// Nothing else asks at start: termenv's colour profile is read from the
// environment alone, Lip Gloss asks only for adaptive colours on a renderer
// without a fixed background, and Bubble Tea sends no other question. A new
// renderer must therefore be told with SetHasDarkBackground as well.
//
// The package refuses to read or write anything by itself: it starts no
// goroutine and opens no file.
package dark

import (
	"runtime"
	"strconv"
	"strings"

	"github.com/charmbracelet/lipgloss"
)

func init() {
	lipgloss.SetHasDarkBackground(true)
}

// Query asks the terminal for its background colour: OSC 11 of xterm's control
// sequences. It ends in BEL and not in ST (ESC \), because terminals answer
// with the ending they were asked with, and an answer that ends in BEL holds
// one escape character only. tmux answers it too.
const Query = "\x1b]11;?\x07"

// Guess reads the COLORFGBG variable, "15;0" or "15;default;0", which some
// terminals set: the last part is the number of the background colour among
// the sixteen. Numbers 0 to 6 and 8 are dark. It returns known false when the
// variable is missing or says anything else.
func Guess(getenv func(string) string) (dark, known bool) {
	parts := strings.Split(getenv("COLORFGBG"), ";")
	if len(parts) < 2 {
		return false, false
	}
	n, err := strconv.ParseUint(parts[len(parts)-1], 10, 8)
	if err != nil || n > 15 {
		return false, false
	}
	return n <= 6 || n == 8, true
}

// CanAsk says whether Query may be sent. It may not on Windows, where Bubble
// Tea reads console events past any filter, nor to a terminal that is known to
// print the question instead of answering it.
func CanAsk(getenv func(string) string) bool {
	return canAsk(runtime.GOOS, getenv("TERM"))
}

func canAsk(goos, term string) bool {
	if goos == "windows" {
		return false
	}
	if strings.HasPrefix(term, "eterm") {
		return false
	}
	switch term {
	case "", "dumb", "linux", "cons25", "vt52", "vt100", "vt102", "vt220", "emacs":
		return false
	}
	return true
}
