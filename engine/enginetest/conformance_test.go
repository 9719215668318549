package enginetest

import (
	"fmt"
	"strings"
	"testing"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/fault"
)

// TestConformance puts every driver of the program to the suite, and prints which
// flow runs with which driver.
func TestConformance(t *testing.T) {
	table := map[decision.Flow]map[string]string{}
	var drivers []string
	for _, d := range New(t).Runner.Drivers {
		drivers = append(drivers, d.ID())
		t.Run(d.ID(), func(t *testing.T) {
			for _, row := range Conformance(t, d) {
				if table[row.Flow] == nil {
					table[row.Flow] = map[string]string{}
				}
				table[row.Flow][d.ID()] = row.Words()
			}
		})
	}
	var b strings.Builder
	for _, flow := range decision.Flows() {
		for _, d := range drivers {
			fmt.Fprintf(&b, "%-20s %-5s %s\n", flow, d, table[flow][d])
		}
	}
	t.Logf("flow by driver, on the lab:\n%s", b.String())
}

// TestFaultsWithEveryDriver lays every fault over the drivers that a job has to
// ask for: what a fault predicts does not depend on who builds the requests.
func TestFaultsWithEveryDriver(t *testing.T) {
	for _, d := range New(t).Runner.Drivers[1:] {
		ran, once := 0, map[string]bool{}
		for _, f := range fault.Catalogue() {
			for _, tr := range fits(t, d, f) {
				w := New(t)
				base := tr.job(t, w, d)
				if !f.Fits(base) {
					continue
				}
				if once[f.ID+string(base.Flow)] {
					continue // one client is enough: who builds the requests is the same for all
				}
				once[f.ID+string(base.Flow)] = true
				ran++
				s := w.Run(t, f.Apply(base))
				first, checks := diagnosed(s)
				if got := f.Outcome(s.Trace, first.Code, checks...); !got.Match {
					t.Errorf("%s, %s with %s: predicted %s, came %s (%s, %v)", f.ID, tr.name(), d.ID(), f.Predicts, got.Came, s.Trace.Outcome, s.Err)
				}
			}
		}
		if ran == 0 {
			t.Errorf("no fault fits a flow of %s", d.ID())
		}
		t.Logf("%s: %d faults came as predicted", d.ID(), ran)
	}
}

// fits gives the flows and clients of a fault that a driver runs, each with the
// client's usual credential.
func fits(t *testing.T, d engine.Driver, f fault.Fault) []Trial {
	t.Helper()
	w := New(t)
	var out []Trial
	for _, flow := range f.Flows {
		if d.Can(&w.Target.Target, flow) != nil {
			continue
		}
		for _, key := range w.Target.KeysFor(flow) {
			out = append(out, Trial{Flow: flow, Client: key})
		}
	}
	return out
}
