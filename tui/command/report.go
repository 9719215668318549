package command

import (
	"encoding/json"

	"flowscope/engine/inspect"
	"flowscope/validate"
	"flowscope/validate/infer"
)

// tokenReport is the report on one token, as a document prints it.
type tokenReport struct {
	Verdict     validate.Verdict  `json:"verdict"`
	Kind        validate.Kind     `json:"kind"`
	SubjectKind string            `json:"subject_kind"`
	Version     string            `json:"version"`
	Flow        infer.Guess       `json:"flow"`
	Header      json.RawMessage   `json:"header"`
	Claims      json.RawMessage   `json:"claims"`
	Checks      []validate.Result `json:"checks"`
}

// fullDocument is what token --json prints for one token.
type fullDocument struct {
	Schema int `json:"schema"`
	tokenReport
	tokenBeside
}

// tokensDocument is what it prints for several.
type tokensDocument struct {
	Schema int           `json:"schema"`
	Tokens []tokenMember `json:"tokens"`
}

// tokenMember is one of several tokens.
type tokenMember struct {
	tokenReport
	tokenBeside
}

func reportOf(r *inspect.Report) tokenReport {
	out := tokenReport{
		Verdict: r.Verdict, Kind: r.Kind, SubjectKind: r.SubjectKind, Version: r.Version,
		Flow: r.Flow, Header: object(r.Token.Header), Claims: object(r.Token.Claims), Checks: r.Checks(),
	}
	if out.Flow.Because == nil {
		out.Flow.Because = []string{}
	}
	return out
}

// object gives the members as they were received; null for what could not be
// read.
func object(o *validate.Object) json.RawMessage {
	b, err := o.MarshalJSON()
	if err != nil || !json.Valid(b) {
		return json.RawMessage("null")
	}
	return b
}

// verdictStatus gives the exit status of a verdict.
func verdictStatus(v validate.Verdict) status {
	switch v {
	case validate.Valid:
		return exitFine
	case validate.Invalid:
		return exitInvalid
	}
	return exitUnverified
}

// asError makes no error of the status 0.
func (s status) asError() error {
	if s == exitFine {
		return nil
	}
	return s
}
