package token

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"flowscope/engine/trace"
	"flowscope/tui/screen"
	"flowscope/tui/widget"
	"flowscope/validate"
)

// copyMenu is the choice of what to copy.
type copyMenu struct {
	list  widget.Menu
	texts []func() string
	names []string // as the notice calls them
}

func (m *copyMenu) add(title, note, name string, text func() string) {
	m.list.Items = append(m.list.Items, widget.Item{Title: title, Note: note})
	m.texts, m.names = append(m.texts, text), append(m.names, name)
}

// openMenu offers what can be copied here, the report first.
func (t *Token) openMenu() {
	it := t.item()
	m := &copyMenu{}
	m.add("The report, as Markdown", "verdict, checks, claims; the signature is not in it", "the report", func() string { return t.markdown(it) })
	t.menu = m
	f := t.found(it)
	switch {
	case t.raw:
	case t.focus == claimsPane && len(f.rows) > 0:
		r := it.rows[f.rows[t.claim]]
		m.add("The value of "+r.name, short(r.text), "the value of "+r.name, func() string { return trace.PlainLines(r.value.Text()) })
	case t.focus == checksPane && len(f.checks) > 0:
		c := it.checks[f.checks[t.check]]
		m.add("The check "+c.ID, "expected, found, why, fix, source", "the check "+c.ID, func() string { return checkText(c) })
		if c.Fix != "" {
			m.add("What to change", short(fixHere(c.Fix)), "what to change", func() string { return trace.PlainLines(c.Fix) })
		}
	}
	for _, x := range it.tells {
		if x.insight == nil {
			continue
		}
		if call := callIn(x.insight.Do); call != "" {
			m.add("The call that helps", call, "the call", func() string { return call })
		}
	}
	if it.readable() {
		m.add("The claims, as JSON", "as the token has them, indented", "the claims", func() string { return indented(it.report.Token.ClaimsText) })
		m.add("The header, as JSON", "", "the header", func() string { return indented(it.report.Token.HeaderText) })
	}
}

func menuKeys() []key.Binding {
	return []key.Binding{screen.Enter("copy it"), screen.Move("choose"), screen.Bind("esc", "close", "esc")}
}

// menuKey moves in the menu, or copies what is chosen; y again takes it too.
func (t *Token) menuKey(k tea.KeyMsg) tea.Cmd {
	m := t.menu
	switch {
	case key.Matches(k, screen.Down()):
		m.list.Move(1)
	case key.Matches(k, screen.Up()):
		m.list.Move(-1)
	case key.Matches(k, screen.PageDown()):
		m.list.Move(len(m.list.Items))
	case key.Matches(k, screen.PageUp()):
		m.list.Move(-len(m.list.Items))
	case key.Matches(k, screen.Enter("")), key.Matches(k, copyKey()):
		t.menu = nil
		i := m.list.Index
		return t.sh.Copy(t.sh.Secrets.Text(m.texts[i]()), m.names[i])
	}
	return nil
}

// menuPane draws the menu in the place of a pane.
func (t *Token) menuPane(w, h int) string {
	iw, ih := widget.Inner(w, h)
	lines, first, last := t.menu.list.Lines(t.sh, iw)
	if t.h >= tall {
		lines, first, last = append([]string{""}, lines...), first+1, last+1
	}
	t.menuScroll.Show(first, last, len(lines), ih)
	p := widget.Pane{Title: "Copy", Summary: "esc closes", State: widget.Focused}
	var visible []string
	visible, p.Above, p.More = t.menuScroll.Window(lines, ih)
	return p.Render(t.sh, visible, w, h)
}

// short is the beginning of a text, for a note.
func short(s string) string {
	s = trace.Plain(bounded(s, 400))
	if r := []rune(s); len(r) > 90 {
		return string(r[:90]) + "…"
	}
	return s
}

// checkText writes one check down.
func checkText(c validate.Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", c.ID, c.Status)
	for _, f := range [][2]string{{"expected", c.Expected}, {"found", c.Found}, {"why", c.Why}, {"fix", c.Fix}, {"written in", c.Source}} {
		if f[1] != "" {
			fmt.Fprintf(&b, "%s: %s\n", f[0], trace.Plain(f[1]))
		}
	}
	return b.String()
}

// indented writes JSON with a member on each line; what is no JSON stays.
func indented(text string) string {
	var b bytes.Buffer
	if json.Indent(&b, []byte(text), "", "  ") != nil {
		return trace.PlainLines(text)
	}
	return trace.PlainLines(b.String())
}

// callIn finds a request that is written as METHOD URL in a sentence.
func callIn(do string) string {
	words := strings.Fields(do)
	for i := 0; i+1 < len(words); i++ {
		switch words[i] {
		case "GET", "POST", "PATCH", "PUT", "DELETE":
			if url := strings.TrimRight(words[i+1], ".,;:)"); strings.HasPrefix(url, "https://") {
				return words[i] + " " + url
			}
		}
	}
	return ""
}
