package run

import (
	"cmp"
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/fault"
	"flowscope/engine/trace"
	"flowscope/tui/screen"
	"flowscope/tui/widget"
)

// choice is one line of what is settled before anything is sent.
type choice struct {
	id, label, value string
	note             string       // about the value, shown while the line is chosen
	turn             func(by int) // goes through the values; nil: there is but one
	edit             func(string) // takes a typed value; nil: it can't be typed
	typed            string       // what typing begins with
	secret           bool
}

// typed is a choice whose value is being typed.
type typed struct {
	form  *widget.Form
	label string
	take  func(string)
}

func (t *typed) keys() []key.Binding {
	return []key.Binding{screen.Enter("take it"), screen.Bind("esc", "leave it as it was", "esc")}
}

// signsIn reports whether a person signs in to the flow.
func signsIn(f decision.Flow) bool {
	return f != decision.ClientCredentials && f != decision.ManagedIdentity
}

// choices lists what can be settled, and what is settled already.
func (r *Run) choices() []choice {
	out := []choice{r.clientChoice()}
	if c := r.job.Client; c.RedirectURI != "" && signsIn(r.job.Flow) {
		out = append(out, choice{id: "redirect", label: "comes back to", value: c.RedirectURI + " " + r.sh.Glyphs.Dot + " " + c.Platform})
	}
	out = append(out, r.proofChoice())
	if r.job.Flow == decision.OnBehalfOf {
		out = append(out, r.callerChoice())
	}
	out = append(out, r.placeChoices()...)
	out = append(out, choice{id: "scopes", label: "asks for", value: strings.Join(r.job.Scopes, " "), note: "scopes, with a space between them; those of OpenID Connect are added",
		typed: strings.Join(r.job.Scopes, " "), edit: func(s string) { r.job.Scopes = strings.Fields(s) }})
	if signsIn(r.job.Flow) {
		out = append(out, r.personChoices()...)
	}
	out = append(out, r.callChoice(), r.answersChoice())
	if on := r.switched(); on != "" {
		out = append(out, choice{id: "conditions", label: "conditions", value: on, note: "switched on in the lab, for every run until they are switched off there"})
	}
	if r.fault != nil {
		out = append(out, choice{id: "fault", label: "broken", value: r.fault.Title, note: "predicts: " + fault.Words(r.fault.Predicts) + ". " + r.fault.Lesson})
	}
	return out
}

// switched lists the conditions of the lab that are on, empty when none is or
// the target is no lab.
func (r *Run) switched() string {
	if r.deps.Switched == nil || r.job.Target.Live {
		return ""
	}
	return strings.Join(r.deps.Switched(), ", ")
}

// turnIn gives the value that comes by places after the current one.
func turnIn[T comparable](list []T, now T, by int) T {
	if len(list) == 0 {
		return now
	}
	i := slices.Index(list, now)
	return list[(max(i, 0)+by+len(list))%len(list)]
}

func (r *Run) clientChoice() choice {
	c := r.job.Client
	keys := r.job.Target.KeysFor(r.job.Flow)
	out := choice{id: "client", label: "client", value: c.Registration.Name + " (" + c.Key + ")", note: "client_id " + c.Registration.ClientID}
	if len(keys) > 1 {
		out.turn = func(by int) { r.remake(r.job.Target, turnIn(keys, c.Key, by)) }
	}
	return out
}

// remake makes the job anew for a target and a client, with the choices that
// still hold.
func (r *Run) remake(t engine.Target, key string) {
	was := r.job
	if !slices.Contains(t.KeysFor(was.Flow), key) {
		key = ""
	}
	job, err := t.Job(was.Flow, key)
	if err != nil {
		r.err = err
		return
	}
	job.Browser, job.Paste, job.Prompt, job.V1, job.Driver, job.Answers = was.Browser, was.Paste, was.Prompt, was.V1, was.Driver, was.Answers
	if _, known := t.Account(was.User); known || len(t.Accounts) == 0 {
		job.User = was.User
	}
	r.job, r.err = job, nil
}

func (r *Run) proofChoice() choice {
	kinds := r.job.Client.Credentials()
	out := choice{id: "credential", label: "proves itself", value: proof(r.job.CredentialKind(), r.job.Client)}
	if len(kinds) > 1 {
		out.turn = func(by int) { r.job.Credential = turnIn(kinds, r.job.CredentialKind(), by) }
		out.note = "a certificate or the assertion of another issuer before a secret"
	}
	return out
}

// proof says how a client proves itself.
func proof(kind engine.CredentialKind, c engine.Client) string {
	switch kind {
	case engine.Secret:
		return "with a client secret"
	case engine.Certificate:
		if c.Certificate != nil && c.Certificate.Name != "" {
			return "with a certificate: " + c.Certificate.Name
		}
		return "with a certificate"
	case engine.Federated:
		return "with an assertion of another issuer"
	}
	return "not at all: a public client"
}

// callerChoice chooses the application that signs the person in and calls the
// API in the middle.
func (r *Run) callerChoice() choice {
	keys := r.job.Target.KeysFor(decision.AuthorizationCode)
	now, value := "", "the first that can"
	if r.job.Caller != nil {
		now, value = r.job.Caller.Key, r.job.Caller.Registration.Name+" ("+r.job.Caller.Key+")"
	}
	return choice{id: "caller", label: "called by", value: value, note: "the application that signs the person in and calls this API",
		turn: func(by int) {
			key := turnIn(append([]string{""}, keys...), now, by)
			r.job.Caller = nil
			if c, ok := r.job.Target.Client(key); ok {
				r.job.Caller = &c
			}
		}}
}

// placeChoices choose where the requests go and who builds them.
func (r *Run) placeChoices() []choice {
	var out []choice
	home := r.deps.Target
	if len(home.Elsewhere) > 0 && !home.Live {
		targets := append([]engine.Target{home}, home.Elsewhere...)
		i := slices.IndexFunc(targets, func(t engine.Target) bool { return t.Authority == r.job.Target.Authority })
		out = append(out, choice{id: "tenant", label: "tenant", value: r.job.Target.Title, note: "another company's tenant knows the application only once it is installed there",
			turn: func(by int) { r.remake(targets[(max(i, 0)+by+len(targets))%len(targets)], r.job.Client.Key) }})
	}
	if r.job.Target.Is() == engine.Entra {
		value, note := "v2.0, asks with scope", "what is registered today uses these"
		if r.job.V1 {
			value, note = "v1.0, asks with resource", "the older endpoints: one resource in place of scopes; no library sends it any more"
		}
		out = append(out, choice{id: "version", label: "endpoints", value: value, note: note, turn: func(int) { r.job.V1 = !r.job.V1 }})
	}
	return append(out, r.driverChoice())
}

// driverChoice chooses the driver among those that can run the flow; those that
// can't say why.
func (r *Run) driverChoice() choice {
	var ids, reasons []string
	for _, d := range r.deps.Runner.Drivers {
		if err := d.Can(&r.job.Target, r.job.Flow); err != nil {
			reasons = append(reasons, err.Error())
			continue
		}
		ids = append(ids, d.ID())
	}
	now := cmp.Or(r.job.Driver, r.job.Target.Driver)
	if !slices.Contains(ids, now) && len(ids) > 0 {
		now = ids[0]
	}
	out := choice{id: "driver", label: "built by", value: cmp.Or(r.plan.Driver, now, "no driver"), note: strings.Join(reasons, ". ")}
	if len(ids) > 1 {
		out.turn = func(by int) { r.job.Driver = turnIn(ids, now, by) }
	}
	return out
}

// prompts are the values of the prompt parameter (OpenID Connect Core 1.0
// section 3.1.2.1).
var prompts = []string{"", "login", "consent", "select_account", "none"}

// personChoices choose who signs in and where.
func (r *Run) personChoices() []choice {
	var users []string
	for _, a := range r.job.Target.Accounts {
		users = append(users, a.Username)
	}
	user := choice{id: "user", label: "signs in", value: cmp.Or(r.job.User, "whoever the page is told"), typed: r.job.User, edit: func(s string) { r.job.User = strings.TrimSpace(s) }}
	if len(users) > 0 {
		now := cmp.Or(r.job.User, users[0])
		user.value, user.turn = now, func(by int) { r.job.User = turnIn(users, now, by) }
		if a, ok := r.job.Target.Account(now); ok {
			user.note = strings.TrimSuffix(a.Name+": "+a.About, ": ")
		}
	}
	out := []choice{user, r.wayChoice()}
	out = append(out, choice{id: "prompt", label: "prompt", value: cmp.Or(r.job.Prompt, "left out"), note: "which pages are shown: none asks without any",
		turn: func(by int) { r.job.Prompt = turnIn(prompts, r.job.Prompt, by) }})
	switch r.job.Flow {
	case decision.RefreshToken, decision.OnBehalfOf, decision.TokenExchange:
		value := "a token that this run obtains"
		if r.job.Given != "" {
			value = r.sh.Mask(r.job.Given)
		}
		out = append(out, choice{id: "given", label: "begins with", value: value, note: "e: a token of your own; the first hop is then left out", secret: true,
			typed: r.job.Given, edit: func(s string) { r.job.Given = strings.TrimSpace(s) }})
	}
	return out
}

// The ways through the front channel.
const (
	inProgram = "inside flowscope, page by page"
	inBrowser = "in the system browser"
	byPaste   = "elsewhere: the URL is shown, the redirect pasted"
)

func (r *Run) way() string {
	switch {
	case r.job.Paste:
		return byPaste
	case r.job.Browser:
		return inBrowser
	}
	return inProgram
}

// ways gives the ways that this machine and this target have.
func (r *Run) ways() []string {
	var out []string
	if !r.job.Target.Live {
		out = append(out, inProgram)
	}
	if r.deps.Browser {
		out = append(out, inBrowser)
	}
	if r.deps.Runner.Paste != nil {
		out = append(out, byPaste)
	}
	return out
}

func (r *Run) setWay(way string) { r.job.Browser, r.job.Paste = way == inBrowser, way == byPaste }

func (r *Run) wayChoice() choice {
	out := choice{id: "way", label: "its pages", value: r.way()}
	if ways := r.ways(); len(ways) > 1 {
		out.turn = func(by int) { r.setWay(turnIn(ways, r.way(), by)) }
	}
	return out
}

// callChoice chooses the API that is called at the end.
func (r *Run) callChoice() choice {
	urls := []string{""}
	note := "e: any URL of the target"
	for _, s := range r.job.Target.Services {
		urls = append(urls, s.URL)
		if s.URL == r.job.Call {
			note = s.Name + ", for tokens with the audience " + s.Audience
		}
	}
	if r.job.Call != "" && !slices.Contains(urls, r.job.Call) {
		urls = append(urls, r.job.Call)
	}
	out := choice{id: "call", label: "then calls", value: cmp.Or(r.job.Call, "nothing"), note: note, typed: r.job.Call, edit: func(s string) { r.job.Call = strings.TrimSpace(s) }}
	if len(urls) > 1 {
		out.turn = func(by int) { r.job.Call = turnIn(urls, r.job.Call, by) }
	}
	return out
}

func (r *Run) answersChoice() choice {
	value := "go straight on to the program"
	if r.job.Answers {
		value = "are held too, and can be edited"
	}
	return choice{id: "answers", label: "answers", value: value, note: "held, they show what a client must reject: another state, nonce, code or iss",
		turn: func(int) { r.job.Answers = !r.job.Answers }}
}

// settle plans the job as it was chosen.
func (r *Run) settle() {
	row, detail, top := r.row, r.detail, r.scroll.Top
	if r.fault != nil && !r.fault.Fits(r.job) {
		r.fault, r.job = nil, fault.Remove(r.job)
	}
	r.retried = false
	if r.err == nil || r.job.Client.Key != "" {
		r.err = nil
		r.replan()
	}
	r.row, r.detail, r.scroll.Top = row, detail, top
}

// readyKey chooses before anything is sent.
func (r *Run) readyKey(k tea.KeyMsg) (tea.Cmd, bool) {
	list := r.choices()
	if r.typing != nil {
		r.typedKey(k)
		return nil, true
	}
	r.row = max(0, min(r.row, len(list)-1))
	c := list[0] // while the ladder has the focus, left and right turn the client
	if r.detail {
		c = list[r.row]
	}
	switch {
	case key.Matches(k, screen.Left(), screen.Right()):
		by := 1
		if key.Matches(k, screen.Left()) {
			by = -1
		}
		return r.turnChoice(c, by), true
	case r.detail && key.Matches(k, screen.Down()):
		r.row = min(r.row+1, len(list)-1)
	case r.detail && key.Matches(k, screen.Up()):
		r.row = max(0, r.row-1)
	case key.Matches(k, screen.Edit()):
		return r.typeChoice(c), true
	default:
		return nil, false
	}
	return nil, true
}

func (r *Run) turnChoice(c choice, by int) tea.Cmd {
	if c.turn == nil {
		if c.edit != nil {
			return screen.Notice("there is nothing to choose from: e types it")
		}
		return screen.Notice(c.label + ": this target has one for this flow")
	}
	c.turn(by)
	r.settle()
	return nil
}

func (r *Run) typeChoice(c choice) tea.Cmd {
	if !r.detail {
		return screen.Notice("only a request that waits can be edited: enter starts, then e")
	}
	if c.edit == nil {
		return screen.Notice(c.label + " is not typed: left and right choose")
	}
	in := widget.NewInput(r.sh, c.id, c.label, c.typed, c.secret)
	if c.secret {
		in = widget.NewSecret(r.sh, c.id, c.label, c.typed, r.sh.Mask)
	}
	form := widget.NewForm([]*widget.Input{in}, "Take it")
	form.Focus(c.id)
	r.typing = &typed{form: form, label: c.label, take: c.edit}
	return nil
}

func (r *Run) typedKey(k tea.KeyMsg) {
	if k.String() != "enter" {
		r.typing.form.Update(k)
		return
	}
	r.typing.take(r.typing.form.Inputs[0].Value())
	r.typing = nil
	r.settle()
}

func (r *Run) readyKeys() []key.Binding {
	list := r.choices()
	c := list[0]
	if r.detail {
		c = list[max(0, min(r.row, len(list)-1))]
	}
	can := r.err == nil
	pane, move := screen.Bind("tab", "choose how", "tab"), screen.Move("step")
	if r.detail {
		pane, move = screen.Bind("tab", "the steps", "tab"), screen.Move("line")
	}
	return []key.Binding{
		screen.When(screen.Enter("start"), can), pane, screen.When(screen.Sides(c.label), c.turn != nil),
		screen.When(screen.Bind("e", "type it", "e"), r.detail && c.edit != nil), screen.When(screen.Bind("a", "run it all", "a"), can),
		screen.When(screen.Break(), can), move, screen.When(screen.Bind("u", "use the browser", "u"), len(r.ways()) > 1 && signsIn(r.job.Flow)),
		screen.When(compareKey(), false), screen.When(exportKey(), false),
	}
}

// readyLines says what will be done, before anything is.
func (r *Run) readyLines(w int) (lines []string, first, last int) {
	st := r.sh.Styles
	if r.h >= 24 {
		lines = append(lines, "")
	}
	if r.err != nil {
		lines = append(lines, widget.Render(st.Fail, widget.Wrap(r.sh.Glyphs.Fail+" "+trace.Plain(r.err.Error()), w))...)
		lines = append(lines, "")
	}
	list := r.choices()
	r.row = max(0, min(r.row, len(list)-1))
	col := 0
	for _, c := range list {
		col = max(col, ansi.StringWidth(c.label))
	}
	for i, c := range list {
		chosen := r.detail && i == r.row
		if chosen {
			first = len(lines)
		}
		if chosen && r.typing != nil {
			form, _, _ := r.typing.form.Lines(r.sh, w)
			lines = append(lines, form[0])
		} else {
			lines = append(lines, r.choiceLine(c, chosen, col, w)...)
		}
		if note := c.note; note != "" && (chosen || i == 0 && !r.detail) {
			lines = append(lines, widget.Indent(widget.Render(st.Muted, widget.Wrap(trace.Plain(note), max(8, w-col-4))), col+4)...)
		}
		if chosen {
			last = len(lines) - 1
		}
	}
	lines = append(lines, "")
	next := "enter starts: every request then waits for you, to look at, edit, break or send. a runs it all at once."
	if r.job.Target.Live {
		next = "enter starts: every request waits for you. This is a real tenant: nothing goes to it before you have seen the first request."
	}
	if !r.detail {
		next = "tab chooses here. " + next
	}
	return append(lines, widget.Render(st.Text, widget.Wrap(next, w))...), first, last
}

// choiceLine draws a choice; where there is room, a long value goes on in further
// lines.
func (r *Run) choiceLine(c choice, chosen bool, col, w int) []string {
	st, g := r.sh.Styles, r.sh.Glyphs
	mark, value := "  ", st.Bright
	if chosen {
		mark = st.Accent.Render(g.Pointer) + " "
	}
	if c.turn == nil && c.edit == nil {
		value = st.Text
	}
	if c.id == "fault" {
		value = st.Warn
	}
	sign := ""
	if chosen && c.turn != nil {
		sign = st.Accent.Render(" " + g.ArrowLeft + g.ArrowRight)
	}
	room := max(6, w-col-4-ansi.StringWidth(sign))
	text, rest := trace.Plain(c.value), []string(nil)
	switch {
	case ansi.StringWidth(text) <= room:
	case r.h >= 28:
		rest = widget.Wrap(text, room)
		text, rest = rest[0], rest[1:]
	default:
		text = widget.Elide(text, room, g.Ellipsis)
	}
	out := []string{mark + st.Muted.Render(widget.Fit(c.label, col, g.Ellipsis)) + "  " + value.Render(text) + sign}
	return append(out, widget.Indent(widget.Render(value, rest), col+4)...)
}
