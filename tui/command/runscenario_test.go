package command_test

import (
	"strings"
	"testing"

	"flowscope/engine/scenario"
)

// scenarioShape is the document of run SCENARIO --json.
type scenarioShape struct {
	Schema                 int
	Scenario, Title, About string
	Match                  bool
	Acts                   []struct {
		Title, Tells, Predicts, Came string
		Match                        bool
		Lesson                       string
		Attack                       *struct{ Does, Sees, Stops string }
		Run                          runShape
	}
}

// TestEveryScenario plays each scenario from the command line: every act comes as
// predicted, also where that is an error, and the command ends well.
func TestEveryScenario(t *testing.T) {
	for _, s := range scenario.All() {
		t.Run(s.ID, func(t *testing.T) {
			var doc scenarioShape
			read(t, newBench(t).must(t, 0, "run", s.ID, "--json"), &doc)
			if !doc.Match || doc.Scenario != s.ID || len(doc.Acts) != len(s.Acts) {
				t.Errorf("match %v, scenario %s, %d acts of %d", doc.Match, doc.Scenario, len(doc.Acts), len(s.Acts))
			}
			for i, a := range doc.Acts {
				if !a.Match || len(a.Run.Steps) == 0 || (a.Attack != nil) != (s.Acts[i].Attack != nil) {
					t.Errorf("act %d: %+v", i+1, a)
				}
			}
		})
	}
}

func TestScenarioInText(t *testing.T) {
	b := newBench(t)
	out := b.must(t, 0, "run", "forged-state")
	for _, words := range []string{"Act 1 of ", "the attacker", "is stopped by", "predicted      refused by us: state", "came           refused by us: state", "each as predicted"} {
		if !strings.Contains(out, words) {
			t.Errorf("it does not say %q:\n%s", words, out)
		}
	}
	narrow(t, out)
	for _, flag := range []string{"--as=web", "--fault=state", "--har=x.har", "--compare"} {
		if b.must(t, 2, "run", "forged-state", flag); !strings.Contains(b.err.String(), "scenario") && !strings.Contains(b.err.String(), "--fault") {
			t.Errorf("%s: %q", flag, b.err.String())
		}
	}
	list := b.must(t, 0, "scenarios")
	for _, s := range scenario.All() {
		if !strings.Contains(list, s.ID+" ") {
			t.Errorf("%s is not listed", s.ID)
		}
	}
	narrow(t, list)
	var doc struct {
		Schema    int
		Scenarios []struct {
			ID, Title, About string
			Acts             []struct{ Title, Tells, Flow, Predicts, Lesson string }
		}
	}
	read(t, b.must(t, 0, "scenarios", "--json"), &doc)
	if len(doc.Scenarios) != len(scenario.All()) {
		t.Errorf("%d scenarios", len(doc.Scenarios))
	}
}
