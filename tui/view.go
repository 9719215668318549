package tui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/x/ansi"

	"flowscope/engine/trace"
	"flowscope/tui/screen"
	"flowscope/tui/widget"
)

func (m *Model) tooSmall() bool { return m.w < MinWidth || m.h < MinHeight }

// View draws one line of header, the screen, and one line of footer.
func (m *Model) View() string {
	if m.w == 0 || m.h == 0 {
		return ""
	}
	if m.tooSmall() {
		words := fmt.Sprintf("flowscope needs %d by %d cells; this window has %d by %d. Make it larger, or press q.", MinWidth, MinHeight, m.w, m.h)
		return widget.Block(widget.Wrap(words, m.w), m.w, m.h, "")
	}
	body := ""
	if m.help {
		body = m.helpPane()
	} else {
		body = m.Top().View()
	}
	frame := m.header() + "\n" + body + "\n" + m.footer()
	if m.sh.Glyphs.Ellipsis != "…" {
		frame = asciiSigns.Replace(frame)
	}
	return frame
}

// asciiSigns replaces the typographic signs of our own words, cell for cell,
// where the terminal has ASCII only. The glyphs have their twins already.
var asciiSigns = strings.NewReplacer("…", ".", "·", "-", "›", ">", "→", ">", "–", "-", "—", "-", "“", `"`, "”", `"`, "‘", "'", "’", "'")

// short are names of the field in fewer words, for a header that has little room.
var short = strings.NewReplacer("authorization code + PKCE", "code + PKCE", "single-page app", "SPA", "client credentials", "credentials")

// header is the name, the path to here, what it is about, and the target.
func (m *Model) header() string {
	st, g := m.sh.Styles, m.sh.Glyphs
	left := st.Bar.Render(" ") + st.OnBar(st.Accent).Bold(true).Render("flowscope")
	var crumbs []string
	for _, s := range m.stack {
		if c := s.Crumb(); c != "" {
			crumbs = append(crumbs, c)
		}
	}
	for i, c := range crumbs {
		sep := "  "
		if i > 0 {
			sep = " " + g.Crumb + " "
		}
		style := st.Bar
		if i == len(crumbs)-1 {
			style = st.BarText
		}
		left += st.Bar.Render(sep) + style.Render(c)
	}
	badge := st.Badge.Render(g.BadgeLab + " " + m.target.Title)
	if m.target.Live {
		badge = st.BadgeLive.Render(g.BadgeLive + " live " + g.Dot + " " + trace.Plain(m.target.Title))
	}
	subject := trace.Plain(m.Top().Subject())
	if room := m.w - ansi.StringWidth(left) - ansi.StringWidth(badge) - 5; ansi.StringWidth(subject) > room {
		subject = short.Replace(subject)
	}
	return m.bar(left, subject, badge+st.Bar.Render(" "))
}

// bar sets a middle text between two styled ends, over the whole width. The
// middle gives way first.
func (m *Model) bar(left, middle, right string) string {
	st := m.sh.Styles
	lw, rw := ansi.StringWidth(left), ansi.StringWidth(right)
	if lw+rw > m.w {
		left = ansi.Truncate(left, max(0, m.w-rw), "")
		lw = ansi.StringWidth(left)
	}
	room := m.w - lw - rw
	if middle != "" && room < ansi.StringWidth(middle)+4 {
		middle = ansi.Truncate(middle, max(0, room-4), m.sh.Glyphs.Ellipsis)
	}
	if room < 16 {
		middle = ""
	}
	mw := ansi.StringWidth(middle)
	before := max(0, min((m.w-mw)/2-lw, room-mw-2))
	if mw > 0 && before < 2 {
		before = min(2, room-mw)
	}
	return left + st.Bar.Render(strings.Repeat(" ", before)+middle+strings.Repeat(" ", max(0, room-before-mw))) + right
}

// footer is the keys that work now, and a notice when something happened.
func (m *Model) footer() string {
	st := m.sh.Styles
	last := m.keyWords(screen.Bind("?", "keys", "?"))
	if m.Top().Typing() { // there it would be a question mark
		last = m.keyWords(screen.Bind("f1", "keys", "f1"))
	}
	right := st.Bar.Render(trace.Plain(m.Top().Status()) + " ")
	if m.notice.Text != "" {
		style := st.BarText
		if m.notice.Bad {
			style = st.OnBar(st.Fail)
		}
		text := ansi.Truncate(trace.Plain(m.notice.Text), max(0, m.w-ansi.StringWidth(last)-3), m.sh.Glyphs.Ellipsis)
		right = style.Render(text) + st.Bar.Render(" ")
	}
	room := m.w - ansi.StringWidth(right) - 2
	if m.Top().Status() == "" && m.notice.Text == "" {
		room = m.w - ansi.StringWidth(right) // nothing to stand off from
	}
	left := ""
	for _, b := range m.Top().Keys() {
		if !b.Enabled() {
			continue
		}
		if h := b.Help(); m.w < narrow {
			b.SetHelp(h.Key, shortKey(h.Desc))
		}
		word := m.keyWords(b)
		if ansi.StringWidth(left)+ansi.StringWidth(word)+ansi.StringWidth(last) > room {
			break
		}
		left += word
	}
	if ansi.StringWidth(left)+ansi.StringWidth(last) <= room {
		left += last
	}
	return m.bar(left, "", right)
}

// narrow is the width below which the footer says in fewer words what keys do.
const narrow = 100

// shortKey is what a key does in fewer words; the list of all keys has the whole.
func shortKey(does string) string {
	switch does {
	case "expectations":
		return "expect"
	case "compare":
		return "diff"
	case "middleware":
		return "libs"
	}
	return does
}

func (m *Model) keyWords(b key.Binding) string {
	st := m.sh.Styles
	h := b.Help()
	return st.Bar.Render(" ") + st.Key.Render(m.keyName(h.Key)) + st.KeyText.Render(" "+h.Desc+"  ")
}

// keyName writes arrows in ASCII where the terminal has nothing else.
func (m *Model) keyName(name string) string {
	if m.sh.Glyphs.Up == "↑" {
		return name
	}
	return strings.NewReplacer("↑↓", "up/down", "←→", "left/right", "↑", "up", "↓", "down", "←", "left", "→", "right").Replace(name)
}

// helpPane lists all keys of the screen beside those that work everywhere.
func (m *Model) helpPane() string {
	st := m.sh.Styles
	w, h := m.w, m.h-2
	here := []string{"", st.Title.Render("On this screen"), ""}
	for _, b := range m.Top().Keys() {
		here = append(here, m.helpLine(b, b.Enabled()))
	}
	everywhere := []string{"", st.Title.Render("Everywhere"), ""}
	for _, b := range []key.Binding{
		screen.Bind("esc q", "back; at home q leaves", "esc"), screen.Bind("?", "this list", "?"),
		screen.Bind("T", "dark, light, next theme", "T"), screen.Bind("pgup pgdn", "scroll", "pgup"),
		screen.Bind("ctrl+c", "leave at once", "ctrl+c"),
	} {
		everywhere = append(everywhere, m.helpLine(b, true))
	}
	iw, ih := widget.Inner(w, h)
	if len(here) > ih { // the rest stands under the other list
		everywhere = append(append(everywhere, ""), here[ih:]...)
		here = here[:ih]
	}
	everywhere = append(everywhere, "", st.Muted.Render("A pasted token or error is read"),
		st.Muted.Render("at once. A muted key can do"), st.Muted.Render("nothing right now."))
	lines := make([]string, 0, ih)
	for i := range max(len(here), len(everywhere)) {
		left, right := "", ""
		if i < len(here) {
			left = here[i]
		}
		if i < len(everywhere) {
			right = everywhere[i]
		}
		lines = append(lines, widget.Fit(left, iw/2, m.sh.Glyphs.Ellipsis)+right)
	}
	return widget.Pane{Title: "Keys", Summary: "any key closes this", State: widget.Focused}.Render(m.sh, lines, w, h)
}

func (m *Model) helpLine(b key.Binding, on bool) string {
	st := m.sh.Styles
	h := b.Help()
	name, text := st.Accent.Bold(true), st.Text
	if !on {
		name, text = st.Muted, st.Muted
	}
	return "  " + widget.Fit(name.Render(m.keyName(h.Key)), 11, "") + text.Render(h.Desc)
}
