package themes

import "github.com/charmbracelet/lipgloss"

// Styles is a theme, made ready for one renderer. Build one per terminal with
// NewStyles and hand it to the screens; it is read only from then on.
//
// None of the styles adds padding, margin or a border, so each may be used on
// text of any width without changing it.
type Styles struct {
	// Name, Dark and Palette say what the styles were made from.
	Name    string
	Dark    bool
	Palette Palette

	// One style per role of Palette.
	Text, Bright, Muted, Border, Accent lipgloss.Style
	Front, Back, Held                   lipgloss.Style
	Pass, Warn, Fail, Secret            lipgloss.Style

	Title            lipgloss.Style // the program's name in the header, headings in a pane
	PaneTitle        lipgloss.Style // in the border of a pane
	PaneTitleFocused lipgloss.Style // in the border of the focused pane
	BorderFocused    lipgloss.Style // the border of the focused pane
	BorderHeld       lipgloss.Style // the border of a pane whose exchange is held

	Bar       lipgloss.Style // header and footer, the empty part too
	BarText   lipgloss.Style // words on the bar that matter: the last breadcrumb, a notice
	Key       lipgloss.Style // the name of a key in the footer
	KeyText   lipgloss.Style // what that key does
	Badge     lipgloss.Style // target badge of the lab, on the bar
	BadgeLive lipgloss.Style // target badge of a real tenant, on the bar

	Selection lipgloss.Style // a selected row; see OnSelection for coloured parts of it

	Tab, TabActive lipgloss.Style // tab titles; the line under the active one is TabActive too

	VerdictValid      lipgloss.Style // chips: put a space on either side of the word
	VerdictInvalid    lipgloss.Style
	VerdictUnverified lipgloss.Style

	Input        lipgloss.Style // a field that is not being edited
	InputFocused lipgloss.Style // the field that is

	Surface lipgloss.Style // the inside of a dialog; see OnSurface
}

// NewStyles builds the styles of a theme's dark or light half for a renderer.
// They hold plain colours only, so that rendering never asks the terminal for
// its background. With a renderer whose profile is Ascii they all render text
// as it is: glyphs and words must carry the meaning.
func NewStyles(r *lipgloss.Renderer, t Theme, dark bool) *Styles {
	p := t.Palette(dark)
	s := &Styles{Name: t.Name, Dark: dark, Palette: p}
	if p == (Palette{}) {
		s.plain(r.NewStyle())
		return s
	}
	s.coloured(r.NewStyle())
	return s
}

func (s *Styles) coloured(base lipgloss.Style) {
	p := s.Palette
	fg := func(colour string) lipgloss.Style { return base.Foreground(lipgloss.Color(colour)) }
	s.Text, s.Bright, s.Muted = fg(p.Text), fg(p.Bright), fg(p.Muted)
	s.Border, s.Accent = fg(p.Border), fg(p.Accent)
	s.Front, s.Back, s.Held = fg(p.Front), fg(p.Back), fg(p.Held)
	s.Pass, s.Warn, s.Fail, s.Secret = fg(p.Pass), fg(p.Warn), fg(p.Fail), fg(p.Secret)

	s.Title = s.Bright.Bold(true)
	s.PaneTitle = s.Text.Bold(true)
	s.PaneTitleFocused = s.Bright.Bold(true)
	s.BorderFocused, s.BorderHeld = s.Accent, s.Held

	s.Bar = s.OnBar(s.Muted)
	s.BarText = s.OnBar(s.Bright).Bold(true)
	s.Key = s.OnBar(s.Accent).Bold(true)
	s.KeyText = s.OnBar(s.Muted)
	s.Badge = s.OnBar(s.Back)
	s.BadgeLive = s.OnBar(s.Warn).Bold(true)

	s.Selection = s.OnSelection(s.Bright).Bold(true)
	s.Tab = s.Muted
	s.TabActive = s.Accent.Bold(true)
	s.VerdictValid = s.OnSelection(s.Pass).Bold(true)
	s.VerdictInvalid = s.OnSelection(s.Fail).Bold(true)
	s.VerdictUnverified = s.OnSelection(s.Warn).Bold(true)
	s.Surface = s.OnSurface(s.Text)
	s.Input = s.OnSurface(s.Text)
	s.InputFocused = s.OnSelection(s.Bright)
}

// plain tells the roles apart without any colour.
func (s *Styles) plain(base lipgloss.Style) {
	bold, faint, line := base.Bold(true), base.Faint(true), base.Underline(true)
	s.Text, s.Bright, s.Muted = base, bold, faint
	s.Border, s.Accent = faint, bold
	s.Front, s.Back, s.Held = base, base, bold
	s.Pass, s.Warn, s.Fail, s.Secret = base, bold, bold, faint

	s.Title, s.PaneTitle, s.PaneTitleFocused = bold, base, bold.Underline(true)
	s.BorderFocused, s.BorderHeld = bold, bold

	s.Bar = s.OnBar(base)
	s.BarText = s.OnBar(bold)
	s.Key = s.OnBar(bold)
	s.KeyText = s.OnBar(base)
	s.Badge = s.OnBar(base)
	s.BadgeLive = s.OnBar(bold).Underline(true)

	s.Selection = s.OnSelection(bold)
	s.Tab, s.TabActive = faint, bold.Underline(true)
	s.VerdictValid = s.OnSelection(base)
	s.VerdictInvalid = s.OnSelection(bold)
	s.VerdictUnverified = s.OnSelection(base).Underline(true)
	s.Surface = base
	s.Input, s.InputFocused = line, s.OnSelection(line)
}

// OnSelection returns the style as it must be on a selected row. Lip Gloss ends
// every piece with a reset, so a coloured piece of a selected row has to bring
// the row's background along.
func (s *Styles) OnSelection(st lipgloss.Style) lipgloss.Style {
	return s.on(st, s.Palette.SelectionBackground)
}

// OnBar returns the style as it must be in the header or the footer.
func (s *Styles) OnBar(st lipgloss.Style) lipgloss.Style {
	return s.on(st, s.Palette.BarBackground)
}

// OnSurface returns the style as it must be inside a dialog. Without colours a
// dialog has no background of its own, only its frame.
func (s *Styles) OnSurface(st lipgloss.Style) lipgloss.Style {
	if s.Palette == (Palette{}) {
		return st
	}
	return s.on(st, s.Palette.SurfaceBackground)
}

// on puts a style on a background; without one it reverses the style, and
// takes faint away, which is hard to read reversed.
func (s *Styles) on(st lipgloss.Style, background string) lipgloss.Style {
	if background == "" {
		return st.UnsetFaint().Reverse(true)
	}
	return st.Background(lipgloss.Color(background))
}
