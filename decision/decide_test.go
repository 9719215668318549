package decision_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"flowscope/decision"
)

// The table, written a second time, apart from the first and in another form:
// each of the 27 sets of answers (person, secret, browser; y, n or - for not
// answered) with the rows that are left.
var leftFor = map[string]string{
	"---": "web spa native device api daemon none",
	"--y": "web spa native daemon none",
	"--n": "device api daemon none",
	"-y-": "web api daemon",
	"-yy": "web daemon",
	"-yn": "api daemon",
	"-n-": "spa native device none",
	"-ny": "spa native none",
	"-nn": "device none",
	"y--": "web spa native device api",
	"y-y": "web spa native",
	"y-n": "device api",
	"yy-": "web api",
	"yyy": "web",
	"yyn": "api",
	"yn-": "spa native device",
	"yny": "spa native",
	"ynn": "device",
	"n--": "daemon none",
	"n-y": "daemon none",
	"n-n": "daemon none",
	"ny-": "daemon",
	"nyy": "daemon",
	"nyn": "daemon",
	"nn-": "none",
	"nny": "none",
	"nnn": "none",
}

var flowOf = map[string]decision.Flow{
	"web": decision.AuthorizationCode, "spa": decision.AuthorizationCode,
	"native": decision.AuthorizationCode, "device": decision.DeviceCode,
	"api": decision.OnBehalfOf, "daemon": decision.ClientCredentials,
	"none": decision.None,
}

func answers(t *testing.T, key string) decision.Answers {
	t.Helper()
	var as decision.Answers
	for i, q := range decision.Questions() {
		a, err := decision.ParseAnswer(strings.TrimPrefix(key[i:i+1], "-"))
		if err != nil {
			t.Fatal(err)
		}
		as = as.With(q, a)
	}
	return as
}

func ids(rows []decision.Row) string {
	var out []string
	for _, r := range rows {
		out = append(out, r.ID)
	}
	return strings.Join(out, " ")
}

func TestDecide(t *testing.T) {
	if len(leftFor) != 27 {
		t.Fatalf("%d sets of answers in the test, want 27", len(leftFor))
	}
	complete := 0
	for key, want := range leftFor {
		as := answers(t, key)
		res := decision.Decide(as)
		if got := ids(res.Rows); got != want {
			t.Errorf("%s: rows %q, want %q", key, got, want)
		}
		if res.Answers != as {
			t.Errorf("%s: the result holds the answers %v", key, res.Answers)
		}
		if as.Complete() != !strings.Contains(key, "-") {
			t.Errorf("%s: Complete() = %v", key, as.Complete())
		}
		if as.Complete() {
			complete++
		}
		checkSettled(t, key, res, strings.Fields(want))
		checkExcluded(t, key, res, strings.Fields(want))
	}
	if complete != 8 {
		t.Errorf("%d complete sets of answers, want 8", complete)
	}
}

func checkSettled(t *testing.T, key string, res decision.Result, want []string) {
	t.Helper()
	row, ok := res.Settled()
	if ok != (len(want) == 1) || ok && row.ID != want[0] {
		t.Errorf("%s: Settled() = %q, %v with rows %v", key, row.ID, ok, want)
	}
	flow, same := flowOf[want[0]], true
	for _, id := range want {
		same = same && flowOf[id] == flow
	}
	got, ok := res.Flow()
	if ok != same || ok && got != flow {
		t.Errorf("%s: Flow() = %q, %v; want %q, %v", key, got, ok, flow, same)
	}
}

func checkExcluded(t *testing.T, key string, res decision.Result, left []string) {
	t.Helper()
	if len(res.Excluded)+len(left) != 7 {
		t.Errorf("%s: %d rows out and %d left, want 7 in all", key, len(res.Excluded), len(left))
	}
	for _, e := range res.Excluded {
		for _, id := range left {
			if e.Row.ID == id {
				t.Errorf("%s: %s is both in and out", key, id)
			}
		}
		// The answer that is blamed, taken alone, must rule the row out.
		alone := decision.Answers{}.With(e.Question, res.Answers.Get(e.Question))
		if strings.Contains(" "+ids(decision.Decide(alone).Rows)+" ", " "+e.Row.ID+" ") {
			t.Errorf("%s: %s is out because of %s, which alone keeps it", key, e.Row.ID, e.Question)
		}
		if e.Why == "" {
			t.Errorf("%s: no reason why %s is out", key, e.Row.ID)
		}
	}
}

// An answer is worth asking for exactly when some answer to it changes the
// rows; Next must find the first such question.
func TestNext(t *testing.T) {
	for key := range leftFor {
		want := ""
		for i, q := range decision.Questions() {
			if key[i] != '-' {
				continue
			}
			yes, no := key[:i]+"y"+key[i+1:], key[:i]+"n"+key[i+1:]
			if leftFor[yes] != leftFor[key] || leftFor[no] != leftFor[key] {
				want = q.String()
				break
			}
		}
		got := ""
		if q, ok := decision.Decide(answers(t, key)).Next(); ok {
			got = q.String()
		}
		if got != want {
			t.Errorf("%s: next question %q, want %q", key, got, want)
		}
	}
}

func TestResultJSON(t *testing.T) {
	b, err := json.Marshal(decision.Decide(decision.Answers{Person: decision.Yes, Secret: decision.No}))
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Schema  int             `json:"schema"`
		Answers json.RawMessage `json:"answers"`
		Rows    []struct {
			ID, Client, Flow, Reason string
		} `json:"rows"`
		Excluded []struct{ ID, Why string } `json:"excluded"`
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Schema != 1 {
		t.Errorf("schema %d, want 1", doc.Schema)
	}
	if got, want := string(doc.Answers), `{"person":"yes","secret":"no","browser":null}`; got != want {
		t.Errorf("answers %s, want %s", got, want)
	}
	if len(doc.Rows) != 3 || doc.Rows[0].ID != "spa" || doc.Rows[0].Flow != "authorization-code" ||
		doc.Rows[0].Client == "" || doc.Rows[0].Reason == "" {
		t.Errorf("rows %+v", doc.Rows)
	}
	if len(doc.Excluded) != 4 || doc.Excluded[0].ID != "web" || doc.Excluded[0].Why != "your code cannot keep its secret" {
		t.Errorf("excluded %+v", doc.Excluded)
	}
	b, err = json.Marshal(decision.Decide(decision.Answers{}))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(b), `"excluded":[]`) {
		t.Errorf("nothing excluded must be an empty list: %s", b)
	}
}

func TestAnswers(t *testing.T) {
	for in, want := range map[string]decision.Answer{
		"yes": decision.Yes, "y": decision.Yes, " YES ": decision.Yes,
		"no": decision.No, "N": decision.No,
		"": decision.Unknown, "any": decision.Unknown,
	} {
		got, err := decision.ParseAnswer(in)
		if err != nil || got != want {
			t.Errorf("ParseAnswer(%q) = %v, %v; want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"maybe", "yess", "1", "true", "null"} {
		if a, err := decision.ParseAnswer(in); err == nil {
			t.Errorf("ParseAnswer(%q) = %v, want an error", in, a)
		}
	}
	for _, a := range []decision.Answer{decision.Unknown, decision.Yes, decision.No} {
		if got, err := decision.ParseAnswer(a.String()); err != nil || got != a {
			t.Errorf("ParseAnswer(%q) = %v, %v", a.String(), got, err)
		}
		b, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		back := decision.Answer(9)
		if err := json.Unmarshal(b, &back); err != nil || back != a {
			t.Errorf("%v came back from %s as %v, %v", a, b, back, err)
		}
	}
	var a decision.Answer
	for _, bad := range []string{`1`, `true`, `"perhaps"`, `{}`} {
		if err := json.Unmarshal([]byte(bad), &a); err == nil {
			t.Errorf("answer %s was taken as %v", bad, a)
		}
	}
	for _, q := range decision.Questions() {
		as := decision.Answers{}.With(q, decision.Yes)
		for _, other := range decision.Questions() {
			want := decision.Unknown
			if other == q {
				want = decision.Yes
			}
			if got := as.Get(other); got != want {
				t.Errorf("With(%v): Get(%v) = %v, want %v", q, other, got, want)
			}
		}
	}
	none := decision.Question(7)
	if as := (decision.Answers{}).With(none, decision.Yes); as != (decision.Answers{}) || as.Get(none) != decision.Unknown {
		t.Errorf("a value that is no question was answered: %v", as)
	}
}

func TestTableIsACopy(t *testing.T) {
	want := decision.Table()
	spoiled := decision.Table()
	for i := range spoiled {
		for _, list := range [][]string{spoiled[i].Gives, spoiled[i].NeverGives, spoiled[i].Register, spoiled[i].Sources} {
			for j := range list {
				list[j] = "spoiled"
			}
		}
	}
	if got := decision.Table(); !reflect.DeepEqual(got, want) {
		t.Error("writing into one table changed the next")
	}
	if got, want := ids(want), leftFor["---"]; got != want {
		t.Errorf("order %q, want %q", got, want)
	}
	for _, row := range want {
		if got, ok := decision.RowByID(row.ID); !ok || !reflect.DeepEqual(got, row) {
			t.Errorf("RowByID(%q) = %v, %v", row.ID, got, ok)
		}
	}
	for _, id := range []string{"", "WEB", "daemons"} {
		if _, ok := decision.RowByID(id); ok {
			t.Errorf("RowByID(%q) found a row", id)
		}
	}
}
