package token

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"flowscope/decision"
	"flowscope/engine/inspect"
	"flowscope/engine/trace"
	"flowscope/tui/widget"
	"flowscope/validate/claims"
	"flowscope/validate/infer"
	"flowscope/validate/insight"
)

// explained is the title of the pane that says what a token tells.
const explained = "Explained"

// tell is one thing that the pane tells: an insight, the table of permissions,
// or the flow.
type tell struct {
	id      string
	insight *insight.Insight // nil for the table and the flow
	grants  []insight.Grant
	flow    *infer.Guess
	words   string // what a search looks through
	warn    bool
}

// sameTopic reports whether two things told stand under one heading.
func (x tell) sameTopic(y tell) bool {
	return x.insight != nil && y.insight != nil && x.insight.Topic == y.insight.Topic && x.warn == y.warn
}

// tellAll puts together what a token tells, once: what somebody is likely to be
// caught by, what it may do, which flow made it, the rest.
func (t *Token) tellAll(it *item) {
	if it.told {
		return
	}
	it.told, it.tells = true, nil
	r := it.report
	c := insight.Context{Kind: r.Kind, Graph: t.graphOf(r), Requested: r.Requested, Granted: r.Granted, Now: t.now(it), Ahead: r.Clock.Ahead, Measured: r.Clock.Known, Host: r.Clock.Host}
	all := insight.Of(r.Token, c)
	for i := range all { // what it quotes comes from the token
		x := &all[i]
		x.Text, x.Do = trace.Plain(x.Text), trace.Plain(x.Do)
		x.Claims = append([]string(nil), x.Claims...)
		for n := range x.Claims {
			x.Claims[n] = trace.Plain(x.Claims[n])
		}
	}
	it.tellInsights(all, true)
	if grants := insight.Grants(r.Token, c); len(grants) > 0 {
		words := "permissions"
		for i := range grants {
			g := &grants[i]
			g.Name, g.Says = trace.Plain(g.Name), trace.Plain(g.Says)
			words += " " + g.Name + " " + g.Says
		}
		it.tells = append(it.tells, tell{id: "tell grants", grants: grants, words: words})
	}
	if len(r.Flow.Because) > 0 {
		f := r.Flow
		f.Because = make([]string, len(r.Flow.Because))
		for i, b := range r.Flow.Because {
			f.Because[i] = trace.Plain(b)
		}
		it.tells = append(it.tells, tell{id: "tell flow", flow: &f, words: "flow " + flowWords(f) + " " + strings.Join(f.Because, " ")})
	}
	it.tellInsights(all, false)
}

// graphOf is the address of the Graph that belongs to the token's issuer, where
// the issuer alone does not tell it.
func (t *Token) graphOf(r *inspect.Report) string {
	if t.deps.Graph == nil {
		return ""
	}
	return t.deps.Graph(r.Token.Claims.String("iss"))
}

// tellInsights adds the insights that warn, or the others.
func (it *item) tellInsights(all []insight.Insight, warn bool) {
	for i := range all {
		if x := &all[i]; x.Warn == warn {
			it.tells = append(it.tells, tell{id: "tell " + string(x.Topic) + x.Text, insight: x, warn: warn,
				words: strings.Join([]string{string(x.Topic), x.Text, x.Do, x.Source, strings.Join(x.Claims, " ")}, " ")})
		}
	}
}

// warned counts the things told that somebody is likely to be caught by.
func (t *Token) warned(it *item) int {
	t.tellAll(it)
	n := 0
	for _, x := range it.tells {
		if x.warn {
			n++
		}
	}
	return n
}

func (t *Token) tellsPane(it *item, w, h int) string {
	iw, ih := widget.Inner(w, h)
	lines, first, last := t.tellLines(it, iw)
	if n := len(t.found(it).tells); t.tell >= n-1 {
		last = len(lines) - 1
	}
	if t.tell == 0 {
		first = 0
	}
	p := widget.Pane{Title: explained, State: t.state(tellsPane)}
	if n := t.warned(it); n > 0 {
		p.Summary = counted(n, "warning")
	}
	return t.scrolled(t.beside(p, it, tellsPane, w), lines, first, last, &t.tellScroll, w, h, ih)
}

// tellLines draws what the token tells and gives the lines of what is under the
// cursor.
func (t *Token) tellLines(it *item, w int) (lines []string, first, last int) {
	f := t.found(it)
	if len(f.tells) == 0 && t.query != "" {
		return t.nothingFound(it, w), 0, 0
	}
	if t.h >= tall {
		lines = append(lines, "")
	}
	if len(f.tells) == 0 {
		return append(lines, widget.Render(t.sh.Styles.Muted, widget.Prose("Nothing in it needs explaining that the claims do not say.", w))...), 0, 0
	}
	for i, n := range f.tells {
		lit := i == t.tell && t.focus == tellsPane
		if i == t.tell {
			first = len(lines)
		}
		switch x := it.tells[n]; {
		case x.insight != nil:
			named := i > 0 && it.tells[f.tells[i-1]].sameTopic(x)
			if named { // the empty line between topics
				lines = lines[:len(lines)-1]
				if i == t.tell {
					first--
				}
			}
			lines = append(lines, t.insightLines(x, named, lit, w)...)
		case x.flow != nil:
			lines = append(lines, t.flowLines(*x.flow, lit, w)...)
		default:
			lines = append(lines, t.grantLines(x.grants, it, lit, w)...)
		}
		if i == t.tell {
			last = len(lines) - 1
		}
		lines = append(lines, "")
	}
	return lines[:len(lines)-1], first, last
}

// insightLines is one insight: what there is to know and what to do, under the
// name of its topic unless that stands above it already.
func (t *Token) insightLines(x tell, named, lit bool, w int) []string {
	st, g := t.sh.Styles, t.sh.Glyphs
	mark, style := g.Bullet, st.Muted
	if x.warn {
		mark, style = g.Warn, st.Warn
	}
	var out []string
	if !named {
		out = append(out, st.Accent.Bold(true).Render(topicWords(x.insight.Topic)))
	}
	iw := max(10, w-4)
	for i, l := range widget.Prose(t.say(x.insight.Text), iw) {
		if i == 0 {
			out = append(out, t.headed(lit, w, piece{style, widget.Fit(mark, 2, "")}, piece{st.Text, l}))
		} else {
			out = append(out, t.painted(lit, w, piece{st.Text, "    " + l}))
		}
	}
	var body []string
	if x.insight.Do != "" {
		body = append(body, t.labelled("do", t.say(x.insight.Do), st.Pass, 4, iw)...)
		if callIn(x.insight.Do) != "" {
			body = append(body, "    "+st.Muted.Render("y copies the call"))
		}
	}
	if t.open[x.id] {
		if len(x.insight.Claims) > 0 {
			body = append(body, t.labelled("rests on", strings.Join(x.insight.Claims, ", "), st.Text, 12, iw)...)
		}
		body = append(body, t.labelled("written in", t.say(x.insight.Source), st.Muted, 12, iw)...)
	}
	return append(out, widget.Indent(body, 4)...)
}

// headed is the first line of something that is told, with the pointer when it
// is under the cursor.
func (t *Token) headed(lit bool, w int, parts ...piece) string {
	point := " "
	if lit {
		point = t.sh.Glyphs.Pointer
	}
	return t.painted(lit, w, append([]piece{{t.sh.Styles.Accent, widget.Fit(point, 2, "")}}, parts...)...)
}

// topicWords is a topic as a heading.
func topicWords(topic insight.Topic) string {
	switch topic {
	case insight.Audience:
		return "Who can verify it"
	case insight.Caller:
		return "For whom it speaks"
	case insight.Tenant:
		return "Home and guest"
	case insight.Version:
		return "v1.0 and v2.0"
	case insight.Groups:
		return "Groups"
	case insight.Permission:
		return "What it may do"
	case insight.Time:
		return "How long it lives"
	case insight.Clock:
		return "Clocks"
	}
	return string(topic)
}

// grantLines is the table of what was asked for and what came.
func (t *Token) grantLines(grants []insight.Grant, it *item, lit bool, w int) []string {
	st, g := t.sh.Styles, t.sh.Glyphs
	type column struct {
		name string
		on   func(insight.Grant) bool
	}
	var cols []column
	if it.report.Requested != nil {
		cols = append(cols, column{"asked", func(x insight.Grant) bool { return x.Requested }})
	}
	if it.report.Granted != nil {
		cols = append(cols, column{"granted", func(x insight.Grant) bool { return x.Granted }})
	}
	cols = append(cols, column{"scp", func(x insight.Grant) bool { return x.Scp }}, column{"roles", func(x insight.Grant) bool { return x.Roles }})
	room := w - 4
	for _, c := range cols {
		room -= max(len(c.name), g.StatusWidth()) + 2
	}
	name := 10
	for _, x := range grants {
		name = max(name, ansi.StringWidth(x.Name))
	}
	name = max(8, min(name, room))
	out := []string{st.Accent.Bold(true).Render("Permissions")}
	head := strings.Repeat(" ", name)
	for _, c := range cols {
		head += "  " + widget.Fit(c.name, max(len(c.name), g.StatusWidth()), "")
	}
	out = append(out, "    "+st.Muted.Render(head))
	for i, x := range grants {
		line := []piece{{st.Text, widget.Fit(widget.Elide(x.Name, name, g.Ellipsis), name, "")}}
		for _, c := range cols {
			mark, style := g.NotRun, st.Muted
			if c.on(x) {
				mark, style = g.Pass, st.Pass
			}
			line = append(line, piece{style, "  " + widget.Fit(mark, max(len(c.name), g.StatusWidth()), "")})
		}
		out = append(out, t.headed(lit && i == 0, w, append([]piece{{st.Text, "  "}}, line...)...))
		if x.Says != "" {
			style := st.Warn
			if claims.SignInScope(x.Name) {
				style = st.Muted // that it is in no token is as it should be
			}
			out = append(out, widget.Indent(widget.Render(style, widget.Prose(t.say(x.Says), max(8, w-6))), 6)...)
		}
	}
	return out
}

// alike says which flows leave the same signs, where there are any.
func alike(f infer.Guess) []string {
	var names []string
	for _, name := range f.Others {
		names = append(names, decision.Flow(name).Title())
	}
	switch n := len(names); n {
	case 0:
		return nil
	case 1:
		return []string{"A token of " + names[0] + " looks the same."}
	default:
		return []string{"Tokens of " + strings.Join(names[:n-1], ", ") + " and " + names[n-1] + " look the same."}
	}
}

// flowLines is the flow that made the token, how sure that is, and the signs.
func (t *Token) flowLines(f infer.Guess, lit bool, w int) []string {
	st := t.sh.Styles
	out := []string{st.Accent.Bold(true).Render("Which flow made it")}
	sure := map[string]string{infer.Certain: "for certain", infer.Likely: "likely; another flow could leave the same signs", infer.Possible: "possible; several flows leave the same signs"}[f.Confidence]
	name := "The token does not say"
	if f.Name != "" && f.Name != infer.Unknown {
		name = decision.Flow(f.Name).Title()
		out = append(out, t.headed(lit, w, piece{st.Bright.Bold(true), "  " + name}))
		if sure != "" {
			out = append(out, widget.Indent(widget.Render(st.Muted, widget.Prose(sure, max(8, w-4))), 4)...)
		}
	} else {
		out = append(out, t.headed(lit, w, piece{st.Text, "  " + name}))
	}
	for _, b := range append(f.Because[:len(f.Because):len(f.Because)], alike(f)...) {
		for i, l := range widget.Prose(t.say(b), max(8, w-6)) {
			mark := "  "
			if i == 0 {
				mark = widget.Fit(t.sh.Glyphs.Bullet, 2, "")
			}
			out = append(out, "    "+st.Muted.Render(mark)+st.Text.Render(l))
		}
	}
	return out
}
