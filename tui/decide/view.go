package decide

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"flowscope/decision"
	"flowscope/tui/widget"
)

// wide is the width from which the reasons get a pane of their own.
const wide = 100

// View draws the questions on the left and the table on the right.
func (d *Decide) View() string {
	left := 31
	if d.w >= wide {
		left = d.w * 3 / 8
	}
	right := d.w - left
	questions := d.questions(left - 4)
	pane := widget.Pane{Title: "Three questions", State: d.focus(!d.table)}
	if d.narrow() {
		return widget.Beside(pane.Render(d.sh, questions, left, d.h), d.tablePane(right))
	}
	h := len(questions) + 2
	top := pane.Render(d.sh, questions, left, h)
	reasons := d.reasons(left-4, true)
	if _, ih := widget.Inner(left, d.h-h); len(reasons) > ih {
		reasons = d.reasons(left-4, false)
	}
	why := widget.Pane{Title: "Why rows fall out"}.Render(d.sh, reasons, left, d.h-h)
	return widget.Beside(top+"\n"+why, d.tablePane(right))
}

// narrow reports whether the reasons have no pane of their own: they stand under
// the table then.
func (d *Decide) narrow() bool { return d.w < wide || d.h < 28 }

func (d *Decide) focus(on bool) widget.PaneState {
	if on {
		return widget.Focused
	}
	return widget.Resting
}

func (d *Decide) questions(w int) []string {
	st, g := d.sh.Styles, d.sh.Glyphs
	airy := d.h >= 22
	var out []string
	for _, q := range decision.Questions() {
		here := q == d.asked && !d.table
		if airy {
			out = append(out, "")
		}
		mark, text := st.Muted.Render(fmt.Sprint(int(q)+1)), st.Text
		if here {
			mark, text = st.Accent.Render(g.Pointer), st.Bright.Bold(true)
		}
		for i, l := range widget.Wrap(q.Text(), w-3) {
			if i > 0 {
				mark = " "
			}
			out = append(out, mark+"  "+text.Render(l))
		}
		a := d.answers.Get(q)
		out = append(out, "   "+d.radio("yes", a == decision.Yes)+"      "+d.radio("no", a == decision.No))
		out = append(out, widget.Indent(widget.Render(st.Muted, widget.Wrap(q.Help(a), w-3)), 3)...)
	}
	return append(out, "")
}

func (d *Decide) radio(word string, on bool) string {
	st, g := d.sh.Styles, d.sh.Glyphs
	if on {
		return st.Accent.Render(g.RadioOn) + " " + st.Bright.Render(word)
	}
	return st.Muted.Render(g.RadioOff + " " + word)
}

func (d *Decide) reasons(w int, airy bool) []string {
	st, g := d.sh.Styles, d.sh.Glyphs
	if len(d.result.Excluded) == 0 {
		return append([]string{""}, widget.Render(st.Muted, widget.Wrap("Each answer rules rows out, and here it says why. y and n answer.", w))...)
	}
	var out []string
	for _, x := range d.result.Excluded {
		if airy {
			out = append(out, "")
		}
		out = append(out, st.Muted.Render(g.Fail)+" "+st.Text.Render(x.Row.Client))
		out = append(out, widget.Indent(widget.Render(st.Muted, widget.Wrap(x.Why, w-2)), 2)...)
	}
	return out
}

// tablePane is the table with the row under the cursor opened beneath it.
func (d *Decide) tablePane(w int) string {
	iw, ih := widget.Inner(w, d.h)
	lines := d.rows(iw, ih)
	lines = append(lines, "")
	lines = append(lines, d.detail(iw)...)
	if d.narrow() && len(d.result.Excluded) > 0 {
		lines = append(append(lines, "", d.sh.Styles.Title.Render("Why rows fall out")), d.reasons(iw, false)...)
	}
	if d.table || d.scroll.Top > 0 {
		visible, above, below := d.scroll.Window(lines, ih)
		return d.pane(above, below).Render(d.sh, visible, w, d.h)
	}
	return d.pane(false, len(lines) > ih).Render(d.sh, lines, w, d.h)
}

func (d *Decide) pane(above, below bool) widget.Pane {
	return widget.Pane{Title: "Decision table", State: d.focus(d.table), Above: above, More: below,
		Summary: fmt.Sprintf("%d of %d rows left", len(d.result.Rows), len(decision.Table()))}
}

func (d *Decide) rows(w, h int) []string {
	st := d.sh.Styles
	narrow := w < 60
	detail := !narrow && h >= 34
	mid := min(w/2, 48)
	if narrow {
		mid = 20
	}
	out := []string{"  " + widget.Fit(st.Muted.Render("your client"), mid-2, "") + st.Muted.Render("its flow")}
	if h >= 26 {
		out = append([]string{""}, append(out, "")...)
	}
	for i, row := range decision.Table() {
		if i > 0 && h >= 48 {
			out = append(out, "")
		}
		out = append(out, d.tableRow(row, mid, w, narrow, detail)...)
	}
	return out
}

func (d *Decide) tableRow(row decision.Row, mid, w int, narrow, detail bool) []string {
	st, g := d.sh.Styles, d.sh.Glyphs
	in := false
	for _, r := range d.result.Rows {
		in = in || r.ID == row.ID
	}
	mark, name, flow := " ", st.Text, st.Back
	switch {
	case !in && row.ID == d.row:
		mark, name, flow = g.Pointer, st.Text, st.Muted
	case !in:
		mark, name, flow = g.Fail, st.Muted, st.Muted
	case row.ID == d.row:
		mark, name, flow = g.Pointer, st.Bright.Bold(true), st.Back.Bold(true)
	}
	if row.ID == d.row {
		mark = st.Accent.Render(mark)
	} else {
		mark = st.Muted.Render(mark)
	}
	words := row.Client
	if narrow {
		words = row.Short
	}
	title := row.Flow.Title()
	if row.Flow == decision.None {
		title = "none: stop"
	}
	gap := max(1, 2-ansi.StringWidth(mark))
	first := widget.Fit(mark+strings.Repeat(" ", gap)+name.Render(words), mid, g.Ellipsis) + flow.Render(title)
	out := []string{widget.Fit(first, w, g.Ellipsis)}
	if detail {
		out = append(out, widget.Fit("  "+st.Muted.Render(row.Detail), w, g.Ellipsis))
	}
	return out
}

// detail opens the row under the cursor.
func (d *Decide) detail(w int) []string {
	st, g := d.sh.Styles, d.sh.Glyphs
	row, why := d.chosen()
	out := widget.Render(st.Title, widget.Wrap(row.Client+" "+g.Arrow+" "+row.Flow.Title(), w))
	if why != "" {
		return append(out, widget.Render(st.Muted, widget.Wrap("It is out: "+why+".", w))...)
	}
	out = append(out, widget.Render(st.Text, widget.Wrap(row.Reason, w))...)
	out = append(out, "")
	var fields []widget.Field
	if len(row.Gives) > 0 {
		fields = append(fields, widget.Field{Label: "gives", Value: join(row.Gives, g.Dot)})
	}
	if len(row.NeverGives) > 0 {
		fields = append(fields, widget.Field{Label: "never", Value: join(row.NeverGives, g.Dot), Style: &st.Text})
	}
	fields = append(fields, widget.Field{Label: "register", Value: join(row.Register, g.Dot), Style: &st.Text})
	wrong := row.WrongTurn
	if row.WrongTurnCost != "" {
		wrong += ": " + row.WrongTurnCost
	}
	fields = append(fields, widget.Field{Label: "wrong turn", Value: wrong, Style: &st.Warn})
	if len(row.Sources) > 0 {
		fields = append(fields, widget.Field{Label: "written in", Value: join(names(row.Sources), g.Dot), Style: &st.Muted})
	}
	return append(out, widget.Fields(d.sh, fields, w)...)
}

func join(parts []string, dot string) string { return strings.Join(parts, " "+dot+" ") }

// names leaves the addresses of documents out: the record has them whole.
func names(sources []string) []string {
	out := make([]string, len(sources))
	for i, s := range sources {
		out[i], _, _ = strings.Cut(s, ", learn.")
	}
	return out
}
