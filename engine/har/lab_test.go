package har_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/enginetest"
	"flowscope/engine/har"
)

// steps are the plan of a run as an export wants it.
func steps(p engine.Plan, states []engine.StepState) []har.Step {
	var out []har.Step
	for i, s := range p.Steps {
		step := har.Step{N: s.N, Title: s.Title, Label: s.Label, From: s.From, To: s.To, Channel: s.Channel}
		if i < len(states) {
			step.State = string(states[i])
		}
		out = append(out, step)
	}
	return out
}

// ran runs a flow on the lab and gives its end with what an export needs.
func ran(t *testing.T, w *enginetest.World, flow decision.Flow, client string) (engine.State, har.Options) {
	t.Helper()
	job := w.Job(t, flow, client)
	plan, err := w.Runner.Plan(job)
	if err != nil {
		t.Fatal(err)
	}
	s := w.Run(t, job)
	return s, har.Options{Title: plan.Title, Steps: steps(plan, s.Steps), Version: "test"}
}

// TestAnotherIssuer: only Entra ID is called Entra ID.
func TestAnotherIssuer(t *testing.T) {
	w := enginetest.New(t)
	s, o := ran(t, w, decision.AuthorizationCode, "web")
	for _, o.Format = range []string{har.MermaidFormat, har.MarkdownFormat} {
		for _, s.Trace.Foreign = range []bool{false, true} {
			text, _, err := har.Export(s.Trace, o)
			if err != nil {
				t.Fatal(err)
			}
			named, issuer := strings.Contains(string(text), "Entra ID"), strings.Contains(string(text), "| issuer |") || strings.Contains(string(text), " as issuer\n")
			if named == s.Trace.Foreign || issuer != s.Trace.Foreign {
				t.Errorf("%s: foreign %v, and Entra ID is named: %v, the issuer: %v", o.Format, s.Trace.Foreign, named, issuer)
			}
		}
	}
}

// TestFormatsOnTheLab writes a whole run in every format.
func TestFormatsOnTheLab(t *testing.T) {
	w := enginetest.New(t)
	s, o := ran(t, w, decision.AuthorizationCode, "web")
	for _, f := range har.Formats() {
		o.Format = f.ID
		text, receipt, err := har.Export(s.Trace, o)
		if err != nil || len(text) == 0 || (receipt.Count() == 0 && f.ID != har.MermaidFormat) {
			t.Errorf("%s: %d bytes, %d secrets, %v", f.ID, len(text), receipt.Count(), err)
		}
		if dir := os.Getenv("FLOWSCOPE_EXPORTS"); dir != "" { // to look at them
			if err := os.WriteFile(filepath.Join(dir, "web"+f.Ext), text, 0o600); err != nil {
				t.Error(err)
			}
		}
	}
}
