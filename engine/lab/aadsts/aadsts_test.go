package aadsts

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestTable(t *testing.T) {
	for code, k := range known {
		if k.oauth == "" || k.words == "" {
			t.Errorf("%d has no OAuth error or no words", code)
		}
		args := make([]any, strings.Count(k.words, "%s")+strings.Count(k.words, "%d"))
		for i := range args {
			args[i] = 1
		}
		e := New(code, args...)
		if want := map[bool]int{true: http.StatusUnauthorized, false: http.StatusBadRequest}[k.oauth == InvalidClient]; e.Status != want {
			t.Errorf("%d has status %d, want %d", code, e.Status, want)
		}
	}
}

func TestDescription(t *testing.T) {
	e := New(500112, "a", "b").Because("redirect_uri", "secret truth %d", 1)
	got := e.Description("T", "C", time.Date(2026, 3, 4, 5, 6, 7, 0, time.FixedZone("", 3600)))
	if !strings.HasPrefix(got, "AADSTS500112: ") || !strings.HasSuffix(got, " Trace ID: T Correlation ID: C Timestamp: 2026-03-04 04:06:07Z") || strings.Contains(got, "truth") {
		t.Errorf("description %q", got)
	}
	if e.Reason != "secret truth 1" || e.Field != "redirect_uri" {
		t.Errorf("kept aside %q %q", e.Field, e.Reason)
	}
}
