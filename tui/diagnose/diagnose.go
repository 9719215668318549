// Package diagnose is the screen of a failure in its four parts: what happened,
// why, with what was sent beside what was expected, what to change, and where
// it is written. It also reads an error that somebody pastes or types, and
// searches the whole catalogue.
//
// It finds nothing out itself: package explain does. It shows and copies no
// secret, and a retry is a wish that the root fulfils.
package diagnose

import (
	"fmt"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"flowscope/engine/explain"
	"flowscope/engine/trace"
	"flowscope/tui/screen"
	"flowscope/tui/widget"
)

// pane is one of the three panes of a finding.
type pane int

const (
	whyPane pane = iota
	changePane
	evidencePane
	panes
)

// Diagnose is the screen.
type Diagnose struct {
	sh   *screen.Shell
	w, h int

	base  []explain.Finding // what it was opened with
	trace *trace.Trace      // that those come from; nil when there is none

	elsewhere bool   // the trace is another program's: there is no run to try a fix in
	own       string // a fix that the run beneath makes itself, in words; empty: none

	read    []explain.Finding // of a text or of the catalogue, shown over base
	related []string          // codes easily taken for the catalogue's entry
	entry   bool              // read is an entry of the catalogue

	at      int // the finding that is shown
	focus   pane
	scrolls [panes]widget.Scroll

	asking bool // the text field has the screen
	line   widget.Line
	query  string // what the list was searched for
	list   []explain.Entry
	menu   int
	moved  bool // the person chose an entry
	found  widget.Scroll
	said   string // why the last text led nowhere
}

// New makes the screen for the findings of open, or an empty one that waits for
// a text.
func New(sh *screen.Shell, open screen.OpenDiagnoseMsg) *Diagnose {
	d := &Diagnose{sh: sh, base: open.Findings, trace: open.Trace, elsewhere: open.Elsewhere, own: open.Retry, focus: changePane}
	if d.trace != nil {
		sh.Secrets.LearnAll(d.trace)
	}
	d.asking = len(d.base) == 0
	return d
}

// findings are those that are shown now.
func (d *Diagnose) findings() []explain.Finding {
	if d.read != nil {
		return d.read
	}
	return d.base
}

// finding is the one that is shown, and false when there is none.
func (d *Diagnose) finding() (explain.Finding, bool) {
	all := d.findings()
	if d.asking || d.at >= len(all) {
		return explain.Finding{}, false
	}
	return all[d.at], true
}

// fix is the change that f applies: a run of our own has to be there for it.
func (d *Diagnose) fix() (explain.Fix, bool) {
	f, ok := d.finding()
	if !ok || d.read != nil || d.trace == nil || d.elsewhere {
		return explain.Fix{}, false
	}
	if x, ok := f.RetryFix(); ok || d.own == "" {
		return x, ok
	}
	return explain.Fix{Title: d.own}, true
}

// exchange is the one in which the finding shows.
func (d *Diagnose) exchange(f explain.Finding) (trace.Exchange, bool) {
	if d.read != nil || d.trace == nil {
		return trace.Exchange{}, false
	}
	for _, e := range d.trace.Exchanges {
		if e.N == f.Exchange {
			return e, true
		}
	}
	return trace.Exchange{}, false
}

// show turns to a finding and begins at its top.
func (d *Diagnose) show(at int) {
	d.at, d.asking, d.said = at, false, ""
	d.scrolls = [panes]widget.Scroll{}
	if d.w < wide {
		d.focus = whyPane
	}
}

// Init starts nothing.
func (d *Diagnose) Init() tea.Cmd { return nil }

// Resize tells the size of the body. In a small window the reasons come first.
func (d *Diagnose) Resize(w, h int) {
	if d.w == 0 && w < wide {
		d.focus = whyPane
	}
	d.w, d.h = w, h
}

// Crumb is the screen's word in the header.
func (d *Diagnose) Crumb() string {
	if d.asking && len(d.base) > 0 {
		return "codes"
	}
	return "diagnosis"
}

// Subject is the flow that failed.
func (d *Diagnose) Subject() string {
	switch {
	case d.entry:
		return "from the catalogue"
	case d.read != nil:
		return "from the text"
	case d.trace != nil && d.trace.Flow != "":
		return d.trace.Flow.Title()
	}
	return ""
}

// Status says where it failed, or what was taken.
func (d *Diagnose) Status() string {
	f, ok := d.finding()
	switch {
	case d.asking && d.line.Len() > 60:
		return widget.Thousands(d.line.Len()) + " characters"
	case d.asking && (d.query != "" || len(d.base) > 0):
		return count(len(d.list), "code")
	case d.asking:
		return "waiting for an error"
	case ok && d.read == nil && d.refused(f):
		return "tokens received, the API refused"
	case ok && d.read == nil && f.Step > 0:
		return fmt.Sprintf("failed at step %d", f.Step)
	}
	return ""
}

// refused reports whether the run had its tokens and an API said no to one.
func (d *Diagnose) refused(f explain.Finding) bool {
	e, ok := d.exchange(f)
	return ok && !d.elsewhere && d.trace.Outcome == trace.Tokens && e.Purpose.AtAPI() && e.Response != nil &&
		(e.Response.Status == 401 || e.Response.Status == 403)
}

// Typing reports whether plain keys are text now. An empty field on the screen
// of its own leaves the global keys alone.
func (d *Diagnose) Typing() bool {
	return d.asking && (d.line.Len() > 0 || len(d.list) > 0 || len(d.base) > 0)
}

// Back closes what is open inside the screen: an entry, a text, the search.
func (d *Diagnose) Back() bool {
	switch {
	case d.asking && d.line.Len() > 0:
		d.line.Clear()
		d.said = ""
		if d.search(); len(d.base) == 0 {
			d.list = nil
		}
		return true
	case d.asking && (len(d.base) > 0 || d.read != nil):
		d.asking = false
		return true
	case d.asking && len(d.list) > 0:
		d.list = nil
		return true
	case !d.asking && d.read != nil && (d.entry || len(d.base) == 0):
		d.read, d.entry, d.related, d.at, d.asking = nil, false, nil, 0, true
		return true
	case !d.asking && d.read != nil:
		d.read = nil
		d.show(0)
		return true
	}
	return false
}

// Close ends nothing.
func (d *Diagnose) Close() {}

// Keys are the bindings that make sense now.
func (d *Diagnose) Keys() []key.Binding {
	if d.asking {
		return []key.Binding{
			screen.When(screen.Enter("open"), d.line.Len() > 0 || len(d.list) > 0), screen.Bind("↑↓", "code", "up", "down"),
			screen.Bind("paste", "an error", ""), screen.Bind("esc", "close", "esc"),
		}
	}
	_, fixable := d.fix()
	next := "evidence"
	switch {
	case d.focus == evidencePane:
		next = "why"
	case d.focus == whyPane:
		next = "what to change"
	}
	return []key.Binding{
		screen.When(screen.Fix(), fixable), screen.Bind("tab", next, "tab"), screen.When(screen.Sides("finding"), len(d.findings()) > 1),
		screen.Copy("as Markdown"), screen.Bind("/", "all codes", "/"), screen.Move("scroll"), screen.PageDown(), screen.PageUp(),
	}
}

// count says how many: "1 code", "3 codes".
func count(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return widget.Thousands(n) + " " + word + "s"
}
