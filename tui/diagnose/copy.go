package diagnose

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"flowscope/engine/explain"
	"flowscope/engine/trace"
)

// copy puts the finding on the clipboard as Markdown, secrets masked.
func (d *Diagnose) copy() tea.Cmd {
	f, ok := d.finding()
	if !ok {
		return nil
	}
	return d.sh.Copy(d.sh.Secrets.Text(d.markdown(f)), "the diagnosis")
}

// markdown writes the four parts down for a ticket or a chat.
func (d *Diagnose) markdown(f explain.Finding) string {
	var b strings.Builder
	title := inText(f.Code)
	if f.Name != "" {
		title += " " + inText(f.Name)
	}
	fmt.Fprintf(&b, "# %s\n\n%s\n", title, inText(f.What))
	if f.Stage != "" {
		fmt.Fprintf(&b, "\n%s\n", inText(f.Stage))
	}
	b.WriteString("\n## Why\n\n")
	for _, e := range f.Evidence {
		fmt.Fprintf(&b, "- %s: %s", inText(e.Label), inCode(e.Value))
		if e.Note != "" {
			fmt.Fprintf(&b, " (%s)", inText(e.Note))
		}
		b.WriteByte('\n')
	}
	for _, s := range f.Why {
		fmt.Fprintf(&b, "- %s\n", inText(s))
	}
	if f.ServerWords != "" {
		fmt.Fprintf(&b, "\n%s:\n\n> %s\n", f.Speaker(), inText(f.ServerWords))
	}
	b.WriteString("\n## What to change\n\n")
	for i, x := range f.Fix {
		writeFix(&b, i+1, x)
	}
	if f.FlowRight != "" {
		fmt.Fprintf(&b, "\n%s\n", inText(f.FlowRight))
	}
	writeSupport(&b, f.Support)
	if len(f.Source) > 0 {
		b.WriteString("\n## Written in\n\n")
		for _, s := range f.Source {
			fmt.Fprintf(&b, "- %s\n", inText(s))
		}
	}
	return b.String()
}

func writeFix(b *strings.Builder, n int, x explain.Fix) {
	fmt.Fprintf(b, "%d. %s\n", n, inText(x.Title))
	if x.Where != "" {
		fmt.Fprintf(b, "   %s\n", inText(x.Where))
	}
	for _, code := range []string{x.Command, x.Code} {
		if code == "" {
			continue
		}
		b.WriteString("\n   ```\n")
		for line := range strings.SplitSeq(strings.ReplaceAll(trace.PlainLines(code), "```", "'''"), "\n") {
			fmt.Fprintf(b, "   %s\n", line)
		}
		b.WriteString("   ```\n\n")
	}
	if x.Note != "" {
		fmt.Fprintf(b, "   %s\n", inText(x.Note))
	}
}

func writeSupport(b *strings.Builder, s explain.Support) {
	if s == (explain.Support{}) {
		return
	}
	b.WriteString("\n## For support\n\n")
	for _, x := range []struct{ label, value string }{{"trace id", s.TraceID}, {"correlation id", s.CorrelationID}, {"time", s.Timestamp}} {
		if x.value != "" {
			fmt.Fprintf(b, "- %s: %s\n", x.label, inCode(x.value))
		}
	}
}

// inText makes text fit for a line of Markdown: nothing in it is read as
// Markdown or HTML.
func inText(s string) string {
	return strings.NewReplacer("\\", "\\\\", "|", "\\|", "<", "&lt;", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "#", "\\#").Replace(trace.Plain(s))
}

// inCode puts a value between backticks.
func inCode(s string) string {
	return "`" + strings.ReplaceAll(trace.Plain(s), "`", "'") + "`"
}
