package token

import (
	"fmt"
	"slices"
	"sort"

	"flowscope/tui/widget"
)

// layout says where each claim stands in the list, so that only those that are
// seen have to be drawn: there may be ten thousand.
type layout struct {
	key   string // what it was made for
	query string
	cols  columns
	high  []int    // lines of each row of the token, heading left out
	pre   []string // lines before the first claim
	tops  []int    // first line of each claim, its heading included; then the end
	post  []string // lines after the last one
}

// claimsLayout measures the claims of a token in w cells, once for each width,
// look and search.
func (t *Token) claimsLayout(it *item, w int) *layout {
	l, f, st := &it.layout, t.found(it), t.sh.Styles
	key := fmt.Sprint(st.Name, st.Dark, t.sh.Glyphs.Ellipsis, w, t.h >= tall)
	if l.key == key && l.query == t.query {
		return l
	}
	if l.key != key {
		*l = layout{key: key, cols: columnsOf(it.rows, t.sh.Glyphs.StatusWidth()+1, w), high: make([]int, len(it.rows))}
		for i, r := range it.rows {
			l.high[i] = len(t.meaningLines(r, l.cols, w))
		}
	}
	l.query, l.pre, l.post = t.query, nil, nil
	switch {
	case len(f.rows) == 0 && t.query != "":
		l.pre = t.nothingFound(it, w)
	case it.report.Token.Claims == nil:
		l.pre = append(l.pre, "")
		for _, p := range unread(it.report) {
			l.pre = append(l.pre, widget.Render(st.Text, widget.Prose(p, w))...)
			l.pre = append(l.pre, "")
		}
	case t.h >= tall:
		l.pre = []string{""}
	}
	n := len(l.pre)
	l.tops = make([]int, 0, len(f.rows)+1)
	for i, row := range f.rows {
		l.tops = append(l.tops, n)
		n += t.headings(it, f.rows, i) + l.high[row]
	}
	l.tops = append(l.tops, n)
	if it.left > 0 {
		l.post = []string{"", st.Muted.Render(widget.Thousands(it.left) + " more: v shows the beginning of them all")}
	}
	return l
}

// headings is how many lines stand over claim i: none, the name of its group,
// or that with an empty line before it.
func (t *Token) headings(it *item, rows []int, i int) int {
	switch {
	case i == 0:
		return 1
	case it.rows[rows[i-1]].group != it.rows[rows[i]].group:
		return 2
	}
	return 0
}

// claimsPane draws the claims that are seen.
func (t *Token) claimsPane(it *item, w, h int) string {
	iw, ih := widget.Inner(w, h)
	l, f := t.claimsLayout(it, iw), t.found(it)
	var detail []string
	at := slices.Index(f.rows, t.opened)
	if at >= 0 {
		detail = t.claimDetail(it.rows[t.opened], iw)
	}
	// top is the first line of claim i, what is opened before it counted.
	top := func(i int) int {
		if at >= 0 && i > at {
			return l.tops[i] + len(detail)
		}
		return l.tops[i]
	}
	rows := len(f.rows)
	total := top(rows) + len(l.post)
	p := widget.Pane{Title: "Claims", State: t.state(claimsPane), Summary: t.claimsSummary(it)}
	s := &t.claimScroll
	if p.State == widget.Focused && t.moved && rows > 0 {
		first, last := top(t.claim), top(t.claim+1)-1
		if t.claim == 0 {
			first = 0 // with the heading above it
		}
		if t.claim == rows-1 {
			last = total - 1
		}
		s.Show(first, last, total, ih)
	}
	s.Clip(total, ih)
	lines := make([]string, 0, ih+8)
	if s.Top < len(l.pre) {
		lines = append(lines, l.pre[s.Top:]...)
	}
	skip := 0 // lines of the first claim that are above the window
	for i := sort.Search(rows, func(i int) bool { return top(i+1) > s.Top }); i < rows && len(lines) < ih+skip; i++ {
		if top(i) < s.Top {
			skip = s.Top - top(i)
		}
		lines = append(lines, t.claimBlock(it, l, f.rows, i, iw)...)
		if i == at {
			lines = append(lines, detail...)
		}
	}
	lines = append(lines[min(skip, len(lines)):], l.post...)
	p.Above, p.More = s.Top > 0, s.Top+ih < total
	return t.beside(p, it, claimsPane, w).Render(t.sh, lines[:min(len(lines), ih)], w, h)
}

// claimsSummary counts the claims, or those that the search found.
func (t *Token) claimsSummary(it *item) string {
	if t.query != "" {
		return widget.Thousands(len(t.found(it).rows)) + " of " + widget.Thousands(len(it.rows))
	}
	if n := it.report.Token.Claims.Len(); n > 0 {
		return counted(n, "claim")
	}
	return ""
}

// claimBlock draws claim i with its heading, in as many lines as the layout
// gave it.
func (t *Token) claimBlock(it *item, l *layout, rows []int, i, w int) []string {
	r := it.rows[rows[i]]
	var out []string
	if n := t.headings(it, rows, i); n > 0 {
		if n > 1 {
			out = append(out, "")
		}
		out = append(out, t.sh.Styles.Accent.Bold(true).Render(string(r.group)))
	}
	out = append(out, t.claimRow(r, l.cols, i == t.claim && t.focus == claimsPane, w)...)
	n := l.tops[i+1] - l.tops[i]
	for len(out) < n { // what a clock says may have become shorter since
		out = append(out, "")
	}
	return out[:n]
}
