package token

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"flowscope/tui/widget"
	"flowscope/validate"
)

// isOpen reports whether a check shows its whole story: a failure does until it
// is closed, any other once it is opened.
func (t *Token) isOpen(c validate.Result) bool {
	if c.Status == validate.StatusFail {
		return !t.shut[c.ID]
	}
	return t.open[c.ID]
}

// checkLines draws the checks and gives the lines of the one under the cursor.
func (t *Token) checkLines(it *item, w int) (lines []string, first, last int) {
	st := t.sh.Styles
	col := 0
	for _, c := range it.checks {
		col = max(col, ansi.StringWidth(c.ID))
	}
	if t.h >= tall {
		lines = append(lines, "")
	}
	f := t.found(it)
	if len(f.checks) == 0 && t.query != "" {
		return t.nothingFound(it, w), 0, 0
	}
	for i, n := range f.checks {
		c := it.checks[n]
		lit := i == t.check && t.focus == checksPane
		if i == t.check {
			first = len(lines)
		}
		lines = append(lines, t.checkRow(it, c, col, lit, w)...)
		if t.isOpen(c) {
			lines = append(lines, t.checkDetail(it, c, w)...)
		}
		if i == t.check {
			last = len(lines) - 1
		}
	}
	if it.hidden > 0 && t.query == "" {
		if len(it.checks) > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, widget.Render(st.Muted, widget.Prose(it.hiddenWords(), w))...)
	}
	return lines, first, last
}

func (t *Token) checkRow(it *item, c validate.Result, col int, lit bool, w int) []string {
	st, g := t.sh.Styles, t.sh.Glyphs
	mark, style, name, words := g.NotRun, st.Muted, st.Text, st.Muted
	switch c.Status {
	case validate.StatusPass:
		mark, style = g.Pass, st.Pass
	case validate.StatusWarn:
		mark, style, words = g.Warn, st.Warn, st.Text
	case validate.StatusFail:
		mark, style, name, words = g.Fail, st.Fail.Bold(true), st.Bright.Bold(true), st.Fail
	}
	if lit {
		name = st.Bright.Bold(true)
	}
	point := " "
	if lit {
		point = g.Pointer
	}
	start := 2 + g.StatusWidth() + 1 + col + 2
	text := t.say(fixHere(checkWords(c, it.report, t.now(it))))
	said := widget.Prose(text, max(8, w-start))
	switch {
	case t.isOpen(c) && text == t.say(brief(fixHere(c.Why))):
		said = []string{""} // it stands below
	case !strings.Contains(text, " "): // one long word is an identifier
		said = []string{widget.Elide(text, max(8, w-start), g.Ellipsis)}
	}
	var out []string
	for i, s := range said {
		if i > 0 {
			out = append(out, t.painted(lit, w, piece{words, strings.Repeat(" ", start) + s}))
			continue
		}
		out = append(out, t.painted(lit, w, piece{st.Accent, widget.Fit(point, 2, "")},
			piece{style, widget.Fit(mark, g.StatusWidth()+1, "")}, piece{name, widget.Fit(c.ID, col+2, "")}, piece{words, s}))
	}
	return out
}

// checkDetail is what was expected, what was found, why it came out so, what to
// change and where the rule is written.
func (t *Token) checkDetail(it *item, c validate.Result, w int) []string {
	st := t.sh.Styles
	found := st.Bright
	switch c.Status {
	case validate.StatusFail:
		found = st.Fail
	case validate.StatusWarn:
		found = st.Warn
	}
	var out []string
	if it.rememberedCheck(c) {
		out = append(out, t.labelled("note", "This was expected of a token before it, and holds until you say otherwise: c expects nothing, o something else.", st.Warn, 12, max(10, w-4))...)
	}
	for _, f := range []struct {
		label, text string
		style       lipgloss.Style
	}{
		{"expected", c.Expected, st.Pass}, {"found", said(c), found}, {"why", t.say(fixHere(c.Why)), st.Text},
		{"fix", t.say(fixHere(c.Fix)), st.Text}, {"written in", t.say(c.Source), st.Muted},
	} {
		if f.text != "" {
			out = append(out, t.labelled(f.label, f.text, f.style, 12, max(10, w-4))...)
		}
	}
	return widget.Indent(append(out, ""), 4)
}

// said is what a check found, unless its reason says it word for word.
func said(c validate.Result) string {
	if strings.Contains(c.Found, " ") && strings.Contains(c.Why, c.Found) {
		return ""
	}
	return c.Found
}

// flagFields are the flags of the command line that state what the form here asks
// for too, where its field has another name.
var flagFields = [...][2]string{{"alg", "algorithms"}, {"now", "at"}}

// fixHere says a fix as it is made on this screen: what is a flag on the command
// line is a field of the form here, or a paste.
func fixHere(fix string) string {
	var b strings.Builder
	for {
		i := strings.Index(fix, "--")
		if i < 0 {
			return b.String() + fix
		}
		end := i + 2
		for end < len(fix) && (fix[end] >= 'a' && fix[end] <= 'z' || fix[end] == '-') {
			end++
		}
		name := strings.TrimRight(fix[i+2:end], "-")
		end = i + 2 + len(name)
		if name == "" || i > 0 && fix[i-1] != ' ' && fix[i-1] != '(' {
			b.WriteString(fix[:end])
			fix = fix[end:]
			continue
		}
		before, with := strings.CutSuffix(fix[:i], "with ")
		b.WriteString(before + flagHere(name, with, end == len(fix)))
		fix = fix[end:]
	}
}

// flagHere is a flag in the words of this screen. With says that it is what
// something is done with, last that nothing comes after it.
func flagHere(name string, with, last bool) string {
	switch {
	case name == "jwks" && with:
		return "by a paste"
	case name == "jwks":
		return "a key set that is pasted"
	case with && last:
		return "here: o"
	case with:
		return "here (o)"
	}
	for _, f := range flagFields {
		if f[0] == name {
			name = f[1]
		}
	}
	return name + " (o)"
}

// hiddenWords says why checks are left out.
func (it *item) hiddenWords() string {
	if len(it.checks) == 0 {
		return fmt.Sprintf("None of the %d checks can be put to it: there is nothing to read.", it.hidden)
	}
	if it.report.Status("format") == validate.StatusFail {
		return fmt.Sprintf("%d more checks are not run: the format is broken.", it.hidden)
	}
	return fmt.Sprintf("%d more checks need claims, and there are none to read.", it.hidden)
}

// tally counts the checks: "9 pass · 1 fail · 4 not run", or in signs where
// there is little room.
func (t *Token) tally(it *item, short bool) string {
	count := map[validate.Status]int{validate.StatusNotRun: it.hidden}
	for _, c := range it.checks {
		count[c.Status]++
	}
	g := t.sh.Glyphs
	var parts []string
	for _, s := range []struct {
		status     validate.Status
		word, sign string
	}{{validate.StatusFail, "fail", g.Fail}, {validate.StatusWarn, "warn", g.Warn}, {validate.StatusPass, "pass", g.Pass}, {validate.StatusNotRun, "not run", g.NotRun}} {
		switch n := count[s.status]; {
		case n == 0:
		case short:
			parts = append(parts, fmt.Sprintf("%s%d", s.sign, n))
		default:
			parts = append(parts, fmt.Sprintf("%d %s", n, s.word))
		}
	}
	if short {
		return strings.Join(parts, " ")
	}
	return strings.Join(parts, " "+g.Dot+" ")
}
