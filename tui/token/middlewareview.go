package token

import (
	"strings"
	"unicode"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"flowscope/engine/trace"
	"flowscope/tui/widget"
	"flowscope/validate/middleware"
)

// answerStyle is the mark and the style of an answer.
func (p *libraries) answerStyle(o middleware.Opinion) (mark string, style lipgloss.Style) {
	st, g := p.t.sh.Styles, p.t.sh.Glyphs
	switch {
	case o.Harm == middleware.HarmAccepts:
		return g.Fail, st.Fail.Bold(true)
	case o.Harm == middleware.HarmRefuses:
		return g.Warn, st.Warn
	case o.Harm == middleware.HarmStricter:
		return g.Pass, st.Text
	case o.Answer == middleware.Open:
		return g.NotRun, st.Muted
	}
	return g.Pass, st.Pass
}

// table draws the table and gives the lines of the row under the cursor.
func (p *libraries) table(w int) (lines []string, first, last int) {
	t := p.t
	st := t.sh.Styles
	name, answer, rule := 0, 0, 0
	for _, o := range p.opinions {
		name = max(name, ansi.StringWidth(titleOf(o)))
		answer = max(answer, ansi.StringWidth(answerWords(o)))
		rule = max(rule, ansi.StringWidth(trace.Plain(o.Rule)))
	}
	name = min(name, max(20, w*28/100))
	rule = min(rule, max(26, w/6))
	for i, o := range p.opinions {
		if i == p.at {
			first = len(lines)
		}
		lines = append(lines, p.list.lines(t, i, w, func(lit bool) []string {
			if w < wide-4 {
				return p.narrow(o, lit, answer, w)
			}
			return p.row(o, lit, name, answer, rule, w)
		}, func() []string { return p.detail(o, w) })...)
		if i == p.at {
			last = len(lines) - 1
		}
	}
	lines = append(lines, "")
	lines = append(lines, widget.Render(st.Muted, widget.Prose(noMeasurement, w))...)
	if p.at == len(p.opinions)-1 {
		last = len(lines) - 1
	}
	return lines, first, last
}

// titleOf is the library, its version and how it is set up.
func titleOf(o middleware.Opinion) string {
	title := strings.TrimSpace(trace.Plain(o.Profile.Name) + " " + major(trace.Plain(o.Profile.Version)))
	if o.Profile.Setup != "" {
		title += ", " + trace.Plain(o.Profile.Setup)
	}
	return title
}

// major is the part of a version that rules differ by: 9 of 9.0.3; "" of one that
// has no number.
func major(version string) string {
	n, _, _ := strings.Cut(version, ".")
	if n == "" || strings.Trim(n, "0123456789") != "" {
		return ""
	}
	if n == "0" {
		return version
	}
	return n
}

// start is the pointer and the mark of a row.
func (p *libraries) start(o middleware.Opinion, lit bool) []piece {
	st, g := p.t.sh.Styles, p.t.sh.Glyphs
	mark, style := p.answerStyle(o)
	point := " "
	if lit {
		point = g.Pointer
	}
	return []piece{{st.Accent, widget.Fit(point, 2, "")}, {style, widget.Fit(mark, g.StatusWidth()+1, "")}}
}

// row draws library, answer, rule and why in four columns.
func (p *libraries) row(o middleware.Opinion, lit bool, name, answer, rule, w int) []string {
	t := p.t
	st, g := t.sh.Styles, t.sh.Glyphs
	_, style := p.answerStyle(o)
	before := 2 + g.StatusWidth() + 1
	why := max(10, w-before-name-answer-rule-6)
	names := widget.Prose(t.say(titleOf(o)), name)
	rules := ruleLines(t.say(trace.Plain(o.Rule)), rule)
	var said []string
	if rankOpinion(o) < ranks-1 || lit { // what is right is told once the cursor is on it
		said = widget.Prose(t.say(trace.Plain(o.Why)), why)
	}
	line := func(list []string, i, w int) string {
		if i < len(list) {
			return widget.Fit(list[i], w, g.Ellipsis)
		}
		return strings.Repeat(" ", w)
	}
	var out []string
	for i := range max(len(names), len(rules), len(said)) {
		parts, words := []piece{{st.Text, strings.Repeat(" ", before)}}, ""
		if i == 0 {
			parts, words = p.start(o, lit), answerWords(o)
		}
		out = append(out, t.painted(lit, w, append(parts, piece{st.Bright, line(names, i, name)}, piece{st.Text, "  "},
			piece{style, widget.Fit(words, answer, "")}, piece{st.Text, "  " + line(rules, i, rule) + "  "}, piece{st.Muted, line(said, i, why)})...))
	}
	return out
}

// ruleLines breaks the name of a rule into lines of w columns: at a space, and
// where a name is longer than a line, behind a mark such as "_" or before a
// capital letter, never inside a word.
func ruleLines(name string, w int) []string {
	var out []string
	line := ""
	add := func(part, between string) {
		switch {
		case line == "":
			line = part
		case ansi.StringWidth(line+between+part) > w:
			out = append(out, line)
			line = part
		default:
			line += between + part
		}
	}
	for word := range strings.FieldsSeq(name) {
		between := " "
		for _, part := range ruleParts(word, w) {
			add(part, between)
			between = ""
		}
	}
	return append(out, line)
}

// ruleParts cuts a word that is wider than w where a line may end.
func ruleParts(word string, w int) []string {
	if ansi.StringWidth(word) <= w {
		return []string{word}
	}
	var out []string
	runes, from := []rune(word), 0
	for i := 1; i < len(runes); i++ {
		if strings.ContainsRune("_.:/-", runes[i-1]) || unicode.IsLower(runes[i-1]) && unicode.IsUpper(runes[i]) {
			out = append(out, string(runes[from:i]))
			from = i
		}
	}
	return append(out, string(runes[from:]))
}

// narrow draws the same under each other.
func (p *libraries) narrow(o middleware.Opinion, lit bool, answer, w int) []string {
	t := p.t
	st, g := t.sh.Styles, t.sh.Glyphs
	_, style := p.answerStyle(o)
	before := 2 + g.StatusWidth() + 1
	room := max(10, w-before-answer-2)
	out := []string{t.painted(lit, w, append(p.start(o, lit), piece{st.Bright, widget.Fit(t.say(titleOf(o)), room, g.Ellipsis)},
		piece{st.Text, "  "}, piece{style, answerWords(o)})...)}
	if rankOpinion(o) > 1 && !lit {
		return out // told once the cursor is on it
	}
	words := trace.Plain(o.Why)
	if o.Rule != "" {
		words = trace.Plain(o.Rule) + ": " + words
	}
	for _, l := range widget.Prose(t.say(words), max(10, w-before-1)) {
		out = append(out, t.painted(lit, w, piece{st.Muted, strings.Repeat(" ", before) + l}))
	}
	return out
}

// detail opens a row: how the library is set up, the rule, what to set, and where
// it is written.
func (p *libraries) detail(o middleware.Opinion, w int) []string {
	t := p.t
	st := t.sh.Styles
	var out []string
	fix := "fix"
	if o.Harm == middleware.HarmStricter {
		fix = "to allow it"
	}
	version := trace.Plain(o.Profile.Version)
	if o.Profile.Language != "" {
		version = strings.TrimSpace(version + " for " + o.Profile.Language)
	}
	for _, f := range []struct {
		label, text string
		style       lipgloss.Style
	}{
		{"set-up", o.Profile.Setup, st.Text}, {"rule", o.Rule, st.Bright}, {"why", o.Why, st.Text}, {fix, o.Fix, st.Text},
		{"version", version, st.Muted}, {"written in", sourceOf(o), st.Muted},
	} {
		if f.text != "" {
			out = append(out, t.labelled(f.label, t.say(trace.Plain(f.text)), f.style, 12, max(10, w-8))...)
		}
	}
	return widget.Indent(append(out, ""), 6)
}
