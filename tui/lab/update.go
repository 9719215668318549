package lab

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"flowscope/engine/labinfo"
	"flowscope/tui/screen"
	"flowscope/tui/widget"
)

// Update takes keys and the results of the screen's own commands.
func (l *Lab) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case arrivedMsg:
		if msg.of == l {
			l.arrived(msg.list)
			return l.wait()
		}
	case servedMsg:
		if msg.of == l {
			return l.served(msg)
		}
	case wroteMsg:
		if msg.of == l {
			if msg.path != "" {
				*l.deps.CA = msg.path
			}
			return screen.Send(msg.notice)
		}
	case switchedMsg:
		if msg.of == l {
			l.switches = msg.all
			if msg.err != nil {
				return screen.Send(screen.NoticeMsg{Text: msg.err.Error(), Bad: true})
			}
		}
	case tea.KeyMsg:
		if l.form != nil {
			return l.typed(msg)
		}
		return l.key(msg)
	}
	return nil
}

// arrived puts new requests on top. Who looks at an older one goes on looking
// at it.
func (l *Lab) arrived(list []request) {
	for _, r := range list {
		if r.N <= l.newest {
			continue
		}
		l.newest = r.N
		if n := len(l.seen); n > 0 && r.Waiting() && l.seen[0].Waiting() && l.seen[0].Poll() == r.Poll() {
			r.times += l.seen[0].times
			l.seen[0] = r
			continue
		}
		l.seen = append([]request{r}, l.seen...)
		if l.cursors[requests] > 0 || l.at == requests && l.detail.Top > 0 {
			l.cursors[requests]++
		}
	}
	l.seen = l.seen[:min(len(l.seen), maxRequests)]
	l.cursors[requests] = max(0, min(l.cursors[requests], len(l.seen)-1))
}

func (l *Lab) served(msg servedMsg) tea.Cmd {
	l.busy = false
	if msg.err != nil {
		return screen.Send(screen.NoticeMsg{Text: msg.err.Error(), Bad: true})
	}
	l.info = msg.info
	if !l.info.Served() {
		return screen.Notice("no other program reaches the lab any more")
	}
	return screen.Notice("the lab is served on loopback until you stop it or leave flowscope")
}

// key takes a key of the lists.
func (l *Lab) key(k tea.KeyMsg) tea.Cmd {
	switch {
	case key.Matches(k, screen.NextPane()):
		l.turn(1)
	case key.Matches(k, screen.Bind("", "", "shift+tab")):
		l.turn(int(sections) - 1)
	case key.Matches(k, screen.Down()):
		l.move(1)
	case key.Matches(k, screen.Up()):
		l.move(-1)
	case key.Matches(k, screen.PageDown()):
		l.detail.Top += max(1, l.h/3)
	case key.Matches(k, screen.PageUp()):
		l.detail.Top = max(0, l.detail.Top-max(1, l.h/3))
	case key.Matches(k, screen.Right()):
		l.inside = l.w < wide
	case key.Matches(k, screen.Left()):
		l.inside = false
	case key.Matches(k, screen.Enter("")):
		return l.enter()
	case key.Matches(k, screen.Bind("", "", "e")):
		return l.edit()
	case key.Matches(k, screen.Bind("", "", "s")):
		return l.serve()
	case key.Matches(k, screen.Copy("")):
		return l.copy()
	case key.Matches(k, screen.Bind("", "", "w")):
		if !l.info.Served() {
			return screen.Notice("there is no CA before the lab is served: s serves it")
		}
		return l.writeCA()
	}
	return nil
}

func (l *Lab) turn(by int) {
	l.at = (l.at + section(by)) % sections
	l.detail.Top, l.inside = 0, false
}

// move goes up and down in the list, or scrolls the detail that has its place.
func (l *Lab) move(by int) {
	if l.inside {
		l.detail.Top = max(0, l.detail.Top+by)
		return
	}
	l.cursors[l.at] = max(0, min(l.cursors[l.at]+by, l.count()-1))
	l.detail.Top = 0
}

// enter does what is done with an entry of the list.
func (l *Lab) enter() tea.Cmd {
	switch l.at {
	case conditions:
		c, ok := l.condition()
		if !ok {
			return nil
		}
		if c.On {
			return l.turnTo(c.ID, "off")
		}
		return l.turnTo(c.ID, "on")
	case requests:
		r, ok := l.request()
		switch {
		case !ok:
			return nil
		case len(r.findings) > 0:
			return screen.Send(screen.OpenDiagnoseMsg{Findings: r.findings, Trace: r.Trace(), Elsewhere: true})
		case r.Handshake():
			l.inside = l.w < wide
			return screen.Notice(r.Hint())
		case l.w >= wide && r.failed:
			return screen.Notice("there is no more to say of this failure than stands beside it")
		case l.w >= wide:
			return screen.Notice("nothing failed in it")
		}
	}
	l.inside = l.w < wide
	return nil
}

// writeCA writes the CA's certificate to a file.
func (l *Lab) writeCA() tea.Cmd {
	pem := l.info.CAPEM
	return func() tea.Msg {
		path, notice := l.sh.Keep(caFile, pem)
		return wroteMsg{l, path, notice}
	}
}

// ca is the file with the CA's certificate: the one that was written, or that
// will be.
func (l *Lab) ca() string {
	if *l.deps.CA != "" {
		return *l.deps.CA
	}
	return caFile
}

// turnTo switches a condition.
func (l *Lab) turnTo(id, value string) tea.Cmd {
	return func() tea.Msg {
		err := l.deps.Lab.Switch(id, value)
		return switchedMsg{l, err, l.deps.Lab.Conditions()}
	}
}

// edit opens the field for a condition's value.
func (l *Lab) edit() tea.Cmd {
	c, ok := l.condition()
	switch {
	case l.at != conditions || !ok:
		return nil
	case c.Takes == "":
		return screen.Notice(c.Title + " is switched on or off; it takes no value")
	}
	value := c.Value
	if value == "" {
		value = c.Default
	}
	l.form = widget.NewForm([]*widget.Input{widget.NewInput(l.sh, "value", c.Takes, value, false)}, "Switch on")
	l.form.Focus("value")
	l.inside, l.detail.Top = l.w < wide, 0
	return nil
}

// typed takes a key of the field.
func (l *Lab) typed(k tea.KeyMsg) tea.Cmd {
	if k.Type != tea.KeyEnter {
		if k.Type != tea.KeyTab && k.Type != tea.KeyUp && k.Type != tea.KeyDown && k.Type != tea.KeyShiftTab {
			l.form.Update(k)
		}
		return nil
	}
	value := strings.TrimSpace(l.form.Values()["value"])
	l.form = nil
	c, ok := l.condition()
	if !ok || value == "" {
		return nil
	}
	return l.turnTo(c.ID, value)
}

// serve begins or ends the serving.
func (l *Lab) serve() tea.Cmd {
	if l.busy {
		return nil
	}
	l.busy = true
	stop, deps := l.info.Served(), l.deps
	return func() tea.Msg {
		if stop {
			deps.Lab.Unshare()
			return servedMsg{l, deps.Lab.Describe(), nil}
		}
		info, err := deps.Lab.Share(deps.Context, labinfo.Addresses{})
		return servedMsg{l, info, err}
	}
}
