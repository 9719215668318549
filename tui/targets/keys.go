package targets

import (
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"flowscope/engine/profile"
	"flowscope/tui/screen"
	"flowscope/tui/widget"
)

// key takes a key to what is open.
func (t *Targets) key(k tea.KeyMsg) tea.Cmd {
	switch t.mode {
	case editing:
		return t.formKey(k)
	case asking:
		return t.secretKey(k)
	case removing:
		if k.String() == "enter" {
			return t.remove()
		}
		return nil
	case showing:
		if k.String() == "enter" {
			return t.try()
		}
		return nil
	case trying:
		return nil
	}
	return t.listKey(k)
}

// page is how far a page scrolls.
const page = 10

func (t *Targets) listKey(k tea.KeyMsg) tea.Cmd {
	e := t.chosen()
	writes := t.deps.Store != nil && t.fault == ""
	switch k.String() {
	case "up", "k":
		t.move(-1)
	case "down", "j":
		t.move(1)
	case "pgdown", "ctrl+f":
		t.detail.Top += page
	case "pgup", "ctrl+b":
		t.detail.Top = max(0, t.detail.Top-page)
	case "enter":
		return t.use(e)
	case "n":
		if writes {
			t.open("", "", profile.Profile{ClientType: "spa"})
		}
	case "e":
		if writes && !e.lab {
			t.open(e.name, e.name, e.saved)
		}
	case "c":
		if writes && !e.lab {
			t.open("", t.free(e.name), e.saved)
		}
	case "x":
		if writes && !e.lab {
			t.mode = removing
		}
	case "t":
		if !e.lab {
			return t.make(nil, true)
		}
	}
	return nil
}

func (t *Targets) move(d int) {
	t.mode = looking
	t.index = max(0, min(t.index+d, len(t.list)-1))
	t.detail.Top = 0
}

// use hands the target under the cursor to the root.
func (t *Targets) use(e entry) tea.Cmd {
	switch {
	case e.name == t.deps.Current():
		return nil
	case e.lab:
		return screen.Send(screen.UseTargetMsg{Target: t.deps.Lab})
	}
	return t.make(nil, false)
}

// open opens the form of a profile; was is its name in the file, empty for a new
// one.
func (t *Targets) open(was, name string, p profile.Profile) {
	t.mode, t.form = editing, newEditor(t.sh, was, name, p)
	t.detail.Top = 0
}

// free gives a name for a copy.
func (t *Targets) free(name string) string {
	taken := map[string]bool{}
	for _, e := range t.list {
		taken[e.name] = true
	}
	for i := 2; ; i++ {
		if next := fmt.Sprintf("%s-%d", name, i); !taken[next] {
			return next
		}
	}
}

func (t *Targets) remove() tea.Cmd {
	e, store := t.chosen(), t.deps.Store
	inUse := e.name == t.deps.Current()
	lab := t.deps.Lab
	remove := func() tea.Msg {
		err := store.Remove(e.name)
		return changedMsg{t, "", e.name + " removed from the file", err}
	}
	t.mode = looking
	if inUse {
		return tea.Batch(remove, screen.Send(screen.UseTargetMsg{Target: lab}))
	}
	return remove
}

// formKey edits, and saves when the form says so.
func (t *Targets) formKey(k tea.KeyMsg) tea.Cmd {
	if k.String() == "esc" {
		t.Back()
		return nil
	}
	saves := t.form.key(k)
	if !saves {
		return nil
	}
	name, p, ok := t.form.finished()
	if !ok {
		return screen.Send(screen.NoticeMsg{Text: "not saved: see the fields that are marked", Bad: true})
	}
	was, store := t.form.was, t.deps.Store
	return func() tea.Msg {
		err := store.Save(was, name, p)
		return changedMsg{t, name, name + " saved to " + store.Path(), err}
	}
}

// secretKey types a credential. It is handed on and kept nowhere.
func (t *Targets) secretKey(k tea.KeyMsg) tea.Cmd {
	value := func() string { return t.secret.Values()[t.asked] }
	pressed := t.secret.Update(k)
	if k.String() == "enter" && value() != "" {
		pressed = "Go on"
	}
	if pressed == "" || value() == "" {
		return nil
	}
	told := map[string]string{t.asked: value()}
	for key, v := range t.told {
		told[key] = v
	}
	t.sh.Mask(value())
	t.told = told
	t.mode, t.secret = looking, nil
	return t.after(told)
}

// visible keeps what has the focus in sight.
func visible(s *widget.Scroll, lines []string, first, last, h int) ([]string, bool, bool) {
	s.Show(first, last, len(lines), h)
	return s.Window(lines, h)
}
