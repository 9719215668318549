package run

import (
	"net/http"
	"strconv"
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

// editParam is one line of the editor.
type editParam struct {
	trace.Param
	first   string // its value as it came
	dropped bool
	added   bool
}

// editor is the form of what waits at the gate, a request or an answer: each
// part of it can be changed, dropped or added. The value of a secret is shown on
// demand only.
type editor struct {
	r        *Run
	n        int // exchange
	answer   bool
	request  trace.Request  // as it was when the editor was opened
	response trace.Response // the same of an answer
	params   []editParam    // beside the inputs of the form, one for one
	form     *widget.Form
	adding   bool // the last three inputs are place, name and value of a new one
}

// openEditor opens what waits as a form.
func (r *Run) openEditor() tea.Cmd {
	if held, ok := r.held(); ok {
		r.open(newEditor(r, held.N, r.current(held)))
		return nil
	}
	if held, ok := r.heldAnswer(); ok {
		r.open(newAnswerEditor(r, held.N, r.currentAnswer(held)))
		return nil
	}
	if r.state.Done {
		return screen.Notice("the run is over: r starts it again, then e edits what waits")
	}
	return screen.Notice("only a request that waits can be edited: enter starts, then e")
}

func newEditor(r *Run, n int, req trace.Request) *editor {
	e := &editor{r: r, n: n, request: req}
	e.add(trace.Param{Place: trace.Address, Name: "address", Value: path(req.URL)})
	for _, p := range append(req.Params(), req.HeaderParams()...) {
		e.add(p)
	}
	return e.built()
}

func (e *editor) add(p trace.Param) { e.params = append(e.params, editParam{Param: p, first: p.Value}) }

// built makes the form, with the cursor on the first parameter.
func (e *editor) built() *editor {
	e.build()
	for i, p := range e.params {
		if p.Place != trace.Address && p.Place != trace.Status {
			e.form.Focus(inputName(i))
			return e
		}
	}
	e.form.Focus(inputName(0))
	return e
}

// stands reports whether what is edited still waits.
func (e *editor) stands() bool {
	return e.r.state.Held == e.n && e.r.state.HeldAnswer == e.answer
}

// inputName keeps repeated parameters apart.
func inputName(i int) string { return "p" + strconv.Itoa(i) }

// section names the part of a request or an answer that a parameter stands in.
func (e *editor) section(p trace.Place) string {
	switch p {
	case trace.Address:
		return "Address"
	case trace.Query:
		if e.answer {
			return "Parameters of Location"
		}
		return "Query"
	case trace.Fragment:
		return "Fragment"
	case trace.Form:
		return "Form fields"
	case trace.Status:
		return "Status"
	case trace.JSON:
		return "Members of the body"
	case trace.Claim:
		return "Claims (the signature will not fit any more)"
	case trace.Body:
		return "The whole body"
	}
	return "Headers"
}

func (e *editor) build() {
	sh := e.r.sh
	var inputs []*widget.Input
	section := ""
	for i, p := range e.params {
		in := widget.NewInput(sh, inputName(i), trace.Plain(p.Name), p.Value, false)
		if _, secret := sh.Secrets.Value(p.Name, p.Value); secret && p.Place != trace.Claim {
			in = widget.NewSecret(sh, inputName(i), trace.Plain(p.Name), p.Value, func(v string) string {
				masked, _ := sh.Secrets.Value(p.Name, v)
				return trace.Plain(masked)
			})
		}
		if s := e.section(p.Place); s != section {
			in.Section, section = s, s
		}
		in.Changed = p.added || p.Value != p.first
		if p.dropped {
			in.Veil = "left out; ctrl+d puts it back"
			in.Dropped = true
		}
		inputs = append(inputs, in)
	}
	if e.adding {
		place := widget.NewInput(sh, "new-place", "in the", e.places()[0], false)
		place.Choices, place.Section = e.places(), "A new one"
		inputs = append(inputs, place, widget.NewInput(sh, "new-name", "new name", "", false), widget.NewInput(sh, "new-value", "its value", "", false))
	}
	e.form = widget.NewForm(inputs, useEdits, addField, undoEdits)
}

// places are where a new parameter can stand, the usual one first.
func (e *editor) places() []string {
	switch {
	case e.answer && e.response.Header.Get("Location") != "":
		return []string{"query", "header"}
	case e.answer:
		return []string{"json", "header"}
	case e.request.IsForm():
		return []string{"form", "query", "header"}
	}
	return []string{"query", "header"}
}

// collect takes the typed values over into params.
func (e *editor) collect() {
	values := e.form.Values()
	for i := range e.params {
		e.params[i].Value = values[inputName(i)]
	}
	if name := strings.TrimSpace(values["new-name"]); e.adding && name != "" {
		value := values["new-value"]
		if before, after, ok := strings.Cut(name, "="); ok && value == "" && before != "" { // typed as it stands in a request
			name, value = strings.TrimSpace(before), after
		}
		e.params = append(e.params, editParam{added: true, Param: trace.Param{Place: trace.Place(values["new-place"]), Name: name, Value: value}})
	}
	e.adding = false
}

// edited is the request as the form leaves it.
func (e *editor) edited() trace.Request {
	var query, fragment, form []trace.Param
	r := e.request.Clone()
	for _, p := range e.params {
		switch {
		case p.Place == trace.Address:
			if p.Value != p.first {
				r.URL = p.Value + r.URL[len(path(r.URL)):]
			}
		case p.Place == trace.Header:
		case p.dropped:
		case p.Place == trace.Query:
			query = append(query, p.Param)
		case p.Place == trace.Fragment:
			fragment = append(fragment, p.Param)
		default:
			form = append(form, p.Param)
		}
	}
	if header, touched := e.header(); touched {
		r.Header = header
	}
	if !sameParams(query, e.request.QueryParams()) {
		r = r.WithQuery(query)
	}
	if !sameParams(fragment, e.request.FragmentParams()) {
		r = r.WithFragment(fragment)
	}
	if e.request.IsForm() && !sameParams(form, e.request.FormParams()) {
		r = r.WithForm(form)
	}
	return r
}

// header gives the headers as the form leaves them, repeated ones each by itself,
// and false when none was touched.
func (e *editor) header() (http.Header, bool) {
	out, touched := http.Header{}, false
	for _, p := range e.params {
		if p.Place != trace.Header {
			continue
		}
		touched = touched || p.dropped || p.added || p.Value != p.first
		if !p.dropped {
			name := p.Name
			if p.added {
				name = http.CanonicalHeaderKey(name)
			}
			out[name] = append(out[name], p.Value)
		}
	}
	return out, touched
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

func (e *editor) title() (string, string) {
	what := "Edit the request"
	if e.answer {
		what = "Edit the answer"
	}
	return what, e.r.step().Title
}

func (e *editor) typing() bool { return e.form.Typing() }

func (e *editor) back() bool { return false }

func (e *editor) keys() []key.Binding {
	at := e.at()
	changed := at >= 0 && (e.params[at].dropped || e.params[at].added || e.form.At().Value() != e.params[at].first)
	return []key.Binding{screen.Bind("ctrl+s", "use", "ctrl+s"), screen.When(screen.Bind("ctrl+z", "undo", "ctrl+z"), changed),
		screen.Bind("esc", "close", "esc"),
		screen.When(screen.Bind("ctrl+r", "show it", "ctrl+r"), e.form.At() != nil && e.form.At().Mask != nil),
		screen.Bind("ctrl+d", "leave it out", "ctrl+d"), screen.Bind("ctrl+n", "add one", "ctrl+n"), screen.Move("field"), screen.Enter("next")}
}

// at gives the parameter under the cursor, -1 when there is none.
func (e *editor) at() int {
	in := e.form.At()
	for i := range e.params {
		if in != nil && inputName(i) == in.Name {
			return i
		}
	}
	return -1
}

// key edits, and takes the edits over when the form says so.
func (e *editor) key(k tea.KeyMsg) tea.Cmd {
	button := ""
	switch k.String() {
	case "ctrl+s":
		button = useEdits
	case "ctrl+n":
		button = addField
	case "ctrl+d":
		return e.drop()
	case "ctrl+z":
		return e.undoOne()
	default:
		button = e.form.Update(k)
	}
	switch button {
	case useEdits:
		e.collect()
		return e.use()
	case addField:
		e.collect()
		e.adding = true
		e.build()
		e.form.Focus("new-name")
	case undoEdits:
		e.reopen()
	}
	return nil
}

// use takes the edits over and closes the editor.
func (e *editor) use() tea.Cmd {
	if e.answer {
		return e.r.useAnswer(e.editedAnswer())
	}
	return e.r.useEdits(e.edited())
}

// reopen begins again with what the program built, or the server gave.
func (e *editor) reopen() {
	r := e.r
	if held, ok := r.held(); ok && !e.answer {
		r.pending = nil
		r.over = newEditor(r, held.N, held.Request)
	}
	if held, ok := r.heldAnswer(); ok && e.answer {
		r.answer = nil
		r.over = newAnswerEditor(r, held.N, *held.Response)
	}
}

func (e *editor) drop() tea.Cmd {
	i := e.at()
	if i < 0 {
		return screen.Notice("move to the one to leave out first")
	}
	switch e.params[i].Place {
	case trace.Address, trace.Status, trace.Body:
		return screen.Notice(e.params[i].Name + " can be changed, not left out")
	}
	e.params[i].dropped = !e.params[i].dropped
	e.rebuild(i)
	return nil
}

// undoOne takes back what was done to the parameter under the cursor.
func (e *editor) undoOne() tea.Cmd {
	i := e.at()
	if i < 0 {
		return screen.Notice("move to the one to take back first")
	}
	e.collect()
	if e.params[i].added {
		e.params = append(e.params[:i], e.params[i+1:]...)
		i = max(0, i-1)
	} else {
		e.params[i].Value, e.params[i].dropped = e.params[i].first, false
	}
	e.build()
	e.form.Focus(inputName(i))
	return nil
}

func (e *editor) rebuild(i int) {
	e.collect()
	e.build()
	e.form.Focus(inputName(i))
}

// lines draws the editor.
func (e *editor) lines(w, _ int) (lines []string, first, last int) {
	st := e.r.sh.Styles
	words := "Change any value before it is sent. Secrets stay masked; ctrl+r shows the one under the cursor."
	if e.answer {
		words = "Change what the program gets: what a client must reject is shown so. Secrets stay masked; ctrl+r shows one."
	}
	lines = widget.Render(st.Muted, widget.Wrap(words, w))
	form, f, l := e.form.Lines(e.r.sh, w)
	return append(lines, form...), len(lines) + f, len(lines) + l
}

// useEdits keeps the edited request until it is sent.
func (r *Run) useEdits(req trace.Request) tea.Cmd {
	r.over, r.scroll.Top = nil, 0
	held, ok := r.held()
	if !ok {
		return screen.Notice("the request has left meanwhile")
	}
	r.choose(held.Step)
	r.tab = tabExplained
	if len(differences(held.Request, req)) == 0 {
		r.pending = nil
		return screen.Notice("nothing was changed")
	}
	r.pending = &req
	return screen.Notice("changed; enter sends it, z undoes it")
}
