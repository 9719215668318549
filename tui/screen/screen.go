// Package screen is the contract between the root model and the screens: what a
// screen offers, what it is given, and the messages by which it asks for
// another screen, a notice or a copy without knowing who fulfils the wish.
//
// It draws nothing and starts nothing.
package screen

import (
	"errors"
	"io/fs"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/explain"
	"flowscope/engine/inspect"
	"flowscope/engine/trace"
	"flowscope/themes"
)

// Screen is one page of the program. It is a pointer with methods: it changes
// itself and hands back only commands. It does no I/O in Update or View.
type Screen interface {
	// Init starts what the screen needs when it is opened.
	Init() tea.Cmd
	// Update takes a key, a paste, or the result of a command of its own.
	Update(tea.Msg) tea.Cmd
	// View draws the body: exactly as many lines as Resize gave, none wider.
	View() string
	// Resize tells the size of the body, in cells.
	Resize(width, height int)
	// Crumb is the screen's word in the header.
	Crumb() string
	// Subject is what the screen is about now, in the middle of the header.
	Subject() string
	// Status is the right end of the footer.
	Status() string
	// Keys are the bindings, most useful first; disabled ones are left out of
	// the footer and shown muted in the list of all keys.
	Keys() []key.Binding
	// Typing reports whether plain keys are text now: global keys then rest.
	Typing() bool
	// Back is asked when esc is pressed: true means that the screen has closed
	// something of its own and stays.
	Back() bool
	// Close ends what the screen has started.
	Close()
}

// Shell is what every screen is given. It is shared: a change of theme reaches
// all screens at once.
type Shell struct {
	Styles  *themes.Styles
	Glyphs  themes.Glyphs
	Now     func() time.Time
	Secrets *trace.Redactor // one for the whole program: a secret keeps its letter
	// Write puts text into a new file of this name in the working directory and
	// gives the path it was written to. Where a file with that very text is there
	// already, it gives its path with fs.ErrExist and writes nothing.
	Write func(name, text string) (string, error)
	// Clip hands text to the terminal's clipboard (OSC 52).
	Clip func(text string) error
}

// Mask is a masked secret as the screens show it: a block and a letter.
func (s *Shell) Mask(value string) string { return s.Secrets.Mask(value) }

// The messages by which a screen asks the root for something.
type (
	// OpenDecideMsg asks for the decision table.
	OpenDecideMsg struct{}
	// OpenFlowsMsg asks for the list of all flows.
	OpenFlowsMsg struct{}
	// OpenRunMsg asks for a run of this flow as this client.
	OpenRunMsg struct {
		Flow   decision.Flow
		Client string // web, spa, native, daemon
	}
	// OpenScenarioMsg asks for the acts of a scenario, one run after the other.
	OpenScenarioMsg struct{ ID string }
	// OpenTokenMsg asks for the token screen; without tokens it waits for a paste.
	OpenTokenMsg struct {
		Tokens []*inspect.Report
		From   string        // "from this run", or empty
		Flow   decision.Flow // the flow of that run; empty: to be told from the token
		First  int           // the token to show first
		Names  []string      // of the APIs that the tokens are for, in their order; may be empty
	}
	// OpenDiagnoseMsg asks for the diagnosis; without findings it waits for text.
	OpenDiagnoseMsg struct {
		Findings  []explain.Finding
		Trace     *trace.Trace
		Elsewhere bool // another program's: there is no run to try a fix in
		// Retry is a fix that the run beneath makes itself, with no change to one
		// request: what it does, empty when there is none.
		Retry string
	}
	// OpenLabMsg asks for the lab.
	OpenLabMsg struct{}
	// OpenTargetsMsg asks for the targets.
	OpenTargetsMsg struct{}
	// UseTargetMsg chooses the target that runs use from now on.
	UseTargetMsg struct{ Target engine.Target }
	// RetryMsg asks the run screen beneath to try a fix: a change of one request,
	// or the one that it makes itself.
	RetryMsg struct {
		Change trace.Change
		Own    bool
	}
	// BackMsg closes the screen.
	BackMsg struct{}
	// NoticeMsg shows a line in the footer for a while.
	NoticeMsg struct {
		Text string
		Bad  bool
	}
)

// OpenTokenOf turns a run's state into the message that shows its tokens.
func OpenTokenOf(s engine.State, first int) OpenTokenMsg {
	return OpenTokenMsg{Tokens: inspect.All(s), From: "from this run", Flow: s.Trace.Flow, First: first}
}

// Send turns a message into a command.
func Send(msg tea.Msg) tea.Cmd { return func() tea.Msg { return msg } }

// Notice is the command that shows a line in the footer.
func Notice(text string) tea.Cmd { return Send(NoticeMsg{Text: text}) }

// Copy is the command that copies text and says what was copied.
func (s *Shell) Copy(text, what string) tea.Cmd {
	return func() tea.Msg {
		if err := s.Clip(text); err != nil {
			return NoticeMsg{Text: "the terminal took no copy: " + err.Error(), Bad: true}
		}
		return NoticeMsg{Text: what + " copied"}
	}
}

// Save is the command that writes text to a new file and says where it is.
func (s *Shell) Save(name, text string) tea.Cmd {
	return func() tea.Msg {
		_, notice := s.Keep(name, text)
		return notice
	}
}

// Keep writes text to a new file, unless it is in one already, and gives the
// path of that, empty when there is none, and what to say of it.
func (s *Shell) Keep(name, text string) (path string, notice NoticeMsg) {
	path, err := s.Write(name, text)
	switch {
	case err == nil:
		return path, NoticeMsg{Text: "written to " + path}
	case path != "" && errors.Is(err, fs.ErrExist):
		return path, NoticeMsg{Text: path + " is already there, with the same content"}
	}
	return "", NoticeMsg{Text: "not written: " + err.Error(), Bad: true}
}
