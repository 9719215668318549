// Package tuitest drives the whole program without a terminal: keys in, text
// out. A test reads as a story and waits for words on the screen, never for
// time. Only tests import it.
package tuitest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"flowscope/engine/enginetest"
	"flowscope/engine/inspect"
	"flowscope/engine/labinfo"
	"flowscope/engine/labtarget"
	"flowscope/engine/trace"
	"flowscope/themes"
	"flowscope/tui"
	"flowscope/tui/screen"
	"flowscope/tui/tuitest/frame"
)

// patience is how long a wait for words may take before the test fails: far
// longer than anything needs, on the slowest machine.
const patience = 15 * time.Second

// maxFrames bounds the frames that are kept.
const maxFrames = 2000

// Options say how the program is shown.
type Options struct {
	Width, Height int
	Light         bool
	Theme         string          // empty: the default
	Profile       termenv.Profile // termenv.Ascii: no colours
	ASCII         bool            // glyphs
	Config        string          // text of the configuration file; empty: there is none
	Live          bool            // the lab is taken for a real tenant
	Sockets       bool            // the lab is really served; else under fixed addresses, by nothing
	// Elsewhere answers what is sent to hosts other than the lab's; nil: nobody does.
	Elsewhere http.RoundTripper
}

// Driver holds a running program.
type Driver struct {
	World    *enginetest.World
	Profiles *Profiles
	Files    map[string]string // what was written
	t        testing.TB
	m        *tui.Model
	msgs     chan tea.Msg
	ctx      context.Context
	keys     time.Time
	burst    bool
	mu       sync.Mutex
	clips    []string // what was copied, from the goroutines of commands
	quit     bool
	frames   []string
}

// New starts the program on a deterministic lab and shows its first screen.
func New(t testing.TB, o Options) *Driver {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	d := &Driver{t: t, World: enginetest.New(t), msgs: make(chan tea.Msg, 64), ctx: ctx, keys: enginetest.Instant, Files: map[string]string{}}
	theme, err := themes.Find(o.Theme)
	if err != nil {
		t.Fatal(err)
	}
	glyphs := themes.Unicode()
	if o.ASCII {
		glyphs = themes.ASCII()
	}
	renderer := tui.NewRenderer(io.Discard, o.Profile, !o.Light)
	d.World.Target.Live = o.Live
	restyle := func(th themes.Theme, dark bool) *themes.Styles { return themes.NewStyles(renderer, th, dark) }
	d.m = tui.New(tui.Deps{
		Shell:  d.shell(restyle(theme, !o.Light), glyphs),
		Runner: d.World.Runner, Target: d.World.Target.Target, Browser: true, Checker: d.checker(o.Elsewhere),
		Targets: d.profiles(o.Config),
		Lab:     d.lab(o.Sockets), Requests: d.World.Shared.Requests(),
		Restyle: restyle, Theme: theme, Dark: !o.Light, KeyTime: d.keyTime, Context: ctx,
	})
	t.Cleanup(func() {
		d.m.Close()
		cancel()
	})
	d.do(d.m.Init())
	d.Resize(o.Width, o.Height)
	return d
}

// lab is the world's lab; without sockets its addresses are always the same.
func (d *Driver) lab(sockets bool) labinfo.Lab {
	if sockets {
		return d.World.Shared
	}
	return &unserved{Lab: d.World.Shared, world: d.World}
}

// unserved is a lab that says it is served and is not, so that screens that
// show its addresses are always the same.
type unserved struct {
	*labtarget.Lab
	world *enginetest.World
	mu    sync.Mutex
	on    bool
}

// Share makes as if.
func (u *unserved) Share(context.Context, labinfo.Addresses) (labinfo.Description, error) {
	u.mu.Lock()
	u.on = true
	u.mu.Unlock()
	return u.Describe(), nil
}

// Unshare ends that.
func (u *unserved) Unshare() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.on = false
}

// Describe gives the fixed addresses.
func (u *unserved) Describe() labinfo.Description {
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.on {
		return u.Lab.Describe()
	}
	return labtarget.Describe(u.world.Lab, "https://localhost:8443", "http://localhost:8080", "-----BEGIN CERTIFICATE-----\nMIIBexample\n-----END CERTIFICATE-----\n")
}

func (d *Driver) shell(styles *themes.Styles, glyphs themes.Glyphs) *screen.Shell {
	return &screen.Shell{
		Styles: styles, Glyphs: glyphs, Now: enginetest.Clock,
		Secrets: trace.NewRedactor(func(alias string) string { return strings.Repeat(glyphs.Mask, 8) + " " + alias }),
		Write: func(name, text string) (string, error) {
			switch there, taken := d.Files[name]; {
			case taken && there == text:
				return name, fs.ErrExist
			case taken:
				return "", errors.New("the name is taken")
			}
			d.Files[name] = text
			return name, nil
		},
		Clip: func(text string) error {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.clips = append(d.clips, text)
			return nil
		},
	}
}

// keyTime moves on by a second for every key, so that no typing looks like a
// paste; inside a burst it stands still.
func (d *Driver) keyTime() time.Time {
	if !d.burst {
		d.keys = d.keys.Add(time.Second)
	}
	return d.keys
}

// Burst sends text and a newline as keys, all at once: a paste in a terminal
// without bracketed paste.
func (d *Driver) Burst(text string) {
	d.keyTime()
	d.burst = true
	defer func() { d.burst = false }()
	d.Type(text)
	d.update(tea.KeyMsg{Type: tea.KeyEnter})
}

func (d *Driver) checker(elsewhere http.RoundTripper) *inspect.Checker {
	w := d.World
	return inspect.NewChecker(inspect.CheckerOptions{
		Transport: labtarget.Transport(w.Lab, elsewhere), Now: enginetest.Clock, MayAsk: inspect.MayAsk(w.Target.Target),
	})
}

// do starts a command; its message comes in whenever it is ready.
func (d *Driver) do(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	go func() {
		msg := cmd()
		if msg == nil {
			return
		}
		select {
		case d.msgs <- msg:
		case <-d.ctx.Done():
		}
	}()
}

// update hands the program one message.
func (d *Driver) update(msg tea.Msg) {
	switch msg := msg.(type) {
	case tea.BatchMsg:
		for _, cmd := range msg {
			d.do(cmd)
		}
		return
	case tea.QuitMsg:
		d.quit = true
		return
	}
	_, cmd := d.m.Update(msg)
	d.do(cmd)
	if d.frames = append(d.frames, d.m.View()); len(d.frames) > maxFrames {
		d.frames = d.frames[len(d.frames)-maxFrames:]
	}
}

// Resize changes the size of the window.
func (d *Driver) Resize(w, h int) { d.update(tea.WindowSizeMsg{Width: w, Height: h}) }

// Press presses keys, by Bubble Tea's names: "enter", "tab", "down", "y".
func (d *Driver) Press(keys ...string) {
	d.t.Helper()
	for _, k := range keys {
		d.update(frame.Key(k))
	}
}

// Type types text, one key at a time.
func (d *Driver) Type(text string) {
	for _, r := range text {
		d.update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}})
	}
}

// Paste pastes text as one bracketed paste.
func (d *Driver) Paste(text string) {
	d.update(frame.Paste(text))
}

// View is the screen without its colours.
func (d *Driver) View() string { return ansi.Strip(d.m.View()) }

// Raw is the screen with its colours.
func (d *Driver) Raw() string { return d.m.View() }

// Frames are all screens so far, with their colours.
func (d *Driver) Frames() []string { return d.frames }

// Clips are all texts copied so far.
func (d *Driver) Clips() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]string(nil), d.clips...)
}

// Quit reports whether the program has asked to end.
func (d *Driver) Quit() bool { return d.quit }

// WaitQuit waits until the program has asked to end.
func (d *Driver) WaitQuit() {
	d.t.Helper()
	d.until("the end of the program", func() bool { return d.quit })
}

// See waits until all these words are on the screen.
func (d *Driver) See(words ...string) {
	d.t.Helper()
	d.until(fmt.Sprintf("%q", words), func() bool {
		v := d.View()
		for _, w := range words {
			if !strings.Contains(v, w) {
				return false
			}
		}
		return true
	})
}

// Match waits until the screen matches a pattern.
func (d *Driver) Match(pattern string) {
	d.t.Helper()
	re := regexp.MustCompile(pattern)
	d.until(pattern, func() bool { return re.MatchString(d.View()) })
}

// until takes messages until the condition holds.
func (d *Driver) until(what string, holds func() bool) {
	d.t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for !holds() {
		select {
		case msg := <-d.msgs:
			d.update(msg)
		case <-limit.C:
			d.t.Fatalf("waited for %s; the screen is\n%s", what, d.View())
		}
	}
}
