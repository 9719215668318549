package token

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"flowscope/tui/screen"
	"flowscope/tui/widget"
	"flowscope/validate"
)

// sight is how the panes are looked at, beside the cursors in claims and checks.
type sight struct {
	side pane // the one on the right, where there is room for two
	tell int  // what is told under the cursor

	tellScroll widget.Scroll
	search     *widget.Form // open while the words are typed
	query      string
	menu       *copyMenu
	menuScroll widget.Scroll
	expect     expectForm
	draft      map[string]string // what was typed into the form when a paste closed it
	drafted    bool              // since the last paste
}

// begin goes to the top; the search stays, since tokens are looked through for
// the same words.
func (s *sight) begin() {
	s.tell, s.tellScroll.Top, s.menu = 0, 0, nil
}

// closesSight closes what lies over the panes, the innermost first.
func (t *Token) closesSight() bool {
	switch {
	case t.search != nil:
		t.search = nil
	case t.menu != nil:
		t.menu = nil
	case t.query != "" && !t.raw && t.over == nil:
		t.seek("")
	default:
		return false
	}
	return true
}

// copyKey offers what can be copied.
func copyKey() key.Binding { return screen.Bind("y", "copy", "y") }

// openAll is the key that opens every check, and closes them all again.
func openAll() key.Binding { return screen.Bind("+", "open all checks", "+", "=") }

// forget is the key that drops what was expected before.
func forget() key.Binding { return screen.Bind("c", "expect nothing", "c") }

// sightKeys are the keys of the view for the footer.
func (t *Token) sightKeys(it *item) []key.Binding {
	return []key.Binding{
		screen.When(openAll(), len(it.checks) > 0), screen.When(forget(), it.expects()),
		screen.Move("row"), screen.PageDown(), screen.PageUp(),
	}
}

// expects reports whether there is anything that could be expected no longer.
func (it *item) expects() bool {
	return it.readable() && (stated(it.report.Expect) || !it.at.IsZero())
}

// sightKey takes the keys of the view.
func (t *Token) sightKey(k tea.KeyMsg) (tea.Cmd, bool) {
	it := t.item()
	switch {
	case t.menu != nil:
		return t.menuKey(k), true
	case key.Matches(k, copyKey()):
		t.openMenu()
	case t.raw:
		return nil, false
	case key.Matches(k, screen.Search()):
		t.openSearch()
	case key.Matches(k, openAll()):
		t.openAll(it)
	case key.Matches(k, forget()) && it.expects():
		return t.forget(it), true
	default:
		return nil, false
	}
	return nil, true
}

// nextPane moves the focus on, or back with shift.
func (t *Token) nextPane(k tea.KeyMsg) {
	n, d := 3, 1
	if t.raw {
		n = 2
	}
	if k.Type == tea.KeyShiftTab {
		d = n - 1
	}
	t.focusOn((min(t.focus, pane(n-1)) + pane(d)) % pane(n))
}

// focusOn puts the focus on a pane, which is then seen.
func (t *Token) focusOn(p pane) {
	t.focus, t.chosen, t.rawScroll.Top = p, true, 0
	if p != claimsPane && !t.raw {
		t.side = p
	}
}

// move goes d rows on in the pane that has the focus.
func (t *Token) move(d int) {
	it := t.item()
	switch {
	case t.raw:
		t.rawScroll.Top = max(0, t.rawScroll.Top+d)
		return
	case t.focus == claimsPane && len(it.rows) == 0:
		t.claimScroll.Top = max(0, t.claimScroll.Top+d)
		return
	case t.focus == claimsPane:
		t.claim += d
	case t.focus == tellsPane:
		t.tell += d
	default:
		t.check += d
	}
	t.clamp()
}

// page moves the window by a page and leaves the cursor where it is.
func (t *Token) page(d int) {
	t.moved = false
	by := d * max(1, t.h/2)
	s := &t.claimScroll
	switch {
	case t.raw:
		s = &t.rawScroll
	case t.focus == checksPane:
		s = &t.checkScroll
	case t.focus == tellsPane:
		s = &t.tellScroll
	}
	s.Top = max(0, s.Top+by)
}

// clamp keeps the cursors inside what is shown.
func (t *Token) clamp() {
	f := t.found(t.item())
	t.claim = max(0, min(t.claim, len(f.rows)-1))
	t.check = max(0, min(t.check, len(f.checks)-1))
	t.tell = max(0, min(t.tell, len(f.tells)-1))
}

// toggle opens or closes what is under the cursor.
func (t *Token) toggle() {
	it := t.item()
	f := t.found(it)
	switch {
	case t.raw:
	case t.focus == claimsPane && len(f.rows) > 0:
		if row := f.rows[t.claim]; t.opened == row {
			t.opened = -1
		} else {
			t.opened = row
		}
	case t.focus == checksPane && len(f.checks) > 0:
		t.turnCheck(it.checks[f.checks[t.check]])
	case t.focus == tellsPane && len(f.tells) > 0:
		id := it.tells[f.tells[t.tell]].id
		t.open[id] = !t.open[id]
	}
}

// turnCheck opens a check or closes it.
func (t *Token) turnCheck(c validate.Result) {
	if c.Status == validate.StatusFail {
		t.shut[c.ID] = !t.shut[c.ID]
	} else {
		t.open[c.ID] = !t.open[c.ID]
	}
}

// openAll opens every check; when all are open, it closes them.
func (t *Token) openAll(it *item) {
	t.focusOn(checksPane)
	all := true
	for _, c := range it.checks {
		all = all && t.isOpen(c)
	}
	for _, c := range it.checks {
		if t.isOpen(c) == all {
			t.turnCheck(c)
		}
	}
}
