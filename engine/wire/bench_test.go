package wire_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"flowscope/engine/trace"
	"flowscope/engine/wire"
)

// answered is a token endpoint's answer of the usual size.
var answered = `{"token_type":"Bearer","expires_in":3599,"access_token":"` + strings.Repeat("x", 1800) + `"}`

func answer(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store, no-cache")
	_, _ = io.WriteString(w, answered)
}

// recorder is a Desk that records like the engine's: a trace under a lock, a
// state of all of it handed over where the reader has taken the last one.
type recorder struct {
	mu     sync.Mutex
	trace  trace.Trace
	states chan *trace.Trace
}

func (d *recorder) Open(e *trace.Exchange) {
	d.mu.Lock()
	defer d.mu.Unlock()
	e.N = len(d.trace.Exchanges) + 1
	e.Purpose, e.Channel, e.From, e.To = trace.TokenCall, trace.Back, trace.App, trace.Entra
	d.trace.Exchanges = append(d.trace.Exchanges, *e)
	d.emit()
}

func (d *recorder) emit() {
	if len(d.states) == 0 {
		d.states <- d.trace.Clone()
	}
}

func (d *recorder) Hold(context.Context, *trace.Exchange) error     { return nil }
func (d *recorder) Answered(context.Context, *trace.Exchange) error { return nil }

func (d *recorder) Changed(e *trace.Exchange) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.trace.Exchanges[e.N-1] = *e
	d.emit()
}

func tokenRequest() *http.Request {
	r, err := http.NewRequest(http.MethodPost, "https://lab.example/tenant/oauth2/v2.0/token",
		strings.NewReader("client_id=a&grant_type=client_credentials&scope=b&client_secret="+strings.Repeat("s", 40)))
	if err != nil {
		panic(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

// perExchange is the time of one exchange over n of them.
func perExchange(b *testing.B, n int, send func(*http.Request) (*http.Response, error)) time.Duration {
	start := time.Now()
	for range n {
		resp, err := send(tokenRequest())
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			b.Fatal(err)
		}
		_ = resp.Body.Close()
	}
	return time.Since(start) / time.Duration(n)
}

// BenchmarkGate sets an exchange through the gate beside a bare one, in a run
// that begins and in one that has 2,000 exchanges. The budget is 50 µs more.
func BenchmarkGate(b *testing.B) {
	next := &wire.HandlerTransport{Host: "lab.example", Handler: http.HandlerFunc(answer)}
	for _, before := range []int{0, 2000} {
		b.Run(fmt.Sprintf("after %d", before), func(b *testing.B) {
			var bare, gated time.Duration
			rounds := 0
			for b.Loop() {
				d := &recorder{states: make(chan *trace.Trace, 1)}
				d.trace.Exchanges = make([]trace.Exchange, before)
				g := &wire.Gate{Next: next, Desk: d, Now: time.Now, Allow: wire.AllowHosts("lab.example")}
				bare += perExchange(b, 100, next.RoundTrip)
				gated += perExchange(b, 100, g.Do)
				rounds++
			}
			more := (gated - bare) / time.Duration(rounds)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(bare.Nanoseconds())/float64(rounds)/1000, "bare-µs/exchange")
			b.ReportMetric(float64(more.Nanoseconds())/1000, "more-µs/exchange")
			if rounds > 10 && more > 50*time.Microsecond {
				b.Errorf("the gate adds %v to an exchange; 50 µs are its budget", more)
			}
		})
	}
}
