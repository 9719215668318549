package command_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
)

func encode64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// numbered gives a token of its own for each number; nobody signed it.
func numbered(n int) string {
	return encode64(`{"alg":"RS256","kid":"k"}`) + "." + encode64(fmt.Sprintf(`{"n":%d}`, n)) + "." + encode64("signature")
}

func TestBatchKeepsTheOrder(t *testing.T) {
	const lines = 2000
	var in strings.Builder
	for n := range lines {
		switch n % 3 {
		case 0:
			fmt.Fprintf(&in, "{\"id\":%d,\"token\":%q}\r\n", n, numbered(n))
		default:
			in.WriteString(numbered(n) + "\n")
		}
	}
	b := newBench(t)
	b.files["lines"] = in.String()
	reports := strings.Split(strings.TrimSuffix(b.must(t, 3, "token", "--batch", "lines"), "\n"), "\n")
	if len(reports) != lines {
		t.Fatalf("%d reports for %d lines", len(reports), lines)
	}
	for n, raw := range reports {
		var doc struct {
			Schema, Line int
			reportShape
			Tokens int
		}
		if n%500 == 0 {
			read(t, raw+"\n", &doc)
		} else if err := json.Unmarshal([]byte(raw), &doc); err != nil {
			t.Fatal(err)
		}
		if doc.Claims["n"] != float64(n) || doc.Line != n+1 {
			t.Fatalf("report %d is for token %v of line %d", n, doc.Claims["n"], doc.Line)
		}
	}
}

func TestBatchVerdicts(t *testing.T) {
	b := newBench(t)
	access := tokens(t, b, "client-credentials")[0]
	expect := []string{"token", "--batch", "-", "--issuer", issuer, "--audience", ordersID}
	for _, test := range []struct {
		in      string
		want    int
		verdict string // of each line
	}{
		{"", 0, ""},
		{access + "\n" + access, 0, "valid valid"},
		{access + "\nabc\n", 4, "valid unverified"},
		{"abc\n" + garble(access) + "\n" + access + "\n", 3, "unverified invalid valid"},
		{access + "\n\n" + access + "\n", 3, "valid invalid valid"},
		{strings.Repeat("x", 5<<20) + "\n" + access, 3, "invalid valid"},
	} {
		b.in = strings.NewReader(test.in)
		var verdicts []string
		for line := range strings.SplitSeq(strings.TrimSpace(b.must(t, test.want, expect...)), "\n") {
			var doc tokenShape
			if line == "" {
				continue
			}
			if err := json.Unmarshal([]byte(line), &doc); err != nil {
				t.Fatal(err)
			}
			verdicts = append(verdicts, doc.Verdict)
		}
		if got := strings.Join(verdicts, " "); got != test.verdict {
			t.Errorf("verdicts %q, want %q", got, test.verdict)
		}
	}
	if len(b.asked) != 6 {
		t.Errorf("the keys were asked for %d times in six invocations", len(b.asked))
	}
}

// endless gives lines without end until it is told to stop.
type endless struct {
	line []byte
	n    int64
	most int64
}

func (e *endless) Read(p []byte) (int, error) {
	if e.n >= e.most {
		return 0, io.EOF
	}
	n := 0
	for n+len(e.line) <= len(p) {
		n += copy(p[n:], e.line)
	}
	e.n += int64(n)
	return n, nil
}

func TestBatchMemoryIsFlat(t *testing.T) {
	if testing.Short() {
		t.Skip("checks thousands of tokens")
	}
	peak := func(bytes int64) uint64 {
		b := newBench(t)
		b.in = &endless{line: []byte(numbered(1) + "\n"), most: bytes}
		var most uint64
		b.writer = writerFunc(func(p []byte) (int, error) {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
			return len(p), nil
		})
		b.must(t, 3, "token", "--batch", "-")
		return most
	}
	few, many := peak(1<<17), peak(1<<19)
	if many > 3*few+(8<<20) {
		t.Errorf("the heap grew from %d to %d bytes with four times the lines", few, many)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// failing breaks off in the middle.
type failing struct{ r io.Reader }

func (f failing) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	if err == io.EOF {
		err = errors.New("the disk is gone")
	}
	return n, err
}

func TestBatchReadError(t *testing.T) {
	b := newBench(t)
	b.in = failing{strings.NewReader(numbered(1) + "\n")}
	b.must(t, 1, "token", "--batch", "-")
	if !strings.Contains(b.err.String(), "the disk is gone") {
		t.Errorf("standard error is %q", b.err.String())
	}
}
