package tui

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"flowscope/engine/explain"
	"flowscope/themes"
	"flowscope/tui/diagnose"
	"flowscope/tui/screen"
	"flowscope/tui/token"
)

// burst notices text that arrives faster than anybody types: a paste from a
// terminal without bracketed paste. A newline in it would be an Enter key, and
// Enter sends a request.
type burst struct {
	last time.Time
	run  int // characters in a row, each within burstGap of the one before
}

// burstGap and burstRun say from when on text counts as a paste.
const (
	burstGap = 8 * time.Millisecond
	burstRun = 8
)

// swallows reports whether this key is a newline inside a paste.
func (b *burst) swallows(k tea.KeyMsg, now time.Time) bool {
	if k.Paste {
		return false
	}
	near := now.Sub(b.last) < burstGap
	b.last = now
	switch {
	case k.Type == tea.KeyRunes:
		if !near {
			b.run = 0
		}
		b.run += len(k.Runes)
		return false
	case k.Type == tea.KeyEnter && near && b.run >= burstRun:
		return true
	}
	b.run = 0
	return false
}

// key goes to the help when that is open, then to a screen that is typing, then
// to what is the same everywhere, then to the screen.
func (m *Model) key(k tea.KeyMsg) tea.Cmd {
	if k.Type == tea.KeyCtrlC {
		m.stopAll()
		return tea.Quit
	}
	if m.burst.swallows(k, m.deps.KeyTime()) && !m.gathers() {
		return nil
	}
	m.notice = screen.NoticeMsg{} // it has been read, or it does not matter any more
	if m.tooSmall() {
		if k.String() == "q" {
			m.stopAll()
			return tea.Quit
		}
		return nil
	}
	if m.help {
		m.help = false
		return nil
	}
	if k.Paste || (k.Type == tea.KeyRunes && len(k.Runes) > 16) {
		return m.paste(k)
	}
	if m.Top().Typing() {
		if k.Type == tea.KeyEsc {
			m.Top().Back()
			return nil
		}
		if k.Type == tea.KeyF1 || k.Type == tea.KeyCtrlG { // a question mark is text here
			m.help = true
			return nil
		}
		return m.Top().Update(k)
	}
	if cmd, ok := m.everywhere(k); ok {
		return cmd
	}
	return m.Top().Update(k)
}

// everywhere handles the keys that mean the same on every screen.
func (m *Model) everywhere(k tea.KeyMsg) (tea.Cmd, bool) {
	switch k.String() {
	case "?", "f1", "ctrl+g":
		m.help = true
	case "T":
		return m.nextTheme(), true
	case "esc", "q":
		if m.Top().Back() {
			if s, ok := m.Top().(interface{ Said() string }); ok && s.Said() != "" {
				return screen.Notice(s.Said()), true
			}
			return nil, true
		}
		if len(m.stack) > 1 {
			return m.back(), true
		}
		if k.String() == "q" {
			m.stopAll()
			return tea.Quit, true
		}
		return screen.Notice("this is the first screen; q leaves"), true
	default:
		return nil, false
	}
	return nil, true
}

// gathers reports whether the top screen is taking text line by line: a newline
// is a part of it then, and no key.
func (m *Model) gathers() bool {
	return m.takesText() && m.Top().Typing()
}

// paste takes a token or an error from anywhere to the screen that reads it; a
// screen that takes text itself gets it as it is. What lies beneath stays as it
// is, a held request too, and esc comes back to it.
func (m *Model) paste(k tea.KeyMsg) tea.Cmd {
	k.Paste = true
	text := string(k.Runes)
	_, atDiagnosis := m.Top().(*diagnose.Diagnose)
	misplaced := atDiagnosis && !m.holdsError(text) && (token.Reads(text) || token.Unkept(text) != "")
	if (m.Top().Typing() || m.takesText()) && !misplaced {
		return m.Top().Update(k)
	}
	switch {
	case token.Reads(text):
		cmd, _ := m.open(screen.OpenTokenMsg{})
		return tea.Batch(cmd, m.Top().Update(k))
	case m.holdsError(text):
		cmd, _ := m.open(screen.OpenDiagnoseMsg{})
		return tea.Batch(cmd, m.Top().Update(k))
	case token.Unkept(text) != "":
		return screen.Notice(token.Unkept(text))
	}
	return screen.Notice("there is neither a token nor an error in what was pasted")
}

// maxPasted bounds the text in which an error is looked for, in bytes.
const maxPasted = 256 << 10

func (m *Model) holdsError(text string) bool {
	return len(text) <= maxPasted && len(explain.Read(text)) > 0
}

// takesText reports whether the top screen reads pasted text by itself.
func (m *Model) takesText() bool {
	switch m.Top().(type) {
	case *token.Token, *diagnose.Diagnose:
		return true
	}
	return false
}

// nextTheme goes from dark to light to the next theme.
func (m *Model) nextTheme() tea.Cmd {
	all := themes.Builtin()
	if m.dark {
		m.restyle(m.theme, false)
	} else {
		next := 0
		for i, t := range all {
			if t.Name == m.theme.Name {
				next = (i + 1) % len(all)
			}
		}
		m.restyle(all[next], true)
	}
	shade := "light"
	if m.dark {
		shade = "dark"
	}
	return screen.Notice("theme " + m.theme.Name + ", " + shade)
}

// stopAll ends the runs before the program leaves, so that no listener stays.
func (m *Model) stopAll() { m.Close() }
