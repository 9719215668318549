package validate

import (
	"testing"
	"time"
)

// TestDates holds the dates of a report to those of package time.
func TestDates(t *testing.T) {
	for _, at := range []time.Time{
		time.Unix(0, 0), time.Unix(1, 1), time.Unix(1763632920, 0), time.Unix(1763632920, 500_000_000),
		time.Unix(1763632920, 123_456_789), time.Unix(lastSecond, 999_999_999), time.Date(2028, 2, 29, 23, 59, 59, 0, time.FixedZone("", 7200)),
		time.Unix(lastSecond+1, 0), time.Date(999, 1, 2, 3, 4, 5, 6, time.UTC), time.Unix(-1, 0),
	} {
		if got, want := string(appendDate(nil, at)), at.UTC().Format("2006-01-02 15:04:05.999999999 UTC"); got != want {
			t.Errorf("%v is written %q, want %q", at, got, want)
		}
	}
}

func TestIsShown(t *testing.T) {
	for c := range 256 {
		for n := 1; n < 20; n++ {
			text := []byte("aaaaaaaaaaaaaaaaaaa")[:n]
			text[n/2] = byte(c)
			if got, want := isShown(string(text)), c >= 0x20 && c < 0x7f; got != want {
				t.Fatalf("isShown(%q) = %v", text, got)
			}
		}
	}
}
