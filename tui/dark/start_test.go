//go:build unix

package dark_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/creack/pty"

	"flowscope/tui/dark"
)

// These tests run a small Bubble Tea program on a pty which answers nothing by
// itself. The program is this test binary, started again.
const childVar = "FLOWSCOPE_DARK_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVar) == "" {
		os.Exit(m.Run())
	}
	if err := child(); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// probe shows what it has been told: the keys and the verdict.
type probe struct {
	filter  *dark.Filter
	keys    []string
	verdict string
}

type verdictMsg bool

func (p *probe) Init() tea.Cmd { return nil }

func (p *probe) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case verdictMsg:
		p.verdict = map[bool]string{true: "dark", false: "light"}[bool(msg)]
	case tea.KeyMsg:
		p.keys = append(p.keys, msg.String())
		switch msg.String() {
		case "q":
			return p, tea.Quit
		case "a":
			return p, func() tea.Msg {
				if err := p.filter.Ask(os.Stdout); err != nil {
					return tea.Quit()
				}
				return nil
			}
		}
	}
	return p, nil
}

func (p *probe) View() string {
	return fmt.Sprintf("keys=%s. verdict=%s.", strings.Join(p.keys, ","), p.verdict)
}

func child() error {
	var program *tea.Program
	filter := dark.NewFilter(os.Stdin, time.Now, func(dark bool) { program.Send(verdictMsg(dark)) }, nil)
	program = tea.NewProgram(&probe{filter: filter}, tea.WithInput(filter))
	_, err := program.Run()
	return err
}

// terminal is the other side of the child's pty.
type terminal struct {
	*os.File
	seen strings.Builder
}

// waitFor reads until the text was seen; the child's deadline ends the wait.
func (term *terminal) waitFor(t *testing.T, text string) {
	t.Helper()
	p := make([]byte, 4096)
	for !strings.Contains(term.seen.String(), text) {
		n, err := term.Read(p)
		if err != nil {
			t.Fatalf("waiting for %q: %v; seen %q", text, err, term.seen.String())
		}
		term.seen.Write(p[:n])
	}
}

func (term *terminal) send(t *testing.T, keys string) {
	t.Helper()
	if _, err := term.WriteString(keys); err != nil {
		t.Fatal(err)
	}
}

func start(t *testing.T) (*terminal, *exec.Cmd) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = []string{childVar + "=1", "TERM=xterm-256color"} // no CI variable: termenv asks nothing there
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		t.Skipf("no pty here: %v", err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return &terminal{File: f}, cmd
}

// The trap itself: no question before the first frame, and no five seconds.
func TestAsksNothingAtStart(t *testing.T) {
	begin := time.Now()
	term, cmd := start(t)
	term.waitFor(t, "verdict=.")
	if took := time.Since(begin); took > 4*time.Second {
		t.Errorf("the first frame took %v: somebody waited for the terminal", took)
	}
	for what, code := range map[string]string{
		"its background colour": "\x1b]11;", "its foreground colour": "\x1b]10;",
		"the cursor's position": "\x1b[6n", "its attributes": "\x1b[c",
	} {
		if strings.Contains(term.seen.String(), code) {
			t.Errorf("the terminal was asked for %s: %q", what, term.seen.String())
		}
	}
	term.send(t, "q")
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// A slow answer, in parts, with keys before and after: the keys arrive, the
// answer does not, and the verdict does.
func TestSlowAnswer(t *testing.T) {
	term, cmd := start(t)
	term.waitFor(t, "keys=.")
	term.send(t, "a")
	term.waitFor(t, dark.Query)
	term.send(t, "x")
	term.waitFor(t, "keys=a,x.")
	term.send(t, "\x1b")
	term.waitFor(t, "keys=a,x,esc.") // Esc must not wait for the answer
	term.send(t, "y\x1b]11;rgb:ff")
	term.waitFor(t, "keys=a,x,esc,y. verdict=.")
	term.send(t, "ff/ffff/ffff\x07z")
	term.waitFor(t, "verdict=light.")
	term.waitFor(t, "keys=a,x,esc,y,z.")
	term.send(t, "q")
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}
