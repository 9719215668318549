package run

import (
	"github.com/charmbracelet/bubbles/key"

	"flowscope/engine/inspect"
	"flowscope/engine/trace"
	"flowscope/tui/screen"
)

// Status says where the run stands.
func (r *Run) Status() string {
	n := len(r.plan.Steps)
	at := " " + r.sh.Glyphs.Dot + " " + of(r.state.Current, n)
	switch {
	case r.err != nil:
		return "no plan"
	case !r.started():
		return plural(n, "step") + ", nothing sent"
	case r.actEnded():
		return r.story.status()
	case r.state.Done:
		return r.endWords()
	case r.page != nil:
		return "your turn" + at
	case r.state.HeldAnswer:
		return "answer held" + at
	case r.state.Held != 0:
		return "held" + at
	case r.state.Turn != nil:
		return "your turn" + at
	}
	if r.job.Browser && r.state.Current > 0 {
		return "waiting for the browser" + at
	}
	return "under way" + at
}

func (r *Run) endWords() string {
	switch r.state.Trace.Outcome {
	case trace.Tokens:
		for _, rep := range inspect.All(r.state) {
			if rep.Outcome() == "invalid" {
				return "a token is invalid"
			}
		}
		if !r.hasTokens() {
			return "done"
		}
		if r.refused() {
			return "tokens received, the API refused"
		}
		return "tokens received"
	case trace.Stopped:
		return "given up at " + of(r.state.Current, len(r.plan.Steps))
	}
	return "failed at " + of(r.state.Current, len(r.plan.Steps))
}

// Keys are the bindings that make sense now.
func (r *Run) Keys() []key.Binding {
	switch {
	case r.over != nil:
		return r.over.keys()
	case r.typing != nil:
		return r.typing.keys()
	case r.onPage():
		return []key.Binding{screen.Enter("go on"), screen.Move("field"), screen.When(screen.Sides("choose"), r.page.Choosing()), screen.Bind("tab", "next field", "tab"), screen.When(screen.All(), !r.page.Typing())}
	case !r.started() && r.story != nil:
		return r.storyKeys()
	case !r.started():
		return r.readyKeys()
	}
	return r.runKeys()
}

// enterKey says what enter does now.
func (r *Run) enterKey() key.Binding {
	waits, held := r.held()
	_, answer := r.heldAnswer()
	switch {
	case held && (r.pending != nil || waits.Original != nil):
		return screen.Enter("send edited")
	case held:
		return screen.Enter("send")
	case answer && r.answer != nil:
		return screen.Enter("hand on edited")
	case answer:
		return screen.Enter("hand on")
	case r.page != nil:
		return screen.Enter("answer the page")
	case r.actEnded() && r.tab != tabWhy:
		return screen.When(screen.Enter("next act"), !r.story.play.Last())
	case r.failed():
		return screen.Enter("read it whole")
	case r.state.Done && r.hasTokens():
		return screen.Enter("open the tokens")
	}
	return screen.When(screen.Enter("start"), false)
}

func (r *Run) runKeys() []key.Binding {
	_, held := r.held()
	_, answer := r.heldAnswer()
	_, fixable := r.fix()
	polls := "let polls through"
	if r.passing {
		polls = "hold polls"
	}
	hold := "hold answers"
	if r.job.Answers {
		hold = "let answers through"
	}
	moves := "step"
	if r.detail && len(r.exchanges()) > 1 {
		moves = "exchange"
	} else if r.detail {
		moves = "scroll"
	}
	edits := screen.When(screen.Bind("z", "undo edits", "z"), r.pending != nil || r.answer != nil)
	breaks, export := screen.When(screen.Break(), r.story == nil), screen.When(exportKey(), len(r.exchanges()) > 0)
	tokens, answers := screen.When(screen.Tokens(), r.hasTokens()), screen.Bind("H", hold, "H")
	call, others := screen.When(callKey(), r.state.Done && r.hasTokens()), screen.When(compareKey(), r.state.Done && len(r.past) > 0)
	first := []key.Binding{
		screen.When(screen.Fix(), fixable), r.enterKey(), screen.When(screen.Bind("p", polls, "p"), r.polls()),
		screen.When(screen.Edit(), held || answer), edits,
		screen.When(screen.All(), !r.state.Done && (held || answer || r.page != nil)),
		screen.When(screen.Bind("Q", "QR code", "Q"), r.state.Turn != nil && r.state.Turn.URL != ""),
	}
	rest := []key.Binding{breaks, answers, export, screen.Restart(), call, others, tokens}
	if r.state.Done {
		rest = []key.Binding{call, others, export, breaks, screen.Restart(), tokens, answers}
	}
	return append(append(first, rest...), screen.NextPane(), screen.Copy("this tab"), screen.Move(moves), screen.Sides("tab"))
}

func (r *Run) hasTokens() bool { return len(r.state.Reports) > 0 }

// refused reports whether the run has its tokens and the API that was called
// last said no.
func (r *Run) refused() bool {
	for i := len(r.state.Trace.Exchanges) - 1; i >= 0; i-- {
		if e := r.state.Trace.Exchanges[i]; e.Purpose.AtAPI() {
			return e.Response != nil && (e.Response.Status == 401 || e.Response.Status == 403)
		}
	}
	return false
}
