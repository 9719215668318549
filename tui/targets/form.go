package targets

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"flowscope/engine/profile"
	"flowscope/tui/screen"
	"flowscope/tui/widget"
)

// saveButton ends the form.
const saveButton = "Save"

// editor is the form of one profile. It shows the keys that its kind of client
// has, and checks them as they are typed.
type editor struct {
	sh     *screen.Shell
	was    string            // the name in the file; empty: a new one
	values map[string]string // by key, and "name"; those that are hidden too
	form   *widget.Form
	strict bool // saving was tried: what is empty is marked too
}

func newEditor(sh *screen.Shell, was, name string, p profile.Profile) *editor {
	e := &editor{sh: sh, was: was, values: map[string]string{"name": name}}
	for _, key := range profile.Keys() {
		e.values[key] = p.Get(key)
	}
	e.build()
	e.form.Focus("name")
	return e
}

func (e *editor) title() string {
	if e.was == "" {
		return "a new profile"
	}
	return "profile " + e.was
}

// keys are those that this kind of client has.
func (e *editor) keys() []string {
	kind := e.values["client_type"]
	signsIn := kind != "daemon" && kind != "api"
	proves := kind != "spa" && kind != "native"
	return slices.DeleteFunc(profile.Keys(), func(key string) bool {
		switch {
		case key == "cloud" || key == "tenant":
			return e.values["issuer"] != ""
		case key == "redirect_uri" || key == "logout_uri":
			return !signsIn
		case strings.HasPrefix(key, "certificate_password"):
			return !proves || e.values["certificate_file"] == ""
		case strings.HasPrefix(key, "secret_"), strings.HasPrefix(key, "certificate_"), strings.HasPrefix(key, "assertion_"):
			return !proves
		case strings.HasPrefix(key, "downstream"):
			return kind != "api"
		}
		return false
	})
}

// notes say what a key is for, where its name does not.
var notes = map[string]string{
	"name": "what it is called here", "cloud": "left and right choose; empty: the public cloud", "client_type": "left and right choose what kind of client it is",
	"tenant": "GUID or domain; or common, organizations, consumers", "issuer": "any OpenID Connect issuer, in place of cloud and tenant",
	"client_id": "Application (client) ID of the portal", "scopes": "separated by spaces", "call": "URL of the API that its tokens are for",
	"secret_env": "name of the environment variable that holds it", "secret_prompt": "yes: it is asked for when it is used",
	"certificate_file": "PEM with its private key, or PFX", "assertion_file": "assertion of another issuer (federated credential)",
	"ca_file": "a CA that is trusted for this target too", "resources": "uri=…,audience=…,version=…",
	"downstream": "scopes that it asks for on behalf of the user",
}

var choices = map[string][]string{
	"cloud": append([]string{""}, profile.Clouds()...), "client_type": profile.ClientTypes(),
	"secret_prompt": {"", "yes"}, "certificate_password_prompt": {"", "yes"},
}

// build makes the inputs anew and keeps the focus.
func (e *editor) build() {
	at := ""
	if e.form != nil && e.form.At() != nil {
		at = e.form.At().Name
	}
	var inputs []*widget.Input
	for _, key := range append([]string{"name"}, e.keys()...) {
		in := widget.NewInput(e.sh, key, key, e.values[key], false)
		in.Choices = choices[key]
		in.Fixed = slices.Contains(in.Choices, in.Value())
		inputs = append(inputs, in)
	}
	e.form = widget.NewForm(inputs, saveButton)
	e.form.Focus(at)
	if at == "" {
		e.form.Leave()
	}
	e.mark()
}

// key takes a key and reports whether the form is to be saved.
func (e *editor) key(k tea.KeyMsg) bool {
	if k.String() == "ctrl+s" {
		return true
	}
	pressed := e.form.Update(k)
	before := e.keys()
	for name, v := range e.form.Values() {
		e.values[name] = v
	}
	if !slices.Equal(before, e.keys()) {
		e.build()
	}
	e.mark()
	return pressed == saveButton
}

// profile is what the fields come to, without those that are hidden.
func (e *editor) profile() (profile.Profile, []profile.Problem) {
	var p profile.Profile
	var problems []profile.Problem
	for _, key := range e.keys() {
		if err := p.Set(key, e.values[key]); err != nil {
			problem, ok := err.(profile.Problem) //nolint:errorlint // Set gives it as it is
			if !ok {
				problem = profile.Problem{Key: key, Text: err.Error()}
			}
			problems = append(problems, problem)
		}
	}
	return p, append(problems, p.Check()...)
}

// mark puts what is wrong beside its field: of an empty field only once it was to
// be saved.
func (e *editor) mark() {
	_, problems := e.profile()
	if err := profile.CheckName(strings.TrimSpace(e.values["name"])); err != nil {
		problems = append(problems, err.(profile.Problem)) //nolint:errorlint,forcetypeassert // CheckName gives nothing else
	}
	for _, in := range e.form.Inputs {
		in.Note, in.Problem, in.Label = "", "", in.Name
		needed := in.Value() == "" && slices.ContainsFunc(problems, func(p profile.Problem) bool { return p.Key == in.Name })
		if needed {
			in.Label += " *"
		}
		if in == e.form.At() {
			in.Note = notes[in.Name]
			if needed {
				in.Note = strings.TrimPrefix(in.Note+"; required", "; ")
			}
		}
		for _, p := range problems {
			if p.Key == in.Name && (e.strict || in.Value() != "") {
				in.Problem = p.Text
				break
			}
		}
	}
}

// say marks a field with a problem that only the file knows.
func (e *editor) say(p profile.Problem) {
	for _, in := range e.form.Inputs {
		if in.Name == p.Key {
			in.Problem = p.Text
		}
	}
}

// finished gives the profile when nothing is wrong with it; else it marks what is
// and goes there.
func (e *editor) finished() (string, profile.Profile, bool) {
	p, problems := e.profile()
	name := strings.TrimSpace(e.values["name"])
	if len(problems) == 0 && profile.CheckName(name) == nil {
		return name, p, true
	}
	e.strict = true
	e.mark()
	for _, in := range e.form.Inputs {
		if in.Problem != "" {
			e.form.Focus(in.Name)
			break
		}
	}
	return name, p, false
}
