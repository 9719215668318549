package command

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"syscall"

	"flowscope/engine/inspect"
	"flowscope/validate"
)

const (
	// chunkBytes and chunkLines bound the lines that one worker takes at a time.
	chunkBytes = 128 << 10
	chunkLines = 32
	// readBytes is how much is asked of the input at a time.
	readBytes = 64 << 10
	// keepBytes bounds the memory that a chunk keeps for the next lines.
	keepBytes = 1 << 20
	// maxLine is the longest line that is kept; a longer one is reported as too
	// large without being held in memory.
	maxLine = 2*validate.MaxToken - 1
)

// chunk is some lines on their way to a worker and their reports on the way
// out. There are a few of them, which go round.
type chunk struct {
	first int             // the number of its first line, from 1
	text  strings.Builder // the lines, one behind the other; reports hold on to it
	lines []span          // where each stands in text, its end left out
	size  int64           // bytes of the input that they took
	out   []byte          // their reports
	tally tally
	err   error         // what the input broke off with behind these lines
	ready chan struct{} // holds one element when out is there
}

type span struct{ begin, end int }

// clear makes a chunk ready for the next lines. Memory that the reports of long
// lines took is given back.
func (k *chunk) clear() {
	if cap(k.out) > keepBytes {
		k.out = nil
	}
	k.text.Reset()
	k.lines, k.out = k.lines[:0], k.out[:0]
	k.first, k.size, k.tally, k.err = 0, 0, tally{}, nil
}

// lineReader reads lines of any length in bounded memory.
type lineReader struct {
	r     *bufio.Reader
	lines int   // read so far
	took  int64 // bytes of the input so far
	grow  int   // bytes that the next lines will probably take
}

// fill reads the next lines into k and reports whether the chunk has anything
// to tell. It waits for no more lines than there are: what comes slowly is
// answered as it comes.
func (l *lineReader) fill(k *chunk) bool {
	k.clear()
	k.first = l.lines + 1
	before := l.took
	k.text.Grow(l.grow)
	for k.text.Len() < chunkBytes && len(k.lines) < chunkLines {
		if len(k.lines) > 0 && l.r.Buffered() == 0 {
			break
		}
		line, err := l.line(&k.text)
		if err != nil {
			k.err = l.broken(err)
			break
		}
		l.lines++
		k.lines = append(k.lines, line)
	}
	l.grow = min(k.text.Len()+k.text.Len()/16, chunkBytes)
	k.size = l.took - before
	return len(k.lines) > 0 || k.err != nil
}

// broken says where the input broke off; nil at its end.
func (l *lineReader) broken(err error) error {
	switch {
	case err == io.EOF:
		return nil
	case errors.Is(err, syscall.EISDIR):
		return errors.New("--batch: it is a directory; name a file")
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err // without the name
	}
	return fmt.Errorf("--batch: line %d: %w", l.lines+1, err)
}

// line appends the next line to text and says where it stands there. Of a line
// that is too long it keeps as much as shows that it is.
func (l *lineReader) line(text *strings.Builder) (span, error) {
	begin := text.Len()
	some := false
	for {
		part, err := l.r.ReadSlice('\n')
		l.took += int64(len(part))
		some = some || len(part) > 0
		if room := maxLine - (text.Len() - begin); room > 0 {
			_, _ = text.Write(part[:min(len(part), room)]) // a Builder takes everything
		}
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err == io.EOF && some:
		case err != nil:
			return span{}, err
		}
		all, end := text.String(), text.Len()
		for end > begin && (all[end-1] == '\n' || all[end-1] == '\r') {
			end--
		}
		return span{begin, end}, nil
	}
}

// look checks the token in a line, and gives how many there are. Most lines are a
// token and nothing else: one that is read without a fault is, since white space,
// quotation marks and the like are faults, and only the others have to be searched.
func look(line string, check func(token string) *inspect.Report) (r *inspect.Report, tokens int) {
	if strings.HasPrefix(line, "ey") && strings.Count(line, ".") == 2 {
		if r := check(line); len(r.Token.Faults) == 0 {
			return r, 1
		}
	}
	token, tokens := tokenIn(line)
	return check(token), tokens
}

// tokenIn takes the token out of a line as validate.Clean does, and counts how many
// there are. It reads an object with the token in it without looking for all the
// other forms.
func tokenIn(line string) (first string, tokens int) {
	if strings.HasPrefix(line, "{") {
		if o, err := validate.ParseObject([]byte(line)); err == nil {
			for _, name := range tokenMembers {
				if token := strings.TrimSpace(o.String(name)); token != "" {
					if tokens++; tokens == 1 {
						first = token
					}
				}
			}
			if tokens > 0 {
				return first, tokens
			}
		}
	}
	first = validate.Clean(line)
	if tokens = len(validate.Find(line)); tokens > 0 {
		return first, tokens
	}
	if alone := strings.Trim(strings.TrimSpace(line), "\"'`,;<>"); alone != "" && alone == first && !strings.HasPrefix(first, "{") {
		return first, 1 // a word by itself
	}
	return first, 0
}

// tokenMembers are the members that hold a token, in the order in which
// validate.Clean prefers them.
var tokenMembers = [...]string{"access_token", "id_token", "token", "refresh_token", "accessToken", "idToken"}
