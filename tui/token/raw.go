package token

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"flowscope/engine/trace"
	"flowscope/tui/widget"
	"flowscope/validate"
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
	if it.report.Token.ClaimsText == "" {
		p.Summary = "header"
	}
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

// segment is one part of a token as it travels.
type segment struct {
	name  string
	style lipgloss.Style
	mask  bool
	says  string // beside its length
}

// segments draws the parts of a token, each in its colour under its name: three
// of a signed one (RFC 7515 section 7.1), five of an encrypted one (RFC 7516
// section 7.1).
func (t *Token) segments(it *item, w int) []string {
	st, tok := t.sh.Styles, it.report.Token
	dots := strings.Count(tok.Raw, ".")
	if dots < 2 || tok.Header == nil && (dots != 2 || !strings.HasPrefix(tok.Raw, "ey")) {
		return t.sealed(it, w)
	}
	names, ends := []segment{{"header", st.Front, false, ""}, {"claims", st.Back, false, ""}, {"signature", st.Secret, true, ""}},
		"The signature covers header and claims as they stand here, dot included. Nothing in it is encrypted: whoever holds the token can read it."
	if it.report.Kind == validate.KindEncrypted {
		names = []segment{{"header", st.Front, false, "not encrypted"}, {"encrypted key", st.Secret, true, "for one receiver"},
			{"initialization vector", st.Secret, true, ""}, {"ciphertext", st.Secret, true, "the token itself"}, {"authentication tag", st.Secret, true, ""}}
		ends = "Only the header can be read by everybody. Whoever holds the private key decrypts the key, and with it the ciphertext."
	}
	parts := strings.SplitN(tok.Raw, ".", len(names))
	out := t.segmentFaults(it, "token", "", w)
	if len(out) > 0 {
		out = append(out, "")
	}
	for i, s := range names {
		if i >= len(parts) {
			break
		}
		words := characters(len(parts[i]))
		if s.mask && parts[i] != "" {
			words += ", masked"
		}
		if s.says != "" {
			words += ": " + s.says
		}
		out = append(out, st.Title.Render(s.name)+st.Muted.Render("  "+words))
		switch {
		case parts[i] == "":
			out = append(out, st.Muted.Render("empty"))
		case s.mask:
			out = append(out, st.Secret.Render(t.sh.Mask(parts[i])))
			out = append(out, t.segmentFaults(it, s.name, "", w)...)
		default:
			out = append(out, widget.Render(s.style, chunks(trace.Plain(bounded(parts[i], maxRaw)), w))...)
			if n := len(parts[i]) - maxRaw; n > 0 {
				out = append(out, st.Muted.Render("and "+characters(n)+" more"))
			}
			out = append(out, t.segmentFaults(it, s.name, parts[i], w)...)
		}
		out = append(out, "")
	}
	return append(out, widget.Render(st.Muted, widget.Prose(ends, w))...)
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
	out := t.faultLines(it, w)
	for i, d := range []struct{ name, text string }{{"header", tok.HeaderText}, {"claims", tok.ClaimsText}} {
		if d.text == "" {
			continue
		}
		if i > 0 {
			out = append(out, "")
		}
		out = append(out, st.Title.Render(d.name))
		out = append(out, widget.JSON(t.sh, []byte(bounded(t.sh.Secrets.Text(d.text), maxRaw)), w)...)
		if n := len(d.text) - maxRaw; n > 0 {
			out = append(out, st.Muted.Render("and "+characters(n)+" more"))
		}
	}
	if len(out) == 0 {
		return widget.Render(st.Muted, widget.Prose("There is nothing in it that can be decoded.", w))
	}
	return out
}
