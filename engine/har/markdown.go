package har

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"

	"flowscope/engine/trace"
)

// markdown writes a report for people: what happened, each exchange, the tokens
// and the explanation.
func (x *export) markdown() (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n", md(x.title()))
	t := x.trace
	target := md(t.Target)
	if t.Live {
		target += " (live)"
	}
	fmt.Fprintf(&b, "- Outcome: %s\n- Target: %s\n", md(x.outcome()), target)
	if t.Driver != "" {
		fmt.Fprintf(&b, "- Requests built by: %s\n", md(t.Driver))
	}
	if t.Registration != nil && t.Registration.ClientID != "" {
		fmt.Fprintf(&b, "- Application: %s %s\n", md(t.Registration.Name), codeSpan(t.Registration.ClientID))
	}
	if len(t.Exchanges) > 0 && !t.Exchanges[0].Started.IsZero() {
		fmt.Fprintf(&b, "- Begun: %s\n", t.Exchanges[0].Started.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	x.mdFindings(&b)
	x.mdSteps(&b)
	for _, e := range x.shown {
		x.mdExchange(&b, x.exchange(e))
	}
	x.mdTokens(&b)
	if lib := t.Library; lib != nil && (lib.Result != "" || lib.Error != "") {
		fmt.Fprintf(&b, "\n## What %s returned\n\n%s\n", md(lib.Name), md(x.line(lib.Result+lib.Error)))
	}
	b.WriteString("\n---\n\n")
	for _, l := range x.receipt().Lines() {
		fmt.Fprintf(&b, "- %s\n", md(l))
	}
	return b.String(), nil
}

func (x *export) mdFindings(b *strings.Builder) {
	if r := x.trace.Refusal; r != nil {
		fmt.Fprintf(b, "\n## Refused by us: %s\n\n%s\n", md(r.Check), md(x.line(r.Why)))
	}
	for _, f := range x.o.Findings {
		fmt.Fprintf(b, "\n## %s\n\n", md(x.line(f.Title)))
		for _, l := range f.Lines {
			fmt.Fprintf(b, "- %s\n", md(x.line(l)))
		}
	}
}

func (x *export) mdSteps(b *strings.Builder) {
	if len(x.o.Steps) == 0 {
		return
	}
	b.WriteString("\n## Steps\n\n| | step | from | to | channel | state |\n|---:|---|---|---|---|---|\n")
	for _, s := range x.o.Steps {
		fmt.Fprintf(b, "| %d | %s | %s | %s | %s | %s |\n", s.N, md(s.Title), md(x.partyName(s.From)), md(x.partyName(s.To)), md(string(s.Channel)), md(s.State))
	}
}

// mdExchange writes an exchange that was masked already.
func (x *export) mdExchange(b *strings.Builder, e trace.Exchange) {
	fmt.Fprintf(b, "\n## %d · %s\n\n%s → %s, %s channel", e.N, md(x.name(e)), md(x.partyName(e.From)), md(x.partyName(e.To)), md(string(e.Channel)))
	if e.Response != nil {
		fmt.Fprintf(b, ", %d ms", e.Took.Milliseconds())
	}
	b.WriteString("\n")
	for _, c := range append(append([]string(nil), e.Changes...), e.AnswerChanges...) {
		fmt.Fprintf(b, "\n- Changed: %s", md(trace.Plain(c)))
	}
	b.WriteString("\n" + fence(requestText(e.Request), "http"))
	if e.Original != nil {
		b.WriteString("\nAs the program built it:\n\n" + fence(requestText(*e.Original), "http"))
	}
	switch {
	case e.Response != nil:
		b.WriteString("\n" + fence(responseText(*e.Response), "http"))
	case e.Refused != "":
		fmt.Fprintf(b, "\nIt was not sent: %s.\n", md(trace.Plain(e.Refused)))
	case e.Err != "":
		fmt.Fprintf(b, "\nThere is no answer: %s.\n", md(trace.Plain(e.Err)))
	case e.Note != "":
		fmt.Fprintf(b, "\n%s.\n", md(trace.Plain(e.Note)))
	default:
		b.WriteString("\nIt was not sent.\n")
	}
	if e.OriginalResponse != nil {
		b.WriteString("\nAs the server answered:\n\n" + fence(responseText(*e.OriginalResponse), "http"))
	}
}

func requestText(r trace.Request) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", trace.Plain(r.Method), trace.Plain(r.URL))
	headerText(&b, r.Header)
	if r.IsForm() {
		b.WriteString("\n")
		for i, p := range r.FormParams() {
			if i > 0 {
				b.WriteString("&")
			}
			fmt.Fprintf(&b, "%s=%s\n", trace.Plain(p.Name), trace.Plain(p.Value))
		}
		return b.String()
	}
	bodyText(&b, r.Body)
	return b.String()
}

func responseText(r trace.Response) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s\n", r.Status, http.StatusText(r.Status))
	headerText(&b, r.Header)
	bodyText(&b, r.Body)
	if r.Truncated {
		b.WriteString("\n(cut: the body was longer than 8 MiB)\n")
	}
	return b.String()
}

func headerText(b *strings.Builder, h http.Header) {
	for _, p := range (trace.Request{Header: h}).HeaderParams() {
		fmt.Fprintf(b, "%s: %s\n", trace.Plain(p.Name), trace.Plain(p.Value))
	}
}

// maxBodyText is how much of a body a report shows.
const maxBodyText = 16 << 10

func bodyText(b *strings.Builder, body []byte) {
	switch {
	case len(body) == 0:
	case !isText(body):
		fmt.Fprintf(b, "\n(%d bytes that are no text)\n", len(body))
	default:
		text := trace.PlainLines(pretty(string(body)))
		if len(text) > maxBodyText {
			text = strings.ToValidUTF8(text[:maxBodyText], "") + fmt.Sprintf("\n(and %d more bytes)", len(text)-maxBodyText)
		}
		b.WriteString("\n" + text + "\n")
	}
}

// mdTokens writes header and claims of each token that can be read.
func (x *export) mdTokens(b *strings.Builder) {
	for _, tok := range x.trace.Tokens {
		if x.o.Exchange != 0 && tok.Exchange != x.o.Exchange {
			continue
		}
		fmt.Fprintf(b, "\n## %s token, from exchange %d\n\n", tokenName(tok.Kind), tok.Exchange)
		header, claims, ok := decode(tok.Value)
		if !ok {
			b.WriteString("It is opaque: nobody but its issuer reads it.\n")
			continue
		}
		b.WriteString("Header:\n\n" + fence(trace.PlainLines(x.text(header)), "json") + "\nClaims:\n\n" + fence(trace.PlainLines(x.text(claims)), "json"))
	}
}

func tokenName(k trace.TokenKind) string {
	switch k {
	case trace.AccessToken:
		return "Access"
	case trace.IDToken:
		return "ID"
	case trace.RefreshToken:
		return "Refresh"
	}
	return md(string(k))
}

// decode reads header and claims of a signed token, without its signature.
func decode(token string) (header, claims string, ok bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "", "", false
	}
	h, err := base64.RawURLEncoding.DecodeString(parts[0])
	c, err2 := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || err2 != nil || !isText(h) || !isText(c) {
		return "", "", false
	}
	return pretty(string(h)), pretty(string(c)), true
}

// md escapes what Markdown would obey.
func md(s string) string {
	var b strings.Builder
	for _, r := range trace.Plain(s) {
		switch r {
		case '<':
			b.WriteString("&lt;")
		case '&':
			b.WriteString("&amp;")
		case '\\', '`', '*', '_', '[', ']', '|', '#', '!', '~', '>', '$':
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// codeSpan sets a value in code letters.
func codeSpan(s string) string {
	s = strings.ReplaceAll(trace.Plain(s), "`", "'")
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}

// fence sets text as code, with a fence that the text can't end.
func fence(text, language string) string {
	mark := "```"
	for strings.Contains(text, mark) {
		mark += "`"
	}
	return "\n" + mark + language + "\n" + strings.TrimRight(text, "\n") + "\n" + mark + "\n"
}
