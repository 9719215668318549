package har_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"flowscope/engine/har"
	"flowscope/engine/trace"
)

// longTrace is a device that polled n times, each time with a cookie and an
// answer of its own.
func longTrace(n int) *trace.Trace {
	out := &trace.Trace{}
	for i := range n {
		out.Exchanges = append(out.Exchanges, trace.Exchange{
			N: i + 1, Purpose: trace.Poll, From: trace.App, To: trace.Entra, Channel: trace.Back,
			Request: trace.Request{Method: "POST", URL: "https://h/t/oauth2/v2.0/token", Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Cookie": {fmt.Sprintf("sid=the-cookie-%06d", i)}},
				Body: []byte("client_id=a&grant_type=device_code&device_code=the-one-device-code&scope=b")},
			Response: &trace.Response{Status: 400, Header: http.Header{"Content-Type": {"application/json"}, "Set-Cookie": {fmt.Sprintf("sid=the-cookie-%06d; Path=/", i+1)}},
				Body: []byte(fmt.Sprintf(`{"error":"authorization_pending","error_description":"AADSTS70016: pending.","state":"the-state-%06d"}`, i))},
		})
	}
	return out
}

// TestLongTrace: a run of 2,000 exchanges is written in a few seconds.
func TestLongTrace(t *testing.T) {
	tr := longTrace(2000)
	for _, f := range har.Formats() {
		start := time.Now()
		if _, _, err := har.Export(tr, har.Options{Format: f.ID}); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took > 15*time.Second {
			t.Errorf("%s took %v", f.ID, took)
		}
	}
}
