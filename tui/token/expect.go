package token

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"flowscope/tui/screen"
	"flowscope/tui/widget"
	"flowscope/validate"
)

// The buttons of the form.
const (
	checkButton = "Check again"
	clearButton = "Expect nothing"
)

// anybody is the choice of no particular caller.
const anybody = "anybody"

// openForm asks what the token is expected to hold.
func (t *Token) openForm() {
	it := t.item()
	want := it.report.Expect
	input := func(name, label, note string, values ...string) *widget.Input {
		in := widget.NewInput(t.sh, name, label, strings.Join(values, " "), false)
		in.Note = note
		return in
	}
	caller := input("caller", "caller", "", anybody)
	if want.Caller != "" {
		caller.SetValue(want.Caller)
	}
	caller.Choices = []string{anybody, validate.SubjectUser, validate.SubjectApp}
	t.form = widget.NewForm([]*widget.Input{
		input("audience", "audience", "one of these; client id or App ID URI", want.Audiences...),
		input("issuer", "issuer", "exact; may hold {tenantid}", want.Issuer),
		input("tenant", "tenant", "one of these, as GUIDs", want.Tenants...),
		input("scope", "scope", "all of these", want.Scopes...),
		input("role", "role", "all of these", want.Roles...),
		caller,
		input("nonce", "nonce", "ID tokens: what the request sent", want.Nonce),
		input("client", "client", "azp or appid: whom it was issued to", want.ClientID),
	}, checkButton, clearButton)
	t.form.Focus("audience")
	t.formScroll.Top = 0
}

// listOf reads values with commas or spaces between them.
func listOf(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\n' })
}

// checkNow is the key that checks again from any field of the form.
func checkNow() key.Binding { return screen.Bind("ctrl+s", "check again", "ctrl+s") }

// formKey hands a key to the form; its buttons check again.
func (t *Token) formKey(k tea.KeyMsg) tea.Cmd {
	button := checkButton
	if !key.Matches(k, checkNow()) {
		button = t.form.Update(k)
	}
	if button == "" {
		return nil
	}
	values := t.form.Values()
	t.form = nil
	it := t.item()
	want := it.report.Expect
	if button == clearButton {
		values = map[string]string{}
	}
	want.Audiences, want.Tenants = listOf(values["audience"]), listOf(values["tenant"])
	want.Scopes, want.Roles = listOf(values["scope"]), listOf(values["role"])
	want.Issuer, want.Nonce = strings.TrimSpace(values["issuer"]), strings.TrimSpace(values["nonce"])
	want.ClientID = strings.TrimSpace(values["client"])
	want.Caller = ""
	if c := values["caller"]; c == validate.SubjectUser || c == validate.SubjectApp {
		want.Caller = c
	}
	it.origin = byHand
	if !stated(want) {
		it.origin = ""
	}
	t.session.expected.keep(it.report.Kind, want)
	return t.run(it, it.report.Token.Raw, want)
}

// formKeys are the keys of the form.
func (t *Token) formKeys() []key.Binding {
	return []key.Binding{screen.Enter("next, then check"), checkNow(), screen.Move("field"), screen.Bind("←→", "choose", "left", "right"), screen.Bind("esc", "close", "esc")}
}

// formPane draws the form in the place of the checks.
func (t *Token) formPane(w, h int) string {
	st := t.sh.Styles
	iw, ih := widget.Inner(w, h)
	lines := widget.Render(st.Muted, widget.Prose("What the receiver of this token expects. What is left empty is not checked, and said to be so. Lists take commas or spaces.", iw))
	lines = append(lines, "")
	form, first, last := t.form.Lines(t.sh, iw)
	first, last = first+len(lines), last+len(lines)
	lines = append(lines, form...)
	t.formScroll.Show(first, last, len(lines), ih)
	p := widget.Pane{Title: "Expectations", Summary: "esc closes", State: widget.Focused}
	var visible []string
	visible, p.Above, p.More = t.formScroll.Window(lines, ih)
	return p.Render(t.sh, visible, w, h)
}
