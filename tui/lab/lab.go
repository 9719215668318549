// Package lab is the screen of the lab: who can sign in and which applications
// are registered, the conditions that can be switched, the requests of other
// programs as they arrive, and the configuration that points such programs
// here.
//
// It knows the lab as plain data and through what it is handed; it serves and
// switches nothing by itself. The lab's own passwords and secrets are public and
// shown; what another program sends is masked like everything else.
package lab

import (
	"context"
	"fmt"
	"sync"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"flowscope/engine/explain"
	"flowscope/engine/labinfo"
	"flowscope/engine/observe"
	"flowscope/tui/screen"
	"flowscope/tui/widget"
)

// section is one of the four lists.
type section int

const (
	directory section = iota
	conditions
	requests
	connect
	sections
)

var titles = [sections]string{"Directory", "Conditions", "Requests", "Connect"}

// caFile is the name under which the CA certificate is written, and which the
// configuration names.
const caFile = "flowscope-lab-ca.pem"

// Deps is what the screen works with.
type Deps struct {
	Lab      labinfo.Lab
	Requests *observe.Log
	// CA is where the path of the CA's certificate is kept once it was written,
	// for longer than the screen is open. Nil: no longer.
	CA *string
	// Context ends the serving that a key of the screen begins. Nil: never.
	Context context.Context
}

// request is one request with its explanation, worked out once.
type request struct {
	observe.Entry
	findings []explain.Finding
	failed   bool
	times    int // polls of one device code in a row that stand here as one
}

// maxRequests bounds what is kept on the screen.
const maxRequests = 200

// Lab is the screen.
type Lab struct {
	sh   *screen.Shell
	deps Deps
	w, h int

	info     labinfo.Description
	switches []labinfo.Condition
	seen     []request // the newest first
	newest   int       // number of the newest request

	at      section
	cursors [sections]int
	lists   [sections]widget.Scroll
	detail  widget.Scroll
	inside  bool // in a narrow window the detail has the place of the list
	busy    bool // serving begins or ends
	form    *widget.Form
	masked  cache

	bell <-chan struct{}
	end  func()
	gone chan struct{}
	once sync.Once
}

// New makes the screen.
func New(sh *screen.Shell, deps Deps) *Lab {
	if deps.Context == nil {
		deps.Context = context.Background()
	}
	if deps.CA == nil {
		deps.CA = new(string)
	}
	l := &Lab{sh: sh, deps: deps, gone: make(chan struct{})}
	l.info, l.switches = deps.Lab.Describe(), deps.Lab.Conditions()
	return l
}

// The results of the screen's own commands.
type (
	arrivedMsg struct {
		of   *Lab
		list []request
	}
	servedMsg struct {
		of   *Lab
		info labinfo.Description
		err  error
	}
	wroteMsg struct {
		of     *Lab
		path   string
		notice screen.NoticeMsg
	}
	switchedMsg struct {
		of  *Lab
		err error
		all []labinfo.Condition
	}
)

// Init begins to listen for requests; those that came before are read at once.
func (l *Lab) Init() tea.Cmd {
	l.bell, l.end = l.deps.Requests.Subscribe()
	return l.read(0)
}

// read gives what has come since request n.
func (l *Lab) read(n int) tea.Cmd {
	return func() tea.Msg {
		var list []request
		for _, e := range l.deps.Requests.Since(n) {
			f := e.Findings()
			list = append(list, request{e, f, !e.Waiting() && (e.Exchange.Failed() || len(f) > 0), 1})
		}
		return arrivedMsg{l, list}
	}
}

// wait gives what comes next, however long that takes.
func (l *Lab) wait() tea.Cmd {
	n := l.newest
	return func() tea.Msg {
		select {
		case <-l.gone:
			return nil
		case <-l.bell:
			return l.read(n)()
		}
	}
}

// Resize tells the size of the body.
func (l *Lab) Resize(w, h int) { l.w, l.h = w, h }

// Crumb is the screen's word in the header.
func (l *Lab) Crumb() string { return "lab" }

// Subject says whether other programs reach the lab.
func (l *Lab) Subject() string {
	if l.info.Served() {
		return "served to other programs"
	}
	return "inside this program alone"
}

// Status counts what was switched on and what came.
func (l *Lab) Status() string {
	on := 0
	for _, c := range l.switches {
		if c.On {
			on++
		}
	}
	words := fmt.Sprintf("%d on", on)
	switch n := len(l.seen); {
	case n == 1:
		words += " · 1 request"
	case n > 1:
		words += fmt.Sprintf(" · %d requests", n)
	}
	return widget.Say(l.sh, words)
}

// Typing reports whether a value is being typed.
func (l *Lab) Typing() bool { return l.form != nil }

// Back closes the form, then the detail of a narrow window.
func (l *Lab) Back() bool {
	switch {
	case l.form != nil:
		l.form = nil
		return true
	case l.inside:
		l.inside = false
		return true
	}
	return false
}

// Served is where other programs reach the lab now, and empty when they do not.
// It waits for a serving that begins or ends at this moment.
func (l *Lab) Served() string {
	if d := l.deps.Lab.Describe(); d.Served() {
		return d.Authority
	}
	return ""
}

// Close ends the listening; the serving goes on until the program ends or a key
// ends it.
func (l *Lab) Close() {
	l.once.Do(func() {
		close(l.gone)
		if l.end != nil {
			l.end()
		}
	})
}

// Keys are the bindings that make sense now.
func (l *Lab) Keys() []key.Binding {
	if l.form != nil {
		return []key.Binding{screen.Enter("switch on"), screen.Bind("esc", "close", "esc")}
	}
	var out []key.Binding
	switch l.at {
	case conditions:
		word := "switch on"
		if c, ok := l.condition(); ok && c.On {
			word = "switch off"
		}
		c, _ := l.condition()
		out = append(out, screen.Enter(word), screen.When(screen.Bind("e", "type a value", "e"), c.Takes != ""))
	case requests:
		r, ok := l.request()
		word := "diagnosis"
		if ok && r.Handshake() {
			word = "what to do"
		}
		out = append(out, screen.When(screen.Enter(word), ok && (len(r.findings) > 0 || r.Handshake())))
	default:
		out = append(out, screen.When(screen.Enter("open"), l.w < wide && !l.inside))
	}
	serve := "serve it"
	if l.info.Served() {
		serve = "stop serving"
	}
	if l.w < wide {
		out = append(out, screen.Sides("list or detail"))
	}
	return append(out,
		screen.Bind("tab", "next list", "tab"), screen.Bind("s", serve, "s"), screen.When(screen.Copy(l.copies()), l.copies() != ""),
		screen.When(screen.Bind("w", "write the CA", "w"), l.info.Served()),
		screen.Move("choose"), screen.PageDown(), screen.PageUp(),
	)
}
