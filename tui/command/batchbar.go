package command

import (
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"flowscope/themes"
	"flowscope/validate"
)

const (
	// barEvery is the least time between two drawings of the bar.
	barEvery = 100 * time.Millisecond
	// barWidth is the width of the bar itself, in columns.
	barWidth = 20
	// summaryChecks bounds how many checks the summary names.
	summaryChecks = 5
)

// tally counts what came of the lines.
type tally struct {
	lines, valid, invalid, unverified int
	none, several                     int     // lines without a token, and with more than one
	garbled                           bool    // among those without one is what no token can be
	failed, open                      [18]int // by the index of the check; open: needed, not run, in a token that is unverified
}

func (t *tally) add(r *validate.Report) {
	t.lines++
	switch r.Verdict {
	case validate.Valid:
		t.valid++
		return
	case validate.Invalid:
		t.invalid++
	default:
		t.unverified++
	}
	for i := range t.failed {
		switch {
		case r.StatusAt(i) == validate.StatusFail:
			t.failed[i]++
		case r.Verdict == validate.Unverified && r.Open(i):
			t.open[i]++
		}
	}
}

// line counts what came of a line with so many tokens on it. One without any is
// neither of the verdicts, but what its report says counts for the exit status.
func (t *tally) line(r *validate.Report, tokens int) {
	switch {
	case tokens == 0:
		t.lines++
		t.none++
		t.garbled = t.garbled || r.Verdict == validate.Invalid
		return
	case tokens > 1:
		t.several++
	}
	t.add(r)
}

func (t *tally) merge(u *tally) {
	t.none += u.none
	t.garbled = t.garbled || u.garbled
	t.several += u.several
	t.lines += u.lines
	t.valid += u.valid
	t.invalid += u.invalid
	t.unverified += u.unverified
	for i := range t.failed {
		t.failed[i] += u.failed[i]
		t.open[i] += u.open[i]
	}
}

// status gives the worst verdict's: invalid before unverified.
func (t *tally) status() status {
	switch {
	case t.invalid > 0 || t.garbled:
		return exitInvalid
	case t.unverified > 0 || t.none > 0:
		return exitUnverified
	}
	return exitFine
}

// progress follows a batch. On a terminal it draws a bar on one line, with
// nothing but a carriage return to go back to its beginning.
type progress struct {
	now          func() time.Time
	begin, drawn time.Time
	took, size   int64 // bytes of the input; size is 0 where it is not known
	tally        tally

	err    io.Writer
	width  func() int // nil: nobody looks
	glyphs themes.Glyphs
	shown  int // columns of the bar that is drawn
}

func (c *call) newProgress(now func() time.Time, in io.Reader) *progress {
	p := &progress{now: now, begin: now(), err: c.d.Err, glyphs: c.glyphs()}
	p.drawn = p.begin
	if f, ok := in.(interface{ Stat() (fs.FileInfo, error) }); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			p.size = info.Size()
		}
	}
	if c.d.Progress != nil {
		p.width = c.d.Progress()
	}
	return p
}

// watched reports that there is a terminal for the bar.
func (p *progress) watched() bool { return p.width != nil }

// add counts a chunk that was written, and draws the bar when it is time.
func (p *progress) add(k *chunk) {
	p.tally.merge(&k.tally)
	p.took += k.size
	if p.width == nil {
		return
	}
	if now := p.now(); now.Sub(p.drawn) >= barEvery {
		p.drawn = now
		p.draw(p.line(now.Sub(p.begin), p.width()-1))
	}
}

// line puts the bar into words: how far, how fast, what came of it, how long.
// Where that is too wide, the least of it goes first.
func (p *progress) line(spent time.Duration, width int) string {
	const bar, lines, speed, verdicts, left = 0, 1, 2, 3, 4
	parts := [...]string{
		lines:    lineCount(p.tally.lines),
		speed:    count(rate(p.tally.lines, spent)) + " a second",
		verdicts: p.tally.verdicts(),
		left:     "",
	}
	if p.size > 0 {
		done := min(1, float64(p.took)/float64(p.size))
		full := int(done * barWidth)
		parts[bar] = strings.Repeat(p.glyphs.TabUnderline, full) + strings.Repeat(p.glyphs.Horizontal, barWidth-full) +
			" " + strconv.Itoa(int(done*100)) + " %"
	}
	if p.size > p.took && p.took > 0 {
		rest := time.Duration(float64(spent) * float64(p.size-p.took) / float64(p.took))
		parts[left] = about(max(rest.Round(time.Second), time.Second)) + " left"
	}
	for _, least := range [...]int{-1, speed, lines, left, verdicts} {
		if least >= 0 {
			parts[least] = ""
		}
		if text := strings.Join(slices.DeleteFunc(slices.Clone(parts[:]), isEmpty), "  "); utf8.RuneCountInString(text) <= width {
			return text
		}
	}
	return ""
}

func isEmpty(s string) bool { return s == "" }

// draw replaces what stands on the line.
func (p *progress) draw(text string) {
	columns := utf8.RuneCountInString(text)
	_, _ = io.WriteString(p.err, "\r"+text+strings.Repeat(" ", max(0, p.shown-columns)))
	p.shown = columns
}

// erase takes the bar away.
func (p *progress) erase() {
	if p.shown > 0 {
		_, _ = io.WriteString(p.err, "\r"+strings.Repeat(" ", p.shown)+"\r")
		p.shown = 0
	}
}

// summary says on standard error what came of all lines.
func (p *progress) summary(c *call) {
	t, spent := &p.tally, p.now().Sub(p.begin)
	text := lineCount(t.lines)
	if t.lines > 0 {
		text += ": " + t.verdicts()
	}
	text += "; " + about(spent)
	if r := rate(t.lines, spent); r > 0 {
		text += ", " + count(r) + " a second"
	}
	c.say(text + ".")
	if t.none > 0 {
		c.say("Those without a token have \"tokens\":0.")
	}
	if t.several > 0 {
		c.say(lineCount(t.several) + " held more than one token: one was taken, an access token before others.")
	}
	if most := ranked(t.failed[:]); most != "" {
		c.say("Failed most: " + most + ".")
	}
	if most := ranked(t.open[:]); most != "" {
		c.say("Could not be checked in those unverified: " + most + ".")
	}
}

// verdicts lists how many there are of each.
func (t *tally) verdicts() string {
	var parts []string
	for _, v := range []struct {
		n    int
		name validate.Verdict
	}{{t.valid, validate.Valid}, {t.invalid, validate.Invalid}, {t.unverified, validate.Unverified}} {
		if v.n > 0 {
			parts = append(parts, count(v.n)+" "+string(v.name))
		}
	}
	if t.none > 0 {
		parts = append(parts, "no token on "+lineCount(t.none))
	}
	return strings.Join(parts, ", ")
}

// ranked names the checks with the highest counts, the highest first.
func ranked(counts []int) string {
	ids := validate.IDs()
	var order []int
	for i, n := range counts {
		if n > 0 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return counts[b] - counts[a] })
	var parts []string
	for n, i := range order {
		if n == summaryChecks {
			parts = append(parts, "and "+strconv.Itoa(len(order)-n)+" more")
			break
		}
		parts = append(parts, ids[i]+" "+count(counts[i]))
	}
	return strings.Join(parts, ", ")
}

// rate gives how many there were in a second, 0 where too little time has gone by to say.
func rate(n int, spent time.Duration) int {
	if spent < time.Millisecond {
		return 0
	}
	return int(float64(n) / spent.Seconds())
}

func lineCount(n int) string {
	if n == 1 {
		return "1 line"
	}
	return count(n) + " lines"
}

// count writes a number with a comma before every third digit.
func count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// about writes a duration as people say it.
func about(d time.Duration) string {
	switch {
	case d < time.Second:
		return strconv.Itoa(int(d/time.Millisecond)) + " ms"
	case d < 10*time.Second && d%time.Second != 0:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	case d < 2*time.Minute:
		return strconv.Itoa(int(d/time.Second)) + " s"
	case d < 2*time.Hour:
		return strconv.Itoa(int(d/time.Minute)) + " min"
	}
	return strconv.Itoa(int(d/time.Hour)) + " h"
}
