package enginetest

import (
	"fmt"
	"strings"
	"testing"

	"flowscope/decision"
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
