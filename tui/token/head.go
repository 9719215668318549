package token

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"flowscope/engine/trace"
	"flowscope/tui/widget"
	"flowscope/validate"
)

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
	out = append(out, widget.Indent(t.bar(it, t.w-2*pad, roomy), pad)...)
	out = append(out, widget.Indent(t.waits(it, t.w-2*pad), pad)...)
	return append(out, t.searchLine(t.w)...)
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
	var parts []string
	for i, p := range t.titleParts(it, w-n-2) {
		if i == 0 {
			parts = append(parts, st.Bright.Bold(true).Render(p))
			continue
		}
		parts = append(parts, st.Text.Render(p))
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
	if len(lines) > 2 {
		lines = t.brief(text, max(20, w-indent))
	}
	out = append(out, widget.Indent(widget.Render(style, lines), indent)...)
	if !it.readable() {
		return out
	}
	return append(out, strings.Repeat(" ", indent)+t.expected(it, max(20, w-indent)))
}

// expected says in a line what is expected of the token and by whom, or that
// nothing is.
func (t *Token) expected(it *item, w int) string {
	st := t.sh.Styles
	parts := expectedWords(it.report.Expect)
	if !it.at.IsZero() {
		judged := "judged at " + zoned(t.now(it), t.sh.Now()) + ", not now"
		if w > ansi.StringWidth(judged)+40 {
			w -= ansi.StringWidth(judged) + 3
			judged += " " + t.sh.Glyphs.Dot + " "
			return st.Warn.Render(judged) + t.expectedLine(it, parts, w)
		}
		return st.Warn.Render(t.fit(judged, w))
	}
	return t.expectedLine(it, parts, w)
}

func (t *Token) expectedLine(it *item, parts []string, w int) string {
	st := t.sh.Styles
	if len(parts) == 0 {
		return st.Muted.Render(t.fit("expected: nothing yet. o says for which API or client it should be.", w))
	}
	origin := it.origin
	switch {
	case origin == fromBefore:
		origin += "; c forgets it"
	case origin == "" && !it.pasted:
		origin = it.from
	}
	style := st.Muted
	if it.origin == fromBefore {
		style = st.Held
	}
	if origin != "" {
		origin = " (" + origin + ")"
	}
	room := max(12, w-10-ansi.StringWidth(origin))
	words := trace.Plain(strings.Join(parts, ", "))
	for n := len(parts) - 1; n > 0 && ansi.StringWidth(words) > room; n-- {
		words = trace.Plain(strings.Join(parts[:n], ", ")) + fmt.Sprintf(", %d more", len(parts)-n)
	}
	return st.Muted.Render("expected: ") + st.Text.Render(widget.Elide(words, room, t.sh.Glyphs.Ellipsis)) + style.Render(origin)
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
