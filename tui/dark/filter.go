package dark

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// silence is how long the line must be quiet for an ESC to have been a key.
// The parts of one answer follow within a few milliseconds; a hand needs more.
const silence = 100 * time.Millisecond

// Filter is a terminal's input file from which the answer to Query is taken
// out. It stands in for the file: it has Fd, Name, Write and Close of the
// embedded one, so Bubble Tea puts the terminal into raw mode and waits on the
// descriptor as before.
//
// Bubble Tea's reader waits until the descriptor has input and then calls Read
// once. Filter therefore reads the file exactly once per call and never waits
// for more; when all it read was (part of) an answer, it returns no bytes and
// no error, which that reader takes for what it is. Because held bytes
// and fresh ones must fit into the caller's buffer together, it reads that
// much less; a buffer of 64 bytes or more is always enough, Bubble Tea's has
// 256.
//
// A program that Bubble Tea hands the terminal to (tea.ExecProcess) should be
// given the embedded File as its standard input, since os/exec passes on a
// plain file only.
type Filter struct {
	*os.File

	now    func() time.Time
	found  func(dark bool)
	pasted func(text string)

	mu      sync.Mutex
	scanner *Scanner
	verdict *bool     // set by the scanner, taken by Read
	last    time.Time // end of the previous read
	rest    []byte    // typing that did not fit into a small buffer
	bursts  bursts
	text    []byte // pasted text that came as typing
	err     error  // kept back until rest is read
}

// NewFilter wraps the terminal's input. It calls found once per Ask at most,
// on the goroutine that reads, with whether the background is dark, and pasted
// with text that was pasted into a terminal without bracketed paste; neither
// must wait for the reader. A nil pasted leaves such text in the typing. Now is
// the clock, time.Now in the program.
func NewFilter(f *os.File, now func() time.Time, found func(dark bool), pasted func(text string)) *Filter {
	flt := &Filter{File: f, now: now, found: found, pasted: pasted}
	flt.scanner = NewScanner(func(dark bool) { flt.verdict = &dark })
	return flt
}

// Ask makes the filter look for one answer and writes Query to w, the
// terminal's output, in one piece. Check CanAsk first. A terminal that never
// answers costs nothing: the filter goes on looking, and typing passes.
func (f *Filter) Ask(w io.Writer) error {
	f.mu.Lock()
	f.scanner.Expect()
	f.mu.Unlock()
	if _, err := io.WriteString(w, Query); err != nil {
		return fmt.Errorf("ask for the background colour: %w", err)
	}
	return nil
}

// Read reads once from the file and returns the typing. It may return no bytes
// and no error, see Filter.
func (f *Filter) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	f.mu.Lock()
	if len(f.rest) > 0 || f.err != nil {
		defer f.mu.Unlock()
		return f.drain(p)
	}
	room := max(len(p)-f.scanner.Held(), 1)
	f.mu.Unlock()

	n, err := f.File.Read(p[:room]) // may wait; the lock is free meanwhile

	f.mu.Lock()
	f.take(p[:n], err)
	if len(f.text) > 0 && err == nil {
		f.gather()
	}
	n, err = f.drain(p)
	verdict, text := f.verdict, f.text
	f.verdict, f.text = nil, nil
	f.mu.Unlock()

	if len(text) > 0 {
		f.pasted(string(text))
	}
	if verdict != nil && f.found != nil {
		f.found(*verdict)
	}
	return n, err
}

// take passes fresh bytes through the scanner into rest.
func (f *Filter) take(b []byte, err error) {
	now := f.now()
	var typed []byte
	if now.Sub(f.last) > silence {
		typed = f.scanner.Pause()
	}
	f.last = now
	typed = append(typed, f.scanner.Feed(b)...)
	if err != nil { // nothing follows that could complete an answer
		typed = append(typed, f.scanner.Flush()...)
	}
	if f.pasted != nil {
		var text []byte
		typed, text = f.bursts.split(typed, now)
		f.text = append(f.text, text[:min(len(text), maxBurst-len(f.text))]...)
	}
	f.rest, f.err = typed, err
}

// gather takes the rest of a burst, as long as more of it keeps coming: a long
// paste is one text, and not thousands of keys before a ctrl+c.
func (f *Filter) gather() {
	b := make([]byte, 32<<10)
	for len(f.rest) == 0 && f.err == nil && more(f.File, burstGap/2) {
		n, err := f.File.Read(b)
		f.take(b[:n], err)
	}
}

// drain moves rest into p, and gives out the error after the last byte.
func (f *Filter) drain(p []byte) (int, error) {
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	if len(f.rest) > 0 || n > 0 && f.err != nil {
		return n, nil
	}
	err := f.err
	f.err = nil
	return n, err
}
