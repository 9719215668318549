package run

import (
	"cmp"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"flowscope/engine"
	"flowscope/engine/trace"
	"flowscope/tui/screen"
	"flowscope/tui/widget"
)

// further is one thing that a run can go on with.
type further struct {
	title, note string
	url         string
	purpose     trace.Purpose
	why         string // why it can't be done; empty when it can
}

// call is the list of what a run can go on with: a call of an API, or a step of
// the driver's own.
type call struct {
	r      *Run
	list   []further
	index  int
	kind   trace.TokenKind // what is sent to an API
	url    *widget.Form    // another URL, being typed
	asking string          // host outside the target that is asked about
}

// extras are the steps that a driver may add, with their words.
var extras = []struct {
	purpose trace.Purpose
	title   string
}{
	{trace.Refresh, "Refresh: new tokens for the refresh token"},
	{trace.UserInfo, "Ask the userinfo endpoint"},
	{trace.Introspection, "Introspect: ask the issuer about the access token"},
	{trace.Revocation, "Revoke the refresh token"},
	{trace.SignOut, "Sign out"},
}

func (r *Run) openCall() tea.Cmd {
	switch {
	case !r.started():
		return screen.Notice("nothing has begun yet: enter starts, c goes on once the run is over")
	case !r.state.Done:
		return screen.Notice(errNotYet.Error() + ": c goes on once it is over")
	case !r.hasTokens():
		return screen.Notice("the run has no tokens to go on with: r runs it again")
	}
	c := &call{r: r, kind: trace.AccessToken}
	for _, s := range r.job.Target.Services {
		c.list = append(c.list, further{title: s.Name, note: s.URL, url: s.URL, purpose: trace.CallAPI})
	}
	if u := r.job.Call; u != "" && !slices.ContainsFunc(c.list, func(f further) bool { return f.url == u }) {
		c.list = append(c.list, further{title: "The API of this run", note: u, url: u, purpose: trace.CallAPI})
	}
	c.list = append(c.list, further{title: "Another URL…", note: "typed; a host outside the target is asked about first", purpose: trace.CallAPI})
	for _, x := range extras {
		f := further{title: x.title, purpose: x.purpose}
		err := r.deps.Runner.CanExtend(r.run, x.purpose)
		if err != nil {
			f.why = err.Error()
		}
		if x.purpose == trace.UserInfo { // once: as the driver asks it, else as an API
			service := func(f further) bool { return f.title == "UserInfo" && f.purpose == trace.CallAPI }
			if err != nil && slices.ContainsFunc(c.list, service) {
				continue
			}
			c.list = slices.DeleteFunc(c.list, service)
		}
		c.list = append(c.list, f)
	}
	r.open(c)
	return nil
}

func (c *call) title() (string, string) {
	if c.asking != "" {
		return "Send a token outside the target?", ""
	}
	return "Go on", "one more exchange"
}

func (c *call) typing() bool { return c.url != nil && c.asking == "" }

func (c *call) back() bool {
	switch {
	case c.asking != "":
		c.asking = ""
	case c.url != nil:
		c.url = nil
	default:
		return false
	}
	return true
}

func (c *call) keys() []key.Binding {
	switch {
	case c.asking != "":
		return []key.Binding{screen.Bind("y", "send it there", "y"), screen.Bind("n", "do not", "n"), screen.Bind("esc", "do not", "esc")}
	case c.url != nil:
		return []key.Binding{screen.Enter("call it"), screen.Bind("esc", "leave it", "esc")}
	}
	return []key.Binding{screen.Enter("do it"), screen.Move("choose"), screen.Sides("which token"), screen.Bind("esc", "close", "esc")}
}

func (c *call) key(k tea.KeyMsg) tea.Cmd {
	switch {
	case c.asking != "":
		return c.answer(k)
	case c.url != nil:
		if k.String() == "enter" {
			return c.send(strings.TrimSpace(c.url.Inputs[0].Value()))
		}
		c.url.Inputs[0].Problem = ""
		if up := k.String(); up != "up" && up != "down" && up != "tab" && up != "shift+tab" { // there is one field
			c.url.Update(k)
		}
		return nil
	}
	switch {
	case key.Matches(k, screen.Down()):
		c.index = min(c.index+1, len(c.list)-1)
	case key.Matches(k, screen.Up()):
		c.index = max(0, c.index-1)
	case key.Matches(k, screen.Left(), screen.Right()):
		return c.turnToken()
	case key.Matches(k, callKey()):
		c.r.over = nil
	case key.Matches(k, screen.Enter("")):
		return c.choose()
	}
	return nil
}

// turnToken goes through the tokens that may be sent. A refresh token goes to no
// API.
func (c *call) turnToken() tea.Cmd {
	next := trace.IDToken
	if c.kind == trace.IDToken {
		next = trace.AccessToken
	}
	if _, ok := c.r.state.Trace.Token(next); !ok {
		return screen.Notice("the run has no " + tokenWords(next) + "; a refresh token goes to no API, ever")
	}
	c.kind = next
	return nil
}

func (c *call) choose() tea.Cmd {
	f := c.list[c.index]
	switch {
	case f.why != "":
		return screen.Notice(f.why)
	case f.purpose != trace.CallAPI:
		return c.begin(engine.Extra{Purpose: f.purpose, Step: true})
	case f.url == "":
		in := widget.NewInput(c.r.sh, "url", "URL", "", false)
		in.Note = "the whole address: https://host/path"
		c.url = widget.NewForm([]*widget.Input{in}, "Call it")
		c.url.Focus("url")
		return nil
	}
	return c.send(f.url)
}

// send calls a URL, after a question where its host is none of the target's.
func (c *call) send(address string) tea.Cmd {
	u, err := engine.CheckAddress(address)
	switch {
	case err != nil:
		return c.refuse(err.Error() + "; it begins with https://, and a host follows")
	case u.Scheme == "http" && !c.inside(u.Host) && !thisMachine(u.Hostname()):
		return c.refuse("http is in the clear: a token goes out that way to this machine alone; use https")
	}
	if _, ok := c.r.state.Trace.Token(c.kind); !ok {
		return screen.Notice("the run has no " + tokenWords(c.kind) + " to send")
	}
	if !c.known(u.Host) {
		c.asking = address
		return nil
	}
	return c.begin(engine.Extra{Purpose: trace.CallAPI, URL: address, Token: c.kind, Step: true})
}

// refuse says at the field why what was typed is not called.
func (c *call) refuse(why string) tea.Cmd {
	if c.url == nil {
		return screen.Notice(why)
	}
	c.url.Inputs[0].Problem = why
	return nil
}

// inside reports whether a host is one of the lab inside this program: nothing
// goes to it over a network, in the clear or otherwise.
func (c *call) inside(host string) bool { return !c.r.job.Target.Live && c.known(host) }

// thisMachine reports whether a host can be nowhere else (RFC 6761 section 6.3).
func thisMachine(host string) bool {
	return slices.Contains([]string{"localhost", "127.0.0.1", "::1"}, host)
}

func (c *call) known(host string) bool {
	return slices.ContainsFunc(c.r.job.Target.Hosts, func(h string) bool { return strings.EqualFold(h, host) })
}

// answer takes the answer to the question whether a token may leave the target.
func (c *call) answer(k tea.KeyMsg) tea.Cmd {
	switch k.String() {
	case "y":
		address := c.asking
		u, err := url.Parse(address)
		if err != nil {
			return nil
		}
		c.asking = ""
		return c.begin(engine.Extra{Purpose: trace.CallAPI, URL: address, Token: c.kind, Step: true, Confirm: u.Host})
	case "n":
		c.asking = ""
		return screen.Notice("nothing was sent")
	}
	return screen.Notice("y sends the token there, n does not")
}

// begin starts the run that goes on.
func (c *call) begin(x engine.Extra) tea.Cmd {
	r := c.r
	r.over = nil
	prev, deps := r.run, r.deps
	return r.starting(prev, func() (*engine.Run, error) { return deps.Runner.Extend(deps.Context, prev, x) })
}

func (c *call) lines(w, _ int) (lines []string, first, last int) {
	st, g := c.r.sh.Styles, c.r.sh.Glyphs
	if c.asking != "" {
		return c.question(w), 0, 0
	}
	lines = append(lines, c.tokenLines(w)...)
	lines = append(lines, "")
	if c.url != nil {
		form, _, _ := c.url.Lines(c.r.sh, w)
		return append(append(lines, form[:len(form)-2]...), "", st.Muted.Render(widget.Fit("enter calls it; esc leaves it", w, g.Ellipsis))), 0, 0
	}
	for i, f := range c.list {
		mark, title, note := "  ", st.Text, f.note
		if f.why != "" {
			title, note = st.Muted, f.why
		}
		if i == c.index {
			mark, title, first = st.Accent.Render(g.Pointer)+" ", st.Bright.Bold(true), len(lines)
		}
		if i > 0 && f.purpose != trace.CallAPI && c.list[i-1].purpose == trace.CallAPI {
			lines = append(lines, "")
		}
		lines = append(lines, mark+title.Render(widget.Fit(widget.Say(c.r.sh, f.title), max(1, w-2), g.Ellipsis)))
		if i == c.index && note != "" {
			lines = append(lines, widget.Indent(widget.Render(st.Muted, widget.Wrap(trace.Plain(note), max(8, w-4))), 4)...)
		}
		if i == c.index {
			last = len(lines) - 1
		}
	}
	return lines, first, last
}

// tokenLines says which token is sent, with what it is for.
func (c *call) tokenLines(w int) []string {
	st := c.r.sh.Styles
	t, ok := c.r.state.Trace.Token(c.kind)
	if !ok {
		return widget.Render(st.Warn, widget.Wrap("The run has no "+tokenWords(c.kind)+", so no API can be called with one.", w))
	}
	fields := []widget.Field{{Label: "sends", Value: tokenWords(c.kind) + " " + c.r.sh.Glyphs.Dot + " for " + audience(t.Value)}}
	out := widget.Fields(c.r.sh, fields, w)
	if c.kind == trace.IDToken {
		out = append(out, widget.Render(st.Warn, widget.Wrap("An ID token is for the application that asked for it. Every API must refuse it: sent here to see that.", w))...)
	}
	return out
}

// question names the token's audience and the host it would go to.
func (c *call) question(w int) []string {
	st := c.r.sh.Styles
	u, err := url.Parse(c.asking)
	host := ""
	if err == nil {
		host = u.Host
	}
	t, _ := c.r.state.Trace.Token(c.kind)
	fields := []widget.Field{
		{Label: "token", Value: tokenWords(c.kind)}, {Label: "made for", Value: audience(t.Value)},
		{Label: "would go to", Value: trace.Plain(host), Style: &st.Warn}, {Label: "target", Value: strings.Join(c.r.job.Target.Hosts, ", ")},
	}
	out := append(widget.Fields(c.r.sh, fields, w), "")
	words := "Whoever runs that host can use the token as you, until it expires, at the API it was made for."
	if err == nil && u.Scheme == "http" {
		words += " It would travel in the clear: that is let out to this machine alone."
	}
	out = append(out, widget.Render(st.Text, widget.Wrap(words, w))...)
	return append(out, "", st.Accent.Render("y")+st.Text.Render(" sends it there   ")+st.Accent.Render("n")+st.Text.Render(" does not"))
}

func tokenWords(k trace.TokenKind) string {
	if k == trace.IDToken {
		return "ID token"
	}
	return string(k) + " token"
}

// audience gives the aud claim of a token, in words where it has none.
func audience(token string) string {
	for _, p := range payload(token) {
		if p.Name == "aud" {
			return trace.Plain(p.Value)
		}
	}
	return "an audience that can't be read"
}

// payload reads the claims of a token, without trusting any of them.
func payload(token string) []trace.Param {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil
	}
	return members(raw)
}

// openTokens shows the tokens of the run, with the APIs that they are for.
func (r *Run) openTokens() screen.OpenTokenMsg {
	open := screen.OpenTokenOf(r.state, 0)
	for _, rep := range open.Tokens {
		name := ""
		aud := audience(rep.Token.Raw)
		for _, s := range r.job.Target.Services {
			if s.Audience == aud && name == "" {
				name, _, _ = strings.Cut(s.Name, ":")
			}
		}
		open.Names = append(open.Names, name)
	}
	return open
}

// claim gives a claim of a token, the items of a list with spaces between them.
func claim(token, name string) string {
	for _, p := range payload(token) {
		if p.Name == name {
			return strings.Join(strings.FieldsFunc(p.Value, func(r rune) bool { return strings.ContainsRune(`[]", `, r) }), " ")
		}
	}
	return ""
}

// serviceOf finds the API of the target that a URL belongs to.
func (r *Run) serviceOf(address string) (engine.Service, bool) {
	for _, s := range r.job.Target.Services {
		if cmp.Or(s.URL, "-") == path(address) {
			return s, true
		}
	}
	return engine.Service{}, false
}
