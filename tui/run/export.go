package run

import (
	tea "github.com/charmbracelet/bubbletea"

	"flowscope/engine/har"
	"flowscope/tui/screen"
)

// openExport opens the menu of the forms in which the exchange can be taken away.
func (r *Run) openExport() tea.Cmd {
	e, ok := r.exchange()
	if !ok {
		return screen.Notice("this step has sent nothing yet: there is nothing to export")
	}
	return r.sh.Copy(har.Curl(e.Request), "curl command line")
}
