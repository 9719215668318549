package command_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// The documents of the command line, member for member.
type (
	answersShape struct{ Person, Secret, Browser *string }
	decideShape  struct {
		Schema   int
		Answers  answersShape
		Rows     []struct{ ID, Client, Flow, Reason string }
		Excluded []struct{ ID, Why string }
	}
	explainShape struct {
		Schema int
		Errors []struct {
			Code, Name string
			Known      bool
			What       string
			Why, Fix   []string
			Who        string
			Retry      bool
			Source     string
		}
	}
	faultsShape struct {
		Schema int
		Faults []struct {
			ID, Flow                  string
			Step                      int
			Changes, Predicts, Lesson string
		}
	}
	themesShape struct {
		Schema int
		Themes []string
	}
	guessShape struct {
		Name, Confidence string
		Because          []string
	}
	checkShape  struct{ ID, Status, Expected, Found, Why, Fix, Source string }
	reportShape struct {
		Verdict, Kind string
		SubjectKind   string `json:"subject_kind"`
		Version       string
		Flow          guessShape
		Header        map[string]any
		Claims        map[string]any
		Checks        []checkShape
	}
	tokenShape struct {
		Schema int
		reportShape
		besideShape
	}
	tokensShape struct {
		Schema int
		Tokens []struct {
			reportShape
			besideShape
		}
	}
	besideShape struct {
		Place    string
		Insights []struct {
			Topic, Text string
			Warn        bool
			Do          string
			Claims      []string
			Source      string
		}
		Grants []struct {
			Name, Resource                 string
			Requested, Granted, Scp, Roles bool
			Says                           string
		}
		Key *struct {
			ID             string
			Bits           int
			Issuer, Source string
		}
		Requests []struct {
			Method, URL string
			Status, MS  int
			Error, Note string
		}
		Ask   string
		Clock *struct {
			AheadSeconds int `json:"ahead_seconds"`
			Host         string
		}
		Middleware []struct {
			ID, Name, Setup, Language, Version, Answer, Rule, Why string
			Wrong                                                 bool
			Harm, Fix, Source                                     string
		}
		Comparison *struct {
			What  string
			Notes []string
			With  struct {
				Place, Kind string
				SubjectKind string `json:"subject_kind"`
				Version     string
			}
			Rows []struct {
				Name, Other    string
				Header         bool
				State          string
				Left, Right    any
				Added, Removed []string
				Matters        bool
				Says, Source   string
			}
		}
	}
	runShape struct {
		Schema                int
		Flow, Target, Outcome string
		Steps                 []struct {
			N                               int
			Title, From, To, Channel, State string
			Purpose                         string
			Maybe                           bool
		}
		Exchanges []struct {
			Step                 int
			Channel, Method, URL string
			Status               int
			MS                   int64
			Purpose              string
			Changes              []string
			Refused, Error       string
		}
		Tokens   []reportShape
		Findings []struct {
			Code, What, Why string
			Evidence        []struct{ Label, Value, Note string }
			Fix             []string
			Source          string
		}
		Driver, Kind string
		Live         bool
		Client, Why  string
		Turns        []struct {
			What, URL, Code string
			Asked           int
		}
		Fault *struct {
			ID, Predicts, Came string
			Match              bool
			Lesson             string
		}
		Library *struct{ Name, Result, Error string }
	}
)

// read decodes a document strictly and compares the order of its members, at
// every level, with the order of the fields.
func read(t *testing.T, raw string, into any) {
	t.Helper()
	if strings.Count(raw, "\n") != 1 || !strings.HasSuffix(raw, "\n") {
		t.Errorf("the document is not one line")
	}
	d := json.NewDecoder(strings.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	sameOrder(t, []byte(raw), reflect.TypeOf(into).Elem(), "document")
}

func sameOrder(t *testing.T, raw []byte, shape reflect.Type, at string) {
	t.Helper()
	switch shape.Kind() {
	case reflect.Pointer:
		if string(raw) != "null" {
			sameOrder(t, raw, shape.Elem(), at)
		}
	case reflect.Slice:
		if shape.Elem().Kind() != reflect.Struct {
			return
		}
		var items []json.RawMessage
		if err := json.Unmarshal(raw, &items); err != nil || items == nil {
			t.Fatalf("%s is no list: %s", at, raw)
		}
		for _, item := range items {
			sameOrder(t, item, shape.Elem(), at+"[]")
		}
	case reflect.Struct:
		names, values := membersOf(t, raw)
		fields := fieldsOf(shape)
		if len(names) != len(fields) {
			t.Fatalf("%s has the members %v, want %d", at, names, len(fields))
		}
		for i, f := range fields {
			want := strings.ToLower(f.Name)
			if tag := f.Tag.Get("json"); tag != "" {
				want = tag
			}
			if names[i] != want {
				t.Errorf("%s: member %d is %q, want %q", at, i+1, names[i], want)
			}
			sameOrder(t, values[i], f.Type, at+"."+want)
		}
	}
}

func fieldsOf(shape reflect.Type) []reflect.StructField {
	var out []reflect.StructField
	for i := range shape.NumField() {
		if f := shape.Field(i); f.Anonymous {
			out = append(out, fieldsOf(f.Type)...)
		} else {
			out = append(out, f)
		}
	}
	return out
}

func membersOf(t *testing.T, raw []byte) (names []string, values []json.RawMessage) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(raw))
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		var v json.RawMessage
		if err := d.Decode(&v); err != nil {
			t.Fatal(err)
		}
		names, values = append(names, name.(string)), append(values, v)
	}
	return names, values
}

func TestDecideJSON(t *testing.T) {
	var doc decideShape
	read(t, newBench(t).must(t, 0, "decide", "--person", "yes", "--secret", "no", "--json"), &doc)
	if doc.Schema != 1 || *doc.Answers.Person != "yes" || *doc.Answers.Secret != "no" || doc.Answers.Browser != nil {
		t.Errorf("answers %+v", doc.Answers)
	}
	if len(doc.Rows) != 3 || doc.Rows[0].ID != "spa" || doc.Rows[0].Flow != "authorization-code" || len(doc.Excluded) != 4 || doc.Excluded[0].Why == "" {
		t.Errorf("rows %+v, excluded %+v", doc.Rows, doc.Excluded)
	}
}

func TestExplainJSON(t *testing.T) {
	for _, test := range []struct {
		text  string
		code  string
		known bool
	}{
		{"AADSTS50011", "AADSTS50011", true},
		{"50011", "AADSTS50011", true},
		{"invalid_client", "invalid_client", true},
		{"AADSTS123456", "AADSTS123456", false},
		{"wobbly_grant", "wobbly_grant", false},
		{`{"error":"invalid_grant","error_description":"AADSTS54005: OAuth2 Authorization code was already redeemed","error_codes":[54005]}`, "AADSTS54005", true},
	} {
		var doc explainShape
		read(t, newBench(t).must(t, 0, "explain", test.text, "--json"), &doc)
		if doc.Schema != 1 || len(doc.Errors) != 1 {
			t.Fatalf("%s: %+v", test.text, doc)
		}
		e := doc.Errors[0]
		if e.Code != test.code || e.Known != test.known || e.What == "" || len(e.Fix) == 0 || e.Who == "" || test.known && e.Source == "" {
			t.Errorf("%s: %+v", test.text, e)
		}
	}
}

func TestListsJSON(t *testing.T) {
	var faults faultsShape
	read(t, newBench(t).must(t, 0, "faults", "--json"), &faults)
	found := false
	for _, f := range faults.Faults {
		if f.ID == "verifier" {
			found = found || f.Flow == "authorization-code" && f.Step == 5 && f.Predicts == "AADSTS501481"
		}
		if f.Step == 0 || f.Changes == "" || f.Lesson == "" {
			t.Errorf("a fault without a step or words: %+v", f)
		}
	}
	if !found {
		t.Errorf("the fault verifier is not as it should be")
	}
	var themes themesShape
	read(t, newBench(t).must(t, 0, "themes", "--json"), &themes)
	if themes.Schema != 1 || len(themes.Themes) < 2 || themes.Themes[0] != "flowscope" {
		t.Errorf("themes %+v", themes)
	}
}

func TestRunJSON(t *testing.T) {
	var doc runShape
	read(t, newBench(t).must(t, 0, "run", "authorization-code", "--as", "web", "--json"), &doc)
	if doc.Schema != 1 || doc.Flow != "authorization-code" || doc.Target != "lab" || doc.Outcome != "tokens" || len(doc.Findings) != 0 {
		t.Errorf("%+v", doc)
	}
	for _, s := range doc.Steps {
		if s.State != "done" {
			t.Errorf("step %d is %s", s.N, s.State)
		}
	}
	kinds := ""
	for _, r := range doc.Tokens {
		kinds += r.Kind + " "
	}
	if kinds != "access id refresh " || doc.Tokens[0].Verdict != "valid" || len(doc.Tokens[0].Checks) != 18 || doc.Tokens[0].Claims["scp"] == nil || doc.Tokens[0].Header["alg"] != "RS256" {
		t.Errorf("tokens: %s %+v", kinds, doc.Tokens[0])
	}
	last := doc.Exchanges[len(doc.Exchanges)-1]
	if last.Status != 200 || !strings.HasSuffix(last.URL, "/orders/tasks") || last.Channel != "back" {
		t.Errorf("the API call is %+v", last)
	}
}

func TestRunJSONOfAFailure(t *testing.T) {
	var doc runShape
	read(t, newBench(t).must(t, 3, "run", "authorization-code", "--fault", "redirect-uri", "--json"), &doc)
	if doc.Outcome != "error" || len(doc.Tokens) != 0 || len(doc.Findings) != 1 {
		t.Fatalf("%+v", doc)
	}
	if doc.Steps[0].State != "done" || doc.Steps[1].State != "failed" || doc.Steps[4].State != "planned" {
		t.Errorf("steps %+v", doc.Steps)
	}
	f := doc.Findings[0]
	if f.Code != "AADSTS50011" || f.Why == "" || len(f.Fix) < 2 || len(f.Evidence) < 2 || f.Source == "" {
		t.Errorf("finding %+v", f)
	}
}
