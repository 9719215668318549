package widget

import (
	"strconv"
	"time"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"flowscope/engine/trace"
	"flowscope/tui/screen"
)

// MaxPaste is how many bytes of a paste are kept: twice the largest token.
const MaxPaste = 2 << 20

// A terminal without bracketed paste delivers a paste as bursts of runes, one
// right after the other, and a newline in it as the enter key.
const (
	quiet     = 60 * time.Millisecond  // nothing came for this long: the text is complete
	longQuiet = 250 * time.Millisecond // the same after a burst that filled the reader's buffer
	fullBurst = 240                    // runes from which on a burst probably did
	maxBurst  = 256                    // and the most that one can have: a longer paste is whole
)

// Line takes text that is typed or pasted, in one piece or in bursts. It has
// no cursor: text grows and shrinks at its end. An enter that comes in the
// midst of text is a newline of a paste and not a key press.
type Line struct {
	text    []byte
	n       int  // messages taken
	settled bool // nothing came for a moment
	pasted  bool // some of it came faster than anybody types
	over    bool // more came than is kept
}

// SettledMsg tells a Line that some time has passed. It means nothing to any
// other, and nothing when more text has come since.
type SettledMsg struct {
	line *Line
	n    int
}

// Text gives what was taken so far.
func (l *Line) Text() string { return string(l.text) }

// Len gives the number of characters taken so far.
func (l *Line) Len() int { return utf8.RuneCount(l.text) }

// Over reports whether more came than is kept.
func (l *Line) Over() bool { return l.over }

// Clear forgets the text.
func (l *Line) Clear() { *l = Line{n: l.n + 1} }

// Settled is the message that comes when nothing more does.
func (l *Line) Settled() SettledMsg { return SettledMsg{l, l.n} }

// Pasted reports whether a key brings more text than one key press does.
func Pasted(k tea.KeyMsg) bool {
	return k.Type == tea.KeyRunes && (k.Paste || len(k.Runes) > 1)
}

// Update takes a key or a SettledMsg. Done is true when the text is complete:
// enter was pressed after it, or a paste is over. A paste takes the place of
// text that was complete. Keys that are no text are left alone, and taken is
// then false.
func (l *Line) Update(msg tea.Msg) (cmd tea.Cmd, taken, done bool) {
	switch msg := msg.(type) {
	case SettledMsg:
		if msg.line != l || msg.n != l.n {
			return nil, false, false
		}
		l.settled = true
		return nil, true, len(l.text) > 0 && (l.pasted || l.text[len(l.text)-1] == '\n')
	case tea.KeyMsg:
		return l.key(msg)
	}
	return nil, false, false
}

func (l *Line) key(k tea.KeyMsg) (cmd tea.Cmd, taken, done bool) {
	if k.Alt {
		return nil, false, false
	}
	switch k.Type {
	case tea.KeyRunes, tea.KeySpace:
		return l.runes(k)
	case tea.KeyTab:
		if len(l.text) == 0 || l.settled {
			return nil, false, false
		}
		return l.add("\t"), true, false
	case tea.KeyEnter, tea.KeyCtrlJ:
		if l.settled || len(l.text) == 0 {
			return nil, true, len(l.text) > 0
		}
		return l.add("\n"), true, false
	case tea.KeyBackspace:
		_, size := utf8.DecodeLastRune(l.text)
		l.text = l.text[:len(l.text)-size]
		l.pasted = false
		return l.settle(quiet), true, false
	case tea.KeyCtrlU:
		l.Clear()
		return nil, true, false
	}
	return nil, false, false
}

// runes takes text. What is certainly a whole paste is complete at once.
func (l *Line) runes(k tea.KeyMsg) (cmd tea.Cmd, taken, done bool) {
	text := string(k.Runes)
	if !Pasted(k) {
		return l.add(text), true, false
	}
	if l.settled {
		l.Clear()
	}
	if k.Paste && len(k.Runes) > maxBurst && len(l.text) == 0 {
		l.add(text)
		l.settled, l.pasted = true, true
		return nil, true, true
	}
	cmd = l.add(text)
	l.pasted = true
	if len(k.Runes) >= fullBurst {
		cmd = l.settle(longQuiet)
	}
	return cmd, true, false
}

func (l *Line) add(s string) tea.Cmd {
	if room := MaxPaste - len(l.text); len(s) > room {
		s, l.over = s[:room], true
	}
	l.text = append(l.text, s...)
	return l.settle(quiet)
}

// settle asks to be told when nothing came for a moment.
func (l *Line) settle(after time.Duration) tea.Cmd {
	l.n++
	l.settled = false
	msg := l.Settled()
	return tea.Tick(after, func(time.Time) tea.Msg { return msg })
}

// View draws the line in w cells: the text while it is short, its beginning
// and its length once it is long, since a secret may be in it; the hint while
// it is empty.
func (l *Line) View(sh *screen.Shell, hint string, w int) string {
	st, g := sh.Styles, sh.Glyphs
	pointer := st.Accent.Render(g.Pointer) + " "
	room := max(1, w-ansi.StringWidth(pointer)-1)
	end := st.InputFocused.Render("_")
	if len(l.text) == 0 {
		return Fit(pointer+end+st.Muted.Render(" "+hint), w, g.Ellipsis)
	}
	text := trace.Plain(string(l.text[:min(len(l.text), 256)]))
	if n := l.Len(); n > 60 || ansi.StringWidth(text) > room {
		count := Thousands(n) + " characters"
		text = ansi.Truncate(text, max(4, min(24, room-ansi.StringWidth(count)-5)), "") + g.Ellipsis
		return Fit(pointer+st.Bright.Render(text)+end+"  "+st.Muted.Render(count), w, g.Ellipsis)
	}
	return Fit(pointer+st.Bright.Render(text)+end, w, g.Ellipsis)
}

// Thousands writes a number with commas: 1,412.
func Thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
