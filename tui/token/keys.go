package token

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"flowscope/engine/trace"
	"flowscope/tui/screen"
	"flowscope/tui/widget"
	"flowscope/validate"
)

// Session is what all token screens of the program share.
type Session struct {
	// given is how many keys were pasted that tokens are checked with now, in
	// place of those of their issuers; 0: none.
	given int
	// fetched are the requests that fetching the keys of an issuer took, the
	// newest last.
	fetched map[string][]trace.Exchange
	// expected is what was expected of tokens by hand.
	expected memory
}

// maxFetched bounds the requests that are kept of one issuer, and maxIssuers the
// issuers.
const (
	maxFetched = 12
	maxIssuers = 32
)

// note keeps the requests of a check.
func (s *Session) note(issuer string, list []trace.Exchange) {
	if len(list) == 0 || issuer == "" {
		return
	}
	if s.fetched == nil || len(s.fetched) >= maxIssuers && s.fetched[issuer] == nil {
		s.fetched = map[string][]trace.Exchange{}
	}
	all := append(s.fetched[issuer], list...)
	s.fetched[issuer] = all[max(0, len(all)-maxFetched):]
}

// The keys of this page alone.
func refreshKey() key.Binding { return screen.Bind("r", "fetch the keys anew", "r") }
func liveKey() key.Binding    { return screen.Bind("L", "live keys again", "L") }

// refreshedMsg says what fetching the keys anew came to.
type refreshedMsg struct {
	page *keyPage
	seq  int
	err  error
}

// keyPage is where the key of a token came from, or why there is none.
type keyPage struct {
	t    *Token
	it   *item
	seq  int
	busy bool
	stop context.CancelFunc
	said string // what fetching anew came to
	list
}

// openKeys shows where the keys came from.
func (t *Token) openKeys() tea.Cmd { return t.openKeysOf(t.item()) }

func (t *Token) openKeysOf(it *item) tea.Cmd {
	if it.report.Token.Header == nil {
		return screen.Notice("no key belongs to it: it is no JSON Web Token")
	}
	p := &keyPage{t: t, it: it}
	p.reset()
	t.lay(p)
	return nil
}

// issuerOf is whom the keys of a token are asked of: the issuer that is expected,
// else the one that the token names.
func issuerOf(it *item) string {
	if want := it.report.Expect.Issuer; want != "" {
		return want
	}
	return it.report.Token.Claims.String("iss")
}

// hostOf is the host of an issuer, fit to be drawn.
func hostOf(issuer string) string {
	u, err := url.Parse(issuer)
	if err != nil || u.Host == "" {
		return trace.Plain(bounded(issuer, 200))
	}
	return trace.Plain(bounded(u.Host, 200))
}

// asks is the issuer whose keys are wanted and that may be asked only on the
// person's word; "" when there is none.
func (t *Token) asks(it *item) string {
	if it.busy != 0 || it.given {
		return ""
	}
	return it.report.Ask
}

// waits says in the head of the screen what about keys waits for an answer, or is
// not as usual; nothing when all is.
func (t *Token) waits(it *item, w int) []string {
	st := t.sh.Styles
	words, style := "", st.Held
	if issuer := t.asks(it); issuer != "" {
		words = hostOf(issuer) + " may be asked for its keys, if you say so: K"
	} else if it.given {
		words, style = "Checked with the "+keysWords(t.session.given)+" you pasted, not with the issuer's: K", st.Warn
	}
	if words == "" {
		return nil
	}
	return []string{style.Render(widget.Fit(t.say(words), w, t.sh.Glyphs.Ellipsis))}
}

// inPlace says on a screen without a token that keys were pasted for the next.
func (t *Token) inPlace(w int) []string {
	if t.session.given == 0 {
		return nil
	}
	words := "Tokens are checked with the " + keysWords(t.session.given) + " you pasted, not with the issuer's; K beside a token goes back."
	return append(widget.Render(t.sh.Styles.Warn, widget.Prose(t.say(words), w)), "")
}

func keysWords(n int) string {
	if n == 1 {
		return "key"
	}
	return fmt.Sprintf("%d keys", n)
}

// useKeys checks with keys that were pasted from now on.
func (t *Token) useKeys(data []byte) tea.Cmd {
	n, err := t.deps.Checker.UseKeys(data)
	if err != nil {
		return screen.Send(screen.NoticeMsg{Text: "these keys can't be used: " + err.Error(), Bad: true})
	}
	t.session.given = n
	return tea.Batch(t.again(nil), screen.Notice("checked with the "+keysWords(n)+" you pasted from now on; K goes back"))
}

// again checks anew what is shown and what was pasted, or only what waits for an
// issuer's keys when which says so.
func (t *Token) again(which func(*item) bool) tea.Cmd {
	var cmds []tea.Cmd
	for i, it := range t.items {
		if (it.pasted || it.given || i == t.at) && it.report.Token.Header != nil && (which == nil || which(it)) {
			cmds = append(cmds, t.run(it, it.report.Token.Raw, it.report.Expect))
		}
	}
	return tea.Batch(cmds...)
}

func (p *keyPage) key(k tea.KeyMsg) tea.Cmd {
	t := p.t
	switch {
	case key.Matches(k, keysKey()):
		t.lift()
	case t.asks(p.it) != "" && key.Matches(k, screen.Enter("")):
		return p.allow()
	case key.Matches(k, refreshKey()):
		return p.refresh()
	case key.Matches(k, liveKey()):
		return p.live()
	case key.Matches(k, middlewareKey()):
		return t.openMiddleware()
	default:
		p.list.key(k, len(p.requests()), t.h)
	}
	return nil
}

// allow lets the issuer be asked, and checks everything again that waits for it.
func (p *keyPage) allow() tea.Cmd {
	t := p.t
	issuer := t.asks(p.it)
	t.deps.Checker.Allow(issuer)
	p.said = ""
	return t.again(func(it *item) bool { return it.report.Ask == issuer })
}

// refresh fetches the keys anew.
func (p *keyPage) refresh() tea.Cmd {
	t := p.t
	issuer := issuerOf(p.it)
	switch {
	case p.busy || p.it.busy != 0:
		return screen.Notice("keys are being fetched already")
	case p.it.given:
		return screen.Notice("the keys are those you pasted; L goes back to the issuer's")
	case t.asks(p.it) != "":
		return screen.Notice("the issuer may not be asked before you say so: enter")
	case issuer == "":
		return screen.Notice("no issuer is known: o states one")
	}
	p.seq++
	ctx, stop := context.WithCancel(context.Background())
	p.busy, p.stop, p.said = true, stop, ""
	fetch, msg := t.deps.Checker.Refresh, refreshedMsg{page: p, seq: p.seq}
	return func() tea.Msg {
		defer stop()
		msg.err = fetch(ctx, issuer)
		return msg
	}
}

// refreshed notes what fetching came to, and checks the tokens again.
func (p *keyPage) refreshed(msg refreshedMsg) tea.Cmd {
	if msg.page != p || msg.seq != p.seq {
		return nil
	}
	p.close()
	p.busy = false
	p.reset() // the newest requests stand on top
	p.said = "Fetched anew."
	if msg.err != nil {
		p.said = "Not fetched: " + trace.Plain(reason(msg.err)) + ". The keys known before stay."
	}
	issuer := issuerOf(p.it)
	return p.t.again(func(it *item) bool { return issuerOf(it) == issuer })
}

// reason says why there are no keys, without the address, which stands beside it.
func reason(err error) string {
	var e *validate.KeyError
	if errors.As(err, &e) {
		switch {
		case e.Err != nil:
			return e.Err.Error()
		case e.Reason == validate.KeyNoSource:
			return "there is no way to the issuer"
		}
		return strings.ReplaceAll(string(e.Reason), "-", " ")
	}
	return err.Error()
}

// live goes back to the keys of the issuers.
func (p *keyPage) live() tea.Cmd {
	t := p.t
	if t.session.given == 0 {
		return screen.Notice("the keys are the issuer's already")
	}
	if _, err := t.deps.Checker.UseKeys(nil); err != nil {
		return screen.Send(screen.NoticeMsg{Text: trace.Plain(err.Error()), Bad: true})
	}
	t.session.given = 0
	return tea.Batch(t.again(nil), screen.Notice("the keys are the issuer's again"))
}

func (p *keyPage) keys() []key.Binding {
	t := p.t
	if t.asks(p.it) != "" {
		return []key.Binding{screen.Enter("ask it"), screen.Bind("esc", "no", "esc"), screen.Bind("paste", "a key set", "")}
	}
	return []key.Binding{
		screen.When(screen.Enter("open"), len(p.requests()) > 0), screen.When(refreshKey(), !p.it.given && issuerOf(p.it) != ""),
		screen.When(liveKey(), t.session.given > 0), screen.Bind("paste", "a key set", ""), screen.Move("request"),
		screen.PageDown(), screen.PageUp(), screen.Bind("K", "close", "K"),
	}
}

func (p *keyPage) status() string {
	if p.busy {
		return "asking " + hostOf(issuerOf(p.it)) + " for its keys" + p.t.sh.Glyphs.Ellipsis
	}
	return ""
}

func (p *keyPage) back() bool          { return false }
func (p *keyPage) typing() bool        { return false }
func (p *keyPage) shows(it *item) bool { return it == p.it }

// renew draws the requests anew: there may be more.
func (p *keyPage) renew(*item) tea.Cmd {
	p.drawn = nil
	return nil
}

func (p *keyPage) close() {
	if p.stop != nil {
		p.stop()
	}
	p.stop = nil
}

// requests are those that fetching the keys took, the newest last.
func (p *keyPage) requests() []trace.Exchange {
	if p.it.given {
		return nil
	}
	return p.t.session.fetched[issuerOf(p.it)]
}
