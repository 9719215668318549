package command

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"flowscope/decision"
	"flowscope/engine/inspect"
	"flowscope/validate"
	"flowscope/validate/claims"
	"flowscope/validate/infer"
)

// maxClaim bounds a claim's value in the text report, in characters; the JSON
// report has all of it.
const maxClaim = 400

// verdict writes what there is to say first: good or not, what it is, and why.
func (p *page) verdict(r *inspect.Report, kind validate.Kind) {
	style, sign := p.verdictLook(r.Verdict)
	parts := []string{kindWords(r, kind)}
	if r.SubjectKind == validate.SubjectApp {
		parts = append(parts, "application")
	} else if r.SubjectKind == validate.SubjectUser && kind == validate.KindAccess {
		parts = append(parts, "delegated")
	}
	if r.Version != "" {
		parts = append(parts, "v"+r.Version)
	}
	what := strings.Join(parts, " "+p.g.Dot+" ")
	p.line(style.Render(sign+" "+string(r.Verdict)), "  ", p.st.Text.Render(what))
	p.text(2, p.st.Bright, p.c.clean(r.Summary()))
}

// flow writes which flow made a token.
func (p *page) flow(r *inspect.Report) {
	if r.Flow.Name != "" && r.Flow.Name != infer.Unknown {
		sure := " (" + r.Flow.Confidence + ")"
		if r.Made {
			sure = ", this run"
		}
		p.text(2, p.st.Muted, "made by "+decision.Flow(r.Flow.Name).Title()+sure)
	}
}

func (p *page) verdictLook(v validate.Verdict) (lipgloss.Style, string) {
	switch v {
	case validate.Valid:
		return p.st.Pass, p.g.Pass
	case validate.Invalid:
		return p.st.Fail, p.g.Fail
	}
	return p.st.Warn, p.g.NotRun
}

func kindWords(r *inspect.Report, kind validate.Kind) string {
	switch kind {
	case validate.KindAccess:
		if r.Token.ForGraph() {
			return "access token for Microsoft Graph"
		}
		return "access token"
	case validate.KindID:
		return "ID token"
	case validate.KindRefresh:
		return "refresh token"
	case validate.KindEncrypted:
		return "encrypted token"
	}
	if r.Token.Header != nil {
		return "damaged token"
	}
	return "opaque string"
}

// claims writes the claims in their groups, each with its meaning.
func (p *page) claims(r *inspect.Report) {
	if r.Token.Claims.Len() == 0 {
		return
	}
	p.head("Claims", "")
	rest := r.Token.Claims.Members()
	for _, group := range claims.Groups() {
		var left, here []validate.Member
		for _, m := range rest {
			if e, ok := claims.Lookup(m.Name, r.Kind); ok && e.Group == group {
				here = append(here, m)
			} else {
				left = append(left, m)
			}
		}
		rest = left
		p.group(string(group), here, func(name string) string {
			e, _ := claims.Lookup(name, r.Kind)
			v, _ := r.Token.Claims.Get(name)
			return meaning(e.Meaning, claims.Value(name, v))
		})
	}
	p.group("Others", rest, func(string) string { return "" })
}

// header writes the JOSE header.
func (p *page) header(r *inspect.Report) {
	if r.Token.Header.Len() == 0 {
		return
	}
	p.head("Header", "")
	p.group("", r.Token.Header.Members(), func(name string) string {
		e, _ := claims.Header(name)
		v, _ := r.Token.Header.Get(name)
		return meaning(e.Meaning, claims.HeaderValue(name, v))
	})
}

// meaning says what a claim is, and what its value is where that is a code.
func meaning(claim, value string) string {
	if claim == "" || value == "" {
		return claim + value
	}
	return strings.TrimSuffix(claim, ".") + ": " + value + "."
}

// nameColumn is the width of a claim's name, valueColumn that of its value.
const (
	nameColumn  = 20
	valueColumn = 26
)

func (p *page) group(title string, members []validate.Member, meaning func(string) string) {
	if len(members) == 0 {
		return
	}
	if title != "" {
		p.line("  ", p.st.Muted.Render(title))
	}
	for _, m := range members {
		name, value := p.c.clean(bounded(m.Name)), p.c.clean(bounded(claimValue(m)))
		left := p.st.Accent.Render(pad(name, nameColumn))
		says := meaning(m.Name)
		behind := ansi.StringWidth(value) < valueColumn && 4+nameColumn+valueColumn+len(says) <= p.width
		if behind {
			p.line("    ", left, p.st.Bright.Render(pad(value, valueColumn)), p.st.Muted.Render(says))
			continue
		}
		p.line("    ", left, p.st.Bright.Render(value))
		p.text(4+nameColumn, p.st.Muted, says)
	}
}

func bounded(s string) string {
	if utf8.RuneCountInString(s) > maxClaim {
		return string([]rune(s)[:maxClaim]) + "..."
	}
	return s
}

// claimValue gives the value as text, and a date beside its seconds.
func claimValue(m validate.Member) string {
	text := m.Value.Text()
	switch m.Name {
	case "exp", "nbf", "iat", "auth_time", "xms_st", "xms_tcdt":
		n, err := strconv.ParseFloat(text, 64)
		if m.Value.Type == validate.TypeNumber && err == nil && n >= 0 && n <= lastSecond {
			return text + "  " + time.Unix(int64(n), 0).UTC().Format("2006-01-02 15:04:05 UTC")
		}
	}
	return text
}

// checks writes all checks, failures first. Of a string that can't be read those
// that could not be run are only counted.
func (p *page) checks(r *inspect.Report, all []validate.Result) {
	counts := map[validate.Status]int{}
	for _, check := range all {
		counts[check.Status]++
	}
	var words []string
	order := []validate.Status{validate.StatusFail, validate.StatusWarn, validate.StatusPass, validate.StatusNotRun}
	for _, s := range order {
		if n := counts[s]; n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, strings.ReplaceAll(string(s), "-", " ")))
		}
	}
	p.head("Checks", strings.Join(words, " "+p.g.Dot+" "))
	for _, s := range order {
		for _, check := range all {
			if check.Status == s && (s != validate.StatusNotRun || r.Token.Header != nil || check.ID == "format") {
				p.check(2, check)
			}
		}
	}
}

// idColumn is the width of a check's id.
const idColumn = 18

// check writes one check; one that did not pass with what it expected, what it
// found and what to change.
func (p *page) check(indent int, check validate.Result) {
	style, sign := p.checkLook(check.Status)
	column := p.g.StatusWidth() + 1
	left := strings.Repeat(" ", indent)
	lines := wrap(p.c.clean(check.Why), max(20, p.width-indent-column-idColumn))
	if len(lines) == 0 {
		lines = []string{""}
	}
	p.line(left, style.Render(pad(sign, column)), p.st.Text.Render(pad(check.ID, idColumn)), p.st.Muted.Render(lines[0]))
	for _, l := range lines[1:] {
		p.line(left, strings.Repeat(" ", column+idColumn), p.st.Muted.Render(l))
	}
	if check.Status != validate.StatusFail && check.Status != validate.StatusWarn {
		return
	}
	for _, pair := range [][2]string{
		{"expected", check.Expected}, {"found", check.Found}, {"change", check.Fix}, {"written in", check.Source},
	} {
		if pair[1] != "" {
			p.labelled(indent+column+idColumn, pair[0], 12, p.st.Bright, p.c.clean(pair[1]))
		}
	}
}

func (p *page) checkLook(s validate.Status) (lipgloss.Style, string) {
	switch s {
	case validate.StatusPass:
		return p.st.Pass, p.g.Pass
	case validate.StatusFail:
		return p.st.Fail, p.g.Fail
	case validate.StatusWarn:
		return p.st.Warn, p.g.Warn
	}
	return p.st.Muted, p.g.NotRun
}
