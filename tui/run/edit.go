package run

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"flowscope/engine/trace"
	"flowscope/tui/screen"
	"flowscope/tui/widget"
)

// The buttons of the editor.
const (
	useEdits  = "Use these"
	addField  = "Add one"
	undoEdits = "Undo all"
)

// editor is the form of a held request: each parameter and header can be
// changed, dropped or added. The value of a secret is shown on demand only.
type editor struct {
	sh      *screen.Shell
	request trace.Request // as it was when the editor was opened
	params  []trace.Param // beside the inputs of the form, one for one
	dropped map[int]bool
	form    *widget.Form
	adding  bool // the last two inputs are the name and value of a new one
}

// headers that a person has reason to change; what a transport or a library
// writes for itself is left alone.
func editableHeader(name string) bool {
	switch strings.ToLower(name) {
	case "origin", "authorization", "accept", "cookie":
		return true
	}
	return false
}

func newEditor(sh *screen.Shell, r trace.Request) *editor {
	e := &editor{sh: sh, request: r, dropped: map[int]bool{}}
	e.params = append(e.params, r.Params()...)
	for _, h := range r.HeaderParams() {
		if editableHeader(h.Name) {
			e.params = append(e.params, h)
		}
	}
	e.build()
	if len(e.form.Inputs) > 0 {
		e.form.Focus(e.form.Inputs[0].Name)
	}
	return e
}

// inputName keeps repeated parameters apart.
func inputName(i int) string { return "p" + string(rune('A'+i%26)) + strings.Repeat("'", i/26) }

func (e *editor) build() {
	var inputs []*widget.Input
	for i, p := range e.params {
		in := widget.NewInput(e.sh, inputName(i), trace.Plain(p.Name), p.Value, false)
		if _, secret := e.sh.Secrets.Value(p.Name, p.Value); secret {
			in = widget.NewSecret(e.sh, inputName(i), trace.Plain(p.Name), p.Value, func(v string) string {
				masked, _ := e.sh.Secrets.Value(p.Name, v)
				return masked
			})
		}
		if e.dropped[i] {
			in.Veil = "left out; ctrl+d puts it back"
			in.Dropped = true
		}
		inputs = append(inputs, in)
	}
	if e.adding {
		inputs = append(inputs, widget.NewInput(e.sh, "new-name", "new name", "", false), widget.NewInput(e.sh, "new-value", "its value", "", false))
	}
	e.form = widget.NewForm(inputs, useEdits, addField, undoEdits)
}

// collect takes the typed values over into params.
func (e *editor) collect() {
	values := e.form.Values()
	for i := range e.params {
		e.params[i].Value = values[inputName(i)]
	}
	if e.adding && strings.TrimSpace(values["new-name"]) != "" {
		place := trace.Query
		if e.request.IsForm() {
			place = trace.Form
		}
		e.params = append(e.params, trace.Param{Place: place, Name: strings.TrimSpace(values["new-name"]), Value: values["new-value"]})
	}
	e.adding = false
}

// edited is the request as the form leaves it.
func (e *editor) edited() trace.Request {
	var query, form []trace.Param
	r := e.request.Clone()
	for i, p := range e.params {
		switch {
		case p.Place == trace.Header:
			r = r.WithHeader(p.Name, p.Value, e.dropped[i])
		case e.dropped[i]:
		case p.Place == trace.Query:
			query = append(query, p)
		default:
			form = append(form, p)
		}
	}
	if !sameParams(query, e.request.QueryParams()) {
		r = r.WithQuery(query)
	}
	if e.request.IsForm() && !sameParams(form, e.request.FormParams()) {
		r = r.WithForm(form)
	}
	return r
}

func sameParams(a, b []trace.Param) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func (e *editor) keys() []key.Binding {
	return []key.Binding{screen.Bind("ctrl+s", "use these", "ctrl+s"), screen.Bind("ctrl+d", "leave it out", "ctrl+d"),
		screen.When(screen.Bind("ctrl+r", "show it", "ctrl+r"), e.form.At() != nil && e.form.At().Mask != nil),
		screen.Bind("esc", "close", "esc"), screen.Move("field"), screen.Enter("next")}
}

// editorKey edits, and takes the edits over when the form says so.
func (r *Run) editorKey(k tea.KeyMsg) tea.Cmd {
	e := r.editor
	button := ""
	switch k.String() {
	case "ctrl+s":
		button = useEdits
	case "ctrl+d":
		e.drop()
	default:
		button = e.form.Update(k)
	}
	switch button {
	case useEdits:
		e.collect()
		return r.useEdits(e.edited())
	case addField:
		e.collect()
		e.adding = true
		e.build()
		e.form.Focus("new-name")
	case undoEdits:
		r.pending = nil
		held, ok := r.held()
		if !ok {
			r.editor = nil
			return nil
		}
		r.editor = newEditor(r.sh, held.Request)
	}
	return nil
}

func (e *editor) drop() {
	in := e.form.At()
	if in == nil {
		return
	}
	for i := range e.params {
		if inputName(i) == in.Name {
			e.dropped[i] = !e.dropped[i]
			e.collect()
			e.build()
			e.form.Focus(inputName(i))
			return
		}
	}
}

// useEdits keeps the edited request until it is sent.
func (r *Run) useEdits(req trace.Request) tea.Cmd {
	r.editor, r.scroll.Top = nil, 0
	held, ok := r.held()
	if !ok {
		return nil
	}
	r.tab = tabExplained
	r.choose(held.Step)
	if len(differences(held.Request, req)) == 0 {
		r.pending = nil
		return screen.Notice("nothing was changed")
	}
	r.pending = &req
	return screen.Notice("changed; enter sends it, z undoes it")
}

// change is one parameter that differs between the request as it was built and
// as it goes out. Has and Had tell an empty value from an absent one.
type change struct {
	trace.Param
	Was      string
	Has, Had bool
}

// differences lists the parameters and telling headers that differ.
func differences(original, now trace.Request) []change {
	var out []change
	before, after := telling(original), telling(now)
	seen := map[string]bool{}
	for _, p := range after {
		id := string(p.Place) + p.Name
		if seen[id] {
			continue
		}
		seen[id] = true
		was, had := find(before, p)
		if !had || was != p.Value {
			out = append(out, change{Param: p, Was: was, Has: true, Had: had})
		}
	}
	for _, p := range before {
		if _, has := find(after, p); !has {
			out = append(out, change{Param: trace.Param{Place: p.Place, Name: p.Name}, Was: p.Value, Had: true})
		}
	}
	if path(original.URL) != path(now.URL) {
		out = append(out, change{Param: trace.Param{Place: trace.Path, Name: "address", Value: path(now.URL)}, Was: path(original.URL), Has: true, Had: true})
	}
	return out
}

func telling(r trace.Request) []trace.Param {
	out := r.Params()
	for _, h := range r.HeaderParams() {
		if editableHeader(h.Name) {
			out = append(out, h)
		}
	}
	return out
}

func find(list []trace.Param, p trace.Param) (string, bool) {
	for _, x := range list {
		if x.Place == p.Place && x.Name == p.Name {
			return x.Value, true
		}
	}
	return "", false
}

func path(raw string) string {
	p, _, _ := strings.Cut(raw, "?")
	return p
}

// editorLines draws the editor.
func (r *Run) editorLines(w int) (lines []string, first, last int) {
	st := r.sh.Styles
	lines = widget.Render(st.Muted, widget.Wrap("Change any value before it is sent. Secrets stay masked; ctrl+r shows the one under the cursor.", w))
	lines = append(lines, "")
	form, f, l := r.editor.form.Lines(r.sh, w)
	return append(lines, form...), len(lines) + f, len(lines) + l
}
