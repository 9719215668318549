package command

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"

	"flowscope/validate"
)

const (
	// chunkBytes and chunkLines bound the lines that one worker takes at a time.
	chunkBytes = 128 << 10
	chunkLines = 64
	// readBytes is how much is asked of the input at a time.
	readBytes = 128 << 10
	// keepBytes bounds the memory that a chunk keeps for the next lines.
	keepBytes = 1 << 20
	// maxLine is the longest line that is kept; a longer one is reported as too
	// large without being held in memory.
	maxLine = 2*validate.MaxToken - 1
)

// chunk is some lines on their way to a worker and their reports on the way
// out. There are a few of them, which go round.
type chunk struct {
	first int    // the number of its first line, from 1
	text  []byte // the lines, one behind the other
	ends  []int  // where each ends in text
	size  int64  // bytes of the input that they took
	out   []byte // their reports
	tally tally
	err   error         // what the input broke off with behind these lines
	ready chan struct{} // holds one element when out is there
}

// clear makes a chunk ready for the next lines. Memory that a single long line
// took is given back.
func (k *chunk) clear() {
	if cap(k.text) > keepBytes {
		k.text = nil
	}
	if cap(k.out) > keepBytes {
		k.out = nil
	}
	k.text, k.ends, k.out = k.text[:0], k.ends[:0], k.out[:0]
	k.first, k.size, k.tally, k.err = 0, 0, tally{}, nil
}

// lineReader reads lines of any length in bounded memory.
type lineReader struct {
	r     *bufio.Reader
	lines int   // read so far
	took  int64 // bytes of the input so far
}

// fill reads the next lines into k and reports whether the chunk has anything
// to tell. It waits for no more lines than there are: what comes slowly is
// answered as it comes.
func (l *lineReader) fill(k *chunk) bool {
	k.clear()
	k.first = l.lines + 1
	before := l.took
	for len(k.text) < chunkBytes && len(k.ends) < chunkLines {
		if len(k.ends) > 0 && l.r.Buffered() == 0 {
			break
		}
		text, err := l.line(k.text)
		if err != nil {
			k.err = l.broken(err)
			break
		}
		l.lines++
		k.text, k.ends = text, append(k.ends, len(text))
	}
	k.size = l.took - before
	return len(k.ends) > 0 || k.err != nil
}

// broken says where the input broke off; nil at its end.
func (l *lineReader) broken(err error) error {
	switch {
	case err == io.EOF:
		return nil
	case errors.Is(err, syscall.EISDIR):
		return errors.New("--batch: it is a directory; name a file")
	}
	return fmt.Errorf("--batch: line %d: %w", l.lines+1, err)
}

// line appends the next line to text, without its end. Of a line that is too
// long it keeps as much as shows that it is.
func (l *lineReader) line(text []byte) ([]byte, error) {
	begin := len(text)
	some := false
	for {
		part, err := l.r.ReadSlice('\n')
		l.took += int64(len(part))
		some = some || len(part) > 0
		if room := maxLine - (len(text) - begin); room > 0 {
			text = append(text, part[:min(len(part), room)]...)
		}
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err == io.EOF && some:
		case err != nil:
			return nil, err
		}
		return text[:begin+len(bytes.TrimRight(text[begin:], "\r\n"))], nil
	}
}

// tokenIn takes the token out of a line as validate.Clean does, and knows the
// two forms that most lines have without looking for all the others: the token
// by itself, and an object with the token in it.
func tokenIn(line string) string {
	if isBare(line) {
		return line
	}
	if strings.HasPrefix(line, "{") {
		if o, err := validate.ParseObject([]byte(line)); err == nil {
			for _, name := range tokenMembers {
				if token := o.String(name); token != "" {
					return strings.TrimSpace(token)
				}
			}
		}
	}
	return validate.Clean(line)
}

// tokenMembers are the members that hold a token, in the order in which
// validate.Clean prefers them.
var tokenMembers = [...]string{"access_token", "id_token", "token", "refresh_token", "accessToken", "idToken"}

// isBare recognises a JSON Web Token with nothing around it.
func isBare(line string) bool {
	if !strings.HasPrefix(line, "ey") || strings.Count(line, ".") != 2 {
		return false
	}
	for i := 0; i < len(line); i++ {
		if c := line[i]; !isBase64URL(c) && c != '.' {
			return false
		}
	}
	return true
}
