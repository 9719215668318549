package diagnose

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"flowscope/engine/explain"
	"flowscope/engine/trace"
	"flowscope/tui/widget"
)

// wide and tall are the sizes from which the panes stand side by side, and from
// which there is air around the head.
const (
	wide = 100
	tall = 28
)

// View draws what happened on top; below it why, what to change, and the
// evidence. In a small window one of them at a time.
func (d *Diagnose) View() string {
	f, ok := d.finding()
	if !ok {
		return d.askPane()
	}
	head := d.head(f)
	if n := d.h - 8; len(head) > n {
		head = head[:max(0, n)]
	}
	h := d.h - len(head)
	body := d.body(f, h)
	if len(head) == 0 {
		return body
	}
	return widget.Block(head, d.w, len(head), d.sh.Glyphs.Ellipsis) + "\n" + body
}

func (d *Diagnose) body(f explain.Finding, h int) string {
	if d.w < wide {
		switch d.focus {
		case changePane:
			return d.changePane(f, d.w, h)
		case evidencePane:
			return d.evidencePane(f, d.w, h)
		}
		return d.whyPane(f, d.w, h)
	}
	left, right := widget.Columns(d.w, 5, 8)
	top := d.split(f, left, h)
	return widget.Beside(d.whyPane(f, left, top)+"\n"+d.changePane(f, left, h-top), d.evidencePane(f, right, h))
}

// split gives the height of the upper of the two left panes: each gets what it
// needs, and what is left is shared; when there is too little, the one with the
// focus gets more.
func (d *Diagnose) split(f explain.Finding, w, h int) int {
	iw, _ := widget.Inner(w, h)
	upper, lower := len(d.whyLines(f, iw))+2, len(d.changeLines(f, iw))+2
	if rest := h - upper - lower; rest >= 0 {
		return upper + rest/2
	}
	least := min(8, h/3)
	if d.focus == whyPane {
		return max(least, min(upper, h-least))
	}
	return max(least, min(upper, max(h-lower, h/3)))
}

// head is the code, its name and what happened; under it where.
func (d *Diagnose) head(f explain.Finding) []string {
	st := d.sh.Styles
	roomy := d.h >= tall && d.w >= wide
	pad := 1
	var out []string
	if roomy {
		pad = 2
		out = append(out, "")
	}
	w := max(20, d.w-2*pad)
	code := st.Fail.Bold(true).Render(d.plain(f.Code))
	n := ansi.StringWidth(d.plain(f.Code))
	name := f.Name
	if name == "" && f.OAuthError != f.Code {
		name = f.OAuthError
	}
	if name != "" {
		code += "  " + st.Muted.Render(d.plain(name))
		n += 2 + ansi.StringWidth(d.plain(name))
	}
	what := d.say(f.What)
	if n+3+ansi.StringWidth(what) <= w {
		out = append(out, code+"   "+st.Title.Render(what))
	} else {
		out = append(out, code)
		lines := widget.Prose(what, w)
		out = append(out, widget.Render(st.Title, lines[:min(len(lines), 3)])...)
	}
	if f.Stage != "" {
		lines := widget.Prose(d.say(f.Stage), w)
		out = append(out, widget.Render(st.Muted, lines[:min(len(lines), 2)])...)
	}
	for i := range out {
		if out[i] != "" {
			out[i] = strings.Repeat(" ", pad) + out[i]
		}
	}
	if roomy {
		out = append(out, "")
	}
	return out
}

// frame is the pane with its title, the number of the finding among several,
// and, where there is room for one pane only, the name of the next.
func (d *Diagnose) frame(p pane, title, summary string) widget.Pane {
	out := widget.Pane{Title: title, Summary: d.say(summary)}
	if d.focus == p {
		out.State = widget.Focused
	}
	if n := len(d.findings()); n > 1 && (p == whyPane || d.w < wide) {
		out.Title += fmt.Sprintf(" %s %d of %d", d.sh.Glyphs.Dot, d.at+1, n)
	}
	if d.w < wide {
		st := d.sh.Styles
		next := [panes]string{"What to change", "Evidence", "Why"}[p]
		short, _, _ := strings.Cut(summary, " · ")
		if short != "" {
			out.Accent = st.Muted.Render(short + " " + d.sh.Glyphs.Dot + " ")
		}
		out.Accent += st.Accent.Bold(true).Render("tab") + st.Text.Render(" "+next)
	}
	return out
}

// scrolled draws the lines of a pane at where it was scrolled to.
func (d *Diagnose) scrolled(which pane, p widget.Pane, lines []string, w, h int) string {
	_, ih := widget.Inner(w, h)
	if d.h >= tall && len(lines) > 0 && len(lines)+2 <= ih {
		lines = append([]string{""}, lines...)
	}
	var visible []string
	visible, p.Above, p.More = d.scrolls[which].Window(lines, ih)
	return p.Render(d.sh, visible, w, h)
}

func (d *Diagnose) whyPane(f explain.Finding, w, h int) string {
	iw, _ := widget.Inner(w, h)
	return d.scrolled(whyPane, d.frame(whyPane, "Why", d.confidence(f)), d.whyLines(f, iw), w, h)
}

func (d *Diagnose) confidence(f explain.Finding) string {
	switch f.Confidence {
	case explain.Certain:
		return "certain · both values were seen"
	case explain.Likely:
		if d.read != nil {
			return "likely · from the answer alone"
		}
		return "likely · as the answer says"
	case explain.Possible:
		return "possible · one of several causes"
	}
	return ""
}

func (d *Diagnose) changePane(f explain.Finding, w, h int) string {
	iw, _ := widget.Inner(w, h)
	var parts []string
	if lead, can := d.fix(); len(f.Fix) > 1 || can && lead.Change == nil && len(f.Fix) > 0 {
		parts = append(parts, "one of these")
	}
	switch f.Who {
	case explain.Developer, explain.Administrator, explain.User:
		parts = append(parts, "for the "+f.Who)
	case explain.Nobody:
		parts = append(parts, "for nobody: wait")
	}
	return d.scrolled(changePane, d.frame(changePane, "What to change", strings.Join(parts, " · ")), d.changeLines(f, iw), w, h)
}

// changeLines are the ways out, numbered; the one that a key can try has that
// key for its number.
func (d *Diagnose) changeLines(f explain.Finding, w int) []string {
	st := d.sh.Styles
	var out []string
	lead, can := d.fix()
	fixes := f.Fix
	if can && lead.Change == nil {
		fixes = append([]explain.Fix{lead}, fixes...)
	}
	for i, x := range fixes {
		number, tried := fmt.Sprint(i+1), false
		if can && x.Change == lead.Change && (x.Change != nil || i == 0) {
			number, tried = "f", true
		}
		for j, l := range widget.Prose(d.say(x.Title), max(8, w-3)) {
			if j > 0 {
				number = ""
			}
			out = append(out, st.Accent.Bold(true).Render(widget.Fit(number, 3, ""))+st.Title.Render(l))
		}
		out = append(out, widget.Indent(d.fixLines(x, tried, max(8, w-3)), 3)...)
		out = append(out, "")
	}
	if len(fixes) == 0 {
		out = append(out, widget.Render(st.Muted, widget.Prose("Nothing is known that would mend it.", w))...)
		out = append(out, "")
	}
	if f.Retry {
		out = append(out, widget.Render(st.Text, widget.Prose("The same request again may work.", w))...)
		out = append(out, "")
	}
	return append(out, d.flowLines(f, w)...)
}

func (d *Diagnose) fixLines(x explain.Fix, tried bool, w int) []string {
	st := d.sh.Styles
	var out []string
	if x.Where != "" {
		out = append(out, widget.Render(st.Muted, widget.Prose(d.say(x.Where), w))...)
	}
	if x.Command != "" {
		out = append(out, widget.Render(st.Back, widget.Prose(d.plain(x.Command), w))...)
	}
	if x.Note != "" {
		out = append(out, widget.Render(st.Muted, widget.Prose(d.say(x.Note), w))...)
	}
	if x.Code != "" {
		for line := range strings.SplitSeq(trace.PlainLines(d.sh.Secrets.Text(x.Code)), "\n") {
			out = append(out, widget.Render(st.Text, widget.Wrap(line, w))...)
		}
	}
	if tried {
		out = append(out, st.Accent.Bold(true).Render("f")+st.Muted.Render(" tries it now, with this one change"))
	}
	return out
}

// flowLines is the reminder about the flow, its first sentence marked.
func (d *Diagnose) flowLines(f explain.Finding, w int) []string {
	if f.FlowRight == "" {
		return nil
	}
	st := d.sh.Styles
	first, _, _ := strings.Cut(f.FlowRight, ". ")
	style := st.Warn
	if strings.HasPrefix(first, "The flow is right") {
		style = st.Pass
	}
	mark := len(strings.Fields(first))
	var out []string
	for _, l := range widget.Prose(d.say(f.FlowRight), w) {
		words := strings.Fields(l)
		n := min(mark, len(words))
		mark -= n
		line := style.Bold(true).Render(strings.Join(words[:n], " "))
		if n > 0 && n < len(words) {
			line += " "
		}
		out = append(out, line+st.Text.Render(strings.Join(words[n:], " ")))
	}
	return out
}

// say writes words with the signs that this terminal has.
func (d *Diagnose) say(text string) string { return widget.Say(d.sh, d.plain(text)) }

// plain makes text fit to be drawn: without controls and without secrets.
func (d *Diagnose) plain(text string) string { return trace.Plain(d.sh.Secrets.Text(text)) }
