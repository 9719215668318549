package token

import (
	"fmt"
	"strings"

	"flowscope/engine/trace"
	"flowscope/validate"
	"flowscope/validate/claims"
)

// markdown writes the report down for a ticket or a chat: verdict, claims and
// checks. The token itself is not in it, and what is known to be secret is
// masked.
func (t *Token) markdown(it *item) string {
	var b strings.Builder
	r := it.report
	fmt.Fprintf(&b, "# %s: %s\n\n%s\n\n", strings.ToUpper(string(r.Verdict)), kindWords(r), inText(it.summary))
	if more := about(r, it.from); len(more) > 0 {
		fmt.Fprintf(&b, "%s.\n\n", inText(strings.Join(more, ", ")))
	}
	b.WriteString("## Checks\n\n| check | status | expected | found | why | fix |\n|---|---|---|---|---|---|\n")
	for _, c := range it.checks {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", c.ID, c.Status, inCode(c.Expected), inCode(c.Found), inText(c.Why), inText(c.Fix))
	}
	if it.hidden > 0 {
		fmt.Fprintf(&b, "\n%s\n", it.hiddenWords())
	}
	if len(it.rows) > 0 {
		b.WriteString("\n## Claims and header\n")
	}
	group := claims.Group("")
	for _, x := range it.rows {
		if x.group != group {
			group = x.group
			fmt.Fprintf(&b, "\n### %s\n\n| name | value | meaning |\n|---|---|---|\n", group)
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", inCode(x.name), inCode(x.text), inText(t.meaningOf(x)))
	}
	if r.Verdict == validate.Unverified {
		b.WriteString("\nUnverified means: nothing failed, but something needed could not be checked.\n")
	}
	return t.sh.Secrets.Text(b.String())
}

// inText makes text fit for a table cell: on one line, and nothing in it is
// read as Markdown or HTML.
func inText(s string) string {
	return strings.NewReplacer("\\", "\\\\", "|", "\\|", "<", "&lt;", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]").Replace(trace.Plain(s))
}

// inCode puts a value between backticks; empty stays empty.
func inCode(s string) string {
	if s == "" {
		return ""
	}
	s = strings.NewReplacer("`", "'", "|", "\\|").Replace(trace.Plain(s))
	return "`" + s + "`"
}
