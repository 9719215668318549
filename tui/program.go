package tui

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"flowscope/themes"
	"flowscope/tui/dark"
)

// Terminal is the terminal that the program is shown on, and how.
type Terminal struct {
	In      *os.File
	Out     *os.File
	Theme   themes.Theme
	Dark    bool // which half of the theme the first frame has
	Ask     bool // ask the terminal for its background once that frame is out
	Profile termenv.Profile
	Now     func() time.Time
}

// Renderer is the renderer of a terminal: the styles belong to it, not to the
// process. It asks the terminal nothing.
func (t Terminal) Renderer() *lipgloss.Renderer {
	return NewRenderer(t.Out, t.Profile, t.Dark)
}

// NewRenderer makes a renderer that knows everything it would otherwise ask for.
func NewRenderer(w io.Writer, profile termenv.Profile, isDark bool) *lipgloss.Renderer {
	r := lipgloss.NewRenderer(w, termenv.WithProfile(profile))
	r.SetColorProfile(profile)
	r.SetHasDarkBackground(isDark)
	return r
}

// Run shows the program until the person leaves it, and restores the terminal.
// It fails when the terminal can't be used; leaving with ctrl+c is no failure.
func Run(ctx context.Context, t Terminal, deps Deps) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	deps.Context = ctx
	renderer := t.Renderer()
	deps.Restyle = func(theme themes.Theme, isDark bool) *themes.Styles { return themes.NewStyles(renderer, theme, isDark) }
	deps.Theme, deps.Dark = t.Theme, t.Dark
	*deps.Shell.Styles = *deps.Restyle(t.Theme, t.Dark)

	var program *tea.Program
	filter := dark.NewFilter(t.In, t.Now, func(isDark bool) { program.Send(DarkMsg(isDark)) }, func(text string) {
		program.Send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(text), Paste: true})
	})
	if t.Ask {
		deps.Ask = func() error { return filter.Ask(t.Out) }
	}
	model := New(deps)
	defer model.Close()
	program = tea.NewProgram(model, tea.WithContext(ctx), tea.WithInput(filter), tea.WithOutput(t.Out), tea.WithAltScreen(),
		tea.WithoutSignalHandler()) // the context ends with the signal; two who end the program wait for each other
	_, err := program.Run()
	if errors.Is(err, tea.ErrProgramKilled) && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}
