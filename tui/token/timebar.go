package token

import (
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"flowscope/engine/inspect"
	"flowscope/tui/widget"
	"flowscope/validate"
)

// life is what a token says of its own time.
type life struct {
	from, exp    time.Time
	begins, ends bool
	issued       bool          // it begins when it was issued
	skew         time.Duration // allowed at both ends
}

func lifeOf(r *inspect.Report) life {
	l := life{skew: skewOf(r.Expect)}
	l.exp, l.ends = claimDate(r, "exp")
	l.from, l.begins = claimDate(r, "nbf")
	iat, issued := claimDate(r, "iat")
	if !l.begins {
		l.from, l.begins = iat, issued
	}
	l.issued = issued && iat.Equal(l.from)
	return l
}

// skewOf is the difference of clocks that the checks allow.
func skewOf(w validate.Expectations) time.Duration {
	switch {
	case w.Skew == 0:
		return validate.DefaultSkew
	case w.Skew < 0:
		return 0
	}
	return w.Skew
}

// bar is the token's life with now on it, or a sentence where there is none to
// draw; and what was measured of the clocks.
func (t *Token) bar(it *item, w int, roomy bool) []string {
	st, r, now := t.sh.Styles, it.report, t.now(it)
	if r.Token.Claims == nil {
		return []string{st.Muted.Render(t.fit("How long it lives is not written where others can read it.", w))}
	}
	l := lifeOf(r)
	text, style := "", st.Fail
	switch {
	case !l.ends && r.Token.Claims.Has("exp"):
		text = "Its exp is no date, so nobody can say when it expires."
	case !l.ends:
		text = "It has no exp: it would be good for ever, and nobody should take it."
	case !l.begins:
		text, style = "expires "+zoned(l.exp, now)+", "+distance(l.exp, now)+"; no beginning is stated", st.Text
		if now.After(l.exp.Add(l.skew)) {
			style = st.Fail
		}
	case !l.exp.After(l.from):
		text = "It ends before it begins: from " + stamp(l.from, now, false) + " to " + zoned(l.exp, now) + "."
	case l.exp.Sub(l.from) > 100*365*24*time.Hour:
		text = "It expires in the year " + l.exp.Format("2006") + ", which is as good as never."
	}
	var out []string
	if text != "" {
		out = widget.Render(style, widget.Prose(text, w))
	} else {
		out = t.timebar(l, now, w, roomy)
	}
	return append(out, t.clockLine(r, w)...)
}

// clockLine says how far this clock is from the issuer's, where that matters.
func (t *Token) clockLine(r *inspect.Report, w int) []string {
	c := r.Clock
	if !c.Known || c.Ahead.Abs() < time.Minute {
		return nil
	}
	way := "ahead of"
	if c.Ahead < 0 {
		way = "behind"
	}
	text := t.sh.Glyphs.Warn + " This clock is " + span(c.Ahead.Abs()) + " " + way + " " + short(c.Host) + "'s."
	if c.Ahead.Abs() > skewOf(r.Expect) {
		text += " That is more than the " + skewWords(skewOf(r.Expect)) + " allowed: set this clock first."
	}
	return widget.Render(t.sh.Styles.Warn, widget.Prose(t.say(text), w))
}

func (t *Token) fit(s string, w int) string { return ansi.Truncate(s, w, t.sh.Glyphs.Ellipsis) }

// timebar draws a life in one line, or in two with the times over it: from its
// beginning to its end, and before and after them, thinner, what is allowed for
// clocks that differ.
func (t *Token) timebar(l life, now time.Time, w int, roomy bool) []string {
	st, g := t.sh.Styles, t.sh.Glyphs
	after := st.Pass.Render(distance(l.exp, now))
	switch {
	case now.After(l.exp.Add(l.skew)):
		after = st.Fail.Render("expired " + distance(l.exp, now))
	case now.After(l.exp):
		after = st.Warn.Render("over " + distance(l.exp, now) + ", inside the skew")
	case now.Before(l.from.Add(-l.skew)):
		after = st.Fail.Render("begins " + distance(l.from, now))
	case now.Before(l.from):
		after = st.Warn.Render("begins " + distance(l.from, now) + ", inside the skew")
	case l.exp.Sub(l.from) > 48*time.Hour:
		after = st.Warn.Render(distance(l.exp, now) + ", a long life")
	}
	left, right := stamp(l.from, now, false)+" begins ", " expires "+zoned(l.exp, now)
	if l.issued {
		left = stamp(l.from, now, false) + " issued "
	}
	before, behind := l.gaps(now)
	apart := ""
	if before || behind {
		apart = breakMark + g.Node
	}
	if ansi.StringWidth(left+right+after+apart)+2+24 > w {
		left, right = stamp(l.from, now, false)+" ", " "+zoned(l.exp, now)
	}
	n := w - ansi.StringWidth(left) - ansi.StringWidth(right) - ansi.StringWidth(after) - ansi.StringWidth(apart) - 2
	if n < 12 {
		return []string{widget.Fit(st.Muted.Render(left+g.Arrow+right)+"  "+after, w, g.Ellipsis)}
	}
	s := scale{from: l.from.Add(-l.skew).In(now.Location()), to: l.exp.Add(l.skew), n: n}
	begin, end := s.at(l.from), s.at(l.exp)
	if l.skew > 0 { // a sliver of a long life is still seen
		begin, end = max(1, begin), min(n-2, end)
	}
	at, indent := s.at(now), ansi.StringWidth(left)
	x := indent + at // of the mark of now
	lead, tail := "", ""
	switch mark := st.Bright.Render(g.Node); {
	case before:
		lead, x, at = mark+st.Muted.Render(breakMark), 0, -1
		indent += ansi.StringWidth(apart)
	case behind:
		tail, x, at = st.Muted.Render(breakMark)+mark, indent+n+ansi.StringWidth(right+breakMark), s.n
	}
	line := lead + st.Muted.Render(left) + t.cells(s, begin, end, at, now) + st.Muted.Render(right) + tail + "  " + after
	if !roomy {
		return []string{widget.Fit(line, w, g.Ellipsis)}
	}
	return []string{t.hours(s, "now "+stamp(now, l.exp.In(now.Location()), false), x, indent, w), widget.Fit(line, w, "")}
}

// breakMark stands where a line is interrupted: what is beyond it is not to scale.
const breakMark = " // "

// gaps reports whether now is so far before or behind a life that one scale can't
// show both.
func (l life) gaps(now time.Time) (before, behind bool) {
	far := (l.exp.Sub(l.from) + 2*l.skew) / 16
	return l.from.Add(-l.skew).Sub(now) > far, now.Sub(l.exp.Add(l.skew)) > far
}

// cells draws the bar itself: what is over, now, what is left, and the skew at
// both ends.
func (t *Token) cells(s scale, begin, end, at int, now time.Time) string {
	st, g := t.sh.Styles, t.sh.Glyphs
	over := st.Back
	if now.Before(s.from) || now.After(s.to) {
		over = st.Fail
	}
	var b strings.Builder
	cell := func(i int) (string, int) {
		switch {
		case i == at:
			return st.Bright.Render(g.Node), 0
		case i < begin || i > end:
			return g.DashedLine, 1
		case i < at:
			return g.TabUnderline, 2
		}
		return g.BackLine, 3
	}
	for i := 0; i < s.n; {
		text, kind := cell(i)
		j := i + 1
		run := text
		for ; j < s.n && kind != 0; j++ {
			next, k := cell(j)
			if k != kind {
				break
			}
			run += next
		}
		switch kind {
		case 1:
			run = st.Warn.Render(run)
		case 2:
			run = over.Render(run)
		case 3:
			run = st.Muted.Render(run)
		}
		b.WriteString(run)
		i = j
	}
	return b.String()
}

// hours writes the time now over its place, the column at, and round times over
// theirs where there is room.
func (t *Token) hours(s scale, words string, at, indent, w int) string {
	row := []rune(strings.Repeat(" ", w))
	x := max(0, min(at-len(words)/2, w-len(words)))
	free := func(from, to int) bool {
		for i := max(0, from-2); i < min(w, to+2); i++ {
			if row[i] != ' ' || i >= x-2 && i < x+len(words)+2 {
				return false
			}
		}
		return from >= 0 && to <= w
	}
	step, layout := s.step()
	for tick := truncated(s.from, step).Add(step); tick.Before(s.to); tick = tick.Add(step) {
		label := tick.Format(layout)
		if at := indent + s.at(tick) - len(label)/2; free(at, at+len(label)) {
			copy(row[at:], []rune(label))
		}
	}
	st := t.sh.Styles
	return st.Muted.Render(string(row[:x])) + st.Text.Render(words) + st.Muted.Render(string(row[x+len(words):]))
}

// scale lays a span of time on n cells.
type scale struct {
	from, to time.Time
	n        int
}

// at is the cell of a time; what is outside stands at the ends.
func (s scale) at(at time.Time) int {
	part := float64(at.Sub(s.from)) / float64(s.to.Sub(s.from))
	return int(max(0, min(1, part)) * float64(s.n-1))
}

// step is the distance between two round times, few enough to be
// written beside each other, and how they are written.
func (s scale) step() (time.Duration, string) {
	const day = 24 * time.Hour
	most := time.Duration(max(2, min(8, s.n/10)))
	whole := s.to.Sub(s.from)
	for _, d := range []time.Duration{5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour} {
		if whole/d <= most {
			return d, "15:04"
		}
	}
	for _, d := range []time.Duration{day, 7 * day, 30 * day} {
		if whole/d <= most {
			return d, "2 Jan"
		}
	}
	return max(365*day, whole/most), "2006"
}

// truncated is the last round time before at, by the clock on the wall.
func truncated(at time.Time, step time.Duration) time.Time {
	midnight := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, at.Location())
	if step >= 24*time.Hour {
		return midnight
	}
	return midnight.Add(at.Sub(midnight).Truncate(step))
}

// skewWords writes a skew as people say it.
func skewWords(d time.Duration) string {
	if d <= 0 {
		return "none"
	}
	return span(d)
}
