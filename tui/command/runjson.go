package command

import (
	"strings"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/explain"
	"flowscope/engine/trace"
	"flowscope/validate"
)

// runDocument is what run --json prints.
type runDocument struct {
	Schema    int           `json:"schema"`
	Flow      decision.Flow `json:"flow"`
	Target    string        `json:"target"`
	Outcome   trace.Outcome `json:"outcome"`
	Steps     []runStep     `json:"steps"`
	Exchanges []runExchange `json:"exchanges"`
	Tokens    []tokenReport `json:"tokens"`
	Findings  []runFinding  `json:"findings"`
}

type runStep struct {
	N       int           `json:"n"`
	Title   string        `json:"title"`
	From    trace.Party   `json:"from"`
	To      trace.Party   `json:"to"`
	Channel trace.Channel `json:"channel"`
	State   string        `json:"state"`
}

type runExchange struct {
	Step    int           `json:"step"`
	Channel trace.Channel `json:"channel"`
	Method  string        `json:"method"`
	URL     string        `json:"url"`
	Status  int           `json:"status"` // 0: there was no answer
	MS      int64         `json:"ms"`
}

type runFinding struct {
	Code     string        `json:"code"`
	What     string        `json:"what"`
	Why      string        `json:"why"`
	Evidence []runEvidence `json:"evidence"`
	Fix      []string      `json:"fix"`
	Source   string        `json:"source"`
}

type runEvidence struct {
	Label string `json:"label"`
	Value string `json:"value"`
	Note  string `json:"note"`
}

// document puts an ended run into the form of run --json.
func document(r *result) runDocument {
	t := r.state.Trace
	doc := runDocument{
		Schema: 1, Flow: t.Flow, Target: t.Target, Outcome: t.Outcome, Steps: []runStep{},
		Exchanges: []runExchange{}, Tokens: []tokenReport{}, Findings: []runFinding{},
	}
	for i, s := range r.run.Plan.Steps {
		doc.Steps = append(doc.Steps, runStep{s.N, s.Title, s.From, s.To, s.Channel, stepWord(r.state.Steps[i])})
	}
	for _, e := range t.Exchanges {
		x := runExchange{Step: e.Step, Channel: e.Channel, Method: e.Request.Method, URL: e.Request.URL, MS: e.Took.Milliseconds()}
		if e.Response != nil {
			x.Status = e.Response.Status
		}
		doc.Exchanges = append(doc.Exchanges, x)
	}
	for i, report := range r.reports {
		token := reportOf(report)
		if t.Tokens[i].Kind == trace.RefreshToken {
			token.Kind = validate.KindRefresh
		}
		doc.Tokens = append(doc.Tokens, token)
	}
	for _, f := range r.findings {
		doc.Findings = append(doc.Findings, findingOf(f))
	}
	return doc
}

func findingOf(f explain.Finding) runFinding {
	out := runFinding{
		Code: f.Code, What: f.What, Why: strings.Join(f.Why, " "), Evidence: []runEvidence{},
		Fix: fixes(f), Source: strings.Join(f.Source, "; "),
	}
	for _, e := range f.Evidence {
		note := e.Note
		if note == "" && e.Compare != "" {
			note = "compared with " + e.Compare
		}
		out.Evidence = append(out.Evidence, runEvidence{e.Label, e.Value, note})
	}
	return out
}

// stepWord gives the state of a step of a run that has ended.
func stepWord(s engine.StepState) string {
	switch s {
	case engine.Done, engine.Broken:
		return string(s)
	}
	return string(engine.Planned)
}
