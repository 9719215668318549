package token

import (
	"fmt"
	"slices"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"flowscope/tui/screen"
	"flowscope/tui/widget"
)

// page lies over the token while it is open: the comparison with another one,
// what other libraries answer, where the keys came from. It has the keys to
// itself, save those of a paste.
type page interface {
	// view draws it in exactly w by h cells.
	view(w, h int) string
	// key takes a key; a command that it gives is run.
	key(k tea.KeyMsg) tea.Cmd
	// keys are the bindings that make sense now, most useful first.
	keys() []key.Binding
	// status is the right end of the footer; "" for the token's own.
	status() string
	// back closes something inside; false: the page itself is to be closed.
	back() bool
	// typing reports whether plain keys are text now.
	typing() bool
	// shows reports whether the page is about a token.
	shows(*item) bool
	// renew is told that what is known of a token changed.
	renew(*item) tea.Cmd
	// close ends what the page has under way.
	close()
}

// lay opens a page over the token.
func (t *Token) lay(p page) {
	t.lift()
	t.over = p
}

// lift takes the page away.
func (t *Token) lift() {
	if t.over != nil {
		t.over.close()
	}
	t.over = nil
}

// pageTyping reports whether plain keys are text on the page that is open.
func (t *Token) pageTyping() bool { return t.over != nil && t.over.typing() }

// overView draws the page, under the line that is being typed where there is one.
func (t *Token) overView() string {
	if !t.taking {
		return t.over.view(t.w, t.h)
	}
	return widget.Fit(t.line.View(t.sh, "paste or type a token", t.w), t.w, t.sh.Glyphs.Ellipsis) + "\n" + t.over.view(t.w, t.h-1)
}

// The keys of this screen alone.
func compareKey() key.Binding    { return screen.Bind("d", "compare", "d") }
func middlewareKey() key.Binding { return screen.Bind("m", "middleware", "m") }
func keysKey() key.Binding       { return screen.Bind("K", "keys", "K") }
func closeTabKey() key.Binding {
	return screen.Bind("del", "close this token", "delete", "backspace")
}

// pageKey opens a page over the token that is shown.
func (t *Token) pageKey(k tea.KeyMsg) (tea.Cmd, bool) {
	switch {
	case key.Matches(k, compareKey()):
		return t.openCompare(), true
	case key.Matches(k, middlewareKey()):
		return t.openMiddleware(), true
	case key.Matches(k, keysKey()):
		return t.openKeys(), true
	case key.Matches(k, closeTabKey()):
		return t.closeTab(), true
	}
	return nil, false
}

// list is rows of a page with a cursor on one of them.
type list struct {
	at     int
	open   map[int]bool // rows that are opened
	scroll widget.Scroll
	moved  bool // the cursor moved: it must be seen

	look  string           // the width and the theme that rows were drawn for
	drawn map[int][]string // rows without the cursor, by their number; details by its complement
}

// lines gives the lines of row n, drawn anew only when it has the cursor or the
// look has changed: a list may be long, and every key draws it.
func (l *list) lines(t *Token, n, w int, row func(lit bool) []string, detail func() []string) []string {
	if look := fmt.Sprint(t.sh.Styles.Name, t.sh.Styles.Dark, t.sh.Glyphs.Ellipsis, w); l.look != look || l.drawn == nil {
		l.look, l.drawn = look, map[int][]string{}
	}
	keep := func(n int, draw func() []string) []string {
		if _, ok := l.drawn[n]; !ok {
			l.drawn[n] = draw()
		}
		return l.drawn[n]
	}
	var out []string
	if n == l.at {
		out = row(true)
	} else {
		out = keep(n, func() []string { return row(false) })
	}
	if l.open[n] {
		return append(slices.Clip(out), keep(^n, detail)...)
	}
	return out
}

// key moves the cursor among n rows, or the window on them by half of h; false
// for any other key.
func (l *list) key(k tea.KeyMsg, n, h int) bool {
	l.moved = true
	switch {
	case key.Matches(k, screen.Down()):
		l.at = min(l.at+1, max(0, n-1))
	case key.Matches(k, screen.Up()):
		l.at = max(0, l.at-1)
	case key.Matches(k, screen.PageDown()):
		l.moved, l.scroll.Top = false, l.scroll.Top+max(1, h/2)
	case key.Matches(k, screen.PageUp()):
		l.moved, l.scroll.Top = false, max(0, l.scroll.Top-max(1, h/2))
	case key.Matches(k, screen.Enter("")):
		if l.open == nil {
			l.open = map[int]bool{}
		}
		if l.at < n {
			l.open[l.at] = !l.open[l.at]
		}
	default:
		return false
	}
	return true
}

// reset goes to the top with everything closed.
func (l *list) reset() { *l = list{moved: true} }

// render draws a pane with the window on its lines; after a move of the cursor
// the lines from first to last are in it.
func (l *list) render(t *Token, p widget.Pane, lines []string, first, last, w, h int) string {
	_, ih := widget.Inner(w, h)
	if l.moved {
		l.scroll.Show(first, last, len(lines), ih)
	}
	var visible []string
	visible, p.Above, p.More = l.scroll.Window(lines, ih)
	p.State = widget.Focused
	return p.Render(t.sh, visible, w, h)
}

// under draws lines above a pane that takes the rest of the room. The lines give
// way where the pane would have less than room for a few.
func (t *Token) under(head []string, w, h int, pane func(w, h int) string) string {
	if n := max(0, h-8); len(head) > n {
		head = head[:n]
	}
	if len(head) == 0 {
		return pane(w, h)
	}
	return widget.Block(head, w, len(head), t.sh.Glyphs.Ellipsis) + "\n" + pane(w, h-len(head))
}
