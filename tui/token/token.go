// Package token is the screen of one token or several: what it is, whether an
// API or a client may accept it, what each claim means and who may read it, and
// every check with what was expected, what was found and what to change. A
// token that is pasted is taken at once.
//
// It judges nothing itself: the checks come from package validate, by a
// function that is handed in and runs in a command, since it may ask an issuer
// for its keys. The signature of a token, and the whole of a token that can't
// be read, are never shown.
package token

import (
	"context"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"flowscope/engine/inspect"
	"flowscope/engine/trace"
	"flowscope/tui/screen"
	"flowscope/tui/widget"
	"flowscope/validate"
	"flowscope/validate/middleware"
)

// Deps is what the screen needs from outside.
type Deps struct {
	Checker Checker
	// Session is what the token screens of a program share; nil: one of its own.
	Session *Session
	// Names are the applications that are known by name: by client id, and by App
	// ID URI. Presets name more.
	Names map[string]string
	// Graph gives the address of the Graph that belongs to an issuer, without a
	// slash at its end; "" where only the issuer tells it. Nil: it always is.
	Graph func(issuer string) string
}

// Checker checks tokens. Check, Judge and Refresh may take seconds, since they
// may fetch keys: they are called from commands and end when ctx does.
type Checker interface {
	// Check runs every check on a token.
	Check(ctx context.Context, raw string, want validate.Expectations) *inspect.Report
	// CheckAt is Check at another time than the present one.
	CheckAt(ctx context.Context, raw string, want validate.Expectations, at time.Time) *inspect.Report
	// Judge asks common middleware about a token that was checked.
	Judge(ctx context.Context, r *inspect.Report) []middleware.Opinion
	// Allow lets an issuer be asked for its keys from now on, on the person's word.
	Allow(issuer string)
	// Refresh asks an issuer for its keys now.
	Refresh(ctx context.Context, issuer string) error
	// Presets are the expectations that can be chosen by name.
	Presets() []inspect.Preset
	// UseKeys checks all tokens with the keys in data from now on, and says how many
	// there are: a JWK Set, a JWK, or a public key or certificates in PEM. Nil asks
	// the issuers again.
	UseKeys(data []byte) (n int, err error)
}

// pane is one of the panes that can have the focus.
type pane int

const (
	claimsPane pane = iota
	checksPane
	tellsPane
)

// Token is the screen.
type Token struct {
	sh   *screen.Shell
	deps Deps
	w, h int

	items []*item
	at    int // the one that is shown
	seq   int // number of the newest check

	focus  pane
	chosen bool // the person chose the pane, not the verdict
	claim  int  // row under the cursor
	check  int  // check under the cursor
	opened int  // claim that is opened, by its row; -1 when none is
	shut   map[string]bool
	open   map[string]bool
	moved  bool // the cursor moved: it must be seen

	claimScroll, checkScroll, rawScroll, formScroll widget.Scroll
	sight

	presets []inspect.Preset // what is known by name
	learned bool             // that was asked for

	over    page // lies over the token; nil: nothing does
	session *Session

	raw    bool
	form   *widget.Form
	line   widget.Line
	taking bool // the line is open: plain keys are text
	e      bool // an "e" came, with which every token begins
}

// New makes the screen for the tokens of open, or an empty one that waits for a
// paste.
func New(sh *screen.Shell, deps Deps, open screen.OpenTokenMsg) *Token {
	t := &Token{sh: sh, deps: deps, session: deps.Session, sight: sight{side: checksPane}}
	if t.session == nil {
		t.session = &Session{}
	}
	var names []string
	for i, r := range open.Tokens {
		if r == nil || r.Report == nil {
			continue
		}
		sh.Secrets.Token(r.Token.Raw)
		t.items = append(t.items, newItem(r, open.From, open.Flow, sh.Secrets))
		name := ""
		if i < len(open.Names) {
			name = open.Names[i]
		}
		names = append(names, name)
	}
	t.tellApart(names)
	t.show(max(0, min(open.First, len(t.items)-1)))
	return t
}

// tellApart names the API of tokens of one kind.
func (t *Token) tellApart(names []string) {
	kinds := map[string]int{}
	for _, it := range t.items {
		kinds[it.title]++
	}
	for i, it := range t.items {
		if kinds[it.title] > 1 && names[i] != "" {
			it.name = " " + t.sh.Glyphs.Dot + " " + trace.Plain(names[i])
			it.entitle()
		}
	}
}

// show turns to another token and begins at its top.
func (t *Token) show(at int) {
	t.at, t.claim, t.check, t.opened = at, 0, 0, -1
	t.shut, t.open = map[string]bool{}, map[string]bool{}
	t.claimScroll.Top, t.checkScroll.Top, t.rawScroll.Top = 0, 0, 0
	t.sight.begin()
	t.look()
}

// look turns to the pane that says the most, unless the person chose one: to the
// checks where something fails.
func (t *Token) look() {
	if t.chosen {
		return
	}
	t.focus = claimsPane
	if it := t.item(); it != nil && it.report.Verdict == validate.Invalid {
		t.focus = checksPane
	}
}

// item is the token that is shown, nil when there is none.
func (t *Token) item() *item {
	if t.at >= len(t.items) {
		return nil
	}
	return t.items[t.at]
}

// Init reads what is known by name. It starts no check: tokens of a run have been
// checked by the run.
func (t *Token) Init() tea.Cmd { return t.learn() }

// Resize tells the size of the body.
func (t *Token) Resize(w, h int) { t.w, t.h = w, h }

// Crumb is the screen's word in the header.
func (t *Token) Crumb() string { return "token" }

// Subject is the kind of the token that is shown and where it is from.
func (t *Token) Subject() string {
	it := t.item()
	if it == nil {
		return ""
	}
	words := kindWords(it.report)
	if it.from != "" {
		words += " " + t.sh.Glyphs.Dot + " " + it.from
	}
	return words
}

// Status says how long the token is, or what is under way.
func (t *Token) Status() string {
	it := t.item()
	switch {
	case t.taking && t.line.Over():
		return "too long: the rest is left out"
	case t.taking:
		return characters(t.line.Len()) + " taken"
	case t.over != nil && t.over.status() != "":
		return t.over.status()
	case it == nil:
		return "waiting for a token"
	case it.busy != 0:
		return t.askingWords(it)
	}
	if t.w < wide {
		return "" // the keys need the room; the raw view says it
	}
	return characters(len(it.report.Token.Raw))
}

func (t *Token) askingWords(it *item) string {
	if it.host == "" {
		return "checking" + t.sh.Glyphs.Ellipsis
	}
	return "asking " + it.host + " for its keys" + t.sh.Glyphs.Ellipsis
}

// Typing reports whether plain keys are text now.
func (t *Token) Typing() bool { return t.taking || t.form != nil || t.search != nil || t.pageTyping() }

// Back closes what is open inside the screen.
func (t *Token) Back() bool {
	switch {
	case t.taking:
		t.line.Clear()
		t.taking = false
	case t.form != nil:
		t.form = nil
	case t.over != nil:
		if !t.over.back() {
			t.lift()
		}
	case t.closesSight():
	case t.raw:
		t.raw = false
	default:
		return false
	}
	return true
}

// Close ends the checks that are still under way.
func (t *Token) Close() {
	t.lift()
	for _, it := range t.items {
		it.end()
	}
}

// Keys are the bindings that make sense now.
func (t *Token) Keys() []key.Binding {
	it := t.item()
	switch {
	case t.taking:
		return []key.Binding{screen.Enter("check it"), screen.Bind("ctrl+u", "empty", "ctrl+u"), screen.Bind("esc", "close", "esc")}
	case t.form != nil:
		return t.formKeys()
	case t.search != nil:
		return searchKeys()
	case t.menu != nil:
		return menuKeys()
	case t.over != nil:
		return t.over.keys()
	case t.raw:
		return []key.Binding{screen.Bind("v", "claims", "v"), screen.NextPane(), copyKey(), screen.Move("scroll"), screen.When(screen.Sides("token"), len(t.items) > 1)}
	case it == nil:
		return []key.Binding{screen.Bind("paste", "a token", "")}
	}
	sides := screen.When(screen.Sides("token"), len(t.items) > 1)
	first, last := []key.Binding{screen.NextPane(), screen.When(screen.Enter("open"), it.opens())}, []key.Binding(nil)
	if t.w < wide { // the tabs say that there are more
		last = append(last, sides)
	} else {
		first = append(first, sides)
	}
	first = append(first, screen.When(screen.Expect(), it.readable()), screen.When(compareKey(), it.readable()), screen.When(middlewareKey(), it.report.Token.Header != nil), screen.Raw(), copyKey())
	last = append(last, screen.Search(), screen.When(keysKey(), it.report.Token.Header != nil), screen.When(closeTabKey(), it.pasted))
	return append(append(first, last...), t.sightKeys(it)...)
}
