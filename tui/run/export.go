package run

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"flowscope/engine/har"
	"flowscope/engine/trace"
	"flowscope/tui/screen"
	"flowscope/tui/widget"
)

// export is the menu of the forms in which a run can be taken away.
type export struct {
	r       *Run
	index   int
	whole   bool // the whole run, else the exchange that is looked at
	file    bool // to a file, else to the clipboard
	secrets bool // with secrets, which is asked about
	asking  bool
	served  string // where other programs reach the lab; empty: nowhere
}

func (r *Run) openExport() tea.Cmd {
	if r.state.Trace == nil || len(r.state.Trace.Exchanges) == 0 {
		return screen.Notice("nothing was sent yet: there is nothing to export")
	}
	_, one := r.exchange()
	r.open(&export{r: r, whole: !one, served: r.served()})
	return nil
}

func (x *export) title() (string, string) {
	if x.asking {
		return "Export with secrets?", ""
	}
	return "Export", "redacted unless asked"
}

func (x *export) typing() bool { return false }

func (x *export) back() bool {
	was := x.asking
	x.asking = false
	return was
}

func (x *export) keys() []key.Binding {
	if x.asking {
		return []key.Binding{screen.Bind("y", "with secrets", "y"), screen.Bind("n", "do not", "n"), screen.Bind("esc", "do not", "esc")}
	}
	does := "copy it"
	if x.file {
		does = "write it"
	}
	return []key.Binding{screen.Enter(does), screen.Move("form"), screen.Sides("clipboard or file"), screen.Bind("o", "one exchange or all", "o"),
		screen.Bind("s", "with secrets or not", "s"), screen.Bind("esc", "close", "esc")}
}

func (x *export) key(k tea.KeyMsg) tea.Cmd {
	if x.asking {
		switch k.String() {
		case "y":
			return x.write()
		case "n":
			x.asking = false
			return screen.Notice("nothing was exported")
		}
		return screen.Notice("y exports it with its secrets, n does not")
	}
	switch {
	case key.Matches(k, screen.Down()):
		x.index = min(x.index+1, len(har.Formats())-1)
	case key.Matches(k, screen.Up()):
		x.index = max(0, x.index-1)
	case key.Matches(k, screen.Left(), screen.Right()):
		x.file = !x.file
	case k.String() == "o":
		if _, one := x.r.exchange(); !one {
			return screen.Notice("the selected step has sent nothing: it is the whole run")
		}
		x.whole = !x.whole
	case k.String() == "s":
		x.secrets = !x.secrets
	case key.Matches(k, exportKey()):
		x.r.over = nil
	case key.Matches(k, screen.Enter("")):
		if x.secrets {
			x.asking = true
			return nil
		}
		return x.write()
	}
	return nil
}

// write makes the export and hands it to the clipboard or to a new file.
func (x *export) write() tea.Cmd {
	r, f := x.r, har.Formats()[x.index]
	r.over = nil
	o := har.Options{Format: f.ID, WithSecrets: x.secrets, Title: r.plan.Title, Steps: r.exportSteps(), Findings: r.exportFindings(), Secrets: r.sh.Secrets, Base: x.served}
	name := "flowscope-" + string(r.job.Flow)
	if !x.whole {
		e, _ := r.exchange()
		o.Exchange = e.N
		name += fmt.Sprintf("-%d", e.N)
	}
	text, receipt, err := har.Export(r.state.Trace, o)
	if err != nil {
		return screen.Send(screen.NoticeMsg{Text: "not exported: " + err.Error(), Bad: true})
	}
	what := f.Name
	switch n := places(receipt); {
	case x.secrets:
		what += " with its secrets"
	case n > 0:
		what += ", " + plural(n, "secret") + " masked,"
	}
	if x.file {
		name += "-" + r.sh.Now().Format("2006-01-02-150405") + f.Ext
		return r.sh.Save(name, string(text))
	}
	return r.sh.Copy(string(text), what)
}

func places(r trace.Receipt) int {
	n := 0
	for _, removed := range r.Removed {
		n += removed.Places
	}
	return n
}

// exportSteps is the plan as an export names it.
func (r *Run) exportSteps() []har.Step {
	var out []har.Step
	for i, s := range r.plan.Steps {
		state := ""
		if i < len(r.state.Steps) {
			state = string(r.state.Steps[i])
		}
		out = append(out, har.Step{N: s.N, Title: s.Title, Label: s.Label, From: s.From, To: s.To, Channel: s.Channel, State: state})
	}
	return out
}

// exportFindings are the causes of a failure as an export names them.
func (r *Run) exportFindings() []har.Finding {
	var out []har.Finding
	for _, f := range r.findings {
		lines := append([]string{f.What}, f.Why...)
		for _, x := range f.Fix {
			lines = append(lines, x.Title)
		}
		out = append(out, har.Finding{Title: strings.TrimSuffix(f.Code+": "+f.Name, ": "), Lines: lines})
	}
	return out
}

// reach says whether a command for the lab runs as it stands.
func (x *export) reach() string {
	id := har.Formats()[x.index].ID
	switch {
	case x.r.job.Target.Live || id != har.CurlFormat && id != har.HTTPFormat:
		return ""
	case x.served != "":
		return "The lab is served: the text names " + x.served + " and runs as it stands, once its variables are set."
	}
	return "The lab is not served yet: no other program reaches it. s on the lab's screen serves it, and the text then runs as it stands."
}

func (x *export) lines(w, _ int) (lines []string, first, last int) {
	st, g := x.r.sh.Styles, x.r.sh.Glyphs
	what := "the whole run: " + plural(len(x.r.state.Trace.Exchanges), "exchange")
	if e, ok := x.r.exchange(); ok && !x.whole {
		what = fmt.Sprintf("exchange %d: the %s", e.N, e.Purpose.Noun())
	}
	to, masked, style := "the clipboard", "masked, with a receipt of what was taken out", &st.Pass
	if x.file {
		to = "a new file in the working directory"
	}
	if x.secrets {
		masked, style = "as they are: asked once more before it is done", &st.Warn
	}
	lines = widget.Fields(x.r.sh, []widget.Field{
		{Label: "what", Value: what, Note: "o: this exchange, or the whole run"}, {Label: "to", Value: to, Note: "left and right choose"},
		{Label: "secrets", Value: masked, Style: style, Note: "s: masked, or as they are"},
	}, w)
	lines = append(lines, "")
	if x.asking {
		words := "Codes, tokens and client secrets would stand in it as they are. Whoever reads it can use them while they are good."
		lines = append(lines, widget.Render(st.Warn, widget.Wrap(words, w))...)
		return append(lines, "", st.Accent.Render("y")+st.Text.Render(" exports it so   ")+st.Accent.Render("n")+st.Text.Render(" does not")), 0, 0
	}
	for i, f := range har.Formats() {
		mark, title := "  ", st.Text
		if i == x.index {
			mark, title, first, last = st.Accent.Render(g.Pointer)+" ", st.Bright.Bold(true), len(lines), len(lines)
		}
		lines = append(lines, mark+title.Render(widget.Fit(f.Name, max(1, w-2), g.Ellipsis)))
	}
	if words := x.reach(); words != "" {
		lines = append(append(lines, ""), widget.Render(st.Muted, widget.Wrap(words, w))...)
	}
	return lines, first, last
}
