package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"flowscope/engine/inspect"
	"flowscope/validate"
)

const (
	// batchGarbage is how much garbage may lie around before it is collected, in
	// percent of what is in use, which is a few MiB whatever the input: a check
	// leaves some 10 KiB behind, so that the default would collect a hundred times
	// in a second.
	batchGarbage = 400
	// lastWrite is how long an interruption waits for a write that is under way,
	// so that the output ends with a whole line where somebody reads it.
	lastWrite = 50 * time.Millisecond
)

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
	defer debug.SetGCPercent(debug.SetGCPercent(batchGarbage))
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	want = inspect.Resolve(ctx, keys, want)
	b := &batch{check: func(token string) *inspect.Report { return inspect.Check(ctx, token, keys, want) }}
	b.start(ctx, in)
	p := c.newProgress(app.Now, in)
	err = c.collect(ctx, b, p)
	p.erase()
	if p.watched() && errors.Is(c.outErr, syscall.EPIPE) {
		c.outErr = nil
		return status(exitError) // as with head: somebody has read enough
	}
	if err != nil {
		return err
	}
	p.summary(c)
	return p.tally.status().asError()
}

func (c *call) openBatch(name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(c.d.In), nil
	}
	f, err := c.d.OpenFile(name)
	if err != nil {
		return nil, fmt.Errorf("--batch: %w", fileError(name, err))
	}
	return f, nil
}

// collect writes the chunks in their order.
func (c *call) collect(ctx context.Context, b *batch, p *progress) error {
	out := &outlet{c: c, done: make(chan error, 1)}
	for {
		var next *chunk
		select {
		case next = <-b.order:
		case <-ctx.Done():
			return ctx.Err()
		}
		if next == nil {
			return nil
		}
		select {
		case <-next.ready:
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := ctx.Err(); err != nil {
			return err // what was checked meanwhile may have missed its keys
		}
		if err := out.write(ctx, next.out); err != nil {
			return err
		}
		if next.err != nil {
			return next.err
		}
		p.add(next)
		b.free <- next
	}
}

// outlet writes to standard output in a goroutine of its own, so that a reader
// that stands still can't keep the program from ending.
type outlet struct {
	c    *call
	done chan error
}

func (o *outlet) write(ctx context.Context, text []byte) error {
	if len(text) == 0 {
		return nil
	}
	go func() {
		_, err := o.c.d.Out.Write(text)
		o.done <- err
	}()
	select {
	case err := <-o.done:
		o.c.outErr = err
		return err
	case <-ctx.Done():
	}
	select {
	case <-o.done:
	case <-time.After(lastWrite):
	}
	return ctx.Err()
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
	check func(token string) *inspect.Report
	order chan *chunk // in the order of the lines
	free  chan *chunk // for the next lines
}

// start reads lines and hands them to one worker for each core. Few chunks are
// under way at a time, so that memory does not grow with the number of lines.
// All goroutines end with ctx, save that a read which is waiting for input ends
// with that input.
func (b *batch) start(ctx context.Context, in io.Reader) {
	workers := runtime.GOMAXPROCS(0)
	chunks := 3*workers + 1
	work := make(chan *chunk, chunks)
	b.order, b.free = make(chan *chunk, chunks), make(chan *chunk, chunks)
	for range chunks {
		b.free <- &chunk{ready: make(chan struct{}, 1)}
	}
	go func() {
		defer close(b.order)
		defer close(work)
		r := &lineReader{r: bufio.NewReaderSize(in, readBytes)}
		for {
			var next *chunk
			select {
			case next = <-b.free:
			case <-ctx.Done():
				return
			}
			if !r.fill(next) || ctx.Err() != nil {
				return
			}
			broken := next.err != nil
			b.order <- next // neither of the two is ever full
			work <- next
			if broken {
				return
			}
		}
	}()
	var pool sync.WaitGroup
	for range workers {
		pool.Go(func() {
			w := newReportWriter()
			for next := range work {
				b.fill(ctx, w, next)
				next.ready <- struct{}{}
			}
		})
	}
}

// fill makes the reports of one chunk.
func (b *batch) fill(ctx context.Context, w *reportWriter, next *chunk) {
	w.out = next.out
	text := next.text.String()
	for i, line := range next.lines {
		if ctx.Err() != nil {
			break
		}
		report, tokens := look(text[line.begin:line.end], b.check)
		if err := w.document(next.first+i, tokens, report); err != nil {
			next.err = err
			break
		}
		next.tally.line(report.Report, tokens)
	}
	next.out = w.out
}
