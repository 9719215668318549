package command

import (
	"slices"
	"strings"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/explain"
	"flowscope/engine/trace"
	"flowscope/validate"
)

// runDocument is what run --json prints. What stands behind findings was added to
// schema 1 later: a reader that knows nothing of it loses nothing.
type runDocument struct {
	Schema    int           `json:"schema"`
	Flow      decision.Flow `json:"flow"`
	Target    string        `json:"target"`
	Outcome   trace.Outcome `json:"outcome"`
	Steps     []runStep     `json:"steps"`
	Exchanges []runExchange `json:"exchanges"`
	Tokens    []tokenReport `json:"tokens"`
	Findings  []runFinding  `json:"findings"`

	Driver  string      `json:"driver"` // library and version that built the requests
	Kind    engine.Kind `json:"kind"`   // of the target: entra or oidc
	Live    bool        `json:"live"`
	Client  string      `json:"client"`
	Why     string      `json:"why"` // what ended the run early; empty when it went through
	Turns   []runTurn   `json:"turns"`
	Fault   *runFault   `json:"fault"`   // null: nothing was broken on purpose
	Library *runLibrary `json:"library"` // null: the library said nothing
}

type runStep struct {
	N       int           `json:"n"`
	Title   string        `json:"title"`
	From    trace.Party   `json:"from"`
	To      trace.Party   `json:"to"`
	Channel trace.Channel `json:"channel"`
	State   string        `json:"state"`
	Purpose trace.Purpose `json:"purpose"`
	Maybe   bool          `json:"maybe"` // happens only when the flow takes that turn
}

type runExchange struct {
	Step    int           `json:"step"`
	Channel trace.Channel `json:"channel"`
	Method  string        `json:"method"`
	URL     string        `json:"url"`
	Status  int           `json:"status"` // 0: there was no answer
	MS      int64         `json:"ms"`
	Purpose trace.Purpose `json:"purpose"`
	Changes []string      `json:"changes"` // of the request and of the answer, in words
	Refused string        `json:"refused"` // why the gate did not let it out
	Error   string        `json:"error"`   // why there was no answer
}

// runTurn is something that the person was asked to do outside the program.
type runTurn struct {
	What  string `json:"what"`
	URL   string `json:"url"`
	Code  string `json:"code"`
	Asked int    `json:"asked"`
}

// runFault sets what a fault predicts beside what came.
type runFault struct {
	ID       string `json:"id"`
	Predicts string `json:"predicts"`
	Came     string `json:"came"`
	Match    bool   `json:"match"`
	Lesson   string `json:"lesson"`
}

// runLibrary is the second exhibit: what the client library made of it.
type runLibrary struct {
	Name   string `json:"name"`
	Result string `json:"result"`
	Error  string `json:"error"`
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
	t, job := r.state.Trace, r.run.Job
	doc := runDocument{
		Schema: 1, Flow: t.Flow, Target: t.Target, Outcome: t.Outcome, Steps: []runStep{},
		Exchanges: []runExchange{}, Tokens: []tokenReport{}, Findings: []runFinding{},
		Driver: t.Driver, Kind: job.Target.Is(), Live: t.Live, Client: t.As, Why: t.Failure, Turns: []runTurn{},
	}
	for i, s := range r.run.Plan.Steps {
		doc.Steps = append(doc.Steps, runStep{s.N, s.Title, s.From, s.To, s.Channel, stepWord(r.state.Steps[i]), s.Purpose, s.Maybe})
	}
	for _, e := range t.Exchanges {
		doc.Exchanges = append(doc.Exchanges, exchangeOf(e))
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
	for _, turn := range r.turns {
		doc.Turns = append(doc.Turns, runTurn{turn.What, turn.URL, turn.Code, turn.Asked})
	}
	if f := r.fault; f != nil {
		o := outcomeOf(*f, r)
		doc.Fault = &runFault{f.ID, f.Predicts, o.Came, o.Match, f.Lesson}
	}
	if l := t.Library; l != nil {
		doc.Library = &runLibrary{l.Name, l.Result, l.Error}
	}
	return doc
}

func exchangeOf(e trace.Exchange) runExchange {
	x := runExchange{
		Step: e.Step, Channel: e.Channel, Method: e.Request.Method, URL: e.Request.URL, MS: e.Took.Milliseconds(),
		Purpose: e.Purpose, Changes: slices.Concat([]string{}, e.Changes, e.AnswerChanges), Refused: e.Refused, Error: e.Err,
	}
	if x.Changes == nil {
		x.Changes = []string{}
	}
	if e.Response != nil {
		x.Status = e.Response.Status
	}
	return x
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
