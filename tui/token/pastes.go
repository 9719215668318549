package token

import (
	"context"
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"flowscope/engine/explain"
	"flowscope/engine/inspect"
	"flowscope/engine/trace"
	"flowscope/tui/screen"
	"flowscope/validate"
)

// Bounds of what is kept of pastes.
const (
	shortest  = 16 // characters, below which a paste is no token of any kind
	maxFound  = 50 // tokens of one paste
	maxPasted = 20 // tokens of all pastes; one that holds more keeps its own
)

// atOnce is how much of a paste is read while the screen waits, in bytes; more is
// read beside it.
const atOnce = 64 << 10

// pasteMsg is a long paste that was read beside the screen.
type pasteMsg struct {
	owner *Token
	holds pasteHeld
}

// pasteHeld is what a text holds.
type pasteHeld struct {
	keys    []byte // public ones
	found   []validate.Found
	more    int    // tokens beyond the bound
	unkept  string // what to say where nobody should have pasted it
	private bool   // a key, which is let go whatever else is there
	errors  []explain.Finding
}

// paste takes what a text holds: keys to check with, tokens, or an error. What
// nobody should have pasted is recognised and let go.
func (t *Token) paste(text string) tea.Cmd {
	if len(text) <= atOnce {
		return t.receive(readPaste(text))
	}
	return func() tea.Msg { return pasteMsg{t, readPaste(text)} }
}

// readPaste looks through a text; it changes nothing.
func readPaste(text string) (h pasteHeld) {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	if h.keys, h.private = keysIn(text); h.private || h.keys != nil {
		h.unkept = Unkept(text)
		return h
	}
	if h.found, h.more = tokensIn(text); !certain(h.found) {
		h.errors, h.unkept = explain.Read(text), Unkept(text)
	}
	return h
}

// receive takes what a paste holds.
func (t *Token) receive(h pasteHeld) tea.Cmd {
	switch {
	case h.private:
		return screen.Notice(h.unkept)
	case h.keys != nil:
		return t.useKeys(h.keys)
	case len(h.errors) > 0:
		return screen.Send(screen.OpenDiagnoseMsg{Findings: h.errors})
	case h.unkept != "":
		return screen.Notice(h.unkept)
	case len(h.found) == 0:
		return screen.Notice("there is no token in that")
	}
	return t.takeFound(h.found, h.more)
}

// tokensIn gives the tokens of a text, and how many it has beyond the bound.
func tokensIn(text string) (found []validate.Found, more int) {
	for _, f := range validate.Find(text) {
		if len(f.Raw) < shortest && !readable(f.Raw) {
			continue
		}
		if len(found) == maxFound {
			more++
			continue
		}
		found = append(found, f)
	}
	return found, more
}

// readable reports whether at least the header of a token can be read.
func readable(raw string) bool {
	t, _ := validate.Decode(raw)
	return t.Kind != validate.KindOpaque || t.Header != nil
}

// certain reports whether a text holds tokens for sure: one can be read, or its
// place says what it is.
func certain(found []validate.Found) bool {
	return slices.ContainsFunc(found, func(f validate.Found) bool { return f.Kind != "" || readable(f.Raw) })
}

// Reads reports whether a text holds something for this screen: a token for
// sure, or public keys to check with.
func Reads(text string) bool {
	keys, private := keysIn(text)
	if private || keys != nil {
		return !private
	}
	found, _ := tokensIn(text)
	return certain(found)
}

// Unkept says of a text that nobody should have pasted what it is, a private key
// or a client secret; "" of any other. It is kept nowhere.
func Unkept(text string) string {
	if _, private := keysIn(text); private {
		return "that is a private key: it was not kept. Whoever signs needs it, whoever checks never does"
	}
	if holdsSecret(text) {
		return "that is a client secret and no token: it was not kept"
	}
	return ""
}

// takeFound shows what can be read of tokens at once and has them checked, each
// in a tab of its own; one that is there already is turned to. Of earlier pastes
// the oldest leave when there are too many.
func (t *Token) takeFound(found []validate.Found, more int) tea.Cmd {
	access := accessIn(found)
	var cmds []tea.Cmd
	var first *item
	fresh := 0
	for _, f := range found {
		t.sh.Secrets.Token(f.Raw)
		it := t.holding(f.Raw)
		switch {
		case it == nil:
			want, origin := t.remembered(f.Raw, f.Kind)
			it = &item{secrets: t.sh.Secrets, from: "pasted", pasted: true, found: f, origin: origin}
			if f.Kind == validate.KindAccess || f.Kind == validate.KindID {
				want.Type = f.Kind
			}
			if f.Kind == validate.KindID {
				want.AccessToken = access
			}
			want.Now = t.sh.Now()
			it.take(it.known(inspect.Check(context.Background(), f.Raw, nil, want)))
			t.items = append(t.items, it)
			fresh++
			cmds = append(cmds, t.run(it, f.Raw, want))
		case it.pasted && it.busy == 0:
			cmds = append(cmds, t.run(it, f.Raw, it.report.Expect))
		}
		if first == nil {
			first = it
		}
	}
	t.evict(max(maxPasted, fresh))
	t.raw = false
	if fresh > 0 && t.focus != checksPane {
		t.chosen = false // what fails in a new token is not left unseen
	}
	t.stash()
	kept := t.drafted
	t.drafted = false
	cmds = append(cmds, t.turnTo(first))
	switch {
	case more > 0:
		cmds = append(cmds, screen.Notice(fmt.Sprintf("%d tokens taken; %d more in the text were left out", len(found), more)))
	case fresh == 0 && len(found) == 1:
		cmds = append(cmds, screen.Notice("this token is here already: this is its tab"))
	case kept:
		cmds = append(cmds, screen.Notice("what you typed into the form is kept: o goes on with it"))
	case fresh > 1:
		cmds = append(cmds, screen.Notice(fmt.Sprintf("%d tokens in that: left and right turn to each", len(found))))
	}
	return tea.Batch(cmds...)
}

// turnTo shows a token that was pasted: in the comparison, as its other side.
func (t *Token) turnTo(it *item) tea.Cmd {
	if c, ok := t.over.(*comparison); ok && it != c.left {
		if !it.readable() {
			return screen.Notice("it can't be compared: its claims can't be read")
		}
		c.others = t.besides(c.left)
		c.beside(it)
		return nil
	}
	t.lift()
	t.show(slices.Index(t.items, it))
	return nil
}

// accessIn is the access token of a token response, when the text says of exactly
// one that it is: at_hash of the ID token beside it belongs to that one.
func accessIn(found []validate.Found) string {
	raw := ""
	for _, f := range found {
		if f.Kind != validate.KindAccess {
			continue
		}
		if raw != "" {
			return ""
		}
		raw = f.Raw
	}
	return raw
}

// holding is the tab that has a token already, nil when none has.
func (t *Token) holding(raw string) *item {
	for _, it := range t.items {
		if it.report.Token.Raw == raw {
			return it
		}
	}
	return nil
}

// evict lets the oldest pastes go until no more than n are left. One that is
// shown in a comparison stays.
func (t *Token) evict(n int) {
	for _, it := range slices.Clone(t.items) {
		count := 0
		for _, x := range t.items {
			if x.pasted {
				count++
			}
		}
		if count <= n {
			return
		}
		if it.pasted && (t.over == nil || !t.over.shows(it)) {
			t.drop(it)
		}
	}
}

// drop takes a tab away, and shows the one that is in its place then.
func (t *Token) drop(it *item) {
	at := slices.Index(t.items, it)
	it.end()
	t.items = slices.Delete(t.items, at, at+1)
	if at < t.at || t.at == len(t.items) {
		t.at = max(0, t.at-1)
	}
}

// closeTab closes the token that is shown, when it was pasted.
func (t *Token) closeTab() tea.Cmd {
	it := t.item()
	if !it.pasted {
		return screen.Notice("it belongs to the run and stays; esc goes back there")
	}
	t.drop(it)
	t.show(t.at)
	return nil
}

// known adds to a report what the text around a pasted token said.
func (it *item) known(r *inspect.Report) *inspect.Report {
	if it.found.Kind == validate.KindRefresh && r.Kind == validate.KindOpaque {
		r.Kind = validate.KindRefresh
	}
	if it.found.Scope != "" && it.found.Kind != validate.KindRefresh {
		r.Granted = strings.Fields(it.found.Scope)
	}
	return r
}

// named is the word on the tab of a token: its place where that says more than
// its kind.
func (it *item) named(words string) string {
	place := trace.Plain(bounded(it.found.Place, 40))
	switch {
	case place != "" && it.found.Kind == "":
		return place
	case it.pasted && place == "":
		return words + ", pasted"
	case it.name != "":
		return words + it.name
	}
	return words
}

// titles are the words on the tabs; those of one name are numbered.
func (t *Token) titles() []string {
	count, nth := map[string]int{}, map[string]int{}
	for _, it := range t.items {
		count[it.title]++
	}
	out := make([]string, len(t.items))
	for i, it := range t.items {
		out[i] = it.title
		if count[it.title] > 1 {
			nth[it.title]++
			out[i] = fmt.Sprintf("%s %d", it.title, nth[it.title])
		}
	}
	return out
}

// titleOf is the word on the tab of one token.
func (t *Token) titleOf(it *item) string {
	for i, x := range t.items {
		if x == it {
			return t.titles()[i]
		}
	}
	return it.title
}

// keysIn recognises a JWK Set or a JWK (RFC 7517), or keys and certificates in PEM
// (RFC 7468). Private says that there is a private or a secret key among them.
func keysIn(text string) (keys []byte, private bool) {
	if begin := strings.Index(text, "-----BEGIN "); begin >= 0 {
		rest := text[begin:]
		if strings.Contains(rest, "PRIVATE KEY-----") {
			return nil, true
		}
		if strings.Contains(rest, "PUBLIC KEY-----") || strings.Contains(rest, "CERTIFICATE-----") {
			return []byte(rest), false
		}
		return nil, false
	}
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "{") {
		return nil, false
	}
	o, _ := validate.ParseObject([]byte(text)) // what is wrong with it, whoever takes it says
	list := []*validate.Object{o}
	if v, ok := o.Get("keys"); ok {
		elements, isList := v.Array()
		if !isList {
			return nil, false
		}
		list = nil
		for _, e := range elements {
			if k, ok := e.Object(); ok {
				list = append(list, k)
			}
		}
	} else if !o.Has("kty") {
		return nil, false
	}
	for _, k := range list {
		// RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1: "d" is private, "k" is secret.
		if k.Has("d") || k.Has("k") && k.String("kty") == "oct" {
			return nil, true
		}
	}
	return []byte(text), false
}

// holdsSecret recognises a client secret: by its name, or by the form that Entra
// gives to those that it makes.
func holdsSecret(text string) bool {
	text = strings.Trim(strings.TrimSpace(text), "\"'`")
	if _, value, ok := strings.Cut(text, "client_secret"); ok {
		value = strings.TrimLeft(value, "\"' ")
		if len(value) > 4 && (value[0] == '=' || value[0] == ':') {
			return true
		}
	}
	if len(text) < 34 || len(text) > 48 || text[3] < '0' || text[3] > '9' || text[4:6] != "Q~" {
		return false
	}
	return strings.IndexFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}
