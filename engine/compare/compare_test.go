package compare_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"flowscope/decision"
	"flowscope/engine/compare"
	"flowscope/engine/enginetest"
	"flowscope/engine/fault"
	"flowscope/engine/trace"
)

func run(t *testing.T, flow decision.Flow, client string, changes ...trace.Change) *trace.Trace {
	t.Helper()
	w := enginetest.New(t)
	job := w.Job(t, flow, client)
	job.Changes = changes
	return w.Run(t, job).Trace
}

// TestEqualRuns: two runs of one flow differ in random values, times and ids
// alone, and nothing of that is shown; it is counted.
func TestEqualRuns(t *testing.T) {
	w := enginetest.New(t)
	w.Run(t, w.Job(t, decision.AuthorizationCode, "web")) // the consent is given
	a := w.Run(t, w.Job(t, decision.AuthorizationCode, "web")).Trace
	b := w.Run(t, w.Job(t, decision.AuthorizationCode, "web")).Trace
	got := compare.Compare(a, b)
	for _, d := range got.Differences {
		t.Errorf("%s %s %q: %q and %q", d.Purpose, d.Where, d.Name, d.Before, d.After)
	}
	if got.LeftOut == 0 || len(got.Noise) == 0 {
		t.Error("nothing was left out")
	}
	for _, name := range []string{"code", "state", "nonce", "code_challenge"} {
		if !strings.Contains(" "+strings.Join(got.Noise, " ")+" ", " "+name+" ") {
			t.Errorf("%s is not among what was left out: %q", name, got.Noise)
		}
	}
	if d := compare.Traces(a, a); len(d) != 0 {
		t.Errorf("a run differs from itself: %+v", d)
	}
}

// TestFaultIsTheFirstDifference lays every fault that changes a request over a
// run: the first difference is what it changes, in the exchange that it changes.
func TestFaultIsTheFirstDifference(t *testing.T) {
	clean := map[string]*trace.Trace{}
	tried := 0
	for _, f := range fault.Catalogue() {
		w := enginetest.New(t)
		if len(f.Flows) == 0 {
			continue
		}
		flow, client := f.Flows[0], ""
		if len(f.Clients) > 0 {
			client = f.Clients[0]
		}
		job, err := w.Target.Job(flow, client)
		if err != nil || !f.Fits(job) || f.Changes == nil || f.Shape != nil || f.Conditions != nil || w.Runner.Can(&job.Target, flow) != nil {
			continue
		}
		op, ok := simple(f.Changes(job))
		if !ok {
			continue
		}
		t.Run(f.ID+" "+job.Client.Key, func(t *testing.T) {
			key := string(flow) + job.Client.Key
			if clean[key] == nil {
				other := enginetest.New(t)
				clean[key] = other.Run(t, other.Job(t, flow, job.Client.Key)).Trace
			}
			b := w.Run(t, f.Apply(job)).Trace
			d := compare.Traces(clean[key], b)
			if len(d) == 0 {
				t.Fatal("no difference")
			}
			if first := d[0]; first.Purpose != f.Purpose || first.Where != op.where || first.Name != op.name || !first.Where.Sent() {
				t.Errorf("the first is %s %s %q (%q, %q), not %s %s %q", first.Purpose, first.Where, first.Name, first.Before, first.After, f.Purpose, op.where, op.name)
			}
		})
		tried++
	}
	if tried < 8 {
		t.Errorf("only %d faults were tried", tried)
	}
}

type spot struct {
	where compare.Where
	name  string
}

// simple gives the one place that a fault changes, false for those that do more.
func simple(changes []trace.Change) (spot, bool) {
	if len(changes) != 1 || len(changes[0].Ops) != 1 || changes[0].Answer {
		return spot{}, false
	}
	op := changes[0].Ops[0]
	where, ok := map[trace.Place]compare.Where{trace.Query: compare.Query, trace.Form: compare.Form, trace.Header: compare.Header, trace.Path: compare.Address}[op.Place]
	if op.Verb == trace.Twice || op.Verb == trace.Fail {
		return spot{}, false
	}
	if op.Place == trace.Path {
		return spot{where, "address"}, ok
	}
	return spot{where, op.Name}, ok
}

// TestWordsOfADifference reads what matters in words.
func TestWordsOfADifference(t *testing.T) {
	a := run(t, decision.ClientCredentials, "daemon")
	b := run(t, decision.ClientCredentials, "daemon", trace.Change{Purpose: trace.TokenCall, Label: "a wrong secret", Ops: []trace.Op{{Verb: trace.Garble, Place: trace.Form, Name: "client_secret"}}})
	said := map[string]bool{}
	for _, d := range compare.Traces(a, b) {
		said[d.Sentence] = true
	}
	for _, want := range []string{
		"AADSTS7000215 in place of tokens.", "The second run gets no access token.", "The first run went through, the second failed.",
		"The second run does not come to the call of the API.",
	} {
		if !said[want] {
			t.Errorf("it does not say: %s\n%v", want, said)
		}
	}
}

// TestPagesComeLast: that the consent was given meanwhile is one line, after
// everything else, and the only one between two clean runs.
func TestPagesComeLast(t *testing.T) {
	w := enginetest.New(t)
	job := w.Job(t, decision.AuthorizationCode, "web")
	a := w.Run(t, job).Trace
	b := w.Run(t, job).Trace
	if d := compare.Traces(a, b); len(d) != 1 || d[0].Purpose != trace.SignIn || d[0].Sentence == "" {
		t.Errorf("two clean runs: %+v", d)
	}
	w = enginetest.New(t)
	job = w.Job(t, decision.AuthorizationCode, "web")
	broken := job
	broken.Changes = []trace.Change{{Purpose: trace.TokenCall, Label: "a wrong verifier", Ops: []trace.Op{{Verb: trace.Garble, Place: trace.Form, Name: "code_verifier"}}}}
	a = w.Run(t, broken).Trace
	b = w.Run(t, job).Trace
	d := compare.Traces(a, b)
	if len(d) < 2 || d[0].Purpose != trace.TokenCall || d[0].Name != "code_verifier" || d[len(d)-1].Purpose != trace.SignIn {
		t.Errorf("broken, then mended: %+v", d)
	}
}

func answer(body string) *trace.Response {
	return &trace.Response{Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body)}
}

// jwt is a token with these claims; its signature is worth nothing.
func jwt(claims string) string {
	return "eyJhbGciOiJSUzI1NiJ9." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2lnbmF0dXJl"
}

// TestClaims compares tokens by what they say.
func TestClaims(t *testing.T) {
	one := func(body string) *trace.Trace {
		return &trace.Trace{Exchanges: []trace.Exchange{{N: 1, Purpose: trace.TokenCall, Request: trace.Request{Method: "POST", URL: "https://h/token"}, Response: answer(body)}}}
	}
	for _, tt := range []struct{ name, a, b, where, sentence string }{
		{"a scope is lost", `{"access_token":"` + jwt(`{"scp":"Orders.Read Orders.Write","iat":1}`) + `"}`, `{"access_token":"` + jwt(`{"scp":"Orders.Write","iat":2}`) + `"}`, "access_token.scp", "The token's scp lost Orders.Read."},
		{"roles are gained", `{"access_token":"` + jwt(`{"roles":["a"]}`) + `"}`, `{"access_token":"` + jwt(`{"roles":["a","b"]}`) + `"}`, "access_token.roles", "The token's roles gained b."},
		{"another audience", `{"access_token":"` + jwt(`{"aud":"a"}`) + `"}`, `{"access_token":"` + jwt(`{"aud":"b"}`) + `"}`, "access_token.aud", "The token is for another audience."},
		{"no refresh token", `{"refresh_token":"r"}`, `{"a":"b"}`, "refresh_token", "The second run gets no refresh token."},
		{"the granted scope", `{"scope":"a b"}`, `{"scope":"a"}`, "scope", "The scope lost b."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, d := range compare.Traces(one(tt.a), one(tt.b)) {
				if d.Name == tt.where && d.Sentence == tt.sentence {
					return
				}
			}
			t.Errorf("got %+v", compare.Traces(one(tt.a), one(tt.b)))
		})
	}
	if d := compare.Traces(one(`{"access_token":"`+jwt(`{"iat":1,"exp":2,"uti":"a"}`)+`"}`), one(`{"access_token":"`+jwt(`{"iat":3,"exp":4,"uti":"b"}`)+`"}`)); len(d) != 0 {
		t.Errorf("times and ids count: %+v", d)
	}
}

// TestPairing keeps what belongs together in step when one run has more.
func TestPairing(t *testing.T) {
	make := func(purposes ...trace.Purpose) *trace.Trace {
		out := &trace.Trace{}
		for i, p := range purposes {
			out.Exchanges = append(out.Exchanges, trace.Exchange{N: i + 1, Purpose: p, Request: trace.Request{Method: "GET", URL: "https://h/" + string(p)}})
		}
		return out
	}
	a := make(trace.Metadata, trace.DeviceStart, trace.Poll, trace.CallAPI)
	b := make(trace.Metadata, trace.DeviceStart, trace.Poll, trace.Poll, trace.Poll, trace.CallAPI)
	d := compare.Traces(a, b)
	if len(d) != 2 || d[0].Where != compare.Missing || d[0].A != 0 || d[0].Purpose != trace.Poll || d[1].B != 5 {
		t.Errorf("%+v", d)
	}
	var many []trace.Purpose
	for range 600 {
		many = append(many, trace.Poll)
	}
	if d := compare.Traces(make(many...), make(many[:599]...)); len(d) != 1 || d[0].A != 600 || d[0].B != 0 {
		t.Errorf("%d differences", len(d))
	}
}

// TestEditedAnswer: what was changed in an answer is no noise, though it is
// random.
func TestEditedAnswer(t *testing.T) {
	a := run(t, decision.AuthorizationCode, "web")
	b := run(t, decision.AuthorizationCode, "web", trace.Change{Purpose: trace.TokenCall, Answer: true, Label: "another nonce", Ops: []trace.Op{{Verb: trace.Set, Place: trace.Claim, Name: "id_token.nonce", Value: "of-another-sign-in"}}})
	d := compare.Traces(a, b)
	if len(d) == 0 || d[0].Where != compare.Claim || d[0].Name != "id_token.nonce" || d[0].Sentence != "It was changed: another nonce." {
		t.Errorf("%+v", d)
	}
}
