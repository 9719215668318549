// Flowscope shows which OAuth 2.0 or OpenID Connect flow fits a client, runs it
// one request at a time, checks the tokens and explains what fails.
//
// This file wires the parts together and turns errors into exit statuses; it
// does nothing else.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/aymanbagabas/go-osc52/v2"
	"github.com/charmbracelet/x/term"
	"github.com/muesli/termenv"
	"github.com/pkg/browser"

	"flowscope/engine"
	"flowscope/engine/inspect"
	"flowscope/engine/lab"
	"flowscope/engine/labinfo"
	"flowscope/engine/labtarget"
	"flowscope/engine/loopback"
	"flowscope/engine/msal"
	"flowscope/engine/oidc"
	"flowscope/engine/signin"
	"flowscope/engine/trace"
	"flowscope/themes"
	"flowscope/tui"
	"flowscope/tui/command"
	"flowscope/tui/dark"
	"flowscope/tui/screen"
	"flowscope/validate"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	status := command.Main(ctx, command.Deps{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		Terminal: term.IsTerminal(os.Stdin.Fd()) && term.IsTerminal(os.Stdout.Fd()),
		Getenv:   os.Getenv,
		ReadFile: readFile,
		Progress: progress,
		Version:  version(),
		New:      newApp,
		Open:     open,
		OpenLab:  openLab,
		WriteNew: createNew,
	}, os.Args[1:])
	os.Exit(status)
}

// version is the version that the module was built at, or "devel".
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}

// progress gives the width of the terminal that standard error is, nil where it
// is none or standard output is one, too. From then on a write to a closed pipe
// fails instead of ending the program with a bar left on the screen.
func progress() func() int {
	if !term.IsTerminal(os.Stderr.Fd()) || term.IsTerminal(os.Stdout.Fd()) {
		return nil
	}
	signal.Ignore(syscall.SIGPIPE)
	return func() int {
		width, _, err := term.GetSize(os.Stderr.Fd())
		if err != nil || width <= 0 {
			return 80
		}
		return width
	}
}

// maxFile bounds a file that is read whole, in bytes.
const maxFile = 16 << 20

func readFile(name string) ([]byte, error) {
	// A pipe that nobody writes to is empty and not a reason to wait for ever.
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		return nil, fmt.Errorf("%s is larger than %d MiB", name, maxFile>>20)
	}
	return data, err
}

// parts is what the program is made of, for one invocation.
type parts struct {
	lab    *lab.Lab
	target *labtarget.Target
	shared *labtarget.Lab
	runner *engine.Runner
	now    func() time.Time
}

// instant is where the clock stands in deterministic mode.
var instant = time.Date(2026, time.November, 20, 10, 2, 0, 0, time.UTC)

// build makes the lab, the target and the runner. Nothing is started: keys are
// made when they are first needed.
func build(deterministic bool) (*parts, error) {
	p := &parts{now: time.Now}
	if deterministic {
		p.now = func() time.Time { return instant }
	}
	p.lab = lab.New(lab.Options{Clock: p.now, Deterministic: deterministic})
	target, err := labtarget.New(p.lab)
	if err != nil {
		return nil, err
	}
	p.target, p.shared = target, labtarget.NewLab(p.lab, p.now)
	p.runner = &engine.Runner{
		Drivers:  []engine.Driver{msal.Driver{Getenv: os.Getenv}, oidc.Driver{}},
		Verifier: func() engine.Verifier { return inspect.Verifier{Now: p.now}.Run() },
		Agent:    signin.Agent{},
		Browser:  &loopback.Browser{Open: openBrowser},
		Paste:    loopback.Paste{},
		Outside:  outside(p.now),
		Now:      p.now,
	}
	if deterministic {
		p.runner.Rand = engine.FixedRandom()
		p.runner.Pin = msal.Pin
	}
	return p, nil
}

func newApp(s command.Settings) (*command.App, error) {
	p, err := build(s.Deterministic)
	if err != nil {
		return nil, err
	}
	app := &command.App{Runner: p.runner, Target: p.target.Target, Now: p.now, Lab: p.shared, Requests: p.shared.Requests()}
	t := &targets{settings: s, now: p.now}
	app.Keys = func(o command.KeyOptions) (validate.KeySource, error) { return keys(p, t, o) }
	app.Checker = func(o command.KeyOptions) (*inspect.Checker, error) { return checkerFor(p, t, o) }
	app.Expectations = t.expectations
	app.Profile = func(name string) (engine.Target, error) { return t.named(name, sources(nil, app.Ask)) }
	app.Issuer = func(o command.IssuerOptions) (engine.Target, error) { return t.issuer(o, sources(nil, app.Ask)) }
	app.Profiles = t
	return app, nil
}

// open shows the program's screens.
func open(ctx context.Context, s command.Settings) error {
	return openLab(ctx, s, nil)
}

// openLab shows them on the lab's screen, once begin has been through; without
// a begin, on the first one.
func openLab(ctx context.Context, s command.Settings, begin func(context.Context, labinfo.Lab) error) error {
	p, err := build(s.Deterministic)
	if err != nil {
		return err
	}
	defer p.target.Close()
	defer p.shared.Unshare()
	if begin != nil {
		if err := begin(ctx, p.shared); err != nil {
			return err
		}
	}
	c, err := config(s)
	if err != nil {
		return err
	}
	theme, err := themes.Find(cmp.Or(s.Theme, c.Theme))
	if err != nil {
		return err
	}
	p.runner.Browser = &loopback.Browser{Open: openBrowser, Paste: true}
	warm := time.AfterFunc(150*time.Millisecond, p.lab.Warm) // behind the first frame
	defer warm.Stop()
	isDark, known := dark.Guess(os.Getenv)
	if !known {
		isDark = true
	}
	glyphs := themes.Unicode()
	if s.ASCII || c.Glyphs == "ascii" {
		glyphs = themes.ASCII()
	}
	profile := termenv.EnvColorProfile()
	if s.NoColor {
		profile = termenv.Ascii
	}
	saved := &targets{settings: s, now: p.now}
	return tui.Run(ctx, tui.Terminal{
		In: os.Stdin, Out: os.Stdout, Theme: theme, Dark: isDark, Ask: !known && dark.CanAsk(os.Getenv), Profile: profile, Now: time.Now,
	}, tui.Deps{
		Shell: &screen.Shell{
			Styles: &themes.Styles{}, Glyphs: glyphs, Now: p.now, Write: writeNew, Clip: clip,
			Secrets: trace.NewRedactor(func(alias string) string { return strings.Repeat(glyphs.Mask, 8) + " " + alias }),
		},
		Runner: p.runner, Target: p.target.Target, Browser: hasBrowser(), Checker: checker(p, saved),
		Targets: saved,
		Lab:     p.shared, Requests: p.shared.Requests(), AtLab: begin != nil,
	})
}

// writeNew writes a file that is not there yet, numbered when its name is taken.
// It gives the path with os.ErrExist where one holds the same text already.
func writeNew(name, text string) (string, error) {
	ext := filepath.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	for i := 1; i < 100; i++ {
		path := name
		if i > 1 {
			path = fmt.Sprintf("%s-%d%s", stem, i, ext)
		}
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // what it holds is about somebody's tenant
		if errors.Is(err, os.ErrExist) {
			if there, err := readFile(path); err == nil && string(there) == text {
				return path, os.ErrExist
			}
			continue
		}
		if err != nil {
			return "", err
		}
		_, err = f.WriteString(text)
		return path, errors.Join(err, f.Close())
	}
	return "", fmt.Errorf("%s is taken a hundred times over", name)
}

// createNew writes a file under exactly this name, which must be free.
func createNew(name, text string) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// clip hands text to the terminal's clipboard. It goes to standard error, which
// the screen does not draw on.
func clip(text string) error {
	sequence := osc52.New(text)
	switch {
	case os.Getenv("TMUX") != "":
		sequence = sequence.Tmux()
	case strings.HasPrefix(os.Getenv("TERM"), "screen"):
		sequence = sequence.Screen()
	}
	_, err := sequence.WriteTo(os.Stderr)
	return err
}

// openBrowser opens the system browser and keeps its chatter off the screen.
func openBrowser(url string) error {
	browser.Stdout, browser.Stderr = io.Discard, io.Discard
	return browser.OpenURL(url)
}

// hasBrowser guesses whether a browser can be opened here: on Linux it takes a
// display.
func hasBrowser() bool {
	if runtime.GOOS != "linux" {
		return true
	}
	return os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != "" || os.Getenv("BROWSER") != ""
}
