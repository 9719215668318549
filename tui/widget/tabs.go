package widget

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"flowscope/tui/screen"
)

// Tabs draws a row of tab titles and the line under the active one.
func Tabs(sh *screen.Shell, titles []string, active, w int) []string {
	var row, line strings.Builder
	for i, t := range titles {
		if i > 0 {
			row.WriteString("   ")
			line.WriteString("   ")
		}
		n := ansi.StringWidth(t)
		if i == active {
			row.WriteString(sh.Styles.TabActive.Render(t))
			line.WriteString(sh.Styles.TabActive.Render(strings.Repeat(sh.Glyphs.TabUnderline, n)))
		} else {
			row.WriteString(sh.Styles.Tab.Render(t))
			line.WriteString(strings.Repeat(" ", n))
		}
	}
	return []string{Fit(row.String(), w, sh.Glyphs.Ellipsis), Fit(line.String(), w, "")}
}
