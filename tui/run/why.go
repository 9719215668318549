package run

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"flowscope/engine/explain"
	"flowscope/engine/fault"
	"flowscope/engine/inspect"
	"flowscope/engine/trace"
	"flowscope/tui/widget"
)

// whyLines is the diagnosis in short; enter opens all of it.
func (r *Run) whyLines(w int) []string {
	if len(r.findings) == 0 {
		return nil
	}
	st, f := r.sh.Styles, r.findings[0]
	out := []string{st.Fail.Bold(true).Render(f.Code) + "  " + st.Text.Render(f.Name)}
	out = append(out, widget.Render(st.Bright, widget.Wrap(f.What, w))...)
	out = append(out, r.predictionLines(w)...)
	out = append(out, "")
	for _, why := range f.Why {
		out = append(out, widget.Render(st.Text, widget.Wrap(why, w))...)
	}
	if len(f.Evidence) > 0 {
		out = append(out, "")
		out = append(out, r.evidenceLines(f, w)...)
	}
	out = append(out, "")
	if x, ok := r.fix(); ok {
		lines := widget.Wrap(x.Title, w-3)
		out = append(out, st.Accent.Render("f")+"  "+st.Bright.Render(lines[0]))
		out = append(out, widget.Indent(widget.Render(st.Bright, lines[1:]), 3)...)
	} else if len(f.Fix) > 0 {
		out = append(out, widget.Render(st.Bright, widget.Wrap(f.Fix[0].Title, w))...)
	}
	if f.FlowRight != "" {
		out = append(out, "")
		out = append(out, widget.Render(st.Muted, widget.Wrap(f.FlowRight, w))...)
	}
	out = append(out, "", st.Accent.Render("enter")+st.Muted.Render(" reads it whole, with what to change"))
	return out
}

// predictionLines sets what a fault predicted beside what came, once the run is
// over.
func (r *Run) predictionLines(w int) []string {
	if r.fault == nil || !r.state.Done || r.state.Trace == nil {
		return nil
	}
	st, g, code := r.sh.Styles, r.sh.Glyphs, ""
	if len(r.findings) > 0 {
		code = r.findings[0].Code
	}
	o := r.fault.Outcome(r.state.Trace, code, inspect.Failed(inspect.All(r.state))...)
	came := fault.Words(o.Came)
	sign, style := g.Pass+" as predicted", &st.Pass
	if !o.Match {
		sign, style = g.Warn+" not as predicted", &st.Warn
	}
	fields := []widget.Field{
		{Label: "broken", Value: r.fault.Title, Style: &st.Text}, {Label: "predicted", Value: fault.Words(r.fault.Predicts), Style: &st.Text},
		{Label: "came", Value: trace.Plain(came) + "  " + sign, Style: style},
	}
	if a := r.fault.Attack; a != nil {
		fields = append(fields, widget.Field{Label: "attacker", Value: a.Does, Style: &st.Text}, widget.Field{Label: "sees", Value: a.Sees, Style: &st.Text},
			widget.Field{Label: "stopped by", Value: a.Stops, Style: &st.Pass})
	}
	out := append([]string{""}, widget.Fields(r.sh, fields, w)...)
	return append(out, widget.Indent(widget.Render(st.Muted, widget.Wrap(r.fault.Lesson, max(8, w))), 0)...)
}

// evidenceLines sets each value under its label, with a sign under the first
// character that differs from what it is compared with.
func (r *Run) evidenceLines(f explain.Finding, w int) []string {
	st, g := r.sh.Styles, r.sh.Glyphs
	var out []string
	for _, e := range f.Evidence {
		label := trace.Plain(e.Label)
		if e.Note != "" {
			label += " " + g.Dot + " " + trace.Plain(e.Note)
		}
		value := trace.Plain(r.sh.Secrets.Text(e.Value))
		out = append(out, widget.Render(st.Muted, widget.Wrap(label, w))...)
		if e.Compare != "" && e.At >= 0 && e.At < w-2 {
			out = append(out, "  "+st.Bright.Render(ansi.Truncate(value, w-2, g.Ellipsis)), "  "+strings.Repeat(" ", e.At)+st.Fail.Render(g.Caret))
			continue
		}
		out = append(out, widget.Indent(widget.Render(st.Bright, widget.Wrap(value, w-2)), 2)...)
	}
	return out
}
