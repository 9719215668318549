package token

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"flowscope/engine/inspect"
	"flowscope/engine/trace"
	"flowscope/tui/screen"
	"flowscope/tui/widget"
	"flowscope/validate"
	"flowscope/validate/middleware"
)

// judgedMsg is what the libraries answer; its number tells whether anybody still
// waits for it.
type judgedMsg struct {
	page     *libraries
	seq      int
	report   *inspect.Report // as an API would have it
	opinions []middleware.Opinion
}

// libraries is what APIs behind common libraries would do with a token.
type libraries struct {
	t        *Token
	it       *item
	report   *inspect.Report      // of the token before an API
	opinions []middleware.Opinion // those that are wrong first
	asked    bool                 // an answer is here
	seq      int
	stop     context.CancelFunc
	list
}

// openMiddleware asks what common libraries would do with the token.
func (t *Token) openMiddleware() tea.Cmd {
	it := t.item()
	if it.report.Token.Header == nil {
		return screen.Notice("no library reads it: it is no JSON Web Token")
	}
	p := &libraries{t: t, it: it}
	p.reset()
	t.lay(p)
	return p.ask()
}

// ask puts the token to the libraries, in a command: keys may have to be fetched.
func (p *libraries) ask() tea.Cmd {
	p.close()
	p.seq++
	p.asked = false
	ctx, stop := context.WithCancel(context.Background())
	p.stop = stop
	checker, report, at, msg := p.t.deps.Checker, p.it.report, p.it.at, judgedMsg{page: p, seq: p.seq}
	return func() tea.Msg {
		defer stop()
		msg.report = beforeAPI(ctx, checker, report, at)
		msg.opinions = checker.Judge(ctx, msg.report)
		return msg
	}
}

// beforeAPI is the report of a token as an API would make it: an ID token that is
// good for its client is still none for an API.
func beforeAPI(ctx context.Context, c Checker, r *inspect.Report, at time.Time) *inspect.Report {
	if r.Kind != validate.KindID {
		return r
	}
	want := r.Expect
	want.Type, want.Nonce, want.AccessToken, want.Code = validate.KindAccess, "", "", ""
	return checkAt(ctx, c, r.Token.Raw, want, at)
}

// judged takes the newest answer.
func (p *libraries) judged(msg judgedMsg) {
	if msg.page != p || msg.seq != p.seq {
		return
	}
	p.close()
	p.asked, p.report, p.opinions = true, msg.report, nil
	for rank := range ranks {
		for _, o := range msg.opinions {
			if rankOpinion(o) == rank {
				p.opinions = append(p.opinions, o)
			}
		}
	}
	p.reset()
}

// ranks is how many ranks there are.
const ranks = 5

// rankOpinion puts first what accepts and must not, then what refuses what is
// good, then what is stricter, then what is open, then what is right.
func rankOpinion(o middleware.Opinion) int {
	switch {
	case o.Harm == middleware.HarmAccepts:
		return 0
	case o.Harm == middleware.HarmRefuses:
		return 1
	case o.Harm == middleware.HarmStricter:
		return 2
	case o.Answer == middleware.Open:
		return 3
	}
	return ranks - 1
}

func (p *libraries) key(k tea.KeyMsg) tea.Cmd {
	t := p.t
	switch {
	case key.Matches(k, middlewareKey()):
		t.lift()
	case key.Matches(k, screen.Expect()):
		if !p.it.readable() {
			return screen.Notice("nothing can be expected of it: its claims can't be read")
		}
		return t.openForm() // the answers lie under it, and are asked for again after it
	case key.Matches(k, keysKey()):
		return t.openKeysOf(p.it)
	case key.Matches(k, screen.Copy("")):
		if !p.asked {
			return screen.Notice("the answers are not here yet")
		}
		return t.sh.Copy(p.markdown(), "the answers")
	default:
		p.list.key(k, len(p.opinions), t.h)
	}
	return nil
}

func (p *libraries) keys() []key.Binding {
	return []key.Binding{
		screen.When(screen.Enter("open"), len(p.opinions) > 0), screen.When(screen.Copy("as Markdown"), p.asked), screen.When(screen.Expect(), p.it.readable()),
		keysKey(), screen.Move("library"), screen.PageDown(), screen.PageUp(), screen.Bind("m", "close", "m"),
	}
}

func (p *libraries) status() string {
	if !p.asked {
		return p.t.askingWords(p.it)
	}
	return ""
}

func (p *libraries) back() bool          { return false }
func (p *libraries) typing() bool        { return false }
func (p *libraries) shows(it *item) bool { return it == p.it }

// renew asks again: the token was checked anew, perhaps with other keys.
func (p *libraries) renew(it *item) tea.Cmd {
	if it != p.it {
		return nil
	}
	return p.ask()
}

func (p *libraries) close() {
	if p.stop != nil {
		p.stop()
	}
	p.stop = nil
}

// count gives how many set-ups accept, reject and leave it open.
func (p *libraries) count() (accept, reject, open int) {
	for _, o := range p.opinions {
		switch o.Answer {
		case middleware.Accepts:
			accept++
		case middleware.Rejects:
			reject++
		default:
			open++
		}
	}
	return accept, reject, open
}

// sentence says what is right and how many set-ups do it.
func (p *libraries) sentence() string {
	accept, reject, open := p.count()
	all := len(p.opinions)
	took := ofAll(accept, all, "accepts it", "accept it")
	words := "This token could not be verified here, so nothing says yet that your API may accept it; " + took + "."
	switch r := p.report; {
	case p.it.report.Kind == validate.KindID:
		words = "An ID token is for the client that signed the person in. Your API must refuse it; " + took + "."
	case r.Verdict == validate.Invalid:
		words = "Your API must refuse this token; " + took + "."
	case r.Verdict == validate.Valid:
		words = "Your API may accept this token; " + ofAll(reject, all, "refuses it", "refuse it") + "."
	case r.Status("signature") == validate.StatusPass && r.Status("audience") == validate.StatusNotRun:
		words = "Nobody said what your API's audience is. A token for another API must be refused; " +
			ofAll(accept, all, "accepts this one whoever it is for", "accept this one whoever it is for") + "."
	}
	if open > 0 {
		words += fmt.Sprintf(" For %d it hangs on something that is not known here.", open)
	}
	return words
}

func ofAll(n, all int, one, several string) string {
	switch {
	case n == 0:
		return "none of " + fmt.Sprint(all) + " set-ups " + one
	case n == 1:
		return "1 of " + fmt.Sprint(all) + " set-ups " + one
	}
	return fmt.Sprintf("%d of %d set-ups %s", n, all, several)
}

// inForce names the expectations that the libraries are set up with; where there
// is little room, long values in their beginning and end.
func inForce(want validate.Expectations, brief func(string) string) string {
	var parts []string
	add := func(label, between string, values ...string) {
		if len(values) == 0 || values[0] == "" {
			return
		}
		shown := make([]string, len(values))
		for i, v := range values {
			shown[i] = brief(trace.Plain(v))
		}
		parts = append(parts, label+" "+strings.Join(shown, between))
	}
	add("audience", " or ", want.Audiences...)
	add("issuer", "", want.Issuer)
	add("tenant", " or ", want.Tenants...)
	add("scope", " ", want.Scopes...)
	add("roles", " ", want.Roles...)
	add("caller", "", want.Caller)
	add("client", "", want.ClientID)
	words := "Set up for " + strings.Join(parts, ", ") + "."
	if len(parts) == 0 {
		words = "Nothing is expected of the token."
	}
	if len(want.Audiences) == 0 {
		words += " No audience is stated: o states one."
	}
	return words
}

func inFull(s string) string { return s }

// markdown writes the answers down.
func (p *libraries) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# What would my API do?\n\n%s %s\n\n| library | set-up | answer | rule | why | fix | source |\n|---|---|---|---|---|---|---|\n",
		inText(p.sentence()), inText(inForce(p.report.Expect, inFull)))
	for _, o := range p.opinions {
		name := o.Profile.Name
		if o.Profile.Version != "" {
			name += " " + o.Profile.Version
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n", inText(name), inText(o.Profile.Setup), answerWords(o), inText(o.Rule), inText(o.Why), inText(o.Fix), inText(sourceOf(o)))
	}
	return p.t.sh.Secrets.Text(b.String() + "\n" + inText(noMeasurement) + "\n")
}

// noMeasurement says what the answers are worth.
const noMeasurement = "These are the rules that each library documents and has by default; those for Node, Python and Go were compared with the library itself. No library is run here."

// answerWords is the answer in words that say whether it is the right one.
func answerWords(o middleware.Opinion) string {
	switch {
	case o.Answer == middleware.Open:
		return "depends"
	case o.Harm == middleware.HarmAccepts:
		return "ACCEPTS, wrongly"
	case o.Harm == middleware.HarmRefuses:
		return "rejects, wrongly"
	case o.Harm == middleware.HarmStricter:
		return "rejects, stricter"
	}
	return string(o.Answer)
}

func sourceOf(o middleware.Opinion) string {
	if o.Source != "" {
		return o.Source
	}
	return o.Profile.Source
}

func (p *libraries) view(w, h int) string {
	t := p.t
	st := t.sh.Styles
	var head []string
	if h >= tall {
		head = append(head, "")
	}
	if p.asked && len(p.opinions) > 0 {
		head = append(head, widget.Indent(widget.Render(st.Bright, widget.Prose(t.say(p.sentence()), w-4)), 2)...)
		brief := inFull
		if h < tall || w < wide {
			brief = func(s string) string { return widget.Elide(s, 24, t.sh.Glyphs.Ellipsis) }
		}
		force := widget.Prose(t.say(inForce(p.report.Expect, brief)), w-4)
		head = append(head, widget.Indent(widget.Render(st.Muted, force), 2)...)
		head = append(head, widget.Indent(t.waits(p.it, w-4), 2)...)
		if h >= tall {
			head = append(head, "")
		}
	}
	return t.under(head, w, h, p.pane)
}

func (p *libraries) pane(w, h int) string {
	t := p.t
	st := t.sh.Styles
	iw, _ := widget.Inner(w, h)
	pane := widget.Pane{Title: "What would my API do?"}
	switch {
	case !p.asked:
		pane.State = widget.Focused
		return pane.Render(t.sh, append([]string{""}, widget.Render(st.Held, widget.Prose(t.say("Putting the token to the rules of each library; "+t.askingWords(p.it)), iw))...), w, h)
	case len(p.opinions) == 0:
		pane.State = widget.Focused
		return pane.Render(t.sh, append([]string{""}, widget.Render(st.Muted, widget.Prose("No library has an answer to it.", iw))...), w, h)
	}
	lines, first, last := p.table(iw)
	accept, reject, open := p.count()
	pane.Summary = fmt.Sprintf("%d accept %s %d reject", accept, t.sh.Glyphs.Dot, reject)
	if open > 0 {
		pane.Summary += fmt.Sprintf(" %s %d open", t.sh.Glyphs.Dot, open)
	}
	return p.render(t, pane, lines, first, last, w, h)
}
