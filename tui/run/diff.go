package run

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"flowscope/engine/trace"
	"flowscope/tui/widget"
)

// change is one parameter that differs between the request as it was built and
// as it goes out. Has and Had tell an empty value from an absent one.
type change struct {
	trace.Param
	Was      string
	Has, Had bool
}

// differences lists the parameters and headers that differ.
func differences(original, now trace.Request) []change {
	var out []change
	for _, p := range requestPairs(original, now) {
		if !p.changed() {
			continue
		}
		c := change{Param: trace.Param{Place: p.place, Name: p.name, Value: p.now}, Was: p.was, Has: p.has, Had: p.had}
		out = append(out, c)
	}
	return out
}

// headers that are explained among the parameters; what a transport or a library
// writes for itself stands in the request's own tab.
func tellingHeader(name string) bool {
	switch strings.ToLower(name) {
	case "origin", "authorization", "cookie":
		return true
	}
	return false
}

func telling(r trace.Request) []trace.Param {
	out := r.Params()
	for _, h := range r.HeaderParams() {
		if tellingHeader(h.Name) {
			out = append(out, h)
		}
	}
	return out
}

func path(raw string) string {
	if i := strings.IndexAny(raw, "?#"); i >= 0 {
		return raw[:i]
	}
	return raw
}

// pair is one parameter on two sides.
type pair struct {
	place    trace.Place
	name     string
	was, now string
	had, has bool
}

func (p pair) changed() bool { return p.had != p.has || p.was != p.now }

// paramPairs sets two lists side by side, in the order of the second; what the
// second lacks comes after. Repeated names are told apart by their order.
func paramPairs(was, now []trace.Param) []pair {
	left := slices.Clone(was)
	var out []pair
	for _, p := range now {
		x := pair{place: p.Place, name: p.Name, now: p.Value, has: true}
		i := slices.IndexFunc(left, func(q trace.Param) bool { return q.Place == p.Place && q.Name == p.Name })
		if i >= 0 {
			x.was, x.had = left[i].Value, true
			left = slices.Delete(left, i, i+1)
		}
		out = append(out, x)
	}
	for _, p := range left {
		out = append(out, pair{place: p.Place, name: p.Name, was: p.Value, had: true})
	}
	return out
}

// requestPairs sets two requests side by side: address, query, form, headers.
func requestPairs(was, now trace.Request) []pair {
	out := []pair{{place: trace.Path, name: "address", was: path(was.URL), now: path(now.URL), had: true, has: true}}
	out = append(out, paramPairs(was.Params(), now.Params())...)
	if !was.IsForm() && string(was.Body) != string(now.Body) {
		out = append(out, pair{place: trace.Body, name: "body", was: string(was.Body), now: string(now.Body), had: true, has: true})
	}
	return append(out, paramPairs(was.HeaderParams(), now.HeaderParams())...)
}

// twoColumns is the width from which two sides stand beside each other.
const twoColumns = 72

// beside draws pairs: two columns where there is room, else was and now in two
// lines for what differs. What differs is marked by a sign and by its colour;
// secrets are masked.
func (r *Run) beside(left, right string, pairs []pair, w int) []string {
	if w < twoColumns {
		return r.stacked(left, right, pairs, w)
	}
	st, g := r.sh.Styles, r.sh.Glyphs
	col := 8
	for _, p := range pairs {
		col = max(col, ansi.StringWidth(p.name))
	}
	col = min(col, w/4)
	half := (w - col - 6) / 2
	head := strings.Repeat(" ", col+4)
	out := []string{head + st.Title.Render(widget.Fit(left, half+2, g.Ellipsis)) + st.Title.Render(right)}
	for _, p := range pairs {
		a, b := r.sides(p, half)
		sign, as, bs := "  ", st.Muted, st.Muted
		if p.changed() {
			sign, as, bs = st.Warn.Render(r.sign(p))+" ", st.Text, st.Warn
		}
		out = append(out, sign+st.Muted.Render(widget.Fit(trace.Plain(p.name), col, g.Ellipsis))+"  "+
			as.Render(widget.Fit(a, half, g.Ellipsis))+"  "+bs.Render(widget.Fit(b, half, g.Ellipsis)))
	}
	return out
}

// sign marks what was done: another value, added, left out.
func (r *Run) sign(p pair) string {
	switch {
	case !p.had:
		return "+"
	case !p.has:
		return "-"
	}
	return r.sh.Glyphs.Warn
}

// sides gives the two values in w cells each, masked, around the first place
// where they differ.
func (r *Run) sides(p pair, w int) (a, b string) {
	a, b = r.side(p.name, p.was, p.had, "not there"), r.side(p.name, p.now, p.has, "left out")
	if p.had && p.has && a != b {
		return around(a, b, w, r.sh.Glyphs.Ellipsis)
	}
	return widget.Elide(a, w, r.sh.Glyphs.Ellipsis), widget.Elide(b, w, r.sh.Glyphs.Ellipsis)
}

func (r *Run) side(name, value string, there bool, absent string) string {
	if !there {
		return absent
	}
	if value == "" {
		return "(empty)"
	}
	short := name[strings.LastIndexByte(name, '.')+1:]
	masked, _ := r.sh.Secrets.Value(short, value)
	return trace.Plain(masked)
}

// around shortens two texts to w cells so that the first place where they differ
// stays in sight.
func around(a, b string, w int, ellipsis string) (string, string) {
	ra, rb := []rune(a), []rune(b)
	if len(ra) <= w && len(rb) <= w {
		return a, b
	}
	at := 0
	for at < len(ra) && at < len(rb) && ra[at] == rb[at] {
		at++
	}
	cut := func(rs []rune) string {
		from := max(0, min(at-w/3, len(rs)-w+1))
		if from <= 1 {
			return ansi.Truncate(string(rs), w, ellipsis)
		}
		return ansi.Truncate(ellipsis+string(rs[from:]), w, ellipsis)
	}
	return cut(ra), cut(rb)
}

// stacked draws what differs in two lines each, and counts the rest.
func (r *Run) stacked(left, right string, pairs []pair, w int) []string {
	st, g := r.sh.Styles, r.sh.Glyphs
	var out []string
	same := 0
	label := max(ansi.StringWidth(left), ansi.StringWidth(right))
	line := func(name, value string, style lipgloss.Style) string {
		return "    " + st.Muted.Render(widget.Fit(name, label, "")) + "  " + style.Render(widget.Fit(value, max(8, w-label-6), g.Ellipsis))
	}
	for _, p := range pairs {
		if !p.changed() {
			same++
			continue
		}
		a, b := r.sides(p, max(8, w-label-6))
		out = append(out, st.Warn.Render(r.sign(p))+" "+st.Bright.Render(widget.Fit(trace.Plain(p.name), w-2, g.Ellipsis)),
			line(left, a, st.Text), line(right, b, st.Warn))
	}
	if same > 0 {
		out = append(out, "", st.Muted.Render(fmt.Sprintf("%d others are the same", same)))
	}
	return out
}
