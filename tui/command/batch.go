package command

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"sync"
	"syscall"

	"flowscope/engine/inspect"
	"flowscope/engine/trace"
	"flowscope/validate"
)

const (
	// chunkBytes and chunkLines bound the lines that one worker takes at a time.
	chunkBytes = 128 << 10
	chunkLines = 64
	// reportBytes is about what one report takes.
	reportBytes = 6 << 10
	// maxLine is the longest line that is kept; a longer one is reported as too
	// large without being held in memory.
	maxLine = 2*validate.MaxToken - 1
)

// chunk is some lines on their way to a worker and their reports on the way out.
type chunk struct {
	lines  [][]byte
	out    []byte
	worst  status
	err    error
	filled chan struct{} // closed when out is there
}

// batch checks one token on each line of a file, on all cores, and prints one
// report on each line, in order. Every line has its report, an empty one too,
// so that the two files can be laid side by side. The status is the worst one.
func (c *call) batch(ctx context.Context, o tokenFlags, want validate.Expectations) error {
	app, err := c.application()
	if err != nil {
		return err
	}
	keys, err := c.keys(ctx, app, o)
	if err != nil {
		return err
	}
	if want.Now.IsZero() {
		want.Now = app.Now()
	}
	in, err := c.openBatch(o.batch)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	b := &batch{check: func(line []byte) *inspect.Report {
		return inspect.Check(ctx, validate.Clean(string(line)), keys, want)
	}}
	return c.collect(ctx, b.start(ctx, in))
}

func (c *call) openBatch(name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(c.d.In), nil
	}
	f, err := c.d.OpenFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("--batch: there is no file %s", name)
	}
	return f, err
}

// collect writes the chunks in their order and gives the worst status.
func (c *call) collect(ctx context.Context, chunks <-chan *chunk) error {
	worst := status(exitFine)
	for {
		var next *chunk
		select {
		case next = <-chunks:
		case <-ctx.Done():
			return ctx.Err()
		}
		if next == nil {
			return worst.asError()
		}
		select {
		case <-next.filled:
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := ctx.Err(); err != nil {
			return err // what was checked meanwhile may have missed its keys
		}
		if next.err != nil {
			return next.err
		}
		worst = worse(worst, next.worst)
		c.emit(next.out)
		if c.outErr != nil {
			return c.outErr
		}
	}
}

// worse gives the one of two verdicts that counts: invalid before unverified.
func worse(a, b status) status {
	if a == exitInvalid || b == exitInvalid {
		return exitInvalid
	}
	return max(a, b)
}

// batch is the work between reading lines and writing reports.
type batch struct {
	check func(line []byte) *inspect.Report
}

// start reads lines and hands them to one worker for each core. It gives the
// chunks in the order of the lines; at most a few are under way, so that memory
// does not grow with their number. All goroutines end with ctx, save that a
// read which is waiting for input ends with that input.
func (b *batch) start(ctx context.Context, in io.Reader) <-chan *chunk {
	workers := runtime.GOMAXPROCS(0)
	work := make(chan *chunk)
	order := make(chan *chunk, 2*workers)
	go func() {
		defer close(order)
		defer close(work)
		r := &lineReader{r: bufio.NewReaderSize(in, 64<<10)}
		for ctx.Err() == nil {
			next := r.chunk()
			if next == nil {
				return
			}
			select {
			case order <- next:
			case <-ctx.Done():
				return
			}
			if next.err != nil {
				close(next.filled)
				return
			}
			select {
			case work <- next:
			case <-ctx.Done():
				return
			}
		}
	}()
	var pool sync.WaitGroup
	for range workers {
		pool.Go(func() {
			for next := range work {
				b.fill(ctx, next)
			}
		})
	}
	return order
}

// fill makes the reports of one chunk.
func (b *batch) fill(ctx context.Context, next *chunk) {
	defer close(next.filled)
	var out bytes.Buffer
	out.Grow(len(next.lines) * reportBytes)
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	for _, line := range next.lines {
		if ctx.Err() != nil {
			return
		}
		report := b.check(line)
		begin := out.Len()
		if next.err = e.Encode(tokenDocument{1, reportOf(report)}); next.err != nil {
			return
		}
		doc := out.Bytes()[begin:]
		if red := redactorFor(doc); red != nil || !isASCII(doc) {
			sealed, err := sealJSON(doc, red)
			if next.err = err; err != nil {
				return
			}
			out.Truncate(begin)
			out.Write(sealed)
		}
		next.worst = worse(next.worst, verdictStatus(report.Verdict))
	}
	next.out, next.lines = out.Bytes(), nil
}

// isASCII reports text in which there is nothing for sealJSON to escape.
func isASCII(doc []byte) bool {
	for _, c := range doc {
		if c >= 0x7f {
			return false
		}
	}
	return true
}

// redactorFor gives a Redactor for a report that holds something like a token
// in its text, and none for all the others: a report never shows the signature
// of its own token. Each report has its own, so that nothing is kept from one
// line to the next.
func redactorFor(doc []byte) *trace.Redactor {
	if bytes.Contains(doc, []byte(`\u`)) {
		return trace.NewRedactor(nil) // an escape may hide one
	}
	for rest := doc; ; {
		i := bytes.Index(rest, []byte("ey"))
		if i < 0 {
			return nil
		}
		rest = rest[i:]
		n := 0
		for n < len(rest) && isBase64URL(rest[n]) {
			n++
		}
		if n >= 10 && n < len(rest) && rest[n] == '.' {
			return trace.NewRedactor(nil)
		}
		rest = rest[max(n, 2):]
	}
}

func isBase64URL(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

// lineReader reads lines of any length in bounded memory.
type lineReader struct {
	r *bufio.Reader
}

// chunk gives the next lines, nil at the end.
func (l *lineReader) chunk() *chunk {
	next := &chunk{filled: make(chan struct{})}
	for size := 0; size < chunkBytes && len(next.lines) < chunkLines; {
		line, err := l.line()
		switch {
		case err == io.EOF && len(next.lines) == 0:
			return nil
		case err == io.EOF:
			return next
		case errors.Is(err, syscall.EISDIR):
			next.err = errors.New("--batch: it is a directory; name a file")
			return next
		case err != nil:
			next.err = fmt.Errorf("--batch: %w", err)
			return next
		}
		next.lines = append(next.lines, line)
		size += len(line) + 64
	}
	return next
}

// line gives the next line without its end. Of a line that is too long it
// keeps as much as shows that it is.
func (l *lineReader) line() ([]byte, error) {
	var line []byte
	for {
		part, err := l.r.ReadSlice('\n')
		if room := maxLine - len(line); room > 0 {
			line = append(line, part[:min(len(part), room)]...)
		}
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err == io.EOF && len(line) > 0:
			return bytes.TrimRight(line, "\r\n"), nil
		case err != nil:
			return nil, err
		}
		return bytes.TrimRight(line, "\r\n"), nil
	}
}
