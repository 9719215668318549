package har_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"flowscope/decision"
	"flowscope/engine/enginetest"
	"flowscope/engine/har"
	"flowscope/engine/trace"
)

// shapes are HAR 1.2 as a table: what an object must and may hold. A kind is
// string, url, date, int, number (not negative), time (number or -1), bool,
// cache, the name of another object, or a list of them with [] before it. A "?"
// behind it says that the member may be missing. Members with an underscore are
// free.
var shapes = map[string]map[string]string{
	"har":         {"log": "log"},
	"log":         {"version": "string", "creator": "creator", "browser": "creator?", "pages": "[]page?", "entries": "[]entry", "comment": "string?"},
	"creator":     {"name": "string", "version": "string", "comment": "string?"},
	"page":        {"startedDateTime": "date", "id": "string", "title": "string", "pageTimings": "pageTimings", "comment": "string?"},
	"pageTimings": {"onContentLoad": "time?", "onLoad": "time?", "comment": "string?"},
	"entry": {
		"pageref": "string?", "startedDateTime": "date", "time": "number", "request": "request", "response": "response", "cache": "cache",
		"timings": "timings", "serverIPAddress": "string?", "connection": "string?", "comment": "string?",
	},
	"request": {
		"method": "string", "url": "url", "httpVersion": "string", "cookies": "[]cookie", "headers": "[]pair", "queryString": "[]pair",
		"postData": "postData?", "headersSize": "int", "bodySize": "int", "comment": "string?",
	},
	"response": {
		"status": "int", "statusText": "string", "httpVersion": "string", "cookies": "[]cookie", "headers": "[]pair", "content": "content",
		"redirectURL": "string", "headersSize": "int", "bodySize": "int", "comment": "string?",
	},
	"cookie": {
		"name": "string", "value": "string", "path": "string?", "domain": "string?", "expires": "date?", "httpOnly": "bool?", "secure": "bool?", "comment": "string?",
	},
	"pair":     {"name": "string", "value": "string", "comment": "string?"},
	"postData": {"mimeType": "string", "params": "[]param?", "text": "string?", "comment": "string?"},
	"param":    {"name": "string", "value": "string?", "fileName": "string?", "contentType": "string?", "comment": "string?"},
	"content":  {"size": "int", "compression": "int?", "mimeType": "string", "text": "string?", "encoding": "string?", "comment": "string?"},
	"timings": {
		"blocked": "time?", "dns": "time?", "connect": "time?", "send": "number", "wait": "number", "receive": "number", "ssl": "time?", "comment": "string?",
	},
	"cache": {"beforeRequest": "object?", "afterRequest": "object?", "comment": "string?"},
}

// complain lists what a document has that its shape does not allow.
func complain(at, shape string, doc any) []string {
	object, ok := doc.(map[string]any)
	if !ok {
		return []string{at + " is no object"}
	}
	var out []string
	for name, kind := range shapes[shape] {
		value, there := object[name]
		kind, optional := strings.CutSuffix(kind, "?")
		switch {
		case there:
			out = append(out, member(at+"."+name, kind, value)...)
		case !optional:
			out = append(out, at+"."+name+" is missing")
		}
	}
	for name := range object {
		if _, known := shapes[shape][name]; !known && !strings.HasPrefix(name, "_") {
			out = append(out, at+"."+name+" is none of HAR 1.2")
		}
	}
	return out
}

func member(at, kind string, value any) []string {
	if kind, ok := strings.CutPrefix(kind, "[]"); ok {
		list, isList := value.([]any)
		if !isList {
			return []string{at + " is no list"}
		}
		var out []string
		for i, item := range list {
			out = append(out, complain(fmt.Sprintf("%s[%d]", at, i), kind, item)...)
		}
		return out
	}
	if _, ok := shapes[kind]; ok {
		return complain(at, kind, value)
	}
	if !fits(kind, value) {
		return []string{fmt.Sprintf("%s is %v and no %s", at, value, kind)}
	}
	return nil
}

func fits(kind string, value any) bool {
	text, isText := value.(string)
	n, isNumber := value.(float64)
	switch kind {
	case "string":
		return isText
	case "url":
		u, err := url.Parse(text)
		return isText && err == nil && u.Scheme != "" && u.Fragment == ""
	case "date":
		_, err := time.Parse("2006-01-02T15:04:05.000Z07:00", text)
		return isText && err == nil
	case "int":
		return isNumber && n == math.Trunc(n) && n >= -1
	case "number":
		return isNumber && n >= 0
	case "time":
		return isNumber && (n >= 0 || n == -1)
	case "bool":
		_, ok := value.(bool)
		return ok
	}
	return false
}

// valid reads a HAR and fails the test where it is none; it gives the log.
func valid(t *testing.T, text []byte) map[string]any {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	for _, c := range complain("har", "har", doc) {
		t.Error(c)
	}
	log, _ := doc["log"].(map[string]any)
	pages := map[string]bool{}
	for _, p := range log["pages"].([]any) {
		pages[p.(map[string]any)["id"].(string)] = true
	}
	for i, e := range log["entries"].([]any) {
		entry := e.(map[string]any)
		if ref, _ := entry["pageref"].(string); !pages[ref] {
			t.Errorf("entry %d is on the page %q, which is not there", i, ref)
		}
		timings := entry["timings"].(map[string]any)
		sum := 0.0
		for _, part := range []string{"blocked", "dns", "connect", "send", "wait", "receive"} {
			if n := timings[part].(float64); n > 0 {
				sum += n
			}
		}
		if got := entry["time"].(float64); math.Abs(got-sum) > 0.001 {
			t.Errorf("entry %d took %v, its parts %v", i, got, sum)
		}
	}
	if log["version"] != "1.2" {
		t.Errorf("version %v", log["version"])
	}
	return log
}

// TestHARSchema holds the HAR of every flow of the lab, and of a run with all that
// can go wrong, to HAR 1.2, redacted and not.
func TestHARSchema(t *testing.T) {
	w := enginetest.New(t)
	traces := map[string]*trace.Trace{"odd": odd()}
	for _, flow := range decision.Flows() {
		job, err := w.Target.Job(flow, "")
		if err != nil || w.Runner.Can(&job.Target, flow) != nil {
			continue
		}
		if _, err := w.Runner.Plan(job); err != nil {
			continue
		}
		s, _ := ran(t, w, flow, job.Client.Key)
		traces[string(flow)] = s.Trace
	}
	for name, tr := range traces {
		for _, secrets := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s %v", name, secrets), func(t *testing.T) {
				text, receipt, err := har.Export(tr, har.Options{Format: har.HARFormat, WithSecrets: secrets, Findings: []har.Finding{{Title: "a", Lines: []string{"b"}}}})
				if err != nil || receipt.WithSecrets != secrets {
					t.Fatal(receipt, err)
				}
				log := valid(t, text)
				if n := len(log["entries"].([]any)); n != len(tr.Exchanges) {
					t.Errorf("%d entries of %d", n, len(tr.Exchanges))
				}
				if says := strings.Contains(log["comment"].(string), "WITH SECRETS"); says != secrets {
					t.Errorf("the comment says %q", log["comment"])
				}
			})
		}
	}
}

// odd is a run in which everything is unusual.
func odd() *trace.Trace {
	at := enginetest.Instant
	original := trace.Request{Method: "POST", URL: "https://h/token?a=b#frag", Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`{"a":"b"}`)}
	return &trace.Trace{
		RunID: "ab/..\"", Flow: decision.AuthorizationCode, Target: "lab", Outcome: trace.Failed, Failure: "no \x1b way", Refusal: &trace.Refusal{Check: "state", Why: "why"},
		Exchanges: []trace.Exchange{
			{N: 1, Started: at, Request: trace.Request{Method: "get\n", URL: "https://h/#access_token=1"}, Refused: "not of this target"},
			{N: 2, Started: at, Request: trace.Request{Method: "POST", URL: "https://h/x", Body: []byte{0xff, 0, 1}}, Err: "connection refused", Original: &original, Changes: []string{"edited by hand"}},
			{N: 3, Started: at, Took: 1500 * time.Microsecond, Request: trace.Request{Method: "GET", URL: "https://h/logo", Header: http.Header{"Cookie": {"a=b; c=\"d\""}}}, Response: &trace.Response{
				Status: 200, Header: http.Header{"Content-Type": {"image/png"}, "Set-Cookie": {"sid=x; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT; HttpOnly; Secure"}}, Body: []byte{0x89, 'P', 'N', 'G', 0xff, 0}, Truncated: true}},
			{N: 4, Started: at, Request: trace.Request{Method: "GET", URL: "https://h/zip"}, Response: &trace.Response{Status: 799, Header: http.Header{"Content-Encoding": {"gzip"}}, Body: []byte{0x1f, 0x8b, 0, 0xff}},
				OriginalResponse: &trace.Response{Status: 204}, AnswerChanges: []string{"another status"}},
			{N: 5, Started: at, Request: trace.Request{Method: "GET", URL: "https://h/held"}},
			{N: 6, Started: at, Request: trace.Request{Method: "GET", URL: "https://h/browser"}, Note: "the answer stays in the browser"},
		},
	}
}

// TestHARContent looks at bodies: text, pictures as base64, and what can't be
// searched for secrets is gone unless they are asked for.
func TestHARContent(t *testing.T) {
	content := func(secrets bool, i int) map[string]any {
		text, _, err := har.Export(odd(), har.Options{Format: "har", WithSecrets: secrets})
		if err != nil {
			t.Fatal(err)
		}
		entry := valid(t, text)["entries"].([]any)[i].(map[string]any)
		return entry["response"].(map[string]any)["content"].(map[string]any)
	}
	if c := content(false, 2); c["encoding"] != "base64" || c["text"] != base64.StdEncoding.EncodeToString([]byte{0x89, 'P', 'N', 'G', 0xff, 0}) {
		t.Errorf("the picture is %v", c)
	}
	if c := content(false, 3); c["text"] != nil || c["comment"] == nil {
		t.Errorf("a compressed body is kept: %v", c)
	}
	if c := content(true, 3); c["encoding"] != "base64" {
		t.Errorf("with secrets it is %v", c)
	}
}

// TestOneExchange takes one exchange away, and says where there is none.
func TestOneExchange(t *testing.T) {
	for _, f := range har.Formats() {
		text, _, err := har.Export(odd(), har.Options{Format: f.ID, Exchange: 3})
		if err != nil || !strings.Contains(string(text), "logo") || strings.Contains(string(text), "/held") {
			t.Errorf("%s: %v\n%s", f.ID, err, text)
		}
		if _, _, err := har.Export(odd(), har.Options{Format: f.ID, Exchange: 99}); err == nil {
			t.Errorf("%s: no error for an exchange that is not there", f.ID)
		}
		if got, err := har.ParseFormat("Run" + f.Ext); err != nil || got != f {
			t.Errorf("a file %s is %v, %v", f.Ext, got, err)
		}
	}
	if _, _, err := har.Export(odd(), har.Options{Format: "yaml"}); err == nil {
		t.Error("a format that is none")
	}
}
