package token

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/lipgloss"

	"flowscope/engine/trace"
	"flowscope/tui/widget"
	"flowscope/validate"
)

func (p *keyPage) view(w, h int) string {
	t := p.t
	iw, _ := widget.Inner(w, h)
	pane := widget.Pane{Title: "Keys", Summary: hostOf(issuerOf(p.it))}
	if t.asks(p.it) != "" {
		pane.Title = "May it be asked?"
		pane.State = widget.Focused
		return pane.Render(t.sh, p.question(min(iw, 96)), w, h)
	}
	lines, first, last := p.table(iw)
	return p.render(t, pane, lines, first, last, w, h)
}

// question asks whether an issuer may be asked, or another host for its keys,
// naming the host.
func (p *keyPage) question(w int) []string {
	t := p.t
	st := t.sh.Styles
	address := t.asks(p.it)
	host := hostOf(address)
	title, label := "Ask "+host+" for its keys?", "issuer"
	by := "the token itself. Nobody else vouches for this issuer: no profile, no target, none of Entra's clouds."
	sent := "a GET for its discovery document, and one for the keys that this names. Nothing of the token is sent."
	issuer := issuerOf(p.it)
	var e *validate.KeyError
	if errors.As(p.it.report.KeyError(), &e) && e.Issuer != "" {
		issuer = e.Issuer
	}
	switch {
	case address != issuer: // not the issuer, but where it keeps its keys
		title, label = "Fetch the keys of "+hostOf(issuer)+" from "+host+"?", "address"
		by = "the discovery document of " + hostOf(issuer) + ", which keeps its keys on another host than its own."
		sent = "a GET for this address. Nothing of the token is sent."
	case p.it.report.Expect.Issuer == address:
		by = "what is expected of the token. No profile, no target and none of Entra's clouds vouches for it."
	}
	lines := []string{""}
	lines = append(lines, widget.Render(st.Title, widget.Prose(t.say(title), w))...)
	lines = append(lines, "")
	add := func(label, text string, style lipgloss.Style) {
		lines = append(lines, t.labelled(label, t.say(text), style, 10, w)...)
	}
	add("host", host, st.Bright.Bold(true))
	add(label, trace.Plain(bounded(address, 2000)), st.Bright)
	add("named by", by, st.Text)
	add("sent", sent, st.Text)
	add("means", "If the signature holds, whoever runs this host made the token. That does not say that your API should trust them.", st.Text)
	lines = append(lines, "", t.keyLine("enter", "ask it, now and as long as the program runs"), t.keyLine("esc", "no: the token stays unverified"))
	return append(lines, t.keyLine("paste", "the issuer's key set, to check without asking"))
}

// keyLine is a key and what it does.
func (t *Token) keyLine(name, does string) string {
	st := t.sh.Styles
	return st.Accent.Bold(true).Render(widget.Fit(name, 10, "")) + st.Text.Render(does)
}

// table draws where the key came from, and the requests that took it, and gives
// the lines of the request under the cursor.
func (p *keyPage) table(w int) (lines []string, first, last int) {
	t := p.t
	st := t.sh.Styles
	lines = p.origin(w)
	if p.said != "" {
		lines = append(lines, "")
		lines = append(lines, widget.Render(st.Held, widget.Prose(t.say(p.said), w))...)
	}
	requests := p.requests()
	if len(requests) == 0 {
		return lines, 0, 0
	}
	lines = append(lines, "", st.Accent.Bold(true).Render("Requests")+st.Muted.Render("  the newest first"))
	for i := range requests {
		e := requests[len(requests)-1-i]
		if i == p.at {
			first = len(lines)
		}
		lines = append(lines, p.list.lines(t, i, w, func(lit bool) []string { return []string{p.requestRow(e, lit, w)} },
			func() []string { return widget.Indent(t.exchangeLines(e, max(10, w-4)), 4) })...)
		if i == p.at {
			last = len(lines) - 1
		}
	}
	if p.at == 0 {
		first = 0
	}
	return lines, first, last
}

// origin says where the key came from, or why there is none and what to do.
func (p *keyPage) origin(w int) []string {
	t := p.t
	st, r := t.sh.Styles, p.it.report
	lines := []string{""}
	add := func(label, text string, style lipgloss.Style) {
		if text != "" {
			lines = append(lines, t.labelled(label, t.say(trace.Plain(text)), style, 12, w)...)
		}
	}
	headline, style := "The key is the issuer's", st.Pass
	var check validate.Result
	for _, c := range r.Checks() {
		if c.ID == "key" {
			check = c
		}
	}
	k, has := r.Key()
	switch {
	case p.it.busy != 0 || p.busy:
		headline, style = "Fetching the keys"+t.sh.Glyphs.Ellipsis, st.Held
	case p.it.given && has:
		headline, style = "The key is one that you pasted", st.Warn
	case p.it.given:
		headline, style = "None of the keys that you pasted fits", st.Warn
	case check.Status == validate.StatusFail:
		headline, style = "There is no key to trust", st.Fail
	case !has:
		headline, style = "There is no key", st.Warn
	}
	lines = append(lines, widget.Render(style.Bold(true), widget.Prose(headline, w))...)
	lines = append(lines, "")
	add("issuer", bounded(issuerOf(p.it), 2000), st.Bright)
	add("kid", bounded(r.Token.Header.String("kid"), 400), st.Bright)
	if n := t.session.given; p.it.given {
		add("keys", fmt.Sprintf("the %s you pasted, for every token here; L goes back to the issuer's", keysWords(n)), st.Text)
	}
	if has {
		add("key", check.Found, st.Text)
		add("declared by", k.MetadataIssuer, st.Text)
	}
	if has {
		add("fetched", p.age(k), st.Text)
	}
	add("trouble", k.Trouble, st.Warn)
	if check.Status != validate.StatusPass {
		add("why", fixHere(check.Why), st.Text)
		if p.advice() == "" {
			add("fix", fixHere(check.Fix), st.Text)
		}
	}
	add("do", p.advice(), st.Text)
	return lines
}

// age says when the keys were fetched.
func (p *keyPage) age(k validate.Key) string {
	t := p.t
	at, now := k.Fetched, t.sh.Now()
	if list := p.requests(); at.IsZero() && len(list) > 0 {
		at = list[len(list)-1].Started
	}
	switch {
	case p.it.given:
		return ""
	case at.IsZero() && !p.it.pasted:
		return "by the run, whose steps have the requests"
	case at.IsZero():
		return ""
	}
	return stamp(at, now, true) + ", " + distance(at, now) + "; kept for a day. A token that names a key which is not among them has the issuer asked again, no more often than once in five minutes; r does it by hand"
}

// advice says what helps where the issuer gave no keys.
func (p *keyPage) advice() string {
	var e *validate.KeyError
	if !errors.As(p.it.report.KeyError(), &e) {
		return ""
	}
	switch e.Reason {
	case validate.KeyUnreachable, validate.KeyNoSource, validate.KeyIncomplete:
		return "Paste the issuer's key set (the JSON behind jwks_uri), or a public key or certificate in PEM: it is checked with that, and nobody is asked."
	case validate.KeyUnknown:
		return "r asks the issuer again, in case it has new keys. An application with signing keys of its own needs its client id as the audience: o."
	}
	return ""
}

// requestRow is one request in a line.
func (p *keyPage) requestRow(e trace.Exchange, lit bool, w int) string {
	t := p.t
	st, g := t.sh.Styles, t.sh.Glyphs
	point := " "
	if lit {
		point = g.Pointer
	}
	outcome, style := "no answer", st.Fail
	switch {
	case e.Refused != "":
		outcome = "not let out"
	case e.Response != nil:
		outcome, style = fmt.Sprint(e.Response.Status), st.Pass
		if e.Response.Status >= 400 {
			style = st.Fail
		}
	}
	took := e.Took.Round(time.Millisecond).String()
	room := max(10, w-2-len(e.Request.Method)-1-2-len(outcome)-2-len(took))
	return t.painted(lit, w, piece{st.Accent, widget.Fit(point, 2, "")}, piece{st.Back, trace.Plain(e.Request.Method) + " "},
		piece{st.Text, widget.Fit(widget.Elide(trace.Plain(e.Request.URL), room, g.Ellipsis), room, "")}, piece{style, "  " + outcome}, piece{st.Muted, "  " + took})
}

// maxBody is how much of an answer is drawn, in bytes.
const maxBody = 16 << 10

// exchangeLines is a request and its answer as they travelled.
func (t *Token) exchangeLines(e trace.Exchange, w int) []string {
	st := t.sh.Styles
	req := t.sh.Secrets.Request(e.Request)
	lines := widget.Render(st.Text, widget.Wrap(trace.Plain(req.Method+" "+req.URL), w))
	lines = append(lines, t.headerLines(req.HeaderParams(), w)...)
	lines = append(lines, "")
	if e.Response == nil {
		words := e.Err + e.Refused
		if words == "" {
			words = "No answer yet."
		}
		return append(append(lines, widget.Render(st.Fail, widget.Prose(trace.Plain(t.sh.Secrets.Text(words)), w))...), "")
	}
	resp := t.sh.Secrets.Response(*e.Response)
	lines = append(lines, st.Bright.Bold(true).Render("answer "+fmt.Sprint(resp.Status)))
	lines = append(lines, t.headerLines((trace.Request{Header: resp.Header}).HeaderParams(), w)...)
	lines = append(lines, "")
	lines = append(lines, widget.JSON(t.sh, []byte(bounded(string(resp.Body), maxBody)), w)...)
	if n := len(resp.Body) - maxBody; n > 0 {
		lines = append(lines, st.Muted.Render("and "+characters(n)+" more"))
	}
	return append(lines, "")
}

func (t *Token) headerLines(headers []trace.Param, w int) []string {
	st := t.sh.Styles
	var out []string
	for _, p := range headers {
		for i, l := range widget.Wrap(trace.Plain(p.Name)+": "+trace.Plain(p.Value), max(10, w)) {
			name, value, ok := strings.Cut(l, ":")
			if i == 0 && ok {
				out = append(out, st.Muted.Render(name+":")+st.Text.Render(value))
			} else {
				out = append(out, st.Text.Render(l))
			}
		}
	}
	return out
}
