package command

import (
	"encoding/json"

	"flowscope/engine/trace"
	"flowscope/validate"
	"flowscope/validate/diff"
)

// tokenBeside is what a document says of a token beside the report.
type tokenBeside struct {
	Place      string            `json:"place"` // "" for a token by itself
	Insights   []insightMember   `json:"insights"`
	Grants     []grantMember     `json:"grants"`
	Key        *keyMember        `json:"key"` // null where none was found
	Requests   []requestMember   `json:"requests"`
	Ask        string            `json:"ask"`        // the issuer that takes a word; "" where none does
	Clock      *clockMember      `json:"clock"`      // null where it was not measured
	Middleware []opinionMember   `json:"middleware"` // empty without --middleware
	Comparison *comparisonMember `json:"comparison"` // null without --compare
}

type insightMember struct {
	Topic  string   `json:"topic"`
	Text   string   `json:"text"`
	Warn   bool     `json:"warn"`
	Do     string   `json:"do"`
	Claims []string `json:"claims"`
	Source string   `json:"source"`
}

type grantMember struct {
	Name      string `json:"name"`
	Resource  string `json:"resource"`
	Requested bool   `json:"requested"`
	Granted   bool   `json:"granted"`
	Scp       bool   `json:"scp"`
	Roles     bool   `json:"roles"`
	Says      string `json:"says"`
}

type keyMember struct {
	ID     string `json:"id"`
	Bits   int    `json:"bits"`
	Issuer string `json:"issuer"`
	Source string `json:"source"`
}

type requestMember struct {
	Method string `json:"method"`
	URL    string `json:"url"`
	Status int    `json:"status"`
	MS     int64  `json:"ms"`
	Error  string `json:"error"`
	Note   string `json:"note"`
}

type clockMember struct {
	AheadSeconds int64  `json:"ahead_seconds"`
	Host         string `json:"host"`
}

type opinionMember struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Setup    string `json:"setup"`
	Language string `json:"language"`
	Version  string `json:"version"`
	Answer   string `json:"answer"`
	Rule     string `json:"rule"`
	Why      string `json:"why"`
	Wrong    bool   `json:"wrong"`
	Harm     string `json:"harm"` // "accepts" or "refuses" where wrong, "stricter", or ""
	Fix      string `json:"fix"`
	Source   string `json:"source"`
}

type comparisonMember struct {
	What  string      `json:"what"`
	Notes []string    `json:"notes"`
	With  withMember  `json:"with"`
	Rows  []rowMember `json:"rows"`
}

// withMember is the other token. It was read and not checked.
type withMember struct {
	Place       string        `json:"place"`
	Kind        validate.Kind `json:"kind"`
	SubjectKind string        `json:"subject_kind"`
	Version     string        `json:"version"`
}

type rowMember struct {
	Name    string          `json:"name"`
	Other   string          `json:"other"` // as the other token calls it
	Header  bool            `json:"header"`
	State   diff.State      `json:"state"`
	Left    json.RawMessage `json:"left"`
	Right   json.RawMessage `json:"right"`
	Added   []string        `json:"added"`
	Removed []string        `json:"removed"`
	Matters bool            `json:"matters"`
	Says    string          `json:"says"`
	Source  string          `json:"source"`
}

// documentOf gives the document for the tokens of an input.
func documentOf(tokens []*given) any {
	if len(tokens) == 1 {
		return fullDocument{1, checkedOf(tokens[0]), besideOf(tokens[0])}
	}
	doc := tokensDocument{Schema: 1}
	for _, g := range tokens {
		doc.Tokens = append(doc.Tokens, tokenMember{checkedOf(g), besideOf(g)})
	}
	return doc
}

func checkedOf(g *given) tokenReport {
	out := reportOf(g.report)
	out.Checks = g.checks()
	return out
}

func besideOf(g *given) tokenBeside {
	r := g.report
	out := tokenBeside{
		Place: g.Place, Insights: []insightMember{}, Grants: []grantMember{}, Requests: []requestMember{}, Ask: r.Ask,
		Middleware: []opinionMember{},
	}
	for _, i := range g.insights {
		out.Insights = append(out.Insights, insightMember{string(i.Topic), i.Text, i.Warn, i.Do, always(i.Claims), i.Source})
	}
	for _, gr := range g.grants {
		out.Grants = append(out.Grants, grantMember{gr.Name, gr.Resource, gr.Requested, gr.Granted, gr.Scp, gr.Roles, gr.Says})
	}
	if k, ok := r.Key(); ok {
		out.Key = &keyMember{k.ID, k.Bits, k.Issuer, k.Source}
	}
	for i := range r.Requests {
		out.Requests = append(out.Requests, requestOf(&r.Requests[i]))
	}
	if r.Clock.Known {
		out.Clock = &clockMember{int64(r.Clock.Ahead.Seconds()), r.Clock.Host}
	}
	for _, o := range g.opinions {
		p := o.Profile
		out.Middleware = append(out.Middleware, opinionMember{
			p.ID, p.Name, p.Setup, p.Language, p.Version, string(o.Answer), o.Rule, o.Why, o.Wrong(), string(o.Harm), o.Fix, o.Source,
		})
	}
	if g.comparison != nil {
		out.Comparison = comparisonOf(g)
	}
	return out
}

// always keeps an empty list from becoming null.
func always(s []string) []string { return append([]string{}, s...) }

func requestOf(e *trace.Exchange) requestMember {
	out := requestMember{Method: e.Request.Method, URL: e.Request.URL, MS: e.Took.Milliseconds(), Error: e.Err, Note: e.Note}
	if e.Refused != "" {
		out.Error = e.Refused
	}
	if e.Response != nil {
		out.Status = e.Response.Status
	}
	return out
}

func comparisonOf(g *given) *comparisonMember {
	t := g.other.token
	out := &comparisonMember{
		What: g.comparison.What, Notes: always(g.comparison.Notes), Rows: []rowMember{},
		With: withMember{g.other.Place, g.other.kind(), t.SubjectKind, t.Version},
	}
	for _, r := range g.comparison.Rows {
		out.Rows = append(out.Rows, rowMember{
			Name: r.Name, Other: r.Other, Header: r.Header, State: r.State, Left: valueOf(r.Left), Right: valueOf(r.Right),
			Added: always(r.Added), Removed: always(r.Removed), Matters: r.Matters, Says: r.Says, Source: r.Source,
		})
	}
	return out
}

// valueOf gives a value as it was received; null where there is none.
func valueOf(v validate.Value) json.RawMessage {
	b, err := v.MarshalJSON()
	if err != nil || !json.Valid(b) {
		return json.RawMessage("null")
	}
	return b
}
