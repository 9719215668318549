package dark

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

const (
	white  = "\x1b]11;rgb:ffff/ffff/ffff\x07"
	black  = "\x1b]11;rgb:0000/0000/0000\x1b\\"
	pasted = pasteStart + "see " + white + " there" + pasteEnd
	// The length of the longest answer; one byte less is the most that may be
	// held back.
	longest = len("\x1b]11;rgba:ffff/ffff/ffff/ffff\x1b\\")
)

// Each row is a series of reads and what comes out of each; "|" in a read is a
// silence before it.
var scanTable = []struct {
	name    string
	in, out []string
	verdict string
	held    int // bytes still held at the end
}{
	{"answer alone", []string{white}, []string{""}, "light", 0},
	{"answer ended by ST", []string{black}, []string{""}, "dark", 0},
	{"typing around it", []string{"ab" + white + "cd"}, []string{"abcd"}, "light", 0},
	{"short channels", []string{"\x1b]11;rgb:f/ff/FfF\x07"}, []string{""}, "light", 0},
	{"with alpha", []string{"\x1b]11;rgba:0/0/0/ffff\x07"}, []string{""}, "dark", 0},
	{"only the first one", []string{white + black}, []string{black}, "light", 0},
	{"two reads", []string{"a" + white[:9], white[9:] + "b"}, []string{"a", "b"}, "light", 0},
	{"cut inside ST", []string{black[:len(black)-1], "\\x"}, []string{"", "x"}, "dark", 0},
	{"cut after ESC", []string{"\x1b", white[1:] + "x"}, []string{"\x1b", "x"}, "light", 0},
	{"cut after ESC and after ]", []string{"\x1b", "]", white[2:]}, []string{"\x1b", "", ""}, "light", 0},
	{"Esc key", []string{"\x1b"}, []string{"\x1b"}, "", 0},
	{"Esc key, then ]", []string{"\x1b", "|]"}, []string{"\x1b", "]"}, "", 0},
	{"Esc key, then typing", []string{"\x1b", "q"}, []string{"\x1b", "q"}, "", 0},
	{"Esc key, then the answer", []string{"\x1b", white}, []string{"\x1b", ""}, "light", 0},
	{"Esc key and answer in one", []string{"\x1b" + white}, []string{"\x1b"}, "light", 0},
	{"Esc twice", []string{"\x1b\x1b"}, []string{"\x1b\x1b"}, "", 0},
	{"arrow key", []string{"\x1b[A"}, []string{"\x1b[A"}, "", 0},
	{"arrow key cut after ESC", []string{"\x1b", "[A"}, []string{"\x1b", "[A"}, "", 0},
	{"Alt+] held, then a key", []string{"\x1b]", "x"}, []string{"", "\x1b]x"}, "", 0},
	{"Alt+], silence, then 1", []string{"\x1b]", "|1"}, []string{"", "\x1b]1"}, "", 0},
	{"silence inside an answer", []string{white[:6], "|" + white[6:]}, []string{"", ""}, "light", 0},
	{"never finished", []string{white[:20]}, []string{""}, "", 20},
	{"another OSC", []string{"\x1b]10;rgb:f/f/f\x07"}, []string{"\x1b]10;rgb:f/f/f\x07"}, "", 0},
	{"five digits", []string{"\x1b]11;rgb:fffff/f/f\x07"}, []string{"\x1b]11;rgb:fffff/f/f\x07"}, "", 0},
	{"no digits", []string{"\x1b]11;rgb:/f/f\x07"}, []string{"\x1b]11;rgb:/f/f\x07"}, "", 0},
	{"two channels", []string{"\x1b]11;rgb:f/f\x07"}, []string{"\x1b]11;rgb:f/f\x07"}, "", 0},
	{"four without alpha", []string{"\x1b]11;rgb:f/f/f/f\x07"}, []string{"\x1b]11;rgb:f/f/f/f\x07"}, "", 0},
	{"three with alpha", []string{"\x1b]11;rgba:f/f/f\x07"}, []string{"\x1b]11;rgba:f/f/f\x07"}, "", 0},
	{"not hex", []string{"\x1b]11;rgb:g/f/f\x07"}, []string{"\x1b]11;rgb:g/f/f\x07"}, "", 0},
	{"the question itself", []string{Query}, []string{Query}, "", 0},
	{"broken off by the answer", []string{white[:15] + black}, []string{white[:15]}, "dark", 0},
	{"ended by ESC of the answer", []string{white[:23] + black}, []string{white[:23]}, "dark", 0},
	{"over-long", []string{"\x1b]11;rgb:" + strings.Repeat("f", 500)}, []string{"\x1b]11;rgb:" + strings.Repeat("f", 500)}, "", 0},
	{"inside a paste", []string{pasted}, []string{pasted}, "", 0},
	{"after a paste", []string{pasted + black + "x"}, []string{pasted + "x"}, "dark", 0},
	{"in a paste cut in its marks", []string{pasted[:1], pasted[1:4], pasted[4:30], pasted[30:]}, []string{pasted[:1], pasted[1:4], pasted[4:30], pasted[30:]}, "", 0},
	{"paste mark typed in part", []string{"\x1b[200" + white}, []string{"\x1b[200"}, "light", 0},
	{"not ASCII", []string{"é\xff\x00" + white}, []string{"é\xff\x00"}, "light", 0},
}

func TestScanner(t *testing.T) {
	for _, c := range scanTable {
		t.Run(c.name, func(t *testing.T) {
			verdict := ""
			s := NewScanner(func(dark bool) {
				verdict += map[bool]string{true: "dark", false: "light"}[dark]
			})
			s.Expect()
			for i, in := range c.in {
				var got []byte
				if rest, silent := strings.CutPrefix(in, "|"); silent {
					got, in = append(got, s.Pause()...), rest
				}
				got = append(got, s.Feed([]byte(in))...)
				if string(got) != c.out[i] {
					t.Errorf("read %d %q gives %q, want %q", i, in, got, c.out[i])
				}
			}
			if verdict != c.verdict {
				t.Errorf("verdict %q, want %q", verdict, c.verdict)
			}
			if s.Expecting() != (c.verdict == "") {
				t.Errorf("Expecting() = %v after verdict %q", s.Expecting(), verdict)
			}
			if s.Held() != c.held {
				t.Errorf("%d bytes are held, want %d", s.Held(), c.held)
			}
			if got := s.Flush(); len(got) != c.held {
				t.Errorf("Flush gives %q, want the %d bytes that were held", got, c.held)
			}
		})
	}
}

// Before Expect and after Flush everything passes, an answer too.
func TestScannerNotExpecting(t *testing.T) {
	s := NewScanner(func(bool) { t.Error("an answer was found that nobody had asked for") })
	if got := s.Feed([]byte("a" + white)); string(got) != "a"+white {
		t.Errorf("before Expect: %q", got)
	}
	s.Expect()
	if got := s.Feed([]byte(white[:10])); len(got) != 0 {
		t.Errorf("a beginning of the answer was given out: %q", got)
	}
	if got := s.Flush(); string(got) != white[:10] {
		t.Errorf("Flush gives %q", got)
	}
	if got := s.Feed([]byte(white)); string(got) != white {
		t.Errorf("after Flush: %q", got)
	}
}

// A paste that began before the question is still a paste after it.
func TestScannerPasteBeforeExpect(t *testing.T) {
	s := NewScanner(func(bool) { t.Error("an answer was found inside a paste") })
	s.Feed([]byte(pasteStart + "abc"))
	s.Expect()
	if got := s.Feed([]byte(white + pasteEnd)); string(got) != white+pasteEnd {
		t.Errorf("the paste came out as %q", got)
	}
}

func TestScannerAsksTwice(t *testing.T) {
	n := 0
	s := NewScanner(func(bool) { n++ })
	s.Expect()
	s.Expect()
	if got := s.Feed([]byte("a" + white + "b" + black + "c" + white)); string(got) != "abc"+white || n != 2 {
		t.Errorf("%d answers were found and %q given out", n, got)
	}
	if NewScanner(nil).Feed([]byte("x"))[0] != 'x' {
		t.Error("a scanner without a function to call does not work")
	}
}

// A scanner without a function must not fall over when the answer comes.
func TestScannerNil(t *testing.T) {
	s := NewScanner(nil)
	s.Expect()
	if got := s.Feed([]byte(white + "x")); string(got) != "x" {
		t.Errorf("%q", got)
	}
}

var answerRe = regexp.MustCompile(`^\x1b\]11;(rgb:[0-9a-fA-F]{1,4}(/[0-9a-fA-F]{1,4}){2}|rgba:[0-9a-fA-F]{1,4}(/[0-9a-fA-F]{1,4}){3})(\x07|\x1b\\)`)

// typingOf is the whole rule, said once more over a whole stream: it returns
// the typing and the span of the answer, or 0, 0.
func typingOf(stream []byte) (typing []byte, from, to int) {
	inPaste := false
	for i := 0; i < len(stream); i++ {
		rest := stream[i:]
		if !inPaste && to == 0 {
			if loc := answerRe.FindIndex(rest); loc != nil {
				from, to = i, i+loc[1]
				i = to - 1
				continue
			}
		}
		switch {
		case !inPaste && bytes.HasPrefix(rest, []byte(pasteStart)):
			inPaste = true
		case inPaste && bytes.HasPrefix(rest, []byte(pasteEnd)):
			inPaste = false
		}
		typing = append(typing, stream[i])
	}
	return typing, from, to
}

// checkSplit feeds the stream in parts and compares with the rule. The one
// difference allowed is an ESC let through when the answer is cut behind it.
func checkSplit(t *testing.T, stream []byte, cuts []int) {
	t.Helper()
	want, from, to := typingOf(stream)
	found := 0
	s := NewScanner(func(dark bool) {
		found++
		if dark != isDark(bytes.TrimSuffix(stream[from:to], []byte("\x07"))[:lastHex(stream[from:to])+1]) {
			t.Error("the verdict changes with the split")
		}
	})
	s.Expect()
	var got []byte
	prev := 0
	for _, cut := range append(cuts, len(stream)) {
		part := stream[prev:cut]
		if to > 0 && cut == from+1 && prev < cut {
			want = append(want[:from:from], append([]byte{esc}, want[from:]...)...)
		}
		got = append(got, s.Feed(part)...)
		if s.Held() > longest-1 {
			t.Fatalf("%d bytes are held back", s.Held())
		}
		if len(part) > 0 && part[len(part)-1] == esc && (len(got) == 0 || got[len(got)-1] != esc) && s.Held() < 10 {
			t.Fatalf("a lone ESC at the end of %q is held back", part)
		}
		prev = cut
	}
	got = append(got, s.Flush()...)
	if !bytes.Equal(got, want) || (found == 1) != (to > 0) {
		t.Fatalf("stream %q cut at %v\n gives %q, %d answers\n want  %q", stream, cuts, got, found, want)
	}
}

func lastHex(b []byte) int {
	return bytes.LastIndexFunc(b, func(r rune) bool { return isHex(byte(r)) })
}

// Every way to cut a stream in two and in three, and into single bytes.
func TestScannerSplits(t *testing.T) {
	for i, stream := range []string{
		"ab" + white + "c",
		"\x1b" + black + "\x1b",
		pasted + black + "z",
		"\x1b]1\x1b]11;rgb:0/1/2\x1b" + white,
		"\x1b[A\x1b]11;rgba:ffff/ffff/ffff/ffff\x1b\\" + black,
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			b := []byte(stream)
			single := make([]int, len(b))
			for j := range b {
				single[j] = j
				for k := j; k < len(b); k++ {
					checkSplit(t, b, []int{j, k})
				}
			}
			checkSplit(t, b, single)
		})
	}
}

func FuzzScanner(f *testing.F) {
	for _, c := range scanTable {
		f.Add([]byte(strings.Join(c.in, "")), []byte{1, 5, 2})
	}
	f.Add([]byte("ab"+white+"\x1b"), []byte{3, 1, 1, 1})
	f.Fuzz(func(t *testing.T, stream, steps []byte) {
		var cuts []int
		at := 0
		for _, step := range steps {
			if at += int(step); at > len(stream) {
				break
			}
			cuts = append(cuts, at)
		}
		checkSplit(t, stream, cuts)
	})
}

func BenchmarkFeedNothingExpected(b *testing.B) {
	s, in := NewScanner(nil), []byte(strings.Repeat("typing ", 36))
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		s.Feed(in)
	}
}
