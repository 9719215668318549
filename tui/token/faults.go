package token

import (
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"flowscope/engine/trace"
	"flowscope/tui/widget"
	"flowscope/validate"
)

// around is how many bytes are shown on each side of a fault.
const around = 28

// faultLines say what is wrong with the decoded texts, each with the place: some
// of the text, and under it the word here.
func (t *Token) faultLines(it *item, w int) []string {
	tok := it.report.Token
	var out []string
	for _, f := range tok.Faults {
		text := map[string]string{"header": tok.HeaderText, "claims": tok.ClaimsText}[f.Part]
		at := placeIn(text, f)
		if at < 0 {
			continue
		}
		out = append(out, t.faultWords(f, w)...)
		out = append(out, t.here(text, at, "here, byte "+widget.Thousands(at), w)...)
		out = append(out, "")
	}
	return out
}

// placeIn is the byte of a decoded text that a fault is about, -1 when it is
// about none: where it was noticed, or where the member begins.
func placeIn(text string, f validate.Fault) int {
	switch {
	case f.Offset >= 0 && f.Offset <= len(text) && text != "":
		return f.Offset
	case f.Offset < 0 && f.Name != "":
		return strings.Index(text, `"`+f.Name+`"`)
	}
	return -1
}

// faultWords are a fault in a sentence.
func (t *Token) faultWords(f validate.Fault, w int) []string {
	g := t.sh.Glyphs
	f.Offset = -1 // it is shown
	words := trace.Plain(bounded(f.Error(), 400))
	lines := widget.Prose(t.say(words), max(8, w-g.StatusWidth()-1))
	out := make([]string, len(lines))
	for i, l := range lines {
		mark := ""
		if i == 0 {
			mark = g.Fail
		}
		out[i] = t.sh.Styles.Fail.Render(widget.Fit(mark, g.StatusWidth()+1, "") + l)
	}
	return out
}

// here shows the surroundings of a byte of a text, and a word under it.
func (t *Token) here(text string, at int, word string, w int) []string {
	st, g := t.sh.Styles, t.sh.Glyphs
	side := min(around, max(4, (w-8)/2))
	before, after := text[max(0, at-side):at], text[at:min(len(text), at+side)]
	lead, tail := "", ""
	if at > side {
		lead = g.Ellipsis
	}
	if at+side < len(text) {
		tail = g.Ellipsis
	}
	before, after = lead+visible(before), visible(after)+tail
	column := 2 + ansi.StringWidth(before)
	label := g.Caret + " " + word
	if column+ansi.StringWidth(label) > w { // there is room on the left only
		label = word + " " + g.Caret
		column = max(0, column+1-ansi.StringWidth(label))
	}
	return []string{
		"  " + st.Muted.Render(before) + st.Bright.Render(t.fit(after, max(0, w-2-ansi.StringWidth(before)))),
		strings.Repeat(" ", column) + st.Fail.Render(label),
	}
}

// visible writes text from outside in one line, each byte that can't be shown as
// a question mark, so that columns stay.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r > 0x7e {
			return '?'
		}
		return r
	}, s)
}

// segmentFaults say what is wrong with a segment as it travels, or with the token
// as a whole, and where the first character is that may not be there.
func (t *Token) segmentFaults(it *item, part, segment string, w int) []string {
	var out []string
	tok := it.report.Token
	for _, f := range tok.Faults {
		text := map[string]string{"header": tok.HeaderText, "claims": tok.ClaimsText}[part]
		if f.Part != part || placeIn(text, f) >= 0 {
			continue
		}
		out = append(out, t.faultWords(f, w)...)
		if i := foreign(segment); i >= 0 {
			out = append(out, t.here(segment, i, "here, character "+strconv.Itoa(i+1), w)...)
		}
	}
	return out
}

// foreign is the place of the first character that base64url does not have (RFC
// 4648 section 5), -1 when there is none.
func foreign(s string) int {
	for i := range len(s) {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
			return i
		}
	}
	return -1
}
