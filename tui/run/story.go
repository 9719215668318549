package run

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"flowscope/engine/fault"
	"flowscope/engine/inspect"
	"flowscope/engine/scenario"
	"flowscope/engine/trace"
	"flowscope/tui/screen"
	"flowscope/tui/widget"
)

// story is a scenario on this screen: its acts are runs, one after the other.
type story struct {
	play *scenario.Play
	told bool // what came of the act that is on has been noted
}

// NewStory makes the screen for the scenario of this id, before its first act.
func NewStory(sh *screen.Shell, deps Deps, id string) *Run {
	r := &Run{sh: sh, deps: deps, follow: true, tab: tabExplained}
	s, ok := scenario.Find(id)
	if !ok {
		r.err = fmt.Errorf("there is no story %q", id)
		return r
	}
	play, err := scenario.Begin(s, deps.Target)
	if err != nil {
		r.err = err
		r.plan.Title = s.Title
		return r
	}
	r.story = &story{play: play}
	r.act()
	return r
}

// subject says which act is on, in few words.
func (s *story) subject() string {
	return fmt.Sprintf("act %s", of(s.play.At+1, len(s.play.Scenario.Acts)))
}

// status says what came of the act that is over.
func (s *story) status() string {
	if end, ok := s.play.Ended(); ok && !end.Came.Match {
		return s.subject() + ", not as predicted"
	}
	return s.subject() + ", as predicted"
}

// act makes the job of the act that is on, and plans it. On a real tenant its
// pages can't be shown here.
func (r *Run) act() {
	way := r.way()
	job, err := r.story.play.Job()
	if err != nil {
		r.err = err
		return
	}
	r.job, r.err, r.story.told, r.retried = job, nil, false, false
	if ways := r.ways(); job.Target.Live && len(ways) > 0 {
		r.setWay(ways[0])
	} else if way == inBrowser {
		r.setWay(way)
	}
	r.replan()
	r.detail = true // it is told before it starts
}

// endAct notes what came of the act, once: what is called afterwards is no part
// of it.
func (r *Run) endAct() {
	if r.story == nil || r.story.told || r.state.Trace == nil {
		return
	}
	code := ""
	if len(r.findings) > 0 {
		code = r.findings[0].Code
	}
	r.story.play.End(r.state.Trace, code, inspect.Failed(inspect.All(r.state))...)
	r.story.told = true
	r.tab, r.scroll.Top = tabAct, 0
	r.detail = r.detail || r.w < wide
}

// actEnded reports whether the act that is on is over.
func (r *Run) actEnded() bool { return r.story != nil && r.story.told && r.state.Done }

// nextAct goes on to the next act, told before it starts.
func (r *Run) nextAct() tea.Cmd {
	if !r.story.play.Next() {
		return screen.Notice("that was the last act: r plays it again, esc goes back to the list")
	}
	r.keep()
	r.act()
	return nil
}

// restartAct runs the act that is on again, as it is told.
func (r *Run) restartAct() tea.Cmd {
	r.keep()
	old := r.run
	r.act()
	r.job.Step = true
	start := r.begin()
	return func() tea.Msg {
		if old != nil {
			old.Stop() // what it switched is put back before the act begins again
		}
		if start == nil {
			return nil
		}
		return start()
	}
}

// storyKey is readyKey for an act, which chooses everything itself.
func (r *Run) storyKey(k tea.KeyMsg) (tea.Cmd, bool) {
	switch {
	case r.detail && key.Matches(k, screen.Down()):
		r.scroll.Top++
	case r.detail && key.Matches(k, screen.Up()):
		r.scroll.Top = max(0, r.scroll.Top-1)
	case key.Matches(k, screen.Left(), screen.Right(), screen.Edit()):
		return screen.Notice("an act says itself who runs what: run its flow from the list to choose"), true
	default:
		return nil, false
	}
	return nil, true
}

func (r *Run) storyKeys() []key.Binding {
	can := r.err == nil
	pane := screen.Bind("tab", "what is told", "tab")
	if r.detail {
		pane = screen.Bind("tab", "the steps", "tab")
	}
	return []key.Binding{
		screen.When(screen.Enter("start the act"), can), screen.When(screen.Bind("a", "run it all", "a"), can), pane, screen.Move("step"),
		screen.When(screen.Bind("u", "use the browser", "u"), len(r.ways()) > 1 && signsIn(r.job.Flow)),
	}
}

// beforeLines tells an act before it starts, and what came of those before it.
func (r *Run) beforeLines(w int) []string {
	st, p := r.sh.Styles, r.story.play
	var out []string
	airy := r.h >= 24
	gap := func() {
		if len(out) > 0 || airy {
			out = append(out, "")
		}
	}
	gap()
	out = append(out, widget.Render(st.Title, widget.Wrap(p.Scenario.Title, w))...)
	if p.At == 0 {
		out = append(out, widget.Render(st.Text, widget.Wrap(p.Scenario.About, w))...)
	} else {
		out = append(out, r.endsLines(w, false)...)
	}
	gap()
	out = append(out, widget.Render(st.Bright, widget.Wrap(p.Act().Tells, w))...)
	gap()
	out = append(out, widget.Fields(r.sh, r.actFields(), w)...)
	if r.err != nil {
		out = append(append(out, ""), widget.Render(st.Fail, widget.Wrap(r.sh.Glyphs.Fail+" "+trace.Plain(r.err.Error()), w))...)
	}
	gap()
	next := "enter starts the act: every request waits for you. a runs it all at once."
	if r.job.Target.Live {
		next = "enter starts the act: every request waits for you. This is a real tenant: nothing goes to it before you have seen the first request."
	}
	return append(out, widget.Render(st.Text, widget.Wrap(next, w))...)
}

// actFields say what the act runs and what it predicts.
func (r *Run) actFields() []widget.Field {
	st, c := r.sh.Styles, r.job.Client
	out := []widget.Field{
		{Label: "runs", Value: r.job.Flow.Title(), Style: &st.Text},
		{Label: "as", Value: trace.Plain(c.Registration.Name + " (" + c.Key + ")"), Style: &st.Text},
	}
	if r.job.Target.Authority != r.deps.Target.Authority {
		out = append(out, widget.Field{Label: "in", Value: trace.Plain(r.job.Target.Title), Style: &st.Text})
	}
	if signsIn(r.job.Flow) && r.job.User != "" {
		out = append(out, widget.Field{Label: "signs in", Value: trace.Plain(r.job.User), Style: &st.Text})
	}
	var changes []string
	for _, x := range r.job.Changes {
		if x.Label != "" {
			changes = append(changes, x.Label)
		}
	}
	for _, x := range r.job.Conditions {
		changes = append(changes, "the lab: "+strings.TrimSpace(x.ID+" "+x.Value)+", until the act is over")
	}
	if len(changes) > 0 {
		out = append(out, widget.Field{Label: "changes", Value: trace.Plain(strings.Join(changes, "; ")), Style: &st.Text})
	}
	return append(out, widget.Field{Label: "predicts", Value: trace.Plain(fault.Words(r.story.play.Act().Predicts)), Style: &st.Held})
}

// actLines sets prediction and outcome of an act side by side, and what it
// teaches; the last act says what was learned in all.
func (r *Run) actLines(w int) []string {
	st, g, p := r.sh.Styles, r.sh.Glyphs, r.story.play
	end, ok := p.Ended()
	if !ok {
		return nil
	}
	out := widget.Render(st.Bright, widget.Wrap(p.Head(), w))
	out = append(out, "")
	out = append(out, r.prediction(end, w)...)
	if len(r.findings) > 0 {
		out = append(out, "")
		out = append(out, widget.Fields(r.sh, []widget.Field{{Label: "why", Value: trace.Plain(r.findings[0].What), Style: &st.Text}}, w)...)
	}
	if a := end.Act.Attack; a != nil {
		out = append(out, "")
		out = append(out, widget.Fields(r.sh, []widget.Field{{Label: "attacker", Value: a.Does, Style: &st.Text}, {Label: "sees", Value: a.Sees, Style: &st.Text},
			{Label: "stopped by", Value: a.Stops, Style: &st.Pass}}, w)...)
	}
	out = append(out, "")
	if !p.Last() {
		out = append(out, widget.Render(st.Text, widget.Wrap(end.Act.Lesson, w))...)
		next := p.Scenario.Acts[p.At+1]
		words := fmt.Sprintf(" goes on to act %d: %s", p.At+2, next.Title)
		return append(out, "", st.Accent.Render("enter")+st.Muted.Render(widget.Fit(words, max(1, w-5), g.Ellipsis)))
	}
	out = append(out, st.Title.Render("What was learned"))
	out = append(out, r.endsLines(w, true)...)
	sign, style := g.Pass, st.Pass
	if !p.Match() {
		sign, style = g.Warn, st.Warn
	}
	out = append(out, "", style.Render(sign)+" "+st.Bright.Render(p.Verdict()))
	return append(out, widget.Render(st.Muted, widget.Wrap("r plays the act again, esc goes back to the list.", w))...)
}

// prediction draws what an act predicted and what came of it as two columns.
func (r *Run) prediction(end scenario.End, w int) []string {
	st, g := r.sh.Styles, r.sh.Glyphs
	col := (w - 3) / 2
	words, style := g.Pass+" as predicted", st.Pass
	if !end.Came.Match {
		words, style = g.Warn+" not as predicted", st.Warn
	}
	left := append([]string{st.Muted.Render("predicted")}, widget.Render(st.Bright, widget.Wrap(trace.Plain(fault.Words(end.Act.Predicts)), col))...)
	right := append([]string{st.Muted.Render("came")}, widget.Render(style, widget.Wrap(trace.Plain(fault.Words(end.Came.Came)), col))...)
	right = append(right, widget.Render(style, widget.Wrap(words, col))...)
	var out []string
	for i := range max(len(left), len(right)) {
		a, b := "", ""
		if i < len(left) {
			a = left[i]
		}
		if i < len(right) {
			b = right[i]
		}
		out = append(out, widget.Fit(a, col, g.Ellipsis)+" "+st.Border.Render(g.Vertical)+" "+b)
	}
	return out
}

// endsLines lists the acts that are over, with what came of each, and what each
// teaches where that is asked for.
func (r *Run) endsLines(w int, lessons bool) []string {
	st, g := r.sh.Styles, r.sh.Glyphs
	var out []string
	for i, e := range r.story.play.Ends {
		if i == r.story.play.At && !lessons {
			break
		}
		sign, style := g.Pass, st.Pass
		if !e.Came.Match {
			sign, style = g.Warn, st.Warn
		}
		words := fmt.Sprintf("%d  %s %s %s", i+1, e.Act.Title, g.Arrow, trace.Plain(fault.Words(e.Came.Came)))
		out = append(out, style.Render(sign)+" "+st.Text.Render(widget.Fit(words, max(1, w-2), g.Ellipsis)))
		if lessons {
			out = append(out, widget.Indent(widget.Render(st.Bright, widget.Wrap(e.Act.Lesson, max(8, w-5))), 5)...)
		}
	}
	return out
}
