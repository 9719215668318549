package lab

import (
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"flowscope/engine/trace"
	"flowscope/tui/widget"
)

// wide is from where the detail stands beside the list, and broad from where
// the requests stand beside both; tall is from where there is air.
const (
	wide  = 100
	broad = 160
	tall  = 28
)

// roomForTime is the width of a list from which it says when.
const roomForTime = 60

// row is one line of a list: a heading, or an entry with a sign, a name and a
// remark.
type row struct {
	head  string
	sign  string
	style lipgloss.Style // of the sign
	name  string
	note  string
	right string
}

// View draws where the lab is served, the tabs, the list and the detail.
func (l *Lab) View() string {
	head := l.head()
	body := l.h - len(head)
	top := widget.Block(head, l.w, len(head), l.sh.Glyphs.Ellipsis)
	return top + "\n" + l.body(body)
}

func (l *Lab) body(h int) string {
	switch {
	case l.w < wide && l.inside:
		return l.detailPane(l.w, h)
	case l.w < wide:
		return l.listPane(l.at, l.w, h)
	case l.w < broad || l.at == requests:
		left, right := widget.Columns(l.w, 9, 20)
		return widget.Beside(l.listPane(l.at, left, h), l.detailPane(right, h))
	}
	left, rest := widget.Columns(l.w, 3, 10)
	middle, right := widget.Columns(rest, 4, 7)
	return widget.Beside(l.listPane(l.at, left, h), l.detailPane(middle, h), l.listPane(requests, right, h))
}

// head says where the lab is served, and which list is shown.
func (l *Lab) head() []string {
	st, g := l.sh.Styles, l.sh.Glyphs
	var out []string
	if l.h >= tall {
		out = append(out, "")
	}
	switch {
	case l.busy:
		out = append(out, " "+st.Held.Render(g.RadioOff+" one moment"))
	case l.info.Served():
		out = append(out, " "+st.Pass.Render(g.RadioOn+" served")+"  "+st.Bright.Render(l.short(l.info.Authority))+"   "+st.Text.Render(l.short(l.info.HTTPAuthority)))
	default:
		out = append(out, " "+st.Muted.Render(g.RadioOff+" not served")+"  "+st.Accent.Bold(true).Render("s")+st.Text.Render(" serves it to your own application, on this machine alone"))
	}
	if l.h >= tall {
		out = append(out, "")
	}
	return append(out, widget.Indent(widget.Tabs(l.sh, titles[:], int(l.at), max(1, l.w-1)), 1)...)
}

// short elides the tenant in an address where there is little room.
func (l *Lab) short(address string) string {
	if l.w >= broad {
		return address
	}
	i := strings.LastIndexByte(address, '/')
	return address[:i+1] + widget.Elide(address[i+1:], 9, l.sh.Glyphs.Ellipsis)
}

// listPane draws one of the lists.
func (l *Lab) listPane(which section, w, h int) string {
	iw, ih := widget.Inner(w, h)
	rows := l.rows(which)
	p := widget.Pane{Title: titles[which], Summary: l.summary(which)}
	if which == l.at && l.form == nil && (l.w >= wide || !l.inside) {
		p.State = widget.Focused
	}
	if len(rows) == 0 {
		return p.Render(l.sh, l.empty(which, iw), w, h)
	}
	var lines []string
	first, last, n := 0, 0, -1
	heading := 0
	name := l.nameColumn(rows, iw)
	for i, r := range rows {
		if r.head != "" {
			if i > 0 {
				lines = append(lines, "")
			}
			heading = len(lines)
			lines = append(lines, l.sh.Styles.Accent.Bold(true).Render(r.head))
			continue
		}
		n++
		lit := which == l.at && n == l.cursors[which]
		if lit {
			first, last = len(lines), len(lines)
			if heading == len(lines)-1 {
				first = heading // the first of a group is seen with its heading
			}
		}
		lines = append(lines, l.row(r, lit, name, iw))
	}
	scroll := &l.lists[which]
	if which == l.at {
		scroll.Show(first, last, len(lines), ih)
	} else {
		scroll.Top = 0
	}
	var visible []string
	visible, p.Above, p.More = scroll.Window(lines, ih)
	return p.Render(l.sh, visible, w, h)
}

// nameColumn is how wide names are, so that remarks begin in one column.
func (l *Lab) nameColumn(rows []row, w int) int {
	col := 0
	for _, r := range rows {
		col = max(col, ansi.StringWidth(r.name))
	}
	return min(col, w*3/5)
}

func (l *Lab) row(r row, lit bool, name, w int) string {
	st, g := l.sh.Styles, l.sh.Glyphs
	on := func(s lipgloss.Style) lipgloss.Style {
		if lit {
			return st.OnSelection(s)
		}
		return s
	}
	point := " "
	if lit {
		point = g.Pointer
	}
	line := on(st.Accent).Render(point + " ")
	if r.sign != "" {
		line += on(r.style).Render(r.sign + " ")
	}
	title := st.Text
	if lit {
		title = st.Bright
	}
	right := ""
	if r.right != "" && w >= roomForTime {
		right = " " + r.right
	}
	room := w - ansi.StringWidth(line) - ansi.StringWidth(right)
	col := min(name, room)
	text := widget.Fit(r.name, col, g.Ellipsis)
	rest := max(0, room-ansi.StringWidth(text))
	note := ""
	if rest > 2 {
		note = "  " + widget.Fit(r.note, rest-2, g.Ellipsis)
	} else {
		note = strings.Repeat(" ", rest)
	}
	return line + on(title).Render(text) + on(st.Muted).Render(note+right)
}

// detailPane draws what is known of the entry under the cursor.
func (l *Lab) detailPane(w, h int) string {
	iw, ih := widget.Inner(w, h)
	title, lines := l.details(iw)
	p := widget.Pane{Title: title}
	if l.inside {
		p.State = widget.Focused
	}
	if l.form != nil {
		form, _, _ := l.form.Lines(l.sh, iw)
		lines = append([]string{""}, append(form[:1], append([]string{""}, lines...)...)...)
		p.State = widget.Focused
	} else if l.h >= tall && len(lines) > 0 {
		lines = append([]string{""}, lines...)
	}
	var visible []string
	visible, p.Above, p.More = l.detail.Window(lines, ih)
	return p.Render(l.sh, visible, w, h)
}

// prose draws our own words as a paragraph.
func (l *Lab) prose(st lipgloss.Style, text string, w int) []string {
	return widget.Render(st, widget.Prose(widget.Say(l.sh, text), max(8, w)))
}

// plain makes text from outside fit to be drawn: without controls and without
// secrets.
func (l *Lab) plain(text string) string { return trace.Plain(l.sh.Secrets.Text(text)) }

// heading stands over a part of the detail.
func (l *Lab) heading(text string) string { return l.sh.Styles.Accent.Bold(true).Render(text) }
