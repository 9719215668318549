package run

import (
	"fmt"
	"slices"

	"flowscope/engine/trace"
	"flowscope/tui/widget"
)

// listed keeps which exchanges belong to a step, since a long run has many.
type listed struct {
	version, step int
	at            []int // indexes into the trace
}

// exchanges gives the exchanges of the selected step, by their place in the
// trace. The way back of a token call has none of its own: it shows the call's.
func (r *Run) exchanges() []int {
	if r.state.Trace == nil {
		return nil
	}
	step := r.ladder.Selected
	if r.step().Purpose == trace.Answer {
		step--
	}
	if r.listed.version == r.version && r.listed.step == step && r.version > 0 {
		return r.listed.at
	}
	r.listed = listed{version: r.version, step: step}
	for i := range r.state.Trace.Exchanges {
		if r.state.Trace.Exchanges[i].Step == step {
			r.listed.at = append(r.listed.at, i)
		}
	}
	return r.listed.at
}

// position gives which exchange of the step is looked at: the one that was
// chosen, else the newest; -1 when there is none.
func (r *Run) position() int {
	list := r.exchanges()
	if r.nth > 0 {
		if i := slices.Index(list, r.nth-1); i >= 0 {
			return i
		}
	}
	return len(list) - 1
}

// exchange is the exchange that is looked at.
func (r *Run) exchange() (trace.Exchange, bool) {
	i := r.position()
	if i < 0 {
		return trace.Exchange{}, false
	}
	return r.state.Trace.Exchanges[r.exchanges()[i]], true
}

// nextExchange goes to another exchange of the step; false when it has but one.
func (r *Run) nextExchange(by int) bool {
	list := r.exchanges()
	if len(list) < 2 || r.tab == tabWhy || r.tab == tabTurn {
		return false
	}
	i := max(0, min(r.position()+by, len(list)-1))
	r.nth, r.scroll.Top = list[i]+1, 0
	if i == len(list)-1 {
		r.nth = 0 // the newest, whichever that will be
	}
	return true
}

// listRows is how many exchanges of a step are listed at once.
const listRows = 6

// listLines lists the exchanges of a step that has several, the one that is
// looked at marked.
func (r *Run) listLines(w int) []string {
	list := r.exchanges()
	at := r.position()
	if len(list) < 2 {
		return nil
	}
	st, g := r.sh.Styles, r.sh.Glyphs
	rows := min(listRows, max(2, r.h/5))
	s := widget.Scroll{Top: at - rows/2}
	s.Show(at, at, len(list), rows)
	end := min(len(list), s.Top+rows)
	var out []string
	for i := s.Top; i < end; i++ {
		x := r.state.Trace.Exchanges[list[i]]
		mark, text := "  ", st.Muted
		if i == at {
			mark, text = st.Accent.Render(g.Pointer)+" ", st.Bright
		}
		name := word(x.Purpose)
		line := fmt.Sprintf("%-*s  %s", len(name)+1+len(fmt.Sprint(len(list))), fmt.Sprintf("%s %d", name, i+1), r.brief(x))
		out = append(out, mark+text.Render(widget.Fit(line, max(1, w-2), g.Ellipsis)))
	}
	note := of(at+1, len(list))
	if s.Top > 0 {
		note = g.Up + " " + note
	}
	if end < len(list) {
		note += " " + g.Down
	}
	if !r.detail {
		note += "; tab, then up and down go through them"
	}
	return append(out, st.Muted.Render(widget.Fit(note, w, g.Ellipsis)), "")
}

// word names one of several exchanges of a purpose.
func word(p trace.Purpose) string {
	switch p {
	case trace.Poll:
		return "poll"
	case trace.SignIn, trace.DevicePage:
		return "page"
	}
	return "no."
}

// brief says in a few words what came of an exchange.
func (r *Run) brief(e trace.Exchange) string {
	switch {
	case e.Refused != "":
		return "not let out"
	case e.Err != "":
		return "no answer"
	case e.Response == nil && r.waits(e):
		return "waits"
	case e.Response == nil:
		return "sent"
	}
	status := fmt.Sprint(e.Response.Status)
	for _, m := range members(e.Response.Body) {
		switch m.Name {
		case "error":
			return status + " " + trace.Plain(m.Value)
		case "access_token":
			return status + " tokens"
		}
	}
	return status + " " + statusWords(e)
}
