package widget

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"flowscope/tui/screen"
)

// tabGap is the room between two tabs.
const tabGap = 3

// Tabs draws a row of tab titles and the line under the active one. Where there
// is not room for all, those around the active one are seen, with a sign at the
// side where there are more.
func Tabs(sh *screen.Shell, titles []string, active, w int) []string {
	from, to := tabWindow(titles, active, w-4)
	before, after := tabEnds(sh, titles, from, to)
	row, line := before, strings.Repeat(" ", ansi.StringWidth(before))
	for i := from; i < to; i++ {
		if i > from {
			row += strings.Repeat(" ", tabGap)
			line += strings.Repeat(" ", tabGap)
		}
		n := ansi.StringWidth(titles[i])
		if i == active {
			row += sh.Styles.TabActive.Render(titles[i])
			line += sh.Styles.TabActive.Render(strings.Repeat(sh.Glyphs.TabUnderline, n))
		} else {
			row += sh.Styles.Tab.Render(titles[i])
			line += strings.Repeat(" ", n)
		}
	}
	return []string{Fit(row+after, w, sh.Glyphs.Ellipsis), Fit(line, w, "")}
}

// TabLine draws the same in one line, the active tab marked by the pointer.
func TabLine(sh *screen.Shell, titles []string, active, w int) string {
	marked := make([]string, len(titles))
	for i, t := range titles {
		marked[i] = "  " + t
		if i == active {
			marked[i] = sh.Glyphs.Pointer + " " + t
		}
	}
	from, to := tabWindow(marked, active, w-4)
	before, after := tabEnds(sh, marked, from, to)
	parts := make([]string, 0, to-from)
	for i := from; i < to; i++ {
		style := sh.Styles.Tab
		if i == active {
			style = sh.Styles.TabActive
		}
		parts = append(parts, style.Render(marked[i]))
	}
	return Fit(before+strings.Join(parts, "  ")+after, w, sh.Glyphs.Ellipsis)
}

// tabEnds are the signs for tabs that are not seen, before and after those that are.
func tabEnds(sh *screen.Shell, titles []string, from, to int) (before, after string) {
	if from > 0 {
		before = sh.Styles.Muted.Render("< ")
	}
	if to < len(titles) {
		after = sh.Styles.Muted.Render(" >")
	}
	return before, after
}

// tabWindow chooses the tabs that fit into w cells with the active one among
// them: all of them where there is room.
func tabWindow(titles []string, active, w int) (from, to int) {
	width := func(i int) int { return ansi.StringWidth(titles[i]) + tabGap }
	total := 0
	for i := range titles {
		total += width(i)
	}
	if total <= w+tabGap+4 || len(titles) == 0 {
		return 0, len(titles)
	}
	active = max(0, min(active, len(titles)-1))
	from, to = active, active+1
	used := width(active)
	for grown := true; grown; {
		grown = false
		if to < len(titles) && used+width(to) <= w {
			used, to, grown = used+width(to), to+1, true
		}
		if from > 0 && used+width(from-1) <= w {
			from--
			used, grown = used+width(from), true
		}
	}
	return from, to
}
