package dark

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/muesli/cancelreader"
)

// What Bubble Tea and its reader look for in an input.
var (
	_ term.File         = (*Filter)(nil)
	_ cancelreader.File = (*Filter)(nil)
)

// bench is a filter on a pipe, with a clock that the test moves.
type bench struct {
	*Filter
	keys     *os.File
	clock    time.Time
	verdicts []bool
}

func newBench(t *testing.T) *bench {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{keys: w, clock: time.Unix(1_700_000_000, 0)}
	b.Filter = NewFilter(r, func() time.Time { return b.clock }, func(dark bool) { b.verdicts = append(b.verdicts, dark) }, nil)
	t.Cleanup(func() { _, _ = r.Close(), w.Close() })
	return b
}

// send writes to the terminal's side and reads once on the other.
func (b *bench) send(t *testing.T, s string, size int) string {
	t.Helper()
	if _, err := b.keys.WriteString(s); err != nil {
		t.Fatal(err)
	}
	return b.read(t, size)
}

func (b *bench) read(t *testing.T, size int) string {
	t.Helper()
	p := make([]byte, size)
	n, err := b.Read(p)
	if err != nil {
		t.Fatal(err)
	}
	return string(p[:n])
}

func (b *bench) ask(t *testing.T) {
	t.Helper()
	var out bytes.Buffer
	if err := b.Ask(&out); err != nil || out.String() != Query {
		t.Fatalf("Ask wrote %q, %v", out.String(), err)
	}
}

func TestFilter(t *testing.T) {
	b := newBench(t)
	if got := b.send(t, white, 256); got != white {
		t.Errorf("before the question: %q", got)
	}
	b.ask(t)
	for _, c := range []struct{ in, out string }{
		{"a", "a"},
		{"\x1b", "\x1b"},
		{"b" + white[:7], "b"},
		{white[7:12], ""}, // nothing to give, and it must not wait for more
		{white[12:] + "c", "c"},
		{black, black},
	} {
		if got := b.send(t, c.in, 256); got != c.out {
			t.Errorf("%q gives %q, want %q", c.in, got, c.out)
		}
	}
	if len(b.verdicts) != 1 || b.verdicts[0] {
		t.Errorf("verdicts %v, want one, light", b.verdicts)
	}
	b.ask(t)
	if got := b.send(t, black+"d", 256); got != "d" || len(b.verdicts) != 2 || !b.verdicts[1] {
		t.Errorf("asked again: %q, verdicts %v", got, b.verdicts)
	}
}

// Held bytes and fresh ones must fit into one buffer: bytes that stay behind
// in the filter would wait for the next key, since the descriptor is empty.
func TestFilterLeavesNothingBehind(t *testing.T) {
	b := newBench(t)
	b.ask(t)
	if got := b.send(t, white[:20], 64); got != "" {
		t.Fatalf("%q", got)
	}
	typing := strings.Repeat("x", 64)
	got := b.send(t, typing, 64)
	if want := white[:20] + typing[:44]; got != want {
		t.Fatalf("%q, want %q", got, want)
	}
	if len(b.rest) != 0 {
		t.Errorf("%q stays behind in the filter", b.rest)
	}
	if got := b.read(t, 64); got != typing[44:] {
		t.Errorf("then %q", got)
	}
}

// A buffer smaller than what is held still gets every byte, in order.
func TestFilterSmallBuffer(t *testing.T) {
	b := newBench(t)
	b.ask(t)
	if _, err := b.keys.WriteString("ab" + white[:20] + "typed" + white + "z"); err != nil {
		t.Fatal(err)
	}
	var got string
	for want := "ab" + white[:20] + "typedz"; len(got) < len(want); {
		got += b.read(t, 3)
		if !strings.HasPrefix(want, got) {
			t.Fatalf("%q, want %q", got, want)
		}
	}
	if len(b.verdicts) != 1 {
		t.Errorf("verdicts %v, want one", b.verdicts)
	}
}

// After a silence ESC was a key, and what follows is typing at once.
func TestFilterSilence(t *testing.T) {
	b := newBench(t)
	b.ask(t)
	if got := b.send(t, "\x1b", 256); got != "\x1b" {
		t.Errorf("Esc gives %q", got)
	}
	b.clock = b.clock.Add(silence + time.Millisecond)
	if got := b.send(t, "]", 256); got != "]" {
		t.Errorf("] after a silence gives %q", got)
	}
	if got := b.send(t, "\x1b", 256) + b.send(t, white[1:], 256); got != "\x1b" || len(b.verdicts) != 1 {
		t.Errorf("an answer cut after its ESC gives %q, verdicts %v", got, b.verdicts)
	}
}

func TestFilterEnd(t *testing.T) {
	b := newBench(t)
	b.ask(t)
	if got := b.send(t, "a"+white[:15], 256); got != "a" {
		t.Errorf("%q", got)
	}
	if err := b.keys.Close(); err != nil {
		t.Fatal(err)
	}
	if got := b.read(t, 256); got != white[:15] {
		t.Errorf("at the end %q, want what was held", got)
	}
	for range 2 {
		if n, err := b.Read(make([]byte, 8)); n != 0 || !errors.Is(err, io.EOF) {
			t.Errorf("after the end: %d, %v; want EOF", n, err)
		}
	}
	if n, err := b.Read(nil); n != 0 || err != nil {
		t.Errorf("an empty buffer: %d, %v", n, err)
	}
	if len(b.verdicts) != 0 {
		t.Errorf("verdicts %v from half an answer", b.verdicts)
	}
}

func TestAskError(t *testing.T) {
	b := newBench(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(r.Close(), w.Close()); err != nil {
		t.Fatal(err)
	}
	if err := b.Ask(w); !errors.Is(err, os.ErrClosed) {
		t.Errorf("Ask on a closed terminal: %v", err)
	}
}
