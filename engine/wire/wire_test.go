package wire

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"flowscope/engine/trace"
)

// table is a Desk that notes what it is told and does what the test says.
type table struct {
	hold     func(*trace.Exchange) error
	answered func(*trace.Exchange) error
	changed  []trace.Exchange
}

func (d *table) Open(e *trace.Exchange) { e.N = 1 }
func (d *table) Hold(_ context.Context, e *trace.Exchange) error {
	if d.hold != nil {
		return d.hold(e)
	}
	return nil
}
func (d *table) Answered(_ context.Context, e *trace.Exchange) error {
	if d.answered != nil {
		return d.answered(e)
	}
	return nil
}
func (d *table) Changed(e *trace.Exchange) { d.changed = append(d.changed, *e) }

// echo answers with method, path and body.
func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if r.URL.Path == "/moved" {
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
		return
	}
	w.Header().Set("X-Host", r.Host)
	_, _ = io.WriteString(w, r.Method+" "+r.URL.Path+" "+string(body))
}

func gate(d *table) *Gate {
	return &Gate{
		Next: &HandlerTransport{Host: "lab.example", Handler: http.HandlerFunc(echo)},
		Desk: d, Now: time.Now, Allow: AllowHosts("lab.example"),
	}
}

func post(t *testing.T, url, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequest("POST", url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func TestGateSendsAndRecords(t *testing.T) {
	d := &table{}
	resp, err := gate(d).Do(post(t, "https://lab.example/token", "a=1"))
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	if string(body) != "POST /token a=1" {
		t.Errorf("got %q", body)
	}
	last := d.changed[len(d.changed)-1]
	if string(last.Response.Body) != string(body) || string(last.Request.Body) != "a=1" {
		t.Errorf("recorded %+v", last)
	}
	if resp.Header.Get("X-Host") != "lab.example" {
		t.Errorf("the handler saw the host %q", resp.Header.Get("X-Host"))
	}
}

func TestGateSendsWhatWasEdited(t *testing.T) {
	d := &table{hold: func(e *trace.Exchange) error {
		e.Request.Body = []byte("a=2")
		return nil
	}}
	resp, err := gate(d).Do(post(t, "https://lab.example/token", "a=1"))
	if err != nil {
		t.Fatal(err)
	}
	if body, _ := io.ReadAll(resp.Body); string(body) != "POST /token a=2" {
		t.Errorf("got %q", body)
	}
}

func TestGateRefusesOtherHosts(t *testing.T) {
	for _, url := range []string{"https://evil.example/", "https://lab.example.evil.example/", "https://lab.example:8443/", "https://lab.example@evil.example/", "ftp://lab.example/", "http://lab.example/"} {
		d := &table{}
		_, err := gate(d).Do(post(t, url, ""))
		var refused *RefusedError
		if !errors.As(err, &refused) {
			t.Errorf("%s: got %v", url, err)
			continue
		}
		if len(d.changed) != 1 || d.changed[0].Refused == "" || d.changed[0].Response != nil {
			t.Errorf("%s: the refusal is not in the trace: %+v", url, d.changed)
		}
	}
}

func TestGateRefusesAHostThatAnEditBringsIn(t *testing.T) {
	d := &table{hold: func(e *trace.Exchange) error {
		e.Request.URL = "https://evil.example/"
		return nil
	}}
	_, err := gate(d).Do(post(t, "https://lab.example/token", "a=1"))
	var refused *RefusedError
	if !errors.As(err, &refused) {
		t.Fatalf("got %v", err)
	}
}

func TestGateHandsBackWhatHoldSays(t *testing.T) {
	d := &table{hold: func(*trace.Exchange) error { return ErrStopped }}
	_, err := gate(d).Do(post(t, "https://lab.example/token", "a=1"))
	if !errors.Is(err, ErrStopped) {
		t.Fatalf("got %v", err)
	}
}

func TestGateFollowsNoRedirect(t *testing.T) {
	resp, err := gate(&table{}).Do(post(t, "https://lab.example/moved", ""))
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusFound || resp.Header.Get("Location") != "/elsewhere" {
		t.Errorf("got %d %s", resp.StatusCode, resp.Header.Get("Location"))
	}
}

func TestGateCutsALongBody(t *testing.T) {
	d := &table{}
	g := gate(d)
	g.Next = &HandlerTransport{Host: "lab.example", Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for range 9 {
			_, _ = w.Write(make([]byte, 1<<20))
		}
	})}
	if _, err := g.Do(post(t, "https://lab.example/", "")); err != nil {
		t.Fatal(err)
	}
	r := d.changed[len(d.changed)-1].Response
	if !r.Truncated || len(r.Body) != MaxBody {
		t.Errorf("truncated %v, %d bytes", r.Truncated, len(r.Body))
	}
}

func TestGateSendsTwice(t *testing.T) {
	n := 0
	d := &table{hold: func(e *trace.Exchange) error {
		e.Repeat = true
		return nil
	}}
	g := gate(d)
	g.Next = &HandlerTransport{Host: "lab.example", Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n++
		w.WriteHeader(200 + n)
	})}
	resp, err := g.Do(post(t, "https://lab.example/", ""))
	if err != nil {
		t.Fatal(err)
	}
	if n != 2 || resp.StatusCode != 202 {
		t.Errorf("sent %d times, answer %d", n, resp.StatusCode)
	}
}

func TestHandlerTransportStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	tr := &HandlerTransport{Host: "lab.example", Handler: http.HandlerFunc(echo)}
	_, err := tr.RoundTrip(post(t, "https://lab.example/", "").WithContext(ctx))
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
}

func TestGateHandsOnTheAnswerAsItWasEdited(t *testing.T) {
	d := &table{answered: func(e *trace.Exchange) error {
		e.Response = &trace.Response{Status: 418, Header: e.Response.Header, Body: []byte("edited")}
		return nil
	}}
	resp, err := gate(d).Do(post(t, "https://lab.example/token", "a=1"))
	if err != nil {
		t.Fatal(err)
	}
	if body, _ := io.ReadAll(resp.Body); string(body) != "edited" || resp.StatusCode != 418 {
		t.Errorf("got %d %q", resp.StatusCode, body)
	}
}

func TestGateBreaksOnPurpose(t *testing.T) {
	d := &table{hold: func(e *trace.Exchange) error {
		e.Break = "connection refused"
		return nil
	}}
	_, err := gate(d).Do(post(t, "https://lab.example/token", "a=1"))
	var broken *BrokenError
	if !errors.As(err, &broken) || d.changed[len(d.changed)-1].Err != "connection refused" {
		t.Fatalf("got %v, %+v", err, d.changed)
	}
}
