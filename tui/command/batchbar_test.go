package command

import (
	"io/fs"
	"strings"
	"testing"
	"time"

	"flowscope/themes"
	"flowscope/validate"
)

func TestTallyHasEveryCheck(t *testing.T) {
	var c tally
	if len(c.failed) != len(validate.IDs()) || len(c.open) != len(validate.IDs()) {
		t.Errorf("%d counts for %d checks", len(c.failed), len(validate.IDs()))
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 200000: "200,000", 1234567: "1,234,567"} {
		if got := count(n); got != want {
			t.Errorf("count(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestAbout(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 ms", 999 * time.Millisecond: "999 ms", 1500 * time.Millisecond: "1.5 s", 75 * time.Second: "75 s",
		150 * time.Second: "2 min", 5 * time.Hour: "5 h",
	} {
		if got := about(d); got != want {
			t.Errorf("about(%v) = %q, want %q", d, got, want)
		}
	}
}

// drawing is a bar with a clock that is set by hand.
type drawing struct {
	progress
	at    time.Time
	out   strings.Builder
	width int
}

func newDrawing(glyphs themes.Glyphs) *drawing {
	d := &drawing{at: time.Unix(1763632920, 0), width: 120}
	d.progress = progress{
		now: func() time.Time { return d.at }, begin: d.at, drawn: d.at, size: 4000, glyphs: glyphs,
		err: &d.out, width: func() int { return d.width },
	}
	return d
}

// lines adds a chunk after a while and gives what was drawn for it.
func (d *drawing) lines(after time.Duration, size int64, t tally) string {
	d.at = d.at.Add(after)
	d.out.Reset()
	t.lines = t.valid + t.invalid + t.unverified
	d.add(&chunk{size: size, tally: t})
	return d.out.String()
}

func TestBar(t *testing.T) {
	d := newDrawing(themes.ASCII())
	if got := d.lines(99*time.Millisecond, 400, tally{valid: 1000}); got != "" {
		t.Errorf("after 99 ms %q is drawn", got)
	}
	first := d.lines(901*time.Millisecond, 600, tally{valid: 900, invalid: 90, unverified: 10})
	glyphs := themes.ASCII()
	want := "\r" + strings.Repeat(glyphs.TabUnderline, 5) + strings.Repeat(glyphs.Horizontal, 15) +
		" 25 %  2,000 lines  2,000 a second  1,900 valid, 90 invalid, 10 unverified  3 s left"
	if first != want {
		t.Errorf("the bar is %q, want %q", first, want)
	}
	if got := d.lines(50*time.Millisecond, 1000, tally{valid: 1000}); got != "" {
		t.Errorf("the bar is drawn again after 50 ms: %q", got)
	}
	d.width = 40 // the window became narrow
	narrow := d.lines(50*time.Millisecond, 0, tally{})
	if text := strings.TrimRight(narrow[1:], " "); text != strings.Repeat(glyphs.TabUnderline, 10)+strings.Repeat(glyphs.Horizontal, 10)+" 50 %" || len(narrow) != len(want) {
		t.Errorf("in 40 columns the bar is %q", narrow)
	}
	d.out.Reset()
	d.erase()
	d.erase()
	if got := d.out.String(); got != "\r"+strings.Repeat(" ", 25)+"\r" {
		t.Errorf("the bar is erased by %q", got)
	}
	d.size = 0
	if text := d.line(time.Second, 80); text != "3,000 lines  3,000 a second  2,900 valid, 90 invalid, 10 unverified" {
		t.Errorf("of a stream without a length it says %q", text)
	}
}

// TestBarOfAFileThatGrows: the input may be longer than it was.
func TestBarOfAFileThatGrows(t *testing.T) {
	d := newDrawing(themes.ASCII())
	if got := d.lines(time.Second, 9000, tally{valid: 1}); !strings.Contains(got, " 100 % ") || strings.Contains(got, "left") {
		t.Errorf("beyond its length the bar is %q", got)
	}
}

func TestRanked(t *testing.T) {
	if got := ranked(make([]int, 18)); got != "" {
		t.Errorf("no failure is told as %q", got)
	}
	if got, want := ranked([]int{1, 0, 5, 5, 2000, 3, 3, 1}), "issuer 2,000, key 5, signature 5, audience 3, expiry 3, and 2 more"; got != want {
		t.Errorf("ranked gives %q, want %q", got, want)
	}
}

// sized is an input that knows its length, as a file does.
type sized struct {
	*strings.Reader
	mode fs.FileMode
}

func (s sized) Stat() (fs.FileInfo, error) { return s, nil }
func (s sized) Name() string               { return "" }
func (s sized) Mode() fs.FileMode          { return s.mode }
func (s sized) ModTime() time.Time         { return time.Time{} }
func (s sized) IsDir() bool                { return false }
func (s sized) Sys() any                   { return nil }

func TestBarKnowsTheLengthOfAFile(t *testing.T) {
	c := newCall(Deps{})
	for mode, want := range map[fs.FileMode]int64{0o600: 5, fs.ModeNamedPipe: 0, fs.ModeCharDevice | fs.ModeDevice: 0} {
		if got := c.newProgress(time.Now, sized{strings.NewReader("12345"), mode}).size; got != want {
			t.Errorf("the length of %v is %d, want %d", mode, got, want)
		}
	}
	if got := c.newProgress(time.Now, strings.NewReader("12345")).size; got != 0 {
		t.Errorf("the length of a stream is %d", got)
	}
}
