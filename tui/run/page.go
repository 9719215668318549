package run

import (
	"cmp"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"flowscope/engine"
	"flowscope/engine/explain"
	"flowscope/tui/screen"
	"flowscope/tui/widget"
)

// pageForm makes a form of a sign-in page, filled in with the job's account, so
// that on the lab enter goes on.
func pageForm(sh *screen.Shell, p *engine.Page, job engine.Job) *widget.Form {
	var names []string
	for _, a := range job.Target.Accounts {
		names = append(names, a.Username)
	}
	var inputs []*widget.Input
	for _, f := range p.Fields {
		value := f.Value
		switch {
		case value != "":
		case f.Name == "username" && len(names) > 0:
			value = names[0]
		}
		if user := cmp.Or(p.User, job.User); f.Name == "username" && user != "" {
			value = user
		}
		in := widget.NewInput(sh, f.Name, f.Label, value, f.Secret)
		if f.Name == "username" {
			in.Choices = names
		}
		inputs = append(inputs, in)
	}
	var buttons []string
	for _, b := range p.Buttons {
		buttons = append(buttons, b.Label)
	}
	fillPassword(inputs, job.Target)
	return widget.NewForm(inputs, buttons...)
}

// fillPassword keeps the password that of the chosen account, where the target
// knows it.
func fillPassword(inputs []*widget.Input, t engine.Target) {
	var password *widget.Input
	user := ""
	for _, in := range inputs {
		switch in.Name {
		case "username":
			user = in.Value()
		case "password":
			password = in
		}
	}
	if a, ok := t.Account(user); ok && password != nil {
		password.SetValue(a.Password)
	}
}

func (r *Run) pageKey(k tea.KeyMsg) tea.Cmd {
	before := r.page.Values()["username"]
	button := r.page.Update(k)
	if after := r.page.Values()["username"]; after != before {
		fillPassword(r.page.Inputs, r.job.Target)
	}
	if button == "" {
		return nil
	}
	run, id := r.run, r.pageID
	answer := engine.PageAnswer{Values: r.page.Values(), Button: button}
	r.follow, r.detail = true, false
	return func() tea.Msg {
		run.AnswerPage(id, answer)
		return nil
	}
}

// pageLines draws the page that waits.
func (r *Run) pageLines(w int) (lines []string, first, last int) {
	st, p := r.sh.Styles, r.state.Page
	if p.Error != "" {
		words := p.Error
		if p.Code != "" && !strings.Contains(words, p.Code) {
			words = p.Code + ": " + words
		}
		lines = append(lines, widget.Render(st.Fail, widget.Wrap(r.sh.Glyphs.Fail+" "+words, w))...)
		if entry, ok := explain.Lookup(p.Code); ok {
			lines = append(lines, widget.Render(st.Muted, widget.Wrap(entry.What, w))...)
		}
		lines = append(lines, "")
	}
	lines = append(lines, r.pageText(w)...)
	lines = append(lines, "")
	form, f, l := r.page.Lines(r.sh, w)
	first, last = len(lines)+f, len(lines)+l
	lines = append(lines, form...)
	if a, ok := r.job.Target.Account(r.page.Values()["username"]); ok && r.state.Page.HasField("username") {
		about := a.Name
		if a.About != "" {
			about += ": " + a.About
		}
		lines = append(lines, "")
		lines = append(lines, widget.Render(st.Muted, widget.Wrap(about, w))...)
	}
	return lines, first, last
}

// pageText is what the page says, in its order.
func (r *Run) pageText(w int) []string {
	st := r.sh.Styles
	var lines []string
	for i, t := range r.state.Page.Text {
		if i > 0 && (!t.Item || !r.state.Page.Text[i-1].Item) && r.h >= 28 {
			lines = append(lines, "")
		}
		if !t.Item {
			lines = append(lines, widget.Render(st.Text, widget.Wrap(t.Text, w))...)
			continue
		}
		head, rest := t.Strong, t.Text
		if head == "" {
			head, rest = t.Text, ""
		}
		title := widget.Wrap(head, w-2)
		lines = append(lines, st.Accent.Render(r.sh.Glyphs.Bullet)+" "+st.Bright.Render(title[0]))
		lines = append(lines, widget.Indent(widget.Render(st.Bright, title[1:]), 2)...)
		if rest != "" {
			lines = append(lines, widget.Indent(widget.Render(st.Muted, widget.Wrap(rest, w-2)), 2)...)
		}
	}
	return lines
}
