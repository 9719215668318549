package diagnose

import (
	"fmt"

	"github.com/charmbracelet/x/ansi"

	"flowscope/engine/explain"
	"flowscope/tui/widget"
)

// askPane is the text field with the list that is searched through it, and what
// to do with it while there is neither.
func (d *Diagnose) askPane() string {
	st := d.sh.Styles
	iw, ih := widget.Inner(d.w, d.h)
	title, hint := "Explain an error", "paste an error, or type a code or a word"
	if len(d.base) > 0 {
		title, hint = "All codes", "a code or a word"
	}
	top := []string{d.line.View(d.sh, hint, iw), ""}
	if d.said != "" {
		top = append(top, widget.Render(st.Warn, widget.Prose(d.said, iw))...)
		top = append(top, "")
	}
	p := widget.Pane{Title: title, State: widget.Focused}
	if len(d.list) == 0 {
		return p.Render(d.sh, append(top, d.hintLines(iw)...), d.w, d.h)
	}
	p.Summary = count(len(d.list), "code")
	h := max(1, ih-len(top))
	d.found.Show(d.menu, d.menu, len(d.list), h)
	end := min(len(d.list), d.found.Top+h)
	p.Above, p.More = d.found.Top > 0, end < len(d.list)
	for i := d.found.Top; i < end; i++ {
		top = append(top, d.entryLine(d.list[i], i == d.menu, iw))
	}
	return p.Render(d.sh, top, d.w, d.h)
}

// entryLine is one code of the list: code, name and what happened.
func (d *Diagnose) entryLine(e explain.Entry, chosen bool, w int) string {
	st, g := d.sh.Styles, d.sh.Glyphs
	mark, code, text := "  ", st.Bright, st.Muted
	if chosen {
		mark, code, text = g.Pointer+" ", st.OnSelection(st.Bright).Bold(true), st.OnSelection(st.Text)
	}
	const col = 16
	line := code.Render(widget.Fit(mark+e.Code, max(col+2, ansi.StringWidth(e.Code)+4), g.Ellipsis))
	room := w - ansi.StringWidth(line)
	what := d.say(e.What)
	if e.Name != "" && w >= wide {
		what = fmt.Sprintf("%s: %s", e.Name, what)
	}
	return line + text.Render(widget.Fit(what, max(0, room), g.Ellipsis))
}

// hintLines say what will be here and how it gets here.
func (d *Diagnose) hintLines(w int) []string {
	st := d.sh.Styles
	if d.line.Len() > maxQuery {
		return widget.Render(st.Muted, widget.Prose("enter reads it; ctrl+u empties the field.", w))
	}
	if d.query != "" && d.line.Len() > 0 {
		return widget.Render(st.Muted, widget.Prose("Nothing in the catalogue has these words. Enter reads them as an error.", w))
	}
	var out []string
	for _, p := range []string{
		"Paste an error: a code, the JSON body of an answer, a redirect address with error= in it, a line of a log, an error page. It is read at once and sent nowhere.",
		"Or type a code such as 50011, or a word such as consent, and press enter. / lists every code.",
		"A run that fails explains itself here with what was really sent: enter opens it from there.",
	} {
		out = append(out, widget.Render(st.Muted, widget.Prose(p, min(w, 90)))...)
		out = append(out, "")
	}
	return out
}
