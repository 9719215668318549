package dark

import "bytes"

// Scanner takes one answer to Query out of a stream of terminal input. It is
// the pure part of Filter: bytes in, typing out, no clock and no file. It is
// not safe for concurrent use.
//
// What counts as an answer is exact: ESC ] 11 ; rgb: and three channels of one
// to four hex digits with slashes between them, or rgba: and four, ended by
// BEL or by ESC \. Bytes are held back only while they are a possible
// beginning of that, so never more than 30 of them, and whatever stops being
// one is given back in order at once. Only a whole answer is ever taken out,
// only one, only between Expect and that one, and never inside a bracketed
// paste.
//
// The escape character is the hard part. It is a key of its own, and it begins
// the answer. When it is the last byte of a read it might be either, and to
// hold it would leave the Esc key without effect until the next key, since no
// more input may ever come. So it passes at once. Should the very next read go
// on with "]", the answer was cut there: the rest of it is taken out as usual,
// and one press of Esc too many is the whole damage. ESC ] at the end of a
// read is held, because only Alt+] could send it otherwise. Pause limits
// both: after a silence, ESC and ESC ] were keys.
type Scanner struct {
	found   func(dark bool)
	awaited int // answers still to come

	held   []byte // a possible beginning of an answer; it starts with ESC
	passed int    // how many bytes of held have been given out as typing: 0 or 1

	inPaste bool
	mark    int // how many bytes of the next paste mark have been seen
}

// The marks around a bracketed paste.
const (
	pasteStart = "\x1b[200~"
	pasteEnd   = "\x1b[201~"
)

// NewScanner returns a scanner that lets everything pass until Expect. It
// calls found, from within Feed, for the answer; found may be nil.
func NewScanner(found func(dark bool)) *Scanner { return &Scanner{found: found} }

// Expect makes the scanner look for one answer more. Call it before the
// question goes out.
func (s *Scanner) Expect() { s.awaited++ }

// Expecting says whether an answer is still awaited.
func (s *Scanner) Expecting() bool { return s.awaited > 0 }

// Held returns how many bytes are being held back.
func (s *Scanner) Held() int { return len(s.held) - s.passed }

// Feed takes the bytes of one read and returns the typing among them, together
// with bytes held back before that turned out to be typing. The result may
// share memory with b.
func (s *Scanner) Feed(b []byte) []byte {
	if s.awaited == 0 { // then nothing is held either
		for _, c := range b {
			s.track(c)
		}
		return b
	}
	out := make([]byte, 0, len(s.held)+len(b))
	for _, c := range b {
		out = s.step(out, c)
	}
	if len(s.held) == 1 && s.passed == 0 { // a lone ESC at the end: let it pass
		out = s.give(out, s.held[0])
		s.passed = 1
	}
	return out
}

// Pause says that the line was silent for a while before the next Feed, longer
// than the parts of one answer can lie apart. ESC and ESC ] were keys, then;
// the latter is returned as typing. A longer beginning is still held.
func (s *Scanner) Pause() []byte {
	if len(s.held) > 2 {
		return nil
	}
	return s.release(nil)
}

// Flush gives up: it returns what is held back and expects no answer any longer.
func (s *Scanner) Flush() []byte {
	s.awaited = 0
	return s.release(nil)
}

// step handles one byte and appends the typing that it sets free.
func (s *Scanner) step(out []byte, c byte) []byte {
	if s.awaited == 0 || s.inPaste {
		return s.give(out, c)
	}
	switch match(s.held, c) {
	case possible:
		s.held = append(s.held, c)
		return out
	case complete:
		colour := s.held
		s.held, s.passed = nil, 0
		s.awaited--
		if s.found != nil {
			s.found(isDark(colour))
		}
		return out
	}
	// Not an answer after all. An ESC inside held can only be its last byte,
	// and that one may begin something new together with c.
	restart := len(s.held) > 1 && s.held[len(s.held)-1] == esc
	if restart {
		s.held = s.held[:len(s.held)-1]
	}
	out = s.release(out)
	if restart {
		s.held = append(s.held, esc)
		return s.step(out, c)
	}
	if c == esc {
		s.held = append(s.held, c)
		return out
	}
	return s.give(out, c)
}

// release appends the held bytes that were not given out yet.
func (s *Scanner) release(out []byte) []byte {
	held, passed := s.held, s.passed
	s.held, s.passed = nil, 0
	for _, c := range held[passed:] {
		out = s.give(out, c)
	}
	return out
}

// give appends one byte of typing and watches for the marks of a paste.
func (s *Scanner) give(out []byte, c byte) []byte {
	s.track(c)
	return append(out, c)
}

func (s *Scanner) track(c byte) {
	want := pasteStart
	if s.inPaste {
		want = pasteEnd
	}
	switch {
	case c == want[s.mark]:
		s.mark++
	case c == esc:
		s.mark = 1
	default:
		s.mark = 0
	}
	if s.mark == len(want) {
		s.inPaste, s.mark = !s.inPaste, 0
	}
}

const (
	esc = 0x1b
	bel = 0x07
)

// outcome of one more byte.
type outcome int

const (
	impossible outcome = iota
	possible
	complete
)

// match says what held followed by c is. Held is empty or a possible
// beginning of an answer.
func match(held []byte, c byte) outcome {
	const intro = "\x1b]11;rgb"
	n := len(held)
	if n < len(intro) {
		return yes(c == intro[n])
	}
	body := held[len(intro):] // from ":" or "a:" on
	switch {
	case len(body) == 0:
		return yes(c == ':' || c == 'a')
	case len(body) == 1 && body[0] == 'a':
		return yes(c == ':')
	}
	channels, digits, ended := shape(body)
	switch {
	case ended: // ESC was seen
		if c == '\\' {
			return complete
		}
		return impossible
	case isHex(c):
		return yes(digits < 4)
	case digits == 0:
		return impossible
	case channels < wanted(body):
		return yes(c == '/')
	case c == bel:
		return complete
	}
	return yes(c == esc)
}

func yes(b bool) outcome {
	if b {
		return possible
	}
	return impossible
}

// wanted returns how many channels the answer must have.
func wanted(body []byte) int {
	if body[0] == 'a' {
		return 4
	}
	return 3
}

// shape returns the number of the channel that body is in, the digits seen of
// it, and whether the ESC of the ending was seen.
func shape(body []byte) (channels, digits int, ended bool) {
	channels = 1
	for _, c := range body[bytes.IndexByte(body, ':')+1:] {
		switch {
		case c == '/':
			channels, digits = channels+1, 0
		case c == esc:
			ended = true
		default:
			digits++
		}
	}
	return channels, digits, ended
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
