package dark

import (
	"bytes"
	"time"
)

// A terminal without bracketed paste sends pasted text as if it were typed, and
// a newline in it is the Enter key. Nobody types several characters between two
// reads of the input, so what arrives at once and looks like text is a paste.
const (
	burstRunes = 6                     // characters in one read, without a newline
	burstGap   = 50 * time.Millisecond // what follows a burst within this time belongs to it
	maxBurst   = 1 << 20               // bytes of a burst that are kept; the rest is dropped
)

// ctrlC is what a terminal in raw mode sends for ctrl+c.
const ctrlC = 0x03

// bursts tells typing from pasted text. Its zero value is ready.
type bursts struct {
	inPaste bool // inside a bracketed paste: Bubble Tea reads that by itself
	tail    []byte
	last    time.Time // when the last piece of a burst came
}

// split parts what was read into typing and pasted text: one of them is empty.
func (b *bursts) split(in []byte, now time.Time) (typed, text []byte) {
	if len(in) == 0 {
		return nil, nil
	}
	seen := append(b.tail, in...)
	start, end := bytes.LastIndex(seen, []byte(pasteStart)), bytes.LastIndex(seen, []byte(pasteEnd))
	wasIn := b.inPaste
	if start >= 0 || end >= 0 {
		b.inPaste = start > end
	}
	b.tail = append([]byte(nil), seen[max(0, len(seen)-len(pasteEnd)+1):]...)
	switch {
	case wasIn || start >= 0:
		return b.bracketed(in, now), nil
	case b.looksPasted(in, now):
		b.last = now
		return nil, plainText(in)
	}
	return in, nil
}

// bracketed passes a bracketed paste on. Text after its end in the same read was
// not typed: the pasted text itself holds an end mark, so as to pass for typing.
// A ctrl+c is passed on, where no other end mark follows it: who presses it while
// a paste is under way wants to leave, and all that it can do is that.
func (b *bursts) bracketed(in []byte, now time.Time) []byte {
	i := bytes.Index(in, []byte(pasteEnd))
	if i < 0 {
		return in
	}
	if rest := in[i+len(pasteEnd):]; len(rest) > 0 {
		b.last, b.inPaste = now, false
		if last := bytes.LastIndex(in, []byte(pasteEnd)); bytes.IndexByte(in[last:], ctrlC) >= 0 {
			return append(bytes.Clone(in[:i+len(pasteEnd)]), ctrlC)
		}
	}
	return in[:i+len(pasteEnd)]
}

func (b *bursts) looksPasted(in []byte, now time.Time) bool {
	if bytes.IndexByte(in, ctrlC) >= 0 { // it is never text
		return false
	}
	text := plainText(in)
	if now.Sub(b.last) < burstGap && len(text) > 0 {
		return true
	}
	lines := bytes.ContainsAny(text, "\r\n")
	return len(text) >= burstRunes || lines && len(text) >= 2
}

// plainText takes escape sequences and control characters other than newlines
// and tabs out of what was read: keys that a person presses are such sequences.
func plainText(in []byte) []byte {
	out := make([]byte, 0, len(in))
	for i := 0; i < len(in); i++ {
		c := in[i]
		switch {
		case c == 0x1b && i+1 < len(in) && (in[i+1] == '[' || in[i+1] == 'O'):
			for i += 2; i < len(in) && (in[i] < 0x40 || in[i] > 0x7e); i++ {
			}
		case c >= 0x20 && c != 0x7f, c == '\r', c == '\n', c == '\t':
			out = append(out, c)
		}
	}
	return out
}
