package decision

import "encoding/json"

// Exclusion is a row that an answer has ruled out.
type Exclusion struct {
	Row Row
	// Question is the one whose answer rules the row out; the first, where
	// several do.
	Question Question
	// Why says it in words, in at most 70 characters.
	Why string
}

// Result is the table, narrowed by some answers.
type Result struct {
	Answers Answers
	// Rows are those which can still match, in the order of the table. There
	// is always at least one.
	Rows []Row
	// Excluded are the others, in the order of the table.
	Excluded []Exclusion
}

// Decide narrows the table by the answers. A question without an answer keeps
// every row that could still match.
func Decide(as Answers) Result {
	res := Result{Answers: as}
	for _, row := range Table() {
		if q, out := ruledOut(row, as); out {
			res.Excluded = append(res.Excluded, Exclusion{Row: row, Question: q, Why: row.why[q]})
			continue
		}
		res.Rows = append(res.Rows, row)
	}
	return res
}

// ruledOut returns the first question whose answer the row contradicts.
func ruledOut(row Row, as Answers) (Question, bool) {
	for _, q := range Questions() {
		want, got := row.When.Get(q), as.Get(q)
		if want != Unknown && got != Unknown && want != got {
			return q, true
		}
	}
	return 0, false
}

// Settled returns the row when exactly one is left. A single-page app and a
// native app have the same answers, so these two settle only when somebody
// picks one; their flow is known before that, see Flow.
func (r Result) Settled() (Row, bool) {
	if len(r.Rows) != 1 {
		return Row{}, false
	}
	return r.Rows[0], true
}

// Flow returns the flow when all rows that are left share it.
func (r Result) Flow() (Flow, bool) {
	if len(r.Rows) == 0 {
		return "", false
	}
	f := r.Rows[0].Flow
	for _, row := range r.Rows[1:] {
		if row.Flow != f {
			return "", false
		}
	}
	return f, true
}

// Next returns the first unanswered question whose answer would still rule
// out a row. It returns false when asking on changes nothing: a daemon need
// not say whether it has a browser.
func (r Result) Next() (Question, bool) {
	for _, q := range Questions() {
		if r.Answers.Get(q) != Unknown {
			continue
		}
		for _, row := range r.Rows {
			if row.When.Get(q) != Unknown {
				return q, true
			}
		}
	}
	return 0, false
}

// MarshalJSON writes the result as "flowscope decide --json" prints it, with
// its schema number 1.
func (r Result) MarshalJSON() ([]byte, error) {
	type left struct {
		ID     string `json:"id"`
		Client string `json:"client"`
		Flow   Flow   `json:"flow"`
		Reason string `json:"reason"`
	}
	type out struct {
		ID  string `json:"id"`
		Why string `json:"why"`
	}
	doc := struct {
		Schema   int     `json:"schema"`
		Answers  Answers `json:"answers"`
		Rows     []left  `json:"rows"`
		Excluded []out   `json:"excluded"`
	}{Schema: 1, Answers: r.Answers, Rows: []left{}, Excluded: []out{}}
	for _, row := range r.Rows {
		doc.Rows = append(doc.Rows, left{row.ID, row.Client, row.Flow, row.Reason})
	}
	for _, e := range r.Excluded {
		doc.Excluded = append(doc.Excluded, out{e.Row.ID, e.Why})
	}
	return json.Marshal(doc)
}
