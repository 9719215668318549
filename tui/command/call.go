package command

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/term"
	"github.com/muesli/termenv"

	"flowscope/engine/trace"
	"flowscope/themes"
)

// call is one invocation: its flags, its output and the one Redactor that all
// of the output passes.
type call struct {
	d           Deps
	args        []string // as they were given
	set         Settings
	json        bool
	withSecrets bool
	switched    []string // conditions of the lab, as the flags name them
	twice       string   // a flag that was given twice and takes one value

	app    *App
	red    *trace.Redactor
	asking *asker // nil until somebody is asked
	noQR   bool
	yes    bool  // a live target may be sent to without a question
	outErr error // the first error of the output
}

func newCall(d Deps) *call {
	if d.OpenFile == nil {
		d.OpenFile = func(name string) (io.ReadCloser, error) { return os.Open(name) }
	}
	return &call{d: d}
}

// application makes the App on first use.
func (c *call) application() (*App, error) {
	if c.app == nil {
		app, err := c.d.New(c.set)
		if err != nil {
			return nil, err
		}
		c.app = app
	}
	return c.app, nil
}

func (c *call) glyphs() themes.Glyphs {
	if c.set.ASCII {
		return themes.ASCII()
	}
	return themes.Unicode()
}

// redactor gives the one Redactor of the invocation. Its mask is safe inside
// JSON where JSON is written.
func (c *call) redactor() *trace.Redactor {
	if c.red != nil {
		return c.red
	}
	var block func(string) string
	if !c.json {
		mask := strings.Repeat(c.glyphs().Mask, 4)
		block = func(alias string) string { return mask + alias }
	}
	c.red = trace.NewRedactor(block)
	return c.red
}

// mask takes the secrets out of a text that leaves the program.
func (c *call) mask(s string) string {
	if c.withSecrets {
		return s
	}
	return c.redactor().Text(s)
}

// clean makes one value fit to be shown on a line of text.
func (c *call) clean(s string) string { return c.fold(trace.Plain(c.mask(s))) }

// fold writes our own signs in ASCII where that is asked for; letters of
// people's names and the like stay as they are.
func (c *call) fold(s string) string {
	if !c.set.ASCII {
		return s
	}
	return asciiSigns.Replace(s)
}

// asciiSigns are the signs that stand in the words of a plan, a report or an
// explanation. It is never changed.
var asciiSigns = strings.NewReplacer("·", "-", "›", ">", "→", "->", "…", "...", "–", "-", "—", "-", "•", "*", "≠", "!=")

// say writes one line of words to standard error.
func (c *call) say(text string) {
	_, _ = fmt.Fprintln(c.d.Err, c.clean(text))
}

// print writes text to standard output and keeps the first error.
func (c *call) print(text string) {
	c.emit([]byte(c.mask(text)))
}

// emit writes bytes that hold no secret any more.
func (c *call) emit(b []byte) {
	if c.outErr != nil || len(b) == 0 {
		return
	}
	_, c.outErr = c.d.Out.Write(b)
}

// printJSON writes a document on one line.
func (c *call) printJSON(doc any) error {
	b, err := encode(doc)
	if err != nil {
		return err
	}
	red := c.redactor()
	if c.withSecrets {
		red = nil
	}
	b, err = sealJSON(b, red)
	if err != nil {
		return err
	}
	c.emit(append(b, '\n'))
	return nil
}

// Write lets cobra write its scripts through print.
func (c *call) Write(p []byte) (int, error) {
	c.print(string(p))
	if c.outErr != nil {
		return 0, c.outErr
	}
	return len(p), nil
}

// width is the number of columns of a line of text.
func (c *call) width() int {
	if n, err := strconv.Atoi(c.d.Getenv("COLUMNS")); err == nil && n >= 40 {
		return min(n, 160)
	}
	return 80
}

// styles gives the styles for standard output: the theme's where a terminal
// shows them, else none at all.
func (c *call) styles() *themes.Styles {
	theme, err := themes.Find(c.set.Theme)
	if err != nil { // the flag was checked before
		theme, _ = themes.Find("")
	}
	r := lipgloss.NewRenderer(io.Discard, termenv.WithProfile(c.profile()))
	r.SetColorProfile(c.profile())
	r.SetHasDarkBackground(c.dark())
	return themes.NewStyles(r, theme, c.dark())
}

func (c *call) profile() termenv.Profile {
	name := c.d.Getenv("TERM")
	switch {
	case c.set.NoColor, name == "dumb", !c.d.Terminal && !isTerminal(c.d.Out):
		return termenv.Ascii
	case c.d.Getenv("COLORTERM") == "truecolor" || c.d.Getenv("COLORTERM") == "24bit":
		return termenv.TrueColor
	case strings.Contains(name, "256color"):
		return termenv.ANSI256
	}
	return termenv.ANSI
}

func isTerminal(w any) bool {
	f, ok := w.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(f.Fd())
}

// dark reads COLORFGBG ("foreground;background"), which terminals set that know
// their own colours; without it the terminal is taken to be dark.
func (c *call) dark() bool {
	v := c.d.Getenv("COLORFGBG")
	n, err := strconv.Atoi(v[strings.LastIndexByte(v, ';')+1:])
	return err != nil || n < 7 || n == 8
}

// readIn reads standard input up to limit bytes; more is an error.
func (c *call) readIn(ctx context.Context, limit int64) (string, error) {
	data, err := await(ctx, func() ([]byte, error) { return io.ReadAll(io.LimitReader(c.d.In, limit+1)) })
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil:
		return "", fmt.Errorf("standard input: %w", err)
	case int64(len(data)) > limit:
		return "", fmt.Errorf("standard input holds more than %d MiB", limit>>20)
	}
	return string(data), nil
}

// await waits for a read that nothing can end, a terminal's or a pipe's, but no
// longer than ctx lasts. The read itself then ends with the program.
func await(ctx context.Context, read func() ([]byte, error)) ([]byte, error) {
	var data []byte
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		data, err = read()
	}()
	select {
	case <-done:
		return data, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
