package widget_test

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"flowscope/tui/widget"
)

func runes(s string, paste bool) tea.KeyMsg {
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(s), Paste: paste}
}

var enter = tea.KeyMsg{Type: tea.KeyEnter}

// feed sends messages; a nil message stands for the moment in which nothing
// comes. It gives whether the text was complete after the last one.
func feed(l *widget.Line, msgs ...tea.Msg) (done bool) {
	for _, m := range msgs {
		if m == nil {
			m = l.Settled()
		}
		_, _, done = l.Update(m)
	}
	return done
}

func TestLine(t *testing.T) {
	long := strings.Repeat("x", 300)
	for name, c := range map[string]struct {
		msgs []tea.Msg
		text string
		done bool
	}{
		"typed":                      {[]tea.Msg{runes("5", false), runes("0", false)}, "50", false},
		"typed and at rest":          {[]tea.Msg{runes("5", false), nil}, "5", false},
		"enter at rest":              {[]tea.Msg{runes("5", false), nil, enter}, "5", true},
		"enter in the midst":         {[]tea.Msg{runes("5", false), enter}, "5\n", false},
		"the same, then rest":        {[]tea.Msg{runes("5", false), enter, nil}, "5\n", true},
		"a newline in the midst":     {[]tea.Msg{runes("{", false), enter, runes("}", false)}, "{\n}", false},
		"a whole paste":              {[]tea.Msg{runes(long, true)}, long, true},
		"a short paste waits":        {[]tea.Msg{runes("50011", true)}, "50011", false},
		"a short paste, then rest":   {[]tea.Msg{runes("50011", true), nil}, "50011", true},
		"bursts are one":             {[]tea.Msg{runes("abc", false), runes("def", false), nil}, "abcdef", true},
		"a paste takes its place":    {[]tea.Msg{runes("abc", false), nil, runes("def", false)}, "def", false},
		"space":                      {[]tea.Msg{runes("a", false), tea.KeyMsg{Type: tea.KeySpace, Runes: []rune(" ")}}, "a ", false},
		"backspace takes one":        {[]tea.Msg{runes("aé", false), tea.KeyMsg{Type: tea.KeyBackspace}}, "a", false},
		"backspace on nothing":       {[]tea.Msg{tea.KeyMsg{Type: tea.KeyBackspace}}, "", false},
		"ctrl+u":                     {[]tea.Msg{runes("abc", false), tea.KeyMsg{Type: tea.KeyCtrlU}}, "", false},
		"enter on nothing":           {[]tea.Msg{enter}, "", false},
		"other keys change nothing":  {[]tea.Msg{runes("a", false), tea.KeyMsg{Type: tea.KeyUp}, tea.KeyMsg{Type: tea.KeyF1}}, "a", false},
		"a paste ends once backed":   {[]tea.Msg{runes("abc", false), tea.KeyMsg{Type: tea.KeyBackspace}, nil}, "ab", false},
		"a tab inside a paste stays": {[]tea.Msg{runes("abc", false), tea.KeyMsg{Type: tea.KeyTab}, runes("d", false)}, "abc\td", false},
	} {
		l := &widget.Line{}
		done := feed(l, c.msgs...)
		if l.Text() != c.text || done != c.done {
			t.Errorf("%s: %q, done %v; want %q, %v", name, l.Text(), done, c.text, c.done)
		}
	}
}

// A message that is late, or another line's, ends nothing.
func TestLineLateSettled(t *testing.T) {
	a, b := &widget.Line{}, &widget.Line{}
	feed(a, runes("abc", false))
	late := a.Settled()
	feed(a, runes("def", false))
	if _, _, done := a.Update(late); done {
		t.Error("an old message ended newer text")
	}
	if _, taken, done := b.Update(a.Settled()); taken || done {
		t.Error("a line took the message of another")
	}
	if !feed(a, nil) {
		t.Error("its own message did not end it")
	}
}

func TestLineBounded(t *testing.T) {
	l := &widget.Line{}
	feed(l, runes(strings.Repeat("x", widget.MaxPaste+10), true))
	if l.Len() != widget.MaxPaste || !l.Over() {
		t.Errorf("%d characters kept, over %v", l.Len(), l.Over())
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{0: "0", 7: "7", 999: "999", 1412: "1,412", 1048576: "1,048,576", -1412: "-1,412", -999: "-999"} {
		if got := widget.Thousands(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

func TestProse(t *testing.T) {
	for _, c := range []struct {
		text string
		w    int
		want string
	}{
		{"for aaaa-bbbb-cccc only", 16, "for\naaaa-bbbb-cccc\nonly"},
		{"one two", 20, "one two"},
		{"one two", 3, "one\ntwo"},
		{"", 10, ""},
		{"abcdefgh ij", 5, "abcde\nfgh\nij"},
		{"ab-cdefghijklmnop", 10, "ab-cdefghi\njklmnop"},
		{"abcdefg-hijklmnop", 10, "abcdefg-\nhijklmnop"},
		{"日本語 です", 4, "日本\n語\nです"},
	} {
		if got := strings.Join(widget.Prose(c.text, c.w), "\n"); got != c.want {
			t.Errorf("%q in %d: %q, want %q", c.text, c.w, got, c.want)
		}
	}
	if widget.Prose("x", 0) != nil {
		t.Error("no width gave lines")
	}
}
