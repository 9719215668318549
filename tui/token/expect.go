package token

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"flowscope/engine/inspect"
	"flowscope/tui/screen"
	"flowscope/tui/widget"
	"flowscope/validate"
	"flowscope/validate/claims"
)

// The buttons of the form.
const (
	checkButton = "Check again"
	clearButton = "Expect nothing"
)

// The choices of nothing in particular.
const (
	anybody = "anybody"
	anyKind = "any"
	ownHand = "by hand"
)

// expectForm is what the form of expectations knows beside its fields.
type expectForm struct {
	presets []inspect.Preset
	notes   map[string]string // shown under the field that has the focus
	fits    bool              // the first of the presets has the audience that the token names
	first   map[string]string // what the fields held when the form was opened
}

// presetsMsg brings the expectations that can be chosen by name; reading them
// may take a file.
type presetsMsg struct {
	form *widget.Form
	list []inspect.Preset
}

// openForm asks what the token is expected to hold.
func (t *Token) openForm() tea.Cmd {
	it := t.item()
	input := func(name, label string) *widget.Input { return widget.NewInput(t.sh, name, label, "", false) }
	kind, caller := input("type", "type"), input("caller", "caller")
	kind.Choices, kind.Fixed = []string{anyKind, string(validate.KindAccess), string(validate.KindID)}, true
	caller.Choices, caller.Fixed = []string{anybody, validate.SubjectUser, validate.SubjectApp}, true
	t.form = widget.NewForm([]*widget.Input{
		input("audience", "audience"), input("issuer", "issuer"), input("tenant", "tenant"), input("scope", "scope"), input("role", "role"),
		caller, kind, input("nonce", "nonce"), input("client", "client"), input("algorithms", "algorithms"), input("skew", "skew"), input("at", "at"),
	}, checkButton, clearButton)
	t.fill(it.report.Expect)
	if !it.at.IsZero() {
		t.field("at").SetValue(it.at.Format(time.RFC3339))
	}
	t.form.Focus("audience")
	t.formScroll.Top = 0
	t.expect = expectForm{notes: notesFor(it.report)}
	t.expect.first = t.form.Values()
	switch {
	case len(t.draft) > 0:
		t.restore()
		t.expect.notes["audience"] += ". What stands here you typed before the paste: ctrl+s checks with it"
	case it.rememberedAny():
		t.expect.notes["audience"] += ". What stands here is from before"
	}
	presets, form := t.deps.Checker.Presets, t.form
	return func() tea.Msg { return presetsMsg{form, presets()} }
}

// stash closes the form and keeps what was typed into it for when it is opened the
// next time.
func (t *Token) stash() {
	if f := t.form; f != nil {
		if now := f.Values(); !maps.Equal(typedIn(now), typedIn(t.expect.first)) {
			t.draft, t.drafted = typedIn(now), true
		}
		t.form = nil
	}
}

// typedIn are the values of the fields, without the preset that they may be from.
func typedIn(values map[string]string) map[string]string {
	out := maps.Clone(values)
	delete(out, "from")
	return out
}

// restore puts what was kept back into the fields.
func (t *Token) restore() {
	for name, value := range t.draft {
		if in := t.field(name); in != nil {
			in.SetValue(value)
		}
	}
	t.draft = nil
}

// notesFor says of each field what belongs into it, for this token.
func notesFor(r *inspect.Report) map[string]string {
	audience := "the API's client id, or its App ID URI in a v1.0 token; one of several is enough"
	switch {
	case r.Kind == validate.KindID:
		audience = "the client id of the app that signed the person in"
	case r.Version == "2.0":
		audience = "the API's client id: v2.0 tokens never carry its App ID URI; one of several is enough"
	case r.Version == "1.0":
		audience = "the API's App ID URI or its client id, as it was asked for; one of several is enough"
	}
	issuer := "exact: https://login.microsoftonline.com/TENANT/v2.0; {tenantid} stands for the token's tenant"
	if r.Version == "1.0" {
		issuer = "exact: https://sts.windows.net/TENANT/ with its slash; {tenantid} stands for the token's tenant"
	}
	return map[string]string{
		"audience": audience, "issuer": issuer,
		"tenant": "the tenants that may come in, by their GUIDs; one of several is enough",
		"scope":  "what the call needs, as scp has it: all of these",
		"role":   "what the call needs, as roles has it: all of these",
		"caller": "who may call: a person by way of a client, or an application",
		"type":   "an API takes access tokens, a client takes ID tokens; any tells the kind from the token",
		"nonce":  "ID tokens: what the request of this sign-in sent", "client": "azp or appid: the application it was issued to",
		"algorithms": "RS256 and what the issuer declares, unless others stand here",
		"at":         "judge at this time: 2026-11-20T10:00:00Z or seconds since 1970; empty is now, and no other token takes it",
		"skew":       "how far clocks may differ: 5m unless another stands here; 0 allows nothing",
	}
}

// fill puts expectations into the fields.
func (t *Token) fill(w validate.Expectations) {
	skew := ""
	switch {
	case w.Skew < 0:
		skew = "0"
	case w.Skew > 0:
		skew = shortDuration(w.Skew)
	}
	for name, value := range map[string]string{
		"audience": strings.Join(w.Audiences, " "), "issuer": w.Issuer, "tenant": strings.Join(w.Tenants, " "),
		"scope": strings.Join(w.Scopes, " "), "role": strings.Join(w.Roles, " "), "caller": cmp.Or(w.Caller, anybody),
		"type": cmp.Or(string(w.Type), anyKind), "nonce": w.Nonce, "client": w.ClientID, "algorithms": strings.Join(w.Algorithms, " "), "skew": skew,
	} {
		if in := t.field(name); in != nil {
			in.SetValue(value)
		}
	}
}

// field is a field of the form by its name, nil when there is none.
func (t *Token) field(name string) *widget.Input {
	for _, in := range t.form.Inputs {
		if in.Name == name {
			return in
		}
	}
	return nil
}

// offer puts the presets over the fields, those for this kind of token first.
func (t *Token) offer(msg presetsMsg) {
	if t.form == nil || msg.form != t.form || len(msg.list) == 0 || t.field("from") != nil {
		return
	}
	r := t.item().report
	list := slices.Clone(msg.list)
	slices.SortStableFunc(list, func(a, b inspect.Preset) int { return fit(a, r) - fit(b, r) })
	t.expect.presets, t.expect.fits = list, fit(list[0], r) <= fitsName
	from := widget.NewInput(t.sh, "from", "from", ownHand, false)
	from.Fixed, from.Choices = true, []string{ownHand}
	for _, p := range list {
		from.Choices = append(from.Choices, p.Name)
	}
	note := "left and right choose an API or a client that is known here"
	if t.expect.fits {
		note = "the token names the audience of " + list[0].Name + ": right chooses it"
	}
	t.expect.notes["from"] = note
	at, first := t.form.At(), t.expect.fits && t.expect.untouched(t.form)
	t.form.Inputs = append([]*widget.Input{from}, t.form.Inputs...)
	if first {
		t.form.Focus("from")
	} else if at != nil {
		t.form.Focus(at.Name)
	} else {
		t.form.Leave()
	}
}

// untouched reports whether nothing was typed or chosen since the form was opened.
func (e *expectForm) untouched(f *widget.Form) bool {
	at := f.At()
	return at != nil && at.Name == "audience" && maps.Equal(typedIn(f.Values()), e.first)
}

// otherKind is 1 for a preset for another kind of token.
func otherKind(p inspect.Preset, kind validate.Kind) int {
	if p.Want.Type != "" && p.Want.Type != kind {
		return 1
	}
	return 0
}

// checkNow is the key that checks again from any field of the form.
func checkNow() key.Binding { return screen.Bind("ctrl+s", "check again", "ctrl+s") }

// formKeys are the keys of the form.
func (t *Token) formKeys() []key.Binding {
	return []key.Binding{
		screen.Enter("next, then check"), checkNow(), screen.Move("field"),
		screen.When(screen.Bind("←→", "choose", "left", "right"), t.form.Choosing()), screen.Bind("esc", "close", "esc"),
	}
}

// formKey hands a key to the form; its buttons check again.
func (t *Token) formKey(k tea.KeyMsg) tea.Cmd {
	button := checkButton
	if !key.Matches(k, checkNow()) {
		before := t.form.Values()
		button = t.form.Update(k)
		t.follow(before)
	}
	switch button {
	case "":
		return nil
	case clearButton:
		t.form = nil
		return t.forget(t.item())
	}
	it := t.item()
	want, problems := readForm(t.form.Values(), it.report.Expect)
	at, problem := timeIn(t.form.Values()["at"])
	if problem != "" {
		problems["at"] = problem
	}
	first := ""
	for _, in := range t.form.Inputs {
		in.Problem = problems[in.Name]
		if in.Problem != "" && first == "" {
			first = in.Name
		}
	}
	if first != "" {
		t.form.Focus(first)
		return nil
	}
	it.origin = byHand
	if from := t.form.Values()["from"]; from != "" && from != ownHand {
		it.origin = from
	}
	t.form, it.at = nil, at
	if !stated(want) {
		it.origin = ""
	}
	t.session.expected.keep(it.report.Kind, want)
	return t.run(it, it.report.Token.Raw, want)
}

// follow fills the fields when a preset was chosen, and says that they are set
// by hand once one of them was changed after that.
func (t *Token) follow(before map[string]string) {
	from := t.field("from")
	now := t.form.Values()
	if in := t.form.At(); in != nil && now[in.Name] != before[in.Name] {
		in.Problem = ""
	}
	switch {
	case from == nil || from.Value() == ownHand:
	case now["from"] != before["from"]:
		for _, p := range t.expect.presets {
			if p.Name == from.Value() {
				t.fill(p.Want)
			}
		}
	default:
		for name, value := range now {
			if before[name] != value {
				from.SetValue(ownHand)
			}
		}
	}
}

// formPane draws the form in the place of the checks.
func (t *Token) formPane(w, h int) string {
	st := t.sh.Styles
	iw, ih := widget.Inner(w, h)
	var lines []string
	if ih > 22 {
		lines = widget.Render(st.Muted, widget.Prose("What the receiver of this token expects. What is left empty is not checked, and said to be so. "+keptFor(t.item().report.Kind), iw))
		lines = append(append([]string{""}, lines...), "")
	}
	focus := t.form.At()
	for _, in := range t.form.Inputs {
		in.Note = ""
		hint := in.Name == "from" && t.expect.fits && in.Value() == ownHand
		if (in == focus || hint) && in.Problem == "" {
			in.Note = t.say(t.expect.notes[in.Name])
		}
	}
	form, first, last := t.form.Lines(t.sh, iw)
	first, last = first+len(lines), last+len(lines)
	lines = append(lines, form...)
	t.formScroll.Show(first, last, len(lines), ih)
	p := widget.Pane{Title: "Expectations", Summary: "esc closes", State: widget.Focused}
	var visible []string
	visible, p.Above, p.More = t.formScroll.Window(lines, ih)
	return p.Render(t.sh, visible, w, h)
}

// keptFor says for which pastes the expectations of a kind of token are kept.
func keptFor(kind validate.Kind) string {
	switch kind {
	case validate.KindID:
		return "What is set here is kept for the ID tokens that are pasted after it."
	case validate.KindAccess:
		return "What is set here is kept for the access tokens that are pasted after it."
	}
	return "What is set here is kept for the tokens of this kind that are pasted after it."
}

// rememberedAny reports whether what is expected is from before.
func (it *item) rememberedAny() bool { return it.origin == fromBefore }

// audienceWords is an audience with the name of the API of Microsoft that it
// stands for.
func audienceWords(aud string) string {
	if name, ok := claims.Resource(aud); ok {
		return fmt.Sprintf("%s (%s)", aud, name)
	}
	return aud
}
