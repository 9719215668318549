package har_test

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"flowscope/decision"
	"flowscope/engine/enginetest"
	"flowscope/engine/har"
	"flowscope/engine/labinfo"
)

// editor does with an .http file what the client of an editor does: variables on
// top, requests between ###, references to the answers of named requests.
type editor struct {
	t       *testing.T
	set     map[string]string
	answers map[string]map[string]any
}

var reference = regexp.MustCompile(`\{\{([^}]*)\}\}`)

func (e *editor) fill(s string) string {
	return reference.ReplaceAllStringFunc(s, func(ref string) string {
		name := ref[2 : len(ref)-2]
		if v, ok := e.set[name]; ok {
			return e.fill(v)
		}
		request, member, ok := strings.Cut(name, ".response.body.")
		value, isText := e.answers[request][member].(string)
		if !ok || !isText {
			e.t.Fatalf("nothing stands behind %s", ref)
		}
		return value
	})
}

var variableLine = regexp.MustCompile(`(?m)^@(\w+) = (.*)$`)

// send sends all requests of a file and gives the status of each.
func (e *editor) send(text string) []int {
	for _, m := range variableLine.FindAllStringSubmatch(text, -1) {
		if _, ok := e.set[m[1]]; !ok {
			e.set[m[1]] = m[2]
		}
	}
	var out []int
	for _, part := range strings.Split(text, "\n###")[1:] {
		if status := e.request(part); status != 0 {
			out = append(out, status)
		}
	}
	return out
}

func (e *editor) request(part string) int {
	head, body, _ := strings.Cut(part, "\n\n")
	var name string
	var req *http.Request
	for _, line := range strings.Split(head, "\n")[1:] {
		switch {
		case strings.HasPrefix(line, "# @name "):
			name = line[len("# @name "):]
		case strings.HasPrefix(line, "#"), line == "":
		case req == nil:
			method, address, _ := strings.Cut(line, " ")
			var err error
			if req, err = http.NewRequest(method, e.fill(address), strings.NewReader(e.fill(strings.TrimSpace(body)))); err != nil {
				e.t.Fatal(err)
			}
		default:
			header, value, _ := strings.Cut(line, ": ")
			req.Header.Set(header, e.fill(value))
		}
	}
	if req == nil {
		return 0
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		e.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		e.t.Fatal(err)
	}
	var doc map[string]any
	if json.Unmarshal(text, &doc) == nil {
		e.answers[name] = doc
	}
	if resp.StatusCode >= 400 {
		e.t.Errorf("%s: %d %s", name, resp.StatusCode, text)
	}
	return resp.StatusCode
}

// TestHTTPFileRuns sends the file of a run as an editor does, to the lab as it is
// served: the token comes, and the call of the API refers to it.
func TestHTTPFileRuns(t *testing.T) {
	w := enginetest.New(t)
	served, err := w.Shared.Share(t.Context(), labinfo.Addresses{})
	if err != nil {
		t.Fatal(err)
	}
	base, _, _ := strings.Cut(served.HTTPAuthority, "/"+served.TenantID)
	s, o := ran(t, w, decision.ClientCredentials, "daemon")
	e, _ := s.Trace.LastToken()
	secret, _ := e.Request.Get("client_secret")
	for _, at := range []string{base, ""} {
		o.Format, o.Base = har.HTTPFormat, at
		text, _, err := har.Export(s.Trace, o)
		if err != nil {
			t.Fatal(err)
		}
		ed := &editor{t: t, set: map[string]string{"CLIENT_SECRET": secret}, answers: map[string]map[string]any{}}
		if at == "" {
			ed.set["LAB"] = base
		}
		if got := ed.send(string(text)); len(got) != len(s.Trace.Exchanges) {
			t.Errorf("%d of %d requests were sent:\n%s", len(got), len(s.Trace.Exchanges), text)
		}
	}
}
