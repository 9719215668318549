package command

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"flowscope/engine/inspect"
	"flowscope/validate"
	"flowscope/validate/diff"
	"flowscope/validate/infer"
	"flowscope/validate/insight"
	"flowscope/validate/middleware"
)

// given writes all that there is to say of a token: the verdict and what is wrong
// first, then what it says.
func (p *page) given(g *given) {
	r := g.report
	p.verdict(r, r.Kind)
	p.unstated(g)
	p.flow(r)
	for _, because := range r.Flow.Because {
		if r.Flow.Name != infer.Unknown {
			p.labelled(4, p.g.Dot, 2, p.st.Muted, p.c.clean(because))
		}
	}
	if words := speaker(r); words != "" {
		p.text(2, p.st.Muted, p.c.clean(words))
	}
	if issued, ends := lasting(r.Token, r.Expect.Now); ends != "" {
		p.text(2, p.st.Muted, strings.TrimPrefix(issued+"; "+ends, "; "))
	}
	if g.comparison != nil {
		p.comparison(g)
		return
	}
	first := r.Verdict == validate.Invalid || r.Verdict == validate.Unverified && r.Token.Claims.Len() > 0
	if first { // the checks are why it is not valid
		p.checks(r, g.checks())
	}
	p.insights(g.insights)
	p.grants(g.grants)
	if !first {
		p.checks(r, g.checks())
	}
	p.opinions(g.opinions)
	p.claims(r)
	p.header(r)
	p.keys(r)
	if r.Token.Claims.Len() > 0 && r.Verdict == validate.Unverified {
		p.gap()
		p.text(0, p.st.Muted, "What you expect is said with --issuer, --audience, --tenant, --scope, --role, --caller and --nonce, or with --profile; what nobody said is not checked.")
	}
}

// unstated says, before all else, which statement a token lacks to become valid.
func (p *page) unstated(g *given) {
	r := g.report
	if r.Verdict != validate.Unverified || r.Token.Claims.Len() == 0 {
		return
	}
	want, words := r.Expect, ""
	switch none := len(want.Audiences) == 0; {
	case want.Issuer == "" && none:
		words = "expected: no issuer and no audience yet; say --issuer and --audience"
	case want.Issuer == "":
		words = "expected: no issuer yet; say --issuer"
	case g.left["audience"][0] != "":
		words = "expected: no audience of its own yet; say --client"
	case none && r.Kind != validate.KindID:
		words = "expected: no audience yet; say --audience"
	case none:
		words = "expected: no audience yet; say --client or --audience"
	}
	if words != "" {
		p.text(2, p.st.Warn, words)
	}
}

// speaker says for whom a token speaks, by its own account.
func speaker(r *inspect.Report) string {
	t := r.Token
	if t.Claims.Len() == 0 {
		return ""
	}
	client := t.Client()
	if r.SubjectKind == validate.SubjectApp {
		if client == "" {
			return ""
		}
		return "speaks for the application " + client
	}
	who := ""
	for _, name := range [...]string{"preferred_username", "upn", "unique_name", "email", "oid", "sub"} {
		if who = t.Claims.String(name); who != "" {
			break
		}
	}
	if name := t.Claims.String("name"); name != "" && who != "" {
		who = name + " (" + who + ")"
	}
	switch {
	case who == "":
		return ""
	case client == "" || r.Kind == validate.KindID:
		return "speaks for " + who
	}
	return "speaks for " + who + ", by the client " + client
}

// insights writes what there is to know about a token, warnings with their sign.
func (p *page) insights(all []insight.Insight) {
	if len(all) == 0 {
		return
	}
	p.head("Worth knowing", "")
	column := p.g.StatusWidth() + 1
	for _, i := range all {
		sign, style := p.g.Bullet, p.st.Muted
		if i.Warn {
			sign, style = p.g.Warn, p.st.Warn
		}
		p.signed(2, sign, style, p.st.Text, p.c.clean(i.Text))
		if i.Do != "" {
			p.labelled(2+column, "do", 4, p.st.Bright, p.c.clean(i.Do))
		}
	}
}

// grants writes which permission stood where.
func (p *page) grants(all []insight.Grant) {
	if len(all) == 0 {
		return
	}
	p.head("Permissions", "")
	type column struct {
		title string
		in    func(g insight.Grant) bool
	}
	var columns []column
	for _, c := range []column{
		{"requested", func(g insight.Grant) bool { return g.Requested }},
		{"granted", func(g insight.Grant) bool { return g.Granted }},
		{"scp", func(g insight.Grant) bool { return g.Scp }},
		{"roles", func(g insight.Grant) bool { return g.Roles }},
	} {
		for _, g := range all {
			if c.in(g) {
				columns = append(columns, c)
				break
			}
		}
	}
	width := 0
	for _, g := range all {
		width = max(width, ansi.StringWidth(p.c.clean(g.Name)))
	}
	width = min(width, 30) + 2
	head := strings.Repeat(" ", width)
	for _, c := range columns {
		head += c.title + "  "
	}
	p.line("  ", p.st.Muted.Render(strings.TrimRight(head, " ")))
	for _, g := range all {
		cells := ""
		for _, c := range columns {
			cell := p.g.NotRun
			if c.in(g) {
				cell = p.g.Pass
			}
			cells += pad(cell, len(c.title)+2)
		}
		p.line("  ", p.st.Bright.Render(pad(p.c.clean(g.Name), width)), p.st.Text.Render(cells))
		if g.Says != "" {
			p.text(4, p.st.Muted, p.c.clean(g.Says))
		}
	}
}

// opinions writes what common libraries would do with the token.
func (p *page) opinions(all []middleware.Opinion) {
	if len(all) == 0 {
		return
	}
	p.head("What would my API do?", opinionCount(all))
	column := p.g.StatusWidth() + 1
	for _, o := range all {
		sign, style, answer, fix := p.g.NotRun, p.st.Muted, string(o.Answer), "change"
		switch {
		case o.Harm == middleware.HarmAccepts:
			sign, style, answer = p.g.Fail, p.st.Fail, answer+", wrongly"
		case o.Harm == middleware.HarmRefuses:
			sign, style, answer = p.g.Warn, p.st.Warn, answer+", wrongly"
		case o.Harm == middleware.HarmStricter:
			sign, style, answer, fix = p.g.Pass, p.st.Text, answer+", stricter", "to allow"
		case o.Answer != middleware.Open:
			sign, style = p.g.Pass, p.st.Pass
		}
		p.line("  ", style.Render(pad(sign, column)), style.Render(pad(answer, idColumn)), p.st.Bright.Render(p.c.clean(libraryName(o.Profile))))
		for _, pair := range [][2]string{{"set up", o.Profile.Setup}, {"rule", o.Rule}, {"why", o.Why}, {fix, o.Fix}} {
			if pair[1] != "" {
				p.labelled(2+column+idColumn, pair[0], 9, p.st.Text, p.c.clean(pair[1]))
			}
		}
	}
}

// libraryName is a library's name with the part of its version that rules differ
// by: 9 of 9.0.3, 0.4 of 0.4.
func libraryName(p middleware.Profile) string {
	n, _, _ := strings.Cut(p.Version, ".")
	switch {
	case n == "" || strings.Trim(n, "0123456789") != "":
		return p.Name
	case n == "0":
		return p.Name + " " + p.Version
	}
	return p.Name + " " + n
}

// opinionCount counts the answers, those that are wrong and those that are stricter.
func opinionCount(all []middleware.Opinion) string {
	counts, harms := map[middleware.Answer]int{}, map[middleware.Harm]int{}
	for _, o := range all {
		counts[o.Answer]++
		harms[o.Harm]++
	}
	words := fmt.Sprintf("%d accept, %d reject", counts[middleware.Accepts], counts[middleware.Rejects])
	if n := counts[middleware.Open]; n > 0 {
		words += fmt.Sprintf(", %d open", n)
	}
	if n := harms[middleware.HarmAccepts] + harms[middleware.HarmRefuses]; n > 0 {
		words += fmt.Sprintf("; %d wrongly", n)
	}
	if n := harms[middleware.HarmStricter]; n > 0 {
		words += fmt.Sprintf("; %d stricter than here", n)
	}
	return words
}

// keys writes how the key was come by, whom it would take a word to ask, and what
// the clocks say.
func (p *page) keys(r *inspect.Report) {
	if len(r.Requests) > 0 {
		p.head("Requests", counted(len(r.Requests), "was sent for the keys", "were sent for the keys")+"; the token was in none")
	}
	for i := range r.Requests {
		e := requestOf(&r.Requests[i])
		answer := fmt.Sprintf("%d, %d ms", e.Status, e.MS)
		if e.Error != "" {
			answer = p.c.clean(e.Error)
		}
		p.labelled(2, e.Method, 5, p.st.Text, p.c.clean(e.URL)+" "+answer)
		if e.Note != "" {
			p.text(7, p.st.Muted, p.c.clean(e.Note))
		}
	}
	if r.Ask != "" {
		p.gap()
		words, flag := "Nobody was asked for its keys: only the token names its issuer. If that is the one you trust, say so:", "--issuer "
		var e *validate.KeyError
		if errors.As(r.KeyError(), &e) && e.Reason == validate.KeyElsewhere {
			words, flag = "The issuer has its keys on another host, which was not asked. If you trust it, say so:", "--jwks "
		}
		p.signed(0, p.g.Warn, p.st.Warn, p.st.Text, words)
		p.line("    "+flag, p.st.Bright.Render(p.c.clean(r.Ask)))
	}
	if r.Clock.Known {
		p.gap()
		p.text(0, p.st.Muted, clockWords(r.Clock))
	}
}

// clockWords says how far the clocks are apart.
func clockWords(c inspect.Clock) string {
	switch {
	case c.Ahead == 0:
		return "This clock and that of " + c.Host + " agree to the second."
	case c.Ahead > 0:
		return "This clock is " + validate.Span(c.Ahead) + " ahead of that of " + c.Host + "."
	}
	return "This clock is " + validate.Span(c.Ahead) + " behind that of " + c.Host + "."
}

// comparison writes two tokens side by side: what matters with a sentence, the
// rest in a line.
func (p *page) comparison(g *given) {
	c := g.comparison
	p.head("Compared", p.c.clean(kindName(g.kind())+" with "+kindName(g.other.kind())))
	p.text(2, p.st.Bright, p.c.clean(c.What))
	for _, note := range c.Notes {
		p.text(2, p.st.Text, p.c.clean(note))
	}
	var same []string
	for _, r := range c.Rows {
		if r.State == diff.Same {
			same = append(same, p.c.clean(r.Name))
			continue
		}
		p.row(r)
	}
	if len(same) > 0 {
		p.gap()
		p.labelled(2, "the same", 10, p.st.Muted, strings.Join(same, ", "))
	}
}

// row writes one claim that differs.
func (p *page) row(r diff.Row) {
	name := r.Name
	if r.Other != r.Name {
		name += " / " + r.Other
	}
	if r.Header {
		name += " (header)"
	}
	p.gap()
	p.line("  ", p.st.Bright.Render(p.c.clean(name)), "  ", p.st.Muted.Render(string(r.State)))
	for _, side := range [...]struct {
		label string
		v     validate.Value
	}{{"left", r.Left}, {"right", r.Right}} {
		if side.v.Type != validate.TypeNone {
			p.broken(4, side.label, 8, p.st.Text, p.c.clean(bounded(claimValue(validate.Member{Name: r.Name, Value: side.v}))))
		}
	}
	if r.Says != "" {
		p.text(4, p.st.Muted, p.c.clean(r.Says))
	}
}

func kindName(k validate.Kind) string {
	switch k {
	case validate.KindAccess:
		return "access token"
	case validate.KindID:
		return "ID token"
	case validate.KindRefresh:
		return "refresh token"
	case validate.KindEncrypted:
		return "encrypted token"
	}
	return "opaque string"
}

// lasting says when a token was issued, and when it ends and how far its dates are apart.
func lasting(t *validate.Token, at time.Time) (issued, ends string) {
	begin, _ := t.Claims.Get("iat")
	end, _ := t.Claims.Get("exp")
	from, ok := begin.Date()
	to, ok2 := end.Date()
	switch {
	case !ok:
	case from.After(at):
		issued = "issued " + clockTime(from) + ", " + spanOf(at, from) + " from now"
	default:
		issued = "issued " + clockTime(from) + ", " + ago(from, at)
	}
	switch {
	case !ok2:
	case to.After(at):
		ends = "expires " + clockTime(to) + ", in " + spanOf(at, to)
	default:
		ends = "expired " + clockTime(to) + ", " + ago(to, at)
	}
	if ok && ok2 && to.After(from) {
		ends += "; exp is " + spanOf(from, to) + " after iat"
	}
	return issued, ends
}

func ago(from, at time.Time) string {
	if at.Unix() == from.Unix() {
		return "just now"
	}
	return spanOf(from, at) + " ago"
}

// spanOf says how long it is from one time to a later one. A Duration ends at 292
// years, and a token may name the year 9999.
func spanOf(from, to time.Time) string {
	const year = 31556952 // seconds, by the Gregorian calendar
	if n := (to.Unix() - from.Unix()) / year; n >= 100 {
		return fmt.Sprintf("%d years", n)
	}
	return validate.Span(to.Sub(from))
}

func clockTime(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
