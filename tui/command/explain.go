package command

import (
	"encoding/json"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"

	"flowscope/engine/explain"
	"flowscope/engine/trace"
)

// maxPasted bounds a pasted error, in bytes.
const maxPasted = 1 << 20

// minPastedSecret is the length from which the value of a parameter in a pasted
// error is taken to be a secret: "code" is an authorization code in one place
// and the number of an error in another.
const minPastedSecret = 24

func explainCommand(c *call) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain [CODE|TEXT|URL|-]",
		Short: "Explain an error",
		Long: `Says what an error means, why it happens, what to change and where it is
written. It reads a code, the body of an answer, the address of an error page,
or lines of a log. Without an argument, or with -, it reads standard input.`,
		Example: "  flowscope explain AADSTS50011\n  flowscope explain < error.json",
		RunE: func(cmd *cobra.Command, args []string) error {
			text := strings.Join(args, " ")
			if len(args) == 0 || text == "-" {
				if c.d.Terminal {
					c.say("Paste the error, then press ctrl+d.")
				}
				var err error
				if text, err = c.readIn(cmd.Context(), maxPasted); err != nil {
					return err
				}
			}
			return c.explain(cmd, text)
		},
	}
	jsonFlag(cmd, c)
	return cmd
}

// explained is one error of explain --json.
type explained struct {
	Code   string   `json:"code"`
	Name   string   `json:"name"`
	Known  bool     `json:"known"`
	What   string   `json:"what"`
	Why    []string `json:"why"`
	Fix    []string `json:"fix"`
	Who    string   `json:"who"`
	Retry  bool     `json:"retry"`
	Source string   `json:"source"`
}

func (c *call) explain(cmd *cobra.Command, text string) error {
	text = strings.TrimSpace(text)
	if text == "" {
		return usage(cmd, "%v: give a code, or an error on standard input", errEmpty)
	}
	c.learnPasted(text)
	findings := explain.Read(text)
	if number := errorPage(text); len(findings) == 0 && number != "" {
		findings = explain.Read(number)
	}
	if len(findings) == 0 && len(strings.Fields(text)) == 1 && utf8.RuneCountInString(text) <= 60 {
		findings = []explain.Finding{unknownCode(trace.Plain(text))}
	}
	if c.json {
		doc := struct {
			Schema int         `json:"schema"`
			Errors []explained `json:"errors"`
		}{1, []explained{}}
		for _, f := range findings {
			doc.Errors = append(doc.Errors, explained{
				f.Code, f.Name, f.Known(), f.What, list(f.Why), fixes(f), f.Who, f.Retry, strings.Join(f.Source, "; "),
			})
		}
		if err := c.printJSON(doc); err != nil {
			return err
		}
	}
	if len(findings) == 0 {
		c.say("flowscope: no error code in that text")
		return status(exitError)
	}
	if !c.json {
		p := newPage(c)
		for _, f := range findings {
			p.gap()
			p.finding(f)
		}
		p.flush()
	}
	return nil
}

// errorPage gives the number in the address of Entra's page about an error,
// https://login.microsoftonline.com/error?code=50011.
func errorPage(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return ""
	}
	if number := u.Query().Get("code"); strings.Trim(number, "0123456789") == "" {
		return number
	}
	return ""
}

// unknownCode is what can be said of a word that is no code we know.
func unknownCode(word string) explain.Finding {
	return explain.Finding{
		Code: word,
		What: "The catalogue holds no error of this name.",
		Why:  []string{"It is none of the documented AADSTS codes, and no error value of OAuth 2.0, OpenID Connect or bearer tokens."},
		Fix:  []explain.Fix{{Title: "Paste the whole error: the body of the answer, the address of the page, or the line of the log."}},
		Who:  explain.Developer, Confidence: explain.Possible,
	}
}

// learnPasted takes note of the secrets in a pasted error, so that none of them
// comes out again.
func (c *call) learnPasted(text string) {
	learn := func(name, value string) {
		if (trace.IsSecret(name) || trace.IsToken(name)) && len(value) >= minPastedSecret {
			c.redactor().Value(name, value)
		}
	}
	for _, pair := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("?#& \t\r\n\"'", r) }) {
		name, value, _ := strings.Cut(pair, "=")
		if u, err := url.QueryUnescape(value); err == nil {
			learn(name, u)
		}
		learn(name, value)
	}
	var members map[string]any
	if json.Unmarshal([]byte(text), &members) == nil {
		for name, v := range members {
			if s, ok := v.(string); ok {
				learn(name, s)
			}
		}
	}
}

// list gives a list that is never null in JSON.
func list(s []string) []string { return append([]string{}, s...) }

// fixes gives each fix as one text: what, where, and the command.
func fixes(f explain.Finding) []string {
	out := []string{}
	for _, x := range f.Fix {
		parts := []string{x.Title}
		for _, more := range []string{x.Where, x.Command, x.Note, x.Code} {
			if more != "" {
				parts = append(parts, more)
			}
		}
		out = append(out, strings.Join(parts, "\n"))
	}
	return out
}

// The column of a finding's labels.
const findingColumn = 16

// finding writes the four parts of an explanation.
func (p *page) finding(f explain.Finding) {
	c := p.c
	title := p.st.Fail.Render(p.g.Fail) + " " + p.st.Title.Render(c.clean(f.Code))
	if f.Name != "" && f.Name != f.Code {
		title += "  " + p.st.Text.Render(c.clean(f.Name))
	}
	p.line(title)
	part := func(label, s string) {
		if s != "" {
			p.labelled(2, label, findingColumn, p.st.Text, c.clean(s))
		}
	}
	part("What happened", f.What)
	if f.Stage != "" {
		p.labelled(2, " ", findingColumn, p.st.Muted, c.clean(f.Stage))
	}
	for i, why := range f.Why {
		part(first(i, "Why"), why)
	}
	p.evidence(f.Evidence)
	if f.ServerWords != "" {
		part(f.Speaker(), f.ServerWords)
	}
	p.fixList(f.Fix)
	for i, source := range f.Source {
		part(first(i, "Written in"), source)
	}
	p.support(f.Support)
	if f.FlowRight != "" {
		style := p.st.Pass
		if !strings.HasPrefix(f.FlowRight, "The flow is right") {
			style = p.st.Warn
		}
		p.labelled(2, "", findingColumn, style, c.clean(f.FlowRight))
	}
}

// first gives the label for the first of several lines, and a blank for the others.
func first(i int, label string) string {
	if i == 0 {
		return label
	}
	return " "
}

// evidence writes the values that were seen, with a mark under the first
// character that differs.
func (p *page) evidence(all []explain.Evidence) {
	column := 0
	for _, e := range all {
		column = max(column, ansi.StringWidth(p.c.clean(e.Label))+2)
	}
	left := strings.Repeat(" ", 2+findingColumn)
	for _, e := range all {
		value := p.c.clean(e.Value)
		note := ""
		if e.Note != "" {
			note = "  " + p.st.Muted.Render(p.c.clean(e.Note))
		}
		marked := e.At >= 0 && e.At <= utf8.RuneCountInString(value) && e.Compare != ""
		label := p.st.Muted.Render(pad(p.c.clean(e.Label), column))
		if !marked {
			p.line(left, label, p.st.Bright.Render(value), note)
			continue
		}
		p.line(left, label, p.st.Bright.Render(value))
		before := ansi.StringWidth(string([]rune(value)[:e.At]))
		p.line(left, strings.Repeat(" ", column+before), p.st.Fail.Render(p.g.Caret), note)
	}
}

func (p *page) fixList(all []explain.Fix) {
	for i, x := range all {
		label := p.st.Muted.Render(pad(first(i, "What to change"), findingColumn))
		for j, l := range wrap(p.c.clean(x.Title), max(20, p.width-4-findingColumn)) {
			if j == 0 {
				p.line("  ", label, p.st.Accent.Render(p.g.Bullet), " ", p.st.Bright.Render(l))
			} else {
				p.line(strings.Repeat(" ", 4+findingColumn), p.st.Bright.Render(l))
			}
		}
		left := strings.Repeat(" ", 4+findingColumn)
		if x.Where != "" {
			p.labelled(4, " ", findingColumn, p.st.Text, p.c.clean(x.Where))
		}
		if x.Command != "" { // whole, so that it can be copied
			p.line(left, p.st.Accent.Render(p.c.clean(x.Command)))
		}
		if x.Note != "" {
			p.labelled(4, " ", findingColumn, p.st.Muted, p.c.clean(x.Note))
		}
		for l := range strings.SplitSeq(trace.PlainLines(p.c.mask(x.Code)), "\n") {
			if x.Code != "" {
				p.line(left, p.st.Text.Render(l))
			}
		}
	}
}

func (p *page) support(s explain.Support) {
	for _, pair := range [][2]string{{"Trace id", s.TraceID}, {"Correlation id", s.CorrelationID}, {"Time", s.Timestamp}} {
		if pair[1] != "" {
			p.labelled(2, pair[0], findingColumn, p.st.Muted, p.c.clean(pair[1]))
		}
	}
}
