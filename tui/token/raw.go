package token

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"flowscope/engine/trace"
	"flowscope/tui/widget"
)

// maxRaw is how many characters of one segment the raw view draws.
const maxRaw = 24 << 10

// rawPane shows the token as it travels, segment by segment, its signature
// masked.
func (t *Token) rawPane(it *item, w, h int) string {
	p := widget.Pane{Title: "Raw", Summary: characters(len(it.report.Token.Raw)), State: t.state(claimsPane)}
	return t.long(t.otherRaw(p, "Decoded", w), claimsPane, &it.whole, func(w int) []string { return t.segments(it, w) }, w, h)
}

// jsonPane shows header and claims as the JSON that the segments hold.
func (t *Token) jsonPane(it *item, w, h int) string {
	p := widget.Pane{Title: "Decoded", Summary: "header, then claims", State: t.state(checksPane)}
	return t.long(t.otherRaw(p, "Raw", w), checksPane, &it.json, func(w int) []string { return t.documents(it, w) }, w, h)
}

// otherRaw names the other pane of the raw view where there is room for one only.
func (t *Token) otherRaw(p widget.Pane, name string, w int) widget.Pane {
	if t.w >= wide {
		return p
	}
	return t.other(p, name, w)
}

// long draws a pane whose lines are made anew only when the width or the theme
// changed. The pane that has not the focus stands at its top.
func (t *Token) long(p widget.Pane, which pane, d *drawn, build func(w int) []string, w, h int) string {
	st := t.sh.Styles
	iw, ih := widget.Inner(w, h)
	if key := fmt.Sprint(st.Name, st.Dark, t.sh.Glyphs.Ellipsis, iw); d.key != key {
		d.key, d.lines = key, build(iw)
	}
	s := &widget.Scroll{}
	if t.focus == which {
		s = &t.rawScroll
	}
	var visible []string
	visible, p.Above, p.More = s.Window(d.lines, ih)
	return p.Render(t.sh, visible, w, h)
}

// segments draws the three parts of a token, each in its colour under its name.
func (t *Token) segments(it *item, w int) []string {
	st, tok := t.sh.Styles, it.report.Token
	if tok.Header == nil || strings.Count(tok.Raw, ".") < 2 {
		return t.sealed(it, w)
	}
	parts := strings.SplitN(tok.Raw, ".", 3)
	var out []string
	for i, s := range []struct {
		name  string
		style lipgloss.Style
	}{{"header", st.Front}, {"claims", st.Back}} {
		out = append(out, st.Title.Render(s.name)+st.Muted.Render("  "+characters(len(parts[i]))))
		out = append(out, widget.Render(s.style, chunks(trace.Plain(bounded(parts[i], maxRaw)), w))...)
		if n := len(parts[i]) - maxRaw; n > 0 {
			out = append(out, st.Muted.Render("and "+characters(n)+" more"))
		}
		out = append(out, "")
	}
	out = append(out, st.Title.Render("signature")+st.Muted.Render("  "+characters(len(parts[2]))+", masked"))
	if parts[2] != "" {
		out = append(out, st.Secret.Render(t.sh.Mask(parts[2])))
	}
	out = append(out, "")
	return append(out, widget.Render(st.Muted, widget.Prose("The signature covers header and claims as they stand here, dot included. Nothing in it is encrypted: whoever holds the token can read it.", w))...)
}

// sealed draws a string that nobody here can read: masked as a whole.
func (t *Token) sealed(it *item, w int) []string {
	st := t.sh.Styles
	out := []string{
		st.Title.Render(kindWords(it.report)) + st.Muted.Render("  "+characters(len(it.report.Token.Raw))+", masked"),
		st.Secret.Render(t.sh.Mask(it.report.Token.Raw)), "",
	}
	for _, p := range unread(it.report) {
		out = append(out, widget.Render(st.Muted, widget.Prose(p, w))...)
	}
	return out
}

// chunks cuts text that has no spaces into lines of w cells.
func chunks(s string, w int) []string {
	if w < 1 {
		return nil
	}
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return widget.Wrap(s, w)
		}
	}
	var out []string
	for len(s) > w {
		out = append(out, s[:w])
		s = s[w:]
	}
	return append(out, s)
}

// documents draws header and claims as coloured JSON.
func (t *Token) documents(it *item, w int) []string {
	st, tok := t.sh.Styles, it.report.Token
	var out []string
	for _, d := range []struct{ name, text string }{{"header", tok.HeaderText}, {"claims", tok.ClaimsText}} {
		if d.text == "" {
			continue
		}
		if len(out) > 0 {
			out = append(out, "")
		}
		out = append(out, st.Title.Render(d.name))
		out = append(out, widget.JSON(t.sh, []byte(bounded(d.text, maxRaw)), w)...)
		if n := len(d.text) - maxRaw; n > 0 {
			out = append(out, st.Muted.Render("and "+characters(n)+" more"))
		}
	}
	if len(out) == 0 {
		return widget.Render(st.Muted, widget.Prose("There is nothing in it that can be decoded.", w))
	}
	return out
}
