package token

import (
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"flowscope/tui/widget"
	"flowscope/validate"
)

// wide and tall are the sizes from which both panes stand side by side, and
// from which the head has air around it.
const (
	wide = 100
	tall = 28
)

// View draws the verdict on top, the claims on the left, the checks on the right.
func (t *Token) View() string {
	it := t.item()
	if it == nil {
		return t.emptyPane()
	}
	if t.over != nil {
		return t.overView()
	}
	head := t.head(it)
	if t.taking {
		head = append([]string{t.line.View(t.sh, "paste or type a token", t.w)}, head...)
	}
	if n := t.h - 6; len(head) > n {
		head = head[:max(0, n)]
	}
	h := t.h - len(head)
	body := t.panes(it, h)
	if len(head) == 0 {
		return body
	}
	return widget.Block(head, t.w, len(head), t.sh.Glyphs.Ellipsis) + "\n" + body
}

// panes draws what is below the head.
func (t *Token) panes(it *item, h int) string {
	left, right := widget.Columns(t.w, 7, 12)
	if t.w > 150 {
		left, right = widget.Columns(t.w, 11, 20)
	}
	switch {
	case t.raw && t.w >= wide:
		return widget.Beside(t.rawPane(it, left, h), t.jsonPane(it, right, h))
	case t.raw && t.focus == claimsPane:
		return t.rawPane(it, t.w, h)
	case t.raw:
		return t.jsonPane(it, t.w, h)
	case t.w >= wide:
		side := t.checksPane(it, right, h)
		if t.form != nil {
			side = t.formPane(right, h)
		}
		return widget.Beside(t.claimsPane(it, left, h), side)
	case t.form != nil:
		return t.formPane(t.w, h)
	case t.focus == checksPane:
		return t.checksPane(it, t.w, h)
	}
	return t.claimsPane(it, t.w, h)
}

func (t *Token) state(p pane) widget.PaneState {
	if t.focus == p && t.form == nil {
		return widget.Focused
	}
	return widget.Resting
}

// other names the pane that tab turns to, where there is room for one only.
func (t *Token) other(p widget.Pane, name string) widget.Pane {
	if t.w >= wide {
		return p
	}
	st := t.sh.Styles
	p.Accent = ""
	if p.Summary != "" {
		p.Accent = st.Muted.Render(p.Summary + " " + t.sh.Glyphs.Dot + " ")
	}
	p.Accent += st.Accent.Bold(true).Render("tab") + st.Text.Render(" "+name)
	return p
}

func (t *Token) claimsPane(it *item, w, h int) string {
	iw, ih := widget.Inner(w, h)
	lines, first, last := t.claimLines(it, iw)
	if len(it.rows) == 0 {
		first, last = t.claimScroll.Top, t.claimScroll.Top
	} else if t.claim == len(it.rows)-1 {
		last = len(lines) - 1
	}
	if t.claim == 0 {
		first = 0 // with the heading above it
	}
	p := widget.Pane{Title: "Claims", State: t.state(claimsPane)}
	if n := it.report.Token.Claims.Len(); n > 0 {
		p.Summary = widget.Thousands(n) + " claims"
	}
	return t.scrolled(t.other(p, "Checks"), lines, first, last, &t.claimScroll, w, h, ih)
}

func (t *Token) checksPane(it *item, w, h int) string {
	iw, ih := widget.Inner(w, h)
	lines, first, last := t.checkLines(it, iw)
	if t.check == len(it.checks)-1 {
		last = len(lines) - 1
	}
	if t.check == 0 {
		first = 0
	}
	p := widget.Pane{Title: "Checks", Summary: t.tally(it), State: t.state(checksPane)}
	return t.scrolled(t.other(p, "Claims"), lines, first, last, &t.checkScroll, w, h, ih)
}

// scrolled draws the window on the lines; after a move of the cursor its row
// is in it.
func (t *Token) scrolled(p widget.Pane, lines []string, first, last int, s *widget.Scroll, w, h, ih int) string {
	if p.State == widget.Focused && t.moved {
		s.Show(first, last, len(lines), ih)
	}
	var visible []string
	visible, p.Above, p.More = s.Window(lines, ih)
	return p.Render(t.sh, visible, w, h)
}

// head is the verdict, what the token is, why, and how long it lives.
func (t *Token) head(it *item) []string {
	roomy := t.h >= tall && t.w >= wide
	var out []string
	pad := 1
	if roomy {
		pad = 2
		out = append(out, "")
	}
	if len(t.items) > 1 {
		out = append(out, widget.Indent(t.tabs(roomy), pad)...)
		if roomy {
			out = append(out, "")
		}
	}
	out = append(out, widget.Indent(t.verdict(it, t.w-2*pad, roomy), pad)...)
	out = append(out, widget.Indent(t.waits(it, t.w-2*pad), pad)...)
	bar := t.bar(it, t.w-2*pad)
	if !roomy && len(bar) > 1 {
		bar = bar[1:]
	}
	return append(out, widget.Indent(bar, pad)...)
}

// tabs are the tokens; where there is little room, in one line.
func (t *Token) tabs(roomy bool) []string {
	if roomy {
		return widget.Tabs(t.sh, t.titles(), t.at, t.w-4)
	}
	return []string{widget.TabLine(t.sh, t.titles(), t.at, t.w-2)}
}

// verdict is the chip, the kind and the sentence that says why.
func (t *Token) verdict(it *item, w int, roomy bool) []string {
	st := t.sh.Styles
	chip, n := t.chip(it)
	dot := st.Muted.Render(" " + t.sh.Glyphs.Dot + " ")
	parts := []string{st.Bright.Bold(true).Render(kindWords(it.report))}
	for _, a := range about(it.report, it.from, roomy) {
		parts = append(parts, st.Text.Render(a))
	}
	out := []string{chip + "  " + strings.Join(parts, dot)}
	indent := n + 2
	if !roomy {
		indent = 1
	}
	text, style := it.summary, st.Text
	if it.busy != 0 {
		text, style = "The claims are read already; "+t.askingWords(it), st.Held
	}
	lines := widget.Prose(t.say(text), max(20, w-indent))
	if !roomy && len(lines) > 2 {
		lines = t.brief(text, max(20, w-indent))
	}
	return append(out, widget.Indent(widget.Render(style, lines), indent)...)
}

// brief says a sentence in two lines: its last clauses give way first.
func (t *Token) brief(text string, w int) []string {
	for {
		i := strings.LastIndex(text, "; ")
		if i < 0 {
			break
		}
		text = text[:i] + "."
		if lines := widget.Prose(t.say(text), w); len(lines) <= 2 {
			return lines
		}
	}
	lines := widget.Prose(t.say(text), w)
	if len(lines) <= 2 {
		return lines
	}
	return append(lines[:1:1], ansi.Truncate(strings.Join(lines[1:], " "), w, t.sh.Glyphs.Ellipsis))
}

// chip is the verdict in a word. In brackets it is a chip without colours too.
func (t *Token) chip(it *item) (chip string, width int) {
	st := t.sh.Styles
	word, style := "UNVERIFIED", st.VerdictUnverified
	switch {
	case it.busy != 0:
		word, style = "CHECKING", st.OnSelection(st.Held).Bold(true)
	case it.report.Verdict == validate.Valid:
		word, style = "VALID", st.VerdictValid
	case it.report.Verdict == validate.Invalid:
		word, style = "INVALID", st.VerdictInvalid
	}
	return style.Render(" " + word + " "), len(word) + 2
}

// bar is the token's life with now on it, or a word when it can't be read.
func (t *Token) bar(it *item, w int) []string {
	st, r, now := t.sh.Styles, it.report, t.sh.Now()
	if r.Token.Claims == nil {
		return []string{st.Muted.Render("How long it lives is not written where others can read it.")}
	}
	exp, ends := claimDate(r, "exp")
	from, begins := claimDate(r, "iat")
	if !begins {
		from, begins = claimDate(r, "nbf")
	}
	switch {
	case !ends:
		return []string{st.Fail.Render("It does not say, in a way that can be read, when it expires.")}
	case !begins || !exp.After(from):
		return []string{st.Muted.Render("expires ") + st.Text.Render(zoned(exp, now)) + st.Muted.Render(", "+distance(exp, now)+"; no beginning is stated")}
	}
	at := float64(now.Sub(from)) / float64(exp.Sub(from))
	after := st.Pass.Render(distance(exp, now))
	switch {
	case at >= 1:
		after = st.Fail.Render(distance(exp, now))
	case at < 0:
		after = st.Fail.Render("begins " + distance(from, now))
	}
	return t.timebar(from, exp, now, at, after, w)
}

func (t *Token) timebar(from, exp, now time.Time, at float64, after string, w int) []string {
	return widget.Timebar(t.sh, stamp(from, now, false)+" issued", "expires "+zoned(exp, now), "now "+now.Format("15:04"), at, after, w)
}

// emptyPane says what will be here.
func (t *Token) emptyPane() string {
	st := t.sh.Styles
	iw, _ := widget.Inner(t.w, t.h)
	lines := []string{""}
	lines = append(lines, widget.Render(st.Title, widget.Prose("Paste a token.", iw))...)
	lines = append(lines, "")
	if t.taking {
		lines = append(lines, t.line.View(t.sh, "", iw), "")
	}
	for _, p := range []string{
		"An access token, an ID token, a whole token response in JSON, or a line with \"Authorization: Bearer\": what stands around the token is taken off.",
		"It is read and checked at once. Keys are fetched from the issuer only when it is one of Entra ID's own or the target's; the token itself is sent nowhere and kept nowhere.",
		"A run has tokens of its own: t opens them there.",
	} {
		lines = append(lines, widget.Render(st.Muted, widget.Prose(p, min(iw, 90)))...)
		lines = append(lines, "")
	}
	return widget.Pane{Title: "Token", State: widget.Focused}.Render(t.sh, lines, t.w, t.h)
}
