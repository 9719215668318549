package inspect

import (
	"net/http"
	"testing"
	"time"

	"flowscope/engine/trace"
)

// TestClockOf: half the time of the answer is taken off, whole seconds are all that
// a Date has, and an answer out of a cache is as much younger as its Age says.
func TestClockOf(t *testing.T) {
	at := time.Date(2026, 11, 20, 10, 2, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		started time.Time
		took    time.Duration
		date    string
		age     string
		known   bool
		ahead   time.Duration
	}{
		"the same":              {at, 0, "Fri, 20 Nov 2026 10:02:00 GMT", "", true, 0},
		"late in its second":    {at.Add(999 * time.Millisecond), 0, "Fri, 20 Nov 2026 10:02:00 GMT", "", true, 0},
		"ahead":                 {at.Add(7500 * time.Millisecond), 0, "Fri, 20 Nov 2026 10:02:00 GMT", "", true, 7 * time.Second},
		"behind":                {at.Add(-10 * time.Minute), 0, "Fri, 20 Nov 2026 10:02:00 GMT", "", true, -10 * time.Minute},
		"half of a slow answer": {at, 8 * time.Second, "Fri, 20 Nov 2026 10:02:04 GMT", "", true, 0},
		"within a slow answer":  {at, 8 * time.Second, "Fri, 20 Nov 2026 10:02:01 GMT", "", true, 0},
		"beyond a slow answer":  {at, 8 * time.Second, "Fri, 20 Nov 2026 10:01:00 GMT", "", true, 63 * time.Second},
		"out of a cache":        {at, 0, "Fri, 20 Nov 2026 10:00:00 GMT", "120", true, 0},
		"older formats":         {at, 0, "Friday, 20-Nov-26 10:02:00 GMT", "", true, 0},
		"no date":               {at, 0, "", "", false, 0},
		"no date that is one":   {at, 0, "yesterday", "", false, 0},
		"no age that is one":    {at, 0, "Fri, 20 Nov 2026 10:02:00 GMT", "-1", false, 0},
		"of last week":          {at, 0, "Fri, 20 Nov 2026 10:02:00 GMT", "604800", false, 0},
		"not sent":              {time.Time{}, 0, "Fri, 20 Nov 2026 10:02:00 GMT", "", false, 0},
	} {
		h := http.Header{}
		if c.date != "" {
			h.Set("Date", c.date)
		}
		if c.age != "" {
			h.Set("Age", c.age)
		}
		e := trace.Exchange{
			Request: trace.Request{URL: "https://login.example/keys"}, Response: &trace.Response{Header: h}, Started: c.started, Took: c.took,
			Channel: trace.Back, To: trace.Entra,
		}
		got, ok := clockOf(e)
		if ok != c.known || got.Known != c.known || got.Ahead != c.ahead || ok && got.Host != "login.example" {
			t.Errorf("%s: %+v", name, got)
		}
		// An answer that was changed on its way counts as it was sent.
		e.OriginalResponse, e.Response = e.Response, &trace.Response{Header: http.Header{"Date": {"Fri, 20 Nov 2020 10:02:00 GMT"}}}
		if got, _ := clockOf(e); got.Ahead != c.ahead {
			t.Errorf("%s, changed: %+v", name, got)
		}
	}
	late := trace.Exchange{Response: &trace.Response{Header: http.Header{"Date": {"Fri, 20 Nov 2026 10:02:00 GMT"}}}, Started: at.Add(time.Minute), Channel: trace.Front, To: trace.Entra}
	if c := clockIn([]trace.Exchange{late}); c.Known {
		t.Errorf("a browser in between: %+v", c)
	}
}
