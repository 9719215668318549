package token

import (
	"context"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"flowscope/engine/inspect"
	"flowscope/tui/screen"
	"flowscope/tui/widget"
	"flowscope/validate"
)

// checkedMsg is the result of a check; its number tells whether anybody still
// waits for it.
type checkedMsg struct {
	owner  *Token
	seq    int
	report *inspect.Report
}

// Update takes keys, pastes and the results of checks.
func (t *Token) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case checkedMsg:
		return t.checked(msg)
	case judgedMsg:
		if p, ok := t.over.(*libraries); ok {
			p.judged(msg)
		}
	case refreshedMsg:
		if p, ok := t.over.(*keyPage); ok {
			return p.refreshed(msg)
		}
	case widget.SettledMsg:
		if _, taken, done := t.line.Update(msg); taken && done {
			return t.takeLine()
		}
	case namesMsg:
		if msg.owner == t {
			t.presets = msg.list
		}
	case presetsMsg:
		t.presets = msg.list
		t.offer(msg)
	case pasteMsg:
		if msg.owner == t {
			return t.receive(msg.holds)
		}
	case tea.KeyMsg:
		return t.key(msg)
	}
	return nil
}

// checked puts the result of the newest check of a token in its place. A result
// that nobody waits for any longer is dropped.
func (t *Token) checked(msg checkedMsg) tea.Cmd {
	if msg.owner != t {
		return nil
	}
	for i, it := range t.items {
		if it.busy != msg.seq {
			continue
		}
		it.end()
		if msg.report == nil || msg.report.Report == nil {
			return nil
		}
		it.take(it.known(msg.report))
		t.session.note(issuerOf(it), msg.report.Requests)
		if i == t.at {
			t.check = 0
			if t.claim == 0 && t.opened < 0 && t.query == "" {
				t.look() // nobody is reading the claims yet
			}
			t.clamp()
		}
		if t.over != nil {
			return t.over.renew(it)
		}
	}
	return nil
}

// run puts every check to a token, in a command that ends with the screen.
func (t *Token) run(it *item, raw string, want validate.Expectations) tea.Cmd {
	it.end()
	t.seq++
	at := it.at
	want.Now = t.now(it)
	ctx, stop := context.WithCancel(context.Background())
	it.busy, it.stop, it.host, it.given = t.seq, stop, askedHost(it.report), t.session.given > 0
	checker, msg := t.deps.Checker, checkedMsg{owner: t, seq: t.seq}
	return func() tea.Msg {
		defer stop()
		msg.report = checkAt(ctx, checker, raw, want, at)
		return msg
	}
}

// checkAt checks a token at a time; the zero time is now.
func checkAt(ctx context.Context, c Checker, raw string, want validate.Expectations, at time.Time) *inspect.Report {
	if at.IsZero() {
		return c.Check(ctx, raw, want)
	}
	return c.CheckAt(ctx, raw, want, at)
}

// now is the time that a token is judged at.
func (t *Token) now(it *item) time.Time {
	if it.at.IsZero() {
		return t.sh.Now()
	}
	return it.at.In(t.sh.Now().Location())
}

func (t *Token) key(k tea.KeyMsg) tea.Cmd {
	typing := t.form != nil || t.search != nil || t.pageTyping()
	if typing && widget.Pasted(k) && !t.bringsToken(k) {
		if words := Unkept(string(k.Runes)); words != "" { // no input shows it
			return screen.Notice(words)
		}
	}
	switch {
	case t.form != nil && !t.bringsToken(k):
		return t.formKey(k)
	case t.search != nil && !t.bringsToken(k):
		return t.searchKey(k)
	case t.pageTyping() && !t.bringsToken(k):
		return t.over.key(k)
	case t.taking || widget.Pasted(k):
		return t.lineKey(k)
	}
	if cmd, ok := t.begins(k); ok {
		return cmd
	}
	if t.item() == nil {
		return nil
	}
	if t.over != nil {
		return t.over.key(k)
	}
	if cmd, ok := t.sightKey(k); ok {
		return cmd
	}
	return t.shownKey(k)
}

// bringsToken reports whether a key is a paste with a token in it, which is
// then meant for the screen and not for an input.
func (t *Token) bringsToken(k tea.KeyMsg) bool {
	if !widget.Pasted(k) {
		return false
	}
	clean := validate.Clean(string(k.Runes))
	return len(clean) > 2*shortest && clean[0] == 'e' && clean[1] == 'y'
}

// begins opens the line when the two letters come with which every token
// begins: a terminal may deliver a paste one rune at a time.
func (t *Token) begins(k tea.KeyMsg) (tea.Cmd, bool) {
	if k.Type != tea.KeyRunes {
		t.e = false
		return nil, false
	}
	switch s := string(k.Runes); {
	case s == "e":
		t.e = true
		return nil, true
	case s == "y" && t.e:
		t.e, t.taking = false, true
		t.line.Clear()
		_, _, _ = t.line.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("e")})
		cmd, _, _ := t.line.Update(k)
		return cmd, true
	}
	t.e = false
	return nil, false
}

// lineKey hands text to the line and takes what is complete. A key that is no
// text changes nothing.
func (t *Token) lineKey(k tea.KeyMsg) tea.Cmd {
	cmd, taken, done := t.line.Update(k)
	if !taken {
		return nil
	}
	t.stash()
	t.search, t.menu, t.e = nil, nil, false
	t.taking = t.line.Len() > 0
	if done || widget.Pasted(k) && Unkept(t.line.Text()) != "" { // what is secret is not drawn, not for a moment
		return t.takeLine()
	}
	return cmd
}

// takeLine takes the text of the line as a new token.
func (t *Token) takeLine() tea.Cmd {
	text := t.line.Text()
	t.line.Clear()
	t.taking = false
	return t.paste(text)
}

// shownKey moves in what is shown, or opens something.
func (t *Token) shownKey(k tea.KeyMsg) tea.Cmd {
	t.moved = true
	switch {
	case key.Matches(k, screen.NextPane(), screen.Bind("", "", "shift+tab")):
		t.nextPane(k)
	case key.Matches(k, screen.Down()):
		t.move(1)
	case key.Matches(k, screen.Up()):
		t.move(-1)
	case key.Matches(k, screen.PageDown()):
		t.page(1)
	case key.Matches(k, screen.PageUp()):
		t.page(-1)
	case key.Matches(k, screen.Left()):
		t.turn(-1)
	case key.Matches(k, screen.Right()):
		t.turn(1)
	case key.Matches(k, screen.Enter("")):
		t.toggle()
	case key.Matches(k, screen.Raw()):
		t.raw = !t.raw
	case key.Matches(k, screen.Expect()) && t.item().readable():
		return t.openForm()
	case key.Matches(k, screen.Expect()):
		return screen.Notice("nothing can be expected of it: its claims can't be read")
	}
	cmd, _ := t.pageKey(k)
	return cmd
}

// turn goes to the token beside this one.
func (t *Token) turn(d int) {
	if n := t.at + d; n >= 0 && n < len(t.items) {
		t.show(n)
	}
}
