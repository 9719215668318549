package token

import (
	"strconv"

	"github.com/charmbracelet/x/ansi"

	"flowscope/tui/widget"
)

// wide and threefold are the widths from which two panes stand side by side, and
// all three; tall is the height from which the head has air around it.
const (
	wide      = 100
	threefold = 170
	tall      = 28
)

// View draws the verdict on top, below it the claims, the checks and what the
// token tells.
func (t *Token) View() string {
	it := t.item()
	if it == nil {
		return t.emptyPane()
	}
	if t.over != nil && t.form == nil {
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

// panes draws what is below the head: one pane, two side by side, or all three.
func (t *Token) panes(it *item, h int) string {
	left, right := widget.Columns(t.w, 7, 12)
	switch {
	case t.raw && t.menu == nil && t.w >= wide:
		return widget.Beside(t.rawPane(it, left, h), t.jsonPane(it, right, h))
	case t.raw && t.menu == nil && t.focus == claimsPane:
		return t.rawPane(it, t.w, h)
	case t.raw && t.menu == nil:
		return t.jsonPane(it, t.w, h)
	case t.w >= threefold:
		left, right = t.w*46/100, t.w*26/100
		return widget.Beside(t.claimsPane(it, left, h), t.sidePane(it, checksPane, right, h), t.tellsPane(it, t.w-left-right, h))
	case t.w >= wide:
		return widget.Beside(t.claimsPane(it, left, h), t.sidePane(it, t.side, right, h))
	case t.form != nil || t.menu != nil || t.focus != claimsPane:
		return t.sidePane(it, t.focus, t.w, h)
	}
	return t.claimsPane(it, t.w, h)
}

// sidePane draws what stands beside the claims: the form or the menu while one
// is open, else the checks or what the token tells.
func (t *Token) sidePane(it *item, which pane, w, h int) string {
	switch {
	case t.form != nil:
		return t.formPane(w, h)
	case t.menu != nil:
		return t.menuPane(w, h)
	case which == tellsPane:
		return t.tellsPane(it, w, h)
	}
	return t.checksPane(it, w, h)
}

func (t *Token) state(p pane) widget.PaneState {
	if t.focus == p && t.form == nil && t.menu == nil {
		return widget.Focused
	}
	return widget.Resting
}

// beside names, in the border of a pane, the pane that tab turns to and that is
// not seen, and how many warnings are in it.
func (t *Token) beside(p widget.Pane, it *item, which pane, w int) widget.Pane {
	name := ""
	switch {
	case t.w >= threefold || t.w >= wide && which == claimsPane:
	case which == claimsPane:
		name = "Checks"
	case which == checksPane:
		name = explained
	case t.w >= wide:
		name = "Checks"
	default:
		name = "Claims"
	}
	if name == explained {
		if n := t.warned(it); n > 0 {
			name += " " + t.sh.Glyphs.Warn + strconv.Itoa(n)
		}
	}
	return t.other(p, name, w)
}

// other names the pane that tab turns to, in the border of a pane of w cells,
// and leaves the summary out where there is no room for both.
func (t *Token) other(p widget.Pane, name string, w int) widget.Pane {
	if name == "" {
		return p
	}
	st := t.sh.Styles
	p.Accent = ""
	if p.Summary != "" && ansi.StringWidth(p.Title+p.Summary+name)+18 <= w {
		p.Accent = st.Muted.Render(p.Summary + " " + t.sh.Glyphs.Dot + " ")
	}
	p.Accent += st.Accent.Bold(true).Render("tab") + st.Text.Render(" "+name)
	return p
}

func (t *Token) checksPane(it *item, w, h int) string {
	iw, ih := widget.Inner(w, h)
	lines, first, last := t.checkLines(it, iw)
	if t.check >= len(t.found(it).checks)-1 {
		last = len(lines) - 1
	}
	if t.check == 0 {
		first = 0
	}
	p := widget.Pane{Title: "Checks", Summary: t.tally(it, false), State: t.state(checksPane)}
	if t.w < threefold && ansi.StringWidth(p.Summary)+36 > w { // the pane beside it is named there too
		p.Summary = t.tally(it, true)
	}
	return t.scrolled(t.beside(p, it, checksPane, w), lines, first, last, &t.checkScroll, w, h, ih)
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
	lines = append(lines, t.inPlace(min(iw, 90))...)
	for _, p := range []string{
		"It may stand in anything: a token response or other JSON, an Authorization header, a curl command, cookies, an address, a HAR, a log. Several at once become a tab each.",
		"The keys to check with can be pasted too: a key set (JWKS), a JWK, a public key or a certificate in PEM. An error that is pasted is explained.",
		"It is read and checked at once. Keys are fetched from the issuer only when it is one of Entra ID's own or the target's; the token itself is sent nowhere and kept nowhere.",
		"A run has tokens of its own: t opens them there.",
	} {
		lines = append(lines, widget.Render(st.Muted, widget.Prose(p, min(iw, 90)))...)
		lines = append(lines, "")
	}
	return widget.Pane{Title: "Token", State: widget.Focused}.Render(t.sh, lines, t.w, t.h)
}
