package command_test

import (
	"context"
	"errors"
	"go/build"
	"io"
	"strings"
	"syscall"
	"testing"
)

// TestUsageAndErrors is long because it is a table.
func TestUsageAndErrors(t *testing.T) {
	const token = "eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmF0dXJl"
	for _, test := range []struct {
		args  string
		in    string
		want  int
		words string // in the one line on standard error
	}{
		{args: "frobnicate", want: 2, words: `unknown command "frobnicate"`},
		{args: "toke", want: 2, words: "did you mean token"},
		{args: "--colour", want: 2, words: "unknown flag: --colour"},
		{args: "--theme loud version", want: 2, words: `unknown theme "loud"`},
		{args: "version now", want: 2, words: "takes no argument"},
		{args: "help frobnicate", want: 2, words: "unknown command"},
		{args: "completion", want: 2, words: "bash, zsh, fish"},
		{args: "completion tcsh", want: 2, words: `no completion for "tcsh"`},
		{args: "decide --person maybe", want: 2, words: `unknown answer "maybe"`},
		{args: "decide --person yes --record", want: 2, words: "--secret would settle more"},
		{args: "decide --record --json --person no --secret no", want: 2, words: "choose one"},
		{args: "run", want: 2, words: "say which flow"},
		{args: "run dance", want: 2, words: `unknown flow "dance"`},
		{args: "run a b", want: 2, words: "takes one argument"},
		{args: "run token-exchange", want: 1, words: "can't be run with"},
		{args: "run authorization-code --as daemon", want: 2, words: "is not for the client"},
		{args: "run authorization-code --as tv", want: 2, words: `no client "tv"`},
		{args: "run authorization-code --user eve", want: 2, words: "nobody is called"},
		{args: "run authorization-code --fault nothing", want: 2, words: `no fault "nothing"`},
		{args: "run client-credentials --fault verifier", want: 2, words: "not for this flow"},
		{args: "run client-credentials --user ada@contoso.example", want: 2, words: "nobody signs in"},
		{args: "run client-credentials --call orders", want: 2, words: "no address of an API"},
		{args: "run client-credentials --no-call --call https://a.example", want: 2, words: "contradict"},
		{args: "run client-credentials --step", want: 2, words: "there is none"},
		{args: "run authorization-code --browser", want: 1, words: "no browser"},
		{args: "run client-credentials --client-secret x", want: 2, words: "unknown flag: --client-secret"},
		{args: "token", want: 2, words: "nothing to read"},
		{args: "token -", in: " \r\n\t", want: 2, words: "nothing to read"},
		{args: "token ./missing", want: 1, words: "there is no file ./missing"},
		{args: "token token.txt", want: 1, words: "there is no file token.txt"},
		{args: "token .", want: 1, words: ". is a directory"},
		{args: "token --jwks missing.json", in: token, want: 1, words: "there is no file missing.json"},
		{args: "token --jwks .", in: token, want: 1, words: ". is a directory"},
		{args: "token --jwks bad.json", in: token, want: 1, words: "--jwks: "},
		{args: "token --jwks http://keys.example/k", in: token, want: 2, words: "need https"},
		{args: "token --jwks https://keys.example/k --offline", in: token, want: 2, words: "choose one"},
		{args: "token --caller robot", in: token, want: 2, words: "--caller is user or app"},
		{args: "token --type refresh", in: token, want: 2, words: "--type is access or id"},
		{args: "token --alg none", in: token, want: 2, words: "can't be allowed"},
		{args: "token --alg HS256", in: token, want: 2, words: "can't be allowed"},
		{args: "token --now noon", in: token, want: 2, words: "neither RFC 3339"},
		{args: "token --now -5", in: token, want: 2, words: "1970 to 9999"},
		{args: "token --skew soon", in: token, want: 2, words: "neither a duration"},
		{args: "token --skew -5m", in: token, want: 2, words: "neither a duration"},
		{args: "token --issuer=", in: token, want: 2, words: "--issuer is empty"},
		{args: "token --batch lines.txt " + token, want: 2, words: "no other token"},
		{args: "token --batch missing", want: 1, words: "there is no file missing"},
		{args: "explain", want: 2, words: "nothing to read"},
		{args: "explain good morning", want: 1, words: "no error code"},
	} {
		t.Run(test.args, func(t *testing.T) {
			b := newBench(t)
			b.in = strings.NewReader(test.in)
			b.files["bad.json"] = "{}"
			out := b.must(t, test.want, strings.Fields(test.args)...)
			if out != "" {
				t.Errorf("an error wrote to standard output: %q", out)
			}
			line := b.err.String()
			if !strings.Contains(line, test.words) || strings.Count(line, "\n") != 1 || !strings.HasPrefix(line, "flowscope: ") {
				t.Errorf("standard error is %q, want one line with %q", line, test.words)
			}
		})
	}
}

func TestRootOpensTheScreens(t *testing.T) {
	b := newBench(t)
	b.terminal = true
	b.env["NO_COLOR"] = "1"
	b.must(t, 0, "--theme", "mono", "--config", "c.toml", "--ascii", "--deterministic")
	if b.opened == nil {
		t.Fatal("the screens were not opened")
	}
	if s := *b.opened; s.Theme != "mono" || s.Config != "c.toml" || !s.ASCII || !s.NoColor || !s.Deterministic {
		t.Errorf("the screens were opened with %+v", s)
	}
	if b.made != 0 {
		t.Error("the App was made beside the screens")
	}
}

func TestMainJob(t *testing.T) {
	b := newBench(t)
	out := b.must(t, 0)
	if b.opened != nil {
		t.Fatal("a pipe got a screen")
	}
	for _, want := range []string{
		"Single-page app → authorization code + PKCE", "oauth2/v2.0/token", "✓ valid  access token", "✓ valid  ID token",
		"AADSTS501481", "What happened", "What to change", "Written in", "RFC 7636 section 4.6", "the same run goes through and brings 3 tokens", "explain",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the main job does not say %q:\n%s", want, out)
		}
	}
	if b.err.Len() > 0 {
		t.Errorf("the main job said %q on standard error", b.err.String())
	}
}

func TestCheapCommandsMakeNothing(t *testing.T) {
	for _, args := range []string{"version", "themes", "themes --json", "decide", "decide --json", "explain 50011", "--help", "run --help", "help token", "completion bash"} {
		b := newBench(t)
		if out := b.must(t, 0, strings.Fields(args)...); out == "" {
			t.Errorf("%s printed nothing", args)
		}
		if b.made != 0 {
			t.Errorf("%s made the App", args)
		}
	}
}

func TestHelpNamesEveryFlag(t *testing.T) {
	for command, flags := range map[string]string{
		"run":     "--as --user --scope --fault --call --no-call --step --browser --with-secrets --json",
		"token":   "--jwks --issuer --audience --tenant --scope --role --caller --nonce --type --alg --now --skew --offline --json --batch",
		"decide":  "--person --secret --browser --json --record",
		"explain": "--json", "faults": "--json", "themes": "--json",
		"version": "--theme --config --no-color --ascii --deterministic",
	} {
		out := newBench(t).must(t, 0, command, "--help")
		for flag := range strings.FieldsSeq(flags) {
			if !strings.Contains(out, "  "+flag+" ") && !strings.Contains(out, "  "+flag+"\n") {
				t.Errorf("the help of %s does not name %s", command, flag)
			}
		}
		for line := range strings.SplitSeq(out, "\n") {
			if len(line) > 80 {
				t.Errorf("the help of %s has a line of %d columns: %q", command, len(line), line)
			}
		}
	}
}

func TestVersion(t *testing.T) {
	out := newBench(t).must(t, 0, "version")
	if !strings.HasPrefix(out, "flowscope 1.2.3\nGo        1.") {
		t.Errorf("version prints %q", out)
	}
}

// stopReader ends the invocation as soon as it is read from, and then waits as
// a terminal does where nobody types.
type stopReader struct {
	stop context.CancelFunc
	end  <-chan struct{}
}

func (r stopReader) Read([]byte) (int, error) {
	r.stop()
	<-r.end
	return 0, io.EOF
}

func TestInterrupted(t *testing.T) {
	for _, args := range []string{"token", "explain", "token --batch -", "run authorization-code --step", "run client-credentials --step --json"} {
		t.Run(args, func(t *testing.T) {
			b := newBench(t)
			end := make(chan struct{})
			defer close(end)
			ctx, stop := context.WithCancel(t.Context())
			b.ctx, b.in, b.terminal = ctx, stopReader{stop, end}, true
			b.must(t, 130, strings.Fields(args)...)
			if !strings.HasSuffix(b.err.String(), "flowscope: interrupted\n") {
				t.Errorf("standard error is %q", b.err.String())
			}
		})
	}
	b := newBench(t)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	b.ctx = ctx
	b.must(t, 130)
	b.must(t, 130, "run", "client-credentials")
}

// brokenPipe is an output that nobody reads.
type brokenPipe struct{ err error }

func (w brokenPipe) Write([]byte) (int, error) { return 0, w.err }

func TestOutputThatCannotBeWritten(t *testing.T) {
	for _, test := range []struct {
		err   error
		words string
	}{
		{&brokenError{syscall.EPIPE}, "nobody reads the output any more"},
		{errors.New("disk full"), "the output can't be written: disk full"},
	} {
		for _, args := range []string{"version", "faults", "faults --json", "explain 50011", "run client-credentials", "run client-credentials --json", "", "completion zsh", "token --batch lines"} {
			b := newBench(t)
			b.writer = brokenPipe{test.err}
			b.files["lines"] = strings.Repeat("abc\n", 1000)
			b.must(t, 1, strings.Fields(args)...)
			if want := "flowscope: " + test.words + "\n"; !strings.HasSuffix(b.err.String(), want) {
				t.Errorf("%s: standard error is %q, want %q", args, b.err.String(), want)
			}
		}
	}
}

// brokenError wraps an error as the os package does.
type brokenError struct{ err error }

func (e *brokenError) Error() string { return "write |1: " + e.err.Error() }
func (e *brokenError) Unwrap() error { return e.err }

func TestColoursOnlyOnATerminal(t *testing.T) {
	const escape = "\x1b["
	for _, test := range []struct {
		terminal bool
		env      map[string]string
		args     string
		want     bool
	}{
		{true, map[string]string{"TERM": "xterm-256color"}, "decide", true},
		{true, map[string]string{"TERM": "xterm", "COLORTERM": "truecolor"}, "explain 50011", true},
		{true, map[string]string{"TERM": "xterm-256color", "NO_COLOR": "1"}, "decide", false},
		{true, map[string]string{"TERM": "xterm-256color"}, "decide --no-color", false},
		{true, map[string]string{"TERM": "dumb"}, "decide", false},
		{true, map[string]string{"TERM": "xterm-256color"}, "decide --json", false},
		{false, map[string]string{"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "decide", false},
	} {
		b := newBench(t)
		b.terminal, b.env = test.terminal, test.env
		out := b.must(t, 0, strings.Fields(test.args)...)
		if got := strings.Contains(out, escape); got != test.want {
			t.Errorf("%s with %v: colours %v, want %v", test.args, test.env, got, test.want)
		}
	}
}

func TestASCII(t *testing.T) {
	for _, args := range []string{"", "run authorization-code", "run authorization-code --fault redirect-uri", "run client-credentials --fault secret", "decide --person no --secret yes", "faults", "explain AADSTS50011", "--help"} {
		b := newBench(t)
		b.run(append(strings.Fields(args), "--ascii")...)
		for i, r := range b.out.String() {
			if r > 0x7e {
				t.Errorf("flowscope %s --ascii prints %q at %d: %q", args, r, i, b.out.String()[max(0, i-40):i])
				break
			}
		}
	}
}

func TestDependencies(t *testing.T) {
	reasons := map[string]string{
		"flowscope/engine/lab":               "the lab is handed in as a target",
		"flowscope/engine/labtarget":         "the lab is handed in as a target",
		"flowscope/engine/msal":              "drivers are handed in with the runner",
		"flowscope/engine/signin":            "the user agent is handed in with the runner",
		"github.com/charmbracelet/bubbletea": "screens are opened by a function that is handed in",
	}
	seen := map[string]bool{}
	var visit func(path, dir string)
	visit = func(path, dir string) {
		if seen[path] {
			return
		}
		seen[path] = true
		if why, banned := reasons[path]; banned {
			t.Errorf("command depends on %s: %s", path, why)
		}
		if strings.HasPrefix(path, "flowscope/tui/") && path != "flowscope/tui/command" && path != "flowscope/tui/qr" {
			t.Errorf("command depends on %s: it knows no screen", path)
		}
		if !strings.HasPrefix(path, "flowscope/") {
			return
		}
		p, err := build.ImportDir(dir, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, next := range p.Imports {
			visit(next, "../../"+strings.TrimPrefix(next, "flowscope/"))
		}
	}
	visit("flowscope/tui/command", ".")
	if len(seen) < 10 {
		t.Fatalf("only %d packages were looked at", len(seen))
	}
}
