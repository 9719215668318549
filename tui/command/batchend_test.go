package command_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestBatchSummary(t *testing.T) {
	b := newBench(t)
	access := tokens(t, b, "client-credentials")[0]
	for _, test := range []struct {
		in   string
		want int
		said []string
	}{
		{"", 0, []string{"0 lines; 0 ms.\n"}},
		{access, 0, []string{"1 line: 1 valid; 0 ms.\n"}},
		{strings.Repeat(access+"\n", 1200) + garble(access) + "\nabc\n\n", 3, []string{
			"1,203 lines: 1,200 valid, 1 invalid, 1 unverified, no token on 1 line; 0 ms.\nThose without a token have \"tokens\":0.\n",
			"Failed most: signature 1.\n",
			"Could not be checked in those unverified: format 1, algorithm 1, key 1, signature 1, issuer 1, and 3 more.\n",
		}},
		{"hello world\n\n{\"foo\":1}\n" + access + " " + access + "x\n", 3, []string{
			"4 lines: 1 valid, no token on 3 lines; 0 ms.\nThose without a token have \"tokens\":0.\n1 line held more than one token: one was taken, an access token before others.\n",
		}},
		{"hello world\n", 4, []string{"1 line: no token on 1 line; 0 ms.\nThose without a token have \"tokens\":0.\n"}},
	} {
		b.in = strings.NewReader(test.in)
		b.must(t, test.want, "token", "--batch", "-", "--issuer", issuer, "--audience", ordersID)
		if n := strings.Count(b.out.String(), `"tokens":0`); n != strings.Count(b.out.String(), "There is no token on this line.") {
			t.Errorf("%d lines hold no token, and their format checks don't say so", n)
		}
		if got, want := b.err.String(), strings.Join(test.said, ""); got != want {
			t.Errorf("standard error is %q, want %q", got, want)
		}
	}
}

// TestBatchClosedPipe: where nobody reads on, a batch that is watched ends
// without a word.
func TestBatchClosedPipe(t *testing.T) {
	b := newBench(t)
	b.progress = func() func() int { return func() int { return 80 } }
	b.writer = brokenPipe{&brokenError{syscall.EPIPE}}
	b.in = strings.NewReader(strings.Repeat("abc\n", 1000))
	b.must(t, 1, "token", "--batch", "-")
	if got := b.err.String(); got != "" {
		t.Errorf("standard error is %q", got)
	}
	b.writer = brokenPipe{errors.New("disk full")}
	b.in = strings.NewReader("abc\n")
	b.must(t, 1, "token", "--batch", "-")
	if got := b.err.String(); !strings.HasSuffix(got, "disk full\n") {
		t.Errorf("standard error is %q", got)
	}
}

// TestBatchAnswersAsLinesCome: an input that comes line by line is answered
// line by line.
func TestBatchAnswersAsLinesCome(t *testing.T) {
	b := newBench(t)
	in, feed := io.Pipe()
	out := make(chan string)
	b.in, b.writer = in, writerFunc(func(p []byte) (int, error) {
		out <- string(p)
		return len(p), nil
	})
	ended := make(chan int)
	go func() { ended <- b.run("token", "--batch", "-") }()
	for n := range 3 {
		if _, err := feed.Write([]byte(numbered(n) + "\n")); err != nil {
			t.Fatal(err)
		}
		if report := <-out; strings.Count(report, "\n") != 1 || !strings.HasSuffix(report, "\n") {
			t.Errorf("line %d is answered with %q", n, report)
		}
	}
	_ = feed.Close()
	if code := <-ended; code != 3 {
		t.Errorf("exit %d", code)
	}
}

// TestBatchInterruptedWhileNobodyReads: a reader that stands still does not
// keep the program from ending.
func TestBatchInterruptedWhileNobodyReads(t *testing.T) {
	b := newBench(t)
	ctx, stop := context.WithCancel(t.Context())
	stand := make(chan struct{})
	defer close(stand)
	b.ctx, b.in = ctx, strings.NewReader(strings.Repeat("abc\n", 100000))
	b.writer = writerFunc(func(p []byte) (int, error) {
		stop()
		<-stand
		return len(p), nil
	})
	begin := time.Now()
	b.must(t, 130, "token", "--batch", "-")
	if spent := time.Since(begin); spent > 5*time.Second { // 50 ms, on a machine with nothing else to do
		t.Errorf("it took %v to end", spent)
	}
	if got := b.err.String(); got != "flowscope: interrupted\n" {
		t.Errorf("standard error is %q", got)
	}
}

// TestBatchInterruptedEndsWithAWholeLine: what was printed can be read.
func TestBatchInterruptedEndsWithAWholeLine(t *testing.T) {
	b := newBench(t)
	ctx, stop := context.WithCancel(t.Context())
	var out strings.Builder
	b.ctx, b.in = ctx, strings.NewReader(strings.Repeat("abc\n", 100000))
	b.writer = writerFunc(func(p []byte) (int, error) {
		if out.Write(p); out.Len() > 1<<20 {
			stop()
		}
		return len(p), nil
	})
	b.must(t, 130, "token", "--batch", "-")
	text := out.String()
	if !strings.HasSuffix(text, "}\n") {
		t.Errorf("the output ends with %q", text[len(text)-20:])
	}
	if n := strings.Count(text, "\n"); n == 0 || n >= 100000 {
		t.Errorf("%d lines came out", n)
	}
}

// TestBatchTellsTheLine: what was read before the input broke off is told.
func TestBatchTellsTheLine(t *testing.T) {
	b := newBench(t)
	b.in = failing{strings.NewReader(strings.Repeat(numbered(1)+"\n", 100) + "half a li")}
	out := b.must(t, 1, "token", "--batch", "-")
	if n := strings.Count(out, "\n"); n != 100 {
		t.Errorf("%d reports for 100 lines", n)
	}
	if got := b.err.String(); got != "flowscope: --batch: line 101: the disk is gone\n" {
		t.Errorf("standard error is %q", got)
	}
}

// TestBatchForms: what a line may be.
func TestBatchForms(t *testing.T) {
	b := newBench(t)
	access := tokens(t, b, "client-credentials")[0]
	for _, line := range []string{
		access, "  " + access + " \t", "Bearer " + access, "Authorization: Bearer " + access, `"` + access + `"`,
		`{"id":7,"token":"` + access + `"}`, `{ "token" : " ` + access + ` " }`, `{"token":"` + strings.Replace(access, "eyJ", `\u0065yJ`, 1) + `"}`,
		`{"token_type":"Bearer","expires_in":3599,"access_token":"` + access + `","id_token":"x"}`, `{"access_token":"` + access + `"} and more`,
		"https://app.example/#access_token=" + access + "&state=1", "\ufeff" + access,
	} {
		for _, end := range []string{"\n", "\r\n", ""} {
			b.in = strings.NewReader(line + end)
			if out := b.must(t, 0, "token", "--batch", "-", "--issuer", issuer, "--audience", ordersID); !strings.Contains(out, `"line":1,"verdict":"valid"`) {
				t.Errorf("%.40q: %.80s", line, out)
			}
		}
	}
	// None of these stops those behind it.
	b.in = strings.NewReader("\n\r\n\x00\xff\x1b[2J\n{\n[\n{\"token\":7}\n" + strings.Repeat("[", 1<<20) + "\n" + access + "\n")
	out := strings.Split(strings.TrimSpace(b.must(t, 3, "token", "--batch", "-", "--issuer", issuer, "--audience", ordersID)), "\n")
	if len(out) != 8 || !strings.Contains(out[7], `"line":8,"verdict":"valid"`) {
		t.Errorf("%d reports, the last %.80s", len(out), out[len(out)-1])
	}
}
