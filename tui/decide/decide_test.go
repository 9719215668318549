package decide

import (
	"testing"
	"time"

	"github.com/muesli/termenv"

	"flowscope/decision"
	"flowscope/themes"
	"flowscope/tui/tuitest/frame"
)

// TestAnswersStand: whatever two answers leave over, the third goes to the third
// question and changes neither of them.
func TestAnswersStand(t *testing.T) {
	words := map[string]decision.Answer{"y": decision.Yes, "n": decision.No}
	for _, keys := range []string{"nyn", "nyy", "ynn", "yny", "yyn", "yyy", "nnn", "nny"} {
		t.Run(keys, func(t *testing.T) {
			sh := frame.Shell(themes.Unicode(), termenv.Ascii, "", time.Unix(0, 0), nil)
			d := New(sh, func(decision.Flow) error { return nil })
			want := map[decision.Question]decision.Answer{}
			for _, k := range keys {
				want[d.asked] = words[string(k)]
				d.Update(frame.Key(string(k)))
			}
			if len(want) != len(decision.Questions()) {
				t.Errorf("three keys answered %d questions", len(want))
			}
			for q, a := range want {
				if got := d.answers.Get(q); got != a {
					t.Errorf("question %d is %v, answered with %v", int(q)+1, got, a)
				}
			}
		})
	}
}
