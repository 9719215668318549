package token

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"flowscope/tui/screen"
	"flowscope/tui/widget"
)

// found are the rows, checks and things told that have all words of a search,
// by index; without a search, all of them.
type found struct {
	done                bool
	query               string
	rows, checks, tells []int
}

// openSearch asks for the words to look for.
func (t *Token) openSearch() {
	in := widget.NewInput(t.sh, "query", "search", t.query, false)
	t.search = widget.NewForm([]*widget.Input{in}, "Search")
	t.search.Focus("query")
}

func searchKeys() []key.Binding {
	return []key.Binding{screen.Enter("keep it"), screen.Bind("esc", "leave it", "esc"), screen.Bind("ctrl+u", "empty", "ctrl+u")}
}

// searchKey takes a key into the words; what is shown follows them.
func (t *Token) searchKey(k tea.KeyMsg) tea.Cmd {
	if k.Type == tea.KeyEnter {
		t.search = nil
		return nil
	}
	if k.Type == tea.KeyUp || k.Type == tea.KeyDown {
		return nil
	}
	t.search.Update(k)
	t.seek(strings.TrimSpace(t.search.Inputs[0].Value()))
	return nil
}

// seek shows only what has all these words, and puts the focus where there is
// some of it.
func (t *Token) seek(query string) {
	if query == t.query {
		return
	}
	t.query, t.moved = query, true
	t.claim, t.check, t.tell = 0, 0, 0
	f := t.found(t.item())
	counts := [3]int{len(f.rows), len(f.checks), len(f.tells)}
	if counts[t.focus] > 0 {
		return
	}
	for p, n := range counts {
		if n > 0 {
			t.focusOn(pane(p))
			return
		}
	}
}

// found looks through a token for the words of the search.
func (t *Token) found(it *item) *found {
	if it == nil {
		return &found{}
	}
	t.tellAll(it)
	f := &it.hits
	if f.done && f.query == t.query {
		return f
	}
	*f = found{done: true, query: t.query}
	words := strings.Fields(strings.ToLower(t.query))
	if len(words) > 0 {
		it.index()
	}
	f.rows = holding(words, len(it.rows), func(i int) string { return it.rows[i].words })
	f.checks = holding(words, len(it.checks), func(i int) string { return it.checkWords[i] })
	f.tells = holding(words, len(it.tells), func(i int) string { return strings.ToLower(it.tells[i].words) })
	return f
}

// index writes down what a search looks through, once.
func (it *item) index() {
	if it.checkWords != nil {
		return
	}
	lower := func(texts ...string) string { return strings.ToLower(strings.Join(texts, "\n")) }
	it.checkWords = make([]string, len(it.checks))
	for i, c := range it.checks {
		it.checkWords[i] = lower(c.ID, string(c.Status), c.Expected, c.Found, c.Why, c.Fix, c.Source)
	}
	for i := range it.rows {
		r := &it.rows[i]
		r.words = lower(r.name, r.text, r.meaning, r.entry.Detail, r.entry.Trap, string(r.group))
	}
}

// holding gives which of n texts have every word.
func holding(words []string, n int, text func(i int) string) []int {
	out := make([]int, 0, n)
next:
	for i := range n {
		for _, w := range words {
			if !strings.Contains(text(i), w) {
				continue next
			}
		}
		out = append(out, i)
	}
	return out
}

// searchLine is the line over the panes while words are typed, and what to do
// with the result after that.
func (t *Token) searchLine(w int) []string {
	switch {
	case t.search != nil:
		lines, _, _ := t.search.Lines(t.sh, w)
		return lines[:1]
	case t.query != "":
		st := t.sh.Styles
		return []string{"  " + st.Muted.Render("search  ") + st.Bright.Render(widget.Elide(t.query, max(8, w-40), t.sh.Glyphs.Ellipsis)) +
			st.Muted.Render("  / changes it, esc shows everything")}
	}
	return nil
}

// nothingFound says that a pane has none of the words, and which has.
func (t *Token) nothingFound(it *item, w int) []string {
	f := t.found(it)
	var has []string
	for _, x := range []struct {
		n    int
		name string
	}{{len(f.rows), "Claims"}, {len(f.checks), "Checks"}, {len(f.tells), "Explained"}} {
		if x.n > 0 {
			has = append(has, x.name)
		}
	}
	text := "Nothing here has these words."
	if len(has) > 0 {
		text += " " + strings.Join(has, " and ") + " has some: tab."
	}
	return append([]string{""}, widget.Render(t.sh.Styles.Muted, widget.Prose(text, w))...)
}
