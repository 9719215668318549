package trace

import (
	"fmt"
	"strings"
	"testing"
)

// Many secrets are masked as few are, whatever stands around them.
func TestManySecrets(t *testing.T) {
	r := NewRedactor(nil)
	var text, want strings.Builder
	for i := range 500 {
		secret := fmt.Sprintf("s%03d/%d+Secret", i, i)
		a := r.Alias(secret)
		fmt.Fprintf(&text, "s%s, x", secret)
		fmt.Fprintf(&want, "smasked:%s, x", a)
	}
	for _, r := range []*Redactor{r, r.Writing(nil)} {
		if got := r.Text(text.String()); got != want.String() {
			t.Errorf("%.300q", got)
		}
	}
}

// BenchmarkManySecrets is what masking a line costs where a thousand secrets are known.
func BenchmarkManySecrets(b *testing.B) {
	r := NewRedactor(nil)
	for i := range 1000 {
		r.Alias(fmt.Sprintf("%06x-a-signature-%d", i*7919, i))
	}
	line := strings.Repeat("a line of words. ", 10)
	for b.Loop() {
		_ = r.Text(line)
	}
}
