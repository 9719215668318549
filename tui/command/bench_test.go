package command_test

import (
	"io"
	"strings"
	"testing"
)

// BenchmarkBatch checks the tokens of one file on all cores; the time is that
// of one token.
func BenchmarkBatch(b *testing.B) {
	s := &bench{in: strings.NewReader(""), env: map[string]string{}, files: map[string]string{}, ctx: b.Context()}
	access := tokens(b, s, "client-credentials")[0]
	s.in = strings.NewReader(strings.Repeat(access+"\n", b.N))
	s.writer = io.Discard
	b.ResetTimer()
	if code := s.run("token", "--batch", "-", "--issuer", issuer, "--audience", ordersID); code != 0 {
		b.Fatalf("exit %d: %s", code, s.err.String())
	}
}
