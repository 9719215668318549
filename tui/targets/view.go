package targets

import (
	"slices"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"flowscope/decision"
	"flowscope/engine/explain"
	"flowscope/engine/probe"
	"flowscope/engine/profile"
	"flowscope/engine/trace"
	"flowscope/tui/widget"
)

// wide is from where the detail stands beside the list.
const wide = 100

// View draws the list and the detail: beside each other, or one above the other.
func (t *Targets) View() string {
	if t.w >= wide {
		left, right := widget.Columns(t.w, 2, 5)
		return widget.Beside(t.listPane(left, t.h), t.detailPane(right, t.h))
	}
	if t.mode == editing {
		return t.detailPane(t.w, t.h)
	}
	iw, _ := widget.Inner(t.w, t.h)
	lines, _, _ := t.listLines(iw)
	above := max(5, min(len(lines)+2, t.h/2))
	return t.listPane(t.w, above) + "\n" + t.detailPane(t.w, t.h-above)
}

// listLines are the targets, and what there is to say of them all.
func (t *Targets) listLines(w int) (lines []string, first, last int) {
	for i, e := range t.list {
		if i == t.index {
			first, last = len(lines), len(lines)
		}
		lines = append(lines, t.row(e, i == t.index, w))
	}
	if note := t.listNote(); note != "" {
		lines = append(lines, "")
		lines = append(lines, t.prose(t.sh.Styles.Muted, note, w)...)
	}
	if t.fault != "" {
		lines = append(lines, "")
		lines = append(lines, t.prose(t.sh.Styles.Fail, t.fault, w)...)
		lines = append(lines, t.prose(t.sh.Styles.Muted, "Mend it by hand and open this screen again: nothing is written to a file that can't be read.", w)...)
	}
	return lines, first, last
}

func (t *Targets) listPane(w, h int) string {
	iw, ih := widget.Inner(w, h)
	lines, first, last := t.listLines(iw)
	p := widget.Pane{Title: "Targets"}
	if t.mode == looking {
		p.State = widget.Focused
	}
	var shown []string
	shown, p.Above, p.More = visible(&t.scroll, lines, first, last, ih)
	return p.Render(t.sh, shown, w, h)
}

func (t *Targets) listNote() string {
	switch {
	case !t.loaded:
		return "The configuration is being read."
	case t.deps.Store == nil:
		return "There is no configuration here, so there are no profiles."
	case t.fault == "" && len(t.list) == 1:
		return "A profile is a real tenant, or any OpenID Connect issuer, with an application of yours. n makes the first one."
	}
	return ""
}

// row is one target: its badge, its name, and what it is.
func (t *Targets) row(e entry, lit bool, w int) string {
	st, g := t.sh.Styles, t.sh.Glyphs
	on := func(s lipgloss.Style) lipgloss.Style {
		if lit {
			return st.OnSelection(s)
		}
		return s
	}
	point, badge, style, about := " ", g.BadgeLive, st.Warn, e.saved.ClientType+" "+g.Dot+" "+t.where(e.saved)
	if lit {
		point = g.Pointer
	}
	if e.lab {
		badge, style, about = g.BadgeLab, st.Back, "inside this program"
	}
	right := ""
	if e.name == t.deps.Current() {
		right = " in use"
	}
	if e.problem != "" {
		right = " " + g.Warn + right
	}
	name := on(st.Text)
	if lit {
		name = on(st.Bright)
	}
	head := on(st.Accent).Render(point+" ") + on(style).Render(badge+" ")
	col := min(t.nameColumn(), max(8, w/3))
	room := max(0, w-ansi.StringWidth(head)-col-2-ansi.StringWidth(right))
	return head + name.Render(widget.Fit(t.plain(e.name), col, g.Ellipsis)) +
		on(st.Muted).Render("  "+widget.Fit(t.plain(about), room, g.Ellipsis)) + on(st.Text).Render(right)
}

func (t *Targets) nameColumn() int {
	col := 0
	for _, e := range t.list {
		col = max(col, ansi.StringWidth(t.plain(e.name)))
	}
	return col
}

// where is the tenant, or the issuer without its scheme.
func (t *Targets) where(p profile.Profile) string {
	if p.Issuer == "" {
		return p.Tenant
	}
	_, rest, _ := strings.Cut(p.Issuer, "://")
	return rest
}

func (t *Targets) detailPane(w, h int) string {
	iw, ih := widget.Inner(w, h)
	p := widget.Pane{Title: t.plain(t.chosen().name)}
	if t.mode != looking {
		p.State = widget.Focused
	}
	first, last := 0, 0
	var lines []string
	switch t.mode {
	case editing:
		p.Title = t.plain(t.form.title())
		lines, first, last = t.form.form.Lines(t.sh, iw)
	case asking:
		lines = t.askLines(iw)
	case removing:
		lines = t.removeLines(iw)
	case showing, trying:
		p.Title = "Try " + t.plain(t.chosen().name)
		lines = t.requestLines(iw)
	case tried:
		p.Title = "Tried " + t.plain(t.chosen().name)
		lines = t.resultLines(iw)
	default:
		lines = t.about(t.chosen(), iw)
	}
	var shown []string
	if t.mode == editing {
		shown, p.Above, p.More = visible(&t.detail, lines, first, last, ih)
	} else {
		shown, p.Above, p.More = t.detail.Window(lines, ih)
	}
	return p.Render(t.sh, shown, w, h)
}

// about says what a target is and where its credential is, never its value.
func (t *Targets) about(e entry, w int) []string {
	st, g := t.sh.Styles, t.sh.Glyphs
	if e.lab {
		return append(t.prose(st.Text, "The lab is a complete Entra of its own inside this program: people, applications and APIs for every flow. Nothing leaves this machine.", w),
			append([]string{""}, widget.Fields(t.sh, []widget.Field{{Label: "authority", Value: t.deps.Lab.Authority}}, w)...)...)
	}
	p := e.saved
	fields := []widget.Field{{Label: "authority", Value: t.plain(p.Authority())}}
	for _, key := range profile.Keys() {
		if v := p.Get(key); v != "" && !slices.Contains([]string{"cloud", "tenant", "issuer"}, key) && !placed(key) {
			fields = append(fields, widget.Field{Label: key, Value: t.plain(v)})
		}
	}
	for _, place := range p.Credentials() {
		fields = append(fields, widget.Field{Label: place.Kind, Value: t.plain(place.Where)})
	}
	lines := widget.Fields(t.sh, fields, w)
	lines = append(lines, "", st.Accent.Bold(true).Render("Ready"))
	switch {
	case e.problem != "":
		lines = append(lines, t.signed(st.Fail, g.Fail, e.problem, w)...)
	case len(p.Credentials()) == 0:
		lines = append(lines, t.signed(st.Pass, g.Pass, "a public client: it needs no credential", w)...)
	default:
		lines = append(lines, t.signed(st.Pass, g.Pass, "its credential is where it says", w)...)
	}
	lines = append(lines, "", st.Accent.Bold(true).Render("Runs"))
	var flows []string
	for _, f := range p.Flows() {
		flows = append(flows, flowTitle(f))
	}
	lines = append(lines, t.prose(st.Text, strings.Join(flows, ", "), w)...)
	return append(append(lines, ""), t.prose(st.Muted, "Nothing is sent to it before you have seen the first request.", w)...)
}

func flowTitle(f decision.Flow) string { return f.Title() }

// placed reports a key that says where a credential is.
func placed(key string) bool {
	return strings.HasPrefix(key, "secret_") || strings.HasPrefix(key, "assertion_") || key == "certificate_file"
}

func (t *Targets) askLines(w int) []string {
	lines, _, _ := t.secret.Lines(t.sh, w)
	head := append(t.prose(t.sh.Styles.Bright, t.question, w), "")
	return append(append(head, t.prose(t.sh.Styles.Text, "The profile says that this is asked for. It is used for the runs of this program and written nowhere.", w)...), append([]string{""}, lines...)...)
}

func (t *Targets) removeLines(w int) []string {
	st := t.sh.Styles
	name := t.chosen().name
	lines := t.prose(st.Warn, "Remove "+name+" from the file?", w)
	return append(lines, append([]string{""}, t.prose(st.Text, "Its lines go from "+t.deps.Store.Path()+"; everything else there stays. The application in the tenant is not touched. enter removes it, esc keeps it.", w)...)...)
}

// requestLines show the one request of a try, before it is sent.
func (t *Targets) requestLines(w int) []string {
	st := t.sh.Styles
	r := probe.Request(t.target)
	lines := t.prose(st.Text, "One request goes out: the discovery document. No client id, no credential and no code is in it.", w)
	lines = append(lines, "")
	for i, l := range widget.Wrap(t.plain(r.URL), max(8, w-4)) {
		head := "    "
		if i == 0 {
			head = st.Back.Bold(true).Render(r.Method) + " "
		}
		lines = append(lines, head+st.Bright.Render(l))
	}
	lines = append(lines, "")
	if t.mode == trying {
		return append(lines, st.Held.Render(t.sh.Glyphs.RadioOff+" under way")+st.Muted.Render("  esc stops it"))
	}
	return append(lines, st.Accent.Bold(true).Render("enter")+st.Text.Render(" sends it, ")+st.Accent.Bold(true).Render("esc")+st.Text.Render(" does not"))
}

// resultLines say what a try came to.
func (t *Targets) resultLines(w int) []string {
	st, g := t.sh.Styles, t.sh.Glyphs
	var lines []string
	for _, l := range t.result.Lines {
		if l.Good {
			lines = append(lines, t.signed(st.Pass, g.Pass, l.Text, w)...)
		} else {
			lines = append(lines, t.signed(st.Muted, g.NotRun, l.Text, w)...)
		}
	}
	for _, f := range t.findings {
		lines = append(lines, t.finding(f, w)...)
	}
	return lines
}

// finding is what failed, why, and what to change.
func (t *Targets) finding(f explain.Finding, w int) []string {
	st := t.sh.Styles
	lines := []string{st.Fail.Bold(true).Render(t.sh.Glyphs.Fail+" "+t.plain(f.Code)) + "  " + st.Muted.Render(t.plain(f.Name))}
	lines = append(lines, t.prose(st.Bright, f.What, w)...)
	for _, why := range f.Why {
		lines = append(lines, t.prose(st.Text, why, w)...)
	}
	lines = append(lines, "")
	var fields []widget.Field
	for _, e := range f.Evidence {
		fields = append(fields, widget.Field{Label: t.plain(e.Label), Value: t.plain(e.Value), Note: t.plain(e.Note)})
	}
	lines = append(lines, widget.Fields(t.sh, fields, w)...)
	lines = append(lines, "", st.Accent.Bold(true).Render("What to change"))
	for _, x := range f.Fix {
		text := x.Title
		if x.Note != "" {
			text += " (" + x.Note + ")"
		}
		lines = append(lines, t.signed(st.Pass, t.sh.Glyphs.Bullet, text, w)...)
	}
	return append(lines, "")
}

func (t *Targets) signed(style lipgloss.Style, sign, text string, w int) []string {
	lines := t.prose(t.sh.Styles.Text, text, w-ansi.StringWidth(sign)-1)
	out := widget.Indent(lines, ansi.StringWidth(sign)+1)
	if len(out) > 0 {
		out[0] = style.Render(sign) + " " + lines[0]
	}
	return out
}

func (t *Targets) prose(st lipgloss.Style, text string, w int) []string {
	return widget.Render(st, widget.Prose(widget.Say(t.sh, t.plain(text)), max(8, w)))
}

func (t *Targets) plain(text string) string { return trace.Plain(t.sh.Secrets.Text(text)) }
