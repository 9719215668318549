package tui_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/muesli/termenv"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/trace"
	"flowscope/tui/tuitest"
	"flowscope/tui/tuitest/frame"
)

// longExchanges is how many exchanges the long run has.
const longExchanges = 2000

// long is a driver whose one flow asks the same thing again and again.
type long struct{ n int }

func (long) ID() string   { return "long" }
func (long) Name() string { return "a long run" }

func (long) Can(*engine.Target, decision.Flow) error { return nil }

func (l long) Plan(job engine.Job) (engine.Plan, error) {
	steps := []engine.Step{
		{Title: "Begin", Label: "metadata", From: trace.App, To: trace.Entra, Channel: trace.Back, Purpose: trace.Metadata},
		{Title: "Ask again", Label: "device code", From: trace.App, To: trace.Entra, Channel: trace.Back, Purpose: trace.Poll},
	}
	for range 20 {
		steps = append(steps, engine.Step{Title: "More", Label: "more", From: trace.Entra, To: trace.App, Channel: trace.Front, Purpose: trace.Event})
	}
	return engine.Plan{Flow: job.Flow, Client: job.Client, Title: "long", Steps: engine.Number(steps)}, nil
}

func (l long) Run(ctx context.Context, s *engine.Session) error {
	s.Enter(trace.Poll)
	for range l.n {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Job().Target.Authority+"/v2.0/.well-known/openid-configuration", nil)
		if err != nil {
			return err
		}
		if random, err := s.Random(16); err == nil {
			req.Header.Set("Authorization", "Bearer "+random)
		}
		resp, err := s.Client().Do(req)
		if err != nil {
			return err
		}
		_ = resp.Body.Close()
	}
	return nil
}

// longRun opens a run with 2,000 exchanges, each with a secret of its own, in
// one step of a plan that does not fit the window.
func longRun(t testing.TB, profile termenv.Profile) *tuitest.Driver {
	d := tuitest.New(t, tuitest.Options{Width: 200, Height: 60, Profile: profile})
	d.World.Runner.Drivers = []engine.Driver{long{longExchanges}}
	openFlows(d)
	d.Press("enter")
	d.See("nothing sent")
	d.Press("a")
	d.See("done")
	d.Press("tab")
	d.See("2000 of 2000")
	return d
}

// TestLongTrace goes through a run of 2,000 exchanges: the newest is shown first,
// every one can be reached, and the ladder says that there are more steps.
func TestLongTrace(t *testing.T) {
	d := longRun(t, termenv.Ascii)
	d.Press("up", "up", "up")
	d.See("1997 of 2000", "poll 1997")
	d.Press("down")
	d.See("1998 of 2000")
	d.Resize(120, 36)
	d.See("↓ more")
	frame.Fills(t, d.Raw(), 120, 36)
}

// BenchmarkLongTrace is one key press and the frame that follows, at 200 by 60 in
// full colour, on a run of 2,000 exchanges.
func BenchmarkLongTrace(b *testing.B) {
	d := longRun(b, termenv.TrueColor)
	keys := []string{"up", "up", "pgdown", "right", "up", "left", "down", "pgup"}
	i := 0
	b.ResetTimer()
	for b.Loop() {
		d.Press(keys[i%len(keys)])
		i++
	}
}
