package enginetest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/trace"
	"flowscope/engine/wire"
)

// repeater is a driver that sends the same request again and again.
type repeater struct {
	times int
	sent  func(n int)
}

func (repeater) ID() string                               { return "repeater" }
func (repeater) Name() string                             { return "repeater" }
func (repeater) Can(*engine.Target, decision.Flow) error  { return nil }
func (repeater) Plan(job engine.Job) (engine.Plan, error) { return repeated(job), nil }

func repeated(job engine.Job) engine.Plan {
	return engine.Plan{Flow: job.Flow, Steps: engine.Number([]engine.Step{{
		Title: "Ask", From: trace.App, To: trace.Entra, Channel: trace.Back, Purpose: trace.TokenCall,
	}})}
}

func (r repeater) Run(ctx context.Context, s *engine.Session) error {
	s.Enter(trace.TokenCall)
	for n := range r.times {
		if err := ask(ctx, s.Client()); err != nil {
			return err
		}
		r.sent(n + 1)
	}
	return nil
}

func ask(ctx context.Context, client engine.Doer) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://lab.example/t/oauth2/v2.0/token", strings.NewReader("client_id=a&grant_type=client_credentials&scope=b"))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	return err
}

type bare struct{ http.RoundTripper }

func (b bare) Do(r *http.Request) (*http.Response, error) { return b.RoundTrip(r) }

// timeExchanges runs n exchanges through a run of the engine and gives the time of
// the last hundred; reads says that somebody follows the run.
func timeExchanges(b *testing.B, transport http.RoundTripper, n int, reads bool) time.Duration {
	var from, to time.Time
	r := &engine.Runner{Now: time.Now, Rand: engine.FixedRandom(), Drivers: []engine.Driver{repeater{times: n, sent: func(i int) {
		switch i {
		case n - 100:
			from = time.Now()
		case n:
			to = time.Now()
		}
	}}}}
	run, err := r.Start(b.Context(), engine.Job{Flow: decision.ClientCredentials, Target: engine.Target{Name: "bench", Hosts: []string{"lab.example"}, Transport: transport}})
	if err != nil {
		b.Fatal(err)
	}
	if reads {
		for ev := range run.Events() {
			_ = ev.State.Current
		}
	}
	if s := run.Wait(); s.Trace.Outcome != trace.Tokens || len(s.Trace.Exchanges) != n {
		b.Fatalf("%s: %v, %d exchanges", s.Trace.Outcome, s.Err, len(s.Trace.Exchanges))
	}
	return to.Sub(from) / 100
}

// BenchmarkExchange sets an exchange of a run beside a bare one: at its beginning
// and after 2,000 exchanges, alone and with a reader that takes every state. The
// budget is 50 µs more.
func BenchmarkExchange(b *testing.B) {
	transport := &wire.HandlerTransport{Host: "lab.example", Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"access_token":"`+strings.Repeat("x", 1800)+`"}`)
	})}
	for _, n := range []int{101, 2000} {
		for _, reads := range []bool{false, true} {
			b.Run(fmt.Sprintf("%d exchanges, reader %v", n, reads), func(b *testing.B) {
				var plain, through time.Duration
				rounds := 0
				for b.Loop() {
					start := time.Now()
					for range 100 {
						if err := ask(b.Context(), bare{transport}); err != nil {
							b.Fatal(err)
						}
					}
					plain += time.Since(start) / 100
					through += timeExchanges(b, transport, n, reads)
					rounds++
				}
				more := (through - plain) / time.Duration(rounds)
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(float64(more.Nanoseconds())/1000, "more-µs/exchange")
				if rounds > 10 && more > 50*time.Microsecond {
					b.Errorf("a run adds %v to an exchange; 50 µs are its budget", more)
				}
			})
		}
	}
}
