package command

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
	"time"
)

// maxTyped bounds a line that is typed at a prompt, in bytes.
const maxTyped = 64 << 10

// together is how close behind each other the lines of a paste come, at a
// terminal that does not mark pastes: nobody types that fast.
const together = 30 * time.Millisecond

// The marks that a terminal puts around a paste once it is asked to (bracketed
// paste mode of xterm).
const (
	pasteOn, pasteOff     = "\x1b[?2004h", "\x1b[?2004l"
	pasteBegin, pasteOver = "\x1b[200~", "\x1b[201~"
)

// asker asks the person on standard error and reads the answers line by line.
// There is one for an invocation: two would take each other's lines.
type asker struct {
	c        *call
	lines    chan string // closed at the end of the input
	done     chan struct{}
	terminal bool // pastes are marked, and lines that come together are one
}

// asker begins to read lines on first use. The reading ends with closeAsker,
// save that a read which is waiting for input ends with that input.
func (c *call) asker() *asker {
	if c.asking == nil {
		a := &asker{c: c, lines: make(chan string), done: make(chan struct{}), terminal: isTerminal(c.d.In)}
		if a.terminal && isTerminal(c.d.Err) {
			_, _ = io.WriteString(c.d.Err, pasteOn)
		}
		go a.read(c.d.In)
		c.asking = a
	}
	return c.asking
}

// closeAsker ends the reading, where there is any.
func (c *call) closeAsker() {
	a := c.asking
	if a == nil {
		return
	}
	c.asking = nil
	close(a.done)
	if a.terminal && isTerminal(c.d.Err) {
		_, _ = io.WriteString(c.d.Err, pasteOff)
	}
}

func (a *asker) read(in io.Reader) {
	defer close(a.lines)
	scanner := bufio.NewScanner(in)
	scanner.Buffer(make([]byte, 0, 256), maxTyped)
	for scanner.Scan() {
		select {
		case a.lines <- scanner.Text():
		case <-a.done:
			return
		}
	}
}

// line asks and waits for one line, without the space around it. It gives false
// at the end of the input and when ctx ends. Several lines of one paste are no
// answer: it says so and asks again.
func (a *asker) line(ctx context.Context, question string) (string, bool) {
	a.drain()
	for {
		_, _ = fmt.Fprint(a.c.d.Err, a.c.clean(question))
		text, several, ok := a.take(ctx)
		if !ok {
			a.c.say("")
			return "", false
		}
		if !several {
			return text, true
		}
		a.c.say("")
		a.c.say("that was a paste of several lines: it answers nothing, and nothing was sent")
	}
}

// hidden is line without an echo, for passwords and secrets.
func (a *asker) hidden(ctx context.Context, question string) (string, bool) {
	restore := echoOff(a.c.d.In)
	defer restore()
	text, ok := a.line(ctx, question)
	if isTerminal(a.c.d.In) {
		a.c.say("")
	}
	return text, ok
}

// take waits for a line, and reports whether it is one of several that were
// pasted.
func (a *asker) take(ctx context.Context) (text string, several, ok bool) {
	first, ok := a.next(ctx)
	if !ok {
		return "", false, false
	}
	if strings.Contains(first, pasteBegin) {
		for line := first; !strings.Contains(line, pasteOver); several = true {
			if line, ok = a.next(ctx); !ok {
				return "", true, false
			}
		}
	}
	several = a.drain() || several
	return strings.TrimSpace(strings.NewReplacer(pasteBegin, "", pasteOver, "").Replace(first)), several, true
}

func (a *asker) next(ctx context.Context) (string, bool) {
	select {
	case line, ok := <-a.lines:
		return line, ok
	case <-ctx.Done():
		return "", false
	}
}

// drain takes the lines that are there already, at a terminal: they were typed
// ahead or belong to a paste. It reports whether there were any.
func (a *asker) drain() bool {
	any := false
	for a.terminal {
		select {
		case _, ok := <-a.lines:
			if !ok {
				return any
			}
			any = true
		case <-time.After(together):
			return any
		}
	}
	return any
}
