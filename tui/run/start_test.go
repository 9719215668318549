package run

import (
	"context"
	"sync"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/muesli/termenv"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/enginetest"
	"flowscope/engine/trace"
	"flowscope/themes"
	"flowscope/tui/tuitest/frame"
)

// begun is a screen on the lab, and every run that it began.
type begun struct {
	*Run
	mu   sync.Mutex
	runs []*engine.Run
}

func newBegun(t *testing.T) *begun {
	t.Helper()
	w := enginetest.New(t)
	b := &begun{}
	w.Runner.Started = func(r *engine.Run) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.runs = append(b.runs, r)
	}
	sh := frame.Shell(themes.Unicode(), termenv.Ascii, "", time.Unix(0, 0), nil)
	b.Run = New(sh, Deps{Runner: w.Runner, Target: w.Target.Target, Context: context.Background()}, decision.AuthorizationCode, "web")
	b.Resize(120, 34)
	return b
}

func (b *begun) press(name string) tea.Cmd { return b.Update(frame.Key(name)) }

// run executes a command and hands its message back.
func (b *begun) take(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case tea.BatchMsg:
		for _, c := range msg {
			b.take(c)
		}
	default:
		b.Update(msg)
	}
}

// living counts the runs that have not ended.
func (b *begun) living() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, r := range b.runs {
		if !r.State().Done {
			n++
		}
	}
	return n
}

// TestNoRunIsLeft begins runs faster than they are heard of, and leaves the
// screen before they are: whatever the order, no run stays behind.
func TestNoRunIsLeft(t *testing.T) {
	for _, k := range []string{"enter", "a"} {
		for name, play := range map[string]func(*begun) int{
			"twice": func(b *begun) int {
				c1, c2 := b.press(k), b.press(k)
				b.take(c1)
				b.take(c2)
				return 1
			},
			"twice, the second first": func(b *begun) int {
				c1, c2 := b.press(k), b.press(k)
				b.take(c2)
				b.take(c1)
				return 1
			},
			"twice, the first began already": func(b *begun) int {
				c1 := b.startCmd()
				m1 := c1()
				c2 := b.startCmd()
				b.Update(m1)
				b.take(c2)
				return 1
			},
			"left before it began": func(b *begun) int {
				c1 := b.press(k)
				b.Close()
				b.take(c1)
				return 0
			},
			"left before it was heard of": func(b *begun) int {
				m := b.startCmd()()
				b.Close()
				b.Update(m)
				return 0
			},
			"again, twice": func(b *begun) int {
				b.take(b.press(k))
				c1, c2 := b.press("r"), b.press("r")
				b.take(c1)
				b.take(c2)
				return 1
			},
		} {
			t.Run(k+" "+name, func(t *testing.T) {
				b := newBegun(t)
				most := play(b)
				if n := b.living(); n > most {
					t.Errorf("%d of %d runs live, at most %d may", n, len(b.runs), most)
				}
				b.Close()
				if n := b.living(); n != 0 {
					t.Errorf("%d of %d runs live on after the screen", n, len(b.runs))
				}
			})
		}
	}
}

// TestNoExtensionIsLeft does the same for a run that goes on.
func TestNoExtensionIsLeft(t *testing.T) {
	for _, leave := range []bool{false, true} {
		b := newBegun(t)
		b.job.Step = false
		b.take(b.startCmd())
		for !b.state.Done {
			ev, ok := <-b.run.Events()
			b.event(eventMsg{b.run.ID, ev, ok})
		}
		if b.state.Trace.Outcome != trace.Tokens {
			t.Fatalf("%v", b.state.Err)
		}
		extend := func() tea.Cmd {
			c := &call{r: b.Run, kind: trace.AccessToken}
			return c.begin(engine.Extra{Purpose: trace.CallAPI, URL: b.job.Target.Services[0].URL, Step: true})
		}
		m1 := extend()() // it has begun when the next one is asked for
		c2 := extend()
		if leave {
			b.Close()
		}
		m2 := c2()
		b.Update(m1)
		b.Update(m2)
		c3, c4 := extend(), extend()
		m3, m4 := c3(), c4()
		b.Update(m3)
		b.Update(m4)
		if n := b.living(); n > 1 {
			t.Errorf("%d runs live", n)
		}
		b.Close()
		if n := b.living(); n != 0 {
			t.Errorf("%d runs live on after the screen", n)
		}
	}
}
