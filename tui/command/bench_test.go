package command_test

import (
	"io"
	"testing"
	"time"

	"flowscope/validate/validatetest"
)

// round reads lines over and over until there were n.
type round struct {
	lines []string
	n     int
	next  int
	rest  string
}

func (r *round) Read(p []byte) (int, error) {
	done := 0
	for done < len(p) {
		if r.rest == "" {
			if r.next == r.n {
				break
			}
			r.rest = r.lines[r.next%len(r.lines)]
			r.next++
		}
		n := copy(p[done:], r.rest)
		r.rest, done = r.rest[n:], done+n
	}
	if done == 0 {
		return 0, io.EOF
	}
	return done, nil
}

// BenchmarkBatch checks tokens on all cores, from lines in to reports out; the
// time is that of one token. of-bare is the throughput as a share of that of the
// bare verification of the same tokens, measured between in slices: 0.6 and
// more is wanted on a machine that does nothing else.
func BenchmarkBatch(b *testing.B) {
	const slice = 10000
	lines := validatetest.Many(400)
	floor := validatetest.NewFloor(lines)
	for i := range lines {
		lines[i] += "\n"
	}
	s := &bench{env: map[string]string{}, ctx: b.Context(), writer: io.Discard}
	s.files = map[string]string{"keys.json": string(validatetest.KeySet())}
	now := validatetest.Now().Format(time.RFC3339)
	var bare time.Duration
	b.ReportAllocs()
	b.ResetTimer()
	for done := 0; done < b.N; done += slice {
		n := min(b.N-done, slice)
		b.StopTimer()
		begin := time.Now()
		floor.Verify(n)
		bare += time.Since(begin)
		b.StartTimer()
		s.in = &round{lines: lines, n: n}
		if code := s.run("token", "--batch", "-", "--jwks", "keys.json", "--now", now,
			"--issuer", validatetest.IssuerV2, "--audience", validatetest.API); code != 0 {
			b.Fatalf("exit %d: %s", code, s.err.String())
		}
	}
	b.ReportMetric(float64(bare)/float64(b.Elapsed()), "of-bare")
}
