//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"flowscope/validate/validatetest"
)

// TestBatchOfMany checks a large file of tokens with the built program and holds
// its throughput to that of the bare verification on all cores, measured before
// and behind it, and its memory to what a tenth of the file takes. It takes
// minutes and a machine that does nothing else, so it runs where BATCH_TOKENS
// says how many tokens there are to be.
func TestBatchOfMany(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("BATCH_TOKENS"))
	if err != nil || n < 10 {
		t.Skip("BATCH_TOKENS is not set")
	}
	m := newManyTokens(t, n)
	few := m.run("tenth", os.DevNull)
	before := m.bare()
	all := m.run("all", os.DevNull)
	between := m.bare()
	file := m.run("all", m.path("reports"))
	after := m.bare()

	report := func(name string, a, b, c cost) float64 {
		wall := (a.wall + c.wall).Seconds() / 2 / b.wall.Seconds()
		fmt.Printf("%-18s %.0f tokens/s, %.2f of bare; in processor time %.2f of bare\n", name, m.speed(b), wall, (a.cpu+c.cpu).Seconds()/2/b.cpu.Seconds())
		return wall
	}
	fmt.Printf("%d tokens, %d cores\nbare verification  %.0f, %.0f, %.0f tokens/s\n", n, runtime.GOMAXPROCS(0), m.speed(before), m.speed(between), m.speed(after))
	ratio := report("batch, no output", before, all, between)
	report("batch into a file", between, file, after)
	if ratio < 0.6 {
		t.Errorf("the batch has %.2f of the bare throughput, and 0.60 is wanted", ratio)
	}
	fmt.Printf("peak memory        %.1f MiB for %d tokens, %.1f MiB for %d\n", few.peak, n/10, all.peak, n)
	if n >= 100_000 && all.peak > 1.25*few.peak+4 { // fewer lines do not fill what a batch may take
		t.Errorf("memory grows with the number of lines: %.1f MiB, then %.1f MiB", few.peak, all.peak)
	}
}

// manyTokens are tokens in files, and the program that is built to check them.
type manyTokens struct {
	t     *testing.T
	n     int
	dir   string
	floor *validatetest.Floor
}

func newManyTokens(t *testing.T, n int) *manyTokens {
	m := &manyTokens{t: t, n: n, dir: t.TempDir()}
	if out, err := exec.CommandContext(context.Background(), "go", "build", "-trimpath", "-o", m.path("flowscope"), ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	tokens := validatetest.Many(n)
	m.write("all", tokens)
	m.write("tenth", tokens[:n/10])
	m.write("keys", []string{string(validatetest.KeySet())})
	m.floor = validatetest.NewFloor(tokens)
	return m
}

func (m *manyTokens) path(name string) string { return filepath.Join(m.dir, name) }

func (m *manyTokens) write(name string, lines []string) {
	m.t.Helper()
	f, err := os.Create(m.path(name))
	if err != nil {
		m.t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	for _, line := range lines {
		_, _ = w.WriteString(line + "\n") // Flush tells
	}
	if err := w.Flush(); err != nil {
		m.t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		m.t.Fatal(err)
	}
}

// cost is what checking all tokens took.
type cost struct {
	wall, cpu time.Duration
	peak      float64 // MiB
}

func (m *manyTokens) speed(c cost) float64 { return float64(m.n) / c.wall.Seconds() }

func (m *manyTokens) bare() cost {
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			m.t.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	begin, cpu := time.Now(), used()
	m.floor.Verify(m.n)
	return cost{wall: time.Since(begin), cpu: used() - cpu}
}

// run checks the tokens of a file, which are all valid.
func (m *manyTokens) run(in, out string) cost {
	m.t.Helper()
	f, err := os.Create(out)
	if err != nil {
		m.t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	cmd := exec.CommandContext(context.Background(), m.path("flowscope"), "token", "--batch", m.path(in), "--jwks", m.path("keys"),
		"--issuer", validatetest.IssuerV2, "--audience", validatetest.API, "--now", validatetest.Now().Format(time.RFC3339))
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = f, &said
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	ended, peaked := make(chan struct{}), make(chan float64)
	go func() { peaked <- watchPeak(cmd.Process.Pid, ended) }()
	err = cmd.Wait()
	c := cost{wall: time.Since(begin), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	close(ended)
	if c.peak = <-peaked; err != nil {
		m.t.Fatalf("%v: %s", err, said.String())
	}
	return c
}

// watchPeak follows a process and gives the most memory that it had at a time,
// in MiB; 0 where there is no /proc. What the system counts for a process at its
// end is of no use: it begins with the memory of the one that started it.
func watchPeak(pid int, ended <-chan struct{}) (most float64) {
	every := time.NewTicker(10 * time.Millisecond)
	defer every.Stop()
	for {
		select {
		case <-ended:
			return most
		case <-every.C:
		}
		status, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
		_, rest, _ := strings.Cut(string(status), "VmHWM:")
		if fields := strings.Fields(rest); len(fields) > 0 {
			if kib, err := strconv.Atoi(fields[0]); err == nil {
				most = max(most, float64(kib)/1024)
			}
		}
	}
}

// BenchmarkOneToken is the built program on one token, from its start to its
// end. The peak is that of the larger of two processes: of the program and of
// the one that starts it.
func BenchmarkOneToken(b *testing.B) {
	dir := b.TempDir()
	bin, keys := filepath.Join(dir, "flowscope"), filepath.Join(dir, "keys.json")
	if out, err := exec.CommandContext(context.Background(), "go", "build", "-trimpath", "-ldflags=-s -w", "-o", bin, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	if err := os.WriteFile(keys, validatetest.KeySet(), 0o600); err != nil {
		b.Fatal(err)
	}
	token := validatetest.Many(1)[0]
	for name, args := range map[string][]string{
		"version": {"version"},
		"token": {"token", "--jwks", keys, "--issuer", validatetest.IssuerV2, "--audience", validatetest.API,
			"--now", validatetest.Now().Format(time.RFC3339)},
	} {
		b.Run(name, func(b *testing.B) {
			var times []time.Duration
			var peak int64
			for b.Loop() {
				cmd := exec.CommandContext(context.Background(), bin, args...)
				cmd.Stdin = strings.NewReader(token)
				begin := time.Now()
				if err := cmd.Run(); err != nil {
					b.Fatal(err)
				}
				times = append(times, time.Since(begin))
				if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
					peak = max(peak, int64(u.Maxrss))
				}
			}
			slices.Sort(times)
			b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "ms-median")
			if runtime.GOOS == "linux" { // which counts KiB
				b.ReportMetric(float64(peak)/1024, "MiB-peak")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// TestBatchOnATerminal feeds a batch line by line until its bar is drawn on the
// terminal, and then stops to read: the bar goes away, and nothing is said.
func TestBatchOnATerminal(t *testing.T) {
	in, feed, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	reports, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := program(t, "token", "--batch", "-", "--offline")
	cmd.Stdin, cmd.Stdout, cmd.SysProcAttr = in, out, &syscall.SysProcAttr{Ctty: 2}
	s := onPty(t, cmd, 80, 24)
	_ = in.Close()
	_ = out.Close()
	answers := bufio.NewReader(reports)
	for !bytes.Contains(s.all.Bytes(), []byte(" lines  ")) {
		if _, err := feed.WriteString("abc\n"); err != nil {
			t.Fatal(err)
		}
		report, err := answers.ReadString('\n')
		if err != nil || !strings.Contains(report, `"verdict":"unverified"`) {
			t.Fatalf("%q, %v", report, err)
		}
		select {
		case b := <-s.got:
			s.all.Write(b)
		default:
		}
	}
	_ = reports.Close()
	if _, err := feed.WriteString("abc\n"); err != nil {
		t.Fatal(err)
	}
	if status := s.end(t); status != 1 {
		t.Errorf("exit status %d", status)
	}
	_ = feed.Close()
	lines := strings.Split(s.all.String(), "\r")
	if last := lines[len(lines)-1]; last != "" || strings.TrimSpace(lines[len(lines)-2]) != "" {
		t.Errorf("on the terminal is left %q", s.all.String())
	}
	if !strings.Contains(s.all.String(), " unverified") {
		t.Errorf("the bar is %q", s.all.String())
	}
}
