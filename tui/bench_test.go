package tui_test

import (
	"testing"

	"github.com/muesli/termenv"

	"flowscope/tui/tuitest"
)

// BenchmarkKeyToFrame is one key press and the frame that follows, at 200 by 60
// in full colour, on the run screen after a whole run.
func BenchmarkKeyToFrame(b *testing.B) {
	d := tuitest.New(b, tuitest.Options{Width: 200, Height: 60, Profile: termenv.TrueColor})
	ready(d)
	d.Press("a")
	d.See("tokens received")
	keys := []string{"up", "up", "right", "right", "down", "left"}
	i := 0
	b.ResetTimer()
	for b.Loop() {
		d.Press(keys[i%len(keys)])
		i++
	}
}
