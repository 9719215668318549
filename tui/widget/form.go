package widget

import (
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/cursor"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"flowscope/engine/trace"
	"flowscope/tui/screen"
)

// Input is one line of a form.
type Input struct {
	Name    string
	Label   string
	Note    string   // muted, under the value
	Problem string   // what is wrong with the value, under it
	Choices []string // left and right go through these while the value is one of them
	Fixed   bool     // one of the choices: nothing is typed
	Veil    string   // shown in place of the value while it is struck out
	Dropped bool     // struck out
	Section string   // a heading that is drawn above it; empty: none
	Changed bool     // marked as another than it was
	// Mask, when set, makes a secret of the value: it is shown masked, and only
	// ctrl+r shows it, as long as it has the focus.
	Mask  func(value string) string
	model textinput.Model
	first string // the value it began with, as it was given
}

// Value gives what the input holds: as it was given when nobody has changed it,
// since only a cleaned copy is drawn.
func (i *Input) Value() string {
	if v := i.model.Value(); v != trace.Plain(i.first) {
		return v
	}
	return i.first
}

// hide takes the sight of a secret away again.
func (i *Input) hide() {
	if i.Mask != nil {
		i.model.EchoMode = textinput.EchoPassword
	}
}

// NewSecret makes an input whose value is shown only on demand.
func NewSecret(sh *screen.Shell, name, label, value string, mask func(string) string) *Input {
	i := NewInput(sh, name, label, value, true)
	i.Mask = mask
	return i
}

// SetValue changes what the input holds.
func (i *Input) SetValue(v string) { i.model.SetValue(trace.Plain(v)) }

// Form is a few inputs and the buttons that end it. Focus goes through the
// inputs and then the buttons, in order.
type Form struct {
	Inputs  []*Input
	Buttons []string
	focus   int
}

// NewInput makes an input. A secret one shows a mask for each character.
func NewInput(sh *screen.Shell, name, label, value string, secret bool) *Input {
	m := textinput.New()
	m.Prompt = ""
	m.CharLimit = 1 << 16
	m.Cursor.SetMode(cursor.CursorStatic)
	m.TextStyle, m.PlaceholderStyle = sh.Styles.InputFocused, sh.Styles.Muted
	m.Cursor.Style = sh.Styles.Accent
	m.Cursor.TextStyle = sh.Styles.InputFocused
	if secret {
		m.EchoMode = textinput.EchoPassword
		m.EchoCharacter = []rune(sh.Glyphs.Bullet)[0]
	}
	m.SetValue(trace.Plain(value))
	return &Input{Name: name, Label: label, model: m, first: value}
}

// NewForm makes a form with the focus on its first button when every input is
// filled in, so that enter goes on, and on the first empty input otherwise.
func NewForm(inputs []*Input, buttons ...string) *Form {
	f := &Form{Inputs: inputs, Buttons: buttons, focus: len(inputs)}
	for i, in := range inputs {
		if in.Value() == "" {
			f.focus = i
			break
		}
	}
	f.refocus()
	return f
}

// Focus puts the focus on the input with this name.
func (f *Form) Focus(name string) {
	for i, in := range f.Inputs {
		if in.Name == name {
			f.focus = i
		}
	}
	f.refocus()
}

// Leave takes the focus off the inputs, to the first button.
func (f *Form) Leave() {
	f.focus = len(f.Inputs)
	f.refocus()
}

// At gives the input that has the focus, nil when a button has it.
func (f *Form) At() *Input {
	if f.Typing() {
		return f.Inputs[f.focus]
	}
	return nil
}

// Typing reports whether the focus is on an input.
func (f *Form) Typing() bool { return f.focus < len(f.Inputs) }

// Choosing reports whether left and right go through something here: the choices
// of the input that has the focus, or the buttons.
func (f *Form) Choosing() bool {
	if !f.Typing() {
		return len(f.Buttons) > 1
	}
	in := f.Inputs[f.focus]
	return len(in.Choices) > 1 && slices.Contains(in.Choices, in.Value())
}

// Values gives the values by name.
func (f *Form) Values() map[string]string {
	out := map[string]string{}
	for _, in := range f.Inputs {
		out[in.Name] = in.Value()
	}
	return out
}

func (f *Form) refocus() {
	for i, in := range f.Inputs {
		if i == f.focus {
			in.model.Focus()
			in.model.CursorEnd()
		} else {
			in.model.Blur()
			in.hide()
		}
	}
}

func (f *Form) move(d int) {
	n := len(f.Inputs) + len(f.Buttons)
	f.focus = (f.focus + d + n) % n
	f.refocus()
}

// Update takes a key. It gives the label of the button that was pressed, empty
// when none was.
func (f *Form) Update(msg tea.KeyMsg) (button string) {
	switch msg.String() {
	case "up", "shift+tab":
		f.move(-1)
		return ""
	case "down", "tab":
		f.move(1)
		return ""
	case "enter":
		if f.Typing() {
			f.move(1)
			return ""
		}
		return f.Buttons[f.focus-len(f.Inputs)]
	case "left", "right":
		if f.sideways(msg.String() == "right") {
			return ""
		}
	}
	if in := f.At(); in != nil && !in.Fixed {
		in.update(msg)
	}
	return ""
}

// update takes a key into the value; what a terminal would obey or hide is taken
// out of pasted text first.
func (i *Input) update(msg tea.KeyMsg) {
	if msg.String() == "ctrl+r" && i.Mask != nil {
		if i.model.EchoMode == textinput.EchoPassword {
			i.model.EchoMode = textinput.EchoNormal
		} else {
			i.model.EchoMode = textinput.EchoPassword
		}
		return
	}
	if msg.Type == tea.KeyRunes {
		msg.Runes = []rune(trace.Plain(string(msg.Runes)))
	}
	i.model, _ = i.model.Update(msg)
}

// sideways goes through the choices of an input or through the buttons.
func (f *Form) sideways(right bool) bool {
	d := -1
	if right {
		d = 1
	}
	if !f.Typing() {
		n := len(f.Buttons)
		f.focus = len(f.Inputs) + (f.focus-len(f.Inputs)+d+n)%n
		f.refocus()
		return true
	}
	in := f.Inputs[f.focus]
	i := slices.Index(in.Choices, in.Value())
	if i < 0 || len(in.Choices) < 2 {
		return false
	}
	in.model.SetValue(in.Choices[(i+d+len(in.Choices))%len(in.Choices)])
	return true
}

// Lines draws the form in w cells and gives the first and last line of what has
// the focus, so that a scrolled pane can keep it visible.
func (f *Form) Lines(sh *screen.Shell, w int) (lines []string, first, last int) {
	col := 0
	for _, in := range f.Inputs {
		col = max(col, ansi.StringWidth(in.Label))
	}
	col = min(col, max(8, w/3))
	for i, in := range f.Inputs {
		if i == f.focus {
			first = len(lines)
		}
		if in.Section != "" {
			lines = append(lines, sh.Styles.Title.Render(Fit(in.Section, w, sh.Glyphs.Ellipsis)))
		}
		lines = append(lines, f.input(sh, in, i == f.focus, col, w))
		if in.Note != "" {
			lines = append(lines, Indent(Render(sh.Styles.Muted, Wrap(in.Note, max(8, w-col-4))), col+4)...)
		}
		if in.Problem != "" {
			words := Wrap(sh.Glyphs.Fail+" "+in.Problem, max(8, w-col-4))
			lines = append(lines, Indent(Render(sh.Styles.Fail, words), col+4)...)
		}
		if i == f.focus {
			last = len(lines) - 1
		}
	}
	if len(f.Inputs) > 0 {
		lines = append(lines, "")
	}
	if !f.Typing() {
		first, last = len(lines), len(lines)
	}
	return append(lines, f.buttons(sh, w)), first, last
}

func (f *Form) input(sh *screen.Shell, in *Input, focused bool, col, w int) string {
	pointer := "  "
	st := sh.Styles
	label := st.Muted.Render(Fit(in.Label, col, sh.Glyphs.Ellipsis))
	room := max(6, w-col-4)
	if in.Dropped {
		if focused {
			pointer = st.Accent.Render(sh.Glyphs.Pointer) + " "
		}
		return pointer + label + "  " + st.Warn.Render(Fit(in.Veil, room, sh.Glyphs.Ellipsis))
	}
	if in.Changed && !focused {
		pointer = st.Warn.Render(sh.Glyphs.Warn) + " "
	}
	if !focused && in.Mask != nil {
		return pointer + label + "  " + st.Secret.Render(Fit(in.Mask(in.Value()), room, sh.Glyphs.Ellipsis))
	}
	if !focused {
		v := in.model.Value()
		if in.model.EchoMode == textinput.EchoPassword {
			v = strings.Repeat(sh.Glyphs.Bullet, min(12, len([]rune(v))))
		}
		if v == "" {
			return pointer + label + "  " + st.Muted.Render(sh.Glyphs.NotRun)
		}
		return pointer + label + "  " + st.Text.Render(Elide(v, room, sh.Glyphs.Ellipsis))
	}
	pointer = st.Accent.Render(sh.Glyphs.Pointer) + " "
	hint := ""
	if len(in.Choices) > 1 && slices.Contains(in.Choices, in.Value()) {
		hint = st.Muted.Render("  " + sh.Glyphs.ArrowLeft + sh.Glyphs.ArrowRight)
		room -= 4
	}
	in.model.Width = max(1, room-1)
	return pointer + label + "  " + in.model.View() + hint
}

func (f *Form) buttons(sh *screen.Shell, w int) string {
	var parts []string
	for i, b := range f.Buttons {
		if i+len(f.Inputs) == f.focus {
			parts = append(parts, sh.Styles.Accent.Render(sh.Glyphs.Pointer)+sh.Styles.Selection.Render(" "+b+" "))
		} else {
			parts = append(parts, "  "+sh.Styles.Text.Render(b)+" ")
		}
	}
	return Fit(strings.Join(parts, "  "), w, sh.Glyphs.Ellipsis)
}
