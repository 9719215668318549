package scenario

import (
	"fmt"

	"flowscope/engine"
	"flowscope/engine/fault"
	"flowscope/engine/trace"
)

// Play is a scenario on its way against a target: which act is on, and what came
// of those before it. It starts no run; whoever does tells it how the run ended.
type Play struct {
	Scenario Scenario
	Target   engine.Target
	At       int   // index of the act that is on
	Ends     []End // what came of the acts, in their order
}

// End is what came of an act.
type End struct {
	Act  Act
	Came fault.Outcome
}

// Begin is a play before its first act. It fails with the reason of Fits.
func Begin(s Scenario, t engine.Target) (*Play, error) {
	if err := s.Fits(t); err != nil {
		return nil, fmt.Errorf("%s can't be run on %s: %w", s.ID, t.Name, err)
	}
	return &Play{Scenario: s, Target: t}, nil
}

// Act is the act that is on.
func (p *Play) Act() Act { return p.Scenario.Acts[p.At] }

// Job gives the run of the act that is on.
func (p *Play) Job() (engine.Job, error) { return p.Act().Job(p.Target) }

// Head names the act that is on: "Act 2 of 3: the title".
func (p *Play) Head() string {
	return fmt.Sprintf("Act %d of %d: %s", p.At+1, len(p.Scenario.Acts), p.Act().Title)
}

// End notes how the act's run ended. Code and checks are those of the run's
// first finding; an act that is run again replaces what came of it before.
func (p *Play) End(t *trace.Trace, code string, checks ...string) fault.Outcome {
	end := End{p.Act(), p.Act().Outcome(t, code, checks...)}
	p.Ends = append(p.Ends[:min(p.At, len(p.Ends))], end)
	return end.Came
}

// Ended gives what came of the act that is on, and false before its end.
func (p *Play) Ended() (End, bool) {
	if p.At >= len(p.Ends) {
		return End{}, false
	}
	return p.Ends[p.At], true
}

// Last reports whether the act that is on is the last one.
func (p *Play) Last() bool { return p.At == len(p.Scenario.Acts)-1 }

// Next goes on to the next act. It does not before the end of the one that is
// on, nor after the last.
func (p *Play) Next() bool {
	if _, ended := p.Ended(); !ended || p.Last() {
		return false
	}
	p.At++
	return true
}

// Match reports whether every act so far came as predicted.
func (p *Play) Match() bool {
	for _, e := range p.Ends {
		if !e.Came.Match {
			return false
		}
	}
	return true
}

// Verdict is the last line of a play.
func (p *Play) Verdict() string {
	switch n := len(p.Ends); {
	case !p.Match():
		return "Not every act came as predicted."
	case n == 1:
		return "1 act, as predicted."
	default:
		return fmt.Sprintf("%d acts, each as predicted.", n)
	}
}
