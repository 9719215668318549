package token

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"flowscope/engine/trace"
	"flowscope/tui/screen"
	"flowscope/tui/widget"
	"flowscope/validate"
	"flowscope/validate/claims"
	"flowscope/validate/diff"
)

// The keys of the comparison alone.
func swapKey() key.Binding  { return screen.Bind("s", "swap sides", "s") }
func equalKey() key.Binding { return screen.Bind("=", "what is equal", "=") }

// comparison lays two tokens side by side, what matters first.
type comparison struct {
	t           *Token
	left, right *item // right is nil while it is not chosen
	others      []*item
	menu        widget.Menu // of the others, while right is nil
	menuScroll  widget.Scroll

	result  diff.Comparison
	parts   []part
	equal   int // rows that are the same on both sides
	showing bool
	query   string       // only rows with all its words are shown
	search  *widget.Form // open while the words are typed
	list
}

// maxCompared is how many rows stand under one heading.
const maxCompared = 300

// part is the rows under one heading.
type part struct {
	title string
	rows  []diff.Row
	left  int // rows that are left out because there are too many
}

// openCompare compares the token that is shown: with the other one where there
// are two, with one to choose where there are more, with a paste where it is
// alone.
func (t *Token) openCompare() tea.Cmd {
	left := t.item()
	if !left.readable() {
		return screen.Notice("it can't be compared: its claims can't be read")
	}
	c := &comparison{t: t, left: left}
	for _, it := range t.items {
		if it != left && it.readable() {
			c.others = append(c.others, it)
			c.menu.Items = append(c.menu.Items, widget.Item{Title: t.titleOf(it), Note: t.lineOf(it)})
		}
	}
	if len(c.others) == 1 {
		c.beside(c.others[0])
	}
	t.lay(c)
	return nil
}

// lineOf tells a token from others of its kind in a line: for whom, and when.
func (t *Token) lineOf(it *item) string {
	words := []string{strings.ToLower(string(it.report.Verdict))}
	if aud := it.report.Token.Claims.Strings("aud"); len(aud) > 0 {
		words = append(words, "for "+trace.Plain(bounded(strings.Join(aud, ", "), 200)))
	}
	if at, ok := claimDate(it.report, "iat"); ok {
		words = append(words, "issued "+stamp(at, t.sh.Now(), true))
	}
	return strings.Join(words, " "+t.sh.Glyphs.Dot+" ")
}

// beside sets the token on the right.
func (c *comparison) beside(right *item) {
	c.right = right
	c.result = diff.Tokens(c.left.report.Token, right.report.Token)
	c.arrange()
}

// arrange puts the differences that matter first, then the others, then what is
// equal, where that is shown.
func (c *comparison) arrange() {
	var matters, differs, same []diff.Row
	words, equal := strings.Fields(strings.ToLower(c.query)), 0
	for _, r := range c.result.Rows {
		alike := r.State == diff.Same && !r.Matters
		if alike {
			equal++
		}
		switch {
		case len(words) > 0 && !c.holds(words, r):
		case alike:
			same = append(same, r)
		case r.Matters:
			matters = append(matters, r)
		default:
			differs = append(differs, r)
		}
	}
	c.parts, c.equal = nil, equal
	add := func(title string, rows []diff.Row) {
		if n := min(len(rows), maxCompared); n > 0 {
			c.parts = append(c.parts, part{title, rows[:n], len(rows) - n})
		}
	}
	add("What matters", matters)
	add("Other differences", differs)
	if c.showing || len(words) > 0 {
		add("The same in both", same)
	}
	c.reset()
}

// count is the number of rows that are shown.
func (c *comparison) count() int {
	n := 0
	for _, p := range c.parts {
		n += len(p.rows)
	}
	return n
}

func (c *comparison) key(k tea.KeyMsg) tea.Cmd {
	t := c.t
	switch {
	case c.right == nil:
		return c.chooseKey(k)
	case c.search != nil:
		c.searchKey(k)
	case key.Matches(k, screen.Search()):
		in := widget.NewInput(t.sh, "query", "search", c.query, false)
		c.search = widget.NewForm([]*widget.Input{in}, "Search")
		c.search.Focus("query")
	case key.Matches(k, swapKey()):
		c.left, c.right = c.right, c.left
		c.others = t.besides(c.left)
		c.beside(c.right)
	case key.Matches(k, equalKey()):
		if c.equal == 0 {
			return screen.Notice("no member is the same in both")
		}
		c.showing = !c.showing
		c.arrange()
	case key.Matches(k, screen.Left(), screen.Right()):
		return c.turn(key.Matches(k, screen.Right()))
	case key.Matches(k, screen.Copy("")):
		return t.sh.Copy(c.markdown(), "the comparison")
	case key.Matches(k, compareKey()):
		t.lift()
	default:
		c.list.key(k, c.count(), t.h)
	}
	return nil
}

// searchKey takes a key into the words; the rows follow them.
func (c *comparison) searchKey(k tea.KeyMsg) {
	switch k.Type {
	case tea.KeyEnter:
		c.search = nil
		return
	case tea.KeyUp, tea.KeyDown:
		return
	}
	c.search.Update(k)
	c.seek(strings.TrimSpace(c.search.Inputs[0].Value()))
}

// seek shows only the rows that have all these words.
func (c *comparison) seek(query string) {
	if query != c.query {
		c.query = query
		c.arrange()
	}
}

// holds reports whether a row has every word, in either case.
func (c *comparison) holds(words []string, r diff.Row) bool {
	text := strings.ToLower(strings.Join(append(namesOf(r), c.valueOf(r, r.Left), c.valueOf(r, r.Right), r.Says), "\n"))
	return len(holding(words, 1, func(int) string { return text })) == 1
}

func (c *comparison) typing() bool { return c.search != nil }

// besides are the tokens that one can be compared with.
func (t *Token) besides(left *item) []*item {
	var out []*item
	for _, it := range t.items {
		if it != left && it.readable() {
			out = append(out, it)
		}
	}
	return out
}

// chooseKey chooses the other token; where there is none, only a paste brings it.
func (c *comparison) chooseKey(k tea.KeyMsg) tea.Cmd {
	switch {
	case key.Matches(k, compareKey()):
		c.t.lift()
	case len(c.others) == 0:
	case key.Matches(k, screen.Down()):
		c.menu.Move(1)
	case key.Matches(k, screen.Up()):
		c.menu.Move(-1)
	case key.Matches(k, screen.Enter("")):
		c.beside(c.others[c.menu.Index])
	}
	return nil
}

// turn sets another of the tokens on the right.
func (c *comparison) turn(forward bool) tea.Cmd {
	if len(c.others) < 2 {
		return screen.Notice("there is no third token: paste one")
	}
	at := 0
	for i, it := range c.others {
		if it == c.right {
			at = i
		}
	}
	if forward {
		at++
	} else {
		at--
	}
	c.beside(c.others[(at+len(c.others))%len(c.others)])
	return nil
}

func (c *comparison) keys() []key.Binding {
	if c.right == nil {
		return []key.Binding{
			screen.When(screen.Enter("compare with it"), len(c.others) > 0), screen.When(screen.Move("token"), len(c.others) > 0),
			screen.Bind("paste", "the other token", ""), screen.Bind("esc", "close", "esc"),
		}
	}
	if c.search != nil {
		return searchKeys()
	}
	same := equalKey()
	if c.showing {
		same.SetHelp("=", "hide what is equal")
	}
	return []key.Binding{
		screen.When(screen.Enter("open"), c.count() > 0), screen.When(same, c.equal > 0), swapKey(),
		screen.When(screen.Sides("another token"), len(c.others) > 1), screen.Copy("as Markdown"), screen.Search(), screen.Move("row"),
		screen.PageDown(), screen.PageUp(), screen.Bind("paste", "another token", ""), screen.Bind("d", "close", "d"),
	}
}

func (c *comparison) status() string {
	if c.right == nil {
		return "waiting for the other token"
	}
	return differences(c.differing())
}

// differing is the number of rows that are not the same on both sides.
func (c *comparison) differing() int { return len(c.result.Rows) - c.equal }

func differences(n int) string {
	switch n {
	case 0:
		return "no difference"
	case 1:
		return "1 difference"
	}
	return widget.Thousands(n) + " differences"
}

// back closes the search, then shows every row again.
func (c *comparison) back() bool {
	switch {
	case c.search != nil:
		c.search = nil
	case c.query != "":
		c.seek("")
	default:
		return false
	}
	return true
}

func (c *comparison) shows(it *item) bool { return it == c.left || it == c.right }

func (c *comparison) renew(*item) tea.Cmd { return nil }

func (c *comparison) close() {}

// valueOf is a value of a row as the table has it: a date as one.
func (c *comparison) valueOf(r diff.Row, v validate.Value) string {
	if v.Type == validate.TypeNone {
		return ""
	}
	if at, ok := dateOf(v); ok && r.Group == claims.When && at.Unix() >= 1e9 {
		return stamp(at, c.t.sh.Now(), true)
	}
	return masked(c.t.sh.Secrets, v)
}

// ofEach are members that every token has its own value of: that they differ says
// nothing against either. Times count among them while they are near each other.
var ofEach = [...]string{"uti", "aio", "rh", "nonce", "at_hash", "c_hash", "iat", "nbf", "exp"}

// ofKind are members in which an access token and an ID token of one sign-in differ,
// because one is for an API and the other for the client (OpenID Connect Core 1.0
// section 2; Entra: access token claims reference, ID token claims reference).
var ofKind = [...]string{"aud", "sub", "azp", "azpacr", "appid", "appidacr", "scp", "name", "preferred_username", "email", "acct", "auth_time", "typ"}

// surprising reports whether a difference is one that nobody would expect of these
// two, or that is a danger.
func (c *comparison) surprising(r diff.Row) bool {
	if slices.Contains(ofEach[:], r.Name) {
		x, dated := dateOf(r.Left)
		y, too := dateOf(r.Right)
		return dated && too && x.Sub(y).Abs() > 24*time.Hour
	}
	return c.left.report.Kind == c.right.report.Kind || !slices.Contains(ofKind[:], r.Name)
}

// namesOf is the member's name, or both where the sides call it differently.
func namesOf(r diff.Row) []string {
	names := []string{trace.Plain(bounded(r.Name, 80))}
	if r.Other != "" && r.Other != r.Name {
		names = append(names, trace.Plain(bounded(r.Other, 80)))
	}
	return names
}

// markdown writes the comparison down, without either token.
func (c *comparison) markdown() string {
	var b strings.Builder
	left, right := inText(c.t.titleOf(c.left)), inText(c.t.titleOf(c.right))
	fmt.Fprintf(&b, "# Two tokens compared: %s, %s\n", left, right)
	if c.result.What != "" {
		fmt.Fprintf(&b, "\n%s\n", inText(c.result.What))
	}
	for _, n := range c.result.Notes {
		fmt.Fprintf(&b, "\n- %s", inText(n))
	}
	if len(c.result.Notes) > 0 {
		b.WriteString("\n")
	}
	for _, p := range c.parts {
		fmt.Fprintf(&b, "\n## %s\n\n| member | %s | %s | what it means |\n|---|---|---|---|\n", p.title, left, right)
		for _, r := range p.rows {
			name := inCode(strings.Join(namesOf(r), " / "))
			if r.Header {
				name += " (header)"
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", name, inCode(masked(c.t.sh.Secrets, r.Left)), inCode(masked(c.t.sh.Secrets, r.Right)), inText(r.Says))
		}
	}
	if !c.showing && c.equal > 0 {
		fmt.Fprintf(&b, "\n%d members are the same in both.\n", c.equal)
	}
	return c.t.sh.Secrets.Text(b.String())
}
