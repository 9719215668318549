package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// TestMain lets the test binary stand in for the program, so that tests start
// the real main without building anything.
func TestMain(m *testing.M) {
	if os.Getenv("FLOWSCOPE_RUN_MAIN") == "1" {
		main()
		return
	}
	os.Exit(m.Run())
}

// program gives a command that runs the program.
func program(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), "FLOWSCOPE_RUN_MAIN=1", "TERM=xterm-256color", "COLORTERM=truecolor", "COLORFGBG=", "NO_COLOR=")
	cmd.Dir = t.TempDir()
	return cmd
}

// silent is a pty that answers nothing and notes everything.
type silent struct {
	file *os.File
	cmd  *exec.Cmd
	got  chan []byte
	all  bytes.Buffer
	past string // what a test has looked at already
}

// onPty starts the program on a pty of this size.
func onPty(t testing.TB, cmd *exec.Cmd, cols, rows uint16) *silent {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("there is no pty here")
	}
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: cols, Rows: rows})
	if err != nil {
		t.Fatal(err)
	}
	s := &silent{file: f, cmd: cmd, got: make(chan []byte, 256)}
	go func() {
		defer close(s.got)
		for {
			b := make([]byte, 32<<10)
			n, err := f.Read(b)
			if n > 0 {
				s.got <- b[:n]
			}
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = f.Close()
	})
	return s
}

// see waits until the program has written these words.
func (s *silent) see(t testing.TB, words string) {
	t.Helper()
	limit := time.After(30 * time.Second)
	for !strings.Contains(s.all.String(), words) {
		select {
		case b, ok := <-s.got:
			if !ok {
				t.Fatalf("the program ended without %q:\n%q", words, s.all.String())
			}
			s.all.Write(b)
		case <-limit:
			t.Fatalf("waited for %q:\n%q", words, s.all.String())
		}
	}
}

// end reads what the program still writes, waits for it to end and gives its
// exit status.
func (s *silent) end(t testing.TB) int {
	t.Helper()
	limit := time.After(30 * time.Second)
	for open := true; open; {
		select {
		case b, more := <-s.got:
			s.all.Write(b)
			open = more
		case <-limit:
			t.Fatal("the program did not end")
		}
	}
	err := s.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return s.cmd.ProcessState.ExitCode()
}

// TestFirstFrameAsksNothing starts the program on a terminal that answers no
// question. Bubble Tea v1 asks for the background colour before main and waits
// five seconds for the answer; flowscope must not have asked when its first
// frame is out.
func TestFirstFrameAsksNothing(t *testing.T) {
	s := onPty(t, program(t), 80, 24)
	s.see(t, "Find my flow")
	for _, question := range []string{"\x1b]11;?", "\x1b]10;?", "\x1b[6n", "\x1b[c"} {
		all := s.all.String()
		if i := strings.Index(all, question); i >= 0 && i < strings.Index(all, "Find my flow") {
			t.Errorf("it asked %q before its first frame was out", question)
		}
	}
	s.press(t, "q")
	if status := s.end(t); status != 0 {
		t.Errorf("exit status %d", status)
	}
	if !strings.Contains(s.all.String(), "\x1b[?1049l") {
		t.Error("the alternate screen was not left")
	}
}

func (s *silent) press(t testing.TB, keys string) {
	t.Helper()
	if _, err := io.WriteString(s.file, keys); err != nil {
		t.Fatal(err)
	}
}

// TestCtrlCLeavesAtOnce leaves from the middle of a held run.
func TestCtrlCLeavesAtOnce(t *testing.T) {
	s := onPty(t, program(t), 120, 36)
	s.see(t, "Find my flow")
	s.press(t, "\x1b[B\r")
	s.see(t, "Without a person")
	s.press(t, "\r")
	s.see(t, "Before anything is sent")
	s.press(t, "\r")
	s.see(t, "held")
	s.press(t, "\x03")
	s.end(t)
	if !strings.Contains(s.all.String(), "\x1b[?1049l") {
		t.Error("the terminal was not restored")
	}
}

// TestTinyTerminal shows that 20 by 5 cells end in a plain sentence.
func TestTinyTerminal(t *testing.T) {
	s := onPty(t, program(t), 20, 5)
	s.see(t, "flowscope needs 60")
	s.press(t, "\x03")
	s.end(t)
}

// TestPipedItDoesTheMainJob runs the program without a terminal.
func TestPipedItDoesTheMainJob(t *testing.T) {
	cmd := program(t)
	var out, words bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &words
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, words.String())
	}
	for _, want := range []string{"authorization code + PKCE", "valid", "AADSTS501481"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "\x1b[") {
		t.Error("a pipe got escape sequences")
	}
}

// BenchmarkFirstFrame measures the time from the start of the built program to
// its first full frame, 200 by 60, on a pty that answers nothing.
func BenchmarkFirstFrame(b *testing.B) {
	bin := filepath.Join(b.TempDir(), "flowscope")
	if out, err := exec.CommandContext(context.Background(), "go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	var times []time.Duration
	for b.Loop() {
		cmd := exec.Command(bin)
		cmd.Env = append(os.Environ(), "TERM=xterm-256color", "COLORTERM=truecolor", "COLORFGBG=")
		began := time.Now()
		s := onPty(b, cmd, 200, 60)
		s.see(b, " keys  ") // the end of the last line
		times = append(times, time.Since(began))
		s.press(b, "q")
		s.end(b)
	}
	sort.Slice(times, func(i, j int) bool { return times[i] < times[j] })
	b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "ms-median")
	b.ReportMetric(0, "ns/op")
}

// TestUnbracketedPasteSendsNothing pastes lines into a terminal that does not
// mark pastes, while a request is held.
func TestUnbracketedPasteSendsNothing(t *testing.T) {
	s := onPty(t, program(t), 120, 36)
	s.see(t, "Find my flow")
	s.press(t, "\x1b[B")
	s.press(t, "\r")
	s.see(t, "Without a person")
	s.press(t, "\r")
	s.see(t, "Before anything is sent")
	s.press(t, "\r")
	s.see(t, "held")
	s.press(t, "this is a test of a paste\r\ra\tb\rfoo bar\r"+strings.Repeat("xyz xyz\r", 2000))
	s.see(t, "neither a token nor an error")
	if strings.Contains(s.all.String(), "2 of 8") {
		t.Error("the paste sent the held request")
	}
	s.press(t, "\x03")
	if status := s.end(t); status != 0 {
		t.Errorf("exit status %d", status)
	}
}

// TestSignalsEndTheProgram ends the program from outside, several times, since
// what went wrong here once was a race.
func TestSignalsEndTheProgram(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP} {
		for range 4 {
			s := onPty(t, program(t), 80, 24)
			s.see(t, "Find my flow")
			if err := s.cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			if status := s.end(t); status != 130 {
				t.Errorf("%s: exit status %d", sig, status)
			}
			if !strings.Contains(s.all.String(), "\x1b[?1049l") {
				t.Errorf("%s: the alternate screen was not left", sig)
			}
		}
	}
}

// TestAPipeNobodyWritesTo is read as an empty file: a program that waited for it
// could not be stopped.
func TestAPipeNobodyWritesTo(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such pipes")
	}
	name := filepath.Join(t.TempDir(), "pipe")
	if out, err := exec.Command("mkfifo", name).CombinedOutput(); err != nil {
		t.Skipf("no mkfifo here: %v %s", err, out)
	}
	done := make(chan error, 1)
	go func() {
		data, err := readFile(name)
		if err == nil && len(data) != 0 {
			err = fmt.Errorf("%d bytes from nowhere", len(data))
		}
		done <- err
	}()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("it is still being read")
	}
}
