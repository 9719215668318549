package diagnose

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"flowscope/engine/explain"
	"flowscope/tui/screen"
	"flowscope/tui/widget"
)

// Update takes keys and pastes.
func (d *Diagnose) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case widget.SettledMsg:
		if _, taken, done := d.line.Update(msg); taken && done {
			return d.take()
		}
	case tea.KeyMsg:
		return d.key(msg)
	}
	return nil
}

func (d *Diagnose) key(k tea.KeyMsg) tea.Cmd {
	switch {
	case widget.Pasted(k):
		d.asking = true
		return d.lineKey(k)
	case d.asking:
		return d.askKey(k)
	}
	switch {
	case key.Matches(k, screen.NextPane()):
		d.focus = (d.focus + 1) % panes
	case key.Matches(k, screen.Bind("", "", "shift+tab")):
		d.focus = (d.focus + panes - 1) % panes
	case key.Matches(k, screen.Down()):
		d.scroll(1)
	case key.Matches(k, screen.Up()):
		d.scroll(-1)
	case key.Matches(k, screen.PageDown()):
		d.scroll(max(1, d.h/3))
	case key.Matches(k, screen.PageUp()):
		d.scroll(-max(1, d.h/3))
	case key.Matches(k, screen.Right()):
		d.turn(1)
	case key.Matches(k, screen.Left()):
		d.turn(-1)
	case key.Matches(k, screen.Search()):
		d.openSearch()
	case key.Matches(k, screen.Copy("")):
		return d.copy()
	case key.Matches(k, screen.Fix()):
		return d.retry()
	}
	return nil
}

func (d *Diagnose) scroll(by int) {
	s := &d.scrolls[d.focus]
	s.Top = max(0, s.Top+by)
}

// turn goes to the finding beside this one.
func (d *Diagnose) turn(by int) {
	if n := d.at + by; n >= 0 && n < len(d.findings()) {
		d.show(n)
	}
}

// retry asks the run beneath to try the change.
func (d *Diagnose) retry() tea.Cmd {
	x, ok := d.fix()
	switch {
	case ok && x.Change == nil:
		return screen.Send(screen.RetryMsg{Own: true})
	case ok:
		return screen.Send(screen.RetryMsg{Change: *x.Change})
	case d.elsewhere && d.read == nil:
		return screen.Notice("it is another program's request: it is mended there, as the second pane says")
	case d.read != nil || d.trace == nil:
		return screen.Notice("there is no run beneath to try it in")
	}
	return screen.Notice("nothing in the request can mend this: it is mended where the second pane says")
}

// openSearch opens the list of all codes.
func (d *Diagnose) openSearch() {
	d.asking, d.said = true, ""
	d.line.Clear()
	d.search()
}

// askKey takes text, or moves in the list.
func (d *Diagnose) askKey(k tea.KeyMsg) tea.Cmd {
	switch k.Type {
	case tea.KeyUp, tea.KeyShiftTab:
		d.choose(-1)
	case tea.KeyDown:
		d.choose(1)
	case tea.KeyPgUp:
		d.choose(-max(1, d.h/3))
	case tea.KeyPgDown:
		d.choose(max(1, d.h/3))
	case tea.KeyEnter:
		if d.moved && d.menu < len(d.list) {
			d.openEntry(d.list[d.menu])
			return nil
		}
		if d.line.Len() == 0 && d.menu < len(d.list) {
			d.openEntry(d.list[d.menu])
			return nil
		}
		return d.lineKey(k)
	default:
		return d.lineKey(k)
	}
	return nil
}

func (d *Diagnose) choose(by int) {
	d.menu = max(0, min(d.menu+by, len(d.list)-1))
	d.moved = len(d.list) > 0
}

// lineKey hands text to the field, searches for it while it is short, and takes
// it when it is complete.
func (d *Diagnose) lineKey(k tea.KeyMsg) tea.Cmd {
	if d.line.Len() == 0 && k.String() == "/" {
		if len(d.list) == 0 {
			d.openSearch() // on the empty screen too
		}
		return nil
	}
	cmd, taken, done := d.line.Update(k)
	if !taken {
		return nil
	}
	d.said = ""
	if done {
		return d.take()
	}
	d.search()
	return cmd
}

// maxQuery is how long a text may be to be searched for while it is typed.
const maxQuery = 80

// search lists what the catalogue has for the text. With no text that is
// everything, save on a screen that waits for an error.
func (d *Diagnose) search() {
	d.query = strings.TrimSpace(d.line.Text())
	d.menu, d.moved, d.found.Top = 0, false, 0
	switch {
	case d.line.Len() > maxQuery:
		d.list = nil
	default:
		d.list = explain.Search(d.query)
	}
}

// take reads the text: as an error, else as words to search for.
func (d *Diagnose) take() tea.Cmd {
	text := d.line.Text()
	if e, ok := explain.Lookup(text); ok {
		d.line.Clear()
		d.openEntry(e)
		return nil
	}
	found := explain.Read(text)
	known := false
	for _, f := range found {
		known = known || f.Known()
	}
	if !known && d.line.Len() <= maxQuery {
		d.search()
		if len(d.list) > 0 && len(found) == 0 {
			d.openEntry(d.list[0])
			return nil
		}
	}
	if len(found) == 0 {
		d.asking = true
		d.said = "No error in that, as far as it is known here: no AADSTS code, no OAuth error value, no JSON with an error in it. Paste the whole answer, or its redirect address; or type the code."
		d.line.Clear()
		d.list = nil
		return nil
	}
	d.line.Clear()
	d.read, d.entry, d.related = found, false, nil
	d.show(0)
	return nil
}

// openEntry shows an entry of the catalogue as a finding.
func (d *Diagnose) openEntry(e explain.Entry) {
	d.read, d.entry, d.related = []explain.Finding{fromEntry(e)}, true, e.Related
	d.show(0)
}

// fromEntry makes a finding of what the catalogue says of a code.
func fromEntry(e explain.Entry) explain.Finding {
	f := explain.Finding{
		Code: e.Code, Name: e.Name, OAuthError: e.OAuthError, What: e.What, Why: e.Why,
		Source: e.Source, Who: e.Who, Retry: e.Retry,
	}
	switch e.Stage {
	case "authorize":
		f.Stage = "authorize · front channel"
	case "token":
		f.Stage = "token endpoint · back channel"
	case "api":
		f.Stage = "call of an API · back channel"
	default:
		f.Stage = "authorize or token endpoint"
	}
	for _, x := range e.Fix {
		f.Fix = append(f.Fix, explain.Fix{Title: strings.TrimSuffix(x, ".")})
	}
	return f
}
